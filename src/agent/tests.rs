//! The agent against pages: Salesforce-like ones, and those of oidc-provider's devInteractions and device views.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::ports::{Answer, Person};
use crate::recorder::fake::{
    self, Answer as Answered, CALLBACK, World, answer, field, html, redirect,
};
use crate::secret::Secret;

const START: &str = "https://as.localhost/auth?x=1";

fn ada(answer: Answer) -> Person {
    Person {
        username: "ada".to_owned(),
        password: Some(Secret::new("lovelace-1815")),
        verification_code: None,
        answer,
    }
}

async fn visit(
    start: &str,
    person: Option<&Person>,
    user_code: Option<&str>,
    server: impl Fn(&Request) -> Answered + Send + Sync + 'static,
) -> (Visited, World) {
    let world = World::new(server);
    let agent = BuiltInAgent::new(&world.transport, &world.clock);
    let visited = agent
        .visit(Visit {
            url: Url::parse(start).unwrap(),
            redirect_uri: user_code.is_none().then_some(CALLBACK),
            person,
            user_code,
            purpose: "test",
            secrets: &world.secrets,
        })
        .await;
    assert!(!format!("{:?}", visited.exchanges).contains("lovelace"));
    (visited, world)
}

fn page_of(end: &VisitEnd) -> (&str, u16, &str) {
    match end {
        VisitEnd::Page {
            status,
            title,
            text,
            ..
        } => (title, *status, text),
        other => panic!("no page: {other:?}"),
    }
}

/// oidc-provider's development interactions.
fn oidc(request: &Request) -> Answered {
    let view = |action: &str, form: &str| {
        html(&format!(
            "<!DOCTYPE html><html><head><title>Sign-in</title><style>a{{}}</style></head><body><div class=\"login-card\"><h1>Sign-in</h1>\
             <form autocomplete=\"off\" action=\"https://as.localhost{action}\" method=\"post\">{form}</form>\
             <div class=\"login-help\"><a href=\"https://as.localhost{action}/abort\">[ Cancel ]</a></div></div></body></html>"
        ))
    };
    match (request.method.as_str(), request.url.path()) {
        ("GET", "/auth") => answer(
            303,
            &[
                ("location", "/interaction/one"),
                (
                    "set-cookie",
                    "_interaction=one-interaction; path=/interaction/one; httponly",
                ),
            ],
            "",
        ),
        ("GET", "/interaction/one") => view(
            "/interaction/one",
            "<input type=\"hidden\" name=\"prompt\" value=\"login\"/>\
            <input required type=\"text\" name=\"login\" placeholder=\"Enter any login\" autofocus=\"on\"><input required type=\"password\" name=\"password\" placeholder=\"and password\">\
            <button type=\"submit\" class=\"login login-submit\">Sign-in</button>",
        ),
        ("POST", "/interaction/one")
            if field(request, "login").as_deref() == Some("ada")
                && field(request, "prompt").as_deref() == Some("login")
                && request.headers.contains_key("cookie") =>
        {
            redirect("/auth/one")
        }
        ("GET", "/auth/one") => redirect("/interaction/two"),
        ("GET", "/interaction/two") => view(
            "/interaction/two",
            "<input type=\"hidden\" name=\"prompt\" value=\"consent\"/>\
            <button autofocus type=\"submit\" class=\"login login-submit\">Continue</button>",
        ),
        ("POST", "/interaction/two") => redirect(&format!("{CALLBACK}?code=abcdefghij&state=s")),
        ("GET", "/interaction/two/abort") => {
            redirect(&format!("{CALLBACK}?error=access_denied&state=s"))
        }
        _ => answer(400, &[], "unexpected"),
    }
}

#[tokio::test]
async fn it_signs_in_and_consents_at_oidc_provider() {
    let (visited, world) = visit(START, Some(&ada(Answer::Allow)), None, oidc).await;
    assert_eq!(visited.end, VisitEnd::Callback);
    let names: Vec<_> = visited
        .exchanges
        .iter()
        .map(|one| one.endpoint.name())
        .collect();
    assert_eq!(
        names,
        [
            "authorize",
            "page",
            "page",
            "authorize",
            "page",
            "page",
            "callback"
        ]
    );
    assert_eq!(
        field(world.log().last().unwrap(), "code").as_deref(),
        Some("abcdefghij")
    );
}

#[tokio::test]
async fn it_denies_by_a_link_and_leaves_the_page() {
    let (visited, world) = visit(START, Some(&ada(Answer::Deny)), None, oidc).await;
    assert_eq!(visited.end, VisitEnd::Callback);
    assert_eq!(
        field(world.log().last().unwrap(), "error").as_deref(),
        Some("access_denied")
    );
    let (visited, _) = visit(START, Some(&ada(Answer::Leave)), None, oidc).await;
    assert_eq!(page_of(&visited.end).0, "Sign-in");
    let (visited, world) = visit(START, None, None, oidc).await;
    assert_eq!(page_of(&visited.end).0, "Sign-in");
    assert_eq!(world.log().len(), 2);
}

