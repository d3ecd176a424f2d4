//! The edges: methods, sizes, origins, health, and paths that are none.

use crate::Endpoints;
use crate::testing::{World, name, request, server_token};
use axum::body::Body;
use axum::http::Method;
use axum::serve::Listener;
use futures::stream;
use host::config::WebSection;
use serde_json::json;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::sleep;

const FLAGS: &str = "/ofrep/v1/evaluate/flags";

#[tokio::test]
async fn another_method_is_refused_with_the_one_that_there_is() {
    let world = World::new();
    for (uri, allowed) in [
        (FLAGS, "POST"),
        ("/ofrep/v1/evaluate/flags/limit", "POST"),
        ("/ofrep/v1/stream?channel=a", "GET, HEAD"),
        ("/policy/pos/PROD", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
    ] {
        let wrong = if allowed == "POST" { [Method::GET, Method::PUT] } else { [Method::POST, Method::DELETE] };
        for method in wrong {
            let answer = world.ask(method, uri, &[], "").await;
            assert_eq!((answer.status, answer.header("allow")), (405, allowed), "{uri}");
            let said = answer.json();
            assert!(said["errorCode"] == "GENERAL" && said["errorDetails"].is_string(), "{said}");
            assert_eq!(said["key"].as_str(), uri.ends_with("/limit").then_some("limit"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_path_that_is_none_is_not_found_and_says_where_flags_are() {
    let world = World::new();
    for uri in ["/", "/ofrep/v1/configuration", "/ofrep/v1/evaluate", "/policy/pos", "/../etc"] {
        let answer = world.ask(Method::POST, uri, &[], "{}").await;
        assert_eq!((answer.status, &answer.json()["errorCode"]), (404, &json!("GENERAL")), "{uri}");
    }
}

#[tokio::test]
async fn a_flag_without_a_key_is_one_that_is_not_there() {
    let world = World::new();
    let answer = world.ask(Method::POST, "/ofrep/v1/evaluate/flags/", &[], "{}").await;
    let said = answer.json();
    assert_eq!((answer.status, &said["errorCode"], &said["key"]), (404, &json!("FLAG_NOT_FOUND"), &json!("")));
}

#[tokio::test]
async fn a_body_has_64_kib_at_most() {
    let world = World::new();
    let bearer = format!("Bearer {}", server_token(0));
    let headers = [("authorization", bearer.as_str())];
    let filled = |bytes: usize| {
        let around = "{\"context\":{\"a\":\"\"}}".len();
        format!("{{\"context\":{{\"a\":\"{}\"}}}}", "x".repeat(bytes - around))
    };
    for uri in [FLAGS, "/ofrep/v1/evaluate/flags/limit"] {
        assert_eq!(world.ask(Method::POST, uri, &headers, &filled(65_536)).await.status, 200);
        let refused = world.ask(Method::POST, uri, &headers, &filled(65_537)).await;
        assert_eq!((refused.status, &refused.json()["errorCode"]), (413, &json!("GENERAL")));
        let said = [("authorization", bearer.as_str()), ("content-length", "99999999")];
        assert_eq!(world.ask(Method::POST, uri, &said, "{}").await.status, 413, "before a byte of it is read");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_may_come_some_seconds_behind_its_head_and_one_that_does_not_is_a_bad_request() {
    let world = World::new();
    let bearer = format!("Bearer {}", server_token(0));
    let ask = |body: Body| {
        let headers = [("authorization", bearer.as_str())];
        let mut asked = request(Method::POST, "/ofrep/v1/evaluate/flags/limit", &headers, "", 1);
        *asked.body_mut() = body;
        world.send(asked)
    };
    let late = stream::once(async {
        sleep(Duration::from_secs(9)).await;
        Ok::<&str, Infallible>("{}")
    });
    assert_eq!(ask(Body::from_stream(late)).await.status, 200);
    let never = ask(Body::from_stream(stream::pending::<Result<&str, Infallible>>())).await;
    assert_eq!((never.status, &never.json()["errorCode"]), (400, &json!("PARSE_ERROR")));
}

#[tokio::test]
async fn pages_of_configured_origins_may_ask_and_read_tags_and_others_may_not() {
    let shop = "https://shop.example";
    let settings = WebSection { plans: vec![name("pos")], cors_origins: vec![shop.into()], ..WebSection::default() };
    let world = World::with(settings);
    let preflight = async |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type,if-none-match,x-api-key"),
        ];
        world.ask(Method::OPTIONS, FLAGS, &headers, "").await
    };
    let allowed = preflight(shop).await;
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (200, shop));
    assert_eq!(allowed.header("access-control-allow-methods"), "GET,HEAD,POST");
    assert_eq!((allowed.header("access-control-max-age"), allowed.body.as_str()), ("600", ""));
    for header in ["authorization", "content-type", "if-none-match", "x-api-key"] {
        assert!(allowed.header("access-control-allow-headers").contains(header), "{allowed:?}");
    }
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), "");
    assert_eq!(allowed.header("access-control-allow-credentials"), "", "a page sends its token, and no cookie");
    let refused = world.all("none", "{}", &[("origin", shop)]).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, shop), "a page reads why not");
    let answer = world.all(&server_token(0), "{}", &[("origin", shop)]).await;
    let exposed = answer.header("access-control-expose-headers");
    assert!(exposed.contains("etag") && exposed.contains("retry-after"), "{answer:?}");
    let none = World::new().all(&server_token(0), "{}", &[("origin", shop)]).await;
    assert_eq!(none.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_node_says_whether_it_is_worth_asking() {
    let world = World::new();
    let well = world.ask(Method::GET, "/healthz", &[], "").await;
    assert_eq!((well.status, &well.json()["ok"], &well.json()["height"]), (200, &json!(true), &json!(1)));
    world.chain.complain(Some("the newest block is 99 s old"));
    let ill = world.ask(Method::GET, "/healthz", &[], "").await;
    assert_eq!((ill.status, &ill.json()["ok"]), (503, &json!(false)));
    assert!(ill.body.contains("99 s old"), "{ill:?}");
}

#[tokio::test(start_paused = true)]
async fn what_takes_no_token_comes_out_of_the_rate_of_its_address() {
    let settings = WebSection { plans: vec![name("pos")], requests_per_second: 1, ..WebSection::default() };
    let world = World::with(settings);
    let ask = async |uri: &str, from: u8| world.send(request(Method::GET, uri, &[], "", from)).await;
    assert_eq!([ask("/healthz", 1).await.status, ask("/healthz", 1).await.status], [200, 429]);
    assert_eq!(ask("/healthz", 2).await.status, 200, "another address");
    let stream = ask(&format!("/ofrep/v1/stream?channel=pos.{}", "0".repeat(32)), 1).await;
    assert_eq!((stream.status, stream.body.as_str()), (200, "retry: 60000\n\n"), "a page comes again");
}

/// Connections, and from where each comes.
struct Visitors(VecDeque<(DuplexStream, SocketAddr)>);

impl Listener for Visitors {
    type Io = DuplexStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
        match self.0.pop_front() {
            Some(visitor) => visitor,
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok((Ipv4Addr::LOCALHOST, 0).into())
    }
}

#[tokio::test(start_paused = true)]
async fn e07_whoever_connects_asks_from_where_the_connection_comes() {
    let world = World::with(WebSection { requests_per_second: 1, ..WebSection::default() });
    let connected = |from: u8| {
        let (near, far) = duplex(4_096);
        (near, (far, SocketAddr::from(([203, 0, 113, from], 4_711))))
    };
    let (mut connections, visitors): (Vec<DuplexStream>, VecDeque<_>) = [1, 1, 2].map(connected).into_iter().unzip();
    tokio::spawn(axum::serve(Visitors(visitors), Endpoints::of(world.plane.clone())).into_future());
    let mut statuses = Vec::new();
    for connection in &mut connections {
        connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        statuses.push(answer.lines().next().unwrap().to_owned());
    }
    assert_eq!(statuses, ["HTTP/1.1 200 OK", "HTTP/1.1 429 Too Many Requests", "HTTP/1.1 200 OK"]);
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_a_bad_request() {
    let world = World::new();
    let bearer = format!("Bearer {}", server_token(0));
    let headers = [("authorization", bearer.as_str())];
    for query in ["plan=a%20b", "plan=pos&plan=pos", "flagConfigLastModified=yesterday"] {
        let answer = world.ask(Method::POST, &format!("{FLAGS}?{query}"), &headers, "{}").await;
        assert_eq!((answer.status, &answer.json()["errorCode"]), (400, &json!("PARSE_ERROR")), "{query}");
    }
}
