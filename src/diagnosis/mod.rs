//! The model backwards: observations and what is known → causes that fit, with evidence for and against, and fix.
//!
//! Every cause is a hypothesis: a wrong value over a healthy world, or a row of the catalogue outside the model. It is scored by how common
//! it is, by the words of each answer, by what the model forecasts for each flow that failed or passed, by what is declared, and by clues.

mod ask_words;
mod clue;
mod course;

mod fit;
mod flow;
mod hypothesis;
mod judge;
mod posterior;
mod prior;
mod question;
mod rfc;
mod shown;
mod split;
mod words;

use std::fmt::Write as _;

pub use self::clue::{Atom, Clue, Test, clues};
pub use self::flow::{ask_flow, flow_in_words, next_flow};
pub use self::hypothesis::{Flip, flip_of};
pub use self::prior::prior_rows;
pub use self::question::{
    Ask, ProbeClass, Question, Suspect, answer_of, better_next, fact_questions, flow_of, known_of,
    learn, questions, suspects,
};
pub use self::rfc::rfc_codes;
pub use self::split::splitting_probe;
use crate::cause::{CauseId, Channel, Entry, Standing, entry};
use crate::evidence::{Observation, Report, Seen};
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
    /// Where a declared setting and what was seen disagree, one line each.
    pub disagreements: Vec<String>,
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
    /// Whether everything that makes it is declared: then it is there, whatever else is.
    pub declared: bool,
    /// Other candidates that give the same answers to every flow: nothing that a driver can try tells them apart. What is declared and what is
    /// not are told apart by that.
    pub tied_with: Vec<CauseId>,
    /// Another cause beside it, where it takes both to explain what was seen.
    pub together_with: Option<CauseId>,
}

/// The words of certainty (design section 3), weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Rivals remain, or the words were not recorded.
    Likely,
    /// No other cause of the catalogue gives these answers.
    Implied,
    /// A record of the org names it.
    Confirmed,
    /// One factor was flipped on the same target, and the outcome flipped.
    Proven,
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
    /// What is known beside the answer, which held no words that name it.
    Facts,
    /// A record of the org.
    Records,
    /// The fault was reproduced in the simulated org.
    Simulator,
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
            Self::Facts => "facts",
            Self::Records => "records",
            Self::Simulator => "simulator",
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
    /// What it does to a live org, where that is known.
    pub class: Option<ProbeClass>,
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

/// Which causes fit what our own drivers recorded. Each failure names the causes whose words it has; successes, sent fields and what is
/// known order them and exclude.
pub fn diagnose(observations: &[Observation], known: &Known) -> Diagnosis {
    posterior::Case::of_records(observations, known).judge()
}

/// Which causes fit a report: what somebody saw, beside what is known of it.
pub fn diagnose_report(report: &Report) -> Diagnosis {
    diagnose_report_by(report, &|_| true)
}

/// As [`diagnose_report`], by the clues of a choice: what a judgement would be without some of them.
pub fn diagnose_report_by(report: &Report, keep: &dyn Fn(&Clue) -> bool) -> Diagnosis {
    posterior::Case::of_report(report, keep).judge()
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

/// What helps where no cause fits.
fn unexplained_next(observation: &Observation) -> String {
    match &observation.seen {
        Seen::Silence {
            fault: Fault::NoCallback { .. } | Fault::Browser { .. },
        } => "Look where the browser stopped, and paste its address or the words of the page: an authorization server \
              answers some refusals there and never calls the callback"
            .to_owned(),
        Seen::Silence { .. } => "Look at address, port, name and trust: nothing answered, so no policy can have been asked".to_owned(),
        Seen::Page { .. } if !observation.is_rfc() => split::PAGE.to_owned(),
        Seen::Answer(answer) if observation.is_rfc() => format!(
            "Read the server's log: the RFCs give {} no meaning here",
            answer.code.words().unwrap_or("this answer")
        ),
        _ if observation.is_rfc() => {
            "Read the server's log: this answer is none that the RFCs know".to_owned()
        }
        Seen::Answer(answer)
            if matches!(answer.channel, Some(Channel::RestJson | Channel::ResourcePlain)) =>
        {
            "Repeat the call with the token of another app, then with the token of an admin".to_owned()
        }
        Seen::Answer(_)
        | Seen::OffProtocol { .. }
        | Seen::Success { .. }
        | Seen::Page { .. } => {
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
