//! One app to verify: its world, who acts, what is driven, and what the model says that will become of it.

use std::time::Duration;

use jiff::Timestamp;

use super::ladder::{Chain, Rung, When, Who, ladder};
use crate::cause::AppKind;
use crate::declared::{Declared, Parts, declared};
use crate::diagnosis::ProbeClass;
use crate::factor::{Delta, Factor, Known, Provenance};
use crate::lint;
use crate::metadata::{DeclaredApp, Project, RecordType};
use crate::model::{Certificate, OrgState, PermittedUsers, Person};
use crate::oauth::GrantKind;
use crate::ports::Answer;
use crate::scenario::{
    AfterStep, At, BrowserSession, Expect, GrantStep, Placed, Setup, Step, Story, StoryStep,
    Verification,
};
use crate::what_if::{Want, acting};
use crate::world::{NOW, OUTSIDE, Ran, World};

/// The user who is on no list.
const UNLISTED: &str = "unlisted@acme.test";
/// The Authorization Code and Credentials flow, as `explain` names it.
const CODE_CREDENTIALS: &str = "code_credentials";
/// A profile that no app lists by chance.
const NO_PROFILE: &str = "Minimum Access - Salesforce";

/// One app to verify.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its developer name.
    pub app: String,
    /// Which record type.
    pub kind: AppKind,
    /// The org, with one more user than the files give: one who is on no list.
    pub world: World,
    /// The grants that it is meant for.
    pub meant: Vec<GrantKind>,
    /// Whether its tokens are for the REST API.
    pub calls_rest: bool,
    /// Flows that are on for it and that no driver has.
    pub without_driver: Vec<&'static str>,
    /// What had to be assumed, in sentences.
    pub assumed: Vec<String>,
    /// What nobody knows, and what it would make of the world.
    pub open: Vec<Open>,
    /// For a target that others keep; `None` for the simulated org that is built from the files.
    pub bounds: Option<Bounds>,
}

/// What a target that others keep sets to a ladder.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The user whom the app is meant for, by the name of the target.
    pub listed: String,
    /// A plain user who is on no list and never approved the app, where there is one.
    pub unlisted: Option<String>,
    /// The dearest class of probe that may be made.
    pub class: ProbeClass,
}

impl Bounds {
    /// Whether a rung keeps to them. Addresses, other logins and days are chosen on the simulated org alone.
    fn allow(&self, rung: &Rung) -> bool {
        rung.class <= self.class
            && match rung.who {
                Who::Listed | Who::Public => true,
                Who::Unlisted => self.unlisted.is_some(),
                Who::OneFactor | Who::Outside | Who::NextDay => false,
            }
    }
}

/// Something that neither the files nor the public documents say.
#[derive(Debug, Clone)]
pub struct Open {
    /// What it is, and what would tell.
    pub missing: String,
    /// The other way that it may be.
    pub otherwise: World,
}

impl Case {
    /// An app of a project.
    pub fn of(project: &Project, app: &DeclaredApp) -> Self {
        let Declared {
            mut world,
            mut assumed,
        } = declared(project, app);
        list(&mut world, project, &mut assumed);
        approve(&mut world, &mut assumed);
        let meant = lint::meant(&world, app);
        world.org.apps[0].name.clone_from(&app.name);
        let mut unlisted = Person::healthy(UNLISTED);
        unlisted.permission_sets.clear();
        NO_PROFILE.clone_into(&mut unlisted.profile);
        world.org.people.push(unlisted);
        Self {
            app: app.name.clone(),
            kind: app.kind,
            open: open(project, app, &world),
            world,
            meant,
            calls_rest: lint::calls_rest(app),
            without_driver: lint::code_and_credentials(app)
                .then_some(CODE_CREDENTIALS)
                .into_iter()
                .collect(),
            assumed,
            bounds: None,
        }
    }

    /// What is declared of app and org, and of the profile of who acts.
    pub fn known(&self, project: &Project, who: Who) -> Known {
        let profile = GrantKind::ALL
            .into_iter()
            .find_map(|grant| self.ranged(grant))
            .filter(|_| who == Who::Outside);
        project.known(&self.app, profile)
    }