/// oidc-provider's device views, with their buttons outside the forms.
fn oidc_device(request: &Request) -> Answered {
    let xsrf = "<input type=\"hidden\" name=\"xsrf\" value=\"xsrf0123\"/>";
    let code = field(request, "user_code");
    match (request.method.as_str(), field(request, "confirm").is_some()) {
        ("GET", _) => html(&format!(
            "<title>Sign-in</title><h1>Sign-in</h1><p>Enter the code displayed on your device</p>\
             <form id=\"op.deviceInputForm\" novalidate method=\"post\" action=\"https://as.localhost/device\">{xsrf}\
             <input type=\"text\" name=\"user_code\" placeholder=\"Enter code\" autofocus autocomplete=\"off\"></input></form>\
             <button type=\"submit\" form=\"op.deviceInputForm\">Continue</button>"
        )),
        (_, false) if code.as_deref() == Some("WDJB-MJHT") => html(&format!(
            "<title>Device Login Confirmation</title><h1>Confirm Device</h1>\
             <form id=\"op.deviceConfirmForm\" method=\"post\" action=\"https://as.localhost/device\">{xsrf}\
             <input type=\"hidden\" name=\"user_code\" value=\"WDJB-MJHT\"/><input type=\"hidden\" name=\"confirm\" value=\"yes\"/></form>\
             <button autofocus type=\"submit\" form=\"op.deviceConfirmForm\">Continue</button>\
             <button type=\"submit\" form=\"op.deviceConfirmForm\" value=\"yes\" name=\"abort\">[ Abort ]</button>"
        )),
        (_, true) if field(request, "abort").is_some() => {
            html("<title>Sign-in</title><p>The Sign-in request was interrupted</p>")
        }
        (_, true) => html("<title>Sign-in Success</title><h1>Sign-in Success</h1>"),
        _ => answer(400, &[], "unexpected"),
    }
}

#[tokio::test]
async fn it_connects_and_denies_a_device() {
    let start = "https://as.localhost/device";
    let code = Some("WDJB-MJHT");
    let (visited, _) = visit(start, Some(&ada(Answer::Allow)), code, oidc_device).await;
    assert_eq!(visited.end, VisitEnd::DeviceConnected);
    let names: Vec<_> = visited
        .exchanges
        .iter()
        .map(|one| one.endpoint.name())
        .collect();
    assert_eq!(names, ["device_page"; 3]);
    let (visited, world) = visit(start, Some(&ada(Answer::Deny)), code, oidc_device).await;
    assert_eq!(
        page_of(&visited.end).2,
        "The Sign-in request was interrupted"
    );
    assert_eq!(
        field(world.log().last().unwrap(), "abort").as_deref(),
        Some("yes")
    );
}

#[tokio::test]
async fn it_follows_a_refresh_a_form_that_submits_itself_and_a_form_post() {
    let (visited, world) = visit(START, None, None, |request| match request.url.path() {
        "/auth" => html("<meta http-equiv=Refresh content='0; url=/two'>"),
        "/two" => html("<form method=post action=/three><input type=hidden name=a value=1></form><script>document.forms[0].submit()</script>"),
        _ => html(&format!("<body onload='document.forms[0].submit()'><form method=post action={CALLBACK}><input type=hidden name=code value=abcdefgh></form>")),
    })
    .await;
    assert_eq!(visited.end, VisitEnd::Callback);
    let log = world.log();
    assert_eq!(field(&log[2], "a").as_deref(), Some("1"));
    assert_eq!(log[2].headers["origin"], "https://as.localhost");
    assert_eq!(field(&log[3], "code").as_deref(), Some("abcdefgh"));
}

#[tokio::test]
async fn it_keeps_the_method_where_the_status_says_so_and_drops_a_fragment_into_the_query() {
    let ada = ada(Answer::Allow);
    let (visited, world) = visit(START, Some(&ada), None, |request| match request.url.path() {
        "/auth" => html("<form method=post action=/old><input type=password name=pw><button>Log In</button></form>"),
        "/old" => answer(307, &[("location", "/new")], ""),
        _ => redirect(&format!("{CALLBACK}#access_token=abcdefgh&state=s")),
    })
    .await;
    assert_eq!(visited.end, VisitEnd::Callback);
    let log = world.log();
    assert_eq!(field(&log[2], "pw").as_deref(), Some("lovelace-1815"));
    assert_eq!(field(&log[3], "state").as_deref(), Some("s"));
}

#[tokio::test]
async fn it_never_sends_the_same_form_twice() {
    let count = AtomicUsize::new(0);
    let (visited, world) = visit(START, Some(&ada(Answer::Allow)), None, move |_| {
        let count = count.fetch_add(1, Ordering::SeqCst);
        html(&format!("<title>Login</title><form method=post action=/try/{count}><input type=hidden name=t value={count}><label>User Name <input name=u></label><input type=password name=p><button>Log In</button></form>"))
    })
    .await;
    assert_eq!(page_of(&visited.end).0, "Login");
    assert_eq!(world.log().len(), 2);
}

