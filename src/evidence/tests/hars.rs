use serde_json::{Value, json};

use crate::cause::{CauseId, Channel};
use crate::evidence::{Fact, InputError, Observation, PageKind, Report, Seen, from_har};
use crate::exchange::{Endpoint, Fault};
use crate::oauth::{GrantKind, HostKind};
use crate::report::{har, sample};

/// The secrets of the recordings below; none may stand in a report.
const SECRETS: [&str; 5] = [
    "s3cr3t-of-the-app",
    "hunter2",
    "aPrxCODE0123456789",
    "5Aep861REFRESH0123456789",
    "00D000000000001!ACCESS0123456789",
];

fn read(entries: &Value) -> Report {
    let har = json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": [], "entries": entries}});
    let reports = from_har("login.har", &har.to_string()).unwrap();
    let [report] = reports.as_slice() else {
        panic!("{reports:?}");
    };
    let shown = format!("{report:?}");
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    report.clone()
}

/// An entry as Chrome writes it: the form as text, `params` still encoded.
fn chrome(method: &str, url: &str, form: &str, status: u16, answer: &str) -> Value {
    let mut request = json!({"method": method, "url": url, "httpVersion": "http/2.0", "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0});
    if !form.is_empty() {
        let params: Vec<Value> = form
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        request["postData"] = json!({"mimeType": "application/x-www-form-urlencoded", "text": form, "params": params});
    }
    let (location, body) = match answer.strip_prefix("-> ") {
        Some(location) => (location, ""),
        None => ("", answer),
    };
    json!({
        "startedDateTime": "2026-03-01T10:00:00.000+01:00",
        "request": request,
        "response": {"status": status, "headers": [{"name": "Location", "value": location}], "redirectURL": location,
            "content": {"size": body.len(), "mimeType": "application/json;charset=UTF-8", "text": body}},
    })
}

const AUTHORIZE: &str = "https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9key&redirect_uri=https%3A%2F%2Fapp.example.org%2Fcb&scope=api%20refresh_token&state=xyz&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
const TOKEN: &str = "https://acme.my.salesforce.com/services/oauth2/token";

fn fact(report: &Report, key: &str) -> String {
    report
        .sheet
        .get(key)
        .map_or_else(|| "(not known)".to_owned(), Fact::to_string)
}

fn summaries(report: &Report) -> Vec<String> {
    report
        .observations
        .iter()
        .map(Observation::summary)
        .collect()
}

#[test]
fn our_own_recording_reads_back() {
    let reports = from_har("run.har", &har::report(&sample::run())).unwrap();
    let ids: Vec<_> = reports
        .iter()
        .map(|report| report.id.as_deref().unwrap_or_default())
        .collect();
    assert_eq!(
        ids,
        [
            "The nightly job refreshes: The job refreshes",
            "Client credentials | My Domain: The integration user's token"
        ]
    );
    let [refresh, unreachable] = reports.as_slice() else {
        panic!();
    };
    let said = "token: 400 invalid_grant \"expired access/refresh token\"";
    assert_eq!(summaries(refresh), [said, said]);
    let first = &refresh.observations[0];
    assert_eq!(
        (first.grant, first.host),
        (Some(GrantKind::RefreshToken), Some(HostKind::MyDomain))
    );
    let Seen::Answer(answer) = &first.seen else {
        panic!();
    };
    assert_eq!(answer.channel, Some(Channel::TokenJson));
    let request = first.facts.request.as_ref().unwrap();
    assert!(request.has("client_secret") && request.value("grant_type") == Some("refresh_token"));
    assert_eq!(first.at, "2026-03-01T09:00:01Z".parse().ok());
    for (key, value) in [
        ("flow", "refresh_token"),
        ("request.client_auth", "body"),
        ("login_host", "my_domain"),
        ("facts.step_failed", "refresh"),
    ] {
        assert_eq!(fact(refresh, key), value, "{key}");
    }
    let Seen::Silence {
        fault: Fault::Connect { authority, reason },
    } = &unreachable.observations[0].seen
    else {
        panic!("{unreachable:?}");
    };
    assert_eq!(
        (authority.as_str(), reason.trim()),
        ("acme.my.localhost:4433", "refused <&>  [31m")
    );
}

#[test]
fn a_run_where_all_passed_is_one_report() {
    let mut run = sample::run();
    run.scenarios
        .retain(|scenario| scenario.name.contains("nightly"));
    run.scenarios[0].steps.truncate(1);
    let reports = from_har("run.har", &har::report(&run)).unwrap();
    assert_eq!(reports.len(), 1);
    assert_eq!(summaries(&reports[0]), ["callback: passed"]);
    assert!(!reports[0].observations[0].is_failure());
}

#[test]
fn a_login_in_chrome_is_read_from_the_first_request_to_the_api_call() {
    let form = "grant_type=authorization_code&code=aPrxCODE0123456789&client_id=3MVG9key&client_secret=s3cr3t-of-the-app&redirect_uri=https%3A%2F%2Fapp.example.org%2Fcb&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let report = read(&json!([
        chrome("GET", "https://app.example.org/", "", 200, "<html>"),
        chrome(
            "GET",
            AUTHORIZE,
            "",
            302,
            "-> https://acme.my.salesforce.com/login"
        ),
        chrome(
            "GET",
            "https://acme.my.salesforce.com/login",
            "",
            200,
            "<html>"
        ),
        chrome(
            "POST",
            "https://acme.my.salesforce.com/login",
            "un=ana&pw=hunter2",
            302,
            "-> https://app.example.org/cb?code=aPrxCODE0123456789&state=xyz"
        ),
        chrome(
            "GET",
            "https://app.example.org/cb?code=aPrxCODE0123456789&state=xyz",
            "",
            200,
            "<html>"
        ),
        chrome("OPTIONS", TOKEN, "", 200, ""),
        chrome(
            "POST",
            TOKEN,
            form,
            200,
            "{\"access_token\":\"00D000000000001!ACCESS0123456789\",\"scope\":\"id\",\"instance_url\":\"https://acme.my.salesforce.com\"}"
        ),
        chrome(
            "GET",
            "https://acme.my.salesforce.com/services/data/v62.0/limits",
            "",
            401,
            "[{\"message\":\"This session is not valid for use with the REST API\",\"errorCode\":\"INVALID_SESSION_ID\"}]"
        ),
    ]));
    assert_eq!(
        summaries(&report),
        [
            "callback: passed",
            "token: passed, without refresh_token and id_token",
            "rest: 401 INVALID_SESSION_ID \"This session is not valid for use with the REST API\"",
        ]
    );
    let Seen::Success { lacks } = &report.observations[1].seen else {
        panic!();
    };
    assert_eq!(lacks[0].causes, [CauseId::ScopeRefreshMissing]);
    assert_eq!(
        report.observations[2].facts.scope_granted.as_deref(),
        Some("id")
    );
    for (key, value) in [
        ("flow", "api_call"),
        ("request.pkce", "s256"),
        ("request.verifier_length", "43"),
        ("request.scopes", "api, refresh_token"),
        ("request.redirect_uri_host", "other"),
        ("request.redirect_uri_same", "true"),
        ("request.content_type", "form"),
        ("request.grant_type", "authorization_code"),
        ("facts.granted_scopes", "id"),
        ("facts.refresh_token_in_response", "false"),
        ("facts.api_call_fails", "true"),
        ("facts.api_host_matches_instance_url", "true"),
        // The token came with something missing; that the call was refused is what is reported.
        ("facts.step_failed", "api"),
        ("login_host", "my_domain"),
    ] {
        assert_eq!(fact(&report, key), value, "{key}");
    }
}

