//! A story, understood: what the author wanted, typed, with the places that later messages need.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use crate::cause::{AppKind, CauseId};
use crate::exchange::Endpoint;
use crate::factor::{Delta, Known, plain::Plain};
use crate::grant::Deviations;
use crate::oauth::{GrantKind, HostKind, ScopeSet};
use crate::ports::Answer;

use super::yaml::At;

/// The app that every story has.
pub const HARNESS: &str = "Harness";
/// The person that every story has.
pub const ANA: &str = "ana";

/// A value and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: At,
}

/// One combination of a scenario file: what is run, and what has one result.
#[derive(Debug, Clone)]
pub struct Story {
    /// The file, as it was named.
    pub file: String,
    /// `story:`.
    pub title: String,
    /// `about:`.
    pub about: Option<String>,
    /// `tags:`.
    pub tags: Vec<String>,
    /// The values of the matrix, by name; empty without one.
    pub combination: Vec<(String, String)>,
    /// What the diagnosis may know.
    pub declared: Known,
    /// What the org is, where it is simulated.
    pub setup: Setup,
    /// `timeout:`.
    pub timeout: Option<Duration>,
    /// `retries:`, for transport faults only.
    pub retries: u32,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

impl Story {
    /// The name in reports: `file`, or `file (host=login)`.
    pub fn label(&self) -> String {
        if self.combination.is_empty() {
            return self.file.clone();
        }
        let values: Vec<String> = self
            .combination
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{} ({})", self.file, values.join(", "))
    }
}

/// What the org of a story is: differences from [`crate::model::OrgState::healthy`].
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The app `Harness`.
    pub app: AppSetup,
    /// More apps.
    pub apps: Vec<AppSetup>,
    /// Settings of the org.
    pub org: Vec<Delta>,
    /// Users that differ, and new ones.
    pub users: Vec<UserSetup>,
    /// Where the virtual clock starts; `None` means the real time.
    pub now: Option<Timestamp>,
    /// How long a change of an app takes to act.
    pub propagation: Duration,
    /// Plain words that say what the platform does not have, each with its place.
    pub remarks: Vec<Placed<&'static Plain>>,
}

/// An app of a story.
#[derive(Debug, Clone)]
pub struct AppSetup {
    /// Its name.
    pub name: String,
    /// Which record type.
    pub kind: AppKind,
    /// Whether it was made at the start of the story, so that propagation is still to pass.
    pub created_now: bool,
    /// What is set otherwise.
    pub deltas: Vec<Delta>,
}

impl Default for AppSetup {
    fn default() -> Self {
        Self {
            name: HARNESS.to_owned(),
            kind: AppKind::default(),
            created_now: false,
            deltas: Vec::new(),
        }
    }
}

/// A user of a story.
#[derive(Debug, Clone)]
pub struct UserSetup {
    /// The name in the file.
    pub name: String,
    /// The username in the simulated org.
    pub username: String,
    /// What is set otherwise, each for this username.
    pub deltas: Vec<Delta>,
}

/// The username of a name in the simulated org: a name without `@` is one of `acme.test`.
pub fn username_of(name: &str) -> String {
    if name.contains('@') {
        name.to_owned()
    } else {
        format!("{name}@acme.test")
    }
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The title, given or made.
    pub title: String,
    /// Where the step stands.
    pub at: At,
    /// What happens.
    pub does: StoryStep,
}

/// What happens in a step.
#[derive(Debug, Clone)]
pub enum StoryStep {
    /// A grant is driven and compared.
    Grant(Box<GrantStep>),
    /// Setup changes.
    Change(Vec<Delta>),
    /// The clock moves.
    Wait(Duration),
    /// The simulated org fails.
    Fault(ServerFault),
}

/// How the simulated org fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerFault {
    /// The next token request answers a server fault, once.
    ServerError,
    /// The next token request is carried out, and its answer gets lost.
    LostResponse,
}

impl ServerFault {
    /// Every fault.
    pub const ALL: [Self; 2] = [Self::ServerError, Self::LostResponse];

    /// The word in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerError => "server_error",
            Self::LostResponse => "lost_response",
        }
    }
}

/// A grant of a story.
#[derive(Debug, Clone)]
pub struct GrantStep {
    /// Which grant.
    pub grant: GrantKind,
    /// Which app; `None` means the one that every story has.
    pub app: Option<Placed<String>>,
    /// Which user; `None` means the one that every story has, where a person is needed.
    pub user: Option<Placed<String>>,
    /// The scope to ask for.
    pub scope: Option<String>,
    /// How the person answers the approval page.
    pub answer: Answer,
    /// What the person types as second factor.
    pub verification: Verification,
    /// Which host; `None` means My Domain, or the issuer of an RFC target.
    pub host: Option<Placed<HostKind>>,
    /// The address that the org sees.
    pub from: Option<Placed<IpAddr>>,
    /// The session that the browser holds.
    pub browser_session: BrowserSession,
    /// Time that the person spends on the pages.
    pub away: Duration,
    /// How often the step is made.
    pub times: u32,
    /// What is sent otherwise.
    pub send: Deviations,
    /// What follows a token.
    pub after: AfterStep,
    /// What has to come out.
    pub expect: Expect,
    /// Where the expectation stands.
    pub expect_at: At,
}

