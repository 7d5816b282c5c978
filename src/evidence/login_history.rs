//! The download of Setup > Login History, or rows of the LoginHistory object, as CSV: what the org itself says of failed logins.
//! <https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_loginhistory.htm>

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;

use super::error::InputError;
use super::hosts::Host;
use super::redact;
use super::sheet::{Report, Sheet};
use super::{Answer, Facts, Heard, Observation, Seen};
use crate::cause::{Channel, StatusRow, login_history};
use crate::oauth::{GrantKind, HostKind};

/// A column that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    User,
    Time,
    Kind,
    SubKind,
    Status,
    Application,
    Url,
    ApiKind,
    Tls,
}

/// Names of columns, in small letters and without what is no letter: those of the download, of the object, and of event log files.
const NAMES: [(&str, Column); 18] = [
    ("username", Column::User),
    ("user", Column::User),
    ("userid", Column::User),
    ("useridentifier", Column::User),
    ("logintime", Column::Time),
    ("timestampderived", Column::Time),
    ("timestamp", Column::Time),
    ("logintype", Column::Kind),
    ("loginsubtype", Column::SubKind),
    ("status", Column::Status),
    ("loginstatus", Column::Status),
    ("application", Column::Application),
    ("app", Column::Application),
    ("loginurl", Column::Url),
    ("url", Column::Url),
    ("apitype", Column::ApiKind),
    ("tlsprotocol", Column::Tls),
    ("tls", Column::Tls),
];

/// Reads a login history: one report for each user, application and status that failed, the newest first. None where every login passed.
///
/// # Errors
///
/// [`InputError::NoLoginHistory`] where there is no column for the status or for the login time: as in a file in another language.
/// [`InputError::Csv`] with the line of a row that is no CSV.
pub fn from_login_history(name: &str, csv: &str) -> Result<Vec<Report>, InputError> {
    let csv = csv.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(csv))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(csv.as_bytes());
    let bad = |error: &csv::Error| InputError::Csv {
        input: name.to_owned(),
        line: error.position().map_or(1, csv::Position::line),
        reason: "a quote is not closed, or the text is not UTF-8",
    };
    let headers = reader.headers().map_err(|error| bad(&error))?.clone();
    let columns = columns(&headers);
    let missing = [
        (Column::Status, "Status"),
        (Column::Time, "Login Time (LoginTime)"),
    ]
    .into_iter()
    .find(|(column, _)| !columns.iter().any(|(have, _)| have == column));
    if let Some((_, missing)) = missing {
        return Err(InputError::NoLoginHistory {
            input: name.to_owned(),
            missing,
            found: found(&headers),
        });
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(&error))?;
        rows.push(Row::of(&record, &columns));
    }
    // A file that is sorted otherwise keeps its order where a time cannot be read.
    rows.sort_by_key(|row| std::cmp::Reverse(row.sort_key()));
    Ok(reports(name, &rows))
}

/// Whether a line is the header of a login history: it names the status and the time of a login.
pub(super) fn is_header(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}');
    let sign = char::from(delimiter(line));
    let names = line.split(sign).map(|name| plain(name.trim_matches('"')));
    let columns: Vec<Column> = names.filter_map(|name| column(&name)).collect();
    columns.contains(&Column::Status) && columns.contains(&Column::Time)
}

/// The sign between columns: spreadsheets of some countries write a semicolon.
fn delimiter(csv: &str) -> u8 {
    let head = csv.lines().next().unwrap_or_default();
    let count = |sign: u8| head.bytes().filter(|octet| *octet == sign).count();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|sign| (count(*sign), *sign == b','))
        .unwrap_or(b',')
}

