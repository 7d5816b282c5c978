//! Edits of a [`Document`]: each gives the whole document anew, in which nothing changed but the lines of the element.

use std::ops::Range;

use quick_xml::escape::partial_escape;
use thiserror::Error;

use super::broken::Broken;
use super::document::Document;
use super::element::{Element, ElementId};
use super::parse::{is_name, is_xml_character};

/// Why an edit is refused. The document stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// The id is of another document.
    #[error("no such element in this document")]
    NoElement,
    /// The root element cannot go.
    #[error("the root element cannot be removed")]
    Root,
    /// A text is set where there are elements.
    #[error("`{name}` holds elements, so no text can be set")]
    HoldsElements {
        /// The element.
        name: String,
    },
    /// An element is inserted where there is text.
    #[error("`{name}` holds a text, so no element can be inserted")]
    HoldsText {
        /// The element.
        name: String,
    },
    /// A name that no element of the Metadata API has.
    #[error("an element cannot have this name")]
    Name,
    /// A text with characters that XML does not allow.
    #[error("the text holds a control character that XML does not allow")]
    Character,
    /// The result would be no document any more: too long, too deep.
    #[error("the edited document cannot be read: {0}")]
    Broken(#[from] Broken),
}

/// An element to insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    name: String,
    content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Text(String),
    Elements(Vec<Fragment>),
}

impl Fragment {
    /// An element with a text.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            content: Content::Text(text.into()),
        }
    }

    /// An element with elements inside.
    pub fn elements(name: impl Into<String>, elements: Vec<Self>) -> Self {
        Self {
            name: name.into(),
            content: Content::Elements(elements),
        }
    }

    /// The name of the element.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn check(&self) -> Result<(), EditError> {
        if !is_name(&self.name) {
            return Err(EditError::Name);
        }
        match &self.content {
            Content::Text(text) => check_text(text),
            Content::Elements(elements) => elements.iter().try_for_each(Self::check),
        }
    }

    fn write(&self, style: &Style, prefix: &str, indent: &str, into: &mut String) {
        let name = format!("{prefix}{}", self.name);
        into.push('<');
        into.push_str(&name);
        into.push('>');
        match &self.content {
            Content::Text(text) => into.push_str(&style.escape(text)),
            Content::Elements(elements) => {
                let inner = format!("{indent}{}", style.indent);
                for element in elements {
                    into.push_str(style.line_end);
                    into.push_str(&inner);
                    element.write(style, prefix, &inner, into);
                }
                if !elements.is_empty() {
                    into.push_str(style.line_end);
                    into.push_str(indent);
                }
            }
        }
        into.push_str("</");
        into.push_str(&name);
        into.push('>');
    }
}

/// How a document is laid out.
struct Style {
    line_end: &'static str,
    /// One step of indentation.
    indent: String,
}

impl Style {
    /// As Salesforce writes metadata where the document does not show it: four spaces.
    fn of(document: &Document) -> Self {
        let line_end = match document.octets.iter().position(|octet| *octet == b'\n') {
            Some(at) if at > 0 && document.octets[at - 1] == b'\r' => "\r\n",
            _ => "\n",
        };
        let tree = document.tree();
        let indent = tree
            .children(tree.root())
            .find_map(|(_, child)| document.own_indent(child))
            .filter(|indent| !indent.is_empty())
            .unwrap_or_else(|| "    ".to_owned());
        Self { line_end, indent }
    }

    fn escape(&self, text: &str) -> String {
        let text = text.replace("\r\n", "\n");
        partial_escape(text.as_str())
            // A reader would take it for the end of a line.
            .replace('\r', "&#13;")
            .replace('\n', self.line_end)
    }
}

/// One replacement of octets.
struct Change {
    at: Range<usize>,
    by: String,
}

