//! The log of blocks over HTTP.

use crate::testing::World;
use axum::http::Method;
use host::config::WebSection;

async fn get(world: &World, uri: &str, headers: &[(&str, &str)]) -> crate::testing::Answer {
    world.ask(Method::GET, uri, headers, "").await
}

#[tokio::test]
async fn a_checkpoint_is_a_text_that_is_asked_for_again_by_its_tag() {
    let world = World::new();
    assert_eq!(get(&world, "/log/checkpoint", &[]).await.status, 404, "the log has not begun");
    world.chain.set_log(7);
    let first = get(&world, "/log/checkpoint", &[]).await;
    assert_eq!((first.status, first.body.as_str()), (200, "log\n7\nroot\n"));
    assert_eq!(first.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(first.header("cache-control"), "public, no-cache");
    let known = get(&world, "/log/checkpoint", &[("if-none-match", first.header("etag"))]).await;
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    world.chain.set_log(8);
    assert_eq!(get(&world, "/log/checkpoint", &[("if-none-match", first.header("etag"))]).await.status, 200);
}

#[tokio::test]
async fn a_full_tile_is_kept_for_ever_and_a_partial_one_not_for_long() {
    let world = World::new();
    world.chain.set_log(300);
    for (tile, cached) in [
        ("tile/0/000", "public, max-age=31536000, immutable"),
        ("tile/entries/000", "public, max-age=31536000, immutable"),
        ("tile/0/001.p/44", "public, max-age=3600"),
        ("tile/1/000.p/1", "public, max-age=3600"),
        ("tile/entries/001.p/44", "public, max-age=3600"),
    ] {
        let answer = get(&world, &format!("/log/{tile}"), &[]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, tile));
        assert_eq!(answer.header("cache-control"), cached, "{tile}");
        assert_eq!(answer.header("content-type"), "application/octet-stream");
    }
}

#[tokio::test]
async fn what_the_log_has_not_got_and_what_is_no_tile_is_not_found() {
    let world = World::new();
    world.chain.set_log(300);
    for uri in [
        "/log/tile/0/001",
        "/log/tile/0/001.p/45",
        "/log/tile/1/000",
        "/log/tile/entries/001.p/45",
        "/log/tile/0/1",
        "/log/tile/0/000.p/0",
        "/log/tile/0/000.p/256",
        "/log/tile/64/000",
        "/log/tile/0/x018/446/744/073/709/551/615",
        "/log/tile/%30/000",
        "/log/tile/entries/../0/000",
        "/log/tile/",
        "/log/tile",
        "/log",
        "/log/entries/000",
    ] {
        assert_eq!(get(&world, uri, &[]).await.status, 404, "{uri}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(world.ask(method, "/log/checkpoint", &[], "").await.status, 405);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_the_nodes_fault_and_whoever_asks_too_often_waits() {
    let world = World::with(WebSection { requests_per_second: 2, ..WebSection::default() });
    world.chain.set_log(u64::MAX);
    let broken = get(&world, "/log/tile/0/000", &[]).await;
    assert_eq!(broken.status, 500);
    assert!(!broken.body.contains("disk"), "what the system said is for the operator: {}", broken.body);
    world.chain.set_log(300);
    assert_eq!(get(&world, "/log/tile/0/000", &[]).await.status, 200);
    let refused = get(&world, "/log/checkpoint", &[]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_free_when_the_disk_was_read_not_when_whoever_asked_has_gone_and_what_is_no_tile_takes_none() {
    let world = World::new();
    world.chain.set_log(300);
    let (places, reads) = (world.plane.log_readers.clone(), world.chain.reads());
    let most = places.available_permits();
    world.chain.stall(true);
    {
        let asks = std::pin::pin!(get(&world, "/log/tile/0/000", &[]));
        let is_read = async {
            while world.chain.reads() == reads {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = asks => panic!("it was answered before it was read"),
            () = is_read => {}
        }
    }
    let free = places.available_permits();
    let all = places.clone().try_acquire_many_owned(u32::try_from(free).unwrap()).unwrap();
    let no_tile = get(&world, "/log/tile/0/1", &[]).await.status;
    drop(all);
    world.chain.stall(false);
    assert_eq!((free, no_tile), (most - 1, 404), "the thread reads on, and no place is asked for");
    let all = places.acquire_many(u32::try_from(most).unwrap()).await.unwrap();
    drop(all);
    assert_eq!(get(&world, "/log/tile/0/000", &[]).await.status, 200);
}
