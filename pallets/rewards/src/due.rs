//! What the clock brings: presence of every block, and at the start of an epoch what the one before pays.

use crate::{Attendance, Bits, Event, attendance, queries, share, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use staking::Certificate;
use state::State;

/// What a block brings that rewards are reckoned from; whoever knows it stands right of this pallet.
pub struct Brought<'b> {
    /// Whether the gate was on before the block, for anybody.
    pub is_on: bool,
    /// Whether it is the first block of its epoch that validators decide.
    pub begins_epoch: bool,
    /// The precommits for the block's parent, verified and in the order of the accounts, with the parent's epoch.
    pub last_commit: Option<(Epoch, &'b Certificate)>,
    /// Who proposes the block.
    pub proposer: AccountId,
    /// How long the chain ran since the parent, in milliseconds.
    pub ms: u64,
    /// Whether the gate was on for a validator before the block.
    pub is_paid: &'b dyn Fn(&AccountId) -> bool,
    /// Whether a validator cosigned the checkpoint of an epoch.
    pub has_cosigned: &'b dyn Fn(Epoch, &AccountId) -> bool,
}

/// What a block comes to: that its parent was attended, that an epoch is paid or dropped, that what was never collected goes back to the
/// pool, and that the next epoch is counted.
pub fn due(state: &State, at: Moment, brought: &Brought<'_>) -> Vec<Event> {
    let mut events = Vec::new();
    let mut counted = ATTENDANCE.get(state);
    if let Some((epoch, certificate)) = brought.last_commit {
        events.push(attended(state, epoch, certificate, brought, &mut counted));
    }
    if let Some(counted) = counted {
        if !brought.is_on {
            events.push(Event::Dropped { epoch: counted.epoch });
        } else if counted.epoch < at.epoch {
            events.push(rewarded(state, &counted, brought));
        }
    }
    events.extend(lapsed(state, at));
    if brought.is_on && brought.begins_epoch {
        let candidates = staking::queries::candidates(state, at.epoch).validators;
        let paid: Bits = candidates.iter().map(|candidate| (brought.is_paid)(&candidate.account)).collect();
        events.push(Event::Began { epoch: at.epoch, paid });
    }
    events
}

/// That a parent was attended; what is counted of its epoch has it from now on.
fn attended(
    state: &State,
    epoch: Epoch,
    certificate: &Certificate,
    brought: &Brought<'_>,
    counted: &mut Option<Attendance>,
) -> Event {
    let candidates = staking::queries::candidates(state, epoch);
    let present = attendance::present(&candidates, certificate);
    let place = candidates.validators.iter().position(|candidate| candidate.account == brought.proposer);
    let leader = place.and_then(|place| u8::try_from(place).ok());
    let ms = brought.ms;
    let led_ms = match leader {
        Some(_) => attendance::led_ms(&staking::queries::validator_set(state, epoch), certificate, ms),
        None => 0,
    };
    if let Some(counted) = counted.as_mut().filter(|counted| counted.epoch == epoch) {
        counted.credit(present, ms, leader, led_ms);
    }
    Event::Attended { epoch, present, ms, leader, led_ms }
}

/// What an epoch that is over pays.
fn rewarded(state: &State, counted: &Attendance, brought: &Brought<'_>) -> Event {
    let (params, pool) = (queries::params(state), POOL.get_or_default(state));
    let has_cosigned = |who: &AccountId| (brought.has_cosigned)(counted.epoch, who);
    let shares = share::of_epoch(state, counted, (&params, pool), &has_cosigned);
    let pool = pool.saturating_sub(shares.total());
    Event::Rewarded { epoch: counted.epoch, paid: shares.paid, leader: shares.leader, witness: shares.witness, pool }
}

/// What nobody has collected of the oldest epoch, once the bonds that it would be divided by are remembered no longer.
fn lapsed(state: &State, at: Moment) -> Option<Event> {
    let (epoch, _) = LAPSING.iter(state).next().filter(|(epoch, _)| *epoch < queries::oldest_due(state, at.epoch))?;
    let rows = LAPSING.iter_under(state, &epoch);
    let left = |(epoch, validator)| OWED.get(state, &(validator, epoch)).map_or(Amount::ZERO, |owed| owed.left);
    Some(Event::Lapsed { epoch, amount: rows.map(left).sum() })
}
