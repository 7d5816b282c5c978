use super::*;
use crate::cause::CauseId;

mod cases;
mod flags;
mod hars;
mod histories;
mod inputs;
mod issuers;
mod sheets;
mod texts;

fn answer(text: &str) -> Answer {
    match from_text(text).expect("an answer").seen {
        Seen::Answer(answer) => answer,
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn a_pasted_address_tells_its_channel() {
    let page = "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&error_description=app%20must%20be%20installed%20into%20org";
    let seen = answer(page);
    assert_eq!(seen.channel, Some(Channel::ErrorPage));
    assert_eq!(
        seen.text,
        Heard::Said("app must be installed into org".into())
    );
    assert_eq!(
        from_text(page).expect("known to be there").host,
        Some(HostKind::MyDomain)
    );
    let callback = answer(
        "https://localhost:8443/cb?error=access_denied&error_description=end-user+denied+authorization&state=x",
    );
    assert_eq!(callback.channel, Some(Channel::CallbackRedirect));
    assert_eq!(callback.text.words(), Some("end-user denied authorization"));
    let fragment = answer("https://localhost:8443/cb#error=inactive_user&state=x");
    assert_eq!(fragment.channel, Some(Channel::CallbackFragment));
    assert_eq!(fragment.text, Heard::Nothing);
}

#[test]
fn a_pasted_body_tells_its_channel_and_status() {
    let token = answer(
        "HTTP/1.1 400 Bad Request\ncontent-type: application/json\n\n{\"error\":\"invalid_grant\",\"error_description\":\"ip restricted\"}",
    );
    assert_eq!(
        (token.channel, token.status),
        (Some(Channel::TokenJson), Some(400))
    );
    let rest = answer(
        "[{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}]",
    );
    assert_eq!(rest.channel, Some(Channel::RestJson));
    let raw = answer("error=invalid_client_id&error_description=client%20identifier%20invalid");
    assert_eq!(raw.channel, Some(Channel::AuthorizeRawBody));
    assert_eq!(
        answer("{\"active\":false}").channel,
        Some(Channel::IntrospectJson)
    );
}

#[test]
fn a_line_of_a_log_is_searched_for_known_words() {
    let seen = answer(
        "simple_salesforce.exceptions.SalesforceAuthenticationFailed: invalid_grant: user hasn't approved this consumer",
    );
    assert_eq!(seen.code.words(), Some("invalid_grant"));
    assert_eq!(
        seen.text.words(),
        Some("user hasn't approved this consumer")
    );
    assert_eq!(seen.channel, None);
    assert_eq!(
        answer("oauth_flow_disabled").code.words(),
        Some("oauth_flow_disabled")
    );
    assert_eq!(from_text("good morning"), None);
    assert_eq!(from_text(""), None);
}

#[test]
fn a_page_is_told_by_its_path() {
    for (url, kind) in [
        ("https://a.test/login?ec=302", PageKind::Login),
        ("https://a.test/loginflow/x", PageKind::LoginFlow),
        (
            "https://a.test/_ui/identity/verification/Totp",
            PageKind::Verification,
        ),
        (
            "https://a.test/_ui/system/security/ChangePassword?x",
            PageKind::ChangePassword,
        ),
        ("https://a.test/approval-expired", PageKind::ApprovalExpired),
        ("https://a.test/setup/connect", PageKind::Device),
        ("https://a.test/home", PageKind::Other),
        ("no address", PageKind::Other),
    ] {
        assert_eq!(PageKind::of_url(url), kind, "{url}");
    }
}

mod steps {
    use std::time::Duration;

    use super::*;
    use crate::exchange::{Exchange, Received, Sent};
    use crate::grant::{Held, Outcome, StepRecord, UseAnswer};
    use crate::oauth::{ErrorResponse, GrantKind, parse_token};

    pub(super) fn exchange(endpoint: Endpoint, fields: &[(&str, &str)], status: u16) -> Exchange {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Exchange {
            endpoint,
            at: "2026-03-01T09:00:00Z".parse().expect("known to be there"),
            took: Duration::from_millis(3),
            sent: Sent {
                method: "POST".into(),
                url: "https://a.test/services/oauth2/token".into(),
                headers: vec![],
                fields: fields.iter().map(own).collect(),
                body: None,
            },
            received: Ok(Received {
                status,
                headers: vec![],
                body: String::new(),
                length: 0,
            }),
        }
    }

    pub(super) fn record(kind: GrantKind, asked: Option<&str>, outcome: Outcome) -> StepRecord {
        StepRecord {
            kind,
            host: HostKind::MyDomain,
            exchanges: vec![exchange(Endpoint::Token, &[("client_id", "k")], 400)],
            outcome,
            checks: vec![],
            uses: vec![],
            turned_away: vec![],
            scope_asked: asked.map(str::to_owned),
            refresh_sent: None,
            held: Held::default(),
        }
    }

    pub(super) fn token(members: &str) -> Outcome {
        let body = format!("{{\"access_token\":\"t\",{members}}}");
        Outcome::Granted(Box::new(
            parse_token(body.as_bytes()).expect("known to be there"),
        ))
    }

    fn causes(record: &StepRecord) -> Vec<Vec<CauseId>> {
        match &from_step(record, None)[0].seen {
            Seen::Success { lacks } => lacks.iter().map(|lack| lack.causes.clone()).collect(),
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn a_refusal_keeps_status_code_sentence_and_what_was_sent() {
        let error = ErrorResponse {
            error: "invalid_grant".into(),
            description: Some("ip restricted".into()),
            uri: None,
        };
        let at = Endpoint::Token;
        let record = record(GrantKind::JwtBearer, None, Outcome::Refused { at, error });
        let seen = &from_step(&record, Some(AppKind::ConnectedApp))[0];
        assert_eq!(seen.summary(), "token: 400 invalid_grant \"ip restricted\"");
        let request = seen.facts.request.as_ref().expect("known to be there");
        assert!(request.has("client_id") && !request.has("client_secret"));
    }

    #[test]
    fn what_a_token_lacks_is_told_by_what_was_asked() {
        use CauseId as C;
        let web = GrantKind::AuthorizationCode;
        let bare = "\"scope\":\"api\"";
        assert_eq!(
            causes(&record(web, None, token(bare))),
            [vec![C::ScopeRefreshMissing], vec![C::ScopeOpenidMissing]]
        );
        assert_eq!(
            causes(&record(web, Some("api openid"), token(bare))),
            [
                vec![C::ScopeRefreshNotRequested, C::ScopeRefreshMissing],
                vec![C::ScopeOpenidMissing]
            ]
        );
        let whole = "\"scope\":\"api refresh_token openid\",\"refresh_token\":\"r\"";
        assert!(causes(&record(web, None, token(whole))).is_empty());
        let zero = "\"scope\":\"api refresh_token openid\"";
        assert_eq!(
            causes(&record(web, None, token(zero))),
            [vec![C::RefreshPolicyZero]]
        );
        assert!(causes(&record(GrantKind::ClientCredentials, None, token(bare))).is_empty());
    }

    #[test]
    fn a_refused_use_is_an_observation_of_its_own() {
        let mut record = record(GrantKind::JwtBearer, None, token("\"scope\":\"api\""));
        record.uses.push(UseAnswer {
            at: Endpoint::Userinfo,
            status: Some(403),
            error: Some(ErrorResponse {
                error: "Bad_OAuth_Token".into(),
                ..ErrorResponse::default()
            }),
        });
        let seen = from_step(&record, None);
        assert!(!seen[0].is_failure() && seen[1].is_failure());
        assert_eq!(
            seen[1].summary(),
            "userinfo: 403 Bad_OAuth_Token \"Bad_OAuth_Token\""
        );
    }
}
