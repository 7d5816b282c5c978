//! The endpoints of an org (wire facts section 1.3), by path.

mod authorize;
mod browser;
mod device;
mod discovery;
mod issue;
mod resource;
mod token;
mod token_services;

use http::{Method, StatusCode};

use super::asked::Asked;
use super::pages;
use super::respond::{self, Reply};
use super::tenant::Tenant;

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
        _ if asked.method == Method::GET => {
            pages::standing(path).map_or_else(|| nowhere(path), |page| pages::reply(page, None))
        }
        _ => nowhere(path),
    }
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
