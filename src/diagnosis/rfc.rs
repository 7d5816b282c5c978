//! What the codes of RFC 6749, 7523, 8628 and 8693 mean at a server that is not Salesforce.

use crate::cause::CauseId;
use crate::evidence::{Answer, Observation};
use crate::oauth::GrantKind;

use CauseId as C;
use GrantKind as G;

/// Cause, the grants it can happen in (none: all), the codes it answers with.
const TABLE: &[(CauseId, &[GrantKind], &[&str])] = &[
    (C::RfcClientAuthenticationFailed, &[], &["invalid_client"]),
    (C::RfcClientUnknown, &[], &["invalid_client"]),
    (
        C::RfcCodeVerifierMismatch,
        &[G::AuthorizationCode],
        &["invalid_grant"],
    ),
    (
        C::RfcCodeInvalid,
        &[G::AuthorizationCode],
        &["invalid_grant"],
    ),
    (
        C::RfcRedirectUriMismatch,
        &[G::AuthorizationCode],
        &["invalid_request", "invalid_grant", "redirect_uri_mismatch"],
    ),
    (
        C::RfcPkceRequired,
        &[G::AuthorizationCode],
        &["invalid_request"],
    ),
    (
        C::RfcRefreshTokenInvalid,
        &[G::RefreshToken],
        &["invalid_grant"],
    ),
    (C::RfcAssertionInvalid, &[G::JwtBearer], &["invalid_grant"]),
    (
        C::RfcLoginFailed,
        &[G::UsernamePassword],
        &["invalid_grant"],
    ),
    (C::RfcGrantNotAllowed, &[], &["unauthorized_client"]),
    (C::RfcGrantUnsupported, &[], &["unsupported_grant_type"]),
    (C::RfcScopeNotAllowed, &[], &["invalid_scope"]),
    (
        C::RfcAccessDenied,
        &[G::AuthorizationCode, G::Device],
        &["access_denied"],
    ),
    (
        C::RfcDevicePending,
        &[G::Device],
        &["authorization_pending"],
    ),
    (C::RfcDeviceCodeExpired, &[G::Device], &["expired_token"]),
    (C::RfcPollingTooFast, &[G::Device], &["slow_down"]),
];

/// The causes that a code has in this grant.
pub(super) fn causes(observation: &Observation, answer: &Answer) -> Vec<CauseId> {
    let Some(code) = answer.code.words() else {
        return Vec::new();
    };
    TABLE
        .iter()
        .filter(|(_, grants, codes)| {
            let grant = observation
                .grant
                .is_none_or(|grant| grants.is_empty() || grants.contains(&grant));
            grant && codes.contains(&code)
        })
        .map(|(cause, ..)| *cause)
        .collect()
}

/// The codes of an `rfc_` cause.
pub fn rfc_codes(cause: CauseId) -> &'static [&'static str] {
    let row = TABLE.iter().find(|(id, ..)| *id == cause);
    row.map_or(&[], |(.., codes)| codes)
}
