//! Stories of the roster: the keys 0 to 2 with the threshold 2 at first.

use super::*;
use crate::queries::{roster_record, rosters};
use crate::{Approvals, RosterApproval, RosterChange, Side, SignatureCount, SignedUnder};
use primitives::{ChainId, Signature};

fn chain() -> ChainId {
    Text::new("the-block-test").unwrap()
}

fn next() -> Roster {
    Roster { threshold: 2, ..roster_of(1..4, 2) }
}

fn approvals(roster: &Roster, chain_id: &ChainId, keys: &[u8]) -> Approvals {
    let message = roster.approval_message(chain_id);
    let approve = |index: &u8| RosterApproval { signer: key(*index).public(), signature: key(*index).sign(&message) };
    List::truncate_from(keys.iter().map(approve).collect())
}

fn change(roster: Roster, keys: &[u8]) -> RosterChange {
    RosterChange { approvals: approvals(&roster, &chain(), keys), roster }
}

fn admit(state: &State, change: RosterChange) -> Result<(), Error> {
    Motion::SetRoster(Box::new(change)).admit(state, at(3), Epoch(5))
}

fn enact(state: &mut State, change: RosterChange) -> Result<Event, Error> {
    let event = Motion::SetRoster(Box::new(change)).enact(state, at(5), &mandate(4))?;
    event.apply(state, at(0));
    Ok(event)
}

pub(super) fn goodbye(index: u8, version: u64, signature: Signature) -> Call {
    Call::LeaveRoster { signer: key(index).public(), version, signature }
}

pub(super) fn word(index: u8, version: u64) -> Signature {
    key(index).sign(&leave_message(&chain(), key(index).public(), version))
}

#[test]
fn a_roster_needs_the_threshold_of_the_old_one_and_of_the_new_one() {
    let memory = Memory::default();
    let state = world(&memory);
    let missing = |side, have| Err(Error::ApprovalsMissing { side, have, need: 2 });
    assert_eq!(admit(&state, change(next(), &[])), missing(Side::Old, 0));
    assert_eq!(admit(&state, change(next(), &[0, 3])), missing(Side::Old, 1));
    assert_eq!(admit(&state, change(next(), &[0, 1])), missing(Side::New, 1));
    assert_eq!(admit(&state, change(next(), &[1, 2])), Ok(()), "two keys that are in both count for both");
    assert_eq!(admit(&state, change(next(), &[0, 1, 3])), Ok(()));
}

#[test]
fn t05_a_roster_version_is_the_one_before_plus_one() {
    let memory = Memory::default();
    let state = world(&memory);
    for asked in [0, 1, 3, 1 << 63, u64::MAX] {
        let refused = admit(&state, change(Roster { version: asked, ..next() }, &[1, 2]));
        assert_eq!(refused, Err(Error::RosterVersion { asked, next: 2 }));
    }
}

#[test]
fn t13_a_key_counts_once_however_often_it_approves() {
    let memory = Memory::default();
    let state = world(&memory);
    assert_eq!(admit(&state, change(next(), &[1, 1])), Err(Error::DuplicateSigner(key(1).public())));
    assert_eq!(admit(&state, change(next(), &[1, 2, 9])), Err(Error::UnknownSigner(key(9).public())));
    let twice = Roster { signers: List::truncate_from(vec![key(1).public(); 3]), ..next() };
    assert_eq!(admit(&state, change(twice, &[0, 1])), Err(Error::DuplicateSigner(key(1).public())));
}

#[test]
fn t14_an_approval_for_another_network_version_or_purpose_is_refused() {
    let memory = Memory::default();
    let state = world(&memory);
    let refused = |approvals| admit(&state, RosterChange { roster: next(), approvals });
    let testnet = ChainId::new("the-block-testnet").unwrap();
    let bad = Err(Error::BadApproval(key(1).public()));
    assert_eq!(refused(approvals(&next(), &testnet, &[1, 2])), bad, "another network");
    assert_eq!(refused(approvals(&Roster { version: 3, ..next() }, &chain(), &[1, 2])), bad, "another version");
    assert_eq!(refused(approvals(&Roster { threshold: 1, ..next() }, &chain(), &[1, 2])), bad, "another threshold");
    let attestation = RosterApproval { signer: key(1).public(), signature: key(1).sign(&NEW.attestation_message()) };
    assert_eq!(refused(List::truncate_from(vec![attestation])), bad, "the attestation of a release");
    let farewell = RosterApproval { signer: key(1).public(), signature: word(1, 1) };
    assert_eq!(refused(List::truncate_from(vec![farewell])), bad, "the word with which a key leaves");
}

