//! What can be wrong with a file. A bad file is reported whole: every mistake, each with its place, its reason and the way out.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity};
use thiserror::Error;

use super::yaml::At;
use crate::model::DeltaError;

/// Why a file, or a set of them, cannot be used. The text follows "failed to read the scenarios: ".
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Nothing at this path.
    #[error("there is no `{}`", path.display())]
    #[diagnostic(
        code(scenario::missing),
        help("give a file, or a folder that holds `*.yaml`")
    )]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// No path was given, and the default folder does not exist.
    #[error("there is no folder `scenarios/` here")]
    #[diagnostic(
        code(scenario::no_scenarios),
        help(
            "`grantproof run --examples` runs those that come with the program; \
             or give a file or a folder"
        )
    )]
    NoScenarios,
    /// A folder without a scenario.
    #[error("no `*.yaml` in `{}`", path.display())]
    #[diagnostic(code(scenario::empty), help("scenarios end in `.yaml` or `.yml`"))]
    Empty {
        /// The folder as given.
        path: PathBuf,
    },
    /// A folder where a file is needed.
    #[error("`{}` is a folder", path.display())]
    #[diagnostic(code(scenario::folder), help("name the file in it"))]
    Folder {
        /// The path as given.
        path: PathBuf,
    },
    /// The system does not let us read it.
    #[error("cannot read `{}`: {reason}", path.display())]
    #[diagnostic(code(scenario::unreadable))]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// More than a file may hold.
    #[error("`{}` is longer than {limit} octets", path.display())]
    #[diagnostic(code(scenario::too_long), help("one file is one story: split it"))]
    TooLong {
        /// The path as given.
        path: PathBuf,
        /// The bound.
        limit: u64,
    },
    /// Not text.
    #[error("`{}` is not UTF-8: the octet {octet} (line {line}) begins no character", path.display())]
    #[diagnostic(code(scenario::not_utf8), help("save the file as UTF-8"))]
    NotUtf8 {
        /// The path as given.
        path: PathBuf,
        /// Where, counted from 0.
        octet: usize,
        /// Line, from 1.
        line: usize,
    },
    /// Mistakes in a file.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Faulty(#[from] Faulty),
}

/// A file with mistakes, and all of them.
#[derive(Debug, Error, Diagnostic)]
#[error("`{file}` has {}", count(mistakes.len()))]
#[diagnostic(code(scenario::faulty))]
pub struct Faulty {
    /// The file, as it was named.
    pub file: String,
    /// Its text, for the excerpts. Secrets of a target file are masked; a target file that is no YAML has no text here.
    #[source_code]
    pub text: NamedSource<Arc<str>>,
    /// Every mistake, in the order of the file.
    #[related]
    pub mistakes: Vec<Mistake>,
}

fn count(mistakes: usize) -> String {
    if mistakes == 1 {
        "a mistake".to_owned()
    } else {
        format!("{mistakes} mistakes")
    }
}

impl Faulty {
    /// Sorts by place and drops what was said twice.
    pub fn new(file: impl Into<String>, text: Arc<str>, mut mistakes: Vec<Mistake>) -> Self {
        let file = file.into();
        mistakes.sort_by_key(|mistake| mistake.at);
        let mut said = std::collections::HashSet::new();
        mistakes.retain(|mistake| said.insert((mistake.at, mistake.to_string())));
        Self {
            text: NamedSource::new(&file, text).with_language("yaml"),
            file,
            mistakes,
        }
    }
}

/// One mistake and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub at: At,
    /// What.
    pub what: What,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.at.line, self.what)
    }
}

impl std::error::Error for Mistake {}

impl Diagnostic for Mistake {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.what.code()))
    }

    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.what
            .help()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let length = self.at.end.saturating_sub(self.at.start);
        let label = LabeledSpan::new(Some(self.what.label()), self.at.start, length);
        Some(Box::new(std::iter::once(label)))
    }
}

