//! Values of factors as edits: the tables of [`super::super::fields`] read in the other direction, and by hand what no table says.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::super::apps::consumer_key;
use super::super::document::Document;
use super::super::edit::Fragment;
use super::super::fields::{self, Absent, Field, Holds};
use super::super::learn::learn;
use super::super::project::{DeclaredApp, Project};
use super::super::record::{LINK, Record};
use super::super::spell::{Spelt, spell};
use super::super::types::{Form, RecordType};
use super::super::unwritable::{Unwritable, Why};
use super::super::write::NewRecord;
use super::{After, Patch, elements};
use crate::cause::AppKind;
use crate::factor::{Delta, Factor, FactorKind, Value};

mod handler;
mod profile;
mod refresh;

const SETTINGS: [RecordType; 5] = [
    RecordType::ExternalClientAppSettings,
    RecordType::ConnectedAppSettings,
    RecordType::OauthOidcSettings,
    RecordType::MyDomainSettings,
    RecordType::SecuritySettings,
];

impl Patch {
    /// The changes of files that make values hold for an app, its org and the profiles of the folder. `Err` names each delta that no file can
    /// hold, and why.
    pub fn of(
        project: &Project,
        app: &DeclaredApp,
        deltas: &[Delta],
    ) -> Result<Self, Vec<Unwritable>> {
        let mut patch = Self::new(&project.folder);
        patch.put(project, app, deltas)?;
        Ok(patch)
    }

    /// Adds such changes to those that are there; on `Err` the patch stays as it was.
    ///
    /// An element that is there is set; one that is not is inserted, unless its default is the value already; "nothing" takes the element out.
    /// Period and unit of the refresh token policy go with a policy that has none. A record that is missing is made for [`Factor::PolicyRecord`]
    /// and for settings of the org; any other would take the place of what the org has. [`Delta::person`] names a profile here, `None` every
    /// profile of the folder.
    pub fn put(
        &mut self,
        project: &Project,
        app: &DeclaredApp,
        deltas: &[Delta],
    ) -> Result<(), Vec<Unwritable>> {
        let mut draft = self.clone();
        let mut putting = Putting {
            patch: &mut draft,
            project,
            app,
        };
        let mut unwritable = Vec::new();
        // Others are written into the record that it makes.
        let (record, rest): (Vec<&Delta>, Vec<&Delta>) = deltas
            .iter()
            .partition(|delta| delta.factor == Factor::PolicyRecord);
        let (refresh, rest): (Vec<&Delta>, Vec<&Delta>) = rest
            .into_iter()
            .partition(|delta| refresh::FACTORS.contains(&delta.factor));
        let one = |putting: &mut Putting<'_>, delta: &Delta, unwritable: &mut Vec<Unwritable>| {
            if let Err(why) = putting.delta(delta) {
                unwritable.push(Unwritable::delta(delta, why));
            }
        };
        for delta in record {
            one(&mut putting, delta, &mut unwritable);
        }
        if let Some(first) = refresh.first()
            && let Err(why) = putting.refresh(&refresh)
        {
            unwritable.push(Unwritable::delta(first, why));
        }
        for delta in rest {
            one(&mut putting, delta, &mut unwritable);
        }
        if unwritable.is_empty() {
            for delta in deltas {
                if contradicted(delta, deltas) || !putting.holds(delta) {
                    unwritable.push(Unwritable::delta(delta, Why::Conflict));
                }
            }
        }
        if unwritable.is_empty() {
            *self = draft;
            Ok(())
        } else {
            Err(unwritable)
        }
    }
}

/// Values being put into a patch.
struct Putting<'p> {
    patch: &'p mut Patch,
    project: &'p Project,
    app: &'p DeclaredApp,
}

