//! What is asked: each answer from a text, checked, and as the flags that give it again.

use std::fmt::Write as _;

use url::{Host, Url};

use crate::oauth::{GrantKind, SCOPES, Scope};
use crate::scenario::nearest;

/// The grants that an External Client App has, in the order in which they are shown.
pub const GRANTS: [GrantKind; 6] = [
    GrantKind::AuthorizationCode,
    GrantKind::RefreshToken,
    GrantKind::ClientCredentials,
    GrantKind::JwtBearer,
    GrantKind::Device,
    GrantKind::TokenExchange,
];
/// What `--yes` takes: the grants that need nobody to be named.
const DEFAULT_GRANTS: [GrantKind; 3] = [
    GrantKind::AuthorizationCode,
    GrantKind::RefreshToken,
    GrantKind::JwtBearer,
];
/// Port and path of the README's examples.
const CALLBACK: &str = "https://localhost:8443/callback";
/// Names of RFC 2606: nobody's.
const CONTACT: &str = "admin@example.com";
const MY_DOMAIN: &str = "https://my-domain.example";
/// Names are made from the app's name; this leaves room in every limit of Salesforce.
const LONGEST_NAME: usize = 40;
/// All callback URLs together, as Salesforce has it.
const CALLBACKS: usize = 2000;
/// Scopes that only say who the user is.
const IDENTITY: [&str; 6] = ["openid", "id", "profile", "email", "address", "phone"];
/// Scopes that open no API of their own.
const NO_API: [&str; 4] = [
    "refresh_token",
    "offline_access",
    "web",
    "custom_permissions",
];
/// How the line of the target file begins that keeps the answers.
const RECORD: &str = "# grantproof init ";

/// Flags, or answers in the terminal, as texts; `None` where nothing was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the names of the flags")]
pub struct Given {
    pub name: Option<String>,
    pub grants: Option<String>,
    pub callback: Vec<String>,
    pub contact: Option<String>,
    pub scopes: Option<String>,
    pub my_domain: Option<String>,
    pub run_as: Option<String>,
    pub permission_set: Option<String>,
}

/// Answers that fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The developer name of the app.
    pub name: String,
    /// Its grants, each once, in the order of [`GRANTS`].
    pub grants: Vec<GrantKind>,
    /// Its callback URLs; the first is that of the harness.
    pub callbacks: Vec<String>,
    /// Its contact.
    pub contact: String,
    /// Its scopes.
    pub scopes: Vec<&'static Scope>,
    /// The org's base URL, without a slash at the end.
    pub my_domain: String,
    /// Whom client credentials and the token exchange handler act as.
    pub run_as: Option<String>,
    /// The permission set that admits a user.
    pub permission_set: String,
}

/// An answer that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{flag}: {reason}")]
pub struct Wrong {
    /// The flag.
    pub flag: &'static str,
    /// What is the matter.
    pub reason: String,
    /// What would be right.
    pub help: String,
}

fn wrong<T>(
    flag: &'static str,
    reason: impl Into<String>,
    help: impl Into<String>,
) -> Result<T, Wrong> {
    Err(Wrong {
        flag,
        reason: reason.into(),
        help: help.into(),
    })
}

impl Given {
    /// What the first line of a target file says, if [`Answers::to_record`] wrote it.
    pub fn of_record(target_file: &str) -> Option<Self> {
        let line = target_file
            .lines()
            .find_map(|line| line.strip_prefix(RECORD))?;
        let mut given = Self::default();
        let mut words = line.split_whitespace();
        while let (Some(flag), Some(value)) = (words.next(), words.next()) {
            let value = value.to_owned();
            match flag {
                "--name" => given.name = Some(value),
                "--grants" => given.grants = Some(value),
                "--callback" => given.callback.push(value),
                "--contact" => given.contact = Some(value),
                "--scopes" => given.scopes = Some(value),
                "--my-domain" => given.my_domain = Some(value),
                "--run-as" => given.run_as = Some(value),
                "--permission-set" => given.permission_set = Some(value),
                _ => return None,
            }
        }
        Some(given)
    }

