//! What is served of a network that a plan governs: each page as a page, and each answer as the document of the API describes it.

use crate::governed::{GovernedChain, REASON};
use anyhow::{Context as _, anyhow, ensure};
use explorer::feed::{BlockSource, LocalStore};
use explorer::metrics::ExplorerMetrics;
use explorer::openapi;
use explorer::progress::ProgressSender;
use explorer::serve::{Site, serve};
use explorer::topics;
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
const PAGES: [ServedPage; 25] = [
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
    ("/phases/{plan}", "/phases/shop", &["P1", "PLANNED", "it has not begun", "tested"]),
    ("/playbooks/{plan}", "/playbooks/shop", &["server", "met", "90 d", "docs/plan.md#rules"]),
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
const NOWHERE: [&str; 12] = [
    "/rollouts/nowhere",
    "/changes/99",
    "/flags/nowhere",
    "/flags/chain/nothing",
    "/fleet/nowhere",
    "/roles/nowhere",
    "/artifacts/nowhere",
    "/phases/nowhere",
    "/playbooks/nowhere",
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
            "/incidents",
            "/reports",
            "/risks",
            "/holds",
        ];
        topics.iter().any(|topic| path.starts_with(topic))
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
