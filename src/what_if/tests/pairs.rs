//! Every pair of causes: both come to light, the proposed set clears them, none of its parts does, and no other set opens less.

use super::*;
use crate::factor::Factor;
use crate::what_if::acts::acts;
use crate::what_if::blockers::apply;
use crate::what_if::remedy::deciding;

/// Two rows that can hold together, the world in which they do, and the grants that show them.
struct Pair {
    rows: [&'static Modelled; 2],
    world: World,
    wants: Vec<Want>,
}

/// Why two rows make no pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NoPair {
    /// One factor would need two values.
    OneFactor,
    /// One shows only at a connected app, and the other only at an External Client App.
    Kinds,
}

/// What a row writes: its conditions, and what the client is made to do beside them.
fn writes(row: &Modelled) -> Vec<(Factor, &'static str)> {
    let mut written = Vec::new();
    for Condition { factor, value } in row.conditions {
        written.push((*factor, *value));
        match (*factor, *value) {
            // The client asks for one scope more, by name.
            (Factor::Scopes, "without the one asked for") | (Factor::CustomScopes, _) => {
                written.push((Factor::ScopeAsked, row.cause.name()));
            }
            (Factor::ConsumerSecret, _) => written.push((Factor::ClientSecret, "former")),
            _ => {}
        }
    }
    if row.cause == CauseId::EnforceIpEveryRequest {
        // The token is taken inside the ranges, and used outside.
        for (factor, value) in &mut written {
            if *factor == Factor::LoginIpRanges {
                *value = "with the address that took the token";
            }
        }
    }
    written
}

fn pair(a: &'static Modelled, b: &'static Modelled) -> Result<Pair, NoPair> {
    let (of_a, of_b) = (writes(a), writes(b));
    let clash = of_a
        .iter()
        .any(|one| of_b.iter().any(|other| one.0 == other.0 && one != other));
    if clash {
        return Err(NoPair::OneFactor);
    }
    let kind = if kind(a) == kind(b) {
        kind(a)
    } else {
        AppKind::ConnectedApp
    };
    let alone = |row: &'static Modelled| {
        let mut world = World::healthy(kind);
        put(&mut world, row);
        wants(row)
            .into_iter()
            .filter(|want| {
                want.problem(&world)
                    .is_some_and(|problem| problem.cause == row.cause)
            })
            .collect::<Vec<Want>>()
    };
    let (of_a, of_b) = (alone(a), alone(b));
    let (Some(first), Some(second)) = (of_a.first(), of_b.first()) else {
        return Err(NoPair::Kinds);
    };
    let mut world = World::healthy(kind);
    put(&mut world, a);
    put(&mut world, b);
    let together = of_a
        .iter()
        .find_map(|one| Some((one, of_b.iter().find(|other| other.grant == one.grant)?)));
    let wants = match together {
        // In one grant the second is seen only when the first is lifted.
        Some((one, other)) => vec![Want {
            uses: if one.uses == other.uses {
                one.uses
            } else {
                &[Endpoint::Rest, Endpoint::Introspect, Endpoint::Revoke]
            },
            ..one.clone()
        }],
        None => vec![first.clone(), second.clone()],
    };
    Ok(Pair {
        rows: [a, b],
        world,
        wants,
    })
}

/// Why a cause of a pair does not come to light beside the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hidden {
    /// The act that lifts the other lifts it too.
    OneAct,
    /// The value that makes the other, or lifts it, leaves nothing to decide for its own.
    Moot,
    /// Both are names of what one check finds.
    OneCheck,
}

impl Pair {
    /// Why a row did not come to light; `None` where there is no reason, and so a mistake.
    fn hidden(&self, row: &'static Modelled, fix: &Fix) -> Option<Hidden> {
        let mut alone = World::healthy(self.world.kind());
        put(&mut alone, row);
        let other = self.rows.into_iter().find(|one| *one != row)?;
        let mut beside = World::healthy(self.world.kind());
        put(&mut beside, other);
        for want in &self.wants {
            let Some(problem) = want.problem(&alone) else {
                continue;
            };
            let lifts = |remedy: &Remedy| want.passes(&after(&alone, [&remedy.change]));
            if fix.remedies.iter().any(lifts) {
                return Some(Hidden::OneAct);
            }
            if let Some(theirs) = want.problem(&beside)
                && (theirs.at, theirs.stage) == (problem.at, problem.stage)
                && deciding(&theirs).contains(&problem.factor)
            {
                return Some(Hidden::OneCheck);
            }
            // Everything passes although nobody touched what makes it.
            let fixed = apply(&self.world, &fix.remedies);
            let untouched = row
                .conditions
                .iter()
                .all(|condition| fixed.read(condition.factor) == self.world.read(condition.factor));
            if untouched {
                return Some(Hidden::Moot);
            }
        }
        None
    }

