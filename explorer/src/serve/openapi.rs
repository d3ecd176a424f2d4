//! The document that describes the API.

use super::{HttpAnswer, HttpResult, PageRequest, ask};
use crate::queries::Nothing;
use crate::store::QueryError;
use crate::store::column::parsed;
use serde_json::{Value, json};

/// `GET /openapi.json`: the document, with the names of this server's stores.
pub async fn openapi(asked: PageRequest) -> HttpResult {
    let Nothing {} = ask::query(&asked.uri)?;
    let mut document: Value = parsed("the OpenAPI document", crate::OPENAPI).map_err(QueryError::from)?;
    let names: Vec<&str> = std::iter::once("").chain(asked.site.stores.keys().map(String::as_str)).collect();
    let parameters = document.pointer_mut("/paths/~1releases/get/parameters").and_then(Value::as_array_mut);
    let store = parameters.into_iter().flatten().find(|parameter| parameter["name"] == "store");
    if let Some(store) = store {
        store["schema"] = json!({ "type": "string", "enum": names });
    }
    Ok(HttpAnswer::json(&document))
}
