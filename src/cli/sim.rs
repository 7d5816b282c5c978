//! The simulated org as the target of a run: one server on loopback for the whole run, one org for each story.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use tokio::sync::oneshot;
use url::Url;

use super::failure::{COULD_NOT_RUN, Failure};
use crate::agent::{BuiltInAgent, HandedOver, HandingAgent};
use crate::cause::AppKind;
use crate::edge::ca::ProcessCa;
use crate::edge::callback::TlsCallbackServer;
use crate::edge::clock::{SystemClock, VirtualClock};
use crate::edge::entropy::SystemEntropy;
use crate::edge::listen::bind_loopback;
use crate::edge::transport::{HyperTransport, Options};
use crate::exchange::{Fault, Request, Response};
use crate::factor::{Delta, Factor};
use crate::grant::ClientAuthentication;
use crate::model::{AppId, OrgState};
use crate::oauth::{Dialect, GrantKind, HostKind};
use crate::org::{
    self, FaultAt, FaultKind, Gate, LedgerEntry, Listener, OrgServer, Serving, Setup, Tenant,
};
use crate::plan::PlannedGrant;
use crate::ports::{
    Boxed, Callback, CallbackServer, Clock, Ports, Transport, UserAgent, Visit, Visited,
};
use crate::report::{JudgedCheck, Judgement};
use crate::run::Stage;
use crate::scenario::{self, BrowserSession, HARNESS, ServerFault, Story, StoryStep};
use crate::secret::{Register, Secret};
use crate::target::{ANY_CALLBACK, Target, TargetApp, TargetUser};

/// The address that the org sees where a story names none.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The first label of the host names of a served org.
pub(super) const LABEL: &str = "acme";

/// The names that the org's certificate is for: those of every org of the process, and the plain ones.
pub(super) const NAMES: &[&str] = &[
    "localhost",
    "*.my.localhost",
    "login.localhost",
    "test.localhost",
    "127.0.0.1",
    "::1",
];

/// The server of a run.
pub struct Sim {
    server: OrgServer,
    ca: Arc<ProcessCa>,
    transport: HyperTransport,
    end: Option<oneshot::Sender<()>>,
}

impl Sim {
    /// Binds free ports and serves on them until this value is dropped. Needs a tokio runtime.
    pub fn start() -> Result<Self, Failure> {
        let now = SystemClock.now();
        let ca = Arc::new(ProcessCa::new(
            "grantproof simulated org (this process only)",
            now,
        )?);
        let tls = ca.issue(NAMES, now)?.server_config()?;
        let mut listeners = Vec::new();
        let mut port = |gate: Gate| listen(gate, 0, &mut listeners);
        let ports = org::Ports {
            login: port(Gate::Login)?,
            my_domain: port(Gate::MyDomain)?,
            test: Some(port(Gate::Test)?),
            admin: None,
        };
        let server = OrgServer::new(ports);
        let (end, ended) = oneshot::channel::<()>();
        let serving = server.clone();
        tokio::spawn(async move {
            serving
                .serve(Serving { listeners, tls }, async { drop(ended.await) })
                .await;
        });
        let options = Options {
            authorities: vec![authority(&ca)],
            system_roots: false,
            ..Options::default()
        };
        Ok(Self {
            server,
            ca,
            transport: HyperTransport::new(options)?,
            end: Some(end),
        })
    }

    /// An org of its own for a story. `number` tells the orgs of a run apart.
    pub fn stage(&self, story: &Story, number: usize) -> Result<SimStage, Failure> {
        let start = story.setup.now.unwrap_or_else(|| SystemClock.now());
        let state = state_of(story, start)?;
        let sets_callbacks = story
            .setup
            .app
            .deltas
            .iter()
            .any(|delta| delta.factor == Factor::CallbackUrl);
        Ok(self.open(state, start, number, |tenant, clock| {
            let ca = Arc::clone(&self.ca);
            Back::Bound(Registering {
                callbacks: TlsCallbackServer::new(
                    move |names| ca.issue(names, SystemClock.now())?.server_config(),
                    Arc::new(clock.clone()),
                ),
                tenant: Arc::clone(tenant),
                registers: !sets_callbacks,
            })
        }))
    }

    /// An org of its own that is in a state already, at a moment. Callbacks are handed over as they are registered, and no port is bound.
    pub fn stage_of(&self, state: OrgState, start: Timestamp, number: usize) -> SimStage {
        self.open(state, start, number, |_, _| {
            Back::Handed(HandedOver::default())
        })
    }

