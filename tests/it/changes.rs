//! `what-if --from --to` between folders and git revisions of the samples: exactly the flows that a changed line flips, by its line; and nothing
//! that a repository configures is run.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use grantproof::declared::declared;
use grantproof::exchange::Endpoint;
use grantproof::factor::{Delta, Factor, Known};
use grantproof::metadata::{DeclaredApp, Project, RecordType};
use grantproof::model::PermittedUsers;
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
    // Where users approve an app themselves, they have.
    if was.org.apps[0].settings.at(NOW).permitted_users == PermittedUsers::AllSelfAuthorized {
        let approval = Delta::new(Factor::Approval, "with_refresh_token");
        for person in was.org.people.clone() {
            was.set(&approval.clone().of(person.username))
                .expect("a word");
        }
    }
    is.org.families.clone_from(&was.org.families);
    is.org.refresh_tokens.clone_from(&was.org.refresh_tokens);
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
            if flow["flip"] == "breaks" {
                assert!(flow["fix"].is_string(), "{what}: {flow}");
            }
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

/// A line changed by hand, and what it flips.
struct Hand {
    folder: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    flips: &'static [&'static str],
}

const BY_HAND: &[Hand] = &[
    Hand {
        folder: "extlClntAppOauthPolicies",
        file: "Harness_Web_",
        from: "SpecificLifetime",
        to: "Zero",
        flips: &["Harness_Web refresh_token ana: breaks"],
    },
    Hand {
        folder: "extlClntAppPolicies",
        file: "Harness_Web_",
        from: "<isEnabled>true",
        to: "<isEnabled>false",
        flips: &[
            "Harness_Web authorization_code ana: breaks",
            "Harness_Web refresh_token ana: breaks",
        ],
    },
    Hand {
        folder: "extlClntAppOauthPolicies",
        file: "Harness_ClientCred_",
        from: "<isClientCredentialsFlowEnabled>true",
        to: "<isClientCredentialsFlowEnabled>false",
        flips: &[
            "Harness_ClientCred client_credentials integration.user@example.com.harness: breaks",
        ],
    },
    Hand {
        folder: "extlClntAppOauthPolicies",
        file: "Harness_ClientCred_",
        from: "    <clientCredentialsFlowUser>integration.user@example.com.harness</clientCredentialsFlowUser>\n",
        to: "",
        flips: &[
            "Harness_ClientCred client_credentials integration.user@example.com.harness → (nobody): breaks",
        ],
    },
    Hand {
        folder: "extlClntAppOauthPolicies",
        file: "Harness_TokenExchange_",
        from: "<isTokenExchangeFlowEnabled>true",
        to: "<isTokenExchangeFlowEnabled>false",
        flips: &[
            "Harness_TokenExchange token_exchange Harness Integration: breaks",
            "Harness_TokenExchange token_exchange ana: breaks",
            "Harness_TokenExchange token_exchange integration: breaks",
        ],
    },
    Hand {
        folder: "extlClntAppGlobalOauthSets",
        file: "Harness_Device_",
        from: "<isDeviceFlowEnabled>true",
        to: "<isDeviceFlowEnabled>false",
        flips: &["Harness_Device device ana: breaks"],
    },
    Hand {
        folder: "extlClntAppOauthPolicies",
        file: "Harness_Jwt_",
        from: "Harness_Oauth_Access",
        to: "Other_Access",
        flips: &[
            "Harness_Jwt authorization_code ana (with only the permission set Other_Access): mends",
            "Harness_Jwt authorization_code ana: breaks",
            "Harness_Jwt jwt_bearer Harness Integration: breaks",
            "Harness_Jwt jwt_bearer ana (with only the permission set Other_Access): mends",
            "Harness_Jwt jwt_bearer ana: breaks",
            "Harness_Jwt jwt_bearer integration: breaks",
            "Harness_Jwt refresh_token ana (with only the permission set Other_Access): mends",
            "Harness_Jwt refresh_token ana: breaks",
        ],
    },
    // A client that sends the URL which went.
    Hand {
        folder: "extlClntAppGlobalOauthSets",
        file: "Harness_Web_",
        from: "\nhttps://harness.example.com/callback",
        to: "",
        flips: &[
            "Harness_Web authorization_code ana (sends https://harness.example.com/callback): breaks",
        ],
    },
    // The client that every comparison has comes from 203.0.113.9.
    Hand {
        folder: "profiles",
        file: "Harness Integration",
        from: "203.0.113.15",
        to: "203.0.113.8",
        flips: &[
            "Harness_Jwt jwt_bearer Harness Integration: breaks",
            // Blocked before, by the session level that it asks for.
            "Harness_Legacy jwt_bearer Harness Integration: other_cause",
            "Harness_TokenExchange token_exchange Harness Integration: breaks",
        ],
    },
    // Turned on for the org, it matters to clients without PKCE of the one app that did not ask for it.
    Hand {
        folder: "settings",
        file: "OauthOidc",
        from: "<isPkceRequired>false",
        to: "<isPkceRequired>true",
        flips: &["Harness_Legacy authorization_code ana (without PKCE): breaks"],
    },
    // The client goes on with the secret that it has.
    Hand {
        folder: "extlClntAppGlobalOauthSets",
        file: "Harness_Web_",
        from: "<shouldRotateConsumerSecret>false",
        to: "<shouldRotateConsumerSecret>true",
        flips: &[
            "Harness_Web authorization_code ana: breaks",
            "Harness_Web refresh_token ana: breaks",
        ],
    },
    Hand {
        folder: "extlClntAppOauthSettings",
        file: "Harness_Web_",
        from: "RefreshToken,",
        to: "",
        flips: &[
            "Harness_Web authorization_code ana: breaks",
            "Harness_Web refresh_token ana: breaks",
        ],
    },
    Hand {
        folder: "externalClientApps",
        file: "Harness_Web",
        from: "Sample: Harness Web",
        to: "Another text",
        flips: &[],
    },
];

