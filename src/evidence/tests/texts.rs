use crate::cause::{Channel, wordings};
use crate::evidence::{Observation, Seen, Sheet, from_text_all, sheet_of_text};
use crate::exchange::Endpoint;
use crate::oauth::{GrantKind, HostKind};

/// Channel, status, code and sentence of each error, in one line.
fn told(text: &str) -> Vec<String> {
    let line = |seen: &Observation| match &seen.seen {
        Seen::Answer(answer) => {
            let channel = answer.channel.map_or("?", Channel::name);
            format!("{channel} {}", answer.summary())
        }
        other => format!("{other:?}"),
    };
    from_text_all(text).iter().map(line).collect()
}

fn fact(sheet: &Sheet, key: &str) -> String {
    sheet
        .get(key)
        .map_or_else(|| "-".to_owned(), ToString::to_string)
}

#[test]
fn the_output_of_tools_is_read() {
    for (text, wanted) in [
        (
            "Error (JwtGrantError): Error authenticating with JWT config due to: user hasn't approved this consumer\n\nTry this:\n  check the app",
            "? \"user hasn't approved this consumer\"",
        ),
        (
            "AuthCodeExchangeError: Error authenticating with auth code due to: invalid_app_access::user is not admin approved to access this app",
            "? invalid_app_access \"user is not admin approved to access this app\"",
        ),
        (
            "invalid_grant: authentication failure\n    at OAuth2.postParams (/app/node_modules/jsforce/lib/oauth2.js:151:19)\n    at processTicksAndRejections (internal/process/task_queues:95:5)",
            "? invalid_grant \"authentication failure\"",
        ),
        (
            "simple_salesforce.exceptions.SalesforceAuthenticationFailed: INVALID_LOGIN: Invalid username, password, security token; or user locked out.",
            "? INVALID_LOGIN \"Invalid username, password, security token; or user locked out.\"",
        ),
        (
            "Expired session for https://acme.my.salesforce.com/services/data/v59.0/query/. Response content: [{'message': 'Session expired or invalid', 'errorCode': 'INVALID_SESSION_ID'}]",
            "rest_json INVALID_SESSION_ID \"Session expired or invalid\"",
        ),
        (
            "Restforce::AuthenticationError (invalid_grant: ip restricted)",
            "? invalid_grant \"ip restricted\"",
        ),
        (
            "org.springframework.OAuth2AccessDeniedException: access denied, {error=invalid_grant, error_description=expired access/refresh token}",
            "? invalid_grant \"expired access/refresh token\"",
        ),
        (
            "Sync failed. Status Code: 400 Error: {'error': 'invalid_grant', 'error_description': 'expired access/refresh token'}",
            "token_json 400 invalid_grant \"expired access/refresh token\"",
        ),
        (
            "10:02:11 GET /oauth2/callback?error=invalid_request&error_description=missing+required+code+challenge&state=AbC 302",
            "callback_redirect invalid_request \"missing required code challenge\"",
        ),
        (
            "We cannot connect: error=OAUTH_APP_BLOCKED&amp;error_description=this+app+is+blocked+by+admin (support code 77)",
            "authorize_raw_body OAUTH_APP_BLOCKED \"this app is blocked by admin\"",
        ),
        (
            "error=invalid_client_id&error_description=client identifier invalid",
            "authorize_raw_body invalid_client_id \"client identifier invalid\"",
        ),
        (
            "see com.example.app:/oauth?error=OAUTH_EC_APP_NOT_FOUND&error_description=External%20client%20app%20is%20not%20installed%20in%20this%20org.",
            "callback_redirect OAUTH_EC_APP_NOT_FOUND \"External client app is not installed in this org\"",
        ),
        (
            "<soapenv:Fault><faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password</faultstring></soapenv:Fault>",
            "? INVALID_LOGIN \"Invalid username, password\"",
        ),
        (
            "<?xml version=\"1.0\"?><OAuth><error>invalid_client</error><error_description>invalid client credentials</error_description></OAuth>",
            "token_json invalid_client \"invalid client credentials\"",
        ),
        (
            "{ error: 'invalid_grant',\n  error_description: 'inactive user' }",
            "token_json invalid_grant \"inactive user\"",
        ),
        (
            "{\"error\"=>\"invalid_grant\", \"error_description\"=>\"inactive organization\"}",
            "token_json invalid_grant \"inactive organization\"",
        ),
        (
            "Salesforce connection failed (INVALID_LOGIN)",
            "? INVALID_LOGIN",
        ),
        (
            "Error [INVALID_SESSION_ID]: Session expired or invalid\n    at HttpApi.getError {\n  errorCode: 'INVALID_SESSION_ID'\n}",
            "rest_json INVALID_SESSION_ID \"Session expired or invalid\"",
        ),
        (
            "<h1>OAuth Error</h1><p>OAUTH_EC_APP_NOT_FOUND : External client app is not installed in this org</p>",
            "? OAUTH_EC_APP_NOT_FOUND \"External client app is not installed in this org\"",
        ),
        (
            "{\"name\":\"AuthCodeExchangeError\",\"message\":\"Error authenticating with auth code due to: invalid_client::invalid client credentials\",\"exitCode\":1}",
            "? invalid_client \"invalid client credentials\"",
        ),
        ("API answered 403: Bad_OAuth_Token", "? Bad_OAuth_Token"),
    ] {
        let got = told(text);
        assert_eq!(got, [wanted.to_owned()], "{text}");
    }
}

