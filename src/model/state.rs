//! The state of an org: policy over time, people, and everything that flows leave behind. Handles are opaque: which text stands for a
//! code or a token is known to the HTTP side alone.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use super::words::{
    Approved, Assignment, Certificate, DistributionState, Handler, HomeOrg, IpRelaxation,
    OrgEnvironment, PermittedUsers, PolicyAction, RefreshTokenPolicy, SessionLevel, UserType,
    ValidityUnit,
};
use crate::cause::AppKind;
use crate::oauth::{GrantKind, ScopeSet};

/// Declares handles: positions in the lists of [`OrgState`].
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub usize);)+
    };
}

handles! {
    /// An app.
    AppId,
    /// A person.
    PersonId,
    /// An authorization code.
    CodeId,
    /// One approval and all tokens that came of it.
    FamilyId,
    /// A refresh token.
    RefreshId,
    /// An access token.
    AccessId,
    /// A device code with its user code.
    DeviceId,
}

/// An org.
#[derive(Debug, Clone)]
pub struct OrgState {
    /// Settings of the org.
    pub org: OrgSettings,
    /// Apps.
    pub apps: Vec<App>,
    /// Users.
    pub people: Vec<Person>,
    /// Authorization codes.
    pub codes: Vec<Code>,
    /// Approvals with their token families, oldest first.
    pub families: Vec<Family>,
    /// Refresh tokens.
    pub refresh_tokens: Vec<RefreshToken>,
    /// Access tokens.
    pub access_tokens: Vec<AccessToken>,
    /// Device codes.
    pub devices: Vec<Device>,
    /// Custom scopes (`OauthCustomScope`) that exist in the org, assigned or not.
    pub custom_scopes: ScopeSet,
    /// How long a change of an app takes to act. Zero unless a story asks for it.
    pub propagation: SignedDuration,
}

/// A value that changes at known times.
#[derive(Debug, Clone)]
pub struct Timeline<T>(Vec<(Timestamp, T)>);

impl<T: Clone> Timeline<T> {
    /// A value that was always so.
    pub fn new(value: T) -> Self {
        Self(vec![(Timestamp::MIN, value)])
    }

    /// The value in effect.
    ///
    /// # Panics
    ///
    /// Never: a timeline begins at the beginning of time.
    pub fn at(&self, now: Timestamp) -> &T {
        let (_, value) = self
            .0
            .iter()
            .rev()
            .find(|(from, _)| *from <= now)
            .expect("invariant: a timeline begins at the beginning of time");
        value
    }

    /// The value that was set last, in effect or not.
    ///
    /// # Panics
    ///
    /// Never: a timeline is not empty.
    pub fn latest(&self) -> &T {
        let (_, value) = self.0.last().expect("invariant: a timeline is never empty");
        value
    }

    /// Changes the value from a time on. A change that is already in effect replaces what was.
    pub fn change(&mut self, from: Timestamp, now: Timestamp, change: impl FnOnce(&mut T)) {
        let mut next = self.latest().clone();
        change(&mut next);
        if from <= now {
            self.0.clear();
            self.0.push((Timestamp::MIN, next));
        } else {
            self.0.push((from, next));
        }
    }
}

/// An app: identity and policy.
#[derive(Debug, Clone)]
pub struct App {
    /// Developer name.
    pub name: String,
    /// Which record type.
    pub kind: AppKind,
    /// When the org begins to know it; before, its key is unknown.
    pub known_from: Timestamp,
    /// Settings and policies over time.
    pub settings: Timeline<AppSettings>,
}

