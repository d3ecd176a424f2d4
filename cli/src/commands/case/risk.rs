//! `contract risk`.

use super::{act, list, open, show};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::case::risk::{AcceptArgs, CloseRiskArgs, MitigateArgs, OpenRiskArgs, RiskArgs};
use crate::failure::Failure;
use crate::session::Session;
use cases::{Call as CasesCall, CaseKind};

/// The grant of whoever keeps the risk register.
const RISK: &str = "risk";
/// The grant of whoever accepts risks.
const ACCEPT_RISK: &str = "accept_risk";

/// Does what was asked about risks.
///
/// # Errors
/// When the node does not answer or does not know what is asked about, and see [`crate::submit::send`].
pub async fn run(command: RiskArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        RiskArgs::Open(arguments) => enter(session, &arguments).await,
        RiskArgs::Mitigate(arguments) => mitigate(session, &arguments).await,
        RiskArgs::Accept(arguments) => accept(session, &arguments).await,
        RiskArgs::Close(arguments) => close(session, &arguments).await,
        RiskArgs::List(which) => list(session, CaseKind::Risk, which).await,
        RiskArgs::Show(one) => show(session, one.case).await,
    }
}

async fn enter(session: &Session, arguments: &Send<OpenRiskArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    let OpenRiskArgs { within, scope, severity, text, owner } = call.clone();
    let path = scope.unwrap_or_default();
    let call = |plan, acting| CasesCall::OpenRisk { plan, acting, path, severity, text, owner };
    open(session, writing, &within, RISK, call).await
}

async fn mitigate(session: &Session, arguments: &Send<MitigateArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: MitigateArgs { on, mitigation }, writing } = arguments;
    let (case, mitigation) = (on.case, mitigation.clone());
    act(session, writing, on, RISK, |plan, acting| CasesCall::Mitigate { plan, acting, case, mitigation }).await
}

async fn accept(session: &Session, arguments: &Send<AcceptArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: AcceptArgs { on, review, reason }, writing } = arguments;
    let (case, review, reason) = (on.case, *review, reason.clone());
    let call = |plan, acting| CasesCall::Accept { plan, acting, case, review, reason };
    act(session, writing, on, ACCEPT_RISK, call).await
}

async fn close(session: &Session, arguments: &Send<CloseRiskArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: CloseRiskArgs { on, reason }, writing } = arguments;
    let (case, reason) = (on.case, reason.clone());
    act(session, writing, on, RISK, |plan, acting| CasesCall::CloseRisk { plan, acting, case, reason }).await
}
