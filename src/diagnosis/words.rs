//! How well the words of an answer fit each cause, from 0 to 1: strictly for what our own drivers recorded, with tolerance for what people
//! report.

use std::collections::BTreeMap;

use super::Basis;
use super::fit::{self, Fit};
use crate::cause::{CauseId, Channel, Standing, Wording, emitted, entries, entry, wordings};
use crate::evidence::{Answer, Heard, Observation, Seen, Sheet};

/// What a cause without a matching wording still has, where others match: words that nobody has recorded.
const UNRECORDED: f64 = 0.0004;
/// The same for what people report: clients change words, and the tables do not know them all.
const UNRECORDED_IN_REPORTS: f64 = 0.003;
/// What a cause has of which no words are known at all: any may be its own.
const NO_WORDS_KNOWN: f64 = 0.03;
/// Words that stand for many things: what a cause without a wording has where they are seen.
const CATCH_ALL: f64 = 0.06;
/// Words of the platform that say nothing but that it failed (eca-policy facts section 2.1), and codes without a sentence that do the same.
const CATCH_ALLS: &[&str] = &[
    "OAUTH_APPROVAL_ERROR_GENERIC",
    "An unexpected error has occurred during authentication. Please try again.",
    "authentication failure",
    "unknown_error",
];
/// What every cause has where the answer held no words at all.
pub(super) const SILENT: f64 = 0.3;
/// The sentence stands in the catalogue's row of the cause.
const LISTED_SENTENCE: f64 = 0.4;
/// The code stands there, with other sentences or none.
const LISTED_CODE: f64 = 0.1;
/// A match of the code alone, where the sentence is known for other causes.
const BESIDE_A_SENTENCE: f64 = 0.1;
/// How many flows "all" stands for.
const EVERY_FLOW: usize = 9;
/// How much a cause of many flows is spread over them: 1 would be evenly, 0 not at all.
const SPREAD: f64 = 0.5;

/// Fits by cause, each with its strength.
#[derive(Default)]
pub(super) struct Words {
    fits: BTreeMap<CauseId, (Fit, f64)>,
    /// Whether there were words to match.
    spoken: bool,
    /// What a cause without a wording has beside those that have one.
    unrecorded: f64,
}

impl Words {
    /// The strength of a cause's words.
    pub(super) fn strength(&self, cause: CauseId) -> f64 {
        match self.fits.get(&cause) {
            Some((_, strength)) => *strength,
            None if self.spoken && !self.fits.is_empty() => {
                if self.unrecorded > UNRECORDED && !has_words(cause) {
                    self.unrecorded.max(NO_WORDS_KNOWN)
                } else {
                    self.unrecorded
                }
            }
            None if self.spoken => 0.05,
            None => SILENT,
        }
    }

    /// The fit of a cause.
    pub(super) fn fit(&self, cause: CauseId) -> Option<&Fit> {
        self.fits.get(&cause).map(|(fit, _)| fit)
    }

    /// Every cause with a fit.
    pub(super) fn causes(&self) -> impl Iterator<Item = (CauseId, &Fit, f64)> {
        self.fits
            .iter()
            .map(|(cause, (fit, strength))| (*cause, fit, *strength))
    }

    /// Whether no known words came.
    pub(super) fn is_silent(&self) -> bool {
        self.fits.is_empty()
    }

    /// The standing of the best fit.
    pub(super) fn best_standing(&self) -> Option<(Basis, Standing)> {
        self.fits
            .values()
            .map(|(fit, _)| (fit.basis, fit.standing))
            // A code alone, however well recorded, says less than code and sentence.
            .max_by_key(|(basis, standing)| (*basis != Basis::Code, *standing))
    }
}

/// How much likelier a cause shows in the words that the simulated org emits for it than in another of its wordings.
const EMITTED: f64 = 5.0;