    /// The answers of this, where it is silent those of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            grants: self.grants.or(other.grants),
            callback: if self.callback.is_empty() {
                other.callback
            } else {
                self.callback
            },
            contact: self.contact.or(other.contact),
            scopes: self.scopes.or(other.scopes),
            my_domain: self.my_domain.or(other.my_domain),
            run_as: self.run_as.or(other.run_as),
            permission_set: self.permission_set.or(other.permission_set),
        }
    }

    /// Checks what was said and takes the defaults for the rest. `folder` is the name of the folder, which gives the app its name where
    /// nobody does. `Err` for the first answer that cannot be taken.
    pub fn answers(&self, folder: &str) -> Result<Answers, Wrong> {
        let name = match &self.name {
            Some(name) => developer_name("--name", name)?,
            None => name_of_folder(folder),
        };
        let grants = match &self.grants {
            Some(words) => grants(words)?,
            None => DEFAULT_GRANTS.to_vec(),
        };
        let callbacks = match &self.callback[..] {
            [] => vec![CALLBACK.to_owned()],
            given => callbacks(given)?,
        };
        let scopes = match &self.scopes {
            Some(words) => scopes(words)?,
            None => default_scopes(&grants),
        };
        enough(&grants, &scopes)?;
        let run_as = self.run_as.as_deref().map(username).transpose()?;
        if run_as.is_none()
            && let Some(grant) = grants.iter().find(|grant| needs_run_as(**grant))
        {
            let reason = format!(
                "the {} acts as a user of your org, and nobody is named",
                grant.label()
            );
            return wrong(
                "--run-as",
                reason,
                "give the username: `--run-as integration@acme.com`; or leave the grant out of `--grants`",
            );
        }
        Ok(Answers {
            permission_set: match &self.permission_set {
                Some(set) => developer_name("--permission-set", set)?,
                None => format!("{name}_Users"),
            },
            contact: match &self.contact {
                Some(contact) => email(contact)?,
                None => CONTACT.to_owned(),
            },
            my_domain: match &self.my_domain {
                Some(url) => my_domain(url)?,
                None => MY_DOMAIN.to_owned(),
            },
            name,
            grants,
            callbacks,
            scopes,
            run_as,
        })
    }
}

impl Answers {
    /// Whether the app has a grant.
    pub fn has(&self, grant: GrantKind) -> bool {
        self.grants.contains(&grant)
    }

    /// Whether nobody said who is responsible for the app.
    pub fn contact_is_open(&self) -> bool {
        self.contact == CONTACT
    }

    /// Whether nobody said which org it is.
    pub fn my_domain_is_open(&self) -> bool {
        self.my_domain == MY_DOMAIN
    }

    /// The line that gives these answers again, for the head of the target file.
    pub fn to_record(&self) -> String {
        let mut line = format!(
            "{RECORD}--name {} --grants {}",
            self.name,
            joined(self.grants.iter().map(|grant| grant.name()))
        );
        let mut add = |flag: &str, value: &str| {
            // Writing to a text cannot fail.
            let _ = write!(line, " {flag} {value}");
        };
        for callback in &self.callbacks {
            add("--callback", callback);
        }
        add("--contact", &self.contact);
        add(
            "--scopes",
            &joined(self.scopes.iter().map(|scope| scope.wire)),
        );
        add("--my-domain", &self.my_domain);
        if let Some(user) = &self.run_as {
            add("--run-as", user);
        }
        add("--permission-set", &self.permission_set);
        line
    }

    /// The first flag by which these answers differ from others.
    pub fn differs(&self, other: &Self) -> Option<&'static str> {
        let flags = [
            ("--name", self.name != other.name),
            ("--grants", self.grants != other.grants),
            ("--callback", self.callbacks != other.callbacks),
            ("--contact", self.contact != other.contact),
            ("--scopes", self.scopes != other.scopes),
            ("--my-domain", self.my_domain != other.my_domain),
            ("--run-as", self.run_as != other.run_as),
            (
                "--permission-set",
                self.permission_set != other.permission_set,
            ),
        ];
        flags
            .into_iter()
            .find_map(|(flag, differs)| differs.then_some(flag))
    }
}

/// Whether the hosts of a target file are still the placeholder.
pub fn names_no_org(target_file: &str) -> bool {
    target_file
        .lines()
        .any(|line| !line.starts_with('#') && line.contains(MY_DOMAIN))
}

/// Whether a grant acts as a user whom the metadata names.
pub fn needs_run_as(grant: GrantKind) -> bool {
    matches!(
        grant,
        GrantKind::ClientCredentials | GrantKind::TokenExchange
    )
}

