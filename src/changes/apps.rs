//! The comparison, app by app.

use super::document::{
    AppView, ChangeView, Counts, Document, FlowView, LineView, NewFinding, SCHEMA_VERSION, State,
};
use super::edit::{self, Edit, Owner};
use super::findings;
use super::flows::{Flow, flows, standing};
use super::lines;
use super::scene::{Scene, stand_ins};
use crate::cause::AppKind;
use crate::declared::{Parts, approve};
use crate::factor::{Factor, Known, Value};
use crate::metadata::{DeclaredApp, Project, RecordType};
use crate::oauth::GrantKind;
use crate::what_if::{Flip, short};

/// One version of a project.
#[derive(Debug)]
pub struct Side<'p> {
    /// What was read.
    pub project: &'p Project,
    /// What stands before the names of its files.
    pub root: String,
    /// What is to stand there when they are shown.
    pub shown: String,
}

impl Side<'_> {
    /// The name of a file inside the project.
    pub(super) fn inside<'f>(&self, file: &'f str) -> &'f str {
        file.strip_prefix(&self.root).unwrap_or(file)
    }

    /// A text with other names for the files that it quotes.
    pub(super) fn with_root(&self, text: &str, root: &str) -> String {
        if self.root.is_empty() {
            return text.to_owned();
        }
        text.replace(&format!("`{}", self.root), &format!("`{root}"))
    }

    /// The name of a file as it is shown.
    pub(super) fn show(&self, file: &str) -> String {
        format!("{}{}", self.shown, self.inside(file))
    }
}

/// What is compared of them.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The grants.
    pub grants: Vec<GrantKind>,
    /// Only these users, by username; all without it.
    pub users: Option<Vec<String>>,
    /// Only the apps of this name; all without it.
    pub app: Option<String>,
}

impl Asked {
    /// Whether a user is one of them.
    pub(super) fn names(&self, user: &str) -> bool {
        let named = |own: &String| short(own) == short(user);
        self.users
            .as_ref()
            .is_none_or(|users| users.iter().any(named))
    }
}

type Pair<'p> = (Option<&'p DeclaredApp>, Option<&'p DeclaredApp>);

/// Compares two versions of a project.
pub fn compare(before: &Side<'_>, after: &Side<'_>, asked: &Asked) -> Document {
    let apps = pairs(before.project, after.project, asked);
    let shared = shared(before.project, after.project);
    let mut edits: Vec<Edit> = Vec::new();
    let mut own: Vec<std::ops::Range<usize>> = Vec::new();
    for (place, app) in apps.iter().enumerate() {
        let first = edits.len();
        if let (Some(was), Some(is)) = app {
            edits.extend(edit::of_app(place, was, is));
        }
        own.push(first..edits.len());
    }
    let of_all = edits.len();
    edits.extend(shared);

    let mut found: Vec<Flow> = Vec::new();
    let mut views = Vec::new();
    let mut assumed: Vec<String> = Vec::new();
    let mut unchanged = 0;
    for (place, app) in apps.iter().enumerate() {
        let (state, mut of_app) = match app {
            (Some(was), Some(is)) => {
                let numbers = own[place].clone().chain(of_all..edits.len());
                let concerned: Vec<(usize, &Edit)> = numbers
                    .map(|number| (number, &edits[number]))
                    // What a deploy does not say, it leaves alone.
                    .filter(|(_, edit)| edit.after.is_some() && concerns(edit, was, is))
                    .collect();
                if concerned.is_empty() {
                    unchanged += 1;
                    continue;
                }
                let scene = Scene::new(parts(before.project, after.project, was), concerned);
                assume(&mut assumed, &scene.assumed, &was.name);
                (State::Changed, flows(&scene, asked))
            }
            (Some(gone), None) => {
                let parts = Parts::of(before.project, gone);
                let mut declared = parts.declared();
                declared.assumed.extend(approve(&mut declared.world));
                let users = stand_ins(&parts, &declared.world);
                declared.assumed.extend(users);
                let flows = standing(&declared.world, asked, Flip::Breaks);
                assume(&mut assumed, &declared.assumed, &gone.name);
                (State::Removed, flows)
            }
            (None, Some(new)) => {
                let parts = Parts::of(after.project, new);
                let mut declared = parts.declared();
                let users = stand_ins(&parts, &declared.world);
                declared.assumed.extend(users);
                let flows = standing(&declared.world, asked, Flip::Mends);
                assume(&mut assumed, &declared.assumed, &new.name);
                (State::Added, flows)
            }
            (None, None) => continue,
        };
        for flow in &mut of_app {
            flow.app = place;
        }
        if let Some(app) = app.0.or(app.1) {
            views.push(AppView::new(app, state, renamed(&apps, place), &of_app));
        }
        found.append(&mut of_app);
    }
    let changes: Vec<ChangeView> = edits
        .iter()
        .enumerate()
        .map(|(number, edit)| {
            let app = match edit.owner {
                Owner::App(place) => apps[place].0.map(|app| app.name.clone()),
                _ => None,
            };
            let flips = found.iter().filter(|flow| flow.because.contains(&number));
            ChangeView::new(edit, app, flips.count(), before, after)
        })
        .collect();
    let flows: Vec<FlowView> = found
        .into_iter()
        .filter_map(|flow| {
            let app = apps[flow.app].0.or(apps[flow.app].1)?;
            Some(FlowView::new(app, flow))
        })
        .collect();
    Document {
        schema_version: SCHEMA_VERSION,
        counts: Counts::of(&flows, apps.len(), unchanged),
        apps: views,
        flows,
        changes,
        other_lines: other_lines(&apps, (before, after), &edits, &own),
        new_findings: findings::only_after(before, after)
            .into_iter()
            .map(|finding| NewFinding::new(finding, after))
            .collect(),
        assumed,
        ..Document::default()
    }
}

