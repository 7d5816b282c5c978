//! One grant as a tree: flow, stage, check, factor. Which factor decides which check, and which would change the outcome, is found by running
//! the world with each other value of each factor.

use schemars::JsonSchema;
use serde::Serialize;

use super::blockers::lift;
use super::change::{Change, after};
use super::names;
use super::others::{others, value};
use super::outcome::{Outcome, endpoint, id};
use super::remedy::{Effect, effect};
use super::want::{Problem, Want};
use crate::cause::{CauseId, Shows};
use crate::exchange::Endpoint;
use crate::factor::{Factor, Value};
use crate::model::Stage;
use crate::world::{Checks, End, Made, Ran, World};

/// How a part of a tree stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It passed, and something is silently missing because of it.
    Lacking,
    /// The flow did not come so far, or, of a stage, not to its end.
    NotReached,
}

impl State {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Lacking => "lacking",
            Self::NotReached => "not_reached",
        }
    }

    /// The mark before a line.
    pub const fn mark(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Failed => '✗',
            Self::Lacking => '!',
            Self::NotReached => '·',
        }
    }
}

/// One grant of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tree {
    /// Which grant.
    pub grant: &'static str,
    /// Whose: for client credentials the run-as user.
    pub user: String,
    /// How it stands.
    pub state: State,
    /// What became of it.
    pub outcome: Outcome,
    /// The stages, in the order in which the flow comes to them.
    pub stages: Vec<StageNode>,
}

/// The checks of one kind at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StageNode {
    /// The endpoint.
    #[serde(serialize_with = "endpoint")]
    #[schemars(with = "String")]
    pub at: Endpoint,
    /// The stage.
    pub stage: &'static str,
    /// How it stands.
    pub state: State,
    /// Its checks, in order.
    pub checks: Vec<CheckNode>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckNode {
    /// What it reads: a key of the factor table.
    pub check: String,
    /// How it stands.
    pub state: State,
    /// What it found; of one that was not reached, what it would find.
    pub found: String,
    /// What it needs.
    pub needed: &'static str,
    /// The cause that a failure names.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub cause: CauseId,
    /// The factors that decide it.
    pub factors: Vec<FactorNode>,
}

/// A factor that decides a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FactorNode {
    /// Its name, as a what-if takes it.
    pub factor: String,
    /// The words on the Setup page.
    pub label: &'static str,
    /// `Type.field` of metadata.
    pub field: &'static str,
    /// Its value; `null` where nothing is set.
    pub value: Option<String>,
    /// Whether another value of it alone changes the outcome of the grant.
    pub relevant: bool,
    /// The values that do, with what comes out.
    pub turns: Vec<Turn>,
}

/// Another value, and what it makes of the grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Turn {
    /// The change, as a what-if takes it.
    pub change: String,
    /// What comes out.
    pub outcome: Outcome,
}

impl CheckNode {
    /// Whether changing any one of its factors changes the outcome.
    pub fn is_relevant(&self) -> bool {
        self.factors.iter().any(|factor| factor.relevant)
    }
}

/// The tree of a want in a world.
pub fn tree(world: &World, want: &Want) -> Tree {
    let (ran, checks) = want.run(world);
    let problem = want.problem_of(world, &ran, &checks);
    let outcome = Outcome::of(world, want, &ran);
    let mut growing = Growing {
        stages: Vec::new(),
        want,
    };
    for made in shown(&checks, want) {
        growing.add(made, state_of(made, &ran));
    }
    for cause in &outcome.lacking {
        growing.lack(world, *cause);
    }
    if let End::NotTried = ran.end
        && let Some(problem) = &problem
    {
        growing.untried(problem);
    }
    // What comes behind the first blocker is seen where it is lifted.
    if let Some(first) = &problem {
        let behind = lift(world, want);
        if behind.passes || behind.links.len() > 1 {
            let (_, later) = want.run(&behind.world);
            for made in shown(&later, want) {
                if (made.at, &made.row.cause) != (first.at, &first.cause) {
                    growing.add(made, State::NotReached);
                }
            }
        }
    }
    growing.factors(world, &checks, &outcome, problem.as_ref());
    Tree {
        grant: want.grant.name(),
        user: match want.actor(world) {
            Some(actor) => names::short(&actor).to_owned(),
            None if want.user.is_empty() => names::NOBODY.to_owned(),
            None => names::short(&want.user).to_owned(),
        },
        state: match (&problem, outcome.passes()) {
            (_, true) => State::Passed,
            (Some(problem), _) if problem.shows == Shows::Silent => State::Lacking,
            _ => State::Failed,
        },
        outcome,
        stages: growing.finish(),
    }
}

