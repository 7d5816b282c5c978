//! Metadata files of a Salesforce DX project: what they declare as [`Known`](crate::factor::Known) with file and line, changes of them that touch
//! nothing but the elements they are about, and new records. What is wrong with a file is a [`Finding`], never a panic; entities and document
//! types are never resolved; a secret that stands in a file is kept by no public structure but [`Document`] and [`FileChange`], which do not
//! print it, and named by no message and no diff.
//!
//! [`Project::read`] reads a folder, [`Project::of_files`] one that is on no disk. [`Patch::of`] makes values hold in the files of a folder,
//! [`NewApp::patch`] makes those of a new app; [`Patch::diff`] shows what changes, [`Patch::apply`] writes it. [`Document`] edits a single file.

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
mod patch;
mod people;
mod project;
mod record;
mod spell;
mod types;
mod unwritable;
mod values;
mod walk;
mod write;

pub use broken::{Broken, Reason};
pub use certificate::Validity;
pub use document::Document;
pub use edit::{EditError, Fragment};
pub use element::{Element, ElementId, Place, Secret, Tree};
pub use finding::{Finding, FindingKind};
pub use listed::{Listed, is_read};
pub use patch::{ApplyError, FailedFile, FileChange, Patch};
pub use people::{DeclaredCertificate, DeclaredPermissionSet, DeclaredProfile};
pub use project::{DeclaredApp, Project, ProjectError};
pub use record::Record;
pub use types::{Form, RecordType, Side};
pub use unwritable::{Unwritable, Why};
pub use write::{NewApp, NewRecord};

#[cfg(test)]
mod tests;
