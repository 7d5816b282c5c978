//! A run for the tests of the renderers: a pass, an unexpected refusal with rivals, a server that cannot be reached, a skip.

use super::{
    Advice, Candidate, Certainty, CheckReport, DiagnosisReport, ExchangeReport, FaultReport,
    Mismatch, NextProbe, OutcomeReport, Pair, ReceivedReport, RuledOut, RunInfo, RunReport,
    ScenarioReport, SentReport, Status, StepKind, StepReport, UseReport,
};
use crate::cause::CauseId;
use crate::factor::{Factor, Known, Provenance};

pub(crate) fn run() -> RunReport {
    let info = RunInfo {
        id: "20260301T090000Z-1a2b3c".to_owned(),
        started_at: "2026-03-01T09:00:00Z".to_owned(),
        took_ms: 3_270,
        version: "0.1.0".to_owned(),
        target: "simulated org".to_owned(),
        seed: 7,
        arguments: vec!["run".to_owned(), "scenarios".to_owned()],
        planned: 4,
        ..RunInfo::default()
    };
    RunReport::new(info, vec![passed(), failed(), unreachable(), skipped()])
}

pub(super) fn passed() -> ScenarioReport {
    ScenarioReport {
        file: "scenarios/password.yaml".to_owned(),
        name: "The password grant still works for a connected app (host=login)".to_owned(),
        matrix: [("host".to_owned(), "login".to_owned())].into(),
        tags: vec!["legacy".to_owned()],
        status: Status::Passed,
        took_ms: 42,
        steps: vec![
            StepReport {
                index: 1,
                title: "Ana's app logs in".to_owned(),
                grant: Some("username_password".to_owned()),
                host: Some("login".to_owned()),
                status: Status::Passed,
                outcome: Some(OutcomeReport {
                    name: "granted".to_owned(),
                    scope: Some("api id".to_owned()),
                    members: vec!["access_token".to_owned(), "scope".to_owned()],
                    ..OutcomeReport::default()
                }),
                expected: "granted".to_owned(),
                advice: vec![Advice {
                    id: "bcp_password_grant".to_owned(),
                    text: "move to Client Credentials or JWT Bearer".to_owned(),
                }],
                uses: vec![UseReport {
                    at: "rest".to_owned(),
                    status: Some(200),
                    ..UseReport::default()
                }],
                checks: vec![CheckReport {
                    name: "signature".to_owned(),
                    passed: Some(true),
                    detail: "HMAC agrees".to_owned(),
                }],
                took_ms: 30,
                ..StepReport::default()
            },
            StepReport {
                index: 2,
                title: "The admin blocks the password flow".to_owned(),
                kind: StepKind::Change,
                status: Status::Passed,
                ..StepReport::default()
            },
        ],
        ..ScenarioReport::default()
    }
}

pub(super) fn failed() -> ScenarioReport {
    ScenarioReport {
        file: "scenarios/refresh/nightly_job.yaml".to_owned(),
        name: "The nightly job refreshes".to_owned(),
        about: Some("A job holds a refresh token and uses it each night.".to_owned()),
        status: Status::Failed,
        took_ms: 318,
        steps: vec![
            StepReport {
                index: 1,
                title: "Ana logs in".to_owned(),
                grant: Some("authorization_code".to_owned()),
                host: Some("my_domain".to_owned()),
                status: Status::Passed,
                outcome: Some(OutcomeReport {
                    name: "granted".to_owned(),
                    ..OutcomeReport::default()
                }),
                expected: "granted".to_owned(),
                exchanges: vec![authorize()],
                took_ms: 210,
                ..StepReport::default()
            },
            refused(),
        ],
        ..ScenarioReport::default()
    }
}

fn authorize() -> ExchangeReport {
    ExchangeReport {
        endpoint: "authorize".to_owned(),
        at: "2026-03-01T09:00:00.1Z".to_owned(),
        took_ms: 12,
        sent: SentReport {
            method: "GET".to_owned(),
            url: "https://acme.my.localhost:4433/services/oauth2/authorize?response_type=code&client_id=[client_id#1]&scope=api+refresh_token&state=[state#1]".to_owned(),
            ..SentReport::default()
        },
        received: Some(ReceivedReport {
            status: 302,
            headers: vec![pair("location", "https://localhost:8443/callback?code=[code#1]")],
            ..ReceivedReport::default()
        }),
        fault: None,
    }
}

