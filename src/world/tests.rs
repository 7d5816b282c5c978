use std::collections::BTreeSet;

use super::*;
use crate::cause::{CONDITIONS, CauseId, Modelled, Shows};
use crate::oauth::GrantKind;

/// The kind of app that a row is about.
fn kinds(row: &Modelled) -> Vec<AppKind> {
    match row.cause {
        CauseId::ConnectedAppUninstalled | CauseId::DeviceBlockedUninstalled => {
            vec![AppKind::ConnectedApp]
        }
        CauseId::CcWrongHost | CauseId::LoginHostWrongEnvironment => {
            vec![AppKind::ExternalClientApp, AppKind::ConnectedApp]
        }
        CauseId::MyDomainHostRequired | CauseId::MydomainOnlyLogin => vec![AppKind::ConnectedApp],
        _ => vec![AppKind::ExternalClientApp],
    }
}

#[test]
fn in_a_healthy_world_every_grant_passes() {
    for kind in [AppKind::ExternalClientApp, AppKind::ConnectedApp] {
        for ran in World::healthy(kind).run_all() {
            assert!(ran.passes(), "{kind:?}: {ran:?}");
        }
    }
}

#[test]
fn each_condition_makes_its_cause_at_each_of_its_grants() {
    let mut wrong = BTreeSet::new();
    for row in CONDITIONS {
        for kind in kinds(row) {
            let mut world = World::healthy(kind);
            // The first condition is the wrong one and is put last, on what the others prepare.
            for condition in row.conditions.iter().rev() {
                world.put(condition, None).expect("a condition can hold");
            }
            let grants = if row.grants.is_empty() {
                &[GrantKind::JwtBearer][..]
            } else {
                row.grants
            };
            for grant in grants {
                let ran = world.run(*grant, &mut ());
                let causes: Vec<_> = match row.shows {
                    Shows::Refused => ran.end.cause().into_iter().collect(),
                    Shows::Silent => match &ran.end {
                        End::Granted { lacking } => lacking.clone(),
                        _ => Vec::new(),
                    },
                    Shows::InUse => ran
                        .uses
                        .iter()
                        .filter_map(|used| used.end.cause())
                        .collect(),
                };
                if !causes.contains(&row.cause) {
                    wrong.insert(format!("{} {kind:?} {grant}: {ran:?}", row.cause));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

#[test]
fn the_last_check_of_a_refused_grant_failed_and_names_the_cause() {
    for row in CONDITIONS.iter().filter(|row| row.shows == Shows::Refused) {
        for kind in kinds(row) {
            let mut world = World::healthy(kind);
            for condition in row.conditions.iter().rev() {
                world.put(condition, None).expect("a condition can hold");
            }
            for grant in row.grants {
                let mut checks = Checks::default();
                let ran = world.run(*grant, &mut checks);
                let last = checks.made.last().expect("a check was made");
                assert!(!last.row.passed, "{} {grant}: {last:?}", row.cause);
                assert_eq!(Some(last.row.cause), ran.end.cause(), "{grant}: {last:?}");
                assert!(
                    matches!(ran.end, End::Refused { at, .. } | End::Page { at, .. } if at == last.at)
                );
                let others = checks.made.iter().filter(|made| !made.row.passed).count();
                assert!(others == 1, "{} {grant}: {checks:?}", row.cause);
            }
        }
    }
}

#[test]
fn an_app_that_is_not_yet_known_becomes_known() {
    let mut world = World::healthy(AppKind::ExternalClientApp);
    world
        .set(&Delta::new(Factor::AppAge, "minutes"))
        .expect("a word");
    let ran = world.run(GrantKind::JwtBearer, &mut ());
    assert_eq!(ran.cause(), Some(CauseId::AppNotPropagated));
    world
        .set(&Delta::new(Factor::AppAge, "old"))
        .expect("a word");
    assert!(world.run(GrantKind::JwtBearer, &mut ()).passes());
}

#[test]
fn a_world_of_what_is_known_has_a_client_that_does_right_by_it() {
    let mut known = Known::new();
    let set = |values: &[&str]| Value::Names(values.iter().map(|one| (*one).to_owned()).collect());
    for (factor, value) in [
        (Factor::CallbackUrl, set(&["https://app.example.com/cb"])),
        (Factor::SelectedPermissionSets, set(&["Billing"])),
        (
            Factor::ClientCredentialsFlowUser,
            "robot@example.com".into(),
        ),
        (Factor::MfaUiLogin, true.into()),
        (Factor::LoginIpRanges, set(&["10.1.0.0/16"])),
    ] {
        known.learn(factor, value, crate::factor::Provenance::Declared);
    }
    for ran in World::with(AppKind::ExternalClientApp, &known).run_all() {
        assert!(ran.passes(), "{ran:?}");
    }
}
