//! What the reader finds in one version and not in the other. Lines move, so they do not count.

use std::collections::HashMap;

use super::apps::Side;
use crate::metadata::{Finding, FindingKind};

type Key<'f> = (&'f str, FindingKind, Option<&'f str>, String);

fn key<'f>(side: &Side<'_>, finding: &'f Finding) -> Key<'f> {
    let file = side.inside(&finding.file);
    let field = finding.field.as_deref();
    // A message may name a second file, by where this side was read.
    let message = side.with_root(&finding.message, "");
    (file, finding.kind, field, message)
}

/// Those of `after` alone.
pub(super) fn only_after<'p>(before: &Side<'_>, after: &Side<'p>) -> Vec<&'p Finding> {
    let mut known: HashMap<Key<'_>, usize> = HashMap::new();
    for finding in &before.project.findings {
        *known.entry(key(before, finding)).or_default() += 1;
    }
    after
        .project
        .findings
        .iter()
        .filter(|finding| match known.get_mut(&key(after, finding)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        })
        .collect()
}
