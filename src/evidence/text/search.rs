//! Every error of a text: what the finders found, joined, each once.

use std::collections::HashSet;

use super::attempts::without_later_attempts;
use super::clean::clean;
use super::find::{self, Finding, Strength};
use super::hints;
use super::phrases::{Found, Phrase};
use super::status::Statuses;
use super::{from_address, from_body, observation, split_response};
use crate::cause::Channel;
use crate::evidence::{Answer, Heard, Observation, Seen};
use crate::exchange::Endpoint;
use crate::oauth::GrantKind;

/// So many errors of one text are told; a log that holds more repeats itself.
const MOST: usize = 40;

/// Every error that a text shows, in its order and each once: in JSON and other forms of members, in addresses, as `code::sentence` and
/// `code: sentence`, as known words alone; through colours, entities and quoting. Of a log that names its flow before an error the grant is
/// known. Empty where nothing in the text is an error. Nothing is kept but status, code and sentence.
pub fn from_text_all(text: &str) -> Vec<Observation> {
    if let Some(whole) = whole(text) {
        return vec![whole];
    }
    let text = without_later_attempts(&clean(text));
    let mut findings = find::in_addresses(&text);
    let ranges: Vec<_> = findings
        .iter()
        .map(|finding| finding.range.clone())
        .collect();
    let in_address = |finding: &Finding| {
        let next = ranges.partition_point(|range| range.start <= finding.range.start);
        next.checked_sub(1)
            .is_some_and(|last| ranges[last].contains(&finding.range.start))
    };
    let mut members = find::in_members(&text);
    members.retain(|finding| !in_address(finding));
    findings.append(&mut members);
    let ranges: Vec<_> = findings
        .iter()
        .map(|finding| finding.range.clone())
        .collect();
    let phrases = find::uncovered(&text, &ranges);
    findings.append(&mut find::in_prose(&text, &phrases));
    findings.append(&mut find::in_capitals(&text));
    if findings
        .iter()
        .all(|finding| finding.strength < Strength::Known)
    {
        findings.extend(statuses(&text, &phrases));
    }
    let told = |strength| findings.iter().any(|finding| finding.strength >= strength);
    let least = [Strength::Known, Strength::Formed, Strength::Weak]
        .into_iter()
        .find(|strength| told(*strength));
    findings.retain(|finding| Some(finding.strength) >= least);
    findings.sort_by_key(|finding| finding.range.start);
    finish(&text, findings)
}

/// Whether a text is one answer and nothing else.
pub(in crate::evidence) fn is_answer(text: &str) -> bool {
    whole(text).is_some()
}

/// A text that is one answer and nothing else.
fn whole(text: &str) -> Option<Observation> {
    let text = text.trim().trim_matches(['"', '\'', '`']).trim();
    let (status, body) = split_response(text);
    let found = from_address(text).or_else(|| from_body(status, body))?;
    match found.seen {
        // An answer of another service may have the shape of one; its words tell.
        Seen::Answer(answer) if answer.code.words().is_none_or(find::is_code) => {
            Some(Observation {
                seen: Seen::Answer(find::kept(answer)),
                ..found
            })
        }
        Seen::Answer(_) => None,
        _ => Some(found),
    }
}

/// Statuses of the login history: marked ones, and plain ones in a text that speaks of it or is nothing else.
fn statuses<'a>(text: &'a str, phrases: &'a [Found]) -> impl Iterator<Item = Finding> + 'a {
    let spoken_of = hints::speaks_of_login_history(text);
    phrases.iter().filter_map(move |found| {
        let Phrase::Status { row, marked } = found.phrase else {
            return None;
        };
        let alone = text.trim().trim_end_matches('.').len() == found.end - found.at;
        let counts = (marked || spoken_of || alone) && !row.text.is_empty();
        counts.then(|| Finding {
            range: found.at..found.end,
            strength: Strength::Known,
            seen: observation(
                None,
                Seen::Answer(Answer {
                    channel: Some(Channel::LoginHistory),
                    status: None,
                    code: Heard::Unknown,
                    text: Heard::Said(row.text.to_owned()),
                }),
            ),
        })
    })
}

/// Status and grant of each, and each once.
fn finish(text: &str, findings: Vec<Finding>) -> Vec<Observation> {
    let all = Statuses::of(text);
    let flows = hints::flows(text);
    let mut seen_before = HashSet::new();
    let mut kept: Vec<Observation> = Vec::new();
    let mut floor = 0;
    for finding in findings {
        let mut seen = finding.seen;
        let Seen::Answer(answer) = &mut seen.seen else {
            continue;
        };
        let lower = |heard: &Heard| heard.words().map(str::to_lowercase);
        let words = (lower(&answer.code), lower(&answer.text), answer.channel);
        if kept.len() >= MOST || !seen_before.insert(words) {
            continue;
        }
        // The status of a redirect is the browser's business.
        if !matches!(
            seen.endpoint,
            Some(Endpoint::Callback | Endpoint::ErrorPage)
        ) && answer.channel != Some(Channel::LoginHistory)
        {
            answer.status = all.near(text, finding.range.start, floor);
        }
        let flow = hints::flow_at(&flows, finding.range.start);
        seen.grant = flow.and_then(GrantKind::parse);
        floor = finding.range.end;
        kept.push(seen);
    }
    if !kept.iter().all(Observation::is_waiting) {
        kept.retain(|one| !one.is_waiting());
    }
    without_echoes(kept)
}

/// An error that another one says whole is told by that one: `invalid_grant` alone beside `invalid_grant` with its sentence, prose beside the
/// JSON that it quotes.
fn without_echoes(all: Vec<Observation>) -> Vec<Observation> {
    let is_echo = |at: usize| {
        let one = answer(&all[at]);
        all.iter().enumerate().any(|(other, seen)| {
            let whole = answer(seen);
            other != at
                && covers(&whole.code, &one.code)
                && covers(&whole.text, &one.text)
                && one.channel.is_none_or(|channel| whole.channel == Some(channel))
                // Of two that say the same the first stays.
                && (rank(whole) > rank(one) || (rank(whole) == rank(one) && other < at))
        })
    };
    let echoes: Vec<bool> = (0..all.len()).map(is_echo).collect();
    let kept = all.into_iter().zip(echoes).filter(|(_, echo)| !echo);
    kept.map(|(seen, _)| seen).collect()
}

fn answer(seen: &Observation) -> &Answer {
    match &seen.seen {
        Seen::Answer(answer) => answer,
        _ => unreachable!("invariant: the search finds answers alone"),
    }
}

/// Whether a part of an answer says all that another one says.
fn covers(whole: &Heard, part: &Heard) -> bool {
    match part.words() {
        None => true,
        Some(part) => whole
            .words()
            .is_some_and(|whole| whole.eq_ignore_ascii_case(part)),
    }
}

/// How much an answer says.
fn rank(answer: &Answer) -> usize {
    usize::from(answer.code.words().is_some())
        + usize::from(answer.text.words().is_some())
        + usize::from(answer.channel.is_some())
}
