//! Paths under `/services/data`. Read only: what clients of the flows need (real-clients 1b) and what an admin asks (eca-policy 4.3).

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::objects::Objects;
use super::soql::{self, Run, Tables};
use super::{RestAnswer, RestRequest, View, describe, ids};

/// Versions in the list, ascending: cumulusci takes the last.
pub const VERSIONS: std::ops::RangeInclusive<u16> = 50..=66;
/// The oldest version that a path may name.
const OLDEST: u16 = 31;

/// Answers, without the header of the limits.
pub(super) fn answer(request: &RestRequest<'_>, view: &View<'_>) -> RestAnswer {
    // sf's access-token login sends `//services/data`.
    let segments: Vec<String> = request
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let ["services", "data", rest @ ..] = segments.as_slice() else {
        return not_found();
    };
    if !matches!(request.method, "GET" | "HEAD") {
        // The sentence is well known; standing: reported.
        return RestAnswer::refusal(
            405,
            "METHOD_NOT_ALLOWED",
            &format!(
                "HTTP Method '{}' not allowed. Allowed are HEAD,GET",
                request.method
            ),
        );
    }
    let [version, rest @ ..] = rest else {
        return RestAnswer::json(200, &versions());
    };
    let known = version
        .strip_prefix('v')
        .and_then(|number| number.strip_suffix(".0"))
        .and_then(|number| number.parse::<u16>().ok())
        .is_some_and(|number| (OLDEST..=*VERSIONS.end()).contains(&number));
    if !known {
        return not_found();
    }
    let base = format!("/services/data/{version}");
    match rest {
        [] => RestAnswer::json(200, &resources(&base, view)),
        ["limits"] => RestAnswer::json(200, &limits(view)),
        ["tooling", rest @ ..] => api(request, view, true, &format!("{base}/tooling"), rest),
        rest => api(request, view, false, &base, rest),
    }
}

/// What Data API and Tooling API have in common.
fn api(
    request: &RestRequest<'_>,
    view: &View<'_>,
    tooling: bool,
    base: &str,
    rest: &[&str],
) -> RestAnswer {
    let objects = Objects { view, tooling };
    let sobjects = format!("{base}/sobjects");
    match rest {
        ["query" | "queryAll"] => query(request, &objects, &sobjects),
        ["sobjects"] => {
            let list: Vec<Value> = objects
                .shapes()
                .map(|shape| describe::brief(shape, &sobjects))
                .collect();
            RestAnswer::json(
                200,
                &json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list }),
            )
        }
        ["sobjects", name, rest @ ..] => match (objects.shape(name), rest) {
            (Some(shape), []) => RestAnswer::json(
                200,
                &json!({ "objectDescribe": describe::brief(shape, &sobjects), "recentItems": [] }),
            ),
            (Some(shape), ["describe"]) => {
                RestAnswer::json(200, &describe::full(&objects, shape, &sobjects))
            }
            (Some(shape), [id]) => record(request, &objects, shape.name, id, &sobjects),
            _ => not_found(),
        },
        _ => not_found(),
    }
}

fn query(request: &RestRequest<'_>, objects: &Objects<'_>, sobjects: &str) -> RestAnswer {
    let Some(text) = parameter(request, "q") else {
        // Wording assumed.
        return RestAnswer::refusal(400, "MALFORMED_QUERY", "SOQL query is missing");
    };
    let run = Run {
        tables: objects,
        now: objects.view.now,
        sobjects,
    };
    match soql::run(&text, &run) {
        Ok(found) if parameter(request, "columns").is_some_and(|on| on == "true") => {
            RestAnswer::json(200, &describe::columns(&found))
        }
        // sf hangs without `done`.
        Ok(found) => RestAnswer::json(
            200,
            &json!({ "totalSize": found.total, "done": true, "records": found.records }),
        ),
        Err(error) => RestAnswer::refusal(400, error.code, &error.message),
    }
}

/// One record, by an id of 15 or 18 characters; all fields, or those of `fields`.
fn record(
    request: &RestRequest<'_>,
    objects: &Objects<'_>,
    name: &str,
    id: &str,
    sobjects: &str,
) -> RestAnswer {
    let Some(table) = objects.table(name) else {
        return not_found();
    };
    let row = table
        .rows
        .iter()
        .find(|row| matches!(row.first(), Some(soql::Cell::Text(own)) if ids::same(own, id)));
    let Some(row) = row else {
        return if ids::shorten(id).is_some() {
            not_found()
        } else {
            // The sentence is well known; standing: reported.
            RestAnswer::refusal(
                404,
                "NOT_FOUND",
                &format!("Provided external ID field does not exist or is not accessible: {id}"),
            )
        };
    };
    let wanted = parameter(request, "fields");
    let mut body =
        json!({ "attributes": { "type": name, "url": format!("{sobjects}/{name}/{id}") } });
    for (field, cell) in table.fields.iter().zip(row) {
        let wants = wanted.as_ref().is_none_or(|wanted| {
            wanted
                .split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(field.name))
        });
        if wants || field.name == "Id" {
            body[field.name] = soql::render(cell);
        }
    }
    RestAnswer::json(200, &body)
}

/// The versions with their release names: three releases a year, and v50.0 was Winter '21.
fn versions() -> Value {
    VERSIONS
        .map(|number| {
            let since = number - *VERSIONS.start();
            let season = ["Winter", "Spring", "Summer"][usize::from(since % 3)];
            json!({
                "label": format!("{season} '{}", 21 + since / 3),
                "url": format!("/services/data/v{number}.0"),
                "version": format!("{number}.0"),
            })
        })
        .collect()
}

fn resources(base: &str, view: &View<'_>) -> Value {
    let org = &view.directory.org;
    json!({
        "tooling": format!("{base}/tooling"),
        "query": format!("{base}/query"),
        "queryAll": format!("{base}/queryAll"),
        "limits": format!("{base}/limits"),
        "sobjects": format!("{base}/sobjects"),
        "identity": format!("{}/id/{}/{}", org.my_domain_url, org.id, view.caller_id()),
    })
}

fn limits(view: &View<'_>) -> Value {
    let org = &view.directory.org;
    json!({
        "DailyApiRequests": {
            "Max": org.api_call_limit,
            "Remaining": org.api_call_limit.saturating_sub(org.api_calls),
        },
        "DailyStreamingApiEvents": { "Max": 10000, "Remaining": 10000 },
        "DataStorageMB": { "Max": 5, "Remaining": 5 },
        "FileStorageMB": { "Max": 20, "Remaining": 20 },
    })
}

/// A parameter of the query, decoded once.
fn parameter(request: &RestRequest<'_>, name: &str) -> Option<String> {
    url::form_urlencoded::parse(request.query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Well known; standing: reported.
fn not_found() -> RestAnswer {
    RestAnswer::refusal(404, "NOT_FOUND", "The requested resource does not exist")
}
