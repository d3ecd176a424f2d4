//! What this node says of itself on chain, so that nothing changes before those who decide blocks are ready for it (ROLLOUTS 12.1):
//! which gates it sees on, which its build knows and which its operator declines, the bundle that it was set up by, and its build.
//!
//! It is said all at once, in place of what was said before, as an install receipt is: by whoever may report on builds, in the name of
//! its validator's key. Where no plan governs the gates of a network nobody can ask for it, so nothing is said and paid for there.

use crate::chain::Chain;
use crate::own::{self, Voice};
use flags::{Gate, Gates};
use host::config::{Config, Home};
use primitives::{BuildHash, Digest, Epoch, Height, Name, TransactionHash};
use releases::{Advertised, Advertisement};
use rpc::SubmitError;
use runtime::{Call, TxError};
use state::{Decide as _, State};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is said of a bundle where there is none, or none that can be read: the hash of no file.
const NO_BUNDLE: Digest = Digest([0; 32]);

/// Says on chain what a node runs and knows.
pub struct Advertiser {
    chain: Arc<Chain>,
    voice: Voice,
    channel: Name,
    held: u64,
    build: BuildHash,
    bundle: BundleOnDisk,
    /// What was sent and is not heard yet.
    sent: Option<Sent>,
    /// Whether it was said that the fee cannot be paid.
    is_poor: bool,
}

/// A word that was sent.
struct Sent {
    transaction: TransactionHash,
    /// The last block it may be in.
    expires_at: Height,
    /// How often it was sent by now.
    times: u32,
}

impl Advertiser {
    /// Speaks for a node that runs a build, by what its operator configured. Reads the bundle.
    pub fn new(chain: Arc<Chain>, voice: Voice, home: &Home, config: &Config, build: BuildHash) -> Self {
        Self {
            chain,
            voice,
            channel: config.rollout.release_channel.clone(),
            held: bits(config.rollout.held()),
            build,
            bundle: BundleOnDisk::at(home.bundle(config)),
            sent: None,
            is_poor: false,
        }
    }

    /// Looks after each block whether something is to be said, for as long as there are any.
    pub async fn run(self) {
        let mut heads = self.chain.heads();
        let mut advertiser = self;
        while heads.changed().await.is_ok() {
            // Whoever catches up sees gates as they were long ago.
            if advertiser.chain.is_stale() {
                continue;
            }
            // A file may be read, and a word is signed: nothing for a thread that others wait for.
            let looked = tokio::task::spawn_blocking(move || {
                advertiser.look();
                advertiser
            });
            let Ok(back) = looked.await else { return };
            advertiser = back;
        }
    }

    fn look(&mut self) {
        let Some(call) = self.owed() else {
            // It was heard, or is not to be said any more.
            self.sent = None;
            return;
        };
        let now = self.chain.head().at.height;
        if self.sent.as_ref().is_some_and(|sent| sent.waits(&self.chain, now)) {
            return;
        }
        let (unheard, expires_at) = (self.sent.as_ref().map_or(0, |sent| sent.times), now.plus(own::LIFETIME));
        match own::send(&self.chain, &self.voice, call, expires_at, unheard) {
            Ok(transaction) => {
                self.sent = Some(Sent { transaction, expires_at, times: unheard.saturating_add(1) });
                self.tell_bundle();
            }
            Err(SubmitError::Invalid(TxError::CannotPayFee { have, need })) if !self.is_poor => {
                tracing::warn!(%have, %need, account = %self.voice.account(), "this node cannot say what it runs: the account cannot pay the fee");
                self.is_poor = true;
            }
            Err(error) => tracing::debug!(%error, "what this node runs has to be said later"),
        }
    }

    /// What is to be said now, and would be taken; none where nothing is.
    fn owed(&mut self) -> Option<Call> {
        let view = self.chain.store().view();
        let state = State::over(&view);
        flags::queries::node_plan(&state)?;
        let (at, account) = (self.chain.next_moment(), self.voice.account());
        let bundle = self.bundle.hash();
        let current = self.current(&state, bundle);
        let said = releases::queries::advertised(&state, &account);
        if !is_to_be_said(said.as_ref(), &current, at.epoch, || rollouts::is_fleet_asked(&state, at)) {
            return None;
        }
        let call = Call::Releases(releases::Call::Advertise(current));
        call.decide(&state, at, account).is_ok().then_some(call)
    }

