//! Reads and sets the factors of a state. One arm a factor; what a client sends is no part of a state.

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use super::state::{AppId, AppSettings, Ended, Family, OrgState, Person, PersonId, RefreshToken};
use super::words::{
    Approved, Assignment, Certificate, DistributionState, Handler, HomeOrg, IpRelaxation,
    OrgEnvironment, PermittedUsers, PolicyAction, RefreshTokenPolicy, SessionLevel, UserType,
    ValidityUnit,
};
use crate::factor::{Delta, Factor, FactorKind, Value};
use crate::oauth::{GrantKind, Scope, ScopeSet};

/// Why a factor cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// A value of another type, or another word.
    #[error("`{key}` cannot be `{value}`")]
    Value {
        /// The factor's key.
        key: &'static str,
        /// What was given.
        value: String,
        /// What can be given.
        valid: String,
    },
    /// The factor is what a client sends, or where from; no part of an org.
    #[error("`{key}` is no part of an org: a step sends it")]
    NotOfTheOrg {
        /// The factor's key.
        key: &'static str,
    },
    /// No such user.
    #[error("no user `{username}` in this org")]
    NoPerson {
        /// The username.
        username: String,
    },
}

impl DeltaError {
    /// What the author of a file can write instead.
    pub fn help(&self) -> String {
        match self {
            Self::Value { valid, .. } => format!("valid: {valid}"),
            Self::NotOfTheOrg { .. } => {
                "write it under `send:` of a step, or as `host:` or `from:`".to_owned()
            }
            Self::NoPerson { .. } => "name one of `users:`".to_owned(),
        }
    }
}

/// Sets a factor of the first app (or of the org, or of people), as a change in Setup at `now` would: a setting of the app acts after the
/// propagation of the state, everything else at once.
pub fn set(state: &mut OrgState, delta: &Delta, now: Timestamp) -> Result<(), DeltaError> {
    set_for(state, AppId(0), delta, now)
}

/// Sets a factor of an app.
pub fn set_for(
    state: &mut OrgState,
    app: AppId,
    delta: &Delta,
    now: Timestamp,
) -> Result<(), DeltaError> {
    match delta.factor.kind() {
        FactorKind::App => set_app(state, app, delta, now),
        FactorKind::Org => set_org(state, delta),
        FactorKind::Person => set_people(state, app, delta, now),
        FactorKind::Environment if delta.factor == Factor::AppAge => {
            // A story says how long a change takes to act, in minutes.
            state.propagation = SignedDuration::from_mins(number(delta)?);
            Ok(())
        }
        FactorKind::Environment if delta.factor == Factor::RefreshTokenRevoked => {
            for family in state.families.iter_mut().filter(|family| family.app == app) {
                family.ended = family.ended.or(Some(Ended::Revoked));
            }
            Ok(())
        }
        FactorKind::Request | FactorKind::Environment => Err(DeltaError::NotOfTheOrg {
            key: delta.factor.key(),
        }),
    }
}

fn set_app(
    state: &mut OrgState,
    app: AppId,
    delta: &Delta,
    now: Timestamp,
) -> Result<(), DeltaError> {
    if delta.factor == Factor::ConsumerSecret && word_of(delta)? == "rotated" {
        // Applying staged credentials revokes all tokens (wire facts 5.7).
        for family in state.families.iter_mut().filter(|family| family.app == app) {
            family.ended = family.ended.or(Some(Ended::SecretRotated));
        }
        return Ok(());
    }
    // The refresh token allowlist acts at once (eca-policy 2.27).
    let delay = if delta.factor == Factor::RefreshTokenIpAllowlist {
        SignedDuration::ZERO
    } else {
        state.propagation
    };
    let mut outcome = Ok(());
    let from = now.checked_add(delay).unwrap_or(Timestamp::MAX);
    state.apps[app.0]
        .settings
        .change(from, now, |settings| outcome = set_setting(settings, delta));
    outcome
}

