//! The authorization endpoint. Three failure exits: raw body, callback, error page (wire facts section 5.1).

use jiff::SignedDuration;

use super::super::asked::{Asked, Parameters};
use super::super::flow::{AuthorizeRequest, Errand, Flow};
use super::super::pages;
use super::super::respond::{self, Exit, Reply};
use super::super::tenant::{Inner, Judged, SentWithCode, Tenant};
use super::super::{facts, texts};
use super::{browser, issue};
use crate::cause::{AppKind, CauseId};
use crate::model::{Authorize, ClientFact, Event, Session, Stage, Verdict};
use crate::oauth::{GrantKind, ScopeSet};

/// How long the pages of a flow may stand open (wire facts section 5.1, `html_page`: the approval expired; the span is assumed).
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// GET or POST of an authorization request.
pub(super) fn authorize(tenant: &Tenant, asked: &Asked) -> Reply {
    let parameters = if asked.is_post() {
        asked.anywhere()
    } else {
        asked.in_query()
    };
    let request = read(&parameters);
    let asks_login = request.asks_login;
    let mut flow = Flow::new(Errand::Authorize(Box::new(request)), tenant.now());
    if let Some(person) = tenant.lock().script.other_org.take()
        && !asks_login
    {
        flow.session = Some(Session {
            person,
            level: crate::model::SessionLevel::Standard,
            verified: false,
            other_org: true,
        });
    }
    browser::go_on(tenant, asked, texts::flow(&*tenant.entropy), flow, None)
}

fn read(parameters: &Parameters) -> AuthorizeRequest {
    let text = |name: &str| parameters.get(name).map(str::to_owned);
    let prompt = parameters.get("prompt").unwrap_or_default();
    let prompts = |word: &str| prompt.split_ascii_whitespace().any(|one| one == word);
    AuthorizeRequest {
        client_id: text("client_id"),
        response_type: text("response_type"),
        redirect_uri: text("redirect_uri"),
        scope: text("scope"),
        state: text("state"),
        challenge: text("code_challenge"),
        challenge_method: text("code_challenge_method"),
        nonce: text("nonce"),
        asks_login: prompts("login"),
        immediate: prompts("none") || parameters.get("immediate") == Some("true"),
    }
}

/// Judges an authorization request as far as its flow has come.
pub(super) fn judge(
    tenant: &Tenant,
    inner: &mut Inner,
    asked: &Asked,
    handle: String,
    flow: Flow,
    request: &AuthorizeRequest,
    consent: Option<bool>,
) -> Reply {
    let now = tenant.now();
    let client = inner.credentials.client(request.client_id.as_deref());
    let by_cookie = || facts::session(inner, asked, now).filter(|_| !request.asks_login);
    let session = flow.session.or_else(by_cookie);
    let event = Event::Authorize(Authorize {
        caller: facts::caller(inner, asked),
        client,
        response_type_code: request.response_type.as_deref() == Some("code"),
        redirect_uri: request.redirect_uri.clone(),
        challenge: facts::challenge(request),
        scope: request.scope.as_deref().map(ScopeSet::from_wire),
        immediate: request.immediate,
        session,
        consent,
        too_late: now.duration_since(flow.started) > PATIENCE,
    });
    let Judged { verdict, applied } = inner.judge(&event, now);
    let state = request.state.as_deref();
    let redirect_uri = request.redirect_uri.as_deref().unwrap_or_default();
    match verdict {
        Verdict::Proceed { .. } => {
            inner.flows.end(&handle);
            let code = texts::authorization_code(&*tenant.entropy);
            if let Some(id) = applied.code {
                inner.texts.codes.insert(code.clone(), id);
                let sent_with = SentWithCode {
                    challenge: request.challenge.clone(),
                    plain: inner.strict && request.challenge_method.as_deref() != Some("S256"),
                    nonce: request.nonce.clone(),
                };
                inner.texts.sent_with.insert(id, sent_with);
            }
            respond::code_redirect(redirect_uri, &code, state)
        }
        Verdict::Interrupt { page, .. } => browser::send_to_page(inner, handle, flow, page),
        Verdict::Refuse { cause, stage, .. } => {
            let app_kind = app_kind(inner, client);
            if let (Some(session), ClientFact::Known(app)) = (session, client) {
                let grant = GrantKind::AuthorizationCode;
                issue::note_refusal(inner, asked, now, session.person, Some(app), grant, cause);
            }
            if is_untrusted(stage, cause) {
                return respond::raw_body(cause, app_kind);
            }
            let base = &asked.bases.asked;
            match respond::after_trust(cause, app_kind, base, redirect_uri, state) {
                Exit::Reply(reply) => {
                    inner.flows.end(&handle);
                    reply
                }
                Exit::Page(kind) => {
                    let mut flow = flow;
                    flow.refused = true;
                    inner.flows.put(handle.clone(), flow);
                    respond::redirect(&pages::address(kind, &handle))
                }
            }
        }
    }
}

/// Client and redirect URI come first, then PKCE: until then nothing may be sent to the callback. That an External Client App is not found
/// on a shared host is told there all the same (wire facts section 8 rule 2).
fn is_untrusted(stage: Stage, cause: CauseId) -> bool {
    matches!(stage, Stage::Request | Stage::Client) && cause != CauseId::EcaGenericLoginHost
}

/// The kind of a known app; of the first one else.
pub(super) fn app_kind(inner: &Inner, client: ClientFact) -> AppKind {
    let (ClientFact::Known(app) | ClientFact::Former(app)) = client else {
        return inner
            .state
            .apps
            .first()
            .map_or_else(AppKind::default, |app| app.kind);
    };
    inner.state.kind_of(app)
}
