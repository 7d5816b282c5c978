//! The failure exits, and the oddities of real clients that must not be failures.

use serde_json::json;

use super::*;
use crate::factor::Factor;

#[tokio::test]
async fn before_trust_the_body_is_raw_and_nothing_redirects() {
    let world = World::new();
    let cases: [(&[(&str, &str)], &str); 3] = [
        (
            &[("client_id", "3MVG9x")],
            "error=invalid_client_id&error_description=client%20identifier%20invalid",
        ),
        (
            &[("redirect_uri", "https://evil.example/")],
            "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration",
        ),
        (
            &[("code_challenge", "")],
            "error=invalid_request&error_description=missing%20required%20code%20challenge",
        ),
    ];
    for (more, body) in cases {
        let answer = world.get(&world.authorize_path(more)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (400, body));
        assert_eq!(
            (answer.content_type.as_str(), &answer.location),
            ("", &None)
        );
    }
}

#[tokio::test]
async fn after_trust_the_callback_or_the_error_page_tells() {
    let world = World::with(&[Delta::new(Factor::UserPermissionSets, Vec::new())]);
    let answer = world.log_in(&[]).await;
    assert_eq!(
        answer.location(),
        "https://localhost/callback?error=OAUTH_APP_ACCESS_DENIED&error_description=user+is+not+admin+approved+to+access+this+app&state=s+1"
    );
    let world = World::new();
    let answer = world.log_in(&[("scope", "api web")]).await;
    assert_eq!(
        answer.location(),
        "https://localhost:8442/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope&error_description=the+requested+scope+is+not+allowed&state=s+1"
    );
    let page = world
        .get("/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope")
        .await;
    assert!(
        page.body
            .contains("OAUTH_APPROVAL_ERROR_GENERIC : An unexpected"),
        "{page:?}"
    );
    let answer = world
        .get(&world.authorize_path(&[("prompt", "none"), ("scope", "api")]))
        .await;
    assert!(
        answer.parameter("code").is_some(),
        "the session suffices: {answer:?}"
    );
    *world.cookie.lock().unwrap() = None;
    let answer = world
        .get(&world.authorize_path(&[("prompt", "none")]))
        .await;
    assert_eq!(
        answer.parameter("error").as_deref(),
        Some("immediate_unsuccessful")
    );
}

