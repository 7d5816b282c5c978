//! What follows a token: it is checked, then used, for several policies refuse only there; then introspected and revoked where asked.

use http::header::{ACCEPT, AUTHORIZATION};
use serde_json::Value;
use url::Url;

use super::answer::{is_ok, resource_error};
use super::credentials::Credentials;
use super::endpoints::{Endpoints, under};
use super::step::Step;
use super::token_request::TokenRequest;
use super::{CertainValue, Client, UseAnswer, id_token, token_checks};
use crate::exchange::{Endpoint, Request, Response};
use crate::oauth::{GrantKind, ScopeSet, TokenResponse};

/// The version of the REST API that the one call names.
const API: &str = "/services/data/v60.0/limits";

/// Checks and uses a token as the step asks.
pub(super) async fn follow(step: &mut Step<'_>, to: &Endpoints, token: &TokenResponse) {
    let after = step.grant.after;
    if after.check {
        token_checks::check(step, token);
        id_token::check(step, to, token).await;
    }
    if after.use_it {
        userinfo(step, to, token).await;
        rest(step, token).await;
    }
    if after.introspect {
        introspect(step, to, token).await;
    }
    if after.revoke {
        revoke(step, to, token).await;
    }
}

async fn userinfo(step: &mut Step<'_>, to: &Endpoints, token: &TokenResponse) {
    let Some(url) = to.userinfo.clone() else {
        return;
    };
    if !step.is_salesforce() && !has_end_user(step, token) {
        return;
    }
    use_at(step, Endpoint::Userinfo, url, token).await;
}

/// At an RFC server userinfo answers only for `openid`, and only where a person logged in.
fn has_end_user(step: &Step<'_>, token: &TokenResponse) -> bool {
    let scope = token.scope.as_ref().or(step.grant.scope.as_ref());
    let openid = scope.is_some_and(|scope| ScopeSet::from_wire(scope).has("openid"));
    let machine = [GrantKind::ClientCredentials, GrantKind::JwtBearer];
    openid && !machine.contains(&step.grant.kind)
}

async fn rest(step: &mut Step<'_>, token: &TokenResponse) {
    if !step.is_salesforce() {
        return;
    }
    let instance = token.instance_url.as_deref();
    // The token goes nowhere without TLS, whatever the answer names.
    let base = instance
        .and_then(|text| Url::parse(text).ok())
        .filter(|url| url.scheme() == "https");
    if let Some(base) = base {
        use_at(step, Endpoint::Rest, under(&base, API), token).await;
    }
}

/// One call with the token, deviations included.
async fn use_at(step: &mut Step<'_>, at: Endpoint, mut url: Url, token: &TokenResponse) {
    let deviations = &step.grant.deviations;
    let Some(sent) = sent_token(step, token) else {
        let request = Request::get(url).header(ACCEPT, "application/json");
        answered(step, at, request).await;
        return;
    };
    step.ports.secrets.add("access_token", &sent);
    let request = if deviations.access_token_in_query {
        // Salesforce's resources read `oauth_token` (wire facts section 1.7), others RFC 6750 section 2.3.
        let name = if step.is_salesforce() {
            "oauth_token"
        } else {
            "access_token"
        };
        url.query_pairs_mut().append_pair(name, &sent);
        Request::get(url)
    } else if step.leaves_out("authorization") {
        Request::get(url)
    } else {
        let scheme = if deviations.authorization_malformed {
            "Bearer:"
        } else {
            "Bearer"
        };
        Request::get(url).header(AUTHORIZATION, &format!("{scheme} {sent}"))
    };
    answered(step, at, request.header(ACCEPT, "application/json")).await;
}

/// The access token to use; `None` sends none.
fn sent_token(step: &Step<'_>, token: &TokenResponse) -> Option<String> {
    match step.grant.deviations.access_token {
        Some(CertainValue::Absent) => None,
        Some(CertainValue::Wrong) => Some(format!("00D000000000000!AQ{}", step.random())),
        Some(CertainValue::Malformed) => Some("not-a-token".to_owned()),
        Some(CertainValue::Former) => {
            let former = step.grant.held.access_tokens.last();
            former.map(|former| former.expose().to_owned())
        }
        Some(CertainValue::Right | CertainValue::Given) | None => Some(token.access_token.clone()),
    }
}

/// Sends it and notes what came.
async fn answered(step: &mut Step<'_>, at: Endpoint, request: Request) -> Option<Response> {
    let answer = step.recorder.send(at, request).await.ok();
    step.uses.push(UseAnswer {
        at,
        status: answer.as_ref().map(|response| response.status.as_u16()),
        error: answer
            .as_ref()
            .and_then(|response| resource_error(response, step.ports.secrets)),
    });
    answer
}

/// RFC 7662. "Inactive" is an answer, not an error, so it becomes a check.
async fn introspect(step: &mut Step<'_>, to: &Endpoints, token: &TokenResponse) {
    let Some(url) = &to.introspect else {
        step.check(
            "introspection",
            None,
            "the server names no introspection endpoint",
        );
        return;
    };
    let fields = [
        ("token", token.access_token.as_str()),
        ("token_type_hint", "access_token"),
    ];
    let by = step
        .grant
        .introspect_by
        .as_deref()
        .unwrap_or(&step.grant.client);
    if let Some(secret) = &by.client_secret {
        step.ports.secrets.add("client_secret", secret.expose());
    }
    let Some(request) = client_request(by, url, &fields) else {
        return;
    };
    let Some(response) = answered(step, Endpoint::Introspect, request).await else {
        return;
    };
    let body: Option<Value> = serde_json::from_slice(&response.body).ok();
    let active = body.as_ref().and_then(|body| body["active"].as_bool());
    let active = active.filter(|_| is_ok(&response));
    let detail = match active {
        Some(true) => "active",
        Some(false) => "inactive",
        None => "the answer does not say whether the token is active",
    };
    step.check("introspection", active, detail);
}

/// RFC 7009. The refresh token where there is one, for it takes its access tokens along (wire facts section 1.6).
async fn revoke(step: &mut Step<'_>, to: &Endpoints, token: &TokenResponse) {
    let Some(url) = &to.revoke else {
        step.check(
            "revocation",
            None,
            "the server names no revocation endpoint",
        );
        return;
    };
    let hint = step.grant.deviations.revoke_hint.as_deref();
    let refresh = token.refresh_token.as_deref();
    let revoked = refresh.filter(|_| hint != Some("access_token"));
    let mut fields = vec![("token", revoked.unwrap_or(&token.access_token))];
    fields.extend(hint.map(|hint| ("token_type_hint", hint)));
    if let Some(request) = client_request(&step.grant.client, url, &fields) {
        answered(step, Endpoint::Revoke, request).await;
    }
}

/// A form with the client's own credentials. `None` only for an address that no request can be made for.
fn client_request(client: &Client, url: &Url, fields: &[(&str, &str)]) -> Option<Request> {
    let credentials = Credentials::honest(client);
    let mut request = TokenRequest::extension(url, &credentials, "", fields).ok()?;
    request.fields.remove("grant_type");
    Some(request.undeviated())
}
