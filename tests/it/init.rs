//! `init` through the binary: what it makes is good for `lint` and `run` as it stands, and is never written over.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ALL: &str =
    "authorization_code,refresh_token,client_credentials,jwt_bearer,device,token_exchange";

fn grantproof(folder: &Path, arguments: &[&str]) -> Output {
    // The journal is kept elsewhere: it is no file of the project.
    let home = folder.with_extension("home");
    fs::create_dir_all(&home).expect("made");
    Command::new(env!("CARGO_BIN_EXE_grantproof"))
        .args(arguments)
        .current_dir(folder)
        .env("HOME", &home)
        .env("GRANTPROOF_DATA_DIR", home.join("data"))
        .env("GRANTPROOF_STATE_DIR", home.join("state"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// An empty folder, and what is to be dropped with it.
fn empty() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("shop");
    fs::create_dir(&folder).expect("made");
    (home, folder)
}

/// Every file below a folder with its octets.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let octets = fs::read(&path).expect("read");
            found.insert(path, octets);
        }
    }
    found
}

/// The commands of grantproof in a workflow.
fn commands(workflow: &str) -> Vec<Vec<String>> {
    let workflow: Value = serde_saphyr::from_str(workflow).expect("YAML");
    let jobs = workflow["jobs"].as_object().expect("jobs");
    let steps = jobs
        .values()
        .filter_map(|job| job["steps"].as_array().cloned());
    steps
        .flatten()
        .filter_map(|step| step["run"].as_str().map(str::to_owned))
        .flat_map(|run| run.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| Some(line.strip_prefix("grantproof ")?.to_owned()))
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// What was made passes, and a second time makes nothing.
fn holds(arguments: &[&str]) -> PathBuf {
    let (home, folder) = empty();
    let init: Vec<&str> = ["init", "--yes"].iter().chain(arguments).copied().collect();
    let first = grantproof(&folder, &init);
    assert_eq!(code(&first), 0, "{}", said(&first));
    for secret in ["PRIVATE KEY", "BEGIN CERTIFICATE"] {
        assert!(!said(&first).contains(secret), "{}", said(&first));
    }
    let made = files(&folder);
    let lint = grantproof(&folder, &["lint", ".", "--format", "json"]);
    assert_eq!(code(&lint), 0, "{arguments:?}: {}", said(&lint));
    let found: Value = serde_json::from_slice(&lint.stdout).expect("JSON");
    let found = found["findings"].as_array().expect("findings").iter();
    let found: Vec<_> = found.map(|finding| &finding["cause"]).collect();
    // A device that keeps the secret is a matter of the client; only its author knows.
    let devices = arguments.iter().any(|word| word.contains("device"));
    let login_only = arguments.ends_with(&["--scopes", "openid"]);
    let expected = match (devices, login_only) {
        (true, _) => &["device_secret_required"][..],
        // A note: the app only logs users in.
        (_, true) => &["scope_api_missing"],
        _ => &[],
    };
    assert_eq!(found, expected, "{arguments:?}");
    let workflow = fs::read_to_string(folder.join(".github/workflows/grantproof.yml"));
    let commands = commands(&workflow.expect("read"));
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in commands {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = grantproof(&folder, &command);
        assert_eq!(code(&output), 0, "{command:?}: {}", said(&output));
    }
    for again in [&init[..], &["init", "--yes", "--format", "json"]] {
        let second = grantproof(&folder, again);
        assert_eq!(code(&second), 0, "{}", said(&second));
    }
    assert!(files(&folder) == made, "a second init changes a file");
    fs::remove_dir_all(folder.with_extension("home")).expect("removed");
    home.keep().join("shop")
}

#[test]
fn the_readme_shows_what_is_written() {
    let (home, folder) = empty();
    let ran = grantproof(home.path(), &["init", "shop", "--yes"]);
    assert_eq!(code(&ran), 0, "{}", said(&ran));
    let written = String::from_utf8_lossy(&ran.stdout).into_owned();
    let end = "files written.\n";
    let end = written.find(end).expect("the sum") + end.len();
    crate::program::golden("init.txt", &written[..end]);
    drop(folder);
}

fn drop_folder(folder: &Path) {
    fs::remove_dir_all(folder.parent().expect("a home")).expect("removed");
}

#[test]
fn what_is_made_by_default_passes_lint_run_and_its_own_ci_file() {
    let folder = holds(&[]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = fs::metadata(folder.join("keys/jwt.key")).expect("a key");
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    let pem = |path: &str| fs::read_to_string(folder.join(path)).expect("read");
    let (key, certificate) = (pem("keys/jwt.key"), pem("keys/jwt.crt"));
    let pair = rcgen::KeyPair::from_pem_and_sign_algo(&key, &rcgen::PKCS_RSA_SHA256);
    let pair = pair.expect("an RSA key");
    let public = pair.public_key_raw();
    assert!(public.len() > 256 && public.len() < 300, "not 2048 bits");
    let (_, parsed) = x509_parser::pem::parse_x509_pem(certificate.as_bytes()).expect("PEM");
    let parsed = parsed.parse_x509().expect("X.509");
    assert_eq!(parsed.public_key().subject_public_key.data, public);
    let global = files(&folder)
        .into_iter()
        .find(|(path, _)| path.to_string_lossy().ends_with(".ecaGlblOauth-meta.xml"))
        .expect("there");
    let global = String::from_utf8(global.1).expect("text");
    assert!(
        global.contains(certificate.trim()),
        "another certificate in the app"
    );
    assert_eq!(pem(".gitignore"), "/keys/jwt.key\n");
    drop_folder(&folder);
}

#[test]
fn each_grant_alone_and_all_together_pass() {
    for grant in ALL.split(',').chain([ALL]) {
        let folder = holds(&["--grants", grant, "--run-as", "integration@acme.com"]);
        assert_eq!(
            folder.join("keys/jwt.key").exists(),
            grant.contains("jwt_bearer"),
            "{grant}"
        );
        drop_folder(&folder);
    }
}

#[test]
fn other_scopes_pass_too() {
    drop_folder(&holds(&[
        "--scopes",
        "api,refresh_token,web,custom_permissions",
    ]));
    drop_folder(&holds(&[
        "--grants",
        "authorization_code",
        "--scopes",
        "openid",
    ]));
}

#[test]
fn what_is_there_stays_and_what_is_missing_comes_back() {
    let (_home, folder) = empty();
    fs::write(folder.join(".gitignore"), "*.log").expect("written");
    fs::write(
        folder.join("sfdx-project.json"),
        r#"{"packageDirectories": [{"path": "pkg", "default": true}]}"#,
    )
    .expect("written");
    let first = grantproof(
        &folder,
        &["init", "--yes", "--name", "Shop", "--format", "json"],
    );
    let document: Value = serde_json::from_slice(&first.stdout).expect("JSON");
    assert_eq!(document["schema_version"], 1);
    assert_eq!(
        document["steps"][0]["commands"][0],
        "sf project deploy start --source-dir pkg --target-org YOUR_ORG"
    );
    let fate = |document: &Value, path: &str| {
        let files = document["files"].as_array().expect("files").clone();
        let file = files.into_iter().find(|file| file["path"] == path);
        file.unwrap_or_else(|| panic!("no {path}: {document}"))["fate"].clone()
    };
    assert_eq!(fate(&document, ".gitignore"), "extended");
    assert_eq!(fate(&document, "sfdx-project.json"), "kept");
    let ignored = fs::read_to_string(folder.join(".gitignore")).expect("read");
    assert_eq!(ignored, "*.log\n/keys/jwt.key\n");

    // An edit stays, and a record under a name of its own is not made twice.
    let folder_of = folder.join("pkg/main/default");
    let scopes = folder_of.join("extlClntAppOauthSettings");
    let own = scopes.join("Mine.ecaOauth-meta.xml");
    fs::rename(scopes.join("Shop_oauth.ecaOauth-meta.xml"), &own).expect("moved");
    fs::write(folder.join("scenarios/refused.yaml"), "mine").expect("written");
    for gone in ["keys/jwt.crt", "scenarios/jwt_bearer.yaml"] {
        fs::remove_file(folder.join(gone)).expect("removed");
    }
    let before = files(&folder);
    let second = grantproof(&folder, &["init", "--yes", "--format", "json"]);
    let document: Value = serde_json::from_slice(&second.stdout).expect("JSON");
    for written in ["keys/jwt.crt", "scenarios/jwt_bearer.yaml"] {
        assert_eq!(fate(&document, written), "written");
    }
    let mine = "pkg/main/default/extlClntAppOauthSettings/Mine.ecaOauth-meta.xml";
    assert_eq!(fate(&document, mine), "kept");
    let after = files(&folder);
    assert_eq!(after.len(), before.len() + 2);
    assert!(
        before
            .iter()
            .all(|(path, octets)| after.get(path) == Some(octets))
    );
    // The certificate that came back is the one that the app has.
    let lint = grantproof(&folder, &["lint", "."]);
    assert_eq!(code(&lint), 0, "{}", said(&lint));
    let global =
        &after[&folder_of.join("extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth-meta.xml")];
    let certificate = fs::read_to_string(folder.join("keys/jwt.crt")).expect("read");
    assert!(String::from_utf8_lossy(global).contains(certificate.trim()));
}

#[test]
fn a_clone_without_the_key_gets_no_other_one() {
    let (_home, folder) = empty();
    assert_eq!(code(&grantproof(&folder, &["init", "--yes"])), 0);
    fs::remove_file(folder.join("keys/jwt.key")).expect("removed");
    let second = grantproof(&folder, &["init", "--yes", "--format", "plain"]);
    assert_eq!(code(&second), 0, "{}", said(&second));
    assert!(
        said(&second).contains("put the key at keys/jwt.key"),
        "{}",
        said(&second)
    );
    assert!(!folder.join("keys/jwt.key").exists());
}

#[test]
fn bad_answers_write_nothing() {
    let (_home, folder) = empty();
    for (arguments, part) in [
        (&["init"][..], "--yes"),
        (
            &["init", "--yes", "--grants", "devise"],
            "did you mean `device`?",
        ),
        (
            &["init", "--yes", "--grants", "client_credentials"],
            "--run-as",
        ),
        (
            &[
                "init",
                "--yes",
                "--my-domain",
                "https://test.salesforce.com",
            ],
            "Setup > My Domain",
        ),
    ] {
        let output = grantproof(&folder, arguments);
        assert_eq!(code(&output), 2, "{}", said(&output));
        assert!(said(&output).contains(part), "{}", said(&output));
        assert!(files(&folder).is_empty());
    }
    assert_eq!(code(&grantproof(&folder, &["init", "--yes"])), 0);
    let made = files(&folder);
    let other = grantproof(&folder, &["init", "--yes", "--grants", "device"]);
    assert_eq!(code(&other), 2, "{}", said(&other));
    assert!(
        said(&other).contains("with another --grants"),
        "{}",
        said(&other)
    );
    assert!(files(&folder) == made);
}

/// Something stands where a folder has to be: what was written before is told, and the next run goes on.
#[test]
fn a_failure_tells_what_was_written_and_the_next_run_goes_on() {
    let (_home, folder) = empty();
    fs::write(folder.join("scenarios"), "in the way").expect("written");
    let failed = grantproof(&folder, &["init", "--yes"]);
    assert_eq!(code(&failed), 3, "{}", said(&failed));
    let text = said(&failed);
    for part in [
        "scenarios/authorization_code.yaml",
        "written before that: target.yaml",
        "run the same command again",
    ] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    fs::remove_file(folder.join("scenarios")).expect("removed");
    let made = files(&folder);
    let second = grantproof(&folder, &["init", "--yes"]);
    assert_eq!(code(&second), 0, "{}", said(&second));
    let after = files(&folder);
    assert!(
        made.iter()
            .all(|(path, octets)| after.get(path) == Some(octets))
    );
    assert_eq!(code(&grantproof(&folder, &["run"])), 0);
}
