//! Plain words beside metadata words: one table, read in both directions (eca-policy facts, section 5).

use super::{Delta, Factor, Value};

/// How plain words stand to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// The setting exists as it is said.
    Exact,
    /// No such setting; the nearest true one is set.
    Nearest,
    /// No such setting; the simulated org has it as a switch of its own.
    Beyond,
    /// No such setting, and nothing to set.
    None,
}

impl Truth {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Nearest => "nearest",
            Self::Beyond => "beyond_the_platform",
            Self::None => "no_true_value",
        }
    }
}

/// What a row sets a factor to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Flag(bool),
    Word(&'static str),
    /// The number in the words.
    Count,
    /// The unit in the words.
    Unit,
}

/// One row: what is said, and what it sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// The key: `refresh token`, `IP relaxation`, …
    pub key: &'static str,
    /// The words; `N` and `UNIT` stand for a number and `hours`, `days` or `months`.
    pub words: &'static str,
    sets: &'static [(Factor, To)],
    /// How they stand to the platform.
    pub truth: Truth,
    /// What the platform does instead; empty where the words are exact.
    pub instead: &'static str,
}

const fn exact(key: &'static str, words: &'static str, sets: &'static [(Factor, To)]) -> Plain {
    Plain {
        key,
        words,
        sets,
        truth: Truth::Exact,
        instead: "",
    }
}

use Factor::{
    IpRelaxation, MfaOnlyForRefresh, PermittedUsers, PolicyAction, RefreshTokenPolicy,
    RefreshTokenValidityPeriod, RefreshTokenValidityUnit, RequiredSessionLevel,
};
use To::{Count, Flag, Unit, Word};

/// Every row. Where two rows set the same, the exact one comes first: it is the one that is said.
pub const PLAIN: &[Plain] = &[
    exact(
        "refresh token",
        "until revoked",
        &[(RefreshTokenPolicy, Word("Infinite"))],
    ),
    exact(
        "refresh token",
        "immediately expire",
        &[(RefreshTokenPolicy, Word("Zero"))],
    ),
    exact(
        "refresh token",
        "expires N UNIT after issue",
        &[
            (RefreshTokenPolicy, Word("SpecificLifetime")),
            (RefreshTokenValidityPeriod, Count),
            (RefreshTokenValidityUnit, Unit),
        ],
    ),
    exact(
        "refresh token",
        "expires after N UNIT of disuse",
        &[
            (RefreshTokenPolicy, Word("SpecificInactivity")),
            (RefreshTokenValidityPeriod, Count),
            (RefreshTokenValidityUnit, Unit),
        ],
    ),
    exact(
        "IP relaxation",
        "enforce",
        &[(IpRelaxation, Word("Enforce"))],
    ),
    exact(
        "IP relaxation",
        "relax for refresh tokens",
        &[(IpRelaxation, Word("Enforce_RelaxRefresh"))],
    ),
    exact(
        "IP relaxation",
        "relax for activated devices",
        &[(IpRelaxation, Word("Bypass_2factor"))],
    ),
    exact(
        "IP relaxation",
        "relax for both",
        &[(IpRelaxation, Word("Bypass"))],
    ),
    Plain {
        key: "IP relaxation",
        words: "relax for OAuth callouts",
        sets: &[(IpRelaxation, Word("Enforce_RelaxRefresh"))],
        truth: Truth::Nearest,
        instead: "ipRelaxationPolicyType has no value for OAuth callouts; the nearest is Enforce_RelaxRefresh (relax for refresh tokens), \
                  then Bypass_2factor (relax for activated devices)",
    },
    Plain {
        key: "session policy",
        words: "MFA only for refresh",
        sets: &[
            (RequiredSessionLevel, Word("STANDARD")),
            (MfaOnlyForRefresh, Flag(true)),
        ],
        truth: Truth::Beyond,
        instead: "no setting asks for MFA at the refresh alone: a high assurance session is required when the app is approved, or never",
    },
    exact(
        "session policy",
        "MFA at token issuance",
        &[
            (RequiredSessionLevel, Word("HIGH_ASSURANCE")),
            (PolicyAction, Word("RaiseSessionLevel")),
            (MfaOnlyForRefresh, Flag(false)),
        ],
    ),
    exact(
        "session policy",
        "block",
        &[
            (RequiredSessionLevel, Word("HIGH_ASSURANCE")),
            (PolicyAction, Word("Block")),
            (MfaOnlyForRefresh, Flag(false)),
        ],
    ),
    exact(
        "session policy",
        "no requirement",
        &[
            (RequiredSessionLevel, Word("STANDARD")),
            (MfaOnlyForRefresh, Flag(false)),
        ],
    ),
    Plain {
        key: "secret",
        words: "revealed once",
        sets: &[],
        truth: Truth::None,
        instead: "Setup shows the consumer secret again after identity verification, and lets it be staged and rotated",
    },
    exact(
        "permitted users",
        "all users may self-authorize",
        &[(PermittedUsers, Word("AllSelfAuthorized"))],
    ),
    exact(
        "permitted users",
        "admin approved users are pre-authorized",
        &[(PermittedUsers, Word("AdminApprovedPreAuthorized"))],
    ),
];

/// Plain words, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What they set.
    pub deltas: Vec<Delta>,
    /// The row that they match.
    pub row: &'static Plain,
}

