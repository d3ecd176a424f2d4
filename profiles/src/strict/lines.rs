//! Where lines end, so that everything can be told with its own.

use toml::Spanned;

/// A text, with the places where its lines end: counted once, however many values it holds.
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    ends: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, ends: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// The line, from 1, that something begins in.
    pub(super) fn of_start<T>(&self, at: &Spanned<T>) -> usize {
        self.of_byte(at.span().start)
    }

    /// The line, from 1, of a byte.
    pub(super) fn of_byte(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at).saturating_add(1)
    }
}
