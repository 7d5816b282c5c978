//! The frame of every page, its style, and escaping.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// Light and dark by the reader's choice; contrast of 4.5 and more in both.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1b1f;--soft:#51515c;--paper:#f4f5f7;--sheet:#fff;--line:#80808c;--act:#0b5cab;--on-act:#fff;--warn:#8e1b1b}\
@media(prefers-color-scheme:dark){:root{--ink:#ececf1;--soft:#b6b6c2;--paper:#131318;--sheet:#1e1e25;--line:#8a8a98;--act:#8cc1ff;--on-act:#08213f;--warn:#ffb3b3}}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1rem;padding:1.5rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\
header,main{width:100%;max-width:26rem}\
header{color:var(--soft);font-size:.9rem;text-align:center;margin:0}\
header p{margin:0}\
main{background:var(--sheet);border:1px solid var(--line);border-radius:.6rem;padding:1.5rem 1.75rem}\
h1{margin:0 0 .75rem;font-size:1.35rem;line-height:1.25}\
label{display:block;margin:.9rem 0 .3rem;font-weight:600}\
input{width:100%;padding:.6rem .7rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.35rem}\
.buttons{display:flex;gap:.75rem;margin:1.25rem 0 0}\
button{flex:1;padding:.65rem 1rem;font:inherit;font-weight:600;color:var(--on-act);background:var(--act);border:1px solid var(--act);border-radius:.35rem;cursor:pointer}\
button.other{color:var(--act);background:transparent}\
:focus-visible{outline:3px solid var(--act);outline-offset:2px}\
a{color:var(--act)}\
.alert{margin:.75rem 0;padding:.6rem .75rem;border-left:.3rem solid var(--warn);color:var(--warn)}";

static STYLE_HASH: LazyLock<String> = LazyLock::new(|| {
    format!(
        "sha256-{}",
        STANDARD.encode(Sha256::digest(STYLE.as_bytes()))
    )
});

/// The source expression of the one style that pages may use.
pub(super) fn style_hash() -> &'static str {
    &STYLE_HASH
}

/// A whole page. `title` and `body` are HTML already.
pub(super) fn layout(title: &str, body: &str) -> String {
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<header><p>Simulated org &middot; grantproof &middot; not Salesforce</p></header>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"#
    )
}

/// Text as HTML, in content and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_becomes_markup() {
        assert_eq!(
            escape(r#"<script a="1">&'"#),
            "&lt;script a=&quot;1&quot;&gt;&amp;&#39;"
        );
    }
}
