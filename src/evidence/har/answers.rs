//! What one recorded answer says.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::Role;
use super::log::Entry;
use crate::cause::Channel;
use crate::evidence::step::{INACTIVE, lacks, refusal};
use crate::evidence::{Answer, Heard, Seen, SentRequest, redact, soap, text};
use crate::exchange::{Endpoint, Fault};
use crate::grant::Breach;
use crate::oauth::{ErrorResponse, GrantKind, parse_error, parse_token};

/// What an entry shows; `None` for a step on the way.
pub(super) fn seen(
    entry: &Entry,
    role: Role,
    grant: Option<GrantKind>,
    authorize: Option<&SentRequest>,
) -> Option<Seen> {
    let endpoint = match role {
        Role::At(endpoint) => endpoint,
        Role::Page(_) => return None,
        Role::Soap => return soap_answer(entry),
    };
    if matches!(endpoint, Endpoint::Callback | Endpoint::ErrorPage) {
        return of_address(&entry.url, endpoint);
    }
    if entry.status == 0 {
        return Some(silence(entry));
    }
    match endpoint {
        Endpoint::Authorize => of_authorize(entry),
        Endpoint::Token | Endpoint::DeviceAuthorization => {
            Some(of_token(entry, endpoint, grant, authorize))
        }
        Endpoint::Introspect if is_inactive(entry) => Some(Seen::Answer(Answer {
            channel: Some(Channel::IntrospectJson),
            status: Some(entry.status),
            code: Heard::Nothing,
            text: Heard::Said(INACTIVE.to_owned()),
        })),
        Endpoint::Introspect
        | Endpoint::Revoke
        | Endpoint::Userinfo
        | Endpoint::Identity
        | Endpoint::Rest => Some(of_call(entry, endpoint)),
        _ => None,
    }
}

/// An answer in the address of a callback or of the error page.
pub(super) fn of_address(url: &Url, endpoint: Endpoint) -> Option<Seen> {
    let seen = text::from_address(url.as_str()).map(|found| found.seen);
    match seen {
        Some(Seen::Answer(answer)) => Some(Seen::Answer(text::kept(answer))),
        _ if endpoint == Endpoint::Callback && carries_token(url) => {
            Some(Seen::Success { lacks: Vec::new() })
        }
        _ => None,
    }
}

/// Whether a callback brings a code, or the token itself.
fn carries_token(url: &Url) -> bool {
    let fragment = url::form_urlencoded::parse(url.fragment().unwrap_or_default().as_bytes());
    url.query_pairs()
        .chain(fragment)
        .any(|(name, _)| name == "code" || name == "access_token")
}

/// The title of a page: it may hold a code in words (`OAuth 1800`).
pub(super) fn title(entry: &Entry) -> Option<String> {
    let html = entry.body.as_deref()?;
    let (_, rest) = html.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    let words: Vec<&str> = title.split_whitespace().collect();
    let title = redact::words(&words.join(" ")).into_owned();
    Some(title).filter(|title| !title.is_empty())
}

fn of_authorize(entry: &Entry) -> Option<Seen> {
    let body = entry.body.as_deref().unwrap_or_default().trim();
    let is_error = entry.status >= 400 || body.starts_with("error=");
    is_error.then(|| refused(entry, Endpoint::Authorize))
}

fn of_token(
    entry: &Entry,
    endpoint: Endpoint,
    grant: Option<GrantKind>,
    authorize: Option<&SentRequest>,
) -> Seen {
    let Some(body) = entry.body.as_deref() else {
        return match entry.status {
            200..=299 => Seen::Success { lacks: Vec::new() },
            _ => refused(entry, endpoint),
        };
    };
    if let Ok(token) = parse_token(body.as_bytes()) {
        let asked = authorize.and_then(|request| request.value("scope"));
        let lacks = grant
            .map(|grant| lacks(grant, asked, &token))
            .unwrap_or_default();
        return Seen::Success { lacks };
    }
    let json: Option<Value> = serde_json::from_str(body).ok();
    let has_device_code = json
        .as_ref()
        .is_some_and(|json| json.get("device_code").is_some());
    if has_device_code {
        return Seen::Success { lacks: Vec::new() };
    }
    if parse_error(body.as_bytes()).is_none() && json.is_none() && !body.trim().is_empty() {
        return Seen::OffProtocol {
            breach: Breach::NotJson {
                found: entry.media_type.clone(),
                // A page of a proxy or of an org may hold anything.
                begin: "(its text is not kept)".to_owned(),
            },
        };
    }
    refused(entry, endpoint)
}

fn of_call(entry: &Entry, endpoint: Endpoint) -> Seen {
    if entry.status < 400 {
        Seen::Success { lacks: Vec::new() }
    } else {
        refused(entry, endpoint)
    }
}

/// A refusal in the body, or by its status alone. A body that was not saved leaves the words unknown.
fn refused(entry: &Entry, endpoint: Endpoint) -> Seen {
    let mut error = ErrorResponse::default();
    if let Some(body) = entry.body.as_deref().map(str::trim) {
        let is_plain = matches!(endpoint, Endpoint::Userinfo | Endpoint::Identity)
            && !body.contains(char::is_whitespace)
            && body.len() <= 60;
        error = parse_error(body.as_bytes()).unwrap_or_else(|| ErrorResponse {
            error: if is_plain {
                body.to_owned()
            } else {
                String::new()
            },
            ..ErrorResponse::default()
        });
    }
    let mut answer = text::kept(refusal(endpoint, Some(entry.status), &error));
    if entry.body.is_none() {
        answer.code = Heard::Unknown;
        answer.text = Heard::Unknown;
    }
    Seen::Answer(answer)
}

fn is_inactive(entry: &Entry) -> bool {
    let body = entry
        .body
        .as_deref()
        .and_then(|body| serde_json::from_str::<Value>(body).ok());
    body.is_some_and(|body| body.get("active") == Some(&Value::Bool(false)))
}

fn soap_answer(entry: &Entry) -> Option<Seen> {
    let (code, text) = soap::fault(entry.body.as_deref()?)?;
    Some(Seen::Answer(text::kept(Answer {
        channel: None,
        status: Some(entry.status),
        code: Heard::of_answer(Some(&code)),
        text: Heard::of_answer(text.as_deref()),
    })))
}

/// Why nothing came, by the words of browsers.
fn silence(entry: &Entry) -> Seen {
    let host = entry.url.host_str().unwrap_or_default().to_owned();
    let authority = match entry.url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.clone(),
    };
    let said = entry.fault.to_ascii_uppercase();
    let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // Our own recordings name the server before the reason, as every fault does again.
    let reason = match entry.fault.rsplit(": ").next() {
        Some(reason) if !reason.is_empty() => reason.to_owned(),
        _ => "the recording has no answer".to_owned(),
    };
    let fault = if any(&["NAME_NOT_RESOLVED", "UNKNOWN_HOST", "HAS NO ADDRESS"]) {
        Fault::Dns { host }
    } else if any(&["CERT", "SSL", "TLS"]) {
        Fault::Tls { authority, reason }
    } else if any(&["CONNECTION_REFUSED", "NO CONNECTION"]) {
        Fault::Connect { authority, reason }
    } else if any(&["TIMED_OUT", "NET_TIMEOUT"]) {
        Fault::Timeout {
            authority,
            after: Duration::ZERO,
        }
    } else {
        Fault::Broken { authority, reason }
    };
    Seen::Silence { fault }
}