/// The sorts of mistakes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum What {
    /// Not YAML.
    #[error("this is no valid YAML: {reason}")]
    Yaml {
        /// The parser's words.
        reason: String,
    },
    /// The file is empty.
    #[error("the file is empty")]
    Nothing,
    /// `---` again.
    #[error("a second document begins here")]
    SecondDocument,
    /// Aliases, or the file itself, make more than is taken.
    #[error("the file grows beyond what is taken")]
    TooMuch,
    /// An alias inside of its anchor.
    #[error("the alias stands inside of what it names")]
    AliasOfItself,
    /// `!tag`.
    #[error("a tag (`!…`) means nothing here")]
    Tag,
    /// A list or a mapping as key.
    #[error("a key has to be a text")]
    KeyIsNoText,
    /// A key twice.
    #[error("`{key}` stands here again; it was given in line {line}")]
    Repeated {
        /// The key.
        key: String,
        /// The line of the first.
        line: usize,
    },
    /// One thing by two names.
    #[error("`{key}` sets what `{other}` sets")]
    SetTwice {
        /// The second key.
        key: String,
        /// The first one.
        other: String,
    },
    /// A key that is not known.
    #[error("{place} has no key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// In what.
        place: String,
        /// The nearest key.
        near: Option<String>,
        /// All keys.
        valid: Vec<String>,
    },
    /// A factor's key in the wrong section.
    #[error("`{key}` does not belong under `{section}:`")]
    WrongSection {
        /// The key.
        key: String,
        /// Where it stands.
        section: &'static str,
        /// Where it belongs.
        belongs: &'static str,
    },
    /// A word that is not known.
    #[error("`{word}` is no {noun}")]
    UnknownWord {
        /// The word.
        word: String,
        /// What it should be.
        noun: &'static str,
        /// The nearest word.
        near: Option<String>,
        /// All words.
        valid: Vec<String>,
    },
    /// A value of another type.
    #[error("expected {wanted}, found {found}")]
    WrongType {
        /// What is needed.
        wanted: String,
        /// What is there.
        found: String,
    },
    /// Something required.
    #[error("`{key}` is missing")]
    Absent {
        /// The key.
        key: &'static str,
        /// What to write.
        help: &'static str,
    },
    /// More than one of keys that exclude each other, or none.
    #[error("expected one of {}, found {found}", ticked(keys))]
    OneOf {
        /// The keys.
        keys: Vec<String>,
        /// How many there are.
        found: String,
    },
    /// Keys that do not go together.
    #[error("`{key}` means nothing {with}")]
    Idle {
        /// The key.
        key: String,
        /// Beside what.
        with: String,
        /// The way out.
        help: String,
    },
    /// A value that the model refuses.
    #[error("{reason}")]
    Value {
        /// The model's reason.
        reason: DeltaError,
        /// The nearest of the valid words.
        near: Option<String>,
    },
    /// `${name}` without a value.
    #[error("no variable `{name}`")]
    UnknownVariable {
        /// The name.
        name: String,
        /// The nearest name.
        near: Option<String>,
        /// All names.
        valid: Vec<String>,
    },
    /// `${` without an end.
    #[error("a variable is opened and not closed")]
    OpenVariable,
    /// A variable inside a variable.
    #[error("a variable cannot hold another one")]
    NestedVariable,
    /// A list or a mapping inside a text.
    #[error("the variable `{name}` is {found}, which cannot stand inside a text")]
    VariableInText {
        /// The name.
        name: String,
        /// What it is.
        found: String,
    },
    /// More combinations than are run.
    #[error("the matrix has {found} combinations; at most {limit} are run")]
    TooManyCombinations {
        /// How many.
        found: usize,
        /// The bound.
        limit: usize,
    },
    /// A number out of its range.
    #[error("{found} is out of range")]
    OutOfRange {
        /// What was given.
        found: String,
        /// The range.
        range: String,
    },
    /// A name that a story does not have.
    #[error("no {noun} `{name}` in this file")]
    NoSuch {
        /// App or user.
        noun: &'static str,
        /// The name.
        name: String,
        /// The nearest one.
        near: Option<String>,
        /// All of them.
        valid: Vec<String>,
    },
    /// A secret written down.
    #[error("`{key}` is written into the file; a secret is given by reference only")]
    InlineSecret {
        /// The key.
        key: String,
    },
    /// An address that is none, or not allowed.
    #[error("`{given}` cannot be used as {noun}: {reason}")]
    Address {
        /// What was given.
        given: String,
        /// What it is for.
        noun: &'static str,
        /// Why not.
        reason: String,
    },
}

impl What {
    /// The mistake at a place.
    pub const fn at(self, at: At) -> Mistake {
        Mistake { at, what: self }
    }

