//! The chain that grows: a small network at its block in an epoch that has come, with one open poll of the stake.

use accounts::Endowment;
use anyhow::ensure;
use light::SignedHeader;
use primitives::{AccountId, Amount, BlockHash, BuildHash, Epoch, Height, SecretKey, StateRoot};
use runtime::{Call, Certificate, Context, Executed, Genesis, Header, Lane, Payload, Transaction, testing};
use staking::{GenesisBond, ValidatorSet};
use state::tree::MemoryTree;
use state::{Memory, State};

/// Blocks in an epoch: more than are committed to one chain here.
pub const EPOCH_LENGTH: u64 = 100;
/// Accounts with stake and keys, who vote and pay.
pub const VOTERS: u16 = 1_000;
/// What each of the four validators has bonded: together more than ballots that are made up count for.
const STAKE: Amount = Amount(1_000_000_000);
/// Ends of epochs that carry signatures of their own. Nothing that is measured verifies earlier ones.
const SIGNED_ENDS: u64 = 100;

/// A chain at the block whose state is grown.
pub struct GrownBase {
    /// What it began with.
    pub genesis: Genesis,
    /// The state after the block, before it is grown.
    pub state: Memory,
    /// Where the block stands.
    pub context: Context,
    /// What came of it.
    pub executed: Executed,
}

impl GrownBase {
    /// One of about so many blocks, in two epochs at least. Those before the last two are passed over as if nothing had happened in them.
    pub fn of(blocks: u64) -> anyhow::Result<Self> {
        let genesis = genesis();
        genesis.check()?;
        let mut state = genesis.build();
        let begun = Epoch((blocks / EPOCH_LENGTH).max(2)).first_height(EPOCH_LENGTH);
        let proposal = testing::propose(testing::release_vote(&genesis, BuildHash([1; 32]), 2));
        let proposal = signed(&genesis, &testing::validator(0), 0, begun, proposal);
        let blocks = [
            (begun.minus(EPOCH_LENGTH), Vec::new()),
            (begun, Vec::new()),
            (begun.next(), vec![proposal]),
            (begun.plus(2), Vec::new()),
        ];
        let mut made = None;
        for (height, transactions) in blocks {
            let context = testing::context(&genesis, height.0);
            let executed = runtime::execute(&state, &context, &transactions)?;
            let refused = executed.facts.iter().find_map(|fact| fact.outcome.as_ref().err());
            ensure!(refused.is_none(), "block {height} refuses something: {refused:?}");
            state.commit(executed.writes.clone());
            made = Some((context, executed));
        }
        let Some((context, executed)) = made else { anyhow::bail!("no block was made") };
        Ok(Self { genesis, state, context, executed })
    }

    /// The epoch of the block.
    pub fn epoch(&self) -> Epoch {
        self.context.height.epoch(EPOCH_LENGTH)
    }

    /// The last block of every epoch before, ascending. They say who decided them, and nothing else.
    pub fn epoch_ends(&self) -> impl Iterator<Item = SignedHeader> + '_ {
        let validators = self.validators();
        let template = self.genesis.header(StateRoot([0; 32]));
        let keys = validator_keys();
        let sample = testing::certificate(&template, &keys).signatures;
        (1..=self.epoch().0).map(move |epoch| {
            let height = Epoch(epoch).first_height(EPOCH_LENGTH).minus(1);
            let header = Header {
                height,
                time: self.genesis.time.plus(height.0.saturating_mul(1_000)),
                parent: BlockHash::NONE,
                validators_hash: validators.hash(),
                next_validators_hash: validators.hash(),
                ..template.clone()
            };
            let certificate = if epoch + SIGNED_ENDS > self.epoch().0 {
                testing::certificate(&header, &keys)
            } else {
                Certificate { height, round: 0, block: header.hash(), signatures: sample.clone() }
            };
            SignedHeader { header, certificate, validators: validators.clone() }
        })
    }

    /// The hash of the first block, the one of genesis.
    pub fn first_hash(&self) -> anyhow::Result<BlockHash> {
        Ok(self.genesis.header(MemoryTree::default().commit(&self.genesis.writes())?).hash())
    }

    /// Who decides the blocks of every epoch.
    fn validators(&self) -> ValidatorSet {
        staking::queries::validator_set(&State::over(&self.state), self.epoch())
    }
}

/// The keys of all validators.
pub fn validator_keys() -> Vec<SecretKey> {
    (0..4).map(testing::validator).collect()
}

/// Those who vote and pay.
pub fn voters() -> Vec<SecretKey> {
    (0..VOTERS).map(voter).collect()
}

/// A wallet's transaction that may be in the next blocks after a height.
pub fn signed(genesis: &Genesis, key: &SecretKey, nonce: u64, after: Height, call: Call) -> Transaction {
    let chain_id = genesis.chain.chain_id.clone();
    let (account, lane, fee) = (key.account(), Lane::Wallet, Amount(1_000));
    Payload { chain_id, account, lane, nonce, expires_at: after.plus(50), fee, call }.sign(key)
}

fn voter(index: u16) -> SecretKey {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&index.to_be_bytes());
    SecretKey::from_seed(&seed)
}

/// Four validators, and voters who have delegated to them.
fn genesis() -> Genesis {
    let mut genesis = testing::genesis();
    genesis.chain.epoch_length = EPOCH_LENGTH;
    for endowment in &mut genesis.accounts.balances {
        endowment.balance = STAKE.saturating_mul(2);
    }
    for bond in &mut genesis.staking.bonds {
        bond.amount = STAKE;
    }
    let validators: Vec<AccountId> = validator_keys().iter().map(SecretKey::account).collect();
    for (key, validator) in voters().iter().zip(validators.iter().cycle()) {
        let account = key.account();
        genesis.accounts.balances.push(Endowment { account, balance: Amount(1_000_000) });
        genesis.staking.bonds.push(GenesisBond { account, validator: *validator, amount: Amount(1_000) });
    }
    genesis
}
