//! Requests over HTTP/1.1 and verified TLS, on connections that are kept and used again.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tower_service::Service;
use url::{Host, Url};

use super::Error;
use super::certificate::Facts;
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

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || name
            .len()
            .checked_sub(".localhost".len())
            .and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(".localhost"))
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
                let reason = "the connection was closed before the answer was complete";
                return broken(authority, reason.to_owned());
            }
            if error.is_parse() {
                return broken(authority, format!("it is not HTTP: {error}"));
            }
        } else if let Some(error) = error.downcast_ref::<io::Error>() {
            eof |= error.kind() == io::ErrorKind::UnexpectedEof;
        }
    }
    if !connecting {
        return broken(authority, last.to_string());
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

/// TCP, with its errors told apart from those of TLS.
#[derive(Clone)]
struct Tcp(HttpConnector<Resolver>);

#[derive(Debug)]
struct TcpError(Box<dyn StdError + Send + Sync>);

impl fmt::Display for TcpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for TcpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}

impl Service<Uri> for Tcp {
    type Response = <HttpConnector<Resolver> as Service<Uri>>::Response;
    type Error = TcpError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0
            .poll_ready(context)
            .map_err(|error| TcpError(error.into()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move { connecting.await.map_err(|error| TcpError(error.into())) })
    }
}

/// Names under `localhost` are loopback without asking anybody (RFC 6761 section 6.3; glibc asks the network); others go to the system.
#[derive(Clone)]
struct Resolver;

#[derive(Debug)]
struct NoAddress {
    host: String,
}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name {} has no address", self.host)
    }
}

impl StdError for NoAddress {}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            if is_localhost(name.as_str()) {
                let loopback = [
                    IpAddr::V4(Ipv4Addr::LOCALHOST),
                    IpAddr::V6(Ipv6Addr::LOCALHOST),
                ];
                return Ok(loopback
                    .map(|ip| SocketAddr::new(ip, 0))
                    .to_vec()
                    .into_iter());
            }
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0))
                .await
                .map(Iterator::collect::<Vec<_>>)
                .unwrap_or_default();
            if found.is_empty() {
                return Err(io::Error::other(NoAddress {
                    host: host.to_owned(),
                }));
            }
            Ok(found.into_iter())
        })
    }
}

/// Verifies as webpki does, and says of a refusal whose certificate it was.
#[derive(Debug)]
struct Verifier {
    provider: CryptoProvider,
    /// The authorities that were given; `None` where there are none.
    given: Option<Arc<WebPkiServerVerifier>>,
    system_roots: bool,
    /// The trust store of the system, read once and only when it is needed; the text says why it is of no use.
    system: OnceLock<Result<Arc<WebPkiServerVerifier>, String>>,
}

impl Verifier {
    fn new(authorities: Vec<CertificateDer<'static>>, system_roots: bool) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority).map_err(|reason| Error::Certificate {
                reason: reason.to_string(),
            })?;
        }
        let provider = aws_lc_rs::default_provider();
        let given = if roots.is_empty() {
            None
        } else {
            Some(build(roots, &provider).map_err(|reason| Error::Certificate { reason })?)
        };
        Ok(Self {
            provider,
            given,
            system_roots,
            system: OnceLock::new(),
        })
    }

    fn system(&self) -> Result<&Arc<WebPkiServerVerifier>, String> {
        self.system
            .get_or_init(|| {
                let found = rustls_native_certs::load_native_certs();
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(found.certs);
                if roots.is_empty() {
                    let why = found
                        .errors
                        .first()
                        .map(|error| format!(" ({error})"))
                        .unwrap_or_default();
                    return Err(format!(
                        "the trust store of this system is empty{why}; install the package `ca-certificates` or pass --ca FILE"
                    ));
                }
                build(roots, &self.provider)
            })
            .as_ref()
            .map_err(Clone::clone)
    }
}

