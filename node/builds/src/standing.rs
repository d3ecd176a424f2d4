//! What the chain says about an artifact: whether it may be handed out, and whether it is worth its place.

use super::retention::StageOnChain;
use primitives::{BuildHash, Epoch};
use releases::Standing;
use releases::queries::{is_open_to_all, minimum_sequence, proposals_of, release};
use state::State;

/// Whether peers may have a build in epoch `now`: it is active or superseded and may still run, or it is voted on, because it
/// passes only once others hold it. Nothing of a sealed release is handed out before it is revealed (T17), and nothing that was
/// revoked, even while its notice runs.
pub fn may_serve(state: &State, hash: &BuildHash, now: Epoch) -> bool {
    match release(state, hash) {
        Some(release) => {
            !matches!(release.standing, Standing::Revoked { .. }) && release.runs(&minimum_sequence(state), now)
        }
        None => proposals_of(state, hash).any(|id| is_open_to_all(state, id, hash)),
    }
}

/// Where the chain has a build.
pub fn stage(state: &State, hash: &BuildHash) -> StageOnChain {
    match release(state, hash) {
        Some(release) => StageOnChain::Activated { sequence: release.sequence },
        None if proposals_of(state, hash).next().is_some() => StageOnChain::Awaited,
        None => StageOnChain::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance::Choice;
    use primitives::{ChainPosition, Digest, Height, List, Moment, Timestamp};
    use releases::{Event, Manifest, MinimumStep, Reason, ReleaseVote};
    use rpc::NodeSource as _;
    use rpc::testing::MemoryNode;
    use runtime::testing::{genesis, held_by, propose, release_vote, reveal, validator, vote};
    use state::Apply as _;

    const FIRST: BuildHash = BuildHash([0xaa; 32]);
    const NEXT: BuildHash = BuildHash([0xbb; 32]);
    const NEVER: BuildHash = BuildHash([0xcc; 32]);

    /// Whether a build is served, and where it stands, by the newest block.
    fn judged(node: &MemoryNode, hash: &BuildHash) -> (bool, StageOnChain) {
        let (mut judged, now) = (None, node.head().at.epoch);
        node.view(&mut |view| {
            let state = State::over(view);
            judged = Some((may_serve(&state, hash, now), stage(&state, hash)));
        });
        judged.unwrap()
    }

    /// A node on whose chain validator 0 has proposed `NEXT`, and three have voted for it.
    fn voting(asked: ReleaseVote) -> MemoryNode {
        let node = MemoryNode::new(genesis());
        assert_eq!(judged(&node, &NEXT), (false, StageOnChain::Unknown));
        node.send(&validator(0), propose(asked));
        node.make_block();
        for voter in 0..3 {
            node.send(&validator(voter), vote(1, Choice::Yes, None));
        }
        node.make_block();
        node
    }

    fn hold(node: &MemoryNode) {
        for (who, call) in held_by(2, &[NEXT]) {
            node.send(&who, call);
        }
    }

    #[test]
    fn h28_what_is_voted_on_is_served_and_so_is_the_one_before_it_after_its_activation() {
        let node = voting(release_vote(&genesis(), NEXT, 2));
        assert_eq!(judged(&node, &FIRST), (true, StageOnChain::Activated { sequence: 1 }));
        hold(&node);
        let mut before = 0;
        while judged(&node, &NEXT) == (true, StageOnChain::Awaited) {
            before += 1;
            assert!(before < 100, "it is never activated");
            node.make_block();
        }
        assert!(before > 1 && node.head().at.height.0.is_multiple_of(10), "only the first block of an epoch activates");
        assert_eq!(judged(&node, &NEXT), (true, StageOnChain::Activated { sequence: 2 }));
        assert_eq!(
            judged(&node, &FIRST),
            (true, StageOnChain::Activated { sequence: 1 }),
            "superseded, and still runs"
        );
        assert_eq!(judged(&node, &NEVER), (false, StageOnChain::Unknown));
    }

    #[test]
    fn what_was_rejected_is_served_no_more() {
        let node = voting(release_vote(&genesis(), NEXT, 2));
        assert_eq!(judged(&node, &NEXT), (true, StageOnChain::Awaited));
        node.make_blocks_to(10);
        assert_eq!(judged(&node, &NEXT), (false, StageOnChain::Unknown), "nobody held it");
    }

    #[test]
    fn t17_nothing_of_a_sealed_release_is_served_before_it_is_revealed() {
        let (proposer, manifest, salt) = (validator(0).account(), Manifest::default(), Digest([7; 32]));
        let sealed = Some(manifest.seal(&proposer, &NEXT, &salt));
        let node = voting(ReleaseVote { sealed, ..release_vote(&genesis(), NEXT, 2) });
        assert_eq!(judged(&node, &NEXT), (false, StageOnChain::Awaited));
        node.make_blocks_to(12);
        assert_eq!(judged(&node, &NEXT), (false, StageOnChain::Awaited), "it passed, and is sealed still");
        node.send(&validator(0), reveal(NEXT, proposer, manifest, salt));
        node.make_block();
        assert_eq!(judged(&node, &NEXT), (true, StageOnChain::Awaited));
        hold(&node);
        node.make_blocks_to(20);
        assert_eq!(judged(&node, &NEXT), (true, StageOnChain::Activated { sequence: 2 }));
    }

    #[test]
    fn a_revoked_build_is_not_served_from_the_decision_on_and_a_retired_one_from_its_end_on() {
        let memory = genesis().build();
        let after = |event: Event| {
            let mut state = State::over(&memory);
            event.apply(&mut state, Moment::of(ChainPosition::of(Height(1), Timestamp(0), 10), 0, 1));
            state
        };
        let reason: Reason = "a hole".parse().unwrap();
        let state = after(Event::Revoked {
            build_hashes: List::truncate_from(vec![FIRST]),
            reason: reason.clone(),
            effective_epoch: Epoch(9),
            reinstated: Vec::new(),
        });
        assert!(!may_serve(&state, &FIRST, Epoch(0)));
        assert_eq!(stage(&state, &FIRST), StageOnChain::Activated { sequence: 1 });

        let minimum = MinimumStep { sequence: 2, effective_epoch: Epoch(5) };
        let state = after(Event::MinimumSequenceRaised { minimum: minimum.into(), level: 1, reason });
        assert!(may_serve(&state, &FIRST, Epoch(4)) && !may_serve(&state, &FIRST, Epoch(5)));
    }
}
