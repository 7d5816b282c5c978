//! The agent against a WebDriver server in memory, whose browser has pages of a few selectors each. Its clock is moved by every sleep.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::exchange::{Endpoint, Exchange, Request, Response};
use crate::ports::{Answer, PageAct, Person, Typed};
use crate::secret::{Register, Secret};

const CALLBACK: &str = "https://localhost:9443/cb";
const START: &str = "https://as.localhost/auth?client_id=c&state=s";
const PASSWORD: &str = "lovelace-1815";
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A page of the fake browser.
#[derive(Clone, Default)]
struct Page {
    address: String,
    title: &'static str,
    text: String,
    status: u16,
    /// Selectors that are shown, and the page that a press leads to.
    shown: Vec<(&'static str, &'static str)>,
    /// Looks until the press that led here is answered.
    late: usize,
    /// Its text is another at each look.
    restless: bool,
}

fn page(address: &str, title: &'static str, shown: &[(&'static str, &'static str)]) -> Page {
    Page {
        address: address.to_owned(),
        title,
        text: title.to_lowercase(),
        status: 200,
        shown: shown.to_vec(),
        ..Page::default()
    }
}

/// What the browser's own page about a failure looks like.
fn failure(address: &str, reason: &str) -> Page {
    Page {
        address: address.to_owned(),
        title: "Privacy error",
        text: format!("Your connection is not private\n\nNET::{reason}\nBack to safety"),
        ..Page::default()
    }
}

#[derive(Default)]
struct State {
    pages: BTreeMap<&'static str, Page>,
    /// The page that an address leads to.
    leads: Vec<&'static str>,
    now: Option<Timestamp>,
    /// The page of each session, and how many documents it has had.
    sessions: BTreeMap<String, (String, u32)>,
    waiting: Option<(String, usize)>,
    /// Everything done, in order.
    done: Vec<String>,
    looks: usize,
    stale: usize,
    asked: Vec<Value>,
    open_at_once: usize,
}

struct Fake(Mutex<State>);

impl Fake {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn answer(&self, request: &Request) -> Result<Value, (&'static str, String)> {
        let mut state = self.state();
        let path = request.url.path().trim_start_matches('/').to_owned();
        let path: Vec<&str> = path.split('/').collect();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let state = &mut *state;
        match (&request.method, &path[..]) {
            (&Method::POST, ["session"]) => {
                let id = format!("s{}", state.done.len());
                state.asked.push(body);
                state.done.push(format!("start {id}"));
                state.sessions.insert(id.clone(), ("nothing".to_owned(), 0));
                state.open_at_once = state.open_at_once.max(state.sessions.len());
                Ok(json!({"sessionId": id, "capabilities": {}}))
            }
            (&Method::DELETE, ["session", id]) => {
                state.done.push(format!("end {id}"));
                state.sessions.remove(*id);
                Ok(Value::Null)
            }
            (&Method::POST, ["session", id, "url"]) => {
                let name = if state.leads.len() > 1 {
                    state.leads.remove(0)
                } else {
                    state.leads[0]
                };
                state.done.push("open".to_owned());
                state.go(id, name);
                Ok(Value::Null)
            }
            (&Method::GET, ["session", id, "url"]) => Ok(state.page(id).address.clone().into()),
            (&Method::POST, ["session", id, "execute", "sync"]) => Ok(state.look(id, &body)),
            (&Method::POST, ["session", id, "element", element, act]) => {
                if state.stale > 0 {
                    state.stale -= 1;
                    return Err(("stale element reference", "stale".to_owned()));
                }
                // The number of the document, and of the element in it.
                let number: usize = element.rsplit('.').next().unwrap().parse().unwrap();
                let (selector, to) = state.page(id).shown[number];
                match *act {
                    "click" => {
                        state.done.push(format!("press {selector}"));
                        let late = state.pages.get(to).map_or(0, |page| page.late);
                        if late > 0 {
                            state.waiting = Some((to.to_owned(), late));
                        } else {
                            state.go(id, to);
                        }
                    }
                    "value" => {
                        let text = body["text"].as_str().unwrap();
                        state.done.push(format!("type {text} into {selector}"));
                    }
                    _ => {}
                }
                Ok(Value::Null)
            }
            other => panic!("nobody calls {other:?}"),
        }
    }
}

impl State {
    fn page(&self, id: &str) -> &Page {
        &self.pages[self.sessions[id].0.as_str()]
    }