    fn open(
        &self,
        state: OrgState,
        start: Timestamp,
        number: usize,
        back: impl FnOnce(&Arc<Tenant>, &VirtualClock) -> Back,
    ) -> SimStage {
        let clock = VirtualClock::new(start);
        let kinds = state
            .apps
            .iter()
            .map(|app| (app.name.clone(), app.kind))
            .collect();
        let label = format!("t{number}");
        let tenant = Arc::new(Tenant::new(Setup {
            label: label.clone(),
            number: number as u64,
            state,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SystemEntropy),
        }));
        self.server.register(Arc::clone(&tenant));
        let addressed = Addressed {
            transport: self.transport.clone(),
            tenant: Arc::clone(&tenant),
            addresses: Mutex::new((HERE, HERE)),
        };
        let back = back(&tenant, &clock);
        let over = match &back {
            Back::Handed(over) => Some(over.clone()),
            Back::Bound(_) => None,
        };
        SimStage {
            server: self.server.clone(),
            label,
            kinds,
            back,
            agent: OwnAgent {
                transport: addressed,
                clock: clock.clone(),
                over,
            },
            clock,
            tenant,
            traced: false,
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            let _ = end.send(());
        }
    }
}

/// Binds a gate to a port, on every loopback address that the machine has; gives the port.
pub(super) fn listen(gate: Gate, port: u16, listeners: &mut Vec<Listener>) -> Result<u16, Failure> {
    let sockets = bind_loopback(port)?;
    let port = sockets
        .first()
        .and_then(|socket| socket.local_addr().ok())
        .map(|address| address.port())
        .ok_or_else(|| {
            Failure::new(
                COULD_NOT_RUN,
                "no loopback address to listen on",
                "check that the interface `lo` is up",
            )
        })?;
    listeners.extend(sockets.into_iter().map(|socket| Listener { gate, socket }));
    Ok(port)
}

fn authority(ca: &ProcessCa) -> CertificateDer<'static> {
    ca.certificate_der().clone()
}

/// The org that a story sets up. Values were checked when the file was read.
pub(super) fn state_of(story: &Story, now: Timestamp) -> Result<OrgState, Failure> {
    scenario::world(&story.setup, now).map_err(|error| {
        Failure::new(
            super::failure::USAGE,
            format!("{}: {error}", story.label()),
            &error.help(),
        )
    })
}

/// The org of one story. Dropped, the org is gone and its memory free.
pub struct SimStage {
    server: OrgServer,
    label: String,
    kinds: Vec<(String, AppKind)>,
    tenant: Arc<Tenant>,
    clock: VirtualClock,
    back: Back,
    agent: OwnAgent,
    traced: bool,
}

impl Drop for SimStage {
    fn drop(&mut self) {
        self.server.unregister(&self.label);
    }
}

impl SimStage {
    /// The same, with what the org judges told beside each step.
    #[must_use]
    pub const fn traced(mut self, traced: bool) -> Self {
        self.traced = traced;
        self
    }

    /// Every secret of this org: what it gave out, and what its clients and people know.
    pub fn secrets(&self) -> Vec<String> {
        let known = self.tenant.credentials();
        let mut secrets = self.tenant.issued();
        for app in &known.apps {
            secrets.extend(
                app.former_secrets
                    .iter()
                    .chain([&app.client_secret])
                    .map(|secret| secret.expose().to_owned()),
            );
        }
        for person in &known.people {
            secrets.extend(
                [&person.password, &person.security_token].map(|secret| secret.expose().to_owned()),
            );
        }
        secrets
    }

    /// The target as a file would describe it, with this org's credentials.
    pub fn target(&self, story: &Story) -> Target {
        let credentials = self.tenant.credentials();
        let hosts = [HostKind::MyDomain, HostKind::Login, HostKind::Test]
            .into_iter()
            .filter_map(|kind| {
                Some((
                    kind,
                    self.server
                        .base_url(&self.label, kind)?
                        .parse::<Url>()
                        .ok()?,
                ))
            })
            .collect();
        // An RSA key takes its time: it is made for the first story that signs.
        let key = signs(story).then(|| org::client_key_pem().clone());
        let apps = credentials.apps.iter().map(|app| TargetApp {
            name: app.name.clone(),
            kind: self.app_kind(&app.name).unwrap_or_default(),
            client_id: app.client_id.clone(),
            client_secret: Some(app.client_secret.clone()),
            redirect_uri: ANY_CALLBACK.to_owned(),
            client_authentication: ClientAuthentication::Body,
            jwt_key: key.clone(),
        });
        let users = credentials.people.iter().map(|person| TargetUser {
            name: person
                .username
                .strip_suffix("@acme.test")
                .unwrap_or(&person.username)
                .to_owned(),
            username: person.username.clone(),
            password: Some(person.password.clone()),
            security_token: Some(person.security_token.clone()),
            verification_code: Some(person.verification_code.clone()),
        });
        Target {
            name: "simulated org".to_owned(),
            simulated: true,
            dialect: Dialect::Salesforce,
            hosts,
            ca: None,
            apps: apps.collect(),
            users: users.collect(),
        }
    }
}

fn signs(story: &Story) -> bool {
    story.steps.iter().any(
        |step| matches!(&step.does, StoryStep::Grant(grant) if grant.grant == GrantKind::JwtBearer),
    )
}

