//! Slow and failing orgs, and clients that do not stop.

use super::*;
use crate::org::{FaultAt, FaultKind, Weather};

fn verdicts(world: &World, verdict: &str) -> usize {
    let ledger = world.tenant.ledger();
    ledger.iter().filter(|one| one.verdict == verdict).count()
}

#[tokio::test]
async fn a_client_that_refreshes_without_limit_is_stopped() {
    let world = World::new();
    world.tenant.set_weather(Weather {
        refreshes_a_minute: 3,
        ..Weather::default()
    });
    let token = world.code_grant().await.token("refresh_token");
    for _ in 0..3 {
        assert_eq!(world.refresh(&token).await.status, 200);
    }
    let stopped = world.refresh(&token).await;
    assert_eq!(stopped.status, 429);
    assert_eq!(stopped.error().0, "too_many_requests");
    assert_eq!(verdicts(&world, "capped"), 1);
    // Another grant is not concerned, and a minute later this one goes on.
    let other = world.code_grant().await.token("refresh_token");
    assert_eq!(world.refresh(&other).await.status, 200);
    world.wait(SignedDuration::from_secs(61));
    assert_eq!(world.refresh(&token).await.status, 200);
}

#[tokio::test]
async fn faults_strike_every_endpoint() {
    let world = World::new();
    let token = world.code_grant().await.token("access_token");
    world.tenant.set_weather(Weather {
        fail_one_in: 1,
        ..Weather::default()
    });
    let asked = world.ask(&[("grant_type", "client_credentials")]).await;
    assert_eq!(asked.status, 500);
    assert_eq!(asked.error().0, "server_error");
    for path in [
        "/services/data/v60.0/query?q=x",
        "/services/oauth2/userinfo",
    ] {
        assert_eq!(world.use_at(path, &token).await.status, 500, "{path}");
    }
    assert_eq!(world.get(&world.authorize_path(&[])).await.status, 500);
    assert_eq!(verdicts(&world, "fault"), 4);
}

#[tokio::test]
async fn a_session_is_said_to_be_over_as_often_as_scripted() {
    let world = World::new();
    let token = world.code_grant().await.token("access_token");
    world.tenant.fault(FaultAt::Rest, FaultKind::SessionExpired);
    let path = "/services/data/v60.0/query?q=SELECT+Id+FROM+Organization";
    let refused = world.use_at(path, &token).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()[0]["errorCode"], "INVALID_SESSION_ID");
    assert_eq!(world.use_at(path, &token).await.status, 200);
}

#[tokio::test]
async fn a_strict_org_holds_clients_to_the_letter() {
    let world = World::new();
    world.tenant.be_strict();
    let now = world.tenant.now().as_second();
    let claims = |aud: &str, exp: Value| serde_json::json!({"iss": world.key(), "sub": "ana@acme.test", "aud": aud, "exp": exp});
    let aud = "https://login.salesforce.com";
    let good = world
        .jwt(Gate::MyDomain, &claims(aud, (now + 60).into()))
        .await;
    assert_eq!(good.status, 200, "{good:?}");
    for (aud, exp) in [
        (aud, Value::from((now + 60).to_string())),
        (aud, Value::from((now + 60) * 1000)),
        (aud, Value::from(now)),
        ("https://login.salesforce.com/", Value::from(now + 60)),
    ] {
        let strict = world.jwt(Gate::MyDomain, &claims(aud, exp.clone())).await;
        assert_eq!(strict.status, 400, "{aud} {exp}: {strict:?}");
    }
    let path = "//services/data";
    assert_eq!(world.get(path).await.status, 404);
    // The same org, lenient.
    let world = World::new();
    assert_eq!(world.get(path).await.status, 200);
}
