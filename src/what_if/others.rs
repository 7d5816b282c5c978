//! The other values of a factor: what "changing it alone" means.

use super::acts::holds;
use super::want::settings;
use crate::factor::{Delta, Factor, FactorKind, Value};
use crate::model::read;
use crate::world::{NOW, World};

/// An address range that no client of a world comes from (RFC 5737).
const ELSEWHERE: &str = "192.0.2.0/28";

/// Each other value of a factor, as a change: every word of its table, the other switch, and for free values one that lets flows pass and one
/// that does not. A person's factor is changed for `person` alone. Empty for a factor that has no meaning without a person.
pub fn others(world: &World, factor: Factor, person: Option<&str>) -> Vec<Delta> {
    let of_a_person = factor.kind() == FactorKind::Person;
    if of_a_person && person.is_none() {
        return Vec::new();
    }
    let now = value(world, factor, person);
    let mut found: Vec<Value> = match factor.values() {
        "flag" => vec![Value::Flag(now != Some(Value::Flag(true)))],
        "number" => numbers(factor),
        "names" => lists(world, factor, person),
        "text" => texts(world, factor),
        words => words
            .split('|')
            .filter(|word| *word != "text")
            .map(Value::from)
            .collect(),
    };
    found.retain(|value| Some(value) != now.as_ref());
    found
        .into_iter()
        .map(|value| Delta {
            factor,
            value,
            person: person.filter(|_| of_a_person).map(str::to_owned),
        })
        .collect()
}

/// The value of a factor, of a person where it is a person's.
pub fn value(world: &World, factor: Factor, person: Option<&str>) -> Option<Value> {
    match factor.kind() {
        FactorKind::Person => {
            let id = world.org.person(person?)?;
            // An approval is what families hold, and no field of the person.
            if factor == Factor::Approval {
                return Some(world.org.approved(crate::model::AppId(0), id).word().into());
            }
            read(&world.org, factor, Some(id), NOW)
        }
        _ => world.read(factor),
    }
}

fn numbers(factor: Factor) -> Vec<Value> {
    match factor {
        Factor::SessionTimeout => vec![Value::Absent, Value::Number(15), Value::Number(1_440)],
        Factor::RefreshTokenValidityPeriod => vec![Value::Number(0), Value::Number(365)],
        _ => vec![Value::Number(1), Value::Number(720)],
    }
}

fn texts(world: &World, factor: Factor) -> Vec<Value> {
    match factor {
        Factor::ClientCredentialsFlowUser => {
            let people = world.org.people.iter();
            let mut users: Vec<Value> = people
                .map(|person| Value::from(person.username.as_str()))
                .collect();
            users.extend([Value::Absent, "nobody@acme.test".into()]);
            users
        }
        Factor::UserProfile => {
            let mut profiles: Vec<Value> = settings(world)
                .selected_profiles
                .iter()
                .map(|name| Value::from(name.as_str()))
                .collect();
            profiles.push("another profile".into());
            profiles
        }
        _ => Vec::new(),
    }
}

fn lists(world: &World, factor: Factor, person: Option<&str>) -> Vec<Value> {
    let settings = settings(world);
    let client = &world.client;
    let list = |names: Vec<String>| Value::Names(names);
    let one = |name: &str| Value::Names(vec![name.to_owned()]);
    let none = || Value::Names(Vec::new());
    let someone = person
        .and_then(|name| world.org.person(name))
        .map(|id| &world.org.people[id.0]);
    // A list that holds the address takes one elsewhere, and the other way round.
    let ranges = |held: bool| {
        if held {
            vec![one(ELSEWHERE)]
        } else {
            vec![one(&client.address.to_string())]
        }
    };
    match factor {
        Factor::CallbackUrl => {
            let sent = &client.redirect_uri;
            if settings.callback_urls.contains(sent) {
                vec![one("https://localhost/other")]
            } else {
                let mut urls = settings.callback_urls.clone();
                urls.push(sent.clone());
                vec![list(urls)]
            }
        }
        Factor::Scopes => scopes(world),
        Factor::CustomScopes => {
            let mut values = vec![none()];
            let all: Vec<String> = world.org.custom_scopes.iter().map(str::to_owned).collect();
            values.push(list(all));
            values
        }
        Factor::TrustedIpRanges => {
            let mut values = ranges(holds(&settings.trusted_ip_ranges, client.address));
            values.push(none());
            values
        }
        Factor::NetworkAccess => {
            let mut values = ranges(holds(&world.org.org.network_access, client.address));
            values.push(none());
            values
        }
        Factor::RefreshTokenIpAllowlist => {
            let held = settings
                .refresh_token_ip_allowlist
                .as_ref()
                .is_none_or(|list| holds(list, client.address));
            let mut values = ranges(held);
            values.push(Value::Absent);
            values
        }
        Factor::LoginIpRanges => {
            let held = someone.is_none_or(|person| {
                person.login_ip_ranges.is_empty() || holds(&person.login_ip_ranges, client.address)
            });
            let mut values = ranges(held);
            values.push(none());
            values
        }
        Factor::SelectedPermissionSets => {
            let held = someone.map(|person| person.permission_sets.clone());
            vec![none(), list(held.unwrap_or_default())]
        }
        Factor::SelectedProfiles => {
            let profile = someone.map(|person| person.profile.clone());
            vec![none(), list(profile.into_iter().collect())]
        }
        Factor::UserPermissionSets => {
            vec![none(), list(settings.selected_permission_sets.clone())]
        }
        _ => Vec::new(),
    }
}

/// Without each scope that a rule asks for, or with it.
fn scopes(world: &World) -> Vec<Value> {
    let has = &settings(world).scopes;
    ["api", "refresh_token", "openid"]
        .into_iter()
        .map(|scope| {
            let mut changed = has.clone();
            if changed.has(scope) {
                changed.remove(scope);
            } else {
                changed.add(scope);
            }
            Value::Names(changed.iter().map(str::to_owned).collect())
        })
        .collect()
}
