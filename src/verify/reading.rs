//! The records of the ladder, read: what each probe showed, whether it was to be expected, and which causes all of them together leave.

use std::collections::BTreeMap;

use super::case::Case;
use super::document::{About, Came, Difference, StepView};
use super::ladder::{Refusal, Rung, Who};
use crate::cause::CauseId;
use crate::diagnosis::{Diagnosis, diagnose};
use crate::evidence::{Observation, Seen, from_step};
use crate::exchange::{Endpoint, Fault};
use crate::factor::Known;
use crate::grant::{Outcome, StepRecord};
use crate::oauth::{GrantKind, ScopeSet};
use crate::report::{ExchangeReport, fold};
use crate::world::{End, Ran};

/// A rung, and what it left.
pub struct Climbed {
    /// The rung.
    pub rung: Rung,
    /// Its record.
    pub record: StepRecord,
}

/// A rung with what its record shows.
pub(super) struct Read<'a> {
    pub(super) rung: &'a Rung,
    pub(super) record: &'a StepRecord,
    pub(super) came: Came,
    observations: Vec<Observation>,
    /// The causes that its own words leave.
    pub(super) named: Vec<CauseId>,
    /// The first of them, with those that it is tied with.
    first: Vec<CauseId>,
}

impl<'a> Read<'a> {
    pub(super) fn of(case: &Case, climbed: &'a Climbed) -> Self {
        let Climbed { rung, record } = climbed;
        let mut observations = from_step(record, Some(case.kind));
        observations.retain_mut(|one| matters(one, case));
        let alone = diagnose(&observations, &Known::new());
        let named = causes(&alone);
        let first: Vec<CauseId> = alone
            .candidates
            .first()
            .map(|first| [&[first.cause][..], &first.tied_with].concat())
            .unwrap_or_default();
        let end = how_it_came(rung, record, &first);
        Self {
            rung,
            record,
            came: end,
            observations,
            named,
            first,
        }
    }

    /// Whether a person logged in for it.
    fn with_a_person(&self) -> bool {
        self.rung.grant.asks_the_person() || self.rung.grant == GrantKind::RefreshToken
    }

    /// The answer in one line.
    fn answer(&self) -> Option<String> {
        let failure = self
            .observations
            .iter()
            .find(|one| one.is_failure() && !one.is_waiting());
        match (&self.record.outcome, failure) {
            (Outcome::NotSent { reason }, _) => Some(reason.clone()),
            (_, failure) => failure.map(Observation::summary),
        }
    }

    /// What an expected refusal tells: the cause that the rung was sent for.
    fn expected(&self) -> Option<String> {
        let Refusal::Tells(causes) = self.rung.refusal else {
            return None;
        };
        let cause = self.first.iter().find(|cause| causes.contains(cause))?;
        Some(expected(*cause))
    }

    pub(super) fn view(&self, case: &Case, refreshed: bool) -> StepView {
        let passed = (self.came == Came::Passed && !self.rung.passed.is_empty())
            .then(|| self.rung.passed.to_owned());
        let refused = (self.came == Came::Expected)
            .then(|| self.expected())
            .flatten();
        StepView {
            rung: self.rung.number,
            grant: self.rung.grant.name(),
            does: self.rung.title(),
            user: case.user(self.rung),
            class: self.rung.class.name(),
            came: self.came,
            answer: self.answer(),
            // Where no refresh token was ever taken, a second refusal tells nothing.
            tells: passed
                .or(refused)
                .filter(|_| refreshed || !self.rung.sends.first_refresh_token),
            requests: self.record.exchanges.len(),
        }
    }

    /// Where the model said otherwise.
    pub(super) fn difference(&self, case: &Case) -> Option<Difference> {
        let predicted = case.predicted(self.rung)?;
        let same = match (&predicted.end, &self.record.outcome) {
            (end, Outcome::Unanswered { fault, .. }) if is_login(fault) => {
                matches!(end, End::Page { .. })
            }
            // What was not sent, or not answered, says nothing of an org.
            (_, Outcome::NotSent { .. } | Outcome::Unanswered { .. }) => true,
            (End::Granted { .. }, Outcome::Granted(_)) => {
                let used = self
                    .record
                    .uses
                    .iter()
                    .find(|used| used.at == Endpoint::Rest);
                let passes = used.is_none_or(|used| used.error.is_none());
                !case.calls_rest || predicted.at(Endpoint::Rest).is_granted() == passes
            }
            (End::Refused { cause, .. }, Outcome::Refused { .. } | Outcome::OffProtocol { .. }) => {
                self.named.contains(cause)
            }
            (End::Page { .. } | End::NotTried, outcome) => !matches!(outcome, Outcome::Granted(_)),
            _ => false,
        };
        (!same).then(|| Difference {
            rung: self.rung.number,
            does: self.rung.title(),
            predicted: in_words(&predicted),
            observed: self.answer().unwrap_or_else(|| "granted".to_owned()),
            exchange: self.record.exchanges.last().map(ExchangeReport::from),
        })
    }
}

