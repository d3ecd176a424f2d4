//! What a variant of a flag is worth.

use crate::object::{MOST_WHOLE, ObjectFlaw, canonical};
use parity_scale_codec::{Decode, Encode};
use primitives::{Decimal, Text};
use serde::{Deserialize, Serialize};

/// How many significant digits a number of a flag has at most: as many as every reader of JSON has exactly.
const MOST_DIGITS: usize = 15;

/// A value. All variants of a flag have the same type (ROLLOUTS 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FlagValue"))]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Yes or no.
    #[codec(index = 0)]
    Bool(bool),
    /// A whole number within 2^53 - 1 on either side of zero. It is printed without a point.
    #[codec(index = 1)]
    Int(i64),
    /// A number with at most 15 significant digits. It is printed with a point, also where it is whole.
    #[codec(index = 2)]
    Number(Decimal),
    /// Text, of at most 512 bytes.
    #[codec(index = 3)]
    Text(Text<512>),
    /// An object, of at most 4,096 bytes, in the one form that [`canonical`] gives it.
    #[codec(index = 4)]
    Object(Text<4096>),
}

/// Why a value may not be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueFlaw {
    /// A whole number lies beyond 2^53 - 1.
    #[codec(index = 0)]
    #[error("is a number beyond 2^53 - 1, which not every reader has exactly; write it as a text")]
    TooLarge,
    /// A number has more than 15 significant digits.
    #[codec(index = 1)]
    #[error("has more than 15 significant digits, which not every reader has exactly; round it, or write it as a text")]
    TooPrecise,
    /// An object is none, or written otherwise than in its one form.
    #[codec(index = 2)]
    #[error("{0}")]
    BadObject(ObjectFlaw),
}

impl Value {
    /// Whether every reader of JSON gets this very value.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), ValueFlaw> {
        match self {
            Value::Bool(_) | Value::Text(_) => Ok(()),
            Value::Int(number) if number.unsigned_abs() > MOST_WHOLE.unsigned_abs() => Err(ValueFlaw::TooLarge),
            Value::Int(_) => Ok(()),
            Value::Number(number) if significant_digits(number) > MOST_DIGITS => Err(ValueFlaw::TooPrecise),
            Value::Number(_) => Ok(()),
            Value::Object(text) => match canonical(text.as_str()) {
                Ok(form) if form == text.as_str() => Ok(()),
                Ok(_) => Err(ValueFlaw::BadObject(ObjectFlaw::NotCanonical)),
                Err(flaw) => Err(ValueFlaw::BadObject(flaw)),
            },
        }
    }

    /// Whether another value is of the same type; `7` and `"7"` are not, nor are `7` and `7.0`.
    pub fn is_like(&self, other: &Value) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// The digits between the first and the last that are not zero.
fn significant_digits(number: &Decimal) -> usize {
    let digits: String = number.to_string().chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}
