//! The laws of what validators hold (H28), counted from facts and not by the questions the rules ask.

use crate::cells::HELD;
use crate::network::{Done, Network, builds_of};
use governance::{Event as Governance, Shortfall};
use primitives::{AccountId, Amount, BuildHash, ProposalId};
use releases::{HeldPower, Motion as ReleaseMotion};
use runtime::{Cause, Event, Motion};
use staking::ValidatorSet;
use std::collections::{BTreeMap, BTreeSet};

/// What was said in earlier blocks.
#[derive(Default)]
pub struct Holders {
    /// Who is counted for which build of which proposal.
    counted: BTreeSet<(ProposalId, BuildHash, AccountId)>,
    /// The power of those.
    power: BTreeMap<(ProposalId, BuildHash), HeldPower>,
}

impl Holders {
    pub fn check(&mut self, network: &Network, done: &Done) {
        for fact in &done.executed.facts {
            match (&fact.cause, &fact.outcome) {
                (
                    Cause::Transaction { account, .. },
                    Ok(Event::Releases(releases::Event::Held { build_hash, node, counted, .. })),
                ) => {
                    assert_eq!(account, node, "somebody spoke for another");
                    assert!(!counted.is_empty(), "a word that counts for nothing was granted");
                    counted.iter().for_each(|held| self.count(network, *build_hash, *node, held));
                }
                (_, Ok(Event::Governance(Governance::Passed { proposal_id, .. }))) => {
                    let judged = is_judged_when_voting_ends(network, *proposal_id);
                    assert!(!judged || self.is_held(network, *proposal_id), "proposal {proposal_id} passed unheld");
                }
                (_, Ok(Event::Governance(Governance::Rejected { proposal_id, shortfall, .. })))
                    if *shortfall == Shortfall::Unavailable =>
                {
                    assert!(!self.is_held(network, *proposal_id), "proposal {proposal_id} was held");
                }
                (Cause::Proposal(id), Ok(Event::Releases(releases::Event::Approved { builds, .. }))) => {
                    let enough = builds.iter().all(|build| self.is_enough(network, *id, build.build_hash));
                    assert!(enough, "approved by proposal {id}, and too few hold it");
                }
                _ => {}
            }
        }
        assert_eq!(HELD.iter(&network.state()).collect::<BTreeMap<_, _>>(), self.power);
    }

    /// A validator of the electorate's epoch counts once, with the power it had then.
    fn count(&mut self, network: &Network, build: BuildHash, node: AccountId, kept: &HeldPower) {
        let id = kept.proposal_id;
        assert!(self.counted.insert((id, build, node)), "{node} counts twice for {build} in proposal {id}");
        let set = electorate(network, id);
        let own = set.power_of(&node).expect("only validators count");
        let before = self.power.get(&(id, build)).map_or(Amount::ZERO, |held| held.power);
        let expected = HeldPower { proposal_id: id, power: Amount(before.0 + own.0), total: set.total_power() };
        assert_eq!(*kept, expected);
        self.power.insert((id, build), expected);
    }

    fn is_enough(&self, network: &Network, id: ProposalId, build: BuildHash) -> bool {
        let share = network.genesis.releases.params.available_share;
        self.power.get(&(id, build)).is_some_and(|held| share.is_met(held.power, held.total))
    }

    /// Whether enough holds each build that an open proposal would approve.
    fn is_held(&self, network: &Network, id: ProposalId) -> bool {
        let motion = governance::queries::proposal::<Motion>(&network.state(), id).motion;
        builds_of(&motion).into_iter().all(|build| self.is_enough(network, id, build))
    }
}

fn electorate(network: &Network, id: ProposalId) -> ValidatorSet {
    let state = network.state();
    let epoch = governance::queries::poll(&state, id).electorate.stake_epoch().expect("stake votes on releases");
    staking::queries::validator_set(&state, epoch)
}

/// What is sealed has time until it is carried out, and what approves nothing has nothing to hold.
fn is_judged_when_voting_ends(network: &Network, id: ProposalId) -> bool {
    let motion = governance::queries::proposal::<Motion>(&network.state(), id).motion;
    matches!(motion, Motion::Releases(ReleaseMotion::Approve(vote)) if vote.sealed.is_none())
}
