//! The arguments of `verify`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Format;

/// `grantproof verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  grantproof verify                                 (every app of the project around this folder)\n  \
                  grantproof verify force-app --app Billing_Sync\n  \
                  grantproof verify --report markdown=verify.md --format json\n\n\
                  Exit codes: 0 every grant that is meant passes · 1 one is blocked · 2 the folder cannot be read, or has no such app · \
                  3 could not run · 4 it cannot be told"
)]
pub struct Verify {
    /// The folder with the metadata of the app.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Only this app, by its developer name. Repeatable.
    #[arg(long, value_name = "NAME")]
    pub app: Vec<String>,
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
