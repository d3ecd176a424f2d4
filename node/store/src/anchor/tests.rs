//! Stories of what a store is believed by, told on chains whose certificates verify.

use super::{KeptAnchor, Mistrust, anchor_of, known_anchor, newest_end, trust};
use crate::db::{Access, Extent, Import, Settings, Store};
use host::config::{Config, Home};
use host::keys::{self, Passphrase};
use ledger::Ledger;
use light::Distrust;
use light::testing::TestChain;
use primitives::{Amount, Height, SecretKey};
use runtime::Genesis;
use runtime::testing::{genesis, holder, transfer};
use staking::GenesisBond;
use state::StateEntry;
use std::path::Path;
use tempfile::TempDir;

/// A home whose node has a key.
struct World {
    dir: TempDir,
    home: Home,
    key: SecretKey,
}

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let home = Home::at(dir.path().join("home"));
        std::fs::create_dir_all(home.path().join("config")).unwrap();
        let key = keys::generate();
        keys::write(&home.node_key(), &key).unwrap();
        Self { dir, home, key }
    }

    fn store(&self, name: &str, chain: &TestChain) -> Store {
        store_of(chain, &self.dir.path().join(name))
    }

    /// The home has verified a chain up to a height.
    fn keep(&self, chain: &TestChain, height: u64) {
        let end = chain.headers[height as usize - 1].clone();
        KeptAnchor::move_on(&self.home, &chain.genesis, &self.key, end).unwrap();
    }

    fn kept(&self) -> Result<Option<KeptAnchor>, Mistrust> {
        KeptAnchor::read(&self.home, &genesis())
    }

    /// How far trust reaches in a store, by what this home has verified.
    fn trust(&self, store: &Store) -> Result<Height, Mistrust> {
        trust(Some(store), &genesis(), self.kept()?.as_ref()).map(|anchor| anchor.height())
    }

    fn lacking(&self, store: &Store) -> String {
        let mistrust = self.trust(store).unwrap_err();
        assert!(matches!(mistrust, Mistrust::Lacks { .. }), "{mistrust}");
        mistrust.to_string()
    }
}

/// A chain's blocks, as a node commits them.
pub(crate) fn store_of(chain: &TestChain, path: &Path) -> Store {
    let store = Store::open(path, Access::Primary, Settings::default()).unwrap();
    let head = crate::begin(&store, &chain.genesis).unwrap();
    let mut ledger = Ledger::over(store.clone(), &chain.genesis, head.header);
    for kept in chain.blocks() {
        ledger.commit(kept.block.clone(), kept.certificate.clone().unwrap()).unwrap();
    }
    store
}

/// A store of the head of another, with only some of the ends of epochs.
fn with_ends(store: &Store, ends: &[u64], path: &Path) -> Store {
    let view = store.view();
    let height = view.head().unwrap().unwrap().height;
    let mut import = Import::begin(path, Settings::default(), &genesis(), height).unwrap();
    for end in ends {
        import.epoch_end(&view.epoch_end(Height(*end)).unwrap().unwrap()).unwrap();
    }
    import.hashes(&view.block_hashes(Height(0), height.0).unwrap()).unwrap();
    let entries = view.entries_at(height).unwrap().collect::<Result<Vec<StateEntry>, _>>().unwrap();
    import.entries(entries).unwrap();
    let (block, facts) = (view.block(height).unwrap().unwrap(), view.record(height).unwrap().unwrap().facts);
    import.finish(&block, &view.certificate(height).unwrap().unwrap(), &facts).unwrap();
    Store::open(path, Access::Primary, Settings::default()).unwrap()
}

fn chain(height: u64) -> TestChain {
    let mut chain = TestChain::new(genesis());
    chain.until(height);
    chain
}

/// Another history, which the same validators decide.
fn second_history(height: u64) -> TestChain {
    let mut chain = TestChain::new(genesis());
    chain.block(&[(holder(0), transfer(holder(1).account(), 1))]);
    chain.until(height);
    chain
}

