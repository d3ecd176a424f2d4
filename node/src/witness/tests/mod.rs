//! Stories of this node's part in the log of blocks.

mod signed_last;

use super::*;
use crate::chain::tests::{decide, open};
use crate::chain::{AdmissionRefusal, Chain, CosignatureWord};
use crate::gossip;
use crate::metrics::NodeMetrics;
use crate::own::Voice;
use host::provenance::TrustedSigners;
use overlay::{COSIGNATURE, Cost, MessageVerdict};
use parity_scale_codec::Encode as _;
use primitives::{AccountId, Epoch, Height, Moment, Name, SecretKey, Signature, Timestamp};
use runtime::testing::{cosign, genesis, validator};
use runtime::{Block, Call};
use state::{Apply as _, State};
use std::sync::Arc;
use store::db::{Access, Settings, Store};
use store::testing::{govern, limit, turn_on, write};
use tempfile::TempDir;
use tlog::{BlockLeaf, Checkpoint, Frontier, Note, Tile};
use witnesses::queries;

/// What the witness is called.
const NAME: &str = "first";

fn witness_key() -> SecretKey {
    SecretKey::from_seed(&[77; 32])
}

/// Where what is written into state directly happens.
const AT: Moment = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(0), running: 0, level: 1 };

/// Has a validator be a witness of a name, with a key.
fn register(state: &mut State, index: u8, name: &str, key: &SecretKey) {
    let (witness, name, key) = (validator(index).account(), Name::new(name).unwrap(), key.public());
    witnesses::Event::Registered { witness, name, key, is_member: false }.apply(state, AT);
}

/// The note that is served, of which every line is by the log's key or by one of these; gives how many these have.
fn cosigned(served: &ServedLog, keys: &[VerifierKey]) -> usize {
    let note = Note::parse(&served.checkpoint().unwrap()).unwrap();
    let log: VerifierKey = served.vkey().parse().unwrap();
    for line in &note.lines {
        let alone = Note { text: note.text.clone(), lines: vec![line.clone()] };
        let is_valid = [&log].into_iter().chain(keys).any(|key| key.verify(&alone).is_some());
        assert!(is_valid, "{line}");
    }
    note.lines.len() - 1
}

/// The node of the first validator, on a network that has a tree of blocks, and whose witness that validator is.
struct World {
    dir: TempDir,
    chain: Arc<Chain>,
    trouble: WitnessTrouble,
}

impl World {
    fn new() -> Self {
        Self::with(|state| turn_on(state, Gate::WitnessNetwork))
    }

    fn with(change: impl FnOnce(&mut State)) -> Self {
        Self::without_tree(|state| {
            turn_on(state, Gate::RecursiveProofs);
            change(state);
        })
    }

    fn without_tree(change: impl FnOnce(&mut State)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
        store.commit_genesis(&genesis()).unwrap();
        let begin = |state: &mut State| {
            govern(state, &[]);
            change(state);
            register(state, 0, NAME, &witness_key());
        };
        write(&store, begin).unwrap();
        drop(store);
        let chain = open(&dir, &genesis(), TrustedSigners::default(), &NodeMetrics::new());
        chain.store().acts_for(validator(0).account());
        Self { dir, chain: Arc::new(chain), trouble: WitnessTrouble::default() }
    }

    fn until(&self, height: u64) {
        while self.chain.head().at.height < Height(height) {
            drop::<Block>(decide(&self.chain));
        }
    }

    fn latest(&self) -> LatestCosigned {
        LatestCosigned::at(self.dir.path().join("witness/latest"))
    }

    fn cosigner(&self, declines: bool) -> Cosigner {
        self.cosigner_with(witness_key(), declines)
    }

    fn cosigner_with(&self, key: SecretKey, declines: bool) -> Cosigner {
        let (chain, trouble) = (self.chain.clone(), self.trouble.clone());
        Cosigner::new(chain, Voice::new(validator(0), 1), key, self.latest(), trouble, declines)
    }

    fn served(&self) -> ServedLog {
        let key = LogKey::of(&SecretKey::from_seed(&[5; 32]), &self.chain.log_origin().unwrap());
        ServedLog::new(self.chain.clone(), Some(Arc::new(key)))
    }

    fn waiting(&self) -> Vec<Call> {
        self.chain.waiting(9).into_iter().map(|transaction| transaction.payload.call).collect()
    }

