//! What a clock has to say about a ticket: it can refuse one, and whoever sets it back makes no refused one good.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

use light::testing::TestChain;
use light::{Anchor, NotRecent, Proven, Recency};
use primitives::{BuildHash, Epoch, Reading, Reason, Timestamp};
use proptest::prelude::*;
use releases::queries::{Verdict, verdict};
use releases::{ApprovedRelease, MinimumSequence, MinimumStep, Standing};
use runtime::ChainParams;
use runtime::testing::genesis;

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const DAY: u64 = 86_400_000;
const YEAR: u64 = 365 * DAY;

/// What a ticket of height 25 shows: in epochs of ten blocks, and a second from one to the next.
fn proven() -> &'static (Proven, ChainParams) {
    static PROVEN: std::sync::LazyLock<(Proven, ChainParams)> = std::sync::LazyLock::new(|| {
        let mut chain = TestChain::new(genesis());
        chain.until(25);
        let proven = chain.ticket(FIRST).verify(&Anchor::genesis(&chain.genesis), &FIRST).unwrap();
        (proven, chain.genesis.chain)
    });
    &PROVEN
}

/// The same, of a build whose end is decided.
fn ending(effective_epoch: Epoch) -> Proven {
    let mut proven = proven().0.clone();
    let reason = Reason::new("it leaks").unwrap();
    proven.release.as_mut().unwrap().standing = Standing::Revoked { reason, effective_epoch };
    proven
}

#[test]
fn t03_t26_a_clock_can_only_refuse() {
    let proven = &proven().0;
    let then = proven.header.time.0;
    let recency = Recency { most_age_ms: 7 * DAY, drift_ms: 60_000 };
    let ask = |now: u64| proven.require_recent(Reading::alone(Timestamp(now)), recency);
    assert_eq!(ask(then + 7 * DAY), Ok(()));
    assert_eq!(ask(then + 7 * DAY + 1), Err(NotRecent::TooOld { age_ms: 7 * DAY + 1, most_ms: 7 * DAY }));
    assert_eq!(ask(then + 10 * YEAR), Err(NotRecent::TooOld { age_ms: 10 * YEAR, most_ms: 7 * DAY }));
    assert_eq!(ask(then - 60_000), Ok(()));
    assert_eq!(ask(then - 10 * YEAR), Err(NotRecent::FromTheFuture { ahead_ms: 10 * YEAR }));
}

#[test]
fn h12_t26_a_clock_set_to_the_very_time_of_a_refused_ticket_is_found_out() {
    let proven = &proven().0;
    let then = proven.header.time;
    let recency = Recency { most_age_ms: DAY, drift_ms: 60_000 };
    let ask = |clock: Timestamp, latest: Timestamp| proven.require_recent(Reading { clock, latest }, recency);
    let refused = then.plus(DAY + 1);
    let too_old = Err(NotRecent::TooOld { age_ms: DAY + 1, most_ms: DAY });
    assert_eq!(ask(refused, refused), too_old);
    assert_eq!(ask(then, refused), too_old, "whatever the clock says since");
    assert_eq!(ask(then, then.plus(60_000)), Ok(()), "clocks drift");
    assert_eq!(ask(then, then.plus(60_001)), Err(NotRecent::ClockBehind { behind_ms: 60_001 }));
}

#[test]
fn h12_a_ticket_is_judged_for_the_epoch_that_it_is_by_now() {
    let (ending, chain) = (ending(Epoch(3)), &proven().1);
    let then = ending.header.time;
    // The next block is 26, and epoch 3 begins with 30.
    let at = |now: Timestamp| ending.as_of(now, chain);
    assert_eq!((at(then).epoch, at(then).verdict()), (Epoch(2), Verdict::Approved));
    assert_eq!(at(then.plus(3_999)).verdict(), Verdict::Approved);
    assert_eq!(at(then.plus(4_000)).epoch, Epoch(3));
    assert_eq!(at(then.plus(4_000)).verdict(), Verdict::Revoked { reason: "it leaks".into() });
    assert!(matches!(at(then.plus(YEAR)).verdict(), Verdict::Revoked { .. }));
    assert_eq!(at(then.minus(YEAR)).epoch, Epoch(2), "a clock that is behind makes it no earlier");
    let mut quick = chain.clone();
    quick.consensus.block_time_ms = 0;
    assert!(matches!(ending.as_of(then.plus(4), &quick).verdict(), Verdict::Revoked { .. }));
}

fn standing() -> impl Strategy<Value = Standing> {
    let epoch = || (0..12u64).prop_map(Epoch);
    let superseded = |end_of_support_epoch| Standing::Superseded { by: FIRST, end_of_support_epoch };
    prop_oneof![
        Just(Standing::Active),
        prop::option::of(epoch()).prop_map(superseded),
        epoch().prop_map(|effective_epoch| Standing::Revoked {
            reason: Reason::new("it leaks").unwrap(),
            effective_epoch
        }),
    ]
}

/// A minimum that was raised several times, each time from a later decision on.
fn minimum() -> impl Strategy<Value = MinimumSequence> {
    prop::collection::vec((0..4u64, 0..4u64), 0..4).prop_map(|raises| {
        let mut minimum = MinimumSequence::default();
        for (now, (sequence, notice)) in (0..).zip(raises) {
            let step = MinimumStep { sequence, effective_epoch: Epoch(now + notice) };
            minimum = if sequence > minimum.highest() { minimum.raised(Epoch(now), step) } else { minimum };
        }
        minimum
    })
}

proptest! {
    /// What makes it enough to judge a ticket for the last of the epochs it may be by now.
    #[test]
    fn h12_what_may_not_run_never_may_again_by_the_same_record(
        standing in standing(), minimum in minimum(), sequence in 0..4u64, from in 0..12u64, later in 0..12u64,
    ) {
        let release = ApprovedRelease { standing, sequence, ..proven().0.release.clone().unwrap() };
        let at = |epoch: u64| verdict(Some(&release), &minimum, Epoch(epoch));
        if at(from) != Verdict::Approved {
            prop_assert_ne!(at(from + later), Verdict::Approved);
        }
    }

    /// By what is remembered: the latest of all readings and of the times of proven blocks.
    #[test]
    fn h12_t26_setting_a_clock_back_accepts_no_ticket_that_was_refused(
        readings in prop::collection::vec((0..60_000u64, prop::option::of(0..60_000u64)), 1..12),
        most_age_ms in 0..30_000u64, drift_ms in 0..5_000u64, stop in 2..6u64,
    ) {
        let (ending, chain) = (ending(Epoch(stop)), &proven().1);
        // Readings around the time of the ticket.
        let at = |offset: u64| ending.header.time.minus(30_000).plus(offset);
        let recency = Recency { most_age_ms, drift_ms };
        let (mut latest, mut refused_at): (_, Option<Timestamp>) = (Timestamp(0), None);
        for (clock, block) in readings {
            let clock = at(clock);
            latest = latest.max(clock).max(block.map_or(Timestamp(0), at));
            let is_recent = ending.require_recent(Reading { clock, latest }, recency).is_ok();
            if is_recent && ending.as_of(latest, chain).verdict() == Verdict::Approved {
                prop_assert!(refused_at.is_none_or(|at| clock > at), "accepted at {clock}, refused at {refused_at:?}");
            } else {
                refused_at = refused_at.max(Some(clock));
            }
        }
    }
}
