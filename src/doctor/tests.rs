//! Every state of every check, from facts made for it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::*;

const V4: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

/// A machine on which all is well.
fn healthy() -> Facts {
    Facts {
        now: now(),
        system: System::Unix,
        loopback: Loopback {
            v4: Ok(()),
            v6: Ok(()),
        },
        callbacks: Vec::new(),
        names: vec![
            Name {
                name: "localhost",
                addresses: Ok(vec![V4]),
            },
            Name {
                name: "acme.my.localhost",
                addresses: Ok(vec![V4]),
            },
        ],
        authority: Authority {
            path: "/home/ana/ca/harness-ca.pem".to_owned(),
            kept: Kept::Whole {
                until: now() + SignedDuration::from_hours(24 * 365),
                fingerprint: "AA:BB:CC:DD:EE".to_owned(),
            },
        },
        trust: Trust {
            system: Handshake::Trusted,
            places: vec![("/usr/local/share/ca.crt".to_owned(), true)],
            databases: vec![Database {
                path: "/home/ana/.pki/nssdb".to_owned(),
                handshake: Handshake::Trusted,
            }],
            unreadable: None,
        },
        variables: Vec::new(),
        browser: Browser {
            openers: vec![
                ("xdg-open".to_owned(), None),
                ("gio".to_owned(), Some("/usr/bin/gio".to_owned())),
            ],
            screen: true,
            ..Browser::default()
        },
        sf: Program {
            path: Some("/usr/bin/sf".to_owned()),
            said: Some(Ok(r#"{"cliVersion": "@salesforce/cli/2.1.0"}"#.to_owned())),
        },
        keyring: Some(("secret-tool", Some("/usr/bin/secret-tool".to_owned()))),
        folders: vec![Folder {
            what: "journals of runs",
            path: "/home/ana/state".to_owned(),
            variable: "GRANTPROOF_STATE_DIR",
            written: Ok(()),
        }],
        hosts: Vec::new(),
        references: Vec::new(),
    }
}

/// The one check of an id after a change, its state and all its words.
fn told(id: &str, change: impl FnOnce(&mut Facts)) -> (State, String) {
    let mut facts = healthy();
    change(&mut facts);
    let document = examine(&facts);
    let mut found = document.checks.iter().filter(|check| check.id == id);
    let check = found.next().unwrap_or_else(|| panic!("no check {id}"));
    assert!(found.next().is_none(), "one check {id}");
    assert_eq!(
        check.remedy.is_none(),
        check.state == State::Ok,
        "{check:?}"
    );
    let remedy = check.remedy.clone().unwrap_or_default();
    (check.state, format!("{} -> {remedy}", check.seen))
}

#[test]
fn a_healthy_machine_is_told_to_do_nothing() {
    let document = examine(&healthy());
    assert!(document.checks.iter().all(|check| check.state == State::Ok));
    assert_eq!(document.summary.ok, document.checks.len());
    let text = to_text(&document, crate::report::Style::PLAIN, 100);
    assert!(!text.contains('→') && text.ends_with(" ok.\n"), "{text}");
    assert_eq!(to_plain(&document).lines().count(), document.checks.len());
}

#[test]
fn loopback() {
    let (state, words) = told("loopback_ipv4", |facts| {
        facts.loopback.v4 = Err("Operation not permitted".to_owned());
    });
    assert!(
        state == State::Fail && words.contains("not permitted"),
        "{words}"
    );
    let (state, words) = told("loopback_ipv6", |facts| {
        facts.loopback.v6 = Err("Address family not supported".to_owned());
    });
    assert!(
        state == State::Warn && words.contains("127.0.0.1"),
        "{words}"
    );
}

#[test]
fn the_callback_port() {
    let port = |bound: Bound, port: u16, system: System| {
        told("callback_port", |facts| {
            facts.system = system;
            facts.callbacks = vec![CallbackFact {
                uri: format!("https://localhost:{port}/cb"),
                port,
                bound,
            }];
        })
    };
    let taken = || Bound::Taken {
        address: "127.0.0.1:8443".to_owned(),
    };
    assert_eq!(port(Bound::Free, 8443, System::Unix).0, State::Ok);
    assert_eq!(port(Bound::Any, 0, System::Unix).0, State::Ok);
    for (system, tool) in [
        (System::Unix, "ss -ltnp 'sport = :8443'"),
        (System::MacOs, "lsof -nP -iTCP:8443"),
        (System::Windows, "findstr :8443"),
    ] {
        let (state, words) = port(taken(), 8443, system);
        assert!(state == State::Fail && words.contains(tool), "{words}");
    }
    let denied = |number| {
        let reason = "Permission denied".to_owned();
        port(Bound::Refused { reason }, number, System::Unix)
    };
    assert!(denied(443).1.contains("below 1024"));
    assert!(denied(443).0 == State::Fail && !denied(8443).1.contains("below 1024"));
    let (state, words) = port(Bound::Elsewhere, 443, System::Unix);
    assert!(state == State::Warn && words.contains("--paste"), "{words}");
}

#[test]
fn names_under_localhost() {
    let with = |place: usize, addresses: Result<Vec<std::net::IpAddr>, String>| {
        let id = ["localhost_name", "localhost_subdomain"][place];
        told(id, |facts| facts.names[place].addresses = addresses)
    };
    let elsewhere = || Ok(vec![V4, [192, 0, 2, 1].into()]);
    assert_eq!(with(0, elsewhere()).0, State::Fail);
    assert!(with(0, Ok(Vec::new())).1.contains("hosts file"));
    assert_eq!(with(0, Err("no".to_owned())).0, State::Fail);
    assert_eq!(with(1, elsewhere()).0, State::Warn);
    assert!(with(1, Err("no".to_owned())).1.contains("RFC 6761"));
}

#[test]
fn the_harness_ca() {
    let kept = |kept: Kept| move |facts: &mut Facts| facts.authority.kept = kept;
    let (state, words) = told("harness_ca", kept(Kept::Nothing));
    assert!(
        state == State::Warn && words.contains("ca install"),
        "{words}"
    );
    let wrong = || ("it is mode 0644".to_owned(), "chmod 600".to_owned());
    let (reason, remedy) = wrong();
    let (state, _) = told("harness_ca_key", kept(Kept::OpenKey { reason, remedy }));
    assert_eq!(state, State::Fail);
    let (reason, remedy) = wrong();
    let (state, _) = told("harness_ca", kept(Kept::Broken { reason, remedy }));
    assert_eq!(state, State::Fail);
    let soon = Kept::Whole {
        until: now() + SignedDuration::from_hours(24 * 29),
        fingerprint: String::new(),
    };
    let (state, words) = told("harness_ca", kept(soon));
    assert!(
        state == State::Warn && words.contains("uninstall"),
        "{words}"
    );
    let (state, _) = told("harness_ca_key", |facts| facts.system = System::Windows);
    assert_eq!(state, State::Unknown);
}

#[test]
fn trust_of_the_system_and_of_browsers() {
    let refused = || Handshake::Refused {
        reason: "unknown issuer".to_owned(),
    };
    let (state, words) = told("trust_system", |facts| facts.trust.system = refused());
    assert!(
        state == State::Warn && words.contains("update-ca-certificates"),
        "{words}"
    );
    let (_, words) = told("trust_system", |facts| {
        facts.trust.system = refused();
        facts.trust.places[0].1 = false;
    });
    assert!(
        words.contains("ca install") && !words.contains("update-ca"),
        "{words}"
    );
    let (state, _) = told("trust_system", |facts| {
        facts.trust.system = Handshake::NotTried;
    });
    assert_eq!(state, State::Unknown);

    let (state, words) = told("trust_browser", |facts| {
        facts.trust.databases[0].handshake = refused();
    });
    assert!(
        state == State::Warn && words.contains(".pki/nssdb"),
        "{words}"
    );
    let none = |system: System| {
        told("trust_browser", |facts| {
            facts.system = system;
            facts.trust.databases.clear();
        })
    };
    assert_eq!(none(System::Unix).0, State::Warn);
    assert_eq!(none(System::MacOs).0, State::Ok);
    let (state, words) = told("trust_browser", |facts| {
        facts.trust.unreadable = Some(("no certutil".to_owned(), "install it".to_owned()));
    });
    assert!(state == State::Unknown && words == "no certutil -> install it");
    let (state, _) = told("trust_browser", |facts| {
        facts.trust.databases[0].handshake = Handshake::NotTried;
    });
    assert_eq!(state, State::Unknown);
}

#[test]
fn proxies_without_their_passwords() {
    let set = |variables: &[(&str, &str)]| {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        proxy::checks(&variables)
    };
    for value in [
        "http://ana:hunter2@proxy.example:3128/x?hunter2",
        "ana:hunter2@proxy.example:3128",
        "hunter2@:::",
        "socks5h://ana:hunter2@proxy.example:3128",
    ] {
        let checks = set(&[("https_proxy", value)]);
        assert_eq!(checks[0].state, State::Warn);
        assert!(checks[0].seen.starts_with("https_proxy="));
        assert!(!format!("{checks:?}").contains("hunter2"), "{checks:?}");
        assert_eq!(checks[1].state, State::Warn, "NO_PROXY is not set");
    }
    for (list, covered) in [
        ("localhost,127.0.0.1", true),
        (".localhost", true),
        ("*", true),
        ("acme.example, *.localhost", true),
        ("127.0.0.1", false),
        ("notlocalhost", false),
        ("", false),
    ] {
        let checks = set(&[("HTTPS_PROXY", "http://proxy"), ("NO_PROXY", list)]);
        assert_eq!(checks[1].state == State::Ok, covered, "{list}");
    }
    let checks = set(&[("NO_PROXY", "x"), ("HTTP_PROXY", "")]);
    assert_eq!((checks.len(), checks[0].state), (1, State::Ok));
}

#[test]
fn programs() {
    let (state, words) = told("browser", |facts| facts.browser.openers.clear());
    assert!(state == State::Warn && words.contains("--paste"), "{words}");
    let (state, words) = told("browser", |facts| facts.browser.screen = false);
    assert!(state == State::Warn && words.contains("DISPLAY"), "{words}");
    let (_, words) = told("browser", |facts| {
        facts.browser.screen = false;
        facts.browser.remote = true;
    });
    assert!(words.contains("remote shell"), "{words}");
    for otherwise in [
        |facts: &mut Facts| facts.browser.variable = Some("w3m".to_owned()),
        |facts: &mut Facts| facts.browser.wsl = true,
        |facts: &mut Facts| facts.system = System::MacOs,
    ] {
        let (state, _) = told("browser", |facts| {
            facts.browser.screen = false;
            otherwise(facts);
        });
        assert_eq!(state, State::Ok);
    }

    let said = |said: Result<&str, &str>| {
        let said = said.map(str::to_owned).map_err(str::to_owned);
        told("sf", |facts| facts.sf.said = Some(said))
    };
    assert!(
        told("sf", |facts| facts.sf.path = None)
            .1
            .contains("npm install")
    );
    assert_eq!(said(Ok(r#"{"result":{"cliVersion":"2"}}"#)).0, State::Ok);
    assert!(said(Ok("superfile 1.1")).1.contains("another program"));
    assert!(said(Err("it took longer than 15 s")).1.contains("longer"));
    assert_eq!(told("sf", |facts| facts.sf.said = None).0, State::Unknown);

    let keyring = |found| told("keyring", |facts| facts.keyring = found);
    assert_eq!(keyring(Some(("secret-tool", None))).0, State::Warn);
    assert_eq!(keyring(None).0, State::Unknown);
    let (state, words) = told("folder", |facts| {
        facts.folders[0].written = Err("No space left on device".to_owned());
    });
    assert!(
        state == State::Fail && words.contains("GRANTPROOF_STATE_DIR"),
        "{words}"
    );
}

fn host(facts: &mut Facts, answer: Option<Answer>) {
    facts.hosts = vec![HostFact {
        kind: "my_domain",
        url: "https://acme.my.salesforce.com/".to_owned(),
        host: "acme.my.salesforce.com".to_owned(),
        addresses: if answer.is_some() {
            Ok(vec![V4; 5])
        } else {
            Err("Name or service not known".to_owned())
        },
        answer,
    }];
}

#[test]
fn hosts_of_a_target() {
    let (state, words) = told("dns", |facts| host(facts, None));
    assert!(
        state == State::Fail && words.contains("My Domain"),
        "{words}"
    );
    let tls = |with_ca| {
        let reason = "unknown issuer".to_owned();
        told("tls", |facts| {
            host(facts, Some(Answer::Tls { reason, with_ca }));
        })
    };
    assert!(tls(true).1.contains("org serve") && tls(false).1.contains("proxy"));
    let (state, _) = told("tls", |facts| {
        let reason = "refused".to_owned();
        host(facts, Some(Answer::Nothing { reason }));
    });
    assert_eq!(state, State::Fail);
    let (state, words) = told("dns", |facts| host(facts, Some(given(0))));
    assert!(
        state == State::Ok && words.contains("leads to 127.0.0.1"),
        "{words}"
    );
}

/// An answer of a host whose clock is that many seconds behind.
fn given(behind: i64) -> Answer {
    Answer::Given {
        date: Some(now() - SignedDuration::from_secs(behind)),
        at: now(),
        took: Duration::from_millis(100),
    }
}

#[test]
fn clock_skew() {
    let clock = |behind| told("clock", |facts| host(facts, Some(given(behind))));
    for (behind, state) in [
        (0, State::Ok),
        (30, State::Ok),
        (-31, State::Ok), // `Date` has whole seconds
        (33, State::Warn),
        (-180, State::Warn),
        (183, State::Fail),
        (-3600, State::Fail),
    ] {
        assert_eq!(clock(behind).0, state, "{behind}");
    }
    assert!(clock(300).1.contains("300 s ahead of"));
    assert!(clock(-300).1.contains("300 s behind"));
    let (state, _) = told("clock", |facts| {
        let mut answer = given(0);
        if let Answer::Given { date, .. } = &mut answer {
            *date = None;
        }
        host(facts, Some(answer));
    });
    assert_eq!(state, State::Unknown);
}

#[test]
fn places_of_secrets() {
    let of = |source: Source| {
        let key = "apps.Harness.client_secret".to_owned();
        told("reference", |facts| {
            facts.references = vec![ReferenceFact { key, source }];
        })
    };
    let variable = |set| {
        let name = "CONSUMER_SECRET".to_owned();
        of(Source::Variable { name, set })
    };
    assert_eq!(variable(true).0, State::Ok);
    assert!(variable(false).1.contains("export CONSUMER_SECRET"));
    let file = |mode| {
        let path = "jwt.key".to_owned();
        of(Source::File { path, mode })
    };
    assert_eq!(file(Ok(Some(0o600))).0, State::Ok);
    assert_eq!(file(Ok(None)).0, State::Ok);
    assert!(file(Ok(Some(0o640))).1.contains("chmod 600 jwt.key"));
    assert_eq!(file(Err("No such file".to_owned())).0, State::Fail);
    let command = |program: Option<&str>, path: Option<&str>| {
        of(Source::Command {
            program: program.map(str::to_owned),
            path: path.map(str::to_owned),
        })
    };
    assert_eq!(command(Some("pass"), Some("/usr/bin/pass")).0, State::Ok);
    assert_eq!(command(Some("pass"), None).0, State::Fail);
    assert_eq!(command(None, None).0, State::Unknown);
}
