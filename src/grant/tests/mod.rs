//! The drivers against servers in memory, through the built-in agent.

mod hostile;
mod org;
mod rfc;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use url::Url;

use self::org::{ACCESS, CODE, DEVICE_CODE, Org, PASSWORD, REFRESH, SECRET};
use super::{
    After, CertainValue, Client, ClientAuthentication, Deviations, Grant, Held, Outcome, Server,
    StepRecord, Subject,
};
use crate::agent::BuiltInAgent;
use crate::exchange::{Endpoint, Request};
use crate::oauth::{Dialect, GrantKind, HostKind, challenge_of};
use crate::ports::{Answer, Clock as _, Person};
use crate::recorder::fake::{CALLBACK, World, field};
use crate::secret::Secret;

const TOKEN: &str = "/services/oauth2/token";

fn key_pem() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let key =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
        key.unwrap().serialize_pem()
    })
}

fn person() -> Person {
    Person {
        username: "ada@org.example".to_owned(),
        password: Some(Secret::new(PASSWORD)),
        verification_code: Some(Secret::new("918273")),
        answer: Answer::Allow,
    }
}

fn grant(kind: GrantKind) -> Grant {
    Grant {
        kind,
        client: Client {
            name: "app".to_owned(),
            client_id: "3MVG9key".to_owned(),
            client_secret: Some(Secret::new(SECRET)),
            authentication: ClientAuthentication::Body,
            redirect_uri: CALLBACK.to_owned(),
            jwt_key: Some(Secret::new(key_pem())),
            former_secret: Some(Secret::new("former0123456789former0123456789")),
            former_client_id: Some("3MVG9former".to_owned()),
        },
        server: Server {
            dialect: Dialect::Salesforce,
            hosts: vec![(
                HostKind::MyDomain,
                Url::parse("https://org.my.localhost").unwrap(),
            )],
        },
        host: HostKind::MyDomain,
        person: Some(person()),
        security_token: Some(Secret::new("SECTOKEN0123456789ABCDEF")),
        scope: None,
        deviations: Deviations::default(),
        held: Held::default(),
        within: Duration::from_mins(2),
        after: After::default(),
        introspect_by: None,
    }
}

fn deviating(kind: GrantKind, deviate: impl FnOnce(&mut Deviations)) -> Grant {
    let mut grant = grant(kind);
    if matches!(kind, GrantKind::RefreshToken | GrantKind::TokenExchange) {
        grant.held.refresh_tokens = vec![
            Secret::new("5Aep861former-token-0001"),
            Secret::new(REFRESH),
        ];
        grant.held.access_tokens = vec![Secret::new(ACCESS)];
    }
    deviate(&mut grant.deviations);
    grant
}

/// Drives the grant against the org, and checks what must hold for every record.
async fn drive_at(org: Org, grant: &Grant) -> (StepRecord, World) {
    let org = Arc::new(org);
    let world = World::new(move |request| org.answer(request));
    let agent = BuiltInAgent::new(&world.transport, &world.clock);
    let record = grant.drive(world.ports(&agent)).await;
    no_secret_in(&record, &world);
    (record, world)
}

async fn drive(grant: &Grant) -> (StepRecord, World) {
    drive_at(Org::default(), grant).await
}

fn no_secret_in(record: &StepRecord, world: &World) {
    let text = format!(
        "{:?} {:?} {:?} {}",
        record.exchanges,
        record.checks,
        record.uses,
        told(&record.outcome)
    );
    assert!(!world.secrets.leaks(&text), "{text}");
    for secret in [
        SECRET,
        ACCESS,
        REFRESH,
        CODE,
        DEVICE_CODE,
        PASSWORD,
        "918273",
        "SESSION0123",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// An outcome in one line.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Granted(_) => "granted".to_owned(),
        Outcome::Refused { at, error } => {
            let description = error.description.as_deref().unwrap_or_default();
            format!("refused {} {}: {description}", at.name(), error.error)
        }
        Outcome::OffProtocol { at, breach } => format!("off {}: {breach}", at.name()),
        Outcome::Unanswered { at, fault } => format!("unanswered {}: {fault}", at.name()),
        Outcome::NotSent { reason } => format!("not sent: {reason}"),
    }
}

