//! What our own requests show of themselves at a server that is not Salesforce, for a cause and against it.

use super::super::shown::{Lines, Side};
use crate::cause::CauseId;
use crate::evidence::{Observation, SentRequest};
use crate::exchange::Endpoint;
use crate::oauth::GrantKind;

use CauseId as C;

/// A code that waited this long, in seconds, may have expired on the way; RFC 6749 section 4.1.2 recommends at most ten minutes.
const LONG: i64 = 60;
/// Clocks that differ by less, in seconds, are taken for the same.
const SAME_CLOCK: i64 = 30;

/// The lines of one cause.
pub(in crate::diagnosis) fn of_request(
    cause: CauseId,
    observation: &Observation,
    lines: &mut Lines,
) {
    of_checks(cause, observation, lines);
    if let Some(authorize) = &observation.facts.authorize {
        of_authorize(cause, authorize, lines);
    }
    let at_token = matches!(
        observation.endpoint,
        Some(Endpoint::Token | Endpoint::DeviceAuthorization)
    );
    match &observation.facts.request {
        Some(request) if at_token => of_token_request(cause, request, observation, lines),
        _ => {}
    }
    match cause {
        C::RfcScopeNotAllowed => of_scope(observation, lines),
        C::RfcCodeExpired => of_code_age(observation, lines),
        C::RfcDeviceCodeExpired => of_device_code_age(observation, lines),
        C::RfcAssertionExpired => of_clock(observation, lines),
        _ => {}
    }
}

/// The checks of our own request: one that failed speaks for a cause; one that passed speaks against it where the cause is just that.
fn of_checks(cause: CauseId, observation: &Observation, lines: &mut Lines) {
    let (accusing, clearing): (&[&str], &[&str]) = match cause {
        C::RfcRedirectUriMismatch if observation.endpoint != Some(Endpoint::Token) => {
            (&["redirect_uri"], &[])
        }
        C::RfcCodeVerifierMismatch => (&["code_verifier", "code_challenge"], &["code_challenge"]),
        C::RfcCodeInvalid => (&["code"], &["code"]),
        C::RfcCodeReplayed => (&["code_unused"], &["code_unused"]),
        C::RfcRefreshTokenInvalid => (&["refresh_token"], &[]),
        C::RfcRefreshTokenReplayed => (&["refresh_token_newest"], &["refresh_token_newest"]),
        C::RfcDeviceCodeInvalid => (&["device_code"], &["device_code"]),
        C::RfcAssertionInvalid => (&["assertion_key", "assertion_claims"], &[]),
        C::RfcAssertionAudience => (&["assertion_audience"], &["assertion_audience"]),
        C::RfcAssertionExpired => (&["assertion_lifetime"], &["assertion_lifetime"]),
        _ => return,
    };
    for (name, detail) in &observation.facts.failed_checks {
        if accusing.contains(name) {
            let line = format!("the check {name} of our own request failed: {detail}");
            lines.add(Side::For, &line);
        }
    }
    for name in &observation.facts.passed_checks {
        if clearing.contains(name) {
            let line = format!("the check {name} of our own request passed");
            lines.add(Side::Against, &line);
        }
    }
}

fn of_authorize(cause: CauseId, request: &SentRequest, lines: &mut Lines) {
    match cause {
        C::RfcPkceRequired => lines.when(
            !request.has("code_challenge"),
            "the request carried no code_challenge",
            "the request carried a code_challenge",
        ),
        C::RfcCodeVerifierMismatch => lines.against_if(
            !request.has("code_challenge"),
            "the request carried no code_challenge",
        ),
        C::RfcResponseTypeUnsupported => lines.when(
            request.value("response_type") != Some("code"),
            "response_type is not code",
            "response_type is code",
        ),
        C::RfcInteractionRequired => lines.when(
            request.value("prompt") == Some("none"),
            "the request carried prompt=none",
            "the request carried no prompt=none",
        ),
        _ => {}
    }
}

