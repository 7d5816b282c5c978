//! What the callback server shows to the person: one page, a few contents. No external resource, no code, no state.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

const PAGE: &str = include_str!("callback.html");
const STYLE: &str = include_str!("callback.css");
const SCRIPT: &str = include_str!("fragment.js");

const TICK: &str = r#"<path d="M13 23l6 6 12-13"/>"#;
const CROSS: &str = r#"<path d="M15 15l14 14M29 15L15 29"/>"#;
const DOTS: &str = r#"<path d="M14 22h.01M22 22h.01M30 22h.01"/>"#;
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44" fill="none" stroke="#1f7a4a" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"><circle cx="22" cy="22" r="18"/><path d="M14 23l6 6 11-13"/></svg>"##;

/// Only what this page itself holds may run or style it; a form may go to this server and nowhere else.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(None));
static POLICY_WITH_SCRIPT: LazyLock<HeaderValue> = LazyLock::new(|| policy(Some(SCRIPT)));

/// What the page has to say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Said<'a> {
    /// A code or a token came.
    Granted,
    /// The server sent an error: its code and its sentence.
    Refused(&'a str, Option<&'a str>),
    /// Our `state`, but neither code nor error.
    Empty,
    /// Not the callback that is awaited; why.
    TurnedAway(&'a str),
    /// The parameters may be in the fragment: a script sends it on.
    Relay,
}

pub(super) fn page(status: StatusCode, said: Said<'_>) -> Response<Full<Bytes>> {
    let (title, tone, mark, text) = match said {
        Said::Granted => (
            "Sign-in complete",
            "good",
            TICK,
            "<p>The answer of the authorization server has arrived. You can close this tab.</p>\n\
             <p>The test goes on in the terminal.</p>"
                .to_owned(),
        ),
        Said::Refused(code, sentence) => {
            let mut text = format!(
                "<p>The authorization server sent an error in place of a code:</p>\n<blockquote><p><code>{}</code></p>",
                escape(code)
            );
            if let Some(sentence) = sentence {
                let _ = write!(text, "<p>{}</p>", escape(sentence));
            }
            text.push_str(
                "</blockquote>\n<p>You can close this tab. The terminal names the cause and how to fix it.</p>",
            );
            ("Access was not granted", "bad", CROSS, text)
        }
        Said::Empty => (
            "The answer is incomplete",
            "bad",
            CROSS,
            "<p>The authorization server came back with neither a code nor an error.</p>\n\
             <p>You can close this tab. The terminal has the details.</p>"
                .to_owned(),
        ),
        Said::TurnedAway(reason) => (
            "This call was turned away",
            "bad",
            CROSS,
            format!(
                "<p>It is not the callback that is awaited: {}.</p>\n\
                 <p>If you were signing in, go back to the terminal and start again from the address that it opened.</p>",
                marked(reason)
            ),
        ),
        Said::Relay => (
            "Waiting for the sign-in",
            "wait",
            DOTS,
            "<p id=\"relay\">One moment: the answer is being handed over.</p>\n\
             <p id=\"idle\" hidden>Nothing to do here yet. The sign-in goes on in another tab, and its answer comes to this address.</p>\n\
             <noscript><p>If the address of this page has a <code>#</code> in it, the answer stands behind it, and only a script can hand it over. \
             Allow scripts for this page and reload it, or copy the whole address and start the test again with <code>--paste</code>.</p></noscript>"
                .to_owned(),
        ),
    };
    let relay = matches!(said, Said::Relay);
    let script = if relay {
        format!("<script>{SCRIPT}</script>")
    } else {
        String::new()
    };
    // The text goes in last, so nothing in it is taken for a place to fill.
    let html = PAGE
        .replace("{title}", title)
        .replace("{tone}", tone)
        .replace("{mark}", mark)
        .replace("{style}", STYLE)
        .replace("{script}", &script)
        .replace("{text}", &text);
    let policy = if relay { &POLICY_WITH_SCRIPT } else { &POLICY };
    let mut response = plain(status, "text/html; charset=utf-8", html.into());
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, (*policy).clone());
    response
}

/// The icon that browsers ask for.
pub(super) fn icon() -> Response<Full<Bytes>> {
    plain(
        StatusCode::OK,
        "image/svg+xml",
        Bytes::from_static(ICON.as_bytes()),
    )
}

/// Any answer, with the header fields that each has.
pub(super) fn plain(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn policy(script: Option<&str>) -> HeaderValue {
    let hash = |text: &str| {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        format!("'sha256-{}'", STANDARD.encode(digest))
    };
    let mut policy = format!(
        "default-src 'none'; style-src {}; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        hash(STYLE)
    );
    if let Some(script) = script {
        let _ = write!(policy, "; script-src {}", hash(script));
    }
    HeaderValue::from_str(&policy).expect("invariant: base64 and the words above are visible ASCII")
}

/// Text for HTML, bounded: the server decides what it says, not how long the page is.
fn escape(text: &str) -> String {
    const LONGEST: usize = 500;
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control()).take(LONGEST) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

/// As [`escape`], with what stands in backticks as code.
fn marked(text: &str) -> String {
    escape(text)
        .split('`')
        .enumerate()
        .map(|(at, part)| match at % 2 {
            0 => part.to_owned(),
            _ => format!("<code>{part}</code>"),
        })
        .collect()
}
