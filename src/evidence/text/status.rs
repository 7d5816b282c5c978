//! HTTP statuses in a text, and the one that belongs to an error.

/// Where a status may stand before its error, in octets: on the lines before, and behind the status line of a whole answer.
const NEAR: usize = 200;
const IN_ANSWER: usize = 8192;
/// A line is looked at so far to both sides.
const LINE: usize = 2000;

/// Words before a number that make it a status.
const BEFORE: [&str; 18] = [
    "http",
    "http/1.0",
    "http/1.1",
    "http/2",
    "http/2.0",
    "http/3",
    "status",
    "statuscode",
    "status_code",
    "http_status",
    "httpstatus",
    "httpcode",
    "status code",
    "response code",
    "http error",
    "http code",
    "error",
    "code",
];
/// Words after a number that make it a status.
const AFTER: [&str; 11] = [
    "bad request",
    "unauthorized",
    "forbidden",
    "not found",
    "method not allowed",
    "too many requests",
    "internal server error",
    "bad gateway",
    "service unavailable",
    "client error",
    "server error",
];

/// The statuses of a text.
pub(super) struct Statuses {
    /// Place and status of refusals.
    all: Vec<(usize, u16)>,
    /// Place and status of each status line.
    lines: Vec<(usize, u16)>,
}

impl Statuses {
    /// Finds them. Linear in the length of the text.
    pub(super) fn of(text: &str) -> Self {
        let (mut all, mut lines) = (Vec::new(), Vec::new());
        let octets = text.as_bytes();
        let mut at = 0;
        while at + 3 <= octets.len() {
            let digits = octets[at..]
                .iter()
                .take_while(|c| c.is_ascii_digit())
                .count();
            if digits == 0 {
                at += 1;
                continue;
            }
            let alone = at == 0 || !is_joined(octets[at - 1]);
            let ends = octets.get(at + digits).is_none_or(|c| !is_joined(*c));
            if digits == 3
                && alone
                && ends
                && let Ok(status) = text[at..at + 3].parse::<u16>()
                && (100..600).contains(&status)
            {
                let before = words_before(text, at);
                let last = before.split_whitespace().next_back().unwrap_or_default();
                if last.starts_with("http/") {
                    lines.push((at, status));
                }
                let named = || BEFORE.iter().any(|word| ends_with_word(&before, word));
                if status >= 400 && (named() || is_reason(&text[at + 3..])) {
                    all.push((at, status));
                }
            }
            at += digits;
        }
        Self { all, lines }
    }

    /// The status of an error at a place: on its line, else of the answer that it stands in, else just before or behind it. What stands
    /// before `floor` belongs to the error before.
    pub(super) fn near(&self, text: &str, at: usize, floor: usize) -> Option<u16> {
        let start = text.as_bytes()[at.saturating_sub(LINE)..at]
            .iter()
            .rposition(|c| *c == b'\n')
            .map_or(at.saturating_sub(LINE), |found| {
                at.saturating_sub(LINE) + found
            });
        let ahead = &text.as_bytes()[at..text.len().min(at + LINE)];
        let end = at
            + ahead
                .iter()
                .position(|c| *c == b'\n')
                .unwrap_or(ahead.len());
        let next = self.all.partition_point(|(place, _)| *place < at);
        let before = next.checked_sub(1).map(|last| self.all[last]);
        let after = self.all.get(next).copied();
        let on_line = [before, after].into_iter().flatten();
        let on_line = on_line.filter(|(place, _)| (start..end).contains(place));
        if let Some((_, status)) = on_line.min_by_key(|(place, _)| place.abs_diff(at)) {
            return Some(status);
        }
        let line = self.lines.partition_point(|(place, _)| *place < at);
        if let Some((place, status)) = line.checked_sub(1).map(|last| self.lines[last])
            && at - place <= IN_ANSWER
        {
            return (status >= 400).then_some(status);
        }
        let close = |found: Option<(usize, u16)>| {
            found
                .filter(|(place, _)| *place >= floor && place.abs_diff(at) <= NEAR)
                .map(|(_, status)| status)
        };
        close(before).or_else(|| close(after))
    }
}

/// The words before a number, in small letters, without the signs between.
fn words_before(text: &str, at: usize) -> String {
    let mut from = at.saturating_sub(24);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text[from..at].to_ascii_lowercase();
    before
        .trim_end_matches(|c: char| c.is_whitespace() || "\"':=([>".contains(c))
        .to_owned()
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word)
        .is_some_and(|rest| rest.bytes().next_back().is_none_or(|c| !is_joined(c)))
}

fn is_reason(after: &str) -> bool {
    let after = after.trim_start_matches([' ', ':', '-', ')', ']', '"', ',']);
    // `401 [{"message": …`: the body follows.
    after.starts_with("{\"")
        || after.starts_with("[{")
        || AFTER.iter().any(|reason| {
            let head = after.get(..reason.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(reason))
        })
}

const fn is_joined(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(text: &str) -> Option<u16> {
        let at = text.find("ERR").unwrap();
        Statuses::of(text).near(text, at, 0)
    }

    #[test]
    fn a_status_is_found_beside_its_error() {
        for (text, status) in [
            (
                "HTTP/1.1 400 Bad Request\nserver: x\ndate: y\n\nERR",
                Some(400),
            ),
            ("< HTTP/2 401\n< x: y\n<\nERR", Some(401)),
            ("HTTP/1.1 200 OK\n\nERR", None),
            ("Request failed with status code 400: ERR", Some(400)),
            ("{\"ERR\":\"x\",\"statusCode\":403}", Some(403)),
            ("ERR (HTTP 500)", Some(500)),
            ("status: 400\n  ERR", Some(400)),
            ("took 400 ms: ERR", None),
            ("order 4001 ERR", None),
            ("[400] Bad Request ERR", Some(400)),
            ("ERR at line 404", None),
            ("Error 405 ERR", Some(405)),
            ("call: 401 [{\"ERR\":1}]", Some(401)),
            ("é400 ERR", None),
            ("HTTP/1.1 200 OK 404 ERR", None),
        ] {
            assert_eq!(near(text), status, "{text}");
        }
    }
}
