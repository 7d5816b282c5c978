use std::collections::BTreeSet;

use super::naive::{self, Plain};
use super::*;
use crate::cause::{AppKind, Wording, wordings};
use crate::evidence::{Answer, Facts, Heard, PageKind, SentRequest, from_text};
use crate::factor::{Factor, Value};
use crate::oauth::{GrantKind, HostKind};

const PAGES: [PageKind; 8] = [
    PageKind::Login,
    PageKind::Verification,
    PageKind::ChangePassword,
    PageKind::LoginFlow,
    PageKind::Approval,
    PageKind::ApprovalExpired,
    PageKind::Device,
    PageKind::Other,
];

fn heard(word: &Heard) -> String {
    match word {
        Heard::Unknown => "?".to_owned(),
        Heard::Nothing => String::new(),
        Heard::Said(text) => text.clone(),
    }
}

fn plain(observation: &Observation) -> Plain {
    let (channel, status, code, text) = match &observation.seen {
        Seen::Answer(answer) => (
            answer.channel.map_or("?", Channel::name).to_owned(),
            answer
                .status
                .map_or("?".to_owned(), |status| status.to_string()),
            heard(&answer.code),
            heard(&answer.text),
        ),
        Seen::Page { kind, .. } => (
            "html_page".to_owned(),
            "?".to_owned(),
            kind.name().to_owned(),
            String::new(),
        ),
        seen => panic!("{seen:?}"),
    };
    Plain {
        rfc: observation.is_rfc(),
        grant: observation.grant.map_or("?", GrantKind::name).to_owned(),
        endpoint: observation.endpoint.map_or("?", Endpoint::name).to_owned(),
        app_kind: observation.app_kind.map_or("?", AppKind::name).to_owned(),
        channel,
        status,
        code,
        text,
    }
}

fn set(diagnosis: &Diagnosis) -> BTreeSet<String> {
    diagnosis
        .named()
        .map(|cause| cause.name().to_owned())
        .collect()
}

fn endpoint_of(wording: &Wording) -> Option<Endpoint> {
    Some(match wording.flow {
        "userinfo" => Endpoint::Userinfo,
        "identity" => Endpoint::Identity,
        "rest_api" => Endpoint::Rest,
        "introspect" => Endpoint::Introspect,
        "revoke" => Endpoint::Revoke,
        _ => match wording.channel {
            Channel::AuthorizeRawBody | Channel::AuthorizeUnspecified => Endpoint::Authorize,
            Channel::CallbackRedirect | Channel::CallbackFragment => Endpoint::Callback,
            Channel::ErrorPage => Endpoint::ErrorPage,
            Channel::HtmlPage => Endpoint::Page,
            Channel::TokenJson => Endpoint::Token,
            _ => return None,
        },
    })
}

fn observation(grant: Option<GrantKind>, endpoint: Option<Endpoint>, seen: Seen) -> Observation {
    Observation {
        grant,
        host: Some(HostKind::MyDomain),
        app_kind: None,
        endpoint,
        seen,
        at: None,
        facts: Facts::default(),
    }
}

/// What a server that answers with this wording shows, in every way in which it can be heard.
fn shown(wording: &Wording) -> Vec<Observation> {
    let grants: Vec<Option<GrantKind>> = if wording.grants.is_empty() {
        vec![None]
    } else {
        wording.grants.iter().copied().map(Some).collect()
    };
    let apps = [
        None,
        Some(AppKind::ExternalClientApp),
        Some(AppKind::ConnectedApp),
    ];
    let page = PAGES
        .into_iter()
        .find(|kind| wording.channel == Channel::HtmlPage && wording.code == kind.name());
    let whole = Answer {
        channel: Some(wording.channel),
        status: wording.status,
        code: Heard::of_answer(Some(wording.code)),
        text: Heard::of_answer(wording.text),
    };
    let seen = match page {
        Some(kind) => vec![Seen::Page { kind, title: None }],
        None => vec![
            Seen::Answer(whole.clone()),
            Seen::Answer(Answer {
                status: None,
                ..whole.clone()
            }),
            Seen::Answer(Answer {
                text: Heard::Unknown,
                ..whole.clone()
            }),
            Seen::Answer(Answer {
                channel: None,
                code: Heard::Unknown,
                ..whole
            }),
        ],
    };
    let mut all = Vec::new();
    for grant in grants {
        for seen in &seen {
            for app_kind in apps {
                if app_kind.is_some() && wording.app_kind.is_some() && app_kind != wording.app_kind
                {
                    continue;
                }
                all.push(Observation {
                    app_kind,
                    ..observation(grant, endpoint_of(wording), seen.clone())
                });
            }
        }
    }
    all
}

