//! `steps:`: what happens, in order.

use super::error::{What, nearest};
use super::keys::{self, Key};
use super::setup;
use super::story::{
    AfterStep, BrowserSession, GrantStep, HARNESS, Placed, ServerFault, Setup, Step, StoryStep,
    Verification,
};
use super::values::Scratch;
use super::walk::{Fields, Walk};
use super::yaml::{Kind, Node, shorten};
use super::{expect, send, titles};
use crate::oauth::{GrantKind, HostKind};
use crate::ports::Answer;

/// Reads the steps. Changes are tried on the scratch org, one after another.
pub fn read(node: &Node, setup: &mut Setup, scratch: &mut Scratch, walk: &mut Walk) -> Vec<Step> {
    let Kind::List(items) = &node.kind else {
        walk.wrong::<()>("a list of steps", node);
        return Vec::new();
    };
    if items.is_empty() {
        walk.wrong::<()>("at least one step", node);
    }
    items
        .iter()
        .filter_map(|item| step(item, setup, scratch, walk))
        .collect()
}

fn step(node: &Node, setup: &mut Setup, scratch: &mut Scratch, walk: &mut Walk) -> Option<Step> {
    let entries = walk.entries(node, "a step as a mapping")?;
    let told: Vec<&str> = keys::STEPS
        .into_iter()
        .filter(|name| entries.iter().any(|(key, _)| key.name == *name))
        .collect();
    let [told] = told[..] else {
        walk.note(
            What::OneOf {
                keys: keys::STEPS.map(str::to_owned).to_vec(),
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
    let table = match told {
        "grant" => keys::GRANT,
        "change" => keys::CHANGE,
        "wait" => keys::WAIT,
        _ => keys::FAULT,
    };
    let fields = walk.fields(node, &format!("a step with `{told}:`"), &keys::names(table))?;
    let title = fields.value("as").and_then(|node| walk.line(node));
    let value = fields.value(told)?;
    let does = match told {
        "grant" => StoryStep::Grant(Box::new(grant(value, &fields, scratch, walk)?)),
        "change" => StoryStep::Change(setup::change(value, setup, scratch, walk)?),
        "wait" => StoryStep::Wait(walk.duration(value)?),
        _ => walk
            .word(
                value,
                "fault of a server",
                &ServerFault::ALL.map(ServerFault::name),
            )
            .and_then(|word| {
                ServerFault::ALL
                    .into_iter()
                    .find(|fault| fault.name() == word)
            })
            .map(StoryStep::Fault)?,
    };
    Some(Step {
        title: title.unwrap_or_else(|| titles::title(&does)),
        at: node.at,
        does,
    })
}

fn grant(
    value: &Node,
    fields: &Fields<'_>,
    scratch: &Scratch,
    walk: &mut Walk,
) -> Option<GrantStep> {
    let kind = grant_kind(value, walk);
    let apps: Vec<String> = scratch
        .state
        .apps
        .iter()
        .map(|app| app.name.clone())
        .collect();
    let app = placed(fields, "app", walk);
    if let Some(app) = &app
        && !apps.contains(&app.value)
    {
        super::no_such("app", &app.value, app.at, &apps, walk);
    }
    let user = placed(fields, "user", walk);
    if let Some(user) = &user {
        let username = super::story::username_of(&user.value);
        if scratch.state.person(&username).is_none() {
            let names = setup::names_of_people(scratch);
            super::no_such("user", &user.value, user.at, &names, walk);
        }
    }
    let after = fields
        .value("after")
        .map(|node| after(node, &apps, walk))
        .unwrap_or_default();
    let mut word = |key: &str, noun: &'static str| {
        let node = fields.value(key)?;
        walk.word(node, noun, words_of(keys::GRANT, key))
            .map(|word| (word, node.at))
    };
    let answer = match word("answer", "answer of a person") {
        Some(("deny", _)) => Answer::Deny,
        Some(("leave", _)) => Answer::Leave,
        _ => Answer::Allow,
    };
    let verification = match word("verification", "second factor") {
        Some(("right", _)) => Verification::Right,
        Some(("wrong", _)) => Verification::Wrong,
        _ => Verification::None,
    };
    let browser_session = match word("browser_session", "session of a browser") {
        Some(("other", _)) => BrowserSession::Other,
        _ => BrowserSession::Own,
    };
    let host = word("host", "host").and_then(|(word, at)| {
        Some(Placed {
            value: HostKind::parse(word)?,
            at,
        })
    });
    let expected = fields.value("expect");
    if expected.is_none() {
        walk.note(
            What::Absent {
                key: "expect",
                help: "write `expect: granted`, or `expect: {refused: invalid_grant, cause: …}`",
            },
            value.at,
        );
    }
    let expect = expected.and_then(|node| expect::read(node, walk));
    let step = GrantStep {
        grant: kind.unwrap_or(GrantKind::AuthorizationCode),
        app,
        user,
        scope: fields.value("scope").and_then(|node| walk.text(node)),
        answer,
        verification,
        host,
        from: address(fields, "from", walk),
        browser_session,
        away: fields
            .value("away")
            .and_then(|node| walk.duration(node))
            .unwrap_or_default(),
        times: fields
            .value("times")
            .and_then(|node| walk.number_in(node, 1, 100))
            .and_then(|times| u32::try_from(times).ok())
            .unwrap_or(1),
        send: fields
            .value("send")
            .map(|node| send::read(node, walk))
            .unwrap_or_default(),
        after,
        expect: expect?,
        expect_at: expected.map(|node| node.at).unwrap_or_default(),
    };
    kind.map(|_| step)
}

/// Reads a grant by its name or by another word for it.
fn grant_kind(node: &Node, walk: &mut Walk) -> Option<GrantKind> {
    let word = walk.text(node)?;
    if let Some(kind) = GrantKind::parse(&word) {
        return Some(kind);
    }
    let names = GrantKind::ALL.iter().map(|kind| kind.name());
    // Another word for a grant may be the misspelt one.
    let aliases = GrantKind::ALL.iter().flat_map(|kind| kind.aliases());
    let near = nearest(&word, names.clone().chain(aliases.copied()));
    walk.note(
        What::UnknownWord {
            word: shorten(&word),
            noun: "grant",
            near,
            valid: names.map(str::to_owned).collect(),
        },
        node.at,
    );
    None
}

fn words_of(table: &[Key], name: &str) -> &'static [&'static str] {
    table
        .iter()
        .find(|key| key.name == name)
        .map_or(&[], |key| match key.shape {
            keys::Shape::Words(words) => words,
            _ => &[],
        })
}

fn placed(fields: &Fields<'_>, key: &str, walk: &mut Walk) -> Option<Placed<String>> {
    let node = fields.value(key)?;
    Some(Placed {
        value: walk.line(node)?,
        at: node.at,
    })
}

fn address(fields: &Fields<'_>, key: &str, walk: &mut Walk) -> Option<Placed<std::net::IpAddr>> {
    let node = fields.value(key)?;
    Some(Placed {
        value: walk.address(node)?,
        at: node.at,
    })
}

fn after(node: &Node, apps: &[String], walk: &mut Walk) -> AfterStep {
    let mut after = AfterStep::default();
    let Some(fields) = walk.fields(node, "`after:`", &keys::names(keys::AFTER)) else {
        return after;
    };
    let mut flag = |key: &str, to: &mut bool| {
        if let Some(flag) = fields.value(key).and_then(|node| walk.flag(node)) {
            *to = flag;
        }
    };
    flag("use", &mut after.use_it);
    flag("check", &mut after.check);
    flag("introspect", &mut after.introspect);
    flag("revoke", &mut after.revoke);
    after.from = address(&fields, "from", walk);
    after.introspect_by = placed(&fields, "introspect_by", walk);
    if let Some(app) = &after.introspect_by {
        if !apps.contains(&app.value) {
            super::no_such("app", &app.value, app.at, apps, walk);
        }
        // Who introspects matters only where it is done.
        after.introspect = true;
    }
    after
}

/// The name of the app of a step.
pub fn app_name(step: &GrantStep) -> &str {
    step.app.as_ref().map_or(HARNESS, |app| &app.value)
}
