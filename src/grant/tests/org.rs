//! A small Salesforce-like org for the tests of the drivers. It knows one app and one user.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::exchange::Request;
use crate::oauth::{Assertion, challenge_of};
use crate::recorder::fake::{Answer, answer, field, html, json as body, redirect};

pub(super) const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const CODE: &str = "aPrx4cGVuc2VzYW1lMDEyMzQ1Njc4OQ==";
pub(super) const DEVICE_CODE: &str = "M01WRzk7MTI3LjAuMC4xOzE3MDA7QUJDRDEyMzQ=";
pub(super) const ACCESS: &str = "00D000000000001!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL";
pub(super) const REFRESH: &str = "5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrZZWGs3eQwB";

/// What the org remembers, and how it is set up.
#[derive(Default)]
pub(super) struct Org {
    pub(super) seen: Mutex<Seen>,
    /// Polls that are answered "pending" after the approval.
    pub(super) pending: usize,
    /// One poll is answered `slow_down`.
    pub(super) slow_down: bool,
    /// The org asks for a second factor.
    pub(super) second_factor: bool,
    /// An ID token to hand out, with its keys.
    pub(super) id_token: Option<(String, serde_json::Value)>,
}

#[derive(Default)]
pub(super) struct Seen {
    authorize: Vec<(String, String)>,
    approved: bool,
    denied: bool,
    polls: usize,
    slowed: bool,
}

