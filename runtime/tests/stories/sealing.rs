//! Who decides blocks while the gate of the quorum is on, and while it is off (ROLLOUTS 11). Only the plan of the node sets a gate, and
//! no call of a chain installs one yet, so that a story sets it in the state between two blocks.

use crate::network::{advertise, genesis, signed, unbond, validator};
use flags::{Audience, Expiry, Flag, FlagKind, Risk, Value, Variant};
use primitives::{AccountId, Epoch, List, SecretKey, Text};
use releases::Advertisement;
use runtime::testing::{context, examples};
use runtime::{Event, Executed, Genesis, Transaction, execute};
use staking::queries::{candidates, validator_set};
use state::{Memory, State};

/// A chain in memory that is not judged by anybody: whoever decides, the blocks are the same.
struct Chain {
    genesis: Genesis,
    memory: Memory,
    height: u64,
}

impl Chain {
    fn new() -> Self {
        let genesis = genesis();
        Self { memory: genesis.build(), genesis, height: 0 }
    }

    fn state(&self) -> State<'_> {
        State::over(&self.memory)
    }

    fn change(&mut self, change: impl FnOnce(&mut State)) {
        let mut state = State::over(&self.memory);
        change(&mut state);
        let writes = state.into_writes();
        self.memory.commit(writes);
    }

    /// Has the plan of the node say whether blocks are decided by a quorum.
    fn set_gate(&mut self, on: bool) {
        let (plan, flag) = (examples::named("chain"), gate(on));
        self.change(|state| {
            flags::apply::define_flags_of_plan(state, examples::AT, &plan, &[flag]);
            flags::apply::set_node_plan(state, Some(&plan));
        });
    }

    fn block(&mut self, transactions: &[Transaction]) -> Executed {
        self.height += 1;
        let executed = execute(&self.memory, &context(&self.genesis, self.height), transactions).unwrap();
        self.memory.commit(executed.writes.clone());
        executed
    }

    /// Empty blocks up to the first one of an epoch, which is given back.
    fn begin(&mut self, epoch: u64) -> Executed {
        while self.height + 1 < epoch * self.genesis.chain.epoch_length {
            self.block(&[]);
        }
        self.block(&[])
    }

    fn members(&self, epoch: u64) -> Vec<AccountId> {
        validator_set(&self.state(), Epoch(epoch)).validators.iter().map(|member| member.account).collect()
    }

    fn candidates(&self, epoch: u64) -> Vec<AccountId> {
        candidates(&self.state(), Epoch(epoch)).validators.iter().map(|member| member.account).collect()
    }
}

/// The gate of the quorum, as a plan defines it, and what it is where nothing is set.
fn gate(on: bool) -> Flag {
    let variant = |(name, value)| Variant { name: examples::named(name), value: Value::Bool(value) };
    Flag {
        key: examples::named("malachite_consensus"),
        kind: FlagKind::Gate,
        variants: List::truncate_from([("off", false), ("on", true)].map(variant).to_vec()),
        fallback: u8::from(on),
        off: 0,
        owner: examples::named("release_commander"),
        expires: Expiry::Never,
        risk: Risk::High,
        audience: Audience::Node,
        emergency: false,
        requires: List::default(),
        bypass: List::default(),
        salt: examples::named("malachite_consensus"),
        text: Text::default(),
    }
}

/// The key of a validator of genesis.
fn key_of(account: AccountId) -> SecretKey {
    (0..4).map(validator).find(|key| key.account() == account).unwrap()
}

fn sealer(executed: &Executed) -> Option<AccountId> {
    let elected = executed.facts.iter().find_map(|fact| match &fact.outcome {
        Ok(Event::Staking(staking::Event::Elected { sealer, .. })) => Some(*sealer),
        _ => None,
    });
    elected.expect("the first block of an epoch elects")
}

#[test]
fn the_gate_chooses_the_rule_of_the_next_election_and_headers_announce_what_comes_of_it() {
    let mut chain = Chain::new();
    let all = chain.members(0);
    assert_eq!((all.len(), chain.candidates(0)), (4, all.clone()));
    let (first, last) = (all[0], all[3]);

    // Turned off in epoch 0: elected at the start of 1 for 2.
    chain.set_gate(false);
    chain.change(|state| staking::apply::name_sealer(state, &first));
    assert_eq!(sealer(&chain.begin(1)), Some(first));
    assert_eq!((chain.members(1), chain.members(2), chain.candidates(2)), (all.clone(), vec![first], all.clone()));

    // It leaves, and of the others the weakest alone is heard of.
    let said = Advertisement { build: examples::HASH, ..examples::advertisement() };
    let calls = [(first, unbond(first, 1_000_000)), (last, advertise(said))];
    let transactions = calls.map(|(who, call)| signed(&chain.genesis, &key_of(who), 0, call));
    assert!(chain.block(&transactions).facts.iter().all(|fact| fact.outcome.is_ok()));
    while chain.height < 18 {
        chain.block(&[]);
    }
    let before = chain.block(&[]);
    let announced = validator_set(&chain.state(), Epoch(2)).hash();
    assert_eq!(before.next_validators_hash, announced, "in the last block of the epoch before");
    assert_eq!(sealer(&chain.begin(2)), Some(last));
    assert_eq!((chain.members(2), chain.members(3)), (vec![first], vec![last]));

    // Turned on in epoch 2: elected at the start of 3 for 4.
    chain.set_gate(true);
    assert_eq!(sealer(&chain.begin(3)), None);
    assert_eq!((chain.members(3), chain.members(4)), (vec![last], all[1..].to_vec()));
    assert_eq!(chain.candidates(4), chain.members(4));
    assert_eq!(staking::queries::sealer(&chain.state()), None);
}

#[test]
fn who_was_heard_of_three_epochs_ago_is_not_preferred() {
    let mut chain = Chain::new();
    let all = chain.members(0);
    let (first, last) = (all[0], all[3]);
    chain.set_gate(false);
    chain.change(|state| staking::apply::name_sealer(state, &first));
    let said = signed(&chain.genesis, &key_of(last), 0, advertise(examples::advertisement()));
    chain.block(&[said]);
    (1..3).for_each(|epoch| drop(chain.begin(epoch)));
    let leaves = signed(&chain.genesis, &key_of(first), 0, unbond(first, 1_000_000));
    assert!(chain.block(&[leaves]).facts.iter().all(|fact| fact.outcome.is_ok()));
    assert_eq!(sealer(&chain.begin(3)), Some(all[1]), "the strongest of those who stand");
}
