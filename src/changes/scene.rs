//! The worlds of an app before, after, and between. A deploy changes settings, not people and clients: who has which permission set, what a
//! client sends and where it comes from are the same in all of them.

use super::edit::{Edit, Said, put};
use crate::declared::{Declared, Parts, approve, list};
use crate::factor::{Delta, Factor, Value};
use crate::model::{PermittedUsers, Person};
use crate::what_if;
use crate::world::{NOW, RUN_AS, USER, World};

/// An app with what changes for it.
pub(super) struct Scene<'e> {
    parts: Parts,
    /// The changes, by their numbers.
    pub(super) edits: Vec<(usize, &'e Edit)>,
    /// Before.
    pub(super) before: World,
    /// After all of them.
    pub(super) after: World,
    /// What users have of what can be selected.
    assigned: [Option<Said>; 2],
    run_as: [String; 2],
    verifies: bool,
    /// What had to be assumed, in words.
    pub(super) assumed: Vec<String>,
}

/// What people have that an app can select.
const ASSIGNED: [Factor; 2] = [Factor::SelectedPermissionSets, Factor::SelectedProfiles];

impl<'e> Scene<'e> {
    /// The scene of what is declared of an app before, with all changes that there are for it.
    pub(super) fn new(parts: Parts, edits: Vec<(usize, &'e Edit)>) -> Self {
        let mut all = parts.clone();
        for (_, edit) in &edits {
            edit.apply(&mut all);
        }
        let assigned = assigned(&parts, &all);
        let declared = with_users(&parts, &assigned);
        let (mut before, mut assumed) = (declared.world, declared.assumed);
        let first = parts.permission_sets.first().map(|(name, _)| name.clone());
        let run_as = [run_as(&parts), run_as(&all)];
        join(&mut before, &run_as);
        if nobody(&assigned) {
            let listed = list(&mut before, first.as_deref());
            assumed.extend(listed.or_else(|| {
                // Nobody is listed, and a list comes to be asked for.
                asks(&all).then(|| match &first {
                    Some(first) => format!("each user has the permission set {first}"),
                    None => "no user has a permission set".to_owned(),
                })
            }));
        }
        assumed.extend(approve(&mut before));
        assumed.extend(stand_ins(&parts, &before));
        let mut scene = Self {
            parts,
            edits,
            assigned,
            after: before.clone(),
            before,
            run_as,
            verifies: false,
            assumed,
        };
        let after = scene.with(|_| true);
        // Who gets a second factor asked can have one.
        scene.verifies = scene.before.client.verifies || after.client.verifies;
        scene.before.client.verifies = scene.verifies;
        scene.after = after;
        scene.after.client.verifies = scene.verifies;
        scene
    }

    /// The world with some of the changes made.
    pub(super) fn with(&self, made: impl Fn(usize) -> bool) -> World {
        let mut parts = self.parts.clone();
        for (number, edit) in &self.edits {
            if made(*number) {
                edit.apply(&mut parts);
            }
        }
        let mut world = with_users(&parts, &self.assigned).world;
        join(&mut world, &self.run_as);
        if nobody(&self.assigned) {
            for person in &mut world.org.people {
                if let Some(own) = self.before.org.person(&person.username) {
                    let own = &self.before.org.people[own.0];
                    person.permission_sets.clone_from(&own.permission_sets);
                }
            }
        }
        // What users approved before stays.
        world.org.families.clone_from(&self.before.org.families);
        world
            .org
            .refresh_tokens
            .clone_from(&self.before.org.refresh_tokens);
        let was = &self.before.client;
        if self.sends_what_it_has_registered() {
            world.client.redirect_uri.clone_from(&was.redirect_uri);
        }
        (world.client.address, world.client.uses_from) = (was.address, was.uses_from);
        world.client.verifies = self.verifies;
        world
    }

    /// Whether the files before say what the client sends; where they do not, it sends what is registered after.
    fn sends_what_it_has_registered(&self) -> bool {
        let settings = self.before.org.apps[0].settings.at(NOW);
        self.parts.app.value(Factor::CallbackUrl).is_some()
            && settings
                .callback_urls
                .contains(&self.before.client.redirect_uri)
    }
}

/// What users have, for both versions: what both list, where they have something in common. Else what the version asks for that asks for a
/// list: before, so that who is taken off it is told; where nothing was asked before, after.
fn assigned(before: &Parts, after: &Parts) -> [Option<Said>; 2] {
    let lists = |parts: &Parts| ASSIGNED.map(|factor| parts.app.value(factor).cloned());
    let (was, is) = (lists(before), lists(after));
    let both = [0, 1].map(|place| common(was[place].as_ref(), is[place].as_ref()));
    if !nobody(&both) {
        return both;
    }
    if !nobody(&was) && (asks(before) || nobody(&is)) || nobody(&is) {
        was
    } else {
        is
    }
}

/// The entries that both lists have; what one version does not say it leaves as the other has it.
fn common(was: Option<&Said>, is: Option<&Said>) -> Option<Said> {
    let (Some(old), Some(new)) = (was, is) else {
        return was.or(is).cloned();
    };
    let (mut both, others) = (entries(&old.0), entries(&new.0));
    both.retain(|name| others.contains(name));
    Some((
        Value::Names(both.into_iter().cloned().collect()),
        old.1.clone(),
    ))
}

/// The names of a list; none where the file has no element.
fn entries(value: &Value) -> Vec<&String> {
    match value {
        Value::Names(names) => names.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether it is known that the lists have no entry.
fn nobody(lists: &[Option<Said>; 2]) -> bool {
    let mut said = lists.iter().flatten().peekable();
    said.peek().is_some() && said.all(|(value, _)| entries(value).is_empty())
}

/// Whether an app admits those alone whom it lists.
pub(super) fn asks(parts: &Parts) -> bool {
    let permitted = parts.app.value(Factor::PermittedUsers);
    let word = PermittedUsers::AdminApprovedPreAuthorized.word();
    matches!(permitted, Some((value, _)) if value.as_word() == Some(word))
}

/// The world of parts, with users who have what is assigned; where the parts do not say what they select, it is that.
fn with_users(parts: &Parts, assigned: &[Option<Said>; 2]) -> Declared {
    let mut with = parts.clone();
    for (factor, said) in ASSIGNED.into_iter().zip(assigned) {
        put(&mut with.app, factor, said.as_ref());
    }
    let mut declared = with.declared();
    for factor in ASSIGNED {
        if let Some((value, _)) = parts.app.value(factor) {
            let _ = what_if::set(&mut declared.world, &Delta::new(factor, value.clone()));
        }
    }
    declared
}

/// Who stands for whom, in sentences.
pub(super) fn stand_ins(parts: &Parts, before: &World) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(id) = before.org.person(USER) {
        let profile = &before.org.people[id.0].profile;
        let name = what_if::short(USER);
        sentences.push(format!(
            "{name} is a stand-in user with the profile {profile}"
        ));
    }
    if !parts.profiles.is_empty() {
        sentences.push("each profile of the files has a stand-in user of its name".to_owned());
    }
    sentences
}

/// The username that client credentials act as.
fn run_as(parts: &Parts) -> String {
    match parts.app.value(Factor::ClientCredentialsFlowUser) {
        Some((Value::Word(name), _)) => name.clone(),
        _ => RUN_AS.to_owned(),
    }
}

/// A user whom the app no longer names is still there.
fn join(world: &mut World, run_as: &[String; 2]) {
    let own = run_as
        .iter()
        .find_map(|name| world.org.person(name))
        .map(|id| world.org.people[id.0].clone());
    for name in run_as {
        if let Some(own) = &own
            && world.org.person(name).is_none()
        {
            world.org.people.push(Person {
                username: name.clone(),
                ..own.clone()
            });
        }
    }
}
