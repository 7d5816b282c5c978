//! A short page about whatever a person has at hand: a cause, a former id, an error code, a sentence, a setting by any of its names, a flow,
//! a scope, a status of the login history, a pasted answer. Offline and pure; made from the catalogue, so that it says what the diagnosis says.

mod answer;
mod cause;
mod code;
mod element;
mod flow;
mod flows;
mod hints;
mod list;
mod near;
mod page;
mod plain_words;
mod scope;
mod setting;
mod status;
mod text;
mod topic;
mod wire;
mod words;

pub use near::near;
pub use page::{Kind, Page, Section};
pub use text::to_text;

use topic::Meaning;

/// The page about a topic; `None` where nothing is called so (see [`near()`]).
///
/// A name comes before a pasted answer, an answer before words in a longer text. Of a name that is several things the first is told and the
/// others are named under "See also"; a word before it chooses: `scope refresh_token`, `flow device`, `setting isPkceRequired`,
/// `code app_blocked`, `status Restricted IP`.
pub fn explain(topic: &str) -> Option<Page> {
    let topic = topic
        .trim()
        .trim_matches(['"', '\u{201c}', '\u{201d}'])
        .trim();
    let meanings = topic::meanings(topic);
    if let [first, others @ ..] = meanings.as_slice() {
        let mut page = page_of(first);
        see_also(&mut page, others);
        return Some(page);
    }
    let structured = topic.starts_with(['{', '[', '<'])
        || topic.contains("://")
        || topic.starts_with("HTTP/")
        || topic.contains("error=");
    let pasted = || answer::pasted_page(topic);
    structured
        .then(pasted)
        .flatten()
        .or_else(|| within(topic))
        .or_else(pasted)
}

/// The page of what stands in a longer text, or nearly so.
fn within(topic: &str) -> Option<Page> {
    let (meaning, read_as) = topic::within(topic)?;
    Some(match meaning {
        Meaning::Sentence(text) => answer::sentence_page(text, read_as.is_some()),
        other => page_of(&other),
    })
}

fn page_of(meaning: &Meaning) -> Page {
    match meaning {
        Meaning::Cause(id) => cause::page(*id),
        Meaning::FormerId(word) => cause::former(word, &topic::former(word)),
        Meaning::Code(code) => code::page(code),
        Meaning::Flow(flow) => flow::page(flow),
        Meaning::Scope(scope) => scope::page(scope),
        Meaning::Setting(setting) => setting::page(setting),
        Meaning::Plain(key, words) => plain_words::page(key, words.as_ref()),
        Meaning::Status(row) => status::page(row),
        Meaning::Sentence(text) => answer::sentence_page(text, false),
    }
}

fn see_also(page: &mut Page, others: &[Meaning]) {
    if others.is_empty() {
        return;
    }
    page.sections.push(Section {
        heading: "See also",
        items: others
            .iter()
            .map(|other| format!("grantproof explain {}", other.chosen()))
            .collect(),
        begins_group: true,
    });
}

#[cfg(test)]
mod tests;
