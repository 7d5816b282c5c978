//! What it means when the browser ends on a page in place of the callback (wire facts section 5.1).

use url::Url;

use super::answer::{off, redacted};
use super::step::Step;
use super::{Breach, Outcome};
use crate::exchange::Endpoint;
use crate::oauth::{ErrorResponse, parse_error};

/// The page that a Salesforce host shows in place of a redirect; the reason is only in its own query.
const ERROR_PAGE: &str = "/setup/secur/RemoteAccessErrorPage.apexp";

/// The outcome of a visit that ended on a page.
pub(super) fn outcome(step: &Step<'_>, url: &str, status: u16, title: &str, text: &str) -> Outcome {
    let secrets = step.ports.secrets;
    let refused = |at, error| Outcome::Refused {
        at,
        error: redacted(error, secrets),
    };
    if let Some(error) = error_page(url) {
        return refused(Endpoint::ErrorPage, error);
    }
    if let Some(error) = parse_error(text.as_bytes()).or_else(|| listed(status, text)) {
        return refused(Endpoint::Authorize, error);
    }
    if is_loop(url, status) {
        return off(
            Endpoint::Authorize,
            Breach::Loop {
                hops: crate::ports::MAX_HOPS,
            },
        );
    }
    let breach = Breach::DeadEnd {
        title: secrets.redact(title),
        url: secrets.redact(url),
        text: secrets.redact(text),
    };
    off(Endpoint::Page, breach)
}

fn error_page(url: &str) -> Option<ErrorResponse> {
    let url = Url::parse(url).ok()?;
    if !url.path().ends_with(ERROR_PAGE) {
        return None;
    }
    let value = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    Some(ErrorResponse {
        error: value("error")?,
        description: value("error_description"),
        uri: value("error_uri"),
    })
}

/// What an authorization endpoint may not redirect with, as a page may spell it (`invalid_client: client is invalid`).
const CODES: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_redirect_uri",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
];

/// An error page of an RFC server that lists the protocol error line by line (`error: invalid_client`), as oidc-provider does.
fn listed(status: u16, text: &str) -> Option<ErrorResponse> {
    let line = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    if status < 400 {
        return None;
    }
    let Some(error) = line("error").filter(|error| !error.is_empty()) else {
        return CODES.iter().find_map(|code| {
            let sentence = line(code)?;
            Some(ErrorResponse {
                error: (*code).to_owned(),
                description: Some(sentence),
                uri: None,
            })
        });
    };
    Some(ErrorResponse {
        error,
        description: line("error_description"),
        uri: line("error_uri"),
    })
}

/// The agent stops at a redirect only when there were too many, or when it leads out of HTTP.
fn is_loop(url: &str, status: u16) -> bool {
    (300..400).contains(&status) && url.starts_with("http")
}
