//! Attacks on the chain's rules, each with its number in the test's name; those on a single rule stand with its pallet.

use crate::lifetime::{put, status, upgraded};
use crate::network::*;
use governance::Choice::Yes;
use governance::Status;
use primitives::{Amount, BuildHash, Signature};
use releases::queries::{Verdict, verdict_now};
use runtime::testing::{genesis, held_by, holder, release_vote, signer, validator};
use runtime::{TxError, execute};

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const NEW: BuildHash = BuildHash([1; 32]);

#[test]
fn t02_t05_a_proposer_names_no_sequence_so_none_can_be_skipped_or_used_again() {
    let mut network = upgraded();
    let sequence = |network: &Network, hash| releases::queries::release(&network.state(), &hash).unwrap().sequence;
    assert_eq!((sequence(&network, FIRST), sequence(&network, NEW)), (1, 2));
    let replayed = propose(&network.genesis, NEW, 3);
    let outcomes = network.block(&[(validator(0), replayed)]).outcomes();
    assert_eq!(outcomes, [Err(releases::Error::HashTaken(NEW).into())], "the old manifest, signed as ever");
    let json = serde_json::json!({ "build_hash": NEW, "signatures": [], "signature_threshold": 2, "signer_set": [],
        "sequence": 1u64 << 63 });
    let refused = serde_json::from_value::<releases::ReleaseVote>(json).unwrap_err().to_string();
    assert!(refused.contains("unknown field `sequence`"), "{refused}");
    let next = BuildHash([2; 32]);
    let call = propose(&network.genesis, next, 2);
    put(&mut network, call, 3);
    network.until(4);
    assert_eq!(sequence(&network, next), 3, "the last and one");
}

