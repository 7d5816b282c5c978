//! Who may use the app: permitted users, API Access Control.

use super::super::decide::{Judge, Ruling};
use super::super::state::{AppId, Family, PersonId};
use super::super::trace::{Stage, Trace};
use super::super::words::{Approved, Assignment, PermittedUsers, UserType};
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::oauth::GrantKind;

impl<T: Trace> Judge<'_, T> {
    /// Setting "Permitted Users" (`ExtlClntAppOauthConfigurablePolicies.permittedUsersPolicyType`). Under self-authorize the flows
    /// without a person need an earlier approval that included `refresh_token` (wire facts 2.4).
    pub(super) fn permitted(
        &mut self,
        app: AppId,
        person: PersonId,
        grant: GrantKind,
        family: Option<&Family>,
    ) -> Ruling {
        if self.settings(app).permitted_users == PermittedUsers::AllSelfAuthorized {
            return self.self_authorized(app, person, grant);
        }
        let someone = &self.state.people[person.0];
        let settings = self.settings(app);
        let by_profile = settings.selected_profiles.contains(&someone.profile);
        let assigned = someone
            .permission_sets
            .iter()
            .any(|name| settings.selected_permission_sets.contains(name));
        let assignment = someone.assignment;
        // Holders of this permission are exempt (eca-policy 2.15).
        let exempt = someone.use_any_api_client;
        let listed = by_profile || assigned || exempt;
        let found = format!(
            "profile {}; permission sets {}",
            someone.profile,
            if someone.permission_sets.is_empty() {
                "(none)".to_owned()
            } else {
                someone.permission_sets.join(", ")
            }
        );
        let unlisted = match (grant, family) {
            (GrantKind::ClientCredentials, _) => CauseId::CcRunAsNotPreauthorized,
            (GrantKind::RefreshToken, Some(family))
                if family.under == PermittedUsers::AllSelfAuthorized =>
            {
                CauseId::PreauthSwitchCutOff
            }
            _ => CauseId::UserNotPreauthorized,
        };
        self.check(
            Stage::Admission,
            Factor::UserPermissionSets,
            listed,
            || found,
            "a profile or permission set that the app lists",
            unlisted,
        )?;
        self.check(
            Stage::Admission,
            Factor::PermissionSetAssignment,
            by_profile || exempt || assignment == Assignment::Active,
            || assignment.word().to_owned(),
            "active",
            CauseId::PreauthPermsetInactive,
        )
    }

    fn self_authorized(&mut self, app: AppId, person: PersonId, grant: GrantKind) -> Ruling {
        if !matches!(grant, GrantKind::JwtBearer | GrantKind::TokenExchange) {
            return self.check(
                Stage::Admission,
                Factor::PermittedUsers,
                true,
                || PermittedUsers::AllSelfAuthorized.word().to_owned(),
                "AllSelfAuthorized, or a profile or permission set that the app lists",
                CauseId::UserNotPreauthorized,
            );
        }
        let approved = self.state.approved(app, person);
        let cause = if self.settings_missing(app) {
            CauseId::PolicyRecordMissing
        } else {
            CauseId::JwtUserNotSelfApproved
        };
        self.check(
            Stage::Admission,
            Factor::Approval,
            approved == Approved::WithRefreshToken,
            || approved.word().to_owned(),
            "an approval with refresh_token, or admin pre-approval",
            cause,
        )
    }

    /// Whether the app runs on metadata defaults because its policy record is missing.
    pub(super) fn settings_missing(&self, app: AppId) -> bool {
        !self.settings(app).policy_record
    }

    /// API Access Control: org gates that bind apps with self-authorize, or external users (eca-policy 2.14).
    pub(super) fn api_access_control(
        &mut self,
        stage: Stage,
        app: AppId,
        person: PersonId,
    ) -> Ruling {
        let settings = self.settings(app);
        let someone = &self.state.people[person.0];
        let external = someone.user_type == UserType::External;
        let exempt = someone.use_any_api_client;
        let open = settings.permitted_users == PermittedUsers::AllSelfAuthorized;
        let installed = settings.installed;
        let (internal_gate, external_gate) = (
            self.state.org.api_access_control,
            self.state.org.api_access_control_external,
        );
        self.check(
            stage,
            Factor::ApiAccessControl,
            external || exempt || !(internal_gate && open),
            || internal_gate.to_string(),
            "false, or an admin approved app that lists the user",
            CauseId::ApiAccessControlInternal,
        )?;
        self.check(
            stage,
            Factor::ApiAccessControlExternal,
            !(external_gate && external && !exempt && (open || !installed)),
            || external_gate.to_string(),
            "false, or an installed app that lists the user",
            CauseId::ApiAccessControlExternal,
        )
    }
}
