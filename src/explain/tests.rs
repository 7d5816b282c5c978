//! Everything that the facts name has a page, and the page names the right causes. The rows are read from the files, not from the tables that
//! the pages are made of.

use std::collections::BTreeSet;

use super::*;
use crate::cause::{CauseId, Channel, by_alias, conditions, entries, login_history_rows};
use crate::factor::Factor;
use crate::factor::plain::PLAIN;
use crate::oauth::{GrantKind, SCOPES};

const ERRORS: &str = include_str!("../cause/data/errors.csv");
const WORDINGS: &str = include_str!("../cause/data/wordings.csv");
const CAUSES: &str = include_str!("../cause/data/causes.csv");
const SETTINGS: &str = include_str!("data/settings.csv");

fn open(topic: &str) -> Page {
    let page = explain(topic).unwrap_or_else(|| panic!("no page of `{topic}`"));
    assert!(
        !page.topic.is_empty() && !page.summary.is_empty(),
        "{topic}"
    );
    for section in &page.sections {
        assert!(!section.items.is_empty(), "{topic}: {}", section.heading);
        assert!(
            section.items.iter().all(|item| !item.trim().is_empty()),
            "{topic}: {}",
            section.heading
        );
    }
    page
}

/// The page of a topic names the causes.
#[track_caller]
fn names(topic: &str, causes: &[&str]) -> Page {
    let page = open(topic);
    for cause in causes {
        assert!(
            page.causes.contains(cause),
            "`{topic}` does not name {cause}: {page:#?}"
        );
    }
    page
}

fn rows(file: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(file.as_bytes())
        .records()
        .map(|row| row.expect("well-formed CSV"))
        .collect()
}

fn section<'a>(page: &'a Page, heading: &str) -> &'a [String] {
    page.sections
        .iter()
        .find(|section| section.heading == heading)
        .map_or(&[], |section| &section.items)
}

/// Channel, code, description and causes of every row of both files of answers.
fn answers() -> Vec<(String, String, String, Vec<&'static str>)> {
    let ids = |column: &str| -> Vec<&'static str> {
        let parsed = column.split(';').filter_map(|id| CauseId::parse(id.trim()));
        parsed.map(CauseId::name).collect()
    };
    let errors = rows(ERRORS).into_iter().map(|row| {
        (
            row[1].to_owned(),
            row[3].to_owned(),
            row[4].to_owned(),
            ids(&row[5]),
        )
    });
    let own = rows(WORDINGS).into_iter().map(|row| {
        (
            row[3].to_owned(),
            row[5].to_owned(),
            row[6].to_owned(),
            ids(&row[0]),
        )
    });
    let all: Vec<_> = errors.chain(own).collect();
    assert!(all.len() > 300, "both files are read");
    all
}

#[test]
fn every_cause_and_former_id_has_its_page() {
    for about in entries() {
        let id = about.id.name();
        let spoken = id.replace('_', " ");
        // `login rate exceeded` is a status as well: the words of an id need not give its own page.
        names(&spoken, &[id]);
        names(&spoken.replace(' ', "-"), &[id]);
        for topic in [id, &id.to_uppercase(), &format!("cause {id}")] {
            let page = names(topic, &[id]);
            assert_eq!(
                (page.kind, page.topic.as_str()),
                (Kind::Cause, id),
                "{topic}"
            );
            assert!(!section(&page, "Shows as").is_empty(), "{id}");
            assert!(!section(&page, "Fails").is_empty(), "{id}");
            assert!(!section(&page, "Sources").is_empty(), "{id}");
        }
        for alias in &about.aliases {
            let all = by_alias(alias);
            let all: Vec<&str> = all.iter().map(|cause| cause.name()).collect();
            let page = names(&format!("id {alias}"), &all);
            assert_eq!(page.kind, Kind::FormerId, "{alias}");
            assert!(explain(alias).is_some(), "{alias}");
        }
    }
}

#[test]
fn the_page_of_a_cause_has_what_one_needs_to_act() {
    for about in entries().iter().filter(|about| !CauseId::is_own(about.id)) {
        let page = open(about.id.name());
        let has = |heading| !section(&page, heading).is_empty();
        assert!(has("Fix") || about.fix == "(none)", "{}", about.id);
        assert!(has("Confirm"), "{}", about.id);
        assert!(has("Standing"), "{}", about.id);
        // Where the catalogue says that a switch is wrong, the line that sets it right is written.
        let switch =
            about.metadata_field.ends_with("= true") || about.metadata_field.ends_with("= false");
        let in_a_file = element::fields_in(about.metadata_field)
            .iter()
            .any(|named| element::line(&named.field, "x").is_some());
        let refused =
            ["secret_optional_but_wrong", "api_access_control_external"].contains(&about.id.name());
        if switch && in_a_file && !refused {
            assert!(has("Lifted by"), "{}", about.id);
        }
    }
    let page = open("pkce_required_by_app");
    assert_eq!(
        section(&page, "Lifted by"),
        ["<isPkceRequired>false</isPkceRequired> in *.ecaGlblOauth-meta.xml"]
    );
}

