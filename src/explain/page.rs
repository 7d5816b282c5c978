//! A page: what was asked for, a summary, and sections with points. Only [`super::text`] knows how it is laid out.

use serde::Serialize;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What was asked for, as it is called.
    pub topic: String,
    /// What sort of thing it is.
    pub kind: Kind,
    /// What it means, in a sentence or two.
    pub summary: String,
    /// The causes that the page names, most plausible first.
    pub causes: Vec<&'static str>,
    /// For a cause: every other cause with a wording of it, those of its best known answer first.
    pub rivals: Vec<&'static str>,
    /// The rest, in the order of reading.
    pub sections: Vec<Section>,
}

/// What a topic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A cause of the catalogue.
    Cause,
    /// A former id of one or more causes.
    FormerId,
    /// An error code.
    Code,
    /// A sentence of an answer.
    Sentence,
    /// A setting, by key, label, metadata field or plain words.
    Setting,
    /// A flow, or a call with a token.
    Flow,
    /// A scope.
    Scope,
    /// A status of the login history.
    LoginStatus,
    /// An answer or an address, pasted.
    Answer,
}

/// A heading and its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// One or two words.
    pub heading: &'static str,
    /// Each one is a paragraph or a point.
    pub items: Vec<String>,
    /// Whether a new group begins: a blank line in text.
    #[serde(skip)]
    pub(super) begins_group: bool,
}

/// Collects sections; one without lines is left out.
#[derive(Default)]
pub(super) struct Sections {
    all: Vec<Section>,
    begins_group: bool,
}

impl Sections {
    /// The next section begins a group.
    pub(super) const fn group(&mut self) {
        self.begins_group = true;
    }

    /// Adds a section, unless nothing is in it.
    pub(super) fn add(&mut self, heading: &'static str, items: Vec<String>) {
        let items: Vec<String> = items.into_iter().filter(|item| !item.is_empty()).collect();
        if items.is_empty() {
            return;
        }
        self.all.push(Section {
            heading,
            items,
            begins_group: std::mem::take(&mut self.begins_group),
        });
    }

    /// Adds a section of one line.
    pub(super) fn line(&mut self, heading: &'static str, item: impl Into<String>) {
        self.add(heading, vec![item.into()]);
    }

    pub(super) fn into_vec(self) -> Vec<Section> {
        self.all
    }
}
