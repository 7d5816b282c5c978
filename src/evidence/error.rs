//! Why an input cannot be read. No text of the input stands in an error but names of keys and columns: an input may hold secrets.

use miette::Diagnostic;
use thiserror::Error;

/// The longest input that is read, in octets.
pub const LIMIT: usize = 20 * 1024 * 1024;

/// Why an input cannot be read. The text follows "failed to read the input: ".
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum InputError {
    /// More than is read.
    #[error("`{input}` is longer than {} MB", LIMIT / 1024 / 1024)]
    #[diagnostic(
        code(input::too_long),
        help("cut out the minutes around the failure, or save the OAuth requests alone")
    )]
    TooLong {
        /// The input, as the user named it.
        input: String,
    },
    /// No text.
    #[error("`{input}` is no text: {reason}")]
    #[diagnostic(code(input::binary), help("{remedy}"))]
    Binary {
        /// The input, as the user named it.
        input: String,
        /// What it looks like.
        reason: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Nothing in it.
    #[error("`{input}` is empty")]
    #[diagnostic(
        code(input::empty),
        help(
            "give the answer, the address where the browser stopped, or the lines of a log around the failure"
        )
    )]
    Empty {
        /// The input, as the user named it.
        input: String,
    },
    /// A case that is no TOML.
    #[error("`{input}`, line {line}, column {column}: this is no TOML: {reason}")]
    #[diagnostic(
        code(input::toml),
        help(
            "a case has `key = value` lines; a text stands in double quotes, and a quote inside of it is written \\\""
        )
    )]
    Toml {
        /// The input, as the user named it.
        input: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// The parser's words.
        reason: String,
    },
    /// A key of a case with a value of another sort than the vocabulary has.
    #[error(
        "`{input}`, line {line}, column {column}: `{key}` is of the type {found}, and it has to be {wanted}"
    )]
    #[diagnostic(code(input::case_value), help("{remedy}"))]
    CaseValue {
        /// The input, as the user named it.
        input: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// The key.
        key: String,
        /// The type of what stands there.
        found: &'static str,
        /// What should.
        wanted: &'static str,
        /// How to write it.
        remedy: String,
    },
    /// A case that says nothing of a failure.
    #[error("`{input}` is no field case: it has neither `flow` nor `[observed]`")]
    #[diagnostic(
        code(input::no_case),
        help(
            "write `flow = \"jwt_bearer\"` (or another flow), and below `[observed]` the `error` and the `error_description` as shown"
        )
    )]
    NoCase {
        /// The input, as the user named it.
        input: String,
    },
    /// A HAR that is no JSON.
    #[error("`{input}`, line {line}, column {column}: this is no JSON: {reason}")]
    #[diagnostic(code(input::json), help("save the HAR again: a copy may be cut short"))]
    Json {
        /// The input, as the user named it.
        input: String,
        /// Line, from 1.
        line: usize,
        /// Column in octets, from 1.
        column: usize,
        /// What is wrong, without a piece of the text.
        reason: &'static str,
    },
    /// JSON of another shape.
    #[error("`{input}` is no HAR: {reason}")]
    #[diagnostic(
        code(input::har),
        help(
            "in a browser's network panel, \"Save all as HAR\" writes `log.entries`; \"with content\" keeps the answers"
        )
    )]
    NoHar {
        /// The input, as the user named it.
        input: String,
        /// What is missing.
        reason: &'static str,
    },
    /// A HAR without an OAuth request.
    #[error(
        "`{input}` holds {entries} requests, and none goes to an OAuth endpoint of Salesforce, to a callback or to its API"
    )]
    #[diagnostic(
        code(input::har_without_oauth),
        help(
            "open the network panel before the login begins, tick \"preserve log\", repeat the login, and save again"
        )
    )]
    HarWithoutOauth {
        /// The input, as the user named it.
        input: String,
        /// How many requests it has.
        entries: usize,
    },
    /// A row of a login history that cannot be read.
    #[error("`{input}`, line {line}: the row cannot be read: {reason}")]
    #[diagnostic(
        code(input::csv),
        help("download the file again: a spreadsheet program may have changed it")
    )]
    Csv {
        /// The input, as the user named it.
        input: String,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// A table without the columns of a login history, as one in another language is.
    #[error("`{input}` has no column {missing}; its columns are {found}")]
    #[diagnostic(
        code(input::login_history),
        help(
            "the columns are known by their English names and by those of the LoginHistory object: set the language of your user to English \
              and download Setup > Login History again, or query Username, LoginTime, LoginType, Status, Application and LoginUrl"
        )
    )]
    NoLoginHistory {
        /// The input, as the user named it.
        input: String,
        /// What is missing.
        missing: &'static str,
        /// The columns found, shortened.
        found: String,
    },
    /// A key that is no part of the vocabulary.
    #[error("there is no fact `{key}`")]
    #[diagnostic(code(input::unknown_fact), help("{remedy}"))]
    UnknownFact {
        /// The key as given.
        key: String,
        /// The near name, and where the list stands.
        remedy: String,
    },
    /// A value that the key does not take.
    #[error("`{key}` cannot be `{value}`")]
    #[diagnostic(code(input::fact_value), help("{remedy}"))]
    FactValue {
        /// The key.
        key: String,
        /// The value as given, shortened.
        value: String,
        /// What it takes.
        remedy: String,
    },
    /// Flags that say nothing.
    #[error("neither an error nor a fact is given")]
    #[diagnostic(
        code(input::no_flags),
        help(
            "give `--error` and `--description` as shown, and `--flow`; without an error, a `--fact` at least"
        )
    )]
    NothingGiven,
}

/// Line and column of a place, both from 1; the column in characters.
pub(super) fn place(text: &str, octet: usize) -> (usize, usize) {
    let mut end = octet.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |last| last.chars().count())
        + 1;
    (line, column)
}
