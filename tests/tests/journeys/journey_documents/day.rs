//! A first day with the documents: what is typed of them, in which shell, and what is not.

use anyhow::{Context as _, ensure};
use host::config::{Config, Home, loopback, loopback_multiaddr};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tests::binaries;
use tests::documents::{Document, with};
use tests::network::free_base_port;
use tests::node::PATIENCE;

/// Lines that cannot be typed here, and why. `documents` holds them against the programs and scripts that they name.
const CANNOT: [(&str, &str); 44] = [
    ("make demo", "it builds the tree and starts what journey_demo starts"),
    ("make demo-rollout", "it builds the tree; journey_rollout takes the same steps"),
    ("make demo-pos", "it builds the tree; journey_pos takes the same steps"),
    ("make test", "it is what runs this test"),
    ("scripts/setup.sh test", "it installs packages; make test begins with it"),
    (
        "contract flags token --plan pos --acting TENANT_OWNER --scope PROD/t1 --audience client --days 90 --key owner.key",
        "no such plan governs an application there; journey_ofrep issues tokens and asks with them",
    ),
    (
        "contract flags token --plan pos --acting TENANT_OWNER --scope PROD/t1 --audience server --days 30 --key t1.key",
        SHOP,
    ),
    ("contract flags revoke-tokens --plan pos --before 2026-12-01T08:00:00Z --key t1.key", SHOP),
    (
        "contract flags set advanced_discounts --plan pos --scope PROD/t1 --variant on --ticket CHG-12 --reason \"the season begins\" \
         --key t1.key",
        SHOP,
    ),
    ("contract flags evaluate advanced_discounts --plan pos --scope PROD/t1", SHOP),
    (
        "contract audit export --node --home HOME --out denied.jsonl",
        "nobody was denied flags there; its own test has such a log",
    ),
    (
        "contract rollout notes --milestone autumn --explorer http://127.0.0.1:26690",
        "no plan governs the network there; explorer_index serves such notes, and its own test prints them",
    ),
    ("git tag v1.4.0", "it would tag the repository that is tested"),
    ("scripts/release_provenance.sh v1.4.0", "it builds a release for an hour; provenance_written takes a small tree"),
    (
        "scripts/sign_release.sh releases/the-block-v1.4.0-x86_64-linux --key signer.key --archive",
        "it signs what the line before builds; provenance signs a small release",
    ),
    ("cargo vendor --locked --versioned-dirs vendor", "it fetches every dependency from the registry"),
    (
        "cd vendor && find . -type f | sed 's,^\\./,,' | LC_ALL=C sort | xargs b3sum | b3sum",
        "it reads what the line before fetches; provenance computes the same of a small tree",
    ),
    (
        "scripts/verify_release.sh the-block-v1.4.0-x86_64-linux.tar.zst --signer HEX --rpc http://127.0.0.1:26600",
        "it checks what release_provenance.sh builds; journey_provenance checks a small release against a node",
    ),
    ("scripts/reproduce.sh", "it builds everything twice, in an hour"),
    (
        "scripts/reproduce.sh --profile dev --seed target --with-test architecture",
        "it builds everything twice; reproduce does so with a small tree",
    ),
    ("scripts/rollback_drill.sh [FOLDER]", "it builds the tree; journey_drill takes the same steps"),
    ("chown -R the-block: . && chmod -R go-w . && chmod 755 . config releases", TWO_USERS),
    (
        "chown -R the-block-node: artifacts boot consensus evidence governance_db overlay run staging web witness \
         config/validator.key config/node.key",
        TWO_USERS,
    ),
    (
        "chmod 700 artifacts boot consensus evidence governance_db overlay run staging web witness && chmod 600 \
         config/validator.key config/node.key",
        TWO_USERS,
    ),
    (
        "cd HOME && mkdir -p artifacts boot consensus evidence governance_db overlay run staging web witness \
         releases/slots/a releases/slots/b",
        TWO_USERS,
    ),
    ("scripts/image.sh pin", "it asks registries; deploy_containers has it ask an engine that stands in for one"),
    ("make image", CONTAINERS),
    ("podman run --rm localhost/the-block version", CONTAINERS),
    (
        "podman build --file deploy/Containerfile --build-context build=DIR --build-arg RUN_IMAGE=NAME@sha256:DIGEST \
         --tag the-block DIR",
        CONTAINERS,
    ),
    ("podman compose --env-file deploy/images.env -f deploy/compose.yaml run --rm homes", CONTAINERS),
    ("podman compose --env-file deploy/images.env -f deploy/compose.yaml up --detach", CONTAINERS),
    ("podman compose --env-file deploy/images.env -f deploy/compose.yaml down", CONTAINERS),
    ("podman exec NODE0 /usr/local/bin/contract probe http://127.0.0.1:26600/ready", CONTAINERS),
    ("podman exec NODE0 /usr/local/bin/contract node health --home /home/the-block", CONTAINERS),
    ("make package", "it builds a release; deploy_debian makes a package of what is built"),
    ("make package ARGS=\"--binaries DIR\"", "it takes cargo-deb; deploy_debian does so where it is there"),
    ("apt-get install ./the-block_VERSION_ARCH.deb", PACKAGE),
    ("systemd-tmpfiles --create the-block.conf", PACKAGE),
    ("systemctl enable --now the-block", PACKAGE),
    ("systemctl enable --now the-block-explorer", PACKAGE),
    ("systemctl restart the-block the-block-explorer", PACKAGE),
    ("make boot-package", BOOTED),
    ("make boot-package PACKAGE=the-block_VERSION_ARCH.deb", BOOTED),
    ("scripts/boot_package.sh the-block_VERSION_ARCH.deb --suite trixie", BOOTED),
];

