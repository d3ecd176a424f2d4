//! `contract hold`.

use super::{act, find, list, open, show};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::case::hold::{ConfirmArgs, HoldArgs, PlaceArgs, ReleaseHold};
use crate::failure::{Failure, failed};
use crate::session::Session;
use cases::{Call as CasesCall, CaseBody, CaseKind};

/// The grant of whoever has things kept.
const HOLD: &str = "hold";

/// Does what was asked about holds.
///
/// # Errors
/// When the node does not answer or does not know what is asked about, and see [`crate::submit::send`].
pub async fn run(command: HoldArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        HoldArgs::Place(arguments) => place(session, &arguments).await,
        HoldArgs::Confirm(arguments) => confirm(session, &arguments).await,
        HoldArgs::Release(arguments) => release(session, &arguments).await,
        HoldArgs::List(which) => list(session, CaseKind::Hold, which).await,
        HoldArgs::Show(one) => show(session, one.case).await,
    }
}

async fn place(session: &Session, arguments: &Send<PlaceArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    let PlaceArgs { within, scope, from, until, reference, reason } = call.clone();
    let (path, reference) = (scope.unwrap_or_default(), reference.unwrap_or_default());
    let call = |plan, acting| CasesCall::Hold { plan, acting, path, reason, reference, from, until, confirms: None };
    open(session, writing, &within, HOLD, call).await
}

async fn confirm(session: &Session, arguments: &Send<ConfirmArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: ConfirmArgs { on, reason }, writing } = arguments;
    let found = find(session, on.case).await?;
    let (path, reason, confirms) = (found.summary.head.path, reason.clone(), Some(on.case));
    let Some(CaseBody::Hold(hold)) = found.body else {
        return Err(failed(format!(
            "case {} is no hold, or nothing is kept of what it said; list those that there are with `contract hold list`",
            on.case
        )));
    };
    let (reference, from, until) = (hold.reference.clone(), hold.from, hold.asked);
    let call = |plan, acting| CasesCall::Hold { plan, acting, path, reason, reference, from, until, confirms };
    act(session, writing, on, HOLD, call).await
}

async fn release(session: &Session, arguments: &Send<ReleaseHold>) -> Result<CommandAnswer, Failure> {
    let Send { call: ReleaseHold { on, reason }, writing } = arguments;
    let (case, reason) = (on.case, reason.clone());
    act(session, writing, on, HOLD, |plan, acting| CasesCall::Release { plan, acting, case, reason }).await
}
