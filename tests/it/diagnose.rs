//! `diagnose` of a log that somebody pastes: the flow is read from its words, its times count, what is declared leads, and the next step can be
//! taken.

use serde_json::Value;

use crate::program::{root, run, run_told};

const LOG: &str = "2026-11-24T07:41:10Z INFO  sync: token received, keeping refresh token\n\
                   2026-11-24T07:41:52Z ERROR sync: refresh failed: POST https://acme.my.salesforce.com/services/oauth2/token -> 400\n\
                   {\"error\":\"invalid_grant\",\"error_description\":\"expired access/refresh token\"}\n\
                   \tat RefreshTask.run(RefreshTask.java:88)\n";

fn result(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).expect("one document");
    document["results"][0].clone()
}

fn causes(result: &Value) -> Vec<&str> {
    let candidates = result["candidates"].as_array().expect("candidates");
    candidates
        .iter()
        .filter_map(|one| one["cause"].as_str())
        .collect()
}

#[test]
fn a_refresh_that_failed_seconds_after_a_token_is_told_from_its_log() {
    let ran = run_told(&root(), ["diagnose", "-", "--format", "json"], LOG);
    let found = result(&ran.stdout);
    let causes = causes(&found);
    assert_eq!(causes[0], "refresh_policy_zero", "{causes:?}");
    for other in [
        "device_flow_off",
        "device_code_stale",
        "jwt_certificate_missing",
    ] {
        assert!(!causes.contains(&other), "{causes:?}");
    }
    // Without the times the policy is one of many.
    let untimed = LOG
        .replace("2026-11-24T07:41:10Z", "")
        .replace("2026-11-24T07:41:52Z", "");
    let ran = run_told(&root(), ["diagnose", "-"], &untimed);
    assert!(ran.stdout.contains("(possible, "), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("nothing that a client can try tells these apart")
    );
}

#[test]
fn a_declared_cause_leads_with_its_place_and_the_command_that_mends_it() {
    let arguments = [
        "diagnose",
        "-",
        "--declared",
        "tests/data/eca-samples/misset",
        "--app",
        "Bad_RefreshZero",
    ];
    let ran = run_told(&root(), arguments, LOG);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // Lines are wrapped where the terminal ends.
    let told = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in [
        "refresh_policy_zero (likely, 9",
        "now Zero, declared at",
        "needed Infinite or SpecificLifetime or SpecificInactivity",
        "--fix --only refresh_policy_zero",
    ] {
        assert!(told.contains(wanted), "{wanted}\n{}", ran.stdout);
    }
    let json = run_told(
        &root(),
        arguments.into_iter().chain(["--format", "json"]),
        LOG,
    );
    let found = result(&json.stdout);
    assert_eq!(found["candidates"][0]["declared"], true);
    assert_eq!(found["candidates"][0]["certainty"], "likely");
}

#[test]
fn a_flow_is_taken_from_words_of_one_flow_alone_and_asked_for_otherwise() {
    let ran = run([
        "diagnose",
        "--error",
        "invalid_grant",
        "--description",
        "expired access/refresh token",
    ]);
    assert!(
        ran.stdout.contains("known of refresh_token alone"),
        "{}",
        ran.stdout
    );
    let ran = run(["diagnose", "--error", "invalid_client_id"]);
    assert!(ran.stdout.contains("--flow NAME: "), "{}", ran.stdout);
    let ran = run([
        "diagnose",
        "--error",
        "invalid_client_id",
        "--flow",
        "refresh_token",
    ]);
    assert!(!ran.stdout.contains("--flow NAME"), "{}", ran.stdout);
}

#[test]
fn the_flow_is_the_first_question_and_the_end_of_the_input_stops_them() {
    let arguments = ["diagnose", "--ask", "--error", "invalid_client_id"];
    let ran = run_told(&root(), arguments, "");
    assert!(
        ran.stderr.trim_start().starts_with("Which flow failed?"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("nobody answers"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("cannot tell").count(), 1);
    let ran = run_told(&root(), arguments, "?\n?\n?\n");
    let next = ran.stdout.split("Next").nth(1).expect("a next step");
    let next = next.split_whitespace().collect::<Vec<_>>().join(" ");
    for question in ran.stderr.split("\n\n").take(3) {
        let question = question.trim().lines().next().expect("a question");
        assert!(!next.starts_with(question), "{question}\n{next}");
    }
}

#[test]
fn the_keys_of_facts_are_listed_and_near_ones_offered() {
    let ran = run(["diagnose", "--list-facts", "--format", "plain"]);
    assert!(ran.stdout.lines().count() > 100);
    let ran = run(["diagnose", "--list-facts", "rotation"]);
    assert!(ran.stdout.contains("isRefreshTokenRotationEnabled"));
    let ran = run(["diagnose", "--fact", "seconds_since_login=3"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("facts.seconds_since_token"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("--list-facts"), "{}", ran.stderr);
}
