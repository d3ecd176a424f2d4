//! What accounts own beside their stake: enough for deposits and fees. Nobody is to stop for want of tokens; what an
//! attack costs is counted.

use anyhow::ensure;
use primitives::grouped;
use runtime::Genesis;

/// Deposits and fees that an account can pay, where there are tokens enough.
const PLENTY: (u64, u64) = (100, 10_000_000);

/// With fewer of them, accounts would stop within a future, and what holds would hold because nobody does anything.
const LEAST: (u64, u64) = (10, 100_000);

/// How much of all tokens that there can be is for deposits and fees; the rest is for stake.
const PART: u64 = 4;

/// What each of so many accounts owns for the deposits and fees of a genesis.
///
/// # Errors
/// A deposit or a fee that so many accounts cannot pay often enough, and what to change.
pub fn purse(genesis: &Genesis, people: usize) -> anyhow::Result<u64> {
    let (fees, params) = (&genesis.accounts.fees, &genesis.governance.params);
    let deposit = params.routine.deposit.max(params.expedited.deposit).0;
    let fee = fees.least(genesis.chain.limits.max_transaction_bytes.into()).0.max(1);
    let pays = |(deposits, fees): (u64, u64)| deposit.saturating_mul(deposits).saturating_add(fee.saturating_mul(fees));
    let most = (u64::MAX / PART).checked_div(people as u64).unwrap_or_default();
    ensure!(
        pays(LEAST) <= most,
        "{people} accounts are played, and there cannot be tokens enough for each to pay {} deposits of {} and {} \
         fees of up to {}; name a network (--genesis) in which governance.params.routine.deposit, \
         governance.params.expedited.deposit and accounts.fees are lower",
        grouped(LEAST.0),
        grouped(deposit),
        grouped(LEAST.1),
        grouped(fee),
    );
    Ok(pays(PLENTY).min(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Amount;

    fn genesis(deposit: u64, base: u64) -> Genesis {
        let mut genesis = runtime::testing::genesis();
        genesis.governance.params.expedited.deposit = Amount(deposit);
        genesis.accounts.fees.base = Amount(base);
        genesis
    }

    #[test]
    fn everybody_can_pay_often_or_nothing_is_played() {
        assert_eq!(purse(&genesis(2_000, 10), 30).unwrap(), 200_000 + 100_000_000);
        let most = u64::MAX / 4 / 30;
        assert_eq!(purse(&genesis(most / 20, 10), 30).unwrap(), most, "as much as there can be");
        for (deposit, base) in [(most, 10), (u64::MAX, 10), (2_000, most / 1_000), (2_000, u64::MAX)] {
            let refused = purse(&genesis(deposit, base), 30).unwrap_err().to_string();
            assert!(refused.contains(&grouped(deposit)) && refused.contains(&grouped(base)), "{refused}");
            assert!(refused.contains("name a network (--genesis) in which"), "{refused}");
        }
    }
}
