//! The second matcher: reads the tables as raw text and knows nothing of the first one's types. Plain on purpose, and slow.

use std::collections::BTreeSet;
use std::sync::LazyLock;

const ERRORS: &str = include_str!("../cause/data/errors.csv");
const WORDINGS: &str = include_str!("../cause/data/wordings.csv");
const RFC: &str = include_str!("../cause/data/rfc.csv");
const CAUSES: &str = include_str!("../cause/data/causes.csv");

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(rows);
static TABLE: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| table(RFC));

/// What was seen, in plain words. `"?"` is unknown, `""` is none.
#[derive(Debug, Clone)]
pub(super) struct Plain {
    pub(super) rfc: bool,
    /// Name of the grant, or `?`.
    pub(super) grant: String,
    /// Name of the endpoint, or `?`.
    pub(super) endpoint: String,
    /// `external_client_app`, `connected_app`, or `?`.
    pub(super) app_kind: String,
    /// Name of the channel, or `?`.
    pub(super) channel: String,
    /// Digits, or `?`.
    pub(super) status: String,
    pub(super) code: String,
    pub(super) text: String,
}

/// The names of the causes that fit.
pub(super) fn named(seen: &Plain) -> BTreeSet<String> {
    if seen.rfc {
        return rfc(seen);
    }
    let all = &*ROWS;
    let exact: BTreeSet<String> = all
        .iter()
        .filter(|row| row.fits(seen, &seen.text))
        .map(|row| row.cause.clone())
        .collect();
    let said = |word: &str| !word.is_empty() && word != "?";
    if exact.is_empty() && said(&seen.code) && said(&seen.text) {
        return all
            .iter()
            .filter(|row| row.fits(seen, ""))
            .map(|row| row.cause.clone())
            .collect();
    }
    exact
}

struct Row {
    cause: String,
    app_kind: String,
    flow: String,
    channel: String,
    status: String,
    code: String,
    text: String,
}

impl Row {
    fn fits(&self, seen: &Plain, text: &str) -> bool {
        if !self.app_kind.is_empty() && seen.app_kind != "?" && self.app_kind != seen.app_kind {
            return false;
        }
        let flow = match seen.endpoint.as_str() {
            "rest" => self.flow == "rest_api",
            "userinfo" | "identity" | "introspect" | "revoke" => self.flow == seen.endpoint,
            _ => seen.grant == "?" || flows(&seen.grant).contains(&self.flow.as_str()),
        };
        let channel = seen.channel == "?"
            || seen.channel == self.channel
            || (self.channel == "authorize_unspecified"
                && ["authorize_raw_body", "callback_redirect", "error_page"]
                    .contains(&seen.channel.as_str()));
        if !flow || !channel {
            return false;
        }
        if self.code.is_empty() && self.text.is_empty() {
            return !self.status.is_empty()
                && self.status == seen.status
                && seen.code.is_empty()
                && text.is_empty();
        }
        (self.status.is_empty() || seen.status == "?" || self.status == seen.status)
            && (seen.code == "?" || self.code.is_empty() || self.code == seen.code)
            && (text == "?" || self.text == text)
    }
}

/// The flow words of the tables that a grant goes by.
fn flows(grant: &str) -> Vec<&str> {
    let mut flows = vec!["token_any", "any"];
    match grant {
        "authorization_code" => flows.extend(["authorize_any", "web_server", "browser"]),
        "device" => flows.extend(["device", "browser"]),
        "refresh_token" => flows.push("refresh"),
        "username_password" => flows.push("password"),
        other => flows.push(other),
    }
    flows
}

fn rows() -> Vec<Row> {
    let ids: BTreeSet<String> = table(CAUSES)
        .into_iter()
        .map(|cells| cells[0].clone())
        .collect();
    let mut all = Vec::new();
    for cells in table(WORDINGS) {
        all.push(Row {
            cause: cells[0].clone(),
            app_kind: cells[1].clone(),
            flow: cells[2].clone(),
            channel: cells[3].clone(),
            status: cells[4].clone(),
            code: cells[5].clone(),
            text: cells[6].clone(),
        });
    }
    for cells in table(ERRORS) {
        for cause in cells[5].split(';').map(str::trim) {
            if !ids.contains(cause) {
                continue;
            }
            all.push(Row {
                cause: cause.to_owned(),
                app_kind: String::new(),
                flow: cells[0].clone(),
                channel: cells[1].clone(),
                status: cells[2].clone(),
                code: cells[3].clone(),
                // A gloss of the documentation is no wording.
                text: if cells[4].starts_with('~') {
                    String::new()
                } else {
                    cells[4].clone()
                },
            });
        }
    }
    all
}

fn rfc(seen: &Plain) -> BTreeSet<String> {
    let place = match seen.endpoint.as_str() {
        "authorize" | "page" | "error_page" => "authorize",
        "userinfo" | "identity" | "rest" => "resource",
        "device_page" | "discovery" | "jwks" => "?",
        other => other,
    };
    let listed = |cell: &str, word: &str| {
        word == "?" || cell.is_empty() || cell.split(';').any(|one| one == word)
    };
    TABLE
        .iter()
        .filter(|cells| listed(&cells[2], &seen.grant) && listed(&cells[3], place))
        .filter(|cells| match cells[4].as_str() {
            "" => true,
            _ if seen.status == "?" => !cells[5].is_empty(),
            "4xx" => seen.status.starts_with('4'),
            status => seen.status == status,
        })
        .filter(|cells| cells[5] == seen.code)
        .filter(|cells| match cells[6].strip_suffix('…') {
            Some(begin) => seen.text != "?" && seen.text.starts_with(begin),
            None => cells[6].is_empty() || cells[6] == seen.text,
        })
        .map(|cells| cells[0].clone())
        .collect()
}

/// The rows below the heading, cell by cell: quotes, doubled quotes, line breaks within quotes.
pub(super) fn table(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let row = rows.last_mut().expect("known to be there");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                row.last_mut().expect("known to be there").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => rows.push(vec![String::new()]),
            c => row.last_mut().expect("known to be there").push(c),
        }
    }
    rows.retain(|row| row.len() > 1);
    rows.remove(0);
    rows
}
