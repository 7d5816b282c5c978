//! The token exchange grant and its handler (RFC 8693).

use super::right_or;
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::model::decide::{Effect, FamilyPlan, Judge, Ruling, Verdict, proceed, refuse};
use crate::model::event::{Brings, SubjectFact, Token};
use crate::model::state::AppId;
use crate::model::trace::{Stage, Trace};
use crate::model::words::Handler;
use crate::oauth::GrantKind;

impl<T: Trace> Judge<'_, T> {
    pub(super) fn token_exchange(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let settings = self.settings(app).clone();
        let grant = GrantKind::TokenExchange;
        let (developer, admin, handler) = (
            settings.token_exchange_in_settings,
            settings.token_exchange_in_policies,
            settings.token_exchange_handler,
        );
        self.check(
            Stage::Grant,
            Factor::TokenExchangeInSettings,
            developer,
            || developer.to_string(),
            "true",
            CauseId::TxOffInSettings,
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
            Factor::TokenExchangeInPolicies,
            admin,
            || admin.to_string(),
            "true",
            CauseId::TxOffInPolicies,
        )?;
        self.check(
            Stage::Grant,
            Factor::TokenExchangeHandler,
            handler != Handler::NotEnabled,
            || handler.word().to_owned(),
            "enabled",
            CauseId::TxHandlerNotEnabled,
        )?;
        let Brings::Subject(subject) = request.brings else {
            return refuse(Stage::Grant, CauseId::SubjectTokenInvalid, Vec::new());
        };
        self.check(
            Stage::Grant,
            Factor::SubjectToken,
            subject != SubjectFact::OwnJwt,
            right_or(
                subject != SubjectFact::OwnJwt,
                "a JWT access token of this org",
            ),
            "a subject token that the handler takes",
            CauseId::SubjectTokenIsJwtFormat,
        )?;
        let subject_of = match subject {
            SubjectFact::Of(person) => Some(person),
            SubjectFact::OwnJwt | SubjectFact::Invalid => None,
        };
        self.check(
            Stage::Grant,
            Factor::SubjectToken,
            subject_of.is_some(),
            right_or(subject_of.is_some(), "invalid"),
            "a subject token that the handler takes",
            CauseId::SubjectTokenInvalid,
        )?;
        let Some(person) = subject_of else {
            return refuse(Stage::Grant, CauseId::SubjectTokenInvalid, Vec::new());
        };
        self.check(
            Stage::Grant,
            Factor::TokenExchangeHandler,
            handler != Handler::Rejects,
            || handler.word().to_owned(),
            "a handler that accepts the subject",
            CauseId::TxHandlerRejects,
        )?;
        self.permitted(app, person, grant, None)?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.address(app, person, grant, request.caller, false)?;
        let scope = self.scope_without_page(app, person, &settings);
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }
}
