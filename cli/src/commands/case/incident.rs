//! `contract incident`.

use super::{act, list, open, show};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::case::incident::{
    ClassifyArgs, DetectArgs, DismissReport, IncidentArgs, IncidentsArgs, ReportArgs, ResolveArgs, RespondArgs,
};
use crate::commands::rollout::network_plan;
use crate::commands::sending;
use crate::failure::{Failure, usage};
use crate::session::Session;
use cases::{Call as CasesCall, CaseKind, Containment, PublicReport, Recovery};
use primitives::List;
use runtime::Call;

/// The grant of whoever opens incidents and sees to them, and looks at reports.
const INCIDENT: &str = "incident";

/// Does what was asked about incidents and reports.
///
/// # Errors
/// When the node does not answer or does not know what is asked about, and see [`crate::submit::send`].
pub async fn run(command: IncidentArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        IncidentArgs::Report(arguments) => report(session, &arguments).await,
        IncidentArgs::Dismiss(arguments) => dismiss(session, &arguments).await,
        IncidentArgs::Detect(arguments) => detect(session, &arguments).await,
        IncidentArgs::Classify(arguments) => classify(session, &arguments).await,
        IncidentArgs::Respond(arguments) => respond(session, &arguments).await,
        IncidentArgs::Resolve(arguments) => resolve(session, &arguments).await,
        IncidentArgs::List(IncidentsArgs { reports, which }) => {
            list(session, if reports { CaseKind::Report } else { CaseKind::Incident }, which).await
        }
        IncidentArgs::Show(one) => show(session, one.case).await,
    }
}

async fn report(session: &Session, arguments: &Send<ReportArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: ReportArgs { plan, scope, observation }, writing } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let (path, observation) = (scope.clone().unwrap_or_default(), observation.clone());
    sending::write(session, writing, Call::Cases(CasesCall::Report { plan, path, observation })).await
}

async fn dismiss(session: &Session, arguments: &Send<DismissReport>) -> Result<CommandAnswer, Failure> {
    let Send { call: DismissReport { on, unfounded, reason }, writing } = arguments;
    let (case, unfounded, reason) = (on.case, *unfounded, reason.clone());
    let call = |plan, acting| CasesCall::Dismiss { plan, acting, case, unfounded, reason };
    act(session, writing, on, INCIDENT, call).await
}

async fn detect(session: &Session, arguments: &Send<DetectArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    let DetectArgs { within, scope, observation, impact, report, duty } = call.clone();
    let path = scope.unwrap_or_default();
    let call = |plan, acting| CasesCall::Detect { plan, acting, path, observation, impact, report, duty };
    open(session, writing, &within, INCIDENT, call).await
}

async fn classify(session: &Session, arguments: &Send<ClassifyArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: ClassifyArgs { on, severity, module }, writing } = arguments;
    let (case, severity, module) = (on.case, *severity, module.clone());
    let call = |plan, acting| CasesCall::Classify { plan, acting, case, severity, module };
    act(session, writing, on, INCIDENT, call).await
}

async fn respond(session: &Session, arguments: &Send<RespondArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: RespondArgs { on, flag, rollback, freeze, lock }, writing } = arguments;
    let flags = flag.iter().map(|change| Containment::FeatureFlag(*change));
    let rollbacks = rollback.iter().map(|change| Containment::Rollback(*change));
    let freezes = freeze.iter().map(|change| Containment::PolicyLock(Some(*change)));
    let itself = lock.then_some(Containment::PolicyLock(None));
    let all: Vec<Containment> = flags.chain(rollbacks).chain(freezes).chain(itself).collect();
    let (case, count) = (on.case, all.len());
    let containments = List::try_from(all)
        .map_err(|_| usage(format!("{count} containments are more than the 8 of one call; say the rest in another")))?;
    let call = |plan, acting| CasesCall::Respond { plan, acting, case, containments };
    act(session, writing, on, INCIDENT, call).await
}

async fn resolve(session: &Session, arguments: &Send<ResolveArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    let ResolveArgs { on, recovery, root_cause, verification, public_report, report_digest, unfounded } = call;
    let published = public_report.clone().zip(*report_digest);
    let recovery = Box::new(Recovery {
        statement: recovery.clone(),
        root_cause: root_cause.clone(),
        verification: *verification,
        public_report: published.map(|(uri, digest)| PublicReport { uri, digest }),
        unfounded: *unfounded,
    });
    let case = on.case;
    let call = |plan, acting| CasesCall::Resolve { plan, acting, case, recovery };
    act(session, writing, on, INCIDENT, call).await
}