#[test]
fn the_named_set_is_that_of_a_second_matcher_and_holds_the_true_cause() {
    let mut compared = 0;
    for wording in wordings() {
        for observation in shown(wording) {
            let diagnosis = diagnose(std::slice::from_ref(&observation), &Known::new());
            let second = naive::named(&plain(&observation));
            assert_eq!(set(&diagnosis), second, "{observation:?}");
            let says_nothing = wording.code.is_empty()
                && wording.text.is_none()
                && (wording.status.is_none()
                    || plain(&observation).code == "?"
                    || plain(&observation).text == "?"
                    || plain(&observation).status == "?");
            assert!(
                says_nothing || second.contains(wording.cause.name()),
                "{} is not named for {observation:?}",
                wording.cause
            );
            let sum: f64 = diagnosis.candidates.iter().map(|c| c.weight).sum();
            assert!((sum + diagnosis.unexplained - 1.0).abs() < 1e-9);
            compared += 1;
        }
    }
    assert!(compared > 2_000, "{compared}");
}

#[test]
fn codes_in_other_mouths_and_with_other_sentences_are_matched_alike() {
    let channels = [
        Channel::TokenJson,
        Channel::CallbackRedirect,
        Channel::ErrorPage,
        Channel::AuthorizeRawBody,
        Channel::RestJson,
    ];
    let codes: BTreeSet<&str> = wordings().iter().map(|wording| wording.code).collect();
    for code in codes {
        for grant in GrantKind::ALL.into_iter().map(Some).chain([None]) {
            for channel in channels {
                for text in [
                    Heard::Nothing,
                    Heard::Unknown,
                    Heard::Said("words that nobody recorded".into()),
                ] {
                    for host in [HostKind::MyDomain, HostKind::Issuer] {
                        let seen = Seen::Answer(Answer {
                            channel: Some(channel),
                            status: Some(400),
                            code: Heard::of_answer(Some(code)),
                            text: text.clone(),
                        });
                        let mut one = observation(grant, None, seen);
                        one.host = Some(host);
                        let diagnosis = diagnose(std::slice::from_ref(&one), &Known::new());
                        assert_eq!(set(&diagnosis), naive::named(&plain(&one)), "{one:?}");
                    }
                }
            }
        }
    }
}

fn token_answer(code: &str, text: &str) -> Seen {
    Seen::Answer(Answer {
        channel: Some(Channel::TokenJson),
        status: Some(400),
        code: Heard::Said(code.into()),
        text: Heard::of_answer(Some(text)),
    })
}

fn refused(grant: GrantKind, code: &str, text: &str, sent: &[&str]) -> Observation {
    let mut one = observation(Some(grant), Some(Endpoint::Token), token_answer(code, text));
    one.facts.request = Some(SentRequest {
        method: "POST".into(),
        is_https: true,
        path: "/services/oauth2/token".into(),
        parameters: sent
            .iter()
            .map(|name| ((*name).to_owned(), "x".to_owned()))
            .collect(),
        ..SentRequest::default()
    });
    one
}

#[test]
fn nothing_that_failed_is_no_diagnosis() {
    let fine = observation(
        Some(GrantKind::JwtBearer),
        Some(Endpoint::Token),
        Seen::Success { lacks: vec![] },
    );
    assert_eq!(diagnose(&[fine], &Known::new()), Diagnosis::default());
}

#[test]
fn one_cause_alone_is_implied_and_rivals_are_likely() {
    let alone = refused(GrantKind::JwtBearer, "bad_jti_claim", "", &["assertion"]);
    let found = diagnose(&[alone], &Known::new());
    assert_eq!(found.candidates[0].cause, CauseId::JwtJtiReplayed);
    assert_eq!(found.candidates[0].certainty, Certainty::Implied);
    let rivals = refused(
        GrantKind::ClientCredentials,
        "invalid_grant",
        "no client credentials user enabled",
        &[],
    );
    let found = diagnose(&[rivals], &Known::new());
    assert!(found.candidates.len() > 2);
    assert!(
        found
            .candidates
            .iter()
            .all(|one| one.certainty == Certainty::Likely)
    );
    assert!(
        found
            .next
            .expect("known to be there")
            .probe
            .contains("Run As")
    );
}

