//! The record of a step as observations: how it ended, and what the uses of its token answered.

use super::request::SentRequest;
use super::{Answer, Facts, Heard, Lack, Observation, PageKind, Seen, Supports};
use crate::cause::{AppKind, CauseId, Channel};
use crate::exchange::{Endpoint, Exchange, Fault};
use crate::grant::{Breach, Outcome, StepRecord, UseAnswer};
use crate::oauth::{ErrorResponse, GrantKind, HostKind, ScopeSet, TokenResponse};

/// How introspection says no, written as errors.csv writes it.
pub(super) const INACTIVE: &str = "{\"active\": false}";

/// What a step showed, in order. Empty where nothing was sent.
pub fn from_step(record: &StepRecord, app_kind: Option<AppKind>) -> Vec<Observation> {
    let step = Reading { record, app_kind };
    match &record.outcome {
        Outcome::Granted(token) => step.granted(token),
        Outcome::Refused { at, error } => vec![step.refused(*at, error)],
        Outcome::OffProtocol { at, breach } => vec![step.off_protocol(*at, breach)],
        // A look that came to the login page was taken as far as a request alone can be: no fault, and no flow that passed.
        Outcome::NotSent { .. }
        | Outcome::Unanswered {
            fault: Fault::NoPerson { .. },
            ..
        } => Vec::new(),
        Outcome::Unanswered { at, fault } => {
            let seen = Seen::Silence {
                fault: fault.clone(),
            };
            vec![step.observation(*at, seen)]
        }
    }
}

struct Reading<'a> {
    record: &'a StepRecord,
    app_kind: Option<AppKind>,
}

