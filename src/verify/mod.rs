//! An app verified end to end: every grant that it is meant for driven, the probe ladder around them, and a verdict with what has to be done.
//!
//! [`ladder`](ladder::ladder) is the ladder as data; a [`Case`] is one app of a folder, which chooses the rungs and has the model's word on
//! each; [`verdict`] reads what they left. What drives them is the loop that drives scenarios. The diagnosis sees what was answered and, unless
//! it is blind, what the files declare; never the org's own ledger.

mod case;
mod document;
mod handover;
pub mod ladder;
mod matrix;
mod reading;
mod text;

pub use case::{Bounds, Case, Open};
pub use document::{
    About, AppVerdict, Came, Cell, Difference, Document, RowView, SCHEMA_VERSION, State, StepView,
    Task, Untold, Verdict,
};
pub use reading::Climbed;
pub use text::{Layout, dry, human, markdown, plain};

use crate::cause::CauseId;
use crate::factor::Known;
use crate::lint::{Finding, Severity};
use crate::metadata::{DeclaredApp, Patch, Project};
use crate::oauth::GrantKind;
use handover::Handover;
use reading::Read;

/// The verdict on one app, from what the rungs left, beside the findings of the whole project. A `blind` diagnosis is kept from what the files
/// declare. Beside it the change of the files that it proposes; empty where no file can hold one.
pub fn verdict(
    case: &Case,
    (project, app): (&Project, &DeclaredApp),
    climbed: &[Climbed],
    findings: &[Finding],
    blind: bool,
) -> (AppVerdict, Patch) {
    let read: Vec<Read<'_>> = climbed.iter().map(|one| Read::of(case, one)).collect();
    let known = |who| {
        let declared = if blind {
            Known::new()
        } else {
            case.known(project, who)
        };
        case::of_the_probe(declared, who)
    };
    let diagnoses = reading::diagnoses(&read, &known);
    let matrix = matrix::matrix(case, &read, &diagnoses);
    let wanted = |row: &RowView| {
        GrantKind::ALL
            .into_iter()
            .find(|grant| grant.name() == row.grant)
    };
    let blocked: Vec<GrantKind> = matrix
        .iter()
        .filter(|row| {
            // What cannot be told for want of a record has a way out as well.
            row.cells
                .iter()
                .any(|cell| cell.state == State::Blocked || cell.cause.is_some())
        })
        .filter_map(wanted)
        .collect();
    let wants: Vec<_> = case
        .wants()
        .into_iter()
        .filter(|want| blocked.contains(&want.grant))
        .collect();
    let findings = of_the_app(findings, app);
    let kept_out: Vec<&Finding> = findings.iter().filter(|one| keeps_out(one)).collect();
    let mut handover = Handover::of(case, project, app, &wants);
    handover.deployable(project, app, &kept_out);
    let Handover {
        blockers,
        tasks,
        patch,
    } = handover;
    let refreshed = read
        .iter()
        .any(|one| one.came == Came::Passed && one.rung.grant == GrantKind::RefreshToken);
    let undeployable = !kept_out.is_empty();
    let verdict = if undeployable {
        Verdict::Blocked
    } else {
        word(&matrix, case, &findings)
    };
    let told = AppVerdict {
        app: case.app.clone(),
        kind: case.kind.name(),
        verdict,
        summary: if undeployable {
            format!(
                "{} is blocked: an org refuses its files as they are.",
                case.app
            )
        } else {
            summary(case, verdict, &matrix) + &only_in(&findings)
        },
        ladder: read.iter().map(|one| one.view(case, refreshed)).collect(),
        cannot_tell: untold(&matrix),
        matrix,
        diagnosis: reading::views(&diagnoses, &known),
        findings,
        blockers,
        handover: tasks,
        patch: (!patch.is_empty()).then(|| patch.diff()),
        model_differs: read.iter().filter_map(|one| one.difference(case)).collect(),
        assumed: case.assumed.clone(),
    };
    (told, patch)
}

