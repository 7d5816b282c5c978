//! Settings as a case or a flag declares them: a metadata field and its value → a factor and the value that the model takes.

use std::net::IpAddr;

use ipnet::IpNet;

use super::sheet::Fact;
use super::vocabulary::flag;
use crate::factor::{Factor, Known, Provenance, Value};
use crate::oauth::Scope;

/// Learns a declared setting. A field that is no factor, and a value that its factor does not take (`present` of a certificate, which tells
/// neither valid nor expired), stay in the sheet alone.
pub(super) fn learn(known: &mut Known, field: &str, fact: &Fact) {
    let mut factors = Factor::ALL.iter().copied();
    // Two factors may read one field; the value tells which is meant.
    let found = factors.find_map(|factor| {
        let is_named = factor.field() == field;
        is_named
            .then(|| value(factor, fact))
            .flatten()
            .map(|value| (factor, value))
    });
    if let Some((factor, value)) = found {
        known.learn(factor, value, Provenance::Declared);
    }
}

/// The value of a factor; `None` where it does not take the fact.
pub(super) fn value(factor: Factor, fact: &Fact) -> Option<Value> {
    match factor.values() {
        "flag" => match fact {
            Fact::Flag(flag) => Some(Value::Flag(*flag)),
            Fact::Text(text) => flag(text).map(Value::Flag),
            Fact::Number(_) | Fact::List(_) => None,
        },
        "number" => whole(fact).map(Value::Number),
        "names" => names(factor, fact),
        "text" => match fact {
            Fact::Text(text) => Some(Value::Word(text.clone())),
            _ => None,
        },
        words => {
            let Fact::Text(text) = fact else {
                return None;
            };
            let mut known = words.split('|');
            let word = known.find(|word| word.eq_ignore_ascii_case(text.trim()))?;
            Some(word.into())
        }
    }
}

/// A value as a fact of a sheet.
pub(super) fn fact(value: &Value) -> Fact {
    match value {
        Value::Flag(flag) => Fact::Flag(*flag),
        Value::Names(names) => Fact::List(names.clone()),
        Value::Number(_) | Value::Word(_) | Value::Absent => Fact::Text(value.to_string()),
    }
}

/// A whole number from 0.
fn whole(fact: &Fact) -> Option<i64> {
    let number = fact.number()?;
    let is_whole = number >= 0.0 && number.fract() == 0.0 && number <= f64::from(i32::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded and whole, by the line above"
    )]
    is_whole.then_some(number as i64)
}

fn names(factor: Factor, fact: &Fact) -> Option<Value> {
    let items: Vec<String> = match fact {
        Fact::List(items) => items.clone(),
        Fact::Text(text) => text
            .split([',', '\n'])
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect(),
        Fact::Flag(_) | Fact::Number(_) => return None,
    };
    let items = match factor {
        Factor::Scopes => scopes(&items)?,
        Factor::TrustedIpRanges
        | Factor::RefreshTokenIpAllowlist
        | Factor::NetworkAccess
        | Factor::LoginIpRanges => {
            let are_ranges = items.iter().all(|item| is_range(item));
            are_ranges.then_some(items)?
        }
        _ => items,
    };
    Some(Value::Names(items))
}

/// Scopes by their metadata tokens. A scope that is none of ours says nothing about the others; a list of such alone says nothing at all.
fn scopes(items: &[String]) -> Option<Vec<String>> {
    let known: Vec<String> = items
        .iter()
        .flat_map(|item| item.split_ascii_whitespace())
        .filter_map(Scope::find)
        .map(|scope| scope.metadata.to_owned())
        .collect();
    (!known.is_empty() || items.is_empty()).then_some(known)
}

/// An address, a network, or two addresses with a dash.
fn is_range(text: &str) -> bool {
    let is_address = |text: &str| text.trim().parse::<IpAddr>().is_ok();
    match text.split_once('-') {
        Some((from, to)) => is_address(from) && is_address(to),
        None => is_address(text) || text.trim().parse::<IpNet>().is_ok(),
    }
}
