//! Token and error responses (RFC 6749 sections 5.1 and 5.2), read as leniently as real servers write them.

use serde_json::{Map, Value};

/// A successful token response. Every member is kept in `raw`; what the drivers need has a field.
#[derive(Clone)]
pub struct TokenResponse {
    /// The access token: a secret.
    pub access_token: String,
    /// The refresh token, where one came: a secret.
    pub refresh_token: Option<String>,
    /// The ID token, where one came: a secret.
    pub id_token: Option<String>,
    /// The granted scope; absent means "as asked" (RFC 6749 section 5.1).
    pub scope: Option<String>,
    /// `Bearer`, in any case.
    pub token_type: Option<String>,
    /// Salesforce: where API calls go.
    pub instance_url: Option<String>,
    /// Salesforce: the identity URL.
    pub id: Option<String>,
    /// Salesforce: milliseconds since the epoch, as a string.
    pub issued_at: Option<String>,
    /// Salesforce: base64 of HMAC-SHA256 over `id` + `issued_at` with the consumer secret.
    pub signature: Option<String>,
    /// RFC: seconds of life. Salesforce never sends it.
    pub expires_in: Option<u64>,
    /// The names of all members, in order.
    pub members: Vec<String>,
}

/// A protocol error: `error`, `error_description`, `error_uri`, raw text kept by the exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The code, as spelt by the server.
    pub error: String,
    /// The sentence, as spelt by the server.
    pub description: Option<String>,
    /// A page about it.
    pub uri: Option<String>,
}

/// Reads a token response; the `Err` says what is missing or of the wrong type.
pub fn parse_token(body: &[u8]) -> Result<TokenResponse, &'static str> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let Value::Object(map) = value else {
        return Err("the body is JSON, but no object");
    };
    let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
    let access_token = match map.get("access_token") {
        Some(Value::String(token)) if !token.is_empty() => token.clone(),
        Some(_) => return Err("`access_token` is not a text"),
        None => return Err("`access_token` is missing"),
    };
    Ok(TokenResponse {
        access_token,
        refresh_token: text("refresh_token"),
        id_token: text("id_token"),
        scope: text("scope"),
        token_type: text("token_type"),
        instance_url: text("instance_url"),
        id: text("id"),
        issued_at: text("issued_at"),
        signature: text("signature"),
        expires_in: map.get("expires_in").and_then(Value::as_u64),
        members: map.keys().cloned().collect(),
    })
}

/// Reads an error from a JSON object, a Salesforce REST array, or a form-encoded body; `None` where none is in it.
pub fn parse_error(body: &[u8]) -> Option<ErrorResponse> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return match value {
            Value::Object(map) => from_object(&map),
            Value::Array(rows) => rows.first().and_then(Value::as_object).and_then(from_rest),
            _ => None,
        };
    }
    // `error=…&error_description=…`: the raw body of authorize, and of revoke as jsforce reads it.
    if !text.starts_with("error=") {
        return None;
    }
    let mut found = ErrorResponse::default();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match name.as_ref() {
            "error" => found.error = value.into_owned(),
            "error_description" => found.description = Some(value.into_owned()),
            "error_uri" => found.uri = Some(value.into_owned()),
            _ => {}
        }
    }
    Some(found)
}

fn from_object(map: &Map<String, Value>) -> Option<ErrorResponse> {
    let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
    if map.contains_key("errorCode") {
        return from_rest(map);
    }
    let error = text("error");
    let description = text("error_description");
    // Some recorded Salesforce answers give a sentence without a code.
    (error.is_some() || description.is_some()).then(|| ErrorResponse {
        error: error.unwrap_or_default(),
        description,
        uri: text("error_uri"),
    })
}

fn from_rest(map: &Map<String, Value>) -> Option<ErrorResponse> {
    let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(ErrorResponse {
        error: text("errorCode")?,
        description: text("message"),
        uri: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_from_json_rest_and_form() {
        let json = parse_error(br#"{"error":"invalid_grant","error_description":"ip restricted"}"#);
        let form = parse_error(b"error=invalid_grant&error_description=ip%20restricted");
        assert_eq!(json, form);
        let rest = parse_error(
            br#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
        );
        assert_eq!(rest.map(|e| e.error).as_deref(), Some("INVALID_SESSION_ID"));
        assert_eq!(parse_error(b"<html>"), None);
    }
}
