//! What an assertion or a subject token turned out to be.

use jiff::Timestamp;
use serde_json::Value;

use super::asked::{Asked, Parameters};
use super::keys;
use super::rest::ids;
use super::tenant::Inner;
use crate::model::{AssertionFact, PersonId, SubjectFact};
use crate::oauth::{Assertion, HostKind};

/// Salesforce allows three minutes of skew (wire facts section 6.1).
const SKEW: i64 = 180;
/// The longest subject token (wire facts section 2.7).
const LONGEST_SUBJECT: usize = 10_000;

/// Judges an assertion, as leniently as shipping clients need it, unless the org is strict: `exp` as text, in milliseconds or just passed,
/// `aud` with a slash.
pub(super) fn assertion(
    inner: &Inner,
    asked: &Asked,
    compact: &str,
    now: Timestamp,
) -> AssertionFact {
    let Ok(read) = Assertion::read(compact) else {
        return AssertionFact {
            well_formed: false,
            rs256: false,
            complete: false,
            signature: false,
            audience: false,
            in_time: false,
            replayed: false,
            person: None,
        };
    };
    let claims = &read.claims;
    let expiry = claims.expiry();
    let audiences = claims.audiences();
    AssertionFact {
        well_formed: true,
        rs256: read.alg == "RS256",
        complete: claims.iss.is_some()
            && claims.subject().is_some()
            && !audiences.is_empty()
            && expiry.is_some(),
        signature: keys::signed_by_client(compact),
        audience: audiences.iter().any(|one| names_org(inner, asked, one)),
        in_time: expiry.is_some_and(|expiry| {
            let ahead = expiry.saturating_sub(now.as_second());
            if inner.strict {
                (1..=SKEW).contains(&ahead) && claims.exp.as_ref().is_some_and(Value::is_number)
            } else {
                ahead > -SKEW
            }
        }),
        replayed: claims
            .jti
            .as_ref()
            .is_some_and(|jti| inner.seen_jti.contains(jti)),
        person: claims.subject().and_then(|sub| inner.state.person(sub)),
    }
}

/// Whether an audience is an address of this org: its My Domain, or the login host of its environment.
fn names_org(inner: &Inner, asked: &Asked, audience: &str) -> bool {
    let audience = if inner.strict {
        audience
    } else {
        audience.trim_end_matches('/')
    };
    let own = inner.state.generic_host();
    asked.bases.addresses.iter().any(|(kind, address)| {
        (*kind == own || *kind == HostKind::MyDomain) && address.eq_ignore_ascii_case(audience)
    })
}

/// Judges a subject token. The Apex handler of the simulated org takes any JWT that names one of its users: whose word it trusts is a
/// matter of its code, not of a setting.
pub(super) fn subject(inner: &Inner, parameters: &Parameters, now: Timestamp) -> SubjectFact {
    let (Some(token), Some(kind)) = (
        parameters.get("subject_token"),
        parameters.get("subject_token_type"),
    ) else {
        return SubjectFact::Invalid;
    };
    if token.len() > LONGEST_SUBJECT {
        return SubjectFact::Invalid;
    }
    let person = match kind.strip_prefix("urn:ietf:params:oauth:token-type:") {
        Some("access_token") => match inner.texts.access.get(token) {
            Some(id) if inner.state.access_tokens[id.0].jwt => return SubjectFact::OwnJwt,
            Some(id) => alive(inner, id.0, now),
            None => None,
        },
        Some("refresh_token") => inner.texts.refresh.get(token).and_then(|id| {
            let token = &inner.state.refresh_tokens[id.0];
            let family = &inner.state.families[token.family.0];
            (!token.replaced && family.ended.is_none()).then_some(family.person)
        }),
        Some("jwt") if inner.texts.access.contains_key(token) => return SubjectFact::OwnJwt,
        Some("id_token" | "jwt") => of_jwt(inner, token, now),
        _ => None,
    };
    person.map_or(SubjectFact::Invalid, SubjectFact::Of)
}

fn alive(inner: &Inner, id: usize, now: Timestamp) -> Option<PersonId> {
    let token = &inner.state.access_tokens[id];
    let ended = token
        .family
        .is_some_and(|family| inner.state.families[family.0].ended.is_some());
    (!ended && !token.revoked && now < token.expires_at).then_some(token.person)
}

fn of_jwt(inner: &Inner, token: &str, now: Timestamp) -> Option<PersonId> {
    if let Some(claims) = keys::own_claims(token) {
        // An ID token of this org: `sub` is the identity URL.
        let user = claims["sub"].as_str()?.rsplit('/').next()?;
        return inner
            .directory
            .people
            .iter()
            .position(|person| ids::same(&person.id, user))
            .map(PersonId);
    }
    let read = Assertion::read(token).ok()?;
    let in_time = read
        .claims
        .expiry()
        .is_none_or(|expiry| expiry > now.as_second() - SKEW);
    let subject = read.claims.subject()?;
    inner.state.person(subject).filter(|_| in_time)
}