/// The checks of the grant and of the uses that count.
fn shown<'c>(checks: &'c Checks, want: &'c Want) -> impl Iterator<Item = &'c Made> {
    checks.made.iter().filter(|made| {
        !matches!(made.at, Endpoint::Introspect | Endpoint::Revoke) || want.uses.contains(&made.at)
    })
}

/// A failed check that did not end the flow was a page that the person answered.
fn state_of(made: &Made, ran: &Ran) -> State {
    let ended_by = |end: &End, at: Endpoint| match end {
        End::Refused { cause, at, .. } => (*cause, *at) == (made.row.cause, made.at),
        End::Page { cause, at, .. } => (*cause, *at) == (Some(made.row.cause), made.at),
        End::Granted { lacking } => lacking.contains(&made.row.cause) && at == made.at,
        End::NotTried => false,
    };
    let failed = ended_by(&ran.end, Endpoint::Token)
        || ran.uses.iter().any(|used| ended_by(&used.end, used.at));
    if !made.row.passed && failed {
        State::Failed
    } else {
        State::Passed
    }
}

/// A tree under way.
struct Growing<'w> {
    stages: Vec<Grown>,
    want: &'w Want,
}

struct Grown {
    at: Endpoint,
    stage: Stage,
    checks: Vec<(Factor, CheckNode)>,
}

