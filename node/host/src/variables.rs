//! What the environment of this process sets. A path there means the working folder of the start, and is
//! [settled](files::settled) once, when the first one is asked for: neither this process nor one that it starts looks for it
//! anywhere else later.

use std::collections::BTreeMap;
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
    let set = |name: &'static str| Some((name, PathBuf::from(std::env::var_os(name)?)));
    let settled = |(name, path): (&'static str, PathBuf)| (name, files::settled(&path).unwrap_or(path));
    [GOV_DB_VARIABLE, SIGNERS_FILE_VARIABLE].into_iter().filter_map(set).map(settled).collect()
});

/// The path that a variable names, if it is set.
pub fn path(name: &str) -> Option<PathBuf> {
    PATHS.get(name).cloned()
}

/// A variable as a process that is started from here is to have it, if it is set.
pub fn passed_on(name: &str) -> Option<OsString> {
    path(name).map(PathBuf::into_os_string).or_else(|| std::env::var_os(name))
}
