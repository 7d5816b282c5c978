//! A look at what an authorization endpoint shows to a browser without a session. Nothing is filled in and the callback is not called, so that
//! a request is judged and nobody's approvals change.

use url::Url;

use super::page::Page;
use super::{BuiltInAgent, Trip, redirect};
use crate::exchange::{Endpoint, Exchange, Fault, Request};
use crate::ports::{MAX_HOPS, Visit, VisitEnd};

/// Where a look ended.
#[derive(Debug)]
pub enum Look {
    /// A page asks who the person is: its title, or the host of another login service.
    Login(String),
    /// The server led back to the callback, with these parameters.
    Callback(Url),
    /// Any other page, or none, as a visit ends.
    End(VisitEnd),
}

impl BuiltInAgent<'_> {
    /// Asks as the visit says, and follows redirects up to a login page, to the callback, or to another end. Returns the exchanges, redacted.
    pub async fn look(&self, visit: Visit<'_>) -> (Look, Vec<Exchange>) {
        let mut trip = Trip::begin(self, &visit);
        let end = trip.look().await;
        let end = end.unwrap_or_else(|fault| Look::End(VisitEnd::Fault(fault)));
        (end, trip.recorder.into_exchanges())
    }
}

impl Trip<'_> {
    async fn look(&mut self) -> Result<Look, Fault> {
        let mut request = Request::get(self.visit.url.clone());
        for _ in 0..MAX_HOPS {
            if self.is_callback(&request.url) {
                return Ok(Look::Callback(request.url));
            }
            if let Some(host) = elsewhere(&self.visit.url, &request.url) {
                return Ok(Look::Login(host));
            }
            let sent = request.clone();
            let response = self.send(self.endpoint(&request.url), request).await?;
            request = match redirect(&sent, &response) {
                Some(Ok(next)) => next,
                Some(Err(address)) => {
                    return Ok(Look::End(self.left_http(&address, response.status)));
                }
                None => {
                    let page = Page::read(&sent.url, &response);
                    let shown = self.endpoint(&sent.url) != Endpoint::ErrorPage;
                    if shown && response.status.is_success() && page.asks_a_password() {
                        return Ok(Look::Login(self.visit.secrets.redact(&page.title)));
                    }
                    let end = self.ended(&sent.url, response.status, &page.title, &page.text);
                    return Ok(Look::End(end));
                }
            };
        }
        Ok(Look::End(self.endless(&request.url)))
    }
}

/// The host of a login service that is not the server asked: what comes there says nothing of the app.
fn elsewhere(asked: &Url, led: &Url) -> Option<String> {
    let other = asked.host() != led.host() && !same_site(asked, led);
    other.then(|| led.host_str().unwrap_or_default().to_owned())
}

/// The hosts of one vendor: the last two labels are equal.
fn same_site(one: &Url, other: &Url) -> bool {
    let site = |url: &Url| {
        let host = url.domain()?;
        let labels: Vec<&str> = host.rsplit('.').take(2).collect();
        (labels.len() == 2).then(|| (labels[0].to_owned(), labels[1].to_owned()))
    };
    site(one).is_some() && site(one) == site(other)
}
