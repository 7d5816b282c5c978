//! The five records of an External Client App.

use super::{ATTRIBUTE, Absent, Field, Holds, Means, decides, flag, plain, switch, text};
use crate::factor::Factor;

/// `ExternalClientApplication`.
pub(super) const HEADER: &[Field] = &[
    text("contactEmail"),
    text("contactPhone"),
    text("description"),
    decides(
        "distributionState",
        &[Factor::DistributionState],
        Holds::Word(&[
            ("Local", Means::Word("Local")),
            ("Packaged", Means::Word("Packaged")),
            // "For internal use only."
            ("Managed", Means::Nothing),
            ("AutoInstalled", Means::Nothing),
        ]),
        Absent::Unknown,
    ),
    text("iconUrl"),
    text("infoUrl"),
    flag("isProtected"),
    text("label"),
    text("logoUrl"),
    plain(
        "managedType",
        Holds::Word(&[("Local", Means::Nothing), ("Global", Means::Nothing)]),
    ),
    text("orgScopedExternalApp"),
];

const ID_TOKEN: &[Field] = &[
    text("idTokenAudience"),
    flag("idTokenIncludeAttributes"),
    flag("idTokenIncludeCustomPermissions"),
    flag("idTokenIncludeStandardClaims"),
    decides(
        "idTokenValidityInMinutes",
        &[Factor::IdTokenValidity],
        Holds::Number(1, 720),
        Absent::Number(2),
    ),
];

/// `ExtlClntAppGlobalOauthSettings`.
pub(super) const GLOBAL: &[Field] = &[
    decides(
        "callbackUrl",
        &[Factor::CallbackUrl],
        Holds::Lines,
        Absent::Nothing,
    ),
    // "Present means JWT bearer": there is no switch beside it.
    decides(
        "certificate",
        &[Factor::Certificate],
        Holds::Certificate,
        Absent::Word("absent"),
    ),
    text("consumerKey"),
    plain("consumerSecret", Holds::Secret),
    text("externalClientApplication"),
    id_token(),
    switch(
        "isClientCredentialsFlowEnabled",
        &[Factor::ClientCredentialsInSettings],
        false,
    ),
    flag("isCodeCredFlowEnabled"),
    flag("isCodeCredPostOnly"),
    switch(
        "isConsumerSecretOptional",
        &[Factor::ConsumerSecretOptional],
        false,
    ),
    // Seen on retrieve alone.
    flag("isDPopEnabled"),
    switch("isDeviceFlowEnabled", &[Factor::DeviceFlowEnabled], false),
    // In the WSDL without a document, so without a default.
    decides(
        "isEnforceRefreshTokenTTL",
        &[Factor::RefreshTokenIdleLimit],
        Holds::Flag,
        Absent::Unknown,
    ),
    switch(
        "isIntrospectAllTokens",
        &[Factor::IntrospectAllTokens],
        false,
    ),
    switch("isNamedUserJwtEnabled", &[Factor::NamedUserJwt], false),
    switch("isPkceRequired", &[Factor::PkceRequired], true),
    switch(
        "isRefreshTokenRotationEnabled",
        &[Factor::RefreshTokenRotation],
        false,
    ),
    switch(
        "isSecretRequiredForRefreshToken",
        &[Factor::SecretRequiredForRefreshToken],
        true,
    ),
    switch(
        "isSecretRequiredForTokenExchange",
        &[Factor::SecretRequiredForTokenExchange],
        false,
    ),
    switch(
        "isTokenExchangeEnabled",
        &[Factor::TokenExchangeInSettings],
        false,
    ),
    text("label"),
    flag("shouldRotateConsumerKey"),
    flag("shouldRotateConsumerSecret"),
];

const fn id_token() -> Field {
    decides("idTokenConfig", &[], Holds::One(ID_TOKEN), Absent::Inside)
}

/// `ExtlClntAppOauthSettings`.
pub(super) const SETTINGS: &[Field] = &[
    flag("areAttributesIncludedInAssetToken"),
    flag("areCustomPermsIncludedInAssetToken"),
    text("assetTokenAudiences"),
    text("assetTokenSigningCertificate"),
    text("assetTokenValidity"),
    text("clientAssertionCertificate"),
    // In the WSDL; the list that a user is granted by is that of the policies.
    text("commaSeparatedCustomScopes"),
    decides(
        "commaSeparatedOauthScopes",
        &[Factor::Scopes],
        Holds::Scopes,
        Absent::Nothing,
    ),
    plain("customAttributes", Holds::Many(ATTRIBUTE)),
    text("externalClientApplication"),
    flag("isFirstPartyAppEnabled"),
    text("label"),
    text("oauthLink"),
    text("singleLogoutUrl"),
    decides(
        "trustedIpRanges",
        &[Factor::TrustedIpRanges],
        Holds::Ranges("startIpAddress", "endIpAddress"),
        Absent::Nothing,
    ),
];

