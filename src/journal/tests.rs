use std::fs;
use std::path::Path;

use jiff::Timestamp;
use miette::Diagnostic as _;
use tempfile::TempDir;

use super::*;
use crate::report::exit::exit_code;
use crate::report::{RunInfo, Status, StepReport};
use crate::secret::Register;

fn info(id: &str) -> RunInfo {
    RunInfo {
        id: id.to_owned(),
        started_at: "2026-03-01T09:00:00Z".to_owned(),
        planned: 2,
        ..RunInfo::default()
    }
}

fn started(scenario: usize) -> Event {
    Event::ScenarioStarted {
        scenario,
        opening: Opening {
            file: format!("{scenario}.yaml"),
            name: "A story".to_owned(),
            ..Opening::default()
        },
    }
}

fn step(scenario: usize, index: usize, status: Status, title: &str) -> Event {
    Event::StepFinished {
        scenario,
        step: Box::new(StepReport {
            index,
            title: title.to_owned(),
            status,
            took_ms: 5,
            ..StepReport::default()
        }),
    }
}

fn finished(scenario: usize, status: Status) -> Event {
    Event::ScenarioFinished {
        scenario,
        status,
        reason: None,
        error_kind: None,
        took_ms: 9,
    }
}

/// A run of which the second scenario did not end.
fn killed(state: &TempDir) -> Journal {
    let none = Register::new();
    let journal = Journal::create(state.path(), info("a-run"), &none).unwrap();
    for event in [
        started(0),
        started(1),
        step(1, 1, Status::Failed, "second"),
        step(0, 1, Status::Passed, "first"),
        finished(0, Status::Passed),
    ] {
        journal.append(&event, &[&none]).unwrap();
    }
    journal
}

#[test]
fn a_whole_run_is_read_back_in_the_order_of_the_plan() {
    let state = TempDir::new().unwrap();
    let journal = killed(&state);
    let path = journal.path().to_owned();
    journal.append(&finished(1, Status::Failed), &[]).unwrap();
    journal.finish(77, false).unwrap();
    let stored = read(&path, Keep::Everything).unwrap();
    assert_eq!((stored.damaged, stored.cut), (0, false));
    let report = stored.report;
    assert_eq!(report.run.took_ms, 77);
    assert!(!report.run.interrupted);
    let files: Vec<&str> = report.scenarios.iter().map(|s| s.file.as_str()).collect();
    assert_eq!(files, ["0.yaml", "1.yaml"]);
    assert_eq!((report.summary.passed, report.summary.failed), (1, 1));
    assert_eq!(exit_code(&report), 1);
}

#[test]
fn a_run_killed_at_any_octet_keeps_what_finished() {
    let state = TempDir::new().unwrap();
    let path = killed(&state).path().to_owned();
    let whole = fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        let left = &whole[..length];
        fs::write(&path, left).unwrap();
        match read(&path, Keep::Everything) {
            Ok(stored) => {
                assert!(stored.report.run.interrupted);
                assert_eq!(stored.damaged, 0);
                assert_eq!(stored.cut, !left.ends_with(b"\n"));
                assert_eq!(exit_code(&stored.report), 130);
            }
            Err(Error::NotAJournal { .. }) => assert!(!left.contains(&b'\n')),
            Err(other) => panic!("{other}"),
        }
    }
    let report = read(&path, Keep::Everything).unwrap().report;
    assert_eq!(report.scenarios[0].status, Status::Passed);
    assert_eq!(report.scenarios[1].status, Status::Failed);
    assert!(report.scenarios[1].reason.is_some());
}

#[test]
fn a_resumed_run_goes_on_after_the_last_whole_line() {
    let state = TempDir::new().unwrap();
    let path = killed(&state).path().to_owned();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(br#"{"event":"step_finished","scen"#);
    fs::write(&path, bytes).unwrap();
    let (journal, fold) = Journal::resume(state.path(), "a-run", Timestamp::UNIX_EPOCH).unwrap();
    assert!(fold.has_ended(0) && !fold.has_ended(1));
    for event in [
        started(1),
        step(1, 1, Status::Passed, "again"),
        finished(1, Status::Passed),
    ] {
        journal.append(&event, &[]).unwrap();
    }
    journal.finish(99, false).unwrap();
    let stored = read(&path, Keep::Everything).unwrap();
    assert_eq!((stored.damaged, stored.cut), (0, false));
    assert_eq!(stored.report.scenarios[1].steps.len(), 1);
    assert_eq!(exit_code(&stored.report), 0);
}

#[test]
fn lines_of_other_versions_are_passed_over() {
    let state = TempDir::new().unwrap();
    let path = killed(&state).path().to_owned();
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"event\":\"weather\",\"rain\":true}\nnot a record\n");
    fs::write(&path, text).unwrap();
    let stored = read(&path, Keep::Failures).unwrap();
    assert_eq!((stored.damaged, stored.cut), (1, false));
    assert_eq!(stored.report.scenarios.len(), 2);
}

