//! The words and signs of a query.

use super::QueryError;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a keyword, a number or a date: letters, digits, `_ . : + -`.
    Word(String),
    /// A text in single quotes, unescaped.
    Text(String),
    /// `=`, `!=`, `<`, `>`, `<=`, `>=`, `(`, `)`, `,`.
    Sign(&'static str),
}

/// Cuts a query into tokens with their offsets in octets.
pub(super) fn tokens(query: &str) -> Result<Vec<(usize, Token)>, QueryError> {
    let mut found = Vec::new();
    let mut letters = query.char_indices().peekable();
    while let Some(&(at, letter)) = letters.peek() {
        if letter.is_whitespace() {
            letters.next();
        } else if letter == '\'' {
            letters.next();
            found.push((at, Token::Text(text(query, at, &mut letters)?)));
        } else if is_word(letter) {
            let mut word = String::new();
            while let Some(&(_, letter)) = letters.peek() {
                if !is_word(letter) {
                    break;
                }
                word.push(letter);
                letters.next();
            }
            found.push((at, Token::Word(word)));
        } else {
            letters.next();
            let next = letters.peek().map(|&(_, letter)| letter);
            let (sign, two) = match (letter, next) {
                ('!', Some('=')) | ('<', Some('>')) => ("!=", true),
                ('<', Some('=')) => ("<=", true),
                ('>', Some('=')) => (">=", true),
                ('<', _) => ("<", false),
                ('>', _) => (">", false),
                ('=', _) => ("=", false),
                ('(', _) => ("(", false),
                (')', _) => (")", false),
                (',', _) => (",", false),
                _ => {
                    let sentence = format!("unexpected token: '{letter}'");
                    return Err(QueryError::malformed(query, at, &sentence));
                }
            };
            if two {
                letters.next();
            }
            found.push((at, Token::Sign(sign)));
        }
    }
    Ok(found)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | ':' | '+' | '-')
}

/// Reads a text up to its closing quote, with the escapes of SOQL.
fn text(
    query: &str,
    start: usize,
    letters: &mut impl Iterator<Item = (usize, char)>,
) -> Result<String, QueryError> {
    let mut text = String::new();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Ok(text),
            '\\' => match letters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 'r')) => text.push('\r'),
                Some((_, 't')) => text.push('\t'),
                Some((_, escaped @ ('\'' | '"' | '\\'))) => text.push(escaped),
                // `LIKE` reads these again.
                Some((_, wild @ ('%' | '_'))) => text.extend(['\\', wild]),
                _ => {
                    return Err(QueryError::malformed(
                        query,
                        at,
                        "invalid string literal: unknown escape",
                    ));
                }
            },
            _ => text.push(letter),
        }
    }
    Err(QueryError::malformed(query, start, "unexpected token: '''"))
}
