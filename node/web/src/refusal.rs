//! Why a request is not answered with a value: the status, OpenFeature's code, and a sentence.
//!
//! No sentence has a name that the asker did not bring by itself or by its token: of another tenant nothing is said, not even that it
//! is there.

use crate::written::quoted;
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use host::token::TokenFlaw;
use primitives::Name;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Nobody may ask that without a token.
    #[error("E_TOKEN: this is answered with a token alone; send one as a bearer, or as X-API-Key")]
    TokenMissing,
    /// Two tokens, or something that is none in the place of one.
    #[error("E_TOKEN: the request has several tokens, or an authorization that is no bearer; send one token")]
    TokenUnclear,
    /// The token is none that counts.
    #[error("E_TOKEN: {0}")]
    Token(#[from] TokenFlaw),
    /// Its issuer may not issue it.
    #[error(
        "E_TOKEN: the issuer of the token may not issue it in that role at its scope any more; have another account issue one"
    )]
    NotGranted,
    /// Its issuer has revoked it, or somebody who may.
    #[error("E_TOKEN: what the issuer issued at that time is revoked; issue another one")]
    Revoked,
    /// The context or the query is about something else than the token.
    #[error(
        "E_TENANT: {field} names something outside of the scope of the token; leave it out, or ask with a token for that"
    )]
    Outside {
        /// Which attribute or parameter.
        field: String,
    },
    /// There is no such flag, for whoever asks.
    #[error("no flag {key:?} in plan {plan}; contract flags list --plan {plan} names them")]
    FlagUnknown {
        /// The flag.
        key: String,
        /// The plan.
        plan: Name,
    },
    /// This node does not evaluate such a plan.
    #[error("this node evaluates no such plan; ask another node, or have its operator name the plan in web.plans")]
    PlanUnknown,
    /// The plan has no such stage.
    #[error("plan {plan} has no such stage; its board names them")]
    StageUnknown {
        /// The plan.
        plan: Name,
    },
    /// The body is not what the protocol has.
    #[error("{0}")]
    Unreadable(String),
    /// The context is none, or says something that nobody can be.
    #[error("{0}")]
    Context(String),
    /// A rule draws by the targeting key, and there is none.
    #[error("a rule of the flag draws by targetingKey, and the context has none; send one")]
    KeyMissing,
    /// The body is larger than bodies may be.
    #[error("the body is larger than 65536 bytes; send less context")]
    TooLarge,
    /// Too many requests.
    #[error("too many requests; come again in {after_s} s")]
    TooMany {
        /// In how many seconds.
        after_s: u64,
    },
    /// A report was not made in time.
    #[error(
        "E_BUDGET: this was not made within {budget_ms} ms, and no part of it is answered; ask again when the node has less to do, or \
         have its operator raise web.report_budget_ms"
    )]
    OverBudget {
        /// How many milliseconds there are for one.
        budget_ms: u64,
    },
    /// Another method than the endpoint has.
    #[error("this endpoint takes {allowed} alone")]
    Method {
        /// Which it takes.
        allowed: &'static str,
    },
    /// The path has no key where a flag is asked.
    #[error("the path names no flag; put its key behind the last slash")]
    FlagUnnamed,
    /// The log of blocks has no such part.
    #[error("the log of blocks does not have this; /log/checkpoint says how far it goes, once it has begun")]
    NotInLog,
    /// There is no such endpoint.
    #[error("there is nothing at this path; flags are asked at /ofrep/v1/evaluate/flags")]
    Nowhere,
    /// Something that should not be.
    #[error("the node could not answer; its log says why")]
    Broken,
}

impl Refusal {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TokenMissing | Self::TokenUnclear | Self::Token(_) | Self::NotGranted | Self::Revoked => {
                StatusCode::UNAUTHORIZED
            }
            Self::Outside { .. } => StatusCode::FORBIDDEN,
            Self::FlagUnknown { .. }
            | Self::FlagUnnamed
            | Self::PlanUnknown
            | Self::StageUnknown { .. }
            | Self::NotInLog
            | Self::Nowhere => StatusCode::NOT_FOUND,
            Self::Unreadable(_) | Self::Context(_) | Self::KeyMissing => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::OverBudget { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// OpenFeature's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FlagUnknown { .. } | Self::FlagUnnamed => "FLAG_NOT_FOUND",
            Self::Unreadable(_) => "PARSE_ERROR",
            Self::Context(_) => "INVALID_CONTEXT",
            Self::KeyMissing => "TARGETING_KEY_MISSING",
            _ => "GENERAL",
        }
    }

    /// As what it is counted and logged; none of what denies nobody anything.
    pub fn denied_for(&self) -> Option<&'static str> {
        match self {
            Self::TokenMissing | Self::TokenUnclear | Self::Token(_) | Self::NotGranted | Self::Revoked => {
                Some("token")
            }
            Self::Outside { .. } => Some("tenant"),
            Self::TooMany { .. } => Some("rate"),
            _ => None,
        }
    }

    /// The answer; about one flag it has its key.
    pub fn response(&self, key: Option<&str>) -> Response {
        let about = key.map(|key| format!("\"key\":{},", quoted(key))).unwrap_or_default();
        let body =
            format!("{{{about}\"errorCode\":\"{}\",\"errorDetails\":{}}}", self.code(), quoted(&self.to_string()));
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::TooMany { after_s } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(*after_s));
            }
            Self::Method { allowed } => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            _ if self.status() == StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}
