//! What a node says of itself to a network that governs its gates, and which parts of its own it declines (ROLLOUTS 12.1).

use flags::Gate;
use primitives::Name;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::path::PathBuf;
use std::str::FromStr;

/// The gates that have a part at each node which its operator may decline. What the others do, all nodes decide alike.
const HOLDABLE: [Gate; 3] = [Gate::WitnessNetwork, Gate::Reconstruction, Gate::Pruning];

/// What this node says of itself on chain, and what it declines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutSection {
    /// The channel that the operator believes releases come from. It moves nothing; others see it.
    pub release_channel: Name,
    /// The bundle of stages that the node was set up by, relative to the home; empty where there is none. Its BLAKE3 is advertised.
    pub bundle: PathBuf,
    /// The gates whose part here is declined, each once.
    pub hold: Vec<HeldGate>,
}

/// A gate whose part at a node may be declined: `witness_network`, `reconstruction` or `pruning`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HeldGate(Gate);

impl HeldGate {
    /// The gate; none when it is one that all nodes decide alike.
    pub fn new(gate: Gate) -> Option<Self> {
        HOLDABLE.contains(&gate).then_some(Self(gate))
    }

    /// Which gate it is.
    pub fn gate(self) -> Gate {
        self.0
    }
}

impl FromStr for HeldGate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let [first, second, third] = HOLDABLE;
        let held = format!("a node may decline its part in {first}, {second} and {third}");
        let gate: Gate = text.parse().map_err(|_| format!("{text:?} is not a gate of a network; {held}"))?;
        Self::new(gate).ok_or_else(|| format!("{gate} is decided by all nodes alike, and none declines it; {held}"))
    }
}

impl<'de> Deserialize<'de> for HeldGate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl RolloutSection {
    /// Whether this node declines its part in a gate.
    pub fn holds(&self, gate: Gate) -> bool {
        self.held().any(|held| held == gate)
    }

    /// The gates whose part here is declined.
    pub fn held(&self) -> impl Iterator<Item = Gate> + '_ {
        self.hold.iter().map(|held| held.gate())
    }

    /// Whether each gate is held once.
    pub(super) fn holds_each_once(&self) -> bool {
        HOLDABLE.iter().all(|gate| self.held().filter(|held| held == gate).count() <= 1)
    }
}

impl Default for RolloutSection {
    fn default() -> Self {
        Self {
            release_channel: Name::new("mainnet").expect("letters alone are a name"),
            bundle: "config/defaults/mainnet.toml".into(),
            hold: Vec::new(),
        }
    }
}