fn failed_checks(record: &StepRecord) -> Vec<&'static str> {
    let failed = record
        .checks
        .iter()
        .filter(|check| check.passed != Some(true));
    failed.map(|check| check.name).collect()
}

/// The requests to a path.
fn sent_to(world: &World, path: &str) -> Vec<Request> {
    let mut log = world.log();
    log.retain(|request| request.url.path() == path);
    log
}

async fn outcome_of(kind: GrantKind, deviate: impl FnOnce(&mut Deviations)) -> (String, World) {
    let (record, world) = drive(&deviating(kind, deviate)).await;
    (told(&record.outcome), world)
}

#[tokio::test]
async fn every_grant_is_granted_checked_and_used() {
    for kind in GrantKind::ALL {
        let (record, world) = drive(&deviating(kind, |_| {})).await;
        assert_eq!(told(&record.outcome), "granted", "{kind}");
        assert_eq!(
            failed_checks(&record),
            [""; 0],
            "{kind}: {:?}",
            record.checks
        );
        let uses: Vec<_> = record.uses.iter().map(|one| (one.at, one.status)).collect();
        let wanted = [(Endpoint::Userinfo, Some(200)), (Endpoint::Rest, Some(200))];
        assert_eq!(uses, wanted, "{kind}");
        assert_eq!(record.held.access_tokens.last().unwrap().expose(), ACCESS);
        assert!(!sent_to(&world, TOKEN).is_empty());
    }
}

#[tokio::test]
async fn the_web_server_flow_logs_in_verifies_and_approves() {
    let org = Org {
        second_factor: true,
        ..Org::default()
    };
    let mut grant = grant(GrantKind::AuthorizationCode);
    grant.scope = Some("api refresh_token".to_owned());
    let (record, world) = drive_at(org, &grant).await;
    assert_eq!(told(&record.outcome), "granted");
    let names: Vec<_> = record
        .exchanges
        .iter()
        .map(|one| one.endpoint.name())
        .collect();
    assert_eq!(
        names,
        [
            "authorize",
            "page",
            "page",
            "page",
            "page",
            "page",
            "page",
            "callback",
            "token",
            "userinfo",
            "rest"
        ]
    );
    let authorize = &sent_to(&world, "/services/oauth2/authorize")[0];
    let token = &sent_to(&world, TOKEN)[0];
    let verifier = field(token, "code_verifier").unwrap();
    assert_eq!(
        field(authorize, "code_challenge"),
        Some(challenge_of(&verifier))
    );
    assert_eq!(
        field(authorize, "code_challenge_method").as_deref(),
        Some("S256")
    );
    assert_eq!(field(token, "redirect_uri").as_deref(), Some(CALLBACK));
    assert_eq!(field(token, "code").as_deref(), Some(CODE));
    assert_eq!(field(token, "scope"), None);
    assert!(field(authorize, "state").unwrap().len() >= 22);
    assert_eq!(record.scope_asked.as_deref(), Some("api refresh_token"));
}

#[tokio::test]
async fn the_person_may_deny_leave_or_not_get_in() {
    let mut denied = grant(GrantKind::AuthorizationCode);
    denied.person.as_mut().unwrap().answer = Answer::Deny;
    let (record, _) = drive(&denied).await;
    assert_eq!(
        told(&record.outcome),
        "refused callback access_denied: end-user denied authorization"
    );
    denied.person.as_mut().unwrap().answer = Answer::Leave;
    let (record, _) = drive(&denied).await;
    assert!(told(&record.outcome).contains("without a way on: Allow Access?"));
    let mut locked_out = grant(GrantKind::AuthorizationCode);
    locked_out.person.as_mut().unwrap().password = Some(Secret::new("wrong password"));
    let (record, world) = drive(&locked_out).await;
    assert!(told(&record.outcome).contains("without a way on: Login"));
    // One wrong guess, never a second one.
    let posts = sent_to(&world, "/login");
    assert_eq!(
        posts
            .iter()
            .filter(|post| post.method == http::Method::POST)
            .count(),
        1
    );
}

