//! The words that the tables know, found in any text: error codes, sentences, statuses of the login history. The longest match wins, white
//! space may be any, and a phrase inside another word is none.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::cause::{Channel, StatusRow, login_history_rows, wordings};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phrase {
    /// An error code.
    Code(&'static str),
    /// A sentence of an answer.
    Sentence(&'static str),
    /// A status of the login history. `marked`: it says so itself, by `Failed:` or by its code.
    Status {
        row: &'static StatusRow,
        marked: bool,
    },
}

/// A phrase and where it stands, in octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) phrase: Phrase,
}

struct Pattern {
    /// As it is searched for: small letters, no full stop at the end.
    letters: String,
    /// As the tables spell it.
    spelt: &'static str,
    phrase: Phrase,
}

/// Patterns by their first word, the longest first.
static INDEX: LazyLock<HashMap<String, Vec<Pattern>>> = LazyLock::new(|| {
    let mut index: HashMap<String, Vec<Pattern>> = HashMap::new();
    let mut add = |spelt: &'static str, written: &str, phrase: Phrase| {
        let letters = written.trim_end_matches('.').to_lowercase();
        let patterns = index.entry(first_word(&letters).to_owned()).or_default();
        let known = |pattern: &Pattern| pattern.spelt == spelt && pattern.letters == letters;
        if !letters.is_empty() && !patterns.iter().any(known) {
            patterns.push(Pattern {
                letters,
                spelt,
                phrase,
            });
        }
    };
    for wording in wordings()
        .iter()
        .filter(|w| w.channel != Channel::LoginHistory)
    {
        // A page is told by a single word, which stands in any prose.
        if wording.channel != Channel::HtmlPage || wording.code.contains(' ') {
            add(wording.code, wording.code, Phrase::Code(wording.code));
        }
        // Without a space it is a code twice over.
        if let Some(text) = wording
            .text
            .filter(|text| text.contains(' ') && !text.contains('{'))
        {
            add(text, text, Phrase::Sentence(text));
        }
    }
    for row in login_history_rows()
        .iter()
        .filter(|row| row.code != "LOGIN_NO_ERROR")
    {
        let marked = row.text.starts_with("Failed:");
        add(row.text, row.text, Phrase::Status { row, marked });
        let status = Phrase::Status { row, marked: true };
        if !marked && !row.text.is_empty() {
            add(row.text, &format!("Failed: {}", row.text), status);
        }
        add(row.code, row.code, status);
    }
    for patterns in index.values_mut() {
        patterns.sort_by(|a, b| {
            let by_length = b.letters.len().cmp(&a.letters.len());
            by_length.then_with(|| a.letters.cmp(&b.letters))
        });
    }
    index
});

/// Every phrase of a text, in order, none inside another.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((at, word)) = next_word(text, from) {
        from = at + word.len();
        let lower = word.to_ascii_lowercase();
        if let Some((end, phrase)) = INDEX
            .get(&lower)
            .and_then(|patterns| longest(text, at, patterns))
        {
            found.push(Found { at, end, phrase });
            from = end;
        }
    }
    found
}

/// The next word at or after a place: letters, digits and underscores.
pub(super) fn next_word(text: &str, from: usize) -> Option<(usize, &str)> {
    let rest = text.get(from..)?;
    let at = from + rest.find(is_joined)?;
    Some((at, first_word(&text[at..])))
}

/// Whether the tables know a code, whatever the case of its letters.
pub(in crate::evidence) fn known_code(code: &str) -> Option<&'static str> {
    match find(code).as_slice() {
        [
            Found {
                at: 0,
                end,
                phrase: Phrase::Code(known),
            },
        ] if *end == code.len() => Some(known),
        _ => None,
    }
}

/// The known sentence that a text is, but for letter case, white space and a full stop.
pub(in crate::evidence) fn whole_sentence(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_end_matches('.');
    match find(text).as_slice() {
        [
            Found {
                at: 0,
                end,
                phrase: Phrase::Sentence(known),
            },
        ] if *end == text.len() => Some(known),
        _ => None,
    }
}

