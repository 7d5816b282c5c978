//! The redirection endpoint (RFC 6749 section 3.1.2): a server on loopback that waits for one callback.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::Service;
use rustls::ServerConfig;
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::{Host, Url, form_urlencoded};

use super::Error;
use super::listen::{Limits, Server, Turned, bind, bind_loopback, serve};
use super::pages::{Said, icon, page, plain};
use super::transport::is_loopback;
use crate::exchange::Fault;
use crate::ports::{Boxed, Callback, CallbackSeen, CallbackServer, Clock};

/// Codes and tokens have some kilobytes; nothing that belongs here has more.
const BODY_LIMIT: usize = 64 * 1024;
const LIMITS: Limits = Limits {
    connections: 32,
    head: 32 * 1024,
    head_within: Duration::from_secs(5),
    connection_within: Some(Duration::from_secs(15)),
};
/// As many reasons are kept; the rest is counted.
const REASONS: usize = 32;
/// How often, and after what pauses, a port is asked for again that a callback before may be about to leave.
const CLOSING_TRIES: usize = 40;
const CLOSING: Duration = Duration::from_millis(25);
/// The field in which the page's script posts the fragment.
const FRAGMENT: &str = "grantproof_fragment";

type MakeTls = dyn Fn(&[&str]) -> Result<Arc<ServerConfig>, Error> + Send + Sync;

/// Callback servers over TLS, or over plain HTTP where the redirect URI says so.
pub struct TlsCallbackServer {
    tls: Box<MakeTls>,
    made: Mutex<HashMap<String, Arc<ServerConfig>>>,
    clock: Arc<dyn Clock>,
}

impl TlsCallbackServer {
    /// `tls` makes the server side for a list of names and addresses: a leaf of the harness CA, or of a process CA where only the
    /// built-in agent calls. It is asked when the first `https` redirect URI comes, once for each host name, so a run without one
    /// needs no CA. `clock` dates the callbacks.
    pub fn new(
        tls: impl Fn(&[&str]) -> Result<Arc<ServerConfig>, Error> + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tls: Box::new(tls),
            made: Mutex::default(),
            clock,
        }
    }

    fn tls(&self, host: &str) -> Result<Arc<ServerConfig>, Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.get(host) {
            return Ok(Arc::clone(made));
        }
        let mut names = vec!["localhost", "127.0.0.1", "::1"];
        if !names.contains(&host) {
            names.push(host);
        }
        let config = (self.tls)(&names)?;
        made.insert(host.to_owned(), Arc::clone(&config));
        Ok(config)
    }

    async fn listen(&self, redirect_uri: &str, state: &str) -> Result<TlsCallback, Fault> {
        let place = Place::of(redirect_uri)?;
        let refuse = |reason: String| Fault::Listen {
            address: place.authority(),
            reason,
        };
        let mut listeners = place.bind();
        // The callback of the step before may still be closing: its task ends only when the runtime comes to it.
        for _ in 0..CLOSING_TRIES {
            if !matches!(listeners, Err(Error::PortTaken { .. })) {
                break;
            }
            tokio::time::sleep(CLOSING).await;
            listeners = place.bind();
        }
        let listeners = listeners.map_err(|error| refuse(place.remedy(&error)))?;
        let redirect_uri = place.with_port(redirect_uri, &listeners);
        let tls = if place.secure {
            let host = place.host.trim_matches(['[', ']']);
            let tls = self.tls(host).map_err(|error| refuse(sentence(&error)))?;
            Some(tls)
        } else {
            None
        };
        let address = Url::parse(&redirect_uri).map_err(|error| refuse(error.to_string()))?;
        let (deliver, delivered) = oneshot::channel();
        let shared = Arc::new(Shared {
            address,
            state: state.to_owned(),
            taken: AtomicBool::new(false),
            deliver: Mutex::new(Some(deliver)),
            turned_away: Mutex::default(),
            clock: Arc::clone(&self.clock),
        });
        let (for_callers, for_turned) = (Arc::clone(&shared), Arc::clone(&shared));
        let server = serve(
            listeners,
            tls,
            LIMITS,
            move |_| Caller(Arc::new(Pending::new(Arc::clone(&for_callers)))),
            move |turned| for_turned.turned(&turned),
        );
        Ok(TlsCallback {
            redirect_uri,
            shared,
            delivered,
            _server: server,
        })
    }
}

