//! Vectors for other implementations: from a genesis and transactions to facts, writes and roots.

use crate::network::*;
use governance::Choice::{No, Yes};
use parity_scale_codec::Encode;
use primitives::{BlockHash, BuildHash, Digest, SecretKey, StateRoot, TransactionHash};
use runtime::testing::{genesis, hold, holder, validator};
use runtime::{Call, Fact, Genesis, Header, Transaction};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;

const ABOUT: &str = "Start from the genesis (SCALE-encoded, it has genesis_hash). Execute the blocks in order; each \
transaction is given as JSON, as SCALE, and as the bytes its account signs. What would be null in that JSON, and in that of \
facts, is left out, as it may be by whoever sends it. Execution must give these facts, these writes \
(null removes the key; keys are a path as text, then bytes), and a header with these roots. The roots of transactions and \
facts are RFC 6962 Merkle roots (SHA-256) over the SCALE encodings; the state root is that of a Jellyfish Merkle tree over \
SHA-256 of keys and values; hashes of headers and transactions are the BLAKE3 of their SCALE encoding. dump_hash is the \
BLAKE3 of the whole state at the end as a SCALE map of bytes to bytes.";

/// Epochs of two blocks, so that a whole life fits.
fn short_epochs() -> Genesis {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 2;
    genesis
}

#[derive(Serialize)]
struct Vector {
    about: &'static str,
    story: &'static str,
    genesis: Genesis,
    genesis_hash: Digest,
    genesis_state_root: StateRoot,
    blocks: Vec<BlockVector>,
    dump_hash: Digest,
}

#[derive(Serialize)]
struct BlockVector {
    transactions: Vec<TransactionVector>,
    facts: Vec<FactVector>,
    writes: Vec<(String, Option<String>)>,
    header: Header,
    header_scale: String,
    header_hash: BlockHash,
}

#[derive(Serialize)]
struct TransactionVector {
    json: Value,
    signing_bytes: String,
    scale: String,
    hash: TransactionHash,
}

#[derive(Serialize)]
struct FactVector {
    json: Value,
    scale: String,
}

fn vector(name: &str, story: &'static str, blocks: Vec<Vec<(SecretKey, Call)>>) {
    let mut network = Network::new(short_epochs());
    let genesis_state_root = network.root();
    let document = Vector {
        about: ABOUT,
        story,
        genesis: network.genesis.clone(),
        genesis_hash: network.genesis.hash(),
        genesis_state_root,
        blocks: blocks.iter().map(|asked| block(&mut network, asked)).collect(),
        dump_hash: Digest::blake3(&network.memory().0.encode()),
    };
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    crate::golden(&format!("vectors/{name}.json"), &text);
}

fn block(network: &mut Network, asked: &[(SecretKey, Call)]) -> BlockVector {
    let Done { header, transactions, executed, .. } = network.block(asked);
    let printable = |(key, value): (Vec<u8>, Option<Vec<u8>>)| (key.escape_ascii().to_string(), value.map(hex::encode));
    BlockVector {
        transactions: transactions.iter().map(transaction).collect(),
        facts: executed.facts.iter().map(fact).collect(),
        writes: executed.writes.into_iter().map(printable).collect(),
        header_scale: hex::encode(header.encode()),
        header_hash: header.hash(),
        header,
    }
}

fn transaction(transaction: &Transaction) -> TransactionVector {
    let (signing_bytes, hash) = (hex::encode(transaction.payload.signing_bytes()), transaction.hash());
    TransactionVector { json: said(transaction), signing_bytes, scale: hex::encode(transaction.encode()), hash }
}

fn fact(fact: &Fact) -> FactVector {
    FactVector { json: said(fact), scale: hex::encode(fact.encode()) }
}

/// A value as JSON, without what it does not say; it reads back as the same.
fn said<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let mut json = serde_json::to_value(value).unwrap();
    leave_out_nulls(&mut json);
    assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), *value);
    json
}

fn leave_out_nulls(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

#[test]
fn a_transfer() {
    let pay = |amount| (holder(0), transfer(holder(1).account(), amount));
    vector(
        "transfer",
        "Holder 0 pays holder 1 twice in one block and once in the next.",
        vec![vec![pay(5), pay(70)], vec![pay(900)]],
    );
}

#[test]
fn a_name_that_is_given_changed_and_taken_back() {
    let says = |name, link| (holder(0), describe(name, link));
    vector(
        "name",
        "Holder 0 gives itself a name and a link, then another name and none, and takes it back; a name that could be taken for a \
         hash, one with a letter of another script and a link with a user in it are refused.",
        vec![
            vec![says("Acme Validators", "https://acme.example/validators")],
            vec![
                says("Acme", ""),
                says("b3f1c2d4", ""),
                says("\u{410}cme", ""),
                says("Acme", "https://acme@evil.example"),
            ],
            vec![says("", "")],
        ],
    );
}

#[test]
fn stake_that_is_bonded_delegated_and_taken_back() {
    let to = validator(0).account();
    let story = "Holder 0 becomes a validator; holder 1 delegates to validator 0 and takes a part back; the epochs turn \
                 until it is free.";
    vector(
        "stake",
        story,
        vec![
            vec![(holder(0), bond(1_200_000)), (holder(1), delegate(to, 400_000))],
            vec![],
            vec![(holder(1), unbond(to, 150_000))],
            vec![],
            vec![],
            vec![],
            vec![],
            vec![],
            vec![],
            vec![],
            vec![],
        ],
    );
}

#[test]
fn a_release_from_proposal_to_receipt() {
    let (genesis, hash) = (short_epochs(), BuildHash([0x42; 32]));
    let story = "Validator 0 proposes a release that two of three signers attest; three validators vote, one of them \
                 twice; a holder's delegated stake overrides; two validators hold it; it passes at the start of epoch \
                 2, activates in epoch 3, and its install is recorded.";
    vector(
        "release",
        story,
        vec![
            vec![(holder(0), delegate(validator(1).account(), 300_000))],
            vec![
                (validator(0), propose(&genesis, hash, 2)),
                (validator(0), vote(1, Yes, Some("we built it ourselves"))),
                (validator(1), vote(1, No, None)),
            ],
            vec![
                (holder(0), vote(1, No, None)),
                (validator(1), vote(1, Yes, Some("seen it run"))),
                (validator(2), vote(1, No, None)),
                (validator(0), hold(hash)),
                (validator(1), hold(hash)),
            ],
            vec![],
            vec![],
            vec![(validator(0), install(hash))],
        ],
    );
}

#[test]
fn refusals() {
    let (genesis, hash) = (short_epochs(), BuildHash([0x42; 32]));
    let story = "Each call is refused: it pays its fee and its nonce, and its reason is on record.";
    vector(
        "refusals",
        story,
        vec![vec![
            (holder(0), transfer(holder(1).account(), 5_000_000)),
            (holder(0), transfer(holder(1).account(), 0)),
            (holder(0), bond(5)),
            (holder(0), delegate(holder(1).account(), 5)),
            (holder(0), unbond(validator(0).account(), 5)),
            (holder(0), propose(&genesis, hash, 2)),
            (validator(0), propose(&genesis, hash, 1)),
            (validator(0), propose(&genesis, genesis.releases.approved[0].build_hash, 3)),
            (validator(0), vote(1, Yes, None)),
            (validator(0), withdraw(1)),
            (validator(0), install(hash)),
        ]],
    );
}
