//! `ca install | uninstall | show`: the harness CA in the trust stores of this machine, and out of them again without a trace.

mod linux;
mod macos;
mod nss;
mod windows;

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use super::ca::{HARNESS_NAME, certificate_path, install_refuses};
use super::certificate::{Facts, from_pem};
use super::dirs::Dirs;
use super::{Error, write_error};

/// Which stores are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stores {
    /// The store of the system: curl, Java and most programs; Safari, Edge, and Chrome outside Linux.
    pub system: bool,
    /// The NSS databases: Chrome on Linux, Firefox.
    pub nss: bool,
}

impl Stores {
    /// Each there is.
    pub const ALL: Self = Self {
        system: true,
        nss: true,
    };
}

/// What was done in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// File, folder or store.
    pub place: String,
    /// What was done.
    pub what: What,
}

/// What was done, or found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The CA was added.
    Added,
    /// The CA was there already.
    Present,
    /// The CA was taken out.
    Removed,
    /// There was nothing to take out, or to find.
    Absent,
    /// A database was made, to have a place for the CA.
    Made,
    /// A database that was made here was deleted.
    Deleted,
}

impl What {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Present => "present",
            Self::Removed => "removed",
            Self::Absent => "absent",
            Self::Made => "made",
            Self::Deleted => "deleted",
        }
    }
}

/// What was done, in order, and what could not be done: one store that refuses does not stop the others.
#[derive(Debug, Default)]
pub struct Report {
    /// What was done where.
    pub changes: Vec<Change>,
    /// What failed, each with its remedy.
    pub failures: Vec<Error>,
}

impl Report {
    fn note(&mut self, place: impl fmt::Display, what: What) {
        self.changes.push(Change {
            place: place.to_string(),
            what,
        });
    }

    fn keep(&mut self, end: Result<(), Error>) {
        self.failures.extend(end.err());
    }
}

/// What `ca show` tells.
#[derive(Debug)]
pub struct Shown {
    /// The certificate in PEM form.
    pub path: PathBuf,
    /// What it says.
    pub facts: Facts,
    /// Where it is installed ([`What::Present`]) and where not ([`What::Absent`]), and which stores could not be asked.
    pub stores: Report,
}

/// The kind of trust store that the system has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Debian,
    Fedora,
    MacOs,
    Windows,
}

/// The machine whose trust stores are meant. What is run and written goes through here.
pub struct Machine {
    root: PathBuf,
    home: PathBuf,
    data: PathBuf,
    system: Option<System>,
    shell: Box<dyn Shell>,
}

impl Machine {
    /// This machine. [`Error::NoHome`] without a home directory.
    pub fn here(dirs: &Dirs) -> Result<Self, Error> {
        let home = etcetera::home_dir().map_err(|_| Error::NoHome { variable: "HOME" })?;
        let root = PathBuf::from("/");
        let system = if cfg!(target_os = "macos") {
            Some(System::MacOs)
        } else if cfg!(windows) {
            Some(System::Windows)
        } else {
            linux::detect(&root)
        };
        Ok(Self {
            root,
            home,
            data: dirs.data.clone(),
            system,
            shell: Box::new(Processes),
        })
    }

    /// Runs a tool. `remedy` says where a missing one comes from.
    fn run<A: AsRef<OsStr>>(
        &self,
        tool: &'static str,
        arguments: &[A],
        remedy: &str,
    ) -> Result<Ran, Error> {
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        self.shell.run(tool, &arguments).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                return Error::ToolMissing {
                    tool,
                    remedy: remedy.to_owned(),
                };
            }
            Error::ToolFailed {
                command: command_line(tool, &arguments),
                output: error.to_string(),
                remedy: remedy.to_owned(),
            }
        })
    }

    /// Runs a tool that must succeed.
    fn run_well<A: AsRef<OsStr>>(
        &self,
        tool: &'static str,
        arguments: &[A],
        missing: &str,
        failed: &str,
    ) -> Result<String, Error> {
        let ran = self.run(tool, arguments, missing)?;
        if ran.success {
            return Ok(ran.output);
        }
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        Err(Error::ToolFailed {
            command: command_line(tool, &arguments),
            output: ran.output,
            remedy: failed.to_owned(),
        })
    }
}

/// Runs programs: really, or in a test.
trait Shell: Send + Sync {
    fn run(&self, tool: &str, arguments: &[&OsStr]) -> io::Result<Ran>;
}

struct Ran {
    success: bool,
    /// Standard output, then standard error.
    output: String,
}

struct Processes;

impl Shell for Processes {
    fn run(&self, tool: &str, arguments: &[&OsStr]) -> io::Result<Ran> {
        let ran = Command::new(tool)
            .args(arguments)
            // A tool that asks for a password in a place where nobody sees it would wait for ever.
            .stdin(Stdio::null())
            .output()?;
        let mut output = String::from_utf8_lossy(&ran.stdout).into_owned();
        output.push_str(&String::from_utf8_lossy(&ran.stderr));
        Ok(Ran {
            success: ran.status.success(),
            output: output.trim().to_owned(),
        })
    }
}

fn command_line(tool: &str, arguments: &[&OsStr]) -> String {
    std::iter::once(tool.to_owned())
        .chain(arguments.iter().map(|one| {
            let one = one.to_string_lossy();
            if one.contains(' ') || one.is_empty() {
                format!("'{one}'")
            } else {
                one.into_owned()
            }
        }))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The certificate to install.
struct Ca<'a> {
    path: &'a Path,
    der: CertificateDer<'static>,
    /// Its common name, by which stores list it.
    name: String,
}

