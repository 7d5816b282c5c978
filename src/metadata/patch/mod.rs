//! Changes of metadata files, composed in memory: values of factors ([`Patch::put`]), single elements, whole records. They are shown as a diff
//! and written at once, or not at all.

mod apply;
mod diff;
mod elements;
mod put;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::edit::Fragment;
use super::record::Record;
use super::types::{Form, RecordType, SOURCE};
use super::unwritable::{Unwritable, Why};
use super::walk;
use super::write::NewRecord;
use crate::cause::AppKind;

pub use apply::{ApplyError, FailedFile};

/// Changes of the files of one folder. A clone is a draft: nothing is written before [`Patch::apply`].
#[derive(Debug, Clone)]
pub struct Patch {
    /// What no change leads out of.
    folder: PathBuf,
    changes: BTreeMap<PathBuf, FileChange>,
}

/// A file before and after.
#[derive(Clone)]
pub struct FileChange {
    kind: RecordType,
    name: String,
    /// The app that a record made here belongs to; a file that was there says it itself.
    app: Option<(String, AppKind)>,
    path: PathBuf,
    file: String,
    before: Option<Document>,
    after: After,
}

/// What a file becomes.
#[derive(Clone)]
enum After {
    Gone,
    Document(Document),
    /// A file that is no XML: the body of a certificate.
    Octets(Vec<u8>),
}

impl FileChange {
    /// The type of the record.
    pub const fn kind(&self) -> RecordType {
        self.kind
    }

    /// The full name of the record.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file, as the user named its folder.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The file, for the system.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it now; `None` for a new file. If the file holds a secret, so does this.
    pub fn before(&self) -> Option<&[u8]> {
        self.before.as_ref().map(Document::octets)
    }

    /// What will be in it; `None` for a file that goes.
    pub fn after(&self) -> Option<&[u8]> {
        match &self.after {
            After::Gone => None,
            After::Document(document) => Some(document.octets()),
            After::Octets(octets) => Some(octets),
        }
    }

    fn document(&self) -> Option<&Document> {
        match &self.after {
            After::Document(document) => Some(document),
            After::Gone | After::Octets(_) => None,
        }
    }

    /// The record as it will be.
    fn record(&self) -> Option<Record> {
        Some(Record {
            kind: self.kind,
            name: self.name.clone(),
            file: self.file.clone(),
            path: self.path.clone(),
            tree: self.document()?.tree().clone(),
            certificate: None,
        })
    }
}

/// By length: the octets may hold a secret.
impl fmt::Debug for FileChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileChange")
            .field("file", &self.file)
            .field("before", &self.before().map(<[u8]>::len))
            .field("after", &self.after().map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}

