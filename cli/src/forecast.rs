//! What would come of a transaction, asked of the node before it is sent: a refusal costs its fee, and so does a vote that stands
//! already.

use crate::answer::CommandAnswer;
use crate::escape;
use crate::failure::{Failure, failed, refused, refused_so};
use crate::render;
use crate::session::Session;
use governance::Ballot;
use primitives::Amount;
use rpc::api::GovApiClient;
use rpc::views::DryRun;
use runtime::Event;
use serde::Serialize;

/// What a command answers that would change nothing.
#[derive(Debug, Serialize)]
struct Unchanged {
    /// Always `unchanged`, where `tx.status` says what became of a transaction.
    status: &'static str,
    /// The vote as it stands.
    ballot: Ballot,
}

/// The answer to whoever only asks: the forecast, and what it would cost.
///
/// # Errors
/// When the transaction would be refused, or could be in no block.
pub async fn answer(session: &Session, forecast: DryRun, fee: Amount) -> Result<CommandAnswer, Failure> {
    match &forecast {
        DryRun::Granted { event, .. } => {
            let standing = standing(session, event).await?;
            let vain = if standing.is_some() { " It would change nothing: this vote stands already." } else { "" };
            let (outcome, fee) = (render::outcome(event), fee.grouped());
            let text = format!("It would be granted. {outcome} It would pay a fee of {fee}.{vain}");
            CommandAnswer::new(&forecast, format!("{}\n", escape::line(&text)))
        }
        DryRun::Refused { error, .. } => Err(refused(error.clone())),
        DryRun::Invalid { code, refusal, .. } => {
            let data = serde_json::to_value(&forecast).map_err(failed)?;
            Err(Failure::Refused { code: *code, message: escape::line(refusal), data, next: None })
        }
    }
}

/// What is answered instead of sending: that nothing would change. None where it is to be sent; what no block would take the node
/// refuses by itself, for nothing, and better informed, as it knows what waits there.
///
/// # Errors
/// What the chain would refuse.
pub async fn instead(session: &Session, forecast: DryRun) -> Result<Option<CommandAnswer>, Failure> {
    let event = match forecast {
        DryRun::Granted { event, .. } => event,
        DryRun::Refused { error, .. } => {
            return Err(refused_so(error, "; nothing is sent and no fee is paid, --force sends it all the same"));
        }
        DryRun::Invalid { .. } => return Ok(None),
    };
    let Some(ballot) = standing(session, &event).await? else { return Ok(None) };
    let text = format!(
        "Nothing changed: {} has voted {} on proposal {} already; nothing is sent and no fee is paid, --force votes again.\n",
        ballot.voter, ballot.choice, ballot.proposal_id
    );
    CommandAnswer::new(&Unchanged { status: "unchanged", ballot }, text).map(Some)
}

/// The vote that stands already, where an event would only repeat it.
async fn standing(session: &Session, event: &Event) -> Result<Option<Ballot>, Failure> {
    let Event::Governance(governance::Event::Voted { ballot: new, .. }) = event else { return Ok(None) };
    let id = new.proposal_id;
    let latest = session.node.ballots(id, Some(0), Some(1)).await.map_err(|error| session.explain(error))?;
    // They are listed by number, the latest first, and one that replaces another has its number.
    let Some(page) = latest.total.checked_sub(new.number) else { return Ok(None) };
    let earlier = session.node.ballots(id, Some(page), Some(1)).await.map_err(|error| session.explain(error))?;
    let is_same = |old: &Ballot| (old.voter, old.choice, &old.reason) == (new.voter, new.choice, &new.reason);
    Ok(earlier.entries.into_iter().find(is_same))
}
