//! What speaks for a cause and against it, beyond the words of the answer: the requests as recorded, and what is known of the settings.
//! A clue orders the named set and is shown; it never takes a cause out.

use super::hypothesis::Hypothesis;
use crate::cause::{AppKind, CauseId, Condition, Modelled};
use crate::evidence::{Observation, SentRequest};
use crate::exchange::Endpoint;
use crate::factor::{Factor, Known, Provenance, Value};
use crate::oauth::{GrantKind, HostKind, Scope, ScopeSet};

use CauseId as C;
use GrantKind as G;

/// Which way a clue points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    For,
    Against,
}

/// One line of evidence.
pub(super) struct Line {
    pub(super) side: Side,
    pub(super) text: String,
}

/// Collects the lines of one cause.
#[derive(Default)]
struct Lines(Vec<Line>);

impl Lines {
    fn add(&mut self, side: Side, text: &str) {
        self.0.push(Line {
            side,
            text: text.to_owned(),
        });
    }

    /// One line where it is so, another where it is not.
    fn when(&mut self, is_so: bool, yes: &str, no: &str) {
        if is_so {
            self.add(Side::For, yes);
        } else {
            self.add(Side::Against, no);
        }
    }

    fn for_if(&mut self, is_so: bool, yes: &str) {
        if is_so {
            self.add(Side::For, yes);
        }
    }

    fn against_if(&mut self, is_so: bool, no: &str) {
        if is_so {
            self.add(Side::Against, no);
        }
    }
}

/// What the recorded requests show.
pub(super) fn of_request(cause: CauseId, observation: &Observation) -> Vec<Line> {
    let mut lines = Lines::default();
    of_app_and_host(cause, observation, &mut lines);
    of_flow(cause, observation, &mut lines);
    of_checks(cause, observation, &mut lines);
    let request = observation.facts.request.as_ref();
    match observation.endpoint {
        Some(Endpoint::Token | Endpoint::DeviceAuthorization) => {
            if let Some(request) = request {
                of_token_request(cause, request, observation, &mut lines);
            }
        }
        Some(Endpoint::Userinfo | Endpoint::Identity | Endpoint::Rest) => {
            of_granted_scope(cause, observation, &mut lines);
            if let Some(request) = request {
                of_use(cause, request, &mut lines);
            }
        }
        Some(Endpoint::Revoke) => {
            if let (C::RevokeTokenTypeUnsupported, Some(request)) = (cause, request) {
                lines.when(
                    request.has("token_type_hint"),
                    "the revocation carried a token_type_hint",
                    "the revocation carried no token_type_hint",
                );
            }
        }
        _ => {}
    }
    if let Some(request) = &observation.facts.authorize {
        of_authorize(cause, request, &mut lines);
    }
    lines.0
}

fn of_app_and_host(cause: CauseId, observation: &Observation, lines: &mut Lines) {
    match (cause, observation.app_kind) {
        (
            C::ConnectedAppUninstalled | C::DeviceBlockedUninstalled,
            Some(AppKind::ExternalClientApp),
        ) => lines.add(
            Side::Against,
            "the app is an External Client App, and this touches connected apps",
        ),
        (
            C::EcaDisabled
            | C::OauthPluginDisabled
            | C::EcaGenericLoginHost
            | C::LocalAppCrossOrg
            | C::PackagedAppNotInstalled
            | C::UsernamePasswordUnsupportedEca,
            Some(AppKind::ConnectedApp),
        ) => lines.add(
            Side::Against,
            "the app is a connected app, and this touches External Client Apps",
        ),
        (C::UsernamePasswordUnsupportedEca, Some(AppKind::ExternalClientApp)) => {
            lines.add(Side::For, "the app is an External Client App");
        }
        _ => {}
    }
    let Some(host) = observation.host else {
        return;
    };
    let sent_to = format!("the request went to the {host} host");
    match cause {
        C::EcaGenericLoginHost
        | C::CcWrongHost
        | C::MyDomainHostRequired
        | C::MydomainOnlyLogin
        | C::LoginHostWrongEnvironment => {
            if host.is_generic() {
                lines.add(Side::For, &sent_to);
            } else {
                lines.add(Side::Against, &sent_to);
            }
            // The shared host of the other environment is the plain reading for `test`.
            lines.for_if(
                cause == C::LoginHostWrongEnvironment && host == HostKind::Test,
                "test.salesforce.com knows sandboxes only",
            );
        }
        C::ConsumerKeyUnknown | C::PackagedAppNotInstalled => {
            lines.against_if(host.is_generic(), &sent_to);
        }
        _ => {}
    }
}

