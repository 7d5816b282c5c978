//! Every grant on an org that stands in nobody's way, and what its token is.

use aws_lc_rs::hmac;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;

use super::*;
use crate::factor::Factor;

fn claims(world: &World) -> Value {
    json!({
        "iss": world.key(),
        "sub": "ana@acme.test",
        "aud": "https://localhost:8442",
        "exp": world.tenant.now().as_second() + 180,
    })
}

#[tokio::test]
async fn authorization_code_gives_a_whole_token_response() {
    let world = World::new();
    let answer = world.code_grant().await;
    let json = answer.json();
    let names: Vec<&str> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        [
            "access_token",
            "refresh_token",
            "signature",
            "scope",
            "id_token",
            "instance_url",
            "id",
            "token_type",
            "issued_at"
        ]
    );
    assert_eq!(json["instance_url"], "https://localhost:8442");
    let id = answer.token("id");
    assert!(id.starts_with("https://localhost:8442/id/00D"), "{id}");
    assert_eq!(id.rsplit('/').next().unwrap().len(), 18);
    let access = answer.token("access_token");
    assert!(
        access.starts_with("00D") && access.as_bytes()[15..].starts_with(b"!AQ"),
        "{access}"
    );
    assert!(answer.token("refresh_token").starts_with("5Aep861"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, world.secret().as_bytes());
    let message = format!("{id}{}", answer.token("issued_at"));
    let tag = STANDARD.decode(answer.token("signature")).unwrap();
    assert!(hmac::verify(&key, message.as_bytes(), &tag).is_ok());
    let payload = answer.token("id_token");
    let payload = URL_SAFE_NO_PAD
        .decode(payload.split('.').nth(1).unwrap())
        .unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["sub"], id.as_str());
    assert_eq!(payload["aud"], world.key());
    assert_eq!(payload["iss"], "https://localhost:8442");
    let userinfo = world.use_at("/services/oauth2/userinfo", &access).await;
    assert_eq!(userinfo.json()["preferred_username"], "ana@acme.test");
    let path = id.strip_prefix("https://localhost:8442").unwrap();
    let identity = world.use_at(path, &access).await.json();
    assert_eq!(identity["id"], id.as_str());
    let limits = world.use_at("/services/data/v60.0/limits", &access).await;
    assert_eq!(limits.status, 200, "{limits:?}");
    let row = world
        .tenant
        .look(|_, directory| directory.logins.last().cloned())
        .unwrap();
    assert_eq!(
        (row.status.as_str(), row.login_subtype),
        ("Success", Some("OauthWebServer"))
    );
}

#[tokio::test]
async fn a_session_and_a_nonce_carry_over() {
    let world = World::new();
    world.code_grant().await;
    // The second request finds the session and needs no page.
    let answer = world.get(&world.authorize_path(&[("nonce", "n-1")])).await;
    let code = answer.parameter("code").unwrap();
    assert_eq!(answer.parameter("state").as_deref(), Some("s 1"));
    assert!(answer.location().contains("%3D%3D&state="), "{answer:?}");
    let token = world.redeem(&code).await.token("id_token");
    let payload = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["nonce"], "n-1");
    let again = world
        .get(&world.authorize_path(&[("prompt", "login")]))
        .await;
    assert!(again.location().starts_with("/login?flow="), "{again:?}");
}

