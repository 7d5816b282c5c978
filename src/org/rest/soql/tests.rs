//! Queries as clients send them, and queries that nobody should send.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const fn field(name: &'static str, of: FieldType) -> Field {
    Field {
        name,
        of,
        filterable: true,
    }
}

static ACCOUNT: &[Field] = &[
    field("Id", FieldType::Id),
    field("Name", FieldType::Text),
    field("Employees", FieldType::Int),
    field("Active", FieldType::Boolean),
    field("CreatedDate", FieldType::DateTime),
    field("OwnerId", FieldType::Reference),
    Field {
        name: "Secretive",
        of: FieldType::Text,
        filterable: false,
    },
];
static OWNER: &[Field] = &[field("Id", FieldType::Id), field("Name", FieldType::Text)];
static RELATIONS: &[Relation] = &[Relation {
    name: "Owner",
    via: "OwnerId",
    target: "User",
}];

struct Small;

impl Tables for Small {
    fn table(&self, name: &str) -> Option<Table> {
        let row = |id: &str, name: &str, employees: i64, day: i64, owner: Option<&str>| {
            vec![
                id.into(),
                name.into(),
                employees.into(),
                (employees > 10).into(),
                (Timestamp::UNIX_EPOCH + Span::new().hours(24 * day)).into(),
                owner.into(),
                "x".into(),
            ]
        };
        match name.to_ascii_lowercase().as_str() {
            "account" => Some(Table {
                name: "Account",
                prefix: "001",
                fields: ACCOUNT,
                relations: RELATIONS,
                rows: vec![
                    row(
                        "001A0000006Vm9rIAC",
                        "Acme",
                        5,
                        10,
                        Some("00558000001N0KeAAK"),
                    ),
                    row("001000000000001AAA", "Zeta 100%", 50, 9, None),
                    row(
                        "001000000000002AAA",
                        "beta",
                        500,
                        1,
                        Some("00558000001N0KeAAK"),
                    ),
                ],
            }),
            "user" => Some(Table {
                name: "User",
                prefix: "005",
                fields: OWNER,
                relations: &[],
                rows: vec![vec!["00558000001N0KeAAK".into(), "Ana".into()]],
            }),
            _ => None,
        }
    }
}

use jiff::Span;

fn ask(query: &str) -> Result<Found, QueryError> {
    run(
        query,
        &Run {
            tables: &Small,
            now: Timestamp::UNIX_EPOCH + Span::new().hours(24 * 10 + 5),
            sobjects: "/services/data/v60.0/sobjects",
        },
    )
}

fn names(query: &str) -> Vec<String> {
    ask(query)
        .expect("the query is well-formed")
        .records
        .iter()
        .map(|record| record["Name"].as_str().unwrap_or("?").to_owned())
        .collect()
}

#[test]
fn records_carry_attributes_and_parents() {
    let found = ask("select Id, name, a.Owner.Name from Account a limit 2").expect("valid");
    assert_eq!(
        found.records[0],
        json!({
            "attributes": {"type": "Account", "url": "/services/data/v60.0/sobjects/Account/001A0000006Vm9rIAC"},
            "Id": "001A0000006Vm9rIAC",
            "Name": "Acme",
            "Owner": {
                "attributes": {"type": "User", "url": "/services/data/v60.0/sobjects/User/00558000001N0KeAAK"},
                "Name": "Ana",
            },
        })
    );
    assert_eq!(found.records[1]["Owner"], json!(null));
    assert_eq!(found.total, 2);
}

