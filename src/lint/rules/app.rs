//! Checks of the app as a whole: whether it is on, for whom, and of which org.

use super::super::finding::Severity as S;
use super::super::subject::{Draft, Spot, Subject};
use crate::cause::CauseId as C;
use crate::factor::Factor as F;
use crate::metadata::RecordType as R;
use crate::oauth::GrantKind as G;

pub(super) fn off(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    for (factor, cause, what) in [
        (F::AppEnabled, C::EcaDisabled, "the app is switched off"),
        (
            F::OauthPluginEnabled,
            C::OauthPluginDisabled,
            "the OAuth plugin of the app is switched off",
        ),
    ] {
        if app.is(factor, false) {
            found.push(
                app.about(cause, S::Error, factor, "true")
                    .flows(app.flows(&G::ALL))
                    .says(what),
            );
        }
    }
}

pub(super) fn nobody_is_admitted(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let empty = |factor| app.names(factor).is_some_and(<[String]>::is_empty);
    if app.is(F::PermittedUsers, "AdminApprovedPreAuthorized")
        && empty(F::SelectedPermissionSets)
        && empty(F::SelectedProfiles)
    {
        let flows = [
            G::AuthorizationCode,
            G::RefreshToken,
            G::JwtBearer,
            G::Device,
            G::ClientCredentials,
            G::TokenExchange,
        ];
        found.push(
            app.about(
                C::UserNotPreauthorized,
                S::Error,
                F::SelectedPermissionSets,
                "a permission set or a profile of the users",
            )
            .flows(app.flows(&flows))
            .says("admin approved users alone may use the app, and no permission set and no profile is listed"),
        );
    }
}

/// The 15 or 18 characters of a record id behind its key prefix.
fn is_id(name: &str, prefix: &str) -> bool {
    name.starts_with(prefix)
        && matches!(name.len(), 15 | 18)
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

pub(super) fn listed_by_id(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    for (factor, prefix, what) in [
        (F::SelectedPermissionSets, "0PS", "permission set"),
        (F::SelectedProfiles, "00e", "profile"),
    ] {
        let names = app.names(factor).unwrap_or_default();
        if let Some(id) = names.iter().find(|name| is_id(name, prefix)) {
            found.push(
                app.about(
                    C::PreauthPermsetById,
                    S::Error,
                    factor,
                    format!("the API name of the {what}"),
                )
                .flows(vec!["metadata_deploy"])
                .says(format!(
                    "`{id}` is the id of a {what}; a deploy takes names"
                )),
            );
        }
    }
}

pub(super) fn api_access_control(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::ApiAccessControl, true) && app.is(F::PermittedUsers, "AllSelfAuthorized") {
        found.push(
            app.about(
                C::ApiAccessControlInternal,
                S::Error,
                F::PermittedUsers,
                "AdminApprovedPreAuthorized",
            )
            .flows(vec!["api_call"])
            .says("API Access Control of the org lets users call the API through admin approved apps alone"),
        );
    }
}

/// The id of an org that stands in a text: `00D` and 12 or 15 characters more.
fn org_id(text: &str) -> Option<&str> {
    let at = text.find("00D")?;
    let length = text[at..]
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len() - at);
    // Without a separator behind it the short form is all that can be told.
    let length = if length == 18 { 18 } else { 15 };
    text.get(at..at + length)
}

/// Two forms of one id: the last three letters of the long one only repeat it.
fn same_org(one: &str, other: &str) -> bool {
    one.get(..15)
        .is_some_and(|short| Some(short) == other.get(..15))
}

