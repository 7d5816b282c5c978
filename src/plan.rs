//! A story and a target → a [`Plan`]: every name resolved, nothing left to look up. What only a simulated org can do is said before
//! anything is sent.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use miette::Diagnostic;
use thiserror::Error;

use crate::factor::{Delta, Factor};
use crate::grant::{After, Client, Grant, Held, Server};
use crate::model::{self, OrgState};
use crate::oauth::{Dialect, GrantKind, HostKind};
use crate::ports::Person;
use crate::scenario::{
    ANA, At, BrowserSession, Expect, GrantStep, HARNESS, Placed, ServerFault, Story, StoryStep,
    Verification, nearest, say_duration, username_of,
};
use crate::secret::Secret;
use crate::target::{Target, TargetApp, TargetUser};

/// How long a step may take when the story does not say.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same where a person acts in a browser.
const PATIENCE_WITH_A_PERSON: Duration = Duration::from_mins(5);
/// The longest wait that a live target is given: the wall clock does not move by itself.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A story, ready to run.
#[derive(Clone)]
pub struct Plan {
    /// [`Story::label`].
    pub label: String,
    /// How often a step is tried again after a transport fault.
    pub retries: u32,
    /// The steps, in order.
    pub steps: Vec<PlannedStep>,
}

/// A step, ready to run.
#[derive(Clone)]
pub struct PlannedStep {
    /// Its title.
    pub title: String,
    /// Where it stands in the file.
    pub at: At,
    /// What is done.
    pub does: Action,
}

/// What a step does.
#[derive(Clone)]
pub enum Action {
    /// Drives a grant and compares.
    Grant(Box<PlannedGrant>),
    /// Changes Setup of the simulated org.
    Change(Vec<Delta>),
    /// Lets the run's time pass.
    Wait(Duration),
    /// Makes the simulated org fail.
    Fault(ServerFault),
}

/// A grant, ready to drive.
#[derive(Clone)]
pub struct PlannedGrant {
    /// The grant; `held` is empty and filled from the steps before it.
    pub grant: Grant,
    /// What has to come out.
    pub expect: Expect,
    /// Where the expectation stands.
    pub expect_at: At,
    /// How often the step is made; the last is compared.
    pub times: u32,
    /// The address that the simulated org sees during the grant; `None` is loopback.
    pub from: Option<IpAddr>,
    /// The address that it sees during the use of the token; `None` is that of the grant.
    pub use_from: Option<IpAddr>,
    /// The session that the browser holds.
    pub browser_session: BrowserSession,
    /// How long the person stays away on the pages.
    pub away: Duration,
}

/// Why a story cannot be planned for a target.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The story needs what this target is not or has not. The runner marks it skipped.
    #[error("the story does not fit the target `{target}`: {}", said(reasons))]
    #[diagnostic(
        code(plan::unfit),
        help("run it on the simulated org: leave `--target` out")
    )]
    Unfit {
        /// The target.
        target: String,
        /// Each reason with its line.
        reasons: Vec<Reason>,
    },
    /// A name that the target does not have.
    #[error(transparent)]
    #[diagnostic(transparent)]
    UnknownName(Box<UnknownName>),
}

/// A name that the target does not have.
#[derive(Debug, Error, Diagnostic)]
#[error("{file}:{line}: the target `{target}` has no {noun} `{name}`")]
#[diagnostic(code(plan::unknown_name), help("{}", choice(near.as_deref(), valid)))]
pub struct UnknownName {
    /// The file of the story.
    pub file: String,
    /// Line of the name, or of the step.
    pub line: usize,
    /// The target.
    pub target: String,
    /// `app` or `user`.
    pub noun: &'static str,
    /// The name.
    pub name: String,
    /// The nearest name that it has.
    pub near: Option<String>,
    /// All of them.
    pub valid: Vec<String>,
}

/// Why a story does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Line in the story's file; 0 for the set-up as a whole.
    pub line: usize,
    /// The reason, a clause.
    pub why: String,
}

fn said(reasons: &[Reason]) -> String {
    let reasons: Vec<&str> = reasons.iter().map(|reason| reason.why.as_str()).collect();
    reasons.join("; ")
}

fn choice(near: Option<&str>, valid: &[String]) -> String {
    let list = if valid.is_empty() {
        "it has none".to_owned()
    } else {
        format!("it has: {}", valid.join(", "))
    };
    near.map_or_else(
        || list.clone(),
        |near| format!("did you mean `{near}`? {list}"),
    )
}

