//! Every factor of app and org that metadata holds, every legal value, both kinds of app, both forms.

use std::ops::Range;

use proptest::prelude::*;

use super::super::super::fields;
use super::super::super::{
    Document, ElementId, FindingKind, Patch, Project, RecordType, Tree, Why,
};
use super::{app, eca, files, lines, names, project, read, samples, values};
use crate::cause::AppKind;
use crate::factor::{Delta, Factor, FactorKind, Value};

/// Legal values of a factor; for open ones some that try the layout.
fn legal(factor: Factor) -> Vec<Value> {
    match factor {
        Factor::IdTokenValidity => [1, 2, 5, 720].map(Value::Number).to_vec(),
        Factor::OrgSessionTimeout => [15, 30, 60, 120, 240, 480, 720, 1440]
            .map(Value::Number)
            .to_vec(),
        Factor::NamedUserJwtTimeout => [1, 5, 10, 15, 30, 60, 90, 120, 240, 480, 720]
            .map(Value::Number)
            .to_vec(),
        Factor::SessionTimeout => vec![Value::Absent, Value::Number(15), Value::Number(1440)],
        Factor::RefreshTokenValidityPeriod => [0, 1, 365, 9999].map(Value::Number).to_vec(),
        Factor::Scopes => vec![
            Value::Absent,
            names(&["Api"]),
            names(&["OpenID", "Api", "SFApiPlatform", "RefreshToken"]),
            names(&["Api", "Web", "RefreshToken", "OpenID", "Profile", "Full"]),
        ],
        Factor::TrustedIpRanges | Factor::NetworkAccess => vec![
            Value::Absent,
            names(&["192.0.2.1-192.0.2.1"]),
            names(&["203.0.113.0-203.0.113.15", "192.0.2.0-192.0.2.255"]),
            names(&["2001:db8::1-2001:db8::ff", "198.51.100.0-198.51.100.255"]),
        ],
        Factor::Certificate => vec!["absent".into()],
        Factor::TokenExchangeHandler => vec!["enabled".into(), "not_enabled".into()],
        _ => match factor.values() {
            "flag" => vec![true.into(), false.into()],
            "names" => vec![
                Value::Absent,
                names(&["https://one.example/cb"]),
                names(&["b <&> ü", "a"]),
                names(&[
                    "Harness_Read",
                    "Harness Integration",
                    "Harness_Oauth_Access",
                ]),
            ],
            "text" => vec![Value::Absent, "someone@example.com".into()],
            words => words.split('|').map(Value::from).collect(),
        },
    }
}

/// Other factors that one cannot change without: a switch that stands for two, a number that goes with its word, a record that holds them all.
fn goes_along(delta: &Delta, kind: AppKind, other: Factor) -> bool {
    let legacy = kind == AppKind::ConnectedApp;
    match delta.factor {
        Factor::ClientCredentialsInSettings => {
            legacy && other == Factor::ClientCredentialsInPolicies
        }
        Factor::ClientCredentialsInPolicies => {
            legacy && other == Factor::ClientCredentialsInSettings
        }
        Factor::RefreshTokenPolicy => matches!(
            other,
            Factor::RefreshTokenValidityPeriod | Factor::RefreshTokenValidityUnit
        ),
        Factor::PolicyRecord => {
            let field = other.field();
            delta.value == Value::Flag(false)
                && field.starts_with("ExtlClntAppOauthConfigurablePolicies")
        }
        _ => false,
    }
}

fn both(project: &Project, kind: AppKind) -> Vec<(Factor, Value)> {
    let mut all = values(&app(project, kind).known);
    all.extend(values(&project.org));
    all
}

#[test]
fn what_is_put_is_read_again_and_nothing_else_changes() {
    let mut written = [0, 0];
    for (kind, source) in [
        (AppKind::ExternalClientApp, true),
        (AppKind::ExternalClientApp, false),
        (AppKind::ConnectedApp, true),
        (AppKind::ConnectedApp, false),
    ] {
        let folder = project(source);
        let before = read(folder.path());
        for factor in Factor::ALL.iter().copied() {
            if !matches!(factor.kind(), FactorKind::App | FactorKind::Org) {
                continue;
            }
            for value in legal(factor) {
                let delta = Delta::new(factor, value);
                let patch =
                    match Patch::of(&before, app(&before, kind), std::slice::from_ref(&delta)) {
                        Ok(patch) => patch,
                        Err(unwritable) => {
                            let held = both(&before, kind)
                                .iter()
                                .any(|(known, _)| *known == factor);
                            let alone = matches!(unwritable[0].why, Why::NotSaid(_));
                            assert!(!held || alone, "{delta:?}: {unwritable:?}");
                            continue;
                        }
                    };
                patch.apply().unwrap();
                let after = read(folder.path());
                check(&before, &after, kind, &delta);
                stays_inside(&patch, &delta);
                undo(&patch);
                written[usize::from(source)] += 1;
            }
        }
    }
    assert!(written.iter().all(|count| *count > 240), "{written:?}");
    assert_eq!(written[0], written[1]);
}

