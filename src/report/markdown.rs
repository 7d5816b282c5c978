//! Markdown for pull requests and job summaries: the counts, a table, and the details of what did not go as expected.

use super::human::summary;
use super::telling::{advice, first_trouble, rows, what};
use super::text::{count, duration, one_line, push};
use super::{RunReport, ScenarioReport, Status};

/// The report as Markdown (GitHub's flavour).
pub fn report(report: &RunReport) -> String {
    let mut out = format!(
        "# grantproof: {}\n\n{}\n\nTarget {}, run {}, started {}.\n\n",
        verdict(report),
        escape(&summary(&report.summary, report.run.took_ms)),
        escape(&report.run.target),
        code(&report.run.id),
        escape(&report.run.started_at)
    );
    for bug in &report.run.bugs {
        push!(out, "**This is a bug of grantproof:** {}\n\n", escape(bug));
    }
    if report.run.interrupted {
        out.push_str("**The run was interrupted.** What finished is below.\n\n");
    }
    if report.scenarios.is_empty() {
        return out;
    }
    out.push_str("| | Scenario | File | Time | |\n|---|---|---|--:|---|\n");
    for scenario in &report.scenarios {
        let why = match scenario.status {
            Status::Passed => String::new(),
            _ => first_trouble(scenario.reason.as_deref(), &scenario.steps),
        };
        push!(
            out,
            "| {} {} | {} | {} | {} | {} |\n",
            scenario.status.marks().0,
            scenario.status,
            escape(&scenario.name),
            code(&scenario.file),
            duration(scenario.took_ms),
            escape(&why)
        );
    }
    for scenario in &report.scenarios {
        if !matches!(scenario.status, Status::Passed | Status::Skipped) {
            out.push_str(&details(scenario));
        }
    }
    let given = advice(report.scenarios.iter().flat_map(|scenario| &scenario.steps));
    if !given.is_empty() {
        out.push_str("\n## Advice\n\n");
        for (id, text, times) in given {
            push!(
                out,
                "- {} (`{id}`, {})\n",
                escape(text),
                count(times, "step")
            );
        }
    }
    out
}

/// How the run went, in a word or two.
pub(super) fn verdict(report: &RunReport) -> &'static str {
    let summary = &report.summary;
    if report.run.interrupted {
        "interrupted"
    } else if summary.failed > 0 {
        "failed"
    } else if summary.error > 0 {
        "could not run"
    } else if summary.inconclusive > 0 {
        "inconclusive"
    } else {
        "as expected"
    }
}

fn details(scenario: &ScenarioReport) -> String {
    let mut out = format!(
        "\n## {}\n\n{}\n",
        escape(&scenario.name),
        code(&scenario.file)
    );
    if let Some(about) = &scenario.about {
        push!(out, "\n{}\n", escape(about));
    }
    if let Some(reason) = &scenario.reason {
        push!(out, "\n{}\n", escape(reason));
    }
    for step in &scenario.steps {
        if matches!(step.status, Status::Passed | Status::Skipped) {
            continue;
        }
        push!(
            out,
            "\n### Step {}: {}\n\n{}\n\n",
            step.index,
            escape(&step.title),
            escape(&what(step))
        );
        for row in rows(step).into_iter().flatten() {
            let lines: Vec<String> = row.lines.iter().map(|line| escape(line)).collect();
            push!(out, "- **{}**: {}\n", row.label, lines.join("<br>"));
        }
    }
    out
}

/// Text without meaning for Markdown or HTML, in one line.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention would call a person, a `#1` link an issue.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A name as code; a backtick in it is replaced, for a longer fence reads worse than a wrong quote. So is a bar beside a backslash: in a table
/// `\\|` ends the cell.
pub fn code(text: &str) -> String {
    let text = one_line(text).replace('`', "'");
    let bar = if text.contains('\\') { "∣" } else { "\\|" };
    format!("`{}`", text.replace('|', bar))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_table_row_stays_one_row_and_no_markup_passes() {
        let text = report(&sample::run());
        sample::keep("report.md", &text);
        assert!(text.contains("# grantproof: failed\n"), "{text}");
        assert!(text.contains("| ! error | Client credentials \\| My Domain | `scenarios/healthy/cc.yaml` | 5 ms |"), "{text}");
        assert!(!text.contains("<&>") && !text.contains('\u{1b}'), "{text}");
        assert!(
            text.contains("- **Fix**: Choose another policy: valid until revoked, or expired after a set time or after disuse\n"),
            "{text}"
        );
        assert!(
            text.contains("refresh\\_token=\\[refresh\\_token&#35;1\\]"),
            "{text}"
        );
    }
}
