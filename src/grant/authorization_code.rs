//! RFC 6749 section 4.1 with PKCE (RFC 7636). Salesforce: the web server flow.

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope,
};
use std::borrow::Cow;
use std::time::Duration;
use subtle::ConstantTimeEq;
use url::Url;

use super::answer::{off, redacted};
use super::credentials::Credentials;
use super::endpoints::{Endpoints, need};
use super::fields::Fields;
use super::pages;
use super::step::{Step, not_sent};
use super::token_request::{TokenRequest, oauth_client};
use super::{Breach, CertainValue, Outcome};
use crate::agent::{BuiltInAgent, Look};
use crate::exchange::{Endpoint, Fault};
use crate::oauth::{CodeVerifier, ErrorResponse, TokenResponse, VerifierFault, challenge_of};
use crate::ports::{Callback, CallbackSeen, Visit, VisitEnd};
use crate::secret::Secret;

/// An agent that reached the callback has already called it; only the word of it may still be under way.
const DELIVERED: Duration = Duration::from_secs(5);
/// The same where a callback was turned away, which was most likely the agent's.
const TURNED_AWAY: Duration = Duration::from_millis(500);

/// Runs the grant to a token, or to the outcome without one.
pub(super) async fn drive(
    step: &mut Step<'_>,
    to: &Endpoints,
) -> Result<Box<TokenResponse>, Outcome> {
    let credentials = Credentials::of(step)?;
    check_redirect_uri(&step.grant.client.redirect_uri)?;
    let former_code = former_code(step)?;
    let state = step.random();
    let pkce = Pkce::new(step);
    if step.grant.deviations.without_person {
        let redirect_uri = step.grant.client.redirect_uri.clone();
        let ask = Ask {
            credentials: &credentials,
            redirect_uri: &redirect_uri,
            state: &state,
            pkce: &pkce,
        };
        return look(step, to, &ask).await.and_then(Err);
    }
    // Bound before the browser opens: a callback must never find nobody listening.
    let bound = step.ports.callbacks;
    let mut callback = bound
        .bind(&step.grant.client.redirect_uri, &state)
        .await
        .map_err(unanswered)?;
    let redirect_uri = callback.redirect_uri().to_owned();
    let ask = Ask {
        credentials: &credentials,
        redirect_uri: &redirect_uri,
        state: &state,
        pkce: &pkce,
    };
    let fields = authorize_fields(step, to, &ask)?;
    check_own_request(step, &fields, &ask);
    let url = with_query(
        need(to.authorize.as_ref(), "authorization_endpoint")?,
        &fields,
    );
    let seen = visit(step, url, callback.as_mut()).await;
    step.turned_away = callback.turned_away();
    let code = code_of(step, to, &seen?, &state)?;
    step.held.codes.push(Secret::new(code.as_str()));
    drop(callback);
    let sent_uri = fields.value("redirect_uri").unwrap_or(&redirect_uri);
    let code = match step.grant.deviations.code {
        Some(CertainValue::Former) => former_code,
        Some(CertainValue::Wrong) => Some(format!("aPrx{}", step.random())),
        Some(CertainValue::Malformed) => Some("\u{fffd}".to_owned()),
        Some(CertainValue::Absent) => None,
        Some(CertainValue::Right | CertainValue::Given) | None => Some(code),
    };
    redeem(step, to, &credentials, code, sent_uri, &pkce).await
}

/// What the request to the authorization endpoint is made of.
struct Ask<'a> {
    credentials: &'a Credentials,
    redirect_uri: &'a str,
    state: &'a str,
    pkce: &'a Pkce,
}

/// The proof key of one run: what is sent at authorize, and what at the token endpoint.
struct Pkce {
    challenge: Option<String>,
    verifier: Option<CodeVerifier>,
}

