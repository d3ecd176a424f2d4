//! Releases written and checked by the scripts that operators run.

mod tree;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The tag that a workshop's tree has.
pub const TAG: &str = "v1.0.0";

/// A git repository with a small tree under [`TAG`], and a signer's key.
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

/// Requires that a command ends with a code and says a sentence.
///
/// # Panics
/// When it cannot be run, or does not.
#[track_caller]
pub fn refuses(command: &mut Command, code: i32, sentence: &str) {
    let (found, said) = refusal(command).expect("a script that runs");
    assert!(
        found == Some(code) && said.contains(sentence),
        "expected {code} and {sentence:?}, got {found:?} and {said:?}"
    );
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
    /// Sets one up in a folder. The tree has `mark` in it, so that its node has a hash of its own.
    ///
    /// # Errors
    /// When `contract` is not built, or a tool is missing.
    pub fn open(dir: &Path, mark: &str) -> anyhow::Result<Self> {
        let mut this = Self { dir: dir.to_owned(), key: dir.join("signer.key"), signer: String::new() };
        fs::create_dir_all(this.repository())?;
        tree::write(&this.repository(), mark)?;
        shell("git init -q .", &this.repository())?;
        this.commit(TAG)?;
        this.signer = new_key(&this.key)?;
        Ok(this)
    }

    /// The git repository.
    pub fn repository(&self) -> PathBuf {
        self.dir.join("repository")
    }

    /// Where releases go.
    pub fn out(&self) -> PathBuf {
        self.dir.join("releases")
    }

    /// Commits the tree as it is now, under a tag.
    ///
    /// # Errors
    /// When git fails.
    pub fn commit(&self, tag: &str) -> anyhow::Result<()> {
        let who = "-c user.name=t -c user.email=t@t -c commit.gpgsign=false -c tag.gpgsign=false";
        shell(&format!("git add -A && git {who} commit -q -m {tag} && git {who} tag {tag}"), &self.repository())
    }

    /// The command that builds and describes the release of a tag.
    pub fn write(&self, tag: &str) -> Command {
        let mut command = script("release_provenance.sh");
        command.arg(tag).args(["--profile", "dev", "--repository"]).arg(self.repository());
        command.arg("--out").arg(self.out());
        command
    }

    /// The command that signs a release, with the signer's key.
    pub fn sign(&self, release: &Path) -> Command {
        let mut command = script("sign_release.sh");
        command.arg(release).arg("--key").arg(&self.key);
        command
    }

    /// Writes the release of a tag, signed by nobody; gives its folder.
    ///
    /// # Errors
    /// The script's refusal.
    pub fn unsigned(&self, tag: &str) -> anyhow::Result<PathBuf> {
        let output = self.write(tag).output()?;
        ensure!(output.status.success(), "no release: {}", String::from_utf8_lossy(&output.stderr));
        Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
    }

    /// Writes the release of [`TAG`], signed, with its archive; gives its folder.
    ///
    /// # Errors
    /// The scripts' refusal.
    pub fn release(&self) -> anyhow::Result<PathBuf> {
        let release = self.unsigned(TAG)?;
        let output = self.sign(&release).arg("--archive").output()?;
        ensure!(output.status.success(), "not signed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(release)
    }

    /// The command that checks a release by the policy of the tree, trusting the signer.
    pub fn verify(&self, release: &Path) -> Command {
        self.verify_for(release, &[&self.signer])
    }

    /// The command that checks a release by the policy of the tree, trusting these signers.
    pub fn verify_for(&self, release: &Path, signers: &[&str]) -> Command {
        let mut command = script("verify_release.sh");
        command.arg(release).arg("--policy").arg(self.repository());
        command.args(signers.iter().flat_map(|signer| ["--signer", *signer]));
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

/// Makes a signer's key; gives its public key in hex.
///
/// # Errors
/// When `contract` is not built.
pub fn new_key(file: &Path) -> anyhow::Result<String> {
    let made = crate::Contract::at("http://127.0.0.1:9")?.json(&["keys", "generate", &file.display().to_string()])?;
    Ok(made["public_key"].as_str().context("no public key was printed")?.to_owned())
}

/// Runs Python's code with the modules of the scripts, in a folder; what it prints.
///
/// # Errors
/// When it fails.
pub fn python(code: &str, arguments: &[&str], folder: &Path) -> anyhow::Result<String> {
    let scripts = root().canonicalize()?.join("scripts");
    let prepare = r#"scripts="$0"; . "$scripts/provenance/environment.sh"; exec python3 -c "$@""#;
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", prepare]).arg(scripts).arg(code).args(arguments).current_dir(folder);
    let output = command.output()?;
    ensure!(output.status.success(), "`{code}` failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Writes the checksums of a release again, as somebody would who spoils one.
///
/// # Errors
/// When Python or b3sum fails.
pub fn list_again(release: &Path) -> anyhow::Result<()> {
    shell("rm -f B3SUMS SHA256SUMS", release)?;
    python("from provenance import layout; layout.write_checksums('.')", &[], release).map(drop)
}
