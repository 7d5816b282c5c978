//! The entries of a HAR 1.2, read as leniently as browsers and proxies write them: a member of another type counts as missing.
//! <http://www.softwareishard.com/blog/har-12-spec/>

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::evidence::error::InputError;
use crate::evidence::redact;
use crate::evidence::request::{SentRequest, media_type};

/// A HAR, and what it is called in errors.
pub(super) struct Log {
    pub(super) entries: Vec<Entry>,
    /// Whether we wrote it: then the comment of an entry is the name of an endpoint.
    pub(super) is_ours: bool,
    /// Id and title of each page.
    pub(super) pages: Vec<(String, String)>,
    /// How many entries there are, the unreadable ones included.
    pub(super) count: usize,
}

/// One request and its answer. Holds secrets, so it has no `Debug`.
pub(super) struct Entry {
    pub(super) page: String,
    pub(super) comment: String,
    pub(super) at: Option<Timestamp>,
    pub(super) url: Url,
    /// Parameters of query and body as they were sent.
    pub(super) parameters: Vec<(String, String)>,
    /// The request as it may be kept.
    pub(super) sent: SentRequest,
    /// Status; 0 where nothing came.
    pub(super) status: u16,
    /// Where the answer leads.
    pub(super) location: Option<String>,
    /// The body; `None` where it was not saved.
    pub(super) body: Option<String>,
    /// The media type of the body.
    pub(super) media_type: String,
    /// Why nothing came, in the recorder's words.
    pub(super) fault: String,
}

impl Log {
    /// Reads a HAR.
    pub(super) fn read(input: &str, json: &str) -> Result<Self, InputError> {
        let document: Value = serde_json::from_str(json).map_err(|error| InputError::Json {
            input: input.to_owned(),
            line: error.line(),
            column: error.column(),
            reason: if error.is_eof() {
                "it ends too early"
            } else {
                "a character or a nesting that does not belong here"
            },
        })?;
        let log = &document["log"];
        let Value::Array(rows) = &log["entries"] else {
            return Err(InputError::NoHar {
                input: input.to_owned(),
                reason: "there are no `log.entries`",
            });
        };
        let pages = log["pages"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(Self {
            entries: rows.iter().filter_map(entry).collect(),
            is_ours: text(log, "/creator/name") == "grantproof",
            pages: pages
                .iter()
                .map(|page| {
                    (
                        text(page, "/id").to_owned(),
                        text(page, "/title").to_owned(),
                    )
                })
                .collect(),
            count: rows.len(),
        })
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

fn entry(row: &Value) -> Option<Entry> {
    let (request, response) = (&row["request"], &row["response"]);
    let url = Url::parse(text(request, "/url")).ok()?;
    let method = text(request, "/method").to_ascii_uppercase();
    let mime = header(request, "content-type");
    let mime = mime.or_else(|| {
        request
            .pointer("/postData/mimeType")
            .and_then(Value::as_str)
    });
    let mime = mime.map(media_type).filter(|mime| !mime.is_empty());
    let mut parameters: Vec<_> = url.query_pairs().into_owned().collect();
    parameters.extend(body_parameters(&request["postData"], mime.as_deref()));
    let sent = SentRequest {
        method,
        is_https: url.scheme() == "https",
        path: url.path().replace("//", "/"),
        is_json: mime.as_deref().is_some_and(|mime| mime.contains("json")),
        content_type: mime,
        parameters: parameters
            .iter()
            .map(|(name, value)| redact::parameter(name, value))
            .collect(),
        authorization: header(request, "authorization").map(redact::authorization),
    };
    let location = header(response, "location").unwrap_or_else(|| text(response, "/redirectURL"));
    let content = &response["content"];
    Some(Entry {
        page: text(row, "/pageref").to_owned(),
        comment: text(row, "/comment").to_owned(),
        at: text(row, "/startedDateTime").parse().ok(),
        status: response["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(0),
        location: (!location.is_empty()).then(|| absolute(&url, location)),
        body: body(content),
        media_type: media_type(text(content, "/mimeType")),
        fault: redact::words(text(response, "/_error")).into_owned(),
        url,
        parameters,
        sent,
    })
}

/// A redirect may be relative.
fn absolute(base: &Url, location: &str) -> String {
    base.join(location)
        .map_or_else(|_| location.to_owned(), String::from)
}

fn header<'a>(message: &'a Value, name: &str) -> Option<&'a str> {
    let headers = message["headers"].as_array()?;
    let found = headers
        .iter()
        .find(|header| text(header, "/name").eq_ignore_ascii_case(name));
    found.map(|header| text(header, "/value"))
}

/// Fields of a form, or members of a JSON object. Chrome writes the form as text and its `params` still encoded, so the text comes first.
fn body_parameters(posted: &Value, mime: Option<&str>) -> Vec<(String, String)> {
    let body = text(posted, "/text");
    let is_json =
        mime.is_some_and(|mime| mime.contains("json")) || body.trim_start().starts_with('{');
    if is_json {
        let Ok(Value::Object(map)) = serde_json::from_str(body) else {
            return Vec::new();
        };
        let members = map.into_iter().map(|(name, value)| match value {
            Value::String(text) => (name, text),
            other => (name, other.to_string()),
        });
        return members.collect();
    }
    let is_form = mime.is_none_or(|mime| mime == "application/x-www-form-urlencoded");
    if is_form && body.contains('=') {
        let fields = url::form_urlencoded::parse(body.trim().as_bytes());
        return fields.into_owned().collect();
    }
    let params = posted["params"].as_array().map_or(&[][..], Vec::as_slice);
    let own = |param: &Value| {
        (
            text(param, "/name").to_owned(),
            text(param, "/value").to_owned(),
        )
    };
    params.iter().map(own).collect()
}

fn body(content: &Value) -> Option<String> {
    let kept = content["text"].as_str()?;
    if text(content, "/encoding") != "base64" {
        return Some(kept.to_owned());
    }
    let compact: Cow<'_, str> = if kept.contains(char::is_whitespace) {
        kept.split_whitespace().collect::<String>().into()
    } else {
        kept.into()
    };
    let octets = STANDARD.decode(compact.as_bytes()).ok()?;
    Some(String::from_utf8_lossy(&octets).into_owned())
}
