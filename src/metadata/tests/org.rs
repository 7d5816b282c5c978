//! Profiles, permission sets, settings of the org.

use super::super::{FindingKind, Project};
use super::{kinds, read, record, value};
use crate::factor::{Factor, Value};

fn profile(elements: &str) -> Project {
    read(&[("P.profile-meta.xml", &record("Profile", elements))])
}

#[test]
fn a_profile_says_nothing_by_leaving_out_and_none_by_an_empty_tag() {
    let of = |elements: &str, factor| value(&profile(elements).profiles[0].known, factor);
    assert_eq!(of("", Factor::LoginIpRanges), None);
    assert_eq!(of("", Factor::LoginHours), None);
    assert_eq!(
        of("<loginIpRanges/>", Factor::LoginIpRanges),
        Some(vec![].into())
    );
    assert_eq!(
        of("<loginHours></loginHours>", Factor::LoginHours),
        Some("always".into())
    );
    let hours = |from: u32, to: u32| {
        let days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let days: Vec<String> = days
            .iter()
            .map(|day| format!("<{day}Start>{from}</{day}Start><{day}End>{to}</{day}End>"))
            .collect();
        format!("<loginHours>{}</loginHours>", days.concat())
    };
    assert_eq!(
        of(&hours(0, 1440), Factor::LoginHours),
        Some("always".into())
    );
    assert_eq!(
        of(&hours(480, 480), Factor::LoginHours),
        Some("never".into())
    );
    assert_eq!(of(&hours(480, 1080), Factor::LoginHours), None);
    assert_eq!(kinds(&profile(&hours(480, 1080))), [FindingKind::NotJudged]);
    assert_eq!(
        kinds(&profile(&hours(480, 1500))),
        [FindingKind::UnknownValue]
    );
    assert_eq!(
        of("<loginFlows><flow>f</flow></loginFlows>", Factor::LoginFlow),
        Some(true.into())
    );
    let bad =
        "<loginIpRanges><startAddress>x</startAddress><endAddress>y</endAddress></loginIpRanges>";
    assert_eq!(kinds(&profile(bad)), [FindingKind::UnknownValue]);
    // A profile has dozens of elements that decide no login.
    assert_eq!(
        kinds(&profile(
            "<fieldPermissions><field>A.b</field></fieldPermissions>"
        )),
        []
    );
}

#[test]
fn a_permission_set_may_give_what_a_profile_withholds() {
    let permission = |enabled: bool| {
        format!(
            "<userPermissions><enabled>{enabled}</enabled><name>ApiEnabled</name></userPermissions>"
        )
    };
    let withheld = profile(&permission(false));
    assert_eq!(
        value(&withheld.profiles[0].known, Factor::ApiEnabled),
        Some(false.into())
    );
    let set = record("PermissionSet", &permission(true));
    let own = record("Profile", &permission(false));
    let both = read(&[
        ("S.permissionset-meta.xml", &set),
        ("P.profile-meta.xml", &own),
    ]);
    assert_eq!(value(&both.profiles[0].known, Factor::ApiEnabled), None);
    assert_eq!(
        value(&both.permission_sets[0].known, Factor::ApiEnabled),
        Some(true.into())
    );
}

#[test]
fn settings_of_the_org_have_their_defaults() {
    let empty = |kind: &str| record(kind, "");
    let files = [
        ("Security.settings-meta.xml", empty("SecuritySettings")),
        ("OauthOidc.settings-meta.xml", empty("OauthOidcSettings")),
        (
            "ConnectedApp.settings-meta.xml",
            empty("ConnectedAppSettings"),
        ),
        ("MyDomain.settings-meta.xml", empty("MyDomainSettings")),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let project = read(&files);
    let expected: &[(Factor, Value)] = &[
        (Factor::OrgPkceRequired, false.into()),
        (Factor::ApiAccessControl, false.into()),
        (Factor::ApiAccessControlExternal, false.into()),
        (Factor::MyDomainOnlyLogin, false.into()),
        (Factor::NetworkAccess, Value::Absent),
        (Factor::EnforceIpEveryRequest, false.into()),
        (Factor::LockSessionsToIp, false.into()),
        (Factor::OrgSessionTimeout, 120.into()),
        (Factor::SsoOnlyLogin, false.into()),
    ];
    for (factor, expected) in expected {
        assert_eq!(
            value(&project.org, *factor).as_ref(),
            Some(expected),
            "{factor:?}"
        );
    }
    // Orgs differ in how they begin with username-password, and nothing says how with MFA.
    assert_eq!(project.org.iter().count(), expected.len());
    let again = record("OauthOidcSettings", "<isPkceRequired>true</isPkceRequired>");
    let mut files = files;
    files.push(("again/OauthOidc.settings-meta.xml", &again));
    let project = read(&files);
    assert_eq!(kinds(&project), [FindingKind::DuplicateRecord]);
    assert_eq!(value(&project.org, Factor::OrgPkceRequired), None);
}
