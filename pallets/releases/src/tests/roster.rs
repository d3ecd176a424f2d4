//! Stories of the roster: the keys 0 to 2 with the threshold 2 at first.

use super::*;
use crate::{Approvals, RosterApproval, RosterCause, RosterChange, RosterRecord, Side, leave_message};
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

fn leave(index: u8, version: u64, signature: Signature) -> Call {
    Call::LeaveRoster { signer: key(index).public(), version, signature }
}

fn word(index: u8, version: u64) -> Signature {
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
    let goodbye = RosterApproval { signer: key(1).public(), signature: word(1, 1) };
    assert_eq!(refused(List::truncate_from(vec![goodbye])), bad, "the word with which a key leaves");
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
fn every_roster_stays_on_record_with_what_brought_it() {
    let memory = Memory::default();
    let mut state = world(&memory);
    enact(&mut state, change(next(), &[1, 2])).unwrap();
    assert_eq!(roster(&state), next());
    leave(3, 2, word(3, 2)).decide(&state, at(6), ANN).unwrap().apply(&mut state, at(0));
    let last = Roster { version: 3, ..roster_of(1..3, 3) };
    assert_eq!(roster(&state), last);
    let records: Vec<RosterRecord> = crate::queries::rosters(&state).collect();
    assert_eq!(
        records,
        [
            RosterRecord { roster: roster_of(0..3, 1), since: None, cause: RosterCause::Genesis },
            RosterRecord { roster: next(), since: Some(at(5)), cause: RosterCause::Proposal(ProposalId(4)) },
            RosterRecord { roster: last, since: Some(at(6)), cause: RosterCause::Left(key(3).public()) },
        ]
    );
}

#[test]
fn a_key_takes_itself_out_alone_and_nobody_else_can() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let mut ask = |call: Call| call.decide(&state, at(3), ANN).map(|event| event.apply(&mut state, at(0)));
    assert_eq!(ask(leave(9, 1, word(9, 1))), Err(Error::UnknownSigner(key(9).public())));
    assert_eq!(ask(leave(0, 1, word(1, 1))), Err(Error::BadApproval(key(0).public())));
    assert_eq!(ask(leave(0, 2, word(0, 2))), Err(Error::RosterVersion { asked: 2, next: 1 }));
    assert_eq!(ask(leave(0, 1, word(0, 1))), Ok(()));
    assert_eq!(ask(leave(0, 1, word(0, 1))), Err(Error::RosterVersion { asked: 1, next: 2 }), "the word is used up");
    let alone = ask(leave(1, 2, word(1, 2)));
    assert_eq!(alone, Err(Error::RosterUnusable { signers: 1, threshold: 2 }), "the roster can still release");
}

#[test]
fn t24_a_change_that_passed_for_a_roster_that_is_gone_is_refused_in_the_end() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let change = change(next(), &[1, 2]);
    assert_eq!(admit(&state, change.clone()), Ok(()));
    leave(2, 1, word(2, 1)).decide(&state, at(3), ANN).unwrap().apply(&mut state, at(0));
    assert_eq!(enact(&mut state, change), Err(Error::RosterVersion { asked: 2, next: 3 }));
}

#[test]
fn t24_a_threshold_that_rose_since_counts_at_activation() {
    let memory = Memory::default();
    let mut state = world(&memory);
    ROSTER.set(&mut state, &Roster { threshold: 3, ..roster_of(0..3, 2) });
    let short = super::enact(&mut state, 3, vote(NEW, &[0, 1]));
    assert_eq!(short, Err(Error::QuorumMissing { have: 2, need: 3 }));
}