#[tokio::test]
async fn an_uninstalled_connected_app_shows_the_error_page() {
    let world = World::connected_app();
    world
        .tenant
        .change(&Delta::new(Factor::Installed, false), AppId(0))
        .unwrap();
    let answer = world.log_in(&[]).await;
    assert!(
        answer
            .location()
            .contains("RemoteAccessErrorPage.apexp?error=invalid_client"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_refused_login_shows_the_login_page_again() {
    let world = World::new();
    let first = world.get(&world.authorize_path(&[])).await;
    let flow = first.parameter("flow").unwrap();
    let refused = world.submit_login(&flow, "wrong").await;
    assert!(
        refused.location().starts_with("/login?flow="),
        "{refused:?}"
    );
    let page = world.get(refused.location()).await;
    assert!(page.body.contains("role=\"alert\""), "{page:?}");
    assert!(!page.body.contains("wrong"));
    assert_eq!(world.last_cause(), Some(CauseId::PasswordWrong));
    let passed = world.submit_login(&flow, &world.password()).await;
    assert!(passed.parameter("code").is_some(), "{passed:?}");
}

#[tokio::test]
async fn approval_is_asked_under_self_authorize() {
    let world = World::with(&[Delta::new(Factor::PermittedUsers, "AllSelfAuthorized")]);
    let asked = world.log_in(&[]).await;
    let path = "/setup/secur/RemoteAccessAuthorizationPage.apexp";
    assert!(asked.location().starts_with(path), "{asked:?}");
    let flow = asked.parameter("flow").unwrap();
    let page = world.get(asked.location()).await;
    assert!(page.body.contains("Manage user data via APIs"), "{page:?}");
    let deny = world
        .post(path, &[("flow", &flow), ("answer", "deny")])
        .await;
    assert_eq!(deny.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(
        deny.parameter("error_description").as_deref(),
        Some("end-user denied authorization")
    );
    let asked = world.log_in(&[]).await;
    let flow = asked.parameter("flow").unwrap();
    let allow = world
        .post(path, &[("flow", &flow), ("answer", "allow")])
        .await;
    let code = allow.parameter("code").unwrap();
    assert_eq!(world.redeem(&code).await.status, 200);
    // Approved once, not asked again.
    assert!(world.log_in(&[]).await.parameter("code").is_some());
}

#[tokio::test]
async fn who_stays_away_too_long_finds_the_approval_expired() {
    let world = World::new();
    world.tenant.person_away(Duration::from_mins(40));
    let answer = world.log_in(&[]).await;
    assert!(
        answer.location().starts_with("/approval-expired"),
        "{answer:?}"
    );
    assert_eq!(world.get(answer.location()).await.status, 200);
    assert_eq!(world.last_cause(), Some(CauseId::ConsentPageTimedOut));
}

#[tokio::test]
async fn a_second_factor_has_its_page() {
    let world = World::with(&[Delta::new(Factor::MfaUiLogin, true)]);
    let asked = world.log_in(&[]).await;
    let path = "/_ui/identity/verification";
    assert!(asked.location().starts_with(path), "{asked:?}");
    let flow = asked.parameter("flow").unwrap();
    let wrong = world
        .post(path, &[("flow", &flow), ("verification_code", "000")])
        .await;
    assert!(
        world
            .get(wrong.location())
            .await
            .body
            .contains("role=\"alert\"")
    );
    let code = world.tenant.credentials().people[0]
        .verification_code
        .expose()
        .to_owned();
    let right = world
        .post(path, &[("flow", &flow), ("verification_code", &code)])
        .await;
    assert!(right.parameter("code").is_some(), "{right:?}");
}

#[tokio::test]
async fn a_browser_of_another_org_is_told_at_the_callback() {
    let world = World::new();
    assert!(world.tenant.browser_of_other_org("ana@acme.test"));
    let answer = world.get(&world.authorize_path(&[])).await;
    assert_eq!(
        answer.parameter("error").as_deref(),
        Some("OAUTH_AUTHORIZATION_BLOCKED")
    );
    let next = world.get(&world.authorize_path(&[])).await;
    assert!(next.location().starts_with("/login"), "{next:?}");
}

#[tokio::test]
async fn shared_hosts_refuse_what_they_do_not_take() {
    let world = World::new();
    let (key, secret) = (world.key(), world.secret());
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", &key),
        ("client_secret", &secret),
    ];
    let answer = world.post_at(Gate::Login, TOKEN, &fields).await;
    let words = (
        "invalid_grant".to_owned(),
        "request not supported on this domain".to_owned(),
    );
    assert_eq!(answer.error(), words);
    let claims = json!({
        "iss": key, "sub": "ana@acme.test", "aud": "https://localhost:8441",
        "exp": world.tenant.now().as_second() + 60,
    });
    assert_eq!(
        world.jwt(Gate::Login, &claims).await.error().0,
        "app_not_found"
    );
    assert_eq!(
        world.jwt(Gate::Test, &claims).await.error().0,
        "invalid_client_id"
    );
}

#[tokio::test]
async fn a_code_is_good_once_and_for_fifteen_minutes() {
    let world = World::new();
    let code = world.log_in(&[]).await.parameter("code").unwrap();
    assert_eq!(world.redeem(&code).await.status, 200);
    let expired = (
        "invalid_grant".to_owned(),
        "expired authorization code".to_owned(),
    );
    assert_eq!(world.redeem(&code).await.error(), expired);
    let code = world.log_in(&[]).await.parameter("code").unwrap();
    world.wait(SignedDuration::from_mins(16));
    assert_eq!(world.redeem(&code).await.error(), expired);
}

#[tokio::test]
async fn verifiers_of_shipping_clients_pass_and_wrong_ones_do_not() {
    let long = "a-_B".repeat(43);
    let long = &long[..171];
    let challenge = challenge_of(long);
    let cases = [
        (long, 200, None),
        (VERIFIER, 400, Some(CauseId::PkceVerifierMismatch)),
        (
            "with.dot~and~tilde",
            400,
            Some(CauseId::PkceVerifierBadCharset),
        ),
        ("", 400, Some(CauseId::PkceVerifierMissing)),
    ];
    for (verifier, status, cause) in cases {
        let world = World::new();
        let code = world
            .log_in(&[("code_challenge", &challenge)])
            .await
            .parameter("code")
            .unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        assert_eq!(world.ask(&fields).await.status, status, "{verifier}");
        assert_eq!(world.last_cause(), cause);
    }
    // No PKCE at all is fine where nothing requires it, and then a verifier is not.
    let world = World::with(&[Delta::new(Factor::PkceRequired, false)]);
    let code = world
        .log_in(&[("code_challenge", "")])
        .await
        .parameter("code")
        .unwrap();
    assert_eq!(
        world.redeem(&code).await.error().1,
        "unexpected code verifier"
    );
}

#[tokio::test]
async fn the_form_of_a_token_request_is_judged_first() {
    let world = World::new();
    let request = world
        .request(Method::POST, Gate::MyDomain, TOKEN)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(r#"{"grant_type":"client_credentials"}"#))
        .unwrap();
    let json = world.send(Gate::MyDomain, request).await;
    assert_eq!(json.error().0, "unsupported_grant_type");
    assert_eq!(world.last_cause(), Some(CauseId::BodyNotFormEncoded));
    let get = world
        .get(&format!("{TOKEN}?grant_type=client_credentials"))
        .await;
    assert_eq!(get.error().0, "invalid_request");
    let scope = world
        .ask(&[("grant_type", "client_credentials"), ("scope", "api")])
        .await;
    assert_eq!(scope.error().1, "scope parameter not supported");
    let request = world
        .request(Method::POST, Gate::MyDomain, TOKEN)
        .header(AUTHORIZATION, "Basic ~not~base64~")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from("grant_type=client_credentials"))
        .unwrap();
    assert_eq!(
        world.send(Gate::MyDomain, request).await.error().0,
        "invalid_basic_auth_header"
    );
}

#[tokio::test]
async fn rotated_credentials_and_scripted_faults() {
    let world = World::new();
    let (old_key, old_secret) = (world.key(), world.secret());
    let ask = async |key: &str, secret: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", key),
            ("client_secret", secret),
        ];
        world.post(TOKEN, &fields).await
    };
    world
        .tenant
        .change(&Delta::new(Factor::ConsumerSecret, "rotated"), AppId(0))
        .unwrap();
    assert_eq!(ask(&old_key, &old_secret).await.error().0, "invalid_client");
    assert_eq!(world.last_cause(), Some(CauseId::SecretRotated));
    assert_eq!(ask(&old_key, &world.secret()).await.status, 200);
    world
        .tenant
        .change(&Delta::new(Factor::ConsumerKey, "rotated"), AppId(0))
        .unwrap();
    assert_eq!(
        ask(&old_key, &world.secret()).await.error().0,
        "invalid_client_id"
    );
    assert_eq!(world.last_cause(), Some(CauseId::ConsumerKeyRotated));
    world.tenant.fault(
        crate::org::FaultAt::Token,
        crate::org::FaultKind::ServerError,
    );
    assert_eq!(
        ask(&world.key(), &world.secret()).await.error().0,
        "server_error"
    );
    assert_eq!(ask(&world.key(), &world.secret()).await.status, 200);
}

#[tokio::test]
async fn calls_with_a_token_are_refused_in_the_words_of_their_channel() {
    let world = World::with(&[Delta::new(Factor::Scopes, "RefreshToken,OpenID")]);
    let token = world.code_grant().await.token("access_token");
    let rest = world.use_at("//services/data/v60.0/limits", &token).await;
    assert_eq!(rest.status, 401);
    assert_eq!(
        rest.json()[0]["message"],
        "This session is not valid for use with the REST API"
    );
    let unknown = world
        .use_at("/services/oauth2/userinfo", "00Dnothing!AQ")
        .await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.body.as_str()),
        (403, "Bad_OAuth_Token")
    );
    let absent = world.get("/services/oauth2/userinfo").await;
    assert_eq!(
        (absent.status.as_u16(), absent.body.as_str()),
        (403, "Missing_OAuth_Token")
    );
    let in_query = world
        .get(&format!("/services/oauth2/userinfo?oauth_token={token}"))
        .await;
    assert_eq!(
        in_query.status, 200,
        "documented for userinfo: {in_query:?}"
    );
    assert_eq!(world.use_at("/id/nonsense/x", &token).await.body, "Bad_Id");
}

