//! The SOAP login that clients use without OAuth. The model has no event for it; it is judged as what it is closest to, a
//! username-password grant, by a legacy app that stands in nobody's way, so that people, addresses and hours decide and no app does.

use super::super::asked::Asked;
use super::super::credentials::PersonCredentials;
use super::super::directory::LoginRecord;
use super::super::facts;
use super::super::respond::{self, Reply};
use super::super::rest::ids::{self, Kind};
use super::super::rest::soap::{
    SoapCall, SoapEndpoint, SoapFault, SoapSession, SoapUser, fault_response, login_response,
    logout_response, parse, user_info_response,
};
use super::super::tenant::{Inner, SUCCESS, Tenant};
use super::super::texts;
use super::issue;
use crate::cause::{AppKind, CauseId};
use crate::model::{
    AnyToken, App, AppId, AppSettings, Brings, ClientFact, Effect, Event, OrgEnvironment, OrgState,
    PersonId, Resource, Revoke, SecretFact, Timeline, Token, TokenFact, Use, Verdict, VerifierFact,
    apply, decide,
};
use crate::oauth::{GrantKind, ScopeSet};
use crate::secret::Secret;

/// A call to a SOAP endpoint.
pub(super) fn call(tenant: &Tenant, asked: &Asked, endpoint: &SoapEndpoint) -> Reply {
    let outcome = match parse(&asked.body) {
        Ok(SoapCall::Login {
            username, password, ..
        }) => login(tenant, asked, endpoint, &username, &password),
        Ok(SoapCall::Logout { session }) => logout(tenant, endpoint, &session),
        Ok(SoapCall::UserInfo { session }) => user_info(tenant, asked, endpoint, &session),
        Err(fault) => Err(fault),
    };
    outcome.unwrap_or_else(|fault| respond::rest(fault_response(endpoint, fault)))
}

fn login(
    tenant: &Tenant,
    asked: &Asked,
    endpoint: &SoapEndpoint,
    username: &str,
    password: &Secret,
) -> Result<Reply, SoapFault> {
    let now = tenant.now();
    let mut inner = tenant.lock();
    let person = inner.state.person(username);
    let (password, security_token) =
        person.map_or((SecretFact::Wrong, SecretFact::Absent), |person| {
            PersonCredentials::judge_joined(&inner.credentials.people[person.0], password.expose())
        });
    let event = Event::Token(Token {
        caller: facts::caller(&inner, asked),
        post: true,
        form: true,
        grant: Some(GrantKind::UsernamePassword),
        client: ClientFact::Known(AppId(0)),
        secret: SecretFact::Right,
        scope_sent: false,
        verifier: VerifierFact::Absent,
        brings: Brings::Password {
            person,
            password,
            security_token,
        },
    });
    let effects: Vec<Effect> = match decide(&without_apps(&inner.state), &event, now, &mut ()) {
        Verdict::Proceed { effects, .. } => effects,
        verdict => return Err(fault_of(verdict.cause())),
    };
    let Some(person) = person else {
        return Err(SoapFault::InvalidLogin);
    };
    let applied = apply(&mut inner.state, &effects, now);
    let id = Secret::new(texts::access_token(
        &*tenant.entropy,
        &inner.directory.org.id,
    ));
    if let Some(access) = applied.access {
        inner.texts.access.insert(id.expose().to_owned(), access);
        let issuer = asked.bases.asked.clone();
        inner.texts.issuers.insert(access, issuer);
    }
    let record = LoginRecord {
        at: now,
        person,
        login_type: "Other Apex API",
        login_subtype: None,
        status: SUCCESS.to_owned(),
        application: "N/A".to_owned(),
        source: facts::caller(&inner, asked).address,
        login_url: issue::host_of(&asked.bases.asked),
        by_get: false,
    };
    inner.note_login(record);
    let session = SoapSession {
        id: &id,
        instance_url: &asked.bases.my_domain,
        sandbox: inner.state.org.environment == OrgEnvironment::Sandbox,
        password_expired: false,
    };
    Ok(with_user(&inner, person, |user| {
        respond::rest(login_response(endpoint, &session, user))
    }))
}

