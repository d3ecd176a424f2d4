use super::*;
use crate::comparison::Comparison;
use proptest::prelude::*;

const WINDOW: Duration = Duration::from_secs(10);

fn health(height: u64, peers: u32, ok: bool) -> Vitals {
    Vitals { ok, height: Height(height), peers, block_age_ms: 0 }
}

fn judge(height: u64, peers: u32) -> Judge {
    let windows = Windows { silence: WINDOW, lack: WINDOW, least: Duration::ZERO };
    Judge::new(Before { height: Height(height), peers }, Some(windows))
}

/// What is held after the last of these looks, a second apart; the ones before have shown nothing.
fn held(judge: &mut Judge, seen: impl IntoIterator<Item = Seen>) -> Option<TrialVerdict> {
    let mut found = None;
    for (at, seen) in seen.into_iter().enumerate() {
        assert_eq!(found, None, "the verdict came {at} looks after the start");
        found = judge.look(Duration::from_secs(at as u64), seen);
    }
    found
}

fn lacks(lack: Lack) -> Option<TrialVerdict> {
    Some(TrialVerdict::NotKnown(NotKnown::Lacks(lack)))
}

#[test]
fn a_node_is_well_when_it_advances_beyond_the_old_one_and_has_peers_again() {
    let seen = [(8, 3, true), (10, 3, false), (11, 0, true), (11, 1, true)];
    let seen = seen.map(|(height, peers, ok)| Seen::Health(health(height, peers, ok)));
    assert_eq!(held(&mut judge(10, 3), seen), Some(TrialVerdict::Well));
}

#[test]
fn o39_blocks_that_come_fast_make_no_build_well_before_the_least_time_since_its_first_answer() {
    let windows = Windows { silence: WINDOW, lack: WINDOW, least: Duration::from_secs(3) };
    let judge = || Judge::new(Before::default(), Some(windows));
    let blocks = |count: u64| (0..count).map(|at| Seen::Health(health(10 + 5 * at, 0, true)));
    assert_eq!(held(&mut judge(), blocks(3)), None);
    assert_eq!(held(&mut judge(), blocks(4)), Some(TrialVerdict::Well));
    // It starts slowly; that is no part of the time.
    let silent_first = || std::iter::repeat_n(Seen::<Vitals>::Silence, 5);
    assert_eq!(held(&mut judge(), silent_first().chain(blocks(3))), None);
    assert_eq!(held(&mut judge(), silent_first().chain(blocks(4))), Some(TrialVerdict::Well));
    // What it has at the end counts.
    let at_the_end = blocks(3).chain([Seen::Health(health(90, 0, false))]);
    assert_eq!(held(&mut judge(), at_the_end), None);
    // Who has proven itself before is well at once.
    assert_eq!(held(&mut Judge::new(Before::default(), None), blocks(2)), Some(TrialVerdict::Well));
}

#[test]
fn an_answer_alone_is_not_enough_and_who_had_no_peers_needs_none() {
    let seen = [50, 51, 52].map(|height| Seen::Health(health(height, 0, true)));
    assert_eq!(held(&mut judge(0, 0), seen), Some(TrialVerdict::Well));
}

#[test]
fn h14_who_says_nothing_for_a_whole_window_hangs_and_who_says_something_in_between_does_not() {
    let hangs = held(&mut judge(0, 0), vec![Seen::Silence; 11]);
    let Some(TrialVerdict::Unwell(unwell)) = &hangs else { panic!("{hangs:?}") };
    assert!(unwell.to_string().contains("10 s"), "{unwell}");
    // An answer at last begins the window anew, and so does a moment in which it could not be asked.
    for between in [Seen::Health(health(5, 0, true)), Seen::Unasked("no descriptor".into())] {
        let seen = [vec![Seen::Silence; 9], vec![between], vec![Seen::Silence; 9]].concat();
        assert_eq!(held(&mut judge(0, 0), seen), None);
    }
    // It answers first, and hangs then.
    let seen = [vec![Seen::Health(health(5, 0, true))], vec![Seen::Silence; 10]].concat();
    assert!(matches!(held(&mut judge(0, 0), seen), Some(TrialVerdict::Unwell(_))));
}

#[test]
fn h14_what_could_not_be_asked_is_not_known() {
    let why = || Seen::Unasked("too many open files".into());
    let verdict = held(&mut judge(0, 0), vec![why(); 11]);
    assert_eq!(verdict, Some(TrialVerdict::NotKnown(NotKnown::Unasked("too many open files".into()))));
}

#[test]
fn h14_who_has_nothing_but_errors_for_a_window_is_compared_whatever_is_between_but_an_answer() {
    let lack = lacks(Lack::Health);
    assert_eq!(held(&mut judge(0, 0), vec![Seen::NoHealth; 11]), lack);
    let with_silence = (0..=10).map(|at| if at % 2 == 0 { Seen::NoHealth } else { Seen::Silence });
    assert_eq!(held(&mut judge(0, 0), with_silence), lack);
    for between in [Seen::Health(health(5, 0, true)), Seen::Unasked("no descriptor".into())] {
        let seen = [vec![Seen::NoHealth; 9], vec![between], vec![Seen::NoHealth; 9]].concat();
        assert_eq!(held(&mut judge(0, 0), seen), None);
    }
    let unwell = Comparison::with(Lack::Health).look(&health(0, 0, false)).unwrap();
    assert!(unwell.to_string().contains("does not say how it is"), "{unwell}");
}

