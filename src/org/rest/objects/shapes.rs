//! Names, fields and parents of the objects (eca-policy 4.2, real-clients 1c), and who may see them (eca-policy 4.1).

use super::super::ids::Kind;
use super::super::soql::{Field, FieldType, Relation};

/// An object without its rows.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// As Salesforce spells it.
    pub name: &'static str,
    /// As a person reads it.
    pub label: &'static str,
    /// For its ids.
    pub kind: Kind,
    /// In which API it stands.
    pub api: Api,
    /// Who sees its rows.
    pub access: Access,
    /// Fields, `Id` first.
    pub fields: &'static [Field],
    /// Parents.
    pub relations: &'static [Relation],
}

/// In which API an object can be queried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// The Data API.
    Data,
    /// The Tooling API.
    Tooling,
    /// Both.
    Both,
}

/// Who sees the rows of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone.
    Open,
    /// An administrator sees all, everyone else the rows of their own.
    Own,
    /// An administrator; to everyone else the object is not there.
    Setup,
}

enum Column {
    Id,
    Reference,
    Text,
    /// Text that `WHERE` and `ORDER BY` refuse.
    Unfiltered,
    Boolean,
    Int,
    DateTime,
}

const fn field(name: &'static str, column: &Column) -> Field {
    Field {
        name,
        of: match column {
            Column::Id => FieldType::Id,
            Column::Reference => FieldType::Reference,
            Column::Text | Column::Unfiltered => FieldType::Text,
            Column::Boolean => FieldType::Boolean,
            Column::Int => FieldType::Int,
            Column::DateTime => FieldType::DateTime,
        },
        filterable: !matches!(column, Column::Unfiltered),
    }
}

