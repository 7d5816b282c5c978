//! The built-in user agent: follows redirects, keeps cookies, fills the forms that it finds by their labels, and presses the button
//! that the person would press. It runs no scripts. It answers the pages of the simulated org and of plain RFC servers; anything
//! else it reports as the page where it ended.

mod answers;
mod handed;
mod look;
mod page;

use std::collections::HashSet;

use cookie_store::CookieStore;
use http::header;
use http::{Method, StatusCode};
use url::Url;

pub use self::handed::{HandedOver, HandingAgent};
pub use self::look::Look;

use self::answers::Move;
use self::page::Page;
use crate::exchange::{Endpoint, Fault, Request, Response};
use crate::ports::{Boxed, Clock, MAX_HOPS, Transport, UserAgent, Visit, VisitEnd, Visited};
use crate::recorder::Recorder;

/// How much of a page's text a visit reports, in characters.
const REPORTED: usize = 2_000;

/// A user agent without a browser. Each visit begins without cookies, like a private window.
#[derive(Clone, Copy)]
pub struct BuiltInAgent<'a> {
    transport: &'a dyn Transport,
    clock: &'a dyn Clock,
}

impl<'a> BuiltInAgent<'a> {
    /// An agent that sends through this transport.
    pub fn new(transport: &'a dyn Transport, clock: &'a dyn Clock) -> Self {
        Self { transport, clock }
    }
}

impl UserAgent for BuiltInAgent<'_> {
    fn visit<'a>(&'a self, visit: Visit<'a>) -> Boxed<'a, Visited> {
        Box::pin(async move {
            let mut trip = Trip::begin(self, &visit);
            let end = trip.run().await.unwrap_or_else(VisitEnd::Fault);
            Visited {
                end,
                exchanges: trip.recorder.into_exchanges(),
            }
        })
    }

    fn is_unattended(&self) -> bool {
        true
    }
}

/// One visit under way.
struct Trip<'a> {
    recorder: Recorder<'a>,
    cookies: CookieStore,
    /// Forms already submitted, each by what it looks like: the same form again means that the answer was not taken.
    submitted: HashSet<String>,
    entered_code: bool,
    visit: &'a Visit<'a>,
}

/// What comes after an answer.
enum Next {
    Request(Request),
    End(VisitEnd),
}

impl<'a> Trip<'a> {
    fn begin(agent: &BuiltInAgent<'a>, visit: &'a Visit<'a>) -> Self {
        Self {
            recorder: Recorder::new(agent.transport, agent.clock, visit.secrets),
            cookies: CookieStore::default(),
            submitted: HashSet::new(),
            entered_code: false,
            visit,
        }
    }
}

