//! What a run shows: progress on stderr, the result on stdout, report files.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Color, Format};
use super::failure::{COULD_NOT_RUN, Failure};
use crate::edge::terminal;
use crate::report::human::{self, Layout};
use crate::report::{ReportRequest, RunReport, ScenarioReport, Style, finish, json, plain, render};
use crate::secret::Register;

/// How things are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// Colour on stdout.
    pub(super) colour: bool,
    /// Colour on stderr.
    pub(super) err_colour: bool,
    /// Steps of passed scenarios too.
    pub(super) verbose: bool,
}

impl Shown {
    /// `NO_COLOR` and `CLICOLOR_FORCE` decide where the command line leaves it open.
    pub(super) fn of(color: Color, verbose: u8) -> Self {
        let set = |name: &str| {
            std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
        };
        let on = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto => set("CLICOLOR_FORCE") || terminal,
        };
        Self {
            colour: on(terminal::out_is_terminal()),
            err_colour: on(terminal::err_is_terminal()),
            verbose: verbose > 0,
        }
    }

    pub(super) fn layout(self) -> Layout {
        Layout {
            style: style(self.colour),
            width: terminal::width(),
            verbose: self.verbose,
            ..Layout::default()
        }
    }
}

fn style(colour: bool) -> Style {
    Style {
        colour,
        ..Style::PLAIN
    }
}

/// The result on stdout.
pub(super) fn report(
    report: &RunReport,
    secrets: &Register,
    format: Format,
    shown: Shown,
) -> Result<(), Failure> {
    let text = finish(report, secrets, |report| match format {
        Format::Human => human::report(report, &shown.layout()),
        Format::Json => json::report(report),
        Format::Plain => plain::report(report),
    });
    super::failure::print(&text.text)
}

/// The report files. All are tried; the first that cannot be written is the failure.
pub(super) fn files(
    requests: &[ReportRequest],
    report: &RunReport,
    secrets: &Register,
) -> Result<(), Failure> {
    let mut failed = None;
    for request in requests {
        let text = render(request.kind, report, secrets).text;
        let written = request
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&request.path, text));
        if let Err(error) = written {
            let text = format!(
                "failed to write the report {}: {error}",
                request.path.display()
            );
            failed = failed.or(Some(Failure::new(
                COULD_NOT_RUN,
                text,
                "choose another path with --report KIND=PATH",
            )));
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Progress: a bar on a terminal, one plain line a scenario elsewhere.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    style: Style,
}

impl Progress {
    pub(super) fn new(count: usize, shown: Shown) -> Self {
        let bar = terminal::err_is_terminal().then(|| {
            let bar = ProgressBar::new(count as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            bar,
            style: style(shown.err_colour),
        }
    }

    pub(super) fn ended(&self, scenario: &ScenarioReport) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(scenario.file.clone());
                bar.inc(1);
            }
            None => terminal::err(&human::progress(scenario, self.style)),
        }
    }

    pub(super) fn close(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
