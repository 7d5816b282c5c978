//! From scores to a diagnosis: pairs where no single cause explains everything, weights that sum to 1, words of certainty, ties by name.

use std::collections::BTreeMap;

use super::hypothesis::{self, Hypothesis, Part};
use super::posterior::{Case, DECLARED_AGAINST, Score};
use super::{
    Basis, Candidate, Certainty, Diagnosis, Next, RuledOut, Standings, advice, fix, split,
    splitting_probe, unexplained_next,
};
use crate::cause::{AppKind, CauseId, Standing, entry};
use crate::evidence::{Observation, Seen, from_ran};
use crate::oauth::GrantKind;
use crate::world::{Ran, World};

/// Below this weight a cause of a report is not listed.
const LISTED: f64 = 0.004;
/// How many causes of a report are listed.
const MOST: usize = 12;
/// How many single hypotheses go into pairs.
const PAIRED: usize = 40;
/// Of a second fault beside the first.
const SECOND_FAULT: f64 = 0.05;
/// The weight from which a cause with unique words counts as implied in a report.
const IMPLIED: f64 = 0.75;

impl Case<'_> {
    /// The diagnosis.
    pub(super) fn judge(mut self) -> Diagnosis {
        let mut diagnosis = Diagnosis {
            advice: advice(self.observations()),
            ..Diagnosis::default()
        };
        for (_, seen, _) in &self.complaints {
            if !diagnosis.seen.contains(seen) {
                diagnosis.seen.push(seen.clone());
            }
        }
        if self.complaints.is_empty() && !self.has_facts() {
            return diagnosis;
        }
        let mut scores = self.scores();
        let excluded: Vec<CauseId> = scores
            .iter()
            .filter(|(_, (_, score))| score.excluded.is_some())
            .map(|(cause, _)| *cause)
            .collect();
        for cause in excluded {
            if let Some((_, score)) = scores.remove(&cause) {
                diagnosis.ruled_out.push(RuledOut {
                    cause,
                    evidence: score.excluded.unwrap_or_default(),
                });
            }
        }
        let count = self.complaints.len();
        let whole = scores.values().any(|(_, score)| score.explains >= count);
        let pairs = if whole || count < 2 {
            Vec::new()
        } else {
            self.pairs(&scores)
        };
        self.fill(&mut diagnosis, scores, &pairs, whole);
        self.tie(&mut diagnosis);
        self.be_certain(&mut diagnosis);
        diagnosis.disagreements = disagreements(&diagnosis);
        diagnosis.next = self.next(&diagnosis);
        diagnosis
    }

    /// Pairs of hypotheses, each explaining something, that explain everything together; played, not composed.
    fn pairs(
        &mut self,
        scores: &BTreeMap<CauseId, (usize, Score)>,
    ) -> Vec<(CauseId, CauseId, f64)> {
        let mut some: Vec<(CauseId, usize, f64)> = scores
            .iter()
            .filter(|(_, (_, score))| score.explains > 0)
            .map(|(cause, (at, score))| (*cause, *at, score.ln))
            .collect();
        some.sort_by(|a, b| b.2.total_cmp(&a.2));
        some.truncate(PAIRED);
        let mut pairs = Vec::new();
        for (first, (cause, at, _)) in some.iter().enumerate() {
            for (other, other_at, _) in &some[first + 1..] {
                let ln = self.score_of_pair(*at, *other_at);
                if let Some(ln) = ln {
                    pairs.push((*cause, *other, ln + SECOND_FAULT.ln()));
                }
            }
        }
        pairs
    }

    /// Lists the candidates with their weights.
    fn fill(
        &self,
        diagnosis: &mut Diagnosis,
        scores: BTreeMap<CauseId, (usize, Score)>,
        pairs: &[(CauseId, CauseId, f64)],
        whole: bool,
    ) {
        let top = scores
            .values()
            .map(|(_, score)| score.ln)
            .chain(pairs.iter().map(|(.., ln)| *ln))
            .fold(f64::NEG_INFINITY, f64::max);
        if top == f64::NEG_INFINITY {
            diagnosis.unexplained = 1.0;
            return;
        }
        let mut weights: BTreeMap<CauseId, (f64, Option<CauseId>)> = scores
            .iter()
            .map(|(cause, (_, score))| (*cause, ((score.ln - top).exp(), None)))
            .collect();
        let mut best: BTreeMap<CauseId, (f64, CauseId)> = BTreeMap::new();
        for (a, b, ln) in pairs {
            let weight = (ln - top).exp();
            for (cause, other) in [(a, b), (b, a)] {
                let entry = weights.entry(*cause).or_insert((0.0, None));
                entry.0 += weight / 2.0;
                match best.get(cause) {
                    Some((own, _)) if *own >= weight => {}
                    _ => {
                        best.insert(*cause, (weight, *other));
                    }
                }
            }
        }
        for (cause, (_, other)) in best {
            if let Some(entry) = weights.get_mut(&cause) {
                entry.1 = Some(other);
            }
        }
        let mut candidates: Vec<Candidate> = scores
            .into_iter()
            .map(|(cause, (_, score))| {
                let (weight, together_with) = weights[&cause];
                self.candidate(cause, score, weight, together_with)
            })
            .collect();
        candidates.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        if self.is_report() {
            let total: f64 = candidates.iter().map(|one| one.weight).sum();
            candidates.truncate(MOST);
            candidates.retain(|one| one.weight >= LISTED * total);
        }
        // What is not listed is too small each to be told, and is no reason to doubt what is.
        let listed: f64 = candidates.iter().map(|one| one.weight).sum();
        let unexplained = self.unexplained(whole || !pairs.is_empty());
        for candidate in &mut candidates {
            candidate.weight *= (1.0 - unexplained) / listed;
        }
        for candidate in &mut candidates {
            candidate.weight = rounded(candidate.weight);
        }
        let listed: f64 = candidates.iter().map(|one| one.weight).sum();
        diagnosis.unexplained = rounded((1.0 - listed).max(0.0));
        diagnosis.candidates = candidates;
    }

    fn candidate(
        &self,
        cause: CauseId,
        score: Score,
        weight: f64,
        together_with: Option<CauseId>,
    ) -> Candidate {
        let about = entry(cause);
        let fit = self
            .complaints
            .iter()
            .find_map(|(.., words)| words.fit(cause));
        let (basis, wording, source) = match fit {
            _ if score.recorded => (
                Basis::Records,
                about.wording,
                about.sources.first().copied(),
            ),
            Some(fit) => (fit.basis, fit.standing, Some(fit.source)),
            None => (Basis::Facts, about.wording, about.sources.first().copied()),
        };
        Candidate {
            cause,
            certainty: if score.recorded {
                Certainty::Confirmed
            } else {
                Certainty::Likely
            },
            weight,
            basis,
            evidence_for: score.evidence_for,
            evidence_against: score.evidence_against,
            fix: fix(about),
            standing: Standings {
                rule: about.rule,
                wording,
                source: source.unwrap_or_default(),
            },
            declared: score.declared,
            tied_with: Vec::new(),
            together_with,
        }
    }

    /// The share of what no known cause explains: by what the best words rest on, and whether everything is explained.
    fn unexplained(&self, whole: bool) -> f64 {
        let mut share: f64 = 0.0;
        for (.., words) in &self.complaints {
            let own = match words.best_standing() {
                None if self.is_report() => 0.15,
                None => 1.0,
                Some((Basis::Code, _)) => 0.3,
                Some((_, Standing::Recorded)) => 0.02,
                Some((_, Standing::Documented)) => 0.05,
                Some((_, Standing::Reported)) => 0.1,
                Some((_, Standing::Assumed)) => 0.2,
            };
            share = share.max(own);
        }
        if whole { share } else { share.max(0.5) }
    }

    /// Names the candidates that give the same answers to every flow.
    fn tie(&mut self, diagnosis: &mut Diagnosis) {
        if diagnosis.candidates.len() < 2 {
            return;
        }
        let kind = self
            .observations()
            .iter()
            .find_map(|one| one.app_kind)
            .unwrap_or(AppKind::ExternalClientApp);
        // A fault that is declared would hide the others: each is compared on a world where all that is accused is healthy.
        let mut known = self.known().clone();
        for cause in diagnosis.named() {
            let row = Hypothesis::of(cause).and_then(|one| one.row);
            for condition in row.into_iter().flat_map(|row| row.conditions) {
                known.forget(condition.factor);
            }
        }
        let base = World::with(kind, &known);
        let signatures: Vec<Option<Vec<String>>> = diagnosis
            .candidates
            .iter()
            .map(|candidate| signature(candidate.cause, &base, kind))
            .collect();
        for at in 0..signatures.len() {
            let Some(own) = &signatures[at] else {
                continue;
            };
            let ties: Vec<CauseId> = signatures
                .iter()
                .enumerate()
                .filter(|(other, signature)| {
                    let candidates = &diagnosis.candidates;
                    *other != at
                        && signature.as_ref() == Some(own)
                        && candidates[*other].declared == candidates[at].declared
                })
                .map(|(other, _)| diagnosis.candidates[other].cause)
                .collect();
            diagnosis.candidates[at].tied_with = ties;
        }
    }

    /// The words of certainty: implied where no other cause gives these answers, in words that were recorded.
    fn be_certain(&self, diagnosis: &mut Diagnosis) {
        let explained = diagnosis.unexplained < 0.5;
        let [only, others @ ..] = diagnosis.candidates.as_mut_slice() else {
            return;
        };
        if only.certainty == Certainty::Confirmed {
            return;
        }
        let alone = if self.is_report() {
            // What people report of words that others reported names no cause for sure.
            only.weight >= IMPLIED
                && only.standing.wording >= Standing::Documented
                && others.iter().all(|one| one.basis == Basis::Facts)
        } else {
            others.is_empty()
        };
        let in_words = matches!(
            only.basis,
            Basis::Words | Basis::Page | Basis::Lack | Basis::Rfc
        );
        if alone && in_words && explained && only.evidence_against.is_empty() {
            only.certainty = Certainty::Implied;
        }
    }

    fn next(&self, diagnosis: &Diagnosis) -> Option<Next> {
        let Some(first) = diagnosis.candidates.first() else {
            let (observation, ..) = self.complaints.first()?;
            return Some(Next {
                probe: unexplained_next(observation),
                separates: Vec::new(),
                class: None,
            });
        };
        let known = self
            .complaints
            .iter()
            .filter(|(.., words)| words.causes().count() > 1)
            .find_map(|(observation, ..)| probe_of(observation));
        Some(Next {
            probe: known.unwrap_or_else(|| entry(first.cause).probe).to_owned(),
            separates: diagnosis.named().collect(),
            class: None,
        })
    }
}

