//! Who wants which grant, and what stands in the way: a refusal, a page, something silently missing, a use that is refused.

use crate::cause::{AppKind, CauseId, Shows, conditions};
use crate::exchange::Endpoint;
use crate::factor::{Factor, Value};
use crate::model::{AppSettings, Certificate, PersonId, Stage};
use crate::oauth::GrantKind;
use crate::world::{Checks, End, Ran, World};

/// A grant that a user wants to pass: the token comes, nothing is missing from it, and the uses work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Which grant.
    pub grant: GrantKind,
    /// Who acts. For client credentials the run-as user, whoever that is.
    pub user: String,
    /// Which calls with the token have to work.
    pub uses: &'static [Endpoint],
}

impl Want {
    /// A grant of a user, with a REST call after it.
    pub fn new(grant: GrantKind, user: impl Into<String>) -> Self {
        Self {
            grant,
            user: user.into(),
            uses: &[Endpoint::Rest],
        }
    }

    /// What becomes of it in a world, and the checks that were made.
    pub fn run(&self, world: &World) -> (Ran, Checks) {
        let mut checks = Checks::default();
        let ran = world.run_for(world.org.person(&self.user), self.grant, &mut checks);
        (ran, checks)
    }

    /// The first thing that stands in the way; `None` where it passes.
    pub fn problem(&self, world: &World) -> Option<Problem> {
        let (ran, checks) = self.run(world);
        self.problem_of(world, &ran, &checks)
    }

    /// The first thing that stood in the way of a run of it.
    pub(super) fn problem_of(&self, world: &World, ran: &Ran, checks: &Checks) -> Option<Problem> {
        let user = world.org.person(&self.user);
        problem(world, user, self.uses, ran, checks)
    }

    /// Whether it passes.
    pub fn passes(&self, world: &World) -> bool {
        let ran = world.run_for(world.org.person(&self.user), self.grant, &mut ());
        ran.end.is_granted()
            && lacks(&ran.end).is_empty()
            && ran
                .uses
                .iter()
                .filter(|used| self.uses.contains(&used.at))
                .all(|used| used.end.is_granted() && lacks(&used.end).is_empty())
    }

    /// Whose factors decide it: the run-as user of client credentials, else who acts.
    pub fn actor(&self, world: &World) -> Option<String> {
        actor(world, self.grant, &self.user)
    }
}

/// Whose factors decide a grant.
pub(super) fn actor(world: &World, grant: GrantKind, user: &str) -> Option<String> {
    if grant == GrantKind::ClientCredentials {
        return run_as(world).map(|id| world.org.people[id.0].username.clone());
    }
    world.org.person(user).map(|_| user.to_owned())
}

/// Whether an org has a grant switched on in any place: one that is off everywhere is not meant to pass. Browser flows and refresh always are.
pub fn is_meant(world: &World, grant: GrantKind) -> bool {
    let settings = settings(world);
    match grant {
        GrantKind::AuthorizationCode | GrantKind::RefreshToken => true,
        GrantKind::ClientCredentials => {
            settings.client_credentials_in_settings || settings.client_credentials_in_policies
        }
        GrantKind::JwtBearer => settings.certificate != Certificate::Absent,
        GrantKind::Device => settings.device_flow_enabled,
        GrantKind::TokenExchange => {
            settings.token_exchange_in_settings || settings.token_exchange_in_policies
        }
        GrantKind::UsernamePassword => {
            world.kind() == AppKind::ConnectedApp || settings.username_password_on_eca
        }
    }
}

/// The run-as user, where there is one.
pub(super) fn run_as(world: &World) -> Option<PersonId> {
    let name = settings(world).client_credentials_flow_user.as_deref()?;
    world.org.person(name)
}

/// The settings of the app as they act at the moment of the world.
pub(super) fn settings(world: &World) -> &AppSettings {
    world.org.apps[0].settings.at(crate::world::NOW)
}

