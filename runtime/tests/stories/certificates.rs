//! When a certificate proves that a block was decided.

use primitives::{AccountId, Amount, BlockHash, ChainId, Height, List, SecretKey, VoteKind, vote_payload};
use runtime::testing::{genesis, holder, validator};
use runtime::{Certificate, CertificateError};
use staking::{Validator, ValidatorSet};

const BLOCK: BlockHash = BlockHash([3; 32]);

fn chain() -> ChainId {
    genesis().chain.chain_id
}

/// The powers 4, 3, 2 and 1.
fn set() -> ValidatorSet {
    let member = |index: u8| Validator { account: validator(index).account(), power: Amount(4 - u64::from(index)) };
    ValidatorSet::strongest((0..4).map(member).collect(), 4)
}

fn payload(kind: VoteKind, block: Option<BlockHash>) -> Vec<u8> {
    vote_payload(&chain(), kind, Height(7), 2, block)
}

fn signed(signers: &[SecretKey], payload: &[u8]) -> Certificate {
    let signatures = signers.iter().map(|key| (key.account(), key.sign(payload))).collect();
    Certificate { height: Height(7), round: 2, block: BLOCK, signatures: List::truncate_from(signatures) }
}

fn by(indices: &[u8]) -> Certificate {
    let keys: Vec<SecretKey> = indices.iter().map(|index| validator(*index)).collect();
    signed(&keys, &payload(VoteKind::Precommit, Some(BLOCK)))
}

fn refused(certificate: Certificate) -> CertificateError {
    certificate.verify(&chain(), &set()).unwrap_err()
}

#[test]
fn more_than_two_thirds_of_the_power_decide() {
    for signers in [&[0, 1][..], &[3, 2, 0], &[0, 1, 2, 3]] {
        assert_eq!(by(signers).verify(&chain(), &set()), Ok(()), "{signers:?}");
    }
    let little = |have| CertificateError::TooLittlePower { have: Amount(have), total: Amount(10) };
    assert_eq!(refused(by(&[0, 2])), little(6), "most of the members are not most of the power");
    assert_eq!(refused(by(&[1, 2, 3])), little(6));
    assert_eq!(refused(by(&[])), little(0));
}

#[test]
fn exactly_two_thirds_are_not_enough() {
    let mut set = set();
    set.validators.as_mut().iter_mut().for_each(|member| member.power = Amount(1));
    set.validators.pop();
    let exact = CertificateError::TooLittlePower { have: Amount(2), total: Amount(3) };
    assert_eq!(by(&[0, 1]).verify(&chain(), &set), Err(exact));
    let nobody = CertificateError::TooLittlePower { have: Amount(0), total: Amount(0) };
    assert_eq!(by(&[]).verify(&chain(), &ValidatorSet::default()), Err(nobody), "an empty set decides nothing");
}

#[test]
fn power_near_the_largest_amount_does_not_wrap() {
    let member = |index: u8| Validator { account: validator(index).account(), power: Amount(u64::MAX / 3) };
    let set = ValidatorSet::strongest((0..3).map(member).collect(), 3);
    assert!(by(&[0, 1]).verify(&chain(), &set).is_err());
    assert_eq!(by(&[0, 1, 2]).verify(&chain(), &set), Ok(()));
}

#[test]
fn a_foreign_or_repeated_signer_is_refused_by_name() {
    let mut foreign = by(&[0, 1]);
    let stranger = holder(0);
    let signature = stranger.sign(&payload(VoteKind::Precommit, Some(BLOCK)));
    foreign.signatures.try_push((stranger.account(), signature)).unwrap();
    assert_eq!(refused(foreign), CertificateError::NotInSet(stranger.account()));
    assert_eq!(refused(by(&[0, 2, 0])), CertificateError::Twice(validator(0).account()));
}

#[test]
fn a_signature_over_anything_else_is_refused() {
    let keys = [validator(0), validator(1)];
    let other_chain = ChainId::new("the-block-other").unwrap();
    let precommit = VoteKind::Precommit;
    let wrong = [
        payload(VoteKind::Prevote, Some(BLOCK)),
        payload(precommit, None),
        payload(precommit, Some(BlockHash([4; 32]))),
        vote_payload(&chain(), precommit, Height(8), 2, Some(BLOCK)),
        vote_payload(&chain(), precommit, Height(7), 1, Some(BLOCK)),
        vote_payload(&other_chain, precommit, Height(7), 2, Some(BLOCK)),
    ];
    let bad = CertificateError::BadSignature(validator(0).account());
    for payload in wrong {
        assert_eq!(refused(signed(&keys, &payload)), bad);
    }
    let mut lent = by(&[0, 1]);
    let moved: Vec<(AccountId, _)> = vec![(validator(0).account(), lent.signatures[1].1)];
    lent.signatures = List::truncate_from(moved);
    assert_eq!(refused(lent), bad);
}
