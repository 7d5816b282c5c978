//! Proof Key for Code Exchange (RFC 7636), `S256` always.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A code verifier (RFC 7636 section 4.1). No `Display`: it is a secret until it was redeemed.
#[derive(Clone)]
pub struct CodeVerifier(String);

/// Why a string cannot be a code verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Shorter than 43 or longer than 128 characters; the number is the length found.
    Length(usize),
    /// A character outside `A-Z a-z 0-9 - . _ ~`.
    Charset(char),
}

impl CodeVerifier {
    /// Makes a verifier of 43 characters from 32 octets of entropy (RFC 7636 section 4.1, the recommended form).
    pub fn from_octets(octets: &[u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(octets))
    }

    /// Takes a string as it is; [`check`](Self::check) tells whether the RFC allows it.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The verifier as sent in `code_verifier`.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The `S256` challenge: `BASE64URL(SHA256(ASCII(verifier)))` without padding (RFC 7636 section 4.2).
    pub fn challenge(&self) -> String {
        challenge_of(&self.0)
    }

    /// Length and characters as RFC 7636 section 4.1 has them.
    pub fn check(&self) -> Result<(), Fault> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if let Some(c) = self.0.chars().find(|&c| !allowed(c)) {
            return Err(Fault::Charset(c));
        }
        match self.0.len() {
            43..=128 => Ok(()),
            length => Err(Fault::Length(length)),
        }
    }
}

/// The `S256` challenge of any string.
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b() {
        let octets: [u8; 32] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = CodeVerifier::from_octets(&octets);
        assert_eq!(
            verifier.expose(),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(verifier.check(), Ok(()));
    }

    #[test]
    fn a_verifier_outside_the_rule_is_told_by_its_fault() {
        assert_eq!(
            CodeVerifier::verbatim("short").check(),
            Err(Fault::Length(5))
        );
        let odd = format!("{}+", "a".repeat(43));
        assert_eq!(
            CodeVerifier::verbatim(odd).check(),
            Err(Fault::Charset('+'))
        );
    }
}
