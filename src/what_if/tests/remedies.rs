//! Every cause has a remedy, and the table of factors beside a cause leaves none out.

use super::*;
use crate::factor::Factor;
use crate::what_if::acts::acts;
use crate::what_if::change::after;
use crate::what_if::remedy::{Effect, effect};

#[test]
fn every_modelled_cause_has_one_act_that_lets_its_flow_pass_or_a_reason_why_none_does() {
    let mut without = Vec::new();
    for row in CONDITIONS {
        let world = broken(row);
        for want in wants(row) {
            let problem = want
                .problem(&world)
                .unwrap_or_else(|| panic!("{} {}", row_name(row), want.grant));
            assert_eq!(problem.cause, row.cause, "{} {}", row_name(row), want.grant);
            let found = remedies(&world, &problem, &want);
            let passing = found
                .iter()
                .find(|remedy| want.passes(&after(&world, [&remedy.change])));
            match no_setting_helps(row.cause) {
                None if passing.is_none() => {
                    without.push(format!("{} {}: {found:#?}", row_name(row), want.grant));
                }
                Some(_) if !found.is_empty() => {
                    without.push(format!(
                        "{}: no setting helps, but {found:?}",
                        row_name(row)
                    ));
                }
                _ => {}
            }
        }
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn no_act_of_another_factor_lifts_a_cause() {
    let mut missed = Vec::new();
    for row in CONDITIONS {
        if no_setting_helps(row.cause).is_some() {
            continue;
        }
        let world = broken(row);
        for want in wants(row) {
            let problem = want.problem(&world).expect("a row stands in the way");
            let found = remedies(&world, &problem, &want);
            let before = want.run(&world).1;
            for factor in Factor::ALL {
                for act in acts(&world, *factor, &want) {
                    let known = found.iter().any(|one| one.change == act.change);
                    if !known
                        && effect(&before, &problem, &want, &after(&world, [&act.change]))
                            == Effect::Lifts
                    {
                        missed.push(format!("{} {}: {}", row_name(row), want.grant, act.does));
                    }
                }
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{}:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn remedies_go_from_narrow_to_wide() {
    let world = broken(row_of(CauseId::UserNotPreauthorized));
    let want = Want::new(GrantKind::AuthorizationCode, USER);
    let problem = want.problem(&world).expect("the user is not listed");
    let found = remedies(&world, &problem, &want);
    let does: Vec<&str> = found.iter().map(|remedy| remedy.does.as_str()).collect();
    assert_eq!(
        does,
        [
            "assign the permission set Harness_Access to ana",
            "give ana the permission Use Any API Client",
            "select the profile Standard User in the app",
            "let all users self-authorize",
        ]
    );
    assert_eq!(found[0].loosens, "one user more may use the app: ana");
    assert_eq!(found[3].loosens, "all users may authorize themselves");
    // JWT bearer needs an earlier approval then: the switch alone does not let it pass.
    let want = Want::new(GrantKind::JwtBearer, USER);
    let problem = want.problem(&world).expect("the user is not listed");
    assert_eq!(remedies(&world, &problem, &want), found[..3]);
}

#[test]
fn an_address_in_the_profile_comes_before_no_address_at_all() {
    let world = broken(row_of(CauseId::ProfileIpAppEnforce));
    let want = Want::new(GrantKind::AuthorizationCode, USER);
    let problem = want.problem(&world).expect("the address is outside");
    let found = remedies(&world, &problem, &want);
    assert_eq!(
        found[0].does,
        "add 203.0.113.9 to the login IP ranges of the profile Standard User"
    );
    let last = found.last().expect("several remedies");
    assert_eq!(last.loosens, "no address is checked for this app");
    // JWT bearer always enforces the ranges: the app cannot relax them.
    let want = Want::new(GrantKind::JwtBearer, USER);
    let problem = want.problem(&world).expect("the address is outside");
    assert_eq!(remedies(&world, &problem, &want).len(), 1);
}

#[test]
fn a_client_that_errs_is_told_what_to_send_and_nothing_opens() {
    for cause in [
        CauseId::PkceRequiredByOrg,
        CauseId::SecretWrong,
        CauseId::RefreshRevoked,
        CauseId::MfaUiLogin,
    ] {
        let row = row_of(cause);
        let world = broken(row);
        let want = &wants(row)[0];
        let problem = want.problem(&world).expect("a row stands in the way");
        let first = &remedies(&world, &problem, want)[0];
        assert_eq!(first.breadth, Breadth::Nothing, "{cause}");
        assert!(first.loosens.starts_with("nothing: "), "{cause}");
    }
    let row = row_of(CauseId::PkceRequiredByOrg);
    let (world, want) = (broken(row), &wants(row)[0]);
    let problem = want.problem(&world).expect("PKCE is required");
    let last = remedies(&world, &problem, want).pop().expect("a remedy");
    assert_eq!(last.breadth, Breadth::Org);
}

fn row_of(cause: CauseId) -> &'static Modelled {
    CONDITIONS
        .iter()
        .find(|row| row.cause == cause)
        .expect("the cause is modelled")
}

#[test]
fn a_problem_tells_the_check_that_found_it() {
    let row = row_of(CauseId::EcaDisabled);
    let problem = wants(row)[0].problem(&broken(row)).expect("it is off");
    assert_eq!(problem.factor, Factor::AppEnabled);
    assert_eq!((problem.found.as_str(), problem.needed), ("false", "true"));
    assert_eq!(problem.shows, Shows::Refused);
}
