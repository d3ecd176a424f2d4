//! `contract rollout explain`: GO, NO-GO or DEFERRED, by the exit code as well.

use crate::answer::CommandAnswer;
use crate::args::rollout::read::ExplainArgs;
use crate::failure::Failure;
use crate::render::rollout as render;
use crate::session::Session;
use rollouts::verdict::Answer;
use rpc::api::RolloutApiClient as _;

/// Why a change can be carried out or closed, a stage be entered, or a phase be moved on, or not.
pub async fn explain(session: &Session, arguments: ExplainArgs) -> Result<CommandAnswer, Failure> {
    let ExplainArgs { change, plan, stage, phase } = arguments;
    let view =
        session.node.rollout_explain(plan, stage, phase, change).await.map_err(|error| session.explain(error))?;
    let code = code_of(view.list.answer);
    Ok(CommandAnswer::new(&view, render::explanation(&session.screen, &view))?.with_code(code))
}

/// What a list comes to, as an exit code.
fn code_of(answer: Answer) -> u8 {
    match answer {
        Answer::Go => 0,
        Answer::NoGo => 1,
        Answer::Deferred => 2,
    }
}
