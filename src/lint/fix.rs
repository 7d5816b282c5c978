//! What `--fix` can change in files for a finding, narrowest first. Where only a person can help (who may use an app, a new certificate, a
//! record that the org has and the folder has not) there is nothing here, and the finding says what to do.

use super::finding::Finding;
use super::subject::Subject;
use crate::cause::CauseId as C;
use crate::factor::{Delta, Factor as F, FactorKind, Value};
use crate::metadata::{DeclaredApp, Patch, Project, Record, RecordType, Unwritable};
use crate::oauth::Scope;
use crate::what_if::{Change, Want, acting, remedies as ways_out};

/// One way to mend a finding in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What is done: the imperative of a sentence, without a stop.
    pub does: String,
    /// The change.
    pub step: Step,
}

/// A change of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Settings of the app or of the org get values.
    Put(Vec<Delta>),
    /// An element that no setting of the model stands for.
    Element {
        /// The file that holds it.
        file: String,
        /// The path of the element (`shouldRotateConsumerKey`).
        path: String,
        /// What becomes of it.
        edit: Edit,
    },
    /// The file goes.
    Remove {
        /// Which.
        file: String,
    },
}

impl Remedy {
    /// Adds the change to a patch. `Err` says why these files cannot hold it; the patch then stays as it was.
    pub fn put(
        &self,
        project: &Project,
        app: Option<&DeclaredApp>,
        patch: &mut Patch,
    ) -> Result<(), Vec<Unwritable>> {
        let one = |why| vec![why];
        match &self.step {
            Step::Put(deltas) => match app {
                Some(app) => patch.put(project, app, deltas),
                None => Ok(()),
            },
            Step::Element { file, path, edit } => {
                let Some(record) = record_of(project, file) else {
                    return Ok(());
                };
                match edit {
                    Edit::Set(text) => patch.set(record, path, text),
                    Edit::Unset => patch.unset(record, path),
                    Edit::Replace { old, new } => patch.replace(record, path, old, Some(new)),
                }
                .map_err(one)
            }
            Step::Remove { file } => match record_of(project, file) {
                Some(record) => patch.remove_file(record).map_err(one),
                None => Ok(()),
            },
        }
    }
}

/// The record of an app or of the org that a file is.
fn record_of<'p>(project: &'p Project, file: &str) -> Option<&'p Record> {
    let of_apps = project.apps.iter().flat_map(|app| &app.records);
    of_apps
        .chain(&project.org_records)
        .find(|record| record.file == file)
}

/// What becomes of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// It gets this text.
    Set(String),
    /// It goes.
    Unset,
    /// Where it has the one text it gets the other.
    Replace {
        /// The text that it has.
        old: String,
        /// The text that it gets.
        new: String,
    },
}

fn put(does: impl Into<String>, deltas: Vec<Delta>) -> Vec<Remedy> {
    vec![Remedy {
        does: does.into(),
        step: Step::Put(deltas),
    }]
}

/// Sets one factor.
fn set(app: &Subject<'_, '_>, factor: F, value: impl Into<Value>) -> Vec<Remedy> {
    let value = value.into();
    let field = app.spot(factor).field;
    let name = field.rsplit('.').next().unwrap_or_default();
    let does = format!("set {name} to {value}");
    put(does, vec![Delta::new(factor, value)])
}

