//! When a transaction may be in a block, and what a refused call costs.

use crate::network::{Network, transfer};
use primitives::{Amount, Height, SecretKey, Text};
use runtime::testing::{genesis, holder};
use runtime::{BlockError, Cause, Lane, Payload, RUNNING, Running, Transaction, TxError, assemble, execute};

fn ann() -> SecretKey {
    holder(0)
}

fn payload(network: &Network, nonce: u64) -> Payload {
    network.payload(ann().account(), nonce, transfer(holder(1).account(), 5))
}

/// The block refuses the transaction, the pool's check does, and a proposer leaves it out.
fn assert_refused(network: &Network, transaction: Transaction, error: TxError) {
    let context = network.context();
    let one = vec![transaction.clone()];
    let refused = BlockError::Transaction { index: 0, error: error.clone() };
    assert_eq!(execute(network.memory(), &context, &one), Err(refused));
    if !matches!(error, TxError::BadSignature(_)) {
        let at = context.moment(&network.state());
        assert_eq!(transaction.check(&network.state(), at), Err(error));
        assert_eq!(assemble(network.memory(), &context, 0, one).0, []);
    }
}

fn refused(change: impl FnOnce(&mut Payload), error: TxError) {
    let network = Network::new(genesis());
    let mut payload = payload(&network, 0);
    change(&mut payload);
    assert_refused(&network, payload.sign(&ann()), error);
}

#[test]
fn a_transaction_that_is_replayed_is_refused() {
    let mut network = Network::new(genesis());
    let first = network.block(&[(ann(), transfer(holder(1).account(), 5))]).transactions.remove(0);
    assert_refused(&network, first, TxError::NonceUsed { lane: Lane::Wallet, expected: 1, found: 0 });
    let twice = vec![network.sign(&[(ann(), transfer(holder(1).account(), 5))]).remove(0); 2];
    let error = TxError::NonceUsed { lane: Lane::Wallet, expected: 2, found: 1 };
    let refused = execute(network.memory(), &network.context(), &twice);
    assert_eq!(refused, Err(BlockError::Transaction { index: 1, error }));
}

#[test]
fn a_transaction_that_comes_too_early_is_refused() {
    refused(|payload| payload.nonce = 1, TxError::NonceTooHigh { lane: Lane::Wallet, expected: 0, found: 1 });
}

/// A payload for the lane of ann's node.
fn of_node(network: &Network, nonce: u64) -> Payload {
    Payload { lane: Lane::Node, ..payload(network, nonce) }
}

#[test]
fn what_a_wallet_has_prepared_holds_after_its_node_sent_three_words() {
    let mut network = Network::new(genesis());
    let prepared = payload(&network, 0).sign(&ann());
    let words = (0..3).map(|nonce| of_node(&network, nonce).sign(&ann())).collect();
    network.include(words);
    assert_eq!(network.balance(&ann().account()).nonce, 0, "which takes no nonce of the wallet");
    let done = network.include(vec![prepared.clone()]);
    assert!(done.outcomes()[0].is_ok());
    let account = network.balance(&ann().account());
    assert_eq!((account.nonce, account.node_nonce), (1, 3));
    let lanes = |fact: &Cause| if let Cause::Transaction { lane, .. } = fact { Some(*lane) } else { None };
    assert_eq!(lanes(&done.executed.facts[0].cause), Some(Lane::Wallet), "by which the facts are replayed");
    assert_refused(&network, prepared, TxError::NonceUsed { lane: Lane::Wallet, expected: 1, found: 0 });
    let early = of_node(&network, 4).sign(&ann());
    let refusal = TxError::NonceTooHigh { lane: Lane::Node, expected: 3, found: 4 };
    assert!(refusal.to_string().contains("in the node's lane; the next is 3"), "{refusal}");
    assert_refused(&network, early, refusal);
}