fn build(
    roots: RootCertStore,
    provider: &CryptoProvider,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider.clone()))
        .build()
        .map_err(|reason| reason.to_string())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ask = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let mut refusal = unknown.clone();
        if let Some(given) = &self.given {
            match ask(given) {
                Ok(verified) => return Ok(verified),
                Err(error) => refusal = error,
            }
        }
        if self.system_roots && refusal == unknown {
            match self.system().map(|system| ask(system)) {
                Ok(Ok(verified)) => return Ok(verified),
                Ok(Err(error)) => refusal = error,
                Err(reason) => return Err(blame(reason)),
            }
        }
        Err(blame(describe(&refusal, end_entity, server_name, now)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[derive(Debug)]
struct Blame(String);

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Blame {}

fn blame(reason: String) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Blame(reason)))))
}

/// The refusal in words: whose certificate, until when, what is wrong with it.
fn describe(
    refusal: &rustls::Error,
    end_entity: &CertificateDer<'_>,
    server_name: &ServerName<'_>,
    now: UnixTime,
) -> String {
    use CertificateError as Bad;

    let Ok(facts) = Facts::of(end_entity) else {
        return "what the server shows is not a certificate".to_owned();
    };
    let here = i64::try_from(now.as_secs())
        .ok()
        .and_then(|now| jiff::Timestamp::from_second(now).ok())
        .unwrap_or(jiff::Timestamp::MAX);
    let what = match refusal {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } if here > facts.until => {
                format!(
                    "it expired on {}, and the clock here says {here}",
                    facts.until
                )
            }
            Bad::NotValidYet | Bad::NotValidYetContext { .. } if here < facts.from => {
                format!(
                    "it is valid only from {}, and the clock here says {here}",
                    facts.from
                )
            }
            Bad::Expired
            | Bad::ExpiredContext { .. }
            | Bad::NotValidYet
            | Bad::NotValidYetContext { .. } => {
                "a certificate of its chain is not valid now".to_owned()
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                format!("it is not for `{}`", server_name.to_str())
            }
            Bad::UnknownIssuer => format!(
                "its issuer `{}` is not trusted here; if it should be, pass its CA with --ca FILE",
                facts.issuer
            ),
            other => other.to_string(),
        },
        other => other.to_string(),
    };
    format!("the certificate of {facts} is refused: {what}")
}

