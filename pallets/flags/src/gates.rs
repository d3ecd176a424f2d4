//! The seven gates of a network: what each is, and whether it is on (ROLLOUTS 11).

use crate::rule::RuleNode;
use crate::targeting::{Serve, Targeting};
use crate::{DefinedFlag, Error, Flag, storage::*};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, List, Name, Path};
use serde::{Deserialize, Serialize};
use state::State;

/// A gate, whose name is its key in the bundle. Gates are only ever added, at the end, and a key is never used again.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Gate {
    /// Nodes forget old blocks as they are configured to. Node-side.
    #[codec(index = 0)]
    Pruning,
    /// The tree of blocks grows, and proofs of old facts stand under the newest header.
    #[codec(index = 1)]
    RecursiveProofs,
    /// A node's state may be rebuilt from a snapshot. Node-side.
    #[codec(index = 2)]
    Reconstruction,
    /// Who signs twice loses stake for it.
    #[codec(index = 3)]
    ConsensusEnforcement,
    /// The elected set decides blocks by a quorum; off, one validator alone does.
    #[codec(index = 4)]
    MalachiteConsensus,
    /// Attested presence is paid for.
    #[codec(index = 5)]
    TimetokeRewards,
    /// Witnesses cosign the checkpoints of the log.
    #[codec(index = 6)]
    WitnessNetwork,
}

impl Gate {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The gate of that name.
    pub fn named(key: &Name) -> Option<Self> {
        key.as_str().parse().ok()
    }

    /// Whether it is on in a network that no plan governs, and in one whose plan says nothing of it.
    pub fn without_plan(self) -> bool {
        match self {
            Self::MalachiteConsensus | Self::ConsensusEnforcement | Self::Pruning | Self::Reconstruction => true,
            Self::RecursiveProofs | Self::TimetokeRewards | Self::WitnessNetwork => false,
        }
    }

    /// When what it does follows a change that moves it, for people: its value moves in the block that carries the change out (ROLLOUTS 11).
    pub fn takes_effect(self) -> &'static str {
        match self {
            Self::Pruning | Self::Reconstruction => "in the next block, at each node",
            Self::RecursiveProofs => "in the next block",
            Self::ConsensusEnforcement => "for what is signed from the next epoch on",
            Self::MalachiteConsensus => "two epochs later, by the election of the next one",
            Self::TimetokeRewards => "in the next block; counted from the next epoch on, and paid an epoch later",
            Self::WitnessNetwork => "in the next block, and at each node after it",
        }
    }

    /// Its bit in [`Gates::on`].
    fn bit(self) -> u64 {
        1u64.checked_shl(self as u32).unwrap_or_default()
    }
}

/// Which gates are on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gates {
    /// Those that are on for everybody: bit `n` is the gate of number `n`. A limited one is not among them.
    pub on: u64,
    /// Those that are on for the members of a segment alone, in the order of the gates.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Gate, Name)>", length(max = 8)))]
    pub limited: List<(Gate, Name), 8>,
}

/// What a gate is set to.
enum Shape {
    /// On, or off, for everybody.
    Constant(bool),
    /// On for this segment alone.
    Limited(Name),
}

impl Gates {
    /// Those of a network that no plan governs.
    pub fn without_plan() -> Self {
        let shapes = Gate::ALL.iter().map(|gate| (*gate, Shape::Constant(gate.without_plan())));
        Self::of_shapes(shapes)
    }

    /// Those of this network: one read, of what was written last.
    pub fn of(state: &State) -> Self {
        GATES.get(state).unwrap_or_else(Self::without_plan)
    }

    /// Whether a gate is on for anybody: for all, or limited to a segment, also one without members.
    pub fn is_on(&self, gate: Gate) -> bool {
        self.is_on_for_all(gate) || self.limited_to(gate).is_some()
    }

    /// Whether a gate is on for everybody.
    pub fn is_on_for_all(&self, gate: Gate) -> bool {
        self.on & gate.bit() != 0
    }

    /// The segment that a gate is limited to; none when it is on for all, and when it is off.
    pub fn limited_to(&self, gate: Gate) -> Option<&Name> {
        self.limited.iter().find(|(limited, _)| *limited == gate).map(|(_, segment)| segment)
    }

    /// Whether a gate is on for an account. Of a limited one this reads the segment of the node's plan.
    pub fn is_on_for(&self, state: &State, gate: Gate, account: &AccountId) -> bool {
        self.is_on_for_all(gate) || self.limited_to(gate).is_some_and(|segment| is_member(state, segment, account))
    }

    /// Those that a plan sets by what stands at its root.
    pub(crate) fn set_by(state: &State, plan: &Name) -> Self {
        let shape = |gate: &Gate| {
            let key = Name::new((*gate).into());
            let set = key.and_then(|key| stands(state, plan, &key));
            (*gate, set.unwrap_or_else(|| Shape::Constant(gate.without_plan())))
        };
        Self::of_shapes(Gate::ALL.iter().map(shape))
    }

    fn of_shapes(shapes: impl Iterator<Item = (Gate, Shape)>) -> Self {
        let (mut on, mut limited) = (0, Vec::new());
        for (gate, shape) in shapes {
            match shape {
                Shape::Constant(is_on) => on |= if is_on { gate.bit() } else { 0 },
                Shape::Limited(segment) => limited.push((gate, segment)),
            }
        }
        Self { on, limited: List::truncate_from(limited) }
    }
}

fn is_member(state: &State, segment: &Name, account: &AccountId) -> bool {
    let members = NODE_PLAN.get(state).and_then(|plan| SEGMENTS.get(state, &(plan, segment.clone())));
    let account = account.to_string();
    members.is_some_and(|members| members.iter().any(|member| member.as_str() == account))
}

/// What a gate of a plan is set to at the root; none when the plan has no such flag.
fn stands(state: &State, plan: &Name, key: &Name) -> Option<Shape> {
    let DefinedFlag { flag, .. } = FLAGS.get(state, &(plan.clone(), key.clone()))?;
    let root = (plan.clone(), key.clone(), Path::ROOT);
    if DISABLED.contains(state, &root) {
        return Some(Shape::Constant(flag.is_on(flag.off)));
    }
    match SETTINGS.get(state, &root) {
        Some(setting) => shape(&flag, &setting.targeting),
        None => Some(Shape::Constant(flag.is_on(flag.fallback))),
    }
}

/// What a targeting makes of a gate; none when no gate may be that.
fn shape(flag: &Flag, targeting: &Targeting) -> Option<Shape> {
    let is_on = |serve: &Serve| match serve {
        Serve::Variant(place) => Some(flag.is_on(*place)),
        Serve::Inherit => Some(flag.is_on(flag.fallback)),
        Serve::Split(_) => None,
    };
    let others = is_on(&targeting.otherwise)?;
    let (segment, members) = match targeting.cases.as_slice() {
        [] => return Some(Shape::Constant(others)),
        [arm] => match arm.when.nodes() {
            [RuleNode::Segment(segment)] => (segment, is_on(&arm.serve)?),
            _ => return None,
        },
        _ => return None,
    };
    match (members, others) {
        (true, false) => Some(Shape::Limited(segment.clone())),
        (false, true) => None,
        _ => Some(Shape::Constant(others)),
    }
}

/// Whether a flag of the node's plan may serve that: of a gate, only what the network can tell by one read.
pub(crate) fn require_shape(flag: &Flag, targeting: &Targeting) -> Result<(), Error> {
    let is_gate = Gate::named(&flag.key).is_some();
    if is_gate && shape(flag, targeting).is_none() { Err(Error::GateShape { key: flag.key.clone() }) } else { Ok(()) }
}
