use crate::cause::{AppKind, CauseId, Channel};
use crate::evidence::{Fact, Heard, InputError, Report, Seen, from_case, from_case_with_trial};
use crate::exchange::Endpoint;
use crate::factor::{Delta, Factor, Provenance, Value};
use crate::model::{AppSettings, OrgState, set, set_setting};
use crate::oauth::{GrantKind, HostKind};

const JWT: &str = r#"
id = "a-service-user"
source = "https://example.org/thread"
app_kind = "external_client_app"
flow = "jwt_bearer"

[observed]
channel = "token_endpoint"
http_status = 400
error = "invalid_grant"
error_description = "user hasn't approved this consumer"
login_host = "my_domain"

[request]
aud_kind = "login"
scopes = ["api", "refresh_token"]
a_key_of_tomorrow = "kept"

[declared]
"ExtlClntAppOauthConfigurablePolicies.permittedUsersPolicyType" = "AdminApprovedPreAuthorized"
"ExtlClntAppOauthSettings.commaSeparatedOauthScopes" = ["Api", "refresh_token", "NobodyKnows"]
"ExtlClntAppGlobalOauthSettings.certificate" = "present"
"User.IsActive" = "yes"
OauthOidcSettings.isPkceRequired = false
user_assigned_to_app = true

[facts]
worked_before = false
hours_until_failure_max = 1.5
changed_recently = "app_created"
worked_until = 2026-03-01

[trial]
works_on_host = "my_domain"

[remarks]
seen = ["never read"]

[cause]
id = "user_not_preauthorized"
summary = "never read"
"#;

fn fact<'a>(report: &'a Report, key: &str) -> &'a Fact {
    report
        .sheet
        .get(key)
        .unwrap_or_else(|| panic!("{key} is not known"))
}

#[test]
fn a_case_is_one_observation_and_its_facts() {
    let report = from_case("case.toml", JWT).unwrap();
    assert_eq!(
        (report.input.as_str(), report.id.as_deref()),
        ("case.toml", Some("a-service-user"))
    );
    let [seen] = report.observations.as_slice() else {
        panic!("{:?}", report.observations);
    };
    assert_eq!(seen.grant, Some(GrantKind::JwtBearer));
    assert_eq!(seen.host, Some(HostKind::MyDomain));
    assert_eq!(seen.app_kind, Some(AppKind::ExternalClientApp));
    assert_eq!(seen.endpoint, Some(Endpoint::Token));
    let Seen::Answer(answer) = &seen.seen else {
        panic!("{:?}", seen.seen);
    };
    assert_eq!(answer.channel, Some(Channel::TokenJson));
    assert_eq!(
        answer.summary(),
        "400 invalid_grant \"user hasn't approved this consumer\""
    );
    assert_eq!(fact(&report, "http_status"), &Fact::Number(400.0));
    assert_eq!(fact(&report, "flow"), &Fact::from("jwt_bearer"));
    assert_eq!(
        fact(&report, "request.scopes"),
        &Fact::List(vec!["api".into(), "refresh_token".into()])
    );
    assert_eq!(
        fact(&report, "request.a_key_of_tomorrow"),
        &Fact::from("kept")
    );
    assert_eq!(fact(&report, "facts.worked_before"), &Fact::Flag(false));
    assert_eq!(
        fact(&report, "facts.hours_until_failure_max"),
        &Fact::Number(1.5)
    );
    assert_eq!(
        fact(&report, "facts.changed_recently"),
        &Fact::List(vec!["app_created".into()])
    );
    assert_eq!(
        fact(&report, "facts.worked_until"),
        &Fact::from("2026-03-01")
    );
    assert_eq!(
        fact(&report, "declared.user_assigned_to_app"),
        &Fact::Flag(true)
    );
}

#[test]
fn what_names_the_cause_is_read_over() {
    let report = from_case("case.toml", JWT).unwrap();
    assert!(
        report
            .sheet
            .iter()
            .all(|(key, fact)| { !key.starts_with("trial.") && !fact.contains("never read") })
    );
    assert!(
        report
            .sheet
            .iter()
            .all(|(_, fact)| !fact.is("user_not_preauthorized"))
    );
    let with = from_case_with_trial("case.toml", JWT).unwrap();
    assert_eq!(fact(&with, "trial.works_on_host"), &Fact::from("my_domain"));
    assert_eq!(with.sheet.iter().count(), report.sheet.iter().count() + 1);
}

