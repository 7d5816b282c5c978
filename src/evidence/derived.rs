//! Our own records in the words of the vocabulary, so that one table of clues reads reports and records alike.

use super::hosts::{Host, learn_redirect};
use super::sheet::{Fact, Sheet};
use super::{Answer, Heard, Observation, PageKind, Seen, SentRequest, shape};
use crate::cause::Channel;
use crate::exchange::Endpoint;
use crate::oauth::{GrantKind, HostKind, Scope, ScopeSet};

/// What records show, in named facts. The first refusal says what is reported; else the first answer with a part missing; where nothing
/// failed, the last observation. What came before and beside it stands in `facts.…`.
pub fn sheet_of(observations: &[Observation]) -> Sheet {
    let mut sheet = Sheet::new();
    let refused = observations.iter().filter(|one| one.is_refusal());
    let refused = refused
        .clone()
        .find(|one| !one.is_waiting())
        .or_else(|| refused.clone().next());
    let lacking = observations.iter().find(|one| one.is_failure());
    let Some(main) = refused.or(lacking).or(observations.last()) else {
        return sheet;
    };
    learn_place(&mut sheet, main);
    learn_answer(&mut sheet, main);
    learn_requests(&mut sheet, main, observations);
    learn_course(&mut sheet, main, observations);
    sheet
}

fn learn_place(sheet: &mut Sheet, main: &Observation) {
    if main.is_failure() && main.endpoint.is_some_and(is_use) {
        sheet.learn("flow", "api_call");
    } else if let Some(grant) = main.grant {
        sheet.learn("flow", grant.name());
    }
    if let Some(kind) = main.app_kind {
        sheet.learn("app_kind", kind.name());
    }
    if let Some(host) = main.host.filter(|host| *host != HostKind::Issuer) {
        let host = Host {
            fine: host.name(),
            kind: Some(host),
        };
        host.learn(sheet);
    }
}

/// A call with a token.
fn is_use(at: Endpoint) -> bool {
    matches!(
        at,
        Endpoint::Rest
            | Endpoint::Userinfo
            | Endpoint::Identity
            | Endpoint::Introspect
            | Endpoint::Revoke
    )
}

fn learn_answer(sheet: &mut Sheet, main: &Observation) {
    match &main.seen {
        Seen::Answer(answer) if answer.channel == Some(Channel::LoginHistory) => {
            if let Some(status) = answer.text.words() {
                sheet.learn("facts.login_history_status", status);
            }
        }
        Seen::Answer(answer) => {
            learn_words(sheet, answer);
            if let Some(word) = answer.channel.and_then(channel_word) {
                sheet.learn("channel", word);
            }
        }
        Seen::Page { .. } => sheet.learn("channel", "html_page"),
        Seen::Success { .. } | Seen::Silence { .. } | Seen::OffProtocol { .. } => {}
    }
    if main.is_failure()
        && let Some(step) = step_word(main)
    {
        sheet.learn("facts.step_failed", step);
    }
}

fn learn_words(sheet: &mut Sheet, answer: &Answer) {
    if let Some(status) = answer.status {
        sheet.learn("http_status", Fact::Number(f64::from(status)));
    }
    let parts = [
        ("error", "error_shown", &answer.code),
        ("error_description", "description_shown", &answer.text),
    ];
    for (key, shown, heard) in parts {
        match heard {
            Heard::Said(words) => sheet.learn(key, words.as_str()),
            Heard::Nothing => sheet.learn(shown, false),
            Heard::Unknown => {}
        }
    }
}

/// The word of `channel`; the login history is no channel of an answer.
const fn channel_word(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::TokenJson => Some("token_endpoint"),
        Channel::CallbackRedirect | Channel::CallbackFragment => Some("callback"),
        Channel::AuthorizeRawBody
        | Channel::AuthorizeUnspecified
        | Channel::ErrorPage
        | Channel::HtmlPage => Some("html_page"),
        Channel::RestJson
        | Channel::ResourcePlain
        | Channel::IntrospectJson
        | Channel::RevokeResponse => Some("api"),
        Channel::LoginHistory => None,
    }
}

/// The word of `facts.step_failed`.
fn step_word(main: &Observation) -> Option<&'static str> {
    if let Seen::Page { kind, .. } = &main.seen {
        return match kind {
            PageKind::Approval | PageKind::ApprovalExpired => Some("consent"),
            PageKind::Login
            | PageKind::Verification
            | PageKind::ChangePassword
            | PageKind::LoginFlow => Some("login"),
            PageKind::Device | PageKind::Other => None,
        };
    }
    match main.endpoint? {
        Endpoint::Authorize | Endpoint::ErrorPage => Some("authorize"),
        Endpoint::Page | Endpoint::DevicePage => Some("login"),
        Endpoint::Callback => Some("callback"),
        Endpoint::Token if main.grant == Some(GrantKind::RefreshToken) => Some("refresh"),
        Endpoint::Token | Endpoint::DeviceAuthorization => Some("token"),
        Endpoint::Userinfo | Endpoint::Identity => Some("identity"),
        Endpoint::Rest => Some("api"),
        Endpoint::Introspect | Endpoint::Revoke | Endpoint::Discovery | Endpoint::Jwks => None,
    }
}

