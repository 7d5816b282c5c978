//! `doctor` through the binary: ports that are free and taken, the CA as curl would see it, and a served org as the target.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs `doctor` in a home of its own.
fn doctor(home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, Value) {
    let Output {
        status,
        stdout,
        stderr,
    } = grantproof(home, variables)
        .args(["doctor", "--format", "json"])
        .args(arguments)
        .output()
        .expect("the program starts");
    let document = serde_json::from_slice(&stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stderr)));
    (status.code().unwrap_or(-1), document)
}

fn grantproof(home: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantproof"));
    for name in [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    command
        .current_dir(home)
        .env("HOME", home)
        .env("NO_COLOR", "1")
        .envs(variables.iter().copied());
    for (variable, name) in [
        ("GRANTPROOF_DATA_DIR", "data"),
        ("GRANTPROOF_STATE_DIR", "state"),
    ] {
        command.env(variable, home.join(name));
    }
    command
}

fn state<'d>(document: &'d Value, id: &str) -> &'d str {
    document["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|check| check["id"] == id)
        .and_then(|check| check["state"].as_str())
        .unwrap_or_else(|| panic!("no check {id}: {document}"))
}

#[test]
fn a_port_that_is_taken_fails_and_nothing_is_left_behind() {
    let home = tempfile::tempdir().expect("a folder");
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = held.local_addr().expect("bound").port().to_string();
    let (code, document) = doctor(home.path(), &["--port", &port], &[]);
    assert_eq!(
        (code, state(&document, "callback_port")),
        (1, "fail"),
        "{document}"
    );
    assert_eq!(document["schema_version"], 1);
    drop(held);
    let (code, document) = doctor(home.path(), &["--port", &port], &[]);
    assert_eq!(
        (code, state(&document, "callback_port")),
        (0, "ok"),
        "{document}"
    );
    assert_eq!(state(&document, "harness_ca"), "warn", "there is none");
    let left: Vec<_> = std::fs::read_dir(home.path()).expect("readable").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_ca_is_tried_with_a_handshake() {
    let home = tempfile::tempdir().expect("a folder");
    // Makes the CA; whether certutil is there does not matter.
    let made = grantproof(home.path(), &[])
        .args(["ca", "install", "--nss"])
        .output()
        .expect("it starts");
    let ca = home.path().join("data/ca/harness-ca.pem");
    assert!(ca.exists(), "{made:?}");
    let (_, document) = doctor(home.path(), &[], &[]);
    assert_eq!(state(&document, "trust_system"), "warn", "{document}");
    let ca = ca.display().to_string();
    let (_, document) = doctor(home.path(), &[], &[("SSL_CERT_FILE", &ca)]);
    assert_eq!(state(&document, "trust_system"), "ok", "{document}");
    // With certutil the database that `ca install` made vouches; without it nobody can tell.
    let expected = if made.status.success() {
        "ok"
    } else {
        "unknown"
    };
    let browser = state(&document, "trust_browser");
    assert!(
        browser == expected || browser == "warn" && !made.status.success(),
        "{document}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = home.path().join("data/ca/harness-ca.key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("changed");
        let (code, document) = doctor(home.path(), &[], &[]);
        assert_eq!(
            (code, state(&document, "harness_ca_key")),
            (1, "fail"),
            "{document}"
        );
    }
}

#[test]
fn a_proxy_is_shown_without_its_password() {
    let home = tempfile::tempdir().expect("a folder");
    let proxy = [("HTTPS_PROXY", "http://ana:hunter2secret@proxy.example:3128")];
    let (_, document) = doctor(home.path(), &[], &proxy);
    assert_eq!(state(&document, "no_proxy"), "warn");
    let text = document.to_string();
    assert!(
        text.contains("proxy.example:3128") && !text.contains("hunter2secret"),
        "{text}"
    );
}

#[test]
fn a_target_is_asked_for_name_certificate_clock_and_secrets() {
    let home = tempfile::tempdir().expect("a folder");
    let org = crate::served::Served::start(home.path(), &[]);
    let write = |ca: &str| {
        let text = format!(
            "target: served\nhosts: {{my_domain: \"{}\"}}\n{ca}apps:\n  Harness:\n    client_id: x\n    client_secret: env:GRANTPROOF_TEST_UNSET\n    \
             redirect_uri: https://app.example.com/cb\nusers:\n  ana: {{username: a@b.c, password: \"command:no-such-tool-here get x\"}}\n",
            org.my_domain()
        );
        std::fs::write(home.path().join("target.yaml"), text).expect("written");
    };
    write(&format!("ca: {}\n", org.ca().display()));
    let (code, document) = doctor(home.path(), &["--target", "target.yaml"], &[]);
    for (id, expected) in [
        ("dns", "ok"),
        ("tls", "ok"),
        ("clock", "ok"),
        ("reference", "fail"),
        ("callback_port", "warn"),
    ] {
        assert_eq!(state(&document, id), expected, "{id}: {document}");
    }
    assert_eq!(code, 1, "two secrets lead nowhere");
    assert!(document.to_string().contains("GRANTPROOF_TEST_UNSET"));
    assert!(
        document
            .to_string()
            .contains("`no-such-tool-here` is not on PATH")
    );
    write("");
    let (_, document) = doctor(home.path(), &["--target", "target.yaml"], &[]);
    assert_eq!(state(&document, "tls"), "fail", "{document}");
}

#[test]
fn a_wrong_target_file_is_a_wrong_use() {
    let home = tempfile::tempdir().expect("a folder");
    let (code, document) = doctor(home.path(), &["--target", "none.yaml"], &[]);
    assert_eq!(code, 2, "{document}");
}