fn of_flow(cause: CauseId, observation: &Observation, lines: &mut Lines) {
    let Some(grant) = observation.grant else {
        return;
    };
    let about: &[GrantKind] = match cause {
        C::SecretMissingWebServer => &[G::AuthorizationCode],
        C::SecretMissingTokenExchange => &[G::TokenExchange],
        C::DeviceSecretRequired => &[G::Device, G::RefreshToken],
        C::CcRunAsNotPreauthorized | C::CcRunAsMissing | C::CcOffInSettings => {
            &[G::ClientCredentials]
        }
        C::SecretMissingRefresh | C::RefreshRevoked | C::RefreshIpAllowlist => &[G::RefreshToken],
        C::UsernamePasswordBlockedOrg | C::UsernamePasswordUnsupportedEca => &[G::UsernamePassword],
        C::ProfileIpJwtAlways => &[G::JwtBearer],
        C::UserNotPreauthorized => {
            lines.against_if(
                grant == G::ClientCredentials,
                "client credentials run as the run-as user, who has a cause of its own",
            );
            return;
        }
        C::CallbackMismatch => {
            lines.against_if(
                observation.endpoint == Some(Endpoint::Token),
                "the authorization endpoint took the callback URL before",
            );
            return;
        }
        _ => return,
    };
    if !about.contains(&grant) {
        lines.add(
            Side::Against,
            &format!("the step drove {grant}, which this does not touch"),
        );
    }
}

/// Our own request, checked before the org is blamed.
fn of_checks(cause: CauseId, observation: &Observation, lines: &mut Lines) {
    let names: &[&str] = match cause {
        C::PkceVerifierBadCharset => &["code_verifier"],
        C::PkceVerifierMismatch | C::PkceChallengeMalformed => &["code_challenge"],
        C::CallbackMismatch => &["redirect_uri"],
        C::JwtCertificateMismatch | C::JwtMalformed | C::JwtAlgorithmUnsupported => {
            &["assertion_key"]
        }
        C::JwtClaimsMissing | C::AssertionClockOrLifetime | C::JwtAudienceWrong => {
            &["assertion_claims"]
        }
        _ => return,
    };
    for (name, detail) in &observation.facts.failed_checks {
        if names.contains(name) {
            lines.add(
                Side::For,
                &format!("the check {name} of our own request failed: {detail}"),
            );
        }
    }
}

