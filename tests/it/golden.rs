//! The shipped scenarios through the real binary, and the words for wrong files. Whole outputs are compared.

use std::fmt::Write as _;
use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use crate::program::{Ran, golden, run, run_in, steady};

/// One run of all shipped scenarios for all tests that read it.
pub static WHOLE: LazyLock<Ran> = LazyLock::new(|| {
    run([
        "run",
        "--format",
        "json",
        "--report",
        "junit=target/tmp/grantproof-it.xml",
    ])
});

/// Its JSON.
pub static REPORT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&WHOLE.stdout).expect("stdout is one JSON document"));

#[test]
fn every_shipped_scenario_passes() {
    let wrong: Vec<&str> = REPORT["scenarios"]
        .as_array()
        .expect("scenarios")
        .iter()
        .filter(|scenario| scenario["status"] != "passed")
        .filter_map(|scenario| scenario["name"].as_str())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(WHOLE.code, 0);
    let granted: std::collections::BTreeSet<&str> = steps()
        .filter(|(_, step)| step["outcome"]["name"] == "granted")
        .filter_map(|(_, step)| step["grant"].as_str())
        .collect();
    assert_eq!(
        granted.len(),
        7,
        "all seven grants are granted somewhere: {granted:?}"
    );
}

/// Every step of the run with the file of its scenario.
pub fn steps() -> impl Iterator<Item = (&'static str, &'static Value)> {
    REPORT["scenarios"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|scenario| {
            let file = scenario["file"].as_str().unwrap_or_default();
            scenario["steps"]
                .as_array()
                .into_iter()
                .flatten()
                .map(move |step| (file, step))
        })
}

#[test]
fn every_scenario_names_the_same_causes_as_before() {
    let mut text = String::new();
    for (file, step) in steps() {
        let causes: Vec<&str> = step["diagnosis"]["candidates"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|candidate| candidate["cause"].as_str())
            .collect();
        let outcome = &step["outcome"];
        let what = [
            &outcome["name"],
            &outcome["at"],
            &outcome["error"],
            &outcome["error_description"],
        ]
        .map(|value| value.as_str().unwrap_or("-"));
        let _ = writeln!(
            text,
            "{file} {} {} | {}",
            step["index"],
            what.join(" / "),
            causes.join(" ")
        );
    }
    golden("scenarios.txt", &steady(&text));
}

#[test]
fn the_human_report_of_a_failing_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let story = "story: The refresh is expected to pass\napp: {refresh token: immediately expire}\nsteps:\n  - grant: authorization_code\n    user: ana\n    expect: granted\n  - grant: refresh_token\n    expect: granted\n";
    fs::write(folder.path().join("story.yaml"), story).expect("a file");
    let ran = run_in(folder.path(), ["run", "story.yaml"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    golden("failing-step.txt", &steady(&ran.stdout));
}

#[test]
fn wrong_files_are_told_whole_and_nothing_runs() {
    let files = [
        ("unknown-key", "story: x\nstepz: []\n"),
        (
            "unknown-grant",
            "story: x\nsteps:\n  - grant: authorisation_code\n    expect: granted\n",
        ),
        (
            "wrong-value",
            "story: x\napp: {isEnabled: maybe, refreshTokenPolicyType: Immediate}\nsteps:\n  - grant: device\n    expect: granted\n",
        ),
        (
            "unknown-cause",
            "story: x\nsteps:\n  - grant: device\n    expect: {refused: invalid_grant, cause: device_off}\n",
        ),
        ("no-yaml", "story: [\n"),
        (
            "no-user",
            "story: x\nsteps:\n  - grant: jwt_bearer\n    user: bob\n    expect: granted\n",
        ),
    ];
    let mut text = String::new();
    for (name, content) in files {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("story.yaml"), content).expect("a file");
        let ran = run_in(folder.path(), ["run", "story.yaml"]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (2, ""),
            "{name}: {}",
            ran.stderr
        );
        let _ = writeln!(text, "== {name}\n{}", ran.stderr);
    }
    golden("wrong-files.txt", &steady(&text));
}

#[test]
fn what_cannot_run_has_its_own_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let none = run_in(folder.path(), ["run"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("run --examples"), "{}", none.stderr);
    // A port that was free a moment ago: nobody answers there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .port();
    let target = format!(
        "target: nobody\nhosts: {{my_domain: https://localhost:{port}}}\napps: {{Harness: {{client_id: x, client_secret: \"env:SECRET_OF_NOBODY\"}}}}\n"
    );
    fs::write(folder.path().join("target.yaml"), target).expect("a file");
    fs::write(
        folder.path().join("story.yaml"),
        "story: Nobody is there\nsteps:\n  - grant: client_credentials\n    expect: granted\n",
    )
    .expect("a file");
    let missing = run_in(
        folder.path(),
        ["run", "story.yaml", "--target", "target.yaml"],
    );
    assert_eq!(missing.code, 2, "{}", missing.stderr);
    assert!(
        missing.stderr.contains("SECRET_OF_NOBODY"),
        "{}",
        missing.stderr
    );
    let text = fs::read_to_string(folder.path().join("target.yaml")).expect("a file");
    fs::write(
        folder.path().join("target.yaml"),
        text.replace(", client_secret: \"env:SECRET_OF_NOBODY\"", ""),
    )
    .expect("a file");
    let unanswered = run_in(
        folder.path(),
        ["run", "story.yaml", "--target", "target.yaml"],
    );
    assert_eq!(unanswered.code, 3, "{}", unanswered.stderr);
}

#[test]
fn a_stored_run_is_shown_again_as_it_was() {
    let stored = std::process::Command::new(env!("CARGO_BIN_EXE_grantproof"))
        .args(["report", "--format", "json"])
        .env("GRANTPROOF_STATE_DIR", WHOLE.folders.path().join("state"))
        .output()
        .expect("the program starts");
    let again: Value = serde_json::from_slice(&stored.stdout).expect("stdout is one JSON document");
    assert_eq!(again["summary"], REPORT["summary"]);
    // Scenarios run side by side and are stored as they end; shown, they are in the order of the files again.
    assert_eq!(again["scenarios"], REPORT["scenarios"]);
}
