//! Law 9 (ROLLOUTS 19): the tree of blocks equals that of another library over all leaves, off and on again, and whoever replays a block
//! comes to the same. What pruning leaves of it is held where stores are.

use crate::governed::plan::{PLAN, Shape, gate_key, name, plan};
use crate::governed::{COUNCIL, Governed, governed};
use crate::network::{Network, genesis, holder, transfer, validator};
use flags::{Gate, Setting, Targeting};
use ledger::{Commit, Ledger, Storage};
use primitives::{BlockHash, ChangeId, Digest, Epoch, Height, Moment, Path, StateRoot, Timestamp, merkle_root};
use proptest::prelude::*;
use runtime::{BlockError, Certificate, Context, Genesis, assemble, execute, replay, testing};
use state::tree::{MemoryTree, TreeError, TreeUpdate, update};
use state::{Backend, Memory, State, Writes};
use tlog::BlockLeaf;
use witnesses::{BlockLog, MOST_MISSING, queries};

/// How many blocks an epoch has.
const LENGTH: u64 = 5;

/// The hash of the block of a height, of which the tests of this chain know no more.
fn block(height: u64) -> BlockHash {
    BlockHash(Digest::blake3(&height.to_le_bytes()).0)
}

/// The root over the first so many blocks, by the other library.
fn oracle(size: u64) -> Digest {
    merkle_root((0..size).map(|height| BlockLeaf { height: Height(height), block: block(height) }.encode().to_vec()))
}

/// What a change writes that is carried out and turns the gate.
fn turning(memory: &Memory, since: Moment, on: bool) -> Writes {
    let mut state = State::over(memory);
    let setting = Setting { targeting: Targeting::constant(u8::from(!on)), since, by: ChangeId(0) };
    flags::apply::set(&mut state, &name(PLAN), &gate_key(Gate::RecursiveProofs), &Path::ROOT, &setting);
    state.into_writes()
}

fn turn(network: &mut Governed, on: bool) {
    let writes = turning(&network.memory, network.moment(), on);
    network.memory.commit(writes);
}

/// Where the next block stands, with other hashes than those that are missing.
fn next(network: &Governed, missing: Vec<BlockHash>) -> Context {
    let (height, time) = (network.height.next(), network.time.plus(1_000));
    let parent = block(network.height.0);
    Context { height, time, parent, missing, ..testing::context(&network.genesis, height.0) }
}

/// Makes the next block, held to the law of replay, and to what is refused.
fn make(network: &mut Governed) -> Result<(), TestCaseError> {
    let missing: Vec<BlockHash> = queries::missing(&network.state(), network.height.next()).map(block).collect();
    let (need, context) = (missing.len() as u64, next(network, missing.clone()));
    for have in [need.checked_sub(1), Some(need + 1)].into_iter().flatten() {
        let other = next(network, vec![BlockHash::NONE; usize::try_from(have).unwrap()]);
        prop_assert_eq!(execute(&network.memory, &other, &[]), Err(BlockError::Missing { have, need }));
    }
    let executed = execute(&network.memory, &context, &[]).unwrap();
    prop_assert_eq!(&replay(&network.memory, &context, &executed.facts), &executed.writes, "whoever folds its facts");
    prop_assert_eq!(&assemble(&network.memory, &context, 0, []).1, &executed, "whoever proposes it");
    network.memory.commit(executed.writes);
    (network.height, network.time) = (context.height, context.time);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn l09_the_tree_of_blocks_is_that_of_all_blocks_off_and_on_again(
        spans in prop::collection::vec((any::<bool>(), 1u64..100), 1..5),
    ) {
        let mut network = Governed::new(governed(plan(Shape::default()), "development", &COUNCIL, LENGTH));
        for (on, blocks) in spans {
            turn(&mut network, on);
            let before = queries::log(&network.state());
            for _ in 0..blocks {
                let size = queries::log(&network.state()).map_or(0, |log| log.frontier.size());
                make(&mut network)?;
                let (height, log) = (network.height, queries::log(&network.state()));
                if !on {
                    prop_assert_eq!(&log, &before, "it stands still");
                    continue;
                }
                let BlockLog { frontier, last } = log.expect("it has grown");
                prop_assert_eq!((frontier.root(), frontier.size()), (oracle(last.0 + 1), last.0 + 1));
                let caught_up = height.0 - 1 <= size + u64::from(MOST_MISSING);
                prop_assert_eq!(frontier.size(), if caught_up { height.0 } else { size + u64::from(MOST_MISSING) });
                let epoch = height.epoch(LENGTH);
                if height == epoch.first_height(LENGTH).max(Height(1)) {
                    let kept = queries::checkpoint(&network.state(), epoch).expect("an epoch began");
                    prop_assert_eq!((kept.size, kept.root), (frontier.size(), frontier.root()));
                }
            }
        }
    }
}

