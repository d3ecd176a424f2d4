//! Numbers as people read and type them.

/// A number with its thousands apart, as people read it.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let head = Some(head.to_owned()).filter(|head| !head.is_empty());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

/// Why a text is no number that is counted by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// It is something else: negative, with a point, or no number.
    #[error("{0:?} is not a whole number; write one such as 25, or 1,500")]
    NotWhole(String),
    /// It is larger than there is room for.
    #[error("{0:?} is too large; numbers here go up to {1}")]
    TooLarge(String, u64),
}

/// A whole number, as people have it at hand: blanks around it, and thousands apart as they are [printed](grouped), or not.
///
/// # Errors
/// [`NumberError`].
pub fn typed_number(text: &str) -> Result<u64, NumberError> {
    let written = text.trim();
    let plain: String = written.chars().filter(|letter| *letter != ',').collect();
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotWhole(text.into()));
    }
    let number = plain.parse().map_err(|_| NumberError::TooLarge(text.into(), u64::MAX))?;
    // A comma anywhere else may be another country's point.
    if written == plain || written == grouped(number) { Ok(number) } else { Err(NumberError::NotWhole(text.into())) }
}

/// As [`typed_number`], where fewer fit.
///
/// # Errors
/// [`NumberError`].
pub fn typed_number32(text: &str) -> Result<u32, NumberError> {
    fitting(text, u32::MAX.into())
}

/// As [`typed_number`], where fewer fit, such as of a port.
///
/// # Errors
/// [`NumberError`].
pub fn typed_number16(text: &str) -> Result<u16, NumberError> {
    fitting(text, u16::MAX.into())
}

fn fitting<N: TryFrom<u64>>(text: &str, most: u64) -> Result<N, NumberError> {
    N::try_from(typed_number(text)?).map_err(|_| NumberError::TooLarge(text.into(), most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Amount, Epoch, ProposalId};

    #[test]
    fn thousands_stand_apart() {
        let read = [0, 7, 999, 1_000, 12_345, 999_999, 1_000_000, u64::MAX].map(grouped);
        let expected = ["0", "7", "999", "1,000", "12,345", "999,999", "1,000,000", "18,446,744,073,709,551,615"];
        assert_eq!(read, expected);
    }

    #[test]
    fn o49_numbers_are_read_as_people_have_them_and_what_is_none_is_told_with_an_example() {
        let read = ["0", "007", " 25\n", "1500", "1,500", "18,446,744,073,709,551,615"].map(typed_number);
        assert_eq!(read, [Ok(0), Ok(7), Ok(25), Ok(1500), Ok(1500), Ok(u64::MAX)]);
        for bad in ["", " ", "-1", "+1", "1.5", "1,5", "15,00", ",1", "1e3", "0x10", "١", "one", "1 500"] {
            let error = typed_number(bad).unwrap_err();
            assert_eq!(error, NumberError::NotWhole(bad.into()));
            assert!(
                error.to_string().contains(&format!("{bad:?} is not a whole number; write one such as 25")),
                "{error}"
            );
            assert!(bad.parse::<ProposalId>().is_err() && bad.parse::<Epoch>().is_err(), "{bad}");
            let error = bad.parse::<Amount>().unwrap_err().to_string();
            assert!(error.contains("tokens are not divided") && error.contains("such as 1500"), "{error}");
        }
        let error = typed_number("18446744073709551616").unwrap_err();
        assert!(matches!(error, NumberError::TooLarge(..)), "{error}");
        assert_eq!(typed_number32("4,294,967,295"), Ok(u32::MAX));
        assert_eq!(typed_number16("65535"), Ok(u16::MAX));
        assert!(typed_number16("65536").unwrap_err().to_string().ends_with("up to 65535"));
        assert!(typed_number32("4294967296").unwrap_err().to_string().ends_with("up to 4294967295"));
        assert_eq!("1,500".parse::<Amount>(), Ok(Amount(1500)));
        assert_eq!(" 7".parse::<ProposalId>(), Ok(ProposalId(7)));
        assert!(serde_json::from_str::<Amount>("\"1,500\"").is_err(), "JSON has one form");
    }
}
