//! Where the requests of a step go: Salesforce's fixed paths, or what an RFC server's metadata says.

use http::header::ACCEPT;
use serde_json::{Map, Value};
use url::Url;

use super::answer::{self, off};
use super::step::{Step, base_text, not_sent};
use super::{Breach, Outcome};
use crate::exchange::{Endpoint, Request};
use crate::oauth::HostKind;

/// The endpoints of one host.
pub(super) struct Endpoints {
    /// The base URL without a slash at its end; at an RFC server the issuer.
    pub(super) issuer: String,
    pub(super) authorize: Option<Url>,
    pub(super) token: Option<Url>,
    /// RFC 8628 only: Salesforce starts the device flow at the token endpoint.
    pub(super) device: Option<Url>,
    pub(super) userinfo: Option<Url>,
    pub(super) introspect: Option<Url>,
    pub(super) revoke: Option<Url>,
    pub(super) jwks: Option<Url>,
    /// The server promises `iss` in the callback (RFC 9207 section 3).
    pub(super) names_issuer: bool,
}

impl Endpoints {
    /// The endpoints of the host that the step goes to. Asks an RFC server for its metadata.
    pub(super) async fn of(step: &Step<'_>) -> Result<Self, Outcome> {
        let Some(base) = step.grant.server.host(step.host) else {
            let have: Vec<_> = step.grant.server.hosts.iter().collect();
            let have: Vec<_> = have.iter().map(|(kind, _)| kind.name()).collect();
            return Err(not_sent(format!(
                "the target has no host of kind `{}`; it has: {}",
                step.host,
                have.join(", ")
            )));
        };
        if step.is_salesforce() {
            return Ok(Self::salesforce(base));
        }
        // A metadata document belongs to an issuer; whatever host a story names, an RFC server has only that one.
        let issuer = step.grant.server.host(HostKind::Issuer).unwrap_or(base);
        discover(step, issuer).await
    }

    /// Salesforce's fixed paths (wire facts section 1.3).
    fn salesforce(base: &Url) -> Self {
        let path = |path: &str| Some(under(base, path));
        Self {
            issuer: base_text(base),
            authorize: path("/services/oauth2/authorize"),
            token: path("/services/oauth2/token"),
            device: None,
            userinfo: path("/services/oauth2/userinfo"),
            introspect: path("/services/oauth2/introspect"),
            revoke: path("/services/oauth2/revoke"),
            jwks: path("/id/keys"),
            names_issuer: false,
        }
    }

    fn from_metadata(issuer: String, map: &Map<String, Value>) -> Self {
        let url = |name: &str| {
            let url = Url::parse(map.get(name)?.as_str()?).ok()?;
            // Whatever a document says, nothing but HTTP is ever opened.
            is_http(&url).then_some(url)
        };
        Self {
            issuer,
            authorize: url("authorization_endpoint"),
            token: url("token_endpoint"),
            device: url("device_authorization_endpoint"),
            userinfo: url("userinfo_endpoint"),
            introspect: url("introspection_endpoint"),
            revoke: url("revocation_endpoint"),
            jwks: url("jwks_uri"),
            names_issuer: map.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        }
    }
}

/// An endpoint that the grant cannot do without.
pub(super) fn need<'a>(url: Option<&'a Url>, name: &str) -> Result<&'a Url, Outcome> {
    url.ok_or_else(|| {
        let reason = format!("the metadata has no usable `{name}`");
        off(Endpoint::Discovery, Breach::Shape { reason })
    })
}

/// Whether an address may be opened at all.
pub(super) fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// A path below a base URL, which may have a path of its own (Experience Cloud sites).
pub(super) fn under(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// RFC 8414 first, then OpenID Connect Discovery; the first document that is one counts, the last failure otherwise.
async fn discover(step: &Step<'_>, issuer: &Url) -> Result<Endpoints, Outcome> {
    let first = read_metadata(step, issuer, oauth_metadata(issuer)).await;
    match first {
        Ok(endpoints) => Ok(endpoints),
        // Without a connection the second place has no other answer.
        Err(unanswered @ Outcome::Unanswered { .. }) => Err(unanswered),
        Err(_) => {
            let url = under(issuer, "/.well-known/openid-configuration");
            read_metadata(step, issuer, url).await
        }
    }
}

/// RFC 8414 section 3: the well-known part goes between host and path.
fn oauth_metadata(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    let path = issuer.path().trim_end_matches('/');
    url.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    url.set_query(None);
    url.set_fragment(None);
    url
}

async fn read_metadata(step: &Step<'_>, issuer: &Url, url: Url) -> Result<Endpoints, Outcome> {
    let at = Endpoint::Discovery;
    let request = Request::get(url).header(ACCEPT, "application/json");
    let answer = step.recorder.send(at, request).await;
    let response = answer.map_err(|fault| Outcome::Unanswered { at, fault })?;
    let map = answer::object(at, &response, step.ports.secrets)?;
    let named = map
        .get("issuer")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // "MUST be identical to the authorization server's issuer identifier" (RFC 8414 section 3.3); a slash at the end is what
    // `Url` adds to a bare host, so it cannot be told apart.
    if named.trim_end_matches('/') != base_text(issuer) {
        let found = answer::quoted(named, step.ports.secrets);
        return Err(off(at, Breach::ForeignIssuer { found }));
    }
    // Kept as the server spells it: assertions and ID tokens are compared with that.
    Ok(Endpoints::from_metadata(named.to_owned(), &map))
}
