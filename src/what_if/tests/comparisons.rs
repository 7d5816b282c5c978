//! Comparisons: what flips, for whom, and why.

use super::*;
use crate::factor::{Delta, Factor, Value as V};

fn all(before: &World, deltas: &[Delta]) -> Vec<Cell> {
    let mut changed = before.clone();
    for delta in deltas {
        set(&mut changed, delta).expect("the value fits");
    }
    compare(before, &changed, &GrantKind::ALL, None)
}

fn healthy() -> World {
    World::healthy(AppKind::ExternalClientApp)
}

fn flipped(cells: &[Cell]) -> Vec<(&str, &str, Flip)> {
    cells
        .iter()
        .filter(|cell| cell.flip != Flip::None)
        .map(|cell| (cell.grant, cell.user.as_str(), cell.flip))
        .collect()
}

#[test]
fn nothing_flips_where_nothing_changes() {
    let cells = all(&healthy(), &[]);
    assert!(flipped(&cells).is_empty());
    // The run-as user alone acts in client credentials, and logs in nowhere in a browser.
    let integration: Vec<&str> = cells
        .iter()
        .filter(|cell| cell.user == "integration")
        .map(|cell| cell.grant)
        .collect();
    assert_eq!(
        integration,
        [
            "client_credentials",
            "jwt_bearer",
            "username_password",
            "token_exchange"
        ]
    );
    assert!(table(&cells, true, 100).contains("Nothing flips."));
}

#[test]
fn a_flip_tells_the_check_that_decided() {
    let cells = all(
        &healthy(),
        &[
            Delta::new(Factor::OrgPkceRequired, true),
            Delta::new(Factor::PkceRequired, false),
            Delta::new(Factor::CodeChallenge, "absent"),
        ],
    );
    assert_eq!(
        flipped(&cells),
        [("authorization_code", "ana", Flip::Breaks)]
    );
    let why = cells[0].why.as_ref().expect("a reason");
    assert_eq!(why.cause, CauseId::PkceRequiredByOrg);
    assert_eq!(why.check, "org.isPkceRequired");
    assert_eq!(why.field, "OauthOidcSettings.isPkceRequired");
    assert_eq!(why.found, "no code_challenge");
    let text = table(&cells, true, 100);
    assert!(text.contains("authorization_code  ✓ → ✗ 1  -"), "{text}");
    assert!(
        text.contains(" 1  blocked by pkce_required_by_org\n"),
        "{text}"
    );
}

#[test]
fn what_was_blocked_is_mended_and_says_by_what() {
    let mut broken = healthy();
    set(&mut broken, &Delta::new(Factor::DeviceFlowEnabled, false)).expect("a flag");
    let cells = all(&broken, &[Delta::new(Factor::DeviceFlowEnabled, true)]);
    assert_eq!(flipped(&cells), [("device", "ana", Flip::Mends)]);
    let text = table(&cells, true, 100);
    assert!(
        text.contains("no longer blocked by device_flow_off"),
        "{text}"
    );
}

#[test]
fn a_missing_scope_is_silent_refused_or_leaves_no_token_to_try_with() {
    let scopes = V::Names(vec!["api".to_owned(), "openid".to_owned()]);
    let cells = all(&healthy(), &[Delta::new(Factor::Scopes, scopes)]);
    let state = |grant: &str| {
        let cell = cells
            .iter()
            .find(|cell| cell.grant == grant && cell.user == "ana");
        cell.map(|cell| (cell.after.state, cell.after.cause))
    };
    assert_eq!(
        state("authorization_code"),
        Some((Came::Lacking, Some(CauseId::ScopeRefreshMissing)))
    );
    assert_eq!(
        state("jwt_bearer"),
        Some((Came::Refused, Some(CauseId::ScopeRefreshMissingJwt)))
    );
    assert_eq!(
        state("refresh_token"),
        Some((Came::NotTried, Some(CauseId::ScopeRefreshMissing)))
    );
    assert_eq!(state("token_exchange"), Some((Came::Passes, None)));
}

