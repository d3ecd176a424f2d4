//! The JSON schemas of what is served, derived from the types themselves.
//!
//! Serde says how a type is written and `schemars` says the same as a schema; the comments at its fields are the
//! descriptions. What is gathered here is brought into the form of a document: every object closed, so that a new field
//! cannot go unnoticed, and every alternative whole, because the dialect of OpenRPC cannot join closed objects.

use schemars::generate::SchemaSettings;
use schemars::transform::{RemoveRefSiblings, ReplacePrefixItems, Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Where documents keep their types.
const COMPONENTS: &str = "/components/schemas";

/// A type, by its schema.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    name: fn() -> Cow<'static, str>,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Which words a document's schemas may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Draft-07, which OpenRPC is read by: nothing stands beside a reference.
    Draft7,
    /// 2020-12, which OpenAPI 3.1 is read by.
    Draft2020,
}

/// Gathers the types of one document.
///
/// What clients send is described as it is read, where fields can be left out, and what is only answered as it is written,
/// where none is.
#[derive(Debug)]
pub struct Shapes {
    dialect: Dialect,
    written: SchemaGenerator,
    read: SchemaGenerator,
    roots: Vec<Value>,
}

impl Shape {
    /// The shape of a type.
    pub const fn of<T: JsonSchema>() -> Self {
        Self { name: T::schema_name, schema: SchemaGenerator::subschema_for::<T> }
    }

    /// The type's name in documents.
    pub fn name(self) -> Cow<'static, str> {
        (self.name)()
    }
}

impl Shapes {
    /// For a document of a dialect.
    pub fn new(dialect: Dialect) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = COMPONENTS.into());
        Self {
            dialect,
            written: settings.clone().for_serialize().into_generator(),
            read: settings.for_deserialize().into_generator(),
            roots: Vec::new(),
        }
    }

    /// The schema of something that is answered: mostly a reference to one of the [components](Self::components).
    pub fn written(&mut self, shape: Shape) -> Value {
        let schema = (shape.schema)(&mut self.written);
        self.root(schema)
    }

    /// The schema of something that a client sends.
    pub fn read(&mut self, shape: Shape) -> Value {
        let schema = (shape.schema)(&mut self.read);
        self.root(schema)
    }

    fn root(&mut self, mut schema: Schema) -> Value {
        self.finish(&mut schema);
        let root = schema.to_value();
        self.roots.push(root.clone());
        root
    }

    /// Every type that the schemas given out so far are made of, by name.
    pub fn components(mut self) -> Map<String, Value> {
        let mut raw = self.written.take_definitions(false);
        raw.extend(self.read.take_definitions(false));
        let mut components = raw.clone();
        for schema in components.values_mut().filter_map(|schema| <&mut Schema>::try_from(schema).ok()) {
            unfold(schema, &raw);
            close(schema);
            self.finish(schema);
        }
        let mut used = BTreeSet::new();
        self.roots.iter().for_each(|root| follow(root, &components, &mut used));
        components.retain(|name, _| used.contains(name));
        components
    }

    /// What is left to do for people and for the dialect.
    fn finish(&self, schema: &mut Schema) {
        explain(schema);
        if self.dialect == Dialect::Draft7 {
            RemoveRefSiblings::default().transform(schema);
            ReplacePrefixItems::default().transform(schema);
        }
    }
}

/// Brings the fields that stand beside alternatives into each of them, and those of a struct into the variant that holds it.
fn unfold(schema: &mut Schema, all: &Map<String, Value>) {
    transform_subschemas(&mut |inner: &mut Schema| unfold(inner, all), schema);
    if schema.get("properties").is_none() {
        return;
    }
    let held = schema.get("$ref").and_then(Value::as_str).and_then(component).and_then(|name| all.get(name)).cloned();
    if let Some(mut held) = held.and_then(|held| Schema::try_from(held).ok()) {
        unfold(&mut held, all);
        schema.remove("$ref");
        add_fields(schema, &held);
    }
    let beside = schema.clone();
    // A type has the one or the other: alternatives that a word tells apart, or those that only their fields do.
    let word = if schema.get("oneOf").is_some() { "oneOf" } else { "anyOf" };
    let Some(Value::Array(ways)) = schema.get_mut(word) else { return };
    for way in ways.iter_mut().filter_map(|way| <&mut Schema>::try_from(way).ok()) {
        add_fields(way, &beside);
        unfold(way, all);
    }
    for word in ["properties", "required", "type"] {
        schema.remove(word);
    }
}

fn add_fields(to: &mut Schema, from: &Schema) {
    let (fields, required) = (from.get("properties").cloned(), from.get("required").cloned());
    let to = to.ensure_object();
    if let (Value::Object(to), Some(Value::Object(fields))) =
        (to.entry("properties").or_insert_with(|| json!({})), fields)
    {
        to.extend(fields);
    }
    if let (Value::Array(to), Some(Value::Array(required))) =
        (to.entry("required").or_insert_with(|| json!([])), required)
    {
        to.extend(required);
        let mut seen = std::collections::BTreeSet::new();
        to.retain(|name| name.as_str().is_some_and(|name| seen.insert(name.to_owned())));
    }
}

