//! What `what-if --from A --to B --format json` writes.

use schemars::JsonSchema;
use serde::Serialize;

use super::apps::Side;
use super::edit::{Edit, Owner, Said};
use super::flows::Flow;
use crate::cause::AppKind;
use crate::factor::Provenance;
use crate::metadata::{DeclaredApp, Finding};
use crate::what_if::{Flip, Outcome, Why, name};

/// The version of these shapes. Raised when a field changes its meaning or goes, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// Two versions of a project, compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Document {
    /// The version of these shapes.
    pub schema_version: u32,
    /// The answer in one sentence.
    pub verdict: String,
    /// The version before.
    pub from: SideView,
    /// The version after.
    pub to: SideView,
    /// How much there is of what.
    #[serde(flatten)]
    pub counts: Counts,
    /// The apps that are not as before: of those, and only those, worlds were run.
    pub apps: Vec<AppView>,
    /// The flows that come out otherwise.
    pub flows: Vec<FlowView>,
    /// Every value that differs.
    pub changes: Vec<ChangeView>,
    /// Lines of apps and org settings that differ and that no flow depends on: labels, descriptions, links. Their texts are not shown.
    pub other_lines: Vec<LineView>,
    /// What cannot be read in the files after, and could before; such a value is not compared. It is no lint: what `grantproof lint` finds in
    /// values that can be read is told there.
    pub new_findings: Vec<NewFinding>,
    /// What had to be assumed, in sentences.
    pub assumed: Vec<String>,
    /// Which grants, users and app alone were compared, as arguments; `null` for all.
    pub filter: Option<String>,
}

/// One of the two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SideView {
    /// As it was given; of `A...B` the first is the merge base of A and B.
    pub given: String,
    /// The commit; `null` for a folder.
    pub commit: Option<String>,
    /// The folder that was read; of a commit, the path in the repository.
    pub folder: String,
}

/// How much there is of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Flows that passed and are blocked now, or whose token lacks what it had: what `--fail-on-newly-blocked` looks at.
    pub newly_blocked: usize,
    /// Flows that were blocked and pass now, or whose token has what it lacked.
    pub newly_passing: usize,
    /// Flows that come out otherwise in another way: another cause, another use refused.
    pub otherwise: usize,
    /// Flows that flip only for clients or users of whom the files do not say that they exist; in none of the counts before.
    pub possible: usize,
    /// Of those, the ones of clients that are blocked: with `--all-clients`, `--fail-on-newly-blocked` looks at them too.
    pub possible_blocked: usize,
    /// Apps with a flow in the first three counts.
    pub apps_with_flips: usize,
    /// Apps of either version.
    pub apps_compared: usize,
    /// Apps for which no value differs.
    pub apps_unchanged: usize,
}

impl Counts {
    pub(super) fn of(flows: &[FlowView], compared: usize, unchanged: usize) -> Self {
        let of = |flips: &[Flip]| {
            let counted = flows.iter().filter(|flow| flow.certain);
            counted.filter(|flow| flips.contains(&flow.flip)).count()
        };
        let mut apps: Vec<(&str, &str)> = flows
            .iter()
            .filter(|flow| flow.certain)
            .map(|flow| (flow.app.as_str(), flow.kind))
            .collect();
        apps.dedup();
        Self {
            newly_blocked: of(&[Flip::Breaks]),
            newly_passing: of(&[Flip::Mends]),
            otherwise: of(&[Flip::OtherCause, Flip::Uses]),
            possible: flows.iter().filter(|flow| !flow.certain).count(),
            possible_blocked: flows
                .iter()
                .filter(|flow| !flow.certain && flow.party_kind == Some("client"))
                .filter(|flow| flow.flip == Flip::Breaks)
                .count(),
            apps_with_flips: apps.len(),
            apps_compared: compared,
            apps_unchanged: unchanged,
        }
    }
}

/// How an app stands to the version before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// A value differs, of the app itself, of the org or of a profile.
    Changed,
}

/// An app that is not as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AppView {
    /// Its developer name.
    pub name: String,
    /// `external_client_app` or `connected_app`.
    pub kind: &'static str,
    /// How it stands to the version before.
    pub state: State,
    /// For one that was added or removed: the name under which the other version seems to have it, by consumer key or label.
    pub renamed: Option<String>,
    /// How many of its flows come out otherwise.
    pub flips: usize,
}

impl AppView {
    pub(super) fn new(
        app: &DeclaredApp,
        state: State,
        renamed: Option<String>,
        flows: &[Flow],
    ) -> Self {
        Self {
            name: app.name.clone(),
            kind: kind(app.kind),
            state,
            renamed,
            flips: flows.len(),
        }
    }
}

const fn kind(kind: AppKind) -> &'static str {
    kind.name()
}

