//! Can an operator work with encrypted keys, and follow a vote through a restart of the node that is asked?

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use tests::network::QUICK;
use tests::node::PATIENCE;
use tests::refusal::refused_start;
use tests::votes::{all_hold, deadline_after};
use tests::{Contract, Network, TestWallet};

const PASSPHRASE: &str = "correct horse battery staple";

/// A watch that goes on beside the test.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(contract: &Contract, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = contract.command(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().context("no output")?);
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Ok(Self { child, lines })
    }

    /// The next line that says `text`.
    fn until(&self, text: &str) -> anyhow::Result<String> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).with_context(|| format!("the watch never said {text:?}"))?;
            if line.contains(text) {
                return Ok(line);
            }
        }
    }

    /// Waits for its end: the exit code, and standard error.
    fn end(mut self) -> anyhow::Result<(Option<i32>, String)> {
        let mut said = String::new();
        self.child.stderr.take().context("no standard error")?.read_to_string(&mut said)?;
        Ok((self.child.wait()?.code(), said))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Has ended already, in a test that went well.
        let _ = self.child.kill();
    }
}

/// Proposes a release on which voting goes on for at least so long; its proposal's number.
async fn propose(network: &Network, contract: &Contract, least: Duration) -> anyhow::Result<String> {
    let hash = "cd".repeat(32);
    let key = network.nodes[0].key();
    let mut arguments = vec!["gov", "propose-release", "--hash", &hash, "--threshold", "2", "--key", &key];
    let signers = [network.signer(0), network.signer(1)];
    let signed: Vec<Value> = signers
        .iter()
        .map(|signer| contract.json(&["release", "sign", "--hash", &hash, "--key", signer]))
        .collect::<Result<_, _>>()?;
    for attestation in &signed {
        let text = |field: &str| attestation[field].as_str().context("a field is missing");
        arguments.extend(["--signer", text("signer")?, "--signature", text("signature")?]);
    }
    let deadline = deadline_after(&network.nodes[0], least).await?;
    arguments.extend(["--deadline", &deadline]);
    let proposed = contract.json(&arguments)?;
    let id = &proposed["fact"]["outcome"]["Ok"]["governance"]["proposed"]["id"];
    Ok(id.as_u64().with_context(|| format!("no proposal in {proposed}"))?.to_string())
}

#[tokio::test]
async fn a_vote_is_followed_to_its_activation_through_a_restart_of_the_node() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let id = propose(&network, &contract, Duration::from_secs(15)).await?;
    let watch = ["gov", "proposal", &id, "--watch"];
    let (lines, objects) =
        (Watch::start(&contract, &watch)?, Watch::start(&contract, &[&watch[..], &["--json"]].concat())?);
    lines.until("is open")?;
    let object: Value = serde_json::from_str(&objects.until("{")?)?;
    assert_eq!((&object["status"], &object["ballots"]), (&json!("open"), &json!([])), "{object}");

    let holder = network.holder(0);
    let vote = ["gov", "vote", "--id", &id, "--choice", "abstain", "--reason", "not mine to say", "--key", &holder];
    contract.json(&vote)?;
    lines.until("votes abstain")?;
    objects.until("not mine to say")?;

    let node = &mut network.nodes[0];
    node.stop().await?;
    lines.until("asking again in")?;
    node.start()?;
    node.reach(3).await?;
    let key = node.key();
    all_hold(&network, id.parse()?).await?;
    lines.until("100.0 % of the power holds the release (enough)")?;
    contract.json(&["gov", "approve-release", "--id", &id, "--reason", "after the restart", "--key", &key])?;
    lines.until("after the restart")?;
    objects.until("after the restart")?;
    lines.until(&format!("proposal {id} passed"))?;
    lines.until(&format!("proposal {id} is activated"))?;
    objects.until("\"status\":\"activated\"")?;
    for watch in [lines, objects] {
        let (code, said) = watch.end()?;
        assert_eq!((code, said.as_str()), (Some(0), ""));
    }
    Ok(())
}

#[tokio::test]
async fn a_validator_and_a_holder_keep_their_keys_encrypted() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    let plain = Contract::at(&network.nodes[0].rpc)?;
    let mut contract = plain.clone();
    contract.environment.push(("TB_KEY_PASSPHRASE".into(), PASSPHRASE.into()));
    for key in [network.nodes[0].key(), network.holder(0)] {
        contract.json(&["keys", "encrypt", &key])?;
    }

    let node = &mut network.nodes[0];
    let refused = refused_start(node).await?;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    ensure!(refused.said.contains("is encrypted") && refused.said.contains("TB_KEY_PASSPHRASE"), "{refused:?}");
    node.environment.push(("TB_KEY_PASSPHRASE".into(), "something else".into()));
    let refused = refused_start(node).await?;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    ensure!(refused.said.contains("the passphrase does not open"), "{refused:?}");
    node.environment = contract.environment.clone();
    node.start()?;
    node.reach(2).await?;

    let (holder, to) = (network.holder(0), TestWallet::fresh().account().to_string());
    let transfer = ["account", "transfer", "--to", &to, "--amount", "5", "--key", &holder];
    let (code, said) = plain.refused(&transfer)?;
    assert_eq!(code, Some(2), "{said}");
    ensure!(said.contains("there is no terminal to ask for the passphrase"), "{said}");
    let sent = contract.json(&[&transfer[..], &["--no-wait"]].concat())?;
    let hash = sent["hash"].as_str().context("no hash")?;
    let became = contract.json(&["tx", hash, "--watch"])?;
    assert_eq!(became["status"], "included", "{became}");
    let account = contract.json(&["account", "show", &to])?;
    assert_eq!(account["free"], "5", "{account}");
    Ok(())
}
