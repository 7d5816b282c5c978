//! Certificates of servers: always verified, and a refusal says whose certificate it was.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::super::Error;
use super::super::certificate::Facts;

/// Verifies as webpki does, and says of a refusal whose certificate it was.
#[derive(Debug)]
pub(super) struct Verifier {
    provider: CryptoProvider,
    /// The authorities that were given; `None` where there are none.
    given: Option<Arc<WebPkiServerVerifier>>,
    system_roots: bool,
    /// The trust store of the system, read once and only when it is needed; the text says why it is of no use.
    system: OnceLock<Result<Arc<WebPkiServerVerifier>, String>>,
}

impl Verifier {
    pub(super) fn new(
        authorities: Vec<CertificateDer<'static>>,
        system_roots: bool,
    ) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority).map_err(|reason| Error::Certificate {
                reason: reason.to_string(),
            })?;
        }
        let provider = aws_lc_rs::default_provider();
        let given = if roots.is_empty() {
            None
        } else {
            Some(build(roots, &provider).map_err(|reason| Error::Certificate { reason })?)
        };
        Ok(Self {
            provider,
            given,
            system_roots,
            system: OnceLock::new(),
        })
    }

    fn system(&self) -> Result<&Arc<WebPkiServerVerifier>, String> {
        self.system
            .get_or_init(|| {
                let found = rustls_native_certs::load_native_certs();
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(found.certs);
                if roots.is_empty() {
                    let why = found
                        .errors
                        .first()
                        .map(|error| format!(" ({error})"))
                        .unwrap_or_default();
                    return Err(format!(
                        "the trust store of this system is empty{why}; install the package `ca-certificates` or pass --ca FILE"
                    ));
                }
                build(roots, &self.provider)
            })
            .as_ref()
            .map_err(Clone::clone)
    }
}

fn build(
    roots: RootCertStore,
    provider: &CryptoProvider,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider.clone()))
        .build()
        .map_err(|reason| reason.to_string())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ask = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let mut refusal = unknown.clone();
        if let Some(given) = &self.given {
            match ask(given) {
                Ok(verified) => return Ok(verified),
                Err(error) => refusal = error,
            }
        }
        if self.system_roots && refusal == unknown {
            match self.system().map(|system| ask(system)) {
                Ok(Ok(verified)) => return Ok(verified),
                Ok(Err(error)) => refusal = error,
                Err(reason) => return Err(blame(reason)),
            }
        }
        Err(blame(describe(&refusal, end_entity, server_name, now)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[derive(Debug)]
struct Blame(String);

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Blame {}

fn blame(reason: String) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Blame(reason)))))
}

/// The refusal in words: whose certificate, until when, what is wrong with it.
fn describe(
    refusal: &rustls::Error,
    end_entity: &CertificateDer<'_>,
    server_name: &ServerName<'_>,
    now: UnixTime,
) -> String {
    use CertificateError as Bad;

    let Ok(facts) = Facts::of(end_entity) else {
        return "what the server shows is not a certificate".to_owned();
    };
    let here = i64::try_from(now.as_secs())
        .ok()
        .and_then(|now| jiff::Timestamp::from_second(now).ok())
        .unwrap_or(jiff::Timestamp::MAX);
    let what = match refusal {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } if here > facts.until => {
                format!(
                    "it expired on {}, and the clock here says {here}",
                    facts.until
                )
            }
            Bad::NotValidYet | Bad::NotValidYetContext { .. } if here < facts.from => {
                format!(
                    "it is valid only from {}, and the clock here says {here}",
                    facts.from
                )
            }
            Bad::Expired
            | Bad::ExpiredContext { .. }
            | Bad::NotValidYet
            | Bad::NotValidYetContext { .. } => {
                "a certificate of its chain is not valid now".to_owned()
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                format!("it is not for `{}`", server_name.to_str())
            }
            Bad::UnknownIssuer => format!(
                "its issuer `{}` is not trusted here; if it should be, pass its CA with --ca FILE",
                facts.issuer
            ),
            other => other.to_string(),
        },
        other => other.to_string(),
    };
    format!("the certificate of {facts} is refused: {what}")
}
