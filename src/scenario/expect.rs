//! `expect:` of a grant.

use super::error::{What, nearest};
use super::keys::{self, Key};
use super::story::{
    Expect, Granted, Introspection, OffProtocolExpected, PageExpected, Refused, StopPage,
    UseExpected, UseRefused,
};
use super::walk::{Fields, Walk};
use super::yaml::{Kind, Node, shorten};
use crate::cause::{CauseId, by_alias};
use crate::exchange::Endpoint;
use crate::oauth::ScopeSet;

/// Reads an expectation: the word `granted`, or a mapping told by one of its keys.
pub fn read(node: &Node, walk: &mut Walk) -> Option<Expect> {
    if let Kind::Scalar { .. } = &node.kind {
        return walk
            .word(node, "expectation", &["granted"])
            .map(|_| Expect::Granted(Box::default()));
    }
    let entries = walk.entries(node, "`granted`, or a mapping")?;
    let told: Vec<&str> = keys::EXPECT
        .into_iter()
        .filter(|name| entries.iter().any(|(key, _)| key.name == *name))
        .collect();
    let [told] = told[..] else {
        walk.note(
            What::OneOf {
                keys: keys::EXPECT.map(str::to_owned).to_vec(),
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
    let fields = |table: &[Key], walk: &mut Walk| {
        walk.fields(node, "an expectation of this sort", &keys::names(table))
    };
    match told {
        "granted" => {
            let fields = fields(keys::GRANTED, walk)?;
            yes(&fields, "granted", walk);
            Some(Expect::Granted(Box::new(granted(&fields, walk))))
        }
        "refused" => refused(&fields(keys::REFUSED, walk)?, walk).map(Expect::Refused),
        "page" => page(&fields(keys::PAGE, walk)?, walk).map(Expect::Page),
        "unanswered" => {
            let fields = fields(keys::UNANSWERED, walk)?;
            walk.word(fields.value("unanswered")?, "fault", keys::FAULTS)
                .map(Expect::Unanswered)
        }
        _ => {
            let fields = fields(keys::OFF_PROTOCOL, walk)?;
            yes(&fields, "off_protocol", walk);
            let (cause, alone) = named(&fields, walk);
            Some(Expect::OffProtocol(OffProtocolExpected { cause, alone }))
        }
    }
}

/// A key that can only be `true`.
fn yes(fields: &Fields<'_>, key: &str, walk: &mut Walk) {
    if let Some(node) = fields.value(key)
        && walk.flag(node) == Some(false)
    {
        walk.note(
            What::Idle {
                key: format!("{key}: false"),
                with: "in an expectation".to_owned(),
                help: "say what is expected in its place, such as `refused: invalid_grant`"
                    .to_owned(),
            },
            node.at,
        );
    }
}

fn granted(fields: &Fields<'_>, walk: &mut Walk) -> Granted {
    let mut presence = |key: &str| {
        let node = fields.value(key)?;
        walk.word(node, "word for presence", &["present", "absent"])
            .map(|word| word == "present")
    };
    let refresh_token = presence("refresh_token");
    let id_token = presence("id_token");
    Granted {
        refresh_token,
        id_token,
        scope: fields
            .value("scope")
            .and_then(|node| walk.text(node))
            .map(|text| ScopeSet::from_wire(&text)),
        lacks: fields
            .value("lacks")
            .map(|node| lacks(node, walk))
            .unwrap_or_default(),
        api: fields.value("api").and_then(|node| used(node, walk)),
        userinfo: fields.value("userinfo").and_then(|node| used(node, walk)),
        introspection: fields
            .value("introspection")
            .and_then(|node| introspection(node, walk)),
        revocation: fields.value("revocation").and_then(|node| used(node, walk)),
    }
}

fn lacks(node: &Node, walk: &mut Walk) -> Vec<CauseId> {
    match &node.kind {
        Kind::List(items) => items.iter().filter_map(|item| cause(item, walk)).collect(),
        _ => cause(node, walk).into_iter().collect(),
    }
}

fn used(node: &Node, walk: &mut Walk) -> Option<UseExpected> {
    if let Kind::Scalar { .. } = &node.kind {
        return walk
            .word(node, "answer of a use", &["granted"])
            .map(|_| UseExpected::Granted);
    }
    use_refused(node, walk).map(UseExpected::Refused)
}

fn introspection(node: &Node, walk: &mut Walk) -> Option<Introspection> {
    if let Kind::Scalar { .. } = &node.kind {
        return walk
            .word(node, "answer of the introspection", &["active", "inactive"])
            .map(|word| {
                if word == "active" {
                    Introspection::Active
                } else {
                    Introspection::Inactive
                }
            });
    }
    use_refused(node, walk).map(Introspection::Refused)
}

fn use_refused(node: &Node, walk: &mut Walk) -> Option<UseRefused> {
    let fields = walk.fields(node, "a refused use", &keys::names(keys::USE))?;
    let status = fields
        .value("status")
        .and_then(|node| walk.number_in(node, 100, 599))
        .and_then(|number| u16::try_from(number).ok());
    Some(UseRefused {
        status,
        error: fields.value("refused").and_then(|node| walk.text(node)),
        says: fields.value("says").and_then(|node| walk.text(node)),
        cause: fields.value("cause").and_then(|node| cause(node, walk)),
    })
}

fn refused(fields: &Fields<'_>, walk: &mut Walk) -> Option<Refused> {
    let error = fields.value("refused").and_then(|node| walk.text(node));
    let at = fields
        .value("at")
        .and_then(|node| walk.word(node, "place of a refusal", keys::ENDPOINTS))
        .and_then(endpoint);
    let says = fields.value("says").and_then(|node| walk.text(node));
    let (cause, alone) = named(fields, walk);
    Some(Refused {
        error: error?,
        says,
        at,
        cause,
        alone,
    })
}

fn page(fields: &Fields<'_>, walk: &mut Walk) -> Option<PageExpected> {
    let page = fields
        .value("page")
        .and_then(|node| walk.word(node, "page that a browser ends on", keys::PAGES))
        .and_then(|word| StopPage::ALL.into_iter().find(|page| page.name() == word));
    let (cause, alone) = named(fields, walk);
    Some(PageExpected {
        page: page?,
        cause,
        alone,
    })
}

/// `cause:` and `alone:`.
fn named(fields: &Fields<'_>, walk: &mut Walk) -> (Option<CauseId>, bool) {
    let named = fields.value("cause").and_then(|node| cause(node, walk));
    let alone = fields
        .value("alone")
        .is_some_and(|node| walk.flag(node) == Some(true));
    if let (true, None, Some((key, _))) = (alone, fields.value("cause"), fields.entry("alone")) {
        walk.note(
            What::Idle {
                key: "alone".to_owned(),
                with: "without `cause:`".to_owned(),
                help: "name the cause that must be the only one".to_owned(),
            },
            key.at,
        );
    }
    (named, alone)
}

fn endpoint(word: &str) -> Option<Endpoint> {
    [
        Endpoint::Authorize,
        Endpoint::Callback,
        Endpoint::ErrorPage,
        Endpoint::Token,
        Endpoint::DeviceAuthorization,
    ]
    .into_iter()
    .find(|endpoint| endpoint.name() == word)
}

/// Reads the id of a cause; a former id is read where it became one cause.
pub fn cause(node: &Node, walk: &mut Walk) -> Option<CauseId> {
    let word = walk.text(node)?;
    if let Some(id) = CauseId::parse(&word) {
        return Some(id);
    }
    let (near, valid) = match by_alias(&word)[..] {
        [one] => return Some(one),
        // An older word that was wider than one cause: only these can be meant.
        ref many if many.len() > 1 => (None, many.iter().map(|id| id.name().to_owned()).collect()),
        _ => {
            let near = nearest(&word, CauseId::ALL.iter().map(|id| id.name()));
            (
                near,
                vec!["the ids that `grantproof explain` lists".to_owned()],
            )
        }
    };
    walk.note(
        What::UnknownWord {
            word: shorten(&word),
            noun: "id of a cause",
            near,
            valid,
        },
        node.at,
    );
    None
}
