//! The client credentials grant, and its run-as user.

use crate::cause::CauseId;
use crate::factor::Factor;
use crate::model::decide::{Effect, FamilyPlan, Judge, Ruling, Verdict, proceed, refuse};
use crate::model::event::Token;
use crate::model::state::{AppId, PersonId};
use crate::model::trace::{Stage, Trace};
use crate::model::words::{SessionLevel, UserType};
use crate::oauth::GrantKind;

impl<T: Trace> Judge<'_, T> {
    pub(super) fn client_credentials(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let settings = self.settings(app).clone();
        let person = self.run_as(app)?;
        let grant = GrantKind::ClientCredentials;
        self.permitted(app, person, grant, None)?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.login_rate(person)?;
        self.address(app, person, grant, request.caller, false)?;
        self.session_level(app, person, grant, SessionLevel::Standard)?;
        let mut scope = settings.scopes.clone();
        for unusable in ["full", "web", "refresh_token", "offline_access"] {
            scope.remove(unusable);
        }
        for custom in settings.custom_scopes.iter() {
            scope.add(custom);
        }
        // `openid` and its family alone let nothing be called, but are scopes of the grant all the same.
        self.check(
            Stage::Scope,
            Factor::Scopes,
            !scope.is_empty(),
            || settings.scopes.to_wire(),
            "a scope other than full, web, refresh_token",
            CauseId::ScopeCcNoneValid,
        )?;
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    fn run_as(&mut self, app: AppId) -> Ruling<PersonId> {
        let settings = self.settings(app).clone();
        let (in_settings, in_policies) = (
            settings.client_credentials_in_settings,
            settings.client_credentials_in_policies,
        );
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsInSettings,
            in_settings,
            || in_settings.to_string(),
            "true",
            CauseId::CcOffInSettings,
        )?;
        self.check(
            Stage::Grant,
            Factor::PolicyRecord,
            settings.policy_record,
            || settings.policy_record.to_string(),
            "true",
            CauseId::PolicyRecordMissing,
        )?;
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsInPolicies,
            in_policies,
            || in_policies.to_string(),
            "true",
            CauseId::CcOffInPolicies,
        )?;
        let user = settings.client_credentials_flow_user;
        let found = || user.clone().unwrap_or_else(|| "(absent)".to_owned());
        let needed = "the username of an active user";
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsFlowUser,
            user.is_some(),
            found,
            needed,
            CauseId::CcRunAsMissing,
        )?;
        let person = user.as_deref().and_then(|name| self.state.person(name));
        self.check(
            Stage::Grant,
            Factor::ClientCredentialsFlowUser,
            person.is_some(),
            found,
            needed,
            CauseId::CcRunAsWrongValue,
        )?;
        let Some(person) = person else {
            return refuse(Stage::Grant, CauseId::CcRunAsWrongValue, Vec::new());
        };
        let kind = self.state.people[person.0].user_type;
        self.check(
            Stage::Grant,
            Factor::UserType,
            kind == UserType::Standard,
            || kind.word().to_owned(),
            "Standard",
            CauseId::CcRunAsExternal,
        )?;
        Ok(person)
    }
}
