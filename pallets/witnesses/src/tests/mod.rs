//! Stories of the log of blocks and of those who vouch for it. A block's hash follows from its height, and epochs have four blocks.

mod cosigning;
mod growing;
mod places;

use crate::apply::{Grown, grow};
use crate::{
    Call, Error, Event, MOST_CHECKPOINTS, MOST_MISSING, MOST_OF_OTHERS, MOST_SECONDS_AHEAD, MOST_WITNESSES, due,
    queries, witness_key_proof,
};
use accounts::{AccountsGenesis, Endowment, FeeSchedule};
use flags::{Audience, Expiry, Flag, FlagKind, Gate, Risk, Setting, Targeting, Value, Variant};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{
    AccountId, Amount, BlockHash, ChainId, ChainPosition, ChangeId, Digest, Epoch, Height, List, Moment, Name, Path,
    PublicKey, SecretKey, Signature, Text, Timestamp,
};
use proptest::prelude::*;
use staking::{GenesisBond, PenaltyParams, StakingGenesis, StakingParams};
use state::{Apply, Decide, Memory, State, Told};
use tlog::{BlockLeaf, Frontier, LogOrigin, cosigned_bytes};

const LENGTH: u64 = 4;
const BOND: u64 = 100;
/// When witnesses sign, in seconds since 1970: within an hour of every block here.
const SIGNED: u64 = 60;
/// Have the least bond; the last has more.
const BONDED: u8 = 80;
const POOR: AccountId = AccountId([200; 32]);

