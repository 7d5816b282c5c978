//! One visit: looks at the page, does the next step that it has an element for, and knows when it leads nowhere.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::screen::{Found, Screen};
use super::wire::{Element, Session, Trouble, broken};
use crate::agent::answers;
use crate::agent::same_place;
use crate::exchange::{Endpoint, Exchange, Fault, Request, Response};
use crate::ports::{Answer, Clock, PageAct, PageStep, Typed, Visit, VisitEnd};
use crate::recorder;
use crate::secret::Secret;

const LOOK: &str = include_str!("look.js");
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// A page that has stood still for so long leads nowhere.
const STILL: Duration = Duration::from_secs(10);
/// The same for a page that says so itself: an error, or a form that was answered and came back.
const PLAIN: Duration = Duration::from_secs(1);
/// A page that keeps changing is watched for so long without a step forward.
const RESTLESS: Duration = Duration::from_mins(1);
/// A browser that has just started may judge a certificate before it has read the database of those that it is to trust: so often it is
/// asked again, after a pause. Nothing of such a page has reached its server.
const REFUSALS: u32 = 6;
const REFUSED: Duration = Duration::from_millis(500);

/// How a visit ended.
pub(super) struct Ended {
    pub(super) end: VisitEnd,
    /// Why the agent went no further.
    pub(super) remark: Option<String>,
    /// The first request, where it was answered by an error; what a browser exchanges after it is not seen.
    pub(super) answer: Option<Box<Exchange>>,
}

impl From<VisitEnd> for Ended {
    fn from(end: VisitEnd) -> Self {
        Self {
            end,
            remark: None,
            answer: None,
        }
    }
}

/// A visit under way.
pub(super) struct Trip<'a> {
    session: &'a Session<'a>,
    visit: &'a Visit<'a>,
    clock: &'a dyn Clock,
    /// The steps of a person who answers so.
    steps: Vec<&'a PageStep>,
    /// Steps that show that an answer is asked for, where the person gives none.
    asked: Vec<&'a PageStep>,
    /// The first step that is not done.
    next: usize,
    /// What was pressed last, and where.
    pressed: Option<(Element, Screen)>,
    typed_code: bool,
    refusals: u32,
    /// When the first address was opened, and how long it took to load.
    opened: (Timestamp, Duration),
}

/// What comes after a look.
enum Next {
    /// Look again at once: something was done.
    Forward,
    /// Look again after a pause.
    Wait,
    End(Ended),
}

impl<'a> Trip<'a> {
    pub(super) fn new(
        session: &'a Session<'a>,
        visit: &'a Visit<'a>,
        clock: &'a dyn Clock,
        steps: &'a [PageStep],
    ) -> Self {
        let answer = visit.person.map_or(Answer::Leave, |person| person.answer);
        let fits = |step: &&PageStep| step.answer.is_none_or(|only| only == answer);
        let asked = |step: &&PageStep| answer == Answer::Leave && step.answer.is_some();
        Self {
            session,
            visit,
            clock,
            steps: steps.iter().filter(fits).collect(),
            asked: steps.iter().filter(asked).collect(),
            next: 0,
            pressed: None,
            typed_code: false,
            refusals: 0,
            opened: (clock.now(), Duration::ZERO),
        }
    }

