//! Records together: what is missing, what is given twice, what one record says of another.

use super::super::{FindingKind, RecordType};
use super::{about, app, kinds, line, only, read, record, value};
use crate::factor::Factor;

const GLOBAL: &str = "g.ecaGlblOauth-meta.xml";
const OAUTH: &str = "o.ecaOauth-meta.xml";
const POLICIES: &str = "q.ecaOauthPlcy-meta.xml";

#[test]
fn a_missing_record_leaves_its_settings_unknown() {
    let files = app();
    let without = |missing: &str| {
        let files: Vec<(&str, &str)> = files
            .iter()
            .filter(|(name, _)| *name != missing)
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        read(&files)
    };
    for (file, kind, factor) in [
        (
            GLOBAL,
            RecordType::ExtlClntAppGlobalOauthSettings,
            Factor::PkceRequired,
        ),
        (OAUTH, RecordType::ExtlClntAppOauthSettings, Factor::Scopes),
        (
            "p.ecaPlcy-meta.xml",
            RecordType::ExtlClntAppConfigurablePolicies,
            Factor::AppEnabled,
        ),
        (
            POLICIES,
            RecordType::ExtlClntAppOauthConfigurablePolicies,
            Factor::PermittedUsers,
        ),
        (
            "A.eca-meta.xml",
            RecordType::ExternalClientApplication,
            Factor::DistributionState,
        ),
    ] {
        let project = without(file);
        assert_eq!(kinds(&project), [FindingKind::MissingRecord], "{file}");
        assert_eq!(project.findings[0].field.as_deref(), Some(kind.name()));
        let app = only(&project);
        assert_eq!(
            (app.name.as_str(), app.missing.as_slice()),
            ("A", &[kind][..])
        );
        assert_eq!(value(&app.known, factor), None);
        let policies = kind != RecordType::ExtlClntAppOauthConfigurablePolicies;
        assert_eq!(
            value(&app.known, Factor::PolicyRecord),
            Some(policies.into()),
            "{file}"
        );
    }
    // Policies alone are those of a packaged app: its developer's records are nobody's fault here, and unknown.
    let policies = record(
        "ExtlClntAppOauthConfigurablePolicies",
        "<externalClientApplication>acme__A</externalClientApplication>",
    );
    let project = read(&[("x.ecaOauthPlcy-meta.xml", &policies)]);
    assert_eq!(only(&project).name, "acme__A");
    assert_eq!(only(&project).missing.len(), 4);
    assert_eq!(project.findings[0].line, 3);
    let header = record("ExternalClientApplication", "");
    let project = read(&[("A.eca-meta.xml", &header)]);
    assert_eq!(value(&only(&project).known, Factor::PolicyRecord), None);
}