/// The known sentence that a text is, or begins with.
pub(super) fn known_sentence(text: &str) -> Option<&'static str> {
    match find(text.trim_start()).first() {
        Some(Found {
            at: 0,
            phrase: Phrase::Sentence(known),
            ..
        }) => Some(known),
        _ => None,
    }
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c| !is_joined(c)).unwrap_or(text.len());
    &text[..end]
}

/// What joins to a word.
pub(super) fn is_joined(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The longest pattern at a place; of those that differ by the case of letters, the one that is spelt so.
fn longest(text: &str, at: usize, patterns: &[Pattern]) -> Option<(usize, Phrase)> {
    let mut best: Option<(usize, &Pattern)> = None;
    for pattern in patterns {
        if best.is_some_and(|(_, best)| best.letters != pattern.letters) {
            break;
        }
        let Some(length) = length_of(&text[at..], &pattern.letters) else {
            continue;
        };
        let end = at + length;
        if best.is_none() || text[at..end] == *pattern.spelt {
            best = Some((end, pattern));
        }
    }
    best.map(|(end, pattern)| (end, pattern.phrase))
}

/// How many octets of the text are the letters; `None` where they are not, or where the word goes on.
fn length_of(text: &str, letters: &str) -> Option<usize> {
    let mut rest = text;
    for wanted in letters.chars() {
        let c = rest.chars().next()?;
        if wanted == ' ' {
            if !c.is_whitespace() {
                return None;
            }
            rest = rest.trim_start();
        } else if c.to_ascii_lowercase() == wanted {
            rest = &rest[c.len_utf8()..];
        } else {
            return None;
        }
    }
    (!rest.starts_with(is_joined)).then(|| text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(text: &str) -> Vec<Phrase> {
        find(text).into_iter().map(|found| found.phrase).collect()
    }

    #[test]
    fn the_longest_phrase_wins_and_words_inside_words_do_not_count() {
        assert_eq!(
            phrases("x: Authentication failure  -\n Invalid Password."),
            [Phrase::Sentence(
                "authentication failure - Invalid Password"
            )]
        );
        assert_eq!(
            phrases("my_invalid_grant invalid_grants invalid_granté"),
            []
        );
        assert_eq!(
            phrases("INVALID_GRANT (invalid_grant)"),
            [Phrase::Code("invalid_grant"); 2]
        );
        assert_eq!(phrases("Invalid_Scope"), [Phrase::Code("Invalid_Scope")]);
        assert_eq!(phrases("invalid_scope"), [Phrase::Code("invalid_scope")]);
        assert_eq!(phrases("the login page of a device"), []);
        let stop = "The external client app or the OAuth plugin is disabled";
        assert_eq!(
            phrases(stop),
            [Phrase::Sentence(
                "The external client app or the OAuth plugin is disabled."
            )]
        );
    }

    #[test]
    fn a_status_of_the_login_history_knows_whether_it_is_marked() {
        let marks = |text: &str| match phrases(text).as_slice() {
            [Phrase::Status { row, marked }] => Some((row.text, *marked)),
            _ => None,
        };
        assert_eq!(
            marks("Failed: Missing Consumer Key Parameter"),
            Some(("Missing Consumer Key Parameter", true))
        );
        assert_eq!(
            marks("failed: not approved for access"),
            Some(("Failed: Not approved for access", true))
        );
        assert_eq!(marks("Restricted IP"), Some(("Restricted IP", false)));
        assert_eq!(
            marks("LOGIN_ERROR_USER_FROZEN"),
            Some(("User is frozen", true))
        );
        assert_eq!(marks("Success"), None);
    }

    #[test]
    fn every_known_sentence_and_code_is_found_alone() {
        for wording in wordings() {
            if let Some(text) = wording
                .text
                .filter(|text| text.contains(' ') && !text.contains('{'))
            {
                assert_eq!(find(text).len(), 1, "{text}");
            }
            if wording.channel != Channel::HtmlPage && !wording.code.is_empty() {
                assert_eq!(find(wording.code).len(), 1, "{}", wording.code);
            }
        }
        assert_eq!(known_code("invalid_client"), Some("invalid_client"));
        assert_eq!(known_code("invalid_client x"), None);
        assert_eq!(
            known_sentence(" ip restricted&state=1"),
            Some("ip restricted")
        );
    }
}