    /// The callback URLs of the app.
    pub fn callbacks(&self) -> &[String] {
        &self.world.org.apps[0].settings.at(NOW).callback_urls
    }

    /// The grants that have to pass, each of the user who comes through where one does.
    pub fn wants(&self) -> Vec<Want> {
        self.meant
            .iter()
            .map(|grant| self.want(*grant, self.listed(*grant)))
            .collect()
    }

    fn want(&self, grant: GrantKind, user: String) -> Want {
        let mut want = Want::new(grant, user);
        if !self.calls_rest {
            want.uses = &[];
        }
        want
    }

    /// The user whom a grant is tried for: one who passes by the model, else the first.
    fn listed(&self, grant: GrantKind) -> String {
        let mut users = acting(&[&self.world], grant);
        users.retain(|user| user != UNLISTED);
        let passes =
            |user: &&String| comes_through(&self.want(grant, (*user).clone()), &self.world);
        users
            .iter()
            .find(passes)
            .or(users.first())
            .cloned()
            .unwrap_or_default()
    }

    /// A user who can act in a grant, with login ranges that the outside is outside of.
    fn ranged(&self, grant: GrantKind) -> Option<&str> {
        let can = acting(&[&self.world], grant);
        self.world
            .org
            .people
            .iter()
            .find(|person| {
                can.contains(&person.username)
                    && !person.login_ip_ranges.is_empty()
                    && !person
                        .login_ip_ranges
                        .iter()
                        .any(|range| range.contains(&OUTSIDE))
            })
            .map(|person| person.username.as_str())
    }

    /// Who acts on a rung, by the name that the target has; `None` where the grant has no person.
    pub fn user(&self, rung: &Rung) -> Option<String> {
        let user = self.user_of_the_model(rung)?;
        Some(match &self.bounds {
            None => user,
            Some(bounds) if rung.who == Who::Unlisted => bounds.unlisted.clone()?,
            Some(bounds) => bounds.listed.clone(),
        })
    }

    fn user_of_the_model(&self, rung: &Rung) -> Option<String> {
        match (rung.who, rung.grant) {
            (_, GrantKind::ClientCredentials) => None,
            _ if rung.is_a_look() => None,
            (Who::Unlisted, _) => Some(UNLISTED.to_owned()),
            (Who::Outside, grant) => self.ranged(grant).map(str::to_owned),
            // A refresh token is its owner's, who came by the browser or by the device.
            (_, GrantKind::RefreshToken) => Some(self.listed(GrantKind::AuthorizationCode)),
            (_, grant) => Some(self.listed(grant)),
        }
    }

    /// The chains of the ladder that are climbed for this app.
    pub fn chains(&self) -> Vec<Chain> {
        let mut chains = ladder();
        chains.retain(|chain| {
            let first = chain.rungs.first().map(|rung| rung.grant);
            let meant = first.is_some_and(|grant| self.meant.contains(&grant));
            match chain.when {
                When::Always => true,
                When::Meant => meant,
                When::Verifying => meant && self.world.client.verifies,
                When::Ranges => meant && first.is_some_and(|grant| self.ranged(grant).is_some()),
            }
        });
        // Nobody wants to hear how long a refresh token lives that is not wanted.
        let refreshes = self.meant.contains(&GrantKind::RefreshToken);
        for chain in &mut chains {
            let wanted = |rung: &Rung| refreshes || rung.grant != GrantKind::RefreshToken;
            chain.rungs.retain(wanted);
        }
        if let Some(bounds) = &self.bounds {
            for chain in &mut chains {
                // Without the first the others have nothing to go on with.
                if chain.rungs.first().is_none_or(|first| !bounds.allow(first)) {
                    chain.rungs.clear();
                }
                chain.rungs.retain(|rung| bounds.allow(rung));
            }
        }
        chains.retain(|chain| !chain.rungs.is_empty());
        if !refreshes {
            chains.retain(|chain| !chain.rungs.iter().all(|rung| rung.who == Who::NextDay));
        }
        chains
    }

