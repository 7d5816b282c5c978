//! Single records: defaults, values outside their lists, repeated and unknown elements, links.

use super::super::FindingKind;
use super::{about, app_with, folder, kinds, line, only, read, record, value};
use crate::factor::{Factor, Known, Value};
use crate::metadata::Project;

/// Name, value and line of what an element decides.
fn known(file: &str, elements: &str, factor: Factor) -> (Option<Value>, Option<usize>) {
    let project = app_with(file, elements);
    assert_eq!(kinds(&project), [], "{:#?}", project.findings);
    let known = &only(&project).known;
    (value(known, factor), line(known, factor))
}

const GLOBAL: &str = "g.ecaGlblOauth-meta.xml";
const OAUTH: &str = "o.ecaOauth-meta.xml";
const POLICIES: &str = "q.ecaOauthPlcy-meta.xml";

#[test]
fn a_record_without_an_element_has_its_documented_default() {
    let project = app_with("none", "");
    assert_eq!(kinds(&project), [], "{:#?}", project.findings);
    let known = &only(&project).known;
    let absent = || Value::Absent;
    let expected: &[(Factor, Value)] = &[
        (Factor::AppEnabled, true.into()),
        (Factor::OauthPluginEnabled, true.into()),
        (Factor::CallbackUrl, absent()),
        (Factor::Certificate, "absent".into()),
        (Factor::ClientCredentialsInSettings, false.into()),
        (Factor::ClientCredentialsInPolicies, false.into()),
        (Factor::ClientCredentialsFlowUser, absent()),
        (Factor::DeviceFlowEnabled, false.into()),
        (Factor::TokenExchangeInSettings, false.into()),
        (Factor::TokenExchangeInPolicies, false.into()),
        (Factor::SecretRequiredForTokenExchange, false.into()),
        (Factor::ConsumerSecretOptional, false.into()),
        (Factor::SecretRequiredForRefreshToken, true.into()),
        (Factor::PkceRequired, true.into()),
        (Factor::RefreshTokenRotation, false.into()),
        (Factor::NamedUserJwt, false.into()),
        (Factor::IntrospectAllTokens, false.into()),
        (Factor::IdTokenValidity, 2.into()),
        (Factor::Scopes, absent()),
        (Factor::CustomScopes, absent()),
        (Factor::TrustedIpRanges, absent()),
        (Factor::PermittedUsers, "AllSelfAuthorized".into()),
        (Factor::SelectedPermissionSets, absent()),
        (Factor::SelectedProfiles, absent()),
        (Factor::RefreshTokenPolicy, "SpecificLifetime".into()),
        (Factor::RefreshTokenValidityPeriod, 365.into()),
        (Factor::RefreshTokenValidityUnit, "Days".into()),
        (Factor::IpRelaxation, "Enforce".into()),
        (Factor::RequiredSessionLevel, "STANDARD".into()),
        (Factor::SessionTimeout, absent()),
    ];
    for (factor, expected) in expected {
        assert_eq!(value(known, *factor).as_ref(), Some(expected), "{factor:?}");
        assert_eq!(line(known, *factor), None, "{factor:?}");
    }
    // The record itself is no default, and the rest has none.
    assert_eq!(value(known, Factor::PolicyRecord), Some(true.into()));
    assert_eq!(known.iter().count(), expected.len() + 1);
}

#[test]
fn a_connected_app_has_defaults_of_its_own() {
    let file = record("ConnectedApp", "<oauthConfig/>");
    let project = read(&[("C.connectedApp-meta.xml", &file)]);
    let known = &only(&project).known;
    let expected: &[(Factor, Value)] = &[
        (Factor::PkceRequired, false.into()),
        (Factor::SecretRequiredForRefreshToken, true.into()),
        (Factor::PermittedUsers, "AllSelfAuthorized".into()),
        (Factor::IpRelaxation, "Enforce".into()),
        (Factor::RefreshTokenPolicy, "Infinite".into()),
        (Factor::RequiredSessionLevel, "STANDARD".into()),
    ];
    for (factor, expected) in expected {
        assert_eq!(value(known, *factor).as_ref(), Some(expected), "{factor:?}");
    }
    assert_eq!(value(known, Factor::RefreshTokenValidityPeriod), None);
    assert!(only(&project).missing.is_empty());

    // An app without OAuth has no OAuth settings, not default ones.
    let file = record(
        "ConnectedApp",
        "<samlConfig><acsUrl>u</acsUrl></samlConfig>",
    );
    let project = read(&[("C.connectedApp-meta.xml", &file)]);
    assert_eq!(value(&only(&project).known, Factor::PkceRequired), None);
    assert_eq!(kinds(&project), []);
}

