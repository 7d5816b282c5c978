//! The device flow: Salesforce's own, started and polled at the token endpoint (wire facts section 2.5), or RFC 8628.

use std::time::Duration;

use oauth2::DeviceAuthorizationResponse;
use oauth2::{DeviceAuthorizationUrl, EmptyExtraDeviceAuthorizationFields, Scope};
use serde_json::{Map, Value};
use url::Url;

use super::answer::{self, off};
use super::credentials::Credentials;
use super::endpoints::{Endpoints, is_http, need};
use super::pages;
use super::step::Step;
use super::token_request::{TokenRequest, oauth_client};
use super::{Breach, CertainValue, Outcome};
use crate::exchange::{Endpoint, Fault};
use crate::oauth::{GrantKind, TokenResponse};
use crate::ports::{Answer, Visit, VisitEnd};

/// RFC 8628 section 3.2: "If no value is provided, clients MUST use 5 as the default."
const INTERVAL: u64 = 5;
/// RFC 8628 section 3.5: `slow_down` adds 5 seconds "for this and all subsequent requests".
const SLOWER_BY: u64 = 5;
/// A server that asks for longer pauses than this is not waited for beyond them.
const LONGEST_INTERVAL: u64 = 600;
/// Polls at once, without a pause: enough to be told to slow down, few enough to end.
const POLLS_AT_ONCE: usize = 5;

/// Runs the grant to a token, or to the outcome without one.
pub(super) async fn drive(
    step: &mut Step<'_>,
    to: &Endpoints,
) -> Result<Box<TokenResponse>, Outcome> {
    let credentials = Credentials::of(step)?;
    let device = start(step, to, &credentials).await?;
    let seconds = step.grant.deviations.person_after.unwrap_or_default();
    step.ports.clock.sleep(Duration::from_secs(seconds)).await;
    let ended = if step.grant.deviations.without_person {
        Person::Away
    } else {
        approve(step, &device).await
    };
    let poll = Poll {
        request: poll_request(step, to, &credentials, &device)?,
        interval: device.interval,
    };
    poll.until(step, ended).await
}

/// What the start of the flow answered.
struct Device {
    code: String,
    user_code: String,
    verification_uri: Url,
    interval: u64,
}

/// What the person did before the first poll.
enum Person {
    /// Approved, or may still do so.
    Came,
    /// Nobody was sent.
    Away,
    /// Ended on a page, or the browser failed. Whether that means a denial, only the poll tells.
    Ended(Outcome),
}

async fn start(
    step: &Step<'_>,
    to: &Endpoints,
    credentials: &Credentials,
) -> Result<Device, Outcome> {
    let request = if step.is_salesforce() {
        salesforce_start(step, to, credentials)?
    } else {
        rfc_start(step, to, credentials)?
    };
    let at = Endpoint::DeviceAuthorization;
    let response = request.send(step, at).await?;
    let map = answer::object(at, &response, step.ports.secrets)?;
    Device::read(&map).map_err(|reason| off(at, Breach::Shape { reason }))
}

/// `response_type=device_code` at the token endpoint, without a secret.
fn salesforce_start(
    step: &Step<'_>,
    to: &Endpoints,
    credentials: &Credentials,
) -> Result<TokenRequest, Outcome> {
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let mut parameters = vec![("response_type", "device_code")];
    if let Some(scope) = &step.grant.scope {
        parameters.push(("scope", scope));
    }
    let public = credentials.clone().public(step);
    let mut request = TokenRequest::extension(endpoint, &public, "", &parameters)?;
    request.fields.remove("grant_type");
    Ok(request)
}

/// RFC 8628 section 3.1, at an endpoint of its own.
fn rfc_start(
    step: &Step<'_>,
    to: &Endpoints,
    credentials: &Credentials,
) -> Result<TokenRequest, Outcome> {
    let endpoint = need(to.device.as_ref(), "device_authorization_endpoint")?;
    let token = need(to.token.as_ref(), "token_endpoint")?;
    let client = oauth_client(credentials, token)
        .set_device_authorization_url(DeviceAuthorizationUrl::from_url(endpoint.clone()));
    TokenRequest::draft(endpoint, credentials, |draft| {
        let mut ask = client.exchange_device_code();
        if let Some(scope) = &step.grant.scope {
            ask = ask.add_scope(Scope::new(scope.clone()));
        }
        let _: Result<DeviceAuthorizationResponse<EmptyExtraDeviceAuthorizationFields>, _> =
            ask.request(draft);
    })
}

impl Device {
    fn read(map: &Map<String, Value>) -> Result<Self, String> {
        let text = |name: &str| match map.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(_) => Err(format!("`{name}` is not a text")),
            None => Err(format!("`{name}` is missing")),
        };
        let uri = text("verification_uri")?;
        let verification_uri = Url::parse(&uri).ok().filter(is_http);
        Ok(Self {
            code: text("device_code")?,
            user_code: text("user_code")?,
            // It is opened in a browser: nothing but HTTP may come of it.
            verification_uri: verification_uri
                .ok_or_else(|| "`verification_uri` is no http address".to_owned())?,
            interval: interval(map.get("interval")),
        })
    }
}

