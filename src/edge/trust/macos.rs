//! The system keychain of macOS, by `security`. Source: security(1). Never tried on a Mac.

use super::{Ca, Machine, Report, What, is_ours};
use crate::edge::Error;
use crate::edge::ca::HARNESS_NAME;

const TOOL: &str = "security";
const KEYCHAIN: &str = "/Library/Keychains/System.keychain";
const MISSING: &str = "it is part of macOS: see that /usr/bin is in PATH";

pub(super) fn install(ca: &Ca<'_>, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    if listed(machine)?.iter().any(|(name, _)| *name == ca.name) {
        report.note(KEYCHAIN, What::Present);
        return Ok(());
    }
    let path = ca.path.to_string_lossy();
    let arguments = [
        "add-trusted-cert",
        "-d",
        "-r",
        "trustRoot",
        "-k",
        KEYCHAIN,
        &path,
    ];
    let remedy =
        format!("run `sudo security add-trusted-cert -d -r trustRoot -k {KEYCHAIN} '{path}'`");
    machine.run_well(TOOL, &arguments, MISSING, &remedy)?;
    report.note(KEYCHAIN, What::Added);
    Ok(())
}

pub(super) fn uninstall(machine: &Machine, report: &mut Report) -> Result<(), Error> {
    let found = listed(machine)?;
    if found.is_empty() {
        report.note(KEYCHAIN, What::Absent);
        return Ok(());
    }
    for (_, hash) in found {
        let remedy = format!("run `sudo security delete-certificate -t -Z {hash} {KEYCHAIN}`");
        // `-t` deletes the trust settings with it.
        let arguments = ["delete-certificate", "-t", "-Z", &hash, KEYCHAIN];
        machine.run_well(TOOL, &arguments, MISSING, &remedy)?;
    }
    report.note(KEYCHAIN, What::Removed);
    Ok(())
}

pub(super) fn show(ca: &Ca<'_>, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    let found = listed(machine)?.iter().any(|(name, _)| *name == ca.name);
    report.note(KEYCHAIN, if found { What::Present } else { What::Absent });
    Ok(())
}

/// Name and SHA-1 hash of each CA of ours. `find-certificate` fails where there is none.
fn listed(machine: &Machine) -> Result<Vec<(String, String)>, Error> {
    let arguments = ["find-certificate", "-a", "-c", HARNESS_NAME, "-Z", KEYCHAIN];
    let ran = machine.run(TOOL, &arguments, MISSING)?;
    let mut found = Vec::new();
    let mut hash = None;
    for line in ran.output.lines() {
        if let Some(value) = line.strip_prefix("SHA-1 hash: ") {
            hash = Some(value.trim().to_owned());
        } else if let Some(label) = line.trim().strip_prefix("\"labl\"<blob>=\"") {
            let name = label.trim_end_matches('"');
            if let Some(hash) = hash.take().filter(|_| is_ours(name)) {
                found.push((name.to_owned(), hash));
            }
        }
    }
    Ok(found)
}
