//! `org serve`: the simulated org as a server for any client, until a signal comes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::args::{Format, Serve};
use super::failure::{COULD_NOT_RUN, Failure, OK};
use super::load::rendered;
use super::sim::{LABEL, NAMES, listen};
use crate::cause::AppKind;
use crate::edge::ca::ProcessCa;
use crate::edge::clock::{MovedClock, SystemClock};
use crate::edge::dirs::Dirs;
use crate::edge::entropy::SystemEntropy;
use crate::edge::listen::bind_loopback;
use crate::edge::proxy::{self, Proxy};
use crate::edge::{signal, terminal};
use crate::model::{App, AppId, AppSettings, OrgState, PermittedUsers, Timeline};
use crate::oauth::{HostKind, ScopeSet};
use crate::org::{self, Gate, OrgServer, Ports, Serving, Setup, Tenant, Weather};
use crate::ports::{Clock as _, Entropy as _};
use crate::scenario::{self, HARNESS, Scenario};
use crate::secret::Secret;

/// Refreshes of real clients that come within this time of one another are "at once".
const REFRESH_HOLD: Duration = Duration::from_millis(30);
/// Where a client of the served org may be called back, beside what an org file says.
const CALLBACKS: &[&str] = &[
    "https://localhost:8443/callback",
    "http://localhost:1717/OauthRedirect",
    "http://localhost:8080/callback",
];

/// The app of this name stands for the one that the Salesforce CLI brings along. (The name of its record is assumed; it matters to nobody.)
const CLI_APP: &str = "SalesforceCLI";
/// The consumer key that the Salesforce CLI logs in with unless told otherwise, without a secret (`@salesforce/core`).
const CLI_KEY: &str = "PlatformCLI";

/// Salesforce's names, in the certificate where a proxy leads them here. A star stands for one label.
const SALESFORCE: &[&str] = &[
    "*.salesforce.com",
    "*.my.salesforce.com",
    "*.sandbox.my.salesforce.com",
    "*.develop.my.salesforce.com",
    "*.scratch.my.salesforce.com",
    "*.demo.my.salesforce.com",
    "*.trailblaze.my.salesforce.com",
    "*.force.com",
    "*.lightning.force.com",
];

pub(super) fn run(arguments: &Serve) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(COULD_NOT_RUN, format!("failed to start: {error}"), ""))?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &Serve) -> Result<u8, Failure> {
    let clock = MovedClock::new();
    let tenant = Arc::new(Tenant::new(Setup {
        label: LABEL.to_owned(),
        number: 1,
        state: state(arguments)?,
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(SystemEntropy),
    }));
    tenant.hold_refreshes(REFRESH_HOLD);
    if arguments.strict {
        tenant.be_strict();
    }
    tenant.set_weather(Weather {
        latency: Duration::from_millis(arguments.latency),
        fail_one_in: arguments.fail_one_in,
        seed: arguments.seed,
        refreshes_a_minute: arguments.refreshes_a_minute,
        told: Some(Arc::new(|line: &str| terminal::err(line))),
    });
    let cli = tenant.look(|state, _| state.apps.iter().position(|app| app.name == CLI_APP));
    if let Some(app) = cli {
        tenant.set_consumer_key(AppId(app), CLI_KEY);
    }
    let now = SystemClock.now();
    let ca = ProcessCa::new("grantproof simulated org (this process only)", now)?;
    let mut names = NAMES.to_vec();
    if arguments.proxy_port.is_some() {
        names.extend(SALESFORCE);
    }
    let tls = ca.issue(&names, now)?.server_config()?;
    let mut listeners = Vec::new();
    let ports = Ports {
        login: listen(Gate::Login, arguments.login_port, &mut listeners)?,
        my_domain: listen(Gate::MyDomain, arguments.port, &mut listeners)?,
        test: Some(listen(Gate::Test, 0, &mut listeners)?),
        admin: Some(listen(Gate::Admin, arguments.admin_port, &mut listeners)?),
    };
    let proxy = match arguments.proxy_port {
        Some(port) => Some(lead(port, ports)?),
        None => None,
    };
    let door = door_token();
    let server = OrgServer::with_door(ports, door.clone());
    server.register_default(Arc::clone(&tenant));
    let stop = signal::stop()?;
    let files = Files::of(arguments)?;
    write(&files.ca, ca.certificate_pem().as_bytes(), false)?;
    let credentials = serde_json::to_vec_pretty(&credentials(&tenant, &door)).unwrap_or_default();
    write(&files.credentials, &credentials, true)?;
    let mut ready = ready(&server, &tenant, ports, &files);
    if let Some((_, url)) = &proxy {
        ready["proxy_url"] = json!(url);
    }
    super::failure::print(&match arguments.format {
        Format::Json => format!("{ready}\n"),
        Format::Human | Format::Plain => words(&ready),
    })?;
    server
        .serve(Serving { listeners, tls }, async {
            let _ = stop.await;
        })
        .await;
    // Secrets of an org that is gone are of no use to anybody, and our own files are not left behind.
    if files.ours {
        let _ = files.credentials.parent().map(std::fs::remove_dir_all);
    }
    Ok(OK)
}

