//! Sends through the transport and keeps an [`Exchange`] of each request: what is a secret in it is registered first, then the
//! texts are redacted and cut. The drivers and the built-in agent share it, so there is one place where a record is made.

#[cfg(test)]
pub(crate) mod fake;
mod learn;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, header};
use jiff::Timestamp;

use crate::exchange::{Endpoint, Exchange, Fault, Received, Request, Response, Sent};
use crate::ports::{Clock, Transport};
use crate::secret::Register;

/// How much of a body is kept, in octets, after redaction.
const KEPT: usize = 4 * 1024;
/// How much of a body is looked at for keeping. More than [`KEPT`], because redaction makes it shorter.
const LOOKED_AT: usize = 64 * 1024;
/// Shorter cookies (`1`, `en`, `true`) are no session; registering them would garble every record.
const SHORTEST_COOKIE: usize = 8;

/// A transport that keeps what went through it.
pub struct Recorder<'a> {
    transport: &'a dyn Transport,
    clock: &'a dyn Clock,
    secrets: &'a Register,
    kept: Mutex<Vec<Exchange>>,
}

impl<'a> Recorder<'a> {
    /// A recorder that has kept nothing yet.
    pub fn new(transport: &'a dyn Transport, clock: &'a dyn Clock, secrets: &'a Register) -> Self {
        Self {
            transport,
            clock,
            secrets,
            kept: Mutex::default(),
        }
    }

    /// Sends one request and keeps the exchange, also where no answer came.
    pub async fn send(&self, endpoint: Endpoint, request: Request) -> Result<Response, Fault> {
        let at = self.clock.now();
        learn::from_request(self.secrets, endpoint, &request);
        let sent = request.clone();
        let began = Instant::now();
        let answer = self.transport.send(request).await;
        let exchange = exchange(self.secrets, endpoint, at, began.elapsed(), &sent, &answer);
        self.adopt([exchange]);
        answer
    }

    /// Keeps exchanges that somebody else recorded, the user agent for one.
    pub fn adopt(&self, exchanges: impl IntoIterator<Item = Exchange>) {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(exchanges);
    }

    /// Everything kept, in the order in which the answers came. Redacted once more: what an early page showed may have turned out
    /// to be a secret only later.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        let mut kept = self
            .kept
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for exchange in &mut kept {
            redact_again(self.secrets, exchange);
        }
        kept
    }
}

fn redact_again(secrets: &Register, exchange: &mut Exchange) {
    let again = |text: &mut String| {
        if secrets.leaks(text) {
            *text = secrets.redact(text);
        }
    };
    let sent = &mut exchange.sent;
    again(&mut sent.url);
    sent.body.iter_mut().for_each(again);
    let pairs = sent.headers.iter_mut().chain(&mut sent.fields);
    pairs.for_each(|(_, value)| again(value));
    if let Ok(received) = &mut exchange.received {
        again(&mut received.body);
        let headers = received.headers.iter_mut();
        headers.for_each(|(_, value)| again(value));
    }
}

/// One request and its answer as kept. Registers the secrets of both before it redacts.
pub fn exchange(
    secrets: &Register,
    endpoint: Endpoint,
    at: Timestamp,
    took: Duration,
    request: &Request,
    answer: &Result<Response, Fault>,
) -> Exchange {
    learn::from_request(secrets, endpoint, request);
    if let Ok(response) = answer {
        learn::from_response(secrets, response);
    }
    Exchange {
        endpoint,
        at,
        took,
        sent: sent(secrets, endpoint, request),
        received: answer
            .as_ref()
            .map(|response| received(secrets, response))
            .map_err(Clone::clone),
    }
}

fn sent(secrets: &Register, endpoint: Endpoint, request: &Request) -> Sent {
    let form = learn::is_form(&request.headers);
    let body = learn::prefix(&request.body, LOOKED_AT);
    let fields = if form {
        url::form_urlencoded::parse(&request.body)
            .map(|(name, value)| {
                let value = match learn::kind_of_field(endpoint, &name) {
                    Some(kind) if !value.is_empty() => secrets.add(kind, &value).to_string(),
                    _ => secrets.redact(&value),
                };
                (secrets.redact(&name), value)
            })
            .collect()
    } else {
        Vec::new()
    };
    Sent {
        method: request.method.to_string(),
        url: secrets.redact(request.url.as_str()),
        headers: headers(secrets, &request.headers),
        fields,
        body: (!form && !body.is_empty()).then(|| cut(secrets.redact(&body))),
    }
}

fn received(secrets: &Register, response: &Response) -> Received {
    let body = learn::prefix(&response.body, LOOKED_AT);
    Received {
        status: response.status.as_u16(),
        headers: headers(secrets, &response.headers),
        body: cut(secrets.redact(&body)),
        length: response.body.len(),
    }
}

fn headers(secrets: &Register, headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), header_text(secrets, name, &text))
        })
        .collect()
}

