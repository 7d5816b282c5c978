//! Findings for CI servers and pull requests: GitHub workflow commands, JUnit XML, Markdown.

use std::fmt::Write as _;

use super::super::finding::{Document, Finding, Severity};
use super::sentence;
use crate::report::{count, one_line};

/// Workflow commands, one line a finding, which GitHub shows at the lines of a pull request.
///
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
pub fn github(document: &Document) -> String {
    let line = |finding: &Finding| {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        format!(
            "::{command} file={},line={},col={},title={}::{}\n",
            property(&finding.file),
            finding.line,
            finding.column,
            property(&title(finding)),
            data(&told(finding))
        )
    };
    document.findings.iter().map(line).collect()
}

fn title(finding: &Finding) -> String {
    match &finding.app {
        Some(app) => format!("{} ({app})", finding.cause),
        None => finding.cause.name().to_owned(),
    }
}

/// Message, values and fix.
fn told(finding: &Finding) -> String {
    let mut text = sentence(&finding.message);
    if let (Some(field), Some(declared)) = (&finding.field, &finding.declared) {
        let _ = write!(text, "\n{field}: {declared}");
        if let Some(needed) = &finding.needed {
            let _ = write!(text, " → {needed}");
        }
    }
    if !finding.flows.is_empty() {
        let _ = write!(text, "\nTouches {}.", finding.flows.join(", "));
    }
    let _ = write!(text, "\nFix: {}", sentence(&finding.fix));
    text
}

/// What would end the message is escaped, as the runner of GitHub reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// JUnit XML: a case for each app, and one for each file that belongs to none; failed where a finding is an error.
pub fn junit(document: &Document, apps: &[&str]) -> String {
    let of_an_app = |app: &str| -> Vec<&Finding> {
        let own = |finding: &&Finding| finding.app.as_deref() == Some(app);
        document.findings.iter().filter(own).collect()
    };
    let mut cases: Vec<(&str, Vec<&Finding>)> =
        apps.iter().map(|app| (*app, of_an_app(app))).collect();
    for finding in document.findings.iter().filter(|one| one.app.is_none()) {
        match cases.iter_mut().find(|(name, _)| *name == finding.file) {
            Some((_, own)) => own.push(finding),
            None => cases.push((&finding.file, vec![finding])),
        }
    }
    let fails = |own: &[&Finding]| own.iter().any(|one| one.severity == Severity::Error);
    let failures = cases.iter().filter(|(_, own)| fails(own)).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\"",
        cases.len()
    );
    let _ = writeln!(text, "<testsuites name=\"grantproof lint\" {counts}>");
    let _ = writeln!(text, "  <testsuite name=\"lint\" {counts} skipped=\"0\">");
    for (name, own) in &cases {
        let head = format!("    <testcase classname=\"lint\" name=\"{}\"", escape(name));
        if own.is_empty() {
            let _ = writeln!(text, "{head}/>");
            continue;
        }
        let _ = writeln!(text, "{head}>");
        let (errors, others): (Vec<&Finding>, Vec<&Finding>) =
            own.iter().partition(|one| one.severity == Severity::Error);
        if let Some(first) = errors.first() {
            let _ = writeln!(
                text,
                "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                first.cause,
                escape(&sentence(&first.message)),
                escape(&whole(&errors))
            );
        }
        if !others.is_empty() {
            let _ = writeln!(
                text,
                "      <system-out>{}</system-out>",
                escape(&whole(&others))
            );
        }
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn whole(findings: &[&Finding]) -> String {
    let each = |finding: &&Finding| {
        format!(
            "{}:{}:{}: {} {}\n{}",
            finding.file,
            finding.line,
            finding.column,
            finding.severity.name(),
            title(finding),
            told(finding)
        )
    };
    findings.iter().map(each).collect::<Vec<_>>().join("\n\n")
}

/// Text and attribute values of XML 1.0; what it cannot hold is replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Markdown for a pull request: a line of counts and a table.
pub fn markdown(document: &Document) -> String {
    let counts = document.summary;
    let mut text = format!("## grantproof lint: {}\n\n", count(counts.apps, "app"));
    if document.findings.is_empty() {
        text.push_str("Nothing found.\n");
        return text;
    }
    let _ = writeln!(
        text,
        "{}, {}, {}\n",
        count(counts.error, "error"),
        count(counts.warning, "warning"),
        count(counts.note, "note")
    );
    text.push_str("| | Cause | App | Place | Declared → needed | Touches | Fix |\n");
    text.push_str("|---|---|---|---|---|---|---|\n");
    for finding in &document.findings {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
        let values = match (&finding.declared, &finding.needed) {
            (Some(declared), Some(needed)) => format!("{declared} → {needed}"),
            (one, other) => one.clone().or_else(|| other.clone()).unwrap_or_default(),
        };
        let _ = writeln!(
            text,
            "| {} | `{}` | {} | `{}:{}` {} | {} | {} | {} |",
            finding.severity.name(),
            finding.cause,
            cell(&or_none(&finding.app)),
            one_line(&finding.file).replace(['`', '|'], "'"),
            finding.line,
            cell(&or_none(&finding.field)),
            cell(&values),
            finding.flows.join(", "),
            cell(&sentence(&finding.fix))
        );
    }
    text
}

/// A text in a cell: one line, nothing in it taken for markup.
fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' | '*' | '_' | '[' | ']' | '\\' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_commands_are_escaped() {
        assert_eq!(property("a:b,c%d\ne"), "a%3Ab%2Cc%25d%0Ae");
        assert_eq!(data("50% of\r\nit: a, b"), "50%25 of%0D%0Ait: a, b");
    }

    #[test]
    fn cells_and_attributes_hold_any_text() {
        assert_eq!(cell("a|b_<c>\nd"), "a\\|b\\_&lt;c&gt; d");
        assert_eq!(escape("a\u{0}<\"&\""), "a\u{fffd}&lt;&quot;&amp;&quot;");
    }
}
