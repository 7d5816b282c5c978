//! Scenario files: YAML → [`Scenario`] (as written, each value with its place) → one [`Story`] for each combination of the matrix.
//! A wrong file is reported whole, and then nothing of it runs.

mod discover;
mod duration;
mod error;
mod expect;
pub mod keys;
mod schema;
mod send;
mod setup;
mod source;
mod steps;
mod story;
mod titles;
mod values;
mod vars;
mod walk;
pub mod yaml;

use std::path::Path;
use std::sync::Arc;

pub use discover::{Selection, discover};
pub use duration::say as say_duration;
pub use error::{Error, Faulty, Mistake, What, nearest};
pub use schema::{schema, target_schema};
pub use setup::world;
pub use source::{LIMIT, text_of};
pub use story::*;
pub use vars::COMBINATIONS;
pub use walk::{Fields, Walk};
pub use yaml::At;

use self::values::Scratch;
use self::yaml::{Kind, Node};
use crate::factor::{Factor, FactorKind, Known, Provenance, plain};

/// A scenario file as written: the tree, with every value's place, and the names that reports and choices need.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The file, as it was named.
    pub file: String,
    /// The text.
    pub text: Arc<str>,
    /// The tree.
    pub root: Node,
}

impl Scenario {
    /// Reads a file and takes it apart. `Err` where it is no file, no text or no YAML.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&path.display().to_string(), &text_of(path)?)
    }

    /// Takes a text apart, as one that is embedded.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let text: Arc<str> = text.into();
        let mut mistakes = Vec::new();
        let root = yaml::read(&text, &mut mistakes);
        if mistakes.is_empty() && root.as_ref().is_none_or(Node::is_null) {
            mistakes.push(What::Nothing.at(At {
                line: 1,
                column: 1,
                ..At::default()
            }));
        }
        match root {
            Some(root) if mistakes.is_empty() => Ok(Self {
                file: file.to_owned(),
                text,
                root,
            }),
            // What can be read is read on, so that one broken key hides no other mistake.
            Some(root) => {
                let scenario = Self {
                    file: file.to_owned(),
                    text,
                    root,
                };
                if let Err(Error::Faulty(more)) = scenario.stories() {
                    mistakes.extend(more.mistakes);
                }
                Err(scenario.faulty(mistakes).into())
            }
            None => Err(Faulty::new(file, text, mistakes).into()),
        }
    }

    /// One story for each combination of the matrix, in the order of the file. `Err` holds every mistake of every combination.
    pub fn stories(&self) -> Result<Vec<Story>, Error> {
        let mut walk = Walk::default();
        let variables = vars::variables(self.root.get("vars"), &mut walk);
        let combinations = vars::combinations(self.root.get("matrix"), &mut walk);
        let mut stories = Vec::with_capacity(combinations.len());
        let mut spent = 0;
        for combination in combinations {
            let mut values = variables.clone();
            values.extend(combination.iter().copied());
            let Some((root, weight)) =
                vars::Filling::new(&values, &mut walk, spent).fill(&self.body())
            else {
                break;
            };
            spent += weight;
            let story = self.story(&root, &mut walk);
            if let Some(mut story) = story {
                story.combination = combination
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), vars::said(value)))
                    .collect();
                stories.push(story);
            }
            // The same mistake in each combination is said once; a hundred different ones are enough.
            if walk.mistakes.len() > 100 {
                break;
            }
        }
        if walk.mistakes.is_empty() {
            Ok(stories)
        } else {
            Err(self.faulty(walk.mistakes).into())
        }
    }

    /// The set-up of an org file: `app`, `apps`, `org`, `users`, `now` and `propagation`, as in a scenario. `Err` holds every mistake.
    pub fn org(&self) -> Result<Setup, Error> {
        const KEYS: [&str; 6] = ["app", "apps", "org", "users", "now", "propagation"];
        let mut walk = Walk::default();
        let setup = walk
            .fields(&self.root, "an org file", &KEYS)
            .map(|fields| setup::read(&fields, &mut Scratch::new(), &mut walk))
            .unwrap_or_default();
        if walk.mistakes.is_empty() {
            Ok(setup)
        } else {
            Err(self.faulty(walk.mistakes).into())
        }
    }

    /// The tree without what variables are made of.
    fn body(&self) -> Node {
        let kind = match &self.root.kind {
            Kind::Map(entries) => Kind::Map(
                entries
                    .iter()
                    .filter(|(key, _)| key.name != "vars" && key.name != "matrix")
                    .cloned()
                    .collect(),
            ),
            other => other.clone(),
        };
        Node {
            at: self.root.at,
            kind,
        }
    }

    fn faulty(&self, mistakes: Vec<Mistake>) -> Faulty {
        Faulty::new(&self.file, Arc::clone(&self.text), mistakes)
    }

    fn story(&self, root: &Node, walk: &mut Walk) -> Option<Story> {
        let fields = walk.fields(root, "a scenario", &keys::names(keys::STORY))?;
        let mut required = |key: &'static str, help: &'static str| {
            let node = fields.value(key);
            if node.is_none() && !walk.meant(key) {
                walk.note(What::Absent { key, help }, head(fields.at));
            }
            node
        };
        let title = required(
            "story",
            "name the story: `story: Ana logs in and refreshes`",
        );
        let steps = required(
            "steps",
            "say what happens: `steps: [{grant: authorization_code, expect: granted}]`",
        );
        let mut scratch = Scratch::new();
        let mut setup = setup::read(&fields, &mut scratch, walk);
        let steps = steps
            .map(|node| steps::read(node, &mut setup, &mut scratch, walk))
            .unwrap_or_default();
        let story = Story {
            file: self.file.clone(),
            title: title.and_then(|node| walk.line(node)).unwrap_or_default(),
            about: fields.value("about").and_then(|node| walk.text(node)),
            tags: fields
                .value("tags")
                .and_then(|node| walk.names(node))
                .unwrap_or_default(),
            combination: Vec::new(),
            declared: fields
                .value("declared")
                .map(|node| declared(node, walk))
                .unwrap_or_default(),
            setup,
            timeout: fields.value("timeout").and_then(|node| walk.duration(node)),
            retries: fields
                .value("retries")
                .and_then(|node| walk.number_in(node, 0, 10))
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(0),
            steps,
        };
        Some(story)
    }
}

