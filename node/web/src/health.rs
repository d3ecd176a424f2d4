//! `GET /healthz`: whether a node is worth asking; out of the rate of an address.

use crate::plane::{Asker, EvaluationPlane};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

/// `GET /healthz`
pub(crate) async fn healthz(plane: &Arc<EvaluationPlane>, asker: &Asker) -> Response {
    if let Err(refusal) = plane.take_of_address(asker.address) {
        return plane.refuse(asker, &refusal, None);
    }
    let asked = plane.clone();
    let complaint = tokio::task::spawn_blocking(move || asked.source.complaint()).await;
    let complaint = complaint.unwrap_or_else(|_| Some("the node could not say how it is; its log says why".into()));
    let (height, _) = plane.source.newest();
    let body = json!({ "ok": complaint.is_none(), "height": height, "complaint": complaint });
    let mut response = Response::new(Body::from(body.to_string()));
    if complaint.is_some() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
