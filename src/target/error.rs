//! Why a target cannot be used.

use thiserror::Error;

use crate::scenario;

/// Why a target file, or a secret that it names, cannot be read. No text of a secret is ever part of it.
#[derive(Debug, Error, miette::Diagnostic)]
pub enum Error {
    /// The file itself.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] scenario::Error),
    /// A variable of the environment that is not set.
    #[error("{file}:{line}: the environment has no `{name}` for `{key}`")]
    #[diagnostic(code(target::no_variable), help("set `{name}` and run again"))]
    NoVariable {
        /// The target file.
        file: String,
        /// Line of the reference.
        line: usize,
        /// The variable.
        name: String,
        /// What it is for.
        key: String,
    },
    /// A file of a secret that cannot be read.
    #[error("{file}:{line}: cannot read `{path}` for `{key}`: {reason}")]
    #[diagnostic(
        code(target::no_file),
        help("a path is taken from the folder of the target file")
    )]
    NoFile {
        /// The target file.
        file: String,
        /// Line of the reference.
        line: usize,
        /// The path.
        path: String,
        /// What it is for.
        key: String,
        /// The system's words.
        reason: String,
    },
    /// A command that gives no secret.
    #[error("{file}:{line}: the command for `{key}` gave nothing: {reason}")]
    #[diagnostic(
        code(target::command),
        help("run it by hand; its output is taken without the white space around it")
    )]
    Command {
        /// The target file.
        file: String,
        /// Line of the reference.
        line: usize,
        /// What it is for.
        key: String,
        /// What happened.
        reason: String,
    },
    /// A reference that leads to nothing.
    #[error("{file}:{line}: `{key}` is empty")]
    #[diagnostic(code(target::empty), help("it was read from {source_of}"))]
    Empty {
        /// The target file.
        file: String,
        /// Line of the reference.
        line: usize,
        /// What it is for.
        key: String,
        /// The reference, which is no secret.
        source_of: String,
    },
}
