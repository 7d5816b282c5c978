//! Everything that can decide a flow: [`Factor`], its values, a change of one ([`Delta`]), and what is known of them ([`Known`]).

mod known;
pub mod plain;
mod table;
mod value;

pub use known::{Known, Provenance};
pub use table::{Factor, FactorKind};
pub use value::Value;

/// A factor set to a value: a hypothesis, a what-if, a Setup change, a fix. One type for all four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// What is set.
    pub factor: Factor,
    /// To what.
    pub value: Value,
    /// For a person's factor: whose. `None` means every person of the state.
    pub person: Option<String>,
}

impl Delta {
    /// A change of a setting, of the org, of the request or of the environment.
    pub fn new(factor: Factor, value: impl Into<Value>) -> Self {
        Self {
            factor,
            value: value.into(),
            person: None,
        }
    }

    /// The same change for one person.
    #[must_use]
    pub fn of(mut self, username: impl Into<String>) -> Self {
        self.person = Some(username.into());
        self
    }
}