impl Reading<'_> {
    fn granted(&self, token: &TokenResponse) -> Vec<Observation> {
        let lacks = if self.record.host == HostKind::Issuer {
            Vec::new()
        } else {
            lacks(self.record.kind, self.record.scope_asked.as_deref(), token)
        };
        let mut seen = vec![self.observation(Endpoint::Token, Seen::Success { lacks })];
        seen.extend(self.record.uses.iter().map(|answer| self.used(answer)));
        for observation in &mut seen {
            observation.facts.scope_granted.clone_from(&token.scope);
        }
        seen
    }

    fn used(&self, answer: &UseAnswer) -> Observation {
        let inactive = answer.at == Endpoint::Introspect
            && self
                .record
                .checks
                .iter()
                .any(|check| check.name == "introspection" && check.passed == Some(false));
        let seen = match (&answer.error, answer.status) {
            (Some(error), status) => Seen::Answer(refusal(answer.at, status, error)),
            (None, Some(200)) if inactive => Seen::Answer(Answer {
                channel: Some(Channel::IntrospectJson),
                status: Some(200),
                code: Heard::Nothing,
                text: Heard::Said(INACTIVE.to_owned()),
            }),
            (None, Some(200..=299)) => Seen::Success { lacks: Vec::new() },
            (None, Some(status)) => {
                let error = ErrorResponse::default();
                Seen::Answer(refusal(answer.at, Some(status), &error))
            }
            (None, None) => match self.last(answer.at).map(|exchange| &exchange.received) {
                Some(Err(fault)) => Seen::Silence {
                    fault: fault.clone(),
                },
                _ => Seen::Success { lacks: Vec::new() },
            },
        };
        self.observation(answer.at, seen)
    }

    fn refused(&self, at: Endpoint, error: &ErrorResponse) -> Observation {
        // The status of a redirect is the browser's business; the callback server never sees it.
        let status = match at {
            Endpoint::Callback | Endpoint::ErrorPage => None,
            _ => self
                .last(at)
                .and_then(|exchange| exchange.received.as_ref().ok())
                .map(|received| received.status)
                // A refusal may come from a page behind the redirect that this endpoint answered with.
                .filter(|status| *status >= 400),
        };
        let mut answer = refusal(at, status, error);
        if at == Endpoint::Callback && self.callback_in_fragment() {
            answer.channel = Some(Channel::CallbackFragment);
        }
        self.observation(at, Seen::Answer(answer))
    }

    fn off_protocol(&self, at: Endpoint, breach: &Breach) -> Observation {
        let is_rfc = self.record.host == HostKind::Issuer;
        let seen = match breach {
            // A refusal all the same: the RFCs say what the status alone can mean.
            Breach::Status { status } if is_rfc => {
                let error = ErrorResponse::default();
                Seen::Answer(refusal(at, Some(*status), &error))
            }
            Breach::DeadEnd { title, .. } if is_rfc && self.refusing_page().is_some() => {
                Seen::Answer(Answer {
                    channel: Some(Channel::HtmlPage),
                    status: self.refusing_page(),
                    code: Heard::Nothing,
                    text: Heard::of_answer(Some(title)),
                })
            }
            Breach::DeadEnd { title, url, .. } => Seen::Page {
                kind: match PageKind::of_url(url) {
                    // The paths of other servers are their own: what the page asks for tells.
                    kind if is_rfc => self.last_page_asks().unwrap_or(kind),
                    kind => kind,
                },
                title: Some(title.clone()).filter(|title| !title.is_empty()),
            },
            breach => Seen::OffProtocol {
                breach: breach.clone(),
            },
        };
        self.observation(at, seen)
    }

    /// The status with which the authorization endpoint itself answered in place of a redirect.
    fn refusing_page(&self) -> Option<u16> {
        let last = self.record.exchanges.last()?;
        let status = last.received.as_ref().ok()?.status;
        (last.endpoint == Endpoint::Authorize && status >= 400).then_some(status)
    }

    /// What the form of the last page is for: a field for a password makes a login page, any other form none; `None` without a form.
    fn last_page_asks(&self) -> Option<PageKind> {
        let last = self.record.exchanges.last()?;
        let body = last.received.as_ref().ok()?.body.to_ascii_lowercase();
        let fields = ["type=\"password\"", "type='password'", "type=password"];
        if fields.iter().any(|field| body.contains(field)) {
            return Some(PageKind::Login);
        }
        body.contains("<form").then_some(PageKind::Other)
    }

    fn observation(&self, at: Endpoint, seen: Seen) -> Observation {
        let record = self.record;
        let answered = self.last(at);
        let authorize = record
            .exchanges
            .iter()
            .find(|exchange| exchange.endpoint == Endpoint::Authorize);
        let checks = || record.checks.iter();
        let failed_checks = checks()
            .filter(|check| check.passed == Some(false))
            .map(|check| (check.name, check.detail.clone()))
            .collect();
        let passed_checks = checks()
            .filter(|check| check.passed == Some(true))
            .map(|check| check.name)
            .collect();
        Observation {
            grant: Some(record.kind),
            host: Some(record.host),
            app_kind: self.app_kind,
            endpoint: Some(at),
            seen,
            at: answered
                .or(record.exchanges.last())
                .map(|exchange| exchange.at),
            facts: Facts {
                request: answered.map(SentRequest::of),
                authorize: authorize.map(SentRequest::of),
                scope_asked: Some(record.scope_asked.clone()),
                scope_granted: None,
                failed_checks,
                passed_checks,
                supports: self.supports(),
                code_age: self.until_token(Endpoint::Callback),
                device_code_age: self.device_code_age(),
                clock_ahead: answered.and_then(clock_ahead),
                refresh_sent: record.refresh_sent,
            },
        }
    }

    fn last(&self, at: Endpoint) -> Option<&Exchange> {
        let mut exchanges = self.record.exchanges.iter().rev();
        exchanges.find(|exchange| exchange.endpoint == at)
    }

    /// The last answer of an endpoint as JSON.
    fn json(&self, at: Endpoint) -> Option<serde_json::Value> {
        let received = self.last(at)?.received.as_ref().ok()?;
        serde_json::from_str(&received.body).ok()
    }

    /// What the metadata says, of the document that answered last.
    fn supports(&self) -> Supports {
        let document = self.json(Endpoint::Discovery);
        let list = |name: &str| {
            let list = document.as_ref()?.get(name)?.as_array()?;
            let words = list.iter().filter_map(serde_json::Value::as_str);
            Some(words.map(str::to_owned).collect())
        };
        Supports {
            grant_types: list("grant_types_supported"),
            scopes: list("scopes_supported"),
            authentication: list("token_endpoint_auth_methods_supported"),
        }
    }

    /// Seconds from a request at one endpoint to one at the token endpoint.
    fn until_token(&self, from: Endpoint) -> Option<i64> {
        let from = self.last(from)?.at;
        Some(
            self.last(Endpoint::Token)?
                .at
                .duration_since(from)
                .as_secs(),
        )
    }

    fn device_code_age(&self) -> Option<(i64, i64)> {
        let life = self.json(Endpoint::DeviceAuthorization)?["expires_in"].as_i64()?;
        Some((self.until_token(Endpoint::DeviceAuthorization)?, life))
    }

    fn callback_in_fragment(&self) -> bool {
        self.last(Endpoint::Callback).is_some_and(|exchange| {
            exchange
                .sent
                .url
                .split_once('#')
                .is_some_and(|(_, fragment)| fragment.contains("error="))
        })
    }
}

