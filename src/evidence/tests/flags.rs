use crate::evidence::{Fact, Heard, InputError, Report, Seen, from_flags};
use crate::factor::{Factor, Value};
use crate::oauth::GrantKind;

fn flags(facts: &[(&str, &str)]) -> Result<Report, InputError> {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let facts: Vec<_> = facts.iter().map(own).collect();
    from_flags(Some("web_server"), Some("invalid_grant"), None, &facts)
}

#[test]
fn flags_make_the_report_that_a_case_makes() {
    let report = flags(&[
        ("worked_before", "yes"),
        ("pkce", "NONE"),
        ("http_status", "400"),
        ("channel", "token_endpoint"),
        ("changed_recently", "password, app_policy"),
        ("OauthOidcSettings.isPkceRequired", "true"),
        ("User.IsActive", "no"),
        ("hours_until_failure_max", "1.5"),
    ])
    .unwrap();
    assert_eq!(
        report.input,
        "--flow \"web_server\" --error \"invalid_grant\""
    );
    let seen = &report.observations[0];
    assert_eq!(seen.grant, Some(GrantKind::AuthorizationCode));
    let Seen::Answer(answer) = &seen.seen else {
        panic!();
    };
    assert_eq!(
        (answer.status, answer.code.words()),
        (Some(400), Some("invalid_grant"))
    );
    assert_eq!(answer.text, Heard::Unknown);
    for (key, fact) in [
        ("flow", Fact::from("authorization_code")),
        ("facts.worked_before", Fact::Flag(true)),
        ("request.pkce", Fact::from("none")),
        (
            "facts.changed_recently",
            Fact::List(vec!["password".into(), "app_policy".into()]),
        ),
        (
            "declared.OauthOidcSettings.isPkceRequired",
            Fact::Flag(true),
        ),
        ("declared.User.IsActive", Fact::Flag(false)),
        ("facts.hours_until_failure_max", Fact::Number(1.5)),
    ] {
        assert_eq!(report.sheet.get(key), Some(&fact), "{key}");
    }
    let known = |factor| report.known.value(factor).map(|(value, _)| value.clone());
    assert_eq!(known(Factor::OrgPkceRequired), Some(Value::Flag(true)));
    assert_eq!(known(Factor::UserActive), Some(Value::Flag(false)));
}

#[test]
fn a_wrong_key_or_value_is_told_with_the_way_out() {
    let told = |key: &str, value: &str| {
        let error = flags(&[(key, value)]).unwrap_err();
        format!("{:?}", miette::Report::new(error))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let near = told("worked_befor", "yes");
    assert!(
        near.contains("`facts.worked_before`") && near.contains("--list-facts"),
        "{near}"
    );
    assert!(told("worked_before", "perhaps").contains("yes or no"));
    assert!(told("pkce", "S512").contains("none, s256, plain"));
    assert!(told("http_status", "4e9").contains("a whole number"));
    assert!(told("changed_recently", "password,everything").contains("some of none, password"));
    assert!(told("User.IsActive", "perhaps").contains("yes or no"));
    let flow = from_flags(Some("magic"), None, None, &[]).unwrap_err();
    assert!(
        matches!(&flow, InputError::FactValue { key, .. } if key == "flow"),
        "{flow}"
    );
    assert_eq!(
        from_flags(None, None, None, &[]).unwrap_err(),
        InputError::NothingGiven
    );
}

#[test]
fn an_empty_flag_says_that_nothing_was_shown() {
    let report = from_flags(Some("Jwt-Bearer"), Some(""), Some("ip restricted"), &[]).unwrap();
    assert_eq!(report.sheet.get("error_shown"), Some(&Fact::Flag(false)));
    assert_eq!(report.sheet.get("flow"), Some(&Fact::from("jwt_bearer")));
    assert_eq!(report.sheet.get("error"), None);
}
