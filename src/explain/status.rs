//! Statuses of the login history: text in LoginHistory, code in an event log. They outrank the sentence that the client gets.

use super::list::{names, sentence, stated, told, unless_remark};
use super::page::Sections;
use super::wire::{answer_line, answers};
use super::{Kind, Page};
use crate::cause::{CauseId, Channel, StatusRow, entry, login_history, login_history_rows};

/// What a status says that names no cause.
const WITHOUT_CAUSE: &[(&str, &str)] = &[
    (
        "LOGIN_NO_ERROR",
        "The authentication passed. The app may refuse all the same: after OAUTH_EC_APP_NOT_FOUND the row still says Success.",
    ),
    (
        "LOGIN_ERROR_NO_PORTAL_ACCESS",
        "The profile of the user does not go with the portal or site; it names no cause of the catalogue.",
    ),
];

/// Every status with words or a code.
pub(super) fn rows() -> impl Iterator<Item = &'static StatusRow> + Clone {
    login_history_rows().iter()
}

/// The row of a status, by text or code.
pub(super) fn named(topic: &str) -> Option<&'static StatusRow> {
    login_history(topic.trim_matches(['"', '\'', '“', '”']))
}

/// The page of a status.
pub(super) fn page(row: &'static StatusRow) -> Page {
    let mut page = Sections::default();
    page.group();
    page.line("Text", row.text);
    page.line("Code", row.code);
    page.group();
    if let [one] = row.causes.as_slice() {
        let about = entry(*one);
        page.add("Cause", stated(&row.causes));
        page.add(
            "Fix",
            unless_remark(about.fix).map(sentence).into_iter().collect(),
        );
        page.line("Setup", unless_remark(about.setup_path).unwrap_or_default());
    } else {
        page.add("Causes", told(&row.causes));
    }
    page.add("Client sees", client_sees(&row.causes));
    page.group();
    page.line("Where", "Setup > Login History, or SELECT Status FROM LoginHistory; the code in the event log (LOGIN_STATUS)");
    page.line("Source", row.source.split(" | ").next().unwrap_or_default());
    let without = WITHOUT_CAUSE.iter().find(|(code, _)| *code == row.code);
    let summary = match (without, row.causes.len()) {
        (Some((_, said)), _) => format!("A status of the login history. {said}"),
        (None, 1) => "A status of the login history that names one cause. It outranks the answer that the client gets.".to_owned(),
        (None, count) => format!("A status of the login history that {count} causes leave."),
    };
    Page {
        topic: if row.text.is_empty() {
            row.code
        } else {
            row.text
        }
        .to_owned(),
        kind: Kind::LoginStatus,
        summary,
        causes: names(&row.causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

/// What the client is told meanwhile: the best known answer of each cause.
fn client_sees(causes: &[CauseId]) -> Vec<String> {
    let best = causes.iter().filter_map(|cause| {
        answers(*cause)
            .into_iter()
            .find(|answer| answer.first.channel != Channel::LoginHistory)
    });
    best.map(|answer| answer_line(answer.first)).collect()
}
