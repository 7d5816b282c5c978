//! The keys of scenario and target files: one table a section, which the parser and the JSON Schema both read.

use crate::grant::CertainValue;

/// A key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// What it is for.
    pub about: &'static str,
}

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A text.
    Text,
    /// A text of one line.
    Line,
    /// `true` or `false`.
    Flag,
    /// A whole number of a range.
    Number(i64, i64),
    /// A number and its unit.
    Duration,
    /// A time of RFC 3339.
    Time,
    /// An address.
    Address,
    /// A list of texts, or one.
    Names,
    /// One of some words.
    Words(&'static [&'static str]),
    /// A value told by what it is.
    Certain(&'static [CertainValue]),
    /// Text values by free names.
    Texts,
    /// Anything by free names.
    Anything,
    /// Described elsewhere: a grant, a section, an expectation.
    Special,
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, about }
}

/// The names of a table, for the parser.
pub fn names(table: &[Key]) -> Vec<&'static str> {
    table.iter().map(|key| key.name).collect()
}

use CertainValue::{Absent, Former, Given, Malformed, Right, Wrong};
use Shape::{
    Address, Anything, Certain, Duration, Flag, Line, Names, Number, Special, Text, Texts, Time,
    Words,
};

/// The top of a scenario file.
pub const STORY: &[Key] = &[
    key(
        "story",
        Line,
        "The name of the story, one line, read aloud.",
    ),
    key("about", Text, "Prose for the reader."),
    key("tags", Names, "Words to choose stories by (`--tag`)."),
    key(
        "declared",
        Special,
        "Values that the diagnosis may know, by `Type.field`. Nothing else of the set-up is known to it.",
    ),
    key(
        "now",
        Time,
        "Where the virtual clock starts (RFC 3339). The real time if absent.",
    ),
    key(
        "propagation",
        Duration,
        "How long a change of an app takes to act. At once if absent.",
    ),
    key("vars", Anything, "Variables: `${name}` in any value."),
    key(
        "matrix",
        Anything,
        "Lists of values: each combination is its own result.",
    ),
    key(
        "timeout",
        Duration,
        "How long a step may take, in the run's time.",
    ),
    key(
        "retries",
        Number(0, 10),
        "How often a step is tried again after a transport fault.",
    ),
    key(
        "app",
        Special,
        "What is set otherwise than in the healthy app `Harness`.",
    ),
    key("apps", Special, "More apps beside it, by name."),
    key(
        "org",
        Special,
        "What is set otherwise than in the healthy org.",
    ),
    key(
        "users",
        Special,
        "What is set otherwise than for healthy users, by name. A new name makes a user.",
    ),
    key("steps", Special, "What happens, in order."),
];

/// An app, beside its settings.
pub const APP: &[Key] = &[
    key(
        "kind",
        Words(&["external_client_app", "connected_app"]),
        "Which record type.",
    ),
    key(
        "created",
        Words(&["now", "before"]),
        "`now`: with `propagation`, the app is not known before it passed.",
    ),
];

/// The keys by which a step is told.
pub const STEPS: [&str; 4] = ["grant", "change", "wait", "fault"];

/// A grant.
pub const GRANT: &[Key] = &[
    key("grant", Special, "Which grant."),
    key(
        "as",
        Line,
        "The title of the step; made from its keys if absent.",
    ),
    key("app", Line, "Which app. `Harness` if absent."),
    key(
        "user",
        Line,
        "Which user. `ana` where a person is needed, if absent.",
    ),
    key(
        "scope",
        Text,
        "The scope to ask for. None is sent if absent.",
    ),
    key(
        "answer",
        Words(&["allow", "deny", "leave"]),
        "How the person answers the approval page.",
    ),
    key(
        "verification",
        Words(&["none", "right", "wrong"]),
        "The code that the person types where a second factor is asked for.",
    ),
    key(
        "host",
        Words(&["my_domain", "login", "test"]),
        "Which host takes the requests. `my_domain` if absent; RFC targets have one.",
    ),
    key(
        "from",
        Address,
        "The address that the org sees (simulated org only).",
    ),
    key(
        "browser_session",
        Words(&["own", "other"]),
        "`other`: the browser holds a session of another org (simulated org only).",
    ),
    key(
        "away",
        Duration,
        "Time the person spends on the pages (simulated org only).",
    ),
    key(
        "times",
        Number(1, 100),
        "How often the step is made; the last is compared with `expect`.",
    ),
    key("send", Special, "What is sent otherwise than it should be."),
    key("after", Special, "What follows a granted token."),
    key("expect", Special, "What has to come out."),
];

/// A change in Setup.
pub const CHANGE: &[Key] = &[
    key(
        "change",
        Special,
        "A change in Setup: `app`, `org`, `users`.",
    ),
    key(
        "as",
        Line,
        "The title of the step; made from its keys if absent.",
    ),
];

/// A wait.
pub const WAIT: &[Key] = &[
    key("wait", Duration, "The clock moves."),
    key(
        "as",
        Line,
        "The title of the step; made from its keys if absent.",
    ),
];

