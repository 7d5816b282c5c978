//! From octets to elements: XML 1.0 as metadata files use it, strict where leniency would hide a broken file.

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};
use quick_xml::{Error as XmlError, errors::IllFormedError};

use super::broken::{Broken, Reason};
use super::element::{Element, ElementId, Place, Secret, Spans, Tree};
use super::values::flag;

/// Longest file that is read, in octets.
pub(super) const LONGEST: usize = 5 * 1024 * 1024;
/// Elements inside each other.
const DEEPEST: usize = 64;
/// Elements of a file. A profile of an old org has some ten thousands.
const MOST: usize = 250_000;
/// Attributes of a tag; metadata knows `xmlns` and `xsi:nil`.
const ATTRIBUTES: usize = 16;

/// The namespace of the Metadata API.
pub(super) const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads a file.
pub(super) fn parse(octets: &[u8]) -> Result<Tree, Broken> {
    if octets.len() > LONGEST {
        return Err(Broken {
            place: Place::START,
            reason: Reason::TooLong { limit: LONGEST },
        });
    }
    let text = std::str::from_utf8(octets).map_err(|error| Broken {
        place: Place::of(octets, error.valid_up_to()),
        reason: Reason::NotUtf8,
    })?;
    if let Some(at) = text.find(|c| !is_xml_character(c)) {
        return Err(Broken {
            place: Place::of(octets, at),
            reason: Reason::Character,
        });
    }
    // The reader's positions do not count the mark.
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut builder = Builder {
        text,
        offset: text.len() - body.len(),
        cursor: Cursor::new(text.as_bytes()),
        elements: Vec::new(),
        open: Vec::new(),
        in_secrets: 0,
    };
    builder.read(body)?;
    Ok(Tree {
        elements: builder.elements,
    })
}

/// `Char` of XML 1.0, section 2.2, which is what this tool writes too.
pub(super) const fn is_xml_character(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// A name as metadata has them. XML allows more; no type of the Metadata API does.
pub(super) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Counts lines and columns while positions only grow, so that a file of one long line costs no more than another.
struct Cursor<'t> {
    text: &'t [u8],
    octet: usize,
    place: Place,
}

impl<'t> Cursor<'t> {
    const fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            octet: 0,
            place: Place::START,
        }
    }

    fn place(&mut self, octet: usize) -> Place {
        let octet = octet.max(self.octet);
        self.place = self.place.after(&self.text[self.octet..octet]);
        self.octet = octet;
        self.place
    }
}

struct Builder<'t> {
    text: &'t str,
    /// Octets before what the reader sees.
    offset: usize,
    cursor: Cursor<'t>,
    elements: Vec<Element>,
    open: Vec<usize>,
    /// How many of the open elements hold a secret by their name.
    in_secrets: usize,
}

