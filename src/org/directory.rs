//! Who is who in a simulated org: names, ids and records that the policy model has no need of, beside the [`OrgState`] that it judges.
//!
//! First version, made for what `rest` answers. Its owner (the tenant) may add fields; `rest` needs these:
//! `people` and `apps` run parallel to [`OrgState::people`] and [`OrgState::apps`], position by position; whoever adds a person or an app
//! to the state adds a record here. `logins` and `audit` are oldest first; whoever judges a login appends a [`LoginRecord`] (refused ones
//! too, as far as the user is known) and whoever changes Setup appends an [`AuditRecord`] and sets [`AppRecord::modified_at`].

use std::net::IpAddr;

use jiff::Timestamp;

use super::rest::ids::{self, Kind};
use crate::cause::AppKind;
use crate::model::{App, AppId, OrgState, PersonId};
use crate::oauth::GrantKind;

/// The records of one org.
#[derive(Debug, Clone)]
pub struct Directory {
    /// The org.
    pub org: OrgRecord,
    /// Users, parallel to [`OrgState::people`].
    pub people: Vec<PersonRecord>,
    /// Apps, parallel to [`OrgState::apps`].
    pub apps: Vec<AppRecord>,
    /// Login history, oldest first.
    pub logins: Vec<LoginRecord>,
    /// Setup audit trail, oldest first.
    pub audit: Vec<AuditRecord>,
}

/// The `Organization` record.
#[derive(Debug, Clone)]
pub struct OrgRecord {
    /// 18 characters, `00D…`.
    pub id: String,
    /// Company name.
    pub name: String,
    /// `OrganizationType`, such as `Developer Edition`.
    pub organization_type: String,
    /// `InstanceName`.
    pub instance_name: String,
    /// `NamespacePrefix`; `None` in an org without a namespace.
    pub namespace_prefix: Option<String>,
    /// Base URL of the My Domain host, without a trailing slash.
    pub my_domain_url: String,
    /// When the org was made.
    pub created_at: Timestamp,
    /// REST calls of the last 24 hours, for `Sforce-Limit-Info` and `/limits`.
    pub api_calls: u64,
    /// How many there may be.
    pub api_call_limit: u64,
}

/// What a `User` record holds beyond the model's `Person`.
#[derive(Debug, Clone)]
pub struct PersonRecord {
    /// 18 characters, `005…`.
    pub id: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Address; not the username, though often its text.
    pub email: String,
    /// Whether the user may read Setup records of others (Customize Application, Manage Users, View Setup). Others see their own rows of
    /// `LoginHistory` and `OauthToken`, and none of the objects that need such a permission (eca-policy 4.1).
    pub administrator: bool,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When user or freeze state was last changed.
    pub modified_at: Timestamp,
    /// Last login that passed.
    pub last_login_at: Option<Timestamp>,
}

/// What the app's records hold beyond the model's `App`.
#[derive(Debug, Clone)]
pub struct AppRecord {
    /// 18 characters; `0xI…` (prefix assumed), of a legacy connected app `0H4…`.
    pub id: String,
    /// `MasterLabel`; what `OauthToken.AppName` and, with the developer name, `LoginHistory.Application` show.
    pub label: String,
    /// When the app was made.
    pub created_at: Timestamp,
    /// When app, settings or policies were last changed.
    pub modified_at: Timestamp,
}

/// A row of `LoginHistory`.
#[derive(Debug, Clone)]
pub struct LoginRecord {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub person: PersonId,
    /// `LoginType`: [`OAUTH_LOGIN`], `Application` for the login page, `Other Apex API` and the like for SOAP.
    pub login_type: &'static str,
    /// `LoginSubType`; see [`login_subtype`].
    pub login_subtype: Option<&'static str>,
    /// `Status`: `Success`, or the text of the wording of channel `login_history`.
    pub status: String,
    /// `Application`: label of the app, or `Browser`.
    pub application: String,
    /// `SourceIp`.
    pub source: IpAddr,
    /// `LoginUrl`: the host that was asked.
    pub login_url: String,
    /// Whether the request was a GET (`OptionsIsGet`); else a POST.
    pub by_get: bool,
}

