//! What differs between two versions, value by value.

use crate::declared::Parts;
use crate::factor::{Factor, Known, Provenance, Value};
use crate::metadata::{DeclaredApp, Record, RecordType};

/// Whose value it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// Of an app: its place among the apps that are compared.
    App(usize),
    /// Of the org.
    Org,
    /// Of a profile.
    Profile(String),
    /// Of a permission set.
    PermissionSet(String),
}

/// A value, and where it stands.
pub(super) type Said = (Value, Provenance);

/// One value that differs. `None`: that version does not say. Before, that is taken for healthy; after, for what was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) owner: Owner,
    pub(super) factor: Factor,
    pub(super) before: Option<Said>,
    pub(super) after: Option<Said>,
}

impl Edit {
    /// Makes it in what is declared of an app.
    pub(super) fn apply(&self, parts: &mut Parts) {
        let named = |list: &mut Vec<(String, Known)>, name: &str| {
            if let Some(place) = list.iter().position(|(own, _)| own == name) {
                put(&mut list[place].1, self.factor, self.after.as_ref());
            }
        };
        match &self.owner {
            Owner::App(_) => put(&mut parts.app, self.factor, self.after.as_ref()),
            Owner::Org => put(&mut parts.org, self.factor, self.after.as_ref()),
            Owner::Profile(name) => named(&mut parts.profiles, name),
            Owner::PermissionSet(name) => named(&mut parts.permission_sets, name),
        }
    }

    /// The names, addresses or URLs of a list before and after.
    pub(super) fn lists(&self) -> (Vec<&str>, Vec<&str>) {
        (names(self.before.as_ref()), names(self.after.as_ref()))
    }
}

fn names(said: Option<&Said>) -> Vec<&str> {
    match said {
        Some((Value::Names(names), _)) => names.iter().map(String::as_str).collect(),
        Some((Value::Word(word), _)) => vec![word],
        _ => Vec::new(),
    }
}

/// Learns a value, or forgets it.
pub(super) fn put(known: &mut Known, factor: Factor, said: Option<&Said>) {
    match said {
        Some((value, from)) => known.learn(factor, value.clone(), from.clone()),
        None => known.forget(factor),
    }
}

/// What differs between two sets of values, wherever they stand.
pub(super) fn between(owner: &Owner, before: &Known, after: &Known) -> Vec<Edit> {
    Factor::ALL
        .iter()
        .copied()
        .filter_map(|factor| {
            let (was, is) = (before.value(factor), after.value(factor));
            let same = was.map(|(value, _)| value) == is.map(|(value, _)| value);
            (!same).then(|| Edit {
                owner: owner.clone(),
                factor,
                before: was.cloned(),
                after: is.cloned(),
            })
        })
        .collect()
}

/// What differs between two versions of an app: its values, and what only both texts together tell.
pub(super) fn of_app(place: usize, before: &DeclaredApp, after: &DeclaredApp) -> Vec<Edit> {
    let owner = Owner::App(place);
    let mut edits = between(&owner, &before.known, &after.known);
    let mut replaced = |factor, was: &str, is: &str, from: (Provenance, Provenance)| {
        if !edits.iter().any(|edit| edit.factor == factor) {
            edits.push(Edit {
                owner: owner.clone(),
                factor,
                before: Some((was.into(), from.0)),
                after: Some((is.into(), from.1)),
            });
        }
    };
    // A client goes on with the key, the secret and the certificate that it has.
    if let Some(from) = other_text(before, after, "consumerKey") {
        replaced(Factor::ConsumerKey, "current", "rotated", from);
    }
    for (element, factor) in [
        ("shouldRotateConsumerKey", Factor::ConsumerKey),
        ("shouldRotateConsumerSecret", Factor::ConsumerSecret),
    ] {
        if let Some(from) = newly_on(before, after, element) {
            replaced(factor, "current", "rotated", from);
        }
    }
    let valid = |app: &DeclaredApp| {
        let said = app.known.value(Factor::Certificate);
        said.is_some_and(|(value, _)| value.as_word() == Some("valid"))
    };
    if valid(before)
        && valid(after)
        && let Some(from) = other_text(before, after, "certificate")
    {
        replaced(Factor::Certificate, "valid", "other", from);
    }
    edits
}

/// The record with the elements that a client has a copy of.
fn keys(app: &DeclaredApp) -> Option<(&Record, &'static str)> {
    let eca = app.record(RecordType::ExtlClntAppGlobalOauthSettings);
    let legacy = || app.record(RecordType::ConnectedApp);
    eca.map(|record| (record, ""))
        .or_else(|| Some((legacy()?, "oauthConfig.")))
}

fn element<'a>(app: &'a DeclaredApp, name: &str) -> Option<(&'a str, Provenance)> {
    let (record, path) = keys(app)?;
    let path = format!("{path}{name}");
    let from = Provenance::File {
        file: record.file.clone(),
        line: record.element(&path)?.place().line,
    };
    Some((record.text(&path)?, from))
}

fn other_text(
    before: &DeclaredApp,
    after: &DeclaredApp,
    name: &str,
) -> Option<(Provenance, Provenance)> {
    let ((was, old), (is, new)) = (element(before, name)?, element(after, name)?);
    let bare = |text: &str| -> String { text.split_whitespace().collect() };
    let differs = !was.is_empty() && !is.is_empty() && bare(was) != bare(is);
    differs.then_some((old, new))
}

fn newly_on(
    before: &DeclaredApp,
    after: &DeclaredApp,
    name: &str,
) -> Option<(Provenance, Provenance)> {
    let was = element(before, name);
    let (is, new) = element(after, name)?;
    let on = |text: &str| text == "true";
    if !on(is) || was.as_ref().is_some_and(|(was, _)| on(was)) {
        return None;
    }
    Some((was.map_or(Provenance::Default, |(_, from)| from), new))
}
