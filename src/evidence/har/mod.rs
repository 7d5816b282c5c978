//! A recording of HTTP (HAR 1.2): the OAuth requests in it, and what was answered. From a browser's network panel, a proxy, or our own
//! `--report har`. Secrets of the recording go no further than this module.

mod answers;
mod log;

use url::Url;

use self::answers::seen;
use self::log::{Entry, Log};
use super::error::InputError;
use super::hosts::Host;
use super::sheet::{Report, Sheet};
use super::{Facts, Observation, PageKind, Seen, SentRequest, derived, shape};
use crate::exchange::Endpoint;
use crate::oauth::{GrantKind, HostKind, TokenResponse, parse_token};

/// Reads a HAR. Of a browser's recording one report comes out: its observations in order, successes included. Of our own, whose pages are
/// steps of a run with policies of their own, one for each step that failed, `id` its title; one of all where none failed.
///
/// # Errors
///
/// [`InputError::Json`] with line and column, [`InputError::NoHar`], and [`InputError::HarWithoutOauth`] where no request is one of OAuth.
pub fn from_har(name: &str, json: &str) -> Result<Vec<Report>, InputError> {
    let log = Log::read(name, json)?;
    let steps: Vec<(Option<&str>, Vec<&Entry>)> = if log.is_ours {
        let titled = log.pages.iter().map(|(id, title)| {
            let of_page = log.entries.iter().filter(|entry| entry.page == *id);
            (Some(title.as_str()), of_page.collect())
        });
        titled.collect()
    } else {
        vec![(None, log.entries.iter().collect())]
    };
    let reports: Vec<Report> = steps
        .iter()
        .map(|(title, entries)| Reading::new(&log, entries).report(name, *title))
        .filter(|report| !report.observations.is_empty())
        .collect();
    let failed = |report: &Report| report.observations.iter().any(Observation::is_failure);
    if reports.is_empty() {
        return Err(InputError::HarWithoutOauth {
            input: name.to_owned(),
            entries: log.count,
        });
    }
    if reports.len() == 1 || reports.iter().any(failed) {
        let alone = reports.len() == 1;
        return Ok(reports
            .into_iter()
            .filter(|report| alone || failed(report))
            .collect());
    }
    let entries: Vec<&Entry> = log.entries.iter().collect();
    Ok(vec![Reading::new(&log, &entries).report(name, None)])
}

/// What an entry is in a flow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    At(Endpoint),
    /// A page that a person answers.
    Page(PageKind),
    /// A login by the SOAP API.
    Soap,
}

struct Reading<'a> {
    entries: &'a [&'a Entry],
    is_ours: bool,
    /// Whether no request shows an `Authorization` header: browsers leave it out of what they save.
    hides_authorization: bool,
    observations: Vec<Observation>,
    /// Facts that only the raw requests show, up to the first failure.
    extra: Sheet,
    authorize: Option<SentRequest>,
    authorize_host: Option<HostKind>,
    redirect_uri: Option<String>,
    grant: Option<GrantKind>,
    token: Option<TokenResponse>,
    /// The page that the browser is on since an authorization request that nothing has answered yet.
    waiting: Option<(&'a Entry, PageKind)>,
    is_open: bool,
}

