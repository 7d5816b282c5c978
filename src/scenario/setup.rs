//! The set-up of a story, and the org that it makes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::error::What;
use super::keys;
use super::story::{AppSetup, HARNESS, Setup, UserSetup, username_of};
use super::values::{Scratch, Section, Settings};
use super::walk::{Fields, Walk};
use super::yaml::{Key, Node};
use crate::cause::AppKind;
use crate::factor::{Delta, FactorKind};
use crate::model::{App, AppId, AppSettings, DeltaError, OrgState, Person, Timeline, set, set_for};

/// Reads `app`, `apps`, `org`, `users`, `now` and `propagation`.
pub fn read(story: &Fields<'_>, scratch: &mut Scratch, walk: &mut Walk) -> Setup {
    let mut setup = Setup::default();
    if let Some(node) = story.value("now") {
        setup.now = time(node, walk);
    }
    if let Some(node) = story.value("propagation") {
        setup.propagation = walk.duration(node).unwrap_or_default();
    }
    // Users first, so that a run-as user or a change can name each of them.
    let mut people = Vec::new();
    if let Some(entries) = story
        .value("users")
        .and_then(|node| walk.entries(node, "users by name"))
    {
        for (key, node) in entries {
            let username = username_of(&key.name);
            if scratch.state.person(&username).is_none() {
                scratch.state.people.push(Person::healthy(&username));
            }
            people.push((key, node, username));
        }
    }
    if let Some(node) = story.value("app") {
        setup.app = app(HARNESS, AppId(0), node, &mut setup, scratch, walk);
    }
    if let Some(entries) = story
        .value("apps")
        .and_then(|node| walk.entries(node, "apps by name"))
    {
        for (key, node) in entries {
            let Some(id) = new_app(key, scratch, walk) else {
                continue;
            };
            let more = app(&key.name, id, node, &mut setup, scratch, walk);
            setup.apps.push(more);
        }
    }
    if let Some(node) = story.value("org") {
        let section = Section {
            kind: FactorKind::Org,
            app: AppId(0),
            person: None,
            beside: &[],
        };
        setup.org = section.read(node, scratch, walk).deltas;
    }
    for (key, node, username) in people {
        let deltas = person(&username, node, scratch, walk).deltas;
        setup.users.push(UserSetup {
            name: key.name.clone(),
            username,
            deltas,
        });
    }
    setup
}

fn new_app(key: &Key, scratch: &mut Scratch, walk: &mut Walk) -> Option<AppId> {
    if key.name == HARNESS {
        walk.note(
            What::Idle {
                key: HARNESS.to_owned(),
                with: "under `apps:`".to_owned(),
                help: "the app of every story is set under `app:`".to_owned(),
            },
            key.at,
        );
        return None;
    }
    scratch.state.apps.push(App {
        name: key.name.clone(),
        kind: AppKind::ExternalClientApp,
        known_from: Timestamp::MIN,
        settings: Timeline::new(AppSettings::healthy()),
    });
    Some(AppId(scratch.state.apps.len() - 1))
}

fn app(
    name: &str,
    id: AppId,
    node: &Node,
    setup: &mut Setup,
    scratch: &mut Scratch,
    walk: &mut Walk,
) -> AppSetup {
    let beside = keys::names(keys::APP);
    let section = Section {
        kind: FactorKind::App,
        app: id,
        person: None,
        beside: &beside,
    };
    let Settings { deltas, remarks } = section.read(node, scratch, walk);
    setup.remarks.extend(remarks);
    let mut app = AppSetup {
        name: name.to_owned(),
        deltas,
        ..AppSetup::default()
    };
    if let Some(node) = node.get("kind")
        && let Some("connected_app") = walk.word(
            node,
            "kind of app",
            &["external_client_app", "connected_app"],
        )
    {
        app.kind = AppKind::ConnectedApp;
    }
    if let Some(node) = node.get("created") {
        app.created_now = walk.word(node, "time of creation", &["now", "before"]) == Some("now");
    }
    app
}

fn person(username: &str, node: &Node, scratch: &mut Scratch, walk: &mut Walk) -> Settings {
    let section = Section {
        kind: FactorKind::Person,
        app: AppId(0),
        person: Some(username),
        beside: &[],
    };
    section.read(node, scratch, walk)
}

fn time(node: &Node, walk: &mut Walk) -> Option<Timestamp> {
    let text = walk.text(node)?;
    match text.parse() {
        Ok(time) => Some(time),
        Err(_) => walk.wrong("a time such as `2026-03-01T09:00:00Z`", node),
    }
}

/// Reads `change:` into changes of the app, the org and the users that the story has.
pub fn change(
    node: &Node,
    setup: &mut Setup,
    scratch: &mut Scratch,
    walk: &mut Walk,
) -> Option<Vec<Delta>> {
    let fields = walk.fields(node, "`change:`", &keys::names(keys::CHANGED))?;
    let mut deltas = Vec::new();
    for (name, kind) in [("app", FactorKind::App), ("org", FactorKind::Org)] {
        if let Some(node) = fields.value(name) {
            let section = Section {
                kind,
                app: AppId(0),
                person: None,
                beside: &[],
            };
            let settings = section.read(node, scratch, walk);
            setup.remarks.extend(settings.remarks);
            deltas.extend(settings.deltas);
        }
    }
    if let Some(entries) = fields
        .value("users")
        .and_then(|node| walk.entries(node, "users by name"))
    {
        for (key, node) in entries {
            let username = username_of(&key.name);
            if scratch.state.person(&username).is_some() {
                deltas.extend(person(&username, node, scratch, walk).deltas);
            } else {
                super::no_such("user", &key.name, key.at, &names_of_people(scratch), walk);
            }
        }
    }
    if deltas.is_empty() && walk.mistakes.is_empty() {
        walk.wrong::<()>("at least one setting to change", node);
    }
    Some(deltas)
}

/// The users that a story can name.
pub fn names_of_people(scratch: &Scratch) -> Vec<String> {
    scratch
        .state
        .people
        .iter()
        .map(|person| {
            person
                .username
                .strip_suffix("@acme.test")
                .unwrap_or(&person.username)
                .to_owned()
        })
        .collect()
}

/// The org of a story at its start: a healthy one with every difference of the set-up, and nothing still on its way but a new app.
/// `Err` where the model refuses a value; a parsed story holds none.
pub fn world(setup: &Setup, now: Timestamp) -> Result<OrgState, DeltaError> {
    let mut state = OrgState::healthy();
    for user in &setup.users {
        if state.person(&user.username).is_none() {
            state.people.push(Person::healthy(&user.username));
        }
    }
    let harness = AppId(0);
    let mut new = Vec::new();
    for (index, app) in std::iter::once(&setup.app).chain(&setup.apps).enumerate() {
        let id = AppId(index);
        if id != harness {
            state.apps.push(App {
                name: app.name.clone(),
                kind: app.kind,
                known_from: Timestamp::MIN,
                settings: Timeline::new(AppSettings::healthy()),
            });
        }
        state.apps[index].kind = app.kind;
        for delta in &app.deltas {
            set_for(&mut state, id, delta, now)?;
        }
        if app.created_now {
            new.push(index);
        }
    }
    for delta in setup
        .org
        .iter()
        .chain(setup.users.iter().flat_map(|user| &user.deltas))
    {
        set(&mut state, delta, now)?;
    }
    state.propagation = signed(setup.propagation);
    for index in new {
        state.apps[index].known_from = now.checked_add(state.propagation).unwrap_or(Timestamp::MAX);
    }
    Ok(state)
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
