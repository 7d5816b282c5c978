//! The arguments of `verify`.

use std::path::{Component, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::args::{Agent, Format};

/// `grantproof verify`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Examples:\n  grantproof verify                                 (every app of the project around this folder)\n  \
                  grantproof verify Billing_Sync                    (one of them)\n  \
                  grantproof verify force-app --app Billing_Sync\n  \
                  grantproof verify Billing_Sync --fix              (writes the change that it proposes, once you agree)\n  \
                  grantproof verify --report markdown=verify.md --format json\n\n\
                  Exit codes: 0 every grant that is meant passes · 1 one is blocked · 2 the folder cannot be read, or has no such app · \
                  3 could not run · 4 it cannot be told"
)]
pub struct Verify {
    /// The folder with the metadata of the app; or, where no folder has that name, an app of the project around this folder.
    #[arg(default_value = ".", value_name = "DIR|APP")]
    pub dir: PathBuf,
    /// Only this app, by its developer name. Repeatable.
    #[arg(long, value_name = "NAME")]
    pub app: Vec<String>,
    /// The id of the org that the files are meant for: a Local app of another org is then refused by it.
    #[arg(long, value_name = "ID", value_parser = crate::cli::lint::org_id)]
    pub org_id: Option<String>,
    /// Offer the proposed change of the files: it is shown as a diff, asked for, written, and verified again.
    #[arg(long, conflicts_with = "dry_run")]
    pub fix: bool,
    /// With `--fix`: write without asking.
    #[arg(long, requires = "fix")]
    pub yes: bool,
    /// `sim` for the simulated org that is built from the files, or a target file that has the app by its name.
    #[arg(long, default_value = "sim")]
    pub target: String,
    /// With a target file: the user whom the app is meant for. Without it the first of the file.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// With a target file: a plain user who is on no list of the app and never approved it. Without it nobody tries.
    #[arg(long, value_name = "NAME")]
    pub unlisted: Option<String>,
    /// With a target file: also probes that spend an approval of the user, or that may end tokens. For a user that nobody else needs.
    #[arg(long, value_enum, value_name = "CLASS")]
    pub allow: Option<Allow>,
    /// With a target file: who answers the pages of the org.
    #[arg(long, value_enum, default_value_t)]
    pub agent: Agent,
    /// With a target file: paste the address that the browser ends on, in place of a callback server.
    #[arg(long)]
    pub paste: bool,
    /// Keep what the files declare from the diagnosis: it then rests on the answers alone.
    #[arg(long)]
    pub blind: bool,
    /// List what would be driven, and what each probe does to an org.
    #[arg(long)]
    pub dry_run: bool,
    /// How the verdict is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Also write a report: json or markdown, as KIND=PATH. Repeatable.
    #[arg(long, value_name = "KIND=PATH", value_parser = report)]
    pub report: Vec<(Kind, PathBuf)>,
}

/// The dearest class of probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Allow {
    /// Approvals of the user: the sixth pushes the oldest out.
    Spends,
    /// Those too that may end tokens: the reuse of a refresh token.
    Ends,
}

/// A kind of report file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The document of `--format json`.
    Json,
    /// Markdown for a pull request.
    Markdown,
}

fn report(text: &str) -> Result<(Kind, PathBuf), String> {
    let (name, path) = text.split_once('=').unwrap_or((text, ""));
    let kind = match name.to_ascii_lowercase().as_str() {
        "json" => Kind::Json,
        "markdown" | "md" => Kind::Markdown,
        _ => return Err("no such kind of report; valid: json, markdown".to_owned()),
    };
    if path.is_empty() {
        return Err("no file is named: write KIND=PATH, such as markdown=verify.md".to_owned());
    }
    Ok((kind, PathBuf::from(path)))
}

impl Verify {
    /// The arguments with the name of an app in its place, where it was given in that of the folder.
    pub(super) fn settled(&self) -> Self {
        let mut settled = self.clone();
        let mut parts = self.dir.components();
        let is_a_name = matches!(
            (parts.next(), parts.next()),
            (Some(Component::Normal(_)), None)
        );
        if let Some(name) = self
            .dir
            .to_str()
            .filter(|_| is_a_name && !self.dir.exists())
        {
            settled.app.push(name.to_owned());
            settled.dir = PathBuf::from(".");
        }
        settled
    }
}
