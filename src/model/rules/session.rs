//! "High assurance session required" (eca-policy 1.5, wire facts 6.3) and how long a session lives.

use jiff::SignedDuration;

use super::super::decide::{Judge, Page, Ruling};
use super::super::state::{AppId, PersonId};
use super::super::trace::{Stage, Trace};
use super::super::words::{PolicyAction, SessionLevel};
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::oauth::GrantKind;

impl<T: Trace> Judge<'_, T> {
    /// The app's session level policy. `level`: that of the person's session; flows without a person have STANDARD.
    pub(super) fn session_level(
        &mut self,
        app: AppId,
        person: PersonId,
        grant: GrantKind,
        level: SessionLevel,
    ) -> Ruling {
        let settings = self.settings(app);
        let (required, action, only_refresh) = (
            settings.required_session_level,
            settings.policy_action,
            settings.mfa_only_for_refresh,
        );
        let found = || level.word().to_owned();
        // Goes beyond the platform: a switch of the simulated org.
        let below_for_refresh =
            only_refresh && grant == GrantKind::RefreshToken && level < SessionLevel::HighAssurance;
        self.check(
            Stage::Session,
            Factor::MfaOnlyForRefresh,
            !below_for_refresh,
            found,
            "a grant that was approved with a second factor",
            CauseId::SessionHighAssuranceRaise,
        )?;
        if required < SessionLevel::HighAssurance {
            return self.check(
                Stage::Session,
                Factor::RequiredSessionLevel,
                true,
                || required.word().to_owned(),
                "below HIGH_ASSURANCE, or a session of that level",
                CauseId::SessionHighAssuranceRaise,
            );
        }
        let high = level >= SessionLevel::HighAssurance;
        let needed = "HIGH_ASSURANCE";
        if action == PolicyAction::Block {
            // Not listed for these two flows; the facts do not say that they are blocked.
            let exempt = matches!(
                grant,
                GrantKind::UsernamePassword | GrantKind::TokenExchange
            );
            return self.check(
                Stage::Session,
                Factor::PolicyAction,
                high || exempt,
                found,
                needed,
                CauseId::SessionHighAssuranceBlock,
            );
        }
        let cause = if action == PolicyAction::StepUpMfa {
            CauseId::SessionStepupMfa
        } else {
            CauseId::SessionHighAssuranceRaise
        };
        match grant {
            GrantKind::AuthorizationCode | GrantKind::Device => self.page_unless(
                Stage::Session,
                Factor::PolicyAction,
                high,
                found,
                needed,
                cause,
                Page::Verification(person),
            ),
            // Flows without a user step cannot raise the level and are blocked.
            GrantKind::JwtBearer | GrantKind::UsernamePassword => self.check(
                Stage::Session,
                Factor::PolicyAction,
                high,
                found,
                needed,
                cause,
            ),
            GrantKind::RefreshToken | GrantKind::ClientCredentials | GrantKind::TokenExchange => {
                Ok(())
            }
        }
    }

    /// How long an access token of the app lives: the app's timeout, else the org's; JWT tokens have their own.
    pub(super) fn token_lifetime(&self, app: AppId) -> SignedDuration {
        let settings = self.settings(app);
        let minutes = if settings.named_user_jwt {
            settings.named_user_jwt_timeout_minutes
        } else {
            settings
                .session_timeout_minutes
                .unwrap_or(self.state.org.session_timeout_minutes)
        };
        SignedDuration::from_mins(minutes.clamp(1, 60 * 24 * 365))
    }
}