#[tokio::test]
async fn authorize_refuses_in_its_three_channels() {
    let kind = GrantKind::AuthorizationCode;
    let (told, _) = outcome_of(kind, |send| send.client_id = Some(CertainValue::Wrong)).await;
    assert_eq!(
        told,
        "refused authorize invalid_client_id: client identifier invalid"
    );
    let (told, _) = outcome_of(kind, |send| {
        send.redirect_uri = Some("https://localhost:9443/other".to_owned());
    })
    .await;
    assert!(
        told.starts_with("refused authorize redirect_uri_mismatch"),
        "{told}"
    );
    let (told, _) = outcome_of(kind, |send| {
        send.code_challenge = Some(CertainValue::Absent);
    })
    .await;
    assert!(told.contains("missing required code challenge"), "{told}");
    let (told, _) = outcome_of(kind, |send| {
        send.authorize_parameters = vec![("scope".to_owned(), "wave_api".to_owned())];
    })
    .await;
    assert_eq!(
        told,
        "refused error_page invalid_scope: the requested scope is not allowed"
    );
}

#[tokio::test]
async fn a_callback_without_our_state_is_foreign() {
    let (told, _) = outcome_of(GrantKind::AuthorizationCode, |send| {
        send.authorize_parameters = vec![("state".to_owned(), "another-state".to_owned())];
    })
    .await;
    assert_eq!(told, "off callback: a callback came with a foreign `state`");
}

#[tokio::test]
async fn deviations_of_the_code_exchange_are_sent() {
    let kind = GrantKind::AuthorizationCode;
    let (record, world) = drive(&deviating(kind, |send| {
        send.code_verifier = Some(CertainValue::Malformed);
        send.redirect_uri_at_token = Some("https://localhost:9443/elsewhere".to_owned());
        send.redeem_after = Some(1000);
    }))
    .await;
    let token = &sent_to(&world, TOKEN)[0];
    assert!(field(token, "code_verifier").unwrap().contains('+'));
    assert!(
        field(token, "redirect_uri")
            .unwrap()
            .ends_with("/elsewhere")
    );
    assert!(failed_checks(&record).contains(&"code_verifier"));
    assert!(
        world
            .clock
            .now()
            .to_string()
            .starts_with("2026-11-24T12:16")
    );
    for (value, told_by_org) in [
        (CertainValue::Wrong, "invalid code verifier"),
        (CertainValue::Absent, "invalid code verifier"),
    ] {
        let (told, _) = outcome_of(kind, |send| send.code_verifier = Some(value)).await;
        assert!(told.ends_with(told_by_org), "{told}");
    }
    let (told, world) = outcome_of(kind, |send| send.code = Some(CertainValue::Absent)).await;
    assert!(told.ends_with("invalid authorization code"), "{told}");
    assert_eq!(field(&sent_to(&world, TOKEN)[0], "code"), None);
    let (told, _) = outcome_of(kind, |send| send.code = Some(CertainValue::Former)).await;
    assert!(told.starts_with("not sent: `code: former` needs"), "{told}");
}

