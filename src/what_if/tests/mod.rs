//! What-ifs against the table of conditions: every cause, alone and in pairs.

mod comparisons;
mod pairs;
mod remedies;
mod trees;

use super::*;
use crate::cause::{AppKind, CONDITIONS, CauseId, Condition, Modelled, Shows};
use crate::exchange::Endpoint;
use crate::factor::FactorKind;
use crate::oauth::GrantKind;
use crate::world::{RUN_AS, USER, World};

/// The kind of app that shows a row.
pub(super) fn kind(row: &Modelled) -> AppKind {
    match row.cause {
        CauseId::ConnectedAppUninstalled
        | CauseId::DeviceBlockedUninstalled
        | CauseId::MyDomainHostRequired
        | CauseId::MydomainOnlyLogin => AppKind::ConnectedApp,
        _ => AppKind::ExternalClientApp,
    }
}

/// Makes a row hold in a world: of the run-as user where it is about that one alone, of the user where that one is not in it, else of all.
pub(super) fn put(world: &mut World, row: &Modelled) {
    let person = match row.grants {
        [GrantKind::ClientCredentials] => Some(RUN_AS),
        grants if grants.contains(&GrantKind::ClientCredentials) => None,
        _ => Some(USER),
    };
    for condition in row.conditions.iter().rev() {
        let whose = person.filter(|_| condition.factor.kind() == FactorKind::Person);
        world.put(condition, whose).expect("a condition can hold");
    }
}

/// A world in which one row holds.
pub(super) fn broken(row: &Modelled) -> World {
    let mut world = World::healthy(kind(row));
    put(&mut world, row);
    world
}

/// The wants that a row is about: with the uses in which it shows.
pub(super) fn wants(row: &Modelled) -> Vec<Want> {
    let grants = if row.grants.is_empty() {
        &[GrantKind::JwtBearer][..]
    } else {
        row.grants
    };
    grants
        .iter()
        .map(|grant| Want {
            uses: match row.cause {
                CauseId::IntrospectForeignToken => &[Endpoint::Rest, Endpoint::Introspect],
                CauseId::RevokeTokenTypeUnsupported => &[Endpoint::Rest, Endpoint::Revoke],
                _ => &[Endpoint::Rest],
            },
            ..Want::new(*grant, USER)
        })
        .collect()
}

/// A row in a message.
pub(super) fn row_name(row: &Modelled) -> String {
    let conditions: Vec<String> = row
        .conditions
        .iter()
        .map(|Condition { factor, value }| format!("{}={value}", factor.key()))
        .collect();
    format!("{} ({})", row.cause, conditions.join(", "))
}
