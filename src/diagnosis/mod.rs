//! The model backwards: observations and what is known → causes that fit, as one named set, with evidence and fix.
//!
//! The set is made by wordings alone. What the recorded requests show, and what is known of the settings, orders the set and is told as
//! evidence, but drops no member: words decide who is named, facts decide who is named first.

mod clues;
mod fit;
mod rfc;
mod split;

use std::fmt::Write as _;

use self::clues::{Clue, Side};
use self::fit::{Fit, Fits};
pub use self::rfc::rfc_codes;
pub use self::split::splitting_probe;
use crate::cause::{CauseId, Channel, Entry, Standing, entry};
use crate::evidence::{Observation, Seen};
use crate::exchange::{Endpoint, Fault};
use crate::factor::{Known, Provenance};
use crate::oauth::GrantKind;

/// What the observations mean. Weights and `unexplained` sum to 1, unless nothing failed: then all is empty and zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagnosis {
    /// The causes that fit, most plausible first.
    pub candidates: Vec<Candidate>,
    /// Causes that the evidence excludes.
    pub ruled_out: Vec<RuledOut>,
    /// The share of what no known cause explains.
    pub unexplained: f64,
    /// What failed, one line each: quoted where nothing fits.
    pub seen: Vec<String>,
    /// What would tell the candidates apart, or help where there is none.
    pub next: Option<Next>,
    /// Advice that holds whatever the outcome (ids `bcp_…`).
    pub advice: Vec<Advice>,
}

/// One cause that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The cause.
    pub cause: CauseId,
    /// How sure.
    pub certainty: Certainty,
    /// Its share, 0 to 1.
    pub weight: f64,
    /// What the match rests on.
    pub basis: Basis,
    /// What speaks for it, one line each.
    pub evidence_for: Vec<String>,
    /// What speaks against it, one line each.
    pub evidence_against: Vec<String>,
    /// The smallest change.
    pub fix: Fix,
    /// What our knowledge of it rests on.
    pub standing: Standings,
}

/// The words of certainty (design section 3). This engine says the first two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// No other cause of the catalogue gives these answers.
    Implied,
    /// Rivals remain, or the words were not recorded.
    Likely,
    /// One factor was flipped on the same target, and the outcome flipped.
    Proven,
    /// A record of the org names it.
    Confirmed,
}

impl Certainty {
    /// The word in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Implied => "implied",
            Self::Likely => "likely",
            Self::Proven => "proven",
            Self::Confirmed => "confirmed",
        }
    }
}

/// What a match rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Code and sentence are a known wording.
    Words,
    /// The code is known for the cause, the sentence is not.
    Code,
    /// The kind of page where the browser ended.
    Page,
    /// Something is missing from a good answer.
    Lack,
    /// The RFC's own meaning of the code, at a server that is not Salesforce.
    Rfc,
}

impl Basis {
    /// The word in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Code => "code",
            Self::Page => "page",
            Self::Lack => "lack",
            Self::Rfc => "rfc",
        }
    }
}

/// The smallest change that removes a cause, as the catalogue has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix {
    /// What to do.
    pub action: &'static str,
    /// Click path in Setup; in parentheses where there is none.
    pub setup_path: &'static str,
    /// `Type.field`; in parentheses where there is none.
    pub metadata_field: &'static str,
}

/// What is known of a cause, and how well. A rule and a wording stand apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standings {
    /// That the setting denies the flow.
    pub rule: Standing,
    /// That it shows in these words.
    pub wording: Standing,
    /// Public source of the wording.
    pub source: &'static str,
}

/// A cause that is excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuledOut {
    /// The cause.
    pub cause: CauseId,
    /// By what.
    pub evidence: String,
}

/// The cheapest next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What to do or to look at.
    pub probe: String,
    /// The causes that it tells apart.
    pub separates: Vec<CauseId>,
}

/// A warning beside the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The id, `bcp_…`.
    pub cause: CauseId,
    /// What was observed.
    pub observed: &'static str,
    /// What to do.
    pub action: &'static str,
}

impl Diagnosis {
    /// Whether nothing failed.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Whether something failed and no cause fits.
    pub fn is_unexplained(&self) -> bool {
        !self.seen.is_empty() && self.candidates.is_empty()
    }

