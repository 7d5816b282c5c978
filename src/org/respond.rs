//! The one place that turns a [`Wording`] into octets, and the shapes of every answer beside it (wire facts sections 3 and 5.1).

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY,
    RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::asked::{Asked, Parameters};
use super::rest::RestAnswer;
use crate::cause::{AppKind, CauseId, Channel, Wording, emitted};
use crate::oauth::GrantKind;

/// Beside an answer that never goes out: the connection ends in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost;

/// What goes out.
pub(super) type Reply = Response<Full<Bytes>>;

/// What stays bare in a raw body, where spaces are `%20`.
const BARE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The page that a Salesforce host shows in place of a redirect.
pub(super) const ERROR_PAGE: &str = "/setup/secur/RemoteAccessErrorPage.apexp";

const JSON: &str = "application/json";
/// Of REST and of token responses.
const JSON_UTF8: &str = "application/json;charset=UTF-8";
const FORM: &str = "application/x-www-form-urlencoded";
const NO_STORE: &str = "no-store";
const NO_CACHE: &str = "no-cache, no-store";

/// How the client of the token endpoint wants its answer (wire facts section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Xml,
    Form,
}

impl Format {
    /// `format`, else the first type of `Accept`; JSON where neither says.
    pub(super) fn of(parameters: &Parameters, asked: &Asked) -> Self {
        match parameters.get("format") {
            Some("xml") => return Self::Xml,
            Some("urlencoded") => return Self::Form,
            Some("json") => return Self::Json,
            _ => {}
        }
        let accept = asked.header(http::header::ACCEPT).unwrap_or_default();
        match accept.split([',', ';']).next().unwrap_or_default().trim() {
            "application/xml" | "text/xml" => Self::Xml,
            FORM => Self::Form,
            _ => Self::Json,
        }
    }
}

/// How a refusal leaves the authorization endpoint.
pub(super) enum Exit {
    /// Octets, ready to be sent.
    Reply(Reply),
    /// A page of this kind (`login`, `device`, …), which the page side draws.
    Page(&'static str),
}

/// A refusal at the authorization endpoint before client and redirect URI can be trusted: octets without a type, no redirect.
pub(super) fn raw_body(cause: CauseId, app_kind: AppKind) -> Reply {
    let channels = [Channel::AuthorizeRawBody, Channel::AuthorizeUnspecified];
    let wording = find(
        cause,
        app_kind,
        Some(GrantKind::AuthorizationCode),
        &channels,
    );
    let (code, text) = words(wording);
    let mut body = format!("error={}", utf8_percent_encode(code, BARE));
    if let Some(text) = text {
        body.push_str("&error_description=");
        body.extend(utf8_percent_encode(text, BARE));
    }
    let mut reply = Response::new(Full::from(body));
    *reply.status_mut() = status(wording, StatusCode::BAD_REQUEST);
    // An empty content type: browsers save the answer as a file named `authorize`.
    set(&mut reply, CONTENT_TYPE, "");
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    reply
}

/// A refusal at the authorization endpoint once the redirect URI is trusted: the callback, the error page, or a page.
pub(super) fn after_trust(
    cause: CauseId,
    app_kind: AppKind,
    base: &str,
    redirect_uri: &str,
    state: Option<&str>,
) -> Exit {
    let channels = [
        Channel::CallbackRedirect,
        Channel::ErrorPage,
        Channel::HtmlPage,
    ];
    let wording = find(
        cause,
        app_kind,
        Some(GrantKind::AuthorizationCode),
        &channels,
    );
    let (code, text) = words(wording);
    match wording.map(|wording| wording.channel) {
        Some(Channel::HtmlPage) => Exit::Page(code_of_page(wording)),
        Some(Channel::ErrorPage) => Exit::Reply(redirect(&with_error(
            &format!("{base}{ERROR_PAGE}"),
            code,
            text,
            state,
        ))),
        _ => Exit::Reply(redirect(&with_error(redirect_uri, code, text, state))),
    }
}

/// The kind of page that a refusal of a person shows: `login`, `device`, `verification`, …
pub(super) fn page_of(cause: CauseId, app_kind: AppKind, grant: GrantKind) -> &'static str {
    code_of_page(find(cause, app_kind, Some(grant), &[Channel::HtmlPage]))
}