/// The chain of somebody who has keys of his own.
fn of_thieves(height: u64) -> TestChain {
    let mut forged: Genesis = genesis();
    let thieves: Vec<SecretKey> = (0..4).map(|index| SecretKey::from_seed(&[index + 50; 32])).collect();
    for (index, thief) in thieves.iter().enumerate() {
        let (account, validator) = (thief.account(), thief.account());
        forged.accounts.balances[index].account = account;
        forged.staking.bonds[index] = GenesisBond { account, validator, amount: Amount(1_000_000) };
    }
    let mut chain = TestChain::with_keys(forged, thieves);
    chain.until(height);
    chain
}

#[test]
fn h11_trust_walks_from_genesis_over_every_end_to_the_head() {
    let world = World::new();
    assert_eq!(trust(None, &genesis(), None).unwrap().height(), Height(0));
    let store = world.store("first epoch", &chain(5));
    assert_eq!(world.trust(&store).unwrap(), Height(5));
    assert_eq!(newest_end(&store, &genesis()).unwrap(), None);
    let whole = chain(25);
    let store = world.store("whole", &whole);
    assert_eq!(world.trust(&store).unwrap(), Height(25));
    assert_eq!(newest_end(&store, &genesis()).unwrap().as_ref(), whole.headers.get(18));
    assert_eq!(world.trust(&world.store("to an end", &chain(29))).unwrap(), Height(29));
}

#[test]
fn h11_t22_a_store_that_other_keys_signed_fits_together_and_is_not_believed() {
    let world = World::new();
    for height in [5, 25] {
        let store = world.store(&format!("forged to {height}"), &of_thieves(height));
        store.verify(Extent::Whole, 100).unwrap();
        let mistrust = world.trust(&store).unwrap_err();
        let Mistrust::Distrust { from: Height(0), error: Distrust::Strangers { have: Amount(0), .. } } = mistrust
        else {
            panic!("{mistrust}")
        };
    }
}

#[test]
fn h11_an_end_that_is_missing_anywhere_ends_trust() {
    let world = World::new();
    let whole = world.store("whole", &chain(25));
    let lacking: [(&str, &[u64], u64); 3] = [("first", &[19], 9), ("last", &[9], 19), ("all", &[], 9)];
    for (name, ends, due) in lacking {
        let store = with_ends(&whole, ends, &world.dir.path().join(name));
        let mistrust = world.trust(&store).unwrap_err();
        assert!(matches!(mistrust, Mistrust::Missing { due: Height(height) } if height == due), "{name}: {mistrust}");
    }
    let store = with_ends(&whole, &[9, 19], &world.dir.path().join("none"));
    assert_eq!(world.trust(&store).unwrap(), Height(25));
}

#[test]
fn h11_t22_a_second_history_by_the_keys_of_genesis_is_not_what_this_home_has_verified() {
    let world = World::new();
    let (first, second) = (chain(25), second_history(35));
    let store = world.store("second", &second);
    store.verify(Extent::Whole, 100).unwrap();
    assert_eq!(world.trust(&store).unwrap(), Height(35), "a home that knows nothing cannot tell");
    world.keep(&first, 9);
    let said = world.lacking(&store);
    assert!(said.contains(&first.headers[8].header.hash().to_string()), "{said}");
    assert!(said.contains(&second.headers[8].header.hash().to_string()), "{said}");
    assert!(said.contains("boot/anchor") && said.contains("restore this home's newest backup"), "{said}");
    assert_eq!(world.trust(&world.store("first", &first)).unwrap(), Height(25));
}

#[test]
fn h11_a_store_that_went_back_is_not_what_this_home_has_verified() {
    let world = World::new();
    world.keep(&chain(25), 19);
    let said = world.lacking(&world.store("older", &chain(18)));
    assert!(said.contains("ends at height 18") && said.contains("snapshot of height 19 or later"), "{said}");
    assert!(said.contains("does not vote can also begin anew") && said.contains("store and that file"), "{said}");
    let said = world.lacking(&world.store("empty", &chain(1)));
    assert!(said.contains("ends at height 1"), "{said}");
    let none = trust(None, &genesis(), world.kept().unwrap().as_ref()).unwrap_err();
    assert!(none.to_string().contains("no chain in its store"), "{none}");
    assert_eq!(world.trust(&world.store("same", &chain(19))).unwrap(), Height(19));
    // What a follower can do: without either it trusts as much as a new home does.
    std::fs::remove_file(world.home.anchor()).unwrap();
    assert_eq!(trust(None, &genesis(), world.kept().unwrap().as_ref()).unwrap().height(), Height(0));
}