impl Org {
    pub(super) fn answer(&self, request: &Request) -> Answer {
        let path = request.url.path();
        match path {
            "/services/oauth2/authorize" => self.authorize(request),
            "/login" | "/verify" | "/approve" | "/setup/connect" => self.page(path, request),
            "/services/oauth2/token" => self.token(request),
            "/services/oauth2/userinfo" => Self::userinfo(request),
            "/services/data/v60.0/limits" => Self::rest(request),
            "/services/oauth2/introspect" => body(200, &json!({"active": true})),
            "/services/oauth2/revoke" => answer(200, &[], ""),
            "/id/keys" => {
                let keys = self.id_token.as_ref().map(|(_, keys)| keys.clone());
                body(200, &keys.unwrap_or_default())
            }
            _ => answer(
                404,
                &[("content-type", "text/html")],
                "<h1>URL No Longer Exists</h1>",
            ),
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn authorize(&self, request: &Request) -> Answer {
        let raw = |error: &str| answer(400, &[], error);
        if field(request, "client_id").as_deref() != Some("3MVG9key") {
            return raw("error=invalid_client_id&error_description=client%20identifier%20invalid");
        }
        if field(request, "redirect_uri").as_deref() != Some(super::CALLBACK) {
            return raw(
                "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration",
            );
        }
        if field(request, "code_challenge").is_none() {
            return raw(
                "error=invalid_request&error_description=missing%20required%20code%20challenge",
            );
        }
        if field(request, "scope").is_some_and(|scope| scope.contains("wave_api")) {
            return redirect(
                "/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope&error_description=the+requested+scope+is+not+allowed",
            );
        }
        self.seen().authorize = request.url.query_pairs().into_owned().collect();
        redirect("/login?startURL=%2Fapprove")
    }

    fn page(&self, path: &str, request: &Request) -> Answer {
        let device = field(request, "device").is_some() || path == "/setup/connect";
        let keep = if device { "?device=1" } else { "" };
        let form = |title: &str, inner: &str| {
            html(&format!(
                "<html><head><title>{title}</title><style>p{{}}</style></head><body><h1>{title}</h1>\
                 <form method='post' action='{path}{keep}'><input type='hidden' name='token' value='csrf-token-0123456789'>{inner}</form></body></html>"
            ))
        };
        let posted = request.method == http::Method::POST;
        match (path, posted) {
            ("/setup/connect", false) => form(
                "Connect",
                "<label for='c'>Code</label><input id='c' name='user_code'><button>Connect</button>",
            ),
            ("/setup/connect", true)
                if field(request, "user_code").as_deref() == Some("ABCD1234") =>
            {
                redirect("/login?device=1")
            }
            ("/login", true) if field(request, "pw").as_deref() == Some(PASSWORD) => {
                let next = if self.second_factor {
                    "/verify"
                } else {
                    "/approve"
                };
                answer(
                    302,
                    &[
                        ("location", &format!("{next}{keep}")),
                        ("set-cookie", "sid=SESSION0123456789; Path=/; Secure"),
                    ],
                    "",
                )
            }
            ("/login", _) => form(
                "Login",
                "<label for='u'>Username</label><input id='u' name='un'><label for='p'>Password</label>\
                <input id='p' type='password' name='pw'><input type='submit' name='Login' value='Log In'>",
            ),
            ("/verify", true) if field(request, "emc").as_deref() == Some("918273") => {
                redirect(&format!("/approve{keep}"))
            }
            ("/verify", _) => form(
                "Verify",
                "<label>Verification Code <input name='emc'></label><button>Verify</button>",
            ),
            ("/approve", false) if request.headers.get("cookie").is_some() => form(
                "Allow Access?",
                "<button name='a' value='deny'>Deny</button><button name='a' value='allow'>Allow</button>",
            ),
            ("/approve", true) => {
                self.approved(device, field(request, "a").as_deref() == Some("allow"))
            }
            _ => form("Error", "<p>That was not right</p>"),
        }
    }

    fn approved(&self, device: bool, allow: bool) -> Answer {
        let mut seen = self.seen();
        seen.approved = allow;
        seen.denied = !allow;
        if device {
            return html(if allow {
                "<title>Done</title><p>You&#39;ve connected your device</p>"
            } else {
                "<title>Denied</title><p>You denied the device</p>"
            });
        }
        let value = |name: &str| {
            let found = seen.authorize.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let mut url = url::Url::parse(&value("redirect_uri")).unwrap();
        if allow {
            url.query_pairs_mut().append_pair("code", CODE);
        } else {
            url.query_pairs_mut()
                .append_pair("error", "access_denied")
                .append_pair("error_description", "end-user denied authorization");
        }
        url.query_pairs_mut().append_pair("state", &value("state"));
        redirect(url.as_str())
    }

    fn token(&self, request: &Request) -> Answer {
        let refuse = |error: &str, description: &str| {
            body(
                400,
                &json!({"error": error, "error_description": description}),
            )
        };
        if field(request, "response_type").as_deref() == Some("device_code") {
            return body(
                200,
                &json!({"user_code": "ABCD1234", "device_code": DEVICE_CODE,
                "verification_uri": "https://org.my.localhost/setup/connect", "interval": 5}),
            );
        }
        let grant = field(request, "grant_type").unwrap_or_default();
        let secret = field(request, "client_secret").or_else(|| basic(request));
        if !grant.ends_with("jwt-bearer") && secret.as_deref() != Some(SECRET) {
            return refuse("invalid_client", "invalid client credentials");
        }
        let is = |name: &str, right: &str| field(request, name).as_deref() == Some(right);
        match grant.as_str() {
            "authorization_code" => {
                let seen = self.seen();
                let challenge = seen
                    .authorize
                    .iter()
                    .find(|(key, _)| key == "code_challenge");
                let verifier = field(request, "code_verifier").unwrap_or_default();
                if !is("code", CODE) {
                    return refuse("invalid_grant", "invalid authorization code");
                }
                if challenge.map(|(_, value)| value.clone()) != Some(challenge_of(&verifier)) {
                    return refuse("invalid_grant", "invalid code verifier");
                }
            }
            "refresh_token" if !is("refresh_token", REFRESH) => {
                return refuse("invalid_grant", "expired access/refresh token");
            }
            "password" if !is("password", &format!("{PASSWORD}SECTOKEN0123456789ABCDEF")) => {
                return refuse("invalid_grant", "authentication failure");
            }
            "device" => {
                let mut seen = self.seen();
                seen.polls += 1;
                if seen.denied {
                    return refuse("access_denied", "end-user denied authorization");
                }
                if self.slow_down && !seen.slowed {
                    seen.slowed = true;
                    return refuse("slow_down", "polling too quickly");
                }
                if !seen.approved || seen.polls <= self.pending {
                    return refuse("authorization_pending", "User has not yet authorized");
                }
            }
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
                let assertion = field(request, "assertion").unwrap_or_default();
                let read = Assertion::read(&assertion);
                let good = read.is_ok_and(|read| {
                    read.alg == "RS256" && read.claims.audiences() == ["https://org.my.localhost"]
                });
                if !good {
                    return refuse(
                        "invalid_grant",
                        &format!("audience is invalid: {assertion}"),
                    );
                }
            }
            "refresh_token"
            | "password"
            | "client_credentials"
            | "urn:ietf:params:oauth:grant-type:token-exchange" => {}
            _ => return refuse("unsupported_grant_type", "grant type not supported"),
        }
        self.granted(&grant)
    }

    fn granted(&self, grant: &str) -> Answer {
        let id = "https://org.my.localhost/id/00D000000000001AAA/005000000000001AAA";
        let issued_at = "1795521600000";
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let signature = hmac::sign(&key, format!("{id}{issued_at}").as_bytes());
        let mut token = json!({
            "access_token": ACCESS, "signature": STANDARD.encode(signature), "scope": "api refresh_token",
            "instance_url": "https://org.my.localhost", "id": id, "token_type": "Bearer", "issued_at": issued_at,
        });
        if matches!(grant, "authorization_code" | "device") {
            token["refresh_token"] = REFRESH.into();
        }
        if let Some((id_token, _)) = &self.id_token {
            token["id_token"] = id_token.as_str().into();
        }
        body(200, &token)
    }

    fn bearer(request: &Request) -> Option<&str> {
        request.headers.get("authorization")?.to_str().ok()
    }

    fn userinfo(request: &Request) -> Answer {
        let right = format!("Bearer {ACCESS}");
        match Self::bearer(request) {
            Some(value) if value == right => body(200, &json!({"sub": "x"})),
            None => answer(403, &[], "Missing_OAuth_Token"),
            Some(_) => answer(403, &[], "Bad_OAuth_Token"),
        }
    }

    fn rest(request: &Request) -> Answer {
        if Self::bearer(request) == Some(&format!("Bearer {ACCESS}")) {
            return body(200, &json!({"DailyApiRequests": {"Max": 1}}));
        }
        body(
            401,
            &json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]),
        )
    }
}

fn basic(request: &Request) -> Option<String> {
    let value = request.headers.get("authorization")?.to_str().ok()?;
    let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    pair.split_once(':').map(|(_, secret)| secret.to_owned())
}
