//! What one block holds, and where it makes sense.

use super::scene::{GROWING, HEARD, NAMED, Scene, Stands, VALIDATORS, account};
use crate::governed::plan::list;
use crate::governed::said::{advertisements, ballot, draft, execute, submit, turns};
use crate::governed::{COMMANDER, SRE, person};
use ::rollouts::change::{ChangeDraft, ChangeRequest};
use flags::Gate;
use governance::Choice;
use primitives::{AccountId, Amount, BlockHash, Epoch, Fraction, Height, ProposalId, VoteKind, vote_payload};
use runtime::testing::{bond, double_vote, evidence, unbond, validator};
use runtime::{Call, Certificate, ChainParams};

/// What one block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Nothing,
    /// One validator is to decide alone: the second strongest.
    EndQuorum,
    /// A quorum is to decide again.
    BeginQuorum,
    /// All of those agree to what waits who decide that: the stake, or the council.
    Agree,
    /// The one that is named to decide alone does not precommit this block.
    Hush,
    /// Whatever is approved is to be carried out; whoever ends the quorum tries it with worse proofs first.
    Execute,
    /// The weakest validator becomes the strongest.
    Bond,
    /// Whoever decides alone, or is named for that, takes its whole bond out.
    Leave,
    /// It signed two blocks of the newest height, and that is proven.
    Offend,
    /// Of all validators one is heard of, which is not the strongest.
    HearOne,
    /// All that may say so say that they are there.
    HearAll,
}

/// Who asks for what.
pub type Asked = Vec<(AccountId, Call)>;

/// What the weakest validator bonds.
const MORE: u64 = 900_000;

impl Act {
    /// Whether it makes sense in a block of an epoch, where the network stands; and with what the clock brings ahead of it there.
    pub fn makes_sense(self, chain: &ChainParams, scene: &Scene, ahead: &Scene, epoch: Epoch) -> bool {
        let (spent, waiting) = (scene.spent, ahead.newest().filter(|it| it.progress.state.waits()));
        let by_quorum = scene.is_by_quorum();
        match self {
            Act::Nothing => true,
            Act::EndQuorum => by_quorum && scene.asked() == 0,
            Act::BeginQuorum => !by_quorum && scene.asked() == 1,
            Act::Agree => waiting.is_some_and(|it| it.fresh_poll(&ahead.state()).is_some()),
            Act::Hush => {
                scene.silent_at.is_none() && waiting.is_some_and(Stands::ends_quorum) && can_miss(scene, epoch)
            }
            Act::Execute => waiting.is_some_and(|it| it.is_ripe(epoch)),
            Act::Bond => !spent.bonded,
            Act::Leave => !spent.left && scene.bond_of(&lead(scene)) > Amount::ZERO,
            Act::Offend => {
                let decided = scene.deciding(scene.height.epoch(chain.epoch_length));
                !spent.offended && scene.height > Height(0) && decided.power_of(&lead(scene)).is_some()
            }
            Act::HearOne => !by_quorum && !spent.was_heard,
            Act::HearAll => !by_quorum && !spent.were_heard,
        }
    }

    /// The calls of a block of an epoch.
    pub fn calls(self, chain: &ChainParams, scene: &Scene, ahead: &Scene, epoch: Epoch) -> Asked {
        match self {
            Act::Nothing | Act::Hush => Asked::new(),
            Act::EndQuorum => vec![by(COMMANDER, submit(to_be_decided(scene, Some(account(NAMED)))))],
            Act::BeginQuorum => vec![by(COMMANDER, submit(to_be_decided(scene, None)))],
            Act::Agree => ahead.newest().map(|it| agreed(it, it.fresh_poll(&ahead.state()))).unwrap_or_default(),
            Act::Execute => ahead.newest().map(|it| carried_out(chain, scene, it, epoch)).unwrap_or_default(),
            Act::Bond => vec![(account(GROWING), bond(MORE))],
            Act::Leave => {
                let lead = lead(scene);
                vec![(lead, unbond(lead, scene.bond_of(&lead).0))]
            }
            Act::Offend => vec![by(SRE, evidence(double_vote(&chain.chain_id, &key_of(&lead(scene)), scene.height)))],
            Act::HearOne => heard().into_iter().filter(|(who, _)| *who == account(HEARD)).collect(),
            Act::HearAll => heard(),
        }
    }

