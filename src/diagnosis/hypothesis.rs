//! The hypotheses: every wrong value that makes a cause, and every cause that the model does not produce; and what a world in which one
//! of them holds would make of each grant.

use std::sync::LazyLock;

use crate::cause::{AppKind, CONDITIONS, CauseId, Condition, Modelled, OUTSIDE};
use crate::exchange::Endpoint;
use crate::factor::{Delta, FactorKind, Value};
use crate::world::{End, Ran, World};

/// One explanation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hypothesis {
    /// The cause that it is named by.
    pub(super) cause: CauseId,
    /// What must hold; `None` for a cause outside the model.
    pub(super) row: Option<&'static Modelled>,
}

/// Every hypothesis: the rows of the model first, then the causes of Salesforce outside it, then those of RFC servers.
pub(super) fn all() -> &'static [Hypothesis] {
    static ALL: LazyLock<Vec<Hypothesis>> = LazyLock::new(|| {
        let modelled = CONDITIONS.iter().map(|row| Hypothesis {
            cause: row.cause,
            row: Some(row),
        });
        let outside = OUTSIDE.iter().map(|(cause, _)| Hypothesis {
            cause: *cause,
            row: None,
        });
        let rfc = CauseId::ALL
            .iter()
            .filter(|cause| cause.name().starts_with("rfc_"))
            .map(|cause| Hypothesis {
                cause: *cause,
                row: None,
            });
        modelled.chain(outside).chain(rfc).collect()
    });
    &ALL
}

/// The accused value of a factor, and the change that lifts it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// The factor at the accused value, in the words of the table.
    pub from: Condition,
    /// The factor at the value of a healthy org, for everybody.
    pub to: Delta,
}

impl Flip {
    /// Whether a value is the accused one. Words of the table that are no value ("without Api") cannot be compared, and count as so.
    pub fn accuses(&self, value: &Value) -> bool {
        let accused = self.from.value;
        let is_value = matches!(accused, "true" | "false")
            || self
                .from
                .factor
                .values()
                .split('|')
                .any(|word| word == accused);
        !is_value || value.to_string() == accused
    }
}

/// The one change that lifts a cause. `None` for a cause that is no setting of app, org or person.
pub fn flip_of(cause: CauseId) -> Option<Flip> {
    let row = Hypothesis::of(cause)?.row?;
    let wrong = row.conditions.first()?;
    if matches!(
        wrong.factor.kind(),
        FactorKind::Request | FactorKind::Environment
    ) {
        return None;
    }
    let value = World::healthy(AppKind::ExternalClientApp).read(wrong.factor)?;
    Some(Flip {
        from: *wrong,
        to: Delta::new(wrong.factor, value),
    })
}

impl Hypothesis {
    /// The first hypothesis of a cause that the model plays; `None` for a cause outside it.
    pub(super) fn of(cause: CauseId) -> Option<&'static Self> {
        all()
            .iter()
            .find(|one| one.cause == cause && one.forecasts())
    }

    /// Makes it hold in a world.
    pub(super) fn put(&self, world: &mut World) {
        if let Some(row) = self.row {
            // A world that has no such person, or an app that cannot have the value, is not changed: the hypothesis then forecasts nothing.
            let _ = world.put_row(row);
        }
    }

    /// Whether it is about a server that is not Salesforce.
    pub(super) fn is_rfc(&self) -> bool {
        self.cause.name().starts_with("rfc_")
    }

    /// Whether the model knows what becomes of the grant under it.
    pub(super) fn forecasts(&self) -> bool {
        self.row.is_some()
    }

    /// The world in which it holds.
    pub(super) fn world(&self, base: &World) -> World {
        let mut world = base.clone();
        self.put(&mut world);
        world
    }
}

/// A part of a run: the grant itself, or one of the calls with its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Everything until a token comes.
    Grant,
    /// A call with the token.
    Use(Endpoint),
}

impl Part {
    /// The part that answers at an endpoint.
    pub(super) fn of(endpoint: Option<Endpoint>) -> Self {
        match endpoint {
            Some(
                at
                @ (Endpoint::Rest | Endpoint::Userinfo | Endpoint::Introspect | Endpoint::Revoke),
            ) => Self::Use(at),
            Some(Endpoint::Identity) => Self::Use(Endpoint::Userinfo),
            _ => Self::Grant,
        }
    }

    /// How it ended; `None` where it was never reached.
    pub(super) fn end(self, ran: &Ran) -> Option<&End> {
        match self {
            Self::Grant => Some(&ran.end),
            Self::Use(at) => ran
                .uses
                .iter()
                .find(|used| used.at == at)
                .map(|used| &used.end),
        }
    }
}

/// The kinds of app to try: the one that is known, or both.
pub(super) fn kinds(known: Option<AppKind>) -> &'static [AppKind] {
    match known {
        Some(AppKind::ExternalClientApp) => &[AppKind::ExternalClientApp],
        Some(AppKind::ConnectedApp) => &[AppKind::ConnectedApp],
        None => &[AppKind::ExternalClientApp, AppKind::ConnectedApp],
    }
}
