//! The username-password grant.

use super::right_or;
use crate::cause::{AppKind, CauseId};
use crate::factor::Factor;
use crate::model::decide::{Effect, FamilyPlan, Judge, Ruling, Verdict, proceed, refuse};
use crate::model::event::{Brings, SecretFact, Token};
use crate::model::state::AppId;
use crate::model::trace::{Stage, Trace};
use crate::model::words::SessionLevel;
use crate::oauth::GrantKind;

impl<T: Trace> Judge<'_, T> {
    pub(super) fn username_password(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let Brings::Password {
            person,
            password,
            security_token,
        } = request.brings
        else {
            return refuse(Stage::Grant, CauseId::UsernameWrong, Vec::new());
        };
        let grant = GrantKind::UsernamePassword;
        let kind = self.app(app).kind;
        let allowed = kind == AppKind::ConnectedApp || self.settings(app).username_password_on_eca;
        self.check(
            Stage::Grant,
            Factor::UsernamePasswordOnEca,
            allowed,
            || {
                if kind == AppKind::ConnectedApp {
                    "connected app"
                } else {
                    "External Client App"
                }
                .to_owned()
            },
            "a connected app",
            CauseId::UsernamePasswordUnsupportedEca,
        )?;
        let org = self.state.org.clone();
        self.check(
            Stage::Grant,
            Factor::UsernamePasswordBlocked,
            !org.username_password_blocked,
            || org.username_password_blocked.to_string(),
            "false",
            CauseId::UsernamePasswordBlockedOrg,
        )?;
        self.org_active()?;
        self.my_domain_needed(request.caller)?;
        self.my_domain_login(request.caller)?;
        self.check(
            Stage::Login,
            Factor::SsoOnlyLogin,
            !org.sso_only_login,
            || org.sso_only_login.to_string(),
            "false",
            CauseId::SsoOnlyLogin,
        )?;
        let person = self.user_named(person)?;
        self.not_locked(person)?;
        let right = password == SecretFact::Right;
        self.check(
            Stage::Login,
            Factor::Password,
            right,
            right_or(right, "wrong"),
            "the password of the user",
            CauseId::PasswordWrong,
        )?;
        self.security_token(
            security_token,
            org.network_access
                .iter()
                .any(|net| net.contains(&request.caller.address)),
        )?;
        self.in_service(person, grant)?;
        self.login_rate(person)?;
        let someone = self.state.people[person.0].clone();
        self.check(
            Stage::Person,
            Factor::PasswordExpired,
            !someone.password_expired,
            || someone.password_expired.to_string(),
            "false",
            CauseId::PasswordExpired,
        )?;
        self.check(
            Stage::Person,
            Factor::MfaForApi,
            !someone.mfa_for_api,
            || someone.mfa_for_api.to_string(),
            "false, or a one-time code after the password",
            CauseId::MfaForApiLogins,
        )?;
        self.permitted(app, person, grant, None)?;
        self.login_hours(person)?;
        self.address(app, person, grant, request.caller, false)?;
        self.session_level(app, person, grant, SessionLevel::Standard)?;
        let scope = self.settings(app).scopes.clone();
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    /// The security token is needed from an address that the org does not trust.
    fn security_token(&mut self, token: SecretFact, trusted: bool) -> Ruling {
        let needed = "the security token after the password, or a trusted address";
        self.check(
            Stage::Login,
            Factor::SecurityToken,
            trusted || token != SecretFact::Absent,
            || {
                match (trusted, token) {
                    (true, _) => "a trusted address",
                    (_, SecretFact::Absent) => "absent",
                    _ => "sent",
                }
                .to_owned()
            },
            needed,
            CauseId::SecurityTokenMissing,
        )?;
        self.check(
            Stage::Login,
            Factor::SecurityToken,
            trusted || token == SecretFact::Right,
            right_or(trusted || token == SecretFact::Right, "one that was reset"),
            needed,
            CauseId::SecurityTokenStale,
        )
    }
}