#[test]
fn what_two_records_differ_in_is_unknown() {
    let link = "<externalClientApplication>A</externalClientApplication>";
    let mut files = app();
    files.push((
        "r.ecaOauthPlcy-meta.xml",
        record("ExtlClntAppOauthConfigurablePolicies", &format!("{link}\n<ipRelaxationPolicyType>Bypass</ipRelaxationPolicyType>\n<requiredSessionLevel>STANDARD</requiredSessionLevel>")),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let project = read(&files);
    assert_eq!(kinds(&project), [FindingKind::DuplicateRecord]);
    assert_eq!(project.findings[0].line, 3);
    assert!(
        project.findings[0].message.contains("q.ecaOauthPlcy"),
        "{:?}",
        project.findings
    );
    let known = &only(&project).known;
    assert_eq!(value(known, Factor::IpRelaxation), None);
    // The same by default and by element: the element is the better witness.
    assert_eq!(
        value(known, Factor::RequiredSessionLevel),
        Some("STANDARD".into())
    );
    assert_eq!(line(known, Factor::RequiredSessionLevel), Some(5));
}

#[test]
fn records_are_linked_by_the_element_and_the_namespace_may_be_left_out() {
    let policies = |name: &str| {
        record(
            "ExtlClntAppOauthConfigurablePolicies",
            &format!("<externalClientApplication>{name}</externalClientApplication>"),
        )
    };
    let header = record("ExternalClientApplication", "");
    let named = policies("acme__A");
    let files = [
        ("sfdx-project.json", r#"{"namespace": "acme"}"#),
        ("A.eca-meta.xml", header.as_str()),
        ("whatever.ecaOauthPlcy-meta.xml", named.as_str()),
    ];
    let project = read(&files);
    assert_eq!(only(&project).records.len(), 2);
    // Without the project's word for it, a namespace is part of the name.
    assert_eq!(read(&files[1..]).apps.len(), 2);
    let nobody = record("ExtlClntAppOauthConfigurablePolicies", "<label>l</label>");
    let project = read(&[
        ("A.ecaOauthPlcy-meta.xml", &nobody),
        ("A.eca-meta.xml", &header),
    ]);
    assert_eq!(about(&project, FindingKind::MissingLink).len(), 1);
    assert_eq!(project.unlinked.len(), 1);
    assert_eq!(only(&project).records.len(), 1);
}

#[test]
fn a_blocked_app_is_known_by_its_key() {
    let block = record(
        "BlacklistedConsumer",
        "<blockedByApiWhitelisting>false</blockedByApiWhitelisting>\n<consumerKey>K1</consumerKey>",
    );
    let app = |key: &str| {
        record(
            "ConnectedApp",
            &format!("<oauthConfig><consumerKey>{key}</consumerKey></oauthConfig>"),
        )
    };
    let (one, other) = (app("K1"), app("K2"));
    let project = read(&[
        ("B.blacklistedConsumer-meta.xml", &block),
        ("One.connectedApp-meta.xml", &one),
        ("Two.connectedApp-meta.xml", &other),
    ]);
    let blocked = |name: &str| value(&project.known(name, None), Factor::AppBlocked);
    assert_eq!((blocked("One"), blocked("Two")), (Some(true.into()), None));
    assert_eq!(line(&project.apps[0].known, Factor::AppBlocked), Some(4));
}

#[test]
fn a_handler_counts_only_when_it_is_on() {
    let handler = |on: &str, element: &str, app: &str| {
        record(
            "OauthTokenExchangeHandler",
            &format!("{on}\n<enablements>\n<{element}>{app}</{element}>\n</enablements>"),
        )
    };
    let enabled = "<isEnabled>true</isEnabled>";
    let judge = |handlers: &[String]| {
        let mut files = app();
        for (name, text) in [
            "h1.oauthtokenexchangehandler-meta.xml",
            "h2.oauthtokenexchangehandler-meta.xml",
        ]
        .iter()
        .zip(handlers)
        {
            files.push((name, text.clone()));
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let project = read(&files);
        let known = &only(&project).known;
        value(known, Factor::TokenExchangeHandler)
            .map(|value| (value.to_string(), line(known, Factor::TokenExchangeHandler)))
    };
    let is = |word: &str, line: usize| Some((word.to_owned(), Some(line)));
    assert_eq!(judge(&[]), None);
    let right = handler(enabled, "externalClientApp", "A");
    assert_eq!(judge(std::slice::from_ref(&right)), is("enabled", 5));
    let off = handler("<isEnabled>false</isEnabled>", "externalClientApp", "A");
    assert_eq!(judge(std::slice::from_ref(&off)), is("not_enabled", 3));
    assert_eq!(judge(&[off, right.clone()]), is("enabled", 5));
    let other = handler(enabled, "externalClientApp", "B");
    assert_eq!(judge(&[other, right]), is("enabled", 5));
    let connected = handler(enabled, "connectedApp", "A");
    assert_eq!(judge(&[connected]), is("not_enabled", 2));
    assert_eq!(judge(&[handler("", "externalClientApp", "A")]), None);
}