/// An object has the fields that its type has, and no others.
fn close(schema: &mut Schema) {
    transform_subschemas(&mut close, schema);
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".into(), false.into());
    }
}

/// Descriptions as they are read outside of the source: without its line breaks and the targets of its links.
fn explain(schema: &mut Schema) {
    transform_subschemas(&mut explain, schema);
    if schema.get("default") == Some(&Value::Null) {
        schema.remove("default");
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        let paragraphs = text.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
        *text = without_targets(&paragraphs.collect::<Vec<_>>().join("\n\n"));
    }
}

/// Of `[words](path)` and of a name in code between brackets, the words.
fn without_targets(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let (words, after) = link.split_once(']').unwrap_or(("", link));
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        match target {
            Some((_, after)) if !words.is_empty() => {
                plain.push_str(words);
                rest = after;
            }
            _ if words.starts_with('`') => {
                plain.push_str(words);
                rest = after;
            }
            _ => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain + rest
}

/// The component that a reference names.
fn component(reference: &str) -> Option<&str> {
    reference.strip_prefix('#')?.strip_prefix(COMPONENTS)?.strip_prefix('/')
}

/// Notes every component that a schema leads to.
fn follow(schema: &Value, components: &Map<String, Value>, used: &mut BTreeSet<String>) {
    for name in references(schema).into_iter().filter_map(component) {
        if let Some(next) = components.get(name)
            && used.insert(name.to_owned())
        {
            follow(next, components, used);
        }
    }
}

/// The targets of all references in a schema or a document.
pub fn references(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Object(words) => {
            let target = words.get("$ref").and_then(Value::as_str);
            words.values().flat_map(references).chain(target).collect()
        }
        Value::Array(parts) => parts.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    /// What a thing is called,
    /// in two lines; see [`Held`] and [the words](Shape::of), not [1].
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Thing {
        /// Its number.
        id: u64,
        #[serde(flatten)]
        kind: Kind,
    }

    /// What it is.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Kind {
        /// Something that holds.
        Holds(Held),
        /// Nothing.
        Empty,
    }

    /// What is held.
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Held {
        /// How much.
        #[serde(default)]
        amount: Option<u64>,
    }

    /// A thing that says nowhere which it is.
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Untold {
        /// Its number.
        id: u64,
        #[serde(flatten)]
        kind: Either,
    }

    /// What only its fields tell apart.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Either {
        /// Something that holds.
        Holds(Held),
        /// Something that counts.
        Counts {
            /// How many.
            count: u64,
        },
    }

    fn components(gather: impl FnOnce(&mut Shapes)) -> Map<String, Value> {
        let mut shapes = Shapes::new(Dialect::Draft7);
        gather(&mut shapes);
        shapes.components()
    }

    #[test]
    fn alternatives_are_whole_and_closed_and_nothing_is_kept_that_nothing_needs() {
        let all = components(|shapes| {
            assert_eq!(shapes.written(Shape::of::<Thing>()), json!({ "$ref": "#/components/schemas/Thing" }));
        });
        assert_eq!(all.keys().collect::<Vec<_>>(), ["Thing"], "what the variant holds was taken in");
        let thing = &all["Thing"];
        assert_eq!(thing["description"], "What a thing is called, in two lines; see `Held` and the words, not [1].");
        require_whole(thing, "oneOf", [&["amount", "id", "kind"], &["id", "kind"]]);
    }

    #[test]
    fn alternatives_without_a_word_that_tells_them_apart_are_whole_and_closed_too() {
        let all = components(|shapes| _ = shapes.written(Shape::of::<Untold>()));
        assert_eq!(all.keys().collect::<Vec<_>>(), ["Untold"]);
        require_whole(&all["Untold"], "anyOf", [&["amount", "id"], &["count", "id"]]);
    }

    /// Each alternative has these fields, needs them all, and takes no others.
    fn require_whole(schema: &Value, word: &str, ways: [&[&str]; 2]) {
        assert!(schema["properties"].is_null(), "{schema:#}");
        for (way, fields) in schema[word].as_array().unwrap().iter().zip(ways) {
            assert_eq!(way["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), fields);
            assert_eq!(way["required"].as_array().unwrap().len(), fields.len(), "{way:#}");
            assert_eq!(way["additionalProperties"], json!(false));
        }
    }

    #[test]
    fn what_is_sent_may_leave_out_what_has_a_default_and_an_answer_may_not() {
        let written = components(|shapes| _ = shapes.written(Shape::of::<Held>()));
        assert_eq!(written["Held"]["required"], json!(["amount"]));
        let both = components(|shapes| {
            shapes.written(Shape::of::<Held>());
            shapes.read(Shape::of::<Held>());
        });
        assert!(both["Held"]["required"].is_null(), "{:#}", both["Held"]);
    }
}