/// Settings of the developer side and policies of the admin side.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each field is a row of the factor table, which documents it by label and metadata field"
)]
pub struct AppSettings {
    pub enabled: bool,
    pub oauth_plugin_enabled: bool,
    pub blocked: bool,
    pub deleted: bool,
    pub distribution_state: DistributionState,
    pub installed: bool,
    pub policy_record: bool,
    pub callback_urls: Vec<String>,
    pub certificate: Certificate,
    pub expired_certificate_refuses: bool,
    pub client_credentials_in_settings: bool,
    pub client_credentials_in_policies: bool,
    pub client_credentials_flow_user: Option<String>,
    pub device_flow_enabled: bool,
    pub token_exchange_in_settings: bool,
    pub token_exchange_in_policies: bool,
    pub token_exchange_handler: Handler,
    pub secret_required_for_token_exchange: bool,
    pub consumer_secret_optional: bool,
    pub secret_required_for_refresh_token: bool,
    pub pkce_required: bool,
    pub refresh_token_rotation: bool,
    pub refresh_token_idle_limit: bool,
    pub named_user_jwt: bool,
    pub introspect_all_tokens: bool,
    pub id_token_validity_minutes: i64,
    pub scopes: ScopeSet,
    pub custom_scopes: ScopeSet,
    pub trusted_ip_ranges: Vec<IpNet>,
    pub refresh_token_ip_allowlist: Option<Vec<IpNet>>,
    pub permitted_users: PermittedUsers,
    pub selected_permission_sets: Vec<String>,
    pub selected_profiles: Vec<String>,
    pub refresh_token_policy: RefreshTokenPolicy,
    pub refresh_token_validity_period: i64,
    pub refresh_token_validity_unit: ValidityUnit,
    pub ip_relaxation: IpRelaxation,
    pub required_session_level: SessionLevel,
    pub policy_action: PolicyAction,
    pub session_timeout_minutes: Option<i64>,
    pub named_user_jwt_timeout_minutes: i64,
    pub username_password_on_eca: bool,
    pub mfa_only_for_refresh: bool,
}

impl AppSettings {
    /// An app by which each grant that its kind supports passes, with the platform's defaults wherever these allow it.
    pub fn healthy() -> Self {
        Self {
            enabled: true,
            oauth_plugin_enabled: true,
            blocked: false,
            deleted: false,
            distribution_state: DistributionState::Local,
            installed: true,
            policy_record: true,
            callback_urls: vec!["https://localhost/callback".to_owned()],
            certificate: Certificate::Valid,
            expired_certificate_refuses: true,
            client_credentials_in_settings: true,
            client_credentials_in_policies: true,
            client_credentials_flow_user: Some("integration@acme.test".to_owned()),
            device_flow_enabled: true,
            token_exchange_in_settings: true,
            token_exchange_in_policies: true,
            token_exchange_handler: Handler::Enabled,
            secret_required_for_token_exchange: true,
            consumer_secret_optional: false,
            secret_required_for_refresh_token: true,
            pkce_required: true,
            refresh_token_rotation: false,
            refresh_token_idle_limit: false,
            named_user_jwt: false,
            introspect_all_tokens: false,
            id_token_validity_minutes: 2,
            scopes: ScopeSet::from_wire("api refresh_token openid id"),
            custom_scopes: ScopeSet::default(),
            trusted_ip_ranges: Vec::new(),
            refresh_token_ip_allowlist: None,
            permitted_users: PermittedUsers::AdminApprovedPreAuthorized,
            selected_permission_sets: vec!["Harness_Access".to_owned()],
            selected_profiles: Vec::new(),
            refresh_token_policy: RefreshTokenPolicy::Infinite,
            refresh_token_validity_period: 365,
            refresh_token_validity_unit: ValidityUnit::Days,
            ip_relaxation: IpRelaxation::Enforce,
            required_session_level: SessionLevel::Standard,
            policy_action: PolicyAction::RaiseSessionLevel,
            session_timeout_minutes: None,
            named_user_jwt_timeout_minutes: 30,
            username_password_on_eca: false,
            mfa_only_for_refresh: false,
        }
    }

    /// How long a refresh token lives under the two specific policies. Months are taken as 30 days.
    pub fn refresh_token_period(&self) -> SignedDuration {
        let hours = match self.refresh_token_validity_unit {
            ValidityUnit::Hours => 1,
            ValidityUnit::Days => 24,
            ValidityUnit::Months => 24 * 30,
        };
        SignedDuration::from_hours(
            self.refresh_token_validity_period
                .saturating_mul(hours)
                .clamp(0, 24 * 36_500),
        )
    }

    /// What the metadata defaults make of an app whose policy record was never deployed.
    #[must_use]
    pub fn without_policy_record(&self) -> Self {
        Self {
            client_credentials_in_policies: false,
            client_credentials_flow_user: None,
            token_exchange_in_policies: false,
            permitted_users: PermittedUsers::AllSelfAuthorized,
            selected_permission_sets: Vec::new(),
            selected_profiles: Vec::new(),
            refresh_token_policy: RefreshTokenPolicy::SpecificLifetime,
            refresh_token_validity_period: 365,
            refresh_token_validity_unit: ValidityUnit::Days,
            ip_relaxation: IpRelaxation::Enforce,
            required_session_level: SessionLevel::Standard,
            ..self.clone()
        }
    }
}

