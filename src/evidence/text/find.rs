//! Errors in a text, each by the form in which it stands: in an address, as members of an answer, as known words.

use std::ops::Range;

use super::phrases::{self, Found, Phrase, is_joined, known_code, known_sentence, whole_sentence};
use super::values::{LONGEST, names, value_of, window};
use super::{from_address, from_body};
use crate::cause::{Channel, wordings};
use crate::evidence::{Answer, Heard, Observation, Seen, redact};
use crate::exchange::Endpoint;

/// How sure it is that an error stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Something called `error` that the tables do not know.
    Weak,
    /// Code and sentence in the form of an answer, unknown to the tables.
    Formed,
    /// Words of the tables.
    Known,
}

/// An error and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) range: Range<usize>,
    pub(super) strength: Strength,
    pub(super) seen: Observation,
}

/// Octets between the code and the sentence of one error.
const APART: usize = 600;
const BESIDE: usize = 200;
/// Octets of an address from a place in it on, and before it.
const ADDRESS: usize = 4096;
const BEFORE: usize = 2048;

/// So many members are read; a log that holds more repeats itself.
const MEMBERS: usize = 50_000;
/// Octets of a value that may be a code, its quotes included.
const CODE: usize = 80;

/// An answer as it is kept: words alone, and known ones as the tables spell them, so that letter case and a full stop make no other answer.
pub(in crate::evidence) fn kept(answer: Answer) -> Answer {
    let heard = |heard: Heard, known: fn(&str) -> Option<&'static str>| match heard {
        Heard::Said(text) => {
            let words = known(&text).map(str::to_owned);
            Heard::Said(words.unwrap_or_else(|| redact::words(&text).into_owned()))
        }
        other => other,
    };
    Answer {
        code: heard(answer.code, known_code),
        text: heard(answer.text, whole_sentence),
        ..answer
    }
}

/// A finding of a code and a sentence.
fn finding(range: Range<usize>, answer: Answer, endpoint: Option<Endpoint>) -> Finding {
    let answer = kept(answer);
    let code = answer.code.words().and_then(known_code);
    let text = answer.text.words().and_then(whole_sentence);
    let known = code.is_some() || text.is_some();
    let formed = answer.code.words().is_some() && answer.text.words().is_some();
    let strength = match (known, formed) {
        (true, _) => Strength::Known,
        (false, true) => Strength::Formed,
        (false, false) => Strength::Weak,
    };
    Finding {
        range,
        strength,
        seen: super::observation(endpoint, Seen::Answer(answer)),
    }
}

/// `error=…` in addresses and in form bodies.
pub(super) fn in_addresses(text: &str) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (at, range) in tokens_with(text, "error=") {
        let before = text[range.start..at].chars().next_back();
        let token = &text[range.clone()];
        match before {
            Some('?' | '&' | '#') => found.extend(of_token(token, range)),
            None if token.contains("error_description=") => found.extend(of_form(text, range)),
            _ => {}
        }
    }
    found
}

/// Where a text holds some words, and the token around each place: from gap to gap, without the full stop or the bracket of the sentence
/// around it. Of several places in one token the first.
pub(super) fn tokens_with<'a>(
    text: &'a str,
    words: &'a str,
) -> impl Iterator<Item = (usize, Range<usize>)> + 'a {
    let mut done_to = 0;
    text.match_indices(words).filter_map(move |(at, _)| {
        if at < done_to {
            return None;
        }
        let mut from = at.saturating_sub(BEFORE).max(done_to);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let before = &text[from..at];
        let start = before.rfind(is_gap).map_or(from, |gap| {
            from + gap + before[gap..].chars().next().map_or(1, char::len_utf8)
        });
        let token = token_at(text, at);
        done_to = at + token.len().max(words.len());
        Some((at, start..at + token.len()))
    })
}

/// The rest of a token from a place on.
fn token_at(text: &str, at: usize) -> &str {
    let mut end = (at + ADDRESS).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let rest = &text[at..end];
    let mut gaps = rest.char_indices().filter(|(_, c)| is_gap(*c));
    // `hasn't` in an address: an apostrophe between letters ends nothing.
    let ends = |at: usize| {
        let inside = rest[at..].starts_with('\'')
            && rest[..at].ends_with(char::is_alphabetic)
            && rest[at + 1..].starts_with(char::is_alphabetic);
        !inside
    };
    let end = gaps
        .find(|(at, _)| ends(*at))
        .map_or(rest.len(), |(at, _)| at);
    rest[..end].trim_end_matches(['.', ',', ';', ')', ']', '}'])
}

pub(super) fn is_gap(c: char) -> bool {
    c.is_whitespace() || "\"'`<>()|".contains(c)
}

