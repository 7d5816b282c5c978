//! Tests of plans.

use super::*;
use crate::cause::AppKind;
use crate::grant::ClientAuthentication;
use crate::scenario::Scenario;

fn target(simulated: bool) -> Target {
    let user = |name: &str| TargetUser {
        name: name.to_owned(),
        username: format!("{name}@acme.com"),
        password: Some(Secret::new("secret")),
        security_token: None,
        verification_code: Some(Secret::new("000000")),
    };
    Target {
        name: "sandbox".to_owned(),
        simulated,
        dialect: Dialect::Salesforce,
        hosts: vec![(HostKind::MyDomain, "https://a.test".parse().unwrap())],
        ca: None,
        apps: vec![TargetApp {
            name: "Mine".to_owned(),
            kind: AppKind::ExternalClientApp,
            client_id: "3MVG".to_owned(),
            client_secret: None,
            redirect_uri: "https://localhost:0/callback".to_owned(),
            client_authentication: ClientAuthentication::Body,
            jwt_key: None,
        }],
        users: vec![user("ana"), user("ben")],
        pages: None,
    }
}

fn story(text: &str) -> Story {
    Scenario::parse("a.yaml", &format!("story: s\n{text}"))
        .and_then(|scenario| scenario.stories())
        .unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)))
        .remove(0)
}

fn reasons(text: &str) -> Vec<(usize, String)> {
    let story = story(text);
    assert!(plan(&story, &target(true)).is_ok(), "{text}");
    match plan(&story, &target(false)) {
        Ok(_) => Vec::new(),
        Err(Error::Unfit { reasons, .. }) => reasons
            .into_iter()
            .map(|reason| (reason.line, reason.why))
            .collect(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn names_are_resolved() {
    let story = story(
        "users: {ben: {}}
steps:
  - {grant: web_server, verification: wrong, send: {redeem_after: 30 s}, expect: granted}
  - {grant: jwt, user: ben, expect: granted}
  - {grant: client_credentials, expect: granted}
",
    );
    let plan = plan(&story, &target(false)).unwrap();
    let grants: Vec<&PlannedGrant> = plan
        .steps
        .iter()
        .map(|step| match &step.does {
            Action::Grant(grant) => &**grant,
            _ => panic!("a grant"),
        })
        .collect();
    let ana = grants[0].grant.person.as_ref().unwrap();
    assert_eq!(ana.username, "ana@acme.com");
    assert_eq!(ana.verification_code.as_ref().unwrap().expose(), "000001");
    assert_eq!(grants[0].grant.within, Duration::from_secs(330));
    assert_eq!(grants[0].grant.client.name, "Mine");
    assert_eq!(
        grants[1].grant.person.as_ref().unwrap().username,
        "ben@acme.com"
    );
    assert!(grants[2].grant.person.is_none());
}

#[test]
fn a_live_target_is_not_set_up() {
    let step = "steps: [{grant: jwt, expect: granted}]\n";
    for (text, line, why) in [
        (
            format!("app: {{refresh token: immediately expire}}\n{step}"),
            0,
            "it sets refreshTokenPolicyType, which",
        ),
        (
            format!("org: {{isPkceRequired: true}}\n{step}"),
            0,
            "it sets isPkceRequired",
        ),
        (
            format!("users: {{ana: {{approval: none}}}}\n{step}"),
            0,
            "it sets approval",
        ),
        (format!("app: {{kind: connected_app}}\n{step}"), 0, ""),
        (
            "steps: [{change: {app: {isEnabled: false}}}]\n".to_owned(),
            2,
            "only the simulated org is changed",
        ),
        (
            "steps: [{wait: 61 s}]\n".to_owned(),
            2,
            "61 seconds pass only",
        ),
        (
            "steps: [{fault: server_error}]\n".to_owned(),
            2,
            "fails on demand",
        ),
        (
            "steps: [{grant: jwt, from: 203.0.113.9, expect: granted}]\n".to_owned(),
            2,
            "the address",
        ),
        (
            "steps: [{grant: ws, browser_session: other, expect: granted}]\n".to_owned(),
            2,
            "another org",
        ),
        (
            "steps: [{grant: ws, away: 1 s, expect: granted}]\n".to_owned(),
            2,
            "stays away",
        ),
        (
            "steps: [{grant: ws, send: {redeem_after: 16 minutes}, expect: granted}]\n".to_owned(),
            2,
            "16 minutes pass only",
        ),
    ] {
        let reasons = reasons(&text);
        assert_eq!(reasons.len(), 1, "{text} {reasons:?}");
        assert_eq!(reasons[0].0, line, "{text}");
        assert!(reasons[0].1.contains(why), "{reasons:?}");
    }
    let so = format!(
        "app: {{refresh token: until revoked, isPkceRequired: true, commaSeparatedOauthScopes: [Api, RefreshToken, OpenID, Basic]}}
users: {{ben: {{apiEnabled: true}}, integration: {{apiUserOnly: true}}}}
{step}"
    );
    assert_eq!(reasons(&so), []);
}

#[test]
fn what_a_target_lacks_is_named() {
    let host = story("steps: [{grant: jwt, host: login, expect: granted}]\n");
    let error = plan(&host, &target(true)).map(|_| ()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the target has no host `login`")
    );
    let user = story("users: {bem: {}}\nsteps: [{grant: jwt, user: bem, expect: granted}]\n");
    let error = plan(&user, &target(false)).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.yaml:3: the target `sandbox` has no user `bem`"
    );
    let help = error.help().map(|help| help.to_string());
    assert_eq!(
        help.as_deref(),
        Some("did you mean `ben`? it has: ana, ben")
    );
    let mut rfc = target(false);
    rfc.dialect = Dialect::Rfc;
    rfc.hosts = vec![(HostKind::Issuer, "https://a.test".parse().unwrap())];
    assert!(plan(&host, &rfc).is_ok());
}
