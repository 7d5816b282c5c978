//! The next question: asked again and again, answers taken from the model, it reaches the true cause of a single fault or its inseparable
//! class in few questions.

use grantproof::cause::{AppKind, CONDITIONS, CauseId, Modelled, login_history_of};
use grantproof::diagnosis::{Ask, Question, Suspect, answer_of, diagnose, learn, questions};
use grantproof::evidence::from_ran;
use grantproof::factor::Known;
use grantproof::oauth::GrantKind;
use grantproof::world::World;
use serde_json::Value;

use crate::program::{root, run, run_told};

fn wrong(row: &Modelled, kind: AppKind) -> World {
    let mut world = World::healthy(kind);
    world.put_row(row).expect("a row of the table can hold");
    world
}

/// What the true world says to a question.
fn told(world: &World, cause: CauseId, question: &Question) -> String {
    match question.ask {
        Ask::LoginHistory => login_history_of(cause)
            .first()
            .map_or("none of these", |row| row.text)
            .to_owned(),
        _ => answer_of(world, &question.ask).expect("the true world is played"),
    }
}

/// Whether no question separates two causes beyond the answer of the failed grant, which the diagnosis has weighed already.
fn inseparable(a: CauseId, b: CauseId, base: &World, failed: GrantKind) -> bool {
    let both = [a, b].map(|cause| Suspect { cause, weight: 0.5 });
    questions(&both, base, Some(failed), &GrantKind::ALL).is_empty()
}

/// What one fault cost.
struct Cost {
    asked: u32,
    allowed: f64,
    failure: Option<String>,
}

/// Asks until one cause is left, or nothing more can be learnt.
fn reach(row: &Modelled, grant: GrantKind, kind: AppKind) -> Option<Cost> {
    let world = wrong(row, kind);
    let ran = world.run(grant, &mut ());
    if ran.cause() != Some(row.cause) {
        return None;
    }
    let found = diagnose(&from_ran(&ran, kind), &Known::new());
    let mut suspects: Vec<Suspect> = found
        .candidates
        .iter()
        .map(|one| Suspect {
            cause: one.cause,
            weight: one.weight,
        })
        .collect();
    let candidates = f64::from(u32::try_from(suspects.len()).expect("few"));
    let base = World::healthy(kind);
    let mut asked = 0;
    while asked < 20 {
        suspects.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        if suspects.first().is_none_or(|first| first.weight > 0.985) {
            break;
        }
        let Some(question) = questions(&suspects, &base, Some(grant), &GrantKind::ALL)
            .into_iter()
            .next()
        else {
            break;
        };
        let answer = told(&world, row.cause, &question);
        learn(&mut suspects, &question, &answer);
        asked += 1;
    }
    suspects.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let first = suspects.first().map(|one| one.cause);
    let right = first
        .is_some_and(|first| first == row.cause || inseparable(first, row.cause, &base, grant));
    Some(Cost {
        asked,
        allowed: candidates.log2().ceil() + 2.0,
        failure: (!right).then(|| {
            format!(
                "{} {grant} {}: {first:?} after {asked}",
                row.cause,
                kind.name()
            )
        }),
    })
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the figure is for people: `cargo test asking -- --nocapture`"
)]
fn the_true_cause_is_reached_in_few_questions() {
    let one = |row: &Modelled| -> Vec<Cost> {
        row.grants
            .iter()
            .filter_map(|grant| {
                // What an External Client App does not show, a connected app may.
                reach(row, *grant, AppKind::ExternalClientApp)
                    .or_else(|| reach(row, *grant, AppKind::ConnectedApp))
            })
            .collect()
    };
    let (left, right) = CONDITIONS.split_at(CONDITIONS.len() / 2);
    let costs: Vec<Cost> = std::thread::scope(|scope| {
        let other = scope.spawn(|| right.iter().flat_map(one).collect::<Vec<_>>());
        let mut costs: Vec<Cost> = left.iter().flat_map(one).collect();
        costs.extend(other.join().expect("the other half"));
        costs
    });
    let runs = f64::from(u32::try_from(costs.len()).expect("some hundred"));
    let asked: f64 = costs.iter().map(|cost| f64::from(cost.asked)).sum();
    let allowed: f64 = costs.iter().map(|cost| cost.allowed).sum();
    println!(
        "{runs} faults: {:.2} questions on average (at most {:?}), {:.2} allowed",
        asked / runs,
        costs.iter().map(|cost| cost.asked).max(),
        allowed / runs
    );
    let failures: Vec<_> = costs
        .iter()
        .filter_map(|cost| cost.failure.as_ref())
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(asked <= allowed, "{asked} questions, {allowed} allowed");
}

const NOT_APPROVED: [&str; 10] = [
    "diagnose",
    "--ask",
    "--format",
    "json",
    "--flow",
    "jwt_bearer",
    "--error",
    "invalid_grant",
    "--description",
    "user hasn't approved this consumer",
];

/// The questions on stderr: what is asked, with its answers.
fn asked(stderr: &str) -> Vec<Vec<&str>> {
    stderr
        .split("\n\n")
        .map(|question| question.trim().lines().collect::<Vec<_>>())
        .filter(|lines| lines.len() > 1)
        .collect()
}

#[test]
fn a_person_is_asked_in_words_and_an_answer_stands_against_what_it_contradicts() {
    let ran = run_told(&root(), NOT_APPROVED, "1\n2\n?\nnonsense\n\n");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let questions = asked(&ran.stderr);
    assert!(questions.len() >= 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("`nonsense` is none of 1 to "));
    // What failed was told already, and no name of our code is shown to a person.
    for inner in ["with the same app and user", "Use(", "Grant token"] {
        assert!(!ran.stderr.contains(inner), "{}", ran.stderr);
    }
    let document: Value = serde_json::from_str(&ran.stdout).expect("one document");
    let diagnosis = &document["results"][0];
    let answered = format!("answered: {}: ", questions[0][0]);
    let mut sides = [0, 0];
    for candidate in diagnosis["candidates"].as_array().expect("candidates") {
        let tells = |side: &str| {
            let lines = candidate[side].as_array().into_iter().flatten();
            lines
                .filter_map(Value::as_str)
                .any(|line| line.starts_with(&answered))
        };
        let (on_one, on_other) = (tells("evidence_for"), tells("evidence_against"));
        assert!(!(on_one && on_other), "{candidate}");
        sides[0] += u32::from(on_one);
        sides[1] += u32::from(on_other);
    }
    assert!(sides[0] > 0 && sides[1] > 0, "{sides:?}");
    let next = diagnosis["next"]["probe"].as_str().expect("a next probe");
    for told in &questions[..3] {
        assert_ne!(next, told[0], "what was answered is not asked again");
    }
}

#[test]
fn where_nobody_answers_the_diagnosis_is_that_without_questions() {
    let silent = run_told(&root(), NOT_APPROVED, "");
    let plain = run(NOT_APPROVED.iter().filter(|one| **one != "--ask"));
    let candidates = |text: &str| -> Vec<Value> {
        let document: Value = serde_json::from_str(text).expect("one document");
        let candidates = &document["results"][0]["candidates"];
        candidates.as_array().expect("candidates").clone()
    };
    assert_eq!(candidates(&silent.stdout), candidates(&plain.stdout));
}