/// Why plain words are not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` cannot be \"{words}\"")]
pub struct NotPlain {
    /// The key.
    pub key: &'static str,
    /// The words as given.
    pub words: String,
    /// The words that the key takes.
    pub valid: Vec<&'static str>,
}

/// The keys, each once.
pub fn keys() -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = PLAIN.iter().map(|row| row.key).collect();
    keys.dedup();
    keys
}

/// The key as the table spells it; letter case does not matter.
pub fn key(word: &str) -> Option<&'static str> {
    keys()
        .into_iter()
        .find(|key| key.eq_ignore_ascii_case(word.trim()))
}

/// The words that a key takes.
pub fn words(key: &str) -> Vec<&'static str> {
    PLAIN
        .iter()
        .filter(|row| row.key == key)
        .map(|row| row.words)
        .collect()
}

/// Understands the words of a key (as [`key`] gives it). `Err` lists the words that the key takes.
pub fn parse(key: &'static str, words: &str) -> Result<Reading, NotPlain> {
    PLAIN
        .iter()
        .filter(|row| row.key == key)
        .find_map(|row| read(row, words))
        .ok_or_else(|| NotPlain {
            key,
            words: words.to_owned(),
            valid: self::words(key),
        })
}

fn read(row: &'static Plain, words: &str) -> Option<Reading> {
    let mut count = None;
    let mut unit = None;
    let mut given = words.split_ascii_whitespace();
    for pattern in row.words.split(' ') {
        let word = given.next()?;
        match pattern {
            "N" => count = Some(word.parse::<i64>().ok().filter(|number| *number >= 0)?),
            "UNIT" => unit = Some(unit_of(word)?),
            _ if pattern.eq_ignore_ascii_case(word) => {}
            _ => return None,
        }
    }
    if given.next().is_some() {
        return None;
    }
    let mut deltas = Vec::with_capacity(row.sets.len());
    for (factor, to) in row.sets {
        let value = match to {
            Flag(flag) => Value::Flag(*flag),
            Word(word) => (*word).into(),
            Count => Value::Number(count?),
            Unit => unit?.into(),
        };
        deltas.push(Delta::new(*factor, value));
    }
    Some(Reading { deltas, row })
}

/// The metadata word of a unit, in the singular or the plural.
fn unit_of(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "hour" | "hours" => Some("Hours"),
        "day" | "days" => Some("Days"),
        "month" | "months" => Some("Months"),
        _ => None,
    }
}

/// Says the values of a key in plain words. `None` where no row matches what is read.
pub fn say(key: &str, read: impl Fn(Factor) -> Option<Value>) -> Option<String> {
    PLAIN
        .iter()
        .filter(|row| row.key == key && !row.sets.is_empty())
        .find_map(|row| spell(row, &read))
}

/// What a factor's change is called in plain words, where its key says it alone: `refresh token: immediately expire`.
pub fn said(deltas: &[Delta]) -> Option<String> {
    let read = |factor| {
        deltas
            .iter()
            .find(|delta| delta.factor == factor)
            .map(|delta| delta.value.clone())
    };
    PLAIN
        .iter()
        .filter(|row| !row.sets.is_empty() && row.sets.len() == deltas.len())
        .find_map(|row| Some(format!("{}: {}", row.key, spell(row, &read)?)))
}

fn spell(row: &Plain, read: &impl Fn(Factor) -> Option<Value>) -> Option<String> {
    let mut words = row.words.to_owned();
    for (factor, to) in row.sets {
        let value = read(*factor)?;
        match (to, &value) {
            (Flag(flag), Value::Flag(found)) if flag == found => {}
            (Word(word), Value::Word(found)) if word == found => {}
            (Count, Value::Number(number)) => {
                words = words.replacen("N ", &format!("{number} "), 1);
            }
            (Unit, Value::Word(unit)) => {
                let unit = unit.to_ascii_lowercase();
                let one = read(RefreshTokenValidityPeriod) == Some(Value::Number(1));
                let unit = if one {
                    unit.trim_end_matches('s')
                } else {
                    &unit
                };
                words = words.replace("UNIT", unit);
            }
            _ => return None,
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_said_again() {
        for row in PLAIN {
            let words = row.words.replace("UNIT", "days").replace('N', "30");
            let reading = parse(row.key, &words).unwrap();
            assert_eq!(reading.row, row);
            if row.truth == Truth::Nearest || row.sets.is_empty() {
                continue;
            }
            let read = |factor| {
                reading
                    .deltas
                    .iter()
                    .find(|delta| delta.factor == factor)
                    .map(|delta| delta.value.clone())
            };
            assert_eq!(say(row.key, read), Some(words.clone()));
            assert_eq!(said(&reading.deltas), Some(format!("{}: {words}", row.key)));
        }
    }

    #[test]
    fn what_is_not_exact_says_what_the_platform_does() {
        for row in PLAIN {
            assert_eq!(row.truth == Truth::Exact, row.instead.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn letter_case_and_number_are_free() {
        assert_eq!(key("ip Relaxation"), Some("IP relaxation"));
        let reading = parse("refresh token", "Expires 1 month after issue").unwrap();
        let unit = reading.deltas.last().unwrap();
        assert_eq!(unit.value, Value::from("Months"));
        assert_eq!(
            said(&reading.deltas).as_deref(),
            Some("refresh token: expires 1 month after issue")
        );
        let error = parse("refresh token", "never").unwrap_err();
        assert_eq!(error.valid.len(), 4);
        assert!(parse("refresh token", "until revoked soon").is_err());
    }
}
