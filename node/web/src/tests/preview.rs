//! Previews of what a stage serves.

use crate::testing::{Answer, BEGINS_MS, World, client_token, for_whom, name, server_token, switch};
use axum::http::Method;
use flags::{Expiry, Flag, Targeting};
use host::config::WebSection;
use primitives::Timestamp;
use serde_json::json;

const PROD: &str = "/policy/pos/PROD";

async fn preview(world: &World, token: &str, headers: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers: Vec<(&str, &str)> =
        [("authorization", bearer.as_str())].into_iter().chain(headers.iter().copied()).collect();
    world.ask(Method::GET, PROD, &headers, "").await
}

#[tokio::test]
async fn a_preview_says_what_holds_from_when_and_is_kept_by_its_tag() {
    let world = World::new();
    let token = server_token(0);
    let first = preview(&world, &token, &[]).await;
    let said = first.json();
    assert_eq!((first.status, &said["policyVersion"], &said["effectiveTo"]), (200, &json!("P1.0"), &json!(null)));
    assert_eq!((&said["values"]["limit"], &said["values"]["ratio"]), (&json!(10), &json!(1.0)));
    assert_eq!(first.header("cache-control"), "private, max-age=300, stale-while-revalidate=120");
    let varies = "Accept-Language, Authorization, X-API-Key";
    assert_eq!((first.header("vary"), first.header("content-language")), (varies, "en-US"));
    let tag = first.header("etag").to_owned();
    world.chain.block(|_, _| {});
    let known = preview(&world, &token, &[("if-none-match", tag.as_str())]).await;
    assert_eq!((known.status, known.body.as_str(), known.header("etag")), (304, "", tag.as_str()));
    world.chain.set("limit", "PROD", Targeting::constant(1));
    world.plane.refresh();
    let changed = preview(&world, &token, &[("if-none-match", tag.as_str())]).await;
    let said = changed.json();
    assert_eq!(
        (changed.status, &said["policyVersion"], &said["values"]["limit"]),
        (200, &json!("P1.3"), &json!(1_000))
    );
    assert_eq!(said["effectiveFrom"], "2026-02-20T21:28:21Z");
}

#[tokio::test]
async fn a_client_sees_its_flags_alone_and_rules_without_what_they_compare_with() {
    let world = World::new();
    world.chain.set("limit", "PROD", for_whom("group", "secret-group", 1));
    world.plane.refresh();
    let answer = preview(&world, &client_token(0), &[]).await;
    let said = answer.json();
    assert_eq!(said["rules"], json!([{ "flag": "limit", "cases": 1, "attributes": ["group"] }]));
    assert!(!answer.body.contains("secret-group") && !answer.body.contains("server_secret"), "{}", answer.body);
    assert!(preview(&world, &server_token(0), &[]).await.body.contains("server_secret"));
}

#[tokio::test]
async fn codes_are_explained_in_the_language_that_is_accepted_and_each_has_a_tag_of_its_own() {
    let world = World::new();
    let token = server_token(0);
    let english = preview(&world, &token, &[]).await;
    let burmese = preview(&world, &token, &[("accept-language", "my, en;q=0.5")]).await;
    assert_eq!(burmese.header("content-language"), "my-MM");
    let codes = |answer: &Answer| -> Vec<String> {
        let said = answer.json();
        said["reasonCodes"].as_array().unwrap().iter().map(|code| code["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&english), codes(&burmese));
    let other = preview(&world, &token, &[("accept-language", "fr;q=x, ;;, -")]).await;
    assert_eq!((other.header("content-language"), &other.body), ("en-US", &english.body));
}

#[tokio::test]
async fn a_plan_or_stage_that_is_not_to_be_had_is_not_found_and_another_stage_than_the_tokens_is_refused() {
    let world = World::new();
    let bearer = format!("Bearer {}", server_token(0));
    let headers = [("authorization", bearer.as_str())];
    for (uri, status) in [
        ("/policy/pos/NOPE", 404),
        ("/policy/pos/a%20b", 404),
        ("/policy/a%20b/PROD", 404),
        ("/policy/chain/PROD", 403),
        ("/policy/pos/DEV", 403),
        ("/policy/pos/PROD", 200),
    ] {
        assert_eq!(world.ask(Method::GET, uri, &headers, "").await.status, status, "{uri}");
    }
    assert_eq!(world.ask(Method::GET, PROD, &[], "").await.status, 401);
    let head = world.ask(Method::HEAD, PROD, &headers, "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let open = World::with(WebSection { public_plans: vec![name("pos")], ..WebSection::default() });
    assert_eq!(open.ask(Method::GET, PROD, &[], "").await.status, 200, "a public plan is for anybody");
}

#[tokio::test]
async fn req_140_a_preview_that_is_not_made_in_time_is_refused_whole_and_one_that_is_comes_whole() {
    let settings = WebSection { plans: vec![name("pos")], report_budget_ms: 5_000, ..WebSection::default() };
    let world = World::with(settings);
    let token = server_token(0);
    // Known before, so that nothing but the preview waits.
    assert_eq!(world.one(&token, "limit", "{}").await.status, 200);
    world.chain.stall(true);
    let late = preview(&world, &token, &[]).await;
    world.chain.stall(false);
    let said = late.json();
    assert_eq!((late.status, &said["errorCode"]), (503, &json!("GENERAL")));
    assert!(said["errorDetails"].as_str().unwrap().starts_with("E_BUDGET: "), "{said}");
    assert!(said.get("values").is_none() && late.header("etag").is_empty(), "no part of it: {late:?}");
    let whole = preview(&world, &token, &[]).await;
    assert_eq!((whole.status, whole.json()["values"].as_object().unwrap().len()), (200, 8));
}

#[tokio::test]
async fn req_135_a_preview_has_its_version_and_both_of_its_times() {
    let world = World::new();
    world.chain.set("limit", "PROD", Targeting::constant(1));
    let until = Expiry::At(Timestamp(BEGINS_MS + 24 * 3_600 * 1_000));
    let sale = Flag { expires: until, ..switch("sale") };
    world.chain.block(|state, at| flags::apply::define_flags_of_plan(state, at, &name("pos"), &[sale]));
    world.plane.refresh();
    let said = preview(&world, &server_token(0), &[]).await.json();
    assert_eq!((&said["policyVersion"], &said["effectiveFrom"]), (&json!("P1.2"), &json!("2026-02-20T21:28:20Z")));
    assert_eq!(said["effectiveTo"], "2026-02-21T21:28:18Z", "the next day on which a flag is to be gone");
}

#[tokio::test]
async fn req_136_a_preview_is_read_alone_kept_for_so_long_and_known_again_by_its_tag() {
    let world = World::new();
    let token = server_token(0);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(world.ask(method, PROD, &headers, "{}").await.status, 405);
    }
    let first = preview(&world, &token, &[]).await;
    assert!(first.header("cache-control").contains("max-age=300"), "{first:?}");
    let again = preview(&world, &token, &[("if-none-match", first.header("etag"))]).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}