fn of_token_request(
    cause: CauseId,
    request: &SentRequest,
    observation: &Observation,
    lines: &mut Lines,
) {
    let has_secret = request.has("client_secret") || request.is_basic();
    let of_code = observation.grant == Some(GrantKind::AuthorizationCode);
    match cause {
        C::RfcClientAuthenticationFailed => {
            lines.for_if(!has_secret, "the request carried no client_secret");
        }
        C::RfcClientAuthenticationMethod => of_method(request, observation, lines),
        C::RfcClientUnknown | C::RfcGrantNotAllowed => lines.against_if(
            of_code,
            "the authorization endpoint gave this client a code",
        ),
        C::RfcGrantUnsupported => of_grant_type(request, observation, lines),
        C::RfcCodeVerifierMismatch => lines.for_if(
            !request.has("code_verifier"),
            "the token request carried no code_verifier",
        ),
        C::RfcRedirectUriMismatch => {
            let authorize = observation.facts.authorize.as_ref();
            let first = authorize.and_then(|authorize| authorize.value("redirect_uri"));
            if let (Some(first), Some(second)) = (first, request.value("redirect_uri")) {
                lines.when(
                    first != second,
                    "redirect_uri differs between authorize and token",
                    "redirect_uri is the same at authorize and token",
                );
            }
        }
        _ => {}
    }
}

/// How the client authenticated, beside what the server supports.
fn of_method(request: &SentRequest, observation: &Observation, lines: &mut Lines) {
    let method = if request.is_basic() {
        "client_secret_basic"
    } else if request.has("client_secret") {
        "client_secret_post"
    } else {
        "none"
    };
    if let Some(supported) = &observation.facts.supports.authentication {
        let line = format!("token_endpoint_auth_methods_supported has no {method}");
        lines.for_if(!supported.iter().any(|one| one == method), &line);
    }
}

fn of_grant_type(request: &SentRequest, observation: &Observation, lines: &mut Lines) {
    let facts = &observation.facts;
    if facts.passed_checks.contains(&"refresh_token") {
        lines.add(Side::Against, "the server itself gave the refresh token");
        return;
    }
    let (Some(sent), Some(supported)) = (request.value("grant_type"), &facts.supports.grant_types)
    else {
        return;
    };
    let has = supported.iter().any(|one| one == sent);
    lines.when(
        !has,
        &format!("grant_types_supported has no {sent}"),
        &format!("grant_types_supported has {sent}"),
    );
}

fn of_scope(observation: &Observation, lines: &mut Lines) {
    let Some(asked) = &observation.facts.scope_asked else {
        return;
    };
    let Some(asked) = asked else {
        lines.add(Side::Against, "the request asked for no scope");
        return;
    };
    if let Some(supported) = &observation.facts.supports.scopes {
        for scope in asked.split_whitespace() {
            let line = format!("scopes_supported has no {scope}");
            lines.for_if(!supported.iter().any(|one| one == scope), &line);
        }
    }
}

fn of_code_age(observation: &Observation, lines: &mut Lines) {
    if let Some(age) = observation.facts.code_age {
        lines.for_if(age >= LONG, &format!("the code was redeemed after {age} s"));
        lines.against_if(age < 1, "the code was redeemed at once");
    }
}

fn of_device_code_age(observation: &Observation, lines: &mut Lines) {
    if let Some((age, life)) = observation.facts.device_code_age {
        lines.when(
            age > life,
            &format!("the device code was {age} s old, and lives {life} s"),
            "the device code was younger than its expires_in",
        );
    }
}

fn of_clock(observation: &Observation, lines: &mut Lines) {
    if let Some(ahead) = observation
        .facts
        .clock_ahead
        .filter(|ahead| ahead.abs() > SAME_CLOCK)
    {
        let side = if ahead > 0 { "ahead" } else { "behind" };
        let line = format!("the server's clock is {} s {side}", ahead.abs());
        lines.add(Side::For, &line);
    }
}
