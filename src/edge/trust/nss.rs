//! NSS databases: Chrome and Chromium on Linux read `~/.pki/nssdb`, Firefox one in each profile. By the `certutil` of NSS.
//! Source: certutil(1) of NSS.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;

use super::{Ca, Machine, Record, Report, System, What, from_pem, is_ours};
use crate::edge::{Error, write_error};

const TOOL: &str = "certutil";
const MISSING: &str = "install it: `sudo apt install libnss3-tools` (Debian, Ubuntu), `sudo dnf install nss-tools` (Fedora), `brew install nss` (macOS)";
/// The files of a database of the kind `sql:`.
const FILES: [&str; 3] = ["cert9.db", "key4.db", "pkcs11.txt"];

pub(super) fn install(
    ca: &Ca<'_>,
    machine: &Machine,
    record: &mut Record,
    report: &mut Report,
) -> Result<(), Error> {
    make(machine, record, report)?;
    for database in databases(machine) {
        let end = add(ca, &database, machine, report);
        report.keep(end);
    }
    Ok(())
}

pub(super) fn uninstall(
    machine: &Machine,
    record: &mut Record,
    report: &mut Report,
) -> Result<(), Error> {
    for database in databases(machine) {
        let end = remove(&database, machine, report);
        report.keep(end);
    }
    unmake(machine, record, report)
}

pub(super) fn show(ca: &Ca<'_>, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    for database in databases(machine) {
        let what = if holds(ca, &database, machine)? {
            What::Present
        } else {
            What::Absent
        };
        report.note(database.display(), what);
    }
    Ok(())
}

/// Every database, with the CAs of ours that it trusts to issue server certificates.
pub(super) fn trusted(
    machine: &Machine,
) -> Result<Vec<(PathBuf, Vec<CertificateDer<'static>>)>, Error> {
    let mut found = Vec::new();
    for database in databases(machine) {
        let mut certificates = Vec::new();
        for (name, flags) in rows(&database, machine)? {
            let for_servers = flags.split(',').next().is_some_and(|ssl| ssl.contains('C'));
            if is_ours(&name) && for_servers {
                let mut arguments = at(&database, "-L");
                arguments.extend(["-n", &name, "-a"].map(OsString::from));
                let ran = machine.run(TOOL, &arguments, MISSING)?;
                certificates.extend(from_pem(ran.output.as_bytes()).unwrap_or_default());
            }
        }
        found.push((database, certificates));
    }
    Ok(found)
}

fn add(ca: &Ca<'_>, database: &Path, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    if holds(ca, database, machine)? {
        report.note(database.display(), What::Present);
        return Ok(());
    }
    let mut arguments = at(database, "-A");
    // "C": trusted to issue server certificates, and nothing else.
    arguments.extend(["-t", "C,,", "-n", &ca.name, "-i"].map(OsString::from));
    arguments.push(ca.path.into());
    machine.run_well(TOOL, &arguments, MISSING, &locked(database))?;
    report.note(database.display(), What::Added);
    Ok(())
}

fn remove(database: &Path, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    let mut what = What::Absent;
    for name in names(database, machine)? {
        if is_ours(&name) {
            let mut arguments = at(database, "-D");
            arguments.extend(["-n", &name].map(OsString::from));
            machine.run_well(TOOL, &arguments, MISSING, &locked(database))?;
            what = What::Removed;
        }
    }
    report.note(database.display(), what);
    Ok(())
}

/// The database that Chrome reads, made where it is missing, with every folder that had to be made on the way on record.
fn make(machine: &Machine, record: &mut Record, report: &mut Report) -> Result<(), Error> {
    if machine.system == Some(System::MacOs) || chrome(machine).join(FILES[0]).exists() {
        return Ok(());
    }
    let folder = chrome(machine);
    for made in [folder.parent().unwrap_or(&folder), &folder] {
        if !made.exists() && !record.made.iter().any(|known| known == made) {
            record.made.push(made.to_owned());
        }
    }
    record.save(machine)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.recursive(true).create(&folder);
    made.map_err(|source| write_error(&folder, source))?;
    let mut arguments = at(&folder, "-N");
    arguments.push("--empty-password".into());
    if let Err(error) = machine.run_well(TOOL, &arguments, MISSING, &locked(&folder)) {
        // Nothing was gained, so nothing is left.
        let _ = remove_made(record);
        record.made.clear();
        record.save(machine)?;
        return Err(error);
    }
    report.note(folder.display(), What::Made);
    Ok(())
}

