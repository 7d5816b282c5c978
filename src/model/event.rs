//! What happens to an org, with judged facts in place of secrets: "the secret was right", never the secret.

use std::net::IpAddr;

use super::state::{AccessId, AppId, CodeId, DeviceId, PersonId, RefreshId};
use super::words::SessionLevel;
use crate::factor::Delta;
use crate::oauth::{GrantKind, HostKind, ScopeSet};

/// Something that happens to an org.
#[derive(Debug, Clone)]
pub enum Event {
    /// A request at the authorization endpoint, with the browser session it came in.
    Authorize(Authorize),
    /// A person answers a page.
    PageAnswer(PageAnswer),
    /// A request at the token endpoint.
    Token(Token),
    /// The start of a device flow at the token endpoint.
    DeviceStart(DeviceStart),
    /// A person at the device page.
    DevicePage(DevicePage),
    /// A call with an access token.
    Use(Use),
    /// A revocation.
    Revoke(Revoke),
    /// An introspection.
    Introspect(Introspect),
    /// A change in Setup.
    Change(Delta),
    /// Time passes; nothing else.
    Tick,
}

/// Where a request came from, and to which host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Kind of the host that was asked.
    pub host: HostKind,
    /// Address of the client, as the org sees it.
    pub address: IpAddr,
}

/// What the client id turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientFact {
    /// The key of an app.
    Known(AppId),
    /// A key that the app had before.
    Former(AppId),
    /// No key of this org.
    Unknown,
    /// Not sent.
    Absent,
}

/// What a secret (consumer secret, password, security token) turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFact {
    /// The right one.
    Right,
    /// A wrong one.
    Wrong,
    /// One that was right before.
    Former,
    /// None.
    Absent,
    /// A header that cannot be decoded.
    Malformed,
}

/// What came as `code_challenge`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeFact {
    /// None.
    Absent,
    /// One that a verifier can match.
    Present,
    /// One that no verifier can match: padding, wrong length, wrong alphabet.
    Malformed,
}

/// What came as `code_verifier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifierFact {
    /// None.
    Absent,
    /// Hashes to the challenge.
    Right,
    /// Does not.
    Wrong,
    /// Does not, and has characters outside RFC 7636.
    BadCharset,
}

/// A request at the authorization endpoint.
#[derive(Debug, Clone)]
pub struct Authorize {
    /// From where.
    pub caller: Caller,
    /// The app.
    pub client: ClientFact,
    /// Whether `response_type` is `code`.
    pub response_type_code: bool,
    /// `redirect_uri` as sent.
    pub redirect_uri: Option<String>,
    /// `code_challenge`.
    pub challenge: ChallengeFact,
    /// `scope` as sent; `None` asks for all that the app has.
    pub scope: Option<ScopeSet>,
    /// `prompt=none` or `immediate=true`.
    pub immediate: bool,
    /// The session of the browser.
    pub session: Option<Session>,
    /// The answer on the approval page, once given.
    pub consent: Option<bool>,
    /// Whether the pages were left open for too long.
    pub too_late: bool,
}

/// A login session of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// Its level.
    pub level: SessionLevel,
    /// Whether the person proved the identity by a second factor or a code.
    pub verified: bool,
    /// Whether it is a session of another org.
    pub other_org: bool,
}

/// A person answers a page.
#[derive(Debug, Clone)]
pub struct PageAnswer {
    /// From where.
    pub caller: Caller,
    /// Which page, and what was typed.
    pub page: PageInput,
}

/// What was typed into a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageInput {
    /// The login page.
    Login {
        /// The user of the typed username.
        person: Option<PersonId>,
        /// The typed password.
        password: SecretFact,
    },
    /// The verification page.
    Verification {
        /// Who.
        person: PersonId,
        /// The typed code.
        code: SecretFact,
    },
}

/// A request at the token endpoint.
#[derive(Debug, Clone)]
pub struct Token {
    /// From where.
    pub caller: Caller,
    /// Whether the method is POST.
    pub post: bool,
    /// Whether the body is a form.
    pub form: bool,
    /// `grant_type`; `None` for one that is unknown or missing.
    pub grant: Option<GrantKind>,
    /// The app.
    pub client: ClientFact,
    /// The consumer secret.
    pub secret: SecretFact,
    /// Whether `scope` was sent.
    pub scope_sent: bool,
    /// `code_verifier`.
    pub verifier: VerifierFact,
    /// What the grant itself brings.
    pub brings: Brings,
}

