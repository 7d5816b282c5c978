//! The target file: hosts, apps and users, secrets by reference. A secret that is written down is refused and never shown.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::{Host, Url};

use super::browser;
use crate::cause::AppKind;
use crate::grant::ClientAuthentication;
use crate::oauth::{Dialect, HostKind};
use crate::ports::{Pages, Typed};
use crate::scenario::keys::{self, Key};
use crate::scenario::yaml::{self, Kind, Node};
use crate::scenario::{At, Error, Faulty, Fields, Walk, What, text_of};

/// Where a value is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A variable of the environment.
    Env(String),
    /// A file; relative to the folder of the target file.
    File(PathBuf),
    /// The output of a shell command.
    Command(String),
    /// The value itself, for what is no secret.
    Plain(String),
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Command(command) => write!(f, "command:{command}"),
            Self::Plain(text) => f.write_str(text),
        }
    }
}

/// A reference, its key and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    /// Where from.
    pub from: Reference,
    /// The key, with the app or user it belongs to: `apps.Harness.client_secret`.
    pub key: String,
    /// Its line in the target file.
    pub line: usize,
}

/// A target file, understood; nothing that it refers to is read yet.
#[derive(Debug, Clone)]
pub struct TargetFile {
    /// The file, as it was named.
    pub file: String,
    /// Its folder.
    pub folder: PathBuf,
    /// `target:`.
    pub name: String,
    /// `dialect:`.
    pub dialect: Dialect,
    /// `hosts:`.
    pub hosts: Vec<(HostKind, Url)>,
    /// `ca:`, from the folder of the file.
    pub ca: Option<PathBuf>,
    /// `apps:`.
    pub apps: Vec<TargetFileApp>,
    /// `users:`.
    pub users: Vec<TargetFileUser>,
    /// `browser:`, or Salesforce's own pages; `None` for an RFC server whose pages are not described.
    pub pages: Option<Pages>,
}

/// An app as the file has it.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the fields are those of `TargetApp`, by reference"
)]
pub struct TargetFileApp {
    pub name: String,
    pub kind: AppKind,
    pub client_id: Sourced,
    pub client_secret: Option<Sourced>,
    pub redirect_uri: Option<String>,
    pub client_authentication: ClientAuthentication,
    pub jwt_key: Option<Sourced>,
}

/// A user as the file has it.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the fields are those of `TargetUser`, by reference"
)]
pub struct TargetFileUser {
    pub name: String,
    pub username: Sourced,
    pub password: Option<Sourced>,
    pub security_token: Option<Sourced>,
    pub verification_code: Option<Sourced>,
}

impl TargetFile {
    /// Reads a target file. `Err` holds every mistake; excerpts in it are masked.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        Self::parse(&path.display().to_string(), folder, &text_of(path)?)
    }

    /// The same from a text.
    pub fn parse(file: &str, folder: PathBuf, text: &str) -> Result<Self, Error> {
        let mut walk = Walk::default();
        let Some(root) = yaml::read(text, &mut walk.mistakes) else {
            if walk.mistakes.is_empty() {
                walk.note(What::Nothing, At::default());
            }
            // Without a tree nobody can tell what of the text is a secret: none of it is shown.
            let blank = mask(text, &[]);
            return Err(Faulty::new(file, blank, walk.mistakes).into());
        };
        let mut shown = Vec::new();
        harmless(&root, &mut Vec::new(), &mut shown);
        let target = read(file, folder, &root, &mut walk);
        match target {
            Some(target) if walk.mistakes.is_empty() => Ok(target),
            _ => {
                for mistake in &mut walk.mistakes {
                    let at = mistake.at;
                    if let What::WrongType { found, .. } = &mut mistake.what
                        && found.starts_with('`')
                        && !shown.contains(&(at.start..at.end))
                    {
                        "a text".clone_into(found);
                    }
                }
                Err(Faulty::new(file, mask(text, &shown), walk.mistakes).into())
            }
        }
    }
}