    /// What this node runs and knows, as the chain stands.
    fn current(&self, state: &State, bundle: Digest) -> Advertisement {
        let (gates, account) = (Gates::of(state), self.voice.account());
        let is_on = |gate: &Gate| gates.is_on_for(state, *gate, &account);
        Advertisement {
            channel: self.channel.clone(),
            gates: bits(Gate::ALL.iter().copied().filter(is_on)),
            known: bits(Gate::ALL.iter().copied()),
            held: self.held,
            bundle,
            build: self.build,
        }
    }

    /// That others are told of no bundle.
    fn tell_bundle(&self) {
        if self.bundle.hash == NO_BUNDLE {
            tracing::warn!(
                "this node says on chain that it has no bundle of stages, so that a change which asks for the bundle waits for others; \
                 name the file under rollout.bundle"
            );
        }
    }
}

impl Sent {
    /// Whether it may still come into a block. A pool drops what others outbid.
    fn waits(&self, chain: &Chain, now: Height) -> bool {
        now <= self.expires_at && chain.pool().contains(&self.transaction)
    }
}

/// Whether something is to be said in an epoch: what differs from what was said last, and what [is asked](rollouts::is_fleet_asked) and
/// was not said in this epoch. The lists of changes are read for that alone which an epoch has not heard.
fn is_to_be_said(
    said: Option<&Advertised>,
    current: &Advertisement,
    now: Epoch,
    is_asked: impl FnOnce() -> bool,
) -> bool {
    said.is_none_or(|(epoch, before)| before != current || (*epoch < now && is_asked()))
}

/// The set of some gates, as they are advertised: bit `n` stands for the gate of number `n`.
fn bits(gates: impl IntoIterator<Item = Gate>) -> u64 {
    gates.into_iter().fold(0, |bits, gate| bits | (1u64 << gate as u32))
}

/// The bundle of stages that the node was set up by. It is read at the start, and again when the file is another one.
struct BundleOnDisk {
    path: Option<PathBuf>,
    /// What was there when it was read; none where nothing was.
    seen: Option<FileStamp>,
    hash: Digest,
}

/// What changes when a file is written, or another one takes its name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileStamp {
    inode: u64,
    bytes: u64,
    /// When anything of it last changed: seconds, and nanoseconds of that.
    changed: (i64, i64),
}

impl BundleOnDisk {
    fn at(path: Option<PathBuf>) -> Self {
        let mut bundle = Self { path, seen: None, hash: NO_BUNDLE };
        bundle.hash();
        bundle
    }

    /// The BLAKE3 of its bytes, as `b3sum` prints it.
    fn hash(&mut self) -> Digest {
        let there = self.path.as_deref().and_then(|path| Some((path, FileStamp::of(&path.metadata().ok()?))));
        let stamp = there.map(|(_, stamp)| stamp);
        if stamp != self.seen {
            self.hash = there.map_or(NO_BUNDLE, |(path, _)| read(path));
            self.seen = stamp;
        }
        self.hash
    }
}

impl FileStamp {
    fn of(file: &Metadata) -> Self {
        Self { inode: file.ino(), bytes: file.size(), changed: (file.ctime(), file.ctime_nsec()) }
    }
}