/// Sets one setting of an app.
pub fn set_setting(app: &mut AppSettings, delta: &Delta) -> Result<(), DeltaError> {
    match delta.factor {
        Factor::AppEnabled => app.enabled = flag(delta)?,
        Factor::OauthPluginEnabled => app.oauth_plugin_enabled = flag(delta)?,
        Factor::AppBlocked => app.blocked = flag(delta)?,
        Factor::AppDeleted => app.deleted = flag(delta)?,
        Factor::DistributionState => {
            app.distribution_state =
                word(delta, DistributionState::parse, DistributionState::WORDS)?;
        }
        Factor::Installed => app.installed = flag(delta)?,
        Factor::CallbackUrl => app.callback_urls = names(delta)?,
        Factor::Certificate => {
            app.certificate = word(delta, Certificate::parse, Certificate::WORDS)?;
        }
        Factor::ClientCredentialsInSettings => app.client_credentials_in_settings = flag(delta)?,
        Factor::ClientCredentialsInPolicies => app.client_credentials_in_policies = flag(delta)?,
        Factor::ClientCredentialsFlowUser => app.client_credentials_flow_user = optional(delta)?,
        Factor::DeviceFlowEnabled => app.device_flow_enabled = flag(delta)?,
        Factor::TokenExchangeInSettings => app.token_exchange_in_settings = flag(delta)?,
        Factor::TokenExchangeInPolicies => app.token_exchange_in_policies = flag(delta)?,
        Factor::TokenExchangeHandler => {
            app.token_exchange_handler = word(delta, Handler::parse, Handler::WORDS)?;
        }
        Factor::SecretRequiredForTokenExchange => {
            app.secret_required_for_token_exchange = flag(delta)?;
        }
        Factor::ConsumerSecretOptional => app.consumer_secret_optional = flag(delta)?,
        Factor::SecretRequiredForRefreshToken => {
            app.secret_required_for_refresh_token = flag(delta)?;
        }
        Factor::PkceRequired => app.pkce_required = flag(delta)?,
        Factor::RefreshTokenRotation => app.refresh_token_rotation = flag(delta)?,
        Factor::RefreshTokenIdleLimit => app.refresh_token_idle_limit = flag(delta)?,
        Factor::NamedUserJwt => app.named_user_jwt = flag(delta)?,
        Factor::IntrospectAllTokens => app.introspect_all_tokens = flag(delta)?,
        Factor::IdTokenValidity => app.id_token_validity_minutes = number(delta)?,
        Factor::Scopes => app.scopes = scopes(delta)?,
        Factor::CustomScopes => app.custom_scopes = names(delta)?.into_iter().collect(),
        Factor::TrustedIpRanges => app.trusted_ip_ranges = networks(delta)?,
        Factor::PermittedUsers => {
            app.permitted_users = word(delta, PermittedUsers::parse, PermittedUsers::WORDS)?;
        }
        Factor::SelectedPermissionSets => app.selected_permission_sets = names(delta)?,
        Factor::SelectedProfiles => app.selected_profiles = names(delta)?,
        Factor::RefreshTokenPolicy => {
            app.refresh_token_policy =
                word(delta, RefreshTokenPolicy::parse, RefreshTokenPolicy::WORDS)?;
        }
        Factor::RefreshTokenValidityPeriod => app.refresh_token_validity_period = number(delta)?,
        Factor::RefreshTokenValidityUnit => {
            app.refresh_token_validity_unit =
                word(delta, ValidityUnit::parse, ValidityUnit::WORDS)?;
        }
        Factor::IpRelaxation => {
            app.ip_relaxation = word(delta, IpRelaxation::parse, IpRelaxation::WORDS)?;
        }
        Factor::RequiredSessionLevel => {
            app.required_session_level = word(delta, SessionLevel::parse, SessionLevel::WORDS)?;
        }
        Factor::PolicyAction => {
            app.policy_action = word(delta, PolicyAction::parse, PolicyAction::WORDS)?;
        }
        Factor::NamedUserJwtTimeout => app.named_user_jwt_timeout_minutes = number(delta)?,
        Factor::UsernamePasswordOnEca => app.username_password_on_eca = flag(delta)?,
        Factor::MfaOnlyForRefresh => app.mfa_only_for_refresh = flag(delta)?,
        Factor::PolicyRecord => {
            let present = flag(delta)?;
            if !present && app.policy_record {
                *app = app.without_policy_record();
            }
            app.policy_record = present;
        }
        Factor::ExpiredCertificate => {
            app.expired_certificate_refuses = word_of(delta)? == "refuses";
        }
        Factor::RefreshTokenIpAllowlist => {
            app.refresh_token_ip_allowlist = if delta.value == Value::Absent {
                None
            } else {
                Some(networks(delta)?)
            };
        }
        Factor::SessionTimeout => {
            app.session_timeout_minutes = if delta.value == Value::Absent {
                None
            } else {
                Some(number(delta)?)
            };
        }
        Factor::ConsumerKey | Factor::ConsumerSecret => {
            // The text of key and secret belongs to the HTTP side, which makes the new one.
            word_of(delta)?;
        }
        _ => {
            return Err(DeltaError::NotOfTheOrg {
                key: delta.factor.key(),
            });
        }
    }
    Ok(())
}

