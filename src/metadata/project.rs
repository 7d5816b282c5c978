//! A folder of metadata, read: apps, org, profiles, and what is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use super::apps::{self, AppRecords};
use super::certificate::Validity;
use super::document::Document;
use super::finding::{Finding, FindingKind};
use super::learn::{Learnt, learn};
use super::listed::{self, Listed};
use super::people::{DeclaredCertificate, DeclaredPermissionSet, DeclaredProfile};
use super::record::Record;
use super::types::{Named, RecordType, Side};
use super::walk::{self, Content, Found, Walked};
use crate::cause::AppKind;
use crate::factor::{Factor, Known, Provenance, Value};

/// Why a folder cannot be read at all. What is wrong inside is a [`Finding`].
#[derive(Debug, Error, miette::Diagnostic)]
pub enum ProjectError {
    /// The folder itself.
    #[error("cannot read the folder `{}`: {reason}", folder.display())]
    #[diagnostic(
        code(metadata::folder),
        help("name the folder of a Salesforce DX project, or one in it")
    )]
    Folder {
        /// The folder as given.
        folder: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// No file of a type that decides a login.
    #[error("no metadata of an app, an org or a profile in `{}`", folder.display())]
    #[diagnostic(
        code(metadata::nothing),
        help(
            "retrieve it first: `sf project retrieve start --metadata ExternalClientApplication`, and the other types of the app; \
             `ExtlClntAppOauthConfigurablePolicies` holds the policies"
        )
    )]
    Nothing {
        /// The folder as given.
        folder: PathBuf,
    },
}

/// An app, as the files declare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredApp {
    /// Its developer name; with the namespace where the files give one.
    pub name: String,
    /// Which record type.
    pub kind: AppKind,
    /// The records that are there.
    pub records: Vec<Record>,
    /// The records of [`RecordType::ECA`] that are not; none for a connected app.
    pub missing: Vec<RecordType>,
    /// What the records say, and what the platform does where they are silent. A record that is missing says nothing.
    pub known: Known,
}

impl DeclaredApp {
    /// The first record of a type.
    pub fn record(&self, kind: RecordType) -> Option<&Record> {
        self.records.iter().find(|record| record.kind == kind)
    }

    /// For how long the certificate of the app holds.
    pub fn certificate(&self) -> Option<Validity> {
        self.records.iter().find_map(|record| record.certificate)
    }
}

/// A folder of metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// The folder as given.
    pub folder: PathBuf,
    /// The namespace of `sfdx-project.json`; empty for none.
    pub namespace: String,
    /// Apps by name; an External Client App before a connected app of the same name.
    pub apps: Vec<DeclaredApp>,
    /// What the settings of the org say.
    pub org: Known,
    /// The records of the org that are no profile and no permission set.
    pub org_records: Vec<Record>,
    /// Profiles by name.
    pub profiles: Vec<DeclaredProfile>,
    /// Permission sets by name.
    pub permission_sets: Vec<DeclaredPermissionSet>,
    /// Certificates of the org by name.
    pub certificates: Vec<DeclaredCertificate>,
    /// Records that name no app, though they belong to one.
    pub unlinked: Vec<Record>,
    /// What is wrong or missing, by file and line.
    pub findings: Vec<Finding>,
}

impl Project {
    /// Reads a folder: the package directories of its `sfdx-project.json`, or all of it without one; source form (`*-meta.xml`) and metadata
    /// form. Certificates are judged by `now`. `Err` where the folder cannot be read, or holds nothing of ours.
    pub fn read(folder: &Path, now: Timestamp) -> Result<Self, ProjectError> {
        let walked = walk::walk(folder).map_err(|error| ProjectError::Folder {
            folder: folder.to_owned(),
            reason: walk::said(&error),
        })?;
        Self::of(walked, folder, now)
    }

    /// Reads a folder that is on no disk, such as one of a git revision: all its files by name, those that
    /// [`is_read`](super::is_read) with their octets. `folder` stands before the names, and is empty or ends in `/`. `Err` where nothing of them is ours.
    pub fn of_files(
        files: Vec<Listed>,
        folder: &str,
        now: Timestamp,
    ) -> Result<Self, ProjectError> {
        Self::of(listed::walk(files, folder), Path::new(folder), now)
    }

    fn of(walked: Walked, folder: &Path, now: Timestamp) -> Result<Self, ProjectError> {
        if walked.files.is_empty() && walked.findings.is_empty() {
            return Err(ProjectError::Nothing {
                folder: folder.to_owned(),
            });
        }
        let mut reading = Reading {
            now,
            project: Self {
                folder: folder.to_owned(),
                namespace: walked.namespace,
                findings: walked.findings,
                ..Self::default()
            },
            apps: Vec::new(),
            org: Values::default(),
            profiles: BTreeMap::new(),
        };
        for found in walked.files {
            reading.file(found);
        }
        Ok(reading.finish())
    }