    /// The named set, most plausible first.
    pub fn named(&self) -> impl Iterator<Item = CauseId> {
        self.candidates.iter().map(|candidate| candidate.cause)
    }
}

/// Which causes fit what was seen. Successes are context; each failure names its causes, and the set is their union.
pub fn diagnose(observations: &[Observation], known: &Known) -> Diagnosis {
    let mut complaints: Vec<(&Observation, Fits)> = Vec::new();
    for observation in observations {
        complaints.extend(
            fit::complaints(observation)
                .into_iter()
                .map(|fits| (observation, fits)),
        );
    }
    let mut diagnosis = Diagnosis {
        advice: advice(observations),
        ..Diagnosis::default()
    };
    if complaints.is_empty() {
        return diagnosis;
    }
    let count = f64::from(u32::try_from(complaints.len()).unwrap_or(u32::MAX));
    for (observation, fits) in &complaints {
        if !diagnosis.seen.contains(&fits.seen) {
            diagnosis.seen.push(fits.seen.clone());
        }
        weigh(&mut diagnosis, observation, fits, known, 1.0 / count);
    }
    diagnosis
        .candidates
        .sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let alone = diagnosis.candidates.len() == 1;
    for candidate in &mut diagnosis.candidates {
        let sure = alone && candidate.basis != Basis::Code && candidate.evidence_against.is_empty();
        candidate.certainty = if sure {
            Certainty::Implied
        } else {
            Certainty::Likely
        };
    }
    diagnosis.next = next(&diagnosis, &complaints);
    diagnosis
}

/// Shares out the part of one complaint.
fn weigh(
    diagnosis: &mut Diagnosis,
    observation: &Observation,
    fits: &Fits,
    known: &Known,
    part: f64,
) {
    let judged: Vec<(&Fit, Vec<Clue>, f64)> = fits
        .all
        .iter()
        .enumerate()
        .map(|(rank, fit)| {
            let mut clues = clues::of_request(fit.cause, observation);
            clues.extend(clues::of_known(fit.cause, known));
            let mut score = f64::from(fit.standing as u8 + 1);
            // The tables list the causes of an answer with the usual one first.
            score /= 1.0 + 0.1 * f64::from(u32::try_from(rank).unwrap_or(u32::MAX));
            for clue in &clues {
                score *= match clue.side {
                    Side::For => 4.0,
                    Side::Against => 0.125,
                };
            }
            (fit, clues, score)
        })
        .collect();
    let total: f64 = judged.iter().map(|(.., score)| score).sum();
    let strongest = judged
        .iter()
        .map(|(fit, ..)| (fit.basis, fit.standing))
        .max_by_key(|(_, standing)| *standing);
    let unknown = match strongest {
        None => 1.0,
        Some((Basis::Code, _)) => 0.3,
        Some((_, Standing::Recorded)) => 0.02,
        Some((_, Standing::Documented)) => 0.05,
        Some((_, Standing::Reported)) => 0.1,
        Some((_, Standing::Assumed)) => 0.2,
    };
    diagnosis.unexplained += unknown * part;
    for (fit, clues, score) in judged {
        let share = score / total * (1.0 - unknown) * part;
        add(&mut diagnosis.candidates, fit, clues, share);
    }
}

/// Adds a share to the candidate of a cause, which more than one complaint may name.
fn add(candidates: &mut Vec<Candidate>, fit: &Fit, clues: Vec<Clue>, share: f64) {
    let at = candidates
        .iter()
        .position(|candidate| candidate.cause == fit.cause);
    let at = at.unwrap_or_else(|| {
        let about = entry(fit.cause);
        candidates.push(Candidate {
            cause: fit.cause,
            certainty: Certainty::Likely,
            weight: 0.0,
            basis: fit.basis,
            evidence_for: Vec::new(),
            evidence_against: Vec::new(),
            fix: fix(about),
            standing: Standings {
                rule: about.rule,
                wording: fit.standing,
                source: fit.source,
            },
        });
        candidates.len() - 1
    });
    let candidate = &mut candidates[at];
    candidate.weight += share;
    let mut note = |side: Side, text: String| {
        let list = match side {
            Side::For => &mut candidate.evidence_for,
            Side::Against => &mut candidate.evidence_against,
        };
        if !list.contains(&text) {
            list.push(text);
        }
    };
    note(Side::For, fit.because.clone());
    for clue in clues {
        note(clue.side, clue.text);
    }
}

