//! The simulated org: the policy model behind HTTP. A request becomes an [`Event`](crate::model::Event) with judged facts, the model
//! decides, and the wording of the cause is what goes out. No rule of policy stands here.
//!
//! [`OrgServer`] serves many [`Tenant`]s on shared loopback ports; a tenant is one org with its own state, clock and secrets.

mod asked;
mod assertion;
mod credentials;
pub mod directory;
mod door;
mod endpoints;
mod facts;
mod flow;
mod keys;
mod names;
mod pages;
mod respond;
pub mod rest;
mod serve;
mod server;
mod tenant;
mod texts;
mod weather;

pub use credentials::{AppCredentials, Credentials, PersonCredentials};
pub use keys::client_key_pem;
pub use names::{Gate, Ports};
pub use serve::{Listener, Serving};
pub use server::OrgServer;
pub use tenant::{FaultAt, FaultKind, LedgerEntry, Setup, Tenant};
pub use weather::Weather;

#[cfg(test)]
mod tests;
