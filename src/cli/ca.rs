//! `ca install | uninstall | show`.

use std::fmt::Write as _;

use super::args::{Ca, Stores as Chosen};
use super::failure::{COULD_NOT_RUN, Failure, OK, line};
use crate::edge::ca::HarnessCa;
use crate::edge::clock::SystemClock;
use crate::edge::dirs::Dirs;
use crate::edge::terminal;
use crate::edge::trust::{self, Machine, Report, Stores};
use crate::ports::Clock as _;

pub(super) fn run(command: &Ca) -> Result<u8, Failure> {
    let dirs = Dirs::find()?;
    let machine = Machine::here(&dirs)?;
    match command {
        Ca::Install(chosen) => {
            let ca = HarnessCa::load_or_create(&dirs.ca(), SystemClock.now())?;
            let report = trust::install(&ca.certificate_path(), stores(*chosen), &machine)?;
            tell(&report)
        }
        Ca::Uninstall(chosen) => tell(&trust::uninstall(stores(*chosen), &machine)?),
        Ca::Show => {
            let shown = trust::show(&dirs.ca(), &machine)?;
            super::failure::print(&format!(
                "certificate  {}\n{}\n",
                shown.path.display(),
                shown.facts
            ))?;
            tell(&shown.stores)
        }
    }
}

/// Neither flag means both stores.
fn stores(chosen: Chosen) -> Stores {
    if chosen.system == chosen.nss {
        Stores::ALL
    } else {
        Stores {
            system: chosen.system,
            nss: chosen.nss,
        }
    }
}

fn tell(report: &Report) -> Result<u8, Failure> {
    let mut text = String::new();
    for change in &report.changes {
        let _ = writeln!(text, "{:<11}  {}", change.what.name(), change.place);
    }
    super::failure::print(&text)?;
    for failure in &report.failures {
        let help = miette::Diagnostic::help(failure)
            .map(|help| help.to_string())
            .unwrap_or_default();
        terminal::err(
            &Failure::new(COULD_NOT_RUN, format!("failed to {}", line(failure)), &help).to_text(),
        );
    }
    Ok(if report.failures.is_empty() {
        OK
    } else {
        COULD_NOT_RUN
    })
}
