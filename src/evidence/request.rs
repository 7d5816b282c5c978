//! What a recorded request shows of itself.

use url::Url;

use crate::exchange::Exchange;

/// A request as it was sent, as far as a cause can lie in it. Values are redacted as in the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentRequest {
    /// GET, POST, …
    pub method: String,
    /// `https` or not.
    pub is_https: bool,
    /// The path of the address.
    pub path: String,
    /// Whether the body is JSON.
    pub is_json: bool,
    /// The media type of the body, in small letters and without its parameters.
    pub content_type: Option<String>,
    /// Parameters of the query and of the body, in order.
    pub parameters: Vec<(String, String)>,
    /// The `Authorization` header, redacted.
    pub authorization: Option<String>,
}

impl SentRequest {
    /// Reads the request of an exchange.
    pub fn of(exchange: &Exchange) -> Self {
        let sent = &exchange.sent;
        let url = Url::parse(&sent.url).ok();
        let header = |name: &str| {
            let found = sent
                .headers
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        let is_json = header("content-type").is_some_and(|kind| kind.contains("json"))
            || sent
                .body
                .as_deref()
                .is_some_and(|body| body.trim_start().starts_with('{'));
        let mut parameters: Vec<(String, String)> = url
            .iter()
            .flat_map(|url| url.query_pairs().into_owned())
            .chain(sent.fields.iter().cloned())
            .collect();
        if is_json
            && let Some(Ok(serde_json::Value::Object(map))) =
                sent.body.as_deref().map(serde_json::from_str)
        {
            parameters.extend(map.into_iter().map(|(name, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                (name, text)
            }));
        }
        Self {
            method: sent.method.clone(),
            is_https: url.as_ref().is_none_or(|url| url.scheme() == "https"),
            path: url.map_or_else(String::new, |url| url.path().to_owned()),
            is_json,
            content_type: header("content-type").map(media_type),
            parameters,
            authorization: header("authorization").map(str::to_owned),
        }
    }

    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was sent, with a value.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| !value.is_empty())
    }

    /// Whether the client authenticated by HTTP Basic.
    pub fn is_basic(&self) -> bool {
        self.authorization
            .as_deref()
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("basic"))
    }
}

/// A content type without its parameters.
pub(super) fn media_type(header: &str) -> String {
    let kind = header.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}