fn learn_requests(sheet: &mut Sheet, main: &Observation, all: &[Observation]) {
    let request = main.facts.request.as_ref();
    // For a call with a token, the request that brought the token.
    let token = if main.endpoint.is_some_and(is_use) {
        let mut tokens = all
            .iter()
            .filter(|one| one.endpoint == Some(Endpoint::Token));
        tokens.find_map(|one| one.facts.request.as_ref())
    } else if matches!(
        main.endpoint,
        Some(Endpoint::Token | Endpoint::DeviceAuthorization)
    ) {
        request
    } else {
        None
    };
    if let Some(token) = token {
        learn_token_request(sheet, token);
    }
    match (main.endpoint, request) {
        (Some(Endpoint::Rest | Endpoint::Userinfo | Endpoint::Identity), Some(request)) => {
            learn_use(sheet, main.endpoint, request);
        }
        (Some(Endpoint::Revoke), Some(request)) => {
            let hint = request.has("token_type_hint");
            sheet.learn("request.token_type_hint_sent", hint);
        }
        _ => {}
    }
    let authorize = main.facts.authorize.as_ref();
    if let Some(request) = authorize {
        learn_authorize(sheet, request);
    }
    if let (Some(authorize), Some(token)) = (authorize, token)
        && let (Some(first), Some(second)) =
            (authorize.value("redirect_uri"), token.value("redirect_uri"))
    {
        sheet.learn("request.redirect_uri_same", first == second);
    }
    if let Some(Some(asked)) = &main.facts.scope_asked {
        learn_scopes(sheet, asked);
    }
    let checks: Vec<String> = main
        .facts
        .failed_checks
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    if !checks.is_empty() {
        sheet.learn("request.failed_checks", Fact::List(checks));
    }
}

/// The words of `request.url_scheme` and `request.http_method`.
fn sent(request: &SentRequest) -> (&'static str, &'static str) {
    let method = match request.method.as_str() {
        "GET" => "get",
        "POST" => "post",
        _ => "other",
    };
    (if request.is_https { "https" } else { "http" }, method)
}

fn learn_sent(sheet: &mut Sheet, request: &SentRequest) {
    let (scheme, method) = sent(request);
    sheet.learn("request.url_scheme", scheme);
    sheet.learn("request.http_method", method);
}

/// Learns what a request at the token endpoint shows.
pub(super) fn learn_token_request(sheet: &mut Sheet, request: &SentRequest) {
    learn_sent(sheet, request);
    let right_path = request.path.ends_with("/services/oauth2/token");
    sheet.learn("request.token_path_right", right_path);
    if let Some(grant) = request.value("grant_type") {
        sheet.learn("request.grant_type", grant_word(grant));
    }
    if let Some(kind) = request.value("response_type") {
        sheet.learn("request.response_type", response_type_word(kind));
    }
    let in_body = request.has("client_id");
    let (basic, secret) = (request.is_basic(), request.has("client_secret"));
    sheet.learn("request.client_id_in_body", in_body);
    sheet.learn(
        "request.client_id_sent",
        in_body || basic || request.has("assertion"),
    );
    sheet.learn("request.client_secret_sent", secret || basic);
    let authentication = match (secret, basic) {
        (true, true) => "both",
        (true, false) => "body",
        (false, true) => "basic",
        (false, false) if request.has("client_assertion") => "assertion",
        (false, false) => "none",
    };
    sheet.learn("request.client_auth", authentication);
    sheet.learn("request.scope_sent", request.has("scope"));
    sheet.learn("request.content_type", content_type(request));
    let redeems = request.value("grant_type") == Some(GrantKind::AuthorizationCode.grant_type());
    if redeems || request.has("code_verifier") {
        sheet.learn("request.verifier_sent", request.has("code_verifier"));
    }
    if redeems {
        sheet.learn("request.redirect_uri_sent", request.has("redirect_uri"));
    }
    if let Some(uri) = request.value("redirect_uri") {
        learn_redirect(sheet, uri);
    }
}

