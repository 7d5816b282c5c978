//! The vocabulary of the RFCs, without I/O: grant types, hosts, scopes, PKCE, assertions, token and error responses.
//! `dialect` says where Salesforce differs from the RFCs.

mod assertion;
mod dialect;
mod grant_kind;
mod pkce;
mod response;
mod scope;

pub use assertion::{Assertion, AssertionError, Claims};
pub use dialect::{Dialect, HostKind};
pub use grant_kind::GrantKind;
pub use pkce::{CodeVerifier, Fault as VerifierFault, challenge_of};
pub use response::{ErrorResponse, TokenResponse, parse_error, parse_token};
pub use scope::{SCOPES, Scope, ScopeSet};
