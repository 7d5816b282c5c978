//! Wordings: how a cause looks on the wire. Rows come from `data/errors.csv` (facts) and `data/wordings.csv` (what the facts say in prose
//! and errors.csv lacks). Many wordings for one cause; one of them is emitted by the simulated org, all are recognised by the diagnosis.

use std::sync::LazyLock;

use serde::Deserialize;

use super::CauseId;
use crate::oauth::GrantKind;

/// What a statement rests on, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Inferred, or unknown and chosen.
    Assumed,
    /// Reported from the field.
    Reported,
    /// In the documentation.
    Documented,
    /// Recorded by a client that talks to real orgs.
    Recorded,
}

impl Standing {
    /// The word in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Reported => "reported",
            Self::Documented => "documented",
            Self::Recorded => "recorded",
        }
    }

    /// Reads the word of the column `standing`.
    pub fn parse(word: &str) -> Self {
        match word {
            "recorded" => Self::Recorded,
            "documented" => Self::Documented,
            "reported" => Self::Reported,
            _ => Self::Assumed,
        }
    }

    /// Reads a grade: the first mark, which is that of the rule (`[doc] rule; [client] text`).
    pub fn of_grade(grade: &str) -> Self {
        let grade = grade.trim_start_matches('[');
        if grade.starts_with("client") {
            Self::Recorded
        } else if grade.starts_with("doc") {
            Self::Documented
        } else if grade.starts_with("field") {
            Self::Reported
        } else {
            Self::Assumed
        }
    }
}

/// Where an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "the names are those of errors.csv, explained in wire facts section 5.1"
)]
pub enum Channel {
    AuthorizeRawBody,
    AuthorizeUnspecified,
    CallbackRedirect,
    CallbackFragment,
    ErrorPage,
    HtmlPage,
    TokenJson,
    RevokeResponse,
    ResourcePlain,
    IntrospectJson,
    RestJson,
    LoginHistory,
}

impl Channel {
    /// The name, as in errors.csv.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizeRawBody => "authorize_raw_body",
            Self::AuthorizeUnspecified => "authorize_unspecified",
            Self::CallbackRedirect => "callback_redirect",
            Self::CallbackFragment => "callback_fragment",
            Self::ErrorPage => "error_page",
            Self::HtmlPage => "html_page",
            Self::TokenJson => "token_json",
            Self::RevokeResponse => "revoke_response",
            Self::ResourcePlain => "resource_plain",
            Self::IntrospectJson => "introspect_json",
            Self::RestJson => "rest_json",
            Self::LoginHistory => "login_history",
        }
    }

    /// The place in a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AuthorizeRawBody => "the bare text of the authorization endpoint",
            Self::AuthorizeUnspecified => "the authorization endpoint",
            Self::CallbackRedirect | Self::CallbackFragment => "the callback",
            Self::ErrorPage => "the error page",
            Self::HtmlPage => "a page of the server",
            Self::TokenJson => "the token endpoint",
            Self::RevokeResponse => "the revocation endpoint",
            Self::ResourcePlain => "the identity service",
            Self::IntrospectJson => "the introspection endpoint",
            Self::RestJson => "the REST API",
            Self::LoginHistory => "the login history",
        }
    }

    /// Reads a name.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::AuthorizeRawBody,
            Self::AuthorizeUnspecified,
            Self::CallbackRedirect,
            Self::CallbackFragment,
            Self::ErrorPage,
            Self::HtmlPage,
            Self::TokenJson,
            Self::RevokeResponse,
            Self::ResourcePlain,
            Self::IntrospectJson,
            Self::RestJson,
            Self::LoginHistory,
        ]
        .into_iter()
        .find(|channel| channel.name() == word)
    }
}

/// The two kinds of app that Salesforce keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AppKind {
    /// External Client App.
    #[default]
    ExternalClientApp,
    /// Legacy connected app.
    ConnectedApp,
}

impl AppKind {
    /// The name in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExternalClientApp => "external_client_app",
            Self::ConnectedApp => "connected_app",
        }
    }
}

/// One wording of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The cause.
    pub cause: CauseId,
    /// Only for this kind of app.
    pub app_kind: Option<AppKind>,
    /// The flow, in the words of errors.csv (`token_any`, `web_server`, `rest_api`, …).
    pub flow: &'static str,
    /// The grants that the flow covers; empty for calls with a token.
    pub grants: &'static [GrantKind],
    /// Where it shows.
    pub channel: Channel,
    /// HTTP status where one was observed.
    pub status: Option<u16>,
    /// The error code; empty where none was recorded.
    pub code: &'static str,
    /// The exact sentence; `None` where it was not seen (a gloss of the documentation is no wording).
    pub text: Option<&'static str>,
    /// What the documentation says in place of a sentence that was not seen; never on the wire.
    pub gloss: Option<&'static str>,
    /// What it rests on.
    pub standing: Standing,
    /// Public source.
    pub source: &'static str,
    /// From `data/wordings.csv`: the reading that the simulated org emits.
    pub chosen: bool,
}

