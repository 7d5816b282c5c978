//! Targets: where requests go and who sends them. A target file names secrets by reference; [`TargetFile::resolve`] reads them.

mod browser;
mod error;
mod file;
mod resolve;

use std::path::PathBuf;

use url::Url;

use crate::cause::AppKind;
use crate::grant::ClientAuthentication;
use crate::oauth::{Dialect, HostKind};
use crate::ports::Pages;
use crate::secret::Secret;

pub use error::Error;
pub use file::{Reference, Sourced, TargetFile, TargetFileApp, TargetFileUser};
pub use resolve::{Surroundings, System};

/// A target with everything read: made from a file, or by the embedded simulated org.
#[derive(Clone)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Whether it is the embedded simulated org, which a story may set up.
    pub simulated: bool,
    /// How it speaks.
    pub dialect: Dialect,
    /// Base URLs by host kind.
    pub hosts: Vec<(HostKind, Url)>,
    /// A CA beside the system's roots.
    pub ca: Option<PathBuf>,
    /// Apps.
    pub apps: Vec<TargetApp>,
    /// Users.
    pub users: Vec<TargetUser>,
    /// How a driven browser answers its pages; `None` where nobody said.
    pub pages: Option<Pages>,
}

/// An app of a target.
#[derive(Clone)]
pub struct TargetApp {
    /// The name that stories use.
    pub name: String,
    /// Which record type.
    pub kind: AppKind,
    /// Consumer key.
    pub client_id: String,
    /// Consumer secret; `None` for a public client.
    pub client_secret: Option<Secret>,
    /// Callback URL. Port 0 means any free port.
    pub redirect_uri: String,
    /// How the secret travels.
    pub client_authentication: ClientAuthentication,
    /// RSA private key in PEM form.
    pub jwt_key: Option<Secret>,
}

/// A user of a target.
#[derive(Clone)]
pub struct TargetUser {
    /// The name that stories use.
    pub name: String,
    /// Username.
    pub username: String,
    /// Password; `None` where a real person types it.
    pub password: Option<Secret>,
    /// Security token.
    pub security_token: Option<Secret>,
    /// The code of the second factor.
    pub verification_code: Option<Secret>,
}

impl Target {
    /// The app of a name.
    pub fn app(&self, name: &str) -> Option<&TargetApp> {
        self.apps.iter().find(|app| app.name == name)
    }

    /// The user of a name.
    pub fn user(&self, name: &str) -> Option<&TargetUser> {
        self.users.iter().find(|user| user.name == name)
    }
}

/// Where the browser is sent back to when the file does not say: any free port of loopback.
pub const ANY_CALLBACK: &str = "https://localhost:0/callback";

#[cfg(test)]
mod tests;