#[test]
fn every_refresh_policy_of_a_connected_app_is_read() {
    let policy = |text: &str| {
        let elements = format!(
            "<oauthPolicy>\n<refreshTokenPolicy>{text}</refreshTokenPolicy>\n</oauthPolicy>"
        );
        read(&[(
            "C.connectedApp-meta.xml",
            &record("ConnectedApp", &elements),
        )])
    };
    let three = |known: &Known| {
        [
            Factor::RefreshTokenPolicy,
            Factor::RefreshTokenValidityPeriod,
            Factor::RefreshTokenValidityUnit,
        ]
        .map(|factor| {
            value(known, factor)
                .map(|value| value.to_string())
                .unwrap_or_default()
        })
    };
    for (text, expected) in [
        ("infinite", ["Infinite", "", ""]),
        ("zero", ["Zero", "", ""]),
        (
            "specific_lifetime:365:DAYS",
            ["SpecificLifetime", "365", "Days"],
        ),
        (
            "specific_inactivity:7:HOURS",
            ["SpecificInactivity", "7", "Hours"],
        ),
        (
            "specific_inactivity:1:MONTHS",
            ["SpecificInactivity", "1", "Months"],
        ),
    ] {
        let project = policy(text);
        assert_eq!(three(&only(&project).known), expected);
        assert_eq!(
            line(&only(&project).known, Factor::RefreshTokenPolicy),
            Some(4)
        );
        assert_eq!(kinds(&project), []);
    }
    for text in [
        "",
        "Infinite",
        "SPECIFIC_LIFETIME",
        "specific_lifetime",
        "specific_lifetime:-1:DAYS",
        "specific_lifetime:1:YEARS",
        "specific_lifetime:1:DAYS:2",
    ] {
        let project = policy(text);
        assert_eq!(three(&only(&project).known), ["", "", ""], "{text}");
        assert_eq!(kinds(&project), [FindingKind::UnknownValue], "{text}");
        assert_eq!(project.findings[0].line, 4);
    }
}

#[test]
fn a_value_outside_its_list_is_found_and_not_learnt() {
    let cases = [
        (
            GLOBAL,
            "<isPkceRequired>yes</isPkceRequired>",
            Factor::PkceRequired,
        ),
        (
            GLOBAL,
            "<isPkceRequired></isPkceRequired>",
            Factor::PkceRequired,
        ),
        (
            GLOBAL,
            "<idTokenConfig><idTokenValidityInMinutes>721</idTokenValidityInMinutes></idTokenConfig>",
            Factor::IdTokenValidity,
        ),
        (
            POLICIES,
            "<ipRelaxationPolicyType>ENFORCE</ipRelaxationPolicyType>",
            Factor::IpRelaxation,
        ),
        (
            POLICIES,
            "<requiredSessionLevel>high</requiredSessionLevel>",
            Factor::RequiredSessionLevel,
        ),
        (
            POLICIES,
            "<policyAction>StepUp</policyAction>",
            Factor::PolicyAction,
        ),
        (
            POLICIES,
            "<namedUserJwtTimeout>20</namedUserJwtTimeout>",
            Factor::NamedUserJwtTimeout,
        ),
        (
            POLICIES,
            "<sessionTimeoutInMinutes>0</sessionTimeoutInMinutes>",
            Factor::SessionTimeout,
        ),
        (
            POLICIES,
            "<refreshTokenValidityPeriod>1.5</refreshTokenValidityPeriod>",
            Factor::RefreshTokenValidityUnit,
        ),
        (
            OAUTH,
            "<trustedIpRanges><startIpAddress>10.0.0.9</startIpAddress><endIpAddress>10.0.0.1</endIpAddress></trustedIpRanges>",
            Factor::TrustedIpRanges,
        ),
        (
            OAUTH,
            "<trustedIpRanges><startIpAddress>10.0.0.1</startIpAddress></trustedIpRanges>",
            Factor::TrustedIpRanges,
        ),
        (
            "A.eca-meta.xml",
            "<distributionState>Packageable</distributionState>",
            Factor::DistributionState,
        ),
    ];
    for (file, elements, factor) in cases {
        let project = app_with(file, elements);
        assert_eq!(kinds(&project), [FindingKind::UnknownValue], "{elements}");
        let at = if file.starts_with('A') { 3 } else { 4 };
        assert_eq!(project.findings[0].line, at, "{elements}");
        assert!(project.findings[0].help.len() > 8);
        if factor != Factor::RefreshTokenValidityUnit {
            assert_eq!(value(&only(&project).known, factor), None, "{elements}");
        }
    }
    let project = app_with(
        POLICIES,
        "<ipRelaxationPolicyType>ENFORCE</ipRelaxationPolicyType>",
    );
    assert!(
        project.findings[0]
            .help
            .starts_with("did you mean `Enforce`?")
    );
    // Words that the type has and no factor knows are no fault.
    let managed = app_with(
        "A.eca-meta.xml",
        "<distributionState>Managed</distributionState>",
    );
    assert_eq!(kinds(&managed), []);
    assert_eq!(
        value(&only(&managed).known, Factor::DistributionState),
        None
    );
}

