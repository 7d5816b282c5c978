//! A patch on the disk. Everything is looked at and written beside its place first; only then files take each other's place, one by one, each
//! whole or not at all.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};
use thiserror::Error;

use super::super::walk::{self, said};
use super::{After, FileChange, Patch};

/// Why a patch was not written, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ApplyError {
    /// The files that were written or deleted before it went wrong; most often none.
    pub done: Vec<String>,
    /// The files that were not.
    pub failed: Vec<FailedFile>,
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<String> = self.failed.iter().map(ToString::to_string).collect();
        let nothing = if self.done.is_empty() {
            "nothing was written"
        } else {
            "not everything was written"
        };
        write!(f, "{nothing}: {}", files.join("; "))
    }
}

/// A file that was not written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{file}` {reason}")]
pub struct FailedFile {
    /// The file, as the user named its folder.
    pub file: String,
    /// What is the matter, in words that follow the name.
    pub reason: String,
    /// What can be done about it.
    pub help: &'static str,
}

const AGAIN: &str = "read the folder again and look at the new diff";
const PERMISSIONS: &str = "see the permissions of the file and its folder";

impl Patch {
    /// Writes the changes. The files that were written or deleted come back.
    ///
    /// A file that is no longer as it was read, one that cannot be written, one that a link leads out of the folder, and a new one that is there
    /// already are refused, all of them by name, and then nothing is written. Permissions stay.
    pub fn apply(&self) -> Result<Vec<String>, ApplyError> {
        let changes: Vec<&FileChange> = self.files().collect();
        let mut ready = Vec::new();
        let mut failed = Vec::new();
        for change in &changes {
            match self.prepare(change) {
                Ok(prepared) => ready.push(prepared),
                Err((reason, help)) => failed.push(change.failed(reason, help)),
            }
        }
        let mut done = Vec::new();
        if failed.is_empty() {
            for (change, prepared) in changes.iter().zip(ready) {
                match change.finish(prepared) {
                    Ok(()) => done.push(change.file.clone()),
                    Err((reason, help)) => failed.push(change.failed(reason, help)),
                }
            }
        }
        if failed.is_empty() {
            Ok(done)
        } else {
            Err(ApplyError { done, failed })
        }
    }

    /// Looks whether a change can be made, and writes the new file beside its place.
    fn prepare(&self, change: &FileChange) -> Result<Prepared, Refusal> {
        let target = if change.before.is_some() {
            let real = fs::canonicalize(&change.path).map_err(|error| unread(&error))?;
            self.inside(&real)?;
            change.unchanged(&real)?;
            writable(&real)?;
            real
        } else {
            change.path.clone()
        };
        let octets = match &change.after {
            After::Gone => {
                return Ok(Prepared {
                    target,
                    draft: None,
                    made: Folders::default(),
                });
            }
            After::Document(document) => document.octets(),
            After::Octets(octets) => octets,
        };
        let folder = target.parent().unwrap_or(Path::new("."));
        let made = self.make_folders(folder)?;
        if change.before.is_none() && fs::symlink_metadata(&target).is_ok() {
            return Err(there_already());
        }
        let draft = draft(folder, octets, change.before.is_some().then_some(&target));
        let draft = draft.map_err(|error| {
            let reason = format!("cannot be written: {}", said(&error));
            (reason, PERMISSIONS)
        })?;
        Ok(Prepared {
            target,
            draft: Some(draft),
            made,
        })
    }

    /// Makes the folder of a new file, unless a link would put it outside. Those that were made.
    fn make_folders(&self, folder: &Path) -> Result<Folders, Refusal> {
        let missing: Vec<&Path> = folder
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .collect();
        let there = missing
            .last()
            .map_or(folder, |path| path.parent().unwrap_or(path));
        if !self.folder.as_os_str().is_empty() && self.folder.exists() {
            let there = if there.as_os_str().is_empty() {
                Path::new(".")
            } else {
                there
            };
            let real = fs::canonicalize(there).map_err(|error| unread(&error))?;
            self.inside(&real)?;
        }
        let mut made = Folders::default();
        for path in missing.into_iter().rev() {
            fs::create_dir(path).map_err(|error| {
                let reason = format!(
                    "cannot be written: its folder cannot be made: {}",
                    said(&error)
                );
                (reason, PERMISSIONS)
            })?;
            made.0.push(path.to_owned());
        }
        Ok(made)
    }

