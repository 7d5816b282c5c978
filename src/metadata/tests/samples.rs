//! The sample project: what its files declare, and that each value has the line it stands on.

use std::fs;

use super::super::{FindingKind, Project, RecordType};
use super::{about, line, now, samples, value};
use crate::cause::AppKind;
use crate::factor::{Delta, Factor, FactorKind, Known, Provenance, Value};
use crate::model;

fn project() -> Project {
    Project::read(&samples(), now()).unwrap()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what may be unknown"
)]
fn names(names: &[&str]) -> Option<Value> {
    Some(Value::Names(
        names.iter().map(|name| (*name).to_owned()).collect(),
    ))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what may be unknown"
)]
fn word(word: &str) -> Option<Value> {
    Some(word.into())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what may be unknown"
)]
fn flag(flag: bool) -> Option<Value> {
    Some(Value::Flag(flag))
}

#[test]
fn the_package_directories_are_read_and_nothing_beside_them() {
    let project = project();
    // Six well-set apps, a connected app, and thirty with one fault each; `mdapi` is no package directory.
    assert_eq!(project.apps.len(), 37);
    let web: Vec<_> = project.apps_named("Harness_Web").collect();
    assert_eq!(web.len(), 1);
    assert_eq!(web[0].kind, AppKind::ExternalClientApp);
    assert_eq!(web[0].records.len(), 5);
    assert!(web[0].missing.is_empty());
    let legacy = project.apps_named("Harness_Legacy").next().unwrap();
    assert_eq!(legacy.kind, AppKind::ConnectedApp);
    let profile = project.profile("harness integration").unwrap();
    assert_eq!(profile.name, "Harness Integration");
    assert_eq!(profile.records.len(), 2);
    assert_eq!(project.permission_sets[0].name, "Harness_Oauth_Access");
    assert_eq!(project.permission_sets[0].activation_required, Some(false));
    assert!(project.unlinked.is_empty());
}

#[test]
fn metadata_form_says_the_same() {
    let project = Project::read(&samples().join("mdapi"), now()).unwrap();
    assert_eq!(project.apps.len(), 1);
    let app = &project.apps[0];
    assert_eq!((app.name.as_str(), app.records.len()), ("Harness_Web", 5));
    assert_eq!(
        value(&app.known, Factor::Scopes),
        names(&["Api", "RefreshToken"])
    );
    assert!(project.findings.is_empty(), "{:#?}", project.findings);
}

#[test]
fn well_set_apps_give_no_finding() {
    let project = project();
    let known_kinds = [FindingKind::NotJudged];
    for finding in &project.findings {
        let well_set = finding.file.contains("/force-app/");
        assert!(
            !well_set || known_kinds.contains(&finding.kind),
            "{finding:#?}"
        );
    }
    // The profile's hours differ by day.
    let hours = about(&project, FindingKind::NotJudged);
    assert_eq!(hours.len(), 1);
    assert_eq!(hours[0].field.as_deref(), Some("Profile.loginHours"));
    assert_eq!(hours[0].line, 4);
}

#[test]
fn a_web_app_is_read_with_its_lines() {
    let project = project();
    let app = project.apps_named("Harness_Web").next().unwrap();
    let known = &app.known;
    let callbacks = [
        "http://localhost:1717/OauthRedirect",
        "https://harness.example.com/callback",
    ];
    assert_eq!(value(known, Factor::CallbackUrl), names(&callbacks));
    assert_eq!(line(known, Factor::CallbackUrl), Some(3));
    assert_eq!(
        value(known, Factor::IdTokenValidity),
        Some(Value::Number(5))
    );
    assert_eq!(line(known, Factor::IdTokenValidity), Some(10));
    assert_eq!(value(known, Factor::RefreshTokenRotation), flag(true));
    assert_eq!(value(known, Factor::Certificate), word("absent"));
    assert_eq!(line(known, Factor::Certificate), None);
    let scopes = ["Api", "Web", "RefreshToken", "OpenID", "Profile"];
    assert_eq!(value(known, Factor::Scopes), names(&scopes));
    assert_eq!(
        value(known, Factor::TrustedIpRanges),
        names(&["203.0.113.0-203.0.113.15"])
    );
    assert_eq!(value(known, Factor::PolicyRecord), flag(true));
    assert_eq!(value(known, Factor::AppEnabled), flag(true));
    assert_eq!(value(known, Factor::DistributionState), word("Local"));
    assert_eq!(
        value(known, Factor::TokenExchangeHandler),
        word("not_enabled")
    );
    let global = app
        .record(RecordType::ExtlClntAppGlobalOauthSettings)
        .unwrap();
    assert_eq!(global.flag("isCodeCredFlowEnabled"), Some(false));
    assert_eq!(
        global.text("idTokenConfig.idTokenAudience"),
        Some("https://harness.example.com")
    );
    assert_eq!(global.app(), Some("Harness_Web"));
}

