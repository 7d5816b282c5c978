//! Salesforce's own hosts by their names (wire facts section 1.1): for addresses in texts and in recordings of a browser, where no target
//! file says what a host is.

use url::Url;

use super::sheet::Sheet;
use crate::oauth::HostKind;

/// Words that both sheets and reports use for a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Host {
    /// The word of `request.host_kind`.
    pub(super) fine: &'static str,
    /// The kind, where an OAuth request may go there.
    pub(super) kind: Option<HostKind>,
}

/// Labels before `.my.salesforce.com` that are a partition, no instance.
const PARTITIONS: [&str; 7] = [
    "sandbox",
    "develop",
    "scratch",
    "trailblaze",
    "demo",
    "patch",
    "free",
];

impl Host {
    /// Tells a host by its name; `None` for a host that is not Salesforce's, and for its pages of help.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let is = |fine, kind| Some(Self { fine, kind });
        let under = |suffix: &str| {
            let label = name.strip_suffix(suffix);
            label.filter(|label| !label.is_empty())
        };
        match name.as_str() {
            "login.salesforce.com" | "login.localhost" => {
                return is("login", Some(HostKind::Login));
            }
            "test.salesforce.com" | "test.localhost" => return is("test", Some(HostKind::Test)),
            _ => {}
        }
        // The names that the simulated org answers to, in a HAR of a run.
        if under("--login.my.localhost").is_some() {
            return is("login", Some(HostKind::Login));
        }
        if under("--test.my.localhost").is_some() {
            return is("test", Some(HostKind::Test));
        }
        if under(".my.localhost").is_some() || under(".my.sfcrmproducts.cn").is_some() {
            return is("my_domain", Some(HostKind::MyDomain));
        }
        if let Some(labels) = under(".my.salesforce.com") {
            let before = labels.rsplit('.').next().unwrap_or_default();
            let has_instance = labels.contains('.') && is_instance(before);
            return if has_instance && !PARTITIONS.contains(&before) {
                is("my_domain_with_instance", Some(HostKind::MyDomain))
            } else {
                is("my_domain", Some(HostKind::MyDomain))
            };
        }
        if under(".salesforce-setup.com").is_some() {
            is("setup", None)
        } else if under(".lightning.force.com").is_some() {
            is("lightning", None)
        } else if under(".visual.force.com").is_some()
            || under(".vf.force.com").is_some()
            || under(".visualforce.com").is_some()
        {
            is("visualforce", None)
        } else if under(".my.site.com").is_some()
            || under(".my.salesforce-sites.com").is_some()
            || under(".force.com").is_some_and(|label| label != "www" && label != "developer")
        {
            is("site", Some(HostKind::Site))
        } else if under(".salesforce.com").is_some_and(is_instance) {
            is("instance", None)
        } else {
            None
        }
    }

    /// The host of an address.
    pub(super) fn of_url(url: &Url) -> Option<Self> {
        Self::of(url.host_str()?)
    }

    /// The word of `login_host`, which calls every address of the org `my_domain`.
    pub(super) fn coarse(self) -> &'static str {
        match self.fine {
            "login" | "test" | "site" => self.fine,
            _ => "my_domain",
        }
    }

    /// Learns both words.
    pub(super) fn learn(self, sheet: &mut Sheet) {
        sheet.learn("login_host", self.coarse());
        sheet.learn("request.host_kind", self.fine);
    }
}

/// `na139`, `cs10`, `eu45`, `um6`, `usa654s`: an instance of the platform.
fn is_instance(label: &str) -> bool {
    let letters = label.chars().take_while(char::is_ascii_alphabetic).count();
    let digits = label[letters..]
        .chars()
        .take_while(char::is_ascii_digit)
        .count();
    let rest = &label[letters + digits..];
    (2..=5).contains(&letters)
        && (1..=4).contains(&digits)
        && rest.len() <= 2
        && rest.chars().all(|c| c.is_ascii_alphabetic())
}

/// The word of `request.redirect_uri_scheme`.
fn scheme_word(scheme: &str) -> &'static str {
    match scheme {
        "https" => "https",
        "http" => "http",
        _ => "custom",
    }
}

