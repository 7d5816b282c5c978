//! The reader against the samples of `tests/data/eca-samples`, and against files made to break it.

mod documents;
mod edits;
mod folders;
mod hostile;
mod links;
mod org;
mod patches;
mod records;
mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tempfile::TempDir;

use super::{DeclaredApp, Finding, FindingKind, Project};
use crate::factor::{Factor, Known, Provenance, Value};

/// In the validity of the one sample certificate, after that of the other.
pub(super) fn now() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

pub(super) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/eca-samples")
}

/// Every file of a folder, with the folders in it.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A folder with some files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn read(files: &[(&str, &str)]) -> Project {
    Project::read(folder(files).path(), now()).unwrap()
}

/// A record of a type with some elements, each on a line of its own from line 3 on.
fn record(kind: &str, elements: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{elements}\n</{kind}>\n"
    )
}

/// The five records of an app `A`, empty but for the link.
fn app() -> Vec<(&'static str, String)> {
    let link = "<externalClientApplication>A</externalClientApplication>";
    vec![
        ("A.eca-meta.xml", record("ExternalClientApplication", "")),
        (
            "g.ecaGlblOauth-meta.xml",
            record("ExtlClntAppGlobalOauthSettings", link),
        ),
        (
            "o.ecaOauth-meta.xml",
            record("ExtlClntAppOauthSettings", link),
        ),
        (
            "p.ecaPlcy-meta.xml",
            record("ExtlClntAppConfigurablePolicies", link),
        ),
        (
            "q.ecaOauthPlcy-meta.xml",
            record("ExtlClntAppOauthConfigurablePolicies", link),
        ),
    ]
}

/// The app `A` with elements put into one of its files.
fn app_with(file: &str, elements: &str) -> Project {
    let mut files = app();
    for (name, text) in &mut files {
        if *name == file {
            *text = text
                .replace(
                    "</externalClientApplication>",
                    "</externalClientApplication>\n",
                )
                .replace("\n\n", &format!("\n{elements}\n"));
        }
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    read(&files)
}

fn only(project: &Project) -> &DeclaredApp {
    assert_eq!(project.apps.len(), 1, "{:#?}", project.findings);
    &project.apps[0]
}

fn value(known: &Known, factor: Factor) -> Option<Value> {
    known.value(factor).map(|(value, _)| value.clone())
}

/// The line that a value was read from; `None` for a default.
fn line(known: &Known, factor: Factor) -> Option<usize> {
    match known.value(factor) {
        Some((_, Provenance::File { line, .. })) => Some(*line),
        Some((_, Provenance::Default)) => None,
        other => panic!("{factor:?}: {other:?}"),
    }
}

fn kinds(project: &Project) -> Vec<FindingKind> {
    project
        .findings
        .iter()
        .map(|finding| finding.kind)
        .collect()
}

fn about(project: &Project, kind: FindingKind) -> Vec<&Finding> {
    let findings = project.findings.iter();
    findings.filter(|finding| finding.kind == kind).collect()
}