#[test]
fn no_secret_of_the_scenario_or_the_run_reaches_the_file() {
    let state = TempDir::new().unwrap();
    let (scenario, run) = (Register::new(), Register::new());
    scenario.add("access_token", "canary-of-scenario");
    run.add("client_secret", "canary-of/run");
    let mut opened = info("a-run");
    opened.arguments = vec!["--x=canary-of/run".to_owned()];
    let journal = Journal::create(state.path(), opened, &run).unwrap();
    journal.append(&started(0), &[&scenario, &run]).unwrap();
    let title = format!(
        "canary-of-scenario, canary-of%2Frun, {}{}",
        "5Aep861", "AQ0AQEkzhLTY4Jc8"
    );
    let written = journal
        .append(&step(0, 1, Status::Passed, &title), &[&scenario, &run])
        .unwrap();
    let text = fs::read_to_string(journal.path()).unwrap();
    assert!(
        !text.contains("canary") && !text.contains("AQ0AQ"),
        "{text}"
    );
    let Event::StepFinished { step, .. } = written else {
        panic!("another event came back");
    };
    assert_eq!(
        step.title,
        "[access_token#1], [client_secret#1], [token-shaped text removed]"
    );
    let report = read(journal.path(), Keep::Everything).unwrap().report;
    assert!(report.run.bugs.is_empty());
}

#[test]
fn scenarios_that_run_at_once_do_not_mix_their_lines() {
    let state = TempDir::new().unwrap();
    let journal = Journal::create(state.path(), info("a-run"), &Register::new()).unwrap();
    std::thread::scope(|scope| {
        for scenario in 0..8 {
            let journal = &journal;
            scope.spawn(move || {
                journal.append(&started(scenario), &[]).unwrap();
                for index in 1..=50 {
                    let event = step(scenario, index, Status::Passed, &"long ".repeat(500));
                    journal.append(&event, &[]).unwrap();
                }
                journal
                    .append(&finished(scenario, Status::Passed), &[])
                    .unwrap();
            });
        }
    });
    let stored = read(journal.path(), Keep::Everything).unwrap();
    assert_eq!(stored.damaged, 0);
    assert_eq!(stored.report.summary.passed, 8);
    assert_eq!(stored.report.summary.steps, 400);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let state = TempDir::new().unwrap();
    let journal = killed(&state);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(journal.path()), 0o600);
    assert_eq!(mode(journal.path().parent().unwrap()), 0o700);
}

#[test]
fn an_error_names_the_path_and_the_remedy() {
    let state = TempDir::new().unwrap();
    let blocked = state.path().join("state");
    fs::write(&blocked, "a file").unwrap();
    let Err(error) = Journal::create(&blocked, info("a-run"), &Register::new()) else {
        panic!("a file served as a folder");
    };
    assert!(error.to_string().contains("state"), "{error}");
    let help = error.help().unwrap().to_string();
    assert!(help.contains("XDG_STATE_HOME"), "{help}");

    drop(killed(&state));
    let Err(again) = Journal::create(state.path(), info("a-run"), &Register::new()) else {
        panic!("a journal was written over");
    };
    assert!(again.help().unwrap().to_string().contains("same id"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_so() {
    let Ok(mut full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    let source = std::io::Write::write_all(&mut full, b"x").unwrap_err();
    let error = Error::write(Path::new("/state/journal.jsonl"), source);
    let help = error.help().unwrap().to_string();
    assert!(
        help.contains("full") && help.contains("/state/journal.jsonl"),
        "{help}"
    );
}

#[test]
fn runs_are_listed_newest_first_and_found_by_their_beginning() {
    let state = TempDir::new().unwrap();
    assert_eq!(list(state.path(), 10).unwrap(), []);
    for time in ["2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"] {
        let id = run_id(time.parse().unwrap(), 0x00fa_b1e5);
        Journal::create(state.path(), info(&id), &Register::new())
            .unwrap()
            .finish(1, false)
            .unwrap();
    }
    let listed = list(state.path(), 10).unwrap();
    let ids: Vec<&str> = listed.iter().map(|run| run.run.id.as_str()).collect();
    assert_eq!(ids, ["20260302T090000Z-fab1e5", "20260301T090000Z-fab1e5"]);
    assert_eq!(list(state.path(), 1).unwrap().len(), 1);
    assert_eq!(find(state.path(), "last").unwrap(), listed[0].path);
    assert_eq!(find(state.path(), "20260301").unwrap(), listed[1].path);
    let help = |wanted: &str| {
        let error = find(state.path(), wanted).unwrap_err();
        error.help().unwrap().to_string()
    };
    assert!(help("2026").starts_with("several begin so"));
    assert!(help("20260301T090000Z-fab1e4").starts_with("did you mean"));
    assert!(help("yesterday").starts_with("the newest are"));
}

#[test]
fn a_lean_fold_counts_what_it_drops() {
    let state = TempDir::new().unwrap();
    let journal = Journal::create(state.path(), info("a-run"), &Register::new()).unwrap();
    journal.append(&started(0), &[]).unwrap();
    let mut with = step(0, 1, Status::Passed, "first");
    if let Event::StepFinished { step, .. } = &mut with {
        step.exchanges
            .push(crate::report::ExchangeReport::default());
    }
    journal.append(&with, &[]).unwrap();
    journal.append(&finished(0, Status::Passed), &[]).unwrap();
    let report = read(journal.path(), Keep::Failures).unwrap().report;
    assert_eq!(report.summary.exchanges, 1);
    assert!(report.scenarios[0].steps[0].exchanges.is_empty());
}
