//! Verifies an ID token with the server's keys (OpenID Connect Core section 3.1.3.7), by the run's clock.

use http::header::ACCEPT;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Header};
use serde_json::Value;

use super::endpoints::Endpoints;
use super::jwt_bearer::signature_only;
use super::step::{Step, base_text};
use crate::exchange::{Endpoint, Request};
use crate::oauth::TokenResponse;

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 60;

/// Checks the ID token, where one came.
pub(super) async fn check(step: &mut Step<'_>, to: &Endpoints, token: &TokenResponse) {
    let Some(id_token) = &token.id_token else {
        return;
    };
    let header = match jsonwebtoken::decode_header(id_token) {
        Ok(header) => header,
        Err(error) => {
            step.check("id_token", false, &format!("it is no signed JWT: {error}"));
            return;
        }
    };
    let key = match key(step, to, &header).await {
        Ok(key) => key,
        Err(reason) => {
            step.check("id_token", None, &reason);
            return;
        }
    };
    let judged = verify(id_token, &header, &key).and_then(|claims| judge(step, to, &claims));
    match judged {
        Ok(detail) => step.check("id_token", true, &detail),
        Err(reason) => step.check("id_token", false, &reason),
    }
}

/// The server's key for this token, or why it cannot be had.
async fn key(step: &Step<'_>, to: &Endpoints, header: &Header) -> Result<DecodingKey, String> {
    if header.alg.family() == AlgorithmFamily::Hmac {
        return Err(format!("{:?} is no signature of a public key", header.alg));
    }
    let url = to.jwks.clone().ok_or("the server names no keys")?;
    let request = Request::get(url).header(ACCEPT, "application/json");
    let answer = step.recorder.send(Endpoint::Jwks, request).await;
    let response = answer.map_err(|fault| format!("the server's keys did not come: {fault}"))?;
    let body: Value = serde_json::from_slice(&response.body)
        .map_err(|_| "the server's keys are no JSON".to_owned())?;
    // One by one: a key of a kind that we do not know must not hide the others.
    let keys: Vec<Jwk> = body["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|key| serde_json::from_value(key.clone()).ok())
        .collect();
    let named = |key: &&Jwk| key.common.key_id == header.kid;
    let key = match &header.kid {
        Some(_) => keys.iter().find(named),
        None => keys.first().filter(|_| keys.len() == 1),
    };
    let key = key.ok_or("none of the server's keys is the one that it names")?;
    DecodingKey::from_jwk(key).map_err(|error| format!("the server's key: {error}"))
}

fn verify(id_token: &str, header: &Header, key: &DecodingKey) -> Result<Value, String> {
    let algorithm: Algorithm = header.alg;
    jsonwebtoken::decode::<Value>(id_token, key, &signature_only(algorithm))
        .map(|data| data.claims)
        .map_err(|error| format!("the server's key does not verify it: {error}"))
}

/// `iss`, `aud`, `exp`, and `nonce` where one was sent.
fn judge(step: &Step<'_>, to: &Endpoints, claims: &Value) -> Result<String, String> {
    let issuer = claims["iss"].as_str().unwrap_or_default();
    if !is_issuer(step, to, issuer) {
        return Err(format!("`iss` is {issuer}; needed: {}", to.issuer));
    }
    let client = step.grant.client.client_id.as_str();
    let audiences = match &claims["aud"] {
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        one => Vec::from_iter(one.as_str()),
    };
    if !audiences.contains(&client) {
        return Err("`aud` does not name the client".to_owned());
    }
    let now = step.ports.clock.now().as_second();
    match claims["exp"].as_i64() {
        Some(exp) if exp.saturating_add(LEEWAY) > now => {}
        Some(exp) => return Err(format!("`exp` is over since {} s", now.saturating_sub(exp))),
        None => return Err("`exp` is missing".to_owned()),
    }
    if let Some(nonce) = &step.nonce
        && claims["nonce"].as_str() != Some(nonce)
    {
        return Err("`nonce` is not the one that was sent".to_owned());
    }
    Ok(format!(
        "signed by the server; iss {issuer}, aud and exp{} are right",
        if step.nonce.is_some() {
            " and nonce"
        } else {
            ""
        }
    ))
}

/// Salesforce's `iss` depends on the host that was asked (wire facts section 1.4), so each host of the target may be it.
fn is_issuer(step: &Step<'_>, to: &Endpoints, found: &str) -> bool {
    let found = found.trim_end_matches('/');
    let hosts = &step.grant.server.hosts;
    found == to.issuer.trim_end_matches('/')
        || step.is_salesforce() && hosts.iter().any(|(_, url)| base_text(url) == found)
}