fn set_org(state: &mut OrgState, delta: &Delta) -> Result<(), DeltaError> {
    let org = &mut state.org;
    match delta.factor {
        Factor::OrgPkceRequired => org.pkce_required = flag(delta)?,
        Factor::UsernamePasswordBlocked => org.username_password_blocked = flag(delta)?,
        Factor::ApiAccessControl => org.api_access_control = flag(delta)?,
        Factor::ApiAccessControlExternal => org.api_access_control_external = flag(delta)?,
        Factor::MyDomainOnlyLogin => org.my_domain_only_login = flag(delta)?,
        Factor::MyDomainHostNeeded => org.my_domain_host_needed = flag(delta)?,
        Factor::NetworkAccess => org.network_access = networks(delta)?,
        Factor::DeviceActivation => org.device_activation = flag(delta)?,
        Factor::EnforceIpEveryRequest => org.enforce_ip_every_request = flag(delta)?,
        Factor::LockSessionsToIp => org.lock_sessions_to_ip = flag(delta)?,
        Factor::MfaUiLogin => org.mfa_ui_login = flag(delta)?,
        Factor::OrgSessionTimeout => org.session_timeout_minutes = number(delta)?,
        Factor::SsoOnlyLogin => org.sso_only_login = flag(delta)?,
        Factor::SessionLevelMapping => org.mfa_is_high_assurance = flag(delta)?,
        Factor::OrgActive => org.active = flag(delta)?,
        Factor::OrgApi => org.api_in_edition = flag(delta)?,
        Factor::ApiRequestLimit => org.api_requests_left = flag(delta)?,
        Factor::OrgEnvironment => {
            org.environment = word(delta, OrgEnvironment::parse, OrgEnvironment::WORDS)?;
        }
        _ => {
            return Err(DeltaError::NotOfTheOrg {
                key: delta.factor.key(),
            });
        }
    }
    Ok(())
}

fn set_people(
    state: &mut OrgState,
    app: AppId,
    delta: &Delta,
    now: Timestamp,
) -> Result<(), DeltaError> {
    let chosen: Vec<PersonId> = match &delta.person {
        Some(username) => vec![state.person(username).ok_or_else(|| DeltaError::NoPerson {
            username: username.clone(),
        })?],
        None => (0..state.people.len()).map(PersonId).collect(),
    };
    for id in chosen {
        if delta.factor == Factor::Approval {
            set_approval(state, app, id, delta, now)?;
        } else {
            set_person(&mut state.people[id.0], delta)?;
        }
    }
    Ok(())
}

