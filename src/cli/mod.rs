//! Arguments → command → exit code. Composes the ports from `edge` and the simulated org, and prints through `edge`.

mod args;
mod ca;
mod failure;
mod keep;
mod live;
mod load;
mod run;
mod show;
mod sim;

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser as _};

pub use args::Arguments;
use args::Command;
use failure::Failure;

use crate::edge::terminal;

/// Runs the command line and gives the exit code (design section 2).
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    // Rust reports a panic by itself; a panic is our bug, and has its own code.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let arguments = match Arguments::try_parse_from(arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                // Help and version are results and go to stdout; clap knows which is which.
                let _ = error.print();
                return u8::try_from(error.exit_code()).unwrap_or(failure::USAGE);
            }
        };
        match dispatch(&arguments) {
            Ok(code) => code,
            Err(failure) => {
                terminal::err(&failure.to_text());
                failure.code()
            }
        }
    }))
    .unwrap_or(failure::BUG)
}

fn dispatch(arguments: &Arguments) -> Result<u8, Failure> {
    let shown = show::Shown::of(arguments.color, arguments.verbose);
    match &arguments.command {
        Command::Run(arguments) => run::run(arguments, shown),
        Command::Ca(command) => ca::run(command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "grantproof", &mut script);
            terminal::out(&String::from_utf8_lossy(&script));
            Ok(failure::OK)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut page)
                .map_err(|error| Failure::new(failure::COULD_NOT_RUN, error.to_string(), ""))?;
            terminal::out(&String::from_utf8_lossy(&page));
            Ok(failure::OK)
        }
        _ => unreachable!("being joined"),
    }
}