fn code_of_page(wording: Option<&'static Wording>) -> &'static str {
    match wording.map(|wording| wording.code) {
        // A page of the facts without a kind is that of an approval that came too late: no other row has none.
        Some("" | "OAuth 1800") => "approval_expired",
        Some(kind) => kind,
        None => "login",
    }
}

/// The redirect that ends an authorization well.
pub(super) fn code_redirect(redirect_uri: &str, code: &str, state: Option<&str>) -> Reply {
    let mut query = Serializer::new(String::new());
    query.append_pair("code", code);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    redirect(&appended(redirect_uri, &query.finish()))
}

/// A refusal at the token endpoint, device start included.
pub(super) fn token_refusal(
    cause: CauseId,
    app_kind: AppKind,
    grant: GrantKind,
    format: Format,
) -> Reply {
    let wording = find(cause, app_kind, Some(grant), &[Channel::TokenJson]);
    let (code, text) = words(wording);
    let mut fields = Map::new();
    fields.insert("error".to_owned(), code.into());
    if let Some(text) = text {
        fields.insert("error_description".to_owned(), text.into());
    }
    let mut reply = object(&fields, format, JSON);
    *reply.status_mut() = status(wording, StatusCode::BAD_REQUEST);
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    reply
}

/// A refresh of a client that does not stop. These words are ours, not Salesforce's.
pub(super) fn too_many_refreshes(format: Format) -> Reply {
    let mut fields = Map::new();
    fields.insert("error".to_owned(), "too_many_requests".into());
    let text = "simulated org: this grant was refreshed too often within a minute; does the client refresh without limit?";
    fields.insert("error_description".to_owned(), text.into());
    let mut reply = object(&fields, format, JSON);
    *reply.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    set(&mut reply, RETRY_AFTER, "60");
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    reply
}

/// An answer that gets lost on its way.
pub(super) fn lost(mut reply: Reply) -> Reply {
    reply.extensions_mut().insert(Lost);
    reply
}

/// What the token endpoint grants.
pub(super) fn granted(fields: &Map<String, Value>, format: Format) -> Reply {
    let mut reply = object(fields, format, JSON_UTF8);
    set(&mut reply, CACHE_CONTROL, NO_CACHE);
    reply
}

/// A refused revocation: a form, as clients parse it.
pub(super) fn revoke_refusal(cause: CauseId, app_kind: AppKind) -> Reply {
    let wording = find(cause, app_kind, None, &[Channel::RevokeResponse]);
    let (code, text) = words(wording);
    let mut form = Serializer::new(String::new());
    form.append_pair("error", code);
    if let Some(text) = text {
        form.append_pair("error_description", text);
    }
    let mut reply = typed(FORM, form.finish());
    *reply.status_mut() = status(wording, StatusCode::BAD_REQUEST);
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    reply
}

/// A token that the asking app may not know of, or that is over.
pub(super) fn inactive(cause: CauseId, app_kind: AppKind) -> Reply {
    let wording = find(cause, app_kind, None, &[Channel::IntrospectJson]);
    let mut reply = json(&json!({"active": false}));
    *reply.status_mut() = status(wording, StatusCode::OK);
    reply
}

/// A refusal at userinfo or an identity URL: one word, no JSON.
pub(super) fn plain_refusal(cause: CauseId, app_kind: AppKind) -> Reply {
    let wording = find(cause, app_kind, None, &[Channel::ResourcePlain]);
    let (code, text) = words(wording);
    let mut reply = typed("text/plain;charset=UTF-8", text.unwrap_or(code));
    *reply.status_mut() = status(wording, StatusCode::FORBIDDEN);
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    reply
}

/// A refusal at the REST API: an array of one error.
pub(super) fn rest_refusal(cause: CauseId, app_kind: AppKind) -> Reply {
    let wording = find(cause, app_kind, None, &[Channel::RestJson]);
    let (code, text) = words(wording);
    // Where no sentence was seen the code stands in its place: clients expect a text.
    let body = json!([{"message": text.unwrap_or(code), "errorCode": code}]);
    let mut reply = typed(JSON_UTF8, body.to_string());
    *reply.status_mut() = status(wording, StatusCode::UNAUTHORIZED);
    set(
        &mut reply,
        CACHE_CONTROL,
        "no-cache,must-revalidate,max-age=0,no-store,private",
    );
    reply
}

/// JSON that is no token.
pub(super) fn json(value: &Value) -> Reply {
    let mut reply = typed(JSON_UTF8, value.to_string());
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    reply
}

/// An answer of the REST side.
pub(super) fn rest(answer: RestAnswer) -> Reply {
    let mut reply = typed(answer.content_type, answer.body);
    *reply.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(name) = name.parse::<http::HeaderName>() {
            set(&mut reply, name, &value);
        }
    }
    reply
}

