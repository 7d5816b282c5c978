//! The terminal report: one line a scenario, and below the failing ones what went wrong, which setting, and how to fix it.

use super::judgement;
use super::style::Style;
use super::telling::{Row, Tone, advice, brief, first_trouble, rows, verdict_rows, what};
use super::text::{count, duration, one_line, push, wrap};
use super::{RunReport, ScenarioReport, Status, StepReport, Summary, Verdict};

/// How the report is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Colour and marks.
    pub style: Style,
    /// The longest line, in characters. Words that are longer stay whole.
    pub width: usize,
    /// Shows the steps of scenarios that passed, one line each.
    pub verbose: bool,
    /// The width of the column of files; 0 aligns nothing. [`report`] sets it.
    pub file_width: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            style: Style::PLAIN,
            width: 100,
            verbose: false,
            file_width: 0,
        }
    }
}

/// Where labels begin.
const INDENT: usize = 4;
/// The width of the column of labels.
const LABELS: usize = 12;
/// Narrower terminals are written as if they had this.
const NARROWEST: usize = 40;

/// The whole report.
pub fn report(report: &RunReport, layout: &Layout) -> String {
    let widest = report
        .scenarios
        .iter()
        .map(|scenario| scenario.file.chars().count())
        .max()
        .unwrap_or(0);
    let layout = Layout {
        file_width: widest.min(layout.width / 2),
        ..*layout
    };
    let mut out = String::new();
    for one in &report.scenarios {
        out.push_str(&scenario(one, &layout));
    }
    out.push_str(&closing(report, &layout));
    out
}

/// One scenario, with a trailing line break, for printing as it ends.
pub fn scenario(scenario: &ScenarioReport, layout: &Layout) -> String {
    let mut out = headline(scenario, layout);
    let went_wrong = !matches!(scenario.status, Status::Passed | Status::Skipped);
    if let Some(reason) = scenario
        .reason
        .as_deref()
        .filter(|_| scenario.status != Status::Passed)
    {
        let label = if scenario.status == Status::Skipped {
            "Skipped"
        } else {
            "Reason"
        };
        write_row(
            &mut out,
            &Row {
                label,
                lines: vec![one_line(reason)],
                tone: Tone::Plain,
            },
            layout,
        );
        if went_wrong {
            out.push('\n');
        }
    }
    for step in &scenario.steps {
        match step.status {
            Status::Passed | Status::Skipped if layout.verbose => {
                write_brief(&mut out, step, layout);
            }
            Status::Passed | Status::Skipped => {}
            _ => write_step(&mut out, step, layout),
        }
    }
    out
}

/// What stands below the scenarios: advice, bugs, an interruption, the counts.
pub fn closing(report: &RunReport, layout: &Layout) -> String {
    let style = layout.style;
    let width = layout.width.max(NARROWEST);
    let mut out = String::new();
    if !report.scenarios.is_empty() {
        out.push('\n');
    }
    let steps = report.scenarios.iter().flat_map(|scenario| &scenario.steps);
    let given = advice(steps);
    let has_advice = !given.is_empty();
    for (id, text, times) in given {
        let line = format!(
            "Advice: {} ({id}, {})",
            one_line(text),
            count(times, "step")
        );
        for line in wrap(&line, width) {
            push!(out, "{}\n", style.doubt(&line));
        }
    }
    if has_advice {
        out.push('\n');
    }
    for bug in &report.run.bugs {
        let line = format!("This is a bug of grantproof: {}", one_line(bug));
        for line in wrap(&line, width) {
            push!(out, "{}\n", style.bad(&line));
        }
    }
    if report.run.interrupted {
        let of = match report.run.planned {
            0 => String::new(),
            planned => format!(" of {planned}"),
        };
        let line = format!(
            "Interrupted: {}{of} were begun; what finished is kept.",
            count(report.scenarios.len(), "scenario")
        );
        push!(out, "{}\n", style.bad(&line));
    }
    for line in wrap(&summary(&report.summary, report.run.took_ms), width) {
        let line = if report.summary.failed + report.summary.error > 0 || report.run.interrupted {
            style.bad(&line)
        } else if report.summary.inconclusive > 0 {
            style.doubt(&line)
        } else {
            style.good(&line)
        };
        push!(out, "{line}\n");
    }
    out
}