#[test]
fn a_token_exchange_app_is_found_in_its_handler() {
    let project = project();
    let known = project.known("Harness_TokenExchange", None);
    assert_eq!(value(&known, Factor::TokenExchangeHandler), word("enabled"));
    let (_, from) = known.value(Factor::TokenExchangeHandler).unwrap();
    let Provenance::File { file, line } = from else {
        panic!("{from:?}");
    };
    assert!(file.ends_with(
        "oauthtokenexchangehandlers/Harness_Handler.oauthtokenexchangehandler-meta.xml"
    ));
    assert_eq!(*line, 7);
}

#[test]
fn a_connected_app_is_read_by_its_own_names() {
    let project = project();
    let known = &project.apps_named("Harness_Legacy").next().unwrap().known;
    let expected = [
        (
            Factor::PermittedUsers,
            word("AdminApprovedPreAuthorized"),
            Some(25),
        ),
        (Factor::ClientCredentialsInSettings, flag(true), Some(26)),
        (Factor::ClientCredentialsInPolicies, flag(true), Some(26)),
        (
            Factor::ClientCredentialsFlowUser,
            word("integration.user@example.com.harness"),
            Some(34),
        ),
        (Factor::PkceRequired, flag(false), Some(29)),
        (Factor::Scopes, names(&["Api", "RefreshToken"]), Some(35)),
        (Factor::IpRelaxation, word("Enforce"), Some(39)),
        (
            Factor::RefreshTokenPolicy,
            word("SpecificLifetime"),
            Some(40),
        ),
        (
            Factor::RefreshTokenValidityPeriod,
            Some(Value::Number(365)),
            Some(40),
        ),
        (Factor::RefreshTokenValidityUnit, word("Days"), Some(40)),
        (
            Factor::SelectedPermissionSets,
            names(&["Harness_Oauth_Access"]),
            Some(42),
        ),
        (
            Factor::SelectedProfiles,
            names(&["Harness Integration"]),
            Some(43),
        ),
        (Factor::PolicyAction, word("RaiseSessionLevel"), Some(45)),
        (
            Factor::RequiredSessionLevel,
            word("HIGH_ASSURANCE"),
            Some(46),
        ),
        (Factor::SessionTimeout, Some(Value::Number(120)), Some(47)),
        (Factor::Certificate, word("valid"), Some(7)),
        (Factor::IdTokenValidity, Some(Value::Number(2)), None),
        (Factor::TrustedIpRanges, Some(Value::Absent), None),
    ];
    for (factor, expected, at) in expected {
        assert_eq!(value(known, factor), expected, "{factor:?}");
        assert_eq!(line(known, factor), at, "{factor:?}");
    }
    // Metadata has no such switch for a connected app.
    for factor in [
        Factor::DeviceFlowEnabled,
        Factor::AppEnabled,
        Factor::PolicyRecord,
        Factor::NamedUserJwt,
    ] {
        assert_eq!(value(known, factor), None, "{factor:?}");
    }
}

