//! The JWT bearer grant: the assertion, and what stands for the page that nobody sees (RFC 7523).

use super::right_or;
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::model::AppSettings;
use crate::model::decide::{Effect, FamilyPlan, Judge, Ruling, Verdict, proceed, refuse};
use crate::model::event::{AssertionFact, Brings, Token};
use crate::model::state::{AppId, PersonId};
use crate::model::trace::{Stage, Trace};
use crate::model::words::{Certificate, PermittedUsers, SessionLevel};
use crate::oauth::{GrantKind, ScopeSet};

impl<T: Trace> Judge<'_, T> {
    pub(super) fn jwt_bearer(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        let Brings::Assertion(fact) = &request.brings else {
            return refuse(Stage::Grant, CauseId::JwtMalformed, Vec::new());
        };
        let grant = GrantKind::JwtBearer;
        self.assertion(app, fact)?;
        self.my_domain_needed(request.caller)?;
        self.check(
            Stage::Grant,
            Factor::AssertionSubject,
            fact.person.is_some(),
            right_or(fact.person.is_some(), "no username of this org"),
            "a username of this org",
            CauseId::JwtSubjectWrong,
        )?;
        let Some(person) = fact.person else {
            return refuse(Stage::Grant, CauseId::JwtSubjectWrong, Vec::new());
        };
        self.permitted(app, person, grant, None)?;
        let settings = self.settings(app).clone();
        self.check(
            Stage::Admission,
            Factor::Scopes,
            settings.scopes.asks_refresh(),
            || settings.scopes.to_wire(),
            "refresh_token or offline_access among the scopes",
            CauseId::ScopeRefreshMissingJwt,
        )?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.login_rate(person)?;
        self.login_hours(person)?;
        self.address(app, person, grant, request.caller, false)?;
        self.session_level(app, person, grant, SessionLevel::Standard)?;
        let scope = self.scope_without_page(app, person, &settings);
        let tokens = self.tokens(app, person, grant, scope, None, request, FamilyPlan::None);
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    /// Scopes of the app under admin pre-approval, else those of earlier approvals together (wire facts section 4).
    pub(super) fn scope_without_page(
        &self,
        app: AppId,
        person: PersonId,
        settings: &AppSettings,
    ) -> ScopeSet {
        if settings.permitted_users == PermittedUsers::AdminApprovedPreAuthorized {
            return settings.scopes.clone();
        }
        self.state
            .families
            .iter()
            .filter(|family| family.app == app && family.person == person && family.ended.is_none())
            .flat_map(|family| family.scope.iter())
            .collect()
    }

    fn assertion(&mut self, app: AppId, fact: &AssertionFact) -> Ruling {
        let certificate = self.settings(app).certificate;
        let expired_refuses = self.settings(app).expired_certificate_refuses;
        self.check(
            Stage::Grant,
            Factor::AssertionForm,
            fact.well_formed,
            right_or(fact.well_formed, "no signed JWT"),
            "a signed JWT",
            CauseId::JwtMalformed,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionAlgorithm,
            fact.rs256,
            right_or(fact.rs256, "another"),
            "RS256",
            CauseId::JwtAlgorithmUnsupported,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionClaims,
            fact.complete,
            right_or(fact.complete, "incomplete"),
            "iss, sub, aud and exp",
            CauseId::JwtClaimsMissing,
        )?;
        self.check(
            Stage::Grant,
            Factor::Certificate,
            certificate != Certificate::Absent,
            || certificate.word().to_owned(),
            "a certificate on the app",
            CauseId::JwtCertificateMissing,
        )?;
        let matches = fact.signature && certificate != Certificate::Other;
        self.check(
            Stage::Grant,
            Factor::AssertionKey,
            matches,
            right_or(matches, "the signature does not fit the certificate"),
            "the key of the app's certificate",
            CauseId::JwtCertificateMismatch,
        )?;
        self.check(
            Stage::Grant,
            Factor::Certificate,
            certificate != Certificate::Expired || !expired_refuses,
            || certificate.word().to_owned(),
            "a certificate that has not ended",
            CauseId::JwtCertificateExpired,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionAudience,
            fact.audience,
            right_or(
                fact.audience,
                "no address of this org's authorization server",
            ),
            "the login host or the My Domain of the org",
            CauseId::JwtAudienceWrong,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionExpiry,
            fact.in_time,
            right_or(fact.in_time, "passed"),
            "ahead, with three minutes of skew",
            CauseId::AssertionClockOrLifetime,
        )?;
        self.check(
            Stage::Grant,
            Factor::AssertionJti,
            !fact.replayed,
            right_or(!fact.replayed, "used before"),
            "a fresh jti, or none",
            CauseId::JwtJtiReplayed,
        )
    }
}