/// Seconds between polls: a number, or a text of digits; at least one, so that a loop has an end.
fn interval(value: Option<&Value>) -> u64 {
    let seconds = match value {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    seconds.unwrap_or(INTERVAL).clamp(1, LONGEST_INTERVAL)
}

/// Sends the person to the verification page with the user code, which is shown to them by design.
async fn approve(step: &mut Step<'_>, device: &Device) -> Person {
    let purpose = format!(
        "enter the code {} at {}",
        device.user_code, device.verification_uri
    );
    let visitor = step.visitor();
    let person = visitor.as_ref();
    let visit = Visit {
        url: device.verification_uri.clone(),
        redirect_uri: None,
        person,
        user_code: Some(&device.user_code),
        purpose: &purpose,
        within: step.remaining(),
        secrets: step.ports.secrets,
    };
    let visited = step.ports.agent.visit(visit).await;
    step.recorder.adopt(visited.exchanges);
    step.remark(visited.remark);
    match visited.end {
        VisitEnd::DeviceConnected | VisitEnd::Handed | VisitEnd::Callback => Person::Came,
        // Who walks away leaves the flow pending until the server or the deadline ends it.
        _ if person.is_some_and(|person| person.answer == Answer::Leave) => Person::Came,
        VisitEnd::Fault(fault) => Person::Ended(Outcome::Unanswered {
            at: Endpoint::DevicePage,
            fault,
        }),
        VisitEnd::Page {
            url,
            status,
            title,
            text,
        } => Person::Ended(pages::outcome(step, &url, status, &title, &text)),
    }
}

fn poll_request(
    step: &mut Step<'_>,
    to: &Endpoints,
    credentials: &Credentials,
    device: &Device,
) -> Result<TokenRequest, Outcome> {
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let code = match step.grant.deviations.device_code {
        Some(CertainValue::Wrong | CertainValue::Former | CertainValue::Malformed) => step.random(),
        Some(CertainValue::Absent) => String::new(),
        _ => device.code.clone(),
    };
    step.ports.secrets.add("device_code", &code);
    let detail = if code == device.code {
        "it is the one that the start of the flow brought"
    } else {
        "it is not the one that the start of the flow brought"
    };
    step.check("device_code", code == device.code, detail);
    let (grant_type, name) = if step.is_salesforce() {
        (GrantKind::Device.grant_type(), "code")
    } else {
        (
            "urn:ietf:params:oauth:grant-type:device_code",
            "device_code",
        )
    };
    let mut request = TokenRequest::extension(endpoint, credentials, grant_type, &[(name, &code)])?;
    if code.is_empty() {
        request.fields.remove(name);
    }
    Ok(request)
}

/// The polling, ready to begin.
struct Poll {
    request: TokenRequest,
    interval: u64,
}

impl Poll {
    /// Polls until there is an answer other than "pending", or the time is over.
    async fn until(
        mut self,
        step: &Step<'_>,
        person: Person,
    ) -> Result<Box<TokenResponse>, Outcome> {
        let deviations = &step.grant.deviations;
        let at_once = deviations.poll_at_once;
        let most = match person {
            Person::Came | Person::Away if at_once => POLLS_AT_ONCE,
            // Each poll takes a second of the run's time at least, so this bound is never the one that ends the loop.
            Person::Came => {
                usize::try_from(step.remaining().as_secs()).unwrap_or(usize::MAX / 2) + 1
            }
            Person::Away => 1,
            // Once more than once: a first poll may come too soon for the server.
            Person::Ended(_) => 2,
        };
        let mut last = None;
        for _ in 0..most {
            if !at_once {
                let pause = Duration::from_secs(self.interval);
                if pause > step.remaining() && last.is_some() {
                    break;
                }
                step.ports.clock.sleep(pause).await;
            }
            let pending = match self.request.clone().ask_token(step).await {
                Ok(token) => return Ok(token),
                Err(outcome) => outcome,
            };
            match refusal(&pending) {
                Some("authorization_pending") => {}
                // Polling at once is how a story asks for `slow_down`.
                Some("slow_down") if !at_once => self.interval += SLOWER_BY,
                _ => return Err(pending),
            }
            last = Some(pending);
        }
        Err(match person {
            Person::Ended(outcome) => outcome,
            // Pending to the end is what the server said; without any answer the deadline is all there is.
            Person::Came | Person::Away => last.unwrap_or_else(|| timed_out(step)),
        })
    }
}

fn refusal(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Refused { error, .. } => Some(&error.error),
        _ => None,
    }
}

fn timed_out(step: &Step<'_>) -> Outcome {
    Outcome::Unanswered {
        at: Endpoint::Token,
        fault: Fault::Timeout {
            authority: "the token endpoint".to_owned(),
            after: step.grant.within,
        },
    }
}
