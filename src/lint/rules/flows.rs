//! Checks of one flow each: its switches, its certificate, its run-as user, its scopes.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::super::finding::Severity as S;
use super::super::subject::{Draft, Spot, Subject};
use crate::cause::CauseId as C;
use crate::factor::{Factor as F, Value};
use crate::metadata::RecordType as R;
use crate::oauth::GrantKind as G;

/// Within this time a certificate that ends is worth a word.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
const CC: [G; 1] = [G::ClientCredentials];
const JWT: [G; 1] = [G::JwtBearer];
const TX: [G; 1] = [G::TokenExchange];

pub(super) fn client_credentials_off_in_policies(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::ClientCredentialsInSettings, true) && app.is(F::ClientCredentialsInPolicies, false)
    {
        found.push(
            app.about(
                C::CcOffInPolicies,
                S::Error,
                F::ClientCredentialsInPolicies,
                "true",
            )
            .flows(app.flows(&CC))
            .says("the developer switched the client credentials flow on, the admin did not"),
        );
    }
}

pub(super) fn client_credentials_off_in_settings(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::ClientCredentialsInPolicies, true) && app.is(F::ClientCredentialsInSettings, false)
    {
        found.push(
            app.about(
                C::CcOffInSettings,
                S::Error,
                F::ClientCredentialsInSettings,
                "true",
            )
            .flows(app.flows(&CC))
            .says("the admin switched the client credentials flow on, the developer did not"),
        );
    }
}

pub(super) fn run_as_missing(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let on = app.is(F::ClientCredentialsInSettings, true)
        && app.is(F::ClientCredentialsInPolicies, true);
    if on && app.is(F::ClientCredentialsFlowUser, Value::Absent) {
        found.push(
            app.about(
                C::CcRunAsMissing,
                S::Error,
                F::ClientCredentialsFlowUser,
                "the username of a user with API Only User",
            )
            .flows(app.flows(&CC))
            .says("the client credentials flow is on and has no user to run as"),
        );
    }
}

pub(super) fn no_scope_for_client_credentials(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    const NOT_GIVEN: [&str; 4] = ["Full", "Web", "RefreshToken", "OfflineAccess"];
    let Some(scopes) = app.names(F::Scopes) else {
        return;
    };
    let only_these = scopes
        .iter()
        .all(|scope| NOT_GIVEN.contains(&scope.as_str()));
    let custom = app.names(F::CustomScopes).unwrap_or_default();
    if app.means(G::ClientCredentials) && only_these && custom.is_empty() {
        found.push(
            app.about(C::ScopeCcNoneValid, S::Error, F::Scopes, "Api")
                .flows(app.flows(&CC))
                .says("the client credentials flow gives none of the scopes of this app"),
        );
    }
}

pub(super) fn jwt_of_self_authorized_users(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.has_certificate() && app.is(F::PermittedUsers, "AllSelfAuthorized") {
        found.push(
            app.about(
                C::JwtUserNotSelfApproved,
                S::Warning,
                F::PermittedUsers,
                "AdminApprovedPreAuthorized",
            )
            .flows(app.flows(&JWT))
            .says("JWT bearer passes only for users who approved the app in a browser before"),
        );
    }
}

pub(super) fn jwt_without_refresh_scope(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let admitted = app.is(F::PermittedUsers, "AdminApprovedPreAuthorized");
    if app.has_certificate() && admitted && app.asks_refresh() == Some(false) {
        found.push(
            app.about(
                C::ScopeRefreshMissingJwt,
                S::Error,
                F::Scopes,
                "RefreshToken beside the others",
            )
            .flows(app.flows(&JWT))
            .says("JWT bearer of pre-authorized users needs the scope RefreshToken on the app"),
        );
    }
}

pub(super) fn certificate_ends(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let Some(validity) = app.app.certificate() else {
        return;
    };
    let now = app.context.now;
    let date = TimeZone::UTC.to_datetime(validity.until).date();
    let (severity, message) = if now > validity.until {
        (
            S::Warning,
            format!(
                "the certificate ended on {date}; whether the platform still takes its signatures is disputed"
            ),
        )
    } else if now + SOON > validity.until {
        (S::Note, format!("the certificate ends on {date}"))
    } else {
        return;
    };
    found.push(
        app.about(
            C::JwtCertificateExpired,
            severity,
            F::Certificate,
            "a certificate that holds",
        )
        .declared(format!("notAfter {date}"))
        .flows(app.flows(&JWT))
        .says(message),
    );
}

