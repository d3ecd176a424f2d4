//! Who is let in with which token, and until when.

use crate::testing::{
    BEGINS_MS, PLAN_OWNER, TENANTS, World, claims, client_token, dismiss, key, name, path, revoke, server_token,
};
use axum::http::Method;
use flags::Targeting;
use host::config::WebSection;
use host::token::{FlagToken, TokenAudience};
use primitives::Digest;

const ONE: &str = "/ofrep/v1/evaluate/flags/limit";

async fn status(world: &World, token: &str) -> u16 {
    world.one(token, "limit", "{}").await.status
}

#[tokio::test]
async fn a_token_is_a_bearer_or_an_api_key_and_one_of_them() {
    let world = World::new();
    let (token, other) = (server_token(0), client_token(0));
    let bearer = format!("bearer {token}");
    let wrong = format!("Basic {token}");
    let asked = [
        (vec![("authorization", bearer.as_str())], 200),
        (vec![("x-api-key", token.as_str())], 200),
        (vec![("authorization", bearer.as_str()), ("x-api-key", token.as_str())], 200),
        (vec![("authorization", bearer.as_str()), ("x-api-key", other.as_str())], 401),
        (vec![("authorization", bearer.as_str()), ("authorization", bearer.as_str())], 401),
        (vec![("authorization", wrong.as_str())], 401),
        (vec![("authorization", token.as_str())], 401),
        (vec![("authorization", "Bearer ")], 401),
        (vec![("x-api-key", "")], 401),
        (vec![], 404),
    ];
    for (headers, status) in asked {
        let answer = world.ask(Method::POST, ONE, &headers, "{}").await;
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.body);
        assert_eq!(
            (answer.json()["key"].as_str(), answer.header("www-authenticate").is_empty()),
            (Some("limit"), status != 401)
        );
    }
}

#[tokio::test]
async fn a_token_counts_that_a_member_of_a_role_with_the_grant_signed_for_its_scope() {
    let world = World::new();
    let claims = claims(0, TokenAudience::Server);
    assert_eq!(status(&world, &claims.signed(&key(0))).await, 200);
    let refused = [
        FlagToken { scope: path(&format!("PROD/{}", TENANTS[1])), ..claims.clone() },
        FlagToken { scope: path("PROD"), ..claims.clone() },
        FlagToken { scope: path(""), ..claims.clone() },
        FlagToken { acting: name("OWNER"), ..claims.clone() },
        FlagToken { acting: name("NOBODY"), ..claims.clone() },
        FlagToken { sub: name("chain"), ..claims.clone() },
        FlagToken { net: Digest([1; 32]), ..claims.clone() },
        FlagToken { iss: key(1).account(), ..claims.clone() },
    ];
    for claims in refused {
        let answer = world.one(&claims.signed(&key(0)), "limit", "{}").await;
        assert_eq!(answer.status, 401, "{claims:?}: {}", answer.body);
        assert!(answer.json()["errorDetails"].as_str().unwrap().starts_with("E_TOKEN: "), "{}", answer.body);
    }
    for bad in ["x", "a.b.c", "..", &"a".repeat(5_000)] {
        assert_eq!(status(&world, bad).await, 401, "{bad}");
    }
}

#[tokio::test]
async fn a_token_ends_by_the_later_of_block_time_and_clock() {
    let world = World::new();
    let token = server_token(0);
    assert_eq!(status(&world, &token).await, 200);
    world.chain.set_clock(BEGINS_MS / 1_000 + 3_599);
    assert_eq!(status(&world, &token).await, 200);
    world.chain.set_clock(BEGINS_MS / 1_000 + 3_600);
    assert_eq!(status(&world, &token).await, 401, "also one that was remembered");
    world.chain.set_clock(0);
    assert_eq!(status(&world, &token).await, 200, "block time goes before a clock that is behind");
    for _ in 0..3_600 {
        world.chain.block(|_, _| {});
    }
    assert_eq!(status(&world, &token).await, 401, "and it alone ends it");
}

#[tokio::test]
async fn a_dismissal_and_a_revocation_end_tokens_at_the_next_block() {
    let world = World::new();
    let (red, blue) = (server_token(0), client_token(1));
    assert_eq!((status(&world, &red).await, status(&world, &blue).await), (200, 200));
    dismiss(&world.chain, 0);
    assert_eq!((status(&world, &red).await, status(&world, &blue).await), (401, 200));
    revoke(&world.chain, 1);
    let refused = world.one(&blue, "limit", "{}").await;
    assert!(refused.status == 401 && refused.body.contains("is revoked"), "{refused:?}");
    let later = FlagToken { iat: BEGINS_MS / 1_000 + 3, ..claims(1, TokenAudience::Client) };
    assert_eq!(status(&world, &later.signed(&key(1))).await, 200, "what was issued afterwards counts");
}

