//! A folder of metadata as a world: what the files declare of one app, its org and its users, and a healthy org where they are silent. `lint`
//! and `what-if` begin here, so that both judge one thing.

use crate::cause::AppKind;
use crate::factor::{Delta, Factor, Known, Value};
use crate::metadata::{DeclaredApp, Project};
use crate::model::{PermittedUsers, Person};
use crate::what_if::{self, baseline};
use crate::world::{NOW, RUN_AS, USER, World};

/// An app of a folder, as it would behave.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The org, with the app as its first, and a client that does right by it.
    pub world: World,
    /// What the files do not say and the world has all the same, in words.
    pub assumed: Vec<String>,
}

/// The world of an app of a project.
///
/// Metadata knows profiles and no persons: there are Ana, the run-as user that the policies name, and one user for each profile, named like
/// it. Who has which permission set it does not know either: each of them has the first that the app selects.
pub fn declared(project: &Project, app: &DeclaredApp) -> Declared {
    Parts::of(project, app).declared()
}

/// What of a project decides the flows of one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Which record type.
    pub kind: AppKind,
    /// What the records of the app say.
    pub app: Known,
    /// What the settings of the org say.
    pub org: Known,
    /// What each profile says.
    pub profiles: Vec<(String, Known)>,
    /// What each permission set says.
    pub permission_sets: Vec<(String, Known)>,
}

impl Parts {
    /// Those of an app of a project.
    pub fn of(project: &Project, app: &DeclaredApp) -> Self {
        Self {
            kind: app.kind,
            app: app.known.clone(),
            org: project.org.clone(),
            profiles: project
                .profiles
                .iter()
                .map(|own| (own.name.clone(), own.known.clone()))
                .collect(),
            permission_sets: project
                .permission_sets
                .iter()
                .map(|own| (own.name.clone(), own.known.clone()))
                .collect(),
        }
    }

    /// The world that they make; see [`declared`].
    pub fn declared(&self) -> Declared {
        let mut world = baseline::healthy(self.kind);
        let mut assumed = vec!["what the files do not say is healthy".to_owned()];
        put(&mut world, &self.app, None);
        put(&mut world, &self.org, None);
        people(&mut world, self, &mut assumed);
        baseline::fit(&mut world);
        assumed.extend(of_the_client(&world));
        Declared { world, assumed }
    }
}

/// What is assumed of the client of a world, in words.
pub fn of_the_client(world: &World) -> Vec<String> {
    let client = &world.client;
    let mut assumed = vec![format!("the client comes from {}", client.address)];
    if client.verifies {
        assumed.push("users have a second factor".to_owned());
    }
    assumed
}

/// Where the app selects nobody, those whom it could be meant for have the first permission set of the folder, which it could select; no name
/// that no file has. In words what is assumed, where the app asks for a list at all.
pub fn list(world: &mut World, first: Option<&str>) -> Option<String> {
    let settings = world.org.apps[0].settings.at(NOW);
    let selects =
        !settings.selected_permission_sets.is_empty() || !settings.selected_profiles.is_empty();
    let asks = settings.permitted_users == PermittedUsers::AdminApprovedPreAuthorized;
    if selects {
        return None;
    }
    let sets: Vec<String> = first.map(str::to_owned).into_iter().collect();
    for person in &mut world.org.people {
        person.permission_sets.clone_from(&sets);
    }
    asks.then(|| match first {
        Some(first) => format!("each user has the permission set {first}"),
        None => "no user has a permission set".to_owned(),
    })
}

/// Where users approve an app themselves, those whom it is meant for have done so: without it the flows that show no page pass for nobody. In
/// words what is assumed.
pub fn approve(world: &mut World) -> Option<String> {
    if world.org.apps[0].settings.at(NOW).permitted_users != PermittedUsers::AllSelfAuthorized {
        return None;
    }
    let mut approval = Delta::new(Factor::Approval, "with_refresh_token");
    for person in world.org.people.clone() {
        approval.person = Some(person.username);
        // Only a refresh token that the app may give keeps an approval.
        let _ = world.set(&approval);
    }
    Some("users have approved the app before, where they do so themselves".to_owned())
}

/// Puts declared values into a world. A value that no world can hold decides no flow.
fn put(world: &mut World, known: &Known, whose: Option<&str>) {
    for (factor, value, _) in known.iter() {
        if factor == Factor::CustomScopes
            && let Value::Names(names) = value
        {
            for name in names {
                world.org.custom_scopes.add(name);
            }
        }
        let delta = Delta {
            person: whose.map(str::to_owned),
            ..Delta::new(factor, value.clone())
        };
        let _ = what_if::set(world, &delta);
    }
}

fn people(world: &mut World, parts: &Parts, assumed: &mut Vec<String>) {
    if let Some((Value::Word(run_as), _)) = parts.app.value(Factor::ClientCredentialsFlowUser)
        && let Some(id) = world.org.person(RUN_AS)
    {
        world.org.people[id.0].username.clone_from(run_as);
        assumed.push(format!("the run-as user {run_as} is an active user"));
    }
    for (name, known) in &parts.profiles {
        let mut person = Person::healthy(name);
        person.profile.clone_from(name);
        world.org.people.push(person);
        put(world, known, Some(name));
    }
    let selected = |factor| match parts.app.value(factor) {
        Some((Value::Names(names), _)) => names.clone(),
        _ => Vec::new(),
    };
    let sets = selected(Factor::SelectedPermissionSets);
    let profiles = selected(Factor::SelectedProfiles);
    if let Some(set) = sets.first() {
        for person in &mut world.org.people {
            person.permission_sets = vec![set.clone()];
        }
        assumed.push(format!("each user has the permission set {set}"));
        let of_the_set = parts.permission_sets.iter().find(|(name, _)| name == set);
        for (factor, value, _) in of_the_set.into_iter().flat_map(|(_, known)| known.iter()) {
            // A permission set gives and never takes.
            if *value == Value::Flag(true) {
                let _ = what_if::set(world, &Delta::new(factor, true));
            }
        }
    } else if let Some(profile) = profiles.first()
        && let Some(id) = world.org.person(USER)
    {
        world.org.people[id.0].profile.clone_from(profile);
        assumed.push(format!("ana has the profile {profile}"));
    }
}
