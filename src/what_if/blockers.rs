//! What stands in the way of the grants that are wanted: one blocker lifted after another until all is seen, and the smallest set of acts
//! that clears the way; of sets of one size the one that opens least.

use std::collections::HashSet;

use super::acts::{Remedy, acts};
use super::breadth::Opening;
use super::change::{Change, after, healthy};
use super::others::others;
use super::remedy::{Effect, candidates, deciding, effect, no_setting_helps, remedies};
use super::want::{Problem, Want};
use crate::factor::{Delta, FactorKind};
use crate::oauth::GrantKind;
use crate::world::World;

/// The largest set of acts that is searched for.
pub const LARGEST: usize = 4;
/// More blockers than this stand in no grant's way: a guard against going round in circles.
const MOST: usize = 24;

/// What stands in the way, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blockers {
    /// Every blocker, in the order in which they come to light.
    pub blockers: Vec<Blocker>,
    /// The acts that let everything pass that can pass; `None` where nothing has to be done, or nothing helps.
    pub fix: Option<Fix>,
    /// What no act lets pass.
    pub stuck: Vec<Stuck>,
}

/// One blocker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The failing check.
    pub problem: Problem,
    /// Whose grants it blocks.
    pub blocks: Vec<(GrantKind, String)>,
    /// What lifts it alone, narrowest first.
    pub remedies: Vec<Remedy>,
}

/// A grant that no act lets pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Which grant.
    pub grant: GrantKind,
    /// Whose.
    pub user: String,
    /// The blocker that stays.
    pub problem: Problem,
    /// Why nothing helps.
    pub reason: &'static str,
}

/// A set of acts that lets everything pass that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The acts: settings before people before the client.
    pub remedies: Vec<Remedy>,
    /// Whether no smaller set does it, and none of this size opens less. Not so where more than [`LARGEST`] acts are needed.
    pub smallest: bool,
}

impl Fix {
    /// How far the acts open the org together.
    pub fn opening(&self) -> Opening {
        Opening::of(self.remedies.iter().map(|remedy| remedy.breadth))
    }
}

/// Finds every blocker of the grants that are wanted, and the smallest set of acts that opens least.
pub fn blockers(world: &World, wants: &[Want]) -> Blockers {
    let mut found = Blockers {
        blockers: Vec::new(),
        fix: None,
        stuck: Vec::new(),
    };
    let mut hopeful = Vec::new();
    let mut lifted = Vec::new();
    for want in wants {
        let chain = lift(world, want);
        if let Some(stuck) = chain.stuck(want) {
            found.stuck.push(stuck);
        } else {
            hopeful.push(want.clone());
            lifted.extend(chain.links.iter().filter_map(|link| link.act.clone()));
        }
        for link in chain.links {
            found.note(link, want);
        }
    }
    if hopeful.iter().any(|want| !want.passes(world)) {
        found.fix = smallest(world, &hopeful).or_else(|| pruned(world, &hopeful, lifted));
    }
    found
}

impl Blockers {
    /// Adds a blocker, or a grant to one that is known.
    fn note(&mut self, link: Link, want: &Want) {
        let who = (want.grant, link.world_user(want));
        let known = self.blockers.iter_mut().find(|blocker| {
            (blocker.problem.cause, blocker.problem.factor)
                == (link.problem.cause, link.problem.factor)
        });
        match known {
            Some(blocker) => {
                if !blocker.blocks.contains(&who) {
                    blocker.blocks.push(who);
                }
                for remedy in link.remedies {
                    if !blocker
                        .remedies
                        .iter()
                        .any(|one| one.change == remedy.change)
                    {
                        blocker.remedies.push(remedy);
                    }
                }
                blocker.remedies.sort_by_key(|remedy| remedy.breadth);
            }
            None => self.blockers.push(Blocker {
                problem: link.problem,
                blocks: vec![who],
                remedies: link.remedies,
            }),
        }
    }
}

/// The blockers of one grant, each with what lifted it.
pub(super) struct Chain {
    pub(super) links: Vec<Link>,
    /// The world in which all are lifted, or the last one that was reached.
    pub(super) world: World,
    /// Whether the grant passes there.
    pub(super) passes: bool,
}

/// One blocker of a chain.
pub(super) struct Link {
    pub(super) problem: Problem,
    remedies: Vec<Remedy>,
    /// The act that was taken to see behind it; `None` where the value itself was turned.
    act: Option<Remedy>,
    actor: Option<String>,
}

impl Link {
    fn world_user(&self, want: &Want) -> String {
        self.actor.clone().unwrap_or_else(|| want.user.clone())
    }
}

impl Chain {
    /// The first blocker that nothing lifts.
    fn stuck(&self, want: &Want) -> Option<Stuck> {
        let hopeless = |link: &&Link| no_setting_helps(link.problem.cause).is_some();
        let link = self
            .links
            .iter()
            .find(hopeless)
            .or_else(|| self.links.iter().find(|link| link.act.is_none()))
            .or_else(|| self.links.last().filter(|_| !self.passes))?;
        Some(Stuck {
            grant: want.grant,
            user: link.world_user(want),
            problem: link.problem.clone(),
            reason: no_setting_helps(link.problem.cause)
                .unwrap_or("no change that this program knows of lets it pass"),
        })
    }
}