impl Growing<'_> {
    /// Adds a check. One that was made before is the same check again; what it comes to the last time counts.
    fn add(&mut self, made: &Made, state: State) {
        let row = &made.row;
        let answered = !row.passed && state == State::Passed;
        let node = CheckNode {
            check: names::name(row.factor),
            state,
            found: if answered {
                format!("{}; the person answered the page", row.found)
            } else {
                row.found.clone()
            },
            needed: row.needed,
            cause: row.cause,
            factors: Vec::new(),
        };
        let checks = &mut self.stage(made.at, row.stage).checks;
        let again = checks
            .iter_mut()
            .find(|(factor, old)| (*factor, old.needed) == (row.factor, row.needed));
        match again {
            // What was reached is not taken back by what lies behind it.
            Some(_) if state == State::NotReached => {}
            Some((_, old)) if old.state == State::Passed && state == State::Passed => {
                if !old.found.split(", ").any(|one| one == node.found) {
                    old.found = format!("{}, {}", old.found, node.found);
                }
            }
            Some((_, old)) => *old = node,
            None => checks.push((row.factor, node)),
        }
    }

    fn stage(&mut self, at: Endpoint, stage: Stage) -> &mut Grown {
        let place = self
            .stages
            .iter()
            .position(|grown| (grown.at, grown.stage) == (at, stage))
            .unwrap_or_else(|| {
                self.stages.push(Grown {
                    at,
                    stage,
                    checks: Vec::new(),
                });
                self.stages.len() - 1
            });
        &mut self.stages[place]
    }

    /// What is silently missing was no check of the server: it stands behind what was.
    fn lack(&mut self, world: &World, cause: CauseId) {
        let problem = super::want::silent(world, cause, Shows::Silent, Endpoint::Token, 0);
        self.told(&problem, State::Lacking);
        // Before the uses, which come after the token.
        let is_use = |grown: &Grown| grown.stage == Stage::Use;
        self.stages.sort_by_key(is_use);
    }

    /// A refresh without a refresh token: nothing was asked.
    fn untried(&mut self, problem: &Problem) {
        self.told(problem, State::Failed);
    }

    fn told(&mut self, problem: &Problem, state: State) {
        let node = CheckNode {
            check: names::name(problem.factor),
            state,
            found: problem.found.clone(),
            needed: problem.needed,
            cause: problem.cause,
            factors: Vec::new(),
        };
        self.stage(problem.at, problem.stage)
            .checks
            .push((problem.factor, node));
    }

    /// Runs the world with each other value of each factor, and hangs the factor under the check that it decides.
    fn factors(
        &mut self,
        world: &World,
        checks: &Checks,
        outcome: &Outcome,
        problem: Option<&Problem>,
    ) {
        let actor = self.want.actor(world);
        for factor in Factor::ALL {
            let mut turns = Vec::new();
            let mut first = None;
            let mut lifts = false;
            for delta in others(world, *factor, actor.as_deref()) {
                let changed = after(world, [&Change::Set(delta.clone())]);
                let (ran, after) = self.want.run(&changed);
                let turned = Outcome::of(&changed, self.want, &ran);
                let parts = parting(checks, &after);
                first = [first, parts].into_iter().flatten().min();
                if turned == *outcome {
                    continue;
                }
                lifts |= problem.is_some_and(|problem| {
                    effect(checks, problem, self.want, &changed) != Effect::None
                });
                turns.push(Turn {
                    change: names::say(&delta),
                    outcome: turned,
                });
            }
            let decides = first.map(|place| &checks.made[place.min(checks.made.len() - 1)]);
            let node = node(world, *factor, actor.as_deref(), turns);
            self.hang(*factor, &node, decides, problem.filter(|_| lifts));
        }
    }

    fn hang(
        &mut self,
        factor: Factor,
        node: &FactorNode,
        decides: Option<&Made>,
        lifts: Option<&Problem>,
    ) {
        for grown in &mut self.stages {
            for (own, check) in &mut grown.checks {
                let place = (grown.at, grown.stage);
                let same = |at: Endpoint, stage: Stage, read: Factor, needed: &str| {
                    place == (at, stage) && *own == read && check.needed == needed
                };
                let parts_here = decides.is_some_and(|made| {
                    same(made.at, made.row.stage, made.row.factor, made.row.needed)
                });
                let lifted = lifts.is_some_and(|problem| {
                    same(problem.at, problem.stage, problem.factor, problem.needed)
                });
                if *own == factor || parts_here || lifted {
                    check.factors.push(node.clone());
                }
            }
        }
    }

    fn finish(self) -> Vec<StageNode> {
        self.stages
            .into_iter()
            .map(|grown| {
                let checks: Vec<CheckNode> =
                    grown.checks.into_iter().map(|(_, check)| check).collect();
                let any = |state: State| checks.iter().any(|check| check.state == state);
                let state = [State::Failed, State::Lacking, State::NotReached]
                    .into_iter()
                    .find(|state| any(*state))
                    .unwrap_or(State::Passed);
                StageNode {
                    at: grown.at,
                    stage: grown.stage.name(),
                    state,
                    checks,
                }
            })
            .collect()
    }
}

fn node(world: &World, factor: Factor, actor: Option<&str>, turns: Vec<Turn>) -> FactorNode {
    FactorNode {
        factor: names::name(factor),
        label: factor.label(),
        field: factor.field(),
        value: value(world, factor, actor)
            .filter(|value| *value != Value::Absent)
            .map(|value| value.to_string()),
        relevant: !turns.is_empty(),
        turns,
    }
}

/// Where two runs part: the place of the first check that came out otherwise, or was not made.
fn parting(one: &Checks, other: &Checks) -> Option<usize> {
    let parts = one
        .made
        .iter()
        .zip(&other.made)
        .position(|(one, other)| one != other);
    parts.or_else(|| {
        let (one, other) = (one.made.len(), other.made.len());
        (one != other).then(|| one.min(other))
    })
}
