//! What a network starts from that a plan governs from its first block on (ROLLOUTS 3.3).

use crate::Event;
use crate::decide::install;
use crate::install::{Installation, RoleSeats, SegmentFill};
use crate::plan::{Plan, QUORUM_GATE};
use flags::Gate;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Checker, Epoch, Height, List, Moment, Name, Timestamp};
use serde::{Deserialize, Serialize};
use state::{Memory, State};

/// This pallet's part of a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[level(1)]
pub struct RolloutsGenesis {
    /// The plan of this network: its first version.
    pub plan: Plan,
    /// Who has its roles.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RoleSeats>", length(max = 16)))]
    pub members: List<RoleSeats, 16>,
    /// The segments that it comes with.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<SegmentFill>", length(max = 64)))]
    pub segments: List<SegmentFill, 64>,
    /// The stage that stands at height 0, with all before it, by change 0. Where there is none, the fallbacks of the flags hold, and
    /// the first promotion is to the first stage.
    pub stage: Option<Name>,
    /// Who decides the first blocks alone: named exactly where the plan begins with the quorum of the validators off.
    pub sealer: Option<AccountId>,
}

impl RolloutsGenesis {
    /// What happens at height 0: the plan is in force, by nobody's call and nobody's deposit.
    pub fn events(&self) -> impl Iterator<Item = Event> + use<> {
        std::iter::once(install::of_genesis(&self.installation()))
    }

    /// Finds every mistake, for a network that starts at a time. Whether the sealer is a validator is for whoever knows the bonds.
    pub fn check(&self, time: Timestamp, mut checker: Checker<'_>) {
        for mistake in self.plan.mistakes() {
            checker.require(false, &format!("plan.{}", mistake.field), || mistake.problem);
        }
        checker.require(self.plan.is_of_node(), "plan.governs", || {
            "is an application, and a network starts with its own plan alone; name a plan that governs the node".into()
        });
        let version = self.plan.version;
        checker.require(version == 1, "plan.version", || format!("is {version}; the first version of a plan is 1"));
        self.check_parts(time, &mut checker);
        self.check_sealer(&mut checker);
    }

    /// What an installation asks for beside a plan without mistakes: it is asked of a state in which nothing is yet.
    fn check_parts(&self, time: Timestamp, checker: &mut Checker<'_>) {
        let (memory, asked) = (Memory::default(), self.installation());
        let state = State::over(&memory);
        let at = Moment { height: Height(0), epoch: Epoch(0), time, running: 0, level: 0 };
        let mut note = |field: &str, outcome: Result<(), crate::Error>| {
            if let Err(error) = outcome {
                checker.require(false, field, || error.to_string());
            }
        };
        note("members", install::require_seats(&asked));
        // What is wrong with the plan itself is told already.
        if self.plan.mistakes().is_empty() {
            note("segments", install::require_whole(&state, at, &asked));
            if let Some(stage) = &self.stage {
                note("stage", install::require_beginning(&asked, stage));
            }
        }
    }

    /// Whether the network starts with the quorum of its validators off, so that one of them is named who decides alone.
    pub fn is_sealed(&self) -> bool {
        !install::begins_by_quorum(&self.plan, self.stage.as_ref())
    }

    /// Whether the network starts with a gate on for anybody.
    pub fn begins_with(&self, gate: Gate) -> bool {
        install::begins_with(&self.plan, self.stage.as_ref(), gate)
    }

    fn check_sealer(&self, checker: &mut Checker<'_>) {
        let by_quorum = !self.is_sealed();
        checker.require(by_quorum || self.sealer.is_some(), "sealer", || {
            format!(
                "is left out, and {QUORUM_GATE} is off at the start; name the validator that decides the first blocks"
            )
        });
        checker.require(!by_quorum || self.sealer.is_none(), "sealer", || {
            format!("is named, and {QUORUM_GATE} is on at the start, so that nobody decides alone; leave it out")
        });
    }

    fn installation(&self) -> Installation {
        Installation {
            plan: self.plan.clone(),
            document: None,
            stage: self.stage.clone(),
            members: self.members.clone(),
            segments: self.segments.clone(),
            moves: List::new(),
        }
    }
}
