//! Reads what a target file refers to: variables, files, the output of commands.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::error::Error;
use super::file::{Reference, Sourced, TargetFile};
use super::{ANY_CALLBACK, Target, TargetApp, TargetUser};
use crate::secret::Secret;

/// The longest secret, in octets. A PEM key of 16384 bits fits.
const LONGEST: u64 = 64 * 1024;
/// How long a command may take: a password manager may wait for a finger.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where references lead.
pub trait Surroundings {
    /// A variable of the environment that is set and UTF-8.
    fn variable(&self, name: &str) -> Option<String>;
    /// A file as text.
    fn file(&self, path: &Path) -> Result<String, String>;
    /// The output of a shell command.
    fn command(&self, command: &str) -> Result<String, String>;
}

/// The real ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Surroundings for System {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &Path) -> Result<String, String> {
        let mut text = String::new();
        let file = fs::File::open(path).map_err(|error| error.to_string())?;
        file.take(LONGEST + 1)
            .read_to_string(&mut text)
            .map_err(|error| error.to_string())?;
        bounded(text)
    }

    fn command(&self, command: &str) -> Result<String, String> {
        let (shell, flag) = if cfg!(windows) {
            ("cmd", "/C")
        } else {
            ("sh", "-c")
        };
        // Standard input and error stay the person's: a password manager asks there.
        let mut child = Command::new(shell)
            .args([flag, command])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{shell}` does not start: {error}"))?;
        let Some(output) = child.stdout.take() else {
            return Err("its output cannot be read".to_owned());
        };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let read = output
                .take(LONGEST + 1)
                .read_to_string(&mut text)
                .map(|_| text);
            // Nobody listens any more where the time was up.
            let _ = sender.send(read);
        });
        let text = match receiver.recv_timeout(PATIENCE) {
            Ok(read) => read.map_err(|error| error.to_string()).and_then(bounded),
            Err(_) => Err(format!("it took longer than {} s", PATIENCE.as_secs())),
        };
        if text.is_err() {
            // It may still be writing or waiting.
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        let text = text?;
        if status.success() {
            Ok(text)
        } else {
            Err(format!("it ended with {status}"))
        }
    }
}

fn bounded(text: String) -> Result<String, String> {
    if text.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} octets"));
    }
    Ok(text)
}

impl TargetFile {
    /// Reads every reference. `Err` is the first that leads nowhere, with the line of the file that names it.
    pub fn resolve(&self, surroundings: &dyn Surroundings) -> Result<Target, Error> {
        let text = |sourced: &Sourced| self.text(sourced, surroundings);
        let secret = |sourced: &Option<Sourced>| {
            sourced
                .as_ref()
                .map(|sourced| text(sourced).map(Secret::new))
                .transpose()
        };
        let mut target = Target {
            name: self.name.clone(),
            simulated: false,
            dialect: self.dialect,
            hosts: self.hosts.clone(),
            ca: self.ca.clone(),
            apps: Vec::with_capacity(self.apps.len()),
            users: Vec::with_capacity(self.users.len()),
            pages: self.pages.clone(),
        };
        for app in &self.apps {
            target.apps.push(TargetApp {
                name: app.name.clone(),
                kind: app.kind,
                client_id: text(&app.client_id)?,
                client_secret: secret(&app.client_secret)?,
                redirect_uri: app
                    .redirect_uri
                    .clone()
                    .unwrap_or_else(|| ANY_CALLBACK.to_owned()),
                client_authentication: app.client_authentication,
                jwt_key: secret(&app.jwt_key)?,
            });
        }
        for user in &self.users {
            target.users.push(TargetUser {
                name: user.name.clone(),
                username: text(&user.username)?,
                password: secret(&user.password)?,
                security_token: secret(&user.security_token)?,
                verification_code: secret(&user.verification_code)?,
            });
        }
        Ok(target)
    }

    /// The value behind a reference, without the white space around it.
    fn text(&self, sourced: &Sourced, surroundings: &dyn Surroundings) -> Result<String, Error> {
        let (file, key, line) = (self.file.clone(), sourced.key.clone(), sourced.line);
        let text = match &sourced.from {
            Reference::Plain(text) => text.clone(),
            Reference::Env(name) => {
                surroundings
                    .variable(name)
                    .ok_or_else(|| Error::NoVariable {
                        file,
                        line,
                        name: name.clone(),
                        key,
                    })?
            }
            Reference::File(path) => {
                let path = self.folder.join(path);
                surroundings.file(&path).map_err(|reason| Error::NoFile {
                    file,
                    line,
                    path: path.display().to_string(),
                    key,
                    reason,
                })?
            }
            Reference::Command(command) => {
                surroundings
                    .command(command)
                    .map_err(|reason| Error::Command {
                        file,
                        line,
                        key,
                        reason,
                    })?
            }
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::Empty {
                file: self.file.clone(),
                line,
                key: sourced.key.clone(),
                source_of: format!("`{}`", sourced.from),
            });
        }
        Ok(text.to_owned())
    }
}
