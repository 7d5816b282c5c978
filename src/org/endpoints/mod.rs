//! The endpoints of an org (wire facts section 1.3), by path.

mod authorize;
mod browser;
mod device;
mod discovery;
mod issue;
mod resource;
mod soap;
mod token;
mod token_services;

use http::{Method, StatusCode};

use super::asked::Asked;
use super::pages;
use super::respond::{self, Format, Reply};
use super::rest::soap::SoapEndpoint;
use super::tenant::Tenant;
use crate::cause::{AppKind, CauseId};
use crate::oauth::GrantKind;

/// Answers one request to an org.
pub(super) async fn answer(tenant: &Tenant, asked: &Asked) -> Reply {
    let path = asked.path.trim_end_matches('/');
    match path {
        "/services/oauth2/token" => token::token(tenant, asked).await,
        "/services/oauth2/revoke" => token_services::revoke(tenant, asked),
        "/services/oauth2/introspect" => token_services::introspect(tenant, asked),
        "/services/oauth2/userinfo" => resource::userinfo(tenant, asked),
        "/.well-known/openid-configuration" => discovery::openid_configuration(asked),
        "/.well-known/auth-configuration" => discovery::auth_configuration(asked),
        "/id/keys" => discovery::keys(),
        "" => browser::home(tenant, asked),
        pages::LOGIN => browser::login(tenant, asked).await,
        pages::VERIFICATION => browser::verification(tenant, asked).await,
        pages::APPROVAL => browser::approval(tenant, asked).await,
        pages::DEVICE => device::page(tenant, asked).await,
        "/services/auth/idp/oidc/logout" | "/secur/logout.jsp" => browser::logout(tenant, asked),
        "/favicon.ico" => no_content(),
        _ if path == AUTHORIZE || path.starts_with(AUTHORIZE_BRAND) => {
            authorize::authorize(tenant, asked)
        }
        _ if path.starts_with("/id/") => resource::identity(tenant, asked),
        _ if path == "/services/data" || path.starts_with("/services/data/") => {
            resource::rest(tenant, asked)
        }
        _ if asked.is_post()
            && let Some(endpoint) = SoapEndpoint::of(path) =>
        {
            soap::call(tenant, asked, &endpoint)
        }
        _ if asked.method == Method::GET => {
            pages::standing(path).map_or_else(|| nowhere(path), |page| pages::reply(page, None))
        }
        _ => nowhere(path),
    }
}

/// A fault of the server, whatever was asked.
pub(super) fn fault(tenant: &Tenant, asked: &Asked) -> Reply {
    let cause = CauseId::TransientServerFault;
    let (event, reply) = match asked.path.trim_end_matches('/') {
        "/services/oauth2/token" => {
            let any = GrantKind::ClientCredentials;
            let format = Format::of(&asked.in_body(), asked);
            let reply = respond::token_refusal(cause, AppKind::default(), any, format);
            ("token", reply)
        }
        path if path.starts_with("/services/data") => {
            ("use", respond::rest_refusal(cause, AppKind::default()))
        }
        // The words of HTTP: none of Salesforce's are known for each of the other endpoints.
        _ => (
            "other",
            respond::text(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        ),
    };
    let now = tenant.now();
    tenant.lock().note_fault(event, now);
    reply
}

const AUTHORIZE: &str = "/services/oauth2/authorize";
/// A brand may follow (wire facts section 1.1).
const AUTHORIZE_BRAND: &str = "/services/oauth2/authorize/";

fn no_content() -> Reply {
    let mut reply = respond::empty();
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply
}

fn nowhere(path: &str) -> Reply {
    if path.starts_with("/services") {
        let body = serde_json::json!([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]);
        let mut reply = respond::json(&body);
        *reply.status_mut() = StatusCode::NOT_FOUND;
        return reply;
    }
    pages::reply(pages::nowhere(), None)
}
