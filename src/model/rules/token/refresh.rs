//! The refresh of a token: the life of the refresh token, and what ended it.

use jiff::SignedDuration;

use super::{right_or, sent};
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::model::decide::{Effect, FamilyPlan, Judge, Ruling, Tokens, Verdict, proceed, refuse};
use crate::model::event::{Brings, Token, VerifierFact};
use crate::model::state::{AppId, Ended, FamilyId, RefreshId};
use crate::model::trace::{Stage, Trace};
use crate::model::words::RefreshTokenPolicy;
use crate::oauth::GrantKind;

/// The idle limit that stands beside the refresh token policy.
const IDLE_LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl<T: Trace> Judge<'_, T> {
    pub(super) fn refresh(&mut self, app: AppId, request: &Token) -> Ruling<Verdict> {
        self.check(
            Stage::Grant,
            Factor::CodeVerifier,
            request.verifier == VerifierFact::Absent,
            || sent(request.verifier != VerifierFact::Absent),
            "no code_verifier in a refresh",
            CauseId::PkceVerifierUnexpected,
        )?;
        let family_of = self
            .family(request)
            .filter(|(_, family)| self.state.families[family.0].app == app);
        self.check(
            Stage::Grant,
            Factor::RefreshTokenRevoked,
            family_of.is_some(),
            right_or(family_of.is_some(), "no token of this app"),
            "a refresh token of this app",
            CauseId::RefreshRevoked,
        )?;
        let Some((token, id)) = family_of else {
            return refuse(Stage::Grant, CauseId::RefreshRevoked, Vec::new());
        };
        self.refresh_token_alive(app, token, id, request)?;
        let family = self.state.families[id.0].clone();
        let (person, grant) = (family.person, GrantKind::RefreshToken);
        self.permitted(app, person, grant, Some(&family))?;
        self.api_access_control(Stage::Admission, app, person)?;
        self.in_service(person, grant)?;
        self.org_active()?;
        self.login_hours(person)?;
        self.address(app, person, grant, request.caller, family.verified)?;
        self.refresh_allowlist(app, request.caller)?;
        self.session_level(app, person, grant, family.level)?;
        let rotates = self.settings(app).refresh_token_rotation;
        let plan = FamilyPlan::Of {
            family: id,
            replaces: rotates.then_some(token),
        };
        let tokens = self.tokens(
            app,
            person,
            grant,
            family.scope.clone(),
            None,
            request,
            plan,
        );
        let tokens = Tokens {
            level: family.level,
            verified: family.verified,
            ..tokens
        };
        Ok(proceed(
            vec![Effect::IssueTokens(Box::new(tokens))],
            Vec::new(),
        ))
    }

    /// Rotation, revocation, policy, idle limit: all answer `expired access/refresh token`.
    fn refresh_token_alive(
        &mut self,
        app: AppId,
        token: RefreshId,
        id: FamilyId,
        request: &Token,
    ) -> Ruling {
        let family = self.state.families[id.0].clone();
        let settings = self.settings(app).clone();
        let at_once = matches!(request.brings, Brings::Refresh { at_once: true, .. });
        self.check(
            Stage::Grant,
            Factor::RefreshAtOnce,
            !at_once,
            || {
                if at_once {
                    "another is under way"
                } else {
                    "one"
                }
                .to_owned()
            },
            "one refresh at a time",
            CauseId::RefreshConcurrentRequest,
        )?;
        // Reuse of a replaced token ends the current refresh token and all access tokens of the family.
        let replaced = self.state.refresh_tokens[token.0].replaced;
        self.check_with(
            Stage::Grant,
            Factor::RefreshTokenSent,
            !replaced,
            right_or(!replaced, "one that rotation replaced"),
            "the newest refresh token",
            CauseId::RefreshRotationReuse,
            || vec![Effect::EndFamily(id, Ended::RotationReuse)],
        )?;
        let (factor, cause) = match family.ended {
            None | Some(Ended::Revoked) => (Factor::RefreshTokenRevoked, CauseId::RefreshRevoked),
            Some(Ended::SixthApproval) => (Factor::ApprovalCount, CauseId::RefreshFiveApprovals),
            Some(Ended::RotationReuse) => (Factor::RefreshTokenSent, CauseId::RefreshRotationReuse),
            Some(Ended::SecretRotated) => (Factor::ConsumerSecret, CauseId::SecretRotated),
        };
        self.check(
            Stage::Grant,
            factor,
            family.ended.is_none(),
            || {
                if family.ended.is_none() {
                    "live"
                } else {
                    "ended"
                }
                .to_owned()
            },
            "a live approval",
            cause,
        )?;
        let policy = settings.refresh_token_policy;
        let found = || policy.word().to_owned();
        self.check(
            Stage::Grant,
            Factor::RefreshTokenPolicy,
            policy != RefreshTokenPolicy::Zero,
            found,
            "any other than Zero",
            CauseId::RefreshPolicyZero,
        )?;
        let (age, idle) = (
            self.now.duration_since(family.granted_at),
            self.now.duration_since(family.last_used),
        );
        let period = settings.refresh_token_period();
        let days = |span: SignedDuration| move || format!("{} h", span.as_hours());
        self.check(
            Stage::Grant,
            Factor::RefreshTokenAge,
            policy != RefreshTokenPolicy::SpecificLifetime || age <= period,
            days(age),
            "within the lifetime of the policy",
            CauseId::RefreshLifetimePassed,
        )?;
        self.check(
            Stage::Grant,
            Factor::RefreshTokenIdle,
            policy != RefreshTokenPolicy::SpecificInactivity || idle <= period,
            days(idle),
            "within the time of disuse of the policy",
            CauseId::RefreshInactivityPassed,
        )?;
        self.check(
            Stage::Grant,
            Factor::RefreshTokenIdleLimit,
            !settings.refresh_token_idle_limit || idle <= IDLE_LIMIT,
            days(idle),
            "at most 30 days",
            CauseId::RefreshIdleTtl,
        )
    }
}