#[tokio::test]
async fn orgs_of_one_server_do_not_see_each_other() {
    let world = World::new();
    let other = World::new();
    let second = Arc::new(Tenant::new(Setup {
        label: "t17".to_owned(),
        number: 17,
        state: OrgState::healthy(),
        clock: Arc::clone(&world.clock) as Arc<dyn Clock>,
        entropy: Arc::new(TestEntropy(AtomicU64::new(1_000_000))),
    }));
    other.server.register(Arc::clone(&second));
    let request = |host: &str| {
        let app = second.credentials().apps[0].clone();
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            app.client_id,
            app.client_secret.expose()
        );
        Request::builder()
            .method(Method::POST)
            .uri(TOKEN)
            .header(HOST, host)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::<Bytes>::from(body))
            .unwrap()
    };
    let own = other
        .send(Gate::MyDomain, request("t17.my.localhost:8442"))
        .await;
    assert_eq!(own.token("instance_url"), "https://t17.my.localhost:8442");
    assert_ne!(
        own.token("access_token")[..15],
        other
            .ask(&[("grant_type", "client_credentials")])
            .await
            .token("access_token")[..15]
    );
    let foreign = other
        .send(Gate::MyDomain, request("acme.my.localhost:8442"))
        .await;
    assert_eq!(foreign.error().0, "invalid_client_id");
    assert!(other.server.unregister("t17").is_some());
    let gone = other
        .send(Gate::MyDomain, request("t17.my.localhost:8442"))
        .await;
    assert_eq!(
        gone.error().0,
        "invalid_client_id",
        "the default org answers"
    );
}

