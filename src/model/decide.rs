//! Judges an event. Checks run in the order of wire facts section 5.5; the first that fails names the cause.

use jiff::{SignedDuration, Timestamp};

use super::event::{ClientFact, Event};
use super::state::{
    AccessId, App, AppId, AppSettings, CodeId, DeviceId, DeviceStanding, Ended, FamilyId, OrgState,
    PersonId, RefreshId,
};
use super::trace::{CheckRow, Stage, Trace};
use super::words::SessionLevel;
use super::{ChallengeFact, Session};
use crate::cause::{AppKind, CauseId};
use crate::factor::Factor;
use crate::oauth::{GrantKind, ScopeSet};

/// What becomes of an event.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It goes through.
    Proceed {
        /// What changes.
        effects: Vec<Effect>,
        /// What is silently missing from the result.
        lacking: Vec<CauseId>,
    },
    /// A page stands in between.
    Interrupt {
        /// Which.
        page: Page,
        /// The setting that puts it there, where it is not part of every flow.
        cause: Option<CauseId>,
    },
    /// It is refused.
    Refuse {
        /// Why.
        cause: CauseId,
        /// Where.
        stage: Stage,
        /// What changes all the same: a spent code, a family that rotation ends.
        effects: Vec<Effect>,
    },
}

impl Verdict {
    /// The cause of a refusal or of an extra page.
    pub const fn cause(&self) -> Option<CauseId> {
        match self {
            Self::Proceed { .. } => None,
            Self::Interrupt { cause, .. } => *cause,
            Self::Refuse { cause, .. } => Some(*cause),
        }
    }
}

/// A page that a person must answer, or that leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Username and password.
    Login,
    /// A second factor or a code.
    Verification(PersonId),
    /// A new password, which no flow can get past.
    ChangePassword,
    /// A screen flow, which no agent can get past.
    LoginFlow,
    /// Allow or deny.
    Approval,
}

/// A change of state.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the fields are those of the records that the effect makes or changes"
)]
pub enum Effect {
    /// The browser gets a session.
    OpenSession(Session),
    /// A code is issued.
    IssueCode {
        app: AppId,
        person: PersonId,
        redirect_uri: String,
        challenge: ChallengeFact,
        scope: ScopeSet,
        asked: Option<ScopeSet>,
        level: SessionLevel,
        verified: bool,
    },
    /// A code is used up.
    SpendCode(CodeId),
    /// Tokens are issued.
    IssueTokens(Box<Tokens>),
    /// A family gives no more tokens.
    EndFamily(FamilyId, Ended),
    /// A device code is issued.
    StartDevice {
        app: AppId,
        scope: ScopeSet,
        asked: Option<ScopeSet>,
    },
    /// A device code was polled.
    Polled(DeviceId),
    /// A person answered for a device.
    SettleDevice {
        device: DeviceId,
        standing: DeviceStanding,
        level: SessionLevel,
    },
    /// An access token ends.
    RevokeAccess(AccessId),
}

/// Tokens to be issued.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub app: AppId,
    pub person: PersonId,
    pub scope: ScopeSet,
    pub asked: Option<ScopeSet>,
    pub grant: GrantKind,
    pub lifetime: SignedDuration,
    pub jwt: bool,
    pub level: SessionLevel,
    pub verified: bool,
    pub address: std::net::IpAddr,
    pub family: FamilyPlan,
}

/// What becomes of the family of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyPlan {
    /// No approval is recorded: client credentials, JWT bearer, password, exchange.
    None,
    /// A new approval, with a refresh token where the scope has one.
    New,
    /// The family of the refresh token; rotation gives a new one in its place.
    Of {
        /// Which family.
        family: FamilyId,
        /// The refresh token that rotation replaces.
        replaces: Option<RefreshId>,
    },
}

