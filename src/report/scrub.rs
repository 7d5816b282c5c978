//! The scan of a record: every text in it, against registers of secrets and against the shapes of tokens.
//!
//! It walks the values, never the written JSON: a secret that equals a word of our own (`test`, `granted`) must not break the record.
//! Words of our closed lists, in the fields that hold them, and the names of parameters and header fields are ours and stay.

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::cause::CauseId;
use crate::oauth::{GrantKind, HostKind};
use crate::secret::Register;

use super::shapes::remove_shapes;
use super::{Certainty, ErrorKind, Status, StepKind, place::is_place};

/// What stands in place of a text that still held a secret after the scan.
pub const WITHHELD: &str = "[text withheld by grantproof]";

/// What a scan did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scan {
    /// Texts in which something was replaced.
    pub changed: usize,
    /// Texts that still held a secret after it, and are gone. Any is a bug of ours.
    pub withheld: usize,
}

/// A copy of the record with every text scanned.
///
/// # Panics
///
/// Where the type cannot be written to JSON and read back: the types of this module can.
pub fn scrub<T: Serialize + DeserializeOwned>(record: &T, registers: &[&Register]) -> (T, Scan) {
    let mut value =
        serde_json::to_value(record).expect("invariant: the report's types can be written");
    let scan = scrub_value(&mut value, registers);
    let record =
        serde_json::from_value(value).expect("invariant: the report's types read what they wrote");
    (record, scan)
}

/// Scans every text of a JSON value in place.
pub fn scrub_value(value: &mut Value, registers: &[&Register]) -> Scan {
    let mut scan = Scan::default();
    walk("", value, registers, &mut scan);
    scan
}

fn walk(key: &str, value: &mut Value, registers: &[&Register], scan: &mut Scan) {
    match value {
        Value::String(text) if !is_ours(key, text) => {
            if let Some(cleaned) = clean(text, registers, scan) {
                *text = cleaned;
            }
        }
        Value::Array(items) => {
            for item in items {
                walk(key, item, registers, scan);
            }
        }
        Value::Object(map) => {
            // The keys of a matrix are the author's; all other keys are ours.
            if key == "matrix" {
                *map = std::mem::take(map)
                    .into_iter()
                    .map(|(name, value)| (clean(&name, registers, scan).unwrap_or(name), value))
                    .collect();
            }
            for (name, item) in map.iter_mut() {
                walk(name, item, registers, scan);
            }
        }
        _ => {}
    }
}

/// `None` where the text is clean as it is.
fn clean(text: &str, registers: &[&Register], scan: &mut Scan) -> Option<String> {
    let cleaned = registers
        .iter()
        .fold(text.to_owned(), |text, register| redact(&text, register));
    let cleaned = remove_shapes(&cleaned).into_owned();
    if holds_more_than_marks(&cleaned, |part| {
        registers.iter().any(|register| register.leaks(part))
    }) {
        scan.changed += 1;
        scan.withheld += 1;
        return Some(WITHHELD.to_owned());
    }
    (cleaned != text).then(|| {
        scan.changed += 1;
        cleaned
    })
}

/// Redacts what stands between marks; a mark made by an earlier register is not looked into.
fn redact(text: &str, register: &Register) -> String {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Mark(mark) => out.push_str(mark),
            Part::Text(text) => out.push_str(&register.redact(text)),
        }
    }
    out
}

fn holds_more_than_marks(text: &str, leaks: impl Fn(&str) -> bool) -> bool {
    parts(text).any(|part| matches!(part, Part::Text(text) if leaks(text)))
}

enum Part<'a> {
    Mark(&'a str),
    Text(&'a str),
}

/// The text cut at its marks, `[kind#7]`.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(length) = mark(rest) {
            let (mark, after) = rest.split_at(length);
            rest = after;
            return Some(Part::Mark(mark));
        }
        let end = rest
            .match_indices('[')
            .map(|(at, _)| at)
            .find(|at| mark(&rest[*at..]).is_some())
            .unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Part::Text(text))
    })
}

/// The length of the mark that the text begins with.
fn mark(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find(']')?;
    let (kind, count) = inner[..end].split_once('#')?;
    let is_kind = !kind.is_empty()
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    (is_kind && is_count).then_some(end + 2)
}

/// Whether the text is a word of ours in a field that holds such words.
fn is_ours(key: &str, text: &str) -> bool {
    match key {
        "status" => Status::WORDS.contains(&text),
        "error_kind" => ErrorKind::WORDS.contains(&text),
        "kind" => StepKind::WORDS.contains(&text),
        "certainty" => Certainty::WORDS.contains(&text),
        "grant" => GrantKind::ALL.iter().any(|grant| grant.name() == text),
        "host" => HostKind::parse(text).is_some(),
        "endpoint" => is_place(text),
        "at" | "started_at" => is_place(text) || text.parse::<Timestamp>().is_ok(),
        "cause" | "separates" => CauseId::parse(text).is_some(),
        "method" => matches!(text, "GET" | "POST"),
        "event" => EVENTS.contains(&text),
        "name" | "members" => NAMES.contains(&text),
        _ => false,
    }
}

/// The events of the journal.
const EVENTS: [&str; 7] = [
    "run_started",
    "run_resumed",
    "scenario_started",
    "step_finished",
    "scenario_finished",
    "bug",
    "run_finished",
];

/// Outcomes, parameters and members of the protocol: a password `password` must not hide that one was sent.
const NAMES: [&str; 36] = [
    "granted",
    "refused",
    "off_protocol",
    "unanswered",
    "not_sent",
    "access_token",
    "actor_token",
    "assertion",
    "authorization",
    "client_assertion",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "expires_in",
    "format",
    "grant_type",
    "id",
    "id_token",
    "instance_url",
    "issued_at",
    "password",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "response_type",
    "scope",
    "signature",
    "state",
    "subject_token",
    "token",
    "token_type",
    "username",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_text_is_scanned_and_our_words_stay() {
        let scenario = Register::new();
        let run = Register::new();
        let token = scenario.add("access_token", "canary-token-value");
        let password = run.add("password", "passed");
        let mut value = json!({
            "status": "passed",
            "title": "the password is passed",
            "matrix": {"canary-token-value": "x"},
            "sent": {"fields": [{"name": "access_token", "value": "canary-token-value"}]},
            "body": "{\"t\":\"canary-token-value\"}",
        });
        let scan = scrub_value(&mut value, &[&scenario, &run]);
        assert_eq!(
            value,
            json!({
                "status": "passed",
                "title": format!("the password is {password}"),
                "matrix": {&*token: "x"},
                "sent": {"fields": [{"name": "access_token", "value": &*token}]},
                "body": format!("{{\"t\":\"{token}\"}}"),
            })
        );
        assert_eq!((scan.changed, scan.withheld), (4, 0));
    }

    #[test]
    fn a_secret_that_is_the_name_of_a_kind_leaves_marks_whole() {
        let register = Register::new();
        let mark = register.add("password", "password");
        let mut value = json!({"body": "password and [password#7]"});
        let scan = scrub_value(&mut value, &[&register, &register]);
        assert_eq!(value["body"], format!("{mark} and [password#7]"));
        assert_eq!(scan.withheld, 0);
    }

    #[test]
    fn what_still_leaks_beside_marks_is_seen() {
        let leaks = |text: &str| text.contains("secret");
        assert!(holds_more_than_marks("[token#1] secret", leaks));
        assert!(!holds_more_than_marks("[secret#1] x", leaks));
        assert!(holds_more_than_marks("[secret#x]", leaks));
    }
}
