//! Do providers that nobody here wrote agree with a running node about flags? OpenFeature's for services in Node and Python and for pages
//! in Chromium, OFREP's own OpenAPI document, and PyJWT about tokens.
//!
//! A plan of a shop with tenants is installed on a network that another plan governs; its owner flips flags by changes.

use anyhow::{Context as _, ensure};
use flags::{Audience, Expiry, Flag, FlagKind, Risk, Targeting, Value as FlagValue, Variant};
use host::config::WebSection;
use host::token::{FlagToken, TokenAudience, TokenKind};
use primitives::{Digest, List, Name, Path, Reason, ReleaseClass, ScopePattern, Span, Text};
use roles::{Grant, Role, Seat};
use rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide};
use rollouts::install::{Installation, RoleSeats};
use rollouts::plan::{ChangeKind, Duty, Missed, Nature, Plan, Procedure};
use runtime::Call;
use runtime::testing::examples;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::Path as File;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tests::explorer::repository;
use tests::network::QUICK;
use tests::openfeature::FlagPage;
use tests::pages::{LightPage, open_many};
use tests::wallet::TestWallet;
use tests::{Contract, Network, NodeProcess, http};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The plan, its role, and the stage that its scopes begin with.
const SHOP: &str = "shop";
const OWNER: &str = "OWNER";
const STAGE: &str = "DEV";
/// How many pages hold a stream on one token, and how many of them are in one office.
const PAGES: u32 = 1_000;
const IN_OFFICE: u32 = 200;
/// Where the proxy of the pages is.
const PROXY: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// The origin of the page that looks at flags.
const PAGE: &str = "https://shop.example";

fn name(text: &str) -> Name {
    Name::new(text).expect("a name of this test is one")
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    List::truncate_from(items.into_iter().collect())
}

/// A flag for servers and clients that serves the first of these where nothing is set.
fn flag(key: &str, variants: &[(&str, FlagValue)]) -> Flag {
    let variants = variants.iter().map(|(variant, value)| Variant { name: name(variant), value: value.clone() });
    Flag {
        key: name(key),
        kind: FlagKind::Permission,
        variants: list(variants),
        fallback: 0,
        off: 0,
        owner: name(OWNER),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Both,
        emergency: true,
        requires: List::new(),
        bypass: List::new(),
        salt: name(key),
        text: Text::default(),
    }
}

