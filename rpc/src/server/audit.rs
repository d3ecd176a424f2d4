//! `audit.*`

use super::answers::Answers;
use crate::api::AuditApiServer;
use crate::error::RpcRefusal;
use crate::views::AuditIntegrity;

impl AuditApiServer for Answers {
    fn audit_integrity(&self) -> Result<AuditIntegrity, RpcRefusal> {
        Ok(self.source.audit_integrity())
    }
}
