//! One request as sent, one response as received, with timings. Raw values live here only while a driver works with them;
//! what is kept is an [`Exchange`], which [`crate::secret::Register`] has redacted.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use url::Url;

/// The part of a flow that an exchange belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Discovery document (RFC 8414 section 3, OpenID Connect Discovery section 4).
    Discovery,
    /// Authorization endpoint (RFC 6749 section 3.1).
    Authorize,
    /// A page of the authorization server that a person answers: login, verification, approval.
    Page,
    /// The error page that a Salesforce host shows in place of a redirect.
    ErrorPage,
    /// The redirection endpoint: our callback server (RFC 6749 section 3.1.2).
    Callback,
    /// Token endpoint (RFC 6749 section 3.2).
    Token,
    /// Start of the device flow: the token endpoint at Salesforce, its own endpoint in RFC 8628.
    DeviceAuthorization,
    /// The page where a person enters the user code.
    DevicePage,
    /// Keys of the server (RFC 7517).
    Jwks,
    /// OpenID userinfo.
    Userinfo,
    /// Salesforce's identity URL.
    Identity,
    /// A REST call with the token.
    Rest,
    /// Introspection (RFC 7662).
    Introspect,
    /// Revocation (RFC 7009).
    Revoke,
}

impl Endpoint {
    /// The name in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Authorize => "authorize",
            Self::Page => "page",
            Self::ErrorPage => "error_page",
            Self::Callback => "callback",
            Self::Token => "token",
            Self::DeviceAuthorization => "device_authorization",
            Self::DevicePage => "device_page",
            Self::Jwks => "jwks",
            Self::Userinfo => "userinfo",
            Self::Identity => "identity",
            Self::Rest => "rest",
            Self::Introspect => "introspect",
            Self::Revoke => "revoke",
        }
    }
}

/// A request that is about to be sent. Holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub struct Request {
    /// GET, POST, …
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Header fields beyond those that the transport adds (`host`, `content-length`).
    pub headers: HeaderMap,
    /// The body, empty for GET.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// A POST of a form (`application/x-www-form-urlencoded`, RFC 6749 Appendix B).
    pub fn form<K: AsRef<str>, V: AsRef<str>>(
        url: Url,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut request = Self {
            method: Method::POST,
            url,
            headers: HeaderMap::new(),
            body: body.finish().into_bytes(),
        };
        request.headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        request
    }

    /// The same request with one more header field. A value that HTTP does not allow is left out.
    #[must_use]
    pub fn header(mut self, name: http::HeaderName, value: &str) -> Self {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// A response as it came. Holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// All header fields.
    pub headers: HeaderMap,
    /// The body, cut at the transport's bound.
    pub body: Bytes,
    /// Whether the bound cut it.
    pub cut: bool,
}

impl Response {
    /// A header field as text.
    pub fn header(&self, name: &http::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text, lossy.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The name has no address.
    #[error("the name {host} has no address")]
    Dns {
        /// The name asked for.
        host: String,
    },
    /// Nobody listens, or the connection was cut before TLS began.
    #[error("no connection to {authority}: {reason}")]
    Connect {
        /// `host:port`.
        authority: String,
        /// The system's words.
        reason: String,
    },
    /// The TLS handshake failed; the certificate's owner and end are in the text where it is to blame.
    #[error("no TLS session with {authority}: {reason}")]
    Tls {
        /// `host:port`.
        authority: String,
        /// What was wrong.
        reason: String,
    },
    /// The deadline passed.
    #[error("no answer from {authority} within {after:?}")]
    Timeout {
        /// `host:port`.
        authority: String,
        /// The deadline.
        after: Duration,
    },
    /// The answer broke off, or was no HTTP.
    #[error("the answer of {authority} broke off: {reason}")]
    Broken {
        /// `host:port`.
        authority: String,
        /// What was wrong.
        reason: String,
    },
    /// The callback was never called.
    #[error("the callback was not called within {after:?}")]
    NoCallback {
        /// The deadline.
        after: Duration,
    },
    /// A browser could not be opened, or was closed.
    #[error("the browser did not finish: {reason}")]
    Browser {
        /// What happened.
        reason: String,
    },
    /// The server took the request and asks who the person is; nobody was sent there, on purpose.
    #[error("the server asks who the person is ({page}), and nobody was sent to say it")]
    NoPerson {
        /// The title of its page, or the host of another login service.
        page: String,
    },
    /// The callback server could not listen.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// Address and port.
        address: String,
        /// The system's words, and what to do.
        reason: String,
    },
}

impl Fault {
    /// The machine name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Broken { .. } => "broken",
            Self::NoCallback { .. } => "no_callback",
            Self::Browser { .. } => "browser",
            Self::NoPerson { .. } => "no_person",
            Self::Listen { .. } => "listen",
        }
    }
}

/// One exchange as kept: every text in it went through the register of secrets.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Which part of the flow.
    pub endpoint: Endpoint,
    /// When the request was sent, by the run's clock.
    pub at: Timestamp,
    /// How long until the last octet of the answer, real time.
    pub took: Duration,
    /// What was sent.
    pub sent: Sent,
    /// What came back, or why nothing did.
    pub received: Result<Received, Fault>,
}

/// A request as kept, redacted.
#[derive(Debug, Clone)]
pub struct Sent {
    /// GET, POST, …
    pub method: String,
    /// The address with its query, redacted.
    pub url: String,
    /// Header fields in order, redacted.
    pub headers: Vec<(String, String)>,
    /// Form fields or query-like body, redacted; empty for GET.
    pub fields: Vec<(String, String)>,
    /// A body that is no form, redacted.
    pub body: Option<String>,
}

/// A response as kept, redacted.
#[derive(Debug, Clone)]
pub struct Received {
    /// The status code.
    pub status: u16,
    /// Header fields in order, redacted.
    pub headers: Vec<(String, String)>,
    /// The body as text, redacted and cut for keeping.
    pub body: String,
    /// The whole length in octets.
    pub length: usize,
}

impl Received {
    /// A header field, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}
