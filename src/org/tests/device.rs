//! The device flow, from both ends.

use super::*;
use crate::factor::Factor;

impl World {
    /// Starts a device flow; device code and user code.
    async fn device(&self) -> (String, String) {
        let key = self.key();
        let fields = [
            ("response_type", "device_code"),
            ("client_id", key.as_str()),
        ];
        let answer = self.post(TOKEN, &fields).await;
        let json = answer.json();
        assert_eq!(
            json["verification_uri"],
            "https://localhost:8442/setup/connect"
        );
        assert_eq!(json["interval"], 5);
        assert!(json.get("expires_in").is_none());
        assert_eq!(answer.token("user_code").len(), 8);
        (answer.token("device_code"), answer.token("user_code"))
    }

    async fn poll(&self, code: &str) -> Answer {
        let key = self.key();
        let fields = [
            ("grant_type", "device"),
            ("client_id", key.as_str()),
            ("code", code),
        ];
        self.post(TOKEN, &fields).await
    }

    /// Types the user code and logs in.
    async fn connect(&self, user_code: &str) -> Answer {
        assert!(self.get("/setup/connect").await.body.contains("Connect"));
        let first = self
            .post("/setup/connect", &[("user_code", user_code)])
            .await;
        if !first.location().starts_with("/login") {
            return first;
        }
        let flow = first.parameter("flow").unwrap();
        self.submit_login(&flow, &self.password()).await
    }
}

#[tokio::test]
async fn a_device_is_pending_then_connected_then_spent() {
    let world = World::new();
    let (code, user_code) = world.device().await;
    let pending = world.poll(&code).await;
    assert_eq!(
        (pending.status.as_u16(), pending.error().0.as_str()),
        (400, "authorization_pending")
    );
    assert_eq!(world.poll(&code).await.error().0, "slow_down");
    world.wait(SignedDuration::from_secs(5));
    let typed = format!("{}-{}", &user_code[..4].to_lowercase(), &user_code[4..]);
    let end = world.connect(&typed).await;
    assert_eq!(end.location(), "/setup/connect/connected");
    assert!(
        world
            .get(end.location())
            .await
            .body
            .contains("You have connected your device")
    );
    let granted = world.poll(&code).await;
    assert!(granted.token("refresh_token").starts_with("5Aep861"));
    world.wait(SignedDuration::from_secs(5));
    assert_eq!(world.poll(&code).await.error().0, "invalid_grant");
}

#[tokio::test]
async fn a_person_may_deny_a_device() {
    let world = World::with(&[Delta::new(Factor::PermittedUsers, "AllSelfAuthorized")]);
    for (answer, path, error) in [
        ("deny", "/setup/connect/denied", Some("access_denied")),
        ("allow", "/setup/connect/connected", None),
    ] {
        let (code, user_code) = world.device().await;
        let approval = world.connect(&user_code).await;
        let flow = approval.parameter("flow").unwrap();
        assert!(world.get(approval.location()).await.body.contains("Allow"));
        let page = "/setup/secur/RemoteAccessAuthorizationPage.apexp";
        let end = world
            .post(page, &[("flow", &flow), ("answer", answer)])
            .await;
        assert_eq!(end.location(), path);
        let poll = world.poll(&code).await;
        assert_eq!(poll.json()["error"].as_str(), error, "{poll:?}");
    }
}

#[tokio::test]
async fn a_code_that_is_over_or_unknown_is_told_on_the_device_page() {
    let world = World::new();
    let (code, user_code) = world.device().await;
    let unknown = world
        .post("/setup/connect", &[("user_code", "ZZZZZZZZ")])
        .await;
    assert!(unknown.body.contains("role=\"alert\""), "{unknown:?}");
    world.wait(SignedDuration::from_mins(11));
    let stale = world.connect(&user_code).await;
    assert!(
        stale.location().starts_with("/setup/connect?flow="),
        "{stale:?}"
    );
    assert!(
        world
            .get(stale.location())
            .await
            .body
            .contains("role=\"alert\"")
    );
    assert_eq!(world.poll(&code).await.error().0, "invalid_grant");
    assert_eq!(world.poll("nonsense").await.error().0, "invalid_request");
}
