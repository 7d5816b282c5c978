//! Which factor values make a cause, at which grants, and how it shows; and the causes that the model does not produce, each with its reason.

use super::CauseId;
use crate::factor::Factor;
use crate::oauth::GrantKind;

use CauseId as C;
use Factor as F;
use GrantKind as G;

/// A factor at a value, as the trace and the reports write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The factor.
    pub factor: Factor,
    /// The wrong value, in words.
    pub value: &'static str,
}

/// How a modelled cause shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The grant is refused, or ends on a page.
    Refused,
    /// The token is issued with something missing.
    Silent,
    /// The token is issued, and its use is refused.
    InUse,
}

/// A cause that the model produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modelled {
    /// The cause.
    pub cause: CauseId,
    /// The conditions that must hold together, the wrong one first.
    pub conditions: &'static [Condition],
    /// The grants it touches; empty for calls that no grant makes.
    pub grants: &'static [GrantKind],
    /// How it shows.
    pub shows: Shows,
}

const fn at(factor: Factor, value: &'static str) -> Condition {
    Condition { factor, value }
}

const fn row(
    cause: CauseId,
    conditions: &'static [Condition],
    grants: &'static [GrantKind],
    shows: Shows,
) -> Modelled {
    Modelled {
        cause,
        conditions,
        grants,
        shows,
    }
}

/// The conditions of a modelled cause; several rows where several values make one cause.
pub fn conditions(cause: CauseId) -> impl Iterator<Item = &'static Modelled> {
    CONDITIONS.iter().filter(move |row| row.cause == cause)
}

/// Why the model does not produce a cause; `None` for one that it produces.
pub fn outside_reason(cause: CauseId) -> Option<&'static str> {
    OUTSIDE
        .iter()
        .find(|(id, _)| *id == cause)
        .map(|(_, reason)| *reason)
}

