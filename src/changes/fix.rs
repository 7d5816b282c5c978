//! What lets a flow pass again that a change breaks, in one sentence.

use super::flows::flip;
use super::party::listed;
use crate::factor::{Factor, FactorKind};
use crate::what_if::{Flip, Outcome, Remedy, Want, Why, after, name, remedies};
use crate::world::World;

/// As many acts, one after another, are searched for.
const MOST: usize = 4;

/// The narrowest acts after which a flow comes out no worse than before; `None` where none are found.
///
/// `world` is the one after. Of users nobody knows more than what the app asks of them, so that an assignment is told without a name. `instead` is
/// what a client of its own sort can do; beside it stands what the settings can do for it.
pub(super) fn fix(
    world: &World,
    want: &Want,
    before: &Outcome,
    instead: Option<&str>,
) -> Option<String> {
    let Some(instead) = instead else {
        return acts(world, want, before, |_| true);
    };
    let settings = acts(world, want, before, |remedy| {
        matches!(remedy.factor.kind(), FactorKind::App | FactorKind::Org)
    });
    Some(match settings {
        Some(settings) => format!("{instead}, or {settings}"),
        None => instead.to_owned(),
    })
}

fn acts(
    world: &World,
    want: &Want,
    before: &Outcome,
    may: impl Fn(&Remedy) -> bool,
) -> Option<String> {
    let mut world = world.clone();
    let mut does: Vec<String> = Vec::new();
    let as_before = |world: &World| {
        let outcome = Outcome::of(world, want, &want.run(world).0);
        flip(before, &outcome) != Flip::Breaks
    };
    while does.len() < MOST {
        let problem = want.problem(&world)?;
        let mut found = remedies(&world, &problem, want);
        found.retain(&may);
        let whole = found
            .iter()
            .find(|remedy| as_before(&after(&world, [&remedy.change])));
        let next = whole.or(found.first())?;
        does.push(if problem.factor == Factor::UserPermissionSets {
            admission(&world, want)
        } else if matches!(next.factor.kind(), FactorKind::App | FactorKind::Org) {
            format!("{} ({})", next.does, name(next.factor))
        } else {
            next.does.clone()
        });
        world = after(&world, [&next.change]);
        if whole.is_some() {
            return Some(does.join("; then "));
        }
    }
    None
}

/// How users come on the list of an app.
fn admission(world: &World, want: &Want) -> String {
    if let Some(listed) = listed(world) {
        return format!("passes for users who have {listed}; assign it before the deploy");
    }
    let actor = want.actor(world).and_then(|name| world.org.person(&name));
    let held = actor.and_then(|id| world.org.people[id.0].permission_sets.first());
    let such = held.map_or_else(String::new, |set| format!(" ({set}, say)"));
    format!(
        "list a permission set{such} in commaSeparatedPermissionSet, and assign it to its users before the deploy"
    )
}

/// An app that lists nobody lets nobody pass, whatever its users have.
pub(super) fn say_nobody(why: &mut Why, world: &World) {
    if why.check == name(Factor::UserPermissionSets) && listed(world).is_none() {
        "an app that lists no profile and no permission set".clone_into(&mut why.found);
        why.needed = "a list: without one nobody passes";
    }
}
