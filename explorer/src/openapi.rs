//! The document that describes the API: its operations by hand, the types of its answers derived from the types.

use crate::answers::HealthAnswer;
use crate::queries::Nothing;
use crate::serve::{HttpAnswer, HttpResult, PageRequest, Problem, Site, ask};
use crate::topics;
use axum::Router;
use axum::routing::get;
use rpc::shapes::{Dialect, Shape, Shapes};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// The operations: paths, parameters, headers, and which type each answer is of.
const OPERATIONS: &str = include_str!("../api_schema/openapi.json");

/// What belongs to no topic.
const ANSWERS: [Shape; 2] = [Shape::of::<HealthAnswer>(), Shape::of::<Problem>()];

/// It is made once.
static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// The file is part of the program; a test parses it.
fn document() -> Value {
    let mut shapes = Shapes::new(Dialect::Draft2020);
    topics::ANSWERS.into_iter().chain(ANSWERS).for_each(|shape| _ = shapes.written(shape));
    let mut document: Value = serde_json::from_str(OPERATIONS).unwrap_or_default();
    document["components"]["schemas"] = shapes.components().into();
    if let Some(kind) = parameter(&mut document, "/paths/~1audit/get/parameters", "kind") {
        kind["schema"]["examples"] = json!(runtime::kinds());
    }
    document
}

/// A parameter of an operation, to say in its schema what only the program knows.
fn parameter<'d>(document: &'d mut Value, operation: &str, name: &str) -> Option<&'d mut Value> {
    let parameters = document.pointer_mut(operation).and_then(Value::as_array_mut);
    parameters.into_iter().flatten().find(|parameter| parameter["name"] == name)
}

/// The document, for programs that are made from it.
pub fn openapi() -> &'static Value {
    &DOCUMENT
}

/// The URL of the document.
pub fn routes() -> Router<Arc<Site>> {
    Router::new().route("/openapi.json", get(answer))
}

/// `GET /openapi.json`: the document, with the names of this server's stores.
async fn answer(asked: PageRequest) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let mut document = openapi().clone();
    let names: Vec<&str> = std::iter::once("").chain(asked.site.stores.keys().map(String::as_str)).collect();
    if let Some(store) = parameter(&mut document, "/paths/~1releases/get/parameters", "store") {
        store["schema"] = json!({ "type": "string", "enum": names });
    }
    Ok(HttpAnswer::json(&document))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonschema::{Draft, Validator};
    use rpc::golden;
    use rpc::shapes::references;

    #[test]
    fn every_answer_is_of_a_derived_type_and_every_type_is_answered() {
        let written: Value = serde_json::from_str(OPERATIONS).unwrap();
        assert!(written["components"]["schemas"].is_null(), "types are derived");
        let targets = references(&DOCUMENT);
        for target in &targets {
            assert!(DOCUMENT.pointer(target.trim_start_matches('#')).is_some(), "{target}");
        }
        for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
            let target = format!("#/components/schemas/{name}");
            assert!(targets.contains(&target.as_str()), "{name} is not used");
            assert!(name.chars().all(|c| c.is_ascii_alphabetic()), "{name} is no name");
            assert!(schema["description"].is_string(), "{name} says nothing");
        }
    }

    /// The fields of a schema, and of all below it, that do not say what they are. What is told by its only field, such as one event of
    /// many, says it itself.
    fn silent(schema: &Value, at: &str, found: &mut Vec<String>) {
        match schema {
            Value::Object(words) => {
                let fields = words.get("properties").and_then(Value::as_object);
                let is_told = words.contains_key("description") && fields.is_some_and(|fields| fields.len() == 1);
                for (name, field) in fields.into_iter().flatten() {
                    let says = field["description"].is_string() || !field["const"].is_null();
                    if !says && !is_told {
                        found.push(format!("{at}: {name}"));
                    }
                }
                words.iter().for_each(|(word, inner)| silent(inner, &format!("{at}/{word}"), found));
            }
            Value::Array(items) => items.iter().for_each(|item| silent(item, at, found)),
            _ => {}
        }
    }

    #[test]
    fn every_field_says_what_it_is() {
        let mut found = Vec::new();
        silent(&DOCUMENT["components"]["schemas"], "", &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn every_kind_of_fact_and_no_other_can_be_asked_for() {
        let mut document = DOCUMENT.clone();
        let kind = parameter(&mut document, "/paths/~1audit/get/parameters", "kind").unwrap();
        assert_eq!(kind["schema"]["examples"], json!(runtime::kinds()));
        assert!(parameter(&mut document, "/paths/~1releases/get/parameters", "store").is_some());
    }

    fn derived(name: &str) -> Validator {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        let whole = json!({ "allOf": [reference], "components": DOCUMENT["components"] });
        jsonschema::options().with_draft(Draft::Draft202012).build(&whole).unwrap()
    }

    /// Whether the schema allows the object with any one of its fields taken away, or with one more.
    fn is_exact(validator: &Validator, answer: &Value, at: &str) -> bool {
        let allowed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut changed = answer.clone();
            change(changed.pointer_mut(at).unwrap().as_object_mut().unwrap());
            validator.is_valid(&changed)
        };
        let fields = answer.pointer(at).unwrap().as_object().unwrap();
        let lacks = fields.keys().any(|field| allowed(&|object| _ = object.remove(field)));
        let has_more = allowed(&|object| _ = object.insert("another".into(), 1.into()));
        validator.is_valid(answer) && !lacks && !has_more
    }

    #[test]
    fn the_pinned_schema_of_the_history_and_the_derived_one_want_the_same_fields() {
        // The explorer gives this answer of a node too.
        let answer = golden::answer("gov.release_history");
        let pinned: Value = serde_json::from_str(crate::RELEASE_HISTORY_SCHEMA).unwrap();
        let pinned = jsonschema::options().with_draft(Draft::Draft7).build(&pinned).unwrap();
        for schema in [pinned, derived("ApprovedReleasePage")] {
            for at in ["", "/entries/0", "/entries/0/manifest", "/entries/0/target", "/entries/0/manifest/components"] {
                assert!(is_exact(&schema, &answer, at), "{at}");
            }
        }
    }

    #[test]
    fn what_is_proposed_stands_beside_the_other_fields() {
        let mut answer = golden::answer("gov.proposal");
        answer["milestones"] = json!([]);
        assert!(is_exact(&derived("ProposalAnswer"), &answer, ""));
    }
}
