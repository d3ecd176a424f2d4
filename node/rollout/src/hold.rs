//! Whether what others say about a release keeps this node from changing to it, and for how long.
//!
//! That a release failed is each validator's own word. So the word of a few holds nobody back: it takes more than a third of the
//! stake, which is what it takes to stop the chain itself. It holds back for a while, in which people can look; then this node's
//! own trial decides, which goes back by itself. And nobody waits beside a fix that cannot wait, or on a build that comes to
//! its end (T20).

use light::FailedStake;
use primitives::Timestamp;
use releases::{ApprovedRelease, MinimumSequence, Severity};
use std::time::Duration;

/// How long a node that cannot say on how much of the stake a release failed is asked again, before this node goes on without
/// knowing: it would wait for ever on a node that never says, and its own trial goes back by itself.
pub const MOST_SILENCE: Duration = Duration::from_secs(600);

/// When a node waits, and for how long, as its operator set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldRules {
    /// The share of the stake on which a release failed from which on it is waited, in percent.
    pub pause_at_failed_percent: u32,
    /// How long it is waited at most, in milliseconds of block time.
    pub most_hold_ms: u64,
}

/// What the reports about a release come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Too few say that it failed.
    No,
    /// Enough do, by this share in percent, and it is waited until this block time.
    Until(u128, Timestamp),
    /// Enough do, by this share in percent, and it was waited long enough.
    Over(u128),
}

impl Hold {
    /// Judges reports by the stake behind them. `since` is the block time at which the release was first held back here, `now`
    /// that of the newest proven block: all nodes share it, and nobody sets it alone.
    pub fn of(rules: HoldRules, reports: FailedStake, since: Option<Timestamp>, now: Timestamp) -> Self {
        let FailedStake { failed, total } = reports;
        let percent = u128::from(failed.0).saturating_mul(100).checked_div(total.0.into()).unwrap_or_default();
        if percent < u128::from(rules.pause_at_failed_percent) {
            return Hold::No;
        }
        let until = since.unwrap_or(now).plus(rules.most_hold_ms);
        if now < until { Hold::Until(percent, until) } else { Hold::Over(percent) }
    }
}

/// Whether there is time to wait: the next release does not ask to be taken at once, and it is not decided that the build that
/// runs is to stop, by its record and the least sequence number that may run, however long its notice is.
pub fn may_wait(next: Option<&ApprovedRelease>, running: Option<&ApprovedRelease>, minimum: &MinimumSequence) -> bool {
    let critical = next.is_some_and(|next| next.manifest.severity == Severity::Critical);
    let stop = running.and_then(|running| running.stop(minimum));
    !critical && stop.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Amount, BuildHash, Epoch, Reason};
    use releases::{MinimumStep, Standing};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);
    const DAY_MS: u64 = 86_400_000;
    const RULES: HoldRules = HoldRules { pause_at_failed_percent: 34, most_hold_ms: DAY_MS };

    fn hold(failed: u64, total: u64, since: Option<Timestamp>, now: Timestamp) -> Hold {
        Hold::of(RULES, FailedStake { failed: Amount(failed), total: Amount(total) }, since, now)
    }

    #[test]
    fn h18_a_third_holds_nobody_back_and_more_does_for_a_day() {
        assert_eq!((hold(0, 0, None, NOW), hold(0, 1, None, NOW)), (Hold::No, Hold::No));
        assert_eq!(hold(10, 100, None, NOW), Hold::No);
        assert_eq!(hold(333, 1000, None, NOW), Hold::No);
        assert_eq!(hold(340, 1000, None, NOW), Hold::Until(34, NOW.plus(DAY_MS)));
        assert_eq!(hold(u64::MAX, u64::MAX, None, NOW), Hold::Until(100, NOW.plus(DAY_MS)));
        let began = Some(NOW);
        assert_eq!(hold(40, 100, began, NOW.plus(DAY_MS - 1)), Hold::Until(40, NOW.plus(DAY_MS)));
        assert_eq!(hold(40, 100, began, NOW.plus(DAY_MS)), Hold::Over(40), "however many say so");
        assert_eq!(hold(100, 100, began, NOW.plus(2 * DAY_MS)), Hold::Over(100));
    }

    /// What is known about an approved build, and the least that may run.
    type Known = (ApprovedRelease, MinimumSequence);

    /// The first release, with changes.
    fn known(change: impl FnOnce(&mut ApprovedRelease, &mut MinimumSequence)) -> Known {
        let genesis = runtime::testing::genesis();
        let hash: BuildHash = genesis.releases.approved[0].build_hash;
        let memory = genesis.build();
        let release = releases::queries::release(&state::State::over(&memory), &hash);
        let (mut release, mut minimum_sequence) = (release.unwrap(), MinimumSequence::default());
        change(&mut release, &mut minimum_sequence);
        (release, minimum_sequence)
    }

    fn may_wait((next, _): &Known, (running, minimum): &Known) -> bool {
        super::may_wait(Some(next), Some(running), minimum)
    }

    #[test]
    fn h18_nobody_waits_beside_a_critical_fix_or_on_a_build_that_is_to_stop() {
        let plain = known(|_, _| {});
        assert!(may_wait(&plain, &plain));
        for severity in [Severity::Low, Severity::Medium, Severity::High] {
            assert!(may_wait(&known(|next, _| next.manifest.severity = severity), &plain), "{severity:?}");
        }
        assert!(!may_wait(&known(|next, _| next.manifest.severity = Severity::Critical), &plain));
        let later = Epoch(9_999);
        let revoked = known(|running, _| {
            let reason = Reason::new("it leaks").unwrap();
            running.standing = Standing::Revoked { reason, effective_epoch: later };
        });
        assert!(!may_wait(&plain, &revoked));
        let below = known(|running, minimum| {
            *minimum = MinimumStep { sequence: running.sequence + 1, effective_epoch: later }.into();
        });
        assert!(!may_wait(&plain, &below));
        let superseded = |end_of_support_epoch| {
            known(|running, _| {
                running.standing = Standing::Superseded { by: BuildHash([7; 32]), end_of_support_epoch };
            })
        };
        assert!(!may_wait(&plain, &superseded(Some(later))));
        assert!(may_wait(&plain, &superseded(None)), "a later release alone stops nothing");
    }
}