/// The ways to mend a finding of an app.
pub(super) fn remedies(app: &Subject<'_, '_>, finding: &Finding) -> Vec<Remedy> {
    match finding.cause {
        // Who may use an app, as whom it acts, what an org has beside the files: a person decides.
        C::CcRunAsMissing
        | C::CcRunAsNotPreauthorized
        | C::CcRunAsUnusable
        | C::CcRunAsExternal
        | C::UserNotPreauthorized
        | C::PreauthPermsetById
        | C::JwtUserNotSelfApproved
        | C::JwtCertificateExpired
        | C::PolicyRecordMissing
        | C::ProfileIpJwtAlways
        | C::ApiAccessControlInternal
        | C::AppBlocked
        | C::JwtTokenUsedOutsideRest
        | C::SandboxRefreshLostCredentials => Vec::new(),
        C::CcOffInPolicies => set(app, F::ClientCredentialsInPolicies, true),
        C::CcOffInSettings => set(app, F::ClientCredentialsInSettings, true),
        C::TxOffInPolicies => set(app, F::TokenExchangeInPolicies, true),
        C::TxOffInSettings => set(app, F::TokenExchangeInSettings, true),
        C::TxHandlerNotEnabled => put(
            "name the app in a token exchange handler that is on",
            vec![Delta::new(F::TokenExchangeHandler, "enabled")],
        ),
        C::EcaDisabled => set(app, F::AppEnabled, true),
        C::OauthPluginDisabled => set(app, F::OauthPluginEnabled, true),
        C::ScopeCcNoneValid | C::ScopeApiMissing => scope(app, "Api"),
        C::ScopeRefreshMissing | C::ScopeRefreshMissingJwt => scope(app, "RefreshToken"),
        C::RefreshPolicyZero => {
            let mut ways = lifetime("SpecificInactivity", 30);
            ways.extend(lifetime("SpecificLifetime", 365));
            ways
        }
        C::LintIncompleteRefreshPolicy => match app.word(F::RefreshTokenPolicy) {
            // What the platform gives a policy that it makes by itself.
            Some(policy) => lifetime(policy, 365),
            None => Vec::new(),
        },
        C::RefreshLifetimePassed | C::RefreshInactivityPassed if finding.check == "L11" => app
            .word(F::RefreshTokenPolicy)
            .map_or_else(Vec::new, |policy| lifetime(policy, 30)),
        C::LintIdleRefreshFields => idle(app),
        C::DeviceSecretRequired => set(app, F::SecretRequiredForRefreshToken, false),
        C::CodecredGuestOff | C::OpaqueTokenAtMcp => set(app, F::NamedUserJwt, true),
        C::CallbackCustomSchemeWithoutPkce | C::BcpNoPkce | C::PkceRequiredByOrg => {
            set(app, F::PkceRequired, true)
        }
        C::SessionHighAssuranceBlock if !app.has_certificate() => {
            let mut ways = set(app, F::PolicyAction, "RaiseSessionLevel");
            ways.extend(set(app, F::RequiredSessionLevel, "STANDARD"));
            ways
        }
        C::SessionHighAssuranceBlock | C::SessionHighAssuranceRaise => {
            set(app, F::RequiredSessionLevel, "STANDARD")
        }
        C::SessionStepupMfa if !app.has_certificate() => {
            set(app, F::PolicyAction, "RaiseSessionLevel")
        }
        C::SessionStepupMfa => set(app, F::RequiredSessionLevel, "STANDARD"),
        // Without a target org nobody knows whether the element is wrong.
        C::LocalAppCrossOrg if app.context.options.org_id.is_some() => {
            element(finding, "orgScopedExternalApp", Edit::Unset)
        }
        C::ConsumerKeyRotated if finding.check == "L26" => element(
            finding,
            "shouldRotateConsumerKey",
            Edit::Set("false".to_owned()),
        ),
        C::SecretRotated if finding.check == "L26" => element(
            finding,
            "shouldRotateConsumerSecret",
            Edit::Set("false".to_owned()),
        ),
        C::CodecredOffOrg => element(
            finding,
            "oAuthCdCrdtFlowEnable",
            Edit::Set("true".to_owned()),
        ),
        _ if finding.check == "model" => by_the_model(app, finding),
        _ => Vec::new(),
    }
}

