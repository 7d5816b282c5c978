//! A step told to a person, in rows of a label and lines: what was expected and found, which cause, which fix, what went over the wire.
//! One telling for all formats; each lays it out in its own way.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::oauth::GrantKind;

use super::text::{count, cut, one_line, push};
use super::{
    Candidate, Certainty, DiagnosisReport, ExchangeReport, Mismatch, OutcomeReport, Pair, Status,
    StepKind, StepReport, UseReport, Verdict, host, place,
};

/// How much a row matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As text.
    Plain,
    /// What is wrong.
    Bad,
    /// What makes it right.
    Good,
    /// What is not sure.
    Doubt,
    /// Detail.
    Faint,
}

/// A label and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One or two words.
    pub label: &'static str,
    /// Each a line that may be wrapped.
    pub lines: Vec<String>,
    /// Of the first line.
    pub tone: Tone,
}

fn row(label: &'static str, tone: Tone, lines: Vec<String>) -> Row {
    Row { label, lines, tone }
}

/// Rivals beyond these are named by id alone.
const RIVALS: usize = 4;
/// Rivals below this weight are left to the JSON.
const TELLING: f64 = 0.015;
/// So many rivals of a declared cause are told whatever they weigh: mended files may bring them to light.
const LEAST: usize = 2;
/// From this weight on, "no known cause" is told beside the candidates.
const NOTABLE: f64 = 0.1;
/// Below this weight a cause is told as possible.
const LIKELY: f64 = 0.3;
/// Longest value shown.
const LONGEST: usize = 80;
/// Longest text of a server shown.
const LONGEST_TEXT: usize = 300;

/// The rows of a step that did not end as expected, in groups: the verdict, the cause and fix, the wire.
pub fn rows(step: &StepReport) -> Vec<Vec<Row>> {
    [
        verdict(step),
        step.diagnosis.as_ref().map(causes).unwrap_or_default(),
        wire(step),
    ]
    .into_iter()
    .filter(|group| !group.is_empty())
    .collect()
}

/// What the step does, in a few words: `refresh token flow on the My Domain host`.
pub fn what(step: &StepReport) -> String {
    match (&step.kind, &step.grant) {
        (_, Some(grant)) => {
            let label = GrantKind::parse(grant).map_or(Cow::Borrowed(grant.as_str()), |kind| {
                Cow::Borrowed(kind.label())
            });
            match &step.host {
                Some(kind) => format!("{label} on {}", host(kind)),
                None => label.into_owned(),
            }
        }
        (StepKind::Change, None) => "change in Setup".to_owned(),
        (StepKind::Wait, None) => "wait".to_owned(),
        (StepKind::Fault, None) => "fault of the server".to_owned(),
        (other, None) => other.name().to_owned(),
    }
}

/// The step in one line, for lists of steps that went as expected.
pub fn brief(step: &StepReport) -> String {
    let title = one_line(&step.title);
    match result(step) {
        Some(result) => format!("{title}: {result}"),
        None => title,
    }
}

/// How the step ended, which causes are named, and which uses of the token were refused; `None` for a step that drives no grant.
pub fn result(step: &StepReport) -> Option<String> {
    let mut line = ending(step.outcome.as_ref()?);
    let candidates = step
        .diagnosis
        .as_ref()
        .map_or(&[][..], |diagnosis| &diagnosis.candidates);
    match candidates {
        [] => {}
        [one] => push!(line, " ({})", one.cause),
        [first, others @ ..] => push!(line, " ({} or {} more)", first.cause, others.len()),
    }
    for answer in step.uses.iter().filter(|answer| answer.is_refused()) {
        push!(line, "; {}", use_answer(answer));
    }
    Some(line)
}