    /// Runs to the callback, or to the page that it ends on. What never comes to rest is a fault that tells what is on the screen.
    pub(super) async fn run(mut self, until: Timestamp) -> Result<Ended, Fault> {
        match self.session.open(self.visit.url.as_str()).await {
            // A page that could not be loaded is told by the next look.
            Ok(()) | Err(Trouble::Passing(_)) => {}
            Err(Trouble::Lasting(fault)) => return Err(fault),
        }
        let mut forward = self.clock.now();
        let took = self.opened.0.duration_until(forward);
        self.opened.1 = Duration::try_from(took).unwrap_or_default();
        let mut still: Option<(Screen, Timestamp)> = None;
        let mut passing = String::new();
        loop {
            let now = self.clock.now();
            if now >= until || after(forward, now, RESTLESS) {
                let screen = still.map(|(screen, _)| screen);
                let goal = if self.visit.user_code.is_some() {
                    "the device was not connected in time"
                } else {
                    "the callback was not reached in time"
                };
                return Err(self.overdue(goal, screen.as_ref(), &passing));
            }
            match self.look().await {
                Ok(screen) => {
                    let since = match still {
                        Some((before, since)) if screen.loaded && screen.looks_like(&before) => {
                            since
                        }
                        _ => now,
                    };
                    match self.judge(&screen, since).await? {
                        Next::Forward => {
                            forward = self.clock.now();
                            still = None;
                            continue;
                        }
                        Next::Wait => still = Some((screen, since)),
                        Next::End(ended) => return Ok(ended),
                    }
                }
                Err(Trouble::Passing(reason)) => passing = reason,
                Err(Trouble::Lasting(fault)) => return Err(fault),
            }
            self.clock.sleep(PAUSE).await;
        }
    }

    /// The steps that may come next: the optional ones, and the first that is not.
    fn candidates(&self) -> &[&'a PageStep] {
        let rest = &self.steps[self.next..];
        let required = rest.iter().position(|step| !step.optional);
        required.map_or(rest, |last| &rest[..=last])
    }

    async fn look(&self) -> Result<Screen, Trouble> {
        let done = &self.steps[..self.next];
        let selectors: Vec<&str> = [self.candidates(), &self.asked, done]
            .concat()
            .iter()
            .map(|step| step.selector.as_str())
            .collect();
        let seen = self.session.run(LOOK, json!(selectors)).await?;
        let mut screen = Screen::read(&seen);
        if screen.failed {
            screen.address = self.session.address().await?;
        }
        Ok(screen)
    }

    async fn judge(&mut self, screen: &Screen, since: Timestamp) -> Result<Next, Fault> {
        if screen.failed {
            return self.failed(screen).await;
        }
        if self.is_callback(screen) {
            // Its script may still send on what stands after the `#`; a page that stands still has done so.
            let rests = screen.loaded && since < self.clock.now();
            return Ok(if rests {
                Next::End(VisitEnd::Callback.into())
            } else {
                Next::Wait
            });
        }
        let candidates = self.candidates().len();
        let (next, rest) = screen.found.split_at(candidates.min(screen.found.len()));
        let (asked, done) = rest.split_at(self.asked.len().min(rest.len()));
        if let Some(number) = next.iter().position(|found| *found == Found::NoSelector) {
            let step = self.steps[self.next + number];
            return Err(broken(&format!(
                "the browser cannot read the CSS selector `{}` ({})",
                step.selector, step.place
            )));
        }
        let is_shown = |found: &Found| matches!(found, Found::Element(_));
        if asked.iter().any(is_shown) {
            return Ok(Next::End(screen.end(self.visit.secrets).into()));
        }
        for (number, found) in next.iter().enumerate() {
            if let Found::Element(element) = found {
                return self.act(self.next + number, element, screen, since).await;
            }
        }
        if self.typed_code && answers::tells_connected(&screen.title, &screen.text) {
            return Ok(Next::End(VisitEnd::DeviceConnected.into()));
        }
        let came_back = done.iter().any(is_shown) && !self.pressed_here(screen);
        if self.misses_a_field() && after(since, self.clock.now(), STILL) {
            return Err(self.overdue("the page lacks what is described", Some(screen), ""));
        }
        Ok(self.stuck(screen, since, came_back))
    }

    /// Whether a form is half filled in: what it lacks is then no answer of the server, but a mistake in how its page is described.
    fn misses_a_field(&self) -> bool {
        let last = self.next.checked_sub(1).map(|last| &self.steps[last].does);
        let required = self.candidates().last().is_some_and(|step| !step.optional);
        matches!(last, Some(PageAct::Type(_))) && required
    }

