//! `--agent webdriver`: a browser that nobody sits at.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use url::Url;

use super::args::Agent;
use super::failure::{Failure, USAGE};
use crate::agent::WebDriverAgent;
use crate::edge::chromedriver::{Chromedriver, Elsewhere};
use crate::edge::clock::SystemClock;
use crate::edge::transport::{HyperTransport, Options, is_loopback};
use crate::ports::{UserAgent, WebDriverServer};
use crate::target::Target;

/// A call that opens a page ends when it is loaded; starting a browser takes longer where many start at once.
const CALL: Duration = Duration::from_mins(1);

/// What the flags cannot say together.
pub(super) fn check(
    target: &str,
    agent: Agent,
    webdriver: Option<&Url>,
    paste: bool,
) -> Result<(), Failure> {
    let driven = agent == Agent::WebDriver;
    if webdriver.is_some() && !driven {
        return Err(Failure::new(
            USAGE,
            "`--webdriver` names a server, and no browser is driven",
            "add `--agent webdriver`",
        ));
    }
    if driven && paste {
        return Err(Failure::new(
            USAGE,
            "`--agent webdriver` and `--paste` answer the pages twice",
            "`--paste` is for a person at a browser elsewhere; leave one of the two away",
        ));
    }
    if driven && target == "sim" {
        return Err(Failure::new(
            USAGE,
            "a browser cannot wait in the virtual time of the embedded org",
            "serve it in real time with `grantproof org serve`, and name it in a target file",
        ));
    }
    Ok(())
}

/// A driven browser for a target. It trusts these CAs; one that runs elsewhere trusts what it was told there.
pub(super) fn browser(
    webdriver: Option<&Url>,
    target: &Target,
    authorities: Vec<CertificateDer<'static>>,
) -> Result<Box<dyn UserAgent>, Failure> {
    let pages = target.pages.clone().ok_or_else(|| {
        Failure::new(
            USAGE,
            "the target file does not say how the pages of its server are answered",
            "describe them, for example:\n\n\
             browser:\n  \
             sign_in:\n    \
             - {type: username, into: '#username'}\n    \
             - {type: password, into: '#password'}\n    \
             - {press: 'button[type=submit]'}\n    \
             - {press: '#allow', answer: allow, optional: true}\n",
        )
    })?;
    let server: Arc<dyn WebDriverServer> = match webdriver {
        None => Arc::new(Chromedriver::find(authorities.clone())?),
        Some(url) => Arc::new(Elsewhere(address(url)?)),
    };
    let transport = HyperTransport::new(Options {
        authorities,
        deadline: CALL,
        ..Options::default()
    })?;
    let agent = WebDriverAgent::new(server, Arc::new(transport), Arc::new(SystemClock), pages);
    Ok(Box::new(agent))
}

/// Passwords are sent there: in the open only on this machine.
fn address(url: &Url) -> Result<Url, Failure> {
    let fits = match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => is_loopback(&host),
        _ => false,
    };
    if fits {
        return Ok(url.clone());
    }
    Err(Failure::new(
        USAGE,
        "`--webdriver` wants an address on this machine, or one that begins with https",
        "passwords are sent there; for example `--webdriver http://127.0.0.1:9515`",
    ))
}