/// The counts in one sentence.
pub fn summary(summary: &Summary, took_ms: u64) -> String {
    let parts: Vec<String> = [
        (summary.passed, "passed"),
        (summary.failed, "failed"),
        (summary.error, "could not run"),
        (summary.inconclusive, "inconclusive"),
        (summary.skipped, "skipped"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    if parts.is_empty() {
        return "No scenario was run.".to_owned();
    }
    format!(
        "{}: {}. {}, {}, {}.",
        count(summary.scenarios(), "scenario"),
        parts.join(", "),
        count(summary.steps, "step"),
        count(summary.exchanges, "request"),
        duration(took_ms)
    )
}

fn headline(scenario: &ScenarioReport, layout: &Layout) -> String {
    let style = layout.style;
    let file = one_line(&scenario.file);
    let story = one_line(&scenario.name);
    let took = match scenario.status {
        Status::Skipped => String::new(),
        _ => format!("({})", duration(scenario.took_ms)),
    };
    let (unicode, ascii) = scenario.status.marks();
    let mark = if style.unicode { unicode } else { ascii };
    let mark_gap = " ".repeat(style.mark_width() - mark.chars().count() + 1);
    let start = format!("{}{mark_gap}{file}", style.mark(&scenario.status));
    let paint = |story: &str| match scenario.status {
        Status::Passed => story.to_owned(),
        _ => style.strong(story),
    };
    let file_width = file.chars().count();
    let column = style.mark_width() + 1 + file_width.max(layout.file_width) + 2;
    let length = column + story.chars().count() + 2 + took.chars().count();
    if length <= layout.width.max(NARROWEST) {
        let gap = " ".repeat(layout.file_width.saturating_sub(file_width));
        let line = format!("{start}{gap}  {}  {}", paint(&story), style.faint(&took));
        return format!("{}\n", line.trim_end());
    }
    // Too long for one line: the story goes below the file.
    let mut out = format!("{start}  {}\n", style.faint(&took));
    for line in wrap(&story, layout.width.max(NARROWEST) - INDENT) {
        push!(out, "{}{}\n", " ".repeat(INDENT), paint(&line));
    }
    out
}

fn write_brief(out: &mut String, step: &StepReport, layout: &Layout) {
    let indent = " ".repeat(INDENT);
    let number = format!("{}. ", step.index);
    let hanging = INDENT + number.chars().count();
    let width = layout.width.max(NARROWEST).saturating_sub(hanging);
    for (at, line) in wrap(&brief(step), width).into_iter().enumerate() {
        if at == 0 {
            push!(out, "{indent}{number}{line}\n");
        } else {
            push!(out, "{}{line}\n", " ".repeat(hanging));
        }
    }
    if !step.trace.is_empty() {
        write_trace(out, step, layout);
        out.push('\n');
    }
}

/// What a simulated org judged, where it was asked for.
fn write_trace(out: &mut String, step: &StepReport, layout: &Layout) {
    if step.trace.is_empty() {
        return;
    }
    let width = layout.width.max(NARROWEST);
    let text = judgement::tell(&step.trace, INDENT, LABELS, width);
    out.push('\n');
    out.push_str(&judgement::painted(&text, layout.style));
}

fn write_step(out: &mut String, step: &StepReport, layout: &Layout) {
    let style = layout.style;
    let indent = " ".repeat(INDENT);
    let width = layout.width.max(NARROWEST) - INDENT;
    let title = format!("Step {}: {}", step.index, one_line(&step.title));
    let what = what(step);
    // A title that was made from the step names the flow already.
    let flow = what.split(" on ").next().unwrap_or_default();
    let what = if !flow.is_empty() && title.contains(flow) {
        what[flow.len()..].trim_start().to_owned()
    } else {
        what
    };
    let what = if what.is_empty() {
        what
    } else {
        format!("({what})")
    };
    out.push('\n');
    if title.chars().count() + 2 + what.chars().count() <= width {
        push!(
            out,
            "{indent}{}  {}\n",
            style.strong(&title),
            style.faint(&what)
        );
    } else {
        for line in wrap(&title, width) {
            push!(out, "{indent}{}\n", style.strong(&line));
        }
        for line in wrap(&what, width) {
            push!(out, "{indent}{}\n", style.faint(&line));
        }
    }
    for group in rows(step) {
        out.push('\n');
        for row in group {
            write_row(out, &row, layout);
        }
    }
    write_trace(out, step, layout);
    out.push('\n');
}

/// A verdict of `diagnose`.
pub fn verdict(verdict: &Verdict, layout: &Layout) -> String {
    let title = match &verdict.id {
        Some(id) if *id != verdict.input => format!("{} ({id})", verdict.input),
        _ => verdict.input.clone(),
    };
    let mut out = format!("{}\n", layout.style.strong(&one_line(&title)));
    let groups = verdict_rows(verdict);
    if groups.is_empty() {
        push!(out, "\n{}nothing failed here\n", " ".repeat(INDENT));
    }
    for group in groups {
        out.push('\n');
        for row in group {
            write_row(&mut out, &row, layout);
        }
    }
    out
}

fn write_row(out: &mut String, row: &Row, layout: &Layout) {
    let hanging = INDENT + LABELS;
    let width = layout.width.max(NARROWEST) - hanging;
    let mut label = row.label;
    for (at, text) in row.lines.iter().enumerate() {
        for line in wrap(text, width) {
            let painted = match row.tone {
                Tone::Plain => line,
                Tone::Faint => layout.style.faint(&line),
                _ if at > 0 => line,
                Tone::Bad => layout.style.bad(&line),
                Tone::Good => layout.style.good(&line),
                Tone::Doubt => layout.style.doubt(&line),
            };
            push!(out, "{}{label:<LABELS$}{painted}\n", " ".repeat(INDENT));
            label = "";
        }
    }
}

/// One line on how a scenario ended, for logs and progress: `✗ file  story: why`.
pub fn progress(scenario: &ScenarioReport, style: Style) -> String {
    let trouble = match scenario.status {
        Status::Passed => String::new(),
        _ => first_trouble(scenario.reason.as_deref(), &scenario.steps),
    };
    let colon = if trouble.is_empty() { "" } else { ": " };
    format!(
        "{} {}  {}{colon}{trouble}",
        style.mark(&scenario.status),
        one_line(&scenario.file),
        one_line(&scenario.name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_failing_scenario_reads_as_intended() {
        let text = report(&sample::run(), &Layout::default());
        sample::keep("human.txt", &text);
        assert_eq!(text, include_str!("human.golden.txt"), "{text}");
    }

    #[test]
    fn it_is_the_same_text_without_colour_and_fits_the_width() {
        let run = sample::run();
        let plain = Layout {
            width: 72,
            verbose: true,
            ..Layout::default()
        };
        let coloured = Layout {
            style: Style {
                colour: true,
                unicode: true,
            },
            ..plain
        };
        let plain = report(&run, &plain);
        let mut coloured = report(&run, &coloured);
        for code in ["0", "1", "2", "31", "32", "33"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(plain, coloured);
        assert!(
            !plain.contains('\u{1b}'),
            "a server's escape codes must not reach the terminal"
        );
        for line in plain.lines() {
            let words = line.split_whitespace().count();
            assert!(line.chars().count() <= 72 || words <= 3, "{line}");
        }
    }

    #[test]
    fn ascii_terminals_get_words_for_marks() {
        let layout = Layout {
            style: Style {
                colour: false,
                unicode: false,
            },
            ..Layout::default()
        };
        let text = scenario(&sample::failed(), &layout);
        assert!(text.starts_with("FAIL scenarios/"), "{text}");
        assert!(text.is_ascii(), "{text}");
        assert_eq!(
            progress(&sample::failed(), layout.style),
            "FAIL scenarios/refresh/nightly_job.yaml  The nightly job refreshes: step 2, The job refreshes: expected granted, \
             found refused at the token endpoint: invalid_grant, \"expired access/refresh token\" (likely refresh_policy_zero)"
        );
    }
}
