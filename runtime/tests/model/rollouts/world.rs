//! The network, what can happen to it, and what must never be so.

use super::acts::{Act, Asked, account, freezes};
use super::scene::{Ahead, Scene, Stands};
use super::told::{FREEZE_MS, wrong};
use crate::governed::plan::{HOUR, PLAN, Shape, gate_key, name, names, plan};
use crate::governed::said::side;
use crate::governed::{COMMANDER, SRE, governed};
use ::rollouts::change::{ChangeState, DutyState, Effected, EndedWhy};
use ::rollouts::plan::{ChangeKind, Plan};
use primitives::{Amount, Span};
use runtime::{Fact, Genesis};
use stateright::{Model, Property};

/// Which acts are tried, so that each walk is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    Promotion,
    Emergency,
}

const OF_A_PROMOTION: [Act; 13] = [
    Act::Nothing,
    Act::Halt,
    Act::Promote,
    Act::Bad,
    Act::Good,
    Act::Agree,
    Act::Refuse,
    Act::Execute,
    Act::Besides,
    Act::Step,
    Act::Audit,
    Act::Close,
    Act::Abort,
];

const OF_AN_EMERGENCY: [Act; 10] = [
    Act::Nothing,
    Act::Halt,
    Act::Disable,
    Act::Pause,
    Act::Ratify,
    Act::Reject,
    Act::Enable,
    Act::Agree,
    Act::Execute,
    Act::Close,
];

/// Blocks of one way.
const DEPTH: u64 = 8;

/// A network whose every block is an epoch and an hour.
pub struct World {
    genesis: Genesis,
    story: Story,
}

/// Two stages of the small plan, with few questions and short times.
fn two_stages() -> Plan {
    let mut plan = plan(Shape::default());
    plan.stages.remove(0);
    plan.stages[1].readiness = names(&["ci"]);
    plan.policy.freeze_at_most = Span::Millis(FREEZE_MS);
    for procedure in plan.procedures.iter_mut() {
        if procedure.of == ChangeKind::Promote {
            procedure.approve = names(&["council"]);
        }
        procedure.close.iter_mut().for_each(|duty| duty.within = Some(Span::hours(2)));
    }
    plan
}

impl World {
    pub fn of(story: Story) -> Self {
        let genesis = governed(two_stages(), "testnet", &[COMMANDER, SRE, 2], 1);
        genesis.check().unwrap();
        Self { genesis, story }
    }

    /// What a block with some calls comes to, so long after the one before.
    fn block(&self, before: &Scene, gap_ms: u64, asked: Asked) -> (Scene, Vec<Fact>) {
        let (height, time) = (before.height.next(), before.time.plus(gap_ms));
        let executed = before.rows.block(&self.genesis, (height, time), asked);
        let mut after = before.clone();
        (after.height, after.time) = (height, time);
        after.commit(executed.writes);
        (after, executed.facts)
    }

    /// How the next block begins.
    fn ahead<'s>(&self, at: &'s Scene) -> &'s Ahead {
        at.ahead_or(|| {
            let (scene, facts) = self.block(at, HOUR, Asked::new());
            let proposal = governance::queries::next_id(&scene.state());
            Ahead { scene, facts, proposal }
        })
    }
}

impl Model for World {
    type State = Scene;
    type Action = Act;

    fn init_states(&self) -> Vec<Scene> {
        vec![Scene::begin(self.genesis.build(), self.genesis.time)]
    }

    fn actions(&self, at: &Scene, acts: &mut Vec<Act>) {
        // A boundary would have these blocks made, and then left out.
        if at.height.0 >= DEPTH {
            return;
        }
        self.ahead(at);
        let all: &[Act] = match self.story {
            Story::Promotion => &OF_A_PROMOTION,
            Story::Emergency => &OF_AN_EMERGENCY,
        };
        let state = at.state();
        let next = |act: &Act| runtime::moment_of(&state, at.height.next(), at.time.plus(act.gap_ms()));
        acts.extend(all.iter().copied().filter(|act| act.makes_sense(at, next(act))));
    }

