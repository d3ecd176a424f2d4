//! How long sources that failed are left in peace: twice as long each time, and never quite as long as everybody else does, so
//! that a mirror that comes back is not asked by the whole network at once (T16).

use rand::Rng as _;
use rollout::Backoff;
use std::time::{Duration, Instant};

/// The first pause, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// When to ask again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pauses: Backoff,
    again_at: Option<Instant>,
}

impl Default for Patience {
    fn default() -> Self {
        Self { pauses: Backoff::new(PAUSE.0, PAUSE.1), again_at: None }
    }
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
        let pause = self.pauses.failed().mul_f64(rand::thread_rng().gen_range(0.5..1.0));
        self.again_at = Some(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t16_pauses_double_up_to_a_bound_and_end_with_a_success() {
        let (mut patience, now) = (Patience::default(), Instant::now());
        assert!(patience.is_over(now));
        for most in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(Duration::from_secs) {
            patience.learn(false, now);
            assert!(!patience.is_over(now + most / 2 - Duration::from_millis(1)), "{most:?}");
            assert!(patience.is_over(now + most), "{most:?}");
        }
        patience.learn(true, now);
        assert!(patience.is_over(now));
    }
}
