//! How do the release signers change? By the command, as operators and signers would.

use serde_json::{Value, json};
use tests::network::QUICK;
use tests::votes::{all_yes, concluded, propose};
use tests::{Contract, Network, TestWallet};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_roster_rotates_by_votes_and_both_thresholds_and_a_key_leaves_alone() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let newcomer = dir.path().join("newcomer.key").display().to_string();
    contract.json(&["keys", "generate", &newcomer])?;
    let joining = TestWallet::open(&newcomer)?.0.public().to_string();
    let leaving = TestWallet::open(network.signer(0))?.0.public().to_string();
    let edit = ["--add", &joining, "--remove", &leaving, "--threshold", "2"];
    let approve = |key: &str| contract.json(&[&["gov", "sign-roster", "--key", key], &edit[..]].concat());

    let approvals = [approve(&network.signer(1))?, approve(&newcomer)?];
    let with = |approvals: &[Value]| {
        let mut arguments = vec!["propose-roster".to_owned()];
        arguments.extend(edit.map(str::to_owned));
        for approval in approvals {
            arguments.extend(["--signer".into(), text(&approval["signer"]).into()]);
            arguments.extend(["--signature".into(), text(&approval["signature"]).into()]);
        }
        arguments
    };
    let few = with(&approvals);
    let refused = propose(&network, &few.iter().map(String::as_str).collect::<Vec<_>>()).await.unwrap_err();
    assert!(refused.to_string().contains("1 keys of the current roster approve"), "{refused}");

    let all = with(&[&approvals[..], &[approve(&network.signer(2))?]].concat());
    let id = propose(&network, &all.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    all_yes(&network, id)?;
    let meaning = String::from_utf8(contract.run(&["gov", "proposal", &id.to_string()])?.stdout)?;
    assert!(meaning.contains(&joining), "{meaning}");
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "activated");
    let signers = contract.json(&["gov", "signers"])?;
    assert_eq!((&signers["roster"], &signers["required"]), (&json!(2), &json!(2)), "{signers}");
    assert!(signers["signers"].to_string().contains(&joining) && !signers["signers"].to_string().contains(&leaving));

    let key = network.nodes[0].key();
    contract.json(&["gov", "leave-roster", "--signer-key", &newcomer, "--key", &key])?;
    let history = contract.json(&["gov", "signers", "--history"])?;
    let causes: Vec<&Value> = history["entries"].as_array().unwrap().iter().map(|entry| &entry["cause"]).collect();
    assert_eq!(causes, [&json!({ "proposal": id }), &json!("genesis")], "a departure is no new roster");
    let left = &history["entries"][0]["left"][0];
    assert_eq!(text(&left["signer"]), joining, "{history}");
    let from = left["from_epoch"].as_u64().unwrap_or_default();
    network.reach(from * 5).await?;
    let signers = contract.json(&["gov", "signers"])?;
    assert_eq!((signers["signers"].as_array().map(Vec::len), &signers["left"][0]), (Some(2), left), "{signers}");
    let last = contract.refused(&["gov", "leave-roster", "--signer-key", &network.signer(1), "--key", &key])?;
    assert!(last.1.contains("cannot need 2 signatures"), "the roster can still release: {last:?}");
    Ok(())
}
