//! `--report KIND=PATH`: which file gets which report, and the one way from a run to a finished text.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::secret::Register;

use super::{RunReport, Scan, har, html, json, junit, markdown, scrub, shapes::remove_shapes};

/// A kind of report file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// The whole run as data.
    Json,
    /// JUnit XML for CI servers.
    Junit,
    /// One HTML file.
    Html,
    /// Markdown for pull requests.
    Markdown,
    /// HTTP Archive 1.2 of the exchanges.
    Har,
}

impl ReportKind {
    /// All kinds, in the order of help texts.
    pub const ALL: [Self; 5] = [
        Self::Json,
        Self::Junit,
        Self::Html,
        Self::Markdown,
        Self::Har,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Har => "har",
        }
    }

    /// Reads a name or a usual other word for it; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "md" => Some(Self::Markdown),
            "xml" => Some(Self::Junit),
            _ => Self::ALL.into_iter().find(|kind| kind.name() == word),
        }
    }
}

/// One `--report KIND=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRequest {
    /// Which report.
    pub kind: ReportKind,
    /// Where to.
    pub path: PathBuf,
}

/// A `--report` that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ReportRequestError {
    /// No `=`, or nothing after it.
    #[error("`{text}` names no file")]
    #[diagnostic(
        code(report::no_path),
        help("write KIND=PATH, such as junit=target/grantproof.xml")
    )]
    NoPath {
        /// As given.
        text: String,
    },
    /// Another kind.
    #[error("unknown kind of report `{name}`")]
    #[diagnostic(code(report::unknown_kind))]
    UnknownKind {
        /// As given.
        name: String,
        /// The near name, where there is one, and the valid ones.
        #[help]
        help: String,
    },
}

impl std::str::FromStr for ReportRequest {
    type Err = ReportRequestError;

    /// Reads `KIND=PATH`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, path) = text.split_once('=').unwrap_or((text, ""));
        let known = ReportKind::parse(&kind.to_ascii_lowercase());
        match (known, path) {
            (Some(_), "") => Err(ReportRequestError::NoPath {
                text: text.to_owned(),
            }),
            (Some(kind), path) => Ok(Self {
                kind,
                path: PathBuf::from(path),
            }),
            (None, _) => Err(ReportRequestError::UnknownKind {
                name: kind.to_owned(),
                help: near(kind),
            }),
        }
    }
}

fn near(word: &str) -> String {
    let names = ReportKind::ALL.map(ReportKind::name);
    let valid = names.join(", ");
    names
        .into_iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&word.to_ascii_lowercase(), name),
                name,
            )
        })
        .min()
        .filter(|(distance, name)| distance * 2 <= name.len())
        .map_or_else(
            || format!("valid are {valid}"),
            |(_, nearest)| format!("did you mean `{nearest}`? Valid are {valid}"),
        )
}

/// A finished report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text to write.
    pub text: String,
    /// What the last scan did. A change means that an earlier scan missed something.
    pub scan: Scan,
}

/// The report of a run for a file: scanned for the run's secrets and for token shapes, rendered, and scanned for shapes once more.
pub fn render(kind: ReportKind, report: &RunReport, run: &Register) -> Rendered {
    finish(report, run, |report| match kind {
        ReportKind::Json => json::report(report),
        ReportKind::Junit => junit::report(report),
        ReportKind::Html => html::report(report),
        ReportKind::Markdown => markdown::report(report),
        ReportKind::Har => har::report(report),
    })
}

/// The same way for any renderer: every text of the report is scanned before it is escaped, so no escape can hide a secret and no
/// replacement can break the format.
pub fn finish(
    report: &RunReport,
    run: &Register,
    format: impl FnOnce(&RunReport) -> String,
) -> Rendered {
    let (clean, mut scan) = scrub(report, &[run]);
    let rendered = format(&clean);
    let text = remove_shapes(&rendered);
    scan.changed += usize::from(matches!(text, std::borrow::Cow::Owned(_)));
    Rendered {
        text: text.into_owned(),
        scan,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{plain, sample};

    #[test]
    fn a_request_is_read_and_a_near_name_offered() {
        let read: ReportRequest = "md=out/a=b.md".parse().unwrap();
        assert_eq!(read.kind, ReportKind::Markdown);
        assert_eq!(read.path, PathBuf::from("out/a=b.md"));
        let near = "juint=x".parse::<ReportRequest>().unwrap_err();
        assert!(
            near.help()
                .unwrap()
                .to_string()
                .contains("did you mean `junit`?")
        );
        let far = "spreadsheet=x".parse::<ReportRequest>().unwrap_err();
        assert_eq!(
            far.help().unwrap().to_string(),
            "valid are json, junit, html, markdown, har"
        );
        assert!(matches!(
            "junit".parse::<ReportRequest>(),
            Err(ReportRequestError::NoPath { .. })
        ));
    }

    #[test]
    fn no_report_shows_a_secret_of_the_run_or_a_token() {
        const SECRET: &str = "canary <secret> & \"more\"";
        let token = format!("{}{}", "00D5g000004ABCD!", "AQ0AQEkzhLTY.4Jc8_wPm1xHc");
        let register = Register::new();
        register.add("client_secret", SECRET);
        let mut run = sample::run();
        run.run.arguments.push(SECRET.to_owned());
        let step = &mut run.scenarios[1].steps[1];
        step.title = format!("with {SECRET}");
        step.exchanges[1].sent.fields[2].value = SECRET.to_owned();
        if let Some(received) = &mut step.exchanges[1].received {
            received.body = format!("<b>{token}</b> {SECRET}");
        }
        let check = |name: &str, rendered: &Rendered| {
            assert!(
                !rendered.text.contains("canary"),
                "{name}: {}",
                rendered.text
            );
            assert!(!rendered.text.contains("AQ0AQ"), "{name}");
            assert!(!register.leaks(&rendered.text), "{name}");
            assert!(rendered.scan.changed >= 3, "{name}");
            assert_eq!(rendered.scan.withheld, 0, "{name}");
        };
        for kind in ReportKind::ALL {
            check(kind.name(), &render(kind, &run, &register));
        }
        check("plain", &finish(&run, &register, plain::report));
    }
}
