//! Profiles and permission sets. The model keeps rights with the person; records keep them in sets. A profile's own set holds what all its
//! people have in common, and whoever has more is assigned a set of their own, for rights only add.

use std::collections::BTreeSet;

use super::super::View;
use super::super::ids::{self, Kind};
use super::super::soql::Cell;
use crate::cause::AppKind;
use crate::model::{Assignment, HomeOrg, Person, UserType};
use crate::org::directory::PersonRecord;

/// Rights in the order of the columns of `PermissionSet`.
pub(super) type Rights = [bool; 9];

/// The users of this org; the user of another org has no record here.
pub(super) fn users<'a>(view: &View<'a>) -> impl Iterator<Item = (&'a Person, &'a PersonRecord)> {
    view.state
        .people
        .iter()
        .zip(&view.directory.people)
        .filter(|(person, _)| person.home_org == HomeOrg::Own)
}

/// Names of profiles, of users and in policies.
pub(super) fn profiles<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let of_users = users(view).map(|(person, _)| person.profile.as_str());
    let of_apps = view
        .state
        .apps
        .iter()
        .flat_map(|app| &app.settings.latest().selected_profiles)
        .map(String::as_str);
    of_users.chain(of_apps).collect()
}

/// Whether every user of a profile is API only, which stands for the integration licence.
pub(super) fn is_integration(view: &View<'_>, profile: &str) -> bool {
    let mut of_profile = users(view).filter(|(person, _)| person.profile == profile);
    let first = of_profile.next();
    first.is_some_and(|(person, _)| person.api_only)
        && of_profile.all(|(person, _)| person.api_only)
}

/// `User.UserType`. The word for site users is one of several; assumed.
pub(super) const fn user_type(person: &Person) -> &'static str {
    match person.user_type {
        UserType::Standard => "Standard",
        UserType::External => "PowerCustomerSuccess",
    }
}

pub(super) fn profile_id(name: &str) -> String {
    ids::named(Kind::Profile, name)
}

pub(super) fn license_id(name: &str) -> String {
    ids::named(Kind::UserLicense, name)
}

/// The set that a profile owns.
fn owned_id(profile: &str) -> String {
    ids::named(Kind::PermissionSet, &format!("profile {profile}"))
}

fn set_id(name: &str) -> String {
    ids::named(Kind::PermissionSet, name)
}

fn extra_name(record: &PersonRecord) -> String {
    format!("Rights_of_{}", record.id)
}

fn rights(person: &Person, record: &PersonRecord) -> Rights {
    [
        person.api_enabled,
        person.api_only,
        person.approve_uninstalled_apps,
        person.mfa_for_ui,
        person.mfa_for_api,
        record.administrator,
        record.administrator,
        record.administrator,
        person.use_any_api_client,
    ]
}

fn common(view: &View<'_>, profile: &str) -> Rights {
    users(view)
        .filter(|(person, _)| person.profile == profile)
        .map(|(person, record)| rights(person, record))
        .reduce(|one, other| std::array::from_fn(|at| one[at] && other[at]))
        .unwrap_or_default()
}

/// The rights of a person beyond those of the profile; `None` where there are none.
fn extra(view: &View<'_>, person: &Person, record: &PersonRecord) -> Option<Rights> {
    let common = common(view, &person.profile);
    let own = rights(person, record);
    let more: Rights = std::array::from_fn(|at| own[at] && !common[at]);
    more.contains(&true).then_some(more)
}

/// Names of permission sets, of users and in policies.
fn set_names<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let of_users = users(view).flat_map(|(person, _)| &person.permission_sets);
    let of_apps = view
        .state
        .apps
        .iter()
        .flat_map(|app| &app.settings.latest().selected_permission_sets);
    of_users.chain(of_apps).map(String::as_str).collect()
}

/// Rows of `PermissionSet`.
pub(super) fn permission_sets(view: &View<'_>) -> Vec<Vec<Cell>> {
    let row = |id: String, name: &str, profile: Option<String>, session: bool, rights: Rights| {
        let label = name.replace('_', " ");
        let mut row: Vec<Cell> = vec![
            id.into(),
            name.into(),
            label.into(),
            profile.is_some().into(),
            profile.into(),
            session.into(),
        ];
        row.extend(rights.map(Cell::from));
        row
    };
    let owned = profiles(view).into_iter().map(|profile| {
        let id = profile_id(profile);
        let name = format!("X{}", &id[..15]);
        row(
            owned_id(profile),
            &name,
            Some(id),
            false,
            common(view, profile),
        )
    });
    let named = set_names(view).into_iter().map(|name| {
        let session = users(view).any(|(person, _)| {
            person.assignment == Assignment::NotActivated
                && person.permission_sets.iter().any(|set| set == name)
        });
        row(set_id(name), name, None, session, Rights::default())
    });
    let extras = users(view).filter_map(|(person, record)| {
        let rights = extra(view, person, record)?;
        let name = extra_name(record);
        Some(row(set_id(&name), &name, None, false, rights))
    });
    owned.chain(named).chain(extras).collect()
}

/// Rows of `PermissionSetAssignment`.
pub(super) fn assignments(view: &View<'_>) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for (person, record) in users(view) {
        let expired = person.assignment == Assignment::Expired;
        let mut assign = |set: String, expired: bool| {
            let id = ids::named(
                Kind::PermissionSetAssignment,
                &format!("{} {set}", record.id),
            );
            rows.push(vec![
                id.into(),
                record.id.as_str().into(),
                set.into(),
                Cell::Null,
                (!expired).into(),
                expired.then_some(record.modified_at).into(),
            ]);
        };
        assign(owned_id(&person.profile), false);
        for name in &person.permission_sets {
            assign(set_id(name), expired);
        }
        if extra(view, person, record).is_some() {
            assign(set_id(&extra_name(record)), false);
        }
    }
    rows
}

/// Rows of `SetupEntityAccess`: which sets and profiles the policies of an app list.
pub(super) fn entity_access(view: &View<'_>) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for (app, record) in view.state.apps.iter().zip(&view.directory.apps) {
        let settings = app.settings.latest();
        if settings.deleted {
            continue;
        }
        let of_sets = settings
            .selected_permission_sets
            .iter()
            .map(|set| set_id(set));
        let of_profiles = settings.selected_profiles.iter().map(|name| owned_id(name));
        for parent in of_sets.chain(of_profiles) {
            let id = ids::named(Kind::SetupEntityAccess, &format!("{} {parent}", record.id));
            let entity = match app.kind {
                AppKind::ExternalClientApp => "ExternalClientApplication",
                AppKind::ConnectedApp => "ConnectedApplication",
            };
            rows.push(vec![
                id.into(),
                parent.into(),
                record.id.as_str().into(),
                entity.into(),
            ]);
        }
    }
    rows
}