impl CallbackServer for TlsCallbackServer {
    fn bind<'a>(
        &'a self,
        redirect_uri: &'a str,
        state: &'a str,
    ) -> Boxed<'a, Result<Box<dyn Callback>, Fault>> {
        Box::pin(async move {
            let callback = self.listen(redirect_uri, state).await?;
            Ok(Box::new(callback) as Box<dyn Callback>)
        })
    }
}

/// What to do about a callback URL that leads elsewhere.
const ELSEWHERE: &str = "its callbacks do not come to this machine; add https://localhost:1717/callback to the callback URLs of the app and use that, \
     or run with --paste and hand over the address that the browser ends on";

/// Where to listen, read from a redirect URI.
pub(super) struct Place {
    secure: bool,
    host: String,
    pub(super) port: u16,
    /// The one address that a literal means; a name means both.
    only: Option<IpAddr>,
}

impl Place {
    pub(super) fn of(redirect_uri: &str) -> Result<Self, Fault> {
        let refuse = |reason: &str| Fault::Listen {
            address: redirect_uri.to_owned(),
            reason: reason.to_owned(),
        };
        let url = Url::parse(redirect_uri).map_err(|error| {
            refuse(&format!("the callback URL is not an absolute URL: {error}"))
        })?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(refuse(ELSEWHERE)),
        };
        if url.fragment().is_some() {
            // RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
            return Err(refuse("a callback URL must not have a fragment"));
        }
        let Some(host) = url.host().filter(is_loopback) else {
            return Err(refuse(ELSEWHERE));
        };
        let only = match host {
            Host::Domain(_) => None,
            Host::Ipv4(ip) if ip == Ipv4Addr::LOCALHOST => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) if ip == Ipv6Addr::LOCALHOST => Some(IpAddr::V6(ip)),
            _ => {
                return Err(refuse(
                    "of the loopback addresses only 127.0.0.1 and [::1] are served; use localhost",
                ));
            }
        };
        Ok(Self {
            secure,
            host: host.to_string(),
            // `Url` leaves out the port of the scheme.
            port: url.port().unwrap_or(if secure { 443 } else { 80 }),
            only,
        })
    }

    /// Listens there.
    pub(super) fn bind(&self) -> Result<Vec<TcpListener>, Error> {
        match self.only {
            Some(ip) => bind(ip, self.port).map(|listener| vec![listener]),
            None => bind_loopback(self.port),
        }
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The redirect URI with the port that was found in the place of 0, all else byte for byte.
    fn with_port(&self, redirect_uri: &str, listeners: &[TcpListener]) -> String {
        let found = listeners
            .first()
            .and_then(|listener| listener.local_addr().ok());
        match (self.port, found) {
            (0, Some(found)) => {
                // The authority is what stands before the path; it ends in the port.
                let start = redirect_uri.find("://").map_or(0, |at| at + 3);
                let end = redirect_uri[start..]
                    .find(['/', '?'])
                    .map_or(redirect_uri.len(), |at| start + at);
                let (before, after) = redirect_uri.split_at(end);
                let before = before.trim_end_matches('0');
                format!("{before}{}{after}", found.port())
            }
            _ => redirect_uri.to_owned(),
        }
    }

    /// Why it cannot listen, by which setting, and what to do.
    fn remedy(&self, error: &Error) -> String {
        let chosen = format!(
            "port {} is chosen by the callback URL of the app",
            self.port
        );
        match error {
            Error::PortTaken { .. } => format!(
                "the port is in use; {chosen}: end the program that has it, or add a callback URL with another port to the app and use that"
            ),
            Error::Listen { source, .. } if self.port < 1024 => format!(
                "{source}; {chosen}, and most systems keep ports below 1024 for the administrator: \
                 add a callback URL with a higher port to the app and use that"
            ),
            Error::Listen { source, .. } => format!("{source}; {chosen}"),
            other => sentence(other),
        }
    }
}

