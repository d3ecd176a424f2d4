//! Changes that wait: what ends them, and which of two wins.

use super::chain::*;
use crate::change::{ChangeState, EndedWhy};
use crate::install::Installation;
use crate::plan::Reference;
use crate::queries::ChangeLabel;
use crate::tests::sample::{name, reference};
use crate::{Call, Error, Event, Motion};
use governance::{Choice, DepositEnd};
use primitives::{Amount, ChangeId, Epoch, List, Mandate, ProposalId, Reason};
use state::{Apply as _, Enact as _, Memory};

fn mandate(chain: &Chain) -> Mandate {
    Mandate { proposal_id: ProposalId(99), proposer: DAN, proposed: chain.at, passed: Epoch(1) }
}

fn enact(chain: &mut Chain, motion: &Motion) -> Result<Event, Error> {
    motion.admit(&chain.state, chain.at, Epoch(3))?;
    let event = motion.enact(&chain.state, chain.at, &mandate(chain))?;
    event.apply(&mut chain.state, chain.at);
    Ok(event)
}

fn pruning_off(chain: &mut Chain) -> ChangeId {
    let effect = chain.setting("pruning", 1);
    chain.submit(sets([effect])).unwrap()
}

#[test]
fn of_two_changes_about_one_flag_the_first_that_is_carried_out_wins() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let first = pruning_off(&mut chain);
    let second = pruning_off(&mut chain);
    chain.block();
    for change in [first, second] {
        chain.council(change, Choice::Yes);
    }
    chain.epochs(4);
    chain.execute(second).unwrap();
    assert!(!chain.is_on(flags::Gate::Pruning));
    let moved = Error::FlagMoved { flag: name("pruning"), path: primitives::Path::ROOT };
    assert_eq!(chain.execute(first).unwrap_err(), moved);
    assert_eq!(moved.code(), "E_MOVED");
    let events = chain.later(14 * DAY);
    assert_eq!(kinds(&events), ["missed", "ended"], "the audit of the one, and the other");
}

#[test]
fn one_that_nobody_decides_expires_to_the_millisecond_and_its_deposit_is_forfeited() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = pruning_off(&mut chain);
    chain.block();
    // The council has seven days, and a poll that passes in none is lost.
    let events = chain.later(7 * DAY - 1);
    assert_eq!((events, chain.label(change)), (vec![], ChangeLabel::Voting));
    let events = chain.later(1);
    let [Event::Ended { why: EndedWhy::Rejected, deposit: Some(DepositEnd::Returned(_)), .. }] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    let second = chain.approved({
        let effect = chain.setting("pruning", 1);
        sets([effect])
    });
    assert_eq!(chain.later(14 * DAY - 1), []);
    let events = chain.later(1);
    let [
        Event::Ended {
            was: ChangeState::Approved,
            why: EndedWhy::Expired,
            deposit: Some(DepositEnd::Burned(lost)),
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((lost.amount, chain.held(ANN)), (Amount(2_000), Amount::ZERO));
    assert_eq!(code(chain.execute(second)), "E_STATE");
}

#[test]
fn a_rejected_one_is_over_as_soon_as_that_is_certain() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = pruning_off(&mut chain);
    chain.block();
    let events = chain.council(change, Choice::No);
    assert_eq!((kinds(&events), chain.label(change)), (vec!["ended"], ChangeLabel::Rejected));
    assert_eq!(chain.held(ANN), Amount::ZERO, "and what was held is free");
    assert_eq!(chain.block(), [], "and nothing is left to take note of");
}

#[test]
fn its_submitter_takes_it_back_and_nobody_else() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = pruning_off(&mut chain);
    let withdraw = Call::Withdraw { plan: name("chain"), acting: name("commander"), change };
    chain.block();
    assert_eq!(chain.call(BEN, &withdraw).unwrap_err(), Error::NotSubmitter { change });
    chain.call(ANN, &withdraw).unwrap();
    assert_eq!((chain.label(change), chain.held(ANN)), (ChangeLabel::Withdrawn, Amount::ZERO));
    assert_eq!(code(chain.call(ANN, &withdraw)), "E_STATE");
    chain.block();
    assert_eq!(kinds(&chain.block()), ["voided"], "its poll is needless");
    assert_eq!(chain.block(), []);
}

#[test]
fn the_stake_ends_what_waits_and_nothing_that_is_done() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let effect = chain.setting("pruning", 1);
    let change = chain.approved(sets([effect.clone()]));
    let abort = |change| Motion::Abort { change, reason: Reason::new("not so").unwrap() };
    assert_eq!(abort(change).tracks(&chain.state), [governance::TrackName::Expedited]);
    enact(&mut chain, &abort(change)).unwrap();
    assert_eq!((chain.label(change), chain.held(ANN)), (ChangeLabel::Aborted, Amount::ZERO));
    assert_eq!(code(enact(&mut chain, &abort(change))), "E_STATE");
    let done = chain.approved(sets([effect]));
    chain.execute(done).unwrap();
    assert_eq!(code(enact(&mut chain, &abort(done))), "E_STATE");
    assert_eq!(code(enact(&mut chain, &abort(ChangeId(77)))), "E_CHANGE_UNKNOWN");
}

#[test]
fn another_version_of_the_plan_ends_what_waits_and_keeps_what_is_active() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let effect = chain.setting("pruning", 1);
    let active = chain.approved(sets([effect]));
    chain.execute(active).unwrap();
    let again = chain.setting("pruning", 0);
    let waiting = chain.submit(sets([again])).unwrap();
    let document: Reference = reference("docs/rollout.md", None);
    let installation = Installation {
        plan: crate::plan::Plan { version: 2, ..plan() },
        document: Some(document),
        stage: None,
        members: List::new(),
        segments: List::new(),
        moves: List::new(),
    };
    enact(&mut chain, &Motion::Install(Box::new(installation))).unwrap();
    let events = chain.block();
    assert!(matches!(events.as_slice(), [Event::Ended { why: EndedWhy::Superseded, .. }]), "{events:?}");
    assert_eq!(chain.label(waiting), ChangeLabel::Superseded);
    assert_eq!(chain.block(), []);
    chain.say("audit", active);
    assert_eq!(kinds(&chain.block()), ["met"], "by the version that it was carried out under");
    assert!(crate::plans::of_version(&chain.state, &name("chain"), 1).is_ok());
    chain.close(active).unwrap();
    assert!(crate::plans::of_version(&chain.state, &name("chain"), 1).is_err(), "which nothing needs any more");
    assert_eq!(code(chain.submit(promotes("mainnet"))), "E_PLAN_VERSION");
}

#[test]
fn only_the_chain_opens_the_polls_of_changes_and_each_is_on_one_text() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = pruning_off(&mut chain);
    chain.block();
    let decide = |digest| Motion::Decide { change, check: name("council"), digest };
    let own = crate::queries::change(&chain.state, change).unwrap().digest;
    assert_eq!(code(decide(own).admit(&chain.state, chain.at, Epoch(3))), "E_COUNCIL_ONLY");
    assert_eq!(decide(own).votable(&chain.state, chain.at, BEN), Ok(()));
    let other = primitives::Digest([8; 32]);
    assert_eq!(code(decide(other).votable(&chain.state, chain.at, BEN)), "E_MOVED");
    let of_another_poll = decide(own).enact(&chain.state, chain.at, &mandate(&chain));
    assert_eq!(code(of_another_poll), "E_STATE", "its own poll decides it");
}
