//! What is read and what is reported: inside a Salesforce DX project the whole project is the context, and the named folder what is reported.

use std::collections::HashSet;
use std::env;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use crate::cli::failure::{Failure, USAGE};
use crate::cli::load::rendered;
use crate::edge::terminal;
use crate::lint::{Finding, Options, lint};
use crate::metadata::{DeclaredApp, Project, ProjectError};

const PROJECT_FILE: &str = "sfdx-project.json";
/// How deep projects are looked for below a folder that is in none.
const DEEP: usize = 3;

/// The folder that is read, and the part of it that is reported.
pub(in crate::cli) struct Scope {
    named: PathBuf,
    /// The folder that is read, as findings spell it.
    folder: PathBuf,
    /// The same without links.
    folder_real: PathBuf,
    /// What is reported, without links; `None` for all of it.
    reported: Option<PathBuf>,
}

impl Scope {
    /// Finds the project around a folder or a file.
    pub(super) fn of(named: &Path) -> Result<Self, Failure> {
        let mut named = named.to_owned();
        let mut real = canonical(&named)?;
        let mut project = around(&real);
        if project.is_none() {
            match &below(&real)[..] {
                [] => {}
                [only] => {
                    named = named.join(only);
                    real = canonical(&named)?;
                    project = around(&real);
                    terminal::err(&format!("note: read is the project {}", named.display()));
                }
                several => return Err(several_projects(&named, several)),
            }
        }
        let named = named.as_path();
        if let Some(root) = project {
            if covers(&root, &real) {
                return Ok(Self {
                    named: named.to_owned(),
                    folder: spelt(&root, named, &real),
                    reported: (root != real).then_some(real),
                    folder_real: root,
                });
            }
            terminal::err(&format!(
                "note: {} is in no package directory of {PROJECT_FILE}: it is judged by itself",
                named.display()
            ));
        }
        let is_file = real.is_file();
        let parent = |path: &Path| match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let (folder, folder_real) = if is_file {
            (parent(named), parent(&real))
        } else {
            (named.to_owned(), real.clone())
        };
        Ok(Self {
            named: named.to_owned(),
            folder,
            folder_real,
            reported: is_file.then_some(real),
        })
    }

    /// Reads the folder.
    pub(in crate::cli) fn read(&self, now: Timestamp) -> Result<Project, Failure> {
        let failed = |error: ProjectError| rendered([&error as &dyn miette::Diagnostic]);
        let project = Project::read(&self.folder, now).map_err(failed)?;
        if self.holds_something(&project) {
            return Ok(project);
        }
        Err(failed(ProjectError::Nothing {
            folder: self.named.clone(),
        }))
    }

    /// The findings that are reported, with their files spelt from where the user stands, and the names of the apps that were judged.
    pub(in crate::cli) fn findings(
        &self,
        project: &Project,
        now: Timestamp,
        options: &Options,
    ) -> (Vec<Finding>, Vec<String>) {
        let apps: Vec<&DeclaredApp> = project
            .apps
            .iter()
            .filter(|app| app.records.iter().any(|record| self.reports(&record.file)))
            .collect();
        let whole = |file: &str| {
            // One file that was named is reported by itself; an app in a folder with all that is wrong with it, wherever.
            self.reported.as_ref().is_none_or(|path| !path.is_file()) || self.reports(file)
        };
        let names: HashSet<&str> = apps.iter().map(|app| app.name.as_str()).collect();
        let findings = lint(project, now, options)
            .into_iter()
            .filter(|finding| {
                let of_an_app = finding
                    .app
                    .as_deref()
                    .is_some_and(|app| names.contains(app));
                self.reports(&finding.file) || of_an_app && whole(&finding.file)
            })
            .collect();
        let apps = apps.iter().map(|app| app.name.clone()).collect();
        (findings, apps)
    }

    fn holds_something(&self, project: &Project) -> bool {
        if self.reported.is_none() {
            return true;
        }
        let of_apps = project.apps.iter().flat_map(|app| &app.records);
        let of_profiles = project.profiles.iter().flat_map(|own| &own.records);
        let of_sets = project.permission_sets.iter().map(|own| &own.record);
        let records = of_apps
            .chain(of_profiles)
            .chain(of_sets)
            .chain(&project.org_records)
            .chain(&project.unlinked)
            .map(|record| &record.file);
        let certificates = project.certificates.iter().map(|own| &own.file);
        let findings = project.findings.iter().map(|finding| &finding.file);
        records
            .chain(certificates)
            .chain(findings)
            .any(|file| self.reports(file))
    }

