//! The arguments of `what-if` that compare two versions of a project.

use std::path::PathBuf;

use clap::Args;

/// `grantproof what-if --from …`.
#[derive(Debug, Args)]
pub struct Change {
    /// Compare two versions of a metadata project: the one before. A folder or a git revision; `A..B` compares A with B as they are now,
    /// `A...B` tells what B did since it left A, as a pull request shows it.
    #[arg(
        long,
        value_name = "DIR|REV",
        group = "declares",
        help_heading = "Two versions of a project"
    )]
    pub from: Option<String>,
    /// The version after; without it the folder of the project as it is.
    #[arg(
        long,
        value_name = "DIR|REV",
        requires = "from",
        help_heading = "Two versions of a project"
    )]
    pub to: Option<String>,
    /// The folder of the project, in the repository that a revision is of.
    #[arg(
        long,
        value_name = "DIR",
        default_value = ".",
        requires = "from",
        help_heading = "Two versions of a project"
    )]
    pub dir: PathBuf,
    /// Exit with 1 where a flow that passed is blocked, or its token lacks what it had; the app removed included. Without it the exit code is
    /// 0 also then. Counted is what flips for everybody, and for clients and users of whom the files speak.
    #[arg(long, requires = "from", help_heading = "Two versions of a project")]
    pub fail_on_newly_blocked: bool,
    /// Let `--fail-on-newly-blocked` count clients too of which the files do not say that they exist: those without PKCE, without a client
    /// secret, or through login.salesforce.com.
    #[arg(
        long,
        requires = "fail_on_newly_blocked",
        help_heading = "Two versions of a project"
    )]
    pub all_clients: bool,
    /// Also write the comparison to a file: markdown (a comment for a pull request) or json, as KIND=PATH. Repeatable.
    #[arg(
        long,
        value_name = "KIND=PATH",
        requires = "from",
        help_heading = "Two versions of a project"
    )]
    pub report: Vec<String>,
}
