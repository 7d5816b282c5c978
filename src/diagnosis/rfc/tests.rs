//! Answers of RFC servers, each table row in every mouth, and what our own requests add.

use std::collections::BTreeSet;

use super::super::naive::{self, Plain};
use super::super::{Basis, Certainty, Diagnosis, diagnose};
use crate::cause::{CauseId, Channel, Standing, rfc_answers};
use crate::evidence::{Answer, Facts, Heard, Observation, Seen, SentRequest, Supports};
use crate::exchange::Endpoint;
use crate::factor::Known;
use crate::oauth::{GrantKind, HostKind};

use CauseId as C;
use GrantKind as G;

fn seen(
    grant: GrantKind,
    at: Endpoint,
    status: Option<u16>,
    code: &str,
    text: &str,
) -> Observation {
    Observation {
        grant: Some(grant),
        host: Some(HostKind::Issuer),
        app_kind: None,
        endpoint: Some(at),
        seen: Seen::Answer(Answer {
            channel: Some(Channel::TokenJson),
            status,
            code: Heard::of_answer(Some(code)),
            text: Heard::of_answer(Some(text)),
        }),
        at: None,
        facts: Facts::default(),
    }
}

fn sent(parameters: &[(&str, &str)]) -> SentRequest {
    SentRequest {
        method: "POST".to_owned(),
        parameters: parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..SentRequest::default()
    }
}

fn judged(one: &Observation) -> Diagnosis {
    diagnose(std::slice::from_ref(one), &Known::new())
}

fn named(one: &Observation) -> BTreeSet<String> {
    judged(one).named().map(|cause| cause.to_string()).collect()
}

