//! What can be done: a factor set, an entry added to a list, or an act of the client or of its person that no single factor says.

use crate::factor::{Delta, Factor, FactorKind, Value};
use crate::model::DeltaError;
use crate::oauth::ScopeSet;
use crate::world::World;

/// One act. Sets of them are applied in one order, whatever order they are written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A factor gets a value.
    Set(Delta),
    /// Several factors get values by one act: one record deployed, one assignment made.
    Together(Vec<Delta>),
    /// An entry more in a list: a scope, a callback URL, an address, a profile.
    Add {
        /// Which list.
        factor: Factor,
        /// The entry.
        entry: String,
        /// For a person's list: whose.
        person: Option<String>,
    },
    /// The client asks for this scope; `None` asks for all that the app has.
    Ask(Option<ScopeSet>),
    /// The client sends this redirect URI, in both requests.
    SendRedirectUri(String),
    /// The person logs in again, and the client goes on with the new tokens.
    LogInAgain,
    /// The person proves the identity where a page asks for it.
    SecondFactor,
    /// The client uses a token from the address that took it.
    UseFromThere,
}

/// What the history of a refresh token is made of; a new login ends it.
pub(super) const HISTORY: &[Factor] = &[
    Factor::RefreshTokenAge,
    Factor::RefreshTokenIdle,
    Factor::RefreshTokenRevoked,
    Factor::ApprovalCount,
    Factor::RefreshTokenSent,
];

impl Change {
    /// Makes it so. `Err` where a value does not fit its factor, or the world has no such person.
    pub fn apply(&self, world: &mut World) -> Result<(), DeltaError> {
        match self {
            Self::Set(delta) => set(world, delta)?,
            Self::Together(deltas) => {
                for delta in deltas {
                    set(world, delta)?;
                }
            }
            Self::Add { .. } => {
                for delta in self.deltas(world) {
                    set(world, &delta)?;
                }
            }
            Self::Ask(scope) => {
                set(world, &Delta::new(Factor::ScopeAsked, "granted by the app"))?;
                world.client.scope.clone_from(scope);
            }
            Self::SendRedirectUri(url) => {
                set(world, &Delta::new(Factor::RedirectUri, "right"))?;
                world.client.redirect_uri.clone_from(url);
            }
            Self::LogInAgain => {
                for factor in HISTORY {
                    set(world, &Delta::new(*factor, healthy(*factor)))?;
                }
                world.client.approved_before_switch = false;
            }
            Self::SecondFactor => world.client.verifies = true,
            Self::UseFromThere => world.client.uses_from = world.client.address,
        }
        Ok(())
    }

    /// The values that it sets in a world; none for an act of a person that no factor says.
    pub fn deltas(&self, world: &World) -> Vec<Delta> {
        match self {
            Self::Set(delta) => vec![delta.clone()],
            Self::Together(deltas) => deltas.clone(),
            Self::Add {
                factor,
                entry,
                person,
            } => {
                let mut entries = entries(world, *factor, person.as_deref());
                if !entries.contains(entry) {
                    entries.push(entry.clone());
                }
                vec![Delta {
                    factor: *factor,
                    value: Value::Names(entries),
                    person: person.clone(),
                }]
            }
            Self::Ask(_)
            | Self::SendRedirectUri(_)
            | Self::LogInAgain
            | Self::SecondFactor
            | Self::UseFromThere => Vec::new(),
        }
    }

    /// Whether two acts write the same value, so that the later would undo the earlier.
    pub fn conflicts(&self, other: &Self) -> bool {
        if let (Self::Add { .. }, Self::Add { .. }) = (self, other) {
            return self == other;
        }
        let theirs = other.writes();
        self.writes().iter().any(|(factor, person)| {
            theirs.iter().any(|(other, whose)| {
                factor == other && (person.is_none() || whose.is_none() || person == whose)
            })
        })
    }

    /// What it writes, and whose.
    fn writes(&self) -> Vec<(Factor, Option<&str>)> {
        match self {
            Self::Set(delta) => vec![(delta.factor, delta.person.as_deref())],
            Self::Together(deltas) => deltas
                .iter()
                .map(|delta| (delta.factor, delta.person.as_deref()))
                .collect(),
            Self::Add { factor, person, .. } => vec![(*factor, person.as_deref())],
            Self::Ask(_) => vec![(Factor::ScopeAsked, None)],
            Self::SendRedirectUri(_) => vec![(Factor::RedirectUri, None)],
            Self::LogInAgain => HISTORY.iter().map(|factor| (*factor, None)).collect(),
            // No factor stands for these two: the name of the page, or of the place, keeps them apart from all others.
            Self::SecondFactor => vec![(Factor::MfaUiLogin, Some("(the person)"))],
            Self::UseFromThere => vec![(Factor::SourceAddress, Some("(the use)"))],
        }
    }

    /// The settings first, then people, then what an approval holds, which depends on both, then the client.
    fn phase(&self) -> (u8, u8) {
        let of = |factor: Factor| match factor.kind() {
            FactorKind::App => 0,
            FactorKind::Org => 1,
            FactorKind::Person if factor == Factor::Approval => 3,
            FactorKind::Person => 2,
            FactorKind::Request | FactorKind::Environment => 4,
        };
        match self {
            Self::Set(delta) => (of(delta.factor), 0),
            Self::Together(deltas) => (
                deltas
                    .iter()
                    .map(|delta| of(delta.factor))
                    .min()
                    .unwrap_or(0),
                0,
            ),
            // On what was set.
            Self::Add { factor, .. } => (of(*factor), 1),
            _ => (5, 0),
        }
    }
}

/// A world after a set of acts. An act that a world cannot take is left out.
pub fn after<'c>(world: &World, changes: impl IntoIterator<Item = &'c Change>) -> World {
    let mut world = world.clone();
    let mut changes: Vec<&Change> = changes.into_iter().collect();
    changes.sort_by_key(|change| change.phase());
    for change in changes {
        let _ = change.apply(&mut world);
    }
    world
}

/// Sets a factor as a what-if means it: a rotated key or secret is new in the org, and the client goes on with the old.
pub fn set(world: &mut World, delta: &Delta) -> Result<(), DeltaError> {
    world.set(delta)?;
    let rotated = delta.value.as_word() == Some("rotated");
    match delta.factor {
        Factor::ConsumerKey if rotated => world.set(&Delta::new(Factor::ClientId, "former")),
        Factor::ConsumerSecret if rotated => world.set(&Delta::new(Factor::ClientSecret, "former")),
        _ => Ok(()),
    }
}

/// The healthy word of a factor of the request or the environment: the first of its table.
pub(super) fn healthy(factor: Factor) -> &'static str {
    factor.values().split('|').next().unwrap_or_default()
}

/// The entries of a list in a world.
pub(super) fn entries(world: &World, factor: Factor, person: Option<&str>) -> Vec<String> {
    let person = person.map_or_else(|| world.user(), |name| world.org.person(name));
    let value = crate::model::read(&world.org, factor, person, crate::world::NOW);
    match value {
        Some(Value::Names(names)) => names,
        _ => Vec::new(),
    }
}
