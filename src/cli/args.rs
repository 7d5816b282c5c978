//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::doctor::Doctor;

/// Drives every OAuth grant of a Salesforce External Client App and names the policy setting behind each failure.
#[derive(Debug, Parser)]
#[command(
    name = "grantproof",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 as expected · 1 an expectation failed · 2 usage, configuration or scenario invalid · 3 could not run · \
                  4 inconclusive · 70 a bug of grantproof · 130 interrupted"
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Tells on stderr what happens; twice tells more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

impl Arguments {
    /// Whether stdout is to hold one JSON document, on failure too.
    pub fn wants_json(&self) -> bool {
        let format = match &self.command {
            Command::Run(run) => run.format,
            Command::Diagnose(diagnose) => diagnose.format,
            Command::Explain(explain) => explain.format,
            Command::Org(Org::Serve(serve)) => serve.format,
            Command::WhatIf(what_if) => what_if.format,
            Command::Lint(lint) => lint.shared_format(),
            Command::Verify(verify) => verify.format,
            Command::Init(init) => init.format,
            Command::Doctor(doctor) => doctor.format,
            Command::Runs(runs) => runs.format,
            Command::Report(report) => report.format,
            Command::Ca(_) | Command::Schema(_) | Command::Completions { .. } | Command::Man => {
                Format::Human
            }
        };
        format == Format::Json
    }
}

/// When to use colour. `NO_COLOR` and `CLICOLOR_FORCE` count under `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenario files and check their expectations.
    Run(Run),
    /// Name the setting behind a failure that was seen elsewhere: a log, a page's address, a recording, a login history, a case file.
    Diagnose(Diagnose),
    /// Explain a cause, an error code, a sentence, a setting, or a pasted error address or body. Works offline.
    Explain(Explain),
    /// Tell which grants of which users would flip if something were otherwise, why, and what the narrowest way out is.
    WhatIf(WhatIf),
    /// Judge the policy that a folder of metadata declares, without traffic: what is wrong, at file and line, and the change that mends it.
    Lint(super::lint::Lint),
    /// Drive every grant that an app is meant for, and name the setting behind each that does not pass, with the smallest fix.
    Verify(super::verify::Verify),
    /// Begin: a new app as metadata ready to deploy, a target file, a key, scenarios, a CI file; then the steps in Setup.
    Init(super::init::Init),
    /// Check ports, names, TLS trust, proxy, browser and tools of this machine, and with a target its hosts and clock.
    Doctor(Doctor),
    /// The simulated org.
    #[command(subcommand)]
    Org(Org),
    /// The certificate authority of the callback server.
    #[command(subcommand)]
    Ca(Ca),
    /// List stored runs, newest first.
    Runs(Runs),
    /// Show a stored run again.
    Report(Report),
    /// Print a JSON Schema.
    Schema(Schema),
    /// Print the completion script of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// How the result is written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// One line a step, separated by tabs.
    Plain,
}

/// `grantproof run`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names of the flags"
)]
pub struct Run {
    /// Scenario files, or folders of them; `scenarios/` without any.
    pub paths: Vec<PathBuf>,
    /// `sim` for the simulated org inside this program, or a target file.
    #[arg(long, default_value = "sim")]
    pub target: String,
    /// Run the scenarios that are part of this program.
    #[arg(long, conflicts_with = "paths")]
    pub examples: bool,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Also write a report: json, junit, html, markdown or har, as KIND=PATH. Repeatable.
    #[arg(long, value_name = "KIND=PATH")]
    pub report: Vec<String>,
    /// Only scenarios whose file or story contains this text.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Only scenarios with this tag. Repeatable: any of them.
    #[arg(long)]
    pub tag: Vec<String>,
    /// How many scenarios run at once; without it 8 on the simulated org, and one after the other on another target.
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Stop after the first scenario that did not pass.
    #[arg(long)]
    pub fail_fast: bool,
    /// List what would run, and run nothing.
    #[arg(long)]
    pub list: bool,
    /// List what would be sent, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Also tell every check that the simulated org made, request by request. The diagnosis does not see it.
    #[arg(long)]
    pub trace: bool,
    /// Who answers the pages of the authorization server.
    #[arg(long, value_enum, default_value_t)]
    pub agent: Agent,
    /// A WebDriver server that runs already, for `--agent webdriver`. Without it chromedriver is started and ended.
    #[arg(long, value_name = "URL")]
    pub webdriver: Option<url::Url>,
    /// Paste the address that the browser ends on, in place of a callback server.
    #[arg(long)]
    pub paste: bool,
    /// Do not keep a journal of this run.
    #[arg(long)]
    pub no_journal: bool,
}

