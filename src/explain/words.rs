//! Words as people type and paste them: letter case, quotes, white space and a missing full stop do not matter, a slip of the pen little.

/// From which likeness two sentences are taken for one, 0 to 1.
const ALIKE: f64 = 0.86;
/// How many words of a pasted text are searched.
const SEARCHED: usize = 1000;

/// The words that count: lower case, straight quotes, single spaces, no quotes around and no stop behind.
pub(super) fn plain(text: &str) -> String {
    let straight: String = text
        .chars()
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' | '\u{b4}' => '\'',
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => '"',
            '\u{2010}'..='\u{2014}' => '-',
            other => other,
        })
        .collect();
    let lower = straight.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words
        .join(" ")
        .trim_matches(['"', '\'', ' '])
        .trim_end_matches(['.', '!', '?', ':', ';', ','])
        .trim_matches(['"', '\'', ' '])
        .to_owned()
}

/// The words as an id joins them: `User not pre-authorized` is `user_not_pre_authorized`.
pub(super) fn joined(text: &str) -> String {
    plain(text).replace([' ', '-'], "_")
}

/// Whether two names have the same letters and digits: letter case, blanks and marks do not matter.
pub(super) fn same_letters(a: &str, b: &str) -> bool {
    letters(a).eq(letters(b)) && letters(a).next().is_some()
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    let only = text.chars().filter(|c| c.is_alphanumeric());
    only.flat_map(char::to_lowercase)
}

/// How alike two texts are, 0 to 1; both as [`plain`] gives them. 0 also where their lengths alone make them another.
fn likeness(a: &str, b: &str) -> f64 {
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if long == 0 || share(short, long) < ALIKE {
        return 0.0;
    }
    1.0 - share(strsim::osa_distance(a, b), long)
}

fn share(part: usize, whole: usize) -> f64 {
    // Lengths of sentences: far below where an f64 would round.
    f64::from(u32::try_from(part).unwrap_or(u32::MAX))
        / f64::from(u32::try_from(whole).unwrap_or(u32::MAX))
}

/// The phrase that a text is, holds, or nearly holds; of several the longest. Phrases and text as [`plain`] gives them.
pub(super) fn find<'a, T>(
    text: &str,
    phrases: impl Iterator<Item = (&'a str, T)> + Clone,
) -> Option<Match<T>> {
    let whole = phrases.clone().find(|(phrase, _)| *phrase == text);
    if let Some((_, found)) = whole {
        return Some(Match::Whole(found));
    }
    let held = phrases
        .clone()
        .filter(|(phrase, _)| holds(text, phrase))
        .max_by_key(|(phrase, _)| phrase.len());
    let words: Vec<&str> = text.split(' ').take(SEARCHED).collect();
    // A short phrase to the letter may stand in a much longer one with a slip.
    let held_length = held.as_ref().map_or(0, |(phrase, _)| phrase.len());
    let near = phrases
        .filter(|(phrase, _)| 2 * phrase.len() > 3 * held_length)
        .filter_map(|(phrase, found)| {
            let likeness = nearest(&words, phrase);
            (likeness >= ALIKE).then_some((likeness, found))
        })
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match (near, held) {
        (Some((_, found)), _) => Some(Match::Near(found)),
        (None, Some((_, found))) => Some(Match::Held(found)),
        (None, None) => None,
    }
}

/// How a phrase was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match<T> {
    /// The text is the phrase.
    Whole(T),
    /// The phrase stands in the text.
    Held(T),
    /// Words of the text are much like the phrase.
    Near(T),
}

/// The best likeness of a phrase with as many words of a text, one more or one fewer. A phrase of one word is never only near, nor is one
/// that shares no word with the text.
fn nearest(words: &[&str], phrase: &str) -> f64 {
    let own: Vec<&str> = phrase.split(' ').collect();
    let count = own.len();
    if count < 2
        || !own
            .iter()
            .any(|word| word.len() > 1 && words.contains(word))
    {
        return 0.0;
    }
    let mut best = 0.0_f64;
    for size in count - 1..=count + 1 {
        for window in words.windows(size.max(2)) {
            let text = window.join(" ");
            let text = text.trim_matches(|c: char| c.is_ascii_punctuation());
            best = best.max(likeness(text, phrase));
        }
    }
    best
}

/// Whether a phrase stands in a text with no letter, digit or underscore beside it.
pub(super) fn holds(text: &str, phrase: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    !phrase.is_empty()
        && text.match_indices(phrase).any(|(at, _)| {
            !text[..at].ends_with(joins) && !text[at + phrase.len()..].starts_with(joins)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_count_is_taken_away() {
        assert_eq!(
            plain("  \u{201c}User hasn\u{2019}t  approved this consumer.\u{201d} "),
            "user hasn't approved this consumer"
        );
        assert_eq!(joined("User not pre-authorized"), "user_not_pre_authorized");
        assert!(same_letters("IP Relaxation", "ip_relaxation"));
        assert!(!same_letters("IP Relaxation", "ip_relaxations"));
        assert!(!same_letters(" - ", ""));
    }

    #[test]
    fn a_phrase_is_found_whole_held_or_nearly() {
        let phrases = [("ip restricted", 1), ("expired access/refresh token", 2)];
        let find = |text| find(text, phrases.into_iter());
        assert_eq!(find("ip restricted"), Some(Match::Whole(1)));
        assert_eq!(
            find("error: expired access/refresh token (400)"),
            Some(Match::Held(2))
        );
        assert_eq!(find("expired acces/refresh tokn"), Some(Match::Near(2)));
        assert_eq!(find("it said ip restrcted today"), Some(Match::Near(1)));
        assert_eq!(find("something else entirely"), None);
        assert_eq!(
            find("ip restrictedness"),
            Some(Match::Near(1)).filter(|_| false)
        );
    }
}
