//! `what-if` through the real binary: its words, its JSON, and the worlds that it begins with.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::program::{golden, root, run, run_in};

/// The JSON of a what-if.
fn answer<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Value {
    let arguments = ["what-if", "--format", "json"].into_iter().chain(arguments);
    let ran = run(arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("stdout is one JSON document")
}

/// The grants of a document that flip, with what becomes of them.
fn flips(document: &Value) -> Vec<String> {
    document["cells"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|cell| cell["flip"] != "none")
        .map(|cell| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} {} {}",
                text(&cell["grant"]),
                text(&cell["user"]),
                text(&cell["flip"]),
                text(&cell["after"]["cause"])
            )
        })
        .collect()
}

/// Adds a call and what came of it.
fn tell(text: &mut String, arguments: &[&str], came: &str) {
    let _ = writeln!(text, "$ grantproof what-if {}\n{came}", arguments.join(" "));
}

#[test]
fn the_answers_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(
        folder.path().join("org.yaml"),
        "app: {requiredSessionLevel: HIGH_ASSURANCE, isDeviceFlowEnabled: false}\nusers:\n  ana: {loginIpRanges: [10.0.0.0/8]}\n  ben: {apiEnabled: false}\n",
    )
    .expect("a file");
    let mut text = String::new();
    for arguments in [
        &["isPkceRequired=true", "code_challenge=absent"][..],
        &["lockSessionsToIp=true"],
        &["lockSessionsToIp=true", "use_from=outside", "--user", "ana"],
        &[
            "clientCredentialsFlowUser=ana",
            "--grant",
            "client_credentials",
        ],
        &[
            "refresh token=immediately expire",
            "--grant",
            "refresh",
            "--trace",
        ],
        &[
            "permissionSets@ana=none",
            "client_secret=wrong",
            "--grant",
            "jwt_bearer,refresh_token",
            "--user",
            "ana",
            "--blockers",
        ],
        &["--app", "org.yaml", "--blockers"],
        &[
            "--connected-app",
            "host=login",
            "canOnlyLoginWithMyDomainUrl=true",
        ],
        &[
            "--format",
            "plain",
            "isActive@ana=false",
            "--user",
            "ana",
            "--blockers",
        ],
    ] {
        let ran = run_in(folder.path(), ["what-if"].iter().chain(arguments));
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        tell(&mut text, arguments, &ran.stdout);
    }
    golden("what-if.txt", &text);
}

#[test]
fn the_answer_of_the_readme() {
    let ran = run([
        "what-if",
        "permissionSets@ana=none",
        "client_secret=wrong",
        "--grant",
        "jwt_bearer,refresh_token",
        "--user",
        "ana",
        "--blockers",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    golden("what-if-blockers.txt", &ran.stdout);
}

#[test]
fn what_is_not_understood_is_told_with_the_near_name_and_the_valid_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::new();
    for arguments in [
        &["isPkceRequird=true"][..],
        &["refreshTokenPolicyType=Zeroo"],
        &["refresh token=immediately expires"],
        &["isEnabled"],
        &["isEnabled=perhaps"],
        &["loginIpRanges@anna=10.0.0.0/8"],
        &["isEnabled@ana=true"],
        &["loginIpRanges=10.0.0.0/99"],
        &["from=here"],
        &["--grant", "jwt_barer"],
        &["--user", "an"],
        &["--user", "ana", "--grant", "client_credentials"],
        &["--app", "nowhere.yaml"],
    ] {
        let ran = run_in(folder.path(), ["what-if"].iter().chain(arguments));
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stdout);
        assert_eq!(ran.stdout, "");
        tell(&mut text, arguments, &ran.stderr);
    }
    golden("what-if-mistakes.txt", &text);
}

