//! The JWT that the JWT bearer grant carries (RFC 7523 section 3).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The claims that Salesforce reads, as they stand in the assertion. Seconds since the epoch for `exp`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Claims {
    /// The consumer key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The username.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The legacy name of `sub`; when both are present it wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prn: Option<String>,
    /// The authorization server: a string, or a list of them (RFC 7519 section 4.1.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Value>,
    /// When it ends. A number; real clients also send a string or milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<Value>,
    /// Optional identifier against replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

impl Claims {
    /// Every audience named.
    pub fn audiences(&self) -> Vec<&str> {
        match &self.aud {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// `exp` in seconds, read as leniently as Salesforce does: a number, or a string of digits.
    pub fn expiry(&self) -> Option<i64> {
        match self.exp.as_ref()? {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "an `exp` beyond 2^63 saturates, which is far in the future all the same"
            )]
            Value::Number(number) => number
                .as_i64()
                .or_else(|| number.as_f64().map(|f| f as i64)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The user named: `prn` before `sub`.
    pub fn subject(&self) -> Option<&str> {
        self.prn.as_deref().or(self.sub.as_deref())
    }
}

/// An assertion taken apart, not yet verified.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// The `alg` of the header.
    pub alg: String,
    /// The payload.
    pub claims: Claims,
}

/// Why an assertion could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum AssertionError {
    /// Not three base64url parts with JSON objects in the first two.
    #[error("the assertion is not a signed JWT: {0}")]
    Malformed(&'static str),
    /// The key is not an RSA private key in PEM form.
    #[error("the signing key cannot be used for RS256: {0}")]
    Key(String),
}

impl Assertion {
    /// Takes a compact JWT apart without judging it.
    pub fn read(compact: &str) -> Result<Self, AssertionError> {
        let mut parts = compact.split('.');
        let (Some(header), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(AssertionError::Malformed("it has not three parts"));
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
        let header: Value = decode(header)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(AssertionError::Malformed("its header is not JSON"))?;
        let claims: Claims = decode(payload)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(AssertionError::Malformed("its payload is not JSON"))?;
        let alg = header["alg"].as_str().unwrap_or("none").to_owned();
        Ok(Self { alg, claims })
    }

    /// Signs claims with an RSA key in PEM form (`RS256`, the only algorithm that Salesforce takes).
    pub fn sign(claims: &impl Serialize, rsa_key_pem: &str) -> Result<String, AssertionError> {
        let key = EncodingKey::from_rsa_pem(rsa_key_pem.as_bytes())
            .map_err(|error| AssertionError::Key(error.to_string()))?;
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &key)
            .map_err(|error| AssertionError::Key(error.to_string()))
    }

    /// Signs claims with a shared key (`HS256`): a deviation, to see `jwt_algorithm_unsupported`.
    pub fn sign_hs256(claims: &impl Serialize, key: &[u8]) -> Result<String, AssertionError> {
        jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            claims,
            &EncodingKey::from_secret(key),
        )
        .map_err(|error| AssertionError::Key(error.to_string()))
    }
}
