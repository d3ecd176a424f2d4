//! What can be asked about plans; and how a version is kept in rows and put together again (ROLLOUTS 7.1, 7.4).

use crate::Error;
use crate::change::SubmittedChange;
use crate::check::Check;
use crate::install::{KeptPlan, PlanHead};
use crate::plan::{ChangeKind, Phase, Plan, Playbook, Procedure, Signal, Stage, Window};
use crate::standing::StageStanding;
use crate::storage::*;
use flags::Flag;
use primitives::{ChangeId, List, Name};
use state::State;

/// The change by which a stage stands since genesis, or since a first installation: nobody submitted it, so there is no row of it, it
/// is closed since then, every step of the stages up to the last that stands is taken, and nothing is owed (ROLLOUTS 3.3).
pub const FIRST_CHANGE: ChangeId = ChangeId(0);

/// A version of a plan that is kept: its head in hand, its rows where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRef {
    /// What the plan is called.
    pub name: Name,
    /// Which of its versions this is.
    pub version: u32,
    /// What is no row of its own.
    pub kept: KeptPlan,
}

/// Where a plan stands; none where there was never one of that name. One that is retired has its head still.
pub fn head(state: &State, name: &Name) -> Option<PlanHead> {
    PLANS.get(state, name)
}

/// How many plans were ever installed, retired ones too: they grow without bound, so lists of them are read by number.
pub fn installed(state: &State) -> u64 {
    LISTED.count(state, &())
}

/// The plan of a number, from 1, in the order in which they were installed, with where it stands.
pub fn numbered(state: &State, number: u64) -> Option<(Name, PlanHead)> {
    let name = LISTED.get(state, &(), number)?;
    let head = head(state, &name)?;
    Some((name, head))
}

/// How many plans of applications are not retired.
pub fn applications(state: &State) -> u32 {
    APPLICATIONS.get_or_default(state)
}

/// The version of a plan that is in force.
///
/// # Errors
/// [`Error::PlanUnknown`], also for one that is retired.
pub fn current(state: &State, name: &Name) -> Result<KeptRef, Error> {
    let unknown = || Error::PlanUnknown { plan: name.clone() };
    let head = head(state, name).filter(|head| !head.retired).ok_or_else(unknown)?;
    kept(state, name, head.version).ok_or_else(unknown)
}

/// A version of a plan, also one that is no longer in force: kept while a change is active that was carried out under it.
///
/// # Errors
/// [`Error::PlanUnknown`] where there was never such a plan, and [`Error::PlanVersion`] for a version that is not kept.
pub fn of_version(state: &State, name: &Name, version: u32) -> Result<KeptRef, Error> {
    kept(state, name, version).ok_or_else(|| match head(state, name) {
        Some(head) => Error::PlanVersion { plan: name.clone(), asked: version, current: head.version },
        None => Error::PlanUnknown { plan: name.clone() },
    })
}

/// The version that a change is judged by: the one that it was carried out under as long as it owes something, and when that is gone,
/// the one in force.
pub(crate) fn version_of(state: &State, change: &SubmittedChange) -> Result<KeptRef, Error> {
    of_version(state, &change.plan, change.asked.version).or_else(|_| current(state, &change.plan))
}

/// The plan that governs this network; none where none does.
pub fn of_node(state: &State) -> Option<KeptRef> {
    let name = flags::queries::node_plan(state)?;
    current(state, &name).ok()
}

fn kept(state: &State, name: &Name, version: u32) -> Option<KeptRef> {
    let kept = VERSIONS.get(state, &(name.clone(), version))?;
    Some(KeptRef { name: name.clone(), version, kept })
}

impl KeptRef {
    /// The stage of that name.
    ///
    /// # Errors
    /// [`Error::StageUnknown`].
    pub fn stage(&self, state: &State, stage: &Name) -> Result<Stage, Error> {
        let unknown = || Error::StageUnknown { plan: self.name.clone(), stage: stage.clone() };
        STAGES.get(state, &self.row(stage)).ok_or_else(unknown)
    }

    /// The check of that key.
    pub fn check(&self, state: &State, key: &Name) -> Option<Check> {
        CHECKS.get(state, &self.row(key))
    }

    /// How a kind of change goes: the procedure for that stage, else the one for every stage.
    pub fn procedure(&self, state: &State, kind: ChangeKind, stage: Option<&Name>) -> Option<Procedure> {
        let kept_for = |stage| {
            let place = procedure_place(kind, stage);
            PROCEDURES.get(state, &(self.name.clone(), self.version, place))
        };
        stage.and_then(|stage| kept_for(Some(stage))).or_else(|| kept_for(None))
    }

    /// The window of that name.
    pub fn window(&self, state: &State, name: &Name) -> Option<Window> {
        WINDOWS.get(state, &self.row(name))
    }

    /// The phase of that key.
    pub fn phase(&self, state: &State, key: &Name) -> Option<Phase> {
        PHASES.get(state, &self.row(key))
    }

    /// The playbook of that domain.
    pub fn playbook(&self, state: &State, domain: &Name) -> Option<Playbook> {
        PLAYBOOKS.get(state, &self.row(domain))
    }

    /// The signal of that key.
    pub fn signal(&self, state: &State, key: &Name) -> Option<Signal> {
        SIGNALS.get(state, &self.row(key))
    }

    /// The stage that is entered next after that one, or first where none is named; none after the last, and after one that is not of
    /// the plan.
    pub fn successor(&self, stage: Option<&Name>) -> Option<&Name> {
        match stage {
            Some(stage) => self.kept.stages.get(self.kept.place(stage)?.checked_add(1)?),
            None => self.kept.stages.first(),
        }
    }

