//! One bad file for each message, and where the message points.

use super::{STEP, mistakes};
use crate::scenario::Scenario;

#[test]
fn a_file_is_reported_whole() {
    let found = mistakes(
        "stroy: s
retries: [1]
app: {isEnabled: maybe, refreshTokenPolicyType: Zeroo, isFrozen: true, isEnabld: true}
steps:
  - grant: web_servr
    expect: {refused: invalid_grant, cause: refresh_policy_zer0}
  - wait: 31
",
    );
    let lines: Vec<usize> = found.iter().map(|(line, ..)| *line).collect();
    assert_eq!(lines, [1, 2, 3, 3, 3, 3, 5, 6, 7]);
    assert!(found[0].3.contains("did you mean `story`?"));
    assert!(found[6].3.contains("did you mean `web_server`?"));
}

#[test]
fn each_mistake_has_its_message() {
    let with = |rest: &str| format!("story: s\n{rest}{STEP}");
    let expecting = |expect: &str| format!("story: s\nsteps: [{{grant: jwt, expect: {expect}}}]\n");
    let sending = |send: &str| {
        format!("story: s\nsteps: [{{grant: jwt, expect: granted, send: {{{send}}}}}]\n")
    };
    let many = (0..300)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let cases: &[(String, &str, &str)] = &[
        (
            "story: [s\n".to_owned(),
            "this is no valid YAML: unclosed bracket '['",
            "",
        ),
        (String::new(), "the file is empty", "begins with `story:`"),
        ("# nothing\n".to_owned(), "the file is empty", ""),
        (
            format!("story: s\n{STEP}---\nstory: t\n"),
            "a second document begins here",
            "file of its own",
        ),
        (
            with("vars: {v: &a [*a]}\n"),
            "the alias stands inside of what it names",
            "",
        ),
        (
            with("about: *b\n"),
            "this is no valid YAML: an alias (`*name`) without its anchor",
            "",
        ),
        (
            with("about: !!str x\n"),
            "a tag (`!…`) means nothing here",
            "leave it out",
        ),
        (with("? [a]\n: b\n"), "a key has to be a text", ""),
        (
            with("retries: 1\nretries: 2\n"),
            "`retries` stands here again; it was given in line 2",
            "keep one",
        ),
        (
            with(
                "app: {isPkceRequired: true, ExtlClntAppGlobalOauthSettings.isPkceRequired: true}\n",
            ),
            "`ExtlClntAppGlobalOauthSettings.isPkceRequired` sets what `isPkceRequired` sets",
            "",
        ),
        (
            with("app: {refresh token: until revoked, refreshTokenPolicyType: Zero}\n"),
            "`refreshTokenPolicyType` sets what `refresh token` sets",
            "",
        ),
        (
            with("tag: x\n"),
            "a scenario has no key `tag`",
            "did you mean `tags`? valid: story,",
        ),
        (
            with("app: {isEnabld: true}\n"),
            "`app:` has no key `isEnabld`",
            "did you mean `isEnabled`?",
        ),
        (
            with("app: {isFrozen: true}\n"),
            "`isFrozen` does not belong under `app:`",
            "write it under `users:`",
        ),
        (
            with("app: {isEnabled: yes}\n"),
            "expected `true` or `false`, found `yes`",
            "",
        ),
        (
            with("app: {refreshTokenValidityPeriod: [1]}\n"),
            "expected a number, found a list",
            "",
        ),
        (
            with("app: {refreshTokenPolicyType: zero}\n"),
            "`refreshTokenPolicyType` cannot be `zero`",
            "did you mean `Zero`? valid: Infinite, Zero",
        ),
        (
            with("app: {trustedIpRanges: [here]}\n"),
            "`trustedIpRanges` cannot be `here`",
            "addresses, ranges",
        ),
        (
            with("app: {refresh token: never}\n"),
            "`never` is no refresh token policy",
            "valid: until revoked, immediately expire",
        ),
        (
            with("app: {kind: conected_app}\n"),
            "`conected_app` is no kind of app",
            "did you mean `connected_app`?",
        ),
        (
            with("apps: {Harness: {}}\n"),
            "`Harness` means nothing under `apps:`",
            "`app:`",
        ),
        (
            with("users: {ana: frozen}\n"),
            "expected `users:` as a mapping, found `frozen`",
            "",
        ),
        (
            with("now: today\n"),
            "expected a time such as `2026-03-01T09:00:00Z`, found `today`",
            "",
        ),
        (with("timeout: 30\n"), "expected a time with its unit", ""),
        (
            with("retries: 11\n"),
            "11 is out of range",
            "valid: 0 to 10",
        ),
        (
            with("declared: {isPkceRequird: true}\n"),
            "`declared:` has no key `isPkceRequird`",
            "",
        ),
        (
            with("about: ${who}\n"),
            "no variable `who`",
            "there are none",
        ),
        (
            with("vars: {whom: x}\nabout: ${who}\n"),
            "no variable `who`",
            "did you mean `whom`?",
        ),
        (
            with("about: a ${who\n"),
            "a variable is opened and not closed",
            "$${",
        ),
        (
            with("vars: {a: '${b}'}\n"),
            "a variable cannot hold another one",
            "",
        ),
        (
            with("vars: {a: [b]}\nabout: x ${a}\n"),
            "the variable `a` is a list, which cannot stand inside a text",
            "",
        ),
        (
            with("matrix: {a: b}\n"),
            "expected a list of values, found `b`",
            "",
        ),
        (
            with(&format!("matrix: {{a: [{many}]}}\n")),
            "the matrix has 300 combinations; at most 256 are run",
            "split",
        ),
        (STEP.to_owned(), "`story` is missing", "name the story"),
        (
            "story: s\n".to_owned(),
            "`steps` is missing",
            "say what happens",
        ),
        (
            "story: s\nsteps: []\n".to_owned(),
            "expected at least one step, found a list",
            "",
        ),
        (
            "story: s\nsteps: [{as: x}]\n".to_owned(),
            "expected one of `grant`, `change`, `wait`, `fault`, found none",
            "",
        ),
        (
            "story: s\nsteps: [{wait: 1 s, fault: server_error}]\n".to_owned(),
            "found wait and fault",
            "",
        ),
        (
            "story: s\nsteps: [{wait: 1 s, expect: granted}]\n".to_owned(),
            "a step with `wait:` has no key `expect`",
            "",
        ),
        (
            "story: s\nsteps: [{fault: boom}]\n".to_owned(),
            "`boom` is no fault of a server",
            "",
        ),
        (
            "story: s\nsteps: [{grant: jwt}]\n".to_owned(),
            "`expect` is missing",
            "expect: granted",
        ),
        (
            "story: s\nsteps: [{grant: jtw, expect: granted}]\n".to_owned(),
            "`jtw` is no grant",
            "valid: authorization_code",
        ),
        (
            "story: s\nsteps: [{grant: jwt, expect: granted, user: bob}]\n".to_owned(),
            "no user `bob` in this file",
            "valid: ana, integration",
        ),
        (
            "story: s\nsteps: [{grant: jwt, expect: granted, app: Harnes}]\n".to_owned(),
            "no app `Harnes` in this file",
            "did you mean `Harness`?",
        ),
        (
            "story: s\nsteps: [{grant: jwt, expect: granted, from: home}]\n".to_owned(),
            "expected an address",
            "",
        ),
        (
            "story: s\nsteps: [{grant: jwt, expect: granted, host: issuer}]\n".to_owned(),
            "`issuer` is no host",
            "valid: my_domain, login, test",
        ),
        (
            "story: s\nsteps: [{change: {users: {bob: {isFrozen: true}}}}]\n".to_owned(),
            "no user `bob` in this file",
            "",
        ),
        (
            "story: s\nsteps: [{change: {}}]\n".to_owned(),
            "expected at least one setting to change",
            "",
        ),
        (
            expecting("grant"),
            "`grant` is no expectation",
            "did you mean `granted`?",
        ),
        (
            expecting("{cause: user_locked}"),
            "expected one of `granted`, `refused`, `page`",
            "",
        ),
        (
            expecting("{granted: false}"),
            "`granted: false` means nothing in an expectation",
            "refused: invalid_grant",
        ),
        (
            expecting("{granted: true, says: x}"),
            "an expectation of this sort has no key `says`",
            "",
        ),
        (
            expecting("{refused: x, cause: user_lockd}"),
            "`user_lockd` is no id of a cause",
            "did you mean `user_locked`?",
        ),
        (
            expecting("{refused: x, alone: true}"),
            "`alone` means nothing without `cause:`",
            "",
        ),
        (
            expecting("{refused: x, at: rest}"),
            "`rest` is no place of a refusal",
            "",
        ),
        (
            expecting("{page: logn}"),
            "`logn` is no page that a browser ends on",
            "did you mean `login`?",
        ),
        (
            expecting("{unanswered: silence}"),
            "`silence` is no fault",
            "no_callback",
        ),
        (
            expecting("{granted: true, api: {status: 42}}"),
            "42 is out of range",
            "100 to 599",
        ),
        (
            sending("client_secret: malformed"),
            "`malformed` is no deviation of this value",
            "valid: right, wrong, former, absent",
        ),
        (
            sending("client_secrt: wrong"),
            "`send:` has no key `client_secrt`",
            "did you mean `client_secret`?",
        ),
        (sending("at_once: 1"), "1 is out of range", "2 to 20"),
        (
            sending("token: [a]"),
            "expected texts by parameter, found a list",
            "",
        ),
    ];
    for (text, message, help) in cases {
        let found = mistakes(text);
        assert!(
            found
                .iter()
                .any(|(_, _, what, way)| what.contains(message) && way.contains(help)),
            "{text}\nwanted: {message} / {help}\nfound: {found:#?}"
        );
        // What breaks the reading of YAML may end it; everything else is one mistake, told once.
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    }
}

#[test]
fn a_mistake_points_at_its_place() {
    let found =
        mistakes("story: s\nsteps:\n  - grant: jwt\n    expect: granted\n    hots: login\n");
    assert_eq!((found[0].0, found[0].1), (5, 5));
    let error = Scenario::parse(
        "a.yaml",
        "story: ää\nretries: often\nsteps: [{wait: 1 s}]\n",
    )
    .and_then(|scenario| scenario.stories())
    .unwrap_err();
    let text = format!("{:?}", miette::Report::new(error));
    assert!(text.contains("a.yaml:2:10"), "{text}");
    assert!(text.contains("expected a number, found `often`"), "{text}");
}
