//! Stories of a chain over a real store.

use super::{AdmissionRefusal, Chain, KeyStanding};
use crate::mempool::{Admitted, MempoolBounds};
use crate::metrics::NodeMetrics;
use consensus::{Application, Origin};
use flags::Gate;
use host::config::Home;
use host::provenance::TrustedSigners;
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, BuildHash, Height, Leveled as _, SecretKey, Signature, Timestamp, merkle_root};
use rpc::SubmitError;
use runtime::{Block, Certificate, Genesis, Payload, Transaction, TxError, testing};
use staking::ValidatorSet;
use state::State;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::db::{Access, Settings, Store};
use store::{EvidenceFolder, HomeOrigin, Watermarks};
use tempfile::TempDir;

struct World {
    genesis: Genesis,
    dir: TempDir,
    chain: Chain,
    metrics: NodeMetrics,
}

fn world() -> World {
    let genesis = testing::genesis();
    let dir = tempfile::tempdir().unwrap();
    let metrics = NodeMetrics::new();
    let chain = open(&dir, &genesis, TrustedSigners::default(), &metrics);
    World { genesis, dir, chain, metrics }
}

pub(crate) fn open(dir: &TempDir, genesis: &Genesis, trusted: TrustedSigners, metrics: &NodeMetrics) -> Chain {
    let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
    let bounds = MempoolBounds { max_bytes: 1 << 20, max_count: 100, max_per_account: 16 };
    Chain::open(store, genesis.clone(), testing::validator(0).account(), bounds, trusted, metrics.clone()).unwrap()
}

pub(super) fn transfer(genesis: &Genesis, nonce: u64) -> Transaction {
    let call = testing::transfer(testing::validator(1).account(), 5);
    testing::signed(genesis, &testing::holder(0), nonce, call)
}

fn certify(block: &Block) -> Certificate {
    testing::certificate(&block.header, &(0..4).map(testing::validator).collect::<Vec<_>>())
}

pub(crate) fn decide(chain: &Chain) -> Block {
    let height = Application::head(chain).next();
    let block = chain.propose(height, 0, &BTreeSet::new()).unwrap();
    chain.commit(block.clone(), certify(&block)).unwrap();
    block
}

#[test]
fn a_block_built_by_one_chain_is_valid_on_another_and_gives_the_same_state() {
    let (a, b) = (world(), world());
    a.chain.submit(transfer(&a.genesis, 0)).unwrap();
    let block = a.chain.propose(Height(1), 0, &BTreeSet::new()).unwrap();
    assert_eq!(block.transactions.len(), 1);
    b.chain.validate(&block, Origin::Proposal).unwrap();
    for chain in [&a.chain, &b.chain, &world().chain] {
        assert_eq!(chain.ids(&block), [transfer(&a.genesis, 0).hash()], "executed here or not");
    }
    for chain in [&a.chain, &b.chain] {
        chain.commit(block.clone(), certify(&block)).unwrap();
    }
    assert_eq!(a.chain.head(), b.chain.head());
    assert_eq!(a.chain.pool().count(), 0, "what is included no longer waits");
    assert_eq!(b.chain.decided(Height(1)).unwrap().0, block);
}

#[test]
fn h01_what_a_failed_round_proposed_is_set_aside_and_later_rounds_propose_less_and_then_nothing() {
    let a = world();
    for nonce in 0..4 {
        a.chain.submit(transfer(&a.genesis, nonce)).unwrap();
    }
    let other = testing::signed(&a.genesis, &testing::holder(1), 0, testing::transfer(testing::holder(0).account(), 5));
    a.chain.submit(other.clone()).unwrap();
    let proposed = |round, set_aside: &BTreeSet<_>| -> Vec<_> {
        let block = a.chain.propose(Height(1), round, set_aside).unwrap();
        block.transactions.iter().map(Transaction::hash).collect()
    };
    let first = proposed(0, &BTreeSet::new());
    assert_eq!(first.len(), 5);
    let set_aside = first.iter().copied().filter(|hash| *hash != other.hash()).collect();
    assert_eq!(proposed(1, &set_aside), [other.hash()], "what the failed round did not propose has its turn");
    assert_eq!(proposed(2, &first.iter().copied().collect()), []);
    assert_eq!(proposed(3, &BTreeSet::new()), [], "after three failed rounds nothing is proposed");
    assert_eq!(a.chain.pool().count(), 5, "and nothing is lost");
    a.chain.refused(Height(1), 0, testing::validator(1).account(), "it is too long");
    assert!(a.metrics.encode().contains("chain_blocks_refused_total 1"));
}

