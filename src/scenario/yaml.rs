//! YAML as a tree in which every value knows its place. Bounded: size, depth, nodes, and what aliases may copy.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_saphyr::granit_parser::{
    ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, options,
};

use super::error::{Mistake, What};

/// How much a file may hold, copies by alias included: one for each value, one more for each 32 octets of its text.
const WEIGHT: usize = 100_000;
/// How deep values may be nested.
const DEPTH: usize = 64;

/// Where a value stands: octets in the file, and line and column from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct At {
    /// First octet.
    pub start: usize,
    /// The octet after the last.
    pub end: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl At {
    fn of(span: &Span) -> Self {
        let (start, end) = span
            .byte_range()
            .map_or((0, 0), |range| (range.start, range.end));
        Self {
            start,
            end: end.max(start),
            line: span.start.line(),
            column: span.start.col() + 1,
        }
    }
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub at: At,
    /// What it is.
    pub kind: Kind,
}

/// What a value is. Scalars stay text: what they mean is decided where they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A text, a number, a switch, nothing.
    Scalar {
        /// The text after escapes.
        text: String,
        /// Written without quotes, so that `true`, `5` and `null` are no texts.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file, without repeated keys.
    Map(Vec<(Key, Node)>),
}

/// A key and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The text.
    pub name: String,
    /// Where it stands.
    pub at: At,
}

impl Node {
    /// What it is, in words for a message.
    pub fn found(&self) -> String {
        match &self.kind {
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
            Kind::Scalar { text, plain: true } if is_null(text) => "nothing".to_owned(),
            Kind::Scalar { text, .. } => format!("`{}`", shorten(text)),
        }
    }

    /// Whether nothing is written, or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if is_null(text))
    }

    /// The value of a key.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries
                .iter()
                .find(|(key, _)| key.name == name)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// How much it counts against the bound of a file.
    pub(super) fn weight(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar { text, .. } => text.len() / 32,
            Kind::List(items) => items.iter().map(Self::weight).sum(),
            Kind::Map(entries) => entries.iter().map(|(_, node)| 1 + node.weight()).sum(),
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A text short enough for a message.
pub fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LONGEST && line.len() == text.trim_end().len() {
        return line.to_owned();
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}

/// A collection that is being read.
struct Open {
    at: At,
    anchor: usize,
    kind: Kind,
    key: Option<Key>,
    /// The key was no text: its value is dropped.
    skip: bool,
    /// The keys so far and their lines.
    lines: HashMap<String, usize>,
}

/// Reads the one document of a file. `None` where the file has no content, or none that can be read: the mistakes then say why.
pub fn read(text: &str, mistakes: &mut Vec<Mistake>) -> Option<Node> {
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
    };
    let mut tree = Tree {
        mistakes,
        open: Vec::new(),
        anchors: HashMap::new(),
        weight: 0,
        root: None,
    };
    let mut documents = 0;
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                tree.mistakes.push(broken(&error, text));
                return None;
            }
        };
        let at = At::of(&span);
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    tree.mistakes.push(What::SecondDocument.at(at));
                    return None;
                }
            }
            Event::Scalar(value, style, anchor, tag) => {
                if tag.is_some() {
                    tree.mistakes.push(What::Tag.at(at));
                }
                let kind = Kind::Scalar {
                    text: value.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                tree.value(Node { at, kind }, anchor);
            }
            Event::SequenceStart(_, anchor, _) => tree.begin(at, anchor, Kind::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => tree.begin(at, anchor, Kind::Map(Vec::new())),
            Event::SequenceEnd | Event::MappingEnd => tree.end(at),
            Event::Alias(anchor) => tree.alias(at, anchor),
            _ => {}
        }
        if tree.weight > WEIGHT {
            tree.mistakes.push(What::TooMuch.at(at));
            return None;
        }
    }
    tree.root
}

struct Tree<'m> {
    mistakes: &'m mut Vec<Mistake>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    weight: usize,
    root: Option<Node>,
}

impl Tree<'_> {
    fn begin(&mut self, at: At, anchor: usize, kind: Kind) {
        self.open.push(Open {
            at,
            anchor,
            kind,
            key: None,
            skip: false,
            lines: HashMap::new(),
        });
        self.weight += 1;
    }

    fn end(&mut self, at: At) {
        if let Some(open) = self.open.pop() {
            let place = At {
                end: at.end.max(open.at.end),
                ..open.at
            };
            let node = Node {
                at: place,
                kind: open.kind,
            };
            self.place(node, open.anchor);
        }
    }

    fn value(&mut self, node: Node, anchor: usize) {
        self.weight += node.weight();
        self.place(node, anchor);
    }

    fn alias(&mut self, at: At, anchor: usize) {
        // An anchor that is still open would hold itself.
        let Some(copy) = self.anchors.get(&anchor) else {
            self.mistakes.push(What::AliasOfItself.at(at));
            self.value(
                Node {
                    at,
                    kind: Kind::List(Vec::new()),
                },
                0,
            );
            return;
        };
        self.weight = self.weight.saturating_add(copy.weight());
        if self.weight > WEIGHT {
            return;
        }
        let node = Node {
            at,
            kind: copy.kind.clone(),
        };
        self.place(node, 0);
    }

    fn place(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match open.key.take() {
                None if open.skip => open.skip = false,
                None => {
                    if let Kind::Scalar { text: name, .. } = node.kind {
                        open.key = Some(Key { name, at: node.at });
                    } else {
                        self.mistakes.push(What::KeyIsNoText.at(node.at));
                        open.skip = true;
                    }
                }
                Some(key) => match open.lines.entry(key.name.clone()) {
                    Entry::Occupied(first) => self.mistakes.push(
                        What::Repeated {
                            key: shorten(&key.name),
                            line: *first.get(),
                        }
                        .at(key.at),
                    ),
                    Entry::Vacant(free) => {
                        free.insert(key.at.line);
                        entries.push((key, node));
                    }
                },
            },
            Kind::Scalar { .. } => {}
        }
    }
}

/// What the parser refused, without a word of the file's content.
fn broken(error: &ScanError, text: &str) -> Mistake {
    let marker = error.marker();
    let start = marker.byte_offset().unwrap_or(text.len()).min(text.len());
    let reason = match error.kind() {
        ErrorKind::UnknownAnchor => {
            "an alias (`*name`) without its anchor; a text that begins with `*` needs quotes"
                .to_owned()
        }
        kind => kind.to_string(),
    };
    What::Yaml { reason }.at(At {
        start,
        end: start,
        line: marker.line(),
        column: marker.col() + 1,
    })
}
