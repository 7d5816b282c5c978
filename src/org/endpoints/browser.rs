//! The pages that a person answers on the way: login, verification, approval. Each answer goes to the model, and then the flow goes on.

use http::header::SET_COOKIE;

use super::super::asked::Asked;
use super::super::credentials;
use super::super::directory::LoginRecord;
use super::super::flow::{Errand, Flow};
use super::super::pages::{self, Drawn};
use super::super::respond::{self, Reply};
use super::super::tenant::{BrowserSession, Inner, Judged, SUCCESS, Tenant};
use super::super::{facts, texts};
use super::{authorize, device, issue};
use crate::cause::{AppKind, CauseId, Channel, emitted};
use crate::model::{Event, Page, PageAnswer, PageInput, PersonId, SecretFact, Session, Verdict};
use crate::oauth::GrantKind;

/// Goes on with a flow: judged as far as it has come, it ends in a redirect, a refusal or the next page.
pub(super) fn go_on(
    tenant: &Tenant,
    asked: &Asked,
    handle: String,
    flow: Flow,
    consent: Option<bool>,
) -> Reply {
    let mut inner = tenant.lock();
    match flow.errand.clone() {
        Errand::Authorize(request) => {
            authorize::judge(tenant, &mut inner, asked, handle, flow, &request, consent)
        }
        Errand::Device(id) => device::judge(tenant, &mut inner, asked, handle, flow, id, consent),
        Errand::Home => {
            inner.flows.end(&handle);
            respond::redirect("/")
        }
    }
}

/// Keeps the flow and sends the browser to a page.
pub(super) fn send_to_page(inner: &mut Inner, handle: String, mut flow: Flow, page: Page) -> Reply {
    let address = match page {
        Page::Login => pages::address("login", &handle),
        Page::Verification(person) => {
            flow.verifying = Some(person);
            pages::address("verification", &handle)
        }
        Page::ChangePassword => pages::address("change_password", &handle),
        Page::LoginFlow => pages::address("login_flow", &handle),
        Page::Approval => pages::address("approval", &handle),
    };
    inner.flows.put(handle, flow);
    respond::redirect(&address)
}

/// `/`: who is logged in, or the login page.
pub(super) fn home(tenant: &Tenant, asked: &Asked) -> Reply {
    let inner = tenant.lock();
    match facts::session(&inner, asked, tenant.now()) {
        Some(session) => {
            let username = &inner.state.people[session.person.0].username;
            pages::reply(pages::home(username), None)
        }
        None => respond::redirect(pages::LOGIN),
    }
}

/// The login page.
pub(super) async fn login(tenant: &Tenant, asked: &Asked) -> Reply {
    if !asked.is_post() {
        let parameters = asked.in_query();
        let handle = parameters.get("flow");
        let mut inner = tenant.lock();
        let refused = take_refused(&mut inner, handle);
        let origin = handle.and_then(|handle| leads_to(&inner, handle));
        return pages::reply(pages::login(handle, refused), origin.as_deref());
    }
    tenant.let_person_be_away().await;
    let parameters = asked.in_body();
    let now = tenant.now();
    let mut inner = tenant.lock();
    let Some((handle, flow)) = flow_of(tenant, &inner, parameters.get("flow")) else {
        return pages::reply(pages::over(), None);
    };
    let (person, password) = facts::login(&inner, parameters.get("username"), parameters.get("pw"));
    let input = PageInput::Login { person, password };
    let judged = answered(&mut inner, asked, input, now);
    note_page_login(&mut inner, asked, now, person, &judged);
    drop(inner);
    after_answer(tenant, asked, handle, flow, &judged)
}

