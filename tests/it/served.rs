//! The simulated org in another process: `org serve`, ended when the value is dropped.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A served org.
pub struct Served {
    child: Child,
    /// Held open: the org ends its life when nobody reads it, on some systems.
    _stdout: BufReader<ChildStdout>,
    /// The ready line.
    pub ready: Value,
}

impl Served {
    /// Starts an org with more arguments, in a folder, with its state there; waits until it is ready.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_grantproof"))
            .args(["org", "serve", "--format", "json"])
            .args(arguments)
            .current_dir(folder)
            .env("GRANTPROOF_STATE_DIR", folder.join("served"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the org starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self {
            child,
            _stdout: stdout,
            ready,
        }
    }

    /// Base URL of the My Domain host.
    pub fn my_domain(&self) -> &str {
        self.ready["base_urls"]["my_domain"]
            .as_str()
            .expect("a URL")
    }

    /// The certificate of its CA.
    pub fn ca(&self) -> PathBuf {
        self.ready["ca_file"].as_str().expect("a path").into()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
