//! An HTML page as the agent sees it: title, text, forms with labels, links, and where it leads by itself.

use std::collections::HashMap;

use http::header;
use scraper::{ElementRef, Html, Node, Selector};
use url::Url;

use crate::exchange::Response;

/// How much of a page is parsed, in octets. A login page has a hundredth of it, and parsing hostile HTML is not linear.
const PARSED: usize = 256 * 1024;
/// Elements that begin a line of the text.
const BLOCKS: &[&str] = &[
    "p", "div", "h1", "h2", "h3", "h4", "li", "tr", "br", "pre", "form", "section", "main", "ul",
    "table", "label", "dt", "dd", "header", "footer", "title", "body",
];

/// A page, owned: nothing in it borrows from the document.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// `<title>`, or the first heading.
    pub(super) title: String,
    /// The text that a person sees; the body as it is where it is no HTML.
    pub(super) text: String,
    pub(super) forms: Vec<Form>,
    pub(super) links: Vec<Link>,
    /// Where `<meta http-equiv=refresh>` leads.
    pub(super) refresh: Option<Url>,
    /// A script submits a form without a person.
    pub(super) submits_itself: bool,
}

/// A form with the controls and buttons that belong to it, `form="…"` included.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) action: Url,
    pub(super) is_post: bool,
    pub(super) controls: Vec<Control>,
    pub(super) buttons: Vec<Button>,
}

/// A control that is sent.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) name: String,
    /// `text`, `password`, `hidden`, …, in lower case.
    pub(super) kind: String,
    pub(super) value: String,
    /// What tells a person what it is for, best first, in lower case: label, `aria-label`, placeholder, name, id.
    pub(super) hints: Vec<String>,
}

/// A button that submits its form.
#[derive(Debug)]
pub(super) struct Button {
    pub(super) name: Option<String>,
    pub(super) value: String,
    /// What stands on it.
    pub(super) words: String,
    /// `formaction`.
    pub(super) action: Option<Url>,
}

/// A link.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) words: String,
    pub(super) url: Url,
}

impl Page {
    /// Reads an answer. Anything is a page; what is no HTML has text only.
    pub(super) fn read(url: &Url, response: &Response) -> Self {
        let body = &response.body[..response.body.len().min(PARSED)];
        let body = String::from_utf8_lossy(body);
        if !is_html(response, &body) {
            return Self {
                text: body.into_owned(),
                ..Self::default()
            };
        }
        let document = Html::parse_document(&body);
        let root = document.root_element();
        let labels = Labels::of(root);
        Self {
            title: title(root),
            text: text(root),
            forms: select(root, "form")
                .map(|form| Form::read(form, root, url, &labels))
                .collect(),
            links: select(root, "a[href]")
                .filter_map(|link| {
                    Some(Link {
                        words: text(link),
                        url: url.join(link.attr("href")?).ok()?,
                    })
                })
                .collect(),
            refresh: refresh(root, url),
            submits_itself: submits_itself(root),
        }
    }
}

impl Page {
    /// Whether a form on it takes a password.
    pub(super) fn asks_a_password(&self) -> bool {
        let controls = self.forms.iter().flat_map(|form| &form.controls);
        controls
            .into_iter()
            .any(|control| control.kind == "password")
    }
}

fn is_html(response: &Response, body: &str) -> bool {
    match response.header(&header::CONTENT_TYPE) {
        Some(kind) if !kind.trim().is_empty() => kind.contains("html"),
        // Salesforce sends its raw error without a type.
        _ => body.trim_start().starts_with('<'),
    }
}

/// Elements in document order. The selectors are ours, so one that does not parse selects nothing only by a mistake of ours.
fn select<'a>(within: ElementRef<'a>, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let selector = Selector::parse(selector).ok();
    let found: Vec<_> = selector
        .iter()
        .flat_map(|selector| within.select(selector).collect::<Vec<_>>())
        .collect();
    found.into_iter()
}

fn title(root: ElementRef<'_>) -> String {
    ["title", "h1", "h2"]
        .iter()
        .flat_map(|name| select(root, name))
        .map(text)
        .find(|title| !title.is_empty())
        .unwrap_or_default()
}

