//! What the everyday words of a log tell: which flow ran, and how long after a token it failed.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::find::begins_word;

/// Words that name a flow by themselves, in small letters: its name with the word flow, and what classes and methods are called.
const NAMED: [(&str, &str); 15] = [
    ("refresh token flow", "refresh_token"),
    ("refresh-token flow", "refresh_token"),
    ("refreshtask", "refresh_token"),
    ("refreshaccesstoken", "refresh_token"),
    ("refresh_access_token", "refresh_token"),
    ("tokenrefresh", "refresh_token"),
    ("token refresh failed", "refresh_token"),
    ("web server flow", "authorization_code"),
    ("authorization code flow", "authorization_code"),
    ("user-agent flow", "user_agent"),
    ("jwt bearer flow", "jwt_bearer"),
    ("client credentials flow", "client_credentials"),
    ("device flow", "device"),
    ("username-password flow", "username_password"),
    ("token exchange flow", "token_exchange"),
];

/// Words of a refresh that failed, which a line must say of a token: caches and pages are refreshed too.
const REFRESHES: [&str; 9] = [
    "refresh failed",
    "refreshing failed",
    "failed to refresh",
    "failed refreshing",
    "could not refresh",
    "cannot refresh",
    "unable to refresh",
    "error refreshing",
    "error while refreshing",
];
/// What such a line speaks of.
const OF_TOKENS: [&str; 4] = ["token", "oauth", "invalid_grant", "salesforce"];

/// Words of a line that tells of a token that came, in small letters.
const CAME: [&str; 12] = [
    "token received",
    "received token",
    "received access token",
    "got token",
    "got access token",
    "token obtained",
    "obtained token",
    "obtained access token",
    "token issued",
    "token acquired",
    "login succeeded",
    "login successful",
];
/// Words that make such a line tell of something else.
const NOT_SO: [&str; 6] = ["no ", "not ", "error", "fail", "never", "invalid"];

/// Where everyday words name a flow, in order.
pub(super) fn flows(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (words, flow) in NAMED {
        let places = lower.match_indices(words).map(|(at, _)| at);
        // A method is named behind a dot or with another word before it: `sync.refreshAccessToken`.
        found.extend(
            places
                .filter(|at| begins_word(&lower, *at))
                .map(|at| (at, flow)),
        );
    }
    for words in REFRESHES {
        for (at, _) in lower.match_indices(words) {
            let line = line_at(&lower, at);
            if begins_word(&lower, at) && OF_TOKENS.iter().any(|word| line.contains(word)) {
                found.push((at, "refresh_token"));
            }
        }
    }
    found.into_iter()
}

/// The line around a place, and the one below it, where an answer often stands.
fn line_at(text: &str, at: usize) -> &str {
    let from = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..]
        .match_indices('\n')
        .nth(1)
        .map_or(text.len(), |(end, _)| at + end);
    &text[from..end]
}

/// Seconds from the last line that tells of a token to the line of a failure at a place; `None` where either has no time, or they are not in order.
pub(super) fn seconds_since_token(text: &str, failed_at: usize) -> Option<f64> {
    let before = text.get(..failed_at)?;
    // An answer in a line of its own belongs to the last line above it that has a time.
    let to_its_end = text[failed_at..]
        .find('\n')
        .map_or(text.len(), |end| failed_at + end);
    let failed = text[..to_its_end].lines().rev().find_map(time_of)?;
    let came = before.lines().rev().find(|line| tells_of_a_token(line))?;
    let since = failed.duration_since(time_of(came)?).as_secs_f64();
    (since >= 0.0).then_some(since)
}

fn tells_of_a_token(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    CAME.iter().any(|words| lower.contains(words))
        && !NOT_SO.iter().any(|words| lower.contains(words))
}

/// How far into a line its time may stand: behind a level, a thread, the name of a host.
const HEAD: usize = 60;

