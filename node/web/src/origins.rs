//! Which pages of other origins may ask, and read what they are answered: what browsers are told of that (CORS, in the Fetch standard).

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// In the place of an origin: any.
const ANY: &str = "*";
/// How a page may ask.
const METHODS: &str = "GET,HEAD,POST";
/// What it may send.
const SENT: &str = "authorization,content-type,if-none-match,x-api-key";
/// What it may read of an answer, beside what any page may.
const EXPOSED: &str = "etag,retry-after";
/// For how many seconds a browser remembers what it may ask.
const PREFLIGHT_FOR_S: u64 = 600;
/// What an answer hangs on, for whoever keeps it for others.
const VARIES: &str = "origin, access-control-request-method, access-control-request-headers";

/// Whose pages may ask.
#[derive(Debug)]
pub(crate) enum Origins {
    /// Those of any origin.
    Any,
    /// Those of these.
    Listed(Vec<HeaderValue>),
}

impl Origins {
    /// Those that are configured, [`ANY`] among them for all. What no origin can be is none.
    pub fn of(configured: &[String]) -> Self {
        if configured.iter().any(|origin| origin == ANY) {
            return Self::Any;
        }
        Self::Listed(configured.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// What a browser is answered that asks what a page may ask.
    pub fn preflight(&self) -> Response {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(SENT));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(PREFLIGHT_FOR_S));
        response
    }

    /// Says in an answer which pages may read it, to whoever sent these headers.
    pub fn admit(&self, sent: &HeaderMap, answer: &mut HeaderMap) {
        // Beside what it hangs on by itself.
        answer.append(VARY, HeaderValue::from_static(VARIES));
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        let admitted = match self {
            Self::Any => Some(HeaderValue::from_static(ANY)),
            Self::Listed(origins) => sent.get(ORIGIN).filter(|origin| origins.contains(origin)).cloned(),
        };
        if let Some(origin) = admitted {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The origin that may read what is answered to a page of another.
    fn admitted(configured: &[&str], origin: &str) -> Option<String> {
        let configured: Vec<String> = configured.iter().map(|&origin| origin.to_owned()).collect();
        let sent = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_str(origin).unwrap())]);
        let mut answer = HeaderMap::from_iter([(VARY, HeaderValue::from_static("Accept-Language"))]);
        Origins::of(&configured).admit(&sent, &mut answer);
        let varies: Vec<&HeaderValue> = answer.get_all(VARY).iter().collect();
        assert_eq!(varies, ["Accept-Language", VARIES]);
        answer.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|origin| origin.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_page_of_an_origin_that_is_listed_reads_its_answer_and_any_page_where_all_may() {
        let (shop, other) = ("https://shop.example", "https://other.example");
        assert_eq!(admitted(&[other, shop], shop).as_deref(), Some(shop));
        for none in [&[][..], &[other], &["https://shop.example:8443"], &["http://shop.example"], &["\n"]] {
            assert_eq!(admitted(none, shop), None, "{none:?}");
        }
        assert_eq!(admitted(&[other, ANY], shop).as_deref(), Some(ANY));
    }
}