/// Every cause that the model produces.
pub const CONDITIONS: &[Modelled] = &[
    row(
        C::ConsumerKeyUnknown,
        &[at(F::ClientId, "wrong")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::AppNotPropagated,
        &[at(F::AppAge, "minutes")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::ConsumerKeyRotated,
        &[at(F::ClientId, "former")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::ClientIdNotSent,
        &[at(F::ClientId, "absent")],
        &[
            G::AuthorizationCode,
            G::ClientCredentials,
            G::RefreshToken,
            G::UsernamePassword,
            G::TokenExchange,
            G::Device,
        ],
        Shows::Refused,
    ),
    row(
        C::AppDeleted,
        &[at(F::AppDeleted, "true")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::LocalAppCrossOrg,
        &[at(F::HomeOrg, "other")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::BrowserSessionOtherOrg,
        &[at(F::BrowserSession, "other")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::PackagedAppNotInstalled,
        &[
            at(F::DistributionState, "Packaged"),
            at(F::Installed, "false"),
        ],
        &[
            G::AuthorizationCode,
            G::Device,
            G::JwtBearer,
            G::RefreshToken,
        ],
        Shows::Refused,
    ),
    row(
        C::EcaGenericLoginHost,
        &[at(F::Host, "login")],
        &[G::AuthorizationCode, G::JwtBearer, G::Device],
        Shows::Refused,
    ),
    row(
        C::LoginHostWrongEnvironment,
        &[at(F::Host, "test")],
        // The other two grants are refused on any generic host before the key is looked up.
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::RefreshToken,
            G::Device,
            G::UsernamePassword,
        ],
        Shows::Refused,
    ),
    row(
        C::MyDomainHostRequired,
        &[at(F::MyDomainHostNeeded, "true"), at(F::Host, "login")],
        &[G::JwtBearer, G::UsernamePassword, G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::CcWrongHost,
        &[at(F::Host, "login")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::EcaDisabled,
        &[at(F::AppEnabled, "false")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::OauthPluginDisabled,
        &[at(F::OauthPluginEnabled, "false")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::AppBlocked,
        &[at(F::AppBlocked, "true")],
        &[G::AuthorizationCode, G::RefreshToken, G::Device],
        Shows::Refused,
    ),
    row(
        C::ConnectedAppUninstalled,
        &[at(F::Installed, "false")],
        &[G::AuthorizationCode, G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::DeviceBlockedUninstalled,
        &[at(F::Installed, "false")],
        &[G::Device],
        Shows::Refused,
    ),
    row(
        C::PolicyRecordMissing,
        &[at(F::PolicyRecord, "false")],
        &[G::ClientCredentials, G::JwtBearer, G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::CallbackMismatch,
        &[at(F::CallbackUrl, "another")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::CallbackNotSent,
        &[at(F::RedirectUri, "absent")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::CallbackTokenStepMismatch,
        &[at(F::RedirectUriAtToken, "wrong")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::ResponseTypeWrong,
        &[at(F::ResponseType, "wrong")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::ImmediateWithoutSession,
        &[at(F::Prompt, "none")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::ScopeNotOnApp,
        &[at(F::Scopes, "without the one asked for")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::ScopeNameUnknown,
        &[at(F::ScopeAsked, "unknown name")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::ScopeApiMissing,
        &[at(F::Scopes, "without Api")],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::RefreshToken,
            G::Device,
        ],
        Shows::InUse,
    ),
    row(
        C::ScopeApiNotRequested,
        &[at(F::ScopeAsked, "without api")],
        &[G::AuthorizationCode, G::Device],
        Shows::InUse,
    ),
    row(
        C::ScopeRefreshMissing,
        &[at(F::Scopes, "without RefreshToken")],
        &[G::AuthorizationCode, G::Device],
        Shows::Silent,
    ),
    row(
        C::ScopeRefreshNotRequested,
        &[at(F::ScopeAsked, "without refresh_token")],
        &[G::AuthorizationCode, G::Device],
        Shows::Silent,
    ),
    row(
        C::ScopeRefreshMissingJwt,
        &[at(F::Scopes, "without RefreshToken")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::ScopeOpenidMissing,
        &[at(F::Scopes, "without OpenID")],
        &[G::AuthorizationCode, G::Device],
        Shows::Silent,
    ),
    row(
        C::ScopeIdentityNotRequested,
        &[at(F::ScopeAsked, "without openid")],
        &[G::AuthorizationCode, G::Device],
        Shows::Silent,
    ),
    row(
        C::ScopeCustomUnassigned,
        &[at(F::CustomScopes, "without the one asked for")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::ScopeCcNoneValid,
        &[at(F::Scopes, "Full, Web, RefreshToken only")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::PkceRequiredByApp,
        &[at(F::PkceRequired, "true"), at(F::CodeChallenge, "absent")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::PkceRequiredByOrg,
        &[
            at(F::OrgPkceRequired, "true"),
            at(F::PkceRequired, "false"),
            at(F::CodeChallenge, "absent"),
        ],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::PkceVerifierMismatch,
        &[at(F::CodeVerifier, "wrong")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::PkceVerifierMissing,
        &[at(F::CodeVerifier, "absent")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::PkceVerifierUnexpected,
        &[
            at(F::CodeVerifier, "given"),
            at(F::CodeChallenge, "absent"),
            at(F::PkceRequired, "false"),
        ],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::PkceVerifierUnexpected,
        &[at(F::CodeVerifier, "given")],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::PkceVerifierBadCharset,
        &[at(F::CodeVerifier, "malformed")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::PkceChallengeMalformed,
        &[at(F::CodeChallenge, "malformed")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::SecretWrong,
        &[at(F::ClientSecret, "wrong")],
        &[
            G::AuthorizationCode,
            G::RefreshToken,
            G::ClientCredentials,
            G::TokenExchange,
            G::UsernamePassword,
        ],
        Shows::Refused,
    ),
    row(
        C::SecretRotated,
        &[at(F::ConsumerSecret, "rotated")],
        &[
            G::AuthorizationCode,
            G::RefreshToken,
            G::ClientCredentials,
            G::TokenExchange,
        ],
        Shows::Refused,
    ),
    row(
        C::SecretMissingWebServer,
        &[
            at(F::ConsumerSecretOptional, "false"),
            at(F::ClientSecret, "absent"),
        ],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::SecretMissingRefresh,
        &[
            at(F::SecretRequiredForRefreshToken, "true"),
            at(F::ClientSecret, "absent"),
        ],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::SecretMissingTokenExchange,
        &[
            at(F::SecretRequiredForTokenExchange, "true"),
            at(F::ClientSecret, "absent"),
        ],
        &[G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::SecretOptionalButWrong,
        &[
            at(F::SecretRequiredForRefreshToken, "false"),
            at(F::ClientSecret, "wrong"),
        ],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::DeviceSecretRequired,
        &[
            at(F::SecretRequiredForRefreshToken, "true"),
            at(F::ClientSecret, "absent"),
            at(F::RefreshTokenOrigin, "device"),
        ],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::ClientAuthHeaderMalformed,
        &[at(F::BasicHeader, "malformed")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::ScopeSentToTokenEndpoint,
        &[at(F::ScopeAtToken, "given")],
        &[
            G::AuthorizationCode,
            G::RefreshToken,
            G::JwtBearer,
            G::ClientCredentials,
        ],
        Shows::Refused,
    ),
    row(
        C::GrantTypeWrong,
        &[at(F::GrantTypeSent, "wrong")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::BodyNotFormEncoded,
        &[at(F::ContentType, "json")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::HttpMethodWrong,
        &[at(F::HttpMethod, "GET")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::CcOffInSettings,
        &[at(F::ClientCredentialsInSettings, "false")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::CcOffInPolicies,
        &[at(F::ClientCredentialsInPolicies, "false")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::CcRunAsMissing,
        &[at(F::ClientCredentialsFlowUser, "(absent)")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::CcRunAsWrongValue,
        &[at(F::ClientCredentialsFlowUser, "no username of this org")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::CcRunAsUnusable,
        &[at(F::UserActive, "false")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::CcRunAsExternal,
        &[at(F::UserType, "External")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::CcRunAsNotPreauthorized,
        &[at(F::UserPermissionSets, "without a listed one")],
        &[G::ClientCredentials],
        Shows::Refused,
    ),
    row(
        C::DeviceFlowOff,
        &[at(F::DeviceFlowEnabled, "false")],
        &[G::Device],
        Shows::Refused,
    ),
    row(
        C::DeviceNotYetApproved,
        &[at(F::DevicePerson, "not yet")],
        &[G::Device],
        Shows::Refused,
    ),
    row(
        C::DevicePollingTooFast,
        &[at(F::DevicePolling, "too short")],
        &[G::Device],
        Shows::Refused,
    ),
    row(
        C::DeviceCodeStale,
        &[at(F::DeviceCodeAge, "older")],
        &[G::Device],
        Shows::Refused,
    ),
    row(
        C::DeviceCodeWrong,
        &[at(F::DeviceCode, "wrong")],
        &[G::Device],
        Shows::Refused,
    ),
    row(
        C::JwtCertificateMissing,
        &[at(F::Certificate, "absent")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtCertificateMismatch,
        &[at(F::AssertionKey, "other")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtCertificateExpired,
        &[at(F::Certificate, "expired")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtAudienceWrong,
        &[at(F::AssertionAudience, "wrong")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::AssertionClockOrLifetime,
        &[at(F::AssertionExpiry, "passed")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtSubjectWrong,
        &[at(F::AssertionSubject, "unknown")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtUserNotSelfApproved,
        &[
            at(F::PermittedUsers, "AllSelfAuthorized"),
            at(F::Approval, "none"),
        ],
        &[G::JwtBearer, G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::JwtMalformed,
        &[at(F::AssertionForm, "malformed")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtAlgorithmUnsupported,
        &[at(F::AssertionAlgorithm, "other")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtClaimsMissing,
        &[at(F::AssertionClaims, "missing")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::JwtJtiReplayed,
        &[at(F::AssertionJti, "used")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::TxOffInSettings,
        &[at(F::TokenExchangeInSettings, "false")],
        &[G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::TxOffInPolicies,
        &[at(F::TokenExchangeInPolicies, "false")],
        &[G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::TxHandlerNotEnabled,
        &[at(F::TokenExchangeHandler, "not_enabled")],
        &[G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::TxHandlerRejects,
        &[at(F::TokenExchangeHandler, "rejects")],
        &[G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::SubjectTokenInvalid,
        &[at(F::SubjectToken, "invalid")],
        &[G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::SubjectTokenIsJwtFormat,
        &[at(F::SubjectToken, "JWT access token")],
        &[G::TokenExchange],
        Shows::Refused,
    ),
    row(
        C::UsernamePasswordBlockedOrg,
        &[at(F::UsernamePasswordBlocked, "true")],
        &[G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::UsernamePasswordUnsupportedEca,
        &[at(F::UsernamePasswordOnEca, "false")],
        &[G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::SecurityTokenMissing,
        &[at(F::SecurityToken, "absent")],
        &[G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::SecurityTokenStale,
        &[at(F::SecurityToken, "former")],
        &[G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::PasswordWrong,
        &[at(F::Password, "wrong")],
        &[G::UsernamePassword, G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::UsernameWrong,
        &[at(F::Username, "unknown")],
        &[G::UsernamePassword, G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::MfaForApiLogins,
        &[at(F::MfaForApi, "true")],
        &[G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::SsoOnlyLogin,
        &[at(F::SsoOnlyLogin, "true")],
        &[G::UsernamePassword, G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::UserNotPreauthorized,
        &[at(F::UserPermissionSets, "without a listed one")],
        &[
            G::AuthorizationCode,
            G::Device,
            G::JwtBearer,
            G::RefreshToken,
            G::TokenExchange,
        ],
        Shows::Refused,
    ),
    row(
        C::PreauthSwitchCutOff,
        &[at(F::PermittedUsers, "AdminApprovedPreAuthorized")],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::PreauthPermsetInactive,
        &[at(F::PermissionSetAssignment, "expired")],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::RefreshToken,
            G::Device,
        ],
        Shows::Refused,
    ),
    row(
        C::IntegrationUserInteractive,
        &[at(F::ApiOnlyUser, "true")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::UserDeniedConsent,
        &[
            at(F::Consent, "Deny"),
            at(F::PermittedUsers, "AllSelfAuthorized"),
        ],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::UserInactive,
        &[at(F::UserActive, "false")],
        &[
            G::AuthorizationCode,
            G::RefreshToken,
            G::JwtBearer,
            G::UsernamePassword,
            G::Device,
            G::TokenExchange,
        ],
        Shows::Refused,
    ),
    row(
        C::UserFrozen,
        &[at(F::UserFrozen, "true")],
        &[
            G::AuthorizationCode,
            G::RefreshToken,
            G::JwtBearer,
            G::UsernamePassword,
            G::Device,
            G::TokenExchange,
        ],
        Shows::Refused,
    ),
    row(
        C::UserLocked,
        &[at(F::UserLocked, "true")],
        &[G::AuthorizationCode, G::UsernamePassword, G::Device],
        Shows::Refused,
    ),
    row(
        C::PasswordExpired,
        &[at(F::PasswordExpired, "true")],
        &[G::AuthorizationCode, G::UsernamePassword, G::Device],
        Shows::Refused,
    ),
    row(
        C::LoginHoursRestricted,
        &[at(F::LoginHours, "never")],
        &[
            G::AuthorizationCode,
            G::UsernamePassword,
            G::JwtBearer,
            G::RefreshToken,
            G::Device,
        ],
        Shows::Refused,
    ),
    row(
        C::ProfileIpAppEnforce,
        &[
            at(F::LoginIpRanges, "without the address"),
            at(F::IpRelaxation, "Enforce"),
        ],
        &[
            G::AuthorizationCode,
            G::RefreshToken,
            G::Device,
            G::UsernamePassword,
        ],
        Shows::Refused,
    ),
    row(
        C::ProfileIpJwtAlways,
        &[at(F::LoginIpRanges, "without the address")],
        &[G::JwtBearer],
        Shows::Refused,
    ),
    row(
        C::IpRelaxRefreshOnly,
        &[
            at(F::LoginIpRanges, "without the address"),
            at(F::IpRelaxation, "Enforce_RelaxRefresh"),
        ],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::IpBypass2factor,
        &[
            at(F::LoginIpRanges, "without the address"),
            at(F::IpRelaxation, "Bypass_2factor"),
        ],
        &[G::Device, G::RefreshToken, G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::EnforceIpEveryRequest,
        &[
            at(F::EnforceIpEveryRequest, "true"),
            at(F::LoginIpRanges, "without the address"),
        ],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::ClientCredentials,
            G::RefreshToken,
        ],
        Shows::InUse,
    ),
    row(
        C::OrgDeviceActivation,
        &[at(F::DeviceActivation, "true")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::RefreshIpAllowlist,
        &[at(F::RefreshTokenIpAllowlist, "without the address")],
        &[G::AuthorizationCode, G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::LockSessionsToIp,
        &[at(F::LockSessionsToIp, "true")],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::ClientCredentials,
            G::RefreshToken,
            G::Device,
        ],
        Shows::InUse,
    ),
    row(
        C::ApiEnabledMissing,
        &[at(F::ApiEnabled, "false")],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::RefreshToken,
            G::Device,
        ],
        Shows::InUse,
    ),
    row(
        C::OrgWithoutApi,
        &[at(F::OrgApi, "false")],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::ClientCredentials,
            G::RefreshToken,
            G::Device,
        ],
        Shows::InUse,
    ),
    row(
        C::ApiRequestLimitExceeded,
        &[at(F::ApiRequestLimit, "false")],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::ClientCredentials,
            G::RefreshToken,
            G::Device,
        ],
        Shows::InUse,
    ),
    row(
        C::ApiAccessControlInternal,
        &[
            at(F::ApiAccessControl, "true"),
            at(F::PermittedUsers, "AllSelfAuthorized"),
        ],
        &[G::AuthorizationCode, G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::ApiAccessControlExternal,
        &[
            at(F::ApiAccessControlExternal, "true"),
            at(F::UserType, "External"),
            at(F::PermittedUsers, "AllSelfAuthorized"),
        ],
        &[G::AuthorizationCode, G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::MydomainOnlyLogin,
        &[at(F::MyDomainOnlyLogin, "true"), at(F::Host, "login")],
        &[G::AuthorizationCode, G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::LoginFlowInterrupts,
        &[at(F::LoginFlow, "true")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::OrgInactive,
        &[at(F::OrgActive, "false")],
        &G::ALL,
        Shows::Refused,
    ),
    row(
        C::LoginRateExceeded,
        &[at(F::LoginRate, "true")],
        &[
            G::JwtBearer,
            G::UsernamePassword,
            G::ClientCredentials,
            G::AuthorizationCode,
        ],
        Shows::Refused,
    ),
    row(
        C::SessionHighAssuranceBlock,
        &[
            at(F::RequiredSessionLevel, "HIGH_ASSURANCE"),
            at(F::PolicyAction, "Block"),
        ],
        &[
            G::AuthorizationCode,
            G::RefreshToken,
            G::JwtBearer,
            G::ClientCredentials,
        ],
        Shows::Refused,
    ),
    row(
        C::SessionHighAssuranceRaise,
        &[
            at(F::RequiredSessionLevel, "HIGH_ASSURANCE"),
            at(F::PolicyAction, "RaiseSessionLevel"),
        ],
        &[G::JwtBearer, G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::SessionStepupMfa,
        &[
            at(F::RequiredSessionLevel, "HIGH_ASSURANCE"),
            at(F::PolicyAction, "StepUpMFA"),
        ],
        &[G::JwtBearer, G::UsernamePassword],
        Shows::Refused,
    ),
    row(
        C::ProfileSessionHighAssurance,
        &[at(F::ProfileSessionLevel, "HIGH_ASSURANCE")],
        &[G::AuthorizationCode, G::JwtBearer, G::UsernamePassword],
        Shows::InUse,
    ),
    row(
        C::MfaUiLogin,
        &[at(F::MfaUiLogin, "true")],
        &[G::AuthorizationCode, G::Device],
        Shows::Refused,
    ),
    row(
        C::AccessTokenExpired,
        &[at(F::AccessTokenAge, "beyond it")],
        &[
            G::AuthorizationCode,
            G::JwtBearer,
            G::ClientCredentials,
            G::RefreshToken,
            G::Device,
        ],
        Shows::InUse,
    ),
    row(
        C::JwtAccessTokenTimeout,
        &[
            at(F::NamedUserJwt, "true"),
            at(F::AccessTokenAge, "beyond it"),
        ],
        &[G::AuthorizationCode],
        Shows::InUse,
    ),
    row(
        C::RefreshPolicyZero,
        &[at(F::RefreshTokenPolicy, "Zero")],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::RefreshLifetimePassed,
        &[
            at(F::RefreshTokenPolicy, "SpecificLifetime"),
            at(F::RefreshTokenAge, "beyond it"),
        ],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::RefreshInactivityPassed,
        &[
            at(F::RefreshTokenPolicy, "SpecificInactivity"),
            at(F::RefreshTokenIdle, "beyond it"),
        ],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::RefreshIdleTtl,
        &[
            at(F::RefreshTokenIdleLimit, "true"),
            at(F::RefreshTokenIdle, "beyond it"),
        ],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::RefreshRotationReuse,
        &[
            at(F::RefreshTokenRotation, "true"),
            at(F::RefreshTokenSent, "former"),
        ],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::RefreshFiveApprovals,
        &[at(F::ApprovalCount, "more")],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::RefreshRevoked,
        &[at(F::RefreshTokenRevoked, "yes")],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::RefreshConcurrentRequest,
        &[at(F::RefreshAtOnce, "many")],
        &[G::RefreshToken],
        Shows::Refused,
    ),
    row(
        C::IntrospectForeignToken,
        &[
            at(F::IntrospectAllTokens, "false"),
            at(F::TokenOwner, "other"),
        ],
        &[],
        Shows::InUse,
    ),
    row(
        C::AuthCodeStale,
        &[at(F::Code, "used")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::AuthCodeStale,
        &[at(F::CodeAge, "older")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::ConsentPageTimedOut,
        &[at(F::ConsentDelay, "too long")],
        &[G::AuthorizationCode],
        Shows::Refused,
    ),
    row(
        C::TokenUnknown,
        &[at(F::AccessTokenSent, "unknown")],
        &[],
        Shows::InUse,
    ),
    row(
        C::TokenNotSent,
        &[at(F::AccessTokenSent, "absent")],
        &[],
        Shows::InUse,
    ),
    row(
        C::TokenInWrongPlace,
        &[at(F::AccessTokenPlace, "query")],
        &[],
        Shows::InUse,
    ),
    row(
        C::AuthHeaderMalformed,
        &[at(F::AuthorizationHeader, "malformed")],
        &[],
        Shows::InUse,
    ),
    row(
        C::RevokeTokenTypeUnsupported,
        &[at(F::RevokeTypeHint, "unsupported")],
        &[],
        Shows::InUse,
    ),
    row(
        C::TransientServerFault,
        &[at(F::ServerFault, "once")],
        &G::ALL,
        Shows::Refused,
    ),
];

/// Every cause of the catalogue that the model does not produce, with the reason. One place for all.
pub const OUTSIDE: &[(CauseId, &str)] = &[
    (
        C::SandboxRefreshLostCredentials,
        "the refresh of a sandbox deletes the app; what remains is the state of app_deleted, told apart only by org ids in metadata",
    ),
    (
        C::PolicyDuplicateDeploy,
        "a refusal of a metadata deploy, not of a flow",
    ),
    (
        C::PreauthPermsetById,
        "a refusal of a metadata deploy, not of a flow",
    ),
    (
        C::CallbackCustomSchemeWithoutPkce,
        "needs a custom-scheme callback, which no server on loopback receives; a single field report",
    ),
    (
        C::ScopeWebMissing,
        "shows only when a token opens a UI session, which no driver does",
    ),
    (C::ScopeMcpMissing, "shows only at a hosted MCP server"),
    (
        C::PkceFlagReverted,
        "declared and effective value differ: the effective state is that of pkce_required_by_app",
    ),
    (
        C::SecretNotReadable,
        "concerns reading the secret by REST, not a flow",
    ),
    (
        C::CodecredOffOrg,
        "belongs to the Authorization Code and Credentials flow, which is none of the seven grants",
    ),
    (
        C::CodecredOffApp,
        "belongs to the Authorization Code and Credentials flow, which is none of the seven grants",
    ),
    (
        C::CodecredPostOnly,
        "belongs to the Authorization Code and Credentials flow, which is none of the seven grants",
    ),
    (
        C::CodecredGuestOff,
        "belongs to the Authorization Code and Credentials flow, which is none of the seven grants",
    ),
    (
        C::UserAgentBlockedOrg,
        "belongs to the user-agent flow, which is none of the seven grants",
    ),
    (
        C::ExperienceMembershipMissing,
        "needs an Experience Cloud site host, which the simulated org does not have",
    ),
    (
        C::RiskyIpRevocation,
        "done by Salesforce on its own evidence; what remains is the state of refresh_revoked or user_frozen",
    ),
    (
        C::SoapMydomainOnly,
        "concerns SOAP login, which is no OAuth flow",
    ),
    (
        C::TransactionSecurityEndsLogin,
        "decided by a condition that is code; its wire answer was not recorded",
    ),
    (
        C::CorsOauthEndpoints,
        "only a browser script sees it; a client outside a browser passes",
    ),
    (
        C::CorsOriginMissing,
        "only a browser script sees it; a client outside a browser passes",
    ),
    (
        C::LicenceFeatureMissing,
        "concerns the objects of a later call, not the flow",
    ),
    (
        C::JwtTokenUsedOutsideRest,
        "shows only in UI and SOAP use of the token",
    ),
    (C::OpaqueTokenAtMcp, "shows only at a hosted MCP server"),
    (
        C::ApexHandlerDenies,
        "decided by Apex code; its wire answer was not recorded",
    ),
    (
        C::IdTokenShortLife,
        "a fault of the client that checks the ID token too late; the token checks of a step report it",
    ),
    (C::UiHostUsedForOauth, "the simulated org has no UI host"),
    (
        C::LoginHostMalformed,
        "the client builds a wrong address; a target file states hosts",
    ),
    (
        C::LoginHostPinnedToInstance,
        "an old pod address; a target file states hosts",
    ),
    (
        C::OrgUrlChanged,
        "an old address; a target file states hosts",
    ),
    (
        C::WrongInstanceUrl,
        "the drivers use the instance_url of the response",
    ),
    (
        C::InstalledPackageOutdated,
        "needs package versions, which the model does not hold",
    ),
    (C::AppAttestationFailed, "concerns attested mobile apps"),
    (C::AgentNotLinkedToApp, "shows only at the Agent API"),
    (
        C::McpServerNotActivated,
        "shows only at a hosted MCP server",
    ),
    (
        C::EcaScratchSignupUnsupported,
        "concerns the creation of scratch orgs",
    ),
    (
        C::HttpNotHttps,
        "the drivers send https only, and the simulated org listens to nothing else",
    ),
    (
        C::WrongEndpointPath,
        "the drivers use the fixed paths or the discovery document",
    ),
    (C::HttpVersionTooOld, "belongs to headless flows"),
    (C::ClientTlsTooOld, "the drivers speak TLS 1.2 and 1.3"),
    (
        C::UnexpectedParameter,
        "which parameters are refused was not recorded",
    ),
    (
        C::ClientAuthMethodWrong,
        "the simulated org reads both methods, as real clients need it",
    ),
    (
        C::ClientAssertionInvalid,
        "private key client authentication is not driven",
    ),
    (
        C::AssertionTypeWrong,
        "private key client authentication and the SAML assertion flow are not driven",
    ),
    (
        C::SecretGarbledByClient,
        "a secret altered by its client is a wrong secret: the state of secret_wrong",
    ),
    (
        C::CallbackNotHttps,
        "refused when the callback URL is saved; a flow then shows callback_mismatch",
    ),
    (C::CallbackOutOfBand, "the drivers send addresses only"),
    (C::SsoRelayLost, "needs single sign-on"),
    (C::ScopeAgentApiMissing, "shows only at the Agent API"),
    (
        C::ScopeApiMakesTokenOpaque,
        "shows only at a hosted MCP server",
    ),
    (
        C::HybridWithoutWebScope,
        "belongs to the hybrid flow, which is none of the seven grants",
    ),
    (
        C::HybridJwtRotationConflict,
        "belongs to the hybrid flow, which is none of the seven grants",
    ),
    (
        C::UserAgentRefreshHttpsCallback,
        "belongs to the user-agent flow, which is none of the seven grants",
    ),
    (
        C::PriorApprovalsTooWide,
        "how many scopes are too many was not recorded",
    ),
    (
        C::SamlAssertionInvalid,
        "belongs to the SAML bearer flow, which is none of the seven grants",
    ),
    (
        C::SamlAudienceWrong,
        "belongs to the SAML bearer flow, which is none of the seven grants",
    ),
    (
        C::SamlCertificateMismatch,
        "belongs to the SAML bearer flow, which is none of the seven grants",
    ),
    (
        C::SamlReplayed,
        "belongs to the SAML bearer flow, which is none of the seven grants",
    ),
    (
        C::DeviceNotRegistered,
        "belongs to the device registration of the Mobile SDK",
    ),
    (
        C::DeviceActivationSecretInvalid,
        "belongs to the device activation of the Mobile SDK",
    ),
    (C::DpopProofInvalid, "DPoP is not driven"),
    (C::DpopNonceMissing, "DPoP is not driven"),
    (C::HeadlessRequestHeaderWrong, "belongs to headless flows"),
    (C::UvidHintInvalid, "belongs to headless flows"),
    (C::GuestJwtOnOrgHost, "belongs to headless flows"),
    (
        C::SiteSessionUsedForOrgApi,
        "needs an Experience Cloud site host, which the simulated org does not have",
    ),
    (C::OtpWrong, "belongs to headless flows"),
    (C::OtpDeliveryFailed, "belongs to headless flows"),
    (C::HeadlessRegistrationFailed, "belongs to headless flows"),
    (C::ExperienceIdWrong, "belongs to headless flows"),
    (
        C::DynamicRegistrationLimit,
        "dynamic client registration is not driven",
    ),
    (
        C::DynamicRegistrationFailed,
        "dynamic client registration is not driven",
    ),
    (
        C::SessionIdNotOauthToken,
        "shows only when a session opens the UI, which no driver does",
    ),
    (
        C::IntrospectPasswordFlowToken,
        "a single report of an oddity; the simulated org answers for such tokens",
    ),
    (
        C::IdentityUrlOfOtherOrg,
        "the drivers use the identity URL of the response",
    ),
    (
        C::IdentityUrlMalformed,
        "the drivers use the identity URL of the response",
    ),
    (
        C::IdentityOfOtherUserForbidden,
        "the drivers ask for the own identity only",
    ),
    (
        C::ClientRefreshNotConfigured,
        "a fault of a client that never refreshes; the drivers do",
    ),
    (
        C::PasswordAlteredByClient,
        "a password altered by its client is a wrong password: the state of password_wrong",
    ),
    (C::TokenIssueLimit, "the limit was not recorded"),
    (
        C::LoginRefusedUnspecified,
        "names what is left when nothing else is known",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_of_the_catalogue_is_modelled_or_outside_with_a_reason() {
        for id in CauseId::ALL {
            let modelled = conditions(*id).next().is_some();
            let outside = outside_reason(*id).is_some();
            assert!(
                id.is_own() || (modelled != outside),
                "{id}: modelled {modelled}, outside {outside}"
            );
        }
    }
}
