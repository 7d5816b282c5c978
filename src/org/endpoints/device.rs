//! The device flow: the start at the token endpoint, and the page where a person types the user code (wire facts section 2.5).

use serde_json::{Map, Value};

use super::super::asked::{Asked, Parameters};
use super::super::flow::{Errand, Flow};
use super::super::pages;
use super::super::respond::{self, Format, Reply};
use super::super::tenant::{Inner, Tenant};
use super::super::{facts, texts};
use super::{authorize, browser, issue};
use crate::model::{DeviceId, DevicePage, DeviceStart, Event, Verdict};
use crate::oauth::{GrantKind, ScopeSet};

const GRANT: GrantKind = GrantKind::Device;
/// Seconds between polls.
const INTERVAL: u64 = 5;

/// `response_type=device_code` at the token endpoint.
pub(super) fn start(
    tenant: &Tenant,
    asked: &Asked,
    parameters: &Parameters,
    format: Format,
) -> Reply {
    let now = tenant.now();
    let mut inner = tenant.lock();
    let client = facts::client(&inner, asked, parameters).fact;
    let caller = facts::caller(&inner, asked);
    let event = Event::DeviceStart(DeviceStart {
        caller,
        post: asked.is_post(),
        client,
        scope: parameters.get("scope").map(ScopeSet::from_wire),
    });
    let judged = inner.judge(&event, now);
    let Some(device) = judged.applied.device else {
        let cause = judged.verdict.cause();
        let app_kind = authorize::app_kind(&inner, client);
        return match cause {
            Some(cause) => respond::token_refusal(cause, app_kind, GRANT, format),
            None => respond::text(
                http::StatusCode::INTERNAL_SERVER_ERROR,
                "no device code was made",
            ),
        };
    };
    let user_code = loop {
        let code = texts::user_code(&*tenant.entropy);
        if !inner.texts.user_codes.contains_key(&code) {
            break code;
        }
    };
    let app = inner.state.devices[device.0].app;
    let key = &inner.credentials.apps[app.0].client_id;
    let device_code = texts::device_code(key, &caller.address.to_string(), now, &user_code);
    inner.texts.devices.insert(device_code.clone(), device);
    inner.texts.user_codes.insert(user_code.clone(), device);
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("device_code", device_code.into());
    put("user_code", user_code.into());
    put(
        "verification_uri",
        format!("{}{}", asked.bases.asked, pages::DEVICE).into(),
    );
    put("interval", INTERVAL.into());
    respond::granted(&fields, format)
}

/// The device page.
pub(super) async fn page(tenant: &Tenant, asked: &Asked) -> Reply {
    if !asked.is_post() {
        let parameters = asked.in_query();
        let mut inner = tenant.lock();
        let flow = parameters
            .get("flow")
            .and_then(|handle| inner.flows.find_mut(handle));
        let refused = flow.is_some_and(|flow| flow.refused);
        let typed = parameters.get("user_code").unwrap_or_default();
        return pages::reply(pages::device(typed, refused), None);
    }
    tenant.let_person_be_away().await;
    let parameters = asked.in_body();
    let typed: String = parameters
        .get("user_code")
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let found = tenant.lock().texts.user_codes.get(&typed).copied();
    let Some(device) = found else {
        // The model judges an unknown code too, so that the ledger has it.
        let mut inner = tenant.lock();
        let caller = facts::caller(&inner, asked);
        let event = Event::DevicePage(DevicePage {
            caller,
            device: None,
            session: None,
            consent: None,
        });
        inner.judge(&event, tenant.now());
        return pages::reply(pages::device(&typed, true), None);
    };
    let flow = Flow::new(Errand::Device(device), tenant.now());
    browser::go_on(tenant, asked, texts::flow(&*tenant.entropy), flow, None)
}

/// Judges a person at the device page as far as the flow has come.
pub(super) fn judge(
    tenant: &Tenant,
    inner: &mut Inner,
    asked: &Asked,
    handle: String,
    mut flow: Flow,
    device: DeviceId,
    consent: Option<bool>,
) -> Reply {
    let now = tenant.now();
    let session = flow.session.or_else(|| facts::session(inner, asked, now));
    let event = Event::DevicePage(DevicePage {
        caller: facts::caller(inner, asked),
        device: Some(device),
        session,
        consent,
    });
    match inner.judge(&event, now).verdict {
        Verdict::Proceed { .. } => {
            inner.flows.end(&handle);
            respond::redirect(if consent == Some(false) {
                pages::DEVICE_DENIED
            } else {
                pages::DEVICE_CONNECTED
            })
        }
        Verdict::Interrupt { page, .. } => browser::send_to_page(inner, handle, flow, page),
        Verdict::Refuse { cause, .. } => {
            let app = inner.state.devices[device.0].app;
            if let Some(session) = session {
                issue::note_refusal(inner, asked, now, session.person, Some(app), GRANT, cause);
            }
            let kind = respond::page_of(cause, inner.state.kind_of(app), GRANT);
            flow.refused = true;
            inner.flows.put(handle.clone(), flow);
            respond::redirect(&pages::address(kind, &handle))
        }
    }
}
