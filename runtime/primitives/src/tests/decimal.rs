//! Numbers with a point.

use crate::Decimal;
use parity_scale_codec::{DecodeAll, Encode};
use proptest::prelude::*;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn equal_numbers_are_the_same_bytes_however_they_were_written() {
    for (written, plain) in [
        ("1.50", "1.5"),
        ("1.000000000", "1"),
        ("007", "7"),
        ("-0", "0"),
        ("-0.250", "-0.25"),
        ("0.000000001", "0.000000001"),
        ("100", "100"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036.854775807", "9223372036.854775807"),
        (" 1.5\n", "1.5"),
    ] {
        assert_eq!(number(written).to_string(), plain);
        assert_eq!(number(written).encode(), number(plain).encode());
        assert_eq!(serde_json::to_value(number(written)).unwrap(), plain);
    }
    assert_eq!(Decimal::new(1_500, 3), Some(number("1.5")));
    assert_eq!(Decimal::new(0, 9), Some(Decimal::default()));
    assert_eq!(Decimal::new(1, 10), None);
    assert!(Decimal::decode_all(&mut &(150i64, 2u8).encode()[..]).is_err(), "not in its shortest form");
    assert!(Decimal::decode_all(&mut &(1i64, 10u8).encode()[..]).is_err());
}

#[test]
fn what_is_no_number_is_told_with_one_that_is() {
    for bad in [
        "",
        "-",
        ".",
        "1.",
        ".5",
        "+1",
        "1e3",
        "1,5",
        "0x1",
        "1.5.5",
        "--1",
        "1 000",
        "NaN",
        "0.0000000001",
        "1.0000000000",
        "9223372036854775808",
        "9223372036854775807.5",
    ] {
        let said = bad.parse::<Decimal>().unwrap_err();
        assert!(said.contains("such as 1.5") && serde_json::from_value::<Decimal>(bad.into()).is_err(), "{said}");
    }
    assert!(serde_json::from_str::<Decimal>("1.5").is_err(), "JSON's own numbers are floats");
    assert!(serde_json::from_value::<Decimal>(" 1.5".into()).is_err(), "JSON has one form");
}

#[test]
fn a_product_is_exact_or_none() {
    for (a, b, product) in [
        ("1.5", "40", Some("60")),
        ("1.5", "1.5", Some("2.25")),
        ("-0.5", "0.2", Some("-0.1")),
        ("0.00001", "0.0001", Some("0.000000001")),
        ("0.00001", "0.00001", None),
        ("0.000000005", "0.2", Some("0.000000001")),
        ("9223372036854775807", "2", None),
        ("9223372036854775807", "-1", Some("-9223372036854775807")),
    ] {
        assert_eq!(number(a).checked_mul(&number(b)), product.map(number), "{a} {b}");
    }
}

proptest! {
    #[test]
    fn numbers_are_the_same_after_bytes_json_and_text(units in any::<i64>(), scale in 0u8..=9) {
        let number = Decimal::new(units, scale).unwrap();
        prop_assert_eq!(Decimal::decode_all(&mut &number.encode()[..]).unwrap(), number);
        prop_assert_eq!(serde_json::from_value::<Decimal>(serde_json::to_value(number).unwrap()).unwrap(), number);
        prop_assert_eq!(number.to_string().parse::<Decimal>(), Ok(number));
    }

    #[test]
    fn numbers_are_ordered_by_what_they_are_worth(a in any::<i32>(), b in any::<i32>(), p in 0u8..=9, q in 0u8..=9) {
        let worth = |units: i32, scale: u8| i128::from(units) * 10i128.pow(u32::from(9 - scale));
        let (left, right) = (Decimal::new(a.into(), p).unwrap(), Decimal::new(b.into(), q).unwrap());
        prop_assert_eq!(left.cmp(&right), worth(a, p).cmp(&worth(b, q)));
        prop_assert_eq!(left == right, worth(a, p) == worth(b, q));
    }

    #[test]
    fn a_product_does_not_ask_who_comes_first(a in any::<i32>(), b in any::<i32>(), p in 0u8..=4, q in 0u8..=4) {
        let (left, right) = (Decimal::new(a.into(), p).unwrap(), Decimal::new(b.into(), q).unwrap());
        let product = left.checked_mul(&right);
        prop_assert_eq!(product, right.checked_mul(&left));
        let exact = Decimal::new(i64::from(a) * i64::from(b), p + q);
        prop_assert_eq!(product, exact);
    }
}

#[test]
fn a_whole_number_is_one_without_a_point_in_its_shortest_form() {
    let whole = |text: &str| text.parse::<Decimal>().unwrap().whole();
    assert_eq!([whole("7"), whole("7.0"), whole("-40"), whole("0")], [Some(7), Some(7), Some(-40), Some(0)]);
    assert_eq!([whole("7.5"), whole("-0.000000001")], [None, None]);
    assert_eq!(whole(&i64::MIN.to_string()), Some(i64::MIN));
}
