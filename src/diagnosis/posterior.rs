//! Scores every hypothesis against everything that was seen: log prior plus the log of what it forecasts for each observation, plus the
//! clues. Successes exclude as much as failures accuse; hard exclusion happens only where a rule is contradicted that is at least
//! documented.

use std::collections::{BTreeMap, HashMap};

use super::clue::{Clue, clues};
use super::hypothesis::{self, Hypothesis, Part};
use super::prior::prior;
use super::shown::{self, Side};
use super::words::{self, Words};
use super::{Basis, course, fit, provenance};
use crate::cause::{AppKind, CauseId, Standing, entry, login_history};
use crate::evidence::{Observation, Report, Seen};
use crate::exchange::Endpoint;
use crate::factor::{FactorKind, Known};
use crate::oauth::GrantKind;
use crate::world::{End, Ran, World};

/// A hypothesis that the model contradicts where the rule is not documented well enough to exclude it.
const CONTRADICTED: f64 = 0.02;
/// A refusal that a hypothesis does not forecast.
const NOT_FORECAST: f64 = 0.005;
/// The same in a report, whose app and client are known by a few words only.
const NOT_FORECAST_IN_REPORTS: f64 = 0.3;
/// A flow that passes with the same client, under a hypothesis about what the client sends: it may send otherwise there.
const SENT_ELSEWHERE: f64 = 0.05;
/// A cause outside the model, where our own drivers saw the answer: most of these are faults that the drivers do not make.
const OUTSIDE_OUR_DRIVERS: f64 = 0.1;
/// A refusal at another endpoint than the one that the model forecasts.
const ANOTHER_PLACE: f64 = 0.1;
/// A request of our own that shows what the cause needs, and one that shows otherwise.
const SHOWN_SO: f64 = 4.0;
const SHOWN_OTHERWISE: f64 = 8.0;
/// How common a cause is counts less in a report than the table says: people report what they cannot find out by themselves.
const PRIOR_IN_REPORTS: f64 = 0.7;
/// A status of the login history that names the cause.
const NAMED_BY_STATUS: f64 = 100.0;
/// A setting that is declared otherwise. Declared and effective values differ in the field, so this is no exclusion.
const DECLARED_OTHERWISE: f64 = 0.04;
/// A setting whose default is otherwise.
const DEFAULT_OTHERWISE: f64 = 0.3;
/// A setting that is declared as the cause needs it.
const DECLARED_SO: f64 = 6.0;
/// The flow is none of those that the catalogue lists for the cause.
const OTHER_FLOW: f64 = 0.12;

/// How a line of evidence ends that tells of a setting that is declared otherwise.
pub(super) const DECLARED_AGAINST: &str = ", and the cause needs it otherwise";

/// What the engine works on.
pub(super) struct Case<'a> {
    observations: &'a [Observation],
    known: &'a Known,
    report: Option<&'a Report>,
    keep: &'a dyn Fn(&Clue) -> bool,
    /// One entry a complaint: the observation, and its words by cause.
    pub(super) complaints: Vec<(&'a Observation, String, Words)>,
    bases: HashMap<AppKind, World>,
    runs: HashMap<(usize, AppKind, GrantKind), Ran>,
}

/// What speaks for and against a cause, and how much.
#[derive(Default)]
pub(super) struct Score {
    pub(super) ln: f64,
    pub(super) evidence_for: Vec<String>,
    pub(super) evidence_against: Vec<String>,
    /// Why it is excluded.
    pub(super) excluded: Option<String>,
    /// How many complaints it explains.
    pub(super) explains: usize,
    /// Whether a record of the org names it.
    pub(super) recorded: bool,
    /// Whether everything that makes it is declared.
    pub(super) declared: bool,
}

impl<'a> Case<'a> {
    /// Of observations alone, as our own drivers record them.
    pub(super) fn of_records(observations: &'a [Observation], known: &'a Known) -> Self {
        Self::new(observations, known, None, &|_| true)
    }

    /// Of a report with its facts.
    pub(super) fn of_report(report: &'a Report, keep: &'a dyn Fn(&Clue) -> bool) -> Self {
        Self::new(&report.observations, &report.known, Some(report), keep)
    }

