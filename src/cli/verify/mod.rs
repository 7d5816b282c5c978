//! `verify`: an app of a folder of metadata, end to end, on the simulated org that is built from it.

mod args;
mod drive;
mod mend;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use args::Kind;
pub use args::Verify;

use super::args::Format;
use super::failure::{COULD_NOT_RUN, Failure, OK, USAGE, print};
use super::lint::scope_of;
use super::show::Shown;
use crate::edge::clock::SystemClock;
use crate::edge::terminal;
use crate::lint::{Finding, Options};
use crate::metadata::{DeclaredApp, Patch, Project};
use crate::model::OrgState;
use crate::ports::Clock as _;
use crate::report::exit::{FAILED, INCONCLUSIVE};
use crate::report::{Style, json, scrub_value};
use crate::scenario::nearest;
use crate::secret::Register;
use crate::verify::{
    self, AppVerdict, Came, Case, Climbed, Document, Layout, SCHEMA_VERSION, Verdict, dry, human,
    markdown, plain,
};

pub(super) fn run(arguments: &Verify, shown: Shown) -> Result<u8, Failure> {
    let given = &arguments.dir;
    let arguments = &arguments.settled();
    mend::check(arguments)?;
    let Some(mut verified) = verified(arguments, given)? else {
        return Ok(OK);
    };
    let asks = arguments.fix && !arguments.yes;
    let mut told = false;
    for _ in 0..mend::ROUNDS {
        if asks {
            tell(arguments, &verified, shown)?;
            told = true;
        }
        if !arguments.fix || !mend::write(arguments, &verified.patches)? {
            break;
        }
        told = false;
        terminal::err("verifying again\n");
        let Some(again) = self::verified(arguments, given)? else {
            break;
        };
        verified = again;
    }
    if !told {
        tell(arguments, &verified, shown)?;
    }
    Ok(code(&verified.document))
}

/// What came of the ladders.
struct Verified {
    document: Document,
    /// What the verdicts propose to change in the files, in the order of the apps.
    patches: Vec<Patch>,
    secrets: Register,
}

/// Reads the folder, drives the ladders and judges them; `None` where they were only to be listed.
fn verified(arguments: &Verify, given: &Path) -> Result<Option<Verified>, Failure> {
    let now = SystemClock.now();
    let scope = scope_of(&arguments.dir)?;
    let project = scope.read(now)?;
    let options = Options {
        org_id: arguments.org_id.clone(),
    };
    let (findings, inside) = scope.findings(&project, now, &options);
    let apps = chosen(&project, &inside, arguments, given)?;
    let mut cases: Vec<Case> = apps.iter().map(|app| Case::of(&project, app)).collect();
    let live = drive::live(arguments, &mut cases)?;
    if arguments.dry_run {
        if arguments.format != Format::Human {
            return Err(Failure::new(
                USAGE,
                "`--dry-run` lists probes, which is no verdict",
                "leave `--format` away",
            ));
        }
        print(&dry(&cases))?;
        return Ok(None);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(COULD_NOT_RUN, format!("failed to start: {error}"), ""))?;
    let secrets = Register::new();
    let climbed = runtime.block_on(drive::climb(&cases, live.as_ref(), &secrets))?;
    runtime.shutdown_timeout(Duration::ZERO);
    let work = Work {
        project: &project,
        findings: &findings,
        blind: arguments.blind,
    };
    let (verdicts, patches) = cases
        .iter()
        .zip(&apps)
        .zip(&climbed)
        .map(|((case, app), climbed)| work.verdict(case, app, climbed))
        .unzip();
    let document = Document {
        schema_version: SCHEMA_VERSION,
        target: live.map_or_else(
            || "simulated org".to_owned(),
            |live| live.target.name.clone(),
        ),
        simulated: arguments.target == "sim",
        blind: arguments.blind,
        apps: verdicts,
    };
    Ok(Some(Verified {
        document,
        patches,
        secrets,
    }))
}

/// The org that is built from an app of a folder, for a server.
pub(super) fn org_of(dir: &Path, app: Option<&str>) -> Result<OrgState, Failure> {
    let scope = scope_of(dir)?;
    let now = SystemClock.now();
    let project = scope.read(now)?;
    let mut apps = project
        .apps
        .iter()
        .filter(|own| app.is_none_or(|name| own.name == name));
    let found = apps.next();
    let all = || {
        let names = project.apps.iter().map(|own| own.name.as_str());
        format!("`--app NAME` names one; it has: {}", some(names))
    };
    match (found, apps.next()) {
        (Some(own), None) => Ok(Case::of(&project, own).world.org),
        (None, _) => Err(Failure::new(
            USAGE,
            format!("no such app is declared in `{}`", dir.display()),
            &all(),
        )),
        (Some(_), Some(_)) => Err(Failure::new(
            USAGE,
            format!("several apps are declared in `{}`", dir.display()),
            &all(),
        )),
    }
}

