//! What the chain says about an artifact: whether it may be handed out, and whether it is worth its place.

use super::retention::Stage;
use primitives::{BuildHash, Epoch};
use releases::Standing;
use releases::queries::{minimum_sequence, proposals_of, release};
use state::State;

/// Whether peers may have a build in epoch `now`: it is active or superseded, and may still run. Nothing is handed out before
/// its activation (T17), and nothing that was revoked, even while its notice runs.
pub fn may_serve(state: &State, hash: &BuildHash, now: Epoch) -> bool {
    release(state, hash).is_some_and(|release| {
        !matches!(release.standing, Standing::Revoked { .. }) && release.runs(&minimum_sequence(state), now)
    })
}

/// Where the chain has a build.
pub fn stage(state: &State, hash: &BuildHash) -> Stage {
    match release(state, hash) {
        Some(release) => Stage::Activated { sequence: release.sequence },
        None if proposals_of(state, hash).next().is_some() => Stage::Awaited,
        None => Stage::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance::Choice;
    use primitives::{Height, List, Moment, Timestamp};
    use releases::{Event, MinimumStep, Reason};
    use rpc::NodeSource as _;
    use rpc::testing::MemoryNode;
    use runtime::testing::{genesis, propose, release_vote, validator, vote};
    use state::Apply as _;

    const FIRST: BuildHash = BuildHash([0xaa; 32]);
    const NEXT: BuildHash = BuildHash([0xbb; 32]);
    const NEVER: BuildHash = BuildHash([0xcc; 32]);

    /// Whether a build is served, and where it stands, by the newest block.
    fn judged(node: &MemoryNode, hash: &BuildHash) -> (bool, Stage) {
        let (mut judged, now) = (None, node.head().at.epoch);
        node.view(&mut |view| {
            let state = State::over(view);
            judged = Some((may_serve(&state, hash, now), stage(&state, hash)));
        });
        judged.unwrap()
    }

    #[test]
    fn t17_nothing_is_served_before_it_is_activated_and_the_one_before_is_served_after() {
        let node = MemoryNode::new(genesis());
        assert_eq!(judged(&node, &FIRST), (true, Stage::Activated { sequence: 1 }));
        assert_eq!(judged(&node, &NEXT), (false, Stage::Unknown));
        node.send(&validator(0), propose(release_vote(node.genesis(), NEXT, 2)));
        node.make_block();
        for voter in 0..3 {
            node.send(&validator(voter), vote(1, Choice::Yes, None));
        }
        let mut before = 0;
        while judged(&node, &NEXT) == (false, Stage::Awaited) {
            before += 1;
            assert!(before < 100, "it is never activated");
            node.make_block();
        }
        assert!(before > 1 && node.head().at.height.0.is_multiple_of(10), "only the first block of an epoch activates");
        assert_eq!(judged(&node, &NEXT), (true, Stage::Activated { sequence: 2 }));
        assert_eq!(judged(&node, &FIRST), (true, Stage::Activated { sequence: 1 }), "superseded, and still runs");
        assert_eq!(judged(&node, &NEVER), (false, Stage::Unknown));
    }

    #[test]
    fn a_revoked_build_is_not_served_from_the_decision_on_and_a_retired_one_from_its_end_on() {
        let memory = genesis().build();
        let after = |event: Event| {
            let mut state = State::over(&memory);
            event.apply(&mut state, Moment::of(Height(1), Timestamp(0), 10));
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
        assert_eq!(stage(&state, &FIRST), Stage::Activated { sequence: 1 });

        let minimum = MinimumStep { sequence: 2, effective_epoch: Epoch(5) };
        let state = after(Event::MinimumSequenceRaised { minimum: minimum.into(), reason });
        assert!(may_serve(&state, &FIRST, Epoch(4)) && !may_serve(&state, &FIRST, Epoch(5)));
    }
}
