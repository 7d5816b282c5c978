//! The queries of eca-policy 4.3 and of the real clients.

use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::super::soql::{self, Found, QueryError, Run, Tables};
use super::*;
use crate::factor::{Delta, Factor};
use crate::model::{OrgState, PersonId, set};
use crate::oauth::GrantKind;
use crate::org::directory::{Directory, LoginRecord, OAUTH_LOGIN, login_subtype};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn org() -> (OrgState, Directory) {
    let state = OrgState::healthy();
    let mut directory = Directory::of(&state, 1, "https://acme.my.localhost:8443", NOW);
    for (minutes, status) in [(1, "Success"), (2, "Restricted IP")] {
        directory.logins.push(LoginRecord {
            at: NOW + Span::new().minutes(minutes),
            person: PersonId(0),
            login_type: OAUTH_LOGIN,
            login_subtype: login_subtype(GrantKind::AuthorizationCode),
            status: status.to_owned(),
            application: "Harness".to_owned(),
            source: [127, 0, 0, 1].into(),
            login_url: "acme.my.localhost".to_owned(),
            by_get: true,
        });
    }
    (state, directory)
}

fn ask(
    (state, directory): &(OrgState, Directory),
    caller: usize,
    query: &str,
) -> Result<Found, QueryError> {
    let view = View {
        directory,
        state,
        now: NOW,
        caller: PersonId(caller),
    };
    soql::run(
        query,
        &Run {
            tables: &Objects {
                view: &view,
                tooling: false,
            },
            now: NOW,
            sobjects: "/services/data/v60.0/sobjects",
        },
    )
}

fn first(org: &(OrgState, Directory), query: &str) -> Value {
    let found = ask(org, 0, query).expect(query);
    found.records.into_iter().next().expect(query)
}

#[test]
fn each_row_has_one_cell_a_field() {
    let mut org = org();
    let approval = Delta::new(Factor::Approval, "with_refresh_token");
    set(&mut org.0, &approval, NOW).expect("the delta fits");
    org.0.org.api_access_control = true;
    let (state, directory) = &org;
    let view = View {
        directory,
        state,
        now: NOW,
        caller: PersonId(0),
    };
    for shape in SHAPES {
        let fields = shape.fields.len();
        let (mut names, mut ids) = (Vec::new(), Vec::new());
        for field in shape.fields {
            names.push(field.name);
        }
        for row in rows::rows(&view, shape.name) {
            assert_eq!(row.len(), fields, "{}", shape.name);
            ids.push(format!("{:?}", row[0]));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), fields, "{}", shape.name);
        let rows = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rows, "{}: ids are unique", shape.name);
        for relation in shape.relations {
            assert!(shape.fields.iter().any(|field| field.name == relation.via));
            assert!(SHAPES.iter().any(|shape| shape.name == relation.target));
        }
    }
}

