//! The drivers, one file a grant. A driver speaks only to [`Ports`], never fails, and leaves a [`StepRecord`]: what was sent, what came,
//! how it ended, what the token is and what its use answered. It cannot tell a real org from the simulated one.

mod after;
mod answer;
mod authorization_code;
mod client_credentials;
mod credentials;
mod device;
mod endpoints;
mod fields;
mod id_token;
mod jwt_bearer;
mod pages;
mod refresh_token;
mod send;
mod step;
mod token_checks;
mod token_exchange;
mod token_request;
mod username_password;

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;
use url::Url;

pub use send::{CertainValue, Deviations, Subject};

use self::endpoints::Endpoints;
use self::step::Step;
use crate::exchange::{Endpoint, Exchange, Fault};
use crate::oauth::{Dialect, ErrorResponse, GrantKind, HostKind, TokenResponse};
use crate::ports::{Person, Ports};
use crate::secret::Secret;

/// The app as the client knows it.
#[derive(Clone)]
pub struct Client {
    /// Its name in the scenario.
    pub name: String,
    /// Consumer key (RFC 6749 section 2.2).
    pub client_id: String,
    /// Consumer secret (RFC 6749 section 2.3.1); `None` for a public client.
    pub client_secret: Option<Secret>,
    /// How the secret travels.
    pub authentication: ClientAuthentication,
    /// Callback URL to send. Port 0 = any free port.
    pub redirect_uri: String,
    /// RSA private key in PEM form for the JWT bearer grant.
    pub jwt_key: Option<Secret>,
    /// The secret that was valid before the present one, for the deviation `client_secret: former`.
    pub former_secret: Option<Secret>,
    /// The consumer key that was valid before the present one.
    pub former_client_id: Option<String>,
}

/// How a client authenticates at the token endpoint (RFC 6749 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuthentication {
    /// `client_id` and `client_secret` in the body.
    #[default]
    Body,
    /// HTTP Basic.
    Basic,
}

/// Where the requests of a step go.
#[derive(Clone)]
pub struct Server {
    /// Whose dialect.
    pub dialect: Dialect,
    /// Base URLs by host kind, without a trailing slash.
    pub hosts: Vec<(HostKind, Url)>,
}

impl Server {
    /// The base URL of a host kind, if the target has it.
    pub fn host(&self, kind: HostKind) -> Option<&Url> {
        self.hosts
            .iter()
            .find(|(have, _)| *have == kind)
            .map(|(_, url)| url)
    }
}

/// One step, ready to drive: all names resolved.
#[derive(Clone)]
pub struct Grant {
    /// Which grant.
    pub kind: GrantKind,
    /// The app.
    pub client: Client,
    /// The server.
    pub server: Server,
    /// Which host takes the requests (`my_domain` unless the story says otherwise; `issuer` for an RFC server).
    pub host: HostKind,
    /// The person, for grants that name or ask one.
    pub person: Option<Person>,
    /// The security token of that person (username-password grant).
    pub security_token: Option<Secret>,
    /// `scope` to ask for; `None` sends none.
    pub scope: Option<String>,
    /// What is sent otherwise than it should be.
    pub deviations: Deviations,
    /// Tokens of earlier steps, for refresh, exchange, reuse.
    pub held: Held,
    /// Deadline of the step in the run's time.
    pub within: Duration,
    /// Which calls follow a granted token.
    pub after: After,
    /// The app that introspects, where it is another one.
    pub introspect_by: Option<Box<Client>>,
}

impl Grant {
    /// Runs the grant to its end. Never fails: whatever happens is in the [`StepRecord`].
    ///
    /// The deadline is kept twice: by the run's clock inside the drivers, and here by real time, for a server that answers each of
    /// many requests just in time.
    pub async fn drive(&self, ports: Ports<'_>) -> StepRecord {
        let mut step = Step::new(self, ports);
        let bound = self.real_bound();
        let outcome = match timeout(bound, obtain(&mut step)).await {
            Ok(Ok((token, to))) => {
                // A use that takes too long changes nothing about the grant; what it had answered until then stays.
                let _ = timeout(bound, after::follow(&mut step, &to, &token)).await;
                Outcome::Granted(token)
            }
            Ok(Err(outcome)) => outcome,
            Err(_) => self.overdue(bound),
        };
        step.finish(outcome)
    }

