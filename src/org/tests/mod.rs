//! The org driven in memory: requests go straight to the service function, without sockets.

mod device;
mod grants;
mod refusals;
mod sockets;
mod weather;
mod wordings;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use super::{Gate, OrgServer, Ports, Setup, Tenant};
use crate::cause::{AppKind, CauseId};
use crate::factor::Delta;
use crate::model::{AppId, OrgState};
use crate::oauth::challenge_of;
use crate::ports::{Boxed, Clock, Entropy};

const CALLBACK: &str = "https://localhost/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const AUTHORIZE: &str = "/services/oauth2/authorize";
const TOKEN: &str = "/services/oauth2/token";

/// A clock that a sleep moves.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_772_355_600 + self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn sleep(&self, duration: Duration) -> Boxed<'_, ()> {
        let seconds = i64::try_from(duration.as_secs()).unwrap();
        self.0.fetch_add(seconds, Ordering::SeqCst);
        Box::pin(std::future::ready(()))
    }
}

/// Different octets at each call; nothing here is a secret.
struct TestEntropy(AtomicU64);

impl Entropy for TestEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut rng = fastrand::Rng::with_seed(self.0.fetch_add(1, Ordering::SeqCst));
        rng.fill(buffer);
    }
}

/// One org with a browser and a client.
struct World {
    server: OrgServer,
    tenant: Arc<Tenant>,
    clock: Arc<TestClock>,
    cookie: std::sync::Mutex<Option<String>>,
}

/// An answer, read.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    location: Option<String>,
    content_type: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn error(&self) -> (String, String) {
        let json = self.json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        (text("error"), text("error_description"))
    }

    fn token(&self, name: &str) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    fn location(&self) -> &str {
        self.location
            .as_deref()
            .unwrap_or_else(|| panic!("no redirect: {self:?}"))
    }

    /// A parameter of the redirect.
    fn parameter(&self, name: &str) -> Option<String> {
        let url = Url::parse("https://localhost")
            .unwrap()
            .join(self.location())
            .unwrap();
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

impl World {
    fn new() -> Self {
        Self::of(OrgState::healthy())
    }

    fn of(state: OrgState) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(0)));
        let tenant = Arc::new(Tenant::new(Setup {
            label: "acme".to_owned(),
            number: 7,
            state,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::new(TestEntropy(AtomicU64::new(1))),
        }));
        let server = OrgServer::new(Ports {
            login: 8441,
            my_domain: 8442,
            test: Some(8443),
            admin: None,
        });
        server.register_default(Arc::clone(&tenant));
        Self {
            server,
            tenant,
            clock,
            cookie: std::sync::Mutex::new(None),
        }
    }

    fn with(deltas: &[Delta]) -> Self {
        let world = Self::new();
        for delta in deltas {
            world.tenant.change(delta, AppId(0)).unwrap();
        }
        world
    }

    /// The legacy app kind, which alone has the username-password flow.
    fn connected_app() -> Self {
        let mut state = OrgState::healthy();
        state.apps[0].kind = AppKind::ConnectedApp;
        Self::of(state)
    }

    fn key(&self) -> String {
        self.tenant.credentials().apps[0].client_id.clone()
    }

    fn secret(&self) -> String {
        self.tenant.credentials().apps[0]
            .client_secret
            .expose()
            .to_owned()
    }

    fn password(&self) -> String {
        self.tenant.credentials().people[0]
            .password
            .expose()
            .to_owned()
    }

    fn wait(&self, span: SignedDuration) {
        self.clock.0.fetch_add(span.as_secs(), Ordering::SeqCst);
    }

    fn last_cause(&self) -> Option<CauseId> {
        self.tenant.last_verdict().and_then(|entry| entry.cause)
    }

    async fn send(&self, gate: Gate, request: Request<Full<Bytes>>) -> Answer {
        let peer = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50_000);
        let reply = self.server.answer(gate, peer, request).await;
        let (head, body) = reply.into_parts();
        if let Some(cookie) = head.headers.get(SET_COOKIE) {
            let pair = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            *self.cookie.lock().unwrap() = Some(pair);
        }
        let text = |name: http::HeaderName| {
            head.headers
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        Answer {
            status: head.status,
            location: text(LOCATION),
            content_type: text(CONTENT_TYPE).unwrap_or_default(),
            body: String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap(),
        }
    }

    fn request(&self, method: Method, gate: Gate, path: &str) -> http::request::Builder {
        let port = match gate {
            Gate::Login => 8441,
            Gate::Test => 8443,
            _ => 8442,
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, format!("localhost:{port}"));
        if let Some(cookie) = &*self.cookie.lock().unwrap() {
            request = request.header(COOKIE, cookie);
        }
        request
    }

    async fn get_at(&self, gate: Gate, path: &str) -> Answer {
        let request = self.request(Method::GET, gate, path).body(Full::default());
        self.send(gate, request.unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.get_at(Gate::MyDomain, path).await
    }

    async fn post_at(&self, gate: Gate, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .request(Method::POST, gate, path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body));
        self.send(gate, request.unwrap()).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_at(Gate::MyDomain, path, fields).await
    }

    /// A token request of the app with its secret.
    async fn ask(&self, fields: &[(&str, &str)]) -> Answer {
        let (key, secret) = (self.key(), self.secret());
        let mut all = vec![("client_id", key.as_str()), ("client_secret", &secret)];
        all.extend_from_slice(fields);
        self.post(TOKEN, &all).await
    }

    async fn use_at(&self, path: &str, token: &str) -> Answer {
        let request = self
            .request(Method::GET, Gate::MyDomain, path)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .body(Full::default());
        self.send(Gate::MyDomain, request.unwrap()).await
    }

    fn authorize_path(&self, more: &[(&str, &str)]) -> String {
        let key = self.key();
        let challenge = challenge_of(VERIFIER);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let usual = [
            ("response_type", "code"),
            ("client_id", &key),
            ("redirect_uri", CALLBACK),
            ("state", "s 1"),
            ("code_challenge", &challenge),
        ];
        for (name, value) in usual {
            if !more.iter().any(|(other, _)| *other == name) {
                query.append_pair(name, value);
            }
        }
        for (name, value) in more.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        format!("{AUTHORIZE}?{}", query.finish())
    }

    /// Opens the authorization request and logs Ana in; what the login led to.
    async fn log_in(&self, more: &[(&str, &str)]) -> Answer {
        let first = self.get(&self.authorize_path(more)).await;
        assert_eq!(first.status, 302, "{first:?}");
        if !first.location().starts_with("/login") {
            return first;
        }
        assert_eq!(self.get(first.location()).await.status, 200);
        let flow = first.parameter("flow").unwrap();
        self.submit_login(&flow, &self.password()).await
    }

    async fn submit_login(&self, flow: &str, password: &str) -> Answer {
        let fields = [
            ("flow", flow),
            ("username", "ana@acme.test"),
            ("pw", password),
        ];
        self.post("/login", &fields).await
    }

    /// Logs in and redeems the code.
    async fn code_grant(&self) -> Answer {
        let code = self.log_in(&[]).await.parameter("code").unwrap();
        self.redeem(&code).await
    }

    async fn redeem(&self, code: &str) -> Answer {
        self.ask(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    async fn jwt(&self, gate: Gate, claims: &Value) -> Answer {
        let key = super::client_key_pem().expose();
        let assertion = crate::oauth::Assertion::sign(claims, key).unwrap();
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let fields = [("grant_type", grant), ("assertion", &assertion)];
        self.post_at(gate, TOKEN, &fields).await
    }
}
