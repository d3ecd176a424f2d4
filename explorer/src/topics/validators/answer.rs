//! What is answered about validators.

use primitives::{AccountId, Amount, BuildHash, Epoch, Moment};
use schemars::JsonSchema;
use serde::Serialize;

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
    pub last_receipt: Option<Moment>,
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
