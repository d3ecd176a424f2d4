//! What people and validators sign in a network that a plan governs.

use super::plan::{PLAN, list, name, names};
use super::{Governed, VALIDATORS, role_key};
use ::rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide};
use ::rollouts::plan::Nature;
use ::rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use flags::{Gate, Targeting};
use governance::{Choice, TrackName};
use primitives::{
    AccountId, BlockHash, ChangeId, Digest, Epoch, Name, Path, ProposalId, Reason, ReleaseClass, SecretKey, Text,
    Timestamp, VoteKind, vote_payload,
};
use runtime::testing::{propose_on, validator};
use runtime::{Call, Certificate, Motion};
use state::State;

/// Why whatever is asked for here is asked for.
pub fn reason() -> Reason {
    Reason::new("it is time").unwrap()
}

pub fn of_rollouts(call: ::rollouts::Call) -> Call {
    Call::Rollouts(call)
}

/// A change of the version in force, with a ticket or without.
pub fn draft(state: &State, request: ChangeRequest, has_ticket: bool) -> ChangeDraft {
    let plan = ::rollouts::plans::current(state, &name(PLAN)).unwrap();
    ChangeDraft {
        version: plan.version,
        bundle: plan.kept.bundle,
        request,
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: has_ticket.then(|| name("CHG-7")),
        reason: reason(),
        milestone: None,
        impact: Text::default(),
        features: list([]),
    }
}

pub fn submit(change: ChangeDraft) -> Call {
    let (plan, acting, change) = (name(PLAN), name("commander"), Box::new(change));
    of_rollouts(::rollouts::Call::Submit { plan, acting, change })
}

pub fn promote(to: &Name) -> ChangeRequest {
    ChangeRequest::Promote { to: to.clone(), artifact: None }
}

pub fn disable(gate: Gate) -> ChangeRequest {
    let flags = names(&[gate.to_string().as_str()]);
    ChangeRequest::Disable { flags, scope: Path::ROOT, cause: name("SAFETY") }
}

pub fn pause() -> ChangeRequest {
    ChangeRequest::Freeze { scope: Path::ROOT, announcement: Text::new("we look").unwrap() }
}

/// How a flag stands at the root.
pub fn side(state: &State, flag: &Name) -> FlagSide {
    let (plan, root) = (name(PLAN), Path::ROOT);
    FlagSide {
        targeting: flags::queries::setting(state, &plan, flag, &root).map(|setting| setting.targeting),
        disabled: flags::queries::disabled(state, &plan, flag, &root).is_some(),
    }
}

/// That something is done to a flag at the root, against what stands there.
pub fn moves(state: &State, flag: &Name, to: EffectTo) -> Effect {
    Effect::Flag { flag: flag.clone(), path: Path::ROOT, to, was: side(state, flag).digest() }
}

/// That a gate is on, or off, for everybody.
pub fn turns(state: &State, gate: Gate, on: bool) -> Effect {
    moves(state, &super::plan::gate_key(gate), EffectTo::Setting(Targeting::constant(u8::from(!on))))
}

pub fn execute(change: ChangeId, proof: Option<Certificate>) -> Call {
    let (plan, acting, sealer_proof) = (name(PLAN), name("commander"), proof.map(Box::new));
    of_rollouts(::rollouts::Call::Execute { plan, acting, change, sealer_proof })
}

pub fn take_step(change: ChangeId, step: &Name) -> Call {
    let (plan, acting, step) = (name(PLAN), name("commander"), step.clone());
    of_rollouts(::rollouts::Call::Step { plan, acting, change, step })
}

pub fn close(change: ChangeId) -> Call {
    of_rollouts(::rollouts::Call::Close { plan: name(PLAN), acting: name("commander"), change })
}

pub fn withdraw(change: ChangeId) -> Call {
    of_rollouts(::rollouts::Call::Withdraw { plan: name(PLAN), acting: name("commander"), change })
}

