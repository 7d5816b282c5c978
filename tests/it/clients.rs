//! What real clients print, as the suite of the peers keeps it (`tests/peers/tables`): each text alone names what was wrong.

use std::fs;
use std::path::Path;

use grantproof::cause::CauseId;
use grantproof::diagnosis::diagnose_report;
use grantproof::evidence::read;

/// Causes that the answer for people names.
const NAMED: usize = 8;

/// `(fault, client and flow, text)` of each block of a table.
fn texts(table: &str) -> Vec<(String, String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers/tables")
        .join(table);
    let page = fs::read_to_string(file).expect("the table is there");
    let (mut fault, mut who, mut found) = (String::new(), String::new(), Vec::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("### ") {
            heading.clone_into(&mut who);
        } else if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut fault);
        } else if line == "```text" {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((fault.clone(), who.clone(), text.join("\n")));
        }
    }
    found
}

#[test]
fn what_a_client_prints_names_what_was_wrong() {
    let texts = texts("client-failures.md");
    assert!(texts.len() >= 30, "{} texts", texts.len());
    for (fault, who, text) in texts {
        let reports = read("-", text.as_bytes()).expect("a text is read");
        let [report] = reports.as_slice() else {
            panic!("{who}: {} reports", reports.len());
        };
        let found = diagnose_report(report);
        let named: Vec<&str> = found.named().take(NAMED).map(CauseId::name).collect();
        assert!(
            named.contains(&fault.as_str()),
            "{fault}, {who}: {named:?} of {text}"
        );
        // Where only the words of the server are known, others may be more common.
        let is_told = !who.starts_with("jsforce");
        let first = &found.candidates[0];
        let tied = first.tied_with.iter().any(|cause| cause.name() == fault);
        assert!(
            !is_told || first.cause.name() == fault || tied,
            "{fault}, {who}: {named:?} of {text}"
        );
    }
}
