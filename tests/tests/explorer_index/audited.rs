//! The audit log of a network that a plan governs: what it can be asked for, what leaves it as a file, and what is noticed when somebody
//! else writes to its database.

use crate::governed::GovernedChain;
use crate::served::{ServedSite, accept, described};
use anyhow::{Context as _, ensure};
use explorer::audited::IndexAudit;
use explorer::feed::{BlockSource, LocalStore};
use explorer::topics::audit::answer::AuditEntry;
use explorer::topics::audit::integrity::step;
use explorer::topics::audit::query::AuditQuery;
use explorer::topics::audit::read::audit;
use light::{Anchor, FactProof};
use primitives::{AlertSeverity, Height, Name};
use rpc::views::AuditIntegrity;
use serde_json::Value;
use tests::http::get;
use tests::stored::store_of;

/// Walks the index to its end.
async fn looked_through(governed: &GovernedChain) -> anyhow::Result<AuditIntegrity> {
    let audit = IndexAudit::default();
    while step(&audit, &governed.index).await? {}
    Ok(audit.answer())
}

async fn entries(governed: &GovernedChain, query: AuditQuery) -> anyhow::Result<Vec<AuditEntry>> {
    Ok(audit(&governed.index, &query, None, 100).await?.entries)
}

/// A body that was sent in chunks, as a whole; none that broke off.
fn whole(body: &str) -> Option<String> {
    let (mut rest, mut found) = (body, String::new());
    loop {
        let (length, after) = rest.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(found);
        }
        found += after.get(..length)?;
        rest = after.get(length..)?.strip_prefix("\r\n")?;
    }
}

