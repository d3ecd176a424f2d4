//! What one block holds, and where it makes sense.

use super::scene::{Scene, Stands};
use crate::governed::plan::{HOUR, PLAN, gate_key, list, name};
use crate::governed::said::*;
use crate::governed::{COMMANDER, PEOPLE, SRE, person};
use ::rollouts::change::{ChangeRequest, ChangeState, EffectTo};
use ::rollouts::plan::ChangeKind;
use ::rollouts::statement::{StatementOutcome, StatementSubject};
use flags::Gate;
use governance::Choice;
use primitives::{AccountId, ChangeId, Moment, ProposalId};
use runtime::Call;
use std::sync::LazyLock;

/// What one block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Nothing,
    /// The chain stood for thirty hours.
    Halt,
    /// The last stage is asked for twice, and all is well.
    Promote,
    /// All is not well with what waits.
    Bad,
    /// It is well again.
    Good,
    /// Two of three agree to what waits.
    Agree,
    /// Two of three do not.
    Refuse,
    /// Whatever is approved is to be carried out.
    Execute,
    /// Something else is asked for.
    Besides,
    Step,
    Audit,
    /// Whatever can be closed is.
    Close,
    /// The stake wants the first change ended that waits, or freezes.
    Abort,
    Disable,
    Pause,
    /// What is disabled is to be enabled, and all is well with that.
    Enable,
    /// Two of three agree to what was done in an emergency.
    Ratify,
    /// Two of three do not.
    Reject,
}

/// Who asks for what.
pub type Asked = Vec<(AccountId, Call)>;

/// Who of the council votes here: two of three, of whom neither asks for changes.
const VOTERS: [u8; 2] = [SRE, 2];
/// Blocks of one way in which nothing happens.
const MOST_IDLE: u8 = 3;
const DISABLED: Gate = Gate::Pruning;

/// The account of one of the people, whose key is made once.
pub fn account(index: u8) -> AccountId {
    static ACCOUNTS: LazyLock<Vec<AccountId>> =
        LazyLock::new(|| (0..PEOPLE).map(|index| person(index).account()).collect());
    ACCOUNTS[usize::from(index)]
}

impl Act {
    /// How long after the block before this one stands, in milliseconds.
    pub fn gap_ms(self) -> u64 {
        if self == Act::Halt { 30 * HOUR } else { HOUR }
    }

    /// Whether it makes sense where the network stands, in a block at a moment.
    pub fn makes_sense(self, scene: &Scene, next: Moment) -> bool {
        let any = |is_so: &dyn Fn(&Stands) -> bool| scene.ahead().scene.changes().iter().any(is_so);
        let spent = scene.spent;
        match self {
            Act::Nothing => spent.idle < MOST_IDLE,
            Act::Halt => !spent.halted,
            Act::Promote => !any(&|it| it.change.kind() == ChangeKind::Promote),
            Act::Bad => !spent.spoke_ill && any(&waits),
            Act::Good => spent.spoke_ill && any(&|it| waits(it) && is_ill(scene, it.id())),
            Act::Agree | Act::Refuse => any(&|it| approval_poll(scene, it).is_some()),
            Act::Execute => any(&|it| is_ripe(it, next)),
            Act::Besides => !spent.asked_besides && scene.is_frozen(),
            Act::Step => any(&can_step),
            Act::Audit => any(&|it| owes_audit(scene, it)),
            Act::Close => any(&can_close),
            Act::Abort => !spent.aborted && any(&|it| waits(it) || freezes(it)),
            Act::Disable => !any(&|it| it.change.kind() == ChangeKind::Disable),
            Act::Pause => !any(&|it| it.change.kind() == ChangeKind::Freeze),
            Act::Enable => {
                let asks = |it: &Stands| it.change.kind() == ChangeKind::Set && it.progress.state.is_live();
                side(&scene.state(), &gate_key(DISABLED)).disabled && !any(&asks)
            }
            Act::Ratify | Act::Reject => any(&|it| duty_poll(scene, it).is_some()),
        }
    }

