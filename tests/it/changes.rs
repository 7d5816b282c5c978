//! `what-if --from --to` between folders and git revisions of the samples: exactly the flows that a changed line flips, by its line; and nothing
//! that a repository configures is run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use grantproof::declared::declared;
use grantproof::exchange::Endpoint;
use grantproof::factor::{Delta, Factor, Known};
use grantproof::metadata::{DeclaredApp, Project, RecordType};
use grantproof::oauth::GrantKind;
use grantproof::what_if::{is_meant, short};
use grantproof::world::{End, NOW, Ran, World};
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran as Run, golden, root, run_in};

const DEFAULT: &str = "force-app/main/default";

/// A repository with the well-set samples in its first commit.
struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(
            &root().join("tests/data/eca-samples/force-app"),
            &folder.path().join("force-app"),
        );
        fs::write(
            folder.path().join("sfdx-project.json"),
            r#"{"packageDirectories": [{"path": "force-app", "default": true}]}"#,
        )
        .expect("a project file");
        let repository = Self(folder);
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit("first");
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.path(), arguments)
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// A file of the samples by the beginning of its name, in a folder.
    fn file(&self, folder: &str, begins: &str) -> PathBuf {
        let folder = self.path().join(DEFAULT).join(folder);
        fs::read_dir(&folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("an entry").path())
            .find(|path| name(path).starts_with(begins))
            .unwrap_or_else(|| panic!("{begins} in {}", folder.display()))
    }

    /// Replaces a text that stands in a file.
    fn edit(&self, folder: &str, begins: &str, from: &str, to: &str) -> PathBuf {
        let path = self.file(folder, begins);
        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.contains(from), "{from} in {}", path.display());
        fs::write(&path, text.replacen(from, to, 1)).expect("a file");
        path
    }

    fn what_if(&self, arguments: &[&str]) -> Run {
        run_in(self.path(), ["what-if"].iter().chain(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.what_if(&[&["--format", "json"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).expect("stdout is one JSON document")
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git is installed");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

/// `App grant user: flip`, with the party where there is one.
fn flips(document: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let flows = document["flows"].as_array().expect("flows");
    flows
        .iter()
        .map(|flow| {
            let party = flow["party"].as_str();
            let party = party.map_or_else(String::new, |party| format!(" ({party})"));
            format!(
                "{} {} {}{party}: {}",
                text(&flow["app"]),
                text(&flow["grant"]),
                text(&flow["user"]),
                text(&flow["flip"])
            )
        })
        .collect()
}

fn of_everybody(flips: BTreeSet<String>) -> BTreeSet<String> {
    flips
        .into_iter()
        .filter(|flip| !flip.contains(" ("))
        .collect()
}

/// What became of a flow, compared without `what_if`: the token with what it lacks and which calls refuse it, or why there is none.
#[derive(PartialEq, Eq)]
struct Came {
    lacking: Option<BTreeSet<String>>,
    cause: String,
    refused: BTreeSet<String>,
    rest: bool,
}

impl Came {
    fn of(ran: &Ran) -> Self {
        let refused = |at: Endpoint| {
            let used = ran.uses.iter().find(|used| used.at == at)?;
            let cause = used.end.cause()?;
            Some(format!("{} {}", at.name(), cause.name()))
        };
        Self {
            lacking: match &ran.end {
                End::Granted { lacking } => Some(
                    lacking
                        .iter()
                        .map(|cause| cause.name().to_owned())
                        .collect(),
                ),
                _ => None,
            },
            cause: match &ran.end {
                End::Refused { cause, at, .. } => format!("{} {}", at.name(), cause.name()),
                End::Page { cause, at, .. } => format!("page {} {cause:?}", at.name()),
                End::NotTried => "not tried".to_owned(),
                End::Granted { .. } => String::new(),
            },
            refused: [Endpoint::Rest, Endpoint::Userinfo]
                .into_iter()
                .filter_map(refused)
                .collect(),
            rest: refused(Endpoint::Rest).is_none(),
        }
    }

    fn flip(&self, after: &Self) -> Option<&'static str> {
        let usable = |came: &Self| came.lacking.clone().filter(|_| came.rest);
        if self == after {
            return None;
        }
        Some(match (usable(self), usable(after)) {
            (Some(_), None) => "breaks",
            (None, Some(_)) => "mends",
            (None, None) => "other_cause",
            (Some(was), Some(is)) if was == is && was.is_empty() => "uses",
            (Some(was), Some(is)) if was == is => "other_cause",
            (Some(was), Some(is)) if is.is_superset(&was) => "breaks",
            (Some(was), Some(is)) if is.is_subset(&was) => "mends",
            // A token that lacks nothing is worth more than one that does; two that lack different things are just different.
            _ => "other_cause",
        })
    }
}

/// The flips between two folders, by running each grant of each user in both worlds. Clients and people stay as they are before.
fn truth(before: &Path, after: &Path, file: &str, line: &str) -> BTreeSet<String> {
    let now = "2026-11-01T00:00:00Z".parse().expect("a time");
    let before = Project::read(before, now).expect("a project");
    let mut after = Project::read(after, now).expect("a project");
    keep(&before, &mut after);
    let mut flips = BTreeSet::new();
    for app in &before.apps {
        let Some(new) = after.apps.iter().find(|own| own.name == app.name) else {
            continue;
        };
        let (mut was, mut is) = (declared(&before, app).world, declared(&after, new).world);
        stay(&mut was, &mut is);
        // No value of a record says so: the next deploy makes a new one, and the client has the old one.
        if file == app_file(new) {
            for (element, org, client) in [
                ("Key>true", Factor::ConsumerKey, Factor::ClientId),
                ("Secret>true", Factor::ConsumerSecret, Factor::ClientSecret),
            ] {
                if line.contains(&format!("shouldRotateConsumer{element}")) {
                    is.set(&Delta::new(org, "rotated")).expect("a word");
                    is.set(&Delta::new(client, "former")).expect("a word");
                }
            }
        }
        for grant in GrantKind::ALL {
            for user in users(&was, grant).union(&users(&is, grant)) {
                let came = |world: &World| {
                    Came::of(&world.run_for(world.org.person(user), grant, &mut ()))
                };
                let off = !is_meant(&was, grant) && !is_meant(&is, grant);
                if let Some(flip) = came(&was).flip(&came(&is))
                    && !(off && flip == "other_cause")
                {
                    let user = shown(&was, &is, grant, user);
                    flips.insert(format!("{} {} {user}: {flip}", app.name, grant.name()));
                }
            }
        }
    }
    flips
}

/// A deploy leaves alone what it does not say.
fn keep(before: &Project, after: &mut Project) {
    let keep = |was: &Known, is: &mut Known| {
        for (factor, value, from) in was.iter() {
            if is.value(factor).is_none() {
                is.learn(factor, value.clone(), from.clone());
            }
        }
    };
    keep(&before.org, &mut after.org);
    for was in &before.profiles {
        match after.profiles.iter_mut().find(|own| own.name == was.name) {
            Some(is) => keep(&was.known, &mut is.known),
            None => after.profiles.push(was.clone()),
        }
    }
    for was in &before.apps {
        if let Some(is) = after.apps.iter_mut().find(|own| own.name == was.name) {
            keep(&was.known, &mut is.known);
        }
    }
}

fn app_file(app: &DeclaredApp) -> String {
    let record = app.record(RecordType::ExtlClntAppGlobalOauthSettings);
    record.map_or_else(String::new, |record| name(Path::new(&record.file)))
}

/// What no deploy changes.
fn stay(was: &mut World, is: &mut World) {
    let verifies = was.client.verifies || is.client.verifies;
    let registered = &was.org.apps[0].settings.at(NOW).callback_urls;
    if registered.contains(&was.client.redirect_uri) {
        is.client.redirect_uri.clone_from(&was.client.redirect_uri);
    }
    (is.client.address, is.client.uses_from) = (was.client.address, was.client.uses_from);
    (was.client.verifies, is.client.verifies) = (verifies, verifies);
    let missing = |one: &World, other: &World| {
        let people = other.org.people.iter();
        people
            .filter(|person| one.org.person(&person.username).is_none())
            .cloned()
            .collect::<Vec<_>>()
    };
    let (gone, come) = (missing(is, was), missing(was, is));
    is.org.people.extend(gone);
    was.org.people.extend(come);
    let sets = was.org.people[0].permission_sets.clone();
    let profile = was.org.people[0].profile.clone();
    for person in was.org.people.iter_mut().chain(&mut is.org.people) {
        person.permission_sets.clone_from(&sets);
    }
    is.org.people[0].profile = profile;
}

fn users(world: &World, grant: GrantKind) -> BTreeSet<String> {
    if grant == GrantKind::ClientCredentials {
        return BTreeSet::from([String::new()]);
    }
    let in_a_browser = grant.asks_the_person() || grant == GrantKind::RefreshToken;
    let people = world.org.people.iter();
    people
        .filter(|person| !in_a_browser || !person.api_only)
        .map(|person| person.username.clone())
        .collect()
}

fn shown(was: &World, is: &World, grant: GrantKind, user: &str) -> String {
    let run_as = |world: &World| {
        let settings = world.org.apps[0].settings.at(NOW);
        let name = settings.client_credentials_flow_user.as_deref();
        let person = name.filter(|name| world.org.person(name).is_some());
        person.map_or("(nobody)", short).to_owned()
    };
    if grant != GrantKind::ClientCredentials {
        return short(user).to_owned();
    }
    match (run_as(was), run_as(is)) {
        (one, other) if one == other => one,
        (one, other) => format!("{one} → {other}"),
    }
}

/// One line of a file, otherwise.
struct Line {
    file: PathBuf,
    /// From 1.
    number: usize,
    text: String,
    /// Whether the line is the whole element, at the first level.
    whole: bool,
}

/// Changes of one line: a switch turned, another word, an entry of a list dropped or added, an element removed.
fn changes(file: &Path) -> Vec<Line> {
    const WORDS: &[(&str, &str)] = &[
        ("AllSelfAuthorized", "AdminApprovedPreAuthorized"),
        ("AdminApprovedPreAuthorized", "AllSelfAuthorized"),
        ("SpecificLifetime", "Zero"),
        ("SpecificInactivity", "Zero"),
        ("Infinite", "Zero"),
        ("STANDARD", "HIGH_ASSURANCE"),
        (">Enforce<", ">Bypass<"),
        ("TwoHours", "FifteenMinutes"),
        ("1717/OauthRedirect", "1717/callback"),
        ("203.0.113.15<", "203.0.113.8<"),
        (">Harness_Oauth_Access<", ">Other_Access<"),
        (">Harness Integration<", ">Other<"),
        ("integration.user@", "other.user@"),
    ];
    let text = fs::read_to_string(file).expect("a file");
    let mut lines = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        let whole =
            line.starts_with("    <") && !trimmed.starts_with("</") && trimmed.contains("</");
        let mut add = |text: String| {
            lines.push(Line {
                file: file.to_owned(),
                number: place + 1,
                text,
                whole,
            });
        };
        if trimmed.contains(">true<") {
            add(line.replace(">true<", ">false<"));
        } else if trimmed.contains(">false<") {
            add(line.replace(">false<", ">true<"));
        } else if let Some((from, to)) = WORDS.iter().find(|(from, _)| line.contains(from)) {
            add(line.replace(from, to));
        } else if trimmed.starts_with("<commaSeparatedOauthScopes>") {
            let (list, end) = line.split_once("</").expect("one line");
            let (fewer, _) = list.rsplit_once([',', '>']).expect("a list");
            let fewer = if fewer.ends_with("Scopes") {
                format!("{fewer}>")
            } else {
                fewer.to_owned()
            };
            add(format!("{fewer}</{end}"));
            add(format!("{list},Full</{end}"));
        }
        let link = trimmed.contains("externalClientApplication");
        if whole && !link && !trimmed.contains("abel>") {
            add(String::new());
        }
    }
    lines
}

/// Every place where samples can be changed by one line, thinned out, with each type of file in it.
fn generated(repository: &Repository) -> Vec<Line> {
    let mut all = Vec::new();
    for folder in [
        "externalClientApps",
        "extlClntAppGlobalOauthSets",
        "extlClntAppOauthSettings",
        "extlClntAppPolicies",
        "extlClntAppOauthPolicies",
        "settings",
        "profiles",
        "profileSessionSettings",
        "permissionsets",
        "oauthtokenexchangehandlers",
    ] {
        let mut files: Vec<PathBuf> = fs::read_dir(repository.path().join(DEFAULT).join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        let lines: Vec<Line> = files.iter().flat_map(|file| changes(file)).collect();
        let step = (lines.len() / 9).max(1);
        all.extend(lines.into_iter().step_by(step));
    }
    all
}

#[test]
fn between_two_revisions_exactly_the_flows_flip_that_a_changed_line_flips() {
    let repository = Repository::new();
    let before = tempfile::tempdir().expect("a folder");
    copy(
        &repository.path().join("force-app"),
        &before.path().join("force-app"),
    );
    let lines = generated(&repository);
    assert!(lines.len() >= 30, "{}", lines.len());
    let mut flipping = 0;
    for line in &lines {
        let original = fs::read_to_string(&line.file).expect("a file");
        let changed: Vec<&str> = original
            .lines()
            .enumerate()
            .map(|(place, own)| {
                if place + 1 == line.number {
                    &line.text
                } else {
                    own
                }
            })
            .collect();
        fs::write(&line.file, changed.join("\n")).expect("a file");
        repository.commit("a line");
        let expected = truth(
            before.path(),
            repository.path(),
            &name(&line.file),
            &line.text,
        );
        fs::write(&line.file, &original).expect("a file");

        let document = repository.json(&["--from", "HEAD~1", "--to", "HEAD"]);
        repository.git(&["reset", "-q", "--hard", "HEAD~1"]);
        let what = format!("{}:{} {:?}", name(&line.file), line.number, line.text);
        assert_eq!(of_everybody(flips(&document)), expected, "{what}");
        flipping += usize::from(!expected.is_empty());
        for flow in document["flows"].as_array().expect("flows") {
            let because = flow["because"].as_array().expect("reasons");
            assert!(!because.is_empty(), "{what}: {flow}");
            for number in because {
                let number = usize::try_from(number.as_u64().expect("a number")).expect("small");
                let change = &document["changes"][number];
                let side = if line.text.is_empty() {
                    "before"
                } else {
                    "after"
                };
                if line.whole {
                    assert_eq!(change[side]["line"], line.number, "{what}: {change}");
                }
            }
        }
    }
    assert!(
        flipping >= 15,
        "{flipping} of {} lines flip something",
        lines.len()
    );
}
