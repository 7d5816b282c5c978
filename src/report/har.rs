//! HAR 1.2 of every recorded exchange, redacted, for browsers' network panels and proxies. A page a step.
//! <http://www.softwareishard.com/blog/har-12-spec/>

use serde_json::{Value, json};

use super::telling::query;
use super::{ExchangeReport, Pair, RunReport, json::document};

/// The exchanges as HAR.
pub fn report(report: &RunReport) -> String {
    let mut pages = Vec::new();
    let mut entries = Vec::new();
    for (scenario_at, scenario) in report.scenarios.iter().enumerate() {
        for step in scenario
            .steps
            .iter()
            .filter(|step| !step.exchanges.is_empty())
        {
            let id = format!("scenario_{}_step_{}", scenario_at + 1, step.index);
            pages.push(json!({
                "startedDateTime": step.exchanges[0].at,
                "id": id,
                "title": format!("{}: {}", scenario.name, step.title),
                "pageTimings": {"onContentLoad": -1, "onLoad": -1},
                "comment": format!("{}, {}", scenario.file, step.status),
            }));
            entries.extend(step.exchanges.iter().map(|exchange| entry(&id, exchange)));
        }
    }
    document(&json!({
        "log": {
            "version": "1.2",
            "creator": {"name": "grantproof", "version": report.run.version},
            "pages": pages,
            "entries": entries,
            "comment": "secrets are replaced by marks; equal marks were equal values",
        }
    }))
}

fn entry(page: &str, exchange: &ExchangeReport) -> Value {
    json!({
        "pageref": page,
        "startedDateTime": exchange.at,
        "time": exchange.took_ms,
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": exchange.took_ms, "receive": 0},
        "comment": exchange.endpoint,
    })
}

fn request(exchange: &ExchangeReport) -> Value {
    let sent = &exchange.sent;
    let mut request = json!({
        "method": sent.method,
        "url": sent.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(&sent.headers),
        "queryString": pairs(&query(&sent.url)),
        "headersSize": -1,
        "bodySize": -1,
    });
    let mime = header(&sent.headers, "content-type");
    if !sent.fields.is_empty() {
        // `params` and `text` exclude each other.
        request["postData"] = json!({
            "mimeType": mime.unwrap_or("application/x-www-form-urlencoded"),
            "params": pairs(&sent.fields),
        });
    } else if let Some(body) = &sent.body {
        request["postData"] = json!({"mimeType": mime.unwrap_or_default(), "text": body});
    }
    request
}

fn response(exchange: &ExchangeReport) -> Value {
    let Some(received) = &exchange.received else {
        let fault = exchange
            .fault
            .as_ref()
            .map_or("", |fault| fault.text.as_str());
        return json!({
            "status": 0,
            "statusText": "",
            "httpVersion": "",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_error": fault,
        });
    };
    json!({
        "status": received.status,
        "statusText": reason(received.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(&received.headers),
        "content": {
            "size": received.length,
            "mimeType": received.header("content-type").unwrap_or("x-unknown"),
            "text": received.body,
        },
        "redirectURL": received.header("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": received.length,
    })
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
}

fn header<'a>(headers: &'a [Pair], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value.as_str())
}

fn pairs(list: &[Pair]) -> Vec<Value> {
    list.iter()
        .map(|pair| json!({"name": pair.name, "value": pair.value}))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn each_exchange_is_an_entry_of_a_known_page() {
        let har: Value = serde_json::from_str(&report(&sample::run())).unwrap();
        sample::keep("run.har", &report(&sample::run()));
        let log = &har["log"];
        assert_eq!(log["version"], "1.2");
        let entries = log["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 4);
        for entry in entries {
            let page = log["pages"]
                .as_array()
                .unwrap()
                .iter()
                .find(|page| page["id"] == entry["pageref"]);
            assert!(page.is_some());
            for key in [
                "startedDateTime",
                "time",
                "request",
                "response",
                "cache",
                "timings",
            ] {
                assert!(!entry[key].is_null(), "{key}");
            }
        }
        let query = &entries[0]["request"]["queryString"];
        assert_eq!(
            query[1],
            json!({"name": "client_id", "value": "[client_id#1]"})
        );
        assert_eq!(query[2]["value"], "api refresh_token");
        assert_eq!(entries[3]["response"]["status"], 0);
    }
}
