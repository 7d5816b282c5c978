//! Nobody is accused without a refusal: healthy policies of any make, answers that never came, answers outside the protocol, a person who
//! presses Deny, flows that give no refresh token.

use std::time::Duration;

use grantproof::cause::{AppKind, CauseId, Condition, entry};
use grantproof::diagnosis::diagnose;
use grantproof::evidence::{Facts, Observation, Seen, from_ran};
use grantproof::exchange::{Endpoint, Fault};
use grantproof::factor::{Delta, Factor, Known};
use grantproof::grant::Breach;
use grantproof::oauth::GrantKind;
use grantproof::world::World;
use proptest::prelude::*;

fn seen(world: &World) -> Vec<Observation> {
    world
        .run_all()
        .iter()
        .flat_map(|ran| from_ran(ran, world.kind()))
        .collect()
}

/// Policies that change how flows run and keep none from passing.
fn harmless() -> impl Strategy<Value = Vec<Delta>> {
    let flag = |factor| any::<bool>().prop_map(move |on| Delta::new(factor, on));
    let word = |factor: Factor, words: &'static [&'static str]| {
        proptest::sample::select(words).prop_map(move |word| Delta::new(factor, word))
    };
    let one = prop_oneof![
        flag(Factor::RefreshTokenRotation),
        flag(Factor::PkceRequired),
        flag(Factor::OrgPkceRequired),
        flag(Factor::ConsumerSecretOptional),
        flag(Factor::SecretRequiredForRefreshToken),
        flag(Factor::NamedUserJwt),
        flag(Factor::IntrospectAllTokens),
        flag(Factor::EnforceIpEveryRequest),
        flag(Factor::LockSessionsToIp),
        flag(Factor::RefreshTokenIdleLimit),
        flag(Factor::UseAnyApiClient),
        flag(Factor::ApiAccessControl),
        (1_i64..720).prop_map(|minutes| Delta::new(Factor::SessionTimeout, minutes)),
        (1_i64..720).prop_map(|days| Delta::new(Factor::RefreshTokenValidityPeriod, days)),
        word(
            Factor::RefreshTokenPolicy,
            &["Infinite", "SpecificLifetime", "SpecificInactivity"]
        ),
        word(
            Factor::IpRelaxation,
            &[
                "Enforce",
                "Enforce_RelaxRefresh",
                "Bypass_2factor",
                "Bypass"
            ]
        ),
        word(Factor::RequiredSessionLevel, &["LOW", "STANDARD"]),
        word(Factor::DistributionState, &["Local", "Packaged"]),
        word(
            Factor::Scopes,
            &["Api,RefreshToken,OpenID", "Full,RefreshToken,OpenID,Api"]
        ),
    ];
    proptest::collection::vec(one, 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_healthy_policy_is_accused(deltas in harmless(), connected in any::<bool>()) {
        let kind = if connected { AppKind::ConnectedApp } else { AppKind::ExternalClientApp };
        let mut world = World::healthy(kind);
        for delta in &deltas {
            world.set(delta).expect("the delta fits");
        }
        let found = diagnose(&seen(&world), &Known::new());
        prop_assert!(found.is_empty(), "{deltas:?}: {:?}", found.named().collect::<Vec<_>>());
    }
}

fn observation(grant: GrantKind, at: Endpoint, seen: Seen) -> Observation {
    Observation {
        grant: Some(grant),
        host: None,
        app_kind: Some(AppKind::ExternalClientApp),
        endpoint: Some(at),
        seen,
        at: None,
        facts: Facts::default(),
    }
}

#[test]
fn an_answer_that_never_came_accuses_nobody() {
    for grant in GrantKind::ALL {
        let timeout = Seen::Silence {
            fault: Fault::Timeout {
                authority: "acme.my.localhost:443".to_owned(),
                after: Duration::from_secs(30),
            },
        };
        let html = Seen::OffProtocol {
            breach: Breach::Status { status: 502 },
        };
        for seen in [timeout, html] {
            let found = diagnose(&[observation(grant, Endpoint::Token, seen)], &Known::new());
            assert!(found.is_unexplained(), "{grant}: {:?}", found.candidates);
            assert!((found.unexplained - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn a_person_who_denies_is_no_policy() {
    let mut world = World::healthy(AppKind::ExternalClientApp);
    for (factor, value) in [
        (Factor::PermittedUsers, "AllSelfAuthorized"),
        (Factor::Consent, "Deny"),
    ] {
        world
            .put(&Condition { factor, value }, None)
            .expect("a word of the table");
    }
    for grant in [GrantKind::AuthorizationCode, GrantKind::Device] {
        let ran = world.run(grant, &mut ());
        let found = diagnose(&from_ran(&ran, world.kind()), &Known::new());
        let first = found.candidates.first().expect("somebody is named");
        assert_eq!(first.cause, CauseId::UserDeniedConsent, "{grant}");
        for one in &found.candidates {
            let locus = entry(one.cause).locus;
            assert!(
                !matches!(locus, "app_setting" | "app_policy" | "org_setting"),
                "{grant}: {} is accused",
                one.cause
            );
        }
    }
}