fn read(path: &Path) -> Digest {
    let hashed = || -> io::Result<Digest> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path)?)?;
        Ok(Digest(*hasher.finalize().as_bytes()))
    };
    hashed().unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), %error, "rollout.bundle cannot be read; {}", files::remedy(&error));
        NO_BUNDLE
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::open;
    use crate::metrics::NodeMetrics;
    use host::provenance::TrustedSigners;
    use primitives::{Moment, Timestamp};
    use runtime::testing::{advertise, genesis, validator};
    use state::Apply as _;
    use store::db::{Access, Settings, Store};
    use store::testing::{govern, limit, write};
    use tempfile::TempDir;

    const BUILD: BuildHash = BuildHash([0xaa; 32]);

    /// The node of the first validator, which declines to prune, on a chain of one block that changed the state so.
    fn node(change: impl FnOnce(&mut State)) -> (TempDir, Advertiser) {
        let (dir, genesis) = (tempfile::tempdir().unwrap(), genesis());
        let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
        store.commit_genesis(&genesis).unwrap();
        write(&store, change).unwrap();
        drop(store);
        let chain = Arc::new(open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
        let config = Config::parse("[rollout]\nhold = [\"pruning\"]\n", "config.toml").unwrap();
        let advertiser = Advertiser::new(chain, Voice::new(validator(0), 1), &Home::at(dir.path()), &config, BUILD);
        (dir, advertiser)
    }

    /// What that node says where pruning is off.
    fn said() -> Advertisement {
        let channel = Name::new("mainnet").unwrap();
        Advertisement { channel, gates: 0b1_1100, known: 0b111_1111, held: 0b1, bundle: NO_BUNDLE, build: BUILD }
    }

    fn waiting(node: &Advertiser) -> Vec<Call> {
        node.chain.waiting(9).into_iter().map(|transaction| transaction.payload.call).collect()
    }

    /// What the chain has of that node from the epoch it is in.
    fn advertised(state: &mut State, advertisement: Advertisement) {
        let at = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(0), running: 0, level: runtime::LEVEL };
        releases::Event::Advertised { node: validator(0).account(), advertisement }.apply(state, at);
    }

    #[test]
    fn a_node_says_once_what_it_sees_knows_and_declines_and_by_which_bundle_and_build() {
        let (dir, mut node) = node(|state| govern(state, &[Gate::Pruning]));
        let folder = dir.path().join("config/defaults");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("mainnet.toml"), "version = 1").unwrap();
        node.look();
        node.look();
        let bundle = Digest::blake3(b"version = 1");
        assert_eq!(waiting(&node), [advertise(Advertisement { bundle, ..said() })]);
    }

    #[test]
    fn nothing_is_said_where_no_plan_governs_the_gates() {
        let (_dir, mut node) = node(|_| ());
        node.look();
        assert_eq!(waiting(&node), []);
    }

    #[test]
    fn what_was_said_is_not_said_again_and_what_changed_waits_for_the_next_epoch() {
        let (_dir, mut same) = node(|state| {
            govern(state, &[Gate::Pruning]);
            advertised(state, said());
        });
        same.look();
        assert_eq!(waiting(&same), []);
        let (_dir, mut changed) = node(|state| {
            govern(state, &[]);
            advertised(state, said());
        });
        changed.look();
        assert_eq!(waiting(&changed), [], "the chain counts one an epoch");
    }

    #[test]
    fn it_is_said_when_it_changed_and_once_an_epoch_while_somebody_asks() {
        let (now, before) = (Epoch(5), Epoch(4));
        let other = Advertisement { gates: 0, ..said() };
        let cases = [
            (None, false, true),
            (Some((before, other.clone())), false, true),
            (Some((now, other)), false, true),
            (Some((before, said())), false, false),
            (Some((before, said())), true, true),
            (Some((now, said())), true, false),
        ];
        for (last, is_asked, expected) in cases {
            assert_eq!(is_to_be_said(last.as_ref(), &said(), now, || is_asked), expected, "{last:?} {is_asked}");
        }
    }

    #[test]
    fn a_limited_gate_is_seen_on_by_its_members_alone() {
        for (member, gates) in [(0, 0b1_1101), (1, 0b1_1100)] {
            let (_dir, mut node) = node(|state| {
                govern(state, &[]);
                limit(state, Gate::Pruning, &validator(member).account());
            });
            node.look();
            assert_eq!(waiting(&node), [advertise(Advertisement { gates, ..said() })]);
        }
    }

    #[test]
    fn the_sets_have_the_bits_of_the_gates_that_the_chain_keeps() {
        let gates = Gates::without_plan();
        assert_eq!(bits(Gate::ALL.iter().copied().filter(|gate| gates.is_on_for_all(*gate))), gates.on);
        assert_eq!(bits([]), 0);
    }

    #[test]
    fn a_bundle_is_read_again_when_its_file_is_another_one() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bundle.toml");
        let mut bundle = BundleOnDisk::at(Some(file.clone()));
        assert_eq!(bundle.hash(), NO_BUNDLE);
        for text in ["one", "three"] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(bundle.hash(), Digest::blake3(text.as_bytes()));
        }
        // As `cp --preserve` and a rename leave it: a file as long and as old.
        std::fs::write(dir.path().join("other"), "there").unwrap();
        std::fs::rename(dir.path().join("other"), &file).unwrap();
        assert_eq!(bundle.hash(), Digest::blake3(b"there"));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(bundle.hash(), NO_BUNDLE);
        // A folder of that name is no file.
        std::fs::create_dir(&file).unwrap();
        assert_eq!(bundle.hash(), NO_BUNDLE);
        assert_eq!(BundleOnDisk::at(None).hash(), NO_BUNDLE);
    }
}