/// What the model says, in a few words.
fn in_words(predicted: &Ran) -> String {
    match (&predicted.end, predicted.cause()) {
        (End::Granted { .. }, None) => "granted".to_owned(),
        (End::Granted { .. }, Some(cause)) => format!("granted, then {cause}"),
        (_, Some(cause)) => format!("refused by {cause}"),
        (_, None) => "not granted".to_owned(),
    }
}

/// Leaves out what is no fault: a part of the token that the app does not ask for, and what only an `openid` token opens.
fn matters(one: &mut Observation, case: &Case) -> bool {
    let refreshes = case.meant.contains(&GrantKind::RefreshToken);
    if one.endpoint == Some(Endpoint::Rest) && !case.calls_rest {
        return false;
    }
    if let Seen::Success { lacks } = &mut one.seen {
        lacks.retain(|lack| lack.member == "refresh_token" && refreshes);
        return true;
    }
    one.endpoint != Some(Endpoint::Userinfo)
        || one
            .facts
            .scope_granted
            .as_deref()
            .is_some_and(|scope| ScopeSet::from_wire(scope).has("openid"))
            && one.grant.is_some_and(GrantKind::asks_the_person)
}

/// The named set, with what each is tied with.
fn causes(diagnosis: &Diagnosis) -> Vec<CauseId> {
    let mut named: Vec<CauseId> = diagnosis.named().collect();
    for candidate in &diagnosis.candidates {
        for tied in &candidate.tied_with {
            if !named.contains(tied) {
                named.push(*tied);
            }
        }
    }
    named
}

/// The end of a look whose request was taken.
const fn is_login(fault: &Fault) -> bool {
    matches!(fault, Fault::NoPerson { .. })
}

fn how_it_came(rung: &Rung, record: &StepRecord, first: &[CauseId]) -> Came {
    match (&record.outcome, &rung.refusal) {
        (Outcome::Granted(_), _) => Came::Passed,
        (Outcome::NotSent { .. }, _) => Came::NotSent,
        (Outcome::Unanswered { fault, .. }, _) if is_login(fault) => Came::Passed,
        (Outcome::Unanswered { .. }, _) => Came::Unanswered,
        (Outcome::Refused { error, .. }, Refusal::Tells(_))
            if error.error == "authorization_pending" =>
        {
            Came::Expected
        }
        (_, Refusal::Tells(causes)) if first.iter().any(|one| causes.contains(one)) => {
            Came::Expected
        }
        _ => Came::Refused,
    }
}

/// What an expected refusal tells.
fn expected(cause: CauseId) -> String {
    match cause {
        CauseId::PkceRequiredByApp | CauseId::PkceRequiredByOrg => "PKCE is required",
        CauseId::DeviceFlowOff => "the device flow is off",
        CauseId::SecretWrong | CauseId::SecretOptionalButWrong => {
            "the consumer key is known, and the secret is judged"
        }
        CauseId::JwtSubjectWrong | CauseId::JwtUserNotSelfApproved => {
            "certificate and audience are right"
        }
        CauseId::SecretMissingRefresh | CauseId::DeviceSecretRequired => {
            "a refresh needs the consumer secret"
        }
        CauseId::RefreshRotationReuse => "refresh tokens rotate",
        CauseId::UserNotPreauthorized => "only listed users may use the app",
        other => return crate::cause::entry(other).setting.to_owned(),
    }
    .to_owned()
}

/// The diagnoses: of the users whom the app is meant for, and of others where they add a cause. `known` is what each may know.
pub(super) fn diagnoses(read: &[Read<'_>], known: &dyn Fn(Who) -> Known) -> Vec<(Who, Diagnosis)> {
    let mut groups: BTreeMap<Who, Vec<Observation>> = BTreeMap::new();
    let one_factor = read.iter().any(|one| one.rung.who == Who::OneFactor);
    for one in read.iter().filter(|one| one.came != Came::Expected) {
        for observation in &one.observations {
            let who = match one.rung.who {
                // What passed without a second factor speaks for all; what passed with one says nothing of policies that ask for it.
                Who::OneFactor if !observation.is_failure() => Who::Listed,
                Who::Listed if one_factor && !observation.is_failure() && one.with_a_person() => {
                    continue;
                }
                who => who,
            };
            groups.entry(who).or_default().push(observation.clone());
        }
    }
    let mut told: Vec<CauseId> = Vec::new();
    let mut found = Vec::new();
    for (who, observations) in groups {
        let diagnosis = diagnose(&observations, &known(who));
        if diagnosis.is_empty() {
            continue;
        }
        let named = causes(&diagnosis);
        let adds = named.is_empty() || named.first().is_some_and(|first| !told.contains(first));
        if who == Who::Listed || adds {
            told.extend(named);
            found.push((who, diagnosis));
        }
    }
    found
}

/// As the document has them.
pub(super) fn views(diagnoses: &[(Who, Diagnosis)], known: &dyn Fn(Who) -> Known) -> Vec<About> {
    diagnoses
        .iter()
        .filter_map(|(who, diagnosis)| {
            Some(About {
                about: who.name(),
                diagnosis: fold(diagnosis, &known(*who))?,
            })
        })
        .collect()
}
