//! How long sources that failed are left in peace: twice as long each time, and never quite as long as everybody else does, so
//! that a mirror that comes back is not asked by the whole network at once (T16).

use rand::Rng as _;
use std::time::{Duration, Instant};

/// The first pause, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// When to ask again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patience {
    failures: u32,
    again_at: Option<Instant>,
}

impl Patience {
    /// Whether it is time to ask again.
    pub fn is_over(&self, now: Instant) -> bool {
        self.again_at.is_none_or(|again_at| now >= again_at)
    }

    /// Takes note of how asking went.
    pub fn learn(&mut self, went_well: bool, now: Instant) {
        if went_well {
            *self = Self::default();
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.again_at = Some(now + self.pause(rand::thread_rng().gen_range(0.5..1.0)));
    }

    /// A share of the pause that this many failures ask for.
    fn pause(&self, share: f64) -> Duration {
        let doubled = PAUSE.0.saturating_mul(2u32.saturating_pow(self.failures.saturating_sub(1)));
        doubled.min(PAUSE.1).mul_f64(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t16_pauses_double_up_to_a_bound_and_end_with_a_success() {
        let (mut patience, now) = (Patience::default(), Instant::now());
        assert!(patience.is_over(now));
        let mut pauses = Vec::new();
        for _ in 0..20 {
            patience.learn(false, now);
            pauses.push(patience.pause(1.0));
        }
        assert_eq!(pauses[..3], [1, 2, 4].map(Duration::from_secs));
        assert_eq!(pauses[19], PAUSE.1);
        assert!(!patience.is_over(now + PAUSE.1 / 2 - Duration::from_secs(1)));
        assert!(patience.is_over(now + PAUSE.1));
        patience.learn(true, now);
        assert!(patience.is_over(now));
    }
}
