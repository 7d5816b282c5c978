//! Single elements, refusals, layouts.

use std::fs;

use super::super::super::{Fragment, Patch, RecordType, Why};
use super::super::only;
use super::{app, eca, lines, names, project, put_file, read, why};
use crate::cause::AppKind;
use crate::factor::{Delta, Factor, Value};

#[test]
fn what_no_file_holds_is_named_with_the_reason() {
    let folder = project(true);
    let before = read(folder.path());
    let (new, old) = (eca(&before), app(&before, AppKind::ConnectedApp));
    let of = |app, factor, value: Value| why(&before, app, Delta::new(factor, value));
    assert_eq!(
        of(new, Factor::ClientSecret, "right".into()),
        Why::NotOfTheOrg
    );
    assert_eq!(of(new, Factor::Host, "login".into()), Why::NotOfTheOrg);
    assert_eq!(of(new, Factor::UserActive, true.into()), Why::OfAUser);
    assert_eq!(
        of(new, Factor::PermissionSetAssignment, "active".into()),
        Why::OfAUser
    );
    assert_eq!(
        of(new, Factor::SessionLevelMapping, true.into()),
        Why::NotInMetadata
    );
    assert_eq!(
        of(new, Factor::MfaOnlyForRefresh, true.into()),
        Why::NotInMetadata
    );
    assert_eq!(
        of(old, Factor::DeviceFlowEnabled, true.into()),
        Why::NotOfThisKind
    );
    assert_eq!(
        of(old, Factor::PolicyRecord, true.into()),
        Why::NotOfThisKind
    );
    assert!(matches!(
        of(new, Factor::ConsumerKey, "rotated".into()),
        Why::NotSaid(_)
    ));
    assert!(matches!(
        of(new, Factor::Certificate, "valid".into()),
        Why::NotSaid(_)
    ));
    assert!(matches!(
        of(new, Factor::IpRelaxation, "Relax".into()),
        Why::Value { .. }
    ));
    assert!(matches!(
        of(new, Factor::IdTokenValidity, 721.into()),
        Why::Value { .. }
    ));
    assert!(matches!(
        of(new, Factor::Scopes, names(&["unheard"])),
        Why::Value { .. }
    ));
    assert!(matches!(
        of(new, Factor::SelectedProfiles, names(&["a,b"])),
        Why::Value { .. }
    ));
    assert!(matches!(
        of(new, Factor::PkceRequired, Value::Absent),
        Why::Value { .. }
    ));
    assert!(matches!(
        of(new, Factor::ClientCredentialsFlowUser, "a\u{1}b".into()),
        Why::Edit(_)
    ));
    let person = Delta::new(Factor::ApiEnabled, true).of("nobody");
    assert_eq!(why(&before, new, person), Why::NoProfile);
    for reason in [Why::NotOfTheOrg, Why::NoProfile, Why::Conflict] {
        assert!(!reason.to_string().is_empty());
    }
}

#[test]
fn every_delta_that_cannot_be_written_is_named_and_then_none_is() {
    let folder = project(true);
    let before = read(folder.path());
    let mut patch = Patch::new(folder.path());
    let deltas = [
        Delta::new(Factor::PkceRequired, false),
        Delta::new(Factor::UserFrozen, false),
        Delta::new(Factor::IpRelaxation, "Nonsense"),
    ];
    let unwritable = patch.put(&before, eca(&before), &deltas).unwrap_err();
    let named: Vec<Factor> = unwritable
        .iter()
        .map(|one| one.delta.as_ref().unwrap().factor)
        .collect();
    assert_eq!(named, [Factor::UserFrozen, Factor::IpRelaxation]);
    assert!(patch.is_empty());
    assert_eq!(
        unwritable[0].to_string(),
        "`isFrozen: false` cannot be written into metadata files: it belongs to a user, and metadata holds profiles and permission sets, \
         no users"
    );
}

#[test]
fn one_switch_for_two_cannot_be_on_and_off() {
    let folder = project(true);
    let before = read(folder.path());
    let old = app(&before, AppKind::ConnectedApp);
    let deltas = [
        Delta::new(Factor::ClientCredentialsInSettings, true),
        Delta::new(Factor::ClientCredentialsInPolicies, false),
    ];
    let unwritable = Patch::of(&before, old, &deltas).unwrap_err();
    assert_eq!(unwritable.len(), 1);
    assert_eq!(unwritable[0].why, Why::Conflict);
    let of = |hours: &str| Delta::new(Factor::LoginHours, hours).of("Harness Integration");
    let unwritable = Patch::of(&before, old, &[of("always"), of("never")]).unwrap_err();
    assert_eq!(unwritable.len(), 2);
}

