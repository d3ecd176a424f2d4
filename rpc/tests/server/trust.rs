//! How a verifier that is far behind comes to the newest block.

use crate::world::World;
use light::{Anchor, SignedHeader, Unreachable};
use primitives::{BuildHash, Height};
use releases::queries::Verdict;
use rpc::client::TicketFetchError;
use rpc::error::{NO_TRUST, RpcRefusal};
use rpc::testing::MemoryNode;
use rpc::views::{TrustPath, release_ticket, trust_path};
use rpc::{ChainView, NodeSource, ReadError, ServerConfig, WatchedView};
use runtime::Genesis;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const FIRST: BuildHash = BuildHash([0xaa; 32]);

/// A chain on which trust reaches over an epoch or two, and each block ends one.
pub fn far() -> Genesis {
    let mut genesis = runtime::testing::genesis();
    genesis.chain.epoch_length = 1;
    genesis
}

/// Asks a node's view, and counts the rows that it takes.
fn counted<T>(memory: &MemoryNode, ask: impl Fn(&dyn ChainView) -> T) -> (T, usize) {
    let rows = AtomicUsize::new(0);
    let mut answer = None;
    memory.view(&mut |view| {
        let at_each_row = || -> Result<(), ReadError> {
            rows.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        answer = Some(ask(&WatchedView::new(view, &at_each_row)));
    });
    (answer.unwrap(), rows.into_inner())
}

fn with_hops(hops: u64) -> MemoryNode {
    let memory = MemoryNode::new(far());
    while counted(&memory, |view| view.hops().unwrap()).0 < hops {
        memory.make_block();
    }
    memory
}

/// Follows the pages to the last one; how many there are, and the rows of the dearest.
fn follow(memory: &MemoryNode, mut anchor: Anchor) -> (Anchor, usize, usize) {
    let (mut pages, mut dearest) = (0, 0);
    loop {
        let (page, rows) = counted(memory, |view| trust_path(view, memory.genesis(), anchor.height()));
        let TrustPath { hops, more } = page.unwrap();
        assert!(hops.len() <= 100);
        anchor = anchor.follow(&hops).unwrap();
        (pages, dearest) = (pages + 1, dearest.max(rows));
        if !more {
            return (anchor, pages, dearest);
        }
    }
}

#[test]
fn h07_a_ticket_of_five_thousand_hops_costs_the_reads_of_one_of_ten_and_is_verified_by_pages() {
    let (short, long) = (with_hops(10), with_hops(5_000));
    let ticket =
        |memory: &MemoryNode, from: Height| counted(memory, |view| release_ticket(view, memory.genesis(), FIRST, from));
    let (ten, rows_of_ten) = ticket(&short, Height(0));
    assert!(ten.unwrap().hops.len() >= 10);

    let (refused, rows) = ticket(&long, Height(0));
    let head = long.head().at.height;
    let Err(RpcRefusal::NoTrust(Unreachable::TooFar { reached, to })) = refused else { panic!("{refused:?}") };
    assert_eq!(to, head);
    assert!(Height(1_000) < reached && reached < head, "{reached}");
    assert!(rows <= rows_of_ten, "{rows} rows, and a ticket of ten hops takes {rows_of_ten}");

    let (anchor, pages, dearest) = follow(&long, Anchor::genesis(long.genesis()));
    assert_eq!(pages, 50);
    assert!(dearest <= 110, "{dearest} rows for a page of a hundred");
    let (ticket, rows) = ticket(&long, anchor.height());
    assert!(rows <= rows_of_ten, "{rows} rows, and a ticket of ten hops takes {rows_of_ten}");
    let ticket = ticket.unwrap();
    assert!(ticket.hops.len() <= 1, "{} headers", ticket.hops.len());
    assert_eq!(ticket.verify(&anchor, &FIRST).unwrap().verdict(), Verdict::Approved);
}

#[test]
fn h07_a_verifier_that_knows_any_block_joins_the_hops_from_there() {
    let memory = MemoryNode::new(runtime::testing::genesis());
    memory.make_blocks_to(257);
    let hops = counted(&memory, |view| view.hops().unwrap()).0;
    assert!(hops > 5, "{hops} hops");
    for from in (0..=257).map(Height) {
        let known = |view: &dyn ChainView| {
            let root = Anchor::genesis(memory.genesis());
            if from == Height(0) {
                return root;
            }
            let (header, certificate) = (view.header(from).unwrap().unwrap(), view.certificate(from).unwrap().unwrap());
            root.knowing(&SignedHeader { header, certificate, validators: memory.genesis().validators() })
        };
        let anchor = counted(&memory, known).0;
        let direct = counted(&memory, |view| release_ticket(view, memory.genesis(), FIRST, from)).0.unwrap();
        direct.verify(&anchor, &FIRST).unwrap_or_else(|error| panic!("from {from}: {error}"));
        let (anchor, ..) = follow(&memory, anchor);
        let rest = counted(&memory, |view| release_ticket(view, memory.genesis(), FIRST, anchor.height())).0.unwrap();
        assert!(rest.hops.len() <= 1, "from {from}: {} headers are left", rest.hops.len());
        rest.verify(&anchor, &FIRST).unwrap();
    }
}

#[tokio::test]
async fn h07_a_client_far_behind_fetches_the_way_and_verifies_the_ticket_from_its_end() {
    let world = World::of(far(), ServerConfig { requests_per_second: 0, ..ServerConfig::default() }).await;
    while counted(&world.memory, |view| view.hops().unwrap()).0 <= u64::from(light::MAX_HOPS) {
        world.memory.make_block();
    }
    let root = Anchor::genesis(world.memory.genesis());
    let (code, message) = world.refused("gov.release_proof", json!({ "hash": FIRST })).await;
    assert_eq!(code, i64::from(NO_TRUST));
    assert!(message.contains("gov.trust_path"), "{message}");
    let fetched = world.node.ticket(FIRST, root.clone()).await.unwrap();
    assert!(fetched.anchor.height() > Height(0));
    let proven = fetched.ticket.verify(&fetched.anchor, &FIRST).unwrap();
    assert_eq!((proven.verdict(), proven.header.height), (Verdict::Approved, world.memory.head().at.height));
    assert!(fetched.ticket.verify(&root, &FIRST).is_err(), "by itself it does not reach back to genesis");

    let mut foreign = far();
    foreign.chain.chain_id = primitives::Text::new("another").unwrap();
    let error = world.node.ticket(FIRST, Anchor::genesis(&foreign)).await.unwrap_err();
    assert!(matches!(error, TicketFetchError::Distrust(_)), "{error}");
}