/// Plans a story for a target. `Err` before anything is sent: [`Error::Unfit`] where the target cannot be what the story needs,
/// [`Error::UnknownName`] where an app or user is missing in it.
pub fn plan(story: &Story, target: &Target) -> Result<Plan, Error> {
    let planner = Planner { story, target };
    let reasons = planner.unfit();
    if !reasons.is_empty() {
        return Err(Error::Unfit {
            target: target.name.clone(),
            reasons,
        });
    }
    let steps = story
        .steps
        .iter()
        .map(|step| {
            Ok(PlannedStep {
                title: step.title.clone(),
                at: step.at,
                does: match &step.does {
                    StoryStep::Grant(grant) => {
                        Action::Grant(Box::new(planner.grant(grant, step.at)?))
                    }
                    StoryStep::Change(deltas) => Action::Change(deltas.clone()),
                    StoryStep::Wait(time) => Action::Wait(*time),
                    StoryStep::Fault(fault) => Action::Fault(*fault),
                },
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(Plan {
        label: story.label(),
        retries: story.retries,
        steps,
    })
}

struct Planner<'p> {
    story: &'p Story,
    target: &'p Target,
}

impl Planner<'_> {
    /// Everything that keeps the story from this target.
    fn unfit(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.target.simulated {
            self.unfit_setup(&mut reasons);
        }
        for step in &self.story.steps {
            let mut add = |at: At, why: String| reasons.push(Reason { line: at.line, why });
            match &step.does {
                StoryStep::Grant(grant) => self.unfit_grant(grant, step.at, &mut add),
                _ if self.target.simulated => {}
                StoryStep::Change(_) => {
                    add(
                        step.at,
                        "only the simulated org is changed by a story".to_owned(),
                    );
                }
                StoryStep::Wait(time) if *time > LONGEST_WAIT => add(
                    step.at,
                    format!("{} pass only on the simulated org", say_duration(*time)),
                ),
                StoryStep::Wait(_) => {}
                StoryStep::Fault(_) => {
                    add(step.at, "only the simulated org fails on demand".to_owned());
                }
            }
        }
        reasons
    }

    /// A set-up cannot be made on a live target; what it says is let pass where it says what a healthy org is anyway.
    fn unfit_setup(&self, reasons: &mut Vec<Reason>) {
        let setup = &self.story.setup;
        let healthy = OrgState::healthy();
        let mut differing: Vec<&str> = Vec::new();
        let apps = std::iter::once(&setup.app).chain(&setup.apps);
        let deltas = apps
            .clone()
            .flat_map(|app| &app.deltas)
            .chain(&setup.org)
            .chain(setup.users.iter().flat_map(|user| &user.deltas));
        for delta in deltas {
            if !is_so(&healthy, delta) && !differing.contains(&delta.factor.key()) {
                differing.push(delta.factor.key());
            }
        }
        let mut add = |why: String| reasons.push(Reason { line: 0, why });
        if !differing.is_empty() {
            add(format!(
                "it sets {}, which only the simulated org lets a story do",
                differing.join(", ")
            ));
        }
        for app in apps {
            if app.created_now {
                add(format!("`{}` would have to be made now", app.name));
            }
            let have = if app.name == HARNESS {
                self.app(None, At::default()).ok()
            } else {
                self.target.app(&app.name)
            };
            if let Some(have) = have
                && have.kind != app.kind
            {
                let kind = have.kind.name();
                add(format!("the target's `{}` is of kind {kind}", have.name));
            }
        }
    }

    fn unfit_grant(&self, step: &GrantStep, at: At, add: &mut impl FnMut(At, String)) {
        let host = self.host(step);
        if !self.target.hosts.iter().any(|(kind, _)| *kind == host) {
            let place = step.host.as_ref().map_or(at, |host| host.at);
            add(place, format!("the target has no host `{host}`"));
        }
        if self.target.simulated {
            return;
        }
        for from in [&step.from, &step.after.from].into_iter().flatten() {
            add(
                from.at,
                "the address that an org sees is chosen only on the simulated org".to_owned(),
            );
        }
        if step.browser_session == BrowserSession::Other {
            add(
                at,
                "a session of another org is had only on the simulated org".to_owned(),
            );
        }
        if step.away > Duration::ZERO {
            add(
                at,
                "a person stays away on demand only on the simulated org".to_owned(),
            );
        }
        for wait in waits(step) {
            if wait > LONGEST_WAIT {
                add(
                    at,
                    format!("{} pass only on the simulated org", say_duration(wait)),
                );
            }
        }
    }

    fn host(&self, step: &GrantStep) -> HostKind {
        match self.target.dialect {
            Dialect::Rfc => HostKind::Issuer,
            Dialect::Salesforce => step
                .host
                .as_ref()
                .map_or(HostKind::MyDomain, |host| host.value),
        }
    }

    fn grant(&self, step: &GrantStep, at: At) -> Result<PlannedGrant, Error> {
        let app = self.app(step.app.as_ref(), at)?;
        let user = match &step.user {
            Some(user) => Some(self.user(Some(user), at)?),
            // An exchanged token is a person's already; who that is need not be known.
            None if step.grant == GrantKind::TokenExchange => self.user(None, at).ok(),
            None if step.needs_person() => Some(self.user(None, at)?),
            None => None,
        };
        let introspect_by = step
            .after
            .introspect_by
            .as_ref()
            .map(|app| self.app(Some(app), at).map(client))
            .transpose()?;
        let grant = Grant {
            kind: step.grant,
            client: client(app),
            server: Server {
                dialect: self.target.dialect,
                hosts: self.target.hosts.clone(),
            },
            host: self.host(step),
            person: user.map(|user| person(user, step)),
            security_token: user.and_then(|user| user.security_token.clone()),
            scope: step.scope.clone(),
            deviations: step.send.clone(),
            held: Held::default(),
            within: self.within(step),
            after: After {
                check: step.after.check,
                use_it: step.after.use_it,
                introspect: step.after.introspect,
                revoke: step.after.revoke,
            },
            introspect_by: introspect_by.map(Box::new),
        };
        Ok(PlannedGrant {
            grant,
            expect: step.expect.clone(),
            expect_at: step.expect_at,
            times: step.times,
            from: step.from.as_ref().map(|from| from.value),
            use_from: step.after.from.as_ref().map(|from| from.value),
            browser_session: step.browser_session,
            away: step.away,
        })
    }

    /// The deadline in the run's time: what the story gives, and what the step waits on purpose.
    fn within(&self, step: &GrantStep) -> Duration {
        let patience = self
            .story
            .timeout
            .unwrap_or(if step.grant.asks_the_person() {
                PATIENCE_WITH_A_PERSON
            } else {
                PATIENCE
            });
        waits(step).fold(patience + step.away, Duration::saturating_add)
    }

    /// The app of a name. Without a name it is `Harness`, or the only app of the target.
    fn app(&self, name: Option<&Placed<String>>, at: At) -> Result<&TargetApp, Error> {
        let found = match (name, &self.target.apps[..]) {
            (Some(name), _) => self.target.app(&name.value),
            (None, [only]) => Some(only),
            (None, _) => self.target.app(HARNESS),
        };
        found.ok_or_else(|| {
            let names = self.target.apps.iter().map(|app| app.name.as_str());
            self.unknown("app", name, HARNESS, at, names.collect())
        })
    }

    /// The user of a name. Without a name it is `ana`, or the only user of the target.
    fn user(&self, name: Option<&Placed<String>>, at: At) -> Result<&TargetUser, Error> {
        let of = |name: &str| {
            let username = username_of(name);
            self.target.user(name).or_else(|| {
                self.target
                    .users
                    .iter()
                    .find(|user| user.username == username)
            })
        };
        let found = match (name, &self.target.users[..]) {
            (Some(name), _) => of(&name.value),
            (None, [only]) => Some(only),
            (None, _) => of(ANA),
        };
        found.ok_or_else(|| {
            let names = self.target.users.iter().map(|user| user.name.as_str());
            self.unknown("user", name, ANA, at, names.collect())
        })
    }

    fn unknown(
        &self,
        noun: &'static str,
        name: Option<&Placed<String>>,
        default: &str,
        at: At,
        names: Vec<&str>,
    ) -> Error {
        let wanted = name.map_or(default, |name| &name.value);
        Error::UnknownName(Box::new(UnknownName {
            file: self.story.file.clone(),
            line: name.map_or(at, |name| name.at).line,
            target: self.target.name.clone(),
            noun,
            name: wanted.to_owned(),
            near: nearest(wanted, names.iter().copied()),
            valid: names.into_iter().map(str::to_owned).collect(),
        }))
    }
}

/// Whether a change says only what a healthy org is anyway.
fn is_so(healthy: &OrgState, delta: &Delta) -> bool {
    // What an earlier approval left is no value that can be read.
    if delta.factor == Factor::Approval {
        return false;
    }
    let now = Timestamp::UNIX_EPOCH;
    // A new user is as healthy as ana.
    let whose = delta
        .person
        .as_deref()
        .and_then(|username| healthy.person(username))
        .or_else(|| healthy.person(&username_of(ANA)));
    let mut changed = healthy.clone();
    let everyone = Delta::new(delta.factor, delta.value.clone());
    let read = |state| model::read(state, delta.factor, whose, now);
    model::set(&mut changed, &everyone, now).is_ok() && read(&changed) == read(healthy)
}

/// Waits that a step makes on purpose.
fn waits(step: &GrantStep) -> impl Iterator<Item = Duration> {
    [step.send.redeem_after, step.send.person_after]
        .into_iter()
        .flatten()
        .map(Duration::from_secs)
}

fn client(app: &TargetApp) -> Client {
    Client {
        name: app.name.clone(),
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.clone(),
        authentication: app.client_authentication,
        redirect_uri: app.redirect_uri.clone(),
        jwt_key: app.jwt_key.clone(),
        former_secret: None,
        former_client_id: None,
    }
}

fn person(user: &TargetUser, step: &GrantStep) -> Person {
    let verification_code = match step.verification {
        Verification::None => None,
        Verification::Right => user.verification_code.clone(),
        Verification::Wrong => {
            let right = user.verification_code.as_ref().map(Secret::expose);
            let wrong = if right == Some("000000") {
                "000001"
            } else {
                "000000"
            };
            Some(Secret::new(wrong))
        }
    };
    Person {
        username: user.username.clone(),
        password: user.password.clone(),
        verification_code,
        answer: step.answer,
    }
}

#[cfg(test)]
mod tests;
