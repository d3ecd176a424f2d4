//! When a call of a witness is granted.

use crate::{
    Call, Cosignature, Error, Event, LogWitness, MOST_OF_OTHERS, MOST_SECONDS_AHEAD, MOST_WITNESSES, queries,
    witness_key_proof,
};
use flags::{Gate, Gates};
use primitives::{AccountId, Amount, Epoch, Moment, Name, PublicKey, Signature};
use state::{Decide, State};
use tlog::verify_cosignature;

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Register { name, key, proof } => register(state, who, name, *key, proof),
            Call::Retire => retire(state, who),
            Call::Cosign { epoch, timestamp, signature } => cosign(state, at, who, *epoch, (*timestamp, signature)),
        }
    }

    fn signatures(&self) -> u32 {
        match self {
            Call::Register { .. } | Call::Cosign { .. } => 1,
            Call::Retire => 0,
        }
    }

    /// The register and the segments of the network's plan are gone through by whoever wants a place.
    fn reads(&self, state: &State) -> u32 {
        match self {
            Call::Register { .. } => {
                let segments =
                    flags::queries::node_plan(state).map(|plan| flags::queries::counts(state, &plan).segments);
                segments.unwrap_or_default().saturating_add(MOST_WITNESSES)
            }
            Call::Retire | Call::Cosign { .. } => 0,
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        Amount::ZERO
    }
}

/// Whether the gate is on for an account.
fn require_on(state: &State, who: AccountId) -> Result<(), Error> {
    let is_on = Gates::of(state).is_on_for(state, Gate::WitnessNetwork, &who);
    if is_on { Ok(()) } else { Err(Error::GateOff { who }) }
}

/// Whether an account has the bond that a witness stands with.
fn require_bond(state: &State, who: &AccountId) -> Result<(), Error> {
    let (have, need) = (queries::bond(state, who), staking::queries::params(state).minimum_bond);
    if have < need { Err(Error::NoBond { have, need }) } else { Ok(()) }
}

fn register(state: &State, who: AccountId, name: &Name, key: PublicKey, proof: &Signature) -> Result<Event, Error> {
    require_on(state, who)?;
    if let Some(LogWitness { key, .. }) = queries::witness(state, &who) {
        return Err(Error::AlreadyWitness { who, key });
    }
    if !key.is_usable() {
        return Err(Error::UnusableKey { key });
    }
    require_bond(state, &who)?;
    let witnesses = queries::witnesses(state);
    if is_of_account(state, who, key) || witnesses.iter().any(|(_, witness)| witness.key == key) {
        return Err(Error::KeyTaken { key });
    }
    if witnesses.iter().any(|(_, witness)| witness.name == *name) {
        return Err(Error::NameTaken { name: name.clone() });
    }
    let is_member = is_of_segment(state, &who);
    require_place(&witnesses, is_member)?;
    if !key.verify(&witness_key_proof(&staking::queries::chain_id(state), &who), proof) {
        return Err(Error::BadProof { who, key });
    }
    Ok(Event::Registered { witness: who, name: name.clone(), key, is_member })
}

/// Whether a key is that of an account which there is.
fn is_of_account(state: &State, who: AccountId, key: PublicKey) -> bool {
    let account = AccountId::from(key);
    account == who || accounts::queries::account(state, &account) != accounts::Account::default()
}

/// Whether an account is a member of a segment of the network's plan.
fn is_of_segment(state: &State, who: &AccountId) -> bool {
    let who = who.to_string();
    let is_member = |plan| {
        flags::queries::segments(state, &plan).any(|(_, members)| members.iter().any(|member| member.as_str() == who))
    };
    flags::queries::node_plan(state).is_some_and(is_member)
}

/// Refuses whoever finds no place: half of them are for members alone.
fn require_place(witnesses: &[(AccountId, LogWitness)], is_member: bool) -> Result<(), Error> {
    let count = |counted: &dyn Fn(&LogWitness) -> bool| {
        u32::try_from(witnesses.iter().filter(|(_, witness)| counted(witness)).count()).unwrap_or(u32::MAX)
    };
    let all = count(&|_| true);
    let others = count(&|witness| !witness.is_member);
    if all >= MOST_WITNESSES {
        return Err(Error::Full { have: all });
    }
    if !is_member && others >= MOST_OF_OTHERS { Err(Error::Full { have: others }) } else { Ok(()) }
}

/// Leaving is never refused, whatever the gate says.
fn retire(state: &State, who: AccountId) -> Result<Event, Error> {
    queries::witness(state, &who).map(|_| Event::Retired { witness: who }).ok_or(Error::UnknownWitness { who })
}

fn cosign(
    state: &State,
    at: Moment,
    who: AccountId,
    epoch: Epoch,
    (timestamp, signature): (u64, &Signature),
) -> Result<Event, Error> {
    require_on(state, who)?;
    let witness = queries::witness(state, &who).ok_or(Error::UnknownWitness { who })?;
    if !witness.vouches_for(epoch) {
        return Err(Error::TooNew { who, epoch, registered: witness.registered });
    }
    require_bond(state, &who)?;
    let time = at.time.0 / 1_000;
    if timestamp > time.saturating_add(MOST_SECONDS_AHEAD) {
        return Err(Error::FromTheFuture { timestamp, time });
    }
    let LogWitness { name, key, .. } = witness;
    let checkpoint = queries::signed_checkpoint(state, epoch).ok_or(Error::UnknownCheckpoint { epoch })?;
    if queries::has_cosigned(state, epoch, &who) {
        return Err(Error::Again { who, epoch });
    }
    let (size, root) = (checkpoint.size, checkpoint.root);
    if !verify_cosignature(&key, timestamp, &checkpoint, signature) {
        return Err(Error::BadCosignature { epoch, size, root });
    }
    let cosignature = Cosignature { name, key, timestamp, signature: *signature };
    Ok(Event::Cosigned { witness: who, epoch, size, root, cosignature })
}
