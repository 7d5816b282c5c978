//! One simulated org: the state that the model judges, and what the HTTP side knows beside it: which text stands for which handle, who
//! is on which page, what was scripted. All of it in memory, behind one lock that is never held while something is waited for.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::credentials::Credentials;
use super::directory::{AuditRecord, Directory, LoginRecord};
use super::flow::Flows;
use super::weather::{Sky, Weather};
use crate::cause::CauseId;
use crate::factor::{Delta, Factor, FactorKind};
use crate::model::{
    AccessId, AppId, Applied, CheckRow, CodeId, DeltaError, DeviceId, Event, Ledger, OrgState,
    PersonId, RefreshId, Session, Stage, Verdict, apply, decide, set_for,
};
use crate::ports::{Clock, Entropy};

/// The ledger keeps this many verdicts; older ones are forgotten, so that a server that runs for weeks does not grow by it.
const LEDGER: usize = 2_000;
/// Rows of login history and audit trail that are kept.
const HISTORY: usize = 20_000;
/// How long an announced burst of refreshes is waited for in real time, should fewer come than were announced.
const BURST: Duration = Duration::from_secs(5);

/// What an org is made from.
pub struct Setup {
    /// The first label of its host names: lower-case letters, digits, single hyphens.
    pub label: String,
    /// Tells orgs of one process apart in record ids.
    pub number: u64,
    /// Settings, apps, people.
    pub state: OrgState,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// Where its secrets come from.
    pub entropy: Arc<dyn Entropy>,
}

/// Where a scripted fault of the server strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultAt {
    /// The next token request.
    Token,
    /// The next REST call.
    Rest,
}

/// What a scripted fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The request is answered by a fault of the server, and not carried out.
    ServerError,
    /// The request is carried out, and the connection ends without an answer.
    LostResponse,
    /// The token counts as over, whatever it is. Of calls of the API alone: at the token endpoint a [`ServerError`](Self::ServerError).
    SessionExpired,
}

/// One verdict of the model, for tests and the second door. The diagnosis never sees it.
#[derive(Debug, Clone)]
pub struct LedgerEntry {
    /// When.
    pub at: Timestamp,
    /// The kind of event: `authorize`, `token`, `use`, …
    pub event: &'static str,
    /// `proceed`, `interrupt`, `refuse`, `fault`, or `capped`: a refresh beyond the limit of the server.
    pub verdict: &'static str,
    /// The cause of a refusal or an extra page.
    pub cause: Option<CauseId>,
    /// Silent causes of something granted.
    pub lacking: Vec<CauseId>,
    /// Where it was refused.
    pub stage: Option<Stage>,
    /// Every check that was made.
    pub checks: Vec<CheckRow>,
}

/// One simulated org.
pub struct Tenant {
    label: String,
    clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    inner: Mutex<Inner>,
    /// Rings when another refresh of a burst arrived.
    pub(super) arrived: Notify,
}

/// What the lock guards.
pub(super) struct Inner {
    pub(super) state: OrgState,
    pub(super) directory: Directory,
    pub(super) credentials: Credentials,
    pub(super) texts: Texts,
    pub(super) flows: Flows,
    pub(super) script: Script,
    pub(super) sky: Sky,
    pub(super) strict: bool,
    pub(super) refreshing: Refreshing,
    /// `jti` of assertions that gave a token.
    pub(super) seen_jti: HashSet<String>,
    ledger: VecDeque<LedgerEntry>,
}

/// Which text stands for which handle.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) codes: HashMap<String, CodeId>,
    pub(super) sent_with: HashMap<CodeId, SentWithCode>,
    pub(super) access: HashMap<String, AccessId>,
    /// The base URL that each access token was asked at, for `sub` and `id`.
    pub(super) issuers: HashMap<AccessId, String>,
    pub(super) refresh: HashMap<String, RefreshId>,
    pub(super) devices: HashMap<String, DeviceId>,
    pub(super) user_codes: HashMap<String, DeviceId>,
    pub(super) sessions: HashMap<String, BrowserSession>,
}

/// What the authorization request of a code carried and the model has no need of.
#[derive(Clone, Default)]
pub(super) struct SentWithCode {
    pub(super) challenge: Option<String>,
    /// The challenge is the verifier itself (RFC 7636 section 4.2): never in a lenient org.
    pub(super) plain: bool,
    pub(super) nonce: Option<String>,
}

