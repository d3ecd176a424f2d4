//! What makes a block valid, and what its header commits to.

use crate::network::{Network, bond, delegate, transfer, unbond};
use accounts::Endowment;
use parity_scale_codec::Encode;
use primitives::{Amount, BuildHash, Epoch, List, PublicKey, SecretKey, Signature, StateRoot, TransactionHash};
use releases::{AttestedTarget, MAX_SIGNATURES, ReleaseAttestation, ReleaseVote, SignedRoot, Target};
use runtime::testing::{genesis, holder, leave_roster, propose, release_vote, validator};
use runtime::{
    Block, BlockError, Cause, Context, Header, KnownSignatures, Lane, NoneKnown, Payload, Transaction, TxError,
    assemble, execute, execute_knowing,
};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_block_over_its_bounds_is_refused_and_a_proposer_stays_within_them() {
    let mut genesis = genesis();
    (genesis.governance.params.max_live_proposals, genesis.staking.params.max_validators) = (2, 4);
    genesis.chain.limits.max_block_transactions = 28;
    genesis.chain.limits.max_transaction_bytes = 2_048;
    let network = Network::new(genesis.clone());
    let context = network.context();
    let small = network.sign(&vec![(holder(0), transfer(holder(1).account(), 1)); 29]);
    let refused = execute(network.memory(), &context, &small);
    assert_eq!(refused, Err(BlockError::TooLarge { have: 29, most: 28, unit: "transactions" }));
    let (taken, executed) = assemble(network.memory(), &context, 0, small.clone());
    assert_eq!(taken, small[..28]);
    assert_eq!(execute(network.memory(), &context, &taken), Ok(executed));

    genesis.chain.limits.max_block_bytes = 2_048;
    let network = Network::new(genesis);
    let context = network.context();
    let reason = "x".repeat(1_000);
    let long = crate::network::vote(1, governance::Choice::Yes, Some(&reason));
    let large =
        network.sign(&[(holder(0), long.clone()), (holder(1), long), (holder(2), transfer(holder(1).account(), 1))]);
    let bytes: usize = large.iter().map(Encode::encoded_size).sum();
    let refused = execute(network.memory(), &context, &large);
    assert_eq!(refused, Err(BlockError::TooLarge { have: bytes as u64, most: 2_048, unit: "bytes of transactions" }));
    let (taken, _) = assemble(network.memory(), &context, 0, large.clone());
    assert_eq!(taken, [large[0].clone(), large[2].clone()], "what does not fit is left, what does is taken");
}

/// The transactions whose signatures were verified before, and how often it was asked.
#[derive(Default)]
struct Before {
    good: BTreeSet<TransactionHash>,
    asked: AtomicUsize,
}

impl Before {
    fn of<'t>(transactions: impl IntoIterator<Item = &'t Transaction>) -> Self {
        Self { good: transactions.into_iter().map(Transaction::hash).collect(), asked: AtomicUsize::new(0) }
    }
}

impl KnownSignatures for Before {
    fn is_good(&self, transaction: &TransactionHash) -> bool {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.good.contains(transaction)
    }
}

#[test]
fn a_signature_that_is_known_to_be_good_is_not_verified_again_and_nothing_else_passes_by_it() {
    let network = Network::new(genesis());
    let context = network.context();
    let good =
        network.sign(&[(holder(0), transfer(holder(1).account(), 1)), (holder(1), transfer(holder(0).account(), 1))]);
    let judged = |transactions: &[Transaction], known: &dyn KnownSignatures| {
        execute_knowing(network.memory(), &context, transactions, known)
    };
    let expected = execute(network.memory(), &context, &good);
    assert!(expected.is_ok());
    for known in [Before::default(), Before::of(&good[..1]), Before::of(&good)] {
        assert_eq!(judged(&good, &known), expected, "what is known changes no outcome");
        assert_eq!(known.asked.load(Ordering::SeqCst), 2, "of each transaction once");
    }
    assert_eq!(judged(&good, &NoneKnown), expected);

    // The payload is the same, and the signature is not: what is known of one is not known of the other.
    let mut forged = good.clone();
    forged[1].signature = Signature([7; 64]);
    let error = TxError::BadSignature(holder(1).account());
    let refused = Err(BlockError::Transaction { index: 1, error });
    assert_eq!(judged(&forged, &Before::of(&good)), refused);
    assert_eq!(judged(&forged, &NoneKnown), refused);
    // That nothing is verified where something is known shows only where it is wrongly known.
    assert!(judged(&forged, &Before::of(&forged)).is_ok());
    // Whatever else a block is refused for, it is refused for all the same.
    let twice = [good[0].clone(), good[0].clone()];
    assert_eq!(judged(&twice, &Before::of(&good)), execute(network.memory(), &context, &twice));
    assert!(judged(&twice, &Before::of(&good)).is_err());
}

#[test]
fn the_longest_header_has_as_many_bytes_as_its_bound() {
    let mut genesis = genesis();
    genesis.chain.chain_id = "n".repeat(32).parse().unwrap();
    let header = Network::new(genesis).block(&[]).header;
    assert_eq!(header.encoded_size(), Header::MOST_ENCODED as usize);
}

