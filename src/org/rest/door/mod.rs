//! The second door of a simulated org, for tests: `POST /clock`, `POST /change`, `POST /fault`, `POST /hold`, `GET /ledger`, `GET /state`. Requests are read
//! into a [`DoorCommand`], answers are rendered; the server carries the commands out. [`guard`] comes first, always.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};
use subtle::ConstantTimeEq as _;

use super::RestAnswer;
use crate::cause::CauseId;
use crate::factor::{Delta, Factor, FactorKind, Value};
use crate::model::{CheckRow, DeltaError, OrgState, PersonId, Stage, read};
use crate::secret::Secret;

/// Largest body, in octets. The server stops reading behind it.
pub const LARGEST: usize = 64 * 1024;
/// Furthest move of the clock at once: a hundred years, in seconds.
const FURTHEST: i64 = 100 * 365 * 24 * 3600;
/// Most faults at once: some clients retry as long as there are any (real-clients 1e).
const MOST_FAULTS: u32 = 1_000;

/// Longest time that a refresh stays under way, in milliseconds.
const LONGEST_HOLD: i64 = 60_000;

/// What the door is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoorCommand {
    /// `POST /clock {"advance": 3600}`: seconds, forwards only.
    Advance(SignedDuration),
    /// `POST /change {"key": "isEnabled", "value": false}`, with `section` where a key stands in two, `user` and `app` where not all users or
    /// not the first app are meant.
    Change {
        /// The change, for [`crate::model::set_for`], which judges the value.
        delta: Delta,
        /// Developer name of the app.
        app: Option<String>,
    },
    /// `POST /fault {"at": "token", "times": 2}`: the next requests of the kind end in a fault of the server; with `"kind": "lost_response"`
    /// they are carried out, and their answers get lost; with `session_expired` (at `rest`) their token counts as over.
    Fault {
        /// Where.
        at: DoorFault,
        /// What happens.
        kind: DoorFaultKind,
        /// How often, at least once.
        times: u32,
    },
    /// `POST /hold {"refreshes": 2000}`: from now on a refresh stays under way for so many milliseconds of real time.
    Hold(SignedDuration),
    /// `GET /ledger`: the verdicts so far.
    Ledger,
    /// `GET /state`: the policy, by factor.
    State,
}

/// Where a scripted fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorFault {
    /// At the token endpoint.
    Token,
    /// At a REST call.
    Rest,
}

/// What a scripted fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorFaultKind {
    /// The server answers that it failed.
    ServerError,
    /// It carries the request out and does not answer.
    LostResponse,
    /// The API says that the session is over; not for the token endpoint.
    SessionExpired,
}

/// The headers that the guard reads; `None` for one that is missing, repeated or no text.
#[derive(Clone, Copy, Default)]
pub struct DoorHeaders<'a> {
    /// `Host`.
    pub host: Option<&'a str>,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// Whether there is an `Origin`, readable or not.
    pub has_origin: bool,
    /// `Authorization`.
    pub authorization: Option<&'a str>,
}

/// A request that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorRefusal {
    /// HTTP status.
    pub status: u16,
    /// What is wrong.
    pub error: String,
    /// What to send instead.
    pub help: String,
}

impl DoorRefusal {
    fn new(status: u16, error: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            help: help.into(),
        }
    }

    /// No app of that developer name.
    pub fn no_app(name: &str, state: &OrgState) -> Self {
        let names: Vec<&str> = state.apps.iter().map(|app| app.name.as_str()).collect();
        unknown("app", name, &names)
    }

    /// The bytes.
    pub fn render(&self) -> RestAnswer {
        let mut answer = RestAnswer::json(
            self.status,
            &json!({ "error": self.error, "help": self.help }),
        );
        if self.status == 401 {
            answer
                .headers
                .push(("WWW-Authenticate", "Bearer".to_owned()));
        }
        answer
    }
}

impl From<DeltaError> for DoorRefusal {
    fn from(error: DeltaError) -> Self {
        Self::new(400, error.to_string(), error.help())
    }
}

