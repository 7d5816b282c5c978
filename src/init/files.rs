//! The files, in the order in which they are written: what keeps the answers first, what keeps the key out of git before the key.

use crate::oauth::GrantKind;
use crate::secret::Secret;

use super::metadata::{Directory, records};
use super::scenarios::scenarios;
use super::{Answers, Here};

/// The target file.
pub const TARGET: &str = "target.yaml";
/// The file of a Salesforce DX project.
pub const PROJECT: &str = "sfdx-project.json";
/// What git does not take.
pub const GITIGNORE: &str = ".gitignore";
/// The private key of the JWT bearer flow.
pub const KEY: &str = "keys/jwt.key";
/// Its certificate.
pub const CERTIFICATE: &str = "keys/jwt.crt";
const WORKFLOW: &str = ".github/workflows/grantproof.yml";
/// Later than every element that is written here; the youngest is of 61.
const API_VERSION: &str = "65.0";

/// A file to write.
#[derive(Debug, Clone)]
pub struct File {
    /// Below the folder, with `/`.
    pub path: String,
    /// What it is for, in a few words.
    pub purpose: String,
    /// What is to be in it.
    pub content: Content,
}

/// What is to be in a file.
#[derive(Debug, Clone)]
pub enum Content {
    /// A text, if the file is not there.
    Text(String),
    /// A secret, if the file is not there, for its owner's eyes alone.
    Key(Secret),
    /// The lines that the file has to have; others stay.
    Lines(Vec<&'static str>),
    /// What there is already.
    There,
}

impl File {
    pub(super) fn new(
        path: impl Into<String>,
        purpose: impl Into<String>,
        content: Content,
    ) -> Self {
        Self {
            path: path.into(),
            purpose: purpose.into(),
            content,
        }
    }

    pub(super) fn there(path: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self::new(path, purpose, Content::There)
    }
}

/// All files. `Err` for an answer that no metadata file can hold.
pub fn files(answers: &Answers, here: &Here, directory: &Directory) -> Result<Vec<File>, String> {
    let mut files = vec![File::new(
        TARGET,
        "the org to run against, secrets by reference",
        Content::Text(target(answers)),
    )];
    if answers.has(GrantKind::JwtBearer) {
        files.push(File::new(
            GITIGNORE,
            "keeps the key out of git",
            Content::Lines(vec!["/keys/jwt.key"]),
        ));
        if let Some(key) = &here.key {
            let key = Content::Key(key.clone());
            files.push(File::new(KEY, "signs the assertions: RSA 2048", key));
        }
        if let Some(pem) = &here.certificate {
            let pem = Content::Text(pem.clone());
            files.push(File::new(CERTIFICATE, "its certificate", pem));
        }
    }
    let project = Content::Text(project(directory));
    files.push(File::new(
        PROJECT,
        "makes it a Salesforce DX project",
        project,
    ));
    files.extend(records(answers, here, directory)?);
    files.extend(scenarios(answers));
    let workflow = Content::Text(WORKFLOW_TEXT.to_owned());
    files.push(File::new(WORKFLOW, "the same checks in CI", workflow));
    Ok(files)
}

/// The lines that a text lacks, added at its end; `None` where it lacks none.
pub fn ignoring(text: &str, lines: &[&str]) -> Option<String> {
    let lacking = lines
        .iter()
        .filter(|line| !text.lines().any(|other| other.trim_end() == **line));
    let mut all = text.to_owned();
    for line in lacking {
        if !all.is_empty() && !all.ends_with('\n') {
            all.push('\n');
        }
        all.push_str(line);
        all.push('\n');
    }
    (all != text).then_some(all)
}

/// The variables of the environment that the target file reads.
pub(super) struct Variables {
    pub(super) key: String,
    pub(super) secret: String,
    pub(super) username: String,
}

pub(super) fn variables(answers: &Answers) -> Variables {
    let stem = answers.name.to_ascii_uppercase();
    Variables {
        key: format!("{stem}_CONSUMER_KEY"),
        secret: format!("{stem}_CONSUMER_SECRET"),
        username: format!("{stem}_USERNAME"),
    }
}

fn target(answers: &Answers) -> String {
    let Variables {
        key,
        secret,
        username,
    } = variables(answers);
    let name = &answers.name;
    // A text in quotation marks of JSON is one of YAML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let callback = answers.callbacks.first().map(|text| quoted(text));
    let callback = callback.unwrap_or_default();
    let open = if answers.my_domain_is_open() {
        "                # put your org's here: Setup > My Domain"
    } else {
        ""
    };
    let jwt = if answers.has(GrantKind::JwtBearer) {
        format!("    jwt_key: file:{KEY}\n")
    } else {
        String::new()
    };
    format!(
        "{record}\n\
         # The org that scenarios run against: `grantproof run --target {TARGET} --agent browser`. Secrets are never written here.\n\
         target: {name}\n\
         hosts:\n  my_domain: {my_domain}{open}\n\
         apps:\n  {name}:\n    kind: external_client_app\n    client_id: env:{key}\n    client_secret: env:{secret}\n    \
         redirect_uri: {callback}\n{jwt}\
         users:\n  ana:\n    username: env:{username}\n",
        record = answers.to_record(),
        my_domain = quoted(&answers.my_domain),
    )
}

fn project(directory: &Directory) -> String {
    format!(
        "{{\n  \"packageDirectories\": [\n    {{\n      \"path\": \"{}\",\n      \"default\": true\n    }}\n  ],\n  \
         \"namespace\": \"\",\n  \"sourceApiVersion\": \"{API_VERSION}\"\n}}\n",
        directory.package
    )
}

const WORKFLOW_TEXT: &str = "\
# What the metadata declares, and what the scenarios expect, at each push. It needs no org and no secret.
# GitHub reads it at the root of a repository only.
name: grantproof
on: [push, pull_request]
permissions:
  contents: read
jobs:
  grantproof:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      # grantproof is not published yet, so no step here can fetch it. Put the binary on the PATH in a step of your own
      # before the next one: from where you keep it, or by `cargo install --locked --path .` in a checkout of its source.
      - run: grantproof lint .
      - run: grantproof verify .
      - run: grantproof run
";