/// Declared settings that the first cause contradicts: it behaves as if they were otherwise.
fn disagreements(diagnosis: &Diagnosis) -> Vec<String> {
    let Some(first) = diagnosis.candidates.first() else {
        return Vec::new();
    };
    first
        .evidence_against
        .iter()
        .filter_map(|line| line.strip_suffix(DECLARED_AGAINST))
        .map(|declared| {
            format!(
                "declared: {declared}; behaves as {} says: {}",
                first.cause,
                entry(first.cause).setting
            )
        })
        .collect()
}

/// A share to the sixth digit: more would be noise, and not every reader of JSON keeps it.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

fn probe_of(observation: &Observation) -> Option<&'static str> {
    match &observation.seen {
        // The table of probes is about Salesforce.
        Seen::Answer(answer) if !observation.is_rfc() => splitting_probe(
            answer.code.words().unwrap_or_default(),
            answer.text.words().unwrap_or_default(),
        ),
        Seen::Page { .. } if !observation.is_rfc() => Some(split::PAGE),
        _ => None,
    }
}

/// What every grant would answer under a cause, each part in a line; `None` for a cause outside the model.
pub(super) fn signature(cause: CauseId, base: &World, kind: AppKind) -> Option<Vec<String>> {
    let hypothesis = hypothesis::all()
        .iter()
        .find(|one| one.cause == cause && one.forecasts())?;
    Some(signature_of(hypothesis, base, kind))
}

/// As [`signature`], of one hypothesis.
pub(super) fn signature_of(hypothesis: &Hypothesis, base: &World, kind: AppKind) -> Vec<String> {
    let world = hypothesis.world(base);
    GrantKind::ALL
        .into_iter()
        .flat_map(|grant| part_answers(&world.run(grant, &mut ()), kind))
        .collect()
}

/// What a run answers, each part in a line.
pub(super) fn part_answers(ran: &Ran, kind: AppKind) -> Vec<String> {
    from_ran(ran, kind)
        .into_iter()
        .map(|seen| {
            let grant = seen.grant.map_or("", GrantKind::name);
            format!("{grant} {:?} {}", Part::of(seen.endpoint), seen.summary())
        })
        .collect()
}
