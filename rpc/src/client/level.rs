//! Whether this software knows what the nodes of a network may say.

use super::{CallError, Node};
use crate::api::ChainApiClient as _;
use crate::views::ChainStatus;
use runtime::LEVEL;

impl Node {
    /// Asks whether the node's network has come up to a level above that of this software, which could not read all that it says.
    ///
    /// # Errors
    /// [`CallError::NewerLevel`] when it has; when the node does not answer.
    pub async fn require_known(&self) -> Result<(), CallError> {
        let status = self.status().await.map_err(|error| self.explain(error))?;
        self.known(&status)
    }

    /// The same of what a node answered.
    ///
    /// # Errors
    /// [`CallError::NewerLevel`].
    pub fn known(&self, status: &ChainStatus) -> Result<(), CallError> {
        match status.level {
            needs if needs > LEVEL => Err(CallError::NewerLevel { url: self.url().into(), needs, have: LEVEL }),
            _ => Ok(()),
        }
    }
}
