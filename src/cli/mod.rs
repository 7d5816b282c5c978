//! Arguments → command → exit code. Composes the ports from `edge` and the simulated org, and prints through `edge`.

mod args;
mod ask;
mod ca;
mod diagnose;
mod doctor;
pub mod failure;
mod init;
mod keep;
mod lint;
mod live;
mod load;
mod run;
mod serve;
mod show;
pub mod sim;
mod stored;
mod verify;
mod what_if;

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser as _};

pub use args::Arguments;
use args::{Command, Format, Org, SchemaOf};
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
                if arguments.wants_json() {
                    // The failure itself goes to stderr all the same.
                    let _ = terminal::out(&crate::report::json::document(&failure.to_report()));
                }
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
            failure::print(&String::from_utf8_lossy(&script))?;
            Ok(failure::OK)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut page)
                .map_err(|error| Failure::new(failure::COULD_NOT_RUN, error.to_string(), ""))?;
            failure::print(&String::from_utf8_lossy(&page))?;
            Ok(failure::OK)
        }
        Command::Org(Org::Serve(arguments)) => serve::run(arguments),
        Command::Diagnose(arguments) => diagnose::run(arguments, shown),
        Command::Explain(arguments) => explain(&arguments.topic.join(" "), arguments.format),
        Command::WhatIf(arguments) => what_if::run(arguments, shown),
        Command::Lint(arguments) => lint::run(arguments, shown),
        Command::Verify(arguments) => verify::run(arguments, shown),
        Command::Init(arguments) => init::run(arguments, shown),
        Command::Doctor(arguments) => doctor::run(arguments, shown),
        Command::Runs(arguments) => stored::runs(arguments),
        Command::Report(arguments) => stored::report(arguments, shown),
        Command::Schema(arguments) => {
            let schema = match arguments.of {
                SchemaOf::Scenario => crate::scenario::schema(),
                SchemaOf::Target => crate::scenario::target_schema(),
                SchemaOf::Diagnose => {
                    crate::report::json::schema::<crate::report::Verdicts>().to_value()
                }
                SchemaOf::WhatIf => {
                    crate::report::json::schema::<crate::what_if::Document>().to_value()
                }
                SchemaOf::Lint => crate::report::json::schema::<crate::lint::Document>().to_value(),
                SchemaOf::Verify => {
                    crate::report::json::schema::<crate::verify::Document>().to_value()
                }
                SchemaOf::WhatIfChange => {
                    crate::report::json::schema::<crate::changes::Document>().to_value()
                }
                SchemaOf::Init => crate::report::json::schema::<crate::init::Document>().to_value(),
                SchemaOf::Doctor => {
                    crate::report::json::schema::<crate::doctor::Document>().to_value()
                }
                SchemaOf::Run => {
                    crate::report::json::schema::<crate::report::RunReport>().to_value()
                }
            };
            failure::print(&crate::report::json::document(&schema))?;
            Ok(failure::OK)
        }
    }
}

fn explain(topic: &str, format: Format) -> Result<u8, Failure> {
    let Some(page) = crate::explain::explain(topic) else {
        return Err(nothing_known(topic));
    };
    failure::print(&match format {
        Format::Json => crate::report::json::document(&page),
        Format::Human | Format::Plain => crate::explain::to_text(&page, terminal::width()),
    })?;
    Ok(failure::OK)
}

/// A topic without a page. What was pasted may hold a secret: only what looks like a name is repeated.
fn nothing_known(topic: &str) -> Failure {
    let near = crate::explain::near(topic);
    let help = if near.is_empty() {
        "give a cause id, an error code, a sentence of an answer, a setting, a flow, a scope, or a status of the login history"
            .to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    let is_name = topic.len() <= 60 && !topic.contains(['=', '{', '/', '\n']);
    let what = if is_name {
        format!("nothing is known of `{topic}`")
    } else {
        "nothing is known in this text".to_owned()
    };
    Failure::new(failure::USAGE, what, &help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_without_a_page_is_repeated_only_where_it_is_a_name() {
        let text = nothing_known("user_not_preautorized").to_text();
        assert!(text.contains("`user_not_preautorized`"), "{text}");
        assert!(
            text.contains("did you mean user_not_preauthorized"),
            "{text}"
        );
        for pasted in [
            "password=hunter2secret",
            "{\"access_token\":\"hunter2secret\"}",
            "https://acme.example/cb#hunter2secret",
        ] {
            let text = nothing_known(pasted).to_text();
            assert!(!text.contains("hunter2secret"), "{text}");
        }
    }
}
