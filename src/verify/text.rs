//! The verdict for people: a sentence, the matrix, what stands in the way and how it goes, what could not be told.

use std::fmt::Write as _;

use super::case::Case;
use super::document::{AppVerdict, Came, Cell, Document, State, Task, Verdict};
use super::keeps_out;
use super::matrix::CHECKS;
use crate::lint::{Finding, Severity};
use crate::report::{Style, count, one_line, wrap};

/// How the text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Colours.
    pub style: Style,
    /// Columns.
    pub width: usize,
    /// Every probe too.
    pub verbose: bool,
}

/// The report for a terminal.
pub fn human(document: &Document, layout: Layout) -> String {
    let mut text = String::new();
    for app in &document.apps {
        if !text.is_empty() {
            text.push('\n');
        }
        one(&mut text, app, layout);
    }
    if document.apps.len() > 1 {
        text.push('\n');
        text.push_str(&total(document));
    }
    text.push('\n');
    for line in [LEGEND, one_line(&tried(document)).as_str()] {
        let _ = writeln!(text, "{}", layout.style.faint(line));
    }
    text
}

/// What the columns are.
const LEGEND: &str =
    "token: one is given; checks: it is what it says; api: a REST call takes it; –: not tried.";

/// Where it was tried.
fn tried(document: &Document) -> String {
    if document.simulated {
        format!("Tried on the {}, not on a real org.", document.target)
    } else {
        format!("Tried on the target `{}`.", document.target)
    }
}

fn total(document: &Document) -> String {
    let of = |verdict| {
        let apps = document.apps.iter();
        apps.filter(|app| app.verdict == verdict).count()
    };
    format!(
        "{}: {} verified, {} blocked, {} inconclusive\n",
        count(document.apps.len(), "app"),
        of(Verdict::Verified),
        of(Verdict::Blocked),
        of(Verdict::Inconclusive)
    )
}

fn one(text: &mut String, app: &AppVerdict, layout: Layout) {
    let style = layout.style;
    let summary = one_line(&app.summary);
    let _ = writeln!(
        text,
        "{} {}",
        mark(word(app.verdict), style),
        style.strong(&summary)
    );
    text.push('\n');
    table(text, app, style);
    if layout.verbose {
        ladder(text, app, layout);
    }
    causes(text, app, layout);
    handover(text, app, layout);
    told_beside(text, app, layout);
    rest(text, app, layout);
}

const fn word(verdict: Verdict) -> State {
    match verdict {
        Verdict::Verified => State::Passed,
        Verdict::Blocked => State::Blocked,
        Verdict::Inconclusive => State::CannotTell,
    }
}

fn mark(state: State, style: Style) -> String {
    match state {
        State::Passed => style.good(if style.unicode { "✓" } else { "y" }),
        State::Blocked => style.bad(if style.unicode { "✗" } else { "n" }),
        State::CannotTell => style.doubt("?"),
        State::NotEnabled | State::NotEvaluated => {
            style.faint(if style.unicode { "–" } else { "-" })
        }
    }
}

