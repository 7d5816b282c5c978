//! Proxies of the environment. A proxy's address may hold a password, so only scheme, host and port are shown.

use url::Url;

use super::Check;

const NAMES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/// The variables that matter here, for whoever reads the environment.
pub const VARIABLES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

pub(super) fn checks(variables: &[(String, String)]) -> Vec<Check> {
    let set: Vec<String> = variables
        .iter()
        .filter(|(name, value)| is(name, &NAMES) && !value.is_empty())
        .map(|(name, value)| format!("{name}={}", shown(value)))
        .collect();
    if set.is_empty() {
        return vec![Check::ok("proxy", "no proxy is set")];
    }
    let proxy = Check::warn(
        "proxy",
        set.join(", "),
        "grantproof connects directly, not through a proxy: run it where the org can be reached so",
    );
    let exceptions = variables
        .iter()
        .find(|(name, value)| is(name, &["NO_PROXY"]) && !value.is_empty());
    let no_proxy = match exceptions {
        Some((name, value)) if covers_localhost(value) => {
            Check::ok("no_proxy", format!("{name} leaves localhost out"))
        }
        found => Check::warn(
            "no_proxy",
            found.map_or_else(
                || "NO_PROXY is not set".to_owned(),
                |(name, _)| format!("{name} does not name localhost"),
            ),
            "curl, sf and other clients would send the callback to the proxy: set NO_PROXY=localhost,127.0.0.1,::1",
        ),
    };
    vec![proxy, no_proxy]
}

fn is(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Scheme, host and port. What is no address is not shown at all.
fn shown(value: &str) -> String {
    let with_scheme = if value.contains("://") {
        value.to_owned()
    } else {
        format!("http://{value}")
    };
    match Url::parse(&with_scheme) {
        Ok(url) if url.has_host() => {
            let host = url.host_str().unwrap_or_default();
            let port = url
                .port()
                .map(|port| format!(":{port}"))
                .unwrap_or_default();
            format!("{}://{host}{port}", url.scheme())
        }
        _ => "(no address)".to_owned(),
    }
}

/// Whether a list of exceptions holds `localhost`: by name, by `*`, or as the end of a name.
fn covers_localhost(list: &str) -> bool {
    list.split(|c: char| c == ',' || c.is_whitespace())
        .map(|entry| entry.trim_start_matches("*.").trim_start_matches('.'))
        .any(|entry| entry == "*" || entry.eq_ignore_ascii_case("localhost"))
}
