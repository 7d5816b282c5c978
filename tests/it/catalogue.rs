//! Every wrong value that the model reads has a shipped scenario, and the causes named are those that a second, naive matcher finds.

use std::collections::BTreeSet;

use grantproof::cause::{CONDITIONS, CauseId, conditions};

use crate::golden::steps;
use crate::program::root;

/// Files named after a cause, and what they are named after.
fn shipped() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![root().join("scenarios")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if let Some(name) = entry.path().file_stem() {
                names.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    names
}

#[test]
fn each_modelled_cause_has_a_scenario_that_provokes_it() {
    let names = shipped();
    let missing: BTreeSet<&str> = CONDITIONS
        .iter()
        .map(|row| row.cause.name())
        .filter(|name| !names.contains(*name))
        .collect();
    assert!(missing.is_empty(), "no scenario is named after {missing:?}");
}

#[test]
fn each_scenario_of_a_cause_names_it() {
    for name in shipped() {
        let Some(cause) = CauseId::parse(&name).filter(|cause| conditions(*cause).next().is_some())
        else {
            continue;
        };
        // An inactive token has no cause in its answer, and needs none: the expectation of the story holds it.
        if cause == CauseId::IntrospectForeignToken {
            continue;
        }
        let named = steps()
            .filter(|(file, _)| file.ends_with(&format!("/{name}.yaml")))
            .any(|(_, step)| {
                step["diagnosis"]["candidates"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|candidate| candidate["cause"] == name)
            });
        assert!(named, "{name}.yaml never names its cause");
    }
}

#[test]
fn healthy_steps_accuse_nobody() {
    for (file, step) in steps() {
        if file.contains("/granted/") && step["outcome"]["name"] == "granted" {
            assert!(step["diagnosis"].is_null(), "{file}: {}", step["diagnosis"]);
        }
    }
}

/// The second matcher reads the tables as raw text and shares nothing with the first but the tables.
#[path = "../../src/diagnosis/naive.rs"]
mod naive;

#[test]
fn a_second_matcher_names_the_same_causes_for_every_refusal() {
    let mut compared = 0;
    for (file, step) in steps() {
        let outcome = &step["outcome"];
        let text = |name: &str| outcome[name].as_str().unwrap_or_default().to_owned();
        let channel = match outcome["at"].as_str() {
            Some("authorize") => "authorize_raw_body",
            Some("callback") => "callback_redirect",
            Some("error_page") => "error_page",
            Some("token" | "device_authorization") => "token_json",
            _ => continue,
        };
        if outcome["name"] != "refused" {
            continue;
        }
        let story = std::fs::read_to_string(root().join(file)).expect("the story");
        let seen = naive::Plain {
            rfc: false,
            grant: step["grant"].as_str().unwrap_or("?").to_owned(),
            endpoint: text("at"),
            app_kind: if story.contains("kind: connected_app") {
                "connected_app"
            } else {
                "external_client_app"
            }
            .to_owned(),
            channel: channel.to_owned(),
            status: "?".to_owned(),
            code: text("error"),
            text: text("error_description"),
        };
        let named: BTreeSet<String> = step["diagnosis"]["candidates"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|candidate| candidate["cause"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(named, naive::named(&seen), "{file}: {seen:?}");
        compared += 1;
    }
    assert!(compared > 100, "only {compared} refusals were compared");
}