    /// How long the grant may take in real time: its deadline, what the step waits on purpose, and a grace in which the drivers' own
    /// deadlines come first.
    fn real_bound(&self) -> Duration {
        let waits = [self.deviations.redeem_after, self.deviations.person_after];
        let waits: u64 = waits.into_iter().flatten().fold(0, u64::saturating_add);
        self.within
            .saturating_add(Duration::from_secs(waits))
            .saturating_add(GRACE)
    }

    fn overdue(&self, after: Duration) -> Outcome {
        let host = self.server.host(self.host).and_then(Url::host_str);
        Outcome::Unanswered {
            at: match self.kind {
                GrantKind::AuthorizationCode => Endpoint::Authorize,
                GrantKind::Device => Endpoint::DevicePage,
                _ => Endpoint::Token,
            },
            fault: Fault::Timeout {
                authority: host.unwrap_or("the server").to_owned(),
                after,
            },
        }
    }
}

/// Real time beyond the deadline before a step is cut off.
const GRACE: Duration = Duration::from_secs(5);

/// Endpoints, then the grant itself.
async fn obtain(step: &mut Step<'_>) -> Result<(Box<TokenResponse>, Endpoints), Outcome> {
    let endpoints = Endpoints::of(step).await?;
    let to = &endpoints;
    let token = match step.grant.kind {
        GrantKind::AuthorizationCode => authorization_code::drive(step, to).await,
        GrantKind::ClientCredentials => client_credentials::drive(step, to).await,
        GrantKind::JwtBearer => jwt_bearer::drive(step, to).await,
        GrantKind::RefreshToken => refresh_token::drive(step, to).await,
        GrantKind::Device => device::drive(step, to).await,
        GrantKind::UsernamePassword => username_password::drive(step, to).await,
        GrantKind::TokenExchange => token_exchange::drive(step, to).await,
    }?;
    step.hold(&token);
    Ok((token, endpoints))
}

/// What earlier steps of the scenario left.
#[derive(Clone, Default)]
pub struct Held {
    /// Every refresh token received, oldest first.
    pub refresh_tokens: Vec<Secret>,
    /// When each of them came, and by which grant.
    pub refresh_token_origins: Vec<(Timestamp, GrantKind)>,
    /// How many refreshes passed since the last login that brought a refresh token.
    pub refreshes: usize,
    /// Every access token received, oldest first, with its `instance_url`.
    pub access_tokens: Vec<Secret>,
    /// The last `instance_url`.
    pub instance_url: Option<String>,
    /// The last identity URL.
    pub identity_url: Option<String>,
    /// Codes used before.
    pub codes: Vec<Secret>,
    /// Assertions sent before.
    pub assertions: Vec<Secret>,
}

/// What happens after a token came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Check it: scopes, signature, ID token, `instance_url`, `issued_at`.
    pub check: bool,
    /// Use it: userinfo and one REST call.
    pub use_it: bool,
    /// Ask the introspection endpoint.
    pub introspect: bool,
    /// Revoke it at the end.
    pub revoke: bool,
}

impl Default for After {
    fn default() -> Self {
        Self {
            check: true,
            use_it: true,
            introspect: false,
            revoke: false,
        }
    }
}

/// How one step ended. A refusal is a result to explain, not an error of ours.
#[derive(Clone)]
pub enum Outcome {
    /// A token was issued (RFC 6749 section 5.1).
    Granted(Box<TokenResponse>),
    /// A protocol error (RFC 6749 sections 4.1.2.1 and 5.2), or a refusal on a page of the server.
    Refused {
        /// Where it came from.
        at: Endpoint,
        /// Code and sentence.
        error: ErrorResponse,
    },
    /// An answer outside the protocol.
    OffProtocol {
        /// Where it came from.
        at: Endpoint,
        /// What was wrong with it.
        breach: Breach,
    },
    /// No answer.
    Unanswered {
        /// Whose answer is missing.
        at: Endpoint,
        /// Why.
        fault: Fault,
    },
    /// Nothing was sent: the request could not be made from what the files say.
    NotSent {
        /// Which rule it breaks, as a sentence for the author of the file.
        reason: String,
    },
}

