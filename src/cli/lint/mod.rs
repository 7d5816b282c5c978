//! `lint`: the declared policy of a folder judged without traffic.

mod args;
mod fix;
mod place;

use std::fs;

use jiff::Timestamp;

pub use args::Lint;
pub(super) use args::org_id;
use args::{Deny, Kind, LintFormat};
pub(super) use fix::write as write_patch;
pub(super) use place::Scope;

use super::failure::{COULD_NOT_RUN, Failure, OK, USAGE, print};
use super::show::Shown;
use crate::cause::CauseId;
use crate::edge::clock::SystemClock;
use crate::edge::terminal;
use crate::lint::{self, Document, Finding, Layout, Options, Severity};
use crate::metadata::Project;
use crate::ports::Clock as _;
use crate::report::exit::FAILED;
use crate::report::{Style, json};
use crate::scenario::nearest;

pub(super) fn run(arguments: &Lint, shown: Shown) -> Result<u8, Failure> {
    let work = Work {
        scope: Scope::of(&arguments.dir)?,
        now: SystemClock.now(),
        options: Options {
            org_id: arguments.org_id.clone(),
        },
        only: only(&arguments.only)?,
        shown,
    };
    let mut seen = work.look()?;
    if arguments.fix {
        let Some(left) = fix::run(arguments, &work, seen)? else {
            return Ok(OK);
        };
        seen = left;
    }
    let Seen { findings, apps, .. } = seen;
    let document = Document::new(findings.into_iter().map(spelt).collect(), apps.len());
    let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
    reports(arguments, &document, &apps)?;
    print(&match arguments.format {
        LintFormat::Human => lint::human(&document, work.layout()),
        LintFormat::Json => json::document(&document),
        LintFormat::Plain => lint::plain(&document),
        LintFormat::Github => lint::github(&document),
    })?;
    let denied = match arguments.deny {
        None => Severity::Error,
        Some(Deny::Warnings) => Severity::Warning,
        Some(Deny::Notes) => Severity::Note,
    };
    let fails = |finding: &Finding| finding.severity <= denied;
    Ok(if document.findings.iter().any(fails) {
        FAILED
    } else {
        OK
    })
}

/// The project around a folder, for other commands that read one.
pub(super) fn scope_of(dir: &std::path::Path) -> Result<Scope, Failure> {
    Scope::of(dir)
}

/// What stays the same however often the folder is read.
struct Work {
    scope: Scope,
    now: Timestamp,
    options: Options,
    only: Vec<CauseId>,
    shown: Shown,
}

/// A folder as it is now, and what is wrong with it.
struct Seen {
    project: Project,
    findings: Vec<Finding>,
    apps: Vec<String>,
}

impl Work {
    /// Reads the folder and judges it.
    fn look(&self) -> Result<Seen, Failure> {
        let project = self.scope.read(self.now)?;
        let (mut findings, apps) = self.scope.findings(&project, self.now, &self.options);
        if !self.only.is_empty() {
            findings.retain(|finding| self.only.contains(&finding.cause));
        }
        Ok(Seen {
            project,
            findings,
            apps,
        })
    }

    fn layout(&self) -> Layout {
        Layout {
            style: Style {
                colour: self.shown.colour,
                ..Style::PLAIN
            },
            width: terminal::width(),
            verbose: self.shown.verbose,
        }
    }
}

/// A finding with its file as the user finds it.
fn spelt(finding: Finding) -> Finding {
    match std::env::current_dir() {
        Ok(here) => Finding {
            file: place::shown(&finding.file, &here),
            ..finding
        },
        Err(_) => finding,
    }
}

fn only(names: &[String]) -> Result<Vec<CauseId>, Failure> {
    names
        .iter()
        .map(|name| {
            CauseId::parse(name).ok_or_else(|| {
                let ids = CauseId::ALL.iter().map(|id| id.name());
                let near = nearest(name, ids).map_or_else(
                    || "`grantproof explain` knows every id".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Failure::new(USAGE, format!("there is no cause `{name}`"), &near)
            })
        })
        .collect()
}

/// Writes the report files.
fn reports(arguments: &Lint, document: &Document, apps: &[&str]) -> Result<(), Failure> {
    for (kind, path) in &arguments.report {
        let text = match kind {
            Kind::Sarif => json::document(&lint::sarif(document, env!("CARGO_PKG_VERSION"))),
            Kind::Json => json::document(document),
            Kind::Markdown => lint::markdown(document),
            Kind::Junit => lint::junit(document, apps),
            Kind::Github => lint::github(document),
        };
        let written = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(path, text));
        written.map_err(|error| {
            Failure::new(
                COULD_NOT_RUN,
                format!("failed to write the report {}: {error}", path.display()),
                "choose another path with --report KIND=PATH",
            )
        })?;
    }
    Ok(())
}