impl Patch {
    /// No changes yet. Files that the patch makes are in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            changes: BTreeMap::new(),
        }
    }

    /// The files that change, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = &FileChange> {
        self.changes
            .values()
            .filter(|change| change.before() != change.after())
    }

    /// Whether no file changes.
    pub fn is_empty(&self) -> bool {
        self.files().next().is_none()
    }

    /// Sets the text of the elements at a path (`isPkceRequired`, `oauthConfig.isPkceRequired`); inserts one where there is none.
    pub fn set(&mut self, record: &Record, path: &str, text: &str) -> Result<(), Unwritable> {
        self.edit(record, path, |document, names| {
            Ok(elements::set(document, names, text)?)
        })
    }

    /// Removes the elements at a path. `Err` where there is none.
    pub fn unset(&mut self, record: &Record, path: &str) -> Result<(), Unwritable> {
        self.edit(record, path, |document, names| {
            found(&document, names)?;
            Ok(elements::remove(document, names)?)
        })
    }

    /// Replaces the text of those elements at a path that hold another one; `None` removes them. `Err` where none holds it.
    pub fn replace(
        &mut self,
        record: &Record,
        path: &str,
        old: &str,
        new: Option<&str>,
    ) -> Result<(), Unwritable> {
        self.edit(record, path, |document, names| {
            let holds = |document: &Document, id| {
                let element = document.tree().element(id);
                element.is_some_and(|element| element.secret().is_none() && element.text() == old)
            };
            let picked: Vec<_> = elements::ids(&document, names)
                .into_iter()
                .filter(|id| holds(&document, *id))
                .collect();
            if picked.is_empty() {
                return Err(Why::NoElement);
            }
            match new {
                None => Ok(elements::remove_where(document, names, holds)?),
                Some(new) => {
                    let set = |document: Document, id| document.set(id, new);
                    Ok(picked.into_iter().try_fold(document, set)?)
                }
            }
        })
    }

    /// Inserts an element into the first at a path, or into the root for an empty one.
    pub fn insert(
        &mut self,
        record: &Record,
        path: &str,
        fragment: &Fragment,
    ) -> Result<(), Unwritable> {
        self.edit(record, path, |document, names| {
            let parent = if path.is_empty() {
                document.tree().root()
            } else {
                found(&document, names)?
            };
            Ok(document.insert(parent, fragment)?)
        })
    }

    /// Deletes the file of a record. An org that has the record keeps it: a deploy deletes nothing that is not listed for it.
    pub fn remove_file(&mut self, record: &Record) -> Result<(), Unwritable> {
        let opened = self.open(record);
        let key = opened.map_err(|why| unwritable(record, "", why))?;
        self.change(&key).after = After::Gone;
        Ok(())
    }

    /// Adds a record that is not there yet, by its type's folder in the folder of the patch. `Err` where the patch has the file already; a
    /// file on the disk is found out by [`Patch::apply`].
    pub fn create(&mut self, record: &NewRecord, form: Form) -> Result<(), Unwritable> {
        self.create_at_home(record, form, None)
    }

    /// The same for a record of an app that the patch makes.
    pub(super) fn create_for(
        &mut self,
        record: &NewRecord,
        form: Form,
        app: (String, AppKind),
    ) -> Result<(), Unwritable> {
        self.create_at_home(record, form, Some(app))
    }

    fn create_at_home(
        &mut self,
        record: &NewRecord,
        form: Form,
        app: Option<(String, AppKind)>,
    ) -> Result<(), Unwritable> {
        let folder = self.folder.join(record.kind().folder());
        self.create_in(&folder, record, form, app)
            .map_err(|why| Unwritable {
                what: format!("{} `{}`", record.kind().name(), record.name()),
                delta: None,
                why,
            })
    }

    fn create_in(
        &mut self,
        folder: &Path,
        record: &NewRecord,
        form: Form,
        app: Option<(String, AppKind)>,
    ) -> Result<(), Why> {
        let name = record.kind().file_name(record.name(), form);
        let path = folder.join(&name);
        let file = walk::file_of(&path);
        if self.changes.contains_key(&path) {
            return Err(Why::File {
                file,
                reason: "is made or changed by the patch already".to_owned(),
            });
        }
        if let Some(body) = record.body() {
            let path = folder.join(name.trim_end_matches(SOURCE));
            self.changes.insert(
                path.clone(),
                FileChange {
                    kind: record.kind(),
                    name: record.name().to_owned(),
                    app: None,
                    file: walk::file_of(&path),
                    path,
                    before: None,
                    after: After::Octets(body.as_bytes().to_vec()),
                },
            );
        }
        let document = record.document()?;
        self.changes.insert(
            path.clone(),
            FileChange {
                kind: record.kind(),
                name: record.name().to_owned(),
                app,
                file,
                path,
                before: None,
                after: After::Document(document),
            },
        );
        Ok(())
    }

    fn edit(
        &mut self,
        record: &Record,
        path: &str,
        edit: impl FnOnce(Document, &[&str]) -> Result<Document, Why>,
    ) -> Result<(), Unwritable> {
        let names: Vec<&str> = path.split('.').collect();
        let edited = self
            .open(record)
            .and_then(|key| self.edit_file(&key, |document| edit(document, &names)));
        edited.map_err(|why| unwritable(record, path, why))
    }

    fn edit_file(
        &mut self,
        key: &Path,
        edit: impl FnOnce(Document) -> Result<Document, Why>,
    ) -> Result<(), Why> {
        let change = self.change(key);
        let Some(document) = change.document() else {
            return Err(Why::File {
                file: change.file.clone(),
                reason: "is deleted by the patch".to_owned(),
            });
        };
        change.after = After::Document(edit(document.clone())?);
        Ok(())
    }

    /// The change of a file that [`Patch::open`] or [`Patch::create_in`] named.
    fn change(&mut self, key: &Path) -> &mut FileChange {
        self.changes
            .get_mut(key)
            .expect("invariant: a key is given for a file of the patch")
    }

    /// Reads the file of a record, so that its octets are there to be edited. `Err` where it is not what the record was read from.
    fn open(&mut self, record: &Record) -> Result<PathBuf, Why> {
        if self.changes.contains_key(&record.path) {
            return Ok(record.path.clone());
        }
        let wrong = |reason: String| Why::File {
            file: record.file.clone(),
            reason,
        };
        let octets = walk::read(&record.path)
            .map_err(|reason| wrong(format!("cannot be read: {reason}")))?;
        let document = Document::parse(octets).ok();
        let document = document
            .filter(|document| *document.tree() == record.tree)
            .ok_or_else(|| wrong("has changed since it was read".to_owned()))?;
        self.changes.insert(
            record.path.clone(),
            FileChange {
                kind: record.kind,
                name: record.name.clone(),
                app: None,
                path: record.path.clone(),
                file: record.file.clone(),
                after: After::Document(document.clone()),
                before: Some(document),
            },
        );
        Ok(record.path.clone())
    }
}

fn found(document: &Document, names: &[&str]) -> Result<super::element::ElementId, Why> {
    let ids = elements::ids(document, names);
    ids.first().copied().ok_or(Why::NoElement)
}

fn unwritable(record: &Record, path: &str, why: Why) -> Unwritable {
    let what = if path.is_empty() {
        record.kind.name().to_owned()
    } else {
        record.field(path)
    };
    Unwritable {
        what: format!("`{what}` in `{}`", record.file),
        delta: None,
        why,
    }
}