pub fn announce(change: ChangeId, from: Timestamp, until: Timestamp) -> Call {
    let (plan, acting, text) = (name(PLAN), name("commander"), Text::new("hold on").unwrap());
    of_rollouts(::rollouts::Call::Announce { plan, acting, change, from, until, text })
}

/// A word about something, in a role, with all that any check of the plan asks for.
pub fn states(acting: &str, key: &str, about: StatementSubject, outcome: StatementOutcome) -> Call {
    let (digest, refs) = (Some(Digest([5; 32])), names(&["CHG-7"]));
    let statement = Statement { digest, refs, ..Statement::new(name(key), about, outcome) };
    of_rollouts(::rollouts::Call::State { plan: name(PLAN), acting: name(acting), statement: Box::new(statement) })
}

/// A check of a change is waived until a block time.
pub fn waive(key: &str, change: ChangeId, until: Timestamp) -> Call {
    let (expires, reason) = (Some(until), Text::new("it is known").unwrap());
    let word = Statement::new(name(key), StatementSubject::Change(change), StatementOutcome::Waived);
    let statement = Statement { expires, reason, ..word };
    of_rollouts(::rollouts::Call::State { plan: name(PLAN), acting: name("sre"), statement: Box::new(statement) })
}

pub fn ballot(poll: ProposalId, choice: Choice) -> Call {
    Call::Governance(governance::Call::Vote { proposal_id: poll, choice, reason: Some(reason()) })
}

/// Validators that all vote alike.
pub fn stake_votes(
    poll: ProposalId,
    validators: impl IntoIterator<Item = u8>,
    choice: Choice,
) -> Vec<(SecretKey, Call)> {
    validators.into_iter().map(|index| (validator(index), ballot(poll, choice))).collect()
}

/// A validator proposes something on the expedited track, which will have that number, and some vote for it in the same block.
pub fn stake_proposes(
    id: ProposalId,
    by: u8,
    motion: Motion,
    voters: impl IntoIterator<Item = u8>,
) -> Vec<(SecretKey, Call)> {
    let mut calls = vec![(validator(by), propose_on(TrackName::Expedited, motion))];
    calls.extend(stake_votes(id, voters, Choice::Yes));
    calls
}

pub fn abort(change: ChangeId) -> Motion {
    Motion::Rollouts(::rollouts::Motion::Abort { change, reason: reason() })
}

/// The stake gives a role to some people.
pub fn give(role: &str, people: &[u8]) -> Motion {
    runtime::testing::set_members(role_key(role), people.iter().map(|index| super::seat(*index)).collect())
}

/// What all validators say of the gates that every build knows, so that whatever waits for them need not.
pub fn advertisements() -> Vec<(SecretKey, Call)> {
    let advertisement = releases::Advertisement {
        channel: name("testnet"),
        gates: 0x7f,
        known: 0x7f,
        held: 0,
        bundle: super::plan::BUNDLE,
        build: primitives::BuildHash([0xaa; 32]),
    };
    (0..VALIDATORS).map(|index| (validator(index), runtime::testing::advertise(advertisement.clone()))).collect()
}

/// What shows at a moment that all validators were there in the epoch before.
pub fn presence(network: &Governed, now: Epoch) -> Certificate {
    let height = now.minus(1).first_height(network.genesis.chain.epoch_length);
    let (round, block) = (0, BlockHash([9; 32]));
    let chain_id = &network.genesis.chain.chain_id;
    let payload = vote_payload(chain_id, VoteKind::Precommit, height, round, Some(block));
    let decided = staking::queries::validator_set(&network.state(), now.minus(1));
    let keys = (0..VALIDATORS).map(validator).filter(|key| decided.power_of(&key.account()).is_some());
    let signatures: Vec<(AccountId, primitives::Signature)> =
        keys.map(|key| (key.account(), key.sign(&payload))).collect();
    Certificate { height, round, block, signatures: list(signatures) }
}
