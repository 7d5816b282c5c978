//! The page of a cause, and of a former id.

use super::list::{capped, names, sentence, short, stated, told, unique, unless_remark};
use super::page::Sections;
use super::wire::{Answer, Sources, answers, rivals, shows_as};
use super::{Kind, Page, element, hints};
use crate::cause::{CauseId, Condition, Entry, Modelled, conditions, entry, outside_reason};
use crate::diagnosis::splitting_probe;
use crate::factor::Factor;
use crate::oauth::GrantKind;

/// How many rivals the page tells apart.
const RIVALS: usize = 4;

/// The page of a cause.
pub(super) fn page(id: CauseId) -> Page {
    let about = entry(id);
    let answers = answers(id);
    let rivals = rivals(id, &answers);
    let mut sources = Sources::default();
    let mut page = Sections::default();
    page.group();
    page.add(
        "Fix",
        unless_remark(about.fix).map(sentence).into_iter().collect(),
    );
    page.add("Setup", paths(about.setup_path));
    page.add("Metadata", paths(about.metadata_field));
    page.add("Lifted by", lifted_by(about));
    page.add("Confirm", hints::confirm(about));
    page.group();
    page.add("Shows as", shows_as(id, &answers, &mut sources));
    page.line("Fails", about.flows_failing.join(", "));
    page.line("Still works", works(about));
    page.group();
    page.add("Rivals", rival_lines(&rivals));
    page.add("Told apart", told_apart(&answers));
    page.group();
    page.line("Standing", format!("rule {}", about.rule.name()));
    page.add("Simulated", simulated(id));
    sources.fill(&about.sources);
    page.add("Sources", sources.lines());
    Page {
        topic: id.name().to_owned(),
        kind: Kind::Cause,
        summary: summary(about),
        causes: vec![id.name()],
        rivals: names(&rivals),
        sections: page.into_vec(),
    }
}