fn content_type(request: &SentRequest) -> &'static str {
    match request.content_type.as_deref() {
        Some("application/x-www-form-urlencoded") => "form",
        Some(kind) if kind.contains("json") => "json",
        Some(kind) if kind.starts_with("multipart/") => "multipart",
        Some(_) => "other",
        None if request.is_json => "json",
        None => "none",
    }
}

/// Learns what a request at the authorization endpoint shows.
pub(super) fn learn_authorize(sheet: &mut Sheet, request: &SentRequest) {
    // Where a later request was refused, that one is told of.
    let (scheme, method) = sent(request);
    sheet.suppose("request.url_scheme", scheme);
    sheet.suppose("request.http_method", method);
    if let Some(kind) = request.value("response_type") {
        sheet.learn("request.response_type", response_type_word(kind));
    }
    let challenge = request.value("code_challenge");
    let method = request.value("code_challenge_method");
    // The shape of a challenge that was read before it was hidden says more.
    sheet.suppose("request.pkce", shape::pkce(challenge, method));
    if challenge.is_some() {
        sheet.learn("request.challenge_method_sent", method.is_some());
    }
    sheet.suppose("request.client_id_sent", request.has("client_id"));
    sheet.suppose("request.redirect_uri_sent", request.has("redirect_uri"));
    if let Some(uri) = request.value("redirect_uri") {
        learn_redirect(sheet, uri);
    }
    let immediate =
        request.value("prompt") == Some("none") || request.value("immediate") == Some("true");
    sheet.learn("request.prompt_none", immediate);
    if let Some(scope) = request.value("scope").filter(|scope| !scope.is_empty()) {
        learn_scopes(sheet, scope);
    }
}

fn learn_scopes(sheet: &mut Sheet, wire: &str) {
    let scopes: Vec<String> = ScopeSet::from_wire(wire)
        .iter()
        .map(str::to_owned)
        .collect();
    let unknown = scopes.iter().filter(|scope| Scope::find(scope).is_none());
    let unknown: Vec<String> = unknown.cloned().collect();
    if !unknown.is_empty() {
        sheet.learn("request.scopes_unknown", Fact::List(unknown));
    }
    sheet.learn("request.scopes", Fact::List(scopes));
}

fn learn_use(sheet: &mut Sheet, at: Option<Endpoint>, request: &SentRequest) {
    learn_sent(sheet, request);
    let called = match at {
        Some(Endpoint::Userinfo) => "userinfo",
        Some(Endpoint::Identity) => "identity",
        _ if request.path.contains("/services/apexrest/") => "apex_rest",
        _ if request.path.contains("/services/data") => "data",
        _ => "other",
    };
    sheet.learn("request.api_endpoint", called);
    let in_query = request.has("access_token") || request.has("oauth_token");
    let place = match (&request.authorization, in_query) {
        (_, true) if request.method == "POST" && request.content_type.is_some() => "body",
        (_, true) => "query",
        (Some(_), false) => "header",
        (None, false) => "none",
    };
    sheet.learn("request.token_location", place);
    if let Some(header) = &request.authorization {
        sheet.learn("request.bearer_well_formed", header.starts_with("Bearer "));
    }
}

/// What happened before and beside the failure.
fn learn_course(sheet: &mut Sheet, main: &Observation, all: &[Observation]) {
    let passed =
        |one: &&Observation| matches!(&one.seen, Seen::Success { lacks } if lacks.is_empty());
    let issued: Vec<&Observation> = all
        .iter()
        .filter(|one| {
            one.endpoint == Some(Endpoint::Token) && matches!(one.seen, Seen::Success { .. })
        })
        .collect();
    let asked_for_one = all.iter().any(|one| one.endpoint == Some(Endpoint::Token));
    if asked_for_one || main.is_failure() {
        sheet.learn("facts.token_issued", !issued.is_empty());
    }
    if let Some(answer) = issued.last() {
        learn_token_answer(sheet, answer);
    }
    for (key, endpoints) in [
        ("facts.data_api_call_fails", &[Endpoint::Rest][..]),
        (
            "facts.identity_call_fails",
            &[Endpoint::Userinfo, Endpoint::Identity],
        ),
        (
            "facts.api_call_fails",
            &[Endpoint::Rest, Endpoint::Userinfo, Endpoint::Identity],
        ),
    ] {
        let of_key = |one: &&Observation| one.endpoint.is_some_and(|at| endpoints.contains(&at));
        let mut calls = all.iter().filter(of_key).peekable();
        if let Some(first) = calls.peek() {
            // Without the answer that brought the token, nobody knows which call was the first.
            if key == "facts.api_call_fails" && !issued.is_empty() {
                sheet.learn("facts.first_api_call_fails", first.is_failure());
            }
            sheet.learn(key, calls.any(Observation::is_failure));
        }
    }
    if main.facts.authorize.is_some() && main.endpoint == Some(Endpoint::Token) {
        sheet.learn("facts.authorize_step_ok", true);
    }
    learn_flows(sheet, main, all);
    if main.grant == Some(GrantKind::RefreshToken) && main.is_failure() {
        let login = issued
            .iter()
            .rev()
            .find(|one| one.grant.is_some_and(GrantKind::asks_the_person));
        if let (Some(login), Some(failed)) = (login.and_then(|one| one.at), main.at)
            && failed >= login
        {
            let since = failed.duration_since(login).as_secs_f64();
            sheet.learn("facts.seconds_since_token", Fact::Number(since));
        }
    }
    let before = all.iter().take_while(|one| !std::ptr::eq(*one, main));
    let before: Vec<&Observation> = before
        .filter(|one| one.endpoint == main.endpoint && one.grant == main.grant)
        .collect();
    if main.is_failure() && before.iter().any(passed) {
        sheet.learn("facts.first_success_then_failure", true);
        if main.grant == Some(GrantKind::RefreshToken) && before.len() == 1 {
            sheet.learn("facts.refresh_works", "once");
        }
    }
}

