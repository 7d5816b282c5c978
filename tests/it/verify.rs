//! `verify` over the samples: apps that are well set pass, each fault is named from the answers alone, and the proposed change mends it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, golden, root, run_in};
use crate::served::Served;

const WELL_SET: [&str; 6] = [
    "Harness_ClientCred",
    "Harness_Device",
    "Harness_Jwt",
    "Harness_JwtTokens",
    "Harness_TokenExchange",
    "Harness_Web",
];

/// Faults that no driver meets, and why.
const NOT_MET: [(&str, &str); 6] = [
    (
        "Bad_GuestNoJwt",
        "no driver has the code and credentials flow",
    ),
    ("Bad_PublicNoPkce", "a weakness: nothing is refused"),
    ("Bad_ForeignOrg", "which org is meant only its id tells"),
    (
        "Bad_PreauthById",
        "the deploy fails: nothing is there to drive",
    ),
    (
        "Bad_TwoPolicies",
        "the deploy fails: nothing is there to drive",
    ),
    // The record is missing, so the files do not say what the org has: the verdict is "cannot tell", with the record by name.
    (
        "Bad_NoPolicyFile",
        "the rivals that give the same answers are more common",
    ),
];

fn samples() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&root().join("tests/data/eca-samples"), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).expect("a copy");
        }
    }
}

fn verify(folder: &Path, arguments: &[&str]) -> Ran {
    run_in(folder, ["verify"].iter().chain(arguments))
}

