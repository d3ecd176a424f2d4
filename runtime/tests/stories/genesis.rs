//! What a genesis file must be, and that everything wrong with it is said at once.

use primitives::{AccountId, Amount, BuildHash, Fraction, List, PublicKey, Text};
use runtime::testing::{genesis, holder, signer, validator};
use runtime::{Bond, Endowment, Genesis};

fn mistakes(change: impl FnOnce(&mut Genesis)) -> Vec<String> {
    let mut genesis = genesis();
    change(&mut genesis);
    let Err(mistakes) = genesis.check() else { return Vec::new() };
    mistakes.0.into_iter().map(|mistake| mistake.field).collect()
}

#[test]
fn the_network_of_the_tests_has_no_mistakes() {
    assert_eq!(mistakes(|_| ()), [""; 0]);
}

#[test]
fn a_bad_genesis_lists_all_its_mistakes_at_once() {
    let fields = mistakes(|genesis| {
        let chain = &mut genesis.chain;
        (chain.chain_id, chain.epoch_length) = (Text::default(), 0);
        let limits = &mut chain.limits;
        (limits.max_block_transactions, limits.max_transaction_lifetime) = (0, 0);
        (limits.max_block_bytes, limits.max_transaction_bytes) = (64 << 20, 1);
        let timing = &mut chain.consensus;
        (timing.propose_timeout_ms, timing.vote_timeout_ms, timing.max_clock_drift_ms) = (0, 0, 0);
        genesis.approved = Vec::new();
        genesis.governance.max_live_proposals = 0;
        genesis.governance.routine.least_window = 0;
        genesis.governance.routine.quorum = Fraction::new(0, 1).unwrap();
        genesis.governance.expedited.least_delay = 99;
        genesis.governance.expedited.most_window = 51;
        (genesis.roster.version, genesis.roster.threshold) = (2, 4);
        genesis.roster.signers = List::truncate_from(vec![signer(0).public(), signer(0).public(), PublicKey([0; 32])]);
        genesis.accounts.push(Endowment { account: holder(0).account(), balance: Amount(u64::MAX) });
        (genesis.staking.max_validators, genesis.staking.remembered_epochs) = (0, 50);
        genesis.bonds = vec![Bond { account: holder(9).account(), validator: AccountId([0; 32]), amount: Amount(0) }];
    });
    let expected = [
        "chain.chain_id",
        "chain.epoch_length",
        "chain.limits.max_block_transactions",
        "chain.limits.max_transaction_lifetime",
        "chain.limits.max_block_bytes",
        "chain.limits.max_transaction_bytes",
        "chain.consensus.propose_timeout_ms",
        "chain.consensus.vote_timeout_ms",
        "chain.consensus.max_clock_drift_ms",
        "approved",
        "governance.max_live_proposals",
        "governance.routine.least_window",
        "governance.routine.quorum",
        "governance.expedited.least_delay",
        "governance.expedited.most_window",
        "roster.version",
        "roster.signers",
        "roster.signers.2",
        "roster.threshold",
        "accounts",
        "accounts",
        "staking.max_validators",
        "bonds.0",
        "bonds.0",
        "bonds.0",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn a_genesis_with_zero_stake_is_refused() {
    assert_eq!(mistakes(|genesis| genesis.bonds.clear()), ["bonds"]);
    assert!(!mistakes(|genesis| genesis.bonds.iter_mut().for_each(|bond| bond.amount = Amount(0))).is_empty());
    assert!(!mistakes(|genesis| genesis.bonds[0].amount = Amount(999)).is_empty(), "below the minimum bond");
}

#[test]
fn nobody_bonds_more_than_they_have_or_to_whom_has_no_bond() {
    assert_eq!(mistakes(|genesis| genesis.bonds[0].amount = Amount(2_000_001)), ["bonds"]);
    let to = |validator: AccountId| Bond { account: holder(0).account(), validator, amount: Amount(1) };
    assert_eq!(mistakes(|genesis| genesis.bonds.push(to(holder(1).account()))), ["bonds.4"]);
    assert_eq!(mistakes(|genesis| genesis.bonds.extend(vec![to(validator(0).account()); 17])), ["bonds"]);
    assert_eq!(mistakes(|genesis| genesis.approved.push(genesis.approved[0].clone())), ["approved"]);
}

#[test]
fn the_sentence_names_every_field_and_what_would_be_right() {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 0;
    genesis.roster.threshold = 9;
    let sentence = genesis.check().unwrap_err().to_string();
    let expected = "the genesis has 2 mistake(s):\n  - chain.epoch_length: is 0; an epoch has at least one block\n  - \
                    roster.threshold: is 9; it must be 1 to the number of signers (3)";
    assert_eq!(sentence, expected);
}

#[test]
fn a_file_with_an_unknown_or_missing_key_is_refused() {
    let good = serde_json::to_value(genesis()).unwrap();
    let mut more = good.clone();
    more["staking"]["inflation"] = 1.into();
    assert!(serde_json::from_value::<Genesis>(more).unwrap_err().to_string().contains("inflation"));
    let mut less = good;
    less["chain"]["limits"].as_object_mut().unwrap().remove("max_block_bytes");
    assert!(serde_json::from_value::<Genesis>(less).unwrap_err().to_string().contains("max_block_bytes"));
}

#[test]
fn genesis_bonds_are_in_force_from_the_start_and_supply_is_what_was_given() {
    let mut genesis = genesis();
    let (delegator, to) = (holder(0).account(), validator(1).account());
    genesis.bonds.push(Bond { account: delegator, validator: to, amount: Amount(5) });
    let memory = genesis.build();
    let state = state::State::over(&memory);
    let power = staking::queries::power_at(&state, &to, primitives::Epoch(0));
    assert_eq!((power, genesis.validators().validators[0].account), (Amount(1_000_005), to));
    assert_eq!(accounts::queries::supply(&state), Amount(14_000_000));
    assert_eq!(accounts::queries::account(&state, &delegator).held, Amount(5));
    let approved = releases::queries::verdict_now(&state, &BuildHash([0xaa; 32]), primitives::Epoch(0));
    assert_eq!(approved, releases::queries::Verdict::Approved);
}