#[test]
fn every_code_and_description_of_the_answers_names_its_causes() {
    for (channel, code, said, causes) in answers() {
        let words = said.trim_start_matches('~');
        if !code.is_empty() {
            names(&code, &[]);
            let kind = match channel.as_str() {
                "login_history" => "status",
                "html_page" => "page",
                _ => "code",
            };
            names(&format!("{kind} {code}"), &causes);
        }
        if words.is_empty() {
            continue;
        }
        names(words, &causes);
        // A word alone in a text is no sentence, and the letter case of a code tells it from another.
        if !words.contains(' ') {
            continue;
        }
        let curly = words.replace('\'', "\u{2019}");
        for topic in [
            words.to_uppercase(),
            format!("\u{201c}{}\u{201d}", words.trim_end_matches('.')),
            format!("{curly}."),
        ] {
            names(&topic, &causes);
        }
        names(
            &format!("2026-03-01 ERROR login failed: {words} (attempt 2)"),
            &causes,
        );
    }
}

#[test]
fn a_slip_of_the_pen_does_not_hide_a_sentence() {
    let mut tried = 0;
    for (channel, _, said, causes) in answers() {
        if channel == "login_history" || said.starts_with('~') || said.split(' ').count() < 3 {
            continue;
        }
        // The letters four and five change places.
        let mut letters: Vec<char> = said.chars().collect();
        letters.swap(3, 4);
        let slip: String = letters.into_iter().collect();
        names(&slip, &causes);
        tried += 1;
    }
    assert!(tried > 100);
    let page = open("it says: expired acces/refresh tokn");
    assert!(
        page.summary.starts_with("Read as this sentence."),
        "{page:?}"
    );
    // A status with a slip is still a status.
    names("User is frozne", &["user_frozen"]);
}

#[test]
fn every_factor_is_found_by_each_of_its_names() {
    for factor in Factor::ALL {
        let causes: Vec<&str> = CauseId::ALL
            .iter()
            .filter(|cause| {
                conditions(**cause)
                    .flat_map(|row| row.conditions)
                    .any(|condition| condition.factor == *factor)
            })
            .map(|cause| cause.name())
            .collect();
        let field = factor.field();
        let last = field.rsplit('.').next().unwrap_or_default();
        for name in [factor.key(), factor.label(), field, last] {
            if name.starts_with('(') {
                continue;
            }
            open(name);
            let page = names(&format!("setting {name}"), &causes);
            assert_eq!(page.kind, Kind::Setting, "{name}");
            if !field.starts_with('(') {
                let told = page.sections.iter().flat_map(|section| &section.items);
                assert!(told.clone().any(|item| item.contains(field)), "{name}");
            }
        }
    }
    let both = open("isPkceRequired");
    assert_eq!(
        section(&both, "Field"),
        ["ExtlClntAppGlobalOauthSettings.isPkceRequired"]
    );
    let causes = ["pkce_required_by_app", "pkce_required_by_org"];
    names("isPkceRequired", &causes);
    names("IsPkceRequired", &causes);
    names("PermissionsApiEnabled", &["api_enabled_missing"]);
    names("API Enabled", &["api_enabled_missing"]);
    names(
        "Enable Client Credentials Flow",
        &["cc_off_in_settings", "cc_off_in_policies"],
    );
}

#[test]
fn every_field_of_the_facts_is_found() {
    for row in rows(SETTINGS) {
        open(&row[0]);
        for name in row[1].split(';').chain([&row[2]]) {
            if !name.is_empty() && !name.starts_with('(') {
                open(name);
            }
        }
    }
    for row in rows(CAUSES) {
        for named in element::fields_in(&row[6]) {
            let last = named.field.rsplit('.').next().unwrap_or_default();
            // What a record is called is no setting.
            if last == "fullName" {
                continue;
            }
            names(&format!("setting {}", named.field), &[&row[0]]);
        }
    }
}

#[test]
fn plain_words_are_found_with_and_without_their_key() {
    for row in PLAIN {
        let words = row.words.replace("UNIT", "days").replace('N', "7");
        open(row.key);
        let page = open(&format!("{}: {words}", row.key));
        assert_eq!(page.kind, Kind::Setting);
        assert_eq!(
            section(&page, "But").is_empty(),
            row.instead.is_empty(),
            "{words}"
        );
        assert_eq!(
            explain(&words).map(|page| page.kind),
            Some(Kind::Setting),
            "{words}"
        );
    }
    names("immediately expire", &["refresh_policy_zero"]);
    let page = open("refresh token: expires after 7 days of disuse");
    assert!(section(&page, "Sets")[1].starts_with("<refreshTokenValidityPeriod>7<"));
}