/// An error of ours with its remedy, in one line.
fn sentence(error: &Error) -> String {
    match miette::Diagnostic::help(error) {
        Some(help) => format!("failed to {error}; {help}"),
        None => format!("failed to {error}"),
    }
}

struct TlsCallback {
    redirect_uri: String,
    shared: Arc<Shared>,
    delivered: oneshot::Receiver<CallbackSeen>,
    _server: Server,
}

impl Callback for TlsCallback {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// In real time, for it is a browser that is waited for. Returns when the page has gone out to it.
    fn wait(&mut self, within: Duration) -> Boxed<'_, Result<CallbackSeen, Fault>> {
        Box::pin(async move {
            match tokio::time::timeout(within, &mut self.delivered).await {
                Ok(Ok(seen)) => Ok(seen),
                Ok(Err(_)) | Err(_) => Err(Fault::NoCallback { after: within }),
            }
        })
    }

    fn turned_away(&self) -> Vec<String> {
        let (reasons, more) = &*lock(&self.shared.turned_away);
        let mut reasons = reasons.clone();
        if *more > 0 {
            reasons.push(format!("and {more} more"));
        }
        reasons
    }
}

struct Shared {
    /// The redirect URI with its real port.
    address: Url,
    state: String,
    /// Whether the one callback has come.
    taken: AtomicBool,
    deliver: Mutex<Option<oneshot::Sender<CallbackSeen>>>,
    turned_away: Mutex<(Vec<String>, usize)>,
    clock: Arc<dyn Clock>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A callback that waits for its connection to end: it is handed over when this is dropped, which is when the page has been sent.
/// Otherwise the program might be gone before the person sees it.
struct Pending {
    shared: Arc<Shared>,
    seen: Mutex<Option<CallbackSeen>>,
}

impl Pending {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            seen: Mutex::default(),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(seen) = lock(&self.seen).take()
            && let Some(deliver) = lock(&self.shared.deliver).take()
        {
            // Nobody waits any more: the run went on without it.
            let _ = deliver.send(seen);
        }
    }
}

/// One connection.
struct Caller(Arc<Pending>);

impl Service<Request<Incoming>> for Caller {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Boxed<'static, Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let pending = Arc::clone(&self.0);
        Box::pin(async move { Ok(answer(&pending, request).await) })
    }
}

/// Where the parameters of a callback stood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Query,
    Fragment,
    Post,
}

async fn answer(pending: &Pending, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let shared = &pending.shared;
    // Another name that leads to loopback is a page of somebody else that plays with DNS.
    if !names_loopback(&request) {
        return shared.turn_away(
            StatusCode::MISDIRECTED_REQUEST,
            "it was called by a name that is not this machine's",
        );
    }
    let path = request.uri().path();
    if path != shared.address.path() {
        return match (request.method(), path) {
            (&Method::GET, "/favicon.ico") => icon(),
            _ if looks_like_callback(request.uri().query()) => {
                let reason = format!(
                    "it came to the path {}, and the callback URL says {}",
                    shown(path),
                    shared.address.path()
                );
                shared.turn_away(StatusCode::NOT_FOUND, &reason)
            }
            _ => words(StatusCode::NOT_FOUND, "nothing here\n"),
        };
    }
    match *request.method() {
        Method::OPTIONS => preflight(&request),
        Method::GET => match request.uri().query() {
            Some(query) if looks_like_callback(Some(query)) => {
                let query = query.to_owned();
                shared.judge(pending, &query, Form::Query)
            }
            _ => page(StatusCode::OK, Said::Relay),
        },
        Method::POST => match body(request).await {
            Ok(posted) => {
                let fragment = parameter(&posted, FRAGMENT);
                match fragment {
                    Some(fragment) => shared.judge(pending, &fragment, Form::Fragment),
                    None => shared.judge(pending, &posted, Form::Post),
                }
            }
            Err((status, reason)) => shared.turn_away(status, reason),
        },
        _ => {
            let mut response = words(
                StatusCode::METHOD_NOT_ALLOWED,
                "a callback is a GET, or a POST of a form\n",
            );
            response.headers_mut().insert(
                header::ALLOW,
                HeaderValue::from_static("GET, POST, OPTIONS"),
            );
            response
        }
    }
}