impl Pkce {
    fn new(step: &Step<'_>) -> Self {
        let deviations = &step.grant.deviations;
        let honest = CodeVerifier::from_octets(&step.octets());
        let given = deviations.code_verifier == Some(CertainValue::Given);
        // Without a challenge the honest verifier stays at home too: sent all the same it is refused for another reason.
        let no_challenge = deviations.code_challenge == Some(CertainValue::Absent)
            || step.leaves_out("code_challenge")
            || given;
        let verifier = match deviations.code_verifier {
            Some(CertainValue::Absent) => None,
            Some(CertainValue::Wrong | CertainValue::Former) => {
                Some(CodeVerifier::from_octets(&step.octets()))
            }
            Some(CertainValue::Malformed) => {
                Some(CodeVerifier::verbatim(format!("{}+/ä", honest.expose())))
            }
            Some(CertainValue::Given) => Some(honest.clone()),
            Some(CertainValue::Right) | None => (!no_challenge).then(|| honest.clone()),
        };
        let challenge = match (deviations.code_challenge, deviations.code_verifier) {
            _ if no_challenge => None,
            (Some(CertainValue::Malformed), _) => Some("not+base64/url=".to_owned()),
            (Some(CertainValue::Wrong | CertainValue::Former), _) => {
                Some(challenge_of(&step.random()))
            }
            // Hashed as sent, so that only the characters of the verifier are wrong.
            (_, Some(CertainValue::Malformed)) => verifier.as_ref().map(CodeVerifier::challenge),
            _ => Some(honest_challenge(&honest)),
        };
        Self {
            challenge,
            verifier,
        }
    }
}

/// `S256` by the `oauth2` crate; our own computation checks it before it is sent.
fn honest_challenge(verifier: &CodeVerifier) -> String {
    let verifier = PkceCodeVerifier::new(verifier.expose().to_owned());
    PkceCodeChallenge::from_code_verifier_sha256(&verifier)
        .as_str()
        .to_owned()
}

/// The parameters at the authorization endpoint: the honest ones by `oauth2`, then the step's deviations.
fn authorize_fields(step: &mut Step<'_>, to: &Endpoints, ask: &Ask<'_>) -> Result<Fields, Outcome> {
    let endpoint = need(to.authorize.as_ref(), "authorization_endpoint")?;
    let id = ask.credentials.id.clone().unwrap_or_default();
    let redirect = RedirectUrl::new(ask.redirect_uri.to_owned()).map_err(|_| {
        not_sent(format!(
            "the callback URL `{}` is no address",
            ask.redirect_uri
        ))
    })?;
    let client = BasicClient::new(ClientId::new(id))
        .set_auth_uri(AuthUrl::from_url(endpoint.clone()))
        .set_redirect_uri(redirect);
    let state = ask.state.to_owned();
    let mut request = client.authorize_url(move || CsrfToken::new(state));
    if let Some(scope) = &step.grant.scope {
        request = request.add_scope(Scope::new(scope.clone()));
    }
    let (url, _) = request.url();
    let mut fields = Fields::parse(url.query().unwrap_or_default().as_bytes());
    if let Some(challenge) = &ask.pkce.challenge {
        fields.set("code_challenge", challenge);
        fields.set("code_challenge_method", "S256");
    }
    if asks_openid(step.grant.scope.as_deref()) {
        fields.set("nonce", step.random());
    }
    if ask.credentials.id.is_none() {
        fields.remove("client_id");
    }
    let deviations = &step.grant.deviations;
    if let Some(uri) = &deviations.redirect_uri {
        fields.set("redirect_uri", uri);
    }
    if let Some(kind) = &deviations.response_type {
        fields.set("response_type", kind);
    }
    for (name, value) in &deviations.authorize_parameters {
        fields.set(name, value);
    }
    for name in &deviations.without {
        fields.remove(name);
    }
    step.nonce = fields.value("nonce").map(str::to_owned);
    Ok(fields)
}

fn asks_openid(scope: Option<&str>) -> bool {
    scope.is_some_and(|scope| scope.split_ascii_whitespace().any(|word| word == "openid"))
}

fn with_query(endpoint: &Url, fields: &Fields) -> Url {
    let mut url = endpoint.clone();
    url.set_query(Some(&fields.encode()));
    url
}

/// RFC 6749 section 3.1.2: "an absolute URI … MUST NOT include a fragment component".
fn check_redirect_uri(uri: &str) -> Result<(), Outcome> {
    match Url::parse(uri) {
        Ok(url) if url.fragment().is_none() => Ok(()),
        Ok(_) => Err(not_sent(format!(
            "the callback URL `{uri}` has a fragment, which RFC 6749 section 3.1.2 forbids"
        ))),
        Err(error) => Err(not_sent(format!(
            "the callback URL `{uri}` is no absolute address: {error}"
        ))),
    }
}

fn former_code(step: &Step<'_>) -> Result<Option<String>, Outcome> {
    if step.grant.deviations.code != Some(CertainValue::Former) {
        return Ok(None);
    }
    let code = step.grant.held.codes.last();
    let code = code.map(|code| code.expose().to_owned());
    let missing = "`code: former` needs an earlier step that redeemed a code";
    code.ok_or_else(|| not_sent(missing)).map(Some)
}

