//! Handshakes with a callback server of our own, and one request to each host of a target.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header;
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use url::{Host, Url};

use crate::doctor::{
    Answer, Authority, Bound, CallbackFact, Database, Handshake, HostFact, Kept, Trust,
};
use crate::edge::Error;
use crate::edge::ca::{HarnessCa, certificate_path};
use crate::edge::callback::{Place, TlsCallbackServer};
use crate::edge::clock::SystemClock;
use crate::edge::transport::{HyperTransport, Options, is_loopback};
use crate::edge::trust::{self, Machine, What};
use crate::exchange::{Fault, Request};
use crate::ports::{CallbackServer as _, Clock as _, Transport as _};

/// A person waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Listens at a callback URL for a moment. Needs a tokio runtime.
pub fn callback(uri: &str) -> CallbackFact {
    let (port, bound) = match Place::of(uri) {
        Err(_) => (0, Bound::Elsewhere),
        Ok(place) if place.port == 0 => (0, Bound::Any),
        Ok(place) => {
            let bound = match place.bind() {
                Ok(_) => Bound::Free,
                Err(Error::PortTaken { address }) => Bound::Taken { address },
                Err(Error::Listen { source, .. }) => Bound::Refused {
                    reason: source.to_string(),
                },
                Err(other) => Bound::Refused {
                    reason: other.to_string(),
                },
            };
            (place.port, bound)
        }
    };
    CallbackFact {
        uri: uri.to_owned(),
        port,
        bound,
    }
}

/// The harness CA, and who trusts a callback server that is started with it. Nothing is made where there is none.
pub async fn trust(folder: &Path, machine: &Machine, now: Timestamp) -> (Authority, Trust) {
    let (kept, ca) = match HarnessCa::load(folder, now) {
        Ok(None) => (Kept::Nothing, None),
        Ok(Some(ca)) => {
            let kept = Kept::Whole {
                until: ca.facts().until,
                fingerprint: ca.facts().fingerprint.clone(),
            };
            (kept, Some(ca))
        }
        Err(error) => (kept_wrong(&error), None),
    };
    let authority = Authority {
        path: certificate_path(folder).display().to_string(),
        kept,
    };
    let trust = match ca {
        Some(ca) => handshakes(ca, folder, machine).await,
        None => Trust::default(),
    };
    (authority, trust)
}

fn kept_wrong(error: &Error) -> Kept {
    let (reason, remedy) = words(error);
    if matches!(error, Error::KeyMode { .. }) {
        Kept::OpenKey { reason, remedy }
    } else {
        Kept::Broken { reason, remedy }
    }
}

fn words(error: &Error) -> (String, String) {
    let remedy = miette::Diagnostic::help(error)
        .map(|help| help.to_string())
        .unwrap_or_default();
    (format!("cannot {error}"), remedy)
}

async fn handshakes(ca: HarnessCa, folder: &Path, machine: &Machine) -> Trust {
    let server = TlsCallbackServer::new(
        move |names| ca.issue(names, SystemClock.now())?.server_config(),
        Arc::new(SystemClock),
    );
    let places = trust::show(folder, machine)
        .map(|shown| shown.stores.changes)
        .unwrap_or_default()
        .into_iter()
        .map(|change| (change.place, change.what == What::Present))
        .collect::<Vec<_>>();
    let (databases, unreadable) = match trust::trusted_by_browsers(machine) {
        Ok(databases) => (databases, None),
        Err(error) => (Vec::new(), Some(words(&error))),
    };
    let Ok(callback) = server.bind("https://localhost:0/doctor", "doctor").await else {
        return Trust {
            unreadable,
            ..Trust::default()
        };
    };
    let uri = callback.redirect_uri().to_owned();
    let mut trust = Trust {
        system: shake(&uri, Vec::new(), true).await,
        // The databases have lines of their own.
        places: places
            .into_iter()
            .filter(|(place, _)| {
                !databases
                    .iter()
                    .any(|(path, _)| path.display().to_string() == *place)
            })
            .collect(),
        databases: Vec::new(),
        unreadable,
    };
    for (path, certificates) in databases {
        let handshake = if certificates.is_empty() {
            Handshake::Refused {
                reason: "it does not hold the harness CA".to_owned(),
            }
        } else {
            shake(&uri, certificates, false).await
        };
        trust.databases.push(Database {
            path: path.display().to_string(),
            handshake,
        });
    }
    trust
}

