//! How many rows a verdict may read, and what it lets move, reckoned before anything is judged: whoever asks it pays for each of them, and a
//! block has room for so many (ROLLOUTS 3.4, 17).
//!
//! It is read off the plan's own rows: what a check asks bounds what its answer reads, whoever spoke and whatever was said; and what moves
//! is bounded by what is set of the flags that are named and of those that go off with them. So it stays as it is while a transaction
//! waits, unless the plan, what is set, or what the change owes becomes another.

use super::known;
use crate::Call;
use crate::change::{ChangeRequest, ChangeState, Effect, EffectTo, MOST_EFFECTS, READS_OF_AN_EFFECT};
use crate::check::{Ask, Check, FleetProfile, Refs, Register, RowKeys, SoakSince};
use crate::judge::lists::{list_of_request, step_list};
use crate::judge::rows::rows_of;
use crate::plan::{AskedCheck, Signal, Speakers, VALIDATORS};
use crate::plans::{self, KeptRef, version_of};
use crate::scope;
use crate::statement::MOST_WORDS;
use crate::storage::{CHANGES, PROGRESS};
use cases::CaseKind;
use flags::requirements::FlagRequirements;
use primitives::{ChangeId, Name, Path};
use state::State;

/// Of every call: the plan and its version, the change and how it stands, its stages, procedures and windows.
const BESIDE: u64 = 64;
/// Of a check of a change that is only taken: what it asks, and whether that is a vote.
const OF_A_LISTED: u64 = 4;
/// Of every check, however it is answered: itself, the change by which the stage before stands, the stages that could be the last which
/// stands, and its waiver with whoever gave it and all who may.
const OF_A_CHECK: u64 = 64;
/// What a role said about something: one row, and of each of its words whether its speaker still has the role.
const OF_A_ROW: u64 = 1 + MOST_WORDS as u64;
/// The stages that a plan has at most.
const STAGES: u64 = 8;
/// The paths that lie above one at most, the root and itself among them.
const PATHS: u64 = 5;
/// Of a chorus: who may speak, who has, who is in the segment, and the power of each.
const OF_A_CHORUS: u64 = 8;
/// Of a flag that is held against its profile: itself, what is set and disabled above, and the stages down to the first.
const OF_A_FLAG: u64 = 1 + 2 * PATHS + STAGES + 1;
/// Of the fleet beside its nodes: the gates with the segments that they are limited to, the stage that stands, and the flags which the
/// steps of a stage turn on, each in 32 steps at most.
const OF_A_FLEET: u64 = 256;
/// Of a node that reports about a build: its reports of that and of what it runs, and the releases of both.
const OF_A_NODE: u64 = 8;
/// The members that a segment has at most.
const OF_A_SEGMENT: u64 = 256;
/// Of a build: its approval, and whether it may run.
const OF_A_BUILD: u64 = 4;
/// Of what would be gone back to: the last 64 builds, each in its place, and a stage.
const OF_ALL_BUILDS: u64 = 64 * (1 + OF_A_BUILD) + STAGES;
/// Of what stands in a stage of an application, beside what would be gone back to: itself, whether anything ever did, and two artifacts.
const OF_ARTIFACTS: u64 = 4;
/// Beside an effect, of each attribute that is asked before or afterwards.
const OF_AN_ATTRIBUTE: u64 = 24;
/// Beside that of a flag of the network's own plan: what follows for the gates, each time.
const OF_A_GATE: u32 = 160;
/// Of the flags and segments that settings name: as many as there are.
const OF_A_TARGETING: u64 = 8;
/// A whole plan, read twice: all of its rows, of which the checks are the most.
const OF_A_WHOLE_PLAN: u64 = 1_024;
/// Of the phases that are open or frozen: each of sixteen with its place, and the 64 checks of its exit list.
const OF_THE_PHASES: u64 = 16 * (2 + 64);

/// How many rows a call has judging it read.
pub(crate) fn of_call(state: &State, call: &Call) -> u32 {
    let rows = match call {
        Call::Submit { plan, change, .. } => of_submission(state, plan, &change.request),
        Call::Execute { plan, change, .. } => of_execution(state, plan, *change),
        Call::Step { plan, change, step, .. } => of_step(state, plan, *change, step),
        Call::Close { plan, change, .. } => of_closing(state, plan, *change),
        Call::Install { .. }
        | Call::Retire { .. }
        | Call::Withdraw { .. }
        | Call::Announce { .. }
        | Call::State { .. } => None,
    };
    bounded(rows.unwrap_or_default())
}