/// Success without a body.
pub(super) fn empty() -> Reply {
    Response::new(Full::default())
}

/// A short text, for what is no part of an org.
pub(super) fn text(status: StatusCode, text: &'static str) -> Reply {
    let mut reply = typed("text/plain;charset=UTF-8", text);
    *reply.status_mut() = status;
    reply
}

/// An HTML page under a policy that lets it load nothing, and send forms only to itself and to where its flow may end.
pub(super) fn page(
    status: StatusCode,
    html: String,
    style_hash: &str,
    leads_to: Option<&str>,
) -> Reply {
    let mut reply = typed("text/html;charset=UTF-8", html);
    *reply.status_mut() = status;
    // Browsers apply `form-action` to the redirects that follow a form, so the callback must be named.
    let policy = format!(
        "default-src 'none'; style-src '{style_hash}'; form-action 'self'{}; frame-ancestors 'none'; base-uri 'none'",
        leads_to.map_or_else(String::new, |origin| format!(" {origin}"))
    );
    set(&mut reply, CONTENT_SECURITY_POLICY, &policy);
    set(&mut reply, REFERRER_POLICY, "no-referrer");
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    reply
}

/// A redirect after a GET, or to a callback.
pub(super) fn redirect(to: &str) -> Reply {
    let mut reply = empty();
    *reply.status_mut() = StatusCode::FOUND;
    set(&mut reply, LOCATION, to);
    set(&mut reply, CACHE_CONTROL, NO_STORE);
    set(&mut reply, REFERRER_POLICY, "no-referrer");
    reply
}

/// Sets a header field; a value that HTTP does not allow is left out.
pub(super) fn set(reply: &mut Reply, name: http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}

fn typed(content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    set(&mut reply, CONTENT_TYPE, content_type);
    set(&mut reply, X_CONTENT_TYPE_OPTIONS, "nosniff");
    reply
}

fn object(fields: &Map<String, Value>, format: Format, json: &'static str) -> Reply {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match format {
        Format::Json => typed(json, Value::Object(fields.clone()).to_string()),
        Format::Form => {
            let mut form = Serializer::new(String::new());
            for (name, value) in fields {
                form.append_pair(name, &text(value));
            }
            typed(FORM, form.finish())
        }
        Format::Xml => {
            let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><OAuth>");
            for (name, value) in fields {
                let value = text(value);
                let escaped = quick_xml::escape::escape(&value);
                xml.extend(["<", name, ">", &escaped, "</", name, ">"]);
            }
            xml.push_str("</OAuth>");
            typed("application/xml;charset=UTF-8", xml)
        }
    }
}

/// `error`, `error_description`, `state`, in that order, spaces as `+`.
fn with_error(to: &str, code: &str, text: Option<&str>, state: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("error", code);
    if let Some(text) = text {
        query.append_pair("error_description", text);
    }
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    appended(to, &query.finish())
}

/// The address byte for byte, with a query after it.
fn appended(to: &str, query: &str) -> String {
    let (bare, fragment) = to
        .split_once('#')
        .map_or((to, None), |(bare, rest)| (bare, Some(rest)));
    let mark = if bare.contains('?') { '&' } else { '?' };
    match fragment {
        Some(fragment) => format!("{bare}{mark}{query}#{fragment}"),
        None => format!("{bare}{mark}{query}"),
    }
}

fn find(
    cause: CauseId,
    app_kind: AppKind,
    grant: Option<GrantKind>,
    channels: &[Channel],
) -> Option<&'static Wording> {
    let wording = emitted(cause, app_kind, grant, channels);
    if wording.is_none() {
        // A test holds the table complete; should it fail all the same, nobody may take the answer for Salesforce's.
        tracing::error!(%cause, ?grant, ?channels, "no wording for a cause: the simulated org answers `unknown_error`");
    }
    wording
}

fn words(wording: Option<&'static Wording>) -> (&'static str, Option<&'static str>) {
    wording.map_or(("unknown_error", None), |wording| {
        (wording.code, wording.text)
    })
}

fn status(wording: Option<&'static Wording>, else_: StatusCode) -> StatusCode {
    wording
        .and_then(|wording| wording.status)
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(else_)
}
