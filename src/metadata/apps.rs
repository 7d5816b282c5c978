//! Which records make an app, and what they say of it together.

use std::collections::BTreeMap;

use super::element::Element;
use super::finding::{Finding, FindingKind};
use super::learn::Learnt;
use super::project::{DeclaredApp, Values};
use super::record::{LINK, Record};
use super::types::RecordType;
use crate::cause::AppKind;
use crate::factor::{Factor, Value};

/// The records of one app.
#[derive(Debug)]
pub(super) struct AppRecords {
    /// The name without the project's namespace.
    name: String,
    kind: AppKind,
    records: Vec<Record>,
    values: Values,
}

/// Brings the records of each app together: by the element `externalClientApplication`, and the header by its own name. The namespace of
/// the project may stand before a name or not.
pub(super) fn gather(records: Vec<(Record, Learnt)>, namespace: &str) -> Vec<AppRecords> {
    let mut apps: BTreeMap<(String, bool), AppRecords> = BTreeMap::new();
    for (record, learnt) in records {
        let kind = if record.kind == RecordType::ConnectedApp {
            AppKind::ConnectedApp
        } else {
            AppKind::ExternalClientApp
        };
        let name = bare(named(&record), namespace).to_owned();
        let app = apps
            .entry((name.clone(), kind == AppKind::ConnectedApp))
            .or_insert_with(|| AppRecords {
                name,
                kind,
                records: Vec::new(),
                values: Values::default(),
            });
        app.records.push(record);
        app.values.extend(learnt.values);
    }
    apps.into_values().collect()
}

/// The app that a record belongs to, as the record names it.
fn named(record: &Record) -> &str {
    if record.kind.is_linked() {
        record.app().unwrap_or_default()
    } else {
        &record.name
    }
}

/// A name without the namespace of the project itself.
pub(super) fn bare<'n>(name: &'n str, namespace: &str) -> &'n str {
    name.strip_prefix(namespace)
        .filter(|_| !namespace.is_empty())
        .and_then(|rest| rest.strip_prefix("__"))
        .unwrap_or(name)
}

impl AppRecords {
    /// Makes the app of its records, with what is missing or given twice.
    pub(super) fn declare(
        mut self,
        namespace: &str,
        org_records: &[Record],
        findings: &mut Vec<Finding>,
    ) -> DeclaredApp {
        // Header first, then as the types stand.
        self.records.sort_by_key(|record| record.kind);
        let name = self
            .records
            .first()
            .map(named)
            .unwrap_or_default()
            .to_owned();
        let records: Vec<&Record> = self.records.iter().collect();
        duplicates(&records, &format!("app `{name}`"), findings);
        let missing = self.missing();
        for kind in &missing {
            findings.push(self.missing_record(&name, *kind));
        }
        self.policy_record(&missing);
        self.blocked(org_records);
        self.token_exchange_handler(namespace, org_records);
        DeclaredApp {
            name,
            kind: self.kind,
            known: self.values.agreed(),
            records: self.records,
            missing,
        }
    }

    fn record(&self, kind: RecordType) -> Option<&Record> {
        self.records.iter().find(|record| record.kind == kind)
    }

    fn missing(&self) -> Vec<RecordType> {
        if self.kind == AppKind::ConnectedApp {
            return Vec::new();
        }
        let absent = |kind: &RecordType| self.record(*kind).is_none();
        RecordType::ECA.into_iter().filter(absent).collect()
    }

    fn missing_record(&self, name: &str, kind: RecordType) -> Finding {
        let help = match kind {
            RecordType::ExternalClientApplication => {
                "an app of an installed package has its developer's records elsewhere; otherwise see whether the name is right"
            }
            RecordType::ExtlClntAppGlobalOauthSettings => {
                "callback URLs, certificate and flow switches stay unknown; retrieving it needs the permission to see consumer secrets, \
                 and it does not belong under source control"
            }
            RecordType::ExtlClntAppOauthSettings => "the scopes stay unknown; retrieve it",
            RecordType::ExtlClntAppConfigurablePolicies => {
                "whether the app is on stays unknown; policies belong to each org and travel with no package: retrieve it from the org"
            }
            _ => {
                "the policies stay unknown; they belong to each org and travel with no package: retrieve it from the org"
            }
        };
        let first = &self.records[0];
        let place = first
            .element(LINK)
            .map_or(first.tree.root_element().place(), Element::place);
        Finding {
            field: Some(kind.name().to_owned()),
            ..first.finding(
                FindingKind::MissingRecord,
                place,
                None,
                format!("app `{name}` has no {} in this folder", kind.name()),
                help,
            )
        }
    }

