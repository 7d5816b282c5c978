//! The state of a user, at the login page and in flows without one.

use super::super::decide::{Effect, Judge, Page, Ruling, Verdict, interrupt, proceed};
use super::super::event::{Caller, PageAnswer, PageInput, SecretFact, Session};
use super::super::settings::in_hours;
use super::super::state::{OrgState, PersonId};
use super::super::trace::{Stage, Trace};
use super::super::words::{OrgEnvironment, SessionLevel};
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::oauth::{GrantKind, HostKind};

impl<T: Trace> Judge<'_, T> {
    /// A person answers the login or the verification page.
    pub(in super::super) fn page_answer(&mut self, answer: &PageAnswer) -> Ruling<Verdict> {
        match answer.page {
            PageInput::Login { person, password } => self.login(answer.caller, person, password),
            PageInput::Verification { person, code } => {
                if code != SecretFact::Right {
                    // The page is shown again.
                    return interrupt(Page::Verification(person));
                }
                let level = if self.state.org.mfa_is_high_assurance {
                    SessionLevel::HighAssurance
                } else {
                    SessionLevel::Standard
                };
                let session = Session {
                    person,
                    level,
                    verified: true,
                    other_org: false,
                };
                Ok(proceed(vec![Effect::OpenSession(session)], Vec::new()))
            }
        }
    }

    fn login(
        &mut self,
        caller: Caller,
        person: Option<PersonId>,
        password: SecretFact,
    ) -> Ruling<Verdict> {
        self.org_active()?;
        self.my_domain_login(caller)?;
        let sso = self.state.org.sso_only_login;
        self.check(
            Stage::Login,
            Factor::SsoOnlyLogin,
            !sso,
            || sso.to_string(),
            "false",
            CauseId::SsoOnlyLogin,
        )?;
        let person = self.user_named(person)?;
        self.not_locked(person)?;
        self.check(
            Stage::Login,
            Factor::Password,
            password == SecretFact::Right,
            || {
                if password == SecretFact::Right {
                    "right"
                } else {
                    "wrong"
                }
                .to_owned()
            },
            "the password of the user",
            CauseId::PasswordWrong,
        )?;
        self.in_service(person, GrantKind::AuthorizationCode)?;
        self.login_rate(person)?;
        self.login_hours(person)?;
        let someone = &self.state.people[person.0];
        let (expired, flow) = (someone.password_expired, someone.login_flow);
        let mfa = self.state.org.mfa_ui_login || someone.mfa_for_ui;
        let unknown_address = self.state.org.device_activation
            && !self
                .state
                .org
                .network_access
                .iter()
                .any(|net| net.contains(&caller.address));
        self.page_unless(
            Stage::Login,
            Factor::PasswordExpired,
            !expired,
            || expired.to_string(),
            "false",
            CauseId::PasswordExpired,
            Page::ChangePassword,
        )?;
        self.page_unless(
            Stage::Login,
            Factor::LoginFlow,
            !flow,
            || flow.to_string(),
            "false",
            CauseId::LoginFlowInterrupts,
            Page::LoginFlow,
        )?;
        self.page_unless(
            Stage::Login,
            Factor::MfaUiLogin,
            !mfa,
            || mfa.to_string(),
            "a second factor",
            CauseId::MfaUiLogin,
            Page::Verification(person),
        )?;
        self.page_unless(
            Stage::Login,
            Factor::DeviceActivation,
            !unknown_address,
            || caller.address.to_string(),
            "a trusted address, or identity verification",
            CauseId::OrgDeviceActivation,
            Page::Verification(person),
        )?;
        let session = Session {
            person,
            level: SessionLevel::Standard,
            verified: false,
            other_org: false,
        };
        Ok(proceed(vec![Effect::OpenSession(session)], Vec::new()))
    }

    /// A user of the org by the username that was typed or sent.
    pub(super) fn user_named(&mut self, person: Option<PersonId>) -> Ruling<PersonId> {
        self.check(
            Stage::Login,
            Factor::Username,
            person.is_some(),
            || known(person.is_some()),
            "the username of a user of this org",
            CauseId::UsernameWrong,
        )?;
        Ok(person.expect("invariant: the check above ended every login without a user"))
    }

    /// "Prevent login from `https://login.salesforce.com`".
    pub(super) fn my_domain_login(&mut self, caller: Caller) -> Ruling {
        let only = self.state.org.my_domain_only_login;
        self.check(
            Stage::Login,
            Factor::MyDomainOnlyLogin,
            !(only && caller.host.is_generic()),
            || caller.host.to_string(),
            "my_domain",
            CauseId::MydomainOnlyLogin,
        )
    }

    /// Not locked out. Only flows with a password ask.
    pub(super) fn not_locked(&mut self, person: PersonId) -> Ruling {
        let locked = self.state.people[person.0].locked;
        self.check(
            Stage::Person,
            Factor::UserLocked,
            !locked,
            || locked.to_string(),
            "false",
            CauseId::UserLocked,
        )
    }

    /// Active and not frozen. For the run-as user of client credentials both are one cause.
    pub(super) fn in_service(&mut self, person: PersonId, grant: GrantKind) -> Ruling {
        let someone = &self.state.people[person.0];
        let (active, frozen) = (someone.active, someone.frozen);
        let run_as = grant == GrantKind::ClientCredentials;
        let cause = |own: CauseId| {
            if run_as {
                CauseId::CcRunAsUnusable
            } else {
                own
            }
        };
        self.check(
            Stage::Person,
            Factor::UserActive,
            active,
            || active.to_string(),
            "true",
            cause(CauseId::UserInactive),
        )?;
        self.check(
            Stage::Person,
            Factor::UserFrozen,
            !frozen,
            || frozen.to_string(),
            "false",
            cause(CauseId::UserFrozen),
        )
    }

    /// At most 3,600 logins an hour.
    pub(super) fn login_rate(&mut self, person: PersonId) -> Ruling {
        let exceeded = self.state.people[person.0].login_rate_exceeded;
        self.check(
            Stage::Person,
            Factor::LoginRate,
            !exceeded,
            || exceeded.to_string(),
            "at most 3,600 logins an hour",
            CauseId::LoginRateExceeded,
        )
    }

    /// Profile login hours, in minutes of the day (UTC).
    pub(super) fn login_hours(&mut self, person: PersonId) -> Ruling {
        let hours = self.state.people[person.0].login_hours;
        let minute = self.now.as_second().rem_euclid(86_400) / 60;
        let inside = hours.is_none_or(|(from, to)| (from..to).contains(&minute));
        self.check(
            Stage::Network,
            Factor::LoginHours,
            inside,
            || hours.map_or_else(|| "always".to_owned(), |(from, to)| in_hours(from, to)),
            "hours that hold the present",
            CauseId::LoginHoursRestricted,
        )
    }
}

fn known(known: bool) -> String {
    if known { "known" } else { "unknown" }.to_owned()
}

impl OrgState {
    /// The generic host that fits the org's environment.
    pub fn generic_host(&self) -> HostKind {
        match self.org.environment {
            OrgEnvironment::Production => HostKind::Login,
            OrgEnvironment::Sandbox => HostKind::Test,
        }
    }
}
