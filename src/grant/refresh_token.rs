//! RFC 6749 section 6: a new access token for a refresh token of an earlier step.

use futures_util::future::join_all;
use oauth2::{RefreshToken, Scope};

use super::credentials::Credentials;
use super::endpoints::{Endpoints, need};
use super::step::{Step, not_sent};
use super::token_request::{TokenRequest, oauth_client};
use super::{CertainValue, Outcome, RefreshSent};
use crate::oauth::{GrantKind, TokenResponse};

/// More requests at once would test the server's load, not its rule.
const MOST_AT_ONCE: u32 = 32;

/// Runs the grant to a token, or to the outcome without one. Of several requests at once the first refusal counts.
pub(super) async fn drive(
    step: &mut Step<'_>,
    to: &Endpoints,
) -> Result<Box<TokenResponse>, Outcome> {
    let credentials = Credentials::of(step)?;
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let token = token(step)?;
    check_token(step, token.as_deref());
    let client = oauth_client(&credentials, endpoint);
    let sent = RefreshToken::new(token.clone().unwrap_or_default());
    let mut request = TokenRequest::draft(endpoint, &credentials, |draft| {
        let mut ask = client.exchange_refresh_token(&sent);
        if let Some(scope) = &step.grant.scope {
            ask = ask.add_scope(Scope::new(scope.clone()));
        }
        let _ = ask.request(draft);
    })?;
    if token.is_none() {
        request.fields.remove("refresh_token");
    }
    let count = step.grant.deviations.at_once.unwrap_or(1);
    let count = count.clamp(1, MOST_AT_ONCE);
    let shared: &Step<'_> = step;
    let answers = join_all((0..count).map(|_| request.clone().ask_token(shared))).await;
    let mut granted = None;
    let mut refused = None;
    for answer in answers {
        match answer {
            // All are kept, the refused step's too: with rotation, only the newest refresh token lives.
            Ok(token) => granted
                .replace(token)
                .into_iter()
                .for_each(|token| step.hold(&token)),
            Err(outcome) => refused = refused.or(Some(outcome)),
        }
    }
    match (refused, granted) {
        (None, Some(token)) => Ok(token),
        (Some(outcome), Some(token)) => {
            step.hold(&token);
            Err(outcome)
        }
        (Some(outcome), None) => Err(outcome),
        (None, None) => Err(not_sent("`at_once: 0` sends nothing")),
    }
}

/// Whether it is the newest of those that came: of an older one rotation has made a dead one.
fn check_token(step: &mut Step<'_>, sent: Option<&str>) {
    let held = &step.grant.held.refresh_tokens;
    let at = held
        .iter()
        .rposition(|token| Some(token.expose()) == sent.filter(|sent| !sent.is_empty()));
    let newer = at.map(|at| held.len() - 1 - at);
    let detail = match newer {
        Some(0) => "it is the newest that came".to_owned(),
        Some(newer) => format!("it is an old one: {newer} came after it"),
        None => "no earlier step was given it".to_owned(),
    };
    step.check("refresh_token", newer.is_some(), &detail);
    if let Some(newer) = newer {
        step.check("refresh_token_newest", newer == 0, &detail);
    }
}

/// The refresh token to send; `None` sends none. What the client knows of it is noted.
fn token(step: &mut Step<'_>) -> Result<Option<String>, Outcome> {
    let count = step.grant.held.refresh_tokens.len();
    let none_left = "no earlier step left a refresh token: ask for the scope `refresh_token` there";
    if step.grant.deviations.first_refresh_token {
        return held(step, count, none_left).map(Some);
    }
    match step.grant.deviations.refresh_token {
        Some(CertainValue::Absent) => Ok(None),
        Some(CertainValue::Wrong) => Ok(Some(format!("5Aep861{}", step.random()))),
        Some(CertainValue::Malformed) => Ok(Some("\u{fffd}".to_owned())),
        Some(CertainValue::Former) => held(
            step,
            2,
            "`refresh_token: former` needs two refresh tokens from earlier steps: rotation must have replaced one",
        )
        .map(Some),
        Some(CertainValue::Right | CertainValue::Given) | None => {
            held(step, 1, none_left).map(Some)
        }
    }
}

/// The refresh token so many places from the end, the newest being 1.
fn held(step: &mut Step<'_>, back: usize, missing: &str) -> Result<String, Outcome> {
    let held = &step.grant.held;
    let index = held.refresh_tokens.len().checked_sub(back);
    let found = index.and_then(|index| Some((index, held.refresh_tokens.get(index)?)));
    let Some((index, token)) = found else {
        return Err(not_sent(missing));
    };
    let origins = held.refresh_token_origins.get(index..).unwrap_or_default();
    let by_refresh = |(_, grant): &&(_, GrantKind)| *grant == GrantKind::RefreshToken;
    let later = origins.iter().skip(1);
    let now = step.ports.clock.now();
    step.refresh_sent = Some(RefreshSent {
        replaced: later.clone().next().as_ref().is_some_and(by_refresh),
        later_logins: later.filter(|origin| !by_refresh(origin)).count(),
        age: origins
            .first()
            .map(|(came, _)| now.duration_since(*came).as_secs()),
        refreshes: held.refreshes,
    });
    Ok(token.expose().to_owned())
}