fn plain(header: &str) -> String {
    header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn column(plain: &str) -> Option<Column> {
    let found = NAMES.iter().find(|(name, _)| *name == plain);
    found.map(|(_, column)| *column)
}

/// Each column with its place; of two names for one the first.
fn columns(headers: &csv::StringRecord) -> Vec<(Column, usize)> {
    let mut columns: Vec<(Column, usize)> = Vec::new();
    for (at, header) in headers.iter().enumerate() {
        if let Some(column) = column(&plain(header))
            && !columns.iter().any(|(have, _)| *have == column)
        {
            columns.push((column, at));
        }
    }
    columns
}

/// The columns of a file that is none of ours, shortened.
fn found(headers: &csv::StringRecord) -> String {
    let names: Vec<String> = headers
        .iter()
        .take(8)
        .map(|name| name.chars().take(30).collect())
        .collect();
    let more = if headers.len() > 8 { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}

struct Row {
    user: String,
    application: String,
    status: String,
    known: Option<&'static StatusRow>,
    kind: String,
    host: Option<Host>,
    is_soap: bool,
    tls: String,
    time: Option<DateTime>,
    at: Option<Timestamp>,
}

impl Row {
    fn of(record: &csv::StringRecord, columns: &[(Column, usize)]) -> Self {
        let cell = |column: Column| {
            let at = columns.iter().find(|(have, _)| *have == column);
            let text = at.and_then(|(_, at)| record.get(*at)).unwrap_or_default();
            redact::words(text).into_owned()
        };
        let (kind, sub) = (cell(Column::Kind), cell(Column::SubKind));
        let status = cell(Column::Status);
        let url = cell(Column::Url).to_lowercase();
        let host = url.rsplit("://").next().unwrap_or_default();
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        let (time, at) = time(&cell(Column::Time));
        Self {
            user: cell(Column::User),
            application: cell(Column::Application),
            known: login_history(&status),
            status,
            kind: if sub.is_empty() { kind } else { sub },
            host: Host::of(host),
            is_soap: cell(Column::ApiKind).to_lowercase().starts_with("soap"),
            tls: cell(Column::Tls),
            time,
            at,
        }
    }

    fn sort_key(&self) -> DateTime {
        self.time.unwrap_or(DateTime::ZERO)
    }

    fn passed(&self) -> bool {
        self.known.is_some_and(|row| row.code == "LOGIN_NO_ERROR")
    }

    /// The flow in the words of `flow`, where the kind of the login tells it. JWT bearer and the device flow have no subtype.
    fn flow(&self) -> Option<&'static str> {
        match plain(&self.kind).as_str() {
            "oauthwebserver" | "oauthhybridwebserver" => Some("authorization_code"),
            "oauthuseragent" | "oauthuseragentidtoken" | "oauthhybriduseragent" => {
                Some("user_agent")
            }
            "oauthrefreshtoken" | "oauthhybridrefreshtoken" => Some("refresh_token"),
            "oauthclientcredentials" => Some("client_credentials"),
            "oauthusernamepassword" => Some("username_password"),
            "oauthtokenexchange" | "oauthhybridtokenexchange" => Some("token_exchange"),
            _ if self.is_soap => Some("username_password"),
            _ => None,
        }
    }
}

/// A time as the download and the object write it, and the moment where a zone stands with it.
fn time(text: &str) -> (Option<DateTime>, Option<Timestamp>) {
    // The API writes `+0000`, without the colon of RFC 3339.
    let text = text.trim();
    let iso = match text.strip_suffix("+0000") {
        Some(head) => format!("{head}Z"),
        None => text.to_owned(),
    };
    if let Ok(at) = iso.parse::<Timestamp>() {
        return (Some(jiff::tz::Offset::UTC.to_datetime(at)), Some(at));
    }
    // Three words at most: date, time, AM or PM. A name of a zone behind them tells no offset.
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_half = |word: &&str| word.eq_ignore_ascii_case("AM") || word.eq_ignore_ascii_case("PM");
    let formats: &[&str] = if words.get(2).is_some_and(is_half) {
        &["%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p"]
    } else {
        // The last one is that of event log files, `20260301090000.123`.
        &[
            "%Y-%m-%d %H:%M:%S",
            "%m/%d/%Y %H:%M:%S",
            "%d/%m/%Y %H:%M:%S",
            "%d.%m.%Y %H:%M:%S",
            "%Y%m%d%H%M%S",
        ]
    };
    let kept = if words.get(2).is_some_and(is_half) {
        3
    } else {
        2
    };
    let head = words[..words.len().min(kept)].join(" ");
    let is_compact = head.len() > 14 && head.as_bytes()[14] == b'.';
    let head = if is_compact && head.is_ascii() {
        head[..14].to_owned()
    } else {
        head
    };
    let read = |format: &&str| strtime::parse(format, &head).ok()?.to_datetime().ok();
    (formats.iter().find_map(read), None)
}

fn reports(name: &str, rows: &[Row]) -> Vec<Report> {
    let mut groups: HashMap<(&str, &str, String), Vec<usize>> = HashMap::new();
    let mut order: Vec<(&str, &str, String)> = Vec::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| !row.passed()) {
        if row.status.is_empty() {
            continue;
        }
        let key = (
            row.user.as_str(),
            row.application.as_str(),
            row.status.to_lowercase(),
        );
        let group = groups.entry(key.clone()).or_insert_with(|| {
            order.push(key);
            Vec::new()
        });
        group.push(at);
    }
    let passed = Passed::of(rows);
    order
        .iter()
        .filter_map(|key| groups.get(key))
        .map(|group| report(name, rows, group, &passed))
        .collect()
}