#[test]
fn an_answer_on_a_redirect_that_is_not_followed_is_found() {
    let app = "https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9key&redirect_uri=com.example.app%3A%2Foauth&state=xyz";
    let report = read(&json!([chrome(
        "GET",
        app,
        "",
        302,
        "-> com.example.app:/oauth?error=OAUTH_APP_BLOCKED&error_description=this+app+is+blocked+by+admin&state=xyz"
    )]));
    assert_eq!(
        summaries(&report),
        ["callback: OAUTH_APP_BLOCKED \"this app is blocked by admin\""]
    );
    assert_eq!(report.observations[0].host, Some(HostKind::Login));
    assert_eq!(fact(&report, "request.pkce"), "none");
    assert_eq!(fact(&report, "request.redirect_uri_scheme"), "custom");
    assert_eq!(fact(&report, "channel"), "callback");
    let page = read(&json!([
        chrome(
            "GET",
            AUTHORIZE,
            "",
            302,
            "-> /setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope&error_description=the+requested+scope+is+not+allowed"
        ),
        chrome(
            "GET",
            "https://login.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope&error_description=the+requested+scope+is+not+allowed",
            "",
            200,
            "<html>"
        ),
    ]));
    assert_eq!(
        summaries(&page),
        ["error_page: invalid_scope \"the requested scope is not allowed\""]
    );
}

