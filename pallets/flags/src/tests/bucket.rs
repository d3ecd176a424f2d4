//! Who is drawn for what.

use super::*;
use proptest::prelude::*;

/// Published values of murmur3_x86_32 with seed 0.
#[test]
fn the_hash_is_murmur3_x86_32() {
    let vectors = [
        ("", 0),
        ("a", 1_009_084_850),
        ("ab", 2_613_040_991),
        ("abc", 3_017_643_002),
        ("abcd", 1_139_631_978),
        ("abcde", 3_902_511_862),
        ("abcdef", 1_635_893_381),
        ("abcdefg", 2_285_673_222),
        ("abcdefgh", 1_239_272_644),
        ("abcdefghi", 1_108_608_752),
        ("hello world", 1_586_663_183),
    ];
    for (text, hash) in vectors {
        assert_eq!(murmur3::murmur3_32(&mut text.as_bytes(), 0).unwrap(), hash, "{text:?}");
    }
}

/// Made by another implementation, in Python; they are for good, since whoever is in a share stays in it.
#[test]
fn buckets_are_for_good() {
    let vectors = [
        ("loyalty", "t1", [0, 1, 51, 51_461, 1_105_121_276]),
        ("loyalty", "t2", [0, 1, 88, 88_898, 1_909_087_180]),
        ("loyalty", "user-42", [0, 1, 75, 75_794, 1_627_671_043]),
        ("discounts", "user-42", [0, 1, 69, 69_384, 1_490_023_579]),
        ("loyalty", "Zo\u{eb}", [0, 0, 34, 34_408, 738_927_236]),
        ("loyalty", "42", [0, 1, 95, 95_576, 2_052_491_794]),
        ("loyalty", "", [0, 1, 75, 75_065, 1_612_016_572]),
    ];
    for (salt, attribute, buckets) in vectors {
        let found = [1, 2, 100, 100_000, MOST_WEIGHT].map(|total| bucket(&name(salt), attribute, total));
        assert_eq!(found, buckets, "{salt}/{attribute}");
        assert_eq!(bucket(&name(salt), attribute, 0), 0);
    }
}

#[test]
fn a_split_gives_each_variant_about_its_weight_and_one_without_weight_nothing() {
    let weights = [(0, 30), (1, 0), (2, 70)];
    let mut found = [0; 3];
    for number in 0..10_000 {
        let drawn = crate::bucket::drawn_variant(&name("salt"), &format!("user-{number}"), &weights).unwrap();
        found[usize::from(drawn)] += 1;
    }
    let [some, none, most] = found;
    assert_eq!((none, some + most), (0, 10_000));
    assert!((2_850..=3_150).contains(&some), "{some} of 10,000 for 30 of 100");
}

proptest! {
    #[test]
    fn a_bucket_is_a_place_and_whoever_is_in_a_share_stays_in_a_larger_one(
        salt in "[a-z][a-z0-9]{0,8}", key in ".{0,20}", total in 1u32.., shares in (0u32..=100_000, 0u32..=100_000)
    ) {
        let salt = name(&salt);
        prop_assert!(bucket(&salt, &key, total) < total);
        let (small, large) = (shares.0.min(shares.1), shares.0.max(shares.1));
        let is_in = |share| crate::bucket::is_in_share(&salt, &key, share);
        prop_assert!(!is_in(small) || is_in(large));
        prop_assert!(is_in(100_000) && !is_in(0));
    }

    #[test]
    fn the_parts_of_a_split_cover_its_whole_without_a_gap(
        key in ".{0,20}", weights in prop::collection::vec(0u32..=MOST_WEIGHT / 16, 1..=16)
    ) {
        let split: Vec<(u8, u32)> = weights.iter().enumerate().map(|(at, weight)| (at as u8, *weight)).collect();
        let total: u32 = weights.iter().sum();
        let place = bucket(&name("salt"), &key, total);
        let drawn = crate::bucket::drawn_variant(&name("salt"), &key, &split);
        prop_assert_eq!(drawn.is_some(), total > 0);
        if let Some(drawn) = drawn.map(usize::from) {
            let before: u32 = weights[..drawn].iter().sum();
            prop_assert!((before..before + weights[drawn]).contains(&place));
        }
    }
}
