//! Whatever a server answers ends as a classified outcome, and nothing panics.

use proptest::prelude::*;

use super::*;
use crate::exchange::Fault;
use crate::recorder::fake::{self, Answer, answer, html, redirect};

async fn drive_against(
    grant: &Grant,
    server: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> StepRecord {
    let world = World::new(server);
    let agent = BuiltInAgent::new(&world.transport, &world.clock);
    let record = grant.drive(world.ports(&agent)).await;
    no_secret_in(&record, &world);
    record
}

/// The outcome of client credentials where the token endpoint answers this.
async fn told_for(status: u16, kind: &'static str, body: &'static str) -> String {
    let grant = grant(GrantKind::ClientCredentials);
    let record = drive_against(&grant, move |_| {
        answer(status, &[("content-type", kind)], body)
    })
    .await;
    told(&record.outcome)
}

#[tokio::test]
async fn garbage_at_the_token_endpoint_is_named() {
    let json = "application/json";
    let cases = [
        (
            200,
            "text/html",
            "<html><h1>Maintenance</h1></html>",
            "text/html in place of JSON: <html><h1>Maintenance",
        ),
        (
            200,
            json,
            r#"{"access_token": "00D"#,
            "application/json in place of JSON",
        ),
        (
            200,
            json,
            r#"{"access_token": 7}"#,
            "`access_token` is not a text",
        ),
        (200, json, "[]", "the body is JSON, but no object"),
        (200, json, "{}", "`access_token` is missing"),
        (500, json, "{}", "status 500"),
        (204, json, "", "status 204"),
        (302, "text/html", "<p>moved</p>", "status 302"),
        (418, json, r#"{"access_token":"abcdefgh"}"#, "status 418"),
    ];
    for (status, kind, body, wanted) in cases {
        let told = told_for(status, kind, body).await;
        assert!(
            told.starts_with("off token") && told.contains(wanted),
            "{body}: {told}"
        );
    }
    let told = told_for(
        400,
        "",
        "error=unknown_error&error_description=retry%20your%20request",
    )
    .await;
    assert_eq!(told, "refused token unknown_error: retry your request");
}

#[tokio::test]
async fn a_cut_answer_and_no_answer_are_told() {
    let grant = grant(GrantKind::ClientCredentials);
    let record = drive_against(&grant, |_| {
        fake::json(200, &serde_json::json!({})).map(|mut response| {
            response.cut = true;
            response
        })
    })
    .await;
    assert!(told(&record.outcome).contains("longer than"));
    let record = drive_against(&grant, |_| {
        Err(Fault::Dns {
            host: "org.my.localhost".to_owned(),
        })
    })
    .await;
    assert!(told_starts(
        &record,
        "unanswered token: the name org.my.localhost has no address"
    ));
    assert_eq!(record.exchanges.len(), 1);
}

#[tokio::test]
async fn redirects_without_end_and_dead_ends_end() {
    let code = grant(GrantKind::AuthorizationCode);
    let record = drive_against(&code, |_| redirect("/services/oauth2/authorize/again")).await;
    assert_eq!(
        told(&record.outcome),
        "off authorize: the server redirects without end (30 hops)"
    );
    let record = drive_against(&code, |_| {
        redirect("myapp://callback?code=aPrx0123456789012345")
    })
    .await;
    assert!(told(&record.outcome).contains("a redirect that leaves HTTP"));
    let record = drive_against(&code, |_| {
        html("<title>Sorry</title><p>Come back later</p>")
    })
    .await;
    assert!(told(&record.outcome).contains("without a way on: Sorry"));
    let record = drive_against(&code, |_| {
        let page = "<pre><strong>error</strong>: invalid_client</pre><pre><strong>error_description</strong>: client is invalid</pre>";
        answer(400, &[("content-type", "text/html")], page)
    })
    .await;
    assert_eq!(
        told(&record.outcome),
        "refused authorize invalid_client: client is invalid"
    );
}

#[tokio::test]
async fn an_error_page_may_spell_its_error_in_a_line() {
    let code = grant(GrantKind::AuthorizationCode);
    for (status, wanted) in [
        (400, "refused authorize invalid_client: client is invalid"),
        // A good page that speaks of an error is no refusal.
        (
            200,
            "off page: the browser ended on a page without a way on: Error",
        ),
    ] {
        let record = drive_against(&code, move |_| {
            let page = "<title>Error</title><h1>Error</h1><p>invalid_client: client is invalid</p>";
            answer(status, &[("content-type", "text/html")], page)
        })
        .await;
        assert_eq!(told(&record.outcome), wanted);
    }
}

#[tokio::test]
async fn a_device_start_must_have_its_members() {
    let device = grant(GrantKind::Device);
    for (body, wanted) in [
        (
            r#"{"user_code":"A","verification_uri":"https://x"}"#,
            "`device_code` is missing",
        ),
        (
            r#"{"device_code":7,"user_code":"A","verification_uri":"https://x"}"#,
            "`device_code` is not a text",
        ),
        (
            r#"{"device_code":"abcdefgh","user_code":"A","verification_uri":"file:///etc/passwd"}"#,
            "no http address",
        ),
    ] {
        let record = drive_against(&device, move |_| answer(200, &[], body)).await;
        let told = told(&record.outcome);
        assert!(
            told.starts_with("off device_authorization") && told.contains(wanted),
            "{told}"
        );
    }
}

#[tokio::test]
async fn the_token_is_not_used_without_tls() {
    let record = drive_against(&grant(GrantKind::ClientCredentials), |request| {
        assert_eq!(request.url.scheme(), "https");
        fake::json(200, &serde_json::json!({"access_token": "abcdefgh", "instance_url": "http://evil.localhost"}))
    })
    .await;
    assert!(failed_checks(&record).contains(&"instance_url"));
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let member = prop_oneof![
        Just("access_token"),
        Just("device_code"),
        Just("user_code"),
        Just("verification_uri"),
        Just("interval"),
        Just("id_token"),
        Just("error"),
        Just("issued_at"),
        Just("instance_url"),
    ];
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[{}]".to_owned()),
        Just("-1e400".to_owned()),
        "\"[a-zA-Z0-9:/.!%-]{0,30}\"",
        Just("\"https://org.my.localhost/d\"".to_owned()),
    ];
    let object = proptest::collection::vec((member, value), 0..6).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    });
    let page = "(<(form|input|button|a|label|p|meta|title|script)( (name|type|href|for|action|http-equiv|content)=[a-z0-9#:/;'\"]{0,9})?>[a-z &]{0,5}){0,12}";
    prop_oneof![
        object,
        page.prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..300),
        Just("[".repeat(10_000).into_bytes()),
        Just("<div><b><a>".repeat(2_000).into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_makes_a_driver_panic(
        bodies in proptest::collection::vec((body(), 200_u16..504, any::<bool>()), 1..5),
        kind in 0..GrantKind::ALL.len(),
        location in "[a-z:/?#%=&]{0,20}",
    ) {
        let kind = GrantKind::ALL[kind];
        let grant = deviating(kind, |_| {});
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let record = runtime.block_on(drive_against(&grant, move |_| {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let (body, status, is_html) = &bodies[at % bodies.len()];
            let kind = if *is_html { "text/html" } else { "application/json" };
            answer(*status, &[("content-type", kind), ("location", &location)], body.clone())
        }));
        prop_assert!(!record.exchanges.is_empty());
    }
}
