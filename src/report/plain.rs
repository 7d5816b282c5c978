//! The report for grep, cut and awk: one line a step, fields separated by tabs, `-` for an empty one. Columns are never reordered;
//! new ones come at the end.

use super::text::one_line;
use super::{RunReport, ScenarioReport, StepReport};

/// The columns, in order.
pub const COLUMNS: [&str; 13] = [
    "status",
    "file",
    "scenario",
    "step",
    "kind",
    "grant",
    "host",
    "outcome",
    "at",
    "error",
    "causes",
    "certainty",
    "took_ms",
];

/// One line a step. A scenario without steps has one line with `-` for the step. No header.
pub fn report(report: &RunReport) -> String {
    report.scenarios.iter().map(scenario).collect()
}

/// The lines of one scenario.
pub fn scenario(scenario: &ScenarioReport) -> String {
    if scenario.steps.is_empty() {
        let fields = [scenario.status.name(), &scenario.file, &scenario.name];
        let took = scenario.took_ms.to_string();
        let rest = [""; COLUMNS.len() - 4];
        return line(fields.into_iter().chain(rest).chain([took.as_str()]));
    }
    scenario
        .steps
        .iter()
        .map(|step| line_of(scenario, step))
        .collect()
}

fn line_of(scenario: &ScenarioReport, step: &StepReport) -> String {
    let outcome = step.outcome.as_ref();
    let candidates = step
        .diagnosis
        .as_ref()
        .map_or(&[][..], |diagnosis| &diagnosis.candidates);
    let causes: Vec<&str> = candidates
        .iter()
        .map(|candidate| candidate.cause.as_str())
        .collect();
    let unexplained = step
        .diagnosis
        .as_ref()
        .is_some_and(|diagnosis| candidates.is_empty() && diagnosis.unexplained > 0.0);
    line([
        step.status.name(),
        &scenario.file,
        &scenario.name,
        &step.index.to_string(),
        step.kind.name(),
        step.grant.as_deref().unwrap_or_default(),
        step.host.as_deref().unwrap_or_default(),
        outcome
            .map(|outcome| outcome.name.as_str())
            .unwrap_or_default(),
        outcome
            .and_then(|outcome| outcome.at.as_deref())
            .unwrap_or_default(),
        outcome
            .and_then(|outcome| outcome.error.as_deref().or(outcome.fault.as_deref()))
            .unwrap_or_default(),
        &if unexplained {
            "unexplained".to_owned()
        } else {
            causes.join(",")
        },
        candidates
            .first()
            .map(|candidate| candidate.certainty.name())
            .unwrap_or_default(),
        &step.took_ms.to_string(),
    ])
}

fn line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = fields
        .into_iter()
        .map(|field| match one_line(field) {
            empty if empty.is_empty() => "-".to_owned(),
            field => field,
        })
        .collect::<Vec<_>>()
        .join("\t");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn each_step_is_a_line_with_every_column() {
        let text = report(&sample::run());
        assert_eq!(text.lines().count(), 6);
        for line in text.lines() {
            assert_eq!(line.split('\t').count(), COLUMNS.len(), "{line}");
        }
        assert!(text.contains(
            "failed\tscenarios/refresh/nightly_job.yaml\tThe nightly job refreshes\t2\tgrant\trefresh_token\tmy_domain\trefused\ttoken\tinvalid_grant\trefresh_policy_zero,refresh_revoked,refresh_five_approvals\tlikely\t96\n"
        ), "{text}");
        assert!(text.contains("skipped\tscenarios/device.yaml\tDevice flow\t-\t-\t"));
    }
}
