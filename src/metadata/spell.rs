//! The value of a factor as the text of an element: [`values`](super::values) backwards, by the same tables.

use std::net::IpAddr;

use ipnet::IpNet;

use super::fields::{Absent, Field, Holds, Means};
use super::unwritable::Why;
use super::values::names;
use crate::factor::{Factor, Value};
use crate::oauth::Scope;

/// What an element has to hold for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spelt {
    /// No such element.
    Nothing,
    /// One with a text.
    Text(String),
    /// One for each text.
    Texts(Vec<String>),
    /// One for each range of addresses.
    Ranges(Vec<(IpAddr, IpAddr)>),
}

/// Spells a value for an element. `Err` for a value that the element cannot have.
pub(super) fn spell(field: &Field, factor: Factor, value: &Value) -> Result<Spelt, Why> {
    let spelt = match &field.holds {
        Holds::Flag => value.as_flag().map(|flag| Spelt::Text(flag.to_string())),
        Holds::Number(from, to) => number(value, |number| (*from..=*to).contains(&number)),
        Holds::OneNumberOf(valid) => number(value, |number| valid.contains(&number)),
        Holds::OwnWord => value
            .as_word()
            .filter(|word| factor.values().split('|').any(|valid| valid == *word))
            .map(|word| Spelt::Text(word.to_owned())),
        Holds::Word(words) => words
            .iter()
            .find(|(_, means)| means.is(value))
            .map(|(word, _)| Spelt::Text((*word).to_owned())),
        Holds::Text => value
            .as_word()
            .map(|text| Spelt::Text(text.trim().to_owned())),
        Holds::Commas => list(value, &[',']).map(|names| Spelt::Text(names.join(","))),
        Holds::Lines => list(value, &['\n', '\r']).map(|names| Spelt::Text(names.join("\n"))),
        Holds::Repeated => list(value, &[',', '\n', '\r']).map(Spelt::Texts),
        Holds::Scopes => scopes(value, false).map(|scopes| Spelt::Text(scopes.join(","))),
        Holds::RepeatedScope => scopes(value, true).map(Spelt::Texts),
        Holds::Ranges(..) => ranges(value).map(Spelt::Ranges),
        Holds::Certificate => match value.as_word() {
            Some("absent") => Some(Spelt::Nothing),
            _ => {
                return Err(Why::NotSaid(
                    "the element holds the certificate itself, in PEM form",
                ));
            }
        },
        Holds::Secret
        | Holds::Open
        | Holds::One(_)
        | Holds::Many(_)
        | Holds::RefreshTokenPolicy => None,
    };
    let unset = matches!(field.absent, Absent::Nothing);
    match spelt {
        Some(spelt) if !spelt.is_empty() => Ok(spelt),
        None if *value == Value::Absent && unset => Ok(Spelt::Nothing),
        Some(Spelt::Nothing) => Ok(Spelt::Nothing),
        Some(_) if unset => Ok(Spelt::Nothing),
        _ => Err(Why::Value {
            valid: valid(&field.holds, factor),
        }),
    }
}

impl Spelt {
    fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(text) => text.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
            Self::Ranges(ranges) => ranges.is_empty(),
        }
    }
}

impl Means {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::Word(word) => value.as_word() == Some(word),
            Self::Number(number) => *value == Value::Number(number),
            Self::Nothing => false,
        }
    }
}

fn number(value: &Value, is_valid: impl Fn(i64) -> bool) -> Option<Spelt> {
    match value {
        Value::Number(number) if is_valid(*number) => Some(Spelt::Text(number.to_string())),
        _ => None,
    }
}

/// Names, none of which would be read as two.
fn list(value: &Value, separators: &[char]) -> Option<Vec<String>> {
    let named = match value {
        Value::Names(list) => list.iter().map(|name| name.trim().to_owned()).collect(),
        Value::Word(text) => names(text, &[',', '\n', '\r']),
        Value::Absent => Vec::new(),
        Value::Flag(_) | Value::Number(_) => return None,
    };
    named
        .iter()
        .all(|name| !name.is_empty() && !name.contains(separators))
        .then_some(named)
}

/// Scopes in the words of metadata, from these or from those of the wire.
fn scopes(value: &Value, connected_app: bool) -> Option<Vec<String>> {
    let mut tokens: Vec<String> = Vec::new();
    for name in list(value, &[])? {
        for word in name.split_ascii_whitespace() {
            let token = match Scope::find(word)?.metadata {
                "SFApiPlatform" if connected_app => "SFAP",
                token => token,
            };
            if !tokens.iter().any(|known| known == token) {
                tokens.push(token.to_owned());
            }
        }
    }
    Some(tokens)
}

/// Ranges from `start-end`, networks and single addresses.
pub(super) fn ranges(value: &Value) -> Option<Vec<(IpAddr, IpAddr)>> {
    list(value, &[])?.iter().map(|text| range(text)).collect()
}

fn range(text: &str) -> Option<(IpAddr, IpAddr)> {
    if let Some((from, to)) = text.split_once('-') {
        let (from, to): (IpAddr, IpAddr) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        return (from.is_ipv4() == to.is_ipv4() && from <= to).then_some((from, to));
    }
    if let Ok(network) = text.parse::<IpNet>() {
        return Some((network.network(), network.broadcast()));
    }
    let address = text.parse().ok()?;
    Some((address, address))
}

/// `oauthPolicy.refreshTokenPolicy` of a connected app. `None` without the period and unit that a policy needs.
pub(super) fn refresh_policy(
    policy: &str,
    period: Option<i64>,
    unit: Option<&str>,
) -> Option<String> {
    let kind = match policy {
        "Infinite" => return Some("infinite".to_owned()),
        "Zero" => return Some("zero".to_owned()),
        "SpecificLifetime" => "specific_lifetime",
        "SpecificInactivity" => "specific_inactivity",
        _ => return None,
    };
    let unit = unit?.to_ascii_uppercase();
    Some(format!("{kind}:{}:{unit}", period?))
}

/// The values of an element, for a message.
fn valid(holds: &Holds, factor: Factor) -> String {
    match holds {
        Holds::Flag => "true, false".to_owned(),
        Holds::Number(from, i64::MAX) => format!("a whole number from {from}"),
        Holds::Number(from, to) => format!("a whole number from {from} to {to}"),
        Holds::OneNumberOf(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            numbers.join(", ")
        }
        Holds::Word(words) => {
            let words: Vec<String> = words
                .iter()
                .filter_map(|(_, means)| match means {
                    Means::Word(word) => Some((*word).to_owned()),
                    Means::Number(number) => Some(number.to_string()),
                    Means::Nothing => None,
                })
                .collect();
            words.join(", ")
        }
        Holds::Scopes | Holds::RepeatedScope => {
            "scopes of metadata (`Api`, `RefreshToken`, …) or of the wire (`api`, `refresh_token`, …)"
                .to_owned()
        }
        Holds::Ranges(..) => {
            "addresses, ranges (203.0.113.0-203.0.113.15) or networks (203.0.113.0/28)".to_owned()
        }
        Holds::Commas | Holds::Repeated => "names without a comma in them".to_owned(),
        Holds::Lines => "texts of one line each".to_owned(),
        Holds::Text => "a text".to_owned(),
        _ => factor.values().replace('|', ", "),
    }
}