impl Trip<'_> {
    async fn run(&mut self) -> Result<VisitEnd, Fault> {
        let mut request = Request::get(self.visit.url.clone());
        for _ in 0..MAX_HOPS {
            if self.is_callback(&request.url) {
                self.send(Endpoint::Callback, request).await?;
                return Ok(VisitEnd::Callback);
            }
            let sent = request.clone();
            let response = self.send(self.endpoint(&request.url), request).await?;
            request = match self.next(&sent, &response) {
                Next::Request(next) => next,
                Next::End(end) => return Ok(end),
            };
        }
        Ok(self.endless(&request.url))
    }

    async fn send(&mut self, endpoint: Endpoint, request: Request) -> Result<Response, Fault> {
        let url = request.url.clone();
        let crumbs: Vec<_> = self
            .cookies
            .get_request_values(&url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = request.header(header::ACCEPT, "text/html,application/xhtml+xml");
        if !crumbs.is_empty() {
            request = request.header(header::COOKIE, &crumbs.join("; "));
        }
        let response = self.recorder.send(endpoint, request).await?;
        for cookie in response.headers.get_all(header::SET_COOKIE) {
            if let Ok(text) = cookie.to_str() {
                // A cookie that its host may not set is dropped, as a browser does.
                let _ = self.cookies.parse(text, &url);
            }
        }
        Ok(response)
    }

    fn next(&mut self, sent: &Request, response: &Response) -> Next {
        if let Some(location) = redirect(sent, response) {
            return match location {
                Ok(request) => Next::Request(request),
                Err(address) => Next::End(self.left_http(&address, response.status)),
            };
        }
        let page = Page::read(&sent.url, response);
        let here = || Next::End(self.ended(&sent.url, response.status, &page.title, &page.text));
        // Whatever stands on it, this page is the end: its reason is in its address.
        if self.endpoint(&sent.url) == Endpoint::ErrorPage {
            return here();
        }
        if self.entered_code && answers::says_connected(&page) {
            return Next::End(VisitEnd::DeviceConnected);
        }
        match answers::next(&page, self.visit, self.entered_code) {
            Move::Submit {
                request,
                form,
                user_code,
            } => {
                if self.submitted.contains(&form) {
                    return here();
                }
                self.submitted.insert(form);
                self.entered_code |= user_code;
                Next::Request(request)
            }
            Move::Follow(url) => Next::Request(Request::get(url)),
            Move::Stay => here(),
        }
    }

    /// Whether an address is the redirect URI: scheme, host, port and path equal.
    fn is_callback(&self, url: &Url) -> bool {
        let redirect = self.visit.redirect_uri.and_then(|uri| Url::parse(uri).ok());
        redirect.is_some_and(|redirect| {
            redirect.scheme() == url.scheme()
                && redirect.host() == url.host()
                && redirect.port_or_known_default() == url.port_or_known_default()
                && redirect.path() == url.path()
        })
    }

    fn endpoint(&self, url: &Url) -> Endpoint {
        let first = self.visit.url.path();
        let below = url.path().strip_prefix(first);
        let is_first = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if url.path().ends_with("/RemoteAccessErrorPage.apexp") {
            Endpoint::ErrorPage
        } else if !is_first {
            Endpoint::Page
        } else if self.visit.user_code.is_some() {
            Endpoint::DevicePage
        } else {
            Endpoint::Authorize
        }
    }

    /// The end on a page, with its words redacted.
    fn ended(&self, url: &Url, status: StatusCode, title: &str, text: &str) -> VisitEnd {
        let secrets = self.visit.secrets;
        VisitEnd::Page {
            url: secrets.redact(url.as_str()),
            status: status.as_u16(),
            title: secrets.redact(title).chars().take(REPORTED).collect(),
            text: secrets.redact(text).chars().take(REPORTED).collect(),
        }
    }

    fn endless(&self, url: &Url) -> VisitEnd {
        self.ended(url, StatusCode::FOUND, "redirects without end", "")
    }

    /// The end at an address that no HTTP client opens, such as the custom scheme of a mobile app.
    fn left_http(&self, address: &str, status: StatusCode) -> VisitEnd {
        VisitEnd::Page {
            url: self.visit.secrets.redact(address),
            status: status.as_u16(),
            title: "a redirect that leaves HTTP".to_owned(),
            text: String::new(),
        }
    }
}

/// Where a redirect leads: the next request, or the address where that cannot be one. `None` for any other answer.
fn redirect(sent: &Request, response: &Response) -> Option<Result<Request, String>> {
    let status = response.status;
    let keeps_method = matches!(
        status,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    let follows = matches!(
        status,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER
    );
    if !keeps_method && !follows {
        return None;
    }
    let location = response.header(&header::LOCATION)?;
    let Ok(url) = sent.url.join(location) else {
        return Some(Err(location.to_owned()));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Some(Err(location.to_owned()));
    }
    let url = without_fragment(url);
    Some(Ok(if keeps_method && sent.method == Method::POST {
        let mut again = sent.clone();
        again.headers.remove(header::COOKIE);
        again.url = url;
        again
    } else {
        Request::get(url)
    }))
}

/// HTTP sends no fragment. What a page's script would do with the parameters in it is done here: they become the query.
fn without_fragment(mut url: Url) -> Url {
    if let Some(fragment) = url.fragment().map(str::to_owned) {
        if url.query().is_none() && fragment.contains('=') {
            url.set_query(Some(&fragment));
        }
        url.set_fragment(None);
    }
    url
}

#[cfg(test)]
mod tests;
