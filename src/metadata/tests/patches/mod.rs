//! Values written into files: what is put is read again, and nothing else moves.

mod disk;
mod edits;
mod every;
mod records;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::super::{DeclaredApp, Patch, Project, Unwritable, Why};
use super::{files, now, samples};
use crate::cause::AppKind;
use crate::factor::{Delta, Factor, Known, Value};

/// The sample apps `Harness_Web` (with a blockable key) and `Harness_Legacy` with org, handler and profile: in source form as Salesforce lays
/// it out, or in metadata form with a byte order mark, tabs and CRLF.
fn project(source: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = samples().join("force-app/main/default");
    for path in files(&from) {
        let relative = path.strip_prefix(&from).unwrap().display().to_string();
        let of_another = relative.contains("Harness_") && !relative.contains("Harness_Web");
        let kept = ["Legacy", "Handler", "Read", "Oauth_Access", "Integration"];
        if of_another && !kept.iter().any(|name| relative.contains(name)) {
            continue;
        }
        let mut text = fs::read_to_string(&path).unwrap();
        if relative.contains("_glbloauth") {
            text = text.replace(
                "    <externalClientApplication>",
                "    <consumerKey>ExampleConsumerKeyNotReal0002</consumerKey><!-- kept -->
    <deepStranger><inside a=\"1\"/></deepStranger>
    <externalClientApplication>",
            );
        }
        if source {
            put_file(folder.path(), &relative, &text);
        } else {
            let text = text.replace("    ", "\t").replace('\n', "\r\n");
            let name = relative.replace("-meta.xml", "");
            put_file(folder.path(), &name, &format!("\u{feff}{text}"));
        }
    }
    folder
}

fn put_file(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(folder: &Path) -> Project {
    Project::read(folder, now()).unwrap()
}

fn app(project: &Project, kind: AppKind) -> &DeclaredApp {
    let mut apps = project.apps.iter();
    apps.find(|app| app.kind == kind).unwrap()
}

fn eca(project: &Project) -> &DeclaredApp {
    app(project, AppKind::ExternalClientApp)
}

fn names(names: &[&str]) -> Value {
    Value::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

/// All that is known, without where from.
fn values(known: &Known) -> Vec<(Factor, Value)> {
    known
        .iter()
        .map(|(factor, value, _)| (factor, value.clone()))
        .collect()
}

fn why(project: &Project, app: &DeclaredApp, delta: Delta) -> Why {
    let mut unwritable: Vec<Unwritable> = Patch::of(project, app, &[delta]).unwrap_err();
    assert_eq!(unwritable.len(), 1);
    unwritable.remove(0).why
}

/// The lines that a diff takes away and brings.
fn lines(diff: &str) -> (Vec<String>, Vec<String>) {
    let of = |sign: &str, header: &str| {
        diff.lines()
            .filter(|line| line.starts_with(sign) && !line.starts_with(header))
            .map(|line| line[1..].to_owned())
            .collect()
    };
    (of("-", "---"), of("+", "+++"))
}
