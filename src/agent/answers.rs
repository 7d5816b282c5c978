//! What a person would do on a page: which form, what to type, which button.

use http::header::ORIGIN;
use url::Url;
use url::form_urlencoded::Serializer;

use super::page::{Button, Control, Form, Page};
use crate::exchange::Request;
use crate::ports::{Answer, Visit};

/// Words on buttons that go on.
const GOES_ON: &[&str] = &[
    "allow",
    "approve",
    "authorize",
    "accept",
    "grant",
    "log in",
    "login",
    "sign in",
    "signin",
    "verify",
    "connect",
    "confirm",
    "continue",
    "next",
    "submit",
    "yes",
    "ok",
];
/// Words on buttons and links that refuse.
const REFUSES: &[&str] = &[
    "deny", "cancel", "abort", "refuse", "reject", "decline", "don t", "do not", "no", "not now",
];
/// Words of the last page of a device flow.
const CONNECTED: &[&str] = &[
    "connected your device",
    "device connected",
    "device is connected",
    "sign in success",
    "device authorized",
    "device has been authorized",
];

/// What the agent does next.
pub(super) enum Move {
    /// Sends a form.
    Submit {
        request: Request,
        /// What the form looks like, to know it again.
        form: String,
        /// Whether the user code went with it.
        user_code: bool,
    },
    /// Opens an address.
    Follow(Url),
    /// Nothing on the page is for the person.
    Stay,
}

/// Whether a page says that the device is connected.
pub(super) fn says_connected(page: &Page) -> bool {
    tells_connected(&page.title, &page.text)
}

/// The same of a page that somebody else has read.
pub(super) fn tells_connected(title: &str, text: &str) -> bool {
    let text = plain(&format!("{title} {text}"));
    plain(title) == "connected" || CONNECTED.iter().any(|words| text.contains(words))
}

/// The next move on a page: a form with something to type, else an approval, else where the page leads by itself.
pub(super) fn next(page: &Page, visit: &Visit<'_>, entered_code: bool) -> Move {
    if let Some(form) = to_fill(page, visit, entered_code) {
        return fill(page, form, visit, entered_code);
    }
    if page.forms.iter().any(|form| !form.buttons.is_empty()) {
        return approve(page, visit);
    }
    if let (true, Some(form)) = (page.submits_itself, page.forms.first()) {
        return submit(page, form, None, &[], false);
    }
    let refresh = page.refresh.clone();
    refresh.map_or(Move::Stay, follow)
}

fn follow(url: Url) -> Move {
    if matches!(url.scheme(), "http" | "https") {
        Move::Follow(url)
    } else {
        Move::Stay
    }
}

/// What a control is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Username,
    Password,
    VerificationCode,
    UserCode,
}

/// The role of a control, by the best hint that tells one.
fn role(control: &Control, visit: &Visit<'_>, entered_code: bool) -> Option<Role> {
    let typed = ["text", "password", "email", "tel", "number", "search"];
    if !typed.contains(&control.kind.as_str()) {
        return None;
    }
    let asks_user_code = visit.user_code.is_some() && !entered_code;
    let by_hint = control.hints.iter().find_map(|hint| {
        let has = |words: &[&str]| words.iter().any(|word| hint.contains(word));
        if has(&["password"]) {
            Some(Role::Password)
        } else if has(&[
            "verification",
            "one-time",
            "one time",
            "otp",
            "authenticator",
        ]) {
            Some(Role::VerificationCode)
        } else if has(&["user code", "user_code", "usercode"]) {
            Some(Role::UserCode)
        } else if has(&["code"]) {
            Some(if asks_user_code {
                Role::UserCode
            } else {
                Role::VerificationCode
            })
        } else if has(&["user", "login", "email", "e-mail", "account"]) {
            Some(Role::Username)
        } else {
            None
        }
    });
    match by_hint {
        None | Some(Role::Username) if control.kind == "password" => Some(Role::Password),
        by_hint => by_hint,
    }
}

/// The form to type into: one with a password or a code before one that asks for a name only, such as "forgot your password?".
fn to_fill<'a>(page: &'a Page, visit: &Visit<'_>, entered_code: bool) -> Option<&'a Form> {
    let asks = |form: &&Form, only_names: bool| {
        let mut roles = form.controls.iter();
        roles.any(|control| match role(control, visit, entered_code) {
            Some(Role::Username) => only_names,
            Some(_) => true,
            None => false,
        })
    };
    let mut forms = page.forms.iter();
    forms
        .find(|form| asks(form, false))
        .or_else(|| page.forms.iter().find(|form| asks(form, true)))
}

/// Types what the person knows. Who lacks something that the form asks for stays on the page.
fn fill(page: &Page, form: &Form, visit: &Visit<'_>, entered_code: bool) -> Move {
    let mut typed = Vec::new();
    let mut user_code = false;
    for control in &form.controls {
        let Some(role) = role(control, visit, entered_code) else {
            continue;
        };
        let Some(value) = value(role, visit) else {
            return Move::Stay;
        };
        user_code |= role == Role::UserCode;
        typed.push((control.name.clone(), value));
    }
    let button = going_on(form);
    submit(page, form, button, &typed, user_code)
}

