//! Secrets: a type that cannot be printed, and the register that takes them out of every record.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A value that must not be seen. No `Display`, no `Serialize`, no `PartialEq`.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// Shorter values are not searched for: replacing them would garble every record and hide nothing.
const SHORTEST: usize = 4;
/// Below this, encoded forms are too short to be told from chance.
const SHORTEST_ENCODED: usize = 8;

/// What RFC 3986 leaves bare.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The secrets of one scenario or of the run. Marks keep equality visible: the same value has the same mark everywhere.
#[derive(Default)]
pub struct Register {
    inner: RwLock<Inner>,
}

/// Patterns are found by their last octets: tokens of one org begin alike and end at random, so that a lookup has one candidate. Adding one
/// costs nothing for those that are there, which an automaton over all of them could not say.
#[derive(Default)]
struct Inner {
    /// A kind that is not searched for: a hole made on purpose, for the test of the tests.
    hole: Option<&'static str>,
    marks: HashMap<Arc<str>, Arc<str>>,
    counts: HashMap<&'static str, usize>,
    patterns: Vec<(Box<[u8]>, Arc<str>)>,
    long: HashMap<[u8; LONG], Vec<u32>>,
    short: HashMap<[u8; SHORTEST], Vec<u32>>,
    /// One bit for each hash of the last four octets of a pattern: most positions of a text are passed over by one look here.
    filter: Vec<u64>,
}

/// Words of the filter: 16 KiB, made with the first pattern.
const FILTER: usize = 2048;

/// The place of four octets in the filter: word and bit.
fn place(tail: [u8; SHORTEST]) -> (usize, u64) {
    let hash = u32::from_le_bytes(tail).wrapping_mul(0x9E37_79B1) >> 15;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// Octets at the end of a pattern by which it is looked up.
const LONG: usize = 8;

impl Register {
    /// An empty register.
    pub fn new() -> Self {
        Self::default()
    }

    /// A register with a hole: values of the kind get marks and are not searched for. It shows that a test which looks for secrets would
    /// find one.
    pub fn with_hole(kind: &'static str) -> Self {
        Self {
            inner: RwLock::new(Inner {
                hole: Some(kind),
                ..Inner::default()
            }),
        }
    }

    /// Registers a value under a kind (`access_token`, `client_secret`, …) and returns its mark, `[access_token#1]`.
    /// Values shorter than four characters get a mark but are not searched for.
    pub fn add(&self, kind: &'static str, value: &str) -> Arc<str> {
        {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(mark) = inner.marks.get(value) {
                return Arc::clone(mark);
            }
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(mark) = inner.marks.get(value) {
            return Arc::clone(mark);
        }
        let count = inner.counts.entry(kind).or_default();
        *count += 1;
        let mark: Arc<str> = format!("[{kind}#{count}]").into();
        inner.marks.insert(value.into(), Arc::clone(&mark));
        if value.len() >= SHORTEST && inner.hole != Some(kind) {
            for form in forms(value) {
                inner.learn(form.into_bytes().into_boxed_slice(), Arc::clone(&mark));
            }
        }
        mark
    }

    /// Replaces every registered value, raw or URL-encoded or in base64 or in hexadecimal, by its mark.
    pub fn redact(&self, text: &str) -> String {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let found = inner.find(text.as_bytes());
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for (start, stop, pattern) in found {
            // Of two that overlap, the one that begins first and is longest counts.
            if start >= end {
                out.push_str(&text[end..start]);
                out.push_str(&inner.patterns[pattern].1);
                end = stop;
            }
        }
        out.push_str(&text[end..]);
        out
    }

    /// Whether any registered value occurs, in any of the encodings. For the last scan before a report leaves.
    pub fn leaks(&self, text: &str) -> bool {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        !inner.find(text.as_bytes()).is_empty()
    }
}

impl Inner {
    fn learn(&mut self, pattern: Box<[u8]>, mark: Arc<str>) {
        let Ok(number) = u32::try_from(self.patterns.len()) else {
            return;
        };
        if let Some(tail) = pattern.last_chunk::<SHORTEST>() {
            self.filter.resize(FILTER, 0);
            let (word, bit) = place(*tail);
            self.filter[word] |= bit;
        }
        if let Some(tail) = pattern.last_chunk::<LONG>() {
            self.long.entry(*tail).or_default().push(number);
        } else if let Some(tail) = pattern.last_chunk::<SHORTEST>() {
            self.short.entry(*tail).or_default().push(number);
        }
        self.patterns.push((pattern, mark));
    }

    /// Every occurrence as (start, end, pattern), by start, the longest first.
    fn find(&self, text: &[u8]) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        if self.patterns.is_empty() {
            return found;
        }
        for stop in SHORTEST..=text.len() {
            let head = &text[..stop];
            let passed_over = head.last_chunk::<SHORTEST>().is_some_and(|tail| {
                let (word, bit) = place(*tail);
                self.filter[word] & bit == 0
            });
            if passed_over {
                continue;
            }
            let long = head
                .last_chunk::<LONG>()
                .and_then(|tail| self.long.get(tail));
            let short = if self.short.is_empty() {
                None
            } else {
                head.last_chunk::<SHORTEST>()
                    .and_then(|tail| self.short.get(tail))
            };
            for number in long.into_iter().chain(short).flatten() {
                let number = *number as usize;
                let pattern = &self.patterns[number].0;
                if head.ends_with(pattern) {
                    found.push((stop - pattern.len(), stop, number));
                }
            }
        }
        found.sort_unstable_by_key(|&(start, stop, number)| {
            (start, std::cmp::Reverse(stop), number)
        });
        found
    }
}

/// The forms in which a value can stand in a record.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    let mut add = |form: String| {
        if form.len() >= SHORTEST && !forms.contains(&form) {
            forms.push(form);
        }
    };
    let percent = utf8_percent_encode(value, UNRESERVED).to_string();
    add(lower_escapes(&percent));
    add(percent);
    add(url::form_urlencoded::byte_serialize(value.as_bytes()).collect());
    let quoted = serde_json::Value::from(value).to_string();
    add(quoted[1..quoted.len() - 1].to_owned());
    if value.len() >= SHORTEST_ENCODED {
        for (standard, url_safe) in base64_forms(value.as_bytes()) {
            add(standard);
            add(url_safe);
        }
        add(value.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }));
    }
    forms
}