impl Shared {
    /// Decides about one callback: `state` first, in constant time, then whether it is the first.
    fn judge(&self, pending: &Pending, parameters: &str, form: Form) -> Response<Full<Bytes>> {
        for name in ["state", "code", "error"] {
            // RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
            if form_urlencoded::parse(parameters.as_bytes())
                .filter(|(key, _)| key == name)
                .nth(1)
                .is_some()
            {
                let reason = format!("it is malformed: `{name}` occurs more than once");
                return self.turn_away(StatusCode::BAD_REQUEST, &reason);
            }
        }
        let error = parameter(parameters, "error").filter(|error| !error.is_empty());
        let aside = error
            .as_deref()
            .map(|error| format!(" (it brought the error {})", shown(error)))
            .unwrap_or_default();
        let Some(state) = parameter(parameters, "state") else {
            return self.turn_away(
                StatusCode::BAD_REQUEST,
                &format!("it has no `state`{aside}"),
            );
        };
        if !bool::from(state.as_bytes().ct_eq(self.state.as_bytes())) {
            return self.turn_away(
                StatusCode::BAD_REQUEST,
                &format!("its `state` is foreign{aside}"),
            );
        }
        if self.taken.swap(true, Ordering::AcqRel) {
            return self.turn_away(
                StatusCode::BAD_REQUEST,
                "it is repeated: the callback had come already",
            );
        }
        let mut url = self.address.clone();
        url.set_query(Some(parameters));
        *lock(&pending.seen) = Some(CallbackSeen {
            url,
            in_fragment: form == Form::Fragment,
            at: self.clock.now(),
        });
        let granted = ["code", "access_token", "id_token"]
            .iter()
            .any(|name| parameter(parameters, name).is_some());
        let sentence = parameter(parameters, "error_description");
        let said = match (&error, granted) {
            (Some(code), _) => Said::Refused(code, sentence.as_deref()),
            (None, true) => Said::Granted,
            (None, false) => Said::Empty,
        };
        closing(page(StatusCode::OK, said))
    }

    /// Refuses, remembers why, and says it to the person.
    fn turn_away(&self, status: StatusCode, reason: &str) -> Response<Full<Bytes>> {
        self.remember(format!("a callback was turned away: {reason}"));
        closing(page(status, Said::TurnedAway(reason)))
    }

    fn remember(&self, reason: String) {
        let (reasons, more) = &mut *lock(&self.turned_away);
        if reasons.len() < REASONS {
            reasons.push(reason);
        } else {
            *more += 1;
        }
    }

    /// Connections that never got as far as a request.
    fn turned(&self, turned: &Turned) {
        self.remember(match turned {
            Turned::Plain => {
                "a call came over plain http, and the callback URL says https".to_owned()
            }
            Turned::Tls => {
                "a call came over TLS, and the callback URL says http".to_owned()
            }
            Turned::Untrusted(alert) => format!(
                "a client does not trust the certificate of the callback server (TLS alert {alert}): `grantproof ca install` puts the harness CA into the trust stores"
            ),
            Turned::Handshake(reason) => format!("a TLS handshake came to nothing: {reason}"),
        });
    }
}

/// Before a page on the internet leads to loopback, Chromium asks whether it may (WICG Private Network Access, section 3.1).
fn preflight(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    const ASKED: &str = "access-control-request-private-network";
    const GIVEN: &str = "access-control-allow-private-network";
    let mut response = words(StatusCode::NO_CONTENT, "");
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Some(origin) = request.headers().get(header::ORIGIN) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST"),
    );
    if request.headers().contains_key(ASKED) {
        headers.insert(GIVEN, HeaderValue::from_static("true"));
    }
    response
}

/// Reads a posted form, bounded.
async fn body(request: Request<Incoming>) -> Result<String, (StatusCode, &'static str)> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
    if !is_form {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "it is malformed: what was posted is no form",
        ));
    }
    let read = Limited::new(request.into_body(), BODY_LIMIT)
        .collect()
        .await;
    let read = read.map_err(|_| {
        (
            StatusCode::PAYLOAD_TOO_LARGE,
            "it is malformed: what was posted is too long, or broke off",
        )
    })?;
    String::from_utf8(read.to_bytes().into()).map_err(|_| {
        (
            StatusCode::BAD_REQUEST,
            "it is malformed: what was posted is no form",
        )
    })
}