#[test]
fn every_word_for_a_flow_is_found() {
    let mut words: BTreeSet<String> = BTreeSet::new();
    words.extend(rows(ERRORS).iter().map(|row| row[0].to_owned()));
    words.extend(rows(WORDINGS).iter().map(|row| row[2].to_owned()));
    for row in rows(CAUSES) {
        let listed = row[7].split(';').chain(row[11].split(';'));
        words.extend(
            listed
                .filter(|word| !word.trim().starts_with('('))
                .map(|word| word.trim().to_owned()),
        );
    }
    words.remove("");
    for grant in GrantKind::ALL {
        let own = [grant.name(), grant.label(), grant.grant_type()];
        words.extend(
            own.iter()
                .chain(grant.aliases())
                .map(|word| (*word).to_owned()),
        );
    }
    assert!(words.contains("code_credentials") && words.contains("hybrid_web_server"));
    for word in &words {
        open(word);
        let page = open(&format!("flow {word}"));
        assert_eq!(page.kind, Kind::Flow, "{word}");
        assert!(!section(&page, "grantproof").is_empty(), "{word}");
    }
    assert_eq!(open("device").kind, Kind::Flow);
    assert_eq!(open("page device").kind, Kind::Code);
    for word in ["user_agent", "saml_bearer", "hybrid", "code_credentials"] {
        let page = open(word);
        assert!(
            section(&page, "grantproof")[0].starts_with("not driven by grantproof"),
            "{word}"
        );
    }
    // A cause stands on the page of each flow that it stops.
    for row in rows(CAUSES) {
        for word in row[7]
            .split(';')
            .map(str::trim)
            .filter(|word| !word.starts_with('('))
        {
            names(&format!("flow {word}"), &[&row[0]]);
        }
    }
    let page = open("client_credentials");
    assert_eq!(section(&page, "Needs").len(), 3);
}

#[test]
fn every_scope_is_found_by_wire_value_metadata_token_and_label() {
    for scope in SCOPES {
        for name in [scope.wire, scope.metadata, scope.label] {
            if name.is_empty() {
                continue;
            }
            open(name);
            let page = names(
                &format!("scope {name}"),
                &["scope_not_on_app", "scope_name_unknown"],
            );
            assert_eq!(page.kind, Kind::Scope, "{name}");
        }
        let page = open(&format!("scope {}", scope.wire));
        assert_eq!(page.topic, scope.wire);
        assert!(
            section(&page, "Covered by")[0].contains(scope.metadata),
            "{}",
            scope.wire
        );
    }
    names(
        "scope api",
        &[
            "scope_api_missing",
            "scope_api_not_requested",
            "scope_cc_none_valid",
        ],
    );
    names(
        "RefreshToken",
        &[
            "scope_refresh_missing",
            "scope_refresh_missing_jwt",
            "scope_refresh_not_requested",
        ],
    );
    names("openid", &["scope_openid_missing"]);
    names("mcp_api", &["scope_mcp_missing"]);
    names("Chatbot", &["scope_agent_api_missing"]);
    names("OauthScopesWAVE_REST_API", &[]);
    let page = open("scope wave_api");
    assert!(!page.causes.contains(&"scope_api_missing"), "{page:?}");
}

#[test]
fn every_status_of_the_login_history_is_found() {
    for row in login_history_rows() {
        let causes: Vec<&str> = row.causes.iter().map(|cause| cause.name()).collect();
        for name in [row.text, row.code] {
            if name.is_empty() {
                continue;
            }
            let page = names(name, &causes);
            assert_eq!(page.kind, Kind::LoginStatus, "{name}");
            assert_eq!(page.causes, causes, "{name}");
            if name.contains([' ', '_']) {
                names(&format!("the row says {name} for Ana"), &causes);
            }
        }
    }
    let without = open("Success");
    assert!(without.summary.contains("The app may refuse all the same"));
    names("user is frozen", &["user_frozen"]);
    names("not approved for access", &["user_not_preauthorized"]);
}

#[test]
fn codes_of_the_rfcs_are_found() {
    names("unauthorized_client", &["rfc_grant_not_allowed"]);
    names("expired_token", &["rfc_device_code_expired"]);
    names("invalid_grant", &["rfc_code_invalid", "jwt_audience_wrong"]);
    assert_eq!(open("Invalid_Scope").topic, "Invalid_Scope");
    assert_eq!(open("invalid_scope").topic, "invalid_scope");
}

