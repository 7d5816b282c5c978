//! Trees: what each part shows, and that relevance is what running finds.

use super::*;
use crate::factor::{Delta, Factor};

fn row_of(cause: CauseId) -> &'static Modelled {
    CONDITIONS
        .iter()
        .find(|row| row.cause == cause)
        .expect("the cause is modelled")
}

fn tree_of(cause: CauseId, grant: GrantKind) -> Tree {
    tree(&broken(row_of(cause)), &Want::new(grant, USER))
}

#[test]
fn every_cause_stands_at_one_failed_check_of_the_tree_of_its_grant() {
    for row in CONDITIONS {
        let world = broken(row);
        for want in wants(row) {
            let tree = tree(&world, &want);
            let told: Vec<&CheckNode> = tree
                .stages
                .iter()
                .flat_map(|stage| &stage.checks)
                .filter(|check| matches!(check.state, State::Failed | State::Lacking))
                .collect();
            let [check] = told[..] else {
                // A use that fails at REST and at userinfo fails twice.
                assert!(
                    row.shows == Shows::InUse && told.iter().all(|one| one.cause == row.cause),
                    "{} {}: {told:#?}",
                    row_name(row),
                    want.grant
                );
                continue;
            };
            assert_eq!(check.cause, row.cause, "{}", want.grant);
            let state = match row.shows {
                Shows::Silent => State::Lacking,
                Shows::Refused | Shows::InUse => State::Failed,
            };
            assert_eq!(check.state, state, "{} {}", row_name(row), want.grant);
            assert!(check.is_relevant(), "{} {}", row_name(row), want.grant);
        }
    }
}

#[test]
fn a_factor_is_relevant_where_and_only_where_another_value_alone_changes_the_outcome() {
    for cause in [
        CauseId::UserNotPreauthorized,
        CauseId::ScopeRefreshMissing,
        CauseId::ApiEnabledMissing,
        CauseId::SecretWrong,
    ] {
        let row = row_of(cause);
        let world = broken(row);
        for want in wants(row) {
            let tree = tree(&world, &want);
            let actor = want.actor(&world);
            let base = Outcome::of(&world, &want, &want.run(&world).0);
            let nodes: Vec<&FactorNode> = tree
                .stages
                .iter()
                .flat_map(|stage| &stage.checks)
                .flat_map(|check| &check.factors)
                .collect();
            for factor in Factor::ALL {
                let changing: Vec<(String, Outcome)> = others(&world, *factor, actor.as_deref())
                    .into_iter()
                    .map(|delta: Delta| {
                        let changed = after(&world, [&Change::Set(delta.clone())]);
                        (
                            say(&delta),
                            Outcome::of(&changed, &want, &want.run(&changed).0),
                        )
                    })
                    .filter(|(_, outcome)| *outcome != base)
                    .collect();
                let mut of_it = nodes.iter().filter(|node| node.factor == name(*factor));
                match of_it.next() {
                    Some(node) => {
                        let told: Vec<(String, Outcome)> = node
                            .turns
                            .iter()
                            .map(|turn| (turn.change.clone(), turn.outcome.clone()))
                            .collect();
                        assert_eq!(told, changing, "{factor:?}");
                        assert_eq!(node.relevant, !changing.is_empty());
                    }
                    // What changes the outcome hangs somewhere.
                    None => assert!(changing.is_empty(), "{factor:?} at {}", want.grant),
                }
            }
        }
    }
}

#[test]
fn in_a_healthy_world_every_check_passed_and_the_uses_are_stages() {
    for kind in [AppKind::ExternalClientApp, AppKind::ConnectedApp] {
        for grant in GrantKind::ALL {
            let tree = tree(&World::healthy(kind), &Want::new(grant, USER));
            assert_eq!(tree.state, State::Passed, "{grant}");
            for stage in &tree.stages {
                assert_eq!(stage.state, State::Passed, "{grant} {stage:?}");
                let place = (stage.at, stage.stage);
                let twins = tree
                    .stages
                    .iter()
                    .filter(|other| (other.at, other.stage) == place);
                assert_eq!(twins.count(), 1, "{grant} {place:?}");
            }
            for use_of_it in [Endpoint::Rest, Endpoint::Userinfo] {
                assert!(tree.stages.iter().any(|stage| stage.at == use_of_it));
            }
        }
    }
}

#[test]
fn what_lies_behind_a_failure_is_shown_as_not_reached() {
    let tree = tree_of(CauseId::UserNotPreauthorized, GrantKind::AuthorizationCode);
    let state = |at: Endpoint, stage: &str| {
        tree.stages
            .iter()
            .find(|node| node.at == at && node.stage == stage)
            .map(|node| node.state)
    };
    assert_eq!(state(Endpoint::Authorize, "client"), Some(State::Passed));
    assert_eq!(state(Endpoint::Authorize, "admission"), Some(State::Failed));
    assert_eq!(
        state(Endpoint::Authorize, "session"),
        Some(State::NotReached)
    );
    assert_eq!(state(Endpoint::Token, "grant"), Some(State::NotReached));
    assert_eq!(state(Endpoint::Rest, "use"), Some(State::NotReached));
}

#[test]
fn a_page_that_the_person_answers_did_not_fail() {
    let mut world = broken(row_of(CauseId::MfaUiLogin));
    world.client.verifies = true;
    let tree = tree(&world, &Want::new(GrantKind::AuthorizationCode, USER));
    assert_eq!(tree.state, State::Passed);
    let page = tree
        .stages
        .iter()
        .flat_map(|stage| &stage.checks)
        .find(|check| check.cause == CauseId::MfaUiLogin)
        .expect("the page is in the tree");
    assert_eq!(page.found, "true; the person answered the page");
}

#[test]
fn the_text_tells_the_failed_check_and_what_passes() {
    let text = tree_of(CauseId::ApiEnabledMissing, GrantKind::JwtBearer).to_text(100);
    assert!(text.starts_with("✗ jwt_bearer, ana: rest refuses: api_enabled_missing\n"));
    for line in [
        "found        false",
        "needed       true",
        "passes with  apiEnabled@ana=true",
    ] {
        assert!(text.contains(line), "{text}");
    }
    for line in text.lines() {
        assert!(
            line.chars().count() <= 100 && line == line.trim_end(),
            "{line}"
        );
    }
    let refused = tree_of(CauseId::EcaDisabled, GrantKind::ClientCredentials).to_text(80);
    assert!(refused.contains("  · rest      use\n"), "{refused}");
}

#[test]
fn two_blockers_in_a_row_say_where_each_step_leads() {
    let mut world = broken(row_of(CauseId::EcaDisabled));
    put(&mut world, row_of(CauseId::SecretWrong));
    let tree = tree(&world, &Want::new(GrantKind::ClientCredentials, USER));
    let text = tree.to_text(100);
    assert!(
        text.contains("leads on     isEnabled=true (token refuses: secret_wrong)"),
        "{text}"
    );
}
