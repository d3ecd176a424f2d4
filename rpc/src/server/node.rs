//! `node.*`, `net.*` and `rpc.*`

use super::answers::Answers;
use crate::api::{NetApiServer, NodeApiServer, OperatorNetApiServer, OperatorNodeApiServer, RpcApiServer};
use crate::error::RpcRefusal;
use crate::views::{
    Artifact, Dialling, Forgotten, Health, LogLevel, NodeVersion, OverlayStatus, PeerView, Pinned, Unpinned,
};
use primitives::BuildHash;
use serde_json::Value;

impl NodeApiServer for Answers {
    fn version(&self) -> Result<NodeVersion, RpcRefusal> {
        Ok(self.source.version())
    }

    fn peers(&self) -> Result<Vec<PeerView>, RpcRefusal> {
        Ok(self.source.peers())
    }
}

impl OperatorNodeApiServer for Answers {
    fn health(&self) -> Result<Health, RpcRefusal> {
        Ok(self.source.health())
    }

    fn log_level(&self, level: Option<String>) -> Result<LogLevel, RpcRefusal> {
        self.source.log_level(level.as_deref())
    }

    fn artifacts(&self) -> Result<Vec<Artifact>, RpcRefusal> {
        self.source.artifacts()
    }

    fn pin_artifact(&self, hash: BuildHash, reason: String) -> Result<Pinned, RpcRefusal> {
        self.source.pin_artifact(&hash, &reason)
    }

    fn unpin_artifact(&self, hash: BuildHash) -> Result<Unpinned, RpcRefusal> {
        self.source.unpin_artifact(&hash)
    }
}

impl NetApiServer for Answers {
    fn overlay_status(&self) -> Result<OverlayStatus, RpcRefusal> {
        Ok(self.source.overlay_status())
    }
}

impl OperatorNetApiServer for Answers {
    fn dial(&self, address: String) -> Result<Dialling, RpcRefusal> {
        self.source.dial(&address)
    }

    fn forget(&self, peer_id: String) -> Result<Forgotten, RpcRefusal> {
        self.source.forget(&peer_id)
    }
}

impl RpcApiServer for Answers {
    fn discover(&self) -> Result<Value, RpcRefusal> {
        Ok(self.document.clone())
    }
}