fn flags() -> anyhow::Result<Vec<Flag>> {
    let number = |text: &str| text.parse().map(FlagValue::Number).map_err(anyhow::Error::msg);
    let menu = Text::new(r#"{"items":[1,2]}"#).context("a short object")?;
    let word = |text: &str| Text::new(text).map(FlagValue::Text).context("a short text");
    Ok(vec![
        flag("discounts", &[("off", FlagValue::Bool(false)), ("on", FlagValue::Bool(true))]),
        flag("limit", &[("few", FlagValue::Int(10)), ("many", FlagValue::Int(1_000))]),
        flag("menu", &[("short", FlagValue::Object(menu))]),
        flag("ratio", &[("one", number("1")?), ("half", number("0.5")?)]),
        flag("risk_mode", &[("WARN", word("WARN")?), ("BLOCK", word("BLOCK")?)]),
        Flag { audience: Audience::Server, ..flag("secret", &[("off", FlagValue::Bool(false))]) },
    ])
}

/// The plan: its owner moves flags at once, issues tokens and defines flags.
fn shop() -> anyhow::Result<Plan> {
    let plan = examples::plan();
    let promote = plan.procedures.iter().find(|procedure| procedure.of == ChangeKind::Promote);
    let promote = promote.cloned().context("the example has a procedure for promotions")?;
    let owed = Duty { check: name("tested"), within: Some(Span::hours(24)), missed: Missed::Block, or_incident: false };
    let set =
        Procedure { of: ChangeKind::Set, approve: List::new(), at_once: true, close: list([owed]), ..promote.clone() };
    let grants = ["set.submit **", "token **", "flag **"].map(str::parse::<Grant>);
    let grants = grants.into_iter().collect::<Result<Vec<Grant>, String>>().map_err(anyhow::Error::msg)?;
    Ok(Plan {
        levels: list([name("tenant")]),
        procedures: list([promote, set]),
        roles: list([(name(OWNER), Role { grants: list(grants), least_members: 1 })]),
        ..plan
    })
}

/// A network with a node that evaluates the shop, which is installed and has its flags.
struct Shop {
    network: Network,
    owner: TestWallet,
    key: String,
    _dir: tempfile::TempDir,
}

impl Shop {
    async fn open(requests_per_second: u32) -> anyhow::Result<Self> {
        Self::with(|web| web.requests_per_second = requests_per_second).await
    }

    /// One whose node has other settings for those who ask for flags.
    async fn with(change: impl FnOnce(&mut WebSection)) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let mut network = Network::governed(&dir.path().join("network"), 2, "testnet", QUICK)?;
        network.nodes[0].configure(|config| {
            config.web.plans = vec![name(SHOP)];
            config.web.cors_origins = vec![PAGE.into()];
            change(&mut config.web);
        })?;
        network.start_all()?;
        network.reach(2).await?;
        let key = network.holder(0);
        let owner = TestWallet::open(&key)?;
        let scopes = list([ScopePattern::everywhere()]);
        let seats = list([Seat { account: owner.account(), scopes }]);
        let members = list([RoleSeats { role: name(OWNER), seats }]);
        let (plan, segments, moves) = (shop()?, List::new(), List::new());
        let installation = Box::new(Installation { plan, document: None, stage: None, members, segments, moves });
        let mut shop = Self { network, owner, key, _dir: dir };
        shop.send(Call::Rollouts(rollouts::Call::Install { installation })).await?;
        for flag in flags()? {
            let (plan, acting) = (name(SHOP), name(OWNER));
            shop.send(Call::Flags(flags::Call::Define { plan, acting, flag })).await?;
        }
        Ok(shop)
    }

    fn node(&mut self) -> &mut NodeProcess {
        &mut self.network.nodes[0]
    }

    /// Sends a call of the owner's, which has to be granted.
    async fn send(&mut self, call: Call) -> anyhow::Result<()> {
        let owner = self.owner.clone();
        let status = owner.send(self.node(), &call).await?;
        let included = status.get("included").unwrap_or(&status);
        ensure!(!included["fact"].is_null() && included["refusal"].is_null(), "{status}");
        Ok(())
    }

    /// Makes a flag serve a variant to a tenant, for whom something was set before or not.
    async fn set(&mut self, key: &str, tenant: &str, was: Option<u8>, variant: u8) -> anyhow::Result<()> {
        let path: Path = format!("{STAGE}/{tenant}").parse().map_err(anyhow::Error::msg)?;
        let was = FlagSide { targeting: was.map(Targeting::constant), disabled: false }.digest();
        let to = EffectTo::Setting(Targeting::constant(variant));
        let effects = list([Effect::Flag { flag: name(key), path, to, was }]);
        let change = ChangeDraft {
            version: 1,
            bundle: examples::plan().bundle,
            request: ChangeRequest::Set { effects },
            class: ReleaseClass::Minor,
            nature: Nature::Feature,
            phase: None,
            sealer: None,
            ticket: None,
            reason: Reason::new("the shop wants it").context("a reason")?,
            milestone: None,
            impact: Text::default(),
            features: List::new(),
        };
        let (plan, acting, change) = (name(SHOP), name(OWNER), Box::new(change));
        self.send(Call::Rollouts(rollouts::Call::Submit { plan, acting, change })).await
    }

    /// Where flags are asked.
    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.network.nodes[0].port + 4)
    }

    /// A token of the owner's for a tenant, issued by `contract`.
    fn token(&self, tenant: &str, audience: &str) -> anyhow::Result<String> {
        let scope = format!("{STAGE}/{tenant}");
        let issue = ["flags", "token", "--plan", SHOP, "--acting", OWNER, "--scope", &scope, "--audience", audience];
        let issued = Contract::at(&self.network.nodes[0].rpc)?.json(&[&issue[..], &["--key", &self.key]].concat())?;
        Ok(issued["token"].as_str().context("no token")?.to_owned())
    }

    /// The hash of the genesis, which tokens name.
    async fn genesis_hash(&mut self) -> anyhow::Result<Digest> {
        let status = self.node().call("chain.status", json!([])).await?;
        Ok(serde_json::from_value(status["genesis_hash"].clone())?)
    }
}

fn script(file: &str) -> std::path::PathBuf {
    repository().join("tests/ofrep").join(file)
}