#[derive(Deserialize)]
struct ErrorRow {
    flow: String,
    channel: String,
    http_status: String,
    error: String,
    error_description: String,
    causes: String,
    grade: String,
    source: String,
}

#[derive(Deserialize)]
struct OwnRow {
    cause: String,
    app_kind: String,
    flow: String,
    channel: String,
    http_status: String,
    error: String,
    error_description: String,
    standing: String,
    source: String,
}

static WORDINGS: LazyLock<Vec<Wording>> = LazyLock::new(|| {
    let own = csv::Reader::from_reader(include_str!("data/wordings.csv").as_bytes())
        .into_deserialize::<OwnRow>()
        .map(|row| from_own(row.expect("invariant: wordings.csv is well-formed")))
        .collect::<Vec<_>>();
    let facts = csv::Reader::from_reader(include_str!("data/errors.csv").as_bytes())
        .into_deserialize::<ErrorRow>()
        .flat_map(|row| from_facts(row.expect("invariant: errors.csv is well-formed")))
        .collect::<Vec<_>>();
    own.into_iter().chain(facts).collect()
});

/// Every wording: ours first, then the rows of errors.csv in their order.
pub fn wordings() -> &'static [Wording] {
    &WORDINGS
}

/// The wording that the simulated org emits for a cause at a grant (`None`: a call with a token) through one of the channels.
/// Ours before those of errors.csv; a row of the very flow before one of `token_any`; one with a sentence before a bare code.
pub fn emitted(
    cause: CauseId,
    app_kind: AppKind,
    grant: Option<GrantKind>,
    channels: &[Channel],
) -> Option<&'static Wording> {
    WORDINGS
        .iter()
        .filter(|wording| {
            wording.cause == cause
                && channels.contains(&wording.channel)
                && wording.app_kind.is_none_or(|kind| kind == app_kind)
                && match grant {
                    Some(grant) => wording.grants.contains(&grant),
                    None => wording.grants.is_empty(),
                }
        })
        // Of equals the first: the facts list the usual answer first.
        .min_by_key(|wording| {
            (
                !wording.chosen,
                wording.text.is_none(),
                wording.grants.len(),
            )
        })
}

fn from_own(row: OwnRow) -> Wording {
    let flow: &'static str = row.flow.leak();
    Wording {
        cause: CauseId::parse(&row.cause)
            .expect("invariant: wordings.csv names causes of the catalogue"),
        app_kind: match row.app_kind.as_str() {
            "external_client_app" => Some(AppKind::ExternalClientApp),
            "connected_app" => Some(AppKind::ConnectedApp),
            _ => None,
        },
        flow,
        grants: grants_of(flow),
        channel: Channel::parse(&row.channel)
            .expect("invariant: wordings.csv names known channels"),
        status: row.http_status.parse().ok(),
        code: row.error.leak(),
        text: (!row.error_description.is_empty()).then(|| &*row.error_description.leak()),
        gloss: None,
        standing: Standing::parse(&row.standing),
        source: row.source.leak(),
        chosen: true,
    }
}

fn from_facts(row: ErrorRow) -> Vec<Wording> {
    let flow: &'static str = row.flow.leak();
    let code: &'static str = row.error.leak();
    let source: &'static str = row.source.leak();
    // `~text` is a gloss or a paraphrase: the wire string was not seen (wire facts, "How to read").
    let said: &'static str = row.error_description.leak();
    let gloss = said.strip_prefix('~');
    let text = (gloss.is_none() && !said.is_empty()).then_some(said);
    let channel = Channel::parse(&row.channel).expect("invariant: errors.csv names known channels");
    let causes = row.causes.leak();
    causes
        .split(';')
        .filter_map(|cause| CauseId::parse(cause.trim()))
        .map(|cause| Wording {
            cause,
            app_kind: None,
            flow,
            grants: grants_of(flow),
            channel,
            status: row.http_status.parse().ok(),
            code,
            text,
            gloss,
            standing: Standing::of_grade(&row.grade),
            source,
            chosen: false,
        })
        .collect()
}

/// The grants that a flow word of errors.csv covers.
pub(crate) fn grants_of(flow: &str) -> &'static [GrantKind] {
    use GrantKind as G;
    match flow {
        "token_any" | "any" => &G::ALL,
        "authorize_any" | "web_server" => &[G::AuthorizationCode],
        "browser" => &[G::AuthorizationCode, G::Device],
        "refresh" => &[G::RefreshToken],
        "jwt_bearer" => &[G::JwtBearer],
        "client_credentials" => &[G::ClientCredentials],
        "device" => &[G::Device],
        "password" => &[G::UsernamePassword],
        "token_exchange" => &[G::TokenExchange],
        _ => &[],
    }
}