/// A scripted fault.
pub const FAULT: &[Key] = &[
    key(
        "fault",
        Words(&["server_error", "lost_response"]),
        "The next token request answers a fault once, or is carried out and its answer gets lost (simulated org only).",
    ),
    key(
        "as",
        Line,
        "The title of the step; made from its keys if absent.",
    ),
];

/// `change:`.
pub const CHANGED: &[Key] = &[
    key("app", Special, "Settings of the app."),
    key("org", Special, "Settings of the org."),
    key("users", Special, "Users, by name."),
];

/// `after:`.
pub const AFTER: &[Key] = &[
    key(
        "use",
        Flag,
        "Call userinfo and REST with the token. `true` if absent.",
    ),
    key("check", Flag, "Check the token itself. `true` if absent."),
    key(
        "introspect",
        Flag,
        "Ask the introspection endpoint about it.",
    ),
    key("revoke", Flag, "Revoke it at the end."),
    key(
        "from",
        Address,
        "The address of the use (simulated org only).",
    ),
    key(
        "introspect_by",
        Line,
        "The app that introspects, if not the one that got the token.",
    ),
];

/// `send:`.
pub const SEND: &[Key] = &[
    key("without", Names, "Parameters and header fields left out."),
    key(
        "token",
        Texts,
        "Parameters added or set at the token endpoint.",
    ),
    key(
        "authorize",
        Texts,
        "Parameters added or set at the authorization endpoint.",
    ),
    key(
        "client_id",
        Certain(&[Right, Wrong, Former, Absent]),
        "Another consumer key.",
    ),
    key(
        "client_secret",
        Certain(&[Right, Wrong, Former, Absent]),
        "Another consumer secret; `right` is the newest.",
    ),
    key("basic", Certain(&[Right, Malformed]), "HTTP Basic."),
    key("code", Certain(&[Wrong, Former]), "Another code."),
    key(
        "code_verifier",
        Certain(&[Wrong, Malformed, Absent, Given]),
        "Another verifier; `given`: one where none belongs.",
    ),
    key(
        "code_challenge",
        Certain(&[Absent, Malformed, Wrong]),
        "Another challenge.",
    ),
    key(
        "redirect_uri",
        Text,
        "Another redirect URI at authorize; `absent` sends none.",
    ),
    key(
        "redirect_uri_at_token",
        Text,
        "Another redirect URI at the token endpoint.",
    ),
    key(
        "refresh_token",
        Words(&["former", "wrong", "first"]),
        "Another refresh token: `former` is the one before the last, `first` the first of all.",
    ),
    key("device_code", Certain(&[Wrong]), "Another device code."),
    key(
        "access_token",
        Certain(&[Wrong, Absent, Former]),
        "Another access token in the use.",
    ),
    key(
        "access_token_in_query",
        Flag,
        "The access token travels in the query.",
    ),
    key(
        "authorization",
        Certain(&[Malformed]),
        "The `Authorization` header of the use is misspelt.",
    ),
    key("password", Certain(&[Wrong, Absent]), "Another password."),
    key("username", Text, "Another username."),
    key(
        "security_token",
        Certain(&[Absent, Wrong, Former]),
        "Another security token.",
    ),
    key("aud", Text, "Another `aud` of the assertion."),
    key("sub", Text, "Another `sub` of the assertion."),
    key("without_claims", Names, "Claims left out of the assertion."),
    key(
        "exp_in",
        Number(-31_536_000, 31_536_000),
        "Seconds from now to `exp` of the assertion.",
    ),
    key("jti", Text, "`jti` of the assertion."),
    key(
        "assertion",
        Certain(&[Wrong, Malformed, Former]),
        "Another assertion.",
    ),
    key(
        "alg",
        Words(&["HS256"]),
        "Another algorithm of the assertion.",
    ),
    key("grant_type", Text, "Another `grant_type`."),
    key("response_type", Text, "Another `response_type`."),
    key("prompt", Words(&["none"]), "`prompt` at authorize."),
    key("json_body", Flag, "JSON in place of a form."),
    key("get", Flag, "GET in place of POST."),
    key(
        "subject_token",
        Words(&["access_token", "refresh_token", "jwt", "wrong"]),
        "The subject token of a token exchange.",
    ),
    key(
        "redeem_after",
        Duration,
        "Time between the callback and the token request.",
    ),
    key("poll_at_once", Flag, "Device: does not keep the interval."),
    key(
        "without_person",
        Flag,
        "Nobody comes. Device: polls once. Authorization code: asks up to the login page; `unanswered: no_person` is what comes then.",
    ),
    key(
        "person_after",
        Duration,
        "Device: time until the person comes.",
    ),
    key(
        "at_once",
        Number(2, 20),
        "Refresh: this many requests at once with one token.",
    ),
    key("revoke_hint", Text, "`token_type_hint` of the revocation."),
    key("scope_at_token", Text, "`scope` at the token endpoint."),
];

/// The keys by which an expectation is told.
pub const EXPECT: [&str; 5] = ["granted", "refused", "page", "unanswered", "off_protocol"];

