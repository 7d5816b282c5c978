//! The runs that are kept.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::report::{RunInfo, Summary};

use super::{Error, Keep, journal_file, read, runs_folder};

/// A run that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The run.
    pub run: RunInfo,
    /// Its counts.
    pub summary: Summary,
    /// Its journal.
    pub path: PathBuf,
}

/// At most `most` runs, newest first. A run whose journal cannot be read is left out.
pub fn list(state: &Path, most: usize) -> Result<Vec<Listed>, Error> {
    Ok(ids(state)?
        .into_iter()
        .filter_map(|id| {
            let path = journal_file(state, &id);
            let stored = read(&path, Keep::Failures).ok()?;
            Some(Listed {
                run: stored.report.run,
                summary: stored.report.summary,
                path,
            })
        })
        .take(most)
        .collect())
}

/// The journal of a run by its id, by the beginning of it, or by `last`.
pub fn find(state: &Path, wanted: &str) -> Result<PathBuf, Error> {
    let ids = ids(state)?;
    let matching: Vec<&String> = ids
        .iter()
        .filter(|id| !wanted.is_empty() && id.starts_with(wanted))
        .collect();
    let found = match matching.as_slice() {
        [id] => Some(*id),
        [] if wanted == "last" => ids.first(),
        several => several.iter().copied().find(|id| *id == wanted),
    };
    if let Some(id) = found {
        return Ok(journal_file(state, id));
    }
    let help = if !matching.is_empty() {
        format!("several begin so: {}", some(matching))
    } else if let Some(nearest) = nearest(&ids, wanted) {
        format!("did you mean `{nearest}`?")
    } else if ids.is_empty() {
        format!("no runs are kept under {}", runs_folder(state).display())
    } else {
        format!("the newest are {}", some(&ids))
    };
    Err(Error::NoSuchRun {
        id: wanted.to_owned(),
        help,
    })
}

/// The ids of the runs under the state folder, newest first. No folder is no runs.
fn ids(state: &Path) -> Result<Vec<String>, Error> {
    let folder = runs_folder(state);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::folder(&folder, error)),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::folder(&folder, error))?;
        if let Ok(id) = entry.file_name().into_string()
            && journal_file(state, &id).is_file()
        {
            ids.push(id);
        }
    }
    ids.sort_unstable_by(|a, b| b.cmp(a));
    Ok(ids)
}

/// The first few.
fn some<'a>(ids: impl IntoIterator<Item = &'a String>) -> String {
    let shown: Vec<&str> = ids.into_iter().take(5).map(String::as_str).collect();
    shown.join(", ")
}

fn nearest<'a>(ids: &'a [String], wanted: &str) -> Option<&'a String> {
    ids.iter()
        .map(|id| (strsim::damerau_levenshtein(id, wanted), id))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, id)| id)
}