/// An address, whole or from its path on.
fn of_token(token: &str, range: Range<usize>) -> Option<Finding> {
    let whole = from_address(token);
    // `/oauth2/callback?error=…` in the log of a server: whose host, nobody knows.
    let path = || {
        let from = token.find(['/', '?', '#'])?;
        let found = from_address(&format!("https://host.invalid{}", &token[from..]))?;
        Some(Observation {
            host: None,
            ..found
        })
    };
    let found = whole.or_else(path)?;
    let Seen::Answer(answer) = found.seen else {
        return None;
    };
    is_code(answer.code.words()?).then(|| {
        let mut finding = finding(range, answer, found.endpoint);
        finding.seen.host = found.host;
        finding
    })
}

/// The bare body of the authorization endpoint; a log may show its sentence decoded, white space and all.
fn of_form(text: &str, range: Range<usize>) -> Option<Finding> {
    let token = &text[range.clone()];
    let mut found = from_body(None, token)?;
    let Seen::Answer(answer) = &mut found.seen else {
        return None;
    };
    let mut end = range.end;
    if let Some(at) = token
        .find("error_description=")
        .map(|at| at + "error_description=".len())
        && let Some(known) = known_sentence(window(text, range.start + at, LONGEST))
    {
        answer.text = Heard::Said(known.to_owned());
        end = end
            .max(range.start + at + known.trim_end_matches('.').len())
            .min(text.len());
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let answer = answer.clone();
    is_code(answer.code.words()?).then(|| finding(range.start..end, answer, found.endpoint))
}

/// Whose answer a member belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// RFC 6749 section 5.2.
    Token,
    /// Salesforce's REST API.
    Rest,
    /// A fault of the SOAP API.
    Soap,
}

/// A member of an answer.
struct Member {
    form: Form,
    is_code: bool,
    at: usize,
    end: usize,
    words: String,
    enclosed: bool,
}

/// Members of answers: `error` with `error_description`, `errorCode` with `message`, `faultcode` with `faultstring`.
pub(super) fn in_members(text: &str) -> Vec<Finding> {
    let members: Vec<Member> = names(text)
        .filter_map(|(at, name)| member(text, at, name))
        .take(MEMBERS)
        .collect();
    let mut found = Vec::new();
    let mut used = vec![false; members.len()];
    for (at, code) in members
        .iter()
        .enumerate()
        .filter(|(_, member)| member.is_code)
    {
        let goes_with = |other: usize| {
            let member = members.get(other)?;
            let fits = !member.is_code && member.form == code.form && !used[other];
            (fits && belong(text, code, member)).then_some(other)
        };
        let after = goes_with(at + 1).or_else(|| goes_with(at + 2));
        let with = after.or_else(|| at.checked_sub(1).and_then(goes_with));
        let mut range = code.at..code.end;
        let mut said = Heard::Unknown;
        if let Some(other) = with {
            used[other] = true;
            let other = &members[other];
            range = range.start.min(other.at)..range.end.max(other.end);
            said = Heard::Said(other.words.clone());
        }
        found.push(of_members(
            range,
            code,
            Heard::Said(code.words.clone()),
            said,
        ));
    }
    let alone = members.iter().zip(&used).filter(|(member, used)| {
        !member.is_code && !**used && member.form == Form::Token && !member.words.is_empty()
    });
    for (member, _) in alone {
        let said = Heard::Said(member.words.clone());
        found.push(of_members(
            member.at..member.end,
            member,
            Heard::Unknown,
            said,
        ));
    }
    found
}

/// Whether two members stand in one object.
fn belong(text: &str, one: &Member, other: &Member) -> bool {
    let (from, to) = if one.at < other.at {
        (one.end, other.at)
    } else {
        (other.end, one.at)
    };
    to.checked_sub(from).is_some_and(|apart| apart <= APART) && !text[from..to].contains(['{', '}'])
}

fn of_members(range: Range<usize>, code: &Member, heard: Heard, said: Heard) -> Finding {
    let (endpoint, channel) = match (code.form, code.enclosed) {
        (Form::Token, true) => (Some(Endpoint::Token), Some(Channel::TokenJson)),
        (Form::Rest, true) => (Some(Endpoint::Rest), Some(Channel::RestJson)),
        _ => (None, None),
    };
    // A client may print what a redirect brought as it prints an answer: the tables know where a code shows.
    let elsewhere = heard.words().and_then(known_code).is_some_and(|known| {
        let mut places = wordings().iter().filter(|wording| wording.code == known);
        channel.is_some_and(|channel| places.all(|wording| wording.channel != channel))
    });
    let (endpoint, channel) = if elsewhere {
        (None, None)
    } else {
        (endpoint, channel)
    };
    finding(
        range,
        Answer {
            channel,
            status: None,
            code: heard,
            text: said,
        },
        endpoint,
    )
}