#[test]
fn proposed_blocks_are_counted_by_how_they_came_and_whether_something_was_lacking() {
    let a = world();
    let waits = transfer(&a.genesis, 0);
    a.chain.submit(waits.clone()).unwrap();
    a.chain.came_in_chunks();
    for ids in [vec![waits.hash()], vec![waits.hash(), transfer(&a.genesis, 1).hash()]] {
        a.chain.transactions(&ids, 1_000);
    }
    let counted = a.metrics.encode();
    for (name, count) in [("whole", 1), ("compact", 2), ("lacking", 1)] {
        assert!(counted.contains(&format!("consensus_blocks_{name}_total {count}\n")), "{name}: {counted}");
    }
}

#[test]
fn a_block_is_committed_also_when_its_execution_was_forgotten() {
    let (a, b) = (world(), world());
    let block = decide(&a.chain);
    b.chain.commit(block.clone(), certify(&block)).unwrap();
    assert_eq!(a.chain.head(), b.chain.head());
}

#[test]
fn a_block_that_differs_from_its_execution_is_refused_by_the_field() {
    let (a, b) = (world(), world());
    a.chain.submit(transfer(&a.genesis, 0)).unwrap();
    let good = a.chain.propose(Height(1), 0, &BTreeSet::new()).unwrap();
    let refused = |change: &dyn Fn(&mut Block)| {
        let mut block = good.clone();
        change(&mut block);
        b.chain.validate(&block, Origin::Proposal).unwrap_err()
    };
    assert!(refused(&|b| b.header.state_root.0[0] ^= 1).contains("state_root"));
    assert!(refused(&|b| b.header.facts_root.0[0] ^= 1).contains("facts_root"));
    assert!(refused(&|b| b.header.next_validators_hash.0[0] ^= 1).contains("next_validators_hash"));
    assert!(refused(&|b| b.header.chain_id = "elsewhere".parse().unwrap()).contains("chain_id"));
    assert!(refused(&|b| b.header.parent.0[0] ^= 1).contains("does not follow"));
    assert!(refused(&|b| b.header.height = Height(2)).contains("does not follow"));
    assert!(refused(&|b| b.header.proposer = testing::holder(0).account()).contains("not in the validator set"));
    assert!(refused(&|b| b.transactions.clear()).contains("transactions_root"));
    let whole = |b: &mut Block| b.header.transactions_root = merkle_root(b.transactions.iter().map(Encode::encode));
    let forged = refused(&|b| {
        b.transactions[0].signature.0[0] ^= 1;
        whole(b);
    });
    assert!(forged.contains("signature is not valid"), "{forged}");
    let twice = refused(&|b| {
        b.transactions.push(b.transactions[0].clone());
        whole(b);
    });
    assert!(twice.contains("nonce 0"), "{twice}");
    b.chain.validate(&good, Origin::Proposal).unwrap();
    // A known header does not vouch for another body.
    assert!(refused(&|b| b.transactions.clear()).contains("transactions_root"));
}

#[test]
fn a_block_from_the_past_or_the_far_future_is_refused() {
    let (a, b) = (world(), world());
    let good = a.chain.propose(Height(1), 0, &BTreeSet::new()).unwrap();
    let mut early = good.clone();
    early.header.time = a.genesis.time;
    assert!(b.chain.validate(&early, Origin::Proposal).unwrap_err().contains("not after its parent"));
    let in_an_hour = Timestamp(good.header.time.0 + 3_600_000);
    let late = a.chain.ledger.lock().unwrap().propose(0, in_an_hour, good.header.proposer, []).unwrap();
    assert!(b.chain.validate(&late, Origin::Proposal).unwrap_err().contains("ahead of this clock"));
    // It is whole, and a node that catches up holds it against the chain, not against its clock.
    b.chain.validate(&late, Origin::Sync).unwrap();
}

