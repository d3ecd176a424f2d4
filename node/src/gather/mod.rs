//! What is voted on, on this machine: fetched while the vote goes on, verified, given to other nodes, and said to be held,
//! because a release that too few hold does not pass (T10).
//!
//! A build is fetched by its hash alone: a proposal need not say more, and what it says of the bytes is judged by who installs
//! them. Only what release signers have signed is fetched, so that not everybody can have all validators look for whatever there
//! is not. Fetching has a thread and a runtime of its own: whatever strangers send, it does not hold up consensus.

mod asked;
mod turns;
mod word;

pub use word::say;

use crate::chain::Chain;
use anyhow::Context as _;
use asked::{asked_for, require_level};
use builds::{ArtifactStore, Part};
use host::clock;
use host::config::{Config, Home};
use primitives::BuildHash;
use state::State;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet, spawn_blocking};
use turns::{Ended, Turn, Turns};
use update::release_file::suits_this_machine;
use update::{DownloadedRelease, Fetch, PeerLot, SourceList, Sources, fetch_release, silent};

/// How old the newest block may be, in milliseconds, so that what it says of votes is taken for what is voted on now.
const MOST_AGE_MS: u64 = 60_000;

/// Whoever fetches what is voted on.
pub struct Gatherer {
    search: Arc<Search>,
    /// Whether the builds for other machines are fetched too: each needs its holders.
    every_platform: bool,
    /// Which of them are looked for now; one that is withheld holds up no other.
    turns: Turns,
}

/// How a build is looked for.
struct Search {
    home: Home,
    config: Config,
    chain: Arc<Chain>,
    store: ArtifactStore,
}