#[test]
fn quoted_json_is_read_at_any_depth() {
    let inner = r#"{"error":"invalid_client","error_description":"invalid client credentials"}"#;
    let once = serde_json::json!({"level": "error", "status": 400, "body": inner}).to_string();
    let twice = serde_json::json!({"log": once}).to_string();
    for text in [
        format!("2026-03-01T09:00:00Z ERROR token request failed {inner}"),
        format!("prefix {once}"),
        format!("prefix {twice} suffix"),
        once.replace('"', "&quot;"),
        format!("\u{1b}[31mERROR\u{1b}[0m {inner}"),
        inner.replace(',', ",\n    ").replace('{', "{\n    "),
    ] {
        let told = told(&text);
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        assert!(told[0].starts_with("token_json"), "{told:?}");
        assert!(
            told[0].ends_with("invalid_client \"invalid client credentials\""),
            "{told:?}"
        );
    }
    assert_eq!(
        told(&format!("prefix {once}")),
        ["token_json 400 invalid_client \"invalid client credentials\""]
    );
}

#[test]
fn an_apostrophe_is_one_however_it_is_written() {
    for text in [
        "user hasn't approved this consumer.",
        "error: user hasn\u{2019}t approved this consumer",
        "error_description: user hasn&#39;t approved this consumer",
        r"msg=user hasn\u0027t approved  this\nconsumer",
        "<b>User hasn&amp;#39;t approved this consumer</b>",
        "\"user hasn\\'t approved this consumer\"",
    ] {
        let told = told(text);
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        assert!(
            told[0].contains("\"user hasn't approved this consumer\""),
            "{text}: {told:?}"
        );
    }
}

