//! What `what-if --format json` writes.

use schemars::JsonSchema;
use serde::Serialize;

use super::acts::Remedy;
use super::blockers::{Blocker, Blockers, Fix};
use super::compare::{Cell, Single, Why};
use super::layout::hang_words;
use super::names;
use super::others::value;
use super::outcome::Outcome;
use super::remedy::no_setting_helps;
use super::tree::Tree;
use super::want::Want;
use crate::cause::CauseId;
use crate::factor::Delta;
use crate::world::World;

/// The version of these shapes. Raised when a field changes its meaning or goes, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// The answer to a what-if.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Document {
    /// The version of these shapes.
    pub schema_version: u32,
    /// What was changed.
    pub baseline: Baseline,
    /// The changes, in the order in which they were given.
    pub changes: Vec<Value>,
    /// Each grant of each user, before and after.
    pub cells: Vec<Cell>,
    /// Each change of one value that flips a grant; empty where changes were given.
    pub singles: Vec<SingleView>,
    /// The trees of the world after; empty where none was asked for.
    pub trees: Vec<Tree>,
    /// Grants that are switched off before and after, and so were not taken for wanted when blockers were looked for.
    pub left_out: Vec<&'static str>,
    /// What stands in the way in the world after; `null` where it was not asked for.
    pub blockers: Option<BlockersView>,
}

/// A change of one value, and what it flips.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SingleView {
    /// The change, as a what-if takes it.
    pub change: String,
    /// The grants that come out otherwise.
    pub flips: Vec<FlipView>,
}

/// A grant that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlipView {
    /// Which grant.
    pub grant: &'static str,
    /// Whose.
    pub user: String,
    /// What becomes of it.
    pub outcome: Outcome,
}

impl SingleView {
    /// The changes that flip something, as they are written.
    pub fn of(world: &World, wants: &[Want], singles: Vec<Single>) -> Vec<Self> {
        singles
            .into_iter()
            .filter(|single| !single.flips.is_empty())
            .map(|single| Self {
                change: names::say(&single.change),
                flips: single
                    .flips
                    .into_iter()
                    .map(|(place, outcome)| FlipView {
                        grant: wants[place].grant.name(),
                        user: names::short(&wants[place].actor(world).unwrap_or_default())
                            .to_owned(),
                        outcome,
                    })
                    .collect(),
            })
            .collect()
    }

    /// The change, and by what comes out which grants it flips; in one paragraph a line.
    pub fn to_text(&self, width: usize) -> String {
        let mut text = String::new();
        hang_words("", &self.change, width, &mut text);
        let mut ends: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
        for flip in &self.flips {
            let end = flip.outcome.cause.map_or("passes", CauseId::name);
            let who = (flip.grant, flip.user.as_str());
            match ends.iter_mut().find(|(own, _)| *own == end) {
                Some((_, whose)) => whose.push(who),
                None => ends.push((end, vec![who])),
            }
        }
        for (end, whose) in ends {
            let line = format!("{end}: {}", names::whose(whose));
            hang_words("    ", &line, width, &mut text);
        }
        text
    }
}

/// The world that a what-if begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Baseline {
    /// `healthy`, or the file or folder that it was read from.
    pub source: String,
    /// The app.
    pub app: String,
    /// `external_client_app` or `connected_app`.
    pub kind: &'static str,
    /// What had to be assumed, in sentences.
    pub assumed: Vec<String>,
}

/// A value that is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Value {
    /// The factor, as a what-if takes it.
    pub factor: String,
    /// The words on the Setup page.
    pub label: &'static str,
    /// `Type.field` of metadata.
    pub field: &'static str,
    /// Whose; `null` for all users, or what is no person's.
    pub person: Option<String>,
    /// The value.
    pub value: String,
    /// The value that it had before; `null` where none was set, or where it is not one alone.
    pub was: Option<String>,
}