#[test]
fn a_chain_goes_on_where_it_stopped_and_refuses_another_genesis() {
    let World { genesis, dir, chain, metrics } = world();
    let block = decide(&chain);
    drop(chain);
    let chain = open(&dir, &genesis, TrustedSigners::default(), &metrics);
    assert_eq!(chain.head().hash, block.hash());
    assert_eq!(decide(&chain).header.parent, block.hash());
    drop(chain);

    let mut other = genesis;
    other.accounts.fees.base = Amount(11);
    let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
    let bounds = MempoolBounds { max_bytes: 1, max_count: 1, max_per_account: 1 };
    let refused =
        Chain::open(store, other, testing::validator(0).account(), bounds, TrustedSigners::default(), metrics);
    assert!(refused.err().unwrap().to_string().contains("another genesis"));
}

#[test]
fn validators_are_known_for_the_next_block() {
    let world = world();
    let set: ValidatorSet = world.chain.validators(Height(1)).unwrap();
    assert_eq!(set, world.genesis.validators());
    assert!(world.chain.is_validator());
}

#[test]
fn a_release_without_its_quorum_is_refused_before_it_is_stored_anywhere() {
    let world = world();
    let vote = testing::release_vote(&world.genesis, BuildHash([9; 32]), 1);
    let transaction = testing::signed(&world.genesis, &testing::validator(0), 0, testing::propose(vote));
    let refused = world.chain.submit(transaction).unwrap_err();
    assert!(matches!(refused, SubmitError::WouldBeRefused(_)), "{refused}");
    assert!(refused.to_string().contains("has 1 valid signatures and needs 2"), "{refused}");
    assert_eq!(world.chain.pool().count(), 0);
    assert!(world.metrics.encode().contains("release_quorum_fail_total 1"));
}

#[test]
fn an_operator_who_trusts_other_signers_refuses_the_release_from_users_and_from_peers() {
    let World { genesis, dir, chain, metrics } = world();
    drop(chain);
    let trusted = TrustedSigners::parse("a test", &testing::signer(2).public().to_string()).unwrap();
    let chain = open(&dir, &genesis, trusted, &metrics);
    let vote = testing::release_vote(&genesis, BuildHash([9; 32]), 2);
    let foreign = testing::signed(&genesis, &testing::validator(0), 0, testing::propose(vote));
    assert_eq!(chain.receive(&foreign.encode()), Err(AdmissionRefusal::Harmless));
    assert!(matches!(chain.submit(foreign).unwrap_err(), SubmitError::Provenance(_)));
    let vote = testing::release_vote(&genesis, BuildHash([9; 32]), 3);
    chain.submit(testing::signed(&genesis, &testing::validator(0), 0, testing::propose(vote))).unwrap();
    let text = metrics.encode();
    assert!(
        text.contains("build_provenance_invalid_total 2") && text.contains("build_provenance_valid_total 1"),
        "{text}"
    );
}

#[test]
fn what_is_dormant_is_refused_to_users_and_no_peer_is_blamed_for_it() {
    let mut genesis = testing::genesis();
    genesis.chain.level = 0;
    let dir = tempfile::tempdir().unwrap();
    let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
    let call = testing::examples::calls().into_iter().find(|call| call.level() == 1).unwrap();
    let ahead = testing::signed(&genesis, &testing::holder(0), 0, call);
    assert_eq!(chain.receive(&ahead.encode()), Err(AdmissionRefusal::Harmless));
    assert_eq!(chain.submit(ahead), Err(SubmitError::Invalid(TxError::Dormant { needs: 1, have: 0 })));
    assert_eq!(chain.pool().count(), 0);
}

