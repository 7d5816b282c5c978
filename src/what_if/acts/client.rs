//! What the client and the person in front of it do otherwise. Nothing of it opens the org.

use super::super::breadth::Breadth;
use super::super::change::{Change, healthy};
use super::super::want::{Want, settings};
use super::Remedy;
use crate::factor::{Delta, Factor};
use crate::oauth::{GrantKind, Scope, ScopeSet};
use crate::world::World;

const CLIENT: &str = "nothing: the client changes";
const PERSON: &str = "nothing: the person acts";
const TIME: &str = "nothing: it is waited";

/// What is done so that a word of the request or the environment is the healthy one, and who does it. `None` where nobody can.
const fn does(factor: Factor, grant: GrantKind) -> Option<(&'static str, &'static str)> {
    Some(match factor {
        Factor::ClientId => ("send the present consumer key of the app", CLIENT),
        Factor::ClientSecret => ("send the present consumer secret", CLIENT),
        Factor::BasicHeader => (
            "encode client_id:client_secret by base64 in the header",
            CLIENT,
        ),
        Factor::GrantTypeSent => ("send the grant_type of the flow", CLIENT),
        Factor::ContentType => ("send the token request as a form", CLIENT),
        Factor::HttpMethod => ("send the token request by POST", CLIENT),
        Factor::ScopeAtToken => ("send no scope to the token endpoint", CLIENT),
        Factor::RedirectUriAtToken => (
            "send the redirect_uri of the authorization request to the token endpoint",
            CLIENT,
        ),
        Factor::ResponseType => ("send response_type=code", CLIENT),
        Factor::Prompt => ("leave prompt=none away, so that a page may ask", CLIENT),
        Factor::CodeChallenge => ("send a code_challenge (S256)", CLIENT),
        Factor::CodeVerifier if matches!(grant, GrantKind::RefreshToken) => {
            ("send no code_verifier in a refresh", CLIENT)
        }
        Factor::CodeVerifier => (
            "send the code_verifier of the challenge, and none where no challenge was sent",
            CLIENT,
        ),
        Factor::Code => ("exchange each code once", CLIENT),
        Factor::AssertionForm => ("send a signed JWT as assertion", CLIENT),
        Factor::AssertionKey => (
            "sign the assertion with the key of the app's certificate",
            CLIENT,
        ),
        Factor::AssertionAlgorithm => ("sign the assertion with RS256", CLIENT),
        Factor::AssertionAudience => (
            "set aud to the login host or the My Domain of the org",
            CLIENT,
        ),
        Factor::AssertionSubject => ("set sub to the username of a user of this org", CLIENT),
        Factor::AssertionExpiry => (
            "set exp some minutes ahead, by a clock that is right",
            CLIENT,
        ),
        Factor::AssertionClaims => ("set iss, sub, aud and exp", CLIENT),
        Factor::AssertionJti => ("use a fresh jti for each assertion, or none", CLIENT),
        Factor::RefreshAtOnce => ("refresh once at a time", CLIENT),
        Factor::DeviceCode => ("poll with the device code of the start", CLIENT),
        Factor::DevicePolling => ("keep five seconds between two polls", CLIENT),
        Factor::Username => ("use the username of a user of this org", PERSON),
        Factor::Password => ("use the right password", PERSON),
        Factor::SecurityToken => ("append the present security token to the password", CLIENT),
        Factor::SubjectToken => ("send a subject token that the handler takes", CLIENT),
        Factor::AccessTokenSent => ("send the access token of the response", CLIENT),
        Factor::AccessTokenPlace => ("send the access token in the header", CLIENT),
        Factor::AuthorizationHeader => ("send `Authorization: Bearer` and the token", CLIENT),
        Factor::RevokeTypeHint => (
            "send access_token or refresh_token as token_type_hint, or none",
            CLIENT,
        ),
        Factor::TokenOwner => ("let the app that owns the token ask about it", CLIENT),
        Factor::Consent => ("press Allow on the approval page", PERSON),
        Factor::Host => ("ask the My Domain host of the org", CLIENT),
        Factor::AppAge => (
            "wait until the app is known everywhere, up to 30 minutes",
            TIME,
        ),
        Factor::CodeAge => ("exchange the code within 15 minutes", CLIENT),
        Factor::DeviceCodeAge => (
            "start again, and enter the user code within 10 minutes",
            PERSON,
        ),
        Factor::DevicePerson => ("enter the user code at the device page, and allow", PERSON),
        Factor::ConsentDelay => ("answer the pages in time", PERSON),
        Factor::AccessTokenAge => ("refresh, or ask for a new token", CLIENT),
        Factor::BrowserSession => ("log out of the other org first", PERSON),
        Factor::ServerFault => ("try again", TIME),
        _ => return None,
    })
}