/// Puts the CA at `certificate` (PEM) into the stores. [`Error::Refused`] for anything but a harness CA, [`Error::Read`] and
/// [`Error::Certificate`] where there is none; what a store refuses is in the report.
pub fn install(certificate: &Path, stores: Stores, machine: &Machine) -> Result<Report, Error> {
    let ca = read_ca(certificate)?;
    if let Some(reason) = install_refuses(&ca.der) {
        return Err(Error::Refused { reason });
    }
    let mut report = Report::default();
    let mut record = Record::load(machine)?;
    if !record.names.contains(&ca.name) {
        record.names.push(ca.name.clone());
    }
    record.system |= stores.system;
    record.nss |= stores.nss;
    // Before anything is changed, so that whatever comes next can be undone.
    record.save(machine)?;
    if stores.system {
        let end = match machine.system {
            Some(System::Debian | System::Fedora) => linux::install(&ca, machine, &mut report),
            Some(System::MacOs) => macos::install(&ca, machine, &mut report),
            Some(System::Windows) => windows::install(&ca, machine, &mut report),
            None => Err(Error::NoStore {
                certificate: certificate.to_owned(),
            }),
        };
        report.keep(end);
    }
    if stores.nss && machine.system != Some(System::Windows) {
        let end = nss::install(&ca, machine, &mut record, &mut report);
        report.keep(end);
    }
    Ok(report)
}

/// Takes every harness CA out of the stores, and deletes the databases that were made for it and hold nothing else. The CA itself stays in
/// the data folder. [`Error::Read`] where the record of the installation is damaged; what a store refuses is in the report.
pub fn uninstall(stores: Stores, machine: &Machine) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut record = Record::load(machine)?;
    if stores.system {
        let end = match machine.system {
            Some(System::Debian | System::Fedora) => linux::uninstall(machine, &mut report),
            Some(System::MacOs) => macos::uninstall(machine, &mut report),
            Some(System::Windows) => windows::uninstall(&record.names, machine, &mut report),
            None => Ok(()),
        };
        report.keep(end);
    }
    if stores.nss && machine.system != Some(System::Windows) {
        let end = nss::uninstall(machine, &mut record, &mut report);
        report.keep(end);
    }
    if report.failures.is_empty() {
        record.system &= !stores.system;
        record.nss &= !stores.nss;
        if record.system || record.nss {
            record.save(machine)?;
        } else {
            Record::delete(machine)?;
        }
    }
    Ok(report)
}

/// What the CA in `folder` is, and where it is installed. [`Error::Read`] or [`Error::Certificate`] where there is none.
pub fn show(folder: &Path, machine: &Machine) -> Result<Shown, Error> {
    let path = certificate_path(folder);
    let ca = read_ca(&path)?;
    let mut stores = Report::default();
    let end = match machine.system {
        Some(System::Debian | System::Fedora) => linux::show(&ca, machine, &mut stores),
        Some(System::MacOs) => macos::show(&ca, machine, &mut stores),
        Some(System::Windows) => windows::show(&ca, machine, &mut stores),
        None => Ok(()),
    };
    stores.keep(end);
    if machine.system != Some(System::Windows) {
        let end = nss::show(&ca, machine, &mut stores);
        stores.keep(end);
    }
    let facts = Facts::of(&ca.der)?;
    Ok(Shown {
        path,
        facts,
        stores,
    })
}

/// Every NSS database of this user, with the harness CAs that browsers take for trusted there. [`Error::ToolMissing`] and
/// [`Error::ToolFailed`] where a database cannot be read.
pub fn trusted_by_browsers(
    machine: &Machine,
) -> Result<Vec<(PathBuf, Vec<CertificateDer<'static>>)>, Error> {
    nss::trusted(machine)
}

fn read_ca(path: &Path) -> Result<Ca<'_>, Error> {
    let pem = fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let der = from_pem(&pem)?.remove(0);
    let name = Facts::of(&der)?.subject;
    Ok(Ca { path, der, name })
}

/// What `install` did, for `uninstall`; kept in the data folder.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// Common names of the CAs that were installed.
    names: Vec<String>,
    /// Whether the store of the system may hold one.
    system: bool,
    /// Whether an NSS database may hold one.
    nss: bool,
    /// Folders that were made, outermost first.
    made: Vec<PathBuf>,
}

impl Record {
    fn path(machine: &Machine) -> PathBuf {
        machine.data.join("ca-installed.json")
    }

    fn load(machine: &Machine) -> Result<Self, Error> {
        let path = Self::path(machine);
        let failed = |source| Error::Read {
            path: path.clone(),
            source,
        };
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed(error.into())),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(failed(source)),
        }
    }

    fn save(&self, machine: &Machine) -> Result<(), Error> {
        let path = Self::path(machine);
        let text = serde_json::to_vec_pretty(self)
            .expect("invariant: strings and paths of this system are JSON");
        fs::create_dir_all(&machine.data)
            .and_then(|()| replace(&path, &text))
            .map_err(|source| write_error(path, source))
    }

    fn delete(machine: &Machine) -> Result<(), Error> {
        let path = Self::path(machine);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(write_error(path, source))
            }
            _ => Ok(()),
        }
    }
}

/// Replaces a file at once: who reads it sees the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let written = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Whether a name in a store is that of one of our CAs.
fn is_ours(name: &str) -> bool {
    name.starts_with(HARNESS_NAME)
}

#[cfg(test)]
mod tests;
