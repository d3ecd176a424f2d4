//! What comes of the day by which a flag was to be gone.

use super::*;

/// What the clock brings at a height, applied.
fn tick(state: &mut State, height: u64) -> Vec<Event> {
    let events = due(state, at(height), usize::MAX);
    events.iter().for_each(|event| event.apply(state, at(height)));
    events
}

fn dated(key: &str, seconds: u64) -> Flag {
    Flag { kind: FlagKind::Release, expires: Expiry::At(Timestamp(seconds * 1_000)), ..switch(key) }
}

#[test]
fn req_115_an_expired_flag_is_told_of_once_with_its_owner_and_serves_what_it_served() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &define(dated("sale", 20))).unwrap();
    set(&mut state, 2, "shop", "sale", "", Targeting::constant(1));
    assert!(tick(&mut state, 19).is_empty());
    let told = Event::Expired { plan: name("shop"), key: name("sale"), owner: name(OWNER), at: Timestamp(20_000) };
    assert_eq!(tick(&mut state, 20), [told]);
    assert!(tick(&mut state, 21).is_empty(), "once");
    assert_eq!(served(&state, "sale", "", &nobody()), (1, EvaluationReason::Static, 2));

    // What is said otherwise about it is no new day.
    make(&mut state, 22, &edit("sale", FlagEdit { raises_risk: true, ..FlagEdit::default() })).unwrap();
    assert!(tick(&mut state, 23).is_empty());
    let later = FlagEdit { expires: Some(Expiry::At(Timestamp(30_000))), ..FlagEdit::default() };
    make(&mut state, 24, &edit("sale", later)).unwrap();
    assert!(tick(&mut state, 29).is_empty());
    assert_eq!(tick(&mut state, 30).len(), 1, "once for each day that it was given");
}

#[test]
fn a_day_that_was_moved_or_whose_flag_is_retired_is_not_told_of() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &define(dated("moved", 20))).unwrap();
    make(&mut state, 1, &define(dated("retired", 20))).unwrap();
    let later = FlagEdit { expires: Some(Expiry::At(Timestamp(30_000))), ..FlagEdit::default() };
    make(&mut state, 2, &edit("moved", later)).unwrap();
    make(&mut state, 2, &retire("retired")).unwrap();
    assert!(tick(&mut state, 25).is_empty());
    assert_eq!(tick(&mut state, 31).len(), 1);
}

#[test]
fn a_block_tells_of_64_at_most_the_first_days_first() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    for number in 0..100 {
        make(&mut state, 1, &define(dated(&format!("f{number}"), 200 - number))).unwrap();
    }
    let first = tick(&mut state, 500);
    assert_eq!(first.len(), MOST_EXPIRED);
    assert!(matches!(&first[0], Event::Expired { key, .. } if *key == name("f99")));
    assert_eq!(due(&state, at(500), 5).len(), 5, "no more than the block has room for");
    assert_eq!(tick(&mut state, 501).len(), 36);
    assert!(tick(&mut state, 502).is_empty());
}
