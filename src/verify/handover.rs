//! What has to be done: what stands in the way by the model, the smallest way out, and each of its changes as a task with its place in Setup
//! and in the files.

use super::case::Case;
use super::document::Task;
use crate::cause::entry;
use crate::factor::{Delta, Factor, Known, Provenance, Value};
use crate::lint::Finding;
use crate::metadata::{DeclaredApp, Patch, Project};
use crate::oauth::{GrantKind, Scope};
use crate::what_if::{Blocker, Blockers, BlockersView, Remedy, Want, after, blockers};
use crate::world::{NOW, RUN_AS, World};

/// The days that a refresh token policy gets which has none.
const DEFAULT_DAYS: i64 = 30;

/// What has to be done so that these grants pass.
pub(super) struct Handover {
    /// `None` where no flow is blocked.
    pub(super) blockers: Option<BlockersView>,
    pub(super) tasks: Vec<Task>,
    pub(super) patch: Patch,
}

impl Handover {
    /// For grants that were seen blocked.
    pub(super) fn of(case: &Case, project: &Project, app: &DeclaredApp, wants: &[Want]) -> Self {
        let found = blockers(&without_lacks(case), wants);
        let mut handover = Self {
            blockers: (!wants.is_empty()).then(|| BlockersView::of(&case.world, &found)),
            tasks: Vec::new(),
            patch: Patch::new(&project.folder),
        };
        let remedies = found.fix.iter().flat_map(|fix| &fix.remedies);
        let to = To { case, project, app };
        let mut left_out = Vec::new();
        for remedy in remedies {
            if !handover.add(&to, remedy, &found, false) {
                left_out.push(remedy.factor);
            }
        }
        for factor in left_out {
            handover.add_in_files(&to, factor, &found, wants);
        }
        handover
    }

    /// Adds what an org would not even take, as far as the files can be mended.
    pub(super) fn deployable(
        &mut self,
        project: &Project,
        app: &DeclaredApp,
        findings: &[&Finding],
    ) {
        for finding in findings {
            let mut ways = finding.remedies.iter();
            let way = ways.find(|way| way.put(project, Some(app), &mut self.patch).is_ok());
            self.tasks.push(Task {
                does: way.map_or_else(|| finding.fix.clone(), |way| way.does.clone()),
                click_path: None,
                label: String::new(),
                field: finding.field.clone().unwrap_or_default(),
                file: Some(finding.file.clone()),
                line: Some(finding.line),
                now: finding.declared.clone(),
                needed: finding.needed.clone(),
                not_in_files: way.is_none().then(|| "a person decides it".to_owned()),
                opens: String::new(),
                instead: false,
            });
        }
    }

    /// The narrowest way that the files can hold, where the narrowest of all is not theirs.
    fn add_in_files(&mut self, to: &To<'_>, factor: Factor, found: &Blockers, wants: &[Want]) {
        let lifts = |blocker: &&Blocker| {
            let mut remedies = blocker.remedies.iter();
            remedies.any(|remedy| remedy.factor == factor)
        };
        let blockers = found.blockers.iter().filter(lifts);
        for remedy in blockers.flat_map(|blocker| &blocker.remedies) {
            let deltas = remedy.change.deltas(&to.case.world);
            let mut draft = self.patch.clone();
            if deltas.is_empty() || draft.put(to.project, to.app, &deltas).is_err() {
                continue;
            }
            let mended = after(&to.case.world, [&remedy.change]);
            let lifted = |want: &Want| {
                let problem = want.problem(&mended);
                problem.is_none_or(|problem| problem.factor != remedy.factor)
            };
            if wants.iter().all(lifted) {
                self.add(to, remedy, found, true);
                return;
            }
        }
    }

    /// Adds an act. Whether the files hold it.
    fn add(&mut self, to: &To<'_>, remedy: &Remedy, found: &Blockers, instead: bool) -> bool {
        let To { case, project, app } = *to;
        let mut deltas = remedy.change.deltas(&case.world);
        with_a_period(&mut deltas);
        let known = Places { app, project };
        let click_path =
            click_path(found, remedy.factor).map(|path| path.replace("(app)", &app.name));
        if deltas.is_empty() {
            self.tasks.push(Task {
                does: remedy.does.clone(),
                click_path,
                label: remedy.factor.label().to_owned(),
                field: remedy.factor.field().to_owned(),
                file: None,
                line: None,
                now: None,
                needed: None,
                not_in_files: Some("a person does it".to_owned()),
                opens: remedy.loosens.clone(),
                instead,
            });
            return false;
        }
        // One act goes into the files as a whole, or not at all.
        let written = self.patch.put(project, app, &deltas);
        let why = written.err().map(|reasons| {
            let reasons: Vec<String> = reasons.iter().map(|one| one.why.to_string()).collect();
            reasons.join("; ")
        });
        for delta in &deltas {
            let makes = delta.factor == Factor::PolicyRecord;
            let place = known.place(delta.factor).filter(|_| !makes);
            let now = known.value(delta.factor).filter(|_| !makes);
            let nothing = matches!(&delta.value, Value::Names(names) if names.is_empty());
            if nothing && now.is_none() {
                continue;
            }
            self.tasks.push(Task {
                does: does(remedy, delta.factor),
                click_path: click_path.clone(),
                label: delta.factor.label().to_owned(),
                field: delta.factor.field().to_owned(),
                file: place.as_ref().map(|place| place.0.clone()),
                line: place.map(|place| place.1),
                now,
                needed: Some(if makes {
                    "a record".to_owned()
                } else {
                    in_metadata(delta)
                }),
                not_in_files: why.clone(),
                opens: remedy.loosens.clone(),
                instead,
            });
        }
        why.is_none()
    }
}