/// A request whose only trust is the given one. What is answered to it does not matter.
async fn shake(
    uri: &str,
    authorities: Vec<CertificateDer<'static>>,
    system_roots: bool,
) -> Handshake {
    let refused = |reason: String| Handshake::Refused { reason };
    let transport = HyperTransport::new(Options {
        authorities,
        system_roots,
        deadline: PATIENCE,
        ..Options::default()
    });
    let (transport, url) = match (transport, Url::parse(uri)) {
        (Ok(transport), Ok(url)) => (transport, url),
        (Err(error), _) => return refused(error.to_string()),
        (_, Err(error)) => return refused(error.to_string()),
    };
    match transport.send(Request::get(url)).await {
        Ok(_) => Handshake::Trusted,
        Err(Fault::Tls { reason, .. }) => refused(reason),
        Err(other) => refused(other.to_string()),
    }
}

/// A host to ask.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `my_domain`, `login`, …
    pub kind: &'static str,
    /// Its base URL.
    pub url: Url,
}

/// Asks a host for its name, its certificate and its time: one GET. `authorities` are those of the target file.
pub async fn ask(host: &Asked, authorities: &[CertificateDer<'static>]) -> HostFact {
    let name = host.url.host_str().unwrap_or_default().to_owned();
    let addresses = addresses(&host.url).await;
    let answer = match &addresses {
        Ok(found) if !found.is_empty() => Some(answer(host, authorities).await),
        _ => None,
    };
    HostFact {
        kind: host.kind,
        url: host.url.to_string(),
        host: name,
        addresses,
        answer,
    }
}

async fn addresses(url: &Url) -> Result<Vec<std::net::IpAddr>, String> {
    match url.host() {
        Some(host) if is_loopback(&host) => Ok(match host {
            Host::Ipv4(ip) => vec![ip.into()],
            Host::Ipv6(ip) => vec![ip.into()],
            // As the transport does, by RFC 6761.
            Host::Domain(_) => vec![std::net::Ipv4Addr::LOCALHOST.into()],
        }),
        Some(Host::Ipv4(ip)) => Ok(vec![ip.into()]),
        Some(Host::Ipv6(ip)) => Ok(vec![ip.into()]),
        Some(Host::Domain(name)) => {
            let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, 0))).await;
            match found {
                Ok(Ok(found)) => Ok(found.map(|address| address.ip()).collect()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err(format!(
                    "no name server answered within {} s",
                    PATIENCE.as_secs()
                )),
            }
        }
        None => Ok(Vec::new()),
    }
}

async fn answer(host: &Asked, authorities: &[CertificateDer<'static>]) -> Answer {
    let with_ca = !authorities.is_empty();
    let transport = HyperTransport::new(Options {
        authorities: authorities.to_vec(),
        deadline: PATIENCE,
        ..Options::default()
    });
    let transport = match transport {
        Ok(transport) => transport,
        Err(error) => {
            return Answer::Tls {
                reason: error.to_string(),
                with_ca,
            };
        }
    };
    let before = SystemClock.now();
    let sent = transport.send(Request::get(host.url.clone())).await;
    let after = SystemClock.now();
    let took = after.duration_since(before);
    match sent {
        Ok(answer) => Answer::Given {
            date: answer
                .header(&header::DATE)
                .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
                .map(|date| date.timestamp()),
            at: before.checked_add(took / 2).unwrap_or(after),
            took: took.unsigned_abs(),
        },
        Err(Fault::Tls { reason, .. }) => Answer::Tls { reason, with_ca },
        Err(fault) => Answer::Nothing {
            reason: fault.to_string(),
        },
    }
}