/// Adds what is not yet said. Of two apps with other run-as users both are said; who has what is said for each app.
fn assume(all: &mut Vec<String>, more: &[String], app: &str) {
    for sentence in more {
        let of_the_app = sentence.contains("has the permission set")
            || sentence.contains("has a permission set")
            || sentence.contains("has the profile");
        let sentence = if of_the_app {
            format!("{sentence} (for {app})")
        } else {
            sentence.clone()
        };
        if !all.contains(&sentence) {
            all.push(sentence);
        }
    }
}

/// The lines of all apps and the org that no flow depends on.
fn other_lines(
    apps: &[Pair<'_>],
    sides: (&Side<'_>, &Side<'_>),
    edits: &[Edit],
    own: &[std::ops::Range<usize>],
) -> Vec<LineView> {
    let mut found = Vec::new();
    for ((was, is), own) in apps.iter().zip(own) {
        if let (Some(was), Some(is)) = (was, is) {
            let (records, edits) = ((&was.records[..], &is.records[..]), &edits[own.clone()]);
            found.extend(lines::others(Some(&was.name), records, sides, edits));
        }
    }
    let org = (
        &sides.0.project.org_records[..],
        &sides.1.project.org_records[..],
    );
    found.extend(lines::others(None, org, sides, edits));
    found
}

/// The apps of both versions by name and kind.
fn pairs<'p>(before: &'p Project, after: &'p Project, asked: &Asked) -> Vec<Pair<'p>> {
    let wanted = |app: &&DeclaredApp| asked.app.as_ref().is_none_or(|name| *name == app.name);
    let key = |app: &DeclaredApp| (app.name.clone(), app.kind == AppKind::ConnectedApp);
    let mut pairs: std::collections::BTreeMap<_, Pair<'p>> = std::collections::BTreeMap::new();
    for app in before.apps.iter().filter(wanted) {
        pairs.entry(key(app)).or_default().0 = Some(app);
    }
    for app in after.apps.iter().filter(wanted) {
        pairs.entry(key(app)).or_default().1 = Some(app);
    }
    pairs.into_values().collect()
}

/// What differs and is of no single app.
fn shared(before: &Project, after: &Project) -> Vec<Edit> {
    let mut edits = edit::between(&Owner::Org, &before.org, &after.org);
    let none = Known::new();
    for (name, was, is) in profiles(before, after) {
        let owner = Owner::Profile(name);
        let (was, is) = (was.unwrap_or(&none), is.unwrap_or(&none));
        let differ = edit::between(&owner, was, is);
        // That a file names its own profile changes nothing for those who have it.
        edits.extend(
            differ
                .into_iter()
                .filter(|edit| edit.factor != Factor::UserProfile),
        );
    }
    let mut names: Vec<&String> = Vec::new();
    for set in before.permission_sets.iter().chain(&after.permission_sets) {
        if !names.contains(&&set.name) {
            names.push(&set.name);
        }
    }
    for name in names {
        let of = |project: &'_ Project| {
            let mut sets = project.permission_sets.iter();
            sets.find(|set| set.name == *name)
                .map(|set| set.known.clone())
                .unwrap_or_default()
        };
        let owner = Owner::PermissionSet(name.clone());
        edits.extend(edit::between(&owner, &of(before), &of(after)));
    }
    edits
}

