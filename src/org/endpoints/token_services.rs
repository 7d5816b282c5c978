//! Revocation and introspection (wire facts sections 1.5 and 1.6).

use serde_json::{Value, json};

use super::super::asked::{Asked, Parameters};
use super::super::facts;
use super::super::respond::{self, Format, Reply};
use super::super::tenant::{Inner, Tenant};
use super::{authorize, issue};
use crate::model::{AnyToken, Event, Introspect, Revoke, Verdict};
use crate::oauth::GrantKind;

/// POST, or GET with the token in the query.
pub(super) fn revoke(tenant: &Tenant, asked: &Asked) -> Reply {
    let parameters = asked.anywhere();
    let now = tenant.now();
    let mut inner = tenant.lock();
    let hint = parameters.get("token_type_hint");
    let event = Event::Revoke(Revoke {
        token: facts::any_token(&inner, parameters.get("token")),
        unsupported_hint: hint.is_some_and(|hint| !is_known_type(hint)),
    });
    match inner.judge(&event, now).verdict {
        Verdict::Refuse { cause, .. } => {
            let client = facts::client(&inner, asked, &parameters).fact;
            respond::revoke_refusal(cause, authorize::app_kind(&inner, client))
        }
        Verdict::Proceed { .. } | Verdict::Interrupt { .. } => respond::empty(),
    }
}

fn is_known_type(hint: &str) -> bool {
    matches!(hint, "access_token" | "refresh_token")
}

/// POST with client credentials in the body or by HTTP Basic.
pub(super) fn introspect(tenant: &Tenant, asked: &Asked) -> Reply {
    let parameters = asked.in_body();
    let now = tenant.now();
    let mut inner = tenant.lock();
    let client = facts::client(&inner, asked, &parameters);
    let token = facts::any_token(&inner, parameters.get("token"));
    let event = Event::Introspect(Introspect {
        client: client.fact,
        secret: client.secret,
        token,
    });
    let app_kind = authorize::app_kind(&inner, client.fact);
    match inner.judge(&event, now).verdict {
        Verdict::Proceed { lacking, .. } => match lacking.first() {
            Some(cause) => respond::inactive(*cause, app_kind),
            None => respond::json(&active(&inner, asked, token)),
        },
        Verdict::Refuse { cause, .. } => {
            // The words of the token endpoint: none of its own were seen.
            let format = Format::of(&Parameters::default(), asked);
            respond::token_refusal(cause, app_kind, GrantKind::ClientCredentials, format)
        }
        Verdict::Interrupt { .. } => respond::json(&json!({"active": false})),
    }
}

fn active(inner: &Inner, asked: &Asked, token: AnyToken) -> Value {
    let (app, person, scope, issued, kind) = match token {
        AnyToken::Access(id) => {
            let token = &inner.state.access_tokens[id.0];
            (
                token.app,
                token.person,
                &token.scope,
                token.issued_at,
                "access_token",
            )
        }
        AnyToken::Refresh(id) => {
            let family = &inner.state.families[inner.state.refresh_tokens[id.0].family.0];
            (
                family.app,
                family.person,
                &family.scope,
                family.granted_at,
                "refresh_token",
            )
        }
        AnyToken::Unknown => return json!({"active": false}),
    };
    let mut members = json!({
        "active": true,
        "scope": scope.to_wire(),
        "client_id": inner.credentials.apps[app.0].client_id,
        "username": inner.state.people[person.0].username,
        "sub": issue::identity_url(inner, &asked.bases.asked, person),
        "token_type": kind,
        "iat": issued.as_second(),
        "nbf": issued.as_second(),
    });
    // A refresh token ends by policy, which may change; only access tokens have a time of their own.
    if let AnyToken::Access(id) = token {
        members["exp"] = inner.state.access_tokens[id.0]
            .expires_at
            .as_second()
            .into();
    }
    members
}
