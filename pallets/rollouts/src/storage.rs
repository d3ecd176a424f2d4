//! Where plans, changes and statements are kept (ROLLOUTS 7.1 to 7.6). A plan is kept in rows, so that a call reads those it needs.

use crate::change::{ChangeProgress, SubmittedChange};
use crate::check::Check;
use crate::deadline::Clock;
use crate::install::{AskedAmendment, KeptPlan, PlanHead};
use crate::plan::{ChangeKind, Phase, Playbook, Procedure, Signal, Stage, Window};
use crate::standing::{AskedRollback, ChangePause, LiveCounts, PhaseStanding, StageFreeze, StageStanding};
use crate::statement::{ChorusRoll, ChorusTally, Stated, TalliedWord, WordTally};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, ChangeId, Digest, Height, Moment, Name, Path, ProposalId};
use roles::RoleKey;
use state::{Item, Key, KeyBytes, Log, Map, Set};

/// Every plan that was ever installed.
pub(crate) const PLANS: Map<Name, PlanHead> = Map::new("rollouts/plans");

/// Their names, in the order in which they were installed.
pub(crate) const LISTED: Log<(), Name> = Log::new("rollouts/listed", "rollouts/listed_counts");

/// The later versions of applications' plans that were asked for and not decided yet, by plan and number.
pub(crate) const AMENDMENTS: Map<(Name, u64), AskedAmendment> = Map::new("rollouts/amendments");

/// The number of the latest of them; none before the first, which is 1.
pub(crate) const LATEST_AMENDMENT: Item<u64> = Item::new("rollouts/latest_amendment");

/// Those of them that wait for their poll, by the role that votes on them.
pub(crate) const TO_AMEND: Set<(RoleKey, u64)> = Set::new("rollouts/to_amend");

/// The polls on them that nothing has come of yet: the plan and the number.
pub(crate) const AMENDMENT_POLLS: Map<ProposalId, (Name, u64)> = Map::new("rollouts/amendment_polls");

/// How many plans of applications are not retired.
pub(crate) const APPLICATIONS: Item<u32> = Item::new("rollouts/applications");

/// The versions of plans that are kept: the one in force, and those under which active changes were carried out.
pub(crate) const VERSIONS: Map<(Name, u32), KeptPlan> = Map::new("rollouts/versions");

/// The stages of each version, by plan, version and name.
pub(crate) const STAGES: Map<(Name, u32, Name), Stage> = Map::new("rollouts/stages");

/// The checks of each version, by plan, version and key.
pub(crate) const CHECKS: Map<(Name, u32, Name), Check> = Map::new("rollouts/checks");

/// The procedures of each version, by plan, version and [place](procedure_place).
pub(crate) const PROCEDURES: Map<(Name, u32, (ChangeKind, Path)), Procedure> = Map::new("rollouts/procedures");

/// The windows of each version, by plan, version and name.
pub(crate) const WINDOWS: Map<(Name, u32, Name), Window> = Map::new("rollouts/windows");

/// The phases of each version, by plan, version and key.
pub(crate) const PHASES: Map<(Name, u32, Name), Phase> = Map::new("rollouts/phases");

/// The playbooks of each version, by plan, version and domain.
pub(crate) const PLAYBOOKS: Map<(Name, u32, Name), Playbook> = Map::new("rollouts/playbooks");

/// The signals of each version, by plan, version and key.
pub(crate) const SIGNALS: Map<(Name, u32, Name), Signal> = Map::new("rollouts/signals");

/// The stages that stand, by plan and stage.
pub(crate) const STANDINGS: Map<(Name, Name), StageStanding> = Map::new("rollouts/standings");

/// How far the phases have come that are no longer planned, by plan and phase.
pub(crate) const PHASE_STANDINGS: Map<(Name, Name), PhaseStanding> = Map::new("rollouts/phase_standings");

/// By which promotion an artifact stood in a stage last, by plan, stage and artifact: the one that it stands by again when it is gone
/// back to.
pub(crate) const STOOD: Map<(Name, Name, Digest), ChangeId> = Map::new("rollouts/stood");

