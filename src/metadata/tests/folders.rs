//! Folders: what is read of them, what is not, and what is said about it.

use std::fs;
use std::path::Path;

use super::super::{FindingKind, Project, ProjectError};
use super::{about, folder, kinds, now, read, record};

fn header() -> String {
    record("ExternalClientApplication", "")
}

fn names(project: &Project) -> Vec<&str> {
    project.apps.iter().map(|app| app.name.as_str()).collect()
}

#[test]
fn a_folder_that_cannot_be_read_or_holds_nothing_is_an_error_with_a_remedy() {
    use miette::Diagnostic as _;
    let nowhere = Project::read(Path::new("no/such/folder"), now()).unwrap_err();
    assert!(matches!(nowhere, ProjectError::Folder { .. }));
    assert_eq!(
        nowhere.to_string(),
        "cannot read the folder `no/such/folder`: not there"
    );
    let empty = folder(&[("readme.md", "x"), ("package.xml", "<Package/>")]);
    let nothing = Project::read(empty.path(), now()).unwrap_err();
    assert!(matches!(nothing, ProjectError::Nothing { .. }));
    assert!(
        nothing
            .help()
            .unwrap()
            .to_string()
            .contains("sf project retrieve start")
    );
    let file = Project::read(&empty.path().join("readme.md"), now()).unwrap_err();
    assert!(matches!(file, ProjectError::Folder { .. }));
}

#[test]
fn only_the_package_directories_of_a_project_are_read() {
    let header = header();
    let project = |json: &str| {
        read(&[
            ("sfdx-project.json", json),
            ("force-app/main/One.eca-meta.xml", &header),
            ("other/Two.eca-meta.xml", &header),
            ("build/externalClientApps/One.eca", &header),
        ])
    };
    assert_eq!(
        names(&project(
            r#"{"packageDirectories": [{"path": "force-app"}]}"#
        )),
        ["One"]
    );
    assert_eq!(
        names(&project(
            r#"{"packageDirectories": [{"path": "./force-app/"}, {"path": "force-app/main"}, {"path": "other"}]}"#
        )),
        ["One", "Two"]
    );
    let all = project(r#"{"packageDirectories": [{"path": "."}]}"#);
    assert_eq!(names(&all), ["One", "Two"]);
    assert_eq!(about(&all, FindingKind::DuplicateRecord).len(), 1);
    let outside = project(
        r#"{"packageDirectories": [{"path": "../.."}, {"path": "none"}, {"path": "force-app"}]}"#,
    );
    let not_read = about(&outside, FindingKind::NotRead);
    assert_eq!(not_read.len(), 2);
    assert!(
        not_read
            .iter()
            .any(|finding| finding.message.contains("outside the project"))
    );
    assert_eq!(names(&outside), ["One"]);
    let broken = project("{");
    assert_eq!(about(&broken, FindingKind::NotRead).len(), 1);
    assert_eq!(names(&broken), ["One", "Two"]);
}

#[test]
fn hidden_and_foreign_folders_are_left_alone() {
    let header = header();
    let project = read(&[
        ("One.eca-meta.xml", &header),
        ("node_modules/x/Two.eca-meta.xml", &header),
        (".git/Three.eca-meta.xml", &header),
        (".sf/orgs/Four.eca-meta.xml", &header),
        ("target/Five.eca-meta.xml", &header),
        // In metadata form the folder must fit.
        ("backup/Six.eca", &header),
        ("externalClientApps/Seven.eca", &header),
        ("lwc/a/a.js-meta.xml", "<x/>"),
    ]);
    assert_eq!(names(&project), ["One", "Seven"]);
}

#[test]
fn a_wrong_suffix_is_said() {
    let header = header();
    let project = read(&[
        ("One.eca-meta.xml", &header),
        (
            "extlClntAppOauthPolicies/One.ecaOauthPolicy-meta.xml",
            "<x/>",
        ),
    ]);
    let wrong = about(&project, FindingKind::WrongSuffix);
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].help.contains("`.ecaOauthPlcy-meta.xml`"));
}

#[test]
fn a_wrong_root_is_said_and_the_file_not_read() {
    let policies = record(
        "ExtlClntAppConfigurablePolicies",
        "<externalClientApplication>A</externalClientApplication>",
    );
    let no_namespace = "\n<ExternalClientApplication>\n</ExternalClientApplication>";
    let project = read(&[
        ("A.ecaOauthPlcy-meta.xml", &policies),
        ("B.eca-meta.xml", no_namespace),
    ]);
    assert_eq!(kinds(&project), [FindingKind::WrongRoot; 2]);
    assert_eq!(project.findings[0].line, 2);
    assert_eq!(
        project.findings[0].field.as_deref(),
        Some("ExtlClntAppOauthConfigurablePolicies")
    );
    assert!(project.findings[1].message.contains("namespace"));
    assert!(project.apps.is_empty());
}

#[test]
fn a_broken_file_is_said_with_its_place_and_the_others_are_read() {
    let header = header();
    let long = "x".repeat(5 * 1024 * 1024 + 1);
    let project = read(&[
        ("A.eca-meta.xml", &header),
        (
            "B.eca-meta.xml",
            "<ExternalClientApplication>\n  <label>R & D</label>",
        ),
        ("C.eca-meta.xml", &long),
        (
            "D.eca-meta.xml",
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        ),
        ("E.eca-meta.xml", ""),
    ]);
    assert_eq!(names(&project), ["A"]);
    let broken = about(&project, FindingKind::Broken);
    let places: Vec<(usize, usize)> = broken
        .iter()
        .map(|finding| (finding.line, finding.column))
        .collect();
    assert_eq!(places, [(2, 12), (1, 1), (1, 1)]);
    assert!(broken.iter().all(|finding| !finding.help.is_empty()));
    let long = about(&project, FindingKind::NotRead);
    assert_eq!(long.len(), 1);
    assert!(long[0].file.ends_with("/C.eca-meta.xml") && long[0].message.contains("longer than"));
}