#[test]
fn app_org_and_profile_are_known_together() {
    let project = project();
    let app = project.known("Harness_Jwt", None);
    assert_eq!(
        value(&app, Factor::OrgSessionTimeout),
        Some(Value::Number(120))
    );
    assert_eq!(value(&app, Factor::LoginIpRanges), None);
    let known = project.known("Harness_Jwt", Some("Harness Integration"));
    let expected = [
        (Factor::Certificate, word("valid")),
        (
            Factor::SelectedPermissionSets,
            names(&["Harness_Oauth_Access"]),
        ),
        (Factor::UsernamePasswordBlocked, flag(true)),
        (Factor::OrgPkceRequired, flag(false)),
        (Factor::ApiAccessControl, flag(false)),
        (Factor::MyDomainOnlyLogin, flag(true)),
        (
            Factor::NetworkAccess,
            names(&["198.51.100.0-198.51.100.255"]),
        ),
        (Factor::MfaUiLogin, flag(true)),
        (Factor::SsoOnlyLogin, flag(false)),
        (Factor::LoginIpRanges, names(&["203.0.113.0-203.0.113.15"])),
        (Factor::ApiEnabled, flag(true)),
        (Factor::ApiOnlyUser, flag(true)),
        (Factor::ProfileSessionLevel, word("STANDARD")),
        (Factor::UserProfile, word("Harness Integration")),
        (Factor::LoginHours, None),
    ];
    for (factor, expected) in expected {
        assert_eq!(value(&known, factor), expected, "{factor:?}");
    }
    let (_, from) = known.value(Factor::OrgSessionTimeout).unwrap();
    assert!(
        matches!(from, Provenance::File { file, line: 8 } if file.contains("profileSessionSettings"))
    );
    assert_eq!(
        project.known("Nobody", Some("Nobody")).iter().count(),
        project.org.iter().count()
    );
}

/// The line that a file has for what its provenance says, so that lines are held against the files and not against this reader.
fn line_of(from: &Provenance) -> Option<String> {
    let Provenance::File { file, line } = from else {
        return None;
    };
    let text = fs::read_to_string(file).unwrap();
    Some(text.lines().nth(line - 1).unwrap().trim().to_owned())
}

fn all_known(project: &Project) -> Vec<&Known> {
    let apps = project.apps.iter().map(|app| &app.known);
    let profiles = project.profiles.iter().map(|profile| &profile.known);
    apps.chain(profiles).chain([&project.org]).collect()
}

