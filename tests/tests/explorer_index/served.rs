//! What is served of a network that a plan governs: each page as a page, and each answer as the document of the API describes it.

use crate::governed::{GovernedChain, REASON};
use anyhow::{Context as _, anyhow, ensure};
use explorer::feed::{BlockSource, LocalStore};
use explorer::metrics::ExplorerMetrics;
use explorer::openapi;
use explorer::progress::ProgressSender;
use explorer::serve::{Site, serve};
use explorer::topics;
use flags::Gate;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tests::http::{HttpReply, get, get_with};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A path of the document, a URL there, and what its page shows.
type ServedPage = (&'static str, &'static str, &'static [&'static str]);

/// Every path about what a plan governs.
const PAGES: [ServedPage; 31] = [
    ("/rollouts", "/rollouts", &["/rollouts/chain", "this network", "/changes/4"]),
    (
        "/rollouts/{plan}",
        "/rollouts/chain",
        &["paused", "current", "canary.soak", "Emergencies", "disabled", "/changes/2"],
    ),
    ("/changes", "/changes", &["/changes/1", "/changes/2", "/changes/3", "/changes/4"]),
    ("/changes", "/changes?plan=chain&state=active", &["/changes/4"]),
    ("/changes", "/changes?state=ended", &["No change matches."]),
    (
        "/changes/{id}",
        "/changes/1",
        &["closed", "mitigation", "A vote on what is owed", "Who has not voted", "Submitted"],
    ),
    ("/changes/{id}", "/changes/2", &["canary", "FAILED", "The vote on it", "Steps of the stage", "witness_subset"]),
    ("/changes/{id}", "/changes/3", &["pruning", "council.set"]),
    ("/changes/{id}", "/changes/4", &["paused", "ratify"]),
    ("/flags/{plan}", "/flags/chain", &["/flags/chain/pruning", "disabled", "sre_lead"]),
    ("/flags/{plan}/{key}", "/flags/chain/pruning", &["disabled", "/changes/1", "may switch it off"]),
    ("/fleet/{plan}", "/fleet/chain", &["2 of 4 nodes", "drifts", "never said", "Ready for canary"]),
    ("/artifacts/{plan}", "/artifacts/chain", &["No artifacts are registered under this plan."]),
    ("/artifacts/{plan}", "/artifacts/shop?standing=candidate", &["shop-2026.11.28.7", "candidate", "the last 30"]),
    ("/rewards", "/rewards?epoch=0", &["timetoke_rewards", "Paid to whom"]),
    ("/witnesses", "/witnesses", &["witness_network", "No checkpoint was cosigned."]),
    ("/phases/{plan}", "/phases/shop", &["P1", "PLANNED", "it has not begun", "tested"]),
    ("/notes/{plan}", "/notes/shop", &["No change is for a milestone yet.", "There is nothing to note."]),
    ("/notes/{plan}", "/notes/chain?milestone=autumn", &["Release notes of chain, autumn", "To come", "/changes/2"]),
    ("/playbooks/{plan}", "/playbooks/shop", &["server", "met", "90 d", "docs/plan.md#rules"]),
    ("/retrospectives/{plan}", "/retrospectives/chain", &["/retrospectives/chain/2023-q4", "running"]),
    (
        "/retrospectives/{plan}/{quarter}",
        "/retrospectives/chain/2023-q4",
        &["pruning", "not moved", "testnet", "/changes/1", "/incidents/2", "The same as Markdown"],
    ),
    ("/incidents", "/incidents", &["/incidents/2", "responded", "WARN", "/reports/1", "/holds"]),
    (
        "/incidents/{id}",
        "/incidents/2",
        &["/changes/1", "the incident itself", "storage", "pruning", "It is not over."],
    ),
    ("/reports", "/reports?plan=chain&step=taken", &["/reports/1", "taken", "/incidents/2"]),
    ("/reports/{id}", "/reports/1", &["Report 1", "taken", "/incidents/2"]),
    ("/risks", "/risks", &["/risks/3", "CRITICAL", "sre_lead"]),
    ("/risks/{id}", "/risks/3", &["Risk 3", "/roles/chain#role-sre_lead", "mitigate or accept it"]),
    ("/holds", "/holds", &["/holds/4", "held"]),
    ("/holds/{id}", "/holds/4", &["Hold 4", "4 C 17/26", "records and artifacts of its place"]),
    ("/roles/{plan}", "/roles/chain", &["id=\"role-governance_council\"", "id=\"role-sre_lead\"", "promote.submit"]),
];