/// Whether a request may pass: its `Host` is one of the door's own (`127.0.0.1:8445`, `localhost:8445`), so that no foreign name leads here;
/// it has no `Origin`, so that no web page sends it; and it carries the token of the credentials file.
pub fn guard(headers: &DoorHeaders<'_>, hosts: &[&str], token: &Secret) -> Result<(), DoorRefusal> {
    let own = headers
        .host
        .is_some_and(|host| hosts.iter().any(|own| own.eq_ignore_ascii_case(host)));
    if !own {
        return Err(DoorRefusal::new(
            403,
            "this host is not the second door's",
            format!("ask {}", hosts.join(" or ")),
        ));
    }
    if headers.has_origin || headers.origin.is_some() {
        return Err(DoorRefusal::new(
            403,
            "requests of web pages are refused",
            "send no `Origin`",
        ));
    }
    let sent = headers
        .authorization
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map_or("", |(_, token)| token.trim());
    let same = sent.as_bytes().ct_eq(token.expose().as_bytes());
    if token.expose().is_empty() || !bool::from(same) {
        return Err(DoorRefusal::new(
            401,
            "the bearer token is missing or wrong",
            "send the door's token of the credentials file",
        ));
    }
    Ok(())
}

/// Reads a request that passed the guard.
pub fn parse(method: &str, path: &str, body: &[u8]) -> Result<DoorCommand, DoorRefusal> {
    const PATHS: [(&str, &str); 6] = [
        ("/clock", "POST"),
        ("/change", "POST"),
        ("/fault", "POST"),
        ("/hold", "POST"),
        ("/ledger", "GET"),
        ("/state", "GET"),
    ];
    let Some((path, needed)) = PATHS.into_iter().find(|(own, _)| *own == path) else {
        return Err(DoorRefusal {
            status: 404,
            ..unknown("path", path, &PATHS.map(|(own, _)| own))
        });
    };
    if method != needed {
        return Err(DoorRefusal::new(
            405,
            format!("`{path}` does not take {method}"),
            format!("send {needed}"),
        ));
    }
    match path {
        "/clock" => clock(&Fields::of(body, &["advance"])?),
        "/change" => change(&Fields::of(
            body,
            &["section", "key", "value", "user", "app"],
        )?),
        "/fault" => fault(&Fields::of(body, &["at", "kind", "times"])?),
        "/hold" => hold(&Fields::of(body, &["refreshes"])?),
        "/ledger" => Ok(DoorCommand::Ledger),
        _ => Ok(DoorCommand::State),
    }
}

fn clock(fields: &Fields) -> Result<DoorCommand, DoorRefusal> {
    let help = format!("a whole number of seconds from 0 to {FURTHEST}");
    fields
        .required("advance", &help)?
        .as_i64()
        .filter(|seconds| (0..=FURTHEST).contains(seconds))
        .map(|seconds| DoorCommand::Advance(SignedDuration::from_secs(seconds)))
        .ok_or_else(|| DoorRefusal::new(400, "`advance` cannot be this value", help))
}

fn change(fields: &Fields) -> Result<DoorCommand, DoorRefusal> {
    let key = fields
        .text("key")?
        .ok_or_else(|| DoorRefusal::new(400, "`key` is missing", "name a factor"))?;
    let factor = factor(fields.text("section")?, key)?;
    let value = fields.required("value", &format!("valid: {}", factor.values()))?;
    let value = value_of(value).ok_or_else(|| {
        DoorRefusal::new(
            400,
            format!("`{key}` cannot be this value"),
            format!("valid: {}", factor.values().replace('|', ", ")),
        )
    })?;
    let person = fields.text("user")?.map(str::to_owned);
    Ok(DoorCommand::Change {
        delta: Delta {
            factor,
            value,
            person,
        },
        app: fields.text("app")?.map(str::to_owned),
    })
}