/// Judges an event at a time. Pure; the trace gets every check that was made.
pub fn decide(state: &OrgState, event: &Event, now: Timestamp, trace: &mut impl Trace) -> Verdict {
    let mut judge = Judge { state, now, trace };
    let ruling = match event {
        Event::Authorize(request) => judge.authorize(request),
        Event::PageAnswer(answer) => judge.page_answer(answer),
        Event::Token(request) => judge.token(request),
        Event::DeviceStart(request) => judge.device_start(request),
        Event::DevicePage(request) => judge.device_page(request),
        Event::Use(request) => judge.use_token(request),
        Event::Revoke(request) => judge.revoke(request),
        Event::Introspect(request) => judge.introspect(request),
        Event::Change(_) | Event::Tick => Ok(Verdict::Proceed {
            effects: Vec::new(),
            lacking: Vec::new(),
        }),
    };
    ruling.unwrap_or_else(|stop| *stop)
}

/// The way out of a chain of checks: the verdict that ends it.
pub(super) type Ruling<T = ()> = Result<T, Box<Verdict>>;

/// One judgement under way.
pub(super) struct Judge<'a, T> {
    pub(super) state: &'a OrgState,
    pub(super) now: Timestamp,
    trace: &'a mut T,
}

impl<T: Trace> Judge<'_, T> {
    /// One check: it passes, or it ends the judgement with the cause.
    pub(super) fn check(
        &mut self,
        stage: Stage,
        factor: Factor,
        passed: bool,
        found: impl FnOnce() -> String,
        needed: &'static str,
        cause: CauseId,
    ) -> Ruling {
        self.trace.check(|| CheckRow {
            stage,
            factor,
            found: found(),
            needed,
            passed,
            cause,
        });
        if passed {
            Ok(())
        } else {
            refuse(stage, cause, Vec::new())
        }
    }

    /// A check whose failure also changes the state.
    #[expect(
        clippy::too_many_arguments,
        reason = "a check is a row of a table: each argument is a column of the trace"
    )]
    pub(super) fn check_with(
        &mut self,
        stage: Stage,
        factor: Factor,
        passed: bool,
        found: impl FnOnce() -> String,
        needed: &'static str,
        cause: CauseId,
        effects: impl FnOnce() -> Vec<Effect>,
    ) -> Ruling {
        self.check(stage, factor, passed, found, needed, cause)
            .map_err(|_| {
                Box::new(Verdict::Refuse {
                    cause,
                    stage,
                    effects: effects(),
                })
            })
    }

    /// A check whose failure shows a page in place of a refusal.
    #[expect(
        clippy::too_many_arguments,
        reason = "a check is a row of a table: each argument is a column of the trace"
    )]
    pub(super) fn page_unless(
        &mut self,
        stage: Stage,
        factor: Factor,
        passed: bool,
        found: impl FnOnce() -> String,
        needed: &'static str,
        cause: CauseId,
        page: Page,
    ) -> Ruling {
        self.check(stage, factor, passed, found, needed, cause)
            .map_err(|_| {
                Box::new(Verdict::Interrupt {
                    page,
                    cause: Some(cause),
                })
            })
    }

    pub(super) fn app(&self, id: AppId) -> &App {
        &self.state.apps[id.0]
    }

    /// The settings in effect.
    pub(super) fn settings(&self, id: AppId) -> &AppSettings {
        self.app(id).settings.at(self.now)
    }

    pub(super) fn is_eca(&self, id: AppId) -> bool {
        self.app(id).kind == AppKind::ExternalClientApp
    }

    /// The app of a client id, once it is known that there is one.
    pub(super) fn known(client: ClientFact) -> AppId {
        match client {
            ClientFact::Known(app) => app,
            _ => unreachable!("invariant: `client` ended every judgement without a known app"),
        }
    }
}

pub(super) fn refuse<R>(stage: Stage, cause: CauseId, effects: Vec<Effect>) -> Ruling<R> {
    Err(Box::new(Verdict::Refuse {
        cause,
        stage,
        effects,
    }))
}

pub(super) fn interrupt<R>(page: Page) -> Ruling<R> {
    Err(Box::new(Verdict::Interrupt { page, cause: None }))
}

pub(super) const fn proceed(effects: Vec<Effect>, lacking: Vec<CauseId>) -> Verdict {
    Verdict::Proceed { effects, lacking }
}