const SHOP: &str = "no plan of a shop is in force there; journey_pos issues tokens, moves flags and asks for them";
const TWO_USERS: &str = "it takes root and users that a package makes; journey_two_users makes such a home";
const CONTAINERS: &str = "it takes an engine; journey_containers builds the image and runs a node in it where one is";
const PACKAGE: &str = "it takes root and systemd; scripts/boot_package.sh types it in a Debian of its own";
const BOOTED: &str = "it boots a system; deploy_systemd does so where one can be booted";

/// What an operator may have set where this test runs.
const VARIABLES: [&str; 7] = [
    "TB_RELEASE_SIGNERS",
    "TB_RELEASE_SIGNERS_FILE",
    "TB_GOV_DB_PATH",
    "TB_KEY_PASSPHRASE",
    "TB_KEY",
    "TB_RELEASE_SOURCE_URL",
    "DATABASE_URL",
];

/// What a release signer printed.
pub(crate) struct Signed {
    pub signer: String,
    pub signature: String,
    pub manifest_signature: String,
}

impl Signed {
    pub fn of(printed: &str) -> anyhow::Result<Self> {
        let field = |name: &str| {
            let found = printed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            found.map(str::to_owned).with_context(|| format!("no {name} in {printed}"))
        };
        let manifest_signature = field("manifest_signature").unwrap_or_default();
        Ok(Self { signer: field("signer")?, signature: field("signature")?, manifest_signature })
    }

    /// As options, in the order of the documents; without what was not signed.
    pub fn options(&self, is_named_first: bool) -> String {
        let Self { signer, signature, manifest_signature } = self;
        match (is_named_first, manifest_signature.as_str()) {
            (false, _) => format!("--signature {signature} --signer {signer}"),
            (true, "") => format!("--signer {signer} --signature {signature}"),
            (true, over_all) => format!("--signer {signer} --signature {signature} --manifest-signature {over_all}"),
        }
    }
}

/// Something that goes on in the background; it ends when this is dropped.
pub(crate) struct Background(Child);

