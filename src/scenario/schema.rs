//! JSON Schemas of scenario and target files for editors, made from the same tables that the parser reads.

use serde_json::{Map, Value, json};

use super::keys::{self, Key, Shape, certain_word};
use crate::cause::CauseId;
use crate::factor::{Factor, FactorKind, plain};
use crate::oauth::GrantKind;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
const DURATION: &str = "^\\s*([0-9]+\\s*(ms|s|sec|second|seconds|m|min|minute|minutes|h|hour|hours|d|day|days|month|months)\\s*)+$";
/// Any value may be a variable; what it becomes is judged when the file is read.
const VARIABLE: &str = "\\$\\{[^}]*\\}";

/// The schema of scenario files.
pub fn schema() -> Value {
    let app = merged(
        object(keys::APP, &|_| Value::Null),
        &settings(FactorKind::App),
    );
    let people = by_name("person");
    json!({
        "$schema": DRAFT,
        "title": "grantproof scenario",
        "description": "One file is one story.",
        "$defs": {
            "variable": {"type": "string", "pattern": VARIABLE},
            "app": app,
            "org": settings(FactorKind::Org),
            "person": nullable(settings(FactorKind::Person)),
            "cause": {"anyOf": [{"enum": ids()}, {"type": "string"}]},
            "send": object(keys::SEND, &|_| Value::Null),
            "after": object(keys::AFTER, &|_| Value::Null),
            "use": object(keys::USE, &special_of_expectation),
            "expect": {"anyOf": [
                {"const": "granted"},
                required(object(keys::GRANTED, &special_of_expectation), "granted"),
                required(object(keys::REFUSED, &special_of_expectation), "refused"),
                required(object(keys::PAGE, &special_of_expectation), "page"),
                required(object(keys::UNANSWERED, &special_of_expectation), "unanswered"),
                required(object(keys::OFF_PROTOCOL, &special_of_expectation), "off_protocol"),
            ]},
            "step": {"anyOf": [
                grant_step(),
                required(object(keys::CHANGE, &|_| object(keys::CHANGED, &|key| match key {
                    "users" => by_name("person"),
                    section => reference(section),
                })), "change"),
                required(object(keys::WAIT, &|_| Value::Null), "wait"),
                required(object(keys::FAULT, &|_| Value::Null), "fault"),
            ]},
        },
        "type": "object",
        "properties": properties(keys::STORY, &|key| match key {
            "app" => reference("app"),
            "apps" => by_name("app"),
            "org" => reference("org"),
            "users" => people.clone(),
            "steps" => json!({"type": "array", "minItems": 1, "items": reference("step")}),
            "declared" => declared(),
            _ => json!({}),
        }),
        "required": ["story", "steps"],
        "additionalProperties": false,
    })
}

/// The schema of target files.
pub fn target_schema() -> Value {
    without_variables(json!({
        "$schema": DRAFT,
        "title": "grantproof target",
        "description": "Where requests go, and who sends them. Secrets stand here by reference only.",
        "$defs": {
            "secret": {"type": "string", "pattern": "^(env|file|command):.+"},
            "app": required(object(keys::TARGET_APP, &|_| reference("secret")), "client_id"),
            "user": object(keys::TARGET_USER, &|_| reference("secret")),
            "page_steps": {"type": "array", "minItems": 1, "items": {"anyOf": page_steps()}},
        },
        "type": "object",
        "properties": properties(keys::TARGET, &|key| match key {
            "hosts" => object(keys::HOSTS, &|_| Value::Null),
            "apps" => by_name("app"),
            "users" => by_name("user"),
            "browser" => required(object(keys::BROWSER, &|_| reference("page_steps")), "sign_in"),
            _ => json!({}),
        }),
        "required": ["target", "hosts"],
        "additionalProperties": false,
    }))
}

/// A target file has no variables: what stands beside one is all there is.
fn without_variables(schema: Value) -> Value {
    match schema {
        Value::Object(mut members) => {
            if let Some(Value::Array(ways)) = members.get_mut("anyOf") {
                ways.retain(|way| *way != reference("variable"));
                if ways.len() == 1
                    && let Some(Value::Object(only)) = ways.pop()
                {
                    members.remove("anyOf");
                    members.extend(only);
                }
            }
            let members = members.into_iter();
            let members = members.map(|(name, value)| (name, without_variables(value)));
            Value::Object(members.collect())
        }
        Value::Array(items) => items.into_iter().map(without_variables).collect(),
        other => other,
    }
}

/// A step that presses, and the two that type.
fn page_steps() -> Vec<Value> {
    ["press", "type", "text"]
        .iter()
        .map(|act| {
            let others = if *act == "press" {
                vec!["type", "text", "into"]
            } else {
                vec!["press", if *act == "type" { "text" } else { "type" }]
            };
            let mut step = object(keys::PAGE_STEP, &|_| Value::Null);
            if let Some(properties) = step["properties"].as_object_mut() {
                properties.retain(|key, _| !others.contains(&key.as_str()));
            }
            step["required"] = if *act == "press" {
                json!([act])
            } else {
                json!([act, "into"])
            };
            step
        })
        .collect()
}

fn grant_step() -> Value {
    let mut words: Vec<&str> = Vec::new();
    for kind in GrantKind::ALL {
        words.push(kind.name());
        words.extend(kind.aliases());
    }
    let mut step = object(keys::GRANT, &|key| match key {
        "grant" => json!({"anyOf": [{"enum": words}, reference("variable")]}),
        name => reference(name),
    });
    step["required"] = json!(["grant", "expect"]);
    step
}

