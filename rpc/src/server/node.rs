//! `node.*`, `net.*` and `rpc.*`

use super::answers::Answers;
use crate::api::{NetServer, NodeServer, RpcServer};
use crate::error::Refusal;
use crate::views::{
    Artifact, Dialling, Forgotten, Health, LogLevel, NodeVersion, OverlayStatus, Peer, Pinned, Unpinned,
};
use primitives::BuildHash;
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

    fn artifacts(&self) -> Result<Vec<Artifact>, Refusal> {
        self.source.artifacts()
    }

    fn pin_artifact(&self, hash: BuildHash, reason: String) -> Result<Pinned, Refusal> {
        self.source.pin_artifact(&hash, &reason)
    }

    fn unpin_artifact(&self, hash: BuildHash) -> Result<Unpinned, Refusal> {
        self.source.unpin_artifact(&hash)
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