/// A session of a browser.
#[derive(Clone, Copy)]
pub(super) struct BrowserSession {
    pub(super) session: Session,
    pub(super) opened: Timestamp,
}

/// What the runner or a test scripted.
#[derive(Default)]
pub(super) struct Script {
    pub(super) address: Option<IpAddr>,
    pub(super) away: Option<Duration>,
    pub(super) other_org: Option<PersonId>,
    pub(super) faults: VecDeque<(FaultAt, FaultKind)>,
}

/// Refreshes under way: of those that meet, one is granted.
#[derive(Default)]
pub(super) struct Refreshing {
    pub(super) busy: HashSet<RefreshId>,
    /// Refreshes of the announced burst that have not come yet.
    pub(super) awaited: u32,
    /// How long a refresh stays under way in real time. Zero unless a server for real clients asks for it.
    pub(super) hold: Duration,
}

/// What the model said, and the handles of what it made.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) applied: Applied,
}

impl Tenant {
    /// An org with fresh secrets.
    pub fn new(setup: Setup) -> Self {
        let now = setup.clock.now();
        let directory = Directory::of(&setup.state, setup.number, "", now);
        let credentials = Credentials::of(&setup.state, &*setup.entropy);
        Self {
            label: setup.label,
            clock: setup.clock,
            entropy: setup.entropy,
            inner: Mutex::new(Inner {
                state: setup.state,
                directory,
                credentials,
                texts: Texts::default(),
                flows: Flows::default(),
                script: Script::default(),
                sky: Sky::default(),
                strict: false,
                refreshing: Refreshing::default(),
                seen_jti: HashSet::new(),
                ledger: VecDeque::new(),
            }),
            arrived: Notify::new(),
        }
    }

    /// The first label of its host names.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its present.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Everything that its clients and people know: secrets.
    pub fn credentials(&self) -> Credentials {
        self.lock().credentials.clone()
    }

    /// Every secret text that it gave out so far: codes, tokens, device codes, browser sessions. For tests that search outputs for them.
    pub fn issued(&self) -> Vec<String> {
        let inner = self.lock();
        let texts = &inner.texts;
        let tokens = texts
            .codes
            .keys()
            .chain(texts.access.keys())
            .chain(texts.refresh.keys());
        tokens
            .chain(texts.devices.keys())
            .chain(texts.sessions.keys())
            .cloned()
            .collect()
    }

    /// Reads state and records under the lock.
    pub fn look<R>(&self, read: impl FnOnce(&OrgState, &Directory) -> R) -> R {
        let inner = self.lock();
        read(&inner.state, &inner.directory)
    }

    /// Makes a change in Setup: a setting of an app, of the org, or of people. `rotated` for consumer key or secret makes new ones, which
    /// [`credentials`](Self::credentials) then holds; the former are remembered as such.
    pub fn change(&self, delta: &Delta, app: AppId) -> Result<(), DeltaError> {
        let now = self.now();
        let mut inner = self.lock();
        set_for(&mut inner.state, app, delta, now)?;
        let rotated = delta.value.as_word() == Some("rotated");
        match delta.factor {
            Factor::ConsumerSecret if rotated => {
                inner.credentials.apps[app.0].rotate_secret(&*self.entropy);
            }
            Factor::ConsumerKey if rotated => {
                inner.credentials.apps[app.0].rotate_key(&*self.entropy);
            }
            _ => {}
        }
        inner.note_change(delta, app, now);
        Ok(())
    }

    /// Adds a callback URL to those of an app, at once: where the harness listens is no part of a story.
    pub fn register_callback(&self, app: AppId, url: &str) {
        let now = self.now();
        let mut inner = self.lock();
        inner.state.apps[app.0]
            .settings
            .change(now, now, |settings| {
                if !settings.callback_urls.iter().any(|have| have == url) {
                    settings.callback_urls.push(url.to_owned());
                }
            });
    }

    /// Gives an app a consumer key that its client knows beforehand.
    pub fn set_consumer_key(&self, app: AppId, key: &str) {
        key.clone_into(&mut self.lock().credentials.apps[app.0].client_id);
    }

    /// The address that the org sees from now on; `None`: the peer's own.
    pub fn set_address(&self, address: Option<IpAddr>) {
        self.lock().script.address = address;
    }

    /// The person of the next flow in a browser stays on its first page for so long, by the org's clock.
    pub fn person_away(&self, duration: Duration) {
        self.lock().script.away = Some(duration);
    }