pub(super) fn high_assurance(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if !app.is(F::RequiredSessionLevel, "HIGH_ASSURANCE") {
        return;
    }
    let needed = "STANDARD";
    match app.word(F::PolicyAction) {
        Some("Block") => {
            let flows = [G::AuthorizationCode, G::RefreshToken, G::JwtBearer];
            found.push(
                app.about(C::SessionHighAssuranceBlock, S::Error, F::PolicyAction, "RaiseSessionLevel, or no high assurance")
                    .flows(app.flows(&flows))
                    .says("the app asks for a high assurance session and blocks every other one: a login without a second factor never has one"),
            );
        }
        Some("RaiseSessionLevel") if app.has_certificate() => {
            found.push(
                app.about(C::SessionHighAssuranceRaise, S::Error, F::RequiredSessionLevel, needed)
                    .flows(app.flows(&JWT))
                    .says("the app asks for a high assurance session, and JWT bearer has no user who could raise the level"),
            );
        }
        _ => {}
    }
}

pub(super) fn token_exchange(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let settings = app.value(F::TokenExchangeInSettings);
    let policies = app.value(F::TokenExchangeInPolicies);
    let (on, off) = (Some(&Value::Flag(true)), Some(&Value::Flag(false)));
    let flows = app.flows(&TX);
    if settings == on && policies == off {
        found.push(
            app.about(
                C::TxOffInPolicies,
                S::Error,
                F::TokenExchangeInPolicies,
                "true",
            )
            .flows(flows)
            .says("the developer switched token exchange on, the admin did not"),
        );
    } else if settings == off && policies == on {
        found.push(
            app.about(
                C::TxOffInSettings,
                S::Error,
                F::TokenExchangeInSettings,
                "true",
            )
            .flows(flows)
            .says("the admin switched token exchange on, the developer did not"),
        );
    } else if settings == on && policies == on && app.is(F::TokenExchangeHandler, "not_enabled") {
        found.push(
            app.about(
                C::TxHandlerNotEnabled,
                S::Error,
                F::TokenExchangeHandler,
                "an enablement that names the app, in a handler that is on",
            )
            .declared("(absent)")
            .flows(flows)
            .says("token exchange is on, and no handler that is on names this app"),
        );
    }
}

pub(super) fn code_and_credentials(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let flows = || vec!["code_credentials"];
    let guest = app.switch(
        R::ExtlClntAppOauthConfigurablePolicies,
        "isGuestCodeCredFlowEnabled",
    );
    if guest == Some(true) && app.is(F::NamedUserJwt, false) {
        found.push(
            app.about(C::CodecredGuestOff, S::Error, F::NamedUserJwt, "true")
                .flows(flows())
                .says("the guest variant of the code and credentials flow needs JWT access tokens"),
        );
    }
    let on = app.switch(R::ExtlClntAppGlobalOauthSettings, "isCodeCredFlowEnabled") == Some(true)
        || app.switch(R::ConnectedApp, "oauthConfig.isCodeCredentialEnabled") == Some(true);
    let Some(org) = app.context.org_record(R::OauthOidcSettings).filter(|_| on) else {
        return;
    };
    // The guide's default is false.
    if org.flag("oAuthCdCrdtFlowEnable").unwrap_or(false) {
        return;
    }
    let declared = org
        .text("oAuthCdCrdtFlowEnable")
        .map_or("(absent)", |_| "false");
    found.push(
        Draft::new(
            C::CodecredOffOrg,
            S::Error,
            Spot::of(org, "oAuthCdCrdtFlowEnable"),
        )
        .declared(declared)
        .needed("true")
        .flows(flows())
        .says("the app has the code and credentials flow on, the org does not allow it"),
    );
}

pub(super) fn addresses_of_jwt_users(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if !app.has_certificate() {
        return;
    }
    // Where the app enforces the ranges, nobody is surprised.
    let enforced = app.is(F::IpRelaxation, "Enforce");
    let severity = if enforced { S::Note } else { S::Warning };
    let lacks = "JWT bearer is held to the login IP ranges of the profile";
    let message = if enforced {
        lacks.to_owned()
    } else {
        format!("{lacks}, whatever the app relaxes")
    };
    for name in app.names(F::SelectedProfiles).unwrap_or_default() {
        let Some(profile) = app.context.project.profile(name) else {
            continue;
        };
        let Some((Value::Names(ranges), from)) = profile.known.value(F::LoginIpRanges) else {
            continue;
        };
        let crate::factor::Provenance::File { file, .. } = from else {
            continue;
        };
        let Some(record) = app.org_file(file).filter(|_| !ranges.is_empty()) else {
            continue;
        };
        found.push(
            Draft::new(
                C::ProfileIpJwtAlways,
                severity,
                Spot::of(record, "loginIpRanges"),
            )
            .declared(ranges.join(", "))
            .needed("a range that holds the address of the client")
            .flows(app.flows(&JWT))
            .says(format!("{message} (`{}`)", profile.name)),
        );
    }
}
