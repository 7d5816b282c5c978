//! The questions of `init` in the terminal: an empty line takes what stands in brackets.

use std::io::BufRead as _;

use super::invalid;
use crate::cli::failure::{Failure, USAGE};
use crate::edge::terminal;
use crate::init::{Answers, GRANTS, Given, needs_run_as};

/// Asks for what no flag said. `Err` where stdin ends.
pub(super) fn ask(mut given: Given, folder: &str) -> Result<Given, Failure> {
    terminal::err("An empty line takes what stands in brackets.\n");
    if given.name.is_none() {
        let name = defaults(&given, folder)?.name;
        given.name = Some(put("Developer name of the app", &name, |text| {
            let draft = Given {
                name: Some(text),
                ..Given::default()
            };
            checked(&draft, folder)
        })?);
    }
    if given.grants.is_none() {
        let names: Vec<&str> = GRANTS.iter().map(|grant| grant.name()).collect();
        let question = format!("Grants, of {}", names.join(", "));
        let default = spelt(&defaults(&given, folder)?);
        given.grants = Some(put(&question, &default, |text| {
            let draft = Given {
                grants: Some(text),
                run_as: Some(somebody()),
                ..Given::default()
            };
            checked(&draft, folder)
        })?);
    }
    let now = defaults(&given, folder)?;
    if given.run_as.is_none() && now.grants.iter().any(|grant| needs_run_as(*grant)) {
        let question = "Username that client credentials or the token exchange handler act as";
        given.run_as = Some(put(question, "", |text| {
            let draft = Given {
                run_as: Some(text),
                ..Given::default()
            };
            checked(&draft, folder)
        })?);
    }
    if given.callback.is_empty() {
        given.callback = vec![put("Callback URL", &now.callbacks[0], |text| {
            let draft = Given {
                callback: vec![text],
                ..Given::default()
            };
            checked(&draft, folder)
        })?];
    }
    if given.contact.is_none() {
        given.contact = Some(put("Contact e-mail address", &now.contact, |text| {
            let draft = Given {
                contact: Some(text),
                ..Given::default()
            };
            checked(&draft, folder)
        })?);
    }
    if given.my_domain.is_none() {
        let question = "My Domain of the org (Setup > My Domain shows it)";
        given.my_domain = Some(put(question, &now.my_domain, |text| {
            let draft = Given {
                my_domain: Some(text),
                ..Given::default()
            };
            checked(&draft, folder)
        })?);
    }
    if given.permission_set.is_none() {
        let question = "Permission set that admits a user";
        given.permission_set = Some(put(question, &now.permission_set, |text| {
            let draft = Given {
                permission_set: Some(text),
                ..Given::default()
            };
            checked(&draft, folder)
        })?);
    }
    Ok(given)
}

/// So that a missing user is no matter of the question for grants.
fn somebody() -> String {
    "integration@example.com".to_owned()
}

fn defaults(given: &Given, folder: &str) -> Result<Answers, Failure> {
    let mut draft = given.clone();
    draft.run_as = draft.run_as.or_else(|| Some(somebody()));
    draft.answers(folder).map_err(|wrong| invalid(&wrong))
}

fn spelt(answers: &Answers) -> String {
    let names: Vec<&str> = answers.grants.iter().map(|grant| grant.name()).collect();
    names.join(",")
}

fn checked(draft: &Given, folder: &str) -> Result<(), String> {
    draft
        .answers(folder)
        .map(|_| ())
        .map_err(|wrong| format!("{}\n  {}", wrong.reason, wrong.help))
}

/// Puts a question until its answer can be taken.
fn put(
    question: &str,
    default: &str,
    check: impl Fn(String) -> Result<(), String>,
) -> Result<String, Failure> {
    loop {
        let bracket = if default.is_empty() {
            String::new()
        } else {
            format!(" [{default}]")
        };
        terminal::err(&format!("{question}{bracket}:"));
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        if read == 0 {
            return Err(Failure::new(
                USAGE,
                "the answers ended early, and nothing was written",
                "answer each question, or take the defaults with `--yes`",
            ));
        }
        let text = match line.trim() {
            "" => default.to_owned(),
            text => text.to_owned(),
        };
        match check(text.clone()) {
            Ok(()) => return Ok(text),
            Err(reason) => terminal::err(&format!("  {reason}")),
        }
    }
}
