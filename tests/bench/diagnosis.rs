//! What a diagnosis costs: of one failing flow, of a battery of all grants, of two faults at once, of a field report; and a world run whole.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use grantproof::cause::{AppKind, Condition};
use grantproof::diagnosis::{Suspect, diagnose, diagnose_report, questions};
use grantproof::evidence::{Observation, from_case, from_ran};
use grantproof::factor::{Factor, Known};
use grantproof::oauth::GrantKind;
use grantproof::world::World;

const KIND: AppKind = AppKind::ExternalClientApp;

fn wrong(conditions: &[(Factor, &'static str)]) -> World {
    let mut world = World::healthy(KIND);
    for (factor, value) in conditions {
        let condition = Condition {
            factor: *factor,
            value,
        };
        world.put(&condition, None).expect("a word of the table");
    }
    world
}

fn battery(world: &World) -> Vec<Observation> {
    world
        .run_all()
        .iter()
        .flat_map(|ran| from_ran(ran, KIND))
        .collect()
}

fn diagnoses(c: &mut Criterion) {
    let zero = wrong(&[(Factor::RefreshTokenPolicy, "Zero")]);
    let refused = from_ran(&zero.run(GrantKind::RefreshToken, &mut ()), KIND);
    let known = Known::new();
    c.bench_function("diagnose one refused refresh", |b| {
        b.iter(|| diagnose(black_box(&refused), &known));
    });
    let all = battery(&zero);
    c.bench_function("diagnose a battery of all grants, one fault", |b| {
        b.iter(|| diagnose(black_box(&all), &known));
    });
    let two = battery(&wrong(&[
        (Factor::RefreshTokenPolicy, "Zero"),
        (Factor::Certificate, "absent"),
    ]));
    c.bench_function("diagnose a battery of all grants, two faults", |b| {
        b.iter(|| diagnose(black_box(&two), &known));
    });
    let text = include_str!("../data/cases/036-airbyte-rotation-not-persisted.toml");
    let report = from_case("case", text).expect("a case");
    c.bench_function("diagnose a field report", |b| {
        b.iter(|| diagnose_report(black_box(&report)));
    });
    let suspects: Vec<Suspect> = diagnose(&refused, &known)
        .candidates
        .iter()
        .map(|one| Suspect {
            cause: one.cause,
            weight: one.weight,
        })
        .collect();
    let base = World::healthy(KIND);
    c.bench_function("the next question of ten suspects", |b| {
        b.iter(|| {
            questions(
                black_box(&suspects),
                &base,
                Some(GrantKind::RefreshToken),
                &[GrantKind::RefreshToken],
            )
        });
    });
    c.bench_function("run all grants of a world", |b| {
        b.iter(|| black_box(&base).run_all());
    });
}

criterion_group!(benches, diagnoses);
criterion_main!(benches);