#[tokio::test]
async fn deviations_of_the_client_are_sent() {
    let kind = GrantKind::ClientCredentials;
    let (told, _) = outcome_of(kind, |send| send.client_secret = Some(CertainValue::Wrong)).await;
    assert_eq!(
        told,
        "refused token invalid_client: invalid client credentials"
    );
    let (_, world) = outcome_of(kind, |send| {
        send.without = vec!["client_id".to_owned(), "client_secret".to_owned()];
    })
    .await;
    let request = &sent_to(&world, TOKEN)[0];
    assert_eq!(
        (field(request, "client_id"), field(request, "client_secret")),
        (None, None)
    );
    let (told, world) = outcome_of(kind, |send| send.basic = Some(CertainValue::Right)).await;
    assert_eq!(told, "granted");
    let request = &sent_to(&world, TOKEN)[0];
    assert_eq!(field(request, "client_secret"), None);
    assert!(
        request.headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("Basic ")
    );
    let (_, world) = outcome_of(kind, |send| send.basic = Some(CertainValue::Malformed)).await;
    assert_eq!(
        sent_to(&world, TOKEN)[0].headers["authorization"],
        "Basic ~not~base64~"
    );
    let (told, world) = outcome_of(kind, |send| {
        send.json_body = true;
        send.grant_type = Some("made_up".to_owned());
        send.token_parameters = vec![("format".to_owned(), "json".to_owned())];
    })
    .await;
    assert!(told.starts_with("refused token"), "{told}");
    let request = &sent_to(&world, TOKEN)[0];
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        (&body["grant_type"], &body["format"]),
        (&"made_up".into(), &"json".into())
    );
    let (_, world) = outcome_of(kind, |send| send.get = true).await;
    assert_eq!(sent_to(&world, TOKEN)[0].method, http::Method::GET);
    let (told, _) = outcome_of(kind, |send| send.host = Some(HostKind::Login)).await;
    assert_eq!(
        told,
        "not sent: the target has no host of kind `login`; it has: my_domain"
    );
    let (told, world) = outcome_of(kind, |send| send.client_id = Some(CertainValue::Former)).await;
    assert_eq!(told, "granted");
    assert_eq!(
        field(&sent_to(&world, TOKEN)[0], "client_id").as_deref(),
        Some("3MVG9former")
    );
}

#[tokio::test]
async fn deviations_of_the_use_are_sent() {
    let kind = GrantKind::ClientCredentials;
    let record = drive(&deviating(kind, |send| {
        send.access_token = Some(CertainValue::Wrong);
    }))
    .await
    .0;
    let errors: Vec<_> = record.uses.iter().flat_map(|one| &one.error).collect();
    assert_eq!(errors[0].error, "Bad_OAuth_Token");
    assert_eq!(errors[1].error, "INVALID_SESSION_ID");
    let record = drive(&deviating(kind, |send| {
        send.access_token = Some(CertainValue::Absent);
    }))
    .await
    .0;
    assert_eq!(
        record.uses[0].error.as_ref().unwrap().error,
        "Missing_OAuth_Token"
    );
    let (_, world) = drive(&deviating(kind, |send| send.access_token_in_query = true)).await;
    let request = &sent_to(&world, "/services/oauth2/userinfo")[0];
    assert_eq!(field(request, "oauth_token").as_deref(), Some(ACCESS));
    let (_, world) = drive(&deviating(kind, |send| send.authorization_malformed = true)).await;
    let request = &sent_to(&world, "/services/data/v60.0/limits")[0];
    assert!(
        request.headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("Bearer: ")
    );
}

#[tokio::test]
async fn a_token_is_introspected_and_revoked_where_asked() {
    let mut grant = deviating(GrantKind::AuthorizationCode, |send| {
        send.revoke_hint = Some("refresh_token".to_owned());
    });
    grant.after.introspect = true;
    grant.after.revoke = true;
    let (record, world) = drive(&grant).await;
    let at: Vec<_> = record.uses.iter().map(|one| one.at.name()).collect();
    assert_eq!(at, ["userinfo", "rest", "introspect", "revoke"]);
    let revoke = &sent_to(&world, "/services/oauth2/revoke")[0];
    assert_eq!(field(revoke, "token").as_deref(), Some(REFRESH));
    assert_eq!(
        field(revoke, "token_type_hint").as_deref(),
        Some("refresh_token")
    );
    let check = record
        .checks
        .iter()
        .find(|check| check.name == "introspection");
    assert_eq!(check.unwrap().passed, Some(true));
}