/// Lifts one blocker of a grant after another, each in the narrowest way, until it passes or nothing helps.
pub(super) fn lift(world: &World, want: &Want) -> Chain {
    let mut chain = Chain {
        links: Vec::new(),
        world: world.clone(),
        passes: false,
    };
    while chain.links.len() < MOST {
        let Some(problem) = want.problem(&chain.world) else {
            chain.passes = true;
            break;
        };
        let (next, act) = past(&chain.world, &problem, want);
        chain.links.push(Link {
            remedies: remedies(&chain.world, &problem, want),
            act,
            actor: want.actor(&chain.world),
            problem,
        });
        match next {
            Some(world) => chain.world = world,
            None => break,
        }
    }
    chain
}

/// The world past a problem. What the client did wrong is undone by itself, so that one new login does not hide what else it would heal.
fn past(world: &World, problem: &Problem, want: &Want) -> (Option<World>, Option<Remedy>) {
    let before = want.run(world).1;
    let acts = candidates(world, problem, want);
    let narrowest = |effect: Effect| {
        acts.iter()
            .filter(|(_, own)| *own == effect)
            .map(|(remedy, _)| remedy)
            .min_by_key(|remedy| remedy.breadth)
    };
    let act = narrowest(Effect::Lifts).or_else(|| narrowest(Effect::Moves));
    let of_the_client = matches!(
        problem.factor.kind(),
        FactorKind::Request | FactorKind::Environment
    );
    let own = of_the_client.then(|| Delta::new(problem.factor, healthy(problem.factor)));
    let turned = own
        .into_iter()
        .chain(
            others(world, problem.factor, want.actor(world).as_deref())
                .into_iter()
                .filter(|_| act.is_none()),
        )
        .map(|delta| after(world, [&Change::Set(delta)]))
        .find(|turned| effect(&before, problem, want, turned) == Effect::Lifts);
    let next = turned.or_else(|| act.map(|remedy| after(world, [&remedy.change])));
    (next, act.cloned())
}

/// The smallest set of acts with which all wants pass, and of those of its size the one that opens least. Breadth first over sets of acts
/// that touch what the first failing check reads: a set that lets everything pass touches it at each step, or the check would still fail.
fn smallest(world: &World, wants: &[Want]) -> Option<Fix> {
    let mut frontier: Vec<Vec<Remedy>> = vec![Vec::new()];
    for _ in 0..LARGEST {
        let mut next: Vec<Vec<Remedy>> = Vec::new();
        let mut passing: Vec<Vec<Remedy>> = Vec::new();
        let mut seen = HashSet::new();
        for set in &frontier {
            let changed = apply(world, set);
            let Some((want, problem)) = first_failing(&changed, wants) else {
                continue;
            };
            for factor in deciding(&problem) {
                for act in acts(&changed, factor, want) {
                    if set.iter().any(|own| own.change.conflicts(&act.change)) {
                        continue;
                    }
                    let mut larger = set.clone();
                    larger.push(act);
                    if seen.insert(key(&larger)) {
                        let changed = apply(world, &larger);
                        if wants.iter().all(|want| want.passes(&changed)) {
                            passing.push(larger);
                        } else {
                            next.push(larger);
                        }
                    }
                }
            }
        }
        let narrowest = passing
            .into_iter()
            .min_by_key(|set| Opening::of(set.iter().map(|remedy| remedy.breadth)));
        if let Some(remedies) = narrowest {
            return Some(Fix {
                remedies: in_order(remedies),
                smallest: true,
            });
        }
        frontier = next;
    }
    None
}

/// What the lifting took, without what is not needed.
fn pruned(world: &World, wants: &[Want], lifted: Vec<Remedy>) -> Option<Fix> {
    let mut set: Vec<Remedy> = Vec::new();
    for act in lifted {
        if !set.iter().any(|own| own.change.conflicts(&act.change)) {
            set.push(act);
        }
    }
    let pass = |set: &[Remedy]| {
        let changed = apply(world, set);
        wants.iter().all(|want| want.passes(&changed))
    };
    if !pass(&set) {
        return None;
    }
    // The widest first: what is not needed goes, and of two that would do the narrower stays.
    set.sort_by_key(|remedy| std::cmp::Reverse(remedy.breadth));
    let mut at = 0;
    while at < set.len() {
        let mut without = set.clone();
        without.remove(at);
        if pass(&without) {
            set = without;
        } else {
            at += 1;
        }
    }
    Some(Fix {
        remedies: in_order(set),
        smallest: false,
    })
}

pub(super) fn apply(world: &World, set: &[Remedy]) -> World {
    after(world, set.iter().map(|remedy| &remedy.change))
}

fn first_failing<'w>(world: &World, wants: &'w [Want]) -> Option<(&'w Want, Problem)> {
    wants
        .iter()
        .find_map(|want| Some((want, want.problem(world)?)))
}

/// A set of acts whatever its order.
fn key(set: &[Remedy]) -> Vec<String> {
    let mut key: Vec<String> = set
        .iter()
        .map(|remedy| format!("{:?}", remedy.change))
        .collect();
    key.sort_unstable();
    key
}

/// Settings before people before the client, as a person would go through them.
fn in_order(mut set: Vec<Remedy>) -> Vec<Remedy> {
    set.sort_by_key(|remedy| (remedy.factor.kind(), remedy.factor));
    set
}