#[test]
fn lists_are_read_as_they_are_written() {
    let scopes = "<commaSeparatedOauthScopes>MCP, RefreshToken,\n DataCloudUserClaims ,</commaSeparatedOauthScopes>";
    let read_scopes = Value::Names(vec!["MCP".into(), "RefreshToken".into()]);
    assert_eq!(
        known(OAUTH, scopes, Factor::Scopes),
        (Some(read_scopes), Some(4))
    );
    let urls = "<callbackUrl>https://a/x?y&amp;z\r\n  https://b/&#13;app:/done\n\n</callbackUrl>";
    let read_urls = ["https://a/x?y&z", "https://b/", "app:/done"].map(str::to_owned);
    assert_eq!(
        known(GLOBAL, urls, Factor::CallbackUrl).0,
        Some(Value::Names(read_urls.into()))
    );
    let empty = "<commaSeparatedPermissionSet></commaSeparatedPermissionSet>";
    assert_eq!(
        known(POLICIES, empty, Factor::SelectedPermissionSets),
        (Some(Value::Absent), Some(4))
    );
    let file = record(
        "ConnectedApp",
        "<permissionSetName></permissionSetName>\n<permissionSetName>P</permissionSetName>\n<oauthConfig>\n<scopes>SFAP</scopes>\n</oauthConfig>",
    );
    let project = read(&[("C.connectedApp-meta.xml", &file)]);
    assert_eq!(
        value(&only(&project).known, Factor::SelectedPermissionSets),
        Some(vec!["P".to_owned()].into())
    );
    assert_eq!(
        value(&only(&project).known, Factor::Scopes),
        Some(vec!["SFApiPlatform".to_owned()].into())
    );
    let eca = app_with(
        OAUTH,
        "<commaSeparatedOauthScopes>SFAP</commaSeparatedOauthScopes>",
    );
    assert_eq!(kinds(&eca), [FindingKind::UnknownScope]);
    assert_eq!(eca.findings[0].help, "metadata calls it `SFApiPlatform`");
}