/// What a program prints as JSON on its last line.
fn answers(program: &File, arguments: &[&str]) -> anyhow::Result<Value> {
    let missing = || format!("cannot run {}; run scripts/setup.sh test", program.display());
    let output = Command::new(program).args(arguments).output().with_context(missing)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed: {said}", program.display());
    let printed = String::from_utf8(output.stdout)?;
    Ok(serde_json::from_str(printed.lines().last().unwrap_or_default())?)
}

fn node_provider(url: &str, token: &str, questions: &Value) -> anyhow::Result<Value> {
    let script = script("server.mjs").display().to_string();
    answers(File::new("node"), &[&script, url, token, &questions.to_string()])
}

fn python(file: &str, arguments: &[&str]) -> anyhow::Result<Value> {
    let script = script(file).display().to_string();
    answers(&tests::binaries::python(), &[&[script.as_str()], arguments].concat())
}

#[tokio::test]
async fn services_in_node_and_python_get_typed_values_and_the_codes_of_openfeature() -> anyhow::Result<()> {
    let mut shop = Shop::open(2_000).await?;
    shop.set("risk_mode", "red", None, 1).await?;
    let (url, token) = (shop.url(), shop.token("red", "server")?);
    let context = json!({ "targetingKey": "u1" });
    let questions = json!([
        { "key": "discounts", "fallback": true, "context": context },
        { "key": "limit", "fallback": 1, "context": {} },
        { "key": "menu", "fallback": {}, "context": context },
        { "key": "risk_mode", "fallback": "none", "context": context },
        { "key": "nowhere", "fallback": "kept", "context": context },
        { "key": "limit", "fallback": 1, "context": { "tenant": "blue" } },
    ]);
    let said = node_provider(&url, &token, &questions)?;
    let values: Vec<&Value> = said.as_array().context("no list")?.iter().map(|answer| &answer["value"]).collect();
    let expected = [json!(false), json!(10), json!({ "items": [1, 2] }), json!("BLOCK"), json!("kept"), json!(1)];
    assert_eq!(values, expected.iter().collect::<Vec<_>>(), "{said}");
    assert_eq!((&said[3]["reason"], &said[3]["variant"]), (&json!("STATIC"), &json!("BLOCK")));
    assert_eq!(said[4]["errorCode"], "FLAG_NOT_FOUND");
    let unknown = node_provider(&url, "no token", &questions)?;
    assert_eq!((&unknown[0]["value"], &unknown[0]["errorCode"]), (&json!(true), &json!("GENERAL")), "{unknown}");

    let questions = json!([
        { "key": "discounts", "kind": "boolean", "fallback": true, "context": context },
        { "key": "limit", "kind": "integer", "fallback": 1 },
        { "key": "ratio", "kind": "float", "fallback": 0.25 },
        { "key": "menu", "kind": "object", "fallback": {} },
        { "key": "nowhere", "kind": "string", "fallback": "kept" },
        { "key": "limit", "kind": "string", "fallback": "kept" },
    ]);
    let said = python("provider.py", &[&url, &token, &questions.to_string()])?;
    let typed: Vec<(&Value, &Value)> =
        said.as_array().context("no list")?.iter().map(|answer| (&answer["value"], &answer["type"])).collect();
    let expected = [
        (json!(false), json!("bool")),
        (json!(10), json!("int")),
        (json!(1.0), json!("float")),
        (json!({ "items": [1, 2] }), json!("dict")),
        (json!("kept"), json!("str")),
        (json!("kept"), json!("str")),
    ];
    assert_eq!(typed, expected.iter().map(|(value, kind)| (value, kind)).collect::<Vec<_>>(), "{said}");
    assert_eq!((&said[4]["errorCode"], &said[5]["errorCode"]), (&json!("FLAG_NOT_FOUND"), &json!("TYPE_MISMATCH")));
    Ok(())
}

