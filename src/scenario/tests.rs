//! Tests of scenario files: what is understood. One bad file for each message is in `mistakes`.

mod mistakes;

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::cause::{AppKind, CauseId};
use crate::exchange::Endpoint;
use crate::factor::Value;
use crate::grant::CertainValue;
use crate::model::{AppId, RefreshTokenPolicy};
use crate::oauth::{GrantKind, HostKind};

const STEP: &str = "steps: [{grant: jwt, expect: granted}]\n";

fn stories(text: &str) -> Vec<Story> {
    Scenario::parse("a.yaml", text)
        .and_then(|scenario| scenario.stories())
        .unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)))
}

fn story(text: &str) -> Story {
    stories(text).remove(0)
}

fn grant(story: &Story, index: usize) -> &GrantStep {
    match &story.steps[index].does {
        StoryStep::Grant(grant) => grant,
        other => panic!("{other:?}"),
    }
}

/// The mistakes of a text: line, column, message, help.
fn mistakes(text: &str) -> Vec<(usize, usize, String, String)> {
    let error = Scenario::parse("a.yaml", text)
        .and_then(|scenario| scenario.stories())
        .expect_err(text);
    let Error::Faulty(faulty) = error else {
        panic!("{error:?}");
    };
    faulty
        .mistakes
        .into_iter()
        .map(|mistake| {
            let help = mistake.what.help().unwrap_or_default();
            (
                mistake.at.line,
                mistake.at.column,
                mistake.what.to_string(),
                help,
            )
        })
        .collect()
}

#[test]
fn a_full_story_is_understood() {
    let story = story(
        "story: Everything at once
about: |
  Prose.
tags: [refresh, policy]
declared: {ExtlClntAppOauthConfigurablePolicies.refreshTokenPolicyType: Zero}
now: 2026-03-01T09:00:00Z
propagation: 10 minutes
timeout: 45 s
retries: 2
app:
  kind: connected_app
  created: now
  refresh token: expires 30 days after issue
  ExtlClntAppGlobalOauthSettings.isPkceRequired: false
apps:
  Other: {isIntrospectAllTokens: true}
org: {isPkceRequired: true}
users:
  ana: {apiEnabled: false}
  ben: {permissionSets: []}
steps:
  - grant: web_server
    as: Ben logs in
    user: ben
    scope: api refresh_token
    answer: deny
    verification: wrong
    host: login
    from: 203.0.113.9
    browser_session: other
    away: 40 minutes
    times: 6
    send: {client_secret: wrong, redirect_uri: absent, prompt: none, refresh_token: first, redeem_after: 16 minutes}
    after: {use: false, introspect_by: Other}
    expect: {refused: invalid_grant, says: expired access/refresh token, at: token, cause: refresh_policy_zero, alone: true}
  - change: {app: {refreshTokenPolicyType: Zero}, users: {ben: {isFrozen: true}}}
  - wait: 31 days
  - fault: server_error
  - grant: jwt_bearer
    expect:
      granted: true
      scope: api id
      refresh_token: absent
      lacks: scope_refresh_missing
      api: {status: 401, refused: INVALID_SESSION_ID, cause: scope_api_missing}
      userinfo: granted
      introspection: inactive
",
    );
    assert_eq!(story.declared.iter().count(), 1);
    assert_eq!(story.timeout, Some(Duration::from_secs(45)));
    let first = grant(&story, 0);
    assert_eq!(first.grant, GrantKind::AuthorizationCode);
    assert_eq!(
        first.host.as_ref().map(|host| host.value),
        Some(HostKind::Login)
    );
    assert_eq!(first.times, 6);
    assert_eq!(first.send.client_secret, Some(CertainValue::Wrong));
    assert_eq!(first.send.without, ["redirect_uri"]);
    assert!(first.send.first_refresh_token);
    assert_eq!(first.send.redeem_after, Some(960));
    assert!(first.after.introspect && !first.after.use_it && first.after.check);
    let Expect::Refused(refused) = &first.expect else {
        panic!("{:?}", first.expect);
    };
    assert_eq!(refused.at, Some(Endpoint::Token));
    assert_eq!(refused.cause, Some(CauseId::RefreshPolicyZero));
    let titles: Vec<&str> = story.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Ben logs in",
            "The admin sets refreshTokenPolicyType to Zero, isFrozen of Ben to true",
            "31 days pass",
            "The server is about to fail once",
            "Harness logs in for Ana with an assertion (JWT bearer flow)",
        ]
    );
    let now = Timestamp::UNIX_EPOCH;
    let world = world(&story.setup, now).unwrap();
    assert_eq!(world.apps[0].kind, AppKind::ConnectedApp);
    assert!(world.apps[0].known_from > now);
    let settings = world.apps[0].settings.at(now);
    assert_eq!(
        settings.refresh_token_policy,
        RefreshTokenPolicy::SpecificLifetime
    );
    assert_eq!(settings.refresh_token_validity_period, 30);
    assert!(!settings.pkce_required);
    assert!(world.org.pkce_required);
    assert_eq!(world.app("Other"), Some(AppId(1)));
    assert!(world.apps[1].settings.at(now).introspect_all_tokens);
    let ben = &world.people[world.person("ben@acme.test").unwrap().0];
    assert!(ben.permission_sets.is_empty() && ben.api_enabled);
}