#[test]
fn several_errors_are_told_in_order_and_each_once() {
    let log = "\
09:00 refresh failed: HTTP 400 {\"error\":\"invalid_grant\",\"error_description\":\"expired access/refresh token\"}
09:01 retry
09:01 refresh failed: HTTP 400 {\"error\":\"invalid_grant\",\"error_description\":\"expired access/refresh token\"}
09:02 giving up: invalid_grant
09:02 api call: 401 [{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}]
09:03 expired access/refresh token
";
    assert_eq!(
        told(log),
        [
            "token_json 400 invalid_grant \"expired access/refresh token\"",
            "rest_json 401 INVALID_SESSION_ID \"Session expired or invalid\"",
        ]
    );
    let two = "first invalid_client_id: client identifier invalid, then redirect_uri_mismatch - redirect_uri must match configuration";
    assert_eq!(
        told(two),
        [
            "? invalid_client_id \"client identifier invalid\"",
            "? redirect_uri_mismatch \"redirect_uri must match configuration\"",
        ]
    );
}

#[test]
fn a_response_of_curl_keeps_its_status() {
    let verbose = "\
> POST /services/oauth2/token HTTP/1.1
> Host: acme.my.salesforce.com
> Content-Type: application/x-www-form-urlencoded
>
< HTTP/1.1 400 Bad Request
< Date: Sun, 01 Mar 2026 09:00:00 GMT
< Content-Type: application/json;charset=UTF-8
<
{\"error\":\"invalid_grant\",\"error_description\":\"no client credentials user enabled\"}* Connection #0 left intact
";
    assert_eq!(
        told(verbose),
        ["token_json 400 invalid_grant \"no client credentials user enabled\""]
    );
    let plain = "HTTP/2 401\r\ncontent-type: application/json\r\n\r\n[{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}]";
    assert_eq!(
        told(plain),
        ["rest_json 401 INVALID_SESSION_ID \"Session expired or invalid\""]
    );
    let redirect = "HTTP/1.1 302 Found\nLocation: https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope&error_description=the+requested+scope+is+not+allowed\n\n";
    let [seen] = from_text_all(redirect).try_into().unwrap();
    assert_eq!(
        (seen.endpoint, seen.host),
        (Some(Endpoint::ErrorPage), Some(HostKind::MyDomain))
    );
}

#[test]
fn unknown_words_are_taken_from_the_form_of_an_answer_alone() {
    assert_eq!(
        told("got {\"error\":\"brand_new\",\"error_description\":\"never seen before\"}"),
        ["token_json brand_new \"never seen before\""]
    );
    assert_eq!(
        told("invalid_grant::a sentence of tomorrow"),
        ["? invalid_grant \"a sentence of tomorrow\""]
    );
    assert_eq!(
        told("LOGIN_DURING_RESTRICTED_DOMAIN: cannot log in from current domain"),
        ["? LOGIN_DURING_RESTRICTED_DOMAIN \"cannot log in from current domain\""]
    );
    // What the tables know comes before what only looks like an error.
    assert_eq!(
        told("{\"error\":\"Unauthorized\"} because ip restricted"),
        ["? \"ip restricted\""]
    );
    for nothing in [
        "good morning",
        "",
        "error: null",
        "\"error\": true",
        "my_invalid_grants",
        "LOGIN_URL: not set at all",
        "an error occurred while the login page of a device was shown",
    ] {
        assert_eq!(told(nothing), [""; 0], "{nothing}");
    }
}

#[test]
fn statuses_of_the_login_history_count_where_they_say_so() {
    assert_eq!(
        told("Failed: Not approved for access"),
        ["login_history \"Failed: Not approved for access\""]
    );
    assert_eq!(
        told("The login history says: Restricted IP"),
        ["login_history \"Restricted IP\""]
    );
    assert_eq!(
        told("Invalid password"),
        ["login_history \"Invalid password\""]
    );
    assert_eq!(
        told("the proxy said: Invalid password for the VPN"),
        [""; 0]
    );
    let sheet = sheet_of_text(
        "sf says invalid_grant: authentication failure; Setup shows Failed: API security token required",
    );
    assert_eq!(
        fact(&sheet, "facts.login_history_status"),
        "Failed: API security token required"
    );
    assert_eq!(
        told("invalid_grant: authentication failure, Failed: API security token required").len(),
        1
    );
}

#[test]
fn every_wording_is_found_as_code_and_sentence() {
    for wording in wordings()
        .iter()
        .filter(|w| !w.code.is_empty() && w.channel != Channel::LoginHistory)
    {
        let Some(text) = wording.text.filter(|text| text.contains(' ')) else {
            continue;
        };
        for line in [
            format!("09:00 failed: {}: {text}", wording.code),
            format!("Error due to: {}::{text}", wording.code),
            format!(
                "x {{\"error\":\"{}\",\"error_description\":\"{text}\"}} y",
                wording.code
            ),
            format!(
                "GET /cb?error={}&error_description={} 302",
                wording.code,
                text.replace(' ', "+")
            ),
        ] {
            let found = from_text_all(&line);
            let [
                Observation {
                    seen: Seen::Answer(answer),
                    ..
                },
            ] = found.as_slice()
            else {
                panic!("{line}: {found:?}");
            };
            assert_eq!(
                (answer.code.words(), answer.text.words()),
                (Some(wording.code), Some(text)),
                "{line}"
            );
        }
    }
}

#[test]
fn the_flow_that_a_text_names_is_the_grant_of_its_errors() {
    let grants = |text: &str| {
        from_text_all(text)
            .iter()
            .map(|seen| seen.grant)
            .collect::<Vec<_>>()
    };
    let jwt = "$ sf org login jwt --client-id 3MVG9 ...\nError (1): audience is invalid";
    assert_eq!(grants(jwt), [Some(GrantKind::JwtBearer)]);
    let two = "POST grant_type=refresh_token\n{\"error\":\"invalid_grant\",\"error_description\":\"expired access/refresh token\"}\nPOST grant_type=password\n{\"error\":\"invalid_grant\",\"error_description\":\"authentication failure\"}";
    assert_eq!(
        grants(two),
        [
            Some(GrantKind::RefreshToken),
            Some(GrantKind::UsernamePassword)
        ]
    );
    assert_eq!(grants("invalid_grant: authentication failure"), [None]);
}

#[test]
fn hints_of_a_text_are_facts() {
    let log = "\
$ curl -i https://test.salesforce.com/services/oauth2/token -d 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2xvZ2luLnNhbGVzZm9yY2UuY29tIiwic3ViIjoiYW5hIn0.c2ln&scope=api'
HTTP/1.1 400 Bad Request

{\"error\":\"invalid_grant\",\"error_description\":\"audience is invalid\"}
instance_url was https://acme.my.salesforce.com
";
    let sheet = sheet_of_text(log);
    for (key, value) in [
        ("flow", "jwt_bearer"),
        ("request.grant_type", "jwt_bearer"),
        ("login_host", "test"),
        ("request.host_kind", "test"),
        ("http_status", "400"),
        ("request.assertion_alg", "HS256"),
        ("request.assertion_claims", "sub, aud"),
        ("request.aud_kind", "login"),
        ("request.scope_sent", "true"),
    ] {
        assert_eq!(fact(&sheet, key), value, "{key}");
    }
    let shown = format!("{sheet:?}");
    assert!(!shown.contains("eyJ") && !shown.contains("ana"), "{shown}");

    let browser = "opening https://acme.lightning.force.com/services/oauth2/authorize?response_type=token&client_id=3MVG9&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&scope=api%20webb&prompt=none";
    let sheet = sheet_of_text(browser);
    for (key, value) in [
        ("flow", "user_agent"),
        ("login_host", "my_domain"),
        ("request.host_kind", "lightning"),
        ("request.pkce", "none"),
        ("request.redirect_uri_host", "localhost"),
        ("request.scopes", "api, webb"),
        ("request.scopes_unknown", "webb"),
        ("request.prompt_none", "true"),
    ] {
        assert_eq!(fact(&sheet, key), value, "{key}");
    }
    let call = sheet_of_text(
        "GET https://acme.my.salesforce.com/services/data/v62.0 gave INVALID_SESSION_ID",
    );
    assert_eq!(fact(&call, "login_host"), "-");
    let nested = sheet_of_text(
        "https://test.salesforce.com/services/oauth2/authorize?response_type=code&redirect_uri=https://login.salesforce.com/services/authcallback/x",
    );
    assert_eq!(
        (
            fact(&nested, "login_host"),
            fact(&nested, "request.redirect_uri_host")
        ),
        ("test".into(), "login".into())
    );
    // What is cut off says nothing of what is missing.
    let cut = sheet_of_text(
        "opening https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG...",
    );
    assert_eq!(
        (fact(&cut, "request.pkce"), fact(&cut, "flow")),
        ("-".into(), "authorization_code".into())
    );

    let soap = sheet_of_text(
        "POST https://login.salesforce.com/services/Soap/u/59.0 -> LOGIN_MUST_USE_SECURITY_TOKEN: Invalid username, password, security token",
    );
    assert_eq!(
        (
            fact(&soap, "request.protocol"),
            fact(&soap, "flow"),
            fact(&soap, "login_host")
        ),
        ("soap".into(), "username_password".into(), "login".into())
    );
    let scratch = sheet_of_text("Error (RemoteOrgSignupFailed): signup failed with C-1016");
    assert_eq!(
        fact(&scratch, "facts.tool_error_code"),
        "RemoteOrgSignupFailed"
    );
    assert_eq!(
        fact(
            &sheet_of_text("signup failed with C-1016."),
            "facts.tool_error_code"
        ),
        "C-1016"
    );
    let aud = sheet_of_text("{\"iss\": \"3MVG9\", \"aud\": [\"https://acme.my.salesforce.com/\"]}");
    assert_eq!(
        (
            fact(&aud, "request.aud_kind"),
            fact(&aud, "request.aud_type"),
            fact(&aud, "login_host")
        ),
        ("my_domain".into(), "array".into(), "-".into())
    );
}

#[test]
fn nothing_of_a_secret_is_kept() {
    let text = "\
POST https://login.salesforce.com/services/oauth2/token client_secret=8F3C2A9D7E6B5A4C password=hunter2TOKEN refresh_token=5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrTrTGf
{\"error\":\"invalid_grant\",\"error_description\":\"session 00D50000000IehZ!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6 ended\",\"access_token\":\"00D50000000IehZ!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL\"}
invalid_client: secret=8F3C2A9D7E6B5A4C is not the one
";
    let shown = format!("{:?} {:?}", from_text_all(text), sheet_of_text(text));
    for secret in ["8F3C2A9D7E6B5A4C", "hunter2", "5Aep861", "AQcAQH0d"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert!(shown.contains("invalid_grant"));
    // One answer and nothing else is no other case.
    let body = "{\"error\":\"Invalid_Grant\",\"error_description\":\"Session 00D50000000IehZ!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL ended\"}";
    assert_eq!(
        told(body),
        ["token_json invalid_grant \"Session […] ended\""]
    );
}
