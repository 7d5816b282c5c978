//! Which module may know which. The table is the design; the test reads every `crate::…` of the source and compares.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and what it may import. A module may always import itself.
const ALLOWED: &[(&str, &[&str])] = &[
    ("oauth", &[]),
    ("secret", &[]),
    ("exchange", &[]),
    ("factor", &["oauth"]),
    ("cause", &["oauth", "factor"]),
    ("model", &["oauth", "factor", "cause"]),
    ("world", &["oauth", "exchange", "factor", "cause", "model"]),
    (
        "what_if",
        &["oauth", "exchange", "factor", "cause", "model", "world"],
    ),
    ("metadata", &["oauth", "factor", "cause"]),
    (
        "declared",
        &["cause", "factor", "metadata", "model", "what_if", "world"],
    ),
    (
        "changes",
        &[
            "cause", "declared", "exchange", "factor", "metadata", "model", "oauth", "report",
            "what_if", "world",
        ],
    ),
    (
        "lint",
        &[
            "cause", "declared", "factor", "metadata", "oauth", "report", "what_if", "world",
        ],
    ),
    (
        "verify",
        &[
            "cause",
            "declared",
            "diagnosis",
            "evidence",
            "exchange",
            "factor",
            "grant",
            "lint",
            "metadata",
            "model",
            "oauth",
            "ports",
            "report",
            "scenario",
            "what_if",
            "world",
        ],
    ),
    (
        "init",
        &[
            "cause", "factor", "metadata", "oauth", "report", "scenario", "secret",
        ],
    ),
    ("ports", &["exchange", "secret"]),
    ("recorder", &["exchange", "ports", "secret"]),
    ("agent", &["exchange", "ports", "recorder", "secret"]),
    (
        "grant",
        &["agent", "exchange", "oauth", "ports", "recorder", "secret"],
    ),
    (
        "evidence",
        &[
            "cause", "exchange", "factor", "grant", "model", "oauth", "world",
        ],
    ),
    (
        "diagnosis",
        &[
            "cause", "evidence", "exchange", "factor", "grant", "model", "oauth", "world",
        ],
    ),
    (
        "explain",
        &[
            "cause",
            "diagnosis",
            "evidence",
            "factor",
            "metadata",
            "oauth",
        ],
    ),
    (
        "scenario",
        &[
            "cause", "exchange", "factor", "grant", "model", "oauth", "ports",
        ],
    ),
    ("target", &["cause", "grant", "oauth", "scenario", "secret"]),
    (
        "plan",
        &[
            "cause", "factor", "grant", "model", "oauth", "ports", "scenario", "secret", "target",
        ],
    ),
    (
        "org",
        &["cause", "factor", "model", "oauth", "ports", "secret"],
    ),
    ("doctor", &["report"]),
    ("edge", &["doctor", "exchange", "oauth", "ports", "secret"]),
    (
        "report",
        &[
            "cause",
            "diagnosis",
            "exchange",
            "factor",
            "grant",
            "oauth",
            "secret",
        ],
    ),
    ("journal", &["report", "secret"]),
    (
        "run",
        &[
            "cause",
            "diagnosis",
            "evidence",
            "exchange",
            "factor",
            "grant",
            "journal",
            "oauth",
            "plan",
            "ports",
            "report",
            "scenario",
            "secret",
            "target",
        ],
    ),
    (
        "cli",
        &[
            "agent",
            "cause",
            "changes",
            "declared",
            "diagnosis",
            "doctor",
            "edge",
            "exchange",
            "explain",
            "factor",
            "grant",
            "init",
            "journal",
            "lint",
            "metadata",
            "model",
            "oauth",
            "org",
            "plan",
            "ports",
            "report",
            "run",
            "scenario",
            "secret",
            "target",
            "evidence",
            "metadata",
            "world",
            "what_if",
            "verify",
        ],
    ),
];

#[test]
fn modules_know_only_what_the_table_allows() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = BTreeSet::new();
    for file in rust_files(&source) {
        let module = module_of(&source, &file);
        if matches!(module.as_str(), "lib" | "main") || is_test(&file) {
            continue;
        }
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else {
            wrong.insert(format!("`{module}` is not in the table"));
            continue;
        };
        let text = fs::read_to_string(&file).expect("the source can be read");
        for used in crate_paths(&text) {
            if used != module && !allowed.contains(&used.as_str()) {
                let line = text
                    .lines()
                    .position(|line| line.contains(&format!("crate::{used}")))
                    .unwrap_or(0)
                    + 1;
                wrong.insert(format!(
                    "{}:{line}: `{module}` imports `{used}`",
                    file.strip_prefix(&source).expect("inside").display()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}",
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn the_table_has_no_circle() {
    for (module, allowed) in ALLOWED {
        for other in *allowed {
            let back = ALLOWED
                .iter()
                .find(|(name, _)| name == other)
                .map_or(&[][..], |(_, list)| *list);
            assert!(
                !back.contains(module),
                "`{module}` and `{other}` know each other"
            );
        }
    }
}

/// Every `crate::name` outside comments, groups (`crate::{a, b}`) included.
fn crate_paths(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = &group[..group.find("};").unwrap_or(group.len())];
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars().chain([',']) {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        let head: String = name
                            .trim()
                            .chars()
                            .take_while(|c| c.is_alphanumeric() || *c == '_')
                            .collect();
                        if !head.is_empty() {
                            found.insert(head);
                        }
                        name.clear();
                    }
                    c => name.push(c),
                }
            }
        } else {
            let head: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            found.insert(head);
        }
    }
    found
}

fn module_of(source: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(source).expect("a file of the source");
    let first = inside
        .components()
        .next()
        .expect("a file has a name")
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// A module of unit tests may join what the product keeps apart, a driver and the built-in agent for one.
fn is_test(file: &Path) -> bool {
    file.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}
