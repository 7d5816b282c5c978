//! `lint` over the samples, whose apps have one fault each: under other names, without comments, and mended.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, golden, root, run_in};

/// The samples in a folder of their own, each app under a name that tells nothing.
struct Samples {
    folder: TempDir,
    /// The name of before to the name of now.
    names: BTreeMap<String, String>,
    /// What the names are made of.
    seed: u64,
}

impl Samples {
    /// As they are.
    fn plain() -> Self {
        Self::new(0, str::to_owned, str::to_owned)
    }

    /// Under random names, without comments.
    fn renamed() -> Self {
        let seed = fastrand::u64(..);
        let mut random = fastrand::Rng::with_seed(seed);
        let comments = Regex::new(r"(?s)<!--.*?-->\n?").expect("a pattern");
        Self::new(
            seed,
            move |_| {
                let letters = std::iter::repeat_with(|| random.lowercase()).take(12);
                format!("App_{}", letters.collect::<String>())
            },
            move |text| comments.replace_all(text, "").into_owned(),
        )
    }

    fn new(
        seed: u64,
        mut rename: impl FnMut(&str) -> String,
        edit: impl Fn(&str) -> String,
    ) -> Self {
        let from = root().join("tests/data/eca-samples");
        let mut files = Vec::new();
        list(&from, &mut files);
        let app = |file: &PathBuf| {
            let name = file.file_name()?.to_str()?;
            let ends = [
                ".eca-meta.xml",
                ".connectedApp-meta.xml",
                ".eca",
                ".connectedApp",
            ];
            ends.iter()
                .find_map(|end| name.strip_suffix(end))
                .map(str::to_owned)
        };
        let names: BTreeSet<String> = files.iter().filter_map(app).collect();
        let names: BTreeMap<String, String> = names
            .into_iter()
            .map(|name| (name.clone(), rename(&name)))
            .collect();
        let renamed = |text: &str| {
            let mut text = text.to_owned();
            // A name may begin another one, so the long ones go first.
            let mut pairs: Vec<_> = names.iter().collect();
            pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
            for (old, new) in pairs {
                text = text.replace(old, new);
            }
            text
        };
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let inside = file.strip_prefix(&from).expect("a file of the samples");
            let to = folder
                .path()
                .join(renamed(inside.to_str().expect("a name")));
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            let text = fs::read_to_string(&file).expect("a sample");
            fs::write(to, edit(&renamed(&text))).expect("a copy");
        }
        Self {
            folder,
            names,
            seed,
        }
    }

    fn lint(&self, arguments: &[&str]) -> Ran {
        run_in(self.folder.path(), ["lint"].iter().chain(arguments))
    }

    fn findings(&self, arguments: &[&str]) -> Vec<Value> {
        let ran = self.lint(&[arguments, &["--format", "json"]].concat());
        let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
        let findings = document["findings"].as_array().expect("findings");
        findings.clone()
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// A row of `expected.csv`.
struct Expected {
    app: String,
    cause: String,
    field: String,
    severity: String,
}

fn expected() -> Vec<Expected> {
    let file = root().join("tests/data/eca-samples/expected.csv");
    let mut reader = csv::Reader::from_path(file).expect("the table");
    reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            Expected {
                app: row[0].to_owned(),
                cause: row[1].to_owned(),
                field: row[2].to_owned(),
                severity: row[5].to_owned(),
            }
        })
        .collect()
}

/// Whether a finding stands in the file that holds the field: a record of the app, or the one record of the org.
fn in_its_file(finding: &Value, app: &str, field: &str) -> bool {
    let file = finding["file"].as_str().expect("a file");
    let kind = field.split('.').next().expect("a type");
    let folder = match kind {
        "ExternalClientApplication" => "externalClientApps",
        "ExtlClntAppGlobalOauthSettings" => "extlClntAppGlobalOauthSets",
        "ExtlClntAppOauthSettings" => "extlClntAppOauthSettings",
        "ExtlClntAppConfigurablePolicies" => "extlClntAppPolicies",
        // A record that is missing is told at the header.
        "ExtlClntAppOauthConfigurablePolicies" if field == kind => "externalClientApps",
        "ExtlClntAppOauthConfigurablePolicies" => "extlClntAppOauthPolicies",
        "Profile" => return file.contains("/profiles/"),
        "OauthTokenExchangeHandler" => return file.contains("/oauthtokenexchangehandlers/"),
        other => panic!("no folder for {other}"),
    };
    file.contains(&format!("misset/{folder}/{app}"))
}

