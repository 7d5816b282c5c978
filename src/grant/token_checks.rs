//! Checks of a token response that need no request: what was asked against what was granted, and Salesforce's own members.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use super::step::Step;
use crate::oauth::{GrantKind, ScopeSet, TokenResponse};

/// How far `issued_at` may be from our clock, in milliseconds: the skew that Salesforce itself allows an assertion.
const SKEW: i64 = 180_000;

/// Makes the checks that apply to the server's dialect.
pub(super) fn check(step: &mut Step<'_>, token: &TokenResponse) {
    scope(step, token);
    token_type(step, token);
    if step.is_salesforce() {
        instance_url(step, token);
        issued_at(step, token);
        signature(step, token);
    }
}

/// RFC 6749 section 3.3: a server may grant less than was asked, and then must say so.
fn scope(step: &mut Step<'_>, token: &TokenResponse) {
    let asked = ScopeSet::from_wire(step.grant.scope.as_deref().unwrap_or_default());
    let granted = match &token.scope {
        Some(scope) => ScopeSet::from_wire(scope),
        // "OPTIONAL, if identical to the scope requested by the client" (RFC 6749 section 5.1).
        None => asked.clone(),
    };
    let same = |wire: &str| {
        let synonyms = ["refresh_token", "offline_access"];
        granted.has(wire) || synonyms.contains(&wire) && granted.asks_refresh()
    };
    let missing: ScopeSet = asked.iter().filter(|wire| !same(wire)).collect();
    let mut detail = format!("asked: {}; granted: {}", asked.to_wire(), granted.to_wire());
    if !missing.is_empty() {
        detail = format!("{detail}; missing: {}", missing.to_wire());
    }
    step.check("scope_granted", missing.is_empty(), &detail);
}

fn token_type(step: &mut Step<'_>, token: &TokenResponse) {
    let found = token.token_type.as_deref().unwrap_or("none");
    let detail = format!("`token_type` is {found}");
    step.check("token_type", found.eq_ignore_ascii_case("bearer"), &detail);
}

fn instance_url(step: &mut Step<'_>, token: &TokenResponse) {
    let found = token.instance_url.as_deref().unwrap_or("missing");
    let https = Url::parse(found).is_ok_and(|url| url.scheme() == "https");
    let good = https && !found.ends_with('/');
    let detail = format!("`instance_url` is {found}");
    step.check("instance_url", good, &detail);
}

/// Milliseconds since the epoch, as a text. The JWT bearer grant has none, so its absence proves nothing there.
fn issued_at(step: &mut Step<'_>, token: &TokenResponse) {
    let Some(found) = &token.issued_at else {
        if step.grant.kind != GrantKind::JwtBearer {
            step.check("issued_at", None, "the answer has no `issued_at` text");
        }
        return;
    };
    let Ok(issued) = found.parse::<i64>() else {
        step.check(
            "issued_at",
            false,
            "`issued_at` is no number of milliseconds",
        );
        return;
    };
    let off = issued.saturating_sub(step.ports.clock.now().as_millisecond());
    let detail = format!("`issued_at` is {off} ms from our clock");
    step.check("issued_at", off.saturating_abs() <= SKEW, &detail);
}

/// `signature` = base64(HMAC-SHA256(consumer secret, `id` + `issued_at`)) (wire facts section 3.1).
fn signature(step: &mut Step<'_>, token: &TokenResponse) {
    let Some(signature) = &token.signature else {
        if step.grant.kind != GrantKind::JwtBearer {
            step.check("signature", None, "the answer has no `signature`");
        }
        return;
    };
    let secret = step.grant.client.client_secret.as_ref();
    let (Some(secret), Some(id), Some(issued_at)) = (secret, &token.id, &token.issued_at) else {
        let detail = "it needs the consumer secret, `id` and `issued_at`, and one is missing";
        step.check("signature", None, detail);
        return;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let message = format!("{id}{issued_at}");
    let good = STANDARD
        .decode(signature)
        .is_ok_and(|tag| hmac::verify(&key, message.as_bytes(), &tag).is_ok());
    let detail = if good {
        "the consumer secret made it over `id` and `issued_at`"
    } else {
        "the consumer secret did not make it over `id` and `issued_at`"
    };
    step.check("signature", good, detail);
}
