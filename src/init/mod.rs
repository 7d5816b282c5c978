//! `init`: from a few answers to the files of a new app and the steps that a person still has to do. Pure: what stands in the folder is told
//! by the border, which also makes the key and writes the files.

mod answers;
mod files;
mod metadata;
mod scenarios;
mod steps;
mod text;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;

pub use answers::{Answers, GRANTS, Given, Wrong, names_no_org, needs_run_as};
pub use files::{CERTIFICATE, Content, File, GITIGNORE, KEY, PROJECT, TARGET, files, ignoring};
pub use metadata::{Directory, package_directory};
pub use steps::{Step, steps};
pub use text::{to_plain, to_text};

use crate::secret::Secret;

/// The version of these shapes. Raised when a field changes its meaning or goes, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// What stands in the folder already, as far as it decides what is written.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// Records of the app that are there, by type, with their files; and the permission set.
    pub records: Vec<(crate::metadata::RecordType, String)>,
    /// The key of the JWT bearer flow, where one was made or is there.
    pub key: Option<Secret>,
    /// Its certificate in PEM form.
    pub certificate: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is new.
    Written,
    /// Lines were added to it.
    Extended,
    /// It was there, and is as it was.
    Kept,
}

impl Fate {
    /// The word in plain output and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Extended => "extended",
            Self::Kept => "kept",
        }
    }
}

/// A file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Done {
    /// Below the folder, with `/`.
    pub path: String,
    /// What became of it.
    pub fate: Fate,
    /// What it is for.
    pub purpose: String,
}

/// What `init --format json` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Document {
    /// The version of these shapes.
    pub schema_version: u32,
    /// The folder, as it was named.
    pub folder: String,
    /// The developer name of the app.
    pub app: String,
    /// Its grants.
    pub grants: Vec<&'static str>,
    /// Every file, in the order in which they are written.
    pub files: Vec<Done>,
    /// What to know of them: what is still open, until when the certificate holds.
    pub notes: Vec<String>,
    /// What is left to do, in order.
    pub steps: Vec<Step>,
}
