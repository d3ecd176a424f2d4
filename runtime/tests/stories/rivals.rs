//! How the proposals of one stand in nobody's way (H3), in real blocks. In each story `FIRST` is superseded, an adversary does all
//! it can, and another's revocation is open, voted on and in force in the least time.

use crate::lifetime::{status, upgraded, upgraded_from};
use crate::network::*;
use governance::Choice::Yes;
use governance::{Event as Governance, Status, TrackName};
use parity_scale_codec::Encode;
use primitives::{Amount, BuildHash, Digest, Epoch, ProposalId, SecretKey};
use releases::queries::{Verdict, verdict_now};
use runtime::testing::{genesis, release_vote, validator};
use runtime::{Call, Cause, Event, Genesis};

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const OTHER: BuildHash = BuildHash([9; 32]);

/// How many strangers have the stake to propose in the story of the many: two places for each.
const STRANGERS: u8 = 32;

fn stranger(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index + 150; 32])
}

/// As many places as networks have, and strangers with just enough stake to fill them.
fn crowded() -> Genesis {
    let mut genesis = genesis();
    genesis.governance.params.max_live_proposals = 64;
    for account in (0..STRANGERS).map(|index| stranger(index).account()) {
        let (validator, amount) = (validator(3).account(), genesis.governance.params.proposer_stake);
        genesis.accounts.balances.push(accounts::Endowment { account, balance: Amount(1_000_000) });
        genesis.staking.bonds.push(staking::GenesisBond { account, validator, amount });
    }
    genesis
}

/// A proposal that lives as long as the rules allow.
fn lasting(network: &Network, track: TrackName, motion: runtime::Motion) -> Call {
    propose_for(track, motion, Some(network.epoch().plus(20)), Some(20))
}

fn proposed(outcome: &Result<Event, runtime::Error>) -> ProposalId {
    let Ok(Event::Governance(Governance::Proposed(proposal))) = outcome else { panic!("{outcome:?}") };
    proposal.id
}

/// Validator 0 proposes to revoke `FIRST`; three of four vote for it, and after the notice it does not run.
fn revoked_in_the_least_time(network: &mut Network) {
    let began = network.epoch();
    let id = proposed(&network.block(&[(validator(0), propose_expedited(revoke(&[FIRST])))]).outcomes()[0]);
    let ballots = [0, 1, 2].map(|index| (validator(index), vote(id.0, Yes, None)));
    assert!(network.block(&ballots).outcomes().iter().all(Result::is_ok));
    assert_eq!(network.epoch(), began, "the votes are in before the window closes");
    network.until(began.0 + 2);
    assert_eq!(status(network, id), Status::Activated, "a window and a delay of one epoch each");
    network.until(began.0 + 4);
    let verdict = verdict_now(&network.state(), &FIRST, network.epoch());
    assert_eq!(verdict, Verdict::Revoked { reason: runtime::testing::WHY.into() }, "and the notice of two");
}

#[test]
fn h03_a_proposals_of_one_account_withdrawn_and_renewed_leave_the_others_their_places() {
    let mut network = upgraded();
    let fill = |network: &Network| {
        let motion = || approve(release_vote(&network.genesis, OTHER, 2));
        (0..64).map(|_| (validator(3), lasting(network, TrackName::Expedited, motion()))).collect::<Vec<_>>()
    };
    let granted = |outcomes: Vec<Result<Event, runtime::Error>>| {
        let crowded = |error: &runtime::Error| *error == runtime::Error::from(governance::Error::TooManyOfOne(2));
        assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(crowded), "{outcomes:?}");
        outcomes.iter().filter(|outcome| outcome.is_ok()).map(proposed).collect::<Vec<_>>()
    };
    let asked = fill(&network);
    let ids = granted(network.block(&asked).outcomes());
    assert_eq!(ids.len(), 3, "two as anybody, one as a validator");
    let mut renewed: Vec<_> = ids.iter().map(|id| (validator(3), withdraw(id.0))).collect();
    renewed.extend(fill(&network));
    let outcomes = network.block(&renewed).outcomes();
    assert!(outcomes[..3].iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(granted(outcomes[3..].to_vec()).len(), 3);
    revoked_in_the_least_time(&mut network);
}

