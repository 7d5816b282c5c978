//! Whole new records, as Salesforce writes them: declaration, namespace, four spaces, elements in the order of the alphabet.

use std::path::PathBuf;

use super::document::Document;
use super::edit::{EditError, Fragment};
use super::fields::{self, Absent, Field, Holds};
use super::parse::NAMESPACE;
use super::patch::Patch;
use super::project::{DeclaredApp, Project};
use super::record::LINK;
use super::spell::{Spelt, spell};
use super::types::{Form, RecordType};
use super::unwritable::Unwritable;
use crate::cause::AppKind;
use crate::factor::{Delta, Known, Value};

/// A record that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    kind: RecordType,
    name: String,
    elements: Vec<Fragment>,
    body: Option<String>,
}

impl NewRecord {
    /// A record with what its type requires, as far as the name gives it, and for an app with the defaults of the platform written out. The
    /// name of settings is of no account.
    pub fn new(kind: RecordType, name: impl Into<String>) -> Self {
        let name = name.into();
        let elements = required(kind, &name);
        Self {
            kind,
            name,
            elements,
            body: None,
        }
    }

    /// Gives an element a text, in place of what it holds.
    #[must_use]
    pub fn with(mut self, element: &str, text: impl Into<String>) -> Self {
        self.elements.retain(|other| other.name() != element);
        self.with_element(Fragment::text(element, text))
    }

    /// Adds an element: one of several of a name, or one with elements inside.
    #[must_use]
    pub fn with_element(mut self, element: Fragment) -> Self {
        self.elements.push(element);
        self
    }

    /// Gives the file that a [`RecordType::Certificate`] describes: the certificate in PEM form.
    #[must_use]
    pub fn with_body(mut self, pem: impl Into<String>) -> Self {
        self.body = Some(pem.into());
        self
    }

    #[must_use]
    pub(super) fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    /// The type.
    pub const fn kind(&self) -> RecordType {
        self.kind
    }

    /// The full name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// The file below the folder of a project, with `/`.
    pub fn file(&self, form: Form) -> String {
        let name = self.kind.file_name(&self.name, form);
        format!("{}/{name}", self.kind.folder())
    }

    /// The file. `Err` for a name or a text that XML does not allow.
    pub fn document(&self) -> Result<Document, EditError> {
        let kind = self.kind.name();
        let empty = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"{NAMESPACE}\">\n</{kind}>\n"
        );
        let mut elements: Vec<&Fragment> = self.elements.iter().collect();
        elements.sort_by_key(|element| element.name());
        elements
            .into_iter()
            .try_fold(Document::parse(empty.into_bytes())?, |document, element| {
                document.insert(document.tree().root(), element)
            })
    }
}

/// An app that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApp {
    name: String,
    kind: AppKind,
    label: String,
    contact_email: String,
    description: Option<String>,
    certificate: Option<String>,
    deltas: Vec<Delta>,
}

impl NewApp {
    /// An app by its developer name.
    pub fn new(kind: AppKind, name: impl Into<String>, contact_email: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            label: name.replace('_', " "),
            name,
            kind,
            contact_email: contact_email.into(),
            description: None,
            certificate: None,
            deltas: Vec::new(),
        }
    }

    /// Its label; without one the name with spaces.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The certificate of its JWT bearer flow, in PEM form.
    #[must_use]
    pub fn certificate(mut self, pem: impl Into<String>) -> Self {
        self.certificate = Some(pem.into());
        self
    }

    /// A setting; the others are as the platform has them by itself.
    #[must_use]
    pub fn set(mut self, delta: Delta) -> Self {
        self.deltas.push(delta);
        self
    }

    /// Its records before the settings: five, or the one of a connected app.
    pub fn records(&self) -> Vec<NewRecord> {
        if self.kind == AppKind::ConnectedApp {
            let mut record = NewRecord::new(RecordType::ConnectedApp, &self.name);
            record.elements = connected_app(&self.name, self.certificate.as_deref());
            return vec![self.header(record)];
        }
        RecordType::ECA
            .into_iter()
            .map(|kind| self.eca_record(kind))
            .collect()
    }

    fn eca_record(&self, kind: RecordType) -> NewRecord {
        // By habit; the server links nothing by these names.
        let (suffix, what) = match kind {
            RecordType::ExtlClntAppGlobalOauthSettings => ("_glbloauth", "global"),
            RecordType::ExtlClntAppOauthSettings => ("_oauth", "oauth"),
            RecordType::ExtlClntAppConfigurablePolicies => ("_plcy", "policies"),
            RecordType::ExtlClntAppOauthConfigurablePolicies => ("_oauthPlcy", "oauth policies"),
            _ => return self.header(NewRecord::new(kind, &self.name)),
        };
        let record = NewRecord::new(kind, format!("{}{suffix}", self.name))
            .with(LINK, &self.name)
            .with("label", format!("{} {what}", self.label));
        match &self.certificate {
            Some(pem) if kind == RecordType::ExtlClntAppGlobalOauthSettings => {
                record.with("certificate", pem.trim())
            }
            _ => record,
        }
    }

    fn header(&self, record: NewRecord) -> NewRecord {
        let record = record
            .with("contactEmail", &self.contact_email)
            .with("label", &self.label);
        match &self.description {
            Some(description) => record.with("description", description),
            None => record,
        }
    }

    /// The files of the app in a folder, with all its settings. `Err` names each setting that no file can hold, and why.
    pub fn patch(&self, folder: impl Into<PathBuf>, form: Form) -> Result<Patch, Vec<Unwritable>> {
        let folder = folder.into();
        let mut patch = Patch::new(&folder);
        for record in self.records() {
            patch
                .create_for(&record, form, (self.name.clone(), self.kind))
                .map_err(|unwritable| vec![unwritable])?;
        }
        let project = Project {
            folder,
            ..Project::default()
        };
        patch.put(&project, &self.declared(), &self.deltas)?;
        Ok(patch)
    }

    fn declared(&self) -> DeclaredApp {
        DeclaredApp {
            name: self.name.clone(),
            kind: self.kind,
            records: Vec::new(),
            missing: Vec::new(),
            known: Known::new(),
        }
    }
}