/// The server's clock beside ours, by the `Date` of an answer (RFC 9110 section 6.6.1).
fn clock_ahead(exchange: &Exchange) -> Option<i64> {
    let received = exchange.received.as_ref().ok()?;
    let date = jiff::fmt::rfc2822::parse(received.header("date")?).ok()?;
    let ahead = date.timestamp().duration_since(exchange.at);
    Some(ahead.as_secs())
}

/// The channel of a refusal by where it came from (wire facts section 5.1).
const fn channel_of(at: Endpoint) -> Option<Channel> {
    match at {
        Endpoint::Authorize => Some(Channel::AuthorizeRawBody),
        Endpoint::Callback => Some(Channel::CallbackRedirect),
        Endpoint::ErrorPage => Some(Channel::ErrorPage),
        Endpoint::Page | Endpoint::DevicePage => Some(Channel::HtmlPage),
        Endpoint::Token | Endpoint::DeviceAuthorization => Some(Channel::TokenJson),
        Endpoint::Userinfo | Endpoint::Identity => Some(Channel::ResourcePlain),
        Endpoint::Rest => Some(Channel::RestJson),
        Endpoint::Introspect => Some(Channel::IntrospectJson),
        Endpoint::Revoke => Some(Channel::RevokeResponse),
        Endpoint::Discovery | Endpoint::Jwks => None,
    }
}

pub(super) fn refusal(at: Endpoint, status: Option<u16>, error: &ErrorResponse) -> Answer {
    let channel = channel_of(at);
    let code = Heard::of_answer(Some(&error.error));
    let mut text = Heard::of_answer(error.description.as_deref());
    // A plain word is code and sentence in one; the tables write it twice.
    if channel == Some(Channel::ResourcePlain) && text == Heard::Nothing {
        text = code.clone();
    }
    Answer {
        channel,
        status,
        code,
        text,
    }
}

/// What a token response should hold and does not. Only flows where a person approves give a refresh token or an ID token by scope.
pub(super) fn lacks(kind: GrantKind, asked: Option<&str>, token: &TokenResponse) -> Vec<Lack> {
    let Some(granted) = token.scope.as_deref().map(ScopeSet::from_wire) else {
        return Vec::new();
    };
    if !kind.asks_the_person() {
        return Vec::new();
    }
    let asked = asked.map(ScopeSet::from_wire);
    let mut lacks = Vec::new();
    if granted.asks_refresh() {
        if token.refresh_token.is_none() {
            lacks.push(Lack {
                member: "refresh_token",
                causes: vec![CauseId::RefreshPolicyZero],
                reason: "the granted scope holds refresh_token, and no refresh token came"
                    .to_owned(),
            });
        }
    } else {
        let asked_for = asked.as_ref().map(ScopeSet::asks_refresh);
        lacks.push(lack(
            "refresh_token",
            "refresh_token",
            asked_for,
            CauseId::ScopeRefreshNotRequested,
            CauseId::ScopeRefreshMissing,
        ));
    }
    if !granted.has("openid") {
        let asked_for = asked.as_ref().map(|asked| asked.has("openid"));
        lacks.push(lack(
            "id_token",
            "openid",
            asked_for,
            CauseId::ScopeIdentityNotRequested,
            CauseId::ScopeOpenidMissing,
        ));
    }
    lacks
}

/// Not asked for, or not on the app: with a `scope` that does not name it, both leave the same response.
fn lack(
    member: &'static str,
    scope: &str,
    asked_for: Option<bool>,
    not_requested: CauseId,
    missing: CauseId,
) -> Lack {
    let (causes, reason) = match asked_for {
        Some(false) => (
            vec![not_requested, missing],
            format!("the request named scopes, and {scope} was not among them"),
        ),
        Some(true) => (
            vec![missing],
            format!("{scope} was asked for, and the granted scope lacks it"),
        ),
        None => (
            vec![missing],
            format!(
                "no scope was sent, which asks for all of the app's, and {scope} is not among them"
            ),
        ),
    };
    Lack {
        member,
        causes,
        reason,
    }
}
