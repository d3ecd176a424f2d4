//! What went wrong, as RFC 9457 says it.

use crate::feed::FeedError;
use crate::store::QueryError;
use axum::http::StatusCode;
use rpc::ReadError;
use rpc::client::CallError;
use rpc::error::RpcRefusal;
use schemars::JsonSchema;
use serde::Serialize;

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// What kind it is; `about:blank` says that the status says it all.
    #[serde(rename = "type")]
    #[schemars(extend("const" = "about:blank"))]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The status.
    #[schemars(range(min = 400, max = 599))]
    pub status: u16,
    /// What happened, why, and what to do.
    pub detail: String,
}

impl Problem {
    /// A problem with a status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { kind: "about:blank", title, status: status.as_u16(), detail: detail.into() }
    }

    /// The request cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// The status as its type.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<QueryError> for Problem {
    /// What the database says is for the log; strangers learn that it did not answer.
    fn from(error: QueryError) -> Self {
        tracing::error!(%error, "the index did not answer");
        let detail = "the index cannot be read at the moment; try again, and tell the operator if it stays so";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

impl From<FeedError> for Problem {
    /// A refusal is for who asked; where the node is, and why it does not answer, is for the log.
    fn from(error: FeedError) -> Self {
        let refusal = match &error {
            FeedError::Call(CallError::Refused { message, .. }) => Some(message.clone()),
            FeedError::Refused(refusal) => Some(refusal.to_string()),
            _ => None,
        };
        let detail = refusal.unwrap_or_else(|| {
            tracing::warn!(%error, "a question to the node was not answered");
            "the node does not answer at the moment; try again, and tell the operator if it stays so".into()
        });
        Self::new(StatusCode::BAD_GATEWAY, detail)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a store did not answer");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be read at the moment; try again")
    }
}

impl From<RpcRefusal> for Problem {
    fn from(refusal: RpcRefusal) -> Self {
        Self::bad_request(refusal.to_string())
    }
}
