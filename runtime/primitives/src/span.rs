//! How long something takes, in hours that the chain ran or in epochs (ROLLOUTS 3.1).

use crate::{Moment, typed_number};
use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// How long something takes: time in which the chain ran, or whole epochs; the two are never converted into each other. A chain that
/// stands still spends neither.
///
/// Text and JSON: a number and a unit, such as `"48 h"`, `"30 min"`, `"14 d"`, `"10 s"`, `"250 ms"` or `"10 epochs"`; it is printed in
/// the largest unit in which it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, crate::Leveled)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(from = "String", into = "String", extend("pattern" = "^[0-9]{1,20} (ms|s|min|h|d|epochs?)$"))
)]
pub enum Span {
    /// Milliseconds of running time.
    #[codec(index = 0)]
    Millis(u64),
    /// Whole epochs.
    #[codec(index = 1)]
    Epochs(u64),
}

/// How far a span is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Elapsed {
    /// What has passed, in the unit of what is needed.
    pub have: Span,
    /// What is needed.
    pub need: Span,
}

/// The units of running time in milliseconds, the largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

impl Span {
    /// So many minutes of running time; what does not fit is the longest there is.
    pub const fn minutes(count: u64) -> Self {
        Self::Millis(count.saturating_mul(60_000))
    }

    /// So many hours of running time; what does not fit is the longest there is.
    pub const fn hours(count: u64) -> Self {
        Self::Millis(count.saturating_mul(3_600_000))
    }

    /// So many days of running time; what does not fit is the longest there is.
    pub const fn days(count: u64) -> Self {
        Self::Millis(count.saturating_mul(86_400_000))
    }

    /// How far it is over at a moment, when it began at `start`. Of epochs only those count that began after `start` and are over.
    pub fn since(self, start: Moment, at: Moment) -> Elapsed {
        let have = match self {
            Self::Millis(_) => Self::Millis(at.running.saturating_sub(start.running)),
            Self::Epochs(_) => Self::Epochs(at.epoch.0.saturating_sub(start.epoch.0).saturating_sub(1)),
        };
        Elapsed { have, need: self }
    }

    /// Whether it is over at once.
    pub const fn is_nothing(self) -> bool {
        matches!(self, Self::Millis(0) | Self::Epochs(0))
    }

    fn read(number: u64, unit: &str) -> Option<Self> {
        if matches!(unit, "epoch" | "epochs") {
            return Some(Self::Epochs(number));
        }
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
        number.checked_mul(*millis).map(Self::Millis)
    }

    /// As it stands in JSON and in files: digits, one blank, the unit.
    fn strict(text: &str) -> Result<Self, String> {
        let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once(' ')
            .filter(|(digits, _)| plain(digits))
            .and_then(|(digits, unit)| Self::read(digits.parse().ok()?, unit))
            .ok_or_else(|| refusal(text))
    }
}

fn refusal(text: &str) -> String {
    format!(
        "{text:?} is no span; write a whole number and a unit (ms, s, min, h, d or epochs), such as \"48 h\" or \"10 epochs\""
    )
}

impl Elapsed {
    /// Whether what is needed has passed; to the millisecond, or the epoch.
    pub fn is_enough(&self) -> bool {
        self.left().is_nothing()
    }

    /// What is still to come, in the unit of what is needed. Of another unit nothing has passed.
    pub fn left(&self) -> Span {
        match (self.need, self.have) {
            (Span::Millis(need), Span::Millis(have)) => Span::Millis(need.saturating_sub(have)),
            (Span::Epochs(need), Span::Epochs(have)) => Span::Epochs(need.saturating_sub(have)),
            (need, _) => need,
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epochs(1) => f.write_str("1 epoch"),
            Self::Epochs(count) => write!(f, "{count} epochs"),
            // Nothing is whole in every unit; the smallest says least.
            Self::Millis(0) => f.write_str("0 ms"),
            Self::Millis(millis) => {
                let whole = UNITS.iter().find(|(_, unit)| millis.is_multiple_of(*unit));
                let (name, unit) = whole.copied().unwrap_or(("ms", 1));
                write!(f, "{} {name}", millis.checked_div(unit).unwrap_or_default())
            }
        }
    }
}

/// As people type it: with blanks around it, with one before the unit or without, and with thousands apart or not.
impl FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let written = text.trim();
        let unit = written.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ',');
        let number = written.strip_suffix(unit).unwrap_or_default();
        typed_number(number).ok().and_then(|number| Self::read(number, unit.trim_start())).ok_or_else(|| refusal(text))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::strict(&<std::borrow::Cow<'de, str>>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