fn refused() -> StepReport {
    let token = ExchangeReport {
        endpoint: "token".to_owned(),
        at: "2026-03-01T09:00:01Z".to_owned(),
        took_ms: 8,
        sent: SentReport {
            method: "POST".to_owned(),
            url: "https://acme.my.localhost:4433/services/oauth2/token".to_owned(),
            headers: vec![pair("content-type", "application/x-www-form-urlencoded")],
            fields: vec![
                pair("grant_type", "refresh_token"),
                pair("client_id", "[client_id#1]"),
                pair("client_secret", "[client_secret#1]"),
                pair("refresh_token", "[refresh_token#1]"),
                pair("format", "json"),
            ],
            body: None,
        },
        received: Some(ReceivedReport {
            status: 400,
            headers: vec![pair("content-type", "application/json;charset=UTF-8")],
            body: r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#
                .to_owned(),
            length: 76,
        }),
        fault: None,
    };
    StepReport {
        index: 2,
        title: "The job refreshes".to_owned(),
        grant: Some("refresh_token".to_owned()),
        host: Some("my_domain".to_owned()),
        status: Status::Failed,
        outcome: Some(OutcomeReport {
            name: "refused".to_owned(),
            at: Some("token".to_owned()),
            error: Some("invalid_grant".to_owned()),
            error_description: Some("expired access/refresh token".to_owned()),
            ..OutcomeReport::default()
        }),
        expected: "granted".to_owned(),
        mismatches: vec![Mismatch {
            what: "outcome".to_owned(),
            expected: "granted".to_owned(),
            found: "refused".to_owned(),
        }],
        exchanges: vec![token.clone(), token],
        diagnosis: Some(diagnosis()),
        took_ms: 96,
        ..StepReport::default()
    }
}

fn diagnosis() -> DiagnosisReport {
    let mut known = Known::new();
    let from = Provenance::File {
        file: "force-app/main/policies.xml".to_owned(),
        line: 12,
    };
    known.learn(Factor::RefreshTokenPolicy, "Zero".into(), from);
    let candidate = |cause: CauseId, weight: f64| Candidate {
        certainty: Certainty::Likely,
        weight,
        basis: Some("words".to_owned()),
        ..Candidate::of(cause, &known)
    };
    let mut first = candidate(CauseId::RefreshPolicyZero, 0.71);
    first.fix.value = Some("Infinite".to_owned());
    first.evidence_for = vec![
        "invalid_grant with \"expired access/refresh token\" is the recorded wording".to_owned(),
        "the policy file says Zero (force-app/main/policies.xml:12)".to_owned(),
    ];
    DiagnosisReport {
        candidates: vec![
            first,
            candidate(CauseId::RefreshRevoked, 0.17),
            candidate(CauseId::RefreshFiveApprovals, 0.1),
        ],
        ruled_out: vec![RuledOut {
            cause: "secret_wrong".to_owned(),
            because: "it would answer invalid_client".to_owned(),
        }],
        unexplained: 0.02,
        seen: vec!["token: invalid_grant, expired access/refresh token".to_owned()],
        next: Some(NextProbe {
            probe: "Refresh at once after a new login: if that fails, the policy is Zero. Else read the OauthToken row, its LastUsedDate, and the number of rows".to_owned(),
            separates: vec!["refresh_policy_zero".to_owned(), "refresh_revoked".to_owned()],
            class: Some("leaves_a_trace".to_owned()),
        }),
    }
}

pub(super) fn unreachable() -> ScenarioReport {
    let text = "no connection to acme.my.localhost:4433: refused <&> \u{1b}[31m".to_owned();
    ScenarioReport {
        file: "scenarios/healthy/cc.yaml".to_owned(),
        name: "Client credentials | My Domain".to_owned(),
        status: Status::Error,
        took_ms: 5,
        steps: vec![StepReport {
            index: 1,
            title: "The integration user's token".to_owned(),
            grant: Some("client_credentials".to_owned()),
            host: Some("my_domain".to_owned()),
            status: Status::Error,
            outcome: Some(OutcomeReport {
                name: "unanswered".to_owned(),
                at: Some("token".to_owned()),
                fault: Some("connect".to_owned()),
                detail: Some(text.clone()),
                ..OutcomeReport::default()
            }),
            expected: "granted".to_owned(),
            exchanges: vec![ExchangeReport {
                endpoint: "token".to_owned(),
                at: "2026-03-01T09:00:02Z".to_owned(),
                sent: SentReport {
                    method: "POST".to_owned(),
                    url: "https://acme.my.localhost:4433/services/oauth2/token".to_owned(),
                    fields: vec![pair("grant_type", "client_credentials")],
                    ..SentReport::default()
                },
                fault: Some(FaultReport {
                    name: "connect".to_owned(),
                    text,
                }),
                ..ExchangeReport::default()
            }],
            ..StepReport::default()
        }],
        ..ScenarioReport::default()
    }
}

pub(super) fn skipped() -> ScenarioReport {
    ScenarioReport {
        file: "scenarios/device.yaml".to_owned(),
        name: "Device flow".to_owned(),
        status: Status::Skipped,
        reason: Some("needs the simulated org".to_owned()),
        ..ScenarioReport::default()
    }
}

/// Writes a rendered sample into the folder that `GRANTPROOF_SAMPLE` names, to be looked at or checked by other programs.
pub(super) fn keep(name: &str, text: &str) {
    if let Some(folder) = std::env::var_os("GRANTPROOF_SAMPLE") {
        std::fs::write(std::path::Path::new(&folder).join(name), text).unwrap();
    }
}

fn pair(name: &str, value: &str) -> Pair {
    Pair {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}