#[tokio::test]
async fn the_owner_of_the_plan_asks_everywhere_below_its_scope() {
    let world = World::new();
    let token = claims(PLAN_OWNER, TokenAudience::Server).signed(&key(PLAN_OWNER));
    for context in ["{}", r#"{"stage":"DEV"}"#, r#"{"stage":"PROD","tenant":"red-stores","branch":"b1"}"#] {
        assert_eq!(world.one(&token, "limit", context).await.status, 200, "{context}");
    }
}

#[tokio::test]
async fn a_token_is_for_its_plan_and_a_plan_that_is_not_evaluated_here_is_not_found() {
    let world = World::new();
    let bearer = format!("Bearer {}", server_token(0));
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(world.ask(Method::POST, &format!("{ONE}?plan=pos"), &headers, "{}").await.status, 200);
    let other = world.ask(Method::POST, &format!("{ONE}?plan=chain"), &headers, "{}").await;
    assert!(other.status == 403 && other.body.contains("E_TENANT"), "{other:?}");
    let elsewhere = World::with(WebSection::default());
    assert_eq!(elsewhere.ask(Method::POST, ONE, &headers, "{}").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_clients_token_has_a_rate_at_each_address_and_a_servers_one_everywhere() {
    let settings = WebSection { plans: vec![name("pos")], requests_per_second: 2, ..WebSection::default() };
    let world = World::with(settings);
    let ask = async |token: &str, from: u8| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        world.send(crate::testing::request(Method::POST, ONE, &headers, "{}", from)).await.status
    };
    let (client, server) = (client_token(0), server_token(0));
    assert_eq!([ask(&client, 1).await, ask(&client, 1).await, ask(&client, 1).await], [200, 200, 429]);
    assert_eq!(ask(&client, 2).await, 200, "another address");
    assert_eq!([ask(&server, 3).await, ask(&server, 4).await, ask(&server, 5).await], [200, 200, 429]);
}

#[tokio::test]
async fn a_token_is_judged_once_after_a_block_however_many_ask_with_it() {
    let world = World::new();
    let token = client_token(0);
    assert_eq!(status(&world, &token).await, 200);
    let before = world.chain.reads();
    assert_eq!(status(&world, &token).await, 200);
    assert_eq!(world.chain.reads(), before, "what is remembered is not read again");
    world.chain.set("limit", "PROD/blue-market", Targeting::constant(1));
    let asked = futures::future::join_all((0..50).map(|_| status(&world, &token))).await;
    assert!(asked.iter().all(|status| *status == 200), "{asked:?}");
    assert_eq!(world.chain.reads(), before + 1);
    revoke(&world.chain, 0);
    let asked = futures::future::join_all((0..50).map(|_| status(&world, &token))).await;
    assert!(asked.iter().all(|status| *status == 401), "{asked:?}");
    assert_eq!(world.chain.reads(), before + 2, "that it does not count is remembered too");
    world.chain.block(|_, _| {});
    assert_eq!((status(&world, &token).await, world.chain.reads()), (401, before + 2), "a block about nothing of this");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_with_what_does_not_count_any_more_pays_out_of_the_rate_of_its_address() {
    let settings = WebSection { plans: vec![name("pos")], requests_per_second: 2, ..WebSection::default() };
    let world = World::with(settings);
    let token = server_token(0);
    assert_eq!(status(&world, &token).await, 200);
    revoke(&world.chain, 0);
    assert_eq!([status(&world, &token).await, status(&world, &token).await], [401, 429]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_for_what_did_not_count_the_last_time_once_the_rate_of_its_address_is_used_up() {
    let settings = WebSection { plans: vec![name("pos")], requests_per_second: 2, ..WebSection::default() };
    let world = World::with(settings);
    let token = server_token(0);
    assert_eq!(status(&world, &token).await, 200);
    revoke(&world.chain, 0);
    assert_eq!(status(&world, &token).await, 401);
    let before = world.chain.reads();
    world.chain.set("limit", "PROD/blue-market", Targeting::constant(1));
    assert_eq!((status(&world, &token).await, world.chain.reads()), (429, before));
}

#[tokio::test]
async fn a_token_that_never_counted_takes_no_place_of_one_that_does() {
    let world = World::new();
    let stranger = claims(0, TokenAudience::Client);
    let stranger = FlagToken { iss: key(7).account(), ..stranger }.signed(&key(7));
    let before = world.chain.reads();
    assert_eq!([status(&world, &stranger).await, status(&world, &stranger).await], [401, 401]);
    assert_eq!(world.chain.reads(), before + 2, "it is verified anew each time, as what is not remembered");
}
