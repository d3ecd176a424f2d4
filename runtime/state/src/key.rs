//! Keys whose bytes sort as their values.

use crate::stored::decode_front;
use parity_scale_codec::{Encode, Output};
use primitives::{
    AccountId, BuildHash, CaseId, ChangeId, Digest, Epoch, Height, Name, Path, ProposalId, PublicKey, Timestamp,
};

/// Room for a path and two hashes without allocating.
pub type KeyBytes = smallvec::SmallVec<[u8; 128]>;

/// A value that can be part of a storage key: written so that bytes compare as the values do.
///
/// Integers are big-endian; byte strings stand as they are, fixed in length, or ended by a byte that they do not have, so that no key is
/// another's prefix.
pub trait Key: Sized {
    /// Appends the key's bytes.
    fn write(&self, out: &mut KeyBytes);

    /// Takes the key from the front of `bytes`; `None` when they are not one.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

/// A key that begins with a head of type `H`.
pub trait Under<H>: Key {
    /// What it has behind that.
    type Rest: Key;
}

macro_rules! integer_key {
    ($($name:ty => $int:ty, $wrap:expr, $unwrap:expr;)*) => {$(
        impl Key for $name {
            #[inline]
            fn write(&self, out: &mut KeyBytes) {
                let value: $int = $unwrap(self);
                out.extend_from_slice(&value.to_be_bytes());
            }
            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                let (head, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some($wrap(<$int>::from_be_bytes(*head)))
            }
        }
    )*};
}
integer_key! {
    u32 => u32, |v| v, |v: &u32| *v;
    u64 => u64, |v| v, |v: &u64| *v;
    Epoch => u64, Epoch, |v: &Epoch| v.0;
    Height => u64, Height, |v: &Height| v.0;
    ProposalId => u64, ProposalId, |v: &ProposalId| v.0;
    ChangeId => u64, ChangeId, |v: &ChangeId| v.0;
    CaseId => u64, CaseId, |v: &CaseId| v.0;
    Timestamp => u64, Timestamp, |v: &Timestamp| v.0;
}

macro_rules! bytes_key {
    ($($name:ident)*) => {$(
        impl Key for $name {
            #[inline]
            fn write(&self, out: &mut KeyBytes) {
                out.extend_from_slice(&self.0);
            }
            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                let (head, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some($name(*head))
            }
        }
    )*};
}
bytes_key! { AccountId BuildHash Digest PublicKey }

/// A key that is written on by what is encoded.
struct WrittenKey<'k>(&'k mut KeyBytes);

impl Output for WrittenKey<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// Words whose encoding sorts as they do, and ends where they end.
macro_rules! word_key {
    ($($name:ident)*) => {$(
        impl Key for $name {
            #[inline]
            fn write(&self, out: &mut KeyBytes) {
                self.encode_to(&mut WrittenKey(out));
            }
            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                decode_front(bytes)
            }
        }
    )*};
}
word_key! { Name Path }

/// The key of what there is one of.
impl Key for () {
    #[inline]
    fn write(&self, _: &mut KeyBytes) {}
    #[inline]
    fn read(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    #[inline]
    fn write(&self, out: &mut KeyBytes) {
        self.0.write(out);
        self.1.write(out);
    }
    #[inline]
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::read(bytes)?, B::read(bytes)?))
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    #[inline]
    fn write(&self, out: &mut KeyBytes) {
        self.0.write(out);
        self.1.write(out);
        self.2.write(out);
    }
    #[inline]
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::read(bytes)?, B::read(bytes)?, C::read(bytes)?))
    }
}

impl<A: Key, B: Key> Under<A> for (A, B) {
    type Rest = B;
}

impl<A: Key, B: Key, C: Key> Under<A> for (A, B, C) {
    type Rest = (B, C);
}

impl<A: Key, B: Key, C: Key> Under<(A, B)> for (A, B, C) {
    type Rest = C;
}