/// Names in a line, not too many.
fn some<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = names.collect();
    let mut text = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        let more = names.len() - SHOWN;
        let _ = write!(text, " and {more} more");
    }
    text
}

/// What is the same for each app.
struct Work<'a> {
    project: &'a Project,
    findings: &'a [Finding],
    blind: bool,
}

impl Work<'_> {
    fn verdict(&self, case: &Case, app: &DeclaredApp, climbed: &[Climbed]) -> (AppVerdict, Patch) {
        verify::verdict(
            case,
            (self.project, app),
            climbed,
            self.findings,
            self.blind,
        )
    }
}

/// The apps that were asked for; all of the folder without a name.
fn chosen<'p>(
    project: &'p Project,
    inside: &[String],
    arguments: &Verify,
    given: &Path,
) -> Result<Vec<&'p DeclaredApp>, Failure> {
    let dir = arguments.dir.display();
    let nowhere = || {
        (given != arguments.dir).then(|| {
            let given = given.display();
            format!("there is no folder `{given}`, and no app of that name in `{dir}`")
        })
    };
    if inside.is_empty() {
        return Err(Failure::new(
            USAGE,
            nowhere().unwrap_or_else(|| format!("no app is declared in `{dir}`")),
            "retrieve it first: `sf project retrieve start --metadata ExternalClientApplication`, and the other types of the app",
        ));
    }
    if arguments.app.is_empty() {
        let is_inside = |app: &&DeclaredApp| inside.contains(&app.name);
        return Ok(project.apps.iter().filter(is_inside).collect());
    }
    let mut apps = Vec::new();
    for name in &arguments.app {
        let own: Vec<&DeclaredApp> = project.apps_named(name).collect();
        if own.is_empty() {
            let all = project.apps.iter().map(|app| app.name.as_str());
            let near = nearest(name, all.clone()).map_or_else(
                || format!("it has: {}", some(all)),
                |near| format!("did you mean `{near}`?"),
            );
            let text = nowhere().unwrap_or_else(|| format!("there is no app `{name}` in `{dir}`"));
            return Err(Failure::new(USAGE, text, &near));
        }
        apps.extend(own);
    }
    Ok(apps)
}

/// Writes the reports, then the verdict.
fn tell(arguments: &Verify, verified: &Verified, shown: Shown) -> Result<(), Failure> {
    let Verified {
        document, secrets, ..
    } = verified;
    for (kind, path) in &arguments.report {
        let text = match kind {
            Kind::Json => as_json(document, secrets),
            Kind::Markdown => secrets.redact(&markdown(document)),
        };
        write(path, &text)?;
    }
    let layout = Layout {
        style: Style {
            colour: shown.colour,
            ..Style::PLAIN
        },
        width: terminal::width(),
        verbose: shown.verbose,
    };
    print(&match arguments.format {
        Format::Human => secrets.redact(&human(document, layout)),
        Format::Json => as_json(document, secrets),
        Format::Plain => secrets.redact(&plain(document)),
    })
}

/// The document, scanned once more.
fn as_json(document: &Document, secrets: &Register) -> String {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    scrub_value(&mut value, &[secrets]);
    json::document(&value)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| {
            Failure::new(
                COULD_NOT_RUN,
                format!("failed to write the report {}: {error}", path.display()),
                "choose another path with --report KIND=PATH",
            )
        })
}

/// The worst of all: what had no answer, then blocked, then what cannot be told.
fn code(document: &Document) -> u8 {
    let any = |verdict| document.apps.iter().any(|app| app.verdict == verdict);
    let unanswered = |app: &AppVerdict| {
        let mut steps = app.ladder.iter();
        steps.any(|step| step.came == Came::Unanswered)
    };
    if document.apps.iter().any(unanswered) {
        COULD_NOT_RUN
    } else if any(Verdict::Blocked) {
        FAILED
    } else if any(Verdict::Inconclusive) {
        INCONCLUSIVE
    } else {
        OK
    }
}
