//! Tests of target files: what is read, one bad file for each message, and that no secret is ever shown.

use std::path::Path;

use super::*;
use crate::oauth::HostKind;
use crate::ports::{Answer, PageAct, PageStep, Typed};

const GOOD: &str = "target: My sandbox
hosts: {my_domain: https://acme--dev.sandbox.my.salesforce.com/, test: https://test.salesforce.com}
ca: ca.pem
apps:
  Harness:
    kind: connected_app
    client_id: env:CLIENT_ID
    client_secret: file:secret.txt
    redirect_uri: https://localhost:8443/callback
    client_authentication: basic
    jwt_key: command:print key
users:
  ana: {username: ana@acme.com, password: env:ANA_PASSWORD}
";

/// Answers from the test alone.
struct Given;

impl Surroundings for Given {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "CLIENT_ID" => Some("3MVG".to_owned()),
            "EMPTY" => Some(" ".to_owned()),
            "ANA_PASSWORD" => Some("pass word\n".to_owned()),
            _ => None,
        }
    }

    fn file(&self, path: &Path) -> Result<String, String> {
        if path == Path::new("conf/secret.txt") {
            return Ok("sssh\n".to_owned());
        }
        Err(format!("no {}", path.display()))
    }

    fn command(&self, command: &str) -> Result<String, String> {
        command
            .strip_prefix("print ")
            .map(str::to_owned)
            .ok_or_else(|| "it ended with 1".to_owned())
    }
}

fn parse(text: &str) -> Result<TargetFile, crate::scenario::Error> {
    TargetFile::parse("conf/t.yaml", "conf".into(), text)
}

#[test]
fn a_target_is_read_and_resolved() {
    let target = parse(GOOD).unwrap().resolve(&Given).unwrap();
    assert_eq!(target.hosts[0].0, HostKind::MyDomain);
    assert_eq!(target.ca.as_deref(), Some(Path::new("conf/ca.pem")));
    let app = target.app("Harness").unwrap();
    assert_eq!(app.client_id, "3MVG");
    assert_eq!(app.client_secret.as_ref().unwrap().expose(), "sssh");
    assert_eq!(app.jwt_key.as_ref().unwrap().expose(), "key");
    let ana = target.user("ana").unwrap();
    assert_eq!(ana.password.as_ref().unwrap().expose(), "pass word");
    assert!(ana.security_token.is_none());
}

