//! `diagnose`: inputs from anywhere → one verdict each, in order.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::args::{Diagnose, Format};
use super::failure::{COULD_NOT_RUN, Failure, OK, USAGE};
use super::show::Shown;
use super::{ask, load};
use crate::cause::{AppKind, CauseId};
use crate::diagnosis::{
    Diagnosis, Next, ProbeClass, better_next, diagnose_report, flow_in_words, next_flow,
};
use crate::edge::clock::SystemClock;
use crate::edge::dirs::Dirs;
use crate::evidence::{self, Fact, InputError, Report};
use crate::factor::{Known, Value};
use crate::journal::{self, Keep};
use crate::lint::{Options, lint};
use crate::metadata::Project;
use crate::oauth::GrantKind;
use crate::ports::Clock as _;
use crate::report::{Verdict, Verdicts, fold, har, json};
use crate::world::World;

/// The longest text that is named whole as an input.
const NAMED: usize = 100;

pub(super) fn run(arguments: &Diagnose, shown: Shown) -> Result<u8, Failure> {
    if let Some(about) = &arguments.list_facts {
        return list_facts(about, arguments.format);
    }
    let mut reports = gather(arguments)?;
    let declared = match &arguments.declared {
        Some(folder) => Some(Declared::read(folder, arguments)?),
        None => None,
    };
    let mut verdicts = Verdicts {
        schema_version: 1,
        results: Vec::with_capacity(reports.len()),
    };
    let one_document = arguments.format == Format::Json;
    for (at, report) in reports.iter_mut().enumerate() {
        if let Some(declared) = &declared {
            declared.tell(report);
        }
        let mut notes: Vec<String> = infer_flow(report).into_iter().collect();
        let mut found = diagnose_report(report);
        if arguments.ask {
            found = ask::until_clear(report, found);
        } else {
            better_next(&mut found, kind(report), &report.known, failed(report));
            if report.sheet.get("flow").is_none() {
                found.next = next_flow(&found).or(found.next);
            }
        }
        if let Some(declared) = &declared {
            found.next = declared.mend(&found).or(found.next);
        }
        let report = &*report;
        let mut verdict = verdict(report, &found);
        verdict.notes.append(&mut notes);
        match arguments.format {
            Format::Json => {}
            Format::Plain => super::failure::print(&verdict.to_plain())?,
            Format::Human => {
                let gap = if at == 0 { "" } else { "\n" };
                super::failure::print(&format!("{gap}{}", verdict.to_text(&shown.layout())))?;
            }
        }
        verdicts.results.push(verdict);
    }
    if one_document {
        super::failure::print(&json::document(&verdicts))?;
    }
    Ok(OK)
}

/// Takes the flow from the words of the answers, where nobody states it and they are known of one flow alone. What a person is to know of that.
fn infer_flow(report: &mut Report) -> Option<String> {
    let is_known = report.sheet.get("flow").is_some()
        || report.observations.iter().any(|one| one.grant.is_some());
    let grant =
        flow_in_words(&report.observations).filter(|_| !is_known && !report.sheet.is_empty())?;
    report.sheet.learn("flow", grant.name());
    for observation in &mut report.observations {
        observation.grant = Some(grant);
    }
    Some(format!(
        "no flow is stated; these words are known of {} alone, so it is taken for that (--flow NAME says otherwise)",
        grant.name()
    ))
}

fn lines(keys: &[&evidence::Key], line: &dyn Fn(&evidence::Key) -> String) -> String {
    keys.iter().map(|key| line(key)).collect()
}

/// The keys that `--fact` takes: all, or those whose name or meaning holds every word that was given.
fn list_facts(about: &str, format: Format) -> Result<u8, Failure> {
    let words: Vec<String> = about
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    let keys: Vec<_> = evidence::vocabulary()
        .iter()
        .filter(|key| {
            let text = format!("{} {}", key.key, key.meaning).to_ascii_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        })
        .collect();
    if keys.is_empty() {
        return Err(Failure::new(
            USAGE,
            format!("no fact has to do with `{about}`"),
            "`grantproof diagnose --list-facts` lists them all",
        ));
    }
    let text = match format {
        Format::Json => {
            let facts: Vec<_> = keys
                .iter()
                .map(|key| {
                    serde_json::json!({"key": key.key, "takes": key.takes(), "meaning": key.meaning})
                })
                .collect();
            json::document(&serde_json::json!({"schema_version": 1, "facts": facts}))
        }
        Format::Plain => lines(&keys, &|key| {
            format!("{}\t{}\t{}\n", key.key, key.takes(), key.meaning)
        }),
        Format::Human => lines(&keys, &|key| {
            format!("{}\n    {} ({})\n", key.key, key.meaning, key.takes())
        }),
    };
    super::failure::print(&text)?;
    Ok(OK)
}