    /// Every sensible act on any factor, for any of the wants.
    fn universe(&self, wants: &[Want]) -> Vec<Remedy> {
        let mut all: Vec<Remedy> = Vec::new();
        for want in wants {
            for factor in Factor::ALL {
                for act in acts(&self.world, *factor, want) {
                    if !all.iter().any(|one| one.change == act.change) {
                        all.push(act);
                    }
                }
            }
        }
        all
    }

    /// What is wrong with a proposal; empty where nothing is.
    fn judge(&self) -> Vec<String> {
        let found = blockers(&self.world, &self.wants);
        let wants: Vec<Want> = self
            .wants
            .iter()
            .filter(|want| !found.stuck.iter().any(|stuck| stuck.grant == want.grant))
            .cloned()
            .collect();
        let mut wrong = Vec::new();
        let names = format!("{} + {}", row_name(self.rows[0]), row_name(self.rows[1]));
        let Some(fix) = &found.fix else {
            if !wants.is_empty() {
                wrong.push(format!("{names}: no fix"));
            }
            return wrong;
        };
        let shown = |row: &&'static Modelled| {
            found
                .blockers
                .iter()
                .any(|one| one.problem.cause == row.cause)
        };
        for row in self.rows.into_iter().filter(|row| !shown(row)) {
            if self.hidden(row, fix).is_none() {
                wrong.push(format!("{names}: {} is lost without a reason", row.cause));
            }
        }
        let pass = |set: &[&Remedy]| {
            let world = after(&self.world, set.iter().map(|remedy| &remedy.change));
            wants.iter().all(|want| want.passes(&world))
        };
        let proposed: Vec<&Remedy> = fix.remedies.iter().collect();
        if !pass(&proposed) {
            wrong.push(format!("{names}: the proposed set does not pass"));
        }
        if !fix.smallest {
            wrong.push(format!("{names}: more than {LARGEST} acts"));
        }
        let size = proposed.len();
        let universe = self.universe(&wants);
        for smaller in 0..size {
            for set in sets(&universe, smaller) {
                if pass(&set) {
                    wrong.push(format!("{names}: a smaller set passes: {set:?}"));
                }
            }
        }
        let opening = fix.opening();
        let narrow: Vec<Remedy> = universe
            .into_iter()
            .filter(|act| act.breadth <= opening.widest())
            .collect();
        for set in sets(&narrow, size) {
            let less = Opening::of(set.iter().map(|act| act.breadth)) < opening;
            if less && pass(&set) {
                wrong.push(format!("{names}: {set:?} opens less than {proposed:?}"));
            }
        }
        wrong
    }
}

/// All sets of one size without acts that undo one another.
fn sets(acts: &[Remedy], size: usize) -> Vec<Vec<&Remedy>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in acts.iter().enumerate() {
        for mut rest in sets(&acts[at + 1..], size - 1) {
            if !rest
                .iter()
                .any(|other| other.change.conflicts(&first.change))
            {
                rest.push(first);
                all.push(rest);
            }
        }
    }
    all
}

/// Judges the pairs of which the first row has this remainder by two, so that two cores share the work.
fn judge_half(half: usize) {
    let mut no = std::collections::BTreeMap::new();
    let mut judged = 0;
    let mut wrong = Vec::new();
    for (at, a) in CONDITIONS
        .iter()
        .enumerate()
        .filter(|(at, _)| at % 2 == half)
    {
        for b in &CONDITIONS[at + 1..] {
            match pair(a, b) {
                Err(why) => *no.entry(why).or_insert(0_usize) += 1,
                Ok(pair) => {
                    judged += 1;
                    wrong.extend(pair.judge());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    // What cannot hold together is rare: the test is about the rest.
    let left_out: usize = no.values().sum();
    assert!(
        judged > 4_000 && left_out < 100,
        "{judged} judged, left out: {no:?}"
    );
}

#[test]
fn every_pair_of_causes_comes_to_light_and_is_cleared_by_the_smallest_set_that_opens_least() {
    judge_half(0);
}

#[test]
fn every_other_pair_of_causes_too() {
    judge_half(1);
}
