//! All flags at once.

use crate::testing::{World, client_token, name, server_token, switch};
use axum::http::Method;
use flags::{Flag, Targeting};
use host::config::WebSection;
use serde_json::json;
use std::time::Duration;

const FLAGS: &str = "/ofrep/v1/evaluate/flags";

#[tokio::test]
async fn all_flags_that_the_audience_sees_are_answered_in_order_with_where_changes_are_told() {
    let world = World::new();
    let answer = world.all(&client_token(0), "{}", &[]).await;
    let said = answer.json();
    let keys: Vec<&str> = said["flags"].as_array().unwrap().iter().map(|flag| flag["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["advanced_discounts", "banner", "limit", "menu", "ratio", "risk_mode", "rollout"]);
    assert_eq!((&said["metadata"]["plan"], &said["metadata"]["scope"]), (&json!("pos"), &json!("PROD/red-stores")));
    let stream = &said["eventStreams"][0];
    assert_eq!((&stream["type"], &stream["inactivityDelaySec"]), (&json!("sse"), &json!(120)));
    let place = stream["endpoint"]["requestUri"].as_str().unwrap();
    assert!(
        place.starts_with("/ofrep/v1/stream?channel=pos.") && stream["endpoint"].get("origin").is_none(),
        "{stream}"
    );
    let keys = world.all(&server_token(0), "{}", &[]).await.json()["flags"].as_array().unwrap().len();
    assert_eq!(keys, 8, "a server sees all of them");
}

#[tokio::test]
async fn the_origin_is_named_where_it_is_set() {
    let origin = "https://flags.example".to_owned();
    let world = World::with(WebSection { plans: vec![name("pos")], origin: origin.clone(), ..WebSection::default() });
    let said = world.all(&client_token(0), "{}", &[]).await.json();
    assert_eq!(said["eventStreams"][0]["endpoint"]["origin"], json!(origin));
}

#[tokio::test]
async fn whoever_has_it_already_is_told_so_until_something_changes_for_it() {
    let world = World::new();
    let token = client_token(0);
    let first = world.all(&token, "{}", &[]).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("\"b3-"), "{tag}");
    let listed = format!("\"other\", W/{tag}");
    for known in [tag.as_str(), &format!("W/{tag}"), &listed, "*"] {
        let answer = world.all(&token, "{}", &[("if-none-match", known)]).await;
        assert_eq!((answer.status, answer.body.as_str(), answer.header("etag")), (304, "", tag.as_str()), "{known}");
    }
    // Blocks come, and another tenant's value changes: nothing here does.
    world.chain.block(|_, _| {});
    world.chain.set("limit", "PROD/blue-market", Targeting::constant(1));
    world.plane.refresh();
    assert_eq!(world.all(&token, "{}", &[("if-none-match", tag.as_str())]).await.status, 304);
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    world.plane.refresh();
    let changed = world.all(&token, "{}", &[("if-none-match", tag.as_str())]).await;
    assert!(changed.status == 200 && changed.header("etag") != tag);
    assert!(changed.body.contains("\"value\":1000,"), "{}", changed.body);
}

#[tokio::test]
async fn a_bulk_that_cannot_be_read_is_refused_without_a_key() {
    let world = World::new();
    let bearer = format!("Bearer {}", server_token(0));
    for (body, code) in [("", "PARSE_ERROR"), ("7", "PARSE_ERROR"), ("{\"context\":7}", "INVALID_CONTEXT")] {
        let answer = world.ask(Method::POST, FLAGS, &[("authorization", bearer.as_str())], body).await;
        let said = answer.json();
        assert_eq!((answer.status, &said["errorCode"]), (400, &json!(code)), "{body}");
        assert!(said.get("key").is_none() && said["errorDetails"].is_string());
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_lags_waits_for_the_configuration_that_its_asker_was_told_of() {
    let (ahead, behind) = (World::new(), World::new());
    let token = client_token(0);
    ahead.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    ahead.plane.refresh();
    let plan = ahead.plane.plans.get(&name("pos")).unwrap();
    let tag = plan.tag(&"PROD/red-stores".parse().unwrap(), flags::FlagReader::Client);
    let uri = format!("{FLAGS}?flagConfigEtag={tag}&flagConfigLastModified=1771622898");
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    // Verified before, so that the next request waits for nothing but the configuration.
    assert_eq!(behind.one(&token, "limit", "{}").await.json()["value"], 10);
    let asked = behind.ask(Method::POST, &uri, &headers, "{}");
    let catches_up = async {
        tokio::task::yield_now().await;
        behind.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
        behind.plane.refresh();
    };
    let (answer, ()) = tokio::join!(asked, catches_up);
    assert!(answer.body.contains("\"value\":1000,"), "{}", answer.body);

    // One that never comes is waited for two seconds, and what is no tag not at all.
    let begun = tokio::time::Instant::now();
    let never = format!("{FLAGS}?flagConfigEtag=cfg-{}", "0".repeat(32));
    assert_eq!(behind.ask(Method::POST, &never, &headers, "{}").await.status, 200);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    let begun = tokio::time::Instant::now();
    assert_eq!(behind.ask(Method::POST, &format!("{FLAGS}?flagConfigEtag=mine"), &headers, "{}").await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_told_of_a_change_is_answered_once_outside_of_its_rate() {
    let settings = WebSection { plans: vec![name("pos")], requests_per_second: 1, ..WebSection::default() };
    let world = World::with(settings);
    let token = client_token(0);
    assert_eq!(world.all(&token, "{}", &[]).await.status, 200);
    let refused = world.all(&token, "{}", &[]).await;
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(refused.status == 429 && wait >= 1, "{refused:?}");
    assert_eq!(refused.json()["errorCode"], "GENERAL");
    let plan = world.plane.plans.get(&name("pos")).unwrap();
    let tag = plan.tag(&"PROD/red-stores".parse().unwrap(), flags::FlagReader::Client);
    let uri = format!("{FLAGS}?flagConfigEtag=%22{tag}%22");
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let refetch = || world.ask(Method::POST, &uri, &headers, "{}");
    assert_eq!(refetch().await.status, 200);
    assert_eq!(refetch().await.status, 429, "once");
    let old = format!("{FLAGS}?flagConfigEtag=cfg-{}", "0".repeat(32));
    assert_eq!(world.ask(Method::POST, &old, &headers, "{}").await.status, 429);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_told_of_a_change_is_not_kept_from_it_because_a_block_has_its_token_judged_again() {
    let settings = WebSection { plans: vec![name("pos")], requests_per_second: 1, ..WebSection::default() };
    let world = World::with(settings);
    let token = client_token(0);
    assert_eq!(world.all(&token, "{}", &[]).await.status, 200);
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    world.plane.refresh();
    let plan = world.plane.plans.get(&name("pos")).unwrap();
    let tag = plan.tag(&"PROD/red-stores".parse().unwrap(), flags::FlagReader::Client);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let answer = world.ask(Method::POST, &format!("{FLAGS}?flagConfigEtag={tag}"), &headers, "{}").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("\"value\":1000,"), "{}", answer.body);
}

#[tokio::test]
async fn req_108_all_that_a_client_sees_comes_with_one_answer_and_what_it_has_is_not_sent_again() {
    let world = World::new();
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    world.plane.refresh();
    let token = client_token(0);
    let all = world.all(&token, "{}", &[]).await;
    let flags = all.json()["flags"].as_array().unwrap().clone();
    assert!(flags.iter().any(|flag| flag["key"] == "limit" && flag["value"] == 1_000), "{flags:?}");
    for flag in &flags {
        let one = world.one(&token, flag["key"].as_str().unwrap(), "{}").await.json();
        assert_eq!(one, *flag, "one by one it is the same");
    }
    let again = world.all(&token, "{}", &[("if-none-match", all.header("etag"))]).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[tokio::test]
async fn req_108_a_thousand_flags_are_one_answer_of_at_most_256_bytes_for_each() {
    let world = World::new();
    let more: Vec<Flag> = (0..992).map(|number| switch(&format!("flag_{number:04}"))).collect();
    world.chain.block(|state, at| flags::apply::define_flags_of_plan(state, at, &name("pos"), &more));
    world.plane.refresh();
    let all = world.all(&server_token(0), "{}", &[]).await;
    assert_eq!(all.json()["flags"].as_array().unwrap().len(), 1_000);
    assert!(all.body.len() <= 256 * 1_000, "{} bytes", all.body.len());
}

#[tokio::test]
async fn a_public_plan_is_answered_to_anybody_and_another_is_not() {
    let settings = WebSection { public_plans: vec![name("pos")], ..WebSection::default() };
    let world = World::with(settings);
    world.chain.set("limit", "DEV", Targeting::constant(1));
    world.plane.refresh();
    let uri = "/ofrep/v1/evaluate/flags/limit";
    assert_eq!(world.ask(Method::POST, uri, &[], "{}").await.json()["value"], 10);
    let at_stage = world.ask(Method::POST, uri, &[], r#"{"context":{"stage":"DEV"}}"#).await;
    assert_eq!(at_stage.json()["value"], 1_000);
    assert_eq!(world.ask(Method::POST, &format!("{uri}?plan=pos"), &[], "{}").await.status, 200);
    let other = world.ask(Method::POST, &format!("{uri}?plan=chain"), &[], "{}").await;
    assert_eq!((other.status, other.header("www-authenticate")), (401, "Bearer"));
    assert!(other.json()["errorDetails"].as_str().unwrap().starts_with("E_TOKEN: "), "{other:?}");
}

#[tokio::test(start_paused = true)]
async fn e04_whoever_only_says_that_it_was_told_of_a_change_has_no_bodies_read_without_end() {
    let settings = WebSection { plans: vec![name("pos")], requests_per_second: 1, ..WebSection::default() };
    let world = World::with(settings);
    let token = client_token(0);
    assert_eq!(world.all(&token, "{}", &[]).await.status, 200);
    let told = format!("{FLAGS}?flagConfigEtag=cfg-{}", "0".repeat(32));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(world.ask(Method::POST, &told, &headers, "no JSON").await.status);
    }
    assert_eq!(answers.iter().filter(|status| **status == 400).count(), 10, "{answers:?}");
    assert!(answers[10..].iter().all(|status| *status == 429), "{answers:?}");
}
