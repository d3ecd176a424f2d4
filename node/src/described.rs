//! What genesis says of the executable that writes it, whose hash it approves: what that knows of itself, and what it is told.

use crate::build_info;
use anyhow::{Context as _, bail};
use primitives::Text;
use releases::Manifest;
use std::path::Path;

/// What this executable knows of itself, its version and its source hash, beside what is said of it.
///
/// # Errors
/// What is said is about sources that this executable was not made of.
pub fn described(said: &Manifest) -> anyhow::Result<Manifest> {
    let (known, said) = (build_info::source_hash(), said.clone());
    if let Some(other) = said.source_hash.filter(|said| *said != known) {
        bail!(
            "the manifest says that this executable has the source hash {other}, and it has {known}; leave that out, or make the \
             network with the executable that the manifest is about"
        );
    }
    let version = said.version.clone().or_else(|| Text::new(env!("CARGO_PKG_VERSION")));
    Ok(Manifest { version, source_hash: Some(known), ..said })
}

/// Reads what is said of it: a manifest as JSON, in which everything may be left out.
///
/// # Errors
/// The file cannot be read, or is no manifest.
pub fn read(path: &Path) -> anyhow::Result<Manifest> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the manifest {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no manifest", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NetworkPlan;
    use anyhow::ensure;
    use host::config::Home;
    use primitives::Digest;
    use runtime::Genesis;

    #[test]
    fn genesis_says_what_the_executable_knows_of_itself_and_what_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let said = |dir: &str, said: Manifest| -> anyhow::Result<Manifest> {
            let home = Home::at(folder.path().join(dir));
            NetworkPlan { said, ..NetworkPlan::default() }.write_single(&home, None)?;
            let genesis: Genesis = serde_json::from_str(&std::fs::read_to_string(home.genesis())?)?;
            let [first] = genesis.releases.manifests.as_slice() else { bail!("one build is described") };
            ensure!(first.build_hash == genesis.releases.approved[0].build_hash, "it is the one that is approved");
            Ok(first.manifest.clone())
        };
        let (version, source_hash) = (Text::new(env!("CARGO_PKG_VERSION")), Some(build_info::source_hash()));
        let known = Manifest { version, source_hash, ..Manifest::default() };
        assert_eq!(said("bare", Manifest::default()).unwrap(), known);
        let sbom_hash = Some(Digest([3; 32]));
        let told = Manifest { sbom_hash, source_hash, ..Manifest::default() };
        assert_eq!(said("told", told).unwrap(), Manifest { sbom_hash, ..known });

        let refused = |dir: &str, manifest| said(dir, manifest).unwrap_err().to_string();
        let other = Manifest { source_hash: sbom_hash, ..Manifest::default() };
        assert!(refused("other", other).contains("has the source hash 0303"));
        let elsewhere = refused("elsewhere", Manifest { level: Some(1), ..Manifest::default() });
        assert!(elsewhere.contains("releases.manifests.0.manifest.level"), "{elsewhere}");
        assert!(!folder.path().join("elsewhere").exists(), "nothing is left");
    }
}