#[test]
fn unknown_repeated_and_stray_content_is_found() {
    let project = app_with(
        GLOBAL,
        "<isPkceRequire>false</isPkceRequire>\n  <x:label xmlns:x=\"urn:x\"/>\n<fullName>g</fullName>",
    );
    assert_eq!(kinds(&project), [FindingKind::UnknownElement; 2]);
    assert_eq!(project.findings[0].help, "did you mean `isPkceRequired`?");
    assert_eq!(
        project.findings[0].field.as_deref(),
        Some("ExtlClntAppGlobalOauthSettings.isPkceRequire")
    );
    assert_eq!(
        (project.findings[1].line, project.findings[1].column),
        (5, 3)
    );
    // Kept, and no obstacle to the rest.
    assert_eq!(
        value(&only(&project).known, Factor::PkceRequired),
        Some(true.into())
    );

    let same = app_with(
        GLOBAL,
        "<isPkceRequired>false</isPkceRequired>\n<isPkceRequired>false</isPkceRequired>",
    );
    assert_eq!(kinds(&same), [FindingKind::RepeatedElement]);
    assert_eq!(
        value(&only(&same).known, Factor::PkceRequired),
        Some(false.into())
    );
    let differ = app_with(
        GLOBAL,
        "<isPkceRequired>false</isPkceRequired>\n<isPkceRequired>true</isPkceRequired>",
    );
    assert_eq!(differ.findings[0].line, 5);
    assert_eq!(value(&only(&differ).known, Factor::PkceRequired), None);

    let stray = app_with(
        GLOBAL,
        "<label>l</label> fasle\n<isPkceRequired><b/></isPkceRequired>",
    );
    assert_eq!(kinds(&stray), [FindingKind::StrayContent; 2]);
    assert_eq!(value(&only(&stray).known, Factor::PkceRequired), None);
    let nil =
        "<isPkceRequired xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"/>";
    assert_eq!(
        known(GLOBAL, nil, Factor::PkceRequired),
        (Some(true.into()), None)
    );
}

#[test]
fn no_file_has_more_findings_than_anybody_reads() {
    let unknown = "<unknown/>".repeat(10_000);
    let project = app_with(
        GLOBAL,
        &format!("{unknown}\n<consumerSecret>s</consumerSecret>"),
    );
    assert_eq!(project.findings.len(), 201);
    assert_eq!(about(&project, FindingKind::SecretInFile).len(), 1);
    assert_eq!(about(&project, FindingKind::NotRead).len(), 1);
}

#[test]
fn a_jwt_timeout_holds_only_where_it_is_used() {
    let timeout = "<namedUserJwtTimeout>30</namedUserJwtTimeout>";
    let own = format!(
        "<namedUserJwtSessionTimeoutType>Custom</namedUserJwtSessionTimeoutType>\n{timeout}"
    );
    assert_eq!(
        known(POLICIES, &own, Factor::NamedUserJwtTimeout),
        (Some(30.into()), Some(5))
    );
    let session = own.replace("Custom", "UserSession");
    let project = app_with(POLICIES, &session);
    assert_eq!(
        value(&only(&project).known, Factor::NamedUserJwtTimeout),
        None
    );
}

#[test]
fn certificates_are_judged_by_the_time_given() {
    let app = super::samples().join("force-app/main/default/extlClntAppGlobalOauthSets");
    let file =
        std::fs::read_to_string(app.join("Harness_Jwt_glbloauth.ecaGlblOauth-meta.xml")).unwrap();
    let judge = |text: &str, at: &str| {
        let folder = folder(&[("x.ecaGlblOauth-meta.xml", text)]);
        let project = Project::read(folder.path(), at.parse().unwrap()).unwrap();
        let found = about(&project, FindingKind::UnreadableCertificate).len()
            + about(&project, FindingKind::NotJudged).len();
        (value(&only(&project).known, Factor::Certificate), found)
    };
    assert_eq!(
        judge(&file, "2026-01-01T00:00:00Z"),
        (Some("valid".into()), 0)
    );
    assert_eq!(
        judge(&file, "2036-01-01T00:00:00Z"),
        (Some("valid".into()), 0)
    );
    assert_eq!(
        judge(&file, "2036-01-01T00:00:01Z"),
        (Some("expired".into()), 0)
    );
    assert_eq!(judge(&file, "2025-12-31T23:59:59Z"), (None, 1));
    assert_eq!(
        judge(
            &file.replace("MIICyjCC", "MIICyjCD"),
            "2026-02-01T00:00:00Z"
        ),
        (None, 1)
    );
    let naked = file
        .replace("-----BEGIN CERTIFICATE-----", "")
        .replace("-----END CERTIFICATE-----", "");
    assert_eq!(
        judge(&naked, "2026-02-01T00:00:00Z"),
        (Some("valid".into()), 0)
    );
    let name = app_with(GLOBAL, "<certificate>MyCertificate</certificate>");
    assert_eq!(kinds(&name), [FindingKind::UnreadableCertificate]);
    assert_eq!(value(&only(&name).known, Factor::Certificate), None);
}