#[tokio::test]
async fn it_ends_on_what_is_no_page() {
    let raw = "error=invalid_client_id&error_description=client%20identifier%20invalid";
    let (visited, _) = visit(START, None, None, move |_| answer(400, &[], raw)).await;
    assert_eq!(page_of(&visited.end), ("", 400, raw));
    let (visited, _) = visit(START, None, None, |_| redirect("myapp://cb?x=1")).await;
    assert_eq!(page_of(&visited.end).1, 302);
    let (visited, world) = visit(START, None, None, |_| redirect("/auth")).await;
    assert_eq!(page_of(&visited.end).0, "redirects without end");
    assert_eq!(world.log().len(), MAX_HOPS);
    let fault = Fault::Dns {
        host: "as.localhost".to_owned(),
    };
    let told = fault.clone();
    let (visited, _) = visit(START, None, None, move |_| Err(told.clone())).await;
    assert_eq!(visited.end, VisitEnd::Fault(fault));
    let (visited, _) = visit(START, None, None, |_| {
        fake::json(200, &serde_json::json!({"a": 1}))
    })
    .await;
    assert_eq!(page_of(&visited.end).2, r#"{"a":1}"#);
}

#[tokio::test]
async fn another_port_or_host_is_not_the_callback() {
    for address in [
        "https://localhost:9444/cb",
        "https://127.0.0.1:9443/cb",
        "http://localhost:9443/cb",
    ] {
        let (visited, _) = visit(START, None, None, move |request| {
            if request.url.path() == "/auth" {
                redirect(address)
            } else {
                answer(404, &[], "gone")
            }
        })
        .await;
        assert_eq!(page_of(&visited.end).1, 404, "{address}");
    }
}

#[tokio::test]
async fn it_finds_its_form_and_its_button_among_others() {
    let pages = |request: &Request| match request.url.path() {
        "/auth" => html(
            "<title>Login</title><form action=/search><input type=search name=q placeholder=Search><button>Go</button></form>\
            <form action=/forgot><label>Username<input name=u></label><button>Continue</button></form>\
            <form method=post action=/login><input aria-label=Username name=u><input type=password name=p><select name=lang><option>de<option selected>en</select>\
            <input type=checkbox name=remember><button type=button>Show</button><button>Log In</button></form>",
        ),
        "/login" => html(
            "<title>Allow?</title><form action=/out><button>Log Out</button></form><form action=/no><button>Don't allow</button></form>\
            <form action=/yes><button name=d value=1>Allow</button></form>",
        ),
        "/yes" | "/no" => redirect(&format!(
            "{CALLBACK}?at={}",
            request.url.path().trim_start_matches('/')
        )),
        _ => answer(404, &[], "elsewhere"),
    };
    let (visited, world) = visit(START, Some(&ada(Answer::Allow)), None, pages).await;
    assert_eq!(visited.end, VisitEnd::Callback);
    let log = world.log();
    assert_eq!(
        String::from_utf8_lossy(&log[1].body),
        "u=ada&p=lovelace-1815&lang=en"
    );
    assert_eq!(log[2].url.query(), Some("d=1"));
    let (_, world) = visit(START, Some(&ada(Answer::Deny)), None, pages).await;
    assert_eq!(
        field(world.log().last().unwrap(), "at").as_deref(),
        Some("no")
    );
}

async fn handed_over(
    location: &str,
) -> (
    VisitEnd,
    Result<crate::ports::CallbackSeen, Fault>,
    Vec<String>,
) {
    use crate::ports::CallbackServer as _;

    let location = location.to_owned();
    let world = World::new(move |request| {
        assert_eq!(
            request.url.host_str(),
            Some("as.localhost"),
            "nothing is sent to a callback"
        );
        redirect(&location)
    });
    let over = HandedOver::default();
    let mut callback = over
        .bind("app-name:/done", "s1")
        .await
        .map_err(|_| ())
        .unwrap();
    let agent = HandingAgent::new(&world.transport, &world.clock, over);
    let visited = agent
        .visit(Visit {
            url: Url::parse(START).unwrap(),
            redirect_uri: Some("app-name:/done"),
            person: None,
            user_code: None,
            purpose: "test",
            secrets: &world.secrets,
        })
        .await;
    let seen = callback.wait(std::time::Duration::ZERO).await;
    (visited.end, seen, callback.turned_away())
}

#[tokio::test]
async fn a_redirect_to_an_apps_own_scheme_is_handed_over() {
    let (end, seen, turned_away) = handed_over("app-name:/done?code=c1&state=s1").await;
    assert_eq!(end, VisitEnd::Callback);
    assert_eq!(seen.ok().unwrap().parameter("code").as_deref(), Some("c1"));
    assert!(turned_away.is_empty());
}

#[tokio::test]
async fn a_redirect_with_a_foreign_state_is_turned_away() {
    let (_, seen, turned_away) = handed_over("app-name:/done?code=c1&state=other").await;
    assert!(matches!(seen, Err(Fault::NoCallback { .. })));
    assert_eq!(turned_away.len(), 1);
}
