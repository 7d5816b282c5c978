//! Finds the secrets in a request and in a response, so that they are registered before anything is kept.

use std::borrow::Cow;

use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::exchange::{Endpoint, Request, Response};
use crate::secret::Register;

/// Names whose values are secrets wherever they stand: form fields, query parameters, JSON members.
const NAMES: &[(&str, &str)] = &[
    ("access_token", "access_token"),
    ("oauth_token", "access_token"),
    ("refresh_token", "refresh_token"),
    ("id_token", "id_token"),
    ("id_token_hint", "id_token"),
    ("subject_token", "subject_token"),
    ("actor_token", "subject_token"),
    ("client_secret", "client_secret"),
    ("client_assertion", "assertion"),
    ("assertion", "assertion"),
    ("password", "password"),
    ("pw", "password"),
    ("code_verifier", "code_verifier"),
    ("device_code", "device_code"),
    ("signature", "signature"),
    ("sid", "session"),
    ("lightning_sid", "session"),
    ("visualforce_sid", "session"),
    ("content_sid", "session"),
    ("parent_sid", "session"),
    ("csrf_token", "session"),
    ("registration_access_token", "access_token"),
];

/// Below this, a value beside a name in running text is more likely prose than a secret.
const SHORTEST_IN_TEXT: usize = 8;
/// How much of a body that is no JSON is searched.
const SEARCHED: usize = 64 * 1024;

/// The kind of secret in a field or parameter. `code` is one only where a flow carries it: on a device page it is the user code,
/// which is shown by design. `token` is one where a token is named; in a form of a page it is any mark against forgery.
pub(super) fn kind_of_field(endpoint: Endpoint, name: &str) -> Option<&'static str> {
    match (name, endpoint) {
        ("code", Endpoint::Token | Endpoint::Callback) => Some("code"),
        ("token", Endpoint::Introspect | Endpoint::Revoke) => Some("token"),
        _ => kind_of(name),
    }
}

/// What the credentials of an `Authorization` header are.
pub(super) fn kind_of_scheme(scheme: &str) -> &'static str {
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => "basic",
        "bearer" => "access_token",
        _ => "authorization",
    }
}

/// Scheme and credentials; no scheme where the value is one word.
pub(super) fn authorization_parts(value: &str) -> (Option<&str>, &str) {
    match value.trim().split_once(' ') {
        Some((scheme, credentials)) => (Some(scheme), credentials.trim()),
        None => (None, value.trim()),
    }
}

/// Whether a body is `application/x-www-form-urlencoded`.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

/// The first octets of a body as text.
pub(super) fn prefix(body: &[u8], limit: usize) -> Cow<'_, str> {
    String::from_utf8_lossy(&body[..body.len().min(limit)])
}

/// Registers what a request carries.
pub(super) fn from_request(secrets: &Register, endpoint: Endpoint, request: &Request) {
    let mut field = |name: &str, value: &str| {
        if let Some(kind) = kind_of_field(endpoint, name) {
            add(secrets, kind, value);
        }
    };
    by_shape(secrets, request.url.as_str());
    for (name, value) in request.url.query_pairs() {
        field(&name, &value);
    }
    if is_form(&request.headers) {
        for (name, value) in url::form_urlencoded::parse(&request.body) {
            field(&name, &value);
        }
    } else if let Ok(value) = serde_json::from_slice::<Value>(&request.body) {
        members(&value, &mut field);
    }
    for value in request.headers.get_all(header::AUTHORIZATION) {
        let text = String::from_utf8_lossy(value.as_bytes());
        if let (Some(scheme), credentials) = authorization_parts(&text) {
            add(secrets, kind_of_scheme(scheme), credentials);
        }
    }
}

/// Registers what a response carries: JSON members, parameters of a redirect, tokens by their shape, links in pages.
pub(super) fn from_response(secrets: &Register, response: &Response) {
    if let Ok(value) = serde_json::from_slice::<Value>(&response.body) {
        members(&value, &mut |name, value| {
            if let Some(kind) = kind_of(name) {
                add(secrets, kind, value);
            }
        });
    }
    // The raw text too: a body may be cut short, and JSON escapes make the kept text differ from the value.
    let body = prefix(&response.body, SEARCHED);
    beside_names(secrets, &body);
    by_shape(secrets, &body);
    for value in response.headers.values() {
        let text = String::from_utf8_lossy(value.as_bytes());
        beside_names(secrets, &text);
        by_shape(secrets, &text);
    }
}

fn kind_of(name: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
}

fn add(secrets: &Register, kind: &'static str, value: &str) {
    if !value.is_empty() {
        secrets.add(kind, value);
    }
}

/// Every member with a text, at any depth (serde_json bounds it).
fn members(value: &Value, found: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(text) => found(name, text),
                    other => members(other, found),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                members(item, found);
            }
        }
        _ => {}
    }
}

/// `"name": "value"` and `name=value` in any text. No server sends a password, but many pages speak of one.
fn beside_names(secrets: &Register, text: &str) {
    let spoken_of = |kind: &str| kind == "password";
    let names = NAMES.iter().filter(|(_, kind)| !spoken_of(kind));
    for (name, kind) in names.chain([&("code", "code")]) {
        for (at, _) in text.match_indices(name) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-') {
                continue;
            }
            let Some(value) = value_after(&text[at + name.len()..], *name == "code") else {
                continue;
            };
            if value.len() >= SHORTEST_IN_TEXT {
                secrets.add(kind, value);
                let decoded = percent_decode_str(value).decode_utf8_lossy();
                secrets.add(kind, &decoded);
            }
        }
    }
}

/// The value after a name: past `=`, or past a quote and `:` as in JSON; `refresh_token: expired` is prose. A `code` counts only after
/// `=`: in JSON it is an error's.
fn value_after(rest: &str, only_equals: bool) -> Option<&str> {
    let rest = match rest.strip_prefix('=') {
        Some(rest) => rest,
        None if only_equals => return None,
        None => {
            let quote = ["\"", "\\\"", "&quot;", "'"];
            let unquoted = quote.iter().find_map(|quote| rest.strip_prefix(quote));
            unquoted?.trim_start().strip_prefix(':')?
        }
    };
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('\\').unwrap_or(rest);
    let rest = rest.strip_prefix("&quot;").unwrap_or(rest);
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let end = rest
        .find(|c: char| c.is_whitespace() || "\"'&<>,;#})".contains(c))
        .unwrap_or(rest.len());
    Some(&rest[..end])
}

/// JWTs, and Salesforce's tokens and codes by their prefixes (wire facts section 3.2).
fn by_shape(secrets: &Register, text: &str) {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "._-!".contains(c);
    for word in text.split(|c| !is_token(c)).filter(|word| word.len() >= 20) {
        if word.starts_with("eyJ") && word.matches('.').count() >= 2 {
            secrets.add("jwt", word);
        } else if word.starts_with("00D") && word.contains('!') {
            secrets.add("access_token", word);
        } else if word.starts_with("5Aep861") {
            secrets.add("refresh_token", word);
        } else if word.starts_with("aPrx") {
            secrets.add("code", word);
        }
    }
}
