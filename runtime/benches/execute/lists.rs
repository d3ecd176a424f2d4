//! What it costs to judge a list of checks.

use crate::governed::plan::{PLAN, name};
use crate::measure::{means, row};
use crate::rows::TouchedRows;
use crate::scene::{LIST, STAGE, Scene, TABLES, WORDS, words};
use primitives::{Moment, Name};
use rollouts::change::{ChangeProgress, SubmittedChange};
use rollouts::judge::lists::approve_list;
use rollouts::judge::verdict::verdict;
use rollouts::plan::{AskedCheck, ListOf, MOST_ROWS};
use rollouts::plans::{KeptRef, current};
use rollouts::queries::{change, progress};
use rollouts::verdict::ListVerdict;
use state::State;

pub fn measure(scene: &Scene) {
    let state = scene.network.state();
    let promotion = Promotion {
        at: scene.at,
        plan: current(&state, &name(PLAN)).unwrap(),
        change: change(&state, scene.promotion).unwrap(),
        progress: progress(&state, scene.promotion).unwrap(),
    };
    let own = approve_list(&state, &promotion.plan, &promotion.change);
    assert_eq!(own.len(), LIST, "as many as the vote is measured with");
    promotion.measure(scene, &format!("the verdict on that list of {LIST} checks"), &own, "");
    let words: Vec<AskedCheck> = words().map(asked).collect();
    promotion.measure(scene, &format!("a verdict on {WORDS} keys, each a word"), &words, "1 ms");
    let tables: Vec<AskedCheck> = TABLES.into_iter().map(|(key, _)| asked(name(key))).collect();
    let keys = TABLES.len() as u64 * MOST_ROWS;
    promotion.measure(scene, &format!("a verdict on {keys} keys, the rows of tables"), &tables, "1 ms");
}

fn asked(key: Name) -> AskedCheck {
    AskedCheck { key, stage: Some(name(STAGE)), from: ListOf::Readiness }
}

/// A change with what its lists are judged by.
struct Promotion {
    at: Moment,
    plan: KeptRef,
    change: SubmittedChange,
    progress: ChangeProgress,
}

impl Promotion {
    fn judge(&self, state: &State, list: &[AskedCheck]) -> ListVerdict {
        verdict(state, self.at, &self.plan, Some(&self.change), Some(&self.progress), list)
    }

    fn measure(&self, scene: &Scene, what: &str, list: &[AskedCheck], target: &str) {
        const ROUNDS: u32 = 100;
        let memory = &scene.network.memory;
        let judged = self.judge(&scene.network.state(), list);
        assert!(judged.is_go(), "{:?}", judged.unmet().collect::<Vec<_>>());
        let touched = TouchedRows::of(memory, |state| drop(self.judge(state, list)));
        let verdicts = means(ROUNDS, || {
            let state = State::over(memory);
            (0..ROUNDS).map(|_| self.judge(&state, list).findings.len()).sum::<usize>()
        });
        let floor = means(ROUNDS, || {
            let mut state = State::over(memory);
            (0..ROUNDS).for_each(|_| touched.touch(&mut state));
        });
        row(what, verdicts, target);
        row(&format!("  floor: {touched}"), floor, "");
    }
}
