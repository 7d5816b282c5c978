//! The JSON report, and the one document that `--format json` prints when a command fails.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

use super::{RunReport, SCHEMA_VERSION};

/// A document as JSON with a trailing line break.
///
/// # Panics
///
/// Where a type cannot be written as JSON: those of the reports can.
pub fn document<T: Serialize>(document: &T) -> String {
    let mut text =
        serde_json::to_string_pretty(document).expect("invariant: a report can be written as JSON");
    text.push('\n');
    text
}

/// The report of a run.
pub fn report(report: &RunReport) -> String {
    document(report)
}

/// The JSON Schema (2020-12) of what is written: every field of this version is there.
pub fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

/// What `--format json` prints in place of a result when the command failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FailureReport {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The failure.
    pub error: FailureDetail,
}

/// Why a command failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FailureDetail {
    /// The code of the diagnostic (`scenario::unknown_grant`), where it has one.
    pub code: Option<String>,
    /// What is wrong, with its causes, outermost first.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The exit code of the process.
    pub exit_code: u8,
}

impl FailureReport {
    /// The document of a failure.
    pub fn new(error: FailureDetail) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_written_is_read_back() {
        let run = sample::run();
        let text = report(&run);
        assert!(text.ends_with("}\n"));
        assert_eq!(serde_json::from_str::<RunReport>(&text).unwrap(), run);
    }

    #[test]
    fn the_shapes_that_scripts_rely_on_are_there() {
        let value: serde_json::Value = serde_json::from_str(&report(&sample::run())).unwrap();
        assert_eq!(value["schema_version"], 1);
        assert_eq!(value["summary"]["failed"], 1);
        let step = &value["scenarios"][1]["steps"][1];
        assert_eq!(step["grant"], "refresh_token");
        assert_eq!(step["outcome"]["error"], "invalid_grant");
        assert_eq!(step["exchanges"][0]["sent"]["method"], "POST");
        let candidate = &step["diagnosis"]["candidates"][0];
        assert_eq!(candidate["cause"], "refresh_policy_zero");
        assert_eq!(candidate["certainty"], "likely");
        let weights: f64 = step["diagnosis"]["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|candidate| candidate["weight"].as_f64().unwrap())
            .sum();
        let whole = weights + step["diagnosis"]["unexplained"].as_f64().unwrap();
        assert!((whole - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_schema_requires_what_is_always_written() {
        let schema = schema::<RunReport>().to_value();
        let required = schema["required"].as_array().unwrap();
        assert!(required.contains(&"scenarios".into()), "{schema:#}");
    }
}
