//! A diagnosis as the report keeps it.

use crate::cause::{CauseId, conditions, entry};
use crate::diagnosis::{self, Diagnosis, flip_of};
use crate::factor::{Factor, FactorKind, Known};

use super::{
    Advice, Candidate, Certainty, DiagnosisReport, Fix, NextProbe, RuledOut, StandingReport,
};

/// Folds a diagnosis; `None` where nothing failed.
pub fn fold(found: &Diagnosis, known: &Known) -> Option<DiagnosisReport> {
    if found.is_empty() {
        return None;
    }
    Some(DiagnosisReport {
        candidates: found
            .candidates
            .iter()
            .map(|one| candidate(one, known))
            .collect(),
        ruled_out: found
            .ruled_out
            .iter()
            .map(|one| RuledOut {
                cause: one.cause.name().to_owned(),
                because: one.evidence.clone(),
            })
            .collect(),
        unexplained: found.unexplained,
        seen: found.seen.clone(),
        next: found.next.as_ref().map(|next| NextProbe {
            probe: next.probe.clone(),
            separates: next
                .separates
                .iter()
                .map(|cause| cause.name().to_owned())
                .collect(),
            class: next.class.map(|class| class.name().to_owned()),
        }),
    })
}

/// What is better done otherwise.
pub fn fold_advice(found: &Diagnosis) -> Vec<Advice> {
    found
        .advice
        .iter()
        .map(|advice| Advice {
            id: advice.cause.name().to_owned(),
            text: sentence(advice.cause, advice.action),
        })
        .collect()
}

/// The values of the accused setting with which the cause is gone. `None` where it is no matter of settings
/// of a few values alone, or where it is known to have
/// one of these already.
fn needed(cause: CauseId, known: &Known) -> Option<String> {
    let of_settings =
        |factor: Factor| !matches!(factor.kind(), FactorKind::Request | FactorKind::Environment);
    let alone = conditions(cause).all(|row| {
        let mut all = row.conditions.iter();
        all.all(|one| of_settings(one.factor))
    });
    let flip = flip_of(cause).filter(|_| alone)?;
    let (factor, accused) = (flip.from.factor, flip.from.value);
    let found = known.value(factor).map(|(value, _)| value.to_string());
    if found.is_some_and(|found| found != accused) {
        return None;
    }
    if matches!(accused, "true" | "false") {
        return Some(flip.to.value.to_string());
    }
    let words: Vec<&str> = factor.values().split('|').collect();
    if !words.contains(&accused) {
        return None;
    }
    let right: Vec<&str> = words
        .into_iter()
        .filter(|word| {
            !conditions(cause).any(|row| {
                let first = row.conditions.first();
                first.is_some_and(|one| one.factor == factor && one.value == *word)
            })
        })
        .collect();
    Some(right.join(" or "))
}

fn sentence(cause: CauseId, action: &str) -> String {
    format!("{}. {action}", entry(cause).setting)
}

fn candidate(found: &diagnosis::Candidate, known: &Known) -> Candidate {
    let about = Candidate::of(found.cause, known);
    Candidate {
        fix: Fix {
            value: needed(found.cause, known),
            ..about.fix.clone()
        },
        declared: found.declared,
        certainty: Certainty::parse(found.certainty.name()),
        weight: found.weight,
        basis: Some(found.basis.name().to_owned()),
        evidence_for: found.evidence_for.clone(),
        evidence_against: found.evidence_against.clone(),
        tied_with: found
            .tied_with
            .iter()
            .map(|cause| cause.name().to_owned())
            .collect(),
        together_with: found.together_with.map(|cause| cause.name().to_owned()),
        standing: StandingReport {
            wording: found.standing.wording.name().to_owned(),
            ..about.standing.clone()
        },
        ..about
    }
}
