//! What an epoch pays to whom.

use crate::{Attendance, Payment, RewardsParams};
use primitives::{AccountId, Amount, Epoch, List};
use staking::MAX_VALIDATORS;
use state::State;

/// What an epoch pays.
pub(crate) struct Shares {
    /// To each of those who are paid.
    pub paid: List<Payment, MAX_VALIDATORS>,
    /// How much of it is for proposers.
    pub leader: Amount,
    /// How much of it is for witnesses.
    pub witness: Amount,
}

impl Shares {
    /// All of it.
    pub(crate) fn total(&self) -> Amount {
        total(&self.paid)
    }
}

/// All that is paid.
pub(crate) fn total(paid: &[Payment]) -> Amount {
    paid.iter().map(|payment| payment.own.saturating_add(payment.delegated)).sum()
}

/// What there is for an epoch, by what it is for.
struct Pot {
    presence: Amount,
    leader: Amount,
    witness: Amount,
}

impl Pot {
    fn of(params: &RewardsParams, pool: Amount) -> Self {
        let all = params.per_epoch.min(pool);
        let (leader, witness) = (params.leader.of(all), params.witness.of(all));
        Self { presence: all.saturating_sub(leader).saturating_sub(witness), leader, witness }
    }
}

/// What an epoch pays from a pool, by what was attended in it. Everything is rounded down, and what one has hangs on nobody else.
pub(crate) fn of_epoch(
    state: &State,
    attendance: &Attendance,
    (params, pool): (&RewardsParams, Amount),
    has_cosigned: &dyn Fn(&AccountId) -> bool,
) -> Shares {
    let candidates = staking::queries::candidates(state, attendance.epoch);
    let (pot, all) = (Pot::of(params, pool), candidates.total_power());
    let (mut paid, mut leader, mut witness) = (Vec::new(), Amount::ZERO, Amount::ZERO);
    for (place, (candidate, done)) in candidates.validators.iter().zip(&attendance.places).enumerate() {
        if !attendance.paid.has(place) {
            continue;
        }
        let of_power = |of: Amount| part(of, candidate.power.0, all.0);
        let present = part(of_power(pot.presence), done.present_ms, attendance.ms);
        let led = part(pot.leader, done.led_ms, attendance.ms);
        let cosigned = if has_cosigned(&candidate.account) { of_power(pot.witness) } else { Amount::ZERO };
        let amount = present.saturating_add(led).saturating_add(cosigned);
        if let Some(payment) = payment(state, candidate.account, attendance.epoch, amount, done.present_ms) {
            leader = leader.saturating_add(led);
            witness = witness.saturating_add(cosigned);
            paid.push(payment);
        }
    }
    Shares { paid: List::truncate_from(paid), leader, witness }
}

/// What a validator has, divided between it and those who delegate to it, by the bonds that it was elected with. None where nobody was
/// bonded to it.
fn payment(state: &State, validator: AccountId, epoch: Epoch, amount: Amount, present_ms: u64) -> Option<Payment> {
    let elected_with = elected_with(epoch);
    let power = staking::queries::power_at(state, &validator, elected_with);
    if power == Amount::ZERO {
        return None;
    }
    let bond = staking::queries::bond_at(state, &validator, &validator, elected_with);
    let delegation = power.saturating_sub(bond);
    let commission = staking::queries::commission_at(state, &validator, epoch);
    let of_delegators = part(amount, delegation.0, power.0);
    let delegated =
        of_delegators.saturating_sub(part(of_delegators, commission.into(), staking::WHOLE_COMMISSION.into()));
    Some(Payment { validator, present_ms, own: amount.saturating_sub(delegated), delegated, delegation })
}

/// The epoch whose stake elected those of another: the one before, and of the first two the first.
pub(crate) fn elected_with(epoch: Epoch) -> Epoch {
    epoch.minus(1)
}

/// The part of an amount that is `have` of `whole`, rounded down and at most all of it; nothing of nothing.
pub(crate) fn part(amount: Amount, have: u64, whole: u64) -> Amount {
    let product = u128::from(amount.0).saturating_mul(have.min(whole).into());
    let part = product.checked_div(whole.into()).unwrap_or(0);
    Amount(u64::try_from(part).unwrap_or(u64::MAX))
}