    /// What a witness says of the checkpoint of an epoch by a key.
    fn word(&self, epoch: Epoch, witness: AccountId, key: &SecretKey) -> CosignatureWord {
        let checkpoint = self.read(|state| queries::signed_checkpoint(state, epoch)).unwrap();
        let signature = key.sign(&tlog::cosigned_bytes(7, &checkpoint));
        CosignatureWord { epoch, witness, timestamp: 7, signature }
    }

    fn read<T>(&self, ask: impl FnOnce(&State) -> T) -> T {
        let view = self.chain.store().view();
        ask(&State::over(&view))
    }
}

#[test]
fn a_witness_signs_the_checkpoint_of_an_epoch_once_says_so_on_chain_and_is_in_the_note_that_is_served() {
    let world = World::new();
    let mut witness = world.cosigner(false);
    assert_eq!((witness.look(), world.served().checkpoint()), (None, None), "no epoch has begun with a tree");
    world.until(10);
    let word = witness.look().unwrap();
    assert_eq!((word.epoch, word.witness), (Epoch(1), validator(0).account()));
    assert_eq!(witness.look(), Some(word.clone()), "what was signed is said again");
    let CosignatureWord { epoch, timestamp, signature, .. } = word;
    assert_eq!(world.waiting(), [cosign(epoch, timestamp, signature)]);

    let noted = || {
        let note = Note::parse(&world.served().checkpoint().unwrap()).unwrap();
        let log: VerifierKey = world.served().vkey().parse().unwrap();
        assert_eq!(log.verify(&note), Some(0));
        assert_eq!(verifier_of(NAME, witness_key().public()).verify(&note), Some(timestamp));
        assert_eq!(note.lines.len(), 2);
        Checkpoint::parse(&note.text).unwrap()
    };
    let collected = noted();
    let word = witness.look().unwrap();
    assert!(!duty::is_on_chain(&world.chain, &word));
    decide(&world.chain);
    assert!(duty::is_on_chain(&world.chain, &word), "peers are told of it no more");
    assert!(world.read(|state| queries::has_cosigned(state, Epoch(1), &validator(0).account())));
    assert_eq!(noted(), collected, "on chain it is the same, and there once");
    assert_eq!((collected.size, world.chain.log_origin().unwrap()), (10, collected.origin));
    witness.look();
    assert_eq!((world.waiting(), world.trouble.told()), (Vec::new(), None));
}

#[test]
fn in_the_first_blocks_of_an_epoch_the_checkpoint_with_more_cosignatures_is_served() {
    let world = World::new();
    world.until(10);
    world.cosigner(false).look().unwrap();
    world.until(20);
    let size = || Checkpoint::parse(&Note::parse(&world.served().checkpoint().unwrap()).unwrap().text).unwrap().size;
    assert_eq!(size(), 10);
    world.cosigner(false).look().unwrap();
    assert_eq!(size(), 20);
}

#[test]
fn the_checkpoint_that_is_served_never_goes_back_however_many_cosign_an_earlier_one_later() {
    let (second, key) = (validator(1).account(), SecretKey::from_seed(&[78; 32]));
    let world = World::with(|state| {
        turn_on(state, Gate::WitnessNetwork);
        register(state, 1, "second", &key);
    });
    let size =
        |served: &ServedLog| Checkpoint::parse(&Note::parse(&served.checkpoint().unwrap()).unwrap().text).unwrap().size;
    let served = world.served();
    world.until(10);
    world.cosigner(false).look().unwrap();
    world.until(20);
    assert_eq!(size(&served), 10, "the newest one has no cosignature yet");
    world.cosigner(false).look().unwrap();
    assert_eq!(size(&served), 20);
    world.chain.take_cosignature(world.word(Epoch(1), second, &key)).unwrap();
    assert_eq!((size(&served), size(&served.clone())), (20, 20));
    assert_eq!(size(&world.served()), 10, "who has served none yet serves the one with more");
}

#[test]
fn what_was_collected_by_a_key_that_is_registered_no_more_is_not_served_and_the_new_key_has_its_place() {
    let world = World::new();
    world.until(10);
    let (word, fresh) = (world.cosigner(false).look().unwrap(), SecretKey::from_seed(&[78; 32]));
    let keys = [verifier_of(NAME, witness_key().public()), verifier_of("renewed", fresh.public())];
    let served = world.served();
    assert_eq!(cosigned(&served, &keys), 1);
    let anew = |state: &mut State| {
        witnesses::Event::Retired { witness: word.witness }.apply(state, AT);
        register(state, 0, "renewed", &fresh);
    };
    write(world.chain.store(), anew).unwrap();
    assert_eq!(cosigned(&served, &keys), 0);
    assert_eq!(world.chain.take_cosignature(word.clone()), Err(AdmissionRefusal::Useless));
    let renewed = world.word(Epoch(1), word.witness, &fresh);
    world.chain.take_cosignature(renewed.clone()).unwrap();
    assert_eq!(cosigned(&served, &keys[1..]), 1);
    assert_eq!(world.chain.take_cosignature(renewed), Err(AdmissionRefusal::Harmless), "it is known");
}