/// What there is not, in a network that has a plan and in one that has none.
const NOWHERE: [&str; 17] = [
    "/rollouts/nowhere",
    "/changes/99",
    "/flags/nowhere",
    "/flags/chain/nothing",
    "/fleet/nowhere",
    "/roles/nowhere",
    "/artifacts/nowhere",
    "/phases/nowhere",
    "/playbooks/nowhere",
    "/notes/nowhere",
    "/notes/chain?milestone=nothing",
    "/retrospectives/nowhere",
    "/retrospectives/chain/2022-q1",
    "/retrospectives/chain/9999-q4",
    "/incidents/99",
    // A report, in the one of these networks, and nothing in the other.
    "/incidents/1",
    "/holds/99",
];

/// A site over an index, until this is dropped.
pub struct ServedSite {
    /// Where it is.
    pub url: String,
    _stop: watch::Sender<bool>,
    _head: ProgressSender,
}

impl ServedSite {
    pub async fn over(governed: &GovernedChain) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (head, progress) = ProgressSender::new(governed.head);
        let (stop, stopped) = watch::channel(false);
        let source = BlockSource::Store(LocalStore::at(governed.folder.path()));
        let (index, metrics) = (governed.index.clone(), ExplorerMetrics::default());
        let site = Arc::new(Site::new(index, BTreeMap::new(), source, progress, metrics, stopped));
        tokio::spawn(serve(listener, site, topics::routes().merge(openapi::routes())));
        Ok(Self { url, _stop: stop, _head: head })
    }

    pub fn json(&self, path: &str) -> anyhow::Result<(HttpReply, Value)> {
        let reply = get(&format!("{}{path}", self.url))?;
        let value = serde_json::from_str(&reply.body).with_context(|| format!("{path}: {reply:?}"))?;
        Ok((reply, value))
    }

    /// A page: one heading, nothing in it that its policy would stop, and what strangers wrote as they wrote it.
    pub fn page(&self, path: &str, shows: &[&str]) -> anyhow::Result<()> {
        let HttpReply { status, body, .. } = get_with(&format!("{}{path}", self.url), &[("Accept", "text/html")])?;
        ensure!(status == 200 && body.starts_with("<!DOCTYPE html>"), "{path} is no page: {status}");
        ensure!(body.matches("<h1>").count() == 1, "{path} has not exactly one heading");
        ensure!(!body.contains("style=") && !body.contains(REASON), "{path} has what no page may have");
        let missing: Vec<_> = shows.iter().filter(|shown| !body.contains(**shown)).collect();
        ensure!(missing.is_empty(), "{path} does not show {missing:?}");
        Ok(())
    }
}

/// What the document says that a path answers, by a status.
pub fn described(path: &str) -> anyhow::Result<Validator> {
    let document = openapi::openapi();
    let answer = &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    ensure!(answer.is_object(), "{path} is not in the document");
    schema(answer)
}

fn schema(of: &Value) -> anyhow::Result<Validator> {
    let whole = json!({ "allOf": [of], "components": openapi::openapi()["components"] });
    jsonschema::options().with_draft(Draft::Draft202012).build(&whole).map_err(|error| anyhow!("{error}"))
}

pub fn accept(schema: &Validator, path: &str, answer: &Value) -> anyhow::Result<()> {
    let wrong: Vec<String> =
        schema.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
    ensure!(wrong.is_empty(), "{path} is not as described: {wrong:#?}\n{answer:#}");
    Ok(())
}

