//! The world that a what-if begins with: healthy, an org file, or a folder of metadata.

use std::path::Path;

use super::given::wrong;
use crate::cause::AppKind;
use crate::cli::args;
use crate::cli::failure::Failure;
use crate::cli::load::rendered;
use crate::declared::{Declared, declared, of_the_client};
use crate::edge::clock::SystemClock;
use crate::edge::terminal;
use crate::metadata::{DeclaredApp, Project};
use crate::ports::Clock as _;
use crate::scenario::{self, HARNESS, Scenario, nearest};
use crate::what_if::{Baseline, baseline};
use crate::world::{NOW, World};

/// The world, and what is said of it.
pub(super) fn start(arguments: &args::WhatIf) -> Result<(World, Baseline), Failure> {
    match &arguments.app {
        None => Ok(healthy(arguments.connected_app)),
        Some(path) if path.is_dir() => folder(path, arguments.app_name.as_deref()),
        Some(path) => file(path),
    }
}

fn healthy(connected_app: bool) -> (World, Baseline) {
    let kind = if connected_app {
        AppKind::ConnectedApp
    } else {
        AppKind::ExternalClientApp
    };
    let about = Baseline {
        source: "healthy".to_owned(),
        app: HARNESS.to_owned(),
        kind: kind.name(),
        assumed: Vec::new(),
    };
    (baseline::healthy(kind), about)
}

/// An org file, as `org serve` takes it. Its users log in at noon (UTC).
fn file(path: &Path) -> Result<(World, Baseline), Failure> {
    let setup = Scenario::read(path)
        .and_then(|file| file.org())
        .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
    let org = scenario::world(&setup, NOW)
        .map_err(|error| wrong(format!("{}: {error}", path.display()), &error.help()))?;
    let world = baseline::of_org(org);
    let mut assumed = vec!["logins happen at 12:00 UTC".to_owned()];
    assumed.extend(of_the_client(&world));
    let about = Baseline {
        source: path.display().to_string(),
        app: HARNESS.to_owned(),
        kind: world.kind().name(),
        assumed,
    };
    Ok((world, about))
}

/// A folder of metadata: what the files declare of one app, its org and its profiles, and a healthy world where they are silent.
fn folder(path: &Path, name: Option<&str>) -> Result<(World, Baseline), Failure> {
    let project = Project::read(path, SystemClock.now())
        .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
    if let Some(first) = project.findings.first() {
        let more = project.findings.len() - 1;
        let more = match more {
            0 => String::new(),
            _ => format!("; {more} findings more"),
        };
        terminal::err(&format!(
            "note: {}:{}: {}{more}",
            first.file, first.line, first.message
        ));
    }
    let app = choose(&project, name)?;
    let Declared { world, assumed } = declared(&project, app);
    let about = Baseline {
        source: path.display().to_string(),
        app: app.name.clone(),
        kind: app.kind.name(),
        assumed,
    };
    Ok((world, about))
}

fn choose<'p>(project: &'p Project, name: Option<&str>) -> Result<&'p DeclaredApp, Failure> {
    let mut names: Vec<String> = project.apps.iter().map(|app| app.name.clone()).collect();
    names.dedup();
    let valid = names.join(", ");
    match (name, project.apps.as_slice()) {
        (None, [only]) => Ok(only),
        (None, []) => Err(wrong(
            "the folder declares no app",
            "a what-if needs an External Client App or a connected app; without `--app` it begins with a healthy org",
        )),
        (None, _) => Err(wrong(
            format!("the folder declares {} apps", names.len()),
            &format!("name one with `--app-name`: {valid}"),
        )),
        (Some(name), _) => project.apps_named(name).next().ok_or_else(|| {
            let near = nearest(name, names.iter().map(String::as_str))
                .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            wrong(
                format!("there is no app `{name}` in the folder"),
                &format!("{near}valid: {valid}"),
            )
        }),
    }
}