    /// What there is less of afterwards.
    pub fn spend(self, scene: &mut Scene) {
        match self {
            Act::Hush => scene.silent_at = Some(scene.height),
            Act::Bond => scene.spent.bonded = true,
            Act::Leave => scene.spent.left = true,
            Act::Offend => scene.spent.offended = true,
            Act::HearOne => scene.spent.was_heard = true,
            Act::HearAll => scene.spent.were_heard = true,
            Act::Nothing | Act::EndQuorum | Act::BeginQuorum | Act::Agree | Act::Execute => {}
        }
    }
}

fn by(index: u8, call: Call) -> (AccountId, Call) {
    (person(index).account(), call)
}

/// Who decides alone, or will from the next election on; where a quorum does, the one that is named for that.
fn lead(scene: &Scene) -> AccountId {
    scene.alone.unwrap_or_else(|| account(NAMED))
}

fn key_of(who: &AccountId) -> primitives::SecretKey {
    let index = (0..VALIDATORS).find(|index| account(*index) == *who);
    validator(index.expect("it is a validator of genesis"))
}

/// Whether the others of an epoch decide its blocks without the one that is named.
fn can_miss(scene: &Scene, epoch: Epoch) -> bool {
    let set = scene.deciding(epoch);
    let total = set.total_power();
    let power = set.power_of(&account(NAMED));
    power.is_some_and(|power| Fraction::TWO_THIRDS.is_exceeded(total.saturating_sub(power), total))
}

/// That blocks are decided by one alone, or by a quorum.
fn to_be_decided(scene: &Scene, sealer: Option<AccountId>) -> ChangeDraft {
    let state = scene.state();
    let effects = list([turns(&state, Gate::MalachiteConsensus, sealer.is_none())]);
    ChangeDraft { sealer, ..draft(&state, ChangeRequest::Set { effects }, false) }
}

/// The stake decides whether the quorum ends, and two of the council of three whether it begins. Whoever has no stake any more is refused.
fn agreed(it: &Stands, poll: Option<ProposalId>) -> Asked {
    let Some(poll) = poll else { return Asked::new() };
    if it.ends_quorum() {
        (0..VALIDATORS).map(|index| (account(index), ballot(poll, Choice::Yes))).collect()
    } else {
        [SRE, 2].map(|index| by(index, ballot(poll, Choice::Yes))).to_vec()
    }
}

/// A quorum begins without any proof. It ends by one of the epoch before; one of the epoch before that, and one of whoever is named alone,
/// are tried ahead of it, and prove nothing.
fn carried_out(chain: &ChainParams, scene: &Scene, it: &Stands, epoch: Epoch) -> Asked {
    let tries = |proof| by(COMMANDER, execute(it.change.id, proof));
    if !it.ends_quorum() {
        return vec![tries(None)];
    }
    let (stale, fresh) = (decided_in(chain, scene, epoch.minus(2)), decided_in(chain, scene, epoch.minus(1)));
    let lone = precommits(chain, fresh.height, &[NAMED]);
    [stale, lone, fresh].map(|proof| tries(Some(proof))).to_vec()
}

/// The last decision of an epoch that the one that is named helped with; if there is none, the last one.
fn decided_in(chain: &ChainParams, scene: &Scene, epoch: Epoch) -> Certificate {
    let signed = |height: &Height| scene.signed(chain.epoch_length, *height, NAMED);
    let height = heights(chain, epoch).rev().find(signed).or_else(|| heights(chain, epoch).next_back());
    let height = height.expect("an epoch has a block");
    let all: Vec<u8> = (0..VALIDATORS).filter(|index| scene.signed(chain.epoch_length, height, *index)).collect();
    precommits(chain, height, &all)
}

/// The heights of an epoch.
pub fn heights(chain: &ChainParams, epoch: Epoch) -> impl DoubleEndedIterator<Item = Height> + use<> {
    let (first, behind) = (epoch.first_height(chain.epoch_length), epoch.next().first_height(chain.epoch_length));
    (first.0..behind.0).map(Height)
}

/// The precommits of some validators for the block of a height.
fn precommits(chain: &ChainParams, height: Height, signers: &[u8]) -> Certificate {
    let (round, block) = (0, BlockHash([9; 32]));
    let payload = vote_payload(&chain.chain_id, VoteKind::Precommit, height, round, Some(block));
    let signatures = list(signers.iter().map(|index| (account(*index), validator(*index).sign(&payload))));
    Certificate { height, round, block, signatures }
}

/// What all validators say of themselves.
fn heard() -> Asked {
    advertisements().into_iter().map(|(key, call)| (key.account(), call)).collect()
}
