//! What was observed, in the words that the diagnosis understands, and the named facts beside it: from the record of a step, a field case,
//! a recording of a browser, a login history, any text, the flags of a command line. [`read`] tells which and reads it. Pure: octets in,
//! reports out. What the recorded exchanges do not show is not in here; a deviation of the step is known only by what was sent.

mod case;
mod declared;
mod derived;
mod error;
mod flags;
mod forecast;
mod har;
mod hosts;
mod input;
mod login_history;
mod page;
mod redact;
mod reported;
mod request;
mod shape;
mod sheet;
mod soap;
mod step;
mod text;
mod vocabulary;

use jiff::Timestamp;

pub use case::{from_case, from_case_with_trial};
pub use derived::sheet_of;
pub use error::{InputError, LIMIT};
pub use flags::from_flags;
pub use forecast::from_ran;
pub use har::from_har;
pub use input::{Kind, detect, read};
pub use login_history::from_login_history;
pub use page::PageKind;
pub use request::SentRequest;
pub use sheet::{Fact, Report, Sheet};
pub use step::from_step;
pub use text::{from_text, from_text_all, sheet_of_text};
pub use vocabulary::{Key, Sort, known_key, vocabulary};

use crate::cause::{AppKind, CauseId, Channel};
use crate::exchange::{Endpoint, Fault};
use crate::grant::{Breach, RefreshSent};
use crate::oauth::{GrantKind, HostKind};

/// One thing that was seen. Absent parts are unknown, never a default.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The grant of the step; for a call with a token the grant that made the token.
    pub grant: Option<GrantKind>,
    /// What kind of host took the requests. `issuer` marks an RFC server.
    pub host: Option<HostKind>,
    /// What kind of app asked.
    pub app_kind: Option<AppKind>,
    /// The part of the flow that answered, or did not.
    pub endpoint: Option<Endpoint>,
    /// What was seen.
    pub seen: Seen,
    /// When, by the run's clock.
    pub at: Option<Timestamp>,
    /// What the harness knows of its own requests and of the token.
    pub facts: Facts,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// A refusal in words, or an answer by status alone.
    Answer(Answer),
    /// The browser ended on a page.
    Page {
        /// Which page.
        kind: PageKind,
        /// Its title, redacted.
        title: Option<String>,
    },
    /// A token was issued, or a call was answered; perhaps with something missing.
    Success {
        /// What is missing without a word of the server.
        lacks: Vec<Lack>,
    },
    /// Nothing came.
    Silence {
        /// Why.
        fault: Fault,
    },
    /// An answer that no protocol knows.
    OffProtocol {
        /// How it left the protocol.
        breach: Breach,
    },
}

/// A refusal as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it showed; `None` for a pasted text that does not tell.
    pub channel: Option<Channel>,
    /// HTTP status, where it is known.
    pub status: Option<u16>,
    /// The error code.
    pub code: Heard,
    /// The sentence.
    pub text: Heard,
}

/// A part of an answer. That nothing was said is another fact than that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Heard {
    /// Nobody knows whether there was one.
    #[default]
    Unknown,
    /// There was none.
    Nothing,
    /// It was this, to the letter.
    Said(String),
}

impl Heard {
    /// From a part of a whole answer: an empty one is none.
    pub fn of_answer(text: Option<&str>) -> Self {
        match text {
            Some(text) if !text.is_empty() => Self::Said(text.to_owned()),
            _ => Self::Nothing,
        }
    }

    /// The words, where there are some.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Said(text) => Some(text),
            Self::Unknown | Self::Nothing => None,
        }
    }
}

/// Something that a token response should hold and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// The member: `refresh_token`, `id_token`.
    pub member: &'static str,
    /// The causes that leave it out, most plausible first.
    pub causes: Vec<CauseId>,
    /// Why these, in one line.
    pub reason: String,
}