#[test]
fn plain_words_say_what_goes_beyond_the_platform() {
    let story = story(&format!(
        "story: s\napp:\n  IP relaxation: relax for OAuth callouts\n  session policy: MFA only for refresh\n  secret: revealed once\n{STEP}"
    ));
    let truths: Vec<&str> = story
        .setup
        .remarks
        .iter()
        .map(|remark| remark.value.truth.name())
        .collect();
    assert_eq!(truths, ["nearest", "beyond_the_platform", "no_true_value"]);
    assert_eq!(story.setup.remarks[0].at.line, 3);
    let relaxation = &story.setup.app.deltas[0];
    assert_eq!(relaxation.value, Value::from("Enforce_RelaxRefresh"));
}

#[test]
fn each_combination_is_a_story() {
    let stories = stories(
        "story: Log in at ${host} ($${no variable})
vars: {who: ana}
matrix: {host: [login, my_domain], ranges: [[203.0.113.0/24], []], on: [true]}
org: {networkAccess: '${ranges}', isPkceRequired: '${on}'}
steps: [{grant: web_server, user: '${who}', host: '${host}', expect: granted}]
",
    );
    assert_eq!(stories.len(), 4);
    assert_eq!(stories[0].title, "Log in at login (${no variable})");
    assert_eq!(
        stories[2].label(),
        "a.yaml (host=my_domain, ranges=[203.0.113.0/24], on=true)"
    );
    assert_eq!(stories[0].setup.org[1].value, Value::Flag(true));
}

#[test]
fn a_bomb_of_aliases_does_not_go_off() {
    let mut bomb = "story: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..30 {
        let again = format!("*a{}, ", n - 1).repeat(10);
        bomb += &[
            "k",
            &n.to_string(),
            ": &a",
            &n.to_string(),
            " [",
            &again,
            "]\n",
        ]
        .concat();
    }
    assert!(mistakes(&bomb)[0].2.contains("grows beyond"));
    let long = format!(
        "story: &t {}\nabout: [{}]\n",
        "x".repeat(100_000),
        "*t, ".repeat(10_000)
    );
    assert!(mistakes(&long)[0].2.contains("grows beyond"));
    let deep = format!("story: {}", "[".repeat(100_000));
    assert!(mistakes(&deep)[0].2.contains("no valid YAML"));
    let filled = format!(
        "story: s\nvars: {{v: {}}}\nabout: {}\nmatrix: {{a: [1, 2, 3, 4]}}\n{STEP}",
        "x".repeat(500_000),
        "${v} ".repeat(1_000)
    );
    assert!(mistakes(&filled)[0].2.contains("grows beyond"));
}

#[test]
fn what_is_no_file_of_text_is_told() {
    let here = tempfile::tempdir().unwrap();
    let path = here.path().join("a.yaml");
    let told = |path: &std::path::Path| Scenario::read(path).unwrap_err().to_string();
    assert!(told(&path).starts_with("there is no `"));
    assert!(told(here.path()).ends_with("is a folder"));
    std::fs::write(&path, b"story: s\nabout: \xff\n").unwrap();
    assert!(told(&path).contains("is not UTF-8: the octet 16 (line 2)"));
    std::fs::write(&path, vec![b'#'; 1 << 21]).unwrap();
    assert!(told(&path).contains("is longer than 1048576 octets"));
    std::fs::write(&path, format!("\u{feff}story: s\r\n{STEP}")).unwrap();
    assert_eq!(Scenario::read(&path).unwrap().stories().unwrap().len(), 1);
}

#[test]
fn the_schema_follows_the_tables() {
    let schema = schema();
    for factor in Factor::ALL {
        let section = match factor.kind() {
            FactorKind::App => "app",
            FactorKind::Org => "org",
            FactorKind::Person => "person",
            _ => continue,
        };
        assert!(
            schema["$defs"][section]["properties"]
                .get(factor.key())
                .is_some(),
            "{factor:?}"
        );
    }
    for key in keys::STORY {
        assert!(schema["properties"].get(key.name).is_some(), "{}", key.name);
    }
    for key in keys::SEND {
        assert!(
            schema["$defs"]["send"]["properties"]
                .get(key.name)
                .is_some()
        );
    }
    assert!(target_schema()["properties"].get("hosts").is_some());
}

/// Text that looks like a scenario, and breaks off or goes wrong anywhere.
fn nearly_a_scenario() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "story: s\n",
        "steps:\n",
        "  - grant: jwt\n",
        "    expect: granted\n",
        "    expect: {refused: x, cause: ",
        "app: {",
        "}",
        "[",
        "]",
        "${",
        "}",
        "$${",
        "vars: {a: 1}\n",
        "matrix: {a: [1, 2]}\n",
        "- ",
        ": ",
        "\n",
        "  ",
        "&a ",
        "*a ",
        "'",
        "\"",
        "|\n",
        "!x ",
        "---\n",
        "refresh token: ",
        "expires 3 days after issue",
        "users: ",
        "wait: 5 d\n",
        "from: ::1\n",
        "\u{feff}",
        "ä",
        "null",
        "9999999999999999999",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn the_parser_never_panics(text in "\\PC*", near in nearly_a_scenario()) {
        for text in [text, near] {
            if let Ok(scenario) = Scenario::parse("a.yaml", &text) {
                let _ = scenario.stories().map_err(|error| format!("{:?}", miette::Report::new(error)));
            }
        }
    }
}

#[test]
fn the_shipped_stories_are_understood_and_told_apart() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut titles = std::collections::HashSet::new();
    for file in discover(&[], root).unwrap() {
        let scenario = Scenario::read(&root.join(&file));
        let stories = scenario
            .and_then(|scenario| scenario.stories())
            .unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)));
        for story in stories {
            world(&story.setup, Timestamp::UNIX_EPOCH).unwrap();
            assert!(
                titles.insert((story.title.clone(), story.combination.clone())),
                "{}: {} is told twice",
                file.display(),
                story.title
            );
        }
    }
}