/// Expecting a grant.
pub const GRANTED: &[Key] = &[
    key("granted", Words(&["true"]), "A token comes."),
    key("scope", Text, "Exactly these scopes, in any order."),
    key(
        "refresh_token",
        Words(&["present", "absent"]),
        "Whether a refresh token comes.",
    ),
    key(
        "id_token",
        Words(&["present", "absent"]),
        "Whether an ID token comes.",
    ),
    key(
        "lacks",
        Names,
        "Causes that lie silent in the answer and must be named.",
    ),
    key(
        "api",
        Special,
        "What the REST call answers: `granted`, or a refusal.",
    ),
    key(
        "userinfo",
        Special,
        "What userinfo answers: `granted`, or a refusal.",
    ),
    key(
        "introspection",
        Special,
        "`active`, `inactive`, or a refusal.",
    ),
    key(
        "revocation",
        Special,
        "What the revocation answers: `granted`, or a refusal.",
    ),
];

/// Expecting a refusal.
pub const REFUSED: &[Key] = &[
    key("refused", Text, "The error code; \"\" for none."),
    key("says", Text, "The exact sentence."),
    key("at", Words(ENDPOINTS), "Where it shows."),
    key(
        "cause",
        Special,
        "The cause that must be among those named.",
    ),
    key("alone", Flag, "It must be the only one."),
];

/// Where a refusal shows: `Endpoint::name`.
pub const ENDPOINTS: &[&str] = &[
    "authorize",
    "callback",
    "error_page",
    "token",
    "device_authorization",
];

/// Expecting that the browser ends on a page.
pub const PAGE: &[Key] = &[
    key("page", Words(PAGES), "Where the browser ends."),
    key(
        "cause",
        Special,
        "The cause that must be among those named.",
    ),
    key("alone", Flag, "It must be the only one."),
];

/// The pages.
pub const PAGES: &[&str] = &[
    "login",
    "verification",
    "change_password",
    "login_flow",
    "approval_expired",
    "device",
];

/// Expecting no answer.
pub const UNANSWERED: &[Key] = &[key("unanswered", Words(FAULTS), "Why none comes.")];

/// `Fault::name`.
pub const FAULTS: &[&str] = &[
    "dns",
    "connect",
    "tls",
    "timeout",
    "broken",
    "no_callback",
    "browser",
    "no_person",
    "listen",
];

/// Expecting an answer outside the protocol.
pub const OFF_PROTOCOL: &[Key] = &[key(
    "off_protocol",
    Words(&["true"]),
    "The answer leaves the protocol.",
)];

/// A use that is refused.
pub const USE: &[Key] = &[
    key("status", Number(100, 599), "The status code."),
    key("refused", Text, "The error code; \"\" for none."),
    key("says", Text, "The exact sentence."),
    key(
        "cause",
        Special,
        "The cause that must be among those named.",
    ),
];

/// The top of a target file.
pub const TARGET: &[Key] = &[
    key("target", Line, "Its name."),
    key(
        "dialect",
        Words(&["salesforce", "rfc"]),
        "How it speaks. `salesforce` if absent.",
    ),
    key("hosts", Special, "Base URLs by kind of host."),
    key("ca", Line, "A CA in PEM form, beside the system's roots."),
    key("apps", Special, "Apps by the names that stories use."),
    key("users", Special, "Users by the names that stories use."),
];

/// `hosts:`.
pub const HOSTS: &[Key] = &[
    key("my_domain", Line, "The org's My Domain."),
    key("login", Line, "The shared host of production orgs."),
    key("test", Line, "The shared host of sandboxes."),
    key("site", Line, "An Experience Cloud site."),
    key("issuer", Line, "The issuer of an RFC server."),
];

/// An app of a target.
pub const TARGET_APP: &[Key] = &[
    key(
        "kind",
        Words(&["external_client_app", "connected_app"]),
        "Which record type.",
    ),
    key("client_id", Line, "The consumer key, or `env:NAME`."),
    key(
        "client_secret",
        Special,
        "The consumer secret by reference: `env:NAME`, `file:PATH`, `command:SHELL`.",
    ),
    key("redirect_uri", Line, "The callback URL that the app has."),
    key(
        "client_authentication",
        Words(&["body", "basic"]),
        "How the secret travels. `body` if absent.",
    ),
    key(
        "jwt_key",
        Special,
        "The RSA private key in PEM form, by reference.",
    ),
];

/// A user of a target.
pub const TARGET_USER: &[Key] = &[
    key("username", Line, "The username, or `env:NAME`."),
    key(
        "password",
        Special,
        "By reference. Without it a real person types it.",
    ),
    key(
        "security_token",
        Special,
        "By reference (username-password grant).",
    ),
    key("verification_code", Special, "By reference."),
];

/// The word of a value that is told by what it is.
pub const fn certain_word(value: CertainValue) -> &'static str {
    match value {
        Right => "right",
        Wrong => "wrong",
        Former => "former",
        Absent => "absent",
        Malformed => "malformed",
        Given => "given",
    }
}