#[test]
fn a_factor_goes_by_key_section_field_and_words() {
    for (one, other) in [
        (
            "org.enableMFADirectUILoginOptIn=true",
            "SecuritySettings.sessionSettings.enableMFADirectUILoginOptIn=true",
        ),
        (
            "isEnabled=false",
            "ExtlClntAppConfigurablePolicies.isEnabled=no",
        ),
        ("send.client_secret=wrong", "client_secret=WRONG"),
        (
            "refresh token=immediately expire",
            "refreshTokenPolicyType=Zero",
        ),
        ("step.host=login", "host=login"),
        ("users.apiEnabled@ana=false", "apiEnabled@ana=false"),
        ("json_body=true", "json_body=json"),
    ] {
        let of = |argument| flips(&answer([argument, "--user", "ana"]));
        assert!(!of(one).is_empty(), "{one}");
        assert_eq!(of(one), of(other), "{one}, {other}");
    }
}

#[test]
fn a_factor_of_one_user_leaves_the_others_alone() {
    let document = answer(["apiEnabled@ana=false", "--grant", "jwt_bearer"]);
    assert_eq!(
        flips(&document),
        ["jwt_bearer ana breaks api_enabled_missing"]
    );
    let document = answer(["apiEnabled=false", "--grant", "jwt_bearer"]);
    assert_eq!(flips(&document).len(), 2);
    assert_eq!(document["changes"][0]["was"], "true");
}

