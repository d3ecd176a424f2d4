//! What is paid for a byte of a block, exactly.

use primitives::Amount;
use std::cmp::Ordering;

/// A fee for so many bytes of a block; ordered by what it comes to for one, in integers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    fee: Amount,
    weight: u64,
}

impl Rate {
    /// The rate of a transaction.
    pub fn of(fee: Amount, weight: u64) -> Self {
        Self { fee, weight }
    }

    /// The least fee for a weight that is not below this rate.
    pub fn fee_for(self, weight: u64) -> Amount {
        let fee = (u128::from(self.fee.0) * u128::from(weight)).div_ceil(self.weight.max(1).into());
        Amount(u64::try_from(fee).unwrap_or(u64::MAX))
    }
}

impl Ord for Rate {
    fn cmp(&self, other: &Self) -> Ordering {
        let crosswise = |one: &Self, other: &Self| u128::from(one.fee.0) * u128::from(other.weight);
        crosswise(self, other).cmp(&crosswise(other, self))
    }
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rate {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_compared_by_the_byte_and_exactly() {
        let rate = |fee, weight| Rate::of(Amount(fee), weight);
        assert_eq!(rate(100, 50), rate(200, 100));
        assert!(rate(u64::MAX, 1_000_000) < rate(u64::MAX, 999_999), "where floats would be equal");
        assert!(rate(101, 50) > rate(201, 100));
        assert_eq!([rate(100, 50).fee_for(7), rate(100, 30).fee_for(7)], [Amount(14), Amount(24)], "rounded up");
    }
}
