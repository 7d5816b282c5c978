//! Variables and the matrix: `${name}` in any value, and one story for each combination.

use std::collections::BTreeMap;

use super::error::{What, nearest};
use super::walk::Walk;
use super::yaml::{At, Kind, Node, shorten};

/// How many combinations one file may make.
pub const COMBINATIONS: usize = 256;
/// How much all combinations of a file may hold together, by [`Node::weight`].
const WEIGHT: usize = 2_000_000;

/// The values of variables, as written.
pub type Values<'n> = BTreeMap<&'n str, &'n Node>;

/// One combination of the matrix: names and values, in the order of the file.
pub type Combination<'n> = Vec<(&'n str, &'n Node)>;

/// Reads `vars:` or one line of them: names with values that hold no variables.
pub fn variables<'n>(node: Option<&'n Node>, walk: &mut Walk) -> Values<'n> {
    let Some(entries) = node.and_then(|node| walk.entries(node, "variables by name")) else {
        return Values::new();
    };
    for (_, value) in entries {
        no_variables(value, walk);
    }
    entries
        .iter()
        .map(|(key, value)| (key.name.as_str(), value))
        .collect()
}

fn no_variables(node: &Node, walk: &mut Walk) {
    match &node.kind {
        Kind::Scalar { text, .. } if text.replace("$${", "").contains("${") => {
            walk.note(What::NestedVariable, node.at);
        }
        Kind::Scalar { .. } => {}
        Kind::List(items) => items.iter().for_each(|item| no_variables(item, walk)),
        Kind::Map(entries) => entries
            .iter()
            .for_each(|(_, item)| no_variables(item, walk)),
    }
}

/// The combinations of `matrix:`; one without names where there is none. The last name varies fastest.
pub fn combinations<'n>(node: Option<&'n Node>, walk: &mut Walk) -> Vec<Combination<'n>> {
    let mut all: Vec<Combination<'n>> = vec![Vec::new()];
    let Some(node) = node else { return all };
    let Some(entries) = walk.entries(node, "lists of values by name") else {
        return all;
    };
    let mut axes: Vec<(&str, &[Node])> = Vec::new();
    for (key, values) in entries {
        no_variables(values, walk);
        match &values.kind {
            Kind::List(values) if !values.is_empty() => axes.push((&key.name, values)),
            _ => {
                walk.wrong::<()>("a list of values", values);
            }
        }
    }
    let found = axes.iter().fold(1_usize, |product, (_, values)| {
        product.saturating_mul(values.len())
    });
    if found > COMBINATIONS {
        walk.note(
            What::TooManyCombinations {
                found,
                limit: COMBINATIONS,
            },
            node.at,
        );
        return all;
    }
    for (name, values) in axes {
        all = all
            .into_iter()
            .flat_map(|combination| {
                values.iter().map(move |value| {
                    let mut longer = combination.clone();
                    longer.push((name, value));
                    longer
                })
            })
            .collect();
    }
    all
}

/// A value in the name of a combination.
pub fn said(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar { text, .. } => shorten(text),
        Kind::List(items) => {
            let items: Vec<String> = items.iter().map(said).collect();
            shorten(&format!("[{}]", items.join(", ")))
        }
        Kind::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", key.name, said(value)))
                .collect();
            shorten(&format!("{{{}}}", entries.join(", ")))
        }
    }
}

/// Puts values in place of variables, and keeps every place.
pub struct Filling<'v, 'w> {
    values: &'v Values<'v>,
    walk: &'w mut Walk,
    left: usize,
}

impl<'v, 'w> Filling<'v, 'w> {
    /// A filling that has spent nothing.
    pub fn new(values: &'v Values<'v>, walk: &'w mut Walk, spent: usize) -> Self {
        Self {
            values,
            walk,
            left: WEIGHT.saturating_sub(spent),
        }
    }

    /// The tree with every variable filled in, and what it weighs. `None` where it would grow beyond the bound.
    pub fn fill(mut self, node: &Node) -> Option<(Node, usize)> {
        let before = self.left;
        let filled = self.node(node);
        if filled.is_none() {
            self.walk.note(What::TooMuch, node.at);
        }
        Some((filled?, before - self.left))
    }

    fn node(&mut self, node: &Node) -> Option<Node> {
        self.left = self.left.checked_sub(1)?;
        let kind = match &node.kind {
            Kind::Scalar { text, plain } => return self.scalar(node.at, text, *plain),
            Kind::List(items) => Kind::List(
                items
                    .iter()
                    .map(|item| self.node(item))
                    .collect::<Option<_>>()?,
            ),
            Kind::Map(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|(key, value)| Some((key.clone(), self.node(value)?)))
                    .collect::<Option<_>>()?,
            ),
        };
        Some(Node { at: node.at, kind })
    }

    fn scalar(&mut self, at: At, text: &str, plain: bool) -> Option<Node> {
        if let Some(name) = whole(text) {
            // A value that is one variable becomes what the variable is: a number, a list, a mapping.
            let kind = match self.value(name, at) {
                Some(value) => {
                    self.left = self.left.checked_sub(value.weight())?;
                    value.kind.clone()
                }
                None => scalar(text, plain),
            };
            return Some(Node { at, kind });
        }
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            if rest[..start].ends_with('$') {
                filled.push_str(&rest[..start]);
                filled.push('{');
                rest = &rest[start + 2..];
                continue;
            }
            filled.push_str(&rest[..start]);
            let Some(end) = rest[start..].find('}') else {
                self.walk.note(What::OpenVariable, at);
                rest = "";
                break;
            };
            let name = &rest[start + 2..start + end];
            if let Some(value) = self.value(name, at) {
                match &value.kind {
                    Kind::Scalar { text, .. } => {
                        self.left = self.left.checked_sub(text.len() / 32)?;
                        filled.push_str(text);
                    }
                    _ => self.walk.note(
                        What::VariableInText {
                            name: shorten(name),
                            found: value.found(),
                        },
                        at,
                    ),
                }
            }
            rest = &rest[start + end + 1..];
        }
        filled.push_str(rest);
        self.left = self.left.checked_sub(filled.len() / 32)?;
        Some(Node {
            at,
            kind: scalar(&filled, plain),
        })
    }

    fn value(&mut self, name: &str, at: At) -> Option<&'v Node> {
        let found = self.values.get(name).copied();
        if found.is_none() {
            self.walk.note(
                What::UnknownVariable {
                    name: shorten(name),
                    near: nearest(name, self.values.keys().copied()),
                    valid: self.values.keys().map(|&name| name.to_owned()).collect(),
                },
                at,
            );
        }
        found
    }
}

/// The name, where a text is one variable and nothing else.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.contains(['}', '{', '$'])).then_some(name)
}

fn scalar(text: &str, plain: bool) -> Kind {
    Kind::Scalar {
        text: text.to_owned(),
        plain,
    }
}