#[test]
fn the_json_fits_its_schema_and_holds_what_was_asked_for() {
    let schema: Value =
        serde_json::from_str(&run(["schema", "what-if"]).stdout).expect("a JSON Schema");
    let document = answer([
        "permissionSets@ana=none",
        "--grant",
        "jwt_bearer",
        "--trace",
        "--blockers",
    ]);
    let names = |value: &Value| -> Vec<String> {
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(names(&schema["properties"]), names(&document));
    assert_eq!(document["schema_version"], 1);
    let tree = &document["trees"][0];
    assert_eq!(tree["grant"], "jwt_bearer");
    let failed = tree["stages"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|stage| stage["checks"].as_array().into_iter().flatten())
        .find(|check| check["state"] == "failed")
        .expect("a failed check");
    assert_eq!(failed["cause"], "user_not_preauthorized");
    let fix = &document["blockers"]["fix"];
    assert_eq!(fix["smallest"], true);
    assert_eq!(fix["remedies"][0]["breadth"], "one_user");
    assert_eq!(fix["remedies"][0]["sets"][0]["value"], "Harness_Access");
    let remedies = document["blockers"]["blockers"][0]["remedies"]
        .as_array()
        .expect("remedies");
    let ranks: Vec<u64> = remedies
        .iter()
        .filter_map(|remedy| remedy["rank"].as_u64())
        .collect();
    assert!(ranks.len() > 2 && ranks.is_sorted(), "{ranks:?}");
}

#[test]
fn without_a_factor_every_value_that_alone_flips_something_is_told() {
    let document = answer(["--user", "ana"]);
    let singles = document["singles"].as_array().expect("changes");
    let of = |change: &str| {
        singles
            .iter()
            .find(|single| single["change"] == change)
            .unwrap_or_else(|| panic!("{change}"))
    };
    assert_eq!(
        of("isDeviceFlowEnabled=false")["flips"][0]["outcome"]["cause"],
        "device_flow_off"
    );
    assert!(singles.len() > 100, "{}", singles.len());
}

/// The first story of a run of a shipped scenario.
fn story(arguments: &[&str]) -> Value {
    let ran = run(["run", "--format", "json", "--no-journal"]
        .iter()
        .chain(arguments));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("stdout is one JSON document");
    document["scenarios"][0].clone()
}

#[test]
fn a_traced_run_tells_what_the_org_judged_and_the_diagnosis_stays_as_it_was() {
    let file = "scenarios/app/refresh_policy_zero.yaml";
    let (plain, traced) = (story(&[file]), story(&[file, "--trace"]));
    for (step, with_trace) in plain["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .zip(traced["steps"].as_array().into_iter().flatten())
    {
        assert_eq!(step["trace"], Value::Array(Vec::new()));
        assert_ne!(with_trace["trace"], Value::Array(Vec::new()));
        assert_eq!(step["diagnosis"], with_trace["diagnosis"]);
    }
    let refused = &traced["steps"][1]["trace"][0];
    assert_eq!(refused["event"], "token");
    assert_eq!(refused["cause"], "refresh_policy_zero");
    let checks = refused["checks"].as_array().expect("checks");
    let last = checks.last().expect("a check");
    assert_eq!(last["check"], "refreshTokenPolicyType");
    assert_eq!(last["passed"], false);
    assert_eq!(last["found"], "Zero");
    let human = run(["run", "--trace", "--no-journal", file]);
    assert!(
        human
            .stdout
            .contains("token was refused: refresh_policy_zero"),
        "{}",
        human.stdout
    );
    let live = run(["run", "--trace", "--target", "target.yaml", file]);
    assert_eq!(live.code, 2);
}

/// The grant of a word of `expected.csv`.
fn grant_of(flow: &str) -> Option<&'static str> {
    Some(match flow {
        "client_credentials" => "client_credentials",
        "jwt_bearer" => "jwt_bearer",
        "refresh" => "refresh_token",
        "web_server" | "all" => "authorization_code",
        "token_exchange" => "token_exchange",
        _ => return None,
    })
}

#[test]
fn a_folder_of_metadata_is_blocked_by_what_it_declares() {
    let samples = root().join("tests/data/eca-samples");
    let mut expected = csv::Reader::from_path(samples.join("expected.csv")).expect("the table");
    // What only time, a user of a profile or a person's history brings out is not in the files of the app; nor is the handler of others.
    let unseen = [
        "Bad_TxNoHandler",
        "Bad_RefreshOneHour",
        "Bad_DeviceSecret",
        "Bad_IpEnforceJwt",
        "Bad_PublicNoPkce",
        "Bad_ForeignOrg",
    ];
    let mut seen = 0;
    for row in expected.records() {
        let row = row.expect("a row");
        let (app, cause) = (&row[0], &row[1]);
        let error = !cause.starts_with("lint_") && !unseen.contains(&app);
        let Some(grant) = row[4].split(';').find_map(grant_of).filter(|_| error) else {
            continue;
        };
        let folder = samples.join("misset");
        let folder = folder.to_str().expect("a path in UTF-8");
        let document = answer(["--app", folder, "--app-name", app, "--grant", grant]);
        let cells = document["cells"].as_array().expect("cells");
        let found: Vec<&Value> = cells.iter().map(|cell| &cell["after"]["cause"]).collect();
        assert!(
            found.iter().any(|found| *found == cause),
            "{app}: {found:?}"
        );
        seen += 1;
    }
    assert!(seen >= 14, "{seen}");
}

#[test]
fn a_well_set_folder_passes_for_the_grant_of_each_app() {
    let folder = root().join("tests/data/eca-samples");
    let folder = folder.to_str().expect("a path in UTF-8");
    for (app, grant) in [
        ("Harness_Web", "authorization_code"),
        ("Harness_Jwt", "jwt_bearer"),
        ("Harness_ClientCred", "client_credentials"),
        ("Harness_Device", "device"),
        ("Harness_TokenExchange", "token_exchange"),
    ] {
        let document = answer(["--app", folder, "--app-name", app, "--grant", grant]);
        let cells = document["cells"].as_array().expect("cells");
        assert!(
            // A device that asks for no identity has all that it was given.
            cells
                .iter()
                .any(|cell| matches!(cell["after"]["state"].as_str(), Some("passes" | "lacking"))),
            "{app}: {cells:#?}"
        );
    }
    let ran = run(["what-if", "--app", folder]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("name one with `--app-name`"),
        "{}",
        ran.stderr
    );
}
