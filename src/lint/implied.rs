//! What the model implies: each grant that is meant, played on the declared policy for each user who could act in it. A grant that passes for
//! nobody is blocked by what the files say, and what blocks it is looked for behind each blocker that is lifted.

use super::finding::{Finding, Severity};
use super::finish;
use super::subject::Subject;
use crate::cause::{CauseId, Shows, conditions, entry};
use crate::factor::{Factor, FactorKind, Known, Provenance, Value};
use crate::metadata::{DeclaredApp, RecordType};
use crate::oauth::GrantKind;
use crate::what_if::{Problem, Want, acting, after, is_meant, remedies};
use crate::world::World;

/// Blockers behind each other that are looked for.
const MOST: usize = 6;

/// Whether the Authorization Code and Credentials flow is on for an app, of users or of guests. It has no grant of its own: no driver has it.
pub(crate) fn code_and_credentials(app: &DeclaredApp) -> bool {
    [
        (
            RecordType::ExtlClntAppGlobalOauthSettings,
            "isCodeCredFlowEnabled",
        ),
        (
            RecordType::ConnectedApp,
            "oauthConfig.isCodeCredentialEnabled",
        ),
        (
            RecordType::ExtlClntAppOauthConfigurablePolicies,
            "isGuestCodeCredFlowEnabled",
        ),
    ]
    .into_iter()
    .any(|(kind, path)| app.record(kind).and_then(|record| record.flag(path)) == Some(true))
}

/// Scopes that only say who the user is.
const IDENTITY: [&str; 6] = ["OpenID", "Basic", "Profile", "Email", "Address", "Phone"];
/// Scopes that open no API of their own.
const NO_API: [&str; 4] = ["RefreshToken", "OfflineAccess", "Web", "CustomPermissions"];

/// Whether an app of these scopes logs people in and calls no API.
pub(super) fn login_only(scopes: &[String]) -> bool {
    !scopes.is_empty()
        && scopes
            .iter()
            .all(|scope| IDENTITY.contains(&scope.as_str()))
}

/// Whether none of these scopes opens an API.
pub(super) fn opens_no_api(scopes: &[String]) -> bool {
    scopes
        .iter()
        .all(|scope| IDENTITY.contains(&scope.as_str()) || NO_API.contains(&scope.as_str()))
}

/// Whether the tokens of an app are for the REST API: not where it only logs people in, and not where its scopes are for other APIs.
pub(crate) fn calls_rest(app: &DeclaredApp) -> bool {
    match app.known.value(Factor::Scopes) {
        Some((Value::Names(scopes), _)) => {
            scopes.iter().any(|scope| scope == "Api" || scope == "Full")
                || opens_no_api(scopes) && !login_only(scopes)
        }
        _ => true,
    }
}

/// The grants that an app is meant for. Metadata has no switch for logins in a browser: an app with a callback URL is taken to have them, and
/// to want refresh tokens where it asks for them or has no flow without a person.
pub(crate) fn meant(world: &World, app: &DeclaredApp) -> Vec<GrantKind> {
    let lists = |factor| match app.known.value(factor) {
        Some((Value::Names(names), _)) => Some(names.as_slice()),
        Some((Value::Absent, _)) => Some(&[][..]),
        _ => None,
    };
    let in_a_browser = lists(Factor::CallbackUrl).is_none_or(|urls| !urls.is_empty());
    let asks = lists(Factor::Scopes).is_none_or(|scopes| {
        let asks = |scope: &String| matches!(scope.as_str(), "RefreshToken" | "OfflineAccess");
        scopes.iter().any(asks)
    });
    let alone = [
        GrantKind::ClientCredentials,
        GrantKind::JwtBearer,
        GrantKind::TokenExchange,
    ]
    .into_iter()
    .any(|grant| is_meant(world, grant));
    // Such an app logs users in and keeps nothing.
    let login_only = lists(Factor::Scopes).is_some_and(login_only);
    GrantKind::ALL
        .into_iter()
        .filter(|grant| match grant {
            GrantKind::AuthorizationCode => in_a_browser,
            GrantKind::RefreshToken => in_a_browser && (asks || !alone && !login_only),
            // Nothing in metadata says that somebody wants it, and it is not to be wanted.
            GrantKind::UsernamePassword => false,
            _ => is_meant(world, *grant),
        })
        .collect()
}

/// Adds what the static checks did not see; a cause that is there already gets the flow, and is not told twice.
pub(super) fn add(subject: &Subject<'_, '_>, findings: &mut Vec<Finding>) {
    for grant in subject.meant {
        for problem in blockers(subject, *grant) {
            let name = grant.name();
            let known = findings
                .iter_mut()
                .find(|finding| finding.cause == problem.cause);
            match known {
                Some(finding) if finding.flows.contains(&name) => {}
                // An error elsewhere, such as the use of the token, is told by its own flow.
                Some(finding) if finding.flows == ["api_call"] => {}
                Some(finding) => finding.flows.push(name),
                None => findings.extend(told(subject, *grant, &problem)),
            }
        }
    }
}

