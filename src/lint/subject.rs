//! An app under judgement: what its files declare of a factor, and at which place.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Options;
use super::finding::{Finding, Severity};
use crate::cause::CauseId;
use crate::factor::{Factor, Provenance, Value};
use crate::metadata::{DeclaredApp, Element, Place, Project, Record, RecordType};
use crate::oauth::GrantKind;
use crate::world::World;

/// A project with its records by file, so that a place is found without a search.
pub(super) struct Context<'p> {
    pub(super) project: &'p Project,
    pub(super) now: Timestamp,
    pub(super) options: &'p Options,
    records: HashMap<&'p str, &'p Record>,
}

impl<'p> Context<'p> {
    pub(super) fn new(project: &'p Project, now: Timestamp, options: &'p Options) -> Self {
        let of_profiles = project.profiles.iter().flat_map(|own| &own.records);
        let of_sets = project.permission_sets.iter().map(|own| &own.record);
        let records = project
            .org_records
            .iter()
            .chain(of_profiles)
            .chain(of_sets)
            .map(|record| (record.file.as_str(), record))
            .collect();
        Self {
            project,
            now,
            options,
            records,
        }
    }

    /// The record of the org of a type, where there is one.
    pub(super) fn org_record(&self, kind: RecordType) -> Option<&'p Record> {
        let mut records = self.project.org_records.iter();
        records.find(|record| record.kind == kind)
    }
}

/// Where a finding points to.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) file: String,
    pub(super) place: Place,
    pub(super) field: String,
}

impl Spot {
    /// An element of a record; without it the root element.
    pub(super) fn of(record: &Record, path: &str) -> Self {
        let place = record
            .element(path)
            .map_or_else(|| record.tree.root_element().place(), Element::place);
        Self {
            file: record.file.clone(),
            place,
            field: record.field(path),
        }
    }
}

/// An app under judgement.
pub(super) struct Subject<'c, 'p> {
    pub(super) context: &'c Context<'p>,
    pub(super) app: &'p DeclaredApp,
    /// The world that its files declare.
    pub(super) world: &'c World,
    /// The grants that are meant to pass.
    pub(super) meant: &'c [GrantKind],
}

impl<'p> Subject<'_, 'p> {
    /// What is known of a factor: of the app, else of the org.
    pub(super) fn known(&self, factor: Factor) -> Option<&'p (Value, Provenance)> {
        let org = &self.context.project.org;
        self.app.known.value(factor).or_else(|| org.value(factor))
    }

    pub(super) fn value(&self, factor: Factor) -> Option<&'p Value> {
        self.known(factor).map(|(value, _)| value)
    }

    pub(super) fn is(&self, factor: Factor, value: impl Into<Value>) -> bool {
        self.value(factor) == Some(&value.into())
    }

    pub(super) fn word(&self, factor: Factor) -> Option<&'p str> {
        self.value(factor).and_then(Value::as_word)
    }

    /// The names of a list; none where nothing is set, `None` where nobody knows.
    pub(super) fn names(&self, factor: Factor) -> Option<&'p [String]> {
        match self.value(factor)? {
            Value::Names(names) => Some(names),
            Value::Absent => Some(&[]),
            _ => None,
        }
    }

    /// Whether a certificate is on the app, in whatever state.
    pub(super) fn has_certificate(&self) -> bool {
        self.word(Factor::Certificate)
            .is_some_and(|word| word != "absent")
    }

    pub(super) fn has_scope(&self, names: &[&str]) -> bool {
        let scopes = self.names(Factor::Scopes).unwrap_or_default();
        scopes.iter().any(|scope| names.contains(&scope.as_str()))
    }

    /// Whether the app may ask for a refresh token; `None` where nobody knows.
    pub(super) fn asks_refresh(&self) -> Option<bool> {
        self.names(Factor::Scopes)?;
        Some(self.has_scope(&["RefreshToken", "OfflineAccess"]))
    }

    /// A switch that no factor stands for; `None` without the element.
    pub(super) fn switch(&self, kind: RecordType, path: &str) -> Option<bool> {
        self.app.record(kind)?.flag(path)
    }

    pub(super) fn means(&self, grant: GrantKind) -> bool {
        self.meant.contains(&grant)
    }

    /// Those of some grants that are meant.
    pub(super) fn flows(&self, grants: &[GrantKind]) -> Vec<&'static str> {
        let meant = self.meant.iter().filter(|grant| grants.contains(grant));
        meant.map(|grant| grant.name()).collect()
    }

    /// Where the value of a factor stands, or would stand.
    pub(super) fn spot(&self, factor: Factor) -> Spot {
        for record in &self.app.records {
            if let Some(path) = record.kind.path_of(factor) {
                return Spot::of(record, &path);
            }
        }
        let known = self
            .known(factor)
            .or_else(|| self.of_a_profile(factor))
            .map(|(_, from)| from);
        if let Some(Provenance::File { file, line }) = known {
            return Spot {
                file: file.clone(),
                place: Place {
                    line: *line,
                    column: 1,
                },
                field: factor.field().to_owned(),
            };
        }
        let holder = self.context.project.org_records.iter().find_map(|record| {
            let path = record.kind.path_of(factor)?;
            Some(Spot::of(record, &path))
        });
        holder.unwrap_or_else(|| self.header(factor.field()))
    }

    fn of_a_profile(&self, factor: Factor) -> Option<&'p (Value, Provenance)> {
        let mut profiles = self.context.project.profiles.iter();
        profiles.find_map(|profile| profile.known.value(factor))
    }

    /// The first line of the app, for a record that is not there.
    pub(super) fn header(&self, field: &str) -> Spot {
        let first = &self.app.records[0];
        Spot {
            file: first.file.clone(),
            place: first.tree.root_element().place(),
            field: field.to_owned(),
        }
    }

    /// What the files say of a factor, in words.
    pub(super) fn declared(&self, factor: Factor) -> String {
        match self.known(factor).or_else(|| self.of_a_profile(factor)) {
            Some((_, Provenance::Default)) | None => "(absent)".to_owned(),
            Some((value, _)) => value.to_string(),
        }
    }

    /// The record of the org that a file is.
    pub(super) fn org_file(&self, file: &str) -> Option<&'p Record> {
        self.context.records.get(file).copied()
    }

    /// A finding about a factor.
    pub(super) fn about(
        &self,
        cause: CauseId,
        severity: Severity,
        factor: Factor,
        needed: impl Into<String>,
    ) -> Draft {
        Draft::new(cause, severity, self.spot(factor))
            .declared(self.declared(factor))
            .needed(needed)
    }
}

/// A finding in the making.
pub(super) struct Draft(pub(super) Finding);

impl Draft {
    pub(super) fn new(cause: CauseId, severity: Severity, spot: Spot) -> Self {
        Self(Finding {
            cause,
            app: None,
            severity,
            file: spot.file,
            line: spot.place.line,
            column: spot.place.column,
            field: Some(spot.field),
            declared: None,
            needed: None,
            flows: Vec::new(),
            check: "model",
            message: String::new(),
            fix: String::new(),
            remedies: Vec::new(),
        })
    }

    pub(super) fn declared(mut self, declared: impl Into<String>) -> Self {
        self.0.declared = Some(declared.into());
        self
    }

    pub(super) fn needed(mut self, needed: impl Into<String>) -> Self {
        self.0.needed = Some(needed.into());
        self
    }

    pub(super) fn flows(mut self, flows: Vec<&'static str>) -> Self {
        self.0.flows = flows;
        self
    }

    pub(super) fn says(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.0.fix = fix.into();
        self
    }
}