/// Proves our own request well formed before the server is blamed. What a deviation broke is told as broken.
fn check_own_request(step: &mut Step<'_>, fields: &Fields, ask: &Ask<'_>) {
    if let Some(verifier) = &ask.pkce.verifier {
        let fault = verifier.check();
        step.check("code_verifier", fault.is_ok(), &verifier_detail(fault));
        let recomputed = challenge_of(verifier.expose());
        let sent = fields.value("code_challenge");
        let detail = match sent {
            None => "no challenge is sent",
            Some(sent) if sent == recomputed => "it is the SHA-256 of the verifier",
            Some(_) => "it is not the SHA-256 of the verifier",
        };
        step.check("code_challenge", sent == Some(&recomputed), detail);
    }
    let sent = fields.value("redirect_uri");
    let same = sent == Some(ask.redirect_uri);
    let detail = format!(
        "sent {}; the callback server listens at {}",
        sent.unwrap_or("none"),
        ask.redirect_uri
    );
    step.check("redirect_uri", same, &detail);
}

fn verifier_detail(fault: Result<(), VerifierFault>) -> String {
    match fault {
        Ok(()) => "43 to 128 characters of RFC 7636 section 4.1".to_owned(),
        Err(VerifierFault::Length(length)) => {
            format!("it has {length} characters; RFC 7636 section 4.1 wants 43 to 128")
        }
        Err(VerifierFault::Charset(c)) => {
            format!("it has the character `{c}`, which RFC 7636 section 4.1 does not allow")
        }
    }
}

fn unanswered(fault: Fault) -> Outcome {
    Outcome::Unanswered {
        at: Endpoint::Callback,
        fault,
    }
}

/// Asks the authorization endpoint as a browser without a session does, up to the page that asks who the person is.
async fn look(step: &mut Step<'_>, to: &Endpoints, ask: &Ask<'_>) -> Result<Outcome, Outcome> {
    let fields = authorize_fields(step, to, ask)?;
    check_own_request(step, &fields, ask);
    let endpoint = need(to.authorize.as_ref(), "authorization_endpoint")?;
    let visit = Visit {
        url: with_query(endpoint, &fields),
        redirect_uri: Some(ask.redirect_uri),
        person: None,
        user_code: None,
        purpose: "see whether the request is taken",
        secrets: step.ports.secrets,
    };
    let agent = BuiltInAgent::new(step.ports.transport, step.ports.clock);
    let (look, exchanges) = agent.look(visit).await;
    step.recorder.adopt(exchanges);
    let url = match look {
        Look::Callback(url) => url,
        Look::Login(page) => return Err(unseen(Fault::NoPerson { page })),
        Look::End(end) => return Err(stranded(step, end)),
    };
    let seen = CallbackSeen {
        in_fragment: url.query().is_none(),
        url,
        at: step.ports.clock.now(),
    };
    code_of(step, to, &seen, ask.state)?;
    let reason = "a code came, and nobody had logged in".to_owned();
    Ok(off(Endpoint::Callback, Breach::Shape { reason }))
}

/// A visit that ended before the callback.
fn stranded(step: &Step<'_>, end: VisitEnd) -> Outcome {
    match end {
        VisitEnd::Page {
            url,
            status,
            title,
            text,
        } => pages::outcome(step, &url, status, &title, &text),
        VisitEnd::Fault(fault) => unseen(fault),
        VisitEnd::Callback | VisitEnd::DeviceConnected | VisitEnd::Handed => {
            let reason = "it stopped before the callback".to_owned();
            unseen(Fault::Browser { reason })
        }
    }
}

fn unseen(fault: Fault) -> Outcome {
    let at = Endpoint::Authorize;
    Outcome::Unanswered { at, fault }
}