/// How a grant ended, in a sentence without its stop.
pub fn ending(outcome: &OutcomeReport) -> String {
    let at = outcome.at.as_deref().map_or("", place);
    let at = if at.is_empty() {
        String::new()
    } else {
        format!(" at {at}")
    };
    let because = |text: &Option<String>| {
        text.as_deref()
            .map(|text| format!(": {}", cut(&one_line(text), LONGEST_TEXT)))
            .unwrap_or_default()
    };
    match outcome.name.as_str() {
        "granted" => "granted".to_owned(),
        "refused" => format!(
            "refused{at}{}",
            refusal(
                outcome.error.as_deref(),
                outcome.error_description.as_deref()
            )
            .map(|text| format!(": {text}"))
            .unwrap_or_default()
        ),
        "off_protocol" => format!(
            "an answer outside the protocol{at}{}",
            because(&outcome.breach)
        ),
        "unanswered" => format!("no answer{at}{}", because(&outcome.detail)),
        "not_sent" => format!("nothing was sent{}", because(&outcome.detail)),
        other => format!("{other}{at}"),
    }
}

/// Why a scenario ended so, in one line: its own reason, or the first step that did not end as expected.
pub fn first_trouble<'a>(
    reason: Option<&str>,
    steps: impl IntoIterator<Item = &'a StepReport>,
) -> String {
    if let Some(reason) = reason {
        return one_line(reason);
    }
    steps
        .into_iter()
        .find(|step| !matches!(step.status, Status::Passed | Status::Skipped))
        .map(|step| {
            let trouble = match step.mismatches.first() {
                Some(mismatch) => format!(
                    "expected {}, found {}",
                    subject(mismatch, &mismatch.expected),
                    found(step, mismatch)
                ),
                None => step.outcome.as_ref().map(ending).unwrap_or_default(),
            };
            let cause = step
                .diagnosis
                .as_ref()
                .and_then(|diagnosis| diagnosis.candidates.first())
                .map(|candidate| format!(" ({} {})", candidate.certainty, candidate.cause))
                .unwrap_or_default();
            format!(
                "step {}, {}: {trouble}{cause}",
                step.index,
                one_line(&step.title)
            )
        })
        .unwrap_or_default()
}

fn verdict(step: &StepReport) -> Vec<Row> {
    let mut rows = Vec::new();
    if step.mismatches.is_empty() {
        if !step.expected.is_empty() {
            rows.push(row("Expected", Tone::Plain, vec![step.expected.clone()]));
        }
        if let Some(outcome) = &step.outcome {
            rows.push(row("Found", Tone::Bad, vec![ending(outcome)]));
        }
    }
    for mismatch in &step.mismatches {
        rows.push(row(
            "Expected",
            Tone::Plain,
            vec![subject(mismatch, &mismatch.expected)],
        ));
        rows.push(row("Found", Tone::Bad, vec![found(step, mismatch)]));
    }
    for check in step
        .checks
        .iter()
        .filter(|check| check.passed == Some(false))
    {
        rows.push(row(
            "Check",
            Tone::Bad,
            vec![format!(
                "{} failed: {}",
                check.name,
                one_line(&check.detail)
            )],
        ));
    }
    rows
}

/// The outcome needs no name before its value; anything else does.
fn subject(mismatch: &Mismatch, value: &str) -> String {
    if mismatch.what == "outcome" || mismatch.what.is_empty() {
        one_line(value)
    } else {
        format!("{} {}", mismatch.what, one_line(value))
    }
}

fn found(step: &StepReport, mismatch: &Mismatch) -> String {
    match &step.outcome {
        Some(outcome) if mismatch.what == "outcome" => ending(outcome),
        _ => subject(mismatch, &mismatch.found),
    }
}

/// The rows of a verdict: what was seen, the cause, what is excluded and what disagrees.
pub fn verdict_rows(verdict: &Verdict) -> Vec<Vec<Row>> {
    let seen: Vec<String> = verdict
        .diagnosis
        .seen
        .iter()
        .map(|seen| one_line(seen))
        .collect();
    let mut beside = Vec::new();
    if !verdict.disagreements.is_empty() {
        let lines = verdict.disagreements.clone();
        beside.push(row("Disagrees", Tone::Bad, lines));
    }
    if !verdict.diagnosis.ruled_out.is_empty() {
        let lines = verdict
            .diagnosis
            .ruled_out
            .iter()
            .map(|one| format!("{}: {}", one.cause, one.because))
            .collect();
        beside.push(row("Ruled out", Tone::Plain, lines));
    }
    if !verdict.notes.is_empty() {
        beside.push(row("Note", Tone::Faint, verdict.notes.clone()));
    }
    let seen = if seen.is_empty() {
        Vec::new()
    } else {
        vec![row("Seen", Tone::Plain, seen)]
    };
    [seen, causes(&verdict.diagnosis), beside]
        .into_iter()
        .filter(|group| !group.is_empty())
        .collect()
}

