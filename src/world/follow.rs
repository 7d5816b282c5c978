//! The checks of a run with the endpoint that made each.

use crate::exchange::Endpoint;
use crate::model::{CheckRow, Ledger, Trace};

/// A trace that is told at which endpoint the checks to come are made.
pub trait Follow: Trace {
    /// The checks to come are made at this endpoint.
    fn at(&mut self, _endpoint: Endpoint) {}
}

impl Follow for () {}

impl Follow for Ledger {}

/// One check, and the endpoint that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Where the client had asked.
    pub at: Endpoint,
    /// The check.
    pub row: CheckRow,
}

/// A trace that keeps every check with its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checks {
    /// The checks, in the order in which they were made.
    pub made: Vec<Made>,
    at: Endpoint,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            made: Vec::new(),
            at: Endpoint::Token,
        }
    }
}

impl Trace for Checks {
    fn check(&mut self, row: impl FnOnce() -> CheckRow) {
        self.made.push(Made {
            at: self.at,
            row: row(),
        });
    }
}

impl Follow for Checks {
    fn at(&mut self, endpoint: Endpoint) {
        self.at = endpoint;
    }
}
