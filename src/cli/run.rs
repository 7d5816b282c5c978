//! `run`: stories side by side, reports, exit code.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::args;
use super::failure::{COULD_NOT_RUN, Failure, OK, USAGE};
use super::keep::Kept;
use super::live::{Live, LiveStage};
use super::load;
use super::show::{self, Shown};
use super::sim::Sim;
use crate::diagnosis::Flip;
use crate::edge::clock::SystemClock;
use crate::edge::signal;
use crate::journal::Opening;
use crate::model;
use crate::plan::{self, Action, Plan, PlannedStep, plan};
use crate::ports::{Boxed, Clock as _};
use crate::report::exit::exit_code;
use crate::report::{
    ErrorKind, ReportRequest, RunInfo, RunReport, ScenarioReport, Status, StepReport, millis,
};
use crate::run::{self, Stage};
use crate::scenario::{Expect, Story};
use crate::secret::Register;

/// How many scenarios run at once where nothing is said. Each spends its time on handshakes and waits, not on a core of its own.
const JOBS: usize = 8;

pub(super) fn run(arguments: &args::Run, shown: Shown) -> Result<u8, Failure> {
    let reports = arguments
        .report
        .iter()
        .map(|text| text.parse::<ReportRequest>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| load::rendered([&error as &dyn miette::Diagnostic]))?;
    if arguments.trace && arguments.target != "sim" {
        return Err(Failure::new(
            USAGE,
            "a live org does not tell its checks",
            "`--trace` is for the simulated org; against another target leave it away",
        ));
    }
    super::driven::check(
        &arguments.target,
        arguments.agent,
        arguments.webdriver.as_ref(),
        arguments.paste,
    )?;
    let stories = load::stories(arguments)?;
    if arguments.list {
        super::failure::print(&list(&stories))?;
        return Ok(OK);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().min(8)))
        .enable_all()
        .build()
        .map_err(|error| Failure::new(COULD_NOT_RUN, format!("failed to start: {error}"), ""))?;
    let report = runtime.block_on(play(arguments, &stories, shown))?;
    let Some((report, secrets)) = report else {
        return Ok(OK);
    };
    // Files first: a stdout that takes nothing must not cost them.
    show::files(&reports, &report, &secrets)?;
    let shown = Shown {
        // A trace of a step that passed is read beside the step.
        verbose: shown.verbose || arguments.trace,
        ..shown
    };
    show::report(&report, &secrets, arguments.format, shown)?;
    // What is left of connections is not waited for.
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(exit_code(&report))
}

/// Where the stories are played.
enum Place {
    Sim(Sim),
    Live(Box<Live>),
}

async fn play(
    arguments: &args::Run,
    stories: &[Story],
    shown: Shown,
) -> Result<Option<(RunReport, Register)>, Failure> {
    let begin = Instant::now();
    let secrets = Register::new();
    let place = if arguments.target == "sim" {
        Place::Sim(Sim::start()?)
    } else {
        let live = Live::open(arguments)?;
        live.register(&secrets);
        Place::Live(Box::new(live))
    };
    let mut ready = Vec::with_capacity(stories.len());
    for story in stories {
        ready.push(Ready::new(&place, story)?);
    }
    if arguments.dry_run {
        super::failure::print(&dry(&ready))?;
        return Ok(None);
    }
    let started = SystemClock.now();
    let info = RunInfo {
        started_at: started.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: match &place {
            Place::Sim(_) => "simulated org".to_owned(),
            Place::Live(live) => live.target.name.clone(),
        },
        arguments: std::env::args().skip(1).collect(),
        planned: stories.len(),
        ..RunInfo::default()
    };
    let kept = Kept::open(info, !arguments.no_journal, started, secrets)?;
    let stopped = AtomicBool::new(false);
    let progress = show::Progress::new(ready.len(), shown);
    let mut ended: Vec<Option<ScenarioReport>> = ready.iter().map(|_| None).collect();
    let jobs = arguments.jobs.unwrap_or(match place {
        Place::Sim(_) => JOBS,
        // Its app has one callback URL, whose port two scenarios cannot listen on at once.
        Place::Live(_) => 1,
    });
    let all = run::side_by_side(
        ready.len(),
        jobs,
        |number| ready[number].play(&place, number, &kept, arguments.trace),
        || stopped.load(Ordering::Relaxed),
        |number, report| {
            if arguments.fail_fast && !matches!(report.status, Status::Passed | Status::Skipped) {
                stopped.store(true, Ordering::Relaxed);
            }
            kept.scenario(number, &report);
            progress.ended(&report);
            ended[number] = Some(report);
        },
    );
    let interrupted = tokio::select! {
        () = all => false,
        _ = signal::stop()? => true,
    };
    progress.close();
    let scenarios = ended
        .into_iter()
        .zip(&ready)
        // What was not begun when somebody stopped the run is no part of its report.
        .filter_map(|(report, ready)| {
            report.or_else(|| (!interrupted).then(|| ready.not_reached()))
        })
        .collect();
    drop(ready);
    let (info, secrets) = kept.close(millis(begin.elapsed()), interrupted);
    Ok(Some((RunReport::new(info, scenarios), secrets)))
}

