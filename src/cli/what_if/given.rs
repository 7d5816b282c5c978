//! `FACTOR=VALUE` of the command line, understood: a key of `app:`, `org:` or `users:`, a `Type.field`, plain words, or what a step sends.

use std::fmt::Write as _;
use std::net::IpAddr;

use crate::cli::failure::{Failure, USAGE};
use crate::factor::{Delta, Factor, FactorKind, Value, plain};
use crate::model::DeltaError;
use crate::scenario::{nearest, username_of};
use crate::what_if::{self, name, short};
use crate::world::{OUTSIDE, World};

/// What one argument sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// Values of factors.
    Set(Vec<Delta>),
    /// Where the client comes from, and uses its tokens from.
    From(IpAddr),
    /// Where it uses its tokens from.
    UseFrom(IpAddr),
    /// Whether the person has a second factor.
    Verification(bool),
}

/// The keys of a step that no factor of the table says.
const STEP: [&str; 3] = ["from", "use_from", "verification"];

/// Reads an argument. `world` says which users there are, and where its client comes from.
pub(super) fn parse(text: &str, world: &World) -> Result<Given, Failure> {
    let Some((left, value)) = text.split_once('=') else {
        let known = factor(text.trim()).ok().map_or_else(
            || "isPkceRequired=false, for one".to_owned(),
            |factor| format!("{}=VALUE; {}", name(factor), takes(factor)),
        );
        return Err(wrong(
            format!("`{text}` sets no value"),
            &format!("write FACTOR=VALUE: {known}"),
        ));
    };
    let (key, value) = (left.trim(), value.trim());
    if STEP.contains(&key) {
        return step(key, value, world);
    }
    if let Some(plain_key) = plain::key(key) {
        return plain::parse(plain_key, value)
            .map(|reading| Given::Set(reading.deltas))
            .map_err(|error| {
                let valid: Vec<String> = error
                    .valid
                    .iter()
                    .map(|words| words.replace("UNIT", "days"))
                    .collect();
                let near = nearest(value, error.valid.iter().copied());
                wrong(error.to_string(), &choice(near.as_deref(), &valid))
            });
    }
    let (key, person) = match key.split_once('@') {
        Some((key, person)) => (key.trim(), Some(person.trim())),
        None => (key, None),
    };
    let factor = factor(key)?;
    let mut delta = Delta::new(factor, value_of(factor, value, world));
    if let Some(person) = person {
        if factor.kind() != FactorKind::Person {
            return Err(wrong(
                format!("`{}` is no factor of a user", name(factor)),
                &format!("leave `@{person}` away"),
            ));
        }
        delta.person = Some(user(person, world)?);
    }
    // The model itself says whether the value fits.
    what_if::set(&mut world.clone(), &delta).map_err(|error| refused(&error))?;
    Ok(Given::Set(vec![delta]))
}

/// Makes it so. Every value was tried when it was read.
pub(super) fn apply(given: &Given, world: &mut World) -> Result<(), Failure> {
    match given {
        Given::Set(deltas) => {
            for delta in deltas {
                let registered = world.client.redirect_uri.clone();
                what_if::set(world, delta).map_err(|error| refused(&error))?;
                if delta.factor == Factor::RedirectUri && delta.value.as_word() == Some("right") {
                    world.client.redirect_uri = registered;
                }
            }
        }
        Given::From(address) => {
            (world.client.address, world.client.uses_from) = (*address, *address);
        }
        Given::UseFrom(address) => world.client.uses_from = *address,
        Given::Verification(has) => world.client.verifies = *has,
    }
    Ok(())
}

/// What it sets in a world, for a report.
pub(super) fn values(given: &Given, world: &World) -> Vec<what_if::Value> {
    let step = |factor: &str, label: &'static str, value: String, was: String| {
        vec![what_if::Value {
            factor: factor.to_owned(),
            label,
            field: "(environment)",
            person: None,
            value,
            was: Some(was),
        }]
    };
    let proof = |has: bool| if has { "right" } else { "none" }.to_owned();
    let client = &world.client;
    match given {
        Given::Set(deltas) => deltas
            .iter()
            .map(|delta| what_if::Value::of(world, delta))
            .collect(),
        Given::From(address) => step(
            "from",
            Factor::SourceAddress.label(),
            address.to_string(),
            client.address.to_string(),
        ),
        Given::UseFrom(address) => step(
            "use_from",
            "address that the token is used from",
            address.to_string(),
            client.uses_from.to_string(),
        ),
        Given::Verification(has) => step(
            "verification",
            "second factor of the person",
            proof(*has),
            proof(client.verifies),
        ),
    }
}

fn step(key: &str, value: &str, world: &World) -> Result<Given, Failure> {
    if key == "verification" {
        return match value {
            "right" => Ok(Given::Verification(true)),
            "none" => Ok(Given::Verification(false)),
            _ => Err(wrong(
                format!("`verification` cannot be `{value}`"),
                "valid: right, none",
            )),
        };
    }
    let address = match value {
        "inside" => world.client.address,
        "outside" => OUTSIDE,
        _ => value.parse().map_err(|_| {
            wrong(
                format!("`{key}` cannot be `{value}`"),
                "valid: inside, outside, or an address such as 203.0.113.9",
            )
        })?,
    };
    Ok(if key == "from" {
        Given::From(address)
    } else {
        Given::UseFrom(address)
    })
}

