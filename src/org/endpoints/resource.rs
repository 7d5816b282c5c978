//! Calls with an access token: the token is judged here, the answer comes from the REST side.

use jiff::Timestamp;

use super::super::asked::Asked;
use super::super::facts;
use super::super::respond::{self, Reply};
use super::super::rest::{self, RestRequest, View, identity};
use super::super::tenant::{FaultAt, FaultKind, Inner, Tenant};
use crate::cause::{AppKind, CauseId};
use crate::model::{AccessId, AccessToken, Event, PersonId, Resource, TokenFact, Use, Verdict};

/// A REST call. The list of versions needs no token.
pub(super) fn rest(tenant: &Tenant, asked: &Asked) -> Reply {
    let now = tenant.now();
    let mut inner = tenant.lock();
    name_hosts(&mut inner, asked);
    match inner.strikes(FaultAt::Rest, "use", now) {
        Some(FaultKind::ServerError) => {
            return respond::rest_refusal(CauseId::TransientServerFault, AppKind::default());
        }
        Some(FaultKind::SessionExpired) => {
            return respond::rest_refusal(CauseId::AccessTokenExpired, AppKind::default());
        }
        Some(FaultKind::LostResponse) => return respond::lost(read(&mut inner, asked, now)),
        None => {}
    }
    read(&mut inner, asked, now)
}

fn read(inner: &mut Inner, asked: &Asked, now: Timestamp) -> Reply {
    let is_list = asked.path.trim_end_matches('/') == "/services/data";
    let person = if is_list {
        PersonId(0)
    } else {
        match judge(inner, asked, Resource::Rest, now) {
            Ok(access) => inner.state.access_tokens[access.0].person,
            Err((cause, kind)) => return respond::rest_refusal(cause, kind),
        }
    };
    inner.directory.org.api_calls += 1;
    let view = view(inner, now, person);
    let request = RestRequest {
        method: asked.method.as_str(),
        path: &asked.path,
        query: &asked.query,
        body: &asked.body,
    };
    respond::rest(rest::answer(&request, &view))
}

/// OpenID userinfo.
pub(super) fn userinfo(tenant: &Tenant, asked: &Asked) -> Reply {
    let now = tenant.now();
    let mut inner = tenant.lock();
    name_hosts(&mut inner, asked);
    let access = match judge(&mut inner, asked, Resource::Userinfo, now) {
        Ok(access) => access,
        Err((cause, kind)) => return respond::plain_refusal(cause, kind),
    };
    let token = inner.state.access_tokens[access.0].clone();
    let view = view(&inner, now, token.person);
    let body = identity::userinfo(&asked_for(&inner, &view, &token, access, token.person));
    respond::rest(identity::render(&body, identity::Format::Json))
}

/// An identity URL, `/id/<org>/<user>`. Another user's is read with `api` or `full` (wire facts section 1.7).
pub(super) fn identity(tenant: &Tenant, asked: &Asked) -> Reply {
    let now = tenant.now();
    let mut inner = tenant.lock();
    name_hosts(&mut inner, asked);
    let access = match judge(&mut inner, asked, Resource::Identity, now) {
        Ok(access) => access,
        Err((cause, kind)) => return respond::plain_refusal(cause, kind),
    };
    let token = inner.state.access_tokens[access.0].clone();
    let kind = inner.state.kind_of(token.app);
    let view = view(&inner, now, token.person);
    let named = match identity::find(&view, &asked.path) {
        Ok(named) => named,
        Err((_, identity::WRONG_ORG)) => {
            return respond::plain_refusal(CauseId::IdentityUrlOfOtherOrg, kind);
        }
        Err(_) => return respond::plain_refusal(CauseId::IdentityUrlMalformed, kind),
    };
    if named != token.person && !token.scope.opens_api() {
        return respond::plain_refusal(CauseId::IdentityOfOtherUserForbidden, kind);
    }
    let parameters = asked.in_query();
    let format =
        identity::Format::asked(parameters.get("format"), asked.header(http::header::ACCEPT));
    let asked_for = asked_for(&inner, &view, &token, access, named);
    let body = identity::identity(&asked_for, parameters.get("version"));
    respond::rest(identity::render(&body, format))
}

fn asked_for<'a>(
    inner: &'a Inner,
    view: &'a View<'a>,
    token: &'a AccessToken,
    access: AccessId,
    person: PersonId,
) -> identity::Asked<'a> {
    identity::Asked {
        view,
        person,
        scope: &token.scope,
        app: token.app,
        issuer: inner.texts.issuers.get(&access).map_or("", String::as_str),
    }
}

/// Who may call, or why not.
fn judge(
    inner: &mut Inner,
    asked: &Asked,
    resource: Resource,
    now: jiff::Timestamp,
) -> Result<AccessId, (CauseId, AppKind)> {
    let token = facts::access_token(inner, asked, resource != Resource::Rest);
    let event = Event::Use(Use {
        caller: facts::caller(inner, asked),
        token,
        resource,
    });
    let verdict = inner.judge(&event, now).verdict;
    let kind = match token {
        TokenFact::Known(id) => inner.state.kind_of(inner.state.access_tokens[id.0].app),
        _ => AppKind::default(),
    };
    match (verdict, token) {
        (Verdict::Proceed { .. }, TokenFact::Known(id)) => Ok(id),
        (verdict, _) => Err((verdict.cause().unwrap_or(CauseId::TokenUnknown), kind)),
    }
}

/// Answers name the My Domain host as this client knows it.
fn name_hosts(inner: &mut Inner, asked: &Asked) {
    let org = &mut inner.directory.org;
    org.my_domain_url.clone_from(&asked.bases.my_domain);
}

fn view(inner: &Inner, now: jiff::Timestamp, caller: PersonId) -> View<'_> {
    View {
        directory: &inner.directory,
        state: &inner.state,
        now,
        caller,
    }
}