    fn next_state(&self, before: &Scene, act: Act) -> Option<Scene> {
        let gap_ms = act.gap_ms();
        let at = runtime::moment_of(&before.state(), before.height.next(), before.time.plus(gap_ms));
        let ahead = self.ahead(before);
        let (mut after, found) = if act == Act::Nothing {
            (ahead.scene.clone(), wrong(before, at, &ahead.facts))
        } else {
            let (after, facts) = self.block(before, gap_ms, act.calls(before, at));
            (after, wrong(before, at, &facts))
        };
        act.spend(&mut after);
        after.wrong = before.wrong.or(found);
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let always = vec![
            Property::always("nothing becomes active after a NO-GO, and nothing moves in a freeze", |_, at: &Scene| {
                at.wrong.is_none()
            }),
            Property::always("a stage stands by one change", |_, at: &Scene| one_stands(at)),
            Property::always("what lapses is on record and stops promotions", |_, at: &Scene| lapses_are_on_record(at)),
            Property::always("a freeze has an end", |_, at: &Scene| freezes_end(at)),
            Property::always("what an account holds for changes is what it has to", |_, at: &Scene| {
                deposits_are_held(at)
            }),
        ];
        let sometimes = match self.story {
            Story::Promotion => of_a_promotion(),
            Story::Emergency => of_an_emergency(),
        };
        always.into_iter().chain(sometimes).collect()
    }
}

fn of_a_promotion() -> Vec<Property<World>> {
    vec![
        Property::sometimes("a promotion is closed", |_, at: &Scene| {
            stands(at, ChangeKind::Promote, ChangeState::Closed)
        }),
        Property::sometimes("a promotion freezes what goes on", |_, at: &Scene| at.is_frozen()),
        Property::sometimes("its audit ends the freeze", |_, at: &Scene| {
            let thawed = |it: &Stands| it.progress.thawed.is_some() && it.progress.owed().next().is_none();
            any(at, |it| it.progress.state == ChangeState::Active && thawed(it))
        }),
        Property::sometimes("time ends the freeze", |_, at: &Scene| {
            let thawed = |it: &Stands| it.progress.thawed.is_some() && it.progress.overdue().next().is_some();
            any(at, |it| it.progress.state == ChangeState::Active && thawed(it))
        }),
        Property::sometimes("a promotion is rejected", |_, at: &Scene| ended(at, EndedWhy::Rejected)),
        Property::sometimes("the stake ends what the council decided", |_, at: &Scene| ended(at, EndedWhy::Aborted)),
        Property::sometimes("a step is taken", |_, at: &Scene| any(at, |it| !it.progress.steps.is_empty())),
        Property::sometimes("of two to one stage the second is left", |_, at: &Scene| {
            let is_out = |it: &Stands| it.progress.executed.is_some();
            any(at, is_out) && any(at, |it| it.progress.state == ChangeState::Approved)
        }),
    ]
}

fn of_an_emergency() -> Vec<Property<World>> {
    vec![
        Property::sometimes("an emergency is closed", |_, at: &Scene| {
            stands(at, ChangeKind::Disable, ChangeState::Closed)
        }),
        Property::sometimes("one lapses and is held", |_, at: &Scene| {
            let lapsed = |it: &Stands| it.progress.overdue().next().is_some();
            let is_held = side(&at.state(), &gate_key(flags::Gate::Pruning)).disabled;
            is_held && any(at, |it| it.progress.state == ChangeState::Active && lapsed(it))
        }),
        Property::sometimes("a pause lapses and is over", |_, at: &Scene| {
            let lapsed = |it: &Stands| it.progress.overdue().next().is_some();
            any(at, |it| it.change.kind() == ChangeKind::Freeze && is_undone(it) && lapsed(it))
        }),
        Property::sometimes("one is ratified late", |_, at: &Scene| {
            any(at, |it| it.progress.duties.iter().any(|duty| duty.state == DutyState::MetLate))
        }),
        Property::sometimes("one is rejected and undone", |_, at: &Scene| {
            let is_on = !side(&at.state(), &gate_key(flags::Gate::Pruning)).disabled;
            is_on && any(at, |it| it.change.kind() == ChangeKind::Disable && is_undone(it))
        }),
        Property::sometimes("what was disabled is enabled again", |_, at: &Scene| any(at, enables)),
        Property::sometimes("a pause is lifted", |_, at: &Scene| stands(at, ChangeKind::Freeze, ChangeState::Closed)),
    ]
}

