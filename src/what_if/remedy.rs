//! The remedies of a failing check: which acts let it pass, tried by running the world with each.

use super::acts::{Remedy, acts};
use super::change::after;
use super::want::{Problem, Want};
use crate::cause::{CauseId, Shows, conditions};
use crate::factor::Factor;
use crate::world::World;

/// Causes that no setting and no act at this flow lifts, with the reason and the way round.
pub const NO_SETTING_HELPS: &[(CauseId, &str)] = &[
    (
        CauseId::UsernamePasswordUnsupportedEca,
        "an External Client App has no username-password flow: use client credentials or JWT bearer",
    ),
    (
        CauseId::OrgWithoutApi,
        "the edition has no API: an edition or an add-on with API access has to be bought",
    ),
    (
        CauseId::OrgInactive,
        "the org is locked, suspended or closed: Salesforce has to open it again",
    ),
];

/// Why no setting helps against a cause; `None` where one does.
pub fn no_setting_helps(cause: CauseId) -> Option<&'static str> {
    NO_SETTING_HELPS
        .iter()
        .find(|(id, _)| *id == cause)
        .map(|(_, reason)| *reason)
}

/// Every sensible act that takes a problem out of the way of a grant: alone it lets the check pass, whatever is behind. Narrowest first; of
/// equals in the order of the table. Empty where [`no_setting_helps`].
pub fn remedies(world: &World, problem: &Problem, want: &Want) -> Vec<Remedy> {
    if no_setting_helps(problem.cause).is_some() {
        return Vec::new();
    }
    let mut found: Vec<Remedy> = candidates(world, problem, want)
        .into_iter()
        .filter(|(_, effect)| *effect == Effect::Lifts)
        .map(|(remedy, _)| remedy)
        .collect();
    found.sort_by_key(|remedy| remedy.breadth);
    found
}

/// What an act does to a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// It stays, or the flow does not even come so far.
    None,
    /// The same check fails for another cause: a second act may finish the work.
    Moves,
    /// The check passes.
    Lifts,
}

/// The acts that do something to a problem, each tried.
pub(super) fn candidates(world: &World, problem: &Problem, want: &Want) -> Vec<(Remedy, Effect)> {
    let seated = want.seated(world);
    let mut found: Vec<(Remedy, Effect)> = Vec::new();
    for factor in deciding(problem) {
        for remedy in acts(&seated, factor, want) {
            if found.iter().any(|(other, _)| other.change == remedy.change) {
                continue;
            }
            let effect = effect(&seated, &remedy, problem, want);
            if effect != Effect::None {
                found.push((remedy, effect));
            }
        }
    }
    found
}

/// What an act does to the problem of a world.
pub(super) fn effect(world: &World, remedy: &Remedy, problem: &Problem, want: &Want) -> Effect {
    let Some(left) = want.problem(&after(world, [&remedy.change])) else {
        return Effect::Lifts;
    };
    let earlier = left.depth < problem.depth;
    if earlier || (left.cause, left.at) == (problem.cause, problem.at) {
        return Effect::None;
    }
    // What is missing is told by its cause alone; a check by its place in the flow.
    let same_check = problem.shows != Shows::Silent
        && (left.at, left.stage, left.depth) == (problem.at, problem.stage, problem.depth);
    if same_check {
        Effect::Moves
    } else {
        Effect::Lifts
    }
}

/// The factors whose acts can lift a problem: the one that the check read, those that make the cause, and those beside them in the rule.
pub(super) fn deciding(problem: &Problem) -> Vec<Factor> {
    let mut factors = vec![problem.factor];
    let made_of = conditions(problem.cause)
        .flat_map(|row| row.conditions)
        .map(|condition| condition.factor);
    for factor in made_of.chain(beside(problem.cause).iter().copied()) {
        if !factors.contains(&factor) {
            factors.push(factor);
        }
    }
    factors
}

/// What a rule reads beside the conditions of its cause.
const fn beside(cause: CauseId) -> &'static [Factor] {
    use CauseId as C;
    use Factor as F;
    match cause {
        C::LocalAppCrossOrg | C::BrowserSessionOtherOrg => &[F::DistributionState],
        C::UserDeniedConsent => &[F::Approval],
        C::ConnectedAppUninstalled => &[F::ApproveUninstalledApps, F::UseAnyApiClient],
        C::PolicyRecordMissing => &[F::PermittedUsers, F::Approval],
        C::CallbackMismatch => &[F::RedirectUri],
        C::ScopeNotOnApp | C::ScopeNameUnknown | C::ScopeCustomUnassigned => {
            &[F::ScopeAsked, F::Scopes, F::CustomScopes]
        }
        C::ScopeApiMissing | C::ScopeRefreshMissing | C::ScopeOpenidMissing => &[F::ScopeAsked],
        C::ScopeApiNotRequested | C::ScopeRefreshNotRequested | C::ScopeIdentityNotRequested => {
            &[F::Scopes]
        }
        C::PkceVerifierUnexpected => &[F::CodeVerifier],
        C::SecretRotated => &[F::ClientSecret],
        C::SecretWrong => &[F::ConsumerSecretOptional],
        C::JwtCertificateMismatch => &[F::Certificate],
        C::CcRunAsUnusable => &[
            F::UserActive,
            F::UserFrozen,
            F::LoginIpRanges,
            F::IpRelaxation,
            F::ClientCredentialsFlowUser,
        ],
        C::CcRunAsExternal => &[F::ClientCredentialsFlowUser],
        C::CcRunAsNotPreauthorized
        | C::UserNotPreauthorized
        | C::PreauthSwitchCutOff
        | C::PreauthPermsetInactive => &[
            F::UserPermissionSets,
            F::PermissionSetAssignment,
            F::SelectedPermissionSets,
            F::SelectedProfiles,
            F::PermittedUsers,
            F::UseAnyApiClient,
            F::ClientCredentialsFlowUser,
        ],
        C::ProfileIpAppEnforce
        | C::ProfileIpJwtAlways
        | C::IpRelaxRefreshOnly
        | C::IpBypass2factor => &[F::LoginIpRanges, F::IpRelaxation, F::TrustedIpRanges],
        C::EnforceIpEveryRequest => &[F::IpRelaxation],
        C::OrgDeviceActivation | C::SecurityTokenMissing | C::SecurityTokenStale => {
            &[F::NetworkAccess]
        }
        C::ApiAccessControlInternal | C::ApiAccessControlExternal => {
            &[F::PermittedUsers, F::UseAnyApiClient, F::Installed]
        }
        C::SessionHighAssuranceRaise => &[F::MfaOnlyForRefresh],
        C::ProfileSessionHighAssurance => &[F::RequiredSessionLevel],
        C::MfaUiLogin => &[F::MfaForUi],
        C::RefreshRevoked | C::RefreshRotationReuse => &[F::RefreshTokenRevoked],
        _ => &[],
    }
}
