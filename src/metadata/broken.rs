//! Why a file is no metadata file that can be read. No text of the file is quoted but the names of elements: a secret may stand anywhere.

use thiserror::Error;

use super::element::Place;

/// A file that cannot be read, and where it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Broken {
    /// The place.
    pub place: Place,
    /// The reason.
    pub reason: Reason,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// Octets that are no UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A declaration with another encoding.
    #[error("the XML declaration names an encoding other than UTF-8")]
    Encoding,
    /// A declaration anywhere but at the beginning, or one without a version.
    #[error("the XML declaration is not at the beginning of the file, or not complete")]
    Declaration,
    /// Longer than a file may be.
    #[error("longer than {limit} octets")]
    TooLong {
        /// The bound.
        limit: usize,
    },
    /// Too many elements inside each other.
    #[error("more than {limit} elements inside each other")]
    TooDeep {
        /// The bound.
        limit: usize,
    },
    /// Too many elements.
    #[error("more than {limit} elements")]
    TooMany {
        /// The bound.
        limit: usize,
    },
    /// A tag with too many attributes, or a wrong one.
    #[error("an attribute is not well formed, given twice, or one too many")]
    Attribute,
    /// `<!DOCTYPE`.
    #[error("a document type stands here; neither it nor its entities are read")]
    DocumentType,
    /// An entity beyond the five of XML.
    #[error("an entity that XML does not define by itself; none is resolved")]
    Entity,
    /// `&` without `;`.
    #[error("`&` begins no entity or character reference")]
    Ampersand,
    /// A character that XML does not allow.
    #[error("a control character that XML does not allow")]
    Character,
    /// A prefix that stands for no namespace, or a wrong declaration of one.
    #[error("a namespace prefix is not declared, or declared wrongly")]
    Namespace,
    /// A name that is none.
    #[error("a tag without a proper name")]
    Name,
    /// An end tag that ends something else.
    #[error("`</{open}>` is expected here")]
    EndTag {
        /// The element that is open.
        open: String,
    },
    /// An end tag without a start tag.
    #[error("an end tag that ends nothing")]
    EndTagAlone,
    /// The file ends inside an element.
    #[error("`{open}` is not ended")]
    NotEnded {
        /// The innermost element that is open.
        open: String,
    },
    /// A tag, comment, CDATA section or instruction that is not closed.
    #[error("a tag, comment or section is not closed")]
    NotClosed,
    /// Text before or after the root element.
    #[error("text outside the root element")]
    TextOutside,
    /// Two root elements.
    #[error("a second root element")]
    SecondRoot,
    /// No element at all.
    #[error("no element in the file")]
    Empty,
}

impl Reason {
    /// What can be done about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NotUtf8 | Self::Encoding => "save the file as UTF-8",
            Self::TooLong { .. } | Self::TooDeep { .. } | Self::TooMany { .. } => {
                "no metadata file is like this; see what wrote it"
            }
            Self::DocumentType | Self::Entity => {
                "write the text itself; XML knows `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;`"
            }
            Self::Ampersand => "write `&amp;` for `&`",
            Self::Empty => "retrieve the record from the org again",
            _ => "mend the XML, or retrieve the record from the org again",
        }
    }
}