/// How many a yes to a change reads; none where there is no such change. Only while the change is open its list is judged: on what is owed
/// afterwards anybody says what it thinks.
pub(crate) fn of_yes(state: &State, id: ChangeId) -> u32 {
    let Some(progress) = PROGRESS.get(state, &id) else { return 0 };
    let open = (progress.state == ChangeState::Open).then(|| CHANGES.get(state, &id)).flatten();
    let listed = open.and_then(|change| Some((version_of(state, &change).ok()?, change)));
    listed.map_or_else(|| bounded(BESIDE), |(plan, change)| of_list(state, &plan, &change.asked.request))
}

/// How many judging all that a request asks before it is carried out reads.
pub(crate) fn of_list(state: &State, plan: &KeptRef, request: &ChangeRequest) -> u32 {
    bounded(judged(state, plan, request, &list_of_request(state, plan, request)))
}

/// What is not carried out at once is only put together, and judged when somebody says yes to it.
fn of_submission(state: &State, plan: &Name, request: &ChangeRequest) -> Option<u64> {
    let plan = plans::current(state, plan).ok()?;
    let procedure = plan.procedure(state, request.kind(), request.stage())?;
    let list = list_of_request(state, &plan, request);
    let judged = if procedure.at_once {
        judged(state, &plan, request, &list).saturating_add(moved(state, &plan, request))
    } else {
        listed(list.len())
    };
    Some(judged.saturating_add(effects_of(state, &plan, request)))
}

fn of_execution(state: &State, plan: &Name, id: ChangeId) -> Option<u64> {
    let plan = plans::current(state, plan).ok()?;
    let (change, _) = known(state, &plan.name, id).ok()?;
    let request = &change.asked.request;
    let list = list_of_request(state, &plan, request);
    let judged = judged(state, &plan, request, &list).saturating_add(moved(state, &plan, request));
    Some(judged.saturating_add(effects_of(state, &plan, request)))
}

/// What working out and writing what a request moves reads, also as it is only taken: of each flag at a path and each segment, and of all
/// that may go off with them. A row that is written weighs as one that is read.
fn effects_of(state: &State, plan: &KeptRef, request: &ChangeRequest) -> u64 {
    let is_of_node = plan.kept.is_of_node();
    match request {
        ChangeRequest::Set { effects } => {
            let each = effects.iter().map(|effect| of_effect(state, &plan.name, effect));
            let flags = effects.iter().filter_map(|effect| match effect {
                Effect::Flag { flag, .. } => Some(flag),
                Effect::Segment { .. } => None,
            });
            let paths = bounded(count(scope::paths(state, &plan.name, request).len()));
            each.fold(of_moves(state, plan, (effects.len(), paths), flags), u64::saturating_add)
        }
        ChangeRequest::Disable { flags, .. } => of_moves(state, plan, (flags.len(), 1), flags),
        ChangeRequest::Promote { .. } | ChangeRequest::Demote { .. } | ChangeRequest::Rollback { .. } if is_of_node => {
            let flags = &plan.kept.flags;
            let wanted = count(flags.len()).saturating_mul(OF_A_FLAG).saturating_add(OF_A_WHOLE_PLAN);
            of_moves(state, plan, (flags.len(), 1), flags).saturating_add(wanted)
        }
        ChangeRequest::Promote { .. }
        | ChangeRequest::Demote { .. }
        | ChangeRequest::Rollback { .. }
        | ChangeRequest::Freeze { .. }
        | ChangeRequest::Phase { .. } => 0,
    }
}

/// What is asked there, before and afterwards.
fn of_effect(state: &State, plan: &Name, effect: &Effect) -> u64 {
    let Effect::Flag { flag, path, to, .. } = effect else { return 0 };
    let before = flags::queries::setting(state, plan, flag, path).map(|setting| setting.targeting.attributes().len());
    let after = match to {
        EffectTo::Setting(targeting) => targeting.attributes().len(),
        EffectTo::Unset | EffectTo::Enabled => 0,
    };
    let attributes = count(before.unwrap_or_default()).saturating_add(count(after));
    attributes.saturating_mul(OF_AN_ATTRIBUTE).saturating_add(OF_A_TARGETING)
}

