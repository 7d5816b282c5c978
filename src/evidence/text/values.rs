//! Names and their values as programs write them: JSON, Python, JavaScript, Ruby and Java maps, XML, YAML, `name=value`.

use super::phrases::{is_joined, next_word};

/// Octets of a value that are read.
pub(super) const LONGEST: usize = 500;
/// White space between name, sign and value.
const GAP: usize = 8;

/// A value beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    /// Where it ends, its quote included.
    pub(super) end: usize,
    /// Whether it stood in quotes or between tags.
    pub(super) enclosed: bool,
    /// Whether it is the first of a list.
    pub(super) listed: bool,
    /// Whether `=` stands before it.
    pub(super) assigned: bool,
}

/// Every word of a text with its place that may be a name: one that another text of letters does not run into.
pub(super) fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let (at, word) = next_word(text, from)?;
        from = at + word.len();
        Some((at, word))
    })
}

/// The value of a name that ends at `end`: past a quote, and past `:`, `=`, `=>` or `>`. Of a longer one than `longest` the beginning, and
/// nothing where it stands in quotes.
pub(super) fn value_of(text: &str, end: usize, longest: usize) -> Option<Value<'_>> {
    let mut at = end;
    let step = |at: usize, signs: &[char]| match text.get(at..)?.chars().next() {
        Some(c) if signs.contains(&c) => Some(at + c.len_utf8()),
        _ => None,
    };
    at = step(at, &['"', '\'', '`']).unwrap_or(at);
    at = skip_gap(text, at);
    let is_tag = text.get(at..)?.starts_with('>');
    at = step(at, &[':', '=', '>'])?;
    // `=>` of Ruby and PHP; `::` is no sign of a value.
    let assigned = text[..at].ends_with('=');
    at = match text[..at].chars().next_back() {
        Some('=') => step(at, &['>']).unwrap_or(at),
        Some(':') if text[at..].starts_with(':') => return None,
        _ => at,
    };
    at = skip_gap(text, at);
    let bracket = step(at, &['[']);
    at = bracket.map_or(at, |inside| skip_gap(text, inside));
    let rest = window(text, at, longest);
    let quote = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\'' | '`'));
    let (start, length, after) = match quote {
        Some(quote) => {
            let inner = &rest[1..];
            let length = inner.find([quote, '\n'])?;
            (at + 1, length, 1)
        }
        None if is_tag => (at, rest.find('<')?, 0),
        None => (at, bare(rest), 0),
    };
    Some(Value {
        text: text[start..start + length].trim(),
        end: start + length + after,
        enclosed: quote.is_some() || is_tag,
        listed: bracket.is_some(),
        assigned,
    })
}

/// How far a value without quotes goes: to the end of its line, of its map, or to the next `, name=` or `, name:`.
fn bare(rest: &str) -> usize {
    let end = rest
        .find(['\n', '}', ']', '<', '"', '&', '|'])
        .unwrap_or(rest.len());
    let line = &rest[..end];
    let next_name = |comma: &usize| {
        let after = line[comma + 1..].trim_start();
        let name = after.find(|c| !is_joined(c)).unwrap_or(after.len());
        name > 0 && after[name..].trim_start().starts_with([':', '='])
    };
    line.match_indices(',')
        .map(|(at, _)| at)
        .find(next_name)
        .unwrap_or(line.len())
}

fn skip_gap(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    at + gap.min(GAP)
}

/// The text from a place, cut at a bound.
pub(super) fn window(text: &str, at: usize, longest: usize) -> &str {
    let mut end = (at + longest).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[at..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_in_each_way_of_writing() {
        let value = |text: &str| {
            let (at, word) = names(text)
                .find(|(_, word)| word.contains("error"))
                .unwrap();
            value_of(text, at + word.len(), LONGEST).map(|value| value.text.to_owned())
        };
        for text in [
            r#"{"error":"invalid_grant"}"#,
            r#"{"error" : "invalid_grant", "x": 1}"#,
            "{'error': 'invalid_grant'}",
            "{ error: 'invalid_grant' }",
            r#"{"error"=>"invalid_grant"}"#,
            "{error=invalid_grant, error_description=x}",
            "<error>invalid_grant</error>",
            "error: invalid_grant\nnext",
            "error=invalid_grant&state=1",
            "error=\"invalid_grant\" other=1",
        ] {
            assert_eq!(value(text).as_deref(), Some("invalid_grant"), "{text}");
        }
        assert_eq!(
            value("error: one, two; or three, and=4").as_deref(),
            Some("one, two; or three")
        );
        assert_eq!(value("error::x"), None);
        assert_eq!(value("an error occurred"), None);
        assert_eq!(value("error"), None);
        assert_eq!(value("error: \"unclosed"), None);
    }

    #[test]
    fn a_list_gives_its_first() {
        let text = "\"aud\": [\"https://a.test\", \"b\"]";
        let value = value_of(text, 4, LONGEST).unwrap();
        assert_eq!((value.text, value.listed), ("https://a.test", true));
    }
}
