//! Callbacks at which nobody listens: the agent sees the redirect that leads to one and hands it over. So a callback URL of any host, port or
//! scheme can be used as it is registered, and no port is bound.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::BuiltInAgent;
use crate::exchange::{Fault, Request, Response};
use crate::ports::{
    Boxed, Callback, CallbackSeen, CallbackServer, Clock, Transport, UserAgent, Visit, VisitEnd,
    Visited,
};

/// Callback server and the place where an agent hands over, in one.
#[derive(Clone, Default)]
pub struct HandedOver {
    awaited: Arc<Mutex<Option<Awaited>>>,
}

/// A callback that is awaited, and what came of it.
struct Awaited {
    url: Option<Url>,
    state: String,
    seen: Option<CallbackSeen>,
    turned_away: Vec<String>,
}

impl HandedOver {
    fn with<R>(&self, look: impl FnOnce(&mut Option<Awaited>) -> R) -> R {
        look(&mut self.awaited.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes an address, if it is the callback. Whether it is.
    fn take(&self, url: &Url, clock: &dyn Clock) -> bool {
        self.with(|awaited| {
            let Some(awaited) = awaited
                .as_mut()
                .filter(|awaited| awaited.url.as_ref().is_some_and(|own| leads_to(url, own)))
            else {
                return false;
            };
            let seen = CallbackSeen {
                url: url.clone(),
                in_fragment: url.fragment().is_some(),
                at: clock.now(),
            };
            let state = seen.parameter("state").unwrap_or_default();
            if !bool::from(state.as_bytes().ct_eq(awaited.state.as_bytes())) {
                awaited
                    .turned_away
                    .push("a redirect with a foreign `state` was turned away".to_owned());
            } else if awaited.seen.is_some() {
                awaited
                    .turned_away
                    .push("a second redirect to the callback was turned away".to_owned());
            } else {
                awaited.seen = Some(seen);
            }
            true
        })
    }

    fn has_come(&self) -> bool {
        self.with(|awaited| awaited.as_ref().is_some_and(|one| one.seen.is_some()))
    }
}

/// Scheme, host, port and path equal; what else stands in the registered query is part of the address.
fn leads_to(url: &Url, own: &Url) -> bool {
    url.scheme() == own.scheme()
        && url.host() == own.host()
        && url.port_or_known_default() == own.port_or_known_default()
        && url.path() == own.path()
}

impl CallbackServer for HandedOver {
    fn bind<'a>(
        &'a self,
        redirect_uri: &'a str,
        state: &'a str,
    ) -> Boxed<'a, Result<Box<dyn Callback>, Fault>> {
        Box::pin(async move {
            self.with(|awaited| {
                *awaited = Some(Awaited {
                    url: Url::parse(redirect_uri).ok(),
                    state: state.to_owned(),
                    seen: None,
                    turned_away: Vec::new(),
                });
            });
            Ok(Box::new(Handed {
                redirect_uri: redirect_uri.to_owned(),
                over: self.clone(),
            }) as Box<dyn Callback>)
        })
    }
}

/// The callback of one run.
struct Handed {
    redirect_uri: String,
    over: HandedOver,
}

impl Callback for Handed {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// What was handed over is here before anybody asks: an agent that came back without it has seen no callback.
    fn wait(&mut self, within: Duration) -> Boxed<'_, Result<CallbackSeen, Fault>> {
        let seen = self
            .over
            .with(|awaited| awaited.as_mut().and_then(|one| one.seen.take()));
        Box::pin(async move { seen.ok_or(Fault::NoCallback { after: within }) })
    }

    fn turned_away(&self) -> Vec<String> {
        self.over.with(|awaited| {
            awaited
                .as_ref()
                .map_or_else(Vec::new, |one| one.turned_away.clone())
        })
    }
}

/// The built-in agent, which hands the redirect to the callback over in place of following it.
pub struct HandingAgent<'a> {
    transport: &'a dyn Transport,
    clock: &'a dyn Clock,
    over: HandedOver,
}

impl<'a> HandingAgent<'a> {
    /// An agent that sends through this transport.
    pub fn new(transport: &'a dyn Transport, clock: &'a dyn Clock, over: HandedOver) -> Self {
        Self {
            transport,
            clock,
            over,
        }
    }
}

impl UserAgent for HandingAgent<'_> {
    fn visit<'a>(&'a self, visit: Visit<'a>) -> Boxed<'a, Visited> {
        Box::pin(async move {
            let watching = Watching(self);
            let mut visited = BuiltInAgent::new(&watching, self.clock).visit(visit).await;
            // An app's own scheme ends a visit over HTTP, and is where it should end.
            if self.over.has_come() {
                visited.end = VisitEnd::Callback;
            }
            visited
        })
    }

    fn is_unattended(&self) -> bool {
        true
    }
}

/// Sends everything but what goes to the callback.
struct Watching<'a>(&'a HandingAgent<'a>);

impl Transport for Watching<'_> {
    fn send(&self, request: Request) -> Boxed<'_, Result<Response, Fault>> {
        Box::pin(async move {
            let HandingAgent {
                transport,
                clock,
                over,
            } = self.0;
            let is_http = matches!(request.url.scheme(), "http" | "https");
            if is_http && over.take(&request.url, *clock) {
                return Ok(Response {
                    status: StatusCode::OK,
                    headers: HeaderMap::new(),
                    body: Bytes::new(),
                    cut: false,
                });
            }
            let url = request.url.clone();
            let response = transport.send(request).await?;
            let location = response
                .header(&header::LOCATION)
                .and_then(|location| url.join(location).ok());
            if let Some(location) = location.filter(|url| !matches!(url.scheme(), "http" | "https"))
            {
                over.take(&location, *clock);
            }
            Ok(response)
        })
    }
}