#[test]
fn h04_signatures_inside_calls_have_a_limit_that_is_counted_before_one_of_them_is_verified() {
    let mut genesis = genesis();
    genesis.chain.limits.max_block_signatures = MAX_SIGNATURES;
    let network = Network::new(genesis);
    let context = network.context();
    // As many signatures as a call can bring, none of which is worth anything.
    let worthless = |index: u8| {
        let attestation = ReleaseAttestation { signer: PublicKey([index; 32]), signature: Signature([index; 64]) };
        let signatures = List::truncate_from(vec![attestation; 32]);
        let (build_hash, platform) = (BuildHash([index; 32]), runtime::testing::platform());
        let target = Target { build_hash, platform, sha256: None, size: None };
        let mut vote = release_vote(&network.genesis, BuildHash([0xff; 32]), 0);
        vote.manifest.other_targets =
            List::truncate_from(vec![AttestedTarget { target, signatures: signatures.clone() }; 8]);
        let root = vote.manifest_root();
        vote.manifest.signed_root = Some(SignedRoot { root, signatures: signatures.clone() });
        propose(ReleaseVote { signatures, ..vote })
    };
    let paid = (holder(0), transfer(holder(1).account(), 1));
    let asked = [(validator(0), worthless(1)), (validator(1), worthless(2)), paid];
    let transactions = network.sign(&asked);
    assert_eq!(transactions[0].signatures_inside(), u64::from(MAX_SIGNATURES));
    let mut forged = transactions.clone();
    forged[0].signature = Signature([0; 64]);
    let most = u64::from(MAX_SIGNATURES);
    let refused = Err(BlockError::TooLarge { have: 2 * most, most, unit: "signatures inside calls" });
    assert_eq!(execute(network.memory(), &context, &transactions), refused);
    assert_eq!(execute(network.memory(), &context, &forged), refused, "not even the transactions' own are verified");
    let (taken, executed) = assemble(network.memory(), &context, 0, transactions.clone());
    assert_eq!(taken, [transactions[0].clone(), transactions[2].clone()], "what is over the limit waits");
    assert_eq!(execute(network.memory(), &context, &taken), Ok(executed));
}

#[test]
fn h04_whoever_fills_the_room_for_signatures_pays_as_for_a_full_block() {
    let mut genesis = genesis();
    genesis.accounts.fees.per_byte = Amount(3);
    let (bytes, signatures) = (genesis.chain.limits.max_block_bytes, genesis.chain.limits.max_block_signatures);
    let mut network = Network::new(genesis);
    let leaves = leave_roster(&network.genesis, 0, 99);
    let [bare, signed] = [transfer(holder(1).account(), 1), leaves].map(|call| {
        let transaction = network.payload(holder(0).account(), 0, call).sign(&holder(0));
        (transaction.payload.fee.0, transaction)
    });
    assert_eq!(bare.0, 10 + 3 * bare.1.encoded_size() as u64);
    assert_eq!((signed.1.signatures_inside(), signed.0), (1, 10 + 3 * u64::from(bytes / signatures)));
    assert!(signed.1.encoded_size() < 300, "in few bytes");
    // What is less than that is in no block, and that much is burned although the signature is worth nothing.
    let cheaper = Payload { fee: Amount(signed.0 - 1), ..signed.1.payload.clone() }.sign(&holder(0));
    let refused = execute(network.memory(), &network.context(), &[cheaper]);
    let error = TxError::FeeTooLow { have: Amount(signed.0 - 1), need: Amount(signed.0) };
    assert_eq!(refused, Err(BlockError::Transaction { index: 0, error }));
    let done = network.include(vec![signed.1]);
    assert!(done.outcomes()[0].is_err());
    assert_eq!(accounts::queries::burned(&network.state()), Amount(signed.0));
}

#[test]
fn a_header_that_differs_is_refused_by_the_name_of_the_field() {
    let mut network = Network::new(genesis());
    let right = network.block(&[(holder(0), transfer(holder(1).account(), 1))]).header;
    assert_eq!(right.require(&right), Ok(()));
    type Spoil = fn(&mut Header);
    let wrong: [(&str, Spoil); 11] = [
        ("chain_id", |header| header.chain_id = Default::default()),
        ("height", |header| header.height.0 += 1),
        ("time", |header| header.time.0 += 1),
        ("proposer", |header| header.proposer.0[0] ^= 1),
        ("parent", |header| header.parent.0[0] ^= 1),
        ("transactions_root", |header| header.transactions_root.0[31] ^= 1),
        ("facts_root", |header| header.facts_root.0[0] ^= 1),
        ("state_root", |header| header.state_root = StateRoot([0; 32])),
        ("validators_hash", |header| header.validators_hash.0[0] ^= 1),
        ("next_validators_hash", |header| header.next_validators_hash.0[0] ^= 1),
        ("last_commit_hash", |header| header.last_commit_hash.0[0] ^= 1),
    ];
    for (name, spoil) in wrong {
        let mut header = right.clone();
        spoil(&mut header);
        assert_ne!(header.hash(), right.hash(), "{name} is part of the hash");
        let refused = header.require(&right).unwrap_err();
        assert!(matches!(refused, BlockError::HeaderMismatch { field, .. } if field == name), "{name}: {refused}");
    }
}