/// Puts the files back.
fn undo(patch: &Patch) {
    for change in patch.files() {
        match change.before() {
            Some(octets) => std::fs::write(change.path(), octets).unwrap(),
            None => std::fs::remove_file(change.path()).unwrap(),
        }
    }
}

/// Every element but those that decide the factor is as it was, and so is every line but theirs.
fn stays_inside(patch: &Patch, delta: &Delta) {
    for change in patch.files() {
        let (Some(before), Some(after)) = (change.before(), change.after()) else {
            continue;
        };
        let own = |path: &str| match delta.factor {
            Factor::RefreshTokenPolicy
            | Factor::RefreshTokenValidityPeriod
            | Factor::RefreshTokenValidityUnit => path.contains("efreshToken"),
            Factor::NamedUserJwtTimeout => path.contains("namedUserJwt"),
            Factor::TokenExchangeHandler => path.contains("enablements"),
            // The group is made with it.
            Factor::IdTokenValidity if change.kind() == RecordType::ConnectedApp => {
                path.contains("idTokenConfig")
            }
            factor => {
                let held = fields::holding(change.kind(), factor).unwrap();
                let names: Vec<&str> = held.iter().map(|field| field.name).collect();
                path.starts_with(&names.join("."))
            }
        };
        assert_eq!(without(before, &own), without(after, &own), "{delta:?}");
        let text = |octets| std::str::from_utf8(octets).unwrap();
        let (before, after) = (text(before), text(after));
        let ends = |text: &str| {
            (
                text.contains("\r\n"),
                text.replace("\r\n", "").contains('\n'),
            )
        };
        assert_eq!(ends(before), ends(after), "{delta:?}");
    }
}

