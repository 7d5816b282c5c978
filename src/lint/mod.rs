//! The declared policy judged without traffic: what is wrong with the files of a project, at file and line.
//!
//! Three sources, one list. The *reader* tells what a file cannot mean; the *static checks* hold values beside each other; the *model* plays
//! each grant that is meant on what the files declare, and a grant that passes for nobody is a finding at the line that decides it. A cause
//! is reported once for an app, whoever found it first. Pure: a project and a moment in, findings out.

mod finding;
mod fix;
mod implied;
mod reader;
mod rules;
mod shown;
mod subject;

use std::collections::HashMap;

use jiff::Timestamp;

pub use finding::{Counts, Document, Finding, SCHEMA_VERSION, Severity};
pub use fix::{Edit, Remedy, Step};
pub(crate) use implied::{calls_rest, code_and_credentials, meant};
pub use shown::{Layout, github, human, junit, markdown, plain, sarif};

use crate::cause::{CauseId, entry};
use crate::declared::declared;
use crate::metadata::{DeclaredApp, Project};
use subject::{Context, Draft, Subject};

/// What the caller knows beside the files.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The id of the org that the files are meant for.
    pub org_id: Option<String>,
}

/// Everything that is wrong with a project, by file and line. Certificates are judged by `now`.
pub fn lint(project: &Project, now: Timestamp, options: &Options) -> Vec<Finding> {
    let context = Context::new(project, now, options);
    let mut findings = reader::findings(project);
    // What the reader told of an app, the model need not tell again.
    let told: HashMap<(String, CauseId), usize> = findings
        .iter()
        .enumerate()
        .filter_map(|(at, finding)| Some(((finding.app.clone()?, finding.cause), at)))
        .collect();
    for app in &project.apps {
        for finding in of_app(&context, app) {
            match told.get(&(app.name.clone(), finding.cause)) {
                Some(at) if finding.check == "model" => join_flows(&mut findings[*at], &finding),
                _ => findings.push(finding),
            }
        }
    }
    findings.sort_by(Finding::order);
    findings.dedup_by(|one, other| {
        (&one.file, one.line, one.column) == (&other.file, other.line, other.column)
            && (one.cause, &one.field, &one.app) == (other.cause, &other.field, &other.app)
    });
    findings
}

/// Adds the flows of a finding to those of one that tells the same.
fn join_flows(one: &mut Finding, other: &Finding) {
    for flow in &other.flows {
        if !one.flows.contains(flow) {
            one.flows.push(flow);
        }
    }
}

/// The findings of one app: the static checks first, then what the model adds.
fn of_app(context: &Context<'_>, app: &DeclaredApp) -> Vec<Finding> {
    let world = declared(context.project, app).world;
    let meant = implied::meant(&world, app);
    let subject = Subject {
        context,
        app,
        world: &world,
        meant: &meant,
    };
    let mut findings = Vec::new();
    for rule in rules::RULES {
        let mut drafts = Vec::new();
        (rule.find)(&subject, &mut drafts);
        findings.extend(drafts.into_iter().map(|draft| Finding {
            check: rule.check,
            ..finish(&subject, draft)
        }));
    }
    implied::add(&subject, &mut findings);
    for finding in &mut findings {
        finding.remedies = fix::remedies(&subject, finding);
    }
    findings
}

/// What every finding of an app has: its name, and what to do.
fn finish(subject: &Subject<'_, '_>, Draft(mut finding): Draft) -> Finding {
    finding.app = Some(subject.app.name.clone());
    if finding.fix.is_empty() {
        entry(finding.cause).fix.clone_into(&mut finding.fix);
    }
    finding
}
