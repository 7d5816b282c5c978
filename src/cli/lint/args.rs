//! The arguments of `lint`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::Format;

/// `grantproof lint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  grantproof lint                                   (the project around this folder)\n  \
                  grantproof lint force-app --org-id 00D5g000004ABCD --deny warnings\n  \
                  grantproof lint --report sarif=lint.sarif --format github\n  \
                  grantproof lint --fix --dry-run\n\n\
                  Exit codes: 0 nothing of severity error · 1 a finding of severity error · 2 the folder cannot be read, or holds no metadata"
)]
pub struct Lint {
    /// What is reported: a folder, or one file. Inside a Salesforce DX project all of the project is read beside it.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// The id of the org that the files are meant for: Local apps of another org are then found, and those of this one are not doubted.
    #[arg(long, value_name = "ID", value_parser = org_id)]
    pub org_id: Option<String>,
    /// Only findings of this cause. Repeatable, or several separated by commas.
    #[arg(long, value_name = "CAUSE", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Exit with 1 on findings of this severity too.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub deny: Option<Deny>,
    /// Offer changes of the files, narrowest first: each is shown as a diff, and asked for before it is written.
    #[arg(long)]
    pub fix: bool,
    /// With `--fix`: write the narrowest change for each finding without asking.
    #[arg(long, requires = "fix", conflicts_with = "dry_run")]
    pub yes: bool,
    /// With `--fix`: print the diff and write nothing.
    #[arg(long, visible_alias = "diff", requires = "fix")]
    pub dry_run: bool,
    /// How the findings are written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: LintFormat,
    /// Also write a report: sarif, json, markdown, junit or github, as KIND=PATH. Repeatable.
    #[arg(long, value_name = "KIND=PATH", value_parser = report)]
    pub report: Vec<(Kind, PathBuf)>,
}

impl Lint {
    /// The format as all commands know it.
    pub fn shared_format(&self) -> Format {
        match self.format {
            LintFormat::Json => Format::Json,
            LintFormat::Plain | LintFormat::Github => Format::Plain,
            LintFormat::Human => Format::Human,
        }
    }
}

/// What is no longer let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings.
    #[value(alias = "warning")]
    Warnings,
    /// Warnings and notes.
    #[value(alias = "note")]
    Notes,
}

/// How findings are written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LintFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// One line a finding, separated by tabs.
    Plain,
    /// Workflow commands that GitHub shows as annotations.
    Github,
}

/// A kind of report file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SARIF 2.1.0.
    Sarif,
    /// The document of `--format json`.
    Json,
    /// Markdown for a pull request.
    Markdown,
    /// JUnit XML for CI servers.
    Junit,
    /// Workflow commands of GitHub.
    Github,
}

const KINDS: [(&str, Kind); 7] = [
    ("sarif", Kind::Sarif),
    ("json", Kind::Json),
    ("markdown", Kind::Markdown),
    ("junit", Kind::Junit),
    ("github", Kind::Github),
    // Usual other words.
    ("md", Kind::Markdown),
    ("xml", Kind::Junit),
];

fn report(text: &str) -> Result<(Kind, PathBuf), String> {
    let (name, path) = text.split_once('=').unwrap_or((text, ""));
    let lower = name.to_ascii_lowercase();
    let names = || KINDS[..5].iter().map(|(name, _)| *name);
    let Some((_, kind)) = KINDS.iter().find(|(word, _)| *word == lower) else {
        let near = crate::scenario::nearest(&lower, names())
            .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        let valid = names().collect::<Vec<_>>().join(", ");
        return Err(format!("no such kind of report; {near}valid: {valid}"));
    };
    if path.is_empty() {
        return Err("no file is named: write KIND=PATH, such as sarif=lint.sarif".to_owned());
    }
    Ok((*kind, PathBuf::from(path)))
}

/// The id of an org, 15 or 18 characters.
pub(in crate::cli) fn org_id(text: &str) -> Result<String, String> {
    let fits = text.starts_with("00D")
        && matches!(text.len(), 15 | 18)
        && text.chars().all(|c| c.is_ascii_alphanumeric());
    if fits {
        Ok(text.to_owned())
    } else {
        Err(
            "the id of an org begins with 00D and has 15 or 18 characters (`sf org display`)"
                .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_and_a_near_name_offered() {
        assert_eq!(
            report("md=a=b.md"),
            Ok((Kind::Markdown, PathBuf::from("a=b.md")))
        );
        assert!(report("sariff=x").unwrap_err().contains("`sarif`"));
        assert!(report("sarif").unwrap_err().contains("KIND=PATH"));
        assert!(org_id("00D5g000004ABCD").is_ok());
        assert!(org_id("my-alias").is_err());
    }
}