    /// The browser of the next authorization request holds a session of another org, of the same person. `false`: no such user.
    pub fn browser_of_other_org(&self, username: &str) -> bool {
        let mut inner = self.lock();
        let person = inner.state.person(username);
        inner.script.other_org = person;
        person.is_some()
    }

    /// The next request of a kind ends in a fault. Several calls queue up.
    pub fn fault(&self, at: FaultAt, kind: FaultKind) {
        self.lock().script.faults.push_back((at, kind));
    }

    /// Holds clients to the letter of the RFCs, where the org is lenient because shipping clients need it (real-clients 1a): `exp` of an
    /// assertion must be a number of seconds, ahead, and by three minutes at most; `aud` has no slash at its end; a challenge without a
    /// method is plain; a verifier has 43 to 128 characters; slashes are not merged. That Salesforce is as lenient is inferred.
    pub fn be_strict(&self) {
        self.lock().strict = true;
    }

    /// How the org behaves as a server from now on.
    pub fn set_weather(&self, weather: Weather) {
        self.lock().sky.weather = weather;
    }

    /// The next `count` refreshes belong together: the first to come is under way until the others came, which are refused. No real time is
    /// waited. A burst that was announced and does not come whole is given up after some seconds.
    pub fn refreshes_at_once(&self, count: u32) {
        self.lock().refreshing.awaited = count;
    }

    /// Every refresh stays under way for so long in real time, as at a server of some latency: for clients that announce nothing.
    pub fn hold_refreshes(&self, hold: Duration) {
        self.lock().refreshing.hold = hold;
    }

    /// What the model said so far, oldest first.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.lock().ledger.iter().cloned().collect()
    }

    /// The same, and forgets it.
    pub fn take_ledger(&self) -> Vec<LedgerEntry> {
        self.lock().ledger.drain(..).collect()
    }

    /// The latest entry of the ledger.
    pub fn last_verdict(&self) -> Option<LedgerEntry> {
        self.lock().ledger.back().cloned()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in a handler leaves a state that was changed by whole effects only.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the org's clock on by sleeping on it: at once where the clock is virtual.
    pub(super) async fn advance(&self, span: Duration) {
        self.clock.sleep(span).await;
    }

    /// Lets the person of a flow be away, where that was scripted.
    pub(super) async fn let_person_be_away(&self) {
        let away = self.lock().script.away.take();
        if let Some(away) = away {
            self.clock.sleep(away).await;
        }
    }

    /// Counts a refresh that came, whatever becomes of it: one that was announced is waited for no longer.
    pub(super) fn refresh_came(&self) {
        let mut inner = self.lock();
        inner.refreshing.awaited = inner.refreshing.awaited.saturating_sub(1);
        drop(inner);
        self.arrived.notify_one();
    }

    /// Takes a refresh under way; `None` where one with the same token is.
    pub(super) fn begin_refresh(&self, token: RefreshId) -> Option<UnderWay<'_>> {
        let fresh = self.lock().refreshing.busy.insert(token);
        // Not `then_some`: a guard that is made and thrown away would end the refresh that is under way.
        fresh.then(|| UnderWay {
            tenant: self,
            token,
        })
    }
}

/// A refresh under way. Dropped, also by a client that leaves, it is no longer.
pub(super) struct UnderWay<'a> {
    tenant: &'a Tenant,
    token: RefreshId,
}

impl UnderWay<'_> {
    /// Stays under way until the announced burst is complete, or for the time that the server holds refreshes.
    pub(super) async fn meet_others(&self) {
        let burst = async {
            while self.tenant.lock().refreshing.awaited > 0 {
                self.tenant.arrived.notified().await;
            }
        };
        if tokio::time::timeout(BURST, burst).await.is_err() {
            self.tenant.lock().refreshing.awaited = 0;
        }
        let hold = self.tenant.lock().refreshing.hold;
        if hold > Duration::ZERO {
            tokio::time::sleep(hold).await;
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.tenant.lock().refreshing.busy.remove(&self.token);
    }
}