#[test]
fn changes_by_hand_flip_what_one_expects() {
    let repository = Repository::new();
    for hand in BY_HAND {
        repository.edit(hand.folder, hand.file, hand.from, hand.to);
        let document = repository.json(&["--from", "HEAD"]);
        let expected: BTreeSet<String> = hand.flips.iter().map(|flip| (*flip).to_owned()).collect();
        assert_eq!(flips(&document), expected, "{} {}", hand.file, hand.from);
        repository.git(&["checkout", "-q", "."]);
    }
}

const DEVICE: [&str; 2] = ["extlClntAppOauthPolicies", "Harness_Device_"];
const JWT: [&str; 2] = ["extlClntAppOauthPolicies", "Harness_Jwt_"];
const FAIL: &[&str] = &["--from", "HEAD", "--fail-on-newly-blocked"];
const FAIL_ALL: &[&str] = &["--from", "HEAD", "--fail-on-newly-blocked", "--all-clients"];

#[test]
fn a_list_that_comes_with_the_question_blocks_only_those_who_are_not_on_it() {
    let repository = Repository::new();
    for set in ["Harness_Oauth_Access", "Brand_New"] {
        repository.edit(
            DEVICE[0],
            DEVICE[1],
            "AllSelfAuthorized",
            "AdminApprovedPreAuthorized",
        );
        let list = format!("<commaSeparatedPermissionSet>{set}</commaSeparatedPermissionSet>");
        let link = "<externalClientApplication>";
        repository.edit(DEVICE[0], DEVICE[1], link, &format!("{list}\n    {link}"));
        let document = repository.json(&["--from", "HEAD"]);
        let flips = flips(&document);
        let without = format!("(without the permission set {set}): breaks");
        assert!(!flips.is_empty(), "{set}");
        for flip in &flips {
            assert!(flip.ends_with(&without), "{flip}");
        }
        assert_eq!(document["newly_blocked"], 0);
        for arguments in [FAIL, FAIL_ALL] {
            let ran = repository.what_if(arguments);
            assert_eq!(ran.code, 0, "{}", ran.stdout);
            let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            for said in [
                &format!("newly blocked for users without the permission set {set}, in 1 of 7"),
                &format!("passes for users who have the permission set {set}; assign it before"),
                &format!("each user has the permission set {set} (for Harness_Device)"),
            ] {
                assert!(text.contains(said), "{said}\n{}", ran.stdout);
            }
            assert!(!text.contains("Harness_Access"), "{}", ran.stdout);
        }
        repository.git(&["checkout", "-q", "."]);
    }
}

