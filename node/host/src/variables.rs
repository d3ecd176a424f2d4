//! Variables of the environment, read by one rule: one that is set and empty is not set. Service managers and scripts pass on
//! `NAME=` for what nobody gave them.

use std::env::var_os;
use std::ffi::OsString;

/// What a variable says; none when it is not set, or empty.
pub fn variable(name: &str) -> Option<OsString> {
    told(var_os(name))
}

fn told(value: Option<OsString>) -> Option<OsString> {
    value.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_empty_is_not_set() {
        assert_eq!([None, Some("".into()), Some("x".into())].map(told), [None, None, Some("x".into())]);
        assert_eq!(variable("TB_NOBODY_SETS_THIS"), None);
        assert_eq!(variable("PATH"), var_os("PATH"));
    }
}
