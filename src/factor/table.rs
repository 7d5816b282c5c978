//! The closed table of factors: name in files, kind, Setup label, `Type.field`, and the values it can take.

/// What sort of thing a factor is, which also says in which section of a file it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactorKind {
    /// A setting or policy of the app (`app:`).
    App,
    /// A setting or state of the org (`org:`).
    Org,
    /// A person, the profile and the permission sets (`users:`).
    Person,
    /// What the client sends (`send:` of a step).
    Request,
    /// Host, address, time (keys of a step).
    Environment,
}

impl FactorKind {
    /// The section of a file.
    pub const fn section(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Org => "org",
            Self::Person => "users",
            Self::Request => "send",
            Self::Environment => "step",
        }
    }
}

/// Declares the closed set of factors.
macro_rules! factors {
    ($($variant:ident = ($key:literal, $kind:ident, $label:literal, $field:literal, $values:literal)),+ $(,)?) => {
        /// Something that can decide a flow. Closed: a new one does not compile until `set` and `read` of the model know it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each row of the table below documents its factor by label and field")]
        pub enum Factor {
            $($variant),+
        }

        impl Factor {
            /// Every factor, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The key in its section of a scenario or org file.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }

            /// What sort of thing it is.
            pub const fn kind(self) -> FactorKind {
                match self { $(Self::$variant => FactorKind::$kind),+ }
            }

            /// The words on the Setup page, or what a person would call it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// `Type.field` of metadata or of the object that shows it; in parentheses where there is none.
            pub const fn field(self) -> &'static str {
                match self { $(Self::$variant => $field),+ }
            }

            /// The values it can take: words separated by `|`, or `flag`, `number`, `names`, `text`.
            pub const fn values(self) -> &'static str {
                match self { $(Self::$variant => $values),+ }
            }
        }
    };
}