fn set_person(person: &mut Person, delta: &Delta) -> Result<(), DeltaError> {
    match delta.factor {
        Factor::UserActive => person.active = flag(delta)?,
        Factor::UserFrozen => person.frozen = flag(delta)?,
        Factor::UserLocked => person.locked = flag(delta)?,
        Factor::PasswordExpired => person.password_expired = flag(delta)?,
        Factor::ApiEnabled => person.api_enabled = flag(delta)?,
        Factor::ApiOnlyUser => person.api_only = flag(delta)?,
        Factor::UserType => person.user_type = word(delta, UserType::parse, UserType::WORDS)?,
        Factor::MfaForApi => person.mfa_for_api = flag(delta)?,
        Factor::MfaForUi => person.mfa_for_ui = flag(delta)?,
        Factor::UseAnyApiClient => person.use_any_api_client = flag(delta)?,
        Factor::ApproveUninstalledApps => person.approve_uninstalled_apps = flag(delta)?,
        Factor::UserProfile => person.profile = text(delta)?,
        Factor::UserPermissionSets => person.permission_sets = names(delta)?,
        Factor::PermissionSetAssignment => {
            person.assignment = word(delta, Assignment::parse, Assignment::WORDS)?;
        }
        Factor::LoginIpRanges => person.login_ip_ranges = networks(delta)?,
        Factor::ProfileSessionLevel => {
            person.profile_session_level = word(delta, SessionLevel::parse, SessionLevel::WORDS)?;
        }
        Factor::LoginFlow => person.login_flow = flag(delta)?,
        Factor::LoginRate => person.login_rate_exceeded = flag(delta)?,
        Factor::HomeOrg => person.home_org = word(delta, HomeOrg::parse, HomeOrg::WORDS)?,
        Factor::LoginHours => person.login_hours = hours(delta)?,
        _ => {
            return Err(DeltaError::NotOfTheOrg {
                key: delta.factor.key(),
            });
        }
    }
    Ok(())
}

/// Sets what an earlier approval of the person left, without replaying how it came.
fn set_approval(
    state: &mut OrgState,
    app: AppId,
    person: PersonId,
    delta: &Delta,
    now: Timestamp,
) -> Result<(), DeltaError> {
    let approved = word(delta, Approved::parse, Approved::WORDS)?;
    for family in state
        .families
        .iter_mut()
        .filter(|family| family.app == app && family.person == person)
    {
        family.ended = family.ended.or(Some(Ended::Revoked));
    }
    if approved == Approved::None {
        return Ok(());
    }
    let mut scope = state.apps[app.0].settings.latest().scopes.clone();
    if approved == Approved::WithoutRefreshToken {
        scope.remove("refresh_token");
        scope.remove("offline_access");
    }
    let asks = scope.asks_refresh();
    state.families.push(Family {
        app,
        person,
        scope,
        grant: GrantKind::AuthorizationCode,
        granted_at: now,
        last_used: now,
        under: PermittedUsers::AllSelfAuthorized,
        level: SessionLevel::Standard,
        verified: false,
        ended: None,
    });
    if asks {
        let family = super::state::FamilyId(state.families.len() - 1);
        state.refresh_tokens.push(RefreshToken {
            family,
            replaced: false,
        });
    }
    Ok(())
}