/// `ExtlClntAppConfigurablePolicies`.
pub(super) const POLICIES: &[Field] = &[
    text("externalClientApplication"),
    flag("isCanvasPluginEnabled"),
    switch("isEnabled", &[Factor::AppEnabled], true),
    flag("isMobilePluginEnabled"),
    flag("isNotificationPluginEnabled"),
    switch("isOauthPluginEnabled", &[Factor::OauthPluginEnabled], true),
    flag("isPushPluginEnabled"),
    flag("isSamlPluginEnabled"),
    text("label"),
    plain(
        "startPage",
        Holds::Word(&[
            ("None", Means::Nothing),
            ("Custom", Means::Nothing),
            ("OAuth", Means::Nothing),
            ("SAML", Means::Nothing),
        ]),
    ),
    text("startUrl"),
];

/// Minutes that a JWT access token can live: "1, 5, 10, 15, 30", and from API 65 on "60, 90, 120, 240, 480, 720".
const JWT_MINUTES: &[i64] = &[1, 5, 10, 15, 30, 60, 90, 120, 240, 480, 720];
const JWT_TIMEOUT_TYPE: Holds =
    Holds::Word(&[("UserSession", Means::Nothing), ("Custom", Means::Nothing)]);

/// `ExtlClntAppOauthConfigurablePolicies`. The defaults of the four policy types are those of records that the platform makes by itself; a
/// deploy replaces the whole record, and an element that it lacks goes back to its default.
pub(super) const OAUTH_POLICIES: &[Field] = &[
    text("apexHandler"),
    decides(
        "clientCredentialsFlowUser",
        &[Factor::ClientCredentialsFlowUser],
        Holds::Text,
        Absent::Nothing,
    ),
    decides(
        "commaSeparatedCustomScopes",
        &[Factor::CustomScopes],
        Holds::Commas,
        Absent::Nothing,
    ),
    decides(
        "commaSeparatedPermissionSet",
        &[Factor::SelectedPermissionSets],
        Holds::Commas,
        Absent::Nothing,
    ),
    decides(
        "commaSeparatedProfile",
        &[Factor::SelectedProfiles],
        Holds::Commas,
        Absent::Nothing,
    ),
    plain("customAttributes", Holds::Many(ATTRIBUTE)),
    text("executeHandlerAs"),
    text("externalClientApplication"),
    plain("guestJwtSessionTimeoutType", JWT_TIMEOUT_TYPE),
    plain("guestJwtTimeout", Holds::OneNumberOf(JWT_MINUTES)),
    decides(
        "ipRelaxationPolicyType",
        &[Factor::IpRelaxation],
        Holds::OwnWord,
        Absent::Word("Enforce"),
    ),
    switch(
        "isClientCredentialsFlowEnabled",
        &[Factor::ClientCredentialsInPolicies],
        false,
    ),
    flag("isGuestCodeCredFlowEnabled"),
    // Deprecated: the switch is the developer's.
    flag("isNamedUserJwtEnabled"),
    switch(
        "isTokenExchangeFlowEnabled",
        &[Factor::TokenExchangeInPolicies],
        false,
    ),
    text("label"),
    plain("namedUserJwtSessionTimeoutType", JWT_TIMEOUT_TYPE),
    decides(
        "namedUserJwtTimeout",
        &[Factor::NamedUserJwtTimeout],
        Holds::OneNumberOf(JWT_MINUTES),
        Absent::Unknown,
    ),
    decides(
        "permittedUsersPolicyType",
        &[Factor::PermittedUsers],
        Holds::OwnWord,
        Absent::Word("AllSelfAuthorized"),
    ),
    decides(
        "policyAction",
        &[Factor::PolicyAction],
        Holds::OwnWord,
        Absent::Unknown,
    ),
    decides(
        "refreshTokenPolicyType",
        &[Factor::RefreshTokenPolicy],
        Holds::OwnWord,
        Absent::Word("SpecificLifetime"),
    ),
    // 365 and `Days` go with the default policy alone (`learn`).
    decides(
        "refreshTokenValidityPeriod",
        &[Factor::RefreshTokenValidityPeriod],
        Holds::Number(0, i64::MAX),
        Absent::Unknown,
    ),
    decides(
        "refreshTokenValidityUnit",
        &[Factor::RefreshTokenValidityUnit],
        Holds::OwnWord,
        Absent::Unknown,
    ),
    decides(
        "requiredSessionLevel",
        &[Factor::RequiredSessionLevel],
        Holds::OwnWord,
        Absent::Word("STANDARD"),
    ),
    // "Empty: the profile's, then the org's."
    decides(
        "sessionTimeoutInMinutes",
        &[Factor::SessionTimeout],
        Holds::Number(1, i64::MAX),
        Absent::Nothing,
    ),
    text("singleLogoutUrl"),
    text("startUrl"),
];
