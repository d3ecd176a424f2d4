//! Where, in which role and how something was done or asked for, as its fact says.

use crate::{Error, Event, Motion};
use cases::OpenedCase;
use primitives::{CaseId, ChangeId, Name, Path, ScopePattern};
use roles::{Actor, RoleKey};
use rollouts::change::{ChangeRequest, Effect, Effected, SubmittedChange};
use rollouts::statement::{Stated, StatementSubject};
use serde::Serialize;
use std::collections::BTreeSet;

/// What the audit log can be asked for, of one fact (REQ-148, REQ-153). What a fact does not say is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactMarks {
    /// The plan that it was done under.
    pub plan: Option<Name>,
    /// The path or pattern of paths where, such as `PROD/t1`; the empty one is the root. Of what moved at several paths, the path that
    /// covers all of them.
    #[cfg_attr(feature = "schema", schemars(length(max = 260)))]
    pub scope: Option<String>,
    /// The role of the plan in which somebody acted.
    pub role: Option<Name>,
    /// What was done, or was refused, as grants name it, such as `promote.submit`; of what no grant is for, the last word of its kind.
    #[cfg_attr(feature = "schema", schemars(length(max = 80)))]
    pub action: Option<String>,
    /// The name of the refusal.
    pub code: Option<&'static str>,
    /// The change that it is about.
    pub change_id: Option<ChangeId>,
    /// The case that it is about.
    pub case_id: Option<CaseId>,
}

impl FactMarks {
    /// Something that is done under a plan.
    fn under(plan: &Name, action: impl Into<String>) -> Self {
        Self { plan: Some(plan.clone()), action: Some(action.into()), ..Self::default() }
    }

    fn by(self, actor: &Actor) -> Self {
        Self { role: Some(actor.role.clone()), ..self }
    }

    fn by_any(self, actor: Option<&Actor>) -> Self {
        Self { role: actor.map(|actor| actor.role.clone()), ..self }
    }

    fn at(self, path: &Path) -> Self {
        Self { scope: Some(path.as_str().to_owned()), ..self }
    }

    fn of_case(self, case: CaseId) -> Self {
        Self { case_id: Some(case), ..self }
    }

    fn of_opened(self, opened: Option<&OpenedCase>) -> Self {
        Self { case_id: opened.map(|opened| opened.id), ..self }
    }

    fn of_change(self, change: ChangeId) -> Self {
        Self { change_id: Some(change), ..self }
    }
}

/// Those of what happened.
pub(super) fn of_event(event: &Event) -> FactMarks {
    match event {
        Event::Chain(_)
        | Event::Accounts(_)
        | Event::Staking(_)
        | Event::Releases(_)
        | Event::Rewards(_)
        | Event::Witnesses(_) => FactMarks::default(),
        Event::Governance(event) => of_governance(event),
        Event::Roles(event) => of_roles(event),
        Event::Flags(event) => of_flags(event),
        Event::Artifacts(event) => of_artifacts(event),
        Event::Cases(event) => of_cases(event),
        Event::Rollouts(event) => of_rollouts(event),
    }
}

/// A poll that the chain opened is about its change.
fn of_governance(event: &governance::Event<Motion>) -> FactMarks {
    let governance::Event::Opened { proposal, .. } = event else { return FactMarks::default() };
    match &proposal.motion {
        Motion::Rollouts(rollouts::Motion::Decide { change, .. } | rollouts::Motion::Abort { change, .. }) => {
            FactMarks { action: Some("poll".into()), ..FactMarks::default() }.of_change(*change)
        }
        Motion::Rollouts(rollouts::Motion::Install(installation)) => FactMarks::under(&installation.plan.name, "poll"),
        Motion::Releases(_) | Motion::Governance(_) | Motion::Roles(_) => FactMarks::default(),
    }
}