/// Learns scheme and host of a redirect URI.
pub(super) fn learn_redirect(sheet: &mut Sheet, uri: &str) {
    let Ok(url) = Url::parse(uri) else {
        return;
    };
    sheet.learn("request.redirect_uri_scheme", scheme_word(url.scheme()));
    let Some(host) = url.host() else {
        return;
    };
    let word = match host {
        url::Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => {
            "localhost"
        }
        url::Host::Domain(name) => match Host::of(name).map(Host::coarse) {
            Some("login" | "test") => "login",
            Some("my_domain") => "my_domain",
            _ => "other",
        },
        url::Host::Ipv4(address) if address.is_loopback() => "loopback_ip",
        url::Host::Ipv6(address) if address.is_loopback() => "loopback_ip",
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => "other",
    };
    sheet.learn("request.redirect_uri_host", word);
}

/// Learns what an `aud` names: one audience or several.
pub(super) fn learn_audience(sheet: &mut Sheet, audiences: &[&str], is_array: bool) {
    let Some(first) = audiences.first() else {
        return;
    };
    sheet.learn(
        "request.aud_type",
        if is_array { "array" } else { "string" },
    );
    sheet.learn("request.aud_has_scheme", first.starts_with("https://"));
    let with_scheme = if first.contains("://") {
        (*first).to_owned()
    } else {
        format!("https://{first}")
    };
    let host = Url::parse(&with_scheme).ok().and_then(|url| {
        let name = url.host_str().map(str::to_owned)?;
        Some((Host::of_url(&url), name))
    });
    let kind = host
        .as_ref()
        .and_then(|(host, _)| *host)
        .map_or("other", Host::coarse);
    sheet.learn("request.aud_kind", kind);
    // The shared hosts name nobody; of any other audience the kind is enough.
    if let Some((_, name)) = host
        && matches!(kind, "login" | "test")
    {
        let scheme = if first.contains("://") {
            "https://"
        } else {
            ""
        };
        sheet.learn("request.aud", format!("{scheme}{name}").as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_told_by_its_name() {
        for (name, words) in [
            ("login.salesforce.com", Some(("login", "login"))),
            ("TEST.salesforce.com", Some(("test", "test"))),
            ("acme.my.salesforce.com", Some(("my_domain", "my_domain"))),
            (
                "acme--uat.sandbox.my.salesforce.com",
                Some(("my_domain", "my_domain")),
            ),
            (
                "acme-dev-ed.develop.my.salesforce.com",
                Some(("my_domain", "my_domain")),
            ),
            (
                "acme.cs10.my.salesforce.com",
                Some(("my_domain", "my_domain_with_instance")),
            ),
            ("acme.lightning.force.com", Some(("my_domain", "lightning"))),
            ("acme.my.salesforce-setup.com", Some(("my_domain", "setup"))),
            ("acme--c.vf.force.com", Some(("my_domain", "visualforce"))),
            ("acme.my.site.com", Some(("site", "site"))),
            ("acme.secure.force.com", Some(("site", "site"))),
            ("na139.salesforce.com", Some(("my_domain", "instance"))),
            ("acme.my.localhost", Some(("my_domain", "my_domain"))),
            ("t17--login.my.localhost", Some(("login", "login"))),
            ("help.salesforce.com", None),
            ("developer.force.com", None),
            ("login.salesforce.com.evil.test", None),
            ("my.salesforce.com", None),
            ("localhost", None),
        ] {
            let found = Host::of(name).map(|host| (host.coarse(), host.fine));
            assert_eq!(found, words, "{name}");
        }
    }

    #[test]
    fn a_redirect_uri_is_told_by_scheme_and_host() {
        for (uri, scheme, host) in [
            (
                "http://localhost:1717/OauthRedirect",
                "http",
                Some("localhost"),
            ),
            ("http://127.0.0.1/cb", "http", Some("loopback_ip")),
            ("http://[::1]:8443/cb", "http", Some("loopback_ip")),
            (
                "https://login.salesforce.com/services/authcallback/x",
                "https",
                Some("login"),
            ),
            (
                "https://acme.my.salesforce.com/cb",
                "https",
                Some("my_domain"),
            ),
            ("https://app.example.org/cb", "https", Some("other")),
            ("com.example.app:/oauth", "custom", None),
        ] {
            let mut sheet = Sheet::new();
            learn_redirect(&mut sheet, uri);
            let word = |key: &str| sheet.get(key).map(ToString::to_string);
            assert_eq!(
                word("request.redirect_uri_scheme").as_deref(),
                Some(scheme),
                "{uri}"
            );
            assert_eq!(word("request.redirect_uri_host").as_deref(), host, "{uri}");
        }
    }
}
