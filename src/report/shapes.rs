//! The last net: texts that look like a token of Salesforce or like a JWT, though no register knows them.
//!
//! What is looked for: session ids and access tokens `00D…!…`, refresh tokens `5Aep…`, authorization codes `aPrx…`, JWTs `eyJ….….…`.
//! Marks (`[access_token#1]`), org ids without `!`, and these very words of the documentation are none.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in place of a removed text.
pub const REMOVED: &str = "[token-shaped text removed]";

/// Fewer characters after the prefix are an example of the documentation, not a token.
const SHORTEST_TAIL: usize = 12;

/// Every text that is shaped like a token, as byte ranges in order, without overlap.
pub fn scan_shapes(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = match rest[0] {
            b'0' => session_id(rest),
            b'5' => prefixed(rest, b"5Aep"),
            b'a' => prefixed(rest, b"aPrx"),
            b'e' => jwt(rest),
            _ => None,
        };
        match length {
            Some(length) => {
                found.push(at..at + length);
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// The text with [`REMOVED`] in place of every such range; borrowed where there is none.
pub fn remove_shapes(text: &str) -> Cow<'_, str> {
    let found = scan_shapes(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for range in found {
        out.push_str(&text[end..range.start]);
        out.push_str(REMOVED);
        end = range.end;
    }
    out.push_str(&text[end..]);
    Cow::Owned(out)
}

/// `00D`, the rest of an org id of 15 or 18 characters, `!` (also as `%21`, `\u0021`, `&#33;`), then the key.
fn session_id(rest: &[u8]) -> Option<usize> {
    let after = rest.strip_prefix(b"00D")?;
    let id = run(after, |byte| byte.is_ascii_alphanumeric());
    if id != 12 && id != 15 {
        return None;
    }
    let mark = ["!", "%21", "\\u0021", "&#33;"]
        .into_iter()
        .find(|mark| after[id..].starts_with(mark.as_bytes()))?;
    let start = 3 + id + mark.len();
    let tail = run(&rest[start..], is_opaque);
    (tail >= 8).then_some(start + tail)
}

fn prefixed(rest: &[u8], prefix: &[u8]) -> Option<usize> {
    let tail = run(rest.strip_prefix(prefix)?, is_opaque);
    (tail >= SHORTEST_TAIL).then_some(prefix.len() + tail)
}

/// A header, and either a payload that is JSON too (even when the rest was cut off) or two more parts at least.
fn jwt(rest: &[u8]) -> Option<usize> {
    if !rest.starts_with(b"eyJ") {
        return None;
    }
    let mut end = run(rest, is_url_safe);
    if end < 10 {
        return None;
    }
    let (mut parts, mut filled, mut json_payload) = (1, 0, false);
    while rest.get(end) == Some(&b'.') {
        let part = run(&rest[end + 1..], is_url_safe);
        json_payload |= parts == 1 && rest[end + 1..].starts_with(b"eyJ");
        end += 1 + part;
        parts += 1;
        filled += usize::from(part > 0);
    }
    (json_payload || parts >= 3 && filled > 0).then_some(end)
}

fn run(bytes: &[u8], is_part: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_part(**byte)).count()
}

/// The characters of an opaque token, `%` for its escapes.
const fn is_opaque(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'=' | b'%')
}

const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    // Written in parts, so that no scanner of repositories takes them for real ones.
    const TAIL: &str = "AQ0AQEkzhLTY.4Jc8_wPm1xHc7dSFbeUT";

    #[test]
    fn each_shape_is_found_whole() {
        for token in [
            format!("{}{TAIL}", "00D5g000004ABCD!"),
            format!("{}{TAIL}", "00D5g000004ABCDEA2!"),
            format!("{}{TAIL}", "00D5g000004ABCDEA2%21"),
            format!("{}{TAIL}", "5Aep861"),
            format!("{}{TAIL}==", "aPrx"),
            format!("{}{TAIL}%3D%3D", "aPrx"),
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl".to_owned(),
            "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.".to_owned(),
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3Mi".to_owned(),
            "eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn".to_owned(),
        ] {
            let text = format!("a \"{token}\" b, then assertion%3D{token}&c");
            let found = scan_shapes(&text);
            assert_eq!(found.len(), 2, "{text}");
            assert_eq!(&text[found[0].clone()], token);
            assert_eq!(
                remove_shapes(&text),
                format!("a \"{REMOVED}\" b, then assertion%3D{REMOVED}&c")
            );
        }
    }

    #[test]
    fn marks_ids_and_examples_are_none() {
        for text in [
            "[access_token#1] [refresh_token#12] [assertion#3]",
            "https://login.salesforce.com/id/00D5g000004ABCDEA2/0055g00000AbCdEAAV",
            "00D5g000004ABCDEA2! (the mark alone)",
            "00D…!, `5Aep861…`, `eyJ….….…`, `aPrx…`",
            "eyJ.x.y and eyJhbGciOiJSUzI1NiJ9 alone... keyJson.serialize.now",
            "grantproof runs 20260301T090000Z-5Aep",
            REMOVED,
        ] {
            assert!(scan_shapes(text).is_empty(), "{text}");
        }
    }
}
