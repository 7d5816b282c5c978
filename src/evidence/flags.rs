//! What the flags of a command line tell: `--flow`, `--error`, `--description` and `--fact KEY=VALUE`.

use super::error::InputError;
use super::reported::{self, OTHER_FLOWS};
use super::sheet::{Fact, Report, Sheet};
use super::vocabulary::{find, known_key, nearest};
use crate::oauth::GrantKind;

/// The report of the flags. A key is one of [`vocabulary`](super::vocabulary()), with or without its section (`worked_before`, `request.pkce`), or a
/// metadata field (`OauthOidcSettings.isPkceRequired`).
///
/// # Errors
///
/// [`InputError::UnknownFact`] with the near name, [`InputError::FactValue`] with what the key takes, [`InputError::NothingGiven`].
pub fn from_flags(
    flow: Option<&str>,
    error: Option<&str>,
    description: Option<&str>,
    facts: &[(String, String)],
) -> Result<Report, InputError> {
    let mut sheet = Sheet::new();
    for (name, value) in facts {
        let key = find(name).ok_or_else(|| unknown(name))?;
        let fact = if key.key() == "flow" {
            flow_of(value)?
        } else {
            key.read(value)?
        };
        sheet.learn(key.key(), fact);
    }
    if let Some(flow) = flow {
        sheet.learn("flow", flow_of(flow)?);
    }
    // `--error ""` says that none was shown.
    for (key, text) in [("error", error), ("error_description", description)] {
        if let Some(text) = text {
            sheet.learn(key, text.trim());
        }
    }
    if sheet.is_empty() {
        return Err(InputError::NothingGiven);
    }
    Ok(reported::report(
        &as_typed(flow, error, description),
        None,
        sheet,
    ))
}

/// The flow by its name or another word for it.
fn flow_of(word: &str) -> Result<Fact, InputError> {
    let plain = word.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let grant = GrantKind::parse(&plain).map(GrantKind::name);
    let other = || OTHER_FLOWS.into_iter().find(|flow| *flow == plain);
    match grant.or_else(other) {
        Some(name) => Ok(name.into()),
        None => Err(InputError::FactValue {
            key: "flow".to_owned(),
            value: word.chars().take(60).collect(),
            remedy: known_key("flow")
                .map(super::vocabulary::Key::takes)
                .unwrap_or_default(),
        }),
    }
}

fn unknown(name: &str) -> InputError {
    let list = "`grantproof diagnose --list-facts` lists the keys";
    let near: Vec<String> = nearest(name)
        .into_iter()
        .map(|key| format!("`{key}`"))
        .collect();
    let remedy = if near.is_empty() {
        list.to_owned()
    } else {
        format!("did you mean {}? {list}", near.join(" or "))
    };
    InputError::UnknownFact {
        key: name.chars().take(80).collect(),
        remedy,
    }
}

/// The flags as the report calls its input.
fn as_typed(flow: Option<&str>, error: Option<&str>, description: Option<&str>) -> String {
    let flags = [
        ("--flow", flow),
        ("--error", error),
        ("--description", description),
    ];
    let given = flags
        .into_iter()
        .filter_map(|(flag, value)| value.map(|value| format!("{flag} \"{}\"", value.trim())));
    let given: Vec<String> = given.collect();
    if given.is_empty() {
        "--fact".to_owned()
    } else {
        given.join(" ")
    }
}
