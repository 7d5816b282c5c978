//! `what-if --from … --to …`: which flows a change of metadata flips, before it is deployed.

use super::args::Change;
use super::given::wrong;
use super::{coloured, grants, sides};
use crate::changes::{self, Asked, Document};
use crate::cli::args::{self, Format};
use crate::cli::failure::{self, COULD_NOT_RUN, Failure, OK};
use crate::cli::load::rendered;
use crate::cli::show::Shown;
use crate::edge::clock::SystemClock;
use crate::edge::terminal;
use crate::factor::{Factor, Value};
use crate::metadata::Project;
use crate::ports::Clock as _;
use crate::report::{ReportKind, ReportRequest, json};
use crate::scenario::nearest;
use crate::what_if::short;
use crate::world::{RUN_AS, USER};

/// A wanted flow is blocked.
const BLOCKED: u8 = crate::report::exit::FAILED;

pub(super) fn run(arguments: &args::WhatIf, from: &str, shown: Shown) -> Result<u8, Failure> {
    alone(arguments)?;
    let change = &arguments.change;
    let reports = reports(change)?;
    let grants = grants(arguments)?;
    let (before, after) = sides::versions(change, from, SystemClock.now())?;
    let projects = [&before.project, &after.project];
    let asked = Asked {
        grants,
        users: users(&arguments.user, projects)?,
        app: app(arguments.app_name.as_deref(), projects)?,
    };
    let mut document = changes::compare(&before.side(), &after.side(), &asked);
    document.filter = filter(arguments);
    document.verdict = document.sentence();
    document.from = before.view;
    document.to = after.view;
    for report in &reports {
        write(report, &document)?;
    }
    failure::print(&match arguments.format {
        Format::Json => json::document(&document),
        Format::Plain => changes::plain(&document),
        Format::Human => coloured(&changes::to_text(&document, terminal::width()), shown),
    })?;
    let possible = change.all_clients && document.counts.possible_blocked > 0;
    let blocked = document.counts.newly_blocked > 0 || possible;
    Ok(if change.fail_on_newly_blocked && blocked {
        BLOCKED
    } else {
        OK
    })
}

/// Refuses what has no meaning beside two versions.
fn alone(arguments: &args::WhatIf) -> Result<(), Failure> {
    let refused = |what: &str, help: &str| {
        Err(wrong(
            format!("`--from` compares two versions of a project, and takes no {what}"),
            help,
        ))
    };
    if let Some(factor) = arguments.factors.first() {
        return refused(
            &format!("`{factor}`"),
            "change the files and compare them, or leave `--from` away: `grantproof what-if --app DIR FACTOR=VALUE`",
        );
    }
    for (given, name, help) in [
        (
            arguments.connected_app,
            "--connected-app",
            "the files say what the apps are",
        ),
        (
            arguments.trace,
            "--trace",
            "each flow names the check that decides; `grantproof what-if --app DIR --trace` shows all of one version",
        ),
        (
            arguments.blockers,
            "--blockers",
            "each newly blocked flow has its fix; `grantproof what-if --app DIR --blockers` tells what is in the way in one version",
        ),
    ] {
        if given {
            return refused(&format!("`{name}`"), help);
        }
    }
    Ok(())
}

/// What alone was asked for, as it can be written.
fn filter(arguments: &args::WhatIf) -> Option<String> {
    let of = |name: &str, values: &[String]| {
        (!values.is_empty()).then(|| format!("{name} {}", values.join(",")))
    };
    let app: Vec<String> = arguments.app_name.iter().cloned().collect();
    let all: Vec<String> = [
        of("--grant", &arguments.grant),
        of("--user", &arguments.user),
        of("--app-name", &app),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!all.is_empty()).then(|| all.join(" "))
}

fn reports(change: &Change) -> Result<Vec<ReportRequest>, Failure> {
    change
        .report
        .iter()
        .map(|text| {
            let request: ReportRequest = text
                .parse()
                .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
            match request.kind {
                ReportKind::Markdown | ReportKind::Json => Ok(request),
                other => Err(wrong(
                    format!("a comparison has no report of the kind `{}`", other.name()),
                    "valid: markdown, json",
                )),
            }
        })
        .collect()
}

fn write(report: &ReportRequest, document: &Document) -> Result<(), Failure> {
    let text = match report.kind {
        ReportKind::Json => json::document(document),
        _ => changes::markdown(document),
    };
    let folder = report
        .path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let written = folder
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&report.path, text));
    written.map_err(|error| {
        Failure::new(
            COULD_NOT_RUN,
            format!(
                "failed to write the report {}: {error}",
                report.path.display()
            ),
            "choose another path with --report KIND=PATH",
        )
    })
}

/// The users that are asked for.
fn users(asked: &[String], projects: [&Project; 2]) -> Result<Option<Vec<String>>, Failure> {
    if asked.is_empty() {
        return Ok(None);
    }
    let mut names: Vec<&str> = vec![short(USER), short(RUN_AS)];
    for project in projects {
        names.extend(project.profiles.iter().map(|profile| profile.name.as_str()));
        for app in &project.apps {
            let run_as = app.known.value(Factor::ClientCredentialsFlowUser);
            if let Some((Value::Word(name), _)) = run_as {
                names.push(name);
            }
        }
    }
    for name in asked {
        known(name, &names, "user", "in either version")?;
    }
    Ok(Some(asked.to_vec()))
}

fn app(asked: Option<&str>, projects: [&Project; 2]) -> Result<Option<String>, Failure> {
    let Some(asked) = asked else {
        return Ok(None);
    };
    let apps = projects.iter().flat_map(|project| &project.apps);
    let names: Vec<&str> = apps.map(|app| app.name.as_str()).collect();
    known(asked, &names, "app", "in either version")?;
    Ok(Some(asked.to_owned()))
}

/// Refuses a name that is none, with the near one and the valid ones.
fn known(name: &str, names: &[&str], what: &str, place: &str) -> Result<(), Failure> {
    const MOST: usize = 20;
    if names.iter().any(|own| short(own) == short(name)) {
        return Ok(());
    }
    let near = nearest(name, names.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let mut valid: Vec<&str> = names.to_vec();
    valid.sort_unstable();
    valid.dedup();
    let more = valid.len().saturating_sub(MOST);
    valid.truncate(MOST);
    let more = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    Err(wrong(
        format!("there is no {what} `{name}` {place}"),
        &format!("{near}valid: {}{more}", valid.join(", ")),
    ))
}