/// A row of `SetupAuditTrail`.
#[derive(Debug, Clone)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for the second door.
    pub by: Option<PersonId>,
    /// `Action`: machine name.
    pub action: String,
    /// `Section` of Setup.
    pub section: String,
    /// `Display`: the sentence.
    pub display: String,
}

/// `LoginType` of OAuth 2.0 logins (eca-policy 4.4, documented).
pub const OAUTH_LOGIN: &str = "Remote Access 2.0";

/// `LoginSubType` of a grant; the list has none for JWT bearer and device (eca-policy 4.4, documented).
pub const fn login_subtype(grant: GrantKind) -> Option<&'static str> {
    match grant {
        GrantKind::AuthorizationCode => Some("OauthWebServer"),
        GrantKind::ClientCredentials => Some("OauthClientCredentials"),
        GrantKind::RefreshToken => Some("OauthRefreshToken"),
        GrantKind::UsernamePassword => Some("OauthUsernamePassword"),
        GrantKind::TokenExchange => Some("OauthTokenExchange"),
        GrantKind::JwtBearer | GrantKind::Device => None,
    }
}

impl Directory {
    /// Records for a state: ids from positions, names from usernames, everything made at `now`. `number` tells orgs of one process apart.
    pub fn of(
        state: &OrgState,
        number: u64,
        my_domain_url: impl Into<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            org: OrgRecord {
                id: ids::make(Kind::Organization, number),
                name: "Acme".to_owned(),
                organization_type: "Developer Edition".to_owned(),
                instance_name: "SIM1".to_owned(),
                namespace_prefix: None,
                my_domain_url: my_domain_url.into(),
                created_at: now,
                api_calls: 0,
                api_call_limit: 15_000,
            },
            people: state
                .people
                .iter()
                .enumerate()
                .map(|(at, person)| PersonRecord::of(at as u64 + 1, &person.username, now))
                .collect(),
            apps: state
                .apps
                .iter()
                .enumerate()
                .map(|(at, app)| AppRecord::of(at as u64 + 1, app, now))
                .collect(),
            logins: Vec::new(),
            audit: Vec::new(),
        }
    }

    /// The user of an id of 15 or 18 characters.
    pub fn person_of(&self, id: &str) -> Option<PersonId> {
        self.people
            .iter()
            .position(|person| ids::same(&person.id, id))
            .map(PersonId)
    }

    /// The app of an id of 15 or 18 characters.
    pub fn app_of(&self, id: &str) -> Option<AppId> {
        self.apps
            .iter()
            .position(|app| ids::same(&app.id, id))
            .map(AppId)
    }
}

impl PersonRecord {
    /// The record of the `number`-th user (from 1): `ana.lopez@acme.test` becomes Ana Lopez.
    pub fn of(number: u64, username: &str, now: Timestamp) -> Self {
        let local = username.split('@').next().unwrap_or_default();
        let mut names = local.split(['.', '_', '-']).filter(|name| !name.is_empty());
        let first_name = names.next().map_or_else(|| "Un".to_owned(), capital);
        let last_name = names.next().map_or_else(|| "Example".to_owned(), capital);
        Self {
            id: ids::make(Kind::User, number),
            first_name,
            last_name,
            email: username.to_owned(),
            administrator: true,
            created_at: now,
            modified_at: now,
            last_login_at: None,
        }
    }
}

impl AppRecord {
    /// The record of the `number`-th app (from 1); the label is the developer name with spaces.
    pub fn of(number: u64, app: &App, now: Timestamp) -> Self {
        let kind = match app.kind {
            AppKind::ExternalClientApp => Kind::ExternalClientApplication,
            AppKind::ConnectedApp => Kind::ConnectedApplication,
        };
        Self {
            id: ids::make(kind, number),
            label: app.name.replace('_', " "),
            created_at: now,
            modified_at: now,
        }
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