#[test]
fn h11_t22_a_home_whose_memory_is_damaged_asks_no_store_what_to_trust() {
    let world = World::new();
    let (config, genesis) = (Config::default(), genesis());
    drop(store_of(&second_history(35), &world.home.gov_db(&config)));
    let anchor = || anchor_of(&world.home, &config, &genesis);
    assert_eq!(anchor().unwrap().height(), Height(35), "a home that knows nothing cannot tell");
    world.keep(&chain(25), 9);
    assert_eq!(anchor().unwrap(), known_anchor(&world.home, &genesis).unwrap(), "the store has another block there");
    std::fs::write(world.home.anchor(), b"the-block/anchor/v1\nand more").unwrap();
    let mistrust = anchor().unwrap_err();
    assert!(matches!(mistrust, Mistrust::Anchor { .. }), "{mistrust}");
}

#[test]
fn h11_trust_goes_on_from_what_was_verified_and_only_moves_on() {
    let world = World::new();
    let whole = chain(35);
    // What came before needs not be walked again.
    let store = with_ends(&world.store("whole", &whole), &[19, 29], &world.dir.path().join("later"));
    world.keep(&whole, 19);
    assert_eq!(world.trust(&store).unwrap(), Height(35));
    world.keep(&whole, 9);
    assert_eq!(world.kept().unwrap().unwrap().height(), Height(19), "it never goes back");
    world.keep(&whole, 29);
    assert_eq!(world.kept().unwrap().unwrap().height(), Height(29));
}

#[test]
fn h11_only_this_node_says_where_trust_begins_and_only_for_its_network() {
    let world = World::new();
    let (whole, thieves) = (chain(35), of_thieves(35));
    let forged = world.store("forged", &thieves);
    let unbelieved = || {
        let mistrust = world.kept().unwrap_err();
        assert!(matches!(mistrust, Mistrust::Anchor { .. }), "{mistrust}");
        mistrust.to_string()
    };
    // Somebody names the validators that his store has, and signs it himself.
    let end = thieves.headers[8].clone();
    KeptAnchor::move_on(&world.home, &genesis(), &keys::generate(), end.clone()).unwrap();
    assert!(unbelieved().contains("this node's key"));
    // What the node signed for another network is no better.
    std::fs::remove_file(world.home.anchor()).unwrap();
    KeptAnchor::move_on(&world.home, &thieves.genesis, &world.key, end).unwrap();
    assert!(unbelieved().contains("for this network"));
    std::fs::write(world.home.anchor(), b"the-block/anchor/v1\nand more").unwrap();
    assert!(unbelieved().contains("damaged"));

    // Where nobody can tell who signed it, it begins nothing, and refuses all the same.
    std::fs::remove_file(world.home.anchor()).unwrap();
    world.keep(&whole, 19);
    std::fs::remove_file(world.home.node_key()).unwrap();
    let store = world.store("whole", &whole);
    assert_eq!(world.trust(&store).unwrap(), Height(35));
    let later = with_ends(&store, &[19, 29], &world.dir.path().join("later"));
    let mistrust = world.trust(&later).unwrap_err();
    assert!(matches!(mistrust, Mistrust::Missing { due: Height(9) }), "trust begins with genesis: {mistrust}");
    world.lacking(&world.store("second", &second_history(35)));
    world.lacking(&forged);
}

#[test]
fn h11_an_encrypted_key_says_who_signed_to_whoever_has_no_passphrase() {
    let world = World::new();
    let (whole, key) = (chain(35), world.home.node_key());
    let later = with_ends(&world.store("whole", &whole), &[19, 29], &world.dir.path().join("later"));
    world.keep(&whole, 19);
    keys::rewrite(&key, &world.key, Some(&Passphrase::new("two words".to_owned()).unwrap())).unwrap();
    assert_eq!(world.trust(&later).unwrap(), Height(35), "nothing before it is walked again");
    std::fs::remove_file(world.home.anchor()).unwrap();
    KeptAnchor::move_on(&world.home, &genesis(), &keys::generate(), whole.headers[18].clone()).unwrap();
    let mistrust = world.kept().unwrap_err();
    assert!(mistrust.to_string().contains("this node's key"), "{mistrust}");
}