impl Background {
    /// Asks it to stop, and requires that it ends well.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let status = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status()?;
        ensure!(status.success(), "cannot signal it");
        let status = self.0.wait()?;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A first day: a shell in a folder, the documents that are followed, and what came of it so far.
pub(crate) struct Day {
    pub dir: PathBuf,
    /// Where it is typed.
    pub folder: PathBuf,
    /// `PATH`, with the programs of this product first.
    programs: String,
    /// What was exported since the last shell was opened.
    pub exports: Vec<String>,
    /// The node that is asked when none is named.
    pub rpc: String,
    documents: BTreeMap<String, Document>,
    /// The document that is followed.
    followed: String,
    typed: BTreeSet<String>,
}

impl Day {
    pub fn begin(dir: &Path) -> anyhow::Result<Self> {
        let bin = dir.join("bin");
        binaries::copied("the-block", &bin)?;
        for name in ["contract", "the-block-explorer", "release_notes", "migrate_overlay_store"] {
            std::os::unix::fs::symlink(binaries::built(name)?, bin.join(name))?;
        }
        for folder in ["user", "tmp"] {
            std::fs::create_dir_all(dir.join(folder))?;
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let documents = Document::all()?.into_iter().map(|document| (document.path.clone(), document)).collect();
        Ok(Self {
            dir: dir.to_owned(),
            folder: dir.to_owned(),
            programs: format!("{}:{path}", bin.display()),
            exports: Vec::new(),
            rpc: String::new(),
            documents,
            followed: String::new(),
            typed: BTreeSet::new(),
        })
    }

    /// Follows a document from here on, in a new shell.
    pub fn follow(&mut self, document: &str) {
        self.followed = document.to_owned();
        self.exports.clear();
        self.folder = self.dir.clone();
    }

    /// A line of the document that is followed, with values for its placeholders.
    pub fn line(&mut self, line: &str, values: &[(&str, &str)]) -> anyhow::Result<String> {
        let document = self.documents.get(&self.followed).with_context(|| format!("there is no {}", self.followed))?;
        ensure!(document.lines.iter().any(|found| found.text == line), "{} has no line {line:?}", self.followed);
        self.typed.insert(line.to_owned());
        Ok(with(line, values))
    }

    pub fn shell(&self, script: &str) -> Command {
        let script = format!("{}\n{script}", self.exports.join("\n"));
        let mut command = Command::new("bash");
        command.args(["-o", "pipefail", "-c", &script]).current_dir(&self.folder).stdin(Stdio::null());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env("PATH", &self.programs).env("HOME", self.dir.join("user")).env("TMPDIR", self.dir.join("tmp"));
        command.env("TB_RPC", &self.rpc);
        command
    }

    pub fn ended(&mut self, line: &str, values: &[(&str, &str)]) -> anyhow::Result<(Output, String)> {
        let typed = self.line(line, values)?;
        let output = self.shell(&typed).output().context("cannot run bash")?;
        let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
        let told = format!("{}: {typed}: {}: {said}", self.followed, output.status);
        Ok((output, told))
    }

    /// Types a line that does what it says; gives what it prints.
    pub fn types(&mut self, line: &str, values: &[(&str, &str)]) -> anyhow::Result<String> {
        let (output, told) = self.ended(line, values)?;
        ensure!(output.status.success(), "{told}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Types a line that the chain refuses as things stand here, with some words.
    pub fn is_refused(&mut self, line: &str, values: &[(&str, &str)], words: &str) -> anyhow::Result<()> {
        let (output, told) = self.ended(line, values)?;
        ensure!(output.status.code() == Some(1) && told.contains(words), "{words:?} is expected: {told}");
        Ok(())
    }

    /// Types a line that the chain grants or refuses; which, hangs on what its nodes run, and the tests of the pallets say.
    pub fn is_answered(&mut self, line: &str, values: &[(&str, &str)]) -> anyhow::Result<()> {
        let (output, told) = self.ended(line, values)?;
        ensure!(matches!(output.status.code(), Some(0 | 1)), "{told}");
        Ok(())
    }

    /// Exports a variable for the lines that follow.
    pub fn exports(&mut self, line: &str, values: &[(&str, &str)]) -> anyhow::Result<()> {
        let export = self.line(line, values)?;
        self.exports.push(export);
        Ok(())
    }

    /// Types a line that goes on, and waits until it listens on a port.
    pub fn starts(&mut self, line: &str, values: &[(&str, &str)], port: u16) -> anyhow::Result<Background> {
        let typed = self.line(line, values)?;
        let mut command = self.shell(&format!("exec {typed}"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("cannot run bash")?;
        let mut started = Background(child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = started.0.try_wait()?;
            ensure!(ended.is_none(), "{}: {typed} ended with {ended:?}", self.followed);
            ensure!(begun.elapsed() < PATIENCE, "{}: {typed} does not listen", self.followed);
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(started)
    }

    /// Every line that nobody has typed, and every one that is said to be untyped and was not found.
    pub fn end(self) -> anyhow::Result<()> {
        let mut wrong = Vec::new();
        let cannot = |text: &str| CANNOT.iter().any(|(line, _)| *line == text);
        for document in self.documents.values() {
            for line in &document.lines {
                if !self.typed.contains(&line.text) && !cannot(&line.text) {
                    wrong.push(format!("{}:{}: nobody types: {}", document.path, line.at, line.text));
                }
            }
        }
        let is_there = |text: &str| self.documents.values().any(|one| one.lines.iter().any(|line| line.text == text));
        let gone = CANNOT.iter().filter(|(line, _)| !is_there(line));
        wrong.extend(gone.map(|(line, why)| format!("no document says {line:?}, of which it is said that {why}")));
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    pub fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let file = self.folder.join(name);
        std::fs::create_dir_all(file.parent().context("no folder")?)?;
        std::fs::write(&file, text)?;
        Ok(file)
    }

    pub fn copy(&self, from: impl AsRef<Path>, name: &str) -> anyhow::Result<()> {
        let from = from.as_ref();
        std::fs::copy(from, self.folder.join(name)).map(drop).with_context(|| format!("cannot copy {}", from.display()))
    }

    /// A home of the network with nothing but its genesis, as the first page has it made.
    pub fn newcomer(&self, name: &str) -> anyhow::Result<u16> {
        let made = self.shell(&format!("the-block init --home {name} --chain-id newcomer")).output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let home = Home::at(self.folder.join(name));
        std::fs::copy(self.dir.join("net/node0/config/genesis.json"), home.genesis())?;
        let (mut config, port) = (Config::load(&home)?, free_base_port(1)?);
        config.rpc.listen = loopback(port);
        config.metrics.listen = loopback(port + 1);
        config.consensus.listen = loopback_multiaddr(port + 2);
        config.overlay.listen = loopback_multiaddr(port + 3);
        config.web.listen = loopback(port + 4);
        std::fs::write(home.config(), config.to_text())?;
        Ok(port)
    }
}

/// Types a line by which a signer signs, once for each of the three, whose key stands in it as `key`.
pub(crate) fn signed_by_all(
    day: &mut Day,
    line: &str,
    key: &str,
    values: &[(&str, &str)],
) -> anyhow::Result<Vec<Signed>> {
    let signers = day.dir.join("net/signers");
    let mut signed = Vec::new();
    for index in 0..3 {
        let file = signers.join(format!("signer{index}.key")).display().to_string();
        signed.push(Signed::of(&day.types(line, &[values, &[(key, file.as_str())]].concat())?)?);
    }
    Ok(signed)
}

/// What a file holds is known by.
pub(crate) fn measured(file: &Path) -> anyhow::Result<String> {
    Ok(update::release_file::measure_file(file)?.to_string())
}
