//! Properties of the model: a healthy org refuses nothing; one flipped setting is named; flipped back, everything passes.

use std::net::{IpAddr, Ipv4Addr};

use grantproof::cause::CauseId;
use grantproof::factor::{Delta, Factor, Value};
use grantproof::model::{
    AppId, AssertionFact, Authorize, Brings, Caller, ChallengeFact, ClientFact, Event, OrgState,
    PageAnswer, PageInput, Resource, SecretFact, SubjectFact, Token, TokenFact, Use, Verdict,
    VerifierFact, apply, decide, read, set,
};
use grantproof::oauth::{GrantKind, HostKind};
use jiff::Timestamp;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const HERE: Caller = Caller {
    host: HostKind::MyDomain,
    address: IpAddr::V4(Ipv4Addr::LOCALHOST),
};
const CALLBACK: &str = "https://localhost/callback";

/// Runs a grant and one REST call to their end; the cause of the first refusal, of an extra page, or of a silent lack.
fn outcome(state: &mut OrgState, grant: GrantKind) -> Option<CauseId> {
    let tokens = match grant {
        GrantKind::AuthorizationCode => log_in(state),
        GrantKind::RefreshToken => log_in(state).and_then(|()| {
            let token = state
                .refresh_tokens
                .len()
                .checked_sub(1)
                .map(grantproof::model::RefreshId);
            step(
                state,
                &request(
                    grant,
                    Brings::Refresh {
                        token,
                        at_once: false,
                    },
                ),
            )
        }),
        GrantKind::ClientCredentials => step(state, &request(grant, Brings::Nothing)),
        GrantKind::JwtBearer => step(state, &request(grant, Brings::Assertion(assertion(state)))),
        GrantKind::Device => device(state),
        GrantKind::UsernamePassword => {
            let brings = Brings::Password {
                person: state.person("ana@acme.test"),
                password: SecretFact::Right,
                security_token: SecretFact::Right,
            };
            step(state, &request(grant, brings))
        }
        GrantKind::TokenExchange => {
            let person = state.person("ana@acme.test").expect("Ana is there");
            step(
                state,
                &request(grant, Brings::Subject(SubjectFact::Of(person))),
            )
        }
    };
    tokens
        .and_then(|()| {
            let token =
                TokenFact::Known(grantproof::model::AccessId(state.access_tokens.len() - 1));
            step(
                state,
                &Event::Use(Use {
                    caller: HERE,
                    token,
                    resource: Resource::Rest,
                }),
            )
        })
        .err()
}

fn step(state: &mut OrgState, event: &Event) -> Result<(), CauseId> {
    match decide(state, event, NOW, &mut ()) {
        Verdict::Proceed { effects, lacking } => {
            apply(state, &effects, NOW);
            lacking.first().map_or(Ok(()), |cause| Err(*cause))
        }
        verdict => Err(verdict
            .cause()
            .expect("a page of every flow is answered by its driver")),
    }
}

fn request(grant: GrantKind, brings: Brings) -> Event {
    Event::Token(Token {
        caller: HERE,
        post: true,
        form: true,
        grant: Some(grant),
        client: ClientFact::Known(AppId(0)),
        secret: SecretFact::Right,
        scope_sent: false,
        verifier: if grant == GrantKind::AuthorizationCode {
            VerifierFact::Right
        } else {
            VerifierFact::Absent
        },
        brings,
    })
}

fn assertion(state: &OrgState) -> AssertionFact {
    AssertionFact {
        well_formed: true,
        rs256: true,
        complete: true,
        signature: true,
        audience: true,
        in_time: true,
        replayed: false,
        person: state.person("ana@acme.test"),
    }
}

fn session(state: &mut OrgState) -> Result<grantproof::model::Session, CauseId> {
    let login = PageInput::Login {
        person: state.person("ana@acme.test"),
        password: SecretFact::Right,
    };
    match decide(
        state,
        &Event::PageAnswer(PageAnswer {
            caller: HERE,
            page: login,
        }),
        NOW,
        &mut (),
    ) {
        Verdict::Proceed { effects, .. } => Ok(apply(state, &effects, NOW)
            .session
            .expect("a login opens a session")),
        verdict => Err(verdict.cause().expect("only an extra page or a refusal")),
    }
}