/// The report of rows that failed alike, the newest first.
fn report(name: &str, rows: &[Row], group: &[usize], passed: &Passed<'_>) -> Report {
    let newest = &rows[group[0]];
    let mut sheet = Sheet::new();
    sheet.learn("facts.login_history_status", newest.status.as_str());
    if !newest.kind.is_empty() {
        sheet.learn("facts.login_history_type", newest.kind.as_str());
    }
    let flow = newest.flow();
    if let Some(flow) = flow {
        sheet.learn("flow", flow);
    }
    if newest.is_soap {
        sheet.learn("request.protocol", "soap");
    }
    if let Some(host) = newest.host {
        host.learn(&mut sheet);
    }
    if let Some(version) = newest.tls.to_ascii_uppercase().strip_prefix("TLS") {
        let version = version.trim_matches([' ', 'V', 'v']);
        if ["1.0", "1.1", "1.2", "1.3"].contains(&version) {
            sheet.learn("request.tls_version", version);
        }
    }
    passed.learn(&mut sheet, rows, group[0]);
    let observations = vec![observation(newest, flow)];
    Report {
        input: name.to_owned(),
        id: Some(id(newest)),
        observations,
        sheet,
        ..Report::default()
    }
}

/// Logins that passed, for contrast with those that failed.
#[derive(Default)]
struct Passed<'a> {
    /// The oldest of a user with an application, by its place in the sorted rows.
    oldest: HashMap<(&'a str, &'a str), usize>,
    /// Two users of an application, where there are two.
    users: HashMap<&'a str, (&'a str, Option<&'a str>)>,
}

impl<'a> Passed<'a> {
    fn of(rows: &'a [Row]) -> Self {
        let mut passed = Self::default();
        let named =
            |row: &&Row| row.passed() && !row.application.is_empty() && !row.user.is_empty();
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| named(row)) {
            passed.oldest.insert((&row.user, &row.application), at);
            let users = passed
                .users
                .entry(&row.application)
                .or_insert((&row.user, None));
            if users.0 != row.user {
                users.1 = Some(&row.user);
            }
        }
        passed
    }

    /// What it says of the failure at a place: the same user passed before, another user passes.
    fn learn(&self, sheet: &mut Sheet, rows: &[Row], newest: usize) {
        let row = &rows[newest];
        let key = (row.user.as_str(), row.application.as_str());
        // The rows are sorted, the newest first.
        if self.oldest.get(&key).is_some_and(|at| *at > newest) {
            sheet.learn("facts.worked_before", true);
        }
        let users = self.users.get(row.application.as_str());
        if users.is_some_and(|(one, other)| {
            !row.user.is_empty() && (*one != row.user || other.is_some())
        }) {
            sheet.learn("facts.works_for_other_user", true);
        }
    }
}

fn observation(row: &Row, flow: Option<&str>) -> Observation {
    // The tables know a status by its text; a code alone is known by its own.
    let text = row
        .known
        .map(|known| known.text)
        .filter(|text| !text.is_empty());
    let text = text.unwrap_or(&row.status);
    Observation {
        grant: flow.and_then(GrantKind::parse),
        host: row
            .host
            .and_then(|host| host.kind)
            .filter(|host| *host != HostKind::Issuer),
        app_kind: None,
        endpoint: None,
        seen: Seen::Answer(Answer {
            channel: Some(Channel::LoginHistory),
            status: None,
            code: Heard::Unknown,
            text: Heard::Said(text.to_owned()),
        }),
        at: row.at,
        facts: Facts::default(),
    }
}

fn id(row: &Row) -> String {
    let named = [row.user.as_str(), row.application.as_str()];
    let named: Vec<&str> = named.into_iter().filter(|name| !name.is_empty()).collect();
    if named.is_empty() {
        row.status.clone()
    } else {
        format!("{}: {}", named.join(", "), row.status)
    }
}
