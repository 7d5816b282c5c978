//! What a target file leads to: hosts, their clock, and the places of secrets.

use std::time::Duration;

use jiff::SignedDuration;

use super::local::listed;
use super::{Answer, Check, Facts, HostFact, ReferenceFact, Source};

/// A difference that is worth a word.
const WARN: SignedDuration = SignedDuration::from_secs(30);
/// Salesforce lets the times of an assertion be off by three minutes; with more, every one is refused.
const FAIL: SignedDuration = SignedDuration::from_secs(180);

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    for host in &facts.hosts {
        checks.extend(of_host(host));
    }
    checks.extend(facts.references.iter().map(reference));
    checks
}

fn of_host(host: &HostFact) -> Vec<Check> {
    let name = &host.host;
    let mut checks = vec![match &host.addresses {
        Ok(found) if !found.is_empty() => Check::ok(
            "dns",
            format!("{name} ({}) leads to {}", host.kind, listed(found)),
        ),
        Ok(_) => no_address(name, host.kind, ""),
        Err(reason) => no_address(name, host.kind, &format!(": {reason}")),
    }];
    match &host.answer {
        None => {}
        Some(Answer::Nothing { reason }) => checks.push(Check::fail(
            "tls",
            format!("{name} does not answer: {reason}"),
            "see that the host in the target file is right, and that no firewall or proxy stands between",
        )),
        Some(Answer::Tls { reason, with_ca }) => checks.push(Check::fail(
            "tls",
            format!("{name}: {reason}"),
            if *with_ca {
                "`ca:` of the target file has to name the CA that issued this certificate; `org serve` makes a new one at each start"
            } else {
                "name the CA that issued this certificate with `ca:` of the target file, if you know whose it is; a proxy that opens TLS shows its own"
            },
        )),
        Some(Answer::Given { date, at, took }) => {
            checks.push(if host.url.starts_with("https:") {
                Check::ok("tls", format!("the certificate of {name} is trusted"))
            } else {
                Check::ok("tls", format!("{name} is plain http on this machine, without TLS"))
            });
            checks.push(clock(name, *date, *at, *took));
        }
    }
    checks
        .into_iter()
        .map(|check| check.about(&host.url))
        .collect()
}

fn no_address(name: &str, kind: &str, reason: &str) -> Check {
    Check::fail(
        "dns",
        format!("{name} ({kind}) has no address{reason}"),
        "compare it with Setup > My Domain; a new My Domain takes some minutes, and a sandbox has `--` and its name in it",
    )
}

fn clock(name: &str, date: Option<jiff::Timestamp>, at: jiff::Timestamp, took: Duration) -> Check {
    let Some(date) = date else {
        return Check::unknown(
            "clock",
            format!("{name} sent no `Date` that can be read"),
            "compare the clock of this machine with another one",
        );
    };
    let skew = at.duration_since(date);
    // `Date` has whole seconds, and the way there and back is not known better than this.
    let unsure = SignedDuration::from_secs(1)
        + SignedDuration::try_from(took / 2).unwrap_or(SignedDuration::ZERO);
    let far = (skew.abs() - unsure).max(SignedDuration::ZERO);
    let seconds = skew.abs().as_secs();
    if far <= WARN {
        return Check::ok(
            "clock",
            format!(
                "this machine and {name} agree to within {} s",
                seconds.max(1)
            ),
        );
    }
    let seen = format!(
        "this machine is {seconds} s {} {name}",
        if skew.is_negative() {
            "behind"
        } else {
            "ahead of"
        }
    );
    let remedy = "set the clock by the network (`timedatectl set-ntp true`); assertions of the JWT bearer flow are refused when clocks differ by more than three minutes";
    if far > FAIL {
        Check::fail("clock", seen, remedy)
    } else {
        Check::warn("clock", seen, remedy)
    }
}

fn reference(reference: &ReferenceFact) -> Check {
    let key = &reference.key;
    let id = "reference";
    let check = match &reference.source {
        Source::Variable { name, set: true } => Check::ok(id, format!("{key}: {name} is set")),
        Source::Variable { name, set: false } => Check::fail(
            id,
            format!("{key}: the environment has no {name}"),
            format!("export {name} before the run"),
        ),
        Source::File {
            path,
            mode: Err(reason),
        } => Check::fail(
            id,
            format!("{key}: {path} cannot be read: {reason}"),
            "a path is taken from the folder of the target file",
        ),
        Source::File {
            path,
            mode: Ok(Some(mode)),
        } if mode & 0o077 != 0 => Check::warn(
            id,
            format!("{key}: others can read {path} (mode {mode:04o})"),
            format!("`chmod 600 {path}`"),
        ),
        Source::File { path, mode: Ok(_) } => Check::ok(id, format!("{key}: {path} is there")),
        Source::Command {
            program: Some(program),
            path: Some(path),
        } => Check::ok(
            id,
            format!("{key}: `{program}` is there ({path}); it was not run"),
        ),
        Source::Command {
            program: Some(program),
            path: None,
        } => Check::fail(
            id,
            format!("{key}: `{program}` is not on PATH"),
            "install it, or write its whole path into the target file",
        ),
        Source::Command { program: None, .. } => Check::unknown(
            id,
            format!("{key}: a command of the shell, which was not run"),
            "run it by hand once and see that it prints the secret alone",
        ),
    };
    check.about(key)
}