fn causes(diagnosis: &DiagnosisReport) -> Vec<Row> {
    let Some((first, rivals)) = diagnosis.candidates.split_first() else {
        return unexplained(diagnosis);
    };
    let mut rows = vec![cause(first, rivals.len())];
    rows.extend(remedy(first));
    if !first.evidence_for.is_empty() {
        rows.push(row("For it", Tone::Plain, first.evidence_for.clone()));
    }
    if !first.evidence_against.is_empty() {
        rows.push(row(
            "Against it",
            Tone::Plain,
            first.evidence_against.clone(),
        ));
    }
    rows.push(standing(first));
    if !first.tied_with.is_empty() {
        let line = format!(
            "nothing that a client can try tells these apart: {}, {}",
            first.cause,
            first.tied_with.join(", ")
        );
        rows.push(row("Tie", Tone::Doubt, vec![line]));
    }
    if let Some(other) = &first.together_with {
        let line = format!("alone it does not explain all of this; together with {other} it does");
        rows.push(row("Two faults", Tone::Doubt, vec![line]));
    }
    let mut others = rivals_of(first, rivals);
    if diagnosis.unexplained >= NOTABLE {
        others.push(format!(
            "none of these ({} %)",
            percent(diagnosis.unexplained)
        ));
    }
    if !others.is_empty() {
        rows.push(row("Or else", Tone::Plain, others));
    }
    rows.extend(next(diagnosis));
    rows
}

fn cause(candidate: &Candidate, rivals: usize) -> Row {
    let tone = match candidate.certainty {
        Certainty::Proven | Certainty::Confirmed | Certainty::Implied => Tone::Bad,
        _ => Tone::Doubt,
    };
    let sure = match rivals {
        _ if candidate.certainty == Certainty::Proven => {
            format!("{}: {}", candidate.certainty, candidate.certainty.meaning())
        }
        0 => format!("{}: {}", candidate.certainty, candidate.certainty.meaning()),
        _ => format!(
            "{}, {} %: first of {} that fit",
            sureness(candidate),
            percent(candidate.weight),
            rivals + 1,
        ),
    };
    row(
        "Cause",
        tone,
        vec![
            one_line(&candidate.label),
            format!("{} ({sure})", candidate.cause),
        ],
    )
}

/// Likely is no word for a share that most of the weight speaks against.
fn sureness(candidate: &Candidate) -> &str {
    if candidate.certainty == Certainty::Likely && candidate.weight < LIKELY {
        "possible"
    } else {
        candidate.certainty.name()
    }
}

