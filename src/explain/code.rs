//! The page of an error code: its sentences, and the causes behind each.

use super::list::{names, sentence, short, stated, told, unique, unless_remark};
use super::page::Sections;
use super::wire::{place, usual_first};
use super::{Kind, Page, hints};
use crate::cause::{CauseId, Channel, Wording, entry, wordings};
use crate::diagnosis::{rfc_codes, splitting_probe};

/// Up to how many sentences the page tells the causes of each apart; beyond, it counts them.
const IN_FULL: usize = 2;
/// How many causes a sentence of many names.
const NAMED: usize = 1;

/// The page of a code as it is spelt.
pub(super) fn page(code: &'static str) -> Page {
    let shown: Vec<&Wording> = wordings()
        .iter()
        .filter(|wording| wording.code == code && wording.channel != Channel::LoginHistory)
        .collect();
    let elsewhere: Vec<CauseId> = CauseId::ALL
        .iter()
        .copied()
        .filter(|cause| rfc_codes(*cause).contains(&code))
        .collect();
    let mut page = Sections::default();
    let spoken = unique(shown.iter().filter_map(|wording| wording.text));
    let bare: Vec<&Wording> = shown
        .iter()
        .copied()
        .filter(|wording| wording.text.is_none())
        .collect();
    let mut causes = Vec::new();
    if spoken.len() <= IN_FULL {
        for text in &spoken {
            let of_text: Vec<&Wording> = shown
                .iter()
                .copied()
                .filter(|wording| wording.text == Some(*text))
                .collect();
            page.group();
            page.line("Says", format!("\"{text}\""));
            in_full(&mut page, code, &of_text, &mut causes);
        }
        if !bare.is_empty() {
            page.group();
            if !is_page(&bare) {
                page.line("Says", without_sentence(&bare));
            }
            in_full(&mut page, code, &bare, &mut causes);
        }
    } else {
        page.group();
        page.add("Sentences", counted(&shown, &spoken, &mut causes));
        if !bare.is_empty() {
            let of_bare = usual_first(bare);
            page.line("No sentence", short(&of_bare, 4));
            causes.extend(of_bare);
        }
        page.line(
            "Next",
            "grantproof explain \"the sentence\" tells its causes apart",
        );
    }
    page.group();
    page.add(
        "Elsewhere",
        match elsewhere.len() {
            0..=2 => stated(&elsewhere),
            _ => vec![short(&elsewhere, 8)],
        },
    );
    let summary = summary(
        &shown,
        unique(causes.iter()).len(),
        spoken.len(),
        &elsewhere,
    );
    causes.extend(elsewhere);
    let causes = unique(causes);
    if let [one] = causes.as_slice() {
        let about = entry(*one);
        page.group();
        page.add("Confirm", hints::confirm(about));
        page.add(
            "Fix",
            unless_remark(about.fix).map(sentence).into_iter().collect(),
        );
        page.line("Setup", unless_remark(about.setup_path).unwrap_or_default());
    }
    Page {
        topic: code.to_owned(),
        kind: Kind::Code,
        summary,
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

fn summary(shown: &[&Wording], causes: usize, sentences: usize, elsewhere: &[CauseId]) -> String {
    if shown.is_empty() {
        return "An error code of the RFCs, which Salesforce was not seen to give.".to_owned();
    }
    let what = if is_page(shown) {
        "A page of the org where the browser ends, which"
    } else {
        "An error code that"
    };
    let also = if elsewhere.is_empty() {
        ""
    } else {
        " At other servers it has the meaning of the RFCs."
    };
    match causes {
        1 => format!("{what} one cause gives.{also}"),
        _ if sentences > IN_FULL => format!(
            "{what} {causes} causes give, so the code alone decides nothing: the sentence beside it does.{also}"
        ),
        _ => format!("{what} {causes} causes give, the usual one first.{also}"),
    }
}

/// Whether it is the code of a page, which says nothing.
fn is_page(shown: &[&Wording]) -> bool {
    shown
        .iter()
        .all(|wording| wording.channel == Channel::HtmlPage)
}

/// Where a sentence shows, its causes told apart, and the look that separates them.
fn in_full(page: &mut Sections, code: &str, of_text: &[&Wording], causes: &mut Vec<CauseId>) {
    let found = usual_first(of_text.iter().copied());
    if !is_page(of_text) {
        let places = unique(of_text.iter().map(|wording| place(wording.channel)));
        page.line("At", places.join("; "));
    }
    page.add(
        if found.len() == 1 { "Cause" } else { "Causes" },
        if found.len() == 1 {
            stated(&found)
        } else {
            told(&found)
        },
    );
    let text = of_text
        .first()
        .and_then(|wording| wording.text)
        .unwrap_or_default();
    let probe = splitting_probe(code, text).filter(|_| found.len() > 1);
    page.add("Told apart", probe.map(sentence).into_iter().collect());
    causes.extend(found);
}

/// What stands for the sentence where none was seen.
fn without_sentence(bare: &[&Wording]) -> String {
    let glosses = unique(bare.iter().filter_map(|wording| wording.gloss));
    if glosses.is_empty() {
        return "(no sentence was recorded)".to_owned();
    }
    format!(
        "(no sentence was recorded) it means: {}",
        glosses.join("; ")
    )
}

/// One line a sentence: how many causes it has, and the usual ones.
fn counted(shown: &[&Wording], spoken: &[&'static str], causes: &mut Vec<CauseId>) -> Vec<String> {
    let lines = spoken.iter().map(|text| {
        let of_text = shown
            .iter()
            .copied()
            .filter(|wording| wording.text == Some(*text));
        let found = usual_first(of_text);
        let line = match found.as_slice() {
            [one] => format!("\"{text}\": {one}"),
            several => format!("\"{text}\": {}", short(several, NAMED)),
        };
        causes.extend(found);
        line
    });
    lines.collect()
}
