//! What a vote of a member of a council costs: one that only counts, and a yes that is given on a list.

use crate::governed::said::ballot;
use crate::measure::{means, row};
use crate::rows::TouchedRows;
use crate::scene::{LIST, Scene, accounts};
use crate::votes::cast;
use governance::Choice;
use primitives::AccountId;
use runtime::Call;
use state::State;
use std::hint::black_box;
use std::time::Duration;

pub fn measure(scene: &Scene) {
    let all = accounts(&scene.council);
    // Nobody agrees to what it submitted itself.
    let others = &all[1..];
    let without_a_list = Votes { scene, call: ballot(scene.ratification, Choice::Yes), members: &all, rounds: 50 };
    without_a_list.measure("a yes of a council on what is owed", "1300 ns");
    let against = Votes { scene, call: ballot(scene.approval, Choice::No), members: others, rounds: 50 };
    against.measure("a no of a council", "1300 ns");
    let on_a_list = Votes { scene, call: ballot(scene.approval, Choice::Yes), members: others, rounds: 1 };
    on_a_list.measure(&format!("a yes of a council with its list of {LIST} checks"), "200 us");
}

/// One ballot by each of some members, over and over.
struct Votes<'s> {
    scene: &'s Scene,
    call: Call,
    members: &'s [AccountId],
    rounds: u32,
}

impl Votes<'_> {
    fn measure(&self, what: &str, target: &str) {
        let memory = &self.scene.network.memory;
        let rows_of = |who: &AccountId| TouchedRows::of(memory, |state| self.cast(state, *who));
        let touched: Vec<TouchedRows> = self.members.iter().map(rows_of).collect();
        row(what, self.each(|state, member| self.cast(state, self.members[member])), target);
        row(&format!("  floor: {}", touched[0]), self.each(|state, member| touched[member].touch(state)), "");
    }

    fn cast(&self, state: &mut State, who: AccountId) {
        cast(&self.call, state, self.scene.at, who);
    }

    /// The mean of what is done for one member, by the place of each.
    fn each(&self, work: impl Fn(&mut State, usize)) -> Vec<Duration> {
        means(self.rounds * self.members.len() as u32, || {
            for _ in 0..self.rounds {
                let mut state = State::over(&self.scene.network.memory);
                (0..self.members.len()).for_each(|member| work(&mut state, member));
                black_box(&state);
            }
        })
    }
}
