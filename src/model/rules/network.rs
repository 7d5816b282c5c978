//! Addresses: profile login IP ranges and the app's relaxation of them (eca-policy, table under 1.5), the refresh token allowlist.

use super::super::decide::{Judge, Page, Ruling};
use super::super::event::Caller;
use super::super::state::{AppId, PersonId};
use super::super::trace::{Stage, Trace};
use super::super::words::IpRelaxation;
use crate::cause::CauseId;
use crate::factor::Factor;
use crate::oauth::GrantKind;

impl<T: Trace> Judge<'_, T> {
    /// Profile login IP ranges. `verified`: the person proved the identity, or the grant was so obtained.
    pub(super) fn address(
        &mut self,
        app: AppId,
        person: PersonId,
        grant: GrantKind,
        caller: Caller,
        verified: bool,
    ) -> Ruling {
        let ranges = &self.state.people[person.0].login_ip_ranges;
        let inside =
            ranges.is_empty() || ranges.iter().any(|range| range.contains(&caller.address));
        let found = || caller.address.to_string();
        let needed = "an address inside the profile's login IP ranges";
        if inside {
            return self.check(
                Stage::Network,
                Factor::LoginIpRanges,
                true,
                found,
                needed,
                CauseId::ProfileIpAppEnforce,
            );
        }
        let settings = self.settings(app);
        let relaxation = settings.ip_relaxation;
        let trusted = settings
            .trusted_ip_ranges
            .iter()
            .any(|range| range.contains(&caller.address));
        match (grant, relaxation) {
            // JWT bearer always enforces the ranges, whatever the app relaxes.
            (GrantKind::JwtBearer, _) => self.check(
                Stage::Network,
                Factor::LoginIpRanges,
                false,
                found,
                needed,
                CauseId::ProfileIpJwtAlways,
            ),
            (_, IpRelaxation::Bypass)
            | (GrantKind::RefreshToken, IpRelaxation::EnforceRelaxRefresh) => {
                self.relaxed(relaxation)
            }
            (GrantKind::ClientCredentials, _) => self.check(
                Stage::Network,
                Factor::LoginIpRanges,
                false,
                found,
                needed,
                CauseId::CcRunAsUnusable,
            ),
            (GrantKind::AuthorizationCode, IpRelaxation::BypassSecondFactor) => self.page_unless(
                Stage::Network,
                Factor::IpRelaxation,
                trusted || verified,
                found,
                "a trusted IP range of the app, or identity verification",
                CauseId::IpBypass2factor,
                Page::Verification(person),
            ),
            (GrantKind::RefreshToken, IpRelaxation::BypassSecondFactor) if verified => {
                self.relaxed(relaxation)
            }
            (_, IpRelaxation::BypassSecondFactor) => self.check(
                Stage::Network,
                Factor::IpRelaxation,
                false,
                found,
                needed,
                CauseId::IpBypass2factor,
            ),
            (_, IpRelaxation::EnforceRelaxRefresh) => self.check(
                Stage::Network,
                Factor::IpRelaxation,
                false,
                found,
                needed,
                CauseId::IpRelaxRefreshOnly,
            ),
            (_, IpRelaxation::Enforce) => self.check(
                Stage::Network,
                Factor::LoginIpRanges,
                false,
                found,
                needed,
                CauseId::ProfileIpAppEnforce,
            ),
        }
    }

    /// The address is outside, and the app does not mind.
    fn relaxed(&mut self, relaxation: IpRelaxation) -> Ruling {
        self.check(
            Stage::Network,
            Factor::IpRelaxation,
            true,
            || relaxation.word().to_owned(),
            "an address inside the profile's login IP ranges, or a relaxation",
            CauseId::ProfileIpAppEnforce,
        )
    }

    /// The app's refresh token IP allowlist: a hard block at code exchange and refresh (eca-policy 2.11).
    pub(super) fn refresh_allowlist(&mut self, app: AppId, caller: Caller) -> Ruling {
        let allowed = self
            .settings(app)
            .refresh_token_ip_allowlist
            .as_ref()
            .is_none_or(|list| list.iter().any(|range| range.contains(&caller.address)));
        self.check(
            Stage::Network,
            Factor::RefreshTokenIpAllowlist,
            allowed,
            || caller.address.to_string(),
            "an address on the app's allowlist",
            CauseId::RefreshIpAllowlist,
        )
    }
}