    /// A chain as a story: what drives scenarios drives it.
    pub fn story(&self, chain: &Chain) -> Story {
        let mut steps = Vec::new();
        for rung in &chain.rungs {
            if rung.after_hours > 0 {
                let pause = Duration::from_secs(rung.after_hours * 3600);
                steps.push(step("wait".to_owned(), StoryStep::Wait(pause)));
            }
            steps.push(step(
                rung.title(),
                StoryStep::Grant(Box::new(self.grant(rung))),
            ));
        }
        Story {
            file: self.app.clone(),
            title: format!("verify {}", self.app),
            about: None,
            tags: Vec::new(),
            combination: Vec::new(),
            declared: Known::new(),
            setup: Setup::default(),
            timeout: None,
            retries: 1,
            steps,
        }
    }

    fn grant(&self, rung: &Rung) -> GrantStep {
        let client = &self.client(rung).client;
        let placed = |value| {
            let at = At::default();
            Placed { value, at }
        };
        GrantStep {
            grant: rung.grant,
            app: Some(Placed {
                value: self.app.clone(),
                at: At::default(),
            }),
            user: self.user(rung).map(|value| Placed {
                value,
                at: At::default(),
            }),
            scope: None,
            answer: Answer::Allow,
            verification: if client.verifies || self.bounds.is_some() {
                Verification::Right
            } else {
                Verification::None
            },
            host: None,
            from: self.bounds.is_none().then(|| placed(client.address)),
            browser_session: BrowserSession::Own,
            away: Duration::ZERO,
            times: 1,
            send: rung.sends.clone(),
            after: AfterStep::default(),
            expect: Expect::OffProtocol,
            expect_at: At::default(),
        }
    }

    /// The org in which a chain begins, and the moment.
    pub fn beginning(&self, chain: &Chain) -> (OrgState, Timestamp) {
        let world = chain.rungs.first().map(|rung| self.client(rung));
        (world.unwrap_or_else(|| self.world.clone()).org, NOW)
    }

    /// The world with the client of a rung.
    fn client(&self, rung: &Rung) -> World {
        with(&self.world, rung)
    }

    /// What the model says that becomes of a rung; `None` where it has no words for it: it knows a moment, and no day after.
    pub fn predicted(&self, rung: &Rung) -> Option<Ran> {
        if rung.after_hours > 0 {
            return None;
        }
        let world = self.client(rung);
        if rung.is_a_look() {
            return Some(Ran {
                grant: rung.grant,
                end: world.look(),
                uses: Vec::new(),
            });
        }
        let user = self.user_of_the_model(rung);
        let user = user.as_deref().and_then(|user| world.org.person(user));
        Some(world.run_for(user, rung.grant, &mut ()))
    }

    /// Why a grant that is meant was not driven.
    pub fn undriven(&self, grant: GrantKind) -> Option<String> {
        let bounds = self.bounds.as_ref()?;
        let first = ladder()
            .into_iter()
            .find(|chain| {
                let mut rungs = chain.rungs.iter();
                rungs.any(|rung| rung.grant == grant && rung.is_the_flow())
            })?
            .rungs
            .swap_remove(0);
        (first.class > bounds.class).then(|| {
            let class = first.class.name();
            format!(
                "`--allow {class}`: the {} {}",
                first.grant.label(),
                meaning(first.class)
            )
        })
    }

    /// What nobody knows and what decides a grant, in sentences.
    pub fn undecided(&self, want: &Want) -> Vec<&str> {
        let passes = comes_through(want, &self.world);
        self.open
            .iter()
            .filter(|open| comes_through(want, &open.otherwise) != passes)
            .map(|open| open.missing.as_str())
            .collect()
    }
}

/// Where the app selects nobody, those whom it could be meant for have the first permission set of the folder, which it could select.
fn list(world: &mut World, project: &Project, assumed: &mut Vec<String>) {
    let settings = world.org.apps[0].settings.at(NOW);
    let selects =
        !settings.selected_permission_sets.is_empty() || !settings.selected_profiles.is_empty();
    let Some(first) = project.permission_sets.first().filter(|_| !selects) else {
        return;
    };
    for person in &mut world.org.people {
        person.permission_sets = vec![first.name.clone()];
    }
    if settings_need_a_list(world) {
        assumed.push(format!("each user has the permission set {}", first.name));
    }
}

