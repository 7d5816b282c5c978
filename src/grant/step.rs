//! What the drivers share while one step runs: the ports, the recorder, and what the record will say.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{CertainValue, Check, Grant, Held, Outcome, RefreshSent, StepRecord, UseAnswer};
use crate::oauth::{Dialect, GrantKind, HostKind, TokenResponse};
use crate::ports::{Person, Ports};
use crate::recorder::Recorder;
use crate::secret::Secret;

/// A step under way.
pub(super) struct Step<'a> {
    pub(super) grant: &'a Grant,
    pub(super) ports: Ports<'a>,
    pub(super) recorder: Recorder<'a>,
    /// Which host takes the requests, deviation included.
    pub(super) host: HostKind,
    pub(super) checks: Vec<Check>,
    pub(super) uses: Vec<UseAnswer>,
    pub(super) turned_away: Vec<String>,
    pub(super) held: Held,
    pub(super) refresh_sent: Option<RefreshSent>,
    /// The `nonce` that was sent, for the check of the ID token.
    pub(super) nonce: Option<String>,
    deadline: Timestamp,
}

impl<'a> Step<'a> {
    /// Begins a step: the deadline runs from here, and what must not be seen is registered before anything is sent.
    pub(super) fn new(grant: &'a Grant, ports: Ports<'a>) -> Self {
        register(grant, ports);
        let within = SignedDuration::try_from(grant.within).unwrap_or(SignedDuration::MAX);
        let deadline = ports.clock.now().checked_add(within);
        Self {
            grant,
            ports,
            recorder: Recorder::new(ports.transport, ports.clock, ports.secrets),
            host: grant.deviations.host.unwrap_or(grant.host),
            checks: Vec::new(),
            uses: Vec::new(),
            turned_away: Vec::new(),
            held: grant.held.clone(),
            refresh_sent: None,
            nonce: None,
            deadline: deadline.unwrap_or(Timestamp::MAX),
        }
    }

    /// What is left of the step's time, zero when it is over.
    pub(super) fn remaining(&self) -> Duration {
        let left = self.ports.clock.now().duration_until(self.deadline);
        Duration::try_from(left).unwrap_or(Duration::ZERO)
    }

    /// Whether the server speaks Salesforce's dialect.
    pub(super) fn is_salesforce(&self) -> bool {
        self.grant.server.dialect == Dialect::Salesforce
    }

    /// The person of the step; a step without one that needs one is not sent.
    pub(super) fn person(&self) -> Result<&'a Person, Outcome> {
        let grant = self.grant;
        grant.person.as_ref().ok_or_else(|| {
            not_sent(format!(
                "the grant {} names a user, and the step has none: add `as: USER`",
                grant.kind
            ))
        })
    }

    /// The person as sent to a browser: another username, and a wrong password or none, where the step says so.
    pub(super) fn visitor(&self) -> Option<Person> {
        let mut person = self.grant.person.clone()?;
        let deviations = &self.grant.deviations;
        if let Some(username) = &deviations.username {
            person.username.clone_from(username);
        }
        match deviations.password {
            Some(CertainValue::Absent) => person.password = None,
            Some(CertainValue::Wrong | CertainValue::Former | CertainValue::Malformed) => {
                person.password = Some(Secret::new(self.random()));
            }
            Some(CertainValue::Right | CertainValue::Given) | None => {}
        }
        Some(person)
    }

    /// 256 bits of entropy as 43 characters: more than the 128 bits that RFC 6749 section 10.10 asks for.
    pub(super) fn random(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.octets())
    }

    /// 32 random octets.
    pub(super) fn octets(&self) -> [u8; 32] {
        let mut octets = [0; 32];
        self.ports.entropy.fill(&mut octets);
        octets
    }

    /// Notes a check; its detail is redacted here.
    pub(super) fn check(
        &mut self,
        name: &'static str,
        passed: impl Into<Option<bool>>,
        detail: &str,
    ) {
        self.checks.push(Check {
            name,
            passed: passed.into(),
            detail: self.ports.secrets.redact(detail),
        });
    }

    /// Notes why the user agent went no further.
    pub(super) fn remark(&mut self, remark: Option<String>) {
        if let Some(remark) = remark {
            self.check("pages", false, &remark);
        }
    }

    /// Keeps the tokens for later steps.
    pub(super) fn hold(&mut self, token: &TokenResponse) {
        let secret = |text: &String| Secret::new(text.as_str());
        self.held.access_tokens.push(secret(&token.access_token));
        if let Some(refresh_token) = &token.refresh_token {
            self.held.refresh_tokens.push(secret(refresh_token));
            let now = self.ports.clock.now();
            let origin = (now, self.grant.kind);
            self.held.refresh_token_origins.push(origin);
            if self.grant.kind != GrantKind::RefreshToken {
                self.held.refreshes = 0;
            }
        }
        if self.grant.kind == GrantKind::RefreshToken {
            self.held.refreshes += 1;
        }
        if token.instance_url.is_some() {
            self.held.instance_url.clone_from(&token.instance_url);
        }
        if token.id.is_some() {
            self.held.identity_url.clone_from(&token.id);
        }
    }

    /// Whether a name was taken out of the requests.
    pub(super) fn leaves_out(&self, name: &str) -> bool {
        let without = &self.grant.deviations.without;
        without.iter().any(|out| out.eq_ignore_ascii_case(name))
    }

    /// Ends the step.
    pub(super) fn finish(self, outcome: Outcome) -> StepRecord {
        let scope = &self.grant.scope;
        let scope_asked = scope.clone().filter(|_| !self.leaves_out("scope"));
        let secrets = self.ports.secrets;
        let redact = |mut check: Check| {
            check.detail = secrets.redact(&check.detail);
            check
        };
        StepRecord {
            kind: self.grant.kind,
            host: self.host,
            exchanges: self.recorder.into_exchanges(),
            outcome,
            checks: self.checks.into_iter().map(redact).collect(),
            uses: self.uses,
            turned_away: self.turned_away,
            scope_asked,
            refresh_sent: self.refresh_sent,
            held: self.held,
        }
    }
}

/// Nothing is sent, and this is the sentence for the author of the file.
pub(super) fn not_sent(reason: impl Into<String>) -> Outcome {
    Outcome::NotSent {
        reason: reason.into(),
    }
}

/// A base URL as text, without the slash at its end: the form of `aud` and `iss`.
pub(super) fn base_text(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// The signing key is left to whoever read it: it is never part of a request, and its length would make each scan slow.
fn register(grant: &Grant, ports: Ports<'_>) {
    let add = |kind: &'static str, secret: Option<&Secret>| {
        if let Some(secret) = secret.filter(|secret| !secret.expose().is_empty()) {
            ports.secrets.add(kind, secret.expose());
        }
    };
    let person = grant.person.as_ref();
    add("client_secret", grant.client.client_secret.as_ref());
    add("client_secret", grant.client.former_secret.as_ref());
    add(
        "password",
        person.and_then(|person| person.password.as_ref()),
    );
    let code = person.and_then(|person| person.verification_code.as_ref());
    add("verification_code", code);
    add("security_token", grant.security_token.as_ref());
    for (kind, secrets) in [
        ("access_token", &grant.held.access_tokens),
        ("refresh_token", &grant.held.refresh_tokens),
        ("code", &grant.held.codes),
        ("assertion", &grant.held.assertions),
    ] {
        for secret in secrets {
            add(kind, Some(secret));
        }
    }
}