/// What a grant brings to the token endpoint.
#[derive(Debug, Clone)]
pub enum Brings {
    /// Nothing: client credentials, or a request that is refused before it matters.
    Nothing,
    /// A code and the redirect URI.
    Code {
        /// The code; `None` for an unknown one.
        code: Option<CodeId>,
        /// `redirect_uri` as sent.
        redirect_uri: Option<String>,
    },
    /// An assertion.
    Assertion(AssertionFact),
    /// A refresh token.
    Refresh {
        /// The token; `None` for an unknown one.
        token: Option<RefreshId>,
        /// Whether another refresh with it is under way.
        at_once: bool,
    },
    /// A device code.
    Device {
        /// The code; `None` for an unknown one.
        device: Option<DeviceId>,
    },
    /// Username and password.
    Password {
        /// The user.
        person: Option<PersonId>,
        /// The password.
        password: SecretFact,
        /// The security token after it.
        security_token: SecretFact,
    },
    /// A subject token.
    Subject(SubjectFact),
}

/// What an assertion turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionFact {
    /// Whether it is a signed JWT.
    pub well_formed: bool,
    /// Whether `alg` is `RS256`.
    pub rs256: bool,
    /// Whether `iss`, `sub`, `aud` and `exp` are there.
    pub complete: bool,
    /// Whether the key of the app's certificate signed it.
    pub signature: bool,
    /// Whether `aud` names the login host, the My Domain, or another address of this org.
    pub audience: bool,
    /// Whether `exp` is ahead, three minutes of skew allowed.
    pub in_time: bool,
    /// Whether `jti` was seen before.
    pub replayed: bool,
    /// The user of `sub`.
    pub person: Option<PersonId>,
}

/// What a subject token turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectFact {
    /// A token that the handler can map to a user.
    Of(PersonId),
    /// A JWT access token of this org, which the exchange does not take.
    OwnJwt,
    /// Anything else.
    Invalid,
}

/// The start of a device flow.
#[derive(Debug, Clone)]
pub struct DeviceStart {
    /// From where.
    pub caller: Caller,
    /// Whether the method is POST.
    pub post: bool,
    /// The app.
    pub client: ClientFact,
    /// `scope` as sent.
    pub scope: Option<ScopeSet>,
}

/// A person at the device page.
#[derive(Debug, Clone, Copy)]
pub struct DevicePage {
    /// From where.
    pub caller: Caller,
    /// The device of the typed user code.
    pub device: Option<DeviceId>,
    /// The session of the browser.
    pub session: Option<Session>,
    /// The answer on the approval page, once given.
    pub consent: Option<bool>,
}

/// A call with an access token.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// From where.
    pub caller: Caller,
    /// The token.
    pub token: TokenFact,
    /// What is called.
    pub resource: Resource,
}

/// What came as access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFact {
    /// One of this org.
    Known(AccessId),
    /// None of this org.
    Unknown,
    /// None.
    Absent,
    /// In the query in place of the header.
    InQuery,
    /// A header that is not `Bearer` and a token.
    MalformedHeader,
}

/// What is called with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// REST.
    Rest,
    /// Userinfo.
    Userinfo,
    /// The own identity URL.
    Identity,
}

/// A token of either sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnyToken {
    /// An access token.
    Access(AccessId),
    /// A refresh token.
    Refresh(RefreshId),
    /// Neither.
    Unknown,
}

/// A revocation.
#[derive(Debug, Clone, Copy)]
pub struct Revoke {
    /// The token.
    pub token: AnyToken,
    /// Whether `token_type_hint` names a sort that is not supported.
    pub unsupported_hint: bool,
}

/// An introspection.
#[derive(Debug, Clone, Copy)]
pub struct Introspect {
    /// The asking app.
    pub client: ClientFact,
    /// Its secret.
    pub secret: SecretFact,
    /// The token asked about.
    pub token: AnyToken,
}