/// A flow that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlowView {
    /// The app.
    pub app: String,
    /// `external_client_app` or `connected_app`.
    pub kind: &'static str,
    /// Which grant.
    pub grant: &'static str,
    /// Who acts; for client credentials the run-as user, or `(nobody)`.
    pub user: String,
    /// Where it flips for this client or user alone: which, in words. `null` for everybody.
    pub party: Option<String>,
    /// `client` or `user`: what that is; `null` for everybody.
    pub party_kind: Option<&'static str>,
    /// Whether the files themselves speak of that client or user. Else it may not exist, and the flow is in no count but the possible ones.
    pub certain: bool,
    /// How it flips.
    pub flip: Flip,
    /// What became of it; `null` where the app was not there.
    pub before: Option<Outcome>,
    /// What becomes of it; `null` where the app is not there any more.
    pub after: Option<Outcome>,
    /// The check that decides; `null` where the app itself comes or goes.
    pub why: Option<Why>,
    /// Where it breaks, the narrowest change after which it is as before, by the model; `null` where none was found.
    pub fix: Option<String>,
    /// Which of `changes` make it, by their places from 0: each that does it alone, or without which it is as before.
    pub because: Vec<usize>,
}

impl FlowView {
    pub(super) fn new(app: &DeclaredApp, flow: Flow) -> Self {
        Self {
            app: app.name.clone(),
            kind: kind(app.kind),
            grant: flow.grant,
            user: flow.user,
            party_kind: flow.party.is_some().then_some(if flow.is_a_user {
                "user"
            } else {
                "client"
            }),
            party: flow.party,
            certain: flow.certain,
            flip: flow.flip,
            before: flow.before,
            after: flow.after,
            why: flow.why,
            fix: flow.fix,
            because: flow.because,
        }
    }
}

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeView {
    /// The app; `null` for a value of the org, a profile or a permission set.
    pub app: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// The permission set.
    pub permission_set: Option<String>,
    /// The factor, as a what-if takes it.
    pub factor: String,
    /// The words on the Setup page.
    pub label: &'static str,
    /// `Type.field` of metadata.
    pub field: &'static str,
    /// The value before; `null` where the files do not say.
    pub before: Option<ValueView>,
    /// The value after; `null` where the files no longer say, which a deploy leaves as it was.
    pub after: Option<ValueView>,
    /// How many flows it makes come out otherwise; 0 for a change that flips nothing.
    pub flips: usize,
}

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValueView {
    /// The value.
    pub value: String,
    /// The file; `null` for the documented default of a record that lacks the element.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
}

impl ValueView {
    fn new((value, from): &Said, side: &Side<'_>) -> Self {
        let (file, line) = match from {
            Provenance::File { file, line } => (Some(side.show(file)), Some(*line)),
            _ => (None, None),
        };
        Self {
            value: value.to_string(),
            file,
            line,
        }
    }

    /// `FILE:LINE`, where it has one.
    pub fn place(&self) -> Option<String> {
        Some(format!("{}:{}", self.file.as_ref()?, self.line?))
    }
}

impl ChangeView {
    pub(super) fn new(
        edit: &Edit,
        app: Option<String>,
        flips: usize,
        before: &Side<'_>,
        after: &Side<'_>,
    ) -> Self {
        let view = |said: &Option<Said>, side| said.as_ref().map(|said| ValueView::new(said, side));
        Self {
            app,
            profile: match &edit.owner {
                Owner::Profile(name) => Some(name.clone()),
                _ => None,
            },
            permission_set: match &edit.owner {
                Owner::PermissionSet(name) => Some(name.clone()),
                _ => None,
            },
            factor: name(edit.factor),
            label: edit.factor.label(),
            field: edit.factor.field(),
            before: view(&edit.before, before),
            after: view(&edit.after, after),
            flips,
        }
    }

    /// Whose value it is: of an app, a profile, a permission set, or the org.
    pub fn whose(&self) -> String {
        match (&self.app, &self.profile, &self.permission_set) {
            (Some(app), ..) => app.clone(),
            (_, Some(profile), _) => format!("profile {profile}"),
            (.., Some(set)) => format!("permission set {set}"),
            _ => "org".to_owned(),
        }
    }

    /// The line to look at: after, and where there is none, before.
    pub fn place(&self) -> Option<String> {
        let of = |view: &Option<ValueView>| view.as_ref().and_then(ValueView::place);
        of(&self.after).or_else(|| of(&self.before).map(|place| format!("{place} (before)")))
    }

    /// `false → true`.
    pub fn step(&self) -> String {
        let said = |view: &Option<ValueView>, none: &str| match view {
            None => none.to_owned(),
            Some(view) if view.file.is_none() => format!("{} (default)", view.value),
            Some(view) => view.value.clone(),
        };
        let before = said(&self.before, "(unknown)");
        format!("{before} → {}", said(&self.after, "(no longer said)"))
    }
}

/// A line that differs and that no flow depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LineView {
    /// The app; `null` for a setting of the org.
    pub app: Option<String>,
    /// `Type.field` of metadata.
    pub field: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// The file: after, and where it is removed, before.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

/// What cannot be read in the files after, and could before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NewFinding {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What it is about, in one word.
    pub kind: &'static str,
    /// `Type.field`, where it is about one.
    pub field: Option<String>,
    /// What is the matter.
    pub message: String,
    /// What can be done about it.
    pub help: String,
}

impl NewFinding {
    pub(super) fn new(finding: &Finding, side: &Side<'_>) -> Self {
        Self {
            file: side.show(&finding.file),
            line: finding.line,
            kind: finding.kind.name(),
            field: finding.field.clone(),
            message: side.with_root(&finding.message, &side.shown),
            help: finding.help.clone(),
        }
    }
}