/// A story with its plan, or with the reason why it is not run here. An org of the simulation is made when the story begins, so that
/// memory does not grow with the number of stories.
struct Ready<'a> {
    story: &'a Story,
    /// For a live target.
    plan: Option<Plan>,
    unfit: Option<String>,
}

impl<'a> Ready<'a> {
    fn new(place: &Place, story: &'a Story) -> Result<Self, Failure> {
        let Place::Live(live) = place else {
            return Ok(Self {
                story,
                plan: None,
                unfit: None,
            });
        };
        match plan(story, &live.target) {
            Ok(plan) => Ok(Self {
                story,
                plan: Some(plan),
                unfit: None,
            }),
            Err(error @ plan::Error::Unfit { .. }) => Ok(Self {
                story,
                plan: None,
                unfit: Some(error.to_string()),
            }),
            Err(error) => Err(load::rendered([&error as &dyn miette::Diagnostic])),
        }
    }

    fn play<'p>(
        &'p self,
        place: &'p Place,
        number: usize,
        kept: &'p Kept,
        traced: bool,
    ) -> Boxed<'p, ScenarioReport> {
        Box::pin(async move {
            if let Some(reason) = &self.unfit {
                return self.without_steps(Status::Skipped, reason.clone());
            }
            let secrets = Register::new();
            let keep = match kept.of(number, self.opening()) {
                Ok(keep) => keep,
                Err(failure) => {
                    let report = self.without_steps(Status::Error, failure.to_text());
                    return ScenarioReport {
                        error_kind: Some(ErrorKind::CouldNotRun),
                        ..report
                    };
                }
            };
            match (place, &self.plan) {
                (Place::Live(live), Some(plan)) => {
                    live.register(&secrets);
                    run::play(
                        self.story,
                        plan,
                        &LiveStage::new(live) as &dyn Stage,
                        &keep,
                        &secrets,
                        None,
                    )
                    .await
                }
                (Place::Sim(sim), _) => match self.planned(sim, number) {
                    Ok((stage, plan)) => {
                        let stage = stage.traced(traced);
                        let again = OnceMore {
                            sim,
                            story: self.story,
                        };
                        run::play(self.story, &plan, &stage, &keep, &secrets, Some(&again)).await
                    }
                    Err(reason) => self.without_steps(Status::Error, reason),
                },
                (Place::Live(_), None) => {
                    self.without_steps(Status::Error, "it has no plan".to_owned())
                }
            }
        })
    }

    fn planned(&self, sim: &Sim, number: usize) -> Result<(super::sim::SimStage, Plan), String> {
        let stage = sim
            .stage(self.story, number)
            .map_err(|failure| failure.to_text())?;
        let plan =
            plan(self.story, &stage.target(self.story)).map_err(|error| error.to_string())?;
        Ok((stage, plan))
    }

    fn without_steps(&self, status: Status, reason: String) -> ScenarioReport {
        ScenarioReport {
            file: self.story.file.clone(),
            name: run::title(self.story),
            about: self.story.about.clone(),
            tags: self.story.tags.clone(),
            matrix: self.story.combination.iter().cloned().collect(),
            error_kind: (status == Status::Error).then_some(ErrorKind::Bug),
            status,
            reason: Some(reason),
            ..ScenarioReport::default()
        }
    }

    fn opening(&self) -> Opening {
        let report = self.without_steps(Status::Passed, String::new());
        Opening {
            file: report.file,
            name: report.name,
            about: report.about,
            tags: report.tags,
            matrix: report.matrix,
        }
    }

    fn not_reached(&self) -> ScenarioReport {
        self.without_steps(
            Status::Skipped,
            "the run stopped at a failure (--fail-fast)".to_owned(),
        )
    }
}