fn value(role: Role, visit: &Visit<'_>) -> Option<String> {
    let person = visit.person;
    let secret = |kind, secret: &crate::secret::Secret| {
        visit.secrets.add(kind, secret.expose());
        secret.expose().to_owned()
    };
    match role {
        Role::Username => person.map(|person| person.username.clone()),
        Role::Password => person
            .and_then(|person| person.password.as_ref())
            .map(|password| secret("password", password)),
        Role::VerificationCode => person
            .and_then(|person| person.verification_code.as_ref())
            .map(|code| secret("verification_code", code)),
        Role::UserCode => visit.user_code.map(str::to_owned),
    }
}

/// Presses Allow or Deny, as the person answers. Nobody, and who walks away, presses nothing.
fn approve(page: &Page, visit: &Visit<'_>) -> Move {
    let press = |(form, button)| submit(page, form, Some(button), &[], false);
    match visit.person.map_or(Answer::Leave, |person| person.answer) {
        Answer::Leave => Move::Stay,
        Answer::Allow => allowing(page).map_or(Move::Stay, press),
        Answer::Deny => {
            if let Some(found) = find_button(page, refuses) {
                return press(found);
            }
            let link = page.links.iter().find(|link| refuses(&link.words));
            match link {
                Some(link) => follow(link.url.clone()),
                // A page with nothing to refuse by is only on the way.
                None => allowing(page).map_or(Move::Stay, press),
            }
        }
    }
}

/// The button that goes on, in any form of the page: by its words, else the first that does not refuse.
fn allowing(page: &Page) -> Option<(&Form, &Button)> {
    find_button(page, goes_on).or_else(|| find_button(page, |words| !refuses(words)))
}

fn find_button(page: &Page, fits: impl Fn(&str) -> bool) -> Option<(&Form, &Button)> {
    for form in &page.forms {
        let button = form.buttons.iter().find(|button| fits(&button.words));
        if let Some(button) = button {
            return Some((form, button));
        }
    }
    None
}

/// The same within one form.
fn going_on(form: &Form) -> Option<&Button> {
    let by_words = form.buttons.iter().find(|button| goes_on(&button.words));
    by_words.or_else(|| form.buttons.iter().find(|button| !refuses(&button.words)))
}

/// "Don't allow" refuses, whatever else it says.
fn goes_on(words: &str) -> bool {
    has_words(words, GOES_ON) && !refuses(words)
}

fn refuses(words: &str) -> bool {
    has_words(words, REFUSES)
}

/// Whether one of the phrases stands in the text, whole words only.
fn has_words(text: &str, phrases: &[&str]) -> bool {
    let text = format!(" {} ", plain(text));
    phrases
        .iter()
        .any(|phrase| text.contains(&format!(" {phrase} ")))
}

/// Lower case, letters and digits only, single spaces: `[ Sign-in ]` is `sign in`.
fn plain(text: &str) -> String {
    let only: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let lower = only.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn submit(
    page: &Page,
    form: &Form,
    button: Option<&Button>,
    typed: &[(String, String)],
    user_code: bool,
) -> Move {
    let mut action = button
        .and_then(|button| button.action.as_ref())
        .unwrap_or(&form.action)
        .clone();
    if !matches!(action.scheme(), "http" | "https") {
        return Move::Stay;
    }
    action.set_fragment(None);
    let mut fields: Vec<(&str, &str)> = form
        .controls
        .iter()
        .map(|control| {
            let typed = typed.iter().find(|(name, _)| *name == control.name);
            let value = typed.map_or(control.value.as_str(), |(_, value)| value);
            (control.name.as_str(), value)
        })
        .collect();
    if let Some(button) = button
        && let Some(name) = &button.name
    {
        fields.push((name, &button.value));
    }
    Move::Submit {
        form: look(page, form, button),
        request: if form.is_post {
            post(action, &fields)
        } else {
            let query = Serializer::new(String::new())
                .extend_pairs(&fields)
                .finish();
            action.set_query(Some(&query));
            Request::get(action)
        },
        user_code,
    }
}

/// A POST with the `Origin` that a browser sends.
fn post(action: Url, fields: &[(&str, &str)]) -> Request {
    let origin = action.origin().ascii_serialization();
    Request::form(action, fields.iter().copied()).header(ORIGIN, &origin)
}

/// Title, names and kinds of the controls, and the button: values and addresses change from page to page, these do not.
fn look(page: &Page, form: &Form, button: Option<&Button>) -> String {
    let controls = form.controls.iter();
    let controls: Vec<_> = controls
        .map(|control| (&control.name, &control.kind))
        .collect();
    let words = button.map_or("", |button| button.words.as_str());
    format!("{} {controls:?} {words}", page.title)
}