/// Leads Salesforce's names to the gates of the org; what is led nowhere is told on stderr.
fn lead(port: u16, ports: Ports) -> Result<(Proxy, String), Failure> {
    let listeners = bind_loopback(port)?;
    let port = listeners
        .first()
        .and_then(|listener| listener.local_addr().ok())
        .map_or(port, |address| address.port());
    let to = proxy::Ports {
        login: ports.login,
        test: ports.test.unwrap_or(ports.login),
        my_domain: ports.my_domain,
    };
    let refused = |asked| terminal::err(&format!("proxy: refused {asked}"));
    let proxy = proxy::serve(listeners, to, proxy::Limits::default(), refused);
    Ok((proxy, format!("http://localhost:{port}")))
}

/// The org of the file, or the healthy one with a connected app beside the External Client App.
fn state(arguments: &Serve) -> Result<OrgState, Failure> {
    let now = SystemClock.now();
    let mut state = match &arguments.file {
        None => OrgState::healthy(),
        Some(path) if path.is_dir() => {
            return super::verify::org_of(path, arguments.app.as_deref());
        }
        Some(path) => {
            let setup = Scenario::read(path)
                .and_then(|file| file.org())
                .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
            scenario::world(&setup, now).map_err(|error| {
                Failure::new(
                    super::failure::USAGE,
                    format!("{}: {error}", path.display()),
                    &error.help(),
                )
            })?
        }
    };
    if arguments.file.is_none() {
        state.apps.push(App {
            name: "Legacy".to_owned(),
            kind: AppKind::ConnectedApp,
            known_from: jiff::Timestamp::MIN,
            settings: Timeline::new(AppSettings {
                // What CumulusCI asks for, which sends no challenge either.
                scopes: ScopeSet::from_wire("api web full refresh_token openid id"),
                pkce_required: false,
                ..AppSettings::healthy()
            }),
        });
        state.apps.push(App {
            name: CLI_APP.to_owned(),
            kind: AppKind::ConnectedApp,
            known_from: jiff::Timestamp::MIN,
            settings: Timeline::new(AppSettings {
                scopes: ScopeSet::from_wire("refresh_token api web"),
                permitted_users: PermittedUsers::AllSelfAuthorized,
                consumer_secret_optional: true,
                secret_required_for_refresh_token: false,
                ..AppSettings::healthy()
            }),
        });
        for app in &mut state.apps {
            app.settings.change(now, now, |settings| {
                settings.callback_urls = CALLBACKS.iter().map(|url| (*url).to_owned()).collect();
            });
        }
    }
    Ok(state)
}

fn door_token() -> Secret {
    let mut octets = [0; 24];
    SystemEntropy.fill(&mut octets);
    let text = octets
        .iter()
        .fold(String::new(), |text, octet| format!("{text}{octet:02x}"));
    Secret::new(text)
}

/// Where certificate and credentials go.
struct Files {
    ca: PathBuf,
    credentials: PathBuf,
    /// Whether the folder is ours, to be taken away at the end.
    ours: bool,
}

impl Files {
    fn of(arguments: &Serve) -> Result<Self, Failure> {
        let folder = Dirs::find()?
            .state
            .join("orgs")
            .join(std::process::id().to_string());
        let ours = arguments.ca_out.is_none() || arguments.credentials_out.is_none();
        if ours {
            std::fs::create_dir_all(&folder).map_err(|error| {
                let text = format!("failed to make the folder {}: {error}", folder.display());
                Failure::new(
                    COULD_NOT_RUN,
                    text,
                    "name files with --ca-out and --credentials-out, or set GRANTPROOF_STATE_DIR",
                )
            })?;
        }
        let or =
            |path: &Option<PathBuf>, name: &str| path.clone().unwrap_or_else(|| folder.join(name));
        Ok(Self {
            ca: or(&arguments.ca_out, "ca.pem"),
            credentials: or(&arguments.credentials_out, "credentials.json"),
            ours,
        })
    }
}

