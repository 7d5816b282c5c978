//! How a cause looks on the wire: its answers, the best known first, with standing and source; and the causes that share them.

use super::list::unique;
use crate::cause::{CauseId, Channel, Shows, Standing, Wording, conditions, wordings};
use crate::diagnosis::rfc_codes;

/// How many answers a page shows.
const ANSWERS: usize = 4;
/// How many sources a page shows.
const SOURCES: usize = 4;

/// One answer of a cause, seen in one or more flows.
pub(super) struct Answer {
    pub(super) first: &'static Wording,
    flows: Vec<&'static str>,
    standing: Standing,
    source: &'static str,
    /// Every cause with this answer, the usual one first.
    pub(super) causes: Vec<CauseId>,
}

/// The answers of a cause, the best known first; of equals the one that the cause is most usual for.
pub(super) fn answers(id: CauseId) -> Vec<Answer> {
    let own: Vec<&Wording> = wordings().iter().filter(|own| own.cause == id).collect();
    let mut answers: Vec<Answer> = Vec::new();
    for first in &own {
        if answers.iter().any(|answer| same_line(answer.first, first)) {
            continue;
        }
        let same: Vec<&'static Wording> = own
            .iter()
            .copied()
            .filter(|wording| same_line(first, wording))
            .collect();
        answers.push(answer(&same));
    }
    answers.sort_by_key(|answer| {
        let rank = answer.causes.iter().position(|cause| *cause == id);
        (std::cmp::Reverse(answer.standing), rank)
    });
    answers
}

/// The answer that wordings of one line make, with the standing and the source of the best known.
fn answer(same: &[&'static Wording]) -> Answer {
    let best = same
        .iter()
        .max_by_key(|wording| (wording.standing, has_address(wording.source)))
        .expect("invariant: an answer has a wording");
    let sharing: Vec<&Wording> = wordings()
        .iter()
        .filter(|other| same.iter().any(|own| shares(own, other)))
        .collect();
    // The words are the same whichever cause they are for, so a source of the words will do where the row of this cause has none.
    let elsewhere = sharing.iter().find(|wording| has_address(wording.source));
    Answer {
        first: same[0],
        flows: same
            .iter()
            .map(|wording| flow_words(wording.flow))
            .collect(),
        standing: best.standing,
        source: match elsewhere {
            Some(other) if !has_address(best.source) => other.source,
            _ => best.source,
        },
        causes: usual_first(sharing),
    }
}

fn has_address(source: &str) -> bool {
    source.contains("://")
}

/// Whether a source is a file of our facts, which names its own sources, or our reasoning.
fn is_our_own(source: &str) -> bool {
    ["fact file", "our facts", "errors.csv", "reasoned from"]
        .iter()
        .any(|words| source.contains(words))
}

/// Whether two wordings are one line on a page.
fn same_line(a: &Wording, b: &Wording) -> bool {
    (a.channel, a.status, a.code, a.text, a.gloss) == (b.channel, b.status, b.code, b.text, b.gloss)
}

/// Whether two wordings are one answer: same place, code and sentence, a flow in common.
fn shares(own: &Wording, other: &Wording) -> bool {
    own.channel == other.channel
        && own.code == other.code
        && own.text == other.text
        // Two glosses of one code are two meanings of it.
        && (own.text.is_some() || own.gloss == other.gloss)
        && (!own.code.is_empty() || own.text.is_some())
        && (own.flow == other.flow || own.grants.iter().any(|grant| other.grants.contains(grant)))
}

/// The causes of wordings, those of errors.csv before ours, each once.
pub(super) fn usual_first<'a>(found: impl IntoIterator<Item = &'a Wording>) -> Vec<CauseId> {
    let mut sorted: Vec<&Wording> = found.into_iter().collect();
    sorted.sort_by_key(|wording| wording.chosen);
    unique(sorted.into_iter().map(|wording| wording.cause))
}

/// Every other cause with one of these answers, in the order of the answers.
pub(super) fn rivals(id: CauseId, answers: &[Answer]) -> Vec<CauseId> {
    let all = answers.iter().flat_map(|answer| answer.causes.clone());
    unique(all.filter(|cause| *cause != id))
}

