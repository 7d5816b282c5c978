//! The drivers in the RFC dialect: discovery, RFC 8628, RFC 9207, and ID tokens.

use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::recorder::fake::{self, answer, html, redirect};

const ISSUER: &str = "https://as.localhost/tenant";

/// An RFC server. `metadata` changes its discovery document.
async fn drive_rfc(
    grant: &Grant,
    metadata: impl Fn(&mut Value) + Send + Sync + 'static,
) -> (StepRecord, World) {
    let polls = AtomicUsize::new(0);
    let world = World::new(move |request| {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://as.localhost/tenant/auth",
            "token_endpoint": "https://as.localhost/tenant/token",
            "device_authorization_endpoint": "https://as.localhost/tenant/device/auth",
            "userinfo_endpoint": "https://as.localhost/tenant/me",
            "jwks_uri": "https://as.localhost/tenant/jwks",
            "authorization_response_iss_parameter_supported": true,
        });
        metadata(&mut document);
        match request.url.path() {
            "/tenant/.well-known/openid-configuration" => fake::json(200, &document),
            "/tenant/auth" => {
                let state = field(request, "state").unwrap_or_default();
                redirect(&format!(
                    "{CALLBACK}?code=abcdefgh&state={state}&iss=https%3A%2F%2Fas.localhost%2Ftenant"
                ))
            }
            "/tenant/device/auth" => fake::json(
                200,
                &json!({
                    "device_code": "device-code-0123", "user_code": "WDJB-MJHT", "expires_in": 600,
                    "verification_uri": "https://as.localhost/tenant/device",
                }),
            ),
            "/tenant/device" if field(request, "user_code").is_some() => {
                html("<title>Sign-in Success</title>")
            }
            "/tenant/device" => html("<form method=post><input name=user_code></form>"),
            "/tenant/token"
                if field(request, "device_code").is_some()
                    && polls.fetch_add(1, Ordering::SeqCst) == 0 =>
            {
                fake::json(400, &json!({"error": "authorization_pending"}))
            }
            "/tenant/token" => fake::json(
                200,
                &json!({
                    "access_token": "opaque-access-token", "token_type": "bearer", "expires_in": 60,
                }),
            ),
            "/tenant/me" => answer(
                401,
                &[(
                    "www-authenticate",
                    r#"Bearer error="invalid_token", error_description="gone""#,
                )],
                "",
            ),
            _ => answer(404, &[], "Not Found"),
        }
    });
    let agent = BuiltInAgent::new(&world.transport, &world.clock);
    let record = grant.drive(world.ports(&agent)).await;
    no_secret_in(&record, &world);
    (record, world)
}

fn rfc(kind: GrantKind) -> Grant {
    let mut grant = deviating(kind, |_| {});
    grant.server = Server {
        dialect: Dialect::Rfc,
        hosts: vec![(HostKind::Issuer, Url::parse(ISSUER).unwrap())],
    };
    grant.host = HostKind::Issuer;
    grant
}

#[tokio::test]
async fn every_grant_finds_its_endpoints_by_discovery() {
    for kind in GrantKind::ALL {
        let (record, world) = drive_rfc(&rfc(kind), |_| {}).await;
        assert_eq!(told(&record.outcome), "granted", "{kind}");
        assert_eq!(record.exchanges[0].endpoint, Endpoint::Discovery);
        assert_eq!(
            failed_checks(&record),
            [""; 0],
            "{kind}: {:?}",
            record.checks
        );
        assert!(!sent_to(&world, "/tenant/token").is_empty());
    }
}

#[tokio::test]
async fn device_polls_by_rfc_8628() {
    let (record, world) = drive_rfc(&rfc(GrantKind::Device), |_| {}).await;
    assert_eq!(told(&record.outcome), "granted");
    let start = &sent_to(&world, "/tenant/device/auth")[0];
    assert_eq!(field(start, "client_id").as_deref(), Some("3MVG9key"));
    assert_eq!(field(start, "response_type"), None);
    let polls = sent_to(&world, "/tenant/token");
    assert_eq!(polls.len(), 2);
    let grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    assert_eq!(field(&polls[0], "grant_type").as_deref(), Some(grant_type));
    assert!(
        world
            .clock
            .now()
            .to_string()
            .starts_with("2026-11-24T12:00:10")
    );
}

#[tokio::test]
async fn what_is_sent_is_compared_with_what_came() {
    let wrong = |kind, deviate: fn(&mut Deviations)| {
        let mut grant = deviating(kind, deviate);
        let honest = rfc(kind);
        (grant.server, grant.host) = (honest.server, honest.host);
        grant
    };
    let mut code = wrong(GrantKind::AuthorizationCode, |send| {
        send.code = Some(CertainValue::Former);
    });
    code.held.codes = vec![Secret::new("used-code-0123456")];
    let (record, _) = drive_rfc(&code, |_| {}).await;
    assert_eq!(failed_checks(&record), ["code_unused"]);
    let code = wrong(GrantKind::AuthorizationCode, |send| {
        send.code = Some(CertainValue::Wrong);
    });
    assert_eq!(failed_checks(&drive_rfc(&code, |_| {}).await.0), ["code"]);
    let old = wrong(GrantKind::RefreshToken, |send| {
        send.refresh_token = Some(CertainValue::Former);
    });
    let (record, _) = drive_rfc(&old, |_| {}).await;
    assert_eq!(failed_checks(&record), ["refresh_token_newest"]);
    let unknown = wrong(GrantKind::RefreshToken, |send| {
        send.refresh_token = Some(CertainValue::Wrong);
    });
    let (record, _) = drive_rfc(&unknown, |_| {}).await;
    assert_eq!(failed_checks(&record), ["refresh_token"]);
    let device = wrong(GrantKind::Device, |send| {
        send.device_code = Some(CertainValue::Wrong);
    });
    let (record, _) = drive_rfc(&device, |_| {}).await;
    assert_eq!(failed_checks(&record), ["device_code"]);
}

