//! Lines that differ and that no flow depends on. What a flow depends on is an edit; the texts are not kept, for nobody knows what is in them.

use std::collections::BTreeMap;

use super::apps::Side;
use super::document::LineView;
use super::edit::Edit;
use crate::factor::Provenance;
use crate::metadata::{ElementId, Record};

/// Those between the records of an app, or of the org, of both versions. `edits` are its changes.
pub(super) fn others(
    app: Option<&str>,
    records: (&[Record], &[Record]),
    sides: (&Side<'_>, &Side<'_>),
    edits: &[Edit],
) -> Vec<LineView> {
    let mut views = Vec::new();
    for old in records.0 {
        let same = |new: &&Record| {
            new.kind == old.kind && sides.1.inside(&new.file) == sides.0.inside(&old.file)
        };
        let Some(new) = records.1.iter().find(same) else {
            continue;
        };
        if old.tree == new.tree {
            continue;
        }
        let (was, is) = (leaves(old), leaves(new));
        let mut paths: Vec<&String> = was.keys().chain(is.keys()).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let (gone, come) = (was.get(path), is.get(path));
            let texts = |leaves: Option<&Vec<Leaf>>| -> Vec<String> {
                let leaves = leaves.into_iter().flatten();
                leaves.map(|leaf| leaf.text.clone()).collect()
            };
            if texts(gone) == texts(come)
                || told(old, gone, edits)
                || told(new, come, edits)
                || edits
                    .iter()
                    .any(|edit| edit.factor.field() == old.field(path))
            {
                continue;
            }
            let (change, side, record, leaf) = match (gone, come) {
                (None, Some(come)) => ("added", sides.1, new, come.first()),
                (Some(gone), None) => ("removed", sides.0, old, gone.first()),
                (_, come) => ("changed", sides.1, new, come.and_then(|come| come.first())),
            };
            views.extend(leaf.map(|leaf| LineView {
                app: app.map(str::to_owned),
                field: record.field(path),
                change,
                file: side.show(&record.file),
                line: leaf.line,
            }));
        }
    }
    views.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    views
}

/// An element without elements in it.
struct Leaf {
    text: String,
    line: usize,
}

fn leaves(record: &Record) -> BTreeMap<String, Vec<Leaf>> {
    let mut found = BTreeMap::new();
    gather(record, record.tree.root(), "", &mut found);
    found
}

fn gather(record: &Record, id: ElementId, path: &str, found: &mut BTreeMap<String, Vec<Leaf>>) {
    for (child, element) in record.tree.children(id) {
        let own = match path {
            "" => element.name().to_owned(),
            path => format!("{path}.{}", element.name()),
        };
        if element.has_children() {
            gather(record, child, &own, found);
        } else {
            found.entry(own).or_default().push(Leaf {
                text: element.text().to_owned(),
                line: element.place().line,
            });
        }
    }
}

/// Whether a change says it already: it stands in one of these lines.
fn told(record: &Record, leaves: Option<&Vec<Leaf>>, edits: &[Edit]) -> bool {
    let at = |line: usize| {
        edits.iter().any(|edit| {
            [&edit.before, &edit.after]
                .into_iter()
                .flatten()
                .any(|(_, from)| {
                    matches!(from, Provenance::File { file, line: own }
                        if *file == record.file && *own == line)
                })
        })
    };
    leaves.into_iter().flatten().any(|leaf| at(leaf.line))
}
