//! The words of the report that other programs compare with. They are open: a reader keeps a word of a later version as it is.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares an open enum: a closed list of our words, and any other word kept as it came.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident, default $default:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that a later version wrote.
            Other(String),
        }

        impl $name {
            /// The words that this version writes.
            pub const WORDS: &[&str] = &[$($word),+];

            /// The word in JSON.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }

            /// Reads a word; never fails.
            pub fn parse(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self::parse(&Cow::<str>::deserialize(deserializer)?))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": format!("One of {}. Open: a later version may add words.", Self::WORDS.join(", ")),
                    "examples": Self::WORDS,
                })
            }
        }
    };
}

open_enum! {
    /// How a scenario or a step ended. The default is what is said of something that nobody judged.
    Status, default Inconclusive {
        /// As expected.
        Passed = "passed",
        /// Another outcome than expected.
        Failed = "failed",
        /// It could not be run, or the file is wrong, or we are.
        Error = "error",
        /// It ran, and cannot be judged.
        Inconclusive = "inconclusive",
        /// It was not run.
        Skipped = "skipped",
    }
}

open_enum! {
    /// Whose fault an `error` is; decides the exit code.
    ErrorKind, default CouldNotRun {
        /// The scenario, the target file or the command line is wrong: exit 2.
        Invalid = "invalid",
        /// Network, TLS, port, permission, no answer: exit 3.
        CouldNotRun = "could_not_run",
        /// An invariant of ours is broken: exit 70.
        Bug = "bug",
    }
}

open_enum! {
    /// What a step does.
    StepKind, default Grant {
        /// Drives a grant.
        Grant = "grant",
        /// Changes settings of the org.
        Change = "change",
        /// Moves the clock.
        Wait = "wait",
        /// Scripts a fault of the server.
        Fault = "fault",
    }
}

open_enum! {
    /// How sure the diagnosis is of one cause (design section 3). One word a claim.
    Certainty, default NotEvaluated {
        /// That one factor was flipped on the same target, and the outcome flipped.
        Proven = "proven",
        /// A record of the org names it.
        Confirmed = "confirmed",
        /// No other modelled cause gives these answers.
        Implied = "implied",
        /// Ranked; rivals remain.
        Likely = "likely",
        /// Excluded, with the evidence.
        RuledOut = "ruled_out",
        /// An input is missing.
        UnknownInput = "unknown_input",
        /// A permission is missing.
        UnknownPermission = "unknown_permission",
        /// Not looked at.
        NotEvaluated = "not_evaluated",
    }
}

impl Certainty {
    /// The word explained, as it follows it in a report.
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::Proven => "that one setting was flipped on this target, and the outcome flipped",
            Self::Confirmed => "a record of the org names it",
            Self::Implied => "no other known cause gives these answers",
            Self::Likely => "others remain possible",
            Self::RuledOut => "the evidence excludes it",
            Self::UnknownInput => "an input is missing",
            Self::UnknownPermission => "a permission is missing",
            Self::NotEvaluated => "not looked at",
            Self::Other(_) => "a word of a later version",
        }
    }
}

impl Status {
    /// The mark before a line; the second is for terminals without Unicode.
    pub const fn marks(&self) -> (&'static str, &'static str) {
        match self {
            Self::Passed => ("✓", "ok"),
            Self::Failed => ("✗", "FAIL"),
            Self::Error => ("!", "ERR"),
            Self::Inconclusive | Self::Other(_) => ("?", "??"),
            Self::Skipped => ("-", "skip"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_version_is_kept() {
        let read: Status = serde_json::from_str(r#""flaky""#).unwrap();
        assert_eq!(read, Status::Other("flaky".to_owned()));
        assert_eq!(serde_json::to_string(&read).unwrap(), r#""flaky""#);
        for word in Status::WORDS {
            assert!(!matches!(Status::parse(word), Status::Other(_)));
        }
    }
}
