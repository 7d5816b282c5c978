//! How factors are called where one word has to tell them apart.

use crate::factor::{Delta, Factor, FactorKind};

/// The key of a factor; with its section before it where another section has the same key (`org.isPkceRequired`).
pub fn name(factor: Factor) -> String {
    let first = Factor::ALL
        .iter()
        .find(|other| other.key() == factor.key())
        .is_some_and(|other| *other == factor);
    if first {
        factor.key().to_owned()
    } else {
        format!("{}.{}", section(factor.kind()), factor.key())
    }
}

/// The section of a factor as a what-if writes it.
pub const fn section(kind: FactorKind) -> &'static str {
    kind.section()
}

/// The name of a user as people say it.
pub fn short(username: &str) -> &str {
    username.strip_suffix("@acme.test").unwrap_or(username)
}

/// A change as it can be written: `isPkceRequired=false`, `loginIpRanges@ana=192.0.2.0/28`.
pub fn say(delta: &Delta) -> String {
    let whose = delta
        .person
        .as_deref()
        .map(|person| format!("@{}", short(person)))
        .unwrap_or_default();
    format!("{}{whose}={}", name(delta.factor), delta.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_factor_has_a_name_of_its_own() {
        let mut names = std::collections::HashSet::new();
        for factor in Factor::ALL {
            assert!(names.insert(name(*factor)), "{factor:?}");
        }
        assert_eq!(name(Factor::PkceRequired), "isPkceRequired");
        assert_eq!(name(Factor::OrgPkceRequired), "org.isPkceRequired");
        let delta = Delta::new(Factor::LoginHours, "never").of("ana@acme.test");
        assert_eq!(say(&delta), "loginHours@ana=never");
    }
}
