//! Many orgs on shared ports: which org a request is for, and its way to the endpoints.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{DATE, HOST, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Body;
use jiff::Timestamp;

use super::asked::Asked;
use super::names::{Bases, Gate, Ports, label_in, own_name};
use super::respond::{self, Reply};
use super::tenant::Tenant;
use super::{door, endpoints};
use crate::oauth::HostKind;
use crate::secret::Secret;

/// The longest body taken.
const LONGEST_BODY: usize = 64 * 1024;

/// The simulated orgs of one process behind shared ports. Cheap to clone.
#[derive(Clone)]
pub struct OrgServer {
    shared: Arc<Shared>,
}

struct Shared {
    ports: Ports,
    /// The bearer token of the second door; without one it stays shut.
    door: Option<Secret>,
    tenants: RwLock<Tenants>,
}

#[derive(Default)]
struct Tenants {
    by_label: HashMap<String, Arc<Tenant>>,
    default: Option<String>,
}

impl OrgServer {
    /// A server without orgs and without a second door. The ports are those that its listeners have.
    pub fn new(ports: Ports) -> Self {
        Self::made(ports, None)
    }

    /// A server with a second door, which opens to this bearer token and acts on the default org.
    pub fn with_door(ports: Ports, token: Secret) -> Self {
        Self::made(ports, Some(token))
    }

    fn made(ports: Ports, door: Option<Secret>) -> Self {
        Self {
            shared: Arc::new(Shared {
                ports,
                door,
                tenants: RwLock::default(),
            }),
        }
    }

    /// Adds an org; its host names work from now on. Another org of the same label is replaced.
    pub fn register(&self, tenant: Arc<Tenant>) {
        let mut tenants = self.write();
        tenants.by_label.insert(tenant.label().to_owned(), tenant);
    }

    /// Adds an org that also answers to `localhost`, to addresses, to `login.localhost`, and to every name that is no other org's.
    pub fn register_default(&self, tenant: Arc<Tenant>) {
        let mut tenants = self.write();
        tenants.default = Some(tenant.label().to_owned());
        tenants.by_label.insert(tenant.label().to_owned(), tenant);
    }

    /// Takes an org away; its memory is free once the last request to it is answered.
    pub fn unregister(&self, label: &str) -> Option<Arc<Tenant>> {
        let mut tenants = self.write();
        if tenants.default.as_deref() == Some(label) {
            tenants.default = None;
        }
        tenants.by_label.remove(label)
    }

    /// The org of a label.
    pub fn tenant(&self, label: &str) -> Option<Arc<Tenant>> {
        self.read().by_label.get(label).cloned()
    }

    /// The base URL of a host of an org, without a slash at its end; `None` where the server has no port of that kind.
    pub fn base_url(&self, label: &str, kind: HostKind) -> Option<String> {
        let port = self.shared.ports.of(kind)?;
        let is_default = self.read().default.as_deref() == Some(label);
        Some(format!(
            "https://{}:{port}",
            own_name(label, is_default, kind)
        ))
    }

    /// The ports.
    pub fn ports(&self) -> Ports {
        self.shared.ports
    }

    /// Answers one request that came in at a gate. Never fails: what cannot be answered is answered with a status.
    pub async fn answer<B>(&self, gate: Gate, peer: SocketAddr, request: Request<B>) -> Reply
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, LONGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return respond::text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long");
            }
            Err(_) => return respond::text(StatusCode::BAD_REQUEST, "the body broke off"),
        };
        let host = head
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| head.uri.authority().map(http::uri::Authority::as_str))
            .unwrap_or_default()
            .to_owned();
        let Some(kind) = gate.host_kind() else {
            return self.at_the_door(&head, &body).await;
        };
        let Some((tenant, is_default)) = self.find(&host) else {
            return respond::text(
                StatusCode::MISDIRECTED_REQUEST,
                "no simulated org has this host name",
            );
        };
        let asked = Asked {
            kind,
            bases: Bases::of(&host, kind, tenant.label(), is_default, &self.shared.ports),
            peer: plain(peer.ip()),
            method: head.method,
            path: if tenant.lock().strict {
                head.uri.path().to_owned()
            } else {
                merged(head.uri.path())
            },
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body,
        };
        let (latency, fails) = tenant.lock().sky.next();
        if latency > Duration::ZERO {
            tokio::time::sleep(latency).await;
        }
        let mut reply = if fails {
            endpoints::fault(&tenant, &asked)
        } else {
            endpoints::answer(&tenant, &asked).await
        };
        date(&mut reply, tenant.now());
        reply
    }

    async fn at_the_door(&self, head: &http::request::Parts, body: &[u8]) -> Reply {
        let (Some(token), Some((tenant, _))) = (&self.shared.door, self.find("localhost")) else {
            return respond::text(StatusCode::NOT_FOUND, "there is no second door here");
        };
        let request = (head.method.as_str(), head.uri.path(), body);
        let ports = &self.shared.ports;
        respond::rest(door::answer(&tenant, ports, token, &head.headers, request).await)
    }

    fn find(&self, host: &str) -> Option<(Arc<Tenant>, bool)> {
        let tenants = self.read();
        let default = tenants.default.as_deref();
        if let Some(label) = label_in(host)
            && let Some(tenant) = tenants.by_label.get(&label)
        {
            return Some((Arc::clone(tenant), default == Some(&label)));
        }
        if let Some(default) = default {
            return tenants
                .by_label
                .get(default)
                .map(|tenant| (Arc::clone(tenant), true));
        }
        let mut all = tenants.by_label.values();
        match (all.next(), all.next()) {
            (Some(only), None) => Some((Arc::clone(only), false)),
            _ => None,
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Tenants> {
        self.shared
            .tenants
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Tenants> {
        self.shared
            .tenants
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Double slashes merged: the Salesforce CLI asks for `//services/data`.
fn merged(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for letter in path.chars() {
        if !(letter == '/' && out.ends_with('/')) {
            out.push(letter);
        }
    }
    out
}

/// IPv4 where it came mapped into IPv6.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// `Date` by the org's clock, so that whoever compares clocks compares with the org's.
fn date(reply: &mut Response<Full<Bytes>>, now: Timestamp) {
    let text = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&text) {
        reply.headers_mut().insert(DATE, value);
    }
}
