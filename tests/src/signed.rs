//! What release signers sign, by the operator's command: a build, and all that is said of it.

use crate::{Contract, Network};
use anyhow::Context as _;
use serde_json::Value;

/// What is said about a build, in a file that two of the network's release signers have signed.
#[derive(Debug, Clone)]
pub struct SignedManifest {
    /// The build.
    pub build_hash: String,
    /// What `contract release manifest` printed.
    pub file: String,
    /// What `contract release sign` printed for each of them.
    pub signatures: Vec<Value>,
}

impl SignedManifest {
    /// Has `contract release manifest WORDS` said and signed.
    ///
    /// # Errors
    /// When the words are refused, or the file cannot be written.
    pub fn of(network: &Network, words: &[&str]) -> anyhow::Result<Self> {
        let contract = Contract::at(&network.nodes[0].rpc)?;
        let manifest = contract.json(&[&["release", "manifest"], words].concat())?;
        let text = |name: &str| manifest[name].as_str().with_context(|| format!("release manifest left {name} out"));
        let (build_hash, root) = (text("build_hash")?.to_owned(), text("root")?);
        let file = network.dir.join(format!("manifest-{root}.json")).display().to_string();
        std::fs::write(&file, manifest.to_string())?;
        let mut signatures = Vec::new();
        for index in 0..2 {
            let key = network.signer(index);
            signatures.push(contract.json(&["release", "sign", "--manifest", &file, "--key", &key])?);
        }
        Ok(Self { build_hash, file, signatures })
    }

    /// What `contract gov propose-release` is told.
    ///
    /// # Errors
    /// When a signature is missing.
    pub fn to_propose(&self) -> anyhow::Result<Vec<String>> {
        let told = self.told(&["signer", "signature", "manifest_signature"])?;
        Ok([told, ["--threshold", "2"].map(str::to_owned).to_vec()].concat())
    }

    /// What `contract gov propose-amend` is told.
    ///
    /// # Errors
    /// When a signature is missing.
    pub fn to_amend(&self) -> anyhow::Result<Vec<String>> {
        self.told(&["signer", "manifest_signature"])
    }

    fn told(&self, names: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut told = vec!["--manifest".to_owned(), self.file.clone()];
        for signed in &self.signatures {
            for name in names {
                let value = signed[*name].as_str().with_context(|| format!("release sign left {name} out"))?;
                told.extend([format!("--{}", name.replace('_', "-")), value.to_owned()]);
            }
        }
        Ok(told)
    }
}
