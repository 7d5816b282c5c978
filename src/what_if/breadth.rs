//! How far a change opens an org. The table of ranks is the whole opinion of this program on what is wide.

/// How far a change reaches, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breadth {
    /// The client or the person acts otherwise; nothing in the org changes.
    Nothing,
    /// What was meant to work works again, for those that it was meant for; or fewer may.
    AsBefore,
    /// One user more may do something, at this app.
    OneUser,
    /// One entry more in a list.
    OneEntry,
    /// One user may do more, at every app.
    OneUserEverywhere,
    /// A flow of the app, or the app itself, for the users that it has.
    OneFlow,
    /// All users of a profile or a permission set.
    OneProfile,
    /// A rule of the app, for all of its users.
    Rule,
    /// A limit of the app is gone.
    NoLimit,
    /// A rule of the whole org.
    Org,
}

impl Breadth {
    /// All ranks, narrowest first.
    pub const ALL: [Self; 10] = [
        Self::Nothing,
        Self::AsBefore,
        Self::OneUser,
        Self::OneEntry,
        Self::OneUserEverywhere,
        Self::OneFlow,
        Self::OneProfile,
        Self::Rule,
        Self::NoLimit,
        Self::Org,
    ];

    /// The rank, from 0.
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::AsBefore => "as_before",
            Self::OneUser => "one_user",
            Self::OneEntry => "one_entry",
            Self::OneUserEverywhere => "one_user_everywhere",
            Self::OneFlow => "one_flow",
            Self::OneProfile => "one_profile",
            Self::Rule => "rule_of_the_app",
            Self::NoLimit => "limit_of_the_app",
            Self::Org => "rule_of_the_org",
        }
    }

    /// Why it has its rank.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Nothing => "the org allows what it allowed before",
            Self::AsBefore => "the org allows what it was meant to allow, or less",
            Self::OneUser => "one named user gains, at one app",
            Self::OneEntry => {
                "one named address, scope or hour is added to a list; the list still limits"
            }
            Self::OneUserEverywhere => "one named user gains, and not at this app alone",
            Self::OneFlow => {
                "all who may use the app gain a way to use it; who they are does not change"
            }
            Self::OneProfile => {
                "all users of a profile gain, and whoever is given that profile later"
            }
            Self::Rule => "a safeguard of the app falls for each of its users; another one remains",
            Self::NoLimit => "a limit of the app falls, and nothing of its kind remains",
            Self::Org => "every app and every user of the org is touched",
        }
    }
}

/// How far several changes open an org together: the widest decides, then the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening(Vec<Breadth>);

impl Opening {
    /// Of these changes.
    pub fn of(parts: impl IntoIterator<Item = Breadth>) -> Self {
        let mut parts: Vec<Breadth> = parts.into_iter().collect();
        parts.sort_unstable_by(|a, b| b.cmp(a));
        Self(parts)
    }

    /// The widest part; nothing where nothing changes.
    pub fn widest(&self) -> Breadth {
        self.0.first().copied().unwrap_or(Breadth::Nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_part_decides_and_then_the_next() {
        let of = |parts: &[Breadth]| Opening::of(parts.iter().copied());
        assert!(of(&[Breadth::Org, Breadth::Nothing]) > of(&[Breadth::Rule, Breadth::Rule]));
        assert!(of(&[Breadth::Nothing, Breadth::Rule]) < of(&[Breadth::Rule, Breadth::OneUser]));
        assert_eq!(of(&[]).widest(), Breadth::Nothing);
    }

    #[test]
    fn ranks_follow_the_table_and_each_has_a_reason_of_its_own() {
        let mut reasons = std::collections::HashSet::new();
        for (rank, breadth) in Breadth::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(breadth.rank()), rank);
            assert!(reasons.insert(breadth.reason()));
        }
    }
}
