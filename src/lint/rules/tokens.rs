//! Checks of what a token can do and how long it lives: scopes, refresh token policy, secrets, PKCE, the form of the token.

use super::super::finding::Severity as S;
use super::super::implied::{login_only, opens_no_api};
use super::super::subject::{Draft, Subject};
use crate::cause::CauseId as C;
use crate::factor::{Factor as F, Value};
use crate::oauth::GrantKind as G;

const REFRESH: [G; 1] = [G::RefreshToken];
const CODE: [G; 1] = [G::AuthorizationCode];

pub(super) fn refresh_token_expires_at_once(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::RefreshTokenPolicy, "Zero") && app.asks_refresh() == Some(true) {
        found.push(
            app.about(
                C::RefreshPolicyZero,
                S::Error,
                F::RefreshTokenPolicy,
                "SpecificInactivity, SpecificLifetime or Infinite",
            )
            .flows(app.flows(&REFRESH))
            .says("the app asks for refresh tokens, and the policy expires each of them at once"),
        );
    }
}

fn is_specific(app: &Subject<'_, '_>) -> bool {
    app.word(F::RefreshTokenPolicy)
        .is_some_and(|word| word.starts_with("Specific"))
}

pub(super) fn incomplete_refresh_policy(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if !is_specific(app) {
        return;
    }
    let missing = |factor| app.value(factor).is_none() && !is_there(app, factor);
    let (period, unit) = (
        missing(F::RefreshTokenValidityPeriod),
        missing(F::RefreshTokenValidityUnit),
    );
    let (factor, what) = match (period, unit) {
        (true, true) => (F::RefreshTokenValidityPeriod, "a period and a unit"),
        (true, false) => (F::RefreshTokenValidityPeriod, "a period"),
        (false, true) => (F::RefreshTokenValidityUnit, "a unit"),
        (false, false) => return,
    };
    let policy = app.declared(F::RefreshTokenPolicy);
    found.push(
        app.about(C::LintIncompleteRefreshPolicy, S::Error, factor, what)
            .flows(app.flows(&REFRESH))
            .says(format!(
                "the refresh token policy {policy} stands without {what}"
            )),
    );
}

/// Whether the element stands in the record of the app, with whatever text.
fn is_there(app: &Subject<'_, '_>, factor: F) -> bool {
    let mut records = app.app.records.iter();
    records.any(|record| {
        let path = record.kind.path_of(factor);
        path.is_some_and(|path| record.element(&path).is_some())
    })
}

pub(super) fn idle_refresh_fields(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let Some(policy @ ("Infinite" | "Zero")) = app.word(F::RefreshTokenPolicy) else {
        return;
    };
    for factor in [F::RefreshTokenValidityPeriod, F::RefreshTokenValidityUnit] {
        // A period of 0 is how an org writes "none".
        if is_there(app, factor) && !app.is(factor, Value::Number(0)) {
            found.push(
                app.about(
                    C::LintIdleRefreshFields,
                    S::Note,
                    factor,
                    "no element, or a Specific policy",
                )
                .flows(app.flows(&REFRESH))
                .says(format!(
                    "the refresh token policy {policy} does not read this element"
                )),
            );
            return;
        }
    }
}

pub(super) fn short_refresh_token(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    const A_DAY: i64 = 24;
    let Some(Value::Number(period)) = app.value(F::RefreshTokenValidityPeriod) else {
        return;
    };
    let in_hours = app.is(F::RefreshTokenValidityUnit, "Hours");
    let short = *period == 0 || in_hours && *period < A_DAY;
    if !short || !is_specific(app) || app.asks_refresh() != Some(true) {
        return;
    }
    let unit = app.word(F::RefreshTokenValidityUnit).unwrap_or_default();
    let idle = app.is(F::RefreshTokenPolicy, "SpecificInactivity");
    let (cause, what) = if idle {
        (C::RefreshInactivityPassed, "without use for")
    } else {
        (C::RefreshLifetimePassed, "of the age of")
    };
    found.push(
        app.about(
            cause,
            S::Warning,
            F::RefreshTokenValidityPeriod,
            "a day at least",
        )
        .declared(format!("{period} {unit}"))
        .flows(app.flows(&REFRESH))
        .says(format!(
            "a refresh token {what} {period} {unit} is refused: users log in again and again"
        )),
    );
}