/// Settings and state of the org.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each field is a row of the factor table, which documents it by label and metadata field"
)]
pub struct OrgSettings {
    pub environment: OrgEnvironment,
    pub active: bool,
    pub api_in_edition: bool,
    pub api_requests_left: bool,
    pub pkce_required: bool,
    pub username_password_blocked: bool,
    pub api_access_control: bool,
    pub api_access_control_external: bool,
    pub my_domain_only_login: bool,
    pub my_domain_host_needed: bool,
    pub network_access: Vec<IpNet>,
    pub device_activation: bool,
    pub enforce_ip_every_request: bool,
    pub lock_sessions_to_ip: bool,
    pub mfa_ui_login: bool,
    pub session_timeout_minutes: i64,
    pub sso_only_login: bool,
    pub mfa_is_high_assurance: bool,
}

impl OrgSettings {
    /// An org that stands in nobody's way.
    pub fn healthy() -> Self {
        Self {
            environment: OrgEnvironment::Production,
            active: true,
            api_in_edition: true,
            api_requests_left: true,
            pkce_required: false,
            username_password_blocked: false,
            api_access_control: false,
            api_access_control_external: false,
            my_domain_only_login: false,
            my_domain_host_needed: false,
            network_access: Vec::new(),
            device_activation: false,
            enforce_ip_every_request: false,
            lock_sessions_to_ip: false,
            mfa_ui_login: false,
            session_timeout_minutes: 120,
            sso_only_login: false,
            mfa_is_high_assurance: true,
        }
    }
}

/// A user with what profile and permission sets give.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each field is a row of the factor table, which documents it by label and metadata field"
)]
pub struct Person {
    pub username: String,
    pub home_org: HomeOrg,
    pub active: bool,
    pub frozen: bool,
    pub locked: bool,
    pub password_expired: bool,
    pub api_enabled: bool,
    pub api_only: bool,
    pub user_type: UserType,
    pub mfa_for_api: bool,
    pub mfa_for_ui: bool,
    pub use_any_api_client: bool,
    pub approve_uninstalled_apps: bool,
    pub profile: String,
    pub permission_sets: Vec<String>,
    pub assignment: Assignment,
    /// Empty means no restriction.
    pub login_ip_ranges: Vec<IpNet>,
    /// Minutes of the day (UTC) in which logins are allowed; `None` means always.
    pub login_hours: Option<(i64, i64)>,
    pub profile_session_level: SessionLevel,
    pub login_flow: bool,
    pub login_rate_exceeded: bool,
}

impl Person {
    /// A user who may do everything that the stories ask for.
    pub fn healthy(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            home_org: HomeOrg::Own,
            active: true,
            frozen: false,
            locked: false,
            password_expired: false,
            api_enabled: true,
            api_only: false,
            user_type: UserType::Standard,
            mfa_for_api: false,
            mfa_for_ui: false,
            use_any_api_client: false,
            approve_uninstalled_apps: false,
            profile: "Standard User".to_owned(),
            permission_sets: vec!["Harness_Access".to_owned()],
            assignment: Assignment::Active,
            login_ip_ranges: Vec::new(),
            login_hours: None,
            profile_session_level: SessionLevel::Standard,
            login_flow: false,
            login_rate_exceeded: false,
        }
    }
}

/// An authorization code (RFC 6749 section 4.1.2).
#[derive(Debug, Clone)]
pub struct Code {
    /// For which app.
    pub app: AppId,
    /// For whom.
    pub person: PersonId,
    /// The redirect URI of the authorization request.
    pub redirect_uri: String,
    /// Whether a challenge came with the request, and whether it can match a verifier.
    pub challenge: super::ChallengeFact,
    /// Granted scope.
    pub scope: ScopeSet,
    /// Scope that was asked for and is not to be had, for the lack.
    pub asked: Option<ScopeSet>,
    /// When.
    pub issued_at: Timestamp,
    /// Whether it was redeemed.
    pub spent: bool,
    /// The level of the session in which it was issued.
    pub level: SessionLevel,
    /// Whether the person proved the identity in that session.
    pub verified: bool,
}

