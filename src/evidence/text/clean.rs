//! A pasted text in plain characters: without colours of a terminal, with its escapes and entities resolved, so that a sentence reads the
//! same wherever it was logged.

use std::iter::Peekable;
use std::str::Chars;

/// Resolves colours, escapes (`\"`, `\n`, `\u0027`, at any depth of quoting), entities (`&quot;`, `&#39;`), and typographic quotes.
/// Linear in the length of the text.
pub(super) fn clean(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_colour(&mut chars),
            '\\' => escape(&mut chars, &mut plain),
            '&' => entity(&mut chars, &mut plain),
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    plain.push('\n');
                }
            }
            '\n' | '\t' => plain.push(c),
            '\u{2018}' | '\u{2019}' | '\u{2032}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' => plain.push('"'),
            '\u{200b}' | '\u{feff}' | '\u{ad}' => {}
            c if c.is_control() || c.is_whitespace() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// The rest of a sequence of ECMA-48: `[` up to a letter, `]` up to its end mark.
fn skip_colour(chars: &mut Peekable<Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while let Some(c) = chars.next_if(|c| c.is_ascii() && !c.is_ascii_control()) {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
        Some(']') => {
            for c in chars.by_ref() {
                if matches!(c, '\u{7}' | '\\' | '\n') {
                    break;
                }
            }
        }
        _ => {}
    }
}

/// After a backslash. However many stand there, the quoting was as deep and the character is one.
fn escape(chars: &mut Peekable<Chars<'_>>, plain: &mut String) {
    while chars.next_if_eq(&'\\').is_some() {}
    match chars.peek() {
        Some('"' | '\'' | '/') => plain.extend(chars.next()),
        Some('n' | 'r') => {
            chars.next();
            plain.push('\n');
        }
        Some('t') => {
            chars.next();
            plain.push(' ');
        }
        Some('u' | 'x') => {
            let digits = if chars.peek() == Some(&'u') { 4 } else { 2 };
            let code: String = chars.clone().skip(1).take(digits).collect();
            let is_hex = code.len() == digits && code.chars().all(|c| c.is_ascii_hexdigit());
            let number = is_hex
                .then(|| u32::from_str_radix(&code, 16).ok())
                .flatten();
            if let Some(c) = number.and_then(char::from_u32) {
                for _ in 0..=digits {
                    chars.next();
                }
                plain.push(if c.is_control() { ' ' } else { c });
            } else {
                plain.push('\\');
            }
        }
        Some('&') => {
            chars.next();
            let mut decoded = String::new();
            entity(chars, &mut decoded);
            if !matches!(decoded.as_str(), "\"" | "'") {
                plain.push('\\');
            }
            plain.push_str(&decoded);
        }
        _ => plain.push('\\'),
    }
}

const ENTITIES: [(&str, char); 12] = [
    ("quot;", '"'),
    ("#34;", '"'),
    ("#x22;", '"'),
    ("apos;", '\''),
    ("#39;", '\''),
    ("#039;", '\''),
    ("#x27;", '\''),
    ("lt;", '<'),
    ("gt;", '>'),
    ("nbsp;", ' '),
    ("#160;", ' '),
    ("amp;", '&'),
];
/// Characters after `&` that are looked at: `amp;` some times over, and the longest name.
const LOOK_AHEAD: usize = 32;

/// After an ampersand. `&amp;quot;` was encoded twice.
fn entity(chars: &mut Peekable<Chars<'_>>, plain: &mut String) {
    let ahead: String = chars.clone().take(LOOK_AHEAD).collect();
    let mut rest = ahead.as_str();
    while let Some(inner) = rest.strip_prefix("amp;") {
        rest = inner;
    }
    let nested = ahead.len() - rest.len();
    let found = ENTITIES.iter().find(|(name, _)| {
        let head = rest.get(..name.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(name))
    });
    let (skipped, c) = match found {
        Some((name, c)) => (nested + name.len(), *c),
        None => (nested, '&'),
    };
    // All that is skipped is ASCII: as many characters as octets.
    for _ in 0..skipped {
        chars.next();
    }
    plain.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_escapes_and_entities_are_resolved() {
        for (text, plain) in [
            (
                "\u{1b}[1m\u{1b}[31minvalid_grant\u{1b}[39m",
                "invalid_grant",
            ),
            ("\u{1b}]0;title\u{7}ok", "ok"),
            (r#"{\"error\":\"x\"}"#, r#"{"error":"x"}"#),
            (r#"{\\\"error\\\":\\\"x\\\"}"#, r#"{"error":"x"}"#),
            (r"hasn\u0027t\nnext", "hasn't\nnext"),
            (
                "hasn&#39;t &amp;quot;x&amp;quot; a&amp;b=1 &lt;b&gt;",
                "hasn't \"x\" a&b=1 <b>",
            ),
            ("hasn’t “so”", "hasn't \"so\""),
            ("a\r\nb\rc\u{0}d", "a\nb\nc d"),
            (r"{\&quot;a\&quot;} \&lt;", r#"{"a"} \<"#),
            (r"C:\Users \ud800 \", r"C:\Users \ud800 \"),
            ("& &; &quo", "& &; &quo"),
            ("a=1&amp", "a=1&amp"),
        ] {
            assert_eq!(clean(text), plain, "{text}");
        }
    }
}