#[test]
fn a_nonce_counts_in_one_lane_alone_and_a_signature_is_for_one() {
    let mut network = Network::new(genesis());
    let of_wallet = payload(&network, 0).sign(&ann());
    // The same words in the other lane were never signed.
    let moved = Transaction { payload: of_node(&network, 0), signature: of_wallet.signature };
    assert_refused(&network, moved, TxError::BadSignature(ann().account()));
    let of_node = of_node(&network, 0).sign(&ann());
    assert_ne!(of_wallet.hash(), of_node.hash());
    network.include(vec![of_wallet.clone(), of_node.clone()]);
    for (lane, again) in [(Lane::Wallet, of_wallet), (Lane::Node, of_node)] {
        assert_refused(&network, again, TxError::NonceUsed { lane, expected: 1, found: 0 });
    }
}

#[test]
fn a_transaction_of_another_chain_is_refused_and_the_sentence_names_both() {
    let other = Text::new("the-block-other").unwrap();
    let error = TxError::WrongChain { expected: genesis().chain.chain_id, found: other.clone() };
    let sentence =
        "the transaction is for chain \"the-block-other\" and this is \"the-block-test\"; sign it for this chain";
    assert_eq!(error.to_string(), sentence);
    refused(|payload| payload.chain_id = other, error);
}

#[test]
fn a_transaction_is_good_from_its_lifetime_before_its_expiry_to_the_expiry_itself() {
    let mut network = Network::new(genesis());
    network.block(&[]);
    let expires = |height| Payload { expires_at: Height(height), ..payload(&network, 0) }.sign(&ann());
    for height in [2, 1_002] {
        execute(network.memory(), &network.context(), &[expires(height)]).unwrap();
    }
    assert_refused(&network, expires(1), TxError::Expired { expires_at: Height(1), now: Height(2) });
    let late = TxError::ExpiresTooLate { expires_at: Height(1_003), latest: Height(1_002) };
    assert_refused(&network, expires(1_003), late);
}

#[test]
fn the_fee_follows_the_size_and_must_be_there() {
    let mut genesis = genesis();
    genesis.accounts.fees.per_byte = Amount(3);
    let network = Network::new(genesis);
    let fee = |fee| Payload { fee: Amount(fee), ..payload(&network, 0) }.sign(&ann());
    let need = 10 + 3 * parity_scale_codec::Encode::encoded_size(&fee(0)) as u64;
    assert_refused(&network, fee(need - 1), TxError::FeeTooLow { have: Amount(need - 1), need: Amount(need) });
    execute(network.memory(), &network.context(), &[fee(need)]).unwrap();
    let have = network.balance(&ann().account()).free;
    let more = Amount(have.0 + 1);
    assert_refused(&network, fee(more.0), TxError::CannotPayFee { have, need: more });
}

#[test]
fn a_transaction_over_the_size_limit_is_refused() {
    let mut genesis = genesis();
    genesis.chain.limits.max_transaction_bytes = 1_024;
    // The proof of an offence must fit.
    genesis.staking.params.max_validators = 4;
    let network = Network::new(genesis);
    let reason = "x".repeat(1_024);
    let call = crate::network::vote(1, governance::Choice::Yes, Some(&reason));
    let long = Payload { call, ..payload(&network, 0) }.sign(&ann());
    let have = parity_scale_codec::Encode::encoded_size(&long) as u64;
    assert_refused(&network, long, TxError::TooLarge { have, most: 1_024 });
}

#[test]
fn only_the_accounts_own_signature_over_exactly_these_bytes_counts() {
    let network = Network::new(genesis());
    let bad = TxError::BadSignature(ann().account());
    assert_refused(&network, payload(&network, 0).sign(&holder(1)), bad.clone());
    let good = payload(&network, 0).sign(&ann());
    let raw = ann().sign(&parity_scale_codec::Encode::encode(&good.payload));
    assert_refused(&network, Transaction { signature: raw, ..good.clone() }, bad);

    let bytes = parity_scale_codec::Encode::encode(&good);
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        if let Ok(transaction) = Transaction::from_bytes(&flipped) {
            assert!(transaction.check_signature().is_err(), "byte {at} is not covered");
        }
    }
}

