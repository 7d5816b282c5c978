//! What a verdict rests on: each check with the setting it read, the value found and the value needed.

use crate::cause::CauseId;
use crate::factor::Factor;

/// The stages of a flow, in the order of wire facts section 5.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The form of the request: method, body, grant type, parameters.
    Request,
    /// The host accepts the grant.
    Host,
    /// The client id resolves.
    Client,
    /// The app is open.
    App,
    /// The client authenticates.
    ClientAuthentication,
    /// Code, verifier, assertion, run-as user, refresh token, device.
    Grant,
    /// The person at the login page.
    Login,
    /// The user may use the app.
    Admission,
    /// State of the user.
    Person,
    /// Addresses and hours.
    Network,
    /// Session level.
    Session,
    /// Scopes.
    Scope,
    /// Consent.
    Consent,
    /// The first call with the token.
    Use,
}

impl Stage {
    /// The name in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Host => "host",
            Self::Client => "client",
            Self::App => "app",
            Self::ClientAuthentication => "client_authentication",
            Self::Grant => "grant",
            Self::Login => "login",
            Self::Admission => "admission",
            Self::Person => "person",
            Self::Network => "network",
            Self::Session => "session",
            Self::Scope => "scope",
            Self::Consent => "consent",
            Self::Use => "use",
        }
    }
}

/// One check as made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    /// Where in the flow.
    pub stage: Stage,
    /// What was read.
    pub factor: Factor,
    /// What was found.
    pub found: String,
    /// What was needed.
    pub needed: &'static str,
    /// Whether it sufficed.
    pub passed: bool,
    /// The cause that a failure names.
    pub cause: CauseId,
}

/// Takes the checks of a verdict. `()` takes none and costs nothing.
pub trait Trace {
    /// Takes one check; `row` is called only by a trace that keeps it.
    fn check(&mut self, row: impl FnOnce() -> CheckRow);
}

impl Trace for () {
    fn check(&mut self, _: impl FnOnce() -> CheckRow) {}
}

/// A trace that keeps every check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger(pub Vec<CheckRow>);

impl Trace for Ledger {
    fn check(&mut self, row: impl FnOnce() -> CheckRow) {
        self.0.push(row());
    }
}