/// The verification page.
pub(super) async fn verification(tenant: &Tenant, asked: &Asked) -> Reply {
    if !asked.is_post() {
        let parameters = asked.in_query();
        let handle = parameters.get("flow").unwrap_or_default();
        let mut inner = tenant.lock();
        let refused = take_refused(&mut inner, Some(handle));
        let origin = leads_to(&inner, handle);
        return pages::reply(pages::verification(handle, refused), origin.as_deref());
    }
    tenant.let_person_be_away().await;
    let parameters = asked.in_body();
    let now = tenant.now();
    let mut inner = tenant.lock();
    let Some((handle, flow)) = flow_of(tenant, &inner, parameters.get("flow")) else {
        return pages::reply(pages::over(), None);
    };
    let Some(person) = flow.verifying else {
        return respond::redirect(&pages::address("login", &handle));
    };
    let typed = parameters.get("verification_code").unwrap_or_default();
    let expected = &inner.credentials.people[person.0].verification_code;
    let code = credentials::judge(expected, typed);
    let judged = answered(
        &mut inner,
        asked,
        PageInput::Verification { person, code },
        now,
    );
    drop(inner);
    let mut flow = flow;
    flow.refused = code != SecretFact::Right;
    after_answer(tenant, asked, handle, flow, &judged)
}

/// The approval page.
pub(super) async fn approval(tenant: &Tenant, asked: &Asked) -> Reply {
    let parameters = asked.anywhere();
    let handle = parameters.get("flow").unwrap_or_default().to_owned();
    if !asked.is_post() {
        let inner = tenant.lock();
        let Some(view) = approval_view(&inner, asked, tenant.now(), &handle) else {
            return pages::reply(pages::over(), None);
        };
        return pages::reply(view, leads_to(&inner, &handle).as_deref());
    }
    tenant.let_person_be_away().await;
    let consent = match parameters.get("answer") {
        Some("allow") => true,
        Some("deny") => false,
        _ => return respond::redirect(&pages::address("approval", &handle)),
    };
    let flow = tenant.lock().flows.find(&handle).cloned();
    match flow {
        Some(flow) => go_on(tenant, asked, handle, flow, Some(consent)),
        None => pages::reply(pages::over(), None),
    }
}

/// Ends the session of the browser.
pub(super) fn logout(tenant: &Tenant, asked: &Asked) -> Reply {
    if let Some(sid) = asked.cookie("sid") {
        tenant.lock().texts.sessions.remove(sid);
    }
    let mut reply = respond::redirect(pages::LOGIN);
    respond::set(
        &mut reply,
        SET_COOKIE,
        "sid=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
    );
    reply
}

/// The flow of a handle. Without one somebody logs in for its own sake; with one that is gone the flow is over.
fn flow_of(tenant: &Tenant, inner: &Inner, handle: Option<&str>) -> Option<(String, Flow)> {
    match handle {
        Some(handle) => inner
            .flows
            .find(handle)
            .map(|flow| (handle.to_owned(), flow.clone())),
        None => Some((
            texts::flow(&*tenant.entropy),
            Flow::new(Errand::Home, tenant.now()),
        )),
    }
}

fn answered(inner: &mut Inner, asked: &Asked, page: PageInput, now: jiff::Timestamp) -> Judged {
    let caller = facts::caller(inner, asked);
    inner.judge(&Event::PageAnswer(PageAnswer { caller, page }), now)
}

/// What comes after a page was answered: a session and the rest of the flow, another page, or the page again.
fn after_answer(
    tenant: &Tenant,
    asked: &Asked,
    handle: String,
    mut flow: Flow,
    judged: &Judged,
) -> Reply {
    match judged.verdict {
        Verdict::Proceed { .. } => {
            let Some(session) = judged.applied.session else {
                return respond::redirect(&pages::address("login", &handle));
            };
            let sid = open_session(tenant, session);
            flow.session = Some(session);
            flow.verifying = None;
            let mut reply = go_on(tenant, asked, handle, flow, None);
            let cookie = format!("sid={sid}; Path=/; HttpOnly; Secure; SameSite=Lax");
            respond::set(&mut reply, SET_COOKIE, &cookie);
            reply
        }
        Verdict::Interrupt { page, .. } => send_to_page(&mut tenant.lock(), handle, flow, page),
        Verdict::Refuse { cause, .. } => {
            let kind = respond::page_of(cause, AppKind::default(), GrantKind::AuthorizationCode);
            flow.refused = true;
            tenant.lock().flows.put(handle.clone(), flow);
            respond::redirect(&pages::address(kind, &handle))
        }
    }
}

