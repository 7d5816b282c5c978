//! Why a value does not go into metadata files.

use thiserror::Error;

use super::edit::EditError;
use super::types::RecordType;
use crate::factor::Delta;

/// A change that no metadata file can hold, or not these files.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} cannot be written into metadata files: {why}")]
pub struct Unwritable {
    /// What was to be written: a setting with its value, or an element with its file.
    pub what: String,
    /// The change of a factor, where it was one.
    pub delta: Option<Box<Delta>>,
    /// Why not.
    pub why: Why,
}

impl Unwritable {
    pub(super) fn delta(delta: &Delta, why: Why) -> Self {
        let whose = delta
            .person
            .as_ref()
            .map_or_else(String::new, |person| format!(" of {person}"));
        Self {
            what: format!("`{}: {}`{whose}", delta.factor.key(), delta.value),
            delta: Some(Box::new(delta.clone())),
            why,
        }
    }

    /// What can be done instead.
    pub fn help(&self) -> String {
        self.why.help()
    }
}

/// Why a value is not written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Why {
    /// What a client sends, or where and when.
    #[error("it is no setting; the client sends it, or it is how and when the client does so")]
    NotOfTheOrg,
    /// A user's own state, or what is assigned to him.
    #[error("it belongs to a user, and metadata holds profiles and permission sets, no users")]
    OfAUser,
    /// A user's setting by a name that is no profile of the folder.
    #[error("no profile of this name is in the folder")]
    NoProfile,
    /// A setting that metadata does not have.
    #[error("metadata does not have it")]
    NotInMetadata,
    /// A setting that apps of the other kind alone have.
    #[error("metadata of this kind of app does not have it")]
    NotOfThisKind,
    /// Metadata has an element, and more goes into it than the value says.
    #[error("{0}")]
    NotSaid(&'static str),
    /// A value that the element cannot have.
    #[error("the element cannot have this value (valid: {valid})")]
    Value {
        /// The values that it can have.
        valid: String,
    },
    /// The record that would hold it is missing.
    #[error("the app has no {} in this folder", kind.name())]
    MissingRecord {
        /// Its type.
        kind: RecordType,
    },
    /// The group that would hold it is missing, and means more than this value.
    #[error("the record has no `{element}`")]
    MissingGroup {
        /// The group.
        element: &'static str,
    },
    /// The value needs another one beside it.
    #[error("{0} must be known with it")]
    Incomplete(&'static str),
    /// Another change of the same patch says otherwise of the same element.
    #[error("another change of the patch wants something else of the same element")]
    Conflict,
    /// The file.
    #[error("`{file}` {reason}")]
    File {
        /// The file, as the project names it.
        file: String,
        /// What is the matter.
        reason: String,
    },
    /// No element as the edit names it.
    #[error("no such element in the file")]
    NoElement,
    /// The edit of the file.
    #[error("{0}")]
    Edit(#[from] EditError),
}

impl Why {
    fn help(&self) -> String {
        match self {
            Self::NotOfTheOrg => "change it where the client is made".to_owned(),
            Self::OfAUser => "change it in Setup, Users".to_owned(),
            Self::NoProfile => {
                "name a profile whose file is in the folder, or retrieve it".to_owned()
            }
            Self::NotInMetadata | Self::NotOfThisKind => "change it in Setup".to_owned(),
            Self::NotSaid(_) => "change it in Setup, or write the element by hand".to_owned(),
            Self::Value { valid } => format!("valid: {valid}"),
            Self::MissingRecord { kind } => {
                format!(
                    "retrieve it from the org first: `sf project retrieve start --metadata {}`",
                    kind.name()
                )
            }
            Self::MissingGroup { element } => {
                format!("write `{element}` by hand, or retrieve the record again")
            }
            Self::Incomplete(what) => format!("give {what} too"),
            Self::Conflict => "make the two changes agree".to_owned(),
            Self::File { .. } => "read the folder again".to_owned(),
            Self::NoElement => "read the file again".to_owned(),
            Self::Edit(_) => "mend the file by hand".to_owned(),
        }
    }
}