/// What stands in the way of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The cause.
    pub cause: CauseId,
    /// Whether the grant is refused, lacks something, or fails in use.
    pub shows: Shows,
    /// Which endpoint says so, or would.
    pub at: Endpoint,
    /// Where in the chain of checks.
    pub stage: Stage,
    /// The setting that the check read.
    pub factor: Factor,
    /// What it found.
    pub found: String,
    /// What it needed.
    pub needed: &'static str,
    /// How many checks were made before, itself included: how far the flow came.
    pub depth: usize,
}

/// The first problem of a run.
fn problem(
    world: &World,
    person: Option<PersonId>,
    uses: &[Endpoint],
    ran: &Ran,
    checks: &Checks,
) -> Option<Problem> {
    let depth = checks.made.len();
    match &ran.end {
        End::Refused { cause, at, .. } => {
            return Some(checked(world, *cause, Shows::Refused, *at, checks));
        }
        End::Page { cause, at, page } => {
            let cause = cause.unwrap_or(match page {
                crate::model::Page::Approval => CauseId::UserDeniedConsent,
                _ => CauseId::ImmediateWithoutSession,
            });
            return Some(checked(world, cause, Shows::Refused, *at, checks));
        }
        End::NotTried => {
            return Some(silent(
                world,
                no_refresh_token(world, person),
                Shows::Refused,
                Endpoint::Token,
                depth,
            ));
        }
        End::Granted { lacking } => {
            if let Some(cause) = lacking.first() {
                return Some(silent(world, *cause, Shows::Silent, Endpoint::Token, depth));
            }
        }
    }
    ran.uses
        .iter()
        .filter(|used| uses.contains(&used.at))
        .find_map(|used| {
            let cause = used.end.cause()?;
            Some(checked(world, cause, Shows::InUse, used.at, checks))
        })
}

/// Why there is no refresh token to send.
pub(super) fn no_refresh_token(world: &World, user: Option<PersonId>) -> CauseId {
    if user.is_none() {
        CauseId::UsernameWrong
    } else if settings(world).scopes.asks_refresh() {
        CauseId::ScopeRefreshNotRequested
    } else {
        CauseId::ScopeRefreshMissing
    }
}

/// A problem with the check that found it.
fn checked(world: &World, cause: CauseId, shows: Shows, at: Endpoint, checks: &Checks) -> Problem {
    let failed = checks
        .made
        .iter()
        .enumerate()
        .rfind(|(_, made)| made.at == at && made.row.cause == cause && !made.row.passed);
    match failed {
        Some((place, made)) => Problem {
            cause,
            shows,
            at,
            stage: made.row.stage,
            factor: made.row.factor,
            found: made.row.found.clone(),
            needed: made.row.needed,
            depth: place + 1,
        },
        None => silent(world, cause, shows, at, checks.made.len()),
    }
}

/// A problem that no check tells: what is missing from a token.
pub(super) fn silent(
    world: &World,
    cause: CauseId,
    shows: Shows,
    at: Endpoint,
    depth: usize,
) -> Problem {
    let factor = conditions(cause)
        .next()
        .map_or(Factor::Scopes, |row| row.conditions[0].factor);
    Problem {
        cause,
        shows,
        at,
        stage: if shows == Shows::InUse {
            Stage::Use
        } else {
            Stage::Scope
        },
        factor,
        found: world.read(factor).unwrap_or(Value::Absent).to_string(),
        needed: needed(cause),
        depth,
    }
}

/// What a token should have had.
const fn needed(cause: CauseId) -> &'static str {
    match cause {
        CauseId::ScopeOpenidMissing | CauseId::ScopeIdentityNotRequested => "openid",
        CauseId::ScopeRefreshMissing | CauseId::ScopeRefreshNotRequested => {
            "refresh_token or offline_access"
        }
        CauseId::UsernameWrong => "the username of a user of this org",
        _ => "a value that lets the flow pass",
    }
}

/// What is silently missing.
pub(super) fn lacks(end: &End) -> &[CauseId] {
    match end {
        End::Granted { lacking } => lacking,
        _ => &[],
    }
}