#[test]
fn a_peer_is_blamed_only_for_what_nobody_could_have_taken() {
    let world = world();
    let good = transfer(&world.genesis, 0);
    assert_eq!(world.chain.receive(b"not a transaction"), Err(AdmissionRefusal::PeerFault));
    assert_eq!(
        world.chain.receive(&[&good.encode()[..], &[0]].concat()),
        Err(AdmissionRefusal::PeerFault),
        "a byte left over"
    );
    let mut forged = good.clone();
    forged.signature.0[0] ^= 1;
    assert_eq!(world.chain.receive(&forged.encode()), Err(AdmissionRefusal::PeerFault));
    let elsewhere = Payload { chain_id: "elsewhere".parse().unwrap(), ..good.payload.clone() };
    let elsewhere = elsewhere.sign(&testing::holder(0));
    assert_eq!(world.chain.receive(&elsewhere.encode()), Err(AdmissionRefusal::PeerFault));
    let ahead = transfer(&world.genesis, 99);
    assert_eq!(world.chain.receive(&ahead.encode()), Err(AdmissionRefusal::Harmless));
    assert_eq!(world.chain.receive(&good.encode()), Ok(Admitted { hash: good.hash(), ready: true }));
    assert_eq!(world.chain.receive(&good.encode()), Err(AdmissionRefusal::Harmless), "known already");
}

#[test]
fn h15_what_consensus_notices_of_a_validator_is_kept_and_what_is_punished_is_counted() {
    let World { genesis, dir, chain, metrics } = world();
    let folder = EvidenceFolder::of(&Home::at(dir.path()), &genesis);
    let chain = chain.keeping(folder.clone());
    let offence = testing::double_vote(&genesis.chain.chain_id, &testing::validator(2), Height(1));
    for _ in 0..2 {
        chain.contradicted(std::slice::from_ref(&offence));
    }
    assert_eq!(folder.list().unwrap(), std::slice::from_ref(&offence));
    chain.submit(testing::signed(&genesis, &testing::holder(0), 0, testing::evidence(offence))).unwrap();
    assert!(metrics.encode().contains("chain_offences_total 0"));
    decide(&chain);
    assert!(metrics.encode().contains("chain_offences_total 1"), "{}", metrics.encode());
}

/// Decides blocks until one of a height is there.
fn until(chain: &Chain, height: u64) {
    while Application::head(chain) < Height(height) {
        decide(chain);
    }
}

/// A chain that has decided other blocks than any that had no transactions.
fn elsewhere(height: u64) -> World {
    let world = world();
    world.chain.submit(transfer(&world.genesis, 0)).unwrap();
    until(&world.chain, height);
    world
}

fn told(chain: &Chain) -> Vec<u8> {
    chain.newest_end().unwrap().encode()
}

#[test]
fn t30_two_decisions_of_one_height_are_an_alarm_and_evidence_until_the_operator_has_spoken() {
    let World { genesis, dir, chain, metrics } = world();
    let (home, theirs) = (Home::at(dir.path()), elsewhere(9));
    let folder = EvidenceFolder::of(&home, &genesis);
    let chain = chain.keeping(folder.clone());
    assert_eq!(chain.newest_end(), None);
    until(&chain, 12);
    assert_eq!(chain.compare(&told(&chain)), Err(AdmissionRefusal::Harmless), "what is known is passed on to nobody");
    assert!(chain.fork().is_none() && metrics.encode().contains("chain_forked 0"));
    assert_eq!(chain.compare(&told(&theirs.chain)), Ok(()), "peers are to hear of it");
    let fork = chain.fork().unwrap();
    assert_eq!((fork.height(), fork.theirs()), (Height(9), &theirs.chain.newest_end().unwrap()));
    assert!(metrics.encode().contains("chain_forked 1"));
    assert_eq!(folder.list().unwrap().len(), 4, "every validator signed both");

    drop(chain);
    let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()).keeping(folder);
    assert_eq!(chain.fork(), Some(fork), "a restart is no explanation");
    std::fs::remove_file(home.fork()).unwrap();
    chain.recall_fork();
    assert_eq!(chain.fork(), None);
    assert!(chain.metrics().encode().contains("chain_forked 0"));
}