pub(super) fn no_api_scope(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let Some(scopes) = app.names(F::Scopes) else {
        return;
    };
    if app.has_scope(&["Api", "Full"]) {
        return;
    }
    let (severity, message) = if login_only(scopes) {
        (
            S::Note,
            "the app only logs users in: no token of it calls the REST API",
        )
    } else if opens_no_api(scopes) {
        (
            S::Error,
            "the app has neither Api nor Full: no token of it calls the REST API",
        )
    } else {
        (
            S::Warning,
            "the app has neither Api nor Full: its tokens call the APIs of its other scopes alone",
        )
    };
    found.push(
        app.about(
            C::ScopeApiMissing,
            severity,
            F::Scopes,
            "Api beside the others",
        )
        .flows(vec!["api_call"])
        .says(message),
    );
}

pub(super) fn no_refresh_scope(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.means(G::RefreshToken) && app.asks_refresh() == Some(false) {
        found.push(
            app.about(
                C::ScopeRefreshMissing,
                S::Error,
                F::Scopes,
                "RefreshToken beside the others",
            )
            .flows(app.flows(&REFRESH))
            .says("users log in to this app, and it gets no refresh token: each of them logs in again when the session ends"),
        );
    }
}

pub(super) fn device_must_send_the_secret(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    let on = app.is(F::DeviceFlowEnabled, true) && app.is(F::SecretRequiredForRefreshToken, true);
    if on && app.asks_refresh() != Some(false) {
        found.push(
            app.about(
                C::DeviceSecretRequired,
                S::Warning,
                F::SecretRequiredForRefreshToken,
                "false, where the device keeps no secret",
            )
            .flows(app.flows(&REFRESH))
            .says("a device has to send the consumer secret with each refresh, and most keep none"),
        );
    }
}

pub(super) fn org_demands_pkce(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::PkceRequired, false) && app.is(F::OrgPkceRequired, true) {
        found.push(
            app.about(C::PkceRequiredByOrg, S::Warning, F::PkceRequired, "true, as the org demands")
                .flows(app.flows(&CODE))
                .says("the app does not require PKCE, the org does: a client that believes the app is refused"),
        );
    }
}

pub(super) fn public_client_without_pkce(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if !app.is(F::ConsumerSecretOptional, true) || !app.is(F::PkceRequired, false) {
        return;
    }
    let callbacks = app.names(F::CallbackUrl).unwrap_or_default();
    let custom = callbacks
        .iter()
        .find(|url| !url.starts_with("https://") && !url.starts_with("http://"));
    let (cause, message) = match custom {
        Some(url) => (
            C::CallbackCustomSchemeWithoutPkce,
            format!(
                "a client without a secret and without PKCE: whoever takes the scheme of `{}` takes its codes",
                url.split(':').next().unwrap_or_default()
            ),
        ),
        None => (
            C::BcpNoPkce,
            "a client without a secret and without PKCE: whoever sees a code can redeem it"
                .to_owned(),
        ),
    };
    found.push(
        app.about(cause, S::Warning, F::PkceRequired, "true")
            .flows(app.flows(&CODE))
            .says(message),
    );
}

pub(super) fn step_up(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::PolicyAction, "StepUpMFA") {
        found.push(
            app.about(
                C::SessionStepupMfa,
                S::Warning,
                F::PolicyAction,
                "Block or RaiseSessionLevel",
            )
            .flows(app.flows(&G::ALL))
            .says("`StepUpMFA` stands in the WSDL without a document: what it does is unknown"),
        );
    }
}

pub(super) fn form_of_the_token(app: &Subject<'_, '_>, found: &mut Vec<Draft>) {
    if app.is(F::NamedUserJwt, true) && app.has_scope(&["Web"]) {
        found.push(
            app.about(C::JwtTokenUsedOutsideRest, S::Warning, F::NamedUserJwt, "false, or no scope Web")
                .flows(vec!["api_call"])
                .says("access tokens are JWTs, which open REST APIs alone, and the app has the scope Web for pages"),
        );
    }
    if app.is(F::NamedUserJwt, false) && app.has_scope(&["MCP"]) {
        found.push(
            app.about(C::OpaqueTokenAtMcp, S::Warning, F::NamedUserJwt, "true")
                .flows(vec!["api_call"])
                .says("the app has the scope MCP, and hosted MCP servers take JWT access tokens alone"),
        );
    }
}