#[test]
fn the_first_bad_transaction_is_named_and_its_signature_is_judged_first() {
    let network = Network::new(genesis());
    let good = payload(&network, 0).sign(&ann());
    let wrong_nonce = payload(&network, 9).sign(&ann());
    let forged = payload(&network, 9).sign(&holder(1));
    let judge = |transactions: &[Transaction]| execute(network.memory(), &network.context(), transactions).unwrap_err();
    let nonce = TxError::NonceTooHigh { lane: Lane::Wallet, expected: 1, found: 9 };
    let bad = TxError::BadSignature(ann().account());
    assert_eq!(
        judge(&[good.clone(), wrong_nonce.clone(), forged.clone()]),
        BlockError::Transaction { index: 1, error: nonce }
    );
    assert_eq!(judge(&[good, forged, wrong_nonce]), BlockError::Transaction { index: 1, error: bad });
}

#[test]
fn bytes_that_are_not_exactly_one_transaction_are_refused() {
    let network = Network::new(genesis());
    let bytes = parity_scale_codec::Encode::encode(&payload(&network, 0).sign(&ann()));
    assert!(Transaction::from_bytes(&bytes).is_ok());
    for extra in [&[0][..], &bytes] {
        let refused = Transaction::from_bytes(&[&bytes, extra].concat());
        assert!(matches!(refused, Err(TxError::Undecodable(_))), "{refused:?}");
    }
    for length in 0..bytes.len() {
        assert!(Transaction::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
    // A chain id that claims to have a gigabyte.
    assert!(Transaction::from_bytes(&[0xfe, 0xff, 0xff, 0xff]).is_err());
}

#[test]
fn json_with_an_unknown_or_missing_field_is_refused() {
    let network = Network::new(genesis());
    let good = serde_json::to_value(payload(&network, 0).sign(&ann())).unwrap();
    let read = serde_json::from_value::<Transaction>(good.clone()).unwrap();
    // Who signs by hand need not know that there are lanes.
    let mut by_hand = good.clone();
    assert_eq!(by_hand["payload"].as_object_mut().unwrap().remove("lane"), Some("wallet".into()));
    assert_eq!(serde_json::from_value::<Transaction>(by_hand).unwrap(), read);
    let mut more = good.clone();
    more["payload"]["weight"] = 1_000_000.into();
    let error = serde_json::from_value::<Transaction>(more).unwrap_err().to_string();
    assert!(error.contains("unknown field `weight`"), "{error}");
    let mut less = good.clone();
    less["payload"].as_object_mut().unwrap().remove("nonce");
    assert!(serde_json::from_value::<Transaction>(less).is_err());
    let mut call = good;
    call["payload"]["call"]["accounts"]["transfer"]["memo"] = "hi".into();
    assert!(serde_json::from_value::<Transaction>(call).is_err());
}

#[test]
fn a_refused_call_pays_its_fee_and_its_nonce_and_leaves_its_reason_on_record() {
    let mut network = Network::new(genesis());
    let before = network.memory().clone();
    let done = network.block(&[(ann(), transfer(holder(1).account(), 5_000_000))]);
    let refusal = accounts::Error::InsufficientBalance { have: Amount(1_999_990), need: Amount(5_000_000) };
    let fact = &done.executed.facts[0];
    assert_eq!(fact.outcome, Err(refusal.into()));
    let hash = done.transactions[0].hash();
    let fee = Amount(10);
    let lane = Lane::Wallet;
    assert_eq!(fact.cause, Cause::Transaction { hash, account: ann().account(), lane, fee, burned: fee });
    let mut expected = before;
    let account = accounts::Account { free: Amount(1_999_990), held: Amount(0), nonce: 1, node_nonce: 0 };
    let key = [b"accounts/accounts/".as_slice(), &ann().account().0].concat();
    expected.0.insert(key, parity_scale_codec::Encode::encode(&account));
    expected.0.insert(b"accounts/burned".to_vec(), parity_scale_codec::Encode::encode(&fee));
    let time = done.context.time;
    let running = Running { ms: time.0 - network.genesis.time.0, time };
    expected.0.insert(RUNNING.key().to_vec(), parity_scale_codec::Encode::encode(&running));
    assert_eq!(network.memory(), &expected);
}
