//! Runs the `contract` binary as a process.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use tempfile::NamedTempFile;

/// The key of RFC 8032, test 1, as `openssl` writes it.
#[allow(dead_code, reason = "not every test file needs it")]
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

/// What a run left.
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs it with arguments and none of the operator's variables.
pub fn contract(arguments: &[&str]) -> Run {
    contract_with(arguments, &[])
}

/// Runs it with arguments and variables, in an empty folder that is also the user's home.
pub fn contract_with(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_contract"))
        .args(arguments)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env_remove("TB_RELEASE_SIGNERS")
        .env_remove("TB_RELEASE_SIGNERS_FILE")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A file of mode 0600 with some text.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn key_file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    set_mode(&file, 0o600);
    file
}

/// Changes a file's mode.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn set_mode(file: &NamedTempFile, mode: u32) {
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
}
