//! The token exchange handlers that an app is enabled for.

use std::path::{Path, PathBuf};

use super::super::super::apps::bare;
use super::super::super::document::Document;
use super::super::super::edit::Fragment;
use super::super::super::element::ElementId;
use super::super::super::types::RecordType;
use super::super::super::unwritable::Why;
use super::super::super::values::flag;
use super::super::elements::{self, text_inside};
use super::Putting;
use crate::cause::AppKind;
use crate::factor::Value;

const ENABLEMENTS: &str = "enablements";
const SWITCH: &str = "isEnabled";
const RUN_AS: &str = "apexExecutionUser";

impl Putting<'_> {
    pub(super) fn handler(&mut self, value: &Value) -> Result<(), Why> {
        let kind = RecordType::OauthTokenExchangeHandler;
        let handlers = self.present(kind)?;
        match value.as_word() {
            Some("enabled") if handlers.is_empty() => Err(Why::MissingRecord { kind }),
            Some("enabled") => self.enable(&handlers),
            Some("not_enabled") => self.disable(&handlers),
            Some("rejects") => Err(Why::NotSaid("its Apex class decides what it rejects")),
            _ => Err(Why::Value {
                valid: "enabled, not_enabled".to_owned(),
            }),
        }
    }

    /// A handler that names the app is switched on; else one that is on names it.
    fn enable(&mut self, handlers: &[PathBuf]) -> Result<(), Why> {
        let naming: Vec<&PathBuf> = handlers
            .iter()
            .filter(|key| self.read(key, |document| !self.naming(document).is_empty()))
            .collect();
        let is_on = |key: &&&PathBuf| self.read(key, |document| switch(document) == Some(true));
        if naming.iter().any(|key| is_on(&key)) {
            return Ok(());
        }
        if let Some(key) = naming.first() {
            return self.switch_on(key);
        }
        let chosen = handlers
            .iter()
            .find(|key| is_on(&key))
            .or_else(|| handlers.first());
        let Some(key) = chosen else {
            return Ok(());
        };
        let run_as = self.patch.changes[key]
            .document()
            .and_then(run_as)
            .ok_or(Why::Incomplete(
                "the user that the handler's Apex class runs as (`apexExecutionUser`)",
            ))?;
        let block = Fragment::elements(
            ENABLEMENTS,
            vec![
                Fragment::text(RUN_AS, run_as),
                Fragment::text(self.app_element(), self.app.name.as_str()),
                // The first of an app is the one that a request without a name takes.
                Fragment::text("isDefault", "true"),
            ],
        );
        self.patch.edit_file(key, |document| {
            Ok(elements::insert(document, &[ENABLEMENTS], |_| block)?)
        })?;
        self.switch_on(key)
    }

    fn switch_on(&mut self, key: &Path) -> Result<(), Why> {
        self.patch.edit_file(key, |document| {
            if switch(&document) == Some(true) {
                return Ok(document);
            }
            Ok(elements::set(document, &[SWITCH], "true")?)
        })
    }

    /// The app is taken out of every handler that is on.
    fn disable(&mut self, handlers: &[PathBuf]) -> Result<(), Why> {
        for key in handlers {
            if self.read(key, |document| switch(document) == Some(false)) {
                continue;
            }
            let named = self.patch.changes[key]
                .document()
                .map_or_else(Vec::new, |document| self.naming(document));
            self.patch.edit_file(key, |document| {
                Ok(elements::remove_where(
                    document,
                    &[ENABLEMENTS],
                    |_, id| named.contains(&id),
                )?)
            })?;
        }
        Ok(())
    }

    fn read(&self, key: &Path, question: impl Fn(&Document) -> bool) -> bool {
        let change = self.patch.changes.get(key);
        change
            .and_then(super::super::FileChange::document)
            .is_some_and(question)
    }

    /// The blocks that name the app.
    fn naming(&self, document: &Document) -> Vec<ElementId> {
        let namespace = &self.project.namespace;
        let own = bare(&self.app.name, namespace);
        let names_it =
            |id: &ElementId| bare(text_inside(document, *id, self.app_element()), namespace) == own;
        let blocks = elements::ids(document, &[ENABLEMENTS]);
        blocks.into_iter().filter(names_it).collect()
    }

    const fn app_element(&self) -> &'static str {
        match self.app.kind {
            AppKind::ExternalClientApp => "externalClientApp",
            AppKind::ConnectedApp => "connectedApp",
        }
    }
}

fn switch(document: &Document) -> Option<bool> {
    let (_, element) = document.tree().find(SWITCH)?;
    flag(element.text())
}

/// The user that the handler runs as for other apps.
fn run_as(document: &Document) -> Option<String> {
    let blocks = elements::ids(document, &[ENABLEMENTS]);
    let mut users = blocks
        .into_iter()
        .map(|id| text_inside(document, id, RUN_AS));
    users.find(|user| !user.is_empty()).map(str::to_owned)
}
