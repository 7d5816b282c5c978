//! `doctor`: what of this machine, and of a target, would stand in the way.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::Format;
use super::failure::{COULD_NOT_RUN, Failure, OK, USAGE};
use super::load::rendered;
use super::show::Shown;
use crate::doctor::{Document, Facts, ReferenceFact, Source, examine, to_plain, to_text};
use crate::edge::certificate;
use crate::edge::clock::SystemClock;
use crate::edge::dirs::Dirs;
use crate::edge::probe;
use crate::edge::trust::Machine;
use crate::ports::Clock as _;
use crate::report::{exit, json};
use crate::target::{Reference, Sourced, TargetFile};

/// `grantproof doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing outside this machine is asked without --target; with it each of its hosts gets one GET. Exit code 1 if a check failed."
)]
pub struct Doctor {
    /// A target file: its callback URLs, its hosts (name, certificate, clock) and the places of its secrets are looked at too.
    #[arg(long, value_name = "FILE")]
    pub target: Option<PathBuf>,
    /// A port that the callback server would listen on.
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) fn run(arguments: &Doctor, shown: Shown) -> Result<u8, Failure> {
    let target = arguments
        .target
        .as_deref()
        .map(TargetFile::read)
        .transpose()
        .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(COULD_NOT_RUN, format!("failed to start: {error}"), ""))?;
    let facts = runtime.block_on(gather(arguments, target.as_ref()))?;
    let document = examine(&facts);
    super::failure::print(&match arguments.format {
        Format::Human => {
            let layout = shown.layout();
            to_text(&document, layout.style, layout.width)
        }
        Format::Plain => to_plain(&document),
        Format::Json => json::document(&document),
    })?;
    Ok(code(&document))
}

/// A failing check is an unmet expectation of the machine.
const fn code(document: &Document) -> u8 {
    if document.summary.fail > 0 {
        exit::FAILED
    } else {
        OK
    }
}

async fn gather(arguments: &Doctor, target: Option<&TargetFile>) -> Result<Facts, Failure> {
    let dirs = Dirs::find()?;
    let machine = Machine::here(&dirs)?;
    let now = SystemClock.now();
    let (authority, trust) = probe::trust(&dirs.ca(), &machine, now).await;
    let mut facts = Facts {
        now,
        system: probe::system(),
        loopback: probe::loopback(),
        callbacks: callbacks(arguments, target),
        names: probe::names(),
        authority,
        trust,
        variables: probe::environment(),
        browser: probe::browser(),
        sf: probe::sf(),
        keyring: probe::keyring(),
        folders: probe::folders(&dirs),
        hosts: Vec::new(),
        references: Vec::new(),
    };
    if let Some(target) = target {
        let authorities = authorities(target)?;
        for (kind, url) in &target.hosts {
            let asked = probe::Asked {
                kind: kind.name(),
                url: url.clone(),
            };
            facts.hosts.push(probe::ask(&asked, &authorities).await);
        }
        facts.references = references(target);
    }
    Ok(facts)
}

/// The callback URLs of the target's apps, each once, and the port that was asked for.
fn callbacks(arguments: &Doctor, target: Option<&TargetFile>) -> Vec<crate::doctor::CallbackFact> {
    let port = arguments
        .port
        .map(|port| format!("https://localhost:{port}/callback"));
    let mut uris: Vec<String> = port.into_iter().collect();
    for app in target.into_iter().flat_map(|target| &target.apps) {
        if let Some(uri) = &app.redirect_uri
            && !uris.contains(uri)
        {
            uris.push(uri.clone());
        }
    }
    uris.iter().map(|uri| probe::callback(uri)).collect()
}

fn authorities(
    target: &TargetFile,
) -> Result<Vec<rustls_pki_types::CertificateDer<'static>>, Failure> {
    let Some(path) = &target.ca else {
        return Ok(Vec::new());
    };
    let pem = std::fs::read(path).map_err(|error| {
        Failure::new(
            USAGE,
            format!("failed to read the CA {}: {error}", path.display()),
            "`ca:` of the target file names it",
        )
    })?;
    Ok(certificate::from_pem(&pem)?)
}

/// Where each reference of the file leads. No secret is read, and no command is run.
fn references(target: &TargetFile) -> Vec<ReferenceFact> {
    let apps = target.apps.iter().flat_map(|app| {
        [
            Some(&app.client_id),
            app.client_secret.as_ref(),
            app.jwt_key.as_ref(),
        ]
    });
    let users = target.users.iter().flat_map(|user| {
        [
            Some(&user.username),
            user.password.as_ref(),
            user.security_token.as_ref(),
            user.verification_code.as_ref(),
        ]
    });
    apps.chain(users)
        .flatten()
        .filter_map(|sourced| reference(sourced, &target.folder))
        .collect()
}

fn reference(sourced: &Sourced, folder: &Path) -> Option<ReferenceFact> {
    let source = match &sourced.from {
        Reference::Plain(_) => return None,
        Reference::Env(name) => Source::Variable {
            name: name.clone(),
            set: std::env::var(name).is_ok_and(|value| !value.trim().is_empty()),
        },
        Reference::File(path) => {
            let path = folder.join(path);
            Source::File {
                mode: probe::mode(&path),
                path: path.display().to_string(),
            }
        }
        Reference::Command(command) => {
            let program = program(command);
            Source::Command {
                path: program
                    .and_then(probe::find)
                    .map(|path| path.display().to_string()),
                program: program.map(str::to_owned),
            }
        }
    };
    Some(ReferenceFact {
        key: sourced.key.clone(),
        source,
    })
}

/// The program that a command of the shell begins with, where it is a plain name or path.
fn program(command: &str) -> Option<&str> {
    let first = command.split_whitespace().next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    // What the shell does by itself is no program to look for.
    let by_the_shell = [
        ".", "cd", "eval", "exec", "export", "if", "for", "set", "while",
    ];
    (first.chars().all(plain) && !by_the_shell.contains(&first)).then_some(first)
}