fn remedy(candidate: &Candidate) -> Vec<Row> {
    let fix = &candidate.fix;
    let mut rows = vec![row("Fix", Tone::Good, vec![one_line(&fix.text)])];
    if let Some(path) = &fix.setup_path {
        rows.push(row("Where", Tone::Plain, vec![one_line(path)]));
    }
    let mut setting: Vec<String> = [&fix.setting, &fix.metadata_field]
        .into_iter()
        .flatten()
        .map(|text| one_line(text))
        .collect();
    let values: Vec<String> = [
        fix.current.as_ref().map(|value| match &fix.current_from {
            Some(from) if candidate.declared => format!("now {value}, declared at {from}"),
            Some(from) => format!("now {value} ({from})"),
            None => format!("now {value}"),
        }),
        fix.value.as_ref().map(|value| format!("needed {value}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !values.is_empty() {
        setting.push(values.join(", "));
    }
    if !setting.is_empty() {
        rows.push(row("Setting", Tone::Plain, setting));
    }
    rows
}

fn standing(candidate: &Candidate) -> Row {
    let basis = match candidate.basis.as_deref() {
        Some("words") => "; matched by code and sentence",
        Some("code") => "; matched by the code alone",
        Some("page") => "; matched by the page",
        Some("lack") => "; matched by what is missing",
        Some("rfc") => "; matched by the RFC's meaning of the code",
        Some("simulator") => "; reproduced in the simulated org",
        Some("facts") => "; no words name it, the facts point to it",
        Some("records") => "; a record of the org names it",
        _ => "",
    };
    row(
        "Rests on",
        Tone::Faint,
        vec![format!(
            "rule {}, wording {}{basis}",
            candidate.standing.rule, candidate.standing.wording
        )],
    )
}

fn rivals_of(first: &Candidate, rivals: &[Candidate]) -> Vec<String> {
    let least = if first.declared { LEAST } else { 0 };
    let told = rivals
        .iter()
        .enumerate()
        .take_while(|(at, rival)| *at < least || rival.weight >= TELLING)
        .count();
    let rivals = &rivals[..told];
    let mut lines: Vec<String> = rivals
        .iter()
        .take(RIVALS)
        .map(|rival| {
            format!(
                "{} ({} %): {}. Fix: {}",
                rival.cause,
                percent(rival.weight),
                one_line(&rival.label).trim_end_matches('.'),
                one_line(&rival.fix.text)
            )
        })
        .collect();
    if rivals.len() > RIVALS {
        let names: Vec<&str> = rivals[RIVALS..]
            .iter()
            .map(|rival| rival.cause.as_str())
            .collect();
        lines.push(format!("also {}", names.join(", ")));
    }
    lines
}

fn unexplained(diagnosis: &DiagnosisReport) -> Vec<Row> {
    if diagnosis.seen.is_empty() && diagnosis.unexplained == 0.0 {
        return Vec::new();
    }
    let mut lines = vec!["unexplained: no known cause gives these answers".to_owned()];
    lines.extend(diagnosis.seen.iter().map(|seen| one_line(seen)));
    let mut rows = vec![row("Cause", Tone::Doubt, lines)];
    rows.extend(next(diagnosis));
    rows
}

fn next(diagnosis: &DiagnosisReport) -> Option<Row> {
    diagnosis
        .next
        .as_ref()
        .map(|next| row("Next", Tone::Plain, vec![one_line(&next.probe)]))
}

fn wire(step: &StepReport) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(exchange) = deciding(step) {
        let mut lines = vec![format!(
            "{} {}",
            exchange.sent.method,
            cut(address(&exchange.sent.url), 2 * LONGEST)
        )];
        let fields = deciding_fields(exchange);
        if !fields.is_empty() {
            lines.push(fields.join("  "));
        }
        rows.push(row("Request", Tone::Faint, lines));
        rows.push(row("Answer", Tone::Faint, vec![answer(step, exchange)]));
    }
    if step.exchanges.len() > 1 {
        rows.push(row("Flow", Tone::Faint, vec![flow(step)]));
    }
    if !step.turned_away.is_empty() {
        let mut lines = vec![count(step.turned_away.len(), "callback")];
        lines.extend(step.turned_away.iter().map(|text| one_line(text)));
        rows.push(row("Turned away", Tone::Faint, lines));
    }
    rows
}

/// The exchange that decided: the last one at the endpoint where the grant ended, or at the use that was refused.
pub fn deciding(step: &StepReport) -> Option<&ExchangeReport> {
    let outcome_at = step
        .outcome
        .as_ref()
        .and_then(|outcome| outcome.at.as_deref());
    let use_at = step
        .uses
        .iter()
        .find(|answer| answer.is_refused())
        .map(|answer| answer.at.as_str());
    let last_at = |name: &str| step.exchanges.iter().rev().find(|e| e.endpoint == name);
    outcome_at
        .or(use_at)
        .and_then(last_at)
        .or_else(|| step.exchanges.last())
}

/// What decides a flow, of all that is sent.
const DECIDING: [&str; 24] = [
    "grant_type",
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "code",
    "code_verifier",
    "code_challenge",
    "code_challenge_method",
    "refresh_token",
    "assertion",
    "username",
    "password",
    "subject_token",
    "subject_token_type",
    "token",
    "token_type_hint",
    "device_code",
    "user_code",
    "prompt",
    "error",
    "error_description",
    "iss",
];

fn deciding_fields(exchange: &ExchangeReport) -> Vec<String> {
    let query = query(&exchange.sent.url);
    let authorization = exchange
        .sent
        .headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("authorization"))
        .map(|header| format!("Authorization: {}", cut(&one_line(&header.value), LONGEST)));
    query
        .iter()
        .chain(&exchange.sent.fields)
        .filter(|field| DECIDING.contains(&field.name.as_str()))
        .map(|field| format!("{}={}", field.name, cut(&one_line(&field.value), LONGEST)))
        .chain(authorization)
        .collect()
}

