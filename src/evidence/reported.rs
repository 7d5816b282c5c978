//! A report in named facts → the one observation that it is: what a field case and the flags of a command line tell.

use super::declared;
use super::sheet::{Fact, Report, Sheet};
use super::text::{known_code, whole_sentence};
use super::{Answer, Facts, Heard, Lack, Observation, Seen};
use crate::cause::{AppKind, CauseId, Channel, login_history};
use crate::exchange::Endpoint;
use crate::oauth::{GrantKind, HostKind, ScopeSet};

/// The flow words of the vocabulary that are no grant of ours.
pub(super) const OTHER_FLOWS: [&str; 3] = ["user_agent", "saml_bearer", "api_call"];

/// The report of a sheet. What was not shown stays unknown: that a reporter quotes no code does not mean that none was sent.
pub(super) fn report(input: &str, id: Option<String>, mut sheet: Sheet) -> Report {
    for key in ["error", "error_description"] {
        if sheet
            .get(key)
            .is_some_and(|fact| fact.to_string().trim().is_empty())
        {
            sheet.forget(key);
            let shown = if key == "error" {
                "error_shown"
            } else {
                "description_shown"
            };
            sheet.learn(shown, false);
        }
    }
    let description = sheet.get("error_description").map(Fact::to_string);
    if let Some(status) = description.as_deref().and_then(status_text) {
        sheet.suppose("facts.login_history_status", status);
    }
    for key in ["app_kind", "login_host"] {
        if sheet.get(key).is_some_and(|fact| fact.is("unknown")) {
            sheet.forget(key);
        }
    }
    let mut report = Report {
        input: input.to_owned(),
        id,
        observations: vec![observation(&sheet)],
        ..Report::default()
    };
    for (key, fact) in sheet.iter() {
        if let Some(field) = key.strip_prefix("declared.") {
            declared::learn(&mut report.known, field, fact);
        }
    }
    report.sheet = sheet;
    report
}

fn observation(sheet: &Sheet) -> Observation {
    let word = |key: &str| sheet.get(key).map(Fact::to_string);
    let flow = word("flow").unwrap_or_default();
    let (endpoint, channel) = place(sheet, &flow);
    Observation {
        grant: GrantKind::parse(&flow),
        host: word("login_host").as_deref().and_then(HostKind::parse),
        app_kind: match word("app_kind").as_deref() {
            Some("external_client_app") => Some(AppKind::ExternalClientApp),
            Some("connected_app") => Some(AppKind::ConnectedApp),
            _ => None,
        },
        endpoint,
        seen: seen(sheet, channel),
        at: None,
        facts: Facts::default(),
    }
}

/// Where the answer came from. A page and the words of a client leave open which channel of the server they stand for.
fn place(sheet: &Sheet, flow: &str) -> (Option<Endpoint>, Option<Channel>) {
    let channel = sheet.get("channel").map(Fact::to_string);
    let called = sheet.get("request.api_endpoint").map(Fact::to_string);
    let api = match called.as_deref() {
        Some("userinfo") => Endpoint::Userinfo,
        Some("identity") => Endpoint::Identity,
        _ => Endpoint::Rest,
    };
    match channel.as_deref() {
        Some("token_endpoint") => (Some(Endpoint::Token), Some(Channel::TokenJson)),
        Some("callback") => (Some(Endpoint::Callback), Some(Channel::CallbackRedirect)),
        // A login by the SOAP API is no call with a token, and its faults are no channel of ours.
        Some("api")
            if sheet
                .get("request.protocol")
                .is_some_and(|fact| fact.is("soap")) =>
        {
            (None, None)
        }
        Some("api") if api == Endpoint::Rest => (Some(api), Some(Channel::RestJson)),
        Some("api") => (Some(api), Some(Channel::ResourcePlain)),
        _ if flow == "api_call" => (Some(api), None),
        _ => (None, None),
    }
}

fn seen(sheet: &Sheet, channel: Option<Channel>) -> Seen {
    let status = sheet.get("http_status").and_then(status_of);
    let said = |key: &str, spelt: fn(&str) -> Option<&'static str>| match sheet.get(key) {
        Some(fact) => {
            let shown = fact.to_string();
            Heard::Said(spelt(&shown).map_or(shown, str::to_owned))
        }
        None => Heard::Unknown,
    };
    // As the tables spell it: reporters write a full stop or a capital more. The sheet keeps what was shown.
    let code = said("error", known_code);
    let text = said("error_description", |shown| {
        whole_sentence(shown).or_else(|| status_text(shown))
    });
    let is_wordless = code == Heard::Unknown && text == Heard::Unknown;
    let passed = status.is_some_and(|status| (200..300).contains(&status));
    if passed
        && is_wordless
        && let Some(lack) = refresh_token_lack(sheet)
    {
        return Seen::Success { lacks: vec![lack] };
    }
    Seen::Answer(Answer {
        channel,
        status,
        code,
        text,
    })
}

/// The status of the login history that a text is, where it says so itself.
fn status_text(shown: &str) -> Option<&'static str> {
    let is_marked = shown
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("failed:");
    let row = is_marked.then(|| login_history(shown)).flatten()?;
    (!row.text.is_empty()).then_some(row.text)
}

/// A status that HTTP has.
fn status_of(fact: &Fact) -> Option<u16> {
    let number = fact.number().filter(|number| number.fract() == 0.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, and inside the range of a status"
    )]
    (100.0..600.0).contains(&number).then_some(number as u16)
}

/// A good answer without a refresh token: not asked for, not on the app, or withheld by policy.
fn refresh_token_lack(sheet: &Sheet) -> Option<Lack> {
    let is_missing = |key: &str, word: &str| sheet.get(key).is_some_and(|fact| fact.is(word));
    if !is_missing("facts.refresh_token_in_response", "false") {
        return None;
    }
    let asked = sheet.get("request.scopes").map(|scopes| {
        let scopes: ScopeSet = scopes.items().into_iter().collect();
        scopes.asks_refresh()
    });
    let not_asked = ["refresh_token", "offline_access"]
        .iter()
        .any(|scope| is_missing("request.scopes_lacking", scope));
    let asked = if not_asked { Some(false) } else { asked };
    let (not_requested, missing) = (
        CauseId::ScopeRefreshNotRequested,
        CauseId::ScopeRefreshMissing,
    );
    let (causes, reason) = match asked {
        Some(false) => (
            vec![not_requested, missing],
            "no refresh token came, and refresh_token was not among the scopes asked for",
        ),
        Some(true) => (
            vec![missing, CauseId::RefreshPolicyZero],
            "no refresh token came, though refresh_token was asked for",
        ),
        None => (vec![missing, not_requested], "no refresh token came"),
    };
    Some(Lack {
        member: "refresh_token",
        causes,
        reason: reason.to_owned(),
    })
}