#[test]
fn every_row_is_matched_as_a_second_matcher_does_and_holds_its_cause() {
    let places = [
        Endpoint::Authorize,
        Endpoint::Callback,
        Endpoint::Token,
        Endpoint::DeviceAuthorization,
        Endpoint::Userinfo,
        Endpoint::Introspect,
        Endpoint::Revoke,
        Endpoint::DevicePage,
    ];
    let mut compared = 0;
    for row in rfc_answers() {
        let code = row.code.unwrap_or_default();
        let text = row.text.unwrap_or_default();
        for grant in G::ALL {
            for at in places {
                for status in [None, Some(400), Some(401), Some(403)] {
                    for text in [text, "", "words that nobody recorded"] {
                        let one = seen(grant, at, status, code, text);
                        let plain = Plain {
                            rfc: true,
                            grant: grant.name().to_owned(),
                            endpoint: at.name().to_owned(),
                            app_kind: "?".to_owned(),
                            channel: "token_json".to_owned(),
                            status: status.map_or("?".to_owned(), |status| status.to_string()),
                            code: code.to_owned(),
                            text: text.to_owned(),
                        };
                        assert_eq!(named(&one), naive::named(&plain), "{one:?}");
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn what_was_sent_tells_the_causes_of_one_code_apart() {
    let base = |checks: (&[&'static str], &[&'static str])| {
        let mut one = seen(
            G::AuthorizationCode,
            Endpoint::Token,
            Some(400),
            "invalid_grant",
            "",
        );
        let (failed, passed) = checks;
        one.facts = Facts {
            request: Some(sent(&[
                ("redirect_uri", "https://a/"),
                ("code_verifier", "x"),
            ])),
            authorize: Some(sent(&[
                ("redirect_uri", "https://a/"),
                ("code_challenge", "y"),
            ])),
            failed_checks: failed.iter().map(|name| (*name, "so".to_owned())).collect(),
            passed_checks: passed.to_vec(),
            code_age: Some(0),
            ..Facts::default()
        };
        one
    };
    let fine: &[&str] = &["code", "code_unused", "code_verifier", "code_challenge"];
    let first = |one: &Observation| judged(one).candidates[0].cause;

    let verifier = base((&["code_challenge"], &["code", "code_unused"]));
    assert_eq!(first(&verifier), C::RfcCodeVerifierMismatch);
    let replayed = base((&["code_unused"], &["code", "code_challenge"]));
    assert_eq!(first(&replayed), C::RfcCodeReplayed);
    let unknown = base((&["code"], &["code_challenge"]));
    assert_eq!(first(&unknown), C::RfcCodeInvalid);
    let mut old = base((&[], fine));
    old.facts.code_age = Some(4);
    assert_eq!(first(&old), C::RfcCodeExpired);
    let mut other = base((&[], fine));
    other.facts.request = Some(sent(&[
        ("redirect_uri", "https://b/"),
        ("code_verifier", "x"),
    ]));
    assert_eq!(first(&other), C::RfcRedirectUriMismatch);
    // Nothing of our own is wrong: the answer stays open, and says so.
    let open = judged(&base((&[], fine)));
    assert!(
        open.candidates
            .iter()
            .all(|one| one.certainty == Certainty::Likely)
    );
}

#[test]
fn tokens_assertions_and_devices_are_told_apart_by_their_checks() {
    let first = |grant, failed: &'static str, passed: &[&'static str]| {
        let mut one = seen(grant, Endpoint::Token, Some(400), "invalid_grant", "");
        one.facts.failed_checks = vec![(failed, "so".to_owned())];
        one.facts.passed_checks = passed.to_vec();
        judged(&one).candidates[0].cause
    };
    let replayed = first(G::RefreshToken, "refresh_token_newest", &["refresh_token"]);
    assert_eq!(replayed, C::RfcRefreshTokenReplayed);
    assert_eq!(
        first(G::RefreshToken, "refresh_token", &[]),
        C::RfcRefreshTokenInvalid
    );
    for (failed, cause) in [
        ("assertion_audience", C::RfcAssertionAudience),
        ("assertion_lifetime", C::RfcAssertionExpired),
        ("assertion_key", C::RfcAssertionInvalid),
    ] {
        let all = ["assertion_audience", "assertion_lifetime", "assertion_key"];
        let passed: Vec<_> = all.into_iter().filter(|name| *name != failed).collect();
        assert_eq!(first(G::JwtBearer, failed, &passed), cause);
    }
    let mut clock = seen(
        G::JwtBearer,
        Endpoint::Token,
        Some(400),
        "invalid_grant",
        "",
    );
    clock.facts.passed_checks = vec!["assertion_audience", "assertion_key"];
    clock.facts.clock_ahead = Some(-400);
    let found = judged(&clock);
    assert_eq!(found.candidates[0].cause, C::RfcAssertionExpired);
    assert_eq!(
        found.candidates[0].evidence_for[1],
        "the server's clock is 400 s behind"
    );
    let mut device = seen(G::Device, Endpoint::Token, Some(400), "invalid_grant", "");
    device.facts.passed_checks = vec!["device_code"];
    device.facts.device_code_age = Some((4, 2));
    assert_eq!(judged(&device).candidates[0].cause, C::RfcDeviceCodeExpired);
    device.facts.device_code_age = Some((1, 2));
    device.facts.passed_checks.clear();
    device.facts.failed_checks = vec![("device_code", "so".to_owned())];
    assert_eq!(judged(&device).candidates[0].cause, C::RfcDeviceCodeInvalid);
}

#[test]
fn a_status_alone_is_a_weaker_word_than_a_code() {
    let mut page = seen(G::AuthorizationCode, Endpoint::Authorize, Some(403), "", "");
    page.facts.failed_checks = vec![("redirect_uri", "sent another".to_owned())];
    let found = judged(&page);
    let causes: Vec<_> = found.named().collect();
    assert_eq!(causes, [C::RfcRedirectUriMismatch, C::RfcClientUnknown]);
    assert_eq!(found.candidates[0].basis, Basis::Code);
    assert_eq!(found.candidates[0].standing.wording, Standing::Assumed);
    assert!(found.unexplained > 0.2);
    // The RFCs give a bare 404 at the token endpoint no meaning.
    let bare = judged(&seen(G::JwtBearer, Endpoint::Token, Some(404), "", ""));
    assert!(bare.is_unexplained());
    assert!(bare.next.unwrap().probe.contains("server's log"));
}

#[test]
fn a_servers_own_words_come_before_a_shared_code() {
    let text = "The client does not exist on this server.";
    let found = judged(&seen(
        G::ClientCredentials,
        Endpoint::Token,
        Some(401),
        "invalid_client",
        text,
    ));
    assert_eq!(found.candidates[0].cause, C::RfcClientUnknown);
    assert_eq!(found.candidates[0].basis, Basis::Words);
    assert!(found.candidates[0].evidence_for[0].contains("Authlib"));
    let plain = judged(&seen(
        G::ClientCredentials,
        Endpoint::Token,
        Some(401),
        "invalid_client",
        "",
    ));
    assert_eq!(plain.candidates[0].cause, C::RfcClientAuthenticationFailed);
    assert_eq!(plain.candidates.len(), 3);
}

#[test]
fn the_metadata_speaks() {
    let list = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    let mut one = seen(
        G::ClientCredentials,
        Endpoint::Token,
        Some(401),
        "invalid_client",
        "",
    );
    one.facts.request = Some(sent(&[("client_secret", "x")]));
    one.facts.supports = Supports {
        authentication: list(&["client_secret_basic"]),
        ..Supports::default()
    };
    let found = judged(&one);
    assert_eq!(found.candidates[0].cause, C::RfcClientAuthenticationMethod);
    assert!(found.candidates[0].evidence_for[1].ends_with("has no client_secret_post"));
    let mut one = seen(
        G::JwtBearer,
        Endpoint::Token,
        Some(400),
        "invalid_scope",
        "",
    );
    one.facts.scope_asked = Some(Some("api odd".to_owned()));
    one.facts.supports.scopes = list(&["api"]);
    let found = judged(&one);
    assert_eq!(
        found.candidates[0].evidence_for[1],
        "scopes_supported has no odd"
    );
}
