//! Facts that the model is given in place of texts: who the client is, whether its secret is right, what the verifier does.

use super::asked::{Asked, Authorization, Parameters};
use super::credentials::judge;
use super::flow::AuthorizeRequest;
use super::tenant::Inner;
use crate::model::{
    AnyToken, AppId, Caller, ChallengeFact, ClientFact, CodeId, PersonId, SecretFact, Session,
    TokenFact, VerifierFact,
};
use crate::oauth::{Assertion, challenge_of};

/// The client of a request and what its secret is.
pub(super) struct Client {
    pub(super) fact: ClientFact,
    pub(super) secret: SecretFact,
}

/// From where, as the org sees it.
pub(super) fn caller(inner: &Inner, asked: &Asked) -> Caller {
    Caller {
        host: asked.kind,
        address: inner.script.address.unwrap_or(asked.peer),
    }
}

/// The client by body or HTTP Basic, which does not count where the body has a secret (wire facts section 2).
pub(super) fn client(inner: &Inner, asked: &Asked, parameters: &Parameters) -> Client {
    let known = |id: Option<&str>, secret: Option<&str>| {
        let fact = inner.credentials.client(id);
        Client {
            fact,
            secret: inner.credentials.secret(fact, secret),
        }
    };
    let in_body = parameters.get("client_id");
    if let Some(secret) = parameters.get("client_secret") {
        return known(in_body, Some(secret));
    }
    match asked.authorization() {
        Authorization::Basic(Some((id, secret))) => known(in_body.or(Some(&id)), Some(&secret)),
        Authorization::Basic(None) => Client {
            // The header cannot be read, so nobody knows whose it is. The model judges the form of the header after the client; with the
            // first app for a client it comes to that.
            fact: in_body.map_or(ClientFact::Known(AppId(0)), |id| {
                inner.credentials.client(Some(id))
            }),
            secret: SecretFact::Malformed,
        },
        _ => known(in_body, None),
    }
}

/// The app that an assertion names. One that names none is judged by its form, and for that any app will do.
pub(super) fn client_of_assertion(
    inner: &Inner,
    compact: &str,
    parameters: &Parameters,
) -> ClientFact {
    let read = Assertion::read(compact).ok();
    let named = read.as_ref().and_then(|read| read.claims.iss.as_deref());
    match named.or(parameters.get("client_id")) {
        Some(id) => inner.credentials.client(Some(id)),
        None => ClientFact::Known(AppId(0)),
    }
}

/// Whether any verifier can match a challenge: base64url of 32 octets is 43 characters (RFC 7636 section 4.2).
pub(super) fn challenge(request: &AuthorizeRequest) -> ChallengeFact {
    match request.challenge.as_deref() {
        None => ChallengeFact::Absent,
        Some(text) if text.len() == 43 && text.bytes().all(is_base64url) => ChallengeFact::Present,
        Some(_) => ChallengeFact::Malformed,
    }
}

/// What a verifier is to the challenge of a code. A missing method means S256, and any length will do, for that is what shipping clients
/// send, unless the org is strict; characters outside base64url are refused whatever they hash to (field report behind `pkce_verifier_bad_charset`).
pub(super) fn verifier(inner: &Inner, code: Option<CodeId>, sent: Option<&str>) -> VerifierFact {
    let Some(sent) = sent else {
        return VerifierFact::Absent;
    };
    let sent_with = code.and_then(|code| inner.texts.sent_with.get(&code));
    let challenge = sent_with.and_then(|sent_with| sent_with.challenge.as_deref());
    let plain = sent_with.is_some_and(|sent_with| sent_with.plain);
    let long = inner.strict && !VERIFIER.contains(&sent.len());
    if long || !sent.bytes().all(is_base64url) {
        VerifierFact::BadCharset
    } else if challenge == Some(&challenge_of(sent)) && !plain || plain && challenge == Some(sent) {
        VerifierFact::Right
    } else {
        VerifierFact::Wrong
    }
}

/// Characters of a verifier (RFC 7636 section 4.1).
const VERIFIER: std::ops::RangeInclusive<usize> = 43..=128;

fn is_base64url(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

/// The user of a username, and what the typed password is to that user.
pub(super) fn login(
    inner: &Inner,
    username: Option<&str>,
    password: Option<&str>,
) -> (Option<PersonId>, SecretFact) {
    let person = username.and_then(|name| inner.state.person(name.trim()));
    let fact = match (person, password) {
        (_, None) => SecretFact::Absent,
        (None, Some(_)) => SecretFact::Wrong,
        (Some(person), Some(sent)) => judge(&inner.credentials.people[person.0].password, sent),
    };
    (person, fact)
}

/// The session of the browser: by cookie, unless it outlived the org's timeout.
pub(super) fn session(inner: &Inner, asked: &Asked, now: jiff::Timestamp) -> Option<Session> {
    let browser = inner.texts.sessions.get(asked.cookie("sid")?)?;
    let minutes = inner.state.org.session_timeout_minutes;
    let age = now.duration_since(browser.opened);
    (age <= jiff::SignedDuration::from_mins(minutes)).then_some(browser.session)
}

/// Which token a text is.
pub(super) fn any_token(inner: &Inner, text: Option<&str>) -> AnyToken {
    let Some(text) = text else {
        return AnyToken::Unknown;
    };
    if let Some(id) = inner.texts.access.get(text) {
        AnyToken::Access(*id)
    } else if let Some(id) = inner.texts.refresh.get(text) {
        AnyToken::Refresh(*id)
    } else {
        AnyToken::Unknown
    }
}

/// The access token of a call. `oauth_token` as a parameter is documented for userinfo and identity URLs (wire facts section 1.7), and
/// for nothing else.
pub(super) fn access_token(inner: &Inner, asked: &Asked, takes_parameter: bool) -> TokenFact {
    let known = |text: &str| {
        inner
            .texts
            .access
            .get(text)
            .map_or(TokenFact::Unknown, |id| TokenFact::Known(*id))
    };
    match asked.authorization() {
        Authorization::Bearer(token) if !token.is_empty() && !token.contains(' ') => known(&token),
        Authorization::Absent => {
            let parameters = asked.anywhere();
            match parameters.get("oauth_token") {
                Some(token) if takes_parameter => known(token),
                Some(_) => TokenFact::InQuery,
                None if parameters.get("access_token").is_some() => TokenFact::InQuery,
                None => TokenFact::Absent,
            }
        }
        _ => TokenFact::MalformedHeader,
    }
}
