//! A world in memory for tests: a transport that answers from a closure, a clock that a sleep moves, counted entropy, and a callback
//! server that the transport delivers to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::exchange::{Fault, Request, Response};
use crate::ports::{
    Boxed, Callback, CallbackSeen, CallbackServer, Clock, Entropy, Ports, Transport, UserAgent,
};
use crate::secret::Register;

/// Where the fake callback server listens.
pub(crate) const CALLBACK: &str = "https://localhost:9443/cb";

pub(crate) type Answer = Result<Response, Fault>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything a driver may touch, in memory.
pub(crate) struct World {
    pub(crate) clock: FakeClock,
    pub(crate) transport: FakeTransport,
    pub(crate) secrets: Register,
    callbacks: FakeCallbacks,
    entropy: Counter,
}

impl World {
    pub(crate) fn new(server: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let called = Arc::default();
        Self {
            clock: FakeClock(Mutex::new("2026-11-24T12:00:00Z".parse().unwrap())),
            transport: FakeTransport {
                server: Box::new(server),
                called: Arc::clone(&called),
                log: Mutex::default(),
            },
            secrets: Register::new(),
            callbacks: FakeCallbacks(called),
            entropy: Counter(Mutex::new(0)),
        }
    }

    pub(crate) fn ports<'a>(&'a self, agent: &'a dyn UserAgent) -> Ports<'a> {
        Ports {
            transport: &self.transport,
            clock: &self.clock,
            entropy: &self.entropy,
            callbacks: &self.callbacks,
            agent,
            secrets: &self.secrets,
        }
    }

    /// Everything sent, raw.
    pub(crate) fn log(&self) -> Vec<Request> {
        lock(&self.transport.log).clone()
    }
}

pub(crate) struct FakeClock(Mutex<Timestamp>);

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }

    fn sleep(&self, duration: Duration) -> Boxed<'_, ()> {
        let mut now = lock(&self.0);
        let duration = SignedDuration::try_from(duration).unwrap();
        *now = now.checked_add(duration).unwrap();
        Box::pin(std::future::ready(()))
    }
}

/// Octets that differ from call to call and from octet to octet.
struct Counter(Mutex<u8>);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        for octet in buffer {
            let mut next = lock(&self.0);
            *next = next.wrapping_mul(5).wrapping_add(113);
            *octet = *next;
        }
        let mut next = lock(&self.0);
        *next = next.wrapping_add(1);
    }
}

pub(crate) struct FakeTransport {
    server: Box<dyn Fn(&Request) -> Answer + Send + Sync>,
    called: Arc<Mutex<Vec<Url>>>,
    log: Mutex<Vec<Request>>,
}

impl Transport for FakeTransport {
    fn send(&self, request: Request) -> Boxed<'_, Answer> {
        lock(&self.log).push(request.clone());
        let answer = if request.url.as_str().starts_with(CALLBACK) {
            lock(&self.called).push(request.url);
            html("<title>Done</title>You can close this page")
        } else {
            (self.server)(&request)
        };
        Box::pin(std::future::ready(answer))
    }
}

struct FakeCallbacks(Arc<Mutex<Vec<Url>>>);

impl CallbackServer for FakeCallbacks {
    fn bind<'a>(
        &'a self,
        redirect_uri: &'a str,
        state: &'a str,
    ) -> Boxed<'a, Result<Box<dyn Callback>, Fault>> {
        let bound = Awaited {
            redirect_uri: redirect_uri.to_owned(),
            state: state.to_owned(),
            called: Arc::clone(&self.0),
            turned_away: Vec::new(),
        };
        Box::pin(std::future::ready(Ok(Box::new(bound) as Box<dyn Callback>)))
    }
}

struct Awaited {
    redirect_uri: String,
    state: String,
    called: Arc<Mutex<Vec<Url>>>,
    turned_away: Vec<String>,
}

impl Callback for Awaited {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn wait(&mut self, within: Duration) -> Boxed<'_, Result<CallbackSeen, Fault>> {
        let mut found = Err(Fault::NoCallback { after: within });
        for url in lock(&self.called).drain(..) {
            let seen = CallbackSeen {
                url,
                in_fragment: false,
                at: Timestamp::UNIX_EPOCH,
            };
            if seen.parameter("state").as_deref() == Some(&self.state) {
                found = Ok(seen);
            } else {
                self.turned_away.push("foreign state".to_owned());
            }
        }
        Box::pin(std::future::ready(found))
    }

    fn turned_away(&self) -> Vec<String> {
        self.turned_away.clone()
    }
}

/// An answer with headers.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where a transport answers"
)]
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    Ok(Response {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: Bytes::from(body.into()),
        cut: false,
    })
}

pub(crate) fn json(status: u16, body: &serde_json::Value) -> Answer {
    let kind = ("content-type", "application/json");
    answer(status, &[kind], body.to_string())
}

pub(crate) fn html(body: &str) -> Answer {
    answer(200, &[("content-type", "text/html; charset=utf-8")], body)
}

pub(crate) fn redirect(location: &str) -> Answer {
    answer(302, &[("location", location)], "")
}

/// A field of a form body, or of the query.
pub(crate) fn field(request: &Request, name: &str) -> Option<String> {
    let form = url::form_urlencoded::parse(&request.body).into_owned();
    let query: Vec<_> = request.url.query_pairs().into_owned().collect();
    form.chain(query)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}