fn nothing_is_nowhere(site: &ServedSite) -> anyhow::Result<()> {
    let problem = schema(&json!({ "$ref": "#/components/schemas/Problem" }))?;
    for path in NOWHERE {
        let (reply, answer) = site.json(path)?;
        ensure!(reply.status == 404, "{path}: {reply:?}");
        accept(&problem, path, &answer)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_under_a_plan_is_served_and_every_answer_is_as_described() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.guest().await?;
    governed.live().await?;
    governed.cases().await?;
    let site = ServedSite::over(&governed).await?;
    for (path, url, shows) in PAGES {
        let (reply, answer) = site.json(url)?;
        ensure!(reply.status == 200, "{url}: {reply:?}");
        accept(&described(path)?, url, &answer)?;
        site.page(url, shows)?;
    }
    // The build with which a promotion asks for its stage.
    let build = format!("/releases/{}", "aa".repeat(32));
    accept(&described("/releases/{hash}")?, &build, &site.json(&build)?.1)?;
    site.page(&build, &["Promotions", "/changes/2"])?;
    nothing_is_nowhere(&site)?;
    governed.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req_159_a_release_and_an_artifact_show_the_promotions_that_they_went_through() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    let site = ServedSite::over(&governed).await?;
    let build = "aa".repeat(32);
    let (_, release) = site.json(&format!("/releases/{build}"))?;
    let numbers = |changes: &Value| -> Vec<u64> {
        changes.as_array().into_iter().flatten().filter_map(|change| change["id"].as_u64()).collect()
    };
    ensure!(numbers(&release["promotions"]) == [2], "{release:#}");
    for (query, expected) in [("", vec![2_u64]), ("&plan=chain&state=open", vec![2]), ("&state=closed", vec![])] {
        let url = format!("/changes?artifact={build}{query}");
        let (_, answer) = site.json(&url)?;
        accept(&described("/changes")?, &url, &answer)?;
        ensure!(numbers(&answer["entries"]) == expected && answer["total"] == expected.len(), "{url}: {answer:#}");
    }
    let (_, behind) = site.json(&format!("/changes?artifact={build}&page=1"))?;
    ensure!(numbers(&behind["entries"]).is_empty() && behind["total"] == 1, "{behind:#}");
    site.page("/changes/2", &["/notes/chain?milestone=autumn", &format!("/changes?artifact={build}")])?;
    site.page(&format!("/releases/{build}"), &["Promotions", "/changes/2"])?;
    governed.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req_158_release_notes_say_by_milestone_what_users_notice_and_leave_as_markdown() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    let site = ServedSite::over(&governed).await?;
    let (_, latest) = site.json("/notes/chain")?;
    ensure!(latest["milestones"] == json!(["autumn"]) && latest["milestone"] == "autumn", "{latest:#}");
    let [entry] = &latest["entries"].as_array().context("a list")?[..] else { anyhow::bail!("{latest:#}") };
    ensure!(entry["id"] == 2 && entry["impact"] == REASON && entry["milestone"] == "autumn", "{entry:#}");
    let (_, named) = site.json("/notes/chain?milestone=autumn")?;
    ensure!(named == latest, "{named:#}");
    let document = get(&format!("{}/notes/chain/markdown?milestone=autumn", site.url))?;
    ensure!(document.status == 200, "{document:?}");
    ensure!(document.header("content-type") == Some("text/markdown; charset=utf-8"), "{document:?}");
    ensure!(
        document.header("content-disposition").is_some_and(|name| name.contains("chain-autumn.md")),
        "{document:?}"
    );
    for said in ["# Release notes of `chain`, `autumn`", "## To come", &format!("- `{REASON}`"), "change 2: promote"] {
        ensure!(document.body.contains(said), "{said} is not in {}", document.body);
    }
    let reply = site.json("/notes/chain/markdown?milestone=nothing")?.0;
    ensure!(reply.status == 404, "{reply:?}");
    governed.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_are_not_kept_from_a_milestone_by_changes_that_were_ended() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.live().await?;
    let others = "INSERT INTO changes \
        (id, plan, state, live, kind, submitter, artifact, turns, change, progress, stop, map, milestone) \
        SELECT 1000 + n, plan, 'ended', 0, kind, submitter, artifact, turns, change, progress, stop, map, milestone FROM changes, \
        (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 257) SELECT n FROM numbers) \
        WHERE id = 2";
    governed.tamper(others).await?;
    // What a site has answered it keeps for a while, so each question has one of its own.
    let (_, noted) = ServedSite::over(&governed).await?.json("/notes/chain?milestone=autumn")?;
    ensure!(noted["entries"].as_array().is_some_and(|entries| entries.len() == 1), "{noted:#}");
    governed.tamper("UPDATE changes SET state='open' WHERE id > 1000").await?;
    let (reply, refused) = ServedSite::over(&governed).await?.json("/notes/chain?milestone=autumn")?;
    let is_told = refused["detail"].as_str().is_some_and(|detail| detail.starts_with("E_BUDGET: "));
    ensure!(reply.status == 503 && is_told, "{refused:#}");
    governed.tamper("UPDATE changes SET state='ended' WHERE milestone='autumn'").await?;
    ServedSite::over(&governed).await?.page("/notes/chain?milestone=autumn", &["Nothing came of it."])?;
    governed.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req_160_the_retrospective_of_a_quarter_names_every_gate_and_leaves_as_markdown() -> anyhow::Result<()> {
    let mut governed = GovernedChain::at_testnet().await?;
    governed.guest().await?;
    governed.live().await?;
    governed.cases().await?;
    let site = ServedSite::over(&governed).await?;
    let (_, answer) = site.json("/retrospectives/chain/2023-q4")?;
    let flags = answer["flags"].as_array().context("a list")?;
    let gates: Vec<&str> = flags.iter().filter_map(|flag| flag["key"].as_str()).collect();
    ensure!(
        Gate::ALL.iter().all(|gate| gates.contains(&gate.to_string().as_str())) && gates.len() == Gate::ALL.len(),
        "{gates:?}"
    );
    for flag in flags {
        let is_moved = flag["flips"].as_array().is_some_and(|flips| flips.iter().any(|flip| flip["change"] == 1));
        ensure!(is_moved == (flag["key"] == "pruning"), "{flag:#}");
        let spent = flag["spent"].as_array().context("a list")?;
        ensure!(spent.iter().all(|spent| spent["stage"] == "testnet" && spent["path"] == ""), "{flag:#}");
        // Each block is a while after the one before, and the gate was off from one on.
        let served: BTreeSet<String> = spent.iter().map(|spent| spent["variants"].to_string()).collect();
        ensure!(served.len() == spent.len() && spent.len() == if is_moved { 2 } else { 1 }, "{flag:#}");
    }
    ensure!(answer["incidents"][0]["id"] == 2 && answer["incidents"][0]["resolved"].is_null(), "{answer:#}");
    ensure!(answer["freezes"][0]["change"] == 4 && answer["lapses"] == json!([]), "{answer:#}");
    let (_, guest) = site.json("/retrospectives/shop/2023-q4")?;
    ensure!(guest["drills"][0]["domain"] == "server" && !guest["drills"][0]["drill"]["took"].is_null(), "{guest:#}");
    let document = get(&format!("{}/retrospectives/chain/2023-q4/markdown", site.url))?;
    ensure!(document.header("content-type") == Some("text/markdown; charset=utf-8"), "{document:?}");
    let is_named = |name: &str| name.contains("chain-2023-q4.md");
    ensure!(document.header("content-disposition").is_some_and(is_named), "{document:?}");
    for gate in Gate::ALL {
        ensure!(document.body.contains(&format!("### `{gate}`")), "{gate} is not in {}", document.body);
    }
    ensure!(site.json("/retrospectives/chain/2023-q4/markdown?x=1")?.0.status == 400);
    ensure!(site.json("/retrospectives/chain/last")?.0.status == 400);
    governed.close().await;
    Ok(())
}

#[test]
fn every_path_of_the_document_about_plans_is_asked_for() -> anyhow::Result<()> {
    let paths = openapi::openapi()["paths"].as_object().context("no paths")?;
    let of_plans = |path: &&str| {
        let topics = [
            "/rollouts",
            "/changes",
            "/flags",
            "/fleet",
            "/roles",
            "/artifacts",
            "/phases",
            "/playbooks",
            "/notes",
            "/retrospectives",
            "/rewards",
            "/witnesses",
            "/incidents",
            "/reports",
            "/risks",
            "/holds",
        ];
        // What is a file is no page.
        !path.ends_with("/markdown") && topics.iter().any(|topic| path.starts_with(topic))
    };
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).filter(of_plans).collect();
    let asked: BTreeSet<&str> = PAGES.iter().map(|(path, ..)| *path).collect();
    ensure!(described == asked, "described are {described:?}, asked for {asked:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_without_a_plan_says_so_where_plans_and_changes_would_stand() -> anyhow::Result<()> {
    let governed = GovernedChain::without_a_plan().await?;
    let site = ServedSite::over(&governed).await?;
    let lists: [(&str, &[&str]); 6] = [
        ("/rollouts", &["No plan governs anything here.", "Nothing is under way."]),
        ("/changes", &["Nobody has asked for a change yet."]),
        ("/incidents", &["Nothing has gone wrong that anybody told of."]),
        ("/reports", &["Nobody has reported anything."]),
        ("/risks", &["No risk is in the register."]),
        ("/holds", &["Nothing is held."]),
    ];
    for (path, says) in lists {
        let (_, answer) = site.json(path)?;
        accept(&described(path)?, path, &answer)?;
        site.page(path, says)?;
    }
    nothing_is_nowhere(&site)?;
    ensure!(site.json("/rollouts/chain")?.0.status == 404, "there is a board without a plan");
    governed.close().await;
    Ok(())
}