impl Gatherer {
    /// Gets ready to fetch into the artifacts of a home; a validator fetches the builds for every platform.
    pub fn new(home: Home, config: Config, chain: Arc<Chain>, store: ArtifactStore, is_validator: bool) -> Self {
        let search = Arc::new(Search { home, config, chain, store });
        Self { search, every_platform: is_validator, turns: Turns::default() }
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
        let runtime = runtime.map_err(|error| files::told("cannot start the threads that fetch releases", &error))?;
        let fetching = move || {
            LocalSet::new().block_on(&runtime, async {
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
        let mut heads = self.search.chain.heads();
        let mut tries = JoinSet::new();
        self.search.forget_all();
        loop {
            if let Some(awaited) = self.awaited() {
                forget_others(&held, &awaited, |hash| self.search.store.has(hash));
                self.turns.keep(&awaited).iter().for_each(|hash| self.search.forget(hash));
                let missing: BTreeSet<BuildHash> =
                    awaited.into_iter().filter(|hash| !held.borrow().contains(hash)).collect();
                self.turns.give_way(&missing, Instant::now());
                for turn in self.turns.begin(&missing, |hash| self.search.is_here(hash), Instant::now()) {
                    tries.spawn_local(self.search.clone().take(turn));
                }
            }
            tokio::select! {
                changed = heads.changed() => if changed.is_err() {
                    return;
                },
                Some(ended) = tries.join_next() => match ended {
                    Ok((hash, lot, found)) => self.learn(hash, lot, found, &held),
                    Err(panic) => {
                        tracing::error!(%panic, "nothing that is voted on is fetched any more; restart the node");
                        return;
                    }
                },
            }
        }
    }

    fn learn(
        &mut self,
        hash: BuildHash,
        lot: PeerLot,
        found: anyhow::Result<bool>,
        held: &watch::Sender<BTreeSet<BuildHash>>,
    ) {
        let how = match found {
            Ok(true) => {
                held.send_modify(|held| {
                    held.insert(hash);
                });
                Ended::Found
            }
            Ok(false) => Ended::Open,
            Err(error) => {
                tracing::warn!(%hash, "a build that is voted on cannot be fetched yet: {error:#}");
                Ended::Failed
            }
        };
        self.turns.ended(hash, lot, how, Instant::now());
    }

    /// The builds that this node is to hold; not known to one that is catching up, which looks at votes that are over.
    fn awaited(&self) -> Option<BTreeSet<BuildHash>> {
        let chain = &self.search.chain;
        if clock::now().minus(MOST_AGE_MS) > chain.head().at.time {
            return None;
        }
        let view = chain.store().view();
        let targets = asked_for(&State::over(&view)).into_iter().flat_map(|asked| asked.targets);
        let own = targets.filter(|target| self.every_platform || suits_this_machine(target));
        Some(own.map(|target| target.build_hash).collect())
    }
}

impl Search {
    /// Carries out a try: gives the peers that were asked, and whether the build is here.
    async fn take(self: Arc<Self>, turn: Turn) -> (BuildHash, PeerLot, anyhow::Result<bool>) {
        let Turn { hash, fetches, mut lot, stopped } = turn;
        let found = tokio::select! {
            found = self.gather(hash, fetches, &mut lot) => found,
            _ = stopped => Ok(false),
        };
        (hash, lot, found)
    }

    /// Has a build among the artifacts, verified: one that lies here already, or else from the sources of this node.
    async fn gather(self: &Arc<Self>, hash: BuildHash, fetches: bool, lot: &mut PeerLot) -> anyhow::Result<bool> {
        let fetch = Fetch::by_hash(hash, self.destination(&hash), &self.config.update);
        // Reading a large file takes long enough for others that send meanwhile to look slow.
        let (search, asked) = (self.clone(), fetch.clone());
        let here = spawn_blocking(move || DownloadedRelease::held(&search.home, &asked)).await??;
        let found = match here {
            Some(found) => found,
            None if fetches => fetch_release(&fetch, self.sources(hash, lot).await?, silent()).await?,
            None => return Ok(false),
        };
        self.require_level(&hash, found.release.level)?;
        let search = self.clone();
        spawn_blocking(move || search.store.hold(&found.path, &hash)).await??;
        self.forget(&hash);
        tracing::info!(%hash, "a build that is voted on is here");
        Ok(true)
    }

    /// Whether a build knows the level that is said of it.
    fn require_level(&self, hash: &BuildHash, found: Option<u32>) -> anyhow::Result<()> {
        let view = self.chain.store().view();
        require_level(&asked_for(&State::over(&view)), hash, found)
    }

    async fn sources(&self, hash: BuildHash, lot: &mut PeerLot) -> anyhow::Result<Sources> {
        let (list, genesis) = (SourceList::of_node(&self.config)?, Some(self.chain.genesis()));
        Ok(list.open(&self.home, &self.config, genesis, hash, lot).await?)
    }

    /// Whether something lies among the artifacts that may be a build.
    fn is_here(&self, hash: &BuildHash) -> bool {
        self.store.path_of(hash, Part::Data).exists()
    }

    /// Where a build is fetched to: a folder of its own, which also has what is left of a try.
    fn destination(&self, hash: &BuildHash) -> PathBuf {
        self.home.ahead().join(hash.to_string()).join(format!("{hash}.bin"))
    }

    /// Removes what was fetched of a build, because it is among the artifacts or nobody votes on it any more.
    fn forget(&self, hash: &BuildHash) {
        remove(self.home.ahead().join(hash.to_string()));
    }

    /// What an earlier run left half done may be of a build that nobody votes on any more.
    fn forget_all(&self) {
        remove(self.home.ahead());
    }
}

fn remove(folder: PathBuf) {
    if let Err(error) = files::if_there(std::fs::remove_dir_all(&folder)) {
        tracing::warn!(path = %folder.display(), %error, "what was fetched before cannot be removed");
    }
}

/// Only of what is voted on is it said that it is here, and only while it is: the store may have had to make room, or somebody
/// removed it. Then it is fetched again.
fn forget_others(
    held: &watch::Sender<BTreeSet<BuildHash>>,
    awaited: &BTreeSet<BuildHash>,
    has: impl Fn(&BuildHash) -> bool,
) {
    held.send_if_modified(|held| {
        let before = held.len();
        held.retain(|hash| awaited.contains(hash) && has(hash));
        held.len() < before
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use light::testing::TestChain;
    use primitives::{Digest, List};
    use releases::{AttestedTarget, Manifest, ReleaseVote, SignedRoot, Target};
    use runtime::testing::{genesis, propose, release_vote, reveal, validator};

    const OPEN: BuildHash = BuildHash([1; 32]);
    const SEALED: BuildHash = BuildHash([2; 32]);

    fn builds(chain: &TestChain) -> Vec<BuildHash> {
        asked_for(&chain.state()).iter().flat_map(|asked| &asked.targets).map(|target| target.build_hash).collect()
    }

    #[test]
    fn h28_t10_what_a_stranger_seals_beside_a_signed_build_is_not_looked_for() {
        let mut chain = TestChain::new(genesis());
        let (stranger, salt) = (validator(1).account(), Digest([7; 32]));
        let open = release_vote(&chain.genesis, OPEN, 2);
        let target = Target { build_hash: BuildHash([0; 32]), ..open.first_target() };
        let junk = AttestedTarget { target, signatures: Default::default() };
        let manifest = Manifest { other_targets: List::truncate_from(vec![junk]), ..Manifest::default() };
        let root = manifest.root(OPEN, &open.platform);
        let signed_root = Some(SignedRoot { root, signatures: Default::default() });
        let manifest = Manifest { signed_root, ..manifest };
        let copied = ReleaseVote { sealed: Some(manifest.seal(&stranger, &OPEN, &salt)), ..open.clone() };
        chain.block(&[(validator(1), propose(copied)), (validator(0), propose(open))]);
        chain.block(&[(validator(1), reveal(OPEN, stranger, manifest, salt))]);
        assert_eq!(builds(&chain), [OPEN], "what is signed alone");
    }

    #[test]
    fn h28_what_is_no_longer_among_the_artifacts_is_no_longer_held() {
        let (held, seen) = watch::channel(BTreeSet::from([OPEN, SEALED]));
        let awaited = BTreeSet::from([OPEN, SEALED]);
        forget_others(&held, &awaited, |hash| *hash == OPEN);
        assert_eq!(*seen.borrow(), BTreeSet::from([OPEN]));
        forget_others(&held, &BTreeSet::new(), |_| true);
        assert!(seen.borrow().is_empty());
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