fn joined<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.collect::<Vec<_>>().join(",")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}

/// A name as Salesforce has it: letters, digits and single underscores, a letter first.
fn developer_name(flag: &'static str, text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let fits = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !text.ends_with('_')
        && !text.contains("__")
        && text.len() <= LONGEST_NAME;
    if fits {
        return Ok(text.to_owned());
    }
    let near = name_of_folder(text);
    wrong(
        flag,
        format!("`{text}` is no developer name"),
        format!(
            "letters, digits and single underscores, a letter first, {LONGEST_NAME} characters at most: `{near}`"
        ),
    )
}

/// The nearest developer name to the name of a folder.
fn name_of_folder(folder: &str) -> String {
    let parts = folder
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("_");
    let name: String = name.chars().take(LONGEST_NAME - 3).collect();
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "My_App".to_owned(),
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        Some(_) => format!("My_{name}"),
    }
}

fn grants(text: &str) -> Result<Vec<GrantKind>, Wrong> {
    const FLAG: &str = "--grants";
    let valid = GRANTS.map(GrantKind::name).join(", ");
    let mut found = Vec::new();
    for word in words(text) {
        match GrantKind::parse(word) {
            Some(GrantKind::UsernamePassword) => {
                return wrong(
                    FLAG,
                    "an External Client App has no username-password flow",
                    format!("valid: {valid}"),
                );
            }
            Some(grant) => found.push(grant),
            None => {
                let near = nearest(word, GRANTS.map(GrantKind::name))
                    .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                return wrong(
                    FLAG,
                    format!("`{word}` is no grant"),
                    format!("{near}valid: {valid}"),
                );
            }
        }
    }
    if found.is_empty() {
        return wrong(FLAG, "no grant is named", format!("valid: {valid}"));
    }
    Ok(GRANTS
        .into_iter()
        .filter(|grant| found.contains(grant))
        .collect())
}

fn scopes(text: &str) -> Result<Vec<&'static Scope>, Wrong> {
    let mut found: Vec<&'static Scope> = Vec::new();
    for word in words(text) {
        let Some(scope) = Scope::find(word) else {
            let names = SCOPES.iter().map(|scope| scope.wire);
            let near = nearest(word, names.clone())
                .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            return wrong(
                "--scopes",
                format!("`{word}` is no scope"),
                format!("{near}valid: {}", names.collect::<Vec<_>>().join(", ")),
            );
        };
        if !found.contains(&scope) {
            found.push(scope);
        }
    }
    if found.is_empty() {
        return wrong("--scopes", "no scope is named", "`--scopes api`");
    }
    Ok(found)
}

/// What the grants need, and no more: the API; a refresh token where one is used, and where the JWT bearer flow asks for it; who the user is
/// where one logs in.
fn default_scopes(grants: &[GrantKind]) -> Vec<&'static Scope> {
    use GrantKind::{
        AuthorizationCode, ClientCredentials, Device, JwtBearer, RefreshToken, TokenExchange,
        UsernamePassword,
    };
    let any = |wanted: fn(&GrantKind) -> bool| grants.iter().any(wanted);
    let refresh = any(|grant| match grant {
        AuthorizationCode | RefreshToken | JwtBearer | Device => true,
        ClientCredentials | TokenExchange | UsernamePassword => false,
    });
    let login = any(|grant| matches!(grant, AuthorizationCode | RefreshToken));
    let words = [("api", true), ("refresh_token", refresh), ("openid", login)];
    words
        .into_iter()
        .filter(|(_, wanted)| *wanted)
        .filter_map(|(word, _)| Scope::find(word))
        .collect()
}

