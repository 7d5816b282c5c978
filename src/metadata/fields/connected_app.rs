//! `ConnectedApp`: one file for what an External Client App has in five, under other names.

use super::{ATTRIBUTE, Absent, Field, Holds, Means, decides, flag, plain, switch, text};
use crate::factor::Factor;

/// The root.
pub(super) const CONNECTED_APP: &[Field] = &[
    plain("attributes", Holds::Many(ATTRIBUTE)),
    plain("canvas", Holds::Open),
    plain("canvasConfig", Holds::Open),
    text("contactEmail"),
    text("contactPhone"),
    text("description"),
    text("iconUrl"),
    text("infoUrl"),
    decides(
        "ipRanges",
        &[Factor::TrustedIpRanges],
        Holds::Ranges("start", "end"),
        Absent::Nothing,
    ),
    text("label"),
    text("logoUrl"),
    plain("mobileAppConfig", Holds::Open),
    text("mobileStartUrl"),
    // Without it the app has no OAuth at all, so nothing inside has a default.
    plain("oauthConfig", Holds::One(OAUTH_CONFIG)),
    decides("oauthPolicy", &[], Holds::One(OAUTH_POLICY), Absent::Inside),
    decides(
        "permissionSetName",
        &[Factor::SelectedPermissionSets],
        Holds::Repeated,
        Absent::Nothing,
    ),
    text("plugin"),
    text("pluginExecutionUser"),
    decides(
        "profileName",
        &[Factor::SelectedProfiles],
        Holds::Repeated,
        Absent::Nothing,
    ),
    plain("samlConfig", Holds::Open),
    decides(
        "sessionPolicy",
        &[],
        Holds::One(SESSION_POLICY),
        Absent::Inside,
    ),
    text("startUrl"),
];

const OAUTH_CONFIG: &[Field] = &[
    plain("assetTokenConfig", Holds::Open),
    decides(
        "callbackUrl",
        &[Factor::CallbackUrl],
        Holds::Lines,
        Absent::Nothing,
    ),
    decides(
        "certificate",
        &[Factor::Certificate],
        Holds::Certificate,
        Absent::Word("absent"),
    ),
    text("consumerKey"),
    plain("consumerSecret", Holds::Secret),
    decides("idTokenConfig", &[], Holds::One(ID_TOKEN), Absent::Inside),
    // "If set to false (default), anyone in the org can authorize the app."
    decides(
        "isAdminApproved",
        &[Factor::PermittedUsers],
        Holds::Word(&[
            ("false", Means::Word("AllSelfAuthorized")),
            ("true", Means::Word("AdminApprovedPreAuthorized")),
        ]),
        Absent::Word("AllSelfAuthorized"),
    ),
    // One switch for what an External Client App has two for.
    switch(
        "isClientCredentialEnabled",
        &[
            Factor::ClientCredentialsInSettings,
            Factor::ClientCredentialsInPolicies,
        ],
        false,
    ),
    flag("isCodeCredentialEnabled"),
    flag("isCodeCredentialPostOnly"),
    switch(
        "isConsumerSecretOptional",
        &[Factor::ConsumerSecretOptional],
        false,
    ),
    switch(
        "isIntrospectAllTokens",
        &[Factor::IntrospectAllTokens],
        false,
    ),
    // The guide gives no default.
    decides(
        "isNamedUserJwtEnabled",
        &[Factor::NamedUserJwt],
        Holds::Flag,
        Absent::Unknown,
    ),
    // "The default value is false", unlike that of an External Client App.
    switch("isPkceRequired", &[Factor::PkceRequired], false),
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
    decides(
        "oauthClientCredentialUser",
        &[Factor::ClientCredentialsFlowUser],
        Holds::Text,
        Absent::Nothing,
    ),
    decides(
        "scopes",
        &[Factor::Scopes],
        Holds::RepeatedScope,
        Absent::Nothing,
    ),
    text("singleLogoutUrl"),
];

const ID_TOKEN: &[Field] = &[
    text("idTokenAudience"),
    flag("idTokenIncludeAttributes"),
    flag("idTokenIncludeCustomPerms"),
    flag("idTokenIncludeStandardClaims"),
    decides(
        "idTokenValidity",
        &[Factor::IdTokenValidity],
        Holds::Number(1, 720),
        Absent::Number(2),
    ),
];

const OAUTH_POLICY: &[Field] = &[
    decides(
        "ipRelaxation",
        &[Factor::IpRelaxation],
        Holds::Word(&[
            ("ENFORCE", Means::Word("Enforce")),
            ("ENFORCE_RELAXREFRESH", Means::Word("Enforce_RelaxRefresh")),
            ("BYPASS_2FACTOR", Means::Word("Bypass_2factor")),
            ("BYPASS", Means::Word("Bypass")),
        ]),
        Absent::Word("Enforce"),
    ),
    switch(
        "isTokenExchangeFlowEnabled",
        &[Factor::TokenExchangeInPolicies],
        false,
    ),
    // "infinite … Default setting."
    decides(
        "refreshTokenPolicy",
        &[Factor::RefreshTokenPolicy],
        Holds::RefreshTokenPolicy,
        Absent::Word("Infinite"),
    ),
    text("singleLogoutUrl"),
];

const SESSION_POLICY: &[Field] = &[
    decides(
        "policyAction",
        &[Factor::PolicyAction],
        Holds::OwnWord,
        Absent::Unknown,
    ),
    // "Applies the High Assurance session security level": without it none is asked for.
    decides(
        "sessionLevel",
        &[Factor::RequiredSessionLevel],
        Holds::OwnWord,
        Absent::Word("STANDARD"),
    ),
    decides(
        "sessionTimeout",
        &[Factor::SessionTimeout],
        Holds::Number(1, i64::MAX),
        Absent::Nothing,
    ),
];