/// The places of what may be shown: keys that are known, names of apps and users, references, and values that are public by their key.
/// Everything else of the file, comments and repeated keys too, could be a secret in a wrong place.
fn harmless(node: &Node, path: &mut Vec<String>, shown: &mut Vec<Range<usize>>) {
    const PUBLIC: [&str; 5] = [
        "kind",
        "client_id",
        "redirect_uri",
        "client_authentication",
        "username",
    ];
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                let known = match path.len() {
                    0 => keys::names(keys::TARGET).contains(&key.name.as_str()),
                    1 => true,
                    _ => [keys::TARGET_APP, keys::TARGET_USER, keys::PAGE_STEP]
                        .iter()
                        .any(|table| keys::names(table).contains(&key.name.as_str())),
                };
                if known {
                    // With the colon that follows.
                    shown.push(key.at.start..key.at.end + 1);
                }
                path.push(key.name.clone());
                harmless(value, path, shown);
                path.pop();
            }
        }
        Kind::List(items) => items.iter().for_each(|item| harmless(item, path, shown)),
        Kind::Scalar { text, .. } => {
            let public = match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["target" | "dialect" | "ca"] => true,
                ["hosts", _] => !text.contains('@'),
                ["apps" | "users", _, key] => PUBLIC.contains(&key),
                ["browser", _, "type" | "answer" | "optional"] => {
                    let words = Typed::WORDS.map(|(word, _)| word);
                    [&words[..], &["allow", "deny", "true", "false"]]
                        .concat()
                        .contains(&&**text)
                }
                _ => false,
            };
            if public || reference(text).is_some() {
                shown.push(node.at.start..node.at.end);
            }
        }
    }
}

/// The text with only some of it shown; places and lines stay where they are.
fn mask(text: &str, shown: &[Range<usize>]) -> Arc<str> {
    let mut octets = text.as_bytes().to_vec();
    for octet in &mut octets {
        if !octet.is_ascii_whitespace() {
            *octet = b'*';
        }
    }
    for range in shown {
        let end = range.end.min(octets.len());
        let start = range.start.min(end);
        octets[start..end].copy_from_slice(&text.as_bytes()[start..end]);
    }
    // Whole characters were masked or shown; where a place were wrong, the octets are still text.
    String::from_utf8_lossy(&octets).into()
}

fn read(file: &str, folder: PathBuf, root: &Node, walk: &mut Walk) -> Option<TargetFile> {
    let fields = walk.fields(root, "a target file", &keys::names(keys::TARGET))?;
    let head = At {
        end: root.at.start,
        ..root.at
    };
    let mut required = |key: &'static str, help: &'static str| {
        let node = fields.value(key);
        if node.is_none() && !walk.meant(key) {
            walk.note(What::Absent { key, help }, head);
        }
        node
    };
    let name = required("target", "name the target: `target: My sandbox`");
    let hosts = required(
        "hosts",
        "name its hosts: `hosts: {my_domain: https://acme.my.salesforce.com}`, or `{issuer: …}` for an RFC server",
    );
    let dialect = match fields
        .value("dialect")
        .and_then(|node| walk.word(node, "dialect", &["salesforce", "rfc"]))
    {
        Some("rfc") => Dialect::Rfc,
        _ => Dialect::Salesforce,
    };
    let target = TargetFile {
        file: file.to_owned(),
        name: name.and_then(|node| walk.line(node)).unwrap_or_default(),
        dialect,
        hosts: hosts
            .map(|node| hosts_of(node, dialect, walk))
            .unwrap_or_default(),
        ca: fields
            .value("ca")
            .and_then(|node| walk.line(node))
            .map(|path| folder.join(path)),
        apps: section(&fields, "apps", walk, app),
        users: section(&fields, "users", walk, user),
        pages: browser::pages(fields.value("browser"), dialect, file, walk),
        folder,
    };
    Some(target)
}

