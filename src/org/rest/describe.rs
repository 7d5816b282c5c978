//! What the REST API tells about objects and columns.

use serde_json::{Value, json};

use super::objects::{Objects, Shape};
use super::soql::{FieldType, Found};

/// An object in a list, and the head of its description.
pub(super) fn brief(shape: &Shape, sobjects: &str) -> Value {
    let url = format!("{sobjects}/{}", shape.name);
    json!({
        "name": shape.name,
        "label": shape.label,
        "labelPlural": format!("{}s", shape.label),
        "keyPrefix": shape.kind.prefix(),
        "custom": false,
        "queryable": true,
        "retrieveable": true,
        "createable": false,
        "updateable": false,
        "deletable": false,
        "urls": {
            "sobject": url,
            "describe": format!("{url}/describe"),
            "rowTemplate": format!("{url}/{{ID}}"),
        },
    })
}

/// A description with fields.
pub(super) fn full(objects: &Objects<'_>, shape: &Shape, sobjects: &str) -> Value {
    let mut described = brief(shape, sobjects);
    described["fields"] = objects
        .fields(shape)
        .iter()
        .map(|field| {
            let relation = shape
                .relations
                .iter()
                .find(|relation| relation.via == field.name);
            json!({
                "name": field.name,
                "label": field.name,
                "type": field.of.name(),
                "soapType": soap_type(field.of),
                "filterable": field.filterable,
                "sortable": field.filterable,
                "nillable": field.of != FieldType::Id,
                "referenceTo": relation.map(|relation| relation.target).into_iter().collect::<Vec<_>>(),
                "relationshipName": relation.map(|relation| relation.name),
            })
        })
        .collect();
    described["childRelationships"] = json!([]);
    described
}

/// The answer to `columns=true`. `sf data query` reads `columnName`, `joinColumns` and `aggregate`.
pub(super) fn columns(found: &Found) -> Value {
    let mut columns: Vec<Value> = Vec::new();
    for (path, of) in &found.columns {
        insert(&mut columns, path, *of);
    }
    json!({
        "columnMetadata": columns,
        "entityName": found.entity,
        "groupBy": false,
        "idSelected": found.columns.iter().any(|(path, _)| path == &["Id"]),
        "keyPrefix": found.prefix,
    })
}

/// A path of several names is a column that joins the rest; two paths through one parent share it.
fn insert(columns: &mut Vec<Value>, path: &[&'static str], of: FieldType) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        columns.push(column(name, Some(of), &[]));
        return;
    }
    let joined = columns
        .iter_mut()
        .find(|column| column["columnName"] == *name)
        .and_then(|column| column["joinColumns"].as_array_mut());
    if let Some(joined) = joined {
        insert(joined, rest, of);
    } else {
        let mut joined = Vec::new();
        insert(&mut joined, rest, of);
        columns.push(column(name, None, &joined));
    }
}

fn column(name: &str, of: Option<FieldType>, joined: &[Value]) -> Value {
    json!({
        "aggregate": false,
        "apexType": of.map(apex_type),
        "booleanType": of == Some(FieldType::Boolean),
        "columnName": name,
        "custom": false,
        "displayName": name,
        "foreignKeyName": null,
        "insertable": false,
        "joinColumns": joined,
        "numberType": of == Some(FieldType::Int),
        "textType": matches!(of, Some(FieldType::Text)),
        "updatable": false,
    })
}

const fn apex_type(of: FieldType) -> &'static str {
    match of {
        FieldType::Id | FieldType::Reference => "Id",
        FieldType::Text => "String",
        FieldType::Boolean => "Boolean",
        FieldType::Int => "Integer",
        FieldType::DateTime => "Datetime",
    }
}

const fn soap_type(of: FieldType) -> &'static str {
    match of {
        FieldType::Id | FieldType::Reference => "tns:ID",
        FieldType::Text => "xsd:string",
        FieldType::Boolean => "xsd:boolean",
        FieldType::Int => "xsd:int",
        FieldType::DateTime => "xsd:dateTime",
    }
}