#[test]
fn h14_a_chain_that_stands_still_is_held_against_no_build_under_which_it_stands_still_too() {
    let seen = vec![Seen::Health(health(7, 3, false)); 11];
    let lack = Lack::Blocks(Height(7));
    assert_eq!(held(&mut judge(7, 3), seen), lacks(lack));
    // It stands still, also where the build before has more blocks to begin with.
    for (begins, ends) in [(7, 7), (7, 8), (0, 8), (50, 51)] {
        let mut comparison = Comparison::with(lack);
        let shown = [begins, ends].map(|height| comparison.look(&health(height, 3, true)));
        assert_eq!(shown, [None, None], "from height {begins} to {ends}");
    }
    for (begins, ends) in [(7, 9), (0, 9), (50, 52)] {
        let mut comparison = Comparison::with(lack);
        assert_eq!(comparison.look(&health(begins, 0, false)), None);
        let unwell = comparison.look(&health(ends, 0, false)).unwrap();
        assert!(unwell.to_string().contains("stands still at height 7"), "{unwell}");
    }
}

#[test]
fn h14_who_comes_nearer_to_the_newest_block_is_waited_for_and_who_does_not_is_compared() {
    let behind =
        |at: u64, age_ms: u64| Seen::Health(Vitals { block_age_ms: age_ms, ..health(100 + at * 50, 3, false) });
    let gaining = |looks: u64| (0..looks).map(|at| behind(at, 90_000 - at * 2_000));
    assert_eq!(held(&mut judge(7, 3), gaining(30)), None);
    let outrun = (0..=10).map(|at| behind(at, 90_000 + at * 100));
    assert_eq!(held(&mut judge(7, 3), outrun), lacks(Lack::Freshness));
    let mut comparison = Comparison::with(Lack::Freshness);
    assert_eq!(comparison.look(&health(900, 3, false)), None);
    assert!(comparison.look(&health(900, 3, true)).is_some());
}

#[test]
fn o19_who_gains_on_its_peers_for_three_windows_is_well_and_who_stands_or_is_outrun_is_not() {
    let behind =
        |at: u64, age_ms: u64| Seen::Health(Vitals { block_age_ms: age_ms, ..health(100 + at * 50, 3, false) });
    let gaining = (0..=30).map(|at| behind(at, 9_000_000 - at));
    assert_eq!(held(&mut judge(7, 3), gaining), Some(TrialVerdict::Well));
    // It gains for two windows, and no more.
    let outrun = (0..=30).map(|at| behind(at, if at <= 20 { 9_000_000 - at } else { 9_000_000 }));
    assert_eq!(held(&mut judge(7, 3), outrun), lacks(Lack::Freshness));
    let stands = (0..=10).map(|at| Seen::Health(Vitals { block_age_ms: at, ..health(100, 3, false) }));
    assert_eq!(held(&mut judge(7, 3), stands), lacks(Lack::Blocks(Height(100))));
}

#[test]
fn h14_peers_that_are_gone_are_gone_for_the_build_before_too_unless_they_come_back_to_it() {
    let alone = (0..=10).map(|at| Seen::Health(health(10 + at, 0, true)));
    let lack = Lack::Peers(3);
    assert_eq!(held(&mut judge(7, 3), alone), lacks(lack));
    let mut comparison = Comparison::with(lack);
    assert_eq!(comparison.look(&health(30, 0, true)), None);
    assert!(comparison.look(&health(30, 1, true)).is_some());
}

#[test]
fn who_has_proven_itself_before_may_take_as_long_as_it_takes() {
    let mut judge = Judge::new(Before { height: Height(9), peers: 3 }, None);
    let day = Duration::from_secs(86_400);
    let looks = [Seen::Silence, Seen::Health(health(5, 0, false)), Seen::Unasked("no descriptor".into())];
    for (days, seen) in (1..).zip(looks) {
        assert_eq!(judge.look(day * days, seen), None);
    }
    assert_eq!(judge.look(day * 4, Seen::Health(health(9, 1, true))), Some(TrialVerdict::Well));
}

fn seen() -> impl Strategy<Value = Seen> {
    prop_oneof![
        (0u64..40, 0u32..3, any::<bool>(), 0u64..100_000).prop_map(|(height, peers, ok, block_age_ms)| {
            Seen::Health(Vitals { block_age_ms, ..health(height, peers, ok) })
        }),
        Just::<Seen>(Seen::Unasked("the supervisor is out of descriptors".into())),
        Just::<Seen>(Seen::NoHealth),
        Just::<Seen>(Seen::Silence),
    ]
}

proptest! {
    /// Whatever is seen, nothing but a whole window of silence, which nobody interrupted, is held against a build.
    #[test]
    fn h14_nothing_but_a_window_of_silence_makes_a_build_unwell_by_itself(
        looks in prop::collection::vec((seen(), 1u64..8), 1..80), height in 0u64..40, peers in 0u32..3,
    ) {
        let (mut judge, mut at, mut heard) = (judge(height, peers), 0, 0);
        for (seen, pause) in looks {
            at += pause;
            if seen != Seen::Silence {
                heard = at;
            }
            match judge.look(Duration::from_secs(at), seen) {
                Some(TrialVerdict::Unwell(_)) => prop_assert!(at - heard >= WINDOW.as_secs()),
                Some(TrialVerdict::NotKnown(NotKnown::Lacks(lack))) => {
                    // What is missing under the build before too is held against nobody. What that does not say either, it
                    // has no answer to show.
                    let shown = Comparison::with(lack).look(&health(99, 0, false));
                    prop_assert_eq!(shown.is_some(), lack == Lack::Health);
                }
                _ => {}
            }
        }
    }
}