fn of_token_request(
    cause: CauseId,
    request: &SentRequest,
    observation: &Observation,
    lines: &mut Lines,
) {
    let has_secret = request.has("client_secret") || request.is_basic();
    match cause {
        C::SecretMissingWebServer
        | C::SecretMissingRefresh
        | C::SecretMissingTokenExchange
        | C::DeviceSecretRequired => lines.when(
            !has_secret,
            "the request carried no client_secret",
            "the request carried a client_secret",
        ),
        // That a secret was sent says little where the answer speaks of the refresh token.
        C::SecretRotated => lines.against_if(!has_secret, "the request carried no client_secret"),
        C::SecretWrong | C::SecretOptionalButWrong => lines.when(
            has_secret,
            "the request carried a client_secret",
            "the request carried no client_secret",
        ),
        C::JwtCertificateMissing | C::JwtCertificateMismatch | C::JwtCertificateExpired => lines
            .for_if(
                request.has("assertion") && !has_secret,
                "the request proves itself by an assertion alone",
            ),
        C::ClientIdNotSent => lines.when(
            !request.has("client_id") && !request.is_basic() && !request.has("assertion"),
            "the request carried no client_id",
            "the request carried a client_id",
        ),
        C::ConsumerKeyUnknown
        | C::ConsumerKeyRotated
        | C::AppDeleted
        | C::AppNotPropagated
        | C::SandboxRefreshLostCredentials => lines.against_if(
            !request.has("client_id") && !request.is_basic() && !request.has("assertion"),
            "the request carried no client_id",
        ),
        C::ClientAuthHeaderMalformed => lines.when(
            request.is_basic(),
            "the request carried an Authorization: Basic header",
            "the request carried no Authorization: Basic header",
        ),
        C::BodyNotFormEncoded => lines.when(
            request.is_json,
            "the body was JSON",
            "the body was a form, as it should be",
        ),
        C::HttpMethodWrong => lines.when(
            request.method != "POST",
            "the request was no POST",
            "the request was a POST",
        ),
        C::HttpNotHttps => lines.when(
            !request.is_https,
            "the request went out without TLS",
            "the request went out with TLS",
        ),
        C::ScopeSentToTokenEndpoint => lines.when(
            request.has("scope"),
            "the token request carried scope",
            "the token request carried no scope",
        ),
        C::GrantTypeWrong => {
            let right = observation.grant.map(GrantKind::grant_type);
            let is_right =
                request.value("grant_type").is_some() && request.value("grant_type") == right;
            lines.when(
                !is_right && !request.is_json,
                "grant_type is not the one of the flow",
                "grant_type is the one of the flow",
            );
        }
        C::WrongEndpointPath => lines.when(
            !request.path.ends_with("/services/oauth2/token"),
            "the path is not /services/oauth2/token",
            "the path is /services/oauth2/token",
        ),
        C::PkceVerifierMissing => lines.when(
            !request.has("code_verifier"),
            "the token request carried no code_verifier",
            "the token request carried a code_verifier",
        ),
        C::PkceVerifierMismatch | C::PkceVerifierBadCharset => lines.against_if(
            !request.has("code_verifier"),
            "the token request carried no code_verifier",
        ),
        C::PkceVerifierUnexpected => lines.for_if(
            request.has("code_verifier"),
            "the token request carried a code_verifier",
        ),
        C::CallbackTokenStepMismatch => {
            let at_authorize = observation
                .facts
                .authorize
                .as_ref()
                .and_then(|authorize| authorize.value("redirect_uri"));
            if let (Some(first), Some(second)) = (at_authorize, request.value("redirect_uri")) {
                lines.when(
                    first != second,
                    "redirect_uri differs between authorize and token",
                    "redirect_uri is the same at authorize and token",
                );
            }
        }
        C::CallbackNotSent => lines.when(
            !request.has("redirect_uri"),
            "the request carried no redirect_uri",
            "the request carried a redirect_uri",
        ),
        C::ScopeNameUnknown | C::ScopeNotOnApp => of_scope_names(cause, request, lines),
        C::RfcPkceRequired => lines.against_if(
            request.has("code_verifier"),
            "the request carried a code_verifier",
        ),
        C::RfcClientAuthenticationFailed => {
            lines.for_if(!has_secret, "the request carried no client_secret");
        }
        _ => {}
    }
}

