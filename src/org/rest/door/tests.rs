use proptest::prelude::*;

use super::*;
use crate::model::set;

const HOSTS: [&str; 2] = ["127.0.0.1:8445", "localhost:8445"];

fn passes(host: Option<&str>, origin: Option<&str>, authorization: Option<&str>) -> u16 {
    let headers = DoorHeaders {
        host,
        origin,
        has_origin: origin.is_some(),
        authorization,
    };
    match guard(&headers, &HOSTS, &Secret::new("door-token")) {
        Ok(()) => 200,
        Err(refusal) => refusal.render().status,
    }
}

#[test]
fn the_guard_wants_host_no_origin_and_token() {
    let (host, token) = (Some("localhost:8445"), Some("Bearer door-token"));
    assert_eq!(passes(host, None, token), 200);
    assert_eq!(
        passes(Some("LOCALHOST:8445"), None, Some("bearer door-token")),
        200
    );
    for foreign in [
        None,
        Some("evil.example:8445"),
        Some("localhost"),
        Some("localhost:8445.evil.example"),
    ] {
        assert_eq!(passes(foreign, None, token), 403, "{foreign:?}");
    }
    for origin in ["https://localhost:8445", "null", ""] {
        assert_eq!(passes(host, Some(origin), token), 403, "{origin}");
    }
    for wrong in [
        None,
        Some("door-token"),
        Some("Bearer door-toke"),
        Some("Bearer "),
        Some("Basic door-token"),
        Some("Bearer door-token2"),
    ] {
        assert_eq!(passes(host, None, wrong), 401, "{wrong:?}");
    }
    let headers = DoorHeaders {
        host,
        authorization: Some("Bearer "),
        ..DoorHeaders::default()
    };
    assert!(
        guard(&headers, &HOSTS, &Secret::new("")).is_err(),
        "no token opens nothing"
    );
    let unreadable = DoorHeaders {
        host,
        has_origin: true,
        authorization: token,
        origin: None,
    };
    assert!(guard(&unreadable, &HOSTS, &Secret::new("door-token")).is_err());
}

