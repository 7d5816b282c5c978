//! Whole new records.

use std::fs;

use super::super::super::{FindingKind, Form, Fragment, NewApp, NewRecord, Patch, RecordType};
use super::super::only;
use super::{names, read, samples};
use crate::cause::AppKind;
use crate::factor::{Delta, Factor, Value};

#[test]
fn every_type_that_is_read_is_written() {
    for form in [Form::Source, Form::Metadata] {
        let root = tempfile::tempdir().unwrap();
        let mut patch = Patch::new(root.path());
        let mut kinds = 0;
        for kind in RecordType::ALL.iter().copied() {
            if kind.folder().is_empty() {
                continue;
            }
            let mut record = NewRecord::new(kind, "Custom: 100% <new>");
            if kind.is_linked() {
                record = record.with("externalClientApplication", "Custom: 100% <new>");
            }
            record = match kind {
                RecordType::Certificate => record.with_body(certificate()),
                RecordType::ProfileSessionSetting => record
                    .with("profile", "Custom: 100% <new>")
                    .with("sessionTimeout", "120"),
                RecordType::CorsWhitelistOrigin => record.with("urlPattern", "https://spa.example"),
                RecordType::Profile => record.with_element(Fragment::elements(
                    "loginIpRanges",
                    vec![
                        Fragment::text("endAddress", "192.0.2.9"),
                        Fragment::text("startAddress", "192.0.2.0"),
                    ],
                )),
                _ => record,
            };
            patch.create(&record, form).unwrap();
            kinds += 1;
        }
        assert!(
            patch
                .create(
                    &NewRecord::new(RecordType::Profile, "Custom: 100% <new>"),
                    form
                )
                .is_err()
        );
        patch.apply().unwrap();
        let project = read(root.path());
        let kept = [FindingKind::NotJudged];
        assert!(
            project
                .findings
                .iter()
                .all(|finding| kept.contains(&finding.kind)),
            "{:#?}",
            project.findings
        );
        let read_again = project.org_records.len()
            + project.profiles[0].records.len()
            + project.permission_sets.len()
            + project
                .apps
                .iter()
                .map(|app| app.records.len())
                .sum::<usize>();
        assert_eq!(read_again, kinds);
        assert_eq!(project.profiles[0].name, "Custom: 100% <new>");
        assert_eq!(project.certificates[0].name, "Custom: 100% <new>");
    }
}

fn certificate() -> String {
    let legacy =
        samples().join("force-app/main/default/connectedApps/Harness_Legacy.connectedApp-meta.xml");
    let text = fs::read_to_string(legacy).unwrap();
    let from = text.find("-----BEGIN").unwrap();
    let to = text.find("</certificate>").unwrap();
    text[from..to].to_owned()
}

fn settings() -> Vec<Delta> {
    vec![
        Delta::new(
            Factor::CallbackUrl,
            names(&["http://localhost:1717/cb", "https://a.example/cb"]),
        ),
        Delta::new(Factor::Scopes, names(&["Api", "RefreshToken"])),
        Delta::new(Factor::ClientCredentialsInSettings, true),
        Delta::new(Factor::ClientCredentialsInPolicies, true),
        Delta::new(Factor::ClientCredentialsFlowUser, "integration@example.com"),
        Delta::new(Factor::PermittedUsers, "AdminApprovedPreAuthorized"),
        Delta::new(Factor::SelectedProfiles, names(&["Integration"])),
        Delta::new(Factor::RefreshTokenPolicy, "SpecificInactivity"),
        Delta::new(Factor::RefreshTokenValidityPeriod, 30),
        Delta::new(Factor::RefreshTokenValidityUnit, "Days"),
    ]
}

#[test]
fn a_new_app_is_read_as_it_was_meant() {
    for kind in [AppKind::ExternalClientApp, AppKind::ConnectedApp] {
        for form in [Form::Source, Form::Metadata] {
            let root = tempfile::tempdir().unwrap();
            let target = root.path().join("force-app/main/default");
            let mut new = NewApp::new(kind, "My_App", "me@example.com").certificate(certificate());
            for delta in settings() {
                new = new.set(delta);
            }
            let patch = new.patch(&target, form).unwrap();
            assert!(!patch.diff().contains("MIIC"));
            patch.apply().unwrap();
            let project = read(root.path());
            assert!(project.findings.is_empty(), "{:#?}", project.findings);
            let app = only(&project);
            assert!(app.missing.is_empty());
            for delta in settings() {
                let (value, _) = app.known.value(delta.factor).unwrap();
                assert_eq!(*value, delta.value, "{delta:?}");
            }
            let (value, _) = app.known.value(Factor::Certificate).unwrap();
            assert_eq!(*value, Value::from("valid"));
            assert!(new.patch(&target, form).unwrap().apply().is_err());
        }
    }
}

#[test]
fn a_new_record_looks_like_one_of_salesforce() {
    let app = NewApp::new(AppKind::ExternalClientApp, "My_App", "me@example.com");
    let files: Vec<String> = app
        .records()
        .iter()
        .map(|record| record.file(Form::Source))
        .collect();
    assert_eq!(
        files,
        [
            "externalClientApps/My_App.eca-meta.xml",
            "extlClntAppGlobalOauthSets/My_App_glbloauth.ecaGlblOauth-meta.xml",
            "extlClntAppOauthSettings/My_App_oauth.ecaOauth-meta.xml",
            "extlClntAppPolicies/My_App_plcy.ecaPlcy-meta.xml",
            "extlClntAppOauthPolicies/My_App_oauthPlcy.ecaOauthPlcy-meta.xml",
        ]
    );
    let policies = app.records()[4].document().unwrap();
    assert_eq!(
        std::str::from_utf8(policies.octets()).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ExtlClntAppOauthConfigurablePolicies xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <externalClientApplication>My_App</externalClientApplication>
    <ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>
    <isClientCredentialsFlowEnabled>false</isClientCredentialsFlowEnabled>
    <isTokenExchangeFlowEnabled>false</isTokenExchangeFlowEnabled>
    <label>My App oauth policies</label>
    <permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>
    <refreshTokenPolicyType>SpecificLifetime</refreshTokenPolicyType>
    <refreshTokenValidityPeriod>365</refreshTokenValidityPeriod>
    <refreshTokenValidityUnit>Days</refreshTokenValidityUnit>
    <requiredSessionLevel>STANDARD</requiredSessionLevel>
</ExtlClntAppOauthConfigurablePolicies>
"
    );
    // The samples are written the same way: a record with the same elements is the same file.
    let cors = "force-app/main/default/corsWhitelistOrigins";
    let path = super::files(&samples().join(cors)).remove(0);
    let same = NewRecord::new(RecordType::CorsWhitelistOrigin, "x")
        .with("urlPattern", "https://spa.example.com");
    assert_eq!(same.document().unwrap().octets(), fs::read(path).unwrap());
}