fn exported(site: &ServedSite, query: &str) -> anyhow::Result<String> {
    let reply = get(&format!("{}/audit/export?{query}", site.url))?;
    ensure!(reply.status == 200, "{query}: {reply:?}");
    whole(&reply.body).with_context(|| format!("{query} broke off: {reply:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req_151_a06_an_index_that_hangs_together_is_said_to_and_every_change_by_others_is_noticed()
-> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    let found = looked_through(&governed).await?;
    ensure!(found.chain_valid && found.is_whole, "{found:?}");
    ensure!(found.checked_from == Some(Height(0)) && found.checked_to == Some(governed.head.at.height), "{found:?}");
    ensure!(found.anchor_head.is_some_and(|head| head.hash == governed.head.hash), "{found:?}");
    let facts: usize = governed.chain.blocks().iter().map(|kept| kept.record.facts.len()).sum();
    ensure!(found.total_entries == (facts + governed.chain.genesis.facts().len()) as u64, "{found:?}");
    // The last fact of the log, whose block is the first that is broken by it.
    let last = "(SELECT max(id) FROM facts)";
    let of = |statement: String| statement.replace("LAST", last);
    for (change, mended) in [
        ("UPDATE facts SET severity=severity+1 WHERE id=LAST", "UPDATE facts SET severity=severity-1 WHERE id=LAST"),
        ("UPDATE facts SET kind='x' || kind WHERE id=LAST", "UPDATE facts SET kind=substr(kind, 2) WHERE id=LAST"),
        (
            "UPDATE facts SET sentence='.' || sentence WHERE id=LAST",
            "UPDATE facts SET sentence=substr(sentence, 2) WHERE id=LAST",
        ),
        ("UPDATE facts SET fact='{' || fact WHERE id=LAST", "UPDATE facts SET fact=substr(fact, 2) WHERE id=LAST"),
        ("UPDATE facts SET refused=1-refused WHERE id=LAST", "UPDATE facts SET refused=1-refused WHERE id=LAST"),
        ("UPDATE blocks SET hash='x' || hash WHERE height=3", "UPDATE blocks SET hash=substr(hash, 2) WHERE height=3"),
    ] {
        governed.tamper(&of(change.into())).await?;
        let broken = looked_through(&governed).await?;
        ensure!(!broken.chain_valid && broken.broken_at.is_some(), "{change} is not noticed: {broken:?}");
        governed.tamper(&of(mended.into())).await?;
        ensure!(looked_through(&governed).await?.chain_valid, "{mended} mends nothing");
    }
    governed.tamper(&of("UPDATE facts SET kind=x'00' WHERE id=LAST".into())).await?;
    ensure!(!looked_through(&governed).await?.chain_valid, "bytes in the place of a text are not noticed");
    governed.tamper("DELETE FROM facts WHERE id=(SELECT max(id) FROM facts)").await?;
    ensure!(!looked_through(&governed).await?.chain_valid, "a fact that is gone is not noticed");
    governed.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req_153_the_log_is_asked_by_plan_role_action_severity_time_and_change() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    let all = entries(&governed, AuditQuery::default()).await?;
    let plan = Name::new("chain");
    let of_plan = entries(&governed, AuditQuery { plan: plan.clone(), ..Default::default() }).await?;
    ensure!(!of_plan.is_empty() && of_plan.iter().all(|entry| entry.marks.plan == plan), "{of_plan:?}");
    ensure!(of_plan.iter().all(|entry| entry.retention_expires_at.is_some()), "the plan says for how long");
    let critical = AuditQuery { severity: Some(AlertSeverity::Critical), ..Default::default() };
    let critical = entries(&governed, critical).await?;
    ensure!(!critical.is_empty(), "something was disabled in an emergency");
    ensure!(critical.iter().all(|entry| entry.severity == AlertSeverity::Critical), "{critical:?}");
    let change = critical.iter().find_map(|entry| entry.marks.change_id).context("a change")?;
    let of_change = entries(&governed, AuditQuery { change_id: Some(change.0), ..Default::default() }).await?;
    ensure!(of_change.iter().all(|entry| entry.marks.change_id == Some(change)), "{of_change:?}");
    let acted = of_plan.iter().find(|entry| entry.marks.role.is_some()).context("somebody acted in a role")?;
    let (role, action) = (acted.marks.role.clone(), acted.marks.action.as_deref().and_then(Name::new));
    let asked = AuditQuery { role: role.clone(), action, ..Default::default() };
    let of_role = entries(&governed, asked).await?;
    ensure!(of_role.contains(acted) && of_role.iter().all(|entry| entry.marks.role == role), "{of_role:?}");
    let (newest, oldest) = (all.first().context("facts")?, all.last().context("facts")?);
    let within = AuditQuery { from: Some(oldest.time), to: Some(newest.time), ..Default::default() };
    let within = entries(&governed, within).await?;
    ensure!(within.iter().all(|entry| entry.time >= oldest.time && entry.time < newest.time), "{within:?}");
    let later = AuditQuery { from: Some(newest.time.next()), ..Default::default() };
    ensure!(entries(&governed, later).await?.is_empty(), "nothing is later than the newest");
    governed.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req_154_the_log_leaves_as_json_as_a_table_and_as_events_and_its_badge_is_served() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    let site = ServedSite::over(&governed).await?;
    let all: Vec<Value> = serde_json::from_str(&exported(&site, "format=json")?)?;
    let facts: usize = governed.chain.blocks().iter().map(|kept| kept.record.facts.len()).sum();
    ensure!(all.len() == facts + governed.chain.genesis.facts().len(), "{} of {facts} facts", all.len());
    let place = |row: &Value| (row["height"].as_u64(), row["index"].as_u64());
    ensure!(all.is_sorted_by_key(place), "the log is in its order");
    let events = exported(&site, "format=ocsf")?;
    ensure!(events.lines().count() == all.len(), "an event for each fact");
    ensure!(events.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{events}");
    let table = exported(&site, "format=csv&plan=chain&class=COMPLIANCE")?;
    let rows = all.iter().filter(|row| row["plan"] == "chain" && row["class"] == "COMPLIANCE").count();
    ensure!(rows > 0 && table.split("\r\n").count() == rows + 2, "{table}");
    let nothing = exported(&site, "format=json&from=2999-01-01")?;
    ensure!(serde_json::from_str::<Vec<Value>>(&nothing)?.is_empty(), "{nothing}");
    for wrong in ["", "format=xml", "format=csv&plan=a%20b", "format=csv&severity=WARN"] {
        let (reply, _) = site.json(&format!("/audit/export?{wrong}"))?;
        ensure!(reply.status == 400, "{wrong}: {reply:?}");
    }
    for (path, url, shows) in [
        ("/audit/integrity", "/audit/integrity", "Every block and every fact"),
        ("/audit", "/audit?plan=chain&severity=CRITICAL", "/audit/export?format=ocsf&amp;plan=chain"),
    ] {
        let (_, answer) = site.json(url)?;
        accept(&described(path)?, url, &answer)?;
        site.page(url, &[shows])?;
    }
    let posted = tests::http::post(&format!("{}/audit/integrity", site.url), b"{}")?;
    ensure!(posted.status == 405, "{posted:?}");
    governed.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req_169_a_fact_is_shown_with_its_proof_and_the_proof_leaves_as_a_file_that_leads_from_genesis()
-> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    store_of(&governed.chain, &governed.folder.path().join("governance_db"))?;
    let found = entries(&governed, AuditQuery::default()).await?;
    let old = found.iter().rev().find(|entry| entry.height > Height(0)).context("nothing is on record")?;
    let (site, url) = (ServedSite::over(&governed).await?, format!("/audit/proof/{}/{}", old.height, old.index));
    let (reply, answer) = site.json(&url)?;
    ensure!(reply.status == 200, "{reply:?}");
    accept(&described("/audit/proof/{height}/{index}")?, &url, &answer)?;
    ensure!(answer["kind"] == "tree" && answer["head"] == governed.head.at.height.0, "{answer:#}");
    site.page(&url, &["Leaf", &format!("{url}/file"), &governed.head.hash.to_string()])?;
    let file = get(&format!("{}{url}/file", site.url))?;
    ensure!(file.status == 200 && file.body.starts_with("the-block/fact/v1\n"), "{file:?}");
    ensure!(file.header("content-length").map(str::to_owned) == answer["size"].as_u64().map(|size| size.to_string()));
    let source = BlockSource::Store(LocalStore::at(governed.folder.path()));
    let proof = FactProof::from_bytes(&source.fact_proof(old.height, old.index).await?.to_bytes())?;
    ensure!(proof.fact.fact == old.fact, "{proof:?}");
    proof.verify(&Anchor::genesis(&governed.chain.genesis))?;
    for (wrong, status) in [("1/9999", 404), ("9999/0", 404), ("one/0", 400), ("1/0?x=1", 400)] {
        let (reply, _) = site.json(&format!("/audit/proof/{wrong}"))?;
        ensure!(reply.status == status, "{wrong}: {reply:?}");
    }
    governed.close().await;
    Ok(())
}