fn any(at: &Scene, is_so: impl Fn(&Stands) -> bool) -> bool {
    at.changes().iter().any(is_so)
}

fn stands(at: &Scene, kind: ChangeKind, state: ChangeState) -> bool {
    any(at, |it| it.change.kind() == kind && it.progress.state == state)
}

fn ended(at: &Scene, why: EndedWhy) -> bool {
    any(at, |it| it.progress.state == ChangeState::Ended { why })
}

/// Whether a change is reverted by itself.
fn is_undone(it: &Stands) -> bool {
    it.progress.state == ChangeState::Reverted { by: it.id() }
}

fn enables(it: &Stands) -> bool {
    let lifts = |effect: &Effected| matches!(effect, Effected::Flag { before, after, .. } if before.disabled && !after.disabled);
    it.change.kind() == ChangeKind::Set && it.progress.effects.iter().any(lifts)
}

/// Of all promotions to a stage, the one that is carried out and not reverted is the one by which it stands, and there is one.
fn one_stands(at: &Scene) -> bool {
    let (state, plan) = (at.state(), name(PLAN));
    let kept = ::rollouts::plans::current(&state, &plan).expect("it is in force");
    let stands = kept.standing(&state, &name("mainnet")).map(|standing| standing.change);
    let is_out = |it: &&Stands| {
        let is_out = matches!(it.progress.state, ChangeState::Active | ChangeState::Closed);
        is_out && it.change.kind() == ChangeKind::Promote
    };
    let out: Vec<_> = at.changes().iter().filter(is_out).map(Stands::id).collect();
    out == stands.into_iter().collect::<Vec<_>>()
}

/// A duty that was missed and is not met since stops promotions, as long as its change is active; nothing else does.
fn lapses_are_on_record(at: &Scene) -> bool {
    let is_late = |it: &&Stands| it.progress.state == ChangeState::Active && it.progress.overdue().next().is_some();
    let late: Vec<_> = at.changes().iter().filter(is_late).map(Stands::id).collect();
    let on_record: Vec<_> = ::rollouts::queries::overdue(&at.state(), &name(PLAN)).map(|(_, id)| id).collect();
    late == on_record
}

/// Whatever stands still does so by a promotion that was carried out less than the longest time ago; and a pause by one that is not late.
fn freezes_end(at: &Scene) -> bool {
    let now = at.moment();
    at.changes().iter().all(|it| {
        let since = it.progress.executed.map_or(now.running, |since| since.running);
        let is_pause = it.change.kind() == ChangeKind::Freeze && it.progress.state == ChangeState::Active;
        let is_late = it.progress.overdue().next().is_some();
        (!freezes(it) || now.running < since + FREEZE_MS) && (!is_pause || !is_late || it.progress.thawed.is_some())
    })
}

/// What is held of whoever asks is what is held for each of its changes, and nothing for one that is over.
fn deposits_are_held(at: &Scene) -> bool {
    let held = accounts::queries::account(&at.state(), &account(COMMANDER)).held;
    let for_changes: Amount = at.changes().iter().map(|it| it.progress.deposit).sum();
    let over = |it: &&Stands| !it.progress.state.is_live();
    held == for_changes && at.changes().iter().filter(over).all(|it| it.progress.deposit == Amount::ZERO)
}
