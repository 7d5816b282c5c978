//! Conditions of causes as they are written (`without Api`, `another`, `beyond it`) made true in a world.

use ipnet::IpNet;

use super::{INSIDE, OUTSIDE, World};
use crate::cause::Condition;
use crate::factor::{Delta, Factor as F, FactorKind, Value};
use crate::model::DeltaError;
use crate::oauth::ScopeSet;

/// Makes one condition hold.
pub(super) fn put(
    world: &mut World,
    condition: &Condition,
    person: Option<&str>,
) -> Result<(), DeltaError> {
    let (factor, value) = (condition.factor, condition.value);
    match (factor, value) {
        (F::Scopes, "without the one asked for") => {
            let mut asked = scopes(world);
            asked.add("web");
            world.client.scope = Some(asked);
        }
        (F::Scopes, "Full, Web, RefreshToken only") => {
            return set(world, F::Scopes, "Full,Web,RefreshToken".into(), None);
        }
        (F::Scopes, missing) => {
            let names: &[&str] = match missing {
                "without Api" => &["api", "full"],
                "without RefreshToken" => &["refresh_token", "offline_access"],
                _ => &["openid"],
            };
            let mut left = scopes(world);
            for name in names {
                left.remove(name);
            }
            return set(world, F::Scopes, Value::Word(left.to_wire()), None);
        }
        (F::CustomScopes, _) => {
            let mut asked = scopes(world);
            let custom = world.org.custom_scopes.iter().next().map(str::to_owned);
            asked.add(custom.as_deref().unwrap_or("Harness_Read"));
            world.client.scope = Some(asked);
        }
        (F::CallbackUrl, _) => {
            let other = Value::Names(vec!["https://localhost/other".to_owned()]);
            return set(world, factor, other, None);
        }
        (F::ClientCredentialsFlowUser, "(absent)") => {
            return set(world, factor, Value::Absent, None);
        }
        (F::ClientCredentialsFlowUser, _) => {
            return set(world, factor, "nobody@acme.test".into(), None);
        }
        (F::UserPermissionSets, _) => {
            return set(world, factor, Value::Names(Vec::new()), person);
        }
        (F::LoginIpRanges | F::RefreshTokenIpAllowlist, _) => {
            return set(world, factor, elsewhere(), person);
        }
        (F::EnforceIpEveryRequest, "true") => {
            // The token is taken inside the range, and used outside.
            set(world, factor, true.into(), None)?;
            let here = Value::Names(vec![IpNet::from(world.client.address).to_string()]);
            world.client.uses_from = other_than(world);
            return set(world, F::LoginIpRanges, here, person);
        }
        (F::LockSessionsToIp, "true") => {
            world.client.uses_from = other_than(world);
            return set(world, factor, true.into(), None);
        }
        (F::PermittedUsers, "AdminApprovedPreAuthorized") => {
            world.client.approved_before_switch = true;
            set(world, factor, value.into(), None)?;
            return set(
                world,
                F::UserPermissionSets,
                Value::Names(Vec::new()),
                Some(&world.client.person.clone()),
            );
        }
        (F::ConsumerSecret, "rotated") => {
            // The org takes the new one, the client goes on with the old.
            set(world, factor, value.into(), None)?;
            return set(world, F::ClientSecret, "former".into(), None);
        }
        _ => return set(world, factor, parse(factor, value), person),
    }
    Ok(())
}

/// A written value as the factor takes it.
fn parse(factor: F, value: &str) -> Value {
    match value {
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        _ if factor.values() == "number" => {
            value.parse().map_or_else(|_| value.into(), Value::Number)
        }
        _ => value.into(),
    }
}

fn set(world: &mut World, factor: F, value: Value, person: Option<&str>) -> Result<(), DeltaError> {
    let mut delta = Delta::new(factor, value);
    if factor.kind() == FactorKind::Person {
        delta.person = person.map(str::to_owned);
    }
    world.set(&delta)
}

fn scopes(world: &World) -> ScopeSet {
    world.org.apps[0].settings.latest().scopes.clone()
}

/// A range that holds neither address of a client (RFC 5737).
fn elsewhere() -> Value {
    Value::Names(vec!["192.0.2.0/28".to_owned()])
}

fn other_than(world: &World) -> std::net::IpAddr {
    if world.client.address == OUTSIDE {
        INSIDE
    } else {
        OUTSIDE
    }
}