/// Reads a factor of the first app, the org or a person; `None` for what is no part of a state, or without the person.
pub fn read(
    state: &OrgState,
    factor: Factor,
    person: Option<PersonId>,
    now: Timestamp,
) -> Option<Value> {
    let app = state.apps.first()?.settings.at(now);
    let org = &state.org;
    Some(match factor {
        Factor::AppEnabled => Value::Flag(app.enabled),
        Factor::OauthPluginEnabled => Value::Flag(app.oauth_plugin_enabled),
        Factor::AppBlocked => Value::Flag(app.blocked),
        Factor::AppDeleted => Value::Flag(app.deleted),
        Factor::DistributionState => app.distribution_state.word().into(),
        Factor::Installed => Value::Flag(app.installed),
        Factor::CallbackUrl => Value::Names(app.callback_urls.clone()),
        Factor::Certificate => app.certificate.word().into(),
        Factor::ClientCredentialsInSettings => Value::Flag(app.client_credentials_in_settings),
        Factor::ClientCredentialsInPolicies => Value::Flag(app.client_credentials_in_policies),
        Factor::ClientCredentialsFlowUser => app
            .client_credentials_flow_user
            .clone()
            .map_or(Value::Absent, Value::Word),
        Factor::DeviceFlowEnabled => Value::Flag(app.device_flow_enabled),
        Factor::TokenExchangeInSettings => Value::Flag(app.token_exchange_in_settings),
        Factor::TokenExchangeInPolicies => Value::Flag(app.token_exchange_in_policies),
        Factor::TokenExchangeHandler => app.token_exchange_handler.word().into(),
        Factor::SecretRequiredForTokenExchange => {
            Value::Flag(app.secret_required_for_token_exchange)
        }
        Factor::ConsumerSecretOptional => Value::Flag(app.consumer_secret_optional),
        Factor::SecretRequiredForRefreshToken => Value::Flag(app.secret_required_for_refresh_token),
        Factor::PkceRequired => Value::Flag(app.pkce_required),
        Factor::RefreshTokenRotation => Value::Flag(app.refresh_token_rotation),
        Factor::RefreshTokenIdleLimit => Value::Flag(app.refresh_token_idle_limit),
        Factor::NamedUserJwt => Value::Flag(app.named_user_jwt),
        Factor::IntrospectAllTokens => Value::Flag(app.introspect_all_tokens),
        Factor::IdTokenValidity => Value::Number(app.id_token_validity_minutes),
        Factor::Scopes => list(app.scopes.iter()),
        Factor::CustomScopes => list(app.custom_scopes.iter()),
        Factor::TrustedIpRanges => list(app.trusted_ip_ranges.iter()),
        Factor::PermittedUsers => app.permitted_users.word().into(),
        Factor::SelectedPermissionSets => Value::Names(app.selected_permission_sets.clone()),
        Factor::SelectedProfiles => Value::Names(app.selected_profiles.clone()),
        Factor::RefreshTokenPolicy => app.refresh_token_policy.word().into(),
        Factor::RefreshTokenValidityPeriod => Value::Number(app.refresh_token_validity_period),
        Factor::RefreshTokenValidityUnit => app.refresh_token_validity_unit.word().into(),
        Factor::IpRelaxation => app.ip_relaxation.word().into(),
        Factor::RequiredSessionLevel => app.required_session_level.word().into(),
        Factor::PolicyAction => app.policy_action.word().into(),
        Factor::NamedUserJwtTimeout => Value::Number(app.named_user_jwt_timeout_minutes),
        Factor::UsernamePasswordOnEca => Value::Flag(app.username_password_on_eca),
        Factor::MfaOnlyForRefresh => Value::Flag(app.mfa_only_for_refresh),
        Factor::OrgPkceRequired => Value::Flag(org.pkce_required),
        Factor::UsernamePasswordBlocked => Value::Flag(org.username_password_blocked),
        Factor::ApiAccessControl => Value::Flag(org.api_access_control),
        Factor::ApiAccessControlExternal => Value::Flag(org.api_access_control_external),
        Factor::MyDomainOnlyLogin => Value::Flag(org.my_domain_only_login),
        Factor::MyDomainHostNeeded => Value::Flag(org.my_domain_host_needed),
        Factor::NetworkAccess => list(org.network_access.iter()),
        Factor::DeviceActivation => Value::Flag(org.device_activation),
        Factor::EnforceIpEveryRequest => Value::Flag(org.enforce_ip_every_request),
        Factor::LockSessionsToIp => Value::Flag(org.lock_sessions_to_ip),
        Factor::MfaUiLogin => Value::Flag(org.mfa_ui_login),
        Factor::OrgSessionTimeout => Value::Number(org.session_timeout_minutes),
        Factor::SsoOnlyLogin => Value::Flag(org.sso_only_login),
        Factor::SessionLevelMapping => Value::Flag(org.mfa_is_high_assurance),
        Factor::OrgActive => Value::Flag(org.active),
        Factor::OrgApi => Value::Flag(org.api_in_edition),
        Factor::ApiRequestLimit => Value::Flag(org.api_requests_left),
        Factor::OrgEnvironment => org.environment.word().into(),
        Factor::PolicyRecord => Value::Flag(app.policy_record),
        Factor::ExpiredCertificate => if app.expired_certificate_refuses {
            "refuses"
        } else {
            "verifies"
        }
        .into(),
        Factor::RefreshTokenIpAllowlist => app
            .refresh_token_ip_allowlist
            .as_ref()
            .map_or(Value::Absent, |nets| list(nets.iter())),
        Factor::SessionTimeout => app
            .session_timeout_minutes
            .map_or(Value::Absent, Value::Number),
        Factor::ConsumerKey | Factor::ConsumerSecret => "current".into(),
        _ => return person.and_then(|id| read_person(&state.people[id.0], factor)),
    })
}