#[tokio::test]
async fn refresh_sends_the_last_or_the_former_token_and_several_at_once() {
    let kind = GrantKind::RefreshToken;
    let (told, world) =
        outcome_of(kind, |send| send.refresh_token = Some(CertainValue::Former)).await;
    assert_eq!(
        told,
        "refused token invalid_grant: expired access/refresh token"
    );
    let sent = field(&sent_to(&world, TOKEN)[0], "refresh_token");
    assert_eq!(sent.as_deref(), Some("5Aep861former-token-0001"));
    let (told, world) = outcome_of(kind, |send| send.at_once = Some(3)).await;
    assert_eq!(told, "granted");
    assert_eq!(sent_to(&world, TOKEN).len(), 3);
    let (_, world) = outcome_of(kind, |send| send.code_verifier = Some(CertainValue::Given)).await;
    assert!(field(&sent_to(&world, TOKEN)[0], "code_verifier").is_some());
    let (record, _) = drive(&grant(kind)).await;
    assert!(told_starts(
        &record,
        "not sent: no earlier step left a refresh token"
    ));
}

fn told_starts(record: &StepRecord, start: &str) -> bool {
    told(&record.outcome).starts_with(start)
}

#[tokio::test]
async fn the_device_flow_keeps_the_interval_and_slows_down() {
    let org = Org {
        pending: 2,
        slow_down: true,
        ..Org::default()
    };
    let (record, world) = drive_at(org, &grant(GrantKind::Device)).await;
    assert_eq!(told(&record.outcome), "granted");
    // 5 s (slow down), 10 s (pending), 10 s.
    assert!(
        world
            .clock
            .now()
            .to_string()
            .starts_with("2026-11-24T12:00:25")
    );
    let requests = sent_to(&world, TOKEN);
    assert_eq!(requests.len(), 4);
    assert_eq!(field(&requests[0], "client_secret"), None);
    assert_eq!(field(&requests[1], "grant_type").as_deref(), Some("device"));
    assert_eq!(field(&requests[1], "code").as_deref(), Some(DEVICE_CODE));
    assert_eq!(
        field(&requests[1], "client_secret").as_deref(),
        Some(SECRET)
    );
    // The user code is shown by design.
    assert!(format!("{:?}", record.exchanges).contains("ABCD1234"));
}

#[tokio::test]
async fn a_look_asks_up_to_the_login_page_and_binds_no_callback() {
    let kind = GrantKind::AuthorizationCode;
    let (told, world) = outcome_of(kind, |send| send.without_person = true).await;
    assert!(
        told.starts_with("unanswered authorize: the server asks who the person is ("),
        "{told}"
    );
    assert!(sent_to(&world, TOKEN).is_empty());
    let (told, _) = outcome_of(kind, |send| {
        send.without_person = true;
        send.redirect_uri = Some("https://localhost:1/other".to_owned());
    })
    .await;
    assert!(told.starts_with("refused authorize"), "{told}");
}

#[tokio::test]
async fn the_device_flow_ends_without_approval() {
    let kind = GrantKind::Device;
    let (told, world) = outcome_of(kind, |send| send.without_person = true).await;
    assert_eq!(
        told,
        "refused token authorization_pending: User has not yet authorized"
    );
    assert_eq!(sent_to(&world, TOKEN).len(), 2);
    let mut denied = grant(kind);
    denied.person.as_mut().unwrap().answer = Answer::Deny;
    let (record, _) = drive(&denied).await;
    assert!(told_starts(&record, "refused token access_denied"));
    denied.person.as_mut().unwrap().answer = Answer::Leave;
    let (record, world) = drive(&denied).await;
    assert!(told_starts(&record, "refused token authorization_pending"));
    // 120 s in steps of 5 s, and not one poll more.
    assert_eq!(sent_to(&world, TOKEN).len(), 25);
    let (told, world) = outcome_of(kind, |send| {
        send.device_code = Some(CertainValue::Wrong);
        send.person_after = Some(30);
    })
    .await;
    assert_eq!(told, "granted");
    assert_ne!(
        field(&sent_to(&world, TOKEN)[1], "code").as_deref(),
        Some(DEVICE_CODE)
    );
    assert!(
        world
            .clock
            .now()
            .to_string()
            .starts_with("2026-11-24T12:00:35")
    );
    let org = Org {
        slow_down: true,
        ..Org::default()
    };
    let at_once = deviating(kind, |send| send.poll_at_once = true);
    let (record, world) = drive_at(org, &at_once).await;
    assert!(told_starts(&record, "refused token slow_down"));
    assert!(
        world
            .clock
            .now()
            .to_string()
            .starts_with("2026-11-24T12:00:00")
    );
}

