//! Requests over HTTP/1.1 and verified TLS, on connections that are kept and used again.

mod connect;
mod verify;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::{CertificateError, ClientConfig};
use rustls_pki_types::{CertificateDer, ServerName};
use url::{Host, Url};

use connect::{NoAddress, Resolver, Tcp, TcpError, is_localhost};
use verify::Verifier;

use super::Error;
use crate::exchange::{Fault, Request, Response};
use crate::ports::{Boxed, Transport};

/// Shorter than any server is likely to keep an idle connection: a request on one that the server is just closing has no answer,
/// and must not be sent twice.
const IDLE: Duration = Duration::from_secs(15);

type Connector = HttpsConnector<Tcp>;

/// How a transport is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// CA certificates to trust beside the system's, in DER form.
    pub authorities: Vec<CertificateDer<'static>>,
    /// Whether the trust store of the system counts. It is read only when a certificate comes that `authorities` do not vouch for.
    pub system_roots: bool,
    /// Time for one request, from the connection to the last octet of the answer.
    pub deadline: Duration,
    /// Octets of a body that are kept; what is longer is cut.
    pub body_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            authorities: Vec::new(),
            system_roots: true,
            deadline: Duration::from_secs(30),
            body_limit: 4 * 1024 * 1024,
        }
    }
}

/// The transport of every driver. Clones share the connections. Follows no redirect, sends nothing twice, verifies always.
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<Connector, Full<Bytes>>,
    deadline: Duration,
    body_limit: usize,
}

impl HyperTransport {
    /// Sets up a transport; nothing is connected yet. [`Error::Certificate`] where an authority is no certificate.
    pub fn new(options: Options) -> Result<Self, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(Verifier::new(options.authorities, options.system_roots)?);
        let tls = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|reason| Error::Certificate {
                reason: reason.to_string(),
            })?
            // "Dangerous" is the name of any verifier of one's own; this one asks webpki and only words the refusal.
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnector::from((Tcp(tcp), tls));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Self {
            client,
            deadline: options.deadline,
            body_limit: options.body_limit,
        })
    }

    async fn exchange(&self, request: Request, authority: &str) -> Result<Response, Fault> {
        let request = to_http(request, authority)?;
        let answer = self
            .client
            .request(request)
            .await
            .map_err(|error| fault(&error, authority))?;
        let (head, body) = answer.into_parts();
        let (body, cut) = self.read(body, authority).await?;
        Ok(Response {
            status: head.status,
            headers: head.headers,
            body,
            cut,
        })
    }

    /// Reads up to the bound. What is longer is left unread, which closes the connection.
    async fn read(&self, mut body: Incoming, authority: &str) -> Result<(Bytes, bool), Fault> {
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| fault(&error, authority))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            let room = self.body_limit - read.len();
            if data.len() > room {
                read.extend_from_slice(&data[..room]);
                return Ok((read.freeze(), true));
            }
            read.extend_from_slice(&data);
        }
        Ok((read.freeze(), false))
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport")
            .field("deadline", &self.deadline)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: Request) -> Boxed<'_, Result<Response, Fault>> {
        Box::pin(async move {
            let authority = authority(&request.url);
            let exchange = self.exchange(request, &authority);
            match tokio::time::timeout(self.deadline, exchange).await {
                Ok(end) => end,
                Err(_) => Err(Fault::Timeout {
                    authority,
                    after: self.deadline,
                }),
            }
        })
    }
}

/// Whether a host is this machine by definition: `localhost`, a name under `.localhost` (RFC 6761 section 6.3), or a loopback address.
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// `host:port`, for messages.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn to_http(request: Request, authority: &str) -> Result<http::Request<Full<Bytes>>, Fault> {
    let refuse = |reason: &str| Fault::Connect {
        authority: authority.to_owned(),
        reason: reason.to_owned(),
    };
    let mut url = request.url;
    if let Some(Host::Domain(name)) = url.host()
        && ServerName::try_from(name).is_err()
    {
        return Err(Fault::Dns {
            host: name.to_owned(),
        });
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => {}
        ("http", Some(host)) if is_loopback(&host) => {}
        ("http", Some(_)) => {
            return Err(refuse(
                "plain http is spoken with this machine only, since secrets would travel in the open; write https",
            ));
        }
        _ => return Err(refuse("the address is neither https nor http")),
    }
    // A name and password in the address would end in the `host` field.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    let uri = url.as_str().parse::<Uri>().map_err(|reason| {
        refuse(&format!(
            "the address is not one that HTTP can carry: {reason}"
        ))
    })?;
    let mut sent = http::Request::new(Full::new(Bytes::from(request.body)));
    *sent.method_mut() = request.method;
    *sent.uri_mut() = uri;
    *sent.headers_mut() = request.headers;
    sent.headers_mut()
        .entry(header::USER_AGENT)
        .or_insert(header::HeaderValue::from_static(concat!(
            "grantproof/",
            env!("CARGO_PKG_VERSION")
        )));
    Ok(sent)
}

const CLOSED_EARLY: &str = "the connection was closed before the answer was complete";

/// Finds the reason in the chain of an error of hyper.
fn fault(error: &(dyn StdError + 'static), authority: &str) -> Fault {
    let authority = authority.to_owned();
    let broken = |authority, reason: String| Fault::Broken { authority, reason };
    let (mut connecting, mut eof) = (false, false);
    let mut last = error;
    for error in chain(error) {
        last = error;
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            connecting |= error.is_connect();
        } else if let Some(TcpError(error)) = error.downcast_ref() {
            let last = chain(&**error).last();
            return match last.and_then(|last| last.downcast_ref::<NoAddress>()) {
                Some(NoAddress { host }) => Fault::Dns { host: host.clone() },
                None => Fault::Connect {
                    authority,
                    reason: last.map_or_else(|| error.to_string(), ToString::to_string),
                },
            };
        } else if let Some(error) = error.downcast_ref::<rustls::Error>() {
            let reason = tls_reason(error);
            return Fault::Tls { authority, reason };
        } else if let Some(error) = error.downcast_ref::<hyper::Error>() {
            if error.is_incomplete_message() {
                return broken(authority, CLOSED_EARLY.to_owned());
            }
            if error.is_parse() {
                return broken(authority, format!("it is not HTTP: {error}"));
            }
        } else if let Some(error) = error.downcast_ref::<io::Error>() {
            eof |= error.kind() == io::ErrorKind::UnexpectedEof;
        }
    }
    if !connecting {
        // Also of a server that goes without the farewell of TLS.
        let reason = if eof {
            CLOSED_EARLY.to_owned()
        } else {
            last.to_string()
        };
        return broken(authority, reason);
    }
    // TCP stood, so it is the handshake that broke off.
    let reason = if eof {
        "the server closed the connection in the middle of the handshake".to_owned()
    } else {
        last.to_string()
    };
    Fault::Tls { authority, reason }
}

/// An error and its causes. An `io::Error` hides what it was made from: its `source` is the source of that.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn tls_reason(error: &rustls::Error) -> String {
    use rustls::Error as Tls;

    match error {
        Tls::InvalidCertificate(CertificateError::Other(blame)) => blame.to_string(),
        Tls::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            "what answers there does not speak TLS (plain http?)".to_owned()
        }
        Tls::AlertReceived(alert) => format!("the server ended it with the alert {alert:?}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