/// Why a family no longer gives tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By the person, an admin, or the revocation endpoint.
    Revoked,
    /// By the sixth approval.
    SixthApproval,
    /// By the use of a refresh token that rotation had replaced.
    RotationReuse,
    /// By a new consumer secret.
    SecretRotated,
}

/// One approval, and the tokens that came of it.
#[derive(Debug, Clone)]
pub struct Family {
    /// For which app.
    pub app: AppId,
    /// Of whom.
    pub person: PersonId,
    /// What was approved.
    pub scope: ScopeSet,
    /// By which grant.
    pub grant: GrantKind,
    /// When.
    pub granted_at: Timestamp,
    /// When its refresh token was last used, or issued.
    pub last_used: Timestamp,
    /// The policy under which it was granted.
    pub under: PermittedUsers,
    /// The level of the session of the approval.
    pub level: SessionLevel,
    /// Whether the identity was proved at the approval.
    pub verified: bool,
    /// Whether and why it ended.
    pub ended: Option<Ended>,
}

/// A refresh token.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// Its family.
    pub family: FamilyId,
    /// Whether rotation replaced it.
    pub replaced: bool,
}

/// An access token.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Of which app.
    pub app: AppId,
    /// For whom.
    pub person: PersonId,
    /// Granted scope.
    pub scope: ScopeSet,
    /// Scope asked for at authorize, where one was.
    pub asked: Option<ScopeSet>,
    /// By which grant.
    pub grant: GrantKind,
    /// When.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Its family, where the grant made one.
    pub family: Option<FamilyId>,
    /// The address that took it.
    pub address: IpAddr,
    /// The level of its session.
    pub level: SessionLevel,
    /// Whether it is a JWT.
    pub jwt: bool,
    /// Whether it was revoked by itself.
    pub revoked: bool,
}

/// Where a device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceStanding {
    /// Nobody came yet.
    Pending,
    /// The person approved.
    Approved(PersonId),
    /// The person denied.
    Denied,
    /// Tokens were given.
    Spent,
}

/// A device code with its user code.
#[derive(Debug, Clone)]
pub struct Device {
    /// For which app.
    pub app: AppId,
    /// Granted scope.
    pub scope: ScopeSet,
    /// Scope that was asked for.
    pub asked: Option<ScopeSet>,
    /// When.
    pub issued_at: Timestamp,
    /// When it was polled last.
    pub polled_at: Option<Timestamp>,
    /// Where it stands.
    pub standing: DeviceStanding,
    /// The level of the person's session.
    pub level: SessionLevel,
}

impl OrgState {
    /// An org with one app and two users, in which everything that an External Client App supports passes.
    pub fn healthy() -> Self {
        let mut integration = Person::healthy("integration@acme.test");
        integration.api_only = true;
        "Integration".clone_into(&mut integration.profile);
        Self {
            org: OrgSettings::healthy(),
            apps: vec![App {
                name: "Harness".to_owned(),
                kind: AppKind::ExternalClientApp,
                known_from: Timestamp::MIN,
                settings: Timeline::new(AppSettings::healthy()),
            }],
            people: vec![Person::healthy("ana@acme.test"), integration],
            codes: Vec::new(),
            families: Vec::new(),
            refresh_tokens: Vec::new(),
            access_tokens: Vec::new(),
            devices: Vec::new(),
            custom_scopes: ScopeSet::from_wire("Harness_Read"),
            propagation: SignedDuration::ZERO,
        }
    }

    /// The person of a username.
    pub fn person(&self, username: &str) -> Option<PersonId> {
        self.people
            .iter()
            .position(|person| person.username == username)
            .map(PersonId)
    }

    /// The app of a developer name.
    pub fn app(&self, name: &str) -> Option<AppId> {
        self.apps.iter().position(|app| app.name == name).map(AppId)
    }

    /// What approvals of the person for the app hold, those that ended left out.
    pub fn approved(&self, app: AppId, person: PersonId) -> Approved {
        let mut found = Approved::None;
        for family in &self.families {
            if family.app == app && family.person == person && family.ended.is_none() {
                if family.scope.asks_refresh() {
                    return Approved::WithRefreshToken;
                }
                found = Approved::WithoutRefreshToken;
            }
        }
        found
    }
}
