//! The page of a flow: what is sent, what it needs, what stops it. The flows are in [`super::flows`].

use super::flows::{FLOWS, Flow};
use super::list::{names, sentence, stated, unique};
use super::page::Sections;
use super::words::same_letters;
use super::{Kind, Page, element};
use crate::cause::{CauseId, Channel, Wording, conditions, entries, entry, wordings};
use crate::factor::Factor;

/// The flow of a word, and the word as it is spelt here.
pub(super) fn named(topic: &str) -> Option<(&'static str, &'static Flow)> {
    let same = |word: &&str| same_letters(word, topic);
    FLOWS.iter().find_map(|flow| {
        let names = [flow.name, flow.label];
        let mut own = names.into_iter().chain(flow.words.iter().copied());
        let aliases = flow.grant.map_or(&[][..], |grant| grant.aliases());
        let word = own
            .find(same)
            .or_else(|| aliases.iter().copied().find(same))?;
        Some((word, flow))
    })
}

/// Names that a miss may have meant.
pub(super) fn near_names() -> impl Iterator<Item = &'static str> {
    FLOWS
        .iter()
        .flat_map(|flow| {
            [flow.name, flow.label]
                .into_iter()
                .chain(flow.words.iter().copied())
        })
        .filter(|word| !word.starts_with("urn:"))
}

/// The page of a flow.
pub(super) fn page(flow: &Flow) -> Page {
    let causes = causes(flow);
    let mut page = Sections::default();
    page.group();
    page.line(
        "grantproof",
        match flow.grant {
            Some(grant) => format!("drives it: `grant: {grant}` in a scenario"),
            None if flow.name == "token_any" || flow.name == "browser" => {
                "drives the seven grants".to_owned()
            }
            None if is_call(flow) => "makes it after a grant: `after:` in a scenario".to_owned(),
            None => {
                "not driven by grantproof; its causes are in the catalogue all the same".to_owned()
            }
        },
    );
    page.line("Request", flow.request);
    page.line("Host", flow.host);
    let needs = flow.needs.iter();
    page.add(
        "Needs",
        needs.map(|(factor, value)| need(*factor, value)).collect(),
    );
    let spoken = flow
        .words
        .iter()
        .copied()
        .filter(|word| !word.contains(' '));
    page.line("Other words", spoken.collect::<Vec<_>>().join(", "));
    page.group();
    page.add("Stopped by", stated(&causes));
    page.add("Answers", answers(flow));
    page.group();
    page.line("Source", flow.source);
    Page {
        topic: flow.name.to_owned(),
        kind: Kind::Flow,
        summary: format!("Salesforce: {}. {}", flow.label, sentence(flow.about)),
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

/// Whether it is a call that the harness makes with the token of a grant.
fn is_call(flow: &Flow) -> bool {
    matches!(
        flow.name,
        "api_call" | "userinfo" | "identity" | "introspect" | "revoke"
    )
}

fn need(factor: Factor, value: &str) -> String {
    let label = factor.label();
    match element::line(factor.field(), value) {
        Some(line) => format!("{label}: {line}"),
        None => label.to_owned(),
    }
}

/// Every cause that stops the flow: those of few flows first, what stops every flow last.
fn causes(flow: &Flow) -> Vec<CauseId> {
    let touched = |words: &[&str]| {
        words
            .iter()
            .any(|word| flow.fails.contains(word) || *word == "all")
    };
    let mut all: Vec<CauseId> = entries()
        .iter()
        .filter(|about| touched(&about.flows_failing))
        .map(|about| about.id)
        .collect();
    let by_answer = wordings()
        .iter()
        .filter(|wording| is_of(flow, wording))
        .map(|wording| wording.cause);
    all.extend(by_answer);
    let mut all = unique(all);
    all.sort_by_key(|cause| order(flow, *cause));
    all
}

/// What stops few flows before what stops many; what the model does not make, advice and the words of the RFCs behind.
fn order(flow: &Flow, cause: CauseId) -> (bool, bool, usize) {
    let about = entry(cause);
    let ours = cause.is_own();
    let failing = if about.flows_failing.contains(&"all") {
        usize::MAX
    } else {
        about.flows_failing.len()
    };
    let Some(grant) = flow.grant else {
        return (ours, false, failing);
    };
    let rows = conditions(cause).filter(|row| row.grants.contains(&grant));
    let modelled = rows.map(|row| row.grants.len()).min();
    (ours, modelled.is_none(), modelled.unwrap_or(failing))
}

/// Whether a row of the answers is of the flow, by its very word.
fn is_of(flow: &Flow, wording: &Wording) -> bool {
    flow.name == wording.flow || flow.words.contains(&wording.flow)
}

/// The answers that this flow alone gives, in short.
fn answers(flow: &Flow) -> Vec<String> {
    let own: Vec<&Wording> = wordings()
        .iter()
        .filter(|wording| wording.channel != Channel::LoginHistory)
        .filter(|wording| is_of(flow, wording))
        .collect();
    let lines = unique(own.iter().filter_map(|wording| {
        let text = wording.text.filter(|text| *text != wording.code);
        match (wording.code, text) {
            ("", None) => None,
            ("", Some(text)) => Some(format!("\"{text}\"")),
            (code, None) => Some(code.to_owned()),
            (code, Some(text)) => Some(format!("{code} \"{text}\"")),
        }
    }));
    if lines.is_empty() {
        return Vec::new();
    }
    let shown = lines.len().min(5);
    let mut out: Vec<String> = lines[..shown].to_vec();
    if lines.len() > shown {
        out.push(format!("and {} more", lines.len() - shown));
    }
    out
}
