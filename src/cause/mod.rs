//! Causes and wordings: the catalogue as data, read once at first need, and the table that ties a cause to factor values.

mod catalogue;
mod conditions;
mod id;
mod login_history;
mod rfc;
mod wording;

pub use catalogue::{Entry, by_alias, entries, entry};
pub use conditions::{CONDITIONS, Condition, Modelled, OUTSIDE, Shows, conditions, outside_reason};
pub use id::CauseId;
pub use login_history::{StatusRow, login_history, login_history_of, login_history_rows};
pub use rfc::{RfcAnswer, StatusRule, rfc_answers};
pub use wording::{AppKind, Channel, Standing, Wording, emitted, wordings};
