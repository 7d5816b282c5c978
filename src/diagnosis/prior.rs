//! How common a cause is before anything is seen: a small table, and a default by what our knowledge of the cause rests on.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::cause::{CauseId, Standing, entry};

#[derive(Deserialize)]
struct Row {
    cause: String,
    weight: f64,
}

static TABLE: LazyLock<HashMap<CauseId, f64>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/prior.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| row.expect("invariant: prior.csv is well-formed"))
        .map(|row| {
            let cause =
                CauseId::parse(&row.cause).expect("invariant: prior.csv names known causes");
            (cause, row.weight)
        })
        .collect()
});

/// The weight of a cause among all, before anything is seen. Not normalised.
pub(super) fn prior(cause: CauseId) -> f64 {
    TABLE.get(&cause).copied().unwrap_or_else(|| {
        // What nobody reported is rarer than what somebody did.
        match entry(cause).wording {
            Standing::Recorded => 0.8,
            Standing::Documented | Standing::Reported => 0.6,
            Standing::Assumed => 0.3,
        }
    })
}

/// How many numbers the table holds, for the count of free parameters.
pub fn prior_rows() -> usize {
    TABLE.len()
}
