//! Our own records in the words of the vocabulary.

use super::steps::{exchange, record, token};
use crate::cause::AppKind;
use crate::evidence::{Observation, PageKind, Seen, Sheet, from_step, known_key, sheet_of};
use crate::exchange::{Endpoint, Exchange};
use crate::grant::{Check, Outcome, UseAnswer};
use crate::oauth::{ErrorResponse, GrantKind};

fn refused(at: Endpoint, error: &str, description: &str) -> Outcome {
    let error = ErrorResponse {
        error: error.to_owned(),
        description: Some(description.to_owned()),
        uri: None,
    };
    Outcome::Refused { at, error }
}

fn told(sheet: &Sheet, wanted: &[(&str, &str)]) {
    for (key, value) in wanted {
        let fact = sheet
            .get(key)
            .map_or_else(|| "-".to_owned(), ToString::to_string);
        assert_eq!(fact, *value, "{key}");
    }
    for (key, _) in sheet.iter() {
        assert!(known_key(key).is_some(), "{key} is not in the vocabulary");
    }
}

fn authorize(query: &str) -> Exchange {
    let mut asked = exchange(Endpoint::Authorize, &[], 302);
    asked.sent.method = "GET".to_owned();
    asked.sent.url = format!("https://acme.my.salesforce.com/services/oauth2/authorize?{query}");
    asked
}

