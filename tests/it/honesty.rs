//! The org differs from our model: one rule or one wording of it is changed, each in turn. The diagnosis may then be unsure or unexplained;
//! a wrong cause is never implied.

use grantproof::cause::{AppKind, CONDITIONS, CauseId, Modelled};
use grantproof::diagnosis::{Certainty, diagnose};
use grantproof::evidence::{Heard, Observation, Seen, from_ran};
use grantproof::exchange::Endpoint;
use grantproof::factor::Known;
use grantproof::oauth::GrantKind;
use grantproof::world::World;

const KIND: AppKind = AppKind::ExternalClientApp;

fn wrong(row: &Modelled) -> World {
    let mut world = World::healthy(KIND);
    world.put_row(row).expect("a row of the table can hold");
    world
}

/// The answers of each grant, apart.
fn battery(world: &World) -> Vec<(GrantKind, Vec<Observation>)> {
    GrantKind::ALL
        .into_iter()
        .map(|grant| (grant, from_ran(&world.run(grant, &mut ()), KIND)))
        .collect()
}

/// Every cause that the row makes somewhere.
fn made(world: &World) -> Vec<CauseId> {
    world
        .run_all()
        .iter()
        .flat_map(|ran| {
            ran.uses
                .iter()
                .filter_map(|used| used.end.cause())
                .chain(ran.end.cause())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Changes the words of a refusal.
fn say(observation: &mut Observation, code: Option<&str>, text: Option<&str>) {
    if let Seen::Answer(answer) = &mut observation.seen {
        if let Some(code) = code {
            answer.code = Heard::Said(code.to_owned());
        }
        if let Some(text) = text {
            answer.text = Heard::Said(text.to_owned());
        }
    }
}

/// One mutant of an org, and what it is.
struct Mutant {
    what: String,
    seen: Vec<Observation>,
}

fn whole(parts: &[(GrantKind, Vec<Observation>)]) -> Vec<Observation> {
    parts.iter().flat_map(|(_, seen)| seen.clone()).collect()
}

fn fails(seen: &[Observation]) -> bool {
    seen.iter().any(Observation::is_failure)
}

/// The rule does not hold at one grant; holds at one more; its words differ at one grant or at all.
fn mutants(row: &Modelled, healthy: &[(GrantKind, Vec<Observation>)]) -> Vec<Mutant> {
    let true_parts = battery(&wrong(row));
    let mut mutants = Vec::new();
    let failing: Vec<usize> = (0..true_parts.len())
        .filter(|at| fails(&true_parts[*at].1))
        .collect();
    for at in &failing {
        let mut parts = true_parts.clone();
        parts[*at] = healthy[*at].clone();
        mutants.push(Mutant {
            what: format!(
                "the rule of {} does not hold at {}",
                row.cause, parts[*at].0
            ),
            seen: whole(&parts),
        });
        for (code, text, what) in [
            (None, Some("something went wrong"), "another sentence"),
            (Some("policy_violation"), None, "another code"),
            (
                Some("policy_violation"),
                Some("something went wrong"),
                "other words",
            ),
        ] {
            let mut parts = true_parts.clone();
            for observation in &mut parts[*at].1 {
                say(observation, code, text);
            }
            mutants.push(Mutant {
                what: format!("{} says {what} at {}", row.cause, parts[*at].0),
                seen: whole(&parts),
            });
            let mut alone = true_parts[*at].1.clone();
            for observation in &mut alone {
                say(observation, code, text);
            }
            mutants.push(Mutant {
                what: format!(
                    "{} says {what} at {}, which alone is seen",
                    row.cause, true_parts[*at].0
                ),
                seen: alone,
            });
        }
    }
    // The refusal of one grant at another that the rule does not touch.
    if let Some(first) = failing.first() {
        for at in (0..true_parts.len()).filter(|at| !failing.contains(at)) {
            let mut parts = true_parts.clone();
            let mut moved = parts[*first].1.clone();
            for observation in &mut moved {
                observation.grant = Some(parts[at].0);
                if observation.endpoint == Some(Endpoint::Authorize) {
                    observation.endpoint = Some(Endpoint::Token);
                }
            }
            parts[at].1 = moved;
            mutants.push(Mutant {
                what: format!("the rule of {} also holds at {}", row.cause, parts[at].0),
                seen: whole(&parts),
            });
        }
    }
    mutants
}

#[test]
#[expect(clippy::print_stdout, reason = "the count is for people")]
fn a_wrong_cause_is_never_implied_by_an_org_that_differs_from_the_model() {
    let healthy = battery(&World::healthy(KIND));
    let mut count = 0;
    let mut wrong_ones = Vec::new();
    for row in CONDITIONS {
        let world = wrong(row);
        let made = made(&world);
        for mutant in mutants(row, &healthy) {
            count += 1;
            let found = diagnose(&mutant.seen, &Known::new());
            for one in &found.candidates {
                if one.certainty >= Certainty::Implied
                    && one.cause != row.cause
                    && !made.contains(&one.cause)
                {
                    wrong_ones.push(format!(
                        "{}: {} is {}",
                        mutant.what,
                        one.cause,
                        one.certainty.name()
                    ));
                }
            }
        }
    }
    println!("{count} mutants");
    assert!(count > 1_000, "{count}");
    assert!(
        wrong_ones.is_empty(),
        "{} of {count}: {wrong_ones:#?}",
        wrong_ones.len()
    );
}
