//! The system's store on Linux: a file in a folder, and a command that makes the bundles from it.
//! Sources: update-ca-certificates(8) of Debian, update-ca-trust(8) of Fedora.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Ca, Machine, Report, System, What, from_pem, replace};
use crate::edge::Error;

/// update-ca-certificates(8) takes files that end in `.crt` only.
const DEBIAN: &str = "usr/local/share/ca-certificates/grantproof-harness-ca.crt";
const FEDORA: &str = "etc/pki/ca-trust/source/anchors/grantproof-harness-ca.pem";

pub(super) fn detect(root: &Path) -> Option<System> {
    let has = |path: &str| root.join(path).exists();
    if has("etc/pki/ca-trust/source/anchors") {
        Some(System::Fedora)
    } else if has("etc/debian_version") || has("usr/local/share/ca-certificates") {
        Some(System::Debian)
    } else {
        None
    }
}

pub(super) fn install(ca: &Ca<'_>, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    let anchor = anchor(machine);
    if holds(&anchor, ca) {
        report.note(anchor.display(), What::Present);
        return Ok(());
    }
    let pem = fs::read(ca.path).map_err(|source| Error::Read {
        path: ca.path.to_owned(),
        source,
    })?;
    let (tool, package) = tool(machine);
    let remedy = format!(
        "run `sudo install -m 644 {} {} && sudo {tool}`, or leave the system's store out with `--nss`",
        ca.path.display(),
        anchor.display()
    );
    replace(&anchor, &pem).map_err(|source| refused(&anchor, source, remedy, package))?;
    if let Err(error) = rebuild(&[], machine) {
        // A file that no bundle was made from would be taken up at the next chance, to everybody's surprise.
        let _ = fs::remove_file(&anchor);
        return Err(error);
    }
    report.note(anchor.display(), What::Added);
    Ok(())
}

pub(super) fn uninstall(machine: &Machine, report: &mut Report) -> Result<(), Error> {
    let anchor = anchor(machine);
    let (tool, package) = tool(machine);
    let fresh = fresh(machine);
    let remedy = format!(
        "run `sudo rm {} && sudo {}`",
        anchor.display(),
        [&[tool], fresh].concat().join(" ")
    );
    match fs::remove_file(&anchor) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            report.note(anchor.display(), What::Absent);
            return Ok(());
        }
        Err(source) => return Err(refused(&anchor, source, remedy, package)),
        Ok(()) => {}
    }
    rebuild(fresh, machine)?;
    report.note(anchor.display(), What::Removed);
    Ok(())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the other systems' twins of this can fail"
)]
pub(super) fn show(ca: &Ca<'_>, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    let anchor = anchor(machine);
    let what = if holds(&anchor, ca) {
        What::Present
    } else {
        What::Absent
    };
    report.note(anchor.display(), what);
    Ok(())
}

fn anchor(machine: &Machine) -> PathBuf {
    machine.root.join(match machine.system {
        Some(System::Fedora) => FEDORA,
        _ => DEBIAN,
    })
}

/// The command and the package that has it.
fn tool(machine: &Machine) -> (&'static str, &'static str) {
    match machine.system {
        Some(System::Fedora) => (
            "update-ca-trust",
            "install it with `sudo dnf install ca-certificates`",
        ),
        _ => (
            "update-ca-certificates",
            "install it with `sudo apt install ca-certificates`",
        ),
    }
}

/// Without it, update-ca-certificates leaves the links of what is gone in /etc/ssl/certs, dangling.
fn fresh(machine: &Machine) -> &'static [&'static str] {
    match machine.system {
        Some(System::Fedora) => &[],
        _ => &["--fresh"],
    }
}

fn rebuild(arguments: &[&str], machine: &Machine) -> Result<(), Error> {
    let (tool, package) = tool(machine);
    let failed = format!("run `sudo {tool}` by hand and see what it says");
    machine
        .run_well(tool, arguments, package, &failed)
        .map(|_| ())
}

fn holds(anchor: &Path, ca: &Ca<'_>) -> bool {
    fs::read(anchor)
        .ok()
        .and_then(|pem| from_pem(&pem).ok())
        .is_some_and(|found| found.contains(&ca.der))
}

fn refused(anchor: &Path, source: io::Error, remedy: String, package: &str) -> Error {
    match source.kind() {
        io::ErrorKind::PermissionDenied => Error::NotPermitted {
            place: anchor.display().to_string(),
            remedy,
        },
        // The folder belongs to the package.
        io::ErrorKind::NotFound => Error::Write {
            path: anchor.to_owned(),
            remedy: package.to_owned(),
            source,
        },
        _ => super::write_error(anchor, source),
    }
}