#[test]
fn t30_what_peers_decided_before_this_node_is_compared_once_it_has_come_so_far() {
    let theirs = elsewhere(9);
    let (ours, same) = (world(), world());
    let follow = |heights: std::ops::RangeInclusive<u64>| {
        for (block, certificate) in heights.map(|height| theirs.chain.decided(Height(height)).unwrap()) {
            same.chain.commit(block, certificate).unwrap();
        }
    };
    until(&ours.chain, 4);
    follow(1..=4);
    for chain in [&ours.chain, &same.chain] {
        assert_eq!(chain.compare(&told(&theirs.chain)), Ok(()));
        assert_eq!(chain.compare(&told(&theirs.chain)), Err(AdmissionRefusal::Harmless), "it waits already");
        assert_eq!(chain.fork(), None);
    }
    until(&ours.chain, 9);
    follow(5..=9);
    assert_eq!(ours.chain.fork().unwrap().height(), Height(9));
    assert_eq!(same.chain.fork(), None);
    // Two that peers tell are enough, whatever this node decides.
    let third = world();
    third.chain.compare(&told(&theirs.chain)).unwrap();
    third.chain.compare(&told(&ours.chain)).unwrap();
    assert_eq!(third.chain.fork().unwrap().height(), Height(9));
}

#[test]
fn t30_nobody_makes_a_fork_who_cannot_sign_for_two_thirds() {
    let (ours, theirs) = (world(), elsewhere(9));
    until(&ours.chain, 9);
    let (block, good) = theirs.chain.decided(Height(9)).unwrap();
    let told = |change: &dyn Fn(&mut Certificate)| {
        let mut certificate = good.clone();
        change(&mut certificate);
        ours.chain.compare(&certificate.encode()).unwrap_err()
    };
    let by = |keys: &[SecretKey]| ours.chain.compare(&testing::certificate(&block.header, keys).encode()).unwrap_err();
    assert_eq!(ours.chain.compare(b"not a certificate"), Err(AdmissionRefusal::PeerFault));
    assert_eq!(ours.chain.compare(&[&good.encode()[..], &[0]].concat()), Err(AdmissionRefusal::PeerFault));
    assert_eq!(told(&|c| c.height = Height(8)), AdmissionRefusal::PeerFault, "no epoch ends there");
    assert_eq!(told(&|c| c.round = 1), AdmissionRefusal::PeerFault, "nobody signed that");
    assert_eq!(told(&|c| c.block.0[0] ^= 1), AdmissionRefusal::PeerFault);
    assert_eq!(told(&|c| c.signatures[1] = c.signatures[0]), AdmissionRefusal::PeerFault);
    // What another chain may hold to be true is nobody's fault.
    let strangers: Vec<SecretKey> = (0..4).map(testing::holder).collect();
    assert_eq!(by(&strangers), AdmissionRefusal::Useless);
    assert_eq!(by(&[testing::validator(0), testing::validator(1)]), AdmissionRefusal::Useless);
    assert_eq!(ours.chain.fork(), None);
    let behind = world();
    until(&theirs.chain, 19);
    let newest = theirs.chain.newest_end().unwrap();
    assert_eq!(
        behind.chain.compare(&newest.encode()),
        Err(AdmissionRefusal::Harmless),
        "who decides it is not known yet"
    );
}

#[test]
fn t30_a_ticket_that_was_believed_is_held_against_the_chain_that_came() {
    let ours = world();
    let [same, other] = light::testing::TestChain::forked(&ours.genesis, 5);
    for kept in same.blocks() {
        ours.chain.commit(kept.block.clone(), kept.certificate.clone().unwrap()).unwrap();
    }
    let build = ours.genesis.releases.approved[0].build_hash;
    ours.chain.hold(&same.ticket(build));
    assert_eq!(ours.chain.fork(), None);
    ours.chain.hold(&other.ticket(build));
    assert_eq!(ours.chain.fork().unwrap().height(), Height(5));
}