/// The verdicts of all apps, by name.
fn verdicts(folder: &Path, arguments: &[&str]) -> BTreeMap<String, Value> {
    let ran = verify(folder, &[arguments, &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(document["schema_version"], 1);
    let apps = document["apps"].as_array().expect("apps");
    apps.iter()
        .map(|app| (text(&app["app"]), app.clone()))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The state of a check of a grant.
fn state(app: &Value, grant: &str, check: &str) -> String {
    let row = list(&app["matrix"])
        .iter()
        .find(|row| row["grant"] == grant);
    let cells = row.map_or(&[][..], |row| list(&row["cells"]));
    let cell = cells.iter().find(|cell| cell["check"] == check);
    cell.map_or_else(String::new, |cell| text(&cell["state"]))
}

#[test]
fn apps_that_are_well_set_pass() {
    let folder = samples();
    let arguments: Vec<&str> = WELL_SET.iter().flat_map(|app| ["--app", app]).collect();
    let ran = verify(folder.path(), &arguments);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let apps = verdicts(folder.path(), &arguments);
    assert_eq!(apps.len(), WELL_SET.len());
    for (name, app) in apps {
        assert_eq!(app["verdict"], "verified", "{name}");
        assert!(list(&app["handover"]).is_empty(), "{name}");
        let passed = list(&app["matrix"]).iter().filter(|row| {
            list(&row["cells"])
                .iter()
                .all(|cell| cell["state"] == "passed")
        });
        assert!(passed.count() > 0, "{name} was tried in nothing");
    }
}

/// Rows of `expected.csv`: app and cause, those that only a static check knows left out.
fn faults() -> Vec<(String, String)> {
    let file = root().join("tests/data/eca-samples/expected.csv");
    let mut reader = csv::Reader::from_path(file).expect("the table");
    reader
        .records()
        .map(|row| row.expect("a row"))
        .map(|row| (row[0].to_owned(), row[1].to_owned()))
        .filter(|(_, cause)| !cause.starts_with("lint_"))
        .collect()
}

/// Whether a diagnosis has the cause first, or tied with the first, or with a share like the first's.
fn names(app: &Value, cause: &str) -> bool {
    list(&app["diagnosis"]).iter().any(|about| {
        let Some(first) = list(&about["candidates"]).first() else {
            return false;
        };
        first["cause"] == cause || list(&first["tied_with"]).iter().any(|tied| tied == cause)
    })
}

#[test]
fn each_fault_is_named_from_the_answers_alone() {
    let folder = samples();
    let apps = verdicts(folder.path(), &["--blind"]);
    let missed: Vec<String> = faults()
        .into_iter()
        .filter(|(app, cause)| !names(&apps[app], cause))
        .map(|(app, _)| app)
        .collect();
    let mut expected: Vec<&str> = NOT_MET.iter().map(|(app, _)| *app).collect();
    expected.sort_unstable();
    let mut found: Vec<&str> = missed.iter().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    for (name, app) in &apps {
        assert!(
            list(&app["model_differs"]).is_empty(),
            "{name}: {}",
            app["model_differs"]
        );
        assert!(!text(&app["summary"]).is_empty());
    }
}

#[test]
fn with_the_files_the_fault_that_they_declare_comes_first() {
    let folder = samples();
    let apps = verdicts(folder.path(), &[]);
    for (name, cause) in faults() {
        let app = &apps[&name];
        let blocked = list(&app["matrix"]).iter().any(|row| {
            let cells = list(&row["cells"]);
            cells.iter().any(|cell| cell["state"] == "blocked")
        });
        if blocked {
            let first = &app["diagnosis"][0]["candidates"][0]["cause"];
            assert_eq!(first, &Value::String(cause), "{name}");
            // Nobody is accused beside what is declared; two that are declared both hold.
            let cells = list(&app["matrix"])
                .iter()
                .flat_map(|row| list(&row["cells"]));
            let tied: Vec<String> = cells
                .flat_map(|cell| list(&cell["or"]).iter().map(text))
                .collect();
            let both = match name.as_str() {
                "Bad_CcPolicyOff" => &["cc_run_as_missing"][..],
                _ => &[],
            };
            assert_eq!(tied, both, "{name}");
        }
    }
}

#[test]
fn the_proposed_change_of_the_files_mends_them() {
    let all = samples();
    let mut mended = 0;
    for (name, app) in verdicts(all.path(), &[]) {
        let Some(patch) = app["patch"].as_str() else {
            continue;
        };
        // What only a person can do is no part of the files.
        let left = |task: &Value| task["not_in_files"].is_string();
        let instead = |task: &Value| task["instead"] == true;
        let tasks = list(&app["handover"]);
        if tasks.iter().any(left) && !tasks.iter().any(instead) {
            continue;
        }
        let folder = samples();
        let file = folder.path().join("fix.patch");
        fs::write(&file, patch).expect("a patch");
        let git = Command::new("git")
            .args(["apply", "fix.patch"])
            .current_dir(folder.path())
            .output()
            .expect("git");
        let said = String::from_utf8_lossy(&git.stderr);
        assert!(git.status.success(), "{name}: {said}\n{patch}");
        fs::remove_file(file).expect("the patch goes");
        let ran = verify(folder.path(), &["--app", &name]);
        assert_eq!(ran.code, 0, "{name}\n{patch}\n{}", ran.stdout);
        mended += 1;
    }
    assert!(mended >= 14, "only {mended} apps had a patch");
}

#[test]
fn the_exit_code_tells_blocked_from_what_cannot_be_told() {
    let folder = samples();
    let code = |app| verify(folder.path(), &["--app", app]).code;
    assert_eq!(code("Bad_CcSettingsOff"), 1);
    assert_eq!(code("Bad_JwtCertExpired"), 4);
    // An org refuses these files, whatever would pass on what the rest of them says.
    assert_eq!(code("Bad_ScopeRuntimeNames"), 1);
}

#[test]
fn a_callback_of_any_scheme_and_host_is_used_as_it_is_registered() {
    let folder = samples();
    let apps = verdicts(folder.path(), &["--app", "Bad_PublicNoPkce"]);
    let app = &apps["Bad_PublicNoPkce"];
    assert_eq!(state(app, "authorization_code", "api"), "passed");
    let told = list(&app["ladder"])
        .iter()
        .any(|step| step["tells"] == "PKCE is not required");
    assert!(told, "{}", app["ladder"]);
    let global = "force-app/main/default/extlClntAppGlobalOauthSets/Harness_Web_glbloauth.ecaGlblOauth-meta.xml";
    let path = folder.path().join(global);
    let declared = fs::read_to_string(&path).expect("a record");
    let begin = declared.find("<callbackUrl>").expect("a callback");
    let end = declared.find("</callbackUrl>").expect("its end");
    let remote = format!(
        "{}<callbackUrl>https://app.example.com/oauth/callback{}",
        &declared[..begin],
        &declared[end..]
    );
    fs::write(&path, remote).expect("a record");
    let ran = verify(folder.path(), &["--app", "Harness_Web"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn what_would_be_driven_is_listed_and_not_driven() {
    let folder = samples();
    let ran = verify(folder.path(), &["--dry-run", "--app", "Harness_Jwt"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout
            .contains("JWT bearer flow for a user who does not exist"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("leaves_a_trace"));
}

#[test]
fn a_wrong_name_or_folder_is_told_with_the_remedy() {
    let folder = samples();
    let ran = verify(folder.path(), &["--app", "Harness_Wab"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("did you mean `Harness_Web`"),
        "{}",
        ran.stderr
    );
    let empty = tempfile::tempdir().expect("a folder");
    let ran = verify(empty.path(), &["--format", "json"]);
    assert_eq!(ran.code, 2);
    let failure: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(failure["error"]["exit_code"], 2);
    let ran = verify(empty.path(), &["--report", "html=x"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn reports_are_written_beside_the_verdict() {
    let folder = samples();
    let ran = verify(
        folder.path(),
        &[
            "--app",
            "Bad_CcSettingsOff",
            "--report",
            "markdown=out/verify.md",
            "--report",
            "json=out/verify.json",
        ],
    );
    assert_eq!(ran.code, 1);
    let markdown = fs::read_to_string(folder.path().join("out/verify.md")).expect("a report");
    assert!(markdown.contains("cc_off_in_settings"), "{markdown}");
    assert!(
        markdown.contains("+    <isClientCredentialsFlowEnabled>true"),
        "{markdown}"
    );
    let json = fs::read_to_string(folder.path().join("out/verify.json")).expect("a report");
    let document: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(document["apps"][0]["verdict"], "blocked");
}

#[test]
fn an_app_may_be_named_in_place_of_a_folder() {
    let folder = samples();
    let named = verify(folder.path(), &["Harness_ClientCred"]);
    let chosen = verify(folder.path(), &["--app", "Harness_ClientCred"]);
    assert_eq!((named.code, &named.stdout), (0, &chosen.stdout));
    let neither = verify(folder.path(), &["Harness_ClientCrad"]);
    assert_eq!(neither.code, 2);
    assert!(
        neither.stderr.contains("Harness_ClientCred"),
        "{}",
        neither.stderr
    );
}

#[test]
fn a_change_that_is_proposed_is_written_and_verified_again() {
    let folder = samples();
    let asks = verify(folder.path(), &["Bad_CcSettingsOff", "--fix"]);
    assert_eq!(asks.code, 2, "{}", asks.stderr);
    let mended = verify(folder.path(), &["Bad_CcSettingsOff", "--fix", "--yes"]);
    assert_eq!(mended.code, 0, "{}{}", mended.stdout, mended.stderr);
    assert!(mended.stderr.contains("wrote 1 file"), "{}", mended.stderr);
    let again = verify(folder.path(), &["Bad_CcSettingsOff"]);
    assert_eq!((again.code, again.stdout), (0, mended.stdout));
}

#[test]
fn with_its_org_named_a_local_app_of_another_org_is_blocked() {
    let folder = samples();
    let own = ["Harness_ClientCred", "--org-id", "00D000000000001"];
    let own = verify(folder.path(), &own);
    assert_eq!(own.code, 0, "{}", own.stdout);
    assert!(
        !own.stdout.contains("local_app_cross_org"),
        "{}",
        own.stdout
    );
    let other = ["Harness_ClientCred", "--org-id", "00D000000000002"];
    let other = verify(folder.path(), &other);
    assert_eq!(other.code, 1, "{}", other.stdout);
    assert!(
        other.stdout.contains("local_app_cross_org"),
        "{}",
        other.stdout
    );
}

#[test]
fn of_several_projects_below_a_folder_one_is_to_be_named() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(
        &root().join("tests/data/eca-samples"),
        &folder.path().join("one"),
    );
    let only = verify(folder.path(), &["Harness_ClientCred"]);
    assert_eq!(only.code, 0, "{}{}", only.stdout, only.stderr);
    copy(
        &root().join("tests/data/eca-samples"),
        &folder.path().join("two"),
    );
    let both = verify(folder.path(), &[]);
    assert_eq!(both.code, 2);
    assert!(both.stderr.contains("one, two"), "{}", both.stderr);
}

#[test]
fn the_readme_shows_a_verdict() {
    let folder = samples();
    let ran = verify(folder.path(), &["--app", "Bad_CcSettingsOff"]);
    golden("verify.txt", &ran.stdout);
}

/// A target file for a served org, with every secret in a file of its own.
fn target_file(folder: &Path, served: &Served) -> String {
    let file = served.ready["credentials_file"].as_str().expect("a path");
    let known = fs::read_to_string(file).expect("the credentials");
    let known: Value = serde_json::from_str(&known).expect("JSON");
    let secret = |name: &str, value: &Value| {
        fs::write(folder.join(name), text(value)).expect("a secret");
        format!("file:{name}")
    };
    let app = &known["apps"][0];
    let mut yaml = format!(
        "target: served\nhosts:\n  my_domain: {}\nca: {}\napps:\n  {}:\n    client_id: {}\n    client_secret: {}\n    jwt_key: {}\nusers:\n",
        served.my_domain(),
        served.ca().display(),
        text(&app["name"]),
        text(&app["consumer_key"]),
        secret("secret", &app["consumer_secret"]),
        secret("key", &known["jwt"]["private_key_pem"]),
    );
    for name in ["ana", "unlisted"] {
        let username = format!("{name}@acme.test");
        let user = list(&known["users"])
            .iter()
            .find(|user| user["username"] == username.as_str())
            .expect("the user");
        let password = secret(&format!("password_{name}"), &user["password"]);
        let code = secret(&format!("code_{name}"), &user["verification_code"]);
        let _ = writeln!(
            yaml,
            "  {name}:\n    username: {username}\n    password: {password}\n    verification_code: {code}"
        );
    }
    fs::write(folder.join("target.yaml"), yaml).expect("a target file");
    "target.yaml".to_owned()
}

/// The states and causes of the matrix.
fn matrix(app: &Value) -> Vec<(String, String, String, String)> {
    list(&app["matrix"])
        .iter()
        .flat_map(|row| {
            list(&row["cells"]).iter().map(|cell| {
                let grant = text(&row["grant"]);
                let (check, state) = (text(&cell["check"]), text(&cell["state"]));
                (grant, check, state, text(&cell["cause"]))
            })
        })
        .collect()
}

#[test]
fn an_org_in_another_process_gives_the_same_matrix() {
    for name in [
        "Harness_Jwt",
        "Bad_CcSettingsOff",
        "Bad_PreauthNobody",
        "Bad_ScopeNoApi",
    ] {
        let folder = samples();
        let served = Served::start(folder.path(), &[".", "--app", name]);
        let target = target_file(folder.path(), &served);
        let app = ["--app", name];
        let embedded = verdicts(folder.path(), &app);
        let bounded = ["--target", &target, "--unlisted", "unlisted"];
        let all = verdicts(
            folder.path(),
            &[&app[..], &bounded, &["--allow", "ends"]].concat(),
        );
        assert_eq!(matrix(&all[name]), matrix(&embedded[name]), "{name}");
        assert_eq!(all[name]["model_differs"], embedded[name]["model_differs"]);
        // Without leave nothing is spent, and what was left out is named.
        let some = verdicts(folder.path(), &[&app[..], &bounded].concat());
        let classes = list(&some[name]["ladder"]);
        let dear = |step: &Value| step["class"] == "spends" || step["class"] == "ends";
        assert!(!classes.iter().any(dear), "{name}");
        assert_eq!(
            state(&some[name], "authorization_code", "token"),
            "not_evaluated"
        );
        let untold = some[name]["cannot_tell"].to_string();
        assert!(untold.contains("--allow spends"), "{untold}");
    }
}

#[test]
fn a_callback_that_is_not_registered_is_seen_without_a_login() {
    let name = "Harness_Web";
    let folder = samples();
    let served = Served::start(folder.path(), &[".", "--app", name]);
    let target = target_file(folder.path(), &served);
    let arguments = ["--app", name, "--target", &target];
    let well = verdicts(folder.path(), &arguments);
    let look = |app: &Value, rung: usize| list(&app["ladder"])[rung].clone();
    assert_eq!(look(&well[name], 0)["came"], "passed");
    assert_eq!(look(&well[name], 1)["tells"], "PKCE is required");
    let yaml = fs::read_to_string(folder.path().join(&target)).expect("a target file");
    let other = yaml.replacen(
        "    client_id:",
        "    redirect_uri: https://localhost:8443/not-registered\n    client_id:",
        1,
    );
    fs::write(folder.path().join(&target), other).expect("a target file");
    let astray = verdicts(folder.path(), &arguments);
    assert_eq!(look(&astray[name], 0)["came"], "refused");
    assert_eq!(
        state(&astray[name], "authorization_code", "token"),
        "blocked"
    );
    assert!(
        names(&astray[name], "callback_mismatch"),
        "{}",
        astray[name]
    );
}

#[test]
fn a_flow_that_no_driver_has_is_not_evaluated() {
    let folder = samples();
    let name = "Bad_GuestNoJwt";
    let app = &verdicts(folder.path(), &["--app", name])[name];
    assert_eq!(app["verdict"], "inconclusive");
    assert_eq!(state(app, "code_credentials", "token"), "not_evaluated");
    let missing = app["cannot_tell"].to_string();
    assert!(missing.contains("code_credentials"), "{missing}");
    assert!(app["findings"].to_string().contains("codecred_guest_off"));
}

#[test]
fn where_no_callback_leads_here_is_said_before_anything_is_sent() {
    let folder = samples();
    fs::write(
        folder.path().join("target.yaml"),
        "target: far\nhosts: {my_domain: \"https://localhost:9\"}\napps:\n  Bad_PublicNoPkce: {client_id: key}\nusers:\n  ana: {username: ana@acme.test}\n",
    )
    .expect("a target file");
    let ran = verify(
        folder.path(),
        &[
            "--app",
            "Bad_PublicNoPkce",
            "--target",
            "target.yaml",
            "--agent",
            "browser",
        ],
    );
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("--paste"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("https://localhost:8443/callback"),
        "{}",
        ran.stderr
    );
}

#[test]
fn where_nobody_answers_nothing_could_be_run() {
    let folder = samples();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port();
    let target = format!(
        "target: down\nhosts: {{my_domain: \"https://127.0.0.1:{port}\"}}\napps:\n  Harness_ClientCred: {{client_id: key}}\n\
         users:\n  ana: {{username: ana@acme.test}}\n"
    );
    fs::write(folder.path().join("target.yaml"), target).expect("a target file");
    let arguments = ["--app", "Harness_ClientCred", "--target", "target.yaml"];
    let ran = verify(folder.path(), &arguments);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("Cannot tell"), "{}", ran.stdout);
}
