//! `lint --fix`: changes of the files, shown before they are written.

use std::collections::HashSet;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::args::{Lint, LintFormat};
use super::{Seen, Work, spelt};
use crate::cli::failure::{COULD_NOT_RUN, Failure, USAGE, print};
use crate::edge::terminal;
use crate::factor::{Delta, Factor, Value};
use crate::lint::{Document, Finding, Remedy, Step, human};
use crate::metadata::{DeclaredApp, Patch, Project};
use crate::report::count;

/// Lint, mend, lint again: what one change brings to light is mended by the next, and so often at most.
const ROUNDS: usize = 6;

/// Mends what can be mended, in the way that was asked for. What is left; `None` where what was asked for is printed.
pub(super) fn run(arguments: &Lint, work: &Work, seen: Seen) -> Result<Option<Seen>, Failure> {
    if arguments.dry_run {
        if arguments.format != LintFormat::Human {
            return Err(Failure::new(
                USAGE,
                "`--dry-run` prints a diff, which is no findings",
                "leave `--format` away",
            ));
        }
        let patch = all(&seen, &HashSet::new()).patch;
        if patch.is_empty() {
            terminal::err("nothing that a change of these files could mend");
        }
        print(&patch.diff())?;
        return Ok(None);
    }
    if arguments.yes {
        return at_once(work, seen).map(Some);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            USAGE,
            "`--fix` asks before it writes, and nobody can answer: stdin is no terminal",
            "`--fix --dry-run` prints the diff; `--fix --yes` writes it without asking",
        ));
    }
    one_by_one(work, seen).map(Some)
}

/// What a finding is, however its line moves.
type Key = (&'static str, Option<String>, String, Option<String>);

fn key(finding: &Finding) -> Key {
    (
        finding.cause.name(),
        finding.app.clone(),
        finding.file.clone(),
        finding.field.clone(),
    )
}

/// The narrowest changes of all findings, as one patch.
struct Batch {
    patch: Patch,
    /// Whose change is in it.
    mended: Vec<Key>,
}

fn all(seen: &Seen, tried: &HashSet<Key>) -> Batch {
    let mut batch = Batch {
        patch: Patch::new(&seen.project.folder),
        mended: Vec::new(),
    };
    let mut written: Vec<(Option<String>, Delta)> = Vec::new();
    for finding in &seen.findings {
        if tried.contains(&key(finding)) {
            continue;
        }
        let app = app_of(&seen.project, finding);
        for remedy in &finding.remedies {
            let Some(remedy) = beside(remedy, finding.app.as_deref(), &written) else {
                continue;
            };
            if remedy.put(&seen.project, app, &mut batch.patch).is_ok() {
                if let Step::Put(deltas) = &remedy.step {
                    let own = deltas.iter().cloned();
                    written.extend(own.map(|delta| (finding.app.clone(), delta)));
                }
                batch.mended.push(key(finding));
                break;
            }
        }
    }
    batch
}

/// A change beside those that are in the patch: scopes are added to scopes; a second value of one setting waits for the next round.
fn beside(
    remedy: &Remedy,
    app: Option<&str>,
    written: &[(Option<String>, Delta)],
) -> Option<Remedy> {
    let mut remedy = remedy.clone();
    let Step::Put(deltas) = &mut remedy.step else {
        return Some(remedy);
    };
    for delta in deltas {
        let before = written
            .iter()
            .rev()
            .find(|(owner, other)| owner.as_deref() == app && other.factor == delta.factor);
        let Some((_, before)) = before else {
            continue;
        };
        match (&mut delta.value, &before.value) {
            (Value::Names(new), Value::Names(old)) if delta.factor == Factor::Scopes => {
                let missing = old.iter().filter(|name| !new.contains(name));
                let missing: Vec<String> = missing.cloned().collect();
                new.extend(missing);
            }
            (new, old) if new == old => {}
            _ => return None,
        }
    }
    Some(remedy)
}

/// The app of a finding; of two of one name the one with the file.
fn app_of<'p>(project: &'p Project, finding: &Finding) -> Option<&'p DeclaredApp> {
    let name = finding.app.as_deref()?;
    let has_the_file = |app: &&DeclaredApp| {
        let mut records = app.records.iter();
        records.any(|record| record.file == finding.file)
    };
    project
        .apps_named(name)
        .find(has_the_file)
        .or_else(|| project.apps_named(name).next())
}