#[test]
fn an_app_that_comes_to_list_nobody_is_blocked_for_everybody() {
    let repository = Repository::new();
    let line = "<commaSeparatedPermissionSet>Harness_Oauth_Access</commaSeparatedPermissionSet>";
    for (file, from, to) in [
        (JWT, line, ""),
        (DEVICE, "AllSelfAuthorized", "AdminApprovedPreAuthorized"),
    ] {
        repository.edit(file[0], file[1], from, to);
        let document = repository.json(&["--from", "HEAD"]);
        let everybody = of_everybody(flips(&document));
        assert!(everybody.len() >= 2, "{everybody:?}");
        let ran = repository.what_if(FAIL);
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("without one nobody passes"), "{}", ran.stdout);
        assert!(
            text.contains("fix: list a permission set (Harness_Oauth_Access, say)"),
            "{}",
            ran.stdout
        );
        assert!(!text.contains("Harness_Access"), "{}", ran.stdout);
        repository.git(&["checkout", "-q", "."]);
    }
}

#[test]
fn a_shorter_list_blocks_only_who_has_nothing_else_on_it() {
    let repository = Repository::new();
    repository.edit(
        JWT[0],
        JWT[1],
        "Harness_Oauth_Access",
        "Harness_Oauth_Access,Other",
    );
    repository.commit("two");
    repository.edit(JWT[0], JWT[1], "Harness_Oauth_Access,", "");
    let flips = flips(&repository.json(&["--from", "HEAD"]));
    assert!(!flips.is_empty());
    for flip in &flips {
        let only = "(with only the permission set Harness_Oauth_Access): breaks";
        assert!(flip.ends_with(only), "{flip}");
    }
}

