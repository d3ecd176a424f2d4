//! What is a newcomer told who makes a mistake? What happened, why, and what to do; see `tests/golden/mistakes`.
//!
//! `make bless` writes the files. Paths, ports, hashes and what counts blocks have names there.

use anyhow::{Context as _, bail, ensure};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::clock::OtherClock;
use tests::explorer::ExplorerProcess;
use tests::network::{QUICK, free_base_port};
use tests::node::PATIENCE;
use tests::spoken::{Goldens, Placeholders, has_next_step, is_for_programmers};
use tests::votes::{attested, concluded, propose_signed, propose_signed_for};
use tests::{Contract, Network, TestWallet, binaries};

const PASSPHRASE: &str = "correct horse battery staple";

/// How long a vote is open in which mistakes are made one after the other, however slow the machine; none of it is waited for.
const TIME_FOR_MISTAKES: Duration = Duration::from_secs(30);

/// What an operator may have set, and a newcomer has not.
const VARIABLES: [&str; 8] = [
    "TB_RELEASE_SIGNERS",
    "TB_RELEASE_SIGNERS_FILE",
    "TB_GOV_DB_PATH",
    "TB_KEY_PASSPHRASE",
    "TB_RELEASE_SOURCE_URL",
    "TB_PREVIOUS_BINARY",
    "TB_KEY",
    "DATABASE_URL",
];

/// A network of one, and a newcomer beside it.
struct Scene {
    dir: PathBuf,
    network: Network,
    placeholders: Placeholders,
    goldens: Goldens,
    /// The node that a newcomer starts.
    executable: PathBuf,
    /// What a newcomer has set besides `TB_RPC`.
    environment: Vec<(String, String)>,
}

impl Scene {
    async fn set(dir: &Path) -> anyhow::Result<Self> {
        let mut network = Network::write(&dir.join("network"), 1, QUICK)?;
        // Before it runs: homes of the same network on which a newcomer changes something.
        for name in ["typo", "no-toml", "genesis", "locked", "unapproved"] {
            let status = Command::new("cp").arg("-r").arg(&network.nodes[0].home).arg(dir.join(name)).status()?;
            ensure!(status.success(), "cannot copy a home");
        }
        network.start_all()?;
        network.reach(2).await?;
        let (port, executable) = (network.nodes[0].port, network.nodes[0].executable.clone());
        let ports = ["PORT", "METRICS_PORT", "CONSENSUS_PORT", "OVERLAY_PORT"];
        let placeholders = (port..).zip(ports).fold(Placeholders::default(), |placeholders, (port, name)| {
            let placeholders = placeholders.with(format!(":{port}"), &format!(":{name}"));
            placeholders.with(format!("port {port}"), &format!("port {name}"))
        });
        let placeholders = placeholders.with(dir.display(), "DIR");
        let goldens = Goldens::of("mistakes");
        Ok(Self { dir: dir.to_owned(), network, placeholders, goldens, executable, environment: Vec::new() })
    }

    /// Makes a mistake: runs a line that has to end with a code and to say some words, and holds it against its golden file.
    fn mistake(&mut self, name: &str, code: i32, words: &str, line: &str) -> anyhow::Result<()> {
        let mut typed = line.split_whitespace();
        let program = match typed.next() {
            Some("the-block") => self.executable.clone(),
            Some(other) => binaries::built(other)?,
            None => bail!("nothing is typed"),
        };
        let mut command = Command::new(program);
        command.args(typed).current_dir(&self.dir).stdin(Stdio::null());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env("HOME", &self.dir).env("TB_RPC", &self.network.nodes[0].rpc);
        let output = command.envs(self.environment.iter().cloned()).output().context("cannot run it")?;
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        ensure!(output.status.code() == Some(code), "{name}: {line}: {}, not {code}: {said}", output.status);
        self.hold(name, words, line, &said, &format!("exit code {code}\n"))
    }

