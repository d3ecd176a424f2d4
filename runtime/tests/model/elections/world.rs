//! The network, what can happen to it, and what must never be so.

use super::acts::{Act, Asked};
use super::scene::{GROWING, HEARD, NAMED, Scene, account};
use super::told::{ANNOUNCED, BEGAN, BlockTold, ELECTED, ENDED, NO_SET, reckon};
use crate::governed::plan::{HOUR, Shape, list, names, plan};
use crate::governed::{COMMANDER, SRE, governed};
use ::rollouts::plan::{ChangeKind, Plan};
use primitives::{Amount, Epoch};
use runtime::Genesis;
use stateright::{Model, Property};

/// Which acts are tried, so that each walk is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// From a quorum to one that decides alone. Every block is an epoch.
    Ends,
    /// From there back to a quorum, from the block on in which the council has agreed to that. An epoch has two blocks.
    Begins,
}

const OF_AN_END: [Act; 9] = [
    Act::Nothing,
    Act::EndQuorum,
    Act::Agree,
    Act::Hush,
    Act::Execute,
    Act::Bond,
    Act::Leave,
    Act::Offend,
    Act::HearOne,
];

const OF_A_BEGINNING: [Act; 7] =
    [Act::Nothing, Act::Execute, Act::Bond, Act::Leave, Act::Offend, Act::HearOne, Act::HearAll];

/// How one comes to where the way back begins, with epochs of two blocks: the stake votes in the epoch after that in which it is asked,
/// its vote is over in the next one, and carried out in the one after that.
const TO_A_BEGINNING: [Act; 9] = [
    Act::EndQuorum,
    Act::Agree,
    Act::Nothing,
    Act::Nothing,
    Act::Nothing,
    Act::Execute,
    Act::BeginQuorum,
    Act::Agree,
    Act::Nothing,
];

/// What each validator bonds, the strongest first; any three of them are a quorum.
const BONDS: [u64; 4] = [1_300_000, 1_200_000, 1_100_000, 1_000_000];

/// A network whose every block is an hour.
pub struct World {
    genesis: Genesis,
    story: Story,
}

/// The small plan, where a council or the stake votes on a gate, asks nothing besides, and nothing is owed for it.
fn of_gates() -> Plan {
    let mut plan = plan(Shape::default());
    for procedure in plan.procedures.iter_mut().filter(|procedure| procedure.of == ChangeKind::Set) {
        (procedure.approve, procedure.close) = (names(&["council"]), list([]));
    }
    plan
}

impl World {
    pub fn of(story: Story) -> Self {
        let epoch_length = if story == Story::Ends { 1 } else { 2 };
        let mut genesis = governed(of_gates(), "testnet", &[COMMANDER, SRE, 2], epoch_length);
        genesis.staking.bonds.iter_mut().zip(BONDS).for_each(|(bond, amount)| bond.amount = Amount(amount));
        genesis.check().unwrap();
        Self { genesis, story }
    }

    /// The epoch of a scene's newest block.
    pub fn epoch(&self, scene: &Scene) -> Epoch {
        scene.height.epoch(self.genesis.chain.epoch_length)
    }

    /// Where the network stands after each of some acts, from its beginning on.
    pub fn walked(&self, acts: &[Act]) -> Vec<Scene> {
        let mut scene = self.genesis_scene();
        let step = |act: &Act| {
            assert!(self.acts_at(&scene, &[*act]).contains(act), "{act:?} makes no sense after {scene:?}");
            scene = self.stepped(&scene, *act);
            scene.clone()
        };
        acts.iter().map(step).collect()
    }

    fn genesis_scene(&self) -> Scene {
        Scene::begin(self.genesis.build(), self.genesis.time)
    }

    /// Blocks up to which a way goes: in the last one is still elected what came of the last thing that could be carried out.
    fn depth(&self) -> u64 {
        match self.story {
            Story::Ends => 8,
            Story::Begins => 16,
        }
    }

    /// Those of some acts that make sense in the next block.
    fn acts_at(&self, at: &Scene, all: &[Act]) -> Vec<Act> {
        let (ahead, epoch) = (self.ahead(at), at.next_moment(HOUR).epoch);
        all.iter().copied().filter(|act| act.makes_sense(&self.genesis.chain, at, ahead, epoch)).collect()
    }

    fn stepped(&self, before: &Scene, act: Act) -> Scene {
        let ahead = self.ahead(before);
        if act == Act::Nothing {
            return ahead.clone();
        }
        let epoch = before.next_moment(HOUR).epoch;
        self.block(before, act, act.calls(&self.genesis.chain, before, ahead, epoch))
    }