fn who(byte: u8) -> AccountId {
    AccountId([byte; 32])
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn chain_id() -> ChainId {
    Text::new("test").unwrap()
}

fn moment(height: u64) -> Moment {
    Moment::of(ChainPosition::of(Height(height), Timestamp(height * 1_000), LENGTH), height * 1_000, 1)
}

fn block(height: u64) -> BlockHash {
    BlockHash(Digest::blake3(&height.to_le_bytes()).0)
}

/// The key that a witness cosigns with.
fn secret(byte: u8) -> SecretKey {
    SecretKey::from_seed(&[byte; 32])
}

fn gate(gate: Gate) -> Flag {
    let variant = |(name, value)| Variant { name: self::name(name), value: Value::Bool(value) };
    let key = name(gate.into());
    Flag {
        kind: FlagKind::Gate,
        variants: List::truncate_from([("off", false), ("on", true)].map(variant).to_vec()),
        fallback: 0,
        off: 0,
        owner: name("commander"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Node,
        emergency: true,
        requires: List::default(),
        bypass: List::default(),
        salt: key.clone(),
        text: Text::default(),
        key,
    }
}

/// To be registered by an account with a key of which that account shows that it has it.
fn registers(who: AccountId, called: &str, key: &SecretKey) -> Call {
    let proof = key.sign(&witness_key_proof(&chain_id(), &who));
    Call::Register { name: name(called), key: key.public(), proof }
}

/// A chain of which only the log matters here.
struct Chain<'m> {
    state: State<'m>,
    height: u64,
}

impl<'m> Chain<'m> {
    fn begin(memory: &'m Memory) -> Self {
        let mut state = State::over(memory);
        let at = moment(0);
        let endow = |account| Endowment { account, balance: Amount(10_000) };
        let fees = FeeSchedule { base: Amount(1), per_byte: Amount(0), per_read: Amount(0) };
        let balances = (1..=BONDED).map(who).chain([POOR]).map(endow).collect();
        AccountsGenesis { fees, balances }.events().for_each(|event| event.apply(&mut state, at));
        let bond = |byte| GenesisBond { account: who(byte), validator: who(byte), amount: Amount(BOND) };
        let params = StakingParams {
            max_validators: 128,
            minimum_bond: Amount(BOND),
            minimum_delegation: Amount(1),
            unbonding_epochs: 2,
            remembered_epochs: 5,
            penalties: PenaltyParams::default(),
        };
        let stake = StakingGenesis { params, bonds: (1..=BONDED).map(bond).collect() };
        stake.events(&chain_id(), LENGTH, 99, None).for_each(|event| event.apply(&mut state, at));
        let flags = [Gate::RecursiveProofs, Gate::WitnessNetwork].map(gate);
        flags::apply::define_flags_of_plan(&mut state, at, &name("chain"), &flags);
        flags::apply::make_segment(&mut state, &name("chain"), &name("cohort"));
        flags::apply::set_node_plan(&mut state, Some(&name("chain")));
        Self { state, height: 0 }
    }

    /// The same with both gates on.
    fn witnessed(memory: &'m Memory) -> Self {
        let mut chain = Self::begin(memory);
        chain.turn(Gate::RecursiveProofs, true);
        chain.turn(Gate::WitnessNetwork, true);
        chain
    }

    fn turn(&mut self, gate: Gate, on: bool) {
        let targeting = Targeting::constant(u8::from(on));
        let setting = Setting { targeting, since: moment(self.height), by: ChangeId(0) };
        flags::apply::set(&mut self.state, &name("chain"), &name(gate.into()), &Path::ROOT, &setting);
    }

    fn join_cohort(&mut self, byte: u8) {
        let member = Text::new(who(byte).to_string()).unwrap();
        flags::apply::change_segment(&mut self.state, &name("chain"), &name("cohort"), &[member], &[]);
    }

    /// Blocks up to a height, each of which brings what is missing.
    fn until(&mut self, height: u64) {
        while self.height < height {
            self.height += 1;
            let at = moment(self.height);
            if !flags::Gates::of(&self.state).is_on(Gate::RecursiveProofs) {
                continue;
            }
            let missing: Vec<BlockHash> = queries::missing(&self.state, at.height).map(block).collect();
            let parent = block(self.height - 1);
            let begins_epoch = at.height == at.epoch.first_height(LENGTH).max(Height(1));
            let chain_id = chain_id();
            grow(&mut self.state, at, &Grown { chain_id: &chain_id, missing: &missing, parent, begins_epoch });
        }
    }

    fn ask(&mut self, who: AccountId, call: &Call) -> Result<Event, Error> {
        let at = moment(self.height);
        let event = call.decide(&self.state, at, who)?;
        event.apply(&mut self.state, at);
        Ok(event)
    }

    fn register(&mut self, byte: u8) -> Result<Event, Error> {
        self.ask(who(byte), &registers(who(byte), &format!("witness{byte}"), &secret(byte)))
    }

    fn unbond(&mut self, byte: u8) {
        let unbond = staking::Call::Unbond { validator: who(byte), amount: Amount(BOND) };
        let event = unbond.decide(&self.state, moment(1), who(byte)).unwrap();
        event.apply(&mut self.state, moment(1));
    }

    fn cosign(&mut self, byte: u8, epoch: u64) -> Result<Event, Error> {
        self.cosign_at(byte, epoch, SIGNED)
    }

    fn cosign_at(&mut self, byte: u8, epoch: u64, timestamp: u64) -> Result<Event, Error> {
        let checkpoint = queries::signed_checkpoint(&self.state, Epoch(epoch));
        let bytes = checkpoint.map(|checkpoint| cosigned_bytes(timestamp, &checkpoint)).unwrap_or_default();
        let signature = secret(byte).sign(&bytes);
        self.ask(who(byte), &Call::Cosign { epoch: Epoch(epoch), timestamp, signature })
    }

    fn frontier(&self) -> Frontier {
        queries::log(&self.state).map(|log| log.frontier).unwrap_or_default()
    }
}

/// The tree of the blocks up to a height, made at once.
fn tree(size: u64) -> Frontier {
    let mut frontier = Frontier::default();
    for height in 0..size {
        frontier.append(BlockLeaf { height: Height(height), block: block(height) }.hash());
    }
    frontier
}

#[test]
fn what_is_read_for_a_place_is_counted_and_so_are_the_signatures_inside_calls() {
    let memory = Memory::default();
    let chain = Chain::witnessed(&memory);
    let register = registers(who(1), "witness", &secret(1));
    let cosign = Call::Cosign { epoch: Epoch(0), timestamp: 0, signature: Signature([0; 64]) };
    let counted = |call: &Call| (call.reads(&chain.state), call.signatures(), call.most_spent(&chain.state));
    assert_eq!(counted(&register), (MOST_WITNESSES + 1, 1, Amount(0)));
    assert_eq!(counted(&Call::Retire), (0, 0, Amount(0)));
    assert_eq!(counted(&cosign), (0, 1, Amount(0)));
    assert!(!cosign.sentence().is_empty() && cosign.kind() == "witnesses.cosign");
}

#[test]
fn every_refusal_has_a_number_of_its_own() {
    let (who, key, epoch) = (who(1), secret(1).public(), Epoch(1));
    let all = [
        Error::GateOff { who },
        Error::Full { have: 1 },
        Error::KeyTaken { key },
        Error::NoBond { have: Amount(0), need: Amount(1) },
        Error::UnknownWitness { who },
        Error::UnknownCheckpoint { epoch },
        Error::BadCosignature { epoch, size: 1, root: Digest([0; 32]) },
        Error::Again { who, epoch },
        Error::AlreadyWitness { who, key },
        Error::UnusableKey { key },
        Error::TooNew { who, epoch, registered: epoch },
        Error::NameTaken { name: name("witness") },
        Error::BadProof { who, key },
        Error::FromTheFuture { timestamp: 9, time: 1 },
    ];
    let numbers: Vec<u16> = all.iter().map(Error::number).collect();
    assert_eq!(numbers, (520..=533).collect::<Vec<u16>>());
    assert!(all.iter().all(|error| error.code().starts_with("E_") && !error.sentence().is_empty()));
    for error in all {
        assert_eq!(Error::decode_all(&mut &error.encode()[..]).unwrap(), error);
    }
}
