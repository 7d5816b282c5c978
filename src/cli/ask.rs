//! `diagnose --ask`: asks a person in the terminal, the question that tells most first, until one cause is left.

use std::io::BufRead as _;

use super::diagnose::{base, failed};
use crate::cause::CauseId;
use crate::diagnosis::{
    Candidate, Certainty, Diagnosis, Question, Suspect, ask_flow, diagnose_report, fact_questions,
    flow_of, learn, questions, suspects,
};
use crate::edge::terminal;
use crate::evidence::Report;
use crate::oauth::GrantKind;

/// From this weight on a cause is taken as found.
const CLEAR: f64 = 0.95;
/// More questions than this nobody answers.
const MOST: usize = 12;

/// Asks, and gives the diagnosis as the answers leave it. Ends as well where stdin ends.
pub(super) fn until_clear(report: &mut Report, mut found: Diagnosis) -> Diagnosis {
    if report.sheet.get("flow").is_none()
        && let Some(question) = ask_flow(&found)
    {
        found.next = Some(question.as_next());
        match put(&question, &suspects(&found)) {
            Said::Answer(flow) => {
                set_flow(report, &flow);
                found = diagnose_report(report);
            }
            Said::NotKnown => {}
            Said::NoMore => return found,
        }
    }
    let mut open = suspects(&found);
    let world = base(report);
    let failed = failed(report);
    let flows = flow_of(failed);
    let mut told: Vec<(Question, Option<String>)> = Vec::new();
    for _ in 0..MOST {
        open.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let clear = open.first().is_none_or(|first| first.weight >= CLEAR);
        let mut asked: Vec<Question> = questions(&open, &world, failed, &flows);
        asked.extend(fact_questions(&open, &report.sheet));
        asked.retain(|one| {
            !told
                .iter()
                .any(|(asked, _)| asked.ask == one.ask || asked.text == one.text)
        });
        asked.sort_by(|a, b| b.worth().total_cmp(&a.worth()));
        // What was asked is not asked again.
        found.next = None;
        let Some(question) = asked.into_iter().next().filter(|_| !clear) else {
            break;
        };
        let said = match put(&question, &open) {
            Said::Answer(answer) => {
                learn(&mut open, &question, &answer);
                Some(answer)
            }
            Said::NotKnown => None,
            Said::NoMore => {
                found.next = Some(question.as_next());
                break;
            }
        };
        told.push((question, said));
    }
    let listed: f64 = found.candidates.iter().map(|one| one.weight).sum();
    // Answers share out what the candidates had together; the rest stays unexplained.
    let total: f64 = open.iter().map(|one| one.weight).sum();
    for candidate in &mut found.candidates {
        if let Some(suspect) = open.iter().find(|one| one.cause == candidate.cause) {
            candidate.weight = (suspect.weight / total * listed * 1e6).round() / 1e6;
        }
        for (question, answer) in &told {
            if let Some(answer) = answer {
                weigh(candidate, question, answer);
            }
        }
    }
    found
        .candidates
        .sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let listed: f64 = found.candidates.iter().map(|one| one.weight).sum();
    found.unexplained = ((1.0 - listed).max(0.0) * 1e6).round() / 1e6;
    found
}

/// Shows an answer where it speaks for a candidate, or against it. One that any answer fits is not told of it.
fn weigh(candidate: &mut Candidate, question: &Question, answer: &str) {
    let gives = |told: bool| {
        question
            .answers
            .iter()
            .any(|(text, causes)| (text == answer) == told && causes.contains(&candidate.cause))
    };
    let line = format!("answered: {}: {answer}", question.text);
    match (gives(true), gives(false)) {
        (true, false) => candidate.evidence_for.push(line),
        (true, true) => {}
        (false, _) => {
            candidate.evidence_against.push(line);
            // Nothing is implied against what a person saw; a record of the org stands.
            if candidate.certainty == Certainty::Implied {
                candidate.certainty = Certainty::Likely;
            }
        }
    }
}

/// What came of a question.
enum Said {
    Answer(String),
    NotKnown,
    /// Nobody answers any more.
    NoMore,
}

/// Learns which flow failed, as `--flow` would tell.
fn set_flow(report: &mut Report, flow: &str) {
    report.sheet.learn("flow", flow);
    for observation in &mut report.observations {
        observation.grant = GrantKind::parse(flow);
    }
}

/// A cause below this share is not named beside an answer.
const NAMED: f64 = 0.01;
/// How many causes are named beside an answer.
const CAUSES: usize = 3;

/// Puts a question on stderr and reads the number of the answer. Beside an answer stand the causes that it leaves, of those still open.
fn put(question: &Question, open: &[Suspect]) -> Said {
    terminal::err(&format!("\n{}", question.text));
    let is_open = |cause: &CauseId| {
        open.iter()
            .any(|one| one.cause == *cause && one.weight >= NAMED)
    };
    let everywhere = |cause: &CauseId| {
        let mut answers = question.answers.iter();
        question.answers.len() > 1 && answers.all(|(_, causes)| causes.contains(cause))
    };
    for (at, (answer, causes)) in question.answers.iter().enumerate() {
        let names: Vec<&str> = causes
            .iter()
            .filter(|cause| is_open(cause) && !everywhere(cause))
            .map(|cause| cause.name())
            .collect();
        let shown = names
            .iter()
            .take(CAUSES)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        let points = match names.len() {
            0 => String::new(),
            1..=CAUSES => format!("   (points to {shown})"),
            more => format!("   (points to {shown} and {} more)", more - CAUSES),
        };
        terminal::err(&format!("  {}. {answer}{points}", at + 1));
    }
    terminal::err("  ?  cannot tell      (number, ?, or an empty line to stop)");
    loop {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        if read == 0 {
            terminal::err("  nobody answers: the input has ended");
            return Said::NoMore;
        }
        let line = line.trim();
        if line.is_empty() {
            return Said::NoMore;
        }
        if line == "?" {
            return Said::NotKnown;
        }
        let chosen = line
            .parse::<usize>()
            .ok()
            .and_then(|number| question.answers.get(number.wrapping_sub(1)));
        if let Some((answer, _)) = chosen {
            return Said::Answer(answer.clone());
        }
        terminal::err(&format!(
            "  `{line}` is none of 1 to {}: give a number, ?, or an empty line",
            question.answers.len()
        ));
    }
}
