//! A request as it came: parameters decoded once, host and names told, nothing judged.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, Method};

use super::names::Bases;
use crate::oauth::HostKind;

/// One request to an org.
pub(super) struct Asked {
    pub(super) kind: HostKind,
    pub(super) bases: Bases,
    pub(super) peer: IpAddr,
    pub(super) method: Method,
    /// Percent-encoded as sent; double slashes merged, as real clients need it.
    pub(super) path: String,
    /// As sent, without the question mark.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    pub(super) fn is_post(&self) -> bool {
        self.method == Method::POST
    }

    pub(super) fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The parameters of the query.
    pub(super) fn in_query(&self) -> Parameters {
        Parameters::read(self.query.as_bytes())
    }

    /// The parameters of the body: a form, or parts of `multipart/form-data`; none for any other type.
    pub(super) fn in_body(&self) -> Parameters {
        let content_type = self.header(CONTENT_TYPE).unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("multipart/form-data") {
            return boundary(content_type)
                .map(|boundary| Parameters(parts(&self.body, &boundary)))
                .unwrap_or_default();
        }
        if self.body_is_form() {
            Parameters::read(&self.body)
        } else {
            Parameters::default()
        }
    }

    /// Whether the body is a form of either kind. A body without a type is read as one.
    pub(super) fn body_is_form(&self) -> bool {
        let Some(content_type) = self.header(CONTENT_TYPE) else {
            return true;
        };
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        kind.is_empty()
            || kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
            || kind.eq_ignore_ascii_case("multipart/form-data")
    }

    /// Body and query together, the body first.
    pub(super) fn anywhere(&self) -> Parameters {
        let mut all = self.in_body();
        all.0.extend(self.in_query().0);
        all
    }

    /// The value of a cookie.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// What the `Authorization` header holds.
    pub(super) fn authorization(&self) -> Authorization {
        let Some(value) = self.headers.get(AUTHORIZATION) else {
            return Authorization::Absent;
        };
        let Ok(text) = value.to_str() else {
            return Authorization::Other;
        };
        let Some((scheme, rest)) = text.trim().split_once(' ') else {
            return Authorization::Other;
        };
        let rest = rest.trim();
        // `OAuth` is Salesforce's older word for `Bearer`.
        if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth") {
            Authorization::Bearer(rest.to_owned())
        } else if scheme.eq_ignore_ascii_case("basic") {
            Authorization::Basic(basic(rest))
        } else {
            Authorization::Other
        }
    }
}

/// An `Authorization` header.
pub(super) enum Authorization {
    Absent,
    Bearer(String),
    /// Client id and secret; `None` where they cannot be decoded.
    Basic(Option<(String, String)>),
    Other,
}

/// `client_id:client_secret`, each form-encoded before base64 (RFC 6749 section 2.3.1); clients that do not encode them pass too, since
/// neither keys nor secrets of Salesforce hold a character that decoding would change.
fn basic(encoded: &str) -> Option<(String, String)> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .ok()
    };
    Some((decoded(id)?, decoded(secret)?))
}

/// Parameters by name, decoded once. Of one that came twice the first counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn read(form: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(form).into_owned().collect())
    }

    /// The value; `None` where it is missing or empty, which RFC 6749 section 3.1 takes as the same.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether it came, empty or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

fn boundary(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary")
            .then(|| value.trim_matches('"').to_owned())
    })
}

/// The text fields of a multipart body (RFC 7578). Files are of no use here and are left out.
fn parts(body: &[u8], boundary: &str) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let mark = format!("--{boundary}");
    text.split(mark.as_str())
        .skip(1)
        .filter_map(|part| {
            let (head, content) = part.split_once("\r\n\r\n")?;
            if head.contains("filename=") {
                return None;
            }
            let name = head.split("name=\"").nth(1)?.split('"').next()?;
            let content = content.strip_suffix("\r\n").unwrap_or(content);
            Some((name.to_owned(), content.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_form_is_read_like_any_other() {
        let body = "--xyz\r\nContent-Disposition: form-data; name=\"response_type\"\r\n\r\ndevice_code\r\n--xyz\r\n\
            Content-Disposition: form-data; name=\"scope\"\r\nContent-Type: text/plain\r\n\r\napi id\r\n--xyz--\r\n";
        let fields = Parameters(parts(body.as_bytes(), "xyz"));
        assert_eq!(fields.get("response_type"), Some("device_code"));
        assert_eq!(fields.get("scope"), Some("api id"));
        assert_eq!(
            boundary("multipart/form-data; boundary=\"xyz\"").as_deref(),
            Some("xyz")
        );
    }
}