    /// The next block if nobody asks for anything.
    fn ahead<'s>(&self, at: &'s Scene) -> &'s Scene {
        at.ahead_or(|| self.block(at, Act::Nothing, Asked::new()))
    }

    /// What a block with some calls comes to.
    fn block(&self, before: &Scene, act: Act, asked: Asked) -> Scene {
        let at = before.next_moment(HOUR);
        let mut executed = before.rows.block(&self.genesis, (at.height, at.time), asked);
        let mut after = before.copied();
        (after.height, after.time) = (at.height, at.time);
        after.rows.commit(std::mem::take(&mut executed.writes));
        after.announced = executed.next_validators_hash;
        act.spend(&mut after);
        reckon(&mut after, before, at.epoch, &executed.facts);
        let told = BlockTold {
            chain: &self.genesis.chain,
            before,
            after: &after,
            at,
            facts: &executed.facts,
            hashes: (executed.validators_hash, executed.next_validators_hash),
        };
        let (wrong, is_refused) = (told.wrong(), told.is_refused_to_the_silent());
        after.wrong = before.wrong.or(wrong);
        after.was_refused = before.was_refused || is_refused;
        after
    }
}

impl Model for World {
    type State = Scene;
    type Action = Act;

    fn init_states(&self) -> Vec<Scene> {
        match self.story {
            Story::Ends => vec![self.genesis_scene()],
            // What can happen on the way there is the other story.
            Story::Begins => self.walked(&TO_A_BEGINNING).pop().into_iter().collect(),
        }
    }

    fn actions(&self, at: &Scene, acts: &mut Vec<Act>) {
        // A boundary would have these blocks made, and then left out.
        if at.height.0 >= self.depth() {
            return;
        }
        let all: &[Act] = match self.story {
            Story::Ends => &OF_AN_END,
            Story::Begins => &OF_A_BEGINNING,
        };
        acts.extend(self.acts_at(at, all));
    }

    fn next_state(&self, before: &Scene, act: Act) -> Option<Scene> {
        Some(self.stepped(before, act))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let always = vec![
            Property::always("every height has a set", |_, at: &Scene| at.wrong != Some(NO_SET)),
            Property::always("every header announces who decides the next block", |_, at: &Scene| {
                at.wrong != Some(ANNOUNCED)
            }),
            Property::always("who stands is elected, and nobody else", |_, at: &Scene| at.wrong != Some(ELECTED)),
            Property::always("the stake alone ends a quorum, for one that was there", |_, at: &Scene| {
                at.wrong != Some(ENDED)
            }),
            Property::always("a quorum begins with those who decide by it", |_, at: &Scene| at.wrong != Some(BEGAN)),
            Property::sometimes("another takes the place of one whose bond fell", |_, at: &Scene| {
                is_replaced(at) && at.bond_of(&account(NAMED)) == Amount::ZERO
            }),
            Property::sometimes("another takes the place of one that is jailed", |_, at: &Scene| {
                is_replaced(at) && at.is_jailed(&account(NAMED))
            }),
            Property::sometimes("who was heard of takes it before who is stronger", |_, at: &Scene| {
                at.alone == Some(account(HEARD)) && at.stands(&account(0)) && !at.spent.were_heard
            }),
            Property::sometimes("more stake takes nobody's place", |world: &World, at: &Scene| {
                let is_strongest = at.bond_of(&account(GROWING)) > at.bond_of(&account(0));
                is_strongest && decides_alone(world, at, NAMED)
            }),
        ];
        let of_the_story = match self.story {
            Story::Ends => of_an_end(),
            Story::Begins => of_a_beginning(),
        };
        always.into_iter().chain(of_the_story).collect()
    }
}

fn of_an_end() -> Vec<Property<World>> {
    vec![
        Property::sometimes("the stake ends the quorum", |_, at: &Scene| !at.is_by_quorum()),
        Property::sometimes("the one that is named decides alone", |world: &World, at: &Scene| {
            decides_alone(world, at, NAMED)
        }),
        Property::sometimes("another decides alone", |world: &World, at: &Scene| decides_alone(world, at, 0)),
        Property::sometimes("a quorum stays for which the stake does not vote", |_, at: &Scene| {
            at.is_by_quorum() && at.newest().is_some_and(|it| it.is_rejected())
        }),
        Property::sometimes("it does not end for one that was silent", |_, at: &Scene| {
            at.was_refused && at.is_by_quorum()
        }),
        Property::sometimes("it ends for that one an epoch later", |_, at: &Scene| {
            at.was_refused && !at.is_by_quorum()
        }),
    ]
}

fn of_a_beginning() -> Vec<Property<World>> {
    vec![
        Property::sometimes("a quorum decides again", |_, at: &Scene| at.is_by_quorum() && at.alone.is_none()),
        Property::sometimes("it does not begin while others are silent", |_, at: &Scene| {
            at.was_refused && !at.is_by_quorum()
        }),
        Property::sometimes("a quorum is elected without one that left", |world: &World, at: &Scene| {
            let next = at.deciding(world.epoch(at).next());
            at.alone.is_none() && next.validators.len() == 3 && next.power_of(&account(NAMED)).is_none()
        }),
    ]
}

/// Whether another decides alone than the one that was named, or will.
fn is_replaced(at: &Scene) -> bool {
    at.alone.is_some_and(|alone| alone != account(NAMED))
}

/// Whether a validator decided the newest block alone.
fn decides_alone(world: &World, at: &Scene, index: u8) -> bool {
    at.deciding(world.epoch(at)).is_alone(&account(index))
}