/// The first octet of a mapping, so that a missing key does not mark the whole file.
fn head(at: At) -> At {
    At {
        end: at.start,
        ..at
    }
}

/// Values that the diagnosis may know, by key or by `Type.field`, in any section.
fn declared(node: &Node, walk: &mut Walk) -> Known {
    let mut known = Known::new();
    let Some(entries) = walk.entries(node, "values by `Type.field`") else {
        return known;
    };
    let mut scratch = Scratch::new();
    for (key, value) in entries {
        let kind = kind_of(&key.name);
        let Some(kind) = kind else {
            let mut valid: Vec<&str> = plain::keys();
            valid.extend(
                Factor::ALL
                    .iter()
                    .filter(|factor| section_of(**factor).is_some())
                    .map(|factor| factor.field())
                    .filter(|field| field.contains('.')),
            );
            walk.unknown_key(key, "`declared:`", valid);
            continue;
        };
        let one = Node {
            at: node.at,
            kind: Kind::Map(vec![(key.clone(), value.clone())]),
        };
        let section = values::Section {
            kind,
            app: crate::model::AppId(0),
            person: None,
            beside: &[],
        };
        for delta in section.read(&one, &mut scratch, walk).deltas {
            known.learn(delta.factor, delta.value, Provenance::Declared);
        }
    }
    known
}

fn kind_of(name: &str) -> Option<FactorKind> {
    if plain::key(name).is_some() {
        return Some(FactorKind::App);
    }
    let named = |by: fn(&Factor) -> &'static str| {
        Factor::ALL
            .iter()
            .filter(|factor| by(factor) == name)
            .find_map(|factor| section_of(*factor))
    };
    named(|factor| factor.field()).or_else(|| named(|factor| factor.key()))
}

fn section_of(factor: Factor) -> Option<FactorKind> {
    match factor.kind() {
        kind @ (FactorKind::App | FactorKind::Org | FactorKind::Person) => Some(kind),
        FactorKind::Request | FactorKind::Environment => None,
    }
}

/// Notes a name that the file does not have.
fn no_such(noun: &'static str, name: &str, at: At, names: &[String], walk: &mut Walk) {
    walk.note(
        What::NoSuch {
            noun,
            name: yaml::shorten(name),
            near: nearest(name, names.iter().map(String::as_str)),
            valid: names.to_vec(),
        },
        at,
    );
}

#[cfg(test)]
mod tests;
