//! Answers, files and steps, without a disk.

use std::path::PathBuf;

use super::*;
use crate::metadata::RecordType;
use crate::oauth::GrantKind;
use crate::scenario::Scenario;
use crate::target::{Reference, TargetFile};

fn given(grants: &str) -> Given {
    Given {
        name: Some("Shop_Sync".to_owned()),
        grants: Some(grants.to_owned()),
        run_as: Some("integration@acme.com".to_owned()),
        ..Given::default()
    }
}

fn answers(grants: &str) -> Answers {
    given(grants).answers("folder").expect("good answers")
}

fn all(answers: &Answers, here: &Here) -> Vec<File> {
    let directory = package_directory(None).expect("the default");
    files(answers, here, &directory).expect("they can be written")
}

fn text<'f>(files: &'f [File], path: &str) -> &'f str {
    let file = files.iter().find(|file| file.path == path);
    match &file.unwrap_or_else(|| panic!("no {path}")).content {
        Content::Text(text) => text,
        other => panic!("{path}: {other:?}"),
    }
}

/// The reason and the remedy of a refusal.
fn refused(given: &Given) -> String {
    let wrong = given.answers("folder").expect_err("refused");
    format!("{wrong}: {}", wrong.help)
}

#[test]
fn a_folder_gives_its_name() {
    for (folder, name) in [
        ("shop", "shop"),
        ("my-shop.v2", "my_shop_v2"),
        ("2nd", "My_2nd"),
        ("__", "My_App"),
        ("", "My_App"),
        ("läden", "l_den"),
    ] {
        let answers = Given::default().answers(folder).expect("defaults");
        assert_eq!(answers.name, name, "{folder}");
        let again = Given {
            name: Some(name.to_owned()),
            ..Given::default()
        };
        assert!(again.answers("").is_ok(), "{name} is no name");
    }
    let long = Given::default()
        .answers(&"a_".repeat(60))
        .expect("defaults");
    assert!(long.name.len() <= 40 && !long.name.ends_with('_'));
}

#[test]
fn what_cannot_be_taken_is_told_with_what_could() {
    let of = |change: fn(&mut Given)| {
        let mut one = given("jwt_bearer");
        change(&mut one);
        refused(&one)
    };
    let cases: [(String, [&str; 2]); 12] = [
        (
            of(|one| one.grants = Some("jwt_baerer".into())),
            [
                "--grants: `jwt_baerer` is no grant",
                "did you mean `jwt_bearer`? valid: authorization_code, ",
            ],
        ),
        (
            of(|one| one.grants = Some("password".into())),
            ["no username-password flow", "valid: "],
        ),
        (
            of(|one| one.grants = Some(",".into())),
            ["no grant is named", "valid: "],
        ),
        (
            of(|one| one.scopes = Some("api,refresh_tokn".into())),
            ["--scopes: `refresh_tokn`", "did you mean `refresh_token`?"],
        ),
        (
            of(|one| one.scopes = Some("api".into())),
            [
                "the JWT bearer flow needs the scope `refresh_token`",
                "--scopes api,refresh_token",
            ],
        ),
        (
            of(|one| one.name = Some("my app".into())),
            ["--name: `my app`", "`my_app`"],
        ),
        (
            of(|one| one.contact = Some("nobody".into())),
            ["--contact: ", "you@acme.com"],
        ),
        (
            of(|one| one.my_domain = Some("https://login.salesforce.com".into())),
            ["shared by all orgs", "Setup > My Domain"],
        ),
        (
            of(|one| one.my_domain = Some("acme.my.salesforce.com".into())),
            ["--my-domain: ", "https://acme"],
        ),
        (
            of(|one| one.callback = vec!["http://acme.com/cb".into()]),
            ["it has to be `https`", "localhost"],
        ),
        (
            of(|one| one.callback = vec!["https://acme.com/#secret".into()]),
            ["fragment", "localhost"],
        ),
        (
            of(|one| one.permission_set = Some("a__b".into())),
            ["--permission-set: ", "`a_b`"],
        ),
    ];
    for (text, parts) in cases {
        for part in parts {
            assert!(text.contains(part), "`{part}` is not in: {text}");
        }
    }
    assert!(!of(|one| one.callback = vec!["https://acme.com/#secret".into()]).contains("secret"));
    for grants in ["client_credentials", "token_exchange"] {
        let nobody = Given {
            run_as: None,
            ..given(grants)
        };
        assert!(refused(&nobody).contains("--run-as integration@acme.com"));
    }
    let nothing = Given {
        scopes: Some("openid,refresh_token".into()),
        ..given("authorization_code")
    };
    assert!(refused(&nothing).contains("none of these scopes opens an API"));
    let idle = Given {
        scopes: Some("full,web".into()),
        ..given("client_credentials")
    };
    assert!(refused(&idle).contains("--scopes api"));
}

