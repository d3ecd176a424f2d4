//! Releases written and checked by the scripts that operators run.

use crate::binaries;
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The tag that a workshop's tree has.
pub const TAG: &str = "v1.0.0";

/// A git repository with this very tree under [`TAG`], binaries built from it, and a signer's key.
pub struct Workshop {
    dir: PathBuf,
    /// The signer's key file.
    pub key: PathBuf,
    /// The signer's public key, hex.
    pub signer: String,
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A script of the workspace, with arguments, in an environment that trusts nobody.
pub fn script(name: &str) -> Command {
    let mut command = Command::new(root().join("scripts").join(name));
    command.env_remove("TB_RELEASE_SIGNERS").env_remove("TB_RELEASE_SIGNERS_FILE").env_remove("TB_KEY_PASSPHRASE");
    command
}

/// What a command said on standard error, and its exit code.
///
/// # Errors
/// When it cannot be run.
pub fn refusal(command: &mut Command) -> anyhow::Result<(Option<i32>, String)> {
    let Output { status, stderr, .. } = command.output().context("cannot run a script")?;
    Ok((status.code(), String::from_utf8_lossy(&stderr).trim().to_owned()))
}

/// Runs a shell's line to its end.
///
/// # Errors
/// When it fails.
pub fn shell(line: &str, folder: &Path) -> anyhow::Result<()> {
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", line]).current_dir(folder).output()?;
    ensure!(output.status.success(), "`{line}` failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

impl Workshop {
    /// Sets one up in a folder. The node's executable gets `mark` appended, so that it has a hash of its own.
    ///
    /// # Errors
    /// When the binaries are not built, or a tool is missing.
    pub fn open(dir: &Path, mark: &str) -> anyhow::Result<Self> {
        let this = Self { dir: dir.to_owned(), key: dir.join("signer.key"), signer: String::new() };
        fs::create_dir_all(this.repository())?;
        let from = root().canonicalize()?;
        shell(
            &format!("tar -C '{}' --exclude=./target --exclude=./.git -cf - . | tar -xf -", from.display()),
            &this.repository(),
        )?;
        shell("git init -q . && git add -A", &this.repository())?;
        this.commit(TAG)?;
        binaries::copied("the-block", &this.binaries())?;
        binaries::copied("contract", &this.binaries())?;
        shell(&format!("printf %s '{mark}' >> the-block"), &this.binaries())?;
        let contract = crate::Contract::at("http://127.0.0.1:9")?;
        let made = contract.json(&["keys", "generate", &this.key.display().to_string()])?;
        let signer = made["public_key"].as_str().context("no public key was printed")?.to_owned();
        Ok(Self { signer, ..this })
    }

    /// The git repository.
    pub fn repository(&self) -> PathBuf {
        self.dir.join("repository")
    }

    /// The folder of the binaries.
    pub fn binaries(&self) -> PathBuf {
        self.dir.join("binaries")
    }

    /// Where releases go.
    pub fn out(&self) -> PathBuf {
        self.dir.join("releases")
    }

    /// Commits what is staged, under a tag.
    ///
    /// # Errors
    /// When git fails.
    pub fn commit(&self, tag: &str) -> anyhow::Result<()> {
        let who = "-c user.name=t -c user.email=t@t -c commit.gpgsign=false -c tag.gpgsign=false";
        shell(&format!("git {who} commit -q -m {tag} && git {who} tag {tag}"), &self.repository())
    }

    /// The command that writes a release of a tag from the binaries.
    pub fn write(&self, tag: &str) -> Command {
        let mut command = script("release_provenance.sh");
        command.arg(tag).args(["--profile", "dev", "--repository"]).arg(self.repository());
        command.arg("--binaries").arg(self.binaries()).arg("--out").arg(self.out());
        command
    }

    /// Writes the release, signed; gives its folder.
    ///
    /// # Errors
    /// The script's refusal.
    pub fn release(&self) -> anyhow::Result<PathBuf> {
        let output = self.write(TAG).arg("--archive").arg("--key").arg(&self.key).output()?;
        ensure!(output.status.success(), "no release: {}", String::from_utf8_lossy(&output.stderr));
        Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
    }

    /// The command that checks a release, trusting the signer.
    pub fn verify(&self, release: &Path) -> Command {
        let mut command = script("verify_release.sh");
        command.arg(release).args(["--signer", &self.signer]);
        command
    }
}

/// The words of a release for a proposal.
///
/// # Errors
/// When there are none.
pub fn facts(release: &Path) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&fs::read(release.join("release.json"))?)?)
}

/// Writes the checksums of a release again, as somebody would who spoils one.
///
/// # Errors
/// When Python or b3sum fails.
pub fn list_again(release: &Path) -> anyhow::Result<()> {
    let line = format!(
        "rm -f B3SUMS SHA256SUMS; PYTHONDONTWRITEBYTECODE=1 PYTHONPATH='{}' PATH=\"$PATH:${{XDG_CACHE_HOME:-$HOME/.cache}}/the-block/tools/bin\" \
         python3 -c 'from provenance import layout; layout.write_checksums(\".\")'",
        root().join("scripts").canonicalize()?.display()
    );
    shell(&line, release)
}