/// The blockers of a grant that passes for nobody, as the user sees them who comes furthest.
fn blockers(subject: &Subject<'_, '_>, grant: GrantKind) -> Vec<Problem> {
    let mut furthest: Option<Chain> = None;
    for user in acting(&[subject.world], grant) {
        let chain = Chain::begin(subject.world, Want::new(grant, user));
        let Some(chain) = chain else {
            return Vec::new();
        };
        let further = |other: &Chain| chain.problem.depth > other.problem.depth;
        if furthest.as_ref().is_none_or(further) {
            furthest = Some(chain);
        }
    }
    furthest.map_or_else(Vec::new, |chain| chain.all(subject.world))
}

/// A grant of a user on its way past one blocker after another.
struct Chain {
    want: Want,
    world: World,
    problem: Problem,
}

impl Chain {
    /// The first blocker; `None` where the grant passes. A scope that the app does not have is no blocker: the client asks for it or not.
    fn begin(world: &World, want: Want) -> Option<Self> {
        let (world, problem) = refused(world.clone(), &want)?;
        Some(Self {
            want,
            world,
            problem,
        })
    }

    /// This blocker, and those behind it that the files declare.
    fn all(mut self, declared: &World) -> Vec<Problem> {
        let mut found = vec![self.problem.clone()];
        while found.len() < MOST {
            let Some(remedy) = remedies(&self.world, &self.problem, &self.want)
                .into_iter()
                .next()
            else {
                break;
            };
            let mended = after(&self.world, [&remedy.change]);
            match refused(mended, &self.want) {
                // What a remedy brought along is no fault of the files.
                Some((world, next))
                    if next.cause != self.problem.cause
                        && world.read(next.factor) == declared.read(next.factor) =>
                {
                    found.push(next.clone());
                    (self.world, self.problem) = (world, next);
                }
                _ => break,
            }
        }
        found
    }
}

/// The first refusal of a grant, in the world in which whatever is silently missing before it is given.
fn refused(mut world: World, want: &Want) -> Option<(World, Problem)> {
    for _ in 0..MOST {
        let problem = want.problem(&world)?;
        if problem.shows != Shows::Silent {
            return Some((world, problem));
        }
        let remedy = remedies(&world, &problem, want).into_iter().next()?;
        world = after(&world, [&remedy.change]);
    }
    None
}

/// The finding of a problem, where the files say what it is made of.
fn told(subject: &Subject<'_, '_>, grant: GrantKind, problem: &Problem) -> Option<Finding> {
    // What the reader found is not learnt, so the world is healthy there; what nobody declared is no fault of the files.
    let factor = declared_factor(subject, problem)?;
    let severity = severity(problem.cause);
    let draft = subject
        .about(problem.cause, severity, factor, problem.needed)
        .flows(vec![grant.name()])
        .says(message(grant, problem.cause));
    Some(finish(subject, draft))
}

/// The factor that the files decide: the one that the check read, else one that the cause is made of.
fn declared_factor(subject: &Subject<'_, '_>, problem: &Problem) -> Option<Factor> {
    let made_of = conditions(problem.cause)
        .flat_map(|row| row.conditions)
        .map(|condition| condition.factor);
    std::iter::once(problem.factor)
        .chain(made_of)
        .filter(|factor| !matches!(factor.kind(), FactorKind::Request | FactorKind::Environment))
        .find(|factor| is_declared(subject, *factor))
}

fn message(grant: GrantKind, cause: CauseId) -> String {
    if cause == CauseId::JwtUserNotSelfApproved {
        return format!("{grant} passes only for users who approved the app in a browser before");
    }
    format!("no user passes {grant}: {}", lower(entry(cause).setting))
}

fn is_declared(subject: &Subject<'_, '_>, factor: Factor) -> bool {
    let project = subject.context.project;
    let by_file = |known: &Known| {
        let from = known.value(factor).map(|(_, from)| from);
        matches!(from, Some(Provenance::File { .. } | Provenance::Default))
    };
    let missing = factor == Factor::PolicyRecord
        && subject
            .app
            .missing
            .contains(&RecordType::ExtlClntAppOauthConfigurablePolicies);
    missing
        || by_file(&subject.app.known)
        || by_file(&project.org)
        || factor.kind() == FactorKind::Person
            && project
                .profiles
                .iter()
                .any(|profile| by_file(&profile.known))
}

/// A cause that the facts call doubtful, or that not every user meets.
const fn severity(cause: CauseId) -> Severity {
    match cause {
        CauseId::JwtUserNotSelfApproved
        | CauseId::JwtCertificateExpired
        | CauseId::PolicyRecordMissing
        | CauseId::SessionStepupMfa
        | CauseId::DeviceSecretRequired
        | CauseId::ProfileIpJwtAlways
        | CauseId::LocalAppCrossOrg => Severity::Warning,
        _ => Severity::Error,
    }
}

/// A sentence of the catalogue behind a colon.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    // A name or an abbreviation keeps its capitals.
    let keep = letters
        .clone()
        .next()
        .is_none_or(|second| second.is_uppercase() || !second.is_alphabetic());
    match first {
        Some(first) if !keep && !text.starts_with("OAuth") => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
