//! What can be asked about stake.

use crate::{Bonds, Certificate, Commission, StakingParams, ValidatorSet, storage::*};
use primitives::{AccountId, Amount, ChainId, Epoch};
use state::{KeyBytes, State};

/// The rules.
pub fn params(state: &State) -> StakingParams {
    PARAMS.require(state)
}

/// The network, as what is signed for it names it.
pub fn chain_id(state: &State) -> ChainId {
    CHAIN.require(state).0
}

/// The first epoch whose stake is remembered in epoch `now`.
pub fn remembered_from(state: &State, now: Epoch) -> Epoch {
    now.minus(PARAMS.require(state).remembered_epochs)
}

/// The bonds of `who`, each as it was over time.
pub fn bonds(state: &State, who: &AccountId) -> Bonds {
    BONDS.get(state, who).unwrap_or_default()
}

/// What `who` has bonded to `validator`, all changes included.
pub fn bonded(state: &State, who: &AccountId, validator: &AccountId) -> Amount {
    let bonds = bonds(state, who);
    bonds.iter().find(|bond| bond.validator == *validator).map(|bond| bond.history.latest()).unwrap_or_default()
}

/// What `who` had bonded to `validator` in force in `epoch`.
pub fn bond_at(state: &State, who: &AccountId, validator: &AccountId, epoch: Epoch) -> Amount {
    bonds_at(state, who, epoch).into_iter().filter(|(to, _)| to == validator).map(|(_, amount)| amount).sum()
}

/// The bonds of `who` in force in `epoch`, by validator.
pub fn bonds_at(state: &State, who: &AccountId, epoch: Epoch) -> Vec<(AccountId, Amount)> {
    bonds(state, who)
        .iter()
        .map(|bond| (bond.validator, bond.history.at(epoch)))
        .filter(|(_, amount)| amount.0 > 0)
        .collect()
}

/// All that `who` had bonded in force in `epoch`: the weight of its own ballot.
pub fn stake_at(state: &State, who: &AccountId, epoch: Epoch) -> Amount {
    bonds_at(state, who, epoch).into_iter().map(|(_, amount)| amount).sum()
}

/// The bonds of everybody to `validator` in force in `epoch`.
pub fn power_at(state: &State, validator: &AccountId, epoch: Epoch) -> Amount {
    POWER.get(state, validator).map(|power| power.at(epoch)).unwrap_or_default()
}

/// What `who` took out of bonds and waits for: the epoch at whose start it is free, the validator it strengthened, and how much.
/// What is free the soonest comes first.
pub fn unbonding(state: &State, who: &AccountId) -> Vec<(Epoch, AccountId, Amount)> {
    let amount = |free_epoch, validator| UNBONDING.get(state, &(free_epoch, validator, *who)).unwrap_or_default();
    let rows = WAITING.iter_under(state, who);
    let mut rows: Vec<_> =
        rows.map(|(_, validator, free_epoch)| (free_epoch, validator, amount(free_epoch, validator))).collect();
    rows.sort_unstable();
    rows
}

/// All bonds in force in `epoch`.
pub fn total_at(state: &State, epoch: Epoch) -> Amount {
    TOTAL.get_or_default(state).at(epoch)
}

/// The first epoch in which a punished validator may stand for election again; none of one that does, or never did.
pub fn jailed_until(state: &State, who: &AccountId) -> Option<Epoch> {
    JAILED.get(state, who)
}

/// Whether a validator was punished for what it did in `epoch`, as far back as acts are judged.
pub fn is_punished(state: &State, validator: &AccountId, epoch: Epoch) -> bool {
    PUNISHED.contains(state, &(epoch, *validator))
}

/// Whether what validators sign in `epoch` is punished, of a remembered epoch that has begun: whether the gate of enforcement was on when
/// it began (ROLLOUTS 11).
pub fn is_enforced(state: &State, epoch: Epoch) -> bool {
    !UNENFORCED.contains(state, &epoch)
}

/// The epochs in which what validators sign is not punished, of those whose acts are still judged in epoch `now`; the oldest first.
pub fn unenforced(state: &State, now: Epoch) -> Vec<Epoch> {
    let oldest = now.minus(PARAMS.require(state).unbonding_epochs);
    UNENFORCED.iter_from(state, &oldest).take_while(|epoch| *epoch <= now).collect()
}

/// Whether `epoch` has begun: in its first block the set of the next one is elected.
pub fn has_begun(state: &State, epoch: Epoch) -> bool {
    SETS.contains(state, &epoch.next())
}

/// How much a validator keeps of what its delegators earn, as it said last.
pub fn commission(state: &State, validator: &AccountId) -> Commission {
    COMMISSIONS.get(state, validator).unwrap_or_default()
}

/// How much it keeps of what they earn in `epoch`, in millionths: the current one, the next, or the one before before anything was said
/// in the current one.
pub fn commission_at(state: &State, validator: &AccountId, epoch: Epoch) -> u32 {
    commission(state, validator).at(epoch)
}

/// Whether the bonds to a validator stand still, because its delegators bear an offence of it.
pub fn are_bonds_held(state: &State, validator: &AccountId) -> bool {
    PENALTIES.iter_under(state, validator).next().is_some()
}

/// The set that decides the blocks of `epoch`: a remembered one, the current or the next. Empty for any other.
pub fn validator_set(state: &State, epoch: Epoch) -> ValidatorSet {
    SETS.get(state, &epoch).unwrap_or_default()
}

/// The storage key of that set, by which it is read or proven at another height.
pub fn validator_set_key(epoch: Epoch) -> KeyBytes {
    SETS.key(&epoch)
}

/// Whom the rule of a quorum elected for `epoch`: the [set](validator_set) itself, where a quorum decides its blocks. There are
/// candidates of the same epochs as sets, and none of any other.
///
/// Whoever asks anything about validators but who decides blocks asks this: who speaks for how much power, holds a build, or would be
/// stranded (ROLLOUTS 11). Whoever decides blocks alone must not be stranded either, and is asked besides.
pub fn candidates(state: &State, epoch: Epoch) -> ValidatorSet {
    CANDIDATE_SETS.get(state, &epoch).unwrap_or_default()
}

/// Whether an account decides blocks of `epoch`, or would if a quorum did.
pub fn is_validator(state: &State, epoch: Epoch, who: &AccountId) -> bool {
    let is_in = |set: ValidatorSet| set.power_of(who).is_some();
    is_in(candidates(state, epoch)) || is_in(validator_set(state, epoch))
}

/// Who decides blocks alone, by the last election or because it was named since: from the epoch on that the next one is for. None
/// where a quorum does.
pub fn sealer(state: &State) -> Option<AccountId> {
    SEALER.get(state)
}

/// Whether a certificate shows that an account was there in an epoch whose set is remembered: it proves that a block of that epoch was
/// decided, and one of its precommits is the account's.
pub fn shows_presence(state: &State, certificate: &Certificate, who: &AccountId, epoch: Epoch) -> bool {
    let (chain_id, epoch_length) = CHAIN.require(state);
    let signed = certificate.signatures.iter().any(|(signer, _)| signer == who);
    let of_epoch = certificate.height.epoch(epoch_length) == epoch;
    signed && of_epoch && certificate.verify(&chain_id, &validator_set(state, epoch)).is_ok()
}