fn hosts_of(node: &Node, dialect: Dialect, walk: &mut Walk) -> Vec<(HostKind, Url)> {
    let Some(fields) = walk.fields(node, "`hosts:`", &keys::names(keys::HOSTS)) else {
        return Vec::new();
    };
    let mut hosts = Vec::new();
    for (key, value) in fields.iter() {
        let Some(kind) = HostKind::parse(&key.name) else {
            continue;
        };
        if (kind == HostKind::Issuer) != (dialect == Dialect::Rfc) {
            walk.note(
                What::Idle {
                    key: key.name.clone(),
                    with: format!("in the dialect {}", dialect_word(dialect)),
                    help: match dialect {
                        Dialect::Rfc => "an RFC server has one host: `issuer:`",
                        Dialect::Salesforce => {
                            "write `dialect: rfc`, or name the host `my_domain:`"
                        }
                    }
                    .to_owned(),
                },
                key.at,
            );
            continue;
        }
        if let Some(url) = base_url(value, walk) {
            hosts.push((kind, url));
        }
    }
    if hosts.is_empty() && walk.mistakes.is_empty() {
        walk.wrong::<()>("at least one host", node);
    }
    hosts
}

const fn dialect_word(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Salesforce => "salesforce",
        Dialect::Rfc => "rfc",
    }
}

/// A base URL: `https`, or `http` on loopback; no user, query or fragment.
fn base_url(node: &Node, walk: &mut Walk) -> Option<Url> {
    let text = walk.line(node)?;
    if text.contains('@') {
        // `https://user:password@host`: told without the text.
        let key = "a user in an address".to_owned();
        walk.note(What::InlineSecret { key }, node.at);
        return None;
    }
    let refused = match Url::parse(&text) {
        Err(error) => error.to_string(),
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            "it has a query or a fragment".to_owned()
        }
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => {
            let trimmed = url.path().trim_end_matches('/').to_owned();
            let mut url = url;
            url.set_path(&trimmed);
            return Some(url);
        }
        Ok(url) if url.scheme() == "http" => "it has to be `https`".to_owned(),
        Ok(_) => "it has to begin with `https://`".to_owned(),
    };
    walk.note(
        What::Address {
            given: yaml::shorten(&text),
            noun: "a host",
            reason: refused,
        },
        node.at,
    );
    None
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Reads each entry of a section.
fn section<T>(
    fields: &Fields<'_>,
    key: &'static str,
    walk: &mut Walk,
    read: fn(&str, &Node, &mut Walk) -> Option<T>,
) -> Vec<T> {
    let Some(entries) = fields
        .value(key)
        .and_then(|node| walk.entries(node, &format!("{key} by name")))
    else {
        return Vec::new();
    };
    entries
        .iter()
        .filter_map(|(key, node)| read(&key.name, node, walk))
        .collect()
}

fn app(name: &str, node: &Node, walk: &mut Walk) -> Option<TargetFileApp> {
    let place = format!("apps.{name}");
    let fields = walk.fields(node, "an app of a target", &keys::names(keys::TARGET_APP))?;
    let client_id = sourced(&fields, "client_id", &place, walk);
    if fields.value("client_id").is_none() {
        let help = "write the consumer key, or `env:NAME`";
        walk.note(
            What::Absent {
                key: "client_id",
                help,
            },
            node.at,
        );
    }
    let kind = match word(&fields, "kind", "kind of app", keys::TARGET_APP, walk) {
        Some("connected_app") => AppKind::ConnectedApp,
        _ => AppKind::ExternalClientApp,
    };
    let client_authentication = match word(
        &fields,
        "client_authentication",
        "way of authentication",
        keys::TARGET_APP,
        walk,
    ) {
        Some("basic") => ClientAuthentication::Basic,
        _ => ClientAuthentication::Body,
    };
    let redirect_uri = fields
        .value("redirect_uri")
        .and_then(|node| callback(node, walk));
    Some(TargetFileApp {
        name: name.to_owned(),
        kind,
        client_secret: secret(&fields, "client_secret", &place, walk),
        redirect_uri,
        client_authentication,
        jwt_key: secret(&fields, "jwt_key", &place, walk),
        client_id: client_id?,
    })
}