#[test]
fn every_fault_of_the_samples_is_found_at_its_file_and_field() {
    let samples = Samples::renamed();
    for arguments in [&[][..], &["misset"]] {
        let findings = samples.findings(arguments);
        let mut used = BTreeSet::new();
        for row in expected() {
            let app = &samples.names[&row.app];
            let found = findings.iter().position(|finding| {
                finding["app"] == *app
                    && finding["cause"] == row.cause
                    && finding["field"] == row.field
                    && finding["severity"] == row.severity
                    && in_its_file(finding, app, &row.field)
            });
            let own: Vec<&Value> = findings
                .iter()
                .filter(|finding| finding["app"] == *app)
                .collect();
            let at = found.unwrap_or_else(|| {
                panic!("seed {}: {} {}: {own:#?}", samples.seed, row.app, row.cause)
            });
            used.insert(at);
        }
        let of = |name: &str| samples.names[name].clone();
        let healthy = [
            "Web",
            "Jwt",
            "ClientCred",
            "Device",
            "TokenExchange",
            "JwtTokens",
        ];
        for app in healthy.map(|name| of(&format!("Harness_{name}"))) {
            for finding in findings.iter().filter(|finding| finding["app"] == app) {
                assert_ne!(
                    finding["severity"], "error",
                    "seed {}: {finding:#}",
                    samples.seed
                );
            }
        }
        let others: Vec<&Value> = findings
            .iter()
            .enumerate()
            .filter(|(at, finding)| !used.contains(at) && finding["severity"] == "error")
            .map(|(_, finding)| finding)
            .collect();
        // What is true beside the fault of a sample: no run-as user, a handler that names another app, a second wrong word.
        assert!(others.len() <= 4, "seed {}: {others:#?}", samples.seed);
    }
}

#[test]
fn the_legacy_app_is_told_and_nothing_else_of_the_well_set_ones() {
    let samples = Samples::plain();
    let errors: Vec<Value> = samples
        .findings(&["force-app"])
        .into_iter()
        .filter(|finding| finding["severity"] == "error")
        .filter(|finding| {
            finding["app"]
                .as_str()
                .is_some_and(|app| app.starts_with("Harness_"))
        })
        .collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0]["app"], "Harness_Legacy");
    assert_eq!(errors[0]["cause"], "session_high_assurance_raise");
    assert_eq!(
        samples
            .lint(&["force-app/main/default/externalClientApps"])
            .code,
        0
    );
}

/// Faults that no change of these files alone can mend: a person has to choose a user, a name, a certificate or an address.
const FOR_A_PERSON: [&str; 7] = [
    "cc_run_as_missing",
    "jwt_certificate_expired",
    "jwt_user_not_self_approved",
    "policy_record_missing",
    "preauth_permset_by_id",
    "profile_ip_jwt_always",
    "user_not_preauthorized",
];