    fn reports(&self, file: &str) -> bool {
        let Some(reported) = &self.reported else {
            return true;
        };
        let inside = Path::new(file).strip_prefix(&self.folder);
        let inside = inside.unwrap_or_else(|_| Path::new(file));
        self.folder_real.join(inside).starts_with(reported)
    }
}

fn canonical(named: &Path) -> Result<PathBuf, Failure> {
    named.canonicalize().map_err(|error| {
        let error = ProjectError::Folder {
            folder: named.to_owned(),
            reason: error.to_string(),
        };
        rendered([&error as &dyn miette::Diagnostic])
    })
}

/// The Salesforce DX project that a path is in.
fn around(real: &Path) -> Option<PathBuf> {
    let mut folders = real.ancestors();
    let found = folders.find(|folder| folder.join(PROJECT_FILE).is_file());
    found.map(Path::to_owned)
}

/// The projects below a folder that is in none: read together, the apps of one would be copies of those of the other.
fn below(real: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(real.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let modules = entry.file_name() == "node_modules";
            if hidden || modules || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let path = entry.path();
            if path.join(PROJECT_FILE).is_file() {
                let inside = path.strip_prefix(real).unwrap_or(&path);
                found.push(inside.to_owned());
            } else if depth < DEEP {
                folders.push((path, depth + 1));
            }
        }
    }
    found.sort();
    found
}

fn several_projects(named: &Path, several: &[PathBuf]) -> Failure {
    const SHOWN: usize = 8;
    let shown = several.iter().take(SHOWN);
    let mut all: Vec<String> = shown.map(|path| path.display().to_string()).collect();
    if several.len() > SHOWN {
        all.push(format!("{} more", several.len() - SHOWN));
    }
    Failure::new(
        USAGE,
        format!(
            "`{}` is no Salesforce DX project, and {} are below it",
            named.display(),
            several.len()
        ),
        &format!("name one: {}", all.join(", ")),
    )
}

/// Whether a folder is one that the project reads: in a package directory, or around one. A project file that cannot be read leaves nothing
/// out.
fn covers(root: &Path, real: &Path) -> bool {
    let directories = std::fs::read(root.join(PROJECT_FILE))
        .ok()
        .and_then(|octets| serde_json::from_slice::<serde_json::Value>(&octets).ok())
        .and_then(|project| Some(project["packageDirectories"].as_array()?.clone()));
    let Some(directories) = directories else {
        return true;
    };
    let mut paths = directories
        .iter()
        .filter_map(|directory| directory["path"].as_str())
        .filter_map(|path| root.join(path).canonicalize().ok());
    paths.any(|path| path.starts_with(real) || real.starts_with(&path)) || root == real
}

/// A folder as the user would name it: as given, from where he stands, or whole.
fn spelt(root: &Path, named: &Path, real: &Path) -> PathBuf {
    if root == real {
        return named.to_owned();
    }
    let here = env::current_dir().and_then(|here| here.canonicalize());
    let Ok(here) = here.as_deref() else {
        return root.to_owned();
    };
    if named.is_absolute() {
        return root.to_owned();
    }
    if let Ok(below) = root.strip_prefix(here) {
        return if below.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            below.to_owned()
        };
    }
    match here.strip_prefix(root) {
        Ok(above) => above.components().map(|_| Component::ParentDir).collect(),
        Err(_) => root.to_owned(),
    }
}

/// A file as the user finds it from where he stands: relative to this folder where it is near, anything else as it is.
pub(super) fn shown(file: &str, here: &Path) -> String {
    if Path::new(file).is_absolute() {
        return file.to_owned();
    }
    let mut whole = PathBuf::new();
    for part in here.join(file).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    let shared = here
        .components()
        .zip(whole.components())
        .take_while(|(one, other)| one == other)
        .count();
    let up = here.components().skip(shared).map(|_| Component::ParentDir);
    let near: PathBuf = up.chain(whole.components().skip(shared)).collect();
    let near = near.display().to_string();
    if cfg!(windows) {
        near.replace('\\', "/")
    } else {
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_here() {
        let here = Path::new("/repo/force-app/apps");
        for (file, near) in [
            ("../../misset/a.xml", "../../misset/a.xml"),
            ("../../force-app/policies/a.xml", "../policies/a.xml"),
            ("../../force-app/apps/a.xml", "a.xml"),
            ("./a.xml", "a.xml"),
            ("/elsewhere/a.xml", "/elsewhere/a.xml"),
        ] {
            assert_eq!(shown(file, here), near);
        }
    }
}