    /// Does a step. An element that is replaced meanwhile is looked for again.
    async fn act(
        &mut self,
        number: usize,
        element: &Element,
        screen: &Screen,
        since: Timestamp,
    ) -> Result<Next, Fault> {
        let step = self.steps[number];
        let done = match &step.does {
            PageAct::Press => {
                let again = self.pressed.as_ref().is_some_and(|(pressed, before)| {
                    pressed == element && screen.looks_like(before)
                });
                if again {
                    // The page has not answered the press yet.
                    let remark = || Some(format!("no answer came to: {}", step.told()));
                    return Ok(self.rest(screen, since, STILL, remark));
                }
                self.session.press(element).await
            }
            PageAct::Type(typed) => {
                let Some(text) = self.value(typed) else {
                    let remark = format!(
                        "the browser is to {}, and there is none to type",
                        step.told()
                    );
                    return Ok(Next::End(Ended {
                        remark: Some(remark),
                        ..screen.end(self.visit.secrets).into()
                    }));
                };
                self.session.type_into(element, &text).await
            }
        };
        match done {
            Ok(()) => {
                self.next = number + 1;
                match &step.does {
                    PageAct::Press => self.pressed = Some((element.clone(), screen.clone())),
                    PageAct::Type(typed) => self.typed_code |= *typed == Typed::UserCode,
                }
                Ok(Next::Forward)
            }
            Err(Trouble::Passing(_)) => Ok(Next::Wait),
            Err(Trouble::Lasting(fault)) => Err(fault),
        }
    }

    fn value(&self, typed: &Typed) -> Option<Secret> {
        let person = self.visit.person;
        let secret = |kind, secret: &Secret| {
            self.visit.secrets.add(kind, secret.expose());
            secret.clone()
        };
        match typed {
            Typed::Username => person.map(|person| Secret::new(person.username.as_str())),
            Typed::Password => person
                .and_then(|person| person.password.as_ref())
                .map(|password| secret("password", password)),
            Typed::VerificationCode => person
                .and_then(|person| person.verification_code.as_ref())
                .map(|code| secret("verification_code", code)),
            Typed::UserCode => self.visit.user_code.map(Secret::new),
            Typed::Text(text) => Some(Secret::new(text.as_str())),
        }
    }

    /// Whether the page that the last press was on is still there.
    fn pressed_here(&self, screen: &Screen) -> bool {
        let pressed = self.pressed.as_ref();
        pressed.is_none_or(|(_, before)| before.document == screen.document)
    }

    /// A page that has stood still for too long is the end.
    fn rest(
        &self,
        screen: &Screen,
        since: Timestamp,
        patience: Duration,
        remark: impl FnOnce() -> Option<String>,
    ) -> Next {
        if !after(since, self.clock.now(), patience) {
            return Next::Wait;
        }
        Next::End(Ended {
            remark: remark(),
            ..screen.end(self.visit.secrets).into()
        })
    }

    /// The first request with its answer, where that is the page: an error that no redirect led to, and nothing was pressed before it.
    fn answer(&self, screen: &Screen) -> Option<Box<Exchange>> {
        let url = &self.visit.url;
        let stayed = Url::parse(&screen.address).is_ok_and(|here| same_place(url, &here));
        let status = StatusCode::from_u16(screen.status).ok()?;
        if self.next > 0 || !stayed || status.as_u16() < 400 {
            return None;
        }
        let endpoint = if self.visit.user_code.is_some() {
            Endpoint::DevicePage
        } else {
            Endpoint::Authorize
        };
        let answer = Ok(Response {
            status,
            headers: HeaderMap::new(),
            body: screen.text.clone().into(),
            cut: false,
        });
        let (at, took) = self.opened;
        let request = Request::get(url.clone());
        let secrets = self.visit.secrets;
        let exchange = recorder::exchange(secrets, endpoint, at, took, &request, &answer);
        Some(Box::new(exchange))
    }