#[test]
fn what_the_files_can_mend_is_mended_and_stays_so() {
    let samples = Samples::plain();
    let shown = samples.lint(&["misset", "--fix", "--dry-run"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.starts_with("--- a/"), "{}", shown.stdout);
    let before = samples.findings(&["misset"]);
    let mended = samples.lint(&["misset", "--fix", "--yes"]);
    assert_eq!(
        mended.code, 1,
        "what is for a person is left: {}",
        mended.stderr
    );
    let after = samples.findings(&["misset"]);
    assert!(after.len() < before.len());
    for row in expected() {
        let left = after.iter().any(|finding| {
            finding["app"] == row.app
                && finding["cause"] == row.cause
                && finding["field"] == row.field
        });
        let for_a_person = FOR_A_PERSON.contains(&row.cause.as_str())
            // Every Local app of these files is of that org, and only a person knows which one is meant.
            || row.app == "Bad_ForeignOrg" && left;
        assert_eq!(left, for_a_person, "{} {}", row.app, row.cause);
    }
    // Nothing new came in, and a second time there is nothing to do.
    let keys = |findings: &[Value]| -> BTreeSet<String> {
        findings
            .iter()
            .filter(|finding| finding["severity"] == "error")
            .map(|finding| format!("{} {}", finding["app"], finding["cause"]))
            .collect()
    };
    assert!(keys(&after).is_subset(&keys(&before)), "{after:#?}");
    let again = samples.lint(&["misset", "--fix", "--dry-run"]);
    assert_eq!(again.stdout, "");
}

#[test]
fn without_a_terminal_nobody_is_asked_and_nothing_is_written() {
    let samples = Samples::plain();
    let ran = samples.lint(&["misset", "--fix"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--fix --yes"), "{}", ran.stderr);
    assert_eq!(
        samples.findings(&["misset"]).len(),
        Samples::plain().findings(&["misset"]).len()
    );
}

#[test]
fn what_cannot_be_read_is_a_finding_or_a_clear_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = run_in(folder.path(), ["lint"]);
    assert_eq!(empty.code, 2);
    assert!(
        empty.stderr.contains("sf project retrieve"),
        "{}",
        empty.stderr
    );
    let missing = run_in(folder.path(), ["lint", "no-such-folder"]);
    assert_eq!(missing.code, 2, "{}", missing.stderr);
    let apps = folder.path().join("externalClientApps");
    fs::create_dir(&apps).expect("a folder");
    fs::write(
        apps.join("Broken.eca-meta.xml"),
        "<ExternalClientApplication>",
    )
    .expect("a file");
    fs::write(apps.join("Octets.eca-meta.xml"), [0, 159, 146, 150]).expect("a file");
    fs::write(apps.join("Long.eca-meta.xml"), vec![b' '; 6 * 1024 * 1024]).expect("a file");
    let ran = run_in(folder.path(), ["lint", "--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let findings = document["findings"].as_array().expect("findings");
    for name in ["Broken", "Octets", "Long"] {
        let of = |finding: &&Value| {
            finding["file"]
                .as_str()
                .is_some_and(|file| file.contains(name))
        };
        let found = findings
            .iter()
            .find(of)
            .unwrap_or_else(|| panic!("{name}: {findings:#?}"));
        assert_eq!(found["severity"], "error", "{found:#}");
    }
}

#[test]
fn a_secret_in_a_file_is_found_and_never_shown() {
    const SECRET: &str = "3A7F9C21D4E5B60897CAFE1234567890ABCDEF";
    let samples = Samples::plain();
    let file = "extlClntAppGlobalOauthSets/Bad_CcNoRunAs_glbloauth.ecaGlblOauth-meta.xml";
    let path = samples.folder.path().join("misset").join(file);
    let text = fs::read_to_string(&path).expect("a sample");
    let secret = format!("    <consumerSecret>{SECRET}</consumerSecret>\n</ExtlClnt");
    fs::write(&path, text.replace("</ExtlClnt", &secret)).expect("a file");
    let sarif = samples.folder.path().join("lint.sarif");
    let report = format!("sarif={}", sarif.display());
    let mut shown = String::new();
    for arguments in [
        &["misset", "--report", &report][..],
        &["misset", "--format", "json"],
        &["misset", "--format", "plain"],
        &["misset", "--format", "github"],
        &["misset", "--fix", "--dry-run"],
    ] {
        let ran = samples.lint(arguments);
        shown.push_str(&ran.stdout);
        shown.push_str(&ran.stderr);
    }
    shown.push_str(&fs::read_to_string(&sarif).expect("a report"));
    assert!(shown.contains("lint_secret_in_file"), "it is found");
    assert!(!shown.contains(SECRET));
}

#[test]
fn annotations_and_sarif_name_the_line() {
    let samples = Samples::plain();
    let ran = samples.lint(&[
        "misset",
        "--only",
        "refresh_policy_zero",
        "--format",
        "github",
    ]);
    assert!(
        ran.stdout.starts_with("::error file=misset/"),
        "{}",
        ran.stdout
    );
    let sarif = samples.folder.path().join("lint.sarif");
    let report = format!("sarif={}", sarif.display());
    samples.lint(&[
        "misset",
        "--only",
        "refresh_policy_zero",
        "--report",
        &report,
    ]);
    let text = fs::read_to_string(&sarif).expect("a report");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "refresh_policy_zero");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 11);
    let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
    assert!(uri.starts_with("misset/"), "{uri}");
}

#[test]
fn the_words_of_a_finding_and_its_diff() {
    let samples = Samples::plain();
    let mut text = String::new();
    for arguments in [
        &["misset/extlClntAppOauthPolicies/Bad_RefreshZero_oauthPlcy.ecaOauthPlcy-meta.xml"][..],
        &[
            "misset",
            "--only",
            "refresh_policy_zero",
            "--fix",
            "--dry-run",
        ],
    ] {
        let ran = samples.lint(arguments);
        text.push_str(&ran.stdout);
        text.push('\n');
    }
    golden("lint.txt", &text);
}
