//! Plan × ports → records, steps in order, each step kept before the next begins. The only loop.

mod compare;

use std::time::Instant;

use crate::cause::{AppKind, CauseId};
use crate::diagnosis::{Basis, Diagnosis, Flip, better_next, diagnose, flip_of};
use crate::evidence;
use crate::exchange::Fault;
use crate::factor::{Delta, Known};
use crate::grant::{CertainValue, Grant, Held, Outcome, StepRecord};
use crate::plan::{Action, Plan, PlannedGrant, PlannedStep};
use crate::ports::{Boxed, Ports};
use crate::report::{
    self, ErrorKind, Judgement, Mismatch, ScenarioReport, Status, StepKind, StepReport, millis,
};
use crate::scenario::{Expect, ServerFault, Story};
use crate::secret::{Register, Secret};

/// The surroundings of one story: a simulated org of its own, or a target that others keep.
pub trait Stage: Send + Sync {
    /// What the drivers may touch.
    fn ports<'a>(&'a self, secrets: &'a Register) -> Ports<'a>;
    /// The kind of an app, where it is known; wordings depend on it.
    fn app_kind(&self, app: &str) -> Option<AppKind>;
    /// Makes a change in Setup. The `Err` says why it cannot be made here.
    fn change(&self, deltas: &[Delta]) -> Result<(), String>;
    /// Scripts a fault of the server.
    fn fault(&self, fault: ServerFault);
    /// Sets address, browser session and the like for a step that begins.
    fn prepare(&self, step: &PlannedGrant);
    /// What the org judged since this was asked last, for a person to read beside the step's report. Nothing where the org is not simulated, or
    /// nobody wants to read it.
    fn judgements(&self) -> Vec<Judgement> {
        Vec::new()
    }
    /// Consumer key and secret that are valid now, where Setup can be asked.
    fn credentials(&self, app: &str) -> Option<(String, Secret)>;
}

/// Takes each step's report before the next step begins, and gives back what was kept: scanned once more.
pub trait Keep: Send + Sync {
    /// `Err` where it could not be kept, in a sentence.
    fn step(&self, step: StepReport, secrets: &Register) -> Result<StepReport, String>;
}

/// Plays a story once more from its beginning, in surroundings of its own, with changes in Setup just before one step. Only a simulated org
/// can: what it proves is proven of it alone.
pub trait Again: Send + Sync {
    /// Whether the step, counted from 0, then passes. `false` as well where the accused factor has another value there than the accused:
    /// then the change would be no flip of it.
    fn passes<'a>(&'a self, step: usize, flip: &'a Flip, since: Since) -> Boxed<'a, bool>;
}

/// When a change is made that is to prove a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Just before the step that failed.
    TheStep,
    /// Before the first step: what a setting did in earlier steps is then undone as well.
    TheBeginning,
}

/// How many causes of a failed step are tried.
const TRIED: usize = 6;
/// The weight of a proven cause; two faults may hide behind one change.
const PROVEN: f64 = 0.98;

/// Flips the accused factor alone for each cause in turn; the first with which the step passes is proven and goes first.
async fn prove(report: &mut StepReport, step: usize, again: &dyn Again) {
    let Some(diagnosis) = &mut report.diagnosis else {
        return;
    };
    for at in 0..diagnosis.candidates.len().min(TRIED) {
        let cause = CauseId::parse(&diagnosis.candidates[at].cause);
        let Some(flip) = cause.and_then(flip_of) else {
            continue;
        };
        let mut since = Since::TheStep;
        if !again.passes(step, &flip, since).await {
            since = Since::TheBeginning;
            if at > 0 || step == 0 || !again.passes(step, &flip, since).await {
                continue;
            }
        }
        let mut proven = diagnosis.candidates.remove(at);
        let rest: f64 = diagnosis.candidates.iter().map(|one| one.weight).sum();
        for other in &mut diagnosis.candidates {
            other.weight = (other.weight / rest * (1.0 - PROVEN) * 1e6).round() / 1e6;
        }
        let rest: f64 = diagnosis.candidates.iter().map(|one| one.weight).sum();
        proven.weight = 1.0 - rest;
        proven.tied_with.clear();
        diagnosis.unexplained = 0.0;
        diagnosis.next = None;
        proven.certainty = report::Certainty::Proven;
        proven.basis = Some(Basis::Simulator.name().to_owned());
        proven.evidence_for.push(format!(
            "with {} set to {}{} and nothing else changed, the same events pass",
            flip.to.factor.key(),
            flip.to.value,
            if since == Since::TheBeginning {
                " from the beginning"
            } else {
                ""
            }
        ));
        diagnosis.candidates.insert(0, proven);
        return;
    }
}

