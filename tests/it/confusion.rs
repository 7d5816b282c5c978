//! Every wrong value of every factor on an otherwise healthy org: fed with the answers of a battery of all grants, the true cause ranks
//! first, or stands in a named tie whose members give the same answers; alone, one failing flow names it among the candidates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use grantproof::cause::{AppKind, CONDITIONS, CauseId, Modelled};
use grantproof::diagnosis::{Certainty, diagnose};
use grantproof::evidence::{Observation, from_ran};
use grantproof::factor::Known;
use grantproof::world::World;

/// A world in which one row of the model holds; `None` where it changes nothing for this kind of app.
fn wrong(row: &Modelled, kind: AppKind) -> World {
    let mut world = World::healthy(kind);
    world.put_row(row).expect("a row of the table can hold");
    world
}

fn battery(world: &World) -> Vec<Observation> {
    let kind = world.kind();
    world
        .run_all()
        .iter()
        .flat_map(|ran| from_ran(ran, kind))
        .collect()
}

/// What the battery answers, as text: two worlds with the same answers cannot be told apart by it.
fn answers(observations: &[Observation]) -> Vec<String> {
    observations
        .iter()
        .map(|one| format!("{:?} {}", one.grant, one.summary()))
        .collect()
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the confusion table is for people: `cargo test confusion -- --nocapture`"
)]
fn the_battery_names_each_wrong_value_or_its_inseparable_tie() {
    let healthy: BTreeMap<&str, Vec<String>> = [AppKind::ExternalClientApp, AppKind::ConnectedApp]
        .map(|kind| (kind.name(), answers(&battery(&World::healthy(kind)))))
        .into();
    let mut by_answers: BTreeMap<(&str, Vec<String>), BTreeSet<CauseId>> = BTreeMap::new();
    let mut trials = Vec::new();
    for row in CONDITIONS {
        for kind in [AppKind::ExternalClientApp, AppKind::ConnectedApp] {
            let world = wrong(row, kind);
            let seen = battery(&world);
            let told = answers(&seen);
            if told == healthy[kind.name()] {
                continue;
            }
            // The causes that the row makes, at whatever grant.
            for ran in world.run_all() {
                let causes = ran
                    .uses
                    .iter()
                    .filter_map(|used| used.end.cause())
                    .chain(ran.end.cause());
                by_answers
                    .entry((kind.name(), told.clone()))
                    .or_default()
                    .extend(causes);
            }
            let wordless = told
                .iter()
                .any(|line| line.contains("without a code or a sentence"));
            assert!(
                !wordless,
                "{}: the org has no words for it: {told:#?}",
                row.cause
            );
            trials.push((row, kind, seen, told));
        }
    }
    assert!(trials.len() > 150, "{} trials", trials.len());
    let mut table = String::new();
    let mut wrong_firsts = Vec::new();
    let (mut alone, mut tied) = (0, 0);
    for (row, kind, seen, told) in &trials {
        let found = diagnose(seen, &Known::new());
        let same = &by_answers[&(kind.name(), told.clone())];
        let first = found.candidates.first().map(|one| one.cause);
        let right = first.is_some_and(|first| first == row.cause || same.contains(&first));
        match (right, first == Some(row.cause)) {
            (true, true) => alone += 1,
            (true, false) => tied += 1,
            (false, _) => {
                let named: Vec<String> = found
                    .candidates
                    .iter()
                    .take(4)
                    .map(|one| format!("{} {:.3}", one.cause, one.weight))
                    .collect();
                let _ = writeln!(
                    table,
                    "{} ({}): {named:?}\n    {told:?}\n    {:?}",
                    row.cause,
                    kind.name(),
                    found
                        .ruled_out
                        .iter()
                        .filter(|r| r.cause == row.cause)
                        .collect::<Vec<_>>()
                );
                wrong_firsts.push(row.cause);
            }
        }
        for one in &found.candidates {
            if one.certainty >= Certainty::Implied {
                assert!(
                    same.contains(&one.cause),
                    "{}: {} is implied",
                    row.cause,
                    one.cause
                );
            }
        }
    }
    println!(
        "{} trials: {alone} alone first, {tied} in a tie first",
        trials.len()
    );
    assert!(
        wrong_firsts.is_empty(),
        "{} wrong firsts\n{table}",
        wrong_firsts.len()
    );
}

#[test]
fn one_failing_flow_alone_names_it_among_the_candidates() {
    let mut missing = Vec::new();
    for row in CONDITIONS {
        for kind in [AppKind::ExternalClientApp, AppKind::ConnectedApp] {
            let world = wrong(row, kind);
            for grant in row.grants {
                let ran = world.run(*grant, &mut ());
                let seen = from_ran(&ran, kind);
                let makes = ran.end.cause() == Some(row.cause)
                    || ran
                        .uses
                        .iter()
                        .any(|used| used.end.cause() == Some(row.cause));
                if !makes {
                    continue;
                }
                let found = diagnose(&seen, &Known::new());
                if !found.named().any(|cause| cause == row.cause) {
                    missing.push(format!("{} {grant} {}", row.cause, kind.name()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