/// Deletes the database that [`make`] made, if nobody else has put anything into it.
fn unmake(machine: &Machine, record: &mut Record, report: &mut Report) -> Result<(), Error> {
    let folder = chrome(machine);
    if !record.made.contains(&folder) {
        return Ok(());
    }
    if folder.join(FILES[0]).exists() {
        let keys = machine.run(TOOL, &at(&folder, "-K"), MISSING)?;
        // `-K` fails with "no keys found" on an empty one.
        if keys.success || !names(&folder, machine)?.is_empty() {
            return Ok(());
        }
        for file in FILES {
            let _ = fs::remove_file(folder.join(file));
        }
    }
    if remove_made(record) {
        report.note(folder.display(), What::Deleted);
    }
    record.made.clear();
    record.save(machine)
}

/// Removes the folders on record, innermost first; one that is not empty stays. Whether the innermost is gone.
fn remove_made(record: &Record) -> bool {
    let mut gone = record
        .made
        .iter()
        .rev()
        .map(|folder| fs::remove_dir(folder).is_ok());
    let innermost = gone.next().unwrap_or(false);
    gone.for_each(drop);
    innermost
}

fn chrome(machine: &Machine) -> PathBuf {
    machine.home.join(".pki/nssdb")
}

/// Every database there is: Chrome's, and one in each profile of Firefox.
fn databases(machine: &Machine) -> Vec<PathBuf> {
    let profiles = [
        ".mozilla/firefox",
        "snap/firefox/common/.mozilla/firefox",
        "Library/Application Support/Firefox/Profiles",
    ];
    let mut found: Vec<PathBuf> = profiles
        .iter()
        .filter_map(|folder| fs::read_dir(machine.home.join(folder)).ok())
        .flatten()
        .filter_map(Result::ok)
        .map(|profile| profile.path())
        .collect();
    found.sort();
    found.insert(0, chrome(machine));
    found.insert(1, machine.home.join("snap/chromium/current/.pki/nssdb"));
    found.retain(|folder| folder.join(FILES[0]).exists());
    found
}

fn at(database: &Path, what: &str) -> Vec<OsString> {
    let mut sql = OsString::from("sql:");
    sql.push(database);
    vec![what.into(), "-d".into(), sql]
}

fn names(database: &Path, machine: &Machine) -> Result<Vec<String>, Error> {
    let rows = rows(database, machine)?;
    Ok(rows.into_iter().map(|(name, _)| name).collect())
}

/// The names in a database and their trust flags: each line ends in them, and they have two commas.
fn rows(database: &Path, machine: &Machine) -> Result<Vec<(String, String)>, Error> {
    let listed = machine.run_well(TOOL, &at(database, "-L"), MISSING, &locked(database))?;
    Ok(listed
        .lines()
        .filter_map(|line| line.trim_end().rsplit_once(char::is_whitespace))
        .filter(|(_, flags)| flags.matches(',').count() == 2 && *flags != "SSL,S/MIME,JAR/XPI")
        .map(|(name, flags)| (name.trim().to_owned(), flags.to_owned()))
        .collect())
}

fn holds(ca: &Ca<'_>, database: &Path, machine: &Machine) -> Result<bool, Error> {
    let mut arguments = at(database, "-L");
    arguments.extend(["-n", &ca.name, "-a"].map(OsString::from));
    // It fails where nothing has the name.
    let ran = machine.run(TOOL, &arguments, MISSING)?;
    Ok(from_pem(ran.output.as_bytes()).is_ok_and(|found| found.contains(&ca.der)))
}

fn locked(database: &Path) -> String {
    format!(
        "close the browser that uses {} and try again; a database with a password is not changed from here",
        database.display()
    )
}
