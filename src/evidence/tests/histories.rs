use crate::cause::Channel;
use crate::evidence::{InputError, Report, Seen, from_login_history};
use crate::oauth::{GrantKind, HostKind};

const DOWNLOAD: &str = "\u{feff}\"Username\",\"Login Time\",\"Source IP\",\"Login Type\",\"Status\",\"Browser\",\"Platform\",\"Application\",\"Client Version\",\"API Type\",\"API Version\",\"Login URL\",\"TLS Protocol\"
\"sync@acme.test\",\"3/1/2026 9:02:00 AM PST\",\"203.0.113.9\",\"Remote Access 2.0\",\"Failed: Not approved for access\",\"Unknown\",\"Unknown\",\"Nightly Sync\",\"N/A\",\"N/A\",\"N/A\",\"login.salesforce.com\",\"TLS 1.3\"
\"sync@acme.test\",\"3/1/2026 9:01:00 AM PST\",\"203.0.113.9\",\"Remote Access 2.0\",\"failed: not approved for access\",\"Unknown\",\"Unknown\",\"Nightly Sync\",\"N/A\",\"N/A\",\"N/A\",\"login.salesforce.com\",\"TLS 1.3\"
\"sync@acme.test\",\"2/27/2026 11:01:00 PM PST\",\"203.0.113.9\",\"Remote Access 2.0\",\"Success\",\"Unknown\",\"Unknown\",\"Nightly Sync\",\"N/A\",\"N/A\",\"N/A\",\"login.salesforce.com\",\"TLS 1.3\"
\"ana@acme.test\",\"3/1/2026 12:30:00 PM PST\",\"203.0.113.7\",\"Other Apex API\",\"Invalid password\",\"Unknown\",\"Unknown\",\"Data Loader\",\"N/A\",\"SOAP Partner\",\"59.0\",\"test.salesforce.com\",\"TLS 1.2\"
\"ben@acme.test\",\"3/1/2026 8:00:00 AM PST\",\"203.0.113.7\",\"Remote Access 2.0\",\"Success\",\"Unknown\",\"Unknown\",\"Nightly Sync\",\"N/A\",\"N/A\",\"N/A\",\"acme.my.salesforce.com\",\"TLS 1.3\"
";

fn fact(report: &Report, key: &str) -> String {
    report
        .sheet
        .get(key)
        .map_or_else(|| "-".to_owned(), ToString::to_string)
}

#[test]
fn the_download_gives_one_report_for_each_failure_the_newest_first() {
    let reports = from_login_history("LoginHistory.csv", DOWNLOAD).unwrap();
    let ids: Vec<_> = reports
        .iter()
        .filter_map(|report| report.id.as_deref())
        .collect();
    assert_eq!(
        ids,
        [
            "ana@acme.test, Data Loader: Invalid password",
            "sync@acme.test, Nightly Sync: Failed: Not approved for access",
        ]
    );
    let [soap, sync] = reports.as_slice() else {
        panic!();
    };
    for (report, key, value) in [
        (
            sync,
            "facts.login_history_status",
            "Failed: Not approved for access",
        ),
        (sync, "facts.login_history_type", "Remote Access 2.0"),
        (sync, "flow", "-"),
        (sync, "login_host", "login"),
        (sync, "facts.worked_before", "true"),
        (sync, "facts.works_for_other_user", "true"),
        (sync, "request.tls_version", "1.3"),
        (soap, "flow", "username_password"),
        (soap, "request.protocol", "soap"),
        (soap, "login_host", "test"),
        (soap, "facts.worked_before", "-"),
        (soap, "facts.works_for_other_user", "-"),
    ] {
        assert_eq!(fact(report, key), value, "{key}");
    }
    let seen = &sync.observations[0];
    assert_eq!((seen.host, seen.at), (Some(HostKind::Login), None));
    let Seen::Answer(answer) = &seen.seen else {
        panic!();
    };
    assert_eq!(
        (answer.channel, answer.text.words()),
        (
            Some(Channel::LoginHistory),
            Some("Failed: Not approved for access")
        )
    );
}

