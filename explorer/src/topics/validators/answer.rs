//! What is answered about validators.

use primitives::{AccountId, Amount, BuildHash, ChainPosition, Epoch, Height};
use rpc::views::Descriptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use staking::OffenceName;

/// How many of the latest are told of: of punishments, and of epochs in which there are none.
pub const MOST_LATEST: usize = 50;

/// Who decides blocks, and what they run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValidatorsAnswer {
    /// The epoch of the set.
    pub epoch: Epoch,
    /// The power of all together.
    pub total_power: Amount,
    /// The set, the strongest first.
    pub validators: Vec<ValidatorAnswer>,
    /// The power by build, the most first; validators that never said what they run are together, without a build.
    pub builds: Vec<BuildShare>,
    /// How often a validator was punished because it contradicted itself.
    pub offence_count: u64,
    /// The latest of these punishments, the newest first; [`MOST_LATEST`] at most, and the others are in the audit log.
    #[schemars(length(max = MOST_LATEST))]
    pub offences: Vec<OffenceAnswer>,
    /// In how many epochs nothing that validators sign is punished.
    pub unenforced_count: u64,
    /// The latest epochs in which nothing that validators sign is punished, because the gate `consensus_enforcement` was off when they
    /// began; the newest first.
    #[schemars(length(max = MOST_LATEST))]
    pub unenforced: Vec<Epoch>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// What a validator was punished for, and whether it is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OffenceAnswer {
    /// What it was punished for.
    #[serde(flatten)]
    pub punished: PunishedOffence,
    /// The first epoch in which it may stand for election again; null once it does.
    pub jailed_until: Option<Epoch>,
}

/// What a validator was punished for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PunishedOffence {
    /// The validator.
    pub validator: AccountId,
    /// The epoch of the act.
    pub epoch: Epoch,
    /// What it did.
    pub offence: OffenceName,
    /// The height that it was about.
    pub height: Height,
    /// Who proved it.
    pub reporter: AccountId,
    /// The block that has the proof.
    pub at: ChainPosition,
    /// What it lost at once of its own stake.
    pub lost: Amount,
    /// How much of that the reporter got; the rest is burned.
    pub reward: Amount,
}

/// One validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValidatorAnswer {
    /// Its account.
    pub account: AccountId,
    /// Its power.
    pub power: Amount,
    /// The build it last said it runs.
    pub running: Option<BuildHash>,
    /// The version of that build, when its release names one.
    #[schemars(length(max = 64))]
    pub version: Option<String>,
    /// Its latest receipt of any build.
    pub last_receipt: Option<ChainPosition>,
}

/// The power that runs one build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BuildShare {
    /// The build; none for validators that never said.
    pub build_hash: Option<BuildHash>,
    /// Its version, when its release names one.
    #[schemars(length(max = 64))]
    pub version: Option<String>,
    /// How many validators.
    pub validators: u64,
    /// Their power.
    pub power: Amount,
}
