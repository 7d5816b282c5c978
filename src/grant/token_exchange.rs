//! RFC 8693. Salesforce: My Domain only, with an Apex handler; the one token request that takes a `scope`.

use serde_json::json;

use super::credentials::Credentials;
use super::endpoints::{Endpoints, need};
use super::step::{Step, not_sent};
use super::token_request::TokenRequest;
use super::{Outcome, Subject};
use crate::oauth::{Assertion, GrantKind, TokenResponse};
use crate::secret::Secret;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// Seconds that a subject token made here lives.
const LIFETIME: i64 = 180;

/// Runs the grant to a token, or to the outcome without one.
pub(super) async fn drive(
    step: &mut Step<'_>,
    to: &Endpoints,
) -> Result<Box<TokenResponse>, Outcome> {
    let credentials = Credentials::of(step)?;
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let (subject, kind) = subject(step, to)?;
    step.ports.secrets.add("subject_token", &subject);
    let mut parameters = vec![
        ("subject_token", subject.as_str()),
        ("subject_token_type", kind),
    ];
    if let Some(scope) = &step.grant.scope {
        parameters.push(("scope", scope));
    }
    let grant = GrantKind::TokenExchange.grant_type();
    let request = TokenRequest::extension(endpoint, &credentials, grant, &parameters)?;
    request.ask_token(step).await
}

/// The subject token and its type (RFC 8693 section 3).
fn subject(step: &Step<'_>, to: &Endpoints) -> Result<(String, &'static str), Outcome> {
    let last = |tokens: &[Secret], what: &str| {
        let token = tokens.last().map(|token| token.expose().to_owned());
        token.ok_or_else(|| not_sent(format!("no earlier step left {what} to exchange")))
    };
    let held = &step.grant.held;
    match step.grant.deviations.subject_token {
        None | Some(Subject::AccessToken) => {
            Ok((last(&held.access_tokens, "an access token")?, ACCESS_TOKEN))
        }
        Some(Subject::RefreshToken) => Ok((
            last(&held.refresh_tokens, "a refresh token")?,
            REFRESH_TOKEN,
        )),
        Some(Subject::Jwt) => Ok((foreign_jwt(step, to)?, JWT)),
        Some(Subject::Wrong) => Ok((step.random(), ACCESS_TOKEN)),
    }
}

/// A JWT of an identity provider that is not the org: what the Apex handler of a token exchange is written for.
fn foreign_jwt(step: &Step<'_>, to: &Endpoints) -> Result<String, Outcome> {
    let deviations = &step.grant.deviations;
    let now = step.ports.clock.now().as_second();
    let person = step.grant.person.as_ref();
    let subject = deviations.sub.as_deref();
    let subject = subject.or(person.map(|person| person.username.as_str()));
    let claims = json!({
        "iss": "https://idp.grantproof.example",
        "sub": subject.unwrap_or("somebody"),
        "aud": deviations.aud.as_deref().unwrap_or(&to.issuer),
        "iat": now,
        "exp": now.saturating_add(deviations.exp_in.unwrap_or(LIFETIME)),
    });
    let signed = match &step.grant.client.jwt_key {
        Some(key) => Assertion::sign(&claims, key.expose()),
        None => Assertion::sign_hs256(&claims, &step.octets()),
    };
    signed.map_err(|error| not_sent(format!("`jwt_key` of the app: {error}")))
}