#[tokio::test]
async fn assertions_are_for_the_token_endpoint() {
    let (_, world) = drive_rfc(&rfc(GrantKind::JwtBearer), |_| {}).await;
    let request = &sent_to(&world, "/tenant/token")[0];
    let assertion = field(request, "assertion").unwrap();
    let claims = crate::oauth::Assertion::read(&assertion).unwrap().claims;
    assert_eq!(claims.audiences(), ["https://as.localhost/tenant/token"]);
    assert_eq!(field(request, "client_secret").as_deref(), Some(SECRET));
}

#[tokio::test]
async fn userinfo_is_asked_for_openid_only_and_its_challenge_is_read() {
    let mut grant = rfc(GrantKind::AuthorizationCode);
    grant.scope = Some("openid profile".to_owned());
    let (record, _) = drive_rfc(&grant, |_| {}).await;
    let error = record.uses[0].error.as_ref().unwrap();
    assert_eq!(
        (error.error.as_str(), error.description.as_deref()),
        ("invalid_token", Some("gone"))
    );
    let (record, _) = drive_rfc(&rfc(GrantKind::ClientCredentials), |_| {}).await;
    assert!(record.uses.is_empty());
}

#[tokio::test]
async fn foreign_issuers_and_missing_endpoints_are_breaches() {
    let code = rfc(GrantKind::AuthorizationCode);
    let (record, _) = drive_rfc(&code, |document| {
        document["issuer"] = "https://evil.localhost".into();
    })
    .await;
    assert_eq!(
        told(&record.outcome),
        "off discovery: the server names another issuer: https://evil.localhost"
    );
    let (record, _) = drive_rfc(&code, |document| {
        document["token_endpoint"] = "file:///etc/passwd".into();
    })
    .await;
    assert!(told(&record.outcome).contains("no usable `token_endpoint`"));
    let device = rfc(GrantKind::Device);
    let (record, _) = drive_rfc(&device, |document| {
        document["device_authorization_endpoint"] = Value::Null;
    })
    .await;
    assert!(told(&record.outcome).contains("no usable `device_authorization_endpoint`"));
}

#[tokio::test]
async fn iss_of_the_callback_is_compared() {
    let mut code = rfc(GrantKind::AuthorizationCode);
    // The server answers with its own `iss`; a client that knows it by another name must refuse.
    code.server.hosts[0].1 = Url::parse("https://as.localhost/tenant").unwrap();
    let world = World::new(|request| match request.url.path() {
        "/.well-known/oauth-authorization-server/tenant" => fake::json(
            200,
            &json!({
                "issuer": ISSUER, "authorization_endpoint": "https://as.localhost/auth",
                "token_endpoint": "https://as.localhost/token",
            }),
        ),
        _ => redirect(&format!(
            "{CALLBACK}?code=abcdefgh&state={}&iss=https%3A%2F%2Fmixup.localhost",
            field(request, "state").unwrap_or_default()
        )),
    });
    let agent = BuiltInAgent::new(&world.transport, &world.clock);
    let record = code.drive(world.ports(&agent)).await;
    assert_eq!(
        told(&record.outcome),
        "off callback: the server names another issuer: https://mixup.localhost"
    );
}

fn id_token(claims: &Value) -> Org {
    let key = EncodingKey::from_rsa_pem(key_pem().as_bytes()).unwrap();
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some("188".to_owned());
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("188".to_owned());
    let token = jsonwebtoken::encode(&header, claims, &key).unwrap();
    Org {
        id_token: Some((token, json!({"keys": [{"kty": "unknown"}, jwk]}))),
        ..Org::default()
    }
}

#[tokio::test]
async fn id_tokens_are_verified_by_the_servers_keys_and_the_runs_clock() {
    let good =
        json!({"iss": "https://org.my.localhost", "aud": ["3MVG9key"], "exp": 1_795_521_660});
    for (member, value, passed) in [
        ("sub", json!("x"), true),
        ("iss", json!("https://other.localhost"), false),
        ("aud", json!("another"), false),
        ("exp", json!(1_795_521_000), false),
        ("exp", json!("soon"), false),
    ] {
        let mut claims = good.clone();
        claims[member] = value.clone();
        let (record, _) = drive_at(id_token(&claims), &grant(GrantKind::ClientCredentials)).await;
        let check = record
            .checks
            .iter()
            .find(|check| check.name == "id_token")
            .unwrap();
        assert_eq!(
            check.passed,
            Some(passed),
            "{member} {value}: {}",
            check.detail
        );
    }
    // A nonce was sent, and the token has none.
    let mut code = grant(GrantKind::AuthorizationCode);
    code.scope = Some("api refresh_token openid".to_owned());
    let (record, _) = drive_at(id_token(&good), &code).await;
    assert!(failed_checks(&record).contains(&"id_token"));
    let mut tampered = id_token(&good);
    if let Some((token, _)) = &mut tampered.id_token {
        token.truncate(token.len() - 8);
    }
    let (record, _) = drive_at(tampered, &grant(GrantKind::ClientCredentials)).await;
    assert_eq!(failed_checks(&record), ["id_token"]);
}
