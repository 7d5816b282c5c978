//! `verify --fix`: the changes of the files that the verdicts propose, written.

use std::collections::HashSet;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::args::Verify;
use crate::cli::args::Format;
use crate::cli::failure::{COULD_NOT_RUN, Failure, USAGE};
use crate::cli::lint::write_patch;
use crate::edge::terminal;
use crate::metadata::{FileChange, Patch};

/// What one change brings to light is mended by the next, and so often at most.
pub(super) const ROUNDS: usize = 4;

/// Whether somebody can be asked, where somebody has to be.
pub(super) fn check(arguments: &Verify) -> Result<(), Failure> {
    if !arguments.fix || arguments.yes {
        return Ok(());
    }
    if arguments.format != Format::Human || !io::stdin().is_terminal() {
        return Err(Failure::new(
            USAGE,
            "`--fix` asks before it writes, and nobody can answer",
            "`--fix --yes` writes without asking; without `--fix` the change is only shown",
        ));
    }
    Ok(())
}

/// Writes the changes, those of one file by one app at a time. Whether anything was written.
pub(super) fn write(arguments: &Verify, patches: &[Patch]) -> Result<bool, Failure> {
    let mut taken: HashSet<&str> = HashSet::new();
    let mut now = Vec::new();
    for patch in patches.iter().filter(|patch| !patch.is_empty()) {
        let files: Vec<&str> = patch.files().map(FileChange::file).collect();
        if files.iter().all(|file| !taken.contains(file)) {
            taken.extend(files);
            now.push(patch);
        }
    }
    if now.is_empty() {
        return Ok(false);
    }
    if arguments.yes {
        for patch in &now {
            terminal::err(patch.diff().trim_end());
        }
    } else if !agreed(taken.len())? {
        return Ok(false);
    }
    for patch in now {
        write_patch(patch)?;
    }
    Ok(true)
}

fn agreed(files: usize) -> Result<bool, Failure> {
    let failed = |error: io::Error| Failure::new(COULD_NOT_RUN, error.to_string(), "");
    let what = if files == 1 {
        "this change".to_owned()
    } else {
        format!("these changes of {files} files")
    };
    let mut stderr = io::stderr().lock();
    write!(stderr, "\nWrite {what}? [y/N] ").map_err(failed)?;
    stderr.flush().map_err(failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}
