//! Which release proposals and votes are refused? Each with its sentence, by RPC and by the command line, before anything is
//! stored.

use primitives::{BuildHash, ChainId, Epoch, List, PublicKey, Text};
use releases::{Manifest, Platform, ReleaseVote};
use rpc::error;
use runtime::{Call, testing};
use serde_json::{Value, json};
use tests::chain::stored_since;
use tests::network::{QUICK, QUIET};
use tests::release::{Draft, attest};
use tests::wallet::submit;
use tests::{Contract, Network, NodeProcess, TestWallet};

const HASH: BuildHash = BuildHash([0xab; 32]);

/// A signer and a signature, in hex.
type Pair = (String, String);

struct World {
    network: Network,
    signers: Vec<TestWallet>,
    roster: Vec<PublicKey>,
    validator: TestWallet,
}

impl World {
    async fn new(dir: &tempfile::TempDir, pace: &[&str]) -> anyhow::Result<Self> {
        let network = Network::settled(dir.path(), pace, |_| {}).await?;
        let signers =
            (0..3).map(|index| TestWallet::open(network.signer(index))).collect::<anyhow::Result<Vec<_>>>()?;
        let roster = signers.iter().map(|signer| signer.0.public()).collect();
        let validator = TestWallet::open(network.nodes[0].key())?;
        Ok(Self { network, signers, roster, validator })
    }

    fn node(&self) -> &NodeProcess {
        &self.network.nodes[0]
    }

    fn draft(&self, hash: BuildHash) -> Draft {
        Draft::of(hash, &self.signers[..2], &self.roster)
    }

    async fn proposals(&self) -> anyhow::Result<Value> {
        Ok(self.node().call("gov.proposals", json!({})).await?["total"].clone())
    }

    /// A proposal that the node must refuse; `typed` names the typed error.
    async fn refuses(&self, who: &TestWallet, draft: &Draft, typed: &str, says: &str) -> anyhow::Result<()> {
        let transaction = who.signed(self.node(), &draft.call(), |_| {}).await?;
        let refused = submit(self.node(), &transaction).await.expect_err(says);
        assert_eq!(refused.code, error::POOL_WOULD_BE_REFUSED, "{typed}: {refused:?}");
        assert!(refused.message.contains(says), "{typed}: {refused:?}");
        assert!(refused.data.to_string().contains(&format!("\"{typed}\"")), "{typed}: {refused:?}");
        Ok(())
    }

    /// Sends a call that a block takes and the chain refuses; the sentence of the refusal.
    async fn refused_in_a_block(&mut self, who: &TestWallet, call: &Call) -> anyhow::Result<String> {
        let status = who.send(&mut self.network.nodes[0], call).await?;
        Ok(status["refusal"].as_str().unwrap_or_default().to_owned())
    }

    async fn funded(&mut self, amount: u64) -> anyhow::Result<TestWallet> {
        let (holder, wallet) = (TestWallet::open(self.network.holder(2))?, TestWallet::fresh());
        holder.send(&mut self.network.nodes[0], &testing::transfer(wallet.account(), amount)).await?;
        Ok(wallet)
    }

    async fn epoch(&self) -> anyhow::Result<u64> {
        Ok(self.node().call("chain.status", json!({})).await?["epoch"].as_u64().unwrap_or_default())
    }

    async fn reach_epoch(&mut self, epoch: u64) -> anyhow::Result<()> {
        self.network.nodes[0]
            .until(&format!("epoch {epoch}"), async |node| {
                let status = node.call("chain.status", json!({})).await.ok()?;
                (status["epoch"].as_u64()? >= epoch).then_some(())
            })
            .await
    }
}