#[tokio::test]
async fn tokens_that_pyjwt_makes_count_and_ours_are_read_by_it() -> anyhow::Result<()> {
    let mut shop = Shop::open(2_000).await?;
    let seed = hex::encode(shop.owner.0.seed());
    let account = shop.owner.account();
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = FlagToken {
        iss: account,
        sub: name(SHOP),
        acting: name(OWNER),
        scope: format!("{STAGE}/red").parse().map_err(anyhow::Error::msg)?,
        aud: TokenAudience::Server,
        net: shop.genesis_hash().await?,
        typ: TokenKind::Flags,
        iat: now_s,
        exp: now_s + 600,
        nbf: None,
        jti: Some("by another hand".into()),
    };
    let claims = serde_json::to_value(&claims)?;
    let ask = |token: &str| {
        let headers = [("Authorization", token)];
        http::post_with(&format!("{}/ofrep/v1/evaluate/flags/limit", shop.url()), &headers, b"{}")
    };
    let made = |claims: &Value| -> anyhow::Result<String> {
        let script = script("tokens.py").display().to_string();
        let output =
            Command::new(tests::binaries::python()).args([&script, "make", &seed, &claims.to_string()]).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(format!("Bearer {}", String::from_utf8(output.stdout)?.trim()))
    };
    let answer = ask(&made(&claims)?)?;
    ensure!(answer.status == 200, "{answer:?}");
    let mut wrong = claims.clone();
    wrong["net"] = json!("00".repeat(32));
    ensure!(ask(&made(&wrong)?)?.status == 401, "a token of another network counts");

    let ours = shop.token("red", "client")?;
    let read = python("tokens.py", &["read", &account.to_string(), &ours])?;
    assert_eq!((&read["sub"], &read["scope"], &read["aud"]), (&json!(SHOP), &json!("DEV/red"), &json!("client")));
    Ok(())
}

#[tokio::test]
async fn a_flip_on_chain_reaches_a_page_of_its_tenant_without_polling_and_no_other() -> anyhow::Result<()> {
    let mut shop = Shop::open(2_000).await?;
    let (url, red, blue) = (shop.url(), shop.token("red", "client")?, shop.token("blue", "client")?);
    let open = |token: &str| FlagPage::open(&url, token, "limit", "number");
    let (of_red, of_blue) = (open(&red)?, open(&blue)?);
    assert_eq!((of_red.shows()?, of_blue.shows()?), (json!(10), json!(10)));
    shop.set("limit", "red", None, 1).await?;
    assert_eq!(of_red.shows()?, json!(1_000));
    // The next that the other page shows is its own flip, not that of its neighbour.
    shop.set("limit", "blue", None, 1).await?;
    assert_eq!(of_blue.shows()?, json!(1_000));
    ensure!(shop.network.nodes[0].metric("flags_streams")? >= 2.0, "the pages hold streams");
    Ok(())
}