impl Inner {
    /// Asks the model, applies what follows, and keeps the verdict in the ledger.
    pub(super) fn judge(&mut self, event: &Event, now: Timestamp) -> Judged {
        let mut checks = Ledger::default();
        let verdict = decide(&self.state, event, now, &mut checks);
        let applied = match &verdict {
            Verdict::Proceed { effects, .. } | Verdict::Refuse { effects, .. } => {
                apply(&mut self.state, effects, now)
            }
            Verdict::Interrupt { .. } => Applied::default(),
        };
        let (word, lacking, stage) = match &verdict {
            Verdict::Proceed { lacking, .. } => ("proceed", lacking.clone(), None),
            Verdict::Interrupt { .. } => ("interrupt", Vec::new(), None),
            Verdict::Refuse { stage, .. } => ("refuse", Vec::new(), Some(*stage)),
        };
        self.note_verdict(LedgerEntry {
            at: now,
            event: name_of(event),
            verdict: word,
            cause: verdict.cause(),
            lacking,
            stage,
            checks: checks.0,
        });
        Judged { verdict, applied }
    }

    /// Takes the next scripted fault, if it is of this kind.
    pub(super) fn strikes(
        &mut self,
        at: FaultAt,
        event: &'static str,
        now: Timestamp,
    ) -> Option<FaultKind> {
        let next = self.script.faults.iter().position(|(one, _)| *one == at)?;
        let (_, kind) = self.script.faults.remove(next)?;
        self.note_fault(event, now);
        Some(kind)
    }

    /// Notes a fault of the server.
    pub(super) fn note_fault(&mut self, event: &'static str, now: Timestamp) {
        self.note_no_verdict(event, "fault", Some(CauseId::TransientServerFault), now);
    }

    /// Counts a refresh of a token; whether its client was stopped because it refreshes without limit.
    pub(super) fn refreshes_without_limit(
        &mut self,
        token: Option<RefreshId>,
        now: Timestamp,
    ) -> bool {
        let family = token.map(|token| self.state.refresh_tokens[token.0].family);
        let app = family.map_or("an app", |family| {
            let app = self.state.families[family.0].app;
            self.state.apps[app.0].name.as_str()
        });
        let stopped = self.sky.refresh(family, app, now);
        if stopped {
            self.note_no_verdict("token", "capped", None, now);
        }
        stopped
    }

    fn note_no_verdict(
        &mut self,
        event: &'static str,
        verdict: &'static str,
        cause: Option<CauseId>,
        now: Timestamp,
    ) {
        self.note_verdict(LedgerEntry {
            at: now,
            event,
            verdict,
            cause,
            lacking: Vec::new(),
            stage: None,
            checks: Vec::new(),
        });
    }

    pub(super) fn note_login(&mut self, record: LoginRecord) {
        if record.status == SUCCESS {
            self.directory.people[record.person.0].last_login_at = Some(record.at);
        }
        if self.directory.logins.len() >= HISTORY {
            self.directory.logins.remove(0);
        }
        self.directory.logins.push(record);
    }

    fn note_verdict(&mut self, entry: LedgerEntry) {
        if self.ledger.len() >= LEDGER {
            self.ledger.pop_front();
        }
        self.ledger.push_back(entry);
    }

    fn note_change(&mut self, delta: &Delta, app: AppId, now: Timestamp) {
        match delta.factor.kind() {
            FactorKind::App => self.directory.apps[app.0].modified_at = now,
            FactorKind::Person => {
                for (record, person) in self.directory.people.iter_mut().zip(&self.state.people) {
                    if delta
                        .person
                        .as_ref()
                        .is_none_or(|name| *name == person.username)
                    {
                        record.modified_at = now;
                    }
                }
            }
            FactorKind::Org | FactorKind::Request | FactorKind::Environment => {}
        }
        if self.directory.audit.len() >= HISTORY {
            self.directory.audit.remove(0);
        }
        self.directory.audit.push(AuditRecord {
            at: now,
            by: None,
            action: "changedSetting".to_owned(),
            section: "External Client Apps".to_owned(),
            display: format!("{} is now {}", delta.factor.label(), delta.value),
        });
    }
}

/// `Status` of a login that passed.
pub(super) const SUCCESS: &str = "Success";

const fn name_of(event: &Event) -> &'static str {
    match event {
        Event::Authorize(_) => "authorize",
        Event::PageAnswer(_) => "page_answer",
        Event::Token(_) => "token",
        Event::DeviceStart(_) => "device_start",
        Event::DevicePage(_) => "device_page",
        Event::Use(_) => "use",
        Event::Revoke(_) => "revoke",
        Event::Introspect(_) => "introspect",
        Event::Change(_) => "change",
        Event::Tick => "tick",
    }
}
