//! On how much of the stake a build failed, from a node that need not be trusted.

use super::patience::Patience;
use super::{CallError, Node};
use crate::api::GovApiClient as _;
use light::{FailedStake, NotShown};
use primitives::{BuildHash, Height, StateRoot};
use staking::ValidatorSet;

/// Why nobody can say on how much of the stake a build failed.
#[derive(Debug, thiserror::Error)]
pub enum FailedStakeError {
    /// The node did not answer, or refused.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What it answers proves nothing.
    #[error("its answer proves nothing: {0}")]
    NotShown(#[from] NotShown),
}

impl Node {
    /// On how much of the stake a build failed, by the latest words of the validators of a block: those that decided it, and the
    /// root of the state after it, are known from its header. Whoever is told that the node is busy waits, and asks again a few
    /// times.
    ///
    /// # Errors
    /// When the node does not answer, and when what it answers proves nothing.
    pub async fn failed_stake(
        &self,
        build: BuildHash,
        height: Height,
        root: StateRoot,
        validators: &ValidatorSet,
    ) -> Result<FailedStake, FailedStakeError> {
        let mut patience = Patience::default();
        let answer = loop {
            match self.stage_proofs(build, Some(height)).await.map_err(|error| self.explain(error)) {
                Ok(answer) => break answer,
                Err(error) if patience.waits_after(&error).await => {}
                Err(error) => return Err(error.into()),
            }
        };
        Ok(FailedStake::shown(root, validators, &build, &answer.proofs)?)
    }
}
