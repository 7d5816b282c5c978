//! What a run of the model would look like on the wire: the emitted wording of each refusal, as the simulated org says it.

use super::step::INACTIVE;
use super::{Answer, Facts, Heard, Lack, Observation, PageKind, Seen};
use crate::cause::{AppKind, CauseId, Channel, Wording, emitted};
use crate::exchange::Endpoint;
use crate::model::{Page, Stage};
use crate::oauth::GrantKind;
use crate::world::{End, Ran};

/// What a driver would see of a run, in the order of a step's record: the grant, then the calls with its token. Empty where nothing could
/// be tried.
pub fn from_ran(ran: &Ran, kind: AppKind) -> Vec<Observation> {
    let mut seen: Vec<Observation> = seen_of_grant(ran.grant, &ran.end, kind)
        .into_iter()
        .collect();
    for used in &ran.uses {
        seen.extend(seen_of_use(ran.grant, used.at, &used.end, kind));
    }
    seen
}

fn seen_of_grant(grant: GrantKind, end: &End, kind: AppKind) -> Option<Observation> {
    let (at, seen) = match end {
        End::NotTried => return None,
        End::Granted { lacking } => (
            Endpoint::Token,
            Seen::Success {
                lacks: lacking.iter().map(|cause| lack(*cause)).collect(),
            },
        ),
        End::Page { page, .. } => {
            let kind = page_kind(*page);
            (Endpoint::Page, Seen::Page { kind, title: None })
        }
        End::Refused { cause, stage, at } => refusal(*cause, *stage, *at, grant, kind),
    };
    Some(observation(grant, at, seen, kind))
}

fn seen_of_use(grant: GrantKind, at: Endpoint, end: &End, kind: AppKind) -> Option<Observation> {
    let inactive = || {
        Seen::Answer(Answer {
            channel: Some(Channel::IntrospectJson),
            status: Some(200),
            code: Heard::Nothing,
            text: Heard::Said(INACTIVE.to_owned()),
        })
    };
    let seen = match end {
        End::Granted { lacking } if at == Endpoint::Introspect && !lacking.is_empty() => inactive(),
        End::Granted { .. } => Seen::Success { lacks: Vec::new() },
        End::Refused { cause, .. } => {
            let channel = match at {
                Endpoint::Rest => Channel::RestJson,
                Endpoint::Introspect => Channel::IntrospectJson,
                Endpoint::Revoke => Channel::RevokeResponse,
                _ => Channel::ResourcePlain,
            };
            answer(emitted(*cause, kind, None, &[channel]), channel)
        }
        End::Page { .. } | End::NotTried => return None,
    };
    Some(observation(grant, at, seen, kind))
}

/// Where a refusal of a grant shows, and in which words.
fn refusal(
    cause: CauseId,
    stage: Stage,
    at: Endpoint,
    grant: GrantKind,
    kind: AppKind,
) -> (Endpoint, Seen) {
    let of = |channels: &[Channel]| emitted(cause, kind, Some(grant), channels);
    match at {
        // Before client and redirect URI can be trusted nothing is redirected.
        Endpoint::Authorize if matches!(stage, Stage::Request | Stage::Client) => {
            let raw = of(&[Channel::AuthorizeRawBody, Channel::AuthorizeUnspecified]);
            let elsewhere = || of(&[Channel::CallbackRedirect, Channel::ErrorPage]);
            shown(raw.or_else(elsewhere), Channel::AuthorizeRawBody)
        }
        Endpoint::Authorize => {
            let wording = of(&[
                Channel::CallbackRedirect,
                Channel::ErrorPage,
                Channel::HtmlPage,
            ]);
            shown(wording, Channel::CallbackRedirect)
        }
        Endpoint::Page | Endpoint::DevicePage => shown(of(&[Channel::HtmlPage]), Channel::HtmlPage),
        _ => (at, answer(of(&[Channel::TokenJson]), Channel::TokenJson)),
    }
}

fn shown(wording: Option<&'static Wording>, else_: Channel) -> (Endpoint, Seen) {
    let channel = wording.map_or(else_, |wording| match wording.channel {
        Channel::AuthorizeUnspecified => Channel::AuthorizeRawBody,
        channel => channel,
    });
    match channel {
        Channel::HtmlPage => {
            let kind = page_of_word(wording.map(|wording| wording.code));
            (Endpoint::Page, Seen::Page { kind, title: None })
        }
        Channel::AuthorizeRawBody => (Endpoint::Authorize, answer(wording, channel)),
        Channel::ErrorPage => (Endpoint::ErrorPage, answer(wording, channel)),
        _ => (Endpoint::Callback, answer(wording, channel)),
    }
}

fn answer(wording: Option<&'static Wording>, channel: Channel) -> Seen {
    let words = |text: Option<&str>| Heard::of_answer(text);
    // Addresses on a callback carry no status of their own, and where no sentence is known REST repeats the code.
    let (code, mut text) =
        wording.map_or((None, None), |wording| (Some(wording.code), wording.text));
    let default = match channel {
        Channel::RestJson => 401,
        Channel::ResourcePlain => 403,
        _ => 400,
    };
    if matches!(channel, Channel::RestJson | Channel::ResourcePlain) {
        text = text.or(code);
    }
    let status = match channel {
        Channel::CallbackRedirect | Channel::CallbackFragment | Channel::ErrorPage => None,
        _ => wording.and_then(|wording| wording.status).or(Some(default)),
    };
    Seen::Answer(Answer {
        channel: Some(channel),
        status,
        code: words(code),
        text: words(text),
    })
}

fn page_kind(page: Page) -> PageKind {
    match page {
        Page::Login => PageKind::Login,
        Page::Verification(_) => PageKind::Verification,
        Page::ChangePassword => PageKind::ChangePassword,
        Page::LoginFlow => PageKind::LoginFlow,
        Page::Approval => PageKind::Approval,
    }
}

fn page_of_word(word: Option<&str>) -> PageKind {
    match word {
        Some("" | "OAuth 1800" | "approval_expired") => PageKind::ApprovalExpired,
        Some("verification") => PageKind::Verification,
        Some("change_password") => PageKind::ChangePassword,
        Some("login_flow") => PageKind::LoginFlow,
        Some("device") => PageKind::Device,
        _ => PageKind::Login,
    }
}

fn lack(cause: CauseId) -> Lack {
    let identity = matches!(
        cause,
        CauseId::ScopeOpenidMissing | CauseId::ScopeIdentityNotRequested
    );
    Lack {
        member: if identity {
            "id_token"
        } else {
            "refresh_token"
        },
        causes: vec![cause],
        reason: "the model leaves it out".to_owned(),
    }
}

fn observation(grant: GrantKind, at: Endpoint, seen: Seen, kind: AppKind) -> Observation {
    Observation {
        grant: Some(grant),
        host: None,
        app_kind: Some(kind),
        endpoint: Some(at),
        seen,
        at: None,
        facts: Facts::default(),
    }
}
