//! What can go wrong with a journal: the file system, and journals that are not there.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// A journal that cannot be written or read.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// A folder cannot be made or listed.
    #[error("cannot use the folder {}", path.display())]
    #[diagnostic(code(journal::folder))]
    Folder {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
        /// The remedy.
        #[help]
        help: String,
    },
    /// A journal cannot be made, or a record not be written.
    #[error("cannot write the journal {}", path.display())]
    #[diagnostic(code(journal::write))]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
        /// The remedy.
        #[help]
        help: String,
    },
    /// A journal cannot be read.
    #[error("cannot read the journal {}", path.display())]
    #[diagnostic(code(journal::read))]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
        /// The remedy.
        #[help]
        help: String,
    },
    /// The file holds no run.
    #[error("{} is no journal of a run", path.display())]
    #[diagnostic(
        code(journal::not_a_journal),
        help(
            "its first record must be `run_started`; `grantproof runs` lists the runs that are kept"
        )
    )]
    NotAJournal {
        /// Which.
        path: PathBuf,
    },
    /// No run of this id, or several that begin so.
    #[error("no run `{id}`")]
    #[diagnostic(code(journal::no_such_run))]
    NoSuchRun {
        /// As given.
        id: String,
        /// What there is.
        #[help]
        help: String,
    },
}

impl Error {
    pub(super) fn folder(path: &Path, source: io::Error) -> Self {
        Self::Folder {
            path: path.to_owned(),
            help: remedy(&source, path),
            source,
        }
    }

    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            help: remedy(&source, path),
            source,
        }
    }

    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            help: remedy(&source, path),
            source,
        }
    }
}

/// What to do about it.
fn remedy(error: &io::Error, path: &Path) -> String {
    const ELSEWHERE: &str = "name another folder with XDG_STATE_HOME";
    let path = path.display();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("the disk of {path} is full: free some space, or {ELSEWHERE}")
        }
        ErrorKind::PermissionDenied => {
            format!("make {path} yours (`ls -ld` shows whose it is), or {ELSEWHERE}")
        }
        ErrorKind::ReadOnlyFilesystem => {
            format!("{path} is on a disk that cannot be written to: {ELSEWHERE}")
        }
        ErrorKind::NotADirectory => {
            format!("a file stands where {path} needs a folder: move it away, or {ELSEWHERE}")
        }
        ErrorKind::AlreadyExists => {
            format!("{path} is there already: another run with the same id wrote it")
        }
        ErrorKind::NotFound => "`grantproof runs` lists the runs that are kept".to_owned(),
        _ => format!("see to {path}, or {ELSEWHERE}"),
    }
}
