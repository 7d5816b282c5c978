//! The page of a sentence, and of an answer or an address that was pasted.

use super::list::{names, sentence, told, told_by, unique, unless_remark};
use super::page::Sections;
use super::topic::phrases;
use super::wire::{Sources, place, usual_first};
use super::words::{Match, find, plain};
use super::{Kind, Page, cause, hints};
use crate::cause::{CauseId, Channel, Standing, Wording, entry, wordings};
use crate::diagnosis::{Diagnosis, diagnose, splitting_probe};
use crate::evidence::{Answer, Heard, Observation, Seen, from_text};
use crate::factor::Known;

/// How many places of a sentence the page shows.
const PLACES: usize = 3;

/// The page of a sentence as the catalogue spells it. `read_as` says that the topic had other words.
pub(super) fn sentence_page(text: &'static str, read_as: bool) -> Page {
    let shown: Vec<&Wording> = wordings()
        .iter()
        .filter(|wording| wording.channel != Channel::LoginHistory)
        .filter(|wording| wording.text == Some(text) || wording.gloss == Some(text))
        .collect();
    let causes = usual_first(shown.iter().copied());
    let mut sources = Sources::default();
    let mut page = Sections::default();
    page.group();
    page.add("Seen at", seen_at(&shown, &mut sources));
    page.group();
    tell(
        &mut page,
        &causes,
        |causes| told_by(causes, |cause| told_in(&shown, cause)),
        probe(&shown, text),
    );
    page.group();
    page.add("Sources", sources.lines());
    let seen = shown.iter().any(|wording| wording.text.is_some());
    let what = if seen {
        "A sentence"
    } else {
        "Words of the documentation; what the wire says was not recorded."
    };
    let read_as = if read_as {
        "Read as this sentence. "
    } else {
        ""
    };
    Page {
        topic: text.to_owned(),
        kind: Kind::Sentence,
        summary: match (causes.len(), seen) {
            (1, true) => format!("{read_as}{what} that one cause gives."),
            (count, true) => {
                format!("{read_as}{what} that {count} causes give, the usual one first.")
            }
            (1, false) => format!("{read_as}{what} One cause gives it."),
            (count, false) => format!("{read_as}{what} {count} causes give it."),
        },
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

/// Place, status and code of each answer with the sentence; standing, flows, source.
fn seen_at(shown: &[&'static Wording], sources: &mut Sources) -> Vec<String> {
    let mut lines: Vec<(String, Vec<&str>, Standing, &'static str)> = Vec::new();
    for wording in shown {
        let status = wording
            .status
            .map(|status| format!(" {status}"))
            .unwrap_or_default();
        let line = format!("{}:{status} {}", place(wording.channel), wording.code);
        match lines.iter_mut().find(|(have, ..)| *have == line) {
            Some((_, flows, standing, source)) => {
                flows.push(wording.flow);
                if wording.standing > *standing {
                    *standing = wording.standing;
                    *source = wording.source;
                }
            }
            None => lines.push((line, vec![wording.flow], wording.standing, wording.source)),
        }
    }
    lines.sort_by_key(|(.., standing, _)| std::cmp::Reverse(*standing));
    let more = lines.len().saturating_sub(PLACES);
    let mut told: Vec<String> = lines
        .into_iter()
        .take(PLACES)
        .map(|(line, flows, standing, source)| {
            let number = sources.number(source);
            format!(
                "{} ({}; {}){number}",
                line.trim_end(),
                standing.name(),
                unique(flows).join(", ")
            )
        })
        .collect();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told
}

/// A cause as it stands in the list of a sentence: with its flows, where it does not have the sentence in the flow that most causes have it in.
fn told_in(shown: &[&Wording], cause: CauseId) -> String {
    let of = |flow: &str| shown.iter().filter(|wording| wording.flow == flow).count();
    let usual = shown
        .iter()
        .map(|wording| wording.flow)
        .max_by_key(|flow| of(flow));
    let own = unique(
        shown
            .iter()
            .filter(|wording| wording.cause == cause)
            .map(|wording| wording.flow),
    );
    let is_usual = own
        .iter()
        .any(|flow| usual == Some(*flow) || matches!(*flow, "token_any" | "any"));
    if is_usual {
        return cause.name().to_owned();
    }
    format!("{cause} ({})", own.join(", "))
}

fn probe(shown: &[&Wording], text: &str) -> Option<&'static str> {
    let codes = unique(shown.iter().map(|wording| wording.code));
    codes
        .into_iter()
        .find_map(|code| splitting_probe(code, text))
}

/// One cause with its fix; several told apart, each by a line.
fn tell(
    page: &mut Sections,
    causes: &[CauseId],
    lines: impl Fn(&[CauseId]) -> Vec<String>,
    probe: Option<&str>,
) {
    match causes {
        [] => page.line("Causes", "Unexplained: no wording of the catalogue fits."),
        [one] => {
            let about = entry(*one);
            page.add("Cause", super::list::stated(causes));
            page.add("Confirm", hints::confirm(about));
            page.add(
                "Fix",
                unless_remark(about.fix).map(sentence).into_iter().collect(),
            );
            page.line("Setup", unless_remark(about.setup_path).unwrap_or_default());
            page.add("Lifted by", cause::lifted_by(about));
        }
        several => {
            page.add("Causes", lines(several));
            page.group();
            page.add("Told apart", probe.map(sentence).into_iter().collect());
            page.line(
                "Then",
                format!(
                    "grantproof explain {}, or whichever it is, tells how to confirm and fix it",
                    several[0]
                ),
            );
        }
    }
}

/// The page of an answer or an address; `None` where none is in the text. Nothing of it is shown but status, code and sentence.
pub(super) fn pasted_page(topic: &str) -> Option<Page> {
    let mut seen = from_text(topic)?;
    let mended = mend(&mut seen);
    let diagnosis = diagnose(std::slice::from_ref(&seen), &Known::new());
    let mut page = Sections::default();
    let causes = usual_order(&seen, diagnosis.named().collect());
    let summary = if diagnosis.is_empty() {
        "Nothing failed here: the answer is a success.".to_owned()
    } else {
        page.group();
        tell(&mut page, &causes, told, told_apart(&diagnosis));
        match causes.len() {
            0 => "No cause of the catalogue answers like this.".to_owned(),
            1 => "One cause answers like this.".to_owned(),
            count => format!("{count} causes answer like this, the usual one first."),
        }
    };
    let topic = match &seen.seen {
        Seen::Answer(answer) => answer.summary(),
        _ => seen.summary(),
    };
    Some(Page {
        topic,
        kind: Kind::Answer,
        summary: if mended {
            format!("Read with the sentence as the catalogue has it. {summary}")
        } else {
            summary
        },
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    })
}

/// The causes of an answer in the order of the page of its sentence, so that both pages say the same.
fn usual_order(seen: &Observation, mut causes: Vec<CauseId>) -> Vec<CauseId> {
    let Seen::Answer(answer) = &seen.seen else {
        return causes;
    };
    let same = wordings().iter().filter(|wording| {
        wording.text == answer.text.words()
            && answer.code.words().is_none_or(|code| wording.code == code)
    });
    let usual = usual_first(same);
    let rank = |cause: &CauseId| usual.iter().position(|one| one == cause);
    causes.sort_by_key(|cause| rank(cause).unwrap_or(usize::MAX));
    causes
}

fn told_apart(diagnosis: &Diagnosis) -> Option<&str> {
    diagnosis.next.as_ref().map(|next| next.probe.as_str())
}

/// Gives an answer its sentence as the catalogue spells it, where it is nearly one; whether it did.
fn mend(seen: &mut Observation) -> bool {
    let Seen::Answer(Answer {
        text: Heard::Said(text),
        ..
    }) = &mut seen.seen
    else {
        return false;
    };
    let known = phrases();
    if known.iter().any(|(_, spelt)| spelt == text) {
        return false;
    }
    let by_phrase = known
        .iter()
        .map(|(phrase, spelt)| (phrase.as_str(), *spelt));
    match find(&plain(text), by_phrase) {
        Some(Match::Whole(spelt) | Match::Near(spelt)) => {
            spelt.clone_into(text);
            true
        }
        Some(Match::Held(_)) | None => false,
    }
}
