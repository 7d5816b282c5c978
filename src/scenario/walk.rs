//! Reads typed values out of the tree. Nothing here stops at a mistake: it is noted, and the reading goes on.

use std::net::IpAddr;
use std::time::Duration;

use super::duration;
use super::error::{Mistake, What, nearest};
use super::yaml::{At, Key, Kind, Node, shorten};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub struct Walk {
    /// In the order in which they were found.
    pub mistakes: Vec<Mistake>,
}

/// A mapping whose keys are known.
pub struct Fields<'n> {
    /// Where the mapping stands.
    pub at: At,
    entries: Vec<(&'n Key, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The value of a key.
    pub fn value(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(_, node)| node)
    }

    /// The key with its place, and its value.
    pub fn entry(&self, name: &str) -> Option<(&'n Key, &'n Node)> {
        self.entries
            .iter()
            .find(|(key, _)| key.name == name)
            .copied()
    }

    /// All keys with their values, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&'n Key, &'n Node)> + '_ {
        self.entries.iter().copied()
    }
}

impl Walk {
    /// Notes a mistake.
    pub fn note(&mut self, what: What, at: At) {
        self.mistakes.push(what.at(at));
    }

    /// Notes a value of a wrong type.
    pub fn wrong<T>(&mut self, wanted: impl Into<String>, node: &Node) -> Option<T> {
        self.note(
            What::WrongType {
                wanted: wanted.into(),
                found: node.found(),
            },
            node.at,
        );
        None
    }

    /// The entries of a mapping. Nothing at all is an empty mapping.
    pub fn entries<'n>(&mut self, node: &'n Node, wanted: &str) -> Option<&'n [(Key, Node)]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            _ if node.is_null() => Some(&[]),
            _ => self.wrong(wanted, node),
        }
    }

    /// The entries of a mapping that has only certain keys; any other is noted with its nearest name.
    pub fn fields<'n>(
        &mut self,
        node: &'n Node,
        place: &str,
        valid: &[&str],
    ) -> Option<Fields<'n>> {
        let entries = self.entries(node, &format!("{place} as a mapping"))?;
        let mut known = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if valid.contains(&key.name.as_str()) {
                known.push((key, value));
            } else {
                self.unknown_key(key, place, valid.iter().copied());
            }
        }
        Some(Fields {
            at: node.at,
            entries: known,
        })
    }

    /// Notes a key that is not known.
    pub fn unknown_key<'v>(
        &mut self,
        key: &Key,
        place: &str,
        valid: impl IntoIterator<Item = &'v str>,
    ) {
        let valid: Vec<&str> = valid.into_iter().collect();
        self.note(
            What::UnknownKey {
                key: shorten(&key.name),
                place: place.to_owned(),
                near: nearest(&key.name, valid.iter().copied()),
                valid: valid.into_iter().map(str::to_owned).collect(),
            },
            key.at,
        );
    }

    /// Whether a key that is not known was probably meant as this one, so that its absence need not be told as well.
    pub fn meant(&self, wanted: &str) -> bool {
        self.mistakes.iter().any(|mistake| {
            matches!(&mistake.what, What::UnknownKey { near: Some(near), .. } if near == wanted)
        })
    }

    /// Notes a word that is not known.
    pub fn unknown_word<T>(
        &mut self,
        node: &Node,
        word: &str,
        noun: &'static str,
        valid: &[&str],
    ) -> Option<T> {
        self.note(
            What::UnknownWord {
                word: shorten(word),
                noun,
                near: nearest(word, valid.iter().copied()),
                valid: valid.iter().map(|&word| word.to_owned()).collect(),
            },
            node.at,
        );
        None
    }

    /// A text; numbers and switches are taken as they are spelt.
    pub fn text(&mut self, node: &Node) -> Option<String> {
        match &node.kind {
            Kind::Scalar { text, .. } if !node.is_null() => Some(text.clone()),
            _ => self.wrong("a text", node),
        }
    }

    /// A text of one line, not empty.
    pub fn line(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        let text = text.trim();
        if text.is_empty() || text.contains(['\n', '\r']) {
            return self.wrong("a text of one line", node);
        }
        Some(text.to_owned())
    }

    /// `true` or `false`.
    pub fn flag(&mut self, node: &Node) -> Option<bool> {
        match &node.kind {
            Kind::Scalar { text, plain: true } if text == "true" => Some(true),
            Kind::Scalar { text, plain: true } if text == "false" => Some(false),
            _ => self.wrong("`true` or `false`", node),
        }
    }

    /// A whole number.
    pub fn number(&mut self, node: &Node) -> Option<i64> {
        match &node.kind {
            Kind::Scalar { text, plain: true } => match text.parse() {
                Ok(number) => Some(number),
                Err(_) => self.wrong("a number", node),
            },
            _ => self.wrong("a number", node),
        }
    }

    /// A whole number of a range.
    pub fn number_in(&mut self, node: &Node, from: i64, to: i64) -> Option<i64> {
        let number = self.number(node)?;
        if (from..=to).contains(&number) {
            return Some(number);
        }
        self.note(
            What::OutOfRange {
                found: number.to_string(),
                range: format!("{from} to {to}"),
            },
            node.at,
        );
        None
    }

    /// One of some words.
    pub fn word<'v>(
        &mut self,
        node: &Node,
        noun: &'static str,
        valid: &[&'v str],
    ) -> Option<&'v str> {
        let text = self.text(node)?;
        match valid.iter().find(|word| **word == text) {
            Some(word) => Some(word),
            None => self.unknown_word(node, &text, noun, valid),
        }
    }

    /// A list of texts, or one text.
    pub fn names(&mut self, node: &Node) -> Option<Vec<String>> {
        match &node.kind {
            Kind::List(items) => {
                // Each wrong item is noted, so no short cut.
                let names: Vec<Option<String>> = items.iter().map(|item| self.text(item)).collect();
                names.into_iter().collect()
            }
            Kind::Scalar { text, .. } if !node.is_null() => Some(vec![text.clone()]),
            _ => self.wrong("a list of names", node),
        }
    }

    /// A duration with its unit.
    pub fn duration(&mut self, node: &Node) -> Option<Duration> {
        let wanted = "a time with its unit, such as `30 s`, `10 minutes`, `2 hours`, `31 days`";
        let Kind::Scalar { text, .. } = &node.kind else {
            return self.wrong(wanted, node);
        };
        match duration::parse(text) {
            Some(duration) => Some(duration),
            None => self.wrong(wanted, node),
        }
    }

    /// An address.
    pub fn address(&mut self, node: &Node) -> Option<IpAddr> {
        let wanted = "an address, such as `203.0.113.9`";
        let Kind::Scalar { text, .. } = &node.kind else {
            return self.wrong(wanted, node);
        };
        match text.trim().parse() {
            Ok(address) => Some(address),
            Err(_) => self.wrong(wanted, node),
        }
    }
}
