//! The pages of the simulated org: plain HTML5 without scripts, for browsers, keyboards and screen readers. Each kind has its own path, by
//! which the diagnosis knows it. What Salesforce's own pages say was not recorded, so the words are ours and neutral, but for the error
//! page (wire facts section 5.1). The ids of fields and buttons are those that clients of real orgs are reported to use, so that what drives
//! a browser there drives it here; those of the device page are assumed.

mod html;

use http::StatusCode;

use self::html::{escape, layout};
use super::respond::{self, Reply};
use crate::oauth::{Scope, ScopeSet};

/// Path assumed: the real login page stands at `/`.
pub(super) const LOGIN: &str = "/login";
/// Path assumed.
pub(super) const VERIFICATION: &str = "/_ui/identity/verification";
/// Path assumed.
const CHANGE_PASSWORD: &str = "/_ui/system/security/ChangePassword";
/// Path assumed.
const LOGIN_FLOW: &str = "/loginflow";
pub(super) const APPROVAL: &str = "/setup/secur/RemoteAccessAuthorizationPage.apexp";
/// Path assumed.
const APPROVAL_EXPIRED: &str = "/approval-expired";
pub(super) const DEVICE: &str = "/setup/connect";
/// Path assumed.
pub(super) const DEVICE_CONNECTED: &str = "/setup/connect/connected";
/// Path assumed.
pub(super) const DEVICE_DENIED: &str = "/setup/connect/denied";

/// A page, drawn.
pub(super) struct Drawn {
    status: StatusCode,
    html: String,
}

/// Where a kind of page is, for a flow.
pub(super) fn address(kind: &str, flow: &str) -> String {
    let path = match kind {
        "verification" => VERIFICATION,
        "change_password" => CHANGE_PASSWORD,
        "login_flow" => LOGIN_FLOW,
        "approval" => APPROVAL,
        "approval_expired" => APPROVAL_EXPIRED,
        "device" => DEVICE,
        _ => LOGIN,
    };
    format!("{path}?flow={flow}")
}

/// The page as an answer. `leads_to`: the origin to which its form may lead in the end.
pub(super) fn reply(page: Drawn, leads_to: Option<&str>) -> Reply {
    respond::page(page.status, page.html, html::style_hash(), leads_to)
}

/// Username and password.
pub(super) fn login(flow: Option<&str>, refused: bool) -> Drawn {
    let alert = alert(
        refused,
        "This login was refused. The page does not say why; the login history of the org does.",
    );
    let flow = hidden_flow(flow);
    let form = format!(
        r#"{alert}<form method="post" action="{LOGIN}">{flow}
<label for="username">Username</label>
<input id="username" name="username" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="password">Password</label>
<input id="password" name="pw" type="password" autocomplete="current-password" required>
<p class="buttons"><button id="Login" type="submit">Log In</button></p>
</form>"#
    );
    ok("Login", &form)
}

/// A second factor, or a code that was sent.
pub(super) fn verification(flow: &str, refused: bool) -> Drawn {
    let alert = alert(refused, "That was not the right code.");
    let flow = hidden_flow(Some(flow));
    let form = format!(
        r#"<p>The org wants to be sure that it is you. Enter the code of your authenticator app or from the message you were sent.</p>
{alert}<form method="post" action="{VERIFICATION}">{flow}
<label for="emc">Verification Code</label>
<input id="emc" name="verification_code" type="text" inputmode="numeric" autocomplete="one-time-code" required>
<p class="buttons"><button id="save" type="submit">Verify</button></p>
</form>"#
    );
    ok("Verify Your Identity", &form)
}

