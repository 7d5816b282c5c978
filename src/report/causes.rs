//! What the catalogue says of a cause, in the shape of a candidate.

use crate::cause::{CauseId, conditions, entry};
use crate::factor::{Known, Provenance};

use super::{Candidate, Fix, StandingReport};

impl Candidate {
    /// The candidate of a cause with all that the catalogue and the known settings say of it.
    /// Certainty, weight, basis, evidence and the standing of the wording are the diagnosis' to fill in.
    pub fn of(cause: CauseId, known: &Known) -> Self {
        let about = entry(cause);
        let factor = conditions(cause)
            .next()
            .and_then(|row| row.conditions.first())
            .map(|condition| condition.factor);
        let found = factor.and_then(|factor| known.value(factor));
        Self {
            cause: cause.name().to_owned(),
            label: about.setting.to_owned(),
            fix: Fix {
                text: about.fix.to_owned(),
                setup_path: unless_remark(about.setup_path),
                setting: factor.map(|factor| factor.label().to_owned()),
                metadata_field: factor
                    .and_then(|factor| unless_remark(factor.field()))
                    .or_else(|| unless_remark(about.metadata_field)),
                current: found.map(|(value, _)| value.to_string()),
                current_from: found.map(|(_, from)| origin(from)),
                value: None,
            },
            standing: StandingReport {
                rule: about.rule.name().to_owned(),
                wording: about.wording.name().to_owned(),
            },
            ..Self::default()
        }
    }
}

/// Where a known value was read, in a few words.
pub fn origin(from: &Provenance) -> String {
    match from {
        Provenance::File { file, line } => format!("{file}:{line}"),
        Provenance::Query(query) => query.clone(),
        Provenance::Default => "the documented default".to_owned(),
        Provenance::Declared => "declared".to_owned(),
    }
}

/// The catalogue writes "there is none" as a remark in parentheses.
fn unless_remark(text: &str) -> Option<String> {
    (!text.is_empty() && !text.starts_with('(')).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::{Factor, Value};

    #[test]
    fn a_candidate_has_the_setting_and_the_value_found() {
        let mut known = Known::new();
        let from = Provenance::File {
            file: "force-app/policies.xml".to_owned(),
            line: 12,
        };
        known.learn(Factor::UserFrozen, Value::Flag(true), from);
        let candidate = Candidate::of(CauseId::UserFrozen, &known);
        assert_eq!(candidate.fix.setting.as_deref(), Some("Freeze"));
        assert_eq!(candidate.fix.current.as_deref(), Some("true"));
        assert_eq!(
            candidate.fix.current_from.as_deref(),
            Some("force-app/policies.xml:12")
        );
        let waits = Candidate::of(CauseId::AppNotPropagated, &Known::new());
        assert_eq!(waits.fix.setup_path, None);
        assert!(!waits.fix.text.is_empty());
    }
}