impl Putting<'_> {
    fn delta(&mut self, delta: &Delta) -> Result<(), Why> {
        match (delta.factor, delta.factor.kind()) {
            (_, FactorKind::Request | FactorKind::Environment) => Err(Why::NotOfTheOrg),
            (Factor::PolicyRecord, _) => self.policy_record(&delta.value),
            (Factor::AppBlocked, _) => self.blocked(&delta.value),
            (Factor::TokenExchangeHandler, _) => self.handler(&delta.value),
            (Factor::Certificate, _) if self.has_certificate(&delta.value) => Ok(()),
            (Factor::OrgSessionTimeout, _) if delta.person.is_some() => self.person(delta),
            (_, FactorKind::Person) => self.person(delta),
            (factor, FactorKind::App | FactorKind::Org) => {
                let (kind, path) = self.home(factor)?;
                let records = self.records(kind)?;
                self.write(&records, &path, delta)
            }
        }
    }

    /// The type that holds a factor of the app or the org, and the elements down to it.
    fn home(&self, factor: Factor) -> Result<(RecordType, Vec<&'static Field>), Why> {
        let held = |kinds: &[RecordType]| {
            kinds
                .iter()
                .find_map(|kind| Some((*kind, fields::holding(*kind, factor)?)))
        };
        if factor.kind() == FactorKind::Org {
            return held(&SETTINGS).ok_or_else(|| silent(factor));
        }
        let (own, other) = match self.app.kind {
            AppKind::ExternalClientApp => {
                (held(&RecordType::ECA), held(&[RecordType::ConnectedApp]))
            }
            AppKind::ConnectedApp => (held(&[RecordType::ConnectedApp]), held(&RecordType::ECA)),
        };
        own.ok_or_else(|| {
            if other.is_some() {
                Why::NotOfThisKind
            } else {
                silent(factor)
            }
        })
    }

    /// The files of a type, of the app or of the org; settings of the org are made where there are none.
    fn records(&mut self, kind: RecordType) -> Result<Vec<PathBuf>, Why> {
        let keys = self.present(kind)?;
        if !keys.is_empty() {
            return Ok(keys);
        }
        if kind.is_settings() {
            let record = NewRecord::new(kind, "");
            return Ok(vec![self.create(&record, None)?]);
        }
        Err(Why::MissingRecord { kind })
    }

    fn present(&mut self, kind: RecordType) -> Result<Vec<PathBuf>, Why> {
        let of_the_app = self.app.records.iter();
        let of_the_org = self.project.org_records.iter();
        let records: Vec<&Record> = of_the_app
            .chain(of_the_org.filter(|_| kind.is_of_the_org()))
            .filter(|record| record.kind == kind)
            .collect();
        self.opened(&records, kind)
    }

    /// The keys of records of a type, and of those that the patch makes; without those that it deletes.
    fn opened(&mut self, records: &[&Record], kind: RecordType) -> Result<Vec<PathBuf>, Why> {
        let mut keys = Vec::new();
        for record in records {
            keys.push(self.patch.open(record)?);
        }
        let app = (self.app.name.clone(), self.app.kind);
        let made = self.patch.changes.values().filter(|change| {
            let its = kind.is_of_the_org() || change.app.as_ref() == Some(&app);
            change.before.is_none() && change.kind == kind && its
        });
        keys.extend(made.map(|change| change.path.clone()));
        keys.retain(|key| !matches!(self.patch.changes[key].after, After::Gone));
        Ok(keys)
    }

    /// Makes a record beside those of its kind, or beside the app's. The key of its file.
    fn create(
        &mut self,
        record: &NewRecord,
        app: Option<(String, AppKind)>,
    ) -> Result<PathBuf, Why> {
        let kind = record.kind();
        let all = || self.app.records.iter().chain(&self.project.org_records);
        let beside = all()
            .find(|one| one.kind == kind)
            .or_else(|| all().find(|one| one.kind.folder() == kind.folder()))
            .or_else(|| all().next());
        let (folder, form) = beside.map_or_else(
            || (self.project.folder.join(kind.folder()), Form::Source),
            |beside| place(kind, beside),
        );
        let mut record = record.clone();
        let name = record.name().to_owned();
        for number in 2.. {
            let path = folder.join(kind.file_name(record.name(), form));
            if !self.patch.changes.contains_key(&path) && !path.exists() {
                self.patch.create_in(&folder, &record, form, app)?;
                return Ok(path);
            }
            if kind.is_settings() || number > 99 {
                break;
            }
            record = record.named(format!("{name}{number}"));
        }
        Err(Why::File {
            file: kind.file_name(&name, form),
            reason: "is there already, and was not read".to_owned(),
        })
    }

    /// Writes a value into every file of a type, where it does not say so already.
    fn write(
        &mut self,
        records: &[PathBuf],
        path: &[&'static Field],
        delta: &Delta,
    ) -> Result<(), Why> {
        let Some(field) = path.last() else {
            return Err(Why::NotInMetadata);
        };
        let spelt = spell(field, delta.factor, &delta.value)?;
        for key in records {
            if self.says(key, field, delta.factor) == Some(spelt.clone()) {
                continue;
            }
            self.groups(key, path)?;
            let names: Vec<&str> = path.iter().map(|field| field.name).collect();
            self.patch.edit_file(key, |document| {
                element(document, &names, &field.holds, &spelt)
            })?;
            if delta.factor == Factor::NamedUserJwtTimeout {
                self.custom_jwt_timeout(key)?;
            }
        }
        Ok(())
    }

    /// The number counts under this type alone.
    fn custom_jwt_timeout(&mut self, key: &Path) -> Result<(), Why> {
        const TYPE: &str = "namedUserJwtSessionTimeoutType";
        self.patch.edit_file(key, |document| {
            let found = document.tree().find(TYPE);
            if found.is_some_and(|(_, element)| element.text() == "UserSession") {
                return Ok(elements::set(document, &[TYPE], "Custom")?);
            }
            Ok(document)
        })
    }

    /// What a file says of a factor after the edits so far.
    fn says(&self, key: &Path, field: &Field, factor: Factor) -> Option<Spelt> {
        let value = self.value(key, factor)?;
        spell(field, factor, &value).ok()
    }

    fn value(&self, key: &Path, factor: Factor) -> Option<Value> {
        let record = self.patch.changes.get(key)?.record()?;
        let learnt = learn(&record, Timestamp::UNIX_EPOCH);
        let mut values = learnt.values.into_iter();
        values
            .find(|(known, ..)| *known == factor)
            .map(|(_, value, _)| value)
    }

    /// Makes the groups around an element. One that means more than its elements is not made.
    fn groups(&mut self, key: &Path, path: &[&'static Field]) -> Result<(), Why> {
        let groups = &path[..path.len() - 1];
        for depth in 0..groups.len() {
            let names: Vec<&str> = groups[..=depth].iter().map(|field| field.name).collect();
            let document = self.patch.changes[key].document();
            if document.is_none_or(|document| !elements::ids(document, &names).is_empty()) {
                continue;
            }
            let group = groups[depth];
            if !matches!(group.absent, Absent::Inside) {
                return Err(Why::MissingGroup {
                    element: group.name,
                });
            }
            let inside = required_inside(group.name);
            self.patch.edit_file(key, |document| {
                let fragment = |name: &str| Fragment::elements(name, inside);
                Ok(elements::insert(document, &names, fragment)?)
            })?;
        }
        Ok(())
    }

    fn policy_record(&mut self, value: &Value) -> Result<(), Why> {
        let kind = RecordType::ExtlClntAppOauthConfigurablePolicies;
        if self.app.kind == AppKind::ConnectedApp {
            return Err(Why::NotOfThisKind);
        }
        let present = self.present(kind)?;
        match value.as_flag() {
            Some(true) if present.is_empty() => {
                let name = format!("{}_oauthPlcy", self.app.name);
                let record = NewRecord::new(kind, name).with(LINK, &self.app.name);
                self.create(&record, Some((self.app.name.clone(), self.app.kind)))?;
            }
            Some(true) => {}
            Some(false) => self.delete(&present),
            None => return Err(not_a_flag()),
        }
        Ok(())
    }

    fn delete(&mut self, keys: &[PathBuf]) {
        for key in keys {
            if self.patch.change(key).before.is_some() {
                self.patch.change(key).after = After::Gone;
            } else {
                self.patch.changes.remove(key);
            }
        }
    }

    /// A blocked app is a record with its consumer key.
    fn blocked(&mut self, value: &Value) -> Result<(), Why> {
        let kind = RecordType::BlacklistedConsumer;
        let wanted = value.as_flag().ok_or_else(not_a_flag)?;
        let Some(key) = consumer_key(&self.app.records) else {
            return Err(Why::Incomplete("the consumer key"));
        };
        let blocks = |document: &Document| {
            let named = document.tree().find("consumerKey");
            named.is_some_and(|(_, element)| element.text() == key)
        };
        let present = self.present(kind)?;
        let blocking: Vec<PathBuf> = present
            .into_iter()
            .filter(|path| self.patch.changes[path].document().is_some_and(blocks))
            .collect();
        if !wanted {
            self.delete(&blocking);
        } else if blocking.is_empty() {
            let name = &self.app.name;
            let record = NewRecord::new(kind, name)
                .with("consumerKey", key)
                .with("consumerName", name);
            self.create(&record, None)?;
        }
        Ok(())
    }

    /// Whether the certificate is as wanted already; what else is in it no value says.
    fn has_certificate(&self, value: &Value) -> bool {
        let known = self.app.known.value(Factor::Certificate);
        let untouched = self.app.records.iter().all(|record| {
            let change = self.patch.changes.get(&record.path);
            change.is_none_or(|change| change.before() == change.after())
        });
        untouched && known.is_some_and(|(known, _)| known == value)
    }

    /// Whether the files say so after all edits.
    fn holds(&mut self, delta: &Delta) -> bool {
        match delta.factor {
            // Made or deleted as a whole, and looked at when that was done.
            Factor::PolicyRecord | Factor::AppBlocked | Factor::TokenExchangeHandler => true,
            Factor::Certificate if delta.value.as_word() != Some("absent") => true,
            factor if refresh::FACTORS.contains(&factor) => self.refresh_holds(delta),
            factor if factor.kind() == FactorKind::Person || delta.person.is_some() => true,
            factor => {
                let Ok((kind, path)) = self.home(factor) else {
                    return false;
                };
                let Some(field) = path.last() else {
                    return false;
                };
                let wanted = spell(field, factor, &delta.value).ok();
                let records = self.records(kind).unwrap_or_default();
                let says = |key: &PathBuf| self.says(key, field, factor) == wanted;
                !records.is_empty() && records.iter().all(says)
            }
        }
    }
}

/// Whether another delta wants another value of the same factor.
fn contradicted(delta: &Delta, deltas: &[Delta]) -> bool {
    deltas.iter().any(|other| {
        other.factor == delta.factor && other.person == delta.person && other.value != delta.value
    })
}

/// Writes an element.
fn element(
    document: Document,
    names: &[&str],
    holds: &Holds,
    spelt: &Spelt,
) -> Result<Document, Why> {
    let edited = match (spelt, holds) {
        (Spelt::Nothing, _) => elements::remove(document, names),
        (Spelt::Text(text), Holds::Scopes) => {
            let text = with_silent_scopes(&document, names, text);
            elements::set(document, names, &text)
        }
        (Spelt::Text(text), _) => elements::set(document, names, text),
        (Spelt::Texts(texts), holds) => {
            let mut texts = texts.clone();
            if matches!(holds, Holds::RepeatedScope) {
                texts.extend(silent_scopes(&document, names));
            }
            elements::set_all(document, names, &texts)
        }
        (Spelt::Ranges(ranges), Holds::Ranges(start, end)) => {
            elements::set_ranges(document, names, (start, end), ranges)
        }
        (Spelt::Ranges(_), _) => return Err(Why::NotInMetadata),
    };
    Ok(edited?)
}

/// Scopes of a file that no factor knows; they are not there to be lost.
fn silent_scopes(document: &Document, names: &[&str]) -> Vec<String> {
    let found = document.tree().find_all(&names.join("."));
    found
        .into_iter()
        .flat_map(|(_, element)| super::super::values::names(element.text(), &[',']))
        .filter(|name| super::super::values::SILENT_SCOPES.contains(&name.as_str()))
        .collect()
}

fn with_silent_scopes(document: &Document, names: &[&str], text: &str) -> String {
    let mut scopes = vec![text.to_owned()];
    scopes.extend(silent_scopes(document, names));
    scopes.join(",")
}

/// What a group cannot be without (`ConnectedApp`, required fields of `oauthPolicy`), as it is without the group.
fn required_inside(group: &str) -> Vec<Fragment> {
    if group == "oauthPolicy" {
        vec![
            Fragment::text("ipRelaxation", "ENFORCE"),
            Fragment::text("refreshTokenPolicy", "infinite"),
        ]
    } else {
        Vec::new()
    }
}

/// Why no table has a factor of an app or an org.
fn silent(factor: Factor) -> Why {
    match factor {
        Factor::ConsumerKey | Factor::ConsumerSecret => Why::NotSaid(
            "the server makes it; a file names it and does not say whether clients have the same",
        ),
        Factor::AppDeleted => Why::NotSaid("a file that is gone deletes nothing in the org"),
        Factor::RefreshTokenIpAllowlist => {
            Why::NotSaid("no document says what the elements of its type mean")
        }
        Factor::MyDomainHostNeeded => {
            Why::NotSaid("the My Domain name says where the org is, not where else it answers")
        }
        Factor::DeviceActivation => {
            Why::NotSaid("trusted addresses spare it; no element turns it off")
        }
        _ => Why::NotInMetadata,
    }
}

fn not_a_flag() -> Why {
    Why::Value {
        valid: "true, false".to_owned(),
    }
}

/// Folder and form of a record beside another one.
fn place(kind: RecordType, beside: &Record) -> (PathBuf, Form) {
    let name = beside.path.file_name().unwrap_or_default();
    let form = Form::of_file(&name.to_string_lossy());
    let own = beside.path.parent().unwrap_or(Path::new(""));
    let by_type = own
        .file_name()
        .is_some_and(|name| name == beside.kind.folder());
    let folder = if by_type || form == Form::Metadata {
        own.parent().unwrap_or(own).join(kind.folder())
    } else {
        own.to_owned()
    };
    (folder, form)
}
