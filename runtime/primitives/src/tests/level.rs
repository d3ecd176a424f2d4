//! What level a value needs, by the levels of its parts.

use crate::{Epoch, Leveled, List, Name, Text, TrackName};
use strum::VariantArray as _;

#[derive(Leveled)]
struct Plain {
    name: Name,
    at: Option<Epoch>,
}

#[derive(Leveled)]
enum Grown<T> {
    Old,
    Holding {
        text: Text<8>,
        part: T,
    },
    #[level(2)]
    New,
    #[level(3)]
    NewHolding(u8, T),
}

#[derive(Leveled)]
#[level(4)]
enum Late {
    First,
    #[level(5)]
    Second(Plain),
}

fn plain() -> Plain {
    Plain { name: Name::new("a").unwrap(), at: Some(Epoch(1)) }
}

#[test]
fn a_value_needs_the_most_of_its_type_its_variant_and_its_parts() {
    let holding = |part| Grown::Holding { text: Text::default(), part };
    assert_eq!((Grown::<Plain>::Old.level(), holding(plain()).level(), Grown::<Plain>::New.level()), (0, 0, 2));
    assert_eq!(Grown::NewHolding(1, plain()).level(), 3);
    assert_eq!((Late::First.level(), Late::Second(plain()).level()), (4, 5));
    let part = |late| Grown::Holding { text: Text::default(), part: late };
    assert_eq!((part(Late::First).level(), part(Late::Second(plain())).level()), (4, 5));
    assert_eq!((Grown::NewHolding(1, Late::First).level(), Grown::<Late>::New.level()), (4, 2));
}

#[test]
fn however_deep_in_a_value_a_newer_part_lies_the_whole_needs_its_level() {
    let grown = || [Grown::Old, Grown::New, Grown::<u8>::Old];
    assert_eq!(Vec::from(grown()).level(), 2);
    assert_eq!(List::<_, 3>::truncate_from(Vec::from(grown())).level(), 2);
    assert_eq!(List::<_, 1>::truncate_from(Vec::from(grown())).level(), 0, "what is not there needs nothing");
    assert_eq!((Some(Box::new((1u8, Late::First))).level(), None::<Late>.level()), (4, 0));
    assert_eq!((true, Epoch(7), Grown::<u8>::New).level(), 2);
    assert_eq!(TrackName::VARIANTS.iter().map(Leveled::level).collect::<Vec<_>>(), [0, 0, 1]);
}