fn logout(tenant: &Tenant, endpoint: &SoapEndpoint, session: &Secret) -> Result<Reply, SoapFault> {
    let now = tenant.now();
    let mut inner = tenant.lock();
    let token = facts::any_token(&inner, Some(session.expose()));
    if !matches!(token, AnyToken::Access(_)) {
        return Err(SoapFault::InvalidSession);
    }
    let event = Event::Revoke(Revoke {
        token,
        unsupported_hint: false,
    });
    match inner.judge(&event, now).verdict {
        Verdict::Proceed { .. } => Ok(respond::rest(logout_response(endpoint))),
        _ => Err(SoapFault::InvalidSession),
    }
}

fn user_info(
    tenant: &Tenant,
    asked: &Asked,
    endpoint: &SoapEndpoint,
    session: &Secret,
) -> Result<Reply, SoapFault> {
    let now = tenant.now();
    let mut inner = tenant.lock();
    let found = inner.texts.access.get(session.expose()).copied();
    let access = found.ok_or(SoapFault::InvalidSession)?;
    let event = Event::Use(Use {
        caller: facts::caller(&inner, asked),
        token: TokenFact::Known(access),
        resource: Resource::Rest,
    });
    match inner.judge(&event, now).verdict.cause() {
        None => {}
        Some(CauseId::ApiEnabledMissing) => return Err(SoapFault::ApiDisabled),
        Some(_) => return Err(SoapFault::InvalidSession),
    }
    let person = inner.state.access_tokens[access.0].person;
    Ok(with_user(&inner, person, |user| {
        respond::rest(user_info_response(endpoint, user))
    }))
}

/// The org with one legacy app that lets everyone in.
fn without_apps(state: &OrgState) -> OrgState {
    let mut settings = AppSettings::healthy();
    settings.permitted_users = crate::model::PermittedUsers::AllSelfAuthorized;
    settings.scopes = ScopeSet::from_wire("full");
    let mut org = state.org.clone();
    // The switch is about OAuth.
    org.username_password_blocked = false;
    OrgState {
        org,
        apps: vec![App {
            name: "SOAP".to_owned(),
            kind: AppKind::ConnectedApp,
            known_from: jiff::Timestamp::MIN,
            settings: Timeline::new(settings),
        }],
        people: state.people.clone(),
        codes: Vec::new(),
        families: Vec::new(),
        refresh_tokens: Vec::new(),
        access_tokens: Vec::new(),
        devices: Vec::new(),
        custom_scopes: ScopeSet::default(),
        propagation: jiff::SignedDuration::ZERO,
    }
}

const fn fault_of(cause: Option<CauseId>) -> SoapFault {
    match cause {
        Some(CauseId::SecurityTokenMissing) => SoapFault::MustUseSecurityToken,
        Some(CauseId::LoginHoursRestricted | CauseId::ProfileIpAppEnforce) => SoapFault::Restricted,
        _ => SoapFault::InvalidLogin,
    }
}

fn with_user<R>(inner: &Inner, person: PersonId, tell: impl FnOnce(&SoapUser<'_>) -> R) -> R {
    let someone = &inner.state.people[person.0];
    let record = &inner.directory.people[person.0];
    let full_name = format!("{} {}", record.first_name, record.last_name);
    let mut profiles: Vec<&str> = inner
        .state
        .people
        .iter()
        .map(|person| person.profile.as_str())
        .collect();
    profiles.sort_unstable();
    profiles.dedup();
    let at = profiles.iter().position(|name| *name == someone.profile);
    let profile_id = ids::make(Kind::Profile, at.unwrap_or_default() as u64 + 1);
    tell(&SoapUser {
        user_id: &record.id,
        organization_id: &inner.directory.org.id,
        organization_name: &inner.directory.org.name,
        username: &someone.username,
        full_name: &full_name,
        email: &record.email,
        profile_id: &profile_id,
        user_type: someone.user_type.word(),
        session_seconds: inner.state.org.session_timeout_minutes * 60,
    })
}
