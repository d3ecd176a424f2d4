//! A build that was tested: signed with all that is said of it, and approved by the stake.

use super::{PromotionWalk, short};
use crate::SignedManifest;
use crate::explorer::repository;
use crate::votes::{all_hold, all_yes, concluded, propose_signed};
use crate::walk::stripped;
use anyhow::ensure;
use std::path::PathBuf;
use std::process::Command;

/// A build that the stake approved.
#[derive(Debug, Clone)]
pub struct TestedBuild {
    /// Its BLAKE3.
    pub hash: String,
    /// The commit that it was built from.
    pub commit: String,
    /// The executable.
    pub file: PathBuf,
}

impl PromotionWalk<'_> {
    /// A second build is signed with its commit and its bill of materials, and approved. Nothing else than an approved build is promoted.
    ///
    /// # Errors
    /// When it is not approved.
    pub async fn approve_build(&mut self) -> anyhow::Result<TestedBuild> {
        self.step("Two release signers sign a build, with its commit and its bill of materials; the stake approves it");
        let file = stripped(&self.network.nodes[0].executable, &self.dir.join("the-block-0.2.0"))?;
        let (commit, sbom) = (commit(), self.hash_of(&repository().join("Cargo.lock"))?);
        let artifact = file.display().to_string();
        let said = ["--artifact", &artifact, "--version", "0.2.0", "--source-commit", &commit, "--sbom", &sbom];
        let signed = SignedManifest::of(&self.network, &said)?;
        let proposal = propose_signed(&self.network, &signed.to_propose()?, &[]).await?;
        // Its nodes would say so once they had fetched it; that is what `make demo` shows.
        all_hold(&self.network, proposal).await?;
        all_yes(&self.network, proposal)?;
        let status = concluded(&mut self.network.nodes[0], proposal).await?;
        ensure!(status == "activated", "proposal {proposal} ended as {status}");
        self.tell(&format!(
            "{} is approved; its materials are listed in Cargo.lock, whose BLAKE3 is {}",
            short(&signed.build_hash),
            short(&sbom)
        ));
        Ok(TestedBuild { hash: signed.build_hash, commit, file })
    }
}

/// The commit that the sources are of; zeros where they came without their history.
fn commit() -> String {
    let asked = Command::new("git").current_dir(repository()).args(["rev-parse", "HEAD"]).output();
    let said = asked.ok().filter(|output| output.status.success());
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.filter(|commit| commit.len() == 40).unwrap_or_else(|| "0".repeat(40))
}
