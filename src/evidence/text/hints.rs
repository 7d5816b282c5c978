//! What a text tells beside its errors: flow, hosts, parameters, statuses of the login history, codes of the tool.

use url::Url;

use super::attempts::without_later_attempts;
use super::clean::clean;
use super::find::{SOAP_CODES, begins_word, is_gap, tokens_with};
use super::frames;
use super::phrases::{self, Phrase};
use super::search::from_text_all;
use super::spoken;
use super::values::{names, value_of, window};
use crate::evidence::hosts::{Host, learn_audience, learn_redirect};
use crate::evidence::request::SentRequest;
use crate::evidence::sheet::{Fact, Sheet};
use crate::evidence::{Observation, Seen, derived, redact, shape};

/// Words that say which flow ran, in the words of `flow`: commands and messages of the Salesforce CLI and its library, and the SOAP login.
const TELLING: [(&str, &str); 17] = [
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", "jwt_bearer"),
    (
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "saml_bearer",
    ),
    (
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "token_exchange",
    ),
    ("org login jwt", "jwt_bearer"),
    ("auth:jwt:grant", "jwt_bearer"),
    ("force:auth:jwt", "jwt_bearer"),
    ("Error authenticating with JWT", "jwt_bearer"),
    ("org login web", "authorization_code"),
    ("auth:web:login", "authorization_code"),
    ("Error authenticating with auth code", "authorization_code"),
    ("AuthCodeExchangeError", "authorization_code"),
    (
        "Error authenticating with the refresh token",
        "refresh_token",
    ),
    ("org login sfdx-url", "refresh_token"),
    ("org login device", "device"),
    ("auth:device:login", "device"),
    ("/services/Soap/u/", "username_password"),
    ("/services/Soap/c/", "username_password"),
];
/// So many requests, and values of names, are read.
const MANY: usize = 2000;
/// Octets of a value that is a word or an address.
const SHORT: usize = 300;
/// Octets between a flow's name and an error of it.
const REACH: usize = 16_384;

/// Facts that a text tells clearly. Conflicting ones are left out, and so is everything but the keys of the vocabulary: no secret of a text is
/// in it.
pub fn sheet_of_text(text: &str) -> Sheet {
    sheet_beside(text, &from_text_all(text))
}

/// The facts of a text whose errors were found.
pub(in crate::evidence) fn sheet_beside(text: &str, errors: &[Observation]) -> Sheet {
    let mut sheet = Sheet::new();
    let text = without_later_attempts(&clean(text));
    learn_requests(&mut sheet, &text);
    learn_login_host(&mut sheet, &text);
    learn_names(&mut sheet, &text);
    learn_flow(&mut sheet, &text);
    let status = errors.iter().find_map(|error| match &error.seen {
        Seen::Answer(answer) => answer.status,
        _ => None,
    });
    if let Some(status) = status {
        sheet.learn("http_status", Fact::Number(f64::from(status)));
    }
    learn_login_history(&mut sheet, &text);
    if let Some(code) = tool_code(&text) {
        sheet.learn("facts.tool_error_code", code.as_str());
    }
    sheet
}

/// Where a text names a flow, in order.
pub(super) fn flows(text: &str) -> Vec<(usize, &'static str)> {
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    for (words, flow) in TELLING {
        let places = text.match_indices(words).map(|(at, _)| at);
        found.extend(
            places
                .filter(|at| begins_word(text, *at))
                .map(|at| (at, flow)),
        );
    }
    let naming = |(_, name): &(usize, &str)| {
        [
            "grant_type",
            "grantType",
            "response_type",
            "responseType",
            "faultcode",
        ]
        .contains(name)
            || SOAP_CODES.contains(name)
    };
    for (at, name) in names(text).filter(naming).take(MANY) {
        let flow = match name {
            "grant_type" | "grantType" => {
                parameter(text, at + name.len(), derived::flow_of_grant_type)
            }
            "response_type" | "responseType" => {
                parameter(text, at + name.len(), derived::flow_of_response_type)
            }
            "faultcode" => Some("username_password"),
            code if SOAP_CODES.contains(&code) => Some("username_password"),
            _ => None,
        };
        found.extend(flow.map(|flow| (at, flow)));
    }
    found.extend(frames::flows(text));
    found.extend(spoken::flows(text));
    found.sort_unstable();
    found
}

/// The flow that a value of a parameter names.
fn parameter(
    text: &str,
    end: usize,
    flow: fn(&str) -> Option<&'static str>,
) -> Option<&'static str> {
    let value = value_of(text, end, SHORT)?.text;
    let value = value.split(is_gap).next().unwrap_or_default();
    let value = value.trim_end_matches([',', ';', '.', '\\']);
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
    flow(&decoded.replace('+', " "))
}

