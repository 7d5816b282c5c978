//! The REST, identity and SOAP sides of the simulated org, and the second door, as pure functions: no I/O, no clock, no state of their own.
//! The server judges the access token first (`Event::Use`); what arrives here may be answered.

mod describe;
pub mod door;
pub mod identity;
pub mod ids;
pub mod objects;
mod routes;
pub mod soap;
pub mod soql;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::directory::{Directory, PersonRecord};
use crate::model::{OrgState, PersonId};

/// `Content-Type` of the REST API.
pub const JSON: &str = "application/json;charset=UTF-8";
/// `Cache-Control` of the REST API.
pub const NOT_KEPT: &str = "no-cache,must-revalidate,max-age=0,no-store,private";

/// What an answer is made from.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Names, ids, records.
    pub directory: &'a Directory,
    /// Policy, approvals, tokens.
    pub state: &'a OrgState,
    /// The org's present.
    pub now: Timestamp,
    /// Whose access token the call carries.
    pub caller: PersonId,
}

impl View<'_> {
    /// The id of the caller's user record.
    pub fn caller_id(&self) -> &str {
        self.caller_record().map_or("", |record| &record.id)
    }

    /// Whether the caller may read Setup records of others.
    pub fn is_administrator(&self) -> bool {
        self.caller_record()
            .is_some_and(|record| record.administrator)
    }

    fn caller_record(&self) -> Option<&PersonRecord> {
        self.directory.people.get(self.caller.0)
    }
}

/// A call under `/services/data`.
#[derive(Debug, Clone, Copy)]
pub struct RestRequest<'a> {
    /// The method, upper case.
    pub method: &'a str,
    /// The path as sent, percent-encoded; double slashes are merged here.
    pub path: &'a str,
    /// The query as sent, without the question mark; empty where none was.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// An answer, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl RestAnswer {
    /// JSON as the REST API sends it. Standing of type and caching header: reported (wire facts 3.1).
    fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: JSON,
            headers: vec![("Cache-Control", NOT_KEPT.to_owned())],
            body: body.to_string(),
        }
    }

    /// A refusal of the REST API: an array with one error.
    pub fn refusal(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!([{ "message": message, "errorCode": code }]))
    }
}

/// Answers a call under `/services/data` whose token was judged and may pass (the list of versions needs none).
pub fn answer(request: &RestRequest<'_>, view: &View<'_>) -> RestAnswer {
    let mut answer = routes::answer(request, view);
    let org = &view.directory.org;
    answer.headers.push((
        "Sforce-Limit-Info",
        format!("api-usage={}/{}", org.api_calls, org.api_call_limit),
    ));
    answer
}

#[cfg(test)]
mod tests;