/// Plays one story to its end, or to the first step that did not pass.
pub async fn play(
    story: &Story,
    plan: &Plan,
    stage: &dyn Stage,
    keep: &dyn Keep,
    secrets: &Register,
    again: Option<&dyn Again>,
) -> ScenarioReport {
    let begin = Instant::now();
    let mut report = ScenarioReport {
        file: story.file.clone(),
        name: title(story),
        about: story.about.clone(),
        tags: story.tags.clone(),
        matrix: story.combination.iter().cloned().collect(),
        status: Status::Passed,
        ..ScenarioReport::default()
    };
    let mut held = Held::default();
    for (index, step) in plan.steps.iter().enumerate() {
        let begin = Instant::now();
        let player = Player {
            story,
            stage,
            secrets,
            held: &mut held,
        };
        let mut done = player.step(step).await;
        // Only now: the diagnosis has been made without it.
        done.report.trace = stage.judgements();
        done.report.index = index + 1;
        done.report.title.clone_from(&step.title);
        if let (Status::Failed, Some(again)) = (&done.report.status, again) {
            prove(&mut done.report, index, again).await;
        }
        done.report.took_ms = millis(begin.elapsed());
        let status = done.report.status.clone();
        match keep.step(done.report, secrets) {
            Ok(step) => report.steps.push(step),
            Err(reason) => {
                report.status = Status::Error;
                report.error_kind = Some(ErrorKind::CouldNotRun);
                report.reason = Some(reason);
                break;
            }
        }
        if status != Status::Passed {
            report.status = status;
            report.error_kind = done.error_kind;
            break;
        }
    }
    report.took_ms = millis(begin.elapsed());
    report
}

/// Drives every grant of a plan, whatever becomes of those before it: nothing is expected, and nothing kept. One record a step; `None` where
/// the step drives no grant.
pub async fn survey(
    story: &Story,
    plan: &Plan,
    stage: &dyn Stage,
    secrets: &Register,
) -> Vec<Option<StepRecord>> {
    let mut held = Held::default();
    let mut records = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let player = Player {
            story,
            stage,
            secrets,
            held: &mut held,
        };
        records.push(match &step.does {
            Action::Grant(planned) => Some(player.drive(planned).await),
            Action::Change(_) | Action::Wait(_) | Action::Fault(_) => {
                player.step(step).await;
                None
            }
        });
    }
    records
}

/// The story, with its combination in parentheses.
pub fn title(story: &Story) -> String {
    if story.combination.is_empty() {
        return story.title.clone();
    }
    let values: Vec<String> = story
        .combination
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{} ({})", story.title, values.join(", "))
}

/// A step's report, and whose fault an error is.
struct Done {
    report: StepReport,
    error_kind: Option<ErrorKind>,
}

struct Player<'a> {
    story: &'a Story,
    stage: &'a dyn Stage,
    secrets: &'a Register,
    held: &'a mut Held,
}

impl Player<'_> {
    async fn step(self, step: &PlannedStep) -> Done {
        match &step.does {
            Action::Grant(planned) => self.grant(planned).await,
            Action::Change(deltas) => {
                let changed = self.stage.change(deltas);
                plain(StepKind::Change, changed)
            }
            Action::Wait(duration) => {
                let ports = self.stage.ports(self.secrets);
                ports.clock.sleep(*duration).await;
                plain(StepKind::Wait, Ok(()))
            }
            Action::Fault(fault) => {
                self.stage.fault(*fault);
                plain(StepKind::Fault, Ok(()))
            }
        }
    }

    async fn grant(self, planned: &PlannedGrant) -> Done {
        let (story, stage) = (self.story, self.stage);
        let record = self.drive(planned).await;
        let app_kind = stage.app_kind(&planned.grant.client.name);
        judged(&record, &planned.expect, app_kind, &story.declared)
    }

    async fn drive(self, planned: &PlannedGrant) -> StepRecord {
        let mut grant = planned.grant.clone();
        self.with_present_credentials(&mut grant);
        let mut record = None;
        for _ in 0..planned.times.max(1) {
            self.stage.prepare(planned);
            grant.held = self.held.clone();
            let made = self.drive_with_retries(&grant).await;
            *self.held = made.held.clone();
            let unanswered = matches!(
                made.outcome,
                Outcome::Unanswered { .. } | Outcome::NotSent { .. }
            );
            record = Some(made);
            if unanswered {
                break;
            }
        }
        record.expect("invariant: a step is driven at least once")
    }

    /// Retries are for faults of the transport only: an answer is never asked for twice.
    async fn drive_with_retries(&self, grant: &Grant) -> StepRecord {
        let mut left = self.story.retries;
        loop {
            let record = grant.drive(self.stage.ports(self.secrets)).await;
            let transport = match &record.outcome {
                Outcome::Unanswered { fault, .. } => !matches!(
                    fault,
                    Fault::NoCallback { .. }
                        | Fault::Browser { .. }
                        | Fault::NoPerson { .. }
                        | Fault::Listen { .. }
                ),
                _ => false,
            };
            if !transport || left == 0 {
                return record;
            }
            left -= 1;
        }
    }

    /// A client goes on with what it had; a story that sends the right one in so many words has looked it up in Setup.
    fn with_present_credentials(&self, grant: &mut Grant) {
        let wants = |value: Option<CertainValue>| value == Some(CertainValue::Right);
        let (key, secret) = (
            wants(grant.deviations.client_id),
            wants(grant.deviations.client_secret),
        );
        if !key && !secret {
            return;
        }
        if let Some((present_key, present_secret)) = self.stage.credentials(&grant.client.name) {
            if key {
                grant.client.client_id = present_key;
            }
            if secret {
                grant.client.client_secret = Some(present_secret);
            }
        }
    }
}

