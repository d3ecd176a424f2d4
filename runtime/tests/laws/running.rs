//! The laws of the time that the chain has run (ROLLOUTS 3.1), counted from block times alone.

use proptest::prelude::*;
use runtime::testing::{context, genesis};
use runtime::{Context, RUNNING, Running, assemble, execute, replay};
use state::{Memory, State};

fn running(memory: &Memory) -> Running {
    RUNNING.get(&State::over(memory)).expect("every block says how long the chain has run")
}

/// From one block to the next, in milliseconds: at once, as blocks come, and after a stand of up to three days.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![1u64..10, 500u64..90_000, 3_600_000u64..260_000_000]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_chain_never_ran_longer_than_it_exists_and_no_block_adds_more_than_it_may(
        pauses in prop::collection::vec(pause(), 1..40), most_block_ms in 1_000u64..=3_600_000,
    ) {
        let mut genesis = genesis();
        genesis.chain.most_block_ms = most_block_ms;
        let mut memory = genesis.build();
        prop_assert_eq!(running(&memory), Running { ms: 0, time: genesis.time });
        let mut expected = 0;
        for (height, pause) in (1..).zip(pauses) {
            let before = running(&memory);
            let context = Context { time: before.time.plus(pause), ..context(&genesis, height) };
            let at = context.moment(&State::over(&memory));
            let executed = execute(&memory, &context, &[]).unwrap();
            prop_assert_eq!(&assemble(&memory, &context, 0, []).1, &executed, "whoever proposes it");
            prop_assert_eq!(&replay(&memory, &context, &executed.facts), &executed.writes, "whoever folds its facts");
            memory.commit(executed.writes);
            let after = running(&memory);
            expected += pause.min(most_block_ms);
            prop_assert_eq!((after.ms, after.time), (expected, context.time));
            prop_assert_eq!((at.running, at.time, at.height), (after.ms, after.time, context.height));
            prop_assert!(after.ms > before.ms, "it ran less than before");
            prop_assert!(after.ms - before.ms <= most_block_ms);
            prop_assert!(after.ms <= context.time.0 - genesis.time.0, "it ran longer than it exists");
        }
    }
}
