//! What a person still has to do in the org, in order, with the click paths of Setup.
//!
//! Sources: Salesforce Help, "Create an External Client App" and the pages on its OAuth settings and policies; the Metadata API guide on
//! `ExtlClntAppGlobalOauthSettings`; the Apex reference on
//! `Auth.Oauth2TokenExchangeHandler`; the Salesforce CLI command reference.

use schemars::JsonSchema;
use serde::Serialize;

use crate::oauth::GrantKind;

use super::files::{CERTIFICATE, TARGET, Variables, variables};
use super::metadata::{Directory, handler_class};
use super::{Answers, needs_run_as};

const MANAGER: &str = "Setup > Apps > External Client Apps > External Client App Manager";

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// What it does.
    pub title: String,
    /// Where to click; `null` where it is no matter of Setup.
    pub path: Option<String>,
    /// What to know, and what to set.
    pub lines: Vec<String>,
    /// Commands that do it, for a shell.
    pub commands: Vec<String>,
}

/// All steps. `global` is the file of the global OAuth settings.
pub fn steps(answers: &Answers, directory: &Directory, global: &str) -> Vec<Step> {
    let mut steps = vec![
        create(directory),
        define(answers),
        configure(answers),
        grant_access(answers),
        capture(answers, global),
        try_it(),
    ];
    if answers.has(GrantKind::TokenExchange) {
        steps.insert(0, write_handler(answers));
    }
    for (index, step) in steps.iter_mut().enumerate() {
        step.number = index + 1;
    }
    steps
}

fn step(title: &str, path: Option<String>, lines: Vec<String>, commands: Vec<String>) -> Step {
    Step {
        number: 0,
        title: title.to_owned(),
        path,
        lines,
        commands,
    }
}

fn tab(answers: &Answers, tab: &str) -> String {
    format!("{MANAGER} > {} > {tab} tab", answers.name)
}

fn write_handler(answers: &Answers) -> Step {
    let class = handler_class(answers);
    step(
        "Write the token exchange handler",
        None,
        vec![format!(
            "The Apex class `{class}`, which extends `Auth.Oauth2TokenExchangeHandler`, judges the tokens. It is yours to write; the deploy \
             fails without it."
        )],
        Vec::new(),
    )
}

fn create(directory: &Directory) -> Step {
    step(
        "Create the app",
        Some(format!("{MANAGER} > New External Client App")),
        vec![
            "The command does all of Setup that the next three steps name, people aside; without it they are the clicks.".to_owned(),
            "Who deploys needs the permissions `Allow Access to OAuth Consumer Secrets via Metadata API` and `View External Client Apps \
             Consumer Secrets in Metadata`."
                .to_owned(),
            "An older org first needs `Opt in to External Client Apps` in Setup > External Client Apps > Settings.".to_owned(),
        ],
        vec![format!(
            "sf project deploy start --source-dir {} --target-org YOUR_ORG",
            directory.package
        )],
    )
}

fn define(answers: &Answers) -> Step {
    step(
        "Define it",
        Some(format!("{} > Basic Information", tab(answers, "Settings"))),
        vec![
            format!(
                "External Client App Name: {}",
                answers.name.replace('_', " ")
            ),
            format!("API Name: {}", answers.name),
            format!("Contact Email: {}", answers.contact),
            "Distribution State: Local".to_owned(),
        ],
        Vec::new(),
    )
}

fn configure(answers: &Answers) -> Step {
    let mut lines: Vec<String> = answers
        .callbacks
        .iter()
        .map(|url| format!("Callback URL: {url}"))
        .collect();
    for scope in &answers.scopes {
        lines.push(format!(
            "Selected OAuth Scopes: {} ({})",
            scope.label, scope.wire
        ));
    }
    for grant in &answers.grants {
        let line = match grant {
            GrantKind::ClientCredentials => {
                "Flow Enablement: Enable Client Credentials Flow".to_owned()
            }
            GrantKind::JwtBearer => {
                format!("Flow Enablement: Enable JWT Bearer Flow, with the certificate {CERTIFICATE}")
            }
            GrantKind::Device => "Flow Enablement: Enable Device Flow".to_owned(),
            GrantKind::TokenExchange => {
                "Flow Enablement: Enable Token Exchange Flow, Require Secret for Token Exchange Flow"
                    .to_owned()
            }
            _ => continue,
        };
        lines.push(line);
    }
    lines.push(
        "Security: Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows"
            .to_owned(),
    );
    let path = format!("{} > OAuth Settings", tab(answers, "Settings"));
    step("Configure OAuth", Some(path), lines, Vec::new())
}

fn grant_access(answers: &Answers) -> Step {
    let set = &answers.permission_set;
    let mut lines = vec![
        "Permitted Users: Admin approved users are pre-authorized".to_owned(),
        format!("Select Permission Sets: {set}"),
    ];
    if answers.has(GrantKind::ClientCredentials) {
        let user = answers.run_as.as_deref().unwrap_or_default();
        lines.push(format!(
            "Enable Client Credentials Flow, Run As (Username): {user}"
        ));
    }
    if answers.has(GrantKind::TokenExchange) {
        lines.push("Enable Token Exchange Flow".to_owned());
    }
    lines.push(format!(
        "Then give `{set}` to each user who may use the app: until then the org refuses all of them."
    ));
    let mut commands = vec![format!(
        "sf org assign permset --name {set} --on-behalf-of YOUR_USERNAME --target-org YOUR_ORG"
    )];
    if let Some(user) = &answers.run_as
        && answers.grants.iter().any(|grant| needs_run_as(*grant))
    {
        commands.push(format!(
            "sf org assign permset --name {set} --on-behalf-of {user} --target-org YOUR_ORG"
        ));
    }
    let path = format!("{} > OAuth Policies", tab(answers, "Policies"));
    step("Grant access", Some(path), lines, commands)
}

fn capture(answers: &Answers, global: &str) -> Step {
    let Variables {
        key,
        secret,
        username,
    } = variables(answers);
    step(
        "Capture the consumer key and secret now",
        Some(format!(
            "{} > OAuth Settings > Consumer Key and Secret",
            tab(answers, "Settings")
        )),
        vec![
            "Setup asks who you are first. It shows both again later, after the same check; nothing is lost if you miss them.".to_owned(),
            format!(
                "Keep a retrieved {global} out of source control once it holds the secret."
            ),
            format!("{TARGET} reads them, and the username of the person who logs in, from variables of the environment:"),
        ],
        vec![
            format!("export {key}=THE_KEY {username}=YOUR_USERNAME"),
            format!("read -rs {secret} && export {secret}     # so that the secret is in no history"),
        ],
    )
}

fn try_it() -> Step {
    step(
        "Try it",
        None,
        vec!["The first three need no org; the others ask yours.".to_owned()],
        vec![
            "grantproof lint .".to_owned(),
            "grantproof verify .".to_owned(),
            "grantproof run".to_owned(),
            format!("grantproof doctor --target {TARGET}"),
            format!("grantproof run --target {TARGET} --agent browser"),
        ],
    )
}