/// How likely these words are among all that are known for the cause at this part of a flow: one wording of several is less likely each.
fn among_its_wordings(cause: CauseId, observation: &Observation, answer: &Answer) -> f64 {
    let call = observation.endpoint.and_then(fit::call);
    let grant = observation.grant.filter(|_| call.is_none());
    let mut channels: Vec<Channel> = answer.channel.into_iter().collect();
    if call.is_none() && channels.first() != Some(&Channel::TokenJson) {
        channels = vec![
            Channel::AuthorizeRawBody,
            Channel::AuthorizeUnspecified,
            Channel::CallbackRedirect,
            Channel::ErrorPage,
            Channel::HtmlPage,
        ];
    }
    let first = observation
        .app_kind
        .and_then(|kind| emitted(cause, kind, grant, &channels));
    let (mut all, mut these): (f64, f64) = (0.0, 0.0);
    let mut counted: Vec<(&str, Option<&str>)> = Vec::new();
    for wording in wordings().iter().filter(|one| one.cause == cause) {
        let words = (wording.code, wording.text);
        if !channels.contains(&wording.channel)
            || !fit::applies(wording, observation)
            || counted.contains(&words)
        {
            continue;
        }
        counted.push(words);
        let is_first = first.is_some_and(|one| (one.code, one.text) == words);
        let weight = by_standing(wording.standing) * if is_first { EMITTED } else { 1.0 };
        all += weight;
        if fit::words_fit(wording, answer, &answer.text) {
            these = these.max(weight);
        }
    }
    if these > 0.0 { these / all } else { 1.0 }
}

/// The fits of one complaint of a recorded answer, by the strict tables. Of the causes of one answer the usual one stands first.
pub(super) fn strict(observation: &Observation, fits: Vec<Fit>) -> Words {
    let mut words = Words {
        spoken: true,
        unrecorded: UNRECORDED,
        ..Words::default()
    };
    let told = observation.is_rfc() && fits.iter().any(|fit| fit.basis == Basis::Words);
    for (rank, fit) in fits.into_iter().enumerate() {
        let among = match &observation.seen {
            Seen::Answer(answer) if fit.basis != Basis::Rfc => {
                among_its_wordings(fit.cause, observation, answer)
            }
            _ => 1.0,
        };
        // A server's own sentence for one cause leaves little to those that share the code alone.
        let beside = if told && fit.basis != Basis::Words {
            BESIDE_A_SENTENCE
        } else {
            1.0
        };
        let strength =
            by_rank(rank, SLOPE) * by_standing(fit.standing) * by_basis(fit.basis) * among * beside;
        words.fits.insert(fit.cause, (fit, strength));
    }
    words
}

