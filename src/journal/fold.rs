//! Events → report. The one fold: live runs, stored runs and killed runs go through it.

use std::collections::BTreeMap;

use crate::report::{RunInfo, RunReport, ScenarioReport, Status, Summary};

use super::Event;

/// What a fold keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Everything, for reports that show every exchange.
    Everything,
    /// No exchanges of scenarios that passed: enough for the terminal, JUnit and Markdown, and small whatever the number of scenarios.
    Failures,
}

/// A report in the making.
pub struct Fold {
    keep: Keep,
    run: Option<RunInfo>,
    scenarios: BTreeMap<usize, Open>,
    finished: bool,
}

struct Open {
    report: ScenarioReport,
    /// Its counts, once it has ended: they outlive exchanges that are not kept.
    ended: Option<Summary>,
}

impl Fold {
    /// Nothing folded yet.
    pub const fn new(keep: Keep) -> Self {
        Self {
            keep,
            run: None,
            scenarios: BTreeMap::new(),
            finished: false,
        }
    }

    /// Takes one more event and returns the scenario that it ended, for printing.
    pub fn push(&mut self, event: Event) -> Option<&ScenarioReport> {
        match event {
            Event::RunStarted { run, .. } => self.run = Some(run),
            Event::RunResumed { .. } => self.finished = false,
            Event::ScenarioStarted { scenario, opening } => {
                let open = Open {
                    report: opening.into(),
                    ended: None,
                };
                self.scenarios.insert(scenario, open);
            }
            Event::StepFinished { scenario, step } => {
                if let Some(open) = self.scenarios.get_mut(&scenario) {
                    open.report.steps.push(*step);
                }
            }
            Event::ScenarioFinished {
                scenario,
                status,
                reason,
                error_kind,
                took_ms,
            } => {
                let open = self.scenarios.get_mut(&scenario)?;
                open.report.status = status;
                open.report.reason = reason;
                open.report.error_kind = error_kind;
                open.report.took_ms = took_ms;
                open.ended = Some(Summary::of(std::slice::from_ref(&open.report)));
                if self.keep == Keep::Failures && open.report.status == Status::Passed {
                    for step in &mut open.report.steps {
                        step.exchanges = Vec::new();
                    }
                }
                return Some(&open.report);
            }
            Event::Bug { text } => self.run.get_or_insert_default().bugs.push(text),
            Event::RunFinished {
                took_ms,
                interrupted,
            } => {
                let run = self.run.get_or_insert_default();
                run.took_ms = took_ms;
                run.interrupted = interrupted;
                self.finished = true;
            }
            Event::Unknown => {}
        }
        None
    }

    /// Whether the first record came.
    pub const fn has_started(&self) -> bool {
        self.run.is_some()
    }

    /// Whether a scenario has ended, so that a resumed run passes over it.
    pub fn has_ended(&self, scenario: usize) -> bool {
        self.scenarios
            .get(&scenario)
            .is_some_and(|open| open.ended.is_some())
    }

    /// The report of what was folded. A run without its last record was interrupted. A scenario without its end failed if a step of it
    /// failed, and is inconclusive otherwise.
    pub fn finish(self) -> RunReport {
        let mut run = self.run.unwrap_or_default();
        run.interrupted |= !self.finished;
        let mut summary = Summary::default();
        let scenarios = self
            .scenarios
            .into_values()
            .map(|open| {
                let mut report = open.report;
                summary += open.ended.unwrap_or_else(|| {
                    close(&mut report);
                    Summary::of(std::slice::from_ref(&report))
                });
                report
            })
            .collect();
        RunReport {
            summary,
            ..RunReport::new(run, scenarios)
        }
    }
}

fn close(scenario: &mut ScenarioReport) {
    let has = |status: Status| scenario.steps.iter().any(|step| step.status == status);
    scenario.status = if has(Status::Failed) {
        Status::Failed
    } else if has(Status::Error) {
        Status::Error
    } else {
        Status::Inconclusive
    };
    scenario.reason = Some("the run ended before this scenario did".to_owned());
    scenario.took_ms = scenario.steps.iter().map(|step| step.took_ms).sum();
}