    /// The apps of a name, at most one of each kind.
    pub fn apps_named(&self, name: &str) -> impl Iterator<Item = &DeclaredApp> {
        self.apps.iter().filter(move |app| app.name == name)
    }

    /// The profile of a name; letter case does not matter.
    pub fn profile(&self, name: &str) -> Option<&DeclaredProfile> {
        self.profiles
            .iter()
            .find(|profile| profile.name.eq_ignore_ascii_case(name))
    }

    /// All that is known of a login at an app by a person of a profile: app, org and profile together. What is not in the files is not in it,
    /// the app or the profile itself included.
    pub fn known(&self, app: &str, profile: Option<&str>) -> Known {
        let app = self.apps_named(app).next().map(|app| &app.known);
        let profile = profile.and_then(|name| self.profile(name));
        let mut known = Known::new();
        // The profile last: its session timeout takes the place of the org's.
        for part in [app, Some(&self.org), profile.map(|profile| &profile.known)] {
            for (factor, value, from) in part.into_iter().flat_map(Known::iter) {
                known.learn(factor, value.clone(), from.clone());
            }
        }
        known
    }
}

/// What several records say together.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<(Factor, Value, Provenance)>);

impl Values {
    pub(super) fn extend(&mut self, values: Vec<(Factor, Value, Provenance)>) {
        self.0.extend(values);
    }

    pub(super) fn push(&mut self, factor: Factor, value: Value, from: Provenance) {
        self.0.push((factor, value, from));
    }

    /// What they agree on. Where two records differ, nobody can say which one the org has.
    pub(super) fn agreed(self) -> Known {
        let mut by_factor: BTreeMap<Factor, Vec<(Value, Provenance)>> = BTreeMap::new();
        for (factor, value, from) in self.0 {
            by_factor.entry(factor).or_default().push((value, from));
        }
        let mut known = Known::new();
        for (factor, said) in by_factor {
            let agree = said.windows(2).all(|two| two[0].0 == two[1].0);
            let told = said
                .iter()
                .find(|(_, from)| *from != Provenance::Default)
                .or_else(|| said.first());
            if let Some((value, from)) = told.filter(|_| agree) {
                known.learn(factor, value.clone(), from.clone());
            }
        }
        known
    }
}

struct Reading {
    now: Timestamp,
    project: Project,
    apps: Vec<(Record, Learnt)>,
    org: Values,
    profiles: BTreeMap<String, (Vec<Record>, Values)>,
}

impl Reading {
    fn file(&mut self, found: Found) {
        let Found {
            content,
            file,
            named,
        } = found;
        match named {
            Named::Record(kind, name) => {
                if let Some(record) = self.record(content, file, kind, name) {
                    self.sort(record);
                }
            }
            Named::CertificateBody(name) => self.certificate(content, file, name),
            Named::Misnamed(kind) => self.project.findings.push(Finding {
                kind: FindingKind::WrongSuffix,
                ..walk::not_read(
                    file,
                    "the name of the file ends like no metadata type".to_owned(),
                    &format!(
                        "a file of {} ends in `{}-meta.xml`",
                        kind.name(),
                        kind.suffix()
                    ),
                )
            }),
        }
    }

    fn octets(&mut self, content: Content, file: &str) -> Option<Vec<u8>> {
        match content.read() {
            Ok(octets) => Some(octets),
            Err(reason) => {
                self.project.findings.push(walk::not_read(
                    file.to_owned(),
                    format!("cannot be read: {reason}"),
                    "see its permissions and its length",
                ));
                None
            }
        }
    }

    fn record(
        &mut self,
        content: Content,
        file: String,
        kind: RecordType,
        name: String,
    ) -> Option<Record> {
        let path = content.path(&file);
        let octets = self.octets(content, &file)?;
        let tree = match Document::parse(octets) {
            Ok(document) => document.tree,
            Err(broken) => {
                self.project.findings.push(Finding {
                    line: broken.place.line,
                    column: broken.place.column,
                    kind: FindingKind::Broken,
                    field: Some(kind.name().to_owned()),
                    ..walk::not_read(file, broken.reason.to_string(), broken.reason.help())
                });
                return None;
            }
        };
        let record = Record {
            kind,
            name,
            path,
            file,
            tree,
            certificate: None,
        };
        let root = record.tree.root_element();
        let message = if root.name() != kind.name() {
            "the root element is not the one that the name of the file promises"
        } else if root.is_metadata() {
            return Some(record);
        } else {
            "the root element is not in the namespace of the Metadata API"
        };
        let help = format!(
            "begin the file with `<{} xmlns=\"{}\">`",
            kind.name(),
            super::parse::NAMESPACE
        );
        self.project.findings.push(record.finding(
            FindingKind::WrongRoot,
            root.place(),
            None,
            message.to_owned(),
            help,
        ));
        None
    }