#[test]
fn h03_a_sixty_four_places_filled_by_many_leave_each_validator_its_own() {
    let mut network = upgraded_from(crowded());
    let fill = |network: &Network| {
        let call = |track| lasting(network, track, approve(release_vote(&network.genesis, OTHER, 2)));
        let both = |index| [TrackName::Routine, TrackName::Expedited].map(|track| (stranger(index), call(track)));
        (0..STRANGERS).flat_map(both).collect::<Vec<_>>()
    };
    let asked = fill(&network);
    let ids: Vec<_> = network.block(&asked).outcomes().iter().map(proposed).collect();
    let owners = asked.iter().map(|(key, _)| key.clone());
    let mut renewed: Vec<_> = owners.zip(&ids).map(|(key, id)| (key, withdraw(id.0))).collect();
    renewed.extend(fill(&network));
    assert!(network.block(&renewed).outcomes().iter().all(Result::is_ok), "all 64, renewed");
    let routine = propose(&network.genesis, OTHER, 2);
    let full = governance::Error::TooManyOpen { track: TrackName::Routine, most: 32 };
    assert_eq!(network.block(&[(validator(1), routine)]).outcomes(), [Err(full.into())]);
    revoked_in_the_least_time(&mut network);
}

#[test]
fn h03_b_whoever_proposes_a_revocation_first_has_no_veto_on_it() {
    let mut network = upgraded();
    let first = lasting(&network, TrackName::Expedited, revoke(&[FIRST]));
    let first = proposed(&network.block(&[(validator(3), first)]).outcomes()[0]);
    let calls = [(validator(1), vote(first.0, Yes, None)), (validator(3), withdraw(first.0))];
    let stays = governance::Error::StaysOpen(first);
    assert_eq!(network.block(&calls).outcomes()[1], Err(stays.into()), "others count on it");
    let ballots = [0, 2].map(|index| (validator(index), vote(first.0, Yes, None)));
    network.block(&ballots);
    revoked_in_the_least_time(&mut network);
    assert_eq!(status(&network, first), Status::Open);
    let proposal = governance::queries::proposal::<runtime::Motion>(&network.state(), first);
    let facts = network.until(proposal.activation_epoch.0);
    let late = facts.iter().find(|fact| fact.cause == Cause::Proposal(first)).unwrap();
    assert_eq!(late.outcome, Err(releases::Error::AlreadyRevoked(FIRST).into()), "the reason is on record");
    assert_eq!(status(&network, first), Status::Cancelled);
}

#[test]
fn h03_b_what_is_taken_back_before_others_voted_is_proposed_by_others_at_once() {
    let mut network = upgraded();
    let id = proposed(&network.block(&[(validator(3), propose_expedited(revoke(&[FIRST])))]).outcomes()[0]);
    assert!(network.block(&[(validator(3), withdraw(id.0))]).outcomes()[0].is_ok());
    revoked_in_the_least_time(&mut network);
}

#[test]
fn h03_c_a_seal_that_looks_like_anothers_claim_shuts_nobody_out() {
    let mut network = upgraded();
    let seals = [
        (20, Digest::blake3(&("revoke", FIRST).encode())),
        (21, Digest::blake3(&"minimum sequence".encode())),
        (22, Digest::blake3(&("roster", 2u64).encode())),
        (23, Digest::blake3(&("cancel", ProposalId(1)).encode())),
        (24, Digest(OTHER.0)),
    ];
    let sealed = seals.map(|(byte, seal)| {
        let vote = release_vote(&network.genesis, BuildHash([byte; 32]), 2);
        approve(releases::ReleaseVote { sealed: Some(seal), ..vote })
    });
    let adversaries = [3, 3, 3, 2, 2].map(validator);
    let calls = sealed.map(|motion| lasting(&network, TrackName::Expedited, motion));
    let asked: Vec<_> = adversaries.into_iter().zip(calls).collect();
    assert!(network.block(&asked).outcomes().iter().all(Result::is_ok));
    let rotation = set_roster(&network.genesis, roster(2, &[0, 1, 2, 3], 2), &[0, 1, 3]);
    let others = [
        (validator(1), propose_expedited(raise_minimum(2))),
        (validator(1), propose_on(TrackName::Routine, rotation)),
        (validator(1), propose(&network.genesis, OTHER, 2)),
    ];
    assert!(network.block(&others).outcomes().iter().all(Result::is_ok));
    assert_eq!(network.epoch(), Epoch(2));
    revoked_in_the_least_time(&mut network);
}