fn log_in(state: &mut OrgState) -> Result<(), CauseId> {
    let ask = |session, consent| {
        Event::Authorize(Authorize {
            caller: HERE,
            client: ClientFact::Known(AppId(0)),
            response_type_code: true,
            redirect_uri: Some(CALLBACK.to_owned()),
            challenge: ChallengeFact::Present,
            scope: None,
            immediate: false,
            session,
            consent,
            too_late: false,
        })
    };
    // A browser without a session is judged before the login page, too.
    if let Verdict::Refuse { cause, .. } = decide(state, &ask(None, None), NOW, &mut ()) {
        return Err(cause);
    }
    let session = session(state)?;
    let verdict = decide(state, &ask(Some(session), Some(true)), NOW, &mut ());
    let Verdict::Proceed { effects, .. } = verdict else {
        return Err(verdict.cause().expect("only an extra page or a refusal"));
    };
    let code = apply(state, &effects, NOW).code;
    step(
        state,
        &request(
            GrantKind::AuthorizationCode,
            Brings::Code {
                code,
                redirect_uri: Some(CALLBACK.to_owned()),
            },
        ),
    )
}

fn device(state: &mut OrgState) -> Result<(), CauseId> {
    let start = Event::DeviceStart(grantproof::model::DeviceStart {
        caller: HERE,
        post: true,
        client: ClientFact::Known(AppId(0)),
        scope: None,
    });
    step(state, &start)?;
    let device = Some(grantproof::model::DeviceId(state.devices.len() - 1));
    let session = session(state)?;
    let page = grantproof::model::DevicePage {
        caller: HERE,
        device,
        session: Some(session),
        consent: Some(true),
    };
    step(state, &Event::DevicePage(page))?;
    step(
        state,
        &request(GrantKind::Device, Brings::Device { device }),
    )
}

/// A healthy org in which all seven grants pass: the switch for password logins on an External Client App is on.
fn healthy() -> OrgState {
    let mut state = OrgState::healthy();
    set(
        &mut state,
        &Delta::new(Factor::UsernamePasswordOnEca, true),
        NOW,
    )
    .expect("a switch");
    state
}

fn names(list: &[&str]) -> Value {
    Value::Names(list.iter().map(|name| (*name).to_owned()).collect())
}