    fn go(&mut self, id: &str, name: &str) {
        let session = self.sessions.get_mut(id).unwrap();
        *session = (name.to_owned(), session.1 + 1);
    }

    fn look(&mut self, id: &str, body: &Value) -> Value {
        self.looks += 1;
        if let Some((to, late)) = self.waiting.take() {
            if late > 1 {
                self.waiting = Some((to, late - 1));
            } else {
                self.go(id, &to);
            }
        }
        let document = self.sessions[id].1;
        let looks = self.looks;
        let page = self.page(id);
        let elements: Vec<Value> = body["args"][0]
            .as_array()
            .unwrap()
            .iter()
            .map(|selector| {
                let selector = selector.as_str().unwrap();
                if selector.contains("[[") {
                    return json!("invalid selector");
                }
                let number = page.shown.iter().position(|(shown, _)| *shown == selector);
                number.map_or(
                    Value::Null,
                    |number| json!({ELEMENT: format!("f.{document}.{number}")}),
                )
            })
            .collect();
        let failed = page.text.contains("ERR_");
        json!({
            "address": if failed { "chrome-error://chromewebdata/" } else { &page.address },
            "title": page.title,
            "text": if page.restless { format!("{} {looks}", page.text) } else { page.text.clone() },
            "loaded": true,
            "status": page.status,
            "document": document,
            "elements": elements,
        })
    }
}

impl Transport for Fake {
    fn send(&self, request: Request) -> Boxed<'_, Result<Response, Fault>> {
        let (status, value) = match self.answer(&request) {
            Ok(value) => (StatusCode::OK, value),
            Err((error, message)) => (
                StatusCode::NOT_FOUND,
                json!({"error": error, "message": message, "stacktrace": ""}),
            ),
        };
        Box::pin(std::future::ready(Ok(Response {
            status,
            headers: HeaderMap::new(),
            body: Bytes::from(json!({"value": value}).to_string()),
            cut: false,
        })))
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        self.state().now.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn sleep(&self, duration: Duration) -> Boxed<'_, ()> {
        let duration = SignedDuration::try_from(duration).unwrap();
        let now = self.now().checked_add(duration).unwrap();
        self.state().now = Some(now);
        Box::pin(tokio::task::yield_now())
    }
}

impl WebDriverServer for Fake {
    fn address(&self) -> Boxed<'_, Result<Url, Fault>> {
        Box::pin(std::future::ready(Ok(
            Url::parse("http://127.0.0.1:9515").unwrap()
        )))
    }

    fn browser_arguments(&self) -> Vec<String> {
        vec!["--headless".to_owned()]
    }
}

fn step(does: PageAct, selector: &str, line: usize) -> PageStep {
    PageStep {
        does,
        selector: selector.to_owned(),
        answer: None,
        optional: false,
        place: format!("target.yaml:{line}"),
    }
}

fn sign_in() -> Vec<PageStep> {
    let approval = |selector, answer, line| PageStep {
        answer: Some(answer),
        optional: true,
        ..step(PageAct::Press, selector, line)
    };
    vec![
        step(PageAct::Type(Typed::Username), "#name", 1),
        step(PageAct::Type(Typed::Password), "#word", 2),
        step(PageAct::Press, "#in", 3),
        approval("#yes", Answer::Allow, 4),
        approval("#no", Answer::Deny, 5),
    ]
}

/// Login, approval, callback.
fn server() -> State {
    let login = [("#name", ""), ("#word", ""), ("#in", "approval")];
    let pages = [
        (
            "login",
            page("https://as.localhost/login?flow=f-123", "Log In", &login),
        ),
        (
            "approval",
            page(
                "https://as.localhost/approve?flow=f-123",
                "Allow Access?",
                &[("#yes", "callback"), ("#no", "callback")],
            ),
        ),
        (
            "callback",
            page(&format!("{CALLBACK}?code=abc&state=s"), "Done", &[]),
        ),
    ];
    State {
        pages: pages.into(),
        leads: vec!["login"],
        ..State::default()
    }
}

struct Seen {
    end: VisitEnd,
    exchanges: Vec<Exchange>,
    remark: Option<String>,
    state: State,
    /// What the visit took by the clock.
    took: Duration,
}

fn ada(answer: Answer) -> Person {
    Person {
        username: "ada".to_owned(),
        password: Some(Secret::new(PASSWORD)),
        verification_code: None,
        answer,
    }
}

