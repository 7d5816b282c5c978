//! The arguments of `what-if` that compare two versions of a project.

use std::path::PathBuf;

use clap::Args;

/// What other arguments of `what-if` have no meaning beside `--from`.
const ALONE: [&str; 4] = ["factors", "connected_app", "trace", "blockers"];

/// `grantproof what-if --from …`.
#[derive(Debug, Args)]
pub struct Change {
    /// Compare two versions of a metadata project: the one before. A folder or a git revision; `A..B` gives both, `A...B` compares B with
    /// where it left A.
    #[arg(
        long,
        value_name = "DIR|REV",
        group = "declares",
        conflicts_with_all = ALONE,
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
    /// Exit with 1 where a flow that passed is blocked, the app removed included.
    #[arg(long, requires = "from", help_heading = "Two versions of a project")]
    pub fail_on_newly_blocked: bool,
    /// Also write the comparison to a file: markdown (a comment for a pull request) or json, as KIND=PATH. Repeatable.
    #[arg(
        long,
        value_name = "KIND=PATH",
        requires = "from",
        help_heading = "Two versions of a project"
    )]
    pub report: Vec<String>,
}