#[test]
fn a_refusal_at_the_token_endpoint_tells_what_was_sent() {
    let mut step = record(
        GrantKind::AuthorizationCode,
        Some("api refresh_token webb"),
        refused(
            Endpoint::Token,
            "invalid_client",
            "invalid client credentials",
        ),
    );
    let mut sent = exchange(
        Endpoint::Token,
        &[
            ("grant_type", "authorization_code"),
            ("client_id", "k"),
            ("code_verifier", "[code_verifier#1]"),
            ("redirect_uri", "https://localhost:8443/other"),
        ],
        400,
    );
    sent.sent.headers = vec![(
        "content-type".into(),
        "application/x-www-form-urlencoded; charset=UTF-8".into(),
    )];
    step.exchanges = vec![
        authorize(
            "response_type=code&client_id=k&redirect_uri=https%3A%2F%2Flocalhost%3A8443%2Fcb&scope=api+refresh_token+webb&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        ),
        sent,
    ];
    step.checks = vec![Check {
        name: "redirect_uri",
        passed: Some(false),
        detail: "differs".into(),
    }];
    let sheet = sheet_of(&from_step(&step, Some(AppKind::ConnectedApp)));
    told(
        &sheet,
        &[
            ("flow", "authorization_code"),
            ("app_kind", "connected_app"),
            ("channel", "token_endpoint"),
            ("http_status", "400"),
            ("error", "invalid_client"),
            ("error_description", "invalid client credentials"),
            ("login_host", "my_domain"),
            ("request.host_kind", "my_domain"),
            ("request.grant_type", "authorization_code"),
            ("request.response_type", "code"),
            ("request.pkce", "s256"),
            ("request.challenge_method_sent", "true"),
            ("request.verifier_sent", "true"),
            ("request.client_id_sent", "true"),
            ("request.client_secret_sent", "false"),
            ("request.client_auth", "none"),
            ("request.scope_sent", "false"),
            ("request.scopes", "api, refresh_token, webb"),
            ("request.scopes_unknown", "webb"),
            ("request.content_type", "form"),
            ("request.url_scheme", "https"),
            ("request.http_method", "post"),
            ("request.token_path_right", "true"),
            ("request.redirect_uri_scheme", "https"),
            ("request.redirect_uri_host", "localhost"),
            ("request.redirect_uri_same", "false"),
            ("request.failed_checks", "redirect_uri"),
            ("facts.token_issued", "false"),
            ("facts.authorize_step_ok", "true"),
            ("facts.step_failed", "token"),
        ],
    );
}

#[test]
fn how_the_client_authenticates_is_told() {
    let auth = |fields: &[(&str, &str)], header: Option<&str>| {
        let mut step = record(
            GrantKind::ClientCredentials,
            None,
            refused(Endpoint::Token, "x", "y"),
        );
        let mut sent = exchange(Endpoint::Token, fields, 400);
        sent.sent.headers = header
            .map(|value| ("Authorization".to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        step.exchanges = vec![sent];
        let sheet = sheet_of(&from_step(&step, None));
        [
            "request.client_auth",
            "request.client_secret_sent",
            "request.client_id_in_body",
        ]
        .map(|key| sheet.get(key).map(ToString::to_string).unwrap_or_default())
    };
    assert_eq!(
        auth(&[("client_id", "k"), ("client_secret", "[x]")], None),
        ["body", "true", "true"]
    );
    assert_eq!(
        auth(&[], Some("Basic [basic#1]")),
        ["basic", "true", "false"]
    );
    assert_eq!(
        auth(&[("client_secret", "[x]")], Some("basic x")),
        ["both", "true", "false"]
    );
    assert_eq!(
        auth(&[("client_assertion", "[x]")], None),
        ["assertion", "false", "false"]
    );
    assert_eq!(auth(&[], None), ["none", "false", "false"]);
}

#[test]
fn a_refused_call_is_an_api_call_with_the_login_beside_it() {
    let mut step = record(GrantKind::JwtBearer, None, token("\"scope\":\"id openid\""));
    step.exchanges = vec![exchange(
        Endpoint::Token,
        &[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", "[assertion#1]"),
        ],
        200,
    )];
    let mut call = exchange(Endpoint::Rest, &[], 401);
    call.sent.method = "GET".to_owned();
    call.sent.url =
        "https://acme.my.salesforce.com/services/data/v62.0/limits?access_token=[access_token%231]"
            .to_owned();
    step.exchanges.push(call);
    step.uses = vec![
        UseAnswer {
            at: Endpoint::Userinfo,
            status: Some(200),
            error: None,
        },
        UseAnswer {
            at: Endpoint::Rest,
            status: Some(401),
            error: Some(ErrorResponse {
                error: "INVALID_SESSION_ID".into(),
                description: Some("This session is not valid for use with the REST API".into()),
                uri: None,
            }),
        },
    ];
    let sheet = sheet_of(&from_step(&step, Some(AppKind::ExternalClientApp)));
    told(
        &sheet,
        &[
            ("flow", "api_call"),
            ("channel", "api"),
            ("error", "INVALID_SESSION_ID"),
            ("request.grant_type", "jwt_bearer"),
            ("request.api_endpoint", "data"),
            ("request.token_location", "query"),
            ("request.http_method", "get"),
            ("facts.token_issued", "true"),
            ("facts.granted_scopes", "id, openid"),
            ("facts.api_call_fails", "true"),
            ("facts.first_api_call_fails", "false"),
            ("facts.data_api_call_fails", "true"),
            ("facts.identity_call_fails", "false"),
            ("facts.step_failed", "api"),
        ],
    );
}

#[test]
fn several_steps_tell_which_flows_pass_and_the_course() {
    let web = from_step(
        &record(
            GrantKind::AuthorizationCode,
            None,
            token("\"scope\":\"api refresh_token openid\",\"refresh_token\":\"r\""),
        ),
        None,
    );
    let pass = from_step(
        &record(GrantKind::RefreshToken, None, token("\"scope\":\"api\"")),
        None,
    );
    let fail = from_step(
        &record(
            GrantKind::RefreshToken,
            None,
            refused(
                Endpoint::Token,
                "invalid_grant",
                "expired access/refresh token",
            ),
        ),
        None,
    );
    let cc = from_step(
        &record(
            GrantKind::ClientCredentials,
            None,
            refused(Endpoint::Token, "invalid_grant", "x y"),
        ),
        None,
    );
    let all: Vec<Observation> = [web, pass, fail, cc].concat();
    told(
        &sheet_of(&all),
        &[
            ("flow", "refresh_token"),
            ("facts.first_success_then_failure", "true"),
            ("facts.refresh_works", "once"),
            ("facts.works_with_flow", "web_server"),
            ("facts.fails_with_flow", "client_credentials"),
            ("facts.step_failed", "refresh"),
            ("facts.refresh_token_in_response", "-"),
            ("facts.token_issued", "true"),
        ],
    );
    told(
        &sheet_of(&all[..1]),
        &[
            ("flow", "authorization_code"),
            ("facts.refresh_token_in_response", "true"),
            ("facts.step_failed", "-"),
            ("error", "-"),
        ],
    );
    let bare = from_step(
        &record(
            GrantKind::AuthorizationCode,
            Some("api"),
            token("\"scope\":\"api\""),
        ),
        None,
    );
    told(
        &sheet_of(&bare),
        &[
            ("facts.refresh_token_in_response", "false"),
            ("request.scopes", "api"),
            ("facts.step_failed", "token"),
        ],
    );
    assert!(sheet_of(&[]).is_empty());
}

#[test]
fn a_page_and_an_issuer_are_told_as_far_as_they_go() {
    let mut page = from_step(
        &record(
            GrantKind::AuthorizationCode,
            None,
            refused(Endpoint::Token, "x", "y"),
        ),
        None,
    )
    .remove(0);
    page.endpoint = Some(Endpoint::Page);
    page.seen = Seen::Page {
        kind: PageKind::Approval,
        title: None,
    };
    page.host = Some(crate::oauth::HostKind::Issuer);
    told(
        &sheet_of(&[page]),
        &[
            ("channel", "html_page"),
            ("facts.step_failed", "consent"),
            ("login_host", "-"),
            ("error", "-"),
        ],
    );
}
