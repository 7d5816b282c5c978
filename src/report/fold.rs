//! A diagnosis as the report keeps it.

use crate::cause::{CauseId, entry};
use crate::diagnosis::{self, Diagnosis};
use crate::factor::Known;

use super::{Advice, Candidate, Certainty, DiagnosisReport, NextProbe, RuledOut, StandingReport};

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

fn sentence(cause: CauseId, action: &str) -> String {
    format!("{}. {action}", entry(cause).setting)
}

fn candidate(found: &diagnosis::Candidate, known: &Known) -> Candidate {
    let about = Candidate::of(found.cause, known);
    Candidate {
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
