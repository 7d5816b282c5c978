//! One org and one client, and what becomes of a grant between them: the policy model driven end to end, without wire and without clock.
//! A hypothesis, a what-if and a fix are all changes of a [`World`]; [`World::run`] tells what each would make of a grant.

mod client;
mod flow;
mod follow;
mod put;

use jiff::Timestamp;

pub use client::{Client, INSIDE, OUTSIDE};
pub use flow::{End, Ran, Used};
pub use follow::{Checks, Follow, Made};

use crate::cause::{AppKind, Condition, Modelled};
use crate::factor::{Delta, Factor, FactorKind, Known, Value};
use crate::model::{self, AppId, DeltaError, OrgState, PersonId};
use crate::oauth::GrantKind;

/// The user of every healthy world; the run-as user of client credentials is another.
pub const USER: &str = "ana@acme.test";
/// The run-as user of client credentials in every healthy world.
pub const RUN_AS: &str = "integration@acme.test";
/// The moment at which everything happens: noon, so that login hours have a before and an after.
pub const NOW: Timestamp = Timestamp::constant(1_767_268_800, 0);

/// An org, and a client of its first app.
#[derive(Debug, Clone)]
pub struct World {
    /// The org.
    pub org: OrgState,
    /// What the client sends, who acts, from where, and what happened before.
    pub client: Client,
}

impl World {
    /// An org and a client for which every grant passes that the kind of app supports. With a connected app, and with the switch of the
    /// simulated org on an External Client App, username-password too.
    ///
    /// # Panics
    ///
    /// Never: the one switch that it sets takes a flag.
    pub fn healthy(kind: AppKind) -> Self {
        let mut org = OrgState::healthy();
        org.apps[0].kind = kind;
        let mut world = Self {
            org,
            client: Client::healthy(USER),
        };
        if kind == AppKind::ExternalClientApp {
            // Without it the fourth grant would fail on every External Client App, and every comparison with a healthy one with it.
            let switch = Delta::new(Factor::UsernamePasswordOnEca, true);
            world
                .set(&switch)
                .expect("invariant: a switch takes a flag");
        }
        world
    }

    /// A healthy world with what is known put into it, and a client and users that do right by it: what is known of an app names callback URLs,
    /// lists and users that a healthy world has not. Values that no world can hold are left out: they decide no flow.
    pub fn with(kind: AppKind, known: &Known) -> Self {
        let mut world = Self::healthy(kind);
        for (factor, value, _) in known.iter() {
            let _ = world.set(&Delta::new(factor, value.clone()));
        }
        world.fit();
        world
    }

    /// Lets client and users do right by the settings of the app.
    fn fit(&mut self) {
        let settings = self.org.apps[Self::APP.0].settings.at(NOW).clone();
        if !settings.callback_urls.contains(&self.client.redirect_uri)
            && let Some(url) = settings.callback_urls.first()
        {
            self.client.redirect_uri.clone_from(url);
        }
        if let Some(name) = &settings.client_credentials_flow_user
            && self.org.person(name).is_none()
        {
            // Whoever it is, in this world it is the one run-as user.
            let run_as = Delta::new(Factor::ClientCredentialsFlowUser, RUN_AS);
            let _ = self.set(&run_as);
        }
        for person in &mut self.org.people {
            if let Some(set) = settings.selected_permission_sets.first() {
                person.permission_sets = vec![set.clone()];
            } else if let Some(profile) = settings.selected_profiles.first() {
                person.profile.clone_from(profile);
            }
        }
        let org = &self.org.org;
        self.client.verifies |= org.mfa_ui_login || org.device_activation;
        let ranges = self.user().map(|id| &self.org.people[id.0].login_ip_ranges);
        let inside = ranges.and_then(|ranges| ranges.first()?.hosts().next());
        if let (Some(ranges), Some(inside)) = (ranges, inside)
            && !ranges
                .iter()
                .any(|range| range.contains(&self.client.address))
        {
            (self.client.address, self.client.uses_from) = (inside, inside);
        }
    }

    /// Sets a factor of any kind.
    pub fn set(&mut self, delta: &Delta) -> Result<(), DeltaError> {
        match delta.factor.kind() {
            FactorKind::Environment if delta.factor == Factor::AppAge => {
                self.client.set(delta)?;
                self.org.apps[Self::APP.0].known_from = if self.client.is(Factor::AppAge, "old") {
                    Timestamp::MIN
                } else {
                    Timestamp::MAX
                };
                Ok(())
            }
            FactorKind::Request | FactorKind::Environment => self.client.set(delta),
            FactorKind::App | FactorKind::Org | FactorKind::Person => {
                model::set(&mut self.org, delta, NOW)
            }
        }
    }

    /// Makes a condition of a cause hold, whatever words it is written in; for people's factors of one person, or of all.
    pub fn put(&mut self, condition: &Condition, person: Option<&str>) -> Result<(), DeltaError> {
        put::put(self, condition, person)
    }

    /// Makes every condition of a row hold. The first one of a row is the wrong one and is put last, on what the others prepare.
    ///
    /// # Errors
    ///
    /// The first condition that this world cannot have; the others are put all the same.
    pub fn put_row(&mut self, row: &Modelled) -> Result<(), DeltaError> {
        let mut done = Ok(());
        for condition in row.conditions.iter().rev() {
            let put = self.put(condition, Self::whose(row, condition.factor));
            done = done.and(put);
        }
        done
    }

    /// Whose factor a row is about: of the run-as user where it is about client credentials alone, else of the user; `None` where the factor
    /// is no person's.
    pub fn whose(row: &Modelled, factor: Factor) -> Option<&'static str> {
        (factor.kind() == FactorKind::Person).then_some(
            if row.grants == [GrantKind::ClientCredentials] {
                RUN_AS
            } else {
                USER
            },
        )
    }

    /// The value of a factor, of the client's user where it is a person's.
    pub fn read(&self, factor: Factor) -> Option<Value> {
        match factor.kind() {
            FactorKind::Request | FactorKind::Environment => Some(self.client.word(factor).into()),
            FactorKind::App | FactorKind::Org | FactorKind::Person => {
                model::read(&self.org, factor, self.user(), NOW)
            }
        }
    }

    /// The client's user.
    pub fn user(&self) -> Option<PersonId> {
        self.org.person(&self.client.person)
    }

    /// The app in question.
    pub(crate) const APP: AppId = AppId(0);

    /// The kind of the app.
    pub fn kind(&self) -> AppKind {
        self.org.kind_of(Self::APP)
    }
}

#[cfg(test)]
mod tests;
