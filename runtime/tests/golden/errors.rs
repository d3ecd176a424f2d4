//! One example of each refusal.

use primitives::{Amount, Epoch, Height};
use runtime::testing::examples::*;
use runtime::{Error, TxError};

const NEED: Amount = SIXTEEN;
const HAVE: Amount = TEN;

pub fn errors() -> Vec<Error> {
    let accounts = [accounts::Error::InsufficientBalance { have: HAVE, need: NEED }, accounts::Error::ZeroAmount];
    let accounts = accounts.map(Error::from).into_iter();
    accounts.chain(staking()).chain(governance()).chain(releases()).collect()
}

fn staking() -> impl Iterator<Item = Error> {
    use staking::Error::*;
    let errors = [
        Accounts(accounts::Error::ZeroAmount),
        BelowMinimumBond { have: HAVE, need: NEED },
        UnknownValidator(VALIDATOR),
        TooManyBonds(16),
        BondTooSmall { validator: VALIDATOR, have: HAVE, need: NEED },
    ];
    errors.into_iter().map(Error::from)
}

fn governance() -> impl Iterator<Item = Error> {
    use governance::Error::*;
    let errors = [
        Deposit(accounts::Error::InsufficientBalance { have: HAVE, need: NEED }),
        NotEligible { have: HAVE, need: NEED },
        TooManyOpen { track: governance::TrackName::Routine, most: 8 },
        TooManyOfOne(2),
        ExpeditedOnly,
        NotStoppable { proposal_id: ID, status: governance::Status::Activated, activation: Epoch(4) },
        DeadlineOutOfRange { asked: Epoch(1), soonest: Epoch(2), latest: Epoch(3) },
        DelayOutOfRange { asked: 9, least: 1, most: 3 },
        UnknownProposal(ID),
        NotOpen { proposal_id: ID, status: governance::Status::Passed },
        VotingEnded { proposal_id: ID, deadline: Epoch(2), now: Epoch(3) },
        NoStake(Epoch(4)),
        NotProposer(WHO),
        StaysOpen(ID),
    ];
    errors.into_iter().map(Error::from)
}

fn releases() -> impl Iterator<Item = Error> {
    use releases::Error::*;
    let errors = [
        QuorumMissing { have: 1, need: 2 },
        UnknownSigner(KEY),
        DuplicateSigner(KEY),
        BadSignature { signer: KEY, build_hash: HASH },
        ThresholdOutOfRange { asked: 0, least: 2, most: 3 },
        RosterChanged { current: 4 },
        HashTaken(HASH),
        DuplicateTarget(HASH),
        SupportEndsTooSoon { end: Epoch(5), soonest: Epoch(7) },
        NotApproved(HASH),
        SealedAndOpen(HASH),
        NothingSealed(HASH),
        SealBroken(HASH),
        AlreadyRevealed(HASH),
        StillSealed(HASH),
        NotProposed(HASH),
        AlreadyAttested { build_hash: HASH, builder: WHO },
        AlreadyRecorded { build_hash: HASH, stage: releases::StageName::RolledBack, epoch: Epoch(6) },
        RosterVersion { asked: 9, next: 3 },
        RosterUnusable { signers: 1, threshold: 2 },
        UnusableKey(KEY),
        RosterUnchanged,
        BadApproval(KEY),
        ApprovalsMissing { side: releases::Side::Old, have: 1, need: 2 },
        ApprovalsMissing { side: releases::Side::New, have: 1, need: 2 },
        AlreadyRevoked(HASH),
        NothingToRevoke,
        WouldStrand { build_hash: HASH, running: HAVE, total: NEED },
        MinimumOutOfRange { asked: 9, least: 2, most: 3 },
        SupportMoved { build_hash: HASH, since: Epoch(6) },
        Unavailable { build_hash: HASH, have: HAVE, need: NEED },
        StillSecret(HASH),
        WithoutPower(HASH),
        AlreadyHeld(HASH),
        HoldersMissing { minimum: 3, have: HAVE, total: NEED },
    ];
    errors.into_iter().map(Error::from)
}

pub fn transaction_errors() -> Vec<TxError> {
    vec![
        TxError::Undecodable("not enough bytes".into()),
        TxError::TooLarge { have: 2, most: 1 },
        TxError::WrongChain { expected: text("here"), found: text("there") },
        TxError::BadSignature(WHO),
        TxError::Expired { expires_at: Height(1), now: Height(2) },
        TxError::ExpiresTooLate { expires_at: Height(9), latest: Height(8) },
        TxError::NonceUsed { expected: 2, found: 1 },
        TxError::NonceTooHigh { expected: 2, found: 3 },
        TxError::FeeTooLow { have: HAVE, need: NEED },
        TxError::CannotPayFee { have: HAVE, need: NEED },
    ]
}

/// The sentences people read, one per refusal, and the JSON that scripts read.
#[test]
fn every_refusal_says_the_same_as_ever() {
    let mut out = String::new();
    for error in errors() {
        out += &format!("{}\n    {error}\n", serde_json::to_string(&error).unwrap());
    }
    for error in transaction_errors() {
        out += &format!("{}\n    {error}\n", serde_json::to_string(&error).unwrap());
    }
    assert!(!out.contains("Text(") && !out.contains("AccountId("), "a sentence shows a type's name");
    crate::golden("errors.txt", &out);
}