impl Document {
    /// Sets the text of an element. White space around the old text and comments inside the element stay; a text that is already there
    /// changes nothing. `Err` where the element holds elements, or the text a character that XML does not allow.
    pub fn set(&self, id: ElementId, text: &str) -> Result<Self, EditError> {
        let element = self.tree().element(id).ok_or(EditError::NoElement)?;
        if element.has_children() {
            return Err(EditError::HoldsElements {
                name: element.name().to_owned(),
            });
        }
        check_text(text)?;
        let same = !element.nil && element.secret.is_none() && element.text == text.trim();
        if same && text.trim() == text {
            return Ok(self.clone());
        }
        let text = Style::of(self).escape(text);
        self.changed(self.text_changes(element, text))
    }

    /// Inserts an element into another: in alphabetical order, as Salesforce writes metadata, on a line of its own where its neighbours
    /// have one. `Err` where the other element holds a text.
    pub fn insert(&self, parent: ElementId, fragment: &Fragment) -> Result<Self, EditError> {
        let element = self.tree().element(parent).ok_or(EditError::NoElement)?;
        fragment.check()?;
        if !element.text.is_empty() || element.secret.is_some() {
            return Err(EditError::HoldsText {
                name: element.name().to_owned(),
            });
        }
        let change = if element.has_children() {
            self.beside_siblings(parent, element, fragment)
        } else {
            self.as_only_child(element, fragment)
        };
        self.changed(vec![change])
    }

    /// Removes an element; its lines too, where nothing else stands on them. `Err` for the root element.
    pub fn remove(&self, id: ElementId) -> Result<Self, EditError> {
        let element = self.tree().element(id).ok_or(EditError::NoElement)?;
        if element.parent.is_none() {
            return Err(EditError::Root);
        }
        let Range { start, end } = element.spans.whole.clone();
        let alone = self.own_indent(element).map(|indent| start - indent.len());
        let at = match (alone, self.rest_of_line(end)) {
            (Some(line_start), rest) if self.is_blank(rest.clone()) => {
                line_start..self.after_line_end(rest.end)
            }
            _ => start..end,
        };
        self.changed(vec![Change {
            at,
            by: String::new(),
        }])
    }

    fn changed(&self, mut changes: Vec<Change>) -> Result<Self, EditError> {
        changes.sort_by_key(|change| change.at.start);
        let mut octets = Vec::with_capacity(self.octets.len());
        let mut kept = 0;
        for change in changes {
            octets.extend_from_slice(&self.octets[kept..change.at.start]);
            octets.extend_from_slice(change.by.as_bytes());
            kept = change.at.end;
        }
        octets.extend_from_slice(&self.octets[kept..]);
        Ok(Self::parse(octets)?)
    }

    fn text_changes(&self, element: &Element, text: String) -> Vec<Change> {
        let spans = &element.spans;
        let closes_itself = spans.content.is_empty() && spans.content.end == spans.whole.end;
        if closes_itself || element.nil {
            let name = self.qualified_name(element);
            return vec![Change {
                at: spans.whole.clone(),
                by: format!("<{name}>{text}</{name}>"),
            }];
        }
        let mut runs = spans
            .runs
            .iter()
            .map(|run| self.trimmed(run))
            .filter(|run| !run.is_empty());
        let first = runs
            .next()
            .unwrap_or(spans.content.start..spans.content.start);
        let mut changes = vec![Change {
            at: first,
            by: text,
        }];
        changes.extend(runs.map(|at| Change {
            at,
            by: String::new(),
        }));
        changes
    }

    fn beside_siblings(&self, parent: ElementId, element: &Element, fragment: &Fragment) -> Change {
        let style = Style::of(self);
        let prefix = self.prefix(element);
        let siblings: Vec<&Element> = self.tree().children(parent).map(|(_, one)| one).collect();
        // Behind all that come before it; where the order is not alphabetical, behind the last of these.
        let before = siblings
            .iter()
            .rev()
            .find(|sibling| sibling.name() <= fragment.name.as_str());
        let neighbour = before.unwrap_or(&siblings[0]);
        let mut written = String::new();
        let Some(indent) = self.own_indent(neighbour) else {
            fragment.write(&style, &prefix, "", &mut written);
            let at = match before {
                Some(before) => before.spans.whole.end,
                None => neighbour.spans.whole.start,
            };
            return Change {
                at: at..at,
                by: written,
            };
        };
        written.push_str(style.line_end);
        written.push_str(&indent);
        fragment.write(&style, &prefix, &indent, &mut written);
        // At the end of the line, so that a comment behind an element stays with it, and one above an element stays above it.
        let after = match before {
            Some(before) => before.spans.whole.end,
            None => element.spans.content.start,
        };
        let rest = self.rest_of_line(after);
        let at = if self.is_blank_or_comment(rest.clone()) {
            rest.end
        } else {
            after
        };
        Change {
            at: at..at,
            by: written,
        }
    }

