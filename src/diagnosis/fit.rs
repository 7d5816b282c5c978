//! Which causes an observation fits, by wordings alone.

use super::{Basis, rfc};
use crate::cause::{AppKind, CauseId, Channel, Standing, Wording, entry, wordings};
use crate::evidence::{Answer, Heard, Observation, PageKind, Seen};
use crate::exchange::Endpoint;
use crate::grant::Breach;

/// The causes of one complaint, in the order of the tables.
pub(super) struct Fits {
    /// What was seen, in one line.
    pub(super) seen: String,
    /// The causes; empty where none fits.
    pub(super) all: Vec<Fit>,
}

/// One cause that fits.
pub(super) struct Fit {
    pub(super) cause: CauseId,
    pub(super) basis: Basis,
    /// What the wording rests on.
    pub(super) standing: Standing,
    pub(super) source: &'static str,
    /// The match, in one line.
    pub(super) because: String,
}

/// What an observation complains of: nothing where all is well, one thing where it is refused, one for each thing that is missing.
pub(super) fn complaints(observation: &Observation) -> Vec<Fits> {
    let seen = observation.summary();
    let all = match &observation.seen {
        Seen::Success { lacks } => {
            return lacks
                .iter()
                .map(|lack| Fits {
                    seen: format!("{seen} ({})", lack.reason),
                    all: lack
                        .causes
                        .iter()
                        .map(|cause| plain(*cause, Basis::Lack, lack.reason.clone()))
                        .collect(),
                })
                .collect();
        }
        Seen::Answer(answer) if observation.is_rfc() => rfc::fits(observation, answer),
        Seen::Answer(answer) => by_words(observation, answer),
        Seen::Page { kind, .. } if observation.is_rfc() => match kind {
            PageKind::Login => vec![plain(
                CauseId::RfcLoginFailed,
                Basis::Page,
                "the browser ended on the login page".to_owned(),
            )],
            _ => Vec::new(),
        },
        Seen::Page { kind, title } => by_page(observation, *kind, title.as_deref()),
        Seen::OffProtocol {
            breach: Breach::ForeignIssuer { found },
        } => vec![plain(
            CauseId::RfcIssuerMismatch,
            Basis::Rfc,
            format!("the callback names the issuer {found}"),
        )],
        Seen::Silence { .. } | Seen::OffProtocol { .. } => Vec::new(),
    };
    vec![Fits { seen, all }]
}

fn plain(cause: CauseId, basis: Basis, because: String) -> Fit {
    let about = entry(cause);
    Fit {
        cause,
        basis,
        standing: about.wording,
        source: about.sources.first().copied().unwrap_or_default(),
        because,
    }
}

/// Causes by code and sentence; where the sentence is known for none of them, by the code of wordings whose sentence nobody recorded.
fn by_words(observation: &Observation, answer: &Answer) -> Vec<Fit> {
    let exact = matching(observation, answer, &answer.text, Basis::Words);
    if !exact.is_empty() || answer.text.words().is_none() || answer.code.words().is_none() {
        return exact;
    }
    matching(observation, answer, &Heard::Nothing, Basis::Code)
}

fn matching(observation: &Observation, answer: &Answer, text: &Heard, basis: Basis) -> Vec<Fit> {
    let mut fitting: Vec<&Wording> = wordings()
        .iter()
        .filter(|wording| {
            applies(wording, observation)
                && channel_fits(wording.channel, answer.channel)
                && words_fit(wording, answer, text)
        })
        .collect();
    // The rows of errors.csv list the causes of an answer with the usual one first, those of one flow better than those of any.
    fitting.sort_by_key(|wording| (wording.chosen, wording.grants.len() > 1));
    collect(fitting.into_iter(), |wording| {
        let place = wording.channel.label();
        let because = match basis {
            Basis::Code => format!(
                "{} is known for it at {place}; with which sentence was never recorded",
                wording.code
            ),
            _ => format!(
                "{place} answers in these words ({})",
                wording.standing.name()
            ),
        };
        (basis, because)
    })
}