/// The visible text, a new line where a block begins. Walks without recursion: a page may nest as deep as it likes.
fn text(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    for node in element.descendants() {
        match node.value() {
            Node::Element(found)
                if BLOCKS.contains(&found.name()) && !out.ends_with('\n') && !out.is_empty() =>
            {
                out.push('\n');
            }
            Node::Text(found) => {
                let parent = node.parent().and_then(ElementRef::wrap);
                if parent.is_some_and(|parent| parent == element || is_shown(parent)) {
                    push_words(&mut out, found);
                }
            }
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// Texts stand directly in the elements that hide them.
fn is_shown(parent: ElementRef<'_>) -> bool {
    let hiding = ["script", "style", "title", "head", "template", "noscript"];
    !hiding.contains(&parent.value().name())
}

/// Adds a text with its white space collapsed.
fn push_words(out: &mut String, text: &str) {
    if text.starts_with(char::is_whitespace)
        && !out.ends_with(char::is_whitespace)
        && !out.is_empty()
    {
        out.push(' ');
    }
    let mut first = true;
    for word in text.split_whitespace() {
        if !first {
            out.push(' ');
        }
        out.push_str(word);
        first = false;
    }
    if !first && text.ends_with(char::is_whitespace) {
        out.push(' ');
    }
}

/// `content="0; url=/next"`.
fn refresh(root: ElementRef<'_>, base: &Url) -> Option<Url> {
    let meta = select(root, "meta[http-equiv][content]").find(|meta| {
        let kind = meta.attr("http-equiv").unwrap_or_default();
        kind.eq_ignore_ascii_case("refresh")
    })?;
    let (_, target) = meta.attr("content")?.split_once([';', ','])?;
    let (name, address) = target.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("url") {
        return None;
    }
    base.join(address.trim().trim_matches(['"', '\''])).ok()
}

fn submits_itself(root: ElementRef<'_>) -> bool {
    let calls = |text: &str| text.contains(".submit(") || text.contains(".click(");
    let by_script = select(root, "script").any(|script| calls(&script.text().collect::<String>()));
    by_script
        || select(root, "body[onload]").any(|body| calls(body.attr("onload").unwrap_or_default()))
}

/// How far above a control its label may stand.
const NEAR: usize = 8;

/// Labels of controls, by `for`. A label that stands around its control is found from there.
struct Labels(HashMap<String, String>);

impl Labels {
    fn of(root: ElementRef<'_>) -> Self {
        let labels = select(root, "label[for]");
        let by_id = labels.filter_map(|label| Some((label.attr("for")?.to_owned(), text(label))));
        Self(by_id.collect())
    }

    fn around(control: ElementRef<'_>) -> Option<String> {
        let above = control.ancestors().take(NEAR);
        let mut above = above.filter_map(ElementRef::wrap);
        above
            .find(|element| element.value().name() == "label")
            .map(text)
    }

    fn hints(&self, control: ElementRef<'_>) -> Vec<String> {
        let id = control.attr("id").unwrap_or_default();
        let attribute = |name: &str| control.attr(name).map(str::to_owned);
        [
            self.0.get(id).cloned(),
            Self::around(control),
            attribute("aria-label"),
            attribute("placeholder"),
            attribute("name"),
            attribute("id"),
        ]
        .into_iter()
        .flatten()
        .map(|hint| hint.to_lowercase())
        .filter(|hint| !hint.trim().is_empty())
        .collect()
    }
}

impl Form {
    fn read(form: ElementRef<'_>, root: ElementRef<'_>, base: &Url, labels: &Labels) -> Self {
        let mut read = Self {
            action: form
                .attr("action")
                .and_then(|action| base.join(action).ok())
                .unwrap_or_else(|| base.clone()),
            is_post: form
                .attr("method")
                .is_some_and(|method| method.eq_ignore_ascii_case("post")),
            controls: Vec::new(),
            buttons: Vec::new(),
        };
        let inside = select(form, "input, button, select, textarea")
            .filter(|control| control.attr("form").is_none());
        for control in inside {
            read.add(control, base, labels);
        }
        if let Some(id) = form.attr("id") {
            let elsewhere = select(
                root,
                "input[form], button[form], select[form], textarea[form]",
            );
            for control in elsewhere.filter(|control| control.attr("form") == Some(id)) {
                read.add(control, base, labels);
            }
        }
        read
    }

    fn add(&mut self, control: ElementRef<'_>, base: &Url, labels: &Labels) {
        if control.attr("disabled").is_some() {
            return;
        }
        let name = control.attr("name").map(str::to_owned);
        let kind = control.attr("type").unwrap_or_default().to_lowercase();
        let value = control.attr("value").map(str::to_owned);
        let element = control.value().name();
        match (element, kind.as_str()) {
            ("button", "reset" | "button") | ("input", "reset" | "button" | "file") => {}
            ("button", _) | ("input", "submit" | "image") => {
                let written = text(control);
                let words = [
                    Some(written),
                    value.clone(),
                    control.attr("aria-label").map(str::to_owned),
                ];
                self.buttons.push(Button {
                    name,
                    words: words
                        .into_iter()
                        .flatten()
                        .find(|words| !words.is_empty())
                        .unwrap_or_default(),
                    value: value.unwrap_or_default(),
                    action: control
                        .attr("formaction")
                        .and_then(|action| base.join(action).ok()),
                });
            }
            ("input", "checkbox" | "radio") if control.attr("checked").is_none() => {}
            _ => {
                let Some(name) = name.filter(|name| !name.is_empty()) else {
                    return;
                };
                let value = match element {
                    "select" => chosen(control),
                    "textarea" => control.text().collect(),
                    _ if matches!(kind.as_str(), "checkbox" | "radio") => {
                        value.unwrap_or_else(|| "on".to_owned())
                    }
                    _ => value.unwrap_or_default(),
                };
                let kind = match element {
                    "input" if kind.is_empty() => "text".to_owned(),
                    "input" => kind,
                    other => other.to_owned(),
                };
                self.controls.push(Control {
                    name,
                    kind,
                    value,
                    hints: labels.hints(control),
                });
            }
        }
    }
}

/// The value of a `<select>`: the selected option, or the first.
fn chosen(control: ElementRef<'_>) -> String {
    let option = select(control, "option[selected]")
        .next()
        .or_else(|| select(control, "option").next());
    let value = option.map(|option| {
        option
            .attr("value")
            .map_or_else(|| text(option), str::to_owned)
    });
    value.unwrap_or_default()
}