    fn as_only_child(&self, element: &Element, fragment: &Fragment) -> Change {
        let style = Style::of(self);
        let name = self.qualified_name(element);
        let outer = self.own_indent(element).unwrap_or_default();
        let inner = format!("{outer}{}", style.indent);
        let line_end = style.line_end;
        let mut written = format!("{line_end}{inner}");
        fragment.write(&style, &self.prefix(element), &inner, &mut written);
        let content = element.spans.content.clone();
        if content.end == element.spans.whole.end || element.nil {
            return Change {
                at: element.spans.whole.clone(),
                by: format!("<{name}>{written}{line_end}{outer}</{name}>"),
            };
        }
        if self.is_blank(content.clone()) {
            written.push_str(line_end);
            written.push_str(&outer);
            return Change {
                at: content,
                by: written,
            };
        }
        // Comments alone: they stay, below.
        Change {
            at: content.start..content.start,
            by: written,
        }
    }

    /// The white space before an element; `None` where something else stands before it on its line.
    fn own_indent(&self, element: &Element) -> Option<String> {
        let start = element.spans.whole.start;
        let line_start = self.octets[..start]
            .iter()
            .rposition(|octet| *octet == b'\n')
            .map_or(0, |at| at + 1);
        let before = std::str::from_utf8(&self.octets[line_start..start]).ok()?;
        before
            .chars()
            .all(|c| matches!(c, ' ' | '\t'))
            .then(|| before.to_owned())
    }

    /// From an octet to the end of its line, without the line end.
    fn rest_of_line(&self, from: usize) -> Range<usize> {
        let end = self.octets[from..]
            .iter()
            .position(|octet| *octet == b'\n')
            .map_or(self.octets.len(), |at| from + at);
        let end = if end > from && self.octets[end - 1] == b'\r' {
            end - 1
        } else {
            end
        };
        from..end
    }

    fn after_line_end(&self, end: usize) -> usize {
        let rest = &self.octets[end..];
        if rest.starts_with(b"\r\n") {
            end + 2
        } else if rest.starts_with(b"\n") {
            end + 1
        } else {
            end
        }
    }

    fn is_blank(&self, range: Range<usize>) -> bool {
        self.octets[range].iter().all(u8::is_ascii_whitespace)
    }

    fn is_blank_or_comment(&self, range: Range<usize>) -> bool {
        let rest = self.octets[range].trim_ascii();
        rest.is_empty()
            || rest.starts_with(b"<!--")
                && rest.windows(3).position(|three| three == b"-->") == Some(rest.len() - 3)
    }

    /// A run of characters without the white space around them.
    fn trimmed(&self, run: &Range<usize>) -> Range<usize> {
        let octets = &self.octets[run.clone()];
        let start = run.start + octets.len() - octets.trim_ascii_start().len();
        start..start + octets.trim_ascii().len()
    }

    /// The name as the start tag has it.
    fn qualified_name(&self, element: &Element) -> String {
        format!("{}{}", self.prefix(element), element.name())
    }

    /// The prefix with its colon, or nothing.
    fn prefix(&self, element: &Element) -> String {
        let tag = &self.octets[element.spans.whole.start + 1..];
        let name = tag
            .split(|octet| octet.is_ascii_whitespace() || matches!(octet, b'>' | b'/'))
            .next()
            .unwrap_or_default();
        name.iter()
            .position(|octet| *octet == b':')
            .map(|colon| String::from_utf8_lossy(&name[..=colon]).into_owned())
            .unwrap_or_default()
    }
}

fn check_text(text: &str) -> Result<(), EditError> {
    if text.chars().all(is_xml_character) {
        Ok(())
    } else {
        Err(EditError::Character)
    }
}