    /// The calls of the block.
    pub fn calls(self, scene: &Scene, next: Moment) -> Asked {
        let (state, changes) = (scene.state(), scene.ahead().scene.changes());
        let commander = |call: Call| (account(COMMANDER), call);
        let each = |does: &dyn Fn(&Stands) -> Asked| -> Asked { changes.iter().flat_map(does).collect() };
        match self {
            Act::Nothing | Act::Halt => Vec::new(),
            Act::Promote => {
                let asks = || commander(submit(draft(&state, promote(&name("mainnet")), true)));
                let ids = [ChangeId(changes.len() as u64 + 1), ChangeId(changes.len() as u64 + 2)];
                let well = ids.map(|id| says("ci", id, StatementOutcome::Passed));
                [vec![asks(), asks()], well.to_vec()].concat()
            }
            Act::Bad => each(&|it| of(waits(it), says("ci", it.id(), StatementOutcome::Failed))),
            Act::Good => each(&|it| of(waits(it), says("ci", it.id(), StatementOutcome::Passed))),
            Act::Agree => each(&|it| votes(approval_poll(scene, it), Choice::Yes)),
            Act::Refuse => each(&|it| votes(approval_poll(scene, it), Choice::No)),
            Act::Execute => each(&|it| of(is_ripe(it, next), commander(execute(it.id(), None)))),
            Act::Besides => {
                let effects = list([turns(&state, Gate::Reconstruction, false)]);
                vec![commander(submit(draft(&state, ChangeRequest::Set { effects }, true)))]
            }
            Act::Step => each(&|it| {
                let takes = [
                    says("deployed", it.id(), StatementOutcome::Passed),
                    commander(take_step(it.id(), &name("deploy"))),
                ];
                if can_step(it) { takes.to_vec() } else { Vec::new() }
            }),
            Act::Audit => each(&|it| of(owes_audit(scene, it), says("audit", it.id(), StatementOutcome::Passed))),
            Act::Close => each(&|it| of(can_close(it), commander(close(it.id())))),
            Act::Abort => {
                let first = changes.iter().find(|it| waits(it) || freezes(it));
                let asked = first.map(|it| stake_proposes(scene.ahead().proposal, 0, abort(it.id()), 0..3));
                asked.unwrap_or_default().into_iter().map(|(key, call)| (key.account(), call)).collect()
            }
            Act::Disable => vec![commander(submit(draft(&state, disable(DISABLED), true)))],
            Act::Pause => vec![commander(submit(draft(&state, pause(), true)))],
            Act::Enable => {
                let effects = list([moves(&state, &gate_key(DISABLED), EffectTo::Enabled)]);
                let asked = commander(submit(draft(&state, ChangeRequest::Set { effects }, true)));
                vec![asked, says("ci", ChangeId(changes.len() as u64 + 1), StatementOutcome::Passed)]
            }
            Act::Ratify => each(&|it| votes(duty_poll(scene, it), Choice::Yes)),
            Act::Reject => each(&|it| votes(duty_poll(scene, it), Choice::No)),
        }
    }

    /// What there is less of afterwards.
    pub fn spend(self, scene: &mut Scene) {
        match self {
            Act::Nothing => scene.spent.idle += 1,
            Act::Halt => scene.spent.halted = true,
            Act::Bad => scene.spent.spoke_ill = true,
            Act::Besides => scene.spent.asked_besides = true,
            Act::Abort => scene.spent.aborted = true,
            _ => {}
        }
    }
}

fn of(does: bool, call: (AccountId, Call)) -> Asked {
    if does { vec![call] } else { Vec::new() }
}

fn says(key: &str, id: ChangeId, outcome: StatementOutcome) -> (AccountId, Call) {
    (account(SRE), states("sre", key, StatementSubject::Change(id), outcome))
}

fn votes(poll: Option<ProposalId>, choice: Choice) -> Asked {
    let vote = |poll| VOTERS.map(|index| (account(index), ballot(poll, choice))).to_vec();
    poll.map(vote).unwrap_or_default()
}

pub fn waits(it: &Stands) -> bool {
    it.progress.state.waits()
}

/// Whether a promotion is carried out by which others stand still.
pub fn freezes(it: &Stands) -> bool {
    let is_active = it.progress.state == ChangeState::Active && it.progress.thawed.is_none();
    is_active && it.change.kind() == ChangeKind::Promote
}

fn is_ripe(it: &Stands, next: Moment) -> bool {
    let is_approved = it.progress.state == ChangeState::Approved;
    is_approved && it.progress.not_before.is_none_or(|epoch| epoch <= next.epoch)
}

fn can_step(it: &Stands) -> bool {
    let is_there = matches!(it.progress.state, ChangeState::Active | ChangeState::Closed);
    is_there && it.change.kind() == ChangeKind::Promote && it.progress.steps.is_empty()
}

/// Everything is met, or it is a pause, which is lifted before it is late.
fn can_close(it: &Stands) -> bool {
    let is_pause = it.change.kind() == ChangeKind::Freeze;
    it.progress.state == ChangeState::Active && (is_pause || it.progress.owed().next().is_none())
}

fn owes_audit(scene: &Scene, it: &Stands) -> bool {
    let owes = it.progress.owed().any(|duty| duty.check.as_str() == "audit");
    it.progress.state == ChangeState::Active && owes && said(scene, "audit", it.id()).is_none()
}

/// What was said last about a change on a key.
fn said(scene: &Scene, key: &str, id: ChangeId) -> Option<StatementOutcome> {
    let state = scene.state();
    let about = StatementSubject::Change(id);
    let mut words = ::rollouts::queries::statements(&state, &name(PLAN), Some(&name(key)), Some(&about), None);
    words.next().map(|word| word.statement.outcome)
}

/// Whether somebody found something wrong with a change, and did not take it back.
pub fn is_ill(scene: &Scene, id: ChangeId) -> bool {
    said(scene, "ci", id) == Some(StatementOutcome::Failed)
}

/// The poll on the approval of a change in which nobody voted yet.
fn approval_poll(scene: &Scene, it: &Stands) -> Option<ProposalId> {
    let is_open = it.progress.state == ChangeState::Open;
    it.progress.poll.filter(|poll| is_open && is_fresh(scene, *poll))
}

/// The poll on what a change owes in which nobody voted yet.
fn duty_poll(scene: &Scene, it: &Stands) -> Option<ProposalId> {
    let is_active = it.progress.state == ChangeState::Active;
    let poll = it.progress.owed().find_map(|duty| duty.poll);
    poll.filter(|poll| is_active && is_fresh(scene, *poll))
}

fn is_fresh(scene: &Scene, poll: ProposalId) -> bool {
    governance::queries::ballot_count(&scene.state(), poll) == 0
}