/// What the harness knows without asking the org.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The request that was answered.
    pub request: Option<SentRequest>,
    /// The request at the authorization endpoint, where one was recorded.
    pub authorize: Option<SentRequest>,
    /// The scope that was asked for. The outer `None`: not known.
    pub scope_asked: Option<Option<String>>,
    /// The scope that the token response names.
    pub scope_granted: Option<String>,
    /// Checks of our own request that failed: name, and what was found.
    pub failed_checks: Vec<(&'static str, String)>,
    /// Checks of our own request that passed.
    pub passed_checks: Vec<&'static str>,
    /// What the metadata of an RFC server says that it supports.
    pub supports: Supports,
    /// Seconds between the callback that brought a code and the request that redeemed it.
    pub code_age: Option<i64>,
    /// Seconds between the start of a device flow and the poll, beside the `expires_in` of the start.
    pub device_code_age: Option<(i64, i64)>,
    /// Seconds by which the server's clock is ahead of ours, as its `Date` says.
    pub clock_ahead: Option<i64>,
    /// Which of its refresh tokens the client sent.
    pub refresh_sent: Option<RefreshSent>,
}

/// What a metadata document lists (RFC 8414 section 2); `None` where it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supports {
    /// `grant_types_supported`.
    pub grant_types: Option<Vec<String>>,
    /// `scopes_supported`.
    pub scopes: Option<Vec<String>>,
    /// `token_endpoint_auth_methods_supported`.
    pub authentication: Option<Vec<String>>,
}

impl Observation {
    /// Whether it calls for a cause.
    pub fn is_failure(&self) -> bool {
        match &self.seen {
            Seen::Success { lacks } => !lacks.is_empty(),
            Seen::Answer(_)
            | Seen::Page { .. }
            | Seen::Silence { .. }
            | Seen::OffProtocol { .. } => true,
        }
    }

    /// Whether it stopped the flow: a failure that is more than a part missing from a good answer.
    pub fn is_refusal(&self) -> bool {
        !matches!(self.seen, Seen::Success { .. })
    }

    /// Whether it only asks a device to poll again, as it should until the person has answered.
    pub fn is_waiting(&self) -> bool {
        match &self.seen {
            Seen::Answer(answer) => {
                matches!(
                    answer.code.words(),
                    Some("authorization_pending" | "slow_down")
                )
            }
            _ => false,
        }
    }

    /// Whether an RFC server answered, not Salesforce.
    pub fn is_rfc(&self) -> bool {
        self.host == Some(HostKind::Issuer)
    }

    /// What was seen, in one line for a person.
    pub fn summary(&self) -> String {
        let place = self.endpoint.map_or_else(
            || match &self.seen {
                Seen::Answer(Answer {
                    channel: Some(channel),
                    ..
                }) => channel.name(),
                _ => "an answer",
            },
            Endpoint::name,
        );
        match &self.seen {
            Seen::Answer(answer) => format!("{place}: {}", answer.summary()),
            Seen::Page { kind, title } => {
                match title.as_deref().filter(|title| !title.is_empty()) {
                    Some(title) => format!(
                        "{place}: the browser ended on the {} page, \"{title}\"",
                        kind.label()
                    ),
                    None => format!("{place}: the browser ended on the {} page", kind.label()),
                }
            }
            Seen::Success { lacks } if lacks.is_empty() => format!("{place}: passed"),
            Seen::Success { lacks } => {
                let members: Vec<_> = lacks.iter().map(|lack| lack.member).collect();
                format!("{place}: passed, without {}", members.join(" and "))
            }
            Seen::Silence { fault } => format!("{place}: {fault}"),
            Seen::OffProtocol { breach } => format!("{place}: {breach}"),
        }
    }
}

impl Answer {
    /// Status, code and sentence in one line.
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.status.map(|status| status.to_string()));
        parts.extend(self.code.words().map(str::to_owned));
        parts.extend(self.text.words().map(|text| format!("\"{text}\"")));
        if self.code.words().is_none() && self.text.words().is_none() {
            parts.push("without a code or a sentence".to_owned());
        }
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests;
