//! Which port and which host name mean what, and the base URLs of an org in the names that the client used.

use crate::oauth::HostKind;

/// A port of the server. The port alone decides which kind of host was asked; names only tell orgs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gate {
    /// The shared login host.
    Login,
    /// The shared login host of sandboxes.
    Test,
    /// My Domain hosts.
    MyDomain,
    /// The second door, for tests and the runner.
    Admin,
}

impl Gate {
    /// The kind of host; `None` for the second door, which no client of an org knows.
    pub const fn host_kind(self) -> Option<HostKind> {
        match self {
            Self::Login => Some(HostKind::Login),
            Self::Test => Some(HostKind::Test),
            Self::MyDomain => Some(HostKind::MyDomain),
            Self::Admin => None,
        }
    }
}

/// The ports that the server listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// Of the login host.
    pub login: u16,
    /// Of My Domain hosts.
    pub my_domain: u16,
    /// Of the login host of sandboxes, where there is one.
    pub test: Option<u16>,
    /// Of the second door, where there is one.
    pub admin: Option<u16>,
}

impl Ports {
    /// The port of a kind of host.
    pub const fn of(&self, kind: HostKind) -> Option<u16> {
        match kind {
            HostKind::Login => Some(self.login),
            HostKind::Test => self.test,
            HostKind::MyDomain => Some(self.my_domain),
            HostKind::Site | HostKind::Issuer => None,
        }
    }
}

/// The base URLs of one org as one client sees them, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bases {
    /// The host that was asked.
    pub(super) asked: String,
    pub(super) my_domain: String,
    /// Every address of the org by kind, in all the names that it answers to: what an assertion may name as its audience.
    pub(super) addresses: Vec<(HostKind, String)>,
}

impl Bases {
    /// The bases for a request to `host` (the `Host` header) at the port of `kind`, for the org of `label`. A client that knows the org as
    /// `localhost` or by address gets answers in that name; one that came through a proxy by Salesforce's own names gets those.
    pub(super) fn of(
        host: &str,
        kind: HostKind,
        label: &str,
        is_default: bool,
        ports: &Ports,
    ) -> Self {
        let name = bare(host);
        let base = |kind: HostKind| match family(&name) {
            Family::Plain => ports
                .of(kind)
                .map(|port| format!("https://{}:{port}", bracketed(&name))),
            Family::Own => ports
                .of(kind)
                .map(|port| format!("https://{}:{port}", own_name(label, is_default, kind))),
            Family::Salesforce => Some(match kind {
                HostKind::Login => "https://login.salesforce.com".to_owned(),
                HostKind::Test => "https://test.salesforce.com".to_owned(),
                _ if is_my_domain(&name) => format!("https://{name}"),
                _ => format!("https://{label}.my.salesforce.com"),
            }),
        };
        let asked = match family(&name) {
            Family::Salesforce => Some(format!("https://{name}")),
            Family::Own => ports.of(kind).map(|port| format!("https://{name}:{port}")),
            Family::Plain => base(kind),
        };
        let asked = asked.unwrap_or_else(|| format!("https://{host}"));
        let mut addresses = vec![(kind, asked.clone())];
        for kind in [HostKind::Login, HostKind::Test, HostKind::MyDomain] {
            addresses.extend(base(kind).map(|base| (kind, base)));
            if let Some(port) = ports.of(kind) {
                let own = own_name(label, is_default, kind);
                addresses.push((kind, format!("https://{own}:{port}")));
                addresses.push((kind, format!("https://localhost:{port}")));
            }
        }
        for (kind, name) in [(HostKind::Login, "login"), (HostKind::Test, "test")] {
            addresses.push((kind, format!("https://{name}.salesforce.com")));
        }
        Self {
            asked,
            my_domain: base(HostKind::MyDomain).unwrap_or_default(),
            addresses,
        }
    }
}

/// The host name of an org: `t17.my.localhost`, `t17--login.my.localhost`, so that one wildcard of a certificate covers them; the default
/// org has `login.localhost` itself.
pub(super) fn own_name(label: &str, is_default: bool, kind: HostKind) -> String {
    match (kind, is_default) {
        (HostKind::Login, true) => "login.localhost".to_owned(),
        (HostKind::Test, true) => "test.localhost".to_owned(),
        (HostKind::Login, false) => format!("{label}--login.my.localhost"),
        (HostKind::Test, false) => format!("{label}--test.my.localhost"),
        _ => format!("{label}.my.localhost"),
    }
}

/// The label of an org in a host name; `None` for names that tell none.
pub(super) fn label_in(host: &str) -> Option<String> {
    let name = bare(host);
    let rest = name
        .strip_suffix(".localhost")
        .or_else(|| name.strip_suffix(".salesforce.com"))?;
    let first = rest.split('.').next()?;
    let label = first
        .strip_suffix("--login")
        .or_else(|| first.strip_suffix("--test"))
        .unwrap_or(first);
    Some(label.to_owned())
}

enum Family {
    /// `localhost`, an address, any other name: one name for every port.
    Plain,
    /// `.localhost`.
    Own,
    /// `.salesforce.com` and `.force.com`, by way of a loopback proxy.
    Salesforce,
}

fn family(name: &str) -> Family {
    if name.ends_with(".localhost") {
        Family::Own
    } else if name.ends_with(".salesforce.com") || name.ends_with(".force.com") {
        Family::Salesforce
    } else {
        Family::Plain
    }
}

fn is_my_domain(name: &str) -> bool {
    name.ends_with(".my.salesforce.com")
}

/// The name without port and brackets, in lower case.
fn bare(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default().to_owned();
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|c| c.is_ascii_digit()) => {
            name.to_owned()
        }
        _ => host,
    }
}

fn bracketed(name: &str) -> String {
    if name.contains(':') {
        format!("[{name}]")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: Ports = Ports {
        login: 1,
        my_domain: 2,
        test: Some(3),
        admin: None,
    };

    #[test]
    fn answers_keep_to_the_names_that_the_client_used() {
        let bases = |host, kind| Bases::of(host, kind, "t17", false, &PORTS);
        let plain = bases("localhost:1", HostKind::Login);
        assert_eq!(plain.asked, "https://localhost:1");
        assert_eq!(plain.my_domain, "https://localhost:2");
        let own = bases("t17--login.localhost:1", HostKind::Login);
        assert_eq!(own.my_domain, "https://t17.my.localhost:2");
        assert_eq!(own.asked, "https://t17--login.localhost:1");
        let proxied = bases("acme.my.salesforce.com", HostKind::MyDomain);
        assert_eq!(proxied.my_domain, "https://acme.my.salesforce.com");
        let lightning = bases("acme.lightning.force.com", HostKind::MyDomain);
        assert_eq!(lightning.asked, "https://acme.lightning.force.com");
        assert_eq!(lightning.my_domain, "https://t17.my.salesforce.com");
        let six = bases("[::1]:2", HostKind::MyDomain);
        assert_eq!(six.asked, "https://[::1]:2");
    }

    #[test]
    fn the_label_of_an_org_is_read_from_its_names() {
        for host in [
            "t17.my.localhost:2",
            "t17--login.localhost",
            "T17--test.localhost:3",
        ] {
            assert_eq!(label_in(host).as_deref(), Some("t17"), "{host}");
        }
        assert_eq!(label_in("localhost:2"), None);
        assert_eq!(label_in("127.0.0.1:2"), None);
    }
}