fn fault(fields: &Fields) -> Result<DoorCommand, DoorRefusal> {
    let at = match fields.text("at")? {
        Some("token") => DoorFault::Token,
        Some("rest") => DoorFault::Rest,
        Some(other) => return Err(unknown("place", other, &["token", "rest"])),
        None => return Err(DoorRefusal::new(400, "`at` is missing", "token or rest")),
    };
    let kind = match fields.text("kind")? {
        None | Some("server_error") => DoorFaultKind::ServerError,
        Some("lost_response") => DoorFaultKind::LostResponse,
        Some("session_expired") if at == DoorFault::Rest => DoorFaultKind::SessionExpired,
        Some("session_expired") => {
            return Err(DoorRefusal::new(
                400,
                "`session_expired` is no fault of the token endpoint",
                "send `at`: rest",
            ));
        }
        Some(other) => {
            let kinds = ["server_error", "lost_response", "session_expired"];
            return Err(unknown("kind of fault", other, &kinds));
        }
    };
    let times = match fields.0.get("times") {
        None => Some(1),
        Some(times) => times
            .as_u64()
            .and_then(|times| u32::try_from(times).ok())
            .filter(|times| (1..=MOST_FAULTS).contains(times)),
    };
    times
        .map(|times| DoorCommand::Fault { at, kind, times })
        .ok_or_else(|| {
            DoorRefusal::new(
                400,
                "`times` cannot be this value",
                format!("a whole number from 1 to {MOST_FAULTS}"),
            )
        })
}

fn hold(fields: &Fields) -> Result<DoorCommand, DoorRefusal> {
    let help = format!("a whole number of milliseconds from 0 to {LONGEST_HOLD}");
    fields
        .required("refreshes", &help)?
        .as_i64()
        .filter(|time| (0..=LONGEST_HOLD).contains(time))
        .map(|time| DoorCommand::Hold(SignedDuration::from_millis(time)))
        .ok_or_else(|| DoorRefusal::new(400, "`refreshes` cannot be this value", help))
}

/// The sections in which a change of an org can stand.
const SECTIONS: [FactorKind; 4] = [
    FactorKind::App,
    FactorKind::Org,
    FactorKind::Person,
    FactorKind::Environment,
];

/// The factor of a key; without a section the key must name one factor, as most do.
fn factor(section: Option<&str>, key: &str) -> Result<Factor, DoorRefusal> {
    let sections: Vec<FactorKind> = match section {
        None => SECTIONS.to_vec(),
        Some(name) => SECTIONS
            .into_iter()
            .filter(|kind| kind.section() == name)
            .collect(),
    };
    if let (Some(name), []) = (section, sections.as_slice()) {
        return Err(unknown("section", name, &SECTIONS.map(FactorKind::section)));
    }
    let mut found: Vec<Factor> = sections
        .iter()
        .filter_map(|kind| Factor::find(*kind, key))
        .collect();
    // By its full `Type.field` a factor is found in any section.
    found.dedup();
    match found.as_slice() {
        [factor] => Ok(*factor),
        [] => {
            let keys: Vec<&str> = sections
                .iter()
                .flat_map(|kind| Factor::keys(*kind))
                .collect();
            Err(unknown("key", key, &keys))
        }
        several => {
            let names: Vec<&str> = several
                .iter()
                .map(|factor| factor.kind().section())
                .collect();
            Err(DoorRefusal::new(
                400,
                format!("`{key}` stands in several sections"),
                format!("add `section`: {}", names.join(" or ")),
            ))
        }
    }
}

fn value_of(json: &Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Absent),
        Json::Bool(flag) => Some(Value::Flag(*flag)),
        Json::Number(number) => number.as_i64().map(Value::Number),
        Json::String(word) => Some(Value::Word(word.clone())),
        Json::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(Value::Names),
        Json::Object(_) => None,
    }
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Absent => Json::Null,
        Value::Flag(flag) => (*flag).into(),
        Value::Number(number) => (*number).into(),
        Value::Word(word) => word.as_str().into(),
        Value::Names(names) => names.clone().into(),
    }
}

/// The members of a body, all of them known.
struct Fields(Map<String, Json>);

impl Fields {
    fn of(body: &[u8], known: &[&str]) -> Result<Self, DoorRefusal> {
        if body.len() > LARGEST {
            return Err(DoorRefusal::new(
                413,
                "the body is too long",
                format!("at most {LARGEST} octets"),
            ));
        }
        let help = || format!("a JSON object with {}", known.join(", "));
        let Ok(Json::Object(map)) = serde_json::from_slice(body) else {
            return Err(DoorRefusal::new(400, "the body is no JSON object", help()));
        };
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(unknown("member", name, known)),
            None => Ok(Self(map)),
        }
    }

    fn required(&self, name: &str, help: &str) -> Result<&Json, DoorRefusal> {
        self.0
            .get(name)
            .ok_or_else(|| DoorRefusal::new(400, format!("`{name}` is missing"), help))
    }

    fn text(&self, name: &str) -> Result<Option<&str>, DoorRefusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(DoorRefusal::new(
                400,
                format!("`{name}` cannot be this value"),
                "a text",
            )),
        }
    }
}

