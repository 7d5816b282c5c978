//! The real makers of the [ports](crate::ports): sockets, TLS, the callback server, browsers, clocks, randomness, folders, trust stores.
//! Nothing but `cli` imports this module.

pub mod browser;
pub mod ca;
pub mod callback;
pub mod certificate;
pub mod clock;
pub mod dirs;
pub mod entropy;
pub mod git;
pub mod jwt_key;
pub mod listen;
pub mod new_file;
mod pages;
pub mod probe;
pub mod proxy;
pub mod signal;
pub mod terminal;
pub mod transport;
pub mod trust;

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

/// What can go wrong between this program and the machine that it runs on. The text follows "failed to …"; the remedy is the help.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// No home directory, so no folder to keep anything in.
    #[error("find a home directory for {variable}")]
    #[diagnostic(
        code(edge::no_home),
        help("set HOME, or set {variable} to a folder of your choice")
    )]
    NoHome {
        /// The variable that would do instead.
        variable: &'static str,
    },
    /// A port is in use.
    #[error("listen on {address}: the port is in use")]
    #[diagnostic(
        code(edge::port_taken),
        help("end the program that has the port, or choose another one")
    )]
    PortTaken {
        /// Address and port.
        address: String,
    },
    /// Any other failure to listen.
    #[error("listen on {address}")]
    #[diagnostic(
        code(edge::listen),
        help("ports below 1024 need a privilege on most systems; choose a higher one")
    )]
    Listen {
        /// Address and port.
        address: String,
        /// The system's words.
        source: io::Error,
    },
    /// A file or folder could not be read.
    #[error("read {}", path.display())]
    #[diagnostic(
        code(edge::read),
        help("check that the file exists and that you may read it")
    )]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A file or folder could not be written.
    #[error("write {}", path.display())]
    #[diagnostic(code(edge::write), help("{remedy}"))]
    Write {
        /// Which.
        path: PathBuf,
        /// What helps.
        remedy: String,
        /// The system's words.
        source: io::Error,
    },
    /// The key of the harness CA can be read by others.
    #[error("use the CA key {}: its mode is {mode:04o}, so others may read it", path.display())]
    #[diagnostic(
        code(edge::ca_key_mode),
        help(
            "if nobody else can have copied it: `chmod 600 {}`; else `grantproof ca uninstall` and delete the folder, and a new CA is made",
            path.display()
        )
    )]
    KeyMode {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The harness CA is not valid at this time.
    #[error("use the harness CA {}: it is valid from {from} until {until}, and now it is {now}", path.display())]
    #[diagnostic(
        code(edge::ca_expired),
        help(
            "if the clock is right: `grantproof ca uninstall`, delete {}, then `grantproof ca install` makes and installs a new one",
            path.parent().unwrap_or(path).display()
        )
    )]
    CaExpired {
        /// The certificate file.
        path: PathBuf,
        /// Start of validity.
        from: String,
        /// End of validity.
        until: String,
        /// The clock.
        now: String,
    },
    /// The files of the harness CA are not a CA of ours.
    #[error("use the harness CA {}: {reason}", path.display())]
    #[diagnostic(
        code(edge::ca_broken),
        help(
            "`grantproof ca uninstall`, then delete {}: a new CA is made at the next start",
            path.parent().unwrap_or(path).display()
        )
    )]
    CaBroken {
        /// The file at fault.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A certificate cannot be used.
    #[error("use a certificate: {reason}")]
    #[diagnostic(
        code(edge::certificate),
        help(
            "a CA file holds one or more PEM blocks that begin with `-----BEGIN CERTIFICATE-----`"
        )
    )]
    Certificate {
        /// What is wrong with it.
        reason: String,
    },
    /// A CA that must not be in a trust store.
    #[error("install a CA: {reason}")]
    #[diagnostic(
        code(edge::ca_refused),
        help("only the harness CA is installed; pass any other one with `--ca FILE`")
    )]
    Refused {
        /// Why not.
        reason: &'static str,
    },
    /// A tool of the system is missing.
    #[error("run `{tool}`: it is not installed")]
    #[diagnostic(code(edge::tool_missing), help("{remedy}"))]
    ToolMissing {
        /// Its name.
        tool: &'static str,
        /// The package that has it, as a command where the system has one.
        remedy: String,
    },
    /// A tool of the system failed.
    #[error("run `{command}`: {output}")]
    #[diagnostic(code(edge::tool_failed), help("{remedy}"))]
    ToolFailed {
        /// The command line.
        command: String,
        /// What it said.
        output: String,
        /// What helps.
        remedy: String,
    },
    /// Writing to a trust store needs a privilege.
    #[error("change {place}: permission denied")]
    #[diagnostic(code(edge::not_permitted), help("{remedy}"))]
    NotPermitted {
        /// The store.
        place: String,
        /// The exact commands.
        remedy: String,
    },
    /// This system has no trust store that is known here.
    #[error("find the trust store of this system")]
    #[diagnostic(code(edge::no_store), help("add {} by hand to the certificate authorities of this system", certificate.display()))]
    NoStore {
        /// The CA certificate.
        certificate: PathBuf,
    },
    /// Signals cannot be caught.
    #[error("catch the interrupt signal")]
    #[diagnostic(
        code(edge::signal),
        help("the system refused a signal handler; without one the run cannot end in order")
    )]
    Signal {
        /// The system's words.
        source: io::Error,
    },
}

/// What usually helps when a file of ours cannot be written.
fn write_error(path: impl Into<PathBuf>, source: io::Error) -> Error {
    let path = path.into();
    let remedy = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space on that file system; nothing half-written was left behind".to_owned()
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to with GRANTPROOF_DATA_DIR".to_owned()
        }
        _ => "check the folder above it".to_owned(),
    };
    Error::Write {
        path,
        remedy,
        source,
    }
}
