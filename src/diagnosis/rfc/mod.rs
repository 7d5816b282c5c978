//! What an answer means at a server that is not Salesforce: by the RFCs' codes, by the status alone, and by words that single servers are
//! known to use (`cause/data/rfc.csv`).

mod request;

pub(super) use self::request::of_request;
use super::Basis;
use super::fit::Fit;
use crate::cause::{CauseId, RfcAnswer, Standing, rfc_answers};
use crate::evidence::{Answer, Heard, Observation};
use crate::exchange::Endpoint;

/// The causes that an answer has here, those whose very words it is first.
pub(super) fn fits(observation: &Observation, answer: &Answer) -> Vec<Fit> {
    let mut rows: Vec<&RfcAnswer> = rfc_answers()
        .iter()
        .filter(|row| is_of(row, observation) && says(row, answer))
        .collect();
    // A sentence tells more than a code, and a code of the RFC more than one that a server has made up.
    rows.sort_by_key(|row| (row.text.is_none(), row.server.is_some()));
    let mut fits: Vec<Fit> = Vec::new();
    for row in rows {
        if !fits.iter().any(|fit| fit.cause == row.cause) {
            fits.push(fit(row));
        }
    }
    fits
}

/// Whether the row is of this part of this grant.
fn is_of(row: &RfcAnswer, observation: &Observation) -> bool {
    let grant = observation
        .grant
        .is_none_or(|grant| row.grants.is_empty() || row.grants.contains(&grant));
    let place = observation
        .endpoint
        .and_then(place)
        .is_none_or(|place| row.places.is_empty() || row.places.contains(&place));
    grant && place
}

/// The word of the table for an endpoint.
const fn place(endpoint: Endpoint) -> Option<&'static str> {
    Some(match endpoint {
        Endpoint::Authorize | Endpoint::Page | Endpoint::ErrorPage => "authorize",
        Endpoint::Callback => "callback",
        Endpoint::Token => "token",
        Endpoint::DeviceAuthorization => "device_authorization",
        Endpoint::Introspect => "introspect",
        Endpoint::Revoke => "revoke",
        Endpoint::Userinfo | Endpoint::Identity | Endpoint::Rest => "resource",
        Endpoint::DevicePage | Endpoint::Discovery | Endpoint::Jwks => return None,
    })
}

fn says(row: &RfcAnswer, answer: &Answer) -> bool {
    let status = match (row.status, answer.status) {
        (Some(rule), Some(status)) => rule.holds(status),
        // A row by status alone needs one.
        (Some(_), None) => row.code.is_some(),
        (None, _) => true,
    };
    let code = match &answer.code {
        Heard::Said(code) => row.code == Some(code),
        Heard::Nothing => row.code.is_none(),
        Heard::Unknown => false,
    };
    status && code && row.has_text(answer.text.words())
}

fn fit(row: &RfcAnswer) -> Fit {
    let what = row
        .code
        .map_or_else(|| "the status alone".to_owned(), str::to_owned);
    let (basis, standing, because) = match (row.server, row.text) {
        (Some(server), Some(_)) => (
            Basis::Words,
            Standing::Recorded,
            format!("{server} says it in these words"),
        ),
        (Some(server), None) => (
            Basis::Code,
            Standing::Recorded,
            format!("{server} gives {what} this meaning, which the RFC does not"),
        ),
        (None, _) if row.code.is_none() => (
            Basis::Code,
            Standing::Assumed,
            "the RFC gives the status this meaning; the code that it demands is missing".to_owned(),
        ),
        (None, _) => (
            Basis::Rfc,
            Standing::Documented,
            format!("the RFC gives {what} this meaning"),
        ),
    };
    Fit {
        cause: row.cause,
        basis,
        standing,
        source: row.source,
        because,
    }
}

/// The codes of an `rfc_` cause, those of single servers last.
pub fn rfc_codes(cause: CauseId) -> Vec<&'static str> {
    let mut codes: Vec<&'static str> = Vec::new();
    for row in rfc_answers().iter().filter(|row| row.cause == cause) {
        codes.extend(row.code.filter(|code| !codes.contains(code)));
    }
    codes
}

#[cfg(test)]
mod tests;
