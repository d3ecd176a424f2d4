//! What nodes say that they run, held against the stage that stands and the one that comes.

use super::plan::next_stage;
use crate::views::Descriptions;
use flags::Gate;
use primitives::{AccountId, Amount, Epoch, Height, Moment, Name};
use releases::queries::advertised;
use releases::{Advertisement, FleetShare};
use rollouts::plans;
use rollouts::queries::{self, FleetSeen};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use staking::Validator;
use state::State;

/// The fleet of a plan: those who could be elected, by what they advertised last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolloutFleet {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// The epoch whose candidates these are.
    pub epoch: Epoch,
    /// The last stage that stands.
    pub stage: Option<Name>,
    /// The stage that comes next.
    pub next_stage: Option<Name>,
    /// The flags that serve something else than the stage that stands says: an emergency shows here, and is no drift of nodes.
    #[schemars(length(max = 64))]
    pub drifting_flags: Vec<Name>,
    /// How much of the power sees the gates as the chain has them, each for its own account.
    pub current: FleetMatch,
    /// How much of the power is ready for the next stage: knows each gate that it turns on, and holds none of them back. Null after the
    /// last.
    pub next: Option<FleetMatch>,
    /// How much of the power has the bundle of the plan.
    pub bundle: FleetMatch,
    /// Each of them, the strongest first.
    #[schemars(length(max = staking::MAX_VALIDATORS))]
    pub nodes: Vec<FleetNode>,
    /// What they say of themselves.
    #[serde(default)]
    pub described: Descriptions,
}

/// How much of a fleet fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FleetMatch {
    /// The power of those who fit.
    pub power: Amount,
    /// The power of all.
    pub total: Amount,
    /// How many fit.
    pub nodes: u32,
    /// How many there are.
    pub of: u32,
}

/// A node of a fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FleetNode {
    /// Its account.
    pub account: AccountId,
    /// Its power.
    pub power: Amount,
    /// The epoch in which it last advertised; null while it never did.
    pub epoch: Option<Epoch>,
    /// What it said then.
    pub advertised: Option<Advertisement>,
    /// Whether it sees the gates as the chain has them for it.
    pub is_current: bool,
    /// Whether it is ready for the next stage; null after the last.
    pub is_ready: Option<bool>,
    /// Whether it has the bundle.
    pub has_bundle: bool,
    /// The gates that it holds back.
    #[schemars(length(max = 64))]
    pub held: Vec<Gate>,
    /// The gates that its build does not know.
    #[schemars(length(max = 64))]
    pub unknown: Vec<Gate>,
}

impl FleetMatch {
    /// A share of so many.
    fn of(share: &FleetShare, of: usize) -> Self {
        let nodes = of.saturating_sub(share.drifting.len());
        Self { power: share.power, total: share.total, nodes: count(nodes), of: count(of) }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl FleetNode {
    fn of(state: &State, seen: &FleetSeen, candidate: &Validator) -> Self {
        let account = candidate.account;
        let fits = |share: &FleetShare| !share.drifting.contains(&account);
        let (epoch, advertised) = advertised(state, &account).unzip();
        let bits = |of: fn(&Advertisement) -> u64| advertised.as_ref().map(of);
        Self {
            account,
            power: candidate.power,
            is_current: fits(&seen.current),
            is_ready: seen.next.as_ref().map(fits),
            has_bundle: fits(&seen.bundle),
            held: bits(|said| said.held).map(gates).unwrap_or_default(),
            unknown: bits(|said| !said.known).map(gates).unwrap_or_default(),
            epoch,
            advertised,
        }
    }
}

/// The gates whose bits are set.
fn gates(bits: u64) -> Vec<Gate> {
    Gate::ALL.iter().copied().filter(|gate| bits & (1 << (*gate as u32)) != 0).collect()
}

/// The fleet of a plan; none when there is no such plan, or it is retired.
pub(crate) fn rollout_fleet(state: &State, at: Moment, plan: &Name) -> Option<RolloutFleet> {
    let kept = plans::current(state, plan).ok()?;
    let seen = queries::fleet(state, at, &kept);
    let candidates = staking::queries::candidates(state, at.epoch).validators;
    let of = candidates.len();
    Some(RolloutFleet {
        height: at.height,
        plan: plan.clone(),
        epoch: at.epoch,
        stage: kept.last_standing(state).map(|(stage, _)| stage),
        next_stage: next_stage(state, &kept),
        current: FleetMatch::of(&seen.current, of),
        next: seen.next.as_ref().map(|share| FleetMatch::of(share, of)),
        bundle: FleetMatch::of(&seen.bundle, of),
        nodes: candidates.iter().map(|candidate| FleetNode::of(state, &seen, candidate)).collect(),
        drifting_flags: seen.drifting_flags,
        described: Descriptions::of(state, candidates.iter().map(|candidate| candidate.account)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_gates_of_their_numbers() {
        assert_eq!(gates(0b101), [Gate::Pruning, Gate::Reconstruction]);
        assert_eq!(gates(u64::MAX), Gate::ALL);
        assert!(gates(0).is_empty());
    }
}
