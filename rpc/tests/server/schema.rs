//! Enough of JSON Schema draft-07 to hold answers against the document: a schema may use no other word.

use serde_json::Value;

/// Requires that `answer` is what the document says `method` answers.
pub fn require(document: &Value, method: &str, answer: &Value) {
    let methods = document["methods"].as_array().unwrap();
    let described = methods.iter().find(|described| described["name"] == method).unwrap();
    if let Err(problem) = check(document, &described["result"]["schema"], answer, method) {
        panic!("{problem}");
    }
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (word, rule) in schema.as_object().ok_or(format!("{at}: {schema} is no schema"))? {
        match word.as_str() {
            "$ref" => check(document, document.pointer(&rule.as_str().unwrap()[1..]).unwrap(), value, at)?,
            "type" => check_type(rule, value, at)?,
            "pattern" => check_pattern(rule.as_str().unwrap(), value, at)?,
            "enum" if rule.as_array().unwrap().contains(value) => {}
            "enum" => return Err(format!("{at}: {value} is none of {rule}")),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, rule, item, &format!("{at}.{index}"))?;
                }
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    value.get(name.as_str().unwrap()).ok_or(format!("{at}: {name} is missing"))?;
                }
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(field) = value.get(name) {
                        check(document, schema, field, &format!("{at}.{name}"))?;
                    }
                }
            }
            "allOf" => {
                for part in rule.as_array().unwrap() {
                    check(document, part, value, at)?;
                }
            }
            "oneOf" => {
                let problems: Vec<_> =
                    rule.as_array().unwrap().iter().map(|part| check(document, part, value, at)).collect();
                if problems.iter().filter(|problem| problem.is_ok()).count() != 1 {
                    return Err(format!("{at}: not exactly one of {problems:?}"));
                }
            }
            "additionalProperties" if *rule == false => check_no_other(schema, value, at)?,
            "description" | "minimum" | "maximum" | "additionalProperties" => {}
            other => return Err(format!("{at}: the schema uses {other}")),
        }
    }
    Ok(())
}

fn check_no_other(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let known = schema["properties"].as_object().unwrap();
    match value.as_object().into_iter().flatten().find(|(name, _)| !known.contains_key(*name)) {
        Some((name, _)) => Err(format!("{at}: {name} is not described")),
        None => Ok(()),
    }
}

fn check_type(rule: &Value, value: &Value, at: &str) -> Result<(), String> {
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    };
    let holds = rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is));
    if holds { Ok(()) } else { Err(format!("{at}: {value} is not of type {rule}")) }
}

/// The two patterns that the document has.
fn check_pattern(pattern: &str, value: &Value, at: &str) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let holds = match pattern {
        "^[0-9a-fA-F]{64}$" => text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "^[0-9a-fA-F]{128}$" => text.len() == 128 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "^([0-9a-fA-F]{2})*$" => text.len() % 2 == 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "^[0-9]+$" => text.bytes().all(|byte| byte.is_ascii_digit()),
        "^[0-9]+/[0-9]+$" => text.split('/').all(|part| part.bytes().all(|byte| byte.is_ascii_digit())),
        other => return Err(format!("{at}: the pattern {other} is not known here")),
    };
    if holds { Ok(()) } else { Err(format!("{at}: {text:?} is not {pattern}")) }
}
