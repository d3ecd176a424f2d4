//! What is known of whoever asks, as far as a rule of the plan asks for it: on the stack, without taking memory (ROLLOUTS 6.3).

use super::draw::Draw;
use super::names::NO_PLACE;
use super::words::{KEY_SLOT, Words};
use crate::Attribute;
use primitives::Decimal;
use std::fmt::Write;

/// One for each attribute that the rules of a plan may ask, and one for the targeting key.
const SLOTS: usize = KEY_SLOT as usize + 1;

/// Something that is known of somebody, as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextValue<'c> {
    /// Yes or no.
    Bool(bool),
    /// A number; `7` and `7.0` are the same.
    Number(Decimal),
    /// Text, unnormalised.
    Text(&'c str),
}

impl<'c> From<&'c Attribute> for ContextValue<'c> {
    fn from(attribute: &'c Attribute) -> Self {
        match attribute {
            Attribute::Bool(is) => Self::Bool(*is),
            Attribute::Number(number) => Self::Number(*number),
            Attribute::Text(text) => Self::Text(text),
        }
    }
}

/// What is known of whoever asks, as [`Snapshot::context`](super::Snapshot::context) makes it. It is for that snapshot alone: what is
/// asked of another one may be answered otherwise than it should be.
#[derive(Debug, Clone)]
pub struct FlagContext<'c> {
    known: [Known<'c>; SLOTS],
    /// Bit `n` is whether something is in slot `n`.
    present: u128,
    /// The targeting key, among the texts that the plan has.
    member: u32,
}

/// What is known under a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known<'c> {
    Nothing,
    Bool(bool),
    Number(Decimal),
    /// `symbol` is the number of the text among those that rules compare with.
    Text {
        text: &'c str,
        symbol: u32,
    },
}

/// The bit of a slot.
#[inline]
pub(super) fn bit(slot: u8) -> u128 {
    1u128.wrapping_shl(u32::from(slot))
}

impl<'c> FlagContext<'c> {
    /// The later of two under one name counts, and what no rule asks is passed over.
    pub(super) fn new(words: &Words, all: &[(&str, ContextValue<'c>)]) -> Self {
        let mut context = Self { known: [Known::Nothing; SLOTS], present: 0, member: NO_PLACE };
        for (name, value) in all {
            let Some(slot) = words.slot_of(name) else { continue };
            let known = match *value {
                ContextValue::Bool(is) => Known::Bool(is),
                ContextValue::Number(number) => Known::Number(number),
                ContextValue::Text(text) => Known::Text { text, symbol: words.symbol_of(text) },
            };
            if let Some(place) = context.known.get_mut(usize::from(slot)) {
                *place = known;
                context.present |= bit(slot);
            }
        }
        context.member = match context.known(KEY_SLOT) {
            Known::Text { symbol, .. } => *symbol,
            Known::Number(number) => number.whole().map_or(NO_PLACE, |whole| words.symbol_of(Digits::of(whole).text())),
            Known::Nothing | Known::Bool(_) => NO_PLACE,
        };
        context
    }

    #[inline]
    pub(super) fn known(&self, slot: u8) -> &Known<'c> {
        self.known.get(usize::from(slot)).unwrap_or(&Known::Nothing)
    }

    /// Whether everything is known whose bits these are.
    #[inline]
    pub(super) fn has_all(&self, bits: u128) -> bool {
        self.present & bits == bits
    }

    /// What the targeting key is among the texts that the plan has.
    #[inline]
    pub(super) fn member(&self) -> u32 {
        self.member
    }

    #[inline]
    pub(super) fn text(&self, slot: u8) -> Option<&'c str> {
        match self.known(slot) {
            Known::Text { text, .. } => Some(*text),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn number(&self, slot: u8) -> Option<&Decimal> {
        match self.known(slot) {
            Known::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Where an attribute falls among `total` places; none when nothing can be drawn by it.
    #[inline]
    pub(super) fn drawn(&self, slot: u8, draw: Draw, total: u32) -> Option<u32> {
        match self.known(slot) {
            Known::Text { text, .. } => Some(draw.place(text, total)),
            Known::Number(number) => number.whole().map(|whole| draw.place(Digits::of(whole).text(), total)),
            Known::Nothing | Known::Bool(_) => None,
        }
    }
}

/// The decimal text of a whole number.
struct Digits {
    bytes: [u8; 20],
    length: usize,
}

impl Digits {
    fn of(whole: i64) -> Self {
        let mut digits = Self { bytes: [0; 20], length: 0 };
        // All that a whole number of 64 bits has fits.
        let _ = write!(digits, "{whole}");
        digits
    }

    fn text(&self) -> &str {
        let written = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(written).unwrap_or_default()
    }
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            *self.bytes.get_mut(self.length).ok_or(std::fmt::Error)? = byte;
            self.length = self.length.saturating_add(1);
        }
        Ok(())
    }
}