/// The fits of a reported answer: the strict ones first, then the same words of other flows, then the code alone.
pub(super) fn tolerant(observation: &Observation, sheet: &Sheet) -> Words {
    let Seen::Answer(answer) = &observation.seen else {
        return match fit::complaints(observation).into_iter().next() {
            Some(first) => strict(observation, first.all),
            None => Words::default(),
        };
    };
    let spoken = answer.code.words().is_some() || answer.text.words().is_some();
    let says_nothing = |heard: &Heard| {
        heard
            .words()
            .is_some_and(|words| CATCH_ALLS.iter().any(|known| plain(known) == plain(words)))
    };
    let bare = answer.text.words().is_none() && answer.code.words() == Some("invalid_grant");
    let mut words = Words {
        spoken,
        unrecorded: if bare || says_nothing(&answer.code) || says_nothing(&answer.text) {
            CATCH_ALL
        } else {
            UNRECORDED_IN_REPORTS
        },
        ..Words::default()
    };
    if !spoken {
        let on_a_page = sheet
            .get("channel")
            .is_some_and(|channel| channel.is("html_page"));
        if answer.status == Some(200) && !on_a_page {
            by_lack(&mut words);
        }
        return words;
    }
    let flow = sheet.get("flow").map(ToString::to_string);
    let mut ranks: BTreeMap<(&str, Channel, &str, &str), usize> = BTreeMap::new();
    for wording in wordings() {
        let Some(said) = said(wording, answer) else {
            continue;
        };
        let text = wording.text.unwrap_or_default();
        let row = (wording.flow, wording.channel, wording.code, text);
        // Rows of our own have no place among those of the facts, which list the usual cause first.
        let rank = if wording.chosen {
            OWN_RANK
        } else {
            let next = ranks.entry(row).or_default();
            *next += 1;
            *next - 1
        };
        let strength = said
            * by_flow(wording, observation, flow.as_deref())
            * by_rank(rank, SLOPE_OF_REPORTS)
            * by_standing(wording.standing)
            * by_channel(wording, answer);
        let because = format!(
            "{} answers in these words ({})",
            wording.channel.label(),
            wording.standing.name()
        );
        let basis = if said < 0.5 {
            Basis::Code
        } else {
            Basis::Words
        };
        let new = Fit {
            cause: wording.cause,
            basis,
            standing: wording.standing,
            source: wording.source,
            because,
        };
        match words.fits.get(&wording.cause) {
            Some((_, best)) if *best >= strength => {}
            _ => {
                words.fits.insert(wording.cause, (new, strength));
            }
        }
    }
    by_catalogue(&mut words, answer);
    let sentence_known = words
        .fits
        .values()
        .any(|(fit, _)| fit.basis == Basis::Words);
    if sentence_known && answer.text.words().is_some() {
        for (fit, strength) in words.fits.values_mut() {
            if fit.basis == Basis::Code {
                *strength *= BESIDE_A_SENTENCE;
            }
        }
    }
    words
}

/// A good answer about which somebody complains: something is missing from it.
fn by_lack(words: &mut Words) {
    words.spoken = true;
    for about in entries()
        .iter()
        .filter(|about| about.is_silent && about.locus != "environment")
    {
        let fit = Fit {
            cause: about.id,
            basis: Basis::Lack,
            standing: about.wording,
            source: about.sources.first().copied().unwrap_or_default(),
            because: "the answer is good, and something is missing from it".to_owned(),
        };
        words
            .fits
            .insert(about.id, (fit, by_standing(about.wording)));
    }
}

/// What the catalogue names for a cause without saying which code goes with which sentence: weaker than a wording.
fn by_catalogue(words: &mut Words, answer: &Answer) {
    let text = answer.text.words().map(plain);
    for about in entries() {
        let has_text = text.as_deref().is_some_and(|text| {
            about
                .sentences
                .iter()
                .any(|own| plain(&own.replace("\\;", ";")) == text)
        });
        let has_code = answer
            .code
            .words()
            .is_some_and(|code| about.codes.iter().any(|own| own.eq_ignore_ascii_case(code)));
        let has_text = has_text
            || has_code
                && text
                    .as_deref()
                    .is_some_and(|text| is_only_sentence(answer.code.words(), text));
        let strength = match (has_text, has_code, &text) {
            (true, ..) | (false, true, None) => LISTED_SENTENCE,
            (false, true, Some(_)) => LISTED_CODE,
            (false, false, _) => continue,
        } * by_standing(about.wording);
        match words.fits.get_mut(&about.id) {
            // A wording says what it rests on, and says it better than the catalogue's row, which keeps codes and sentences apart.
            Some((fit, best)) if has_text == (fit.basis == Basis::Words) || *best >= strength => {
                *best = best.max(strength);
            }
            _ => {
                let because = "the catalogue names these words for it".to_owned();
                let fit = Fit {
                    cause: about.id,
                    basis: if has_text { Basis::Words } else { Basis::Code },
                    standing: about.wording.min(Standing::Reported),
                    source: about.sources.first().copied().unwrap_or_default(),
                    because,
                };
                words.fits.insert(about.id, (fit, strength));
            }
        }
    }
}