#[test]
fn a_refresh_policy_takes_its_period_along() {
    let link = "<externalClientApplication>A</externalClientApplication>";
    let text = |elements: &str| {
        format!(
            "<ExtlClntAppOauthConfigurablePolicies xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    {link}\n{elements}</ExtlClntAppOauthConfigurablePolicies>\n"
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let name = "q.ecaOauthPlcy-meta.xml";
    put_file(
        folder.path(),
        name,
        &text("    <refreshTokenPolicyType>Zero</refreshTokenPolicyType>\n"),
    );
    let before = read(folder.path());
    let specific = Delta::new(Factor::RefreshTokenPolicy, "SpecificInactivity");
    assert!(matches!(
        why(&before, only(&before), specific.clone()),
        Why::Incomplete(_)
    ));
    let whole = [
        specific,
        Delta::new(Factor::RefreshTokenValidityPeriod, 30),
        Delta::new(Factor::RefreshTokenValidityUnit, "Days"),
    ];
    let patch = Patch::of(&before, only(&before), &whole).unwrap();
    assert_eq!(lines(&patch.diff()).1.len(), 3);
    patch.apply().unwrap();
    let before = read(folder.path());
    let infinite = Delta::new(Factor::RefreshTokenPolicy, "Infinite");
    let patch = Patch::of(&before, only(&before), &[infinite]).unwrap();
    assert_eq!(
        (lines(&patch.diff()).0.len(), lines(&patch.diff()).1.len()),
        (3, 1)
    );
    // The default policy has a period of its own, which is written out beside a new number.
    put_file(folder.path(), name, &text(""));
    let before = read(folder.path());
    let period = Delta::new(Factor::RefreshTokenValidityPeriod, 30);
    let patch = Patch::of(&before, only(&before), &[period]).unwrap();
    assert_eq!(
        lines(&patch.diff()).1,
        [
            "    <refreshTokenPolicyType>SpecificLifetime</refreshTokenPolicyType>",
            "    <refreshTokenValidityPeriod>30</refreshTokenValidityPeriod>",
            "    <refreshTokenValidityUnit>Days</refreshTokenValidityUnit>",
        ]
    );
}

#[test]
fn a_policy_record_is_made_beside_its_app_and_others_are_not() {
    for source in [true, false] {
        let folder = project(source);
        let gone = read(folder.path());
        let kind = RecordType::ExtlClntAppOauthConfigurablePolicies;
        fs::remove_file(folder.path().join(&eca(&gone).record(kind).unwrap().file)).unwrap();
        let before = read(folder.path());
        let relax = Delta::new(Factor::IpRelaxation, "Bypass");
        assert_eq!(
            why(&before, eca(&before), relax.clone()),
            Why::MissingRecord { kind }
        );
        let deltas = [relax, Delta::new(Factor::PolicyRecord, true)];
        Patch::of(&before, eca(&before), &deltas)
            .unwrap()
            .apply()
            .unwrap();
        let after = read(folder.path());
        let record = eca(&after).record(kind).unwrap();
        let ending = if source { "-meta.xml" } else { "" };
        assert!(record.file.ends_with(&format!(
            "/extlClntAppOauthPolicies/Harness_Web_oauthPlcy.ecaOauthPlcy{ending}"
        )));
        assert_eq!(record.app(), Some("Harness_Web"));
        assert_eq!(record.text("ipRelaxationPolicyType"), Some("Bypass"));
        assert!(eca(&after).missing.is_empty());
    }
}

#[test]
fn an_app_name_leads_to_no_other_folder() {
    let folder = project(true);
    let hostile = "../../../../tmp/out";
    for file in super::files(folder.path()) {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.replace("Harness_Web</ext", &format!("{hostile}</ext"));
        fs::write(&file, text).unwrap();
    }
    let kind = RecordType::ExtlClntAppOauthConfigurablePolicies;
    let before = read(folder.path());
    let named = before.apps_named(hostile).next().unwrap();
    fs::remove_file(&named.record(kind).unwrap().file).unwrap();
    let before = read(folder.path());
    let named = before.apps_named(hostile).next().unwrap();
    let patch = Patch::of(&before, named, &[Delta::new(Factor::PolicyRecord, true)]).unwrap();
    patch.apply().unwrap();
    let file = patch.files().next().unwrap();
    assert_eq!(
        file.path().file_name().unwrap(),
        "%2E.%2F..%2F..%2F..%2Ftmp%2Fout_oauthPlcy.ecaOauthPlcy-meta.xml"
    );
    let after = read(folder.path());
    assert!(
        after
            .apps_named(hostile)
            .next()
            .unwrap()
            .record(kind)
            .is_some()
    );
}

#[test]
fn settings_of_the_org_are_made_where_there_are_none() {
    let folder = project(true);
    fs::remove_dir_all(folder.path().join("settings")).unwrap();
    let before = read(folder.path());
    let deltas = [
        Delta::new(Factor::OrgPkceRequired, true),
        Delta::new(Factor::NetworkAccess, names(&["192.0.2.0/24"])),
        Delta::new(Factor::SsoOnlyLogin, true),
    ];
    let done = Patch::of(&before, eca(&before), &deltas)
        .unwrap()
        .apply()
        .unwrap();
    assert_eq!(done.len(), 2);
    let text =
        fs::read_to_string(folder.path().join("settings/Security.settings-meta.xml")).unwrap();
    assert_eq!(
        text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<SecuritySettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <networkAccess>
        <ipRanges>
            <end>192.0.2.255</end>
            <start>192.0.2.0</start>
        </ipRanges>
    </networkAccess>
    <singleSignOnSettings>
        <isLoginWithSalesforceCredentialsDisabled>true</isLoginWithSalesforceCredentialsDisabled>
    </singleSignOnSettings>
</SecuritySettings>
"
    );
}

#[test]
fn profiles_say_it_for_their_users() {
    let folder = project(true);
    let before = read(folder.path());
    let of = |factor, value: Value| Delta::new(factor, value).of("harness integration");
    let deltas = [
        of(
            Factor::LoginIpRanges,
            names(&["203.0.113.0-203.0.113.15", "192.0.2.7"]),
        ),
        of(Factor::LoginHours, "always".into()),
        of(Factor::ApiEnabled, false.into()),
        of(Factor::UseAnyApiClient, true.into()),
        of(Factor::ProfileSessionLevel, "HIGH_ASSURANCE".into()),
        of(Factor::OrgSessionTimeout, 15.into()),
    ];
    let patch = Patch::of(&before, eca(&before), &deltas).unwrap();
    patch.apply().unwrap();
    let after = read(folder.path());
    let known = &after.profile("Harness Integration").unwrap().known;
    let value = |factor| known.value(factor).map(|(value, _)| value.clone());
    assert_eq!(
        value(Factor::LoginIpRanges),
        Some(names(&["203.0.113.0-203.0.113.15", "192.0.2.7-192.0.2.7"]))
    );
    assert_eq!(value(Factor::LoginHours), Some("always".into()));
    assert_eq!(value(Factor::UseAnyApiClient), Some(true.into()));
    assert_eq!(
        value(Factor::ProfileSessionLevel),
        Some("HIGH_ASSURANCE".into())
    );
    assert_eq!(value(Factor::OrgSessionTimeout), Some(15.into()));
    let record = &after.profile("Harness Integration").unwrap().records;
    let record = record
        .iter()
        .find(|record| record.kind == RecordType::Profile);
    let text = fs::read_to_string(&record.unwrap().file).unwrap();
    assert!(text.contains("<loginHours></loginHours>"), "{text}");
    assert!(text.contains("<description>lab</description>"), "{text}");
    assert!(
        text.contains("<enabled>false</enabled>\n        <name>ApiEnabled</name>"),
        "{text}"
    );
    let deltas = [
        of(Factor::LoginIpRanges, Value::Names(Vec::new())),
        of(Factor::LoginHours, "never".into()),
    ];
    Patch::of(&after, eca(&after), &deltas)
        .unwrap()
        .apply()
        .unwrap();
    let after = read(folder.path());
    let known = &after.profile("Harness Integration").unwrap().known;
    let (ranges, _) = known.value(Factor::LoginIpRanges).unwrap();
    let (hours, _) = known.value(Factor::LoginHours).unwrap();
    assert_eq!(
        (ranges, hours),
        (&Value::Names(Vec::new()), &"never".into())
    );
}

#[test]
fn a_handler_is_switched_on_or_takes_the_app_in() {
    let folder = project(true);
    let before = read(folder.path());
    let enable = [Delta::new(Factor::TokenExchangeHandler, "enabled")];
    let patch = Patch::of(&before, eca(&before), &enable).unwrap();
    assert_eq!(
        lines(&patch.diff()).1,
        [
            "    <enablements>",
            "        <apexExecutionUser>integration.user@example.com.harness</apexExecutionUser>",
            "        <externalClientApp>Harness_Web</externalClientApp>",
            "        <isDefault>true</isDefault>",
            "    </enablements>",
        ]
    );
    patch.apply().unwrap();
    let found = fs::read_dir(folder.path().join("oauthtokenexchangehandlers"));
    let handler = found.unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&handler).unwrap();
    fs::write(
        &handler,
        text.replace("<isEnabled>true", "<isEnabled>false"),
    )
    .unwrap();
    let before = read(folder.path());
    let patch = Patch::of(&before, eca(&before), &enable).unwrap();
    assert_eq!(lines(&patch.diff()).1, ["    <isEnabled>true</isEnabled>"]);
    fs::remove_file(handler).unwrap();
    let before = read(folder.path());
    let kind = RecordType::OauthTokenExchangeHandler;
    assert_eq!(
        why(&before, eca(&before), enable[0].clone()),
        Why::MissingRecord { kind }
    );
}

#[test]
fn scopes_of_the_wire_become_those_of_metadata_and_silent_ones_stay() {
    let folder = project(true);
    let path = folder
        .path()
        .join("connectedApps/Harness_Legacy.connectedApp-meta.xml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace(
            "        <scopes>Api</scopes>\n",
            "        <scopes>Api</scopes>\n        <scopes>DataCloudUserClaims</scopes>\n",
        ),
    )
    .unwrap();
    let before = read(folder.path());
    let scopes = Delta::new(Factor::Scopes, names(&["sfap_api", "refresh_token"]));
    let old = app(&before, AppKind::ConnectedApp);
    Patch::of(&before, old, std::slice::from_ref(&scopes))
        .unwrap()
        .apply()
        .unwrap();
    Patch::of(&before, eca(&before), &[scopes])
        .unwrap()
        .apply()
        .unwrap();
    let after = read(folder.path());
    for app in &after.apps {
        let (value, _) = app.known.value(Factor::Scopes).unwrap();
        assert_eq!(*value, names(&["SFApiPlatform", "RefreshToken"]));
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("<scopes>SFAP</scopes>") && text.contains("DataCloudUserClaims"),
        "{text}"
    );
}

