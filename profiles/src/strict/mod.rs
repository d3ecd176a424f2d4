//! Reading TOML that people write so that nothing of it is passed over: where everything stands, and which known key an unknown
//! one is most like. A node's configuration and a profile are both read with this.

mod limits;
mod lines;
mod reader;
mod tree;

pub use limits::{MOST_BYTES, MOST_DEPTH, MOST_PATH, UnreadableToml};
pub use reader::TableReader;
pub use tree::WrittenValue;
pub(crate) use tree::joined;

/// The longest key, in bytes, that is held against others: what comparing costs grows with the product of both lengths.
const LONGEST_COMPARED: usize = 128;

/// The known key that is spelled most like another, whatever the size of its letters; the first of those that are equally like it.
/// Keys of more than 128 bytes are like none.
pub fn nearest<'k>(key: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if key.len() > LONGEST_COMPARED {
        return None;
    }
    let key = key.to_lowercase();
    let compared = known.into_iter().filter(|other| other.len() <= LONGEST_COMPARED);
    compared.min_by_key(|other| strsim::damerau_levenshtein(&key, &other.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_too_long_to_be_misspelled_are_like_none() {
        let (most, longer) = ("a".repeat(LONGEST_COMPARED), "a".repeat(LONGEST_COMPARED + 1));
        assert_eq!(nearest(&most, ["b", longer.as_str()]), Some("b"));
        assert_eq!(nearest(&longer, ["b", longer.as_str()]), None);
    }
}
