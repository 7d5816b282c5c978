//! Values of factors: read by the type that the factor takes, and judged by the model itself on a scratch org.

use std::collections::HashMap;

use jiff::Timestamp;

use super::error::{What, nearest};
use super::story::{Placed, username_of};
use super::walk::Walk;
use super::yaml::{At, Key, Kind, Node, shorten};
use crate::factor::plain::{self, Plain};
use crate::factor::{Delta, Factor, FactorKind, Value};
use crate::model::{AppId, DeltaError, OrgState, set_for};

/// The scratch org on which values are tried.
pub struct Scratch {
    /// The org so far.
    pub state: OrgState,
    /// The time, which decides nothing here.
    pub now: Timestamp,
}

impl Scratch {
    /// A healthy org.
    pub fn new() -> Self {
        Self {
            state: OrgState::healthy(),
            now: Timestamp::UNIX_EPOCH,
        }
    }

    fn try_on(&mut self, app: AppId, delta: &Delta, at: At, walk: &mut Walk) -> bool {
        match set_for(&mut self.state, app, delta, self.now) {
            Ok(()) => true,
            Err(reason) => {
                walk.note(refusal(reason), at);
                false
            }
        }
    }
}

/// A refusal of the model, with the nearest of its words.
fn refusal(reason: DeltaError) -> What {
    let near = match &reason {
        DeltaError::Value { value, valid, .. } => {
            nearest(value, valid.split(", ")).filter(|near| near != value)
        }
        _ => None,
    };
    What::Value { reason, near }
}

/// One section of settings, read into changes.
pub struct Section<'s> {
    /// Which kind of factors it holds.
    pub kind: FactorKind,
    /// The app it is about.
    pub app: AppId,
    /// The person it is about.
    pub person: Option<&'s str>,
    /// Keys that are no factors and are read elsewhere.
    pub beside: &'s [&'static str],
}

/// What a section holds.
#[derive(Debug, Default)]
pub struct Settings {
    /// The changes, in the order of the file.
    pub deltas: Vec<Delta>,
    /// Plain words that are not exact.
    pub remarks: Vec<Placed<&'static Plain>>,
}

impl Section<'_> {
    /// Reads a mapping of keys and values. Every mistake is noted; what is right is kept.
    pub fn read(&self, node: &Node, scratch: &mut Scratch, walk: &mut Walk) -> Settings {
        let mut found = Settings::default();
        let place = format!("`{}:`", self.kind.section());
        let Some(entries) = walk.entries(node, &format!("{place} as a mapping")) else {
            return found;
        };
        let mut seen: HashMap<Factor, &str> = HashMap::new();
        for (key, value) in entries {
            if self.beside.contains(&key.name.as_str()) {
                continue;
            }
            let deltas = self.deltas(key, value, &mut found, walk);
            for mut delta in deltas {
                if let Some(other) = seen.insert(delta.factor, &key.name) {
                    walk.note(
                        What::SetTwice {
                            key: key.name.clone(),
                            other: other.to_owned(),
                        },
                        key.at,
                    );
                    continue;
                }
                if delta.factor.kind() == FactorKind::Person {
                    delta.person = self.person.map(str::to_owned);
                }
                if scratch.try_on(self.app, &delta, value.at, walk) {
                    found.deltas.push(delta);
                }
            }
        }
        found
    }

    fn deltas(&self, key: &Key, value: &Node, found: &mut Settings, walk: &mut Walk) -> Vec<Delta> {
        if self.kind == FactorKind::App
            && let Some(plain_key) = plain::key(&key.name)
        {
            return Self::plain(plain_key, value, found, walk);
        }
        let Some(factor) = self.factor(key, walk) else {
            return Vec::new();
        };
        value_of(factor, value, walk)
            .map(|value| vec![Delta::new(factor, value)])
            .unwrap_or_default()
    }

    fn plain(key: &'static str, node: &Node, found: &mut Settings, walk: &mut Walk) -> Vec<Delta> {
        let Some(words) = walk.text(node) else {
            return Vec::new();
        };
        match plain::parse(key, &words) {
            Ok(reading) => {
                if reading.row.truth != plain::Truth::Exact {
                    found.remarks.push(Placed {
                        value: reading.row,
                        at: node.at,
                    });
                }
                reading.deltas
            }
            Err(error) => {
                walk.note(
                    What::UnknownWord {
                        word: shorten(&words),
                        noun: noun_of(key),
                        near: nearest(&words, error.valid.iter().copied()),
                        valid: error
                            .valid
                            .iter()
                            .map(|words| words.replace("UNIT", "days"))
                            .collect(),
                    },
                    node.at,
                );
                Vec::new()
            }
        }
    }

    fn factor(&self, key: &Key, walk: &mut Walk) -> Option<Factor> {
        let name = key.name.as_str();
        let here = |factor: &Factor| factor.kind() == self.kind;
        let mut by_name = Factor::ALL.iter().copied().filter(|factor| {
            factor.key() == name || (factor.field() == name && !name.starts_with('('))
        });
        let factors: Vec<Factor> = by_name.by_ref().collect();
        if let Some(factor) = factors.iter().copied().find(here) {
            return Some(factor);
        }
        let elsewhere = factors.iter().find(|factor| {
            matches!(
                factor.kind(),
                FactorKind::App | FactorKind::Org | FactorKind::Person
            )
        });
        if let Some(factor) = elsewhere {
            walk.note(
                What::WrongSection {
                    key: name.to_owned(),
                    section: self.kind.section(),
                    belongs: factor.kind().section(),
                },
                key.at,
            );
            return None;
        }
        let mut valid: Vec<&str> = self.beside.to_vec();
        if self.kind == FactorKind::App {
            valid.extend(plain::keys());
        }
        valid.extend(Factor::keys(self.kind));
        walk.unknown_key(key, &format!("`{}:`", self.kind.section()), valid);
        None
    }
}

const fn noun_of(key: &str) -> &'static str {
    match key.as_bytes() {
        b"refresh token" => "refresh token policy",
        b"IP relaxation" => "IP relaxation",
        b"session policy" => "session policy",
        b"secret" => "rule for the secret",
        b"permitted users" => "rule for permitted users",
        _ => "value",
    }
}

/// Reads a value by the type that the factor takes; words are left for the model to judge.
pub fn value_of(factor: Factor, node: &Node, walk: &mut Walk) -> Option<Value> {
    if node.is_null() {
        return Some(Value::Absent);
    }
    match factor.values() {
        "flag" => walk.flag(node).map(Value::Flag),
        "number" => walk.number(node).map(Value::Number),
        "names" => match &node.kind {
            Kind::Scalar { text, .. } => Some(Value::Word(text.clone())),
            _ => walk.names(node).map(Value::Names),
        },
        "text" if factor == Factor::ClientCredentialsFlowUser => {
            walk.line(node).map(|name| Value::Word(username_of(&name)))
        }
        _ => walk.text(node).map(Value::Word),
    }
}