/// The fix of a catalogue entry.
pub(crate) fn fix(about: &Entry) -> Fix {
    Fix {
        action: about.fix,
        setup_path: about.setup_path,
        metadata_field: about.metadata_field,
    }
}

/// Advice of RFC 9700 for what was driven.
fn advice(observations: &[Observation]) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut give = |cause: CauseId, observed| {
        if !advice.iter().any(|given: &Advice| given.cause == cause) {
            advice.push(Advice {
                cause,
                observed,
                action: entry(cause).fix,
            });
        }
    };
    for observation in observations {
        let granted = matches!(observation.seen, Seen::Success { .. })
            && observation.endpoint == Some(Endpoint::Token);
        match observation.grant {
            Some(GrantKind::UsernamePassword) => give(
                CauseId::BcpPasswordGrant,
                "the password of a person was sent to the token endpoint",
            ),
            Some(GrantKind::AuthorizationCode) if granted => {
                let authorize = observation.facts.authorize.as_ref();
                if authorize.is_some_and(|request| !request.has("code_challenge")) {
                    give(
                        CauseId::BcpNoPkce,
                        "the flow passed without a code_challenge",
                    );
                }
            }
            _ => {}
        }
    }
    advice
}

fn next(diagnosis: &Diagnosis, complaints: &[(&Observation, Fits)]) -> Option<Next> {
    let first = diagnosis.candidates.first();
    let Some(first) = first else {
        let (observation, _) = complaints.first()?;
        return Some(Next {
            probe: unexplained_next(observation),
            separates: Vec::new(),
        });
    };
    let separates: Vec<_> = diagnosis.named().collect();
    let known = complaints.iter().find_map(|(observation, fits)| {
        if fits.all.len() < 2 {
            return None;
        }
        match &observation.seen {
            Seen::Answer(answer) => splitting_probe(
                answer.code.words().unwrap_or_default(),
                answer.text.words().unwrap_or_default(),
            ),
            Seen::Page { .. } => Some(split::PAGE),
            _ => None,
        }
    });
    let probe = known.unwrap_or_else(|| entry(first.cause).probe);
    Some(Next {
        probe: probe.to_owned(),
        separates,
    })
}

/// What helps where no cause fits.
fn unexplained_next(observation: &Observation) -> String {
    match &observation.seen {
        Seen::Silence {
            fault: Fault::NoCallback { .. } | Fault::Browser { .. },
        } => "Look where the browser stopped, and paste its address or the words of the page: an authorization server \
              answers some refusals there and never calls the callback"
            .to_owned(),
        Seen::Silence { .. } => "Look at address, port, name and trust: nothing answered, so no policy can have been asked".to_owned(),
        Seen::Page { .. } => split::PAGE.to_owned(),
        Seen::Answer(answer) if observation.is_rfc() => format!(
            "Read the server's log: the RFCs give {} no meaning here",
            answer.code.words().unwrap_or("this answer")
        ),
        Seen::Answer(answer)
            if matches!(answer.channel, Some(Channel::RestJson | Channel::ResourcePlain)) =>
        {
            "Repeat the call with the token of another app, then with the token of an admin".to_owned()
        }
        Seen::Answer(_) | Seen::OffProtocol { .. } | Seen::Success { .. } => {
            "Read LoginHistory.Status of the user for this minute: it often names what the answer does not".to_owned()
        }
    }
}

/// A provenance as a few words.
fn provenance(from: &Provenance) -> String {
    let mut text = String::new();
    let _ = match from {
        Provenance::File { file, line } => write!(text, "{file}:{line}"),
        Provenance::Query(query) => write!(text, "query: {query}"),
        Provenance::Default => write!(text, "documented default"),
        Provenance::Declared => write!(text, "declared"),
    };
    text
}

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