factors! {
    AppEnabled = ("isEnabled", App, "External client app enabled", "ExtlClntAppConfigurablePolicies.isEnabled", "flag"),
    OauthPluginEnabled = ("isOauthPluginEnabled", App, "OAuth plugin", "ExtlClntAppConfigurablePolicies.isOauthPluginEnabled", "flag"),
    AppBlocked = ("blocked", App, "Block (External Client Apps OAuth Usage)", "BlacklistedConsumer.consumerKey", "flag"),
    AppDeleted = ("deleted", App, "App deleted", "ExternalClientApplication", "flag"),
    DistributionState = ("distributionState", App, "Distribution State", "ExternalClientApplication.distributionState", "Local|Packaged"),
    Installed = ("installed", App, "Installed Packages", "OauthToken.AppMenuItemId", "flag"),
    PolicyRecord = ("policyRecord", App, "OAuth policies of this org", "ExtlClntAppOauthConfigurablePolicies", "flag"),
    CallbackUrl = ("callbackUrl", App, "Callback URL", "ExtlClntAppGlobalOauthSettings.callbackUrl", "names"),
    ConsumerKey = ("consumerKey", App, "Consumer Key", "ExtlClntAppGlobalOauthSettings.consumerKey", "current|rotated"),
    ConsumerSecret = ("consumerSecret", App, "Consumer Secret", "ExtlClntAppGlobalOauthSettings.consumerSecret", "current|rotated"),
    Certificate = ("certificate", App, "Enable JWT Bearer Flow (certificate)", "ExtlClntAppGlobalOauthSettings.certificate", "valid|expired|other|absent"),
    ExpiredCertificate = ("expiredCertificate", App, "What an expired certificate does (switch of the simulated org)", "(simulated org)", "refuses|verifies"),
    ClientCredentialsInSettings = ("isClientCredentialsFlowEnabled", App, "Enable Client Credentials Flow (Settings)", "ExtlClntAppGlobalOauthSettings.isClientCredentialsFlowEnabled", "flag"),
    ClientCredentialsInPolicies = ("isClientCredentialsFlowEnabledInPolicies", App, "Enable Client Credentials Flow (Policies)", "ExtlClntAppOauthConfigurablePolicies.isClientCredentialsFlowEnabled", "flag"),
    ClientCredentialsFlowUser = ("clientCredentialsFlowUser", App, "Run As (Username)", "ExtlClntAppOauthConfigurablePolicies.clientCredentialsFlowUser", "text"),
    DeviceFlowEnabled = ("isDeviceFlowEnabled", App, "Enable Device Flow", "ExtlClntAppGlobalOauthSettings.isDeviceFlowEnabled", "flag"),
    TokenExchangeInSettings = ("isTokenExchangeEnabled", App, "Enable Token Exchange Flow (Settings)", "ExtlClntAppGlobalOauthSettings.isTokenExchangeEnabled", "flag"),
    TokenExchangeInPolicies = ("isTokenExchangeFlowEnabled", App, "Enable Token Exchange Flow (Policies)", "ExtlClntAppOauthConfigurablePolicies.isTokenExchangeFlowEnabled", "flag"),
    TokenExchangeHandler = ("tokenExchangeHandler", App, "Token Exchange Handlers > Enable New App", "OauthTokenExchangeHandler.enablements", "enabled|not_enabled|rejects"),
    SecretRequiredForTokenExchange = ("isSecretRequiredForTokenExchange", App, "Require Secret for Token Exchange Flow", "ExtlClntAppGlobalOauthSettings.isSecretRequiredForTokenExchange", "flag"),
    ConsumerSecretOptional = ("isConsumerSecretOptional", App, "Require Secret for Web Server Flow (inverse)", "ExtlClntAppGlobalOauthSettings.isConsumerSecretOptional", "flag"),
    SecretRequiredForRefreshToken = ("isSecretRequiredForRefreshToken", App, "Require Secret for Refresh Token Flow", "ExtlClntAppGlobalOauthSettings.isSecretRequiredForRefreshToken", "flag"),
    PkceRequired = ("isPkceRequired", App, "Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows", "ExtlClntAppGlobalOauthSettings.isPkceRequired", "flag"),
    RefreshTokenRotation = ("isRefreshTokenRotationEnabled", App, "Enable Refresh Token Rotation", "ExtlClntAppGlobalOauthSettings.isRefreshTokenRotationEnabled", "flag"),
    RefreshTokenIdleLimit = ("isEnforceRefreshTokenTTL", App, "Idle refresh token limit of 30 days", "ExtlClntAppGlobalOauthSettings.isEnforceRefreshTokenTTL", "flag"),
    NamedUserJwt = ("isNamedUserJwtEnabled", App, "Issue JSON Web Token (JWT)-based access tokens for named users", "ExtlClntAppGlobalOauthSettings.isNamedUserJwtEnabled", "flag"),
    IntrospectAllTokens = ("isIntrospectAllTokens", App, "Introspect All Tokens", "ExtlClntAppGlobalOauthSettings.isIntrospectAllTokens", "flag"),
    IdTokenValidity = ("idTokenValidityInMinutes", App, "Configure ID Token", "ExtlClntAppGlobalOauthSettings.idTokenConfig.idTokenValidityInMinutes", "number"),
    Scopes = ("commaSeparatedOauthScopes", App, "Selected OAuth Scopes", "ExtlClntAppOauthSettings.commaSeparatedOauthScopes", "names"),
    CustomScopes = ("commaSeparatedCustomScopes", App, "Custom scopes", "ExtlClntAppOauthConfigurablePolicies.commaSeparatedCustomScopes", "names"),
    TrustedIpRanges = ("trustedIpRanges", App, "Trusted IP Range for OAuth Web Server Flow", "ExtlClntAppOauthSettings.trustedIpRanges", "names"),
    RefreshTokenIpAllowlist = ("refreshTokenIpAllowlist", App, "Enforce Refresh Token IP Allowlist", "ExtlClntAppOauthSecuritySettings", "names"),
    PermittedUsers = ("permittedUsersPolicyType", App, "Permitted Users", "ExtlClntAppOauthConfigurablePolicies.permittedUsersPolicyType", "AllSelfAuthorized|AdminApprovedPreAuthorized"),
    SelectedPermissionSets = ("commaSeparatedPermissionSet", App, "Select Permission Sets", "ExtlClntAppOauthConfigurablePolicies.commaSeparatedPermissionSet", "names"),
    SelectedProfiles = ("commaSeparatedProfile", App, "Select Profiles", "ExtlClntAppOauthConfigurablePolicies.commaSeparatedProfile", "names"),
    RefreshTokenPolicy = ("refreshTokenPolicyType", App, "Refresh Token Policy", "ExtlClntAppOauthConfigurablePolicies.refreshTokenPolicyType", "Infinite|Zero|SpecificLifetime|SpecificInactivity"),
    RefreshTokenValidityPeriod = ("refreshTokenValidityPeriod", App, "Refresh Token Policy (number)", "ExtlClntAppOauthConfigurablePolicies.refreshTokenValidityPeriod", "number"),
    RefreshTokenValidityUnit = ("refreshTokenValidityUnit", App, "Refresh Token Policy (unit)", "ExtlClntAppOauthConfigurablePolicies.refreshTokenValidityUnit", "Hours|Days|Months"),
    IpRelaxation = ("ipRelaxationPolicyType", App, "IP Relaxation", "ExtlClntAppOauthConfigurablePolicies.ipRelaxationPolicyType", "Enforce|Enforce_RelaxRefresh|Bypass_2factor|Bypass"),
    RequiredSessionLevel = ("requiredSessionLevel", App, "High assurance session required", "ExtlClntAppOauthConfigurablePolicies.requiredSessionLevel", "LOW|STANDARD|HIGH_ASSURANCE"),
    PolicyAction = ("policyAction", App, "High assurance session required (action)", "ExtlClntAppOauthConfigurablePolicies.policyAction", "Block|RaiseSessionLevel|StepUpMFA"),
    SessionTimeout = ("sessionTimeoutInMinutes", App, "Session timeout", "ExtlClntAppOauthConfigurablePolicies.sessionTimeoutInMinutes", "number"),
    NamedUserJwtTimeout = ("namedUserJwtTimeout", App, "JWT timeout", "ExtlClntAppOauthConfigurablePolicies.namedUserJwtTimeout", "number"),
    UsernamePasswordOnEca = ("usernamePasswordOnEca", App, "Username-password on an External Client App (goes beyond the platform)", "(simulated org)", "flag"),
    MfaOnlyForRefresh = ("mfaOnlyForRefresh", App, "MFA only for refresh (goes beyond the platform)", "(simulated org)", "flag"),
    OrgPkceRequired = ("isPkceRequired", Org, "Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows (org)", "OauthOidcSettings.isPkceRequired", "flag"),
    UsernamePasswordBlocked = ("blockOAuthUnPwFlow", Org, "Allow OAuth Username-Password Flows (inverse)", "OauthOidcSettings.blockOAuthUnPwFlow", "flag"),
    ApiAccessControl = ("enableAdminApprovedAppsOnly", Org, "API Access Control: For admin-approved users, limit API access to only allowed connected apps", "ConnectedAppSettings.enableAdminApprovedAppsOnly", "flag"),
    ApiAccessControlExternal = ("enableAdminApprovedAppsOnlyForExternalUser", Org, "API Access Control: For customers and partners, limit API access to only installed connected apps", "ConnectedAppSettings.enableAdminApprovedAppsOnlyForExternalUser", "flag"),
    MyDomainOnlyLogin = ("canOnlyLoginWithMyDomainUrl", Org, "Prevent login from https://login.salesforce.com", "MyDomainSettings.canOnlyLoginWithMyDomainUrl", "flag"),
    MyDomainHostNeeded = ("answersOnlyOnMyDomain", Org, "Org answers logins only on its My Domain host", "MyDomainSettings.myDomainName", "flag"),
    NetworkAccess = ("networkAccess", Org, "Network Access (trusted IP ranges)", "SecuritySettings.networkAccess.ipRanges", "names"),
    DeviceActivation = ("deviceActivation", Org, "Identity verification from an unknown address", "SecuritySettings.networkAccess.ipRanges", "flag"),
    EnforceIpEveryRequest = ("enforceIpRangesEveryRequest", Org, "Enforce login IP ranges on every request", "SecuritySettings.sessionSettings.enforceIpRangesEveryRequest", "flag"),
    LockSessionsToIp = ("lockSessionsToIp", Org, "Lock sessions to the IP address from which they originated", "SecuritySettings.sessionSettings.lockSessionsToIp", "flag"),
    MfaUiLogin = ("enableMFADirectUILoginOptIn", Org, "Require MFA for all direct UI logins", "SecuritySettings.sessionSettings.enableMFADirectUILoginOptIn", "flag"),
    OrgSessionTimeout = ("sessionTimeout", Org, "Session Settings: Timeout Value (minutes)", "SecuritySettings.sessionSettings.sessionTimeout", "number"),
    SsoOnlyLogin = ("isLoginWithSalesforceCredentialsDisabled", Org, "Disable login with Salesforce credentials", "SecuritySettings.singleSignOnSettings.isLoginWithSalesforceCredentialsDisabled", "flag"),
    SessionLevelMapping = ("mfaIsHighAssurance", Org, "Session Security Levels (High Assurance column)", "(not in metadata)", "flag"),
    OrgActive = ("orgActive", Org, "Org locked, suspended or closed", "Organization", "flag"),
    OrgApi = ("apiInEdition", Org, "Edition with API access", "Organization.OrganizationType", "flag"),
    ApiRequestLimit = ("apiRequestsLeft", Org, "Daily API requests left", "/services/data/vNN.0/limits", "flag"),
    OrgEnvironment = ("environment", Org, "Production or sandbox", "Organization.IsSandbox", "production|sandbox"),
    UserActive = ("isActive", Person, "Active", "User.IsActive", "flag"),
    UserFrozen = ("isFrozen", Person, "Freeze", "UserLogin.IsFrozen", "flag"),
    UserLocked = ("isPasswordLocked", Person, "Unlock", "UserLogin.IsPasswordLocked", "flag"),
    PasswordExpired = ("passwordExpired", Person, "Password Policies: User passwords expire in", "SecuritySettings.passwordPolicies.expiration", "flag"),
    ApiEnabled = ("apiEnabled", Person, "API Enabled", "PermissionSet.PermissionsApiEnabled", "flag"),
    ApiOnlyUser = ("apiUserOnly", Person, "API Only User", "PermissionSet.PermissionsApiUserOnly", "flag"),
    UserType = ("userType", Person, "User Type", "User.UserType", "Standard|External"),
    MfaForApi = ("twoFactorApi", Person, "Multi-Factor Authentication for API Logins", "PermissionSet.PermissionsTwoFactorApi", "flag"),
    MfaForUi = ("forceTwoFactor", Person, "Multi-Factor Authentication for User Interface Logins", "PermissionSet.PermissionsForceTwoFactor", "flag"),
    UseAnyApiClient = ("useAnyApiClient", Person, "Use Any API Client", "PermissionSet.PermissionsUseAnyApiClient", "flag"),
    ApproveUninstalledApps = ("canApproveUninstalledApps", Person, "Approve Uninstalled Connected Apps", "PermissionSet.PermissionsCanApproveUninstalledApps", "flag"),
    UserProfile = ("profile", Person, "Profile", "User.ProfileId", "text"),
    UserPermissionSets = ("permissionSets", Person, "Permission Set Assignments", "PermissionSetAssignment.PermissionSetId", "names"),
    PermissionSetAssignment = ("permissionSetAssignment", Person, "Manage Assignments (expiry, activation)", "PermissionSetAssignment.IsActive", "active|expired|not_activated"),
    LoginIpRanges = ("loginIpRanges", Person, "Login IP Ranges", "Profile.loginIpRanges", "names"),
    LoginHours = ("loginHours", Person, "Login Hours", "Profile.loginHours", "always|never|text"),
    ProfileSessionLevel = ("profileSessionLevel", Person, "Session Security Level Required at Login", "ProfileSessionSetting.requiredSessionLevel", "LOW|STANDARD|HIGH_ASSURANCE"),
    LoginFlow = ("loginFlow", Person, "Login Flows", "Profile.loginFlows", "flag"),
    LoginRate = ("loginRateExceeded", Person, "Logins of the user in the last hour", "LoginHistory", "flag"),
    HomeOrg = ("homeOrg", Person, "Org of the user", "Organization.Id", "own|other"),
    Approval = ("approval", Person, "OAuth Connected Apps of the user", "OauthToken", "none|with_refresh_token|without_refresh_token"),
    ClientId = ("client_id", Request, "client_id", "(request)", "right|wrong|former|absent"),
    ClientSecret = ("client_secret", Request, "client_secret", "(request)", "right|wrong|former|absent"),
    BasicHeader = ("basic", Request, "Authorization: Basic", "(request)", "right|malformed"),
    GrantTypeSent = ("grant_type", Request, "grant_type", "(request)", "right|wrong"),
    ContentType = ("json_body", Request, "Content-Type of the token request", "(request)", "form|json"),
    HttpMethod = ("get", Request, "HTTP method of the token request", "(request)", "POST|GET"),
    ScopeAtToken = ("scope", Request, "scope at the token endpoint", "(request)", "absent|given"),
    RedirectUri = ("redirect_uri", Request, "redirect_uri at authorize", "(request)", "right|wrong|absent"),
    RedirectUriAtToken = ("redirect_uri_at_token", Request, "redirect_uri at the token endpoint", "(request)", "right|wrong"),
    ResponseType = ("response_type", Request, "response_type", "(request)", "code|wrong"),
    Prompt = ("prompt", Request, "prompt", "(request)", "absent|none"),
    CodeChallenge = ("code_challenge", Request, "code_challenge", "(request)", "right|absent|malformed"),
    CodeVerifier = ("code_verifier", Request, "code_verifier", "(request)", "right|wrong|absent|given|malformed"),
    Code = ("code", Request, "code", "(request)", "right|used"),
    ScopeAsked = ("scope_asked", Request, "scope at authorize", "(request)", "granted by the app|unknown name|without api|without refresh_token|without openid"),
    AssertionForm = ("assertion", Request, "assertion", "(request)", "JWT|malformed"),
    AssertionKey = ("assertion_key", Request, "key that signed the assertion", "(request)", "right|other"),
    AssertionAlgorithm = ("alg", Request, "alg of the assertion", "(request)", "RS256|other"),
    AssertionAudience = ("aud", Request, "aud of the assertion", "(request)", "right|wrong"),
    AssertionSubject = ("sub", Request, "sub of the assertion", "(request)", "username of this org|unknown"),
    AssertionExpiry = ("exp", Request, "exp of the assertion", "(request)", "ahead|passed"),
    AssertionClaims = ("claims", Request, "claims of the assertion", "(request)", "complete|missing"),
    AssertionJti = ("jti", Request, "jti of the assertion", "(request)", "fresh|used"),
    RefreshTokenSent = ("refresh_token", Request, "refresh_token", "(request)", "current|former"),
    RefreshAtOnce = ("at_once", Request, "refreshes at once with one token", "(request)", "one|many"),
    DeviceCode = ("device_code", Request, "device code in the poll", "(request)", "right|wrong"),
    DevicePolling = ("poll_at_once", Request, "pause between two polls", "(request)", "kept|too short"),
    Username = ("username", Request, "username", "(request)", "known|unknown"),
    Password = ("password", Request, "password", "(request)", "right|wrong"),
    SecurityToken = ("security_token", Request, "security token after the password", "(request)", "right|absent|former"),
    SubjectToken = ("subject_token", Request, "subject_token", "(request)", "accepted|invalid|JWT access token"),
    AccessTokenSent = ("access_token", Request, "access token in the call", "(request)", "right|unknown|absent"),
    AccessTokenPlace = ("access_token_in_query", Request, "place of the access token", "(request)", "header|query"),
    AuthorizationHeader = ("authorization", Request, "Authorization header", "(request)", "Bearer|malformed"),
    RevokeTypeHint = ("revoke_hint", Request, "token_type_hint of the revocation", "(request)", "supported|unsupported"),
    TokenOwner = ("token_owner", Request, "app that the introspected token belongs to", "(request)", "own|other"),
    Consent = ("consent", Request, "answer on the approval page", "(request)", "Allow|Deny"),
    Host = ("host", Environment, "host of the request", "(environment)", "my_domain|login|test"),
    SourceAddress = ("from", Environment, "address that the request comes from", "LoginHistory.SourceIp", "inside|outside"),
    AppAge = ("app_age", Environment, "minutes since the app or its settings were changed", "ExternalClientApplication.LastModifiedDate", "old|minutes"),
    CodeAge = ("code_age", Environment, "age of the authorization code", "(environment)", "at most 15 minutes|older"),
    DeviceCodeAge = ("device_code_age", Environment, "age of the device code", "(environment)", "at most 10 minutes|older"),
    DevicePerson = ("device_person", Environment, "person at the device page", "(environment)", "approved|not yet"),
    ConsentDelay = ("consent_delay", Environment, "time on the login and approval pages", "(environment)", "short|too long"),
    RefreshTokenAge = ("refresh_token_age", Environment, "age of the refresh token", "OauthToken.CreatedDate", "within the period|beyond it"),
    RefreshTokenIdle = ("refresh_token_idle", Environment, "time since the refresh token was used", "OauthToken.LastUsedDate", "within the period|beyond it"),
    RefreshTokenRevoked = ("refresh_token_revoked", Environment, "refresh token revoked", "OauthToken", "no|yes"),
    RefreshTokenOrigin = ("refresh_token_of", Environment, "flow that gave the refresh token", "(environment)", "authorization_code|device"),
    ApprovalCount = ("approval_count", Environment, "approvals of the user for the app", "OauthToken", "at most 5|more"),
    AccessTokenAge = ("access_token_age", Environment, "age of the access token", "AuthSession.NumSecondsValid", "within the timeout|beyond it"),
    BrowserSession = ("browser_session", Environment, "org of the browser session", "(environment)", "own|other"),
    ServerFault = ("server_fault", Environment, "fault of the server", "(environment)", "none|once"),
}

impl Factor {
    /// The factor of a section by its key, or by its full `Type.field` in any section.
    pub fn find(section: FactorKind, key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|factor| {
            (factor.kind() == section && factor.key() == key) || factor.field() == key
        })
    }

    /// The keys of a section, for the list of valid names.
    pub fn keys(section: FactorKind) -> impl Iterator<Item = &'static str> {
        Self::ALL
            .iter()
            .filter(move |factor| factor.kind() == section)
            .map(|factor| factor.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_key_names_one_factor_of_its_section() {
        let mut seen = HashSet::new();
        for factor in Factor::ALL {
            assert!(seen.insert((factor.kind(), factor.key())), "{factor:?}");
            assert_eq!(Factor::find(factor.kind(), factor.key()), Some(*factor));
        }
    }
}
