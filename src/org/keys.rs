//! Two RSA keys of the process, made at first need: the one that clients sign assertions with, whose public half stands for the
//! certificate of every app, and the one that orgs sign ID tokens and JWT access tokens with. Shared by all orgs of a run, since making
//! one takes longer than all else that a scenario does.

use std::sync::OnceLock;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::secret::Secret;

/// The `kid` of the org's key: a small decimal string (wire facts section 1.4).
const KID: &str = "192";

/// An RSA key of 2048 bits.
struct Key {
    pem: Secret,
    signs: EncodingKey,
    verifies: DecodingKey,
    jwk: Value,
}

impl Key {
    fn new() -> Self {
        const FITS: &str =
            "invariant: a fresh RSA key of 2048 bits is taken by every part of the provider";
        let pair =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
                .expect(FITS);
        let pem = pair.serialize_pem();
        let signs = EncodingKey::from_rsa_pem(pem.as_bytes()).expect(FITS);
        let jwk = Jwk::from_encoding_key(&signs, Algorithm::RS256).expect(FITS);
        Self {
            verifies: DecodingKey::from_jwk(&jwk).expect(FITS),
            jwk: serde_json::to_value(&jwk).expect(FITS),
            pem: Secret::new(pem),
            signs,
        }
    }
}

fn client_key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::new)
}

fn org_key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::new)
}

/// The private key that signs assertions, in PEM form (PKCS #8). Its public half is the certificate of every app of every simulated org.
pub fn client_key_pem() -> &'static Secret {
    &client_key().pem
}

/// Whether the client's key signed a compact JWT with `RS256`. Claims are judged elsewhere, by the org's clock.
pub(super) fn signed_by_client(compact: &str) -> bool {
    verified(compact, &client_key().verifies)
}

/// The claims of a JWT that an org of this process signed; `None` for any other text.
pub(super) fn own_claims(compact: &str) -> Option<Value> {
    jsonwebtoken::decode::<Value>(compact, &org_key().verifies, &signature_only())
        .ok()
        .map(|token| token.claims)
}

/// Signs claims with the org's key.
pub(super) fn sign(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(KID.to_owned());
    jsonwebtoken::encode(&header, claims, &org_key().signs)
        .expect("invariant: the org's own key signs any JSON object")
}

/// The key set at `/id/keys`.
pub(super) fn jwks() -> Value {
    let jwk = &org_key().jwk;
    json!({"keys": [{
        "kty": jwk["kty"],
        "n": jwk["n"],
        "e": jwk["e"],
        "alg": "RS256",
        "use": "sig",
        "kid": KID,
    }]})
}

fn verified(compact: &str, key: &DecodingKey) -> bool {
    jsonwebtoken::decode::<Value>(compact, key, &signature_only()).is_ok()
}

fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}