/// Whether a finding keeps the files out of every org: then nothing that was tried on what they mean can come true.
fn keeps_out(finding: &Finding) -> bool {
    finding.severity == Severity::Error && finding.flows.contains(&"metadata_deploy")
}

fn word(matrix: &[RowView], case: &Case, findings: &[Finding]) -> Verdict {
    // A flow that no driver has keeps nobody from the verdict on the others, unless the files alone say that it cannot pass.
    let passes = |flow: &&str| {
        case.without_driver.contains(flow)
            && !findings
                .iter()
                .any(|one| one.severity == Severity::Error && one.flows.contains(flow))
    };
    let rows = || matrix.iter().filter(|row| !passes(&row.grant));
    let any = |state| {
        let mut cells = rows().flat_map(|row| &row.cells);
        cells.any(|cell| cell.state == state)
    };
    if any(State::Blocked) {
        Verdict::Blocked
    } else if any(State::CannotTell) || any(State::NotEvaluated) || case.meant.is_empty() {
        Verdict::Inconclusive
    } else {
        Verdict::Verified
    }
}

/// The verdict in a sentence.
fn summary(case: &Case, verdict: Verdict, matrix: &[RowView]) -> String {
    let app = &case.app;
    let with = |state| {
        let rows = matrix
            .iter()
            .filter(|row| row.cells.iter().any(|cell| cell.state == state));
        rows.map(|row| row.grant).collect::<Vec<_>>()
    };
    let meant = case.meant.len();
    match verdict {
        Verdict::Verified => {
            let mut text = if meant == 1 {
                format!("{app} passes: the one grant that it is meant for works")
            } else {
                format!("{app} passes: all {meant} grants that it is meant for work")
            };
            if !case.without_driver.is_empty() {
                text.push_str("; not driven: ");
                text.push_str(&case.without_driver.join(", "));
            }
            text.push('.');
            text
        }
        Verdict::Blocked => {
            let blocked = with(State::Blocked);
            format!(
                "{app} is blocked: {} of {meant} grants {} not pass ({}).",
                blocked.len(),
                if blocked.len() == 1 { "does" } else { "do" },
                blocked.join(", ")
            )
        }
        Verdict::Inconclusive if meant == 0 => {
            format!("{app} cannot be told: it is meant for no grant that can be driven.")
        }
        Verdict::Inconclusive => {
            let open = with(State::CannotTell);
            if open.is_empty() {
                let left = with(State::NotEvaluated).join(", ");
                return format!("{app} cannot be told: {left} was not driven.");
            }
            format!(
                "{app} cannot be told: {} hangs on what is not known.",
                open.join(", ")
            )
        }
    }
}

/// The one org that takes the files, where that is not known to be the one that is meant.
fn only_in(findings: &[Finding]) -> String {
    let local = findings
        .iter()
        .find(|one| one.cause == CauseId::LocalAppCrossOrg)
        .and_then(|one| one.declared.as_deref());
    let Some((org, _)) = local.and_then(|scoped| scoped.split_once(':')) else {
        return String::new();
    };
    format!(" The org {org} alone takes its files.")
}

fn untold(matrix: &[RowView]) -> Vec<Untold> {
    let mut untold: Vec<Untold> = Vec::new();
    for row in matrix {
        for cell in &row.cells {
            let Some(missing) = &cell.missing else {
                continue;
            };
            let one = Untold {
                grant: row.grant,
                missing: missing.clone(),
            };
            if !untold.contains(&one) {
                untold.push(one);
            }
        }
    }
    untold
}

fn of_the_app(findings: &[Finding], app: &DeclaredApp) -> Vec<Finding> {
    let own = |file: &str| app.records.iter().any(|record| record.file == file);
    findings
        .iter()
        .filter(|finding| finding.app.as_deref() == Some(app.name.as_str()) || own(&finding.file))
        .cloned()
        .collect()
}