#[test]
fn bytes_that_are_not_exactly_one_block_are_refused() {
    let mut network = Network::new(genesis());
    let done = network.block(&[(holder(0), transfer(holder(1).account(), 1))]);
    let block = Block { header: done.header, last_commit: None, transactions: done.transactions };
    assert_eq!(Context::of(&block), done.context);
    let mut bytes = block.encode();
    assert_eq!(Block::from_bytes(&bytes), Ok(block));
    bytes.push(0);
    assert!(matches!(Block::from_bytes(&bytes), Err(BlockError::Undecodable(_))));
    assert!(Block::from_bytes(&bytes[..bytes.len() - 2]).is_err());
    assert!(Block::from_bytes(&[]).is_err());
}

#[test]
fn h19_a_proposer_earns_what_is_above_the_least_fee_and_pays_that_fee_for_its_own_calls() {
    let mut network = Network::new(genesis());
    let before = network.balance(&validator(0).account()).free.0;
    let offer = |key: SecretKey, fee| {
        let payload = network.payload(key.account(), 0, transfer(holder(1).account(), 7));
        Payload { fee: Amount(fee), ..payload }.sign(&key)
    };
    let (other, own) = (offer(holder(0), 15), offer(validator(0), 500));
    let done = network.include(vec![other.clone(), own.clone()]);
    assert_eq!(network.balance(&validator(0).account()).free, Amount(before + 5 - 10 - 7));
    assert_eq!(network.balance(&validator(0).account()).nonce, 1);
    assert_eq!(accounts::queries::burned(&network.state()), Amount(20));
    let paid = |transaction: &Transaction, fee| {
        let (hash, account) = (transaction.hash(), transaction.payload.account);
        Cause::Transaction { hash, account, lane: Lane::Wallet, fee: Amount(fee), burned: Amount(10) }
    };
    let causes: Vec<_> = done.executed.facts.into_iter().map(|fact| fact.cause).collect();
    assert_eq!(causes, [paid(&other, 15), paid(&own, 500)]);
}

#[test]
fn the_validator_set_follows_stake_two_epochs_later_and_headers_announce_it() {
    let mut network = Network::new(genesis());
    network.block(&[(holder(0), bond(1_500_000))]);
    let mut announced = Vec::new();
    let mut last = network.block(&[]).header;
    while network.epoch() < Epoch(4) {
        let header = network.block(&[]).header;
        assert_eq!(header.validators_hash, last.next_validators_hash, "at height {}", header.height);
        if header.validators_hash != last.validators_hash {
            announced.push(header.height.0);
        }
        last = header;
    }
    assert_eq!(announced, [20], "bonded in epoch 0, in force in 1, elected at its start for epoch 2");
    let set = staking::queries::validator_set(&network.state(), Epoch(2));
    assert_eq!(set.validators[0].account, holder(0).account(), "the strongest stands first");
    assert_eq!(set.hash(), last.validators_hash);
}

#[test]
fn a_bond_that_was_taken_back_makes_room_once_no_vote_can_need_it() {
    let mut genesis = genesis();
    (genesis.staking.params.unbonding_epochs, genesis.staking.params.remembered_epochs) = (2, 3);
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        (track.most_window, track.most_delay) = (2, 1);
    }
    genesis.staking.params.max_validators = 32;
    for index in 10..30 {
        let account = validator(index).account();
        genesis.accounts.balances.push(Endowment { account, balance: Amount(2_000) });
        genesis.staking.bonds.push(staking::GenesisBond { account, validator: account, amount: Amount(1_000) });
    }
    let mut network = Network::new(genesis);
    let to = |index| (holder(0), delegate(validator(index).account(), 1));
    let all: Vec<_> = (10..27).map(to).collect();
    let outcomes = network.block(&all).outcomes();
    assert!(outcomes[..16].iter().all(Result::is_ok));
    assert_eq!(outcomes[16], Err(staking::Error::TooManyBonds(16).into()));

    network.until(1);
    let back: Vec<_> = (10..26).map(|index| (holder(0), unbond(validator(index).account(), 1))).collect();
    assert!(network.block(&back).outcomes().iter().all(Result::is_ok));
    assert_eq!(network.block(&[to(26)]).outcomes()[0], Err(staking::Error::TooManyBonds(16).into()));
    network.until(4);
    assert!(network.block(&[to(26)]).outcomes()[0].is_err(), "epoch 1 is remembered");
    network.until(5);
    assert!(network.block(&[to(26)]).outcomes()[0].is_ok());
    assert_eq!(staking::queries::bonds(&network.state(), &holder(0).account()).len(), 1);
}
