//! The worlds of an app before, after, and between. A deploy changes settings, not people and clients: who has which permission set, what a
//! client sends and where it comes from are the same in all of them.

use super::edit::{Edit, put};
use crate::declared::Parts;
use crate::factor::{Delta, Factor, Value};
use crate::model::Person;
use crate::what_if;
use crate::world::{NOW, RUN_AS, World};

/// An app with what changes for it.
pub(super) struct Scene<'e> {
    parts: Parts,
    /// The changes, by their numbers.
    pub(super) edits: Vec<(usize, &'e Edit)>,
    /// Before.
    pub(super) before: World,
    /// After all of them.
    pub(super) after: World,
    run_as: [String; 2],
    verifies: bool,
    /// What had to be assumed, in words.
    pub(super) assumed: Vec<String>,
}

/// What people have, and what the app asks of it.
const ASSIGNED: [Factor; 2] = [Factor::SelectedPermissionSets, Factor::SelectedProfiles];

impl<'e> Scene<'e> {
    /// The scene of what is declared of an app before, with all changes that there are for it.
    pub(super) fn new(parts: Parts, edits: Vec<(usize, &'e Edit)>) -> Self {
        let declared = parts.declared();
        let mut all = parts.clone();
        for (_, edit) in &edits {
            edit.apply(&mut all);
        }
        let run_as = [run_as(&parts), run_as(&all)];
        let mut before = declared.world;
        join(&mut before, &run_as);
        let mut scene = Self {
            parts,
            edits,
            after: before.clone(),
            before,
            run_as,
            verifies: false,
            assumed: declared.assumed,
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
        let mut assigned = parts.clone();
        for factor in ASSIGNED {
            put(&mut assigned.app, factor, self.parts.app.value(factor));
        }
        let mut world = assigned.declared().world;
        for factor in ASSIGNED {
            if let Some((value, _)) = parts.app.value(factor) {
                let _ = what_if::set(&mut world, &Delta::new(factor, value.clone()));
            }
        }
        join(&mut world, &self.run_as);
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
