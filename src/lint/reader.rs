//! What the reader of the files found, as findings of the linter.

use std::collections::HashMap;

use super::finding::{Finding, Severity};
use super::fix;
use crate::cause::{CauseId, entry};
use crate::metadata::{
    DeclaredApp, ElementId, Finding as Read, FindingKind as Kind, Place, Project, Record,
    RecordType,
};

/// The findings of the reader, each with its app where the file belongs to one.
pub(super) fn findings(project: &Project) -> Vec<Finding> {
    let records: HashMap<&str, (&Record, Option<&DeclaredApp>)> = project
        .apps
        .iter()
        .flat_map(|app| app.records.iter().map(move |record| (record, Some(app))))
        .chain(project.org_records.iter().map(|record| (record, None)))
        .map(|(record, app)| (record.file.as_str(), (record, app)))
        .collect();
    let mut found: Vec<Finding> = Vec::new();
    for read in &project.findings {
        let (record, app) = match records.get(read.file.as_str()) {
            Some((record, app)) => (Some(*record), *app),
            None => (None, None),
        };
        let mut next = finding(read, app.map(|app| app.name.as_str()));
        if let Some(record) = record {
            if read.kind == Kind::SecretInFile
                && let Some(path) = path_at(record, record.tree.root(), next.line, next.column)
            {
                next.field = Some(record.field(&path));
            }
            let twin = app.and_then(|app| app.record(record.kind));
            let twin = twin.filter(|twin| twin.file != record.file);
            next.remedies = fix::of_the_reader(record, &next, twin);
        }
        match found.last_mut() {
            Some(last) if same_scopes(last, &next) => join(last, &next),
            _ => found.push(next),
        }
    }
    merge_missing_policies(&mut found);
    found
}

/// The path of the element that begins at a place.
fn path_at(record: &Record, parent: ElementId, line: usize, column: usize) -> Option<String> {
    record.tree.children(parent).find_map(|(id, element)| {
        if element.place() == (Place { line, column }) {
            return Some(element.name().to_owned());
        }
        let below = path_at(record, id, line, column)?;
        Some(format!("{}.{below}", element.name()))
    })
}

/// Whether two findings are about two scopes of one element.
fn same_scopes(one: &Finding, other: &Finding) -> bool {
    one.cause == CauseId::LintUnknownScopeName
        && other.cause == one.cause
        && (&one.file, one.line, one.column) == (&other.file, other.line, other.column)
}

/// Tells the second with the first.
fn join(first: &mut Finding, second: &Finding) {
    let both = |one: &str, other: &str, by: &str| format!("{one}{by}{other}");
    let list = |one: &Option<String>, other: &Option<String>| {
        let (one, other) = (one.as_deref()?, other.as_deref()?);
        Some(both(one, other, ","))
    };
    first.declared = list(&first.declared, &second.declared);
    first.needed = list(&first.needed, &second.needed);
    first.message = both(&first.message, &second.message, "; ");
    first.fix = both(&first.fix, &second.fix, "; ");
}

fn finding(read: &Read, app: Option<&str>) -> Finding {
    let (cause, severity, flows) = judged(read);
    let field = read.field.clone();
    let (declared, needed) = values(read);
    Finding {
        cause,
        app: app.map(str::to_owned),
        severity,
        file: read.file.clone(),
        line: read.line,
        column: read.column,
        field,
        declared,
        needed,
        flows,
        check: check(read.kind),
        message: read.message.clone(),
        fix: if read.help.is_empty() {
            entry(cause).fix.to_owned()
        } else {
            read.help.clone()
        },
        remedies: Vec::new(),
    }
}

/// The list of checks has a number for some of them.
const fn check(kind: Kind) -> &'static str {
    match kind {
        Kind::UnknownScope => "L14",
        Kind::MissingRecord | Kind::DuplicateRecord => "L24",
        Kind::UnknownValue => "L27",
        Kind::SecretInFile => "L28",
        _ => "file",
    }
}