fn agent(fake: &Arc<Fake>, pages: Pages) -> WebDriverAgent {
    let (server, transport, clock) = (Arc::clone(fake), Arc::clone(fake), Arc::clone(fake));
    WebDriverAgent::new(server, transport, clock, pages)
}

async fn visit_with(
    state: State,
    pages: Pages,
    person: Option<&Person>,
    code: Option<&str>,
) -> Seen {
    let fake = Arc::new(Fake(Mutex::new(state)));
    let agent = agent(&fake, pages);
    let secrets = Register::new();
    let visited = agent
        .visit(Visit {
            url: Url::parse(START).unwrap(),
            redirect_uri: code.is_none().then_some(CALLBACK),
            person,
            user_code: code,
            purpose: "test",
            within: Duration::from_mins(5),
            secrets: &secrets,
        })
        .await;
    let took = Timestamp::UNIX_EPOCH.duration_until(fake.now());
    let state = std::mem::take(&mut *fake.state());
    let said = format!(
        "{:?} {:?} {:?}",
        visited.end, visited.remark, visited.exchanges
    );
    assert!(
        !said.contains(PASSWORD) && !said.contains("f-123"),
        "{said}"
    );
    assert!(state.sessions.is_empty(), "a browser is left open");
    Seen {
        end: visited.end,
        exchanges: visited.exchanges,
        remark: visited.remark,
        state,
        took: Duration::try_from(took).unwrap(),
    }
}

async fn visit(state: State, answer: Answer) -> Seen {
    let pages = Pages {
        sign_in: sign_in(),
        device: None,
    };
    visit_with(state, pages, Some(&ada(answer)), None).await
}

/// What was done on the pages.
fn acts(state: &State) -> Vec<&str> {
    let acts = state.done.iter().map(String::as_str);
    acts.filter(|act| act.starts_with("press") || act.starts_with("type"))
        .collect()
}

const LOGGED_IN: [&str; 3] = [
    "type ada into #name",
    "type lovelace-1815 into #word",
    "press #in",
];

#[tokio::test]
async fn it_logs_in_and_allows_in_a_browser_that_checks_certificates() {
    let seen = visit(server(), Answer::Allow).await;
    assert_eq!(seen.end, VisitEnd::Callback);
    assert_eq!(seen.remark, None);
    assert_eq!(acts(&seen.state)[..3], LOGGED_IN);
    assert_eq!(acts(&seen.state)[3..], ["press #yes"]);
    let asked = &seen.state.asked[0]["capabilities"]["alwaysMatch"];
    assert_eq!(asked["acceptInsecureCerts"], false);
    assert_eq!(asked["goog:chromeOptions"]["args"], json!(["--headless"]));
}

#[tokio::test]
async fn it_denies_where_the_person_does() {
    let seen = visit(server(), Answer::Deny).await;
    assert_eq!(seen.end, VisitEnd::Callback);
    assert_eq!(acts(&seen.state)[3..], ["press #no"]);
}

#[tokio::test]
async fn who_walks_away_presses_nothing_on_the_approval_page() {
    let seen = visit(server(), Answer::Leave).await;
    assert!(matches!(&seen.end, VisitEnd::Page { title, .. } if title == "Allow Access?"));
    assert_eq!(acts(&seen.state), LOGGED_IN);
    assert!(seen.took < Duration::from_secs(1));
}

#[tokio::test]
async fn an_approval_that_is_not_asked_for_is_passed_over() {
    let mut state = server();
    state.pages.get_mut("login").unwrap().shown[2].1 = "callback";
    let seen = visit(state, Answer::Allow).await;
    assert_eq!(seen.end, VisitEnd::Callback);
    assert_eq!(acts(&seen.state), LOGGED_IN);
}

#[tokio::test]
async fn a_login_page_that_comes_back_is_the_end() {
    let mut state = server();
    state.pages.get_mut("login").unwrap().shown[2].1 = "login";
    let seen = visit(state, Answer::Allow).await;
    let expected = VisitEnd::Page {
        url: "https://as.localhost/login?flow=".to_owned(),
        status: 200,
        title: "Log In".to_owned(),
        text: "log in".to_owned(),
    };
    assert_eq!(seen.end, expected);
    assert_eq!(acts(&seen.state), LOGGED_IN);
    assert!(seen.took < Duration::from_secs(2), "{:?}", seen.took);
    let remark = seen.remark.unwrap();
    assert!(remark.contains("came back"), "{remark}");
}