#[cfg(test)]
mod tests {
    use super::super::ca::{Leaf, ProcessCa};
    use super::super::listen::{Limits, Server, bind_loopback, serve, service};
    use super::*;
    use crate::edge::clock::SystemClock;
    use crate::ports::Clock as _;
    use jiff::SignedDuration;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    fn transport(ca: Option<&ProcessCa>) -> HyperTransport {
        HyperTransport::new(Options {
            authorities: ca
                .map(|ca| ca.certificate_der().clone())
                .into_iter()
                .collect(),
            system_roots: false,
            deadline: Duration::from_secs(10),
            body_limit: 1000,
        })
        .expect("a transport")
    }

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    /// A TLS server that answers `hello`; its port, and how many connections it took.
    fn tls_server(leaf: Leaf) -> (Server, u16, Arc<AtomicUsize>) {
        let listeners = bind_loopback(0).expect("loopback");
        let port = listeners[0].local_addr().expect("bound").port();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let make = move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            service(|_| async { http::Response::new(Full::new(Bytes::from_static(b"hello"))) })
        };
        let tls = leaf.server_config().expect("a config");
        let server = serve(listeners, Some(tls), Limits::default(), make, |_| {});
        (server, port, count)
    }

    /// A TCP server on 127.0.0.1 that does as it is told with each connection.
    async fn raw<F, R>(behave: F) -> u16
    where
        F: Fn(TcpStream) -> R + Send + 'static,
        R: Future<Output = ()> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                behave(stream).await;
            }
        });
        port
    }

    /// Reads the request, writes `answer`, closes.
    async fn answers(answer: &'static [u8]) -> u16 {
        raw(move |mut stream| async move {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer).await;
        })
        .await
    }

    async fn get(transport: &HyperTransport, address: &str) -> Result<Response, Fault> {
        transport.send(Request::get(url(address))).await
    }

    #[tokio::test]
    async fn names_under_localhost_are_loopback_and_connections_are_used_again() {
        let now = SystemClock.now();
        let ca = ProcessCa::new("test", now).expect("a CA");
        let leaf = ca
            .issue(&["localhost", "my.domain.localhost", "::1"], now)
            .expect("a leaf");
        let (_server, port, count) = tls_server(leaf);
        let transport = transport(Some(&ca));
        for _ in 0..3 {
            for host in ["localhost", "my.domain.localhost"] {
                let answer = get(&transport, &format!("https://{host}:{port}/"))
                    .await
                    .expect("an answer");
                assert_eq!((answer.text(), answer.cut), ("hello".into(), false));
            }
        }
        assert_eq!(count.load(Ordering::SeqCst), 2, "one connection a host");
    }

    #[tokio::test]
    async fn a_refused_certificate_is_named_with_its_end() {
        let now = SystemClock.now();
        let ca = ProcessCa::new("the org's CA", now).expect("a CA");
        let long_ago = now - SignedDuration::from_hours(24 * 400);
        let soon = now + SignedDuration::from_hours(24 * 30);
        let cases = [
            (vec!["localhost"], long_ago, "it expired on 20"),
            (vec!["localhost"], soon, "it is valid only from 20"),
            (vec!["other.localhost"], now, "it is not for `localhost`"),
        ];
        for (names, at, reason) in cases {
            let leaf = ca.issue(&names, at).expect("a leaf");
            let until = Facts::of(leaf.certificate_der()).expect("facts").until;
            let (_server, port, _) = tls_server(leaf);
            let fault = get(&transport(Some(&ca)), &format!("https://localhost:{port}/")).await;
            let text = fault.err().expect("a fault").to_string();
            assert!(text.contains(reason), "{text}");
            assert!(text.contains(&until.to_string()), "{text}");
            assert!(text.contains("issued by `the org's CA`"), "{text}");
        }
        let (_server, port, _) = tls_server(ca.issue(&["localhost"], now).expect("a leaf"));
        for other in [None, Some(ProcessCa::new("x", now).expect("a CA"))] {
            let fault = get(
                &transport(other.as_ref()),
                &format!("https://localhost:{port}/"),
            )
            .await;
            let fault = fault.err().expect("a fault");
            assert_eq!(fault.name(), "tls");
            assert!(
                fault
                    .to_string()
                    .contains("issuer `the org's CA` is not trusted"),
                "{fault}"
            );
        }
    }

    #[tokio::test]
    async fn the_system_store_is_asked_after_the_given_authorities() {
        let now = SystemClock.now();
        let ca = ProcessCa::new("test", now).expect("a CA");
        let (_server, port, _) = tls_server(ca.issue(&["localhost"], now).expect("a leaf"));
        let transport = HyperTransport::new(Options::default()).expect("a transport");
        let fault = get(&transport, &format!("https://localhost:{port}/")).await;
        assert_eq!(fault.err().map(|fault| fault.name()), Some("tls"));
    }

    #[tokio::test]
    async fn what_is_no_tls_is_said() {
        let port = answers(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let fault = get(&transport(None), &format!("https://127.0.0.1:{port}/")).await;
        let text = fault.err().expect("a fault").to_string();
        assert!(text.contains("does not speak TLS"), "{text}");

        let port = answers(b"").await;
        let fault = get(&transport(None), &format!("https://127.0.0.1:{port}/")).await;
        let fault = fault.err().expect("a fault");
        assert_eq!(fault.name(), "tls", "{fault}");
        assert!(fault.to_string().contains("in the middle of the handshake"));
    }

    #[tokio::test]
    async fn nobody_there_and_no_such_name() {
        let port = bind_loopback(0).expect("loopback")[0]
            .local_addr()
            .expect("bound")
            .port();
        let fault = get(&transport(None), &format!("https://localhost:{port}/")).await;
        assert!(
            matches!(&fault, Err(Fault::Connect { reason, .. }) if reason.contains("refused")),
            "{:?}",
            fault.err()
        );
        // A label of 64 octets is no name, so nobody on the network is asked.
        let host = format!("{}.example", "a".repeat(64));
        let none = Fault::Dns { host: host.clone() };
        let fault = get(&transport(None), &format!("https://{host}/")).await;
        assert_eq!(fault.err().as_ref(), Some(&none));

        let mut tcp = Tcp(HttpConnector::new_with_resolver(Resolver));
        let uri = format!("http://{host}/").parse().expect("an address");
        let error = tcp.call(uri).await.expect_err("no such name");
        assert_eq!(fault_of(&error), none);
    }

    #[tokio::test]
    async fn plain_http_is_for_this_machine_only() {
        let port =
            answers(b"HTTP/1.1 302 Found\r\nlocation: /on\r\ncontent-length: 0\r\n\r\n").await;
        let answer = get(&transport(None), &format!("http://app.localhost:{port}/")).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 302, "redirects are not followed");
        for address in [
            "http://192.0.2.1/",
            "http://notlocalhost/",
            "ftp://localhost/",
        ] {
            let fault = get(&transport(None), address).await.err();
            assert!(matches!(fault, Some(Fault::Connect { .. })), "{fault:?}");
        }
    }

    #[tokio::test]
    async fn broken_answers_are_faults() {
        let cases: [(&'static [u8], &str); 6] = [
            (b"", "closed before the answer was complete"),
            (b"HTTP/1.1 200 O", "closed before the answer was complete"),
            (b"\x00\x01\x02 garbage\r\n\r\n", "not HTTP"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort", ""),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
                "",
            ),
            (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "not HTTP"),
        ];
        for (answer, reason) in cases {
            let port = answers(answer).await;
            let fault = get(&transport(None), &format!("http://localhost:{port}/")).await;
            let fault = fault.err().expect("a fault");
            assert_eq!(fault.name(), "broken", "{fault}");
            assert!(fault.to_string().contains(reason), "{fault}");
        }
    }

    #[tokio::test]
    async fn an_endless_body_is_cut_and_an_endless_head_is_a_fault() {
        let port = raw(|mut stream| async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        })
        .await;
        let answer = get(&transport(None), &format!("http://localhost:{port}/")).await;
        let answer = answer.expect("an answer");
        assert_eq!((answer.body.len(), answer.cut), (1000, true));

        let port = raw(|mut stream| async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while stream.write_all(b"x: y\r\n").await.is_ok() {}
        })
        .await;
        let fault = get(&transport(None), &format!("http://localhost:{port}/")).await;
        assert_eq!(fault.err().map(|fault| fault.name()), Some("broken"));
    }

    #[tokio::test]
    async fn silence_ends_at_the_deadline_wherever_it_begins() {
        for (scheme, start) in [
            ("https", &b""[..]),
            ("http", b""),
            ("http", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx"),
            ("http", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ] {
            let port = raw(move |mut stream| async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(start).await;
                // Until the client goes.
                let _ = stream.read_to_end(&mut Vec::new()).await;
            })
            .await;
            let transport = HyperTransport {
                deadline: Duration::from_millis(60),
                ..transport(None)
            };
            let fault = get(&transport, &format!("{scheme}://localhost:{port}/")).await;
            assert_eq!(
                fault.err(),
                Some(Fault::Timeout {
                    authority: format!("localhost:{port}"),
                    after: Duration::from_millis(60)
                })
            );
        }
    }

    fn fault_of(error: &TcpError) -> Fault {
        fault(error, "a:1")
    }

    #[test]
    fn an_authority_that_is_no_certificate_is_refused() {
        let transport = HyperTransport::new(Options {
            authorities: vec![CertificateDer::from(vec![1, 2, 3])],
            ..Options::default()
        });
        assert!(matches!(transport, Err(Error::Certificate { .. })));
    }
}