/// Declares the objects.
macro_rules! shapes {
    ($($(#[$doc:meta])* $shape:ident = $label:literal, $kind:ident, $api:ident, $access:ident,
        [$($field:ident: $column:ident),+ $(,)?],
        [$($relation:ident($via:ident) = $target:ident),* $(,)?];)+) => {
        /// Every object.
        pub const SHAPES: &[Shape] = &[$(Shape {
            name: stringify!($shape),
            label: $label,
            kind: Kind::$kind,
            api: Api::$api,
            access: Access::$access,
            fields: &[$(field(stringify!($field), &Column::$column)),+],
            relations: &[$(Relation {
                name: stringify!($relation),
                via: stringify!($via),
                target: stringify!($target),
            }),*],
        }),+];
    };
}

shapes! {
    Organization = "Organization", Organization, Both, Open,
        [Id: Id, Name: Text, OrganizationType: Text, IsSandbox: Boolean, InstanceName: Text, NamespacePrefix: Text,
         LanguageLocaleKey: Text, TimeZoneSidKey: Text, DefaultLocaleSidKey: Text, IsReadOnly: Boolean, TrialExpirationDate: DateTime,
         CreatedDate: DateTime, LastModifiedDate: DateTime],
        [];
    User = "User", User, Both, Open,
        [Id: Id, Username: Text, Name: Text, FirstName: Text, LastName: Text, Alias: Text, Email: Text, IsActive: Boolean, UserType: Text,
         ProfileId: Reference, TimeZoneSidKey: Text, LocaleSidKey: Text, LanguageLocaleKey: Text, LastLoginDate: DateTime,
         LastPasswordChangeDate: DateTime, CreatedDate: DateTime, LastModifiedDate: DateTime],
        [Profile(ProfileId) = Profile];
    Profile = "Profile", Profile, Both, Open,
        [Id: Id, Name: Text, UserType: Text, UserLicenseId: Reference],
        [UserLicense(UserLicenseId) = UserLicense];
    UserLicense = "User License", UserLicense, Data, Open,
        [Id: Id, Name: Text],
        [];
    // `PermissionsUseAnyApiClient` is last: it exists only where API Access Control does.
    PermissionSet = "Permission Set", PermissionSet, Both, Open,
        [Id: Id, Name: Text, Label: Text, IsOwnedByProfile: Boolean, ProfileId: Reference, HasActivationRequired: Boolean,
         PermissionsApiEnabled: Boolean, PermissionsApiUserOnly: Boolean, PermissionsCanApproveUninstalledApps: Boolean,
         PermissionsForceTwoFactor: Boolean, PermissionsTwoFactorApi: Boolean, PermissionsCustomizeApplication: Boolean,
         PermissionsManageUsers: Boolean, PermissionsViewSetup: Boolean, PermissionsUseAnyApiClient: Boolean],
        [Profile(ProfileId) = Profile];
    PermissionSetAssignment = "Permission Set Assignment", PermissionSetAssignment, Data, Open,
        [Id: Id, AssigneeId: Reference, PermissionSetId: Reference, PermissionSetGroupId: Reference, IsActive: Boolean,
         ExpirationDate: DateTime],
        [Assignee(AssigneeId) = User, PermissionSet(PermissionSetId) = PermissionSet];
    SetupEntityAccess = "Setup Entity Access", SetupEntityAccess, Data, Setup,
        [Id: Id, ParentId: Reference, SetupEntityId: Reference, SetupEntityType: Text],
        [Parent(ParentId) = PermissionSet];
    LoginHistory = "Login History", LoginHistory, Data, Own,
        [Id: Id, UserId: Reference, LoginTime: DateTime, LoginType: Text, LoginSubType: Text, Status: Unfiltered, Application: Unfiltered,
         SourceIp: Text, LoginUrl: Text, NetworkId: Reference, ApiType: Unfiltered, ApiVersion: Unfiltered, Browser: Unfiltered,
         Platform: Unfiltered, TlsProtocol: Text, CountryIso: Text, OptionsIsGet: Boolean, OptionsIsPost: Boolean],
        [];
    UserLogin = "User Login", UserLogin, Data, Setup,
        [Id: Id, UserId: Reference, IsFrozen: Boolean, IsPasswordLocked: Boolean, LastModifiedDate: DateTime],
        [];
    AuthSession = "Auth Session", AuthSession, Data, Setup,
        [Id: Id, UsersId: Reference, SessionType: Text, SessionSecurityLevel: Text, LoginType: Text, SourceIp: Text, NumSecondsValid: Int,
         IsAssociatedWithJwtAccessToken: Boolean, CreatedDate: DateTime, LastModifiedDate: DateTime],
        [Users(UsersId) = User];
    // `DeleteToken` can revoke the grant: it is a secret, so the simulated org leaves it empty.
    OauthToken = "OAuth Token", OauthToken, Data, Own,
        [Id: Id, AppName: Text, AppMenuItemId: Reference, UserId: Reference, LastUsedDate: DateTime, UseCount: Int, CreatedDate: DateTime,
         DeleteToken: Unfiltered],
        [User(UserId) = User];
    ExternalClientApplication = "External Client App", ExternalClientApplication, Both, Setup,
        [Id: Id, DeveloperName: Text, MasterLabel: Text, NamespacePrefix: Text, DistributionState: Text, OrgScopedExternalApp: Text,
         CreatedDate: DateTime, LastModifiedDate: DateTime],
        [];
    ExtlClntAppPlcyCnfg = "External Client App Policy Configuration", AppPolicies, Both, Setup,
        [Id: Id, ExternalClientApplicationId: Reference, IsEnabled: Boolean, OauthPluginStatus: Text, SamlPluginStatus: Text,
         MobilePluginStatus: Text, StartPage: Text, StartUrl: Text, LastModifiedDate: DateTime],
        [ExternalClientApplication(ExternalClientApplicationId) = ExternalClientApplication];
    ExtlClntAppOauthPlcyCnfg = "External Client App OAuth Policy Configuration", AppOauthPolicies, Both, Setup,
        [Id: Id, ExternalClientApplicationId: Reference, ExtlClntAppOauthSettingsId: Reference, PermittedUsersPolicyType: Text,
         IpRelaxationPolicyType: Text, RefreshTokenPolicyType: Text, RefreshTokenValidityPeriod: Int, RefreshTokenValidityUnit: Text,
         RequiredSessionLevel: Text, PolicyAction: Text, SessionTimeoutInMinutes: Int, IsClientCredentialsFlowEnabled: Boolean,
         ClientCredentialsFlowUser: Text, IsTokenExchangeFlowEnabled: Boolean, IsGuestCodeCredFlowEnabled: Boolean,
         ApexHandlerId: Reference, ExecuteHandlerAsId: Reference, NamedUserJwtTimeout: Int, StartUrl: Text, LastModifiedDate: DateTime],
        [ExternalClientApplication(ExternalClientApplicationId) = ExternalClientApplication,
         ExtlClntAppOauthSettings(ExtlClntAppOauthSettingsId) = ExtlClntAppOauthSettings];
    // One boolean a scope, in the order of `rows::SCOPE_COLUMNS` (wire facts section 4).
    ExtlClntAppOauthSettings = "External Client App OAuth Settings", AppOauthSettings, Both, Setup,
        [Id: Id, ExternalClientApplicationId: Reference, OauthLink: Text, LastModifiedDate: DateTime, OauthScopesAPI: Boolean,
         OauthScopesWEB: Boolean, OauthScopesFULL: Boolean, OauthScopesREFRESH_TOKEN: Boolean, OauthScopesOFFLINE_ACCESS: Boolean,
         OauthScopesOPENID: Boolean, OauthScopesSSO: Boolean, OauthScopesCHATTER_REST_API: Boolean, OauthScopesVF: Boolean,
         OauthScopesCUSTOM_PERMISSIONS: Boolean, OauthScopesWAVE_REST_API: Boolean, OauthScopesECLAIR_REST_API: Boolean,
         OauthScopesPARDOT_API: Boolean, OauthScopesLIGHTNING: Boolean, OauthScopesCONTENT: Boolean, OauthScopesCHATBOT_API: Boolean,
         OauthScopesCDP_API: Boolean, OauthScopesSFAP_API: Boolean, OauthScopesEINSTEIN_GPT_API: Boolean, OauthScopesSCRT_API: Boolean,
         OauthScopesMCP_API: Boolean],
        [ExternalClientApplication(ExternalClientApplicationId) = ExternalClientApplication];
    ConnectedApplication = "Connected Application", ConnectedApplication, Data, Setup,
        [Id: Id, Name: Text, OptionsAllowAdminApprovedUsersOnly: Boolean, OptionsHasSessionLevelPolicy: Boolean,
         RefreshTokenValidityPeriod: Int, StartUrl: Text, CreatedDate: DateTime, LastModifiedDate: DateTime],
        [];
    SetupAuditTrail = "Setup Audit Trail Entry", SetupAuditTrail, Data, Setup,
        [Id: Id, Action: Text, Section: Text, Display: Text, CreatedDate: DateTime, CreatedById: Reference],
        [CreatedBy(CreatedById) = User];
    Certificate = "Certificate", Certificate, Tooling, Setup,
        [Id: Id, DeveloperName: Text, MasterLabel: Text, ExpirationDate: DateTime],
        [];
    CorsWhitelistEntry = "CORS Allowed Origin List", CorsWhitelistEntry, Both, Setup,
        [Id: Id, UrlPattern: Text],
        [];
    Account = "Account", Account, Data, Open,
        [Id: Id, Name: Text, Industry: Text, OwnerId: Reference, CreatedDate: DateTime, LastModifiedDate: DateTime],
        [Owner(OwnerId) = User];
    Contact = "Contact", Contact, Data, Open,
        [Id: Id, FirstName: Text, LastName: Text, Name: Text, Email: Text, AccountId: Reference, OwnerId: Reference,
         CreatedDate: DateTime],
        [Account(AccountId) = Account, Owner(OwnerId) = User];
}
