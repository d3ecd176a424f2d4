//! The rule that validators decide by quorum: who turns it off, who is named for that, and what it takes to turn it on (ROLLOUTS 11).

use super::chain::*;
use crate::change::ChangeDraft;
use crate::plan::QUORUM_GATE;
use crate::tests::sample::{list, name, names};
use crate::{Call, Error, Event, SealerFlaw};
use flags::Gate;
use governance::{Choice, PollRules};
use primitives::{BlockHash, ChainId, ChangeId, Epoch, Height, VoteKind, vote_payload};
use staking::Certificate;
use state::Memory;

fn turns_off(chain: &Chain) -> ChangeDraft {
    let effect = chain.setting(QUORUM_GATE, 1);
    ChangeDraft { sealer: Some(validator().account()), ..sets([effect]) }
}

/// That the validator precommitted a block.
fn certificate(height: u64) -> Certificate {
    let (height, block) = (Height(height), BlockHash([6; 32]));
    let payload = vote_payload(&ChainId::default(), VoteKind::Precommit, height, 0, Some(block));
    let signature = validator().sign(&payload);
    Certificate { height, round: 0, block, signatures: list([(validator().account(), signature)]) }
}

fn executes_with(change: ChangeId, proof: Option<Certificate>) -> Call {
    let (plan, acting) = (name("chain"), name("commander"));
    Call::Execute { plan, acting, change, sealer_proof: proof.map(Box::new) }
}

/// The sets of epochs that pass without an election of their own.
fn elect(chain: &mut Chain, epoch: u64) {
    let set = staking::queries::validator_set(&chain.state, Epoch(0));
    let elected = staking::Event::Elected {
        epoch: Epoch(epoch),
        validators: set.clone(),
        candidates: set,
        sealer: None,
        remembered_from: Epoch(0),
    };
    state::Apply::apply(&elected, &mut chain.state, chain.at);
}

#[test]
fn the_stake_votes_on_what_takes_it_away_and_one_who_is_alive_is_named() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let unnamed = sets([chain.setting(QUORUM_GATE, 1)]);
    assert_eq!(chain.submit(unnamed).unwrap_err(), Error::Sealer(SealerFlaw::Missing));
    let needless = ChangeDraft { sealer: Some(ANN), ..sets([chain.setting("pruning", 1)]) };
    assert_eq!(chain.submit(needless).unwrap_err(), Error::Sealer(SealerFlaw::Needless));
    let change = chain.submit(turns_off(&chain)).unwrap();
    assert_eq!(chain.next_rules(), Some(PollRules::Stake), "whatever its check says");
    chain.block();
    let poll = chain.open_poll(change);
    assert!(matches!(chain.vote(BEN, poll, Choice::Yes), Err(Refused::Vote(_))), "a council has no stake");
    chain.vote(validator().account(), poll, Choice::Yes).unwrap();
    (2..6).for_each(|epoch| elect(&mut chain, epoch));
    assert_eq!(chain.epochs(2), [], "it passed, and waits");
    let events = chain.epochs(1);
    assert!(matches!(events.as_slice(), [Event::Approved { not_before: None, .. }]), "{events:?}");

    let who = validator().account();
    let refused = |chain: &mut Chain, proof| chain.call(ANN, &executes_with(change, proof)).unwrap_err();
    assert_eq!(refused(&mut chain, None), Error::Sealer(SealerFlaw::Unproven(who)));
    for height in [19, 30] {
        let other_epoch = Some(certificate(height));
        assert_eq!(refused(&mut chain, other_epoch), Error::Sealer(SealerFlaw::BadProof(who)), "{height}");
    }
    let forged = Certificate { round: 1, ..certificate(20) };
    assert_eq!(refused(&mut chain, Some(forged)), Error::Sealer(SealerFlaw::BadProof(who)));
    let proof = certificate(29);
    assert_eq!(state::Decide::signatures(&executes_with(change, Some(proof.clone()))), 1);
    let Event::Executed { execution, .. } = chain.call(ANN, &executes_with(change, Some(proof))).unwrap() else {
        panic!("it is carried out")
    };
    assert!(!chain.is_on(Gate::MalachiteConsensus));
    assert_eq!(execution.effects.len(), 2, "rewards, which require it, go off with it");
    assert!(!chain.is_on(Gate::TimetokeRewards));
    assert_eq!(staking::queries::sealer(&chain.state), Some(who));
}

#[test]
fn it_begins_when_those_are_there_who_would_decide() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.stages[0].steps = list([]);
    plan.stages[1].readiness = names(&["ci"]);
    let mut chain = Chain::at_stage(&memory, plan, "development");
    assert!(!chain.is_on(Gate::MalachiteConsensus));
    let change = chain.submit(promotes("testnet")).unwrap();
    chain.say("ci", change);
    chain.block();
    chain.council(change, Choice::Yes);
    (2..6).for_each(|epoch| elect(&mut chain, epoch));
    chain.epochs(4);
    let Err(Error::QuorumAbsent { share_percent, missing }) = chain.execute(change) else { panic!("nobody is there") };
    assert_eq!((share_percent, missing.to_vec()), (0, vec![validator().account()]));
}