/// The rollbacks that signals asked for and that no change stands for yet, by plan and stage.
pub(crate) const ASKED_ROLLBACKS: Map<(Name, Name), AskedRollback> = Map::new("rollouts/asked_rollbacks");

/// The plans of applications of which a signal asked for a rollback.
pub(crate) const ASKING_GUESTS: Set<Name> = Set::new("rollouts/asking_guests");

/// The number of the latest change; none before the first, which is 1.
pub(crate) const LATEST: Item<ChangeId> = Item::new("rollouts/latest");

/// The changes, of all plans; what is in here never changes.
pub(crate) const CHANGES: Map<ChangeId, SubmittedChange> = Map::new("rollouts/changes");

/// Where each change stands.
pub(crate) const PROGRESS: Map<ChangeId, ChangeProgress> = Map::new("rollouts/progress");

/// The changes of each plan, in the order in which they came.
pub(crate) const OF_PLAN: Set<(Name, ChangeId)> = Set::new("rollouts/of_plan");

/// Those of them that are open, approved or active.
pub(crate) const LIVE: Set<(Name, ChangeId)> = Set::new("rollouts/live");

/// How much of each plan is live.
pub(crate) const COUNTS: Map<Name, LiveCounts> = Map::new("rollouts/counts");

/// How much of each plan is live at the paths of a tenant, by plan and tenant: the second name of a path.
pub(crate) const TENANTS: Map<(Name, Name), LiveCounts> = Map::new("rollouts/tenants");

/// How many emergencies of an account wait to be decided, by plan and account (ROLLOUTS 7.7).
pub(crate) const EMERGENCIES: Map<(Name, AccountId), u32> = Map::new("rollouts/emergencies");

/// The changes with a duty that was not met in time and is not met since, by plan and the path at which they stop others.
pub(crate) const OVERDUE: Set<(Name, Path, ChangeId)> = Set::new("rollouts/overdue");

/// Where the clock finds a change: by its plan and a clock, what that shows when something comes, and the change.
pub(crate) type ChangeEnd = ((Name, Clock), u64, ChangeId);

/// When something is due to changes: they expire, or a duty is missed. A row says that something may be due; what it is says the change.
pub(crate) const DUE: Set<ChangeEnd> = Set::new("rollouts/due");

/// When what changes stop others by is over, as far as that is known: freezes and pauses.
pub(crate) const THAWS: Set<ChangeEnd> = Set::new("rollouts/thaws");

/// Where the clock finds a plan among all: by each clock, what that shows when the first comes of what is [`DUE`] and what [`THAWS`] under
/// the plan.
pub(crate) const EARLIEST: Set<(Clock, u64, Name)> = Set::new("rollouts/earliest");

/// The polls on changes that wait to be opened: by plan, the change and the check that asks for the vote. With the role by which the next
/// block finds one under [`TO_ASK`]; none of the node's plan, whose own are all looked at, and of a change that its plan has superseded.
pub(crate) const TO_OPEN: Map<(Name, ChangeId, Name), Option<Name>> = Map::new("rollouts/to_open");

/// Those of applications' plans by the role that votes on them.
pub(crate) const TO_ASK: Set<(RoleKey, ChangeId, Name)> = Set::new("rollouts/to_ask");

/// The roles of applications' plans that have something [`TO_ASK`] or [`TO_AMEND`] and in which somebody votes.
pub(crate) const VOTING: Set<RoleKey> = Set::new("rollouts/voting");

/// The polls that were opened and of which nothing has come yet: the change, and the check that asks for the vote.
pub(crate) const POLLS: Map<ProposalId, (ChangeId, Name)> = Map::new("rollouts/polls");

/// Those of them that nothing can come of any more, because their changes are over.
pub(crate) const NEEDLESS: Set<ProposalId> = Set::new("rollouts/needless");