impl Value {
    /// A change of a world; for a factor of all users, beside what the user of the client had.
    pub fn of(world: &World, delta: &Delta) -> Self {
        let person = delta.person.as_deref().or(Some(&world.client.person));
        Self {
            factor: names::name(delta.factor),
            label: delta.factor.label(),
            field: delta.factor.field(),
            person: delta
                .person
                .as_deref()
                .map(|person| names::short(person).to_owned()),
            value: delta.value.to_string(),
            was: value(world, delta.factor, person).map(|was| was.to_string()),
        }
    }
}

/// What stands in the way, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlockersView {
    /// Every blocker.
    pub blockers: Vec<BlockerView>,
    /// The smallest set of changes that opens least; `null` where nothing blocks, or nothing helps.
    pub fix: Option<FixView>,
    /// What no change lets pass.
    pub stuck: Vec<StuckView>,
}

/// One blocker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlockerView {
    /// The check.
    #[serde(flatten)]
    pub why: Why,
    /// The grants that it blocks.
    pub blocks: Vec<Blocked>,
    /// What lifts it alone, narrowest first.
    pub remedies: Vec<RemedyView>,
    /// Why no setting helps; `null` where one does.
    pub no_setting_helps: Option<&'static str>,
}

/// A grant of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blocked {
    /// Which grant.
    pub grant: &'static str,
    /// Whose.
    pub user: String,
}

/// A set of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FixView {
    /// Whether no smaller set does it, and none of this size opens less.
    pub smallest: bool,
    /// The rank of its widest change, from 0: nothing opens.
    pub rank: u8,
    /// The changes.
    pub remedies: Vec<RemedyView>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RemedyView {
    /// What a person does.
    pub does: String,
    /// What it loosens.
    pub loosens: String,
    /// How far it reaches.
    pub breadth: &'static str,
    /// The rank of that, from 0: nothing opens.
    pub rank: u8,
    /// Why it has that rank.
    pub reason: &'static str,
    /// The words on the Setup page.
    pub label: &'static str,
    /// `Type.field` of metadata.
    pub field: &'static str,
    /// The values that it sets; empty where a person acts.
    pub sets: Vec<Value>,
}

/// A grant that no change lets pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StuckView {
    /// Which grant.
    pub grant: &'static str,
    /// Whose.
    pub user: String,
    /// The cause that stays.
    pub cause: &'static str,
    /// Why nothing helps.
    pub reason: &'static str,
}

impl BlockersView {
    /// Blockers of a world as they are written.
    pub fn of(world: &World, blockers: &Blockers) -> Self {
        let remedies =
            |list: &[Remedy]| list.iter().map(|one| RemedyView::of(world, one)).collect();
        let blocker = |blocker: &Blocker| BlockerView {
            why: Why::from(blocker.problem.clone()),
            blocks: blocker
                .blocks
                .iter()
                .map(|(grant, user)| Blocked {
                    grant: grant.name(),
                    user: names::short(user).to_owned(),
                })
                .collect(),
            remedies: remedies(&blocker.remedies),
            no_setting_helps: no_setting_helps(blocker.problem.cause),
        };
        let fix = |fix: &Fix| FixView {
            smallest: fix.smallest,
            rank: fix.opening().widest().rank(),
            remedies: remedies(&fix.remedies),
        };
        Self {
            blockers: blockers.blockers.iter().map(blocker).collect(),
            fix: blockers.fix.as_ref().map(fix),
            stuck: blockers
                .stuck
                .iter()
                .map(|stuck| StuckView {
                    grant: stuck.grant.name(),
                    user: names::short(&stuck.user).to_owned(),
                    cause: stuck.problem.cause.name(),
                    reason: stuck.reason,
                })
                .collect(),
        }
    }
}

impl RemedyView {
    fn of(world: &World, remedy: &Remedy) -> Self {
        Self {
            does: remedy.does.clone(),
            loosens: remedy.loosens.clone(),
            breadth: remedy.breadth.name(),
            rank: remedy.breadth.rank(),
            reason: remedy.breadth.reason(),
            label: remedy.factor.label(),
            field: remedy.factor.field(),
            sets: remedy
                .change
                .deltas(world)
                .iter()
                .map(|delta| Value::of(world, delta))
                .collect(),
        }
    }
}