#[tokio::test]
async fn every_answer_is_one_of_ofreps_own_document_with_the_patches_that_are_kept() -> anyhow::Result<()> {
    let shop = Shop::open(0).await?;
    let (url, token) = (shop.url(), shop.token("red", "server")?);
    let folder = tempfile::tempdir()?;
    let document = script("openapi.yaml").display().to_string();
    let patched = Command::new(tests::binaries::python())
        .args([&script("patched.py").display().to_string(), &document])
        .output()?;
    ensure!(patched.status.success(), "{}", String::from_utf8_lossy(&patched.stderr));
    let file = folder.path().join("patched.yaml");
    std::fs::write(&file, patched.stdout)?;
    let schemathesis = tests::binaries::python().with_file_name("schemathesis");
    let output = Command::new(&schemathesis)
        .arg("run")
        .arg(&file)
        .args(["--url", &url, "--max-examples", "40", "--no-color", "--generation-database", "none"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        // Providers send `{}`, which the document forbids; and the token is tried elsewhere.
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .current_dir(folder.path())
        .output()
        .with_context(|| format!("cannot run {}; run scripts/setup.sh test", schemathesis.display()))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

#[test]
fn a_patched_line_of_ofreps_document_that_changes_is_noticed_and_nothing_else_is_patched() -> anyhow::Result<()> {
    let original = std::fs::read_to_string(script("openapi.yaml"))?;
    let folder = tempfile::tempdir()?;
    let patched = |text: &str| -> anyhow::Result<std::process::Output> {
        let file = folder.path().join("openapi.yaml");
        std::fs::write(&file, text)?;
        let patch = script("patched.py");
        Ok(Command::new(tests::binaries::python()).args([&patch, &file]).output()?)
    };
    let made = patched(&original)?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made = String::from_utf8(made.stdout)?;
    let mut kept = made.lines();
    let replaced: Vec<&str> = original.lines().filter(|line| !kept.clone().any(|kept| kept == *line)).collect();
    let (one_of, reasons) =
        ("            oneOf:", "              enum: [STATIC, TARGETING_MATCH, SPLIT, DISABLED, UNKNOWN]");
    assert_eq!(replaced, [one_of, reasons, "        - oneOf:"]);
    // Beside these, lines are only added: those of statuses.
    let relaxed = |line: &str| line.replace("anyOf:", "oneOf:").replace("[STATIC, DEFAULT,", "[STATIC,");
    for line in original.lines() {
        ensure!(kept.any(|kept| relaxed(kept) == relaxed(line)), "{line} is gone");
    }
    let upstream = [
        (
            "        - oneOf:\n            - $ref: \"#/components/schemas/booleanFlag\"",
            "        - anyOf:\n            - $ref: \"#/components/schemas/booleanFlag\"",
        ),
        (
            "            oneOf:\n              - $ref: \"#/components/schemas/evaluationSuccess\"",
            "            anyOf:\n              - $ref: \"#/components/schemas/evaluationSuccess\"",
        ),
        ("enum: [STATIC, TARGETING_MATCH", "enum: [STATIC, DEFAULT, TARGETING_MATCH"),
        ("Flag not found. The specified flag key", "Flag not found. The flag key"),
        ("        \"304\":\n", "        \"3XX\":\n"),
    ];
    for (before, after) in upstream {
        ensure!(original.contains(before), "{before} is not in the document");
        let refused = patched(&original.replace(before, after))?;
        ensure!(!refused.status.success(), "{after} is patched as if nothing had changed");
        ensure!(String::from_utf8_lossy(&refused.stderr).contains("look at it again"), "{refused:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn e03_a_thousand_pages_on_one_token_all_have_a_flip_within_45_seconds_though_many_met_a_refusal()
-> anyhow::Result<()> {
    open_many()?;
    // A proxy stands before the node, as on this machine, and says where each page is. One office has two hundred, which together ask
    // more often than one address may.
    let mut shop = Shop::with(|web| {
        web.requests_per_second = 20;
        web.trusted_proxies = vec![PROXY.to_string().parse().expect("an address is a range")];
    })
    .await?;
    let (at, token) = (format!("{PROXY}:{}", shop.network.nodes[0].port + 4), shop.token("red", "client")?);
    let mut opening = JoinSet::new();
    for number in 0..PAGES {
        let visitor = if number < IN_OFFICE { 0 } else { number };
        let visitor = Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(10, 0, 0, 1)) + visitor);
        opening.spawn(LightPage::open(at.clone(), token.clone(), visitor));
    }
    let mut pages = Vec::new();
    while let Some(page) = opening.join_next().await {
        pages.push(page??);
    }
    ensure!(pages.iter().all(|page| page.value("limit") == json!(10)), "they begin with the old value");
    ensure!(shop.network.nodes[0].metric("flags_streams")? >= f64::from(PAGES), "each has a stream");
    let mut waiting = JoinSet::new();
    for page in pages {
        waiting.spawn(page.until("limit", json!(1_000)));
    }
    shop.set("limit", "red", None, 1).await?;
    let all = async {
        let mut refused = 0;
        while let Some(had) = waiting.join_next().await {
            refused += had??;
        }
        anyhow::Ok(refused)
    };
    let refused = timeout(Duration::from_secs(45), all).await.context("a page still shows the old value")??;
    ensure!(refused > 0, "nobody met a refusal, so that this shows less than it says");
    Ok(())
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_again() -> anyhow::Result<()> {
    let shop = Shop::open(1).await?;
    let bearer = format!("Bearer {}", shop.token("red", "server")?);
    let headers = [("Authorization", bearer.as_str())];
    let url = format!("{}/ofrep/v1/evaluate/flags/limit", shop.url());
    let answers = (0..5).map(|_| http::post_with(&url, &headers, b"{}")).collect::<anyhow::Result<Vec<_>>>()?;
    let refused = answers.iter().find(|answer| answer.status == 429).context("nobody was told to wait")?;
    let wait: u64 = refused.header("retry-after").context("no Retry-After")?.parse()?;
    ensure!(wait >= 1, "{refused:?}");
    Ok(())
}