/// Every report, in the order of the command line: inputs, stored run, flags, login history.
fn gather(arguments: &Diagnose) -> Result<Vec<Report>, Failure> {
    let mut reports = Vec::new();
    for input in &arguments.inputs {
        reports.extend(of_input(input)?);
    }
    if let Some(run) = &arguments.run {
        reports.extend(of_run(run)?);
    }
    let flags = [&arguments.flow, &arguments.error, &arguments.description];
    let facts = arguments
        .fact
        .iter()
        .map(|fact| pair(fact))
        .collect::<Result<Vec<_>, _>>()?;
    let has_flags = flags.iter().any(|flag| flag.is_some()) || !facts.is_empty();
    if has_flags {
        let of_flags = evidence::from_flags(
            arguments.flow.as_deref(),
            arguments.error.as_deref(),
            arguments.description.as_deref(),
            &facts,
        )
        .map_err(|error| refused(&error))?;
        // Flags beside one input say more about it.
        match reports.as_mut_slice() {
            [only] => add(only, of_flags),
            _ => reports.push(of_flags),
        }
    }
    if let Some(file) = &arguments.login_history {
        let rows = read(file)?;
        match reports.as_mut_slice() {
            [only] => witness(only, &rows),
            _ => reports.extend(rows),
        }
    }
    if reports.is_empty() {
        let nothing = arguments.run.is_none() && arguments.login_history.is_none();
        return if nothing {
            Err(Failure::new(
                USAGE,
                "nothing to diagnose",
                "name a file, paste the address where the browser stopped, pipe a log to `grantproof diagnose -`, or give --error",
            ))
        } else {
            Ok(reports)
        };
    }
    Ok(reports)
}

/// A file, `-`, or the text itself.
fn of_input(input: &str) -> Result<Vec<Report>, Failure> {
    let is_text = input.contains("://")
        || input.contains(char::is_whitespace)
        || input.contains(['{', '=', '&', '"']);
    if input != "-" && !Path::new(input).exists() && is_text {
        let name = named(input);
        return evidence::read(&name, input.as_bytes()).map_err(|error| refused(&error));
    }
    read(input)
}

fn named(text: &str) -> String {
    // The query of an address may hold a code or a token: the input is named without it.
    let bare = text.split(['?', '#']).next().unwrap_or_default().trim();
    let line = bare.lines().next().unwrap_or_default();
    if line.chars().count() > NAMED || bare.starts_with('{') {
        return "the text given".to_owned();
    }
    line.to_owned()
}

fn read(input: &str) -> Result<Vec<Report>, Failure> {
    let mut bytes = Vec::new();
    let done = if input == "-" {
        // One octet beyond the bound is enough to know.
        let most = u64::try_from(evidence::LIMIT)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        std::io::stdin()
            .lock()
            .take(most)
            .read_to_end(&mut bytes)
            .map(|_| ())
    } else {
        fs::File::open(input).and_then(|file| {
            let most = u64::try_from(evidence::LIMIT)
                .unwrap_or(u64::MAX)
                .saturating_add(1);
            file.take(most).read_to_end(&mut bytes).map(|_| ())
        })
    };
    done.map_err(|error| {
        let code = if error.kind() == std::io::ErrorKind::NotFound {
            USAGE
        } else {
            COULD_NOT_RUN
        };
        Failure::new(
            code,
            format!("cannot read `{input}`: {error}"),
            "name a file that can be read, or give the text in quotes",
        )
    })?;
    let name = if input == "-" { "stdin" } else { input };
    evidence::read(name, &bytes).map_err(|error| refused(&error))
}

/// The steps of a stored run that failed.
fn of_run(wanted: &str) -> Result<Vec<Report>, Failure> {
    let path = journal::find(&Dirs::find()?.state, wanted)?;
    let mut stored = journal::read(&path, Keep::Everything)?;
    let mut reports = Vec::new();
    for scenario in std::mem::take(&mut stored.report.scenarios) {
        let title = format!("{} ({})", scenario.file, scenario.name);
        let mut one = stored.report.clone();
        one.scenarios = vec![scenario];
        match evidence::from_har(&title, &har::report(&one)) {
            Ok(found) => reports.extend(found),
            // A scenario that sent nothing has nothing to be diagnosed.
            Err(InputError::Empty { .. }) => {}
            Err(error) => return Err(refused(&error)),
        }
    }
    Ok(reports)
}

fn refused(error: &InputError) -> Failure {
    load::rendered([error as &dyn miette::Diagnostic])
}

fn pair(text: &str) -> Result<(String, String), Failure> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| {
            Failure::new(
                USAGE,
                format!("`--fact {text}` has no `=`"),
                "write KEY=VALUE, as in --fact worked_before=true",
            )
        })
}

/// Adds the facts of flags to a report: the flags win.
fn add(report: &mut Report, flags: Report) {
    for (key, fact) in flags.sheet.iter() {
        report.sheet.learn(key, fact.clone());
    }
    for (factor, value, from) in flags.known.iter() {
        report.known.learn(factor, value.clone(), from.clone());
    }
    if report.observations.is_empty() {
        report.observations = flags.observations;
    }
}