/// What a type requires, as the name gives it, and the defaults of an app's settings.
///
/// Sources: the Metadata API guide and the WSDL, as in [`fields`].
fn required(kind: RecordType, name: &str) -> Vec<Fragment> {
    let texts = |texts: &[(&str, &str)]| -> Vec<Fragment> {
        let texts = texts.iter();
        texts
            .map(|(name, text)| Fragment::text(*name, *text))
            .collect()
    };
    match kind {
        RecordType::ExternalClientApplication => texts(&[
            ("distributionState", "Local"),
            ("isProtected", "false"),
            ("label", name),
        ]),
        RecordType::ExtlClntAppGlobalOauthSettings
        | RecordType::ExtlClntAppOauthSettings
        | RecordType::ExtlClntAppConfigurablePolicies => defaults(fields::of(kind).fields),
        RecordType::ExtlClntAppOauthConfigurablePolicies => {
            let mut elements = defaults(fields::of(kind).fields);
            // They go with the default policy.
            elements.extend(texts(&[
                ("refreshTokenValidityPeriod", "365"),
                ("refreshTokenValidityUnit", "Days"),
            ]));
            elements
        }
        RecordType::ConnectedApp => connected_app(name, None),
        RecordType::OauthCustomScope => texts(&[
            ("description", name),
            ("developerName", name),
            ("isProtected", "false"),
            ("isPublic", "false"),
            ("masterLabel", name),
        ]),
        RecordType::OauthTokenExchangeHandler => texts(&[
            ("description", name),
            ("developerName", name),
            ("isAccessTokenSupported", "true"),
            ("isEnabled", "true"),
            ("isIdTokenSupported", "false"),
            ("isJwtSupported", "false"),
            ("isRefreshTokenSupported", "false"),
            ("isSaml2Supported", "false"),
            ("isUserCreationAllowed", "false"),
            ("masterLabel", name),
        ]),
        RecordType::BlacklistedConsumer => texts(&[
            ("blockedByApiWhitelisting", "false"),
            ("consumerName", name),
            ("masterLabel", name),
        ]),
        RecordType::PermissionSet => texts(&[("hasActivationRequired", "false"), ("label", name)]),
        RecordType::Profile => texts(&[("custom", "true")]),
        RecordType::Certificate => texts(&[
            ("caSigned", "false"),
            ("masterLabel", name),
            ("privateKeyExportable", "false"),
        ]),
        _ => Vec::new(),
    }
}

fn connected_app(name: &str, certificate: Option<&str>) -> Vec<Fragment> {
    let inside = |group: &str| {
        let mut fields = fields::of(RecordType::ConnectedApp).fields.iter();
        let group = fields.find(|field| field.name == group);
        match group.map(|group| &group.holds) {
            Some(Holds::One(inner)) => defaults(inner),
            _ => Vec::new(),
        }
    };
    let mut config = inside("oauthConfig");
    config.extend(certificate.map(|pem| Fragment::text("certificate", pem.trim())));
    config.sort_by(|one, other| one.name().cmp(other.name()));
    let mut policy = inside("oauthPolicy");
    policy.push(Fragment::text("refreshTokenPolicy", "infinite"));
    policy.sort_by(|one, other| one.name().cmp(other.name()));
    vec![
        Fragment::text("label", name),
        Fragment::elements("oauthConfig", config),
        Fragment::elements("oauthPolicy", policy),
    ]
}

/// The elements of a type that decide something, at their defaults.
fn defaults(fields: &'static [Field]) -> Vec<Fragment> {
    let texts = fields.iter().filter_map(|field| {
        let factor = *field.decides.first()?;
        let value = match field.absent {
            Absent::Flag(flag) => Value::Flag(flag),
            Absent::Word(word) => word.into(),
            _ => return None,
        };
        match spell(field, factor, &value) {
            Ok(Spelt::Text(text)) => Some(Fragment::text(field.name, text)),
            _ => None,
        }
    });
    texts.collect()
}