/// The hashes that a ledger appends are those of its own blocks.
#[test]
fn l09_the_tree_of_a_ledger_is_that_of_the_blocks_it_keeps() {
    let governed = governed(plan(Shape::default()), "development", &COUNCIL, LENGTH);
    let mut network = Network::new(governed);
    for _ in 0..12 {
        network.block(&[(holder(0), transfer(holder(1).account(), 1))]);
    }
    let kept = &network.ledger.storage().blocks;
    let leaves = kept.iter().map(|kept| (kept.block.header.height, kept.block.hash()));
    let leaves = leaves.take(12).map(|(height, block)| BlockLeaf { height, block }.encode().to_vec());
    let log = queries::log(&network.state()).unwrap();
    assert_eq!((log.frontier.root(), log.last), (merkle_root(leaves), Height(11)));
    let origin = queries::origin(&network.state()).unwrap();
    assert_eq!(origin, tlog::LogOrigin::of(&network.genesis.chain.chain_id, &kept[0].block.hash()));
    assert_eq!(queries::newest_checkpoint(&network.state()).map(|(epoch, at)| (epoch, at.size)), Some((Epoch(2), 10)));
}

/// Where a ledger keeps a chain whose block [`OFF`] turns the gate off, as if a change were carried out in it, and whose block [`ON`] turns it
/// on again.
struct Switched {
    state: Memory,
    tree: MemoryTree,
    blocks: Vec<(BlockHash, Option<Certificate>)>,
}

const OFF: u64 = 3;
const ON: u64 = 80;

impl Switched {
    fn begin(genesis: &Genesis) -> Ledger<Self> {
        let (mut tree, mut state, writes) = (MemoryTree::default(), Memory::default(), genesis.writes());
        let root = tree.commit(&writes).unwrap();
        state.commit(writes);
        let header = genesis.record(root).header;
        let blocks = vec![(header.hash(), None)];
        Ledger::over(Self { state, tree, blocks }, genesis, header)
    }

    fn at(&self, height: Height) -> Option<&(BlockHash, Option<Certificate>)> {
        self.blocks.get(usize::try_from(height.0).unwrap())
    }
}

impl Storage for Switched {
    type Prepared = (Writes, TreeUpdate);
    type Error = TreeError;

    fn state(&self) -> Box<dyn Backend + '_> {
        Box::new(&self.state)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, TreeError> {
        Ok(self.at(height).and_then(|(_, certificate)| certificate.clone()))
    }

    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, TreeError> {
        Ok(self.at(height).map(|(hash, _)| *hash))
    }

    fn prepare(&self, mut writes: Writes) -> Result<(StateRoot, Self::Prepared), TreeError> {
        let height = self.blocks.len() as u64;
        if [OFF, ON].contains(&height) {
            let since = Moment { height: Height(height), epoch: Epoch(0), time: Timestamp(0), running: 0, level: 1 };
            let mut after = self.state.clone();
            after.commit(writes.clone());
            writes.extend(turning(&after, since, height == ON));
        }
        let update = update(&self.tree, &writes, self.tree.next_version())?;
        Ok((update.root, (writes, update)))
    }

    fn commit(&mut self, commit: Commit<'_, Self::Prepared>) -> Result<(), TreeError> {
        let Commit { block, certificate, prepared: (writes, update), .. } = commit;
        self.tree.take(update, &writes);
        self.state.commit(writes);
        self.blocks.push((block.hash(), Some(certificate.clone())));
        Ok(())
    }
}

/// What a proposer brings of its own blocks where the tree stood still, every other ledger brings too.
#[test]
fn l09_the_tree_of_a_ledger_has_no_gap_where_its_gate_was_off() {
    let genesis = governed(plan(Shape::default()), "development", &COUNCIL, LENGTH);
    let (mut proposer, mut follower) = (Switched::begin(&genesis), Switched::begin(&genesis));
    let size = |ledger: &Ledger<Switched>| queries::log_size(&State::over(&ledger.storage().state));
    // The block that turns it off still appends its parent; when it is on again, one block does not bring all that is missing.
    let expected = |height: u64| {
        let stands_still = (OFF..=ON).contains(&height);
        let catches_up = height == ON + 1;
        if stands_still || catches_up { OFF + u64::from(catches_up) * u64::from(MOST_MISSING) } else { height }
    };
    for height in 1..=ON + 3 {
        let time = testing::context(&genesis, height).time;
        let block = proposer.propose(0, time, validator(0).account(), []).unwrap();
        let decided = testing::certificate(&block.header, []);
        follower.commit(block.clone(), decided.clone()).unwrap();
        proposer.commit(block, decided).unwrap();
        assert_eq!((size(&proposer), size(&follower)), (expected(height), expected(height)), "{height}");
    }
    let storage = proposer.storage();
    let leaves = (0..ON + 3).zip(&storage.blocks);
    let leaves =
        leaves.map(|(height, (block, _))| BlockLeaf { height: Height(height), block: *block }.encode().to_vec());
    let log = queries::log(&State::over(&storage.state)).unwrap();
    assert_eq!((log.frontier.root(), log.last), (merkle_root(leaves), Height(ON + 2)));
    assert_eq!(queries::log(&State::over(&follower.storage().state)), Some(log));
}

/// A network that no plan governs has no tree, so that one of level 0 writes what it ever wrote.
#[test]
fn without_a_plan_there_is_no_tree() {
    let mut network = Network::new(genesis());
    (0..12).for_each(|_| drop(network.block(&[])));
    assert_eq!((queries::log(&network.state()), queries::origin(&network.state())), (None, None));
    assert_eq!(queries::missing(&network.state(), Height(13)), 0..0);
}
