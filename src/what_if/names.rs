//! How factors are called where one word has to tell them apart.

use crate::factor::{Delta, Factor};

/// The key of a factor; with its section before it where another section has the same key (`org.isPkceRequired`).
pub fn name(factor: Factor) -> String {
    let first = Factor::ALL
        .iter()
        .find(|other| other.key() == factor.key())
        .is_some_and(|other| *other == factor);
    if first {
        factor.key().to_owned()
    } else {
        format!("{}.{}", factor.kind().section(), factor.key())
    }
}

/// Who acts in client credentials without a run-as user.
pub(super) const NOBODY: &str = "(nobody)";

/// The name of a user as people say it.
pub fn short(username: &str) -> &str {
    username.strip_suffix("@acme.test").unwrap_or(username)
}

/// Grants and their users, in few words: `authorization_code, device (ana, ben); jwt_bearer (integration)`.
pub fn whose<'n>(grants: impl IntoIterator<Item = (&'n str, &'n str)>) -> String {
    let mut users: Vec<(&str, Vec<&str>)> = Vec::new();
    for (grant, user) in grants {
        match users.iter_mut().find(|(own, _)| *own == user) {
            Some((_, grants)) if grants.contains(&grant) => {}
            Some((_, grants)) => grants.push(grant),
            None => users.push((user, vec![grant])),
        }
    }
    let mut alike: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (user, grants) in users {
        match alike.iter_mut().find(|(own, _)| *own == grants) {
            Some((_, users)) => users.push(user),
            None => alike.push((grants, vec![user])),
        }
    }
    let said = |(grants, users): &(Vec<&str>, Vec<&str>)| {
        let grants = grants.join(", ");
        // Where nobody acts, nobody is named.
        let named = |user: &&str| !user.is_empty() && *user != NOBODY;
        if users.iter().all(named) {
            format!("{grants} ({})", users.join(", "))
        } else {
            grants
        }
    };
    alike.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// A label with the name behind it, where that says more.
pub fn labelled(label: &str, name: &str) -> String {
    if label == name {
        label.to_owned()
    } else {
        format!("{label} ({name})")
    }
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
    fn grants_and_users_that_go_together_are_said_together() {
        let pairs = [
            ("device", "ana"),
            ("jwt_bearer", "ana"),
            ("device", "ben"),
            ("jwt_bearer", "integration"),
            ("jwt_bearer", "ben"),
            ("client_credentials", NOBODY),
        ];
        assert_eq!(
            whose(pairs),
            "device, jwt_bearer (ana, ben); jwt_bearer (integration); client_credentials"
        );
    }

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
