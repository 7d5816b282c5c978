//! The matrix: seven grants, and three checks of each.

use super::case::Case;
use super::document::{Came, Cell, RowView, State};
use super::ladder::Who;
use super::reading::Read;
use crate::cause::{CauseId, entry};
use crate::diagnosis::Diagnosis;
use crate::exchange::Endpoint;
use crate::grant::Outcome;
use crate::oauth::GrantKind;
use crate::report::UseReport;
use crate::what_if::Want;

/// What is checked of each grant.
pub(super) const CHECKS: [&str; 3] = ["token", "checks", "api"];

/// The rows of all grants.
pub(super) fn matrix(
    case: &Case,
    read: &[Read<'_>],
    diagnoses: &[(Who, Diagnosis)],
) -> Vec<RowView> {
    let all = diagnoses
        .iter()
        .find(|(who, _)| *who == Who::Listed)
        .map(|(_, diagnosis)| diagnosis);
    let drawn = Drawn { case, read, all };
    let driven = GrantKind::ALL.into_iter().map(|grant| RowView {
        grant: grant.name(),
        cells: drawn.cells(grant),
    });
    let others = case.without_driver.iter().map(|flow| RowView {
        grant: flow,
        cells: without_driver(flow),
    });
    driven.chain(others).collect()
}

fn without_driver(flow: &str) -> Vec<Cell> {
    let mut cells = CHECKS
        .map(|check| cell(check, State::NotEvaluated))
        .to_vec();
    cells[0].missing = Some(format!(
        "a driver: grantproof has none for {flow}, which is on in the files; `lint` alone judges it"
    ));
    cells
}

struct Drawn<'a> {
    case: &'a Case,
    read: &'a [Read<'a>],
    /// What all flows of listed users say together.
    all: Option<&'a Diagnosis>,
}

impl Drawn<'_> {
    fn cells(&self, grant: GrantKind) -> Vec<Cell> {
        let every = |state| CHECKS.map(|check| cell(check, state)).to_vec();
        if !self.case.meant.contains(&grant) {
            return every(State::NotEnabled);
        }
        let own = self
            .read
            .iter()
            .find(|one| one.rung.grant == grant && one.rung.is_the_flow());
        let Some(own) = own else {
            let mut cells = every(State::NotEvaluated);
            match self.refused_look(grant) {
                Some(look) => cells[0] = self.blocked("token", &look.named),
                None => cells[0].missing = self.case.undriven(grant),
            }
            return cells;
        };
        let mut cells = vec![self.token(own), checks(own), self.api(own)];
        let want = self
            .case
            .wants()
            .into_iter()
            .find(|want| want.grant == grant);
        self.undecided(want.as_ref(), &mut cells);
        cells
    }

    /// The request of a flow that was not driven, refused before anybody was asked to log in.
    fn refused_look(&self, grant: GrantKind) -> Option<&Read<'_>> {
        self.read.iter().find(|one| {
            one.rung.grant == grant && one.rung.is_a_look() && one.came == Came::Refused
        })
    }

    /// A refusal that rests on what nobody knows is none.
    fn undecided(&self, want: Option<&Want>, cells: &mut [Cell]) {
        let missing = want.map_or_else(Vec::new, |want| self.case.undecided(want));
        if missing.is_empty() {
            return;
        }
        for cell in cells.iter_mut() {
            if matches!(cell.state, State::Blocked | State::Passed) {
                cell.state = State::CannotTell;
                cell.missing = Some(missing.join("; "));
            }
        }
    }

    fn token(&self, own: &Read<'_>) -> Cell {
        match own.came {
            Came::Passed => cell("token", State::Passed),
            Came::Refused | Came::Expected => self.blocked("token", &own.named),
            Came::Unanswered => Cell {
                missing: Some(unanswered(own)),
                ..cell("token", State::CannotTell)
            },
            Came::NotSent => self.without_a_token(own),
        }
    }

    /// A refresh without a refresh token: the flow before it gave none, or was refused itself.
    fn without_a_token(&self, own: &Read<'_>) -> Cell {
        let before = self
            .read
            .iter()
            .find(|one| one.rung.grant == GrantKind::AuthorizationCode && one.rung.is_the_flow());
        match before.filter(|_| own.rung.grant == GrantKind::RefreshToken) {
            Some(before) if before.came == Came::Passed => self.blocked("token", &before.named),
            Some(_) => Cell {
                missing: Some(
                    "a refresh token, for which the web server flow must pass".to_owned(),
                ),
                ..cell("token", State::CannotTell)
            },
            None => Cell {
                missing: Some(unanswered(own)),
                ..cell("token", State::CannotTell)
            },
        }
    }

    fn api(&self, own: &Read<'_>) -> Cell {
        if !self.case.calls_rest {
            return cell("api", State::NotEnabled);
        }
        let used = own
            .record
            .uses
            .iter()
            .find(|used| used.at == Endpoint::Rest)
            .map(UseReport::from);
        match used {
            None => cell("api", State::NotEvaluated),
            Some(used) if !used.is_refused() => cell("api", State::Passed),
            Some(used) if used.status.is_none() => Cell {
                missing: Some("an answer to the REST call".to_owned()),
                ..cell("api", State::CannotTell)
            },
            Some(_) => self.blocked("api", &own.named),
        }
    }

    /// Blocked, by what the words of this flow and all others leave together.
    fn blocked(&self, check: &'static str, named: &[CauseId]) -> Cell {
        let all = self.all.into_iter().flat_map(Diagnosis::named);
        let both = all.into_iter().find(|cause| named.contains(cause));
        let Some(cause) = both.or(named.first().copied()) else {
            return cell(check, State::Blocked);
        };
        let tied = self
            .all
            .into_iter()
            .flat_map(|all| &all.candidates)
            .find(|candidate| candidate.cause == cause)
            .map_or_else(Vec::new, |candidate| candidate.tied_with.clone());
        Cell {
            cause: Some(cause.name().to_owned()),
            or: tied.iter().map(|cause| cause.name().to_owned()).collect(),
            setting: Some(entry(cause).setting.to_owned()),
            ..cell(check, State::Blocked)
        }
    }
}

const fn cell(check: &'static str, state: State) -> Cell {
    Cell {
        check,
        state,
        cause: None,
        or: Vec::new(),
        setting: None,
        missing: None,
    }
}

fn unanswered(own: &Read<'_>) -> String {
    match &own.record.outcome {
        Outcome::Unanswered { fault, .. } => format!("an answer: {fault}"),
        Outcome::NotSent { reason } => reason.clone(),
        _ => "an answer".to_owned(),
    }
}

/// Whether the token is what it says; of a flow without a token nothing is said.
fn checks(own: &Read<'_>) -> Cell {
    if own.came != Came::Passed {
        return cell("checks", State::NotEvaluated);
    }
    let failed: Vec<String> = own
        .record
        .checks
        .iter()
        .filter(|check| check.passed == Some(false))
        .map(|check| format!("{}: {}", check.name, check.detail))
        .collect();
    if failed.is_empty() {
        return cell("checks", State::Passed);
    }
    Cell {
        setting: Some(failed.join("; ")),
        ..cell("checks", State::Blocked)
    }
}