#[tokio::test]
async fn an_element_that_never_comes_is_named_with_its_line() {
    // In the middle of a form it is the description that is wrong.
    let mut state = server();
    state.pages.get_mut("login").unwrap().shown[1].0 = "#pass";
    let seen = visit(state, Answer::Allow).await;
    let expected = "the page lacks what is described; the next step was to type password into `#word` (target.yaml:2); \
                    on the screen: \"Log In\" at https://as.localhost/login?flow=: log in";
    assert_eq!(seen.end, VisitEnd::Fault(broken(expected)));
    assert!(seen.took > Duration::from_secs(9) && seen.took < Duration::from_secs(12));
    // On a page of another kind it may be the server.
    let mut state = server();
    let shown = &mut state.pages.get_mut("login").unwrap().shown;
    shown[0].0 = "#sso";
    let seen = visit(state, Answer::Allow).await;
    assert!(matches!(&seen.end, VisitEnd::Page { title, .. } if title == "Log In"));
    assert!(seen.took > Duration::from_secs(9) && seen.took < Duration::from_secs(12));
    let expected = "the browser waited 10 s to type username into `#name` (target.yaml:1), and the page never showed that element";
    assert_eq!(seen.remark.as_deref(), Some(expected));
}

#[tokio::test]
async fn a_page_that_never_rests_ends_with_what_is_on_the_screen() {
    let mut state = server();
    let spinner = Page {
        restless: true,
        text: format!("please wait {PASSWORD} {}", "and wait ".repeat(100)),
        ..page(
            "https://as.localhost/spin?token=f-123&error=none",
            "Working",
            &[],
        )
    };
    state.pages.insert("spinner", spinner);
    state.pages.get_mut("login").unwrap().shown[2].1 = "spinner";
    let seen = visit(state, Answer::Allow).await;
    let VisitEnd::Fault(Fault::Browser { reason }) = &seen.end else {
        panic!("{:?}", seen.end);
    };
    let begin = "the callback was not reached in time; the next step was to press `#yes` (target.yaml:4); \
                 on the screen: \"Working\" at https://as.localhost/spin?token=&error=none: please wait [password#1] and wait";
    assert!(reason.starts_with(begin), "{reason}");
    assert!(reason.ends_with('…') && reason.len() < 600, "{reason}");
    assert!(seen.took < Duration::from_secs(62), "{:?}", seen.took);
}

#[tokio::test]
async fn a_visit_ends_in_its_time() {
    let fake = Arc::new(Fake(Mutex::new(State {
        leads: vec!["approval"],
        ..server()
    })));
    let pages = Pages {
        sign_in: sign_in(),
        device: None,
    };
    let secrets = Register::new();
    let person = ada(Answer::Allow);
    let visited = agent(&fake, pages)
        .visit(Visit {
            url: Url::parse(START).unwrap(),
            redirect_uri: Some(CALLBACK),
            person: Some(&person),
            user_code: None,
            purpose: "test",
            within: Duration::from_secs(3),
            secrets: &secrets,
        })
        .await;
    assert!(
        matches!(&visited.end, VisitEnd::Fault(Fault::Browser { reason })
        if reason.contains("Allow Access?") && reason.contains("#name"))
    );
    assert_eq!(fake.now(), "1970-01-01T00:00:03Z".parse().unwrap());
}

#[tokio::test]
async fn a_cold_browser_is_asked_again_until_it_trusts() {
    let mut state = server();
    state
        .pages
        .insert("cold", failure(START, "ERR_CERT_AUTHORITY_INVALID"));
    state.leads = vec!["cold", "cold", "cold", "login"];
    let seen = visit(state, Answer::Allow).await;
    assert_eq!(seen.end, VisitEnd::Callback);
    let opened = seen.state.done.iter().filter(|act| *act == "open").count();
    assert_eq!(opened, 4);
}

#[tokio::test]
async fn a_certificate_that_is_never_trusted_is_an_error_and_no_way_around_is_taken() {
    let mut state = server();
    state
        .pages
        .insert("cold", failure(START, "ERR_CERT_AUTHORITY_INVALID"));
    state.leads = vec!["cold"];
    let seen = visit(state, Answer::Allow).await;
    let VisitEnd::Fault(Fault::Tls { authority, reason }) = &seen.end else {
        panic!("{:?}", seen.end);
    };
    assert_eq!(authority, "as.localhost:443");
    assert!(
        reason.contains("ERR_CERT_AUTHORITY_INVALID, asked 7 times"),
        "{reason}"
    );
    let opened = seen.state.done.iter().filter(|act| *act == "open").count();
    assert_eq!(opened, 7);
    assert!(acts(&seen.state).is_empty());
}

