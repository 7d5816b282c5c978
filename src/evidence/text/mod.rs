//! A text that a person pastes: the address where the browser stopped, a response body, a line of a log, a bare code or sentence.

mod attempts;
mod clean;
mod find;
mod frames;
mod hints;
mod phrases;
mod search;
mod spoken;
mod status;
mod values;

use serde_json::Value;
use url::Url;

pub(super) use self::find::kept;
pub(super) use self::hints::sheet_beside;
pub use self::hints::sheet_of_text;
pub(super) use self::phrases::{known_code, whole_sentence};
pub use self::search::from_text_all;
pub(super) use self::search::is_answer;
use super::hosts::Host;
use super::step::INACTIVE;
use super::{Answer, Facts, Heard, Observation, PageKind, Seen};
use crate::cause::{Channel, wordings};
use crate::exchange::Endpoint;
use crate::oauth::parse_error;

/// Codes that only the revocation endpoint gives in a form body.
const REVOKE_CODES: [&str; 2] = ["invalid_token", "unsupported_token_type"];

/// What a pasted text shows; `None` where no answer of an authorization server is in it.
/// Nothing of the text is kept but status, code and sentence.
pub fn from_text(text: &str) -> Option<Observation> {
    let text = text.trim().trim_matches(['"', '\'', '`']).trim();
    if let Some(found) = from_address(text) {
        return Some(found);
    }
    let (status, body) = split_response(text);
    from_body(status, body).or_else(|| from_prose(text))
}

fn observation(endpoint: Option<Endpoint>, seen: Seen) -> Observation {
    Observation {
        grant: None,
        host: None,
        app_kind: None,
        endpoint,
        seen,
        at: None,
        facts: Facts::default(),
    }
}

pub(super) fn from_address(text: &str) -> Option<Observation> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    // `com.example.app:/oauth?error=…`: the scheme of an app has no host.
    let has_answer = |url: &Url| {
        let parts = [url.query(), url.fragment()];
        parts
            .into_iter()
            .flatten()
            .any(|part| part.contains("error=") || part.contains("code="))
    };
    let is_address = |url: &Url| url.has_host() || (url.path().starts_with('/') && has_answer(url));
    let url = Url::parse(text).ok().filter(is_address)?;
    let query: Vec<_> = url.query_pairs().into_owned().collect();
    let fragment = url.fragment().unwrap_or_default().as_bytes();
    let fragment: Vec<_> = url::form_urlencoded::parse(fragment).into_owned().collect();
    let value = |pairs: &[(String, String)], name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let refused = |endpoint, channel, pairs: &[(String, String)]| {
        let code = value(pairs, "error")?;
        let text = value(pairs, "error_description");
        Some(observation(
            Some(endpoint),
            Seen::Answer(Answer {
                channel: Some(channel),
                status: None,
                code: Heard::of_answer(Some(&code)),
                text: Heard::of_answer(text.as_deref()),
            }),
        ))
    };
    let is_error_page = url.path().ends_with("/RemoteAccessErrorPage.apexp");
    let found = if is_error_page {
        refused(Endpoint::ErrorPage, Channel::ErrorPage, &query)
    } else {
        refused(Endpoint::Callback, Channel::CallbackRedirect, &query)
            .or_else(|| refused(Endpoint::Callback, Channel::CallbackFragment, &fragment))
    };
    let found = found.or_else(|| {
        let passed = value(&query, "code").is_some() && value(&query, "state").is_some();
        passed.then(|| {
            observation(
                Some(Endpoint::Callback),
                Seen::Success { lacks: Vec::new() },
            )
        })
    });
    let found = found.or_else(|| match PageKind::of_url(text) {
        PageKind::Other => None,
        kind => Some(observation(
            Some(Endpoint::Page),
            Seen::Page { kind, title: None },
        )),
    });
    let host = Host::of_url(&url).and_then(|host| host.kind);
    found.map(|found| Observation { host, ..found })
}

/// The status line of a pasted response, and the body below its headers.
fn split_response(text: &str) -> (Option<u16>, &str) {
    if !text.starts_with("HTTP/") {
        return (None, text);
    }
    let status = text.split_ascii_whitespace().nth(1);
    let body = ["\r\n\r\n", "\n\n"]
        .into_iter()
        .find_map(|gap| text.split_once(gap))
        .map_or("", |(_, body)| body);
    (status.and_then(|status| status.parse().ok()), body.trim())
}

fn from_body(status: Option<u16>, body: &str) -> Option<Observation> {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let answer = |channel, code, text| {
        Seen::Answer(Answer {
            channel: Some(channel),
            status,
            code,
            text,
        })
    };
    match &json {
        Some(Value::Object(map)) if map.get("active") == Some(&Value::Bool(false)) => {
            let text = Heard::Said(INACTIVE.to_owned());
            let seen = answer(Channel::IntrospectJson, Heard::Nothing, text);
            return Some(observation(Some(Endpoint::Introspect), seen));
        }
        Some(Value::Object(map)) if map.contains_key("access_token") => {
            let seen = Seen::Success { lacks: Vec::new() };
            return Some(observation(Some(Endpoint::Token), seen));
        }
        _ => {}
    }
    let error = parse_error(body.as_bytes())?;
    let code = Heard::of_answer(Some(&error.error));
    let text = Heard::of_answer(error.description.as_deref());
    let is_rest = body.starts_with('[') || body.contains("\"errorCode\"");
    let (endpoint, channel) = if is_rest {
        (Endpoint::Rest, Channel::RestJson)
    } else if json.is_some() {
        (Endpoint::Token, Channel::TokenJson)
    } else if REVOKE_CODES.contains(&error.error.as_str()) {
        (Endpoint::Revoke, Channel::RevokeResponse)
    } else {
        (Endpoint::Authorize, Channel::AuthorizeRawBody)
    };
    Some(observation(Some(endpoint), answer(channel, code, text)))
}

/// A sentence or a code that the tables know, somewhere in the text. A sentence says more than a code, a long one more than a short one.
fn from_prose(text: &str) -> Option<Observation> {
    let lower = text.to_lowercase();
    let sentence = wordings()
        .iter()
        .filter_map(|wording| wording.text)
        .filter(|known| holds(&lower, &known.to_lowercase()))
        .max_by_key(|known| known.len());
    let code = wordings()
        .iter()
        .filter(|wording| wording.channel != Channel::HtmlPage || wording.code.contains(' '))
        .map(|wording| wording.code)
        .filter(|code| !code.is_empty() && holds(&lower, &code.to_lowercase()))
        .max_by_key(|code| code.len());
    let heard =
        |words: Option<&str>| words.map_or(Heard::Unknown, |words| Heard::Said(words.to_owned()));
    // "authentication failure" is in "authentication failure - Invalid Password": a code that does not go with the sentence is chance.
    let code = code.filter(|code| {
        sentence.is_none_or(|sentence| {
            wordings()
                .iter()
                .any(|wording| wording.code == *code && wording.text == Some(sentence))
        })
    });
    if code.is_none() && sentence.is_none() {
        return None;
    }
    Some(observation(
        None,
        Seen::Answer(Answer {
            channel: None,
            status: None,
            code: heard(code),
            text: heard(sentence),
        }),
    ))
}

/// Whether a phrase stands in a text with no letter, digit or underscore beside it.
fn holds(text: &str, phrase: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(phrase).any(|(at, _)| {
        !text[..at].ends_with(joins) && !text[at + phrase.len()..].starts_with(joins)
    })
}
