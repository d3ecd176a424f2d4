//! Who could be elected, beside who decides.

use crate::views::Descriptions;
use primitives::{AccountId, Epoch, Height};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use staking::ValidatorSet;
use staking::queries::{candidates, sealer, validator_set};
use state::State;

/// Whom the rule of a quorum elected for an epoch, and who decides its blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EpochCandidates {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The epoch.
    pub epoch: Epoch,
    /// Whom the rule of a quorum elected; none of an epoch that is not remembered.
    pub candidates: ValidatorSet,
    /// Who decides its blocks: the candidates themselves, or one validator alone.
    pub validators: ValidatorSet,
    /// Who decides blocks alone, from the epoch after the newest block's on at the latest; null where a quorum does.
    pub sealer: Option<AccountId>,
    /// What those who are named here say of themselves.
    #[serde(default)]
    pub described: Descriptions,
}

/// Those of an epoch.
pub(crate) fn epoch_candidates(state: &State, height: Height, epoch: Epoch) -> EpochCandidates {
    let (candidates, validators) = (candidates(state, epoch), validator_set(state, epoch));
    let named = candidates.validators.iter().chain(&validators.validators).map(|member| member.account);
    let described = Descriptions::of(state, named);
    EpochCandidates { height, epoch, candidates, validators, sealer: sealer(state), described }
}
