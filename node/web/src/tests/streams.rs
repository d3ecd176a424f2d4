//! Streams: who is told that something changed, and how often.

use crate::channels;
use crate::testing::{World, claims, client_token, key, name, path, request};
use axum::body::{Body, BodyDataStream};
use axum::http::Method;
use flags::{FlagReader, Targeting};
use futures::StreamExt as _;
use host::config::WebSection;
use host::token::{FlagToken, TokenAudience};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The place of the stream that an answer names.
async fn place(world: &World, token: &str) -> String {
    let said = world.all(token, "{}", &[]).await.json();
    said["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap().to_owned()
}

async fn open(world: &World, uri: &str, headers: &[(&str, &str)], from: u8) -> BodyDataStream {
    let response = world.respond(request(Method::GET, uri, headers, "", from)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Body::into_data_stream(response.into_body())
}

/// The next part of a stream; none when it ends.
async fn next(stream: &mut BodyDataStream) -> Option<String> {
    Some(String::from_utf8(stream.next().await?.unwrap().to_vec()).unwrap())
}

/// The next event, past comments.
async fn event(stream: &mut BodyDataStream) -> String {
    loop {
        let part = next(stream).await.expect("the stream ended");
        if part != ":\n\n" {
            return part;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_announced_twice_to_whom_it_concerns_and_comments_keep_the_line_open() {
    let world = World::new();
    let uri = place(&world, &client_token(0)).await;
    let mut stream = open(&world, &uri, &[], 1).await;
    let first = next(&mut stream).await.unwrap();
    let retry: u64 = first.trim().strip_prefix("retry: ").unwrap().parse().unwrap();
    assert!((3_000..=6_000).contains(&retry), "{first}");
    assert_eq!(next(&mut stream).await.unwrap(), ":\n\n");

    let begun = Instant::now();
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    world.plane.refresh();
    let told = event(&mut stream).await;
    assert!(begun.elapsed() <= Duration::from_millis(260), "{:?}", begun.elapsed());
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("id: 2-") && lines[1] == "event: message", "{told}");
    let data: serde_json::Value = serde_json::from_str(lines[2].strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(data["type"], "refetchEvaluation");
    assert_eq!(data["lastModified"], 1_771_622_900u64);
    let plan = world.plane.plans.get(&name("pos")).unwrap();
    let tag = plan.tag(&"PROD/red-stores".parse().unwrap(), flags::FlagReader::Client);
    assert_eq!(data["etag"].as_str(), Some(&*tag));

    let again = event(&mut stream).await;
    let after = begun.elapsed();
    assert!((Duration::from_secs(20)..=Duration::from_secs(41)).contains(&after), "{after:?}");
    let id = lines[0].strip_prefix("id: ").unwrap();
    assert_eq!(again, told.replacen(id, &format!("{id}-2"), 1), "another id, and the same otherwise");
}

#[tokio::test(start_paused = true)]
async fn what_concerns_others_alone_wakes_nobody() {
    let world = World::new();
    let uri = place(&world, &client_token(0)).await;
    let mut stream = open(&world, &uri, &[], 1).await;
    next(&mut stream).await.unwrap();
    world.chain.set("limit", "PROD/blue-market", Targeting::constant(1));
    world.chain.set("server_secret", "PROD/red-stores", Targeting::constant(1));
    world.chain.block(|_, _| {});
    world.plane.refresh();
    assert!(timeout(Duration::from_secs(100), event(&mut stream)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_is_told_what_it_missed() {
    let world = World::new();
    let uri = place(&world, &client_token(0)).await;
    let mut stream = open(&world, &uri, &[], 1).await;
    next(&mut stream).await.unwrap();
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    world.plane.refresh();
    let told = event(&mut stream).await;
    let id = told.lines().next().unwrap().strip_prefix("id: ").unwrap().to_owned();
    drop(stream);
    let mut same = open(&world, &uri, &[("last-event-id", id.as_str())], 1).await;
    assert!(!next(&mut same).await.unwrap().contains("data: "), "nothing was missed");
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(0));
    world.plane.refresh();
    for last in [id.as_str(), "nonsense", "1-2-3-4"] {
        let mut missed = open(&world, &uri, &[("last-event-id", last)], 1).await;
        let first = next(&mut missed).await.unwrap();
        assert!(first.starts_with("retry: ") && first.contains("refetchEvaluation"), "{last}: {first}");
    }
    // Whoever opens one for the first time may have asked before the change.
    let mut new = open(&world, &uri, &[], 1).await;
    next(&mut new).await.unwrap();
    assert!(event(&mut new).await.contains("refetchEvaluation"));
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_another_node_named_tells_of_each_change_of_the_plan_without_a_tag() {
    let (named, other) = (World::new(), World::new());
    let uri = place(&named, &client_token(0)).await;
    let mut stream = open(&other, &uri, &[], 1).await;
    next(&mut stream).await.unwrap();
    other.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    other.plane.refresh();
    let told = event(&mut stream).await;
    assert!(told.contains("refetchEvaluation") && !told.contains("etag"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn without_room_a_stream_ends_at_once_and_asks_to_come_again_in_a_minute() {
    let settings = WebSection { plans: vec![name("pos")], max_streams: 4, ..WebSection::default() };
    let world = World::with(settings);
    let uri = place(&world, &client_token(0)).await;
    let stranger = format!("/ofrep/v1/stream?channel=pos.{}", "0".repeat(32));
    let mut held = vec![open(&world, &stranger, &[], 1).await, open(&world, &stranger, &[], 2).await];
    let mut refused = open(&world, &stranger, &[], 3).await;
    assert_eq!(next(&mut refused).await.unwrap(), "retry: 60000\n\n");
    assert_eq!(next(&mut refused).await, None);
    held.push(open(&world, &uri, &[], 3).await);
    let mut refused = open(&world, &uri, &[], 3).await;
    assert_eq!(next(&mut refused).await.unwrap(), "retry: 60000\n\n", "an address has a quarter");
    held.push(open(&world, &uri, &[], 4).await);
    let mut refused = open(&world, &uri, &[], 5).await;
    assert_eq!(next(&mut refused).await.unwrap(), "retry: 60000\n\n");
    assert_eq!(next(&mut refused).await, None);
    held.clear();
    let mut taken = open(&world, &uri, &[], 3).await;
    assert_ne!(next(&mut taken).await.unwrap(), "retry: 60000\n\n");
}

#[tokio::test(start_paused = true)]
async fn e02_nobody_finds_the_channel_of_a_tenant_by_its_name_or_learns_whether_it_is_there() {
    let world = World::new();
    let tokens = [3_600, 7_200].map(|span| {
        let claims = claims(0, TokenAudience::Client);
        FlagToken { exp: claims.iat + span, ..claims }.signed(&key(0))
    });
    let told = [place(&world, &tokens[0]).await, place(&world, &tokens[1]).await];
    assert_ne!(told[0], told[1], "each token has a channel of its own");
    assert_eq!(place(&World::new(), &tokens[0]).await, told[0], "the same on every node");
    let guess = |scope: &str| {
        let channel = channels::of(&name("pos"), &path(scope), FlagReader::Client, None);
        format!("/ofrep/v1/stream?channel={channel}")
    };
    let guessed = [guess("PROD/red-stores"), guess("PROD/no-such-tenant")];
    assert!(!guessed.contains(&told[0]) && !guessed.contains(&told[1]));
    let mut heard = Vec::new();
    for uri in &guessed {
        let mut stream = open(&world, uri, &[], 1).await;
        next(&mut stream).await.unwrap();
        heard.push(stream);
    }
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    world.plane.refresh();
    let [mut there, mut nowhere] = <[BodyDataStream; 2]>::try_from(heard).ok().unwrap();
    let there = event(&mut there).await;
    assert_eq!(there, event(&mut nowhere).await);
    assert!(there.contains("refetchEvaluation") && !there.contains("etag"), "{there}");
}

#[tokio::test(start_paused = true)]
async fn streams_end_when_the_server_stops() {
    let world = World::new();
    let uri = place(&world, &client_token(0)).await;
    let mut stream = open(&world, &uri, &[], 1).await;
    next(&mut stream).await.unwrap();
    world.stop.send_replace(true);
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test]
async fn what_is_no_channel_is_refused() {
    let world = World::new();
    let digest = "0".repeat(32);
    for (query, status) in [
        (String::new(), 400),
        ("channel=".into(), 400),
        ("channel=pos.1f".into(), 400),
        (format!("channel=a%2Fb.{digest}"), 400),
        (format!("channel=pos.{}", "G".repeat(32)), 400),
        (format!("channel=other.{digest}"), 404),
    ] {
        let answer = world.ask(Method::GET, &format!("/ofrep/v1/stream?{query}"), &[], "").await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        assert!(answer.json()["errorDetails"].is_string());
    }
}
