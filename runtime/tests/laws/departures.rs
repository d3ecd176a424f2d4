//! With the calls of one signer's key added anywhere, the same passed proposals are carried out (H17).

use crate::network::*;
use governance::{Choice, Event as Governance};
use primitives::{BuildHash, Epoch, ProposalId};
use runtime::testing::{genesis, holder, validator};
use runtime::{Call, Event, Genesis};
use std::collections::BTreeMap;

/// Blocks that are looked at; an epoch has four.
const BLOCKS: u64 = 23;

/// A signer who takes its key out of whatever roster there is, in every block from a height on.
#[derive(Debug, Clone, Copy)]
struct Leaver {
    signer: u8,
    from_height: u64,
}

/// In which epoch each proposal passed, and was carried out.
#[derive(Debug, Default)]
struct Ends {
    passed: BTreeMap<ProposalId, Epoch>,
    activated: BTreeMap<ProposalId, Epoch>,
}

/// What is proposed in the first block: releases with and without a signature to spare, and a rotation, which is in force when
/// two of them, passed before, are carried out.
fn asked(genesis: &Genesis, signers: &[u8], approving: &[u8]) -> Vec<Call> {
    let release = |hash, by: &[u8]| approve_signed(genesis, BuildHash([hash; 32]), by);
    vec![
        propose_until(release(1, &[0, 1]), 1, 3),
        propose_until(release(2, &[0, 1, 2]), 2, 2),
        propose_until(release(3, &[1, 2]), 1, 1),
        propose_until(set_roster(genesis, roster(2, signers, 2), approving), 2, 1),
    ]
}

/// What becomes of it when all validators vote for it, and hold the releases, in the second block.
fn ends(asked: impl Fn(&Genesis) -> Vec<Call>, leaver: Option<Leaver>) -> Ends {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 4;
    let (mut network, mut ends) = (Network::new(genesis), Ends::default());
    for height in 1..=BLOCKS {
        let mut calls: Vec<_> = match height {
            // One each, because nobody holds more than two places.
            1 => (0..).map(validator).zip(asked(&network.genesis)).collect(),
            2 => {
                let ballots = |who| (1..5).map(move |id| (validator(who), vote(id, Choice::Yes, None)));
                let held = held_by(4, &[1, 2, 3].map(|hash| BuildHash([hash; 32])));
                (0..4).flat_map(ballots).chain(held).collect()
            }
            _ => Vec::new(),
        };
        if let Some(Leaver { signer, .. }) = leaver.filter(|leaver| height >= leaver.from_height) {
            let version = releases::queries::roster(&network.state()).version;
            calls.push((holder(0), leave_roster(&network.genesis, signer, version)));
        }
        for fact in network.block(&calls).executed.facts {
            match fact.outcome {
                Ok(Event::Governance(Governance::Passed { proposal_id, .. })) => {
                    ends.passed.insert(proposal_id, network.epoch());
                }
                Ok(Event::Governance(Governance::Activated { proposal_id })) => {
                    ends.activated.insert(proposal_id, network.epoch());
                }
                _ => {}
            }
        }
    }
    ends
}

#[test]
fn h17_with_one_keys_calls_added_anywhere_the_same_passed_proposals_are_carried_out() {
    // What was discounted while it was open, and what was carried out although a signer had left since it passed.
    let (mut discounted, mut kept) = (0, 0);
    for (signers, approving) in [(vec![0_u8, 1, 2, 3], vec![0_u8, 1, 2]), (vec![1, 2, 3], vec![1, 2])] {
        let asked = |genesis: &Genesis| asked(genesis, &signers, &approving);
        let without = ends(asked, None);
        assert_eq!((without.passed.len(), without.activated.len()), (4, 4), "{without:?}");
        for leaver in (0..3).flat_map(|signer| (1..=BLOCKS).map(move |from_height| Leaver { signer, from_height })) {
            let with = ends(asked, Some(leaver));
            let mut same = without.activated.clone();
            same.retain(|id, _| with.passed.contains_key(id));
            assert_eq!(with.activated, same, "{leaver:?}: {with:?}");
            let word = Epoch(leaver.from_height / 4);
            for (id, passed) in &without.passed {
                assert!(word < *passed || with.passed.contains_key(id), "{leaver:?} came too late for {id}: {with:?}");
                kept += usize::from((*passed..without.activated[id]).contains(&word));
            }
            discounted += without.passed.len() - with.passed.len();
        }
    }
    assert!(discounted > 10 && kept > 100, "{discounted} were discounted, {kept} were kept");
}
