//! The two versions of `--from` and `--to`: folders, or revisions of a git repository.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::args::Change;
use super::given::wrong;
use crate::changes::{Side, SideView};
use crate::cli::failure::{Failure, USAGE, line};
use crate::cli::load::rendered;
use crate::edge::git::{self, Kind, Repository};
use crate::edge::terminal;
use crate::metadata::{Listed, Project, is_read};

/// A version that was read.
pub(super) struct Version {
    pub(super) project: Project,
    pub(super) view: SideView,
    root: String,
    shown: String,
}

impl Version {
    /// For the comparison.
    pub(super) fn side(&self) -> Side<'_> {
        Side {
            project: &self.project,
            root: self.root.clone(),
            shown: self.shown.clone(),
        }
    }
}

/// The longest file that is taken out of a revision; what is longer is a finding.
const LONGEST: u64 = 64 << 20;

/// What an argument means.
enum Meant {
    Folder(PathBuf),
    Revision(String),
    /// Where two revisions part.
    Parting(String, String),
}

/// Reads both versions.
pub(super) fn versions(
    change: &Change,
    from: &str,
    now: Timestamp,
) -> Result<(Version, Version), Failure> {
    let (from, to) = meant(change, from)?;
    let reader = Reader {
        dir: &change.dir,
        repository: std::cell::OnceCell::new(),
        now,
    };
    for (one, text) in [(&from, &change.from), (&to, &change.to)] {
        if let (Meant::Folder(folder), Some(text)) = (one, text) {
            reader.ambiguous(folder, text);
        }
    }
    let revision = |one: &Meant| !matches!(one, Meant::Folder(_));
    // Beside a revision the folder of the project is told as the repository tells it.
    let in_repository = revision(&from) || revision(&to);
    Ok((
        reader.read(&from, in_repository)?,
        reader.read(&to, in_repository)?,
    ))
}

fn meant(change: &Change, from: &str) -> Result<(Meant, Meant), Failure> {
    if let Some((one, other, parting)) = range(from) {
        if change.to.is_some() {
            return Err(wrong(
                format!("`{from}` is both versions already"),
                "leave `--to` away, or give one revision to `--from`",
            ));
        }
        let name = |text: &str| {
            if text.is_empty() {
                "HEAD".to_owned()
            } else {
                text.to_owned()
            }
        };
        let (one, other) = (name(one), name(other));
        let from = if parting {
            Meant::Parting(one, other.clone())
        } else {
            Meant::Revision(one)
        };
        return Ok((from, Meant::Revision(other)));
    }
    let to = match &change.to {
        None => Meant::Folder(change.dir.clone()),
        Some(to) if range(to).is_some() => {
            return Err(wrong(
                format!("`--to {to}` is two versions"),
                "give the range to `--from` alone",
            ));
        }
        Some(to) => one(to)?,
    };
    Ok((one(from)?, to))
}

/// `A..B` and `A...B`; the latter compares from where they part.
fn range(text: &str) -> Option<(&str, &str, bool)> {
    let is_path = text.starts_with(['.', '/']) || text.contains("/..") || Path::new(text).exists();
    if is_path && !text.starts_with("..") || text == ".." || text.starts_with("../") {
        return None;
    }
    let (one, other, parting) = if let Some((one, other)) = text.split_once("...") {
        (one, other, true)
    } else {
        let (one, other) = text.split_once("..")?;
        (one, other, false)
    };
    (!one.is_empty() || !other.is_empty()).then_some((one, other, parting))
}

fn one(text: &str) -> Result<Meant, Failure> {
    if let Some(revision) = text.strip_prefix("rev:") {
        return Ok(Meant::Revision(revision.to_owned()));
    }
    let path = Path::new(text);
    if path.is_dir() {
        return Ok(Meant::Folder(path.to_owned()));
    }
    if path.is_file() {
        return Err(wrong(
            format!("`{text}` is a file"),
            "give the folder of the project, or a git revision (`rev:NAME` where a file has its name)",
        ));
    }
    let only_a_path = path.is_absolute() || text.starts_with("./") || text.starts_with("../");
    if text.is_empty() || only_a_path {
        return Err(wrong(
            format!("there is no folder `{text}`"),
            "give the folder of the project, or a git revision",
        ));
    }
    Ok(Meant::Revision(text.to_owned()))
}

