//! What a genesis file must be, and that everything wrong with it is said at once.

use accounts::Endowment;
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, Fraction, List, PublicKey, Text};
use releases::{FirstManifest, Manifest};
use runtime::testing::{genesis, holder, signer, validator};
use runtime::{Genesis, Limits, MOST_TRANSACTION_LIFETIME};
use staking::{GenesisBond, PenaltyParams};

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
        (chain.chain_id, chain.epoch_length, chain.most_block_ms) = (Text::default(), 0, 0);
        chain.level = u32::MAX;
        let limits = &mut chain.limits;
        (limits.max_block_transactions, limits.max_transaction_lifetime) = (0, 0);
        (limits.max_block_bytes, limits.max_transaction_bytes) = (64 << 20, 1);
        let timing = &mut chain.consensus;
        (timing.propose_timeout_ms, timing.vote_timeout_ms, timing.max_clock_drift_ms) = (0, 0, 0);
        genesis.releases.params.reporter_stake = Amount(0);
        genesis.releases.approved = Vec::new();
        genesis.releases.params.available_share = Fraction::new(0, 1).unwrap();
        genesis.governance.params.max_live_proposals = 0;
        genesis.governance.params.routine.least_window = 0;
        genesis.governance.params.routine.quorum = Fraction::new(0, 1).unwrap();
        genesis.governance.params.expedited.least_delay = 99;
        genesis.governance.params.expedited.most_window = 51;
        (genesis.releases.roster.version, genesis.releases.roster.threshold) = (2, 4);
        genesis.releases.roster.signers =
            List::truncate_from(vec![signer(0).public(), signer(0).public(), PublicKey([0; 32])]);
        genesis.accounts.balances.push(Endowment { account: holder(0).account(), balance: Amount(u64::MAX) });
        (genesis.staking.params.max_validators, genesis.staking.params.remembered_epochs) = (0, 50);
        genesis.staking.bonds =
            vec![GenesisBond { account: holder(9).account(), validator: AccountId([0; 32]), amount: Amount(0) }];
    });
    let expected = [
        "chain.chain_id",
        "chain.epoch_length",
        "chain.level",
        "chain.most_block_ms",
        "chain.limits.max_block_transactions",
        "chain.limits.max_transaction_lifetime",
        "chain.limits.max_block_bytes",
        "chain.limits.max_transaction_bytes",
        "chain.consensus.propose_timeout_ms",
        "chain.consensus.vote_timeout_ms",
        "chain.consensus.max_clock_drift_ms",
        "accounts.balances",
        "accounts.balances",
        "staking.params.max_validators",
        "staking.bonds.0",
        "staking.bonds.0",
        "staking.bonds.0",
        "staking.bonds.0",
        "governance.params.max_live_proposals",
        "governance.params.routine.least_window",
        "governance.params.routine.quorum",
        "governance.params.expedited.least_delay",
        "governance.params.expedited.most_window",
        "releases.params.reporter_stake",
        "releases.params.available_share",
        "releases.approved",
        "releases.roster.version",
        "releases.roster.signers",
        "releases.roster.signers.2",
        "releases.roster.threshold",
        "chain.limits.max_block_transactions",
        "chain.limits.max_block_bytes",
        "chain.limits.max_transaction_bytes",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn no_transaction_lives_longer_than_a_wallet_signs_for() {
    let with = |blocks: u64| mistakes(|genesis| genesis.chain.limits.max_transaction_lifetime = blocks);
    assert_eq!(with(MOST_TRANSACTION_LIFETIME), [""; 0]);
    assert_eq!(with(MOST_TRANSACTION_LIFETIME + 1), ["chain.limits.max_transaction_lifetime"]);
}

#[test]
fn h04_limits_that_could_not_hold_the_clocks_work_or_be_answered_are_refused() {
    let limits = |change: fn(&mut Limits)| mistakes(|genesis| change(&mut genesis.chain.limits));
    // An election, and the ends of sixteen shared and sixteen own proposals that are carried out, are 65 facts.
    assert_eq!(limits(|limits| limits.max_block_transactions = 131), ["chain.limits.max_block_transactions"]);
    assert_eq!(limits(|limits| limits.max_block_transactions = 132), [""; 0]);
    assert_eq!(limits(|limits| limits.max_block_transactions = 100_000), ["chain.limits.max_block_bytes"]);
    assert_eq!(limits(|limits| limits.max_block_signatures = 319), ["chain.limits.max_block_signatures"]);
    assert_eq!(limits(|limits| limits.max_block_signatures = 320), [""; 0]);
    assert_eq!(limits(|limits| limits.max_block_reads = 65_535), ["chain.limits.max_block_reads"]);
    assert_eq!(limits(|limits| limits.max_block_reads = 65_536), [""; 0]);
}

#[test]
fn h04_delegations_have_a_minimum_from_the_start() {
    let none = mistakes(|genesis| genesis.staking.params.minimum_delegation = Amount(0));
    assert_eq!(none, ["staking.params.minimum_delegation"]);
    let delegating = |amounts: &[u64]| {
        mistakes(|genesis| {
            genesis.staking.params.minimum_delegation = Amount(5);
            let to = |amount: &u64| GenesisBond {
                account: holder(0).account(),
                validator: validator(0).account(),
                amount: Amount(*amount),
            };
            genesis.staking.bonds.extend(amounts.iter().map(to));
        })
    };
    assert_eq!(delegating(&[4]), ["staking.bonds.4"]);
    assert_eq!(delegating(&[4, 1]), [""; 0], "together they are enough");
}

#[test]
fn h28_stake_is_remembered_for_as_long_as_a_proposal_can_live() {
    let with = |epochs: u64| mistakes(|genesis| genesis.staking.params.remembered_epochs = epochs);
    assert_eq!(with(40), [""; 0], "a window and a delay of twenty epochs each");
    assert_eq!(with(39), ["governance.params.routine.most_window", "governance.params.expedited.most_window"]);
}

#[test]
fn h15_a_genesis_by_which_contradicting_oneself_costs_nothing_is_refused() {
    let with = |change: fn(&mut PenaltyParams)| mistakes(|genesis| change(&mut genesis.staking.params.penalties));
    let field = |name: &str| vec![format!("staking.params.penalties.{name}")];
    assert_eq!(with(|rules| rules.own_share = Fraction::new(0, 3).unwrap()), field("own_share"));
    assert_eq!(with(|rules| rules.own_share = Fraction::new(1, 1_001).unwrap()), field("own_share"), "of 1,000");
    assert_eq!(with(|rules| rules.own_share = Fraction::new(1, 1_000).unwrap()), [""; 0]);
    assert_eq!(mistakes(|genesis| genesis.staking.params.minimum_bond = Amount(2)), field("own_share"), "a third of 2");
    assert_eq!(with(|rules| rules.jail_epochs = 0), field("jail_epochs"));
    let rewarded = with(|rules| rules.reward_share = Fraction::new(3, 3).unwrap());
    assert_eq!(rewarded, field("reward_share"), "reporting oneself from another account would cost nothing");
    assert_eq!(with(|rules| rules.reward_share = Fraction::new(2, 3).unwrap()), [""; 0]);
}

#[test]
fn h15_stake_is_remembered_for_longer_than_it_answers() {
    let epochs = |unbonding: u64, remembered: u64| {
        mistakes(|genesis| {
            let rules = &mut genesis.staking.params;
            (rules.unbonding_epochs, rules.remembered_epochs) = (unbonding, remembered);
        })
    };
    assert_eq!(epochs(49, 50), [""; 0]);
    assert_eq!(epochs(50, 50), ["staking.params.remembered_epochs"]);
    assert_eq!(epochs(1, 50), ["staking.params.unbonding_epochs"], "trust would not reach from one epoch to the next");
}

#[test]
fn h15_a_transaction_may_be_as_long_as_the_longest_proof_of_an_offence() {
    let most = genesis().most_evidence_bytes();
    let with = |bytes: u32| mistakes(|genesis| genesis.chain.limits.max_transaction_bytes = bytes);
    assert_eq!(with(most), [""; 0]);
    assert_eq!(with(most - 1), ["chain.limits.max_transaction_bytes"]);
}

#[test]
fn a_block_adds_to_running_time_as_much_as_it_takes_where_nothing_fails_and_an_hour_at_most() {
    let with = |most: u64, block: u64| {
        mistakes(|genesis| {
            let timing = &mut genesis.chain.consensus;
            (timing.block_time_ms, timing.propose_timeout_ms, timing.vote_timeout_ms) = (block, 300, 100);
            genesis.chain.most_block_ms = most;
        })
    };
    // With the timeouts: half a second, a second, a minute and a half, and an hour.
    for (most, block) in [(1_000, 0), (1_000, 500), (90_000, 89_500), (3_600_000, 0), (3_600_000, 3_599_500)] {
        assert_eq!(with(most, block), [""; 0], "{most} with a block each {block} ms");
    }
    for (most, block) in [(0, 0), (999, 0), (1_000, 501), (60_000, 60_000), (3_600_001, 0), (u64::MAX, 0)] {
        assert_eq!(with(most, block), ["chain.most_block_ms"], "{most} with a block each {block} ms");
    }
    assert_eq!(with(3_600_000, 3_599_501), ["chain.consensus.block_time_ms"], "none would be enough");
    assert_eq!(with(3_600_000, u64::MAX), ["chain.consensus.block_time_ms"]);
}

#[test]
fn a_genesis_with_zero_stake_is_refused() {
    assert_eq!(mistakes(|genesis| genesis.staking.bonds.clear()), ["staking.bonds"]);
    assert!(!mistakes(|genesis| genesis.staking.bonds.iter_mut().for_each(|bond| bond.amount = Amount(0))).is_empty());
    assert!(!mistakes(|genesis| genesis.staking.bonds[0].amount = Amount(999)).is_empty(), "below the minimum bond");
}

#[test]
fn nobody_bonds_more_than_they_have_or_to_whom_has_no_bond() {
    assert_eq!(mistakes(|genesis| genesis.staking.bonds[0].amount = Amount(2_000_001)), ["staking.bonds"]);
    let to = |validator: AccountId| GenesisBond { account: holder(0).account(), validator, amount: Amount(1) };
    assert_eq!(mistakes(|genesis| genesis.staking.bonds.push(to(holder(1).account()))), ["staking.bonds.4"]);
    assert_eq!(
        mistakes(|genesis| genesis.staking.bonds.extend(vec![to(validator(0).account()); 17])),
        ["staking.bonds"]
    );
    assert_eq!(
        mistakes(|genesis| genesis.releases.approved.push(genesis.releases.approved[0].clone())),
        ["releases.approved"]
    );
}

#[test]
fn a_build_is_described_once_if_it_is_approved_by_what_is_for_genesis_to_say() {
    let describes = |build: u8, manifest: Manifest| FirstManifest { build_hash: BuildHash([build; 32]), manifest };
    let says = |manifests: Vec<FirstManifest>| mistakes(|genesis| genesis.releases.manifests = manifests);
    let version = || Manifest { version: Text::new("1.4.0"), ..Manifest::default() };
    assert_eq!(says(vec![describes(0xaa, version())]), [""; 0]);
    assert_eq!(says(vec![describes(0xaa, version()), describes(0xaa, version())]), ["releases.manifests"]);
    assert_eq!(says(vec![describes(0xab, version())]), ["releases.manifests.0.build_hash"]);
    for (manifest, field) in [
        (Manifest { sha256: Some(Digest([1; 32])), ..version() }, "sha256"),
        (Manifest { size: Some(1), ..version() }, "size"),
        (Manifest { level: Some(1), ..version() }, "level"),
        (Manifest { end_of_support_epoch: Some(Epoch(9)), ..version() }, "end_of_support_epoch"),
        (Manifest { notes: Text::new("read this"), ..version() }, "notes"),
    ] {
        assert_eq!(says(vec![describes(0xaa, manifest)]), [format!("releases.manifests.0.manifest.{field}")]);
    }
}

#[test]
fn the_sentence_names_every_field_and_what_would_be_right() {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 0;
    genesis.releases.roster.threshold = 9;
    let sentence = genesis.check().unwrap_err().to_string();
    let expected = "the genesis has 2 mistake(s):\n  - chain.epoch_length: is 0; an epoch has at least one block\n  - \
                    releases.roster.threshold: is 9; it must be 1 to the number of signers (3)";
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
    genesis.staking.bonds.push(GenesisBond { account: delegator, validator: to, amount: Amount(5) });
    let memory = genesis.build();
    let state = state::State::over(&memory);
    let power = staking::queries::power_at(&state, &to, primitives::Epoch(0));
    assert_eq!((power, genesis.validators().validators[0].account), (Amount(1_000_005), to));
    assert_eq!(accounts::queries::supply(&state), Amount(14_000_000));
    assert_eq!(accounts::queries::account(&state, &delegator).held, Amount(5));
    let approved = releases::queries::verdict_now(&state, &BuildHash([0xaa; 32]), primitives::Epoch(0));
    assert_eq!(approved, releases::queries::Verdict::Approved);
}