#[test]
fn a_reference_that_leads_nowhere_names_its_line() {
    for (from, to, message) in [
        (
            "env:CLIENT_ID",
            "env:NONE",
            "conf/t.yaml:7: the environment has no `NONE` for `apps.Harness.client_id`",
        ),
        (
            "file:secret.txt",
            "file:other.txt",
            "conf/t.yaml:8: cannot read `conf/other.txt` for `apps.Harness.client_secret`: no conf/other.txt",
        ),
        (
            "command:print key",
            "command:fail",
            "conf/t.yaml:11: the command for `apps.Harness.jwt_key` gave nothing: it ended with 1",
        ),
        (
            "env:ANA_PASSWORD",
            "env:EMPTY",
            "conf/t.yaml:13: `users.ana.password` is empty",
        ),
    ] {
        let file = parse(&GOOD.replace(from, to)).unwrap();
        let error = file.resolve(&Given).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn each_mistake_has_its_message() {
    for (from, to, message) in [
        ("target: My sandbox\n", "", "`target` is missing"),
        (
            "file:secret.txt",
            "hunter2",
            "`client_secret` is written into the file",
        ),
        (
            "env:ANA_PASSWORD",
            "'env:'",
            "`password` is written into the file",
        ),
        (
            "env:ANA_PASSWORD",
            "[hunter2]",
            "expected `env:NAME`, `file:PATH` or `command:SHELL`, found a list",
        ),
        (
            "https://test.salesforce.com",
            "http://test.salesforce.com",
            "it has to be `https`",
        ),
        (
            "https://test.salesforce.com",
            "test.salesforce.com",
            "`test.salesforce.com` cannot be used as a host",
        ),
        (
            "https://test.salesforce.com",
            "https://hunter2:x@a.test",
            "a user in an address",
        ),
        (
            "https://test.salesforce.com",
            "https://a.test?x",
            "it has a query or a fragment",
        ),
        (
            "test: https",
            "issuer: https",
            "`issuer` means nothing in the dialect salesforce",
        ),
        (
            "ca: ca.pem",
            "dialect: rfc",
            "`my_domain` means nothing in the dialect rfc",
        ),
        ("ca: ca.pem", "dialect: oidc", "`oidc` is no dialect"),
        ("test: https", "tset: https", "`hosts:` has no key `tset`"),
        (
            "client_secret:",
            "client_secrt:",
            "an app of a target has no key `client_secrt`",
        ),
        (
            "    client_id: env:CLIENT_ID\n",
            "",
            "`client_id` is missing",
        ),
        ("username: ana@acme.com, ", "", "`username` is missing"),
        (
            "https://localhost:8443/callback",
            "https://localhost/#x",
            "it has a fragment",
        ),
        (
            "{username: ana@acme.com, password: env:ANA_PASSWORD}",
            "hunter2",
            "expected a user of a target as a mapping, found a text",
        ),
    ] {
        let error = parse(&GOOD.replace(from, to)).unwrap_err();
        let text = format!("{:?}", miette::Report::new(error));
        // The report wraps long lines.
        let flat = text
            .replace(['│', '\n'], " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(flat.contains(message), "{to}: {flat}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

const PAGES: &str = "target: t
dialect: rfc
hosts: {issuer: https://a.test}
browser:
  sign_in:
    - {type: username, into: '#name'}
    - {text: Acme, into: 'input[name=\"tenant\"]', optional: true}
    - {type: password, into: '#word'}
    - press: button
    - {press: '#no', answer: deny, optional: true}
  device:
    - {type: user_code, into: '#code'}
";

#[test]
fn pages_are_described_step_by_step() {
    let pages = parse(PAGES).unwrap().resolve(&Given).unwrap().pages;
    let pages = pages.unwrap();
    let told: Vec<String> = pages.sign_in.iter().map(PageStep::told).collect();
    assert_eq!(
        told,
        [
            "type username into `#name` (conf/t.yaml:6)",
            "type text into `input[name=\"tenant\"]` (conf/t.yaml:7)",
            "type password into `#word` (conf/t.yaml:8)",
            "press `button` (conf/t.yaml:9)",
            "press `#no` (conf/t.yaml:10)",
        ]
    );
    assert_eq!(
        pages.sign_in[1].does,
        PageAct::Type(Typed::Text("Acme".to_owned()))
    );
    assert!(pages.sign_in[1].optional && !pages.sign_in[0].optional);
    assert_eq!(pages.sign_in[4].answer, Some(Answer::Deny));
    assert_eq!(pages.device.unwrap().len(), 1);
}

#[test]
fn the_pages_of_salesforce_are_known_and_those_of_others_are_not() {
    let pages = parse(GOOD).unwrap().pages.unwrap();
    let selectors: Vec<&str> = pages.sign_in.iter().map(|step| &*step.selector).collect();
    for id in ["#username", "#password", "#Login", "#oaapprove", "#oadeny"] {
        assert!(selectors.contains(&id), "{id}");
    }
    assert!(pages.device.is_some());
    let (rfc, _) = PAGES.split_once("browser").unwrap();
    assert!(parse(rfc).unwrap().pages.is_none());
    let no_device = PAGES.split_once("  device").unwrap().0;
    assert!(parse(no_device).unwrap().pages.unwrap().device.is_none());
}

#[test]
fn each_mistake_in_pages_has_its_message() {
    for (from, to, message) in [
        (
            "  sign_in:",
            "  sign_on:",
            "`browser:` has no key `sign_on`",
        ),
        (
            "  device:\n    - {type: user_code, into: '#code'}",
            "  device: []",
            "expected a list of steps, found a list",
        ),
        (
            "type: username, into: '#name'",
            "type: username",
            "`into` is missing",
        ),
        (
            "type: username, into",
            "typ: username, into",
            "a step of a page has no key `typ`",
        ),
        (
            "type: username, into",
            "type: hunter2, into",
            "expected `username`, `password`, `verification_code` or `user_code` (another text stands under `text:`), found a text",
        ),
        (
            "type: username, into",
            "into",
            "expected one of `press`, `type`, `text`, found none",
        ),
        (
            "{type: username, into: '#name'}",
            "{type: username, press: '#a', into: '#name'}",
            "expected one of `press`, `type`, `text`, found press and type",
        ),
        (
            "press: button",
            "{press: a, into: b}",
            "`into` means nothing beside `press`",
        ),
        (
            "answer: deny",
            "answer: leave",
            "`leave` is no answer of a person",
        ),
        (
            "optional: true}\n    - {type: password",
            "optional: hunter2}\n    - {type: password",
            "expected `true` or `false`, found a text",
        ),
    ] {
        let text = PAGES.replace(from, to);
        assert_ne!(text, PAGES, "{from}");
        let error = parse(&text).unwrap_err();
        let text = format!("{:?}", miette::Report::new(error));
        let flat = text
            .replace(['│', '\n'], " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(flat.contains(message), "{to}: {flat}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn the_schema_of_targets_takes_what_the_parser_takes() {
    let schema = crate::scenario::target_schema();
    let text = schema.to_string();
    let defined = schema["$defs"].as_object().unwrap();
    for (at, _) in text.match_indices("#/$defs/") {
        let name = text[at + 8..].split('"').next().unwrap();
        assert!(defined.contains_key(name), "{name} is not defined");
    }
    assert_eq!(schema["properties"]["browser"]["required"][0], "sign_in");
}

#[test]
fn an_excerpt_shows_no_secret() {
    for text in [
        "target: t\nhosts: {my_domain: https://a.test}\nusers:\n  ana:\n    # hunter2\n    passwrd: hunter2\n    username: a\n",
        "target: t\nusers:\n  ana:\n    password: env:A\n    password: hunter2\n    unknown: [hunter2, {a: hunter2}]\n",
        "target: t\nusers: {ana: {password: |\n  hunter2\n",
        "target: t\nusers: {ana: {password: *hunter2}}\n",
        "target: t\nbrowser:\n  sign_in:\n    - {type: hunter2, into: hunter2}\n    - {text: hunter2, ito: hunter2}\n    - hunter2\n",
        "hunter2\n",
        "target: [hunter2\n",
    ] {
        let error = parse(text).unwrap_err();
        let shown = format!("{error} ") + &format!("{:?}", miette::Report::new(error));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn a_command_is_run_by_the_shell() {
    assert_eq!(System.command("printf 'a b'").as_deref(), Ok("a b"));
    assert!(System.command("exit 3").unwrap_err().contains('3'));
    assert!(
        System
            .command("head -c 100000 /dev/zero")
            .unwrap_err()
            .contains("longer than")
    );
}
