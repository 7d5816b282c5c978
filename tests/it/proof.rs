//! On the simulated org a cause is proven: the accused factor alone is flipped, the same events run again, and the step passes. A cause whose
//! factor has another value is not proven by the flip of it.

use std::fs;

use serde_json::Value;

use crate::program::run_in;

/// Runs one story that fails, and gives the candidates of its failed step.
fn candidates(story: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("story.yaml"), story).expect("a file");
    let ran = run_in(
        folder.path(),
        ["run", "story.yaml", "--no-journal", "--format", "json"],
    );
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("one document");
    let steps = report["scenarios"][0]["steps"]
        .as_array()
        .expect("steps")
        .clone();
    let failed = steps
        .iter()
        .find(|step| step["status"] == "failed")
        .expect("a failed step");
    failed["diagnosis"]["candidates"]
        .as_array()
        .expect("candidates")
        .clone()
}

#[test]
fn the_accused_setting_is_flipped_and_the_flow_passes() {
    for (setting, grant, cause) in [
        (
            "app: {refreshTokenPolicyType: Zero}",
            "refresh_token",
            "refresh_policy_zero",
        ),
        (
            "app: {isOauthPluginEnabled: false}",
            "jwt_bearer",
            "oauth_plugin_disabled",
        ),
        (
            "app: {isEnabled: false}",
            "client_credentials",
            "eca_disabled",
        ),
        (
            "users: {ana: {apiEnabled: false}}",
            "jwt_bearer",
            "api_enabled_missing",
        ),
        (
            "users: {ana: {isFrozen: true}}",
            "jwt_bearer",
            "user_frozen",
        ),
    ] {
        let first = if grant == "refresh_token" {
            "  - {grant: authorization_code, user: ana, expect: granted}\n"
        } else {
            ""
        };
        let user = match grant {
            "jwt_bearer" => "user: ana, ",
            _ => "",
        };
        let expect = if cause == "api_enabled_missing" {
            "{granted: true, api: granted}"
        } else {
            "granted"
        };
        let story = format!(
            "story: It should pass\n{setting}\nsteps:\n{first}  - {{grant: {grant}, {user}expect: {expect}}}\n"
        );
        let candidates = candidates(&story);
        assert_eq!(candidates[0]["cause"], cause, "{story}");
        assert_eq!(candidates[0]["certainty"], "proven", "{story}");
        let proven = candidates
            .iter()
            .filter(|one| one["certainty"] == "proven")
            .count();
        assert_eq!(proven, 1, "{story}");
    }
}

#[test]
fn a_refresh_token_that_was_replaced_is_known_and_rotation_proven() {
    let candidates = candidates(
        "story: The client keeps its old refresh token\n\
         app: {refresh token: expires after 30 days of disuse, isRefreshTokenRotationEnabled: true}\n\
         steps:\n  - {grant: authorization_code, user: ana, expect: granted}\n  \
         - {grant: refresh_token, expect: granted}\n  \
         - {grant: refresh_token, send: {refresh_token: first}, expect: granted}\n",
    );
    assert_eq!(candidates[0]["cause"], "refresh_rotation_reuse");
    assert_eq!(candidates[0]["certainty"], "proven");
}

#[test]
fn what_no_setting_causes_is_not_proven() {
    let candidates = candidates(
        "story: A wrong secret\nsteps:\n  - {grant: client_credentials, send: {client_secret: wrong}, expect: granted}\n",
    );
    assert!(candidates.iter().all(|one| one["certainty"] != "proven"));
}
