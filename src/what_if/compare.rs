//! A world beside the same world with changes: which grants of which users flip, and which check decides.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::{Change, after};
use super::names;
use super::others::others;
use super::outcome::{Outcome, endpoint, id};
use super::want::{Problem, Want, run_as};
use crate::cause::CauseId;
use crate::exchange::Endpoint;
use crate::factor::{Delta, Factor, FactorKind};
use crate::oauth::GrantKind;
use crate::world::World;

/// How a grant of a user comes out in two worlds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cell {
    /// Which grant.
    pub grant: &'static str,
    /// Who acts; for client credentials the run-as user, or `(nobody)`.
    pub user: String,
    /// What became of it.
    pub before: Outcome,
    /// What becomes of it.
    pub after: Outcome,
    /// How it flips.
    pub flip: Flip,
    /// The check that decides: of the world after, or where it passes there, of the world before. `null` where it passes in both.
    pub why: Option<Why>,
}

/// How a grant flips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flip {
    /// It comes out as before.
    None,
    /// It passed, and no longer does.
    Breaks,
    /// It did not pass, and now does.
    Mends,
    /// It passes in neither, for another cause or at another place.
    OtherCause,
    /// It passes in both, but a use that does not count changes.
    Uses,
}

impl Flip {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Breaks => "breaks",
            Self::Mends => "mends",
            Self::OtherCause => "other_cause",
            Self::Uses => "uses",
        }
    }
}

/// The check that decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Why {
    /// The cause that it names.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub cause: CauseId,
    /// The factor that it reads, as a what-if takes it.
    pub check: String,
    /// The words on the Setup page.
    pub label: &'static str,
    /// `Type.field` of metadata.
    pub field: &'static str,
    /// The endpoint.
    #[serde(serialize_with = "endpoint")]
    #[schemars(with = "String")]
    pub at: Endpoint,
    /// The stage of the flow.
    pub stage: &'static str,
    /// What it found.
    pub found: String,
    /// What it needed.
    pub needed: &'static str,
}

impl From<Problem> for Why {
    fn from(problem: Problem) -> Self {
        Self {
            cause: problem.cause,
            check: names::name(problem.factor),
            label: problem.factor.label(),
            field: problem.factor.field(),
            at: problem.at,
            stage: problem.stage.name(),
            found: problem.found,
            needed: problem.needed,
        }
    }
}

/// Compares two worlds, for each grant and each user who can act in it in either. `users`: only these; all without it.
pub fn compare(
    before: &World,
    after: &World,
    grants: &[GrantKind],
    users: Option<&[String]>,
) -> Vec<Cell> {
    let mut cells = Vec::new();
    for grant in grants {
        for user in acting(&[before, after], *grant) {
            if users.is_none_or(|users| users.contains(&user)) {
                cells.push(cell(before, after, *grant, &user));
            }
        }
    }
    cells
}

fn cell(before: &World, after: &World, grant: GrantKind, user: &str) -> Cell {
    let want = Want::new(grant, user);
    let ran = |world: &World| {
        let (ran, checks) = want.run(world);
        let problem = want.problem_of(world, &ran, &checks);
        (Outcome::of(world, &want, &ran), problem)
    };
    let (was, old_problem) = ran(before);
    let (is, new_problem) = ran(after);
    let flip = match (was.passes(), is.passes()) {
        _ if was == is => Flip::None,
        (true, false) => Flip::Breaks,
        (false, true) => Flip::Mends,
        (false, false) => Flip::OtherCause,
        (true, true) => Flip::Uses,
    };
    Cell {
        grant: grant.name(),
        user: shown(before, after, grant, user),
        before: was,
        after: is,
        flip,
        why: new_problem.or(old_problem).map(Why::from),
    }
}

/// The name of the user of a cell: a run-as user may be another one after the change.
fn shown(before: &World, after: &World, grant: GrantKind, user: &str) -> String {
    if grant != GrantKind::ClientCredentials {
        return names::short(user).to_owned();
    }
    let of = |world: &World| {
        run_as(world).map_or(names::NOBODY.to_owned(), |id| {
            names::short(&world.org.people[id.0].username).to_owned()
        })
    };
    let (was, is) = (of(before), of(after));
    if was == is {
        was
    } else {
        format!("{was} → {is}")
    }
}

/// Who can act in a grant: for client credentials the run-as user alone, in a browser whoever may log in there.
pub fn acting(worlds: &[&World], grant: GrantKind) -> Vec<String> {
    if grant == GrantKind::ClientCredentials {
        let user = worlds
            .iter()
            .find_map(|world| Some(world.org.people[run_as(world)?.0].username.clone()));
        return vec![user.unwrap_or_default()];
    }
    // A refresh token comes of a browser flow, too.
    let in_a_browser = grant.asks_the_person() || grant == GrantKind::RefreshToken;
    let mut users = Vec::new();
    for world in worlds {
        for person in &world.org.people {
            let can = !in_a_browser || !person.api_only;
            if can && !users.contains(&person.username) {
                users.push(person.username.clone());
            }
        }
    }
    users
}

/// One value of one factor changed alone, and the wants that come out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// The change.
    pub change: Delta,
    /// Which wants flip, by place, and what becomes of each.
    pub flips: Vec<(usize, Outcome)>,
}

/// Every what-if of a single factor: each other value of each factor, for each want. A person's factor is changed for one user at a time.
pub fn singles(world: &World, wants: &[Want]) -> Vec<Single> {
    let outcome = |world: &World, want: &Want| {
        let ran = world.run_for(world.org.person(&want.user), want.grant, &mut ());
        Outcome::of(world, want, &ran)
    };
    let base: Vec<Outcome> = wants.iter().map(|want| outcome(world, want)).collect();
    let mut users: Vec<String> = Vec::new();
    for user in wants.iter().filter_map(|want| want.actor(world)) {
        if !users.contains(&user) {
            users.push(user);
        }
    }
    let mut singles = Vec::new();
    for factor in Factor::ALL {
        let whose: Vec<Option<&str>> = if factor.kind() == FactorKind::Person {
            users.iter().map(|user| Some(user.as_str())).collect()
        } else {
            // What a list of users or profiles can hold is read off the first of them.
            vec![users.first().map(String::as_str)]
        };
        for change in whose
            .into_iter()
            .flat_map(|person| others(world, *factor, person))
        {
            let changed = after(world, [&Change::Set(change.clone())]);
            let flips = wants
                .iter()
                .zip(&base)
                .enumerate()
                .filter_map(|(place, (want, base))| {
                    let turned = outcome(&changed, want);
                    (turned != *base).then_some((place, turned))
                })
                .collect();
            singles.push(Single { change, flips });
        }
    }
    singles
}
