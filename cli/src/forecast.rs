//! What would come of a transaction, asked of the node before it is sent: a refusal costs its fee, and so does a vote that stands
//! already.

use crate::answer::CommandAnswer;
use crate::escape;
use crate::failure::{Failure, failed, refused, refused_so};
use crate::render;
use crate::session::Session;
use governance::Ballot;
use primitives::{Amount, Height};
use rpc::api::GovApiClient;
use rpc::client::{Wallet, WalletError};
use rpc::views::DryRun;
use runtime::{Error, Event, Transaction};
use serde::Serialize;
use std::time::Duration;

/// How often a node is asked about what it may not know yet.
const TRIES: u32 = 4;
/// How long it is left alone in between.
const PAUSE: Duration = Duration::from_millis(150);

/// What a command answers that would change nothing.
#[derive(Debug, Serialize)]
struct Unchanged {
    /// Always `unchanged`, where `tx.status` says what became of a transaction.
    status: &'static str,
    /// The vote as it stands.
    ballot: Ballot,
}

/// What would come of a transaction. What a node does not know yet may have come into a block that it is about to have, as when it was
/// sent to another one a moment ago, so it is asked again for a while.
///
/// # Errors
/// When the node does not answer.
pub async fn of(wallet: &Wallet, transaction: &Transaction) -> Result<DryRun, WalletError> {
    for _ in 1..TRIES {
        match wallet.foresee(transaction).await? {
            DryRun::Refused { error, .. } if is_missing(&error) => tokio::time::sleep(PAUSE).await,
            forecast => return Ok(forecast),
        }
    }
    wallet.foresee(transaction).await
}

/// Whether a refusal says of something only that it is not there: a proposal, a validator, a release, or enough tokens. Of what is not
/// listed a node is asked once.
fn is_missing(error: &Error) -> bool {
    use accounts::Error::InsufficientBalance;
    matches!(
        error,
        Error::Accounts(InsufficientBalance { .. })
            | Error::Governance(
                governance::Error::UnknownProposal(_) | governance::Error::Deposit(InsufficientBalance { .. })
            )
            | Error::Staking(
                staking::Error::UnknownValidator(_) | staking::Error::Accounts(InsufficientBalance { .. })
            )
            | Error::Releases(
                releases::Error::NotApproved(_) | releases::Error::NotProposed(_) | releases::Error::NothingSealed(_)
            )
            | Error::Roles(roles::Error::UnknownRole(_) | roles::Error::NotMember { .. })
            | Error::Flags(flags::Error::FlagUnknown { .. })
            | Error::Artifacts(artifacts::Error::Unknown { .. })
            | Error::Cases(
                cases::Error::PlanUnknown { .. }
                    | cases::Error::CaseUnknown { .. }
                    | cases::Error::Deposit(InsufficientBalance { .. })
            )
            | Error::Rewards(rewards::Error::NothingDue { .. } | rewards::Error::Accounts(InsufficientBalance { .. }))
            | Error::Witnesses(
                witnesses::Error::UnknownCheckpoint { .. }
                    | witnesses::Error::UnknownWitness { .. }
                    | witnesses::Error::NoBond { .. }
                    | witnesses::Error::FromTheFuture { .. }
            )
            | Error::Rollouts(
                rollouts::Error::PlanUnknown { .. }
                    | rollouts::Error::ChangeUnknown { .. }
                    | rollouts::Error::NoSuchChange(_)
                    | rollouts::Error::Deposit(InsufficientBalance { .. })
            )
    )
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

/// What is answered instead of sending what is signed until `expires_at`: that nothing would change. None where it is to be sent; what no
/// block would take the node refuses by itself, for nothing, and better informed, as it knows what waits there.
///
/// # Errors
/// What the chain would refuse.
pub async fn instead(
    session: &Session,
    forecast: DryRun,
    expires_at: Height,
) -> Result<Option<CommandAnswer>, Failure> {
    let unsent = unsent(expires_at);
    let event = match forecast {
        DryRun::Granted { event, .. } => event,
        DryRun::Refused { error, .. } => {
            return Err(refused_so(error, &format!("; {unsent}; --force sends it all the same")));
        }
        DryRun::Invalid { .. } => return Ok(None),
    };
    let Some(ballot) = standing(session, &event).await? else { return Ok(None) };
    let text = format!(
        "Nothing changed: {} has voted {} on proposal {} already; {unsent}; --force votes again.\n",
        ballot.voter, ballot.choice, ballot.proposal_id
    );
    CommandAnswer::new(&Unchanged { status: "unchanged", ballot }, text).map(Some)
}

/// What becomes of a transaction that is not sent. The node that foresaw its end has it, signed, and is not trusted.
fn unsent(expires_at: Height) -> String {
    format!(
        "it is not sent and no fee is paid, unless the node that was asked sends it on; no block takes it after height {expires_at}"
    )
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
