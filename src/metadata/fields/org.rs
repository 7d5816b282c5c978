//! Settings of the org, and records of it that apps are bound to.

use super::{Absent, Field, Holds, Means, decides, flag, plain, switch, text};
use crate::factor::Factor;

/// `ExternalClientAppSettings`.
pub(super) const EXTERNAL_CLIENT_APP: &[Field] = &[
    flag("enableClientSecretInRestApiAccess"),
    flag("enableConsumerSecretApiAccess"),
    flag("enablePackageEcaOauthFromDevOrg"),
];

/// `ConnectedAppSettings`.
pub(super) const CONNECTED_APP: &[Field] = &[
    switch(
        "enableAdminApprovedAppsOnly",
        &[Factor::ApiAccessControl],
        false,
    ),
    switch(
        "enableAdminApprovedAppsOnlyForExternalUser",
        &[Factor::ApiAccessControlExternal],
        false,
    ),
    flag("enableSkipUserProvisioningWizardWelcomePage"),
];

/// `OauthOidcSettings`.
pub(super) const OAUTH_OIDC: &[Field] = &[
    flag("agentAuthLinking"),
    // The guide's default is false; orgs made since Summer 2023 begin with true. So the element must stand there to be known.
    decides(
        "blockOAuthUnPwFlow",
        &[Factor::UsernamePasswordBlocked],
        Holds::Flag,
        Absent::Unknown,
    ),
    flag("blockOAuthUsrAgtFlow"),
    flag("enableHdlessFgtPswFlow"),
    switch("isPkceRequired", &[Factor::OrgPkceRequired], false),
    flag("oAuthCdCrdtFlowEnable"),
];

/// `MyDomainSettings`, the elements that decide a login.
pub(super) const MY_DOMAIN: &[Field] = &[
    switch(
        "canOnlyLoginWithMyDomainUrl",
        &[Factor::MyDomainOnlyLogin],
        false,
    ),
    flag("doesApiLoginRequireOrgDomain"),
    text("myDomainName"),
];

/// `SecuritySettings`, the elements that decide a login.
pub(super) const SECURITY: &[Field] = &[
    decides(
        "networkAccess",
        &[],
        Holds::One(NETWORK_ACCESS),
        Absent::Inside,
    ),
    plain("passwordPolicies", Holds::Open),
    decides("sessionSettings", &[], Holds::One(SESSION), Absent::Inside),
    decides(
        "singleSignOnSettings",
        &[],
        Holds::One(SINGLE_SIGN_ON),
        Absent::Inside,
    ),
];

const NETWORK_ACCESS: &[Field] = &[decides(
    "ipRanges",
    &[Factor::NetworkAccess],
    Holds::Ranges("start", "end"),
    Absent::Nothing,
)];

const SESSION: &[Field] = &[
    decides(
        "enableMFADirectUILoginOptIn",
        &[Factor::MfaUiLogin],
        Holds::Flag,
        Absent::Unknown,
    ),
    flag("enableOauthCorsPolicy"),
    switch(
        "enforceIpRangesEveryRequest",
        &[Factor::EnforceIpEveryRequest],
        false,
    ),
    flag("lockSessionsToDomain"),
    switch("lockSessionsToIp", &[Factor::LockSessionsToIp], false),
    decides(
        "sessionTimeout",
        &[Factor::OrgSessionTimeout],
        Holds::Word(&[
            ("FifteenMinutes", Means::Number(15)),
            ("ThirtyMinutes", Means::Number(30)),
            ("SixtyMinutes", Means::Number(60)),
            ("TwoHours", Means::Number(120)),
            ("FourHours", Means::Number(240)),
            ("EightHours", Means::Number(480)),
            ("TwelveHours", Means::Number(720)),
            ("TwentyFourHours", Means::Number(1440)),
        ]),
        Absent::Number(120),
    ),
];

const SINGLE_SIGN_ON: &[Field] = &[switch(
    "isLoginWithSalesforceCredentialsDisabled",
    &[Factor::SsoOnlyLogin],
    false,
)];

/// `OauthCustomScope`.
pub(super) const CUSTOM_SCOPE: &[Field] = &[
    plain("assignedTo", Holds::Many(&[text("connectedApp")])),
    text("description"),
    text("developerName"),
    flag("isProtected"),
    flag("isPublic"),
    text("masterLabel"),
];

/// `OauthTokenExchangeHandler`. Which apps it is enabled for is read with the apps.
pub(super) const TOKEN_EXCHANGE_HANDLER: &[Field] = &[
    text("description"),
    text("developerName"),
    plain(
        "enablements",
        Holds::Many(&[
            text("apexExecutionUser"),
            text("connectedApp"),
            text("externalClientApp"),
            flag("isDefault"),
        ]),
    ),
    flag("isAccessTokenSupported"),
    flag("isContactCreationAllowed"),
    flag("isEnabled"),
    flag("isIdTokenSupported"),
    flag("isJwtSupported"),
    flag("isProtected"),
    flag("isRefreshTokenSupported"),
    flag("isSaml2Supported"),
    flag("isUserCreationAllowed"),
    text("masterLabel"),
    text("tokenHandlerApex"),
];

/// `BlacklistedConsumer`: a blocked app.
pub(super) const BLOCKED_CONSUMER: &[Field] = &[
    flag("blockedByApiWhitelisting"),
    text("consumerKey"),
    text("consumerName"),
    text("masterLabel"),
];

/// `ProfileSessionSetting`. The timeout takes the place of the org's for users of the profile.
pub(super) const PROFILE_SESSION: &[Field] = &[
    text("profile"),
    decides(
        "requiredSessionLevel",
        &[Factor::ProfileSessionLevel],
        Holds::OwnWord,
        Absent::Unknown,
    ),
    decides(
        "sessionTimeout",
        &[Factor::OrgSessionTimeout],
        Holds::Number(1, i64::MAX),
        Absent::Unknown,
    ),
];