/// Reads versions; the repository is looked for once, and only where one is needed.
struct Reader<'c> {
    dir: &'c Path,
    repository: std::cell::OnceCell<Repository>,
    now: Timestamp,
}

impl Reader<'_> {
    fn repository(&self) -> Result<&Repository, Failure> {
        if let Some(repository) = self.repository.get() {
            return Ok(repository);
        }
        let found = Repository::around(self.dir).map_err(|error| failed(&error))?;
        Ok(self.repository.get_or_init(|| found))
    }

    /// Tells of a name that could be meant otherwise.
    fn ambiguous(&self, folder: &Path, text: &str) {
        if Path::new(text) != folder || text.contains(['/', '\\']) || text.starts_with('.') {
            return;
        }
        let other = Repository::around(self.dir).and_then(|repository| repository.commit(text));
        if other.is_ok() {
            terminal::err(&format!(
                "note: `{text}` is a folder and a revision; the folder is taken. `rev:{text}` is the revision, `./{text}` the folder"
            ));
        }
    }

    fn read(&self, meant: &Meant, in_repository: bool) -> Result<Version, Failure> {
        match meant {
            Meant::Folder(folder) => self.folder(folder, in_repository),
            Meant::Revision(revision) => {
                let commit = self.repository()?.commit(revision);
                self.commit(revision, commit.map_err(|error| failed(&error))?)
            }
            Meant::Parting(one, other) => {
                let base = self.repository()?.merge_base(one, other);
                let given = format!("where {other} left {one}");
                self.commit(&given, base.map_err(|error| failed(&error))?)
            }
        }
    }

    fn folder(&self, folder: &Path, in_repository: bool) -> Result<Version, Failure> {
        let project = Project::read(folder, self.now)
            .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
        let mut root = folder.display().to_string();
        if !root.ends_with('/') {
            root.push('/');
        }
        let own = folder == self.dir;
        let shown = match folder {
            _ if own && in_repository => self.repository()?.prefix().to_owned(),
            _ if own && folder == Path::new(".") => String::new(),
            _ => root.clone(),
        };
        Ok(Version {
            project,
            view: SideView {
                given: if own && in_repository {
                    "working tree".to_owned()
                } else {
                    folder.display().to_string()
                },
                commit: None,
                folder: folder.display().to_string(),
            },
            root,
            shown,
        })
    }

    fn commit(&self, given: &str, commit: String) -> Result<Version, Failure> {
        let repository = self.repository()?;
        let prefix = repository.prefix().to_owned();
        let entries = repository.list(&commit).map_err(|error| failed(&error))?;
        if entries.is_empty() {
            let place = if prefix.is_empty() { "/" } else { &prefix };
            return Err(wrong(
                format!("`{given}` has no files in `{place}`"),
                "name the folder that the project has in that revision with `--dir`",
            ));
        }
        let (files, others): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| entry.kind == Kind::File && is_read(&entry.name));
        let octets = repository
            .read(&files, LONGEST)
            .map_err(|error| failed(&error))?;
        let mut listed: Vec<Listed> = files
            .into_iter()
            .zip(octets)
            .map(|(entry, octets)| Listed {
                name: entry.name,
                octets,
            })
            .collect();
        listed.extend(others.into_iter().map(|entry| Listed {
            octets: Err(match entry.kind {
                Kind::File => "not one of ours".to_owned(),
                Kind::Link | Kind::Submodule => {
                    "a link, which is not followed in a revision".to_owned()
                }
            }),
            name: entry.name,
        }));
        let project = Project::of_files(listed, &prefix, self.now)
            .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
        Ok(Version {
            project,
            view: SideView {
                given: given.to_owned(),
                commit: Some(commit),
                folder: prefix.clone(),
            },
            root: prefix.clone(),
            shown: prefix,
        })
    }
}

fn failed(error: &git::Error) -> Failure {
    let help = miette::Diagnostic::help(error)
        .map(|help| help.to_string())
        .unwrap_or_default();
    Failure::new(USAGE, format!("failed to {}", line(error)), &help)
}