#[test]
fn one_cause_may_take_the_place_of_another() {
    let mut broken = healthy();
    set(&mut broken, &Delta::new(Factor::ClientSecret, "wrong")).expect("a word");
    let cells = all(&broken, &[Delta::new(Factor::AppEnabled, false)]);
    let secret = cells
        .iter()
        .find(|cell| cell.grant == "client_credentials")
        .expect("a cell");
    assert_eq!(secret.flip, Flip::OtherCause);
    let text = table(&cells, true, 100);
    assert!(
        text.contains("blocked by eca_disabled in place of secret_wrong"),
        "{text}"
    );
}

#[test]
fn a_rotated_secret_finds_the_client_with_the_old_one() {
    let cells = all(&healthy(), &[Delta::new(Factor::ConsumerSecret, "rotated")]);
    let causes: Vec<Option<CauseId>> = cells
        .iter()
        .filter(|cell| cell.flip == Flip::Breaks)
        .map(|cell| cell.after.cause)
        .collect();
    assert!(causes.len() >= 4, "{causes:?}");
    assert!(
        causes
            .iter()
            .all(|cause| *cause == Some(CauseId::SecretRotated))
    );
}

#[test]
fn another_run_as_user_is_named_in_its_cell() {
    let mut changed = healthy();
    let delta = Delta::new(Factor::ClientCredentialsFlowUser, USER);
    set(&mut changed, &delta).expect("a user");
    let cells = compare(&healthy(), &changed, &[GrantKind::ClientCredentials], None);
    assert_eq!(cells.len(), 1);
    assert_eq!(cells[0].user, "integration → ana");
}

#[test]
fn users_who_fare_alike_share_a_column_and_wide_tables_break() {
    let mut world = healthy();
    for number in 0..12 {
        let name = format!("person-{number:02}@acme.test");
        world.org.people.push(crate::model::Person::healthy(name));
    }
    let mut changed = world.clone();
    let delta = Delta::new(Factor::UserFrozen, true).of("person-03@acme.test");
    set(&mut changed, &delta).expect("a flag");
    let cells = compare(&world, &changed, &[GrantKind::JwtBearer], None);
    assert_eq!(flipped(&cells), [("jwt_bearer", "person-03", Flip::Breaks)]);
    let text = table(&cells, true, 60);
    assert!(text.contains("person-02, person-04"), "{text}");
    let heads = text
        .lines()
        .filter(|line| line.contains("person-03"))
        .count();
    assert_eq!(heads, 1, "{text}");
}

#[test]
fn every_single_what_if_of_a_condition_flips_the_grants_of_its_cause() {
    let world = healthy();
    let wants: Vec<Want> = GrantKind::ALL
        .into_iter()
        .map(|grant| Want::new(grant, USER))
        .collect();
    let singles = singles(&world, &wants);
    let mut tried = 0;
    for row in CONDITIONS {
        let [Condition { factor, value }] = row.conditions else {
            continue;
        };
        // The setting alone decides nothing: the client must move, too.
        if row.cause == CauseId::LockSessionsToIp {
            continue;
        }
        let run_as = row.grants == [GrantKind::ClientCredentials];
        let of_another = factor.kind() == FactorKind::Person && run_as;
        let one = singles.iter().find(|one| {
            one.change.factor == *factor
                && one.change.value.to_string() == *value
                && (one.change.person.is_none()
                    || of_another == (one.change.person.as_deref() == Some(RUN_AS)))
        });
        let Some(one) = one.filter(|_| kind(row) == AppKind::ExternalClientApp) else {
            continue;
        };
        for grant in row.grants {
            let place = wants.iter().position(|want| want.grant == *grant);
            let flip = one.flips.iter().find(|(own, _)| Some(*own) == place);
            // The run-as user is another one than the user of the other grants.
            let apart = *grant == GrantKind::ClientCredentials
                && !of_another
                && factor.kind() == FactorKind::Person;
            assert!(flip.is_some() || apart, "{} {grant}", row_name(row));
        }
        tried += 1;
    }
    assert!(tried > 60, "{tried}");
}
