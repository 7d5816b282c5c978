//! Drives the ladder: on the simulated org, a new one for each chain, or on a target that others keep.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::args::{Allow, Verify};
use crate::cli::args::Agent;
use crate::cli::failure::{Failure, USAGE};
use crate::cli::live::{Live, LiveStage};
use crate::cli::load::rendered;
use crate::cli::sim::Sim;
use crate::diagnosis::ProbeClass;
use crate::edge::terminal;
use crate::grant::StepRecord;
use crate::oauth::GrantKind;
use crate::plan::plan;
use crate::ports::Boxed;
use crate::run::survey;
use crate::scenario::Story;
use crate::secret::Register;
use crate::target::Target;
use crate::verify::ladder::Chain;
use crate::verify::{Bounds, Case, Climbed};

/// The apps that are verified at once.
const AT_ONCE: usize = 4;
/// The hosts at which a callback server can listen.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Opens the target file, if one is named, and bounds the ladders by it.
pub(super) fn live(arguments: &Verify, cases: &mut [Case]) -> Result<Option<Live>, Failure> {
    if arguments.target == "sim" {
        return Ok(None);
    }
    let live = Live::at(&arguments.target, arguments.agent, arguments.paste)?;
    let bounds = Bounds {
        listed: user(&live.target, arguments.user.as_deref())?,
        unlisted: arguments
            .unlisted
            .as_deref()
            .map(|name| user(&live.target, Some(name)))
            .transpose()?,
        class: match arguments.allow {
            None => ProbeClass::LeavesATrace,
            Some(Allow::Spends) => ProbeClass::Spends,
            Some(Allow::Ends) => ProbeClass::Ends,
        },
    };
    for case in cases {
        case.bounds = Some(bounds.clone());
        if bounds.class > ProbeClass::LeavesATrace {
            case.assumed.push(format!(
                "{} has fewer than five approvals of the app, which could not be listed: a sixth pushes the oldest out",
                bounds.listed
            ));
        }
        callbacks(arguments, case)?;
    }
    Ok(Some(live))
}

fn user(target: &Target, name: Option<&str>) -> Result<String, Failure> {
    let found = match name {
        Some(name) => target.user(name),
        None => target.users.first(),
    };
    found.map(|user| user.name.clone()).ok_or_else(|| {
        let text = match name {
            Some(name) => format!("the target `{}` has no user `{name}`", target.name),
            None => format!("the target `{}` has no user", target.name),
        };
        Failure::new(USAGE, text, "`users:` of the target file names them")
    })
}

/// Says first where no callback can reach this machine: a browser would leave for an address that is not ours.
fn callbacks(arguments: &Verify, case: &Case) -> Result<(), Failure> {
    if arguments.agent == Agent::BuiltIn || arguments.paste {
        return Ok(());
    }
    let registered = case.callbacks();
    let ours = |url: &String| {
        url::Url::parse(url).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.host_str().is_some_and(|host| LOOPBACK.contains(&host))
        })
    };
    if !case.meant.contains(&GrantKind::AuthorizationCode) || registered.iter().any(ours) {
        return Ok(());
    }
    Err(Failure::new(
        USAGE,
        format!(
            "no callback URL of {} leads to this machine: {}",
            case.app,
            registered.join(", ")
        ),
        "`--paste` takes the address that the browser ends on; or add the line `https://localhost:8443/callback` to the callback URLs of the app",
    ))
}

/// Climbs the ladder of every case: some at once on the simulated org, one after another elsewhere.
pub(super) async fn climb(
    cases: &[Case],
    live: Option<&Live>,
    secrets: &Register,
) -> Result<Vec<Vec<Climbed>>, Failure> {
    if let Some(live) = live {
        live.register(secrets);
        let mut climbed = Vec::new();
        for case in cases {
            climbed.push(on_target(live, case, secrets).await?);
        }
        return Ok(climbed);
    }
    let sim = Sim::start()?;
    let sim = &sim;
    stream::iter(cases.iter().enumerate())
        .map(|(number, case)| -> Boxed<'_, _> { Box::pin(on_sim(sim, case, number, secrets)) })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// Each chain on an org of its own.
async fn on_sim(
    sim: &Sim,
    case: &Case,
    number: usize,
    secrets: &Register,
) -> Result<Vec<Climbed>, Failure> {
    let mut climbed = Vec::new();
    for (place, chain) in case.chains().into_iter().enumerate() {
        let (org, start) = case.beginning(&chain);
        let stage = sim.stage_of(org, start, number * 100 + place);
        let story = case.story(&chain);
        let target = with_callback(stage.target(&story), case);
        let plan = planned(&story, &target)?;
        let records = survey(&story, &plan, &stage, secrets).await;
        for secret in stage.secrets() {
            secrets.add("secret", &secret);
        }
        climbed.extend(paired(chain, records));
    }
    Ok(climbed)
}

async fn on_target(live: &Live, case: &Case, secrets: &Register) -> Result<Vec<Climbed>, Failure> {
    let target = with_callback(live.target.clone(), case);
    let mut climbed = Vec::new();
    for chain in case.chains() {
        let story = case.story(&chain);
        let plan = planned(&story, &target)?;
        for rung in &chain.rungs {
            terminal::err(&format!("{}: {}", case.app, rung.title()));
        }
        let stage = LiveStage::handing(live);
        let records = survey(&story, &plan, &stage, secrets).await;
        climbed.extend(paired(chain, records));
    }
    Ok(climbed)
}

/// The target with the callback URL that the files declare, where it names none of its own.
fn with_callback(mut target: Target, case: &Case) -> Target {
    for app in &mut target.apps {
        if app.redirect_uri == crate::target::ANY_CALLBACK {
            app.redirect_uri.clone_from(&case.world.client.redirect_uri);
        }
    }
    target
}

fn planned(story: &Story, target: &Target) -> Result<crate::plan::Plan, Failure> {
    plan(story, target).map_err(|error| rendered([&error as &dyn miette::Diagnostic]))
}

fn paired(chain: Chain, records: Vec<Option<StepRecord>>) -> impl Iterator<Item = Climbed> {
    let records = records.into_iter().flatten();
    let rungs = chain.rungs.into_iter();
    rungs
        .zip(records)
        .map(|(rung, record)| Climbed { rung, record })
}
