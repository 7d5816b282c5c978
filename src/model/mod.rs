//! The one policy model: [`decide()`] judges an event on a state, [`apply()`] is the only change of state, [`replay`] the only loop.
//! Pure: no clock, no network, no randomness, no octets. Time is an argument; secrets arrive as judged facts.

mod apply;
mod decide;
mod event;
mod rules;
mod settings;
mod state;
mod trace;
mod words;

pub use apply::{Applied, apply, replay};
pub use decide::{Effect, Page, Verdict, decide};
pub use event::*;
pub use settings::{DeltaError, read, set, set_for, set_setting};
pub use state::*;
pub use trace::{CheckRow, Ledger, Stage, Trace};
pub use words::*;

#[cfg(test)]
mod tests;
