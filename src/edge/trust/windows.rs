//! The user's root store of Windows, by the `certutil` of Windows. Source: Microsoft Learn, certutil. Never tried on Windows.
//! Firefox reads this store too (`security.enterprise_roots.enabled`).

use super::{Ca, Machine, Report, What};
use crate::edge::Error;

const TOOL: &str = "certutil";
const STORE: &str = "certificate store Root of the user";
const MISSING: &str = "it is part of Windows: see that System32 is in PATH";

pub(super) fn install(ca: &Ca<'_>, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    if holds(&ca.name, machine)? {
        report.note(STORE, What::Present);
        return Ok(());
    }
    let path = ca.path.to_string_lossy();
    let remedy = "Windows asks for consent in a window: answer Yes there";
    let arguments = ["-user", "-addstore", "Root", &path];
    machine.run_well(TOOL, &arguments, MISSING, remedy)?;
    report.note(STORE, What::Added);
    Ok(())
}

pub(super) fn uninstall(
    names: &[String],
    machine: &Machine,
    report: &mut Report,
) -> Result<(), Error> {
    let mut what = What::Absent;
    for name in names {
        if holds(name, machine)? {
            let remedy = format!("run `certutil -user -delstore Root \"{name}\"` and answer Yes");
            machine.run_well(
                TOOL,
                &["-user", "-delstore", "Root", name],
                MISSING,
                &remedy,
            )?;
            what = What::Removed;
        }
    }
    report.note(STORE, what);
    Ok(())
}

pub(super) fn show(ca: &Ca<'_>, machine: &Machine, report: &mut Report) -> Result<(), Error> {
    let found = holds(&ca.name, machine)?;
    report.note(STORE, if found { What::Present } else { What::Absent });
    Ok(())
}

/// `certutil -store` fails where nothing has the name.
fn holds(name: &str, machine: &Machine) -> Result<bool, Error> {
    let ran = machine.run(TOOL, &["-user", "-store", "Root", name], MISSING)?;
    Ok(ran.success)
}
