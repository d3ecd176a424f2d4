//! The storage layout: every cell with an example of its raw key and value.

use crate::network::*;
use crate::plans;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, BuildHash, ChainId, Digest, Epoch, Height, List, Moment, ProposalId};
use roles::RoleKey;
use runtime::testing::examples::*;
use runtime::testing::{genesis, held_by, holder, validator};
use state::{Apply, Item, Key, Log, Map, Memory, Set, State};

/// A cell: where it is, an example of its raw key and value, and how many entries of a state are under it. Whoever counts
/// also decodes every key and value.
pub struct Cell {
    path: &'static str,
    key: Vec<u8>,
    value: Vec<u8>,
    count: Box<dyn Fn(&State<'_>) -> usize>,
}

pub fn item<V: Encode + Decode + 'static>(path: &'static str, value: V) -> Cell {
    let item = Item::<V>::new(path);
    let (key, value) = (item.key().to_vec(), value.encode());
    Cell { path, key, value, count: Box::new(move |state: &State<'_>| usize::from(item.get(state).is_some())) }
}

pub fn map<K: Key + 'static, V: Encode + Decode + 'static>(path: &'static str, key: K, value: V) -> Cell {
    let map = Map::<K, V>::new(path);
    let (key, value) = (map.key(&key).to_vec(), value.encode());
    Cell { path, key, value, count: Box::new(move |state: &State<'_>| map.iter(state).count()) }
}

pub fn set<K: Key + 'static>(path: &'static str, key: K) -> Cell {
    let set = Set::<K>::new(path);
    let (key, value) = (set.key(&key).to_vec(), true.encode());
    Cell { path, key, value, count: Box::new(move |state: &State<'_>| set.iter(state).count()) }
}

/// A list, at two paths: its entries and how many there are.
pub fn log<K: Key + Clone + 'static, V: Encode + Decode + 'static>(
    [path, counts]: [&'static str; 2],
    key: K,
    value: V,
) -> [Cell; 2] {
    let (entries, mut memory) = (map::<(K, u64), V>(path, (key.clone(), 3), value), Memory::default());
    let lengths = map::<K, u64>(counts, key.clone(), 3);
    let mut state = State::over(&memory);
    // What a log writes is what these two cells have.
    let value = || V::decode(&mut &entries.value[..]).unwrap();
    (0..3).for_each(|_| Log::<K, V>::new(path, counts).push(&mut state, &key, &value()));
    let writes = state.into_writes();
    memory.commit(writes);
    assert_eq!([&entries, &lengths].map(|cell| memory.0.get(&cell.key)), [Some(&entries.value), Some(&lengths.value)]);
    [entries, lengths]
}

/// Every cell there is.
fn cells() -> Vec<Cell> {
    let genesis = genesis();
    let (chain, roster) = (genesis.chain, genesis.releases.roster);
    let (nodes, rebuilders) =
        (["releases/nodes", "releases/node_counts"], ["releases/rebuilders", "releases/rebuilder_counts"]);
    let listed_by = ["releases/listed_by", "releases/listed_by_counts"];
    let logs = [
        log(["governance/ended", "governance/ended_counts"], governance::Status::Rejected, ID),
        log(["releases/listed", "releases/listed_counts"], (), HASH),
        log::<AccountId, _>(listed_by, WHO, HASH),
        log::<BuildHash, _>(nodes, HASH, WHO),
        log::<BuildHash, _>(rebuilders, HASH, WHO),
    ];
    let mut cells = vec![
        map::<AccountId, _>("accounts/accounts", WHO, account()),
        item("accounts/burned", TEN),
        map::<AccountId, _>("accounts/descriptions", WHO, description()),
        item("accounts/fees", genesis.accounts.fees),
        item("chain/levels", levels()),
        item::<u32>("chain/migrated", 2),
        item("chain/params", chain.clone()),
        item("chain/running", running()),
        set::<(Epoch, ProposalId)>("governance/agenda", (Epoch(258), ID)),
        map::<(ProposalId, AccountId), _>("governance/ballots", (ID, WHO), ballot()),
        set::<(u32, u64, ProposalId)>("governance/closing", (1, AT.running, ID)),
        set::<(u32, Epoch, ProposalId)>("governance/closing_epochs", (1, Epoch(258), ID)),
        set::<(u32, Height, ProposalId)>("governance/decided", (1, AT.height, ID)),
        map::<ProposalId, _>("governance/deposits", ID, deposit()),
        set::<(Digest, ProposalId)>("governance/index", (digest(), ID)),
        set::<(ProposalId, Digest)>("governance/keys", (ID, digest())),
        item("governance/latest", ID),
        set::<(u32, RoleKey, ProposalId)>("governance/of_roles", (1, role_key(), ID)),
        map::<(ProposalId, AccountId), _>("governance/overridden", (ID, VALIDATOR), TEN),
        item("governance/params", genesis.governance.params),
        map::<(AccountId, ProposalId), _>("governance/places", (WHO, ID), governance::Place::Own),
        map::<ProposalId, _>("governance/polls", ID, poll()),
        map::<ProposalId, _>("governance/proposals", ID, proposal()),
        item("governance/shared_places", shared_places()),
        map::<ProposalId, _>("governance/unmet", ID, governance::PollFailure::Cancelled),
        map::<(ProposalId, u64), _>("governance/voters", (ID, 3), WHO),
        item::<Vec<BuildHash>>("releases/active", vec![HASH]),
        item::<u32>("releases/applied_threshold", 2),
        map::<BuildHash, _>("releases/approved", HASH, approved(releases::Standing::Active)),
        map::<AccountId, _>("releases/fleet", WHO, (Epoch(100), advertisement())),
        map::<u64, Vec<BuildHash>>("releases/builds", 3, vec![HASH]),
        item::<ChainId>("releases/chain_id", chain.chain_id.clone()),
        map::<(ProposalId, BuildHash), _>("releases/held", (ID, HASH), held_power()),
        set::<(ProposalId, BuildHash, AccountId)>("releases/holders", (ID, HASH, VALIDATOR)),
        item::<u64>("releases/latest_sequence", 3),
        item("releases/minimum_sequence", minimum_sequence()),
        item("releases/params", genesis.releases.params),
        map::<BuildHash, _>("releases/installs", HASH, installs()),
        map::<(BuildHash, AccountId), _>("releases/rebuilds", (HASH, WHO), rebuild()),
        map::<(BuildHash, AccountId), _>("releases/receipts", (HASH, WHO), receipt()),
        map::<ProposalId, _>("releases/revealed", ID, manifest()),
        item("releases/roster", roster),
        map::<u64, _>("releases/rosters", 2, roster_record()),
        map::<AccountId, _>("releases/running", WHO, HASH),
        map::<BuildHash, _>("releases/stage_nodes", HASH, stage_nodes()),
        map::<(BuildHash, AccountId), _>("releases/stages", (HASH, WHO), stage_report()),
        map::<BuildHash, _>("releases/support_set", HASH, Epoch(100)),
        item("rewards/attendance", attendance()),
        map::<(AccountId, AccountId), _>("rewards/collected", (WHO, VALIDATOR), Epoch(258)),
        set::<(Epoch, AccountId)>("rewards/lapsing", (Epoch(258), VALIDATOR)),
        map::<(AccountId, Epoch), _>("rewards/owed", (VALIDATOR, Epoch(258)), owed()),
        item("rewards/params", rewards_params()),
        item("rewards/pool", TEN),
        item("rewards/to_collect", TEN),
        map::<RoleKey, _>("roles/heads", role_key(), role_head()),
        set::<(AccountId, RoleKey)>("roles/held", (WHO, role_key())),
        map::<(RoleKey, AccountId), _>("roles/members", (role_key(), WHO), member()),
        map::<RoleKey, _>("roles/roles", role_key(), role()),
        map::<AccountId, _>("staking/bonds", WHO, bonds()),
        map::<Epoch, _>("staking/candidate_sets", Epoch(258), validators()),
        set::<(u64, AccountId)>("staking/candidates", (u64::MAX - SIXTEEN.0, VALIDATOR)),
        item::<(ChainId, u64)>("staking/chain", (chain.chain_id.clone(), chain.epoch_length)),
        map::<AccountId, _>("staking/commissions", VALIDATOR, commission()),
        set::<(AccountId, AccountId)>("staking/delegators", (VALIDATOR, WHO)),
        map::<AccountId, _>("staking/jailed", VALIDATOR, Epoch(258)),
        item("staking/line", (Epoch(258), 2u64)),
        item("staking/most_freed", 12_484u64),
        item("staking/params", genesis.staking.params),
        map::<(AccountId, Epoch), _>("staking/penalties", (VALIDATOR, Epoch(258)), penalty()),
        map::<AccountId, _>("staking/power", VALIDATOR, history()),
        set::<(Epoch, AccountId)>("staking/punished", (Epoch(258), VALIDATOR)),
        item("staking/sealer", VALIDATOR),
        map::<Epoch, _>("staking/sets", Epoch(258), validators()),
        set::<(Epoch, AccountId, AccountId)>("staking/spent", (Epoch(258), WHO, VALIDATOR)),
        item("staking/total", history()),
        map::<(Epoch, AccountId, AccountId), _>("staking/unbonding", (Epoch(258), VALIDATOR, WHO), TEN),
        set::<Epoch>("staking/unenforced", Epoch(258)),
        set::<(AccountId, AccountId, Epoch)>("staking/waiting", (WHO, VALIDATOR, Epoch(258))),
        map::<Epoch, _>("witnesses/checkpoints", Epoch(258), epoch_checkpoint()),
        map::<(Epoch, AccountId), _>("witnesses/cosigned", (Epoch(258), WHO), cosignature()),
        item("witnesses/log", block_log()),
        item("witnesses/origin", log_origin()),
        map::<AccountId, _>("witnesses/register", WHO, log_witness()),
    ];
    cells.extend(logs.into_iter().flatten());
    let of_plans = [
        plans::of_flags(),
        plans::of_artifacts(),
        plans::of_cases(),
        plans::of_plans(),
        plans::of_changes(),
        plans::of_statements(),
    ];
    cells.extend(of_plans.into_iter().flatten());
    cells.sort_by_key(|cell| cell.path);
    cells
}

#[test]
fn every_cell_is_stored_as_ever() {
    let mut out = String::from("# each cell: its raw key as text and hex, and an example of its value\n");
    for Cell { key, value, .. } in cells() {
        let (text, key, value) = (key.escape_ascii().to_string(), hex::encode(&key), hex::encode(value));
        out += &format!("{text}\n  key   {key}\n  value {value}\n");
    }
    crate::golden("storage.txt", &out);
}

/// What the installation of a plan writes about a role. No call of a chain does yet.
fn of_roles() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    roles::apply::write_role(&mut state, &role_key(), &role(), roles::MOST_VOTERS);
    roles::apply::seat(&mut state, &role_key(), &seat());
    state.into_writes().into_iter().filter_map(|(key, value)| Some((key, value?)))
}

/// What the chain writes when it asks members, and when nothing comes of that. No plan of a chain does yet.
fn of_polls() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    use governance::{Closing, Event, Proposal};
    let memory = Memory::default();
    let mut state = State::over(&memory);
    let closings = [None, Some(Closing::Running(AT.running)), Some(Closing::Epoch(AT.epoch))];
    for (number, closes_at) in (1..).zip(closings) {
        let proposal = Proposal { id: ProposalId(number), closes_at, ..asked_of_members() };
        Event::Opened { proposal, total: TEN }.apply(&mut state, AT);
    }
    governance::apply::recount(&mut state, AT, &role_key());
    let cancelled = governance::Cancelled { proposal_id: ProposalId(1), deposit: None };
    Event::<runtime::Motion>::Cancelled(cancelled).apply(&mut state, AT);
    state.into_writes().into_iter().filter_map(|(key, value)| Some((key, value?)))
}

/// What presence comes to: an epoch that pays a delegator, who collects it, and another that is counted.
fn of_rewards() -> [rewards::Event; 3] {
    let paid = List::truncate_from(vec![rewards::Payment {
        validator: VALIDATOR,
        present_ms: 9_000,
        own: SIXTEEN,
        delegated: TEN,
        delegation: SIXTEEN,
    }]);
    let (epoch, leader, witness, pool) = (Epoch(257), TEN, TEN, TEN);
    let epochs = List::truncate_from(vec![(epoch, Amount(3))]);
    [
        rewards::Event::Rewarded { epoch, paid, leader, witness, pool },
        rewards::Event::Collected { who: WHO, validator: VALIDATOR, epochs },
        rewards::Event::Began { epoch: Epoch(258), paid: bits() },
    ]
}

/// What a block writes that an epoch begins with and that the tree of blocks grows by, and what a witness says of that.
fn of_witnesses() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    let chain_id = genesis().chain.chain_id;
    let grown = witnesses::apply::Grown {
        chain_id: &chain_id,
        missing: &[],
        parent: primitives::BlockHash::NONE,
        begins_epoch: true,
    };
    witnesses::apply::grow(&mut state, Moment { height: Height(1), ..AT }, &grown);
    let witnesses::LogWitness { name, key, is_member, .. } = log_witness();
    let cosignature = cosignature();
    let (witness, epoch, witnesses::EpochCheckpoint { size, root }) = (WHO, AT.epoch, epoch_checkpoint());
    witnesses::Event::Registered { witness, name, key, is_member }.apply(&mut state, AT);
    witnesses::Event::Cosigned { witness, epoch, size, root, cosignature }.apply(&mut state, AT);
    state.into_writes().into_iter().filter_map(|(key, value)| Some((key, value?)))
}

/// What a change of who decides blocks writes, and an epoch in which nothing that validators sign is punished. No plan sets the gates of
/// this chain.
fn of_gates() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    staking::apply::name_sealer(&mut state, &VALIDATOR);
    staking::Event::Unenforced { epoch: AT.epoch }.apply(&mut state, AT);
    for event in of_rewards() {
        event.apply(&mut state, AT);
    }
    state.into_writes().into_iter().filter_map(|(key, value)| Some((key, value?)))
}

#[test]
fn no_key_is_stored_outside_of_the_cells_and_every_cell_is_in_use() {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 2;
    let mut network = Network::new(genesis);
    let hash = BuildHash([1; 32]);
    let yes = |index| (validator(index), vote(1, governance::Choice::Yes, None));
    let to = validator(0).account();
    let release = |hash| propose(&network.genesis, hash, 2);
    let sealed_hash = BuildHash([2; 32]);
    let proposer = validator(1).account();
    let (first, second) = (release(hash), propose_sealed(&network.genesis, proposer, sealed_hash, 2, digest()));
    let mut dumps = network.memory().0.clone();
    dumps.extend(of_roles());
    dumps.extend(of_polls());
    dumps.extend(of_gates());
    dumps.extend(of_witnesses());
    let as_examples = calls().into_iter().map(|call| (holder(2), call));
    let blocks = [
        as_examples
            .chain([(holder(0), delegate(to, 500)), (holder(1), delegate(to, 1)), (holder(1), unbond(to, 1))])
            .collect::<Vec<_>>(),
        vec![
            (validator(1), first),
            yes(0),
            yes(1),
            (validator(0), advertise(advertisement())),
            (validator(0), set_commission(50_000)),
        ],
        [vec![(holder(0), vote(1, governance::Choice::No, None)), (holder(0), unbond(to, 100))], held_by(3, &[hash])]
            .concat(),
    ];
    let mut paid = 0;
    for asked in &blocks {
        paid += asked.len() as u64;
        network.block(asked);
        dumps.extend(network.memory().0.clone());
    }
    network.until(3);
    let revealed = (holder(0), reveal(sealed_hash, proposer, secret(&network.genesis, sealed_hash), digest()));
    let rebuilt = (holder(0), attest_rebuild(hash, None, None));
    let asked = [0, 1, 2].map(|index| (validator(index), install(hash)));
    let asked = [&asked[..], &[(validator(1), second), rebuilt, revealed]].concat();
    paid += asked.len() as u64;
    network.block(&asked);
    network.until(4);
    let yes = |index, id| (validator(index), vote(id, governance::Choice::Yes, None));
    let withdrawal = propose_expedited(raise_minimum(2));
    let support = propose_expedited(end_support(network.genesis.releases.approved[0].build_hash, Epoch(99)));
    let proposed = [(validator(1), withdrawal), (validator(2), support)];
    let ballots = [3, 4].map(|id| [0, 1, 2].map(|index| yes(index, id)));
    let asked = [&proposed[..], &ballots.concat()[..]].concat();
    paid += asked.len() as u64;
    network.block(&asked);
    network.until(9);
    dumps.extend(network.memory().0.clone());
    let fees = paid * 10;
    assert_eq!(accounts::queries::burned(&network.state()), Amount(1_000 + fees), "a deposit and all fees");
    // A validator with a delegator, that contradicts itself.
    let height = network.ledger.head().at.height;
    network.block(&[(holder(1), contradiction(&network, 0, height))]);
    dumps.extend(network.memory().0.clone());
    // Read as the cells that are named here, it decodes, and nothing is left over.
    let dump = Memory(dumps);
    let counts: Vec<_> = cells().iter().map(|cell| (cell.path, (cell.count)(&State::over(&dump)))).collect();
    // Nobody acts in a role of the plan that is installed here, so that nothing moves under it; and no level brings a migration yet.
    let is_moved = |path: &str| {
        !["rollouts/", "flags/", "artifacts/", "cases/", "chain/migrated"].iter().any(|still| path.starts_with(still))
    };
    let unused: Vec<_> = counts.iter().filter(|(path, count)| *count == 0 && is_moved(path)).collect();
    assert!(unused.is_empty(), "never written: {unused:?}");
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), dump.0.len(), "keys outside of the cells");
}
