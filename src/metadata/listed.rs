//! A folder that is on no disk: the files of a revision, by name. Which of them are ours is decided as in [`walk`](super::walk).

use std::collections::HashSet;

use super::parse::LONGEST;
use super::types::RecordType;
use super::walk::{Content, DEEPEST, Found, PROJECT_FILE, ProjectFile, SKIPPED, Walked, not_read};

/// A file of such a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path inside the folder, with `/`.
    pub name: String,
    /// Its octets; or why they are not to be had.
    pub octets: Result<Vec<u8>, String>,
}

/// Whether the reader would look into a file: the project file of the folder, and those whose names are of metadata.
pub fn is_read(name: &str) -> bool {
    name == PROJECT_FILE || !is_hidden(name) && named(name).is_some()
}

fn named(name: &str) -> Option<super::types::Named> {
    let (folders, own) = name.rsplit_once('/').unwrap_or(("", name));
    let folder = folders.rsplit('/').next().unwrap_or_default();
    RecordType::of_file(folder, own)
}

/// Whether one of its folders is one that is never looked into.
fn is_hidden(name: &str) -> bool {
    let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
    let hidden = |folder: &str| folder.starts_with('.') || SKIPPED.contains(&folder);
    folders.split('/').any(hidden)
}

/// What of the files is ours. `folder` stands before their names, and is a path that ends in `/`, or empty.
pub(super) fn walk(mut files: Vec<Listed>, folder: &str) -> Walked {
    // As a walk from folder to folder would meet them.
    files.sort_by(|one, other| one.name.split('/').cmp(other.name.split('/')));
    let mut walked = Walked::default();
    let directories = package_directories(&files, folder, &mut walked);
    let mut seen = HashSet::new();
    for directory in directories {
        for (place, file) in files.iter_mut().enumerate() {
            let Some(inside) = file.name.strip_prefix(&directory) else {
                continue;
            };
            let Some(named) = named(&file.name).filter(|_| !is_hidden(inside)) else {
                continue;
            };
            if !seen.insert(place) {
                continue;
            }
            if inside.matches('/').count() > DEEPEST {
                walked.findings.push(not_read(
                    format!("{folder}{}", file.name),
                    format!("more than {DEEPEST} folders inside each other; not read"),
                    "see whether the right folder was named",
                ));
                continue;
            }
            walked.files.push(Found {
                file: format!("{folder}{}", file.name),
                content: Content::Here(bounded(std::mem::replace(
                    &mut file.octets,
                    Ok(Vec::new()),
                ))),
                named,
            });
        }
    }
    walked
}

fn bounded(octets: Result<Vec<u8>, String>) -> Result<Vec<u8>, String> {
    match octets {
        Ok(octets) if octets.len() > LONGEST => Err(format!("longer than {LONGEST} octets")),
        other => other,
    }
}

/// The package directories as beginnings of names (`force-app/`); the empty one is the whole folder.
fn package_directories(files: &[Listed], folder: &str, walked: &mut Walked) -> Vec<String> {
    let everything = vec![String::new()];
    let Some(project) = files.iter().find(|file| file.name == PROJECT_FILE) else {
        return everything;
    };
    let file = format!("{folder}{PROJECT_FILE}");
    let octets = bounded(project.octets.clone());
    let project = match octets.and_then(|octets| ProjectFile::parse(&octets)) {
        Ok(project) => project,
        Err(reason) => {
            walked.findings.push(ProjectFile::unread(file, &reason));
            return everything;
        }
    };
    walked.namespace = project.namespace;
    let Some(directories) = project.directories else {
        return everything;
    };
    let mut found = Vec::new();
    for name in directories {
        match package_directory(files, &name) {
            Ok(directory) => found.push(directory),
            Err(reason) => {
                let finding = ProjectFile::no_directory(file.clone(), &name, reason);
                walked.findings.push(finding);
            }
        }
    }
    found
}

fn package_directory(files: &[Listed], name: &str) -> Result<String, &'static str> {
    let mut parts: Vec<&str> = Vec::new();
    if name.starts_with('/') {
        return Err("outside the project");
    }
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("outside the project")?;
            }
            part => parts.push(part),
        }
    }
    let mut directory = parts.join("/");
    if !directory.is_empty() {
        directory.push('/');
    }
    if files.iter().any(|file| file.name.starts_with(&directory)) {
        Ok(directory)
    } else {
        Err("not there")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Project;
    use crate::metadata::tests::{files, now, samples};

    /// The files of a folder as a revision would list them.
    fn listed(folder: &std::path::Path) -> Vec<Listed> {
        files(folder)
            .iter()
            .map(|path| Listed {
                name: path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned(),
                octets: Ok(std::fs::read(path).unwrap()),
            })
            .filter(|file| is_read(&file.name))
            .collect()
    }

    #[test]
    fn files_by_name_are_the_same_project_as_the_folder() {
        let folder = samples();
        let root = format!("{}/", folder.display());
        let mut files = listed(&folder);
        files.reverse();
        assert!(files.len() > 100);
        let by_name = Project::of_files(files, &root, now()).unwrap();
        assert_eq!(by_name, Project::read(&folder, now()).unwrap());
    }

    #[test]
    fn what_a_walk_leaves_out_is_left_out() {
        let file = |name: &str, text: &str| Listed {
            name: name.to_owned(),
            octets: Ok(text.into()),
        };
        let walked = walk(
            vec![
                file(
                    PROJECT_FILE,
                    r#"{"namespace": "acme", "packageDirectories": [{"path": "./app/"}, {"path": "app/main"}, {"path": "gone"}, {"path": "../up"}]}"#,
                ),
                file("other/profiles/A.profile-meta.xml", ""),
                file("app/main/profiles/B.profile-meta.xml", ""),
                file("app/node_modules/profiles/C.profile-meta.xml", ""),
                file("app/.hidden/D.profile-meta.xml", ""),
                file("app/profiles/E.profile", ""),
                file("app/E.profile", ""),
            ],
            "in/",
        );
        let names: Vec<&str> = walked.files.iter().map(|found| &*found.file).collect();
        assert_eq!(
            names,
            [
                "in/app/main/profiles/B.profile-meta.xml",
                "in/app/profiles/E.profile"
            ]
        );
        assert_eq!(walked.namespace, "acme");
        let messages: Vec<&str> = walked.findings.iter().map(|one| &*one.message).collect();
        assert_eq!(
            messages,
            [
                "the package directory `gone` is not there",
                "the package directory `../up` is outside the project"
            ]
        );
    }
}
