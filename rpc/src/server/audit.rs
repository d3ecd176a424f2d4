//! `audit.*`

use super::answers::Answers;
use crate::api::AuditApiServer;
use crate::error::RpcRefusal;
use crate::views::*;
use http::Extensions;
use light::FactProof;
use primitives::{Epoch, Height};

impl AuditApiServer for Answers {
    fn audit_integrity(&self) -> Result<AuditIntegrity, RpcRefusal> {
        Ok(self.source.audit_integrity())
    }

    fn audit_proof(
        &self,
        asked: &Extensions,
        height: Height,
        index: u64,
        from: Option<Height>,
    ) -> Result<FactProof, RpcRefusal> {
        self.ask_much(asked, |view| fact_proof(view, self.source.genesis(), height, index, from.unwrap_or_default()))
    }

    fn audit_block_proof(
        &self,
        asked: &Extensions,
        height: Height,
        from: Option<Height>,
    ) -> Result<ProvenBlock, RpcRefusal> {
        self.ask_much(asked, |view| block_proof(view, self.source.genesis(), height, from.unwrap_or_default()))
    }

    fn audit_checkpoint(&self, epoch: Option<Epoch>) -> Result<LogCheckpoint, RpcRefusal> {
        self.ask_state(|state, at| log_checkpoint(state, at.height, epoch))
    }

    fn audit_witnesses(&self) -> Result<WitnessesOfLog, RpcRefusal> {
        self.ask_state(|state, at| Ok(witnesses_of_log(state, at.height)))
    }
}
