//! From paths to stories: every wrong file is reported whole, and then nothing runs.

use std::path::Path;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

use super::args;
use super::failure::{Failure, USAGE};
use crate::scenario::{self, Scenario, Selection, Story, discover};

/// The scenarios that are part of the program, by name and text.
static EXAMPLES: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The chosen stories, in order.
pub(super) fn stories(arguments: &args::Run) -> Result<Vec<Story>, Failure> {
    let selection = Selection {
        filters: arguments.filter.iter().cloned().collect(),
        tags: arguments.tag.clone(),
    };
    let scenarios = if arguments.examples {
        examples()
    } else {
        files(arguments)?
    };
    let mut stories = Vec::new();
    let mut wrong = Vec::new();
    for scenario in scenarios {
        match scenario.and_then(|scenario| scenario.stories()) {
            Ok(found) => stories.extend(found),
            Err(error) => wrong.push(error),
        }
    }
    if !wrong.is_empty() {
        return Err(rendered(wrong.iter().map(|error| error as &dyn Diagnostic)));
    }
    stories.retain(|story| selection.keeps(story));
    if stories.is_empty() {
        return Err(Failure::new(
            USAGE,
            "no scenario is chosen",
            "`--list` without `--filter` and `--tag` shows all of them",
        ));
    }
    Ok(stories)
}

type Read = Result<Scenario, scenario::Error>;

fn files(arguments: &args::Run) -> Result<Vec<Read>, Failure> {
    let files = discover(&arguments.paths, Path::new(""))
        .map_err(|error| rendered([&error as &dyn Diagnostic]))?;
    Ok(files.iter().map(|file| Scenario::read(file)).collect())
}

fn examples() -> Vec<Read> {
    let mut files: Vec<_> = EXAMPLES
        .find("**/*.yaml")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.as_file())
        .collect();
    files.sort_by_key(|file| file.path());
    files
        .into_iter()
        .map(|file| {
            Scenario::parse(
                &format!("examples/{}", file.path().display()),
                file.contents_utf8().unwrap_or_default(),
            )
        })
        .collect()
}

/// Diagnostics as a person reads them: place, reason, remedy.
pub(super) fn rendered<'a>(errors: impl IntoIterator<Item = &'a dyn Diagnostic>) -> Failure {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(crate::edge::terminal::width());
    let mut text = String::new();
    for error in errors {
        // Writing to a text cannot fail.
        let _ = handler.render_report(&mut text, error);
        text.push('\n');
    }
    Failure::rendered(USAGE, text)
}