    /// The stage before that one; none before the first.
    pub fn predecessor(&self, stage: &Name) -> Option<&Name> {
        self.kept.stages.get(self.kept.place(stage)?.checked_sub(1)?)
    }

    /// How a stage stands; none of one that does not.
    pub fn standing(&self, state: &State, stage: &Name) -> Option<StageStanding> {
        STANDINGS.get(state, &(self.name.clone(), stage.clone()))
    }

    /// The last stage that stands, in the order of this version.
    pub fn last_standing(&self, state: &State) -> Option<(Name, StageStanding)> {
        self.kept.stages.iter().rev().find_map(|stage| Some((stage.clone(), self.standing(state, stage)?)))
    }

    /// The whole version as one plan: its roles and flags are those of now, its stages and flags in their order, and its other lists
    /// in the order of their keys.
    pub fn whole(&self, state: &State) -> Plan {
        let KeptPlan { bundle, profile, document, governs, levels, artifacts, policy, .. } = self.kept.clone();
        let stages = self.kept.stages.iter().filter_map(|stage| self.stage(state, stage).ok());
        let flags = self.kept.flags.iter().filter_map(|key| Some(flags::queries::flag(state, &self.name, key)?.flag));
        let under = (self.name.clone(), self.version);
        Plan {
            name: self.name.clone(),
            version: self.version,
            bundle,
            profile,
            document,
            governs,
            levels,
            stages: list(stages),
            checks: list(CHECKS.iter_under(state, &under).map(|(_, check)| check)),
            procedures: list(PROCEDURES.iter_under(state, &under).map(|(_, procedure)| procedure)),
            windows: list(WINDOWS.iter_under(state, &under).map(|(_, window)| window)),
            phases: list(PHASES.iter_under(state, &under).map(|(_, phase)| phase)),
            playbooks: list(PLAYBOOKS.iter_under(state, &under).map(|(_, playbook)| playbook)),
            signals: list(SIGNALS.iter_under(state, &under).map(|(_, signal)| signal)),
            roles: list(roles::queries::roles(state, &self.name)),
            flags: list(flags),
            artifacts,
            policy,
        }
    }

    /// The place of a row of this version.
    fn row(&self, key: &Name) -> (Name, u32, Name) {
        (self.name.clone(), self.version, key.clone())
    }
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    List::truncate_from(items.into_iter().collect())
}

/// Writes a version in rows. Its roles and flags are written by their pallets.
pub(crate) fn write(state: &mut State, plan: &Plan) {
    let row = |key: &Name| (plan.name.clone(), plan.version, key.clone());
    VERSIONS.set(state, &(plan.name.clone(), plan.version), &kept_part(plan));
    plan.stages.iter().for_each(|stage| STAGES.set(state, &row(&stage.name), stage));
    plan.checks.iter().for_each(|check| CHECKS.set(state, &row(&check.key), check));
    for procedure in &plan.procedures {
        let place = procedure_place(procedure.of, procedure.stage.as_ref());
        PROCEDURES.set(state, &(plan.name.clone(), plan.version, place), procedure);
    }
    plan.windows.iter().for_each(|window| WINDOWS.set(state, &row(&window.name), window));
    plan.phases.iter().for_each(|phase| PHASES.set(state, &row(&phase.key), phase));
    plan.playbooks.iter().for_each(|playbook| PLAYBOOKS.set(state, &row(&playbook.domain), playbook));
    plan.signals.iter().for_each(|signal| SIGNALS.set(state, &row(&signal.key), signal));
}

fn kept_part(plan: &Plan) -> KeptPlan {
    KeptPlan {
        bundle: plan.bundle,
        profile: plan.profile,
        document: plan.document.clone(),
        governs: plan.governs.clone(),
        levels: plan.levels.clone(),
        stages: list(plan.stages.iter().map(|stage| stage.name.clone())),
        flags: list(plan.flags.iter().map(|flag: &Flag| flag.key.clone())),
        artifacts: plan.artifacts.clone(),
        policy: plan.policy.clone(),
        active: 0,
    }
}

/// Keeps a version for one more change that is active under it.
pub(crate) fn keep(state: &mut State, name: &Name, version: u32) {
    let place = (name.clone(), version);
    if let Some(mut kept) = VERSIONS.get(state, &place) {
        kept.active = kept.active.saturating_add(1);
        VERSIONS.set(state, &place, &kept);
    }
}

/// Keeps a version for one change less, which is active no longer; one that nothing needs any more goes.
pub(crate) fn let_go(state: &mut State, name: &Name, version: u32) {
    let place = (name.clone(), version);
    let Some(mut kept) = VERSIONS.get(state, &place) else { return };
    kept.active = kept.active.saturating_sub(1);
    VERSIONS.set(state, &place, &kept);
    drop_unneeded(state, name, version);
}

/// Takes a version away that is neither in force nor needed by a change that is active.
pub(crate) fn drop_unneeded(state: &mut State, name: &Name, version: u32) {
    let is_in_force = head(state, name).is_some_and(|head| head.version == version && !head.retired);
    let is_needed = VERSIONS.get(state, &(name.clone(), version)).is_some_and(|kept| kept.active > 0);
    if !is_in_force && !is_needed {
        remove(state, name, version);
    }
}

fn remove(state: &mut State, name: &Name, version: u32) {
    let under = (name.clone(), version);
    VERSIONS.remove(state, &under);
    macro_rules! remove_rows {
        ($($rows:ident)+) => { $(
            let keys: Vec<_> = $rows.iter_under(state, &under).map(|(key, _)| key).collect();
            keys.iter().for_each(|key| $rows.remove(state, key));
        )+ };
    }
    remove_rows!(STAGES CHECKS PROCEDURES WINDOWS PHASES PLAYBOOKS SIGNALS);
}