/// Allow or deny, with what the app asks for in the words of Setup.
pub(super) fn approval(flow: &str, app: &str, username: &str, scope: &ScopeSet) -> Drawn {
    let mut labels: Vec<&str> = Vec::new();
    for wire in scope.iter() {
        let label = Scope::find(wire).map_or(wire, |scope| scope.label);
        let label = if label.is_empty() { wire } else { label };
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let items: Vec<String> = labels
        .iter()
        .map(|label| format!("<li>{}</li>", escape(label)))
        .collect();
    let items = items.concat();
    let flow = hidden_flow(Some(flow));
    let body = format!(
        r#"<p><strong>{app}</strong> is asking to:</p>
<ul>{items}</ul>
<p>You are logged in as {username}.</p>
<form method="post" action="{APPROVAL}">{flow}
<p class="buttons"><button id="oaapprove" type="submit" name="answer" value="allow">Allow</button>
<button id="oadeny" type="submit" name="answer" value="deny" class="other">Deny</button></p>
</form>"#,
        app = escape(app),
        username = escape(username),
    );
    ok("Allow Access?", &body)
}

/// Where a person types the code that the device shows.
pub(super) fn device(typed: &str, refused: bool) -> Drawn {
    let alert = alert(
        refused,
        "This code cannot be used here. It may be mistyped or over, or the org does not let it through.",
    );
    let form = format!(
        r#"<p>Enter the code that your device shows.</p>
{alert}<form method="post" action="{DEVICE}">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" type="text" value="{typed}" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
<p class="buttons"><button id="connect" type="submit">Connect</button></p>
</form>"#,
        typed = escape(typed),
    );
    ok("Connect a Device", &form)
}

/// Who is logged in.
pub(super) fn home(username: &str) -> Drawn {
    let body = format!(
        "<p>You are logged in as {}.</p><p><a href=\"/secur/logout.jsp\">Log out</a></p>",
        escape(username)
    );
    ok("Home", &body)
}

/// A flow whose pages are no longer known.
pub(super) fn over() -> Drawn {
    Drawn {
        status: StatusCode::GONE,
        html: layout(
            "This Sign-In Is Over",
            "<p>It was finished elsewhere, or its pages stood open for too long. Begin again in the app.</p>",
        ),
    }
}

/// No such page.
pub(super) fn nowhere() -> Drawn {
    Drawn {
        status: StatusCode::NOT_FOUND,
        html: layout(
            "Nothing Here",
            "<p>The simulated org has no page at this address.</p>",
        ),
    }
}

/// Pages that stand by themselves, by path; `None` where there is none.
pub(super) fn standing(path: &str) -> Option<Drawn> {
    let (title, body) = match path {
        // The words are those of the real page.
        respond::ERROR_PAGE => (
            "Error",
            "<p>We can't authorize you because of an OAuth error. For more information, contact your Salesforce administrator.</p>\
             <p>OAUTH_APPROVAL_ERROR_GENERIC : An unexpected error has occurred during authentication. Please try again.</p>",
        ),
        CHANGE_PASSWORD => (
            "Change Your Password",
            "<p>The password has expired. An administrator or the user must set a new one before this user can log in; this page of the \
             simulated org sets none.</p>",
        ),
        LOGIN_FLOW => (
            "Login Flow",
            "<p>The profile of this user has a login flow: a screen that must be finished before the login is. The simulated org has no \
             screens to finish.</p>",
        ),
        APPROVAL_EXPIRED => (
            "Approval Expired",
            "<p>The approval process was not completed before it expired. Begin again in the app.</p>",
        ),
        DEVICE_CONNECTED => (
            "Device Connected",
            "<p>You have connected your device. You can close this page.</p>",
        ),
        DEVICE_DENIED => (
            "Access Denied",
            "<p>You did not let the device in. You can close this page.</p>",
        ),
        _ => return None,
    };
    Some(ok(title, body))
}

fn ok(title: &str, body: &str) -> Drawn {
    Drawn {
        status: StatusCode::OK,
        html: layout(title, body),
    }
}

fn hidden_flow(flow: Option<&str>) -> String {
    flow.map_or_else(String::new, |flow| {
        format!(
            r#"<input type="hidden" name="flow" value="{}">"#,
            escape(flow)
        )
    })
}

fn alert(shown: bool, text: &str) -> String {
    if shown {
        format!(r#"<p class="alert" role="alert">{text}</p>"#)
    } else {
        String::new()
    }
}
