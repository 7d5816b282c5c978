//! The remedies of a failing check: which acts let it pass, tried by running the world with each.

use std::cmp::Ordering;

use super::acts::{Remedy, acts};
use super::change::after;
use super::want::{Problem, Want};
use crate::cause::{CauseId, Shows, conditions};
use crate::exchange::Endpoint;
use crate::factor::Factor;
use crate::world::{Checks, Made, World};

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
    let before = want.run(world).1;
    let mut found: Vec<(Remedy, Effect)> = Vec::new();
    for factor in deciding(problem) {
        for remedy in acts(world, factor, want) {
            if found.iter().any(|(other, _)| other.change == remedy.change) {
                continue;
            }
            let effect = effect(&before, problem, want, &after(world, [&remedy.change]));
            if effect != Effect::None {
                found.push((remedy, effect));
            }
        }
    }
    found
}

/// What a change does to a problem: the checks of the flow before, and the world after.
pub(super) fn effect(before: &Checks, problem: &Problem, want: &Want, changed: &World) -> Effect {
    let (ran, after) = want.run(changed);
    let Some(left) = want.problem_of(changed, &ran, &after) else {
        return Effect::Lifts;
    };
    if (left.cause, left.at) == (problem.cause, problem.at) {
        return Effect::None;
    }
    match (phase(&left)).cmp(&phase(problem)) {
        Ordering::Less => Effect::None,
        Ordering::Greater => Effect::Lifts,
        // What is missing is told by its cause alone.
        Ordering::Equal if problem.shows == Shows::Silent => Effect::Lifts,
        Ordering::Equal => among_checks(before, problem, &after, &left),
    }
}

/// The token first, then what is missing from it, then its use.
const fn phase(problem: &Problem) -> u8 {
    match problem.shows {
        Shows::Refused => 0,
        Shows::Silent => 1,
        Shows::InUse => 2,
    }
}

/// What became of a failing check where another one fails now.
fn among_checks(before: &Checks, problem: &Problem, after: &Checks, left: &Problem) -> Effect {
    let passed_before = |made: &Made| {
        before.made.iter().any(|old| {
            old.row.passed
                && old.at == made.at
                && (old.row.factor, old.row.needed) == (made.row.factor, made.row.needed)
        })
    };
    let deciding = deciding(problem);
    let now_passes = after.made.iter().take(left.depth).any(|made| {
        made.row.passed
            && (made.at, made.row.stage) == (problem.at, problem.stage)
            && if made.row.factor == problem.factor {
                made.row.needed == problem.needed
            } else {
                deciding.contains(&made.row.factor) && !passed_before(made)
            }
    });
    if now_passes {
        return Effect::Lifts;
    }
    // The check is not made any more, or was not come to. Where does the other one stand?
    let first = |at: Endpoint| before.made.iter().position(|made| made.at == at);
    if left.at != problem.at {
        return match (first(left.at), first(problem.at)) {
            (Some(left), Some(problem)) if left < problem => Effect::None,
            _ => Effect::Lifts,
        };
    }
    let stood_before = before
        .made
        .iter()
        .take(problem.depth)
        .any(|made| made.row.passed && (made.at, made.row.stage) == (left.at, left.stage));
    match (left.stage == problem.stage, stood_before) {
        (true, _) => Effect::Moves,
        (false, true) => Effect::None,
        (false, false) => Effect::Lifts,
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
        C::PolicyRecordMissing => &[F::PermittedUsers, F::Approval, F::Scopes],
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
        C::JwtUserNotSelfApproved => &[F::Scopes],
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
        C::RefreshRevoked | C::RefreshRotationReuse | C::RefreshFiveApprovals => {
            &[F::RefreshTokenRevoked]
        }
        _ => &[],
    }
}