#[test]
fn declared_fields_are_known_in_values_that_the_model_takes() {
    let report = from_case("case.toml", JWT).unwrap();
    let known: Vec<(Factor, Value)> = report
        .known
        .iter()
        .map(|(factor, value, from)| {
            assert_eq!(from, &Provenance::Declared);
            (factor, value.clone())
        })
        .collect();
    let scopes = vec!["Api".to_owned(), "RefreshToken".to_owned()];
    assert_eq!(
        known,
        [
            (Factor::Scopes, Value::Names(scopes)),
            (Factor::PermittedUsers, "AdminApprovedPreAuthorized".into()),
            (Factor::OrgPkceRequired, Value::Flag(false)),
            (Factor::UserActive, Value::Flag(true)),
        ]
    );
    let mut app = AppSettings::healthy();
    let mut state = OrgState::healthy();
    for (factor, value) in known {
        let delta = Delta::new(factor, value);
        let done = set_setting(&mut app, &delta)
            .or_else(|_| set(&mut state, &delta, jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(done, Ok(()), "{factor:?}");
    }
}

#[test]
fn a_declared_value_fits_its_factor_or_stays_out() {
    let known = |line: &str| {
        let text = format!("flow = \"refresh_token\"\n[declared]\n{line}\n");
        let report = from_case("c", &text).unwrap();
        report
            .known
            .iter()
            .map(|(factor, value, _)| (factor, value.clone()))
            .next()
    };
    for (line, wanted) in [
        (
            "\"ExtlClntAppOauthConfigurablePolicies.refreshTokenValidityPeriod\" = 30",
            Some((Factor::RefreshTokenValidityPeriod, Value::Number(30))),
        ),
        (
            "\"ExtlClntAppOauthConfigurablePolicies.refreshTokenPolicyType\" = \"zero\"",
            Some((Factor::RefreshTokenPolicy, "Zero".into())),
        ),
        (
            "\"ExtlClntAppOauthConfigurablePolicies.refreshTokenPolicyType\" = \"Sometimes\"",
            None,
        ),
        (
            "\"ExtlClntAppGlobalOauthSettings.certificate\" = \"absent\"",
            Some((Factor::Certificate, "absent".into())),
        ),
        (
            "\"Profile.loginIpRanges\" = [\"203.0.113.0-203.0.113.15\"]",
            Some((
                Factor::LoginIpRanges,
                Value::Names(vec!["203.0.113.0-203.0.113.15".into()]),
            )),
        ),
        ("\"Profile.loginIpRanges\" = [\"our office\"]", None),
        ("\"OauthOidcSettings.isPkceRequired\" = \"perhaps\"", None),
        ("\"Profile.userLicense\" = \"Salesforce\"", None),
        (
            "\"OauthOidcSettings.blockOAuthUnPwFlow\" = \"no\"",
            Some((Factor::UsernamePasswordBlocked, Value::Flag(false))),
        ),
    ] {
        // `perhaps` is refused as a value of a known key; everything else is taken.
        if line.contains("perhaps") {
            let text = format!("flow = \"refresh_token\"\n[declared]\n{line}\n");
            assert!(from_case("c", &text).is_err());
        } else {
            assert_eq!(known(line), wanted, "{line}");
        }
    }
}

#[test]
fn what_was_not_shown_is_not_known() {
    let text = "flow = \"refresh_token\"\napp_kind = \"unknown\"\n[observed]\nchannel = \"client_tool\"\nerror = \"\"\nerror_description = \"\"\nlogin_host = \"unknown\"\n";
    let report = from_case("c", text).unwrap();
    let Seen::Answer(answer) = &report.observations[0].seen else {
        panic!();
    };
    assert_eq!(
        (&answer.code, &answer.text, answer.channel),
        (&Heard::Unknown, &Heard::Unknown, None)
    );
    let keys: Vec<&str> = report.sheet.iter().map(|(key, _)| key).collect();
    assert_eq!(
        keys,
        ["channel", "description_shown", "error_shown", "flow"]
    );
    assert_eq!(fact(&report, "error_shown"), &Fact::Flag(false));
}

#[test]
fn a_call_with_a_token_has_no_grant() {
    let place = |head: &str, rest: &str| {
        let text =
            format!("flow = \"{head}\"\n[observed]\nerror = \"INVALID_SESSION_ID\"\n{rest}\n");
        let report = from_case("c", &text).unwrap();
        let seen = &report.observations[0];
        let channel = match &seen.seen {
            Seen::Answer(answer) => answer.channel,
            seen => panic!("{seen:?}"),
        };
        (seen.grant, seen.endpoint, channel)
    };
    let rest = Some(Endpoint::Rest);
    assert_eq!(
        place("api_call", "channel = \"api\""),
        (None, rest, Some(Channel::RestJson))
    );
    assert_eq!(
        place("api_call", "channel = \"client_tool\""),
        (None, rest, None)
    );
    let cc = Some(GrantKind::ClientCredentials);
    assert_eq!(
        place("client_credentials", "channel = \"api\""),
        (cc, rest, Some(Channel::RestJson))
    );
    assert_eq!(
        place("user_agent", "channel = \"callback\""),
        (
            None,
            Some(Endpoint::Callback),
            Some(Channel::CallbackRedirect)
        )
    );
    assert_eq!(
        place("authorization_code", "channel = \"html_page\""),
        (Some(GrantKind::AuthorizationCode), None, None)
    );
    let soap = "channel = \"api\"\n[request]\nprotocol = \"soap\"";
    assert_eq!(
        place("username_password", soap),
        (Some(GrantKind::UsernamePassword), None, None)
    );
    let identity = "channel = \"api\"\n[request]\napi_endpoint = \"identity\"";
    assert_eq!(
        place("api_call", identity),
        (None, Some(Endpoint::Identity), Some(Channel::ResourcePlain))
    );
}

#[test]
fn a_good_answer_with_a_part_missing_is_told_as_such() {
    let causes = |request: &str| {
        let text = format!(
            "flow = \"authorization_code\"\n[observed]\nchannel = \"token_endpoint\"\nhttp_status = 200\nerror = \"\"\nerror_description = \"\"\n[request]\n{request}\n[facts]\nrefresh_token_in_response = false\n"
        );
        match &from_case("c", &text).unwrap().observations[0].seen {
            Seen::Success { lacks } => lacks[0].causes.clone(),
            seen => panic!("{seen:?}"),
        }
    };
    assert_eq!(
        causes("scopes = [\"full\"]")[0],
        CauseId::ScopeRefreshNotRequested
    );
    assert_eq!(
        causes("scopes = [\"api\", \"offline_access\"]")[0],
        CauseId::ScopeRefreshMissing
    );
    assert_eq!(causes("")[0], CauseId::ScopeRefreshMissing);
}

#[test]
fn a_broken_case_is_told_with_line_column_and_remedy() {
    let at = |text: &str| match from_case("c.toml", text).unwrap_err() {
        InputError::Toml { line, column, .. } => (line, column),
        error => panic!("{error}"),
    };
    assert_eq!(
        at("flow = \"a\"\n[observed]\nerror = invalid_grant\n"),
        (3, 9)
    );
    assert_eq!(at("flow = \"a\"\nflow = \"b\"\n"), (2, 1));
    assert_eq!(at("flow = \"unclosed"), (1, 17));
    let wrong = from_case(
        "c.toml",
        "flow = \"jwt_bearer\"\n[facts]\n  worked_before = [1]\n",
    )
    .unwrap_err();
    let text = format!("{:?}", miette::Report::new(wrong));
    assert!(
        text.contains("line 3, column 19") && text.contains("true or false"),
        "{text}"
    );
    let table = from_case("c.toml", "flow = \"jwt_bearer\"\nobserved = 1\n").unwrap_err();
    assert!(
        matches!(table, InputError::CaseValue { line: 2, .. }),
        "{table}"
    );
    assert!(matches!(
        from_case("c", "title = \"x\"").unwrap_err(),
        InputError::NoCase { .. }
    ));
}

#[test]
fn words_are_compared_as_the_tables_spell_them() {
    let read = |error: &str, description: &str| {
        let text = format!(
            "flow = \"refresh_token\"\n[observed]\nerror = \"{error}\"\nerror_description = \"{description}\"\n"
        );
        let report = from_case("c", &text).unwrap();
        let Seen::Answer(answer) = &report.observations[0].seen else {
            panic!();
        };
        (answer.summary(), report)
    };
    let (seen, report) = read("Invalid_Grant", "Expired access/refresh token.");
    assert_eq!(seen, "invalid_grant \"expired access/refresh token\"");
    assert_eq!(
        fact(&report, "error_description"),
        &Fact::from("Expired access/refresh token.")
    );
    let (seen, report) = read("", "Failed: Missing Consumer Key Parameter");
    assert_eq!(seen, "\"Missing Consumer Key Parameter\"");
    assert_eq!(
        fact(&report, "facts.login_history_status"),
        &Fact::from("Missing Consumer Key Parameter")
    );
    assert_eq!(
        read("x", "a sentence of nobody").0,
        "x \"a sentence of nobody\""
    );
}