/// What is done, where it belongs.
struct To<'a> {
    case: &'a Case,
    project: &'a Project,
    app: &'a DeclaredApp,
}

/// A value as the files have it: scopes by their names there.
fn in_metadata(delta: &Delta) -> String {
    match &delta.value {
        Value::Names(names) if delta.factor == Factor::Scopes => names
            .iter()
            .map(|name| Scope::find(name).map_or(name.as_str(), |scope| scope.metadata))
            .collect::<Vec<_>>()
            .join(", "),
        value => value.to_string(),
    }
}

/// An act in words. Whom an app acts as, a person chooses.
fn does(remedy: &Remedy, factor: Factor) -> String {
    if factor == Factor::ClientCredentialsFlowUser {
        return format!(
            "{} ({RUN_AS} stands for a user of your choice)",
            remedy.does
        );
    }
    remedy.does.clone()
}

/// A policy of refresh tokens that counts needs what it counts to; of a changed one the files do not say it.
fn with_a_period(deltas: &mut Vec<Delta>) {
    let sets = |factor| deltas.iter().any(|delta| delta.factor == factor);
    let counts = deltas.iter().any(|delta| {
        delta.factor == Factor::RefreshTokenPolicy
            && matches!(
                delta.value.as_word(),
                Some("SpecificInactivity" | "SpecificLifetime")
            )
    });
    if counts && !sets(Factor::RefreshTokenValidityPeriod) {
        deltas.push(Delta::new(Factor::RefreshTokenValidityPeriod, DEFAULT_DAYS));
        deltas.push(Delta::new(Factor::RefreshTokenValidityUnit, "Days"));
    }
}

/// The world with the scopes whose lack blocks no flow, so that nobody is told to add them.
fn without_lacks(case: &Case) -> World {
    let mut world = case.world.clone();
    let meant = |grant| case.meant.contains(&grant);
    let wants_refresh = meant(GrantKind::RefreshToken) || meant(GrantKind::JwtBearer);
    world.org.apps[0].settings.change(NOW, NOW, |settings| {
        settings.scopes.add("openid");
        if !wants_refresh {
            settings.scopes.add("refresh_token");
        }
    });
    world
}

/// Where a value stands in the files.
struct Places<'a> {
    app: &'a DeclaredApp,
    project: &'a Project,
}

impl Places<'_> {
    /// The value that the files have, or that the platform has where they are silent.
    fn value(&self, factor: Factor) -> Option<String> {
        let of = |known: &Known| known.value(factor).map(|(value, _)| value.to_string());
        of(&self.app.known).or_else(|| of(&self.project.org))
    }

    fn place(&self, factor: Factor) -> Option<(String, usize)> {
        let of = |known: &Known| match known.value(factor) {
            Some((_, Provenance::File { file, line })) => Some((file.clone(), *line)),
            _ => None,
        };
        of(&self.app.known)
            .or_else(|| of(&self.project.org))
            .or_else(|| {
                // A value that is not there yet goes into the record that holds its kind.
                let kind = factor.field().split('.').next()?;
                let mut records = self.app.records.iter();
                let record = records.find(|record| record.kind.name() == kind)?;
                Some((record.file.clone(), record.tree.root_element().place().line))
            })
    }
}

/// The way through Setup to a setting: that of the cause which it lifts.
fn click_path(found: &Blockers, factor: Factor) -> Option<String> {
    let lifts = |blocker: &&Blocker| {
        blocker.problem.factor == factor
            || blocker
                .remedies
                .iter()
                .any(|remedy| remedy.factor == factor)
    };
    found
        .blockers
        .iter()
        .find(lifts)
        .or(found.blockers.first())
        .map(|blocker| entry(blocker.problem.cause).setup_path.to_owned())
}