impl Outcome {
    /// The word in JSON: `granted`, `refused`, `off_protocol`, `unanswered`, `not_sent`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Granted(_) => "granted",
            Self::Refused { .. } => "refused",
            Self::OffProtocol { .. } => "off_protocol",
            Self::Unanswered { .. } => "unanswered",
            Self::NotSent { .. } => "not_sent",
        }
    }
}

/// How an answer left the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// A callback with another `state` than ours came, and none with ours.
    #[error("a callback came with a foreign `state`")]
    ForeignState,
    /// `iss` of the callback, or `issuer` of the metadata, is not the issuer (RFC 9207 section 2.4, RFC 8414 section 3.3).
    #[error("the server names another issuer: {found}")]
    ForeignIssuer {
        /// What was named.
        found: String,
    },
    /// HTML or anything else in place of JSON.
    #[error("the answer is {found} in place of JSON: {begin}")]
    NotJson {
        /// The content type.
        found: String,
        /// The first characters, redacted.
        begin: String,
    },
    /// JSON of another shape.
    #[error("the answer has not the shape that the RFC gives it: {reason}")]
    Shape {
        /// What is missing or wrong.
        reason: String,
    },
    /// A page that leads nowhere.
    #[error("the browser ended on a page without a way on: {title}")]
    DeadEnd {
        /// Its title.
        title: String,
        /// Its address, redacted.
        url: String,
        /// Its text, redacted, cut.
        text: String,
    },
    /// Redirects without end.
    #[error("the server redirects without end ({hops} hops)")]
    Loop {
        /// How many were followed.
        hops: usize,
    },
    /// More than the transport takes.
    #[error("the answer is longer than {limit} octets")]
    TooLong {
        /// The bound.
        limit: usize,
    },
    /// A status that the endpoint should not give.
    #[error("the answer has status {status}")]
    Status {
        /// The status code.
        status: u16,
    },
}

/// One check of a token, or of our own request before the org is blamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Machine name: `scope_granted`, `signature`, `id_token`, `instance_url`, `issued_at`, `code_verifier`, `assertion_key`, …
    pub name: &'static str,
    /// `None` where it could not be made.
    pub passed: Option<bool>,
    /// What was found and what was needed, in one line, redacted.
    pub detail: String,
}

/// What one use of the token answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseAnswer {
    /// Userinfo, identity, REST, introspection or revocation.
    pub at: Endpoint,
    /// Status code, or `None` without an answer.
    pub status: Option<u16>,
    /// Code and sentence of a refusal.
    pub error: Option<ErrorResponse>,
}

/// What a driver leaves.
#[derive(Clone)]
pub struct StepRecord {
    /// Which grant.
    pub kind: GrantKind,
    /// Which host took the requests.
    pub host: HostKind,
    /// Every exchange in order, redacted.
    pub exchanges: Vec<Exchange>,
    /// How it ended.
    pub outcome: Outcome,
    /// Checks of the token and of our own request.
    pub checks: Vec<Check>,
    /// What the token's uses answered.
    pub uses: Vec<UseAnswer>,
    /// Callbacks that were turned away.
    pub turned_away: Vec<String>,
    /// The scope that was asked for, where one was.
    pub scope_asked: Option<String>,
    /// The refresh token that was sent, beside those that the client had received.
    pub refresh_sent: Option<RefreshSent>,
    /// What the step leaves for later ones.
    pub held: Held,
}

/// What a client knows of a refresh token that it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshSent {
    /// Whether a refresh had brought one in its place.
    pub replaced: bool,
    /// How many later logins had brought others.
    pub later_logins: usize,
    /// Seconds since it came.
    pub age: Option<i64>,
    /// How many refreshes had passed since the login.
    pub refreshes: usize,
}

#[cfg(test)]
mod tests;
