//! Edits of a document by path instead of by id, so that one follows another.

use std::net::IpAddr;

use super::super::document::Document;
use super::super::edit::{EditError, Fragment};
use super::super::element::ElementId;

/// Sets the text of every element at a path; inserts one where there is none, with the groups around it.
pub(super) fn set(document: Document, path: &[&str], text: &str) -> Result<Document, EditError> {
    let found = ids(&document, path);
    if found.is_empty() {
        return insert(document, path, |name| Fragment::text(name, text));
    }
    // A text that is set moves octets and no ids.
    found
        .into_iter()
        .try_fold(document, |document, id| document.set(id, text))
}

/// Inserts an element at the end of a path, in the order of the alphabet; groups on the way to it are made.
pub(super) fn insert(
    mut document: Document,
    path: &[&str],
    fragment: impl FnOnce(&str) -> Fragment,
) -> Result<Document, EditError> {
    let Some((last, groups)) = path.split_last() else {
        return Err(EditError::Root);
    };
    let mut parent = document.tree().root();
    for depth in 0..groups.len() {
        let group = &groups[..=depth];
        if ids(&document, group).is_empty() {
            document = document.insert(parent, &Fragment::elements(group[depth], Vec::new()))?;
        }
        parent = *ids(&document, group).first().ok_or(EditError::NoElement)?;
    }
    document.insert(parent, &fragment(last))
}

/// Removes every element at a path.
pub(super) fn remove(document: Document, path: &[&str]) -> Result<Document, EditError> {
    remove_where(document, path, |_, _| true)
}

/// Removes the elements at a path that a question picks.
pub(super) fn remove_where(
    document: Document,
    path: &[&str],
    picks: impl Fn(&Document, ElementId) -> bool,
) -> Result<Document, EditError> {
    let picked: Vec<ElementId> = ids(&document, path)
        .into_iter()
        .filter(|id| picks(&document, *id))
        .collect();
    // From the end, so that the ids before stay.
    picked
        .into_iter()
        .rev()
        .try_fold(document, |document, id| document.remove(id))
}

/// Makes the elements at a path hold these texts, one each and in this order. What stays is not touched where the order allows it.
pub(super) fn set_all(
    document: Document,
    path: &[&str],
    texts: &[String],
) -> Result<Document, EditError> {
    let text_of = |document: &Document, id: ElementId| {
        let element = document.tree().element(id);
        element.map_or_else(String::new, |element| element.text().to_owned())
    };
    let kept = remove_where(document, path, |document, id| {
        !texts.contains(&text_of(document, id))
    })?;
    let left: Vec<String> = ids(&kept, path)
        .into_iter()
        .map(|id| text_of(&kept, id))
        .collect();
    let (base, from) = if texts.starts_with(&left) {
        (kept, left.len())
    } else {
        (remove(kept, path)?, 0)
    };
    texts[from..].iter().try_fold(base, |document, text| {
        insert(document, path, |name| Fragment::text(name, text.as_str()))
    })
}

/// Makes the elements at a path hold these ranges, as [`set_all`] does; the other elements of a range that stays (its description) stay.
pub(super) fn set_ranges(
    document: Document,
    path: &[&str],
    (start, end): (&str, &str),
    ranges: &[(IpAddr, IpAddr)],
) -> Result<Document, EditError> {
    let range_of = |document: &Document, id: ElementId| {
        let at = |name| text_inside(document, id, name).parse::<IpAddr>().ok();
        at(start).zip(at(end))
    };
    let kept = remove_where(document, path, |document, id| {
        range_of(document, id).is_none_or(|range| !ranges.contains(&range))
    })?;
    let left: Vec<((IpAddr, IpAddr), String)> = ids(&kept, path)
        .into_iter()
        .filter_map(|id| {
            let description = text_inside(&kept, id, DESCRIPTION).to_owned();
            Some((range_of(&kept, id)?, description))
        })
        .collect();
    let in_order = left.len() <= ranges.len()
        && left
            .iter()
            .zip(ranges)
            .all(|((range, _), wanted)| range == wanted);
    let (base, from) = if in_order {
        (kept, left.len())
    } else {
        (remove(kept, path)?, 0)
    };
    ranges[from..].iter().try_fold(base, |document, range| {
        let described = left
            .iter()
            .find(|(known, text)| known == range && !text.is_empty());
        let mut inner = vec![
            Fragment::text(start, range.0.to_string()),
            Fragment::text(end, range.1.to_string()),
        ];
        inner.extend(described.map(|(_, text)| Fragment::text(DESCRIPTION, text.as_str())));
        inner.sort_by(|one, other| one.name().cmp(other.name()));
        insert(document, path, |name| Fragment::elements(name, inner))
    })
}

const DESCRIPTION: &str = "description";

/// The text of an element inside another; empty without one.
pub(super) fn text_inside<'d>(document: &'d Document, id: ElementId, name: &str) -> &'d str {
    document
        .tree()
        .children(id)
        .find(|(_, child)| child.is_metadata() && child.name() == name)
        .map_or("", |(_, child)| child.text())
}

/// The elements at a path.
pub(super) fn ids(document: &Document, path: &[&str]) -> Vec<ElementId> {
    let found = document.tree().find_all(&path.join("."));
    found.into_iter().map(|(id, _)| id).collect()
}
