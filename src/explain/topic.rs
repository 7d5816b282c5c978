//! What a topic can mean. A word may be several things (`refresh_token` is a flow, a scope and a parameter): the first is told, the others
//! are named; `scope refresh_token` chooses one.

use std::sync::LazyLock;

use super::flows::Flow;
use super::list::unique;
use super::words::{Match, find, holds, joined, plain};
use super::{flow, plain_words, scope, setting, status};
use crate::cause::{CauseId, Channel, StatusRow, by_alias, entries, wordings};
use crate::diagnosis::rfc_codes;
use crate::factor::plain::Plain;
use crate::oauth::Scope;

/// One meaning of a topic.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Cause(CauseId),
    FormerId(&'static str),
    Code(&'static str),
    Flow(&'static Flow),
    Scope(&'static Scope),
    Setting(setting::Setting),
    /// Plain words of a setting: the key alone, or the key and its words.
    Plain(&'static str, Option<(String, &'static Plain)>),
    Status(&'static StatusRow),
    Sentence(&'static str),
}

/// The words that choose one kind of meaning, with the rank of the kind: where a word is several things, the lower is told.
const KINDS: &[(&str, u8)] = &[
    ("cause", 0),
    ("id", 0),
    ("code", 1),
    ("error", 1),
    ("flow", 2),
    ("grant", 2),
    ("scope", 3),
    ("setting", 4),
    ("field", 4),
    ("status", 5),
    ("page", 6),
    ("sentence", 7),
];

impl Meaning {
    fn rank(&self) -> u8 {
        match self {
            Self::Cause(_) | Self::FormerId(_) => 0,
            Self::Code(code) if is_page(code) => 6,
            Self::Code(_) => 1,
            Self::Flow(_) => 2,
            Self::Scope(_) => 3,
            Self::Setting(_) | Self::Plain(..) => 4,
            Self::Status(_) => 5,
            Self::Sentence(_) => 7,
        }
    }

    /// The topic that means this alone, and what it is.
    pub(super) fn chosen(&self) -> String {
        match self {
            Self::Cause(id) => format!("cause {id}"),
            Self::FormerId(word) => format!("id {word}"),
            Self::Code(code) if is_page(code) => format!("page {code}"),
            Self::Code(code) => format!("code {code}"),
            Self::Flow(flow) => format!("flow {}", flow.name),
            Self::Scope(scope) => format!("scope {}", scope.wire),
            Self::Setting(setting) => format!("setting {}", setting.name()),
            Self::Plain(key, _) => format!("setting {key}"),
            Self::Status(row) if row.text.is_empty() => format!("status {}", row.code),
            Self::Status(row) => format!("status {}", row.text),
            Self::Sentence(text) => format!("sentence {text}"),
        }
    }
}

/// Everything that a topic means, the likeliest first; empty where nothing is called so.
pub(super) fn meanings(topic: &str) -> Vec<Meaning> {
    let whole = named(topic);
    if !whole.is_empty() {
        return whole;
    }
    let chosen = topic.split_once([' ', ':']).and_then(|(kind, rest)| {
        let (_, rank) = KINDS
            .iter()
            .find(|(word, _)| kind.eq_ignore_ascii_case(word))?;
        let mut found = named(rest.trim());
        found.retain(|meaning| meaning.rank() == *rank);
        Some(found)
    });
    chosen.unwrap_or_default()
}

/// What goes by a name. How exactly it does counts first, the kind second.
fn named(topic: &str) -> Vec<Meaning> {
    let mut found: Vec<(Exactness, Meaning)> = Vec::new();
    let joined = joined(topic);
    if let Some(id) = CauseId::parse(&joined) {
        found.push((exactness(topic, id.name()), Meaning::Cause(id)));
    } else if let Some(alias) = alias(&joined) {
        found.push((exactness(topic, alias), Meaning::FormerId(alias)));
    }
    found.extend(code(topic).map(|code| (exactness(topic, code), Meaning::Code(code))));
    found.extend(
        flow::named(topic).map(|(name, flow)| (exactness(topic, name), Meaning::Flow(flow))),
    );
    found.extend(
        scope::named(topic).map(|(name, scope)| (exactness(topic, name), Meaning::Scope(scope))),
    );
    let settings = setting::named(topic);
    found.extend(
        settings.map(|(name, setting)| (exactness(topic, name), Meaning::Setting(setting))),
    );
    if let Some((key, words)) = plain_words::named(topic) {
        found.push((Exactness::Letter, Meaning::Plain(key, words)));
    }
    found.extend(status::named(topic).map(|row| {
        let name = if row.code.eq_ignore_ascii_case(topic) {
            row.code
        } else {
            row.text
        };
        (exactness(topic, name), Meaning::Status(row))
    }));
    let wanted = plain(topic);
    let sentence = phrases()
        .iter()
        .find(|(phrase, text)| *phrase == wanted && (phrase.contains(' ') || code(text).is_none()));
    // Whole words in the catalogue's order are a sentence before they are a joined id.
    found.extend(sentence.map(|(_, text)| {
        let exactness = exactness(topic, text).min(Exactness::Case);
        (exactness, Meaning::Sentence(text))
    }));
    if found.is_empty() {
        let values = setting::with_value(topic);
        found.extend(
            values.map(|(name, setting)| (exactness(topic, name), Meaning::Setting(setting))),
        );
    }
    found.sort_by_key(|(exactness, meaning)| (*exactness, meaning.rank()));
    found.into_iter().map(|(_, meaning)| meaning).collect()
}

/// How a topic writes a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    Letter,
    Case,
    Joined,
}

fn exactness(topic: &str, name: &str) -> Exactness {
    if topic == name {
        Exactness::Letter
    } else if topic.eq_ignore_ascii_case(name) {
        Exactness::Case
    } else {
        Exactness::Joined
    }
}

fn alias(word: &str) -> Option<&'static str> {
    let aliases = entries().iter().flat_map(|about| about.aliases.iter());
    aliases
        .copied()
        .find(|alias| alias.eq_ignore_ascii_case(word))
}

/// An error code in its own letter case: `Invalid_Scope` of one endpoint is not `invalid_scope` of another.
pub(super) fn code(topic: &str) -> Option<&'static str> {
    let joined = joined(topic);
    codes()
        .find(|code| *code == topic)
        .or_else(|| codes().find(|code| code.eq_ignore_ascii_case(topic)))
        .or_else(|| codes().find(|code| code.eq_ignore_ascii_case(&joined)))
}

/// Whether a code is the kind of a page where the browser ends.
fn is_page(code: &str) -> bool {
    let mut of_code = wordings()
        .iter()
        .filter(|wording| wording.code == code)
        .peekable();
    of_code.peek().is_some() && of_code.all(|wording| wording.channel == Channel::HtmlPage)
}

/// Every error code, those of RFC servers last. Codes of the login history are not among them: they are statuses.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    let known = wordings()
        .iter()
        .filter(|wording| wording.channel != Channel::LoginHistory)
        .map(|wording| wording.code);
    let rfc = CauseId::ALL.iter().flat_map(|cause| rfc_codes(*cause));
    known.chain(rfc).filter(|code| !code.is_empty())
}