fn by_page(observation: &Observation, kind: PageKind, title: Option<&str>) -> Vec<Fit> {
    let title = title.unwrap_or_default();
    let wordings = wordings().iter().filter(|wording| {
        applies(wording, observation)
            && wording.channel == Channel::HtmlPage
            && (wording.code == kind.name()
                // `OAuth 1800`: a code in the words of a page, where kinds of pages are single words.
                || (wording.code.contains(' ') && title.contains(wording.code)))
    });
    collect(wordings, |_| {
        let because = format!("it ends on the {} page", kind.label());
        (Basis::Page, because)
    })
}

/// One fit for each cause: the first place of the cause in the tables, the best standing of its wordings.
fn collect<'a>(
    wordings: impl Iterator<Item = &'a Wording>,
    tell: impl Fn(&Wording) -> (Basis, String),
) -> Vec<Fit> {
    let mut fits: Vec<Fit> = Vec::new();
    for wording in wordings {
        let (basis, because) = tell(wording);
        let new = Fit {
            cause: wording.cause,
            basis,
            standing: wording.standing,
            source: wording.source,
            because,
        };
        match fits.iter_mut().find(|fit| fit.cause == wording.cause) {
            Some(fit) if fit.standing < wording.standing => *fit = new,
            Some(_) => {}
            None => fits.push(new),
        }
    }
    fits
}

/// Whether a wording can be of this app and this part of a flow.
pub(super) fn applies(wording: &Wording, observation: &Observation) -> bool {
    let app = |kind: AppKind| observation.app_kind.is_none_or(|seen| seen == kind);
    if !wording.app_kind.is_none_or(app) {
        return false;
    }
    // A call with a token is told by where it went, not by the grant that made the token.
    match observation.endpoint.and_then(call) {
        Some(call) => wording.flow == call,
        None => observation
            .grant
            .is_none_or(|grant| wording.grants.contains(&grant)),
    }
}

/// The flow word of the tables for a call with a token; `None` for the parts of a grant.
pub(super) fn call(endpoint: Endpoint) -> Option<&'static str> {
    match endpoint {
        Endpoint::Userinfo => Some("userinfo"),
        Endpoint::Identity => Some("identity"),
        Endpoint::Rest => Some("rest_api"),
        Endpoint::Introspect => Some("introspect"),
        Endpoint::Revoke => Some("revoke"),
        _ => None,
    }
}

/// `authorize_unspecified`: the documentation names the answer and not the place, so any place of the authorization endpoint fits.
fn channel_fits(known: Channel, seen: Option<Channel>) -> bool {
    let Some(seen) = seen else {
        return true;
    };
    known == seen
        || (known == Channel::AuthorizeUnspecified
            && matches!(
                seen,
                Channel::AuthorizeRawBody | Channel::CallbackRedirect | Channel::ErrorPage
            ))
}

pub(super) fn words_fit(wording: &Wording, answer: &Answer, text: &Heard) -> bool {
    let same_status = match (wording.status, answer.status) {
        (Some(known), Some(seen)) => known == seen,
        _ => true,
    };
    if wording.code.is_empty() && wording.text.is_none() {
        // Without any words only the status speaks.
        return answer.code == Heard::Nothing
            && *text == Heard::Nothing
            && wording.status.is_some()
            && wording.status == answer.status;
    }
    let same_code = match &answer.code {
        Heard::Unknown => true,
        Heard::Nothing => wording.code.is_empty(),
        // A sentence that was recorded without its code goes with any code.
        Heard::Said(code) => wording.code.is_empty() || wording.code == code,
    };
    let same_text = match text {
        Heard::Unknown => true,
        Heard::Nothing => wording.text.is_none(),
        Heard::Said(text) => wording.text == Some(text.as_str()),
    };
    same_status && same_code && same_text
}
