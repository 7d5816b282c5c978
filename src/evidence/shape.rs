//! The shape of what a client sent, where the value is a secret: length and alphabet of a verifier, header and claims of an assertion,
//! encoding of a challenge. The values themselves are not kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::Value;

use super::hosts::learn_audience;
use super::sheet::{Fact, Sheet};
use crate::oauth::Claims;

/// Claims whose names are kept; others are counted by none.
const CLAIMS: [&str; 10] = [
    "iss", "sub", "prn", "aud", "exp", "iat", "nbf", "jti", "scope", "alg",
];

/// Learns the shapes of the parameters of one request as it was sent, at `sent_at` where that is known.
pub(super) fn learn(
    sheet: &mut Sheet,
    parameters: &[(String, String)],
    sent_at: Option<Timestamp>,
) {
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "code_challenge" => {
                let method = parameters
                    .iter()
                    .find(|(name, _)| name == "code_challenge_method");
                let method = method.map(|(_, value)| value.as_str());
                sheet.learn("request.pkce", pkce(Some(value), method));
                sheet.learn("request.challenge_method_sent", method.is_some());
                sheet.learn("request.challenge_encoding", encoding(value));
            }
            "code_verifier" => verifier(sheet, value),
            // A SAML assertion is XML in base64, and no JWT.
            "assertion" | "client_assertion" if value.contains('.') => {
                assertion(sheet, value, sent_at);
            }
            _ => {}
        }
    }
}

/// How PKCE was used (RFC 7636 section 4.2). Without a method the RFC means `plain`; clients of Salesforce that send none mean `S256`, which
/// the length tells. A mark in place of the value tells nothing of its form.
pub(super) fn pkce(challenge: Option<&str>, method: Option<&str>) -> &'static str {
    let Some(challenge) = challenge.filter(|challenge| !challenge.is_empty()) else {
        return "none";
    };
    let is_hidden = challenge.starts_with('[');
    let is_hash = challenge.len() == 43 && challenge.chars().all(is_base64url);
    let is_verifier = (43..=128).contains(&challenge.len()) && challenge.chars().all(is_unreserved);
    match method {
        Some("S256") if is_hash || is_hidden => "s256",
        Some("plain") if is_verifier || is_hidden => "plain",
        None if is_hidden => "unknown_method",
        None if is_hash => "s256",
        None if is_verifier => "plain",
        _ => "malformed",
    }
}

fn encoding(challenge: &str) -> &'static str {
    if challenge.len() == 64 && challenge.chars().all(|c| c.is_ascii_hexdigit()) {
        "hex"
    } else if challenge.chars().all(is_base64url) {
        "base64url"
    } else if challenge
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "+/= ".contains(c))
    {
        "base64"
    } else {
        "other"
    }
}

fn verifier(sheet: &mut Sheet, value: &str) {
    sheet.learn("request.verifier_sent", true);
    if value.starts_with('[') {
        return;
    }
    let alphabet = if value.chars().all(is_base64url) {
        "base64url"
    } else if value.chars().all(is_unreserved) {
        "unreserved"
    } else {
        "other"
    };
    sheet.learn("request.verifier_charset", alphabet);
    sheet.learn("request.verifier_length", count(value.chars().count()));
}

fn assertion(sheet: &mut Sheet, compact: &str, sent_at: Option<Timestamp>) {
    let parts: Vec<&str> = compact.split('.').collect();
    sheet.learn("request.assertion_parts", count(parts.len()));
    let json = |part: Option<&&str>| -> Option<Value> {
        let octets = URL_SAFE_NO_PAD.decode(part?.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&octets).ok()
    };
    if let Some(alg) = json(parts.first())
        .as_ref()
        .and_then(|head| head["alg"].as_str())
    {
        let alg: String = alg
            .chars()
            .take(10)
            .filter(char::is_ascii_alphanumeric)
            .collect();
        sheet.learn("request.assertion_alg", alg.as_str());
    }
    let Some(Value::Object(payload)) = json(parts.get(1)) else {
        return;
    };
    let names = CLAIMS.iter().filter(|name| payload.contains_key(**name));
    let names: Vec<String> = names.map(|name| (*name).to_owned()).collect();
    sheet.learn("request.assertion_claims", Fact::List(names));
    let is_array = payload.get("aud").is_some_and(Value::is_array);
    let Ok(claims) = serde_json::from_value::<Claims>(Value::Object(payload)) else {
        return;
    };
    learn_audience(sheet, &claims.audiences(), is_array);
    if let (Some(expiry), Some(sent_at)) = (claims.expiry(), sent_at) {
        let ahead = expiry.saturating_sub(sent_at.as_second());
        // Some clients send milliseconds: far ahead, and no number of seconds that says more.
        let ahead = i32::try_from(ahead).unwrap_or(if ahead > 0 { i32::MAX } else { i32::MIN });
        sheet.learn(
            "request.assertion_exp_seconds",
            Fact::Number(f64::from(ahead)),
        );
    }
}

fn count(number: usize) -> Fact {
    Fact::Number(f64::from(u32::try_from(number).unwrap_or(u32::MAX)))
}

const fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

const fn is_unreserved(c: char) -> bool {
    is_base64url(c) || matches!(c, '.' | '~')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    }

    #[test]
    fn pkce_is_told_by_challenge_and_method() {
        let hash = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(pkce(None, Some("S256")), "none");
        assert_eq!(pkce(Some(hash), Some("S256")), "s256");
        assert_eq!(pkce(Some(hash), None), "s256");
        assert_eq!(pkce(Some("[code_challenge]"), Some("S256")), "s256");
        assert_eq!(pkce(Some(&"~".repeat(60)), Some("plain")), "plain");
        assert_eq!(
            pkce(
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM="),
                Some("S256")
            ),
            "malformed"
        );
        assert_eq!(pkce(Some(hash), Some("S512")), "malformed");
    }

    #[test]
    fn an_assertion_shows_its_claims_and_keeps_no_value() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let jwt = format!(
            "{}.{}.c2ln",
            part("{\"alg\":\"RS256\",\"typ\":\"JWT\"}"),
            part(
                "{\"iss\":\"3MVG9secret\",\"sub\":\"ana@acme.test\",\"aud\":\"https://test.salesforce.com\",\"exp\":\"1772355900\"}"
            )
        );
        let sent_at = Timestamp::from_second(1_772_355_600).ok();
        let mut sheet = Sheet::new();
        learn(
            &mut sheet,
            &own(&[("assertion", &jwt), ("code_verifier", "abc.~+")]),
            sent_at,
        );
        let told: Vec<String> = sheet
            .iter()
            .map(|(key, fact)| format!("{key}={fact}"))
            .collect();
        assert_eq!(
            told,
            [
                "request.assertion_alg=RS256",
                "request.assertion_claims=iss, sub, aud, exp",
                "request.assertion_exp_seconds=300",
                "request.assertion_parts=3",
                "request.aud=https://test.salesforce.com",
                "request.aud_has_scheme=true",
                "request.aud_kind=test",
                "request.aud_type=string",
                "request.verifier_charset=other",
                "request.verifier_length=6",
                "request.verifier_sent=true",
            ]
        );
    }

    #[test]
    fn a_broken_assertion_shows_what_it_has() {
        for odd in ["a.b", "..", "eyJ.eyJ.x", "e30.W10.x"] {
            let mut sheet = Sheet::new();
            learn(&mut sheet, &own(&[("assertion", odd)]), None);
            assert!(sheet.get("request.assertion_parts").is_some(), "{odd}");
        }
    }
}
