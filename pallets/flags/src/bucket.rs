//! Who is drawn for what: the same for everybody who asks, in every language that has murmur3 (ROLLOUTS 6.2).

use crate::rule::WHOLE_SHARE;
use primitives::Name;

/// Where somebody falls among `total` places, from 0: `(murmur3_x86_32(salt "/" attribute) * total) >> 32`, the whole numbers that
/// flagd draws by. The attribute is hashed as it was sent, in UTF-8, without normalising it. Of no place there is 0.
///
/// Whoever is below a bound stays below it when the bound grows, as long as `total` is the same.
pub fn bucket(salt: &Name, attribute: &str, total: u32) -> u32 {
    let drawn = format!("{salt}/{attribute}");
    // Reading from memory does not fail.
    let hash = murmur3::murmur3_32(&mut drawn.as_bytes(), 0).unwrap_or_default();
    let place = u64::from(hash).saturating_mul(total.into()).checked_shr(32).unwrap_or_default();
    u32::try_from(place).unwrap_or_default()
}

/// Whether somebody is in a share of so many in 100,000.
pub(crate) fn is_in_share(salt: &Name, attribute: &str, per_100k: u32) -> bool {
    bucket(salt, attribute, WHOLE_SHARE) < per_100k
}

/// The variant that somebody is drawn for among those with these weights; none when they weigh nothing.
pub(crate) fn drawn_variant(salt: &Name, attribute: &str, weights: &[(u8, u32)]) -> Option<u8> {
    let total = weights.iter().fold(0u32, |sum, (_, weight)| sum.saturating_add(*weight));
    let mut place = bucket(salt, attribute, total);
    for (variant, weight) in weights {
        match place.checked_sub(*weight) {
            Some(rest) => place = rest,
            None => return Some(*variant),
        }
    }
    None
}