#[tokio::test]
async fn assertions_carry_their_claims_and_deviations() {
    let kind = GrantKind::JwtBearer;
    let claims = |world: &World| {
        let assertion = field(&sent_to(world, TOKEN)[0], "assertion").unwrap();
        crate::oauth::Assertion::read(&assertion).unwrap().claims
    };
    let (record, world) = drive(&grant(kind)).await;
    let honest = claims(&world);
    assert_eq!(honest.audiences(), ["https://org.my.localhost"]);
    assert_eq!(honest.subject(), Some("ada@org.example"));
    assert_eq!(honest.iss.as_deref(), Some("3MVG9key"));
    assert_eq!(honest.expiry(), Some(world.clock.now().as_second() + 180));
    assert_eq!(field(&sent_to(&world, TOKEN)[0], "client_id"), None);
    assert_eq!(record.held.assertions.len(), 1);
    let (record, world) = drive(&deviating(kind, |send| {
        send.aud = Some("https://login.salesforce.com".to_owned());
        send.exp_in = Some(-600);
        send.jti = Some("one".to_owned());
        send.without_claims = vec!["sub".to_owned()];
    }))
    .await;
    let odd = claims(&world);
    assert_eq!((odd.subject(), odd.jti.as_deref()), (None, Some("one")));
    assert_eq!(failed_checks(&record), ["assertion_claims"]);
    // The org repeats the assertion in its sentence; `drive` has checked that it is not shown.
    assert!(told_starts(
        &record,
        "refused token invalid_grant: audience is invalid: [assertion"
    ));
    let (record, _) = drive(&deviating(kind, |send| {
        send.assertion = Some(CertainValue::Wrong);
    }))
    .await;
    assert_eq!(failed_checks(&record), ["assertion_key"]);
    let (record, _) = drive(&deviating(kind, |send| send.alg = Some("HS256".to_owned()))).await;
    assert_eq!(failed_checks(&record), ["assertion_key"]);
    let mut keyless = grant(kind);
    keyless.client.jwt_key = None;
    assert!(told_starts(
        &drive(&keyless).await.0,
        "not sent: the JWT bearer grant signs with"
    ));
    keyless.client.jwt_key = Some(Secret::new("no key at all"));
    assert!(told_starts(
        &drive(&keyless).await.0,
        "not sent: `jwt_key` of the app"
    ));
}

#[tokio::test]
async fn subject_tokens_are_what_the_step_says() {
    for (subject, kind) in [
        (Subject::AccessToken, "access_token"),
        (Subject::RefreshToken, "refresh_token"),
        (Subject::Jwt, "jwt"),
        (Subject::Wrong, "access_token"),
    ] {
        let (told, world) = outcome_of(GrantKind::TokenExchange, |send| {
            send.subject_token = Some(subject);
        })
        .await;
        assert_eq!(told, "granted");
        let sent = field(&sent_to(&world, TOKEN)[0], "subject_token_type").unwrap();
        assert_eq!(sent, format!("urn:ietf:params:oauth:token-type:{kind}"));
    }
}