/// What a finding of the reader is here: id, weight, and the flows that it touches.
fn judged(read: &Read) -> (CauseId, Severity, Vec<&'static str>) {
    use CauseId as C;
    use Severity as S;
    let deploy = || vec!["metadata_deploy"];
    let field = read.field.as_deref().unwrap_or_default();
    let of = |kind: RecordType| field.split('.').next() == Some(kind.name());
    match read.kind {
        Kind::NotRead => {
            // Profiles grow beyond any bound, and most of what is in them decides no login.
            let large = [".profile", ".permissionset"]
                .iter()
                .any(|ending| read.file.trim_end_matches("-meta.xml").ends_with(ending));
            let severity = if large { S::Warning } else { S::Error };
            (C::LintNotRead, severity, Vec::new())
        }
        Kind::Broken => (C::LintBrokenFile, S::Error, deploy()),
        Kind::WrongSuffix => (C::LintWrongSuffix, S::Warning, deploy()),
        Kind::WrongRoot => (C::LintWrongRoot, S::Error, deploy()),
        Kind::UnknownElement => (C::LintUnknownElement, S::Warning, deploy()),
        Kind::RepeatedElement => (C::LintRepeatedElement, S::Warning, deploy()),
        Kind::StrayContent => (C::LintStrayContent, S::Warning, deploy()),
        Kind::UnknownValue => (C::LintUnknownEnumValue, S::Error, deploy()),
        Kind::UnknownScope => (C::LintUnknownScopeName, S::Error, deploy()),
        Kind::UnreadableCertificate => (C::LintUnreadableCertificate, S::Error, vec!["jwt_bearer"]),
        Kind::SecretInFile => (C::LintSecretInFile, S::Error, Vec::new()),
        Kind::MissingLink => (C::LintMissingLink, S::Error, deploy()),
        Kind::MissingRecord
            if of(RecordType::ExtlClntAppOauthConfigurablePolicies)
                || of(RecordType::ExtlClntAppConfigurablePolicies) =>
        {
            (C::PolicyRecordMissing, S::Warning, Vec::new())
        }
        Kind::MissingRecord => (C::LintMissingRecord, S::Note, Vec::new()),
        Kind::DuplicateRecord
            if of(RecordType::ExtlClntAppOauthConfigurablePolicies)
                || of(RecordType::ExtlClntAppConfigurablePolicies) =>
        {
            (C::PolicyDuplicateDeploy, S::Error, deploy())
        }
        Kind::DuplicateRecord => (C::LintDuplicateRecord, S::Warning, deploy()),
        Kind::NotJudged => (C::LintNotJudged, S::Note, Vec::new()),
    }
}

/// Declared and needed, where the reader's words have them. A secret is in none of them.
fn values(read: &Read) -> (Option<String>, Option<String>) {
    let quoted = |text: &str| {
        let (_, rest) = text.rsplit_once(" `")?;
        Some(rest.strip_suffix('`')?.to_owned())
    };
    let valid = read
        .help
        .split_once("valid: ")
        .map(|(_, valid)| valid.to_owned());
    match read.kind {
        Kind::UnknownValue => (quoted(&read.message), valid),
        Kind::UnknownScope => (
            quoted(&read.message),
            quoted(&read.help).or_else(|| Some("a scope as metadata names it".to_owned())),
        ),
        Kind::MissingRecord => (
            Some("(absent)".to_owned()),
            read.field
                .as_ref()
                .map(|field| format!("a record of {field}")),
        ),
        Kind::SecretInFile => (Some("(a secret)".to_owned()), Some("no element".to_owned())),
        Kind::DuplicateRecord => (Some("(two)".to_owned()), Some("one".to_owned())),
        _ => (None, None),
    }
}

/// An app without any policies lacks two records, which is one thing to mend.
fn merge_missing_policies(found: &mut Vec<Finding>) {
    let oauth = RecordType::ExtlClntAppOauthConfigurablePolicies.name();
    let lacks_oauth: Vec<Option<String>> = found
        .iter()
        .filter(|one| one.cause == CauseId::PolicyRecordMissing)
        .filter(|one| one.field.as_deref() == Some(oauth))
        .map(|one| one.app.clone())
        .collect();
    found.retain(|one| {
        one.cause != CauseId::PolicyRecordMissing
            || one.field.as_deref() == Some(oauth)
            || !lacks_oauth.contains(&one.app)
    });
}