impl Builder<'_> {
    fn read(&mut self, body: &str) -> Result<(), Broken> {
        let mut reader = NsReader::from_str(body);
        reader.config_mut().enable_all_checks(true);
        let mut declared = false;
        loop {
            let start = self.position(reader.buffer_position());
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = self.position(reader.error_position()).max(start);
                    let reason = self.reason(&error);
                    return Err(self.broken(at, reason));
                }
            };
            let end = self.position(reader.buffer_position());
            match event {
                Event::Start(tag) => self.start(&tag, reader.resolver(), start, end)?,
                Event::Empty(tag) => {
                    self.start(&tag, reader.resolver(), start, end)?;
                    self.end(end, end);
                }
                Event::End(_) => self.end(start, end),
                Event::Text(text) => self.characters(&text.xml10_content(), start, end)?,
                Event::CData(text) => {
                    if self.open.is_empty() {
                        return Err(self.broken(start, Reason::TextOutside));
                    }
                    self.characters(&text.xml10_content(), start, end)?;
                }
                Event::GeneralRef(reference) => {
                    let c = self.resolve(&reference, start)?;
                    self.characters(c.encode_utf8(&mut [0; 4]), start, end)?;
                }
                Event::DocType(_) => return Err(self.broken(start, Reason::DocumentType)),
                Event::Decl(declaration) => {
                    let first = !declared && start == self.offset;
                    declared = true;
                    self.declaration(&declaration, first, start)?;
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => return self.finish(start),
            }
        }
    }

    fn position(&self, of_reader: u64) -> usize {
        // A position of the reader lies inside the text, which fits the memory.
        self.offset + usize::try_from(of_reader).unwrap_or(usize::MAX - self.offset)
    }

    fn broken(&self, at: usize, reason: Reason) -> Broken {
        Broken {
            place: Place::of(self.text.as_bytes(), at),
            reason,
        }
    }

    fn declaration(
        &self,
        declaration: &BytesDecl<'_>,
        first: bool,
        start: usize,
    ) -> Result<(), Broken> {
        if !first || declaration.version().is_err() {
            return Err(self.broken(start, Reason::Declaration));
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(encoding))
                if ["utf-8", "utf8", "us-ascii"]
                    .iter()
                    .any(|known| encoding.eq_ignore_ascii_case(known)) =>
            {
                Ok(())
            }
            Some(_) => Err(self.broken(start, Reason::Encoding)),
        }
    }

    fn start(
        &mut self,
        tag: &BytesStart<'_>,
        resolver: &NamespaceResolver,
        start: usize,
        end: usize,
    ) -> Result<(), Broken> {
        let wrong = |reason| Err(self.broken(start, reason));
        if self.open.is_empty() && !self.elements.is_empty() {
            return wrong(Reason::SecondRoot);
        }
        if self.open.len() >= DEEPEST {
            return wrong(Reason::TooDeep { limit: DEEPEST });
        }
        if self.elements.len() >= MOST {
            return wrong(Reason::TooMany { limit: MOST });
        }
        let (namespace, local) = resolver.resolve_element(tag.name());
        let local = local.into_inner();
        if !is_name(local) {
            return wrong(Reason::Name);
        }
        if matches!(namespace, ResolveResult::Unknown(_)) {
            return wrong(Reason::Namespace);
        }
        let attributes = tag.attributes().take(ATTRIBUTES + 1);
        if attributes.clone().any(|attribute| attribute.is_err()) || attributes.count() > ATTRIBUTES
        {
            return wrong(Reason::Attribute);
        }
        self.in_secrets += usize::from(names_a_secret(local));
        let place = self.cursor.place(start);
        let id = ElementId(self.elements.len());
        let parent = self.open.last().copied();
        if let Some(parent) = parent {
            let parent = &mut self.elements[parent];
            if parent.children.is_empty() {
                parent.stray = !parent.text.trim().is_empty();
                parent.text.clear();
                parent.spans.runs.clear();
            }
            parent.children.push(id);
        }
        self.elements.push(Element {
            name: local.to_owned(),
            metadata: namespace == ResolveResult::Bound(Namespace(NAMESPACE)),
            place,
            text: String::new(),
            secret: None,
            nil: tag.attributes().has_nil(resolver),
            stray: false,
            parent: parent.map(ElementId),
            children: Vec::new(),
            spans: Spans {
                whole: start..end,
                content: end..end,
                runs: Vec::new(),
            },
        });
        self.open.push(id.0);
        Ok(())
    }

    /// Ends the innermost element, whose end tag stands at `start..end`.
    fn end(&mut self, start: usize, end: usize) {
        let in_secret = self.in_secrets > 0;
        let Some(element) = self.open.pop().map(|open| &mut self.elements[open]) else {
            return;
        };
        self.in_secrets -= usize::from(names_a_secret(&element.name));
        element.spans.whole.end = end;
        element.spans.content.end = start;
        let text = element.text.trim();
        element.secret = if text.contains("PRIVATE KEY-----") {
            Some(Secret::PrivateKey)
        } else if in_secret && !text.is_empty() && flag(text).is_none() {
            Some(Secret::ConsumerSecret)
        } else {
            None
        };
        element.text = if element.secret.is_some() || element.nil {
            String::new()
        } else {
            text.to_owned()
        };
    }

    fn characters(&mut self, text: &str, start: usize, end: usize) -> Result<(), Broken> {
        let Some(open) = self.open.last() else {
            return if text.trim().is_empty() {
                Ok(())
            } else {
                Err(self.broken(start, Reason::TextOutside))
            };
        };
        let element = &mut self.elements[*open];
        if !element.children.is_empty() {
            element.stray |= !text.trim().is_empty();
            return Ok(());
        }
        element.text.push_str(text);
        match element.spans.runs.last_mut() {
            Some(run) if run.end == start => run.end = end,
            _ => element.spans.runs.push(start..end),
        }
        Ok(())
    }

    fn resolve(&self, reference: &BytesRef<'_>, start: usize) -> Result<char, Broken> {
        if reference.is_char_ref() {
            return match reference.resolve_char_ref() {
                Ok(Some(c)) if is_xml_character(c) => Ok(c),
                _ => Err(self.broken(start, Reason::Character)),
            };
        }
        resolve_predefined_entity(reference)
            .and_then(|text| text.chars().next())
            .ok_or_else(|| self.broken(start, Reason::Entity))
    }

    fn finish(&self, end: usize) -> Result<(), Broken> {
        if let Some(open) = self.open.last() {
            let open = self.elements[*open].name.clone();
            return Err(self.broken(end, Reason::NotEnded { open }));
        }
        if self.elements.is_empty() {
            return Err(self.broken(end, Reason::Empty));
        }
        Ok(())
    }

    fn reason(&self, error: &XmlError) -> Reason {
        match error {
            XmlError::IllFormed(IllFormedError::MismatchedEndTag { .. }) => {
                let open = self.open.last().map(|open| &self.elements[*open].name);
                Reason::EndTag {
                    open: open.cloned().unwrap_or_default(),
                }
            }
            XmlError::IllFormed(IllFormedError::UnmatchedEndTag(_)) => Reason::EndTagAlone,
            XmlError::IllFormed(IllFormedError::UnclosedReference) => Reason::Ampersand,
            XmlError::IllFormed(IllFormedError::MissingDoctypeName) => Reason::DocumentType,
            XmlError::IllFormed(
                IllFormedError::MissingDeclVersion(_) | IllFormedError::UnknownVersion,
            ) => Reason::Declaration,
            XmlError::InvalidAttr(_) => Reason::Attribute,
            XmlError::Namespace(_) => Reason::Namespace,
            XmlError::Encoding(_) => Reason::NotUtf8,
            XmlError::Escape(_) => Reason::Entity,
            XmlError::Syntax(_) | XmlError::Io(_) | XmlError::IllFormed(_) => Reason::NotClosed,
        }
    }
}

/// Whether an element of this name holds a secret rather than a switch about one: `consumerSecret`, a misspelt `clientSecret`, but not
/// `isSecretRequiredForRefreshToken`, `shouldRotateConsumerSecret`, `enableClientSecretInRestApiAccess`.
pub(super) fn names_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("secret")
        && !["is", "should", "enable"]
            .iter()
            .any(|switch| lower.starts_with(switch))
}