fn of_roles(event: &roles::Event) -> FactMarks {
    let RoleKey { plan, role } = event.key();
    match event {
        roles::Event::MemberCame { by, .. } => FactMarks::under(plan, format!("appoint.{role}")).by_any(by.as_ref()),
        roles::Event::MemberWent { by: None, .. } => {
            FactMarks { role: Some(role.clone()), ..FactMarks::under(plan, "resign") }
        }
        roles::Event::MemberWent { by, .. } => FactMarks::under(plan, format!("appoint.{role}")).by_any(by.as_ref()),
        roles::Event::MembersSet { .. } => FactMarks::under(plan, "members"),
    }
}

fn of_flags(event: &flags::Event) -> FactMarks {
    use flags::Event::*;
    match event {
        Defined { plan, by, .. } | Edited { plan, by, .. } | Retired { plan, by, .. } => {
            FactMarks::under(plan, "flag").by(by).at(&Path::ROOT)
        }
        Expired { plan, .. } => FactMarks::under(plan, "expired").at(&Path::ROOT),
        TokensRevoked { plan, by, .. } => FactMarks::under(plan, "token").by(by),
    }
}

fn of_artifacts(event: &artifacts::Event) -> FactMarks {
    use artifacts::Event::*;
    match event {
        Registered { plan, scope, by, .. } | Marked { plan, scope, by, .. } => {
            FactMarks::under(plan, "artifact").by(by).at(scope)
        }
        ArtifactReleased { plan, .. } => FactMarks::under(plan, "released"),
    }
}

fn of_cases(event: &cases::Event) -> FactMarks {
    use cases::Event::*;
    let done =
        |plan: &Name, action: &str, path: &Path, case: &CaseId| FactMarks::under(plan, action).at(path).of_case(*case);
    match event {
        Reported { plan, case, path, .. } => done(plan, "report", path, case),
        Dismissed { plan, case, path, by, .. }
        | Detected { plan, case, path, by, .. }
        | Classified { plan, case, path, by, .. }
        | Responded { plan, case, path, by, .. }
        | Resolved { plan, case, path, by, .. } => done(plan, "incident", path, case).by(by),
        RiskOpened { plan, case, path, by, .. }
        | RiskMitigated { plan, case, path, by, .. }
        | RiskClosed { plan, case, path, by, .. } => done(plan, "risk", path, case).by(by),
        RiskAccepted { plan, case, path, .. } => done(plan, "accept_risk", path, case),
        Held { plan, case, path, by, .. } => done(plan, "hold", path, case).by(by),
        Released { plan, case, path, by, .. } => done(plan, "hold", path, case).by_any(by.as_ref()),
        Abandoned { plan, case, path, .. } => done(plan, "abandoned", path, case),
        Dropped { plan, case, path } => done(plan, "dropped", path, case),
        Retained { plan, case, path, .. } => done(plan, "retained", path, case),
    }
}

fn of_rollouts(event: &rollouts::Event) -> FactMarks {
    use rollouts::Event::*;
    match event {
        Installed { installation, .. } => FactMarks::under(&installation.plan.name, "install").at(&Path::ROOT),
        Retired { plan, by, .. } => FactMarks::under(plan, "retire").by(by).at(&Path::ROOT),
        Submitted { change, incident, .. } => FactMarks { case_id: *incident, ..submitted(change) },
        Approved { plan, change, .. } => FactMarks::under(plan, "approved").of_change(*change),
        Announced { plan, change, by, .. } => FactMarks::under(plan, "announce").by(by).of_change(*change),
        Executed { plan, change, by, execution } => {
            let marks = FactMarks::under(plan, "execute").by(by).of_change(*change);
            moved(FactMarks { case_id: execution.incident, ..marks }, &execution.effects)
        }
        Stepped { plan, change, by, effects, .. } => {
            moved(FactMarks::under(plan, "step").by(by).of_change(*change), effects)
        }
        Closed { plan, change, by, .. } => FactMarks::under(plan, "close").by(by).of_change(*change),
        Stated { plan, stated, opened, .. } => said(plan, stated).of_opened(opened.as_deref()),
        Met { plan, change, .. } => FactMarks::under(plan, "met").of_change(*change),
        Missed { plan, change, effects, opened, .. } => {
            let marks = FactMarks::under(plan, "missed").of_change(*change);
            moved(marks, effects).of_opened(opened.as_deref())
        }
        Reverted { plan, change, effects, .. } => moved(FactMarks::under(plan, "reverted").of_change(*change), effects),
        Ended { plan, change, .. } => FactMarks::under(plan, "ended").of_change(*change),
        Thawed { plan, change, .. } => FactMarks::under(plan, "thawed").of_change(*change),
        Voided { plan, change, .. } => FactMarks::under(plan, "voided").of_change(*change),
        Dropped { plan, change, .. } => FactMarks::under(plan, "dropped").of_change(*change),
        AmendmentAsked { plan, by, .. } => FactMarks::under(plan, "amend").by(by).at(&Path::ROOT),
        AmendmentEnded { plan, .. } => FactMarks::under(plan, "amendment_ended").at(&Path::ROOT),
    }
}