/// A refusal of an unknown word, with the near name and the valid ones.
fn unknown(what: &str, word: &str, valid: &[&str]) -> DoorRefusal {
    // Long words are nobody's slip, and they cost.
    let near = (word.len() <= 100)
        .then(|| {
            valid
                .iter()
                .map(|name| {
                    let (name_lower, word) = (name.to_lowercase(), word.to_lowercase());
                    (strsim::damerau_levenshtein(&name_lower, &word), *name)
                })
                .min()
        })
        .flatten()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
        .map(|(_, name)| format!("did you mean `{name}`? "))
        .unwrap_or_default();
    let shown: String = word.chars().take(100).collect();
    DoorRefusal::new(
        400,
        format!("unknown {what} `{shown}`"),
        format!("{near}valid: {}", valid.join(", ")),
    )
}

/// The answer to a command that changed something: the org's present, RFC 3339.
pub fn done(now: Timestamp) -> RestAnswer {
    RestAnswer::json(200, &json!({ "now": now.to_string() }))
}

/// One verdict, as the ledger keeps it.
#[derive(Debug, Clone)]
pub struct LedgerLine<'a> {
    /// When.
    pub at: Timestamp,
    /// `authorize`, `token`, `use`, …
    pub event: &'a str,
    /// `proceed`, `interrupt`, `refuse`, `fault`.
    pub verdict: &'a str,
    /// What refused.
    pub cause: Option<CauseId>,
    /// What is silently missing.
    pub lacking: &'a [CauseId],
    /// Where.
    pub stage: Option<Stage>,
    /// Each check.
    pub checks: &'a [CheckRow],
}

/// The answer to `GET /ledger`.
pub fn ledger<'a>(lines: impl IntoIterator<Item = LedgerLine<'a>>) -> RestAnswer {
    let lines: Vec<Json> = lines
        .into_iter()
        .map(|line| {
            let lacking: Vec<&str> = line.lacking.iter().map(|cause| cause.name()).collect();
            json!({
                "at": line.at.to_string(),
                "event": line.event,
                "verdict": line.verdict,
                "cause": line.cause.map(CauseId::name),
                "stage": line.stage.map(Stage::name),
                "lacking": lacking,
                "checks": line.checks.iter().map(check).collect::<Vec<_>>(),
            })
        })
        .collect();
    RestAnswer::json(200, &json!({ "verdicts": lines }))
}

fn check(row: &CheckRow) -> Json {
    json!({
        "stage": row.stage.name(),
        "section": row.factor.kind().section(),
        "key": row.factor.key(),
        "field": row.factor.field(),
        "found": row.found,
        "needed": row.needed,
        "passed": row.passed,
        "cause": row.cause.name(),
    })
}

/// The answer to `GET /state`: what is in effect, by section and key, of the first app, the org and each user. Holds no secret.
pub fn state(state: &OrgState, now: Timestamp) -> RestAnswer {
    let section = |kind: FactorKind, person: Option<PersonId>| -> Json {
        Factor::ALL
            .iter()
            .filter(|factor| factor.kind() == kind)
            .filter_map(|factor| {
                let value = read(state, *factor, person, now)?;
                Some((factor.key().to_owned(), json_of(&value)))
            })
            .collect::<Map<_, _>>()
            .into()
    };
    let users: Map<String, Json> = state
        .people
        .iter()
        .enumerate()
        .map(|(at, person)| {
            let values = section(FactorKind::Person, Some(PersonId(at)));
            (person.username.clone(), values)
        })
        .collect();
    RestAnswer::json(
        200,
        &json!({
            "now": now.to_string(),
            "apps": state.apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>(),
            "app": section(FactorKind::App, None),
            "org": section(FactorKind::Org, None),
            "users": users,
        }),
    )
}

#[cfg(test)]
mod tests;
