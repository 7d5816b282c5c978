//! Exit codes (design section 2), never renumbered, and the fold of a run into one of them.

use super::{ErrorKind, RunReport, ScenarioReport, Status, StepReport};

/// Everything ended as expected.
pub const AS_EXPECTED: u8 = 0;
/// An expectation failed, or a wanted grant is blocked.
pub const FAILED: u8 = 1;
/// Usage, configuration or a scenario is invalid.
pub const INVALID: u8 = 2;
/// It could not be run: network, TLS, port, permission, no answer where one was expected.
pub const COULD_NOT_RUN: u8 = 3;
/// It ran, and cannot be judged.
pub const INCONCLUSIVE: u8 = 4;
/// An invariant of ours is broken.
pub const BUG: u8 = 70;
/// Interrupted.
pub const INTERRUPTED: u8 = 130;

/// Every exit code with its meaning, for `--help` and the manual.
pub const MEANINGS: [(u8, &str); 7] = [
    (AS_EXPECTED, "everything as expected"),
    (
        FAILED,
        "an expectation failed, or a wanted grant is blocked",
    ),
    (INVALID, "usage, configuration or a scenario is invalid"),
    (
        COULD_NOT_RUN,
        "could not run: network, TLS, port, permission, no answer",
    ),
    (INCONCLUSIVE, "inconclusive"),
    (BUG, "a bug of grantproof"),
    (INTERRUPTED, "interrupted"),
];

/// Worst first.
const ORDER: [u8; 7] = [
    BUG,
    INTERRUPTED,
    INVALID,
    COULD_NOT_RUN,
    FAILED,
    INCONCLUSIVE,
    AS_EXPECTED,
];

/// The worse of two codes: 70 > 130 > 2 > 3 > 1 > 4 > 0.
pub fn worse(a: u8, b: u8) -> u8 {
    ORDER
        .into_iter()
        .find(|code| *code == a || *code == b)
        .unwrap_or(BUG)
}

/// The exit code of a run: the worst of all its scenarios, of its end and of our bugs.
pub fn exit_code(report: &RunReport) -> u8 {
    let run = if !report.run.bugs.is_empty() {
        BUG
    } else if report.run.interrupted {
        INTERRUPTED
    } else {
        AS_EXPECTED
    };
    report.scenarios.iter().map(of_scenario).fold(run, worse)
}

fn of_scenario(scenario: &ScenarioReport) -> u8 {
    match scenario.status {
        Status::Passed | Status::Skipped => AS_EXPECTED,
        Status::Failed => FAILED,
        Status::Inconclusive | Status::Other(_) => INCONCLUSIVE,
        Status::Error => scenario
            .error_kind
            .as_ref()
            .map(of_kind)
            .or_else(|| {
                scenario
                    .steps
                    .iter()
                    .filter(|step| step.status == Status::Error)
                    .map(of_step)
                    .reduce(worse)
            })
            .unwrap_or(COULD_NOT_RUN),
    }
}

/// The code of a step that ended in an error: a request that the files do not allow to be made is the files' fault, else the world's.
fn of_step(step: &StepReport) -> u8 {
    match step.outcome.as_ref().map(|outcome| outcome.name.as_str()) {
        Some("not_sent") => INVALID,
        _ => COULD_NOT_RUN,
    }
}

const fn of_kind(kind: &ErrorKind) -> u8 {
    match kind {
        ErrorKind::Invalid => INVALID,
        ErrorKind::Bug => BUG,
        ErrorKind::CouldNotRun | ErrorKind::Other(_) => COULD_NOT_RUN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{OutcomeReport, RunInfo};

    fn scenario(status: Status, error_kind: Option<ErrorKind>) -> ScenarioReport {
        ScenarioReport {
            status,
            error_kind,
            ..ScenarioReport::default()
        }
    }

    fn code(scenarios: Vec<ScenarioReport>) -> u8 {
        exit_code(&RunReport::new(RunInfo::default(), scenarios))
    }

    #[test]
    fn the_worst_wins() {
        assert_eq!(code(vec![]), 0);
        assert_eq!(
            code(vec![
                scenario(Status::Skipped, None),
                scenario(Status::Passed, None)
            ]),
            0
        );
        assert_eq!(code(vec![scenario(Status::Inconclusive, None)]), 4);
        assert_eq!(
            code(vec![
                scenario(Status::Inconclusive, None),
                scenario(Status::Failed, None)
            ]),
            1
        );
        assert_eq!(
            code(vec![
                scenario(Status::Failed, None),
                scenario(Status::Error, None)
            ]),
            3
        );
        assert_eq!(
            code(vec![
                scenario(Status::Error, Some(ErrorKind::CouldNotRun)),
                scenario(Status::Error, Some(ErrorKind::Invalid))
            ]),
            2
        );
        let mut interrupted = RunReport::new(
            RunInfo {
                interrupted: true,
                ..RunInfo::default()
            },
            vec![scenario(Status::Error, Some(ErrorKind::Invalid))],
        );
        assert_eq!(exit_code(&interrupted), 130);
        interrupted.run.bugs.push("a mark was missing".to_owned());
        assert_eq!(exit_code(&interrupted), 70);
    }

    #[test]
    fn a_request_that_was_not_sent_is_the_fault_of_the_file() {
        let mut wrong = scenario(Status::Error, None);
        wrong.steps.push(StepReport {
            status: Status::Error,
            outcome: Some(OutcomeReport {
                name: "not_sent".to_owned(),
                ..OutcomeReport::default()
            }),
            ..StepReport::default()
        });
        assert_eq!(code(vec![wrong]), 2);
    }

    #[test]
    fn each_code_has_a_rank_and_a_meaning() {
        for (code, _) in MEANINGS {
            assert!(ORDER.contains(&code));
            assert_eq!(worse(code, AS_EXPECTED), code);
        }
    }
}
