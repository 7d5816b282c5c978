//! The key pair of a JWT bearer client: RSA 2048, and the self-signed certificate that its app gets.

use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    RsaKeySize,
};

use super::Error;
use super::certificate::{Facts, from_pem, parse};
use crate::secret::Secret;

const DAY: Duration = Duration::from_hours(24);
/// How long the certificate holds. The app has to get a new one before: a year is what people remember.
pub const DAYS: u32 = 365;

/// A private key that signs assertions.
pub struct JwtKey {
    pair: KeyPair,
}

impl JwtKey {
    /// A new key.
    pub fn generate() -> Result<Self, Error> {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
        Ok(Self {
            pair: pair.map_err(|reason| failed(&reason))?,
        })
    }

    /// The key of a PEM text. [`Error::Certificate`] where it is no RSA key.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let pair = KeyPair::from_pem_and_sign_algo(pem, &PKCS_RSA_SHA256);
        Ok(Self {
            pair: pair.map_err(|reason| failed(&reason))?,
        })
    }

    /// The key in PEM form (PKCS #8).
    pub fn to_pem(&self) -> Secret {
        Secret::new(self.pair.serialize_pem())
    }

    /// A certificate of the key for a name, signed by itself, from a day ago (clocks differ) for [`DAYS`] days; in PEM form.
    pub fn certificate(&self, common_name: &str, now: Timestamp) -> Result<String, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        let now = Duration::from_secs(now.as_second().unsigned_abs());
        params.not_before = epoch + now.saturating_sub(DAY);
        params.not_after = epoch + now + DAY * DAYS;
        let certificate = params.self_signed(&self.pair);
        Ok(certificate.map_err(|reason| failed(&reason))?.pem())
    }

    /// Whether a certificate in PEM form is of this key, and until when it holds. [`Error::Certificate`] where it is none.
    pub fn fits(&self, pem: &str) -> Result<(bool, Timestamp), Error> {
        let der = from_pem(pem.as_bytes())?;
        let der = der.first().ok_or_else(|| Error::Certificate {
            reason: "the text holds no certificate".to_owned(),
        })?;
        let certificate = parse(der)?;
        let same =
            certificate.public_key().subject_public_key.data.as_ref() == self.pair.public_key_raw();
        Ok((same, Facts::of(der)?.until))
    }
}

fn failed(reason: &rcgen::Error) -> Error {
    Error::Certificate {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_of_its_own_key_alone_and_a_key_comes_back_from_its_pem() {
        let now: Timestamp = "2026-05-01T12:00:00Z".parse().expect("a time");
        let key = JwtKey::generate().expect("made");
        let pem = key.certificate("My_App", now).expect("made");
        let again = JwtKey::from_pem(key.to_pem().expose()).expect("its own");
        let until = "2027-05-01T12:00:00Z".parse().expect("a time");
        assert_eq!(again.fits(&pem).ok(), Some((true, until)));
        let other = JwtKey::generate().expect("made");
        assert_eq!(other.fits(&pem).ok(), Some((false, until)));
        assert!(
            key.to_pem()
                .expose()
                .starts_with("-----BEGIN PRIVATE KEY-----")
        );
        assert!(other.fits("no certificate").is_err());
        assert!(JwtKey::from_pem("no key").is_err());
    }
}