#[test]
fn a_witness_elsewhere_is_known_by_its_key_whatever_it_is_called_in_its_own_notes() {
    let (world, other) = (World::new(), World::new());
    for world in [&world, &other] {
        world.until(10);
    }
    let checkpoint = world.read(|state| queries::signed_checkpoint(state, Epoch(1))).unwrap();
    let stranger = SecretKey::from_seed(&[1; 32]);
    let line = |name: &str, timestamp: u64, key: &SecretKey| {
        format!("{}\n", verifier_of(name, key.public()).signed(key, timestamp, &checkpoint.text()))
    };
    let take = |world: &World, answer: &str| ask::take(&world.chain, Epoch(1), &checkpoint, answer);
    assert!(!take(&world, ""));
    assert!(!take(&world, &line("example.com/witness", 5, &stranger)));
    // By the number of its key, and by no signature of it.
    let of_another =
        verifier_of("example.com/witness", witness_key().public()).signed(&stranger, 6, &checkpoint.text());
    let own = line("example.com/witness", 7, &witness_key());
    assert!(take(&world, &format!("{}{of_another}\n{own}", line("example.com/other", 5, &stranger))));
    let taken = world.chain.cosignatures().of(Epoch(1));
    assert_eq!(taken.iter().map(|(_, word)| word.timestamp).collect::<Vec<u64>>(), [7]);
    assert_eq!(cosigned(&world.served(), &[verifier_of(NAME, witness_key().public())]), 1, "under its name on chain");
    // Only so much of an answer is looked at.
    let many = line("example.com/other", 5, &stranger).repeat(16);
    assert!(!take(&other, &format!("{many}{own}")));
    assert!(take(&other, &own));
}

#[test]
fn whoever_registered_in_an_epoch_signs_from_the_next_one_on() {
    let world = World::new();
    world.until(10);
    let now = Moment { epoch: Epoch(1), ..AT };
    let (witness, name, key) = (validator(0).account(), Name::new(NAME).unwrap(), witness_key().public());
    let anew = |state: &mut State| {
        witnesses::Event::Registered { witness, name, key, is_member: false }.apply(state, now);
    };
    write(world.chain.store(), anew).unwrap();
    assert_eq!((world.cosigner(false).look(), world.trouble.told()), (None, None));
    assert!(!world.dir.path().join("witness").exists());
}

#[test]
fn nothing_is_signed_where_the_gate_is_off_for_the_node_or_its_operator_declines() {
    let off = World::with(|_| ());
    let limited = World::with(|state| limit(state, Gate::WitnessNetwork, &validator(1).account()));
    let declined = World::new();
    for (world, declines) in [(&off, false), (&limited, false), (&declined, true)] {
        world.until(10);
        assert_eq!((world.cosigner(declines).look(), world.waiting()), (None, Vec::new()));
        assert_eq!(world.trouble.told(), None);
        assert!(!world.dir.path().join("witness").exists());
    }
    let member = World::with(|state| limit(state, Gate::WitnessNetwork, &validator(0).account()));
    member.until(10);
    assert!(member.cosigner(false).look().is_some());
}

#[test]
fn whoever_is_not_registered_or_has_another_key_signs_nothing_and_is_told_so() {
    let world = World::new();
    world.until(10);
    assert_eq!(world.cosigner_with(SecretKey::from_seed(&[1; 32]), false).look(), None);
    let told = world.trouble.told().unwrap();
    assert!(told.contains("another key of a witness"), "{told}");
    assert!(world.cosigner(false).look().is_some());
    assert_eq!(world.trouble.told(), None);
    let other = World::with(|state| turn_on(state, Gate::WitnessNetwork));
    other.until(10);
    let (chain, trouble) = (other.chain.clone(), other.trouble.clone());
    let voice = Voice::new(validator(1), 1);
    assert_eq!(Cosigner::new(chain, voice, witness_key(), other.latest(), trouble, false).look(), None);
    let told = other.trouble.told().unwrap();
    assert!(told.contains("is not registered") && told.contains("contract witness register"), "{told}");
}