/// The changes about which something was said in the block in which a plan was [`HEARD`] last, whose duties the next block judges:
/// before it looks at deadlines.
pub(crate) const TO_JUDGE: Set<(Name, ChangeId)> = Set::new("rollouts/to_judge");

/// In which block something was last said under a plan. What that has judged is judged in the blocks after it, and not in every one.
pub(crate) const HEARD: Map<Name, Height> = Map::new("rollouts/heard");

/// The plans by that block.
pub(crate) const HEARD_AT: Set<(Height, Name)> = Set::new("rollouts/heard_at");

/// The freezes by stages of each plan, by the change that brings them.
pub(crate) const FREEZES: Map<(Name, ChangeId), StageFreeze> = Map::new("rollouts/freezes");

/// The pauses, by plan, path and change.
pub(crate) const PAUSES: Map<(Name, Path, ChangeId), ChangePause> = Map::new("rollouts/pauses");

/// From which running time on a role may pause a path again, by plan, path and role.
pub(crate) const PAUSE_AGAIN: Map<(Name, Path, Name), u64> = Map::new("rollouts/pause_again");

/// The latest statement of each speaker: by plan and key, then by the digest of what it is about and the account.
pub(crate) const STATEMENTS: Map<(Name, Name, (Digest, AccountId)), Stated> = Map::new("rollouts/statements");

/// What was stated about each change, by change, key and speaker, so that it is found when its time is over.
pub(crate) const SAID_ABOUT: Set<(ChangeId, Name, AccountId)> = Set::new("rollouts/said_about");

/// When what was stated about changes of the node's plan is dropped that are over, by running time.
pub(crate) const DROPS: Set<(u64, ChangeId)> = Set::new("rollouts/drops");

/// The same for the plans of applications.
pub(crate) const GUEST_DROPS: Set<(u64, ChangeId)> = Set::new("rollouts/guest_drops");

/// In which block something of the node's plan was last dropped, because there is a bound for each block.
pub(crate) const DROPPED: Item<Height> = Item::new("rollouts/dropped");

/// The same for the plans of applications.
pub(crate) const GUEST_DROPPED: Item<Height> = Item::new("rollouts/guest_dropped");

/// What each role said: by plan and key, then by the digest of what it is about and the role; for what every validator may say, under
/// [`VALIDATORS`](crate::plan::VALIDATORS).
pub(crate) const TALLIES: Map<(Name, Name, (Digest, Name)), WordTally> = Map::new("rollouts/tallies");

/// The waivers of each change, by the check that they are about.
pub(crate) const WAIVERS: Map<(ChangeId, Name), TalliedWord> = Map::new("rollouts/waivers");

/// Who may speak in the choruses about a live change, by change and segment.
pub(crate) const CHORUSES: Map<(ChangeId, Name), ChorusRoll> = Map::new("rollouts/choruses");

/// Who of them has said yes, by change and check.
pub(crate) const CHORUS_TALLIES: Map<(ChangeId, Name), ChorusTally> = Map::new("rollouts/chorus_tallies");

/// When a signal last restarted the soaks of a stage, by plan, stage and signal; every disable and rollback is
/// [`EMERGENCY`](crate::plan::EMERGENCY).
pub(crate) const MARKS: Map<(Name, Name, Name), Moment> = Map::new("rollouts/marks");

/// Where a procedure is kept within a version: that for a stage under the stage's name, that for every stage at the root.
pub(crate) fn procedure_place(kind: ChangeKind, stage: Option<&Name>) -> (ChangeKind, Path) {
    (kind, Path::new(stage.cloned()).unwrap_or(Path::ROOT))
}

/// A key of one byte: the kind's place in its list.
impl Key for ChangeKind {
    fn write(&self, out: &mut KeyBytes) {
        self.using_encoded(|byte| out.extend_from_slice(byte));
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        ChangeKind::decode(bytes).ok()
    }
}

/// A key of one byte: the clock's place in its list.
impl Key for Clock {
    fn write(&self, out: &mut KeyBytes) {
        self.using_encoded(|byte| out.extend_from_slice(byte));
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Clock::decode(bytes).ok()
    }
}