/// How the line of a factor's element begins.
fn element_of(factor: Factor) -> Vec<String> {
    let named: &[&str] = match factor {
        Factor::PolicyRecord => &[
            "<ExtlClntAppOauthConfigurablePolicies ",
            "<ExternalClientApplication ",
        ],
        Factor::TokenExchangeHandler => &["<externalClientApp>", "<OauthTokenExchangeHandler "],
        Factor::UserProfile => &["<Profile "],
        Factor::ApiEnabled | Factor::ApiOnlyUser => &["<userPermissions>"],
        _ => {
            let name = factor.field().rsplit('.').next().unwrap_or_default();
            return vec![format!("<{name}>")];
        }
    };
    named.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_provenance_is_the_line_of_its_element() {
    let project = project();
    let mut seen = 0;
    for (factor, value, from) in all_known(&project).into_iter().flat_map(Known::iter) {
        let Some(line) = line_of(from) else {
            continue;
        };
        // A connected app has other names; its lines are listed above.
        if matches!(from, Provenance::File { file, .. } if file.contains("connectedApps")) {
            continue;
        }
        seen += 1;
        let begins = element_of(factor);
        assert!(
            begins.iter().any(|name| line.starts_with(name)),
            "{factor:?}: {line}"
        );
        let Some(rest) = line.split_once('>').map(|(_, rest)| rest) else {
            continue;
        };
        match value {
            Value::Flag(flag) if rest.contains("</") => {
                assert!(rest.starts_with(&flag.to_string()), "{factor:?}: {line}");
            }
            Value::Number(number) => {
                let shown = rest.starts_with(&number.to_string());
                assert!(shown || rest.starts_with("TwoHours"), "{factor:?}: {line}");
            }
            _ => {}
        }
    }
    assert!(seen > 700, "{seen}");
}

#[test]
fn the_model_takes_every_value() {
    let project = project();
    let mut state = model::OrgState::healthy();
    for (factor, value, _) in all_known(&project).into_iter().flat_map(Known::iter) {
        let delta = Delta::new(factor, value.clone());
        model::set(&mut state, &delta, now()).unwrap_or_else(|error| panic!("{error}: {value:?}"));
    }
}

#[test]
fn each_sample_with_a_fault_is_read_as_its_list_says() {
    let project = project();
    let list = fs::read_to_string(samples().join("expected.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(list.as_bytes());
    let mut seen = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let (name, field, declared) = (&row[0], &row[2], &row[3]);
        let app = project.apps_named(name).next().unwrap();
        let findings: Vec<_> = project
            .findings
            .iter()
            .filter(|finding| finding.file.contains(&format!("/{name}")))
            .collect();
        let kinds: Vec<FindingKind> = findings.iter().map(|finding| finding.kind).collect();
        let known = |factor| value(&app.known, factor).map(|value| value.to_string());
        seen += 1;
        match name {
            "Bad_TwoPolicies" => {
                assert_eq!(kinds, [FindingKind::DuplicateRecord]);
                assert_eq!(findings[0].field.as_deref(), Some(field));
                assert_eq!(
                    known(Factor::PermittedUsers).as_deref(),
                    Some("AllSelfAuthorized")
                );
            }
            "Bad_NoPolicyFile" => {
                // App policies are missing too, in this sample.
                assert!(kinds.iter().all(|kind| *kind == FindingKind::MissingRecord));
                assert!(
                    findings
                        .iter()
                        .any(|finding| finding.field.as_deref() == Some(field))
                );
                assert_eq!(known(Factor::PolicyRecord).as_deref(), Some("false"));
                assert_eq!(known(Factor::PermittedUsers), None);
            }
            "Bad_UnknownEnum" => {
                assert_eq!(kinds, [FindingKind::UnknownValue; 2]);
                let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
                assert_eq!(lines, [5, 11]);
                assert!(findings[1].message.contains(declared), "{findings:#?}");
                assert_eq!(findings[1].field.as_deref(), Some(field));
                assert_eq!(known(Factor::RefreshTokenPolicy), None);
                assert_eq!(known(Factor::IpRelaxation), None);
            }
            "Bad_ScopeRuntimeNames" => {
                assert_eq!(kinds, [FindingKind::UnknownScope; 2]);
                assert!(findings[0].help.contains("`Api`"), "{findings:#?}");
                assert_eq!(findings[0].field.as_deref(), Some(field));
                assert_eq!(known(Factor::Scopes), None);
            }
            _ => {
                assert!(kinds.is_empty(), "{name}: {findings:#?}");
                match name {
                    "Bad_JwtCertExpired" => {
                        assert_eq!(known(Factor::Certificate).as_deref(), Some("expired"));
                        let until = app.certificate().unwrap().until.to_string();
                        assert!(until.starts_with(declared.trim_start_matches("notAfter ")));
                    }
                    "Bad_RefreshOneHour" => {
                        let period = known(Factor::RefreshTokenValidityPeriod).unwrap();
                        let unit = known(Factor::RefreshTokenValidityUnit).unwrap();
                        assert_eq!(format!("{period} {unit}"), declared);
                    }
                    "Bad_RefreshNoPeriod" => {
                        assert_eq!(
                            known(Factor::RefreshTokenPolicy).as_deref(),
                            Some("SpecificLifetime")
                        );
                        assert_eq!(known(Factor::RefreshTokenValidityPeriod), None);
                    }
                    "Bad_TxNoHandler" => {
                        assert_eq!(
                            known(Factor::TokenExchangeHandler).as_deref(),
                            Some("not_enabled")
                        );
                    }
                    "Bad_ForeignOrg" => {
                        let header = app.record(RecordType::ExternalClientApplication).unwrap();
                        assert_eq!(header.text("orgScopedExternalApp"), Some(declared));
                    }
                    "Bad_IpEnforceJwt" => {
                        let known = project.known(name, Some("Harness Integration"));
                        let ranges = value(&known, Factor::LoginIpRanges).unwrap();
                        assert_eq!(ranges.to_string(), declared);
                    }
                    _ => {
                        let factor = Factor::find(FactorKind::App, field).unwrap();
                        let found = known(factor).map(|value| value.replace(", ", ","));
                        assert_eq!(found.as_deref(), Some(declared), "{name}: {field}");
                    }
                }
            }
        }
    }
    assert_eq!(seen, 30);
}