/// Sends the person to the authorization endpoint and waits for the callback.
async fn visit(
    step: &mut Step<'_>,
    url: Url,
    callback: &mut dyn Callback,
) -> Result<CallbackSeen, Outcome> {
    let redirect_uri = callback.redirect_uri().to_owned();
    let visitor = step.visitor();
    let visit = Visit {
        url,
        redirect_uri: Some(&redirect_uri),
        person: visitor.as_ref(),
        user_code: None,
        purpose: "log in and answer the approval page",
        secrets: step.ports.secrets,
    };
    let visited = step.ports.agent.visit(visit).await;
    step.recorder.adopt(visited.exchanges);
    let within = match visited.end {
        VisitEnd::Callback if callback.turned_away().is_empty() => step.remaining().min(DELIVERED),
        VisitEnd::Callback => TURNED_AWAY,
        VisitEnd::Handed | VisitEnd::DeviceConnected => step.remaining(),
        end @ (VisitEnd::Fault(_) | VisitEnd::Page { .. }) => return Err(stranded(step, end)),
    };
    match callback.wait(within).await {
        Ok(seen) => Ok(seen),
        // Somebody did call, but not with our `state`.
        Err(Fault::NoCallback { .. })
            if callback
                .turned_away()
                .iter()
                .any(|why| why.contains("state")) =>
        {
            Err(off(Endpoint::Callback, Breach::ForeignState))
        }
        Err(fault) => Err(unanswered(fault)),
    }
}

/// The code of the callback: `state` before anything else, then `iss`, then the error, then the code.
fn code_of(
    step: &Step<'_>,
    to: &Endpoints,
    seen: &CallbackSeen,
    state: &str,
) -> Result<String, Outcome> {
    let at = Endpoint::Callback;
    let found = parameter(seen, "state").unwrap_or_default();
    if !bool::from(found.as_bytes().ct_eq(state.as_bytes())) {
        return Err(off(at, Breach::ForeignState));
    }
    check_issuer(step, to, parameter(seen, "iss"))?;
    if let Some(error) = parameter(seen, "error") {
        let error = ErrorResponse {
            error,
            description: parameter(seen, "error_description"),
            uri: parameter(seen, "error_uri"),
        };
        let error = redacted(error, step.ports.secrets);
        return Err(Outcome::Refused { at, error });
    }
    let code = parameter(seen, "code").filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| {
        let reason = "the callback carries neither `code` nor `error`".to_owned();
        off(at, Breach::Shape { reason })
    })?;
    step.ports.secrets.add("code", &code);
    Ok(code)
}

/// RFC 9207 section 2.4: where `iss` is present it must be the issuer; where the server promises it, it must be present.
fn check_issuer(step: &Step<'_>, to: &Endpoints, found: Option<String>) -> Result<(), Outcome> {
    let found = match found {
        Some(found) if found.trim_end_matches('/') == to.issuer.trim_end_matches('/') => {
            return Ok(());
        }
        Some(found) => step.ports.secrets.redact(&found),
        None if to.names_issuer => "none".to_owned(),
        None => return Ok(()),
    };
    Err(off(Endpoint::Callback, Breach::ForeignIssuer { found }))
}

/// A parameter of the callback, from the query or from the fragment, decoded once.
fn parameter(seen: &CallbackSeen, name: &str) -> Option<String> {
    seen.parameter(name).or_else(|| {
        let fragment = seen.url.fragment()?.as_bytes();
        url::form_urlencoded::parse(fragment)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    })
}

/// Redeems the code (RFC 6749 section 4.1.3). No `scope`: Salesforce refuses it here.
async fn redeem(
    step: &mut Step<'_>,
    to: &Endpoints,
    credentials: &Credentials,
    code: Option<String>,
    redirect_uri: &str,
    pkce: &Pkce,
) -> Result<Box<TokenResponse>, Outcome> {
    if let Some(seconds) = step.grant.deviations.redeem_after {
        step.ports.clock.sleep(Duration::from_secs(seconds)).await;
    }
    let endpoint = need(to.token.as_ref(), "token_endpoint")?;
    let other = step.grant.deviations.redirect_uri_at_token.as_deref();
    let uri = RedirectUrl::new(other.unwrap_or(redirect_uri).to_owned())
        .map_err(|error| not_sent(format!("the callback URL at the token endpoint: {error}")))?;
    let client = oauth_client(credentials, endpoint);
    let ask_code = AuthorizationCode::new(code.clone().unwrap_or_default());
    let mut request = TokenRequest::draft(endpoint, credentials, |draft| {
        let mut ask = client
            .exchange_code(ask_code)
            .set_redirect_uri(Cow::Owned(uri));
        if let Some(verifier) = &pkce.verifier {
            ask = ask.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        }
        let _ = ask.request(draft);
    })?;
    if code.is_none() {
        request.fields.remove("code");
    }
    request.ask_token(step).await
}