fn table(text: &mut String, app: &AppVerdict, style: Style) {
    let head = CHECKS.map(|check| format!("{check:<8}")).concat();
    let _ = writeln!(
        text,
        "  {}",
        style.faint(&format!("{:<20}{}", "grant", head.trim_end()))
    );
    for row in &app.matrix {
        let mut marks = String::new();
        for cell in &row.cells {
            let _ = write!(marks, "{}{:7}", mark(cell.state, style), "");
        }
        let why = match row.cells.first() {
            Some(cell) if cell.state == State::NotEnabled => "not enabled".to_owned(),
            _ => row.cells.iter().find_map(why).unwrap_or_default(),
        };
        let line = format!("  {:<20}{marks}{why}", row.grant);
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// Why a cell is not passed, in a few words.
fn why(cell: &Cell) -> Option<String> {
    match cell.state {
        State::Blocked | State::CannotTell => {
            let cause = cell.cause.as_deref()?;
            Some(match &cell.or[..] {
                [] => cause.to_owned(),
                [other] => format!("{cause} or {other}"),
                others => format!("{cause} or {} others", others.len()),
            })
        }
        State::NotEnabled | State::NotEvaluated | State::Passed => None,
    }
}

fn ladder(text: &mut String, app: &AppVerdict, layout: Layout) {
    text.push_str("\nThe ladder\n");
    for step in &app.ladder {
        let state = match step.came {
            Came::Passed | Came::Expected => State::Passed,
            Came::Refused => State::Blocked,
            Came::NotSent | Came::Unanswered => State::CannotTell,
        };
        let tells = step.tells.as_deref().or(step.answer.as_deref());
        let tells = tells.map_or_else(String::new, |tells| format!(": {}", one_line(tells)));
        hang(
            text,
            &format!("  {} {:>2} ", mark(state, layout.style), step.rung),
            7,
            &format!("{}{tells}", step.does),
            layout.width,
        );
    }
}

/// What keeps the files out of every org, then each cause of the matrix once, with its sentence.
fn causes(text: &mut String, app: &AppVerdict, layout: Layout) {
    let mut told: Vec<&str> = Vec::new();
    for finding in app.findings.iter().filter(|one| keeps_out(one)) {
        if told.is_empty() {
            text.push_str("\nWhat stands in the way\n");
        }
        told.push(&finding.message);
        let line = format!(
            "{} at {}:{}: {}",
            finding.cause, finding.file, finding.line, finding.message
        );
        hang(text, "  ", 4, &one_line(&line), layout.width);
    }
    for (row, cell) in app
        .matrix
        .iter()
        .flat_map(|row| row.cells.iter().map(move |cell| (row, cell)))
    {
        let Some(setting) = cell.setting.as_deref() else {
            continue;
        };
        if told.contains(&setting) {
            continue;
        }
        if told.is_empty() {
            text.push_str("\nWhat stands in the way\n");
        }
        told.push(setting);
        let cause = cell.cause.as_deref().unwrap_or(cell.check);
        hang(
            text,
            "  ",
            4,
            &format!("{cause}: {}", one_line(setting)),
            layout.width,
        );
        if let Some(answer) = answer_to(app, row.grant) {
            hang(
                text,
                "    ",
                6,
                &format!("answered: {}", one_line(answer)),
                layout.width,
            );
        }
    }
}

/// The words in which a grant was refused.
fn answer_to<'a>(app: &'a AppVerdict, grant: &str) -> Option<&'a str> {
    let mut steps = app.ladder.iter();
    let step = steps.find(|step| step.grant == grant && step.came == Came::Refused)?;
    step.answer.as_deref()
}

fn handover(text: &mut String, app: &AppVerdict, layout: Layout) {
    let stuck = app.blockers.iter().flat_map(|found| &found.stuck);
    for one in stuck {
        let line = format!(
            "No change lets {} pass: {}: {}",
            one.grant, one.cause, one.reason
        );
        text.push('\n');
        hang(text, "", 2, &line, layout.width);
    }
    if app.handover.is_empty() {
        return;
    }
    let smallest = app
        .blockers
        .as_ref()
        .and_then(|found| found.fix.as_ref())
        .is_some_and(|fix| fix.smallest);
    let head = if smallest {
        "The smallest fix that opens least"
    } else {
        "A fix"
    };
    let _ = writeln!(text, "\n{head}");
    let mut last = None;
    for task in &app.handover {
        if last != Some(task.does.as_str()) {
            let does = if task.instead {
                format!("Or, in the files: {}", task.does)
            } else {
                upper(&task.does)
            };
            hang(text, "  ", 4, &does, layout.width);
            if let Some(path) = &task.click_path {
                hang(text, "    ", 6, path, layout.width);
            }
            if !task.opens.is_empty() {
                let opens = format!("opens: {}", one_line(&task.opens));
                hang(text, "    ", 6, &opens, layout.width);
            }
            last = Some(task.does.as_str());
        }
        hang(text, "    ", 6, &place(task), layout.width);
    }
    if let Some(patch) = &app.patch {
        text.push('\n');
        for line in patch.lines() {
            let line = match line.as_bytes().first() {
                Some(b'+') => layout.style.good(line),
                Some(b'-') => layout.style.bad(line),
                _ => line.to_owned(),
            };
            let _ = writeln!(text, "    {line}");
        }
        let _ = writeln!(
            text,
            "\n    {}",
            layout.style.faint("`verify --fix` writes it")
        );
    }
}

/// Where a value stands, and what it becomes.
fn place(task: &Task) -> String {
    let mut line = task.field.clone();
    if let Some(needed) = &task.needed {
        let now = task.now.as_deref().unwrap_or("nothing");
        let _ = write!(line, ": {now} → {needed}");
    }
    match (&task.file, task.line, &task.not_in_files) {
        (_, _, Some(why)) => {
            let _ = write!(line, " (not in these files: {why})");
        }
        (Some(file), Some(number), None) => {
            let _ = write!(line, " ({file}:{number})");
        }
        _ => {}
    }
    one_line(&line)
}