#[tokio::test]
async fn a_release_without_its_attestations_is_refused_before_anything_is_stored() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut world = World::new(&dir, QUIET).await?;
    let newcomer = world.funded(1_000_000).await?;
    let (good, stranger, node) = (world.draft(HASH), TestWallet::fresh(), world.node());
    let before = node.height().await?;
    let (first, second) = (attest(&world.signers[0], HASH), attest(&world.signers[1], HASH));
    let elsewhere = attest(&world.signers[1], BuildHash([1; 32]));
    let signatures = |of: Vec<releases::ReleaseAttestation>| {
        good.spoiled(|vote: &mut ReleaseVote| vote.signatures = List::truncate_from(of))
    };
    let threshold = |asked| good.spoiled(|vote| vote.signature_threshold = asked);
    let mut borrowed = attest(&world.signers[0], HASH);
    borrowed.signer = world.signers[1].0.public();
    let booted: BuildHash =
        serde_json::from_value(node.call("node.version", json!({})).await?["build_bin_hash"].clone())?;

    let cases = [
        (signatures(vec![first.clone(), attest(&stranger, HASH)]), "unknown_signer", "is not a release signer"),
        (signatures(vec![first.clone(), first.clone()]), "duplicate_signer", "appears twice among the signers"),
        (signatures(vec![first.clone(), elsewhere]), "bad_signature", "is not valid over \"release:abab"),
        (signatures(vec![first.clone(), borrowed]), "bad_signature", "sign exactly that text"),
        (signatures(vec![second]), "quorum_missing", "has 1 valid signatures and needs 2"),
        (signatures(vec![]), "quorum_missing", "has 0 valid signatures and needs 2"),
        (threshold(3), "quorum_missing", "has 2 valid signatures and needs 3"),
        (threshold(0), "threshold_out_of_range", "must be 2 to 3 signatures, not 0"),
        (threshold(1), "threshold_out_of_range", "must be 2 to 3 signatures, not 1"),
        (threshold(4), "threshold_out_of_range", "must be 2 to 3 signatures, not 4"),
        (good.spoiled(|vote| vote.signer_set = List::default()), "roster_changed", "is not the current roster"),
        (world.draft(booted), "hash_taken", "is already approved"),
    ];
    let quorum_failures = node.metric("release_quorum_fail_total")?;
    for (draft, typed, says) in &cases {
        world.refuses(&world.validator, draft, typed, says).await?;
    }
    let counted = cases.iter().filter(|(_, typed, _)| {
        ["unknown_signer", "duplicate_signer", "bad_signature", "quorum_missing"].contains(typed)
    });
    assert_eq!(node.metric("release_quorum_fail_total")? - quorum_failures, counted.count() as f64);
    world.refuses(&newcomer, &good, "not_eligible", "only a validator or a holder").await?;

    assert_eq!(world.proposals().await?, 0);
    assert_eq!(node.metric("mempool_transactions")?, 0.0);
    assert_eq!(stored_since(node, before).await?, [Value::Null; 0], "something was stored");
    Ok(())
}

#[tokio::test]
async fn h09_t04_t14_what_the_signers_did_not_sign_here_is_refused_before_anything_is_stored() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut world = World::new(&dir, QUIET).await?;
    let (good, node) = (world.draft(HASH), world.node());
    let chain_id: ChainId = serde_json::from_value(node.call("chain.status", json!({})).await?["chain_id"].clone())?;
    let elsewhere: ChainId = serde_json::from_value(json!("the-block-elsewhere"))?;
    let said = |version: &str| Manifest { version: Text::new(version), ..Manifest::default() };
    let described = good.described(said("2.0.0"), &world.signers[..2], &chain_id);
    let mixed = described.spoiled(|vote| vote.manifest.version = Text::new("2.0.1"));
    let other: Platform = "riscv64-linux".parse()?;
    let other_platform = good.spoiled(|vote| vote.platform = other);
    let cases = [
        (good.spoiled(|vote| vote.manifest = said("2.0.0")), "manifest_quorum_missing", "has 0 valid signatures"),
        (good.described(said("2.0.0"), &world.signers[..1], &chain_id), "manifest_quorum_missing", "has 1 valid"),
        (mixed, "manifest_mixed", "a part of it is of another release"),
        (good.described(said("2.0.0"), &world.signers[..2], &elsewhere), "bad_manifest_signature", "on this network"),
        (other_platform, "bad_signature_for", ":riscv64-linux\""),
    ];
    for (draft, typed, says) in &cases {
        world.refuses(&world.validator, draft, typed, says).await?;
    }
    assert_eq!(world.proposals().await?, 0);
    let refused = world.refused_in_a_block(&world.validator.clone(), &described.call()).await?;
    assert_eq!((refused.as_str(), world.proposals().await?), ("", json!(1)), "as it was signed it is proposed");
    Ok(())
}