#[tokio::test]
async fn client_credentials_by_body_by_header_and_as_xml() {
    let world = World::new();
    let answer = world.ask(&[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.token("refresh_token"), "");
    assert_eq!(answer.token("scope"), "api openid id");
    let basic = STANDARD.encode(format!("{}:{}", world.key(), world.secret()));
    let request = world
        .request(Method::POST, Gate::MyDomain, TOKEN)
        .header(AUTHORIZATION, format!("Basic {basic}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from("grant_type=client_credentials"))
        .unwrap();
    assert_eq!(world.send(Gate::MyDomain, request).await.status, 200);
    let xml = world
        .ask(&[("grant_type", "client_credentials"), ("format", "xml")])
        .await;
    assert!(xml.content_type.starts_with("application/xml"), "{xml:?}");
    assert!(xml.body.contains("<OAuth><access_token>00D"), "{xml:?}");
}

#[tokio::test]
async fn jwt_bearer_takes_what_shipping_clients_send() {
    let world = World::new();
    let plain = claims(&world);
    let answer = world.jwt(Gate::MyDomain, &plain).await;
    let json = answer.json();
    let names: Vec<&str> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        ["access_token", "scope", "instance_url", "id", "token_type"]
    );
    let now = world.tenant.now().as_second();
    for (claim, value) in [
        ("exp", json!((now + 180) * 1000)),
        ("exp", json!((now + 180).to_string())),
        ("exp", json!(now)),
        ("exp", json!(now - 100)),
        ("aud", json!("https://localhost:8442/")),
        ("aud", json!("https://login.salesforce.com")),
        ("aud", json!("https://acme.my.localhost:8442")),
        (
            "aud",
            json!(["https://elsewhere.example", "https://localhost:8441"]),
        ),
    ] {
        let mut odd = plain.clone();
        odd[claim] = value.clone();
        let answer = world.jwt(Gate::MyDomain, &odd).await;
        assert_eq!(answer.status, 200, "{claim} {value}: {answer:?}");
    }
}

#[tokio::test]
async fn jwt_bearer_names_what_is_wrong_with_an_assertion() {
    let world = World::new();
    let plain = claims(&world);
    let now = world.tenant.now().as_second();
    let without = |claim: &str| {
        let mut less = plain.clone();
        less.as_object_mut().unwrap().remove(claim);
        less
    };
    let other = |claim: &str, value: Value| {
        let mut other = plain.clone();
        other[claim] = value;
        other
    };
    for (claims, cause) in [
        (without("iss"), CauseId::JwtClaimsMissing),
        (without("exp"), CauseId::JwtClaimsMissing),
        (
            other("exp", json!(now - 200)),
            CauseId::AssertionClockOrLifetime,
        ),
        (
            other("aud", json!("https://test.salesforce.com")),
            CauseId::JwtAudienceWrong,
        ),
        (
            other("sub", json!("nobody@acme.test")),
            CauseId::JwtSubjectWrong,
        ),
        (
            other("iss", json!("3MVG9nobody")),
            CauseId::ConsumerKeyUnknown,
        ),
    ] {
        let answer = world.jwt(Gate::MyDomain, &claims).await;
        assert_eq!(answer.status, 400, "{claims}");
        assert_eq!(world.last_cause(), Some(cause), "{claims}");
    }
    let once = other("jti", json!("one"));
    assert_eq!(world.jwt(Gate::MyDomain, &once).await.status, 200);
    assert_eq!(
        world.jwt(Gate::MyDomain, &once).await.error().0,
        "bad_jti_claim"
    );
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let fields = [("grant_type", grant), ("assertion", "this.is-no.jwt")];
    let answer = world.post(TOKEN, &fields).await;
    assert_eq!(
        answer.error(),
        ("invalid_grant".to_owned(), "invalid assertion".to_owned())
    );
}

#[tokio::test]
async fn username_password_on_a_connected_app() {
    let world = World::connected_app();
    let token = world.tenant.credentials().people[0]
        .security_token
        .expose()
        .to_owned();
    let ask = async |password: String| {
        let fields = [
            ("grant_type", "password"),
            ("username", "ana@acme.test"),
            ("password", &password),
        ];
        world.ask(&fields).await
    };
    assert_eq!(
        ask(format!("{}{token}", world.password())).await.status,
        200
    );
    for (password, cause) in [
        (world.password(), CauseId::SecurityTokenMissing),
        (
            format!("{}stale", world.password()),
            CauseId::SecurityTokenStale,
        ),
        ("wrong".to_owned(), CauseId::PasswordWrong),
        (String::new(), CauseId::PasswordWrong),
    ] {
        assert_eq!(ask(password).await.status, 400);
        assert_eq!(world.last_cause(), Some(cause));
    }
}

#[tokio::test]
async fn token_exchange_takes_tokens_and_jwts_of_its_users() {
    let world = World::new();
    let held = world.code_grant().await;
    let urn = |kind: &str| format!("urn:ietf:params:oauth:token-type:{kind}");
    for (kind, token, passes) in [
        ("access_token", held.token("access_token"), true),
        ("refresh_token", held.token("refresh_token"), true),
        ("id_token", held.token("id_token"), true),
        ("access_token", "nothing".to_owned(), false),
        ("saml2", held.token("access_token"), false),
    ] {
        let fields = [
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("subject_token", &token),
            ("subject_token_type", &urn(kind)),
            ("scope", "api"),
        ];
        let answer = world.ask(&fields).await;
        assert_eq!(answer.status == 200, passes, "{kind}: {answer:?}");
        assert!(!answer.body.contains("issued_token_type"));
    }
}

#[tokio::test]
async fn jwt_access_tokens_are_signed_by_the_org() {
    let world = World::with(&[Delta::new(Factor::NamedUserJwt, true)]);
    let answer = world.ask(&[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.token("token_format"), "jwt");
    let token = answer.token("access_token");
    let claims = super::super::keys::own_claims(&token).unwrap();
    assert_eq!(claims["client_id"], world.key());
    let keys = world.get("/id/keys").await.json();
    assert_eq!(keys["keys"][0]["alg"], "RS256");
    assert_eq!(
        world
            .use_at("/services/oauth2/userinfo", &token)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn refresh_rotation_ends_the_family_on_reuse() {
    let world = World::with(&[Delta::new(Factor::RefreshTokenRotation, true)]);
    let first = world.code_grant().await;
    let second = world.refresh(&first.token("refresh_token")).await;
    let newest = second.token("refresh_token");
    assert_ne!(newest, first.token("refresh_token"));
    let reuse = world.refresh(&first.token("refresh_token")).await;
    let expired = (
        "invalid_grant".to_owned(),
        "expired access/refresh token".to_owned(),
    );
    assert_eq!(reuse.error(), expired);
    assert_eq!(world.refresh(&newest).await.error(), expired);
    let used = world
        .use_at("/services/data/v60.0/limits", &second.token("access_token"))
        .await;
    assert_eq!(used.status, 401);
    assert_eq!(used.json()[0]["errorCode"], "INVALID_SESSION_ID");
}

#[tokio::test]
async fn without_rotation_a_refresh_token_is_kept() {
    let world = World::new();
    let token = world.code_grant().await.token("refresh_token");
    for _ in 0..3 {
        let answer = world.refresh(&token).await;
        assert_eq!(answer.token("refresh_token"), "");
    }
}

#[tokio::test]
async fn of_an_announced_burst_one_refresh_is_granted() {
    for rotation in [false, true] {
        let world = World::with(&[Delta::new(Factor::RefreshTokenRotation, rotation)]);
        let token = world.code_grant().await.token("refresh_token");
        world.tenant.refreshes_at_once(3);
        let answers = futures_util::future::join_all((0..3).map(|_| world.refresh(&token))).await;
        let granted = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(granted, 1, "{answers:?}");
        let refused = answers.iter().filter(|answer| answer.status == 400);
        for answer in refused {
            assert_eq!(answer.error().1, "token request is already being processed");
        }
        if !rotation {
            assert_eq!(world.refresh(&token).await.status, 200);
        }
    }
}

#[tokio::test]
async fn the_sixth_approval_ends_the_first() {
    let world = World::new();
    let first = world.code_grant().await.token("refresh_token");
    for _ in 0..4 {
        world.code_grant().await;
    }
    assert_eq!(world.refresh(&first).await.status, 200);
    world.code_grant().await;
    assert_eq!(
        world.refresh(&first).await.error().1,
        "expired access/refresh token"
    );
    assert_eq!(world.last_cause(), Some(CauseId::RefreshFiveApprovals));
}

#[tokio::test]
async fn introspection_and_revocation() {
    let world = World::new();
    let held = world.code_grant().await;
    let (access, refresh) = (held.token("access_token"), held.token("refresh_token"));
    let introspect = async |token: &str| {
        let (key, secret) = (world.key(), world.secret());
        let fields = [
            ("client_id", key.as_str()),
            ("client_secret", &secret),
            ("token", token),
        ];
        world.post("/services/oauth2/introspect", &fields).await
    };
    let active = introspect(&access).await.json();
    assert_eq!(active["active"], true);
    assert_eq!(active["username"], "ana@acme.test");
    assert_eq!(
        introspect(&refresh).await.json()["token_type"],
        "refresh_token"
    );
    assert_eq!(introspect("nothing").await.body, r#"{"active":false}"#);
    let path = "/services/oauth2/revoke";
    assert_eq!(world.post(path, &[("token", &refresh)]).await.status, 200);
    assert_eq!(introspect(&access).await.body, r#"{"active":false}"#);
    let again = world.post(path, &[("token", &refresh)]).await;
    assert_eq!(
        (again.status.as_u16(), again.body.as_str()),
        (400, "error=invalid_token")
    );
    let hint = world
        .post(
            path,
            &[("token", &refresh), ("token_type_hint", "id_token")],
        )
        .await;
    assert_eq!(hint.body, "error=unsupported_token_type");
}

#[tokio::test]
async fn discovery_names_the_host_that_was_asked() {
    let world = World::new();
    let path = "/.well-known/openid-configuration";
    for (gate, issuer) in [
        (Gate::Login, "https://localhost:8441"),
        (Gate::MyDomain, "https://localhost:8442"),
    ] {
        let json = world.get_at(gate, path).await.json();
        assert_eq!(json["issuer"], issuer);
        assert_eq!(
            json["token_endpoint"],
            format!("{issuer}/services/oauth2/token")
        );
        assert!(json.get("code_challenge_methods_supported").is_none());
    }
    assert_eq!(
        world.get("/.well-known/auth-configuration").await.status,
        200
    );
}
