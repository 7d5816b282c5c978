//! The texts that an org makes: keys, secrets, codes, tokens, in the shapes of wire facts section 3.2. All of them come from the given
//! entropy, so nothing about one can be guessed from another.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use crate::ports::Entropy;

/// 64 characters, so that six bits of an octet choose one evenly.
const TOKEN: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
/// 32 characters that a person does not mistake for one another.
const SPOKEN: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const HEX: &[u8; 16] = b"0123456789ABCDEF";
const DIGITS: &[u8; 10] = b"0123456789";

/// Random characters of an alphabet; octets that would favour its first characters are passed over.
fn random(entropy: &dyn Entropy, alphabet: &[u8], length: usize) -> String {
    let even = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut octets = [0_u8; 64];
    while text.len() < length {
        entropy.fill(&mut octets);
        let wanted = length - text.len();
        text.extend(
            octets
                .iter()
                .map(|&octet| usize::from(octet))
                .filter(|&octet| octet < even)
                .map(|octet| char::from(alphabet[octet % alphabet.len()]))
                .take(wanted),
        );
    }
    text
}

/// `3MVG9…`, 85 characters.
pub(super) fn consumer_key(entropy: &dyn Entropy) -> String {
    format!("3MVG9{}", random(entropy, TOKEN, 80))
}

/// 64 hexadecimal characters.
pub(super) fn consumer_secret(entropy: &dyn Entropy) -> String {
    random(entropy, HEX, 64)
}

/// A password that no dictionary has.
pub(super) fn password(entropy: &dyn Entropy) -> String {
    random(entropy, &TOKEN[..62], 20)
}

/// What is appended to the password from an address that the org does not trust.
pub(super) fn security_token(entropy: &dyn Entropy) -> String {
    random(entropy, &TOKEN[..62], 24)
}

/// The code of the verification page.
pub(super) fn verification_code(entropy: &dyn Entropy) -> String {
    random(entropy, DIGITS, 6)
}

/// `aPrx…==`, 76 characters.
pub(super) fn authorization_code(entropy: &dyn Entropy) -> String {
    format!("aPrx{}==", random(entropy, TOKEN, 70))
}

/// `5Aep861…`.
pub(super) fn refresh_token(entropy: &dyn Entropy) -> String {
    format!("5Aep861{}", random(entropy, TOKEN, 80))
}

/// Org id of 15 characters, `!AQ`, and 94 more. Session ids of the browser have the same shape.
pub(super) fn access_token(entropy: &dyn Entropy, org_id: &str) -> String {
    format!(
        "{}!AQ{}",
        &org_id[..15.min(org_id.len())],
        random(entropy, TOKEN, 94)
    )
}

/// Eight characters to type.
pub(super) fn user_code(entropy: &dyn Entropy) -> String {
    random(entropy, SPOKEN, 8)
}

/// Base64 of `consumerKey;ip;epochMillis;userCode`, as a recorded device code decodes.
pub(super) fn device_code(key: &str, address: &str, now: Timestamp, user_code: &str) -> String {
    STANDARD.encode(format!(
        "{key};{address};{};{user_code}",
        now.as_millisecond()
    ))
}

/// The handle of a flow under way in a browser.
pub(super) fn flow(entropy: &dyn Entropy) -> String {
    random(entropy, &TOKEN[..62], 32)
}
