//! Hands the arguments to [`grantproof::cli`] and exits with its code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(grantproof::cli::main(std::env::args_os()))
}