fn read_person(person: &Person, factor: Factor) -> Option<Value> {
    Some(match factor {
        Factor::UserActive => Value::Flag(person.active),
        Factor::UserFrozen => Value::Flag(person.frozen),
        Factor::UserLocked => Value::Flag(person.locked),
        Factor::PasswordExpired => Value::Flag(person.password_expired),
        Factor::ApiEnabled => Value::Flag(person.api_enabled),
        Factor::ApiOnlyUser => Value::Flag(person.api_only),
        Factor::UserType => person.user_type.word().into(),
        Factor::MfaForApi => Value::Flag(person.mfa_for_api),
        Factor::MfaForUi => Value::Flag(person.mfa_for_ui),
        Factor::UseAnyApiClient => Value::Flag(person.use_any_api_client),
        Factor::ApproveUninstalledApps => Value::Flag(person.approve_uninstalled_apps),
        Factor::UserProfile => Value::Word(person.profile.clone()),
        Factor::UserPermissionSets => Value::Names(person.permission_sets.clone()),
        Factor::PermissionSetAssignment => person.assignment.word().into(),
        Factor::LoginIpRanges => list(person.login_ip_ranges.iter()),
        Factor::ProfileSessionLevel => person.profile_session_level.word().into(),
        Factor::LoginFlow => Value::Flag(person.login_flow),
        Factor::LoginRate => Value::Flag(person.login_rate_exceeded),
        Factor::HomeOrg => person.home_org.word().into(),
        Factor::LoginHours => person.login_hours.map_or_else(
            || "always".into(),
            |(from, to)| Value::Word(in_hours(from, to)),
        ),
        _ => return None,
    })
}

fn list<S: ToString>(items: impl Iterator<Item = S>) -> Value {
    Value::Names(items.map(|item| item.to_string()).collect())
}

fn wrong<R>(delta: &Delta, valid: impl Into<String>) -> Result<R, DeltaError> {
    Err(DeltaError::Value {
        key: delta.factor.key(),
        value: delta.value.to_string(),
        valid: valid.into(),
    })
}

fn flag(delta: &Delta) -> Result<bool, DeltaError> {
    delta
        .value
        .as_flag()
        .map_or_else(|| wrong(delta, "true, false"), Ok)
}

fn number(delta: &Delta) -> Result<i64, DeltaError> {
    match delta.value {
        Value::Number(number) if number >= 0 => Ok(number),
        _ => wrong(delta, "a whole number from 0"),
    }
}

fn word_of(delta: &Delta) -> Result<&str, DeltaError> {
    let valid = delta.factor.values();
    match delta.value.as_word() {
        Some(word) if valid.split('|').any(|one| one == word) => Ok(word),
        _ => wrong(delta, valid.replace('|', ", ")),
    }
}