fn open_session(tenant: &Tenant, session: Session) -> String {
    let opened = tenant.now();
    let mut inner = tenant.lock();
    let sid = texts::access_token(&*tenant.entropy, &inner.directory.org.id);
    let session = BrowserSession { session, opened };
    inner.texts.sessions.insert(sid.clone(), session);
    sid
}

/// Whether the page must say that something was refused; said once.
fn take_refused(inner: &mut Inner, handle: Option<&str>) -> bool {
    handle
        .and_then(|handle| inner.flows.find_mut(handle))
        .is_some_and(|flow| std::mem::take(&mut flow.refused))
}

/// Where the forms of a flow may lead beside this host: the origin of the callback, or the scheme of an app.
fn leads_to(inner: &Inner, handle: &str) -> Option<String> {
    let Errand::Authorize(request) = &inner.flows.find(handle)?.errand else {
        return None;
    };
    let url = url::Url::parse(request.redirect_uri.as_deref()?).ok()?;
    let origin = url.origin();
    Some(if origin.is_tuple() {
        origin.ascii_serialization()
    } else {
        format!("{}:", url.scheme())
    })
}

fn approval_view(
    inner: &Inner,
    asked: &Asked,
    now: jiff::Timestamp,
    handle: &str,
) -> Option<Drawn> {
    let flow = inner.flows.find(handle)?;
    let session = flow.session.or_else(|| facts::session(inner, asked, now))?;
    let (app, scope) = match &flow.errand {
        Errand::Authorize(request) => {
            let client = inner.credentials.client(request.client_id.as_deref());
            let crate::model::ClientFact::Known(app) = client else {
                return None;
            };
            (
                app,
                request
                    .scope
                    .as_deref()
                    .map(crate::oauth::ScopeSet::from_wire),
            )
        }
        Errand::Device(id) => {
            let device = &inner.state.devices[id.0];
            (device.app, Some(device.scope.clone()))
        }
        Errand::Home => return None,
    };
    let scope = scope.filter(|scope| !scope.is_empty()).unwrap_or_else(|| {
        let settings = inner.state.apps[app.0].settings.at(now);
        let custom = settings.custom_scopes.iter();
        settings.scopes.iter().chain(custom).collect()
    });
    Some(pages::approval(
        handle,
        &inner.directory.apps[app.0].label,
        &inner.state.people[session.person.0].username,
        &scope,
    ))
}

fn note_page_login(
    inner: &mut Inner,
    asked: &Asked,
    now: jiff::Timestamp,
    person: Option<PersonId>,
    judged: &Judged,
) {
    let Some(person) = person else {
        return;
    };
    let status = match &judged.verdict {
        Verdict::Proceed { .. } => Some(SUCCESS),
        Verdict::Interrupt { cause, .. } => cause.and_then(history_status),
        Verdict::Refuse { cause, .. } => history_status(*cause),
    };
    let Some(status) = status else {
        return;
    };
    let record = LoginRecord {
        at: now,
        person,
        login_type: "Application",
        login_subtype: None,
        status: status.to_owned(),
        application: "Browser".to_owned(),
        source: facts::caller(inner, asked).address,
        login_url: issue::host_of(&asked.bases.asked),
        by_get: false,
    };
    inner.note_login(record);
}

fn history_status(cause: CauseId) -> Option<&'static str> {
    let grant = Some(GrantKind::AuthorizationCode);
    emitted(cause, AppKind::default(), grant, &[Channel::LoginHistory]).and_then(|row| row.text)
}
