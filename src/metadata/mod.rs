//! Metadata files of a Salesforce DX project: what they declare as [`Known`](crate::factor::Known) with file and line, and edits that touch
//! nothing but the element they are about. What is wrong with a file is a [`Finding`], never a panic; entities and document types are never
//! resolved; a secret that stands in a file is kept by no public structure and named by no message.
//!
//! [`Project::read`] reads a folder, [`Project::of_files`] one that is on no disk; [`Document`] edits a file.

mod apps;
mod broken;
mod certificate;
mod document;
mod edit;
mod element;
mod fields;
mod finding;
mod learn;
mod listed;
mod parse;
mod people;
mod project;
mod record;
mod types;
mod values;
mod walk;

pub use broken::{Broken, Reason};
pub use certificate::Validity;
pub use document::Document;
pub use edit::{EditError, Fragment};
pub use element::{Element, ElementId, Place, Secret, Tree};
pub use finding::{Finding, FindingKind};
pub use listed::{Listed, is_read};
pub use people::{DeclaredCertificate, DeclaredPermissionSet, DeclaredProfile};
pub use project::{DeclaredApp, Project, ProjectError};
pub use record::Record;
pub use types::{RecordType, Side};

#[cfg(test)]
mod tests;
