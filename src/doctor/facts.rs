//! What was found on this machine and at a target. No secret is part of it, but for what a proxy variable may hold.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

/// Everything that the checks judge.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The present, by the clock of this machine.
    pub now: Timestamp,
    /// Which kind of system this is.
    pub system: System,
    /// Whether listening on loopback works at all.
    pub loopback: Loopback,
    /// The callback URLs that a run would listen at; empty where none was named.
    pub callbacks: Vec<CallbackFact>,
    /// What names under `localhost` lead to, by the resolver of the system.
    pub names: Vec<Name>,
    /// The harness CA.
    pub authority: Authority,
    /// Who trusts it.
    pub trust: Trust,
    /// The variables about proxies that are set.
    pub variables: Vec<(String, String)>,
    /// What opens a web address.
    pub browser: Browser,
    /// The Salesforce CLI.
    pub sf: Program,
    /// The tool of this system that reads its keyring, and where it is; `None` where none is known.
    pub keyring: Option<(&'static str, Option<String>)>,
    /// The folders of this program.
    pub folders: Vec<Folder>,
    /// The hosts of the target.
    pub hosts: Vec<HostFact>,
    /// What the target file refers to.
    pub references: Vec<ReferenceFact>,
}

/// The kind of system, as far as the remedies differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux and its like.
    Unix,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// Whether a free port of loopback could be listened on.
#[derive(Debug, Clone)]
pub struct Loopback {
    /// 127.0.0.1; the system's words where not.
    pub v4: Result<(), String>,
    /// `::1`, at the same port.
    pub v6: Result<(), String>,
}

/// A callback URL, and what came of listening there.
#[derive(Debug, Clone)]
pub struct CallbackFact {
    /// The URL, or the port as it was asked for.
    pub uri: String,
    /// Its port.
    pub port: u16,
    /// What came of it.
    pub bound: Bound,
}

/// What came of listening.
#[derive(Debug, Clone)]
pub enum Bound {
    /// The port is free.
    Free,
    /// Any free port is taken.
    Any,
    /// Something listens there.
    Taken {
        /// On which address.
        address: String,
    },
    /// The system refuses.
    Refused {
        /// Its words.
        reason: String,
    },
    /// The URL does not lead to this machine.
    Elsewhere,
}

/// A name, and its addresses.
#[derive(Debug, Clone)]
pub struct Name {
    /// The name.
    pub name: &'static str,
    /// Its addresses; the system's words where it has none.
    pub addresses: Result<Vec<IpAddr>, String>,
}

/// The harness CA.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Where its certificate is, or would be.
    pub path: String,
    /// What is kept there.
    pub kept: Kept,
}

/// What is kept of the harness CA.
#[derive(Debug, Clone)]
pub enum Kept {
    /// Nothing yet.
    Nothing,
    /// A CA.
    Whole {
        /// The end of its validity.
        until: Timestamp,
        /// SHA-256 of the certificate.
        fingerprint: String,
    },
    /// A CA whose key others can read.
    OpenKey {
        /// What is wrong.
        reason: String,
        /// What helps.
        remedy: String,
    },
    /// A CA that cannot be used.
    Broken {
        /// What is wrong.
        reason: String,
        /// What helps.
        remedy: String,
    },
}

/// Who trusts a callback server that was started for this.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// With the trust store of the system, as curl and most programs.
    pub system: Handshake,
    /// Where the CA lies in the store of the system, and where not.
    pub places: Vec<(String, bool)>,
    /// With what each NSS database holds, as Chromium and Firefox.
    pub databases: Vec<Database>,
    /// Why the NSS databases could not be asked, and what helps.
    pub unreadable: Option<(String, String)>,
}

/// An NSS database.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its folder.
    pub path: String,
    /// A handshake with what it holds.
    pub handshake: Handshake,
}

/// What came of a TLS handshake.
#[derive(Debug, Clone, Default)]
pub enum Handshake {
    /// There was nothing to try it with.
    #[default]
    NotTried,
    /// The certificate was accepted.
    Trusted,
    /// It was not.
    Refused {
        /// Why.
        reason: String,
    },
}

/// What opens a web address.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// The programs that are tried, in order, and where each is.
    pub openers: Vec<(String, Option<String>)>,
    /// `BROWSER`, which xdg-open reads where there is no desktop.
    pub variable: Option<String>,
    /// Whether there is a screen to open it on.
    pub screen: bool,
    /// Whether this is Linux inside Windows.
    pub wsl: bool,
    /// Whether this is a remote shell.
    pub remote: bool,
}

/// A program and what it said when it was asked.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Where it is; `None` where it is not on `PATH`.
    pub path: Option<String>,
    /// What it printed; why it said nothing.
    pub said: Option<Result<String, String>>,
}

/// A folder of this program.
#[derive(Debug, Clone)]
pub struct Folder {
    /// What for.
    pub what: &'static str,
    /// Where.
    pub path: String,
    /// The variable that moves it.
    pub variable: &'static str,
    /// Whether a file could be written there, or where it would be made; the system's words where not.
    pub written: Result<(), String>,
}

/// A host of the target.
#[derive(Debug, Clone)]
pub struct HostFact {
    /// `my_domain`, `login`, …
    pub kind: &'static str,
    /// Its base URL.
    pub url: String,
    /// Its name.
    pub host: String,
    /// The addresses of its name; the system's words where it has none.
    pub addresses: Result<Vec<IpAddr>, String>,
    /// Its answer; `None` where it has no address to ask at.
    pub answer: Option<Answer>,
}

/// What a host answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Something, over a verified connection.
    Given {
        /// The time in its `Date` header.
        date: Option<Timestamp>,
        /// The middle of asking and answering, by the clock of this machine.
        at: Timestamp,
        /// How long it took.
        took: Duration,
    },
    /// TLS came to nothing.
    Tls {
        /// Why.
        reason: String,
        /// Whether the target file names a CA.
        with_ca: bool,
    },
    /// Nothing.
    Nothing {
        /// Why.
        reason: String,
    },
}

/// A reference of the target file.
#[derive(Debug, Clone)]
pub struct ReferenceFact {
    /// What it is for: `apps.Harness.client_secret`.
    pub key: String,
    /// Where it leads.
    pub source: Source,
}

/// Where a reference leads.
#[derive(Debug, Clone)]
pub enum Source {
    /// A variable, and whether it is set to something.
    Variable {
        /// Its name.
        name: String,
        /// Whether it holds something.
        set: bool,
    },
    /// A file.
    File {
        /// Its path.
        path: String,
        /// Its permission bits where the system has them; the system's words where it cannot be read.
        mode: Result<Option<u32>, String>,
    },
    /// A command, which is not run here: it may ask for a finger.
    Command {
        /// The program, where it can be told.
        program: Option<String>,
        /// Where that is.
        path: Option<String>,
    },
}
