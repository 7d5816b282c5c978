//! The journal of a run: append-only JSON Lines in `STATE/runs/ID/journal.jsonl`. Each step's result is there before the next begins, so a
//! run that was interrupted or killed can be reported and resumed. Every record is scanned for secrets before it is written.

mod error;
mod event;
mod fold;
mod list;
mod read;
mod write;

use std::path::{Path, PathBuf};

pub use error::Error;
pub use event::{Event, Opening};
pub use fold::{Fold, Keep};
pub use list::{Listed, find, list};
pub use read::{Events, Stored, events, read};
pub use write::{Journal, run_id};

/// The folder of all runs.
pub fn runs_folder(state: &Path) -> PathBuf {
    state.join("runs")
}

/// The journal of a run.
pub fn journal_file(state: &Path, id: &str) -> PathBuf {
    runs_folder(state).join(id).join("journal.jsonl")
}

#[cfg(test)]
mod tests;