#[tokio::test]
async fn passwords_deviate_without_being_written() {
    let kind = GrantKind::UsernamePassword;
    let (told, _) = outcome_of(kind, |send| {
        send.security_token = Some(CertainValue::Absent);
    })
    .await;
    assert!(told.ends_with("authentication failure"), "{told}");
    let (_, world) = outcome_of(kind, |send| {
        send.password = Some(CertainValue::Absent);
        send.username = Some("bob@org.example".to_owned());
    })
    .await;
    let request = &sent_to(&world, TOKEN)[0];
    assert_eq!(field(request, "password"), None);
    assert_eq!(
        field(request, "username").as_deref(),
        Some("bob@org.example")
    );
    let mut nobody = grant(kind);
    nobody.person = None;
    assert!(told_starts(
        &drive(&nobody).await.0,
        "not sent: the grant username_password names a user"
    ));
}

#[tokio::test]
async fn a_callback_url_of_the_file_that_cannot_be_is_not_sent() {
    for uri in ["not a url", "https://localhost:9443/cb#part"] {
        let mut grant = grant(GrantKind::AuthorizationCode);
        grant.client.redirect_uri = uri.to_owned();
        let (record, world) = drive(&grant).await;
        assert!(told_starts(&record, "not sent: the callback URL"));
        assert!(world.log().is_empty());
    }
}

#[tokio::test]
async fn deviations_at_authorize_and_at_the_login_page_are_sent() {
    let kind = GrantKind::AuthorizationCode;
    let (told, world) = outcome_of(kind, |send| {
        send.password = Some(CertainValue::Wrong);
        send.username = Some("bob@org.example".to_owned());
        send.response_type = Some("token".to_owned());
        send.authorize_parameters = vec![("prompt".to_owned(), "login".to_owned())];
        send.code_challenge = Some(CertainValue::Malformed);
    })
    .await;
    assert!(told.contains("without a way on: Login"), "{told}");
    let authorize = &sent_to(&world, "/services/oauth2/authorize")[0];
    let sent = |name: &str| field(authorize, name).unwrap();
    assert_eq!(
        (sent("response_type"), sent("prompt")),
        ("token".into(), "login".into())
    );
    assert_eq!(sent("code_challenge"), "not+base64/url=");
    let posts = sent_to(&world, "/login");
    let post = posts
        .iter()
        .find(|post| post.method == http::Method::POST)
        .unwrap();
    assert_eq!(field(post, "un").as_deref(), Some("bob@org.example"));
    assert_ne!(field(post, "pw").as_deref(), Some(PASSWORD));
}

#[tokio::test]
async fn without_a_challenge_the_method_and_the_verifier_stay_at_home() {
    let kind = GrantKind::AuthorizationCode;
    for without in [true, false] {
        let (_, world) = outcome_of(kind, |send| {
            if without {
                send.without = vec!["code_challenge".to_owned()];
            } else {
                send.code_verifier = Some(CertainValue::Given);
            }
        })
        .await;
        let authorize = &sent_to(&world, "/services/oauth2/authorize")[0];
        assert_eq!(field(authorize, "code_challenge"), None);
        assert_eq!(field(authorize, "code_challenge_method"), None);
    }
    let (_, world) = drive(&deviating(kind, |send| {
        send.code_verifier = Some(CertainValue::Absent);
    }))
    .await;
    assert_eq!(field(&sent_to(&world, TOKEN)[0], "code_verifier"), None);
}

#[tokio::test]
async fn a_former_code_and_a_former_assertion_are_sent_again() {
    let mut again = deviating(GrantKind::AuthorizationCode, |send| {
        send.code = Some(CertainValue::Former);
    });
    again.held.codes = vec![Secret::new("aPrxUSEDbefore0123456789")];
    let (_, world) = drive(&again).await;
    let sent = field(&sent_to(&world, TOKEN)[0], "code");
    assert_eq!(sent.as_deref(), Some("aPrxUSEDbefore0123456789"));
    let mut again = deviating(GrantKind::JwtBearer, |send| {
        send.assertion = Some(CertainValue::Former);
    });
    again.held.assertions = vec![Secret::new("aaaaaaaa.bbbbbbbb.cccccccc")];
    let (_, world) = drive(&again).await;
    let sent = field(&sent_to(&world, TOKEN)[0], "assertion");
    assert_eq!(sent.as_deref(), Some("aaaaaaaa.bbbbbbbb.cccccccc"));
}