fn special_of_expectation(key: &str) -> Value {
    match key {
        "cause" => reference("cause"),
        "introspection" => json!({"anyOf": [{"enum": ["active", "inactive"]}, reference("use")]}),
        _ => json!({"anyOf": [{"const": "granted"}, reference("use")]}),
    }
}

fn ids() -> Vec<&'static str> {
    CauseId::ALL.iter().map(|id| id.name()).collect()
}

fn declared() -> Value {
    let mut properties = Map::new();
    for factor in Factor::ALL.iter().copied() {
        let sectioned = matches!(
            factor.kind(),
            FactorKind::App | FactorKind::Org | FactorKind::Person
        );
        if sectioned && factor.field().contains('.') && !factor.field().starts_with('(') {
            properties
                .entry(factor.field())
                .or_insert_with(|| of_factor(factor));
        }
    }
    json!({"type": "object", "properties": properties})
}

/// A section of settings: every factor of the kind by its key, plain words for an app, and full names by pattern.
fn settings(kind: FactorKind) -> Value {
    let mut properties = Map::new();
    if kind == FactorKind::App {
        for key in plain::keys() {
            let mut words = Vec::new();
            for row in plain::PLAIN.iter().filter(|row| row.key == key) {
                if row.words.contains("UNIT") {
                    let pattern = row
                        .words
                        .replace("UNIT", "(hours?|days?|months?)")
                        .replacen("N ", "[0-9]+ ", 1);
                    words.push(json!({"type": "string", "pattern": format!("^{pattern}$")}));
                } else {
                    words.push(json!({"const": row.words, "description": row.instead}));
                }
            }
            words.push(reference("variable"));
            properties.insert(key.to_owned(), json!({"anyOf": words}));
        }
    }
    for factor in Factor::ALL.iter().copied() {
        if factor.kind() == kind {
            properties.insert(factor.key().to_owned(), of_factor(factor));
            if factor.field().contains('.') && !factor.field().starts_with(['(', '/']) {
                properties
                    .entry(factor.field())
                    .or_insert_with(|| of_factor(factor));
            }
        }
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn of_factor(factor: Factor) -> Value {
    let shape = match factor.values() {
        "flag" => json!({"type": "boolean"}),
        "number" => json!({"type": "integer", "minimum": 0}),
        "names" => names(),
        "text" => text(),
        // Words beside a free text are no closed list.
        words if words.contains("text") => json!({"type": "string"}),
        words => json!({"enum": words.split('|').collect::<Vec<_>>()}),
    };
    json!({
        "description": format!("{} ({})", factor.label(), factor.field()),
        "anyOf": [shape, {"type": "null"}, reference("variable")],
    })
}

fn text() -> Value {
    json!({"type": ["string", "number", "boolean"]})
}

fn names() -> Value {
    json!({"anyOf": [{"type": "string"}, {"type": "array", "items": text()}]})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn by_name(name: &str) -> Value {
    json!({"type": ["object", "null"], "additionalProperties": reference(name)})
}

fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!(["object", "null"]);
    schema
}

fn required(mut schema: Value, key: &str) -> Value {
    schema["required"] = json!([key]);
    schema
}

fn merged(mut one: Value, other: &Value) -> Value {
    if let (Some(to), Some(from)) = (
        one["properties"].as_object_mut(),
        other["properties"].as_object(),
    ) {
        to.extend(from.clone());
    }
    nullable(one)
}

fn object(table: &[Key], special: &dyn Fn(&str) -> Value) -> Value {
    json!({
        "type": "object",
        "properties": properties(table, special),
        "additionalProperties": false,
    })
}

fn properties(table: &[Key], special: &dyn Fn(&str) -> Value) -> Map<String, Value> {
    table
        .iter()
        .map(|key| (key.name.to_owned(), of_key(key, special)))
        .collect()
}

fn of_key(key: &Key, special: &dyn Fn(&str) -> Value) -> Value {
    let mut schema = match key.shape {
        Shape::Text | Shape::Line => text(),
        Shape::Flag => or_variable(&json!({"type": "boolean"})),
        Shape::Number(from, to) => {
            or_variable(&json!({"type": "integer", "minimum": from, "maximum": to}))
        }
        Shape::Duration => or_variable(&json!({"type": "string", "pattern": DURATION})),
        Shape::Time => or_variable(&json!({"type": "string", "format": "date-time"})),
        Shape::Address => or_variable(&json!({"type": "string"})),
        Shape::Names => names(),
        Shape::Words(["true"]) => json!({"const": true}),
        Shape::Words(words) => or_variable(&json!({"enum": words})),
        Shape::Certain(values) => {
            let words: Vec<&str> = values.iter().map(|value| certain_word(*value)).collect();
            or_variable(&json!({"enum": words}))
        }
        Shape::Texts => json!({"type": "object", "additionalProperties": text()}),
        Shape::Anything => json!({"type": "object"}),
        Shape::Special => special(key.name),
    };
    if let Value::Object(members) = &mut schema {
        members.insert("description".to_owned(), key.about.into());
    }
    schema
}

fn or_variable(schema: &Value) -> Value {
    json!({"anyOf": [schema, reference("variable")]})
}