#[test]
fn single_elements_are_edited_beside_values() {
    let folder = project(true);
    let before = read(folder.path());
    let new = eca(&before);
    let mut patch = Patch::of(&before, new, &[Delta::new(Factor::PkceRequired, false)]).unwrap();
    let global = new
        .record(RecordType::ExtlClntAppGlobalOauthSettings)
        .unwrap();
    let policies = new
        .record(RecordType::ExtlClntAppOauthConfigurablePolicies)
        .unwrap();
    patch
        .set(global, "shouldRotateConsumerKey", "true")
        .unwrap();
    patch
        .unset(global, "idTokenConfig.idTokenAudience")
        .unwrap();
    patch
        .replace(
            policies,
            "commaSeparatedCustomScopes",
            "Harness_Read",
            Some("Other"),
        )
        .unwrap();
    let attribute = Fragment::elements(
        "customAttributes",
        vec![Fragment::text("key", "a"), Fragment::text("formula", "b")],
    );
    patch.insert(policies, "", &attribute).unwrap();
    let error = patch.unset(global, "nothingSuch").unwrap_err();
    assert_eq!(error.why, Why::NoElement);
    assert!(
        error
            .to_string()
            .contains("`ExtlClntAppGlobalOauthSettings.nothingSuch` in `")
    );
    assert!(patch.replace(policies, "label", "not this", None).is_err());
    let settings = new.record(RecordType::ExtlClntAppOauthSettings).unwrap();
    patch.remove_file(settings).unwrap();
    assert_eq!(
        patch.set(settings, "label", "x").unwrap_err().what,
        format!("`ExtlClntAppOauthSettings.label` in `{}`", settings.file)
    );
    assert_eq!(patch.files().count(), 3);
    assert!(patch.diff().contains("+++ /dev/null"));
    patch.apply().unwrap();
    let after = read(folder.path());
    assert_eq!(eca(&after).missing, [RecordType::ExtlClntAppOauthSettings]);
    let policies = eca(&after)
        .record(RecordType::ExtlClntAppOauthConfigurablePolicies)
        .unwrap();
    assert_eq!(policies.text("commaSeparatedCustomScopes"), Some("Other"));
    assert_eq!(policies.text("customAttributes.key"), Some("a"));
}

#[test]
fn layout_and_strange_elements_stay() {
    let link = "<externalClientApplication>A</externalClientApplication>";
    let kind = "ExtlClntAppOauthConfigurablePolicies";
    let text = format!(
        "\u{feff}<?xml version=\"1.0\"?>\r\n<!-- kept -->\r\n<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\r\n\t{link}\r\n\t<strange a=\"b\">\r\n\t\t<x/>\r\n\t</strange>\r\n</{kind}>"
    );
    let folder = tempfile::tempdir().unwrap();
    let name = "q.ecaOauthPlcy-meta.xml";
    put_file(folder.path(), name, &text);
    let before = read(folder.path());
    let relax = Delta::new(Factor::IpRelaxation, "Bypass");
    let patch = Patch::of(&before, only(&before), &[relax]).unwrap();
    patch.apply().unwrap();
    let inserted = "\t<ipRelaxationPolicyType>Bypass</ipRelaxationPolicyType>\r\n";
    let expected = text.replace("\t<strange", &format!("{inserted}\t<strange"));
    assert_eq!(
        fs::read_to_string(folder.path().join(name)).unwrap(),
        expected
    );
}
