//! Loopback, the callback port, the names under `localhost`, and the folders.

use std::net::IpAddr;

use super::{Bound, CallbackFact, Check, Facts, Folder, Name, System};

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![v4(facts), v6(facts)];
    if facts.callbacks.is_empty() {
        checks.push(Check::ok(
            "callback_port",
            "none was named; a run takes any free port unless the target file names a callback URL",
        ));
    }
    checks.extend(
        facts
            .callbacks
            .iter()
            .map(|callback| port(callback, facts.system)),
    );
    checks.extend(facts.names.iter().map(name));
    checks.extend(facts.folders.iter().map(folder));
    checks
}

fn v4(facts: &Facts) -> Check {
    match &facts.loopback.v4 {
        Ok(()) => Check::ok("loopback_ipv4", "127.0.0.1 takes a listener"),
        Err(reason) => Check::fail(
            "loopback_ipv4",
            format!("127.0.0.1 takes no listener: {reason}"),
            "check that the loopback interface is up (`ip addr show lo`) and that no sandbox forbids to listen",
        ),
    }
}

fn v6(facts: &Facts) -> Check {
    match &facts.loopback.v6 {
        Ok(()) => Check::ok("loopback_ipv6", "[::1] takes one at the same port"),
        Err(reason) => Check::warn(
            "loopback_ipv6",
            format!("[::1] takes no listener: {reason}"),
            "a browser that tries `localhost` by IPv6 first goes on with IPv4; a client that does not needs 127.0.0.1 in its callback URL",
        ),
    }
}

fn port(callback: &CallbackFact, system: System) -> Check {
    let (uri, port) = (&callback.uri, callback.port);
    let check = match &callback.bound {
        Bound::Free => Check::ok("callback_port", format!("{uri}: port {port} is free")),
        Bound::Any => Check::ok("callback_port", format!("{uri}: any free port is taken")),
        Bound::Taken { address } => Check::fail(
            "callback_port",
            format!("{uri}: something listens on {address}"),
            format!(
                "end that program ({} names it), or register another callback URL in the app and write it into the target file",
                who(system, port)
            ),
        ),
        Bound::Refused { reason } => Check::fail(
            "callback_port",
            format!("{uri}: the system refuses port {port}: {reason}"),
            if port < 1024 {
                "ports below 1024 need a privilege on most systems: register a callback URL with a higher port, such as https://localhost:8443/callback"
            } else {
                "register another callback URL in the app and write it into the target file"
            },
        ),
        Bound::Elsewhere => Check::warn(
            "callback_port",
            format!("{uri} does not lead to this machine"),
            "run with `--paste` and hand over the address that the browser ends on, or add https://localhost:8443/callback to the callback URLs of the app",
        ),
    };
    check.about(uri)
}

/// The command that tells who has a port. There is no portable way to ask from here.
fn who(system: System, port: u16) -> String {
    match system {
        System::Unix => format!("`ss -ltnp 'sport = :{port}'`"),
        System::MacOs => format!("`lsof -nP -iTCP:{port} -sTCP:LISTEN`"),
        System::Windows => format!("`netstat -ano | findstr :{port}`"),
    }
}

fn name(name: &Name) -> Check {
    let plain = name.name == "localhost";
    let id = if plain {
        "localhost_name"
    } else {
        "localhost_subdomain"
    };
    let remedy = if plain {
        "write `127.0.0.1 localhost` and `::1 localhost` into the hosts file of the system"
    } else {
        "browsers, curl and grantproof take such names for loopback by themselves (RFC 6761); for another client of `org serve` write `127.0.0.1 acme.my.localhost login.localhost` into the hosts file"
    };
    let judge: fn(&'static str, String, &str) -> Check = if plain {
        |id, seen, remedy| Check::fail(id, seen, remedy)
    } else {
        |id, seen, remedy| Check::warn(id, seen, remedy)
    };
    let check = match &name.addresses {
        Ok(found) if !found.is_empty() && found.iter().all(IpAddr::is_loopback) => {
            Check::ok(id, format!("{} leads to {}", name.name, listed(found)))
        }
        Ok(found) if !found.is_empty() => judge(
            id,
            format!(
                "{} leads to {}, which is not loopback",
                name.name,
                listed(found)
            ),
            remedy,
        ),
        Ok(_) => judge(id, format!("{} has no address", name.name), remedy),
        Err(reason) => judge(
            id,
            format!("{} has no address: {reason}", name.name),
            remedy,
        ),
    };
    check.about(name.name)
}

/// A few addresses; a name can have dozens.
pub(super) fn listed(addresses: &[IpAddr]) -> String {
    let mut shown: Vec<String> = Vec::new();
    for address in addresses {
        let address = address.to_string();
        if !shown.contains(&address) {
            shown.push(address);
        }
    }
    let more = shown.len().saturating_sub(3);
    shown.truncate(3);
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

fn folder(folder: &Folder) -> Check {
    let path = &folder.path;
    let check = match &folder.written {
        Ok(()) => Check::ok("folder", format!("{path} ({}) can be written", folder.what)),
        Err(reason) => Check::fail(
            "folder",
            format!("{path} ({}) cannot be written: {reason}", folder.what),
            format!(
                "free space there or correct its owner, or choose another folder with {}",
                folder.variable
            ),
        ),
    };
    check.about(path)
}
