//! `contract node`: what the operator of a node asks of it and has it do. All of it goes over the socket in the node's home.

use crate::answer::CommandAnswer;
use crate::args::node::NodeCommand;
use crate::failure::Failure;
use crate::render;
use crate::session::{Session, unanswered};
use rpc::api::{OperatorNetApiClient, OperatorNodeApiClient};
use rpc::views::LogLevel;

/// Does what was asked of a node.
///
/// # Errors
/// When no node of this user answers at the socket, or it refuses.
pub async fn run(command: NodeCommand, session: &Session) -> Result<CommandAnswer, Failure> {
    let (node, screen) = (&session.node, &session.screen);
    let unanswered = |error| unanswered(node.explain(error));
    match command {
        NodeCommand::Health => {
            let view = node.health().await.map_err(unanswered)?;
            CommandAnswer::new(&view, render::health(screen, &view))
        }
        NodeCommand::LogLevel { level } => {
            let view = node.log_level(level.clone()).await.map_err(unanswered)?;
            let LogLevel { before, level: now } = &view;
            let text = match level {
                None => format!("The node logs {now}."),
                Some(_) => format!("The node logs {now} from now on, until it stops; before, {before}."),
            };
            CommandAnswer::new(&view, screen.line(&text))
        }
        NodeCommand::Artifacts => {
            let view = node.artifacts().await.map_err(unanswered)?;
            CommandAnswer::new(&view, render::artifacts(screen, &view))
        }
        NodeCommand::Pin { hash, reason } => {
            let view = node.pin_artifact(hash, reason).await.map_err(unanswered)?;
            let held = if view.held { "the node holds it" } else { "the node does not hold it yet" };
            let text = format!("Build {hash} is kept until it is unpinned ({}); {held}.", view.reason);
            CommandAnswer::new(&view, screen.line(&text))
        }
        NodeCommand::Unpin { hash } => {
            let view = node.unpin_artifact(hash).await.map_err(unanswered)?;
            let text = if view.was_pinned { "is kept no longer than any other" } else { "was not pinned" };
            CommandAnswer::new(&view, screen.line(&format!("Build {hash} {text}.")))
        }
        NodeCommand::Dial { address } => {
            let view = node.dial(address).await.map_err(unanswered)?;
            let text = format!("The overlay stays connected with {}, until the node stops.", view.address);
            CommandAnswer::new(&view, screen.line(&text))
        }
        NodeCommand::Forget { peer_id } => {
            let view = node.forget(peer_id).await.map_err(unanswered)?;
            let text = if view.was_known { "is forgotten" } else { "was not known" };
            CommandAnswer::new(&view, screen.line(&format!("Peer {} {text}.", view.peer_id)))
        }
    }
}