#[tokio::test]
async fn the_command_line_says_the_same_sentences() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let world = World::new(&dir, QUIET).await?;
    let contract = Contract::at(&world.node().rpc)?;
    let (hash, key) = (HASH.to_string(), world.network.nodes[0].key());
    let pair = |signer: &TestWallet, over: BuildHash| {
        let made = attest(signer, over);
        (made.signer.to_string(), made.signature.to_string())
    };
    let (first, second) = (pair(&world.signers[0], HASH), pair(&world.signers[1], HASH));
    let upper = (first.0.to_uppercase(), first.1.to_uppercase());
    let stranger = pair(&TestWallet::fresh(), HASH);
    let elsewhere = pair(&world.signers[1], BuildHash([1; 32]));
    let propose = |pairs: &[&Pair], threshold: &str| {
        let mut all = vec!["gov", "propose-release", "--hash", &hash, "--key", &key, "--threshold", threshold];
        for (signer, signature) in pairs {
            all.extend(["--signer", signer, "--signature", signature]);
        }
        contract.refused(&all)
    };
    let cases: [(&[&Pair], &str, &str); 7] = [
        (&[&first, &upper], "2", "appears twice among the signers"),
        (&[&first, &stranger], "2", "is not a release signer"),
        (&[&first, &elsewhere], "2", "is not valid over \"release:abab"),
        (&[&first], "2", "has 1 valid signatures and needs 2"),
        (&[&first, &second], "3", "has 2 valid signatures and needs 3"),
        (&[&first, &second], "0", "must be 2 to 3 signatures, not 0"),
        (&[&first, &second], "4", "must be 2 to 3 signatures, not 4"),
    ];
    for (pairs, threshold, says) in cases {
        let (code, said) = propose(pairs, threshold)?;
        assert!([Some(1), Some(2)].contains(&code), "{said}");
        assert!(said.contains(says), "{says:?} is missing: {said}");
    }
    assert_eq!(world.proposals().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_hash_is_proposed_by_whoever_pays_the_deposit_also_beside_others() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut world = World::new(&dir, QUIET).await?;
    // Enough stake to propose, and nothing left for the deposit.
    let holder = TestWallet::open(world.network.holder(0))?;
    let account = world.node().call("account.get", json!({ "account": holder.account() })).await?;
    let free: u64 = account["free"].as_str().unwrap_or_default().parse()?;
    let away = testing::transfer(world.validator.account(), free - 1_000_000);
    holder.send(&mut world.network.nodes[0], &away).await?;
    world.refuses(&holder, &world.draft(HASH), "deposit", "the proposal's deposit cannot be paid").await?;
    assert_eq!(world.proposals().await?, 0);

    let draft = world.draft(HASH);
    world.validator.clone().send(&mut world.network.nodes[0], &draft.call()).await?;
    assert_eq!(world.proposals().await?, 1);
    let rich = TestWallet::open(world.network.holder(1))?;
    for proposed in [2, 3] {
        rich.send(&mut world.network.nodes[0], &draft.call()).await?;
        assert_eq!(world.proposals().await?, proposed);
    }
    world.refuses(&rich, &draft, "too_many_of_one", "as many as one may have").await?;
    assert_eq!(world.proposals().await?, 3);

    let unknown = testing::vote(9, governance::Choice::Yes, None);
    let said = world.refused_in_a_block(&rich, &unknown).await?;
    assert!(said.contains("there is no proposal 9"), "{said}");
    Ok(())
}

#[tokio::test]
async fn stake_that_came_or_went_after_the_snapshot_does_not_change_a_vote_and_late_votes_do_not_count()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut world = World::new(&dir, QUICK).await?;
    let newcomer = world.funded(500_000_000_000).await?;
    let holder = TestWallet::open(world.network.holder(0))?;
    let mut draft = world.draft(HASH);
    draft.deadline = Some(Epoch(world.epoch().await? + 7));
    let validator = world.validator.account();
    world.validator.clone().send(&mut world.network.nodes[0], &draft.call()).await?;
    let created = world.epoch().await?;

    // After the snapshot: one comes, one goes.
    let amount = 100_000_000_000;
    let delegate = testing::delegate(validator, amount);
    assert_eq!(world.refused_in_a_block(&newcomer, &delegate).await?, "");
    let unbond = testing::unbond(validator, amount);
    assert_eq!(world.refused_in_a_block(&holder, &unbond).await?, "");
    world.reach_epoch(created + 2).await?;

    let vote = |choice| testing::vote(1, choice, None);
    let said = world.refused_in_a_block(&newcomer, &vote(governance::Choice::No)).await?;
    assert!(said.contains("had no stake in force in epoch"), "{said}");
    assert_eq!(world.refused_in_a_block(&holder, &vote(governance::Choice::Yes)).await?, "");
    let proposal = world.node().call("gov.proposal", json!({ "id": 1 })).await?;
    let ballots = proposal["ballots"].as_array().cloned().unwrap_or_default();
    assert_eq!(ballots.len(), 1, "a refused ballot was stored: {proposal}");
    assert_eq!(ballots[0]["weight"], amount.to_string(), "the stake of the snapshot counts: {proposal}");

    world.reach_epoch(draft.deadline.unwrap_or_default().0).await?;
    let late = vote(governance::Choice::No);
    let said = world.refused_in_a_block(&world.validator.clone(), &late).await?;
    assert!(said.contains("takes no votes") || said.contains("voting on proposal 1 ended"), "{said}");
    let after = world.node().call("gov.proposal", json!({ "id": 1 })).await?;
    assert_eq!(after["ballots"], proposal["ballots"], "a late ballot was stored");
    assert_eq!(world.node().metric("release_votes_total{choice=\"yes\"}")?, 1.0);
    assert_eq!(world.node().metric("release_votes_total{choice=\"no\"}")?, 0.0);
    Ok(())
}
