//! RFC 7523 section 2.1. Salesforce: `RS256`, no client authentication, no refresh token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, jwk::Jwk};
use serde_json::{Map, Value};

use super::credentials::Credentials;
use super::endpoints::{Endpoints, need};
use super::step::{Step, not_sent};
use super::token_request::TokenRequest;
use super::{CertainValue, Outcome};
use crate::oauth::{Assertion, GrantKind, TokenResponse};
use crate::secret::Secret;

/// Seconds that an assertion lives. Salesforce allows three minutes.
const LIFETIME: i64 = 180;

/// Runs the grant to a token, or to the outcome without one.
pub(super) async fn drive(
    step: &mut Step<'_>,
    to: &Endpoints,
) -> Result<Box<TokenResponse>, Outcome> {
    let mut credentials = Credentials::of(step)?;
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let audience = if step.is_salesforce() {
        to.issuer.clone()
    } else {
        endpoint.to_string()
    };
    let assertion = assertion(step, &credentials, &audience)?;
    step.ports.secrets.add("assertion", &assertion);
    step.held.assertions.push(Secret::new(assertion.as_str()));
    let salesforce = step.is_salesforce();
    if salesforce {
        credentials = credentials.public(step);
    }
    let mut parameters = vec![("assertion", assertion.as_str())];
    if let Some(scope) = &step.grant.scope {
        parameters.push(("scope", scope));
    }
    let kind = GrantKind::JwtBearer.grant_type();
    let mut request = TokenRequest::extension(endpoint, &credentials, kind, &parameters)?;
    // The assertion names the app; Salesforce needs no `client_id` beside it.
    if salesforce && credentials.secret.is_none() {
        request.fields.remove("client_id");
    }
    request.ask_token(step).await
}

/// The assertion to send, deviations included; checked before it is sent.
fn assertion(
    step: &mut Step<'_>,
    credentials: &Credentials,
    audience: &str,
) -> Result<String, Outcome> {
    match step.grant.deviations.assertion {
        Some(CertainValue::Malformed) => return Ok("this.is-no.jwt".to_owned()),
        Some(CertainValue::Absent) => return Ok(String::new()),
        Some(CertainValue::Former) => {
            let former = step.grant.held.assertions.last();
            let missing = "`assertion: former` needs an earlier step that sent an assertion";
            return former
                .map(|former| former.expose().to_owned())
                .ok_or_else(|| not_sent(missing));
        }
        _ => {}
    }
    let claims = claims(step, credentials, audience)?;
    let key = step.grant.client.jwt_key.clone().ok_or_else(|| {
        not_sent("the JWT bearer grant signs with `jwt_key`, and the app has none: name its private key in the target file")
    })?;
    let key = key.expose();
    let mut signed = match step.grant.deviations.alg.as_deref() {
        None | Some("RS256") => Assertion::sign(&claims, key),
        Some("HS256") => Assertion::sign_hs256(&claims, key.as_bytes()),
        Some(other) => {
            return Err(not_sent(format!(
                "`alg: {other}` cannot be made: only RS256 and HS256 can"
            )));
        }
    }
    .map_err(|error| not_sent(format!("`jwt_key` of the app: {error}")))?;
    if step.grant.deviations.assertion == Some(CertainValue::Wrong) {
        signed = signed_by_another(&signed);
    }
    check_assertion(step, &signed, key, audience);
    Ok(signed)
}

/// Four claims, fewer or others where the step says so.
fn claims(
    step: &Step<'_>,
    credentials: &Credentials,
    audience: &str,
) -> Result<Map<String, Value>, Outcome> {
    let deviations = &step.grant.deviations;
    let subject = match deviations.sub.as_ref().or(deviations.username.as_ref()) {
        Some(sub) => sub.clone(),
        None => step.person()?.username.clone(),
    };
    let now = step.ports.clock.now().as_second();
    let exp = now.saturating_add(deviations.exp_in.unwrap_or(LIFETIME));
    let audience = deviations.aud.as_deref().unwrap_or(audience);
    let mut claims = Map::new();
    if let Some(id) = &credentials.id {
        claims.insert("iss".to_owned(), id.as_str().into());
    }
    claims.insert("sub".to_owned(), subject.into());
    claims.insert("aud".to_owned(), audience.into());
    claims.insert("exp".to_owned(), exp.into());
    if let Some(jti) = &deviations.jti {
        claims.insert("jti".to_owned(), jti.as_str().into());
    }
    claims.retain(|name, _| !deviations.without_claims.contains(name));
    Ok(claims)
}

/// The assertion with a signature that the key never made. To whoever verifies it, that is the signature of another key, and it
/// costs no second key.
fn signed_by_another(signed: &str) -> String {
    let Some((content, signature)) = signed.rsplit_once('.') else {
        return signed.to_owned();
    };
    let mut octets = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    // Not the first octets: a number above the modulus would be another fault.
    for octet in octets.iter_mut().skip(8) {
        *octet ^= 0x5a;
    }
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(octets))
}

/// Proves our own assertion before the server is blamed: claims as the server will read them, signature by the key's public half.
fn check_assertion(step: &mut Step<'_>, signed: &str, key: &str, audience: &str) {
    let Ok(read) = Assertion::read(signed) else {
        step.check("assertion_claims", false, "it cannot be read back");
        return;
    };
    let now = step.ports.clock.now().as_second();
    let mut faults = Vec::new();
    if read.claims.iss.as_deref() != Some(&step.grant.client.client_id) {
        faults.push("`iss` is not the consumer key".to_owned());
    }
    if read.claims.subject().is_none() {
        faults.push("`sub` is missing".to_owned());
    }
    let expiry = read.claims.expiry();
    if expiry.is_none() {
        faults.push("`exp` is missing".to_owned());
    }
    let detail = if faults.is_empty() {
        "iss, sub and exp are as they should be".to_owned()
    } else {
        faults.join("; ")
    };
    step.check("assertion_claims", faults.is_empty(), &detail);
    let named = read.claims.audiences().contains(&audience);
    let not = if named { "" } else { "not " };
    step.check(
        "assertion_audience",
        named,
        &format!("`aud` is {not}{audience}"),
    );
    if let Some(exp) = expiry {
        let detail = if exp <= now {
            format!("`exp` is over since {} s", now - exp)
        } else {
            format!("`exp` is {} s ahead", exp - now)
        };
        step.check("assertion_lifetime", exp > now, &detail);
    }
    let verified = read.alg == "RS256" && verifies(signed, key);
    let detail = if verified {
        "RS256, and the public half of `jwt_key` verifies it"
    } else {
        "the public half of `jwt_key` does not verify it as RS256"
    };
    step.check("assertion_key", verified, detail);
}

fn verifies(signed: &str, key: &str) -> bool {
    let public = || {
        let key = EncodingKey::from_rsa_pem(key.as_bytes()).ok()?;
        let jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).ok()?;
        DecodingKey::from_jwk(&jwk).ok()
    };
    public().is_some_and(|public| {
        jsonwebtoken::decode::<Value>(signed, &public, &signature_only(Algorithm::RS256)).is_ok()
    })
}

/// Judges the signature alone: the claims are judged by the run's clock, not by the system's.
pub(super) fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}
