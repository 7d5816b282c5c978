//! The README shows what is: its excerpts are those of the files that they name.

use crate::program::{root, run_in};

/// The block that follows a marker.
fn block<'t>(text: &'t str, marker: &str) -> &'t str {
    let after = text
        .split(marker)
        .nth(1)
        .expect("the marker is in the README");
    let begin = after
        .find("```")
        .and_then(|at| after[at..].find('\n').map(|line| at + line + 1))
        .expect("a block begins");
    let end = after[begin..].find("```").expect("a block ends");
    after[begin..begin + end].trim_end()
}

#[test]
fn the_excerpts_are_true() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    for (marker, file) in [
        (
            "<!-- output of a test: tests/it/golden/failing-step.txt -->",
            "tests/it/golden/failing-step.txt",
        ),
        (
            "<!-- output of a test: tests/it/golden/what-if-blockers.txt -->",
            "tests/it/golden/what-if-blockers.txt",
        ),
        (
            "<!-- output of a test: tests/it/golden/verify.txt -->",
            "tests/it/golden/verify.txt",
        ),
        (
            "<!-- output of a test: tests/it/golden/init.txt -->",
            "tests/it/golden/init.txt",
        ),
        (
            "<!-- output of a test: tests/it/golden/lint.txt -->",
            "tests/it/golden/lint.txt",
        ),
        (
            "<!-- a shipped scenario: scenarios/app/refresh_policy_zero.yaml -->",
            "scenarios/app/refresh_policy_zero.yaml",
        ),
    ] {
        let expected = std::fs::read_to_string(root().join(file)).expect("the file");
        assert_eq!(
            block(&readme, marker),
            expected.trim_matches('\n'),
            "{file}"
        );
    }
}

#[test]
fn the_longer_story_passes() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("story.yaml"),
        block(&readme, "<!-- a story that a test runs -->"),
    )
    .expect("a file");
    let ran = run_in(folder.path(), ["run", "story.yaml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_readme_names_every_exit_code() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    for (code, _) in grantproof::report::exit::MEANINGS {
        assert!(readme.contains(&format!("{code} ")), "{code}");
    }
}