impl GrantStep {
    /// Whether a person is named or asked by the grant.
    pub const fn needs_person(&self) -> bool {
        !matches!(
            self.grant,
            GrantKind::ClientCredentials | GrantKind::RefreshToken
        )
    }
}

/// What the person types where a second factor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// The person has none.
    #[default]
    None,
    /// The right code.
    Right,
    /// A wrong one.
    Wrong,
}

/// The session that the browser holds when the step begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BrowserSession {
    /// None of its own before the person logs in.
    #[default]
    Own,
    /// One of another org.
    Other,
}

/// What follows a granted token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfterStep {
    /// Use it.
    pub use_it: bool,
    /// Check it.
    pub check: bool,
    /// Introspect it.
    pub introspect: bool,
    /// Revoke it.
    pub revoke: bool,
    /// The address of the use.
    pub from: Option<Placed<IpAddr>>,
    /// The app that introspects.
    pub introspect_by: Option<Placed<String>>,
}

impl Default for AfterStep {
    fn default() -> Self {
        Self {
            use_it: true,
            check: true,
            introspect: false,
            revoke: false,
            from: None,
            introspect_by: None,
        }
    }
}

/// What has to come out of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// A token.
    Granted(Box<Granted>),
    /// A refusal.
    Refused(Refused),
    /// The browser ends on a page.
    Page(PageExpected),
    /// No answer: [`crate::exchange::Fault::name`].
    Unanswered(&'static str),
    /// An answer outside the protocol.
    OffProtocol(OffProtocolExpected),
}

/// What has to be true of a token. `None` is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Granted {
    /// Exactly these scopes.
    pub scope: Option<ScopeSet>,
    /// Whether a refresh token came.
    pub refresh_token: Option<bool>,
    /// Whether an ID token came.
    pub id_token: Option<bool>,
    /// Silent causes that must be named.
    pub lacks: Vec<CauseId>,
    /// What the REST call answers.
    pub api: Option<UseExpected>,
    /// What userinfo answers.
    pub userinfo: Option<UseExpected>,
    /// What the introspection answers.
    pub introspection: Option<Introspection>,
    /// What the revocation answers.
    pub revocation: Option<UseExpected>,
}

/// What a use of the token answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UseExpected {
    /// A success.
    Granted,
    /// A refusal.
    Refused(UseRefused),
}

/// What the introspection answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Introspection {
    /// `"active": true`.
    Active,
    /// `"active": false`.
    Inactive,
    /// A refusal.
    Refused(UseRefused),
}

/// A refused use. `None` is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UseRefused {
    /// The status code.
    pub status: Option<u16>,
    /// The error code.
    pub error: Option<String>,
    /// The sentence.
    pub says: Option<String>,
    /// The cause that must be named.
    pub cause: Option<CauseId>,
}

/// A refused grant. `None` is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The error code; empty for none.
    pub error: String,
    /// The exact sentence.
    pub says: Option<String>,
    /// Where it shows.
    pub at: Option<Endpoint>,
    /// The cause that must be among those named.
    pub cause: Option<CauseId>,
    /// Whether it must be the only one.
    pub alone: bool,
}

/// An answer outside the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffProtocolExpected {
    /// The cause that must be named.
    pub cause: Option<CauseId>,
    /// Whether it must be the only one.
    pub alone: bool,
}

/// A page on which the browser ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageExpected {
    /// Which page.
    pub page: StopPage,
    /// The cause that must be among those named.
    pub cause: Option<CauseId>,
    /// Whether it must be the only one.
    pub alone: bool,
}

/// The pages on which a browser can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopPage {
    /// The login page.
    Login,
    /// The verification page.
    Verification,
    /// The page that wants a new password.
    ChangePassword,
    /// A login flow.
    LoginFlow,
    /// The approval page, too late.
    ApprovalExpired,
    /// The device page.
    Device,
}

impl StopPage {
    /// All pages, in the order of the key table.
    pub const ALL: [Self; 6] = [
        Self::Login,
        Self::Verification,
        Self::ChangePassword,
        Self::LoginFlow,
        Self::ApprovalExpired,
        Self::Device,
    ];

    /// The word in files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Verification => "verification",
            Self::ChangePassword => "change_password",
            Self::LoginFlow => "login_flow",
            Self::ApprovalExpired => "approval_expired",
            Self::Device => "device",
        }
    }
}