fn lower_escapes(percent: &str) -> String {
    let mut out = String::with_capacity(percent.len());
    let mut escape = 0;
    for c in percent.chars() {
        if c == '%' {
            escape = 3;
        }
        out.push(if escape > 0 {
            c.to_ascii_lowercase()
        } else {
            c
        });
        escape = (escape - 1).max(0);
    }
    out
}

/// Base64 of the value at each of the three alignments, without the characters that its neighbours decide.
fn base64_forms(value: &[u8]) -> Vec<(String, String)> {
    (0..3)
        .map(|offset| {
            let mut padded = vec![0_u8; offset];
            padded.extend_from_slice(value);
            // A character that holds a bit of what stands before or after the value is not part of the pattern.
            let first = (offset * 8).div_ceil(6);
            let last = padded.len() * 8 / 6;
            let cut = |text: String| text[first..last].to_owned();
            (
                cut(STANDARD_NO_PAD.encode(&padded)),
                cut(URL_SAFE_NO_PAD.encode(&padded)),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    const CANARY: &str = "s3cr3t/with+signs&spaces 00D!AQ";

    #[test]
    fn a_secret_is_found_raw_encoded_and_in_base64_at_any_alignment() {
        let register = Register::new();
        let mark = register.add("password", CANARY);
        for before in ["", "a", "ab", "abc"] {
            let encoded = STANDARD.encode(format!("{before}{CANARY}tail"));
            let redacted = register.redact(&encoded);
            assert!(redacted.contains(&*mark), "{before}: {redacted}");
        }
        let form: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
        for text in [
            CANARY.to_owned(),
            form,
            utf8_percent_encode(CANARY, UNRESERVED).to_string(),
        ] {
            let redacted = register.redact(&format!("x={text}&y"));
            assert_eq!(redacted, format!("x={mark}&y"));
        }
    }

    #[test]
    fn marks_keep_equality_visible() {
        let register = Register::new();
        let first = register.add("access_token", "aaaaaaaa");
        assert_eq!(register.add("access_token", "aaaaaaaa"), first);
        assert_ne!(register.add("access_token", "bbbbbbbb"), first);
    }
}