/// Writes the narrowest change of each finding; what only comes to light then, too.
fn at_once(work: &Work, mut seen: Seen) -> Result<Seen, Failure> {
    let mut tried = HashSet::new();
    for _ in 0..ROUNDS {
        let batch = all(&seen, &tried);
        if batch.patch.is_empty() {
            break;
        }
        terminal::err(batch.patch.diff().trim_end());
        write(&batch.patch)?;
        tried.extend(batch.mended);
        seen = work.look()?;
    }
    if tried.is_empty() {
        terminal::err("nothing that a change of these files could mend");
    }
    Ok(seen)
}

/// Writes a change, and says so.
pub(in crate::cli) fn write(patch: &Patch) -> Result<(), Failure> {
    let files = patch.apply().map_err(|error| {
        let help = error.failed.first().map_or("", |failed| failed.help);
        Failure::new(COULD_NOT_RUN, error.to_string(), help)
    })?;
    terminal::err(&format!("wrote {}", count(files.len(), "file")));
    Ok(())
}

/// Asks for each finding.
fn one_by_one(work: &Work, mut seen: Seen) -> Result<Seen, Failure> {
    let mut told: HashSet<Key> = HashSet::new();
    loop {
        let next = seen
            .findings
            .iter()
            .find(|finding| !finding.remedies.is_empty() && !told.contains(&key(finding)));
        let Some(finding) = next else {
            break;
        };
        told.insert(key(finding));
        match offer(work, &seen, finding)? {
            Said::Written => seen = work.look()?,
            Said::No => {}
            Said::All => {
                let before = told.clone();
                let batch = all(&seen, &before);
                if !batch.patch.is_empty() {
                    write(&batch.patch)?;
                }
                return work.look();
            }
            Said::Quit => break,
        }
    }
    Ok(seen)
}

enum Said {
    Written,
    No,
    All,
    Quit,
}

/// Shows the ways to mend a finding one after another, narrowest first.
fn offer(work: &Work, seen: &Seen, finding: &Finding) -> Result<Said, Failure> {
    let document = Document::new(vec![spelt(finding.clone())], 1);
    let text = human(&document, work.layout());
    // Without its counts.
    let head = text
        .rsplit_once("\n\n")
        .map_or(text.as_str(), |(head, _)| head);
    terminal::err(head);
    let app = app_of(&seen.project, finding);
    let patches: Vec<(&Remedy, Patch)> = finding
        .remedies
        .iter()
        .filter_map(|remedy| {
            let mut patch = Patch::new(&seen.project.folder);
            let put = remedy.put(&seen.project, app, &mut patch);
            (put.is_ok() && !patch.is_empty()).then_some((remedy, patch))
        })
        .collect();
    if patches.is_empty() {
        terminal::err("  these files cannot hold the change; see the fix above\n");
    }
    for (at, (remedy, patch)) in patches.iter().enumerate() {
        terminal::err(&format!("\n{}:", remedy.does));
        terminal::err(patch.diff().trim_end());
        let other = at + 1 < patches.len();
        loop {
            match ask(other)?.as_str() {
                "y" | "yes" => {
                    write(patch)?;
                    return Ok(Said::Written);
                }
                "a" | "all" => {
                    write(patch)?;
                    return Ok(Said::All);
                }
                "q" | "quit" => return Ok(Said::Quit),
                "o" | "other" if other => break,
                "" | "n" | "no" => return Ok(Said::No),
                _ => terminal::err(
                    "y writes it, n leaves the file, a writes this and the narrowest change of every other finding, q ends",
                ),
            }
        }
    }
    Ok(Said::No)
}

fn ask(other: bool) -> Result<String, Failure> {
    let ways = if other {
        "[y/N/other/all/quit]"
    } else {
        "[y/N/all/quit]"
    };
    let failed = |error: io::Error| Failure::new(COULD_NOT_RUN, error.to_string(), "");
    let mut stderr = io::stderr().lock();
    write!(stderr, "Write this? {ways} ").map_err(failed)?;
    stderr.flush().map_err(failed)?;
    let mut answer = String::new();
    // The end of stdin is no consent.
    if io::stdin().lock().read_line(&mut answer).map_err(failed)? == 0 {
        return Ok("q".to_owned());
    }
    Ok(answer.trim().to_ascii_lowercase())
}