    /// A folder with the developer's records and no OAuth policies declares an app that the admin has not opened. The org may have the record
    /// all the same, which the finding about it says.
    fn policy_record(&mut self, missing: &[RecordType]) {
        if !missing.contains(&RecordType::ExtlClntAppOauthConfigurablePolicies) {
            return;
        }
        let header = self.record(RecordType::ExternalClientApplication);
        let global = self.record(RecordType::ExtlClntAppGlobalOauthSettings);
        if let (Some(header), Some(_)) = (header, global) {
            let from = header.provenance(header.tree.root_element());
            self.values.push(Factor::PolicyRecord, false.into(), from);
        }
    }

    /// A blocked app is known by its consumer key.
    fn blocked(&mut self, org_records: &[Record]) {
        let Some(key) = consumer_key(&self.records) else {
            return;
        };
        let block = org_records
            .iter()
            .filter(|record| record.kind == RecordType::BlacklistedConsumer)
            .find_map(|record| {
                let element = record.element("consumerKey")?;
                (element.text() == key).then(|| record.provenance(element))
            });
        if let Some(from) = block {
            self.values.push(Factor::AppBlocked, true.into(), from);
        }
    }

    /// A handler that names the app and is on makes token exchange work; handlers that name others alone do not.
    fn token_exchange_handler(&mut self, namespace: &str, org_records: &[Record]) {
        let app_element = match self.kind {
            AppKind::ExternalClientApp => "enablements.externalClientApp",
            AppKind::ConnectedApp => "enablements.connectedApp",
        };
        let handlers = org_records
            .iter()
            .filter(|record| record.kind == RecordType::OauthTokenExchangeHandler);
        let mut answer: Option<(Value, _)> = None;
        for handler in handlers {
            let names_it = handler.tree.find_all(app_element);
            let names_it = names_it
                .into_iter()
                .map(|(_, element)| element)
                .find(|element| bare(element.text(), namespace) == self.name);
            match (names_it, handler.flag("isEnabled")) {
                (Some(element), Some(true)) => {
                    answer = Some(("enabled".into(), handler.provenance(element)));
                    break;
                }
                // The element is required; a file without it says nothing.
                (Some(_), None) => return,
                (Some(_), Some(false)) => {
                    let switch = handler.element("isEnabled");
                    let switch = switch.unwrap_or_else(|| handler.tree.root_element());
                    answer = Some(("not_enabled".into(), handler.provenance(switch)));
                }
                (None, _) => {
                    let root = handler.provenance(handler.tree.root_element());
                    answer = answer.or_else(|| Some(("not_enabled".into(), root)));
                }
            }
        }
        if let Some((value, from)) = answer {
            self.values.push(Factor::TokenExchangeHandler, value, from);
        }
    }
}

/// The consumer key in the records of an app.
pub(super) fn consumer_key(records: &[Record]) -> Option<&str> {
    let mut keys = records.iter().filter_map(|record| {
        record
            .text("consumerKey")
            .or_else(|| record.text("oauthConfig.consumerKey"))
    });
    keys.next().filter(|key| !key.is_empty())
}

/// Two records of one type where one can be.
fn duplicates(records: &[&Record], owner: &str, findings: &mut Vec<Finding>) {
    for two in records.windows(2) {
        let [first, second] = two else {
            continue;
        };
        if first.kind != second.kind {
            continue;
        }
        let place = second
            .element(LINK)
            .map_or(second.tree.root_element().place(), Element::place);
        findings.push(second.finding(
            FindingKind::DuplicateRecord,
            place,
            Some("fullName"),
            format!("a second {} of {owner}, beside `{}`", second.kind.name(), first.file),
            "keep one of them: a deploy of both fails or leaves either; what they differ in stays unknown",
        ));
    }
}

/// Settings files of which an org has one each.
pub(super) fn duplicate_settings(org_records: &[Record], findings: &mut Vec<Finding>) {
    let mut settings: Vec<&Record> = org_records
        .iter()
        .filter(|record| record.kind.is_settings())
        .collect();
    settings.sort_by_key(|record| record.kind);
    duplicates(&settings, "the org", findings);
}