#[test]
fn clients_that_may_not_exist_are_named_and_counted_when_asked_for() {
    let repository = Repository::new();
    repository.edit(
        "settings",
        "OauthOidc",
        "<isPkceRequired>false",
        "<isPkceRequired>true",
    );
    let report = "--report=markdown=comment.md";
    let ran = repository.what_if(&[FAIL, &[report]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let headline = "1 flow newly blocked for clients without PKCE, in 1 of 7 apps";
    assert!(ran.stdout.starts_with(headline), "{}", ran.stdout);
    let comment = fs::read_to_string(repository.path().join("comment.md")).expect("a comment");
    let (open, _) = comment.split_once("<details>").expect("a fold");
    assert!(
        open.contains(headline) && open.contains("newly blocked |"),
        "{comment}"
    );
    assert_eq!(repository.what_if(FAIL_ALL).code, 1);
    repository.git(&["checkout", "-q", "."]);
    // Devices log in, and their refresh asked for no secret: the files mean such clients.
    let global = ["extlClntAppGlobalOauthSets", "Harness_Device_"];
    let secret = "<isSecretRequiredForRefreshToken>";
    let (off, on) = (format!("{secret}false"), format!("{secret}true"));
    repository.edit(global[0], global[1], &off, &on);
    let document = repository.json(&["--from", "HEAD"]);
    assert_eq!(document["newly_blocked"], 1, "{document}");
    assert_eq!(document["flows"][0]["certain"], true);
    assert_eq!(repository.what_if(FAIL).code, 1);
}

#[test]
fn what_no_flow_depends_on_and_what_a_filter_left_out_is_said() {
    let repository = Repository::new();
    repository.edit(
        "externalClientApps",
        "Harness_Web",
        "Sample: Harness Web",
        "Another text",
    );
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Web_",
        "SpecificLifetime",
        "Zero",
    );
    let document = repository.json(&["--from", "HEAD"]);
    let lines = document["other_lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["field"], "ExternalClientApplication.description");
    assert_eq!(lines[0]["change"], "changed");
    let filtered = &["--from", "HEAD", "--grant", "jwt_bearer"];
    let ran = repository.what_if(filtered);
    for said in [
        "No flow flips within the filter, in 7 apps.",
        "Flips nothing within the filter (--grant jwt_bearer):",
        "ExternalClientApplication.description changed",
    ] {
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
}

#[test]
fn without_a_change_nothing_flips() {
    let repository = Repository::new();
    repository.edit(
        "extlClntAppPolicies",
        "Harness_Web_",
        "\n",
        "\n<!-- a line more -->\n",
    );
    for arguments in [
        &["--from", "HEAD"][..],
        &["--from", "HEAD", "--to", "HEAD"],
        &["--from", ".", "--to", "."],
        &["--from", "HEAD", "--fail-on-newly-blocked"],
    ] {
        let document = repository.json(arguments);
        assert_eq!(document["verdict"], "No flow flips, in 7 apps");
        assert_eq!(document["apps_unchanged"], 7);
        for none in [
            "flows",
            "changes",
            "other_lines",
            "apps",
            "new_findings",
            "assumed",
        ] {
            assert_eq!(document[none], Value::Array(Vec::new()), "{none}");
        }
    }
}

#[test]
fn a_finding_that_names_another_file_is_the_same_on_both_sides() {
    let repository = Repository::new();
    let policies = repository.file("extlClntAppOauthPolicies", "Harness_Web_");
    fs::copy(
        &policies,
        policies.with_file_name("Second.ecaOauthPlcy-meta.xml"),
    )
    .expect("a copy");
    repository.commit("two policy records");
    for sides in [["HEAD", "."], ["HEAD~1", "."], ["HEAD~1", "HEAD"]] {
        let document = repository.json(&["--from", sides[0], "--to", sides[1]]);
        let new = document["new_findings"].as_array().expect("findings");
        let expected = usize::from(sides[0] == "HEAD~1");
        assert_eq!(new.len(), expected, "{sides:?}: {new:?}");
    }
}

#[test]
fn folders_and_revisions_are_compared_with_each_other() {
    let repository = Repository::new();
    let other = tempfile::tempdir().expect("a folder");
    let kept = other.path().join("kept");
    copy(
        &repository.path().join("force-app"),
        &kept.join("force-app"),
    );
    repository.git(&["tag", "v1"]);
    repository.git(&["checkout", "-q", "-b", "feature"]);
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Web_",
        "SpecificLifetime",
        "Zero",
    );
    repository.commit("second");
    repository.git(&["checkout", "-q", "main"]);
    repository.edit(
        "extlClntAppPolicies",
        "Harness_Jwt_",
        "<isEnabled>true",
        "<isEnabled>false",
    );
    repository.commit("third");
    repository.git(&["checkout", "-q", "feature"]);
    let kept = kept.to_string_lossy().into_owned();
    let zero = BTreeSet::from(["Harness_Web refresh_token ana: breaks".to_owned()]);
    let file =
        format!("{DEFAULT}/extlClntAppOauthPolicies/Harness_Web_oauthPlcy.ecaOauthPlcy-meta.xml");
    for (arguments, root) in [
        (&["--from", kept.as_str()][..], ""),
        (&["--from", kept.as_str(), "--to", "feature"], ""),
        (&["--from", kept.as_str(), "--to", "./"], ""),
        (&["--from", "v1"], ""),
        (&["--from", "v1..feature"], ""),
        (&["--from", "HEAD~1.."], ""),
        (&["--from", "main...feature"], ""),
        (&["--from", "rev:v1", "--to", "rev:feature"], ""),
    ] {
        let document = repository.json(arguments);
        assert_eq!(flips(&document), zero, "{arguments:?}");
        let change = &document["changes"][0];
        assert_eq!(
            change["after"]["file"],
            format!("{root}{file}"),
            "{arguments:?}"
        );
        assert_eq!(change["after"]["line"], 11);
        assert_eq!(
            change["field"],
            "ExtlClntAppOauthConfigurablePolicies.refreshTokenPolicyType"
        );
    }
    // Both branches: what main broke is mended, what feature broke is broken.
    let document = repository.json(&["--from", "main..feature"]);
    let flips = flips(&document);
    assert!(flips.is_superset(&zero), "{flips:?}");
    assert!(
        flips.contains("Harness_Jwt jwt_bearer ana: mends"),
        "{flips:?}"
    );
}

#[test]
fn a_project_in_a_part_of_a_repository_is_named_as_the_repository_names_it() {
    let repository = Repository::new();
    let inner = repository.path().join("org a").join("sf");
    fs::create_dir_all(&inner).expect("a folder");
    repository.git(&["mv", "force-app", "sfdx-project.json", "org a/sf/"]);
    repository.commit("moved");
    let policies = inner.join(DEFAULT).join("extlClntAppOauthPolicies");
    let file = policies.join("Harness_Web_oauthPlcy.ecaOauthPlcy-meta.xml");
    let text = fs::read_to_string(&file).expect("a file");
    fs::write(&file, text.replace("SpecificLifetime", "Zero")).expect("a file");
    for (folder, dir) in [
        (repository.path(), "org a/sf"),
        (inner.as_path(), "."),
        (policies.as_path(), "../../../.."),
    ] {
        let ran = run_in(
            folder,
            [
                "what-if", "--format", "json", "--from", "HEAD", "--dir", dir,
            ],
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(flips(&document).len(), 1, "{dir}");
        let place = &document["changes"][0]["after"]["file"];
        let expected = format!(
            "org a/sf/{DEFAULT}/extlClntAppOauthPolicies/Harness_Web_oauthPlcy.ecaOauthPlcy-meta.xml"
        );
        assert_eq!(*place, expected, "{dir}");
    }
    let ran = run_in(
        repository.path(),
        ["what-if", "--from", "HEAD~1", "--dir", "org a/sf"],
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("has no files in `org a/sf/`"),
        "{}",
        ran.stderr
    );
}

/// The five records of an app.
fn records(repository: &Repository, app: &str) -> Vec<PathBuf> {
    [
        ("externalClientApps", "."),
        ("extlClntAppGlobalOauthSets", "_"),
        ("extlClntAppOauthSettings", "_"),
        ("extlClntAppPolicies", "_"),
        ("extlClntAppOauthPolicies", "_"),
    ]
    .map(|(folder, end)| repository.file(folder, &format!("{app}{end}")))
    .to_vec()
}

#[test]
fn an_app_that_goes_counts_as_blocked() {
    let repository = Repository::new();
    for path in records(&repository, "Harness_ClientCred") {
        fs::remove_file(path).expect("a file");
    }
    let ran = repository.what_if(&["--from", "main", "--fail-on-newly-blocked"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stdout
            .starts_with("2 flows newly blocked, in 1 of 7 apps.\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("only with destructive changes"),
        "{}",
        ran.stdout
    );
    let document = repository.json(&["--from", "main"]);
    assert_eq!(document["apps"][0]["state"], "removed");
    assert_eq!(document["flows"][0]["after"], Value::Null);
    // The other way round nothing is blocked.
    let ran = repository.what_if(&["--from", ".", "--to", "main", "--fail-on-newly-blocked"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("Harness_ClientCred is new"),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_app_under_another_name_is_recognised_by_its_label() {
    let repository = Repository::new();
    for path in records(&repository, "Harness_ClientCred") {
        let text = fs::read_to_string(&path).expect("a file");
        let text = text.replace("Application>Harness_ClientCred", "Application>Renamed");
        let own = name(&path).replace("Harness_ClientCred", "Renamed");
        fs::write(path.with_file_name(own), text).expect("a file");
        fs::remove_file(path).expect("a file");
    }
    let document = repository.json(&["--from", "main"]);
    let apps = document["apps"].as_array().expect("apps");
    let said: Vec<(&str, &str, &str)> = apps
        .iter()
        .map(|app| {
            let text = |key: &str| app[key].as_str().unwrap_or_default();
            (text("name"), text("state"), text("renamed"))
        })
        .collect();
    assert_eq!(
        said,
        [
            ("Harness_ClientCred", "removed", "Renamed"),
            ("Renamed", "added", "Harness_ClientCred")
        ]
    );
}

#[test]
fn each_flip_names_the_changes_that_make_it_and_no_other() {
    let repository = Repository::new();
    // Each of the first two blocks every flow alone; the third matters to the refresh alone; the fourth to nothing.
    let policies = "extlClntAppPolicies";
    repository.edit(
        policies,
        "Harness_Web_",
        "<isEnabled>true",
        "<isEnabled>false",
    );
    repository.edit(
        policies,
        "Harness_Web_",
        "PluginEnabled>true",
        "PluginEnabled>false",
    );
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Web_",
        "SpecificLifetime",
        "Zero",
    );
    repository.edit("extlClntAppOauthPolicies", "Harness_Web_", ">120<", ">60<");
    // Together alone they let client credentials pass.
    let web = ("extlClntAppGlobalOauthSets", "Harness_Jwt_");
    repository.edit(
        web.0,
        web.1,
        "CredentialsFlowEnabled>false",
        "CredentialsFlowEnabled>true",
    );
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Jwt_",
        "<isClientCredentialsFlowEnabled>false</isClientCredentialsFlowEnabled>",
        "<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled><clientCredentialsFlowUser>integration@acme.test</clientCredentialsFlowUser>",
    );
    let document = repository.json(&["--from", "HEAD"]);
    let because = |app: &str, grant: &str| -> BTreeSet<String> {
        let flows = document["flows"].as_array().expect("flows");
        let flow = flows
            .iter()
            .find(|flow| flow["app"] == app && flow["grant"] == grant)
            .unwrap_or_else(|| panic!("{app} {grant}"));
        let numbers = flow["because"].as_array().expect("numbers");
        numbers
            .iter()
            .map(|number| {
                let number = usize::try_from(number.as_u64().expect("a number")).expect("small");
                let factor = &document["changes"][number]["factor"];
                factor.as_str().expect("a name").to_owned()
            })
            .collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        because("Harness_Web", "authorization_code"),
        set(&["isEnabled", "isOauthPluginEnabled"])
    );
    assert_eq!(
        because("Harness_Web", "refresh_token"),
        set(&[
            "isEnabled",
            "isOauthPluginEnabled",
            "refreshTokenPolicyType"
        ])
    );
    assert_eq!(
        because("Harness_Jwt", "client_credentials"),
        set(&[
            "isClientCredentialsFlowEnabled",
            "isClientCredentialsFlowEnabledInPolicies",
            "clientCredentialsFlowUser"
        ])
    );
    let idle = document["changes"].as_array().expect("changes");
    let idle: Vec<&Value> = idle.iter().filter(|change| change["flips"] == 0).collect();
    assert_eq!(idle.len(), 1, "{idle:?}");
    assert_eq!(idle[0]["factor"], "sessionTimeoutInMinutes");
}

#[test]
fn what_can_no_longer_be_read_is_told_and_changes_nothing() {
    let repository = Repository::new();
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Web_",
        "SpecificLifetime",
        "Never",
    );
    let broken = repository.file("extlClntAppPolicies", "Harness_Jwt_");
    fs::write(&broken, "<ExtlClntAppConfigurablePolicies").expect("a file");
    let document = repository.json(&["--from", "HEAD"]);
    assert_eq!(document["flows"], Value::Array(Vec::new()));
    let findings = document["new_findings"].as_array().expect("findings");
    let kinds: Vec<&str> = findings
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert!(
        kinds.contains(&"unknown_value") && kinds.contains(&"broken"),
        "{kinds:?}"
    );
}

#[test]
fn a_repository_runs_nothing_by_its_configuration() {
    let repository = Repository::new();
    let traces = tempfile::tempdir().expect("a folder");
    let trace = traces.path().join("ran");
    let program = repository.path().join("evil.sh");
    fs::write(
        &program,
        format!("#!/bin/sh\ntouch '{}'\ncat\n", trace.display()),
    )
    .expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Web_",
        "SpecificLifetime",
        "Zero",
    );
    fs::write(
        repository.path().join(".gitattributes"),
        "*.xml filter=evil diff=evil merge=evil\n",
    )
    .expect("a file");
    repository.commit("second");
    let evil = program.to_string_lossy().into_owned();
    let hooks = repository.path().join("hooks");
    fs::create_dir(&hooks).expect("a folder");
    for hook in ["post-index-change", "reference-transaction", "pre-auto-gc"] {
        fs::copy(&program, hooks.join(hook)).expect("a hook");
    }
    let hooks = hooks.to_string_lossy().into_owned();
    for (key, value) in [
        ("core.fsmonitor", &evil),
        ("core.sshCommand", &evil),
        ("core.pager", &evil),
        ("core.editor", &evil),
        ("core.hooksPath", &hooks),
        ("core.alternateRefsCommand", &evil),
        ("core.gitProxy", &evil),
        ("diff.external", &evil),
        ("diff.evil.textconv", &evil),
        ("diff.evil.command", &evil),
        ("filter.evil.smudge", &evil),
        ("filter.evil.clean", &evil),
        ("filter.evil.process", &evil),
        ("filter.evil.required", &"true".to_owned()),
        ("credential.helper", &evil),
        ("gpg.program", &evil),
        ("log.showSignature", &"true".to_owned()),
        ("alias.ls-tree", &format!("!{evil}")),
        ("alias.cat-file", &format!("!{evil}")),
        ("remote.evil.url", &format!("ext::{evil}")),
        ("remote.evil.promisor", &"true".to_owned()),
        ("protocol.ext.allow", &"always".to_owned()),
    ] {
        repository.git(&["config", key, value]);
    }
    // One object is missing, so that a partial clone would ask its remote for it.
    let missing = repository.git(&[
        "rev-parse",
        "HEAD~1:force-app/main/default/settings/MyDomain.settings-meta.xml",
    ]);
    let object = repository
        .path()
        .join(".git/objects")
        .join(&missing[..2])
        .join(&missing[2..]);
    fs::remove_file(object).expect("a loose object");
    // Setting this up may have run it.
    let _ = fs::remove_file(&trace);
    for arguments in [
        &["--from", "HEAD~1", "--to", "HEAD"][..],
        &["--from", "HEAD~1"],
        &["--from", "nothing"],
        &["--from", "HEAD~1...HEAD"],
    ] {
        let ran = repository.what_if(arguments);
        assert!(ran.code == 0 || arguments[1] == "nothing", "{}", ran.stderr);
        assert!(
            !trace.exists(),
            "{arguments:?} ran a program of the repository"
        );
    }
    // The trap works.
    let caught = Command::new("git")
        .args(["show", "--ext-diff", "HEAD"])
        .current_dir(repository.path())
        .output();
    assert!(
        caught.is_ok() && trace.exists(),
        "the trap must catch what runs programs"
    );
}

#[test]
fn what_is_not_understood_is_told_with_its_remedy() {
    let repository = Repository::new();
    repository.git(&["branch", "feature/pkce"]);
    repository.git(&["update-ref", "refs/remotes/origin/release", "HEAD"]);
    fs::create_dir(repository.path().join("main")).expect("a folder");
    copy(
        &repository.path().join("force-app"),
        &repository.path().join("main/force-app"),
    );
    let mut text = String::new();
    for arguments in [
        &["--from", "mian~1"][..],
        &["--from", "release"],
        &["--from", "feature/pcke"],
        &["--from", "--upload-pack=x"],
        &["--from=-x"],
        &["--from", "./nowhere"],
        &["--from", "sfdx-project.json"],
        &["--from", "HEAD", "--to", "HEAD..feature/pkce"],
        &["--from", "HEAD..feature/pkce", "--to", "."],
        &["--from", "HEAD", "isPkceRequired=true"],
        &["--from", "HEAD", "--blockers"],
        &["--to", "HEAD"],
        &["--fail-on-newly-blocked"],
        &["--from", "HEAD", "--app-name", "Harness_Wbe"],
        &["--from", "HEAD", "--user", "anna"],
        &["--from", "HEAD", "--report", "html=x.html"],
        &["--from", "HEAD", "--app", "."],
    ] {
        let ran = repository.what_if(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stdout);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        let words = arguments.join(" ");
        let _ = write!(text, "$ grantproof what-if {words}\n{}\n", ran.stderr);
    }
    let ran = repository.what_if(&["--from", "main"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let _ = write!(text, "$ grantproof what-if --from main\n{}", ran.stderr);
    golden("what-if-change-mistakes.txt", &text);
    let lonely = tempfile::tempdir().expect("a folder");
    copy(&repository.path().join("force-app"), lonely.path());
    let ran = run_in(lonely.path(), ["what-if", "--from", "HEAD"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("find a git repository around ."),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_shallow_clone_is_said_to_be_one() {
    let repository = Repository::new();
    repository.commit("second");
    let clones = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", repository.path().display());
    git(
        clones.path(),
        &["clone", "-q", "--depth", "1", &url, "clone"],
    );
    let clone = clones.path().join("clone");
    let ran = run_in(&clone, ["what-if", "--from", "HEAD~1"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("This clone is shallow"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_answers_in_words_and_as_a_comment() {
    let repository = Repository::new();
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Web_",
        "SpecificLifetime",
        "Zero",
    );
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Device_",
        "AllSelfAuthorized",
        "AdminApprovedPreAuthorized",
    );
    repository.edit(
        "settings",
        "OauthOidc",
        "<isPkceRequired>false",
        "<isPkceRequired>true",
    );
    // What stands in a file has no meaning in a comment.
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Jwt_",
        "Harness_Oauth_Access",
        "`&lt;img src=x&gt;` | @octocat #1 [x](https://example.com) \\",
    );
    repository.edit("settings", "Security", "TwoHours", "&lt;script&gt;@octocat");
    let report = "--report=markdown=comment.md";
    let ran = repository.what_if(&["--from", "HEAD", "--to", ".", report]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let commit = repository.git(&["rev-parse", "--short=7", "HEAD"]);
    golden("what-if-change.txt", &ran.stdout.replace(&commit, "COMMIT"));
    let comment = fs::read_to_string(repository.path().join("comment.md")).expect("a comment");
    golden("what-if-change.md", &comment.replace(&commit, "COMMIT"));
    for line in comment.lines() {
        // Outside of code nothing is a mention, an issue, a link or markup of somebody else's.
        let outside: String = line.split('`').step_by(2).collect();
        for sign in ["@", "#1", "://", "<img", "<script", "[x]"] {
            assert!(!outside.contains(sign), "{sign} in {line}");
        }
    }
    let plain = repository.what_if(&["--from", "HEAD", "--format", "plain"]);
    golden("what-if-change-plain.txt", &plain.stdout);
}

#[test]
fn the_schema_is_that_of_the_document() {
    let ran = run_in(&root(), ["schema", "what-if-change"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let schema: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let repository = Repository::new();
    repository.edit(
        "extlClntAppOauthPolicies",
        "Harness_Web_",
        "SpecificLifetime",
        "Zero",
    );
    let document = repository.json(&["--from", "HEAD"]);
    let properties = schema["properties"].as_object().expect("properties");
    for key in document.as_object().expect("an object").keys() {
        assert!(properties.contains_key(key), "{key}");
    }
    assert_eq!(document["schema_version"], 1);
}
