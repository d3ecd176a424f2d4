//! Texts as numbers: whatever is asked by name is found by one look into a table (ROLLOUTS 6.3).

use std::sync::Arc;

/// The place of nothing in a [`PlaceTable`], and the number of a text that was never numbered.
pub(super) const NO_PLACE: u32 = u32::MAX;

/// Texts with a number each, in the order in which they came. A number is never used for another text.
#[derive(Debug, Clone, Default)]
pub(super) struct Interner {
    texts: Vec<Box<str>>,
    table: PlaceTable,
}

impl Interner {
    /// The number of a text; none when it never came.
    #[inline]
    pub fn find(&self, text: &str) -> Option<u32> {
        let is_it = |place: u32| self.texts.get(place as usize).is_some_and(|other| &**other == text);
        self.table.find(hash(text), is_it)
    }

    /// The number of a text, from now on if it has none yet. Whoever else has the same numbers keeps them as they were.
    pub fn number(this: &mut Arc<Self>, text: &str) -> u32 {
        if let Some(place) = this.find(text) {
            return place;
        }
        let own = Arc::make_mut(this);
        let place = u32::try_from(own.texts.len()).unwrap_or(NO_PLACE);
        own.texts.push(text.into());
        own.table.insert(hash(text), place);
        place
    }

    /// How many texts have a number.
    pub fn len(&self) -> usize {
        self.texts.len()
    }
}

/// Where things stand in a list, by the hash of what they are called: open addressing, at most half full.
#[derive(Debug, Clone, Default)]
pub(super) struct PlaceTable {
    /// As many as a power of two; none where nothing was put in.
    entries: Vec<PlaceEntry>,
    taken: usize,
}

#[derive(Debug, Clone, Copy)]
struct PlaceEntry {
    hash: u32,
    place: u32,
}

impl PlaceTable {
    /// What is not there.
    const FREE: PlaceEntry = PlaceEntry { hash: 0, place: NO_PLACE };

    /// The place of what has a hash, and is the thing that is looked for.
    #[inline]
    pub fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.entries.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let entry = self.entries.get(at)?;
            // At least half of them are free, so this ends.
            if entry.place == NO_PLACE {
                return None;
            }
            if entry.hash == hash && is_it(entry.place) {
                return Some(entry.place);
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    /// Puts in where something is that is not there yet.
    pub fn insert(&mut self, hash: u32, place: u32) {
        if self.taken.saturating_mul(2) >= self.entries.len() {
            let room = self.entries.len().saturating_mul(2).max(8);
            let before = std::mem::replace(&mut self.entries, vec![Self::FREE; room]);
            before.into_iter().filter(|entry| entry.place != NO_PLACE).for_each(|entry| self.put(entry));
        }
        self.taken = self.taken.saturating_add(1);
        self.put(PlaceEntry { hash, place });
    }

    fn put(&mut self, entry: PlaceEntry) {
        let Some(mask) = self.entries.len().checked_sub(1) else { return };
        let mut at = entry.hash as usize & mask;
        while let Some(other) = self.entries.get_mut(at) {
            if other.place == NO_PLACE {
                *other = entry;
                return;
            }
            at = at.wrapping_add(1) & mask;
        }
    }
}

/// A text as 32 bits, eight bytes at a step. It is no secret and needs none: names on chain are bounded, and whoever looks for one
/// compares the text as well.
#[inline]
pub(super) fn hash(text: &str) -> u32 {
    const START: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = text.as_bytes();
    let length = bytes.len() as u64;
    let (words, _) = bytes.as_chunks::<8>();
    let so_far = words.iter().fold(START ^ length, |so_far, word| folded(so_far ^ u64::from_le_bytes(*word)));
    folded(so_far ^ end_of(bytes)) as u32
}

/// The bytes that no whole word has, with some that one had where that is quicker to read.
#[inline]
fn end_of(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)).wrapping_shl(32);
    }
    bytes.iter().fold(0, |so_far, byte| so_far.wrapping_shl(8) | u64::from(*byte))
}

/// A product of twice as many bits, of which the halves are put together: every bit hangs on every other.
#[inline]
fn folded(value: u64) -> u64 {
    const BY: u64 = 0xd6e8_feb8_6659_fd93;
    let product = u128::from(value).wrapping_mul(u128::from(BY));
    product as u64 ^ product.wrapping_shr(64) as u64
}
