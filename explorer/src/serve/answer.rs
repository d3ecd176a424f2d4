//! What is sent: one answer in the form that was asked for.

use super::cache::{CachedAnswer, KEPT};
use super::problem::Problem;
use crate::store::column::json;
use axum::body::Body;
use axum::http::header::{
    ACCEPT, AGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use maud::Markup;
use serde::Serialize;

/// What pages may do: use what this server itself sends, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For programs.
    Json,
    /// For people.
    Page,
}

impl Form {
    /// The form that is asked for: browsers name HTML, and whoever does not gets JSON.
    pub fn asked(headers: &HeaderMap) -> Self {
        let accepts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let html = accepts.flat_map(|value| value.split(',')).any(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("text/html") || kind.eq_ignore_ascii_case("application/xhtml+xml")
        });
        if html { Form::Page } else { Form::Json }
    }
}

/// A body that answers, with what is said about it.
#[derive(Debug, Clone)]
pub struct HttpAnswer {
    /// The bytes.
    pub body: Bytes,
    /// The headers that are sent with each copy.
    headers: HeaderMap,
    etag: HeaderValue,
}

impl HttpAnswer {
    /// An answer of a content type.
    pub fn new(content_type: &'static str, body: Bytes) -> Self {
        let hash = blake3::hash(&body).to_hex();
        let tag = format!("\"{}\"", hash.get(..32).unwrap_or_default());
        let etag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(ETAG, etag.clone());
        let caching = HeaderValue::from_static("public, max-age=15");
        headers.insert(CACHE_CONTROL, caching);
        headers.insert(VARY, HeaderValue::from_static("accept"));
        secure(&mut headers);
        Self { body, headers, etag }
    }

    /// A JSON text.
    pub fn json_text(text: String) -> Self {
        Self::new("application/json", text.into())
    }

    /// A value as JSON.
    pub fn json<T: Serialize>(value: &T) -> Self {
        Self::json_text(json(value))
    }

    /// A page.
    pub fn page(page: Markup) -> Self {
        Self::new("text/html; charset=utf-8", page.into_string().into())
    }

    /// A file to be saved.
    pub fn download(content_type: &'static str, name: &str, body: Vec<u8>) -> Self {
        let mut answer = Self::new(content_type, body.into());
        let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
        answer.headers.extend(disposition.ok().map(|value| (CONTENT_DISPOSITION, value)));
        answer
    }

    /// The same, to be kept by browsers for ever: its URL changes with its bytes.
    pub fn for_ever(mut self) -> Self {
        self.headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        self
    }

    /// The response to a request with these headers; without a body when it has it already.
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let known = request.get(IF_NONE_MATCH).is_some_and(|tags| names(tags, &self.etag));
        let body = if known { Body::empty() } else { Body::from(self.body.clone()) };
        let mut response = Response::new(body);
        *response.headers_mut() = self.headers.clone();
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        response
    }
}

/// What a URL answers, on its way to the middleware: it travels beside a response without a body.
pub type HttpResult = Result<HttpAnswer, Problem>;

impl IntoResponse for HttpAnswer {
    fn into_response(self) -> Response {
        beside(Ok(self))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        beside(Err(self))
    }
}

fn beside(answered: HttpResult) -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(answered);
    response
}

impl CachedAnswer {
    /// The response from a kept answer: caches are told how old it is, so that none shows it for longer than it is good.
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let mut response = self.answer.respond(request);
        let age = self.made.elapsed().min(KEPT).as_secs();
        response.headers_mut().insert(AGE, HeaderValue::from(age));
        response
    }
}

/// Whether a list of tags, or `*`, names one.
fn names(tags: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(tags), Ok(tag)) = (tags.to_str(), tag.to_str()) else { return false };
    tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// The response to a request that failed.
pub fn failed(problem: &Problem, form: Form, page: impl FnOnce() -> Markup) -> Response {
    let (kind, body) = match form {
        Form::Json => ("application/problem+json", json(problem)),
        Form::Page => ("text/html; charset=utf-8", page().into_string()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = problem.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    secure(headers);
    response
}

fn secure(headers: &mut HeaderMap) {
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn browsers_get_pages_and_programs_get_json() {
        let asked = |accept| Form::asked(&headers(ACCEPT, accept));
        assert_eq!(asked("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Form::Page);
        assert_eq!(["*/*", "application/json", "text/htmlx", ""].map(asked), [Form::Json; 4]);
        assert_eq!(Form::asked(&HeaderMap::new()), Form::Json);
    }

    #[test]
    fn who_has_the_answer_gets_no_second_copy() {
        let answer = HttpAnswer::json_text("{}".into());
        let tag = answer.etag.to_str().unwrap().to_owned();
        let ask = |tags: &str| {
            let value = HeaderValue::from_str(tags).unwrap();
            answer.respond(&HeaderMap::from_iter([(IF_NONE_MATCH, value)])).status()
        };
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
            assert_eq!(ask(&known), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(ask("\"x\""), StatusCode::OK);
        assert_eq!(answer.respond(&HeaderMap::new()).status(), StatusCode::OK);
    }
}
