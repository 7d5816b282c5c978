//! SARIF 2.1.0, which code hosts and editors show at the lines of a file.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>

use std::fmt::Write as _;

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::finding::{Document, Finding, Severity};
use super::sentence;
use crate::cause::{CauseId, entry};

/// What a path segment of a URI holds unescaped (RFC 3986, section 3.3), and `/` between segments.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'+')
    .remove(b'@');

/// A log with one run.
pub fn sarif(document: &Document, version: &str) -> Value {
    let causes: Vec<CauseId> = document
        .findings
        .iter()
        .map(|finding| finding.cause)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let rules: Vec<Value> = causes.iter().map(|cause| rule(*cause, document)).collect();
    let results: Vec<Value> = document
        .findings
        .iter()
        .map(|finding| result(finding, causes.binary_search(&finding.cause).unwrap_or(0)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "grantproof",
                    "semanticVersion": version,
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

const fn level(severity: Severity) -> &'static str {
    severity.name()
}

/// What is known of a cause, for whoever opens a finding. Its page is in the program (`grantproof explain`), so no address is given.
fn rule(cause: CauseId, document: &Document) -> Value {
    let about = entry(cause);
    let mut help = format!(
        "{}\n\nFix: {}",
        sentence(about.setting),
        sentence(about.fix)
    );
    let told = |text: &str| !text.is_empty() && !text.starts_with('(');
    if told(about.setup_path) {
        let _ = write!(help, "\n\nSetup: {}", about.setup_path);
    }
    if told(about.metadata_field) {
        let _ = write!(help, "\n\nMetadata: {}", about.metadata_field);
    }
    let _ = write!(
        help,
        "\n\n`grantproof explain {cause}` tells how it shows and how to confirm it."
    );
    let worst = document
        .findings
        .iter()
        .filter(|finding| finding.cause == cause)
        .map(|finding| finding.severity)
        .min()
        .unwrap_or(Severity::Note);
    json!({
        "id": cause.name(),
        "name": pascal(cause.name()),
        "shortDescription": { "text": sentence(about.setting) },
        "fullDescription": { "text": sentence(about.setting) },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": level(worst) },
        "properties": { "tags": ["oauth", "salesforce"] },
    })
}

/// `cc_off_in_policies` as `CcOffInPolicies`.
fn pascal(id: &str) -> String {
    id.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}

fn result(finding: &Finding, rule: usize) -> Value {
    let mut text = sentence(&finding.message);
    if let (Some(field), Some(declared)) = (&finding.field, &finding.declared) {
        let _ = write!(text, " {field} is {declared}");
        if let Some(needed) = &finding.needed {
            let _ = write!(text, "; needed: {needed}");
        }
        text.push('.');
    }
    let _ = write!(text, " Fix: {}", sentence(&finding.fix));
    let key = [
        finding.cause.name(),
        finding.app.as_deref().unwrap_or_default(),
        &finding.file,
        finding.field.as_deref().unwrap_or_default(),
    ]
    .join("\u{1f}");
    json!({
        "ruleId": finding.cause.name(),
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&finding.file) },
                "region": { "startLine": finding.line, "startColumn": finding.column },
            },
            "logicalLocations": logical(finding),
        }],
        "partialFingerprints": { "causeAppField/v1": fingerprint(&key) },
        "properties": {
            "app": finding.app,
            "field": finding.field,
            "declared": finding.declared,
            "needed": finding.needed,
            "flows": finding.flows,
            "check": finding.check,
        },
    })
}

fn logical(finding: &Finding) -> Vec<Value> {
    let of = |name: &String, kind: &str| json!({ "fullyQualifiedName": name, "kind": kind });
    let app = finding.app.iter().map(|app| of(app, "module"));
    let field = finding.field.iter().map(|field| of(field, "member"));
    app.chain(field).collect()
}

/// The same for the same finding after lines have moved.
fn fingerprint(key: &str) -> String {
    // FNV-1a: no secrecy is asked of it, and it is the same on each system.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// A path as a relative reference; an absolute one as a file URI.
fn uri(file: &str) -> String {
    let path = utf8_percent_encode(file.trim_start_matches("./"), PATH).to_string();
    if path.starts_with('/') {
        return format!("file://{path}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("./a b/Ä#1.xml"), "a%20b/%C3%84%231.xml");
        assert_eq!(uri("/tmp/x.xml"), "file:///tmp/x.xml");
        assert_eq!(uri("../x:y"), "../x%3Ay");
        assert_eq!(pascal("cc_off_in_policies"), "CcOffInPolicies");
    }
}