/// Whether a sentence is the only one that is known with a code: then the code says as much as both.
fn is_only_sentence(code: Option<&str>, text: &str) -> bool {
    let mut known = wordings()
        .iter()
        .filter(|wording| Some(wording.code) == code)
        .filter_map(|wording| wording.text)
        .peekable();
    known.peek().is_some() && known.all(|own| plain(own) == text)
}

/// How well the words of a wording agree with an answer; `None` where they do not.
fn said(wording: &Wording, answer: &Answer) -> Option<f64> {
    let text = answer.text.words().map(plain);
    // Clients put the code of the platform into a sentence of their own.
    let code = answer.code.words().or_else(|| {
        let inside = text.as_deref()?;
        let named = wording.code.len() > 8
            && wording.code.contains('_')
            && inside.contains(&wording.code.to_ascii_lowercase());
        named.then_some(wording.code)
    });
    let same_text = match (&text, wording.text) {
        (Some(seen), Some(known)) => Some(alike(&plain(known), seen)),
        _ => None,
    };
    let same_code = match code {
        Some(seen) if !wording.code.is_empty() => Some(wording.code.eq_ignore_ascii_case(seen)),
        _ => None,
    };
    match (same_text, same_code) {
        (Some(true), Some(true)) => Some(1.0),
        (Some(true), None) => Some(0.9),
        // The same sentence under another code: a client put its own, or the platform has two.
        (Some(true), Some(false)) => Some(0.3),
        (Some(false), _) | (None, Some(false) | None) => None,
        (None, Some(true)) => Some(match (&text, &answer.text) {
            // The code is this one, and the wording's sentence is not known; or nobody says whether there was one.
            (None, Heard::Unknown) => 0.8,
            (None, _) => 0.6,
            (Some(_), _) => 0.2,
        }),
    }
}

/// Whether a seen sentence is a known one: the same, with something around it, or with a word or two changed.
fn alike(known: &str, seen: &str) -> bool {
    known == seen
        || (known.len() >= 12 && seen.contains(known))
        || (known.len() >= 24
            && seen.len().abs_diff(known.len()) <= 8
            && strsim::normalized_damerau_levenshtein(known, seen) > 0.9)
}

/// A sentence for comparison: one case, one kind of quote and blank, no final stop.
pub(super) fn plain(text: &str) -> String {
    let lower = text
        .replace(['\u{2019}', '\u{2018}'], "'")
        .to_ascii_lowercase();
    lower
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches(['.', ':', ' '])
        .to_owned()
}

/// The words are known of another flow.
const FAR_FLOW: f64 = 0.25;
/// Flow words of the tables for which reports have none.
const UNSPOKEN_FLOWS: &[&str] = &[
    "headless",
    "hybrid_web_server",
    "register",
    "introspect",
    "revoke",
    "singleaccess",
    "userinfo",
    "identity",
];
/// Flow words of the catalogue for which reports have none.
const UNSPOKEN_OF_CATALOGUE: &[&str] = &[
    "code_credentials",
    "introspect",
    "revoke",
    "id_token",
    "metadata_deploy",
    "(tool)",
    "(registration)",
    "(unknown)",
    "hybrid",
    "soap_login",
];
/// A cause that breaks only such flows, in a report of another: the reporter's word may stand for it.
const UNSPOKEN_FLOW: f64 = 0.5;

/// The flow words of the tables, nearest first, for the flow words of reports.
pub(super) fn near_flows(flow: &str) -> &'static [&'static str] {
    match flow {
        "authorization_code" => &["web_server", "authorize_any", "browser", "token_any", "any"],
        "user_agent" => &[
            "user_agent",
            "hybrid_web_server",
            "authorize_any",
            "web_server",
            "any",
        ],
        "refresh_token" => &["refresh", "token_any", "any"],
        "jwt_bearer" => &["jwt_bearer", "token_any", "any"],
        "saml_bearer" => &["saml_bearer", "jwt_bearer", "token_any", "any"],
        "client_credentials" => &["client_credentials", "token_any", "any"],
        "device" => &["device", "browser", "token_any", "any"],
        "username_password" => &["password", "token_any", "any"],
        "token_exchange" => &["token_exchange", "token_any", "any"],
        "api_call" => &["rest_api", "userinfo", "identity", "singleaccess", "any"],
        _ => &[],
    }
}