type Profiles<'p> = Vec<(String, Option<&'p Known>, Option<&'p Known>)>;

/// The profiles of both versions; letter case does not matter.
fn profiles<'p>(before: &'p Project, after: &'p Project) -> Profiles<'p> {
    let mut all: Profiles<'p> = before
        .profiles
        .iter()
        .map(|own| {
            let is = after.profile(&own.name).map(|own| &own.known);
            (own.name.clone(), Some(&own.known), is)
        })
        .collect();
    for own in &after.profiles {
        if before.profile(&own.name).is_none() {
            all.push((own.name.clone(), None, Some(&own.known)));
        }
    }
    all
}

/// What is declared of an app before, with the profiles and permission sets of either version: who has them is there in both.
fn parts(before: &Project, after: &Project, app: &DeclaredApp) -> Parts {
    let mut parts = Parts::of(before, app);
    parts.profiles = profiles(before, after)
        .into_iter()
        .map(|(name, was, _)| (name, was.cloned().unwrap_or_default()))
        .collect();
    for set in &after.permission_sets {
        if !parts
            .permission_sets
            .iter()
            .any(|(name, _)| *name == set.name)
        {
            parts.permission_sets.push((set.name.clone(), Known::new()));
        }
    }
    parts
}

/// Whether a change can matter to an app: of a permission set only where the app selects it.
fn concerns(edit: &Edit, before: &DeclaredApp, after: &DeclaredApp) -> bool {
    let Owner::PermissionSet(set) = &edit.owner else {
        return true;
    };
    [before, after].iter().any(|app| {
        let selected = app.known.value(Factor::SelectedPermissionSets);
        matches!(selected, Some((Value::Names(names), _)) if names.contains(set))
    })
}

/// The app that one which went came back as, or came from: of the same consumer key, or where neither has one, of the same label.
fn renamed(apps: &[Pair<'_>], place: usize) -> Option<String> {
    let is_lone = |pair: &Pair<'_>| pair.0.is_some() != pair.1.is_some();
    let own = apps.get(place).filter(|pair| is_lone(pair))?;
    let app = own.0.or(own.1)?;
    let others = apps.iter().filter(|pair| is_lone(pair));
    others
        .filter(|pair| pair.0.is_some() != own.0.is_some())
        .filter_map(|pair| pair.0.or(pair.1))
        .find(|other| other.kind == app.kind && is_same(app, other))
        .map(|other| other.name.clone())
}

fn is_same(one: &DeclaredApp, other: &DeclaredApp) -> bool {
    let text = |app: &DeclaredApp, path: &str| {
        let mut texts = app.records.iter().filter_map(|record| record.text(path));
        texts.find(|text| !text.is_empty()).map(str::to_owned)
    };
    let key = |app| text(app, "consumerKey").or_else(|| text(app, "oauthConfig.consumerKey"));
    let label = |app: &DeclaredApp| {
        let header = app
            .record(RecordType::ExternalClientApplication)
            .or_else(|| app.record(RecordType::ConnectedApp))?;
        header.text("label").map(str::to_owned)
    };
    match (key(one), key(other)) {
        (Some(one), Some(other)) => one == other,
        _ => label(one).is_some_and(|one| Some(one) == label(other)),
    }
}