    fn hold(&mut self, name: &str, words: &str, line: &str, said: &str, end: &str) -> anyhow::Result<()> {
        ensure!(said.contains(words), "{name}: {line}: {words:?} is missing: {said}");
        ensure!(has_next_step(said), "{name}: {line}: what to do is missing: {said}");
        ensure!(!is_for_programmers(said), "{name}: {line}: it is not said to who typed it: {said}");
        let put = self.placeholders.put(&format!("$ {line}\n{said}"));
        self.goldens.hold(name, &format!("{put}{end}"))
    }

    /// The explorer waits for what it is pointed at, and says so until somebody ends it.
    fn waiting_explorer(&mut self, name: &str, words: &str, arguments: &str) -> anyhow::Result<()> {
        let (log, db) = (self.dir.join(format!("{name}.log")), self.dir.join(format!("{name}.sqlite")));
        let mut command = ExplorerProcess::command(&log)?;
        command.env_remove("TB_RPC").args(["--listen", "127.0.0.1:0", "--db"]).arg(db);
        command.args(arguments.split_whitespace());
        let mut explorer = command.spawn().context("cannot run the-block-explorer")?;
        let begun = Instant::now();
        let waiting = loop {
            let said = std::fs::read_to_string(&log)?;
            let whole = said.rsplit_once('\n').map(|(whole, _)| whole).unwrap_or_default();
            let mut waits = whole.lines().filter_map(|line| line.get(line.find("waiting for the node")?..));
            if let Some(found) = waits.next() {
                break found.to_owned();
            }
            if begun.elapsed() > PATIENCE || explorer.try_wait()?.is_some() {
                explorer.kill()?;
                bail!("{name}: it never waited: {said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        explorer.kill()?;
        explorer.wait()?;
        self.hold(name, words, &format!("the-block-explorer {arguments}"), &waiting, "and goes on waiting\n")
    }

    fn home(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }
}

fn edit(file: &Path, from: &str, to: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file)?;
    ensure!(text.contains(from), "{} has no {from:?}", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).with_context(|| format!("cannot write {}", file.display()))
}

#[tokio::test]
async fn every_mistake_of_a_newcomer_is_answered_with_what_happened_why_and_what_to_do() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut scene = Scene::set(dir.path()).await?;
    while_voting(&mut scene).await?;
    about_nodes_that_are_asked(&mut scene)?;
    about_what_is_typed(&mut scene)?;
    // Not before: nobody has more than two proposals at once, and one of those mistakes is made with another.
    let signed = attested(&scene.network, &"cc".repeat(32))?;
    let over = propose_signed(&scene.network, &signed, &[]).await?;
    about_keys(&mut scene)?;
    about_homes(&mut scene)?;
    too_late(&mut scene, over).await?;
    scene.goldens.finish()
}

/// What goes wrong with a vote that is open.
async fn while_voting(scene: &mut Scene) -> anyhow::Result<()> {
    let signed = attested(&scene.network, &"cd".repeat(32))?;
    let id = propose_signed_for(&scene.network, TIME_FOR_MISTAKES, &signed, &[]).await?;
    let vote = format!("contract gov vote --id {id} --choice yes --key");
    let (holder, stranger) = (scene.network.holder(0), scene.network.signer(0));
    let by_holder = ["gov", "vote", "--id", &id.to_string(), "--choice", "yes", "--key", &holder];
    Contract::at(&scene.network.nodes[0].rpc)?.json(&by_holder)?;
    scene.mistake("voting_twice", 0, "Nothing changed", &format!("{vote} {holder}"))?;
    let withdraw = format!("contract gov withdraw --id {id} --key {holder}");
    scene.mistake("withdrawing_what_another_proposed", 1, "proposer", &withdraw)?;
    scene.mistake("wrong_key", 1, "contract keys show", &format!("{vote} {stranger}"))
}

/// A node that is not there, is none, or has not what is asked for.
fn about_nodes_that_are_asked(scene: &mut Scene) -> anyhow::Result<()> {
    let nobody = free_base_port(1)?;
    let port = scene.network.nodes[0].port;
    scene.placeholders = scene.placeholders.clone().with(format!(":{nobody}"), ":FREE_PORT");
    scene.mistake("wrong_port", 1, "no node answers", &format!("contract status --rpc http://127.0.0.1:{nobody}"))?;
    let metrics = format!("contract status --rpc http://127.0.0.1:{}", port + 1);
    scene.mistake("port_of_something_else", 1, "name the address", &metrics)?;
    scene.mistake("no_address", 2, "write it like", "contract status --rpc 127.0.0.1")?;
    let nowhere = scene.home("nowhere");
    let health = format!("contract node health --home {nowhere}");
    scene.mistake("asking_a_home_without_a_node", 1, "no node answers", &health)?;
    scene.mistake("proposal_of_an_unknown_id", 1, "there is no proposal 99", "contract gov proposal 99")?;
    let holder = scene.network.holder(0);
    let vote = format!("contract gov approve-release --id 99 --key {holder}");
    scene.mistake("voting_on_an_unknown_id", 1, "there is no proposal 99", &vote)?;
    let unknown = "ef".repeat(32);
    scene.mistake(
        "release_that_was_never_approved",
        1,
        "never approved",
        &format!("contract gov release {unknown}"),
    )?;
    let pointed = format!("--rpc http://127.0.0.1:{nobody}");
    scene.waiting_explorer("explorer_pointed_at_nothing", "no node answers", &pointed)?;
    let stored = format!("--state {nowhere}");
    scene.waiting_explorer("explorer_pointed_at_no_store", "there is no store", &stored)?;
    let taken = format!("the-block-explorer --db {nowhere}.sqlite --listen 127.0.0.1:{port}");
    scene.mistake("explorer_at_a_port_that_is_taken", 1, "--listen", &taken)
}

/// Words, numbers and hashes.
fn about_what_is_typed(scene: &mut Scene) -> anyhow::Result<()> {
    let (holder, key) = (scene.network.holder(1), scene.network.nodes[0].key());
    scene.mistake("short_hash", 2, "copy the whole", "contract gov release abab")?;
    let typo = format!("contract gov aprove-release --id 1 --key {holder}");
    scene.mistake("typo_in_a_command", 2, "approve-release", &typo)?;
    let typo = format!("contract gov vote --id 1 --chioce yes --key {holder}");
    scene.mistake("typo_in_an_option", 2, "--choice", &typo)?;
    scene.mistake("missing_key", 2, "--key", "contract gov approve-release --id 1")?;
    let to = TestWallet::fresh().account();
    let pay = format!("contract account transfer --to {to} --key {holder}");
    scene.mistake("amount_with_a_point", 2, "write a whole number", &format!("{pay} --amount 1.5"))?;
    scene.mistake("wrong_chain_id", 2, "--chain-id", &format!("{pay} --amount 1 --chain-id the-block-1"))?;
    let signed = attested(&scene.network, &"ab".repeat(32))?;
    let signed = signed.join(" ").replace("--threshold 2 ", "");
    let propose = format!("contract gov propose-release {signed} --key {key}");
    scene.mistake("threshold_too_high", 1, "threshold", &format!("{propose} --threshold 9"))?;
    let past = format!("{propose} --threshold 2 --deadline 0");
    scene.mistake("deadline_in_the_past", 1, "deadline", &past)
}

/// Files of keys, and passphrases.
fn about_keys(scene: &mut Scene) -> anyhow::Result<()> {
    let vote = "contract gov approve-release --id 1 --key";
    let missing = scene.home("no.key");
    scene.mistake("key_file_that_is_not_there", 2, "there is no key file", &format!("{vote} {missing}"))?;
    let (open, locked) = (scene.dir.join("open.key"), scene.dir.join("locked.key"));
    for copy in [&open, &locked] {
        std::fs::copy(scene.network.holder(1), copy)?;
    }
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644))?;
    scene.mistake("key_file_that_others_read", 2, "chmod 600", &format!("{vote} {}", open.display()))?;
    let mut contract = Contract::at(&scene.network.nodes[0].rpc)?;
    contract.environment.push(("TB_KEY_PASSPHRASE".into(), PASSPHRASE.into()));
    let of_the_node = scene.dir.join("locked/config/validator.key");
    for key in [&locked, &of_the_node] {
        contract.json(&["keys", "encrypt", &key.display().to_string()])?;
    }
    let by_locked = format!("{vote} {}", locked.display());
    scene.mistake("missing_passphrase", 2, "TB_KEY_PASSPHRASE", &by_locked)?;
    scene.environment.push(("TB_KEY_PASSPHRASE".into(), "something else".into()));
    scene.mistake("wrong_passphrase", 2, "does not open", &by_locked)?;
    scene.environment.clear();
    let start = format!("the-block start --home {}", scene.home("locked"));
    scene.mistake("node_with_an_encrypted_key_and_no_passphrase", 2, "TB_KEY_PASSPHRASE", &start)
}

