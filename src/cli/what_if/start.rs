//! The world that a what-if begins with: healthy, an org file, or a folder of metadata.

use std::path::Path;

use super::given::wrong;
use crate::cause::AppKind;
use crate::cli::args;
use crate::cli::failure::Failure;
use crate::cli::load::rendered;
use crate::edge::clock::SystemClock;
use crate::edge::terminal;
use crate::factor::{Delta, Factor, Known, Value};
use crate::metadata::{DeclaredApp, Project};
use crate::model::Person;
use crate::ports::Clock as _;
use crate::scenario::{self, HARNESS, Scenario, nearest};
use crate::what_if::{self, Baseline, baseline};
use crate::world::{NOW, RUN_AS, USER, World};

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
    let mut world = baseline::healthy(app.kind);
    let mut assumed = vec!["what the files do not say is healthy".to_owned()];
    declared(&mut world, &app.known, None);
    declared(&mut world, &project.org, None);
    people(&mut world, &project, app, &mut assumed);
    baseline::fit(&mut world);
    assumed.extend(of_the_client(&world));
    let about = Baseline {
        source: path.display().to_string(),
        app: app.name.clone(),
        kind: app.kind.name(),
        assumed,
    };
    Ok((world, about))
}

fn of_the_client(world: &World) -> Vec<String> {
    let client = &world.client;
    let mut assumed = vec![format!("the client comes from {}", client.address)];
    if client.verifies {
        assumed.push("users have a second factor".to_owned());
    }
    assumed
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

/// Puts declared values into a world. A value that no world can hold decides no flow.
fn declared(world: &mut World, known: &Known, whose: Option<&str>) {
    for (factor, value, _) in known.iter() {
        if factor == Factor::CustomScopes
            && let Value::Names(names) = value
        {
            for name in names {
                world.org.custom_scopes.add(name);
            }
        }
        let delta = Delta {
            person: whose.map(str::to_owned),
            ..Delta::new(factor, value.clone())
        };
        let _ = what_if::set(world, &delta);
    }
}

/// Metadata knows profiles and no persons: Ana, the run-as user that the policies name, and one user for each profile. Who has which
/// permission set it does not know either: each of them has the first that the app selects.
fn people(world: &mut World, project: &Project, app: &DeclaredApp, assumed: &mut Vec<String>) {
    if let Some((Value::Word(run_as), _)) = app.known.value(Factor::ClientCredentialsFlowUser)
        && let Some(id) = world.org.person(RUN_AS)
    {
        world.org.people[id.0].username.clone_from(run_as);
        assumed.push(format!("the run-as user {run_as} is an active user"));
    }
    for profile in &project.profiles {
        let mut person = Person::healthy(&profile.name);
        person.profile.clone_from(&profile.name);
        world.org.people.push(person);
        declared(world, &profile.known, Some(&profile.name));
    }
    let selected = |factor| match app.known.value(factor) {
        Some((Value::Names(names), _)) => names.clone(),
        _ => Vec::new(),
    };
    let sets = selected(Factor::SelectedPermissionSets);
    let profiles = selected(Factor::SelectedProfiles);
    if let Some(set) = sets.first() {
        for person in &mut world.org.people {
            person.permission_sets = vec![set.clone()];
        }
        assumed.push(format!("each user has the permission set {set}"));
        let of_the_set = project.permission_sets.iter().find(|own| own.name == *set);
        for (factor, value, _) in of_the_set.into_iter().flat_map(|own| own.known.iter()) {
            // A permission set gives and never takes.
            if *value == Value::Flag(true) {
                let _ = what_if::set(world, &Delta::new(factor, true));
            }
        }
    } else if let Some(profile) = profiles.first()
        && let Some(id) = world.org.person(USER)
    {
        world.org.people[id.0].profile.clone_from(profile);
        assumed.push(format!("ana has the profile {profile}"));
    }
}
