//! Reads an answer: a token, a refusal, or something outside the protocol. Total: each answer has exactly one outcome.

use http::{StatusCode, header};
use serde_json::Value;

use super::{Breach, Outcome};
use crate::exchange::{Endpoint, Response};
use crate::oauth::{ErrorResponse, TokenResponse, parse_error, parse_token};
use crate::secret::Register;

/// How much of a foreign body a breach quotes, in characters.
const QUOTED: usize = 200;

/// The token in an answer of the token endpoint (RFC 6749 section 5.1), or how the step ends without one.
pub(super) fn token(
    response: &Response,
    secrets: &Register,
) -> Result<Box<TokenResponse>, Outcome> {
    let at = Endpoint::Token;
    if let Some(outcome) = refused(at, response, secrets) {
        return Err(outcome);
    }
    match parse_token(&response.body) {
        Ok(token) if response.status.is_success() => Ok(Box::new(token)),
        Ok(_) => Err(off(at, status(response))),
        Err(reason) => Err(off(at, shape(response, reason, secrets))),
    }
}

/// The JSON object in a good answer, or how the step ends without one.
pub(super) fn object(
    at: Endpoint,
    response: &Response,
    secrets: &Register,
) -> Result<serde_json::Map<String, Value>, Outcome> {
    if let Some(outcome) = refused(at, response, secrets) {
        return Err(outcome);
    }
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(map)) if response.status.is_success() => Ok(map),
        _ => Err(off(at, shape(response, "it is no JSON object", secrets))),
    }
}

/// An answer that is cut, or carries an error whatever its status says.
fn refused(at: Endpoint, response: &Response, secrets: &Register) -> Option<Outcome> {
    if response.cut {
        let limit = response.body.len();
        return Some(off(at, Breach::TooLong { limit }));
    }
    let error = parse_error(&response.body)?;
    Some(Outcome::Refused {
        at,
        error: redacted(error, secrets),
    })
}

/// What is wrong with a body that carries neither what was asked for nor an error.
fn shape(response: &Response, reason: &str, secrets: &Register) -> Breach {
    if serde_json::from_slice::<Value>(&response.body).is_ok() {
        if response.status.is_success() {
            let reason = reason.to_owned();
            return Breach::Shape { reason };
        }
        return status(response);
    }
    if response.body.is_empty() || response.status.is_redirection() {
        return status(response);
    }
    let found = response.header(&header::CONTENT_TYPE).unwrap_or("untyped");
    Breach::NotJson {
        found: secrets.redact(found),
        begin: quoted(&response.text(), secrets),
    }
}

fn status(response: &Response) -> Breach {
    Breach::Status {
        status: response.status.as_u16(),
    }
}

/// The outcome for a breach.
pub(super) fn off(at: Endpoint, breach: Breach) -> Outcome {
    Outcome::OffProtocol { at, breach }
}

/// A server may repeat what it was sent: its words are redacted like everything else.
pub(super) fn redacted(error: ErrorResponse, secrets: &Register) -> ErrorResponse {
    let redact = |text: String| secrets.redact(&text);
    ErrorResponse {
        error: redact(error.error),
        description: error.description.map(redact),
        uri: error.uri.map(redact),
    }
}

/// The first characters of a text, redacted, in one line.
pub(super) fn quoted(text: &str, secrets: &Register) -> String {
    // A token cut in the middle would no longer be recognised: redact first. The bound keeps a long body cheap.
    let begin = &text[..text.floor_char_boundary(64 * 1024)];
    let words: Vec<_> = begin.split_whitespace().collect();
    secrets
        .redact(&words.join(" "))
        .chars()
        .take(QUOTED)
        .collect()
}

/// The refusal in the answer of a resource: JSON object or array, form, a plain word (`Bad_OAuth_Token`), or the challenge of
/// RFC 6750 section 3.
pub(super) fn resource_error(response: &Response, secrets: &Register) -> Option<ErrorResponse> {
    if response.status.is_success() {
        return None;
    }
    let error = parse_error(&response.body)
        .or_else(|| challenge(response))
        .or_else(|| plain_word(response));
    error.map(|error| redacted(error, secrets))
}

fn challenge(response: &Response) -> Option<ErrorResponse> {
    let text = response.header(&header::WWW_AUTHENTICATE)?;
    let quoted = |name: &str| {
        let (_, rest) = text.split_once(&format!("{name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    Some(ErrorResponse {
        error: quoted("error")?,
        description: quoted("error_description"),
        uri: quoted("error_uri"),
    })
}

fn plain_word(response: &Response) -> Option<ErrorResponse> {
    let text = response.text();
    let word = text.trim();
    let is_word = !word.is_empty() && word.len() <= QUOTED && !word.starts_with(['<', '{', '[']);
    is_word.then(|| ErrorResponse {
        error: word.to_owned(),
        ..ErrorResponse::default()
    })
}

/// Whether an answer is a plain success.
pub(super) fn is_ok(response: &Response) -> bool {
    response.status == StatusCode::OK && !response.cut
}