fn settings_need_a_list(world: &World) -> bool {
    world.org.apps[0].settings.at(NOW).permitted_users == PermittedUsers::AdminApprovedPreAuthorized
}

/// What a probe itself makes known: a login by single sign-on meets no setting of logins with a password.
pub(super) fn of_the_probe(mut known: Known, who: Who) -> Known {
    if who == Who::OneFactor {
        for factor in [Factor::MfaUiLogin, Factor::DeviceActivation] {
            known.learn(factor, false.into(), Provenance::Declared);
        }
    }
    known
}

/// Where users approve an app themselves, those whom it is meant for have done so: without it the flows that show no page pass for nobody.
fn approve(world: &mut World, assumed: &mut Vec<String>) {
    if world.org.apps[0].settings.at(NOW).permitted_users != PermittedUsers::AllSelfAuthorized {
        return;
    }
    let mut approval = Delta::new(Factor::Approval, "with_refresh_token");
    for person in world.org.people.clone() {
        approval.person = Some(person.username);
        // Only a refresh token that the app may give keeps an approval.
        let _ = world.set(&approval);
    }
    assumed.push("listed users have approved the app before".to_owned());
}

/// Whether a token comes and its uses work. What is silently missing from it is no refusal.
fn comes_through(want: &Want, world: &World) -> bool {
    let (ran, _) = want.run(world);
    let mut uses = ran.uses.iter().filter(|used| want.uses.contains(&used.at));
    ran.end.is_granted() && uses.all(|used| used.end.is_granted())
}

/// What a dear probe does to an org.
const fn meaning(class: ProbeClass) -> &'static str {
    match class {
        ProbeClass::Spends => {
            "takes one of the five approvals of its user, and may push the oldest out"
        }
        ProbeClass::Ends => "may end tokens that others use",
        ProbeClass::Reads | ProbeClass::LeavesATrace => "leaves a trace",
    }
}

/// A world with the client of a rung.
fn with(world: &World, rung: &Rung) -> World {
    let mut world = world.clone();
    for (factor, word) in rung.sets {
        // The words are those of the table: a test holds it.
        let _ = world.set(&Delta::new(*factor, *word));
    }
    match rung.who {
        Who::Outside => (world.client.address, world.client.uses_from) = (OUTSIDE, OUTSIDE),
        Who::OneFactor => {
            world.client.verifies = false;
            (world.org.org.mfa_ui_login, world.org.org.device_activation) = (false, false);
            for person in &mut world.org.people {
                person.mfa_for_ui = false;
            }
        }
        Who::Listed | Who::Unlisted | Who::Public | Who::NextDay => {}
    }
    world
}

fn step(title: String, does: StoryStep) -> Step {
    Step {
        title,
        at: At::default(),
        does,
    }
}

/// What neither the files nor the public documents say of this app.
fn open(project: &Project, app: &DeclaredApp, world: &World) -> Vec<Open> {
    let mut open = Vec::new();
    let policies = RecordType::ExtlClntAppOauthConfigurablePolicies;
    if app.missing.contains(&policies) {
        let mut parts = Parts::of(project, app);
        parts.app.forget(Factor::PolicyRecord);
        open.push(Open {
            missing: format!(
                "the record {}, which the folder has not: retrieve it, or deploy one, for an org without it has the platform's defaults",
                policies.name()
            ),
            otherwise: parts.declared().world,
        });
    }
    let mut otherwise = world.clone();
    let verifies = Delta::new(Factor::ExpiredCertificate, "verifies");
    if world.org.apps[0].settings.at(NOW).certificate == Certificate::Expired
        && otherwise.set(&verifies).is_ok()
    {
        open.push(Open {
            missing: "whether an org refuses an expired certificate, which no public document says: a new certificate makes it moot"
                .to_owned(),
            otherwise,
        });
    }
    open
}