/// What so many moves of flags at so many paths read, with those that go off along with them.
fn of_moves<'f>(
    state: &State,
    plan: &KeptRef,
    (moves, paths): (usize, u32),
    flags: impl IntoIterator<Item = &'f Name>,
) -> u64 {
    let along = FlagRequirements::cost(state, &plan.name, flags, paths);
    let most = count(moves).saturating_add(along.places.into()).min(MOST_EFFECTS.into());
    let of_one = if plan.kept.is_of_node() { READS_OF_AN_EFFECT.saturating_add(OF_A_GATE) } else { READS_OF_AN_EFFECT };
    most.saturating_mul(of_one.into()).saturating_add(along.rows.into())
}

/// What carrying a request out reads beside its list: of an application, what is gone back to, asked before and told in the event; and
/// what there is to let go, found anew whenever what stands somewhere or is taken for good becomes another, and when an incident is opened.
fn moved(state: &State, plan: &KeptRef, request: &ChangeRequest) -> u64 {
    let (backs, moves) = match request {
        ChangeRequest::Promote { .. } => (0, 2),
        ChangeRequest::Demote { .. } => (0, 1),
        ChangeRequest::Rollback { .. } => (2, 3),
        ChangeRequest::Set { .. }
        | ChangeRequest::Disable { .. }
        | ChangeRequest::Freeze { .. }
        | ChangeRequest::Phase { .. } => (0, 0),
    };
    let back = u64::from(artifacts::queries::most_read_back(state, &plan.name));
    let of_moves = u64::from(artifacts::queries::most_read(state, &plan.name)).saturating_mul(moves);
    back.saturating_mul(backs).saturating_add(of_moves)
}

fn of_step(state: &State, plan: &Name, id: ChangeId, step: &Name) -> Option<u64> {
    let (change, _) = known(state, plan, id).ok()?;
    let plan = version_of(state, &change).ok()?;
    let stage = plan.stage(state, change.asked.request.stage()?).ok()?;
    let step = stage.steps.iter().find(|other| other.key == *step)?;
    let judged = judged(state, &plan, &change.asked.request, &step_list(&stage, step));
    let moved = of_moves(state, &plan, (step.sets.len(), 1), step.sets.iter().map(|(flag, ..)| flag));
    Some(judged.saturating_add(moved))
}

fn of_closing(state: &State, plan: &Name, id: ChangeId) -> Option<u64> {
    let (change, progress) = known(state, plan, id).ok()?;
    let plan = version_of(state, &change).ok()?;
    let request = &change.asked.request;
    let reckoned = Reckoned::of(state, &plan, request, progress.duties.len());
    let owed = progress.owed().map(|duty| reckoned.of_key(&duty.check));
    // An artifact whose promotion is closed is good.
    let is_promotion = matches!(request, ChangeRequest::Promote { .. });
    let good = if is_promotion { artifacts::queries::most_read(state, &plan.name) } else { 0 };
    Some(owed.fold(BESIDE.saturating_add(good.into()), u64::saturating_add))
}

fn judged(state: &State, plan: &KeptRef, request: &ChangeRequest, list: &[AskedCheck]) -> u64 {
    let reckoned = Reckoned::of(state, plan, request, list.len());
    list.iter().map(|asked| reckoned.of_key(&asked.key)).fold(BESIDE, u64::saturating_add)
}

fn listed(checks: usize) -> u64 {
    count(checks).saturating_mul(OF_A_LISTED).saturating_add(BESIDE)
}

fn bounded(rows: u64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

/// Of the rows of phases, which rows there are.
fn of_phases(check: &Check) -> u64 {
    if matches!(&check.ask, Ask::Rows { keys: RowKeys::Active, .. }) { OF_THE_PHASES } else { 0 }
}

/// What the checks of a list are reckoned by.
struct Reckoned<'a> {
    state: &'a State<'a>,
    plan: &'a KeptRef,
    /// How many could be elected at most.
    validators: u64,
    /// How many checks the list has: so many may be waived.
    checks: u64,
    /// At how many paths the change moves something, or the root alone.
    paths: u32,
}

impl<'a> Reckoned<'a> {
    fn of(state: &'a State<'a>, plan: &'a KeptRef, request: &ChangeRequest, checks: usize) -> Self {
        let validators = staking::queries::params(state).max_validators;
        let paths = bounded(count(scope::paths(state, &plan.name, request).len())).max(1);
        Self { state, plan, validators: validators.into(), checks: count(checks), paths }
    }

    /// Of a check that the plan has not, that it has not.
    fn of_key(&self, key: &Name) -> u64 {
        let answer = self.plan.check(self.state, key).map_or(0, |check| self.of_check(&check));
        answer.saturating_add(OF_A_CHECK)
    }