#[test]
fn h02_others_are_told_of_what_became_ready_and_of_nothing_that_waits_apart() {
    let world = world();
    let mut told = world.chain.became_ready();
    let of = |nonce| transfer(&world.genesis, nonce);
    world.chain.submit(of(1)).unwrap();
    assert!(told.try_recv().is_err(), "what waits apart is told to nobody");
    let ids = [of(1).hash(), of(0).hash()];
    assert_eq!(world.chain.transactions(&ids, 1_000), [Some(of(1).encode()), None], "and found by who proposes it");
    let (same, length) = (vec![of(1).hash(); 10_000], of(1).encoded_size() as u32);
    let found = |most_bytes| world.chain.transactions(&same, most_bytes).len();
    assert_eq!(
        [found(2 * length - 1), found(2 * length)],
        [2, 3],
        "the ids are a peer's, and no more is found than a block may have"
    );
    world.chain.submit(of(0)).unwrap();
    assert_eq!([told.try_recv(), told.try_recv()], [Ok(of(0).hash()), Ok(of(1).hash())]);
    // What a peer brought is passed on as it came; what it brings the turn of is told.
    assert_eq!(world.chain.receive(&of(3).encode()), Ok(Admitted { hash: of(3).hash(), ready: false }));
    assert_eq!(world.chain.receive(&of(2).encode()), Ok(Admitted { hash: of(2).hash(), ready: true }));
    assert_eq!((told.try_recv(), told.try_recv().is_err()), (Ok(of(3).hash()), true));
    assert_eq!(world.chain.waiting(10).len(), 4);
}

/// A chain that counts the signatures it checks.
pub(crate) fn counting(chain: Chain) -> (Chain, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let verify = move |transaction: &Transaction| {
        counted.fetch_add(1, Ordering::SeqCst);
        transaction.check_signature()
    };
    (chain.verifying_by(Arc::new(verify)), count)
}

