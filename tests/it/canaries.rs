//! Nothing secret of a whole run appears in any report or in the journal, in any encoding; and the search would find it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantproof::cli::sim::Sim;
use grantproof::journal::{Event, Journal, Opening};
use grantproof::plan::plan;
use grantproof::report::{
    ReportKind, RunInfo, RunReport, StepReport, finish, human, plain, render,
};
use grantproof::run::{self, Keep};
use grantproof::scenario::{Scenario, Story, discover};
use grantproof::secret::Register;

use crate::program::root;

/// Keeps steps in a journal, as the program does.
struct Kept<'a>(&'a Journal, usize);

impl Keep for Kept<'_> {
    fn step(&self, step: StepReport, secrets: &Register) -> Result<StepReport, String> {
        let event = Event::StepFinished {
            scenario: self.1,
            step: Box::new(step),
        };
        match self.0.append(&event, &[secrets]) {
            Ok(Event::StepFinished { step, .. }) => Ok(*step),
            Ok(_) => Err("another record".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Every output of a run, and every secret of it.
struct Outputs {
    texts: Vec<(String, String)>,
    secrets: Vec<String>,
}

fn play(stories: &[Story], register: impl Fn() -> Register) -> Outputs {
    let folder = tempfile::tempdir().expect("a folder");
    let run = RunInfo {
        id: "canaries".to_owned(),
        ..RunInfo::default()
    };
    let journal = Journal::create(folder.path(), run.clone(), &Register::new()).expect("a journal");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let (scenarios, secrets) = runtime.block_on(async {
        let sim = Sim::start().expect("a server");
        let (mut scenarios, mut secrets) = (Vec::new(), Vec::new());
        for (number, story) in stories.iter().enumerate() {
            let opening = Opening {
                file: story.file.clone(),
                ..Opening::default()
            };
            journal
                .append(
                    &Event::ScenarioStarted {
                        scenario: number,
                        opening,
                    },
                    &[],
                )
                .expect("a record");
            let stage = sim.stage(story, number).expect("an org");
            let plan = plan(story, &stage.target(story)).expect("a plan");
            let register = register();
            scenarios.push(
                run::play(
                    story,
                    &plan,
                    &stage,
                    &Kept(&journal, number),
                    &register,
                    None,
                )
                .await,
            );
            secrets.extend(stage.secrets());
        }
        (scenarios, secrets)
    });
    let report = RunReport::new(run, scenarios);
    let nobody = Register::new();
    let mut texts: Vec<(String, String)> = ReportKind::ALL
        .into_iter()
        .map(|kind| (kind.name().to_owned(), render(kind, &report, &nobody).text))
        .collect();
    let layout = human::Layout {
        verbose: true,
        ..human::Layout::default()
    };
    texts.push((
        "human".to_owned(),
        finish(&report, &nobody, |report| human::report(report, &layout)).text,
    ));
    texts.push((
        "plain".to_owned(),
        finish(&report, &nobody, plain::report).text,
    ));
    texts.push((
        "journal".to_owned(),
        std::fs::read_to_string(journal.path()).expect("the journal"),
    ));
    Outputs { texts, secrets }
}

impl Outputs {
    /// Outputs that hold a secret: raw, URL-encoded, or in base64 at any alignment.
    fn leaks(&self) -> Vec<String> {
        let mut forms = Vec::new();
        for secret in &self.secrets {
            forms.push(secret.clone());
            forms.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
            for before in 0..3 {
                let text = STANDARD.encode([vec![0; before], secret.clone().into_bytes()].concat());
                // The characters at the edges also hold bits of the neighbours.
                forms.push(
                    text[(before * 8).div_ceil(6)..(before + secret.len()) * 8 / 6].to_owned(),
                );
            }
        }
        forms.retain(|form| form.len() >= 6);
        let search = aho_corasick::AhoCorasick::new(&forms).expect("a search");
        self.texts
            .iter()
            .filter(|(_, text)| search.is_match(text))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

fn stories(folder: &str) -> Vec<Story> {
    let files = discover(&[folder.into()], &root()).expect("files");
    files
        .iter()
        .flat_map(|file| {
            Scenario::read(&root().join(file))
                .and_then(|scenario| scenario.stories())
                .expect("stories")
        })
        .collect()
}

#[test]
fn no_output_of_a_whole_run_holds_a_secret() {
    let outputs = play(&stories("scenarios"), Register::new);
    assert!(
        outputs.secrets.len() > 1000,
        "{} secrets were planted",
        outputs.secrets.len()
    );
    assert_eq!(outputs.leaks(), Vec::<String>::new());
}

#[test]
fn the_search_finds_a_redaction_that_is_missing() {
    // Other kinds are held twice, by the name of their field or by their shape; a device code in an answer is held by the register alone.
    let outputs = play(&stories("scenarios/granted/device.yaml"), || {
        Register::with_hole("device_code")
    });
    assert!(
        !outputs.leaks().is_empty(),
        "nothing was found without the redaction of device codes: the search is blind"
    );
}
