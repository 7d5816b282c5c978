//! `runs` and `report`: stored runs, listed and shown again.

use super::args::{Format, Report, Runs};
use super::failure::{Failure, OK};
use super::load;
use super::show::{self, Shown};
use crate::edge::dirs::Dirs;
use crate::edge::terminal;
use crate::journal::{self, Keep};
use crate::report::exit::exit_code;
use crate::report::{ReportRequest, json};
use crate::secret::Register;

/// How many runs are listed.
const MOST: usize = 50;

pub(super) fn runs(arguments: &Runs) -> Result<u8, Failure> {
    let listed = journal::list(&Dirs::find()?.state, MOST)?;
    if arguments.format == Format::Json {
        let rows: Vec<_> = listed
            .iter()
            .map(
                |one| serde_json::json!({"run": one.run, "summary": one.summary, "path": one.path}),
            )
            .collect();
        super::failure::print(&json::document(
            &serde_json::json!({"schema_version": 1, "runs": rows}),
        ))?;
        return Ok(OK);
    }
    for one in &listed {
        let summary = &one.summary;
        super::failure::print(&format!(
            "{}  {}  {} passed, {} failed, {} error, {} skipped  {}\n",
            one.run.id,
            one.run.started_at,
            summary.passed,
            summary.failed,
            summary.error,
            summary.skipped,
            one.run.target
        ))?;
    }
    if listed.is_empty() {
        terminal::err("no run is stored yet: `grantproof run` stores one");
    }
    Ok(OK)
}

pub(super) fn report(arguments: &Report, shown: Shown) -> Result<u8, Failure> {
    let requests = arguments
        .report
        .iter()
        .map(|text| text.parse::<ReportRequest>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| load::rendered([&error as &dyn miette::Diagnostic]))?;
    let path = journal::find(
        &Dirs::find()?.state,
        arguments.run.as_deref().unwrap_or("last"),
    )?;
    let stored = journal::read(&path, Keep::Everything)?;
    // What is stored was scanned when it was written; the secrets of that run are gone.
    let secrets = Register::new();
    show::report(&stored.report, &secrets, arguments.format, shown)?;
    show::files(&requests, &stored.report, &secrets)?;
    Ok(exit_code(&stored.report))
}