fn names_loopback(request: &Request<Incoming>) -> bool {
    request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(|host| Url::parse(&format!("http://{host}/")).ok())
        .is_some_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

fn looks_like_callback(query: Option<&str>) -> bool {
    query.is_some_and(|query| {
        form_urlencoded::parse(query.as_bytes()).any(|(key, _)| {
            matches!(
                &*key,
                "state" | "code" | "error" | "access_token" | "id_token"
            )
        })
    })
}

fn parameter(parameters: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(parameters.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A word of a stranger, for a report: what is no word is left out.
fn shown(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_ascii_alphanumeric() || "_-./".contains(*c))
        .take(64)
        .collect()
}

fn words(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    plain(
        status,
        "text/plain; charset=utf-8",
        Bytes::from_static(text.as_bytes()),
    )
}

/// The last answer of its connection.
fn closing(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::super::ca::{HarnessCa, ProcessCa};
    use super::super::clock::SystemClock;
    use super::super::transport::{HyperTransport, Options};
    use super::*;
    use crate::ports::Transport as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const STATE: &str = "st-1234567890";
    const SOON: Duration = Duration::from_secs(10);

    struct Bench {
        server: TlsCallbackServer,
        transport: HyperTransport,
    }

    fn bench() -> Bench {
        let now = SystemClock.now();
        let ca = Arc::new(ProcessCa::new("test", now).expect("a CA"));
        let authority = ca.certificate_der().clone();
        let issue = move |names: &[&str]| ca.issue(names, now)?.server_config();
        Bench {
            server: TlsCallbackServer::new(issue, Arc::new(SystemClock)),
            transport: trusting(authority),
        }
    }

    fn trusting(authority: rustls_pki_types::CertificateDer<'static>) -> HyperTransport {
        HyperTransport::new(Options {
            authorities: vec![authority],
            system_roots: false,
            ..Options::default()
        })
        .expect("a transport")
    }

    impl Bench {
        async fn bind(&self, redirect_uri: &str) -> Box<dyn Callback> {
            let bound = self.server.bind(redirect_uri, STATE).await;
            bound.unwrap_or_else(|fault| panic!("{fault}"))
        }

        async fn send(&self, request: crate::exchange::Request) -> crate::exchange::Response {
            let sent = self.transport.send(request).await;
            sent.unwrap_or_else(|fault| panic!("{fault}"))
        }

        async fn get(&self, address: &str) -> crate::exchange::Response {
            let url = Url::parse(address).expect("an address");
            self.send(crate::exchange::Request::get(url)).await
        }

        async fn post(&self, address: &str, fields: &[(&str, &str)]) -> crate::exchange::Response {
            let url = Url::parse(address).expect("an address");
            let fields = fields.iter().copied();
            self.send(crate::exchange::Request::form(url, fields)).await
        }
    }

    async fn seen(callback: &mut Box<dyn Callback>) -> CallbackSeen {
        let seen = callback.wait(SOON).await;
        seen.unwrap_or_else(|fault| panic!("{fault}"))
    }

    #[tokio::test]
    async fn a_callback_over_tls_of_the_harness_ca() {
        let home = tempfile::tempdir().expect("a folder");
        let now = SystemClock.now();
        let ca = HarnessCa::load_or_create(&home.path().join("ca"), now).expect("a CA");
        let transport = trusting(ca.certificate_der().clone());
        let issue = move |names: &[&str]| ca.issue(names, now)?.server_config();
        let bench = Bench {
            server: TlsCallbackServer::new(issue, Arc::new(SystemClock)),
            transport,
        };
        for host in ["localhost", "127.0.0.1", "[::1]", "app.localhost"] {
            let mut callback = bench.bind(&format!("https://{host}:0/cb?x=1")).await;
            let uri = callback.redirect_uri().to_owned();
            assert!(uri.starts_with(&format!("https://{host}:")) && uri.ends_with("/cb?x=1"));
            assert!(!uri.contains(":0/"), "{uri}");
            let answer = bench
                .get(&format!("{uri}&code=c0de%2B&state={STATE}"))
                .await;
            assert_eq!(answer.status, StatusCode::OK);
            let text = answer.text();
            assert!(text.contains("You can close this tab"), "{text}");
            assert!(!text.contains("c0de") && !text.contains(STATE));
            let seen = seen(&mut callback).await;
            assert_eq!(seen.parameter("code").as_deref(), Some("c0de+"));
            assert!(!seen.in_fragment);
            assert_eq!(callback.turned_away(), Vec::<String>::new());
        }
    }

    #[tokio::test]
    async fn a_leaf_beyond_the_name_constraints_is_worth_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let now = SystemClock.now();
        let ca = HarnessCa::load_or_create(&home.path().join("ca"), now).expect("a CA");
        let listeners = bind_loopback(0).expect("loopback");
        let port = listeners[0].local_addr().expect("bound").port();
        let leaf = ca.issue(&["localhost", "login.salesforce.com"], now);
        let tls = leaf.and_then(super::super::ca::Leaf::server_config);
        let answer = super::super::listen::service(|_| async { words(StatusCode::OK, "") });
        let _server = serve(listeners, tls.ok(), LIMITS, move |_| answer.clone(), |_| {});
        let url = Url::parse(&format!("https://localhost:{port}/")).expect("an address");
        let sent = trusting(ca.certificate_der().clone())
            .send(crate::exchange::Request::get(url))
            .await;
        assert_eq!(sent.err().map(|fault| fault.name()), Some("tls"));
    }

    #[tokio::test]
    async fn foreign_malformed_and_repeated_callbacks_are_counted_and_not_returned() {
        let bench = bench();
        let mut callback = bench.bind("https://localhost:0/cb").await;
        let uri = callback.redirect_uri().to_owned();
        for (query, status) in [
            ("code=c&state=other".to_owned(), 400),
            ("code=c".to_owned(), 400),
            ("error=OAUTH_APP_ACCESS_DENIED<b>".to_owned(), 400),
            (format!("code=c&state={STATE}&state=x"), 400),
            (format!("code=c&code=d&state={STATE}"), 400),
        ] {
            let answer = bench.get(&format!("{uri}?{query}")).await;
            assert_eq!(answer.status, status, "{query}");
            assert!(answer.text().contains("turned away"));
            assert!(!answer.text().contains("<b>"));
        }
        let aside = uri.replace("/cb", "/callback");
        let answer = bench.get(&format!("{aside}?code=c&state={STATE}")).await;
        assert_eq!(answer.status, 404);
        let answer = bench.get(&format!("{uri}?code=c&state={STATE}")).await;
        assert_eq!(answer.status, 200);
        let answer = bench.get(&format!("{uri}?code=d&state={STATE}")).await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            seen(&mut callback).await.parameter("code").as_deref(),
            Some("c")
        );
        let turned_away = callback.turned_away();
        let expected = [
            "its `state` is foreign",
            "it has no `state`",
            "it has no `state` (it brought the error OAUTH_APP_ACCESS_DENIEDb)",
            "it is malformed: `state` occurs more than once",
            "it is malformed: `code` occurs more than once",
            "it came to the path /callback, and the callback URL says /cb",
            "it is repeated: the callback had come already",
        ];
        assert_eq!(
            turned_away,
            expected.map(|reason| format!("a callback was turned away: {reason}"))
        );
        assert!(!turned_away.join("").contains(STATE));
    }

    #[tokio::test]
    async fn an_error_is_shown_escaped_and_returned() {
        let bench = bench();
        let mut callback = bench.bind("https://localhost:0/cb").await;
        let uri = callback.redirect_uri().to_owned();
        let query = format!(
            "error=access_denied&error_description=%3Cscript%3Eend%20user%20denied%3C/script%3E&state={STATE}"
        );
        let answer = bench.get(&format!("{uri}?{query}")).await;
        let text = answer.text();
        assert!(text.contains("<code>access_denied</code>"), "{text}");
        assert!(text.contains("&lt;script&gt;end user denied"), "{text}");
        let policy = answer.header(&header::CONTENT_SECURITY_POLICY);
        assert!(policy.is_some_and(|policy| policy.contains("default-src 'none'")));
        assert!(policy.is_some_and(|policy| !policy.contains("script-src")));
        let seen = seen(&mut callback).await;
        assert_eq!(seen.parameter("error").as_deref(), Some("access_denied"));
    }

    #[tokio::test]
    async fn the_fragment_is_relayed_by_the_page() {
        let bench = bench();
        let mut callback = bench.bind("https://localhost:0/cb").await;
        let uri = callback.redirect_uri().to_owned();
        let answer = bench.get(&uri).await;
        assert!(answer.text().contains("grantproof_fragment"));
        let policy = answer.header(&header::CONTENT_SECURITY_POLICY);
        assert!(policy.is_some_and(|policy| policy.contains("script-src 'sha256-")));
        let fragment = format!("access_token=00D%21AQ&state={STATE}");
        let answer = bench.post(&uri, &[(FRAGMENT, &fragment)]).await;
        assert!(answer.text().contains("Sign-in complete"));
        let seen = seen(&mut callback).await;
        assert!(seen.in_fragment);
        assert_eq!(seen.parameter("access_token").as_deref(), Some("00D!AQ"));
    }

    #[tokio::test]
    async fn form_post_over_plain_http_where_the_callback_url_says_so() {
        let bench = bench();
        let mut callback = bench.bind("http://localhost:0/cb").await;
        let uri = callback.redirect_uri().to_owned();
        let answer = bench.post(&uri, &[("code", "c"), ("state", STATE)]).await;
        assert_eq!(answer.status, 200);
        let seen = seen(&mut callback).await;
        assert_eq!(seen.url.scheme(), "http");
        assert_eq!(seen.parameter("code").as_deref(), Some("c"));

        let tls = uri.replace("http:", "https:");
        let url = Url::parse(&tls).expect("an address");
        let sent = bench.transport.send(crate::exchange::Request::get(url));
        assert_eq!(sent.await.err().map(|fault| fault.name()), Some("tls"));
        let turned_away = callback.turned_away();
        assert_eq!(
            turned_away,
            ["a call came over TLS, and the callback URL says http"]
        );
    }

    #[tokio::test]
    async fn plain_http_at_a_tls_callback_and_a_client_without_our_ca() {
        let bench = bench();
        let callback = bench.bind("https://localhost:0/cb").await;
        let plain = callback.redirect_uri().replace("https:", "http:");
        let answer = bench.get(&format!("{plain}?code=c&state={STATE}")).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("write https://"));
        let stranger = self::bench();
        let url = Url::parse(callback.redirect_uri()).expect("an address");
        let sent = stranger.transport.send(crate::exchange::Request::get(url));
        assert_eq!(sent.await.err().map(|fault| fault.name()), Some("tls"));
        // The alert may still be on its way.
        let mut turned_away = callback.turned_away();
        while turned_away.len() < 2 {
            tokio::task::yield_now().await;
            turned_away = callback.turned_away();
        }
        assert!(
            turned_away[0].contains("over plain http"),
            "{turned_away:?}"
        );
        assert!(turned_away[1].contains("ca install"), "{turned_away:?}");
    }

    #[tokio::test]
    async fn what_is_too_big_is_refused() {
        let bench = bench();
        let callback = bench.bind("http://127.0.0.1:0/cb").await;
        let uri = callback.redirect_uri().to_owned();
        let long = "x".repeat(BODY_LIMIT + 1);
        let answer = bench.post(&uri, &[("code", &long), ("state", STATE)]).await;
        assert_eq!(answer.status, 413);
        let answer = bench
            .get(&format!("{uri}?code={}", &long[..LIMITS.head]))
            .await;
        assert!(
            matches!(answer.status.as_u16(), 414 | 431),
            "{}",
            answer.status
        );
        let long = "x".repeat(LIMITS.head);
        let url = Url::parse(&uri).expect("an address");
        let request = crate::exchange::Request::get(url).header(header::ACCEPT, &long);
        assert_eq!(bench.send(request).await.status, 431);
        assert_eq!(callback.turned_away().len(), 1);
    }

    #[tokio::test]
    async fn browsers_get_their_icon_and_their_leave() {
        let bench = bench();
        let callback = bench.bind("https://localhost:0/cb").await;
        let uri = callback.redirect_uri().to_owned();
        let icon = bench.get(&uri.replace("/cb", "/favicon.ico")).await;
        assert_eq!(icon.header(&header::CONTENT_TYPE), Some("image/svg+xml"));
        let url = Url::parse(&uri).expect("an address");
        let mut request = crate::exchange::Request::get(url.clone())
            .header(header::ORIGIN, "https://login.salesforce.com")
            .header(
                http::HeaderName::from_static("access-control-request-private-network"),
                "true",
            );
        request.method = Method::OPTIONS;
        let answer = bench.send(request).await;
        let leave = http::HeaderName::from_static("access-control-allow-private-network");
        assert_eq!(answer.header(&leave), Some("true"));
        let mut request = crate::exchange::Request::get(url);
        request.method = Method::PUT;
        assert_eq!(bench.send(request).await.status, 405);
        let rebound = crate::exchange::Request::get(
            Url::parse(&format!("{uri}?code=c&state={STATE}")).expect("an address"),
        )
        .header(header::HOST, "rebound.example.com");
        assert_eq!(bench.send(rebound).await.status, 421);
        assert_eq!(callback.turned_away().len(), 1);
    }

    #[tokio::test]
    async fn what_cannot_be_listened_on_says_what_to_do() {
        let bench = bench();
        let fault = |uri: String| {
            let server = &bench.server;
            async move {
                server
                    .bind(&uri, STATE)
                    .await
                    .err()
                    .expect("a fault")
                    .to_string()
            }
        };
        let text = fault("https://app.example.com/cb".to_owned()).await;
        assert!(
            text.contains("--paste") && text.contains("add https://localhost"),
            "{text}"
        );
        assert!(fault("myapp://cb".to_owned()).await.contains("--paste"));
        assert!(fault("cb".to_owned()).await.contains("absolute URL"));
        assert!(
            fault("https://localhost:0/#x".to_owned())
                .await
                .contains("fragment")
        );
        assert!(
            fault("https://127.0.0.9:0/".to_owned())
                .await
                .contains("use localhost")
        );
        let taken = bench.bind("https://localhost:0/cb").await;
        let text = fault(taken.redirect_uri().to_owned()).await;
        assert!(
            text.contains("in use") && text.contains("callback URL of the app"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn nobody_calls() {
        let bench = bench();
        let mut callback = bench.bind("https://localhost:0/cb").await;
        let end = callback.wait(Duration::from_millis(5)).await;
        let after = Duration::from_millis(5);
        assert_eq!(end.err(), Some(Fault::NoCallback { after }));
    }

    #[tokio::test]
    async fn the_page_reaches_a_slow_reader_after_the_callback_is_gone() {
        let bench = bench();
        let mut callback = bench.bind("http://127.0.0.1:0/cb").await;
        let uri = Url::parse(callback.redirect_uri()).expect("an address");
        let address = ("127.0.0.1", uri.port().expect("a port"));
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("there");
        let request = format!("GET /cb?code=c&state={STATE} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        seen(&mut callback).await;
        drop(callback);
        let mut page = String::new();
        stream.read_to_string(&mut page).await.expect("whole");
        assert!(page.trim_end().ends_with("</html>"), "{page}");
    }

    #[tokio::test]
    async fn garbage_and_silence_do_no_harm() {
        let bench = bench();
        let mut callback = bench.bind("https://localhost:0/cb").await;
        let uri = Url::parse(callback.redirect_uri()).expect("an address");
        let address = ("127.0.0.1", uri.port().expect("a port"));
        let mut silent = Vec::new();
        for garbage in [
            &b""[..],
            b"\x16\x03\x01\xff\xff\x00",
            b"\x80garbage\r\n\r\n",
        ] {
            let mut stream = tokio::net::TcpStream::connect(address)
                .await
                .expect("there");
            stream.write_all(garbage).await.expect("sent");
            silent.push(stream);
        }
        let answer = bench.get(&format!("{uri}?code=c&state={STATE}")).await;
        assert_eq!(answer.status, 200);
        seen(&mut callback).await;
    }
}