/// The time of a line of a log: ISO 8601 with `T` or a blank, with or without a zone, a fraction behind `.` or `,`; or as Apache writes it.
fn time_of(line: &str) -> Option<Timestamp> {
    let head: Vec<usize> = line.char_indices().map(|(at, _)| at).take(HEAD).collect();
    head.into_iter()
        .filter(|at| {
            line[*at..].starts_with(|c: char| c.is_ascii_digit())
                && !line[..*at].ends_with(|c: char| c.is_ascii_alphanumeric())
        })
        .find_map(|at| iso(&line[at..]).or_else(|| apache(&line[at..])))
}

fn iso(text: &str) -> Option<Timestamp> {
    let stamp = text.get(..19)?;
    let stamp = stamp.replace('/', "-").replacen(' ', "T", 1);
    let local: DateTime = stamp.parse().ok()?;
    let rest = &text[19..];
    let (fraction, zone) = match rest.strip_prefix(['.', ',']) {
        Some(digits) => {
            let end = digits
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(digits.len());
            digits.split_at(end)
        }
        None => ("", rest),
    };
    let zone: String = zone
        .chars()
        .take_while(|c| c.is_ascii_digit() || "Z+-:".contains(*c))
        .collect();
    let spelt = format!(
        "{stamp}.{}{zone}",
        if fraction.is_empty() { "0" } else { fraction }
    );
    spelt
        .parse()
        .ok()
        .or_else(|| format!("{spelt}Z").parse().ok())
        .or_else(|| TimeZone::UTC.to_timestamp(local).ok())
}

fn apache(text: &str) -> Option<Timestamp> {
    let stamp = text.get(..26)?;
    jiff::fmt::strtime::parse("%d/%b/%Y:%H:%M:%S %z", stamp)
        .ok()?
        .to_timestamp()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_common_logs_are_read() {
        let at = |line: &str| time_of(line).map(|time| time.to_string());
        for (line, time) in [
            ("2026-11-24T07:41:10Z INFO sync", "2026-11-24T07:41:10Z"),
            ("[2026-11-24 07:41:10,250] WARN", "2026-11-24T07:41:10.25Z"),
            (
                "INFO 2026-11-24T09:41:10.5+02:00 [main]",
                "2026-11-24T07:41:10.5Z",
            ),
            ("2026/11/24 07:41:10 sync.go:12", "2026-11-24T07:41:10Z"),
            (
                "host - [24/Nov/2026:08:41:10 +0100] \"POST",
                "2026-11-24T07:41:10Z",
            ),
        ] {
            assert_eq!(at(line).as_deref(), Some(time), "{line}");
        }
        assert_eq!(at("at RefreshTask.run(RefreshTask.java:88)"), None);
        assert_eq!(at("token 2026-13-45T99:00:00Z"), None);
    }

    #[test]
    fn the_time_since_a_token_is_told_where_both_lines_have_one() {
        let log = "2026-11-24T07:41:10Z token received\n\
                   2026-11-24T07:41:52Z refresh failed\n{\"error\":\"invalid_grant\"}";
        let at = log.find('{').expect("an answer");
        assert_eq!(seconds_since_token(log, at), Some(42.0));
        let bare = "token received\n2026-11-24T07:41:52Z failed invalid_grant";
        assert_eq!(seconds_since_token(bare, bare.len() - 3), None);
        let none = "2026-11-24T07:41:10Z no token received\n2026-11-24T07:41:52Z invalid_grant";
        assert_eq!(seconds_since_token(none, none.len() - 3), None);
    }

    #[test]
    fn only_the_refresh_of_a_token_names_a_flow() {
        let of = |text: &str| flows(text).map(|(_, flow)| flow).next();
        for text in [
            "refresh failed: POST /services/oauth2/token -> 400",
            "ERROR could not refresh the session\n{\"error\":\"invalid_grant\"}",
            "    at RefreshTask.run(RefreshTask.java:88)",
            "client.refreshAccessToken threw",
        ] {
            assert_eq!(of(text), Some("refresh_token"), "{text}");
        }
        for text in [
            "failed to refresh the page cache",
            "token received, keeping refresh token",
            "expired access/refresh token",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(of("The device flow was refused"), Some("device"));
    }
}
