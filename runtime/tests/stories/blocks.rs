//! What makes a block valid, and what its header commits to.

use crate::network::{Network, bond, delegate, transfer, unbond};
use accounts::Endowment;
use parity_scale_codec::Encode;
use primitives::{Amount, Epoch, StateRoot};
use runtime::testing::{genesis, holder, validator};
use runtime::{Block, BlockError, Context, Header, assemble, execute};

#[test]
fn a_block_over_its_bounds_is_refused_and_a_proposer_stays_within_them() {
    let mut genesis = genesis();
    genesis.chain.limits.max_block_transactions = 3;
    genesis.chain.limits.max_block_bytes = 1_024;
    genesis.chain.limits.max_transaction_bytes = 1_024;
    let network = Network::new(genesis);
    let context = network.context();
    let small = network.sign(&vec![(holder(0), transfer(&holder(1), 1)); 4]);
    let refused = execute(network.memory(), &context, &small);
    assert_eq!(refused, Err(BlockError::TooLarge { have: 4, most: 3, unit: "pieces" }));
    let (taken, executed) = assemble(network.memory(), &context, small.clone());
    assert_eq!(taken, small[..3]);
    assert_eq!(execute(network.memory(), &context, &taken), Ok(executed));

    let reason = "x".repeat(600);
    let long = crate::network::vote(1, governance::Choice::Yes, Some(&reason));
    let large = network.sign(&[(holder(0), long.clone()), (holder(1), long), (holder(2), transfer(&holder(1), 1))]);
    let bytes: usize = large.iter().map(Encode::encoded_size).sum();
    let refused = execute(network.memory(), &context, &large);
    assert_eq!(refused, Err(BlockError::TooLarge { have: bytes as u64, most: 1_024, unit: "bytes" }));
    let (taken, _) = assemble(network.memory(), &context, large.clone());
    assert_eq!(taken, [large[0].clone(), large[2].clone()], "what does not fit is left, what does is taken");
}

#[test]
fn a_header_that_differs_is_refused_by_the_name_of_the_field() {
    let mut network = Network::new(genesis());
    let right = network.block(&[(holder(0), transfer(&holder(1), 1))]).header;
    assert_eq!(right.require(&right), Ok(()));
    type Spoil = fn(&mut Header);
    let wrong: [(&str, Spoil); 10] = [
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
    let done = network.block(&[(holder(0), transfer(&holder(1), 1))]);
    let block = Block { header: done.header, transactions: done.transactions };
    assert_eq!(Context::of(&block), done.context);
    let mut bytes = block.encode();
    assert_eq!(Block::from_bytes(&bytes), Ok(block));
    bytes.push(0);
    assert!(matches!(Block::from_bytes(&bytes), Err(BlockError::Undecodable(_))));
    assert!(Block::from_bytes(&bytes[..bytes.len() - 2]).is_err());
    assert!(Block::from_bytes(&[]).is_err());
}

#[test]
fn fees_go_to_the_proposer_also_when_it_pays_them_itself() {
    let mut network = Network::new(genesis());
    let before = network.balance(&validator(0).account()).free.0;
    network.block(&[(holder(0), transfer(&holder(1), 1)), (validator(0), transfer(&holder(1), 7))]);
    assert_eq!(network.balance(&validator(0).account()).free, Amount(before + 10 - 7));
    assert_eq!(network.balance(&validator(0).account()).nonce, 1);
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
    genesis.staking.params.remembered_epochs = 2;
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        (track.most_window, track.most_delay) = (1, 1);
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
    network.until(3);
    assert!(network.block(&[to(26)]).outcomes()[0].is_err(), "epoch 1 is remembered");
    network.until(4);
    assert!(network.block(&[to(26)]).outcomes()[0].is_ok());
    assert_eq!(staking::queries::bonds(&network.state(), &holder(0).account()).len(), 1);
}
