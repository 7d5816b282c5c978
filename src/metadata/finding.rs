//! What is wrong with a file, or missing from a folder.

/// What a finding is about. Whether it is an error is for the reader of findings to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// A file or folder that was not read: no permission, too long, outside the project, beyond a bound.
    NotRead,
    /// A file that is no well-formed XML, or more than this tool reads.
    Broken,
    /// A file in a folder of records whose suffix no type has.
    WrongSuffix,
    /// A root element other than the file name promises, or outside the namespace of the Metadata API.
    WrongRoot,
    /// An element that the type does not have.
    UnknownElement,
    /// A single element given twice.
    RepeatedElement,
    /// Text or elements where there must be none.
    StrayContent,
    /// A value that its field cannot have. It is not learnt.
    UnknownValue,
    /// A scope by another name than metadata has. The scopes are not learnt.
    UnknownScope,
    /// A certificate that cannot be read.
    UnreadableCertificate,
    /// A consumer secret or a private key.
    SecretInFile,
    /// A record without the name of its app.
    MissingLink,
    /// A record of an app that is not in the folder.
    MissingRecord,
    /// A second record of one type for one app or one org.
    DuplicateRecord,
    /// What the file says and this tool cannot judge.
    NotJudged,
}

impl FindingKind {
    /// The word in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotRead => "not_read",
            Self::Broken => "broken",
            Self::WrongSuffix => "wrong_suffix",
            Self::WrongRoot => "wrong_root",
            Self::UnknownElement => "unknown_element",
            Self::RepeatedElement => "repeated_element",
            Self::StrayContent => "stray_content",
            Self::UnknownValue => "unknown_value",
            Self::UnknownScope => "unknown_scope",
            Self::UnreadableCertificate => "unreadable_certificate",
            Self::SecretInFile => "secret_in_file",
            Self::MissingLink => "missing_link",
            Self::MissingRecord => "missing_record",
            Self::DuplicateRecord => "duplicate_record",
            Self::NotJudged => "not_judged",
        }
    }
}

/// Something to know about a file. No text of a secret is ever part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, as the user named its folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What it is about.
    pub kind: FindingKind,
    /// `Type.field`, where it is about one.
    pub field: Option<String>,
    /// What is the matter.
    pub message: String,
    /// What can be done about it.
    pub help: String,
}

/// A text of a file as a message may show it: short, and without characters that move a terminal's cursor.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().count() > LONGEST {
        short.push('…');
    }
    short
}

/// The one of some names that a misspelt one stands for.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    const LONGEST: usize = 100;
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_ascii_lowercase();
    names
        .into_iter()
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&word, &name.to_ascii_lowercase());
            (distance, name)
        })
        .filter(|(distance, name)| *distance <= (name.len() / 4).max(1))
        .min()
        .map(|(_, name)| name)
}
