//! The OpenRPC document (<https://spec.open-rpc.org>, version 1.2.6) of the method table.

use crate::error::TABLE;
use crate::methods::{METHODS, Method, MethodAccess, Param};
use crate::shapes::{Dialect, Shape, Shapes};
use serde_json::{Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(make);

/// The OpenRPC document of every method and type, which `rpc.discover` answers. It is made once.
pub fn document() -> &'static Value {
    &DOCUMENT
}

fn make() -> Value {
    let mut shapes = Shapes::new(Dialect::Draft7);
    let methods: Vec<Value> = METHODS.iter().map(|described| method(described, &mut shapes)).collect();
    json!({
        "openrpc": "1.2.6",
        "info": {
            "title": "the-block",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What a node of the-block can be asked, over HTTP and WebSocket: at one port, and what has the \
                x-access \"socket\" over the socket in the node's home alone. Hashes, keys and accounts are hex, any case \
                in, lower case out; amounts are decimal strings; times are milliseconds since 1970; heights, epochs and \
                nonces are numbers. Every request has an id, which its answer brings back: a whole number from 0 to \
                18446744073709551615, a string, or null. One without an id does nothing, and is answered too, with the id null: \
                that it needs one.",
            "license": { "name": "Apache-2.0" },
        },
        "methods": methods,
        "components": {
            "schemas": shapes.components(),
            "errors": TABLE
                .iter()
                .map(|code| (code.name.to_owned(), json!({ "code": code.code, "message": code.meaning })))
                .collect::<serde_json::Map<_, _>>(),
        },
    })
}

fn method(method: &Method, shapes: &mut Shapes) -> Value {
    let mut described = json!({
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": method.params.iter().map(|given| param(given, shapes)).collect::<Vec<_>>(),
        "result": answer(method.result, shapes),
        "errors": TABLE
            .iter()
            .map(|code| json!({ "$ref": format!("#/components/errors/{}", code.name) }))
            .collect::<Vec<_>>(),
    });
    if let Some(brings) = method.brings {
        described["x-notification"] = answer(brings, shapes);
        described["x-transport"] = json!("websocket");
    }
    if method.heavy {
        described["x-heavy"] = json!(true);
    }
    if method.report {
        described["x-report"] = json!(true);
    }
    if method.access == MethodAccess::Socket {
        described["x-access"] = json!("socket");
    }
    described
}

fn param(param: &Param, shapes: &mut Shapes) -> Value {
    json!({ "name": param.name, "required": param.required, "schema": shapes.read(param.shape) })
}

fn answer(shape: Shape, shapes: &mut Shapes) -> Value {
    json!({ "name": shape.name(), "schema": shapes.written(shape) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shapes::references;

    #[test]
    fn every_reference_of_the_document_leads_somewhere_and_every_schema_is_used() {
        let document = document();
        let targets = references(document);
        for target in &targets {
            assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            let target = format!("#/components/schemas/{name}");
            assert!(targets.contains(&target.as_str()), "{name} is not used");
        }
    }

    #[test]
    fn required_parameters_come_first_so_that_a_list_can_leave_out_the_others() {
        for method in METHODS {
            assert!(method.params.is_sorted_by_key(|param| !param.required), "{}", method.name);
        }
    }
}