/// Settings that are wrong by themselves, with the cause at each grant that they touch.
fn flips() -> Vec<(Delta, Vec<(GrantKind, CauseId)>)> {
    use CauseId as C;
    use Factor as F;
    use GrantKind as G;
    let every = |cause| G::ALL.map(|grant| (grant, cause)).to_vec();
    let outside = names(&["203.0.113.0/28"]);
    vec![
        (Delta::new(F::AppEnabled, false), every(C::EcaDisabled)),
        (
            Delta::new(F::OauthPluginEnabled, false),
            every(C::OauthPluginDisabled),
        ),
        (Delta::new(F::AppDeleted, true), every(C::AppDeleted)),
        (
            Delta::new(F::AppBlocked, true),
            vec![
                (G::AuthorizationCode, C::AppBlocked),
                (G::Device, C::AppBlocked),
            ],
        ),
        (
            Delta::new(F::CallbackUrl, names(&["https://localhost/other"])),
            vec![(G::AuthorizationCode, C::CallbackMismatch)],
        ),
        (
            Delta::new(F::Certificate, "absent"),
            vec![(G::JwtBearer, C::JwtCertificateMissing)],
        ),
        (
            Delta::new(F::Certificate, "other"),
            vec![(G::JwtBearer, C::JwtCertificateMismatch)],
        ),
        (
            Delta::new(F::Certificate, "expired"),
            vec![(G::JwtBearer, C::JwtCertificateExpired)],
        ),
        (
            Delta::new(F::ClientCredentialsInSettings, false),
            vec![(G::ClientCredentials, C::CcOffInSettings)],
        ),
        (
            Delta::new(F::ClientCredentialsInPolicies, false),
            vec![(G::ClientCredentials, C::CcOffInPolicies)],
        ),
        (
            Delta::new(F::ClientCredentialsFlowUser, Value::Absent),
            vec![(G::ClientCredentials, C::CcRunAsMissing)],
        ),
        (
            Delta::new(F::ClientCredentialsFlowUser, "nobody@acme.test"),
            vec![(G::ClientCredentials, C::CcRunAsWrongValue)],
        ),
        (
            Delta::new(F::DeviceFlowEnabled, false),
            vec![(G::Device, C::DeviceFlowOff)],
        ),
        (
            Delta::new(F::TokenExchangeInSettings, false),
            vec![(G::TokenExchange, C::TxOffInSettings)],
        ),
        (
            Delta::new(F::TokenExchangeInPolicies, false),
            vec![(G::TokenExchange, C::TxOffInPolicies)],
        ),
        (
            Delta::new(F::TokenExchangeHandler, "not_enabled"),
            vec![(G::TokenExchange, C::TxHandlerNotEnabled)],
        ),
        (
            Delta::new(F::TokenExchangeHandler, "rejects"),
            vec![(G::TokenExchange, C::TxHandlerRejects)],
        ),
        (
            Delta::new(F::RefreshTokenPolicy, "Zero"),
            vec![(G::RefreshToken, C::RefreshPolicyZero)],
        ),
        (
            Delta::new(F::RefreshTokenIpAllowlist, outside.clone()),
            vec![(G::AuthorizationCode, C::RefreshIpAllowlist)],
        ),
        (
            Delta::new(F::UsernamePasswordBlocked, true),
            vec![(G::UsernamePassword, C::UsernamePasswordBlockedOrg)],
        ),
        (
            Delta::new(F::SsoOnlyLogin, true),
            vec![
                (G::UsernamePassword, C::SsoOnlyLogin),
                (G::AuthorizationCode, C::SsoOnlyLogin),
                (G::Device, C::SsoOnlyLogin),
            ],
        ),
        (
            Delta::new(F::MfaUiLogin, true),
            vec![
                (G::AuthorizationCode, C::MfaUiLogin),
                (G::Device, C::MfaUiLogin),
            ],
        ),
        (Delta::new(F::OrgApi, false), every(C::OrgWithoutApi)),
        (
            Delta::new(F::ApiRequestLimit, false),
            every(C::ApiRequestLimitExceeded),
        ),
        (
            Delta::new(F::UserPermissionSets, names(&[])).of("ana@acme.test"),
            vec![
                (G::JwtBearer, C::UserNotPreauthorized),
                (G::AuthorizationCode, C::UserNotPreauthorized),
            ],
        ),
        (
            Delta::new(F::UserPermissionSets, names(&[])).of("integration@acme.test"),
            vec![(G::ClientCredentials, C::CcRunAsNotPreauthorized)],
        ),
        (
            Delta::new(F::PermissionSetAssignment, "expired").of("ana@acme.test"),
            vec![
                (G::JwtBearer, C::PreauthPermsetInactive),
                (G::AuthorizationCode, C::PreauthPermsetInactive),
            ],
        ),
        (
            Delta::new(F::UserActive, false).of("ana@acme.test"),
            vec![
                (G::JwtBearer, C::UserInactive),
                (G::AuthorizationCode, C::UserInactive),
                (G::UsernamePassword, C::UserInactive),
            ],
        ),
        (
            Delta::new(F::UserFrozen, true).of("ana@acme.test"),
            vec![(G::JwtBearer, C::UserFrozen)],
        ),
        (
            Delta::new(F::UserLocked, true).of("ana@acme.test"),
            vec![
                (G::UsernamePassword, C::UserLocked),
                (G::AuthorizationCode, C::UserLocked),
            ],
        ),
        (
            Delta::new(F::PasswordExpired, true).of("ana@acme.test"),
            vec![(G::AuthorizationCode, C::PasswordExpired)],
        ),
        (
            Delta::new(F::LoginFlow, true).of("ana@acme.test"),
            vec![(G::AuthorizationCode, C::LoginFlowInterrupts)],
        ),
        (
            Delta::new(F::ApiEnabled, false).of("ana@acme.test"),
            vec![
                (G::AuthorizationCode, C::ApiEnabledMissing),
                (G::JwtBearer, C::ApiEnabledMissing),
            ],
        ),
        (
            Delta::new(F::ApiOnlyUser, true).of("ana@acme.test"),
            vec![(G::AuthorizationCode, C::IntegrationUserInteractive)],
        ),
        (
            Delta::new(F::MfaForApi, true).of("ana@acme.test"),
            vec![(G::UsernamePassword, C::MfaForApiLogins)],
        ),
        (
            Delta::new(F::LoginIpRanges, outside.clone()).of("ana@acme.test"),
            vec![(G::JwtBearer, C::ProfileIpJwtAlways)],
        ),
        (
            Delta::new(F::LoginIpRanges, outside).of("integration@acme.test"),
            vec![(G::ClientCredentials, C::CcRunAsUnusable)],
        ),
        (
            Delta::new(F::LoginHours, "never").of("ana@acme.test"),
            vec![(G::JwtBearer, C::LoginHoursRestricted)],
        ),
        (
            Delta::new(F::ProfileSessionLevel, "HIGH_ASSURANCE").of("ana@acme.test"),
            vec![
                (G::JwtBearer, C::ProfileSessionHighAssurance),
                (G::AuthorizationCode, C::ProfileSessionHighAssurance),
            ],
        ),
        (
            Delta::new(F::HomeOrg, "other").of("ana@acme.test"),
            vec![(G::AuthorizationCode, C::LocalAppCrossOrg)],
        ),
        (
            Delta::new(F::UserType, "External").of("integration@acme.test"),
            vec![(G::ClientCredentials, C::CcRunAsExternal)],
        ),
        (
            Delta::new(F::Scopes, "RefreshToken,OpenID"),
            vec![
                (G::AuthorizationCode, C::ScopeApiMissing),
                (G::JwtBearer, C::ScopeApiMissing),
            ],
        ),
        (
            Delta::new(F::Scopes, "Api,OpenID"),
            vec![
                (G::AuthorizationCode, C::ScopeRefreshMissing),
                (G::JwtBearer, C::ScopeRefreshMissingJwt),
            ],
        ),
        (
            Delta::new(F::Scopes, "Full,Web,RefreshToken"),
            vec![(G::ClientCredentials, C::ScopeCcNoneValid)],
        ),
        (Delta::new(F::Installed, false), vec![]),
    ]
}