fn of_authorize(cause: CauseId, request: &SentRequest, lines: &mut Lines) {
    match cause {
        C::PkceRequiredByApp | C::PkceRequiredByOrg | C::RfcPkceRequired => lines.when(
            !request.has("code_challenge"),
            "the request carried no code_challenge",
            "the request carried a code_challenge",
        ),
        C::PkceVerifierUnexpected => lines.when(
            !request.has("code_challenge"),
            "no code_challenge was sent at authorize",
            "a code_challenge was sent at authorize",
        ),
        C::CallbackNotSent => lines.when(
            !request.has("redirect_uri"),
            "the request carried no redirect_uri",
            "the request carried a redirect_uri",
        ),
        C::ClientIdNotSent => lines.when(
            !request.has("client_id"),
            "the request carried no client_id",
            "the request carried a client_id",
        ),
        C::ResponseTypeWrong => lines.when(
            request.value("response_type") != Some("code"),
            "response_type is not code",
            "response_type is code",
        ),
        C::UserAgentBlockedOrg => lines.against_if(
            request.value("response_type") != Some("token"),
            "response_type is not token, which alone it blocks",
        ),
        C::ImmediateWithoutSession => lines.when(
            request.value("prompt") == Some("none"),
            "prompt=none was sent",
            "prompt=none was not sent",
        ),
        C::HttpMethodWrong => lines.against_if(request.method == "GET", "the request was a GET"),
        C::HttpNotHttps => {
            lines.against_if(request.is_https, "the request went out with TLS");
        }
        C::ScopeNameUnknown | C::ScopeNotOnApp => of_scope_names(cause, request, lines),
        _ => {}
    }
}

/// Whether the asked names are scopes of Salesforce at all.
fn of_scope_names(cause: CauseId, request: &SentRequest, lines: &mut Lines) {
    let Some(asked) = request.value("scope").filter(|scope| !scope.is_empty()) else {
        lines.add(Side::Against, "the request carried no scope");
        return;
    };
    let unknown: Vec<_> = asked
        .split_ascii_whitespace()
        .filter(|name| Scope::find(name).is_none())
        .collect();
    let odd = format!("no scope of Salesforce is called {}", unknown.join(", "));
    let plain = "every scope that was asked for is a scope of Salesforce";
    let (side, text) = match (cause == C::ScopeNameUnknown, unknown.is_empty()) {
        (true, false) => (Side::For, odd.as_str()),
        (true, true) => (Side::Against, plain),
        (false, true) => (Side::For, plain),
        (false, false) => (Side::Against, odd.as_str()),
    };
    lines.add(side, text);
}

fn of_granted_scope(cause: CauseId, observation: &Observation, lines: &mut Lines) {
    let Some(granted) = observation.facts.scope_granted.as_deref() else {
        return;
    };
    let scope = ScopeSet::from_wire(granted);
    let asked = observation.facts.scope_asked.as_ref();
    let asked = asked.map(|asked| asked.as_deref().map(ScopeSet::from_wire));
    let told = format!("the token response says scope \"{granted}\"");
    match cause {
        C::ScopeApiMissing | C::ScopeApiNotRequested => {
            lines.when(!scope.opens_api(), &told, &told);
            if cause == C::ScopeApiNotRequested {
                match asked {
                    Some(None) => lines.add(
                        Side::Against,
                        "no scope was sent, which asks for all of the app's",
                    ),
                    Some(Some(asked)) => lines.when(
                        !asked.opens_api(),
                        "the request named scopes, and api was not among them",
                        "the request asked for api",
                    ),
                    None => {}
                }
            }
        }
        C::ScopeOpenidMissing | C::ScopeIdentityNotRequested => {
            let opens = scope.has("openid") || scope.opens_identity();
            lines.when(!opens, &told, &told);
            if let (C::ScopeIdentityNotRequested, Some(None)) = (cause, asked) {
                lines.add(
                    Side::Against,
                    "no scope was sent, which asks for all of the app's",
                );
            }
        }
        C::ApiAccessControlInternal
        | C::ApiAccessControlExternal
        | C::ProfileSessionHighAssurance
        | C::EnforceIpEveryRequest => lines.when(scope.opens_api(), &told, &told),
        _ => {}
    }
}

