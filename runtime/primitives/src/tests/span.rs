//! Spans and what has passed of them.

use crate::{ChainPosition, Elapsed, Epoch, Height, Moment, Span, Timestamp};
use parity_scale_codec::{DecodeAll, Encode};
use proptest::prelude::*;

fn moment(epoch: u64, running: u64) -> Moment {
    let (height, epoch, time) = (Height(epoch.saturating_mul(10)), Epoch(epoch), Timestamp(running.saturating_mul(2)));
    Moment::of(ChainPosition { height, epoch, time }, running, 0)
}

#[test]
fn a_span_is_printed_in_the_largest_unit_in_which_it_is_whole() {
    for (span, text) in [
        (Span::Millis(0), "0 ms"),
        (Span::Millis(250), "250 ms"),
        (Span::Millis(1_500), "1500 ms"),
        (Span::Millis(10_000), "10 s"),
        (Span::minutes(30), "30 min"),
        (Span::minutes(60), "1 h"),
        (Span::hours(72), "3 d"),
        (Span::hours(25), "25 h"),
        (Span::days(14), "14 d"),
        (Span::Epochs(0), "0 epochs"),
        (Span::Epochs(1), "1 epoch"),
        (Span::Epochs(10), "10 epochs"),
    ] {
        assert_eq!(span.to_string(), text);
        assert_eq!((text.parse(), serde_json::to_value(span).unwrap()), (Ok(span), text.into()));
    }
}

#[test]
fn a_span_is_read_in_every_unit_that_exists_and_in_no_other() {
    for (text, span) in [("48 h", Span::days(2)), ("90 s", Span::Millis(90_000)), ("1 epochs", Span::Epochs(1))] {
        assert_eq!((text.parse(), serde_json::from_value(text.into()).unwrap()), (Ok(span), span), "{text}");
    }
    for (typed, span) in [(" 48h\n", Span::days(2)), ("1,500 ms", Span::Millis(1_500)), ("2epochs", Span::Epochs(2))] {
        assert_eq!(typed.parse(), Ok(span), "{typed}");
        assert!(serde_json::from_value::<Span>(typed.into()).is_err(), "{typed}: JSON has one form");
    }
    for bad in ["", "48", "h", "48 hours", "48 H", "1.5 h", "-1 h", "1 w", "48  h ", "213503982335 d", "1 epoch s"] {
        assert!(serde_json::from_value::<Span>(bad.into()).is_err(), "{bad}");
    }
    for bad in ["", "48", "h", "48 hours", "48 H", "1.5 h", "-1 h", "1 w", "213503982335 d", "1,5 h"] {
        let said = bad.parse::<Span>().unwrap_err();
        assert!(said.starts_with(&format!("{bad:?} is no span; write a whole number and a unit")), "{said}");
    }
    assert_eq!(Span::days(u64::MAX), Span::Millis(u64::MAX));
}

#[test]
fn hours_are_over_to_the_millisecond_in_which_the_chain_ran() {
    let (start, span) = (moment(5, 1_000), Span::hours(24));
    let just_before = span.since(start, moment(900, 86_400_999));
    assert_eq!(just_before, Elapsed { have: Span::Millis(86_399_999), need: span });
    assert_eq!((just_before.is_enough(), just_before.left()), (false, Span::Millis(1)));
    let then = span.since(start, moment(5, 86_401_000));
    assert_eq!((then.is_enough(), then.left()), (true, Span::Millis(0)));
    assert_eq!(span.since(start, moment(1, 0)).have, Span::Millis(0), "nothing has passed before it began");
}

#[test]
fn epochs_count_that_began_after_the_start_and_are_over() {
    let (start, span) = (moment(5, 0), Span::Epochs(10));
    for (epoch, whole) in [(4, 0), (5, 0), (6, 0), (7, 1), (15, 9), (16, 10), (17, 11)] {
        let elapsed = span.since(start, moment(epoch, u64::MAX));
        assert_eq!((elapsed.have, elapsed.is_enough()), (Span::Epochs(whole), whole >= 10), "{epoch}");
    }
    assert!(Span::Epochs(0).since(start, start).is_enough() && Span::Epochs(0).is_nothing());
    let mixed = Elapsed { have: Span::Millis(u64::MAX), need: Span::Epochs(1) };
    assert!(!mixed.is_enough(), "one unit is never taken for the other");
}

proptest! {
    #[test]
    fn spans_are_the_same_after_bytes_json_and_text(count in any::<u64>(), is_epochs in any::<bool>(), unit in 0usize..5) {
        let millis = count.saturating_mul([1, 1_000, 60_000, 3_600_000, 86_400_000][unit]);
        let span = if is_epochs { Span::Epochs(count) } else { Span::Millis(millis) };
        prop_assert_eq!(Span::decode_all(&mut &span.encode()[..]).unwrap(), span);
        prop_assert_eq!(serde_json::from_value::<Span>(serde_json::to_value(span).unwrap()).unwrap(), span);
        prop_assert_eq!(span.to_string().parse::<Span>(), Ok(span));
    }

    #[test]
    fn what_has_passed_and_what_is_left_are_together_what_is_needed(
        need in any::<u64>(), ran in any::<u64>(), epochs in any::<u64>()
    ) {
        let (start, at) = (moment(0, 0), Moment { running: ran, epoch: Epoch(epochs), ..moment(0, 0) });
        for span in [Span::Millis(need), Span::Epochs(need)] {
            let elapsed = span.since(start, at);
            let number = |span: Span| match span {
                Span::Millis(number) | Span::Epochs(number) => u128::from(number),
            };
            let (have, left) = (number(elapsed.have), number(elapsed.left()));
            prop_assert_eq!(left, u128::from(need).saturating_sub(have));
            prop_assert_eq!(elapsed.is_enough(), have >= u128::from(need));
        }
    }
}
