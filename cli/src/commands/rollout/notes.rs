//! `contract rollout notes`: what the changes for a milestone bring to users, as an explorer has it.

use super::explored::explored;
use super::network_plan;
use crate::answer::CommandAnswer;
use crate::args::rollout::read::NotesArgs;
use crate::escape;
use crate::failure::{Failure, failed};
use crate::session::Session;
use serde_json::Value;

/// The notes as Markdown, or with `--json` as the explorer answers them.
pub async fn notes(session: &Session, arguments: NotesArgs) -> Result<CommandAnswer, Failure> {
    let NotesArgs { plan, milestone, explorer } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let form = if session.options.json { "" } else { "/markdown" };
    let milestone = milestone.map(|milestone| format!("?milestone={milestone}")).unwrap_or_default();
    let path = format!("/notes/{plan}{form}{milestone}");
    let whole = explored(&explorer, path).await?;
    if session.options.json {
        let answer: Value = serde_json::from_slice(&whole).map_err(failed)?;
        return CommandAnswer::new(&answer, String::new());
    }
    Ok(CommandAnswer { text: escape::lines(&String::from_utf8_lossy(&whole)), ..CommandAnswer::told() })
}
