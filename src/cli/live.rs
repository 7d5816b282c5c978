//! A target that others keep: a live org, another process, any RFC server.

use std::path::Path;
use std::sync::Arc;

use super::args::{self, Agent};
use super::failure::{Failure, USAGE};
use super::load::rendered;
use crate::agent::{BuiltInAgent, HandedOver, HandingAgent};
use crate::cause::AppKind;
use crate::edge::browser::{Notice, Paste, SystemBrowser};
use crate::edge::ca::HarnessCa;
use crate::edge::callback::TlsCallbackServer;
use crate::edge::certificate;
use crate::edge::clock::SystemClock;
use crate::edge::dirs::Dirs;
use crate::edge::entropy::SystemEntropy;
use crate::edge::terminal;
use crate::edge::transport::{HyperTransport, Options};
use crate::factor::Delta;
use crate::oauth::Dialect;
use crate::plan::PlannedGrant;
use crate::ports::{CallbackServer, Clock, Ports, UserAgent};
use crate::run::Stage;
use crate::scenario::ServerFault;
use crate::secret::{Register, Secret};
use crate::target::{System, Target, TargetFile};

/// How long a person has for the browser. The drivers keep the real deadline; this is what the person is told.
const PERSON: std::time::Duration = std::time::Duration::from_mins(5);

/// The surroundings of every story of a live target.
pub(super) struct Live {
    pub(super) target: Target,
    transport: HyperTransport,
    callbacks: Box<dyn CallbackServer>,
    browser: Option<Box<dyn UserAgent>>,
    clock: SystemClock,
}

impl Live {
    /// Reads the target file and everything that it refers to.
    pub(super) fn open(arguments: &args::Run) -> Result<Self, Failure> {
        Self::at(&arguments.target, arguments.agent, arguments.paste)
    }

    /// The same for a file by its path, with a browser of choice.
    pub(super) fn at(path: &str, agent: Agent, paste: bool) -> Result<Self, Failure> {
        let file = TargetFile::read(Path::new(path))
            .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
        let target = file
            .resolve(&System)
            .map_err(|error| rendered([&error as &dyn miette::Diagnostic]))?;
        let mut authorities = Vec::new();
        if let Some(path) = &target.ca {
            let pem = std::fs::read(path).map_err(|error| {
                Failure::new(
                    USAGE,
                    format!("failed to read the CA {}: {error}", path.display()),
                    "`ca:` of the target file names it",
                )
            })?;
            authorities = certificate::from_pem(&pem)?;
        }
        let clock = SystemClock;
        let dirs = Dirs::find()?;
        let (callbacks, browser) = people(agent, paste, &dirs)?;
        if browser.is_none() {
            // The built-in agent calls our callback server itself, and must trust it.
            let ca = HarnessCa::load_or_create(&dirs.ca(), clock.now())?;
            authorities.push(ca.certificate_der().clone());
        }
        let transport = HyperTransport::new(Options {
            authorities,
            ..Options::default()
        })?;
        Ok(Self {
            target,
            transport,
            callbacks,
            browser,
            clock,
        })
    }

    /// Registers everything that the target file named as secret.
    pub(super) fn register(&self, secrets: &Register) {
        for app in &self.target.apps {
            for (kind, secret) in [
                ("client_secret", &app.client_secret),
                ("jwt_key", &app.jwt_key),
            ] {
                if let Some(secret) = secret {
                    secrets.add(kind, secret.expose());
                }
            }
        }
        for user in &self.target.users {
            let named = [
                ("password", &user.password),
                ("security_token", &user.security_token),
                ("verification_code", &user.verification_code),
            ];
            for (kind, secret) in named {
                if let Some(secret) = secret {
                    secrets.add(kind, secret.expose());
                }
            }
        }
    }

    /// How it speaks.
    pub(super) fn dialect(&self) -> Dialect {
        self.target.dialect
    }
}

type People = (Box<dyn CallbackServer>, Option<Box<dyn UserAgent>>);

/// Callback server and browser, as the command line chooses them.
fn people(agent: Agent, paste: bool, dirs: &Dirs) -> Result<People, Failure> {
    let say = |notice: Notice<'_>| terminal::err(&notice.to_string());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if paste {
        let paste = Paste::new(say, clock, PERSON);
        return Ok((Box::new(paste.clone()), Some(Box::new(paste))));
    }
    let ca = Arc::new(HarnessCa::load_or_create(&dirs.ca(), SystemClock.now())?);
    let callbacks = TlsCallbackServer::new(
        move |names| ca.issue(names, SystemClock.now())?.server_config(),
        Arc::clone(&clock),
    );
    let browser: Option<Box<dyn UserAgent>> = match agent {
        Agent::BuiltIn => None,
        Agent::Browser => Some(Box::new(SystemBrowser::new(say, clock, PERSON))),
    };
    Ok((Box::new(callbacks), browser))
}

/// The surroundings of one story: the built-in agent borrows the transport, so it is made here.
pub(super) struct LiveStage<'a> {
    live: &'a Live,
    agent: BuiltInAgent<'a>,
    /// Where redirects to callbacks are handed over, and who does it.
    over: Option<(HandedOver, HandingAgent<'a>)>,
}

impl<'a> LiveStage<'a> {
    pub(super) fn new(live: &'a Live) -> Self {
        Self {
            live,
            agent: BuiltInAgent::new(&live.transport, &live.clock),
            over: None,
        }
    }

    /// The same, with callbacks handed over as they are registered where no person sits at the browser.
    pub(super) fn handing(live: &'a Live) -> Self {
        let over = live.browser.is_none().then(|| {
            let over = HandedOver::default();
            let agent = HandingAgent::new(&live.transport, &live.clock, over.clone());
            (over, agent)
        });
        Self {
            over,
            ..Self::new(live)
        }
    }
}

impl Stage for LiveStage<'_> {
    fn ports<'a>(&'a self, secrets: &'a Register) -> Ports<'a> {
        let over = self.over.as_ref();
        Ports {
            transport: &self.live.transport,
            clock: &self.live.clock,
            entropy: &SystemEntropy,
            callbacks: over.map_or(&*self.live.callbacks, |(over, _)| over),
            agent: match (over, self.live.browser.as_deref()) {
                (Some((_, agent)), _) => agent,
                (None, Some(browser)) => browser,
                (None, None) => &self.agent,
            },
            secrets,
        }
    }

    fn app_kind(&self, app: &str) -> Option<AppKind> {
        let known = self
            .live
            .target
            .app(app)
            .or_else(|| self.live.target.apps.first());
        known
            .filter(|_| self.live.dialect() == Dialect::Salesforce)
            .map(|app| app.kind)
    }

    fn change(&self, _: &[Delta]) -> Result<(), String> {
        Err("only the simulated org is changed by a story".to_owned())
    }

    fn fault(&self, _: ServerFault) {}

    fn prepare(&self, _: &PlannedGrant) {}

    fn credentials(&self, _: &str) -> Option<(String, Secret)> {
        None
    }
}