#[test]
fn a_secret_is_named_by_its_place_alone() {
    let global = record(
        "ExtlClntAppGlobalOauthSettings",
        "<externalClientApplication>A</externalClientApplication>\n  <consumerSecret>Sesame1</consumerSecret>\n<clientSecrt>x</clientSecrt><clientSecret>Sesame2</clientSecret>",
    );
    let app = record(
        "ConnectedApp",
        "<oauthConfig>\n<certificate>-----BEGIN RSA PRIVATE KEY-----Sesame3</certificate>\n<consumerSecret>Sesame4</consumerSecret>\n</oauthConfig>",
    );
    let project = read(&[
        ("A.ecaGlblOauth-meta.xml", &global),
        ("C.connectedApp-meta.xml", &app),
        ("certs/K.crt", "-----BEGIN PRIVATE KEY-----\nSesame5\n"),
        (
            "certs/L.crt-meta.xml",
            &record("Certificate", "<masterLabel>l</masterLabel>"),
        ),
    ]);
    let secrets = about(&project, FindingKind::SecretInFile);
    let places: Vec<(usize, usize)> = secrets
        .iter()
        .map(|finding| (finding.line, finding.column))
        .collect();
    assert_eq!(places, [(4, 3), (5, 29), (4, 1), (5, 1), (1, 1)]);
    let everything = format!("{project:?}");
    assert!(!everything.contains("Sesame"), "{everything}");
    for app in &project.apps {
        for record in &app.records {
            assert_eq!(record.text("consumerSecret"), None);
            assert_eq!(record.text("oauthConfig.consumerSecret"), None);
        }
    }
}

#[test]
fn a_broken_file_with_a_secret_does_not_tell_it() {
    for text in [
        "<A><consumerSecret>Sesame</A>",
        "<A><consumerSecret>Ses&ame;</consumerSecret></A>",
        "<A><consumerSecret>Sesame",
        "<A><consumerSecret Sesame='1' Sesame='2'/></A>",
        "<A><consumerSecret>x</Sesame></A>",
        "Sesame<A/>",
        "<A/><?xml Sesame?>",
        "<Sesame:A/>",
    ] {
        let project = read(&[("A.ecaGlblOauth-meta.xml", text)]);
        assert_eq!(kinds(&project), [FindingKind::Broken], "{text}");
        let said = format!("{project:?}");
        assert!(!said.contains("Sesame") && !said.contains("Ses&"), "{said}");
    }
}

#[test]
fn certificates_of_the_org_are_read_from_both_files() {
    let global = super::samples().join("force-app/main/default/extlClntAppGlobalOauthSets/Harness_Jwt_glbloauth.ecaGlblOauth-meta.xml");
    let text = fs::read_to_string(global).unwrap();
    let from = text.find("-----BEGIN").unwrap();
    let to = text.find("</certificate>").unwrap();
    let meta = record("Certificate", "<masterLabel>l</masterLabel>");
    let project = read(&[
        ("certs/Jwt.crt", &text[from..to]),
        ("certs/Jwt.crt-meta.xml", &meta),
        ("certs/None.crt", "none"),
    ]);
    assert_eq!(kinds(&project), [FindingKind::UnreadableCertificate]);
    assert_eq!(project.certificates.len(), 1);
    let certificate = &project.certificates[0];
    assert_eq!(certificate.name, "Jwt");
    assert_eq!(
        certificate.validity.until.to_string(),
        "2036-01-01T00:00:00Z"
    );
    assert_eq!(project.org_records.len(), 1);
}

#[test]
fn what_is_not_documented_is_said_to_be_unknown() {
    let security = record(
        "ExtlClntAppOauthSecuritySettings",
        "<externalClientApplication>A</externalClientApplication><whatever>1</whatever>",
    );
    let project = read(&[("A.ecaOauthSecurity-meta.xml", &security)]);
    let unknown = about(&project, FindingKind::NotJudged);
    assert_eq!(unknown.len(), 1);
    assert!(unknown[0].message.contains("allowlist"));
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_circle_of_links_ends_and_no_link_leads_out() {
        let outside = folder(&[
            ("Far.eca-meta.xml", &header()),
            ("deep/Away.eca-meta.xml", &header()),
        ]);
        let inside = folder(&[("a/One.eca-meta.xml", &header()), ("b/keep", "")]);
        let root = inside.path();
        symlink(root, root.join("a/up")).unwrap();
        symlink(root.join("a"), root.join("b/a")).unwrap();
        symlink(outside.path(), root.join("out")).unwrap();
        symlink(
            outside.path().join("Far.eca-meta.xml"),
            root.join("Far.eca-meta.xml"),
        )
        .unwrap();
        symlink("nowhere", root.join("Dead.eca-meta.xml")).unwrap();
        let project = Project::read(root, now()).unwrap();
        assert_eq!(names(&project), ["One"]);
        let not_followed = about(&project, FindingKind::NotRead);
        assert_eq!(not_followed.len(), 2, "{not_followed:#?}");
        // The folder itself may be a link.
        let link = outside.path().join("link");
        symlink(root, &link).unwrap();
        assert_eq!(names(&Project::read(&link, now()).unwrap()), ["One"]);
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = folder(&[("One.eca-meta.xml", &header())]);
        let made = Command::new("mkfifo")
            .arg(folder.path().join("Pipe.eca-meta.xml"))
            .status();
        assert!(made.unwrap().success());
        assert_eq!(
            names(&Project::read(folder.path(), now()).unwrap()),
            ["One"]
        );
    }
}
