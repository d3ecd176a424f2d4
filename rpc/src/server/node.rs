//! `node.*`, `net.*` and `rpc.*`

use super::answers::Answers;
use crate::api::{NetServer, NodeServer, RpcServer};
use crate::error::Refusal;
use crate::views::{Dialling, Forgotten, Health, LogLevel, NodeVersion, OverlayStatus, Peer};
use serde_json::Value;

impl NodeServer for Answers {
    fn version(&self) -> Result<NodeVersion, Refusal> {
        Ok(self.source.version())
    }

    fn health(&self) -> Result<Health, Refusal> {
        Ok(self.source.health())
    }

    fn peers(&self) -> Result<Vec<Peer>, Refusal> {
        Ok(self.source.peers())
    }

    fn log_level(&self, level: Option<String>) -> Result<LogLevel, Refusal> {
        self.source.log_level(level.as_deref())
    }
}

impl NetServer for Answers {
    fn overlay_status(&self) -> Result<OverlayStatus, Refusal> {
        Ok(self.source.overlay_status())
    }

    fn dial(&self, address: String) -> Result<Dialling, Refusal> {
        self.source.dial(&address)
    }

    fn forget(&self, peer_id: String) -> Result<Forgotten, Refusal> {
        self.source.forget(&peer_id)
    }
}

impl RpcServer for Answers {
    fn discover(&self) -> Result<Value, Refusal> {
        Ok(Value::clone(&self.document))
    }
}