fn of_use(cause: CauseId, request: &SentRequest, lines: &mut Lines) {
    let header = request.authorization.as_deref();
    let in_query = request.has("access_token") || request.has("oauth_token");
    match cause {
        C::TokenNotSent => lines.when(
            header.is_none() && !in_query,
            "the call carried no token",
            "the call carried a token",
        ),
        C::TokenInWrongPlace => lines.when(
            in_query,
            "the token travelled in the query",
            "the token travelled in the Authorization header",
        ),
        C::AuthHeaderMalformed => lines.when(
            header.is_some_and(|value| !value.starts_with("Bearer ")),
            "the Authorization header does not begin with `Bearer `",
            "the Authorization header begins with `Bearer `",
        ),
        _ => {}
    }
}

/// A known setting beside what a cause needs.
pub(super) struct Judged {
    pub(super) factor: Factor,
    pub(super) value: String,
    pub(super) from: Provenance,
    /// Whether it is as the cause needs it.
    pub(super) holds: bool,
}

/// What is known of the settings that make the cause. Of several rows the one of the hypothesis; without one nothing.
pub(super) fn of_known(cause: CauseId, row: Option<&Modelled>, known: &Known) -> Vec<Judged> {
    let mut judged: Vec<Judged> = row
        .into_iter()
        .flat_map(|row| row.conditions)
        .filter_map(|condition| judge(condition, known))
        .collect();
    judged.extend(of_permitted_users(cause, known));
    judged
}

/// Whether everything that makes a cause is declared. Of an app that selects nobody no user needs to be known to be kept out.
pub(super) fn is_declared(hypothesis: &Hypothesis, judged: &[Judged], known: &Known) -> bool {
    let holds = |factor| judged.iter().any(|one| one.factor == factor && one.holds);
    if hypothesis.cause == C::UserNotPreauthorized && holds(Factor::PermittedUsers) {
        return [Factor::SelectedPermissionSets, Factor::SelectedProfiles]
            .into_iter()
            .all(|factor| {
                known
                    .value(factor)
                    .is_some_and(|(value, _)| names(value).is_empty())
            });
    }
    hypothesis.row.is_some_and(|row| {
        let mut conditions = row.conditions.iter();
        conditions.all(|condition| holds(condition.factor))
    })
}

/// The model's conditions of these causes are about the user; that the policy asks for approval at all goes without saying there.
fn of_permitted_users(cause: CauseId, known: &Known) -> Option<Judged> {
    let under_approval = matches!(
        cause,
        C::UserNotPreauthorized | C::CcRunAsNotPreauthorized | C::PreauthPermsetInactive
    );
    let condition = Condition {
        factor: Factor::PermittedUsers,
        value: "AdminApprovedPreAuthorized",
    };
    judge(&condition, known).filter(|_| under_approval)
}

/// Whether a known value is the wrong one of a condition; `None` where it is not known, or where the condition's words are no value.
fn judge(condition: &Condition, known: &Known) -> Option<Judged> {
    let (value, from) = known.value(condition.factor)?;
    let text = value.to_string();
    let holds = match (condition.factor, condition.value) {
        (Factor::Scopes, wanted) => {
            let missing = wanted.strip_prefix("without ")?;
            if missing.contains(' ') {
                return None;
            }
            !names(value).iter().any(|name| {
                name.eq_ignore_ascii_case(missing) || (missing == "Api" && *name == "Full")
            })
        }
        (_, wanted) if wanted == text => true,
        (factor, wanted) => {
            let is_value = matches!(wanted, "true" | "false")
                || factor.values().split('|').any(|word| word == wanted);
            if !is_value {
                return None;
            }
            false
        }
    };
    Some(Judged {
        factor: condition.factor,
        value: text,
        from: from.clone(),
        holds,
    })
}

fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::Names(names) => names.iter().map(String::as_str).collect(),
        Value::Word(word) => word.split(',').map(str::trim).collect(),
        Value::Flag(_) | Value::Number(_) | Value::Absent => Vec::new(),
    }
}
