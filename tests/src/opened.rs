//! What stands on pages about cases, and about an application: the calls that bring it. Each says what it is given to say, such as a text
//! that breaks a page which does not escape it.

use cases::Containment;
use primitives::{
    AccountId, AlertSeverity, CaseId, ChangeId, Height, List, Name, Path, Reason, ScopePattern, Span, Text, Timestamp,
};
use roles::{Grant, Role, Seat};
use rollouts::install::{Installation, RoleSeats};
use rollouts::plan::DrillRules;
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use runtime::Call;
use runtime::testing::examples;

/// The application, its role, and its playbook.
pub const APPLICATION: &str = "shop";
const OWNER: &str = "OWNER";
const PLAYBOOK: &str = "server";

fn named(text: &str) -> Name {
    Name::new(text).expect("these are names")
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    List::truncate_from(items.into_iter().collect())
}

fn said<const MAX: u32>(text: &str) -> Text<MAX> {
    Text::new(text).expect("these are short")
}

fn why(text: &str) -> Reason {
    Reason::new(text).expect("these are reasons")
}

/// An application installs its plan, which has artifacts, a phase, and a playbook that is tried; an account owns it.
pub fn application(owner: AccountId) -> Call {
    let first = examples::installation();
    let mut plan = first.plan.clone();
    plan.artifacts = Some(examples::artifact_rules().rules);
    let drill = DrillRules { every: Span::days(90), window: Span::hours(4) };
    plan.playbooks.iter_mut().for_each(|playbook| playbook.drill = Some(drill));
    let grants = ["artifact **", "flag **", "promote.submit **", "set.submit **"];
    let grants = grants.iter().map(|grant| grant.parse::<Grant>().expect("these are grants"));
    plan.roles = list([(named(OWNER), Role { grants: list(grants), least_members: 1 })]);
    let seats = list([Seat { account: owner, scopes: list([ScopePattern::everywhere()]) }]);
    let members = list([RoleSeats { role: named(OWNER), seats }]);
    let installation = Installation { plan, members, moves: List::new(), ..first };
    Call::Rollouts(rollouts::Call::Install { installation: Box::new(installation) })
}

/// Its owner registers an artifact.
pub fn artifact() -> Call {
    let (plan, acting) = (named(APPLICATION), named(OWNER));
    Call::Artifacts(artifacts::Call::Register { plan, acting, artifact: examples::artifact_entry() })
}

/// Its owner says that a drill began, or that it ended.
pub fn drill(end: &str) -> Call {
    let check = named(&format!("drill.{PLAYBOOK}.{end}"));
    let statement = Box::new(Statement::new(check, StatementSubject::Plan, StatementOutcome::Passed));
    let (plan, acting) = (named(APPLICATION), named(OWNER));
    Call::Rollouts(rollouts::Call::State { plan, acting, statement })
}

/// Anybody tells of something under a plan.
pub fn report(plan: &str, text: &str) -> Call {
    Call::Cases(cases::Call::Report { plan: named(plan), path: Path::ROOT, observation: said(text) })
}

/// A role takes a report up.
pub fn incident(plan: &str, acting: &str, report: CaseId, text: &str) -> Call {
    let (observation, impact) = (said(text), said(text));
    let (plan, acting, report, duty) = (named(plan), named(acting), Some(report), None);
    Call::Cases(cases::Call::Detect { plan, acting, path: Path::ROOT, observation, impact, report, duty })
}

/// It says how bad an incident is.
pub fn classified(plan: &str, acting: &str, case: CaseId) -> Call {
    let (severity, module) = (AlertSeverity::Warn, named("storage"));
    Call::Cases(cases::Call::Classify { plan: named(plan), acting: named(acting), case, severity, module })
}

/// It says that a change of flags contains it.
pub fn contained(plan: &str, acting: &str, case: CaseId, by: ChangeId) -> Call {
    let containments = list([Containment::FeatureFlag(by), Containment::PolicyLock(None)]);
    Call::Cases(cases::Call::Respond { plan: named(plan), acting: named(acting), case, containments })
}

/// A role enters a critical risk into the register, at a path of the plan.
pub fn risk(plan: &str, acting: &str, at: &str, owner: &str, text: &str) -> Call {
    let (severity, text) = (AlertSeverity::Critical, said(text));
    let (plan, acting, owner) = (named(plan), named(acting), named(owner));
    let path = at.parse().expect("these are paths");
    Call::Cases(cases::Call::OpenRisk { plan, acting, path, severity, text, owner })
}

/// A role has records kept until a time.
pub fn hold(plan: &str, acting: &str, until: Timestamp, text: &str) -> Call {
    let (reason, reference, from, confirms) = (why(text), said("4 C 17/26"), Height(0), None);
    let (plan, acting, path) = (named(plan), named(acting), Path::ROOT);
    Call::Cases(cases::Call::Hold { plan, acting, path, reason, reference, from, until, confirms })
}
