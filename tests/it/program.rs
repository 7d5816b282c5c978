//! Runs the real binary, each time with folders of its own, and takes out of its output what differs from run to run.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use regex::Regex;
use tempfile::TempDir;

/// What the program left.
pub struct Ran {
    /// Exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The folder with its state, cache and configuration.
    pub folders: TempDir,
}

/// The root of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program with arguments, in the package's root.
pub fn run<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Ran {
    run_in(&root(), arguments)
}

/// Runs the program with arguments, in a folder.
pub fn run_in<I: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = I>) -> Ran {
    run_told(folder, arguments, "")
}

/// Runs the program with arguments, in a folder, and with what a person types.
pub fn run_told<I: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = I>,
    typed: &str,
) -> Ran {
    let folders = tempfile::tempdir().expect("a folder for the program");
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantproof"));
    command.args(arguments).current_dir(folder);
    for (variable, name) in [
        ("GRANTPROOF_DATA_DIR", "data"),
        ("GRANTPROOF_STATE_DIR", "state"),
        ("GRANTPROOF_CONFIG_DIR", "config"),
        ("GRANTPROOF_CACHE_DIR", "cache"),
    ] {
        command.env(variable, folders.path().join(name));
    }
    command
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that reads nothing may have closed it.
    let _ = stdin.write_all(typed.as_bytes());
    drop(stdin);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("the program ends");
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(stderr).expect("stderr is UTF-8"),
        folders,
    }
}

/// Ports, durations, times and identifiers, which differ from run to run.
static VARYING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"localhost:\d{2,5}", "localhost:PORT"),
        (r"localhost%3A\d{2,5}", "localhost%3APORT"),
        (r"127\.0\.0\.1:\d{2,5}", "127.0.0.1:PORT"),
        (r"\b\d+(\.\d+)? (ms|s)\b", "N ms"),
        (r"\t\d+\t", "\tN\t"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r"t\d+\.my\.localhost", "tN.my.localhost"),
        (r"t\d+--login\.localhost", "tN--login.localhost"),
        (r"\b00D[A-Za-z0-9]{12,15}\b", "ORGID"),
        (r"\b005[A-Za-z0-9]{12,15}\b", "USERID"),
        (r"\b3MVG9[A-Za-z0-9._]{20,}", "CONSUMERKEY"),
    ]
    .into_iter()
    .map(|(pattern, by)| (Regex::new(pattern).expect("a pattern of ours"), by))
    .collect()
});

/// The text with everything that varies replaced.
pub fn steady(text: &str) -> String {
    let mut text = text.replace(env!("CARGO_MANIFEST_DIR"), "ROOT");
    for (pattern, by) in VARYING.iter() {
        text = pattern.replace_all(&text, *by).into_owned();
    }
    text
}

/// Compares with a file of `tests/it/golden`, or writes it anew where `GRANTPROOF_BLESS` is set.
pub fn golden(name: &str, found: &str) {
    let path = root().join("tests/it/golden").join(name);
    if std::env::var_os("GRANTPROOF_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file in a folder"))
            .expect("the folder is made");
        std::fs::write(&path, found).expect("the expected output is written");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected != found {
        let line = expected
            .lines()
            .zip(found.lines())
            .position(|(a, b)| a != b)
            .unwrap_or(0);
        panic!(
            "{name} differs from line {}:\n  expected: {}\n  found:    {}\n(GRANTPROOF_BLESS=1 writes it anew)",
            line + 1,
            expected.lines().nth(line).unwrap_or("(nothing)"),
            found.lines().nth(line).unwrap_or("(nothing)"),
        );
    }
}