/// The newest failed login of a history as the witness of a report, unless it names one itself.
fn witness(report: &mut Report, rows: &[Report]) {
    let status = "facts.login_history_status";
    if let Some(fact) = rows.iter().find_map(|row| row.sheet.get(status)) {
        report.sheet.suppose(status, fact.clone());
    }
}

/// What a folder of metadata declares.
struct Declared {
    known: Known,
    kind: Option<AppKind>,
    /// Causes that `lint --fix` can take out of the files of the app.
    mended: Vec<CauseId>,
    folder: String,
}

impl Declared {
    fn read(folder: &Path, arguments: &Diagnose) -> Result<Self, Failure> {
        let project = Project::read(folder, SystemClock.now())
            .map_err(|error| load::rendered([&error as &dyn miette::Diagnostic]))?;
        let names = || {
            let mut names: Vec<&str> = project.apps.iter().map(|app| app.name.as_str()).collect();
            names.dedup();
            names.join(", ")
        };
        let name = match (&arguments.app, project.apps.as_slice()) {
            (Some(name), _) => name.clone(),
            (None, [only]) => only.name.clone(),
            (None, []) => String::new(),
            (None, _) => {
                return Err(Failure::new(
                    USAGE,
                    format!("`{}` declares several apps", folder.display()),
                    &format!("choose one with --app: {}", names()),
                ));
            }
        };
        let app = project.apps_named(&name).next();
        if app.is_none() && arguments.app.is_some() {
            return Err(Failure::new(
                USAGE,
                format!("`{}` declares no app `{name}`", folder.display()),
                &format!("it declares {}", names()),
            ));
        }
        Ok(Self {
            known: project.known(&name, arguments.profile.as_deref()),
            kind: app.map(|app| app.kind),
            mended: lint(&project, SystemClock.now(), &Options::default())
                .into_iter()
                .filter(|finding| finding.app.as_ref() == Some(&name))
                .filter(|finding| !finding.remedies.is_empty())
                .map(|finding| finding.cause)
                .collect(),
            folder: folder.display().to_string(),
        })
    }

    /// The next step where the first cause is declared, and the files can be mended.
    fn mend(&self, found: &Diagnosis) -> Option<Next> {
        let first = found.candidates.first()?;
        let can = first.declared && self.mended.contains(&first.cause);
        can.then(|| Next {
            probe: format!(
                "Mend the files: grantproof lint {} --fix --only {}",
                quoted(&self.folder),
                first.cause
            ),
            separates: Vec::new(),
            class: Some(ProbeClass::Reads),
        })
    }

    /// Tells a report what is declared: as factors, and in the words of the clues.
    fn tell(&self, report: &mut Report) {
        for (factor, value, from) in self.known.iter() {
            report.known.learn(factor, value.clone(), from.clone());
            let fact = match value {
                Value::Flag(flag) => Fact::Flag(*flag),
                Value::Names(names) => Fact::List(names.clone()),
                other => Fact::Text(other.to_string()),
            };
            report
                .sheet
                .suppose(&format!("declared.{}", factor.field()), fact);
        }
        if let Some(kind) = self.kind {
            report.sheet.suppose("app_kind", kind.name());
            for observation in &mut report.observations {
                observation.app_kind = observation.app_kind.or(Some(kind));
            }
        }
    }
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    if path.contains(char::is_whitespace) {
        format!("'{path}'")
    } else {
        path.to_owned()
    }
}

fn verdict(report: &Report, found: &Diagnosis) -> Verdict {
    let nothing = report.observations.is_empty() && report.sheet.is_empty();
    let notes = if nothing {
        vec![
            "no answer of an authorization server, and no fact that is known, was found in it"
                .to_owned(),
        ]
    } else {
        Vec::new()
    };
    Verdict {
        input: report.input.clone(),
        id: report.id.clone(),
        diagnosis: fold(found, &report.known).unwrap_or_default(),
        disagreements: found.disagreements.clone(),
        notes,
    }
}

/// The world that is known of a report.
pub(super) fn base(report: &Report) -> World {
    World::with(kind(report), &report.known)
}

/// The kind of app that a report is about; an External Client App where it does not say.
fn kind(report: &Report) -> AppKind {
    match report.sheet.get("app_kind") {
        Some(kind) if kind.is(AppKind::ConnectedApp.name()) => AppKind::ConnectedApp,
        _ => AppKind::ExternalClientApp,
    }
}

/// The grant that failed.
pub(super) fn failed(report: &Report) -> Option<GrantKind> {
    report
        .observations
        .iter()
        .find_map(|one| one.grant)
        .or_else(|| {
            let flow = report.sheet.get("flow")?.to_string();
            GrantKind::parse(&flow)
        })
}