/// The factor of a name: its key, with or without its section, or its `Type.field`.
fn factor(given: &str) -> Result<Factor, Failure> {
    let exact = |factor: &&Factor| {
        let section = factor.kind().section();
        name(**factor) == given
            || factor.key() == given
            || given
                .strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.'))
                == Some(factor.key())
            || (factor.field() == given && !given.starts_with('('))
    };
    if let Some(factor) = Factor::ALL.iter().find(exact) {
        return Ok(*factor);
    }
    let names: Vec<String> = Factor::ALL.iter().map(|factor| name(*factor)).collect();
    let fields = Factor::ALL.iter().map(|factor| factor.field());
    let all = names
        .iter()
        .map(String::as_str)
        .chain(plain::keys())
        .chain(STEP)
        .chain(fields);
    let near = nearest(given, all);
    let mut help = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    help.push_str("valid:");
    for (kind, title) in [
        (FactorKind::App, "app"),
        (FactorKind::Org, "org"),
        (FactorKind::Person, "users"),
        (FactorKind::Request, "request"),
        (FactorKind::Environment, "environment"),
    ] {
        let keys: Vec<String> = Factor::ALL
            .iter()
            .filter(|factor| factor.kind() == kind)
            .map(|factor| name(*factor))
            .collect();
        let _ = write!(help, "\n    {title}: {}", keys.join(", "));
    }
    let _ = write!(
        help,
        "\n    plain words: {}\n    step: {}\n    or the `Type.field` of any of them",
        plain::keys().join(", "),
        STEP.join(", ")
    );
    Err(wrong(format!("there is no factor `{given}`"), &help))
}

/// A value as its factor takes it.
fn value_of(factor: Factor, given: &str, world: &World) -> Value {
    let nothing = given.is_empty() || given.eq_ignore_ascii_case("absent");
    let flag = match given.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    };
    match factor.values() {
        "flag" => flag.map_or_else(|| Value::from(given), Value::Flag),
        "number" | "text" if nothing => Value::Absent,
        "number" => given.parse().map_or_else(|_| given.into(), Value::Number),
        "names" if nothing || given.eq_ignore_ascii_case("none") => {
            // Without a list the app asks for none; an empty one would hold nobody.
            if factor == Factor::RefreshTokenIpAllowlist {
                Value::Absent
            } else {
                Value::Names(Vec::new())
            }
        }
        "names" => Value::Names(
            given
                .split(',')
                .map(|one| one.trim().to_owned())
                .filter(|one| !one.is_empty())
                .collect(),
        ),
        "text" if factor == Factor::ClientCredentialsFlowUser => {
            // A name that no user has is a value like any other: the org refuses it.
            user(given, world)
                .unwrap_or_else(|_| username_of(given))
                .as_str()
                .into()
        }
        "text" => given.into(),
        words => {
            let mut words = words.split('|');
            let same = words.clone().find(|word| word.eq_ignore_ascii_case(given));
            let switched = || match flag {
                Some(false) => words.next(),
                Some(true) => words.nth(1),
                None => None,
            };
            same.or_else(switched).unwrap_or(given).into()
        }
    }
}

/// The username of a user of the world.
pub(super) fn user(given: &str, world: &World) -> Result<String, Failure> {
    let people = &world.org.people;
    let full = username_of(given);
    let found = people
        .iter()
        .find(|person| person.username == given || person.username == full);
    if let Some(person) = found {
        return Ok(person.username.clone());
    }
    let names: Vec<String> = people
        .iter()
        .map(|person| short(&person.username).to_owned())
        .collect();
    let near = nearest(given, names.iter().map(String::as_str));
    Err(wrong(
        format!("there is no user `{given}`"),
        &choice(near.as_deref(), &names),
    ))
}

/// A refusal of the model, with the nearest of its words.
fn refused(error: &DeltaError) -> Failure {
    let near = match error {
        DeltaError::Value { value, valid, .. } => {
            nearest(value, valid.split(", ")).filter(|near| near != value)
        }
        _ => None,
    };
    let help = match near {
        Some(near) => format!("did you mean `{near}`? {}", error.help()),
        None => error.help(),
    };
    wrong(error.to_string(), &help)
}

fn takes(factor: Factor) -> String {
    match factor.values() {
        "flag" => "VALUE is true or false".to_owned(),
        "number" => "VALUE is a whole number".to_owned(),
        "names" => "VALUE is a list, separated by commas".to_owned(),
        "text" => "VALUE is a text".to_owned(),
        words => format!("VALUE is one of {}", words.replace('|', ", ")),
    }
}

fn choice(near: Option<&str>, valid: &[String]) -> String {
    let valid = valid.join(", ");
    match near {
        Some(near) => format!("did you mean `{near}`? valid: {valid}"),
        None => format!("valid: {valid}"),
    }
}

pub(super) fn wrong(text: impl Into<String>, help: &str) -> Failure {
    Failure::new(USAGE, text, help)
}
