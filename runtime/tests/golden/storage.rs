//! The storage layout: every cell with an example of its raw key and value.

use crate::examples::*;
use crate::network::*;
use parity_scale_codec::Encode;
use primitives::{Amount, BuildHash, Epoch};
use runtime::testing::{genesis, holder, validator};
use std::collections::BTreeMap;

/// The raw key and value of each cell, by its path.
fn cells() -> BTreeMap<String, (Vec<u8>, Vec<u8>)> {
    let mut cells = BTreeMap::new();
    let mut cell = |key: &[u8], value: Vec<u8>| {
        let parts: Vec<&[u8]> = key.splitn(3, |byte| *byte == b'/').collect();
        let path = String::from_utf8([parts[0], parts[1]].join(&b'/')).unwrap();
        assert!(cells.insert(path, (key.to_vec(), value)).is_none(), "two cells at one path");
    };
    let genesis = genesis();
    cell(runtime::CHAIN.key(), genesis.chain.encode());
    {
        use accounts::storage::*;
        cell(&ACCOUNTS.key(&WHO), account().encode());
        cell(FEES.key(), genesis.accounts.fees.encode());
        cell(BURNED.key(), TEN.encode());
    }
    {
        use staking::storage::*;
        cell(PARAMS.key(), genesis.staking.params.encode());
        cell(&BONDS.key(&WHO), bonds().encode());
        cell(&POWER.key(&VALIDATOR), history().encode());
        cell(TOTAL.key(), history().encode());
        cell(&UNBONDING.key(&(Epoch(258), WHO)), TEN.encode());
        cell(&SETS.key(&Epoch(258)), validators().encode());
    }
    {
        use governance::storage::*;
        cell(PARAMS.key(), genesis.governance.params.encode());
        cell(LATEST.key(), ID.encode());
        cell(&proposals::<runtime::Motion>().key(&ID), proposal().encode());
        cell(&POLLS.key(&ID), poll().encode());
        cell(&DEPOSITS.key(&ID), deposit().encode());
        cell(&BALLOTS.key(&(ID, WHO)), ballot().encode());
        cell(&OVERRIDDEN.key(&(ID, VALIDATOR)), TEN.encode());
        cell(&CLAIMS.key(&digest()), ID.encode());
        cell(&AGENDA.key(&(Epoch(258), ID)), true.encode());
    }
    {
        use releases::storage::*;
        cell(PARAMS.key(), genesis.releases.params.encode());
        cell(CHAIN_ID.key(), genesis.chain.chain_id.encode());
        cell(ROSTER.key(), genesis.releases.roster.encode());
        cell(&ROSTERS.key(&2), roster_record().encode());
        cell(APPLIED_THRESHOLD.key(), 2u32.encode());
        cell(&APPROVED.key(&HASH), approved(releases::Standing::Active).encode());
        cell(&BUILDS.key(&3), vec![HASH].encode());
        cell(ACTIVE.key(), vec![HASH].encode());
        cell(LATEST_SEQUENCE.key(), 3u64.encode());
        cell(MINIMUM_SEQUENCE.key(), minimum_sequence().encode());
        cell(&RECEIPTS.key(&(HASH, WHO)), receipt().encode());
        cell(&STAGES.key(&(HASH, WHO)), stage_report().encode());
        cell(&REBUILDS.key(&(HASH, WHO)), rebuild().encode());
        cell(&REVEALED.key(&digest()), manifest().encode());
        cell(&RUNNING.key(&WHO), HASH.encode());
    }
    cells
}

#[test]
fn every_cell_is_stored_as_ever() {
    let mut out = String::from("# each cell: its raw key as text and hex, and an example of its value\n");
    for (key, value) in cells().into_values() {
        let (text, key, value) = (key.escape_ascii().to_string(), hex::encode(&key), hex::encode(value));
        out += &format!("{text}\n  key   {key}\n  value {value}\n");
    }
    crate::golden("storage.txt", &out);
}

#[test]
fn no_key_is_stored_outside_of_the_cells_and_every_cell_is_in_use() {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 2;
    let mut network = Network::new(genesis);
    let hash = BuildHash([1; 32]);
    let yes = |index| (validator(index), vote(1, governance::Choice::Yes, None));
    let to = validator(0).account();
    let release = |hash| propose(&network.genesis, hash, 2);
    let sealed_hash = BuildHash([2; 32]);
    let (first, second) = (release(hash), propose_sealed(&network.genesis, sealed_hash, 2, digest()));
    let mut dumps = network.memory.0.clone();
    let blocks = [
        vec![(holder(0), delegate(to, 500))],
        vec![(validator(1), first), yes(0), yes(1)],
        vec![(holder(0), vote(1, governance::Choice::No, None)), (holder(0), unbond(to, 100))],
    ];
    for asked in &blocks {
        network.block(asked);
        dumps.extend(network.memory.0.clone());
    }
    network.until(3);
    let revealed = (holder(0), reveal(sealed_hash, digest()));
    let rebuilt = (holder(0), attest_rebuild(hash));
    network.block(&[(validator(1), second), (validator(0), install(hash)), rebuilt, revealed]);
    network.until(4);
    let yes = |index| (validator(index), vote(3, governance::Choice::Yes, None));
    let withdrawn = releases::Motion::RaiseMinimumSequence { minimum: 2, reason: Default::default() };
    let withdrawal =
        runtime::testing::propose_on(governance::TrackName::Expedited, runtime::Motion::Releases(withdrawn));
    network.block(&[(validator(1), withdrawal), yes(0), yes(1), yes(2)]);
    network.until(9);
    dumps.extend(network.memory.0.clone());
    let cells = cells();
    let under = |path: &str, key: &[u8]| key == path.as_bytes() || key.starts_with(format!("{path}/").as_bytes());
    for key in dumps.keys() {
        let owners = cells.keys().filter(|path| under(path, key)).count();
        assert_eq!(owners, 1, "{} belongs to {owners} cells", key.escape_ascii());
    }
    let unused: Vec<_> = cells.keys().filter(|path| !dumps.keys().any(|key| under(path, key))).collect();
    assert_eq!(unused, Vec::<&String>::new());
    assert_eq!(accounts::storage::BURNED.get(&network.state()), Some(Amount(1_000)));
}