#[test]
fn conditions_select() {
    for (condition, expected) in [
        ("Name = 'ACME'", vec!["Acme"]),
        ("Name LIKE '%eta%'", vec!["Zeta 100%", "beta"]),
        (r"Name LIKE '%\%'", vec!["Zeta 100%"]),
        ("Name LIKE '_eta'", vec!["beta"]),
        (
            "Employees >= 50 AND Active = true",
            vec!["Zeta 100%", "beta"],
        ),
        (
            "Employees < 50 OR (Name = 'beta' AND NOT Active = false)",
            vec!["Acme", "beta"],
        ),
        ("Id = '001A0000006Vm9r'", vec!["Acme"]),
        (
            "Id IN ('001A0000006Vm9rIAC', '001000000000001')",
            vec!["Acme", "Zeta 100%"],
        ),
        ("OwnerId != null", vec!["Acme", "beta"]),
        ("Owner.Name = 'Ana'", vec!["Acme", "beta"]),
        (
            "OwnerId NOT IN (SELECT Id FROM User WHERE Name = 'Ana')",
            vec!["Zeta 100%"],
        ),
        ("CreatedDate = TODAY", vec!["Acme"]),
        ("CreatedDate = LAST_N_DAYS:1", vec!["Acme", "Zeta 100%"]),
        ("CreatedDate < 1970-01-10T00:00:00Z", vec!["beta"]),
        (
            "CreatedDate >= 1970-01-10T00:00:00.000+0000",
            vec!["Acme", "Zeta 100%"],
        ),
        ("NOT (Name = 'Acme')", vec!["Zeta 100%", "beta"]),
    ] {
        assert_eq!(
            names(&format!("SELECT Name FROM Account WHERE {condition}")),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn order_limit_offset_and_count() {
    assert_eq!(
        names("SELECT Name FROM Account ORDER BY Employees DESC LIMIT 1 OFFSET 1"),
        ["Zeta 100%"]
    );
    assert_eq!(
        names("SELECT Name FROM Account ORDER BY Owner.Name, Name"),
        ["Zeta 100%", "Acme", "beta"]
    );
    assert_eq!(
        names("SELECT Name FROM Account ORDER BY OwnerId NULLS LAST, Name DESC"),
        ["beta", "Acme", "Zeta 100%"]
    );
    let counted = ask("SELECT COUNT() FROM Account WHERE Active = TRUE").expect("valid");
    assert_eq!((counted.total, counted.records.len()), (2, 0));
}

#[test]
fn refusals_are_those_of_the_rest_api() {
    for (query, code, sentence) in [
        (
            "SELECT Id FROM Acount",
            "INVALID_TYPE",
            "sObject type 'Acount' is not supported.",
        ),
        (
            "SELECT Nmae FROM Account",
            "INVALID_FIELD",
            "No such column 'Nmae' on entity 'Account'.",
        ),
        (
            "SELECT Boss.Name FROM Account",
            "INVALID_FIELD",
            "Didn't understand relationship 'Boss' in field path.",
        ),
        (
            "SELECT Id FROM Account WHERE Secretive = 'x'",
            "INVALID_FIELD",
            "field 'Secretive' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Secretive",
            "INVALID_FIELD",
            "field 'Secretive' can not be sorted in a query call",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate > '1970-01-01'",
            "INVALID_FIELD",
            "must be of type dateTime and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE Id = 'me'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: me",
        ),
        (
            "SELECT Id FROM Account WHERE Name IS NULL",
            "MALFORMED_QUERY",
            "unexpected token: 'IS'",
        ),
        (
            "SELECT FROM Account",
            "MALFORMED_QUERY",
            "unexpected token: 'FROM'",
        ),
        (
            "SELECT Id FROM",
            "MALFORMED_QUERY",
            "unexpected token: '<EOF>'",
        ),
        (
            "SELECT Id FROM Account WHERE Active = true AND Active = true OR Active = true",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Id FROM Account LIMIT -1",
            "MALFORMED_QUERY",
            "unexpected token: '-1'",
        ),
        (
            "DELETE FROM Account",
            "MALFORMED_QUERY",
            "unexpected token: 'DELETE'",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 'x",
            "MALFORMED_QUERY",
            "unexpected token",
        ),
    ] {
        let refused = ask(query).expect_err(query);
        assert_eq!(refused.code, code, "{query}: {}", refused.message);
        assert!(
            refused.message.contains(sentence),
            "{query}: {}",
            refused.message
        );
    }
}

#[test]
fn a_refusal_points_at_the_place() {
    let refused = ask("SELECT Id\nFROM Account WHERE Nmae = 'x'").expect_err("no such column");
    assert!(
        refused.message.starts_with(
            "\nFROM Account WHERE Nmae = 'x'\n                   ^\nERROR at Row:2:Column:20\nNo such column"
        ),
        "{}",
        refused.message
    );
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = format!(
        "SELECT Id FROM Account WHERE {}Name = 'x'{}",
        "(".repeat(10_000),
        ")".repeat(10_000)
    );
    assert_eq!(ask(&deep).expect_err("too deep").code, "MALFORMED_QUERY");
    let nots = format!(
        "SELECT Id FROM Account WHERE {} Name = 'x'",
        "NOT ".repeat(10_000)
    );
    assert!(ask(&nots).is_ok());
    assert!(ask(&" ".repeat(200_000)).is_err());
}

proptest! {
    #[test]
    fn never_panics_on_any_text(query in ".{0,200}") {
        let _ = ask(&query);
    }

    #[test]
    fn never_panics_on_shuffled_words(words in prop::collection::vec(prop::sample::select(vec![
        "SELECT", "Id", "Name", "COUNT", "(", ")", ",", "FROM", "Account", "WHERE", "Owner.Name", "=", "!=", "LIKE", "IN",
        "'a%'", "'\\\\%'", "AND", "OR", "NOT", "ORDER BY", "CreatedDate", "LAST_N_DAYS:36500", "N_DAYS_AGO:99999999999",
        "9999-12-31", "-9999-01-01", "LIMIT", "OFFSET", "18446744073709551615", "null", "true", "é", "\n", "..", "'",
    ]), 0..24)) {
        let _ = ask(&words.join(" "));
        let _ = ask(&format!("SELECT Id FROM Account WHERE {}", words.join(" ")));
    }

    #[test]
    fn like_agrees_with_a_naive_matcher(text in "[ab]{0,8}", pattern in "[ab%_]{0,8}") {
        fn naive(text: &[u8], pattern: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'%', rest)) => (0..=text.len()).any(|at| naive(&text[at..], rest)),
                Some((b'_', rest)) => text.split_first().is_some_and(|(_, text)| naive(text, rest)),
                Some((letter, rest)) => text.split_first().is_some_and(|(own, text)| own == letter && naive(text, rest)),
            }
        }
        prop_assert_eq!(super::run::like(&text, &pattern), naive(text.as_bytes(), pattern.as_bytes()));
    }
}