fn submitted(change: &SubmittedChange) -> FactMarks {
    let marks = FactMarks::under(&change.plan, format!("{}.submit", change.kind()));
    let marks = marks.by_any(change.by.as_ref()).of_change(change.id);
    let paths: BTreeSet<Path> = match &change.asked.request {
        ChangeRequest::Set { effects } => effects.iter().map(asked_at).collect(),
        ChangeRequest::Disable { scope, .. } | ChangeRequest::Freeze { scope, .. } => BTreeSet::from([scope.clone()]),
        ChangeRequest::Promote { to: stage, .. }
        | ChangeRequest::Demote { to: stage }
        | ChangeRequest::Rollback { stage, .. } => {
            return FactMarks { scope: Some(stage.as_str().to_owned()), ..marks };
        }
        ChangeRequest::Phase { .. } => BTreeSet::from([Path::ROOT]),
    };
    covering(marks, &paths)
}

/// A segment is of the whole plan.
fn asked_at(effect: &Effect) -> Path {
    match effect {
        Effect::Flag { path, .. } => path.clone(),
        Effect::Segment { .. } => Path::ROOT,
    }
}

fn moved(marks: FactMarks, effects: &[Effected]) -> FactMarks {
    let path = |effect: &Effected| match effect {
        Effected::Flag { path, .. } => path.clone(),
        Effected::Segment { .. } => Path::ROOT,
    };
    covering(marks, &effects.iter().map(path).collect())
}

/// At the one path that covers some; of what moves nowhere, at none.
fn covering(marks: FactMarks, paths: &BTreeSet<Path>) -> FactMarks {
    let Some(first) = paths.first() else { return marks };
    let covers = |path: &Path| paths.iter().all(|other| other.is_under(path));
    let nearest = first.ancestors().find(covers);
    marks.at(&nearest.unwrap_or(Path::ROOT))
}

fn said(plan: &Name, Stated { statement, actor, .. }: &Stated) -> FactMarks {
    let marks = FactMarks::under(plan, "state").by(actor);
    match &statement.about {
        StatementSubject::Change(change) => marks.of_change(*change),
        StatementSubject::Scope(path) => marks.at(path),
        StatementSubject::Stage(stage) => FactMarks { scope: Some(stage.as_str().to_owned()), ..marks },
        StatementSubject::Plan => marks.at(&Path::ROOT),
        StatementSubject::Artifact(_) | StatementSubject::Phase(_) => marks,
    }
}

