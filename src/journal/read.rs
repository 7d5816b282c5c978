//! The reader. It takes what a killed run left: a last line that was cut off, and lines that are no records.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use crate::report::RunReport;

use super::{Error, Event, Fold, Keep};

/// The events of a journal, one after the other, so that memory does not grow with the run.
pub struct Events {
    path: PathBuf,
    lines: BufReader<File>,
    line: Vec<u8>,
    length: u64,
    damaged: usize,
    cut: bool,
}

/// Opens a journal.
pub fn events(path: &Path) -> Result<Events, Error> {
    let file = File::open(path).map_err(|error| Error::read(path, error))?;
    Ok(Events {
        path: path.to_owned(),
        lines: BufReader::new(file),
        line: Vec::new(),
        length: 0,
        damaged: 0,
        cut: false,
    })
}

impl Events {
    /// The length of all whole lines that were read so far, in octets.
    pub const fn whole_length(&self) -> u64 {
        self.length
    }
}

impl Iterator for Events {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.line.clear();
            match self.lines.read_until(b'\n', &mut self.line) {
                Ok(0) => return None,
                Ok(_) if !self.line.ends_with(b"\n") => {
                    self.cut = true;
                    return None;
                }
                Ok(length) => self.length += length as u64,
                Err(error) => return Some(Err(Error::read(&self.path, error))),
            }
            match serde_json::from_slice(&self.line) {
                Ok(event) => return Some(Ok(event)),
                Err(_) => self.damaged += 1,
            }
        }
    }
}

/// A stored run.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The report of what the journal holds.
    pub report: RunReport,
    /// Whole lines that are no records and were passed over.
    pub damaged: usize,
    /// The last line was cut off: the run was killed while it wrote, or writes it now.
    pub cut: bool,
}

/// Reads a journal and folds it.
pub fn read(path: &Path, keep: Keep) -> Result<Stored, Error> {
    let mut fold = Fold::new(keep);
    let mut events = events(path)?;
    for event in &mut events {
        fold.push(event?);
    }
    if !fold.has_started() {
        return Err(Error::NotAJournal {
            path: path.to_owned(),
        });
    }
    Ok(Stored {
        report: fold.finish(),
        damaged: events.damaged,
        cut: events.cut,
    })
}
