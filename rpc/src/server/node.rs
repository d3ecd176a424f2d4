//! `node.*`, `net.*` and `rpc.*`

use super::answers::Answers;
use crate::api::{NetServer, NodeServer, RpcServer};
use crate::error::Refusal;
use crate::views::{Health, NodeVersion, OverlayStatus, Peer};
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
}

impl NetServer for Answers {
    fn overlay_status(&self) -> Result<OverlayStatus, Refusal> {
        Ok(self.source.overlay_status())
    }
}

impl RpcServer for Answers {
    fn discover(&self) -> Result<Value, Refusal> {
        Ok(Value::clone(&self.document))
    }
}