/// Those of a refusal.
pub(super) fn of_error(error: &Error) -> FactMarks {
    let marks = match error {
        Error::Accounts(_) | Error::Staking(_) | Error::Releases(_) | Error::Rewards(_) | Error::Witnesses(_) => {
            FactMarks::default()
        }
        Error::Governance(governance::Error::NotMember { key, .. }) => {
            FactMarks { role: Some(key.role.clone()), ..FactMarks::under(&key.plan, "vote") }
        }
        Error::Governance(_) => FactMarks::default(),
        Error::Roles(error) => of_role_error(error),
        Error::Flags(error) => of_flag_error(error),
        Error::Artifacts(artifacts::Error::Role(error)) | Error::Cases(cases::Error::Role(error)) => {
            of_role_error(error)
        }
        Error::Artifacts(_) | Error::Cases(_) => FactMarks::default(),
        Error::Rollouts(error) => of_rollout_error(error),
    };
    FactMarks { code: error.code(), ..marks }
}

fn of_role_error(error: &roles::Error) -> FactMarks {
    use roles::Error::*;
    match error {
        Role { plan, role, action, scope, .. } => {
            FactMarks { role: Some(role.clone()), scope: Some(shown(scope)), ..FactMarks::under(plan, action.as_str()) }
        }
        UnknownRole(key)
        | AlreadyMember { key, .. }
        | NotMember { key, .. }
        | LastMember { key, .. }
        | WiderRole { key, .. }
        | Full { key, .. } => {
            FactMarks { plan: Some(key.plan.clone()), role: Some(key.role.clone()), ..FactMarks::default() }
        }
        OutsideScope { acting, scope } => {
            FactMarks { role: Some(acting.clone()), scope: Some(shown(scope)), ..FactMarks::default() }
        }
        NamedTwice(_) => FactMarks::default(),
    }
}

fn shown(scope: &ScopePattern) -> String {
    scope.as_str().to_owned()
}

fn of_flag_error(error: &flags::Error) -> FactMarks {
    use flags::Error::*;
    match error {
        Role(error) => of_role_error(error),
        FlagUnknown { plan, .. } | FlagTaken { plan, .. } | SegmentUnknown { plan, .. } | ShareFull { plan, .. } => {
            plan_alone(plan)
        }
        BadPath { plan, path, .. } => plan_alone(plan).at(path),
        Prerequisite { path, .. } | Disabled { above: path, .. } | SetTwice { path, .. } => {
            FactMarks::default().at(path)
        }
        _ => FactMarks::default(),
    }
}

fn plan_alone(plan: &Name) -> FactMarks {
    FactMarks { plan: Some(plan.clone()), ..FactMarks::default() }
}

/// What is refused by the rules of plans says the plan where its sentence does, and otherwise the change, whose plan is known.
fn of_rollout_error(error: &rollouts::Error) -> FactMarks {
    use rollouts::Error::*;
    match error {
        Role(error) => of_role_error(error),
        Flag(error) => of_flag_error(error),
        PlanUnknown { plan }
        | PlanTaken { plan }
        | NameReserved { plan }
        | PlanInvalid { plan, .. }
        | PlanVersion { plan, .. }
        | NotNextVersion { plan, .. }
        | StakeOnly { plan }
        | StillLive { plan, .. }
        | DocumentMissing { plan, .. }
        | StageUnknown { plan, .. }
        | OneWay { plan, .. }
        | ProcedureMissing { plan, .. }
        | CauseUnknown { plan, .. }
        | TriggerUnknown { plan, .. }
        | TooManyOpen { plan, .. }
        | CheckUnknown { plan, .. }
        | OfApplication { plan }
        | NotInstaller { plan, .. } => plan_alone(plan),
        ChangeUnknown { plan, change } | Frozen { plan, change, .. } => plan_alone(plan).of_change(*change),
        Paused { change, path } | Overdue { change, path, .. } => FactMarks::default().of_change(*change).at(path),
        PausedLately { path, role, .. } => FactMarks { role: Some(role.clone()), ..FactMarks::default() }.at(path),
        NotInState { change, .. }
        | TooEarly { change, .. }
        | DutiesOwed { change, .. }
        | NotSubmitter { change }
        | NotReady { change, .. }
        | SelfApproval { change }
        | OtherText { change, .. }
        | ChainOpens { change, .. }
        | NoSuchChange(change) => FactMarks::default().of_change(*change),
        _ => FactMarks::default(),
    }
}