/// The address without its query. Marks hold a `#`, so an address of a record is not parsed as a URL.
pub fn address(url: &str) -> &str {
    url.split_once('?').map_or(url, |(address, _)| address)
}

/// The fields of the query, decoded.
pub fn query(url: &str) -> Vec<Pair> {
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    url.split_once('?')
        .map_or("", |(_, query)| query)
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| Pair {
            name: decode(name),
            value: decode(value),
        })
        .collect()
}

fn answer(step: &StepReport, exchange: &ExchangeReport) -> String {
    if let Some(fault) = &exchange.fault {
        let told = step
            .outcome
            .as_ref()
            .and_then(|outcome| outcome.detail.as_ref());
        return if told == Some(&fault.text) {
            "none".to_owned()
        } else {
            format!("none: {}", one_line(&fault.text))
        };
    }
    let Some(received) = &exchange.received else {
        return "none".to_owned();
    };
    let mut text = format!("HTTP {}", received.status);
    if let Some(target) = received.header("location") {
        push!(text, ", sent on to {}", cut(address(target), LONGEST));
    }
    let outcome = step
        .outcome
        .as_ref()
        .filter(|outcome| outcome.at.as_deref() == Some(exchange.endpoint.as_str()));
    let error = match outcome {
        Some(outcome) => (
            outcome.error.as_deref(),
            outcome.error_description.as_deref(),
        ),
        None => step
            .uses
            .iter()
            .find(|answer| answer.at == exchange.endpoint && answer.is_refused())
            .map_or((None, None), |answer| {
                (answer.error.as_deref(), answer.error_description.as_deref())
            }),
    };
    if let Some(error) = refusal(error.0, error.1) {
        push!(text, ", {error}");
    }
    text
}

/// Code and sentence as the server spelt them.
fn refusal(error: Option<&str>, description: Option<&str>) -> Option<String> {
    let code = error.map(one_line).filter(|code| !code.is_empty());
    let sentence = description.map(|text| format!("\"{}\"", cut(&one_line(text), LONGEST_TEXT)));
    match (code, sentence) {
        (Some(code), Some(sentence)) => Some(format!("{code}, {sentence}")),
        (one, other) => one.or(other),
    }
}

fn use_answer(answer: &UseReport) -> String {
    let status = answer
        .status
        .map_or("no answer".to_owned(), |status| status.to_string());
    let error = refusal(answer.error.as_deref(), answer.error_description.as_deref())
        .map(|text| format!(" {text}"))
        .unwrap_or_default();
    format!("{} then answers {status}{error}", place(&answer.at))
}

/// The endpoints in order with their statuses; repeated ones are counted.
fn flow(step: &StepReport) -> String {
    let mut stations: Vec<(String, usize)> = Vec::new();
    for exchange in &step.exchanges {
        let station = match &exchange.received {
            Some(received) => format!("{} {}", exchange.endpoint, received.status),
            None => format!("{} (no answer)", exchange.endpoint),
        };
        match stations.last_mut() {
            Some((last, times)) if *last == station => *times += 1,
            _ => stations.push((station, 1)),
        }
    }
    stations
        .into_iter()
        .map(|(station, times)| match times {
            1 => station,
            times => format!("{station} ({times} times)"),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// A weight in whole percent.
pub fn percent(weight: f64) -> String {
    if weight > 0.0 && weight < 0.01 {
        return "under 1".to_owned();
    }
    format!("{:.0}", weight * 100.0)
}

/// Advice of all steps, each once, with the number of steps that it was given to.
pub fn advice<'a>(
    steps: impl IntoIterator<Item = &'a StepReport>,
) -> Vec<(&'a str, &'a str, usize)> {
    let mut given: Vec<(&str, &str, usize)> = Vec::new();
    for advice in steps.into_iter().flat_map(|step| &step.advice) {
        match given.iter_mut().find(|(id, ..)| *id == advice.id) {
            Some((.., times)) => *times += 1,
            None => given.push((&advice.id, &advice.text, 1)),
        }
    }
    given
}
