//! A run's own recording, read as the evidence that a stranger would bring: it tells of each step what the run itself saw.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use grantproof::evidence::{Observation, known_key, read};
use serde_json::Value;

use crate::program::run;

const HAR: &str = "target/tmp/grantproof-recording.har";

#[test]
fn a_recording_of_a_run_tells_what_the_run_saw() {
    let ran = run(["run", "--format", "json", "--report", &format!("har={HAR}")]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("stdout is one JSON document");
    let har = fs::read(HAR).expect("the recording was written");
    let mut recorded: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for step in read(HAR, &har).expect("our own recording is read") {
        let failed = step.observations.iter().filter(|one| one.is_failure());
        let told = failed.map(Observation::summary).map(|line| plain(&line));
        recorded
            .entry(step.id.unwrap_or_default())
            .or_default()
            .extend(told);
        for (key, _) in step.sheet.iter() {
            assert!(known_key(key).is_some(), "{key} is not in the vocabulary");
        }
    }
    let mut compared = 0;
    for (title, seen) in seen(&report) {
        assert_eq!(recorded.get(&title), Some(&seen), "{title}");
        compared += 1;
    }
    assert!(compared > 100, "only {compared} steps of the run failed");
}

/// What each failed step of the run saw, by the title that its page has in the recording.
fn seen(report: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for scenario in list(&report["scenarios"]) {
        for step in list(&scenario["steps"]) {
            let lines = list(&step["diagnosis"]["seen"]);
            let lines = lines.iter().filter_map(Value::as_str).map(plain);
            let lines: BTreeSet<String> = lines.collect();
            if !lines.is_empty() {
                let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let title = format!("{}: {}", name(&scenario["name"]), name(&step["title"]));
                all.entry(title).or_default().extend(lines);
            }
        }
    }
    all
}

/// A line without the reason of a lack, and without a status: of two requests at once the run keeps the status of the last, the recording
/// that of each.
fn plain(line: &str) -> String {
    let line = line.split(" (").next().unwrap_or_default();
    let words = line.split(' ');
    let words = words.filter(|word| word.len() != 3 || word.parse::<u16>().is_err());
    words.collect::<Vec<_>>().join(" ")
}
