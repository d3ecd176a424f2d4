//! Runs the `contract` binary as a process.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use tempfile::NamedTempFile;

/// The key of RFC 8032, test 1, as `openssl` writes it.
#[allow(dead_code, reason = "not every test file needs it")]
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

/// How long anything may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);

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
    run(arguments, variables, "")
}

/// Runs it with arguments and a standard input that ends after a text.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn contract_reading(arguments: &[&str], input: &str) -> Run {
    run(arguments, &[], input)
}

fn run(arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract"));
    command.args(arguments).current_dir(folder.path()).env("HOME", folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = unset(&mut command).envs(variables.iter().copied()).spawn().unwrap();
    // One that ends without reading it closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Takes the operator's variables away.
fn unset(command: &mut Command) -> &mut Command {
    ["TB_RELEASE_SIGNERS", "TB_RELEASE_SIGNERS_FILE", "TB_KEY_PASSPHRASE", "TB_RPC", "TB_KEY"]
        .iter()
        .fold(command, |command, variable| command.env_remove(variable))
}

/// A run that goes on: what it prints is read while it comes.
#[allow(dead_code, reason = "not every test file needs it")]
pub struct Running {
    child: Child,
    output: Receiver<u8>,
    /// What it printed, as far as it was read.
    pub seen: String,
}

#[allow(dead_code, reason = "not every test file needs it")]
impl Running {
    /// Starts it with pipes.
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contract"));
        Self::of(command.args(arguments))
    }

    /// Starts it on a terminal of 60 columns and 30 rows, which `script` of util-linux makes.
    pub fn on_terminal(arguments: &[&str]) -> Self {
        let contract = env!("CARGO_BIN_EXE_contract");
        let line = format!("stty cols 60 rows 30; exec {contract} {}", arguments.join(" "));
        let mut command = Command::new("script");
        Self::of(command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh"))
    }

    fn of(command: &mut Command) -> Self {
        let command = unset(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("script is installed; it is part of util-linux");
        let (sender, output) = mpsc::channel();
        let mut stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut byte = [0];
            // Ends with the process, or with the test.
            while stdout.read_exact(&mut byte).is_ok() && sender.send(byte[0]).is_ok() {}
        });
        Self { child, output, seen: String::new() }
    }

    /// Reads until it has printed `text`, and gives what came up to there.
    pub fn until(&mut self, text: &str) -> String {
        let mut bytes = Vec::new();
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(byte) => bytes.push(byte),
                Err(error) => panic!("no {text:?} ({error}) after {:?}", String::from_utf8_lossy(&bytes)),
            }
            if bytes.ends_with(text.as_bytes()) {
                let read = String::from_utf8(bytes).unwrap();
                self.seen += &read;
                return read;
            }
        }
    }

    /// Types a line.
    pub fn type_line(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(format!("{text}\n").as_bytes()).and_then(|()| stdin.flush()).unwrap();
    }

    /// Sends it a signal, such as `-INT`.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end; what was not read before is in `stdout`.
    pub fn end(mut self) -> Run {
        let mut rest = Vec::new();
        while let Ok(byte) = self.output.recv_timeout(PATIENCE) {
            rest.push(byte);
        }
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code().unwrap();
        Run { code, stdout: String::from_utf8(rest).unwrap(), stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Has ended already, in a test that went well.
        let _ = self.child.kill();
    }
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