fn member(text: &str, at: usize, name: &str) -> Option<Member> {
    let (form, is_code_name) = match name {
        "error" => (Form::Token, true),
        "error_description" | "errorDescription" => (Form::Token, false),
        "errorCode" | "error_code" => (Form::Rest, true),
        "message" | "errorMessage" | "error_message" => (Form::Rest, false),
        "exceptionCode" | "faultcode" => (Form::Soap, true),
        "exceptionMessage" | "faultstring" => (Form::Soap, false),
        _ => return None,
    };
    // `</error>` ends what `<error>` began.
    if text[..at].ends_with('/') {
        return None;
    }
    let value = value_of(
        text,
        at + name.len(),
        if is_code_name { CODE } else { LONGEST },
    )?;
    let mut words = value.text.to_owned();
    let mut end = value.end;
    // `error=access_denied error_description="…"`: without quotes a code ends at the first gap.
    if is_code_name
        && value.assigned
        && !value.enclosed
        && let Some(gap) = words.find(|c| is_gap(c) || c == ',')
    {
        end -= words.len() - gap;
        words.truncate(gap);
    }
    if is_code_name {
        words = words.rsplit("sf:").next().unwrap_or_default().to_owned();
        if !is_code(&words) {
            return None;
        }
    } else if form == Form::Soap {
        // `INVALID_LOGIN: Invalid username, …` says the code again.
        if let Some((code, said)) = words.split_once(": ")
            && is_code(code)
        {
            words = said.to_owned();
        }
    }
    Some(Member {
        form,
        is_code: is_code_name,
        at,
        end,
        words,
        enclosed: value.enclosed,
    })
}

/// Whether a word can be an error code: letters, digits and underscores, and no word that says nothing.
pub(super) fn is_code(word: &str) -> bool {
    const NOTHING: [&str; 9] = [
        "null",
        "true",
        "false",
        "none",
        "undefined",
        "error",
        "nil",
        "object",
        "unknown",
    ];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (3..=64).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(is_plain)
        && !NOTHING
            .iter()
            .any(|nothing| nothing.eq_ignore_ascii_case(word))
}

/// Known codes and sentences in prose: `code::sentence`, `code: sentence`, either alone.
pub(super) fn in_prose(text: &str, phrases: &[Found]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut paired = vec![false; phrases.len()];
    for (at, phrase) in phrases.iter().enumerate() {
        let Phrase::Sentence(sentence) = phrase.phrase else {
            continue;
        };
        let code = code_of(phrases, at, sentence, &paired);
        let mut range = phrase.at..phrase.end;
        let mut heard = Heard::Unknown;
        if let Some(code) = code {
            paired[code] = true;
            range = range.start.min(phrases[code].at)..range.end.max(phrases[code].end);
            if let Phrase::Code(word) = phrases[code].phrase {
                heard = Heard::Said(word.to_owned());
            }
        }
        found.push(of_words(range, heard, Heard::Said(sentence.to_owned())));
    }
    for (at, phrase) in phrases.iter().enumerate() {
        if let (Phrase::Code(code), false) = (phrase.phrase, paired[at]) {
            let (end, said) = said_after(text, phrase.end);
            found.push(of_words(phrase.at..end, Heard::Said(code.to_owned()), said));
        }
    }
    found
}

/// The code of a sentence: the nearest before it, else the next behind it, that the tables know beside it.
fn code_of(phrases: &[Found], at: usize, sentence: &str, paired: &[bool]) -> Option<usize> {
    let fits = |other: usize| match phrases[other].phrase {
        Phrase::Code(code) => {
            !paired[other]
                && wordings()
                    .iter()
                    .any(|wording| wording.text == Some(sentence) && wording.code == code)
        }
        _ => false,
    };
    let sentence_at = &phrases[at];
    let before = (at.saturating_sub(4)..at).rev();
    let after = at + 1..phrases.len().min(at + 3);
    let near_before = |other: &usize| sentence_at.at - phrases[*other].end <= APART;
    let near_after = |other: &usize| phrases[*other].at - sentence_at.end <= BESIDE;
    before
        .take_while(near_before)
        .find(|other| fits(*other))
        .or_else(|| after.take_while(near_after).find(|other| fits(*other)))
}