    /// Nothing on the page is for the next step.
    fn stuck(&self, screen: &Screen, since: Timestamp, came_back: bool) -> Next {
        if screen.status >= 400 || is_error_page(&screen.address) {
            return match self.rest(screen, since, PLAIN, || None) {
                Next::End(ended) => Next::End(Ended {
                    answer: self.answer(screen),
                    ..ended
                }),
                next => next,
            };
        }
        let patience = if came_back { PLAIN } else { STILL };
        self.rest(screen, since, patience, || {
            Some(match self.candidates().last() {
                Some(step) if came_back => format!(
                    "a page that was answered came back; the next step was to {}",
                    step.told()
                ),
                Some(step) => format!(
                    "the browser waited {} s to {}, and the page never showed that element",
                    STILL.as_secs(),
                    step.told()
                ),
                None => "every step was done, and the callback was not reached".to_owned(),
            })
        })
    }

    /// The browser shows a page of its own, because it could not load one.
    async fn failed(&mut self, screen: &Screen) -> Result<Next, Fault> {
        let url = Url::parse(&screen.address).ok();
        let authority = url.as_ref().map_or_else(String::new, authority);
        let Some(reason) = screen.reason() else {
            // An answer without a body: its status is all there is.
            return Ok(if screen.status >= 400 {
                Next::End(Ended {
                    answer: self.answer(screen),
                    ..screen.end(self.visit.secrets).into()
                })
            } else {
                Next::Wait
            });
        };
        let reason = reason.to_owned();
        if reason.starts_with("ERR_CERT_") && self.refusals < REFUSALS {
            self.refusals += 1;
            self.clock.sleep(REFUSED).await;
            return match self.session.open(&screen.address).await {
                Ok(()) | Err(Trouble::Passing(_)) => Ok(Next::Wait),
                Err(Trouble::Lasting(fault)) => Err(fault),
            };
        }
        Err(match reason.as_str() {
            "ERR_NAME_NOT_RESOLVED" => Fault::Dns {
                host: url
                    .and_then(|url| url.host_str().map(str::to_owned))
                    .unwrap_or_default(),
            },
            "ERR_CONNECTION_REFUSED" => Fault::Connect {
                authority,
                reason: "the browser was refused a connection".to_owned(),
            },
            "ERR_TOO_MANY_REDIRECTS" => {
                return Ok(Next::End(
                    VisitEnd::Page {
                        url: screen.place(self.visit.secrets),
                        status: 302,
                        title: "redirects without end".to_owned(),
                        text: String::new(),
                    }
                    .into(),
                ));
            }
            _ if reason.starts_with("ERR_CERT_") => Fault::Tls {
                authority,
                reason: format!(
                    "the browser does not trust its certificate ({reason}, asked {} times); \
                     name the CA as `ca:` in the target file, or add it to what the browser trusts",
                    REFUSALS + 1
                ),
            },
            _ if reason.starts_with("ERR_SSL_") => Fault::Tls { authority, reason },
            _ => broken(&format!(
                "it could not load a page of {authority}: {reason}"
            )),
        })
    }

    /// Whether the redirect URI is reached.
    fn is_callback(&self, screen: &Screen) -> bool {
        let redirect = self.visit.redirect_uri.and_then(|uri| Url::parse(uri).ok());
        match (redirect, Url::parse(&screen.address)) {
            (Some(redirect), Ok(address)) => same_place(&redirect, &address),
            _ => false,
        }
    }

    /// A fault that tells what should have come next, and what is on the screen.
    fn overdue(&self, what: &str, screen: Option<&Screen>, passing: &str) -> Fault {
        let next = match self.candidates().last() {
            Some(step) => format!("the next step was to {}", step.told()),
            None => "every step was done".to_owned(),
        };
        let shown = match screen {
            Some(screen) => format!("on the screen: {}", screen.told(self.visit.secrets)),
            None if passing.is_empty() => "nothing was seen on the screen".to_owned(),
            None => format!("nothing was seen on the screen ({passing})"),
        };
        broken(
            &self
                .visit
                .secrets
                .redact(&format!("{what}; {next}; {shown}")),
        )
    }
}

fn after(since: Timestamp, now: Timestamp, duration: Duration) -> bool {
    Duration::try_from(since.duration_until(now)).is_ok_and(|passed| passed >= duration)
}

/// The page that a Salesforce host shows in place of a redirect.
fn is_error_page(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.path().ends_with("/RemoteAccessErrorPage.apexp"))
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