pub(super) fn of_another_org(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let Some(header) = app.app.record(R::ExternalClientApplication) else {
        return;
    };
    if !app.is(F::DistributionState, "Local") {
        return;
    }
    let target = app.context.options.org_id.as_deref();
    let scoped = header.text("orgScopedExternalApp").unwrap_or_default();
    let born = org_id(scoped);
    if let Some(own) = born
        && target.is_none_or(|target| !same_org(own, target))
    {
        let message = match target {
            Some(target) => format!(
                "the app is Local and belongs to the org {own}; in {target} its deploy is refused, and its users are of another org"
            ),
            None => format!(
                "the app is Local and belongs to the org {own} alone; a deploy to any other org is refused (`--org-id {own}` says that this is the one)"
            ),
        };
        // Which org is meant is known, or it is not.
        let (severity, flows) = match target {
            Some(_) => (S::Error, vec!["metadata_deploy"]),
            None => (S::Warning, app.flows(&[G::AuthorizationCode, G::Device])),
        };
        found.push(
            Draft::new(
                C::LocalAppCrossOrg,
                severity,
                Spot::of(header, "orgScopedExternalApp"),
            )
            .declared(scoped)
            .needed(target.map_or_else(
                || "no org id, or that of the target org".to_owned(),
                |target| format!("no org id, or {target}"),
            ))
            .flows(flows)
            .says(message)
            .fix("take the element out: each org makes its own at the first deploy; or pass the id of the target org with `--org-id`"),
        );
    }
    link(app, target.or(born), found);
}

/// The server writes into `oauthLink` which org an app was born in.
fn link(app: &Subject<'_, '_>, expected: Option<&str>, found: &mut Vec<Draft>) {
    let Some(settings) = app.app.record(R::ExtlClntAppOauthSettings) else {
        return;
    };
    let link = settings.text("oauthLink").and_then(org_id);
    if let (Some(link), Some(expected)) = (link, expected)
        && !same_org(link, expected)
    {
        found.push(
            Draft::new(
                C::SandboxRefreshLostCredentials,
                S::Warning,
                Spot::of(settings, "oauthLink"),
            )
            .declared(link)
            .needed(expected)
            .flows(app.flows(&G::ALL))
            .says("the app was born in another org: a refreshed sandbox has no credentials of it"),
        );
    }
}

pub(super) fn rotates_at_each_deploy(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let kind = R::ExtlClntAppGlobalOauthSettings;
    let Some(global) = app.app.record(kind) else {
        return;
    };
    for (path, cause, what) in [
        (
            "shouldRotateConsumerKey",
            C::ConsumerKeyRotated,
            "consumer key",
        ),
        (
            "shouldRotateConsumerSecret",
            C::SecretRotated,
            "consumer secret",
        ),
    ] {
        if global.flag(path) == Some(true) {
            found.push(
                Draft::new(cause, S::Warning, Spot::of(global, path))
                    .declared("true")
                    .needed("false")
                    .flows(app.flows(&G::ALL))
                    .says(format!(
                        "each deploy makes a new {what}, and every client goes on with the old one"
                    )),
            );
        }
    }
}

pub(super) fn blocked(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::AppBlocked, true) {
        found.push(
            app.about(C::AppBlocked, S::Error, F::AppBlocked, "no block")
                .declared("the consumer key of the app")
                .flows(app.flows(&G::ALL))
                .says("the org blocks the app for all users"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        assert!(is_id("0PS000000000001AAA", "0PS"));
        assert!(is_id("00e000000000001", "00e"));
        assert!(!is_id("0PS_is_a_name", "0PS"));
        assert!(!is_id("Harness_Oauth_Access", "0PS"));
    }

    #[test]
    fn an_org_is_read_out_of_a_text() {
        assert_eq!(org_id("00D000000000001:My_App"), Some("00D000000000001"));
        assert_eq!(org_id("00D000000000001EAA:A"), Some("00D000000000001EAA"));
        assert_eq!(org_id("00D0000000000013MVG9x"), Some("00D000000000001"));
        assert_eq!(org_id("My_App"), None);
        assert_eq!(org_id("00D1"), None);
        assert!(same_org("00D000000000001EAA", "00D000000000001"));
        assert!(!same_org("00D000000000001", "00D000000000002"));
    }
}