#[test]
fn h22_whatever_else_is_wrong_is_found_before_the_signature_is_checked() {
    let mut genesis = testing::genesis();
    genesis.chain.limits.max_transaction_bytes = 1_024;
    let dir = tempfile::tempdir().unwrap();
    let (chain, count) = counting(open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
    decide(&chain);
    let holder = testing::holder(0);
    let good = testing::signed(&genesis, &holder, 0, testing::transfer(testing::validator(1).account(), 5));
    let refused = |change: &dyn Fn(&mut Payload)| {
        let mut payload = good.payload.clone();
        change(&mut payload);
        let transaction = Transaction { payload, signature: good.signature };
        chain.submit(transaction.clone()).unwrap_err();
        chain.receive(&transaction.encode()).unwrap_err()
    };
    let long = testing::vote(1, governance::Choice::Yes, Some(&"x".repeat(1_000)));
    assert_eq!(refused(&|p| p.call = long.clone()), AdmissionRefusal::PeerFault);
    assert_eq!(refused(&|p| p.chain_id = "elsewhere".parse().unwrap()), AdmissionRefusal::PeerFault);
    assert_eq!(refused(&|p| p.expires_at = Height(0)), AdmissionRefusal::Useless);
    assert_eq!(refused(&|p| p.expires_at = Height(1)), AdmissionRefusal::Harmless, "until a moment ago");
    assert_eq!(refused(&|p| p.expires_at = Height(9_999)), AdmissionRefusal::Useless);
    assert_eq!(refused(&|p| p.fee = Amount(1)), AdmissionRefusal::Useless);
    assert_eq!(refused(&|p| p.nonce = 16), AdmissionRefusal::Harmless);
    assert_eq!(refused(&|p| p.fee = Amount(u64::MAX)), AdmissionRefusal::Useless);
    assert_eq!(refused(&|p| p.account = AccountId([7; 32])), AdmissionRefusal::Useless);
    assert_eq!(count.load(Ordering::SeqCst), 0);
    chain.receive(&good.encode()).unwrap();
    assert_eq!(refused(&|_| ()), AdmissionRefusal::Harmless, "known");
    assert_eq!(refused(&|p| p.fee = Amount(1_099)), AdmissionRefusal::Harmless, "a fee that replaces nothing");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(refused(&|p| p.fee = Amount(1_100)), AdmissionRefusal::PeerFault, "signed with another fee");
    assert_eq!(count.load(Ordering::SeqCst), 3, "by a user and by a peer");
}

/// How many signatures of transactions were known to be good, and how many had to be verified.
fn known_and_unknown(metrics: &NodeMetrics) -> [u64; 2] {
    let encoded = metrics.encode();
    ["signatures_known_total ", "signatures_unknown_total "].map(|name| {
        let count = encoded.lines().find_map(|line| line.strip_prefix(name)).expect("it is counted");
        count.parse().expect("a number")
    })
}

#[test]
fn what_was_verified_on_its_way_in_is_verified_again_in_no_proposed_block_but_in_a_decided_one() {
    let [a, b, c, d] = [world(), world(), world(), world()];
    let good = transfer(&a.genesis, 0);
    a.chain.submit(good.clone()).unwrap();
    for other in [&b, &c, &d] {
        other.chain.receive(&good.encode()).unwrap();
    }
    let block = a.chain.propose(Height(1), 0, &BTreeSet::new()).unwrap();
    assert_eq!(block.transactions, std::slice::from_ref(&good));
    b.chain.validate(&block, Origin::Proposal).unwrap();
    assert_eq!(known_and_unknown(&b.metrics), [1, 1], "verified once, when it came in");
    c.chain.validate(&block, Origin::Sync).unwrap();
    assert_eq!(known_and_unknown(&c.metrics), [0, 1], "what was decided is verified whatever is known");

    // The same payload with another signature is another transaction.
    let forged = Transaction { signature: Signature([7; 64]), ..good };
    let (time, proposer) = (block.header.time, block.header.proposer);
    let block = a.chain.ledger.lock().unwrap().propose(0, time, proposer, [forged]).unwrap();
    let refused = d.chain.validate(&block, Origin::Proposal).unwrap_err();
    assert!(refused.contains("signature is not valid"), "{refused}");
    assert_eq!(known_and_unknown(&d.metrics), [0, 2]);
    assert!(d.chain.validate(&block, Origin::Proposal).is_err(), "and what was found bad is found bad again");
    assert_eq!(known_and_unknown(&d.metrics), [0, 3]);
}

#[test]
fn o26_blocks_that_are_fetched_end_no_waiting_as_nothing_shows_that_the_clock_is_right() {
    let a = world();
    let World { chain, dir, .. } = world();
    let origin = HomeOrigin::of(&Home::at(dir.path()), testing::validator(0).account()).remembering(dir.path());
    let standing = KeyStanding::at_start(origin, &Watermarks::default(), Height(2), Timestamp(0)).unwrap();
    // By this machine's clock, every block is of after the start.
    let chain = chain.opened_before(Duration::from_secs(60)).signing_by(Some(standing));
    let take = |is_heard: bool| {
        let block = decide(&a.chain);
        if is_heard {
            chain.validate(&block, Origin::Proposal).unwrap();
        }
        chain.commit(block.clone(), certify(&block)).unwrap();
        chain.signing()
    };
    for _ in 0..3 {
        assert_eq!((take(false).from, take(false).own_from), (None, None));
    }
    assert_eq!(take(true).from, None, "one proposal of another convinces nobody");
    let signing = take(true);
    assert_eq!((signing.own_from, signing.from), (Some(Height(10)), Some(Height(12))));
}

#[test]
fn which_gates_are_on_for_this_node_is_counted_from_the_start_and_with_each_block() {
    let (genesis, dir, metrics) = (testing::genesis(), tempfile::tempdir().unwrap(), NodeMetrics::new());
    let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
    store.commit_genesis(&genesis).unwrap();
    store::testing::write(&store, |state| store::testing::govern(state, &[Gate::Pruning])).unwrap();
    drop(store);
    let counts = |gate: &str, is_on: u8| {
        let line = format!("feature_gate{{gate=\"{gate}\"}} {is_on}");
        let encoded = metrics.encode();
        assert!(encoded.lines().any(|found| found == line), "{line}: {encoded}");
    };
    let chain = open(&dir, &genesis, TrustedSigners::default(), &metrics);
    counts("pruning", 0);
    counts("reconstruction", 1);
    let view = chain.store().view();
    let mut state = State::over(&view);
    store::testing::limit(&mut state, Gate::Pruning, &testing::validator(0).account());
    chain.count_gates(&state);
    counts("pruning", 1);
}
