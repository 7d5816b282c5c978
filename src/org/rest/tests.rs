//! Calls as real clients send them (real-clients 1b).

use serde_json::Value;

use super::*;

fn get(path: &str, query: &str) -> (RestAnswer, Value) {
    call("GET", path, query)
}

fn call(method: &str, path: &str, query: &str) -> (RestAnswer, Value) {
    let state = OrgState::healthy();
    let directory = Directory::of(
        &state,
        1,
        "https://acme.my.localhost:8443",
        Timestamp::UNIX_EPOCH,
    );
    let view = View {
        directory: &directory,
        state: &state,
        now: Timestamp::UNIX_EPOCH,
        caller: PersonId(0),
    };
    let request = RestRequest {
        method,
        path,
        query,
        body: b"",
    };
    let answer = answer(&request, &view);
    let body = serde_json::from_str(&answer.body).expect("JSON");
    (answer, body)
}

#[test]
fn versions_ascend_and_carry_their_release() {
    let (answer, body) = get("//services/data", "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.content_type, JSON);
    assert!(
        answer
            .headers
            .contains(&("Sforce-Limit-Info", "api-usage=0/15000".to_owned()))
    );
    let list = body.as_array().expect("a list");
    assert_eq!(list[0]["version"], "50.0");
    assert_eq!(list[10]["label"], "Spring '24");
    let newest = list.last().expect("not empty");
    assert_eq!(newest["url"], "/services/data/v66.0");
    assert_eq!(newest["label"], "Spring '26");
}

#[test]
fn logins_of_the_cli_are_answered() {
    let (answer, body) = get(
        "/services/data/v51.0/query",
        "q=SELECT%20Id%20FROM%20ScratchOrgInfo%20limit%201",
    );
    assert_eq!(
        (answer.status, &body[0]["errorCode"]),
        (400, &"INVALID_TYPE".into())
    );
    let (answer, body) = get(
        "/services/data/v66.0/query",
        "q=SELECT%20Name%2C%20InstanceName%2C%20IsSandbox%2C%20TrialExpirationDate%2C%20NamespacePrefix%20FROM%20Organization",
    );
    assert_eq!(answer.status, 200);
    assert_eq!(body["records"][0]["NamespacePrefix"], Value::Null);
    assert_eq!(
        (&body["done"], &body["totalSize"]),
        (&true.into(), &1.into())
    );
    let (answer, body) = get(
        "/services/data/v66.0/tooling/query",
        "q=SELECT+Id+FROM+SandboxProcess",
    );
    assert_eq!(answer.status, 400);
    assert!(
        body[0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("sObject type 'SandboxProcess' is not supported."))
    );
}

#[test]
fn a_query_of_the_cli_gets_its_columns() {
    let (_, body) = get(
        "/services/data/v60.0/query",
        "q=SELECT%20Id%2C%20Name%2C%20Owner.Name%2C%20Owner.Profile.Name%20FROM%20Account&columns=true",
    );
    assert_eq!(body["entityName"], "Account");
    assert_eq!(body["columnMetadata"][0]["columnName"], "Id");
    let owner = &body["columnMetadata"][2];
    assert_eq!(owner["columnName"], "Owner");
    assert_eq!(owner["joinColumns"][0]["columnName"], "Name");
    assert_eq!(
        owner["joinColumns"][1]["joinColumns"][0]["columnName"],
        "Name"
    );
    let (answer, body) = get(
        "/services/data/v59.0/query/",
        "q=SELECT+Id%2C+Name+FROM+Account",
    );
    assert_eq!((answer.status, &body["totalSize"]), (200, &3.into()));
}

#[test]
fn records_are_found_by_either_id_and_no_other() {
    let (_, body) = get("/services/data/v51.0/sobjects/User/005Si0000000001", "");
    assert_eq!(body["Username"], "ana@acme.test");
    let id = ids::make(ids::Kind::Organization, 1);
    let (_, body) = get(
        &format!("/services/data/v66.0/sobjects/Organization/{id}"),
        "",
    );
    assert_eq!(body["OrganizationType"], "Developer Edition");
    let (_, body) = get(
        &format!("/services/data/v66.0/sobjects/Organization/{id}"),
        "fields=Name",
    );
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(3));
    let other = ids::make(ids::Kind::Organization, 2);
    for id in [other.as_str(), "nobody"] {
        let (answer, body) = get(
            &format!("/services/data/v66.0/sobjects/Organization/{id}"),
            "",
        );
        assert_eq!(
            (answer.status, &body[0]["errorCode"]),
            (404, &"NOT_FOUND".into())
        );
    }
}

#[test]
fn the_rest_of_the_tree_is_there() {
    let (_, body) = get("/services/data/v50.0", "");
    assert_eq!(body["sobjects"], "/services/data/v50.0/sobjects");
    let (_, body) = get("/services/data/v66.0/limits", "");
    assert_eq!(body["DailyApiRequests"]["Max"], 15000);
    let (_, body) = get("/services/data/v66.0/sobjects", "");
    assert!(
        body["sobjects"]
            .as_array()
            .is_some_and(|list| list.len() > 10)
    );
    let (_, body) = get("/services/data/v66.0/sobjects/LoginHistory/describe", "");
    let status = body["fields"]
        .as_array()
        .and_then(|fields| fields.iter().find(|field| field["name"] == "Status"))
        .expect("a field");
    assert_eq!(status["filterable"], false);
    for path in [
        "/services/data/v99.0",
        "/services/data/v50.5/limits",
        "/services/data/v66.0/sobjects/Nothing/describe",
        "/else",
    ] {
        assert_eq!(get(path, "").0.status, 404, "{path}");
    }
    let (answer, body) = call(
        "DELETE",
        "/services/data/v66.0/sobjects/User/005Si0000000001",
        "",
    );
    assert_eq!(
        (answer.status, &body[0]["errorCode"]),
        (405, &"METHOD_NOT_ALLOWED".into())
    );
}