/// What others meet, and what only the files show.
fn told_beside(text: &mut String, app: &AppVerdict, layout: Layout) {
    let others = app
        .diagnosis
        .iter()
        .filter(|one| one.about != "a listed user");
    let mut said_so = false;
    let mut begin = |text: &mut String| {
        if !std::mem::replace(&mut said_so, true) {
            text.push_str("\nAlso seen\n");
        }
    };
    for other in others {
        let Some(first) = other.diagnosis.candidates.first() else {
            continue;
        };
        begin(text);
        let line = format!(
            "{} is refused: {}: {}",
            upper(other.about),
            first.cause,
            first.label
        );
        hang(text, "  ", 4, &one_line(&line), layout.width);
    }
    let causes: Vec<&str> = app
        .matrix
        .iter()
        .flat_map(|row| &row.cells)
        .filter_map(|cell| cell.cause.as_deref())
        .collect();
    let mut findings: Vec<&Finding> = app.findings.iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    for finding in findings {
        let told = causes.contains(&finding.cause.name()) || keeps_out(finding);
        if finding.severity == Severity::Note || told {
            continue;
        }
        begin(text);
        let line = format!(
            "{} {} at {}:{}: {}",
            finding.severity.name(),
            finding.cause,
            finding.file,
            finding.line,
            finding.message
        );
        hang(text, "  ", 4, &one_line(&line), layout.width);
    }
}

fn rest(text: &mut String, app: &AppVerdict, layout: Layout) {
    if !app.cannot_tell.is_empty() {
        text.push_str("\nCannot tell\n");
        for one in &app.cannot_tell {
            let line = format!("{}: needs {}", one.grant, one.missing);
            hang(text, "  ", 4, &one_line(&line), layout.width);
        }
    }
    if !app.model_differs.is_empty() {
        text.push_str("\nOur model differs here\n");
        for one in &app.model_differs {
            let line = format!(
                "{}: the model says {}; seen: {}",
                one.does, one.predicted, one.observed
            );
            hang(text, "  ", 4, &one_line(&line), layout.width);
        }
    }
    text.push_str("\nThis holds if\n");
    for one in &app.assumed {
        hang(text, "  ", 4, &one_line(one), layout.width);
    }
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A paragraph whose further lines go in.
fn hang(text: &mut String, begin: &str, deep: usize, words: &str, width: usize) {
    let lines = wrap(words, width.saturating_sub(deep).max(20));
    for (number, line) in lines.iter().enumerate() {
        if number == 0 {
            let _ = writeln!(text, "{begin}{line}");
        } else {
            let _ = writeln!(text, "{:deep$}{line}", "");
        }
    }
}

/// One line a check, separated by tabs: app, verdict, grant, check, state, cause.
pub fn plain(document: &Document) -> String {
    let name = |state| match state {
        State::Passed => "passed",
        State::Blocked => "blocked",
        State::CannotTell => "cannot_tell",
        State::NotEnabled => "not_enabled",
        State::NotEvaluated => "not_evaluated",
    };
    let mut text = String::new();
    for app in &document.apps {
        for row in &app.matrix {
            for cell in &row.cells {
                let cause = cell.cause.as_deref().unwrap_or("-");
                let _ = writeln!(
                    text,
                    "{}\t{}\t{}\t{}\t{cause}",
                    one_line(&app.app),
                    row.grant,
                    cell.check,
                    name(cell.state)
                );
            }
        }
    }
    text
}

/// Markdown for a pull request.
pub fn markdown(document: &Document) -> String {
    let layout = Layout {
        style: Style::PLAIN,
        width: 100,
        verbose: false,
    };
    let mut text = String::from("## grantproof verify\n\n");
    text.push_str("| app | verdict |\n|---|---|\n");
    for app in &document.apps {
        let _ = writeln!(
            text,
            "| `{}` | {} |",
            one_line(&app.app),
            one_line(&app.summary).replace('|', "\\|")
        );
    }
    for app in &document.apps {
        let mut own = String::new();
        one(&mut own, app, layout);
        let name = one_line(&app.app);
        // A fence longer than any in the text.
        let block = format!("~~~~text\n{own}~~~~\n");
        let _ = if app.verdict == Verdict::Verified {
            write!(
                text,
                "\n<details><summary><code>{name}</code></summary>\n\n{block}\n</details>\n"
            )
        } else {
            write!(text, "\n### `{name}`\n\n{block}")
        };
    }
    let _ = writeln!(text, "\n{}", one_line(&tried(document)));
    text
}

/// What would be driven, rung by rung.
pub fn dry(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        let _ = writeln!(text, "{}", one_line(&case.app));
        for rung in case.chains().iter().flat_map(|chain| &chain.rungs) {
            let _ = writeln!(
                text,
                "  {:>2}  {:<15} {}",
                rung.number,
                rung.class.name(),
                rung.title()
            );
        }
    }
    text
}