#[test]
fn commands_are_read() {
    let post = |path: &str, body: &str| parse("POST", path, body.as_bytes()).expect(body);
    assert_eq!(
        post("/clock", r#"{"advance": 3600}"#),
        DoorCommand::Advance(SignedDuration::from_hours(1))
    );
    assert_eq!(
        post("/change", r#"{"key": "isEnabled", "value": false}"#),
        DoorCommand::Change {
            delta: Delta::new(Factor::AppEnabled, false),
            app: None
        }
    );
    assert_eq!(
        post(
            "/change",
            r#"{"section": "users", "key": "isFrozen", "value": true, "user": "ana@acme.test"}"#
        ),
        DoorCommand::Change {
            delta: Delta::new(Factor::UserFrozen, true).of("ana@acme.test"),
            app: None
        }
    );
    assert_eq!(
        post(
            "/change",
            r#"{"key": "ExtlClntAppOauthSettings.commaSeparatedOauthScopes", "value": ["Api"], "app": "Harness"}"#
        ),
        DoorCommand::Change {
            delta: Delta::new(Factor::Scopes, vec!["Api".to_owned()]),
            app: Some("Harness".to_owned())
        }
    );
    assert_eq!(
        post(
            "/change",
            r#"{"key": "refreshTokenIpAllowlist", "value": null}"#
        ),
        DoorCommand::Change {
            delta: Delta::new(Factor::RefreshTokenIpAllowlist, Value::Absent),
            app: None
        }
    );
    assert_eq!(
        post("/fault", r#"{"at": "rest"}"#),
        DoorCommand::Fault {
            at: DoorFault::Rest,
            kind: DoorFaultKind::ServerError,
            times: 1
        }
    );
    assert_eq!(
        post(
            "/fault",
            r#"{"at": "token", "kind": "lost_response", "times": 2}"#
        ),
        DoorCommand::Fault {
            at: DoorFault::Token,
            kind: DoorFaultKind::LostResponse,
            times: 2
        }
    );
    assert_eq!(
        post("/hold", r#"{"refreshes": 2000}"#),
        DoorCommand::Hold(SignedDuration::from_secs(2))
    );
    assert_eq!(parse("GET", "/ledger", b""), Ok(DoorCommand::Ledger));
    assert_eq!(parse("GET", "/state", b""), Ok(DoorCommand::State));
}

#[test]
fn refusals_name_the_near_word_and_the_valid_ones() {
    for (method, path, body, status, says) in [
        (
            "POST",
            "/change",
            r#"{"key": "isEnabeld", "value": false}"#,
            400,
            "did you mean `isEnabled`?",
        ),
        (
            "POST",
            "/change",
            r#"{"key": "isPkceRequired", "value": false}"#,
            400,
            "add `section`: app or org",
        ),
        (
            "POST",
            "/change",
            r#"{"section": "user", "key": "isFrozen", "value": true}"#,
            400,
            "did you mean `users`?",
        ),
        (
            "POST",
            "/change",
            r#"{"key": "isEnabled"}"#,
            400,
            "`value` is missing",
        ),
        (
            "POST",
            "/change",
            r#"{"key": "isEnabled", "value": {}}"#,
            400,
            "cannot be this value",
        ),
        (
            "POST",
            "/clock",
            r#"{"advence": 1}"#,
            400,
            "did you mean `advance`?",
        ),
        ("POST", "/clock", r#"{"advance": -1}"#, 400, "from 0 to"),
        ("POST", "/clock", r#"{"advance": 1e30}"#, 400, "from 0 to"),
        ("POST", "/clock", "[1]", 400, "no JSON object"),
        (
            "POST",
            "/fault",
            r#"{"at": "token", "times": 100000}"#,
            400,
            "from 1 to 1000",
        ),
        (
            "POST",
            "/fault",
            r#"{"at": "tokens"}"#,
            400,
            "did you mean `token`?",
        ),
        ("GET", "/clock", "", 405, "send POST"),
        ("GET", "/leger", "", 404, "did you mean `/ledger`?"),
    ] {
        let refusal = parse(method, path, body.as_bytes())
            .expect_err(body)
            .render();
        assert_eq!(refusal.status, status, "{body}");
        assert!(refusal.body.contains(says), "{body}: {}", refusal.body);
    }
    let refusal = DoorRefusal::from(DeltaError::NoPerson {
        username: "x@y".to_owned(),
    });
    assert!(refusal.render().body.contains("no user `x@y`"));
    let refusal = DoorRefusal::no_app("Harnes", &OrgState::healthy());
    assert!(refusal.help.contains("did you mean `Harness`?"));
}

#[test]
fn every_value_of_the_state_can_be_sent_back() {
    let mut org = OrgState::healthy();
    let shown: Json = serde_json::from_str(&state(&org, Timestamp::UNIX_EPOCH).body).expect("JSON");
    assert_eq!(shown["app"]["isPkceRequired"], true);
    assert_eq!(shown["users"]["ana@acme.test"]["isFrozen"], false);
    for (section, user, values) in [
        ("app", None, &shown["app"]),
        ("org", None, &shown["org"]),
        (
            "users",
            Some("ana@acme.test"),
            &shown["users"]["ana@acme.test"],
        ),
    ] {
        for (key, value) in values.as_object().expect("a section") {
            let mut body = json!({ "section": section, "key": key, "value": value });
            if let Some(user) = user {
                body["user"] = user.into();
            }
            let command = parse("POST", "/change", body.to_string().as_bytes());
            let Ok(DoorCommand::Change { delta, .. }) = command else {
                panic!("{body}: {command:?}");
            };
            set(&mut org, &delta, Timestamp::UNIX_EPOCH).expect(key);
        }
    }
}

#[test]
fn the_ledger_shows_each_check() {
    let checks = [CheckRow {
        stage: Stage::App,
        factor: Factor::AppEnabled,
        found: "false".to_owned(),
        needed: "true",
        passed: false,
        cause: CauseId::EcaDisabled,
    }];
    let line = LedgerLine {
        at: Timestamp::UNIX_EPOCH,
        event: "token",
        verdict: "refuse",
        cause: Some(CauseId::EcaDisabled),
        lacking: &[],
        stage: Some(Stage::App),
        checks: &checks,
    };
    let body: Json = serde_json::from_str(&ledger([line]).body).expect("JSON");
    let row = &body["verdicts"][0];
    assert_eq!(row["cause"], "eca_disabled");
    assert_eq!(row["at"], "1970-01-01T00:00:00Z");
    assert_eq!(row["checks"][0]["key"], "isEnabled");
}

proptest! {
    #[test]
    fn never_panics_on_any_body(body in prop::collection::vec(any::<u8>(), 0..200), path in "/(clock|change|fault|hold)") {
        let _ = parse("POST", &path, &body);
    }

    #[test]
    fn never_panics_on_any_member(key in ".{0,120}", text in ".{0,40}", number in any::<f64>()) {
        for value in [json!(text), json!(number), json!([text]), json!(null)] {
            let body = json!({ "key": key, "value": value, "section": text }).to_string();
            let _ = parse("POST", "/change", body.as_bytes());
            let body = json!({ &key: value }).to_string();
            let _ = parse("POST", "/clock", body.as_bytes());
        }
    }
}