impl Stage for SimStage {
    fn ports<'a>(&'a self, secrets: &'a Register) -> Ports<'a> {
        Ports {
            transport: &self.agent.transport,
            clock: &self.clock,
            entropy: &SystemEntropy,
            callbacks: match &self.back {
                Back::Bound(callbacks) => callbacks,
                Back::Handed(over) => over,
            },
            agent: &self.agent,
            secrets,
        }
    }

    fn app_kind(&self, app: &str) -> Option<AppKind> {
        self.kinds
            .iter()
            .find(|(name, _)| name == app)
            .map(|(_, kind)| *kind)
    }

    fn change(&self, deltas: &[Delta]) -> Result<(), String> {
        for delta in deltas {
            self.tenant
                .change(delta, AppId(0))
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn fault(&self, fault: ServerFault) {
        let kind = match fault {
            ServerFault::ServerError => FaultKind::ServerError,
            ServerFault::LostResponse => FaultKind::LostResponse,
        };
        self.tenant.fault(FaultAt::Token, kind);
    }

    fn prepare(&self, step: &PlannedGrant) {
        let address = step.from.unwrap_or(HERE);
        *self
            .agent
            .transport
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = (address, step.use_from.unwrap_or(address));
        if step.browser_session == BrowserSession::Other
            && let Some(person) = &step.grant.person
        {
            self.tenant.browser_of_other_org(&person.username);
        }
        if !step.away.is_zero() {
            self.tenant.person_away(step.away);
        }
        if let Some(count) = step.grant.deviations.at_once.filter(|count| *count > 1) {
            self.tenant.refreshes_at_once(count);
        }
    }

    fn judgements(&self) -> Vec<Judgement> {
        if !self.traced {
            return Vec::new();
        }
        self.tenant.take_ledger().iter().map(judgement).collect()
    }

    fn credentials(&self, app: &str) -> Option<(String, Secret)> {
        let credentials = self.tenant.credentials();
        let app = credentials
            .apps
            .into_iter()
            .find(|one| one.name == if app.is_empty() { HARNESS } else { app })?;
        Some((app.client_id, app.client_secret))
    }
}

/// An entry of the org's ledger as a report keeps it.
fn judgement(entry: &LedgerEntry) -> Judgement {
    Judgement {
        event: entry.event.to_owned(),
        verdict: entry.verdict.to_owned(),
        cause: entry.cause.map(|cause| cause.name().to_owned()),
        lacking: entry
            .lacking
            .iter()
            .map(|cause| cause.name().to_owned())
            .collect(),
        checks: entry
            .checks
            .iter()
            .map(|row| JudgedCheck {
                stage: row.stage.name().to_owned(),
                check: crate::what_if::name(row.factor),
                field: row.factor.field().to_owned(),
                found: row.found.clone(),
                needed: row.needed.to_owned(),
                passed: row.passed,
                cause: row.cause.name().to_owned(),
            })
            .collect(),
    }
}

/// Lets the org see the address that the story names: one for the grant, one for the use of its token.
struct Addressed {
    transport: HyperTransport,
    tenant: Arc<Tenant>,
    addresses: Mutex<(IpAddr, IpAddr)>,
}

impl Transport for Addressed {
    fn send(&self, request: Request) -> Boxed<'_, Result<Response, Fault>> {
        let (grant, used) = *self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let path = request.url.path();
        let is_use = path.starts_with("/services/data")
            || path.ends_with("/userinfo")
            || path.starts_with("/id/");
        self.tenant
            .set_address(Some(if is_use { used } else { grant }));
        self.transport.send(request)
    }
}

/// How a browser comes back from the org.
enum Back {
    /// To a server on a port.
    Bound(Registering),
    /// By the hand of the agent.
    Handed(HandedOver),
}

/// Registers at the app where the callback server listens, unless the story sets the callback URLs itself.
struct Registering {
    callbacks: TlsCallbackServer,
    tenant: Arc<Tenant>,
    registers: bool,
}

impl CallbackServer for Registering {
    fn bind<'a>(
        &'a self,
        redirect_uri: &'a str,
        state: &'a str,
    ) -> Boxed<'a, Result<Box<dyn Callback>, Fault>> {
        Box::pin(async move {
            let callback = self.callbacks.bind(redirect_uri, state).await?;
            if self.registers {
                self.tenant
                    .register_callback(AppId(0), callback.redirect_uri());
            }
            Ok(callback)
        })
    }
}

/// The built-in agent with a transport of its own.
struct OwnAgent {
    transport: Addressed,
    clock: VirtualClock,
    /// Where it hands redirects to callbacks over; `None` where it follows them.
    over: Option<HandedOver>,
}

impl UserAgent for OwnAgent {
    fn visit<'a>(&'a self, visit: Visit<'a>) -> Boxed<'a, Visited> {
        Box::pin(async move {
            let (transport, clock) = (&self.transport, &self.clock);
            match &self.over {
                Some(over) => {
                    HandingAgent::new(transport, clock, over.clone())
                        .visit(visit)
                        .await
                }
                None => BuiltInAgent::new(transport, clock).visit(visit).await,
            }
        })
    }

    fn is_unattended(&self) -> bool {
        true
    }
}
