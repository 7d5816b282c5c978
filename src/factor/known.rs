//! What is known of the factors, and from where. Absent means unknown, never "default".

use std::collections::BTreeMap;

use super::{Factor, Value};

/// Where a known value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// A file, and the line in it.
    File {
        /// The file, as the user named it.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// A query of an org.
    Query(String),
    /// A documented default of a record that is known to exist.
    Default,
    /// `declared:` of a scenario, or a flag of the command line.
    Declared,
}

/// Known values by factor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<Factor, (Value, Provenance)>);

impl Known {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns a value; a later one replaces an earlier one.
    pub fn learn(&mut self, factor: Factor, value: Value, from: Provenance) {
        self.0.insert(factor, (value, from));
    }

    /// Knows it no longer.
    pub fn forget(&mut self, factor: Factor) {
        self.0.remove(&factor);
    }

    /// The value and its provenance.
    pub fn value(&self, factor: Factor) -> Option<&(Value, Provenance)> {
        self.0.get(&factor)
    }

    /// All that is known, in the order of the factors.
    pub fn iter(&self) -> impl Iterator<Item = (Factor, &Value, &Provenance)> {
        self.0
            .iter()
            .map(|(factor, (value, from))| (*factor, value, from))
    }
}
