//! Numbers with a point, exactly: consensus has no float.

use parity_scale_codec::{Decode, Encode, Input};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A number with at most nine digits after its point, of which the last is not zero, so that equal ones are the same bytes. Without
/// the point it fits in 64 bits with a sign.
///
/// Text and JSON: a string, such as `"1.5"`, `"-0.25"` or `"40"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Encode)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(from = "String", into = "String", extend("pattern" = r"^-?[0-9]{1,19}(\.[0-9]{1,9})?$"))
)]
pub struct Decimal {
    units: i64,
    scale: u8,
}

impl Decimal {
    /// The most digits after the point.
    pub const MOST_SCALE: u8 = 9;

    /// `units` with the point `scale` digits from the right; `None` for more than nine of them.
    pub fn new(units: i64, scale: u8) -> Option<Self> {
        (scale <= Self::MOST_SCALE).then(|| Self::normalised(units.into(), scale)).flatten()
    }

    /// The number without a point; none when it has digits after one.
    pub fn whole(&self) -> Option<i64> {
        (self.scale == 0).then_some(self.units)
    }

    /// The product, exactly; `None` when it needs more than nine digits after the point, or more than there is room for.
    pub fn checked_mul(&self, other: &Decimal) -> Option<Decimal> {
        let units = i128::from(self.units).checked_mul(other.units.into())?;
        Self::normalised(units, self.scale.checked_add(other.scale)?)
    }

    /// Without zeros at the end; `None` when what is left does not fit.
    fn normalised(mut units: i128, mut scale: u8) -> Option<Self> {
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale = scale.saturating_sub(1);
        }
        let units = i64::try_from(units).ok()?;
        (scale <= Self::MOST_SCALE).then_some(Self { units, scale })
    }

    /// As many times a billionth as it is: what is compared.
    fn billionths(&self) -> i128 {
        let zeros = u32::from(Self::MOST_SCALE.saturating_sub(self.scale));
        i128::from(self.units).saturating_mul(10i128.saturating_pow(zeros))
    }

    fn read(text: &str) -> Option<Self> {
        let (sign, size) = text.strip_prefix('-').map_or((1, text), |size| (-1, size));
        let (whole, part) = size.split_once('.').map_or((size, None), |(whole, part)| (whole, Some(part)));
        let is_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_short = |part: &str| part.len() <= usize::from(Self::MOST_SCALE);
        if !is_digits(whole) || !part.is_none_or(|part| is_digits(part) && is_short(part)) {
            return None;
        }
        let part = part.unwrap_or_default();
        let units = format!("{whole}{part}").parse::<i128>().ok()?.checked_mul(sign)?;
        Self::normalised(units, u8::try_from(part.len()).ok()?)
    }

    fn strict(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| {
            format!(
                "{text:?} is no number that is counted with here; write digits, and a point with at most nine digits after it, \
                 such as 1.5"
            )
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.billionths().cmp(&other.billionths())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let behind = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = behind.saturating_add(1));
        let (whole, part) = digits.split_at(digits.len().saturating_sub(behind));
        let point = if part.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{part}")
    }
}

impl FromStr for Decimal {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::strict(text.trim())
    }
}

impl Decode for Decimal {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        let (units, scale) = <(i64, u8)>::decode(input)?;
        let number = Self::new(units, scale).filter(|number| (number.units, number.scale) == (units, scale));
        number.ok_or_else(|| "not a number in its shortest form".into())
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::strict(&<std::borrow::Cow<'de, str>>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
