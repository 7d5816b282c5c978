//! Chromium by WebDriver, for unattended runs on pages that need a real browser. What to type where, and what to press, is described in the
//! target file. Each visit has a browser of its own, without cookies. Certificates are checked by the browser; nothing here says otherwise.

mod screen;
mod trip;
mod wire;

use std::sync::Arc;

use tokio::sync::Semaphore;

use self::trip::{Ended, Trip};
use self::wire::{Session, broken};
use crate::exchange::Fault;
use crate::ports::{
    Boxed, Clock, PageStep, Pages, Transport, UserAgent, Visit, VisitEnd, Visited, WebDriverServer,
};

/// How many browsers run at once. Each takes a core and some hundred megabytes; more of them only wait for each other.
const BROWSERS: usize = 4;

/// A user agent that drives a browser.
pub struct WebDriverAgent {
    server: Arc<dyn WebDriverServer>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    pages: Pages,
    browsers: Semaphore,
}

impl WebDriverAgent {
    /// An agent that asks this server for browsers, and speaks with it through this transport.
    pub fn new(
        server: Arc<dyn WebDriverServer>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        pages: Pages,
    ) -> Self {
        Self {
            server,
            transport,
            clock,
            pages,
            browsers: Semaphore::new(BROWSERS),
        }
    }

    async fn run(&self, visit: &Visit<'_>) -> Result<Ended, Fault> {
        let until = self.clock.now().checked_add(visit.within);
        let steps = self.steps(visit)?;
        let _browser = self.browsers.acquire().await;
        let server = self.server.address().await?;
        let arguments = self.server.browser_arguments();
        let session = Session::start(&*self.transport, &server, &arguments).await?;
        let trip = Trip::new(&session, visit, &*self.clock, steps);
        let ended = trip.run(until.unwrap_or(jiff::Timestamp::MAX)).await;
        session.end().await;
        ended
    }

    fn steps(&self, visit: &Visit<'_>) -> Result<&[PageStep], Fault> {
        if visit.user_code.is_none() {
            return Ok(&self.pages.sign_in);
        }
        self.pages.device.as_deref().ok_or_else(|| {
            broken(
                "the target file does not say how the pages of the device flow are answered: \
                 describe them as `device:` under `browser:`",
            )
        })
    }
}

impl UserAgent for WebDriverAgent {
    fn visit<'a>(&'a self, visit: Visit<'a>) -> Boxed<'a, Visited> {
        Box::pin(async move {
            let ended = self.run(&visit).await;
            let ended = ended.unwrap_or_else(|fault| VisitEnd::Fault(fault).into());
            Visited {
                end: ended.end,
                exchanges: ended.answer.into_iter().map(|answer| *answer).collect(),
                remark: ended.remark.map(|remark| visit.secrets.redact(&remark)),
            }
        })
    }

    fn is_unattended(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