#[tokio::test]
async fn what_the_browser_cannot_load_has_the_name_of_its_fault() {
    for (reason, name) in [
        ("ERR_NAME_NOT_RESOLVED", "dns"),
        ("ERR_CONNECTION_REFUSED", "connect"),
        ("ERR_SSL_PROTOCOL_ERROR", "tls"),
        ("ERR_EMPTY_RESPONSE", "browser"),
    ] {
        let mut state = server();
        state.pages.insert("cold", failure(START, reason));
        state.leads = vec!["cold"];
        let seen = visit(state, Answer::Allow).await;
        assert!(
            matches!(&seen.end, VisitEnd::Fault(fault) if fault.name() == name),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn an_error_of_the_server_is_told_at_once() {
    let mut state = server();
    let text = "invalid_client: client is invalid";
    let refused = Page {
        status: 400,
        text: text.to_owned(),
        ..page(START, "Error", &[])
    };
    state.pages.insert("refused", refused);
    state.leads = vec!["refused"];
    let seen = visit(state, Answer::Allow).await;
    assert!(matches!(&seen.end, VisitEnd::Page { status: 400, text: told, .. } if told == text));
    assert_eq!(seen.remark, None);
    assert!(seen.took < Duration::from_secs(2));
    let [answer] = &seen.exchanges[..] else {
        panic!("{} exchanges", seen.exchanges.len());
    };
    assert_eq!(answer.endpoint, Endpoint::Authorize);
    assert!(
        answer
            .received
            .as_ref()
            .is_ok_and(|received| received.status == 400)
    );
    let mut state = server();
    let refused = "https://as.localhost/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_scope&startURL=f-123";
    state.pages.insert("refused", page(refused, "Error", &[]));
    state.leads = vec!["refused"];
    let seen = visit(state, Answer::Allow).await;
    let end = "error=invalid_scope&startURL=";
    assert!(matches!(&seen.end, VisitEnd::Page { url, .. } if url.ends_with(end)));
    assert!(seen.exchanges.is_empty());
    assert!(seen.took < Duration::from_secs(2));
}

#[tokio::test]
async fn a_selector_that_is_none_is_told_with_its_line() {
    let mut pages = Pages {
        sign_in: sign_in(),
        device: None,
    };
    pages.sign_in[0].selector = "#a[[".to_owned();
    let seen = visit_with(server(), pages, Some(&ada(Answer::Allow)), None).await;
    let expected = "the browser cannot read the CSS selector `#a[[` (target.yaml:1)";
    assert_eq!(seen.end, VisitEnd::Fault(broken(expected)));
}

#[tokio::test]
async fn a_button_is_not_pressed_again_before_the_page_has_answered() {
    let mut state = server();
    state.pages.get_mut("approval").unwrap().late = 5;
    let mut pages = Pages {
        sign_in: sign_in(),
        device: None,
    };
    // One selector for two buttons, on two pages.
    for (page, number) in [("login", 2), ("approval", 0)] {
        state.pages.get_mut(page).unwrap().shown[number].0 = "button";
    }
    pages.sign_in[2].selector = "button".to_owned();
    pages.sign_in[3].selector = "button".to_owned();
    let seen = visit_with(state, pages, Some(&ada(Answer::Allow)), None).await;
    assert_eq!(seen.end, VisitEnd::Callback);
    assert_eq!(acts(&seen.state)[2..], ["press button", "press button"]);
    assert!(seen.state.looks > 6);
}

#[tokio::test]
async fn an_element_that_was_replaced_is_looked_for_again() {
    let state = State {
        stale: 2,
        ..server()
    };
    let seen = visit(state, Answer::Allow).await;
    assert_eq!(seen.end, VisitEnd::Callback);
    assert_eq!(acts(&seen.state).len(), 4);
}

#[tokio::test]
async fn who_has_no_password_stays_on_the_page() {
    let pages = Pages {
        sign_in: sign_in(),
        device: None,
    };
    let person = Person {
        password: None,
        ..ada(Answer::Allow)
    };
    let seen = visit_with(server(), pages, Some(&person), None).await;
    assert!(matches!(&seen.end, VisitEnd::Page { .. }));
    let expected =
        "the browser is to type password into `#word` (target.yaml:2), and there is none to type";
    assert_eq!(seen.remark.as_deref(), Some(expected));
}

#[tokio::test]
async fn a_device_is_connected_where_its_pages_are_described() {
    let connected = Page {
        text: "You have connected your device.".to_owned(),
        ..page("https://as.localhost/connected", "Connected", &[])
    };
    let mut state = server();
    state.pages.insert(
        "code",
        page(START, "Device", &[("#code", ""), ("#go", "login")]),
    );
    state.pages.insert("connected", connected);
    state.pages.get_mut("approval").unwrap().shown[0].1 = "connected";
    state.leads = vec!["code"];
    let mut device = vec![
        step(PageAct::Type(Typed::UserCode), "#code", 6),
        step(PageAct::Press, "#go", 7),
    ];
    device.extend(sign_in());
    let pages = Pages {
        sign_in: sign_in(),
        device: Some(device),
    };
    let seen = visit_with(state, pages, Some(&ada(Answer::Allow)), Some("WDJB-MJHT")).await;
    assert_eq!(seen.end, VisitEnd::DeviceConnected);
    assert_eq!(
        acts(&seen.state)[..2],
        ["type WDJB-MJHT into #code", "press #go"]
    );
    let pages = Pages {
        sign_in: sign_in(),
        device: None,
    };
    let seen = visit_with(
        server(),
        pages,
        Some(&ada(Answer::Allow)),
        Some("WDJB-MJHT"),
    )
    .await;
    assert!(
        matches!(&seen.end, VisitEnd::Fault(Fault::Browser { reason })
        if reason.contains("`device:` under `browser:`"))
    );
}

#[tokio::test]
async fn each_flow_has_a_browser_of_its_own_and_few_run_at_once() {
    let fake = Arc::new(Fake(Mutex::new(server())));
    let pages = Pages {
        sign_in: sign_in(),
        device: None,
    };
    let agent = agent(&fake, pages);
    let secrets = Register::new();
    let person = ada(Answer::Allow);
    let visit = || {
        agent.visit(Visit {
            url: Url::parse(START).unwrap(),
            redirect_uri: Some(CALLBACK),
            person: Some(&person),
            user_code: None,
            purpose: "test",
            within: Duration::from_mins(5),
            secrets: &secrets,
        })
    };
    let all = futures_util::future::join_all((0..9).map(|_| visit())).await;
    assert!(all.iter().all(|visited| visited.end == VisitEnd::Callback));
    let state = fake.state();
    assert_eq!(state.asked.len(), 9);
    assert_eq!(state.open_at_once, BROWSERS);
}

/// Nobody answers.
struct Nobody;

impl Transport for Nobody {
    fn send(&self, request: Request) -> Boxed<'_, Result<Response, Fault>> {
        Box::pin(std::future::ready(Err(Fault::Connect {
            authority: request.url.authority().to_owned(),
            reason: "connection refused".to_owned(),
        })))
    }
}

#[tokio::test]
async fn a_webdriver_server_that_is_down_is_not_taken_for_the_org() {
    let server = Url::parse("http://127.0.0.1:9515").unwrap();
    let fault = Session::start(&Nobody, &server, &[]).await.err().unwrap();
    assert_eq!(fault.name(), "browser");
    assert_eq!(
        fault.to_string(),
        "the browser did not finish: the WebDriver server: no connection to 127.0.0.1:9515: connection refused"
    );
}

/// Whatever answers there.
struct Stranger(&'static str);

impl Transport for Stranger {
    fn send(&self, _: Request) -> Boxed<'_, Result<Response, Fault>> {
        Box::pin(std::future::ready(Ok(Response {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::from(self.0),
            cut: false,
        })))
    }
}

#[tokio::test]
async fn a_server_of_another_kind_is_told_from_webdriver() {
    for (body, words) in [
        ("<html>", "does not speak WebDriver"),
        (r#"{"value": {}}"#, "names no session"),
        (r#"{"value": {"sessionId": "../x"}}"#, "names no session"),
    ] {
        let server = Url::parse("http://127.0.0.1:1").unwrap();
        let stranger = Stranger(body);
        let started = Session::start(&stranger, &server, &[]).await;
        let fault = started.err().unwrap().to_string();
        assert!(fault.contains(words), "{fault}");
    }
}
