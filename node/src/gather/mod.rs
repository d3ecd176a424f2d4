//! What is voted on, on this machine: fetched while the vote goes on, verified, given to other nodes, and said to be held,
//! because a release that too few hold does not pass (T10).
//!
//! A build is fetched by its hash alone: a proposal need not say more, and what it says of the bytes is judged by who installs
//! them. Fetching has a thread and a runtime of its own: whatever strangers send, it does not hold up consensus.

mod word;

pub use word::say;

use crate::chain::Chain;
use crate::supervise::patience::Patience;
use anyhow::Context as _;
use artifacts::ArtifactStore;
use host::clock;
use host::config::{Config, Home};
use primitives::BuildHash;
use releases::{ReleaseVote, Target};
use runtime::Motion;
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use update::release_file::suits_this_machine;
use update::{DownloadedRelease, Fetch, PeerLot, SourceList, fetch_release, silent};

/// How old the newest block may be, in milliseconds, so that what it says of votes is taken for what is voted on now.
const MOST_AGE_MS: u64 = 60_000;

/// Whoever fetches what is voted on.
pub struct Gatherer {
    home: Home,
    config: Config,
    chain: Arc<Chain>,
    store: ArtifactStore,
    /// Whether the builds for other machines are fetched too: each needs its holders.
    every_platform: bool,
    /// How builds were asked for that could not be fetched; one that is withheld holds up no other.
    asked: BTreeMap<BuildHash, Asked>,
}

/// How a build was asked for.
#[derive(Default)]
struct Asked {
    /// When its sources are asked again.
    patience: Patience,
    /// Which of the remembered peers were asked, so that the next try asks others.
    lot: PeerLot,
}

impl Gatherer {
    /// Gets ready to fetch into the artifacts of a home; a validator fetches the builds for every platform.
    pub fn new(home: Home, config: Config, chain: Arc<Chain>, store: ArtifactStore, is_validator: bool) -> Self {
        Self { home, config, chain, store, every_platform: is_validator, asked: BTreeMap::new() }
    }

    /// Fetches until the node stops, and says in `held` which of the builds that are voted on are here.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        self,
        held: watch::Sender<BTreeSet<BuildHash>>,
        mut stopped: watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("cannot make a runtime for fetching releases")?;
        let fetching = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = self.run(held) => {}
                    _ = stopped.wait_for(|stopped| *stopped) => {}
                }
            });
        };
        std::thread::Builder::new().name("gather".into()).spawn(fetching).context("cannot start a thread")?;
        Ok(())
    }

    async fn run(mut self, held: watch::Sender<BTreeSet<BuildHash>>) {
        let mut heads = self.chain.heads();
        self.begin_anew();
        loop {
            let awaited = self.awaited();
            self.asked.retain(|hash, _| awaited.contains(hash));
            forget_others(&held, &awaited);
            let missing = awaited.into_iter().find(|hash| !held.borrow().contains(hash) && self.may_ask(hash));
            let Some(hash) = missing else {
                if heads.changed().await.is_err() {
                    return;
                }
                continue;
            };
            let gathered = self.gather(hash).await;
            self.asked.entry(hash).or_default().patience.learn(gathered.is_ok(), Instant::now());
            match gathered {
                Ok(()) => held.send_modify(|held| {
                    held.insert(hash);
                }),
                Err(error) => tracing::warn!(%hash, "a build that is voted on cannot be fetched yet: {error:#}"),
            }
        }
    }

    /// What an earlier run left half done may be of a build that nobody votes on any more.
    fn begin_anew(&self) {
        let left = self.home.ahead();
        if let Err(error) = files::if_there(std::fs::remove_dir_all(&left)) {
            tracing::warn!(path = %left.display(), %error, "what was fetched before cannot be removed");
        }
    }

    fn may_ask(&self, hash: &BuildHash) -> bool {
        self.asked.get(hash).is_none_or(|asked| asked.patience.is_over(Instant::now()))
    }

    /// The builds that this node is to hold. One that is catching up looks at votes that are over, and has to hold nothing.
    fn awaited(&self) -> BTreeSet<BuildHash> {
        if clock::now().minus(MOST_AGE_MS) > self.chain.head().at.time {
            return BTreeSet::new();
        }
        let view = self.chain.store().view();
        let asked_for = asked_for(&State::over(&view)).into_iter();
        asked_for
            .filter(|target| self.every_platform || suits_this_machine(target))
            .map(|target| target.build_hash)
            .collect()
    }

    /// Has a build among the artifacts, verified: one that lies there already, or else from the sources of this node.
    async fn gather(&mut self, hash: BuildHash) -> anyhow::Result<()> {
        let destination = self.home.ahead().join(format!("{hash}.bin"));
        let fetch = Fetch::by_hash(hash, destination, &self.config.update);
        let found = match DownloadedRelease::held(&self.home, &fetch)? {
            Some(found) => found,
            None => {
                let (list, genesis) = (SourceList::of_node(&self.config)?, Some(self.chain.genesis()));
                let lot = &mut self.asked.entry(hash).or_default().lot;
                let sources = list.open(&self.home, &self.config, genesis, hash, lot).await?;
                fetch_release(&fetch, sources, silent()).await?
            }
        };
        self.store.hold(&found.path, &hash)?;
        if found.path == fetch.destination {
            std::fs::remove_file(&found.path).with_context(|| format!("cannot remove {}", found.path.display()))?;
        }
        tracing::info!(%hash, "a build that is voted on is here");
        Ok(())
    }
}