#[test]
fn the_queries_of_an_admin_are_answered() {
    let org = org();
    let eca = first(
        &org,
        "SELECT Id, DeveloperName, MasterLabel, DistributionState, OrgScopedExternalApp, NamespacePrefix, LastModifiedDate FROM ExternalClientApplication WHERE DeveloperName = 'Harness'",
    );
    assert_eq!(eca["DistributionState"], "Local");
    let eca = eca["Id"].as_str().expect("an id");
    let user = first(
        &org,
        "SELECT Id, Username, IsActive, UserType, ProfileId, Profile.Name, Profile.UserLicense.Name, LastLoginDate, LastPasswordChangeDate FROM User WHERE Username = 'ana@acme.test'",
    );
    assert_eq!(user["Profile"]["UserLicense"]["Name"], "Salesforce");
    let user = user["Id"].as_str().expect("an id");

    for (query, rows) in [
        (format!("SELECT IsEnabled, OauthPluginStatus, LastModifiedDate FROM ExtlClntAppPlcyCnfg WHERE ExternalClientApplicationId = '{eca}'"), 1),
        (format!("SELECT PermittedUsersPolicyType, IpRelaxationPolicyType, RefreshTokenPolicyType, RefreshTokenValidityPeriod, RefreshTokenValidityUnit, RequiredSessionLevel, PolicyAction, SessionTimeoutInMinutes, IsClientCredentialsFlowEnabled, ClientCredentialsFlowUser, IsTokenExchangeFlowEnabled, IsGuestCodeCredFlowEnabled, ApexHandlerId, ExecuteHandlerAsId, LastModifiedDate FROM ExtlClntAppOauthPlcyCnfg WHERE ExternalClientApplicationId = '{eca}'"), 1),
        (format!("SELECT Id, OauthLink, LastModifiedDate FROM ExtlClntAppOauthSettings WHERE ExternalClientApplicationId = '{eca}'"), 1),
        (format!("SELECT Parent.Name, Parent.IsOwnedByProfile, Parent.Profile.Name, Parent.HasActivationRequired FROM SetupEntityAccess WHERE SetupEntityType = 'ExternalClientApplication' AND SetupEntityId = '{eca}'"), 1),
        (format!("SELECT PermissionSet.Name, PermissionSetGroupId, IsActive, ExpirationDate FROM PermissionSetAssignment WHERE AssigneeId = '{user}' AND PermissionSetId IN (SELECT ParentId FROM SetupEntityAccess WHERE SetupEntityType = 'ExternalClientApplication' AND SetupEntityId = '{eca}')"), 1),
        (format!("SELECT IsFrozen, IsPasswordLocked, LastModifiedDate FROM UserLogin WHERE UserId = '{user}'"), 1),
        (format!("SELECT PermissionSet.Name, PermissionSet.PermissionsApiEnabled, PermissionSet.PermissionsApiUserOnly, PermissionSet.PermissionsCanApproveUninstalledApps, PermissionSet.PermissionsForceTwoFactor, PermissionSet.PermissionsTwoFactorApi FROM PermissionSetAssignment WHERE AssigneeId = '{user}'"), 2),
        (format!("SELECT LoginTime, LoginType, LoginSubType, Status, Application, SourceIp, LoginUrl, NetworkId, ApiType, TlsProtocol FROM LoginHistory WHERE UserId = '{user}' AND LoginTime >= 1970-01-01T00:00:30Z ORDER BY LoginTime DESC LIMIT 50"), 2),
        (format!("SELECT Id, AppName, AppMenuItemId, UserId, CreatedDate, LastUsedDate, UseCount FROM OauthToken WHERE UserId = '{user}' AND AppName = 'Harness'"), 0),
        (format!("SELECT SessionType, SessionSecurityLevel, LoginType, SourceIp, NumSecondsValid, IsAssociatedWithJwtAccessToken, CreatedDate FROM AuthSession WHERE UsersId = '{user}' ORDER BY CreatedDate DESC LIMIT 20"), 0),
        ("SELECT CreatedDate, CreatedBy.Username, Action, Section, Display FROM SetupAuditTrail WHERE CreatedDate = LAST_N_DAYS:7 ORDER BY CreatedDate DESC LIMIT 200".to_owned(), 0),
        ("SELECT Id, OrganizationType, IsSandbox, InstanceName, NamespacePrefix, CreatedDate FROM Organization".to_owned(), 1),
        ("SELECT OptionsAllowAdminApprovedUsersOnly, OptionsHasSessionLevelPolicy, RefreshTokenValidityPeriod FROM ConnectedApplication WHERE Name = 'Harness'".to_owned(), 0),
        ("SELECT UrlPattern FROM CorsWhitelistEntry".to_owned(), 0),
        ("SELECT Id, Name FROM Account".to_owned(), 3),
        ("SELECT Name, Account.Name FROM Contact".to_owned(), 2),
    ] {
        let found = ask(&org, 0, &query);
        assert_eq!(found.map(|found| found.total), Ok(rows), "{query}");
    }
}

#[test]
fn login_history_shows_its_status_and_does_not_filter_by_it() {
    let org = org();
    let row = first(
        &org,
        "SELECT Status, LoginSubType FROM LoginHistory ORDER BY LoginTime DESC",
    );
    assert_eq!(row["Status"], "Restricted IP");
    assert_eq!(row["LoginSubType"], "OauthWebServer");
    for field in ["Status", "Application", "ApiType", "Browser", "Platform"] {
        let refused = ask(
            &org,
            0,
            &format!("SELECT Id FROM LoginHistory WHERE {field} = 'x'"),
        );
        let refused = refused.expect_err("no filter");
        assert_eq!(refused.code, "INVALID_FIELD");
        assert!(refused.message.ends_with(&format!(
            "field '{field}' can not be filtered in a query call"
        )));
    }
}