/// The page of a former id.
pub(super) fn former(word: &str, causes: &[CauseId]) -> Page {
    if let [one] = causes {
        let mut page = page(*one);
        page.summary = format!("{word} is the former id of {one}. {}", page.summary);
        page.kind = Kind::FormerId;
        return page;
    }
    let mut page = Sections::default();
    page.group();
    page.add("Now", stated(causes));
    Page {
        topic: word.to_owned(),
        kind: Kind::FormerId,
        summary: format!("A former id, now {} causes.", causes.len()),
        causes: names(causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

fn summary(about: &Entry) -> String {
    let note = hints::hint(about.id).map_or("", |hint| hint.note);
    format!("{} {note}", sentence(about.setting))
        .trim_end()
        .to_owned()
}

/// A path or a field that is none is left out.
fn paths(text: &'static str) -> Vec<String> {
    unless_remark(text).map(str::to_owned).into_iter().collect()
}

/// The element that takes the cause away: as the hints say, else the other value of the field that the catalogue names.
pub(super) fn lifted_by(about: &Entry) -> Vec<String> {
    let hint = hints::hint(about.id).map_or(&[][..], |hint| &hint.write);
    if !hint.is_empty() {
        return hint.iter().filter_map(|write| written(write)).collect();
    }
    let named = element::fields_in(about.metadata_field);
    let lifts = |named: &element::Named| match named.lacks {
        Some(item) => element::line_adding(&named.field, item),
        None => element::line(&named.field, negated(named.is?)?),
    };
    named.iter().find_map(lifts).into_iter().collect()
}

fn written(write: &str) -> Option<String> {
    match (write.split_once('='), write.split_once('+')) {
        (Some((field, value)), _) => element::line(field, value),
        (None, Some((field, item))) => element::line_adding(field, item),
        (None, None) => None,
    }
}

/// The other value of a switch.
fn negated(value: &str) -> Option<&'static str> {
    match value {
        "true" => Some("false"),
        "false" => Some("true"),
        _ => None,
    }
}

fn works(about: &Entry) -> String {
    // A remark in parentheses often repeats the list: the list is enough where there is one.
    let is_remark = |flow: &&&str| flow.starts_with('(');
    let plain: Vec<&str> = about
        .flows_working
        .iter()
        .filter(|flow| !is_remark(flow))
        .copied()
        .collect();
    if !plain.is_empty() {
        return plain.join(", ");
    }
    let remarks = about.flows_working.iter();
    let remarks: Vec<&str> = remarks
        .map(|remark| remark.trim_matches(['(', ')']))
        .collect();
    remarks.join("; ")
}

/// The first rivals told apart, the rest counted.
fn rival_lines(rivals: &[CauseId]) -> Vec<String> {
    if rivals.len() <= RIVALS + 1 {
        return told(rivals);
    }
    let mut lines = told(&rivals[..RIVALS]);
    lines.push(format!("also {}", short(&rivals[RIVALS..], 3)));
    lines
}

/// What separates the causes of the best known answer that others share.
fn told_apart(answers: &[Answer]) -> Vec<String> {
    let shared = answers.iter().find(|answer| answer.causes.len() > 1);
    let probe = shared.and_then(|answer| {
        splitting_probe(answer.first.code, answer.first.text.unwrap_or_default())
    });
    probe.map(sentence).into_iter().collect()
}

/// How the simulated org produces it, or why it does not.
fn simulated(id: CauseId) -> Vec<String> {
    if let Some(reason) = outside_reason(id) {
        return vec![format!("No: {reason}.")];
    }
    capped(unique(conditions(id).map(condition_line)))
}

fn condition_line(row: &Modelled) -> String {
    let all: Vec<String> = row.conditions.iter().map(in_scenario).collect();
    let grants: Vec<&str> = row.grants.iter().map(|grant| grant.name()).collect();
    let grants = match grants.len() {
        0 => String::new(),
        all if all == GrantKind::ALL.len() => " (all grants)".to_owned(),
        _ => format!(" ({})", grants.join(", ")),
    };
    format!("{}{grants}", all.join(" and "))
}

/// A condition as a scenario file writes it; `…` for a text that is for its author to choose.
fn in_scenario(condition: &Condition) -> String {
    let (factor, value) = (condition.factor, condition.value);
    let sent = match (factor, value) {
        (Factor::Code, "used") => "code = former",
        (Factor::AccessTokenSent, "unknown") => "access_token = wrong",
        (Factor::AccessTokenPlace, _) => "access_token_in_query = true",
        (Factor::ContentType, _) => "json_body = true",
        (Factor::HttpMethod, _) => "get = true",
        (Factor::DevicePolling, _) => "poll_at_once = true",
        (Factor::AssertionKey, _) => "assertion = wrong",
        (Factor::AssertionExpiry, _) => "exp_in = -60",
        (Factor::AssertionAlgorithm, _) => "alg = HS256",
        (Factor::AssertionClaims, _) => "without_claims = [sub]",
        (Factor::AssertionJti, _) => "assertion = former",
        (Factor::AssertionAudience, _) => "aud = …",
        (Factor::AssertionSubject, _) => "sub = …",
        (Factor::ResponseType, _) => "response_type = …",
        (Factor::GrantTypeSent, _) => "grant_type = …",
        (Factor::Username, _) => "username = …",
        (Factor::RedirectUriAtToken, _) => "redirect_uri_at_token = …",
        (Factor::RevokeTypeHint, _) => "revoke_hint = …",
        (Factor::ScopeAtToken, _) => "scope_at_token = …",
        (Factor::RefreshAtOnce, _) => "at_once = 2",
        (Factor::SubjectToken, "invalid") => "subject_token = wrong",
        (Factor::SubjectToken, _) => "subject_token = jwt",
        _ => return format!("{} = {value}", place_in_file(factor)),
    };
    format!("{}.{sent}", factor.kind().section())
}

/// Where a factor stands in a scenario file: `app.isPkceRequired`.
pub(super) fn place_in_file(factor: Factor) -> String {
    format!("{}.{}", factor.kind().section(), factor.key())
}
