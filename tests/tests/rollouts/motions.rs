//! What stories ask the stake for, and what stands in for software that somebody would like to have approved.

use crate::network::{Network, PLAN, SECOND, chain_plan, name};
use crate::people::{Asked, Person};
use governance::TrackName;
use primitives::{BuildHash, ChangeId, List, Reason, ScopePattern};
use roles::{RoleKey, Seat};
use rollouts::install::Installation;
use rollouts::plan::Plan;
use runtime::Motion;
use runtime::testing::{approve, examples, propose_on, release_vote, set_members, validator};

/// A role of the plan.
pub fn role_key(role: &str) -> RoleKey {
    RoleKey { plan: name(PLAN), role: name(role) }
}

/// To end a change that waits, or the freeze of one that is carried out.
pub fn aborts(change: ChangeId) -> Motion {
    let reason = Reason::new("the stake does not want it").unwrap();
    Motion::Rollouts(rollouts::Motion::Abort { change, reason })
}

/// To give a role to one person alone, who may act everywhere.
pub fn hands_over(role: &str, to: &Person) -> Motion {
    let scopes = List::truncate_from(vec![ScopePattern::everywhere()]);
    set_members(role_key(role), vec![Seat { account: to.account(), scopes }])
}

/// To put the plan into force again as its next version, with nothing else in it.
pub fn amends() -> Motion {
    let plan = Plan { version: 2, ..chain_plan().plan.clone() };
    let (members, segments, moves) = (List::new(), List::new(), List::new());
    let document = Some(examples::reference());
    let installation = Installation { plan, document, stage: None, members, segments, moves };
    Motion::Rollouts(rollouts::Motion::Install(Box::new(installation)))
}

impl Network {
    /// Validator 0 proposes on a track that a build is approved which nobody has seen.
    pub fn proposes_a_build(&self, track: TrackName) -> Asked {
        let motion = approve(release_vote(&self.genesis, BuildHash([9; 32]), 2));
        (validator(0), propose_on(track, motion))
    }

    /// Empty blocks until the stake has had its time to stop what members agreed to.
    pub fn outwait_stake(&mut self, change: ChangeId) {
        let from = self.progress(change).not_before.unwrap();
        if self.at.epoch < from {
            self.begin(from.0);
        }
    }

    /// Empty blocks until the newest one has a place in its epoch, from 0.
    pub fn reach_place(&mut self, place: u64) {
        while self.at.height.0 % self.genesis.chain.epoch_length != place {
            self.block(SECOND, &[]);
        }
    }
}