/// Whether the grants can pass with the scopes.
fn enough(grants: &[GrantKind], scopes: &[&Scope]) -> Result<(), Wrong> {
    let is_refresh = |word: &str| matches!(word, "refresh_token" | "offline_access");
    let has_refresh = scopes.iter().any(|scope| is_refresh(scope.wire));
    let refreshing = grants
        .iter()
        .find(|grant| matches!(grant, GrantKind::RefreshToken | GrantKind::JwtBearer));
    if let Some(grant) = refreshing
        && !has_refresh
    {
        let reason = format!(
            "the {} needs the scope `refresh_token` on the app",
            grant.label()
        );
        return wrong("--scopes", reason, "add it: `--scopes api,refresh_token`");
    }
    let of_a_server =
        |scope: &&&Scope| !is_refresh(scope.wire) && !matches!(scope.wire, "full" | "web");
    if grants.contains(&GrantKind::ClientCredentials)
        && !scopes.iter().any(|scope| of_a_server(&scope))
    {
        return wrong(
            "--scopes",
            "the client credentials flow gives none of these scopes",
            "add one that it gives: `--scopes api`",
        );
    }
    let login_only = scopes.iter().all(|scope| IDENTITY.contains(&scope.wire));
    let idle = |scope: &&Scope| IDENTITY.contains(&scope.wire) || NO_API.contains(&scope.wire);
    if !login_only && scopes.iter().all(idle) {
        return wrong(
            "--scopes",
            "none of these scopes opens an API, so a token would call nothing",
            "add one that does: `api`; an app that only logs users in has scopes such as `openid` alone",
        );
    }
    Ok(())
}

fn callbacks(given: &[String]) -> Result<Vec<String>, Wrong> {
    const FLAG: &str = "--callback";
    let mut found: Vec<String> = Vec::new();
    for text in given.iter().map(|text| text.trim()) {
        let reason = match Url::parse(text) {
            Err(error) => error.to_string(),
            Ok(_) if text.contains(char::is_whitespace) => "it holds a space".to_owned(),
            Ok(url) if url.fragment().is_some() => {
                "it has a fragment (RFC 6749 section 3.1.2)".to_owned()
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                "it names a user".to_owned()
            }
            Ok(url) if url.scheme() == "http" && !is_loopback(&url) => {
                "it has to be `https`".to_owned()
            }
            Ok(_) => {
                if !found.iter().any(|other| other == text) {
                    found.push(text.to_owned());
                }
                continue;
            }
        };
        // An address may hold what nobody should see: it is not repeated.
        return wrong(
            FLAG,
            format!("that is no callback URL: {reason}"),
            format!("`https`, `http` on localhost, or a scheme of your own: `{CALLBACK}`"),
        );
    }
    let together: usize = found.iter().map(|text| text.len() + 1).sum();
    if together > CALLBACKS {
        return wrong(
            FLAG,
            format!("the callback URLs are longer than {CALLBACKS} characters together"),
            "Salesforce takes no more: leave some out",
        );
    }
    Ok(found)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn my_domain(text: &str) -> Result<String, Wrong> {
    const FLAG: &str = "--my-domain";
    const EXAMPLE: &str = "Setup > My Domain shows it: `https://acme.my.salesforce.com`";
    let url = match Url::parse(text.trim()) {
        Ok(url) => url,
        Err(error) => return wrong(FLAG, format!("that is no address: {error}"), EXAMPLE),
    };
    let host = url.host_str().unwrap_or_default();
    let reason = if !url.username().is_empty() || url.password().is_some() {
        "the address names a user".to_owned()
    } else if !(url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url))) {
        "the address has to begin with `https://`".to_owned()
    } else if matches!(host, "login.salesforce.com" | "test.salesforce.com") {
        format!("`{host}` is shared by all orgs, and an External Client App answers on its own org")
    } else if host.ends_with(".lightning.force.com") {
        format!("`{host}` shows pages; tokens are given by the My Domain host")
    } else if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        "only the host is wanted".to_owned()
    } else {
        return Ok(url.as_str().trim_end_matches('/').to_owned());
    };
    wrong(FLAG, reason, EXAMPLE)
}

/// Usernames have the form of an address.
fn username(text: &str) -> Result<String, Wrong> {
    if is_address(text) {
        return Ok(text.trim().to_owned());
    }
    wrong(
        "--run-as",
        "that is no username",
        "a username has the form of an e-mail address: `integration@acme.com`",
    )
}

fn email(text: &str) -> Result<String, Wrong> {
    if is_address(text) {
        return Ok(text.trim().to_owned());
    }
    wrong(
        "--contact",
        "that is no e-mail address",
        "`--contact you@acme.com`",
    )
}

fn is_address(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 80
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && matches!(text.split_once('@'), Some((local, domain))
            if !local.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.starts_with('.') && !domain.ends_with('.'))
}
