//! Which flow a report is about, where nobody says it: by words that are known of one flow alone, and what each flow would leave.

use super::words::share_of_flow;
use super::{Ask, Diagnosis, Next, ProbeClass, Question};
use crate::cause::{CauseId, wordings};
use crate::evidence::{Answer, Observation, Seen, known_key};
use crate::oauth::GrantKind;

/// The one grant in which the answers' code and sentence are known; `None` where they are known of several, or of none.
pub fn flow_in_words(observations: &[Observation]) -> Option<GrantKind> {
    let answers = observations.iter().filter_map(|one| match &one.seen {
        Seen::Answer(answer) => Some(answer),
        _ => None,
    });
    let mut found = None;
    for answer in answers {
        let grant = flow_of_answer(answer)?;
        if *found.get_or_insert(grant) != grant {
            return None;
        }
    }
    found
}

fn flow_of_answer(answer: &Answer) -> Option<GrantKind> {
    let text = answer.text.words()?;
    let code = answer.code.words();
    let mut found = None;
    for wording in wordings() {
        if wording.text != Some(text) || code.is_some_and(|code| wording.code != code) {
            continue;
        }
        let [grant] = wording.grants else {
            return None;
        };
        if *found.get_or_insert(*grant) != *grant {
            return None;
        }
    }
    found
}

/// The flows that a report can name, each with the candidates that can break it; flows that leave the same ones share a row. Empty where
/// no flow leaves fewer than all.
pub fn split_by_flow(found: &Diagnosis) -> Vec<(Vec<&'static str>, Vec<CauseId>)> {
    let flows = known_key("flow").map_or(&[][..], |key| key.values.as_slice());
    let mut rows: Vec<(Vec<&'static str>, Vec<CauseId>)> = Vec::new();
    for flow in flows {
        let left: Vec<CauseId> = found
            .named()
            .filter(|cause| share_of_flow(*cause, flow, false).is_some())
            .collect();
        if left.is_empty() {
            continue;
        }
        match rows.iter_mut().find(|(_, causes)| *causes == left) {
            Some((flows, _)) => flows.push(flow),
            None => rows.push((vec![flow], left)),
        }
    }
    if rows.len() < 2 {
        rows.clear();
    }
    rows.sort_by_key(|(_, causes)| causes.len());
    rows
}

/// How many rows are told.
const ROWS: usize = 4;
/// How many causes of a row are told by name.
const NAMED: usize = 3;

/// The next step where the flow is not known and each answer would leave fewer causes.
pub fn next_flow(found: &Diagnosis) -> Option<Next> {
    let rows = split_by_flow(found);
    if rows.is_empty() {
        return None;
    }
    let mut told: Vec<String> = rows
        .iter()
        .take(ROWS)
        .map(|(flows, causes)| {
            let names: Vec<&str> = causes.iter().take(NAMED).map(|one| one.name()).collect();
            let more = match causes.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{} leaves {}{more}", flows.join(" or "), names.join(", "))
        })
        .collect();
    if rows.len() > ROWS {
        told.push(format!("{} other answers", rows.len() - ROWS));
    }
    Some(Next {
        probe: format!(
            "Say which flow failed, with --flow NAME: {}",
            told.join("; ")
        ),
        separates: found.named().collect(),
        class: Some(ProbeClass::Reads),
    })
}

/// The question for the flow, one answer a flow.
pub fn ask_flow(found: &Diagnosis) -> Option<Question> {
    let rows = split_by_flow(found);
    let flows = known_key("flow").map_or(&[][..], |key| key.values.as_slice());
    let answers: Vec<(String, Vec<CauseId>)> = flows
        .iter()
        .filter_map(|flow| {
            let (_, causes) = rows.iter().find(|(flows, _)| flows.contains(flow))?;
            Some(((*flow).to_owned(), causes.clone()))
        })
        .collect();
    (!answers.is_empty()).then(|| Question {
        ask: Ask::Flow,
        text: "Which flow failed?".to_owned(),
        class: ProbeClass::Reads,
        answers,
        bits: 1.0,
    })
}
