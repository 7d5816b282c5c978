//! How long a certificate in PEM form holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::time::ASN1Time;

/// The validity of a certificate (RFC 5280, section 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// `notBefore`.
    pub from: Timestamp,
    /// `notAfter`.
    pub until: Timestamp,
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

impl Validity {
    /// Reads the first certificate of a text in PEM form, or one in base64 alone; `None` where there is none.
    pub fn of(text: &str) -> Option<Self> {
        let body = match text.split_once(BEGIN) {
            Some((_, rest)) => rest.split_once(END)?.0,
            None => text,
        };
        let base64: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(base64).ok()?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        let validity = certificate.validity();
        Some(Self {
            from: timestamp(validity.not_before),
            until: timestamp(validity.not_after),
        })
    }
}

fn timestamp(time: ASN1Time) -> Timestamp {
    // A certificate may name years that no clock here reaches; "for ever" says the same.
    Timestamp::from_second(time.timestamp()).unwrap_or(Timestamp::MAX)
}