/// The acts of a factor of the request or the environment.
pub(super) fn acts(world: &World, factor: Factor, want: &Want) -> Vec<Remedy> {
    let remedy = |change, does: String, loosens: &str| Remedy {
        change,
        does,
        loosens: loosens.to_owned(),
        breadth: Breadth::Nothing,
        factor,
    };
    let mut found = Vec::new();
    match factor {
        Factor::RedirectUri => {
            let registered = &settings(world).callback_urls;
            let sends = world.client.word(factor) != "absent"
                && registered.contains(&world.client.redirect_uri);
            if let Some(url) = registered.first().filter(|_| !sends) {
                found.push(remedy(
                    Change::SendRedirectUri(url.clone()),
                    format!("send redirect_uri={url}, which the app has"),
                    CLIENT,
                ));
            }
        }
        Factor::ScopeAsked => {
            for (scope, words) in asks(world) {
                found.push(remedy(Change::Ask(scope), words, CLIENT));
            }
        }
        _ => {
            let right = healthy(factor);
            let former = factor == Factor::ClientSecret && world.client.word(factor) == "former";
            if let Some((words, loosens)) =
                does(factor, want.grant).filter(|_| world.client.word(factor) != right)
            {
                let change = Change::Set(Delta::new(factor, right));
                let words = if former && want.grant == GrantKind::RefreshToken {
                    "send the present consumer secret, and log in again: the rotation ended the old tokens"
                } else {
                    words
                };
                found.push(remedy(change, words.to_owned(), loosens));
            }
            if factor == Factor::ClientSecret && world.client.word(factor) != "absent" {
                let change = Change::Set(Delta::new(factor, "absent"));
                found.push(remedy(
                    change,
                    "send no consumer secret where the app requires none".to_owned(),
                    CLIENT,
                ));
            }
        }
    }
    found
}

/// The scopes that the client asks for; none where it asks for all that the app has.
pub(super) fn asked(world: &World) -> impl Iterator<Item = String> {
    world
        .client
        .asks(&settings(world).scopes)
        .unwrap_or_default()
        .iter()
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Narrower and wider ways to ask: only what the app has, or all of it.
fn asks(world: &World) -> Vec<(Option<ScopeSet>, String)> {
    let settings = settings(world);
    let asked: Vec<String> = asked(world).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let mut ways = Vec::new();
    let has = |scope: &str| {
        let standard = Scope::find(scope).is_some_and(|row| row.wire == scope);
        if standard {
            settings.scopes.covers(scope)
        } else {
            settings.custom_scopes.has(scope)
        }
    };
    let within: ScopeSet = asked
        .iter()
        .filter(|scope| has(scope))
        .map(String::as_str)
        .collect();
    if !within.is_empty() && within.iter().count() < asked.len() {
        let words = format!("ask only for scopes that the app has: {}", within.to_wire());
        ways.push((Some(within), words));
    }
    ways.push((
        None,
        "ask for all scopes of the app, or send no scope to authorize".to_owned(),
    ));
    ways
}