    fn new(
        observations: &'a [Observation],
        known: &'a Known,
        report: Option<&'a Report>,
        keep: &'a dyn Fn(&Clue) -> bool,
    ) -> Self {
        let mut complaints = Vec::new();
        for observation in observations.iter().filter(|one| one.is_failure()) {
            match report {
                Some(report) if !report.sheet.is_empty() => {
                    let words = words::tolerant(observation, &report.sheet);
                    complaints.push((observation, observation.summary(), words));
                }
                _ => complaints.extend(fit::complaints(observation).into_iter().map(|fits| {
                    let words = words::strict(observation, fits.all);
                    (observation, fits.seen, words)
                })),
            }
        }
        Self {
            observations,
            known,
            report,
            keep,
            complaints,
            bases: HashMap::new(),
            runs: HashMap::new(),
        }
    }

    pub(super) fn observations(&self) -> &'a [Observation] {
        self.observations
    }

    pub(super) fn known(&self) -> &'a Known {
        self.known
    }

    /// Whether it is a report with facts, not a record of our own.
    pub(super) fn is_report(&self) -> bool {
        self.has_facts()
    }

    pub(super) fn has_facts(&self) -> bool {
        self.report.is_some_and(|report| !report.sheet.is_empty())
    }

    /// The score of two hypotheses together, both played in one world; `None` where they leave a complaint unexplained.
    pub(super) fn score_of_pair(&self, first: usize, second: usize) -> Option<f64> {
        let (first, second) = (&hypothesis::all()[first], &hypothesis::all()[second]);
        if !(first.forecasts() && second.forecasts()) {
            return None;
        }
        let mut worlds: HashMap<AppKind, World> = HashMap::new();
        let mut ln = prior(first.cause).ln() + prior(second.cause).ln();
        for (observation, _, words) in &self.complaints {
            let grant = observation.grant?;
            let kind = observation.app_kind.unwrap_or_default();
            let world = worlds.entry(kind).or_insert_with(|| {
                let mut world = World::with(kind, self.known);
                first.put(&mut world);
                second.put(&mut world);
                world
            });
            let ran = world.run(grant, &mut ());
            let cause = Part::of(observation.endpoint)
                .end(&ran)
                .and_then(End::cause)
                .filter(|cause| words.fit(*cause).is_some())?;
            ln += words.strength(cause).ln();
        }
        for observation in self.observations {
            if !matches!(observation.seen, Seen::Success { .. }) {
                continue;
            }
            let (Some(grant), kind) = (observation.grant, observation.app_kind.unwrap_or_default())
            else {
                continue;
            };
            let Some(world) = worlds.get(&kind) else {
                continue;
            };
            let ran = world.run(grant, &mut ());
            let end = Part::of(observation.endpoint).end(&ran);
            if end.is_none_or(|end| !end.is_granted()) {
                ln += CONTRADICTED.ln();
            }
        }
        Some(ln)
    }

    /// The score of every cause that can explain something; the best of its hypotheses counts.
    pub(super) fn scores(&mut self) -> BTreeMap<CauseId, (usize, Score)> {
        let mut best: BTreeMap<CauseId, (usize, Score)> = BTreeMap::new();
        let sheet = self.report.map(|report| &report.sheet);
        let by_cause: HashMap<CauseId, Vec<&'static Clue>> = match sheet {
            Some(sheet) if !sheet.is_empty() => {
                let mut holding: HashMap<CauseId, Vec<&'static Clue>> = HashMap::new();
                for clue in clues()
                    .iter()
                    .filter(|clue| (self.keep)(clue) && clue.holds(sheet))
                {
                    holding.entry(clue.cause).or_default().push(clue);
                }
                holding
            }
            _ => HashMap::new(),
        };
        for (at, hypothesis) in hypothesis::all().iter().enumerate() {
            let named = self
                .complaints
                .iter()
                .any(|(.., words)| words.fit(hypothesis.cause).is_some());
            let foreign = self.has_facts() && hypothesis.is_rfc();
            if foreign || (!named && !self.has_facts()) {
                continue;
            }
            if self.cannot_break_the_flow(hypothesis.cause) {
                continue;
            }
            let score = self.score(at, hypothesis, &by_cause);
            match best.get(&hypothesis.cause) {
                Some((_, own))
                    if (own.excluded.is_none(), own.ln) >= (score.excluded.is_none(), score.ln) => {
                }
                _ => {
                    best.insert(hypothesis.cause, (at, score));
                }
            }
        }
        best
    }

    /// Whether a report states a flow in which the answer's sentence is known of other causes, and this one is not known to break it. A record of
    /// the org that names it counts more.
    fn cannot_break_the_flow(&self, cause: CauseId) -> bool {
        let Some(sheet) = self.report.map(|report| &report.sheet) else {
            return false;
        };
        let Some(flow) = sheet.get("flow").map(ToString::to_string) else {
            return false;
        };
        let breaks =
            |cause| words::share_of_flow(cause, &flow, false).is_some_and(|share| share >= 1.0);
        let mut named = self
            .complaints
            .iter()
            .flat_map(|(.., words)| words.causes());
        let known = named.any(|(one, fit, _)| {
            fit.basis == Basis::Words && fit.standing > Standing::Reported && breaks(one)
        });
        let own = self.complaints.iter().any(|(.., words)| {
            words
                .fit(cause)
                .is_some_and(|fit| fit.basis == Basis::Words)
        });
        let recorded = sheet
            .get("facts.login_history_status")
            .and_then(|status| login_history(&status.to_string()))
            .is_some_and(|row| row.causes.contains(&cause));
        known && !own && !recorded && !breaks(cause)
    }

    fn score(
        &mut self,
        at: usize,
        hypothesis: &Hypothesis,
        holding: &HashMap<CauseId, Vec<&'static Clue>>,
    ) -> Score {
        let cause = hypothesis.cause;
        let mut score = Score {
            ln: prior(cause).ln()
                * if self.has_facts() {
                    PRIOR_IN_REPORTS
                } else {
                    1.0
                },
            ..Score::default()
        };
        if hypothesis.row.is_none() && !hypothesis.is_rfc() && !self.has_facts() {
            score.ln += OUTSIDE_OUR_DRIVERS.ln();
        }
        self.by_complaints(at, hypothesis, &mut score);
        self.by_successes(at, hypothesis, &mut score);
        self.by_known(hypothesis, holding.get(&cause), &mut score);
        if !self.has_facts() {
            self.by_requests(cause, &mut score);
        }
        if let Some(flow) = self.report.and_then(|report| report.sheet.get("flow")) {
            let flow = flow.to_string();
            let silent = self.complaints.iter().all(|(.., words)| words.is_silent());
            if let Some(share) = words::share_of_flow(cause, &flow, silent) {
                score.ln += share.ln();
            } else {
                score.ln += OTHER_FLOW.ln();
                score.evidence_against.push(format!(
                    "{} is none of the flows that it is known to break",
                    flow.replace('_', " ")
                ));
            }
        }
        let mut of_clues = 0.0;
        for clue in holding.get(&cause).into_iter().flatten() {
            of_clues += clue.ratio.ln();
            let list = if clue.ratio >= 1.0 {
                &mut score.evidence_for
            } else {
                &mut score.evidence_against
            };
            if !list.iter().any(|line| line == clue.reason) {
                list.push(clue.reason.to_owned());
            }
        }
        score.ln += of_clues;
        self.by_login_history(cause, holding.get(&cause), &mut score);
        score
    }

    /// The status of the login history, the decisive witness of look-alikes (ECA facts, rule 0.6a), where no clue speaks of it.
    fn by_login_history(
        &self,
        cause: CauseId,
        holding: Option<&Vec<&'static Clue>>,
        score: &mut Score,
    ) {
        let key = "facts.login_history_status";
        let row = self
            .report
            .and_then(|report| report.sheet.get(key))
            .and_then(|status| login_history(&status.to_string()));
        let Some(row) = row.filter(|row| row.causes.contains(&cause)) else {
            return;
        };
        let told = holding
            .into_iter()
            .flatten()
            .any(|clue| clue.when.iter().any(|atom| atom.key == key));
        if !told {
            score.ln += NAMED_BY_STATUS.ln();
            score
                .evidence_for
                .push(format!("the login history says \"{}\"", row.text));
        }
        score.recorded = row.causes.len() == 1;
    }

    /// What our own requests show of themselves. In a report the clues say so.
    fn by_requests(&self, cause: CauseId, score: &mut Score) {
        for (observation, ..) in &self.complaints {
            let lines = shown::of_request(cause, observation)
                .into_iter()
                .chain(course::of_course(cause, observation));
            for clue in lines {
                let (list, ratio) = match clue.side {
                    Side::For => (&mut score.evidence_for, SHOWN_SO),
                    Side::Against => (&mut score.evidence_against, 1.0 / SHOWN_OTHERWISE),
                };
                if !list.contains(&clue.text) {
                    list.push(clue.text);
                    score.ln += ratio.ln();
                }
            }
        }
    }

    /// What it forecasts for each refusal, and for each thing that is missing.
    fn by_complaints(&mut self, at: usize, hypothesis: &Hypothesis, score: &mut Score) {
        let soft = self.report.is_some();
        for index in 0..self.complaints.len() {
            let (observation, ..) = self.complaints[index];
            let is_lack = matches!(observation.seen, Seen::Success { .. });
            let end = if is_lack {
                None
            } else {
                self.forecast(at, hypothesis, observation)
            };
            let (_, _, words) = &self.complaints[index];
            let strength = words.strength(hypothesis.cause);
            let fits = words.fit(hypothesis.cause).is_some();
            let mut part = strength;
            match end {
                Some(Forecast::Passes) => {
                    part *= if soft {
                        NOT_FORECAST_IN_REPORTS
                    } else {
                        NOT_FORECAST
                    }
                }
                // Another of its checks comes first at this grant.
                Some(Forecast::Fails(other, _)) if other != hypothesis.cause => {
                    part = words.strength(other) * 0.9;
                }
                _ => {}
            }
            if let (Some(Forecast::Fails(_, at)), Some(seen)) = (end, observation.endpoint)
                && place(at) != place(seen)
            {
                part *= ANOTHER_PLACE;
            }
            let explains = match end {
                Some(Forecast::Passes) => false,
                Some(Forecast::Fails(other, _)) => words.fit(other).is_some(),
                None => fits,
            };
            if explains {
                score.explains += 1;
            }
            if let Some(fit) = words.fit(hypothesis.cause)
                && !score.evidence_for.contains(&fit.because)
            {
                score.evidence_for.push(fit.because.clone());
            }
            score.ln += part.ln();
        }
    }

    /// A flow that passes speaks against what would have refused it.
    fn by_successes(&mut self, at: usize, hypothesis: &Hypothesis, score: &mut Score) {
        for index in 0..self.observations.len() {
            let observation = &self.observations[index];
            let Seen::Success { lacks } = &observation.seen else {
                continue;
            };
            let Some(Forecast::Fails(cause, _)) = self.forecast(at, hypothesis, observation) else {
                continue;
            };
            if lacks.iter().any(|lack| lack.causes.contains(&cause)) {
                continue;
            }
            let what = told(observation);
            let same_grant = self
                .complaints
                .iter()
                .any(|(complaint, ..)| complaint.grant == observation.grant);
            let settings_only = hypothesis.row.is_some_and(|row| {
                row.conditions.iter().all(|condition| {
                    !matches!(
                        condition.factor.kind(),
                        FactorKind::Request | FactorKind::Environment
                    )
                })
            });
            if entry(hypothesis.cause).rule >= Standing::Documented
                && (settings_only || same_grant)
                && self.report.is_none()
            {
                score.excluded = Some(format!("{what} passed, which it would have refused"));
                return;
            }
            let factor = if settings_only {
                CONTRADICTED
            } else {
                SENT_ELSEWHERE
            };
            score.evidence_against.push(format!("{what} passed"));
            score.ln += factor.ln();
        }
    }

    /// Declared values: as the cause needs them, or otherwise.
    fn by_known(
        &self,
        hypothesis: &Hypothesis,
        holding: Option<&Vec<&'static Clue>>,
        score: &mut Score,
    ) {
        let said_by_clue = |field: &str| {
            holding.into_iter().flatten().any(|clue| {
                clue.when
                    .iter()
                    .any(|atom| atom.key.strip_prefix("declared.") == Some(field))
            })
        };
        let judged = shown::of_known(hypothesis.cause, hypothesis.row, self.known);
        score.declared = shown::is_declared(hypothesis, &judged, self.known);
        for judged in judged {
            if said_by_clue(judged.factor.field()) {
                continue;
            }
            let default = matches!(judged.from, crate::factor::Provenance::Default);
            let ratio: f64 = match (judged.holds, default) {
                (true, true) => 2.0,
                (true, false) => DECLARED_SO,
                (false, true) => DEFAULT_OTHERWISE,
                (false, false) => DECLARED_OTHERWISE,
            };
            let needs = if judged.holds { "" } else { DECLARED_AGAINST };
            let line = format!(
                "{} is {} ({}){needs}",
                judged.factor.key(),
                judged.value,
                provenance(&judged.from)
            );
            let list = if judged.holds {
                &mut score.evidence_for
            } else {
                &mut score.evidence_against
            };
            if !list.contains(&line) {
                list.push(line);
                score.ln += ratio.ln();
            }
        }
    }

    /// What becomes of the observed part of a flow under a hypothesis; `None` where the model does not say.
    fn forecast(
        &mut self,
        at: usize,
        hypothesis: &Hypothesis,
        observation: &Observation,
    ) -> Option<Forecast> {
        let grant = observation
            .grant
            .filter(|_| hypothesis.forecasts() && !observation.is_rfc())?;
        let part = Part::of(observation.endpoint);
        let mut best = None;
        for kind in hypothesis::kinds(observation.app_kind) {
            let forecast = match part.end(self.run(at, hypothesis, *kind, grant)) {
                Some(End::Granted { lacking }) => match lacking.first() {
                    Some(cause) if part == Part::Use(Endpoint::Introspect) => {
                        Some(Forecast::Fails(*cause, Endpoint::Introspect))
                    }
                    _ => Some(Forecast::Passes),
                },
                // The grant does not come so far.
                None => Some(Forecast::Passes),
                // Below: a page of every flow, or nothing to try, forecast nothing.
                Some(End::Refused { cause, at, .. }) => Some(Forecast::Fails(*cause, *at)),
                Some(End::Page { cause, at, .. }) => cause.map(|cause| Forecast::Fails(cause, *at)),
                Some(End::NotTried) => None,
            };
            match (best, forecast) {
                // Of two kinds of app the one counts in which the hypothesis shows itself.
                (_, Some(Forecast::Fails(cause, _))) if cause == hypothesis.cause => {
                    return forecast;
                }
                (None | Some(Forecast::Passes), Some(_)) => best = forecast,
                _ => {}
            }
        }
        best
    }

    fn run(&mut self, at: usize, hypothesis: &Hypothesis, kind: AppKind, grant: GrantKind) -> &Ran {
        let base = self
            .bases
            .entry(kind)
            .or_insert_with(|| World::with(kind, self.known));
        self.runs
            .entry((at, kind, grant))
            .or_insert_with(|| hypothesis.world(base).run(grant, &mut ()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forecast {
    Passes,
    Fails(CauseId, Endpoint),
}

/// Where in a flow an endpoint stands: before a browser, at the start of a device flow, or where a client posts.
const fn place(at: Endpoint) -> u8 {
    match at {
        Endpoint::Authorize
        | Endpoint::Page
        | Endpoint::Callback
        | Endpoint::ErrorPage
        | Endpoint::DevicePage => 0,
        Endpoint::DeviceAuthorization => 1,
        _ => 2,
    }
}

fn told(observation: &Observation) -> String {
    let grant = observation.grant.map_or("the flow", GrantKind::label);
    match Part::of(observation.endpoint) {
        Part::Grant => format!("the {grant}"),
        Part::Use(at) => format!("{} with the token of the {grant}", at.name()),
    }
}