#[test]
fn a_roster_that_could_release_nothing_or_changes_nothing_is_refused() {
    let memory = Memory::default();
    let state = world(&memory);
    let all = [0, 1, 2];
    for threshold in [0, 4, u32::MAX] {
        let refused = admit(&state, change(Roster { threshold, ..next() }, &all));
        assert_eq!(refused, Err(Error::RosterUnusable { signers: 3, threshold }));
    }
    let weak = primitives::PublicKey([0; 32]);
    let mut with_weak = next();
    with_weak.signers.try_push(weak).unwrap();
    assert_eq!(admit(&state, change(with_weak, &all)), Err(Error::UnusableKey(weak)));
    assert_eq!(admit(&state, change(Roster { version: 2, ..roster_of(0..3, 1) }, &all)), Err(Error::RosterUnchanged));
}

#[test]
fn every_roster_stays_on_record_with_what_brought_it_and_who_left_it() {
    let memory = Memory::default();
    let mut state = world(&memory);
    enact(&mut state, change(next(), &[1, 2])).unwrap();
    assert_eq!(roster(&state), next());
    goodbye(3, 2, word(3, 2)).decide(&state, at(6), ANN).unwrap().apply(&mut state, at(0));
    assert_eq!(roster(&state), next(), "a departure is no new version");
    let records: Vec<RosterRecord> = crate::queries::rosters(&state).collect();
    let (first, left) = (roster_of(0..3, 1), List::truncate_from(vec![departure(3, 7)]));
    assert_eq!(
        records,
        [
            RosterRecord { roster: first, since: None, cause: RosterCause::Genesis, left: List::default() },
            RosterRecord {
                roster: next(),
                since: Some(at(5).position()),
                cause: RosterCause::Proposal(ProposalId(4)),
                left
            },
        ]
    );
    assert_eq!(roster_record(&state), records[1]);
    let signing = [6, 7].map(|epoch| records[1].signing(Epoch(epoch)));
    assert_eq!(signing, [next().signers, roster_of(1..3, 2).signers], "from the next epoch on");
}

#[test]
fn a_key_takes_itself_out_alone_and_nobody_else_can() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let mut ask = |call: Call| call.decide(&state, at(3), ANN).map(|event| event.apply(&mut state, at(0)));
    assert_eq!(ask(goodbye(9, 1, word(9, 1))), Err(Error::UnknownSigner(key(9).public())));
    assert_eq!(ask(goodbye(0, 1, word(1, 1))), Err(Error::BadApproval(key(0).public())));
    assert_eq!(ask(goodbye(0, 2, word(0, 2))), Err(Error::RosterVersion { asked: 2, next: 1 }));
    assert_eq!(ask(goodbye(0, 1, word(0, 1))), Ok(()));
    let again = Error::AlreadyLeft { signer: key(0).public(), from_epoch: Epoch(4) };
    assert_eq!(ask(goodbye(0, 1, word(0, 1))), Err(again), "the word is used up");
    let alone = ask(goodbye(1, 1, word(1, 1)));
    assert_eq!(alone, Err(Error::RosterUnusable { signers: 1, threshold: 2 }), "the roster can still release");
    rotate(&mut state, roster_of(0..4, 2), at(4));
    let kept = goodbye(0, 1, word(0, 1)).decide(&state, at(5), ANN);
    assert_eq!(kept, Err(Error::RosterVersion { asked: 1, next: 2 }), "it is good for one version");
}

#[test]
fn h17_a_departure_leaves_a_rotation_good_while_enough_of_the_other_keys_approve_it() {
    // Voting ends with the start of epoch 2.
    let short = Some(Shortfall::Signatures);
    let cases = [
        (vec![1, 2], 1, short, Side::Old),
        (vec![0, 1, 2], 1, short, Side::New),
        (vec![0, 1, 2, 3], 1, None, Side::New),
        (vec![1, 2], 2, None, Side::New),
    ];
    for (approving, word, lacks, side) in cases {
        let memory = Memory::default();
        let mut state = world(&memory);
        let asked = change(next(), &approving);
        assert_eq!(admit(&state, asked.clone()), Ok(()));
        leave(&mut state, 2, word);
        let motion = Motion::SetRoster(Box::new(asked.clone()));
        assert_eq!(unsigned(&state, &motion, 2), lacks, "left in epoch {word}, {approving:?} approve");
        let missing = Error::ApprovalsMissing { side, have: 1, need: 2 };
        let done = enact(&mut state, asked).map(|_| roster(&state).version);
        assert_eq!(done, if lacks.is_some() { Err(missing) } else { Ok(2) }, "left in epoch {word}");
    }
}