/// Authorization and cookies show their name or scheme and the mark of the value, never the value, however short it is.
fn header_text(secrets: &Register, name: &HeaderName, text: &str) -> String {
    if *name == header::AUTHORIZATION || *name == header::PROXY_AUTHORIZATION {
        return match learn::authorization_parts(text) {
            (Some(scheme), value) => {
                let mark = secrets.add(learn::kind_of_scheme(scheme), value);
                format!("{} {mark}", secrets.redact(scheme))
            }
            (None, value) => secrets.add("authorization", value).to_string(),
        };
    }
    if *name == header::COOKIE {
        let crumbs: Vec<_> = text.split(';').map(|pair| crumb(secrets, pair)).collect();
        return crumbs.join("; ");
    }
    if *name == header::SET_COOKIE {
        let (pair, attributes) = text.split_at(text.find(';').unwrap_or(text.len()));
        return format!("{}{}", crumb(secrets, pair), secrets.redact(attributes));
    }
    secrets.redact(text)
}

/// `name=value` of a cookie with the value marked.
fn crumb(secrets: &Register, pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    let value = value.trim();
    let name = secrets.redact(name.trim());
    if value.len() < SHORTEST_COOKIE {
        return format!("{name}=[cookie]");
    }
    format!("{name}={}", secrets.add("cookie", value))
}

/// Cuts a text to what is kept, at a character.
fn cut(mut text: String) -> String {
    if text.len() > KEPT {
        text.truncate(text.floor_char_boundary(KEPT));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    const TOKEN: &str = "00D000000000001!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL";

    fn kept(request: &Request, body: &str, location: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", "sid=SESSIONvalue123; Path=/".parse().unwrap());
        if let Some(location) = location {
            headers.insert("location", location.parse().unwrap());
        }
        let answer = Ok(Response {
            status: StatusCode::OK,
            headers,
            body: Bytes::from(body.to_owned()),
            cut: false,
        });
        let secrets = Register::new();
        let took = Duration::from_millis(1);
        let at = Timestamp::UNIX_EPOCH;
        format!(
            "{:?}",
            exchange(&secrets, Endpoint::Token, at, took, request, &answer)
        )
    }

    fn post() -> Request {
        let url = url::Url::parse("https://org.localhost/services/oauth2/token").unwrap();
        Request::form(
            url,
            [
                ("client_secret", "hunter2hunter2"),
                ("code", "aPrxCODE=="),
                ("x", "1"),
            ],
        )
        .header(header::AUTHORIZATION, "Basic a2V5OnNlY3JldA==")
        .header(header::COOKIE, "sid=SESSIONvalue123; a=1")
    }

    #[test]
    fn what_is_secret_in_a_request_leaves_only_its_mark() {
        let text = kept(&post(), "", None);
        for secret in [
            "hunter2",
            "aPrxCODE",
            "a2V5OnNlY3JldA",
            "SESSIONvalue",
            "a=1",
        ] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        for shown in [
            "[client_secret#1]",
            "[code#1]",
            "Basic [basic#1]",
            "sid=[session#1]",
        ] {
            assert!(text.contains(shown), "{shown}: {text}");
        }
    }

    #[test]
    fn tokens_are_found_in_whole_broken_and_foreign_bodies() {
        let broken = format!(r#"{{"access_token":"{TOKEN}","refresh_token":"5Aep861-secret-tail"#);
        let escaped = r#"{"access_token":"abc\/defgh\u0021ijkl","signature":"c2lnbmF0dXJlLi4u="}"#;
        let page = format!("<p>token {TOKEN} and eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln</p>");
        let link = r#"<a href="https://localhost/cb?code=aPrx4cGVuc2VzYW1l%3D%3D&amp;state=1">"#;
        for body in [&broken, escaped, &page, link] {
            let text = kept(&post(), body, None);
            for secret in [
                TOKEN,
                "5Aep861",
                "defgh",
                "c2lnbmF0",
                "eyJzdWIi",
                "aPrx4cGVuc2",
            ] {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
        let prose = r#"{"error_description":"refresh_token: expired-long-ago, password: at-least-8-letters"}"#;
        let text = kept(&post(), prose, None);
        assert!(
            text.contains("expired-long-ago, password: at-least-8-letters"),
            "{text}"
        );
        let text = kept(
            &post(),
            "",
            Some("https://localhost/cb?code=aPrx4cGVuc2VzYW1l%3D%3D&state=st"),
        );
        assert!(!text.contains("aPrx4c"), "{text}");
        assert!(text.contains("state=st"), "{text}");
    }

    #[test]
    fn a_body_is_kept_to_its_bound() {
        let text = kept(&post(), &"ä".repeat(100_000), None);
        assert!(text.len() < 2 * KEPT, "{}", text.len());
        assert!(text.contains("length: 200000"));
    }
}