#[test]
fn what_was_sent_decides_who_is_named_first() {
    let first = |grant, sent: &[&str]| {
        let one = refused(grant, "invalid_client", "invalid client credentials", sent);
        diagnose(&[one], &Known::new()).candidates[0].clone()
    };
    let without = first(GrantKind::AuthorizationCode, &["client_id", "code"]);
    assert_eq!(without.cause, CauseId::SecretMissingWebServer);
    assert!(
        without
            .evidence_for
            .contains(&"the request carried no client_secret".to_owned())
    );
    assert_eq!(
        first(GrantKind::RefreshToken, &["client_id"]).cause,
        CauseId::SecretMissingRefresh
    );
    let with = first(
        GrantKind::AuthorizationCode,
        &["client_id", "client_secret"],
    );
    assert_eq!(with.cause, CauseId::SecretWrong);
}

#[test]
fn the_host_decides_who_is_named_first() {
    let first = |host| {
        let mut one = refused(
            GrantKind::JwtBearer,
            "app_not_found",
            "External client app is not installed in this org",
            &["assertion"],
        );
        one.host = Some(host);
        diagnose(&[one], &Known::new()).candidates[0].cause
    };
    assert_eq!(first(HostKind::Login), CauseId::EcaGenericLoginHost);
    assert_ne!(first(HostKind::MyDomain), CauseId::EcaGenericLoginHost);
}

#[test]
fn a_declared_value_speaks_for_its_cause_and_against_the_others() {
    let one = refused(
        GrantKind::RefreshToken,
        "invalid_grant",
        "expired access/refresh token",
        &["refresh_token", "client_secret"],
    );
    let mut known = Known::new();
    known.learn(
        Factor::RefreshTokenPolicy,
        Value::from("Zero"),
        Provenance::Declared,
    );
    let found = diagnose(std::slice::from_ref(&one), &known);
    assert_eq!(found.candidates[0].cause, CauseId::RefreshPolicyZero);
    assert_eq!(
        found.candidates[0].evidence_for[1],
        "refreshTokenPolicyType is Zero (declared)"
    );
    assert_eq!(set(&found), set(&diagnose(&[one], &Known::new())));
}

#[test]
fn a_sentence_that_nobody_recorded_is_never_implied() {
    let one = refused(
        GrantKind::JwtBearer,
        "bad_jti_claim",
        "a sentence of next year",
        &[],
    );
    let found = diagnose(&[one], &Known::new());
    assert_eq!(found.candidates[0].cause, CauseId::JwtJtiReplayed);
    assert_eq!(found.candidates[0].basis, Basis::Code);
    assert_eq!(found.candidates[0].certainty, Certainty::Likely);
}

#[test]
fn what_fits_nothing_is_unexplained_and_quoted() {
    let one = refused(GrantKind::JwtBearer, "no_such_code", "no such words", &[]);
    let found = diagnose(&[one], &Known::new());
    assert!(found.is_unexplained());
    assert!((found.unexplained - 1.0).abs() < f64::EPSILON);
    assert_eq!(found.seen, ["token: 400 no_such_code \"no such words\""]);
    assert!(found.next.is_some());
}

#[test]
fn the_password_grant_is_advised_against_even_where_it_passes() {
    let fine = observation(
        Some(GrantKind::UsernamePassword),
        Some(Endpoint::Token),
        Seen::Success { lacks: vec![] },
    );
    let found = diagnose(&[fine], &Known::new());
    assert!(found.is_empty());
    assert_eq!(found.advice[0].cause, CauseId::BcpPasswordGrant);
}

#[test]
fn a_pasted_line_is_diagnosed() {
    let one = from_text("https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope&error_description=the+requested+scope+is+not+allowed").expect("known to be there");
    let found = diagnose(&[one], &Known::new());
    assert_eq!(found.candidates[0].cause, CauseId::ScopeNotOnApp);
}

#[test]
fn the_policy_that_lets_all_authorize_speaks_against_a_missing_assignment() {
    let one = refused(
        GrantKind::JwtBearer,
        "invalid_app_access",
        "user is not admin approved to access this app",
        &["assertion"],
    );
    let mut known = Known::new();
    known.learn(
        Factor::PermittedUsers,
        Value::from("AllSelfAuthorized"),
        Provenance::File {
            file: "app.xml".into(),
            line: 7,
        },
    );
    let found = diagnose(&[one], &known);
    let of = |cause| found.candidates.iter().find(|one| one.cause == cause);
    let against = &of(CauseId::UserNotPreauthorized)
        .expect("named")
        .evidence_against;
    assert_eq!(
        against,
        &[
            "permittedUsersPolicyType is AllSelfAuthorized (app.xml:7), and the cause needs it otherwise"
        ]
    );
}
