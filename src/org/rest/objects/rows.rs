//! Rows of each object, cells in the order of its fields.

use jiff::Timestamp;

use super::super::View;
use super::super::ids::{self, Kind};
use super::super::soql::Cell;
use super::people;
use crate::cause::AppKind;
use crate::model::{App, AppSettings, OrgEnvironment, PermittedUsers, SessionLevel};
use crate::org::directory::{AppRecord, OAUTH_LOGIN};

/// Wire scopes in the order of the columns `OauthScopes…`; a column is set by any of its words.
const SCOPE_COLUMNS: &[&[&str]] = &[
    &["api"],
    &["web"],
    &["full"],
    &["refresh_token"],
    &["offline_access"],
    &["openid"],
    &["id", "profile", "email", "address", "phone"],
    &["chatter_api"],
    &["visualforce"],
    &["custom_permissions"],
    &["wave_api"],
    &["eclair_api"],
    &["pardot_api"],
    &["lightning"],
    &["content"],
    &["chatbot_api"],
    &["cdp_api"],
    &["sfap_api"],
    &["einstein_gpt_api"],
    &["scrt_api"],
    &["mcp_api"],
];

/// What `LoginHistory` shows for a login outside any site.
const NO_NETWORK: &str = "000000000000000AAA";

/// The rows of an object.
pub(super) fn rows(view: &View<'_>, name: &str) -> Vec<Vec<Cell>> {
    match name {
        "Organization" => vec![organization(view)],
        "User" => users(view),
        "Profile" => profiles(view),
        "UserLicense" => licenses(),
        "PermissionSet" => people::permission_sets(view),
        "PermissionSetAssignment" => people::assignments(view),
        "SetupEntityAccess" => people::entity_access(view),
        "LoginHistory" => logins(view),
        "UserLogin" => user_logins(view),
        "AuthSession" => sessions(view),
        "OauthToken" => approvals(view),
        "ExternalClientApplication" => of_apps(view, AppKind::ExternalClientApp, |app, record| {
            Some(vec![
                record.id.as_str().into(),
                app.name.as_str().into(),
                record.label.as_str().into(),
                view.directory.org.namespace_prefix.clone().into(),
                app.settings.latest().distribution_state.word().into(),
                Cell::Null,
                record.created_at.into(),
                record.modified_at.into(),
            ])
        }),
        "ExtlClntAppPlcyCnfg" => of_apps(view, AppKind::ExternalClientApp, policies),
        "ExtlClntAppOauthPlcyCnfg" => of_apps(view, AppKind::ExternalClientApp, oauth_policies),
        "ExtlClntAppOauthSettings" => of_apps(view, AppKind::ExternalClientApp, |app, record| {
            let settings = app.settings.latest();
            // The link names the org of birth and the settings.
            let org = view.directory.org.id.get(..15).unwrap_or_default();
            let link = format!("{org}:{}", settings_id(record));
            let mut row: Vec<Cell> = vec![
                settings_id(record).into(),
                record.id.as_str().into(),
                link.into(),
                record.modified_at.into(),
            ];
            row.extend(
                SCOPE_COLUMNS
                    .iter()
                    .map(|words| Cell::from(words.iter().any(|word| settings.scopes.has(word)))),
            );
            Some(row)
        }),
        "ConnectedApplication" => of_apps(view, AppKind::ConnectedApp, connected),
        "SetupAuditTrail" => audit(view),
        "Account" => accounts(view),
        "Contact" => contacts(view),
        // `Certificate`, `CorsWhitelistEntry`: known, and empty.
        _ => Vec::new(),
    }
}

fn organization(view: &View<'_>) -> Vec<Cell> {
    let org = &view.directory.org;
    vec![
        org.id.as_str().into(),
        org.name.as_str().into(),
        org.organization_type.as_str().into(),
        (view.state.org.environment == OrgEnvironment::Sandbox).into(),
        org.instance_name.as_str().into(),
        org.namespace_prefix.clone().into(),
        "en_US".into(),
        "GMT".into(),
        "en_US".into(),
        false.into(),
        Cell::Null,
        org.created_at.into(),
        org.created_at.into(),
    ]
}

fn users(view: &View<'_>) -> Vec<Vec<Cell>> {
    people::users(view)
        .map(|(person, record)| {
            let alias: String = record.last_name.to_lowercase().chars().take(8).collect();
            vec![
                record.id.as_str().into(),
                person.username.as_str().into(),
                format!("{} {}", record.first_name, record.last_name).into(),
                record.first_name.as_str().into(),
                record.last_name.as_str().into(),
                alias.into(),
                record.email.as_str().into(),
                person.active.into(),
                people::user_type(person).into(),
                people::profile_id(&person.profile).into(),
                "GMT".into(),
                "en_US".into(),
                "en_US".into(),
                record.last_login_at.into(),
                record.created_at.into(),
                record.created_at.into(),
                record.modified_at.into(),
            ]
        })
        .collect()
}