#[test]
fn a_browser_that_stays_on_a_page_is_told_by_the_page() {
    let report = read(&json!([
        chrome(
            "GET",
            AUTHORIZE,
            "",
            302,
            "-> https://acme.my.salesforce.com/login"
        ),
        chrome(
            "GET",
            "https://acme.my.salesforce.com/login",
            "",
            200,
            "<html>"
        ),
        chrome(
            "GET",
            "https://acme.my.salesforce.com/_ui/identity/verification/method/EmailVerificationFinishUi/e",
            "",
            200,
            "<html><title>\n Verify Your  Identity </title>"
        ),
    ]));
    let [one] = report.observations.as_slice() else {
        panic!("{report:?}");
    };
    assert!(
        matches!(
            one.seen,
            Seen::Page {
                kind: PageKind::Verification,
                ..
            }
        ),
        "{one:?}"
    );
    assert_eq!(
        summaries(&report),
        ["page: the browser ended on the identity verification page, \"Verify Your Identity\""]
    );
    assert_eq!(fact(&report, "facts.step_failed"), "login");
}

#[test]
fn firefox_and_base64_and_a_raw_body_are_read() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let body = "{\"error\":\"invalid_grant\",\"error_description\":\"authentication failure\"}";
    let report = read(&json!([
        {"startedDateTime": "2026-03-01T09:00:00.000Z",
         "request": {"method": "POST", "url": "https://test.salesforce.com/services/oauth2/token", "headers": [{"name": "Content-Type", "value": "application/x-www-form-urlencoded"}, {"name": "Authorization", "value": "Basic czNjcjN0LW9mLXRoZS1hcHA="}],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "grant_type", "value": "password"}, {"name": "password", "value": "hunter2"}], "text": ""}},
         "response": {"status": 400, "headers": [], "redirectURL": "", "content": {"mimeType": "application/json", "encoding": "base64", "text": STANDARD.encode(body)}}}
    ]));
    assert_eq!(
        summaries(&report),
        ["token: 400 invalid_grant \"authentication failure\""]
    );
    assert_eq!(
        report.observations[0].grant,
        Some(GrantKind::UsernamePassword)
    );
    assert_eq!(
        (
            fact(&report, "login_host"),
            fact(&report, "request.client_auth")
        ),
        ("test".into(), "basic".into())
    );
    let raw = read(&json!([chrome(
        "GET",
        AUTHORIZE,
        "",
        400,
        "error=invalid_client_id&error_description=client%20identifier%20invalid"
    )]));
    let Seen::Answer(answer) = &raw.observations[0].seen else {
        panic!();
    };
    assert_eq!(
        (answer.channel, answer.text.words()),
        (
            Some(Channel::AuthorizeRawBody),
            Some("client identifier invalid")
        )
    );
    let unsaved = read(&json!([
        {"request": {"method": "POST", "url": TOKEN, "postData": {"mimeType": "application/json", "text": "{\"grant_type\":\"client_credentials\",\"client_secret\":\"s3cr3t-of-the-app\"}"}},
         "response": {"status": 400, "content": {"size": 0}}}
    ]));
    assert_eq!(
        summaries(&unsaved),
        ["token: 400 without a code or a sentence"]
    );
    assert_eq!(fact(&unsaved, "error_shown"), "(not known)");
    assert_eq!(fact(&unsaved, "request.content_type"), "json");
    assert_eq!(fact(&unsaved, "request.client_secret_sent"), "true");
}

