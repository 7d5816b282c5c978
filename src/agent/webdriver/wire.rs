//! The few calls of WebDriver that the agent needs, as JSON over HTTP (W3C WebDriver, sections 6 and 8 to 13).

use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json};
use url::Url;

use crate::exchange::{Fault, Request};
use crate::ports::Transport;
use crate::secret::Secret;

/// The key of a reference to an element (W3C WebDriver section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long a page may load, and a script run, in milliseconds.
const PAGE_LOAD: u64 = 30_000;
const SCRIPT: u64 = 10_000;
/// Errors (section 6.6) that pass by themselves when a page is replaced while it is looked at.
const PASSING: &[&str] = &[
    "detached shadow root",
    "element click intercepted",
    "element not interactable",
    "invalid element state",
    "javascript error",
    "no such element",
    "script timeout",
    "stale element reference",
    "timeout",
    "unexpected alert open",
    "unknown error",
];

/// Why a call did nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The page was changing, or takes long: look again.
    Passing(String),
    /// The session is of no more use.
    Lasting(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Lasting(fault)
    }
}

/// An element of the page that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element(String);

impl Element {
    /// Reads a reference; `None` for anything else.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let id = value.get(ELEMENT)?.as_str()?;
        // It becomes a part of a path.
        let harmless = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        id.chars().all(harmless).then(|| Self(id.to_owned()))
    }
}

/// A browser of its own.
pub(super) struct Session<'a> {
    transport: &'a dyn Transport,
    base: Url,
}

impl<'a> Session<'a> {
    /// Starts a browser. It checks certificates: `acceptInsecureCerts` is false (section 7).
    pub(super) async fn start(
        transport: &'a dyn Transport,
        server: &Url,
        arguments: &[String],
    ) -> Result<Self, Fault> {
        let asked = json!({"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": false,
            "timeouts": {"implicit": 0, "pageLoad": PAGE_LOAD, "script": SCRIPT},
            "goog:chromeOptions": {"args": arguments},
        }}});
        let at = below(server, &["session"]);
        let answer = match call(transport, Method::POST, at, Some(asked)).await {
            Ok(answer) => answer,
            Err(Trouble::Lasting(fault)) => return Err(fault),
            Err(Trouble::Passing(reason)) => return Err(broken(&reason)),
        };
        let id = answer.get("sessionId").and_then(Value::as_str);
        let id = id.filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        match id {
            Some(id) if !id.is_empty() => Ok(Self {
                transport,
                base: below(server, &["session", id]),
            }),
            _ => Err(broken("the WebDriver server names no session")),
        }
    }

    /// Opens an address, and waits until it is loaded or has failed.
    pub(super) async fn open(&self, url: &str) -> Result<(), Trouble> {
        self.post(&["url"], json!({"url": url})).await.map(drop)
    }

    /// The address, also of a page that could not be loaded.
    pub(super) async fn address(&self) -> Result<String, Trouble> {
        let at = below(&self.base, &["url"]);
        let answer = call(self.transport, Method::GET, at, None).await?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script of ours in the page.
    pub(super) async fn run(&self, script: &str, argument: Value) -> Result<Value, Trouble> {
        let asked = json!({"script": script, "args": [argument]});
        self.post(&["execute", "sync"], asked).await
    }

    /// Presses an element, as a person would.
    pub(super) async fn press(&self, element: &Element) -> Result<(), Trouble> {
        let path = ["element", &element.0, "click"];
        self.post(&path, json!({})).await.map(drop)
    }

    /// Clears a field and types into it.
    pub(super) async fn type_into(&self, element: &Element, text: &Secret) -> Result<(), Trouble> {
        self.post(&["element", &element.0, "clear"], json!({}))
            .await?;
        let asked = json!({"text": text.expose()});
        let path = ["element", &element.0, "value"];
        self.post(&path, asked).await.map(drop)
    }

    /// Closes the browser. Nobody can be told where that fails; the server closes it when it ends.
    pub(super) async fn end(self) {
        let _ = call(self.transport, Method::DELETE, self.base.clone(), None).await;
    }

    async fn post(&self, path: &[&str], body: Value) -> Result<Value, Trouble> {
        let at = below(&self.base, path);
        call(self.transport, Method::POST, at, Some(body)).await
    }
}

fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

pub(super) fn broken(reason: &str) -> Fault {
    Fault::Browser {
        reason: reason.to_owned(),
    }
}

/// One call. The value of the answer, or of its error (section 6.6).
async fn call(
    transport: &dyn Transport,
    method: Method,
    url: Url,
    body: Option<Value>,
) -> Result<Value, Trouble> {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    let request = Request {
        method,
        url,
        headers,
        body: body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default(),
    };
    let response = transport.send(request).await;
    // It is no word about the server that the browser is to visit.
    let response = response.map_err(|fault| broken(&format!("the WebDriver server: {fault}")))?;
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let value = answer.get("value").cloned();
    match value {
        Some(value) if response.status.is_success() => Ok(value),
        Some(value) => {
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            let (error, message) = (text("error"), text("message"));
            // What follows the first line is about the browser.
            let reason = message.lines().next().filter(|line| !line.is_empty());
            let reason = reason.unwrap_or(error);
            if PASSING.contains(&error) && !reason.contains("disconnected") {
                Err(Trouble::Passing(reason.to_owned()))
            } else {
                Err(broken(reason).into())
            }
        }
        None => Err(broken(&format!(
            "what answers as the WebDriver server does not speak WebDriver (status {})",
            response.status.as_u16()
        ))
        .into()),
    }
}
