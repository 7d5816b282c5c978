//! What a certificate says about itself, for messages a person can act on.

use std::fmt;
use std::net::IpAddr;

use aws_lc_rs::digest;
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Error;

/// The parts of a certificate that a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Common name of the subject, or the whole subject where it has none.
    pub subject: String,
    /// Common name of the issuer, or the whole name where it has none.
    pub issuer: String,
    /// DNS names and addresses it is for.
    pub names: Vec<String>,
    /// Start of validity.
    pub from: Timestamp,
    /// End of validity.
    pub until: Timestamp,
    /// SHA-256 over the DER form, upper-case hexadecimal in pairs with colons, as browsers show it.
    pub fingerprint: String,
}

impl Facts {
    /// Reads a certificate in DER form. [`Error::Certificate`] where it is none.
    pub fn of(der: &[u8]) -> Result<Self, Error> {
        let certificate = parse(der)?;
        let name = |name: &x509_parser::x509::X509Name<'_>| {
            name.iter_common_name()
                .next()
                .and_then(|common| common.as_str().ok())
                .map_or_else(|| name.to_string(), str::to_owned)
        };
        let names = certificate
            .subject_alternative_name()
            .ok()
            .flatten()
            .map(|names| names.value.general_names.iter().filter_map(plain).collect())
            .unwrap_or_default();
        let time = |time: x509_parser::time::ASN1Time| {
            Timestamp::from_second(time.timestamp()).unwrap_or(Timestamp::MAX)
        };
        Ok(Self {
            subject: clean(&name(certificate.subject())),
            issuer: clean(&name(certificate.issuer())),
            names,
            from: time(certificate.validity().not_before),
            until: time(certificate.validity().not_after),
            fingerprint: fingerprint(der),
        })
    }
}

/// `` `subject` (for a, b; valid from … until …; issued by `issuer`) ``
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (", self.subject)?;
        if !self.names.is_empty() {
            write!(f, "for {}; ", self.names_short())?;
        }
        write!(
            f,
            "valid from {} until {}; issued by `{}`)",
            self.from, self.until, self.issuer
        )
    }
}

impl Facts {
    /// The first names, and how many more there are: a certificate of a big host has hundreds.
    fn names_short(&self) -> String {
        const SHOWN: usize = 4;
        let shown = self.names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
        match self.names.len().saturating_sub(SHOWN) {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }
}

/// Reads every certificate of a PEM text. [`Error::Certificate`] where there is none, or one is damaged.
pub fn from_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|reason| Error::Certificate {
            reason: reason.to_string(),
        })?;
    if certificates.is_empty() {
        return Err(Error::Certificate {
            reason: "the text holds no certificate".to_owned(),
        });
    }
    Ok(certificates)
}

pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, Error> {
    X509Certificate::from_der(der)
        .map(|(_, certificate)| certificate)
        .map_err(|reason| Error::Certificate {
            reason: format!("it is not X.509: {reason}"),
        })
}

fn fingerprint(der: &[u8]) -> String {
    digest::digest(&digest::SHA256, der)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect::<Vec<_>>()
        .join(":")
}

fn plain(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(clean(name)),
        GeneralName::IPAddress(octets) => match **octets {
            [a, b, c, d] => Some(IpAddr::from([a, b, c, d]).to_string()),
            _ => <[u8; 16]>::try_from(*octets)
                .ok()
                .map(|octets| IpAddr::from(octets).to_string()),
        },
        _ => None,
    }
}

/// A server writes what it likes into its certificate; a terminal gets no control characters and no novel.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