fn word<W>(delta: &Delta, parse: fn(&str) -> Option<W>, words: &[&str]) -> Result<W, DeltaError> {
    delta
        .value
        .as_word()
        .and_then(parse)
        .map_or_else(|| wrong(delta, words.join(", ")), Ok)
}

fn names(delta: &Delta) -> Result<Vec<String>, DeltaError> {
    match &delta.value {
        Value::Names(names) => Ok(names.clone()),
        Value::Word(one) => Ok(one
            .split([',', '\n'])
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()),
        Value::Absent => Ok(Vec::new()),
        _ => wrong(delta, "a list of names"),
    }
}

fn text(delta: &Delta) -> Result<String, DeltaError> {
    delta
        .value
        .as_word()
        .map_or_else(|| wrong(delta, "a text"), |text| Ok(text.to_owned()))
}

fn optional(delta: &Delta) -> Result<Option<String>, DeltaError> {
    match &delta.value {
        Value::Absent => Ok(None),
        Value::Word(word) if word.is_empty() => Ok(None),
        _ => text(delta).map(Some),
    }
}

fn networks(delta: &Delta) -> Result<Vec<IpNet>, DeltaError> {
    let mut found = Vec::new();
    for name in names(delta)? {
        match parse_range(&name) {
            Some(mut nets) => found.append(&mut nets),
            None => {
                return wrong(
                    delta,
                    "addresses, ranges (203.0.113.0-203.0.113.15) or networks (203.0.113.0/28)",
                );
            }
        }
    }
    Ok(found)
}

/// Reads an address, a range with a dash, or a network.
fn parse_range(text: &str) -> Option<Vec<IpNet>> {
    if let Some((from, to)) = text.split_once('-') {
        let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        let subnets: Vec<IpNet> = match (from, to) {
            (std::net::IpAddr::V4(from), std::net::IpAddr::V4(to)) if from <= to => {
                ipnet::Ipv4Subnets::new(from, to, 0)
                    .map(IpNet::V4)
                    .collect()
            }
            (std::net::IpAddr::V6(from), std::net::IpAddr::V6(to)) if from <= to => {
                ipnet::Ipv6Subnets::new(from, to, 0)
                    .map(IpNet::V6)
                    .collect()
            }
            _ => return None,
        };
        return Some(subnets);
    }
    text.parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
        .map(|net| vec![net])
}

/// Scopes by wire value or by metadata token.
fn scopes(delta: &Delta) -> Result<ScopeSet, DeltaError> {
    let mut set = ScopeSet::default();
    for name in names(delta)? {
        for name in name.split_ascii_whitespace() {
            match Scope::find(name) {
                Some(scope) => set.add(scope.wire),
                None => {
                    return wrong(
                        delta,
                        "scopes by metadata token (Api, RefreshToken, OpenID, …) or wire value",
                    );
                }
            }
        }
    }
    Ok(set)
}

/// `always`, `never`, or `HH:MM-HH:MM` (UTC).
fn hours(delta: &Delta) -> Result<Option<(i64, i64)>, DeltaError> {
    let valid = "always, never, HH:MM-HH:MM (UTC)";
    let minute = |text: &str| -> Option<i64> {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
        ((0..=24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
    };
    match delta.value.as_word() {
        Some("always") => Ok(None),
        Some("never") => Ok(Some((0, 0))),
        Some(range) => match range
            .split_once('-')
            .and_then(|(from, to)| Some((minute(from)?, minute(to)?)))
        {
            Some(hours) => Ok(Some(hours)),
            None => wrong(delta, valid),
        },
        None => wrong(delta, valid),
    }
}

/// Hours as [`hours`] reads them.
pub(super) fn in_hours(from: i64, to: i64) -> String {
    if from == to {
        return "never".to_owned();
    }
    format!(
        "{:02}:{:02}-{:02}:{:02}",
        from / 60,
        from % 60,
        to / 60,
        to % 60
    )
}
