//! Steps at an RFC server: refusals by status alone, pages by what they ask for, and the ages of what is redeemed.

use super::steps::{exchange, record};
use crate::evidence::{Answer, Heard, Observation, PageKind, Seen, from_step};
use crate::exchange::{Endpoint, Exchange};
use crate::grant::{Breach, Outcome, StepRecord};
use crate::oauth::{GrantKind, HostKind};

fn at_issuer(outcome: Outcome, exchanges: Vec<Exchange>) -> Observation {
    let mut step: StepRecord = record(GrantKind::AuthorizationCode, None, outcome);
    step.host = HostKind::Issuer;
    step.exchanges = exchanges;
    from_step(&step, None).remove(0)
}

fn dead_end(status: u16, body: &str) -> Seen {
    let mut last = exchange(Endpoint::Authorize, &[], status);
    if let Ok(received) = &mut last.received {
        received.body = body.to_owned();
    }
    let breach = Breach::DeadEnd {
        title: "Hello".to_owned(),
        url: "https://as.localhost/auth/9".to_owned(),
        text: "Hello".to_owned(),
    };
    let at = Endpoint::Page;
    at_issuer(Outcome::OffProtocol { at, breach }, vec![last]).seen
}

#[test]
fn a_status_without_a_code_is_a_refusal() {
    let breach = Breach::Status { status: 403 };
    let at = Endpoint::Token;
    let one = at_issuer(Outcome::OffProtocol { at, breach }, Vec::new());
    let Seen::Answer(Answer { status, code, .. }) = one.seen else {
        panic!("{one:?}");
    };
    assert_eq!((status, code), (Some(403), Heard::Nothing));
    let Seen::Answer(Answer { status, text, .. }) = dead_end(400, "<h1>Hello</h1>") else {
        panic!("no answer");
    };
    assert_eq!((status, text), (Some(400), Heard::Said("Hello".to_owned())));
}

#[test]
fn a_page_is_known_by_what_it_asks_for() {
    let kind = |body: &str| match dead_end(200, body) {
        Seen::Page { kind, .. } => kind,
        seen => panic!("{seen:?}"),
    };
    let form = "<form><input name=p type='password'></form>";
    assert_eq!(kind(form), PageKind::Login);
    assert_eq!(kind("<form><button>Allow</button></form>"), PageKind::Other);
    assert_eq!(kind("<script src=app.js></script>"), PageKind::Other);
}

#[test]
fn ages_the_clock_and_the_metadata_are_read_from_the_exchanges() {
    let later = |mut one: Exchange, seconds: i64| {
        one.at += jiff::SignedDuration::from_secs(seconds);
        one
    };
    let with_body = |endpoint, body: &str| {
        let mut one = exchange(endpoint, &[], 200);
        if let Ok(received) = &mut one.received {
            received.body = body.to_owned();
        }
        one
    };
    let mut token = later(exchange(Endpoint::Token, &[], 400), 7);
    let date = token.at + jiff::SignedDuration::from_secs(90);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(received) = &mut token.received {
        received.headers = vec![("date".to_owned(), date)];
    }
    let breach = Breach::Status { status: 400 };
    let at = Endpoint::Token;
    let one = at_issuer(
        Outcome::OffProtocol { at, breach },
        vec![
            with_body(
                Endpoint::Discovery,
                r#"{"scopes_supported": ["a", "b"], "grant_types_supported": "none"}"#,
            ),
            with_body(Endpoint::DeviceAuthorization, r#"{"expires_in": 5}"#),
            later(exchange(Endpoint::Callback, &[], 200), 3),
            token,
        ],
    );
    let facts = one.facts;
    assert_eq!(facts.code_age, Some(4));
    assert_eq!(facts.device_code_age, Some((7, 5)));
    assert!((89..=90).contains(&facts.clock_ahead.unwrap()));
    assert_eq!(
        facts.supports.scopes.as_deref(),
        Some(&["a".to_owned(), "b".to_owned()][..])
    );
    assert_eq!(facts.supports.grant_types, None);
}
