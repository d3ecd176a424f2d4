//! The node that answers for flags and the explorer are killed in the midst of flips, as by a power cut: afterwards both nodes over RPC, the
//! explorer, and OFREP say the same, and no flip counts twice.

use anyhow::{Context as _, anyhow, ensure};
use serde_json::{Value, json};
use std::path::Path;
use tests::openfeature::evaluated;
use tests::shop::{PLAN, ShopWalk};
use tests::wallet::submit;
use tests::{ExplorerProcess, NodeProcess, chain};

/// What is flipped, and where.
const FLAG: &str = "advanced_discounts";
const AT: &str = "PROD/t1";

/// When the processes are killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    /// As soon as the node has taken the flip, which is in no block yet.
    Taken,
    /// As soon as the other node has decided the block with it, which this one may be about to write.
    Decided,
}

/// The flips, in order: what is served from then on, and when the blow comes.
const FLIPS: [(&str, Blow); 3] = [("on", Blow::Taken), ("off", Blow::Decided), ("on", Blow::Decided)];

fn explorer(node: &NodeProcess, dir: &Path) -> anyhow::Result<ExplorerProcess> {
    let db = dir.join("explorer.sqlite").display().to_string();
    ExplorerProcess::start(&["--rpc", &node.rpc, "--db", &db], &dir.join("explorer.log"))
}

/// The flag as a node has it, with what is set where.
async fn flag(node: &NodeProcess) -> anyhow::Result<Value> {
    node.call("flags.flag", json!({ "plan": PLAN, "key": FLAG })).await
}

/// Waits until a node serves a variant.
async fn until_served(node: &mut NodeProcess, variant: &str) -> anyhow::Result<()> {
    node.until(&format!("{FLAG} at {variant}"), async |node| {
        let asked = json!({ "plan": PLAN, "key": FLAG, "scope": AT });
        let said = node.call("flags.evaluate", asked).await.ok()?;
        (said["variant"] == variant).then_some(())
    })
    .await
}

/// Everybody says that the flag was flipped so often, and serves this.
async fn all_agree(
    shop: &mut ShopWalk<'_>,
    explorer: &ExplorerProcess,
    token: &str,
    (times, variant): (usize, &str),
) -> anyhow::Result<()> {
    for node in &mut shop.network.nodes {
        until_served(node, variant).await?;
    }
    let url = shop.flags_url();
    let ofrep = shop.network.nodes[0]
        .until(&format!("{variant} by OFREP"), async |_| {
            evaluated(&url, token, FLAG).ok().filter(|answer| answer["variant"] == variant)
        })
        .await?;
    let (first, second) = (flag(&shop.network.nodes[0]).await?, flag(&shop.network.nodes[1]).await?);
    ensure!(first["settings"] == second["settings"], "two nodes differ: {first} and {second}");
    let set = first["settings"].as_array().and_then(|set| set.iter().find(|set| set["path"] == AT));
    let set = set.with_context(|| format!("nothing is set: {first}"))?;
    ensure!(ofrep["metadata"]["version"] == set["since"]["height"], "OFREP has another version: {ofrep} and {set}");

    explorer.reach(shop.network.nodes[0].height().await?).await?;
    let shown = explorer.json(&format!("/flags/{PLAN}/{FLAG}"))?;
    let lines = shown["settings"].as_array().context("the explorer shows no settings")?;
    let line = lines.iter().find(|line| line["path"] == AT).with_context(|| format!("{AT} is not shown: {shown}"))?;
    ensure!(line["side"]["targeting"] == set["targeting"], "the explorer shows something else: {line} and {set}");
    let moves = shown["moves"].as_array().context("the explorer shows no flips")?;
    let flips = moves.iter().filter(|flip| flip["path"] == AT).count();
    ensure!(flips == times, "it was flipped {times} times, and the explorer shows {flips}: {shown}");
    chain::same(&[&shop.network.nodes[0], &shop.network.nodes[1]]).await?;
    Ok(())
}

#[tokio::test]
async fn whoever_is_asked_says_the_same_after_node_and_explorer_are_killed_in_the_midst_of_flips() -> anyhow::Result<()>
{
    let dir = tempfile::tempdir()?;
    let tell = |text: &str| println!("{text}");
    let mut shop = ShopWalk::write(dir.path(), &tell)?;
    shop.open().await?;
    let [tenant, _] = shop.people.tenants.clone();
    let token = shop.token(&tenant, "t1", "server")?;
    let mut shown = explorer(&shop.network.nodes[0], dir.path())?;
    let mut was = None;
    for (number, (variant, blow)) in (1..).zip(FLIPS) {
        let ticket = format!("CHG-{number}");
        let call = tenant.submits(shop.flips_from(FLAG, AT, was, variant, Some(&ticket))?);
        let node = &shop.network.nodes[0];
        let transaction = tenant.wallet.signed(node, &call, |_| ()).await?;
        submit(node, &transaction).await.map_err(|refused| anyhow!("{refused:?}"))?;
        if blow == Blow::Decided {
            until_served(&mut shop.network.nodes[1], variant).await?;
        }
        shop.network.nodes[0].kill()?;
        // Its end is no better: nobody tells it beforehand.
        drop(shown);
        shop.network.nodes[0].start()?;
        let asked = &mut shop.network.nodes[0];
        asked.until("an answer", async |node| node.height().await.ok()).await?;
        shown = explorer(asked, dir.path())?;
        // What only the dead node had in its pool is sent again; what is in a block counts once, and this is refused.
        let again = submit(asked, &transaction).await;
        println!("{number}. {blow:?}: sent again, {again:?}");
        all_agree(&mut shop, &shown, &token, (number, variant)).await?;
        was = Some(variant);
    }
    shown.stop()?;
    for node in &mut shop.network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
    }
    Ok(())
}