#[test]
fn rights_are_those_of_the_person() {
    let mut org = org();
    org.0.people[1].profile = "Standard User".to_owned();
    org.0.people[1].api_enabled = false;
    for (at, enabled) in [(0, true), (1, false)] {
        let id = &org.1.people[at].id;
        let found = ask(
            &org,
            0,
            &format!(
                "SELECT COUNT() FROM PermissionSetAssignment WHERE AssigneeId = '{id}' AND PermissionSet.PermissionsApiEnabled = true"
            ),
        );
        assert_eq!(
            found.map(|found| found.total > 0),
            Ok(enabled),
            "person {at}"
        );
    }
    let query = "SELECT PermissionsUseAnyApiClient FROM PermissionSet";
    assert_eq!(
        ask(&org, 0, query).expect_err("no such column").code,
        "INVALID_FIELD"
    );
    org.0.org.api_access_control = true;
    assert!(ask(&org, 0, query).is_ok());
}

#[test]
fn without_the_permission_setup_is_not_there_and_history_is_ones_own() {
    let mut org = org();
    org.1.people[1].administrator = false;
    let refused = ask(&org, 1, "SELECT Id FROM UserLogin").expect_err("not visible");
    assert_eq!(refused.code, "INVALID_TYPE");
    let own = ask(&org, 1, "SELECT Id FROM LoginHistory").expect("visible");
    assert_eq!(own.total, 0);
    assert_eq!(
        ask(&org, 0, "SELECT Id FROM LoginHistory")
            .expect("visible")
            .total,
        2
    );
}

#[test]
fn policy_and_person_show_in_their_records() {
    let mut org = org();
    for delta in [
        Delta::new(Factor::AppEnabled, false),
        Delta::new(Factor::PermittedUsers, "AllSelfAuthorized"),
        Delta::new(Factor::UserFrozen, true).of("ana@acme.test"),
        Delta::new(Factor::PermissionSetAssignment, "expired").of("ana@acme.test"),
        Delta::new(Factor::Approval, "with_refresh_token").of("ana@acme.test"),
        Delta::new(Factor::OrgEnvironment, "sandbox"),
    ] {
        set(&mut org.0, &delta, NOW).expect("the delta fits");
    }
    assert_eq!(
        first(&org, "SELECT IsEnabled FROM ExtlClntAppPlcyCnfg")["IsEnabled"],
        false
    );
    let policy = first(
        &org,
        "SELECT PermittedUsersPolicyType FROM ExtlClntAppOauthPlcyCnfg",
    );
    assert_eq!(policy["PermittedUsersPolicyType"], "AllSelfAuthorized");
    assert_eq!(
        first(&org, "SELECT Id FROM UserLogin WHERE IsFrozen = true")
            .as_object()
            .map(serde_json::Map::len),
        Some(2)
    );
    let assigned = first(
        &org,
        "SELECT IsActive FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Harness_Access' AND Assignee.Username = 'ana@acme.test'",
    );
    assert_eq!(assigned["IsActive"], false);
    let token = first(&org, "SELECT AppName, User.Username FROM OauthToken");
    assert_eq!(token["User"]["Username"], json!("ana@acme.test"));
    assert_eq!(
        first(&org, "SELECT IsSandbox FROM Organization")["IsSandbox"],
        true
    );
    org.0.people[0].home_org = crate::model::HomeOrg::Other;
    let found = ask(
        &org,
        0,
        "SELECT Id FROM User WHERE Username = 'ana@acme.test'",
    );
    assert_eq!(found.map(|found| found.total), Ok(0));
}

#[test]
fn the_tooling_api_has_other_objects() {
    let (state, directory) = &org();
    let view = View {
        directory,
        state,
        now: NOW,
        caller: PersonId(0),
    };
    let objects = Objects {
        view: &view,
        tooling: true,
    };
    assert!(objects.table("Certificate").is_some());
    assert!(objects.table("externalclientapplication").is_some());
    assert!(objects.table("SandboxProcess").is_none());
    assert!(objects.table("Account").is_none());
}
