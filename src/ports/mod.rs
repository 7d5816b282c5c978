//! The border: traits for everything outside the program, so that a driver cannot tell a real org from the simulated one.
//! Their real makers are in `edge`; the simulated org needs none but a clock of its own, for it is reached over TLS like any server.

mod pages;

use std::{future::Future, pin::Pin, time::Duration};

use jiff::Timestamp;
use url::Url;

use crate::exchange::{Exchange, Fault, Request, Response};
use crate::secret::{Register, Secret};

pub use self::pages::{PageAct, PageStep, Pages, Typed, WebDriverServer};

/// A future that a trait object can return.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and reads one answer. Never follows a redirect, never retries, bounds the body.
pub trait Transport: Send + Sync {
    /// Ends within the transport's deadline with an answer or the reason for none.
    fn send(&self, request: Request) -> Boxed<'_, Result<Response, Fault>>;
}

/// What time it is, and waiting. Virtual for the simulated org: a sleep moves the clock and returns.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;
    /// Waits.
    fn sleep(&self, duration: Duration) -> Boxed<'_, ()>;
}

/// Random octets.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Makes callback servers.
pub trait CallbackServer: Send + Sync {
    /// Listens for one callback at `redirect_uri`. Port 0 in it means any free port; the address that results is
    /// [`Callback::redirect_uri`]. Bound when this returns, so a browser may be opened after it.
    fn bind<'a>(
        &'a self,
        redirect_uri: &'a str,
        state: &'a str,
    ) -> Boxed<'a, Result<Box<dyn Callback>, Fault>>;
}

/// One callback that is awaited.
pub trait Callback: Send + Sync {
    /// The redirect URI to register and to send, byte for byte.
    fn redirect_uri(&self) -> &str;
    /// Waits for the callback that carries the expected `state`. Foreign, repeated and malformed ones are counted, not returned.
    fn wait(&mut self, within: Duration) -> Boxed<'_, Result<CallbackSeen, Fault>>;
    /// How many callbacks were turned away so far, and why, for the report.
    fn turned_away(&self) -> Vec<String>;
}

/// What the callback carried.
#[derive(Clone)]
pub struct CallbackSeen {
    /// The address that was called, with query, or with the fragment that the page sent on.
    pub url: Url,
    /// Whether the parameters came in the fragment.
    pub in_fragment: bool,
    /// When.
    pub at: Timestamp,
}

impl CallbackSeen {
    /// A parameter of the callback, decoded once.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// The person at the browser: who logs in, and how they answer.
#[derive(Clone)]
pub struct Person {
    /// The username to type.
    pub username: String,
    /// The password to type; `None` where a real person types it.
    pub password: Option<Secret>,
    /// The code of the second factor, where one is asked for and the person has it at hand.
    pub verification_code: Option<Secret>,
    /// How the person answers the approval page.
    pub answer: Answer,
}

/// How a person answers an approval page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// Allow.
    #[default]
    Allow,
    /// Deny.
    Deny,
    /// Walks away: nothing is pressed.
    Leave,
}

/// What the user agent is sent to do.
pub struct Visit<'a> {
    /// The first address.
    pub url: Url,
    /// Reaching this address (scheme, host, port, path) ends the visit.
    pub redirect_uri: Option<&'a str>,
    /// Who sits in front of it.
    pub person: Option<&'a Person>,
    /// For the device page: the user code to enter where it is asked for.
    pub user_code: Option<&'a str>,
    /// Why the person is asked, for the line on the terminal.
    pub purpose: &'a str,
    /// How long the visit may take, by the run's clock.
    pub within: Duration,
    /// Redacts what is recorded.
    pub secrets: &'a Register,
}

/// How many redirects and pages one visit follows before it is called a loop.
pub const MAX_HOPS: usize = 30;

/// Where a visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitEnd {
    /// The redirect URI was reached, or handed over: the callback has it.
    Callback,
    /// The flow ended on a page that says the device was connected.
    DeviceConnected,
    /// A page that leads nowhere: its address (redacted), status, title and text (first 2,000 characters).
    Page {
        /// Address, redacted.
        url: String,
        /// Status code.
        status: u16,
        /// `<title>` or first heading.
        title: String,
        /// Text of the page.
        text: String,
    },
    /// A real browser was opened; only the callback will tell.
    Handed,
    /// No answer.
    Fault(Fault),
}

/// What a visit left behind.
pub struct Visited {
    /// How it ended.
    pub end: VisitEnd,
    /// The exchanges that the agent saw; empty for a browser of its own.
    pub exchanges: Vec<Exchange>,
    /// Why the agent went no further, where the end alone does not say it. Redacted.
    pub remark: Option<String>,
}

/// A user agent: the built-in one, a browser that is driven, the system browser, a person with `--paste`.
pub trait UserAgent: Send + Sync {
    /// Visits the address and answers the pages for the person.
    fn visit<'a>(&'a self, visit: Visit<'a>) -> Boxed<'a, Visited>;
    /// Whether it answers pages without a person.
    fn is_unattended(&self) -> bool;
}

/// Everything a driver may touch.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// HTTP.
    pub transport: &'a dyn Transport,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// Callback servers.
    pub callbacks: &'a dyn CallbackServer,
    /// The browser.
    pub agent: &'a dyn UserAgent,
    /// The secrets of this scenario.
    pub secrets: &'a Register,
}