/// Writes a file; a private one with mode 0600 from the start.
fn write(path: &Path, content: &[u8], private: bool) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::OpenOptionsExt as _;
        // An older file may be readable by others: the mode counts only for one that is made.
        let _ = std::fs::remove_file(path);
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    options
        .open(path)
        .and_then(|mut file| file.write_all(content))
        .map_err(|error| {
            let text = format!("failed to write {}: {error}", path.display());
            Failure::new(
                COULD_NOT_RUN,
                text,
                "choose another path with --ca-out and --credentials-out",
            )
        })
}

/// The credentials file: the one place where secrets are written by design.
fn credentials(tenant: &Tenant, door: &Secret) -> Value {
    let known = tenant.credentials();
    let apps: Vec<Value> = known
        .apps
        .iter()
        .enumerate()
        .map(|(place, app)| {
            let (kind, callbacks) = tenant.look(|state, _| {
                let known = &state.apps[place];
                (
                    known.kind.name(),
                    known.settings.latest().callback_urls.clone(),
                )
            });
            json!({
                "name": app.name,
                "kind": kind,
                "consumer_key": app.client_id,
                "consumer_secret": app.client_secret.expose(),
                "callback_urls": callbacks,
            })
        })
        .collect();
    let users: Vec<Value> = known
        .people
        .iter()
        .map(|person| {
            json!({
                "username": person.username,
                "password": person.password.expose(),
                "security_token": person.security_token.expose(),
                "verification_code": person.verification_code.expose(),
            })
        })
        .collect();
    json!({
        "schema_version": 1,
        "door_token": door.expose(),
        "apps": apps,
        "users": users,
        "jwt": {"app": HARNESS, "private_key_pem": org::client_key_pem().expose()},
    })
}

fn ready(server: &OrgServer, tenant: &Tenant, ports: Ports, files: &Files) -> Value {
    let known = tenant.credentials();
    let apps: Vec<Value> = tenant.look(|state, _| {
        let kinds = state.apps.iter().map(|app| app.kind.name());
        known
            .apps
            .iter()
            .zip(kinds)
            .map(|(app, kind)| json!({"name": app.name, "kind": kind, "consumer_key": app.client_id}))
            .collect()
    });
    let users: Vec<Value> = known
        .people
        .iter()
        .map(|person| json!({"username": person.username}))
        .collect();
    let base = |kind: HostKind| server.base_url(LABEL, kind);
    json!({
        "schema_version": 1,
        "base_urls": {"login": base(HostKind::Login), "test": base(HostKind::Test), "my_domain": base(HostKind::MyDomain)},
        "ca_file": files.ca,
        "admin_url": ports.admin.map(|port| format!("https://localhost:{port}")),
        "credentials_file": files.credentials,
        "apps": apps,
        "users": users,
    })
}

/// The ready line for people.
fn words(ready: &Value) -> String {
    use std::fmt::Write as _;

    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut out = String::from("The simulated org is ready. Ctrl-C ends it.\n\n");
    let rows = [
        ("My Domain", text(&ready["base_urls"]["my_domain"])),
        ("login host", text(&ready["base_urls"]["login"])),
        ("second door", text(&ready["admin_url"])),
        ("proxy", text(&ready["proxy_url"])),
        ("CA", text(&ready["ca_file"])),
        ("credentials", text(&ready["credentials_file"])),
    ];
    for (label, value) in rows {
        if value == "-" {
            continue;
        }
        let _ = writeln!(out, "  {label:<12} {value}");
    }
    for app in ready["apps"].as_array().into_iter().flatten() {
        let _ = writeln!(
            out,
            "  {:<12} {} ({}), consumer key {}",
            "app",
            text(&app["name"]),
            text(&app["kind"]).replace('_', " "),
            text(&app["consumer_key"])
        );
    }
    for user in ready["users"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "  {:<12} {}", "user", text(&user["username"]));
    }
    out
}
