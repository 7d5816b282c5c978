//! One record: a file that was read, by type and name.

use std::path::PathBuf;

use super::certificate::Validity;
use super::element::{Element, Place, Tree};
use super::finding::{Finding, FindingKind};
use super::types::RecordType;
use crate::factor::Provenance;

/// A metadata record, as one file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its type.
    pub kind: RecordType,
    /// Its full name, from the file name; with the namespace where it has one.
    pub name: String,
    /// The file, as the user named its folder.
    pub file: String,
    /// The same for the system: a name need not be UTF-8.
    pub(super) path: PathBuf,
    /// Its elements.
    pub tree: Tree,
    /// For how long the certificate in it holds, where one can be read.
    pub certificate: Option<Validity>,
}

impl Record {
    /// The first element that a path leads to (`isPkceRequired`, `oauthConfig.scopes`); `None` too for `xsi:nil`.
    pub fn element(&self, path: &str) -> Option<&Element> {
        self.tree
            .find(path)
            .map(|(_, element)| element)
            .filter(|element| !element.is_nil())
    }

    /// The text of that element; `None` without it, and for a secret.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.element(path)
            .filter(|element| element.secret().is_none())
            .map(Element::text)
    }

    /// The switch at a path; `None` without the element, or with a text that is none.
    pub fn flag(&self, path: &str) -> Option<bool> {
        self.text(path).and_then(super::values::flag)
    }

    /// The app that the record names.
    pub fn app(&self) -> Option<&str> {
        self.text(LINK).filter(|name| !name.is_empty())
    }

    /// `Type.path`.
    pub fn field(&self, path: &str) -> String {
        format!("{}.{path}", self.kind.name())
    }

    pub(super) fn provenance(&self, element: &Element) -> Provenance {
        Provenance::File {
            file: self.file.clone(),
            line: element.place().line,
        }
    }

    pub(super) fn finding(
        &self,
        kind: FindingKind,
        place: Place,
        path: Option<&str>,
        message: String,
        help: impl Into<String>,
    ) -> Finding {
        Finding {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            kind,
            field: Some(path.map_or_else(|| self.kind.name().to_owned(), |path| self.field(path))),
            message,
            help: help.into(),
        }
    }
}

/// The element by which the records of an External Client App belong together; their file names are free.
pub(super) const LINK: &str = "externalClientApplication";