    fn inside(&self, real: &Path) -> Result<(), Refusal> {
        let folder = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        };
        let root = fs::canonicalize(folder).map_err(|error| unread(&error))?;
        if real.starts_with(&root) {
            Ok(())
        } else {
            let reason = "is outside the folder: a link leads there".to_owned();
            Err((reason, "name the folder that the link leads to"))
        }
    }
}

type Refusal = (String, &'static str);

/// A change that waits for its turn. What was made for it goes with it if the turn does not come.
struct Prepared {
    target: PathBuf,
    draft: Option<TempPath>,
    made: Folders,
}

/// Folders that go again while nothing is in them, outermost first.
#[derive(Default)]
struct Folders(Vec<PathBuf>);

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // It stays where a file is in it, which is the good end.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl FileChange {
    fn failed(&self, reason: String, help: &'static str) -> FailedFile {
        FailedFile {
            file: self.file.clone(),
            reason,
            help,
        }
    }

    fn unchanged(&self, real: &Path) -> Result<(), Refusal> {
        let now = walk::read(real).map_err(|reason| {
            let reason = format!("cannot be read: {reason}");
            (reason, PERMISSIONS)
        })?;
        if self.before() == Some(&now) {
            Ok(())
        } else {
            Err(("has changed since it was read".to_owned(), AGAIN))
        }
    }

    fn finish(&self, prepared: Prepared) -> Result<(), Refusal> {
        let Prepared {
            target,
            draft,
            made,
        } = prepared;
        // Time has passed; and where two names are one file, it is as it should be already.
        if self.before.is_some() && walk::read(&target).ok().as_deref() != self.after() {
            self.unchanged(&target)?;
        }
        let written = match draft {
            None => fs::remove_file(&target),
            Some(draft) if self.before.is_some() => {
                draft.persist(&target).map_err(|error| error.error)
            }
            Some(draft) => draft
                .persist_noclobber(&target)
                .map_err(|error| error.error),
        };
        drop(made);
        written.map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                return there_already();
            }
            let reason = format!("cannot be written: {}", said(&error));
            (reason, PERMISSIONS)
        })
    }
}

fn unread(error: &io::Error) -> Refusal {
    if error.kind() == io::ErrorKind::NotFound {
        return ("is not there any more".to_owned(), AGAIN);
    }
    (format!("cannot be read: {}", said(error)), PERMISSIONS)
}

fn there_already() -> Refusal {
    (
        "is there already, and was not read".to_owned(),
        "take it away, or give the record another name",
    )
}

/// A file that its owner protects is not replaced behind his back, though its folder would allow it.
fn writable(path: &Path) -> Result<(), Refusal> {
    let opened = fs::metadata(path).and_then(|file| {
        if file.permissions().readonly() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        fs::OpenOptions::new().write(true).open(path)
    });
    opened.map(|_| ()).map_err(|error| {
        let reason = format!("cannot be written: {}", said(&error));
        (reason, PERMISSIONS)
    })
}

/// The new file beside its place, down to the disk, with the permissions of the old one.
fn draft(folder: &Path, octets: &[u8], old: Option<&PathBuf>) -> io::Result<TempPath> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".grantproof-");
    #[cfg(unix)]
    if old.is_none() {
        // As any new file: the mask of the process takes its part.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        builder.permissions(mode);
    }
    let mut file: NamedTempFile = builder.tempfile_in(folder)?;
    file.write_all(octets)?;
    if let Some(old) = old {
        file.as_file()
            .set_permissions(fs::metadata(old)?.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}
