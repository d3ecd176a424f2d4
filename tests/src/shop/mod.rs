//! The main job of flags: an application under a plan of its own beside a network, whose flags every OpenFeature SDK reads from a node; for
//! `make demo-pos` and for journeys.
//!
//! The plan is that of `config/profiles/pos.toml`, with spans that pass while somebody looks on ([`fast_pos`]). A shop has an owner, two
//! tenants, a release owner and a machine that builds ([`ShopPeople`]), who ask for everything by their own keys; services and pages ask
//! the first node for flags, with tokens that these people issue. Each step says what it does and checks that it happened; the first that
//! does not ends the walk with an error.

mod audited;
mod drafts;
mod people;
mod phases;
mod production;
mod profile;
mod said;
mod sent;
mod served;

pub use people::{ShopMember, ShopPeople};
pub use profile::fast_pos;

use crate::explorer::repository;
use crate::network::QUICK;
use crate::{Contract, ExplorerProcess, Network};
use anyhow::{Context as _, ensure};
use primitives::{List, Name};
use rollouts::install::Installation;
use rollouts::plan::{PhaseState, Plan};
use runtime::testing::transfer;
use runtime::{Call, Event};
use serde_json::json;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// What the plan is called.
pub const PLAN: &str = "pos";
/// The origin of the pages that look at flags.
pub const PAGE: &str = "https://shop.example";
/// What every ticket is called that nobody looks at.
const TICKET: &str = "CHG-41";
/// What each newcomer is given to pay with, in the smallest unit: 10,000 tokens.
const ENDOWMENT: u64 = 10_000_000_000;
/// How many validators there are.
const VALIDATORS: u16 = 2;

/// A shop that a plan governs, beside a network that another one does.
pub struct ShopWalk<'a> {
    /// The network; its nodes need not run yet. The first of them answers whoever asks for flags of the shop.
    pub network: Network,
    /// Who has the roles of the shop.
    pub people: ShopPeople,
    plan: Plan,
    profile: PathBuf,
    tell: &'a dyn Fn(&str),
    /// What was told of each step that was begun.
    steps: RefCell<Vec<String>>,
}

impl<'a> ShopWalk<'a> {
    /// Writes the network below a folder, the profile, and the keys of those who have a role; each step is told.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(dir: &Path, tell: &'a dyn Fn(&str)) -> anyhow::Result<Self> {
        let (profile, plan) = fast_pos(dir)?;
        let network = Network::governed(&dir.join("network"), VALIDATORS, "testnet", QUICK)?;
        network.hurry()?;
        network.nodes[0].configure(|config| {
            config.web.plans = vec![name(PLAN)];
            config.web.cors_origins = vec![PAGE.into()];
        })?;
        let people = ShopPeople::write(&dir.join("people"), &network)?;
        Ok(Self { network, people, plan, profile, tell, steps: RefCell::default() })
    }

    /// Takes every step there is, and leaves the network and an explorer beside it running.
    ///
    /// # Errors
    /// The first step that does not do what it says, by its number and what was told of it.
    pub async fn walk(&mut self, dir: &Path) -> anyhow::Result<ExplorerProcess> {
        let walked = self.take_steps(dir).await;
        walked.with_context(|| format!("the shop did not get beyond step {}", self.last_step()))
    }

    async fn take_steps(&mut self, dir: &Path) -> anyhow::Result<ExplorerProcess> {
        self.open().await?;
        self.serve().await?;
        let first = self.release().await?;
        let second = self.contain().await?;
        self.roll_back(first, second).await?;
        self.lock().await?;
        self.audit(dir).await
    }

    /// The network starts, and the shop is installed beside it, in its fifth phase.
    ///
    /// # Errors
    /// When the nodes do not start, or the plan is not taken.
    pub async fn open(&mut self) -> anyhow::Result<()> {
        self.step("Two validators start; the first also answers whoever asks for flags of the plan pos");
        self.network.start_all()?;
        self.network.reach(2).await?;
        let (profile, root) = (self.profile.display().to_string(), repository().display().to_string());
        self.contract()?.json(&["rollout", "lint", &profile, "--root", &root])?;
        self.tell("the profile of the shop has no mistake; only its spans, windows and days are those of a demo");

        self.step("The owner installs the plan: one application, two tenants, and whoever builds and releases");
        let people = self.people.clone();
        for newcomer in people.all().into_iter().skip(1) {
            self.granted(&people.owner, transfer(newcomer.wallet.account(), ENDOWMENT)).await?;
        }
        let installation = Box::new(Installation {
            plan: self.plan.clone(),
            document: None,
            stage: None,
            members: people.seats(),
            segments: List::new(),
            moves: List::new(),
        });
        let installed = self.granted(&people.owner, Call::Rollouts(rollouts::Call::Install { installation })).await?;
        ensure!(matches!(installed, Event::Rollouts(rollouts::Event::Installed { .. })), "{installed:?}");
        let opens = self.moves_on("5.x", PhaseState::Open)?;
        self.submitted(&people.owner, opens).await?;
        self.tell("phase 5.x is open; each tenant may move its own flags, and nobody else's");
        Ok(())
    }

    /// Tells the next step.
    fn step(&self, text: &str) {
        self.steps.borrow_mut().push(text.to_owned());
        (self.tell)(&self.last_step());
    }

    /// The step that was begun last, with its number.
    fn last_step(&self) -> String {
        let steps = self.steps.borrow();
        format!("{}. {}", steps.len(), steps.last().map_or("it begins", String::as_str))
    }

    /// Tells what came of it.
    fn tell(&self, text: &str) {
        (self.tell)(&format!("   {text}"));
    }

    fn contract(&self) -> anyhow::Result<Contract> {
        Contract::at(&self.network.nodes[0].rpc)
    }

    /// What a flag serves everybody at a path, as a node says over RPC.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn served(&self, node: usize, flag: &str, at: &str) -> anyhow::Result<String> {
        let asked = json!({ "plan": PLAN, "key": flag, "scope": at });
        let said = self.network.nodes[node].call("flags.evaluate", asked).await?;
        said["variant"].as_str().map(str::to_owned).with_context(|| format!("no variant in {said}"))
    }
}

/// A name that is written here.
fn name(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|| panic!("{text:?} is no name"))
}