#[test]
fn h10_t09_a_release_that_names_no_platform_is_no_proposal() {
    use serde_json::Value;
    let read = |platform: Option<Value>| {
        let mut vote = serde_json::to_value(release_vote(&genesis(), NEW, 2)).unwrap();
        let fields = vote.as_object_mut().unwrap();
        match platform {
            Some(platform) => fields.insert("platform".into(), platform),
            None => fields.remove("platform"),
        };
        serde_json::from_value::<releases::ReleaseVote>(vote)
    };
    assert!(read(Some("aarch64-linux".into())).is_ok());
    for (platform, why) in [
        (None, "missing field `platform`"),
        (Some(Value::Null), "invalid type: null"),
        (Some("".into()), "is no platform"),
        (Some("any platform".into()), "is no platform"),
    ] {
        let refused = read(platform).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn t11_fewer_stolen_keys_than_the_threshold_change_nothing() {
    let mut network = Network::new(genesis());
    let mut padded = release_vote(&network.genesis, NEW, 1);
    let stolen = padded.signatures[0].clone();
    padded.signatures.try_push(stolen.clone()).unwrap();
    let mut mine = release_vote(&network.genesis, NEW, 1);
    let own_key = validator(0);
    let own =
        releases::ReleaseAttestation { signer: own_key.public(), signature: own_key.sign(&NEW.attestation_message()) };
    mine.signatures.try_push(own).unwrap();
    let mut lower = release_vote(&network.genesis, NEW, 1);
    lower.signature_threshold = 1;
    let asked = [padded, mine, lower].map(|vote| (validator(0), runtime::testing::propose(vote)));
    let refusals: Vec<_> = network.block(&asked).outcomes().into_iter().map(Result::unwrap_err).collect();
    let expected: [runtime::Error; 3] = [
        releases::Error::DuplicateSigner(stolen.signer).into(),
        releases::Error::UnknownSigner(own_key.public()).into(),
        releases::Error::ThresholdOutOfRange { asked: 1, least: 2, most: 3 }.into(),
    ];
    assert_eq!(refusals, expected);
    assert_eq!(governance::queries::latest(&network.state()).0, 0, "nothing was even put to the vote");
}

#[test]
fn t12_every_signer_key_without_stake_activates_nothing() {
    let mut network = Network::new(genesis());
    let thief = [(holder(0), propose(&network.genesis, NEW, 3))];
    let not_eligible = governance::Error::NotEligible { have: Amount(0), need: Amount(10_000) };
    assert_eq!(network.block(&thief).outcomes(), [Err(not_eligible.into())]);
    let call = propose(&network.genesis, NEW, 3);
    let id = put(&mut network, call, 1);
    network.until(3);
    assert_eq!(status(&network, id), Status::Rejected, "one validator of four is under the quorum");
    assert_eq!(verdict_now(&network.state(), &NEW, network.epoch()), Verdict::NotApproved);
}

#[test]
fn t13_a_malleable_or_misspelt_signature_counts_for_nobody() {
    let mut network = Network::new(genesis());
    let mut malleable = release_vote(&network.genesis, NEW, 2);
    let second = &mut malleable.signatures.as_mut()[1];
    second.signature = with_s_plus_order(second.signature);
    let bad = releases::Error::BadSignature { signer: signer(1).public(), build_hash: NEW };
    let outcomes = network.block(&[(validator(0), runtime::testing::propose(malleable))]).outcomes();
    assert_eq!(outcomes, [Err(bad.into())]);
    let key = signer(0).public().to_string();
    let mixed: String =
        key.chars().enumerate().map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect();
    let read: primitives::PublicKey = serde_json::from_value(mixed.into()).unwrap();
    assert_eq!(read, signer(0).public(), "however a key is written, it is one key");
}

/// The same signature with the group's order added to its scalar: valid for a verifier that does not insist on one form.
fn with_s_plus_order(signature: Signature) -> Signature {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = signature.0;
    let mut carry = 0u16;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    Signature(bytes)
}

#[test]
fn t14_a_proposal_signed_for_another_network_is_no_transaction_here() {
    let network = Network::new(genesis());
    let mut payload = network.payload(validator(0).account(), 0, propose(&network.genesis, NEW, 3));
    payload.chain_id = primitives::ChainId::new("the-block-testnet").unwrap();
    let foreign = payload.sign(&validator(0));
    let refused = execute(network.memory(), &network.context(), &[foreign]).unwrap_err();
    let runtime::BlockError::Transaction { error, .. } = refused else { panic!("{refused}") };
    assert!(matches!(error, TxError::WrongChain { .. }), "{error}");
}

#[test]
fn t17_a_sealed_fix_is_revealed_before_its_activation_or_dies() {
    let (salt, forgotten) = (primitives::Digest([7; 32]), BuildHash([2; 32]));
    let mut network = Network::new(genesis());
    let free = network.balance(&validator(3).account()).free.0;
    let proposer = validator(3).account();
    let call = propose_sealed(&network.genesis, proposer, NEW, 2, salt);
    let revealed = put(&mut network, call, 3);
    let call = propose_sealed(&network.genesis, proposer, forgotten, 2, primitives::Digest([8; 32]));
    let silent = put(&mut network, call, 3);
    let spied = network.memory().0.values().any(|value| value.windows(5).any(|bytes| bytes == b"1.4.1"));
    assert!(!spied, "nothing of the manifest is in state");
    network.until(1);
    let opens = |hash, salt: u8| {
        let salt = primitives::Digest([salt; 32]);
        [(holder(0), reveal(hash, proposer, secret(&genesis(), hash), salt))]
    };
    let broken = network.block(&opens(NEW, 9));
    assert_eq!(broken.outcomes(), [Err(releases::Error::SealBroken(NEW).into())]);
    let opened = network.block(&opens(NEW, 7));
    assert!(opened.outcomes()[0].is_ok(), "whoever knows it");
    network.block(&held_by(2, &[NEW]));
    let facts = network.until(2);
    assert_eq!((status(&network, revealed), status(&network, silent)), (Status::Activated, Status::Cancelled));
    let why = facts.iter().find(|fact| fact.cause == runtime::Cause::Proposal(silent)).unwrap();
    assert_eq!(why.outcome, Err(releases::Error::StillSealed(forgotten).into()));
    assert_eq!(verdict_now(&network.state(), &forgotten, network.epoch()), Verdict::NotApproved);
    let approved = releases::queries::release(&network.state(), &NEW).unwrap();
    assert_eq!(approved.manifest, secret(&network.genesis, NEW));
    assert_eq!(network.balance(&validator(3).account()).free.0, free - 20, "both passed, so both deposits are back");
    let late = network.block(&opens(forgotten, 8));
    assert_eq!(late.outcomes(), [Err(releases::Error::NothingSealed(forgotten).into())]);
}

#[test]
fn t17_h03_a_copied_seal_opens_nothing_and_a_seal_that_is_anothers_digest_keeps_nobody_out() {
    let mut network = Network::new(genesis());
    let (salt, honest) = (primitives::Digest([7; 32]), validator(3).account());
    let genuine = propose_sealed(&network.genesis, honest, NEW, 2, salt);
    // The thief copies the whole proposal out of the pool, and is in a block before it.
    let copied = network.block(&[(validator(2), genuine.clone()), (validator(3), genuine)]);
    assert!(copied.outcomes().iter().all(Result::is_ok));
    let ballots = [0, 1].map(|index| [1, 2].map(|id| (validator(index), vote(id, Yes, None))));
    network.block(&ballots.concat());
    network.until(1);
    let thief = validator(2).account();
    let secret = secret(&network.genesis, NEW);
    let calls = [
        (validator(2), reveal(NEW, thief, secret.clone(), salt)),
        (validator(3), reveal(NEW, honest, secret.clone(), salt)),
        (validator(2), reveal(NEW, thief, secret.clone(), salt)),
    ];
    let outcomes = network.block(&calls).outcomes();
    let broken: Result<runtime::Event, runtime::Error> = Err(releases::Error::SealBroken(NEW).into());
    assert_eq!((&outcomes[0], &outcomes[2]), (&broken, &broken), "before it is public, and after");
    assert!(outcomes[1].is_ok(), "{outcomes:?}");
    network.block(&held_by(2, &[NEW]));
    let facts = network.until(2);
    let ids = [1, 2].map(primitives::ProposalId);
    assert_eq!(ids.map(|id| status(&network, id)), [Status::Cancelled, Status::Activated]);
    let why = facts.iter().find(|fact| fact.cause == runtime::Cause::Proposal(ids[0])).unwrap();
    assert_eq!(why.outcome, Err(releases::Error::StillSealed(NEW).into()));
    let approved = releases::queries::release(&network.state(), &NEW).unwrap();
    assert_eq!((approved.proposer, approved.manifest), (Some(honest), secret));
}

#[test]
fn t23_weight_is_the_stake_of_the_snapshot_and_nothing_a_voter_says() {
    let mut network = Network::new(genesis());
    let call = propose(&network.genesis, NEW, 2);
    let id = put(&mut network, call, 0);
    let latecomer = [(holder(0), delegate(validator(0).account(), 900_000)), (holder(0), vote(id.0, Yes, None))];
    let outcomes = network.block(&latecomer).outcomes();
    assert_eq!(outcomes[1], Err(governance::Error::NoStake(primitives::Epoch(0)).into()));
    network.block(&[(validator(0), vote(id.0, Yes, None)), (validator(0), vote(id.0, Yes, None))]);
    let tally = governance::queries::poll(&network.state(), id).tally;
    assert_eq!(tally.yes, Amount(1_000_000), "a second ballot replaces the first");
    let json = serde_json::json!({ "vote": { "proposal_id": 1, "choice": "yes", "weight": "999" } });
    let refused = serde_json::from_value::<governance::Call<runtime::Motion>>(json).unwrap_err().to_string();
    assert!(refused.contains("unknown field `weight`"), "{refused}");
}
