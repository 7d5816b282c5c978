//! The harness CA, and who trusts it.

use std::time::Duration;

use super::{Check, Database, Facts, Handshake, Kept, System, Trust};

/// From here on its end is worth a word.
const SOON: Duration = Duration::from_hours(30 * 24);
const INSTALL: &str = "run `grantproof ca install`";

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = authority(facts);
    if matches!(facts.authority.kept, Kept::Whole { .. }) {
        checks.push(system(&facts.trust));
        checks.extend(nss(&facts.trust, facts.system));
    }
    checks
}

fn authority(facts: &Facts) -> Vec<Check> {
    let path = &facts.authority.path;
    match &facts.authority.kept {
        Kept::Nothing => vec![Check::warn(
            "harness_ca",
            format!("{path} is not there yet"),
            "`grantproof ca install` makes it and puts it into the trust stores; without it a browser warns at the callback",
        )],
        Kept::OpenKey { reason, remedy } => {
            vec![Check::fail(
                "harness_ca_key",
                reason.as_str(),
                remedy.as_str(),
            )]
        }
        Kept::Broken { reason, remedy } => {
            vec![Check::fail("harness_ca", reason.as_str(), remedy.as_str())]
        }
        Kept::Whole { until, fingerprint } => {
            let day = until.strftime("%Y-%m-%d");
            let left = until.duration_since(facts.now);
            let ca = if left < SOON.try_into().unwrap_or_default() {
                Check::warn(
                    "harness_ca",
                    format!("{path} is valid until {day} only"),
                    "`grantproof ca uninstall`, delete its folder, then `grantproof ca install` makes and installs a new one",
                )
            } else {
                let short = fingerprint.get(..11).unwrap_or(fingerprint);
                Check::ok(
                    "harness_ca",
                    format!("{path}, valid until {day}, SHA-256 {short}…"),
                )
            };
            let key = if facts.system == System::Windows {
                Check::unknown(
                    "harness_ca_key",
                    "this system has no permission bits",
                    "see in its properties that only you may read the file harness-ca.key",
                )
            } else {
                Check::ok("harness_ca_key", "only its owner can read the key")
            };
            vec![ca, key]
        }
    }
}

/// As curl, Java and most programs see the callback server.
fn system(trust: &Trust) -> Check {
    let id = "trust_system";
    let installed = trust.places.iter().find(|(_, there)| *there);
    match (&trust.system, installed) {
        (Handshake::Trusted, _) => Check::ok(
            id,
            "the system's store vouches for the callback server (as curl sees it)",
        ),
        (Handshake::NotTried, _) => Check::unknown(
            id,
            "no callback server could be started to try it with",
            "see the checks of loopback",
        ),
        (Handshake::Refused { reason }, Some((place, _))) => Check::warn(
            id,
            format!("{place} holds the CA, and the system does not trust it: {reason}"),
            "the bundle was not made from it, or a variable such as SSL_CERT_FILE names another one: run `sudo update-ca-certificates` (Debian, Ubuntu) or `sudo update-ca-trust` (Fedora)",
        ),
        (Handshake::Refused { reason }, None) => Check::warn(
            id,
            format!("curl and most programs would refuse the callback server: {reason}"),
            format!(
                "{INSTALL}; it says the commands where it lacks the right. A browser that has the CA does not need this"
            ),
        ),
    }
}

/// As Chromium and Firefox see it.
fn nss(trust: &Trust, system: System) -> Vec<Check> {
    let id = "trust_browser";
    if let Some((reason, remedy)) = &trust.unreadable {
        return vec![Check::unknown(id, reason.as_str(), remedy.as_str())];
    }
    if trust.databases.is_empty() {
        return vec![match system {
            System::Unix => Check::warn(
                id,
                "there is no NSS database, from which Chromium and Firefox read",
                format!(
                    "{INSTALL}: it makes the one of Chromium; Firefox makes its own at its first start"
                ),
            ),
            System::MacOs | System::Windows => Check::ok(
                id,
                "Firefox has no profile here; the other browsers read the system's store",
            ),
        }];
    }
    trust
        .databases
        .iter()
        .map(|database| one(database).about(&database.path))
        .collect()
}

fn one(database: &Database) -> Check {
    let id = "trust_browser";
    let path = &database.path;
    match &database.handshake {
        Handshake::Trusted => Check::ok(
            id,
            format!("{path} vouches for the callback server (as browsers see it)"),
        ),
        Handshake::Refused { reason } => Check::warn(
            id,
            format!("a browser with {path} would warn at the callback: {reason}"),
            format!("{INSTALL}, and start the browser anew"),
        ),
        Handshake::NotTried => Check::unknown(
            id,
            "no callback server could be started to try it with",
            "see the checks of loopback",
        ),
    }
}