fn profiles(view: &View<'_>) -> Vec<Vec<Cell>> {
    people::profiles(view)
        .into_iter()
        .map(|name| {
            let license = LICENSES[usize::from(people::is_integration(view, name))];
            vec![
                people::profile_id(name).into(),
                name.into(),
                "Standard".into(),
                people::license_id(license).into(),
            ]
        })
        .collect()
}

const LICENSES: [&str; 2] = ["Salesforce", "Salesforce Integration"];

fn licenses() -> Vec<Vec<Cell>> {
    LICENSES
        .iter()
        .map(|name| vec![people::license_id(name).into(), (*name).into()])
        .collect()
}

fn logins(view: &View<'_>) -> Vec<Vec<Cell>> {
    let people = &view.directory.people;
    view.directory
        .logins
        .iter()
        .enumerate()
        .filter_map(|(at, login)| {
            let user = people.get(login.person.0)?;
            Some(vec![
                ids::make(Kind::LoginHistory, at as u64 + 1).into(),
                user.id.as_str().into(),
                login.at.into(),
                login.login_type.into(),
                login.login_subtype.into(),
                login.status.as_str().into(),
                login.application.as_str().into(),
                login.source.to_string().into(),
                login.login_url.as_str().into(),
                NO_NETWORK.into(),
                "N/A".into(),
                "N/A".into(),
                "Unknown".into(),
                "Unknown".into(),
                "TLS 1.3".into(),
                Cell::Null,
                login.by_get.into(),
                (!login.by_get).into(),
            ])
        })
        .collect()
}

fn user_logins(view: &View<'_>) -> Vec<Vec<Cell>> {
    people::users(view)
        .map(|(person, record)| {
            vec![
                ids::named(Kind::UserLogin, &record.id).into(),
                record.id.as_str().into(),
                person.frozen.into(),
                person.locked.into(),
                record.modified_at.into(),
            ]
        })
        .collect()
}

/// Sessions of access tokens that still act.
fn sessions(view: &View<'_>) -> Vec<Vec<Cell>> {
    let state = view.state;
    state
        .access_tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| {
            !token.revoked
                && token.expires_at > view.now
                && token
                    .family
                    .is_none_or(|family| state.families[family.0].ended.is_none())
        })
        .filter_map(|(at, token)| {
            let user = view.directory.people.get(token.person.0)?;
            let valid = token.expires_at.as_second() - token.issued_at.as_second();
            Some(vec![
                ids::make(Kind::AuthSession, at as u64 + 1).into(),
                user.id.as_str().into(),
                "Oauth2".into(),
                token.level.word().into(),
                OAUTH_LOGIN.into(),
                token.address.to_string().into(),
                valid.into(),
                token.jwt.into(),
                token.issued_at.into(),
                token.issued_at.into(),
            ])
        })
        .collect()
}

/// One row for each approval that holds.
fn approvals(view: &View<'_>) -> Vec<Vec<Cell>> {
    let state = view.state;
    state
        .families
        .iter()
        .enumerate()
        .filter(|(_, family)| family.ended.is_none())
        .filter_map(|(at, family)| {
            let user = view.directory.people.get(family.person.0)?;
            let record = view.directory.apps.get(family.app.0)?;
            let installed = state.apps.get(family.app.0)?.settings.latest().installed;
            let count = state
                .access_tokens
                .iter()
                .filter(|token| token.family.is_some_and(|of| of.0 == at))
                .count();
            Some(vec![
                ids::make(Kind::OauthToken, at as u64 + 1).into(),
                record.label.as_str().into(),
                installed
                    .then(|| ids::named(Kind::AppMenuItem, &record.id))
                    .into(),
                user.id.as_str().into(),
                family.last_used.into(),
                i64::try_from(count).unwrap_or(i64::MAX).into(),
                family.granted_at.into(),
                Cell::Null,
            ])
        })
        .collect()
}

/// One row for each app of a kind that was not deleted.
fn of_apps(
    view: &View<'_>,
    kind: AppKind,
    row: impl Fn(&App, &AppRecord) -> Option<Vec<Cell>>,
) -> Vec<Vec<Cell>> {
    view.state
        .apps
        .iter()
        .zip(&view.directory.apps)
        .filter(|(app, _)| app.kind == kind && !app.settings.latest().deleted)
        .filter_map(|(app, record)| row(app, record))
        .collect()
}

