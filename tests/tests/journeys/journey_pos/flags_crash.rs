//! The node that answers for flags and the explorer are killed in the midst of changes, as by a power cut: afterwards both nodes over RPC, the
//! explorer, and OFREP say the same, no change counts twice, what an emergency owes is owed still, and the audit log is whole.

use anyhow::{Context as _, anyhow, ensure};
use runtime::Call;
use serde_json::{Value, json};
use std::path::Path;
use tests::openfeature::evaluated;
use tests::shop::{PLAN, ShopMember, ShopWalk};
use tests::wallet::submit;
use tests::{ExplorerProcess, NodeProcess, chain};

/// What is flipped, and where.
const FLAG: &str = "advanced_discounts";
const AT: &str = "PROD/t1";

/// When the processes are killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    /// As soon as the node has taken the change, which is in no block yet.
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

/// Everybody says that the flag was moved so often, serves this, and stands where the chain has it.
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
    for part in ["settings", "disablings"] {
        ensure!(first[part] == second[part], "two nodes differ in {part}: {first} and {second}");
    }
    let (set, disabled) = (at_path(&first["settings"]), at_path(&first["disablings"]));
    let set = set.with_context(|| format!("nothing is set: {first}"))?;
    let since = &disabled.unwrap_or(set)["since"]["height"];
    ensure!(ofrep["metadata"]["version"] == *since, "OFREP has another version: {ofrep} and {first}");

    explorer.reach(shop.network.nodes[0].height().await?).await?;
    let shown = explorer.json(&format!("/flags/{PLAN}/{FLAG}"))?;
    let line = at_path(&shown["settings"]).with_context(|| format!("{AT} is not shown: {shown}"))?;
    ensure!(line["side"]["targeting"] == set["targeting"], "the explorer shows something else: {line} and {set}");
    ensure!(line["side"]["disabled"] == disabled.is_some(), "the explorer shows something else: {line} and {first}");
    let moves = shown["moves"].as_array().context("the explorer shows no flips")?;
    let flips = moves.iter().filter(|flip| flip["path"] == AT).count();
    ensure!(flips == times, "it was moved {times} times, and the explorer shows {flips}: {shown}");
    same_log(shop, explorer).await
}

/// What a list says of the path that is looked at.
fn at_path(list: &Value) -> Option<&Value> {
    list.as_array()?.iter().find(|line| line["path"] == AT)
}

/// Everybody knows the same changes, and finds the log whole that led to them.
async fn same_log(shop: &ShopWalk<'_>, explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let [first, second] = [&shop.network.nodes[0], &shop.network.nodes[1]];
    let (known, known_to_second) = (changes(first).await?, changes(second).await?);
    ensure!(known == known_to_second, "two nodes differ: {known:?} and {known_to_second:?}");
    for (id, state) in &known {
        let shown = explorer.json(&format!("/changes/{id}"))?;
        ensure!(shown["state"] == *state, "change {id} is {state}, and the explorer shows {shown}");
    }
    let whole = explorer.json("/audit/integrity")?;
    ensure!(whole["chain_valid"] == true, "the explorer finds the log broken: {whole}");
    for node in [first, second] {
        let whole = node.call("audit.integrity", json!({})).await?;
        ensure!(whole["chain_valid"] == true, "{} finds the log broken: {whole}", node.rpc);
    }
    chain::same(&[first, second]).await?;
    Ok(())
}

/// The changes under the plan as a node has them, each with how it stands.
async fn changes(node: &NodeProcess) -> anyhow::Result<Vec<(u64, Value)>> {
    let said = node.call("rollout.changes", json!({ "plan": PLAN, "page_size": 100 })).await?;
    let entries = said["entries"].as_array().with_context(|| format!("no changes: {said}"))?;
    let each = entries.iter().map(|entry| Some((entry["id"].as_u64()?, entry["state"].clone())));
    each.collect::<Option<Vec<_>>>().with_context(|| format!("a change without a number: {said}"))
}

/// A change is sent, the blow comes, and what died is started again. What only the dead node had in its pool is sent again then; what is in a
/// block counts once, and this is refused. Gives the explorer that runs from then on.
async fn struck(
    shop: &mut ShopWalk<'_>,
    dir: &Path,
    shown: ExplorerProcess,
    (who, call): (&ShopMember, &Call),
    (variant, blow): (&str, Blow),
) -> anyhow::Result<ExplorerProcess> {
    let node = &shop.network.nodes[0];
    let transaction = who.wallet.signed(node, call, |_| ()).await?;
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
    let shown = explorer(asked, dir)?;
    let again = submit(asked, &transaction).await;
    println!("{variant} after {blow:?}: sent again, {again:?}");
    Ok(shown)
}

/// The newest change is the emergency, and each node says of it what is owed, and by when.
async fn is_owed(shop: &ShopWalk<'_>) -> anyhow::Result<()> {
    let mut owed = Vec::new();
    for node in &shop.network.nodes {
        let (newest, _) = changes(node).await?.into_iter().next().context("no change")?;
        let change = node.call("rollout.change", json!({ "id": newest })).await?;
        ensure!(change["kind"] == "disable" && change["state"] == "active", "another one is the newest: {change}");
        ensure!(change["duties"].as_array().is_some_and(|duties| !duties.is_empty()), "it owes nothing: {change}");
        owed.push(change["duties"].clone());
    }
    println!("owed: {}", owed[0]);
    let keys = |duties: &Value| -> Vec<Value> {
        duties.as_array().into_iter().flatten().map(|duty| duty["check"].clone()).collect()
    };
    ensure!(keys(&owed[0]) == keys(&owed[1]), "two nodes differ in what is owed: {owed:?}");
    Ok(())
}

#[tokio::test]
async fn whoever_is_asked_says_the_same_after_node_and_explorer_are_killed_in_the_midst_of_changes()
-> anyhow::Result<()> {
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
        shown = struck(&mut shop, dir.path(), shown, (&tenant, &call), (variant, blow)).await?;
        all_agree(&mut shop, &shown, &token, (number, variant)).await?;
        was = Some(variant);
    }
    // An emergency, which is carried out at once and owes its ticket.
    let call = tenant.submits(shop.contains(FLAG, AT)?);
    shown = struck(&mut shop, dir.path(), shown, (&tenant, &call), ("off", Blow::Taken)).await?;
    all_agree(&mut shop, &shown, &token, (FLIPS.len() + 1, "off")).await?;
    is_owed(&shop).await?;
    shown.stop()?;
    for node in &mut shop.network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
    }
    Ok(())
}
