//! Which files of a folder are ours. Bounded, and never outside the folder that was named.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use serde_json::Value as Json;

use super::element::Place;
use super::finding::{Finding, FindingKind, shown};
use super::parse::LONGEST;
use super::types::{Named, RecordType};

/// Folders inside each other.
pub(super) const DEEPEST: usize = 40;
/// Files and folders that are looked at.
const MOST: usize = 200_000;
/// Where no metadata is, and much else.
pub(super) const SKIPPED: &[&str] = &["node_modules", "target"];
pub(super) const PROJECT_FILE: &str = "sfdx-project.json";

/// A file of ours.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) content: Content,
    /// As the user named its folder, with `/`.
    pub(super) file: String,
    pub(super) named: Named,
}

/// Where the octets of a file are.
#[derive(Debug)]
pub(super) enum Content {
    /// On a disk.
    Path(PathBuf),
    /// Here already; or why they are not to be had.
    Here(Result<Vec<u8>, String>),
}

impl Content {
    /// The whole file. `Err` says what the system says, or that it is too long.
    pub(super) fn read(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Path(path) => read(&path),
            Self::Here(octets) => octets,
        }
    }

    /// Where it is; of a file on no disk, its name.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        match self {
            Self::Path(path) => path.clone(),
            Self::Here(_) => PathBuf::from(name),
        }
    }
}

/// What is in a folder.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// In the order of their paths.
    pub(super) files: Vec<Found>,
    pub(super) findings: Vec<Finding>,
    /// The namespace of the project; empty for none.
    pub(super) namespace: String,
}

/// Looks through the package directories of a project, or through the whole folder where there is no project file. `Err` where the folder
/// itself cannot be read.
pub(super) fn walk(folder: &Path) -> io::Result<Walked> {
    fs::read_dir(folder)?;
    let mut walker = Walker {
        root: fs::canonicalize(folder)?,
        seen: HashSet::new(),
        left: MOST,
        walked: Walked::default(),
    };
    for directory in walker.package_directories(folder) {
        walker.folder(&directory, 0);
    }
    Ok(walker.walked)
}

/// Reads a file whole. `Err` says what the system says, or that it is too long.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let length = fs::metadata(path).map_err(|error| said(&error))?.len();
    let too_long = || format!("longer than {LONGEST} octets");
    if length > LONGEST as u64 {
        return Err(too_long());
    }
    let mut octets = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LONGEST as u64 + 1).read_to_end(&mut octets))
        .map_err(|error| said(&error))?;
    // A file can grow while it is read.
    if octets.len() > LONGEST {
        return Err(too_long());
    }
    Ok(octets)
}

pub(super) fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "not there".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission".to_owned(),
        _ => error.to_string(),
    }
}

/// A path as findings show it.
pub(super) fn file_of(path: &Path) -> String {
    let shown = path.display().to_string();
    if cfg!(windows) {
        shown.replace('\\', "/")
    } else {
        shown
    }
}

/// What we read of a project file.
#[derive(Debug, Default)]
pub(super) struct ProjectFile {
    /// Empty for none.
    pub(super) namespace: String,
    /// `None` where the file does not say.
    pub(super) directories: Option<Vec<String>>,
}

impl ProjectFile {
    /// `Err` says why it is none.
    pub(super) fn parse(octets: &[u8]) -> Result<Self, String> {
        let project: Json = serde_json::from_slice(octets).map_err(|error| error.to_string())?;
        let name = |directory: &Json| Some(directory["path"].as_str()?.to_owned());
        Ok(Self {
            namespace: project["namespace"].as_str().unwrap_or_default().to_owned(),
            directories: project["packageDirectories"]
                .as_array()
                .map(|directories| directories.iter().filter_map(name).collect()),
        })
    }

    /// The finding about one that cannot be read.
    pub(super) fn unread(file: String, reason: &str) -> Finding {
        not_read(
            file,
            format!("the project file cannot be read: {reason}"),
            "the whole folder was read instead of its package directories",
        )
    }

    /// The finding about a directory that is not read.
    pub(super) fn no_directory(file: String, name: &str, reason: &str) -> Finding {
        not_read(
            file,
            format!("the package directory `{}` is {reason}", shown(name)),
            "see `packageDirectories`",
        )
    }
}