#[test]
fn a_word_that_is_several_things_names_the_others() {
    let flow = open("refresh_token");
    assert_eq!(flow.kind, Kind::Flow);
    let others = section(&flow, "See also");
    assert!(
        others
            .iter()
            .any(|other| other.ends_with("scope refresh_token")),
        "{others:?}"
    );
    for other in others {
        let topic = other.trim_start_matches("grantproof explain ");
        assert_ne!(open(topic).kind, Kind::Flow, "{topic}");
    }
    assert_eq!(open("app_blocked").kind, Kind::Cause);
    assert_eq!(open("code app_blocked").kind, Kind::Code);
}

#[test]
fn the_line_that_tells_apart_stands_with_each_cause_of_an_answer() {
    let page = open("expired access/refresh token");
    assert_eq!(page.kind, Kind::Sentence);
    let causes = section(&page, "Causes");
    assert_eq!(causes.len(), page.causes.len());
    let zero = causes
        .iter()
        .find(|line| line.starts_with("refresh_policy_zero"));
    assert_eq!(
        zero.map(String::as_str),
        Some("refresh_policy_zero: fails within seconds of a fresh login")
    );
    // A rival of the best known answer comes before one of a doubtful answer.
    let rivals = open("user_not_preauthorized").rivals;
    let at = |cause| rivals.iter().position(|rival| *rival == cause);
    assert!(at("api_access_control_internal") < at("jwt_audience_wrong"));
    assert!(at("jwt_audience_wrong").is_some());
}

#[test]
fn a_pasted_answer_is_explained_and_nothing_else_of_it_shown() {
    let page = names(
        "{\"error\":\"invalid_grant\",\"error_description\":\"ip restricted\"}",
        &["profile_ip_app_enforce"],
    );
    assert_eq!(page.kind, Kind::Answer);
    let page = names(
        "https://localhost:1717/OauthRedirect?error=OAUTH_APP_BLOCKED&error_description=this+app+is+blocked+by+admin",
        &[],
    );
    assert_eq!(page.causes[0], "app_blocked");
    let curly = "{\"error\":\"invalid_grant\",\"error_description\":\"User hasn\u{2019}t approved this consumer\"}";
    let page = names(curly, &["jwt_user_not_self_approved"]);
    assert!(
        page.summary.starts_with("Read with the sentence"),
        "{page:?}"
    );
    let page = explain("https://localhost:1717/OauthRedirect?code=aPrxTHECODE&state=THESTATE")
        .expect("a page");
    assert!(page.causes.is_empty());
    let text = to_text(&page, 80);
    assert!(
        !text.contains("THECODE") && !text.contains("THESTATE"),
        "{text}"
    );
}

#[test]
fn a_miss_offers_near_names() {
    assert_eq!(explain("user_not_preautorized"), None);
    assert_eq!(near("user_not_preautorized")[0], "user_not_preauthorized");
    assert!(near("oauth_flow_disable").contains(&"oauth_flow_disabled".to_owned()));
    assert!(near("isPkceRequird").contains(&"isPkceRequired".to_owned()));
    assert!(near("web_sever").contains(&"web_server".to_owned()));
    assert!(near("refresh_tokn").contains(&"refresh_token".to_owned()));
    assert_eq!(explain("flow user_not_preauthorized"), None);
    assert_eq!(explain("xyzzy"), None);
    assert_eq!(explain(""), None);
    assert!(near("").is_empty());
}

#[test]
fn pages_are_short_and_keep_the_width() {
    let mut long = 0;
    let mut topics: Vec<String> = entries()
        .iter()
        .map(|about| about.id.name().to_owned())
        .collect();
    topics.extend(SCOPES.iter().map(|scope| format!("scope {}", scope.wire)));
    topics.extend(GrantKind::ALL.iter().map(|grant| format!("flow {grant}")));
    topics.extend(
        Factor::ALL
            .iter()
            .map(|factor| format!("setting {}", factor.key())),
    );
    for (channel, code, said, _) in answers() {
        if channel != Channel::LoginHistory.name() {
            topics.extend([code, said.trim_start_matches('~').to_owned()]);
        }
    }
    topics.retain(|topic| !topic.is_empty());
    for topic in &topics {
        let page = open(topic);
        for width in [80, 100] {
            let text = to_text(&page, width);
            for line in text.lines() {
                // Addresses and elements stay whole.
                let longest = line
                    .split_whitespace()
                    .map(str::len)
                    .max()
                    .unwrap_or_default();
                assert!(line.chars().count() <= width || longest > 40, "{line}");
                assert_eq!(line, line.trim_end());
            }
            // What a reader cannot open is no source.
            for ours in ["our facts", "fact file", ".md", "errors.csv", "section 1"] {
                assert!(!text.contains(ours), "{topic}: {ours}\n{text}");
            }
            let lines = text.lines().count();
            assert!(lines <= 70, "{topic}: {lines} lines\n{text}");
            long += usize::from(width == 100 && lines > 45);
        }
    }
    assert!(
        long * 20 < topics.len(),
        "{long} of {} pages are long",
        topics.len()
    );
}
