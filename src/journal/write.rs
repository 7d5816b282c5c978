//! The writer. One line a record, written whole and flushed before the call returns.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::report::{RunInfo, SCHEMA_VERSION, scrub};
use crate::secret::Register;

use super::{Error, Event, Fold, Keep, events, journal_file};

/// An id that sorts by time: `20260301T090000Z-1a2b3c`. `chance` tells two runs of one second apart.
pub fn run_id(started_at: Timestamp, chance: u32) -> String {
    format!(
        "{}-{:06x}",
        started_at.strftime("%Y%m%dT%H%M%SZ"),
        chance & 0x00ff_ffff
    )
}

/// The journal of the present run. Scenarios that run at once share it.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Makes the folder (0700) and the file (0600) of a new run under the state folder and writes its first record.
    pub fn create(state: &Path, run: RunInfo, secrets: &Register) -> Result<Self, Error> {
        let path = journal_file(state, &run.id);
        let folder = path.parent().unwrap_or(state);
        make_folder(folder).map_err(|error| Error::folder(folder, error))?;
        let file = open(OpenOptions::new().create_new(true), &path)?;
        let journal = Self {
            path,
            file: Mutex::new(file),
        };
        let started = Event::RunStarted {
            schema_version: SCHEMA_VERSION,
            run,
        };
        journal.append(&started, &[secrets])?;
        Ok(journal)
    }

    /// Opens the journal of a run that ended too early, and tells what it holds. A line that was cut off is taken out.
    pub fn resume(state: &Path, id: &str, at: Timestamp) -> Result<(Self, Fold), Error> {
        let path = journal_file(state, id);
        let mut fold = Fold::new(Keep::Everything);
        let mut read = events(&path)?;
        for event in &mut read {
            fold.push(event?);
        }
        if !fold.has_started() {
            return Err(Error::NotAJournal { path });
        }
        let mut file = open(&mut OpenOptions::new(), &path)?;
        file.set_len(read.whole_length())
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(|error| Error::write(&path, error))?;
        let journal = Self {
            path,
            file: Mutex::new(file),
        };
        let resumed = Event::RunResumed { at: at.to_string() };
        fold.push(journal.append(&resumed, &[])?);
        Ok((journal, fold))
    }

    /// Scans the record against the registers (of the scenario and of the run) and for token shapes, writes and flushes it, and returns it
    /// as it was written: what is shown later is folded from that. A text that still held a secret is withheld, and a bug recorded.
    pub fn append(&self, event: &Event, registers: &[&Register]) -> Result<Event, Error> {
        let (scanned, scan) = scrub(event, registers);
        let mut lines = line(&scanned);
        if scan.withheld > 0 {
            lines.push_str(&line(&bug(scan.withheld)));
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        write_whole(&mut file, lines.as_bytes())
            .map_err(|error| Error::write(&self.path, error))?;
        Ok(scanned)
    }

    /// Writes the last record and sees to it that the disk has all of them.
    pub fn finish(self, took_ms: u64, interrupted: bool) -> Result<(), Error> {
        let finished = Event::RunFinished {
            took_ms,
            interrupted,
        };
        self.append(&finished, &[])?;
        let file = self
            .file
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        file.sync_all()
            .map_err(|error| Error::write(&self.path, error))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Writes all or nothing: half a line of a full disk would swallow the next record.
fn write_whole(file: &mut File, lines: &[u8]) -> io::Result<()> {
    let before = file.stream_position()?;
    let written = file.write_all(lines).and_then(|()| file.flush());
    if written.is_err() {
        file.set_len(before)?;
        file.seek(SeekFrom::Start(before))?;
    }
    written
}

fn bug(texts: usize) -> Event {
    Event::Bug {
        text: format!(
            "the scan of a record left a secret in {texts} of its texts; they were withheld"
        ),
    }
}

fn line(event: &Event) -> String {
    let mut line = serde_json::to_string(event)
        .expect("invariant: the events of the journal can be written as JSON");
    line.push('\n');
    line
}

fn open(options: &mut OpenOptions, path: &Path) -> Result<File, Error> {
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(path)
        .map_err(|error| Error::write(path, error))
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}