/// The lines of a file without some elements, and without the lines that these leave empty.
fn without(octets: &[u8], own: &impl Fn(&str) -> bool) -> Vec<String> {
    let document = Document::parse(octets.to_vec()).unwrap();
    let mut cut = octets.to_vec();
    let mut ranges = Vec::new();
    ranges_of(
        document.tree(),
        document.tree().root(),
        "",
        own,
        &mut ranges,
    );
    for range in ranges.into_iter().rev() {
        cut.drain(range);
    }
    String::from_utf8(cut)
        .unwrap()
        .split_inclusive('\n')
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

fn ranges_of(
    tree: &Tree,
    id: ElementId,
    path: &str,
    own: &impl Fn(&str) -> bool,
    into: &mut Vec<Range<usize>>,
) {
    for (child, element) in tree.children(id) {
        let path = if path.is_empty() {
            element.name().to_owned()
        } else {
            format!("{path}.{}", element.name())
        };
        if own(&path) {
            into.push(element.spans.whole.clone());
        } else {
            ranges_of(tree, child, &path, own, into);
        }
    }
}

fn check(before: &Project, after: &Project, kind: AppKind, delta: &Delta) {
    let was = both(before, kind);
    let is = both(after, kind);
    let value = |all: &[(Factor, Value)], factor| {
        all.iter()
            .find(|(known, _)| *known == factor)
            .map(|(_, value)| value.clone())
    };
    let now = value(&is, delta.factor);
    // No file says that an app is not blocked.
    let unblocked = delta.factor == Factor::AppBlocked && delta.value == Value::Flag(false);
    if !unblocked {
        assert_eq!(now.as_ref(), Some(&delta.value), "{kind:?} {delta:?}");
    }
    for factor in Factor::ALL.iter().copied() {
        if factor != delta.factor && !goes_along(delta, kind, factor) {
            assert_eq!(
                value(&was, factor),
                value(&is, factor),
                "{delta:?} {factor:?}"
            );
        }
    }
    let other = match kind {
        AppKind::ConnectedApp => AppKind::ExternalClientApp,
        AppKind::ExternalClientApp => AppKind::ConnectedApp,
    };
    assert_eq!(
        values(&app(before, other).known),
        values(&app(after, other).known),
        "{delta:?}"
    );
    let findings = |project: &Project| {
        let mut kinds: Vec<_> = project.findings.iter().map(|one| one.kind).collect();
        kinds.retain(|kind| *kind != FindingKind::MissingRecord);
        kinds
    };
    assert_eq!(findings(before), findings(after), "{delta:?}");
}

#[test]
fn a_switch_of_any_sample_changes_its_own_line() {
    let before = read(&samples());
    let mut changed = 0;
    for app in &before.apps {
        for (factor, value) in values(&app.known) {
            let Value::Flag(flag) = value else {
                continue;
            };
            if factor == Factor::PolicyRecord {
                continue;
            }
            let delta = Delta::new(factor, !flag);
            let patch = Patch::of(&before, app, &[delta]).unwrap();
            // Two records of one type are changed alike.
            assert!(patch.files().count() <= 2);
            for file in patch.files() {
                let (gone, come) = lines(&file.diff());
                assert_eq!(come.len(), 1, "{}", file.diff());
                assert!(gone.len() <= 1, "{}", file.diff());
                let element = come[0].trim();
                assert!(element.ends_with('>') && element.contains(&(!flag).to_string()));
                if let Some(gone) = gone.first() {
                    let set = gone.replace(&flag.to_string(), &(!flag).to_string());
                    assert_eq!(set, come[0]);
                }
            }
            let back = Patch::of(&before, app, &[Delta::new(factor, flag)]).unwrap();
            assert!(back.is_empty());
            changed += 1;
        }
    }
    assert!(changed > 400, "{changed}");
    assert!(files(&samples()).len() > 150);
}

#[test]
fn several_values_go_into_one_file_together() {
    let folder = project(true);
    let before = read(folder.path());
    let deltas = [
        Delta::new(Factor::IpRelaxation, "Bypass"),
        Delta::new(Factor::PermittedUsers, "AdminApprovedPreAuthorized"),
        Delta::new(Factor::RefreshTokenPolicy, "SpecificInactivity"),
        Delta::new(Factor::RefreshTokenValidityPeriod, 30),
        Delta::new(Factor::RefreshTokenValidityUnit, "Hours"),
        Delta::new(Factor::SelectedPermissionSets, names(&["One", "Two"])),
    ];
    let patch = Patch::of(&before, eca(&before), &deltas).unwrap();
    assert_eq!(patch.files().count(), 1);
    let (gone, come) = lines(&patch.diff());
    assert_eq!((gone.len(), come.len()), (5, 6), "{}", patch.diff());
    patch.apply().unwrap();
    let after = read(folder.path());
    for delta in &deltas {
        let (value, _) = eca(&after).known.value(delta.factor).unwrap();
        assert_eq!(*value, delta.value);
    }
}

/// Every legal change of app and org.
fn all_legal() -> Vec<Delta> {
    let factors = Factor::ALL.iter().copied();
    factors
        .filter(|factor| matches!(factor.kind(), FactorKind::App | FactorKind::Org))
        .flat_map(|factor| {
            let values = legal(factor).into_iter();
            values.map(move |value| Delta::new(factor, value))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any changes together: all of them are read again, or each that is not written is named and nothing is.
    #[test]
    fn changes_hold_together_or_are_named(
        picked in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
        legacy in any::<bool>(),
        source in any::<bool>(),
    ) {
        let kind = if legacy { AppKind::ConnectedApp } else { AppKind::ExternalClientApp };
        let all = all_legal();
        let mut deltas: Vec<Delta> = Vec::new();
        for delta in picked.iter().map(|index| index.get(&all)) {
            if deltas.iter().all(|other| other.factor != delta.factor) {
                deltas.push(delta.clone());
            }
        }
        let folder = project(source);
        let before = read(folder.path());
        match Patch::of(&before, app(&before, kind), &deltas) {
            Ok(patch) => {
                patch.apply().unwrap();
                let is = both(&read(folder.path()), kind);
                for delta in deltas {
                    let unblocked = delta.factor == Factor::AppBlocked;
                    prop_assert!(unblocked || is.contains(&(delta.factor, delta.value.clone())), "{delta:?}");
                }
            }
            Err(unwritable) => {
                for one in unwritable {
                    prop_assert!(deltas.contains(one.delta.as_ref().unwrap()));
                    prop_assert!(!matches!(one.why, Why::File { .. } | Why::Edit(_) | Why::NoElement), "{one:?}");
                }
            }
        }
    }
}