/// One line for each answer: where, status, code, sentence; then standing, flows and the number of its source.
pub(super) fn shows_as(id: CauseId, answers: &[Answer], sources: &mut Sources) -> Vec<String> {
    let silent = conditions(id).any(|row| row.shows == Shows::Silent);
    let silent = silent.then(|| {
        "no error: the token comes, and what the scope leaves out is missing from it".to_owned()
    });
    if answers.is_empty() {
        return vec![silent.unwrap_or_else(|| without_answer(id))];
    }
    let mut lines: Vec<String> = silent.into_iter().collect();
    let shown = ANSWERS - lines.len();
    lines.extend(answers.iter().take(shown).map(|answer| {
        let mut about = vec![answer.standing.name().to_owned()];
        let flows = unique(answer.flows.iter().copied().filter(|flow| !flow.is_empty()));
        if !flows.is_empty() && !flows.contains(&"any grant") {
            about.push(flows.join(", "));
        }
        if answer.causes.len() == 1 {
            about.push("this cause alone".to_owned());
        }
        let number = sources.number(answer.source);
        format!(
            "{} ({}){number}",
            answer_line(answer.first),
            about.join("; ")
        )
    }));
    match answers.len().saturating_sub(shown) {
        0 => {}
        more => lines.push(format!("and {more} more, less sure")),
    }
    lines
}

/// What is said of a cause that no answer is known for.
fn without_answer(id: CauseId) -> String {
    let codes = rfc_codes(id);
    if !codes.is_empty() {
        format!(
            "{} (documented; servers other than Salesforce)",
            codes.join(", ")
        )
    } else if id.name().starts_with("bcp_") {
        "nothing fails: it is advice".to_owned()
    } else if id.name().starts_with("lint_") {
        "nothing on the wire: `grantproof lint` finds it in the files".to_owned()
    } else {
        "no answer of its own was recorded; the data of the org decide".to_owned()
    }
}

/// Place, status, code and sentence of an answer.
pub(super) fn answer_line(wording: &Wording) -> String {
    let mut parts = vec![format!("{}:", place(wording.channel))];
    parts.extend(wording.status.map(|status| status.to_string()));
    if wording.channel == Channel::HtmlPage && !wording.code.is_empty() {
        parts.push(wording.code.replace('_', " "));
    } else if !wording.code.is_empty() {
        parts.push(wording.code.to_owned());
    }
    match (wording.text, wording.gloss) {
        (Some(text), _) if text != wording.code => parts.push(format!("\"{text}\"")),
        (None, Some(gloss)) => parts.push(format!("in words that say: {gloss}")),
        (None, None) if wording.code.is_empty() => parts.push("words not recorded".to_owned()),
        _ => {}
    }
    parts.join(" ")
}

fn flow_words(flow: &'static str) -> &'static str {
    match flow {
        "token_any" | "any" => "any grant",
        "rest_api" | "userinfo" | "identity" | "introspect" | "revoke" | "authorize_any"
        | "browser" => "",
        other => other,
    }
}

/// A channel in a person's words.
pub(super) const fn place(channel: Channel) -> &'static str {
    match channel {
        Channel::AuthorizeRawBody => "authorize, bare text",
        Channel::AuthorizeUnspecified => "authorize",
        Channel::CallbackRedirect => "callback",
        Channel::CallbackFragment => "callback fragment",
        Channel::ErrorPage => "error page",
        Channel::HtmlPage => "browser page",
        Channel::TokenJson => "token",
        Channel::RevokeResponse => "revoke",
        Channel::ResourcePlain => "userinfo or identity",
        Channel::IntrospectJson => "introspect",
        Channel::RestJson => "REST call",
        Channel::LoginHistory => "Login History",
    }
}

/// The sources of a page, numbered as they are named.
#[derive(Default)]
pub(super) struct Sources(Vec<&'static str>);

impl Sources {
    /// ` [2]`: the number of a source, or nothing for one that the page has no room for. Of several the first with an address counts.
    pub(super) fn number(&mut self, source: &'static str) -> String {
        let parts = || source.split(" | ").flat_map(|part| part.split(" ; "));
        let named = parts()
            .find(|part| has_address(part))
            .or_else(|| parts().find(|part| !is_our_own(part)))
            .unwrap_or_default()
            .trim();
        if named.is_empty() {
            return String::new();
        }
        let at = self.0.iter().position(|known| *known == named);
        match at {
            Some(at) => format!(" [{}]", at + 1),
            None if self.0.len() < SOURCES => {
                self.0.push(named);
                format!(" [{}]", self.0.len())
            }
            None => String::new(),
        }
    }

    /// Adds sources that no line names, while there is room: those with an address, others only where there is none at all.
    pub(super) fn fill(&mut self, more: &[&'static str]) {
        for source in more.iter().filter(|source| has_address(source)) {
            self.number(source);
        }
        if self.0.is_empty() {
            let others = more.iter().filter(|source| !source.contains("fact file"));
            self.0.extend(others.take(1));
        }
    }

    /// `[1] https://…`, one line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let numbered = self.0.iter().enumerate();
        numbered
            .map(|(at, source)| format!("[{}] {source}", at + 1))
            .collect()
    }
}
