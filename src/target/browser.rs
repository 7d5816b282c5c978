//! `browser:` of a target file: what a driven browser types and presses. Salesforce's own pages are known here.

use super::file::word;
use crate::oauth::Dialect;
use crate::ports::{Answer, PageAct, PageStep, Pages, Typed};
use crate::scenario::keys;
use crate::scenario::yaml::{Kind, Node};
use crate::scenario::{Fields, Walk, What};

/// The keys by which a step is told.
const ACTS: [&str; 3] = ["press", "type", "text"];

/// The pages as the file describes them; `None` where it has no `browser:` and the dialect has no pages of its own.
pub(super) fn pages(
    node: Option<&Node>,
    dialect: Dialect,
    file: &str,
    walk: &mut Walk,
) -> Option<Pages> {
    let Some(node) = node else {
        return (dialect == Dialect::Salesforce).then(salesforce);
    };
    let fields = walk.fields(node, "`browser:`", &keys::names(keys::BROWSER))?;
    if fields.value("sign_in").is_none() && !walk.meant("sign_in") {
        let help = "write its steps: `sign_in: [{type: username, into: '#username'}, …, {press: '#login'}]`";
        let key = "sign_in";
        walk.note(What::Absent { key, help }, node.at);
    }
    let mut steps = |key: &str| {
        let node = fields.value(key)?;
        match &node.kind {
            Kind::List(items) if !items.is_empty() => {
                let read = items.iter().filter_map(|item| step(item, file, walk));
                Some(read.collect::<Vec<_>>())
            }
            _ => walk.wrong("a list of steps", node),
        }
    };
    let (sign_in, device) = (steps("sign_in"), steps("device"));
    Some(Pages {
        sign_in: sign_in.unwrap_or_default(),
        device: device.or_else(|| (dialect == Dialect::Salesforce).then(|| salesforce().device)?),
    })
}

fn step(node: &Node, file: &str, walk: &mut Walk) -> Option<PageStep> {
    let fields = walk.fields(node, "a step of a page", &keys::names(keys::PAGE_STEP))?;
    let told: Vec<&str> = ACTS
        .into_iter()
        .filter(|key| fields.value(key).is_some())
        .collect();
    let [act] = told[..] else {
        if told.is_empty() && walk.mistakes.iter().any(|mistake| inside(mistake.at, node)) {
            // A misspelt key is told already.
            return None;
        }
        walk.note(
            What::OneOf {
                keys: ACTS.map(str::to_owned).to_vec(),
                found: if told.is_empty() {
                    "none".to_owned()
                } else {
                    told.join(" and ")
                },
            },
            node.at,
        );
        return None;
    };
    let does = match act {
        "press" => PageAct::Press,
        "type" => PageAct::Type(typed(fields.value(act)?, walk)?),
        _ => PageAct::Type(Typed::Text(walk.text(fields.value(act)?)?)),
    };
    let selector = selector(&fields, act, node, walk)?;
    let answer = match word(
        &fields,
        "answer",
        "answer of a person",
        keys::PAGE_STEP,
        walk,
    ) {
        Some("allow") => Some(Answer::Allow),
        Some("deny") => Some(Answer::Deny),
        _ => None,
    };
    let optional = fields.value("optional").and_then(|node| walk.flag(node));
    Some(PageStep {
        does,
        selector,
        answer,
        optional: optional.unwrap_or(false),
        place: format!("{file}:{}", node.at.line),
    })
}

fn inside(at: crate::scenario::At, node: &Node) -> bool {
    node.at.start <= at.start && at.end <= node.at.end
}

/// What of the person is typed. A word that is not known may be a secret in a wrong place, so it is not repeated.
fn typed(node: &Node, walk: &mut Walk) -> Option<Typed> {
    let text = match &node.kind {
        Kind::Scalar { text, .. } => text.trim(),
        _ => "",
    };
    let word = Typed::WORDS.into_iter().find(|(word, _)| *word == text);
    match word {
        Some((_, typed)) => Some(typed),
        None => walk.wrong(
            "`username`, `password`, `verification_code` or `user_code` (another text stands under `text:`)",
            node,
        ),
    }
}

/// The element: beside `press:` itself, else under `into:`.
fn selector(fields: &Fields<'_>, act: &str, node: &Node, walk: &mut Walk) -> Option<String> {
    let into = fields.entry("into");
    if act == "press" {
        if let Some((key, _)) = into {
            walk.note(
                What::Idle {
                    key: key.name.clone(),
                    with: "beside `press`".to_owned(),
                    help: "`press:` names the element itself".to_owned(),
                },
                key.at,
            );
        }
        return walk.line(fields.value(act)?);
    }
    if into.is_none() && !walk.meant("into") {
        let help = "name the field by a CSS selector: `into: '#username'`";
        walk.note(What::Absent { key: "into", help }, node.at);
    }
    walk.line(into?.1)
}

/// Salesforce's login, verification and approval pages by the ids that public clients and tests of real orgs press (standing: reported);
/// the ids of the device page are assumed. The pages of the simulated org have the same.
fn salesforce() -> Pages {
    let step = |does, selector: &str, answer, optional| PageStep {
        does,
        selector: selector.to_owned(),
        answer,
        optional,
        place: "Salesforce's own pages".to_owned(),
    };
    let code = PageAct::Type(Typed::VerificationCode);
    let sign_in = vec![
        step(PageAct::Type(Typed::Username), "#username", None, false),
        step(PageAct::Type(Typed::Password), "#password", None, false),
        step(PageAct::Press, "#Login", None, false),
        // A code by e-mail, by text message.
        step(code, "#emc, #smc", None, true),
        step(PageAct::Press, "#save", None, true),
        step(PageAct::Press, "#oaapprove", Some(Answer::Allow), true),
        step(PageAct::Press, "#oadeny", Some(Answer::Deny), true),
    ];
    let mut device = vec![
        step(PageAct::Type(Typed::UserCode), "#user_code", None, false),
        step(PageAct::Press, "#connect", None, false),
    ];
    device.extend(sign_in.iter().cloned());
    Pages {
        sign_in,
        device: Some(device),
    }
}