/// Every sentence, as [`plain`] writes it and as it is; the words of the documentation where the sentence was not seen.
pub(super) fn phrases() -> &'static [(String, &'static str)] {
    static PHRASES: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
        let spoken = wordings()
            .iter()
            .filter(|wording| wording.channel != Channel::LoginHistory)
            .flat_map(|wording| [wording.text, wording.gloss])
            .flatten();
        unique(spoken)
            .into_iter()
            .map(|text| (plain(text), text))
            .collect()
    });
    &PHRASES
}

/// What stands in a text that is no name: a sentence or a status that is in it or nearly so, else a code.
/// With the words as they are known, where the text has them otherwise.
pub(super) fn within(text: &str) -> Option<(Meaning, Option<&'static str>)> {
    let wanted = plain(text);
    let sentences = phrases()
        .iter()
        .map(|(phrase, text)| (phrase.clone(), Meaning::Sentence(text), *text));
    let statuses = status::rows()
        .filter(|row| !is_sentence_behind_failed(row.text) || text.contains(row.text))
        .map(|row| (plain(row.text), Meaning::Status(row), row.text));
    let all: Vec<(String, Meaning, &str)> = sentences
        .chain(statuses)
        .filter(|(phrase, ..)| phrase.contains(' '))
        .collect();
    let by_phrase = all
        .iter()
        .map(|(phrase, meaning, text)| (phrase.as_str(), (meaning, *text)));
    match find(&wanted, by_phrase) {
        Some(Match::Whole((meaning, _)) | Match::Held((meaning, _))) => {
            return Some((meaning.clone(), None));
        }
        Some(Match::Near((meaning, text))) => return Some((meaning.clone(), Some(text))),
        None => {}
    }
    let lower = text.to_lowercase();
    let held = |name: &&str| holds(&lower, &name.to_lowercase());
    // A plain word such as `login` or `device` in a text is no code.
    let code = codes()
        .filter(|code| code.contains(['_', ' ']))
        .filter(held);
    let status = status::rows().filter(|row| !row.code.is_empty() && held(&row.code));
    code.max_by_key(|code| code.len())
        .map(Meaning::Code)
        .or_else(|| status.map(Meaning::Status).next())
        .map(|meaning| (meaning, None))
}

/// `Failed: Invalid Code Verifier` is a status, "login failed: invalid code verifier" a line of a log around a sentence.
fn is_sentence_behind_failed(status: &str) -> bool {
    let behind = plain(status);
    behind
        .strip_prefix("failed: ")
        .is_some_and(|behind| phrases().iter().any(|(phrase, _)| phrase == behind))
}

/// The causes of a former id.
pub(super) fn former(word: &str) -> Vec<CauseId> {
    by_alias(word)
}