/// Who answers pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Agent {
    /// The built-in agent, with the passwords of the target file; it needs no person.
    #[default]
    BuiltIn,
    /// The browser of this machine, and you in front of it.
    Browser,
    /// A Chromium without a window, which types and presses what `browser:` of the target file says; it needs no person.
    #[value(name = "webdriver")]
    WebDriver,
}

/// `grantproof diagnose`.
#[derive(Debug, Args)]
pub struct Diagnose {
    /// What was seen: files (a case in TOML, a HAR, a log, any text), `-` for stdin, or the text itself: an address, a body, a line.
    pub inputs: Vec<String>,
    /// A stored run by its id, or `last`: each step that failed.
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// The login history downloaded from Setup (CSV). Beside one input it is its witness; alone each failed login is an input.
    #[arg(long, value_name = "FILE")]
    pub login_history: Option<String>,
    /// The flow that failed: authorization_code, jwt_bearer, refresh_token, api_call, …
    #[arg(long)]
    pub flow: Option<String>,
    /// The error code that was shown; empty if none was.
    #[arg(long)]
    pub error: Option<String>,
    /// The sentence that was shown; empty if none was.
    #[arg(long)]
    pub description: Option<String>,
    /// A fact by a key of the vocabulary: `worked_before=yes`, `request.pkce=none`. Repeatable. `--list-facts` shows the keys.
    #[arg(long, value_name = "KEY=VALUE")]
    pub fact: Vec<String>,
    /// List the keys that `--fact` takes, with values and meanings; with WORDS those that have to do with them.
    #[arg(long, value_name = "WORDS", num_args = 0..=1, default_missing_value = "")]
    pub list_facts: Option<String>,
    /// A folder of Salesforce metadata: what is declared there narrows the causes.
    #[arg(long, value_name = "FOLDER")]
    pub declared: Option<PathBuf>,
    /// Which app of that folder, where it holds several.
    #[arg(long)]
    pub app: Option<String>,
    /// The profile of the user, by its name in that folder.
    #[arg(long)]
    pub profile: Option<String>,
    /// Ask in the terminal until one cause is left, or nothing more can be learnt.
    #[arg(long)]
    pub ask: bool,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `grantproof explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A cause id, error code, sentence, setting, flow, scope, status of the login history, or a pasted error address or body. Several words
    /// are one topic.
    #[arg(required = true)]
    pub topic: Vec<String>,
    /// How the page is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `grantproof what-if`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  grantproof what-if isPkceRequired=true code_challenge=absent\n  \
                  grantproof what-if loginIpRanges@ana=192.0.2.0/28 --grant jwt_bearer --blockers\n  \
                  grantproof what-if \"refresh token=immediately expire\" --app force-app --app-name My_App\n  \
                  grantproof what-if --from main --fail-on-newly-blocked --report markdown=comment.md\n  \
                  grantproof what-if                    (every value that alone would flip something)\n\n\
                  Exit codes: 0 told, whatever it is · 1 with --fail-on-newly-blocked, a flow is newly blocked · 2 usage, or files that \
                  cannot be read · 3 a report cannot be written",
    override_usage = "grantproof what-if [OPTIONS] [FACTOR=VALUE]...\n       grantproof what-if --from <DIR|REV> [--to <DIR|REV>] [OPTIONS]"
)]
pub struct WhatIf {
    /// What is otherwise: a key of `app:`, `org:` or `users:` of a scenario (`KEY@USER` for one user), a `Type.field`, plain words, or what
    /// a step sends. Without any: every value that alone would flip something.
    #[arg(value_name = "FACTOR=VALUE")]
    pub factors: Vec<String>,
    /// Begin with an org file (as `org serve` takes it) or a folder of metadata, not with a healthy org.
    #[arg(long, value_name = "FILE|DIR", group = "declares")]
    pub app: Option<PathBuf>,
    /// Which app of the folder, where it declares several.
    #[arg(long, value_name = "NAME", requires = "declares")]
    pub app_name: Option<String>,
    /// Only this grant. Repeatable, or several separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub grant: Vec<String>,
    /// Only this user; client credentials act as the run-as user. Repeatable, or several separated by commas.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub user: Vec<String>,
    /// Begin with a healthy connected app in place of an External Client App.
    #[arg(long, conflicts_with = "app")]
    pub connected_app: bool,
    /// Show every check of each grant, and which factor decides it.
    #[arg(long)]
    pub trace: bool,
    /// Show what stands in the way, and the smallest set of changes that opens least.
    #[arg(long)]
    pub blockers: bool,
    /// Two versions of a project.
    #[command(flatten)]
    pub change: super::what_if::args::Change,
    /// How the answer is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `grantproof org`.
#[derive(Debug, Subcommand)]
pub enum Org {
    /// Serve the simulated org on loopback until a signal comes.
    Serve(Serve),
}

/// `grantproof org serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// An org file: `app:`, `apps:`, `org:` and `users:` as in a scenario. Or a folder of metadata, whose app is served as `verify` builds it.
    pub file: Option<PathBuf>,
    /// Which app of the folder, where it declares several.
    #[arg(long, value_name = "NAME", requires = "file")]
    pub app: Option<String>,
    /// Port of the My Domain host; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Port of the shared login host.
    #[arg(long, default_value_t = 0)]
    pub login_port: u16,
    /// Port of the second door, through which tests move the clock and change policy.
    #[arg(long, default_value_t = 0)]
    pub admin_port: u16,
    /// Port of a CONNECT proxy that leads *.salesforce.com and *.force.com to the org, and nothing anywhere else; 0 takes any free one.
    #[arg(long, value_name = "PORT")]
    pub proxy_port: Option<u16>,
    /// Refuse what shipping clients send beside the letter of the RFCs: an expiry as text or in milliseconds, a challenge without its method,
    /// a verifier of more than 128 characters, …
    #[arg(long)]
    pub strict: bool,
    /// Milliseconds that each answer takes.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub latency: u64,
    /// Of so many requests one ends in a fault of the server; 0: none.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub fail_one_in: u32,
    /// Which requests fail: the same number, the same requests.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Refreshes of one grant within a minute; those beyond are answered 429 and told on stderr, once a minute. 0: any number.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub refreshes_a_minute: usize,
    /// Where to write the certificate of the org's CA.
    #[arg(long, value_name = "FILE")]
    pub ca_out: Option<PathBuf>,
    /// Where to write secrets, passwords, the JWT key and the door's token (mode 0600).
    #[arg(long, value_name = "FILE")]
    pub credentials_out: Option<PathBuf>,
    /// How the ready line is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `grantproof ca`.
#[derive(Debug, Subcommand)]
pub enum Ca {
    /// Make the CA if there is none, and put its certificate into trust stores.
    Install(Stores),
    /// Take the certificate out of the trust stores again, and leave nothing behind.
    Uninstall(Stores),
    /// Show the certificate and where it is installed.
    Show,
}

/// Which trust stores.
#[derive(Debug, Clone, Copy, Args)]
pub struct Stores {
    /// Only the store of the system.
    #[arg(long)]
    pub system: bool,
    /// Only the NSS stores, which Chromium and Firefox read.
    #[arg(long)]
    pub nss: bool,
}

/// `grantproof runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// How the list is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `grantproof report`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names of the flags"
)]
pub struct Report {
    /// The run; the newest without it.
    pub run: Option<String>,
    /// How the report is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Also write a report, as KIND=PATH. Repeatable.
    #[arg(long, value_name = "KIND=PATH")]
    pub report: Vec<String>,
}

/// `grantproof schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Of what.
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What a schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// Target files.
    Target,
    /// The JSON of `run` and `report`.
    Run,
    /// The JSON of `diagnose`.
    Diagnose,
    /// The JSON of `what-if`.
    WhatIf,
    /// The JSON of `lint`.
    Lint,
    /// The JSON of `verify`.
    Verify,
    /// The JSON of `what-if --from`.
    WhatIfChange,
    /// The JSON of `init`.
    Init,
    /// The JSON of `doctor`.
    Doctor,
}
