//! Deviations: what a step sends otherwise than it should, to try request faults and to ask "is PKCE required?".

use crate::oauth::HostKind;

/// The `send:` part of a step. The default deviates in nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deviations {
    /// Parameters and header fields left out, by their names on the wire (`code_challenge`, `client_secret`, `redirect_uri`, `Authorization`, …).
    /// A name is left out wherever it would be sent; `redirect_uri` and `client_id` at authorize and at the token endpoint.
    pub without: Vec<String>,
    /// Parameters added, or set to a text, at the token endpoint (and at the device start).
    pub token_parameters: Vec<(String, String)>,
    /// Parameters added, or set to a text, at the authorization endpoint.
    pub authorize_parameters: Vec<(String, String)>,
    /// Another consumer key.
    pub client_id: Option<CertainValue>,
    /// Another consumer secret.
    pub client_secret: Option<CertainValue>,
    /// HTTP Basic: `Malformed` sends a header that cannot be decoded; `Right` sends the credentials there.
    pub basic: Option<CertainValue>,
    /// Another code: `Wrong`, or `Former` (one that was used before).
    pub code: Option<CertainValue>,
    /// Another verifier: `Wrong`, `Malformed` (a character outside the RFC's set, hashed as sent), `Absent`, or `Given`: one where none
    /// belongs, that is without a challenge before it, or on a request of another grant.
    pub code_verifier: Option<CertainValue>,
    /// Another challenge: `Absent`, `Malformed`, `Wrong`. Without a challenge (here or by `without`) the method and the verifier stay
    /// at home too: the run is one without PKCE.
    pub code_challenge: Option<CertainValue>,
    /// Another redirect URI at authorize.
    pub redirect_uri: Option<String>,
    /// Another redirect URI at the token endpoint.
    pub redirect_uri_at_token: Option<String>,
    /// Another refresh token: `Former` (the one before the last), `Wrong`.
    pub refresh_token: Option<CertainValue>,
    /// The first refresh token of all, in place of the last.
    pub first_refresh_token: bool,
    /// Another device code: `Wrong`.
    pub device_code: Option<CertainValue>,
    /// Another access token in the use: `Wrong`, `Absent`, `Former`.
    pub access_token: Option<CertainValue>,
    /// The access token travels in the query in place of the header.
    pub access_token_in_query: bool,
    /// The `Authorization` header of the use is misspelt.
    pub authorization_malformed: bool,
    /// Another password, in the request or typed into the login page: `Wrong`, `Absent`.
    pub password: Option<CertainValue>,
    /// Another username, in the request or typed into the login page.
    pub username: Option<String>,
    /// The security token after the password: `Absent`, `Wrong`, `Former` (no org keeps former ones: it is sent as a wrong one).
    pub security_token: Option<CertainValue>,
    /// Another `aud` in the assertion.
    pub aud: Option<String>,
    /// Another `sub` in the assertion.
    pub sub: Option<String>,
    /// Claims left out of the assertion.
    pub without_claims: Vec<String>,
    /// Seconds from now to `exp` of the assertion.
    pub exp_in: Option<i64>,
    /// `jti` of the assertion.
    pub jti: Option<String>,
    /// The assertion: `Wrong` (a signature that the app's key did not make), `Malformed` (no JWT), `Former` (sent before).
    pub assertion: Option<CertainValue>,
    /// Another `alg`: only `HS256` is known.
    pub alg: Option<String>,
    /// Another `grant_type`.
    pub grant_type: Option<String>,
    /// Another `response_type` at authorize.
    pub response_type: Option<String>,
    /// A JSON body in place of a form.
    pub json_body: bool,
    /// GET in place of POST at the token endpoint.
    pub get: bool,
    /// Another host for the whole step.
    pub host: Option<HostKind>,
    /// The subject token of a token exchange.
    pub subject_token: Option<Subject>,
    /// Waits between the callback and the code exchange, in seconds of the run's time.
    pub redeem_after: Option<u64>,
    /// Device: polls at once in place of keeping the interval, a few times; `slow_down` then ends the step as a refusal.
    pub poll_at_once: bool,
    /// Nobody comes. Device: polls once, to see that it is pending. Authorization code: asks up to the login page, without a session.
    pub without_person: bool,
    /// Device: seconds of the run's time between the start and the person.
    pub person_after: Option<u64>,
    /// Refresh: this many requests at once with one token.
    pub at_once: Option<u32>,
    /// Revoke with this `token_type_hint`.
    pub revoke_hint: Option<String>,
}

/// A value that is told by what it is, never written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertainValue {
    /// The right one.
    Right,
    /// One that was never valid.
    Wrong,
    /// One that was valid before.
    Former,
    /// None at all.
    Absent,
    /// One that no parser takes.
    Malformed,
    /// One where none belongs.
    Given,
}

/// What a token exchange brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The last access token.
    AccessToken,
    /// The last refresh token.
    RefreshToken,
    /// An ID token, or another JWT of a foreign issuer, made by the driver.
    Jwt,
    /// A text that is no token.
    Wrong,
}
