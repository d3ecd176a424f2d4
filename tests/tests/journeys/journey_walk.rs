//! Does the main job work, from signature to installed? The walk that `make demo` takes.

use tests::network::{QUICK, free_base_port};
use tests::walk::{Walk, stripped};
use tests::{Network, binaries};

#[tokio::test]
async fn a_build_is_refused_signed_proposed_voted_for_activated_installed_and_on_record() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let executable = binaries::copied("the-block", dir.path())?;
    let candidate = stripped(&executable, &dir.path().join("the-block-0.2.0"))?;
    let mut network = Network::write_with(&executable, &dir.path().join("network"), 4, free_base_port(4)?, QUICK)?;
    let walked = Walk { network: &mut network, candidate: &candidate, tell: &|text| println!("{text}") }.take().await?;

    let served = network.nodes[0].metric("overlay_artifact_bytes_served_total{backend=\"libp2p\"}")?;
    assert!(served > 0.0, "the others have it from the proposer's node");
    let last = network.nodes.last().expect("four nodes");
    assert_eq!(last.metric("release_installs_total")?, 1.0, "this process booted an approved build once");
    assert!(network.nodes[0].metric("release_votes_total{choice=\"yes\"}")? >= 5.0, "four validators and a holder");
    let (code, report) = last.check()?;
    assert_eq!((code, &report["build_bin_hash"]), (Some(0), &walked.build_hash.clone().into()), "{report}");
    for node in &mut network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0));
    }
    Ok(())
}
