//! What the key of a statement is: a check, a signal, a step, a row, or an end of a drill.

use crate::Error;
use crate::check::{AboutKind, Ask, Check, Refs};
use crate::judge::DrillEnd;
use crate::judge::rows::rows_of;
use crate::plan::{Signal, Speakers};
use crate::plans::KeptRef;
use crate::storage::CHECKS;
use primitives::Name;
use state::State;

/// What a key is.
pub(crate) enum AskedKey {
    Check(Box<Check>),
    Signal(Signal),
    Step,
    /// A row, of those that ask for it: about what each does, and whose word it wants.
    Row(Vec<(AboutKind, Name)>),
    /// An end of the drill of a playbook, with the role that keeps it.
    Drill(Name),
}

/// Finds what a key is in a version of a plan.
///
/// # Errors
/// [`Error::CheckUnknown`].
pub(crate) fn find(state: &State, plan: &KeptRef, key: &Name) -> Result<AskedKey, Error> {
    let check = || plan.check(state, key).map(|check| AskedKey::Check(Box::new(check)));
    let signal = || plan.signal(state, key).filter(|signal| is_said_here(plan, signal)).map(AskedKey::Signal);
    let found = check().or_else(signal).or_else(|| drill(state, plan, key)).or_else(|| step(state, plan, key));
    let unknown = || Error::CheckUnknown { plan: plan.name.clone(), key: key.clone() };
    found.or_else(|| row(state, plan, key)).ok_or_else(unknown)
}

/// What every validator may notice is said once, in the node's plan, and read by every plan that names it.
fn is_said_here(plan: &KeptRef, signal: &Signal) -> bool {
    plan.kept.is_of_node() || signal.by != Speakers::Validators
}

fn drill(state: &State, plan: &KeptRef, key: &Name) -> Option<AskedKey> {
    let (domain, _) = DrillEnd::parse(key)?;
    let playbook = plan.playbook(state, &domain).filter(|playbook| playbook.drill.is_some())?;
    Some(AskedKey::Drill(playbook.owner))
}

fn step(state: &State, plan: &KeptRef, key: &Name) -> Option<AskedKey> {
    let mut stages = plan.kept.stages.iter().filter_map(|stage| plan.stage(state, stage).ok());
    stages.any(|stage| stage.steps.iter().any(|step| step.key == *key)).then_some(AskedKey::Step)
}

/// The checks of a version that ask for a row: all are looked at, because rows have no list of their own.
fn row(state: &State, plan: &KeptRef, key: &Name) -> Option<AskedKey> {
    let checks = CHECKS.iter_under(state, &(plan.name.clone(), plan.version));
    let asked = checks.filter_map(|(_, check)| {
        let Ask::Rows { about, .. } = check.ask else { return None };
        let row = rows_of(state, plan, &check).into_iter().find(|row| row.key == *key)?;
        Some((about, row.role))
    });
    let asked: Vec<_> = asked.collect();
    (!asked.is_empty()).then_some(AskedKey::Row(asked))
}

impl AskedKey {
    /// Whether it is asked about something of that kind.
    pub fn is_about(&self, kind: AboutKind) -> bool {
        match self {
            Self::Check(check) => is_asked_about(&check.ask, kind),
            Self::Signal(_) => matches!(kind, AboutKind::Scope | AboutKind::Stage),
            Self::Step => matches!(kind, AboutKind::Change | AboutKind::Stage),
            Self::Row(asked) => asked.iter().any(|(about, _)| *about == kind),
            Self::Drill(_) => kind == AboutKind::Plan,
        }
    }
}

/// Nobody answers what the chain measures, what is voted, and what only forbids.
fn is_asked_about(ask: &Ask, kind: AboutKind) -> bool {
    match ask {
        Ask::Word { about, .. } | Ask::Rows { about, .. } | Ask::Watch { about, .. } => *about == kind,
        Ask::Chorus { .. } => kind == AboutKind::Change,
        _ => false,
    }
}

/// The roles that a check asks: its own, and of release checks those that sign the sections of a stage off.
pub(crate) fn roles_of(state: &State, plan: &KeptRef, check: &Check) -> Vec<Name> {
    if !matches!(&check.ask, Ask::Word { refs: Refs::ReleaseChecks, .. }) {
        return check.by.iter().cloned().collect();
    }
    let stages = plan.kept.stages.iter().filter_map(|stage| plan.stage(state, stage).ok());
    let mut roles: Vec<Name> =
        stages.flat_map(|stage| stage.release_checks.into_inner()).filter_map(|section| section.owner).collect();
    roles.sort();
    roles.dedup();
    roles
}
