//! The browser, the Salesforce CLI, the tool of the keyring.

use serde_json::Value;

use super::{Browser, Check, Facts, Program, System};

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![browser(&facts.browser, facts.system), sf(&facts.sf)];
    checks.push(keyring(facts));
    checks
}

/// What `run --agent browser` would start.
fn browser(browser: &Browser, system: System) -> Check {
    const ELSEWHERE: &str = "run with `--paste` and use a browser on another machine; the built-in agent, the default, needs none";
    let opener = browser
        .openers
        .iter()
        .find_map(|(name, path)| path.as_ref().map(|path| (name, path)));
    let Some((name, path)) = opener else {
        let tried: Vec<&str> = browser
            .openers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let remedy = if system == System::Unix {
            format!("install `xdg-utils`, or {ELSEWHERE}")
        } else {
            ELSEWHERE.to_owned()
        };
        return Check::warn(
            "browser",
            format!(
                "none of {} is on PATH, so no browser can be opened",
                tried.join(", ")
            ),
            remedy,
        );
    };
    let wsl = if browser.wsl {
        " (Windows, from WSL)"
    } else {
        ""
    };
    if browser.screen || browser.wsl || system != System::Unix {
        return Check::ok("browser", format!("{name} opens it{wsl}: {path}"));
    }
    if let Some(variable) = &browser.variable {
        return Check::ok(
            "browser",
            format!("{name} opens it: {path}, by BROWSER={variable}"),
        );
    }
    let shell = if browser.remote {
        "this is a remote shell without a screen"
    } else {
        "neither DISPLAY nor WAYLAND_DISPLAY is set, so there is no screen"
    };
    Check::warn(
        "browser",
        format!("{path} is there, but {shell}"),
        ELSEWHERE,
    )
}

/// The Salesforce CLI, which deploys metadata.
fn sf(sf: &Program) -> Check {
    const NEED: &str = "it is needed only to deploy metadata from this machine";
    let Some(path) = &sf.path else {
        return Check::warn(
            "sf",
            "the Salesforce CLI `sf` is not on PATH",
            format!("`npm install --global @salesforce/cli`; {NEED}"),
        );
    };
    match &sf.said {
        Some(Ok(said)) => match version(said) {
            Some(version) => Check::ok("sf", format!("{version}: {path}")),
            None => Check::warn(
                "sf",
                format!("{path} does not answer `sf version --json` as the Salesforce CLI does"),
                format!(
                    "another program has that name: put the Salesforce CLI first on PATH; {NEED}"
                ),
            ),
        },
        Some(Err(reason)) => Check::warn(
            "sf",
            format!("{path} did not tell its version: {reason}"),
            format!("run `sf version` by hand and see what it says; {NEED}"),
        ),
        None => Check::unknown("sf", format!("{path} was not asked"), NEED),
    }
}

/// `cliVersion` of `sf version --json`, at the top or under `result`.
fn version(said: &str) -> Option<String> {
    let said: Value = serde_json::from_str(said.trim()).ok()?;
    let version = [&said, &said["result"]]
        .into_iter()
        .find_map(|at| at["cliVersion"].as_str())?;
    Some(
        version
            .chars()
            .filter(|c| !c.is_control())
            .take(60)
            .collect(),
    )
}

/// What reads the keyring for `command:` references.
fn keyring(facts: &Facts) -> Check {
    const ELSE: &str = "needed only where the target file reads a secret from the keyring by `command:`; `env:` and `file:` need no tool";
    match &facts.keyring {
        Some((tool, Some(path))) => Check::ok("keyring", format!("{tool} reads it: {path}")),
        Some((tool, None)) => Check::warn(
            "keyring",
            format!("`{tool}`, which reads the keyring, is not on PATH"),
            match facts.system {
                System::Unix => format!(
                    "`sudo apt install libsecret-tools` (Debian, Ubuntu) or `sudo dnf install libsecret` (Fedora); {ELSE}"
                ),
                System::MacOs | System::Windows => ELSE.to_owned(),
            },
        ),
        None => Check::unknown(
            "keyring",
            "no tool of this system is known that prints a secret of its keyring",
            "use the command of your password manager in `command:`, or `env:`",
        ),
    }
}
