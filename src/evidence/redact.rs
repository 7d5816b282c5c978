//! Inputs come from outside and hold secrets. What is kept of a request are the values of the parameters below and the names of all others;
//! what is kept of an answer are words.

use std::borrow::Cow;

/// Parameters whose values a cause can lie in, and which are no secrets; `redirect_uri` is kept without its query.
const KEPT: [&str; 14] = [
    "grant_type",
    "response_type",
    "scope",
    "prompt",
    "immediate",
    "display",
    "format",
    "code_challenge_method",
    "client_assertion_type",
    "assertion_type",
    "token_type_hint",
    "subject_token_type",
    "requested_token_type",
    "error",
];
/// Characters of a value or a sentence that are kept.
const LONGEST: usize = 300;
/// A word of a sentence that is longer may be a token.
const LONGEST_WORD: usize = 40;

/// A parameter as it is kept.
pub(super) fn parameter(name: &str, value: &str) -> (String, String) {
    let value = if KEPT.contains(&name) {
        words(value).into_owned()
    } else if name == "redirect_uri" {
        short(value.split(['?', '#']).next().unwrap_or_default()).to_owned()
    } else if value.is_empty() {
        String::new()
    } else {
        format!("[{}]", short(name))
    };
    (short(name).to_owned(), value)
}

/// An `Authorization` header as it is kept: its scheme.
pub(super) fn authorization(value: &str) -> String {
    let is_scheme = |word: &str| word.len() <= 12 && word.chars().all(|c| c.is_ascii_alphabetic());
    match value.trim().split_once(' ') {
        Some((scheme, _)) if is_scheme(scheme) => format!("{scheme} [authorization]"),
        _ => "[authorization]".to_owned(),
    }
}

/// A sentence of a server as it is kept: whole, where it is words; what may be a token is taken out, and what is too long is cut.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    let text = short(text);
    if !text.contains(char::is_control) && !text.split(is_gap).any(is_token) {
        return Cow::Borrowed(text);
    }
    let plain = text.replace(char::is_control, " ");
    let mut kept = String::with_capacity(plain.len());
    for piece in plain.split_inclusive(is_gap) {
        let (word, gap) = match piece.char_indices().next_back() {
            Some((at, c)) if is_gap(c) => piece.split_at(at),
            _ => (piece, ""),
        };
        kept.push_str(if is_token(word) { "[…]" } else { word });
        kept.push_str(gap);
    }
    Cow::Owned(kept)
}

/// Whether a text reads as a sentence: some words, none of them a token or an assignment.
pub(super) fn is_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        word.len() <= LONGEST_WORD
            && !word.contains(['=', '{', '}', '\\', '<', '>'])
            && !is_token(word)
    };
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    text.split_whitespace().count() >= 2
        && letters * 2 >= text.chars().count()
        && text.split_whitespace().all(is_word)
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || "\"'&?,;()<>=".contains(c)
}

/// Tokens of Salesforce by their shape (wire facts section 3.2), JWTs, and any long word that is neither an address nor a name (`urn:…`).
fn is_token(word: &str) -> bool {
    let long = word.len() > LONGEST_WORD;
    let is_address = ["https://", "http://", "urn:"]
        .iter()
        .any(|start| word.starts_with(start));
    let has_prefix = ["eyJ", "5Aep861", "aPrx"]
        .iter()
        .any(|start| word.starts_with(start));
    (long && !is_address)
        || (word.len() >= 15 && (has_prefix || (word.starts_with("00D") && word.contains('!'))))
}

/// The first characters.
pub(super) fn short(text: &str) -> &str {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_tokens_go() {
        let said = "We can't find a user with username ana@acme.example.";
        assert_eq!(words(said), said);
        let token = "00D50000000IehZ!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6";
        assert_eq!(
            words(&format!("Session {token} expired")),
            "Session […] expired"
        );
        assert_eq!(words(&"word ".repeat(200)).chars().count(), LONGEST);
        assert!(is_sentence("user hasn't approved this consumer"));
        assert!(!is_sentence("refresh_token=5Aep861TSESvWeug is stale"));
        assert!(!is_sentence("invalid"));
    }

    #[test]
    fn of_a_parameter_the_name_stays() {
        assert_eq!(parameter("client_secret", "s3cret").1, "[client_secret]");
        assert_eq!(parameter("code_verifier", "").1, "");
        assert_eq!(parameter("grant_type", "password").1, "password");
        let urn = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        assert_eq!(parameter("grant_type", urn).1, urn);
        assert_eq!(authorization("Basic YTpi"), "Basic [authorization]");
        assert_eq!(authorization("00Dxx!abc"), "[authorization]");
    }
}
