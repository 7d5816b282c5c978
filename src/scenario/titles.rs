//! Titles of steps that have none: a sentence, in plain words.

use super::duration;
use super::steps::app_name;
use super::story::{ANA, GrantStep, ServerFault, StoryStep};
use crate::factor::{Delta, plain};
use crate::oauth::GrantKind;

/// The title of a step.
pub fn title(step: &StoryStep) -> String {
    match step {
        StoryStep::Grant(grant) => of_grant(grant),
        StoryStep::Change(deltas) => of_change(deltas),
        StoryStep::Wait(time) => {
            let said = duration::say(*time);
            let verb = if said.starts_with("1 ") {
                "passes"
            } else {
                "pass"
            };
            format!("{said} {verb}")
        }
        StoryStep::Fault(ServerFault::ServerError) => "The server is about to fail once".to_owned(),
        StoryStep::Fault(ServerFault::LostResponse) => {
            "The next answer of the token endpoint gets lost".to_owned()
        }
    }
}

fn of_grant(step: &GrantStep) -> String {
    let app = app_name(step);
    let name = step.user.as_ref().map_or(ANA, |user| &user.value);
    let person = capital(name.split('@').next().unwrap_or(name));
    let does = match step.grant {
        GrantKind::AuthorizationCode => format!("{person} logs in"),
        GrantKind::ClientCredentials => format!("{app} logs in by itself"),
        GrantKind::JwtBearer => format!("{app} logs in for {person} with an assertion"),
        GrantKind::RefreshToken => format!("{app} refreshes its token"),
        GrantKind::Device => format!("{person} connects a device"),
        GrantKind::UsernamePassword => format!("{app} logs in with {person}'s password"),
        GrantKind::TokenExchange => format!("{app} exchanges a token"),
    };
    let times = match step.times {
        1 => String::new(),
        2 => " twice".to_owned(),
        times => format!(" {times} times"),
    };
    format!("{does}{times} ({})", step.grant.label())
}

fn of_change(deltas: &[Delta]) -> String {
    if let Some(said) = plain::said(deltas) {
        return format!("The admin sets {said}");
    }
    let said: Vec<String> = deltas
        .iter()
        .map(|delta| {
            let whose = delta
                .person
                .as_deref()
                .map(|username| username.strip_suffix("@acme.test").unwrap_or(username))
                .map(|name| format!(" of {}", capital(name)))
                .unwrap_or_default();
            format!("{}{whose} to {}", delta.factor.key(), delta.value)
        })
        .collect();
    format!("The admin sets {}", said.join(", "))
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
