//! The records of the app, by the writer that `lint --fix` and `verify` have too.

use crate::cause::AppKind;
use crate::factor::{Delta, Factor, Value};
use crate::metadata::{Form, Fragment, NewApp, NewRecord, Patch, RecordType};
use crate::oauth::GrantKind;

use super::files::{Content, File};
use super::{Answers, Here};

/// What a project without directories of its own gets.
const DEFAULT_DIRECTORY: &str = "force-app";

/// Where metadata goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// The package directory, with `/`; `.` for the folder itself.
    pub package: String,
}

impl Directory {
    /// The folder of records: `force-app/main/default`.
    pub fn records(&self) -> String {
        match self.package.as_str() {
            "." => "main/default".to_owned(),
            package => format!("{package}/main/default"),
        }
    }
}

/// The package directory of a project file: the default one, or the first; `force-app` where there is no file. `Err` says why the file gives
/// none.
pub fn package_directory(project: Option<&str>) -> Result<Directory, String> {
    let Some(text) = project else {
        return Ok(Directory {
            package: DEFAULT_DIRECTORY.to_owned(),
        });
    };
    let project: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    let directories = project["packageDirectories"].as_array();
    let directory = directories.and_then(|directories| {
        let default = directories.iter().find(|one| one["default"] == true);
        default.or(directories.first())
    });
    let path = directory.and_then(|directory| directory["path"].as_str());
    let path = path.ok_or("names no package directory")?;
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("./").trim_end_matches('/');
    if path.starts_with('/') || path.contains(':') || path.split('/').any(|part| part == "..") {
        return Err(format!(
            "has the package directory `{path}`, which is outside the folder"
        ));
    }
    let package = if path.is_empty() { "." } else { path };
    Ok(Directory {
        package: package.to_owned(),
    })
}

/// The records as files; those that are there already with their own path, and no content. `Err` for an answer that no file can hold.
pub(super) fn records(
    answers: &Answers,
    here: &Here,
    directory: &Directory,
) -> Result<Vec<File>, String> {
    let patch = patch(answers, here.certificate.as_deref(), &directory.records())?;
    let mut files = Vec::new();
    for change in patch.files() {
        let content = change.after().unwrap_or_default();
        let content = String::from_utf8_lossy(content).into_owned();
        let purpose = purpose(change.kind());
        files.push(match there(here, change.kind()) {
            Some(there) => File::there(there, purpose),
            None => File::new(change.file(), purpose, Content::Text(content)),
        });
    }
    Ok(files)
}

fn there(here: &Here, kind: RecordType) -> Option<&str> {
    let mut records = here.records.iter();
    records
        .find(|(other, _)| *other == kind)
        .map(|(_, path)| path.as_str())
}

fn patch(answers: &Answers, certificate: Option<&str>, folder: &str) -> Result<Patch, String> {
    let mut app = NewApp::new(AppKind::ExternalClientApp, &answers.name, &answers.contact)
        .description("Made by grantproof init; each grant that it has is in scenarios/.");
    if let Some(pem) = certificate.filter(|_| answers.has(GrantKind::JwtBearer)) {
        app = app.certificate(pem);
    }
    for delta in settings(answers) {
        app = app.set(delta);
    }
    let mut patch = app.patch(folder, Form::Source).map_err(|unwritable| {
        let all: Vec<String> = unwritable.iter().map(ToString::to_string).collect();
        all.join("; ")
    })?;
    let mut extra = vec![
        NewRecord::new(RecordType::PermissionSet, &answers.permission_set)
            .with("label", answers.permission_set.replace('_', " "))
            .with(
                "description",
                format!(
                    "Who has it may use the External Client App {}.",
                    answers.name
                ),
            ),
    ];
    if answers.has(GrantKind::TokenExchange) {
        extra.push(handler(answers));
    }
    for record in extra {
        patch
            .create(&record, Form::Source)
            .map_err(|unwritable| unwritable.to_string())?;
    }
    Ok(patch)
}

/// What the app has other than by default: the least that lets its grants pass.
fn settings(answers: &Answers) -> Vec<Delta> {
    let scopes = answers.scopes.iter();
    let scopes: Vec<String> = scopes.map(|scope| scope.metadata.to_owned()).collect();
    let mut deltas = vec![
        Delta::new(Factor::CallbackUrl, answers.callbacks.clone()),
        Delta::new(Factor::Scopes, scopes),
        Delta::new(Factor::PermittedUsers, "AdminApprovedPreAuthorized"),
        Delta::new(
            Factor::SelectedPermissionSets,
            vec![answers.permission_set.clone()],
        ),
    ];
    let mut on = |factor| deltas.push(Delta::new(factor, true));
    if answers.has(GrantKind::ClientCredentials) {
        on(Factor::ClientCredentialsInSettings);
        on(Factor::ClientCredentialsInPolicies);
    }
    if answers.has(GrantKind::Device) {
        on(Factor::DeviceFlowEnabled);
    }
    if answers.has(GrantKind::TokenExchange) {
        on(Factor::TokenExchangeInSettings);
        on(Factor::TokenExchangeInPolicies);
        on(Factor::SecretRequiredForTokenExchange);
    }
    if answers.has(GrantKind::ClientCredentials)
        && let Some(user) = &answers.run_as
    {
        let user = Value::Word(user.clone());
        deltas.push(Delta::new(Factor::ClientCredentialsFlowUser, user));
    }
    deltas
}

/// The name of the Apex class that judges tokens. Apex allows 40 characters.
pub(super) fn handler_class(answers: &Answers) -> String {
    let name: String = answers
        .name
        .chars()
        .filter(|c| *c != '_')
        .take(33)
        .collect();
    format!("{name}Handler")
}

fn handler(answers: &Answers) -> NewRecord {
    let run_as = answers.run_as.as_deref().unwrap_or_default();
    let enablement = vec![
        Fragment::text("apexExecutionUser", run_as),
        Fragment::text("externalClientApp", &answers.name),
        Fragment::text("isDefault", "true"),
    ];
    let class = handler_class(answers);
    NewRecord::new(RecordType::OauthTokenExchangeHandler, &class)
        .with("masterLabel", &class)
        .with(
            "description",
            format!("Judges the tokens that {} exchanges.", answers.name),
        )
        .with("tokenHandlerApex", &class)
        .with_element(Fragment::elements("enablements", enablement))
}

const fn purpose(kind: RecordType) -> &'static str {
    match kind {
        RecordType::ExternalClientApplication => "the app",
        RecordType::ExtlClntAppGlobalOauthSettings => {
            "its OAuth settings with callback URLs, certificate and flows"
        }
        RecordType::ExtlClntAppOauthSettings => "its scopes",
        RecordType::ExtlClntAppConfigurablePolicies => "the admin's switches",
        RecordType::ExtlClntAppOauthConfigurablePolicies => {
            "the admin's policies: users, run-as, refresh token, IP"
        }
        RecordType::PermissionSet => "whoever has it may use the app",
        _ => "which Apex class judges the tokens that are exchanged",
    }
}