#[test]
fn rows_of_the_object_are_read_with_their_subtype_and_time() {
    let csv = "UserId;LoginTime;LoginType;LoginSubType;Status;Application;LoginUrl\n\
               005000000000001AAA;2026-03-01T09:00:00.000+0000;Remote Access 2.0;OauthRefreshToken;Failed: Token request is already being processed;Sync;acme.my.salesforce.com\n\
               005000000000001AAA;2026-03-01T10:00:00.000Z;Remote Access 2.0;OauthClientCredentials;LOGIN_OAUTH_INVALID_IP;Sync;acme.my.salesforce.com\n";
    let reports = from_login_history("rows.csv", csv).unwrap();
    let grants: Vec<_> = reports
        .iter()
        .map(|report| report.observations[0].grant)
        .collect();
    assert_eq!(
        grants,
        [
            Some(GrantKind::ClientCredentials),
            Some(GrantKind::RefreshToken)
        ]
    );
    assert_eq!(
        reports[1].observations[0].at,
        "2026-03-01T09:00:00Z".parse().ok()
    );
    assert_eq!(fact(&reports[1], "flow"), "refresh_token");
    let Seen::Answer(answer) = &reports[0].observations[0].seen else {
        panic!();
    };
    assert_eq!(answer.text.words(), Some("Failed: IP Address Not Allowed"));
}

#[test]
fn a_history_where_all_passed_has_no_report() {
    let csv = "Username,Login Time,Status\nana@acme.test,3/1/2026 9:02:00 AM,Success\n";
    assert_eq!(from_login_history("x", csv).unwrap().len(), 0);
}

#[test]
fn a_file_in_another_language_is_told_with_the_way_out() {
    let german = "\"Benutzername\",\"Anmeldezeit\",\"Quell-IP\",\"Anmeldetyp\",\"Status\",\"Browser\"\n\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"\n";
    let error = from_login_history("LoginHistory.csv", german).unwrap_err();
    assert!(
        matches!(&error, InputError::NoLoginHistory { missing, .. } if missing.contains("LoginTime")),
        "{error}"
    );
    let text = format!("{:?}", miette::Report::new(error));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("Anmeldezeit") && text.contains("language of your user to English"),
        "{text}"
    );
    let japanese = "ユーザ名,ログイン日時,状況\nx,y,z\n";
    assert!(from_login_history("x.csv", japanese).is_err());
}

#[test]
fn an_event_log_file_is_read_by_its_codes() {
    let csv = "\"EVENT_TYPE\",\"TIMESTAMP\",\"USER_ID\",\"LOGIN_STATUS\",\"USER_NAME\",\"TLS_PROTOCOL\"\n\
               \"Login\",\"20260301090000.123\",\"005000000000001\",\"LOGIN_ERROR_USER_FROZEN\",\"ana@acme.test\",\"TLSv1.2\"\n\
               \"Login\",\"20260301100000.123\",\"005000000000001\",\"LOGIN_ERROR_ORG_CLOSED\",\"ana@acme.test\",\"TLSv1.2\"\n";
    let reports = from_login_history("log.csv", csv).unwrap();
    let summaries: Vec<_> = reports
        .iter()
        .map(|report| report.observations[0].summary())
        .collect();
    assert_eq!(
        summaries,
        [
            "login_history: \"LOGIN_ERROR_ORG_CLOSED\"",
            "login_history: \"User is frozen\""
        ]
    );
    assert_eq!(fact(&reports[1], "request.tls_version"), "1.2");
}

#[test]
fn odd_rows_are_read_as_far_as_they_go() {
    let csv = "Username,Login Time,Status,Application\nana,whenever,\"Restricted IP\"\n,,,\nben,31.12.2026 10:00:00,Restricted time,App,one more\n";
    let reports = from_login_history("x.csv", csv).unwrap();
    let ids: Vec<_> = reports
        .iter()
        .filter_map(|report| report.id.as_deref())
        .collect();
    assert_eq!(ids, ["ben, App: Restricted time", "ana: Restricted IP"]);
    assert_eq!(
        from_login_history("x.csv", "").unwrap_err().to_string(),
        "`x.csv` has no column Status; its columns are "
    );
}
