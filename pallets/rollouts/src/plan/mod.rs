//! The plan: a profile file, as the chain holds it (ROLLOUTS 7.1).

mod document;
mod list;
mod mistakes;
mod phase;
mod playbook;
mod policy;
mod procedure;
mod reference;
mod signal;
mod stage;
mod value;
mod window;

pub use crate::check::VoteRules;
pub use artifacts::ArtifactRules;
pub use document::PlanDocument;
pub use list::{AskedCheck, ListOf};
pub(crate) use list::{asked_of, joined};
pub use mistakes::NEVER_FROZEN;
pub use phase::{Nature, Phase, PhaseState};
pub use playbook::{DrillRules, Playbook};
pub use policy::Policy;
pub use procedure::{ChangeKind, Procedure};
pub use reference::Reference;
pub use signal::{Signal, Speakers};
pub use stage::{ActivationStep, Duty, Limit, Missed, Stage};
pub use value::{ServedVariant, ValueDelta};
pub use window::{Window, WindowRule};

use crate::check::Check;
use flags::Flag;
use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, List, Name};
use roles::Role;
use serde::{Deserialize, Serialize};

/// How many bytes a plan has at most when it is encoded.
pub const MOST_BYTES: usize = 48 * 1024;
/// How many keys a list asks of at most; each row of a range is one.
pub const MOST_KEYS: u64 = 128;
/// How many rows a range has at most.
pub const MOST_ROWS: u64 = 64;
/// The gate that a node's plan turns off by a vote of the stake alone: with it the elected validators decide by quorum.
pub const QUORUM_GATE: &str = "malachite_consensus";
/// The gates of a node's plan that no emergency touches: whoever could flip them in a panic could decide alone, or forgive
/// signing twice (ROLLOUTS 7.7).
pub const NO_EMERGENCY: [&str; 2] = [QUORUM_GATE, "consensus_enforcement"];
/// The segment that every network has: those who could be elected.
pub const VALIDATORS: &str = "validators";
/// What restarts a soak beside the signals of the plan: every disable and rollback.
pub const EMERGENCY: &str = "emergency";

/// A plan. What it must be to be taken is in [`mistakes`](Self::mistakes).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What it is called.
    pub name: Name,
    /// Which of the plans of that name it is, from 1.
    pub version: u32,
    /// The BLAKE3 of the bytes of the bundle's file, as `b3sum` prints it (REQ-028).
    pub bundle: Digest,
    /// The BLAKE3 of the bytes of the profile's file, so that no rule changes under a bundle that stays.
    pub profile: Digest,
    /// What it says of itself (REQ-014).
    pub document: PlanDocument,
    /// What it governs.
    pub governs: Governs,
    /// What the levels of its scopes are, such as tenant and branch, the widest first; they say nothing but that.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 3)))]
    pub levels: List<Name, 3>,
    /// The stages, in their order (REQ-001).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Stage>", length(max = 8)))]
    pub stages: List<Stage, 8>,
    /// The checks that lists name.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Check>", length(max = 256)))]
    pub checks: List<Check, 256>,
    /// How each kind of change goes. A kind without one is not to be had.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Procedure>", length(max = 24)))]
    pub procedures: List<Procedure, 24>,
    /// The windows that stages name.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Window>", length(max = 8)))]
    pub windows: List<Window, 8>,
    /// The phases; a plan may do without.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Phase>", length(max = 16)))]
    pub phases: List<Phase, 16>,
    /// The playbooks.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Playbook>", length(max = 32)))]
    pub playbooks: List<Playbook, 32>,
    /// The signals.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Signal>", length(max = 32)))]
    pub signals: List<Signal, 32>,
    /// The roles with their grants; who is in them is no part of a plan.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, Role)>", length(max = 16)))]
    pub roles: List<(Name, Role), 16>,
    /// The flags that come with the plan.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Flag>", length(max = 64)))]
    pub flags: List<Flag, 64>,
    /// What its artifacts are like; none where none move.
    pub artifacts: Option<ArtifactRules>,
    /// What holds for every change.
    pub policy: Policy,
}

/// What a plan governs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Governs {
    /// This network's gates: what moves through the stages is the profile itself. Only the stake installs it, and there is one
    /// at most.
    #[codec(index = 0)]
    Node,
    /// An application, whose artifacts move.
    #[codec(index = 1)]
    Application {
        /// The role whose vote amends the plan.
        owner: Name,
    },
}

impl Plan {
    /// Whether it governs the network that it is on.
    pub fn is_of_node(&self) -> bool {
        self.governs == Governs::Node
    }

    /// The stage of that name.
    pub fn stage(&self, name: &Name) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == *name)
    }

    /// The place of a stage in the order, from 0.
    pub fn place(&self, stage: &Name) -> Option<usize> {
        self.stages.iter().position(|other| other.name == *stage)
    }

    /// The stage that is entered while none stands.
    pub fn first_stage(&self) -> Option<&Stage> {
        self.stages.first()
    }

    /// The stage that is entered next after that one (REQ-005); none after the last, and after one that is not of the plan.
    pub fn successor(&self, stage: &Name) -> Option<&Stage> {
        self.stages.get(self.place(stage)?.checked_add(1)?)
    }

    /// The stage before that one; none before the first.
    pub fn predecessor(&self, stage: &Name) -> Option<&Stage> {
        self.stages.get(self.place(stage)?.checked_sub(1)?)
    }

    /// The check of that key.
    pub fn check(&self, key: &Name) -> Option<&Check> {
        self.checks.iter().find(|check| check.key == *key)
    }

    /// The flag of that key.
    pub fn flag(&self, key: &Name) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.key == *key)
    }

    /// The role of that name.
    pub fn role(&self, name: &Name) -> Option<&Role> {
        self.roles.iter().find(|(other, _)| other == name).map(|(_, role)| role)
    }

    /// The window of that name.
    pub fn window(&self, name: &Name) -> Option<&Window> {
        self.windows.iter().find(|window| window.name == *name)
    }

    /// The phase of that key.
    pub fn phase(&self, key: &Name) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.key == *key)
    }

    /// The playbook of that domain.
    pub fn playbook(&self, domain: &Name) -> Option<&Playbook> {
        self.playbooks.iter().find(|playbook| playbook.domain == *domain)
    }

    /// The signal of that key.
    pub fn signal(&self, key: &Name) -> Option<&Signal> {
        self.signals.iter().find(|signal| signal.key == *key)
    }

    /// How a kind of change goes: the procedure for that stage, else the one for every stage. None when the plan has no such
    /// changes.
    pub fn procedure(&self, kind: ChangeKind, stage: Option<&Name>) -> Option<&Procedure> {
        let of_kind = || self.procedures.iter().filter(move |procedure| procedure.of == kind);
        let its_own = stage.and_then(|stage| of_kind().find(|procedure| procedure.stage.as_ref() == Some(stage)));
        its_own.or_else(|| of_kind().find(|procedure| procedure.stage.is_none()))
    }
}
