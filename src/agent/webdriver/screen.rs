//! What the browser shows, and how it is told without a secret.

use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::wire::Element;
use crate::ports::VisitEnd;
use crate::secret::Register;

/// The page that Chromium shows in place of one that it could not load.
const ERROR_PAGE: &str = "chrome-error:";
/// How much of a text is told, in characters.
const REPORTED: usize = 2_000;
/// The same within a sentence.
const BRIEF: usize = 300;
/// Parameters that name an error, whose values are told (RFC 6749 section 4.1.2.1).
const TOLD: &[&str] = &["error", "error_description", "error_uri"];

/// What stands for a selector on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// An element that is shown and enabled.
    Element(Element),
    /// None that is.
    Nothing,
    /// The browser cannot read the selector.
    NoSelector,
}

/// The page at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Screen {
    /// The address, of a page that could not be loaded too.
    pub(super) address: String,
    pub(super) title: String,
    pub(super) text: String,
    /// Whether it is loaded to the end.
    pub(super) loaded: bool,
    /// The status that it was answered with, 0 if there was none.
    pub(super) status: u16,
    /// Another document has another.
    pub(super) document: u64,
    /// Whether this is the browser's own page about a failure.
    pub(super) failed: bool,
    /// What was found for each selector.
    pub(super) found: Vec<Found>,
}

impl Screen {
    /// Reads the answer of `look.js`. What is missing is empty.
    pub(super) fn read(value: &Value) -> Self {
        let text = |name: &str| {
            let text = value.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let address = text("address");
        let elements = value.get("elements").and_then(Value::as_array);
        Self {
            failed: address.starts_with(ERROR_PAGE),
            address,
            title: text("title"),
            text: text("text"),
            loaded: value.get("loaded").and_then(Value::as_bool) == Some(true),
            status: value
                .get("status")
                .and_then(Value::as_u64)
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or_default(),
            document: value
                .get("document")
                .and_then(Value::as_f64)
                .unwrap_or_default()
                .to_bits(),
            found: elements
                .into_iter()
                .flatten()
                .map(|element| match Element::read(element) {
                    Some(element) => Found::Element(element),
                    None if element.is_null() => Found::Nothing,
                    None => Found::NoSelector,
                })
                .collect(),
        }
    }

    /// Whether a person would say that nothing has changed.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        self.document == other.document
            && self.address == other.address
            && self.title == other.title
            && self.text == other.text
    }

    /// `ERR_…`: the reason on the browser's own page about a failure.
    pub(super) fn reason(&self) -> Option<&str> {
        if !self.failed {
            return None;
        }
        let mut words = self.text.split_whitespace();
        let word = words.find_map(|word| word.find("ERR_").map(|at| &word[at..]))?;
        Some(word)
    }

    /// The address without the values of its query and without its fragment: only what names an error is told.
    pub(super) fn place(&self, secrets: &Register) -> String {
        let Ok(mut url) = Url::parse(&self.address) else {
            return secrets.redact(&self.address);
        };
        if url.query().is_some() {
            let mut query = Serializer::new(String::new());
            for (name, value) in url.query_pairs() {
                let told = if TOLD.contains(&&*name) { &*value } else { "" };
                query.append_pair(&name, told);
            }
            let query = query.finish();
            url.set_query(
                Some(&query)
                    .filter(|query| !query.is_empty())
                    .map(String::as_str),
            );
        }
        url.set_fragment(None);
        secrets.redact(url.as_str())
    }

    /// The end of a visit on this page.
    pub(super) fn end(&self, secrets: &Register) -> VisitEnd {
        let cut = |text: &str| secrets.redact(text).chars().take(REPORTED).collect();
        VisitEnd::Page {
            url: self.place(secrets),
            status: if self.status == 0 { 200 } else { self.status },
            title: cut(&self.title),
            text: cut(&self.text),
        }
    }

    /// The page in one sentence.
    pub(super) fn told(&self, secrets: &Register) -> String {
        let place = self.place(secrets);
        let text = secrets.redact(&self.text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut brief: String = text.chars().take(BRIEF).collect();
        if brief.len() < text.len() {
            brief.push('…');
        }
        let title = secrets.redact(&self.title);
        match (title.is_empty(), brief.is_empty()) {
            (true, true) => format!("an empty page at {place}"),
            (true, false) => format!("a page without a title at {place}: {brief}"),
            (false, true) => format!("\"{title}\" at {place}, without text"),
            (false, false) => format!("\"{title}\" at {place}: {brief}"),
        }
    }
}