/// The ways to mend what the reader found in the record of an app or of the org.
pub(super) fn of_the_reader(
    record: &Record,
    finding: &Finding,
    twin: Option<&Record>,
) -> Vec<Remedy> {
    let Some(path) = finding
        .field
        .as_deref()
        .and_then(|field| field.split_once('.'))
        .map(|(_, path)| path)
    else {
        return Vec::new();
    };
    match finding.cause {
        C::LintUnknownScopeName => scopes_renamed(record, finding, path),
        C::LintUnknownEnumValue => near_value(record, finding, path),
        C::LintSecretInFile => {
            let mut ways = element(finding, path, Edit::Unset);
            for way in &mut ways {
                way.does.push_str(
                    ", and rotate it in Setup: the history of the repository still has it",
                );
            }
            ways
        }
        C::PolicyDuplicateDeploy => {
            let same = twin.is_some_and(|twin| alike(twin, record));
            let step = Step::Remove {
                file: record.file.clone(),
            };
            let does = "remove the second file, which says what the first one says".to_owned();
            same.then_some(Remedy { does, step }).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Adds a scope to those that the app has.
fn scope(app: &Subject<'_, '_>, name: &str) -> Vec<Remedy> {
    let Some(scopes) = app.names(F::Scopes) else {
        return Vec::new();
    };
    let mut scopes = scopes.to_vec();
    scopes.push(name.to_owned());
    put(
        format!("add the scope {name}"),
        vec![Delta::new(F::Scopes, scopes)],
    )
}

fn lifetime(policy: &str, days: i64) -> Vec<Remedy> {
    let what = if policy == "SpecificInactivity" {
        "without use"
    } else {
        "after login"
    };
    put(
        format!("let refresh tokens expire {days} days {what}"),
        vec![
            Delta::new(F::RefreshTokenPolicy, policy),
            Delta::new(F::RefreshTokenValidityPeriod, days),
            Delta::new(F::RefreshTokenValidityUnit, "Days"),
        ],
    )
}

/// Takes out what the policy does not read.
fn idle(app: &Subject<'_, '_>) -> Vec<Remedy> {
    let Some(record) = app
        .app
        .record(RecordType::ExtlClntAppOauthConfigurablePolicies)
    else {
        return Vec::new();
    };
    [F::RefreshTokenValidityPeriod, F::RefreshTokenValidityUnit]
        .into_iter()
        .filter_map(|factor| record.kind.path_of(factor))
        .filter(|path| record.element(path).is_some())
        .map(|path| Remedy {
            does: format!("take out {path}"),
            step: Step::Element {
                file: record.file.clone(),
                path,
                edit: Edit::Unset,
            },
        })
        .collect()
}

fn element(finding: &Finding, path: &str, edit: Edit) -> Vec<Remedy> {
    let does = match &edit {
        Edit::Set(text) => format!("set {path} to {text}"),
        Edit::Unset => format!("take out {path}"),
        Edit::Replace { old, new } => format!("write {new} in place of {old}"),
    };
    vec![Remedy {
        does,
        step: Step::Element {
            file: finding.file.clone(),
            path: path.to_owned(),
            edit,
        },
    }]
}

/// Scopes under the names that metadata has for them; nothing where one of them is unknown by any name.
fn scopes_renamed(record: &Record, finding: &Finding, path: &str) -> Vec<Remedy> {
    let Some(text) = record.text(path) else {
        return Vec::new();
    };
    // One element each, in connected apps.
    if record.kind == RecordType::ConnectedApp {
        let Some(old) = finding.declared.as_deref() else {
            return Vec::new();
        };
        let new = Scope::find(old).map(|scope| scope.metadata.to_owned());
        return new.map_or_else(Vec::new, |new| {
            let old = old.to_owned();
            element(finding, path, Edit::Replace { old, new })
        });
    }
    let names: Option<Vec<&str>> = text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| Scope::find(name).map(|scope| scope.metadata))
        .collect();
    names.map_or_else(Vec::new, |names| {
        element(finding, path, Edit::Set(names.join(",")))
    })
}

/// A valid value that the wrong one plainly stands for: another case, a slip, or what Setup calls it.
fn near_value(record: &Record, finding: &Finding, path: &str) -> Vec<Remedy> {
    let Some(text) = record.text(path).filter(|text| !text.is_empty()) else {
        return Vec::new();
    };
    let valid = finding.needed.as_deref().unwrap_or_default();
    let plain = |word: &str| {
        let letters = word.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    };
    let mut words = valid.split(", ");
    // "Immediately expire refresh token" is how Setup calls `Zero`.
    let setup = (plain(text).starts_with("immediate")
        && valid.split(", ").any(|one| one == "Zero"))
    .then_some("Zero");
    let meant = words.find(|word| plain(word) == plain(text)).or(setup);
    meant.map_or_else(Vec::new, |meant| {
        element(finding, path, Edit::Set(meant.to_owned()))
    })
}

/// Whether two records declare the same, element by element.
fn alike(one: &Record, other: &Record) -> bool {
    let said = |record: &Record| {
        let tree = &record.tree;
        let mut said: Vec<(String, String)> = tree
            .children(tree.root())
            .map(|(_, element)| (element.name().to_owned(), element.text().to_owned()))
            .filter(|(name, _)| name != "label" && name != "fullName")
            .collect();
        said.sort();
        said
    };
    let flat = |record: &Record| {
        let tree = &record.tree;
        tree.children(tree.root())
            .all(|(_, element)| !element.has_children())
    };
    flat(one) && flat(other) && said(one) == said(other)
}

/// The acts of the model that metadata files can hold.
fn by_the_model(app: &Subject<'_, '_>, finding: &Finding) -> Vec<Remedy> {
    let in_files = |delta: &Delta| {
        matches!(delta.factor.kind(), FactorKind::App | FactorKind::Org)
            && !delta.factor.field().starts_with('(')
            && !matches!(
                delta.factor,
                F::ClientCredentialsFlowUser | F::PolicyRecord | F::Certificate
            )
    };
    for grant in app.meant {
        for user in acting(&[app.world], *grant) {
            let want = Want::new(*grant, user);
            let Some(problem) = want
                .problem(app.world)
                .filter(|problem| problem.cause == finding.cause)
            else {
                continue;
            };
            return ways_out(app.world, &problem, &want)
                .into_iter()
                .filter(|way| {
                    matches!(
                        way.change,
                        Change::Set(_) | Change::Together(_) | Change::Add { .. }
                    )
                })
                .map(|way| (way.does, way.change.deltas(app.world)))
                .filter(|(_, deltas)| !deltas.is_empty() && deltas.iter().all(in_files))
                .map(|(does, deltas)| Remedy {
                    does,
                    step: Step::Put(deltas),
                })
                .collect();
        }
    }
    Vec::new()
}