/// Homes, their files, and what is started on them.
fn about_homes(scene: &mut Scene) -> anyhow::Result<()> {
    let home = scene.network.nodes[0].home.display().to_string();
    scene.mistake(
        "two_nodes_on_one_home",
        1,
        "in use by another process",
        &format!("the-block start --home {home}"),
    )?;
    let import = format!("the-block import-state --home {home} --snapshot {}", scene.home("snapshot"));
    scene.mistake("import_beside_a_node_that_runs", 1, "stop it first", &import)?;
    let above = scene.network.dir.display().to_string();
    scene.mistake("folder_above_the_home", 1, "holds the homes", &format!("the-block start --home {above}"))?;
    let nowhere = scene.home("nowhere");
    scene.mistake("wrong_home", 1, "`the-block init`", &format!("the-block start --home {nowhere}"))?;
    let again = format!("the-block testnet --nodes 1 --home {above}");
    scene.mistake("network_where_there_is_one", 2, "already holds a network", &again)?;

    edit(&scene.dir.join("typo/config/config.toml"), "max_batch = ", "max_btch = ")?;
    let typo = format!("the-block start --home {}", scene.home("typo"));
    scene.mistake("typo_in_the_configuration", 2, "did you mean rpc.max_batch?", &typo)?;
    edit(&scene.dir.join("no-toml/config/config.toml"), "[rpc]", "[rpc")?;
    let no_toml = format!("the-block start --home {}", scene.home("no-toml"));
    scene.mistake("configuration_that_is_no_toml", 2, "is not TOML", &no_toml)?;
    edit(&scene.dir.join("genesis/config/genesis.json"), "\"chain_id\"", "\"chain_di\"")?;
    let genesis = format!("the-block start --home {}", scene.home("genesis"));
    scene.mistake("typo_in_the_genesis", 2, "is not a genesis", &genesis)?;

    let other = binaries::variant("the-block", &scene.dir.join("other"), "other")?;
    let approved = std::mem::replace(&mut scene.executable, other);
    let unapproved = format!("the-block start --home {}", scene.home("unapproved"));
    scene.mistake("build_that_is_not_approved", 10, "is not approved", &unapproved)?;
    scene.executable = approved;
    Ok(())
}

/// A vote that is over, and a proof that is old.
async fn too_late(scene: &mut Scene, id: u64) -> anyhow::Result<()> {
    concluded(&mut scene.network.nodes[0], id).await?;
    let holder = scene.network.holder(2);
    let vote = format!("contract gov vote --id {id} --choice no --key {holder}");
    scene.mistake("voting_late", 1, "takes no votes", &vote)?;

    // A newcomer's home, whose clock is three hours ahead of the network's newest block.
    let home = scene.network.follower()?.home.display().to_string();
    let build = scene.network.nodes[0].call("node.version", serde_json::json!({})).await?;
    let hash = build["build_bin_hash"].as_str().context("no hash")?.to_owned();
    scene.environment = OtherClock::build(&scene.dir)?.ahead(3 * 3600).to_vec();
    let fetch = format!("contract gov fetch-release --hash {hash} --install --no-peers --home {home}");
    let fetched = scene.mistake("ticket_that_is_too_old", 1, "(E_FREEZE)", &fetch);
    scene.environment.clear();
    fetched
}