#[tokio::test]
async fn the_second_door_opens_to_its_token_alone() {
    let world = World::new();
    let ports = Ports {
        admin: Some(8445),
        ..world.server.ports()
    };
    let server = OrgServer::with_door(ports, crate::secret::Secret::new("door-token"));
    server.register_default(Arc::clone(&world.tenant));
    let world = World { server, ..world };
    let ask = async |token: &str, path: &str, body: &'static str| {
        let method = if body.is_empty() {
            Method::GET
        } else {
            Method::POST
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "localhost:8445")
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .body(Full::from(body))
            .unwrap();
        world.send(Gate::Admin, request).await
    };
    assert_eq!(ask("another", "/state", "").await.status, 401);
    let before = world.tenant.now();
    let moved = ask("door-token", "/clock", r#"{"advance": 3600}"#).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    assert_eq!(world.tenant.now().duration_since(before).as_secs(), 3600);
    let change = r#"{"key": "apiEnabled", "value": false, "user": "ana@acme.test"}"#;
    assert_eq!(ask("door-token", "/change", change).await.status, 200);
    assert!(!world.tenant.look(|state, _| state.people[0].api_enabled));
    let fault = r#"{"at": "token"}"#;
    assert_eq!(ask("door-token", "/fault", fault).await.status, 200);
    let answer = world.ask(&[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.error().0, "server_error");
    let ledger = ask("door-token", "/ledger", "").await;
    assert!(ledger.body.contains("transient_server_fault"), "{ledger:?}");
}