/// The flow of an error at a place: the one that the text names alone, else the last one named before it.
pub(super) fn flow_at(flows: &[(usize, &'static str)], at: usize) -> Option<&'static str> {
    let (_, first) = flows.first()?;
    if flows.iter().all(|(_, flow)| flow == first) {
        return Some(first);
    }
    let next = flows.partition_point(|(place, _)| *place <= at);
    let (place, flow) = next.checked_sub(1).map(|last| flows[last])?;
    (at - place <= REACH).then_some(flow)
}

fn learn_flow(sheet: &mut Sheet, text: &str) {
    let flows = flows(text);
    let error = phrases::find(text)
        .first()
        .map_or(text.len(), |found| found.at);
    if let Some(flow) = flow_at(&flows, error) {
        sheet.learn("flow", flow);
    }
    if let Some(seconds) = spoken::seconds_since_token(text, error) {
        sheet.learn("facts.seconds_since_token", Fact::Number(seconds));
    }
    let is_soap = text.contains("/services/Soap/")
        || names(text).any(|(_, name)| name == "faultcode" || SOAP_CODES.contains(&name));
    if is_soap {
        sheet.learn("request.protocol", "soap");
    }
}

/// Whether a text says whose statuses it quotes.
pub(super) fn speaks_of_login_history(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "login history",
        "loginhistory",
        "login_status",
        "loginstatus",
    ]
    .iter()
    .any(|words| lower.contains(words))
}

fn learn_login_history(sheet: &mut Sheet, text: &str) {
    let spoken_of = speaks_of_login_history(text);
    for found in phrases::find(text) {
        if let Phrase::Status { row, marked } = found.phrase
            && (marked || spoken_of)
        {
            let said = if row.text.is_empty() {
                row.code
            } else {
                row.text
            };
            sheet.suppose("facts.login_history_status", said);
        }
    }
}

/// Requests that the text shows: an authorization address whole, a form of the token endpoint in part.
fn learn_requests(sheet: &mut Sheet, text: &str) {
    for (_, range) in tokens_with(text, "/services/oauth2/authorize").take(MANY) {
        let token = &text[range.clone()];
        // Three points stand for what was cut off.
        let is_cut = text[range.end..].starts_with("..")
            || token.contains('…')
            || is_template(text, token, range.end);
        let Some(url) = Url::parse(token)
            .ok()
            .filter(|url| url.query().is_some() && !is_cut)
        else {
            continue;
        };
        let parameters: Vec<_> = url.query_pairs().into_owned().collect();
        shape::learn(sheet, &parameters, None);
        let kept = parameters
            .iter()
            .map(|(name, value)| redact::parameter(name, value));
        let request = SentRequest {
            method: "GET".to_owned(),
            is_https: url.scheme() == "https",
            path: url.path().to_owned(),
            parameters: kept.collect(),
            ..SentRequest::default()
        };
        derived::learn_authorize(sheet, &request);
    }
    for (_, range) in tokens_with(text, "grant_type=").take(MANY) {
        let token = &text[range];
        let token = token.rsplit('?').next().unwrap_or(token);
        let fields: Vec<_> = url::form_urlencoded::parse(token.as_bytes())
            .into_owned()
            .collect();
        let has = |name: &str| {
            fields
                .iter()
                .any(|(key, value)| key == name && !value.is_empty())
        };
        shape::learn(sheet, &fields, None);
        if let Some((_, grant)) = fields.iter().find(|(name, _)| name == "grant_type") {
            sheet.learn("request.grant_type", derived::grant_word(grant));
        }
        // What one line does not show may stand in another: only what is there is told.
        for (name, key) in [
            ("client_id", "request.client_id_sent"),
            ("client_secret", "request.client_secret_sent"),
            ("scope", "request.scope_sent"),
            ("code_verifier", "request.verifier_sent"),
        ] {
            if has(name) {
                sheet.learn(key, true);
            }
        }
    }
}

/// Names whose values tell something wherever they stand.
const TOLD: [&str; 8] = [
    "aud",
    "audience",
    "redirect_uri",
    "redirectUri",
    "callbackUrl",
    "callback_url",
    "grant_type",
    "grantType",
];

fn learn_names(sheet: &mut Sheet, text: &str) {
    let told = names(text).filter(|(_, name)| TOLD.contains(name));
    for (at, name) in told.take(MANY) {
        let Some(value) = value_of(text, at + name.len(), SHORT) else {
            continue;
        };
        let first = value
            .text
            .split(|c| is_gap(c) || c == ',')
            .next()
            .unwrap_or_default();
        let decoded = percent_encoding::percent_decode_str(first).decode_utf8_lossy();
        match name {
            "aud" | "audience" if decoded.contains('.') => {
                learn_audience(sheet, &[&decoded], value.listed);
            }
            "aud" | "audience" => {}
            "grant_type" | "grantType" => {
                let word = derived::grant_word(&decoded);
                if word != "other" {
                    sheet.suppose("request.grant_type", word);
                }
            }
            _ => learn_redirect(sheet, &decoded),
        }
    }
}

/// Whether an address is one to be filled in, not one that was opened: `…&redirect_uri=<approved URI>`.
fn is_template(text: &str, address: &str, end: usize) -> bool {
    address.ends_with('=') && text[end..].starts_with('<')
}

/// Names before a host that make it the login host.
const LOGIN_NAMES: [&str; 12] = [
    "login_url",
    "loginurl",
    "login-url",
    "instance-url",
    "-r",
    "domain",
    "login host",
    "login_host",
    "tokenurl",
    "token_url",
    "host",
    "connecting to",
];
/// Names before a host of another purpose.
const OTHER_NAMES: [&str; 6] = [
    "aud",
    "audience",
    "instance_url",
    "instanceurl",
    "redirect_uri",
    "id",
];

/// The login host: that of an OAuth or SOAP address, else one that is called so, else the only kind that the text names.
fn learn_login_host(sheet: &mut Sheet, text: &str) {
    let mut found: Vec<(u8, Host)> = Vec::new();
    for (at, token) in tokens(text) {
        let lower = token.to_ascii_lowercase();
        if !["salesforce", "force.com", ".site.com"]
            .iter()
            .any(|part| lower.contains(part))
            || is_template(text, token, at + token.len())
        {
            continue;
        }
        // Of an address with another one in it, the outer counts.
        let (name, address) = match lower.find("://") {
            Some(scheme) => (&lower[..scheme], &lower[scheme + 3..]),
            None => lower.rsplit_once('=').unwrap_or(("", lower.as_str())),
        };
        let host = address
            .split(['/', ':', '?', '#', '&', '%', '\\'])
            .next()
            .unwrap_or_default();
        let Some(host) = Host::of(host.rsplit('@').next().unwrap_or_default()) else {
            continue;
        };
        let before = before(text, at, name);
        let is_called = |names: &[&str]| names.iter().any(|name| called(&before, name));
        let weight = if ["/services/oauth2/", "/services/soap/"]
            .iter()
            .any(|path| address.contains(path))
        {
            3
        } else if is_called(&OTHER_NAMES) || address.contains("/services/") {
            // The host of an API call is no login host.
            continue;
        } else if is_called(&LOGIN_NAMES) {
            2
        } else {
            1
        };
        found.push((weight, host));
    }
    let Some(most) = found.iter().map(|(weight, _)| *weight).max() else {
        return;
    };
    let best: Vec<Host> = found
        .into_iter()
        .filter(|(weight, _)| *weight == most)
        .map(|(_, host)| host)
        .collect();
    if best.iter().all(|host| host.coarse() == best[0].coarse()) {
        sheet.learn("login_host", best[0].coarse());
        if best.iter().all(|host| host.fine == best[0].fine) {
            sheet.learn("request.host_kind", best[0].fine);
        }
    }
}

/// Tokens with their places.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends = |c: char| is_gap(c) || c == ',';
    let mut next = 0;
    text.split_inclusive(ends).filter_map(move |piece| {
        let at = next;
        next += piece.len();
        let token = piece.trim_end_matches(ends);
        (!token.is_empty()).then_some((at, token))
    })
}

/// What stands before a host: in its token, and before that.
fn before(text: &str, at: usize, name: &str) -> String {
    let mut from = at.saturating_sub(24);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = format!("{}{name}", &text[from..at]).to_ascii_lowercase();
    let signs = |c: char| c.is_whitespace() || "\"'`:=>([".contains(c);
    before
        .trim_end_matches(signs)
        .trim_end_matches("https")
        .trim_end_matches(signs)
        .to_owned()
}

fn called(before: &str, name: &str) -> bool {
    before
        .strip_suffix(name)
        .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The code of the client program: `Error (JwtGrantError)`, `"name": "JwtGrantError"`, `C-1016` of a scratch org's signup.
fn tool_code(text: &str) -> Option<String> {
    let naming = |(_, name): &(usize, &str)| {
        matches!(*name, "Error" | "ERROR" | "name")
            || (name.len() == 1 && name.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    names(text)
        .filter(naming)
        .take(MANY)
        .find_map(|(at, name)| {
            let end = at + name.len();
            let rest = window(text, end, SHORT);
            let code = match name {
                "Error" | "ERROR" => rest.strip_prefix(" (")?.split_once(')')?.0,
                "name" => {
                    let value = value_of(text, end, SHORT)?.text;
                    value.ends_with("Error").then_some(value)?
                }
                _ => {
                    let number = rest.strip_prefix('-')?;
                    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
                    (digits == 4).then(|| &text[at..end + 1 + digits])?
                }
            };
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let is_code = (3..=60).contains(&code.len()) && code.chars().all(is_plain);
            is_code.then(|| code.to_owned())
        })
}