fn by_flow(wording: &Wording, observation: &Observation, flow: Option<&str>) -> f64 {
    let flow = match (flow, observation.grant) {
        (Some(flow), _) => flow,
        (None, Some(grant)) => grant.name(),
        (None, None) => return 1.0,
    };
    match near_flows(flow)
        .iter()
        .position(|near| *near == wording.flow)
    {
        Some(0) => 1.0,
        Some(_) => 0.8,
        // Reports have no word for these flows and call them by another.
        None if UNSPOKEN_FLOWS.contains(&wording.flow) => 0.8,
        None => FAR_FLOW,
    }
}

fn by_channel(wording: &Wording, answer: &Answer) -> f64 {
    match answer.channel {
        Some(seen) if seen != wording.channel => 0.8,
        _ => 1.0,
    }
}

/// How much rarer each next cause of a row is than the one before, at our own drivers and in reports.
const SLOPE: f64 = 0.12;
/// The rank of a wording that errors.csv does not have.
const OWN_RANK: usize = 2;
const SLOPE_OF_REPORTS: f64 = 0.3;

fn by_rank(rank: usize, slope: f64) -> f64 {
    1.0 / (1.0 + slope * f64::from(u32::try_from(rank).unwrap_or(u32::MAX)))
}

fn by_standing(standing: Standing) -> f64 {
    match standing {
        Standing::Recorded => 1.0,
        Standing::Documented => 0.9,
        Standing::Reported => 0.8,
        Standing::Assumed => 0.5,
    }
}

fn by_basis(basis: Basis) -> f64 {
    match basis {
        Basis::Code => 0.3,
        _ => 1.0,
    }
}

/// Whether any words are known for a cause on the wire.
fn has_words(cause: CauseId) -> bool {
    let about = entry(cause);
    !about.codes.is_empty() || !about.sentences.is_empty()
}

/// How likely a report of the cause is about this flow: one that breaks few flows is reported of each more often than one that breaks all.
/// `None` where the catalogue does not count the flow among those that it breaks.
pub(super) fn share_of_flow(cause: CauseId, flow: &str, silent: bool) -> Option<f64> {
    let named = || {
        let nearest = near_flows(flow).first();
        wordings()
            .iter()
            .any(|wording| wording.cause == cause && Some(&wording.flow) == nearest)
    };
    if !breaks(cause, flow) && !named() {
        let unspoken = entry(cause)
            .flows_failing
            .iter()
            .all(|failing| UNSPOKEN_OF_CATALOGUE.contains(failing));
        return unspoken.then_some(UNSPOKEN_FLOW);
    }
    if !silent {
        // The rows of a flow already say how usual each of their causes is in it.
        return Some(1.0);
    }
    let failing = &entry(cause).flows_failing;
    let many = if failing.contains(&"all") {
        EVERY_FLOW
    } else {
        failing.len()
    };
    Some(1.0 / f64::from(u32::try_from(many).unwrap_or(u32::MAX)).powf(SPREAD))
}

fn breaks(cause: CauseId, flow: &str) -> bool {
    let words: &[&str] = match flow {
        "authorization_code" => &["web_server"],
        "refresh_token" => &["refresh"],
        "user_agent" => &["user_agent", "hybrid"],
        "username_password" => &["username_password", "soap_login"],
        "api_call" => &[
            "api_call",
            "hosted_mcp",
            "ui_session",
            "id_token",
            "introspect",
        ],
        other => return lists(cause, &[other]),
    };
    lists(cause, words)
}

fn lists(cause: CauseId, words: &[&str]) -> bool {
    entry(cause)
        .flows_failing
        .iter()
        .any(|failing| *failing == "all" || words.contains(failing))
}