fn user(name: &str, node: &Node, walk: &mut Walk) -> Option<TargetFileUser> {
    let place = format!("users.{name}");
    let fields = walk.fields(node, "a user of a target", &keys::names(keys::TARGET_USER))?;
    if fields.value("username").is_none() {
        let help = "write the username, or `env:NAME`";
        walk.note(
            What::Absent {
                key: "username",
                help,
            },
            node.at,
        );
    }
    let username = sourced(&fields, "username", &place, walk);
    Some(TargetFileUser {
        name: name.to_owned(),
        password: secret(&fields, "password", &place, walk),
        security_token: secret(&fields, "security_token", &place, walk),
        verification_code: secret(&fields, "verification_code", &place, walk),
        username: username?,
    })
}

/// A callback URL: any absolute URL without a fragment (RFC 6749 section 3.1.2), kept byte for byte.
fn callback(node: &Node, walk: &mut Walk) -> Option<String> {
    let text = walk.line(node)?;
    let reason = match Url::parse(&text) {
        Ok(url) if url.fragment().is_none() => return Some(text),
        Ok(_) => "it has a fragment (RFC 6749 section 3.1.2)".to_owned(),
        Err(error) => error.to_string(),
    };
    walk.note(
        What::Address {
            given: yaml::shorten(&text),
            noun: "a callback URL",
            reason,
        },
        node.at,
    );
    None
}

pub(super) fn word(
    fields: &Fields<'_>,
    key: &str,
    noun: &'static str,
    table: &[Key],
    walk: &mut Walk,
) -> Option<&'static str> {
    let node = fields.value(key)?;
    let words = table
        .iter()
        .find(|row| row.name == key)
        .and_then(|row| match row.shape {
            keys::Shape::Words(words) => Some(words),
            _ => None,
        })?;
    walk.word(node, noun, words)
}

/// A value that may stand in the file, or come from elsewhere.
fn sourced(fields: &Fields<'_>, key: &str, place: &str, walk: &mut Walk) -> Option<Sourced> {
    let node = fields.value(key)?;
    let text = walk.line(node)?;
    Some(Sourced {
        from: reference(&text).unwrap_or(Reference::Plain(text)),
        key: format!("{place}.{key}"),
        line: node.at.line,
    })
}

/// A secret: by reference, or refused.
fn secret(fields: &Fields<'_>, key: &str, place: &str, walk: &mut Walk) -> Option<Sourced> {
    let node = fields.value(key)?;
    if node.is_null() {
        return None;
    }
    let from = match &node.kind {
        Kind::Scalar { text, .. } => reference(text),
        _ => return walk.wrong("`env:NAME`, `file:PATH` or `command:SHELL`", node),
    };
    let Some(from) = from else {
        walk.note(
            What::InlineSecret {
                key: key.to_owned(),
            },
            node.at,
        );
        return None;
    };
    Some(Sourced {
        from,
        key: format!("{place}.{key}"),
        line: node.at.line,
    })
}

/// Reads `env:NAME`, `file:PATH` or `command:SHELL`; `None` for any other text.
fn reference(text: &str) -> Option<Reference> {
    let (kind, rest) = text.trim().split_once(':')?;
    let rest = rest.trim();
    if rest.is_empty() {
        return None;
    }
    match kind {
        // What cannot be the name of a variable is a text that happens to begin so.
        "env" if rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            Some(Reference::Env(rest.to_owned()))
        }
        "file" => Some(Reference::File(rest.into())),
        "command" => Some(Reference::Command(rest.to_owned())),
        _ => None,
    }
}