#[test]
fn a_witness_without_a_validator_that_it_speaks_for_vouches_for_nothing_and_says_so() {
    let metrics = NodeMetrics::new();
    let told = |has: (bool, bool)| {
        let trouble = WitnessTrouble::default();
        part::tell_unheard(&trouble, has, &metrics);
        trouble.told()
    };
    assert!(told((true, false)).unwrap().contains("this node has no validator.key"));
    assert_eq!([(true, true), (false, true), (false, false)].map(told), [None, None, None]);
}

#[test]
fn tiles_have_the_hashes_and_leaves_of_the_tree_that_state_has_and_no_others() {
    let world = World::new();
    world.until(12);
    let served = world.served();
    let tile = |path: &str| served.tile(&Tile::parse(path).unwrap()).unwrap();
    let log = world.read(queries::log).unwrap();
    assert_eq!((log.frontier.size(), log.last), (12, Height(11)));
    let (hashes, leaves) = (tile("tile/0/000.p/12").unwrap(), tile("tile/entries/000.p/12").unwrap());
    let mut frontier = Frontier::default();
    for (number, (hash, leaf)) in hashes.chunks(32).zip(leaves.chunks(42)).enumerate() {
        let height = Height(number as u64);
        let block = world.chain.store().view().block_hash(height).unwrap().unwrap();
        let expected = BlockLeaf { height, block };
        assert_eq!((&leaf[..2], &leaf[2..], hash), (&[0, 40][..], &expected.encode()[..], &expected.hash().0[..]));
        frontier.append(expected.hash());
    }
    assert_eq!(frontier, log.frontier);
    for beyond in ["tile/0/000.p/13", "tile/0/000", "tile/entries/000.p/13", "tile/1/000.p/1", "tile/0/001.p/1"] {
        assert_eq!(tile(beyond), None, "{beyond}");
    }
    let still = World::without_tree(|_| ());
    still.until(12);
    assert_eq!(still.served().tile(&Tile::parse("tile/0/000.p/1").unwrap()).unwrap(), None, "no tree was begun");
    assert_eq!(still.served().checkpoint(), None);
}

#[test]
fn w07_what_peers_tell_of_cosignatures_counts_by_the_registered_key_once_and_costs_them_what_it_is_worth() {
    let (world, elsewhere) = (World::new(), World::new());
    // The same blocks, as another node has them.
    world.until(10);
    for height in 2..=10 {
        let (block, certificate) = consensus::Application::decided(&*world.chain, Height(height)).unwrap();
        consensus::Application::commit(&*elsewhere.chain, block, certificate).unwrap();
    }
    let word = world.cosigner(false).look().unwrap();
    let hear = |word: &CosignatureWord| elsewhere.chain.hear_cosignature(&word.encode());
    assert_eq!(elsewhere.chain.hear_cosignature(b"short"), Err(AdmissionRefusal::PeerFault));
    let stranger = CosignatureWord { witness: AccountId([9; 32]), ..word.clone() };
    let later = CosignatureWord { epoch: Epoch(7), ..word.clone() };
    let before_it_registered = CosignatureWord { epoch: Epoch(0), ..word.clone() };
    for unknown in [stranger, later, before_it_registered] {
        assert_eq!(hear(&unknown), Err(AdmissionRefusal::Harmless));
    }
    let forged = CosignatureWord { signature: Signature([3; 64]), ..word.clone() };
    let shifted = CosignatureWord { timestamp: word.timestamp + 1, ..word.clone() };
    for false_word in [forged, shifted] {
        assert_eq!(hear(&false_word), Err(AdmissionRefusal::Useless));
    }
    let checker = gossip::checker(elsewhere.chain.clone());
    let judge = |message: &[u8]| checker.check(message);
    assert_eq!(judge(&gossip::cosignature(&word)), MessageVerdict::Accept);
    assert_eq!(judge(&gossip::cosignature(&word)), MessageVerdict::Ignore(Cost::Little), "it is known");
    assert_eq!(judge(&[COSIGNATURE]), MessageVerdict::Reject);
    let registered = elsewhere.read(|state| queries::witness(state, &word.witness)).unwrap();
    assert_eq!(elsewhere.chain.cosignatures().of(Epoch(1)), [(registered, word)]);
    let note = Note::parse(&elsewhere.served().checkpoint().unwrap()).unwrap();
    assert_eq!(note.lines.len(), 2, "it is served before it is on chain");
}
