//! `init`: a new app as files, and the steps that are left.

mod args;
mod ask;
mod here;
mod write;

use std::fs;
use std::io::IsTerminal as _;
use std::path::Path;

pub use args::Init;
use here::{Found, look};

use super::args::Format;
use super::failure::{COULD_NOT_RUN, Failure, OK, USAGE, print};
use super::show::Shown;
use crate::edge::terminal;
use crate::init::{
    Answers, Document, Done, Fate, Given, SCHEMA_VERSION, TARGET, Wrong, files, steps, to_plain,
    to_text,
};
use crate::report::json;

pub(super) fn run(arguments: &Init, shown: Shown) -> Result<u8, Failure> {
    let folder = &arguments.dir;
    if folder.exists() && !folder.is_dir() {
        return Err(Failure::new(
            USAGE,
            format!("`{}` is no folder", folder.display()),
            "name the folder of the project; a new one is made",
        ));
    }
    let answers = answers(arguments)?;
    fs::create_dir_all(folder).map_err(|error| {
        Failure::new(
            COULD_NOT_RUN,
            format!("failed to make the folder `{}`: {error}", folder.display()),
            "name a folder that you may write to",
        )
    })?;
    let Found {
        here,
        directory,
        global,
        mut notes,
    } = look(folder, &answers)?;
    let files = files(&answers, &here, &directory).map_err(|reason| {
        Failure::new(
            USAGE,
            format!("no metadata file can hold this: {reason}"),
            "give another value by its flag: `grantproof init --help`",
        )
    })?;
    let done = write::write(folder, files)?;
    notes.extend(open(folder, &answers, &done));
    let document = Document {
        schema_version: SCHEMA_VERSION,
        folder: folder.display().to_string(),
        app: answers.name.clone(),
        grants: answers.grants.iter().map(|grant| grant.name()).collect(),
        files: done,
        notes,
        steps: steps(&answers, &directory, &global),
    };
    print(&match arguments.format {
        Format::Human => {
            let layout = shown.layout();
            to_text(&document, layout.style, layout.width)
        }
        Format::Plain => to_plain(&document),
        Format::Json => json::document(&document),
    })?;
    Ok(OK)
}

/// What was answered by flags, by an earlier run, in the terminal, or by nobody.
fn answers(arguments: &Init) -> Result<Answers, Failure> {
    let folder = &arguments.dir;
    let name = name_of(folder);
    let given = arguments.given();
    let target = fs::read_to_string(folder.join(TARGET)).unwrap_or_default();
    let recorded = Given::of_record(&target);
    let asks = !arguments.yes && std::io::stdin().is_terminal() && terminal::err_is_terminal();
    if !arguments.yes && !asks {
        return Err(Failure::new(
            USAGE,
            "there is no terminal to ask in",
            "`--yes` takes the defaults; the answers are --name, --grants, --callback, --contact, --scopes, --my-domain, --run-as and \
             --permission-set",
        ));
    }
    let Some(recorded) = recorded else {
        let mut given = given;
        if given.name.is_none() {
            given.name = here::only_app(folder);
        }
        let given = if asks { ask::ask(given, &name)? } else { given };
        return given.answers(&name).map_err(|wrong| invalid(&wrong));
    };
    let before = recorded
        .clone()
        .answers(&name)
        .map_err(|wrong| invalid(&wrong))?;
    let now = given
        .or(recorded)
        .answers(&name)
        .map_err(|wrong| invalid(&wrong))?;
    match now.differs(&before) {
        None => Ok(now),
        Some(flag) => Err(Failure::new(
            USAGE,
            format!(
                "the files in `{}` were made with another {flag}: the first line of {TARGET} has the answers",
                folder.display()
            ),
            "no file that is there is changed: edit the files, or begin in another folder; without flags the former answers are taken",
        )),
    }
}

/// The name of a folder, of `.` too.
fn name_of(folder: &Path) -> String {
    let whole = std::path::absolute(folder).unwrap_or_default();
    let real = fs::canonicalize(folder).unwrap_or(whole);
    let name = real.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// What nobody answered and the files only hold a place for.
fn open(folder: &Path, answers: &Answers, done: &[Done]) -> Vec<String> {
    let mut notes = Vec::new();
    let target = fs::read_to_string(folder.join(TARGET)).unwrap_or_default();
    if crate::init::names_no_org(&target) {
        notes.push(format!(
            "{TARGET} names no real org yet: put your My Domain there before a run with `--target {TARGET}`."
        ));
    }
    if Given::of_record(&target).is_none() {
        notes.push(format!(
            "{TARGET} was not made by init and is kept: see that it has the app {} and a user `ana`.",
            answers.name
        ));
    }
    let app = done
        .iter()
        .find(|file| file.fate == Fate::Written && file.path.ends_with(".eca-meta.xml"));
    if let Some(app) = app.filter(|_| answers.contact_is_open()) {
        notes.push(format!(
            "The contact of the app is {}, which is nobody: put yours into {} before the deploy.",
            answers.contact, app.path
        ));
    }
    notes
}

fn invalid(wrong: &Wrong) -> Failure {
    Failure::new(USAGE, wrong.to_string(), &wrong.help)
}