fn settings_id(record: &AppRecord) -> String {
    ids::named(Kind::AppOauthSettings, &record.id)
}

/// `OauthPluginStatus` and its siblings; the words are assumed.
const fn plugin(enabled: bool) -> &'static str {
    if enabled { "Enabled" } else { "Disabled" }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the makers of rows, some of which make none"
)]
fn policies(app: &App, record: &AppRecord) -> Option<Vec<Cell>> {
    let settings = app.settings.latest();
    Some(vec![
        ids::named(Kind::AppPolicies, &record.id).into(),
        record.id.as_str().into(),
        settings.enabled.into(),
        plugin(settings.oauth_plugin_enabled).into(),
        plugin(false).into(),
        plugin(false).into(),
        "None".into(),
        Cell::Null,
        record.modified_at.into(),
    ])
}

fn oauth_policies(app: &App, record: &AppRecord) -> Option<Vec<Cell>> {
    let settings: &AppSettings = app.settings.latest();
    settings.policy_record.then(|| {
        vec![
            ids::named(Kind::AppOauthPolicies, &record.id).into(),
            record.id.as_str().into(),
            settings_id(record).into(),
            settings.permitted_users.word().into(),
            settings.ip_relaxation.word().into(),
            settings.refresh_token_policy.word().into(),
            settings.refresh_token_validity_period.into(),
            settings.refresh_token_validity_unit.word().into(),
            settings.required_session_level.word().into(),
            settings.policy_action.word().into(),
            settings.session_timeout_minutes.into(),
            settings.client_credentials_in_policies.into(),
            settings.client_credentials_flow_user.clone().into(),
            settings.token_exchange_in_policies.into(),
            false.into(),
            Cell::Null,
            Cell::Null,
            settings.named_user_jwt_timeout_minutes.into(),
            Cell::Null,
            record.modified_at.into(),
        ]
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the makers of rows, some of which make none"
)]
fn connected(app: &App, record: &AppRecord) -> Option<Vec<Cell>> {
    let settings = app.settings.latest();
    Some(vec![
        record.id.as_str().into(),
        record.label.as_str().into(),
        (settings.permitted_users == PermittedUsers::AdminApprovedPreAuthorized).into(),
        (settings.required_session_level == SessionLevel::HighAssurance).into(),
        settings.refresh_token_validity_period.into(),
        Cell::Null,
        record.created_at.into(),
        record.modified_at.into(),
    ])
}

fn audit(view: &View<'_>) -> Vec<Vec<Cell>> {
    let people = &view.directory.people;
    view.directory
        .audit
        .iter()
        .enumerate()
        .map(|(at, change)| {
            let by = change.by.and_then(|by| people.get(by.0));
            vec![
                ids::make(Kind::SetupAuditTrail, at as u64 + 1).into(),
                change.action.as_str().into(),
                change.section.as_str().into(),
                change.display.as_str().into(),
                change.at.into(),
                by.map(|by| by.id.as_str()).into(),
            ]
        })
        .collect()
}

/// Sample rows, so that a first query finds something.
fn accounts(view: &View<'_>) -> Vec<Vec<Cell>> {
    let made: Timestamp = view.directory.org.created_at;
    [
        ("Larkspur Bakery", "Food & Beverage"),
        ("Northwind Rail", "Transportation"),
        ("Quiet Harbor Clinic", "Healthcare"),
    ]
    .into_iter()
    .zip(1..)
    .map(|((name, industry), number)| {
        vec![
            ids::make(Kind::Account, number).into(),
            name.into(),
            industry.into(),
            owner(view),
            made.into(),
            made.into(),
        ]
    })
    .collect()
}

fn contacts(view: &View<'_>) -> Vec<Vec<Cell>> {
    [("Ines", "Duarte", 1), ("Tom", "Okafor", 2)]
        .into_iter()
        .zip(1..)
        .map(|((first, last, account), number)| {
            vec![
                ids::make(Kind::Contact, number).into(),
                first.into(),
                last.into(),
                format!("{first} {last}").into(),
                format!("{}@example.com", first.to_lowercase()).into(),
                ids::make(Kind::Account, account).into(),
                owner(view),
                view.directory.org.created_at.into(),
            ]
        })
        .collect()
}

fn owner(view: &View<'_>) -> Cell {
    view.directory
        .people
        .first()
        .map(|person| person.id.as_str())
        .into()
}