impl<'a> Reading<'a> {
    fn new(log: &Log, entries: &'a [&'a Entry]) -> Self {
        let shows = |entry: &&Entry| entry.sent.authorization.is_some();
        Self {
            entries,
            is_ours: log.is_ours,
            hides_authorization: !log.is_ours && !entries.iter().any(shows),
            observations: Vec::new(),
            extra: Sheet::new(),
            authorize: None,
            authorize_host: None,
            redirect_uri: None,
            grant: None,
            token: None,
            waiting: None,
            is_open: false,
        }
    }

    fn report(mut self, name: &str, title: Option<&str>) -> Report {
        for at in 0..self.entries.len() {
            self.entry(at);
        }
        if let Some((entry, kind)) = self.waiting {
            let title = answers::title(entry);
            self.push(entry, Some(Endpoint::Page), Seen::Page { kind, title });
        }
        // A poll that was told to wait is no complaint once another answer came.
        let last = self.observations.len().saturating_sub(1);
        let mut at = 0..;
        self.observations
            .retain(|one| at.next() == Some(last) || !one.is_waiting());
        let mut sheet = derived::sheet_of(&self.observations);
        if self.hides_authorization {
            for key in ["request.client_auth", "request.client_secret_sent"] {
                if sheet
                    .get(key)
                    .is_some_and(|fact| fact.is("none") || fact.is("false"))
                {
                    sheet.forget(key);
                }
            }
            if sheet
                .get("request.token_location")
                .is_some_and(|fact| fact.is("none"))
            {
                sheet.forget("request.token_location");
            }
        }
        for (key, fact) in self.extra.iter() {
            sheet.learn(key, fact.clone());
        }
        Report {
            input: name.to_owned(),
            id: title.map(str::to_owned),
            observations: self.observations,
            sheet,
            ..Report::default()
        }
    }

    fn entry(&mut self, at: usize) {
        let entry = self.entries[at];
        // A preflight of CORS is the browser's.
        if entry.sent.method == "OPTIONS" {
            return;
        }
        let Some(role) = self.role(entry) else {
            return;
        };
        self.note(entry, role);
        let Some(seen) = seen(entry, role, self.grant, self.authorize.as_ref()) else {
            if let Some(location) = &entry.location
                && role == Role::At(Endpoint::Authorize)
                && !self.is_followed(at, location)
            {
                self.redirected(entry, location);
            }
            return;
        };
        let endpoint = match role {
            Role::At(endpoint) => Some(endpoint),
            Role::Page(_) | Role::Soap => None,
        };
        self.push(entry, endpoint, seen);
    }

    /// The part of a flow that a request belongs to, by its address (wire facts section 1.3) and what it carries.
    fn role(&self, entry: &Entry) -> Option<Role> {
        if self.is_ours
            && let Some(endpoint) = endpoint_of_name(&entry.comment)
        {
            return Some(match (endpoint, PageKind::of_url(entry.url.as_str())) {
                (Endpoint::Page | Endpoint::DevicePage, kind) => Role::Page(kind),
                (endpoint, _) => Role::At(endpoint),
            });
        }
        let path = entry.sent.path.as_str();
        let at = |endpoint| Some(Role::At(endpoint));
        let has = |name| entry.sent.has(name);
        let is_salesforce = Host::of_url(&entry.url).is_some();
        if path.contains("/RemoteAccessErrorPage") {
            at(Endpoint::ErrorPage)
        } else if path.ends_with("/services/oauth2/authorize")
            || path.contains("/services/oauth2/authorize/")
        {
            at(Endpoint::Authorize)
        } else if path.ends_with("/services/oauth2/revoke") {
            at(Endpoint::Revoke)
        } else if path.ends_with("/services/oauth2/introspect") {
            at(Endpoint::Introspect)
        } else if path.ends_with("/services/oauth2/userinfo") {
            at(Endpoint::Userinfo)
        } else if path.ends_with("/services/oauth2/token") || (is_salesforce && has("grant_type")) {
            // Salesforce starts the device flow at the token endpoint.
            let starts_device = entry.sent.value("response_type") == Some("device_code");
            at(if starts_device {
                Endpoint::DeviceAuthorization
            } else {
                Endpoint::Token
            })
        } else if path.contains("/services/data/")
            || path.ends_with("/services/data")
            || path.contains("/services/apexrest/")
        {
            at(Endpoint::Rest)
        } else if path.contains("/services/Soap/") {
            Some(Role::Soap)
        } else if is_salesforce && is_identity(path) {
            at(Endpoint::Identity)
        } else if is_salesforce && has("response_type") && has("client_id") {
            at(Endpoint::Authorize)
        } else if self.is_callback(&entry.url) {
            at(Endpoint::Callback)
        } else if is_salesforce {
            match PageKind::of_url(entry.url.as_str()) {
                PageKind::Other => None,
                kind => Some(Role::Page(kind)),
            }
        } else {
            None
        }
    }

    /// Whether an address is the redirection endpoint: the `redirect_uri` that was sent, or an address that carries an answer.
    fn is_callback(&self, url: &Url) -> bool {
        let plain = |text: &str| text.split(['?', '#']).next().unwrap_or_default().to_owned();
        let is_sent = self
            .redirect_uri
            .as_deref()
            .is_some_and(|uri| plain(uri) == plain(url.as_str()));
        let fragment = url.fragment().unwrap_or_default();
        let fragment = url::form_urlencoded::parse(fragment.as_bytes());
        let names: Vec<String> = url
            .query_pairs()
            .chain(fragment)
            .map(|(name, _)| name.into_owned())
            .collect();
        let has = |name: &str| names.iter().any(|have| have == name);
        is_sent
            || (has("code") && has("state"))
            || (has("error") && (has("state") || has("error_description")))
            || (has("access_token") && has("instance_url"))
    }

    /// Learns what the later entries need, and what only the raw request shows.
    fn note(&mut self, entry: &'a Entry, role: Role) {
        let has_failed = self
            .observations
            .iter()
            .any(|one| one.is_refusal() && !one.is_waiting());
        let host = Host::of_url(&entry.url);
        match role {
            Role::Page(kind) if self.is_open => self.waiting = Some((entry, kind)),
            Role::At(Endpoint::Authorize) => {
                self.is_open = true;
                self.authorize = Some(entry.sent.clone());
                self.authorize_host = host.and_then(|host| host.kind);
                let uri = entry
                    .parameters
                    .iter()
                    .find(|(name, _)| name == "redirect_uri");
                self.redirect_uri = uri.map(|(_, uri)| uri.clone());
                let kind = entry.sent.value("response_type").unwrap_or("code");
                self.grant = (kind == "code").then_some(GrantKind::AuthorizationCode);
                if let Some(flow) = derived::flow_of_response_type(kind) {
                    self.extra.learn("flow", flow);
                }
            }
            Role::At(Endpoint::DeviceAuthorization) => self.grant = Some(GrantKind::Device),
            Role::At(Endpoint::Token) => {
                let sent = entry.sent.value("grant_type");
                let flow = sent.and_then(derived::flow_of_grant_type);
                self.grant = flow.and_then(GrantKind::parse);
                if let (Some(flow), false) = (flow, has_failed) {
                    self.extra.learn("flow", flow);
                }
                let answer = entry.body.as_deref().map(str::as_bytes);
                if let Some(Ok(token)) = answer.map(parse_token) {
                    if !has_failed {
                        self.token_members(&token);
                    }
                    self.token = Some(token);
                }
            }
            Role::Soap if !has_failed => {
                self.extra.learn("request.protocol", "soap");
                self.extra.learn("flow", "username_password");
            }
            _ => {}
        }
        if has_failed {
            return;
        }
        match role {
            Role::At(Endpoint::Authorize | Endpoint::Token | Endpoint::DeviceAuthorization)
            | Role::Soap => {
                shape::learn(&mut self.extra, &entry.parameters, entry.at);
                if let Some(host) = host {
                    host.learn(&mut self.extra);
                }
            }
            Role::At(Endpoint::Rest | Endpoint::Userinfo | Endpoint::Identity) => {
                self.extra.forget("flow");
                let named = self
                    .token
                    .as_ref()
                    .and_then(|token| token.instance_url.as_deref());
                if let Some(instance) = named.and_then(|named| Url::parse(named).ok()) {
                    let same = instance.host_str() == entry.url.host_str();
                    self.extra
                        .learn("facts.api_host_matches_instance_url", same);
                }
            }
            _ => {}
        }
    }

    fn token_members(&mut self, token: &TokenResponse) {
        let refreshes = self.grant == Some(GrantKind::RefreshToken);
        let came = token.refresh_token.is_some();
        let key = if refreshes {
            "facts.refresh_token_changes"
        } else {
            "facts.refresh_token_in_response"
        };
        self.extra.learn(key, came);
        self.extra
            .learn("facts.expires_in_in_response", token.expires_in.is_some());
    }

    /// Whether a later entry requests where a redirect leads.
    fn is_followed(&self, at: usize, location: &str) -> bool {
        let plain = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
        let wanted = plain(location);
        self.entries[at + 1..]
            .iter()
            .any(|later| plain(later.url.as_str()) == wanted)
    }

    /// An answer on a redirect that the recording does not follow: to an app's own scheme, or to a server on this machine.
    fn redirected(&mut self, entry: &Entry, location: &str) {
        let Ok(url) = Url::parse(location) else {
            return;
        };
        let endpoint = if url.path().contains("/RemoteAccessErrorPage") {
            Endpoint::ErrorPage
        } else if self.is_callback(&url) || Host::of_url(&url).is_none() {
            Endpoint::Callback
        } else {
            return;
        };
        if let Some(seen) = answers::of_address(&url, endpoint) {
            self.push(entry, Some(endpoint), seen);
        }
    }

    /// The kind of the host. In a recording of ours a server without Salesforce's paths is another one.
    fn host(&self, entry: &Entry, endpoint: Option<Endpoint>) -> Option<HostKind> {
        let is_foreign = self.is_ours
            && endpoint.is_some_and(is_servers)
            && !entry.sent.path.contains("/services/oauth2/");
        match Host::of_url(&entry.url) {
            Some(host) => host.kind,
            None => is_foreign.then_some(HostKind::Issuer),
        }
    }

    fn push(&mut self, entry: &Entry, endpoint: Option<Endpoint>, seen: Seen) {
        self.is_open = false;
        self.waiting = None;
        let authorize = self.authorize.clone().filter(|_| {
            self.grant
                .is_none_or(|grant| grant == GrantKind::AuthorizationCode)
        });
        let in_browser = matches!(
            endpoint,
            Some(Endpoint::Callback | Endpoint::ErrorPage | Endpoint::Page)
        );
        let own_host = self.host(entry, endpoint);
        let asked = match (&authorize, endpoint) {
            (Some(request), _) => Some(request.value("scope").map(str::to_owned)),
            (None, Some(Endpoint::Token)) => Some(entry.sent.value("scope").map(str::to_owned)),
            (None, _) => None,
        };
        let issued = self.token.as_ref().and_then(|token| token.scope.clone());
        self.observations.push(Observation {
            grant: self.grant,
            host: if in_browser {
                self.authorize_host.or(own_host)
            } else {
                own_host
            },
            app_kind: None,
            endpoint,
            seen,
            at: entry.at,
            facts: Facts {
                request: Some(entry.sent.clone()),
                authorize,
                scope_asked: asked,
                scope_granted: issued,
                failed_checks: Vec::new(),
                refresh_sent: None,
            },
        });
    }
}

/// Endpoints that an RFC server has by other paths.
const fn is_servers(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Authorize
            | Endpoint::Token
            | Endpoint::DeviceAuthorization
            | Endpoint::Userinfo
            | Endpoint::Introspect
            | Endpoint::Revoke
    )
}

/// `/id/<org>/<user>`.
fn is_identity(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    matches!(parts.as_slice(), ["id", org, user] if org.len() >= 15 && user.len() >= 15)
}

/// The endpoint of a comment in our own recordings.
fn endpoint_of_name(name: &str) -> Option<Endpoint> {
    use Endpoint as E;
    [
        E::Discovery,
        E::Authorize,
        E::Page,
        E::ErrorPage,
        E::Callback,
        E::Token,
        E::DeviceAuthorization,
        E::DevicePage,
        E::Jwks,
        E::Userinfo,
        E::Identity,
        E::Rest,
        E::Introspect,
        E::Revoke,
    ]
    .into_iter()
    .find(|endpoint| endpoint.name() == name)
}