#[test]
fn the_target_file_gives_the_answers_again_and_no_secret() {
    let mut one = given("authorization_code,client_credentials,jwt_bearer");
    one.callback = vec!["https://acme.com/cb?a=1".into(), "acme:".into()];
    one.my_domain = Some("https://acme.my.salesforce.com/".into());
    let answers = one.answers("folder").expect("good");
    let files = all(&answers, &Here::default());
    let target = text(&files, TARGET);
    let again = Given::of_record(target).expect("a record");
    assert_eq!(again.answers("other").as_ref(), Ok(&answers));
    let parsed = TargetFile::parse(TARGET, PathBuf::new(), target).expect("a target file");
    let app = &parsed.apps[0];
    assert_eq!(app.redirect_uri.as_deref(), Some("https://acme.com/cb?a=1"));
    assert_eq!(
        parsed.hosts[0].1.as_str(),
        "https://acme.my.salesforce.com/"
    );
    for secret in [&app.client_secret, &app.jwt_key] {
        let secret = secret.as_ref().expect("a reference");
        assert!(!matches!(secret.from, Reference::Plain(_)), "{secret:?}");
    }
    assert_eq!(Given::of_record("target: x\n"), None);
}

#[test]
fn each_grant_switches_on_what_it_needs_and_nothing_else() {
    const OFF: &str = ">false<";
    for grant in GRANTS {
        let answers = answers(grant.name());
        let here = Here {
            certificate: Some("PEM".to_owned()),
            ..Here::default()
        };
        let files = all(&answers, &here);
        let global = files
            .iter()
            .find(|file| file.path.ends_with(".ecaGlblOauth-meta.xml"))
            .expect("there");
        let global = text(&files, &global.path);
        let on = |name: &str| !global.contains(&format!("<{name}{OFF}"));
        assert_eq!(
            on("isClientCredentialsFlowEnabled"),
            grant == GrantKind::ClientCredentials
        );
        assert_eq!(on("isDeviceFlowEnabled"), grant == GrantKind::Device);
        assert_eq!(
            on("isTokenExchangeEnabled"),
            grant == GrantKind::TokenExchange
        );
        assert_eq!(
            global.contains("<certificate>"),
            grant == GrantKind::JwtBearer
        );
        for absent in ["consumerKey", "consumerSecret"] {
            assert!(!global.contains(absent), "{absent} is invented");
        }
        let scenarios: Vec<_> = files
            .iter()
            .filter(|file| file.path.starts_with("scenarios/"))
            .collect();
        assert_eq!(scenarios.len(), 2, "{grant:?}");
        for file in scenarios {
            let scenario = Scenario::parse(&file.path, text(&files, &file.path));
            scenario
                .and_then(|scenario| scenario.stories())
                .expect("a scenario");
        }
    }
}

#[test]
fn what_is_there_has_its_own_path_and_the_key_is_ignored_before_it_is_made() {
    let here = Here {
        records: vec![(
            RecordType::ExtlClntAppOauthSettings,
            "a/b.ecaOauth-meta.xml".to_owned(),
        )],
        key: Some(crate::secret::Secret::new("KEY")),
        certificate: Some("PEM".to_owned()),
    };
    let files = all(&answers("jwt_bearer"), &here);
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let at = |path: &str| {
        paths
            .iter()
            .position(|other| *other == path)
            .expect("there")
    };
    assert!(at(TARGET) < at(GITIGNORE) && at(GITIGNORE) < at(KEY));
    assert!(matches!(
        files[at("a/b.ecaOauth-meta.xml")].content,
        Content::There
    ));
    assert_eq!(
        paths
            .iter()
            .filter(|path| path.contains(".ecaOauth-"))
            .count(),
        1
    );
    assert!(!format!("{files:?}").contains("KEY\""), "a key is printed");
}

#[test]
fn a_line_is_added_once() {
    let lines = ["/keys/jwt.key"];
    assert_eq!(ignoring("", &lines).as_deref(), Some("/keys/jwt.key\n"));
    assert_eq!(ignoring("a", &lines).as_deref(), Some("a\n/keys/jwt.key\n"));
    assert_eq!(ignoring("a\n/keys/jwt.key \nb", &lines), None);
}

#[test]
fn metadata_goes_to_the_package_directory() {
    let of = |json: &str| package_directory(Some(json)).map(|directory| directory.records());
    let two = r#"{"packageDirectories": [{"path": "a"}, {"path": "./b/", "default": true}]}"#;
    assert_eq!(of(two).as_deref(), Ok("b/main/default"));
    assert_eq!(
        of(r#"{"packageDirectories": [{"path": "."}]}"#).as_deref(),
        Ok("main/default")
    );
    for wrong in [
        "{",
        "{}",
        r#"{"packageDirectories": [{"path": "../up"}]}"#,
        r#"{"packageDirectories": [{"path": "/etc"}]}"#,
    ] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_steps_name_what_the_answers_chose() {
    let all = answers("authorization_code,client_credentials,jwt_bearer,token_exchange");
    let directory = package_directory(None).expect("the default");
    let steps = steps(&all, &directory, "x.ecaGlblOauth-meta.xml");
    let titles: Vec<&str> = steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Write the token exchange handler",
            "Create the app",
            "Define it",
            "Configure OAuth",
            "Grant access",
            "Capture the consumer key and secret now",
            "Try it",
        ]
    );
    assert!(
        steps
            .iter()
            .zip(1..)
            .all(|(step, number)| step.number == number)
    );
    let access = steps[4].commands.join("\n");
    assert!(
        access.contains("--on-behalf-of integration@acme.com"),
        "{access}"
    );
    assert!(steps[1].commands[0].starts_with("sf project deploy start --source-dir force-app"));
}
