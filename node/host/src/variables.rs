//! What the environment of this process sets, read by one rule: a variable that is set and empty is not set. Service managers and
//! scripts pass on `NAME=` for what nobody gave them.
//!
//! A path means the working folder of the start, and is [settled](files::settled) once, when the first one is asked for: neither
//! this process nor one that it starts looks for it anywhere else later.

use std::collections::BTreeMap;
use std::env::var_os;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

/// Names the node that programs ask which are told none.
pub const RPC_VARIABLE: &str = "TB_RPC";
/// Names the governance store's folder, before the configuration does.
pub const GOV_DB_VARIABLE: &str = "TB_GOV_DB_PATH";
/// Names the file of the trusted signers.
pub const SIGNERS_FILE_VARIABLE: &str = "TB_RELEASE_SIGNERS_FILE";

/// The variables that name one path, as far as they are set.
static PATHS: LazyLock<BTreeMap<&'static str, PathBuf>> = LazyLock::new(|| {
    let set = |name: &'static str| Some((name, PathBuf::from(variable(name)?)));
    let settled = |(name, path): (&'static str, PathBuf)| (name, files::settled(&path).unwrap_or(path));
    [GOV_DB_VARIABLE, SIGNERS_FILE_VARIABLE].into_iter().filter_map(set).map(settled).collect()
});

/// What a variable says; none when it is not set, or empty.
pub fn variable(name: &str) -> Option<OsString> {
    told(var_os(name))
}

/// The name of a variable for who reads it by another rule, such as arguments that have a variable behind them; none when it is
/// set and empty, so that it is not read at all.
pub fn unless_empty(name: &'static str) -> Option<&'static str> {
    let is_empty = var_os(name).is_some_and(|value| value.is_empty());
    (!is_empty).then_some(name)
}

/// The path that a variable names, if it is set.
pub fn path(name: &str) -> Option<PathBuf> {
    PATHS.get(name).cloned()
}

/// A variable as a process that is started from here is to have it, if it is set.
pub fn passed_on(name: &str) -> Option<OsString> {
    path(name).map(PathBuf::into_os_string).or_else(|| variable(name))
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
        // Who reads them otherwise asks for those that are not set, too, and shows their names.
        assert_eq!(["TB_NOBODY_SETS_THIS", "PATH"].map(unless_empty), [Some("TB_NOBODY_SETS_THIS"), Some("PATH")]);
    }
}
