//! The REST, identity and SOAP sides of the simulated org, and the second door, as pure functions: no I/O, no clock, no state of their own.
//! The server judges the access token first (`Event::Use`); what arrives here may be answered.

pub mod ids;
pub mod soql;

use jiff::Timestamp;

use super::directory::Directory;
use crate::model::{OrgState, PersonId};

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

/// Answers a call whose token was judged and may pass.
pub fn answer(request: &RestRequest<'_>, view: &View<'_>) -> RestAnswer {
    let _ = (request, view);
    RestAnswer {
        status: 404,
        content_type: "application/json;charset=UTF-8",
        headers: Vec::new(),
        body: String::new(),
    }
}