struct Walker {
    root: PathBuf,
    /// Folders by their true paths, so that a link in a circle ends and two names of one folder are one.
    seen: HashSet<PathBuf>,
    left: usize,
    walked: Walked,
}

impl Walker {
    /// `packageDirectories` of the project file, or the folder itself.
    fn package_directories(&mut self, folder: &Path) -> Vec<PathBuf> {
        let everything = vec![folder.to_owned()];
        let path = folder.join(PROJECT_FILE);
        if !path.is_file() {
            return everything;
        }
        let project = match read(&path).and_then(|octets| ProjectFile::parse(&octets)) {
            Ok(project) => project,
            Err(reason) => {
                self.walked
                    .findings
                    .push(ProjectFile::unread(file_of(&path), &reason));
                return everything;
            }
        };
        self.walked.namespace = project.namespace;
        let Some(directories) = project.directories else {
            return everything;
        };
        let mut found = Vec::new();
        for name in directories {
            match self.package_directory(folder, &name) {
                Ok(directory) => found.push(directory),
                Err(reason) => {
                    let finding = ProjectFile::no_directory(file_of(&path), &name, &reason);
                    self.walked.findings.push(finding);
                }
            }
        }
        found
    }

    fn package_directory(&self, folder: &Path, name: &str) -> Result<PathBuf, String> {
        let relative: PathBuf = Path::new(name)
            .components()
            .filter(|part| !matches!(part, Component::CurDir))
            .collect();
        let directory = folder.join(relative);
        let real = fs::canonicalize(&directory).map_err(|error| said(&error))?;
        if !real.starts_with(&self.root) {
            return Err("outside the project".to_owned());
        }
        if !real.is_dir() {
            return Err("no folder".to_owned());
        }
        Ok(directory)
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        let bound = "see whether the right folder was named";
        if depth > DEEPEST {
            let reason = format!("more than {DEEPEST} folders inside each other; not read further");
            return self.not_read(folder, reason, bound);
        }
        let real = match fs::canonicalize(folder) {
            Ok(real) => real,
            Err(error) => return self.unreadable(folder, &error),
        };
        if !self.seen.insert(real) {
            return;
        }
        let mut entries =
            match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
                Ok(entries) => entries,
                Err(error) => return self.unreadable(folder, &error),
            };
        entries.sort_by_key(fs::DirEntry::file_name);
        let name_of_folder = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        for entry in entries {
            if self.left == 0 {
                let reason = format!("more than {MOST} files and folders; not read further");
                return self.not_read(folder, reason, bound);
            }
            self.left -= 1;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            let Ok(kind) = fs::metadata(&path) else {
                // A link that leads nowhere, or a file that went away.
                continue;
            };
            if kind.is_dir() {
                let hidden = name.starts_with('.') || SKIPPED.contains(&name.as_str());
                if !hidden && self.is_inside(&path) {
                    self.folder(&path, depth + 1);
                }
            } else if kind.is_file() {
                self.file(&name_of_folder, &name, path);
            }
        }
    }

    fn file(&mut self, folder: &str, name: &str, path: PathBuf) {
        let Some(named) = RecordType::of_file(folder, name) else {
            return;
        };
        if self.is_inside(&path) {
            self.walked.files.push(Found {
                file: file_of(&path),
                content: Content::Path(path),
                named,
            });
        }
    }

    /// Whether the true path is inside the folder that was named; a finding where not.
    fn is_inside(&mut self, path: &Path) -> bool {
        let inside = fs::canonicalize(path).is_ok_and(|real| real.starts_with(&self.root));
        if !inside {
            self.not_read(
                path,
                "a link that leads out of the folder; not followed".to_owned(),
                "name the folder that it leads to, or copy the file",
            );
        }
        inside
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.not_read(
            path,
            format!("cannot be read: {}", said(error)),
            "see its permissions",
        );
    }

    fn not_read(&mut self, path: &Path, message: String, help: &str) {
        self.walked
            .findings
            .push(not_read(file_of(path), message, help));
    }
}

/// A finding about a file as a whole.
pub(super) fn not_read(file: String, message: String, help: &str) -> Finding {
    Finding {
        file,
        line: Place::START.line,
        column: Place::START.column,
        kind: FindingKind::NotRead,
        field: None,
        message,
        help: help.to_owned(),
    }
}