fn learn_token_answer(sheet: &mut Sheet, answer: &Observation) {
    let Seen::Success { lacks } = &answer.seen else {
        return;
    };
    let granted = answer
        .facts
        .scope_granted
        .as_deref()
        .map(ScopeSet::from_wire);
    if lacks.iter().any(|lack| lack.member == "refresh_token") {
        sheet.learn("facts.refresh_token_in_response", false);
    } else if granted.as_ref().is_some_and(ScopeSet::asks_refresh)
        && answer.grant.is_some_and(GrantKind::asks_the_person)
    {
        // A response that should hold one and lacks it would say so.
        sheet.learn("facts.refresh_token_in_response", true);
    }
    if let Some(granted) = granted {
        let scopes = granted.iter().map(str::to_owned).collect();
        sheet.learn("facts.granted_scopes", Fact::List(scopes));
    }
}

/// Other flows of the same record that passed, or failed alike.
fn learn_flows(sheet: &mut Sheet, main: &Observation, all: &[Observation]) {
    let (mut works, mut fails) = (Vec::new(), Vec::new());
    for one in all
        .iter()
        .filter(|one| one.endpoint == Some(Endpoint::Token))
    {
        let Some(grant) = one.grant.filter(|grant| Some(*grant) != main.grant) else {
            continue;
        };
        let list = match &one.seen {
            Seen::Success { .. } => &mut works,
            _ => &mut fails,
        };
        let word = flow_word(grant).to_owned();
        if !list.contains(&word) {
            list.push(word);
        }
    }
    for (key, list) in [
        ("facts.works_with_flow", works),
        ("facts.fails_with_flow", fails),
    ] {
        if !list.is_empty() {
            sheet.learn(key, Fact::List(list));
        }
    }
}

/// The words of causes.csv for flows.
const fn flow_word(grant: GrantKind) -> &'static str {
    match grant {
        GrantKind::AuthorizationCode => "web_server",
        GrantKind::RefreshToken => "refresh",
        other => other.name(),
    }
}

/// The word of `request.grant_type`.
pub(super) fn grant_word(grant_type: &str) -> &'static str {
    match grant_type {
        "authorization_code" => "authorization_code",
        "refresh_token" => "refresh_token",
        "client_credentials" => "client_credentials",
        "password" => "password",
        "device" | "urn:ietf:params:oauth:grant-type:device_code" => "device",
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => "jwt_bearer",
        "urn:ietf:params:oauth:grant-type:saml2-bearer" => "saml2_bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange" => "token_exchange",
        _ => "other",
    }
}

/// The flow that a `grant_type` belongs to, in the words of `flow`.
pub(super) fn flow_of_grant_type(grant_type: &str) -> Option<&'static str> {
    Some(match grant_word(grant_type) {
        "password" => "username_password",
        "saml2_bearer" => "saml_bearer",
        "other" => return None,
        same => same,
    })
}

/// The word of `request.response_type`.
pub(super) fn response_type_word(response_type: &str) -> &'static str {
    match response_type {
        "code" => "code",
        "token" | "token id_token" | "id_token token" => "token",
        "hybrid_token" => "hybrid_token",
        "device_code" => "device_code",
        "code_credentials" => "code_credentials",
        _ => "other",
    }
}

/// The flow that a `response_type` belongs to, in the words of `flow`.
pub(super) fn flow_of_response_type(response_type: &str) -> Option<&'static str> {
    match response_type_word(response_type) {
        "code" => Some("authorization_code"),
        "token" | "hybrid_token" => Some("user_agent"),
        "device_code" => Some("device"),
        _ => None,
    }
}