/// The report of a step without a grant.
fn plain(kind: StepKind, outcome: Result<(), String>) -> Done {
    let mut report = StepReport {
        kind,
        status: Status::Passed,
        ..StepReport::default()
    };
    let mut error_kind = None;
    if let Err(reason) = outcome {
        report.status = Status::Error;
        report.mismatches.push(Mismatch {
            what: "change".to_owned(),
            expected: "made".to_owned(),
            found: reason,
        });
        error_kind = Some(ErrorKind::Invalid);
    }
    Done { report, error_kind }
}

/// The report of a grant: what came, beside what was expected, and the causes that explain it.
fn judged(record: &StepRecord, expect: &Expect, app_kind: Option<AppKind>, known: &Known) -> Done {
    let mut diagnosis = diagnose(&evidence::from_step(record, app_kind), known);
    let mut report = StepReport::from(record);
    report.expected = compare::say(expect);
    report.mismatches = compare::mismatches(expect, record, &diagnosis);
    report.advice = report::fold_advice(&diagnosis);
    if is_about(&report.mismatches, record, expect, &diagnosis) {
        // Where all is as expected nobody asks on, and a run is spared the search.
        if !report.mismatches.is_empty() {
            let app_kind = app_kind.unwrap_or_default();
            better_next(&mut diagnosis, app_kind, known, Some(record.kind));
        }
        report.diagnosis = report::fold(&diagnosis, known);
    }
    let (status, error_kind) = match (&record.outcome, report.mismatches.is_empty()) {
        (_, true) => (Status::Passed, None),
        (Outcome::Unanswered { .. }, false) => (Status::Error, Some(ErrorKind::CouldNotRun)),
        (Outcome::NotSent { .. }, false) => (Status::Error, Some(ErrorKind::Invalid)),
        (_, false) => (Status::Failed, None),
    };
    report.status = status;
    Done { report, error_kind }
}

/// Whether the diagnosis is about what the story asks: a token that came explains no refusal that did not, and a client that asks for little
/// lacks what it did not ask for.
fn is_about(
    mismatches: &[Mismatch],
    record: &StepRecord,
    expect: &Expect,
    diagnosis: &Diagnosis,
) -> bool {
    if !matches!(record.outcome, Outcome::Granted(_)) {
        return true;
    }
    let Expect::Granted(granted) = expect else {
        return false;
    };
    let only_lacks = diagnosis
        .candidates
        .iter()
        .all(|one| one.basis == Basis::Lack);
    let minds =
        !granted.lacks.is_empty() || granted.refresh_token.is_some() || granted.id_token.is_some();
    let elsewhere = mismatches.iter().any(|one| one.what == "scope");
    if only_lacks {
        minds && (!mismatches.is_empty() || !granted.lacks.is_empty())
    } else {
        !elsewhere
    }
}

/// Runs stories side by side, at most `jobs` at once, and gives each report to `ended` as it comes, with the story's place.
/// `stop` is asked before a story begins.
pub async fn side_by_side<'a, F>(
    count: usize,
    jobs: usize,
    play: impl Fn(usize) -> Boxed<'a, ScenarioReport>,
    mut stop: impl FnMut() -> bool,
    mut ended: F,
) where
    F: FnMut(usize, ScenarioReport),
{
    use futures_util::StreamExt as _;
    use futures_util::stream::FuturesUnordered;

    let mut waiting = 0..count;
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < jobs.max(1) && !stop() {
            let Some(place) = waiting.next() else {
                break;
            };
            let story = play(place);
            running.push(async move { (place, story.await) });
        }
        match running.next().await {
            Some((place, report)) => ended(place, report),
            None => break,
        }
    }
}