    /// Puts a record where it belongs.
    fn sort(&mut self, mut record: Record) {
        let mut learnt = learn(&record, self.now);
        record.certificate = learnt.certificate;
        self.project.findings.append(&mut learnt.findings);
        match record.kind {
            RecordType::Profile => {
                let name = record.name.to_ascii_lowercase();
                self.of_profile(name, record, learnt);
            }
            RecordType::ProfileSessionSetting => match record.text("profile") {
                Some(name) if !name.is_empty() => {
                    let name = name.to_ascii_lowercase();
                    self.of_profile(name, record, learnt);
                }
                _ => self.unlinked(record, "profile"),
            },
            RecordType::PermissionSet => {
                let mut values = Values::default();
                values.extend(learnt.values);
                self.project.permission_sets.push(DeclaredPermissionSet {
                    name: record.name.clone(),
                    known: values.agreed(),
                    activation_required: record.flag("hasActivationRequired"),
                    record,
                });
            }
            kind if kind.side() == Side::Org => {
                self.org.extend(learnt.values);
                self.project.org_records.push(record);
            }
            kind if kind.is_linked() && record.app().is_none() => {
                self.unlinked(record, super::record::LINK);
            }
            _ => self.apps.push((record, learnt)),
        }
    }

    /// Two spellings of one name are one profile, so the key is in lower case.
    fn of_profile(&mut self, key: String, record: Record, learnt: Learnt) {
        let (records, values) = self.profiles.entry(key).or_default();
        records.push(record);
        values.extend(learnt.values);
    }

    fn unlinked(&mut self, record: Record, element: &str) {
        self.project.findings.push(record.finding(
            FindingKind::MissingLink,
            record.tree.root_element().place(),
            Some(element),
            format!("`{element}` is missing, so nothing says whose record this is"),
            "name it there: a file name links nothing",
        ));
        self.project.unlinked.push(record);
    }

    fn certificate(&mut self, content: Content, file: String, name: String) {
        let Some(octets) = self.octets(content, &file) else {
            return;
        };
        let text = String::from_utf8_lossy(&octets);
        let finding = |kind, message: &str, help| Finding {
            kind,
            field: Some(RecordType::Certificate.name().to_owned()),
            ..walk::not_read(file.clone(), message.to_owned(), help)
        };
        if text.contains("PRIVATE KEY-----") {
            self.project.findings.push(finding(
                FindingKind::SecretInFile,
                "a private key stands in this file",
                "take it out, and replace it wherever the file was shared",
            ));
        }
        match Validity::of(&text) {
            Some(validity) => self.project.certificates.push(DeclaredCertificate {
                name,
                file,
                validity,
            }),
            None => self.project.findings.push(finding(
                FindingKind::UnreadableCertificate,
                "no certificate in PEM form",
                "retrieve it from the org again",
            )),
        }
    }

    fn finish(self) -> Project {
        let mut project = self.project;
        let namespace = project.namespace.as_str();
        let org_records = &project.org_records;
        apps::duplicate_settings(org_records, &mut project.findings);
        let gathered = apps::gather(self.apps, namespace);
        let mut apps: Vec<DeclaredApp> = gathered
            .into_iter()
            .map(|app: AppRecords| app.declare(namespace, org_records, &mut project.findings))
            .collect();
        apps.sort_by_key(|app| (app.name.clone(), app.kind == AppKind::ConnectedApp));
        project.apps = apps;
        project.org = self.org.agreed();
        project
            .permission_sets
            .sort_by(|one, other| one.name.cmp(&other.name));
        project.profiles = self
            .profiles
            .into_values()
            .map(|(records, values)| declared_profile(records, values, &project.permission_sets))
            .collect();
        project.findings.sort();
        project
    }
}

fn declared_profile(
    records: Vec<Record>,
    values: Values,
    permission_sets: &[DeclaredPermissionSet],
) -> DeclaredProfile {
    let own = records
        .iter()
        .find(|record| record.kind == RecordType::Profile);
    let name = own.map(|record| record.name.clone());
    let name = name.or_else(|| records[0].text("profile").map(str::to_owned));
    let mut known = Known::new();
    for (factor, value, from) in values.agreed().iter() {
        // What a profile withholds, a permission set may give; who has which is not in metadata.
        let given = |set: &DeclaredPermissionSet| {
            matches!(set.known.value(factor), Some((Value::Flag(true), _)))
        };
        let withheld = *value == Value::Flag(false) && permission_sets.iter().any(given);
        if !withheld {
            known.learn(factor, value.clone(), from.clone());
        }
    }
    if let Some(own) = own {
        let root = own.provenance(own.tree.root_element());
        known.learn(Factor::UserProfile, own.name.as_str().into(), root);
    }
    DeclaredProfile {
        name: name.unwrap_or_default(),
        records,
        known,
    }
}