    /// The code in reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Yaml { .. } => "scenario::yaml",
            Self::Nothing => "scenario::empty_file",
            Self::SecondDocument => "scenario::second_document",
            Self::TooMuch => "scenario::too_much",
            Self::AliasOfItself => "scenario::alias_of_itself",
            Self::Tag => "scenario::tag",
            Self::KeyIsNoText => "scenario::key_is_no_text",
            Self::Repeated { .. } | Self::SetTwice { .. } => "scenario::repeated",
            Self::UnknownKey { .. } => "scenario::unknown_key",
            Self::WrongSection { .. } => "scenario::wrong_section",
            Self::UnknownWord { .. } => "scenario::unknown_word",
            Self::WrongType { .. } => "scenario::wrong_type",
            Self::Absent { .. } => "scenario::absent",
            Self::OneOf { .. } => "scenario::one_of",
            Self::Idle { .. } => "scenario::idle",
            Self::Value { .. } => "scenario::value",
            Self::UnknownVariable { .. } => "scenario::unknown_variable",
            Self::OpenVariable | Self::NestedVariable | Self::VariableInText { .. } => {
                "scenario::variable"
            }
            Self::TooManyCombinations { .. } => "scenario::too_many_combinations",
            Self::OutOfRange { .. } => "scenario::out_of_range",
            Self::NoSuch { .. } => "scenario::no_such",
            Self::InlineSecret { .. } => "target::inline_secret",
            Self::Address { .. } => "target::address",
        }
    }

    /// The words beside the excerpt.
    fn label(&self) -> String {
        match self {
            Self::Yaml { .. } => "the reading stopped here".to_owned(),
            Self::UnknownKey { .. }
            | Self::UnknownWord { .. }
            | Self::UnknownVariable { .. }
            | Self::NoSuch { .. } => "not known".to_owned(),
            Self::InlineSecret { .. } => "masked".to_owned(),
            _ => "here".to_owned(),
        }
    }

    /// The way out.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::UnknownKey { near, valid, .. }
            | Self::UnknownWord { near, valid, .. }
            | Self::UnknownVariable { near, valid, .. }
            | Self::NoSuch { near, valid, .. } => choice(near.as_deref(), valid),
            Self::Value { reason, near } => match near {
                Some(near) => format!("did you mean `{near}`? {}", reason.help()),
                None => reason.help(),
            },
            Self::WrongSection { belongs, .. } => format!("write it under `{belongs}:`"),
            Self::Absent { help, .. } => (*help).to_owned(),
            Self::Idle { help, .. } => help.clone(),
            Self::OutOfRange { range, .. } => format!("valid: {range}"),
            Self::Nothing => "a scenario begins with `story:` and has `steps:`".to_owned(),
            Self::SecondDocument => "one file is one story: move it to a file of its own".to_owned(),
            Self::TooMuch => "one file is one story: split it, and write values out where aliases copy them".to_owned(),
            Self::Repeated { .. } | Self::SetTwice { .. } => "keep one of the two".to_owned(),
            Self::Tag => "leave it out".to_owned(),
            Self::OpenVariable => "write `${name}`; for the characters themselves write `$${`".to_owned(),
            Self::NestedVariable => "write its value out".to_owned(),
            Self::TooManyCombinations { .. } => "split the story, or take values out".to_owned(),
            Self::InlineSecret { .. } => {
                "write `env:NAME`, `file:PATH` or `command:SHELL`; whoever reads the file would read the secret".to_owned()
            }
            _ => return None,
        })
    }
}

/// `did you mean …? valid: …`.
fn choice(near: Option<&str>, valid: &[String]) -> String {
    let list = if valid.is_empty() {
        "there are none".to_owned()
    } else {
        format!("valid: {}", valid.join(", "))
    };
    match near {
        Some(near) => format!("did you mean `{near}`? {list}"),
        None => list,
    }
}

fn ticked(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The nearest of some names, if one is near enough to be meant.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    // A long text is nobody's misspelling, and the distance is quadratic.
    if word.len() > 100 {
        return None;
    }
    let lower = word.to_lowercase();
    names
        .into_iter()
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&lower, &name.to_lowercase());
            (distance, name)
        })
        .filter(|(distance, name)| {
            *distance <= (name.chars().count().max(lower.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.to_owned())
}