#[test]
fn a_healthy_org_refuses_nothing() {
    for grant in GrantKind::ALL {
        assert_eq!(outcome(&mut healthy(), grant), None, "{grant}");
    }
}

#[test]
fn one_flipped_setting_is_named_and_flipped_back_passes() {
    for (delta, touched) in flips() {
        for (grant, cause) in touched {
            let mut state = healthy();
            let person = delta.person.as_deref().and_then(|name| state.person(name));
            let before =
                read(&state, delta.factor, person, NOW).expect("the factor is part of the state");
            set(&mut state, &delta, NOW).expect("the delta fits");
            assert_eq!(
                outcome(&mut state, grant),
                Some(cause),
                "{grant}: {delta:?}"
            );
            let mut state = healthy();
            set(&mut state, &delta, NOW).expect("the delta fits");
            set(
                &mut state,
                &Delta {
                    value: before,
                    ..delta.clone()
                },
                NOW,
            )
            .expect("the former value fits");
            assert_eq!(
                outcome(&mut state, grant),
                None,
                "{grant}: {delta:?} flipped back"
            );
        }
    }
}

/// Settings that change how a flow runs and keep none from passing.
fn harmless() -> impl Strategy<Value = Vec<Delta>> {
    let one = prop_oneof![
        any::<bool>().prop_map(|on| Delta::new(Factor::RefreshTokenRotation, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::PkceRequired, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::OrgPkceRequired, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::ConsumerSecretOptional, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::SecretRequiredForRefreshToken, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::NamedUserJwt, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::IntrospectAllTokens, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::EnforceIpEveryRequest, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::LockSessionsToIp, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::RefreshTokenIdleLimit, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::UseAnyApiClient, on)),
        any::<bool>().prop_map(|on| Delta::new(Factor::ApiAccessControl, on)),
        (1_i64..720).prop_map(|minutes| Delta::new(Factor::SessionTimeout, minutes)),
        (1_i64..720).prop_map(|days| Delta::new(Factor::RefreshTokenValidityPeriod, days)),
        prop_oneof![
            Just("Infinite"),
            Just("SpecificLifetime"),
            Just("SpecificInactivity")
        ]
        .prop_map(|word| Delta::new(Factor::RefreshTokenPolicy, word)),
        prop_oneof![
            Just("Enforce"),
            Just("Enforce_RelaxRefresh"),
            Just("Bypass_2factor"),
            Just("Bypass")
        ]
        .prop_map(|word| Delta::new(Factor::IpRelaxation, word)),
        prop_oneof![Just("LOW"), Just("STANDARD")]
            .prop_map(|word| Delta::new(Factor::RequiredSessionLevel, word)),
        prop_oneof![Just("Local"), Just("Packaged")]
            .prop_map(|word| Delta::new(Factor::DistributionState, word)),
        Just(Delta::new(Factor::LoginIpRanges, names(&["127.0.0.0/8"]))),
    ];
    proptest::collection::vec(one, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_harmless_policy_is_refused(deltas in harmless()) {
        let mut state = healthy();
        for delta in &deltas {
            set(&mut state, delta, NOW).expect("the delta fits");
        }
        for grant in GrantKind::ALL {
            prop_assert_eq!(outcome(&mut state.clone(), grant), None, "{}: {:?}", grant, deltas);
        }
    }
}