/// Only of what is voted on is it said that it is here.
fn forget_others(held: &watch::Sender<BTreeSet<BuildHash>>, awaited: &BTreeSet<BuildHash>) {
    held.send_if_modified(|held| {
        let before = held.len();
        held.retain(|hash| awaited.contains(hash));
        held.len() < before
    });
}

/// The builds that open and passed proposals ask for; of a sealed one none before it is revealed (T17). There are no more
/// proposals than places.
fn asked_for(state: &State) -> Vec<Target> {
    let targets = |id| {
        let motion = governance::queries::proposal::<Motion>(state, id).motion;
        let Motion::Releases(releases::Motion::Approve(vote)) = motion else { return Vec::new() };
        let Some(manifest) = releases::queries::manifest_of(state, id, &vote) else { return Vec::new() };
        ReleaseVote { manifest, ..*vote }.targets().collect()
    };
    governance::queries::live(state).flat_map(targets).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use light::testing::TestChain;
    use primitives::Digest;
    use releases::Manifest;
    use runtime::testing::{genesis, propose, release_vote, reveal, validator};

    const OPEN: BuildHash = BuildHash([1; 32]);
    const SEALED: BuildHash = BuildHash([2; 32]);

    fn builds(chain: &TestChain) -> Vec<BuildHash> {
        asked_for(&chain.state()).iter().map(|target| target.build_hash).collect()
    }

    #[test]
    fn h28_what_is_voted_on_is_fetched_and_nothing_of_a_sealed_release_before_its_reveal() {
        let mut chain = TestChain::new(genesis());
        let (proposer, manifest, salt) = (validator(1).account(), Manifest::default(), Digest([7; 32]));
        let sealed = Some(manifest.seal(&proposer, &SEALED, &salt));
        let secret = ReleaseVote { sealed, ..release_vote(&chain.genesis, SEALED, 2) };
        let open = release_vote(&chain.genesis, OPEN, 2);
        assert_eq!(builds(&chain), []);
        chain.block(&[(validator(0), propose(open)), (validator(1), propose(secret))]);
        assert_eq!(builds(&chain), [OPEN]);
        chain.block(&[(validator(1), reveal(SEALED, proposer, manifest, salt))]);
        assert_eq!(builds(&chain), [OPEN, SEALED]);
        chain.until(10);
        assert_eq!(builds(&chain), [], "nobody voted, so nothing of it is awaited any more");
    }
}
