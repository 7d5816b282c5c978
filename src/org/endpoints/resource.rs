//! Calls with an access token: the token is judged here, the answer comes from the REST side.

use serde_json::json;

use super::super::asked::Asked;
use super::super::facts;
use super::super::respond::{self, Reply};
use super::super::rest::{self, RestRequest, View, ids};
use super::super::tenant::{FaultAt, Inner, Tenant};
use crate::cause::{AppKind, CauseId};
use crate::model::{Event, PersonId, Resource, TokenFact, Use, Verdict};

/// A REST call. The list of versions needs no token.
pub(super) fn rest(tenant: &Tenant, asked: &Asked) -> Reply {
    let now = tenant.now();
    let mut inner = tenant.lock();
    if inner.strikes(FaultAt::Rest, "use", now) {
        return respond::rest_refusal(CauseId::TransientServerFault, AppKind::default());
    }
    let is_list = asked.path.trim_end_matches('/') == "/services/data";
    let person = if is_list {
        PersonId(0)
    } else {
        match judge(&mut inner, asked, Resource::Rest, now) {
            Ok(person) => person,
            Err((cause, kind)) => return respond::rest_refusal(cause, kind),
        }
    };
    inner
        .directory
        .org
        .my_domain_url
        .clone_from(&asked.bases.my_domain);
    inner.directory.org.api_calls += 1;
    let view = view(&inner, now, person);
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
    match judge(&mut inner, asked, Resource::Userinfo, now) {
        Ok(person) => respond::json(&identity_body(&inner, asked, person)),
        Err((cause, kind)) => respond::plain_refusal(cause, kind),
    }
}

/// An identity URL, `/id/<org>/<user>`.
pub(super) fn identity(tenant: &Tenant, asked: &Asked) -> Reply {
    let now = tenant.now();
    let mut inner = tenant.lock();
    let person = match judge(&mut inner, asked, Resource::Identity, now) {
        Ok(person) => person,
        Err((cause, kind)) => return respond::plain_refusal(cause, kind),
    };
    let kind = AppKind::default();
    let mut parts = asked.path.trim_start_matches("/id/").split('/');
    let (Some(org), Some(user)) = (parts.next(), parts.next()) else {
        return respond::plain_refusal(CauseId::IdentityUrlMalformed, kind);
    };
    if ids::shorten(org).is_none() || ids::shorten(user).is_none() {
        return respond::plain_refusal(CauseId::IdentityUrlMalformed, kind);
    }
    if !ids::same(org, &inner.directory.org.id) {
        return respond::plain_refusal(CauseId::IdentityUrlOfOtherOrg, kind);
    }
    match inner.directory.person_of(user) {
        Some(named) if named == person => respond::json(&identity_body(&inner, asked, person)),
        Some(_) => respond::plain_refusal(CauseId::IdentityOfOtherUserForbidden, kind),
        None => respond::plain_refusal(CauseId::IdentityUrlMalformed, kind),
    }
}

/// Who may call, or why not.
fn judge(
    inner: &mut Inner,
    asked: &Asked,
    resource: Resource,
    now: jiff::Timestamp,
) -> Result<PersonId, (CauseId, AppKind)> {
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
        (Verdict::Proceed { .. }, TokenFact::Known(id)) => {
            Ok(inner.state.access_tokens[id.0].person)
        }
        (verdict, _) => Err((verdict.cause().unwrap_or(CauseId::TokenUnknown), kind)),
    }
}

fn view(inner: &Inner, now: jiff::Timestamp, caller: PersonId) -> View<'_> {
    View {
        directory: &inner.directory,
        state: &inner.state,
        now,
        caller,
    }
}

/// Until the REST side has its own: the members that clients need.
fn identity_body(inner: &Inner, asked: &Asked, person: PersonId) -> serde_json::Value {
    let id = super::issue::identity_url(inner, &asked.bases.asked, person);
    json!({
        "sub": id,
        "user_id": inner.directory.people[person.0].id,
        "organization_id": inner.directory.org.id,
        "preferred_username": inner.state.people[person.0].username,
    })
}