#[test]
fn a_refresh_that_passes_once_and_soap_and_a_web_page_are_told() {
    let refresh =
        "grant_type=refresh_token&client_id=3MVG9key&refresh_token=5Aep861REFRESH0123456789";
    let report = read(&json!([
        chrome(
            "POST",
            TOKEN,
            refresh,
            200,
            "{\"access_token\":\"00D000000000001!ACCESS0123456789\",\"refresh_token\":\"5Aep861REFRESH0123456789\",\"scope\":\"api\"}"
        ),
        chrome(
            "POST",
            TOKEN,
            refresh,
            400,
            "{\"error\":\"invalid_grant\",\"error_description\":\"expired access/refresh token\"}"
        ),
    ]));
    for (key, value) in [
        ("facts.first_success_then_failure", "true"),
        ("facts.refresh_works", "once"),
        ("facts.refresh_token_changes", "true"),
        ("facts.token_issued", "true"),
        ("flow", "refresh_token"),
    ] {
        assert_eq!(fact(&report, key), value, "{key}");
    }
    // A browser hides headers: that no Basic header is there says nothing.
    assert_eq!(fact(&report, "request.client_secret_sent"), "(not known)");
    let soap = read(&json!([chrome(
        "POST",
        "https://login.salesforce.com/services/Soap/u/59.0",
        "",
        500,
        "<soapenv:Fault><faultcode>INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring></soapenv:Fault>"
    )]));
    assert_eq!(fact(&soap, "request.protocol"), "soap");
    assert_eq!(fact(&soap, "error"), "INVALID_LOGIN");
    let html = read(&json!([chrome(
        "POST",
        TOKEN,
        "grant_type=client_credentials",
        503,
        "<html>hunter2</html>"
    )]));
    assert!(
        matches!(html.observations[0].seen, Seen::OffProtocol { .. }),
        "{html:?}"
    );
    assert_eq!(html.observations[0].endpoint, Some(Endpoint::Token));
}

#[test]
fn an_assertion_is_told_by_its_shape() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let claims = r#"{"iss":"3MVG9key","sub":"hunter2","aud":"https://test.salesforce.com","exp":1772355780}"#;
    let jwt = format!(
        "{}.{}.{}",
        part("{\"alg\":\"RS256\"}"),
        part(claims),
        part("s3cr3t-of-the-app")
    );
    let form =
        format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={jwt}");
    let answer = "{\"error\":\"invalid_grant\",\"error_description\":\"audience is invalid\"}";
    let report = read(&json!([chrome("POST", TOKEN, &form, 400, answer)]));
    assert_eq!(report.observations[0].grant, Some(GrantKind::JwtBearer));
    for (key, value) in [
        ("flow", "jwt_bearer"),
        ("request.grant_type", "jwt_bearer"),
        ("request.aud", "https://test.salesforce.com"),
        ("request.aud_kind", "test"),
        ("request.assertion_alg", "RS256"),
        // The request was sent at 09:00 UTC, the assertion ends three minutes later.
        ("request.assertion_exp_seconds", "180"),
        ("request.assertion_claims", "iss, sub, aud, exp"),
    ] {
        assert_eq!(fact(&report, key), value, "{key}");
    }
    assert!(!format!("{report:?}").contains(&jwt[..30]));
}

#[test]
fn a_device_that_polls_is_told_by_its_last_answer() {
    let poll = "grant_type=device&code=aPrxCODE0123456789&client_id=3MVG9key";
    let waiting = chrome(
        "POST",
        TOKEN,
        poll,
        400,
        "{\"error\":\"authorization_pending\",\"error_description\":\"pending\"}",
    );
    let start = chrome(
        "POST",
        TOKEN,
        "response_type=device_code&client_id=3MVG9key",
        200,
        "{\"device_code\":\"aPrxCODE0123456789\",\"user_code\":\"X\"}",
    );
    let denied = chrome(
        "POST",
        TOKEN,
        poll,
        400,
        "{\"error\":\"access_denied\",\"error_description\":\"end-user denied authorization\"}",
    );
    let report = read(&json!([start, waiting, waiting, denied]));
    assert_eq!(
        summaries(&report),
        [
            "device_authorization: passed",
            "token: 400 access_denied \"end-user denied authorization\""
        ]
    );
    assert_eq!(report.observations[1].grant, Some(GrantKind::Device));
    assert_eq!(
        (fact(&report, "flow"), fact(&report, "error")),
        ("device".into(), "access_denied".into())
    );
    let still = read(&json!([start, waiting]));
    assert_eq!(still.observations.len(), 2);
}

#[test]
fn what_is_no_har_is_told() {
    let error = |text: &str| from_har("x.har", text).unwrap_err();
    assert!(matches!(
        error("{\"log\":"),
        InputError::Json {
            line: 1,
            reason: "it ends too early",
            ..
        }
    ));
    assert!(matches!(
        error("{\n\"log\": nope}"),
        InputError::Json { line: 2, .. }
    ));
    assert!(matches!(
        error("{\"entries\":[]}"),
        InputError::NoHar { .. }
    ));
    let other = json!({"log": {"entries": [chrome("GET", "https://example.org/", "", 200, ""), 7, {"request": {"url": "no address"}}]}});
    assert!(matches!(
        error(&other.to_string()),
        InputError::HarWithoutOauth { entries: 3, .. }
    ));
}
