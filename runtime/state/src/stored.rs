//! Stored bytes, as they are decoded.

use parity_scale_codec::{Decode, Error, Input};

/// Bytes that are decoded from their front. The codec reads a slice by a call and a copy for each byte; rows are names and small
/// numbers, so what is inlined here is most of what reading one takes.
struct StoredBytes<'b>(&'b [u8]);

impl Input for StoredBytes<'_> {
    #[inline]
    fn remaining_len(&mut self) -> Result<Option<usize>, Error> {
        Ok(Some(self.0.len()))
    }

    #[inline]
    fn read(&mut self, into: &mut [u8]) -> Result<(), Error> {
        let (read, rest) = self.0.split_at_checked(into.len()).ok_or("Not enough data to fill buffer")?;
        into.copy_from_slice(read);
        self.0 = rest;
        Ok(())
    }

    #[inline]
    fn read_byte(&mut self) -> Result<u8, Error> {
        let (read, rest) = self.0.split_first().ok_or("Not enough data to fill buffer")?;
        self.0 = rest;
        Ok(*read)
    }
}

/// The value that some bytes are, to their end.
pub(crate) fn decode_all<V: Decode>(bytes: &[u8]) -> Result<V, Error> {
    let mut input = StoredBytes(bytes);
    let value = V::decode(&mut input)?;
    if input.0.is_empty() { Ok(value) } else { Err("Input buffer has still data left after decoding!".into()) }
}

/// Takes a value from the front of some bytes; `None` when they do not begin with one.
pub(crate) fn decode_front<V: Decode>(bytes: &mut &[u8]) -> Option<V> {
    let mut input = StoredBytes(bytes);
    let value = V::decode(&mut input).ok()?;
    *bytes = input.0;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use parity_scale_codec::{DecodeAll, Encode};
    use primitives::{Epoch, Height, List, Moment, Name, Path, Text, Timestamp};

    type Row = (Name, Path, List<(bool, Option<u32>), 4>, Text<9>, Moment);

    /// Whatever is done to the bytes of a row, it is read as the codec reads a slice, refusals included.
    #[test]
    fn stored_bytes_are_read_as_slices_are() {
        let (name, path, text) = (Name::new("shop").unwrap(), "PROD/t1".parse().unwrap(), "a text".parse().unwrap());
        let list = List::truncate_from(vec![(true, None), (false, Some(9))]);
        let moment = Moment { height: Height(1), epoch: Epoch(2), time: Timestamp(3), running: 4, level: 5 };
        let row: Row = (name, path, list, text, moment);
        let whole = row.encode();
        assert_eq!(decode_all::<Row>(&whole), Ok(row));
        let mut changed: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
        changed.push([whole.as_slice(), &[0]].concat());
        for place in 0..whole.len() {
            changed.extend([0, 1, 0x40, 0xff].map(|byte| {
                let mut bytes = whole.clone();
                bytes[place] = byte;
                bytes
            }));
        }
        for bytes in changed {
            assert_eq!(decode_all::<Row>(&bytes), Row::decode_all(&mut &bytes[..]), "{bytes:?}");
        }
    }

    #[test]
    fn what_stands_behind_a_value_is_left() {
        let bytes = (Height(7), Height(8)).encode();
        let mut rest = bytes.as_slice();
        assert_eq!(decode_front::<Height>(&mut rest), Some(Height(7)));
        assert_eq!(decode_front::<Height>(&mut rest), Some(Height(8)));
        assert_eq!((decode_front::<Height>(&mut rest), rest), (None, [].as_slice()));
    }
}
