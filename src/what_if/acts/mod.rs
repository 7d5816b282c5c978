//! Every sensible act by the factor it touches, with what it loosens. One table: the search for the smallest fix has no other source.
//!
//! No act moves the client to another address, and none uses a switch that only the simulated org has.

mod app;
mod client;
mod org;
mod person;

use ipnet::IpNet;

use super::breadth::Breadth;
use super::change::{Change, HISTORY, healthy};
use super::names::short;
use super::want::Want;
use crate::factor::{Delta, Factor, FactorKind, Value};
use crate::model::{Person, read};
use crate::world::{NOW, World};

/// An act, in words, and how far it opens the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What changes.
    pub change: Change,
    /// What a person does: the imperative of a sentence, without a stop.
    pub does: String,
    /// What it loosens.
    pub loosens: String,
    /// How far it reaches.
    pub breadth: Breadth,
    /// The factor that it touches, or stands for.
    pub factor: Factor,
}

/// The acts of a factor for the user of a want, in the order of the table. What is already so is no act.
pub(super) fn acts(world: &World, factor: Factor, want: &Want) -> Vec<Remedy> {
    let actor = want.actor(world);
    let mut acts = Acts {
        world,
        factor,
        actor: actor.as_deref(),
        found: Vec::new(),
    };
    match factor.kind() {
        FactorKind::App => acts.app(want),
        FactorKind::Org => acts.org(),
        FactorKind::Person => acts.person(),
        FactorKind::Request | FactorKind::Environment => acts.client(want),
    }
    acts.found
}

struct Acts<'a> {
    world: &'a World,
    factor: Factor,
    actor: Option<&'a str>,
    found: Vec<Remedy>,
}

impl Acts<'_> {
    fn push(
        &mut self,
        change: Change,
        breadth: Breadth,
        does: impl Into<String>,
        loosens: impl Into<String>,
    ) {
        self.found.push(Remedy {
            change,
            does: does.into(),
            loosens: loosens.into(),
            breadth,
            factor: self.factor,
        });
    }

    /// Sets the factor, for the actor where it is a person's, unless it is so.
    fn set(
        &mut self,
        value: impl Into<Value>,
        breadth: Breadth,
        does: impl Into<String>,
        loosens: impl Into<String>,
    ) {
        let value = value.into();
        let mut delta = Delta::new(self.factor, value);
        if self.factor.kind() == FactorKind::Person {
            let Some(actor) = self.actor else {
                return;
            };
            delta.person = Some(actor.to_owned());
        }
        if self.read() != Some(delta.value.clone()) {
            self.push(Change::Set(delta), breadth, does, loosens);
        }
    }

    fn add(
        &mut self,
        entry: impl Into<String>,
        breadth: Breadth,
        does: impl Into<String>,
        loosens: impl Into<String>,
    ) {
        let of_a_person = self.factor.kind() == FactorKind::Person;
        let person = of_a_person.then(|| self.actor.unwrap_or_default().to_owned());
        let change = Change::Add {
            factor: self.factor,
            entry: entry.into(),
            person,
        };
        self.push(change, breadth, does, loosens);
    }

    fn read(&self) -> Option<Value> {
        let person = self.actor.and_then(|name| self.world.org.person(name));
        match self.factor.kind() {
            FactorKind::Person => read(&self.world.org, self.factor, person, NOW),
            _ => self.world.read(self.factor),
        }
    }

    fn is(&self, value: impl Into<Value>) -> bool {
        self.read() == Some(value.into())
    }

    fn someone(&self) -> Option<&Person> {
        let id = self.world.org.person(self.actor?)?;
        Some(&self.world.org.people[id.0])
    }

    fn name(&self) -> String {
        self.actor.map_or("the user", short).to_owned()
    }

    fn prove(&mut self) {
        if !self.world.client.verifies {
            self.push(
                Change::SecondFactor,
                Breadth::Nothing,
                "log in with the second factor where a page asks for it",
                "nothing: the person proves who it is",
            );
        }
    }

    fn client(&mut self, want: &Want) {
        let client = &self.world.client;
        if HISTORY.contains(&self.factor) {
            let dead = HISTORY
                .iter()
                .any(|factor| client.word(*factor) != healthy(*factor));
            if dead || client.approved_before_switch {
                self.push(
                    Change::LogInAgain,
                    Breadth::Nothing,
                    "log in again, and keep the new refresh token",
                    "nothing: the person logs in",
                );
            }
            return;
        }
        for remedy in client::acts(self.world, self.factor, want) {
            self.found.push(remedy);
        }
    }
}

/// Whether a list of ranges holds an address.
pub(super) fn holds(ranges: &[IpNet], address: std::net::IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address))
}
