//! Programs: where they are, and what they say. Never by a shell.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::doctor::{Browser, Program};

/// The Salesforce CLI is a Node program, and takes a second or two to start.
const PATIENCE: Duration = Duration::from_secs(15);
/// More than any version takes.
const LONGEST: u64 = 64 * 1024;

/// Where a program is: as it stands if it is a path, else in the folders of `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    if program.contains(std::path::is_separator) {
        return Some(PathBuf::from(program)).filter(|path| runs(path));
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .flat_map(|folder| endings(&folder.join(program)))
        .find(|path| runs(path))
}

/// The names under which a system looks for a program. Windows: untried.
fn endings(path: &Path) -> Vec<PathBuf> {
    if !cfg!(windows) {
        return vec![path.to_owned()];
    }
    ["exe", "cmd", "bat"]
        .map(|end| path.with_extension(end))
        .into()
}

fn runs(path: &Path) -> bool {
    let Ok(about) = path.metadata() else {
        return false;
    };
    #[cfg(unix)]
    let may = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may = true;
    about.is_file() && may
}

/// The Salesforce CLI and what it says of its version. It is asked not to look for updates and not to report home.
pub fn sf() -> Program {
    let Some(path) = find("sf") else {
        return Program::default();
    };
    let mut command = Command::new(&path);
    command.args(["version", "--json"]);
    for quiet in [
        "SF_DISABLE_TELEMETRY",
        "SF_AUTOUPDATE_DISABLE",
        "SF_SKIP_NEW_VERSION_CHECK",
        "SF_DISABLE_AUTOUPDATE",
    ] {
        command.env(quiet, "true");
    }
    Program {
        path: Some(path.display().to_string()),
        said: Some(output(&mut command, PATIENCE)),
    }
}

/// What a program prints. `Err` says why it printed nothing of use: it failed, or took too long and was ended.
fn output(command: &mut Command, patience: Duration) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let Some(out) = child.stdout.take() else {
        return Err("its output cannot be read".to_owned());
    };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = out.take(LONGEST).read_to_end(&mut text).map(|_| text);
        // Nobody listens any more where the time was up.
        let _ = sender.send(read);
    });
    let said = receiver.recv_timeout(patience);
    if said.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match said {
        Err(_) => Err(format!("it took longer than {} s", patience.as_secs())),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(_)) if !status.success() => Err(format!("it ended with {status}")),
        Ok(Ok(text)) => Ok(String::from_utf8_lossy(&text).into_owned()),
    }
}

/// What opens a web address here: the programs that the browser agent tries, in its order.
pub fn browser() -> Browser {
    let openers = open::commands("https://localhost/")
        .iter()
        .map(|command| {
            let program = command.get_program();
            let path = find(&program.to_string_lossy()).map(|path| path.display().to_string());
            (name(program), path)
        })
        .collect();
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Browser {
        openers,
        variable: set("BROWSER"),
        screen: set("DISPLAY").is_some() || set("WAYLAND_DISPLAY").is_some(),
        wsl: set("WSL_DISTRO_NAME").is_some() || set("WSL_INTEROP").is_some(),
        remote: set("SSH_CONNECTION").is_some() || set("SSH_TTY").is_some(),
    }
}

fn name(program: &OsStr) -> String {
    Path::new(program)
        .file_name()
        .unwrap_or(program)
        .to_string_lossy()
        .into_owned()
}

/// The tool that prints a secret of the keyring, and where it is. macOS: untried; Windows has none.
pub fn keyring() -> Option<(&'static str, Option<String>)> {
    let tool = if cfg!(windows) {
        return None;
    } else if cfg!(target_os = "macos") {
        "security"
    } else {
        "secret-tool"
    };
    Some((tool, find(tool).map(|path| path.display().to_string())))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let mut command = Command::new("sleep");
        command.arg("600");
        let said = output(&mut command, Duration::from_millis(20));
        assert_eq!(said, Err("it took longer than 0 s".to_owned()));
    }

    #[test]
    fn what_a_program_prints_and_how_it_fails() {
        assert_eq!(
            output(Command::new("echo").arg("2.1"), PATIENCE),
            Ok("2.1\n".to_owned())
        );
        let failed = output(&mut Command::new("false"), PATIENCE);
        assert!(failed.is_err_and(|reason| reason.contains("exit status: 1")));
    }

    #[test]
    fn a_program_is_found_by_path_and_by_name() {
        let found = find("sh").expect("on PATH");
        assert_eq!(find(&found.display().to_string()), Some(found));
        assert_eq!(find("/etc/passwd"), None, "it cannot be run");
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
