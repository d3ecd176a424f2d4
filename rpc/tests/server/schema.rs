//! Answers held against the document that `rpc.discover` gives, and the document against OpenRPC's own schema.

use jsonschema::{Draft, Registry, Validator};
use rpc::error::TABLE;
use rpc::methods::METHODS;
use serde_json::{Value, json};

/// OpenRPC's meta-schema, version 1.14.9, as its authors publish it (Apache-2.0, `tests/openrpc/LICENSE`).
const META_SCHEMA: &str = include_str!("../openrpc/meta_schema.json");

/// Where the meta-schema looks for what a JSON Schema may say; it spells it in both ways.
const JSON_SCHEMA: [&str; 2] = ["https://meta.json-schema.tools", "https://meta.json-schema.tools/"];

/// What a schema of the document accepts.
pub fn validator(document: &Value, schema: &Value) -> Validator {
    let whole = json!({ "allOf": [schema], "components": document["components"] });
    jsonschema::options().with_draft(Draft::Draft7).build(&whole).unwrap()
}

/// Requires that `answer` is what the document says `method` answers.
pub fn require(document: &Value, method: &str, answer: &Value) {
    let methods = document["methods"].as_array().unwrap();
    let described = methods.iter().find(|described| described["name"] == method).unwrap();
    accept(&validator(document, &described["result"]["schema"]), method, answer);
}

/// Requires that a value is of a named type of the document.
pub fn require_type(document: &Value, name: &str, value: &Value) {
    accept(&validator(document, &json!({ "$ref": format!("#/components/schemas/{name}") })), name, value);
}

fn accept(validator: &Validator, what: &str, value: &Value) {
    let problems: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{what} is not as described: {problems:#?}\n{value:#}");
}

/// Requires that every parameter is what the document says `method` takes.
pub fn require_params(document: &Value, method: &str, params: &Value) {
    let methods = document["methods"].as_array().unwrap();
    let described = methods.iter().find(|described| described["name"] == method).unwrap();
    for (name, value) in params.as_object().unwrap() {
        let param = described["params"].as_array().unwrap().iter().find(|param| param["name"] == *name).unwrap();
        accept(&validator(document, &param["schema"]), &format!("{name} of {method}"), value);
    }
}

fn document() -> Value {
    rpc::openrpc().clone()
}

#[test]
fn the_document_is_openrpc() {
    let mut meta: Value = serde_json::from_str(META_SCHEMA).unwrap();
    // Its dialect is draft-07 under a name of its own.
    meta.as_object_mut().unwrap().remove("$schema");
    let json_schema = json!({
        "allOf": [{ "$ref": "http://json-schema.org/draft-07/schema#" }],
        "definitions": { "JSONSchemaObject": { "properties": { "$ref": { "type": "string", "format": "uri-reference" } } } },
    });
    let known = Registry::new().draft(Draft::Draft7).extend(JSON_SCHEMA.map(|uri| (uri, &json_schema)));
    let known = known.unwrap().prepare().unwrap();
    let validator = jsonschema::options().with_draft(Draft::Draft7).with_registry(&known).build(&meta).unwrap();
    let document = document();
    accept(&validator, "the document", &document);
    let mut wrong = document;
    wrong["methods"][0]["result"] = json!("a hash");
    assert!(!validator.is_valid(&wrong), "and what is not OpenRPC is told apart");
}

/// An object that is open would take any field; then nothing would fail when a type gets one.
#[test]
fn every_type_is_described_and_every_object_closed() {
    fn check(schema: &Value, at: &str) {
        match schema {
            Value::Object(words) => {
                let closed = words.get("additionalProperties") == Some(&json!(false)) || at == "OpenRpc";
                assert!(words.get("type") != Some(&json!("object")) || closed, "{at} takes any field");
                words.iter().for_each(|(word, inner)| check(inner, &format!("{at}/{word}")));
            }
            Value::Array(parts) => parts.iter().for_each(|part| check(part, at)),
            _ => {}
        }
    }
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name} says nothing");
        check(schema, name);
    }
}

/// A derived name that was taken already gets a number, and one made of other names has no words of its own.
#[test]
fn every_type_has_a_name_of_its_own_and_everything_served_is_a_type() {
    let document = document();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(name.chars().all(|c| c.is_ascii_alphabetic()), "{name} is no name");
    }
    for method in document["methods"].as_array().unwrap() {
        let served = [&method["result"], &method["x-notification"]];
        let served = served.into_iter().filter(|part| !part.is_null()).chain(method["params"].as_array().unwrap());
        for part in served {
            assert!(part["schema"]["$ref"].is_string(), "{}: {part} has no type", method["name"]);
        }
    }
}

#[test]
fn every_method_says_what_it_is_where_it_is_answered_and_how_it_refuses() {
    let document = document();
    let described = document["methods"].as_array().unwrap();
    assert_eq!(described.len(), METHODS.len());
    for (method, described) in METHODS.iter().zip(described) {
        assert!(method.summary.ends_with('.'), "{}", method.name);
        assert_eq!(described["errors"].as_array().unwrap().len(), TABLE.len(), "{}", method.name);
    }
    let over_the_socket: Vec<&Value> =
        described.iter().filter(|method| method["x-access"] == "socket").map(|method| &method["name"]).collect();
    let operators = [
        "node.health",
        "node.log_level",
        "node.artifacts",
        "node.pin_artifact",
        "node.unpin_artifact",
        "net.dial",
        "net.forget",
    ];
    assert_eq!(over_the_socket, operators);
}
