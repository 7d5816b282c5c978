//! The elements of a file as a tree, each with its place. The text of a secret is not among them.

use std::ops::Range;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// Where a file begins.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place of an octet of a text; past its end, the end.
    pub(super) fn of(text: &[u8], octet: usize) -> Self {
        Self::START.after(&text[..octet.min(text.len())])
    }

    /// The place behind a piece of text that begins here.
    #[must_use]
    pub(super) fn after(self, passed: &[u8]) -> Self {
        let mut lines = passed.split(|octet| *octet == b'\n');
        let first = lines.next().map_or(0, characters);
        lines.fold(
            Self {
                column: self.column + first,
                ..self
            },
            |place, line| Self {
                line: place.line + 1,
                column: 1 + characters(line),
            },
        )
    }
}

/// Characters that begin in a piece of UTF-8.
fn characters(text: &[u8]) -> usize {
    text.iter().filter(|octet| **octet & 0xC0 != 0x80).count()
}

/// Names an element of one [`Tree`]. It means nothing to another tree, the one after an edit included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementId(pub(super) usize);

/// What sort of secret an element holds. The secret itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Secret {
    /// `consumerSecret`, or an element whose name says as much.
    ConsumerSecret,
    /// A private key in PEM form, whatever the element is called.
    PrivateKey,
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub(super) name: String,
    pub(super) metadata: bool,
    pub(super) place: Place,
    pub(super) text: String,
    pub(super) secret: Option<Secret>,
    pub(super) nil: bool,
    pub(super) stray: bool,
    pub(super) parent: Option<ElementId>,
    pub(super) children: Vec<ElementId>,
    pub(super) spans: Spans,
}

/// Where an element stands in the octets of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spans {
    /// From the `<` of the start tag to the `>` of the end tag.
    pub(super) whole: Range<usize>,
    /// Between the tags; empty for `<name/>`.
    pub(super) content: Range<usize>,
    /// Character data of the content, comments left out; empty where there are child elements.
    pub(super) runs: Vec<Range<usize>>,
}

impl Element {
    /// The name without a prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is in the namespace of the Metadata API.
    pub const fn is_metadata(&self) -> bool {
        self.metadata
    }

    /// Where its start tag begins.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The text without white space around it; empty for a secret, for `xsi:nil` and where there are child elements.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The secret that it holds, by sort.
    pub const fn secret(&self) -> Option<Secret> {
        self.secret
    }

    /// Whether it says `xsi:nil="true"`, which means the same as no element.
    pub const fn is_nil(&self) -> bool {
        self.nil
    }

    /// Whether text stands between its child elements, where it means nothing.
    pub const fn has_stray_text(&self) -> bool {
        self.stray
    }

    /// Whether it holds elements.
    pub const fn has_children(&self) -> bool {
        !self.children.is_empty()
    }
}

/// The elements of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Never empty; the root is the first.
    pub(super) elements: Vec<Element>,
}

impl Tree {
    /// The root element.
    pub const fn root(&self) -> ElementId {
        ElementId(0)
    }

    /// An element by its id; `None` for an id of a larger tree.
    pub fn element(&self, id: ElementId) -> Option<&Element> {
        self.elements.get(id.0)
    }

    /// The root element itself.
    ///
    /// # Panics
    ///
    /// Never: a file without a root element is not made into a tree.
    pub fn root_element(&self) -> &Element {
        self.elements
            .first()
            .expect("invariant: a tree has a root element")
    }

    /// The elements directly inside an element, in the order of the file.
    pub fn children(&self, id: ElementId) -> impl Iterator<Item = (ElementId, &Element)> {
        let children = self
            .element(id)
            .map_or(&[][..], |element| &element.children);
        children
            .iter()
            .filter_map(|child| Some((*child, self.element(*child)?)))
    }

    /// The elements of the Metadata API that a path leads to, in the order of the file: `isPkceRequired`, `oauthConfig.scopes`.
    pub fn find_all(&self, path: &str) -> Vec<(ElementId, &Element)> {
        let mut found = vec![(self.root(), self.root_element())];
        for name in path.split('.') {
            found = found
                .into_iter()
                .flat_map(|(id, _)| self.children(id))
                .filter(|(_, element)| element.metadata && element.name == name)
                .collect();
        }
        found
    }

    /// The first of [`Tree::find_all`].
    pub fn find(&self, path: &str) -> Option<(ElementId, &Element)> {
        self.find_all(path).into_iter().next()
    }
}