/// A sentence behind a code that the tables do not have: past `::`, or past `: ` where it reads as one.
fn said_after(text: &str, end: usize) -> (usize, Heard) {
    let rest = window(text, end, LONGEST);
    let (skipped, sure) = if rest.starts_with("::") {
        (2, true)
    } else if rest.starts_with(": ") {
        (2, false)
    } else {
        return (end, Heard::Unknown);
    };
    let line = &rest[skipped..];
    let line = &line[..line.find(['\n', '"', '<', '{', '[']).unwrap_or(line.len())];
    let said = line.trim().trim_end_matches('\'');
    let begins_small = said.starts_with(|c: char| c.is_lowercase());
    let is_short = said.split_whitespace().count() <= 14;
    if redact::is_sentence(said) && is_short && (sure || begins_small) {
        (end + skipped + line.len(), Heard::Said(said.to_owned()))
    } else {
        (end, Heard::Unknown)
    }
}

fn of_words(range: Range<usize>, code: Heard, text: Heard) -> Finding {
    let channel = only_channel(code.words(), text.words());
    let endpoint = match channel {
        Some(Channel::RestJson) => Some(Endpoint::Rest),
        _ => None,
    };
    let answer = Answer {
        channel: channel.filter(|channel| *channel == Channel::RestJson),
        status: None,
        code,
        text,
    };
    finding(range, answer, endpoint)
}

/// The channel of all wordings with these words, where it is one.
fn only_channel(code: Option<&str>, text: Option<&str>) -> Option<Channel> {
    let mut fitting = wordings().iter().filter(|wording| {
        code.is_none_or(|code| wording.code == code)
            && text.is_none_or(|text| wording.text == Some(text))
    });
    let first = fitting.next()?.channel;
    fitting
        .all(|wording| wording.channel == first)
        .then_some(first)
}

/// How codes of Salesforce's APIs begin.
const FAMILIES: [&str; 13] = [
    "INVALID_",
    "LOGIN_",
    "OAUTH_",
    "API_",
    "ORG_",
    "PASSWORD_",
    "INSUFFICIENT_ACCESS",
    "SERVER_UNAVAILABLE",
    "FUNCTIONALITY_",
    "UNKNOWN_EXCEPTION",
    "MUTUAL_AUTHENTICATION",
    "TXN_SECURITY",
    "UNSUPPORTED_",
];
/// How names of variables end.
const VARIABLES: [&str; 6] = ["_URL", "_KEY", "_VERSION", "_HOST", "_PATH", "_NAME"];

/// Codes that a login by the SOAP API answers with.
pub(super) const SOAP_CODES: [&str; 5] = [
    "INVALID_LOGIN",
    "LOGIN_MUST_USE_SECURITY_TOKEN",
    "LOGIN_DURING_RESTRICTED_DOMAIN",
    "LOGIN_DURING_RESTRICTED_TIME",
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
];

/// `INVALID_LOGIN: Invalid username, …`: a code of an API that the tables do not have, and its sentence; those of a login by the SOAP API
/// alone, too.
pub(super) fn in_capitals(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, word) in names(text) {
        let is_capital = |c: char| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit();
        let is_family = FAMILIES.iter().any(|family| word.starts_with(family));
        let is_variable = VARIABLES.iter().any(|ending| word.ends_with(ending));
        if word.len() < 8 || !is_family || is_variable || !word.chars().all(is_capital) {
            continue;
        }
        let end = at + word.len();
        let rest = window(text, end, LONGEST);
        let said = rest.strip_prefix(": ").or_else(|| rest.strip_prefix("::"));
        let said = said
            .map(|said| said[..said.find(['\n', '"', '<', '{', '[']).unwrap_or(said.len())].trim());
        let said = said.filter(|said| redact::is_sentence(said));
        if said.is_none() && !SOAP_CODES.contains(&word) {
            continue;
        }
        let length = said.map_or(0, |said| 2 + said.len());
        let answer = Answer {
            channel: None,
            status: None,
            code: Heard::Said(word.to_owned()),
            text: said.map_or(Heard::Unknown, |said| Heard::Said(said.to_owned())),
        };
        let mut finding = finding(at..end + length, answer, None);
        finding.strength = finding.strength.max(Strength::Formed);
        found.push(finding);
    }
    found
}

/// The phrases of a text that no range covers.
pub(super) fn uncovered(text: &str, ranges: &[Range<usize>]) -> Vec<Found> {
    // Ranges may lie in one another: the furthest end of all that began counts.
    let mut sorted: Vec<&Range<usize>> = ranges.iter().collect();
    sorted.sort_by_key(|range| range.start);
    let mut next = 0;
    let mut covered_to = 0;
    let mut left = Vec::new();
    for found in phrases::find(text) {
        while next < sorted.len() && sorted[next].start <= found.at {
            covered_to = covered_to.max(sorted[next].end);
            next += 1;
        }
        if found.at >= covered_to {
            left.push(found);
        }
    }
    left
}

/// Whether a place begins a word.
pub(super) fn begins_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(is_joined)
}