    fn of_check(&self, check: &Check) -> u64 {
        match &check.ask {
            Ask::Word { refs, within, .. } => {
                let before = if within.is_some() { OF_A_ROW.saturating_add(1) } else { 0 };
                OF_A_ROW.saturating_add(before).saturating_add(self.of_refs(refs))
            }
            Ask::Chorus { .. } => OF_A_CHORUS,
            Ask::Rows { .. } => {
                let rows = count(rows_of(self.state, self.plan, check).len());
                rows.saturating_mul(OF_A_ROW).saturating_add(of_phases(check))
            }
            Ask::Watch { .. } => OF_A_ROW,
            Ask::Forbid { keys } => keys.iter().map(|key| self.of_forbidden(key)).fold(0, u64::saturating_add),
            Ask::Soak { stage, since, unless, .. } => {
                let turned_on = match since {
                    SoakSince::On(flag) => self.of_setting(stage, flag),
                    SoakSince::Entered | SoakSince::Verified => 0,
                };
                count(unless.len()).saturating_add(turned_on).saturating_add(2)
            }
            Ask::Fleet { profile, .. } => {
                let flags = match profile {
                    FleetProfile::Current => count(self.plan.kept.flags.len()),
                    FleetProfile::Target => 0,
                };
                flags.saturating_mul(OF_A_FLAG).saturating_add(self.validators).saturating_add(OF_A_FLEET)
            }
            Ask::Installed { segment, .. } => {
                let nodes = if segment.as_str() == VALIDATORS { self.validators } else { OF_A_SEGMENT };
                nodes.saturating_mul(OF_A_NODE).saturating_add(2)
            }
            Ask::Build { commit_of, .. } => {
                let of_commit = OF_A_ROW.saturating_add(OF_A_BUILD).saturating_mul(STAGES.saturating_add(1));
                count(commit_of.len()).saturating_mul(of_commit.saturating_add(STAGES)).saturating_add(OF_A_BUILD)
            }
            Ask::Clear { register, .. } => {
                let kind = match register {
                    Register::Incident => CaseKind::Incident,
                    Register::Risk => CaseKind::Risk,
                };
                cases::queries::most_read_clear(self.state, &self.plan.name, self.paths, kind).into()
            }
            Ask::Vote { .. } => 0,
            Ask::Drill { .. } => OF_A_ROW.saturating_mul(2).saturating_add(1),
            Ask::Recoverable if self.plan.kept.is_of_node() => OF_ALL_BUILDS,
            Ask::Recoverable => {
                u64::from(artifacts::queries::most_read_back(self.state, &self.plan.name)).saturating_add(OF_ARTIFACTS)
            }
        }
    }

    fn of_refs(&self, refs: &Refs) -> u64 {
        match refs {
            Refs::Any | Refs::Matching(_) | Refs::All(_) => 0,
            // Each waiver of the change, and whether whoever gave it may still speak.
            Refs::Waivers => self.checks.saturating_mul(2),
            // A stage names eight sections at most.
            Refs::ReleaseChecks => OF_A_ROW.saturating_mul(8).saturating_add(1),
        }
    }

    /// Of a key that must not stand as failed: a signal of validators has each of them asked, one of roles each of these about each path
    /// above and about the stage; of a check its own role is asked.
    fn of_forbidden(&self, key: &Name) -> u64 {
        let asked = match self.plan.signal(self.state, key) {
            Some(Signal { by: Speakers::Validators, .. }) => self.validators.saturating_add(2),
            Some(Signal { by: Speakers::Roles(roles), .. }) => {
                let about = PATHS.saturating_add(1).saturating_mul(OF_A_ROW);
                count(roles.len()).saturating_mul(about).saturating_add(STAGES)
            }
            None => OF_A_ROW.saturating_add(STAGES).saturating_add(4),
        };
        asked.saturating_add(4)
    }

    /// Of when a flag was turned on in a stage: what is set and disabled above, and the segments that these settings name.
    fn of_setting(&self, stage: &Name, flag: &Name) -> u64 {
        let of_stage = || Path::new([stage.clone()]).unwrap_or_default();
        let path = if self.plan.kept.is_of_node() { Path::ROOT } else { of_stage() };
        let set = path.ancestors().filter_map(|path| flags::queries::setting(self.state, &self.plan.name, flag, &path));
        let named = set.map(|setting| count(setting.targeting.segments().len())).fold(0, u64::saturating_add);
        named.saturating_add(PATHS.saturating_mul(2)).saturating_add(1)
    }
}