/// Plays a story again in another org of the run, to prove a cause.
struct OnceMore<'a> {
    sim: &'a Sim,
    story: &'a Story,
}

impl OnceMore<'_> {
    /// Whether the org has the accused value when the step begins.
    fn accused_there(&self, step: usize, flip: &Flip) -> bool {
        let now = SystemClock.now();
        let Ok(mut state) = super::sim::state_of(self.story, now) else {
            return false;
        };
        for before in self.story.steps.iter().take(step) {
            if let crate::scenario::StoryStep::Change(deltas) = &before.does {
                for delta in deltas {
                    let _ = model::set(&mut state, delta, now);
                }
            }
        }
        let people = (0..state.people.len()).map(model::PersonId);
        people
            .filter_map(|person| model::read(&state, flip.to.factor, Some(person), now))
            .any(|value| flip.accuses(&value))
    }
}

/// Orgs of proofs are told from those of stories by their number.
static PROOFS: AtomicUsize = AtomicUsize::new(1_000_000);

/// Keeps nothing: a proof is no part of the run.
struct KeepNothing;

impl run::Keep for KeepNothing {
    fn step(&self, step: StepReport, _: &Register) -> Result<StepReport, String> {
        Ok(step)
    }
}

impl run::Again for OnceMore<'_> {
    fn passes<'a>(&'a self, step: usize, flip: &'a Flip, since: run::Since) -> Boxed<'a, bool> {
        Box::pin(async move {
            if !self.accused_there(step, flip) {
                return false;
            }
            let number = PROOFS.fetch_add(1, Ordering::Relaxed);
            let Ok(stage) = self.sim.stage(self.story, number) else {
                return false;
            };
            let Ok(mut plan) = plan(self.story, &stage.target(self.story)) else {
                return false;
            };
            let Some(tried) = plan.steps.get(step) else {
                return false;
            };
            let change = PlannedStep {
                title: "the change to prove".to_owned(),
                at: tried.at,
                does: Action::Change(vec![flip.to.clone()]),
            };
            let at = match since {
                run::Since::TheStep => step,
                run::Since::TheBeginning => 0,
            };
            plan.steps.insert(at, change);
            let secrets = Register::new();
            let report = run::play(self.story, &plan, &stage, &KeepNothing, &secrets, None).await;
            report
                .steps
                .get(step + 1)
                .is_some_and(|step| step.status == Status::Passed)
        })
    }
}

fn list(stories: &[Story]) -> String {
    use std::fmt::Write as _;

    let widest = stories
        .iter()
        .map(|story| story.label().chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    let mut text = String::new();
    for story in stories {
        let _ = writeln!(text, "{:<widest$}  {}", story.label(), story.title);
    }
    text
}

/// What would be sent, step by step.
fn dry(ready: &[Ready<'_>]) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    for one in ready {
        let _ = writeln!(text, "{}", one.story.label());
        if let Some(reason) = &one.unfit {
            let _ = writeln!(text, "  not run: {reason}");
        }
        for (number, step) in one.story.steps.iter().enumerate() {
            let what = match &step.does {
                crate::scenario::StoryStep::Grant(grant) => {
                    let times = if grant.times > 1 {
                        format!(", {} times", grant.times)
                    } else {
                        String::new()
                    };
                    let host = grant
                        .host
                        .as_ref()
                        .map_or("my_domain", |host| host.value.name());
                    format!(
                        "{} at {host}{times}, expecting {}",
                        grant.grant.label(),
                        expected(&grant.expect)
                    )
                }
                crate::scenario::StoryStep::Change(deltas) => {
                    let keys: Vec<String> = deltas
                        .iter()
                        .map(|delta| format!("{} = {}", delta.factor.key(), delta.value))
                        .collect();
                    format!("change {}", keys.join(", "))
                }
                crate::scenario::StoryStep::Wait(time) => {
                    format!("wait {}", crate::scenario::say_duration(*time))
                }
                crate::scenario::StoryStep::Fault(fault) => {
                    format!("the server fails once ({})", fault.name())
                }
            };
            let _ = writeln!(text, "  {}. {}: {what}", number + 1, step.title);
        }
    }
    text
}

fn expected(expect: &Expect) -> &str {
    match expect {
        Expect::Granted(_) => "a token",
        Expect::Refused(refused) => &refused.error,
        Expect::Page(page) => page.page.name(),
        Expect::Unanswered(fault) => fault,
        Expect::OffProtocol(_) => "an answer outside the protocol",
    }
}