#[test]
fn h17_the_count_of_a_rotation_is_that_of_the_side_with_fewer_to_spare() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let count = |state: &State, threshold, approving: &[u8]| {
        let change = change(Roster { threshold, ..next() }, approving);
        Motion::SetRoster(Box::new(change)).signature_count(&crate::queries::signed_under(state, at(1)), Epoch(2))
    };
    assert_eq!(count(&state, 2, &[0, 1, 2]), Some(SignatureCount { have: 2, need: 2 }), "of the new side");
    assert_eq!(count(&state, 2, &[1, 2, 3]), Some(SignatureCount { have: 2, need: 2 }), "of the old one");
    assert_eq!(count(&state, 3, &[0, 1, 2, 3]), Some(SignatureCount { have: 3, need: 3 }));
    leave(&mut state, 2, 1);
    assert_eq!(count(&state, 2, &[0, 1, 2, 3]), Some(SignatureCount { have: 2, need: 2 }), "of either");
    assert_eq!(count(&state, 2, &[0, 1, 2]), Some(SignatureCount { have: 1, need: 2 }), "it counts on neither side");
}

#[test]
fn h17_who_left_while_a_rotation_was_decided_stays_away_while_the_others_are_enough() {
    // The new roster is the keys 0, 1, 2 and 3.
    let wider = roster_of(0..4, 2);
    let departed = |approving: &[u8], threshold, word| {
        let memory = Memory::default();
        let mut state = world(&memory);
        leave(&mut state, 0, word);
        enact(&mut state, change(Roster { threshold, ..wider.clone() }, approving)).unwrap();
        let record = roster_record(&state);
        assert_eq!(record.roster.signers, wider.signers);
        assert!(record.staying().len() >= threshold as usize, "it can release");
        record.departure(&key(0).public())
    };
    assert_eq!(departed(&[0, 1, 2, 3], 2, 4), Some(departure(0, 5)), "its word outlives the rotation");
    assert_eq!(departed(&[0, 1, 2, 3], 4, 4), None, "all four are needed");
    assert_eq!(departed(&[0, 1, 2], 3, 4), None, "the fourth has not shown that it can sign");
    assert_eq!(departed(&[0, 1, 2], 2, 0), None, "it had left when it was named again");
    let memory = Memory::default();
    let mut state = world(&memory);
    leave(&mut state, 0, 4);
    enact(&mut state, change(next(), &[1, 2])).unwrap();
    assert!(roster_record(&state).left.is_empty(), "a key that is not named is gone anyway");
}

#[test]
fn h17_a_roster_without_the_keys_that_left_is_no_change_and_with_them_it_is_one() {
    let memory = Memory::default();
    let mut state = world(&memory);
    leave(&mut state, 0, 2);
    assert_eq!(admit(&state, change(roster_of(1..3, 2), &[1, 2])), Err(Error::RosterUnchanged));
    let again = roster_of(0..3, 2);
    let missing = Err(Error::ApprovalsMissing { side: Side::Old, have: 1, need: 2 });
    assert_eq!(admit(&state, change(again.clone(), &[0, 1])), missing, "it does not approve its own return");
    assert_eq!(admit(&state, change(again, &[1, 2])), Ok(()));
}

#[test]
fn h17_t05_of_two_rotations_the_first_one_is_carried_out() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let (one, other) = (change(next(), &[1, 2]), change(roster_of(0..4, 2), &[1, 2]));
    enact(&mut state, one).unwrap();
    assert_eq!(enact(&mut state, other.clone()), Err(Error::RosterVersion { asked: 2, next: 3 }));
    let other = Motion::SetRoster(Box::new(other));
    assert_eq!(unsigned(&state, &other, 5), None, "when both had passed");
    assert_eq!(unsigned(&state, &other, 6), Some(Shortfall::Signers), "while it is voted on");
}

#[test]
fn the_roster_of_a_proposal_is_the_same_however_it_is_looked_for_among_them() {
    let memory = Memory::default();
    let mut state = world(&memory);
    for (version, epoch) in (2..).zip([1, 1, 2, 4, 4, 4, 5, 7, 9, 9, 12]) {
        let (roster, since) = (Roster { version, ..next() }, Some(at(epoch).position()));
        let record = RosterRecord { roster, since, cause: RosterCause::Genesis, left: List::default() };
        Event::from(record).apply(&mut state, at(epoch));
    }
    let mut latest_first: Vec<RosterRecord> = rosters(&state).collect();
    latest_first.reverse();
    for made in (0..14).map(at) {
        let found = SignedUnder::find(latest_first.iter().cloned(), made);
        assert_eq!(Some(signed_under(&state, made)), found, "made in epoch {}", made.epoch);
    }
}
